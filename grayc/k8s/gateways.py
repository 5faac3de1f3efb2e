"""All that grayc knows of a gateway but how its objects are written (`gateways`) and read (`routing`).

A gateway is one row of `GATEWAYS`. Both packages bind a module to the row by its name, and a test holds the three sets
equal.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.k8s.abilities import Ability, Feature, Fit
from grayc.k8s.alb_ingresses import ALB_PREFIX
from grayc.k8s.ingress_controllers import ALIYUN_ALB, HIGRESS, INGRESS_NGINX, MSE, TRAEFIK
from grayc.k8s.kinds import GATEWAY, ISTIO, NETWORKING, GroupKind
from grayc.records import dataclass

INGRESS: GroupKind = (NETWORKING, "Ingress")
HTTP_ROUTE: GroupKind = (GATEWAY, "HTTPRoute")
GRPC_ROUTE: GroupKind = (GATEWAY, "GRPCRoute")
VIRTUAL_SERVICE: GroupKind = (ISTIO, "VirtualService")
INGRESS_ROUTE: GroupKind = ("traefik.io", "IngressRoute")

NGINX_PREFIX = "nginx.ingress.kubernetes.io/"
MSE_PREFIX = "mse.ingress.kubernetes.io/"
HIGRESS_PREFIX = "higress.io/"


class GatewayName(StrEnum):
    """The gateways of the release language."""

    MSE = "mse"
    HIGRESS = "higress"
    INGRESS_NGINX = "ingress-nginx"
    GATEWAY_API = "gateway-api"
    ISTIO = "istio"
    TRAEFIK = "traefik"
    ALIYUN_ALB = "aliyun-alb"


class Canaries(StrEnum):
    """How much one canary Ingress says."""

    NONE = "none"
    """The gateway has no canary Ingresses."""
    ONE_RULE = "one rule"
    """A header, a cookie or a share; any number of canaries may stand on a route."""
    ALL_RULES = "all rules"
    """A header, a cookie and a share; one canary of a route is read."""
    ALL_MET = "all met"
    """A header and a cookie, both of which are asked, or a share alone; any number of canaries may stand on a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRow:
    """A gateway.

    Attributes:
        abilities: what it makes of each feature; a row for every one.
        guard: how the baseline's own routes drop the lane's header.
        entry_kinds: kinds of its entries, the usual one first.
        class_name: the IngressClass that its installation makes; "" for a gateway that reads no Ingress.
        controllers: products, by their names in `ingress_controllers`, whose Ingresses it opens.
        by_name_of: products whose classes it may read besides, since it compares the name of a class alone; what it
            does read is a setting, so a row of `entries` says so. Only such as take a canary for a canary.
        groups: API groups whose objects all speak to it.
        canaries: how much one canary says.
        prefixes: of the annotations that it reads on an Ingress, its own first.
        takes_target_port: the port of a backend may be a `targetPort` of its Service, too.
        repeated: annotations, by their name after the prefix, that a canary repeats from its base; it may carry no
            other. A trailing `*` stands for any ending.
        one_lane: why two releases cannot open one route, as the end of a sentence; "" where they can.
        one_lane_beside_weight: the same, where one of them has a share.
        shares_by_total: it takes the shares on one route as parts of the total that the first of them names.
        opens_baseline: an entry is opened in the baseline's own object.
        oldest_first: of two canaries that a request meets, it asks the older one.
        values_beside: how a header's values are written depends on what other lanes ask on the same hosts.
        beside: what it makes of entries that it opens by a route of another kind, those of its `entry_kinds` and the
            Ingresses of its `controllers`; None where it opens all entries alike.
    """

    abilities: Mapping[Feature, Ability]
    guard: Ability
    entry_kinds: tuple[GroupKind, ...]
    class_name: str = ""
    controllers: tuple[str, ...] = ()
    by_name_of: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    canaries: Canaries = Canaries.NONE
    prefixes: tuple[str, ...] = ()
    takes_target_port: bool = False
    repeated: tuple[str, ...] = ()
    one_lane: str = ""
    one_lane_beside_weight: str = ""
    shares_by_total: bool = False
    opens_baseline: bool = False
    oldest_first: bool = False
    values_beside: bool = False
    beside: "GatewayRow | None" = None

    def of(self, kind: GroupKind, product: str) -> "GatewayRow":
        """Return what it makes of an entry of a kind; of an Ingress, of one that a product reads."""
        row = self.beside
        is_beside = row is not None and (kind in row.entry_kinds or (kind == INGRESS and product in row.controllers))
        return row if row is not None and is_beside else self


