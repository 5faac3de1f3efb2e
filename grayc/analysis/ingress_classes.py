"""Which classes of Ingresses a gateway reads among manifests of anyone."""

from collections.abc import Iterable, Mapping

from grayc.documents import Document
from grayc.documents.ingresses import (
    classes_among,
    controller_of_class,
    default_class,
    ingress_class,
    is_ingress,
)
from grayc.k8s.gateways import GATEWAYS, GatewayName, serves_ingresses
from grayc.k8s.ingress_controllers import product_of_controller, rows_of_class

_GATEWAYS_OWN = frozenset(product for gateway in GATEWAYS.values() for product in gateway.controllers)


def served_classes(gateway: GatewayName, documents: Iterable[Document]) -> frozenset[str] | None:
    """Return the classes of the Ingresses that a gateway reads among manifests of anyone; None where they do not tell.

    Where all Ingresses that name a class name the same one, that is the gateway's, unless other products call their
    class so, and one of them is no gateway here: `kong` is nobody's, and `alb` only `aliyun-alb`'s. Else the
    IngressClass decides, and where it is not among the documents, the well-known name; a class that nobody knows is
    the gateway's perhaps, and where it serves no other, that cannot be told. "" stands for the Ingresses without a
    class: they are of the default class, or the gateway's where there is none.
    """
    listed = list(documents)
    named = {ingress_class(document) for document in listed if is_ingress(document)} - {""}
    if not serves_ingresses(GATEWAYS[gateway]):
        return frozenset({"", *named})
    classes = classes_among(listed)
    controllers = {found.identity.name: controller_of_class(found) for found in classes}
    default = default_class(classes)
    products = {name: _products(name, controllers) for name in named | {default} - {""}}
    own = set(GATEWAYS[gateway].controllers)
    if len(named) < 2 and all(products[name] <= _GATEWAYS_OWN or products[name] & own for name in named):
        return frozenset({"", *named})
    served = {name for name, found in products.items() if found & own}
    if not served and not all(products[name] for name in named):
        return None
    return frozenset(served | ({""} if not default or default in served else set()))


def _products(name: str, controllers: Mapping[str, str]) -> set[str]:
    """Return the products that may read a class; none where nobody knows it."""
    if name in controllers:
        return {product_of_controller(controllers[name])} - {""}
    return {row.product for row in rows_of_class(name)}
