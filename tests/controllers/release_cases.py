"""Values of HelmReleases: where they come from, and in which order they win."""


def release(spec: str) -> str:
    """Return a HelmRelease with fields of its `spec` in block style."""
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n"
        "  interval: 10m\n  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: shop}}}\n" + spec
    )


GIVEN = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base, namespace: shop}\ndata:\n"
    "  values.yaml: |\n    image: {tag: '1', pullPolicy: Always}\n    list: [a, b]\n    gone: here\n"
    "  other.yaml: |\n    image: {tag: '2'}\n    deep: {x: {y: 1}}\n"
    "  tag: '3'\n  number: '42'\n  zero: '007'\n  word: 'true'\n  quoted: '\"42\"'\n  line: 'x=y'\n  sentence: 'a,b [c] {d}'\n"
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: shop}\ndata: {values.yaml: a2V5OiBzZWNyZXQK}\n"
)

CASES: dict[str, str] = {
    "values alone": "  values: {a: 1, b: {c: null}}\n",
    "none at all": "",
    "references in their order, values over them": (
        "  valuesFrom: [{kind: ConfigMap, name: base}, {kind: ConfigMap, name: base, valuesKey: other.yaml},"
        " {kind: Secret, name: keys}]\n  values: {image: {tag: '9'}, gone: null}\n"
    ),
    "what may miss": (
        "  valuesFrom: [{kind: ConfigMap, name: none, optional: true},"
        " {kind: ConfigMap, name: base, valuesKey: none, optional: true}]\n  values: {a: 1}\n"
    ),
    "a target path": "  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: image.tag}]\n",
    "a target path over values that nobody else has": (
        "  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: image.tag}]\n"
        "  values: {image: {tag: '9', name: web}}\n"
    ),
    "a target path below values that another has too": (
        "  valuesFrom: [{kind: ConfigMap, name: base},"
        " {kind: ConfigMap, name: base, valuesKey: tag, targetPath: image.tag}]\n  values: {image: {tag: '9'}}\n"
    ),
    "a target path at the top, and values there": (
        "  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: tag}]\n  values: {tag: '9'}\n"
    ),
    "a target path, and a reference after it": (
        "  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: image.tag},"
        " {kind: ConfigMap, name: base}]\n"
    ),
    "types at a target path": (
        "  valuesFrom:\n"
        + "".join(
            f"    - {{kind: ConfigMap, name: base, valuesKey: {key}, targetPath: t.{key}}}\n"
            for key in ("number", "zero", "word", "quoted", "line")
        )
    ),
    "lists and dots in a target path": (
        "  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: tag, targetPath: 'list[1].a\\.b'},"
        " {kind: ConfigMap, name: base, valuesKey: tag, targetPath: 'list[0].c[0]'}]\n"
    ),
    "a literal at a target path": (
        "  valuesFrom: [{kind: ConfigMap, name: base, valuesKey: sentence, targetPath: a.b, literal: true}]\n"
    ),
}
