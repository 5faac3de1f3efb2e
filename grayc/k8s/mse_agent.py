"""What the MSE agent needs around a pod, and what keeps it from it.

Sources: Alibaba Cloud MSE, "Connect ACK and ACS microservice applications to the MSE governance center (Java)" (labels,
both ways of access) and "Full-link gray release" (tag of a node); ARMS, "How ack-onepilot works" (the injector appends
to `JAVA_TOOL_OPTIONS`); Zadig, "MSE gray release", preparation of the baseline (namespace label).
"""

from grayc.patterns import compile_later
from grayc.records import dataclass

NAMESPACE_LABEL = "mse-enable"
NAMESPACE_ENABLED = "enabled"
"""Label and value of a Namespace whose pods all get the agent."""

SWITCH = "msePilotAutoEnable"
"""Pod label that connects one application, or keeps it out."""
SWITCH_ON = "on"
SWITCH_OFF = "off"

OPTIONS_VARIABLE = "JAVA_TOOL_OPTIONS"
"""Variable to which the injector appends the agent; every JVM reads it."""
AGENT_OPTION = "-javaagent:"


@dataclass(frozen=True, slots=True)
class TagSetting:
    """A place besides the pod label `alicloud.service.tag` that tells the agent the node's tag.

    Attributes:
        variable: a variable whose whole value is the tag; "" where the setting is an option.
        option: a JVM option that ends with `=` and is followed by the tag; "" where the setting is a variable.
    """

    variable: str = ""
    option: str = ""


TAG_SETTINGS: tuple[TagSetting, ...] = (  # What an instance says in a registry: `k8s.registries`.
    TagSetting(variable="MSE_ALICLOUD_SERVICE_TAG"),
    TagSetting(option="-Dalicloud.service.tag="),
    # As MSE's pages on tags of nodes outside of Kubernetes write it; not verified against a newer agent.
    TagSetting(option="-Dmse.service.tag="),
    TagSetting(option="-Dmicro.service.tag="),
)

INJECTION_OFF = "disableJavaToolOptionsInjection"
"""Pod label that keeps the injector from `JAVA_TOOL_OPTIONS` where it is `"true"`: the image loads the agent itself.

Source: Alibaba Cloud ARMS, "How do I specify the path for mounting an ARMS agent for Java" (2026-06).
"""

VERSION_LABEL = "aliyun.com/agent-version"
WITH_BASE = (4,)
"""Source: Alibaba Cloud MSE, "The MSE Java probe is compatible with other probes": OpenTelemetry's is its base."""
LEAST_VERSION = (3, 2, 3)
"""Source: Alibaba Cloud MSE, document 359851: with an older one, full-link gray release disturbs the application."""
DISCOURAGED_VERSIONS = ("4.3.4", "4.5.0")
"""Source: Alibaba Cloud MSE, "MSE agent release notes" (2026-01-13), those of 2025: not recommended. Of the
versions after 4.6.3, the newest of which is 5.3.0 (2026-09-30), nothing was verified."""

AGENT_GRACE = 60
"""Seconds that ack-onepilot gives a pod of MSE to end where it has no time of its own. Source: Alibaba Cloud ACK,
"ack-onepilot", release note of 5.2.1 (2026-04-24), which mends that."""

LEAST_HEAP = 256 * 1024 * 1024
"""Bytes. Source: Alibaba Cloud MSE, "Connect ACK and ACS microservice applications …" (2026-03-10): more than 256 MB;
the page of the same name among the first steps (2026-03-11) says at least."""

OPTIONS_DROPPED = compile_later(
    rf"\bunset\s+(?:-v\s+)?(?:\w+\s+)*{OPTIONS_VARIABLE}\b"
    rf"|\benv\s+(?:-\S+\s+)*(?:-u\s*|--unset[= ]){OPTIONS_VARIABLE}\b"
    r"|\benv\s+(?:-\S+\s+)*(?:-i|--ignore-environment)\b"
)
"""What takes the variable out of a shell's environment. Source: POSIX, `unset`; GNU coreutils, `env`."""

LANGUAGE_LABEL = "aliyun.com/app-language"
"""Pod label that tells the injector the language. Source: ack-onepilot; `java` where it is absent."""
WITH_AGENT = ("java", "golang")
"""Languages whose applications take part in a lane. Source: Alibaba Cloud MSE, governance of Java and of Go."""

NO_JVM = frozenset(
    {
        "caddy", "envoy", "haproxy", "httpd", "mariadb", "memcached", "mongo", "mysql", "nginx", "node", "openresty",
        "php", "postgres", "python", "rabbitmq", "redis", "ruby", "traefik",
    }
)  # fmt: skip
"""Last part of the name of images that are known to run no JVM. Source: Docker official images, and those of the
projects of that name."""


@dataclass(frozen=True, slots=True)
class OtherAgent:
    """An agent beside which MSE's does not always work.

    Attributes:
        name: as people call it.
        jars: with one of these begins a part of the path that `-javaagent:` loads; none for what is injected.
        annotation: of pods, whose value other than `false` lets an operator inject it; "" for none.
        label: of pods, whose value `true` lets an operator inject it; "" for none.
        advice: what the vendor says.
        is_base: MSE's agent is made of it since `WITH_BASE`, and the later one of the two yields.
        remedy: JVM options, or variables with their values, of which any one lets both work; none where there is none.
    """

    name: str
    jars: tuple[str, ...] = ()
    annotation: str = ""
    label: str = ""
    advice: str = ""
    is_base: bool = False
    remedy: tuple[str, ...] = ()


_FIRST = "the agent that is loaded first works and the later one yields: load MSE's first, or one of the two only"
_FLAGS = ("-Dskywalking.agent.is_cache_enhanced_class=true", "-Dskywalking.agent.class_cache_mode=MEMORY")
# Source: apache/skywalking-java 8.x, agent.config: the variable stands for the first option, and the second is `MEMORY`
# by default.
_CACHING = (_FLAGS[0], "SW_AGENT_CACHE_CLASS=true")
_CACHE = f"give SkyWalking's agent `{_FLAGS[0]}` and `{_FLAGS[1]}`"

OTEL_AGENT = "OpenTelemetry"

OTHER_AGENTS: tuple[OtherAgent, ...] = (
    OtherAgent(name=OTEL_AGENT, jars=("opentelemetry", "otel"), advice=_FIRST, is_base=True),
    OtherAgent(name="SkyWalking", jars=("skywalking",), advice=_CACHE, remedy=_CACHING),
    # Source: opentelemetry-operator, README, "auto-instrumentation injection": of a pod, or of a Namespace for all pods
    # whose own annotation does not say otherwise.
    OtherAgent(name=OTEL_AGENT, annotation="instrumentation.opentelemetry.io/inject-java", advice=_FIRST),
    # Source: apache/skywalking-swck, docs/java-agent-injector.md.
    OtherAgent(name="SkyWalking", label="swck-java-agent-injected", advice=_CACHE),
)
"""Source: Alibaba Cloud MSE, "The MSE Java probe is compatible with other probes"."""
