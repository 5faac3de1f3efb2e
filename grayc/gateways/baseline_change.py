"""What a release wants of an object of the baseline itself; grayc never puts it among the lane's objects."""

from grayc.documents import Document
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChange:
    """A change of one baseline object.

    Attributes:
        document: the object as it is.
        fields: the fields to replace, as a tree; lists are replaced as a whole.
        why: a clause for the comment above it.
        opens: it is the lane's entry, and goes when the lane does; else the baseline may have it for good.
    """

    document: Document
    fields: dict[str, object]
    why: str
    opens: bool = False

    @property
    def patch(self) -> dict[str, object]:
        """The change as a part of the object, which server-side apply and kustomize put over it."""
        identity, namespace = self.document.identity, self.document.written_namespace
        # kustomize finds an object that names no namespace by a patch that names none either.
        named = {"name": identity.name, **({"namespace": namespace} if namespace else {})}
        metadata = self.fields.get("metadata")
        return {
            "apiVersion": identity.api_version,
            "kind": identity.kind,
            "metadata": {**named, **(metadata if isinstance(metadata, dict) else {})},
            **{key: value for key, value in self.fields.items() if key != "metadata"},
        }
