"""Manifests as Kubernetes reads them, and where each value stands.

Leaves to others: what an object is for (`plan`), writing (`output`). Only this package knows how YAML is read.
"""

from grayc.documents.chunk import Chunk, Path
from grayc.documents.locate import locate
from grayc.documents.model import Document, ObjectIdentity, ObjectKey
from grayc.documents.reader import parse_documents, parse_plain, parse_release

__all__ = [
    "Chunk",
    "Document",
    "ObjectIdentity",
    "ObjectKey",
    "Path",
    "locate",
    "parse_documents",
    "parse_plain",
    "parse_release",
]
