"""A release that passed every check, as `ReleaseSpec`: in grayc's own names, defaults filled in."""

import json
from collections.abc import Iterable, Mapping
from typing import cast

from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.carriers import BAGGAGE, TagCarrier
from grayc.k8s.gateways import GatewayName
from grayc.k8s.profiles import Profile
from grayc.k8s.providers import PROVIDERS, Propagation, Provider
from grayc.records import replace
from grayc.spec import rule_data
from grayc.spec.model import (
    ALL_OTHERS,
    Accept,
    Autoscaling,
    BaselineSource,
    CallPath,
    Changes,
    ContainerCheck,
    EntrySpec,
    Expectation,
    Gitops,
    HelmChart,
    HttpCheck,
    Isolation,
    Lane,
    Layout,
    Output,
    Patch,
    PatchTarget,
    ReferenceRow,
    ReleaseSpec,
    Rule,
    ServiceSpec,
    Step,
    Traffic,
    Verification,
    WeightRule,
    WorkloadRef,
    WorkMode,
)

_TIMEOUT = 300
_STATUS = 200
_ASKING_IMAGE = "busybox:1.37.0"


def decode(document: Document) -> ReleaseSpec:
    """Return the release that a checked document holds.

    Raises:
        KeyError, ValueError: the document did not pass the schema and the checks.
    """
    data = document.data
    lane = _lane(data)
    services = tuple(_service(item, path, lane) for item, path in _items(data, ("spec", "services")))
    traffic = _traffic(data, lane)
    name = get_text(data, ("metadata", "name"))
    return ReleaseSpec(
        document=document,
        name=name,
        tag=get_text(data, ("spec", "tag")),
        namespace=_optional(data, ("spec", "namespace")),
        set_namespace=_flag(data, ("spec", "setNamespace"), default=False),
        lane=lane,
        baseline=tuple(_source(item, path, name) for item, path in _items(data, ("spec", "baseline"))),
        services=services,
        calls=tuple(_call(item, path) for item, path in _items(data, ("spec", "calls"))),
        traffic=traffic,
        steps=_steps(data, services, traffic, lane),
        verifications=tuple(_verification(item, path) for item, path in _items(data, ("spec", "verify"))),
        expectations=tuple(_expectation(item, path) for item, path in _items(data, ("spec", "expect"))),
        references=tuple(_reference(item, path) for item, path in _items(data, ("spec", "references"))),
        accept=tuple(_accept(item, path) for item, path in _items(data, ("spec", "accept"))),
        expires=_optional(data, ("spec", "expires")),
        owner=_optional(data, ("spec", "owner")),
        output=Output(
            layout=Layout(_optional(data, ("spec", "output", "layout")) or Layout.SERVICE),
            gitops=Gitops(_optional(data, ("spec", "output", "gitops")) or Gitops.NONE),
        ),
    )


def _lane(data: object) -> Lane:
    path: Path = ("spec", "lane")
    provider = Provider(_optional(data, (*path, "provider")) or Provider.MSE)
    member = get_text(data, (*path, "baggage"))
    return Lane(
        provider=provider,
        carrier=TagCarrier(header=BAGGAGE, member=member)
        if member
        else TagCarrier(header=_optional(data, (*path, "header")) or PROVIDERS[provider].header),
        profile=Profile(_optional(data, (*path, "profile")) or PROVIDERS[provider].profile),
        isolation=Isolation(_optional(data, (*path, "isolation")) or Isolation.AUTO),
        propagation=_propagation(get(data, (*path, "propagation"))),
        path=path,
    )


def _propagation(said: object) -> Mapping[str, Propagation]:
    by_service = said if is_mapping(said) else {} if said is None else {ALL_OTHERS: said}
    return {name: Propagation(str(how)) for name, how in by_service.items()}


def _source(item: object, path: Path, name: str) -> BaselineSource:
    """Decode one source; a Helm release is called what the release is where it has no name of its own."""
    if isinstance(item, str):
        return BaselineSource(pattern=item, stdin=False, path=path)
    chart = None
    if get(item, ("helm",)) is not None:
        chart = HelmChart(
            chart=get_text(item, ("helm", "chart")),
            release=_optional(item, ("helm", "release")) or name,
            values=_texts(item, ("helm", "values")),
            settings=tuple((key, json.dumps(value)) for key, value in get_map(item, ("helm", "set")).items()),
            api_versions=_texts(item, ("helm", "apiVersions")),
            kube_version=_optional(item, ("helm", "kubeVersion")),
        )
    return BaselineSource(
        pattern="",
        stdin=get(item, ("stdin",)) is not None,
        kustomize=_optional(item, ("kustomize",)),
        chart=chart,
        argocd=_optional(item, ("argocd",)),
        flux=_optional(item, ("flux",)),
        root=_optional(item, ("root",)),
        path=path,
    )


