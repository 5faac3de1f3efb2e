"""What a pass is: its two kinds, the lane that it works on, and its row in the list."""

from collections.abc import Callable, Iterable
from enum import Enum, auto

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GrayCopy:
    """A gray copy, as the passes so far have made it.

    Attributes:
        document: as it is now.
        copy: what the plan says of it, with the object of the baseline that it is a copy of.
    """

    document: Document
    copy: Copy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """All gray objects.

    Attributes:
        copies: those of the plan, in its order.
        added: what passes have made besides; no object of the baseline stands behind it.
    """

    copies: tuple[GrayCopy, ...]
    added: tuple[Document, ...] = ()

    @property
    def copied(self) -> tuple[Document, ...]:
        """The copies as they are now."""
        return tuple(gray.document for gray in self.copies)

    @property
    def documents(self) -> tuple[Document, ...]:
        """All objects, the copies first."""
        return (*self.copied, *self.added)

    def mapped(self, change: Callable[[Document], Document]) -> "Lane":
        """Return the lane with every object changed by itself."""
        copies = tuple(replace(gray, document=change(gray.document)) for gray in self.copies)
        return replace(self, copies=copies, added=tuple(change(document) for document in self.added))

    def adding(self, made: Iterable[Document]) -> "Lane":
        """Return the lane and, after all else, these objects."""
        return replace(self, added=(*self.added, *made))


def start(plan: ReleasePlan) -> Lane:
    """Return the lane before any pass: every copy of the plan, as the baseline has it.

    Data is shared with the baseline: passes never change it in place.
    """
    return Lane(copies=tuple(GrayCopy(document=copy.document, copy=copy) for copy in plan.copies))


@dataclass(frozen=True, slots=True)
class CopyPass:
    """A pass over one copy at a time. The pipeline maps it over the lane's copies, so it never meets anything else."""

    function: Callable[[Document, Copy, ReleasePlan], Checked[Document]]


@dataclass(frozen=True, slots=True)
class LanePass:
    """A pass that looks at the whole lane, or adds to it."""

    function: Callable[[Lane, ReleasePlan], Checked[Lane]]


class Serves(Enum):
    """Whose wish a pass fulfils, which decides what a review shows of its work and whether a promotion carries it."""

    LANE = auto()
    """Every lane gets it, whatever the release asks for: a review folds it, and production never sees it."""
    RELEASE = auto()
    """The release asks for it, and so production will have it: a review shows it, and a promotion carries it."""
    TRIAL = auto()
    """What this lane needs while it lives, such as its pods, rules and entries: a review shows it, and a promotion
    leaves it behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the pass list.

    Attributes:
        after: names of passes that must have run. They are a law: every order that they allow gives the same bytes, and
            for each of them there is an input that shows what goes wrong without it.
    """

    name: str
    run: CopyPass | LanePass
    after: tuple[str, ...]
    serves: Serves
