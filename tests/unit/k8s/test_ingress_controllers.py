"""Whose an IngressClass is, by what its sources say of `spec.controller` and of its name."""

import pytest

from grayc.k8s.ingress_controllers import INGRESS_CONTROLLERS, product_of_controller, rows_of_class


@pytest.mark.parametrize(
    ("controller", "product"),
    [
        ("k8s.io/ingress-nginx", "ingress-nginx"),
        ("k8s.io/internal-ingress-nginx", "ingress-nginx"),
        ("webapprouting.kubernetes.azure.com/nginx", "ingress-nginx"),
        ("webapprouting.kubernetes.azure.com/nginx/internal", "ingress-nginx"),
        ("nginx.org/ingress-controller", "F5's NGINX Ingress Controller"),
        ("haproxy.org/ingress-controller", "HAProxy Technologies' controller"),
        ("haproxy.org/ingress-controller/prod", "HAProxy Technologies' controller"),
        ("haproxy.org/ingress-controllers", ""),
        ("haproxy-ingress.github.io/controller/staging", "HAProxy Ingress"),
        ("ingress.k8s.aws/alb", "the AWS Load Balancer Controller"),
        ("eks.amazonaws.com/alb", "the AWS Load Balancer Controller"),
        ("apisix.apache.org/apisix-ingress-controller", "APISIX"),
        ("projectcontour.io/edge/contour-contour", "Contour"),
        ("pomerium.io/ingress-controller-2", "Pomerium"),
        ("k8s.ngrok.com/ingress-controller", "ngrok"),
        ("ngrok.com/ingress-controller", "ngrok"),
        ("strrl.dev/cloudflare-tunnel-ingress-controller", "Cloudflare Tunnel"),
        # Its controller reads no IngressClass.
        ("k8s.io/ingress-gce", ""),
    ],
)
def test_products_by_the_controller_of_a_class(controller: str, product: str) -> None:
    assert product_of_controller(controller) == product


@pytest.mark.parametrize(
    ("name", "products"),
    [
        ("nginx", ["ingress-nginx"]),
        ("haproxy", ["HAProxy Technologies' controller", "HAProxy Ingress"]),
        ("alb", ["the AWS Load Balancer Controller", "the ALB Ingress controller of Alibaba Cloud"]),
        ("qcloud", ["the CLB Ingress controller of Tencent Cloud"]),
        ("cce", ["the ELB Ingress controller of Huawei Cloud"]),
        ("gce-internal", ["the Ingress controller of GKE"]),
        ("public", []),
    ],
)
def test_products_by_the_name_of_a_class(name: str, products: list[str]) -> None:
    assert [row.product for row in rows_of_class(name)] == products


def test_no_controller_is_of_two_products() -> None:
    for row in INGRESS_CONTROLLERS:
        assert {product_of_controller(name.replace("*", "")) for name in row.controllers} <= {row.product}
