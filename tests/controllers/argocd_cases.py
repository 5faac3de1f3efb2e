"""Applications, each with the repository that it renders: what Argo CD makes of them, grayc must."""

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "chart/values.yaml": (
        "image: {repository: registry.example.com/web, tag: '1.0'}\nreplicas: 1\nport: 80\nlevel: info\n"
        "args: [a, b]\nnote: ''\nextra: {}\n"
    ),
    "chart/templates/all.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n"
        'data:\n  image: {{ printf "%s:%s" .Values.image.repository (toString .Values.image.tag) | quote }}\n'
        '  replicas: {{ printf "%T %v" .Values.replicas .Values.replicas | quote }}\n'
        '  port: {{ printf "%T %v" .Values.port .Values.port | quote }}\n  level: {{ .Values.level | quote }}\n'
        "  args: {{ toJson .Values.args | quote }}\n  note: {{ .Values.note | quote }}\n"
        "  extra: {{ toJson .Values.extra | quote }}\n"
        '  api: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}\n'
        "  kube: {{ .Capabilities.KubeVersion.Version | quote }}\n"
    ),
    "chart/prod.yaml": "level: warn\nport: 8080\n",
    "env/web.yaml": "level: error\n",
}
FOLDER = {
    "app/kustomization.yaml": (
        "resources: [web.yaml]\ncommonAnnotations: {team: shop}\nimages: [{name: registry.example.com/web, newTag: '1.1'}]\n"
        "labels: [{pairs: {tier: front}}]\nreplicas: [{name: web, count: 2}]\n"
    ),
    "app/web.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"
        "  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n"
        "        - {name: web, image: 'registry.example.com/web:1.0'}\n        - {name: side, image: 'side:1'}\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
    ),
    "app/part/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - target: {kind: Deployment}\n"
        '    patch: \'[{"op": "add", "path": "/spec/paused", "value": true}]\'\n'
    ),
}


def application(source: str, *, name: str = "web", many: bool = False) -> str:
    """Return an Application with one source, or several, in flow style."""
    field = f"sources: [{source}]" if many else f"source: {source}"
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n"
        f"  project: shop\n  {field}\n  destination: {{server: 'https://kubernetes.default.svc', namespace: prod}}\n"
    )


REPO = "repoURL: 'https://git.example.com/shop', targetRevision: main"


def chart(helm: str, more: dict[str, str] | None = None) -> dict[str, str]:
    """Return the files of an Application that renders the chart."""
    text = application(f"{{{REPO}, path: chart, helm: {helm}}}")
    return {**CHART, "application.yaml": text, **(more or {})}


def folder(kustomize: str, more: dict[str, str] | None = None) -> dict[str, str]:
    """Return the files of an Application that builds the kustomization."""
    return {**FOLDER, "application.yaml": application(f"{{{REPO}, path: app, kustomize: {kustomize}}}"), **(more or {})}


