"""Whether Istio's proxy stands between a workload's pods and what they call."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum, auto

from grayc.analysis.carriage import unseen_namespace
from grayc.analysis.graph import containers_of, pod_labels
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_list, get_map, get_text
from grayc.k8s.hosts import CLUSTER_DOMAIN
from grayc.k8s.istio_mesh import (
    AMBIENT,
    DATAPLANE_MODE,
    EXCLUDE_PORTS,
    EXCLUDE_RANGES,
    INCLUDE_PORTS,
    INCLUDE_RANGES,
    INJECT,
    INJECT_OFF,
    INJECT_ON,
    INTERCEPTION,
    INTERCEPTION_OFF,
    NAMESPACE_INJECTION,
    NAMESPACE_OFF,
    NAMESPACE_ON,
    PROXY_CONTAINER,
    PROXY_USER,
    REVISION,
    ROOT_NAMESPACE,
    SIDECAR_TEMPLATE,
    TEMPLATES,
    TEMPLATES_THAT_TAKE_NOTHING,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass

_NOTHING = '""'
_ALL = frozenset({"*", "0.0.0.0/0"})


class Proxy(Enum):
    """What takes the calls of a workload's pods."""

    SIDECAR = auto()
    AMBIENT = auto()
    """The node's proxy, which reads no header: a waypoint before the callee does."""
    NONE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFound:
    """What takes the calls of a workload's pods, and what says so.

    Attributes:
        text: why it is none or not to be told, in words after "its pods"; "" else.
        path: what says so in the workload; its name, where it is the Namespace or nothing.
        help: what brings the calls to it.
    """

    proxy: Proxy
    text: Reason = because(HopWhy.HAVE_PROXY)
    path: Path = ("metadata", "name")
    help: str = "take the annotation off"


def proxy_of(workload: Document, namespaces: Mapping[str, Document], namespace: str) -> ProxyFound:
    """Return what takes the calls of a workload's pods.

    Args:
        namespaces: the Namespaces of the baseline, by name.
        namespace: that the pods are in.

    Source: by row in `grayc.k8s.istio_mesh`.
    """
    template = WORKLOADS[workload.identity.group_kind].template
    if any(container.get("name") == PROXY_CONTAINER for _, container in containers_of(workload)):
        return ProxyFound(proxy=Proxy.SIDECAR)
    if get(workload.data, (*template, "spec", "hostNetwork")) is True:
        text = because(HopWhy.NODE_NETWORK_ISTIO)
        return ProxyFound(proxy=Proxy.NONE, text=text, path=(*template, "spec", "hostNetwork"))
    labels, home = pod_labels(workload), namespaces.get(namespace)
    told = labels_of(home)
    injected = _injected(workload, template, labels, told, is_known=home is not None, namespace=namespace)
    if injected.proxy is Proxy.SIDECAR:
        return injected
    mode = labels.get(DATAPLANE_MODE) or told.get(DATAPLANE_MODE)
    if mode == AMBIENT:
        return ProxyFound(proxy=Proxy.AMBIENT)
    return injected


