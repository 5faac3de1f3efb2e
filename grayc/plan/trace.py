"""`Trace`: where a value of a gray object comes from. Values of secrets are masked already."""

from grayc.documents import ObjectIdentity
from grayc.records import dataclass
from grayc.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A line that a value comes from.

    Attributes:
        what: which it is, in words.
        is_there: it says the value; otherwise the field is left out there, and the line is the nearest.
        flag: of the command line, which gave the value in place of the line; "" for none.
    """

    what: str
    span: Span
    is_there: bool = True
    flag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One value.

    Attributes:
        identity: of the gray object.
        field: where the value stands in it, as users write it; "" for the whole object.
        value: plain data.
        made_by: name of the pass that set it last, or took it away; "" where it is as production has it.
        deed: what that pass does, in a sentence; where it took the value away, in all that is said of it.
        is_gone: a pass took it away, and there is no value.
        in_file: the value on the line that was asked of, alone in a tuple, where it is another than a build writes.
        causes: lines of the release.
        before: what production has there; None where it has nothing.
        baseline: where production has it, or the nearest that it has; None where no object of production stands behind.
    """

    identity: ObjectIdentity
    field: str
    value: object
    made_by: str
    deed: str
    causes: tuple[Cause, ...]
    before: object
    baseline: Span | None
    release: str
    is_gone: bool = False
    in_file: tuple[object, ...] = ()
