"""No value of a secret stands in a difference, and that it changed does."""

import json

import pytest

from grayc.report.comment import render_comment
from grayc.report.diff import diff_data, render_diff
from tests.unit.diff.objects import difference, fields, pod

OLD, NEW = "canary-old-7316", "canary-new-7316"


def config(name: str, text: str) -> str:
    body = "".join(f"    {line}\n" for line in text.split("\n"))
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  {name}: |\n{body}"


def container(text: str) -> str:
    return pod(f"{{containers: [{{name: a, {text}}}]}}")


PLACES: dict[str, str] = {
    "stringData": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {plain: X}\n",
    "data": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {plain: X}\n",
    "variable": container("env: [{name: DB_PASSWORD, value: X}]"),
    "variable in a list with a name twice": container(
        "env: [{name: A, value: b}, {name: A, value: c}, {name: API_TOKEN, value: X}]"
    ),
    "login in a URL": container("env: [{name: DB, value: 'postgres://user:X@db/shop'}]"),
    "login of one word in a URL": container("env: [{name: ERRORS, value: 'https://X@errors.example.com/1'}]"),
    "login in a URL with @ in it": container("env: [{name: DB, value: 'postgres://user:a@X@db/shop'}]"),
    "data source as Go writes it": config("app.yaml", 'source: "root:X@tcp(127.0.0.1:3306)/shop"'),
    "option of the JVM": container("env: [{name: JAVA_OPTS, value: '-Dsize=1g -Ddb.password=X'}]"),
    "argument": container("args: ['--db-password=X']"),
    "argument after its flag": container("args: [--token, X, --verbose]"),
    "argument after its flag in one text": container("args: ['mysql --password X -h db']"),
    "key of a ConfigMap": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {api-token: X}\n",
    "properties": config("app.properties", "server.port=80\ndb.password=X\nlog=info"),
    "yaml": config("app.yaml", "db:\n  password: X\n  host: db"),
    "yaml, on a line of its own": config("app.yaml", "db:\n  password: |\n    first\n\n    X\n  host: db"),
    "json": config("app.json", '{\n  "db": {"password": "X"}\n}'),
    "yaml, a list of them": config("app.yaml", "passwords:\n- X\nhost: db"),
    "yaml, a variable": config("pod.yaml", "env:\n- name: DB_PASSWORD\n  value: X"),
    "json, a list of them": config("app.json", '{\n  "tokens": [\n    "X"\n  ]\n}'),
    "json, a variable": config("pod.json", '{"name": "DB_PASSWORD", "value": "X"}'),
    "xml, a property": config("app.xml", '<property name="db.password" value="X"/>'),
    "xml, a property in two lines": config("a.xml", "<name>db.password</name>\n<value>X</value>"),
    "settings of a server": config("redis.conf", "port 6379\nrequirepass X"),
    "header in settings of a server": config("nginx.conf", 'proxy_set_header Authorization "Basic X";'),
    "what is binary": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: {store.p12: X}\n",
    "xml": config("app.xml", "<db>\n<password>X</password>\n</db>"),
    "key in PEM": config("tls.pem", "-----BEGIN RSA PRIVATE KEY-----\nX\n-----END RSA PRIVATE KEY-----"),
    "last applied": (
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n"
        '    kubectl.kubernetes.io/last-applied-configuration: \'{"a": "X"}\'\n'
    ),
    "annotation": 'apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: {a: \'{"password": "X"}\'}}\n',
    "annotation with a secret's name": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: {db.example.com/password: X}}\n"
    ),
    "annotation of pods": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: shop}\n"
        "spec: {template: {metadata: {annotations: {access-token: X}}, spec: {containers: [{name: a}]}}}\n"
    ),
    "parameter of a URL": container("livenessProbe: {httpGet: {path: '/a?size=1&access_token=X'}}"),
    "what a gateway's rule asks of a token": (
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"
        "spec: {http: [{match: [{headers: {x-api-token: {exact: X}}}]}]}\n"
    ),
    "what a gateway's rule asks of a token, in a list": (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\n"
        "spec: {rules: [{matches: [{headers: [{name: Authorization, value: X}]}]}]}\n"
    ),
    "what a gateway's rule asks of a token, in annotations": (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, annotations: "
        "{nginx.ingress.kubernetes.io/canary-by-header: x-token, "
        "nginx.ingress.kubernetes.io/canary-by-header-value: X}}\n"
    ),
    "what an ALB's rule asks of a token": (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n"
        "    alb.ingress.kubernetes.io/conditions.web: "
        """'[{"type": "Header", "headerConfig": {"key": "Authorization", "values": ["X"]}}]'\n"""
    ),
    "login that an ALB's rule inserts": (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n"
        "    alb.ingress.kubernetes.io/actions.web: "
        """'[{"type": "InsertHeader", "InsertHeaderConfig": {"key": "x-auth", "value": "X"}}]'\n"""
    ),
    "what a gateway's rule asks of a token, in a text": (
        "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\n"
        "spec: {routes: [{match: 'Host(`a`) && Header(`x-api-token`, `X`)'}]}\n"
    ),
    "cookie in a gateway's rule": (
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"
        "spec: {http: [{match: [{headers: {cookie: {regex: '^(.*; )?session-token\\x3DX$'}}}]}]}\n"
    ),
    "header that a gateway sets": (
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"
        "spec: {http: [{headers: {request: {set: {cookie: X}}}}]}\n"
    ),
    "header of a probe": container("livenessProbe: {httpGet: {httpHeaders: [{name: Authorization, value: Bearer X}]}}"),
    "login of a program": container("command: [sh, -c, 'curl -u admin:X http://a']"),
    "token that says what it is": container("env: [{name: PAT, value: ghp_X}]"),
    "field of a kind of the user's": (
        "apiVersion: example.com/v1\nkind: Db\nmetadata: {name: a}\nspec: {auth: {password: X}, size: 1}\n"
    ),
    "below a field of a kind of the user's": (
        "apiVersion: example.com/v1\nkind: Db\nmetadata: {name: a}\nspec: {password: {value: {plain: X}}, size: 1}\n"
    ),
    "item of a kind of the user's": (
        "apiVersion: example.com/v1\nkind: Db\nmetadata: {name: a}\nspec: {tokens: [X], size: 1}\n"
    ),
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_changed_secret_is_told_and_not_shown(text: str) -> None:
    found = difference(text.replace("X", OLD), text.replace("X", NEW))

    assert found.objects
    assert all(field.is_secret for field in found.objects[0].fields)
    told = render_diff([found]) + render_comment([found]) + json.dumps(diff_data([found]))
    assert "7316" not in told
    assert "(before)" in told
    assert "(after)" in told


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_secret_that_comes_or_goes_is_not_shown(text: str) -> None:
    nothing = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n"
    empty = pod("{containers: [{name: a}]}")
    before = empty if "Deployment" in text else nothing
    for found in (difference(before, text.replace("X", NEW)), difference(text.replace("X", OLD), before)):
        told = render_diff([found]) + render_comment([found]) + json.dumps(diff_data([found]))
        assert found.objects
        assert "7316" not in told


