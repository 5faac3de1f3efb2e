"""Kinds whose objects are about a Service by their own name: a copy by a name of the lane would be about none."""

from grayc.k8s.kinds import GroupKind
from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class NamedByService:
    """A row of `NAMED_BY_SERVICE`.

    Attributes:
        gives: what it gives the Service.
        is_host: the name is a host of the Service, not its bare name.
    """

    gives: str
    is_host: bool = False


_CONSUL = "consul.hashicorp.com"

# Sources: linkerd.io 2.18, "Service Profiles" (the name is the FQDN of the Service); hashicorp/consul-k8s 1.6
# api/v1alpha1 (the name of a configuration entry is the service's).
NAMED_BY_SERVICE: dict[GroupKind, NamedByService] = {
    ("linkerd.io", "ServiceProfile"): NamedByService("routes, retries and timeouts", is_host=True),
    (_CONSUL, "ServiceDefaults"): NamedByService("the protocol and limits"),
    (_CONSUL, "ServiceResolver"): NamedByService("subsets and failover"),
    (_CONSUL, "ServiceRouter"): NamedByService("routes"),
    (_CONSUL, "ServiceSplitter"): NamedByService("shares"),
}
