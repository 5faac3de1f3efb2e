"""Every row of the table of references finds its name in a manifest as users write it.

`references.yaml`, and the parts below for what several kinds have in common, say in comments what names what. They are
held to the table in both directions: nothing is found that has no comment, and no row is without a manifest.
"""

import re
from pathlib import Path
from textwrap import indent

import pytest

from grayc.analysis.graph import made_by, references_of
from grayc.documents import Document, ObjectKey, parse_documents
from grayc.documents.tree import matches
from grayc.k8s.kinds import GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.references import REFERENCES, Use, read_pattern
from grayc.k8s.references import Reference as Row
from grayc.source import SourceFile
from grayc.spec.decode import decode
from tests.unit.spec.release import read, release

SPEC = decode(read(release(namespace="shop")))

CONTAINER = """\
- name: main
  env:
    - name: MODE
      valueFrom:
        configMapKeyRef:
          name: modes # -> ConfigMap modes
          key: mode
    - name: KEY
      valueFrom:
        secretKeyRef:
          name: keys # -> Secret keys
          key: key
  envFrom:
    - configMapRef:
        name: settings # -> ConfigMap settings
    - secretRef:
        name: credentials # -> Secret credentials
"""

POD = (
    """\
serviceAccountName: web # -> ServiceAccount web
serviceAccount: web-old # -> ServiceAccount web-old
subdomain: web-headless # -> Service web-headless
priorityClassName: high # -> PriorityClass.scheduling.k8s.io high
runtimeClassName: gvisor # -> RuntimeClass.node.k8s.io gvisor
nodeName: node-1 # -> Node node-1
imagePullSecrets:
  - name: registry # -> Secret registry
resourceClaims:
  - name: gpu
    resourceClaimName: gpu-1 # -> ResourceClaim.resource.k8s.io gpu-1
  - name: gpus
    resourceClaimTemplateName: gpus # -> ResourceClaimTemplate.resource.k8s.io gpus
schedulingGroup:
  podGroupName: workers # -> PodGroup.scheduling.k8s.io workers
volumes:
  - name: config
    configMap:
      name: web-config # -> ConfigMap web-config
  - name: tls
    secret:
      secretName: web-tls # -> Secret web-tls
  - name: all
    projected:
      sources:
        - configMap:
            name: base # -> ConfigMap base
        - secret:
            name: token # -> Secret token
        - clusterTrustBundle:
            name: roots # -> ClusterTrustBundle.certificates.k8s.io roots
            path: ca.pem
  - name: vault
    csi:
      driver: secrets-store.csi.k8s.io
      nodePublishSecretRef:
        name: vault-login # -> Secret vault-login
      volumeAttributes:
        secretProviderClass: vault # -> SecretProviderClass.secrets-store.csi.x-k8s.io vault
  - name: share
    azureFile:
      secretName: files # -> Secret files
      shareName: share
  - name: data
    persistentVolumeClaim:
      claimName: data # -> PersistentVolumeClaim data
  - name: scratch
    ephemeral:
      volumeClaimTemplate:
        spec:
          storageClassName: fast # -> StorageClass.storage.k8s.io fast
          volumeAttributesClassName: gold # -> VolumeAttributesClass.storage.k8s.io gold
          volumeName: pv-1 # -> PersistentVolume pv-1
          dataSource:
            kind: PersistentVolumeClaim
            name: golden # -> PersistentVolumeClaim golden
          dataSourceRef:
            apiGroup: snapshot.storage.k8s.io
            kind: VolumeSnapshot
            name: nightly # -> VolumeSnapshot.snapshot.storage.k8s.io nightly
  - name: old
    cephfs:
      secretRef:
        name: ceph # -> Secret ceph
    cinder:
      secretRef:
        name: cinder # -> Secret cinder
    flexVolume:
      secretRef:
        name: flex # -> Secret flex
    iscsi:
      secretRef:
        name: iscsi # -> Secret iscsi
    rbd:
      secretRef:
        name: rbd # -> Secret rbd
    scaleIO:
      secretRef:
        name: scale # -> Secret scale
    storageos:
      secretRef:
        name: storageos # -> Secret storageos
"""
    + f"containers:\n{CONTAINER}initContainers:\n{CONTAINER}ephemeralContainers:\n{CONTAINER}"
)

SCRAPE = """\
authorization:
  credentials:
    name: token # -> Secret token
basicAuth:
  username:
    name: user # -> Secret user
  password:
    name: password # -> Secret password
bearerTokenSecret:
  name: bearer # -> Secret bearer
oauth2:
  clientId:
    configMap:
      name: client # -> ConfigMap client
    secret:
      name: client # -> Secret client
  clientSecret:
    name: client-secret # -> Secret client-secret
tlsConfig:
  ca:
    configMap:
      name: ca # -> ConfigMap ca
    secret:
      name: ca # -> Secret ca
  cert:
    configMap:
      name: cert # -> ConfigMap cert
    secret:
      name: cert # -> Secret cert
  keySecret:
    name: key # -> Secret key
"""

