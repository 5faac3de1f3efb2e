"""MSE cloud-native gateway: nginx's annotations under either prefix, header control under `mse.ingress.kubernetes.io`.

The product is closed; its documents say the above, and that a cookie's value may be asked for. How values are compared,
ties broken and shares rounded they leave open: there it is taken to do what Higress does, which it is made from.
Source: Alibaba Cloud help, "Advanced usage of MSE Ingress", "Annotations supported by MSE Ingress gateways".
"""

from collections.abc import Iterable

from grayc.documents import Document
from grayc.routing.higress_family import Dialect, HigressFamily
from grayc.routing.ingress import NGINX

NAME = "mse"

_MSE = "mse.ingress.kubernetes.io/"
DIALECT = Dialect(name=NAME, prefixes=(NGINX, _MSE), own=_MSE, cookie_values=True)


def simulate(documents: Iterable[Document]) -> HigressFamily:
    """Return a router over the Ingresses among the documents."""
    return HigressFamily(documents, DIALECT)
