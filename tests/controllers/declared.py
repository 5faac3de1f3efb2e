"""What grayc renders of a file of Argo CD or Flux, to hold against what their own code makes of it."""

import os
from pathlib import Path
from typing import Any
from unittest import mock

from grayc.documents import parse_documents
from grayc.documents.recipes import Declared, Tool
from grayc.documents.render import render_all
from grayc.source import Roots
from tests.manifests import objects_in
from tests.renderers import renderers_path

Objects = dict[tuple[str, str, str], Any]
"""Kind, namespace and name → the object."""


def rendered(tool: Tool, folder: Path, file: str) -> Objects:
    """Return the objects that grayc renders of a file, before a namespace is given to those without one."""
    wanted = Declared(tool=tool, file=file, root=".", asked=())
    with mock.patch.dict(os.environ, {"PATH": renderers_path()}):
        made = render_all(wanted, Roots(folder=folder), span=None)
    assert made.value is not None, made.diagnostics
    return by_key([document.data for each in made.value for document in parse_documents(each.source).value or ()])


def read(text: str) -> Objects:
    """Return the objects of a text in YAML."""
    return by_key(objects_in(text))


def by_key(objects: list[Any]) -> Objects:
    """Return objects by kind, namespace and name; none of them twice."""
    made = {(each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each for each in objects}
    assert len(made) == len(objects)
    return made
