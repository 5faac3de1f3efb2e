"""Which routes among manifests a gateway does not read, and why."""

from collections.abc import Iterable, Iterator

from grayc.documents import Document
from grayc.documents.ingresses import ingress_class, is_ingress, why_not_held
from grayc.documents.traefik_routers import other_routers
from grayc.k8s.gateways import GATEWAYS, INGRESS, GatewayName
from grayc.k8s.routing_kinds import ROUTING_KINDS, TRAEFIK_KINDS
from grayc.routing.matching import ref_of
from grayc.routing.model import Unread


def unread_of(
    gateway: GatewayName, documents: Iterable[Document], classes: frozenset[str] | None = None
) -> tuple[Unread, ...]:
    """Return the routes that a gateway does not read, in the order given.

    Args:
        classes: of the Ingresses that it reads, as `simulate` takes them.
    """
    return tuple(_unread(gateway, documents, classes))


def _unread(gateway: GatewayName, documents: Iterable[Document], classes: frozenset[str] | None) -> Iterator[Unread]:
    reads = GATEWAYS[gateway].entry_kinds
    documents = tuple(documents)
    # Traefik has the routers of all its providers in one list.
    beside = {id(router.document) for router in other_routers(documents)} if gateway is GatewayName.TRAEFIK else set()
    for document in documents:
        kind = document.identity.group_kind
        if id(document) in beside:
            reason = ""
        elif is_ingress(document):
            reason = why_not_held(document)
            if not reason and INGRESS not in reads:
                reason = f"gateway `{gateway}` reads no Ingress"
            if not reason and classes is not None and (named := ingress_class(document)) not in classes:
                reason = (
                    f"it is of class `{named}`; `--class {named}` reads it"
                    if named
                    else "it names no class; `--class ''` reads those"
                )
        elif kind in ROUTING_KINDS and kind not in reads:
            product = ROUTING_KINDS[kind].product
            reason = (
                f"{product} reads it, and gateway `{gateway}` is its providers for HTTP alone"
                if product == TRAEFIK_KINDS and gateway is GatewayName.TRAEFIK
                else f"{product} reads it, not gateway `{gateway}`"
            )
        else:
            reason = ""
        if reason:
            yield Unread(object=ref_of(document), reason=reason)
