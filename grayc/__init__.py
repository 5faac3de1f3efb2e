"""grayc, the gray-release compiler."""

__version__ = "0.2.0"
