"""What must hold after every pass; a breach is a fault of grayc, never of the user."""

from grayc.passes.model import Lane


class BrokenInvariant(Exception):
    """A pass left a lane that no pass may leave."""


def check_invariants(before: Lane, after: Lane) -> None:
    """Check that every document is an object, no two are the same, and the copies are those there were, in their order.

    Raises:
        BrokenInvariant: a document has no kind or name, two have one identity, or a copy came, went or moved.
    """
    seen = set()
    for document in after.documents:
        identity = document.identity
        if not identity.kind or not identity.name:
            raise BrokenInvariant(f"a document of {document.file} has no kind or name")
        if identity in seen:
            raise BrokenInvariant(f"two documents are {identity}")
        seen.add(identity)
    if [id(gray.copy) for gray in before.copies] != [id(gray.copy) for gray in after.copies]:
        raise BrokenInvariant("the copies are not those of the plan, in its order")
