"""What type Kubernetes demands of the fields that grayc reads.

The API server decodes an object into typed fields and refuses one whose `spec` is text or whose `containers` is a
mapping, whatever else it says (apimachinery pkg/runtime/serializer/json; of custom kinds: the structural schema of
their definition). A null counts as a field that is not there. Fields that no table, pass or check of grayc reads are
not here: `grayc validate` compares whole objects with their schemas.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from grayc.k8s.kinds import (
    APPS,
    AUTOSCALING,
    BATCH,
    CORE,
    GATEWAY,
    ISTIO,
    KEDA,
    NETWORKING,
    POLICY,
    RBAC,
    GroupKind,
)
from grayc.k8s.mse_agent import SWITCH
from grayc.k8s.pod_templates import CLAIM_TEMPLATES, CONTAINER_LISTS, POD_SELECTORS_INSIDE, WORKLOADS
from grayc.k8s.references import REFERENCES, Pattern, read_pattern
from grayc.k8s.scalers import SCALERS
from grayc.k8s.selectors import POD_SELECTORS, SERVICE_SELECTORS, Scope, SelectorStyle
from grayc.records import dataclass, field


class Type(StrEnum):
    """What a field may hold, in users' words."""

    MAPPING = "a mapping"
    LIST = "a list"
    TEXT = "text"
    NUMBER = "a whole number"
    BOOLEAN = "true or false"
    NUMBER_OR_TEXT = "a whole number or text"
    QUANTITY = "a quantity"
    """A number or text."""
    SCALAR = "a single value"
    """Text; that it is none is another finding."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What a value and all below it may be.

    Attributes:
        fields: key of a mapping → what is below it; a key that is not there may hold anything.
        values: what is below every other key, None where that may be anything.
        items: what the items of a list are, likewise.
    """

    type: Type
    fields: Mapping[str, "Structure"] = field(default_factory=dict)
    values: "Structure | None" = None
    items: "Structure | None" = None


Row = tuple[Pattern, Type]
"""Where a field stands, and its type; what leads to it is mappings and lists, as the pattern says."""


def _rows(*lines: tuple[str, Type, str]) -> tuple[Row, ...]:
    """Return the rows of lines: a prefix, a type, and the fields of that type below it."""
    return tuple(
        ((*read_pattern(prefix), *read_pattern(name)), each_type)
        for prefix, each_type, names in lines
        for name in names.split()
    )


def _below(prefix: Pattern, rows: Iterable[Row]) -> Iterator[Row]:
    return (((*prefix, *pattern), each_type) for pattern, each_type in rows)


# Source: apimachinery pkg/apis/meta/v1, ObjectMeta. Whether the switch of the MSE agent is text is GC472.
_METADATA: tuple[Row, ...] = (
    *_rows(
        ("", Type.TEXT, "name namespace generateName labels.* annotations.* finalizers[*]"),
        ("", Type.MAPPING, "ownerReferences[*]"),
        ("", Type.LIST, "managedFields"),
    ),
    (("labels", SWITCH), Type.SCALAR),
)

# Source: apimachinery pkg/apis/meta/v1, LabelSelector.
_LABEL_SELECTOR = _rows(
    ("", Type.TEXT, "matchLabels.* matchExpressions[*].key matchExpressions[*].operator matchExpressions[*].values[*]"),
)
_PLAIN_SELECTOR = _rows(("", Type.TEXT, "*"))

# Source: core/v1 PersistentVolumeClaimSpec in the Kubernetes API reference 1.37.
_CLAIM = _rows(
    ("", Type.TEXT, "accessModes[*] storageClassName volumeName volumeMode"),
    ("", Type.QUANTITY, "resources.requests.* resources.limits.*"),
)

