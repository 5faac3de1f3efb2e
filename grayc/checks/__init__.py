"""Laws over the baseline and the lane, one module each: what must hold before anything is written.

Checks do not change documents and do not import each other.
"""

from collections.abc import Callable

from grayc.checks.agent import check_agent
from grayc.checks.applications import check_applications
from grayc.checks.beside import check_beside
from grayc.checks.canaries_unread import check_canaries_unread
from grayc.checks.capacity import check_capacity
from grayc.checks.chain import check_chain
from grayc.checks.elections import check_elections
from grayc.checks.entry_ports import check_entry_ports
from grayc.checks.header_expressions import check_header_expressions
from grayc.checks.identities import check_identities
from grayc.checks.images import check_images
from grayc.checks.isolation import check_isolation
from grayc.checks.jvm import check_jvm
from grayc.checks.mentions import check_mentions
from grayc.checks.named_by_service import check_named_by_service
from grayc.checks.names import check_names
from grayc.checks.other_routers import check_other_routers
from grayc.checks.prerequisites import check_prerequisites
from grayc.checks.propagation import check_propagation
from grayc.checks.quotas import check_quotas
from grayc.checks.reach import check_reach
from grayc.checks.references import check_references
from grayc.checks.registrations import check_registrations
from grayc.checks.relabelled import check_relabelled
from grayc.checks.steering import check_steering
from grayc.checks.storage import check_storage
from grayc.checks.stores import check_stores
from grayc.checks.text import check_text
from grayc.checks.variables import check_variables
from grayc.checks.work import check_work
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.plan.model import ReleasePlan

Check = Callable[[tuple[Document, ...], ReleasePlan], tuple[Diagnostic, ...]]

CHECKS: tuple[Check, ...] = (
    check_names,
    check_variables,
    check_images,
    check_named_by_service,
    check_isolation,
    check_relabelled,
    check_identities,
    check_applications,
    check_references,
    check_text,
    check_agent,
    check_jvm,
    check_registrations,
    check_prerequisites,
    check_capacity,
    check_quotas,
    check_storage,
    check_stores,
    check_steering,
    check_chain,
    check_propagation,
    check_reach,
    check_work,
    check_elections,
    check_entry_ports,
    check_beside,
    check_other_routers,
    check_canaries_unread,
    check_header_expressions,
)


def run_checks(
    documents: tuple[Document, ...], plan: ReleasePlan, known: tuple[Diagnostic, ...] = ()
) -> tuple[Diagnostic, ...]:
    """Return what every check finds in the gray documents.

    Args:
        known: what plan and passes found; an object that is named there is not named again as a last resort.
    """
    found = tuple(diagnostic for check in CHECKS for diagnostic in check(documents, plan))
    return (*found, *check_mentions(documents, plan, (*known, *found)))
