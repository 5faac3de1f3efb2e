"""All that grayc knows of what carries calls into the lane, but how a mesh's routes are written (`meshes`).

A provider is one row of `PROVIDERS`. A mesh's module is bound to the row by its name, and a test holds both equal.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.records import dataclass


class Provider(StrEnum):
    """How calls between services follow the tag."""

    MSE = "mse"
    ISTIO = "istio"
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
        has_agent: an agent in the pods routes calls by their labels, and passes the tag on.
        routes_calls: objects of a mesh route calls by the header.
        needs_header: something behind the entry may read the lane's header.
        rewrites_text: gray copies name the gray Services, unless a service says otherwise.
    """

    header: str
    has_agent: bool = False
    routes_calls: bool = False
    needs_header: bool = True
    rewrites_text: bool = False

    @property
    def carries_calls(self) -> bool:
        """Tell whether anything brings a call to a gray copy that does not name it."""
        return self.has_agent or self.routes_calls


PROVIDERS: Mapping[Provider, ProviderRow] = {
    # Source: Alibaba Cloud MSE, full-link gray release: the agent routes by the label `alicloud.service.tag`.
    Provider.MSE: ProviderRow(header="x-mse-tag", has_agent=True),
    # Source: Istio 1.27 reference, VirtualService.
    Provider.ISTIO: ProviderRow(header="x-gray-tag", routes_calls=True),
    # Source: release language, `spec.lane.provider`, as of the row below.
    Provider.ADDRESS: ProviderRow(header="x-gray-tag", needs_header=False, rewrites_text=True),
    Provider.NONE: ProviderRow(header="x-gray-tag"),
}
"""Provider → its row."""