def test_only_the_secret_line_of_a_text_is_hidden() -> None:
    text = config("app.properties", "server.port=80\ndb.password=X\nlog=info")

    (change,) = fields(text.replace("X", OLD), text.replace("X", NEW).replace("log=info", "log=debug"))
    assert [(line.sign, line.text) for line in change.lines] == [
        ("-", "db.password=*** (before)"),
        ("-", "log=info"),
        ("+", "db.password=*** (after)"),
        ("+", "log=debug"),
    ]


def test_a_secret_behind_its_flag_is_hidden_on_both_sides_wherever_it_stood() -> None:
    *_, change = fields(container(f"args: [--token, {OLD}, -v]"), container(f"args: [-a, --token, {NEW}, -v]"))

    assert (change.path[-7:], change.before, change.after) == ("args[2]", "*** (before)", "*** (after)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: 'registry.example.com/auth-token:1'", "image: 'registry.example.com/auth-token:2'"),
        ("command: [id, -u, a]", "command: [id, -u, b]"),
        ("args: ['cat /run/secrets/token /a']", "args: ['cat /run/secrets/token /b']"),
        ("args: ['--tls-key /a.pem']", "args: ['--tls-key /b.pem']"),
        ("env: [{name: KEYCLOAK_URL, value: 'http://a'}]", "env: [{name: KEYCLOAK_URL, value: 'http://b'}]"),
        (
            "env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: a}}}]",
            "env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: b}}}]",
        ),
    ],
)
def test_what_is_no_secret_is_shown(before: str, after: str) -> None:
    (change,) = fields(container(before), container(after))

    assert not change.is_secret
    assert "***" not in f"{change.before}{change.after}"