# Source: core/v1 Container, EnvVar, ContainerPort and Probe in the Kubernetes API reference 1.37.
_CONTAINER: tuple[Row, ...] = _rows(
    ("", Type.TEXT, "name image imagePullPolicy restartPolicy workingDir command[*] args[*]"),
    ("env[*]", Type.TEXT, "name value valueFrom.fieldRef.fieldPath valueFrom.resourceFieldRef.resource"),
    ("env[*].valueFrom", Type.TEXT, "configMapKeyRef.key secretKeyRef.key"),
    ("envFrom[*]", Type.TEXT, "prefix"),
    ("ports[*]", Type.TEXT, "name protocol hostIP"),
    ("ports[*]", Type.NUMBER, "containerPort hostPort"),
    ("resources", Type.QUANTITY, "requests.* limits.*"),
    ("volumeMounts[*]", Type.TEXT, "name mountPath subPath"),
    ("", Type.MAPPING, "securityContext"),
    *(
        (probe, each_type, names)
        for probe in ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle.preStop", "lifecycle.postStart")
        for each_type, names in (
            (Type.TEXT, "exec.command[*] httpGet.path httpGet.host httpGet.scheme httpGet.httpHeaders[*].name"),
            (Type.TEXT, "httpGet.httpHeaders[*].value"),
            (Type.NUMBER_OR_TEXT, "httpGet.port tcpSocket.port"),
        )
    ),
    *((probe, Type.NUMBER, "grpc.port") for probe in ("startupProbe", "readinessProbe", "livenessProbe")),
)

# Source: core/v1 PodSpec, Volume and Affinity in the Kubernetes API reference 1.37.
_POD: tuple[Row, ...] = (
    *_rows(
        ("", Type.TEXT, "restartPolicy hostname subdomain dnsPolicy schedulerName nodeSelector.*"),
        ("", Type.BOOLEAN, "hostNetwork hostPID hostIPC"),
        ("", Type.NUMBER, "terminationGracePeriodSeconds"),
        ("", Type.QUANTITY, "overhead.*"),
        ("", Type.MAPPING, "securityContext tolerations[*] hostAliases[*] readinessGates[*]"),
        ("volumes[*]", Type.TEXT, "name configMap.items[*].key configMap.items[*].path secret.items[*].key"),
        ("volumes[*]", Type.BOOLEAN, "configMap.optional secret.optional persistentVolumeClaim.readOnly"),
        ("volumes[*]", Type.TEXT, "hostPath.path csi.driver csi.volumeAttributes.*"),
        ("volumes[*].ephemeral.volumeClaimTemplate", Type.TEXT, "metadata.labels.* metadata.annotations.*"),
        ("topologySpreadConstraints[*]", Type.TEXT, "topologyKey whenUnsatisfiable matchLabelKeys[*]"),
        *(
            (f"affinity.{affinity}.{term}", each_type, names)
            for affinity in ("podAffinity", "podAntiAffinity")
            for term in (
                "requiredDuringSchedulingIgnoredDuringExecution[*]",
                "preferredDuringSchedulingIgnoredDuringExecution[*].podAffinityTerm",
            )
            for each_type, names in (
                (Type.TEXT, "topologyKey namespaces[*] matchLabelKeys[*] mismatchLabelKeys[*]"),
                (Type.TEXT, " ".join(f"namespaceSelector.{'.'.join(row[0])}" for row in _LABEL_SELECTOR)),
            )
        ),
        ("affinity", Type.MAPPING, "nodeAffinity"),
    ),
    *(row for path in POD_SELECTORS_INSIDE for row in _below(path, _LABEL_SELECTOR)),
    *(row for containers in CONTAINER_LISTS for row in _below((containers, "[*]"), _CONTAINER)),
    *_below(("volumes", "[*]", "ephemeral", "volumeClaimTemplate", "spec"), _CLAIM),
)

# Source: networking/v1 NetworkPolicySpec in the Kubernetes API reference 1.37.
_POLICY_PEERS: tuple[Row, ...] = tuple(
    row
    for rules, peers in (("ingress", "from"), ("egress", "to"))
    for row in (
        *(
            each
            for selector in ("podSelector", "namespaceSelector")
            for each in _below(("spec", rules, "[*]", peers, "[*]", selector), _LABEL_SELECTOR)
        ),
        *_rows(
            (f"spec.{rules}[*].{peers}[*]", Type.MAPPING, "ipBlock"),
            (f"spec.{rules}[*].ports[*]", Type.TEXT, "protocol"),
            (f"spec.{rules}[*].ports[*]", Type.NUMBER_OR_TEXT, "port"),
        ),
    )
)

# Source: networking/v1 IngressSpec in the Kubernetes API reference 1.37; v1beta1, which is gone, names
# `serviceName` and `servicePort`.
_BACKEND = ("service.name", "service.port.name", "resource.kind", "resource.apiGroup", "serviceName")
_INGRESS: tuple[Row, ...] = _rows(
    ("spec", Type.TEXT, "ingressClassName tls[*].hosts[*] tls[*].secretName rules[*].host"),
    ("spec.rules[*].http.paths[*]", Type.TEXT, "path pathType"),
    *(
        (place, each_type, names)
        for place in ("spec.rules[*].http.paths[*].backend", "spec.defaultBackend", "spec.backend")
        for each_type, names in (
            (Type.TEXT, " ".join(_BACKEND)),
            (Type.NUMBER, "service.port.number"),
            (Type.NUMBER_OR_TEXT, "servicePort"),
        )
    ),
)