_NO_QUERY = Ability(
    fit=Fit.REFUSED,
    how="no annotation of a canary asks for a query parameter",
    help="let the client send it as a header or cookie, or choose gateway `mse`, `gateway-api` or `istio`",
)
_ASKS_NO_QUERY: dict[Feature, Ability] = dict.fromkeys(
    (Feature.QUERY_EQUALS, Feature.QUERY_ONE_OF, Feature.QUERY_MATCHES, Feature.QUERY_SWITCH), _NO_QUERY
) | {
    Feature.WEIGHT_BY_QUERY: Ability(
        fit=Fit.REFUSED,
        how="no annotation of a canary asks for a query parameter",
        help="write `by: {header: NAME}` or `by: {cookie: NAME}`, or choose gateway `mse`, `gateway-api` or `istio`",
    ),
    Feature.QUERY_BESIDE_NEVER: _NO_QUERY,
}
_NOT_ALL: Mapping[Feature, Ability] = dict.fromkeys(
    (Feature.ALL, Feature.ALL_IN_ONE_PLACE),
    Ability(
        fit=Fit.REFUSED,
        how="a canary asks for one header, cookie or share, not for several at once",
        help="ask for the one header, cookie or account that only such clients have, or choose gateway "
        "`aliyun-alb`, `gateway-api` or `istio`",
    ),
)
_KEEPS_NO_CLIENT = Ability(
    fit=Fit.REFUSED,
    how="it has no cookie of its own that keeps a client on one side of a share",
    help="write `by: {header: NAME}` or `by: {cookie: NAME}` with what tells users apart",
)
_BY_SESSION_COOKIE = Ability(
    how="`canary-weight`, and the session cookie of an Ingress that has `affinity: cookie`; GC549 where it has none"
)
_BY_WILDCARDS = Ability(how="a value with `*` and `?`, where they say the same; GC554 where they do not")
_OF_ENDINGS = Ability(how="values of the endings behind a `*`; GC554 for hexadecimal ones of a cookie or parameter")
_ONE_IN_A_MATCH = Ability(
    fit=Fit.REFUSED,
    how="a match has room for one condition on a header, parameter or cookie",
    help="write one `pattern` for both, or move one of them to a header of its own",
)
_TAGGED_AS_VALUE = Ability(
    how="as a header that equals a value, the tag; a member of `baggage` by a pattern that lets other members stand"
)

_OF_ONE_RULE: dict[Feature, Ability] = {
    Feature.HEADER_EQUALS: Ability(how="an anchored `canary-by-header-pattern`"),
    Feature.HEADER_ONE_OF: Ability(how="one `canary-by-header-pattern` of all values"),
    Feature.HEADER_MATCHES: Ability(how="`canary-by-header-pattern`"),
    Feature.HEADER_SWITCH: Ability(how="`canary-by-header`, and a canary back to the baseline for `never`"),
    Feature.TAGGED: _TAGGED_AS_VALUE,
    Feature.COOKIE_EQUALS: Ability(how="`canary-by-header: cookie` with a pattern"),
    Feature.COOKIE_ONE_OF: Ability(how="one `canary-by-header: cookie` with a pattern of all values"),
    Feature.COOKIE_MATCHES: Ability(how="`canary-by-header: cookie` with a pattern"),
    Feature.COOKIE_SWITCH: Ability(how="`canary-by-cookie`, and a canary back to the baseline for `never`"),
    **_NOT_ALL,
    Feature.WEIGHT: Ability(how="`canary-weight`, with a total that survives the gateway's rounding"),
    Feature.WEIGHT_BY_DIGITS: Ability(how="a pattern of the endings"),
    Feature.WEIGHT_BY_CLIENT: _KEEPS_NO_CLIENT,
    Feature.DIGITS_BESIDE_SWITCH: Ability(how="a canary for each"),
    Feature.SEVERAL_HEADERS: Ability(how="a canary for each"),
    Feature.SWITCH_BESIDE_VALUE: Ability(how="a canary for each"),
    Feature.HEADER_BESIDE_COOKIE_VALUE: Ability(how="a canary for each"),
    Feature.UNDERSCORE: Ability(how="as any other name"),
    Feature.BEYOND_ASCII: Ability(
        fit=Fit.REFUSED,
        how="bytes outside ASCII are compared in a way that differs between matchers",
        help="use an ASCII value, such as an id",
    ),
    Feature.COLOUR: Ability(how="`request-header-control-update` on the canary"),
    Feature.COLOUR_MEMBER: Ability(how="`request-header-control-add` on the canary, which leaves other members"),
    Feature.COLOUR_ONLY: Ability(how="a canary to the baseline's own Service"),
}
"""What MSE and Higress make of each feature."""

