"""What a schema has against an object, and which objects had one."""

from collections.abc import Sequence
from enum import StrEnum

from grayc.documents import Document, Path
from grayc.records import dataclass, replace


class ConformError(Exception):
    """Nobody gives an answer; the text says why, without a value."""


class CostError(ConformError):
    """An answer costs too much."""


class Engine(StrEnum):
    """Who compared objects with schemas."""

    JSONSCHEMA = "jsonschema"
    KUBECONFORM = "kubeconform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A place where an object is not what its schema says.

    Attributes:
        at: path in the object.
        message: what is wrong, without a value.
        help: what to do, "" where the message says it all.
    """

    document: Document
    at: Path
    message: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """The answer.

    Attributes:
        version: of Kubernetes, such as `1.37`.
        checked: how many objects had a schema.
        mismatches: in order of the objects, then of path.
        without_schema: objects of kinds that no schema describes.
    """

    version: str
    engine: Engine
    checked: int
    mismatches: tuple[Mismatch, ...] = ()
    without_schema: tuple[Document, ...] = ()


def together(answers: Sequence[Conformance]) -> Conformance:
    """Return several answers as one; they are of one version and one engine."""
    return replace(
        answers[0],
        checked=sum(answer.checked for answer in answers),
        mismatches=tuple(mismatch for answer in answers for mismatch in answer.mismatches),
        without_schema=tuple(document for answer in answers for document in answer.without_schema),
    )