# Source: Gateway API v1.3, HTTPRoute (gateway.networking.k8s.io/v1); the other routes and its Gateway are alike here.
_FILTER: tuple[Row, ...] = _rows(
    ("", Type.TEXT, "type"),
    *(
        (f"{part}HeaderModifier", Type.TEXT, "set[*].name set[*].value add[*].name add[*].value remove[*]")
        for part in ("request", "response")
    ),
    ("requestRedirect", Type.TEXT, "scheme hostname path.type"),
    ("requestRedirect", Type.NUMBER, "port statusCode"),
    ("urlRewrite", Type.TEXT, "hostname path.type path.replacePrefixMatch path.replaceFullPath"),
)
_ROUTE: tuple[Row, ...] = (
    *_rows(
        ("spec", Type.TEXT, "hostnames[*]"),
        ("spec.parentRefs[*]", Type.TEXT, "name namespace kind group sectionName"),
        ("spec.parentRefs[*]", Type.NUMBER, "port"),
        ("spec.rules[*]", Type.TEXT, "name"),
        ("spec.rules[*].backendRefs[*]", Type.TEXT, "name namespace kind group"),
        ("spec.rules[*].backendRefs[*]", Type.NUMBER, "port weight"),
    ),
    *_below(("spec", "rules", "[*]", "filters", "[*]"), _FILTER),
    *_below(("spec", "rules", "[*]", "backendRefs", "[*]", "filters", "[*]"), _FILTER),
)
_HTTP_ROUTE: tuple[Row, ...] = (
    *_ROUTE,
    *_rows(
        ("spec.rules[*].matches[*]", Type.TEXT, "method path.type path.value"),
        ("spec.rules[*].matches[*].headers[*]", Type.TEXT, "type name value"),
        ("spec.rules[*].matches[*].queryParams[*]", Type.TEXT, "type name value"),
    ),
)
_GRPC_ROUTE: tuple[Row, ...] = (
    *_ROUTE,
    *_rows(
        ("spec.rules[*].matches[*]", Type.TEXT, "method.type method.service method.method"),
        ("spec.rules[*].matches[*].headers[*]", Type.TEXT, "type name value"),
    ),
)

# Source: Istio 1.27 reference: VirtualService, DestinationRule (protobuf; their definitions have structural schemas).
_STRING_MATCH = ("exact", "prefix", "regex")
_SET_HEADERS = " ".join(f"headers.{part}.{verb}.*" for part in ("request", "response") for verb in ("set", "add"))
_REMOVED_HEADERS = "headers.request.remove[*] headers.response.remove[*]"
_VIRTUAL_SERVICE: tuple[Row, ...] = _rows(
    ("spec", Type.TEXT, "hosts[*] gateways[*] exportTo[*]"),
    ("spec.http[*]", Type.TEXT, f"name {_REMOVED_HEADERS} delegate.name delegate.namespace"),
    ("spec.http[*]", Type.TEXT, "rewrite.uri rewrite.authority redirect.uri redirect.authority"),
    ("spec.http[*]", Type.TEXT, _SET_HEADERS),
    ("spec.http[*]", Type.NUMBER, "redirect.redirectCode directResponse.status"),
    ("spec.http[*].match[*]", Type.TEXT, "name sourceLabels.* sourceNamespace gateways[*]"),
    ("spec.http[*].match[*]", Type.BOOLEAN, "ignoreUriCase"),
    ("spec.http[*].match[*]", Type.NUMBER, "port"),
    *(
        ("spec.http[*].match[*]", Type.TEXT, " ".join(f"{part}.{form}" for form in _STRING_MATCH))
        for part in ("uri", "method", "authority", "scheme", "headers.*", "withoutHeaders.*", "queryParams.*")
    ),
    ("spec.http[*].route[*]", Type.TEXT, f"destination.host destination.subset {_REMOVED_HEADERS}"),
    ("spec.http[*].route[*]", Type.TEXT, _SET_HEADERS),
    ("spec.http[*].route[*]", Type.NUMBER, "weight destination.port.number"),
)