CASES: dict[str, dict[str, str]] = {
    "parameters over valuesObject over values over files": chart(
        "{valueFiles: [prod.yaml], values: 'port: 1', valuesObject: {port: 2, replicas: 3},"
        " parameters: [{name: port, value: '3'}, {name: image.tag, value: '2.0'}]}"
    ),
    "values as text": chart('{values: "port: 5\\nlevel: \\"off\\"\\nextra: {a: [1, {b: c}]}\\n"}'),
    "texts, lists and commas in parameters": chart(
        "{parameters: [{name: replicas, value: '3', forceString: true}, {name: port, value: '8080'},"
        " {name: note, value: 'a,b'}, {name: 'args[0]', value: x}, {name: extra, value: '{p,q}'},"
        " {name: 'image.tag', value: '1'}, {name: 'image.tag', value: '2'}]}"
    ),
    "files as values, names and versions": chart(
        "{fileParameters: [{name: note, path: note.txt}], releaseName: shop, namespace: other,"
        " kubeVersion: 1.29.3, apiVersions: [example.com/v1], ignoreMissingValueFiles: true,"
        " valueFiles: [none.yaml, /env/web.yaml]}",
        {"chart/note.txt": "one, two\nthree"},
    ),
    "globs of values files": chart(
        "{valueFiles: ['../env/*.yaml', prod.yaml, '/env/**/deep.yaml']}",
        {"env/a.yaml": "level: a\nnote: a\n", "env/x/y/deep.yaml": "note: deep\n", "env/b.json": "{}"},
    ),
    "variables": chart(
        "{valueFiles: ['/env/$ARGOCD_APP_NAME.yaml'], parameters: [{name: note,"
        " value: '${ARGOCD_APP_NAMESPACE}/$ARGOCD_APP_PROJECT_NAME/$ARGOCD_APP_SOURCE_PATH/$$X/$NONE.'}]}"
    ),
    "files beside the source, the one of the Application last": chart(
        "{parameters: [{name: image.tag, value: '4', forceString: true}, {name: port, value: '8080'}],"
        " valuesObject: {level: debug, note: mine}, valueFiles: [prod.yaml]}",
        {
            "chart/.argocd-source.yaml": "helm:\n  parameters: [{name: replicas, value: '7'}]\n  releaseName: other\n",
            "chart/.argocd-source-web.yaml": (
                "path: elsewhere\nhelm:\n  releaseName: null\n  valuesObject: {level: null, extra: {a: 1}}\n"
                "  parameters:\n    - {name: image.tag, value: '5', forcestring: true}\n    - {name: note, value: theirs}\n"
            ),
            "chart/.argocd-source-another.yaml": "helm: {releaseName: no}\n",
        },
    ),
    "several sources, and values of one in another": {
        **CHART,
        **FOLDER,
        "application.yaml": application(
            f"{{{REPO}, path: chart, helm: {{valueFiles: ['$env/env/web.yaml', prod.yaml]}}}},"
            f"{{{REPO}, ref: env}}, {{{REPO}, path: app, kustomize: {{nameSuffix: -b}}}}",
            many=True,
        ),
    },
    "fields of kustomize": folder(
        "{namePrefix: a-, nameSuffix: -b, namespace: other, images: ['registry.example.com/web=mirror/web:2.0', 'side:3'],"
        " replicas: [{name: web, count: 5}], commonLabels: {stage: '$ARGOCD_APP_NAME'},"
        " commonAnnotations: {by: $ARGOCD_APP_NAME}, components: [part],"
        ' patches: [{target: {kind: Deployment}, patch: \'[{"op": "add", "path": "/spec/minReadySeconds", "value": 9}]\'}]}'
    ),
    "labels without selectors, and what is forced": folder(
        "{commonLabels: {tier: back, stage: prod}, labelWithoutSelector: true, labelIncludeTemplates: true,"
        " commonAnnotations: {team: ops, by: '$ARGOCD_APP_NAME'}, forceCommonAnnotations: true,"
        " commonAnnotationsEnvsubst: true, components: [none, part], ignoreMissingComponents: true}"
    ),
    "images that keep a part": folder("{images: ['registry.example.com/web=mirror/web:*', 'side@sha256:abc']}"),
    "a kustomization that is found": {
        **FOLDER,
        "application.yaml": application(f"{{{REPO}, path: app}}"),
        "app/.argocd-source-web.yaml": "kustomize:\n  images: ['registry.example.com/web:1.2.3']\n",
    },
    "a folder": {
        "app/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
        "app/a.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}',
        "app/sub/c.yml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n",
        "app/sub/list.yaml": "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Secret, metadata: {name: e}}\n",
        "app/sub/off-x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
        "app/skip.yaml": "# +argocd:skip-file-rendering\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\n",
        "app/notes.yaml": "just: notes\n",
        "app/README.md": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\n",
        "application.yaml": application(
            f"{{{REPO}, path: app, directory: {{recurse: true, exclude: '{{*off-*,none}}', include: '*.{{yaml,yml,json}}'}}}}"
        ),
    },
    "a folder without those below": {
        "app/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
        "app/sub/c.yml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
        "application.yaml": application(f"{{{REPO}, path: app}}"),
    },
}