ISSUER = """\
acme:
  privateKeySecretRef:
    name: account # => Secret account
  externalAccountBinding:
    keySecretRef:
      name: eab # -> Secret eab
  solvers:
    - dns01:
        acmeDNS:
          accountSecretRef:
            name: acme-dns # -> Secret acme-dns
        akamai:
          accessTokenSecretRef:
            name: akamai-access # -> Secret akamai-access
          clientSecretSecretRef:
            name: akamai-secret # -> Secret akamai-secret
          clientTokenSecretRef:
            name: akamai-token # -> Secret akamai-token
        azureDNS:
          clientSecretSecretRef:
            name: azure # -> Secret azure
        cloudDNS:
          serviceAccountSecretRef:
            name: gcp # -> Secret gcp
        cloudflare:
          apiKeySecretRef:
            name: cf-key # -> Secret cf-key
          apiTokenSecretRef:
            name: cf-token # -> Secret cf-token
        digitalocean:
          tokenSecretRef:
            name: do # -> Secret do
        rfc2136:
          tsigSecretSecretRef:
            name: tsig # -> Secret tsig
        route53:
          accessKeyIDSecretRef:
            name: aws-id # -> Secret aws-id
          secretAccessKeySecretRef:
            name: aws-key # -> Secret aws-key
    - http01:
        ingress:
          name: web # -> Ingress.networking.k8s.io web
        gatewayHTTPRoute:
          parentRefs:
            - name: public # -> Gateway.gateway.networking.k8s.io public
ca:
  secretName: root-ca # -> Secret root-ca
vault:
  auth:
    appRole:
      secretRef:
        name: approle # -> Secret approle
    kubernetes:
      secretRef:
        name: vault-sa # -> Secret vault-sa
      serviceAccountRef:
        name: vault # -> ServiceAccount vault
    tokenSecretRef:
      name: vault-token # -> Secret vault-token
  caBundleSecretRef:
    name: vault-ca # -> Secret vault-ca
venafi:
  cloud:
    apiTokenSecretRef:
      name: venafi # -> Secret venafi
  tpp:
    credentialsRef:
      name: tpp # -> Secret tpp
"""

STORE = """\
provider:
  aws:
    auth:
      jwt:
        serviceAccountRef:
          name: aws # -> ServiceAccount aws
      secretRef:
        accessKeyIDSecretRef:
          name: aws-id # -> Secret aws-id
        secretAccessKeySecretRef:
          name: aws-key # -> Secret aws-key
  alibaba:
    auth:
      secretRef:
        accessKeyIDSecretRef:
          name: ali-id # -> Secret ali-id
        accessKeySecretSecretRef:
          name: ali-key # -> Secret ali-key
  azurekv:
    authSecretRef:
      clientId:
        name: azure-id # -> Secret azure-id
      clientSecret:
        name: azure-secret # -> Secret azure-secret
    serviceAccountRef:
      name: azure # -> ServiceAccount azure
  gcpsm:
    auth:
      secretRef:
        secretAccessKeySecretRef:
          name: gcp # -> Secret gcp
      workloadIdentity:
        serviceAccountRef:
          name: gcp # -> ServiceAccount gcp
  kubernetes:
    auth:
      serviceAccount:
        name: reader # -> ServiceAccount reader
      token:
        bearerToken:
          name: bearer # -> Secret bearer
  vault:
    auth:
      appRole:
        secretRef:
          name: approle # -> Secret approle
      kubernetes:
        secretRef:
          name: vault-sa # -> Secret vault-sa
        serviceAccountRef:
          namespace: vault
          name: vault # -> ServiceAccount vault/vault
      tokenSecretRef:
        name: token # -> Secret token
    caProvider:
      type: ConfigMap
      name: vault-ca # -> Secret vault-ca
"""

ANALYSIS = """\
args:
  - name: token
    valueFrom:
      secretKeyRef:
        name: token # -> Secret token
metrics:
  - name: errors
    provider:
      prometheus:
        address: http://prometheus.monitoring:9090 # -> Service monitoring/prometheus
  - name: web
    provider:
      web:
        url: http://stats.shop.svc/errors # -> Service stats
"""

