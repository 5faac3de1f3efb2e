"""What the implementations of the Gateway API leave out, by the `controllerName` of their GatewayClasses."""

from collections.abc import Mapping

from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """An implementation without header matches of type RegularExpression, which the API leaves to each.

    Attributes:
        product: as messages call it.
        does: what it makes of such a match, as the end of a sentence.
        has_no_query: it takes no match of a query parameter either.
    """

    product: str
    does: str
    has_no_query: bool = False


NO_HEADER_EXPRESSIONS: Mapping[str, Lacking] = {
    # Source: Microsoft Q&A 1824077 (2024-08-01; its support confirmed it): the match is taken for one of any value. Its
    # documentation of later versions was not found to say otherwise.
    "alb.networking.azure.io/alb-controller": Lacking(
        product="Azure Application Gateway for Containers", does="lets every request in by it"
    ),
    # Source: aws/aws-application-networking-k8s, pkg/gateway/model_build_rule.go (updateRuleSpecWithHeaderMatches):
    # LATTICE_UNSUPPORTED_HEADER_MATCH_TYPE for all types but Exact, LATTICE_UNSUPPORTED_MATCH_TYPE for `queryParams`.
    "application-networking.k8s.aws/gateway-api-controller": Lacking(
        product="the AWS Gateway API Controller (VPC Lattice)", does="refuses the route that has it", has_no_query=True
    ),
}
"""`controllerName` → what it makes of such a match. Who is not here may have them or not."""
