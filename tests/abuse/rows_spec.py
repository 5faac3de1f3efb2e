"""T35 to T55: specs, names and routing values made hostile."""

from pathlib import Path

from tests.abuse.model import RELEASE, WEB, Case, Make, both, edit, file, nothing

RULE = '      - header: x-user-id\n        value: "100"\n'
"""Stands at line 18 of the release."""

LONG = "n" * 64


def rule(text: str) -> Make:
    """Return what makes a rule, in brackets, the only one; it stands at release.yaml:18:9."""
    return edit(RULE, f"      - {text}\n")


def weight(value: str) -> Make:
    return rule(f"{{weight: {value}}}")


def image(value: str) -> Make:
    """Return what sets the image; it stands at release.yaml:14:14."""
    return edit("web: registry.example.com/web:1.1", f"web: {value}")


def annotation(key: str, value: str) -> Make:
    """Return what annotates the Ingress; the annotation stands at baseline/ingress.yaml:6:5."""
    return edit("  namespace: shop\n", f"  namespace: shop\n  annotations:\n    {key}: {value}\n", "baseline/ingress.yaml")


def baseline_name(name: str) -> Make:
    """Return what names the Deployment of the baseline and the release's workload so."""

    def make(home: Path) -> None:
        text = WEB.replace("  name: web\n", f"  name: {name}\n", 1)
        file("baseline/web.yaml", text)(home)
        edit("Deployment/web", f"Deployment/{name}")(home)

    return make


def service_name(name: str) -> Make:
    """Return what names the Service of the baseline so."""
    return both(
        edit("kind: Service\nmetadata:\n  name: web\n", f"kind: Service\nmetadata:\n  name: {name}\n", "baseline/web.yaml"),
        edit("{service: {name: web,", f"{{service: {{name: {name},", "baseline/ingress.yaml"),
    )


def beside(text: str) -> Make:
    """Return what gives the service one more object by folder, so that the folder is the service."""
    return both(edit("workload: Deployment/web", "from: baseline/"), file("baseline/more.yaml", text))


def second_release(home: Path) -> None:
    (home / "second.yaml").write_text(RELEASE.replace("name: shop", "name: other"), encoding="utf-8")


def built_again(home: Path) -> None:
    for made in (home / "out").glob("*.yaml"):
        (home / "baseline" / made.name).write_bytes(made.read_bytes())