PARTS: tuple[tuple[str, str, str, str], ...] = (
    ("v1", "Pod", "spec", POD),
    ("v1", "PodTemplate", "template.spec", POD),
    ("v1", "ReplicationController", "spec.template.spec", POD),
    ("apps/v1", "Deployment", "spec.template.spec", POD),
    ("apps/v1", "DaemonSet", "spec.template.spec", POD),
    ("apps/v1", "ReplicaSet", "spec.template.spec", POD),
    ("apps/v1", "StatefulSet", "spec.template.spec", POD),
    ("batch/v1", "Job", "spec.template.spec", POD),
    ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec", POD),
    ("argoproj.io/v1alpha1", "Rollout", "spec.template.spec", POD),
    ("argoproj.io/v1alpha1", "AnalysisTemplate", "spec.metrics.-.provider.job.spec.template.spec", POD),
    ("argoproj.io/v1alpha1", "ClusterAnalysisTemplate", "spec.metrics.-.provider.job.spec.template.spec", POD),
    ("keda.sh/v1alpha1", "ScaledJob", "spec.jobTargetRef.template.spec", POD),
    ("apps.kruise.io/v1alpha1", "CloneSet", "spec.template.spec", POD),
    ("apps.kruise.io/v1beta1", "StatefulSet", "spec.template.spec", POD),
    ("apps.kruise.io/v1alpha1", "DaemonSet", "spec.template.spec", POD),
    ("apps.kruise.io/v1alpha1", "BroadcastJob", "spec.template.spec", POD),
    ("apps.kruise.io/v1alpha1", "AdvancedCronJob", "spec.template.jobTemplate.spec.template.spec", POD),
    ("apps.kruise.io/v1alpha1", "AdvancedCronJob", "spec.template.broadcastJobTemplate.spec.template.spec", POD),
    *(
        ("apps.kruise.io/v1alpha1", "UnitedDeployment", f"spec.template.{template}.spec.template.spec", POD)
        for template in (
            "advancedStatefulSetTemplate", "cloneSetTemplate", "deploymentTemplate", "statefulSetTemplate",
        )
    ),
    ("monitoring.coreos.com/v1", "ServiceMonitor", "spec.endpoints.-", SCRAPE),
    ("monitoring.coreos.com/v1", "PodMonitor", "spec.podMetricsEndpoints.-", SCRAPE),
    ("monitoring.coreos.com/v1", "Probe", "spec", SCRAPE),
    ("cert-manager.io/v1", "Issuer", "spec", ISSUER),
    ("cert-manager.io/v1", "ClusterIssuer", "spec", ISSUER),
    ("external-secrets.io/v1", "SecretStore", "spec", STORE),
    ("external-secrets.io/v1", "ClusterSecretStore", "spec", STORE),
    ("argoproj.io/v1alpha1", "AnalysisTemplate", "spec", ANALYSIS),
    ("argoproj.io/v1alpha1", "ClusterAnalysisTemplate", "spec", ANALYSIS),
)  # fmt: skip
"""API version, kind, the place of a part with `-` for a list of one item, and the part."""

INJECTED = """\
dapr.io/config: web-dapr # -> Configuration.dapr.io web-dapr
dapr.io/app-token-secret: web-token # -> Secret web-token
dapr.io/api-token-secret: api-token # -> Secret api-token
vault.hashicorp.com/agent-configmap: web-vault # -> ConfigMap web-vault
vault.hashicorp.com/agent-extra-secret: web-extra # -> Secret web-extra
vault.hashicorp.com/tls-secret: web-tls # -> Secret web-tls
sidecar.istio.io/bootstrapOverride: web-bootstrap # -> ConfigMap web-bootstrap
consul.hashicorp.com/kubernetes-service: web # -> Service web
configmap.reloader.stakater.com/reload: web-config # -> ConfigMap web-config
secret.reloader.stakater.com/reload: web-keys # -> Secret web-keys
"""
"""What stands on pods; those of a bare Pod are its own."""

RELOADED = """\
apiVersion: {}
kind: {}
metadata:
  name: sample
  namespace: shop
  annotations:
    configmap.reloader.stakater.com/reload: "web-config, shared" # -> ConfigMap web-config, ConfigMap shared
    secret.reloader.stakater.com/reload: web-keys # -> Secret web-keys
"""


def manifest(api_version: str, kind: str, place: str, part: str) -> str:
    text, depth = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: sample, namespace: shop}}\n", 0
    steps = place.split(".")
    for step, following in zip(steps, [*steps[1:], ""], strict=True):
        # An item of a list starts on a line of its own, so that what follows is indented as below any key.
        text += "  " * depth + ("- name: item\n" if step == "-" else f"{step}:\n")
        depth += following != "-"
    return text + indent(part, "  " * depth)


