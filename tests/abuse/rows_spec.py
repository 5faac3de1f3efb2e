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
    return edit(
        "  namespace: shop\n", f"  namespace: shop\n  annotations:\n    {key}: {value}\n", "baseline/ingress.yaml"
    )


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
        edit(
            "kind: Service\nmetadata:\n  name: web\n",
            f"kind: Service\nmetadata:\n  name: {name}\n",
            "baseline/web.yaml",
        ),
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
    Case(
        row="T35",
        name="misspelt-field",
        finds=("GC202 release.yaml:13:7",),
        make=edit("      images:\n", "      imagse:\n"),
        shows=("did you mean `images`",),
    ),
    Case(
        row="T35",
        name="misspelt-rule",
        finds=("GC202 release.yaml:18:10",),
        make=rule("{wieght: 10}"),
        shows=("did you mean `weight`",),
    ),
    Case(
        row="T35",
        name="very-long-field",
        finds=("GC202 release.yaml:7:3",),
        make=edit("  tag: gray\n", f"  tag: gray\n  {'t' * 1_000}: x\n"),
    ),
    Case(
        row="T35",
        name="many-fields",
        finds=tuple(f"GC202 release.yaml:{at}:3" for at in range(7, 47)),
        make=edit("  tag: gray\n", "  tag: gray\n" + "".join(f"  f{at}: x\n" for at in range(40))),
    ),
    Case(row="T36", name="text", finds=("GC204 release.yaml:18:18",), make=weight('"10"')),
    # T36: kubectl reads 10.0 as the whole number 10, and so does grayc.
    Case(row="T36", name="with-a-point", make=weight("10.0"), status=0),
    Case(row="T36", name="exponent", make=weight("1e1"), status=0),
    Case(row="T36", name="half", finds=("GC204 release.yaml:18:18",), make=weight("10.5")),
    Case(row="T36", name="negative", finds=("GC206 release.yaml:18:18",), make=weight("-1")),
    Case(row="T36", name="above-100", finds=("GC206 release.yaml:18:18",), make=weight("101")),
    Case(row="T36", name="huge", finds=("GC206 release.yaml:18:18",), make=weight("1" + "0" * 40)),
    Case(
        row="T36",
        name="two-weights",
        finds=("GC210 release.yaml:19:18",),
        make=edit(RULE, "      - {weight: 60}\n      - {weight: 60}\n"),
    ),
    Case(
        row="T36",
        name="replicas-negative",
        finds=("GC206 release.yaml:13:17",),
        make=edit("      images:\n", "      replicas: -1\n      images:\n"),
    ),
    Case(
        row="T36",
        name="replicas-huge",
        finds=("GC206 release.yaml:13:17",),
        make=edit("      images:\n", "      replicas: 99999999999\n      images:\n"),
    ),
    Case(
        row="T37",
        name="workload",
        finds=("GC301 release.yaml:12:17",),
        make=edit("Deployment/web", "Deployment/wbe"),
        shows=("did you mean",),
    ),
    Case(
        row="T37",
        name="container",
        finds=("GC410 release.yaml:14:9",),
        make=edit("        web: registry", "        wbe: registry"),
        shows=("did you mean",),
    ),
    Case(
        row="T37",
        name="entry",
        finds=("GC320 release.yaml:17:25",),
        make=edit("    rules:\n", "    entries: [{ingress: wbe}]\n    rules:\n"),
        shows=("did you mean",),
    ),
    Case(
        row="T37",
        name="host",
        finds=("GC506 release.yaml:17:38",),
        make=edit("    rules:\n", "    entries: [{ingress: web, hosts: [shop.example.con]}]\n    rules:\n"),
    ),
    Case(
        row="T37",
        name="call",
        finds=("GC324 release.yaml:15:11",),
        make=edit("  traffic:\n", "  calls: [web -> cart]\n  traffic:\n"),
    ),
    Case(
        row="T37",
        name="folder",
        finds=("GC302 release.yaml:12:13",),
        make=edit("workload: Deployment/web", "from: baseline/wbe"),
    ),
    # T38: the language has nothing that inherits; calls may go round, as services do.
    Case(
        row="T38",
        name="calls-in-a-circle",
        finds=("GC213 release.yaml:15:11",),
        make=edit("  traffic:\n", "  calls: [web -> web]\n  traffic:\n"),
    ),
    # -- T39 to T41: names.
    Case(row="T39", name="service", finds=("GC401 baseline/web.yaml:25:9",), make=service_name("s" * 60)),
    Case(
        row="T39",
        name="deployment",
        finds=("GC401 baseline/web.yaml:4:9", "GC481 baseline/web.yaml:4:9"),
        make=baseline_name("d" * 240),
    ),
    Case(row="T39", name="tag", finds=("GC207 release.yaml:6:8",), make=edit("tag: gray", f"tag: {LONG}")),
    Case(
        row="T39",
        name="service-label",
        finds=("GC205 release.yaml:11:13",),
        make=edit("- name: web\n", f"- name: {LONG}\n"),
    ),
    Case(row="T40", name="upper-case", finds=("GC207 release.yaml:6:8",), make=edit("tag: gray", "tag: Gray")),
    Case(row="T40", name="underscore", finds=("GC207 release.yaml:6:8",), make=edit("tag: gray", "tag: gr_ay")),
    Case(row="T40", name="trailing-dash", finds=("GC207 release.yaml:6:8",), make=edit("tag: gray", "tag: gray-")),
    Case(
        row="T40",
        name="cyrillic",
        finds=("GC207 release.yaml:6:8",),
        make=edit("tag: gray", "tag: gr\u0430y"),
        shows=("U+0430",),
    ),
    Case(
        row="T40",
        name="full-width",
        finds=("GC207 release.yaml:6:8",),
        make=edit("tag: gray", "tag: gr\uff41y"),
        shows=("U+FF41",),
    ),
    Case(row="T40", name="number", finds=("GC204 release.yaml:6:8",), make=edit("tag: gray", "tag: 1e3")),
    Case(row="T40", name="original", finds=("GC207 release.yaml:6:8",), make=edit("tag: gray", "tag: original")),
    Case(row="T40", name="newline", finds=("GC207 release.yaml:6:8",), make=edit("tag: gray", r'tag: "gray\n"')),
    Case(
        row="T40",
        name="service-starts-with-a-digit",
        finds=("GC403 baseline/web.yaml:25:9",),
        make=service_name("1web"),
    ),
    Case(
        row="T40",
        name="name-of-an-object",
        finds=("GC136 baseline/web.yaml:25:9",),
        make=edit(
            "kind: Service\nmetadata:\n  name: web\n",
            'kind: Service\nmetadata:\n  name: "web\\nx: y"\n',
            "baseline/web.yaml",
        ),
    ),
    Case(
        row="T40",
        name="namespace",
        finds=("GC205 release.yaml:7:14",),
        make=edit("namespace: shop", "namespace: ../kube-system"),
    ),
    # T41: labels and annotations of the baseline are the cluster's already; grayc copies them, and checks those it adds.
    Case(
        row="T41",
        name="label-of-the-release",
        finds=("GC205 release.yaml:11:13",),
        make=edit("- name: web\n", "- name: w..b-\n"),
    ),
    # -- T42 to T48: what would leak or clash.
    Case(
        row="T42",
        name="baseline-catches-gray-pods",
        finds=("GC441 baseline/web.yaml:28:13",),
        make=both(
            edit(
                "  selector: {app: web, zadigx-release-version: original}",
                "  selector: {app: web}",
                "baseline/web.yaml",
            ),
            edit("  traffic:\n", "  lane: {isolation: label}\n  traffic:\n"),
        ),
    ),
    Case(
        row="T43", name="newline", finds=("GC205 release.yaml:14:14",), make=image(r'"registry.example.com/web:1.1\nx"')
    ),
    Case(row="T43", name="space", finds=("GC205 release.yaml:14:14",), make=image('"registry.example.com/web :1.1"')),
    Case(
        row="T43", name="variable", finds=("GC205 release.yaml:14:14",), make=image('"registry.example.com/web:${TAG}"')
    ),
    Case(row="T43", name="upper-case", finds=("GC205 release.yaml:14:14",), make=image("registry.example.com/Web:1.1")),
    Case(row="T43", name="long", finds=("GC205 release.yaml:14:14",), make=image("r" * 600)),
    Case(row="T43", name="empty", finds=("GC205 release.yaml:14:14",), make=image('""')),
    Case(
        row="T43",
        name="bad-digest",
        finds=("GC205 release.yaml:14:14",),
        make=image("registry.example.com/web@sha256:abc"),
    ),
    Case(row="T43", name="number", finds=("GC204 release.yaml:14:14",), make=image("1.1")),
    Case(
        row="T44",
        name="two-releases-of-one-tag",
        finds=("GC402 second.yaml:6:8", "GC402 second.yaml:6:8", "GC402 second.yaml:6:8", "GC402 second.yaml:6:8"),
        make=second_release,
        command=("build", "release.yaml", "second.yaml", "-o", "out"),
    ),
    Case(
        row="T44",
        name="one-release-twice",
        finds=("GC601 release.yaml:4:9",),
        make=nothing,
        command=("build", "release.yaml", "./release.yaml", "-o", "out"),
    ),
    Case(
        row="T45",
        name="output-fed-back",
        finds=(
            "GC309 baseline/shop.web.yaml:8:26",
            "GC309 baseline/shop.web.yaml:20:26",
            "GC309 baseline/shop.web.yaml:58:26",
            "GC309 baseline/shop_entry.yaml:8:26",
        ),
        make=built_again,
    ),
    Case(
        row="T46",
        name="namespace",
        make=beside("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {mse-enable: enabled}}\n"),
        status=0,
    ),
    Case(
        row="T46",
        name="binding-of-a-role",
        status=0,
        make=beside(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: all}\n"
            "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n"
        ),
    ),
    Case(
        row="T46",
        name="daemon-set",
        finds=("GC306 baseline/more.yaml:2:7",),
        make=beside("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: all, namespace: shop}\n"),
    ),
    Case(
        row="T46",
        name="webhook",
        status=0,
        make=beside(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: all}\n"
        ),
    ),
    Case(
        row="T46",
        name="unknown-kind",
        finds=("GC314 baseline/more.yaml:2:7",),
        make=beside("apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: all, namespace: shop}\n"),
        status=0,
    ),
    Case(
        row="T47",
        name="version-of-the-language",
        finds=("GC201 release.yaml:1:13",),
        make=edit("grayc.dev/v1", "grayc.dev/v9"),
    ),
    Case(
        row="T47",
        name="kind-of-the-language",
        finds=("GC201 release.yaml:2:7",),
        make=edit("kind: GrayRelease", "kind: Grayrelease"),
    ),
    Case(
        row="T47",
        name="version-of-kubernetes",
        finds=("GC307 baseline/more.yaml:1:13",),
        make=beside(
            "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n"
        ),
    ),
    # -- T49 to T55: what controllers do with values. A header's value becomes a pattern in which whatever is special is
    # written as an escape, so no sign of it can end anything; a line end no header can hold.
    *(
        Case(row="T49", name=f"{where}-{name}", make=rule(text.replace("V", f'"{value}"')), finds=(f"GC211 {place}",))
        for where, text, place in (
            ("header", "{header: V, value: v}", "release.yaml:18:18"),
            ("cookie", "{cookie: V}", "release.yaml:18:18"),
        )
        for name, value in (
            ("newline", r"a\nb"),
            ("quote", r"a\"b"),
            ("brace", "a}b{"),
            ("semicolon", "a;b"),
            ("backslash", r"a\\b"),
        )
    ),
    Case(
        row="T49", name="value-newline", make=rule(r'{header: x, value: "a\nb"}'), finds=("GC211 release.yaml:18:28",)
    ),
    *(
        Case(row="T49", name=f"value-{name}", make=rule(f'{{header: x, value: "{value}"}}'), status=0, emits=(emits,))
        for name, value, emits in (
            ("quote", r"a\"b", r'"^a\\x22b$"'),
            ("brace", "a}b{", r'"^a\\x7Db\\x7B$"'),
            ("semicolon", "a;b", r'"^a\\x3Bb$"'),
            ("dollar", "a$b", r'"^a\\x24b$"'),
            ("backslash", r"a\\b", r'"^a\\x5Cb$"'),
        )
    ),
    # The host and path of the baseline's own Ingress are in production already, and are repeated as they are: a canary is
    # bound to its base by them.
    Case(row="T49", name="host", status=0, make=edit("shop.example.com", r'"a;b\n}"', "baseline/ingress.yaml")),
    Case(
        row="T49",
        name="path",
        status=0,
        make=edit("path: /\n", r'path: "/a;}\nlocation /x {"' + "\n", "baseline/ingress.yaml"),
    ),
    Case(
        row="T49",
        name="tag-header",
        finds=("GC205 release.yaml:15:18",),
        make=edit("  traffic:\n", '  lane: {header: "x;\\ny"}\n  traffic:\n'),
    ),
    # T50: the gray Ingress keeps of the baseline's annotations what its gateway needs of a canary, and nothing else.
    *(
        Case(row="T50", name=key.rpartition("/")[2], make=annotation(key, value), status=0, omits=omits)
        for key, value, omits in (
            ("nginx.ingress.kubernetes.io/configuration-snippet", '"return 200;"', ("snippet", "return 200")),
            ("nginx.ingress.kubernetes.io/server-snippet", '"location /x {}"', ("snippet", "location")),
            ("nginx.ingress.kubernetes.io/auth-url", "http://evil.example.com/", ("auth-url", "evil")),
            ("nginx.ingress.kubernetes.io/server-alias", "evil.example.com", ("server-alias", "evil")),
            ("nginx.ingress.kubernetes.io/rewrite-target", '"/$1;}"', ()),
        )
    ),
    *(
        Case(row="T51", name=name, make=weight(value), finds=("GC204 release.yaml:18:18",))
        for name, value in (("space", '" 10"'), ("sign", '"+5"'))
    ),
    # T51: kubectl reads these as numbers; what is emitted is the number in plain decimals.
    Case(row="T51", name="hexadecimal", make=weight("0x10"), status=0, emits=('canary-weight: "16"',)),
    Case(row="T51", name="octal", make=weight("010"), status=0, emits=('canary-weight: "8"',)),
    Case(row="T51", name="plus", make=weight("+5"), status=0, emits=('canary-weight: "5"',)),
    # T52: beside a header's value no word is special, so the values mean themselves.
    Case(
        row="T52",
        name="always",
        make=rule("{header: x, value: always}"),
        status=0,
        emits=("canary-by-header-value: always\n",),
    ),
    Case(
        row="T52",
        name="never",
        make=rule("{header: x, value: never}"),
        status=0,
        emits=("canary-by-header-value: never\n",),
    ),
    # T53: MSE's gateway matches with RE2, whose time grows with the text alone, and so does whatever grayc matches.
    Case(row="T53", name="nested-repeats", status=0, make=rule(r"{header: x, pattern: '(a+)+$'}"), alone=True),
    Case(
        row="T53",
        name="nested-counts",
        status=0,
        make=rule(r"{header: x, pattern: '((a{1,9}){1,9}){1,9}$'}"),
        alone=True,
    ),
    Case(row="T53", name="alternatives", status=0, make=rule(r"{header: x, pattern: '(a|a)*$'}"), alone=True),
    Case(
        row="T53",
        name="long",
        finds=("GC215 release.yaml:18:30",),
        make=rule("{header: x, pattern: '" + "a?" * 2_000 + "'}"),
        alone=True,
    ),
    *(
        Case(
            row="T54", name=name, make=rule(f"{{header: x, pattern: '{pattern}'}}"), finds=("GC215 release.yaml:18:30",)
        )
        for name, pattern in (
            ("look-ahead", "a(?=b)"),
            ("look-behind", "(?<!a)b"),
            ("back-reference", r"(a)\1"),
            ("possessive", "a++"),
            ("large-count", "x{1001}"),
            ("open-group", "(a"),
            ("open-class", "[a"),
            ("bad-escape", r"\q"),
        )
    ),
    Case(
        row="T55",
        name="canary-in-the-baseline",
        finds=("GC321 release.yaml:17:5",),
        make=annotation("nginx.ingress.kubernetes.io/canary", '"true"'),
    ),
    Case(
        row="T55",
        name="weight-and-more",
        make=edit(RULE, "      - {weight: 10}\n      - {cookie: a}\n      - {header: b}\n"),
        status=0,
    ),
)
