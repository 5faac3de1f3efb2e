"""Values that are planted in every place stand in no report, diff or script of any command; the names beside them do."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grayc.documents.hide import hide_in_lines, secret_arguments
from grayc.k8s.secrets import shown_condition
from grayc.report.formats import Format
from tests.abuse.contract import copy_release
from tests.abuse.planted import FILES, OLD, PLACES, plant, planted, shown_values, split_at_place
from tests.cli_run import run_grayc
from tests.gateways.test_lowering import NO_COLOUR, OWN_ROUTES, baseline_route
from tests.manifests import workload, write_release
from tests.unit.planning.test_entries import WEB

TOLD = ("text", "json", "markdown")

COMMANDS: dict[str, tuple[str, ...]] = {
    "build": ("build", "release.yaml", "-o", "out"),
    "build, checked": ("build", "release.yaml", "-o", "old", "--check"),
    "plan": ("plan", "release.yaml"),
    "plan of a step": ("plan", "release.yaml", "--step", "few"),
    "validate": ("validate", "release.yaml", "--engine", "jsonschema"),
    "promote, checked": ("promote", "release.yaml", "--patches", "--check"),
    "promote, told": ("promote", "release.yaml", "--patches", "--diff"),
    "promote a tested lane": ("promote", "release.yaml", "--patches", "--diff", "--with", "old"),
    "adopt, told": ("adopt", "plain", "--diff"),
    "adopt, checked": ("adopt", "plain", "--check"),
    "adopt, with a script": ("adopt", "plain", "--script", "steps.sh"),
    "init": ("init", "plain", "-s", "web", "-o", "-"),
    "offline": ("offline", "release.yaml", "-o", "old", "--check"),
    "offline, with a script": ("offline", "release.yaml", "-o", "old", "--script", "steps.sh"),
    "lanes": ("lanes", "."),
    "explain": ("explain", "GC462"),
    "import": ("import", "zadig", "workflow.yaml", "-o", "-"),
}
"""A command in words → it, for every format of findings."""

REVIEWS: dict[str, tuple[str, ...]] = {
    "the lane beside its baseline": ("diff", "release.yaml", "--baseline"),
    "a folder": ("diff", "release.yaml", "--with", "old"),
    "nothing": ("diff", "release.yaml", "--with", "nothing"),
    "a revision": ("diff", "release.yaml", "--with", "committed", "--rev", "HEAD"),
    "two steps": ("diff", "release.yaml", "--step", "few", "--step", "all"),
}
"""What is compared → a command, for every format of differences."""

NAMES = frozenset({
    # Keys of annotations, variables, keys of Secrets and ConfigMaps, flags, fields of other kinds.
    "db.example.com/password", "mail.example.com/password", "vault.example.com/access-token", "example.com/settings",
    "ADMIN_PASSWORD", "API_TOKEN", "AUTHORIZATION_LINE", "AWS_SECRET_ACCESS_KEY", "CALLBACK", "DATABASE_DSN",
    "DATABASE_URL", "DB_PASSWORD", "FOLDED", "JAVA_OPTS", "JWT", "REDIS_AUTH", "SESSION_SALT", "SIGN_KEY", "SMOKE_TOKEN",
    "TLS_PEM", "encoded", "more", "plain", "several", ".dockerconfigjson", "api-token", "app.ini", "app.json",
    "app.properties", "app.yaml", "mail.properties", "nginx.conf", "tls.pem", "store.p12", "--token=", "-Ddb.password=",
    "access_token=", "db.password=", "mail.password=", "passwd = ", "/health?token=", "@db:5432/shop", "httpHeaders[",
    "triggers[0].metadata.password", "verify-smoke", "access-mse-gray", "web-settings-mse-gray",
})  # fmt: skip
"""What a difference between two builds tells of the places of which it shows no value."""

MISTAKES: dict[str, Callable[[str, str, str], str]] = {
    "tag": lambda before, value, after: f"{before}!x {value}{after}",
    "number": lambda before, value, after: f"{before}!!int {value}{after}",
    "open quote": lambda before, value, after: f'{before}"{value}{after}',
    "list": lambda before, value, after: f"{before}[{value}]{after}",
    "mapping": lambda before, value, after: f"{before}{{a: {value}}}{after}",
    "twice": lambda before, value, after: f"{before}{value}{after}\n{before}{value}{after}",
    "tab": lambda before, value, after: f"\t{before}{value}{after}",
    "two colons": lambda before, value, after: f"{before}{value}: {value}{after}",
    "dash for a colon": lambda before, value, after: f"{before.replace(': ', '- ', 1)}{value}{after}",
    "template": lambda before, value, after: f"{before}{{{{ {value} }}}}{after}",
    "unknown alias": lambda before, value, after: f"{before}*{value}{after}",
    "control character": lambda before, value, after: f"{before}{value}\x01{after}",
    "lone surrogate": lambda before, value, after: f'{before}"{value}\\ud800"{after}',
    "cut off": lambda before, value, after: f"{before}{value}{after}\x00",
}
"""What is wrong in words → the line with a value, made wrong."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the planted release, builds of it with other values, and a baseline that is not prepared."""
    home = tmp_path_factory.mktemp("planted") / "home"
    plant(home, OLD)
    for out in ("old", "committed"):
        run = run_grayc(["build", "release.yaml", "-o", out], folder=home)
        assert run.status == 0, run.stderr
    for arguments in (("init", "-q"), ("add", "committed"), ("commit", "-q", "-m", "a lane")):
        own = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *own, *arguments], cwd=home, check=True, capture_output=True)
    plant(home)
    run = run_grayc(["build", "release.yaml", "-o", "committed"], folder=home)
    assert run.status == 0, run.stderr
    for name, text in FILES.items():
        if name.startswith("baseline/"):
            path = home / name.replace("baseline", "plain")
            path.parent.mkdir(exist_ok=True)
            path.write_text(planted(text).replace(", zadigx-release-version: original", ""), encoding="utf-8")
    return home


