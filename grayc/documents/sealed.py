"""Which objects and mappings are encrypted, so that a copy could not be opened and a change would break them."""

import base64
import binascii
from collections.abc import Iterator

from grayc.diagnostics.shell import command
from grayc.documents.model import Document
from grayc.documents.tree import get_map, is_mapping
from grayc.k8s.kinds import CORE
from grayc.k8s.sealed import SEALED_START, SOPS, SOPS_MAC, is_sealed_value, sealed_by


def object_sealed_by(document: Document) -> str:
    """Return what has encrypted an object, or values of it; "" where nothing has.

    A Secret counts that a generator made of an encrypted file: Flux decrypts each of its values.
    Source: kustomize-controller internal/decryptor/decryptor.go, `DecryptResource`.
    """
    if SOPS in document.data and is_mapping(document.data[SOPS]):
        return SOPS
    if document.identity.group_kind == (CORE, "Secret"):
        for value in get_map(document.data, ("data",)).values():
            if isinstance(value, str) and (tool := _sealed_in_base64(value)):
                return tool
        for value in get_map(document.data, ("stringData",)).values():
            if isinstance(value, str) and (tool := sealed_by(value)):
                return tool
    # Most objects are told apart by their text, which is not walked then.
    if SEALED_START in document.chunk.text and any(is_sealed_value(text) for text in _texts(document.data)):
        return SOPS
    return ""


def edited_by(document: Document, tool: str) -> str:
    """Return how an encrypted object is changed, as the end of a sentence."""
    source = document.chunk.source
    if tool == SOPS and not source.origin:
        return f"by `{command('sops', 'edit', source.shown)}`"
    return f"where it is encrypted, with {tool}"


def sealed_text(text: str) -> bool:
    """Tell whether a whole file is encrypted."""
    return bool(sealed_by(text))


def mapping_sealed_by(data: object) -> str:
    """Return what has encrypted a file of values, read as a mapping; "" where nothing has."""
    if not is_mapping(data):
        return ""
    own = data.get(SOPS)
    if is_mapping(own) and SOPS_MAC in own:
        return SOPS
    return SOPS if any(is_sealed_value(text) for text in _texts(data)) else ""


def _sealed_in_base64(value: str) -> str:
    try:
        # kustomize breaks what is long into lines.
        text = base64.b64decode("".join(value.split()), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
    return SOPS if is_sealed_value(text) else sealed_by(text)


def _texts(data: object) -> Iterator[str]:
    todo = [data]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif is_mapping(item):
            todo += item.values()
        elif isinstance(item, list):
            todo += item