# Source: traefik/traefik v3.7.13 pkg/provider/kubernetes/crd/traefikio/v1alpha1 (ingressroute.go, service.go,
# middleware.go).
_TRAEFIK_SERVICE: tuple[Row, ...] = _rows(
    (
        "",
        Type.TEXT,
        "name namespace kind scheme strategy serversTransport middlewares[*].name middlewares[*].namespace",
    ),
    ("", Type.NUMBER, "weight"),
    ("", Type.NUMBER_OR_TEXT, "port"),
    ("", Type.BOOLEAN, "passHostHeader nativeLB"),
)
_INGRESS_ROUTE: tuple[Row, ...] = (
    *_rows(
        ("spec", Type.TEXT, "entryPoints[*] tls.secretName tls.certResolver"),
        ("spec.routes[*]", Type.TEXT, "match kind syntax middlewares[*].name middlewares[*].namespace"),
        ("spec.routes[*]", Type.NUMBER, "priority"),
    ),
    *_below(("spec", "routes", "[*]", "services", "[*]"), _TRAEFIK_SERVICE),
)

# Source: Kubernetes API reference 1.37, where nothing else is said above.
TYPES: Mapping[GroupKind, tuple[Row, ...]] = {
    (CORE, "Service"): _rows(
        ("spec", Type.TEXT, "type clusterIP clusterIPs[*] externalName externalIPs[*] sessionAffinity"),
        ("spec", Type.TEXT, "loadBalancerIP loadBalancerClass loadBalancerSourceRanges[*]"),
        ("spec.ports[*]", Type.TEXT, "name protocol appProtocol"),
        ("spec.ports[*]", Type.NUMBER, "port nodePort"),
        ("spec.ports[*]", Type.NUMBER_OR_TEXT, "targetPort"),
    ),
    (CORE, "ConfigMap"): _rows(("", Type.TEXT, "data.* binaryData.*"), ("", Type.BOOLEAN, "immutable")),
    (CORE, "Secret"): _rows(("", Type.TEXT, "data.* stringData.* type"), ("", Type.BOOLEAN, "immutable")),
    (CORE, "PersistentVolumeClaim"): tuple(_below(("spec",), _CLAIM)),
    (CORE, "PersistentVolume"): _rows(("spec", Type.TEXT, "accessModes[*]"), ("spec", Type.QUANTITY, "capacity.*")),
    (CORE, "Endpoints"): _rows(
        ("subsets[*]", Type.TEXT, "addresses[*].ip ports[*].name"), ("subsets[*]", Type.NUMBER, "ports[*].port")
    ),
    (CORE, "ResourceQuota"): _rows(
        ("spec", Type.QUANTITY, "hard.*"),
        ("spec", Type.TEXT, "scopes[*]"),
        ("spec.scopeSelector.matchExpressions[*]", Type.TEXT, "scopeName operator values[*]"),
    ),
    (CORE, "LimitRange"): _rows(
        ("spec.limits[*]", Type.TEXT, "type"),
        ("spec.limits[*]", Type.QUANTITY, "max.* min.* default.* defaultRequest.* maxLimitRequestRatio.*"),
    ),
    (NETWORKING, "Ingress"): _INGRESS,
    ("extensions", "Ingress"): _INGRESS,
    (NETWORKING, "NetworkPolicy"): (*_POLICY_PEERS, *_rows(("spec", Type.TEXT, "policyTypes[*]"))),
    (POLICY, "PodDisruptionBudget"): _rows(("spec", Type.NUMBER_OR_TEXT, "minAvailable maxUnavailable")),
    (AUTOSCALING, "HorizontalPodAutoscaler"): _rows(
        ("spec", Type.TEXT, "scaleTargetRef.kind scaleTargetRef.apiVersion metrics[*].type"),
        ("spec", Type.MAPPING, "behavior"),
    ),
    (KEDA, "ScaledObject"): _rows(
        ("spec", Type.TEXT, "triggers[*].type triggers[*].metadata.*"),
        ("spec.advanced.horizontalPodAutoscalerConfig", Type.TEXT, "name"),
    ),
    (APPS, "StatefulSet"): _rows(("spec", Type.TEXT, "podManagementPolicy updateStrategy.type")),
    (APPS, "Deployment"): _rows(("spec", Type.TEXT, "strategy.type")),
    (BATCH, "CronJob"): _rows(("spec", Type.TEXT, "schedule concurrencyPolicy"), ("spec", Type.BOOLEAN, "suspend")),
    (RBAC, "Role"): _rows(("rules[*]", Type.TEXT, "apiGroups[*] resources[*] verbs[*]")),
    (RBAC, "ClusterRole"): _rows(("rules[*]", Type.TEXT, "apiGroups[*] resources[*] verbs[*]")),
    (GATEWAY, "HTTPRoute"): _HTTP_ROUTE,
    (GATEWAY, "GRPCRoute"): _GRPC_ROUTE,
    (GATEWAY, "TCPRoute"): _ROUTE,
    (GATEWAY, "TLSRoute"): _ROUTE,
    (GATEWAY, "UDPRoute"): _ROUTE,
    (GATEWAY, "Gateway"): _rows(
        ("spec.listeners[*]", Type.TEXT, "name hostname protocol allowedRoutes.namespaces.from"),
        ("spec.listeners[*]", Type.NUMBER, "port"),
    ),
    (GATEWAY, "ReferenceGrant"): _rows(("spec", Type.TEXT, "from[*].kind from[*].namespace to[*].kind")),
    (ISTIO, "VirtualService"): _VIRTUAL_SERVICE,
    ("traefik.io", "IngressRoute"): _INGRESS_ROUTE,
    ("traefik.io", "TraefikService"): tuple(_below(("spec", "weighted", "services", "[*]"), _TRAEFIK_SERVICE)),
    ("traefik.io", "Middleware"): _rows(("spec.headers", Type.TEXT, "customRequestHeaders.*")),
    (ISTIO, "DestinationRule"): _rows(("spec", Type.TEXT, "subsets[*].name subsets[*].labels.*")),
    (ISTIO, "Gateway"): _rows(("spec.servers[*]", Type.TEXT, "hosts[*] port.name port.protocol")),
}