@pytest.fixture
def home(release: Path, tmp_path: Path) -> Path:
    return copy_release(release, tmp_path)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_value(command: str, form: Format, home: Path) -> None:
    run = run_grayc([*COMMANDS[command], "-f", form], folder=home)

    assert run.status in (0, 1), run.stderr
    script = home / "steps.sh"
    assert script.exists() == ("script" in command)
    text = run.stdout + run.stderr + (script.read_text(encoding="utf-8") if script.exists() else "")
    assert shown_values(text) == ()


@pytest.mark.parametrize("form", TOLD)
@pytest.mark.parametrize("review", REVIEWS)
def test_no_review_shows_a_value(review: str, form: str, home: Path) -> None:
    run = run_grayc([*REVIEWS[review], "-f", form], folder=home)

    assert run.status == 1, run.stderr
    assert shown_values(run.stdout + run.stderr) == ()


@pytest.mark.parametrize("gateway", ["mse", "higress"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_route_shows_a_value(gateway: str, form: str, home: Path) -> None:
    request = ("--host", "shop.example.com", "-H", "x-api-token: s3cr-spec-rule-7315")
    run = run_grayc(["route", "release.yaml", "--gateway", gateway, *request, "-f", form], folder=home)

    assert run.status == 0, run.stderr
    assert "x-api-token" in run.stdout
    assert shown_values(run.stdout + run.stderr) == ()


@pytest.mark.parametrize("form", TOLD)
def test_a_review_shows_the_names(form: str, home: Path) -> None:
    told = run_grayc(["diff", "release.yaml", "--with", "old", "-f", form], folder=home).stdout

    assert not {name for name in NAMES if name not in told}


def test_a_review_of_an_entry_shows_who_enters(home: Path) -> None:
    told = run_grayc(["diff", "release.yaml", "--baseline"], folder=home).stdout

    for name in (
        "x-user-id",
        'header-value"]: + "100"',
        "x-api-token",
        "visitor-lane",
        "blue-visitors",
        "basic-login",
        "auth-type",
    ):
        assert name in told
    assert 'canary-by-header-value"]: + ***' in told


def test_a_plan_and_the_lanes_show_who_enters(home: Path) -> None:
    for command in (("plan", "release.yaml"), ("lanes", ".")):
        told = run_grayc([*command], folder=home).stdout

        assert "header x-user-id is 100" in told
        assert "header x-api-token is ***" in told
        assert "cookie visitor-lane is blue-visitors" in told


def test_a_promotion_shows_the_keys_of_what_it_writes(home: Path) -> None:
    told = run_grayc(["promote", "release.yaml", "--patches", "--diff"], folder=home).stdout

    for key in ("  plain: ", "  more: ", "  api-token: ", "    mail.example.com/password: ", "    mail.password="):
        assert f"\n+{key}(a secret value stands here)\n" in told
    assert "+            - name: ADMIN_PASSWORD\n+              value: (a secret value stands here)\n" in told


# The first reads the file and points into it; of the others each mistake takes another one.
OF_A_MISTAKE = (
    ("validate", "release.yaml", "--engine", "jsonschema", "-f", "text"),
    ("adopt", "baseline", "--diff", "-f", "json"),
    ("diff", "release.yaml", "--baseline", "-f", "text"),
    ("promote", "release.yaml", "--patches", "--diff", "-f", "sarif"),
    ("plan", "release.yaml", "-f", "junit"),
    ("diff", "release.yaml", "--with", "old", "-f", "markdown"),
    ("offline", "release.yaml", "-o", "old", "--check", "-f", "gitlab"),
)


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("file", FILES)
def test_a_mistake_beside_a_value_shows_none(file: str, mistake: str, home: Path) -> None:
    for number, place in enumerate(split_at_place(FILES[file])):
        above, before, value, after, below = place
        wrong = MISTAKES[mistake](before, value, after)
        (home / file).write_text(planted(f"{above}{wrong}{below}"), encoding="utf-8")
        commands = [("build", "release.yaml", "-o", "-", "-f", "text"), OF_A_MISTAKE[number % len(OF_A_MISTAKE)]]
        if file == "workflow.yaml":
            commands = [("import", "zadig", "workflow.yaml", "-o", "-")]
        for command in commands:
            run = run_grayc([*command], folder=home)

            assert run.status in (0, 1, 2), run.stderr
            # What is built and imported is the manifests themselves.
            shown = run.stderr if command[0] in ("build", "import") else run.stdout + run.stderr
            assert shown_values(shown) == (), (command, wrong, shown)


PATCHED = """\
          json6902:
            - op: test
              path: %s
              value: «patch-annotation»
"""

ASKS_WHOLE = """\
          json6902:
            - op: test
              path: /spec/template/spec/containers/0/env/12
              value:
                name: PWD
                value: «patch-annotation»
"""

WRONG_IN_THE_SPEC: dict[str, tuple[str, str]] = {
    "a failing test of a whole variable": (
        FILES["release.yaml"].partition("- target: {kind: Deployment}\n")[2].partition("        - target")[0],
        ASKS_WHOLE,
    ),
    "an unknown field with a password": ("  traffic:\n", "  database: {password: «spec-env»}\n  traffic:\n"),
    "an unknown field that is a token": ("  traffic:\n", "  accessToken: «spec-env»\n  traffic:\n"),
    "an unknown field of a service": (
        "      work: shared\n",
        "      work: shared\n      logins: [{password: «spec-env»}]\n",
    ),
    **{
        f"a failing test of {place}": (
            FILES["release.yaml"].partition("- target: {kind: Deployment}\n")[2].partition("        - target")[0],
            PATCHED % place,
        )
        for place in (
            "/metadata/annotations/db.example.com~1password",
            "/spec/template/spec/containers/0/args/1",
            "/spec/template/spec/containers/0/command/2",
            "/spec/template/spec/containers/0/env/8/value",
            # What the place has is no secret; what is asked for was meant for the variable before it.
            "/spec/template/spec/containers/0/env/12/value",
            "/spec/template/spec/containers/0/args/3",
            "/spec/template/spec/containers/0/livenessProbe/httpGet/httpHeaders/0/value",
        )
    },
    "a pattern that is none": ("value: «spec-rule»", "pattern: '(«spec-rule»'"),
    "a sign that no header has": ("value: «spec-rule»", "value: «spec-rule»\u00e9"),
    "a variable in its name": ("ADMIN_PASSWORD: «spec-env»", "'ADMIN_PASSWORD=«spec-env»': x"),
    "a list of variables": ("ADMIN_PASSWORD: «spec-env»\n          SPEED: quick", "- ADMIN_PASSWORD=«spec-env»"),
    "a login in an image": ("registry.example.com/web:1.1", "https://a:«spec-env»@registry.example.com/web:1.1"),
}
"""What is wrong in words → a part of the spec, and what stands there instead."""


@pytest.mark.parametrize("what", WRONG_IN_THE_SPEC)
def test_a_mistake_in_the_spec_shows_no_value(what: str, home: Path) -> None:
    old, new = WRONG_IN_THE_SPEC[what]
    assert old in FILES["release.yaml"]
    (home / "release.yaml").write_text(planted(FILES["release.yaml"].replace(old, new, 1)), encoding="utf-8")

    for form in Format:
        run = run_grayc(["plan", "release.yaml", "-f", form], folder=home)
        built = run_grayc(["build", "release.yaml", "-o", "out", "-f", form], folder=home)

        assert built.status == 1
        assert shown_values(run.stdout + run.stderr + built.stdout + built.stderr) == ()


def test_values_are_planted_in_many_places() -> None:
    assert len(PLACES) == len(set(PLACES)) > 50


NAMED: dict[str, tuple[str, str, str]] = {
    "a ConfigMap that is not there": ("    web-settings:\n", "    websettings:\n", "Secret `websettings`"),
    "one called like its values": (
        "        web-settings:\n",
        "        s3cr:\n          A: s3cr-\n        web-settings:\n",
        "Secret `s3cr`",
    ),
    "a key that is not there": (
        "          LOG_LEVEL: debug\n",
        "          LOG_LEVLE: null\n",
        "key `LOG_LEVLE` to remove",
    ),
    "a key in what is binary": ("          LOG_LEVEL: debug\n", "          store.p12: x\n", "key `store.p12` of"),
    "a variable": ("ADMIN_PASSWORD: «spec-env»", "ADMIN_PASSWORD: [«spec-env»]", "`ADMIN_PASSWORD` is not text"),
    "two services and a key": (
        "  verify:\n",
        "    - name: cart\n      workload: Deployment/cart\n      config: {web-settings: {api-token: other}}\n  verify:\n",
        "services `web` and `cart` give key `api-token` of `ConfigMap/web-settings` different values",
    ),
}
"""What a finding names in words → a mistake in the spec, and the words that name it."""


@pytest.mark.parametrize("what", NAMED)
def test_a_finding_beside_a_value_shows_the_names(what: str, home: Path) -> None:
    old, new, words = NAMED[what]
    assert old in FILES["release.yaml"]
    (home / "release.yaml").write_text(planted(FILES["release.yaml"].replace(old, new, 1)), encoding="utf-8")
    web = planted(FILES["baseline/web.yaml"])
    (home / "baseline/cart.yaml").write_text(re.sub(r"\b(name|app): web\b", r"\1: cart", web), encoding="utf-8")

    told = (
        run_grayc(["plan", "release.yaml"], folder=home).stderr
        + run_grayc(["build", "release.yaml", "-o", "-"], folder=home).stderr
    )

    assert words in told
    assert shown_values(told) == ()


@pytest.mark.parametrize("gateway", ["mse", "gateway-api", "istio"])
def test_what_a_query_parameter_proves_is_shown_nowhere(gateway: str, tmp_path: Path) -> None:
    rules = [{"query": "access_token", "value": "s3cr-of-7317"}, {"query": "preview", "pattern": "^blue"}]
    if gateway != "mse":
        rules.append({"all": [{"query": "session-token", "value": "s3cr-of-7318"}, {"header": "x-a", "value": "1"}]})  # type: ignore[dict-item]
    write_release(
        tmp_path,
        [workload(), WEB, {**baseline_route(gateway), "metadata": {"name": "web", "namespace": "shop"}}],
        traffic={"gateway": gateway, "rules": rules, "guard": False},
        accept=[{"code": "GC516", "reason": "known"}] if gateway == "istio" else None,
    )
    asked = ("--host", "h.test", "--path", "/x?access_token=s3cr-of-7317&preview=blue")
    commands = [["plan"], ["diff", "--baseline"], ["route", *asked], ["graph", "-f", "mermaid"]]
    for command in commands:
        run = run_grayc([command[0], "release.yaml", *command[1:]], folder=tmp_path)
        assert "s3cr" not in run.stdout + run.stderr, command
        assert "access_token" in run.stdout + run.stderr, command
    data = json.loads(run_grayc(["route", "release.yaml", *asked, "-f", "json"], folder=tmp_path).stdout)
    assert data["request"]["path"] == "/x?access_token=***&preview=blue"
    assert [each["lane"] for each in data["destinations"]] == ["gray"]


PASSED: dict[str, list[str]] = {
    "sqlcmd": ["sqlcmd", "-S", "sql.example.com", "-U", "sa", "-P", "s3cr-7319", "-Q", "ALTER TABLE x ADD y int"],
    "sqlcmd in one": ["sqlcmd", "-S", "sql.example.com", "-Ps3cr-7319", "-Q", "ALTER TABLE x ADD y int"],
    "cqlsh": ["cqlsh", "c.example.com", "-p", "s3cr-7319", "-e", "CREATE TABLE x(y int)"],
    "mysql": ["mysql", "-h", "m.example.com", "-ps3cr-7319", "-e", "ALTER TABLE x ADD y int"],
    "mariadb": ["mariadb", "-h", "m.example.com", "-p", "s3cr-7319", "-e", "CREATE TABLE x(y int)"],
    "script": ["./migrate.sh", "s3cr-7319"],
    "script of a shell": ["sh", "-c", "./migrate.sh -w s3cr-7319"],
    "package's script": ["npm", "run", "db:migrate", "s3cr-7319"],
    "several": ["sh", "-c", "goose postgres 'host=pg.example.com password=s3cr-7319' up; dbmate up s3cr-7319"],
    "Alembic": ["alembic", "-x", "dburl=postgres://u:s3cr@s3cr-7319/s3cr-7319@pg.example.com/x", "upgrade", "head"],
    "any program": ["app", "-p", "s3cr-7319", "--db", "postgres://pg.example.com/x"],
    "word before a store": ["app", "-ps3cr-7319", "postgres://pg.example.com/x"],
    "word that goes on": ["app", "s3cr-7319@redis://r.example.com"],
    "store in a shell": ["sh", "-c", "app postgres://u:s3cr-7319@pg.example.com/x?sslmode=disable"],
    "Go's data source": ["migrate", "-database", "mysql://u:s3cr-7319@tcp(m.example.com:3306)/x", "up"],
    "Oracle": ["app", "--db-url", "jdbc:oracle:thin:u/s3cr-7319@//o.example.com:1521/x"],
    "password with a blank": ["app", "--db-url", "postgres://u:s3cr-7319 s3cr-7319@pg.example.com/x"],
    "password with a slash": ["app", "--db-url", "postgres://u:12/s3cr@s3cr-7319/x@pg.example.com/x"],
}
"""What runs → a command that is given a password, however its program takes it."""


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("what", PASSED)
def test_no_finding_shows_an_argument(what: str, form: Format, tmp_path: Path) -> None:
    image = "registry.example.com/web:1"
    write_release(
        tmp_path,
        [workload(pod={"initContainers": [{"name": "one", "image": image, "command": PASSED[what]}]})],
        services=[{"name": "web", "workload": "Deployment/web", "work": "shared"}],
    )
    for command in (["plan", "release.yaml"], ["build", "release.yaml", "-o", "out"]):
        run = run_grayc([*command, "-f", form], folder=tmp_path)

        assert run.status in (0, 1), run.stderr
        shown = run.stdout + run.stderr
        assert "GC562" in shown or "GC563" in shown
        assert "7319" not in shown
        assert "store/s3cr" not in shown


SESSIONS: dict[str, tuple[str, ...]] = {
    "cookie": (
        "session", "sessionid", "sid", "JSESSIONID", "JSESSIONIDSSO", "PHPSESSID", "connect.sid", "session.sig",
        "_shop_session", "SESSION", "ASP.NET_SessionId", ".AspNetCore.Cookies", "remember-me", "remember_me", "sso",
        "laravel_session", "session_id_2",
    ),
    "header": ("x-session", "x-session-id", "session-id", "x-signature", "X-Hub-Signature-256"),
    "query": ("jsessionid", "PHPSESSID", "X-Amz-Signature", "sig"),
}  # fmt: skip
"""Where it is sent → names of what holds a session, or is signed."""

LANES: dict[str, tuple[str, ...]] = {
    "cookie": (
        "lane", "visitor-lane", "user_group", "session-group", "session-lane", ".AspNetCore.Culture", "device", "route",
    ),
    "header": ("x-user-id", "x-session-group", "session-affinity", "sid", "x-design", "x-signature-version"),
    "query": ("sid", "session", "preview", "design"),
}  # fmt: skip
"""Where it is sent → names of what says no more than where a request goes."""


@pytest.mark.parametrize(("place", "name"), [(place, name) for place, names in SESSIONS.items() for name in names])
def test_what_holds_a_session_is_masked(place: str, name: str) -> None:
    assert shown_condition(name, "s3cr-7320", place) == "***"


@pytest.mark.parametrize(("place", "name"), [(place, name) for place, names in LANES.items() for name in names])
def test_what_chooses_a_lane_is_shown(place: str, name: str) -> None:
    assert shown_condition(name, "blue", place) == "blue"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("lane=blue; session=s3cr", "lane=blue; session=***"),
        (r"^(.*;)?connect\.sid=s3cr", r"^(.*;)?connect\.sid=***"),
        (r"^(?:.*\x3B\s*)?connect\x2Esid\x3Ds3cr(?:\x3B.*)?$", r"^(?:.*\x3B\s*)?connect\x2Esid\x3D***"),
        (r"\bsid=s3cr", r"\bsid=***"),
        ("(sid|lane)=s3cr", "(sid|lane)=***"),
        ("lane=session", "lane=session"),
        (r"^(?:.*\x3B\s*)?lane\x3Dsession(?:\x3B.*)?$", r"^(?:.*\x3B\s*)?lane\x3Dsession(?:\x3B.*)?$"),
        ("(^|;)lane=blue", "(^|;)lane=blue"),
    ],
)
def test_a_session_in_the_header_of_all_cookies_is_masked(asked: str, shown: str) -> None:
    assert shown_condition("Cookie", asked, "header") == shown


