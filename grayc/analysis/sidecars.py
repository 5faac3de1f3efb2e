"""Whether Istio's proxy stands between a workload's pods and what they call."""

from collections.abc import Mapping
from enum import Enum, auto

from grayc.analysis.graph import containers_of, pod_labels
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_map, get_text
from grayc.k8s.istio_mesh import (
    AMBIENT,
    DATAPLANE_MODE,
    INJECT,
    INJECT_OFF,
    INJECT_ON,
    NAMESPACE_INJECTION,
    NAMESPACE_OFF,
    NAMESPACE_ON,
    PROXY_CONTAINER,
    REVISION,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.records import dataclass


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
    """

    proxy: Proxy
    text: str = ""
    path: Path = ("metadata", "name")


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
        text = "use the node's network, where Istio puts no proxy"
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
        text = f"have `{INJECT}: {INJECT_OFF}`"
        return ProxyFound(proxy=Proxy.NONE, text=text, path=(*template, "metadata", place, INJECT))
    if told.get(NAMESPACE_INJECTION) == NAMESPACE_OFF:
        text = f"get no sidecar: Namespace `{namespace}` has `{NAMESPACE_INJECTION}: {NAMESPACE_OFF}`"
        return ProxyFound(proxy=Proxy.NONE, text=text)
    # The webhook asks for the label: the annotation alone brings no sidecar where the Namespace has none.
    is_asked = labels.get(INJECT) == INJECT_ON or bool(labels.get(REVISION))
    if is_asked or told.get(NAMESPACE_INJECTION) == NAMESPACE_ON or told.get(REVISION):
        return ProxyFound(proxy=Proxy.SIDECAR)
    if is_known:
        text = (
            f"get no sidecar: neither they nor Namespace `{namespace}` have a label that asks for one "
            f"(`{NAMESPACE_INJECTION}: {NAMESPACE_ON}`, `{REVISION}`)"
        )
        return ProxyFound(proxy=Proxy.NONE, text=text)
    where = f"Namespace `{namespace}` is" if namespace else "their Namespace is"
    return ProxyFound(proxy=Proxy.UNKNOWN, text=f"say nothing of a sidecar, and {where} not in the baseline")