def manifests() -> list[Document]:
    text = Path(__file__).with_name("references.yaml").read_text(encoding="utf-8")
    workloads = [(version, kind) for version, kind, place, part in PARTS if part is POD and ".kruise." not in version]
    made = [manifest(*row) for row in PARTS]
    made += [
        manifest(version, kind, f"{place.removesuffix('spec')}metadata.annotations", INJECTED)
        for version, kind, place, part in PARTS
        if part is POD and place != "spec" and (version.rpartition("/")[0], kind) in WORKLOADS
    ]
    made += [RELOADED.format(version, kind) for version, kind in [*workloads, *KRUISE_WORKLOADS]]
    return [document for at, one in enumerate((text, *made)) for document in parsed(f"{at}.yaml", one)]


KRUISE_WORKLOADS = (("apps.kruise.io/v1alpha1", "CloneSet"), ("apps.kruise.io/v1beta1", "StatefulSet"))
NOT_RELOADED = {"PodTemplate", "AnalysisTemplate", "ClusterAnalysisTemplate", "ScaledJob"}
"""Kinds with pods that Reloader does not know."""


def parsed(name: str, text: str) -> tuple[Document, ...]:
    checked = parse_documents(SourceFile(name=name, text=text))
    assert checked.value is not None, (checked.diagnostics, text)
    return tuple(
        document
        for document in checked.value
        if not (document.identity.kind in NOT_RELOADED and "annotations" in document.data["metadata"])  # type: ignore[operator]
    )


DOCUMENTS = manifests()

_COMMENT = re.compile(r"# (->|=>) (.*)$")

Named = tuple[int, str, ObjectKey]
"""Line, arrow, and what is named."""


def commented(document: Document) -> list[Named]:
    found = []
    for at, line in enumerate(document.chunk.text.splitlines()):
        comment = _COMMENT.search(line)
        for item in comment[2].split(", ") if comment else ():
            kind, _, name = item.partition(" ")
            namespace, _, name = name.rpartition("/")
            kind, _, group = kind.partition(".")
            key = ObjectKey(group_kind=(group, kind), namespace=namespace or "shop", name=name)
            assert comment is not None
            found.append((document.chunk.line + at, comment[1], key))
    return sorted(found, key=repr)


def named(document: Document) -> list[Named]:
    found = [(document.span(item.path).line, "->", item.target) for item in references_of(document, SPEC)]
    made = list(made_by(document, SPEC))
    found += [(line, arrow, key) for line, arrow, key in commented(document) if arrow == "=>" and key in made]
    assert len(made) == sum(arrow == "=>" for _, arrow, _ in found)
    return sorted(found, key=repr)


def rows() -> list[tuple[GroupKind, Row]]:
    """Return the rows of the kinds that have a manifest; that all have one is a test of its own."""
    return [(kind, row) for kind, found in REFERENCES.items() if kind in WITH_MANIFEST for row in found]


def shown(value: object) -> str:
    return value.identity.kind if isinstance(value, Document) else ""


WITH_MANIFEST = {document.identity.group_kind for document in DOCUMENTS}


def test_every_kind_with_rows_has_a_manifest() -> None:
    missing = set(REFERENCES) - WITH_MANIFEST

    assert not missing, (
        f"{sorted(missing)}: add a manifest whose comments say what it names to references.yaml; for a kind with a pod "
        "template, a row to `PARTS` in this file"
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_a_manifest_names_what_its_comments_say(document: Document) -> None:
    assert named(document) == commented(document)


@pytest.mark.parametrize(("kind", "row"), rows(), ids=lambda value: ".".join(getattr(value, "pattern", ())) or value[1])
def test_a_row_is_what_finds_its_names(kind: GroupKind, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the row, a manifest does not name what its comments say."""
    having = [
        document
        for document in DOCUMENTS
        if document.identity.group_kind == kind and any(True for _ in matches(document.data, row.pattern))
    ]
    assert having, f"no manifest of {kind[1]} has {'.'.join(row.pattern)}: add the field to its manifest"

    monkeypatch.setitem(REFERENCES, kind, tuple(other for other in REFERENCES[kind] if other is not row))
    without = [
        target
        for document in having
        for target in (*(item.target for item in references_of(document, SPEC)), *made_by(document, SPEC))
    ]
    assert len(without) < sum(len(commented(document)) for document in having)


def test_only_what_a_controller_makes_is_no_reference() -> None:
    made = {target for row in (item[1] for item in rows()) if row.use is Use.MAKE for target in [row.target]}
    assert made == {("", "Secret")}


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("spec.name", ("spec", "name")),
        ("spec.items[*].name", ("spec", "items", "[*]", "name")),
        ("data.*", ("data", ".*")),
        ("spec.matrix[*][*]", ("spec", "matrix", "[*]", "[*]")),
    ],
)
def test_patterns_are_read_as_the_language_writes_them(text: str, steps: tuple[str, ...]) -> None:
    assert read_pattern(text) == steps