ASKS_SESSIONS: dict[str, list[dict[str, object]]] = {
    "cookie": [{"cookie": "connect.sid", "value": "s3cr-7321"}],
    "cookies of a value each": [{"cookie": "JSESSIONID", "values": ["s3cr-7321", "s3cr-7321-b"]}],
    "pattern of a cookie": [{"cookie": "session", "pattern": "^s3cr-7321"}],
    "header": [{"header": "x-session-id", "value": "s3cr-7321"}],
    "all cookies": [{"header": "cookie", "pattern": "session=s3cr-7321"}],
}
"""What rules ask in words → they."""

ENTRIES = ("mse", "higress", "gateway-api", "istio", "aliyun-alb", *sorted(NO_COLOUR), *OWN_ROUTES)


@pytest.mark.parametrize("gateway", ENTRIES)
@pytest.mark.parametrize("what", ASKS_SESSIONS)
def test_a_session_that_a_rule_asks_for_is_shown_nowhere(what: str, gateway: str, tmp_path: Path) -> None:
    rules = [*ASKS_SESSIONS[what], {"header": "x-user-id", "value": "one-of-7322"}]
    if gateway in ("ingress-nginx", "traefik", "aliyun-alb") or what == "all cookies":
        rules = rules[:1]
    for accept in (None, [{"code": "GC508", "reason": "known"}]):
        write_release(
            tmp_path,
            [workload(), WEB, {**baseline_route(gateway), "metadata": {"name": "web", "namespace": "shop"}}],
            traffic={"gateway": OWN_ROUTES.get(gateway, gateway), "rules": rules, "guard": False},
            accept=accept,
            expect=[
                {
                    "name": "one",
                    "request": {
                        "host": "h.test",
                        "path": "/x",
                        "headers": {"x-session-id": "other-7321"},
                        "cookies": {"connect.sid": "other-7321", "session": "other-7321"},
                    },
                    "goesTo": "baseline",
                }
            ],
        )
        if "GC508" not in run_grayc(["plan", "release.yaml"], folder=tmp_path).stderr:
            break
    commands = [
        *(["plan", "release.yaml", "-f", form] for form in Format),
        *(["diff", "release.yaml", "--baseline", "-f", form] for form in TOLD),
        *(["graph", "release.yaml", "-f", form] for form in ("mermaid", "dot", "json", "svg")),
        *(["lanes", ".", "-f", form] for form in ("text", "json")),
        *(["report", "release.yaml", "-o", f"{language}.html", "--lang", language] for language in ("en", "zh")),
    ]
    for command in commands:
        run = run_grayc(command, folder=tmp_path)
        assert run.status in (0, 1, 2), run.stderr
        assert "7321" not in run.stdout + run.stderr, command
    for page in ("en.html", "zh.html"):
        if gateway != "aliyun-alb" or (tmp_path / page).exists():
            text = (tmp_path / page).read_text(encoding="utf-8")
            assert "7321" not in text
            assert ("7322" in text) == (len(rules) > 1)
    spec = tmp_path / "release.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace('"baseline"\n', '"gray"\n'), encoding="utf-8")
    run = run_grayc(["plan", "release.yaml"], folder=tmp_path)
    assert "7321" not in run.stdout + run.stderr


