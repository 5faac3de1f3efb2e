"""The text of the user's files, and places in it.

Leaves to others: what the text means (`documents`).
"""

from grayc.source.confined import LinkError, Place, find_place, refuse_link_out
from grayc.source.error import NothingFoundError, SourceError
from grayc.source.file import SourceFile, split_lines
from grayc.source.find import Found, FoundFile, find_folders, find_sources, list_manifests
from grayc.source.packed import packed_values
from grayc.source.read import Reader, Roots, decode, digest_of, read_bytes, read_file, read_source, read_stream
from grayc.source.seen import forget_reads, was_read
from grayc.source.span import Span

__all__ = [
    "Found",
    "FoundFile",
    "LinkError",
    "NothingFoundError",
    "Place",
    "Reader",
    "Roots",
    "SourceError",
    "SourceFile",
    "Span",
    "decode",
    "digest_of",
    "find_folders",
    "find_place",
    "find_sources",
    "forget_reads",
    "list_manifests",
    "packed_values",
    "read_bytes",
    "read_file",
    "read_source",
    "read_stream",
    "refuse_link_out",
    "split_lines",
    "was_read",
]
