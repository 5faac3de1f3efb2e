"""The products that read Ingresses: what their IngressClasses say, and what the classes are called.

An Ingress names an IngressClass, and `spec.controller` of that names the product. Where the baseline does not hold the
IngressClass, its name is all there is: some names belong to one product, some are a habit of several.
"""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressController:
    """A product.

    Attributes:
        product: as messages call it.
        controllers: `spec.controller` of its IngressClasses, the default first; a `*` stands for any text.
        classes: what the IngressClasses of its installation are called.
    """

    product: str
    controllers: tuple[str, ...]
    classes: tuple[str, ...]


INGRESS_NGINX = "ingress-nginx"
MSE = "MSE"
HIGRESS = "Higress"
TRAEFIK = "Traefik's own provider"

INGRESS_CONTROLLERS: tuple[IngressController, ...] = (
    # Source: kubernetes/ingress-nginx charts/ingress-nginx/values.yaml (controllerValue, controllerClass) and
    # docs/user-guide/multiple-ingress.md, whose second controller is `k8s.io/internal-ingress-nginx`.
    IngressController(
        product=INGRESS_NGINX, controllers=("k8s.io/ingress-nginx", "k8s.io/*ingress-nginx*"), classes=("nginx",)
    ),
    # Source: Alibaba Cloud help, "Configure an MseIngressConfig".
    IngressController(product=MSE, controllers=("mse.alibabacloud.com/ingress",), classes=("mse",)),
    # Source: alibaba/higress helm/core/templates/ingressclass.yaml, helm/core/values.yaml.
    IngressController(product=HIGRESS, controllers=("higress.io/higress-controller",), classes=("higress",)),
    # Source: traefik/traefik pkg/provider/kubernetes/ingress (traefikDefaultIngressClass), traefik-helm-chart.
    IngressController(product=TRAEFIK, controllers=("traefik.io/ingress-controller",), classes=("traefik",)),
    # Source: istio/istio pilot/pkg/config/kube/ingress/util.go and the documentation of Ingress.
    IngressController(product="Istio", controllers=("istio.io/ingress-controller",), classes=("istio",)),
    # Source: kubernetes-sigs/aws-load-balancer-controller docs/guide/ingress/ingress_class.md.
    IngressController(
        product="the AWS Load Balancer Controller", controllers=("ingress.k8s.aws/alb",), classes=("alb",)
    ),
    # Source: Alibaba Cloud help, "Use an AlbConfig to configure an ALB instance".
    IngressController(
        product="the ALB Ingress controller of Alibaba Cloud",
        controllers=("ingress.k8s.alibabacloud/alb",),
        classes=("alb",),
    ),
    # Source: kubernetes/ingress-gce pkg/annotations/ingress.go.
    IngressController(
        product="the Ingress controller of GKE", controllers=("k8s.io/ingress-gce",), classes=("gce", "gce-internal")
    ),
    # Source: Azure application-gateway-kubernetes-ingress, docs/annotations.md and the Helm chart.
    IngressController(
        product="Azure Application Gateway",
        controllers=("azure/application-gateway",),
        classes=("azure-application-gateway", "azure/application-gateway"),
    ),
    # Source: Kong/kubernetes-ingress-controller internal/annotations.
    IngressController(product="Kong", controllers=("ingress-controllers.konghq.com/kong",), classes=("kong",)),
    # Source: projectcontour/contour, the documentation of Ingress.
    IngressController(product="Contour", controllers=("projectcontour.io/*",), classes=("contour",)),
    # Source: apache/apisix-ingress-controller config/samples and Helm chart.
    IngressController(
        product="APISIX", controllers=("apisix.apache.org/apisix-ingress-controller",), classes=("apisix",)
    ),
    # Source: nginx/kubernetes-ingress deployments/common/ingress-class.yaml; it calls its class `nginx`, too, which
    # without the IngressClass is taken for that of ingress-nginx.
    IngressController(
        product="F5's NGINX Ingress Controller", controllers=("nginx.org/ingress-controller",), classes=()
    ),
    # Source: haproxytech/kubernetes-ingress and jcmoraisjr/haproxy-ingress, the documentation of each.
    IngressController(
        product="HAProxy",
        controllers=("haproxy.org/ingress-controller*", "haproxy-ingress.github.io/controller*"),
        classes=("haproxy",),
    ),
    # Source: emissary-ingress, "Ingress controller".
    IngressController(
        product="Emissary", controllers=("getambassador.io/ingress-controller",), classes=("ambassador",)
    ),
    # Source: cilium/cilium operator/pkg/ingress.
    IngressController(product="Cilium", controllers=("cilium.io/ingress-controller",), classes=("cilium",)),
    # Source: openshift/route-controller-manager pkg/route/ingress.
    IngressController(
        product="the OpenShift router", controllers=("openshift.io/ingress-to-route",), classes=("openshift-default",)
    ),
    # Source: tailscale/tailscale cmd/k8s-operator.
    IngressController(product="Tailscale", controllers=("tailscale.com/ts-ingress",), classes=("tailscale",)),
)
"""Products, those of the gateways first."""


def product_of_controller(controller: str) -> str:
    """Return the product that an IngressClass names by `spec.controller`, "" for one that nobody here knows."""
    return next(
        (
            row.product
            for row in INGRESS_CONTROLLERS
            if any(_pattern(known).fullmatch(controller) for known in row.controllers)
        ),
        "",
    )


def rows_of_class(name: str) -> tuple[IngressController, ...]:
    """Return the products that call a class so; one tells whose it is, none or several do not."""
    return tuple(row for row in INGRESS_CONTROLLERS if name in row.classes)


@cache
def _pattern(known: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, known.split("*"))))
