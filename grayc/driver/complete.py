"""What the shell may complete: names in the specs and in the output folder that a line names.

A word that is still being typed is no place for findings: what cannot be read has no names.
"""

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from grayc.analysis.graph import is_workload
from grayc.analysis.routes import ROUTES, backends_of
from grayc.analysis.selections import services_of
from grayc.documents import Document
from grayc.documents.load import load_baseline
from grayc.documents.reader import parse_release
from grayc.documents.tree import matches, show_path
from grayc.driver.request import Request, find_specs, refuse_links_out
from grayc.k8s.gateways import GatewayName
from grayc.output.write import read_folder
from grayc.source import Roots, SourceFile
from grayc.spec.schema import walk_fields

_MOST_BYTES = 4 * 1024 * 1024
"""Of manifests that are read for a word: parsing more takes longer than somebody waits."""

GATEWAYS = tuple(map(str, GatewayName))
STEPS = (("spec", "rollout", "steps", "[*]", "name"),)
SERVICES = (("spec", "services", "[*]", "name"),)
HOSTS = (
    ("spec", "expect", "[*]", "request", "host"),
    ("spec", "traffic", "entries", "[*]", "hosts", "[*]"),
)


def names_in_specs(specs: Sequence[str], places: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the texts at some places of the specs that a line names, in order, each once."""
    found = (
        text
        for document in _documents([spec for spec in specs if spec != "-"])
        for place in places
        for _, text in matches(document.data, place)
        if isinstance(text, str)
    )
    return list(dict.fromkeys(found))


def fields() -> list[str]:
    """Return the fields of the language as `explain` takes them, outer before inner."""
    paths = (path for path, _ in walk_fields() if "*" not in path and isinstance(path[-1], str))
    return list(dict.fromkeys(show_path(path).replace("[0]", "") for path in paths))


def tags_in(out: Path) -> list[str]:
    """Return the tags of the lanes that an output folder holds."""
    listing = read_folder(out).value if out.is_dir() else None
    return [] if listing is None else sorted({record.tag for record in listing.inventory.lanes.values()})


def hosts_in(paths: Sequence[Path]) -> list[str]:
    """Return the hosts that the routes of some manifests name, without those that stand for many."""
    documents = _manifests(paths)
    found = {
        backend.host
        for document in documents
        if document.identity.group_kind in ROUTES
        for backend in backends_of(document, documents)
    }
    return sorted(host for host in found if host and "*" not in host)


def services_in(paths: Sequence[Path]) -> list[str]:
    """Return the names of the Services of some manifests."""
    return sorted({each.document.identity.name for each in services_of(_manifests(paths))})


def workloads_in(paths: Sequence[Path]) -> list[str]:
    """Return the names of the workloads of some manifests."""
    return sorted({each.identity.name for each in _manifests(paths) if is_workload(each)})


def _manifests(paths: Sequence[Path]) -> tuple[Document, ...]:
    """Return the objects of files and folders; none where one is wrong, or all are more than is read for a word."""
    there = [path for path in paths if path.exists()]
    if not there or refuse_links_out(there):
        return ()
    folders = tuple(path if path.is_dir() else path.parent for path in there)
    loaded = load_baseline(
        [(f"{os.path.relpath(path)}/" if path.is_dir() else os.path.relpath(path), ()) for path in there],
        Roots(folder=Path.cwd(), allowed=folders, most_bytes=_MOST_BYTES),
        None,
        None,
        spec_path=None,
    )
    return () if loaded.value is None else tuple(loaded.value.documents)


def _documents(specs: Sequence[str]) -> Iterator[Document]:
    for given in find_specs(Request(specs=tuple(specs), stdin=io.BytesIO)).value or ():
        try:
            text = given.path.read_text(encoding="utf-8") if given.path is not None else ""
        except (OSError, UnicodeDecodeError):
            continue
        document = parse_release(SourceFile(name=given.name, text=text)).value
        if document is not None:
            yield document
