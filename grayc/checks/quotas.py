"""Gray pods fit into what the namespace lets its pods ask for, and the lane into its quotas."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from grayc.analysis.capacity import count_pods
from grayc.analysis.quotas import (
    AskingWorkload,
    Container,
    PodAsk,
    Resources,
    Tally,
    Usage,
    amounts_of,
    defaults_of,
    key_of_quota,
    scopes_of,
    show_resource,
)
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.k8s.kinds import CORE
from grayc.k8s.quotas import MADE_BY_CONTROLLERS, MAX_RULES, REQUIRED
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass
from grayc.spec.findings import at_spec

_MOST_TOLD = 5
"""Reasons, and objects that have them, of one workload that are reported."""

_QUOTA, _RANGE = (CORE, "ResourceQuota"), (CORE, "LimitRange")


def check_quotas(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what of the lane a namespace would refuse.

    Counted is what manifests say: pods by replicas and autoscalers, requests and limits as the LimitRanges of the
    namespace fill them in, of the other releases of the run and the lanes that output folders hold too. Pods that a
    rolling update makes besides and Jobs that run now are not.

    Diagnostics:
        GC420: a ResourceQuota allows less than baseline and lane ask for together.
        GC421: a LimitRange or a ResourceQuota refuses gray pods.
        GC422: something that a ResourceQuota counts is not followed.
        GC423: `replicas` of the release is outside the bounds of a gray autoscaler.
    """
    rules = _by_namespace((each for each in plan.baseline if each.identity.group_kind in (_QUOTA, _RANGE)), plan)
    found = list(_outside_bounds(documents, plan))
    if not rules:
        return tuple(found)
    gray, baseline = _by_namespace(documents, plan), _by_namespace((*plan.baseline, *plan.beside), plan)
    for home in sorted(gray.keys() & rules.keys()):
        found += _in_namespace(rules[home], gray[home], baseline[home], plan)
    return tuple(found)


def has_quotas(plan: ReleasePlan) -> bool:
    """Tell whether the baseline has a quota, which all lanes of its namespace share."""
    return any(each.identity.group_kind == _QUOTA for each in plan.baseline)


def _by_namespace(documents: Iterable[Document], plan: ReleasePlan) -> dict[str, list[Document]]:
    result: dict[str, list[Document]] = {}
    for document in documents:
        result.setdefault(plan.key_of(document.identity).namespace, []).append(document)
    return result