CASES = (
    # -- T35 to T38: what the language does not have.
    Case(row="T35", name="misspelt-field", make=edit("      images:\n", "      imagse:\n"), shows=("did you mean `images`",)),
    Case(row="T35", name="misspelt-rule", make=rule("{wieght: 10}"), shows=("did you mean `weight`",)),
    Case(row="T35", name="very-long-field", make=edit("  tag: gray\n", f"  tag: gray\n  {'t' * 1_000}: x\n")),
    Case(row="T35", name="many-fields", make=edit("  tag: gray\n", "  tag: gray\n" + "".join(f"  f{at}: x\n" for at in range(40)))),
    Case(row="T36", name="text", make=weight('"10"')),
    # T36: kubectl reads 10.0 as the whole number 10, and so does grayc.
    Case(row="T36", name="with-a-point", make=weight("10.0"), status=0),
    Case(row="T36", name="exponent", make=weight("1e1"), status=0),
    Case(row="T36", name="half", make=weight("10.5")),
    Case(row="T36", name="negative", make=weight("-1")),
    Case(row="T36", name="above-100", make=weight("101")),
    Case(row="T36", name="huge", make=weight("1" + "0" * 40)),
    Case(row="T36", name="two-weights", make=edit(RULE, "      - {weight: 60}\n      - {weight: 60}\n")),
    Case(row="T36", name="replicas-negative", make=edit("      images:\n", "      replicas: -1\n      images:\n")),
    Case(row="T36", name="replicas-huge", make=edit("      images:\n", "      replicas: 99999999999\n      images:\n")),
    Case(row="T37", name="workload", make=edit("Deployment/web", "Deployment/wbe"), shows=("did you mean",)),
    Case(row="T37", name="container", make=edit("        web: registry", "        wbe: registry"), shows=("did you mean",)),
    Case(row="T37", name="entry", make=edit("    rules:\n", "    entries: [{ingress: wbe}]\n    rules:\n"), shows=("did you mean",)),
    Case(row="T37", name="host", make=edit("    rules:\n", "    entries: [{ingress: web, hosts: [shop.example.con]}]\n    rules:\n")),
    Case(row="T37", name="call", make=edit("  traffic:\n", "  calls: [web -> cart]\n  traffic:\n")),
    Case(row="T37", name="folder", make=edit("workload: Deployment/web", "from: baseline/wbe")),
    # T38: the language has nothing that inherits; calls may go round, as services do.
    Case(row="T38", name="calls-in-a-circle", make=edit("  traffic:\n", "  calls: [web -> web]\n  traffic:\n")),
    # -- T39 to T41: names.
    Case(row="T39", name="service", make=service_name("s" * 60)),
    Case(row="T39", name="deployment", make=baseline_name("d" * 240)),
    Case(row="T39", name="tag", make=edit("tag: gray", f"tag: {LONG}")),
    Case(row="T39", name="service-label", make=edit("- name: web\n", f"- name: {LONG}\n")),
    Case(row="T40", name="upper-case", make=edit("tag: gray", "tag: Gray")),
    Case(row="T40", name="underscore", make=edit("tag: gray", "tag: gr_ay")),
    Case(row="T40", name="trailing-dash", make=edit("tag: gray", "tag: gray-")),
    Case(row="T40", name="cyrillic", make=edit("tag: gray", "tag: gr\u0430y"), shows=("U+0430",)),
    Case(row="T40", name="full-width", make=edit("tag: gray", "tag: gr\uff41y"), shows=("U+FF41",)),
    Case(row="T40", name="number", make=edit("tag: gray", "tag: 1e3")),
    Case(row="T40", name="original", make=edit("tag: gray", "tag: original")),
    Case(row="T40", name="newline", make=edit("tag: gray", r'tag: "gray\n"')),
    Case(row="T40", name="service-starts-with-a-digit", make=service_name("1web")),
    Case(row="T40", name="name-of-an-object", make=baseline_name('"web\\nkind: Pod"')),
    Case(row="T40", name="namespace", make=edit("namespace: shop", "namespace: ../kube-system")),
    # T41: labels and annotations of the baseline are the cluster's already; grayc copies them, and checks those it adds.
    Case(row="T41", name="label-of-the-release", make=edit("- name: web\n", "- name: w..b-\n")),
    # -- T42 to T48: what would leak or clash.
    Case(row="T42", name="baseline-catches-gray-pods", make=edit("  selector: {app: web, zadigx-release-version: original}", "  selector: {app: web}", "baseline/web.yaml")),
    Case(row="T43", name="newline", make=image(r'"registry.example.com/web:1.1\nx"')),
    Case(row="T43", name="space", make=image('"registry.example.com/web :1.1"')),
    Case(row="T43", name="variable", make=image('"registry.example.com/web:${TAG}"')),
    Case(row="T43", name="upper-case", make=image("registry.example.com/Web:1.1")),
    Case(row="T43", name="long", make=image("r" * 600)),
    Case(row="T43", name="empty", make=image('""')),
    Case(row="T43", name="bad-digest", make=image("registry.example.com/web@sha256:abc")),
    Case(row="T43", name="number", make=image("1.1")),
    Case(row="T44", name="two-releases-of-one-tag", make=second_release, command=("build", "release.yaml", "second.yaml", "-o", "out")),
    Case(row="T44", name="one-release-twice", make=nothing, command=("build", "release.yaml", "./release.yaml", "-o", "out")),
    Case(row="T45", name="output-fed-back", make=built_again),
    Case(row="T46", name="namespace", make=beside("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"), status=0),
    Case(
        row="T46", name="binding-of-a-role", status=0,
        make=beside(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: all}\n"
            "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n"
        ),
    ),
    Case(row="T46", name="daemon-set", make=beside("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: all, namespace: shop}\n")),
    Case(row="T46", name="webhook", make=beside("apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: all}\n")),
    Case(row="T46", name="unknown-kind", make=beside("apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: all, namespace: shop}\n"), status=0),
    Case(row="T47", name="version-of-the-language", make=edit("grayc.dev/v1", "grayc.dev/v9")),
    Case(row="T47", name="kind-of-the-language", make=edit("kind: GrayRelease", "kind: Grayrelease")),
    Case(row="T47", name="version-of-kubernetes", make=edit("networking.k8s.io/v1\n", "extensions/v1beta1\n", "baseline/ingress.yaml")),
    # -- T49 to T55: what controllers do with values.
    *(
        Case(row="T49", name=f"{where}-{name}", make=rule(text.replace("V", f'"{value}"')))
        for where, text in (("header", "{header: V, value: v}"), ("value", "{header: x, value: V}"), ("cookie", "{cookie: V}"))
        for name, value in (("newline", r"a\nb"), ("quote", r"a\"b"), ("brace", "a}b{"), ("semicolon", "a;b"), ("dollar", "a$b"), ("backslash", r"a\\b"))
    ),
    Case(row="T49", name="host", make=edit("shop.example.com", r'"a;b\n}"', "baseline/ingress.yaml")),
    Case(row="T49", name="path", make=edit("path: /\n", r'path: "/a;}\nlocation /x {"' + "\n", "baseline/ingress.yaml")),
    Case(row="T49", name="tag-header", make=edit("  traffic:\n", '  lane: {header: "x;\\ny"}\n  traffic:\n')),
    *(
        Case(row="T50", name=key.rpartition("/")[2], make=annotation(key, value), status=0)
        for key, value in (
            ("nginx.ingress.kubernetes.io/configuration-snippet", '"return 200;"'),
            ("nginx.ingress.kubernetes.io/server-snippet", '"location /x {}"'),
            ("nginx.ingress.kubernetes.io/auth-url", "http://evil.example.com/"),
            ("nginx.ingress.kubernetes.io/server-alias", "evil.example.com"),
            ("nginx.ingress.kubernetes.io/rewrite-target", '"/$1;}"'),
        )
    ),
    *(
        Case(row="T51", name=name, make=weight(value))
        for name, value in (("hexadecimal", "0x10"), ("space", '" 10"'), ("plus", "+5"), ("octal", "010"))
    ),
    Case(row="T52", name="always", make=rule("{header: x, value: always}")),
    Case(row="T52", name="never", make=rule("{header: x, value: never}")),
    Case(row="T53", name="nested-repeats", make=rule(r"{header: x, pattern: '(a+)+$'}"), alone=True),
    Case(row="T53", name="nested-counts", make=rule(r"{header: x, pattern: '((a{1,9}){1,9}){1,9}$'}"), alone=True),
    Case(row="T53", name="alternatives", make=rule(r"{header: x, pattern: '(a|a)*$'}"), alone=True),
    Case(row="T53", name="long", make=rule("{header: x, pattern: '" + "a?" * 2_000 + "'}"), alone=True),
    *(
        Case(row="T54", name=name, make=rule(f"{{header: x, pattern: '{pattern}'}}"))
        for name, pattern in (
            ("look-ahead", "a(?=b)"), ("look-behind", "(?<!a)b"), ("back-reference", r"(a)\1"), ("possessive", "a++"),
            ("large-count", "x{1001}"), ("open-group", "(a"), ("open-class", "[a"), ("bad-escape", r"\q"), ("newline", r"a\nb"),
        )
    ),
    Case(row="T55", name="canary-in-the-baseline", make=annotation("nginx.ingress.kubernetes.io/canary", '"true"')),
    Case(row="T55", name="weight-and-more", make=edit(RULE, "      - {weight: 10}\n      - {cookie: a}\n      - {header: b}\n"), status=0),
)
