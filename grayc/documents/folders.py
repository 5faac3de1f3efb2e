"""Where an object lies in the repository."""

import posixpath
import re

from grayc.documents.model import Document

_TEMPLATE = re.compile(r"\A(?:---\n)?# Source: [^/\n]+/(\S+)\n")
"""What helm writes above each document: the chart's name and the path of the template in it."""


def place_in_repository(document: Document) -> str:
    """Return the path that `from` knows an object by.

    What was rendered goes by what it was rendered from: a kustomization as a whole, a chart by its templates, which
    helm names above each document.
    """
    origin = document.chunk.source.origin
    if not origin:
        return document.file
    found = _TEMPLATE.search(document.chunk.text)
    return posixpath.normpath(posixpath.join(origin, found[1])) if found else origin


def folder_of(document: Document) -> str:
    """Return the folder of an object's file, "" for the spec's own; of a kustomization the folder itself."""
    place = place_in_repository(document)
    return place if place == document.chunk.source.origin else posixpath.dirname(place)
