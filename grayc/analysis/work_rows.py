"""Work in words: the lines of a plan, and what a lane has for itself."""

from collections.abc import Sequence

from grayc.analysis.work import LABELLING_MODES, Work, in_baseline, names_of_baseline, work_in, works_of_baseline
from grayc.documents import Document, Path
from grayc.k8s.queues import (
    AGENT_NEEDS,
    ASKED,
    LABELLING,
    NAMED,
    Product,
    Role,
    agents_name,
)
from grayc.k8s.secrets import looks_secret
from grayc.patterns import compile_later
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass
from grayc.spec.model import ServiceSpec, WorkMode

_USER = compile_later(r"//[^/@\s]*@")


def show_work(work: Work) -> str:
    """Return a work in words: consumer group `orders` (Kafka)."""
    name = f" `{work.name}`" if work.name else ""
    product = f" ({work.product})" if work.product else ""
    if work.role is Role.SCALER:
        return f"{'an' if work.setting[0] in 'aeiou' else 'a'} {work.setting}"
    default = "its default " if work.is_default and work.role in NAMED else ""
    return f"{default}{work.role}{name}{product}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """A line of the plan about work.

    Attributes:
        name: that the gray copy has; "" where it is not known.
        before: that production has, where it is another one; else "".
        is_own: the lane has it for itself, so it is there before the lane and goes after it.
        label: by which the scheduler tells a gray executor from production's; "" for none.
    """

    service: ServiceSpec
    role: Role
    product: Product
    name: str
    before: str
    setting: str
    ref: str
    is_own: bool
    is_asked: bool
    is_each: bool
    label: str = ""

    @property
    def shown(self) -> str:
        """The row in words, as it is recorded."""
        if self.role is Role.SCALER:
            return f"scaler by {self.setting}"
        if self.role is Role.CLOCK:
            return f"{self.role} ({self.product})"
        name = self.name or "that no text here shows"
        if self.label:
            return f"label routing `{self.label}` for jobs of executor {name} ({self.product})"
        return f"{self.role} {name}" + (f" ({self.product})" if self.product else "")


def rows_of(documents: Sequence[Document], plan: ReleasePlan) -> tuple[WorkRow, ...]:
    """Return the work of every service for people: names of the lane first where it has its own.

    Args:
        documents: the gray copies as they are at last; or what they are made from, where they could not be made.
    """
    production: dict[tuple[str, str, Path], Work] = {}
    for work in works_of_baseline(plan):
        production.setdefault((work.service.name, work.setting, work.path), work)
    known = names_of_baseline(plan)
    rows: dict[tuple[str, str, str], WorkRow] = {}
    found = work_in(tuple(documents), plan)
    for work in found.works():
        service, tag = work.service, plan.spec.tag
        before = production.get((service.name, work.setting, work.path))
        old = before.name if before is not None else ""
        name, is_own = work.name, False
        if work.is_named and service.work is WorkMode.AGENT and work.product in (Product.ROCKETMQ, Product.UNKNOWN):
            name, is_own = agents_name(work.name, tag) if work.name else "", True
            old = work.name
        elif work.is_named and (service.work in (WorkMode.OWN, None) or work.role is Role.TRANSACTION):
            is_own = bool(work.name) and (service.name, work.name) not in known
        label = ""
        if work.role is Role.EXECUTOR and service.work in LABELLING_MODES:
            labels = {each.value for each in found.labels_of(service) if each.product is work.product}
            label, is_own = (tag, True) if tag in labels else ("", False)
        row = WorkRow(
            service=service,
            role=work.role,
            product=work.product,
            name=_without_password(name, work.setting),
            before=_without_password(old, work.setting) if old != name else "",
            setting=work.setting,
            ref=in_baseline(work, plan).identity.ref,
            is_own=is_own,
            is_asked=work.role in ASKED,
            is_each=work.is_each,
            label=label,
        )
        rows.setdefault((service.name, row.shown, row.setting), row)
    return tuple(rows.values())


def _without_password(name: str, setting: str) -> str:
    """Return a name as it is shown: of an address without what stands before its `@`."""
    return "***" if looks_secret(setting) else _USER.sub("//***@", name)


_UNMADE = (Role.TRANSACTION, Role.CLUSTER)
"""What a program makes by taking it up: nobody creates it before."""


def own_of(rows: Sequence[WorkRow]) -> tuple[str, ...]:
    """Return what a lane has for itself at its brokers, in words, each once."""
    return tuple(
        dict.fromkeys(row.shown for row in rows if row.is_own and row.role not in _UNMADE and (row.name or row.label))
    )


def needs_of(rows: Sequence[WorkRow]) -> tuple[str, ...]:
    """Return what must hold for the names of a lane and no manifest shows."""
    agent = AGENT_NEEDS if any(row.is_own and row.service.work is WorkMode.AGENT for row in rows) else ()
    products = dict.fromkeys(row.product for row in rows if row.label)
    return (*agent, *(LABELLING[product].needs for product in products))
