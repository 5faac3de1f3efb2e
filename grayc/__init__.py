"""grayc, the gray-release compiler."""

__version__ = "0.1.0"