def _service(item: object, path: Path, lane: Lane) -> ServiceSpec:
    name, source = get_text(item, ("name",)), _optional(item, ("from",))
    replicas = get(item, ("replicas",))
    work = _optional(item, ("work",))
    lane_only = get(item, ("laneOnly",))
    own = _changes(item, path)
    return ServiceSpec(
        name=name,
        source=source,
        workload=_workload(_optional(item, ("workload",)) or name) if source is None else None,
        images=cast("Mapping[str, str]", get_map(item, ("images",))),
        replicas=_whole(replicas),
        replicas_at=(*path, "replicas"),
        autoscaling=_autoscaling(get(item, ("autoscaling",)), (*path, "autoscaling")),
        env=own.env,
        config=own.config,
        patches=own.patches,
        share=_texts(item, ("share",)),
        rewrite_text=_flag(item, ("rewriteText",), default=PROVIDERS[lane.provider].rewrites_text),
        work=None if work is None else WorkMode(work),
        lane_only=None if lane_only is None else _changes(lane_only, (*path, "laneOnly")),
        path=path,
    )


def _changes(item: object, path: Path) -> Changes:
    return Changes(
        env=cast("Mapping[str, Mapping[str, str | None]]", get_map(item, ("env",))),
        config=cast("Mapping[str, Mapping[str, str | None]]", get_map(item, ("config",))),
        patches=tuple(_patch(patch, at) for patch, at in _items(item, ("patches",), below=path)),
        path=path,
    )


def _workload(text: str) -> WorkloadRef:
    kind, slash, name = text.partition("/")
    return WorkloadRef(kind=kind, name=name) if slash else WorkloadRef(kind=None, name=text)


def _autoscaling(value: object, path: Path) -> Autoscaling | None:
    if value is None:
        return None
    return Autoscaling(
        enabled=value != "none",
        min_replicas=_whole(get(value, ("minReplicas",))),
        max_replicas=_whole(get(value, ("maxReplicas",))),
        path=path,
    )


def _patch(item: object, path: Path) -> Patch:
    merge, operations = get(item, ("merge",)), get(item, ("json6902",))
    return Patch(
        target=PatchTarget(
            kind=get_text(item, ("target", "kind")), name=_optional(item, ("target", "name")), path=(*path, "target")
        ),
        merge=merge if is_mapping(merge) else None,
        json6902=cast("tuple[dict[str, object], ...]", tuple(operations)) if isinstance(operations, list) else None,
        file=_optional(item, ("file",)),
        path=path,
    )


def _call(item: object, path: Path) -> CallPath:
    return CallPath(services=tuple(name.strip() for name in str(item).split("->")), path=path)


def _traffic(data: object, lane: Lane) -> Traffic | None:
    path: Path = ("spec", "traffic")
    if get(data, path) is None:
        return None
    gateway = GatewayName(get_text(data, (*path, "gateway")))
    return Traffic(
        gateway=gateway,
        written=gateway,
        rules=_rules(_items(data, (*path, "rules")), data, lane),
        entries=tuple(_entry(item, at) for item, at in _items(data, (*path, "entries"))),
        guard=_flag(data, (*path, "guard"), default=True),
        path=path,
    )


def _rules(items: Iterable[tuple[object, Path]], data: object, lane: Lane) -> tuple[Rule, ...]:
    """Return rules, each given with its path, in the order of precedence."""
    tag = get_text(data, ("spec", "tag"))
    return rule_data.in_order(rule_data.decode(item, at, carrier=lane.carrier, tag=tag) for item, at in items)


def _steps(data: object, services: tuple[ServiceSpec, ...], traffic: Traffic | None, lane: Lane) -> tuple[Step, ...]:
    """Return the steps. One without rules beside others with some has a weight of 0: its entry is there, closed."""
    steps = [
        _step(item, path, services, rules)
        for item, path in _items(data, ("spec", "rollout", "steps"))
        for own in [get(item, ("rules",))]
        for rules in [
            (traffic.rules if traffic else ())
            if own is None
            else _rules(_items(item, ("rules",), below=path), data, lane)
        ]
    ]
    opens = any(step.rules for step in steps)
    return tuple(
        replace(step, rules=(WeightRule(percent=0, path=step.path),)) if opens and not step.rules else step
        for step in steps
    )


