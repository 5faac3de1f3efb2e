"""One module per lane provider whose mesh routes calls: a plan's copies → what it claims → that mesh's objects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module

from grayc.diagnostics import Checked
from grayc.documents import Document, Path
from grayc.documents.mesh_claim import MeshClaim
from grayc.k8s.providers import PROVIDERS, Provider, provider_of
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

__all__ = ["Router", "claims_of", "objects_of", "router_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """What a mesh's module does.

    Attributes:
        claims: a plan → the hosts whose calls it leads, and what stands in the way.
        objects: the claims of all lanes → host → the objects that the lanes have in common, as plain data.
        routes_at: where an object of the baseline has its routes.
        routes_in_front: an object of the baseline, its routes, and the claims of all lanes → its routes with theirs.
    """

    claims: Callable[[ReleasePlan], Checked[tuple[MeshClaim, ...]]]
    objects: Callable[[Iterable[MeshClaim]], Mapping[tuple[str, str], tuple[dict[str, object], ...]]]
    routes_at: Path
    routes_in_front: Callable[[Document, Sequence[object], Sequence[MeshClaim]], list[object]]


def router_of(name: Provider) -> Router:
    """Return what a provider's module does; it is imported when a release names the provider."""
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    return Router(
        claims=module.claims,
        objects=module.objects,
        routes_at=module.ROUTES_AT,
        routes_in_front=module.routes_in_front,
    )


def objects_of(claims: Iterable[MeshClaim]) -> dict[tuple[str, str], tuple[dict[str, object], ...]]:
    """Return host → the objects that lanes have in common for it, hosts in order; those without any are left out."""
    by_provider: dict[Provider, list[MeshClaim]] = {}
    for claim in claims:
        by_provider.setdefault(provider_of(claim.api_version), []).append(claim)
    found: dict[tuple[str, str], tuple[dict[str, object], ...]] = {}
    for provider in sorted(by_provider):
        for host, made in router_of(provider).objects(by_provider[provider]).items():
            found[host] = (*found.get(host, ()), *made)
    return {host: found[host] for host in sorted(found)}


def claims_of(plan: ReleasePlan) -> Checked[tuple[MeshClaim, ...]]:
    """Return the hosts whose calls a release's lane leads; none where no mesh routes calls by the header."""
    provider = plan.spec.lane.provider
    if not PROVIDERS[provider].routes_calls:
        return Checked(value=())
    return router_of(provider).claims(plan)
