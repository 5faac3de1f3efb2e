"""MSE cloud-native gateway: nginx's annotations under either prefix, header control under `mse.ingress.kubernetes.io`.

The product is closed. Its documents say the above; that a cookie's value and a query parameter may be asked for; that
`service-subset` leads to a part of a Service's pods; and that a header's value must be the same, so `always` is not let
in beside it as by Higress. Where they say nothing, of ties and rounding and of values that are expressions to Higress,
it is taken to do what Higress does, which it is made from.
Source: Alibaba Cloud help, "Advanced usage of MSE Ingress", "Annotations supported by MSE Ingress gateways".
"""

from collections.abc import Iterable

from grayc.documents import Document
from grayc.routing.higress_family import Dialect, HigressFamily
from grayc.routing.ingress import NGINX

NAME = "mse"

_MSE = "mse.ingress.kubernetes.io/"
DIALECT = Dialect(name=NAME, prefixes=(NGINX, _MSE), own=_MSE, of_product=True)


def simulate(documents: Iterable[Document], *, classes: frozenset[str] | None = None) -> HigressFamily:
    """Return a router over the Ingresses of some classes among the documents."""
    return HigressFamily(documents, DIALECT, classes)