def passed_by(workload: Document, ports: Collection[int]) -> ProxyFound | None:
    """Return what lets calls to a Service pass by the sidecar of a workload's pods, None where it takes them.

    Args:
        ports: of the Service, on which it is called.

    What is excluded comes first, then the ports that are included, then the ranges that are. A range of addresses may
    or may not be the Service's, whose address the cluster chooses: that is unknown. Before all that come what is
    injected, and who runs as the sidecar does.
    """
    at = (*WORKLOADS[workload.identity.group_kind].template, "metadata", "annotations")
    told = get_map(workload.data, at)
    templates = _list_of(told, TEMPLATES)
    if templates and SIDECAR_TEMPLATE not in templates:
        is_none = templates <= TEMPLATES_THAT_TAKE_NOTHING
        why = HopWhy.TEMPLATES_NOTHING if is_none else HopWhy.TEMPLATES_UNSEEN
        text = because(why, setting=f"{TEMPLATES}: {told[TEMPLATES]}", wanted=SIDECAR_TEMPLATE)
        return ProxyFound(proxy=Proxy.NONE if is_none else Proxy.UNKNOWN, text=text, path=(*at, TEMPLATES))
    as_proxy = _as_proxy(workload)
    if as_proxy is not None:
        return as_proxy
    if str(told.get(INTERCEPTION, "")).upper() == INTERCEPTION_OFF:
        text = because(HopWhy.TAKES_NOTHING, setting=f"{INTERCEPTION}: {INTERCEPTION_OFF}")
        return ProxyFound(proxy=Proxy.NONE, text=text, path=(*at, INTERCEPTION))
    excluded = _list_of(told, EXCLUDE_PORTS)
    off = [port for port in ports if str(port) in excluded]
    if off:
        text = because(HopWhy.PORT_PASSES, setting=f"{EXCLUDE_PORTS}: {told[EXCLUDE_PORTS]}", port=str(off[0]))
        proxy = Proxy.NONE if len(off) == len(ports) else Proxy.UNKNOWN
        return ProxyFound(proxy=proxy, text=text, path=(*at, EXCLUDE_PORTS))
    not_ranges = _list_of(told, EXCLUDE_RANGES)
    if _ALL & not_ranges:
        text = because(HopWhy.CALLS_PASS, setting=f"{EXCLUDE_RANGES}: {told[EXCLUDE_RANGES]}")
        return ProxyFound(proxy=Proxy.NONE, text=text, path=(*at, EXCLUDE_RANGES))
    if not_ranges:
        text = because(HopWhy.ADDRESS_UNSEEN, setting=f"{EXCLUDE_RANGES}: {told[EXCLUDE_RANGES]}")
        return ProxyFound(proxy=Proxy.UNKNOWN, text=text, path=(*at, EXCLUDE_RANGES))
    ranges = _list_of(told, INCLUDE_RANGES) if INCLUDE_RANGES in told else _ALL
    taken = _list_of(told, INCLUDE_PORTS)
    left = [port for port in ports if str(port) not in taken]
    if _ALL & ranges or (ports and not left):
        return None
    shown = f"{INCLUDE_RANGES}: {told[INCLUDE_RANGES] or _NOTHING}"
    path = (*at, INCLUDE_RANGES)
    if ranges:
        return ProxyFound(proxy=Proxy.UNKNOWN, text=because(HopWhy.ADDRESS_UNSEEN, setting=shown), path=path)
    text = (
        because(HopWhy.PORT_PASSES, setting=shown, port=str(left[0]))
        if taken and left
        else because(HopWhy.CALLS_PASS, setting=shown)
    )
    proxy = Proxy.NONE if len(left) == len(ports) else Proxy.UNKNOWN
    return ProxyFound(proxy=proxy, text=text, path=path)


def _as_proxy(workload: Document) -> ProxyFound | None:
    """Return which containers run as the user whose connections the sidecar lets by, since it runs so itself."""
    spec = (*WORKLOADS[workload.identity.group_kind].template, "spec")
    of_pod = get(workload.data, (*spec, "securityContext", "runAsUser"))
    asked = [
        (index, get(container, ("securityContext", "runAsUser")))
        for index, container in enumerate(get_list(workload.data, (*spec, "containers")))
        if get(container, ("name",)) != PROXY_CONTAINER
    ]
    off = [(index, own) for index, own in asked if (of_pod if own is None else own) == PROXY_USER]
    if not off:
        return None
    index, own = off[0]
    of_container: Path = () if own is None else ("containers", index)
    return ProxyFound(
        proxy=Proxy.NONE if len(off) == len(asked) else Proxy.UNKNOWN,
        text=because(HopWhy.RUNS_AS_PROXY, setting=f"runAsUser: {PROXY_USER}"),
        path=(*spec, *of_container, "securityContext", "runAsUser"),
        help="let the containers run as another user",
    )


def _list_of(told: Mapping[str, object], name: str) -> frozenset[str]:
    return frozenset(part.strip() for part in str(told.get(name, "")).split(",")) - {""}


def labels_of(document: Document | None) -> Mapping[str, object]:
    """Return an object's labels; none of no object."""
    return {} if document is None else get_map(document.data, ("metadata", "labels"))