_OF_ALL_RULES: Mapping[Feature, Ability] = {
    Feature.HEADER_EQUALS: Ability(how="`canary-by-header` with an anchored `canary-by-header-pattern`"),
    Feature.HEADER_ONE_OF: Ability(how="one `canary-by-header-pattern` of all values"),
    Feature.HEADER_MATCHES: Ability(how="`canary-by-header-pattern`"),
    Feature.HEADER_SWITCH: Ability(how="`canary-by-header`"),
    Feature.TAGGED: Ability(how="`canary-by-header` with an anchored `canary-by-header-pattern`: nothing need add it"),
    **_ASKS_NO_QUERY,
    Feature.COOKIE_EQUALS: Ability(how="`canary-by-header: cookie` with a pattern"),
    Feature.COOKIE_ONE_OF: Ability(how="`canary-by-header: cookie` with one pattern of all values"),
    Feature.COOKIE_MATCHES: Ability(how="`canary-by-header: cookie` with a pattern"),
    Feature.COOKIE_SWITCH: Ability(how="`canary-by-cookie`"),
    **_NOT_ALL,
    Feature.WEIGHT: Ability(how="`canary-weight`"),
    Feature.WEIGHT_BY_DIGITS: Ability(how="a `canary-by-header-pattern` of the endings"),
    Feature.WEIGHT_BY_CLIENT: _BY_SESSION_COOKIE,
    Feature.DIGITS_BESIDE_SWITCH: Ability(
        fit=Fit.REFUSED,
        how="the header is asked before the cookie, whose `never` would come too late",
        help="ask the header alone, or draw the share without `by`; or choose gateway `higress` or `mse`",
    ),
    Feature.SEVERAL_HEADERS: Ability(
        fit=Fit.REFUSED,
        how="one canary has room for one header, and a second canary is not read",
        help="write the rules on one header, or choose gateway `higress` or `mse`",
    ),
    Feature.SWITCH_BESIDE_VALUE: Ability(
        fit=Fit.REFUSED,
        how="a header or cookie is asked for `always` and `never` or for other values, not for both",
        help="write `always` as one of the `values`, or choose gateway `higress` or `mse`",
    ),
    Feature.HEADER_BESIDE_COOKIE_VALUE: Ability(
        fit=Fit.REFUSED,
        how="a cookie's value takes the room of the one header",
        help="ask the header alone, or let the cookie say `always`; or choose gateway `higress` or `mse`",
    ),
    Feature.BEYOND_ASCII: Ability(
        fit=Fit.REFUSED,
        how="bytes outside ASCII are compared in a way that differs between matchers",
        help="use an ASCII value, such as an id",
    ),
    Feature.COLOUR: Ability(
        fit=Fit.WEAKER,
        how="nothing adds the lane's header to the requests of a canary, so only the entry service is gray for sure",
        help="where services call each other by addresses, write `lane: {provider: address}`, which needs no header; "
        "let the clients send `{carrier}` and write the rule `{tagged: true}`; choose a gateway that adds it; "
        "or accept that what the gray entry calls is gray only where its own agent colours the call",
    ),
    Feature.COLOUR_MEMBER: Ability(
        fit=Fit.REFUSED,
        how="nothing adds a member to `baggage`",
        help="let the clients send `{carrier}` and write the rule `{tagged: true}`; choose gateway `higress`, `mse`, "
        "`gateway-api` or `istio`; or name a header of the lane's own with `lane.header`",
    ),
    Feature.COLOUR_ONLY: Ability(
        fit=Fit.REFUSED,
        how="a canary to its base's own Service is no canary, and nothing adds the lane's header",
        help="release the entry's service too, or choose gateway `higress` or `mse`",
    ),
}
"""What ingress-nginx and Traefik make of each feature, but for what their rows add."""

# What binds a canary to its base (use-regex to match-method), and what belongs to the Service behind it rather than to
# the route (the rest).
# Source: higress annotations.go NeedRegexMatch, ingressv1/controller.go createRuleKey, ConvertTrafficPolicy.
_REPEATED_BY_HIGRESS = (
    "use-regex",
    "rewrite-target",
    "full-path-regex",
    "match-method",
    "backend-protocol",
    "load-balance",
    "upstream-hash-by*",
    "affinity*",
    "session-cookie-*",
    "proxy-ssl-*",
    "warmup",
)
# What a canary does not take from its base. Source: ingress-nginx controller.go createUpstreams.
_REPEATED_BY_NGINX = ("load-balance", "upstream-hash-by", "upstream-hash-by-*", "service-upstream")

