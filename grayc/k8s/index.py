"""All that grayc knows of a kind, in one place: the tables of this package that have a row for kinds.

`python -m tools.kind Deployment` prints what they say of one. To teach grayc a kind, add the rows that it needs.
"""

from collections.abc import Callable, Iterator, Mapping

from grayc.k8s.adoption import ADOPTIONS
from grayc.k8s.attachments import ATTACHMENTS
from grayc.k8s.beside_lane import BESIDE
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.immutable import IMMUTABLE
from grayc.k8s.kept_canaries import KEPT_CANARIES
from grayc.k8s.kinds import CLUSTER_SCOPED, CONFIG_KINDS, KINDS, NAMES_TAKEN, GroupKind
from grayc.k8s.makers import MAKERS
from grayc.k8s.mentions import GOVERNING, KNOWN
from grayc.k8s.merge_keys import merge_rules
from grayc.k8s.named_by_service import NAMED_BY_SERVICE
from grayc.k8s.pod_templates import CLAIM_TEMPLATES, WORKLOADS
from grayc.k8s.queues import SCALED_BY_TRIGGERS
from grayc.k8s.references import REFERENCES, RESOURCE_KINDS
from grayc.k8s.removed_apis import REMOVED_APIS
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.k8s.scalers import SCALERS, TARGETS
from grayc.k8s.selectors import POD_SELECTORS, SERVICE_SELECTORS
from grayc.k8s.service_routes import WITH_RULES, WITHOUT_HEADERS
from grayc.k8s.steering import WRITES
from grayc.k8s.structure import TYPES
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table over kinds.

    Attributes:
        name: its module in this package, and its name there.
        says: what a row tells, and so when a kind needs one.
        find: returns what it says of a kind; None where it has no row.
    """

    name: str
    says: str
    find: Callable[[GroupKind], object]


def _row(rows: Mapping[GroupKind, object]) -> Callable[[GroupKind], object]:
    return rows.get


def _member(kinds: frozenset[GroupKind] | tuple[GroupKind, ...]) -> Callable[[GroupKind], object]:
    return lambda kind: True if kind in kinds else None


def _plurals(kind: GroupKind) -> object:
    found = (f"{plural}.{group}".rstrip(".") for (group, plural), row in RESOURCE_KINDS.items() if row == kind)
    return tuple(found) or None


def _known(kind: GroupKind) -> object:
    return tuple((row.path, row.reason) for row in KNOWN if row.kind == kind) or None


def _removed(kind: GroupKind) -> object:
    group, name = kind
    found = (
        f"{version}, since {row.since}: {row.use}"
        for (version, removed), row in REMOVED_APIS.items()
        if (version.rpartition("/")[0], removed) == (group, name)
    )
    return tuple(found) or None


def _typed(kind: GroupKind) -> object:
    return tuple(f"{'.'.join(path)}: {type_}" for path, type_ in TYPES.get(kind, ())) or None


def _opened_by(kind: GroupKind) -> object:
    return tuple(str(name) for name, row in GATEWAYS.items() if kind in row.entry_kinds) or None


TABLES: tuple[Table, ...] = (
    Table(
        name="kinds.KINDS",
        says="what a release does with it, when it is applied, how its name is written and how long it may be",
        find=_row(KINDS),
    ),
    Table(name="kinds.NAMES_TAKEN", says="which names a cluster takes for it", find=_row(NAMES_TAKEN)),
    Table(name="kinds.CLUSTER_SCOPED", says="it stands in no namespace", find=_member(CLUSTER_SCOPED)),
    Table(name="kinds.CONFIG_KINDS", says="`config` of a service can change it", find=_member(CONFIG_KINDS)),
    Table(
        name="pod_templates.WORKLOADS",
        says="where it keeps its pod template, its selector and its replicas",
        find=_row(WORKLOADS),
    ),
    Table(
        name="pod_templates.CLAIM_TEMPLATES",
        says="where it keeps the claims that are made for each pod",
        find=_row(CLAIM_TEMPLATES),
    ),
    Table(name="references.REFERENCES", says="which of its fields name other objects", find=_row(REFERENCES)),
    Table(name="makers.MAKERS", says="what its controller makes of each object", find=_row(MAKERS)),
    Table(
        name="mentions.GOVERNING",
        says="it holds for what it names: one that stays covers no gray copy",
        find=_member(GOVERNING),
    ),
    Table(name="mentions.KNOWN", says="where names need no finding", find=_known),
    Table(name="references.RESOURCE_KINDS", says="its plural, as RBAC names it", find=_plurals),
    Table(name="selectors.POD_SELECTORS", says="where it selects pods, and what for", find=_row(POD_SELECTORS)),
    Table(name="selectors.SERVICE_SELECTORS", says="where it selects Services", find=_row(SERVICE_SELECTORS)),
    Table(
        name="attachments.ATTACHMENTS",
        says="how it names what it is attached to, and whether it may authenticate",
        find=_row(ATTACHMENTS),
    ),
    Table(name="scalers.SCALERS", says="it scales a workload: where its bounds stand", find=_row(SCALERS)),
    Table(name="scalers.TARGETS", says="where it names the workload that it scales or spreads", find=_row(TARGETS)),
    Table(name="steering.WRITES", says="which objects that it names its controller changes", find=_row(WRITES)),
    Table(
        name="queues.SCALED_BY_TRIGGERS",
        says="it has triggers, which may count messages",
        find=_member(SCALED_BY_TRIGGERS),
    ),
    Table(
        name="adoption.ADOPTIONS", says="how `grayc adopt` prepares it, and what a cluster allows", find=_row(ADOPTIONS)
    ),
    Table(name="immutable.IMMUTABLE", says="which fields a server lets nobody change", find=_row(IMMUTABLE)),
    Table(
        name="merge_keys.merge_rules",
        says="how a strategic merge merges its lists",
        find=lambda kind: merge_rules(*kind),
    ),
    Table(name="removed_apis.REMOVED_APIS", says="versions that servers no longer have", find=_removed),
    Table(
        name="structure.TYPES",
        says="the types of fields that are read, besides those that the tables above name",
        find=_typed,
    ),
    Table(name="beside_lane.BESIDE", says="what it does to a lane beside which it stands", find=_row(BESIDE)),
    Table(
        name="named_by_service.NAMED_BY_SERVICE",
        says="it is about a Service by its own name: what it gives it",
        find=_row(NAMED_BY_SERVICE),
    ),
    Table(
        name="routing_kinds.ROUTING_KINDS",
        says="what reads it, and where its hosts and Services stand",
        find=_row(ROUTING_KINDS),
    ),
    Table(
        name="kept_canaries.KEPT_CANARIES",
        says="which canaries its controller keeps in the cluster",
        find=_row(KEPT_CANARIES),
    ),
    Table(
        name="service_routes.WITH_RULES",
        says="its rules ask for headers, where its parent is a Service",
        find=_member(WITH_RULES),
    ),
    Table(
        name="service_routes.WITHOUT_HEADERS",
        says="it leads a Service's connections, and reads no header",
        find=_row(WITHOUT_HEADERS),
    ),
    Table(name="gateways.GATEWAYS", says="which gateways have it as an entry", find=_opened_by),
)
"""Every table over kinds, the ones that most kinds need first."""


def about(kind: GroupKind) -> Iterator[tuple[Table, object]]:
    """Yield each table that has a row for a kind, with what it says."""
    for table in TABLES:
        row = table.find(kind)
        if row is not None:
            yield table, row


def known_kinds() -> tuple[GroupKind, ...]:
    """Return the kinds that some table of rows by kind has, in order of kind and group."""
    tables: tuple[Mapping[GroupKind, object], ...] = (
        KINDS, WORKLOADS, CLAIM_TEMPLATES, REFERENCES, POD_SELECTORS, SERVICE_SELECTORS, SCALERS, ADOPTIONS, IMMUTABLE,
        TYPES, ATTACHMENTS,
    )  # fmt: skip
    every = {kind for table in tables for kind in table} | CLUSTER_SCOPED
    return tuple(sorted(every, key=lambda kind: (kind[1], kind[0])))
