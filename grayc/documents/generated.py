"""Objects that kustomize's generators make, by the name that their file has for them."""

from grayc.documents.model import Document
from grayc.k8s.generated import name_without_hash
from grayc.k8s.kinds import CONFIG_KINDS

_HELM = "<helm "

CONFIG = CONFIG_KINDS
"""The kinds that generators make."""


def generated_name(document: Document) -> str:
    """Return what a kustomization calls an object that a generator made under a name with a hash, "" for others."""
    is_built = bool(document.chunk.source.origin) and not document.file.startswith(_HELM)
    return name_without_hash(document.identity.name) if is_built else ""
