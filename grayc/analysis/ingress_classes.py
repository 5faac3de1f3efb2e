"""Which classes of Ingresses a gateway reads among manifests of anyone."""

from collections.abc import Iterable, Mapping

from grayc.documents import Document
from grayc.documents.ingresses import ingress_class, is_ingress
from grayc.documents.tree import get_text
from grayc.k8s.gateways import GATEWAYS, INGRESS, GatewayName
from grayc.k8s.kinds import NETWORKING

_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"

# Source: ingress-nginx charts/ingress-nginx values.yaml controller.ingressClassResource.controllerValue; Higress
# helm/core/templates/ingressclass.yaml; MSE's "Create an IngressClass"; Traefik's provider kubernetesIngressNGINX takes
# the classes of ingress-nginx (option `controllerClass`).
_CONTROLLERS: Mapping[str, frozenset[GatewayName]] = {
    "k8s.io/ingress-nginx": frozenset({GatewayName.INGRESS_NGINX, GatewayName.TRAEFIK}),
    "higress.io/higress-controller": frozenset({GatewayName.HIGRESS}),
    "mse.alibabacloud.com/ingress": frozenset({GatewayName.MSE}),
}
"""`spec.controller` of an IngressClass → the gateways that read its Ingresses."""

_NAMES: Mapping[str, frozenset[GatewayName]] = {
    "nginx": frozenset({GatewayName.INGRESS_NGINX, GatewayName.TRAEFIK}),
    "higress": frozenset({GatewayName.HIGRESS}),
    "mse": frozenset({GatewayName.MSE}),
}
"""Class that installations are called by, where the IngressClass is not at hand → the gateways that read it."""


def served_classes(gateway: GatewayName, documents: Iterable[Document]) -> frozenset[str] | None:
    """Return the classes of the Ingresses that a gateway reads among manifests of anyone; None where they do not tell.

    Where all Ingresses that name a class name the same one, that is the gateway's. Else the IngressClass decides, and
    where it is not among the documents, the well-known name. "" stands for the Ingresses without a class: they are of
    the default class, or the gateway's where there is none.
    """
    listed = list(documents)
    named = {ingress_class(document) for document in listed if is_ingress(document)} - {""}
    if GATEWAYS[gateway].entry_kind != INGRESS or len(named) < 2:
        return frozenset({"", *named})
    controllers: dict[str, str] = {}
    default = ""
    for document in listed:
        if document.identity.group_kind == (NETWORKING, "IngressClass"):
            name = document.identity.name
            controllers[name] = get_text(document.data, ("spec", "controller"))
            if get_text(document.data, ("metadata", "annotations", _DEFAULT_CLASS)) == "true":
                default = name
    none: frozenset[GatewayName] = frozenset()
    served = {
        name
        for name in named | {default}
        if name
        and gateway in (_CONTROLLERS.get(controllers[name], none) if name in controllers else _NAMES.get(name, none))
    }
    if not served:
        return None
    return frozenset(served | ({""} if not default or default in served else set()))
