"""Run passes in order, and check between them what must always hold."""

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.passes.check import check_invariants
from grayc.passes.registry import Pass
from grayc.plan.model import ReleasePlan


class PassFault(Exception):
    """A pass failed, which is a fault of grayc; names the pass."""


def run_passes(passes: tuple[Pass, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return the documents that the passes make of the plan, starting from none.

    Every pass runs, so that one run reports what all of them find; a pass that reports an error returns its
    documents as far as it came, and whoever writes them out looks for errors first.

    Raises:
        PassFault: a pass raised, or broke an invariant.
    """
    documents: tuple[Document, ...] = ()
    diagnostics: list[Diagnostic] = []
    for row in passes:
        try:
            result = row.run(documents, plan)
            if result.value is not None:
                documents = result.value
                check_invariants(documents)
        except Exception as error:
            raise PassFault(f"pass {row.name}: {type(error).__name__}") from error
        diagnostics += result.diagnostics
    return Checked(value=documents, diagnostics=tuple(diagnostics))
