"""What words around a name in a text say of it: an address, another name of the same letters, or a copied object.

Names of variables, flags and keys are read as their words, whatever the case and the signs between: `cart.base-url`,
`CART_BASE_URL` and `cartBaseUrl` are one.
"""

from itertools import pairwise

from grayc.patterns import compile_later

SCHEMES_WITHOUT_HOST = frozenset(
    {
        # RFC 8089: a path; hosts before it are out of use.
        "file",
        # grpc/grpc, doc/naming.md (v1.78): a path, a name in the abstract name space, a name that a control plane
        # knows.
        "unix",
        "unix-abstract",
        "xds",
        # curl, `--unix-socket`; nginx `proxy_pass http://unix:/path` has no name either.
        "http+unix",
        # AWS CLI and Hadoop's S3A, gsutil, ossutil, coscli, Azure's ABFS and WASB drivers: a bucket or container.
        "s3",
        "s3a",
        "s3n",
        "gs",
        "oss",
        "cos",
        "cosn",
        "obs",
        "abfs",
        "abfss",
        "wasb",
        "wasbs",
        # Spring Framework, "Resources": the class path.
        "classpath",
        "jar",
        # Spring Cloud Vault, `spring.config.import=vault://PATH`: a path in a secret engine.
        "vault",
        # Spring Cloud Gateway, "ReactiveLoadBalancerClientFilter": the name of a service in a registry.
        "lb",
        # grpc-java-polaris, README (`polaris://NAME:PORT`): the name of a service in Polaris; apache/dubbo and
        # zeromicro/zero-contrib have the address of Polaris itself there.
        "polaris",
        # go-kratos/kratos, transport/grpc/resolver/discovery: a namespace, and a name in a registry behind it.
        "discovery",
        # containers/image, containers-transports(5): image references.
        "docker",
        "docker-archive",
        "docker-daemon",
        "oci-archive",
        "containers-storage",
    }
)
"""Schemes of URLs of which the first part is no host that a client looks up."""

SCHEMES_WITH_HOST_IN_PATH = frozenset(
    {
        # grpc/grpc, doc/naming.md (v1.78): `dns:[//authority/]host[:port]`; grpc-go, resolver/passthrough.
        "dns",
        "passthrough",
        # sercand/kuberesolver, `parseResolverTarget`: `kubernetes:///service.namespace:port`.
        "kubernetes",
    }
)
"""Schemes of URLs whose host stands behind a third slash."""

SCHEMES_OF_REGISTRIES = frozenset({"consul", "eureka", "nacos"})
"""Schemes of URLs with the registry's own address, which has a port, or with a name in it, which has none.

Sources: apache/dubbo 2.7, "dubbo:registry" (`address`); mbobakov/grpc-consul-resolver, README; resolvers of gRPC by
Eureka (`eureka://NAME`, not verified in one of its own).
"""

SCHEMES_BEFORE_SCHEMES = ("lb:",)
"""What makes a name in a registry of the host of another scheme: `lb:ws://web`.

Source: Spring Cloud Gateway, "RouteToRequestUrlFilter".
"""