def _injected(
    workload: Document,
    template: Path,
    labels: Mapping[str, object],
    told: Mapping[str, object],
    *,
    is_known: bool,
    namespace: str,
) -> ProxyFound:
    annotation = get_text(workload.data, (*template, "metadata", "annotations", INJECT))
    place = "labels" if INJECT in labels else "annotations"
    switch = labels.get(INJECT, annotation)
    if switch == INJECT_OFF:
        text = because(HopWhy.HAVE, setting=f"{INJECT}: {INJECT_OFF}")
        return ProxyFound(proxy=Proxy.NONE, text=text, path=(*template, "metadata", place, INJECT))
    if told.get(NAMESPACE_INJECTION) == NAMESPACE_OFF:
        text = because(HopWhy.NAMESPACE_OFF, namespace=namespace, setting=f"{NAMESPACE_INJECTION}: {NAMESPACE_OFF}")
        return ProxyFound(proxy=Proxy.NONE, text=text)
    # The webhook asks for the label: the annotation alone brings no sidecar where the Namespace has none.
    is_asked = labels.get(INJECT) == INJECT_ON or bool(labels.get(REVISION))
    if is_asked or told.get(NAMESPACE_INJECTION) == NAMESPACE_ON or told.get(REVISION):
        return ProxyFound(proxy=Proxy.SIDECAR)
    if is_known:
        labels_that_ask = f"`{NAMESPACE_INJECTION}: {NAMESPACE_ON}`, `{REVISION}`"
        text = because(HopWhy.NOBODY_ASKS, namespace=namespace, labels=labels_that_ask)
        return ProxyFound(proxy=Proxy.NONE, text=text)
    return ProxyFound(proxy=Proxy.UNKNOWN, text=because(HopWhy.SAYS_NOTHING, where=unseen_namespace(namespace)))


def hides(
    sidecars: Mapping[str, Sequence[Document]],
    workload: Document,
    home: str,
    service: ObjectKey,
    ports: Collection[int],
) -> tuple[Document, str] | None:
    """Return the Sidecar that leaves a Service out of what a workload's pods call by their proxy, and its hosts.

    Args:
        sidecars: of the baseline by namespace.
        home: namespace of the pods.
        ports: by which the Service is called; none where that is not seen.

    One with a selector comes before that of the whole namespace, and both before that of the mesh's root namespace. A
    listener of a port takes the calls to that port, one without a port all others.
    Sources: istio.io, "Sidecar"; istio/istio eed52eb, pilot/pkg/model/push_context.go, `doGetSidecarScope`, and
    sidecar.go, `GetEgressListenerForRDS`.
    """
    labels = pod_labels(workload)
    own = [each for each in sidecars.get(home, ()) if _selects(each, labels)]
    root = [each for each in sidecars.get(ROOT_NAMESPACE, ()) if not _selector_of(each)]
    chosen = next((each for each in own if _selector_of(each)), next(iter([*own, *root]), None))
    listeners = get_list(chosen.data, ("spec", "egress")) if chosen is not None else ()
    if chosen is None or not listeners:
        return None
    asked: list[object] = []
    for port in ports:
        of_port = [each for each in listeners if get(each, ("port", "number")) == port]
        asked += of_port or [each for each in listeners if get(each, ("port", "number")) is None]
    hosts = [host for each in (asked if ports else listeners) for host in get_list(each, ("hosts",))]
    texts = [*dict.fromkeys(host for host in hosts if isinstance(host, str))]
    if any(_is_seen(host, home, service) for host in texts):
        return None
    return chosen, ", ".join(texts[:3]) + (", …" if len(texts) > 3 else "")


def _selector_of(sidecar: Document) -> Mapping[str, object]:
    return get_map(sidecar.data, ("spec", "workloadSelector", "labels"))


def _selects(sidecar: Document, labels: Mapping[str, object]) -> bool:
    return all(labels.get(key) == value for key, value in _selector_of(sidecar).items())


def _is_seen(host: str, home: str, service: ObjectKey) -> bool:
    space, slash, name = host.partition("/")
    if not slash:
        space, name = "*", host
    if space not in {"*", service.namespace} and not (space == "." and home == service.namespace):
        return False
    full = f"{service.name}.{service.namespace}.svc.{CLUSTER_DOMAIN}"
    return name in {"*", full} or (name.startswith("*.") and full.endswith(name[1:]))