WEBHOOK_URLS = (
    "https://hooks.slack.com/services/T01/B02/s3cr-7323",
    "https://hooks.slack.com/workflows/T01/A02/3/s3cr-7323",
    "https://discord.com/api/webhooks/1234/s3cr-7323",
    "https://discordapp.com/api/v10/webhooks/1234/s3cr-7323",
    "https://shop.webhook.office.com/webhookb2/a@b/IncomingWebhook/s3cr-7323/c",
    "https://outlook.office.com/webhook/a@b/IncomingWebhook/s3cr-7323/c",
    "https://oapi.dingtalk.com/robot/send?access_token=s3cr-7323",
    "https://open.feishu.cn/open-apis/bot/v2/hook/s3cr-7323",
    "https://open.larksuite.com/open-apis/bot/v2/hook/s3cr-7323",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cr-7323",
    "https://chat.googleapis.com/v1/spaces/A/messages?key=s3cr-7323&token=s3cr-7323",
    "https://api.telegram.org/bot123:s3cr-7323/sendMessage",
    "https://hooks.zapier.com/hooks/catch/1/s3cr-7323",
    "https://maker.ifttt.com/trigger/done/with/key/s3cr-7323",
    "https://a.blob.core.windows.net/b?sv=1&sig=s3cr-7323",
    "https://b.s3.amazonaws.com/c?X-Amz-Signature=s3cr-7323",
)

