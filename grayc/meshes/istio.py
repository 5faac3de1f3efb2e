"""Istio routes calls between services by the lane's header."""

from collections.abc import Iterator

from grayc.analysis.routes import host_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.documents.tree import get_list, get_map
from grayc.k8s.gateways import VIRTUAL_SERVICE
from grayc.k8s.kinds import CORE, ISTIO
from grayc.k8s.lane_labels import lane_labels
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace

_API_VERSIONS = f"{ISTIO}/v1", f"{ISTIO}/v1beta1"
"""Of one shape, the later first; a release of Istio that serves the first serves the second too, and asks for it."""
_MESH = "mesh"


def route_calls(plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Return a VirtualService for each copied Service.

    A call that carries the tag goes to the gray Service, any other to the baseline's. The gray Service is a host of its
    own, which has a DestinationRule where the baseline's has one (`attach_policies`); subsets are cuts of one Service's
    pods, and gray pods are in none of the baseline's.

    Diagnostics:
        GC490: the baseline routes calls to a copied Service itself.
    Source: Istio 1.27 reference, VirtualService and Destination: for calls in the mesh one VirtualService of a host is
    read; a port must be named where the Service has several.
    """
    made: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for copy in plan.copies:
        if copy.document.identity.group_kind == (CORE, "Service"):
            routed = tuple(_routed_already(copy, plan))
            diagnostics += routed
            if not routed:
                made.append(_virtual_service(copy, plan))
    return Checked(value=tuple(made), diagnostics=tuple(diagnostics))


def _object(copy: Copy, plan: ReleasePlan, kind: str, spec: dict[str, object]) -> Document:
    metadata = get_map(copy.document.data, ("metadata",))
    namespace = metadata.get("namespace") or (plan.spec.namespace if plan.spec.set_namespace else None)
    return replace(
        copy.document,
        data={
            "apiVersion": _api_version(plan),
            "kind": kind,
            "metadata": {
                "name": copy.gray_name,
                **({"namespace": namespace} if namespace else {}),
                "labels": lane_labels(plan.spec.tag, copy.service.name),
            },
            "spec": spec,
        },
    )


def _api_version(plan: ReleasePlan) -> str:
    """Return `v1` where the baseline has an object of it, else the version that every release of Istio serves."""
    held = {document.identity.api_version for document in plan.baseline}
    return next((version for version in _API_VERSIONS if version in held), _API_VERSIONS[-1])


def _virtual_service(copy: Copy, plan: ReleasePlan) -> Document:
    name = copy.document.identity.name
    tagged = {plan.spec.lane.header.lower(): {"exact": plan.spec.tag}}
    ports = [
        port for item in get_list(copy.document.data, ("spec", "ports")) if (port := get_map(item, ()).get("port"))
    ]
    routes: list[object] = []
    for port in ports if len(ports) > 1 else [None]:
        at = {} if port is None else {"port": port}
        number = {} if port is None else {"port": {"number": port}}
        routes += [
            {
                "match": [{"headers": tagged, **at}],
                "route": [{"destination": {"host": copy.gray_name, **number}}],
            },
            {**({"match": [at]} if at else {}), "route": [{"destination": {"host": name, **number}}]},
        ]
    return _object(copy, plan, "VirtualService", {"hosts": [name], "http": routes})


def _routed_already(copy: Copy, plan: ReleasePlan) -> Iterator[Diagnostic]:
    for route in plan.baseline:
        if route.identity.group_kind != VIRTUAL_SERVICE:
            continue
        gateways = get_list(route.data, ("spec", "gateways")) or [_MESH]
        hosts = get_list(route.data, ("spec", "hosts"))
        at = next((at for at, host in enumerate(hosts) if _is_host(host, route, copy, plan)), None)
        if _MESH in gateways and at is not None:
            yield at_object(
                route,
                ("spec", "hosts", at),
                code="GC490",
                message=f"VirtualService `{route.identity.name}` routes calls to `{copy.document.identity.name}` "
                "already, and Istio reads one VirtualService of a host",
                help=f"put a route in front of its others that matches `{plan.spec.lane.header}: {plan.spec.tag}` and "
                f"leads to `{copy.gray_name}`, and accept this; or take the VirtualService out of the mesh",
            )


def _is_host(host: object, holder: Document, copy: Copy, plan: ReleasePlan) -> bool:
    service, namespace = host_of(host) if isinstance(host, str) else ("", "")
    home = plan.key_of(holder.identity).namespace
    named = ObjectKey(group_kind=(CORE, "Service"), namespace=namespace or home, name=service)
    return bool(service) and named == plan.key_of(copy.document.identity)
