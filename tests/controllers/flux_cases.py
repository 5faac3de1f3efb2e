"""Kustomizations of Flux, each with the source that it builds: what Flux makes of them, grayc must."""

APP = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n        - name: web\n          image: registry.example.com/web:1.0\n"
    "          env: [{name: DB, value: 'pg.${DOMAIN}'}]\n        - {name: side, image: 'side:1'}\n"
)
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
PLAIN = {"app/web.yaml": APP, "app/service.yml": SERVICE}
BUILT = {**PLAIN, "app/kustomization.yaml": "resources: [web.yaml, service.yml]\n"}


def kustomization(spec: str, path: str = "./app") -> str:
    """Return a Kustomization with fields of its `spec` in block style."""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
        f"spec:\n  interval: 10m\n  prune: true\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: shop}}\n{spec}"
    )


def texts(**data: str) -> str:
    """Return the manifest of a ConfigMap that has a place for each of the texts."""
    lines = "".join(f"  {name}: {value}\n" for name, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: texts, namespace: shop}}\ndata:\n{lines}"


ADD = "- target: {kind: Deployment}\n      patch: |\n        - {op: add, path: /spec/minReadySeconds, value: 9}\n"

CASES: dict[str, dict[str, str]] = {
    "a folder without a kustomization": {
        **PLAIN,
        "app/deep/er/more.yaml": SERVICE.replace("name: web}", "name: more}"),
        "app/own/kustomization.yaml": "namePrefix: own-\nresources: [x.yaml]\n",
        "app/own/x.yaml": SERVICE,
        "app/README.md": "no: manifest\n",
        "ks.yaml": kustomization("  targetNamespace: shop\n"),
    },
    "names and a namespace": {
        **BUILT,
        "app/kustomization.yaml": "namespace: other\nnamePrefix: was-\nresources: [web.yaml, service.yml]\n",
        "ks.yaml": kustomization("  targetNamespace: shop\n  namePrefix: a-\n  nameSuffix: -z\n"),
    },
    "images over those of the kustomization": {
        **BUILT,
        "app/kustomization.yaml": (
            "resources: [web.yaml, service.yml]\n"
            "images: [{name: registry.example.com/web, newName: mirror/web, digest: 'sha256:abc'}]\n"
        ),
        "ks.yaml": kustomization(
            "  images:\n    - {name: registry.example.com/web, newTag: '2.0'}\n    - {name: side, newName: other}\n"
        ),
    },
    "patches, after those of the kustomization": {
        **BUILT,
        "app/kustomization.yaml": (
            "resources: [web.yaml, service.yml]\n"
            "patches: [{patch: 'apiVersion: apps/v1\n\n    kind: Deployment\n\n    metadata: {name: web}\n\n"
            "    spec: {minReadySeconds: 3, paused: true}'}]\n"
        ),
        "ks.yaml": kustomization(f"  patches:\n    {ADD}"),
    },
    "components, and one that is missing": {
        **BUILT,
        "app/part/kustomization.yaml": (
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {part: here}\n"
        ),
        "ks.yaml": kustomization("  components: [part, none]\n  ignoreMissingComponents: true\n"),
    },
    "variables of every form": {
        "app/texts.yaml": texts(
            plain="${A}-${B}",
            default="${NONE:=x}/${NONE:-y}/${NONE=z}/${A:=n}",
            length='"${#A}"',
            up="${A^}${A^^}",
            low="${B,}${B,,}",
            cut='"${A:1}/${A:1:2}/${A: -2}"',
            swap="${A/l/L}/${A//l/}/${A/#h/H}/${A/%o/O}",
            escaped="$${A} $$ $A",
            nested="${NONE:=${A}}",
            number="${N}",
            quoted='"${N}"',
            empty="'[${NONE}]'",
        ),
        "ks.yaml": kustomization('  postBuild:\n    substitute: {A: hello, B: WORLD, N: "6"}\n'),
    },
    "variables of types": {
        "app/web.yaml": APP.replace("replicas: 1", "replicas: ${REPLICAS}"),
        "ks.yaml": kustomization("  postBuild: {substitute: {REPLICAS: '6', DOMAIN: example.com}}\n"),
    },
    "variables from a ConfigMap and a Secret": {
        **BUILT,
        "app/texts.yaml": texts(a="${DOMAIN} ${ONLY} ${KEY} ${PLAIN}"),
        "app/kustomization.yaml": "resources: [web.yaml, texts.yaml]\n",
        "ks.yaml": kustomization(
            "  postBuild:\n    substitute: {DOMAIN: mine.example.com}\n    substituteFrom:\n"
            "      - {kind: ConfigMap, name: cluster}\n      - {kind: Secret, name: keys}\n"
            "      - {kind: ConfigMap, name: none, optional: true}\n"
        ),
        "vars.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster, namespace: flux-system}\n"
            'data: {DOMAIN: theirs.example.com, ONLY: "a\\nb", KEY: weak}\n---\n'
            "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: flux-system}\ndata: {KEY: c3Ryb25n}\n"
        ),
    },
    "objects that are left as they are": {
        **BUILT,
        "app/texts.yaml": texts(a="${DOMAIN}").replace(
            "namespace: shop}", "namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}"
        ),
        "app/kustomization.yaml": "resources: [web.yaml, texts.yaml]\n",
        "ks.yaml": kustomization("  postBuild: {substitute: {DOMAIN: example.com}}\n"),
    },
    "no variables, and none filled in": {**BUILT, "ks.yaml": kustomization("  postBuild: {substitute: {}}\n")},
    "defaults alone, always": {
        "app/texts.yaml": texts(a="${NONE:=x}"),
        "ks.yaml": kustomization("  postBuild: {substituteStrategy: Always}\n"),
    },
    "all of it, and files outside the folder": {
        "base/web.yaml": APP,
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "shared/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {revisionHistoryLimit: 3}\n",
        "app/kustomization.yaml": "resources: [../base]\npatches: [{path: ../shared/patch.yaml}]\n",
        "ks.yaml": kustomization(
            "  targetNamespace: shop\n  nameSuffix: -eu\n  images: [{name: registry.example.com/web, newTag: '1.1'}]\n"
            f"  postBuild: {{substitute: {{DOMAIN: example.com}}}}\n  patches:\n    {ADD}"
        ),
    },
    "a kustomization without resources": {
        "app/kustomization.yaml": "configMapGenerator: [{name: made, literals: [A=1]}]\n",
        "ks.yaml": kustomization("  targetNamespace: shop\n"),
    },
}
