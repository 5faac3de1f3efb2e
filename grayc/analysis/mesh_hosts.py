"""The baseline's own VirtualServices that lead calls inside the mesh, and whether the lanes' routes fit in front."""

from collections.abc import Iterable, Mapping

from grayc.analysis.routes import host_of
from grayc.documents import Document, ObjectKey
from grayc.documents.tree import get_list, get_map
from grayc.k8s.gateways import VIRTUAL_SERVICE
from grayc.k8s.kinds import CORE
from grayc.k8s.virtual_services import MESH
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import Reason, because

_SERVICE = (CORE, "Service")


def mesh_routes(baseline: Iterable[Document]) -> Mapping[ObjectKey, Document]:
    """Return Service → the VirtualService that leads the calls to it; Istio reads one of a host, the first.

    Source: Istio 1.27 reference, VirtualService, `gateways`: without any it serves the mesh.
    """
    found: dict[ObjectKey, Document] = {}
    for document in baseline:
        if document.identity.group_kind == VIRTUAL_SERVICE and is_in_mesh(document):
            for host in get_list(document.data, ("spec", "hosts")):
                service, namespace = host_of(host) if isinstance(host, str) else ("", "")
                if service:
                    home = namespace or document.identity.namespace
                    found.setdefault(ObjectKey(group_kind=_SERVICE, namespace=home, name=service), document)
    return found


def is_in_mesh(document: Document) -> bool:
    """Tell whether a VirtualService serves the mesh."""
    return MESH in (get_list(document.data, ("spec", "gateways")) or [MESH])


def why_not_in_front(document: Document) -> Reason | None:
    """Return why no routes of lanes can stand in front of a VirtualService's own; None where they can."""
    routes = get_list(document.data, ("spec", "http"))
    if not routes:
        return because(HopWhy.NO_HTTP_ROUTES)
    if any(get_map(route, ("delegate",)) for route in routes):
        return because(HopWhy.DELEGATES)
    hosts = get_list(document.data, ("spec", "hosts"))
    matches = [match for route in routes for match in get_list(route, ("match",))]
    if len(hosts) > 1 and any(get_map(match, ("authority",)) for match in matches):
        return because(HopWhy.SEVERAL_HOSTS)
    return None