REGISTERED_AS: frozenset[tuple[str, ...]] = frozenset(
    tuple(name.split("_"))
    for name in (
        # open-telemetry/opentelemetry-specification, SDK environment variables (pull 1677).
        "OTEL_SERVICE_NAME",
        # Datadog, "Unified Service Tagging".
        "DD_SERVICE",
        "DD_SERVICE_NAME",
        # Spring Boot, `spring.application.name`, and the registries that take another name.
        "SPRING_APPLICATION_NAME",
        # alibaba/spring-cloud-alibaba, Nacos Discovery: default `${spring.application.name}`.
        "SPRING_CLOUD_NACOS_DISCOVERY_SERVICE",
        "SPRING_CLOUD_CONSUL_DISCOVERY_SERVICE_NAME",
        "EUREKA_INSTANCE_APPNAME",
        "EUREKA_INSTANCE_VIRTUAL_HOST_NAME",
        # apache/dubbo, `dubbo.application.name`; apache/skywalking-java, `agent.service_name`.
        "DUBBO_APPLICATION_NAME",
        "SW_AGENT_NAME",
        # Agents of Elastic's APM, `ELASTIC_APM_SERVICE_NAME`; jaegertracing client libraries.
        "ELASTIC_APM_SERVICE_NAME",
        "JAEGER_SERVICE_NAME",
        # Named by the release language; no source of its own was found.
        "NACOS_SERVICE_NAME",
        "SERVICE_NAME",
        "SERVICE",
        # Spring Boot, `spring.config.name`: the base name of files.
        "SPRING_CONFIG_NAME",
    )
)
"""Variables and keys, by their words, whose value is what a program calls itself: to a registry, a tracer, a log."""

_ADDRESS_WORDS = frozenset(
    word + plural
    for word in (
        "ADDR",
        "ADDRESS",
        "BACKEND",
        "BROKER",
        "ENDPOINT",
        "HOST",
        "PEER",
        "SEED",
        "SERVER",
        "UPSTREAM",
        "URI",
        "URL",
    )
    for plural in ("", "S", "ES")
) | {"DNS", "FQDN", "HOSTNAME", "IP", "NODES", "SERVICE", "SVC", "TARGET"}
_ADDRESS_PAIRS = frozenset({("HOST", "NAME"), ("DNS", "NAME"), ("HOST", "PORT")})
_OTHER_WORDS = frozenset(
    {"BUCKET", "CLASSPATH", "DIR", "DIRECTORY", "FILE", "FILES", "IMAGE", "IMAGES", "JAR", "PATH", "PATHS", "TAG"}
)

_WORD = compile_later(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a variable's, flag's or key's name, in capitals."""
    return tuple(word.upper() for word in _WORD.findall(name))


def is_of_address(words: tuple[str, ...]) -> bool:
    """Tell whether the value under such a name is an address, and so a name alone is one."""
    if not words or words in REGISTERED_AS:
        return False
    return words[-1] in _ADDRESS_WORDS or words[-2:] in _ADDRESS_PAIRS


def is_of_other(words: tuple[str, ...]) -> bool:
    """Tell whether the value under such a name is a path, a bucket, an image or what a program registers as."""
    return words in REGISTERED_AS or bool(words and words[-1] in _OTHER_WORDS)


_NO_CALL = frozenset({"AUDIENCE", "CALLBACK", "DESCRIPTION", "HELP", "ISSUER", "ORIGINS"})
_NO_CALL_PAIRS = frozenset(
    {("NO", "PROXY"), ("HELP", "TEXT"), ("TRUSTED", "HOSTS"), ("ALLOWED", "HOSTS"), ("CALLBACK", "URL")}
)


def is_of_no_call(words: tuple[str, ...]) -> bool:
    """Tell whether the value under such a name is for people to read or to compare with, so that nobody calls it."""
    return words[:1] == ("CORS",) or words[-1:] in {(word,) for word in _NO_CALL} or words[-2:] in _NO_CALL_PAIRS


def is_of_config(words: tuple[str, ...]) -> bool:
    """Tell whether the value under such a name may be that of a ConfigMap.

    Source: spring-cloud/spring-cloud-kubernetes, `spring.cloud.kubernetes.config.name`.
    """
    pairs = {*pairwise(words)}
    return bool({"CONFIGMAP", "CONFIGMAPS"} & {*words}) or bool({("CONFIG", "MAP"), ("CONFIG", "NAME")} & pairs)


def is_of_secret(words: tuple[str, ...]) -> bool:
    """Tell whether the value under such a name may be that of a Secret."""
    return words[-1:] == ("SECRET",) or words[-2:] == ("SECRET", "NAME")
