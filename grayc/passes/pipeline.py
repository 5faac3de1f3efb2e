"""Run passes in order, and check between them what must always hold."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.passes.check import check_invariants
from grayc.passes.model import CopyPass, GrayCopy, Lane, LanePass, Row, start
from grayc.plan.model import ReleasePlan
from grayc.records import replace


class PassFault(Exception):
    """A pass failed, which is a fault of grayc; names the pass, and the object where it has one at hand."""


def run_passes(passes: Iterable[Row], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the documents that the passes make of the plan's copies.

    Every pass runs, so that one run reports what all of them find; a pass that reports an error returns its
    documents as far as it came, and whoever writes them out looks for errors first.

    Raises:
        PassFault: a pass raised, or broke an invariant.
    """
    lane = start(plan)
    diagnostics: list[Diagnostic] = []
    for _, result in steps(passes, plan):
        lane = result.value or lane
        diagnostics += result.diagnostics
    return Checked(value=lane.documents, diagnostics=tuple(diagnostics))


def steps(passes: Iterable[Row], plan: ReleasePlan) -> Iterator[tuple[Row, Checked[Lane]]]:
    """Yield each pass with the lane that it leaves and what it found, one after the other.

    Raises:
        PassFault: a pass raised, or broke an invariant.
    """
    lane = start(plan)
    for row in passes:
        try:
            result = _run(row, lane, plan)
            after = result.value or lane
            if after is not lane:
                check_invariants(lane, after)
        except PassFault:
            raise
        except Exception as error:
            raise PassFault(f"pass {row.name}: {type(error).__name__}") from error
        yield row, result
        lane = after


def _run(row: Row, lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    match row.run:
        case LanePass(function=over_all):
            return over_all(lane, plan)
        case CopyPass():
            return _run_over_copies(row.name, row.run, lane, plan)
        case _:
            assert_never(row.run)


def _run_over_copies(name: str, run: CopyPass, lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    copies: list[GrayCopy] = []
    diagnostics: list[Diagnostic] = []
    for gray in lane.copies:
        try:
            result = run.function(gray.document, gray.copy, plan)
        except Exception as error:
            raise PassFault(f"pass {name} on {gray.copy.document.identity}: {type(error).__name__}") from error
        document = result.value or gray.document
        copies.append(gray if document is gray.document else GrayCopy(document=document, copy=gray.copy))
        diagnostics += result.diagnostics
    is_same = all(now is was for now, was in zip(copies, lane.copies, strict=True))
    after = lane if is_same else replace(lane, copies=tuple(copies))
    return Checked(value=after, diagnostics=tuple(diagnostics))
