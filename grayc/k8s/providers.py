"""All that grayc knows of what carries calls into the lane, but how a mesh's routes are written (`meshes`).

A provider is one row of `PROVIDERS`. A mesh's module is bound to the row by its name, and a test holds both equal.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.k8s import istio_mesh, service_routes
from grayc.k8s.profiles import Profile
from grayc.records import dataclass

MSE_TAG = "alicloud.service.tag"
"""Pod label that the MSE agent reads.

Source: Alibaba Cloud MSE, "label reference" of the Java agent.
"""


class Provider(StrEnum):
    """How calls between services follow the tag."""

    MSE = "mse"
    ISTIO = "istio"
    GATEWAY_API = "gateway-api"
    ADDRESS = "address"
    NONE = "none"


class Propagation(StrEnum):
    """What passes the lane's carrier on, from a request to the calls that it causes."""

    AGENT = "agent"
    OTEL = "otel"
    APP = "app"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """A lane provider.

    Attributes:
        header: carries the tag unless the spec names another.
        profile: marks the lane's objects, unless the spec names another.
        pod_label: of gray pods and of the selectors of their workloads, whose value is the tag; "" for none.
        has_agent: an agent in the pods routes calls by their labels, and passes the tag on.
        mesh_versions: versions of the objects by which a mesh routes calls by the header; () where none does.
        most_rules: that one of them may have; 0 for any number.
        has_parents: those are routes of the Gateway API, which are some Service's, and which several meshes read.
        needs_header: something behind the entry may read the lane's header.
        rewrites_text: gray copies name the gray Services, unless a service says otherwise.
    """

    header: str
    profile: Profile = Profile.PLAIN
    pod_label: str = ""
    has_agent: bool = False
    mesh_versions: tuple[str, ...] = ()
    most_rules: int = 0
    has_parents: bool = False
    needs_header: bool = True
    rewrites_text: bool = False

    @property
    def routes_calls(self) -> bool:
        """Tell whether objects of a mesh route calls by the header."""
        return bool(self.mesh_versions)

    @property
    def carries_calls(self) -> bool:
        """Tell whether anything brings a call to a gray copy that does not name it."""
        return self.has_agent or self.routes_calls


PROVIDERS: Mapping[Provider, ProviderRow] = {
    # Source: Alibaba Cloud MSE, full-link gray release: the agent routes by the label of its pods.
    Provider.MSE: ProviderRow(header="x-mse-tag", profile=Profile.ZADIG, pod_label=MSE_TAG, has_agent=True),
    # Source: Istio 1.27 reference, VirtualService.
    Provider.ISTIO: ProviderRow(header="x-gray-tag", mesh_versions=istio_mesh.API_VERSIONS),
    # Source: by row in `grayc.k8s.service_routes`.
    Provider.GATEWAY_API: ProviderRow(
        header="x-gray-tag",
        mesh_versions=service_routes.API_VERSIONS,
        most_rules=service_routes.MOST_RULES,
        has_parents=True,
    ),
    # Source: release language, `spec.lane.provider`, as of the row below.
    Provider.ADDRESS: ProviderRow(header="x-gray-tag", needs_header=False, rewrites_text=True),
    Provider.NONE: ProviderRow(header="x-gray-tag"),
}
"""Provider → its row."""


def provider_of(api_version: str) -> Provider:
    """Return the provider whose mesh's objects are of a version.

    Raises:
        StopIteration: there is none.
    """
    return next(name for name, row in PROVIDERS.items() if api_version in row.mesh_versions)


MESH_VERSIONS = tuple(version for row in PROVIDERS.values() for version in row.mesh_versions)
"""Versions of all meshes' objects."""