def kind_of_the_user(spec: str) -> str:
    return f"apiVersion: example.com/v1\nkind: Db\nmetadata: {{name: a}}\nspec: {spec}\n"


def ingress(annotations: str) -> str:
    return f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, annotations: {{{annotations}}}}}\n"


def route(headers: str) -> str:
    return (
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"
        f"spec: {{http: [{{match: [{{headers: {{{headers}}}}}]}}]}}\n"
    )


def alb_condition(header: str, value: str) -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n"
        "    alb.ingress.kubernetes.io/conditions.web: "
        f"""'[{{"type": "Header", "headerConfig": {{"key": "{header}", "values": ["{value}"]}}}}]'\n"""
    )


def alb_action(content: str) -> str:
    return ingress(f"alb.ingress.kubernetes.io/actions.web: '[{content}]'")


NGINX = "nginx.ingress.kubernetes.io"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Where a secret is, how it is made, and how clients are told apart.
        (ingress(f"{NGINX}/auth-secret: a"), ingress(f"{NGINX}/auth-secret: b")),
        (ingress(f"{NGINX}/auth-type: basic"), ingress(f"{NGINX}/auth-type: digest")),
        (ingress(f"{NGINX}/session-cookie-name: a"), ingress(f"{NGINX}/session-cookie-name: b")),
        (ingress(f"{NGINX}/canary-by-cookie: a"), ingress(f"{NGINX}/canary-by-cookie: b")),
        (ingress("cert-manager.io/private-key-size: '1'"), ingress("cert-manager.io/private-key-size: '2'")),
        (ingress("secret.reloader.stakater.com/reload: a"), ingress("secret.reloader.stakater.com/reload: b")),
        (kind_of_the_user("{auth: {secretName: a}}"), kind_of_the_user("{auth: {secretName: b}}")),
        (kind_of_the_user("{credentialsRef: {key: a}}"), kind_of_the_user("{credentialsRef: {key: b}}")),
        # Who enters.
        (route("cookie: {regex: lane=a}"), route("cookie: {regex: lane=b}")),
        (route("x-lane-key: {exact: a}"), route("x-lane-key: {exact: b}")),
        (
            ingress(f"{NGINX}/canary-by-header: x-user, {NGINX}/canary-by-header-value: a"),
            ingress(f"{NGINX}/canary-by-header: x-user, {NGINX}/canary-by-header-value: b"),
        ),
        (alb_condition("x-user-id", "*04"), alb_condition("x-user-id", "*19")),
        (
            alb_action('{"type": "InsertHeader", "InsertHeaderConfig": {"key": "x-tag", "value": "a"}}'),
            alb_action('{"type": "InsertHeader", "InsertHeaderConfig": {"key": "x-tag", "value": "b"}}'),
        ),
        # Selectors are made of labels.
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {auth: a}}\n",
            "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {auth: b}}\n",
        ),
    ],
)
def test_names_and_who_enters_are_shown(before: str, after: str) -> None:
    (change,) = fields(before, after)

    assert not change.is_secret
    assert "***" not in f"{change.before}{change.after}"
