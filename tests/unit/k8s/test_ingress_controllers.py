"""Whose an IngressClass is, by what its sources say of `spec.controller` and of its name."""

from typing import NamedTuple

import pytest

from grayc.k8s.ingress_controllers import INGRESS_CONTROLLERS, product_of_controller, rows_of_class
from tests.vectors import rows


class Controller(NamedTuple):
    controller: str
    product: str


@pytest.mark.parametrize(Controller._fields, rows(__file__, "ingress_controllers.yaml", Controller))
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