# Source: ingress-nginx controller.go mergeAlternativeBackends.
_ONE_CANARY = "reads one canary of a route: nobody would enter the other lane"

_A_MATCHER = Ability(how="`Header`")
# Source: traefik/traefik v3.7.13 pkg/muxer/http/matcher.go, pkg/provider/kubernetes/crd/kubernetes_http.go.
_INGRESS_ROUTES = GatewayRow(
    abilities={
        Feature.HEADER_EQUALS: _A_MATCHER,
        Feature.HEADER_ONE_OF: Ability(how="a `Header` for each value, with `||` between them"),
        Feature.HEADER_MATCHES: Ability(how="`HeaderRegexp`"),
        Feature.HEADER_SWITCH: Ability(how="`Header`, and `!Header` for `never`"),
        Feature.TAGGED: _TAGGED_AS_VALUE,
        Feature.QUERY_EQUALS: Ability(how="`Query`, of the value as Traefik decodes it"),
        Feature.QUERY_ONE_OF: Ability(how="a `Query` for each value, with `||` between them"),
        Feature.QUERY_MATCHES: Ability(how="`QueryRegexp`, of the value as Traefik decodes it"),
        Feature.QUERY_SWITCH: Ability(how="`Query`, and `!Query` for `never`"),
        Feature.COOKIE_EQUALS: Ability(how="`HeaderRegexp` of `Cookie`"),
        Feature.COOKIE_ONE_OF: Ability(how="one `HeaderRegexp` of `Cookie` of all values"),
        Feature.COOKIE_MATCHES: Ability(how="`HeaderRegexp` of `Cookie`"),
        Feature.COOKIE_SWITCH: Ability(how="`HeaderRegexp` of `Cookie`, and its `!` for `never`"),
        Feature.ALL: Ability(how="`&&` between them"),
        Feature.ALL_IN_ONE_PLACE: Ability(how="`&&` between them"),
        Feature.WEIGHT: Ability(how="a TraefikService with weights; every proxy counts, none draws lots"),
        Feature.WEIGHT_BY_DIGITS: Ability(how="`HeaderRegexp` of the endings"),
        Feature.WEIGHT_BY_QUERY: Ability(how="`QueryRegexp` of the endings"),
        Feature.WEIGHT_BY_CLIENT: Ability(how="a TraefikService with weights and a cookie of its own"),
        Feature.DIGITS_BESIDE_SWITCH: Ability(how="one rule of both"),
        Feature.QUERY_BESIDE_NEVER: Ability(how="one rule of both"),
        Feature.SEVERAL_HEADERS: Ability(how="one rule of all"),
        Feature.SWITCH_BESIDE_VALUE: Ability(how="one rule of both"),
        Feature.HEADER_BESIDE_COOKIE_VALUE: Ability(how="one rule of both"),
        Feature.UNDERSCORE: Ability(how="as any other name"),
        Feature.BEYOND_ASCII: Ability(
            fit=Fit.REFUSED,
            how="bytes outside ASCII are compared in a way that differs between matchers",
            help="use an ASCII value, such as an id",
        ),
        Feature.COLOUR: Ability(
            how="a Middleware with `headers.customRequestHeaders`; beside a drawn share on the gray Service, which "
            "takes Traefik 3.7"
        ),
        Feature.COLOUR_MEMBER: Ability(
            fit=Fit.REFUSED,
            how="a Middleware's `customRequestHeaders` puts its text in the place of what clients send",
            help="let the clients send `{carrier}` and write the rule `{tagged: true}`; choose gateway `higress`, "
            "`mse`, `gateway-api` or `istio`; or name a header of the lane's own with `lane.header`",
        ),
        Feature.COLOUR_ONLY: Ability(how="a Middleware with `headers.customRequestHeaders`"),
    },
    guard=Ability(
        fit=Fit.REFUSED,
        how="what drops a header is a Middleware, and a patch of production's routes cannot bring that object along",
        help="give production's routes a Middleware whose `headers.customRequestHeaders` names the header with an "
        "empty text, or write `guard: false` in `spec.traffic`",
    ),
    entry_kinds=(INGRESS_ROUTE,),
    controllers=(TRAEFIK,),
    one_lane_beside_weight="leaves it to chance which of two routers of one priority has a request",
)
"""What Traefik makes of entries of its own: IngressRoutes, and Ingresses of its own class."""

