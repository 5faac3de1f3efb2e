"""What one lane claims of a host in a mesh."""

from grayc.documents.model import Document
from grayc.k8s.carriers import TagCarrier
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshClaim:
    """Calls to a Service that carry the lane's tag go to its gray Service.

    What leads the calls to a host is common to all lanes, so it is made from the claims of all.

    Attributes:
        namespace: of the Service; "" where nobody says.
        service: name of the Service.
        tag: of the lane.
        release: whose lane it is.
        gray: name of the gray Service.
        carrier: carries the tag.
        ports: of the Service that the lanes' own objects lead, in its order.
        grpc: those among them for which the mesh has an object of another kind, since they speak gRPC.
        api_version: of the mesh's objects.
        routes: the baseline's own objects that lead the calls, `VirtualService.networking.istio.io shop/cart`.
        is_argocd: Argo CD applies the lane.
    """

    namespace: str
    service: str
    tag: str
    release: str
    gray: str
    carrier: TagCarrier
    ports: tuple[int, ...]
    api_version: str
    routes: tuple[str, ...] = ()
    grpc: tuple[int, ...] = ()
    is_argocd: bool = False

    @property
    def host(self) -> tuple[str, str]:
        """Namespace and name of the Service."""
        return self.namespace, self.service


def route_key(route: Document) -> str:
    """Return how a claim names an object of the baseline that leads calls."""
    identity = route.identity
    place = f"{identity.namespace}/{identity.name}" if identity.namespace else identity.name
    return f"{identity.kind}.{identity.group} {place}"
