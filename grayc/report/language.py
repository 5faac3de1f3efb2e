"""The languages of pictures and pages."""

from enum import StrEnum


class Language(StrEnum):
    """A language; the command line needs the names alone."""

    EN = "en"
    ZH = "zh"
