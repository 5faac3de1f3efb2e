"""Why a call comes to a gray copy, does not, or is not seen to: reasons as data, and their English sentences.

Parts of sentences are reasons too: what pods lack, where an address stands, what leads to it.
"""

from collections.abc import Mapping
from enum import StrEnum


class HopWhy(StrEnum):
    """Every reason of a call; the value is its name in data, and keeps its meaning."""

    ADDRESS_UNSEEN = "address-unseen"
    AGENTS_BOTH = "agents-both"
    AGENT_NOT_SHOWN = "agent-not-shown"
    AGENT_OTHER_HEADER = "agent-other-header"
    AGENT_UNSEEN = "agent-unseen"
    AGENT_YIELDS = "agent-yields"
    ALIAS = "by-alias"
    AN_ARGUMENT = "in-an-argument"
    ARGUMENT = "in-argument"
    ASKS_NO_PROXY = "asks-no-proxy"
    BESIDE_REGISTRY = "beside-registry"
    BOTH_NAMED = "both-named"
    BY = "by"
    CALLERS_PODS = "pods-of-callers"
    CALLER_NOT_CARRIED = "caller-not-carried"
    CALLER_UNKNOWN = "caller-unknown"
    CALLS_PASS = "calls-pass"
    CALLS_PORT = "port-lacks"
    CALLS_UNLED = "calls-unled"
    CLUSTER_ADDRESS = "by-address"
    COPY_CALLS_PORT = "port-lacks-in-lane"
    DELEGATES = "delegates"
    DROPS_OPTIONS = "drops-options"
    ENCRYPTS = "encrypts"
    FILE = "in-file"
    FOLLOWED_INSTEAD = "followed-instead"
    FROM = "from-object"
    FROM_OUTSIDE = "from-outside"
    GATEWAY_PARENT = "gateway-parent"
    GATEWAY_UNSEEN = "waypoint-unseen"
    HAVE = "have"
    HAVE_PROXY = "have-proxy"
    HEADLESS = "headless"
    HOOK = "in-hook"
    ITS_PODS = "pods-of-it"
    LEADS_CONNECTIONS = "leads-connections"
    LED = "led"
    LED_AND = "led-and"
    LINK = "by-link"
    LOADS_NO_AGENT = "loads-no-agent"
    NAMESPACE_OFF = "namespace-off"
    NAMESPACE_UNSEEN = "namespace-unseen"
    NAMESPACE_WITHOUT = "namespace-without"
    NAMES_OTHER = "names-other"
    NAMES_OTHER_BY_LINK = "names-other-by-link"
    NOBODY_ASKS = "nobody-asks-for-sidecar"
    NODE_DNS = "node-dns"
    NODE_NETWORK = "node-network"
    NODE_NETWORK_ISTIO = "node-network-istio"
    NOT_EXPORTED = "route-not-exported"
    NO_ADDRESS = "no-address"
    NO_APP_PROTOCOL = "no-app-protocol"
    NO_GRAY_TO_LEAD = "no-gray-to-lead"
    NO_GRAY_TO_NAME = "no-gray-to-name"
    NO_HTTP_PORT = "no-http-port"
    NO_HTTP_ROUTES = "no-http-routes"
    NO_JVM = "no-jvm"
    NO_MESH_SEEN = "no-mesh-seen"
    NO_PORT = "no-port"
    NO_PROXY_OF = "no-proxy-of"
    NO_PROXY_READS = "no-proxy-reads"
    NO_ROUTE_TO = "no-route-to"
    NO_RULES = "no-rules"
    NO_RULE_LEADS = "no-rule-leads"
    NO_WAYPOINT = "no-waypoint"
    NO_WORKLOAD = "no-workload"
    NO_WORKLOAD_AGENT = "no-workload-agent"
    NO_WORKLOAD_READER = "no-workload-reader"
    NO_WORKLOAD_SIDECAR = "no-workload-sidecar"
    OF_SEVERAL = "of-several"
    OF_SEVERAL_PODS = "of-several-pods"
    ONCE_PATCHED = "once-patched"
    ONLY_NAMED_BY = "only-named-by"
    OPAQUE = "opaque"
    OTEL_NOT_SHOWN = "otel-not-shown"
    OTEL_OTHER_HEADER = "otel-other-header"
    OTEL_WITHOUT_BAGGAGE = "otel-without-baggage"
    OTEL_YIELDS = "otel-yields"
    OTHER_NAMESPACE = "of-other-namespace"
    PARENT = "service-is"
    PODS = "pods-of"
    PORTS_MIXED = "ports-mixed"
    PORT_NOT_HTTP = "port-not-http"
    PORT_NOT_OF_HTTP = "port-not-of-http"
    PORT_PASSES = "port-passes"
    PORT_UNNAMED = "port-unnamed"
    PROBE = "in-probe"
    PRODUCTION = "productions"
    PRODUCTION_CALLS = "production-calls"
    PRODUCTION_NAMES = "production-names"
    PROFILE_INSTEAD = "profile-instead"
    RUNS_AS_PROXY = "runs-as-proxy"
    SAID_NONE = "said-none"
    SAYS_NOTHING = "says-nothing-of-sidecar"
    SERVICE_NOT_EXPORTED = "service-not-exported"
    SEVERAL_HOSTS = "several-hosts"
    SIDECAR_HIDES = "sidecar-hides"
    SKIPPED = "skipped"
    SOME_PODS = "pods-of-some"
    TAG_ENDS = "tag-ends"
    TAG_ENDS_AS = "tag-ends-as"
    TAKES_NOTHING = "takes-nothing"
    TEMPLATES_NOTHING = "templates-nothing"
    TEMPLATES_UNSEEN = "templates-unseen"
    TEXT = "text"
    THEIR_NAMESPACE_UNSEEN = "their-namespace-unseen"
    THE_PODS = "pods-are"
    TOO_MANY_RULES = "too-many-rules"
    UNCOPIED = "uncopied"
    UNRESOLVED = "unresolved"
    UNRESOLVED_MAYBE = "unresolved-maybe"
    VARIABLE = "in-variable"
    WAYPOINT_FOR_OTHERS = "waypoint-for-others"
    WITH_PROFILE = "with-profile"