# Keys beside a name that say what is named; see `k8s.references`.
_SIBLINGS = ("kind", "apiVersion", "apiGroup", "group", "namespace")


@lru_cache(maxsize=256)
def structure_of(group_kind: GroupKind) -> Structure:
    """Return what an object of a kind is like; of a kind that no table has, its metadata alone."""
    return _tree(tuple(_all_rows(group_kind)))


def _all_rows(group_kind: GroupKind) -> Iterator[Row]:
    yield from _below(("metadata",), _METADATA)
    workload = WORKLOADS.get(group_kind)
    if workload is not None:
        if workload.template:
            yield from _below((*workload.template, "metadata"), _METADATA)
        yield from _below((*workload.template, "spec"), _POD)
        if workload.selector:
            yield from _below(workload.selector, _LABEL_SELECTOR)
        if workload.replicas:
            yield workload.replicas, Type.NUMBER
    for table in (POD_SELECTORS, SERVICE_SELECTORS):
        selector = table.get(group_kind)
        if selector is not None:
            rows = _LABEL_SELECTOR if selector.style is SelectorStyle.LABEL_SELECTOR else _PLAIN_SELECTOR
            yield from _below(selector.path, rows)
            if selector.scope is Scope.NAMED:
                yield ("spec", "namespaceSelector", "matchNames", "[*]"), Type.TEXT
    scaler = SCALERS.get(group_kind)
    if scaler is not None:
        yield scaler.low, Type.NUMBER
        yield scaler.high, Type.NUMBER
    claims = CLAIM_TEMPLATES.get(group_kind)
    if claims is not None:
        yield from _below((*claims, "[*]", "metadata"), _METADATA)
        yield from _below((*claims, "[*]", "spec"), _CLAIM)
    for reference in REFERENCES.get(group_kind, ()):
        yield reference.pattern, Type.TEXT
        if reference.target is None and reference.pattern[-1] == "name":
            yield from (((*reference.pattern[:-1], key), Type.TEXT) for key in _SIBLINGS)
    yield from TYPES.get(group_kind, ())


def _tree(rows: Sequence[Row]) -> Structure:
    """Return what the rows of one value and of all below it say."""
    below: dict[str, list[Row]] = {}
    for pattern, each_type in rows:
        if pattern:
            below.setdefault(pattern[0], []).append((pattern[1:], each_type))
    if not below:
        return Structure(rows[0][1])
    trees = {step: _tree(each) for step, each in below.items()}
    items, values = trees.pop("[*]", None), trees.pop(".*", None)
    return Structure(Type.MAPPING if items is None else Type.LIST, trees, values, items)