def _step(item: object, path: Path, services: tuple[ServiceSpec, ...], rules: tuple[Rule, ...]) -> Step:
    weight = _whole(get(item, ("weight",)))
    if weight is not None:
        before = next((rule for rule in rules if isinstance(rule, WeightRule)), None)
        others = tuple(rule for rule in rules if not isinstance(rule, WeightRule))
        rules = (*others, WeightRule(percent=weight, by=before.by if before else None, path=path))
    replicas = get_map(item, ("replicas",))
    pause = get(item, ("pause",))
    return Step(
        name=get_text(item, ("name",)),
        rules=rules,
        replicas={
            service.name: _whole(replicas[service.name]) if service.name in replicas else service.replicas
            for service in services
        },
        pause=pause if isinstance(pause, str) else "true" if pause else "",
        path=path,
    )


def _entry(item: object, path: Path) -> EntrySpec:
    kind, slash, name = get_text(item, ("route",)).partition("/")
    gateway = _optional(item, ("gateway",))
    return EntrySpec(
        ingress=get_text(item, ("ingress",)),
        route=name if slash else kind,
        kind=kind if slash else "",
        class_name=get_text(item, ("class",)),
        namespace=get_text(item, ("namespace",)),
        hosts=_texts(item, ("hosts",)),
        paths=_texts(item, ("paths",)),
        gateway=GatewayName(gateway) if gateway else None,
        path=path,
    )


def _expectation(item: object, path: Path) -> Expectation:
    request, place = get_map(item, ("request",)), get(item, ("goesTo",))
    percents = get_map(place, ("percent",)) if is_mapping(place) else {str(place): 100}
    return Expectation(
        name=get_text(item, ("name",)),
        host=get_text(request, ("host",)),
        request_path=get_text(request, ("path",)),
        method=get_text(request, ("method",)) or "GET",
        headers=tuple((name, str(value)) for name, value in get_map(request, ("headers",)).items()),
        cookies=tuple((name, str(value)) for name, value in get_map(request, ("cookies",)).items()),
        shares={name: share for name, share in percents.items() if isinstance(share, int | float)},
        steps=_texts(item, ("steps",)),
        path=path,
    )


def _verification(item: object, path: Path) -> Verification:
    name = get_text(item, ("name",))
    timeout = _whole(get(item, ("timeoutSeconds",))) or _TIMEOUT
    if get(item, ("http",)) is None:
        return ContainerCheck(
            name=name,
            image=get_text(item, ("image",)),
            command=_texts(item, ("command",)),
            args=_texts(item, ("args",)),
            env=cast("Mapping[str, str]", get_map(item, ("env",))),
            timeout=timeout,
            path=path,
        )
    return HttpCheck(
        name=name,
        service=get_text(item, ("http", "service")),
        request_path=get_text(item, ("http", "path")),
        port=_whole(get(item, ("http", "port"))),
        status=_whole(get(item, ("http", "expectStatus"))) or _STATUS,
        body=get_text(item, ("http", "expectBody")),
        image=get_text(item, ("http", "image")) or _ASKING_IMAGE,
        timeout=timeout,
        path=path,
    )


def _reference(item: object, path: Path) -> ReferenceRow:
    return ReferenceRow(
        kind=get_text(item, ("kind",)),
        group=_optional(item, ("group",)),
        field=get_text(item, ("path",)),
        to=get_text(item, ("to",)),
        path=path,
    )


def _accept(item: object, path: Path) -> Accept:
    return Accept(
        code=get_text(item, ("code",)),
        object=_optional(item, ("object",)),
        reason=get_text(item, ("reason",)),
        path=path,
    )


def _items(data: object, path: Path, *, below: Path = ()) -> list[tuple[object, Path]]:
    """Return the items of a list, each with its path in the release."""
    return [(item, (*below, *path, at)) for at, item in enumerate(get_list(data, path))]


def _texts(data: object, path: Path) -> tuple[str, ...]:
    return tuple(str(item) for item in get_list(data, path))


def _optional(data: object, path: Path) -> str | None:
    value = get(data, path)
    return value if isinstance(value, str) else None


def _flag(data: object, path: Path, *, default: bool) -> bool:
    value = get(data, path)
    return value if isinstance(value, bool) else default


def _whole(value: object) -> int | None:
    # JSON Schema calls 2.0 an integer, and so does Kubernetes.
    return int(value) if isinstance(value, int | float) else None
