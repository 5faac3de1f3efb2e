"""Controllers that keep a canary Ingress in the cluster for each Ingress that an object of theirs names."""

from collections.abc import Mapping

from grayc.k8s.kinds import ARGO, GroupKind
from grayc.k8s.references import Pattern, read_pattern
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCanary:
    """A kind whose controller keeps canaries.

    Attributes:
        product: as messages call it.
        fields: that name the ordinary Ingresses.
        provider: where the kind says for which gateway; "" for a kind that says so by its fields.
        providers: values of it that mean canaries of ingress-nginx, "" among them where it may be left out.
        name: of the canary; `{object}` and `{ingress}` stand for names.
    """

    product: str
    fields: tuple[Pattern, ...]
    name: str
    provider: str = ""
    providers: tuple[str, ...] = ()


_NGINX = "spec.strategy.canary.trafficRouting.nginx"

KEPT_CANARIES: Mapping[GroupKind, KeptCanary] = {
    # Source: argoproj/argo-rollouts v1.8.3 rollout/trafficrouting/nginx/nginx.go (SetWeightPerIngress makes it at any
    # weight, 0 as well), utils/ingress/ingress.go (GetCanaryIngressName).
    (ARGO, "Rollout"): KeptCanary(
        product="Argo Rollouts",
        fields=(read_pattern(f"{_NGINX}.stableIngress"), read_pattern(f"{_NGINX}.stableIngresses[*]")),
        name="{object}-{ingress}-canary",
    ),
    # Source: fluxcd/flagger pkg/router/ingress.go (Reconcile, makeAnnotations: weight 0), pkg/router/factory.go; the
    # provider may be a flag of the controller.
    ("flagger.app", "Canary"): KeptCanary(
        product="Flagger",
        fields=(read_pattern("spec.ingressRef.name"),),
        name="{ingress}-canary",
        provider="provider",
        providers=("", "nginx"),
    ),
}
"""Kind → the canaries of its objects."""
