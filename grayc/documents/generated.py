"""Objects that kustomize's generators make, by the name that their file has for them."""

from grayc.documents.model import Document
from grayc.k8s.generated import KUSTOMIZED, name_without_hash


def generated_name(document: Document) -> str:
    """Return what a kustomization calls an object that a generator made under a name with a hash, "" for others."""
    return name_without_hash(document.identity.name) if document.file.startswith(KUSTOMIZED) else ""
