"""The gravest change comes first."""

import pytest

from grayc.diff.model import REASONS, Risk
from grayc.diff.risk import risk_of, risk_of_kind
from grayc.k8s.kinds import APPS, ARGO, CORE, NETWORKING, GroupKind
from tests.unit.diff.objects import difference, pod

DEPLOYMENT = (APPS, "Deployment")
TEMPLATE = "spec.template.spec.containers/[*]"


@pytest.mark.parametrize(
    ("kind", "path", "risk"),
    [
        ((NETWORKING, "Ingress"), "spec.rules", Risk.ENTRY),
        ((NETWORKING, "Ingress"), "metadata.annotations.a", Risk.ENTRY),
        ((NETWORKING, "Ingress"), "metadata.labels.a", Risk.LABEL),
        (("gateway.networking.k8s.io", "HTTPRoute"), "spec.rules", Risk.ENTRY),
        (("networking.istio.io", "DestinationRule"), "spec.subsets", Risk.ENTRY),
        ((CORE, "Service"), "spec.selector.app", Risk.SELECTOR),
        ((CORE, "Service"), "spec.ports", Risk.NETWORK),
        ((NETWORKING, "NetworkPolicy"), "spec.ingress", Risk.ACCESS),
        (("rbac.authorization.k8s.io", "Role"), "rules", Risk.ACCESS),
        (DEPLOYMENT, "spec.selector.matchLabels.app", Risk.SELECTOR),
        (DEPLOYMENT, "spec.template.metadata.labels.app", Risk.SELECTOR),
        (DEPLOYMENT, "spec.template.metadata.annotations.a", Risk.ANNOTATION),
        (DEPLOYMENT, f"{TEMPLATE}.image", Risk.IMAGE),
        (DEPLOYMENT, TEMPLATE, Risk.IMAGE),
        (DEPLOYMENT, f"{TEMPLATE}.args", Risk.COMMAND),
        (DEPLOYMENT, f"{TEMPLATE}.env.[*].value", Risk.ENV),
        (DEPLOYMENT, f"{TEMPLATE}.securityContext.privileged", Risk.ACCESS),
        (DEPLOYMENT, f"{TEMPLATE}.imagePullPolicy", Risk.IMAGE),
        (DEPLOYMENT, "spec.template.spec.volumes", Risk.CONFIG),
        (DEPLOYMENT, "spec.template.spec.affinity", Risk.PLACEMENT),
        (DEPLOYMENT, "spec.replicas", Risk.REPLICAS),
        (DEPLOYMENT, "spec.strategy.type", Risk.OTHER),
        (DEPLOYMENT, "metadata.labels.a", Risk.LABEL),
        ((ARGO, "Rollout"), f"{TEMPLATE}.image", Risk.IMAGE),
        ((CORE, "ConfigMap"), "data.a", Risk.CONFIG),
        ((CORE, "Secret"), "data.a", Risk.CONFIG),
        (("autoscaling", "HorizontalPodAutoscaler"), "spec.maxReplicas", Risk.REPLICAS),
        (("example.com", "Cache"), "spec.size", Risk.OTHER),
    ],
)
def test_class_of_a_field(kind: GroupKind, path: str, risk: Risk) -> None:
    assert risk_of(kind, tuple(path.replace("/", ".").split("."))) is risk


def test_objects_that_come_and_go_have_a_class() -> None:
    assert risk_of_kind((NETWORKING, "Ingress")) is Risk.ENTRY
    assert risk_of_kind((CORE, "Service")) is Risk.SELECTOR
    assert risk_of_kind(DEPLOYMENT) is Risk.IMAGE
    assert risk_of_kind((CORE, "ConfigMap")) is Risk.CONFIG


def test_every_class_has_a_reason() -> None:
    assert set(REASONS) == set(Risk)


def test_the_gravest_object_and_field_come_first() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {a: X}}\nspec: {selector: {app: X}}\n"
    ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {ingressClassName: X}\n"
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: X}\n"
    workload = pod("{containers: [{name: a, image: X, env: [{name: A, value: X}]}]}").replace("name: web,", "name: X,")
    text = "---\n".join([config, workload.replace("{name: X,", "{name: web,"), service, ingress])

    found = difference(text.replace("X", "old"), text.replace("X", "new"))

    assert [(item.identity.kind, item.risk) for item in found.objects] == [
        ("Ingress", Risk.ENTRY),
        ("Service", Risk.SELECTOR),
        ("Deployment", Risk.IMAGE),
        ("ConfigMap", Risk.CONFIG),
    ]
    assert [field.risk for field in found.objects[1].fields] == [Risk.SELECTOR, Risk.LABEL]
    assert [field.risk for field in found.objects[2].fields] == [Risk.IMAGE, Risk.ENV]
