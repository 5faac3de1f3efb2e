"""Fields by which one object names another.

One table serves renaming, the question who uses a ConfigMap, and the checks. `spec.references` of a release adds rows.

Not here: label selectors (see `k8s.selectors`), `paramRef` of an admission policy's binding (its policy has the kind),
principals of an Istio AuthorizationPolicy and `User` subjects that spell out a ServiceAccount (identity is never
copied), and names inside configuration text (see `k8s.hosts`).
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from grayc.k8s.kinds import (
    ALIBABA_AUTOSCALING,
    APPS,
    ARGO,
    AUTOSCALING,
    CORE,
    GATEWAY,
    ISTIO,
    KEDA,
    KEDA_HTTP,
    KRUISE,
    KRUISE_ROLLOUTS,
    MONITORING,
    NETWORKING,
    RBAC,
    GroupKind,
)
from grayc.k8s.pod_templates import CONTAINER_LISTS, WORKLOADS
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.records import dataclass, replace

Pattern = tuple[str, ...]
"""Keys, `[*]` for every item of a list, `.*` for every value of a mapping."""


class Form(StrEnum):
    """How a value spells the name."""

    NAME = "name"
    NAMESPACED = "namespace/name"
    """Or the name alone."""
    LIST = "name, name"
    HOST = "host"
    """A Service by a DNS name: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`."""
    URL = "URL"
    """A Service by the host of a URL, or of `host:port`."""
    KUMA = "name_namespace_svc_port"
    """A Service by Kuma's tag for it, `web_shop_svc_80`, or by the name alone."""
    RESOURCE = "resource"
    """A name that holds for all `resources` of its RBAC rule."""


class Use(StrEnum):
    """What a reference means for a release."""

    FOLLOW = "follow"
    """A copy names the gray copy where there is one."""
    STAY = "stay"
    """It keeps naming the baseline's object."""
    MAKE = "make"
    """The object named is made by a controller from the one that names it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A row: the value at `pattern` names an object of `target`.

    The namespace is the one in the value, else the one at `namespace_field` beside it, else that of the object itself.

    Attributes:
        target: kind that is named; None where `kind`, and `apiVersion`, `apiGroup` or `group`, beside the name tell it.
        default: kind that is meant where those are left out.
        namespace_field: key beside the name that may hold the namespace.
        flag: key beside the name, and the kind that is named where it is true.
    """

    pattern: Pattern
    target: GroupKind | None
    default: GroupKind = (APPS, "Deployment")
    form: Form = Form.NAME
    use: Use = Use.FOLLOW
    namespace_field: str = "namespace"
    flag: tuple[str, GroupKind] | None = None


DEFAULT_TARGET: GroupKind = (APPS, "Deployment")
"""What a sibling reference without `kind` means. Source: KEDA, ScaledObject: `scaleTargetRef.kind`."""

_CONFIG_MAP: GroupKind = (CORE, "ConfigMap")
_SECRET: GroupKind = (CORE, "Secret")
_SERVICE: GroupKind = (CORE, "Service")
_SERVICE_ACCOUNT: GroupKind = (CORE, "ServiceAccount")
_CLAIM: GroupKind = (CORE, "PersistentVolumeClaim")
_VOLUME: GroupKind = (CORE, "PersistentVolume")
_INGRESS: GroupKind = (NETWORKING, "Ingress")
_INGRESS_CLASS: GroupKind = (NETWORKING, "IngressClass")
_STORAGE_CLASS: GroupKind = ("storage.k8s.io", "StorageClass")
_ATTRIBUTES_CLASS: GroupKind = ("storage.k8s.io", "VolumeAttributesClass")
_GATEWAY: GroupKind = (GATEWAY, "Gateway")
_HTTP_ROUTE: GroupKind = (GATEWAY, "HTTPRoute")
_ANALYSIS: GroupKind = (ARGO, "AnalysisTemplate")
_RESOURCES = "resource.k8s.io"
_CERT = "cert-manager.io"
_EXTERNAL = "external-secrets.io"
_SNAPSHOT = "snapshot.storage.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_APP_MESH = "appmesh.k8s.aws"

_STEP = re.compile(r'\["([^"]+)"\]|(\[\*\]|[^.\[\]]+)')


def read_pattern(text: str) -> Pattern:
    """Return a pattern as users write it, `spec.volumes[*].name`, `data.*` and `annotations["a.b/c"]`, in steps."""
    return tuple(quoted or (".*" if step == "*" else step) for quoted, step in _STEP.findall(text))


def _row(  # noqa: PLR0917 - a row of a table
    pattern: str,
    target: GroupKind | None,
    default: GroupKind = DEFAULT_TARGET,
    form: Form = Form.NAME,
    use: Use = Use.FOLLOW,
    namespace_field: str = "namespace",
) -> Reference:
    return Reference(read_pattern(pattern), target, default, form, use, namespace_field)


def _annotation(key: str, target: GroupKind, form: Form = Form.NAME, use: Use = Use.FOLLOW) -> Reference:
    return Reference(("metadata", "annotations", key), target, form=form, use=use)


def _below(prefix: str | Pattern, rows: Iterable[Reference]) -> tuple[Reference, ...]:
    steps = read_pattern(prefix) if isinstance(prefix, str) else prefix
    return tuple(replace(row, pattern=(*steps, *row.pattern)) for row in rows)


# Source: core/v1 PersistentVolumeClaimSpec in the Kubernetes API reference 1.37.
_CLAIM_SPEC: tuple[Reference, ...] = (
    _row("storageClassName", _STORAGE_CLASS),
    _row("volumeAttributesClassName", _ATTRIBUTES_CLASS),
    _row("volumeName", _VOLUME),
    _row("dataSource.name", None, _CLAIM),
    _row("dataSourceRef.name", None, _CLAIM),
)

# Source: core/v1 Container, EnvVarSource and EnvFromSource in the Kubernetes API reference 1.37.
_CONTAINER: tuple[Reference, ...] = (
    _row("env[*].valueFrom.configMapKeyRef.name", _CONFIG_MAP),
    _row("env[*].valueFrom.secretKeyRef.name", _SECRET),
    _row("envFrom[*].configMapRef.name", _CONFIG_MAP),
    _row("envFrom[*].secretRef.name", _SECRET),
)

# Source: core/v1 PodSpec and Volume in the Kubernetes API reference 1.37; `secretProviderClass`: Secrets Store CSI.
_POD: tuple[Reference, ...] = (
    _row("volumes[*].configMap.name", _CONFIG_MAP),
    _row("volumes[*].secret.secretName", _SECRET),
    _row("volumes[*].projected.sources[*].configMap.name", _CONFIG_MAP),
    _row("volumes[*].projected.sources[*].secret.name", _SECRET),
    _row("volumes[*].projected.sources[*].clusterTrustBundle.name", ("certificates.k8s.io", "ClusterTrustBundle")),
    _row("volumes[*].csi.nodePublishSecretRef.name", _SECRET),
    _row("volumes[*].csi.volumeAttributes.secretProviderClass", ("secrets-store.csi.x-k8s.io", "SecretProviderClass")),
    _row("volumes[*].azureFile.secretName", _SECRET),
    _row("volumes[*].persistentVolumeClaim.claimName", _CLAIM),
    *_below("volumes[*].ephemeral.volumeClaimTemplate.spec", _CLAIM_SPEC),
    _row("imagePullSecrets[*].name", _SECRET),
    _row("serviceAccountName", _SERVICE_ACCOUNT),
    _row("serviceAccount", _SERVICE_ACCOUNT),
    _row("subdomain", _SERVICE),
    _row("priorityClassName", ("scheduling.k8s.io", "PriorityClass")),
    _row("runtimeClassName", ("node.k8s.io", "RuntimeClass")),
    _row("nodeName", (CORE, "Node")),
    _row("resourceClaims[*].resourceClaimName", (_RESOURCES, "ResourceClaim")),
    _row("resourceClaims[*].resourceClaimTemplateName", (_RESOURCES, "ResourceClaimTemplate")),
    _row("schedulingGroup.podGroupName", ("scheduling.k8s.io", "PodGroup")),
    *(
        _row(f"volumes[*].{volume}.secretRef.name", _SECRET)
        for volume in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
    ),
    *(row for containers in CONTAINER_LISTS for row in _below(f"{containers}[*]", _CONTAINER)),
)

# Source: Stakater Reloader, "Reload by annotation": on the workload, else on its pods.
_WORKLOAD: tuple[Reference, ...] = (
    _annotation("configmap.reloader.stakater.com/reload", _CONFIG_MAP, Form.LIST),
    _annotation("secret.reloader.stakater.com/reload", _SECRET, Form.LIST),
)

# What injectors read on pods. Source: docs.dapr.io, "Dapr arguments and annotations"; hashicorp/vault-k8s
# agent-inject/agent/annotations.go; istio.io, "Resource annotations", sidecar.istio.io/bootstrapOverride.
_POD_ANNOTATIONS: tuple[Reference, ...] = (
    _annotation("dapr.io/config", ("dapr.io", "Configuration")),
    _annotation("dapr.io/app-token-secret", _SECRET),
    _annotation("dapr.io/api-token-secret", _SECRET),
    _annotation("vault.hashicorp.com/agent-configmap", _CONFIG_MAP),
    _annotation("vault.hashicorp.com/agent-extra-secret", _SECRET),
    _annotation("vault.hashicorp.com/tls-secret", _SECRET),
    _annotation("sidecar.istio.io/bootstrapOverride", _CONFIG_MAP),
    # Source: hashicorp/consul-k8s control-plane/connect-inject/constants, AnnotationKubernetesService.
    _annotation("consul.hashicorp.com/kubernetes-service", _SERVICE),
)

# Source: Gateway API v1.3 (gateway.networking.k8s.io), HTTPRoute, GRPCRoute, TCPRoute, TLSRoute, UDPRoute.
_ROUTE: tuple[Reference, ...] = (
    _row("spec.parentRefs[*].name", None, _GATEWAY),
    _row("spec.rules[*].backendRefs[*].name", None, _SERVICE),
)
_ROUTE_WITH_FILTERS: tuple[Reference, ...] = (
    *_ROUTE,
    *(
        _row(f"{filters}.{pattern}", None, default)
        for filters in ("spec.rules[*].filters[*]", "spec.rules[*].backendRefs[*].filters[*]")
        for pattern, default in (("requestMirror.backendRef.name", _SERVICE), ("extensionRef.name", _SERVICE))
    ),
)

# Source: prometheus-operator v0.85 API reference: BasicAuth, SafeAuthorization, OAuth2, SafeTLSConfig.
_TLS: tuple[Reference, ...] = (
    _row("tlsConfig.ca.configMap.name", _CONFIG_MAP),
    _row("tlsConfig.ca.secret.name", _SECRET),
    _row("tlsConfig.cert.configMap.name", _CONFIG_MAP),
    _row("tlsConfig.cert.secret.name", _SECRET),
    _row("tlsConfig.keySecret.name", _SECRET),
)
_SCRAPE: tuple[Reference, ...] = (
    _row("authorization.credentials.name", _SECRET),
    _row("basicAuth.password.name", _SECRET),
    _row("basicAuth.username.name", _SECRET),
    _row("bearerTokenSecret.name", _SECRET),
    _row("oauth2.clientId.configMap.name", _CONFIG_MAP),
    _row("oauth2.clientId.secret.name", _SECRET),
    _row("oauth2.clientSecret.name", _SECRET),
    *_TLS,
)

# Source: cert-manager v1.18 API reference: IssuerConfig, ACMEIssuer, ACMEChallengeSolverDNS01, VaultAuth, VenafiIssuer.
_ISSUER: tuple[Reference, ...] = (
    _row("spec.acme.privateKeySecretRef.name", _SECRET, use=Use.MAKE),
    _row("spec.acme.externalAccountBinding.keySecretRef.name", _SECRET),
    *(
        _row(f"spec.acme.solvers[*].dns01.{provider}.name", _SECRET)
        for provider in (
            "acmeDNS.accountSecretRef",
            "akamai.accessTokenSecretRef",
            "akamai.clientSecretSecretRef",
            "akamai.clientTokenSecretRef",
            "azureDNS.clientSecretSecretRef",
            "cloudDNS.serviceAccountSecretRef",
            "cloudflare.apiKeySecretRef",
            "cloudflare.apiTokenSecretRef",
            "digitalocean.tokenSecretRef",
            "rfc2136.tsigSecretSecretRef",
            "route53.accessKeyIDSecretRef",
            "route53.secretAccessKeySecretRef",
        )
    ),
    _row("spec.acme.solvers[*].http01.ingress.name", _INGRESS),
    _row("spec.acme.solvers[*].http01.gatewayHTTPRoute.parentRefs[*].name", None, _GATEWAY),
    _row("spec.ca.secretName", _SECRET),
    _row("spec.vault.auth.appRole.secretRef.name", _SECRET),
    _row("spec.vault.auth.kubernetes.secretRef.name", _SECRET),
    _row("spec.vault.auth.kubernetes.serviceAccountRef.name", _SERVICE_ACCOUNT),
    _row("spec.vault.auth.tokenSecretRef.name", _SECRET),
    _row("spec.vault.caBundleSecretRef.name", _SECRET),
    _row("spec.venafi.cloud.apiTokenSecretRef.name", _SECRET),
    _row("spec.venafi.tpp.credentialsRef.name", _SECRET),
)

# Source: External Secrets Operator v1 API: the providers whose credentials most stores hold.
_STORE: tuple[Reference, ...] = (
    _row("spec.provider.aws.auth.jwt.serviceAccountRef.name", _SERVICE_ACCOUNT),
    _row("spec.provider.aws.auth.secretRef.accessKeyIDSecretRef.name", _SECRET),
    _row("spec.provider.aws.auth.secretRef.secretAccessKeySecretRef.name", _SECRET),
    _row("spec.provider.alibaba.auth.secretRef.accessKeyIDSecretRef.name", _SECRET),
    _row("spec.provider.alibaba.auth.secretRef.accessKeySecretSecretRef.name", _SECRET),
    _row("spec.provider.azurekv.authSecretRef.clientId.name", _SECRET),
    _row("spec.provider.azurekv.authSecretRef.clientSecret.name", _SECRET),
    _row("spec.provider.azurekv.serviceAccountRef.name", _SERVICE_ACCOUNT),
    _row("spec.provider.gcpsm.auth.secretRef.secretAccessKeySecretRef.name", _SECRET),
    _row("spec.provider.gcpsm.auth.workloadIdentity.serviceAccountRef.name", _SERVICE_ACCOUNT),
    _row("spec.provider.kubernetes.auth.serviceAccount.name", _SERVICE_ACCOUNT),
    _row("spec.provider.kubernetes.auth.token.bearerToken.name", _SECRET),
    _row("spec.provider.vault.auth.appRole.secretRef.name", _SECRET),
    _row("spec.provider.vault.auth.kubernetes.secretRef.name", _SECRET),
    _row("spec.provider.vault.auth.kubernetes.serviceAccountRef.name", _SERVICE_ACCOUNT),
    _row("spec.provider.vault.auth.tokenSecretRef.name", _SECRET),
    _row("spec.provider.vault.caProvider.name", None, _SECRET),
)

# Source: rbac/v1 PolicyRule, RoleRef and Subject in the Kubernetes API reference 1.37.
_RULES: tuple[Reference, ...] = (_row("rules[*].resourceNames[*]", None, form=Form.RESOURCE, use=Use.STAY),)
_BINDING: tuple[Reference, ...] = (
    _row("roleRef.name", None, (RBAC, "Role")),
    _row("subjects[*].name", None, _SERVICE_ACCOUNT),
)

_WEBHOOKS: tuple[Reference, ...] = (_row("webhooks[*].clientConfig.service.name", _SERVICE),)

# Source: core/v1 PersistentVolumeSpec in the Kubernetes API reference 1.37.
_VOLUME_SPEC: tuple[Reference, ...] = (
    _row("spec.claimRef.name", _CLAIM),
    _row("spec.storageClassName", _STORAGE_CLASS),
    _row("spec.volumeAttributesClassName", _ATTRIBUTES_CLASS),
    _row("spec.azureFile.secretName", _SECRET, namespace_field="secretNamespace"),
    *(
        _row(f"spec.csi.{step}SecretRef.name", _SECRET)
        for step in ("controllerExpand", "controllerPublish", "nodeExpand", "nodePublish", "nodeStage")
    ),
    *(
        _row(f"spec.{volume}.secretRef.name", _SECRET)
        for volume in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
    ),
)

# Source: kubernetes-csi, external-provisioner: "Secrets and Credentials"; parameters of a StorageClass.
_PROVISIONER: tuple[Reference, ...] = tuple(
    Reference(
        ("parameters", f"csi.storage.k8s.io/{step}-secret-name"),
        _SECRET,
        namespace_field=f"csi.storage.k8s.io/{step}-secret-namespace",
    )
    for step in ("controller-expand", "controller-publish", "node-expand", "node-publish", "node-stage", "provisioner")
)

# Source: ingress-nginx, "Annotations" (MSE and Higress take the same); cert-manager, "Annotated Ingress resource".
# An entry's canary is for the gateway to make, so these tell who uses what and never follow a copy.
_NGINX = "nginx.ingress.kubernetes.io/"
_INGRESS_ROWS: tuple[Reference, ...] = (
    _row("spec.rules[*].http.paths[*].backend.service.name", _SERVICE),
    _row("spec.defaultBackend.service.name", _SERVICE),
    _row("spec.rules[*].http.paths[*].backend.resource.name", None, _SERVICE, use=Use.STAY),
    _row("spec.defaultBackend.resource.name", None, _SERVICE, use=Use.STAY),
    # A canary serves the same host with the same certificate.
    _row("spec.tls[*].secretName", _SECRET, use=Use.STAY),
    _row("spec.ingressClassName", _INGRESS_CLASS, use=Use.STAY),
    _annotation("kubernetes.io/ingress.class", _INGRESS_CLASS, use=Use.STAY),
    _annotation("cert-manager.io/issuer", (_CERT, "Issuer"), use=Use.STAY),
    _annotation("cert-manager.io/cluster-issuer", (_CERT, "ClusterIssuer"), use=Use.STAY),
    *(
        _annotation(f"{_NGINX}{key}", _SECRET, Form.NAMESPACED, Use.STAY)
        for key in ("auth-secret", "auth-tls-secret", "proxy-ssl-secret")
    ),
    *(
        _annotation(f"{_NGINX}{key}", _CONFIG_MAP, Form.NAMESPACED, Use.STAY)
        for key in ("auth-proxy-set-headers", "custom-headers", "fastcgi-params-configmap")
    ),
    _annotation(f"{_NGINX}default-backend", _SERVICE, use=Use.STAY),
    *(
        _annotation(f"{_NGINX}{key}", _SERVICE, Form.URL, Use.STAY)
        for key in ("auth-signin", "auth-url", "mirror-target")
    ),
)

# Source: Argo Rollouts v1.8.3, pkg/apis/rollouts/v1alpha1: types.go, analysis_types.go, experiment_types.go; the plugin
# of rollouts-plugin-trafficrouter-gatewayapi v0.5.
_CLUSTER_SCOPE = ("clusterScope", (ARGO, "ClusterAnalysisTemplate"))
_ROUTING = "spec.strategy.canary.trafficRouting"
_GATEWAY_PLUGIN = ("spec", "strategy", "canary", "trafficRouting", "plugins", "argoproj-labs/gatewayAPI")


def _analysis(pattern: str) -> Reference:
    return Reference(read_pattern(pattern), _ANALYSIS, flag=_CLUSTER_SCOPE)


_JUDGED = (
    "canary.analysis",
    "canary.steps[*].analysis",
    "blueGreen.prePromotionAnalysis",
    "blueGreen.postPromotionAnalysis",
)
_ROLLOUT: tuple[Reference, ...] = (
    _row("spec.workloadRef.name", None),
    *(
        _row(f"spec.strategy.{field}", _SERVICE)
        for field in (
            "canary.canaryService",
            "canary.stableService",
            "canary.pingPong.pingService",
            "canary.pingPong.pongService",
            "blueGreen.activeService",
            "blueGreen.previewService",
            "canary.trafficRouting.alb.rootService",
            "canary.trafficRouting.smi.rootService",
        )
    ),
    *(_analysis(f"spec.strategy.{place}.templates[*].templateName") for place in _JUDGED),
    _analysis("spec.strategy.canary.steps[*].experiment.analyses[*].templateName"),
    # What a template is told: the host of a Service, or its name.
    *(_row(f"spec.strategy.{place}.args[*].value", _SERVICE, form=Form.HOST) for place in _JUDGED),
    _row("spec.strategy.canary.steps[*].experiment.analyses[*].args[*].value", _SERVICE, form=Form.HOST),
    _row(f"{_ROUTING}.alb.ingress", _INGRESS),
    _row(f"{_ROUTING}.alb.ingresses[*]", _INGRESS),
    _row(f"{_ROUTING}.nginx.stableIngress", _INGRESS),
    _row(f"{_ROUTING}.nginx.stableIngresses[*]", _INGRESS),
    _row(f"{_ROUTING}.istio.virtualService.name", (ISTIO, "VirtualService"), form=Form.HOST),
    _row(f"{_ROUTING}.istio.virtualServices[*].name", (ISTIO, "VirtualService"), form=Form.HOST),
    _row(f"{_ROUTING}.istio.destinationRule.name", (ISTIO, "DestinationRule")),
    _row(f"{_ROUTING}.smi.trafficSplitName", ("split.smi-spec.io", "TrafficSplit")),
    _row(f"{_ROUTING}.ambassador.mappings[*]", ("getambassador.io", "Mapping")),
    _row(f"{_ROUTING}.traefik.weightedTraefikServiceName", ("traefik.io", "TraefikService")),
    _row(f"{_ROUTING}.apisix.route.name", ("apisix.apache.org", "ApisixRoute")),
    _row(f"{_ROUTING}.appMesh.virtualService.name", (_APP_MESH, "VirtualService")),
    _row(f"{_ROUTING}.appMesh.virtualNodeGroup.canaryVirtualNodeRef.name", (_APP_MESH, "VirtualNode")),
    _row(f"{_ROUTING}.appMesh.virtualNodeGroup.stableVirtualNodeRef.name", (_APP_MESH, "VirtualNode")),
    *(
        Reference((*_GATEWAY_PLUGIN, *steps), (GATEWAY, f"{kind}Route"))
        for kind in ("HTTP", "GRPC", "TCP", "TLS")
        for steps in ((f"{kind.lower()}Route",), (f"{kind.lower()}Routes", "[*]", "name"))
    ),
)
_ANALYSIS_ROWS: tuple[Reference, ...] = (
    _row("spec.args[*].valueFrom.secretKeyRef.name", _SECRET),
    _row("spec.metrics[*].provider.prometheus.address", _SERVICE, form=Form.URL),
    _row("spec.metrics[*].provider.web.url", _SERVICE, form=Form.URL),
    *_below("spec.metrics[*].provider.job.spec.template.spec", _POD),
    _analysis("spec.templates[*].templateName"),
)
_EXPERIMENT: tuple[Reference, ...] = (_analysis("spec.analyses[*].templateName"),)

# Source: fluxcd/flagger pkg/apis/flagger/v1beta1/canary.go. All of it is production's, and stays so.
_FLAGGER: tuple[Reference, ...] = (
    _row("spec.targetRef.name", None, use=Use.STAY),
    _row("spec.autoscalerRef.name", None, (AUTOSCALING, "HorizontalPodAutoscaler"), use=Use.STAY),
    _row("spec.ingressRef.name", None, _INGRESS, use=Use.STAY),
    _row("spec.upstreamRef.name", None, ("gloo.solo.io", "Upstream"), use=Use.STAY),
    _row("spec.service.gatewayRefs[*].name", None, _GATEWAY, use=Use.STAY),
    _row("spec.analysis.metrics[*].templateRef.name", ("flagger.app", "MetricTemplate"), use=Use.STAY),
)

# Source: Istio 1.27 reference: VirtualService, DestinationRule, Gateway, ServiceEntry.
_DESTINATIONS = ("http[*].route[*].destination", "http[*].mirror", "http[*].mirrors[*].destination")
_VIRTUAL_SERVICE: tuple[Reference, ...] = (
    _row("spec.hosts[*]", _SERVICE, form=Form.HOST),
    _row("spec.gateways[*]", (ISTIO, "Gateway"), form=Form.NAMESPACED),
    _row("spec.http[*].delegate.name", (ISTIO, "VirtualService")),
    *(
        _row(f"spec.{place}.host", _SERVICE, form=Form.HOST)
        for place in (*_DESTINATIONS, "tcp[*].route[*].destination", "tls[*].route[*].destination")
    ),
)

# Source: KEDA v2.17, ScaledObject and ScaledJob; the addresses are those of the scalers that ask a Service.
_TRIGGERS: tuple[Reference, ...] = (
    _row("spec.triggers[*].authenticationRef.name", None, (KEDA, "TriggerAuthentication")),
    *(
        _row(f"spec.triggers[*].metadata.{key}", _SERVICE, form=Form.URL)
        for key in ("address", "host", "scalerAddress", "serverAddress", "url")
    ),
)
_TRIGGER_AUTHENTICATION: tuple[Reference, ...] = (
    _row("spec.secretTargetRef[*].name", _SECRET),
    _row("spec.configMapTargetRef[*].name", _CONFIG_MAP),
    _row("spec.hashiCorpVault.credential.serviceAccountName", _SERVICE_ACCOUNT),
)

_TARGET_REFS: tuple[Reference, ...] = (_row("spec.targetRefs[*].name", None, _SERVICE),)
_POLICY: tuple[Reference, ...] = (*_TARGET_REFS, _row("spec.targetRef.name", None, _SERVICE))

# Source: Kubernetes API reference 1.37, where nothing else is said above or beside the row.
_OTHERS: Mapping[GroupKind, tuple[Reference, ...]] = {
    _INGRESS: _INGRESS_ROWS,
    _INGRESS_CLASS: (_row("spec.parameters.name", None, _CONFIG_MAP),),
    (APPS, "StatefulSet"): (
        _row("spec.serviceName", _SERVICE),
        *_below("spec.volumeClaimTemplates[*].spec", _CLAIM_SPEC),
    ),
    (AUTOSCALING, "HorizontalPodAutoscaler"): (
        _row("spec.scaleTargetRef.name", None),
        _row("spec.metrics[*].object.describedObject.name", None, _SERVICE),
    ),
    (CORE, "PodTemplate"): _below("template.spec", _POD),
    (CORE, "Service"): (_row("spec.externalName", _SERVICE, form=Form.HOST),),
    (CORE, "ServiceAccount"): (_row("imagePullSecrets[*].name", _SECRET), _row("secrets[*].name", _SECRET)),
    (CORE, "Secret"): (_annotation("kubernetes.io/service-account.name", _SERVICE_ACCOUNT),),
    # The addresses of a Service without selector: the same name, or a label.
    (CORE, "Endpoints"): (_row("metadata.name", _SERVICE, use=Use.STAY),),
    ("discovery.k8s.io", "EndpointSlice"): (
        Reference(("metadata", "labels", "kubernetes.io/service-name"), _SERVICE, use=Use.STAY),
    ),
    _CLAIM: _below("spec", _CLAIM_SPEC),
    _VOLUME: _VOLUME_SPEC,
    _STORAGE_CLASS: _PROVISIONER,
    (RBAC, "Role"): _RULES,
    (RBAC, "ClusterRole"): _RULES,
    (RBAC, "RoleBinding"): _BINDING,
    (RBAC, "ClusterRoleBinding"): _BINDING,
    ("apiregistration.k8s.io", "APIService"): (_row("spec.service.name", _SERVICE),),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        _row("spec.conversion.webhook.clientConfig.service.name", _SERVICE),
    ),
    (_ADMISSION, "MutatingWebhookConfiguration"): _WEBHOOKS,
    (_ADMISSION, "ValidatingWebhookConfiguration"): _WEBHOOKS,
    (_ADMISSION, "MutatingAdmissionPolicyBinding"): (_row("spec.policyName", (_ADMISSION, "MutatingAdmissionPolicy")),),
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): (
        _row("spec.policyName", (_ADMISSION, "ValidatingAdmissionPolicy")),
    ),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): (
        _row("spec.priorityLevelConfiguration.name", ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration")),
        _row("spec.rules[*].subjects[*].serviceAccount.name", _SERVICE_ACCOUNT),
    ),
    (_RESOURCES, "ResourceClaim"): (
        _row("spec.devices.requests[*].exactly.deviceClassName", (_RESOURCES, "DeviceClass")),
        _row("spec.devices.requests[*].firstAvailable[*].deviceClassName", (_RESOURCES, "DeviceClass")),
    ),
    (_RESOURCES, "ResourceClaimTemplate"): (
        _row("spec.spec.devices.requests[*].exactly.deviceClassName", (_RESOURCES, "DeviceClass")),
        _row("spec.spec.devices.requests[*].firstAvailable[*].deviceClassName", (_RESOURCES, "DeviceClass")),
    ),
    # Source: kubernetes-csi, external-snapshotter, snapshot.storage.k8s.io/v1.
    (_SNAPSHOT, "VolumeSnapshot"): (
        _row("spec.source.persistentVolumeClaimName", _CLAIM),
        _row("spec.source.volumeSnapshotContentName", (_SNAPSHOT, "VolumeSnapshotContent")),
        _row("spec.volumeSnapshotClassName", (_SNAPSHOT, "VolumeSnapshotClass")),
    ),
    # Source: kubernetes/autoscaler, autoscaling.k8s.io/v1.
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): (_row("spec.targetRef.name", None),),
    # Source: Secrets Store CSI driver, "Sync as Kubernetes Secret".
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass"): (
        _row("spec.secretObjects[*].secretName", _SECRET, use=Use.MAKE),
    ),
    (GATEWAY, "HTTPRoute"): _ROUTE_WITH_FILTERS,
    (GATEWAY, "GRPCRoute"): _ROUTE_WITH_FILTERS,
    (GATEWAY, "TCPRoute"): _ROUTE,
    (GATEWAY, "TLSRoute"): _ROUTE,
    (GATEWAY, "UDPRoute"): _ROUTE,
    _GATEWAY: (
        _row("spec.gatewayClassName", (GATEWAY, "GatewayClass")),
        _row("spec.infrastructure.parametersRef.name", None, _CONFIG_MAP),
        _row("spec.listeners[*].tls.certificateRefs[*].name", None, _SECRET),
        _row("spec.listeners[*].tls.frontendValidation.caCertificateRefs[*].name", None, _CONFIG_MAP),
    ),
    (GATEWAY, "GatewayClass"): (_row("spec.parametersRef.name", None, _CONFIG_MAP),),
    (GATEWAY, "ReferenceGrant"): (_row("spec.to[*].name", None, _SERVICE),),
    (GATEWAY, "BackendTLSPolicy"): (
        *_TARGET_REFS,
        _row("spec.validation.caCertificateRefs[*].name", None, _CONFIG_MAP),
    ),
    # Source: envoyproxy/gateway d32f282, api/v1alpha1: basic_auth, api_key_auth, oidc, jwt, ext_auth, ext_proc types.
    ("gateway.envoyproxy.io", "SecurityPolicy"): (
        *_POLICY,
        _row("spec.basicAuth.users.name", None, _SECRET),
        _row("spec.apiKeyAuth.credentialRefs[*].name", None, _SECRET),
        _row("spec.oidc.clientIDRef.name", None, _SECRET),
        _row("spec.oidc.clientSecret.name", None, _SECRET),
        _row("spec.oidc.provider.backendRefs[*].name", None, _SERVICE),
        _row("spec.jwt.providers[*].localJWKS.valueRef.name", None, _CONFIG_MAP),
        _row("spec.jwt.providers[*].remoteJWKS.backendRefs[*].name", None, _SERVICE),
        *(
            _row(f"spec.extAuth.{protocol}.{field}.name", None, _SERVICE)
            for protocol in ("grpc", "http")
            for field in ("backendRef", "backendRefs[*]")
        ),
    ),
    ("gateway.envoyproxy.io", "EnvoyExtensionPolicy"): (
        *_POLICY,
        _row("spec.extProc[*].backendRefs[*].name", None, _SERVICE),
    ),
    # Source: GoogleCloudPlatform/gke-gateway-api, apis/networking/v1/gcpbackendpolicy_types.go.
    ("networking.gke.io", "GCPBackendPolicy"): (*_POLICY, _row("spec.default.iap.oauth2ClientSecret.name", _SECRET)),
    ("cloud.google.com", "BackendConfig"): (_row("spec.iap.oauthclientCredentials.secretName", _SECRET),),
    (ISTIO, "VirtualService"): _VIRTUAL_SERVICE,
    # Source: traefik/traefik v3.7.13 pkg/provider/kubernetes/crd/traefikio/v1alpha1/ingressroute.go.
    ("traefik.io", "IngressRoute"): (_row("spec.tls.secretName", _SECRET, use=Use.STAY),),
    (ISTIO, "DestinationRule"): (
        _row("spec.host", _SERVICE, form=Form.HOST),
        _row("spec.trafficPolicy.tls.credentialName", _SECRET),
    ),
    (ISTIO, "Gateway"): (_row("spec.servers[*].tls.credentialName", _SECRET),),
    (ISTIO, "ServiceEntry"): (_row("spec.hosts[*]", _SERVICE, form=Form.HOST),),
    (ISTIO, "EnvoyFilter"): _TARGET_REFS,
    ("security.istio.io", "AuthorizationPolicy"): _TARGET_REFS,
    ("security.istio.io", "RequestAuthentication"): _TARGET_REFS,
    ("telemetry.istio.io", "Telemetry"): _TARGET_REFS,
    ("extensions.istio.io", "WasmPlugin"): (*_TARGET_REFS, _row("spec.imagePullSecret", _SECRET)),
    (KEDA, "ScaledObject"): (_row("spec.scaleTargetRef.name", None), *_TRIGGERS),
    (KEDA, "ScaledJob"): (*_below("spec.jobTargetRef.template.spec", _POD), *_TRIGGERS),
    (KEDA, "TriggerAuthentication"): _TRIGGER_AUTHENTICATION,
    (KEDA, "ClusterTriggerAuthentication"): _TRIGGER_AUTHENTICATION,
    (MONITORING, "ServiceMonitor"): _below("spec.endpoints[*]", _SCRAPE),
    (MONITORING, "PodMonitor"): _below("spec.podMetricsEndpoints[*]", _SCRAPE),
    (MONITORING, "Probe"): (
        *_below("spec", _SCRAPE),
        _row("spec.prober.url", _SERVICE, form=Form.URL),
        _row("spec.targets.staticConfig.static[*]", _SERVICE, form=Form.URL),
    ),
    (_CERT, "Certificate"): (
        _row("spec.secretName", _SECRET, use=Use.MAKE),
        _row("spec.issuerRef.name", None, (_CERT, "Issuer")),
        _row("spec.keystores.jks.passwordSecretRef.name", _SECRET),
        _row("spec.keystores.pkcs12.passwordSecretRef.name", _SECRET),
    ),
    (_CERT, "Issuer"): _ISSUER,
    (_CERT, "ClusterIssuer"): _ISSUER,
    # An ExternalSecret makes a Secret of its own name unless it names one.
    (_EXTERNAL, "ExternalSecret"): (
        _row("metadata.name", _SECRET, use=Use.MAKE),
        _row("spec.target.name", _SECRET, use=Use.MAKE),
        _row("spec.target.template.templateFrom[*].configMap.name", _CONFIG_MAP),
        _row("spec.target.template.templateFrom[*].secret.name", _SECRET),
        _row("spec.secretStoreRef.name", None, (_EXTERNAL, "SecretStore")),
        _row("spec.data[*].sourceRef.storeRef.name", None, (_EXTERNAL, "SecretStore")),
        _row("spec.dataFrom[*].sourceRef.storeRef.name", None, (_EXTERNAL, "SecretStore")),
        _row("spec.dataFrom[*].sourceRef.generatorRef.name", None, ("generators.external-secrets.io", "Password")),
    ),
    (_EXTERNAL, "PushSecret"): (
        _row("spec.secretStoreRefs[*].name", None, (_EXTERNAL, "SecretStore")),
        _row("spec.selector.secret.name", _SECRET),
    ),
    (_EXTERNAL, "SecretStore"): _STORE,
    (_EXTERNAL, "ClusterSecretStore"): _STORE,
    # Source: bitnami-labs/sealed-secrets, "Scopes": the Secret has the name that it was sealed for.
    ("bitnami.com", "SealedSecret"): (
        _row("metadata.name", _SECRET, use=Use.MAKE),
        _row("spec.template.metadata.name", _SECRET, use=Use.MAKE),
    ),
    # Source: helm-controller api/v2 `ValuesReference`, kustomize-controller api/v1 `SubstituteReference`; both of the
    # object's own namespace. They are production's, and stay so.
    ("helm.toolkit.fluxcd.io", "HelmRelease"): (_row("spec.valuesFrom[*].name", None, _CONFIG_MAP, use=Use.STAY),),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): (
        _row("spec.postBuild.substituteFrom[*].name", None, _CONFIG_MAP, use=Use.STAY),
        _row("spec.decryption.secretRef.name", _SECRET, use=Use.STAY),
    ),
    (ARGO, "Rollout"): _ROLLOUT,
    _ANALYSIS: _ANALYSIS_ROWS,
    (ARGO, "ClusterAnalysisTemplate"): _ANALYSIS_ROWS,
    # Source: OpenKruise v1.8, apps.kruise.io and rollouts.kruise.io.
    (KRUISE, "StatefulSet"): (
        _row("spec.serviceName", _SERVICE),
        *_below("spec.volumeClaimTemplates[*].spec", _CLAIM_SPEC),
    ),
    (KRUISE, "CloneSet"): _below("spec.volumeClaimTemplates[*].spec", _CLAIM_SPEC),
    (KRUISE, "DaemonSet"): _below("spec.template.spec", _POD),
    (KRUISE, "BroadcastJob"): _below("spec.template.spec", _POD),
    (KRUISE, "AdvancedCronJob"): (
        *_below("spec.template.jobTemplate.spec.template.spec", _POD),
        *_below("spec.template.broadcastJobTemplate.spec.template.spec", _POD),
    ),
    (KRUISE, "SidecarSet"): (
        _row("spec.imagePullSecrets[*].name", _SECRET),
        *(
            row
            for containers in ("containers", "initContainers")
            for row in _below(f"spec.{containers}[*]", _CONTAINER)
        ),
    ),
    (KRUISE, "UnitedDeployment"): tuple(
        row
        for template in (
            "advancedStatefulSetTemplate",
            "cloneSetTemplate",
            "deploymentTemplate",
            "statefulSetTemplate",
        )
        for row in _below(f"spec.template.{template}.spec.template.spec", _POD)
    ),
    (KRUISE, "ImagePullJob"): (_row("spec.pullSecrets[*]", _SECRET),),
    (KRUISE, "WorkloadSpread"): (_row("spec.targetRef.name", None),),
    ("policy.kruise.io", "PodUnavailableBudget"): (_row("spec.targetRef.name", None),),
    # v1alpha1 has `objectRef` and one gateway; v1beta1 has neither. All of it is production's, and stays so.
    (KRUISE_ROLLOUTS, "Rollout"): (
        _row("spec.objectRef.workloadRef.name", None, use=Use.STAY),
        _row("spec.workloadRef.name", None, use=Use.STAY),
        *(
            row
            for strategy in ("canary", "blueGreen")
            for row in (
                _row(f"spec.strategy.{strategy}.trafficRoutings[*].service", _SERVICE, use=Use.STAY),
                _row(f"spec.strategy.{strategy}.trafficRoutings[*].ingress.name", _INGRESS, use=Use.STAY),
                _row(f"spec.strategy.{strategy}.trafficRoutings[*].gateway.httpRouteName", _HTTP_ROUTE, use=Use.STAY),
            )
        ),
    ),
    (KRUISE_ROLLOUTS, "TrafficRouting"): (
        _row("spec.objectRef[*].service", _SERVICE, use=Use.STAY),
        _row("spec.objectRef[*].ingress.name", _INGRESS, use=Use.STAY),
        _row("spec.objectRef[*].gateway.httpRouteName", _HTTP_ROUTE, use=Use.STAY),
    ),
    (ARGO, "Experiment"): _EXPERIMENT,
    ("flagger.app", "Canary"): _FLAGGER,
    # Source: AliyunContainerService/kubernetes-cronhpa-controller; kedacore/http-add-on v0.10.
    (ALIBABA_AUTOSCALING, "CronHorizontalPodAutoscaler"): (_row("spec.scaleTargetRef.name", None, use=Use.STAY),),
    (KEDA_HTTP, "HTTPScaledObject"): (
        _row("spec.scaleTargetRef.name", None, use=Use.STAY),
        _row("spec.scaleTargetRef.service", _SERVICE, use=Use.STAY),
    ),
}

# Source: rbac/v1 PolicyRule names resources, not kinds; the ones that a rule may want to name one by one.
RESOURCE_KINDS: Mapping[tuple[str, str], GroupKind] = {
    (CORE, "configmaps"): _CONFIG_MAP,
    (CORE, "persistentvolumeclaims"): _CLAIM,
    (CORE, "persistentvolumes"): _VOLUME,
    (CORE, "secrets"): _SECRET,
    (CORE, "serviceaccounts"): _SERVICE_ACCOUNT,
    (CORE, "services"): _SERVICE,
    (APPS, "deployments"): (APPS, "Deployment"),
    (APPS, "statefulsets"): (APPS, "StatefulSet"),
    (NETWORKING, "ingresses"): _INGRESS,
}
"""API group and resource → kind."""


def _rows() -> dict[GroupKind, tuple[Reference, ...]]:
    rows: dict[GroupKind, list[Reference]] = {}
    for group_kind, workload in WORKLOADS.items():
        rows[group_kind] = [
            *_below((*workload.template, "spec"), _POD),
            *_WORKLOAD,
            *_below(workload.template, (*_POD_ANNOTATIONS, *(_WORKLOAD if workload.template else ()))),
        ]
    for group_kind, extra in _OTHERS.items():
        rows.setdefault(group_kind, []).extend(extra)
    for group_kind, routing in ROUTING_KINDS.items():
        # What leads requests is the baseline's, so it keeps naming the baseline's Services.
        rows.setdefault(group_kind, []).extend(
            _row(field.path, _SERVICE, form=Form(field.form), use=Use.STAY, namespace_field=field.namespace_field)
            for field in routing.services
        )
    return {group_kind: tuple(found) for group_kind, found in rows.items()}


REFERENCES: dict[GroupKind, tuple[Reference, ...]] = _rows()
