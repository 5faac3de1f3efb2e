"""What one lane claims of a host in a mesh."""

from grayc.k8s.carriers import TagCarrier
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshClaim:
    """Calls to a Service that carry the lane's tag go to its gray Service.

    A mesh reads one object of a host, so that of all lanes is made from the claims of all.

    Attributes:
        namespace: of the Service; "" where nobody says.
        service: name of the Service.
        tag: of the lane.
        release: whose lane it is.
        gray: name of the gray Service.
        carrier: carries the tag.
        ports: of the Service, in its order.
        api_version: of the mesh's objects.
        route: the baseline's own object that leads the calls, `VirtualService.networking.istio.io shop/cart`; "" where
            there is none and the lanes have one.
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
    route: str = ""
    is_argocd: bool = False

    @property
    def host(self) -> tuple[str, str]:
        """Namespace and name of the Service."""
        return self.namespace, self.service
