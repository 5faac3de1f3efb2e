"""Whether a release says what carries its calls where nothing can be taken for granted, and what the baseline shows."""

from collections.abc import Iterator

from grayc.analysis.agents import namespaces_of
from grayc.analysis.graph import is_workload, pod_labels
from grayc.analysis.service_routes import service_routes
from grayc.analysis.sidecars import Proxy, labels_of, proxy_of
from grayc.analysis.text_names import names_in_text
from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import note_at
from grayc.documents.tree import get_list, get_text
from grayc.k8s.gateways import VIRTUAL_SERVICE, GatewayName
from grayc.k8s.kinds import CONFIG_KINDS, CORE
from grayc.k8s.mse_agent import NAMESPACE_ENABLED, NAMESPACE_LABEL, SWITCH, SWITCH_ON
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import Provider
from grayc.k8s.route_meshes import ROUTE_MESHES
from grayc.plan.model import CopiedNames, key_of
from grayc.planning.index import BaselineIndex
from grayc.records import dataclass
from grayc.spec.findings import at_spec
from grayc.spec.model import ReleaseSpec

_MESH = "mesh"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the baseline shows of a provider, with the first object that does."""

    provider: Provider
    text: str
    document: Document
    path: Path


def check_provider(spec: ReleaseSpec, index: BaselineIndex) -> tuple[Diagnostic, ...]:
    """Return that `lane.provider` is not said, where the release's own gateway is none that tells it.

    Behind gateway `mse`, and without traffic, it is `mse`.

    Diagnostics:
        GC392: it is not said.
    """
    traffic = spec.traffic
    if traffic is None or traffic.written is GatewayName.MSE or spec.has((*spec.lane.path, "provider")):
        return ()
    asked = (_agents(index), _proxies(index), _routes(index), _meshes(index), _addresses(spec, index))
    shown = [found for found in asked if found]
    tells = "; ".join(f"`{each.provider}` ({each.text})" for each in shown)
    found = at_spec(
        spec,
        (*traffic.path, "gateway"),
        code="GC392",
        message=f"behind gateway `{traffic.written}` nothing says what carries calls into the lane: `lane.provider` "
        "has no default there",
        notes=tuple(note_at(each.document, each.path, f"{each.text} here") for each in shown),
        help=f"write `lane: {{provider: NAME}}`; the baseline shows {tells}; `none` where nothing does"
        if shown
        else "write `lane: {provider: NAME}`; the baseline shows no agent, no sidecar, no route of a mesh and no "
        "address of a Service: `none` where nothing carries calls",
    )
    return (found,)


def _agents(index: BaselineIndex) -> _Shown | None:
    for document in index.documents:
        if document.identity.group_kind == (CORE, "Namespace"):
            if labels_of(document).get(NAMESPACE_LABEL) == NAMESPACE_ENABLED:
                path: Path = ("metadata", "labels", NAMESPACE_LABEL)
                return _Shown(provider=Provider.MSE, text="the MSE agent is let in", document=document, path=path)
        elif is_workload(document) and pod_labels(document).get(SWITCH) == SWITCH_ON:
            text = "the MSE agent is let in"
            return _Shown(provider=Provider.MSE, text=text, document=document, path=("metadata", "name"))
    return None


def _proxies(index: BaselineIndex) -> _Shown | None:
    namespaces = namespaces_of(index.documents)
    for document in index.workloads:
        if proxy_of(document, namespaces, document.identity.namespace).proxy in {Proxy.SIDECAR, Proxy.AMBIENT}:
            text = "Istio's proxy is asked for"
            return _Shown(provider=Provider.ISTIO, text=text, document=document, path=("metadata", "name"))
    return None


def _routes(index: BaselineIndex) -> _Shown | None:
    for document in index.documents:
        if document.identity.group_kind == VIRTUAL_SERVICE and _MESH in (
            get_list(document.data, ("spec", "gateways")) or [_MESH]
        ):
            text = "a VirtualService leads calls in the mesh"
            return _Shown(provider=Provider.ISTIO, text=text, document=document, path=("metadata", "name"))
    return None


def _meshes(index: BaselineIndex) -> _Shown | None:
    """Return what shows a mesh that reads routes whose parent is a Service."""
    provider = Provider.GATEWAY_API
    for routes in service_routes(index.documents).values():
        path: Path = ("spec", "parentRefs", routes[0].parent)
        text = "a route of the Gateway API leads calls to a Service"
        return _Shown(provider=provider, text=text, document=routes[0].document, path=path)
    for document in index.documents:
        template = WORKLOADS[document.identity.group_kind].template if is_workload(document) else ()
        if template or document.identity.group_kind == (CORE, "Namespace"):
            for mesh in ROUTE_MESHES:
                path = (*template, "metadata", mesh.place, mesh.switch)
                if get_text(document.data, path) in mesh.on:
                    return _Shown(provider=provider, text=f"{mesh.name} is let in", document=document, path=path)
    return None


def _addresses(spec: ReleaseSpec, index: BaselineIndex) -> _Shown | None:
    """Return the first text of a workload or of configuration that names a Service of the baseline."""
    names = CopiedNames.of(
        (document, document.identity.name)
        for document in index.documents
        if document.identity.group_kind == (CORE, "Service")
    )
    for document in _with_texts(index):
        own = get_text(document.data, ("metadata", "name"))
        for name in names_in_text(document, names):
            if name.target.name != own and name.target.namespace == key_of(spec, document.identity).namespace:
                text = f"a text names Service `{name.target.name}`"
                return _Shown(provider=Provider.ADDRESS, text=text, document=document, path=name.path)
    return None


def _with_texts(index: BaselineIndex) -> Iterator[Document]:
    yield from index.workloads
    for document in index.documents:
        if document.identity.group_kind in CONFIG_KINDS:
            yield document
