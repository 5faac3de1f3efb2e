"""The text of the user's files, and places in it.

Leaves to others: what the text means (`documents`).
"""

from grayc.source.file import SourceFile
from grayc.source.span import Span

__all__ = ["SourceFile", "Span"]
