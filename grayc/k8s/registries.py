"""Registries: what makes a pod register itself, as what and where, and what it says of itself there.

Spring reads a key in several spellings, and all of them are one here: `relaxed` takes case and signs away, so that
`SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR`, `spring.cloud.nacos.discovery.serverAddr` and `…server-addr` are the same.
Source: Spring Boot reference 3.5, "Relaxed Binding"; apache/dubbo `StringUtils.toOSStyleKey` for Dubbo's variables.

A configuration centre is no registry: its keys (`spring.cloud.nacos.config.…`) stand in no row of `REGISTRIES`. Neither
is the ZooKeeper of a broker.
"""

from functools import lru_cache

from grayc.records import dataclass


@lru_cache(maxsize=16_384)
def relaxed(key: str) -> str:
    """Return a key without what its spellings differ in."""
    return "".join(filter(str.isalnum, key)).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a row was read.

    Attributes:
        date: of that version, as `2026-07-30`.
        is_verified: it was read there, and is not older than a year; else a newer version may read otherwise.
    """

    text: str
    date: str
    is_verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A key that tells where an instance registers: who looks elsewhere does not find it.

    Attributes:
        word: what it is called.
        parameter: of the server's address, which may say the same; "" for none.
        default: what counts where nobody sets it.
    """

    word: str
    keys: tuple[str, ...]
    parameter: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A key that tells by which address others call an instance.

    Attributes:
        only_if: a switch and its value: with another value the key is not used; "" for none.
        switch_default: value of the switch where nobody sets it.
    """

    key: str
    only_if: tuple[str, str] = ("", "")
    switch_default: str = "false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A client of a registry.

    Attributes:
        name: as people call it.
        signs: starts of keys; one that is set shows the client.
        server: keys of the server's address; the first that is set counts.
        is_url: the server's address is a URL whose scheme tells the registry, with parameters.
        off: key and value that keep an instance out of the registry.
        unused: key and value by which the client is not there at all.
        needed: key and value without which an instance does not register.
        switch: the key and value of `off` that a reader is shown.
        service: keys of the name; the first that is set counts.
        places: where it registers.
        labels: starts of keys, what follows them is the name of a label that the instance carries.
        pairs: keys of texts with labels: `a=b,c=d`, or with semicolons.
        tags: keys whose whole text is the instance's tag.
        addresses: keys of the address that it registers, the first that is used counts.
        lasting: key and value by which an instance stays when its pod is gone.
    """

    name: str
    signs: tuple[str, ...]
    server: tuple[str, ...]
    is_url: bool = False
    off: tuple[tuple[str, str], ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    needed: tuple[tuple[str, str], ...] = ()
    switch: tuple[str, str]
    service: tuple[str, ...]
    places: tuple[Place, ...] = ()
    labels: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    lasting: tuple[tuple[str, str], ...] = ()
    source: Source


APPLICATION_NAME = "spring.application.name"

_NO_DISCOVERY = (("spring.cloud.discovery.enabled", "false"),)
_NO_REGISTRATION = (
    ("spring.cloud.service-registry.auto-registration.enabled", "false"),
    # The registration starts with the web server. Source: spring-cloud-commons, `AbstractAutoServiceRegistration`.
    ("spring.main.web-application-type", "none"),
)
_PREFERS_IP = "prefer-ip-address"

REGISTRIES: tuple[Registry, ...] = (
    Registry(
        name="Nacos",
        signs=("spring.cloud.nacos.discovery.", "spring.cloud.nacos.server-addr"),
        server=("spring.cloud.nacos.discovery.server-addr", "spring.cloud.nacos.server-addr"),
        off=(
            ("spring.cloud.nacos.discovery.register-enabled", "false"),
            # It stands in the list, and takes no calls.
            ("spring.cloud.nacos.discovery.instance-enabled", "false"),
            *_NO_REGISTRATION,
        ),
        unused=(("spring.cloud.nacos.discovery.enabled", "false"), *_NO_DISCOVERY),
        switch=("spring.cloud.nacos.discovery.register-enabled", "false"),
        service=("spring.cloud.nacos.discovery.service", APPLICATION_NAME),
        places=(
            Place(word="namespace", keys=("spring.cloud.nacos.discovery.namespace",), default="public"),
            Place(word="group", keys=("spring.cloud.nacos.discovery.group",), default="DEFAULT_GROUP"),
        ),
        labels=("spring.cloud.nacos.discovery.metadata.",),
        addresses=(Address(key="spring.cloud.nacos.discovery.ip"),),
        lasting=(("spring.cloud.nacos.discovery.ephemeral", "false"),),
        source=Source(
            text="alibaba/spring-cloud-alibaba 41b1fd4, NacosDiscoveryProperties and NacosAutoServiceRegistration",
            date="2024-03-28",
            is_verified=False,
        ),
    ),
    Registry(
        name="Nacos",
        signs=("nacos.discovery.",),
        server=("nacos.discovery.server-addr",),
        needed=(("nacos.discovery.auto-register", "true"),),
        switch=("nacos.discovery.auto-register", "false"),
        service=("nacos.discovery.register.service-name", APPLICATION_NAME),
        places=(
            Place(word="namespace", keys=("nacos.discovery.namespace",), default="public"),
            Place(word="group", keys=("nacos.discovery.register.group-name",), default="DEFAULT_GROUP"),
        ),
        labels=("nacos.discovery.register.metadata.",),
        addresses=(Address(key="nacos.discovery.register.ip"),),
        lasting=(("nacos.discovery.register.ephemeral", "false"),),
        source=Source(
            text="nacos-group/nacos-spring-boot-project 08657b9, NacosDiscoveryProperties and Register",
            date="2024-11-04",
            is_verified=False,
        ),
    ),
    Registry(
        name="Eureka",
        signs=("eureka.client.", "eureka.instance."),
        server=("eureka.client.service-url.default-zone", "eureka.client.service-url.*"),
        off=(
            ("eureka.client.register-with-eureka", "false"),
            ("spring.cloud.service-registry.auto-registration.enabled", "false"),
        ),
        unused=(("eureka.client.enabled", "false"), *_NO_DISCOVERY),
        switch=("eureka.client.register-with-eureka", "false"),
        service=("eureka.instance.appname", "eureka.instance.virtual-host-name", APPLICATION_NAME),
        labels=("eureka.instance.metadata-map.",),
        addresses=(
            Address(key="eureka.instance.ip-address", only_if=(f"eureka.instance.{_PREFERS_IP}", "true")),
            Address(key="eureka.instance.hostname", only_if=(f"eureka.instance.{_PREFERS_IP}", "false")),
        ),
        source=Source(
            text="spring-cloud/spring-cloud-netflix 5ad0371, EurekaInstanceConfigBean and EurekaClientConfigBean",
            date="2026-08-21",
        ),
    ),
    Registry(
        name="ZooKeeper",
        signs=("spring.cloud.zookeeper.connect-string", "spring.cloud.zookeeper.discovery."),
        server=("spring.cloud.zookeeper.connect-string",),
        off=(("spring.cloud.zookeeper.discovery.register", "false"), *_NO_REGISTRATION),
        unused=(
            ("spring.cloud.zookeeper.enabled", "false"),
            ("spring.cloud.zookeeper.discovery.enabled", "false"),
            *_NO_DISCOVERY,
        ),
        switch=("spring.cloud.zookeeper.discovery.register", "false"),
        service=(APPLICATION_NAME,),
        places=(Place(word="root", keys=("spring.cloud.zookeeper.discovery.root",), default="/services"),),
        labels=("spring.cloud.zookeeper.discovery.metadata.",),
        addresses=(
            Address(
                key="spring.cloud.zookeeper.discovery.instance-ip-address",
                only_if=(f"spring.cloud.zookeeper.discovery.{_PREFERS_IP}", "true"),
            ),
            Address(key="spring.cloud.zookeeper.discovery.instance-host"),
        ),
        source=Source(
            text="spring-cloud/spring-cloud-zookeeper 6118f7a, ZookeeperDiscoveryProperties", date="2026-07-22"
        ),
    ),
    Registry(
        name="Consul",
        signs=("spring.cloud.consul.host", "spring.cloud.consul.discovery."),
        server=("spring.cloud.consul.host",),
        off=(("spring.cloud.consul.discovery.register", "false"), *_NO_REGISTRATION),
        unused=(
            ("spring.cloud.consul.enabled", "false"),
            ("spring.cloud.consul.discovery.enabled", "false"),
            *_NO_DISCOVERY,
        ),
        switch=("spring.cloud.consul.discovery.register", "false"),
        service=("spring.cloud.consul.discovery.service-name", APPLICATION_NAME),
        labels=("spring.cloud.consul.discovery.metadata.",),
        pairs=("spring.cloud.consul.discovery.tags",),
        addresses=(
            Address(
                key="spring.cloud.consul.discovery.ip-address",
                only_if=(f"spring.cloud.consul.discovery.{_PREFERS_IP}", "true"),
            ),
            Address(
                key="spring.cloud.consul.discovery.hostname",
                only_if=(f"spring.cloud.consul.discovery.{_PREFERS_IP}", "false"),
            ),
        ),
        source=Source(text="spring-cloud/spring-cloud-consul f008a11, ConsulDiscoveryProperties", date="2026-07-30"),
    ),
    Registry(
        name="Dubbo",
        signs=("dubbo.registry.", "dubbo.registries.", "DUBBO_IP_TO_REGISTRY"),
        server=("dubbo.registry.address", "dubbo.registries.*.address"),
        is_url=True,
        off=(
            ("dubbo.registry.register", "false"),
            ("dubbo.registries.*.register", "false"),
            ("dubbo.provider.register", "false"),
        ),
        unused=(("dubbo.registry.address", "N/A"), ("dubbo.registries.*.address", "N/A")),
        switch=("dubbo.registry.register", "false"),
        service=("dubbo.application.name", APPLICATION_NAME),
        places=(
            Place(
                word="namespace",
                keys=("dubbo.registry.parameters.namespace", "dubbo.registries.*.parameters.namespace"),
                parameter="namespace",
            ),
            Place(
                word="group",
                keys=("dubbo.registry.group", "dubbo.registries.*.group", "dubbo.registry.parameters.group"),
                parameter="group",
            ),
            # Of a service: a reference asks for its group and version.
            Place(word="group of services", keys=("dubbo.provider.group",)),
            Place(word="version of services", keys=("dubbo.provider.version",)),
        ),
        labels=("dubbo.provider.parameters.", "dubbo.application.parameters."),
        pairs=("dubbo.labels",),
        tags=("dubbo.provider.tag",),
        addresses=(
            Address(key="DUBBO_IP_TO_REGISTRY"),
            Address(key="*.DUBBO_IP_TO_REGISTRY"),
            Address(key="dubbo.protocol.host"),
            Address(key="dubbo.protocols.*.host"),
        ),
        lasting=(("dubbo.registry.dynamic", "false"), ("dubbo.provider.dynamic", "false")),
        source=Source(
            text="apache/dubbo 324c625 (3.3), RegistryConfig, ServiceConfig, EnvironmentAdapter, TagStateRouter",
            date="2024-10-24",
            is_verified=False,
        ),
    ),
)
"""What is set in no row, a jar may hold: grayc sees what the files say."""

REGISTERS_NOT = "register"
"""Parameter of a Dubbo registry's address that keeps an instance out where it is `false`."""

LANE_WORDS = frozenset(
    {"canary", "color", "colour", "env", "environment", "gray", "grey", "lane", "release", "stage", "tag", "track"}
    | {"alicloud.service.tag", "__micro.service.env__", "version"}
)
"""Labels of instances by which callers choose among them: what tells a lane, a stage or a version.

Weights, zones and paths of management are none.
Source: apache/dubbo, TagStateRouter and EnvironmentAdapter (`tag=pre`); alibaba/spring-cloud-alibaba#1965 (`version`);
Alibaba Cloud MSE, metadata of instances in Nacos (`__micro.service.env__`; not verified).
"""

MOST_LABELS = 128
"""Labels of an instance that are read.

Source: HashiCorp Consul, "Register service", `Meta`: 64 pairs; Nacos takes 1024 characters of metadata (not verified).
"""

TAG_WORDS = frozenset({"tag", "lane", "alicloud.service.tag", "__micro.service.env__"})
"""Those of `LANE_WORDS` whose value is a lane's tag and nothing else."""

CONFIG_CENTRES: dict[str, tuple[str, ...]] = {
    "Nacos": ("spring.cloud.nacos.config.", "spring.cloud.nacos.server-addr"),
    "Consul": ("spring.cloud.consul.config.",),
    "ZooKeeper": ("spring.cloud.zookeeper.config.",),
    "Spring Cloud Config": ("spring.cloud.config.uri", "spring.cloud.config.discovery."),
    "Apollo": ("apollo.meta", "app.id"),
}
"""Configuration centre → starts of the keys that show its client.

Source: spring-cloud-alibaba, NacosConfigProperties; spring-cloud-consul and -zookeeper, reference; Spring Cloud Config,
"Client"; Apollo, "Java client".
"""

CONFIG_IMPORTS: dict[str, str] = {
    "nacos:": "Nacos",
    "consul:": "Consul",
    "zookeeper:": "ZooKeeper",
    "configserver:": "Spring Cloud Config",
}
"""Start of a location in `spring.config.import` → configuration centre. Source: the same."""

SERVERS: dict[str, str] = {"nacos-server": "Nacos", "eureka-server": "Eureka", "eureka": "Eureka", "consul": "Consul"}
"""Last part of an image's name → the registry that it is. ZooKeeper is a broker's as often as a registry.

Source: Docker Hub, `nacos/nacos-server` and `hashicorp/consul`; Eureka has no image of its project (not verified).
"""

PROFILES = ("spring.profiles.active", "spring.profiles.include")
"""Keys that choose among a configuration centre's items: with profile `gray`, it is asked for `web-gray.yaml`, too.

Source: spring-cloud-alibaba, NacosPropertySourceLocator; Spring Cloud Config, "Locating Remote Configuration".
"""

MSE_NAMESPACE = "mseNamespace"
MSE_DEFAULT_NAMESPACE = "default"
"""Label of pods and Namespaces, and what counts without it: rules of one namespace do not work in another.

Source: Alibaba Cloud MSE, "Manage microservices namespaces" (2026-03-11).
"""