def _in_namespace(
    rules: Iterable[Document], gray: Iterable[Document], before: Iterable[Document], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    every = list(rules)
    quotas = [document for document in every if document.identity.group_kind == _QUOTA]
    limits = [
        _limit(document, item)
        for document in every
        if document.identity.group_kind == _RANGE
        for item in get_list(document.data, ("spec", "limits"))
    ]
    for left in (quotas[MAX_RULES : MAX_RULES + 1], [limit.document for limit in limits[MAX_RULES:]][:1]):
        yield from (_not_followed(each, "the namespace has too many rules to look at", ("spec",)) for each in left)
    quotas, limits = quotas[:MAX_RULES], limits[:MAX_RULES]
    defaults = defaults_of(limit.item for limit in limits)
    lane = Tally(gray, defaults, plan)
    for asking in lane.workloads:
        if asking.pods.high != 0:
            yield from _refused(asking, limits, quotas, plan)
    if quotas:
        baseline = Tally(before, defaults, plan)
        for quota in quotas:
            yield from _exceeded(quota, baseline, lane, others=", other lanes" if plan.beside else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """An item of `spec.limits` of a LimitRange; its amounts are read once for all pods."""

    document: Document
    item: object
    least: Mapping[str, Fraction]
    most: Mapping[str, Fraction]
    ratio: Mapping[str, Fraction]
    default: Mapping[str, Fraction]


def _limit(document: Document, item: object) -> _Limit:
    least, most, ratio, default = (
        dict(sorted(amounts_of(get(item, (field,))).items()))
        for field in ("min", "max", "maxLimitRequestRatio", "default")
    )
    return _Limit(document=document, item=item, least=least, most=most, ratio=ratio, default=default)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why a cluster refuses pods: by which object, what is wrong, and where it stands in the workload."""

    by: Document
    why: str
    path: Path


def _refused(
    asking: AskingWorkload, limits: Iterable[_Limit], quotas: Iterable[Document], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    workload = asking.document
    refusals = [
        *(refusal for limit in limits for refusal in _by_limit(limit, asking.pod)),
        *(refusal for document in quotas for refusal in _by_quota(document, asking)),
    ]
    if not refusals:
        return
    whys = list(dict.fromkeys(refusal.why for refusal in refusals))
    by = list(dict.fromkeys(refusal.by for refusal in refusals))
    is_copy = plan.is_copy(workload)
    yield at_object(
        workload if is_copy else by[0],
        refusals[0].path if is_copy else ("spec",),
        code="GC421",
        message=f"gray pods of `{workload.origin.ref}` are refused by "
        + " and ".join(f"`{document.identity.ref}`" for document in by[:_MOST_TOLD])
        + f": {'; '.join(whys[:_MOST_TOLD])}"
        + (f"; and {len(whys) - _MOST_TOLD} reasons more" if len(whys) > _MOST_TOLD else ""),
        notes=tuple(note_at(document, ("spec",), "what the namespace allows") for document in by[:_MOST_TOLD]),
        help="give the containers other `resources` with a patch, or accept the finding where the namespace "
        "of the lane has other rules",
    )


def _by_limit(limit: _Limit, pod: PodAsk) -> Iterator[_Refusal]:
    """Yield what a LimitRange refuses of a pod. Source: limitranger/admission.go, PodValidateLimitFunc."""
    match get_text(limit.item, ("type",)):
        case "Container":
            asked: list[tuple[str, Resources, Path]] = [
                (f"container `{container.name}`", container.resources, (*container.path, "resources"))
                for container in pod.containers
            ]
        case "Pod":
            asked = [("the pod", pod.whole, pod.containers[0].path[:-2] if pod.containers else ())]
        case _:
            return
    for who, resources, path in asked:
        for why in _against(limit, resources):
            yield _Refusal(by=limit.document, why=f"{who} {why}", path=path)


def _against(limits: _Limit, resources: Resources) -> Iterator[str]:
    for key, least in limits.least.items():
        request, limit = resources.requests.get(key), resources.limits.get(key)
        shown = show_resource(key, least)
        if request is None:
            yield f"requests no {key}, of which {shown} is the least"
        elif request < least:
            yield f"requests {key} {show_resource(key, request)}, and {shown} is the least"
        elif limit is not None and limit < least:
            yield f"has the limit {key} {show_resource(key, limit)}, and {shown} is the least"
    for key, most in limits.most.items():
        request, limit = resources.requests.get(key), resources.limits.get(key)
        shown = show_resource(key, most)
        if limit is None:
            yield f"has no limit of {key}, of which {shown} is the most"
        elif limit > most:
            yield f"has the limit {key} {show_resource(key, limit)}, and {shown} is the most"
        elif request is not None and request > most:
            yield f"requests {key} {show_resource(key, request)}, and {shown} is the most"
    for key, ratio in limits.ratio.items():
        request, limit = resources.requests.get(key), resources.limits.get(key)
        if not request or not limit:
            yield f"has not both a request and a limit of {key}, whose ratio is to be {float(ratio):g} at most"
        elif limit / request > ratio:
            yield f"limits {key} to {float(limit / request):.3g} times its request, and {float(ratio):g} is the most"
    if get_text(limits.item, ("type",)) == "Container":
        for key in sorted({*limits.default, *limits.most}):
            request, limit = resources.requests.get(key), resources.limits.get(key)
            most_of = limits.most.get(key)
            if request is not None and limit is not None and request > limit and (most_of is None or limit <= most_of):
                yield f"requests {key} {show_resource(key, request)}, above its limit {show_resource(key, limit)}"


def _by_quota(quota: Document, asking: AskingWorkload) -> Iterator[_Refusal]:
    """Yield what a quota wants each container to say. Source: pods.go, `enforcePodContainerConstraints`."""
    pod = asking.pod
    if not all(asking.sort.is_in(scope) for scope in scopes_of(quota)):
        return
    wanted = {key_of_quota(key) for key in get_map(quota.data, ("spec", "hard"))}
    for key in REQUIRED:
        field, _, resource = key.partition(".")
        if key not in wanted or resource in pod.is_whole:
            continue
        silent = [container for container in pod.containers if not _names(container, field, resource)]
        if silent:
            names = ", ".join(f"`{container.name}`" for container in silent)
            what = f"no {'request' if field == 'requests' else 'limit'} of {resource}"
            yield _Refusal(
                by=quota,
                why=f"container{'' if len(silent) == 1 else 's'} {names} name{'s' if len(silent) == 1 else ''} {what}, "
                "which it counts",
                path=silent[0].path,
            )


def _names(container: Container, field: str, resource: str) -> bool:
    resources = container.resources
    return resource in (resources.requests if field == "requests" else resources.limits)


def _exceeded(quota: Document, baseline: Tally, lane: Tally, *, others: str) -> Iterator[Diagnostic]:
    scopes = scopes_of(quota)
    unknown = [scope for scope in scopes if not scope.is_followed]
    hard = get_map(quota.data, ("spec", "hard"))
    if unknown:
        names = ", ".join(f"`{name}`" for name in dict.fromkeys(scope.name for scope in unknown))
        yield _not_followed(quota, f"its scope {names} is not followed, and so none of it is counted", ("spec",))
        return
    missing = [key for key in hard if not _is_counted(key)]
    if missing:
        names = ", ".join(f"`{key}`" for key in missing)
        yield _not_followed(quota, f"{names}, which it limits, is not counted", ("spec", "hard", missing[0]))
    spread = next((each for side in (lane, baseline) for each in side.workloads if _is_spread(each)), None)
    if spread is not None and any(key_of_quota(key).startswith(("pods", "requests.", "limits.")) for key in hard):
        why = f"`{spread.document.origin.ref}` has a pod on every node, and is counted once"
        yield _not_followed(quota, why, ("spec",))
    before, gray = baseline.usage(scopes), lane.usage(scopes)
    over = [(key, told) for key in hard if (told := _over(key, hard[key], before, gray)) is not None]
    if over:
        yield at_object(
            quota,
            ("spec", "hard", over[0][0]),
            code="GC420",
            message=f"`{quota.identity.ref}` is too small for baseline{others} and lane: "
            + "; ".join(told for _, told in over),
            help="raise the quota, let the lane ask for less (`replicas`, `autoscaling`, `resources` by a patch), or "
            "accept the finding",
        )


def _is_spread(asking: AskingWorkload) -> bool:
    return asking.document.identity.kind == "DaemonSet"


def _over(key: str, value: object, before: Usage, gray: Usage) -> str | None:
    """Return by how much a key of a quota is exceeded, None where it is not or the lane asks for nothing of it."""
    [allowed] = amounts_of({key: value}).values() or [None]
    name, none = key_of_quota(key), Fraction(0)
    if allowed is None or not gray.high.get(name):
        return None
    for before_is, gray_is, is_certain in (
        (before.low.get(name, none), gray.low.get(name, none), True),
        (before.high.get(name, none), gray.high.get(name, none), False),
    ):
        # What autoscalers may make beyond the quota without the lane is production's own affair.
        if before_is + gray_is > allowed and gray_is and (is_certain or before_is <= allowed):
            shown = [show_resource(key, amount) for amount in (before_is, gray_is, allowed)]
            where = "" if is_certain else " where autoscalers make the most"
            return f"{key} {shown[0]} + {shown[1]} of {shown[2]}{where}"
    return None


def _is_counted(key: str) -> bool:
    name = key_of_quota(key)
    if name.startswith("count/"):
        return name.removeprefix("count/") not in MADE_BY_CONTROLLERS
    return (
        name in ("pods", "persistentvolumeclaims", "services", "services.nodeports", "services.loadbalancers")
        or name in ("configmaps", "secrets", "replicationcontrollers", "resourcequotas")
        or name.startswith(("requests.", "limits.", "hugepages-"))
        or name.endswith((".storageclass.storage.k8s.io/requests.storage", "/persistentvolumeclaims"))
    )


def _not_followed(quota: Document, why: str, path: Path) -> Diagnostic:
    return at_object(
        quota,
        path,
        code="GC422",
        message=f"whether the lane fits into `{quota.identity.ref}` cannot be seen in full: {why}",
        help="look at what is left of it in the cluster (`kubectl describe resourcequota`)",
    )


def _outside_bounds(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Tell of a number of pods that an autoscaler changes at once."""
    pods = count_pods(documents, plan)
    for document in documents:
        key = plan.key_of(document.identity)
        if key not in pods or not pods[key].scaler or not plan.is_copy(document):
            continue
        service, scaled = plan.copy_of(document).service, pods[key]
        wanted = service.replicas
        if not wanted or (wanted >= scaled.low and (scaled.high is None or wanted <= scaled.high)):
            continue
        bound = "at least" if wanted < scaled.low else "at most"
        makes = scaled.low if wanted < scaled.low else scaled.high
        yield at_spec(
            plan.spec,
            (*service.path, "replicas") if plan.spec.has((*service.path, "replicas")) else service.path,
            code="GC423",
            message=f"`replicas: {wanted}` of service `{service.name}` does not last: its gray autoscaler "
            f"`{scaled.scaler}` makes {bound} {makes} pods",
            object=document.origin.ref,
            notes=(Note(message="what it scales", span=document.span(("metadata", "name"))),),
            help="set its bounds with `autoscaling: {minReplicas, maxReplicas}`, leave it out with `autoscaling: "
            "none`, or take `replicas` away",
        )
