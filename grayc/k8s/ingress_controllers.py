"""The products that read Ingresses: what their IngressClasses say, and what the classes are called.

An Ingress names an IngressClass, and `spec.controller` of that names the product. Where the baseline does not hold the
IngressClass, its name is all there is: some names belong to one product, some are a habit of several.

Each row names the source that was read, with its version. Some products look at the name of the class alone, so no
`spec.controller` is theirs; where their charts and pages write one all the same, it is in the row, and the row says so.
"""

import re
from functools import cache

from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressController:
    """A product.

    Attributes:
        product: as messages call it.
        controllers: `spec.controller` of its IngressClasses, the default first; a `*` stands for any text. Empty for
            one that goes by the name of the class.
        classes: what the IngressClasses of its installation are called.
    """

    product: str
    controllers: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def controller(self) -> str:
        """The default of `controllers`, "" for none."""
        return self.controllers[0] if self.controllers else ""


INGRESS_NGINX = "ingress-nginx"
MSE = "MSE"
HIGRESS = "Higress"
TRAEFIK = "Traefik's own provider"
ISTIO = "Istio"
ALIYUN_ALB = "the ALB Ingress controller of Alibaba Cloud"

INGRESS_CONTROLLERS: tuple[IngressController, ...] = (
    # Source: kubernetes/ingress-nginx 1.15.1, charts/ingress-nginx/values.yaml (controllerValue) and
    # docs/user-guide/multiple-ingress.md, whose second controller is `k8s.io/internal-ingress-nginx`. AKS installs it
    # under names of its own: Azure/aks-app-routing-operator at 198fdc9, pkg/controller/nginxingress/default.go.
    IngressController(
        product=INGRESS_NGINX,
        controllers=("k8s.io/ingress-nginx", "k8s.io/*ingress-nginx*", "webapprouting.kubernetes.azure.com/nginx*"),
        classes=("nginx", "webapprouting.kubernetes.azure.com"),
    ),
    # Source: Alibaba Cloud help, "Configure an MseIngressConfig".
    IngressController(product=MSE, controllers=("mse.alibabacloud.com/ingress",), classes=("mse",)),
    # Source: alibaba/higress 2.2.1 helm/core/templates/ingressclass.yaml, helm/core/values.yaml.
    IngressController(product=HIGRESS, controllers=("higress.io/higress-controller",), classes=("higress",)),
    # Source: traefik/traefik 3.7.9 pkg/provider/kubernetes/ingress/kubernetes.go (traefikDefaultIngressClass,
    # traefikDefaultIngressClassController).
    IngressController(product=TRAEFIK, controllers=("traefik.io/ingress-controller",), classes=("traefik",)),
    # Source: istio/istio pilot/pkg/config/kube/ingress/conversion.go (IstioIngressController); the class is a setting
    # of the mesh, `istio` in its documentation of Ingress.
    IngressController(product=ISTIO, controllers=("istio.io/ingress-controller",), classes=("istio",)),
    # Source: kubernetes-sigs/aws-load-balancer-controller 3.5.0 pkg/ingress/class_loader.go,
    # class_annotation_matcher.go; EKS Auto Mode has its own: Amazon EKS user guide, "Create an IngressClass to
    # configure an Application Load Balancer", and the class `alb` of awslabs/cdk-eks-blueprints,
    # ALBDefaultIngressClassAddOn.
    IngressController(
        product="the AWS Load Balancer Controller",
        controllers=("ingress.k8s.aws/alb", "eks.amazonaws.com/alb"),
        classes=("alb",),
    ),
    # Source: Alibaba Cloud help, "Use an AlbConfig to configure an ALB instance";
    # alibaba/alibaba-load-balancer-controller c277108 pkg/controller/ingress/reconcile/store/common.go.
    IngressController(product=ALIYUN_ALB, controllers=("ingress.k8s.alibabacloud/alb",), classes=("alb",)),
    # Source: kubernetes/ingress-gce at acbcf5d, pkg/annotations/ingress.go and IsGCEIngress of pkg/utils/utils.go: it
    # reads the annotation alone, and no IngressClass.
    IngressController(
        product="the Ingress controller of GKE",
        controllers=(),
        classes=("gce", "gce-internal", "gce-regional-external", "gce-multi-cluster"),
    ),
    # Source: Azure/application-gateway-kubernetes-ingress 1.9.8 pkg/environment/environment.go; the annotation has the
    # name of the controller, docs/annotations.md.
    IngressController(
        product="Azure Application Gateway",
        controllers=("azure/application-gateway",),
        classes=("azure-application-gateway", "azure/application-gateway"),
    ),
    # Source: Azure documentation, "Application Gateway for Containers": manifests of its users have both names; the
    # chart itself was not opened.
    IngressController(
        product="Azure Application Gateway for Containers",
        controllers=("alb.networking.azure.io/alb-controller",),
        classes=("azure-alb-external",),
    ),
    # Source: Kong/kubernetes-ingress-controller 3.5.13 internal/store/store.go, internal/annotations/annotations.go.
    IngressController(product="Kong", controllers=("ingress-controllers.konghq.com/kong",), classes=("kong",)),
    # Source: projectcontour/contour 1.33.6 internal/ingressclass/ingressclass.go: it goes by the name of the class. The
    # IngressClass is the user's: bitnami/charts, bitnami/contour, writes `projectcontour.io/NAMESPACE/NAME-contour`,
    # and manifests of others `projectcontour.io/ingress-controller`.
    IngressController(
        product="Contour",
        controllers=("projectcontour.io/ingress-controller", "projectcontour.io/*"),
        classes=("contour",),
    ),
    # Source: apache/apisix-ingress-controller 2.2.0 internal/controller/config/types.go (DefaultControllerName) and
    # docs/en/latest; its reference of annotations spells it `apisix.apache.org/ingress-controller`. 1.8 goes by the
    # name.
    IngressController(
        product="APISIX",
        controllers=("apisix.apache.org/apisix-ingress-controller", "apisix.apache.org/*ingress-controller*"),
        classes=("apisix",),
    ),
    # Source: nginx/kubernetes-ingress 5.5.4 internal/k8s/controller.go (IngressControllerName), charts/nginx-ingress
    # and deployments/common/ingress-class.yaml; it calls its class `nginx`, too, which without the IngressClass is
    # taken for that of ingress-nginx.
    IngressController(
        product="F5's NGINX Ingress Controller", controllers=("nginx.org/ingress-controller",), classes=()
    ),
    # Source: haproxytech/kubernetes-ingress 3.2.11 pkg/store/store.go (CONTROLLER, and below it the `--ingress.class`),
    # documentation/ingressclass.md.
    IngressController(
        product="HAProxy Technologies' controller",
        controllers=("haproxy.org/ingress-controller", "haproxy.org/ingress-controller/*"),
        classes=("haproxy",),
    ),
    # Source: jcmoraisjr/haproxy-ingress at 465a51c, pkg/controller/config/config.go and options.go
    # (`--controller-class`); the class `haproxy` of its documentation.
    IngressController(
        product="HAProxy Ingress",
        controllers=("haproxy-ingress.github.io/controller", "haproxy-ingress.github.io/controller/*"),
        classes=("haproxy",),
    ),
    # Source: emissary-ingress/emissary 4.1.0 charts/emissary-ingress/values.yaml (ingressClassResource) and
    # python/ambassador/src/ambassador/fetch/ingress.py.
    IngressController(
        product="Emissary", controllers=("getambassador.io/ingress-controller",), classes=("ambassador",)
    ),
    # Source: cilium/cilium at 02515d1, install/kubernetes/cilium/templates/cilium-ingress-class.yaml.
    IngressController(product="Cilium", controllers=("cilium.io/ingress-controller",), classes=("cilium",)),
    # Source: openshift/api at 2a3d739, route/v1/types.go (IngressToRouteIngressClassControllerName);
    # openshift/cluster-ingress-operator at acca964, pkg/operator/controller/names.go: the class of an IngressController
    # is `openshift-` and its name, and the first one's name is `default`.
    IngressController(
        product="the OpenShift router", controllers=("openshift.io/ingress-to-route",), classes=("openshift-default",)
    ),
    # Source: tailscale/tailscale 1.102.3 cmd/k8s-operator/ingress.go, cmd/k8s-operator/deploy/chart.
    IngressController(product="Tailscale", controllers=("tailscale.com/ts-ingress",), classes=("tailscale",)),
    # Source: zalando/skipper 0.27.65 dataclients/kubernetes/kube.go, clusterclient.go: it goes by the name of the
    # class.
    IngressController(product="Skipper", controllers=(), classes=("skipper",)),
    # Source: caddyserver/ingress 1.3.0 cmd/caddy/flag.go, internal/k8s/ingress.go: it goes by the name of the class.
    IngressController(product="Caddy", controllers=(), classes=("caddy",)),
    # Source: solo-io/gloo 1.21.13 projects/ingress/pkg/translator/translate.go: it reads the annotation.
    IngressController(product="Gloo", controllers=(), classes=("gloo",)),
    # Source: voyagermesh/voyager at f1cc577, docs/concepts/overview.md: it reads the annotation.
    IngressController(product="Voyager", controllers=(), classes=("voyager",)),
    # Source: TykTechnologies/tyk-operator 0.18.0 controllers/ingress_controller.go: it reads the annotation.
    IngressController(product="Tyk", controllers=(), classes=("tyk",)),
    # Source: pomerium/ingress-controller 0.33.1 controllers/ingress/builder.go, config/pomerium/ingressclass.yaml.
    IngressController(
        product="Pomerium",
        controllers=("pomerium.io/ingress-controller", "pomerium.io/ingress-controller*"),
        classes=("pomerium",),
    ),
    # Source: ngrok/ngrok-operator at 024dfe1, helm/ngrok-operator/values.yaml, cmd/api-manager.go (the program's
    # default).
    IngressController(
        product="ngrok",
        controllers=(
            "k8s.ngrok.com/ingress-controller",
            "k8s.ngrok.com/ingress-controller*",
            "ngrok.com/ingress-controller",
        ),
        classes=("ngrok",),
    ),
    # Source: STRRL/cloudflare-tunnel-ingress-controller 0.1.0 helm/cloudflare-tunnel-ingress-controller/values.yaml.
    IngressController(
        product="Cloudflare Tunnel",
        controllers=("strrl.dev/cloudflare-tunnel-ingress-controller",),
        classes=("cloudflare-tunnel",),
    ),
    # Source: F5Networks/k8s-bigip-ctlr 2.20.4 helm-charts/f5-bigip-ctlr/templates/f5-bigip-ctlr-ingress-class.yaml.
    IngressController(product="F5 BIG-IP", controllers=("f5.com/cntr-ingress-svcs",), classes=("f5",)),
    # Source: vmware/load-balancer-and-ingress-services-for-kubernetes at 005c83b, helm/ako/templates/ingressclass.yaml.
    IngressController(product="VMware's AKO", controllers=("ako.vmware.com/avi-lb",), classes=("avi-lb",)),
    # Source: oracle/oci-native-ingress-controller at 7c2e6e7,
    # helm/oci-native-ingress-controller/templates/ingressclass.yaml; the class is the user's.
    IngressController(
        product="the native Ingress controller of Oracle Cloud",
        controllers=("oci.oraclecloud.com/native-ingress-controller",),
        classes=(),
    ),
    # Source: Tencent Cloud help, "Ingress Annotation" (457/40675, 2025-08-14): an annotation, and what stands for none.
    IngressController(product="the CLB Ingress controller of Tencent Cloud", controllers=(), classes=("qcloud",)),
    # Source: Huawei Cloud help, "Configuring Advanced LoadBalancer Ingress Functions Using Annotations" (cce_10_0695,
    # 2025-08-19); it names no `spec.controller`.
    IngressController(product="the ELB Ingress controller of Huawei Cloud", controllers=(), classes=("cce",)),
)
"""Products, those of the gateways first."""


@cache
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