HARMLESS = (
    "https://slack.com/services/T01", "https://discord.com/api/users/1", "https://shop.example.com/hooks/catch/1/a",
    "https://open.feishu.cn/open-apis/bot/v2/info", "https://a.example.com/x?sid=1&size=2",
    "mkdir -p /data", "mysql -h db -P 3306", "mysql -p$MYSQL_PW", 'mysql -p"$MYSQL_PW" shop', "mysqldump -p shop",
    "mysql -h db; mkdir -p/data", "cp mysql.cnf -p/data", "redis-cli -a $REDIS_PW ping", "redis-cli -h db -p 6379",
    "ssh -p2222 db",
)  # fmt: skip


@pytest.mark.parametrize("url", WEBHOOK_URLS)
def test_an_url_that_is_a_secret_shows_its_host_alone(url: str) -> None:
    (shown,) = hide_in_lines([f"curl {url}"], "***", is_spoken=False)

    assert "7323" not in shown
    assert "***" in shown
    assert url.split("/")[2] in shown


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert hide_in_lines([line], "***", is_spoken=True) == [line]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("mysql -uroot -ps3cr shop", "mysql -uroot -p*** shop"),
        ("exec /usr/bin/mysqldump -h db -p's3cr s3cr' shop", "exec /usr/bin/mysqldump -h db -p*** shop"),
        ("mariadb-dump -ps3cr | gzip", "mariadb-dump -p*** | gzip"),
        ("mongosh -u a -p s3cr db", "mongosh -u a -p *** db"),
        ("sshpass -ps3cr ssh db", "sshpass -p*** ssh db"),
        ("redis-cli -a s3cr ping", "redis-cli -a *** ping"),
        ("sqlcmd -S db -P s3cr", "sqlcmd -S db -P ***"),
    ],
)
def test_a_password_behind_a_short_flag_is_masked(line: str, shown: str) -> None:
    assert hide_in_lines([line], "***", is_spoken=True) == [shown]


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        (["mysql", "-uroot", "-ps3cr", "--port=1", "shop"], {2}),
        (["/usr/bin/mysqladmin", "ping", "-ps3cr"], {2}),
        (["timeout", "5", "mongodump", "-p", "s3cr"], {4}),
        (["redis-cli", "-a", "s3cr", "ping"], {2}),
        (["app", "--token", "s3cr"], {2}),
        (["mysql", "-p$(MYSQL_PW)"], set()),
        (["mysql", "-p", "shop"], set()),
        (["ssh", "-p2222"], set()),
        (["mkdir", "-p", "/data"], set()),
    ],
)
def test_words_that_are_passwords_are_known_by_their_program(words: list[str], hidden: set[int]) -> None:
    assert secret_arguments(words) == hidden


