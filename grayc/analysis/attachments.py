"""What the objects of a baseline are attached to by name: routes, Ingresses and Services."""

from collections.abc import Iterator

from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.attachments import ATTACHMENTS, Way
from grayc.k8s.hosts import read_address, read_host
from grayc.k8s.kinds import CORE, GATEWAY, NETWORKING, GroupKind
from grayc.k8s.selectors import matches_label_selector
from grayc.plan.model import key_of
from grayc.records import dataclass
from grayc.spec.model import ReleaseSpec

Plain = dict[str, object]

SERVICE: GroupKind = (CORE, "Service")
INGRESS: GroupKind = (NETWORKING, "Ingress")
_GROUP_OF = {"Service": CORE, "Ingress": NETWORKING}
"""Group that a target of such a kind has where none is written; that of any other is the Gateway API's."""
_COVERED = frozenset({*_GROUP_OF.values(), GATEWAY})
"""Groups of what a policy of a kind that nobody knows is attached to."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name of an object that another is attached to.

    Attributes:
        path: the field that holds the name.
        start: where the name starts in its text.
    """

    path: Path
    target: ObjectKey
    start: int = 0


def way_of(document: Document) -> Way | None:
    """Return how an object names what it is attached to; None where it is not attached to anything.

    An object of a kind that nobody knows is attached where its targets are routes, Gateways, Ingresses or Services.
    """
    row = ATTACHMENTS.get(document.identity.group_kind)
    if row is not None:
        return row.way
    spec = document.data.get("spec")
    if not is_mapping(spec) or not ("targetRef" in spec or "targetRefs" in spec):
        return None  # As nearly every object of a baseline.
    targets = [ref for _, ref in target_refs(document)]
    if targets and all(group_kind_of(ref)[0] in _COVERED and _is_target(ref) for ref in targets):
        return Way.TARGET_REFS
    return None


def _is_target(ref: Plain) -> bool:
    group, kind = group_kind_of(ref)
    return group == GATEWAY or _GROUP_OF.get(kind) == group


def names_of(document: Document, spec: ReleaseSpec) -> Iterator[Named]:
    """Yield every name by which an object is attached to another; labels in `targetSelectors` are none."""
    own = key_of(spec, document.identity).namespace
    match way_of(document):
        case Way.TARGET_REFS:
            for path, ref in target_refs(document):
                namespace = get_text(ref, ("namespace",)) or own
                key = ObjectKey(group_kind=group_kind_of(ref), namespace=namespace, name=get_text(ref, ("name",)))
                yield Named((*path, "name"), key)
        case Way.HOST:
            yield from _service(document, ("spec", "host"), own)
        case Way.MATCH_RULES:
            for at, rule in enumerate(get_list(document.data, ("spec", "matchRules"))):
                for item, text in enumerate(get_list(rule, ("ingress",))):
                    if isinstance(text, str):
                        namespace, slash, name = text.rpartition("/")
                        key = ObjectKey(group_kind=INGRESS, namespace=namespace or own, name=name)
                        yield Named(("spec", "matchRules", at, "ingress", item), key, len(namespace) + len(slash))
                for item in range(len(get_list(rule, ("service",)))):
                    yield from _service(document, ("spec", "matchRules", at, "service", item), own)
        case None:
            return


def target_refs(document: Document) -> Iterator[tuple[Path, Plain]]:
    """Yield every target of `spec.targetRef` and `spec.targetRefs`, and where it stands."""
    spec = get_map(document.data, ("spec",))
    single = spec.get("targetRef")
    if is_mapping(single):
        yield ("spec", "targetRef"), single
    for at, ref in enumerate(get_list(spec, ("targetRefs",))):
        if is_mapping(ref):
            yield ("spec", "targetRefs", at), ref


def target_selectors(document: Document) -> Iterator[tuple[Path, Plain]]:
    """Yield every item of `spec.targetSelectors`, and where it stands."""
    for at, item in enumerate(get_list(document.data, ("spec", "targetSelectors"))):
        if is_mapping(item):
            yield ("spec", "targetSelectors", at), item


def is_selected(target: Document, selector: Plain) -> bool:
    """Tell whether an item of `targetSelectors` selects an object by kind and labels."""
    labels = get_map(target.data, ("metadata", "labels"))
    return group_kind_of(selector) == target.identity.group_kind and matches_label_selector(selector, labels)


def group_kind_of(ref: Plain) -> GroupKind:
    """Return the kind that a target names; its group is needed in most APIs, and may be missing in a few."""
    kind = get_text(ref, ("kind",))
    if api_version := get_text(ref, ("apiVersion",)):
        # No attachment of the Gateway API's: those name a group.
        return api_version.rpartition("/")[0], kind
    group = ref.get("group")
    return (group if isinstance(group, str) and (group or kind in _GROUP_OF) else _GROUP_OF.get(kind, GATEWAY), kind)


def _service(document: Document, path: Path, own: str) -> Iterator[Named]:
    text = get_text(document.data, path)
    host = read_host(text) or read_address(text)
    if host is not None:
        key = ObjectKey(group_kind=SERVICE, namespace=host.namespace or own, name=host.name)
        yield Named(path, key, host.start)
