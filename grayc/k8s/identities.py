"""Names by which a controller, a registry or a node knows the workloads of production, and which a copy may not bear.

What other tools own or prune by is in `k8s.server_fields`; names of objects that a copy follows are in
`k8s.references`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from grayc.k8s.kinds import CORE, GroupKind
from grayc.records import dataclass


class Place(StrEnum):
    """Which metadata holds an identity."""

    OBJECT = "metadata"
    PODS = "metadata of the pods"


class Deed(StrEnum):
    """What becomes of an identity in a copy."""

    DROP = "left off"
    """The copy is known by its own name then, or by none."""
    RENAME = "renamed"
    """The copy gets a name of its own, which ends as the names of gray objects do."""
    REPORT = "reported"
    """Neither would be right; who releases has to say."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A row of `IDENTITIES`.

    Attributes:
        key: of an annotation; a trailing `*` is a prefix.
        owner: who reads it.
        effect: what two of one name would do, as a clause about the gray ones.
        after: of a renamed one, what goes by the new name; "" where nothing does.
        kind: of the objects that have it; None for all, or for all workloads.
        group: of the objects that name it, for the finding.
        only_with: text without which the value names nothing of its own.
        longest: characters that a name has at most; 0 where nothing is known.
    """

    place: Place
    key: str
    deed: Deed
    owner: str
    effect: str
    after: str = ""
    kind: GroupKind | None = None
    group: str = ""
    only_with: str = ""
    longest: int = 0

    def is_for(self, key: str, value: object) -> bool:
        """Tell whether an annotation is one of the row's."""
        named = key.startswith(self.key[:-1]) if self.key.endswith("*") else key == self.key
        return named and isinstance(value, str) and bool(value) and self.only_with in value


_SERVICE: GroupKind = (CORE, "Service")
_FIXED = "production's pods have the address, so gray pods wait for it or take it from them"