HOP_SENTENCES: Mapping[StrEnum, str] = {
    HopWhy.ADDRESS_UNSEEN: "have `{setting}`, and whether the Service is among these is not to be seen",
    HopWhy.AGENTS_BOTH: (
        "the OpenTelemetry operator puts its agent beside MSE's, and the one that is loaded later yields"
    ),
    HopWhy.AGENT_NOT_SHOWN: "nothing shows that MSE's agent gets into its pods",
    HopWhy.AGENT_OTHER_HEADER: "MSE's agent passes `{own}` on, and nothing says that it passes {carrier} on",
    HopWhy.AGENT_UNSEEN: "have no `{switch}`, and {where}, so whether the agent gets in is not to be seen",
    HopWhy.AGENT_YIELDS: "MSE's agent yields to OpenTelemetry's, which `{variable}` loads before it",
    HopWhy.ALIAS: "Service `{service}` of type ExternalName",
    HopWhy.AN_ARGUMENT: "an argument of container `{container}`",
    HopWhy.ARGUMENT: "argument `{name}` of container `{container}`",
    HopWhy.ASKS_NO_PROXY: "ask for no proxy of {meshes}, and {where}",
    HopWhy.BESIDE_REGISTRY: (
        "the address stands beside that of the registry `{registry}`: by which of them it is called is not to be seen"
    ),
    HopWhy.BOTH_NAMED: (
        "the gray copy of `{name}` names the gray `{callee}` ({gray}) and production's ({production}): which of them "
        "it calls is not to be seen"
    ),
    HopWhy.BY: "{what}, by {by}",
    HopWhy.CALLERS_PODS: "the callers' pods {what}",
    HopWhy.CALLER_NOT_CARRIED: "production's `{name}` makes it, since the call to that one is not carried",
    HopWhy.CALLER_UNKNOWN: "whether the call to `{name}` is carried is not to be seen",
    HopWhy.CALLS_PASS: "have `{setting}`: calls pass by the sidecar",
    HopWhy.CALLS_PORT: "`{name}` calls port {port} of `{service}` ({where}), which has {ports} only",
    HopWhy.CALLS_UNLED: "`{name}` calls {called} ({where}), to which no route of the lane leads",
    HopWhy.CLUSTER_ADDRESS: "its address {address}",
    HopWhy.COPY_CALLS_PORT: (
        "the gray copy of `{name}` calls port {port} of `{service}` ({where}), which has {ports} only"
    ),
    HopWhy.DELEGATES: "it delegates to another, which has routes of its own",
    HopWhy.DROPS_OPTIONS: "are started by a command that drops `{variable}`",
    HopWhy.ENCRYPTS: "`{name}` encrypts what it sends to `{service}` ({where}), so no header is read",
    HopWhy.FILE: "file `{name}` of container `{container}`",
    HopWhy.FOLLOWED_INSTEAD: "Istio follows it in the place of a VirtualService",
    HopWhy.FROM: "{what}, from {object}",
    HopWhy.FROM_OUTSIDE: "`{service}` from outside of the mesh",
    HopWhy.GATEWAY_PARENT: "it has a Gateway among its parents, by which requests from outside would enter too",
    HopWhy.GATEWAY_UNSEEN: "waypoint `{waypoint}` of Service `{service}` is not in the baseline",
    HopWhy.HAVE: "have `{setting}`",
    HopWhy.HAVE_PROXY: "have a proxy",
    HopWhy.HEADLESS: (
        "Service `{service}` is headless: the client looks up production's pods, and the sidecar sends the call "
        "where the client does"
    ),
    HopWhy.HOOK: "a hook of container `{container}`",
    HopWhy.ITS_PODS: "its pods {what}",
    HopWhy.LEADS_CONNECTIONS: "it leads connections of {what}, and asks for no header",
    HopWhy.LED: "{route} of the baseline leads the calls to `{service}`",
    HopWhy.LED_AND: "{route} of the baseline leads the calls to `{service}`, and {what}",
    HopWhy.LINK: "Kubernetes' `{variable}`",
    HopWhy.LOADS_NO_AGENT: "have `{setting}` and load no `{option}` of their own",
    HopWhy.NAMESPACE_OFF: "get no sidecar: Namespace `{namespace}` has `{setting}`",
    HopWhy.NAMESPACE_UNSEEN: "Namespace `{namespace}` is not in the baseline",
    HopWhy.NAMESPACE_WITHOUT: "have no `{switch}`, and Namespace `{namespace}` no `{label}`",
    HopWhy.NAMES_OTHER: "the gray copy of `{name}` names {named} ({where}), not `{wanted}`",
    HopWhy.NAMES_OTHER_BY_LINK: (
        "the gray copy of `{name}` names {named} ({where}), not `{wanted}`: such a variable is of the Service that "
        "it is called after"
    ),
    HopWhy.NOBODY_ASKS: (
        "get no sidecar: neither they nor Namespace `{namespace}` have a label that asks for one ({labels})"
    ),
    HopWhy.NODE_DNS: (
        "use the node's network and its DNS (`hostNetwork: true` without `dnsPolicy: ClusterFirstWithHostNet`)"
    ),
    HopWhy.NODE_NETWORK: "use the node's network, where no mesh puts a proxy",
    HopWhy.NODE_NETWORK_ISTIO: "use the node's network, where Istio puts no proxy",
    HopWhy.NOT_EXPORTED: (
        "VirtualService `{route}`, which leads the calls to `{service}`, is not exported to namespace `{namespace}`"
    ),
    HopWhy.NO_ADDRESS: (
        "the caller is given no address of the called Service: that may stand in the code, or come of a registry"
    ),
    HopWhy.NO_APP_PROTOCOL: "no port of Service `{service}` has an `appProtocol`, so Kuma may take it for TCP",
    HopWhy.NO_GRAY_TO_LEAD: "`{name}` has no gray Service that a route could lead to",
    HopWhy.NO_GRAY_TO_NAME: "`{name}` has no gray Service that could be named",
    HopWhy.NO_HTTP_PORT: "Service `{service}` has no port of HTTP or gRPC",
    HopWhy.NO_HTTP_ROUTES: "it has no `http` routes",
    HopWhy.NO_JVM: "run `{image}`, which is no JVM",
    HopWhy.NO_MESH_SEEN: "nothing in the baseline shows a mesh that reads routes of the Gateway API",
    HopWhy.NO_PORT: "Service `{service}` has no port",
    HopWhy.NO_PROXY_OF: "get no proxy of {meshes}: neither they nor Namespace `{namespace}` ask for one",
    HopWhy.NO_PROXY_READS: "have `{setting}`, so no proxy of {mesh} reads the routes",
    HopWhy.NO_ROUTE_TO: "has no route to `{gray}`",
    HopWhy.NO_RULES: "it has no rules",
    HopWhy.NO_RULE_LEADS: "none of its rules leads to a released Service",
    HopWhy.NO_WAYPOINT: (
        "pods of `{name}` are in ambient mode, and Service `{service}` has no `{label}`: nothing reads the header"
    ),
    HopWhy.NO_WORKLOAD: "no workload of it is in the baseline",
    HopWhy.NO_WORKLOAD_AGENT: (
        "no workload of `{name}` is in the baseline, so whether the agent gets in is not to be seen"
    ),
    HopWhy.NO_WORKLOAD_READER: (
        "no workload of `{name}` is in the baseline, so whether a mesh reads routes for it is not to be seen"
    ),
    HopWhy.NO_WORKLOAD_SIDECAR: (
        "no workload of `{name}` is in the baseline, so whether its pods have a sidecar is not to be seen"
    ),
    HopWhy.OF_SEVERAL: "of several ways to call it, one is not carried: {what}",
    HopWhy.OF_SEVERAL_PODS: "{what} (those of `{object}`, not all)",
    HopWhy.ONCE_PATCHED: "once {route} is changed, as `--baseline-patch` writes it",
    HopWhy.ONLY_NAMED_BY: "only {where} names it, not the program",
    HopWhy.OPAQUE: "port {port} of Service `{service}` is opaque to Linkerd, so no header is read",
    HopWhy.OTEL_NOT_SHOWN: (
        "no annotation `{annotation}` of its pods or their Namespace lets the operator in, and no option loads "
        "OpenTelemetry"
    ),
    HopWhy.OTEL_OTHER_HEADER: "OpenTelemetry passes `{baggage}` and its own trace headers on, and not `{header}`",
    HopWhy.OTEL_WITHOUT_BAGGAGE: "the propagators of OpenTelemetry are `{names}`, without `{baggage}`",
    HopWhy.OTEL_YIELDS: "its pods load OpenTelemetry's agent after MSE's, to which it yields",
    HopWhy.OTHER_NAMESPACE: "`{service}` of namespace `{namespace}`",
    HopWhy.PARENT: "Service `{service}` {what}",
    HopWhy.PODS: "pods of `{name}` {what}",
    HopWhy.PORTS_MIXED: (
        "no address of `{service}` shows by which port `{name}` calls it, and not all are HTTP to Istio: {ports}"
    ),
    HopWhy.PORT_NOT_HTTP: "port {ports} of Service `{service}` is not HTTP to Istio, so no header is read",
    HopWhy.PORT_NOT_OF_HTTP: "port {port} of Service `{service}` is not of HTTP or gRPC, so no header is read",
    HopWhy.PORT_PASSES: "have `{setting}`: calls to port {port} pass by the sidecar",
    HopWhy.PORT_UNNAMED: (
        "port {ports} of Service `{service}` names no protocol, so the sidecar looks at each connection"
    ),
    HopWhy.PROBE: "a probe of container `{container}`",
    HopWhy.PRODUCTION: "production's `{callee}`",
    HopWhy.PRODUCTION_CALLS: "production's `{name}` makes it, and names production's `{callee}`",
    HopWhy.PRODUCTION_NAMES: "production's `{name}` is not released, and names production's `{callee}`",
    HopWhy.PROFILE_INSTEAD: "ServiceProfile `{profile}` takes the place of all routes of Service `{service}`",
    HopWhy.RUNS_AS_PROXY: "have `{setting}`, the sidecar's own user: what these containers call passes by it",
    HopWhy.SAID_NONE: "where `lane.propagation` is `none`",
    HopWhy.SAYS_NOTHING: "say nothing of a sidecar, and {where}",
    HopWhy.SERVICE_NOT_EXPORTED: "Service `{service}` has `{setting}`: pods of `{name}` do not see it",
    HopWhy.SEVERAL_HOSTS: "it has several hosts, and its matches ask for them",
    HopWhy.SIDECAR_HIDES: "Sidecar `{sidecar}` lets pods of `{name}` see {hosts}, and not Service `{service}`",
    HopWhy.SKIPPED: "pods of `{name}` have `{setting}`: calls to Service `{service}` pass by the proxy",
    HopWhy.SOME_PODS: "some pods of `{name}` {what}",
    HopWhy.TAG_ENDS: "the tag ends at `{name}` before it",
    HopWhy.TAG_ENDS_AS: "the tag ends at `{name}` before it, {what}",
    HopWhy.TAKES_NOTHING: "have `{setting}`: the sidecar takes no connection",
    HopWhy.TEMPLATES_NOTHING: "have `{setting}`, not `{wanted}`: what is injected takes no connection",
    HopWhy.TEMPLATES_UNSEEN: "have `{setting}`, not `{wanted}`, and what that injects is not to be seen",
    HopWhy.TEXT: "{text}",
    HopWhy.THEIR_NAMESPACE_UNSEEN: "their Namespace is not in the baseline",
    HopWhy.THE_PODS: "the pods {what}",
    HopWhy.TOO_MANY_RULES: "it has {count} rules, and with those of a lane more than the {most} that a route may have",
    HopWhy.UNCOPIED: "Service `{service}`, which has no gray copy",
    HopWhy.UNRESOLVED: "pods of `{name}` {what}, so the name `{service}` ({where}) is none to them",
    HopWhy.UNRESOLVED_MAYBE: "pods of `{name}` {what}, so the name `{service}` ({where}) may be none to them",
    HopWhy.VARIABLE: "variable `{name}` of container `{container}`",
    HopWhy.WAYPOINT_FOR_OTHERS: "waypoint `{waypoint}` has `{setting}`: calls to Service `{service}` do not pass it",
    HopWhy.WITH_PROFILE: "the address counts with the profile {profiles} only: whether it is active is not to be seen",
}
"""Reason → its English sentence, without a full stop; in braces, what its values are called."""
