"""What a release can ask of a gateway, and the words for how well a gateway does it.

Leaves to others: which features a release asks for (`analysis.traffic`), and each gateway's answers (`gateways`).
"""

from enum import StrEnum

from grayc.records import dataclass


class Feature(StrEnum):
    """Something that a release may ask of a gateway."""

    HEADER_EQUALS = "a header equals a value"
    HEADER_ONE_OF = "a header equals one of several values"
    HEADER_MATCHES = "a header matches a pattern"
    HEADER_SWITCH = "a header says `always` or `never`"
    TAGGED = "the lane's own carrier"
    QUERY_EQUALS = "a query parameter equals a value"
    QUERY_ONE_OF = "a query parameter equals one of several values"
    QUERY_MATCHES = "a query parameter matches a pattern"
    QUERY_SWITCH = "a query parameter says `always` or `never`"
    COOKIE_EQUALS = "a cookie equals a value"
    COOKIE_ONE_OF = "a cookie equals one of several values"
    COOKIE_MATCHES = "a cookie matches a pattern"
    COOKIE_SWITCH = "a cookie says `always` or `never`"
    ALL = "several conditions, all of them met"
    ALL_IN_ONE_PLACE = "two conditions of one `all` on one header, parameter or cookie, or more than three cookies"
    WEIGHT = "a share of all other requests"
    WEIGHT_BY_DIGITS = "a share by the last digits of a header or cookie"
    WEIGHT_BY_QUERY = "a share by the last digits of a query parameter"
    WEIGHT_BY_CLIENT = "a share that each client keeps"
    SEVERAL_HEADERS = "rules on several headers"
    SWITCH_BESIDE_VALUE = "`always` or `never` beside other values of the same header or other cookies"
    HEADER_BESIDE_COOKIE_VALUE = "a rule on a header beside a cookie's value"
    DIGITS_BESIDE_SWITCH = "a share by the last digits of a header beside a cookie that says `always` or `never`"
    QUERY_BESIDE_NEVER = "a query parameter beside a header or cookie behind it, one of which can say `never`"
    UNDERSCORE = "a header with `_` in its name"
    BEYOND_ASCII = "a value with signs outside ASCII"
    COLOUR = "the lane's header put on gray requests"
    COLOUR_MEMBER = "a member of `baggage` added to gray requests"
    COLOUR_ONLY = "an entry whose service is not released"


class Fit(StrEnum):
    """How well a gateway does what is asked."""

    EXACT = "exact"
    WEAKER = "weaker"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What one gateway makes of one feature.

    Attributes:
        how: what is emitted, for the matrix in the documents; for a weaker or refused one, the reason.
        help: what would work, where it is not exact.
    """

    fit: Fit = Fit.EXACT
    how: str
    help: str = ""