IDENTITIES: tuple[Identity, ...] = (
    # Source: dapr/dapr pkg/operator/handlers/dapr_handler.go, ensureDaprServicePresent, patchDaprService: one Service
    # `<app-id>-dapr`, with the selector of the workload that was reconciled last; docs.dapr.io, "State management"
    # (keys start with the id), "Publish and subscribe" (the consumer group is the id), "Component scopes".
    Identity(
        Place.PODS,
        "dapr.io/app-id",
        Deed.RENAME,
        "Dapr",
        "Dapr keeps one Service for an id and points it at the workload that it saw last",
        after="invocations, subscriptions, keys of state, scopes and access policies",
        group="dapr.io",
        # Source: dapr/dapr pkg/validation, ValidateKubernetesAppID: `<app-id>-dapr` is an RFC 1123 label.
        longest=58,
    ),
    # Source: dapr/dapr v0.1, daprIDAnnotationKey.
    Identity(
        Place.PODS,
        "dapr.io/id",
        Deed.RENAME,
        "Dapr",
        "Dapr keeps one Service for an id",
        after="invocations, subscriptions and keys of state",
        group="dapr.io",
    ),
    # Source: hashicorp/consul-k8s control-plane/connect-inject/constants, AnnotationService: the default is the name of
    # the Kubernetes Service; with ACLs the name of the ServiceAccount is the one that is allowed.
    Identity(
        Place.PODS,
        "consul.hashicorp.com/connect-service",
        Deed.RENAME,
        "Consul",
        "Consul would spread production's requests over gray pods as well",
        after="intentions and, where Consul has ACLs, the ServiceAccount",
        group="consul.hashicorp.com",
    ),
    # Source: developer.hashicorp.com/consul, "Service sync": a name that is there already gets further instances.
    Identity(
        Place.OBJECT,
        "consul.hashicorp.com/service-name",
        Deed.RENAME,
        "Consul",
        "Consul would spread production's requests over gray pods as well",
        kind=_SERVICE,
    ),
    # Source: cloud.google.com, "Container-native load balancing through standalone zonal NEGs": a name is one NEG's in
    # a zone; kubernetes/ingress-gce pkg/annotations/service.go, `exposed_ports`.
    Identity(
        Place.OBJECT,
        "cloud.google.com/neg",
        Deed.DROP,
        "GKE",
        "a second Service may not name the same network endpoint group",
        kind=_SERVICE,
        only_with="exposed_ports",
    ),
    # Source: GoogleCloudPlatform/gke-autoneg-controller, autonegAnnotation, oldAutonegAnnotation.
    Identity(
        Place.OBJECT,
        "controller.autoneg.dev/*",
        Deed.DROP,
        "autoneg",
        "gray pods would take requests of production's backend service",
        kind=_SERVICE,
    ),
    Identity(
        Place.OBJECT,
        "anthos.cft.dev/autoneg*",
        Deed.DROP,
        "autoneg",
        "gray pods would take requests of production's backend service",
        kind=_SERVICE,
    ),
    # Source: skupperproject/skupper v1, AddressQualifier, ProxyQualifier: whatever has one address takes its requests,
    # in each cluster of the network.
    Identity(
        Place.OBJECT,
        "skupper.io/*",
        Deed.DROP,
        "Skupper",
        "gray pods would take requests of production's address",
    ),
    # Source: external-dns docs/annotations; the prefix that is dropped from all objects is in `k8s.server_fields`.
    Identity(
        Place.OBJECT,
        "external-dns.kubernetes.io/*",
        Deed.DROP,
        "external-dns",
        "a second owner of a DNS name",
    ),
    # Source: tailscale.com/kb, "Expose a Kubernetes cluster workload": a device for the Service, with that host name.
    Identity(Place.OBJECT, "tailscale.com/*", Deed.DROP, "Tailscale", "a second device of one name", kind=_SERVICE),
    # Source: metallb.universe.tf, "Usage": an address is one Service's unless both share it.
    Identity(
        Place.OBJECT,
        "metallb.universe.tf/*",
        Deed.DROP,
        "MetalLB",
        "a second Service may not ask for the address",
        kind=_SERVICE,
    ),
    Identity(
        Place.OBJECT,
        "metallb.io/*",
        Deed.DROP,
        "MetalLB",
        "a second Service may not ask for the address",
        kind=_SERVICE,
    ),
    # Source: kube-vip.io, "Kubernetes Load-Balancer service", `kube-vip.io/loadbalancerIPs`.
    Identity(
        Place.OBJECT,
        "kube-vip.io/*",
        Deed.DROP,
        "kube-vip",
        "a second Service may not ask for the address",
        kind=_SERVICE,
    ),
    # Source: getambassador.io, "Ambassador annotations": Mappings written in a Service, which would be there twice.
    Identity(
        Place.OBJECT,
        "getambassador.io/config",
        Deed.DROP,
        "Emissary",
        "the routes that stand in it would be there twice",
        kind=_SERVICE,
    ),
    # Source: linkerd.io, "Multi-cluster communication": the Service is mirrored to other clusters.
    Identity(
        Place.OBJECT,
        "mirror.linkerd.io/*",
        Deed.DROP,
        "Linkerd",
        "a mirror in other clusters that no rule guards",
        kind=_SERVICE,
    ),
    # Source: docs.tigera.io/calico, "Use a specific IP address with a pod".
    Identity(Place.PODS, "cni.projectcalico.org/ipAddrs", Deed.REPORT, "Calico", _FIXED),
    Identity(Place.PODS, "cni.projectcalico.org/ipAddrsNoIpam", Deed.REPORT, "Calico", _FIXED),
    Identity(Place.PODS, "cni.projectcalico.org/floatingIPs", Deed.REPORT, "Calico", _FIXED),
    Identity(Place.PODS, "cni.projectcalico.org/hwAddr", Deed.REPORT, "Calico", _FIXED),
    # Source: kubeovn.github.io, "Static IP": an address is one pod's; `ip_pool` may also be the name of an IPPool.
    Identity(Place.PODS, "ovn.kubernetes.io/ip_address", Deed.REPORT, "Kube-OVN", _FIXED),
    Identity(Place.PODS, "ovn.kubernetes.io/mac_address", Deed.REPORT, "Kube-OVN", _FIXED),
    Identity(Place.PODS, "ovn.kubernetes.io/ip_pool", Deed.REPORT, "Kube-OVN", _FIXED, only_with="."),
)
"""Annotations, in the order in which they are reported."""


def identities_in(
    annotations: Mapping[str, object], place: Place, kind: GroupKind
) -> Iterator[tuple[str, str, Identity]]:
    """Yield key, value and row of every annotation of an object of a kind that is an identity."""
    for key, value in annotations.items():
        for row in IDENTITIES:
            if row.place is place and row.kind in (None, kind) and row.is_for(key, value) and isinstance(value, str):
                yield key, value, row
                break


# Marks that the copies leave off without a finding, for the plan: who puts them there. Sources: `k8s.server_fields`. A
# trailing `*` is a prefix.
MARKS: dict[str, str] = {
    "app.kubernetes.io/instance": "Argo CD, Helm",
    "app.kubernetes.io/managed-by": "Helm",
    "meta.helm.sh/*": "Helm",
    "argocd.argoproj.io/*": "Argo CD",
    "argo-rollouts.argoproj.io/*": "Argo Rollouts",
    "kustomize.toolkit.fluxcd.io/*": "Flux",
    "helm.toolkit.fluxcd.io/*": "Flux",
    "applyset.kubernetes.io/*": "kubectl",
    "kapp.k14s.io/*": "kapp",
    "objectset.rio.cattle.io/*": "Rancher",
    "config.k8s.io/*": "kpt, Config Sync",
}


def owner_of_mark(key: str) -> str:
    """Return who puts a mark on objects, "" where that is nothing to tell."""
    return next(
        (owner for row, owner in MARKS.items() if (key.startswith(row[:-1]) if row.endswith("*") else key == row)), ""
    )
