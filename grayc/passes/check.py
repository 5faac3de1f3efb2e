"""What must hold after every pass; a breach is a fault of grayc, never of the user."""

from grayc.documents import Document


class BrokenInvariant(Exception):
    """A pass left documents that no pass may leave."""


def check_invariants(documents: tuple[Document, ...]) -> None:
    """Check that every document is an object and no two are the same.

    Raises:
        BrokenInvariant: a document has no kind or name, or two have one identity.
    """
    seen = set()
    for document in documents:
        identity = document.identity
        if not identity.kind or not identity.name:
            raise BrokenInvariant(f"a document of {document.file} has no kind or name")
        if identity in seen:
            raise BrokenInvariant(f"two documents are {identity}")
        seen.add(identity)