GATEWAYS: Mapping[GatewayName, GatewayRow] = {
    # Source: Alibaba Cloud help, "Annotations supported by MSE Ingress gateways"; what it leaves open, as Higress does.
    GatewayName.MSE: GatewayRow(
        abilities=_OF_ONE_RULE
        | {
            Feature.HEADER_EQUALS: Ability(
                how="`canary-by-header-value` for a value of letters, digits, `-` and `_` where no switch and no other "
                "lane asks the header; else an anchored `canary-by-header-pattern`"
            ),
            Feature.QUERY_EQUALS: Ability(
                how="`canary-by-query-value` for a value of letters, digits, `-` and `_`; else an anchored "
                "`canary-by-query-pattern`"
            ),
            Feature.QUERY_ONE_OF: Ability(how="one `canary-by-query-pattern` of all values"),
            Feature.QUERY_MATCHES: Ability(how="`canary-by-query-pattern`"),
            Feature.QUERY_SWITCH: Ability(how="`canary-by-query`, and a canary back to the baseline for `never`"),
            Feature.WEIGHT_BY_QUERY: Ability(how="a `canary-by-query-pattern` of the endings"),
            Feature.QUERY_BESIDE_NEVER: Ability(
                fit=Fit.REFUSED,
                how="it asks headers, cookies among them, before the query, so a `never` would come too late or too "
                "early",
                help="give the switch a `value`, or ask all rules of one header",
            ),
        },
        guard=Ability(how=f"`{MSE_PREFIX}request-header-control-remove` on the baseline's own Ingress"),
        entry_kinds=(INGRESS,),
        class_name="mse",
        controllers=(MSE,),
        # Source: Alibaba Cloud help, "Migrate from Nginx Ingress to MSE Ingress": Ingresses keep the class `nginx`.
        by_name_of=(INGRESS_NGINX, HIGRESS),
        canaries=Canaries.ONE_RULE,
        values_beside=True,
        prefixes=(MSE_PREFIX, NGINX_PREFIX),
        repeated=_REPEATED_BY_HIGRESS,
        shares_by_total=True,
        oldest_first=True,
    ),
    # Source: alibaba/higress 4e0d691, pkg/ingress/kube/annotations and pkg/ingress/config/ingress_config.go.
    GatewayName.HIGRESS: GatewayRow(
        abilities=_OF_ONE_RULE | _ASKS_NO_QUERY,
        guard=Ability(how=f"`{HIGRESS_PREFIX}request-header-control-remove` on the baseline's own Ingress"),
        entry_kinds=(INGRESS,),
        class_name="higress",
        controllers=(HIGRESS,),
        # Source: alibaba/higress 2.2.1 pkg/ingress/kube/ingressv1/controller.go, shouldProcessIngressWithClass: it
        # compares its setting `ingressClass` with the name of the class, and `spec.controller` with nothing.
        by_name_of=(INGRESS_NGINX, MSE),
        groups=("networking.higress.io", "extensions.higress.io"),
        canaries=Canaries.ONE_RULE,
        prefixes=(HIGRESS_PREFIX, NGINX_PREFIX),
        repeated=_REPEATED_BY_HIGRESS,
        shares_by_total=True,
        oldest_first=True,
    ),
    # Source: kubernetes/ingress-nginx dbb11b9, docs/user-guide/nginx-configuration/annotations.md, "Canary".
    GatewayName.INGRESS_NGINX: GatewayRow(
        abilities={
            **_OF_ALL_RULES,
            Feature.COOKIE_SWITCH: Ability(how="`canary-by-cookie`; the cookie's name in any case"),
            Feature.UNDERSCORE: Ability(
                fit=Fit.REFUSED,
                how="headers with `_` in their names are dropped unless the controller is set otherwise",
                help="write the name with `-`",
            ),
        },
        guard=Ability(
            fit=Fit.REFUSED,
            how="an Ingress cannot drop a header but by a snippet, which clusters rightly forbid",
            help="drop it in front of the gateway, or write `guard: false` in `spec.traffic`",
        ),
        entry_kinds=(INGRESS,),
        class_name="nginx",
        controllers=(INGRESS_NGINX,),
        canaries=Canaries.ALL_RULES,
        prefixes=(NGINX_PREFIX,),
        # Source: kubernetes/ingress-nginx 1.15.1 internal/ingress/controller/controller.go, serviceEndpoints.
        takes_target_port=True,
        repeated=_REPEATED_BY_NGINX,
        one_lane=_ONE_CANARY,
    ),
    # Source: traefik/traefik fd5a576, pkg/provider/kubernetes/ingress-nginx; of its own routes see above.
    GatewayName.TRAEFIK: GatewayRow(
        abilities={
            **_OF_ALL_RULES,
            Feature.WEIGHT: Ability(how="`canary-weight`; every proxy counts, none draws lots"),
            Feature.UNDERSCORE: Ability(how="as any other name"),
        },
        guard=Ability(
            fit=Fit.REFUSED,
            how="the provider has no annotation that drops a header",
            help="drop it with a middleware of the entry point, or write `guard: false` in `spec.traffic`",
        ),
        entry_kinds=(INGRESS, INGRESS_ROUTE),
        class_name="traefik",
        # Those of its provider for ingress-nginx; those of its own get an IngressRoute.
        controllers=(INGRESS_NGINX, TRAEFIK),
        groups=("traefik.io",),
        canaries=Canaries.ALL_RULES,
        prefixes=(NGINX_PREFIX,),
        repeated=_REPEATED_BY_NGINX,
        one_lane=_ONE_CANARY,
        beside=_INGRESS_ROUTES,
    ),
    # Source: kubernetes-sigs/gateway-api 4564255, apis/v1/httproute_types.go.
    GatewayName.GATEWAY_API: GatewayRow(
        abilities={
            Feature.HEADER_EQUALS: Ability(how="a header match of type Exact"),
            Feature.HEADER_ONE_OF: Ability(how="a match of type Exact for each value"),
            Feature.HEADER_MATCHES: Ability(
                how="a header match of type RegularExpression, anchored for every implementation"
            ),
            Feature.HEADER_SWITCH: Ability(how="`always`, and a rule back to the baseline for `never`"),
            Feature.TAGGED: _TAGGED_AS_VALUE,
            Feature.QUERY_EQUALS: Ability(how="a query match of type Exact; a GRPCRoute has none (GC553)"),
            Feature.QUERY_ONE_OF: Ability(how="a match of type Exact for each value"),
            Feature.QUERY_MATCHES: Ability(
                how="a query match of type RegularExpression, anchored for every implementation"
            ),
            Feature.QUERY_SWITCH: Ability(how="`always`, and a rule back to the baseline for `never`"),
            Feature.COOKIE_EQUALS: Ability(how="a RegularExpression on `cookie`"),
            Feature.COOKIE_ONE_OF: Ability(how="one RegularExpression on `cookie` of all values"),
            Feature.COOKIE_MATCHES: Ability(how="a RegularExpression on `cookie`"),
            Feature.COOKIE_SWITCH: Ability(
                how="a RegularExpression on `cookie`, and a rule back to the baseline for `never`"
            ),
            Feature.ALL: Ability(how="all of them in one match"),
            Feature.ALL_IN_ONE_PLACE: _ONE_IN_A_MATCH,
            Feature.WEIGHT: Ability(
                how="`weight` of the backends, in a match for each of the nine methods of the API (GC530); in a "
                "GRPCRoute in one that asks for its `content-type`"
            ),
            Feature.WEIGHT_BY_DIGITS: Ability(how="a RegularExpression of the endings"),
            Feature.WEIGHT_BY_QUERY: Ability(how="a RegularExpression of the endings"),
            Feature.WEIGHT_BY_CLIENT: Ability(
                fit=Fit.REFUSED,
                how="`sessionPersistence` keeps a client on one pod of a backend, and what it keeps where backends "
                "share requests is not the same in all implementations",
                help="write `by: {header: NAME}` or `by: {cookie: NAME}` with what tells users apart",
            ),
            Feature.DIGITS_BESIDE_SWITCH: Ability(how="a rule for each"),
            Feature.QUERY_BESIDE_NEVER: Ability(how="a rule for each, and one for what meets both"),
            Feature.SEVERAL_HEADERS: Ability(how="a rule for each"),
            Feature.SWITCH_BESIDE_VALUE: Ability(how="a rule for each"),
            Feature.HEADER_BESIDE_COOKIE_VALUE: Ability(how="a rule for each"),
            Feature.UNDERSCORE: Ability(how="as any other name"),
            Feature.BEYOND_ASCII: Ability(
                fit=Fit.REFUSED,
                how="bytes outside ASCII are compared in a way that differs between implementations",
                help="use an ASCII value, such as an id",
            ),
            Feature.COLOUR: Ability(how="a RequestHeaderModifier on the gray rules"),
            Feature.COLOUR_MEMBER: Ability(how="`add` of a RequestHeaderModifier, which leaves other members"),
            Feature.COLOUR_ONLY: Ability(how="a RequestHeaderModifier, and the baseline's own backends"),
        },
        guard=Ability(how="a RequestHeaderModifier on the baseline's own rules"),
        entry_kinds=(HTTP_ROUTE, GRPC_ROUTE),
        groups=(GATEWAY,),
        one_lane_beside_weight="gives a route with a weight all requests that the other's rules ask for",
    ),
    # Source: istio/api b8f8791, networking/v1alpha3/virtual_service.proto.
    GatewayName.ISTIO: GatewayRow(
        abilities={
            Feature.HEADER_EQUALS: Ability(how="`headers` with `exact`"),
            Feature.HEADER_ONE_OF: Ability(how="a match with `exact` for each value"),
            Feature.HEADER_MATCHES: Ability(how="`headers` with an anchored `regex`"),
            Feature.HEADER_SWITCH: Ability(how="`always`, and a route back to the baseline for `never`"),
            Feature.TAGGED: _TAGGED_AS_VALUE,
            Feature.QUERY_EQUALS: Ability(how="`queryParams` with `exact`"),
            Feature.QUERY_ONE_OF: Ability(how="a match with `exact` for each value"),
            Feature.QUERY_MATCHES: Ability(how="`queryParams` with an anchored `regex`"),
            Feature.QUERY_SWITCH: Ability(how="`always`, and a route back to the baseline for `never`"),
            Feature.COOKIE_EQUALS: Ability(how="a `regex` on `cookie`"),
            Feature.COOKIE_ONE_OF: Ability(how="one `regex` on `cookie` of all values"),
            Feature.COOKIE_MATCHES: Ability(how="a `regex` on `cookie`"),
            Feature.COOKIE_SWITCH: Ability(how="a `regex` on `cookie`, and a route back to the baseline for `never`"),
            Feature.ALL: Ability(how="all of them in one match"),
            Feature.ALL_IN_ONE_PLACE: _ONE_IN_A_MATCH,
            Feature.WEIGHT: Ability(how="`weight` of the destinations"),
            Feature.WEIGHT_BY_DIGITS: Ability(how="a `regex` of the endings"),
            Feature.WEIGHT_BY_QUERY: Ability(how="a `regex` of the endings"),
            Feature.WEIGHT_BY_CLIENT: Ability(
                fit=Fit.REFUSED,
                how="a `consistentHash` keeps a client on one pod of a destination, and which destination it gets is "
                "drawn for each request",
                help="write `by: {header: NAME}` or `by: {cookie: NAME}` with what tells users apart",
            ),
            Feature.DIGITS_BESIDE_SWITCH: Ability(how="a route for each"),
            Feature.QUERY_BESIDE_NEVER: Ability(how="a route for each"),
            Feature.SEVERAL_HEADERS: Ability(how="a route for each"),
            Feature.SWITCH_BESIDE_VALUE: Ability(how="a route for each"),
            Feature.HEADER_BESIDE_COOKIE_VALUE: Ability(how="a route for each"),
            Feature.UNDERSCORE: Ability(how="as any other name"),
            Feature.BEYOND_ASCII: Ability(
                fit=Fit.REFUSED,
                how="bytes outside ASCII are compared in a way that differs between matchers",
                help="use an ASCII value, such as an id",
            ),
            Feature.COLOUR: Ability(how="`headers.request.set` on the gray routes"),
            Feature.COLOUR_MEMBER: Ability(how="`headers.request.add` on the gray routes, which leaves other members"),
            Feature.COLOUR_ONLY: Ability(how="`headers.request.set`, and the baseline's own destinations"),
        },
        guard=Ability(how="`headers.request.remove` on the baseline's own routes"),
        entry_kinds=(VIRTUAL_SERVICE,),
        groups=(ISTIO,),
        one_lane="has the rules of both in one VirtualService, which each would write for itself",
        opens_baseline=True,
    ),
    # Source: alibaba/alibaba-load-balancer-controller c277108, pkg/controller/ingress/reconcile; Alibaba Cloud help,
    # "Perform canary releases by using ALB Ingresses", "Customize forwarding rules for an ALB Ingress", "CreateRule".
    GatewayName.ALIYUN_ALB: GatewayRow(
        abilities={
            Feature.HEADER_EQUALS: Ability(how="`canary-by-header` and `canary-by-header-value`; GC554 for odd signs"),
            Feature.HEADER_ONE_OF: Ability(how="an Ingress with `conditions.SERVICE`, one for every six values"),
            Feature.HEADER_MATCHES: _BY_WILDCARDS,
            Feature.HEADER_SWITCH: Ability(how="a canary for `always`, and one back to the baseline for `never`"),
            Feature.TAGGED: Ability(how="as a header that equals a value, the tag; GC554 for a member of `baggage`"),
            Feature.QUERY_EQUALS: Ability(how="an Ingress with `conditions.SERVICE`; GC554 for capitals and odd signs"),
            Feature.QUERY_ONE_OF: Ability(how="an Ingress with `conditions.SERVICE`, one for every six values"),
            Feature.QUERY_MATCHES: _BY_WILDCARDS,
            Feature.QUERY_SWITCH: Ability(
                how="an Ingress with `conditions.SERVICE` for `always`, and one back to the baseline for `never`"
            ),
            Feature.COOKIE_EQUALS: Ability(
                how="an Ingress with `conditions.SERVICE`; GC554 for capitals and odd signs"
            ),
            Feature.COOKIE_ONE_OF: Ability(how="an Ingress with `conditions.SERVICE`, one for every six values"),
            Feature.COOKIE_MATCHES: _BY_WILDCARDS,
            Feature.COOKIE_SWITCH: Ability(
                how="`canary-by-cookie`, and an Ingress with `conditions.SERVICE` back to the baseline for `never`"
            ),
            Feature.ALL: Ability(how="`conditions.SERVICE`, all of which are asked"),
            Feature.ALL_IN_ONE_PLACE: Ability(how="`conditions.SERVICE`, all of which are asked"),
            Feature.WEIGHT: Ability(how="`canary-weight`, on a canary of its own"),
            Feature.WEIGHT_BY_DIGITS: _OF_ENDINGS,
            Feature.WEIGHT_BY_QUERY: _OF_ENDINGS,
            Feature.WEIGHT_BY_CLIENT: _KEEPS_NO_CLIENT,
            Feature.DIGITS_BESIDE_SWITCH: Ability(how="an Ingress for each"),
            Feature.QUERY_BESIDE_NEVER: Ability(how="an Ingress for each"),
            Feature.SEVERAL_HEADERS: Ability(how="a canary for each"),
            Feature.SWITCH_BESIDE_VALUE: Ability(how="a canary for each"),
            Feature.HEADER_BESIDE_COOKIE_VALUE: Ability(how="an Ingress for each"),
            Feature.UNDERSCORE: Ability(how="as any other name"),
            Feature.BEYOND_ASCII: Ability(
                fit=Fit.REFUSED,
                how="a condition takes printable ASCII alone",
                help="use an ASCII value, such as an id",
            ),
            Feature.COLOUR: Ability(how="`InsertHeader` in `actions.SERVICE`; a share that is drawn gets none (GC508)"),
            Feature.COLOUR_MEMBER: Ability(
                fit=Fit.REFUSED,
                how="`InsertHeader` puts its text in the place of what clients send",
                help="choose gateway `higress`, `mse`, `gateway-api` or `istio`; or name a header of the lane's own "
                "with `lane.header`",
            ),
            Feature.COLOUR_ONLY: Ability(how="a canary to the baseline's own Service, with `InsertHeader`"),
        },
        guard=Ability(how="`RemoveHeader` in `actions.SERVICE` on the baseline's own Ingress"),
        entry_kinds=(INGRESS,),
        class_name="alb",
        controllers=(ALIYUN_ALB,),
        canaries=Canaries.ALL_MET,
        prefixes=(ALB_PREFIX, NGINX_PREFIX),
    ),
}
"""Gateway → its row, in the order in which pages list them."""

CANARY_MARKS = tuple(dict.fromkeys(f"{prefix}canary" for row in GATEWAYS.values() for prefix in row.prefixes))
"""Annotations by which some gateway takes an Ingress for a canary."""


def serves_ingresses(row: GatewayRow) -> bool:
    """Tell whether a gateway's entries are Ingresses."""
    return INGRESS in row.entry_kinds


def is_repeated(annotation: str, row: GatewayRow) -> bool:
    """Tell whether a canary repeats an annotation of its base.

    Args:
        annotation: its name after the prefix.
    """
    return any(
        annotation.startswith(known[:-1]) if known.endswith("*") else annotation == known for known in row.repeated
    )