def test_what_a_check_asks_and_a_program_is_given_is_shown_nowhere(tmp_path: Path) -> None:
    container = {
        "name": "web",
        "image": "registry.example.com/web:1",
        "command": ["mysqldump", "-h", "db.example.com"],
        "args": ["-uroot", "-ps3cr-7324", "--port=3306"],
        "env": [
            {"name": "BACKUP", "value": "exec mysqldump -h db.example.com -ps3cr-7324 shop"},
            {"name": "ALERTS", "value": "https://hooks.slack.com/services/T01/B02/s3cr-7324"},
        ],
        "readinessProbe": {"exec": {"command": ["/usr/bin/mysqladmin", "ping", "-ps3cr-7324"]}},
    }
    verify = [{"name": "asked", "http": {"service": "web", "path": "/health?token=s3cr-7324&size=1"}}]
    write_release(tmp_path, [workload(pod={"containers": [container]}), WEB], verify=verify)
    before = run_grayc(["build", "release.yaml", "-o", "old"], folder=tmp_path)
    assert before.status == 0, before.stderr
    for file in (tmp_path / "old").iterdir():
        file.write_text(file.read_text(encoding="utf-8").replace("s3cr-7324", "other-7324"), encoding="utf-8")
    commands = [
        *(["plan", "release.yaml", "-f", form] for form in ("text", "json")),
        *(["diff", "release.yaml", "--baseline", "-f", form] for form in TOLD),
        *(["diff", "release.yaml", "--with", "old", "-f", form] for form in TOLD),
        *(["report", "release.yaml", "--with", "old", "-o", "-", "--lang", language] for language in ("en", "zh")),
    ]
    for command in commands:
        run = run_grayc(command, folder=tmp_path)
        assert run.status in (0, 1), run.stderr
        assert "7324" not in run.stdout + run.stderr, command
    told = run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout
    assert "/health?token=***&size=1" in told
    told = run_grayc(["diff", "release.yaml", "--with", "old"], folder=tmp_path).stdout
    for name in ("BACKUP", "ALERTS", "args[1]", "command[2]", "hooks.slack.com/services/"):
        assert name in told
