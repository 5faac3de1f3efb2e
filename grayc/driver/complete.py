"""What the shell may complete: names in the specs and in the output folder that a line names.

A word that is still being typed is no place for findings: what cannot be read has no names.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from grayc.documents import Document
from grayc.documents.reader import parse_release
from grayc.documents.tree import matches
from grayc.driver.request import Request, find_specs
from grayc.k8s.gateways import GatewayName
from grayc.output.write import read_folder
from grayc.source import SourceFile

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


def tags_in(out: Path) -> list[str]:
    """Return the tags of the lanes that an output folder holds."""
    listing = read_folder(out).value if out.is_dir() else None
    return [] if listing is None else sorted({record.tag for record in listing.inventory.lanes.values()})


def _documents(specs: Sequence[str]) -> Iterator[Document]:
    for given in find_specs(Request(specs=tuple(specs), stdin=io.BytesIO)).value or ():
        try:
            text = given.path.read_text(encoding="utf-8") if given.path is not None else ""
        except (OSError, UnicodeDecodeError):
            continue
        document = parse_release(SourceFile(name=given.name, text=text)).value
        if document is not None:
            yield document
