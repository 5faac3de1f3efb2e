"""Laws over the baseline and the lane, one module each: what must hold before anything is written.

Checks do not change documents and do not import each other.
"""

from collections.abc import Callable

from grayc.checks.agent import check_agent
from grayc.checks.applications import check_applications
from grayc.checks.capacity import check_capacity
from grayc.checks.chain import check_chain
from grayc.checks.entry_ports import check_entry_ports
from grayc.checks.isolation import check_isolation
from grayc.checks.jvm import check_jvm
from grayc.checks.names import check_names
from grayc.checks.prerequisites import check_prerequisites
from grayc.checks.reach import check_reach
from grayc.checks.references import check_references
from grayc.checks.registrations import check_registrations
from grayc.checks.storage import check_storage
from grayc.checks.text import check_text
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.plan.model import ReleasePlan

Check = Callable[[tuple[Document, ...], ReleasePlan], tuple[Diagnostic, ...]]

CHECKS: tuple[Check, ...] = (
    check_names,
    check_isolation,
    check_applications,
    check_references,
    check_text,
    check_agent,
    check_jvm,
    check_registrations,
    check_prerequisites,
    check_capacity,
    check_storage,
    check_chain,
    check_reach,
    check_entry_ports,
)

ADVICE: tuple[Check, ...] = (
    check_agent,
    check_jvm,
    check_registrations,
    check_prerequisites,
    check_capacity,
    check_storage,
    check_chain,
    check_reach,
)
"""Those of `CHECKS` that look beyond the manifests: what a reader of the plan should know before anything is built."""


def run_checks(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what every check finds in the gray documents."""
    return tuple(diagnostic for check in CHECKS for diagnostic in check(documents, plan))


def run_advice(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what the checks of `ADVICE` find in the gray documents."""
    return tuple(diagnostic for check in ADVICE for diagnostic in check(documents, plan))
