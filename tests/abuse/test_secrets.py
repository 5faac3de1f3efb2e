"""The value of a secret stands in the manifests that must hold it and nowhere else."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grayc.report.formats import Format
from tests.abuse.contract import ask, copy_release, make_release
from tests.abuse.model import Case, Make, both, edit, file
from tests.cli_run import run_grayc

PLAIN = "canary-plain-7316"
ENCODED = base64.b64encode(b"canary-encoded-7316").decode()
LITERAL = "canary-literal-7316"
APPLIED = "canary-applied-7316"
IN_SPEC = "canary-in-spec-7316"
OF_THE_PROCESS = "canary-of-the-process-7316"
CANARIES = (PLAIN, ENCODED, "canary-encoded-7316", LITERAL, APPLIED, IN_SPEC, OF_THE_PROCESS, "canary")

SECRET = f"""\
apiVersion: v1
kind: Secret
metadata:
  name: access
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {{"apiVersion":"v1","kind":"Secret","stringData":{{"plain":"{APPLIED}"}}}}
stringData:
  plain: {PLAIN}
data:
  encoded: {ENCODED}
"""

SPEC = f"""\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: shop
spec:
  tag: gray
  namespace: shop
  baseline:
    - baseline/
  services:
    - name: web
      workload: Deployment/web
      images:
        web: registry.example.com/web:1.1
      env:
        web:
          API_TOKEN: {IN_SPEC}
      config:
        access:
          plain: {IN_SPEC}
      patches:
        - target: {{kind: Secret, name: access}}
          merge:
            data:
              more: {IN_SPEC}
  traffic:
    gateway: mse
    rules:
      - header: x-user-id
        value: "100"
"""

USES = f"""\
            - name: DB_PASSWORD
              value: {LITERAL}
          envFrom:
            - secretRef: {{name: access}}
"""


def in_secret(old: str, new: str) -> Make:
    return edit(old, new, "baseline/secret.yaml")


def in_web(old: str, new: str) -> Make:
    return edit(old, new, "baseline/web.yaml")


def in_spec(old: str, new: str) -> Make:
    return edit(old, new)


def secret(text: str | bytes) -> Make:
    return file("baseline/secret.yaml", text)


def json_patch(*operations: str) -> Make:
    merge = SPEC[SPEC.index("          merge:\n") : SPEC.index("  traffic:")]
    lines = "".join(f"            - {operation}\n" for operation in operations)
    return in_spec(merge, f"          json6902:\n{lines}")


MERGE = f"          merge:\n            data:\n              more: {IN_SPEC}\n"

# Name → what points grayc at the value of a secret. Each is answered with at least one error or warning.
MISTAKES: dict[str, Make] = {
    # -- in the Secret
    "duplicate key": in_secret("stringData:\n", f"stringData:\n  plain: {PLAIN}\n"),
    "duplicate key, escaped": in_secret("stringData:\n", 'stringData:\n  plain: "can\\x61ry-twice"\n'),
    "number": in_secret(f"plain: {PLAIN}", f"plain: {PLAIN}\n  pin: 73.10\n  on: {PLAIN}"),
    "ambiguous value": in_secret("stringData:\n", f"stringData:\n  flag: [{PLAIN}, yes]\n"),
    "ambiguous date": in_secret("stringData:\n", f"stringData:\n  flag: {{a: {PLAIN}, b: 2001-01-01}}\n"),
    "tag": in_secret(f"plain: {PLAIN}", f"plain: !canary {PLAIN}"),
    "binary tag": in_secret(f"encoded: {ENCODED}", f"encoded: !!binary {ENCODED}"),
    "tag of another kind": in_secret(f"plain: {PLAIN}", f"plain: !!int {PLAIN}"),
    "wide tag": in_secret(f"plain: {PLAIN}", f"plain: !!int 'canary\n    {PLAIN}'"),
    "infinity": in_secret("stringData:\n", f"stringData:\n  flag: [{PLAIN}, .inf]\n"),
    "open quote": in_secret(f"plain: {PLAIN}", f'plain: "{PLAIN}'),
    "text after a quote": in_secret(f"plain: {PLAIN}", f'plain: "x" {PLAIN}'),
    "colon in the value": in_secret(f"plain: {PLAIN}", f"plain: {PLAIN}: {PLAIN}"),
    "unknown alias": in_secret(f"plain: {PLAIN}", f"plain: *{PLAIN}"),
    "anchor twice": in_secret(f"plain: {PLAIN}", f"plain: &{PLAIN} {PLAIN}\n  other: *{PLAIN}x"),
    "value as a key": in_secret(f"plain: {PLAIN}", f"? [{PLAIN}]\n  : x"),
    "bad escape": in_secret(f"plain: {PLAIN}", f'plain: "{PLAIN}\\q"'),
    "lone surrogate": in_secret(f"plain: {PLAIN}", f'plain: "{PLAIN}\\ud800"'),
    "tab": in_secret(f"  plain: {PLAIN}", f"\tplain: {PLAIN}"),
    "wrong indentation": in_secret(f"  plain: {PLAIN}\n", f"  plain: {PLAIN}\n {PLAIN}\n"),
    "template": in_secret(f"plain: {PLAIN}", f"plain: {{{{ {PLAIN} }}}}"),
    "border": in_secret(f"  plain: {PLAIN}\n", f"--- {PLAIN}\n"),
    "control character": in_secret(PLAIN, f"{PLAIN}\x07"),
    "not UTF-8": secret(SECRET.replace(PLAIN, f"{PLAIN}\xe9").encode("latin-1")),
    "UTF-16": secret(SECRET.encode("utf-16")),
    "other line ends": secret("# a\u2028# b\u0085# c\n" + SECRET.replace("plain:", f"plain: !x {PLAIN}\n  plain2:", 1)),
    "carriage returns": secret(SECRET.replace("plain:", f"plain: !x {PLAIN}\n  plain2:", 1).replace("\n", "\r")),
    "kind behind a merge": secret(
        f"x: &x {{kind: Secret}}\n<<: *x\n{SECRET}".replace("kind: Secret\n", "").replace(ENCODED, f"!x {ENCODED}")
    ),
    "kind on the next line": secret(SECRET.replace("kind: Secret", "kind:\n  Secret").replace(ENCODED, f'"{ENCODED}')),
    "kind after the fault": secret(
        f'data:\n  encoded: "{ENCODED}\napiVersion: v1\nkind: Secret\nmetadata: {{name: access}}\n'
    ),
    "data of no mapping": in_secret(f"stringData:\n  plain: {PLAIN}\n", f"stringData: {PLAIN}\n"),
    "no name": in_secret("  name: access\n", ""),
    "twice": file("baseline/second.yaml", SECRET),
    "in a list": secret(
        "apiVersion: v1\nkind: List\nitems:\n  - "
        + SECRET.replace(f"plain: {PLAIN}", f"plain: !x {PLAIN}").replace("\n", "\n    ").rstrip()
        + "\n"
    ),
    "in one line": secret(
        f'{{"apiVersion": "v1", "kind": "Secret", "data": {{"encoded": "{ENCODED}", "encoded": "{ENCODED}"}}, "metadata": {{"name": 3}}}}\n'
    ),
    "in one line, cut off": secret(f'{{"apiVersion": "v1", "kind": "Secret", "data": {{"encoded": "{ENCODED}'),
    "JSON with a comment": secret(f'{{"apiVersion": "v1", "kind": "Secret", // {PLAIN}\n "data": {{}}}}'),
    "last applied": in_secret('      {"apiVersion"', '      bad\n     {"apiVersion"'),
    "list in a list": secret(
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, stringData: {plain: "
        + PLAIN
        + "}}]}]}]\n"
    ),
    "too deep": in_secret(f"plain: {PLAIN}", f"plain: {'[' * 120}{PLAIN}"),
    "too long": in_secret(f"plain: {PLAIN}", f"plain: {PLAIN}{'x' * (1 << 20)}"),
    "too many documents": secret(f'---\n{{"kind": "Secret", "data": {{"a": "{ENCODED}"}}}}\n' * 5_001),
    # -- in the workload
    "number in a variable": in_web(f"value: {LITERAL}", f"value: !x {LITERAL}"),
    "variable twice": in_web(
        f"              value: {LITERAL}\n", f"              value: {LITERAL}\n              value: {LITERAL}\n"
    ),
    "open quote in a variable": in_web(f"value: {LITERAL}", f"value: '{LITERAL}"),
    "variable in one line": in_web(
        f"- name: DB_PASSWORD\n              value: {LITERAL}", f"- {{name: DB_PASSWORD, value: !x {LITERAL}}}"
    ),
    "value before its name": in_web(
        f"- name: DB_PASSWORD\n              value: {LITERAL}",
        f"- value: !x {LITERAL}\n              name: DB_PASSWORD",
    ),
    # -- in the spec
    "variable of the wrong type": in_spec(f"API_TOKEN: {IN_SPEC}", f"API_TOKEN: {{a: {IN_SPEC}}}"),
    "variable is a list": in_spec(f"API_TOKEN: {IN_SPEC}", f"API_TOKEN: [{IN_SPEC}]"),
    "variable is a number": in_spec(f"API_TOKEN: {IN_SPEC}", "API_TOKEN: 7316.50\n          OTHER_TOKEN: [canary]"),
    "variable of no container": in_spec("        web:\n          API_TOKEN", "        wed:\n          API_TOKEN"),
    "variable with a bad name": in_spec("API_TOKEN", "API TOKEN="),
    "container instead of variables": in_spec(
        f"        web:\n          API_TOKEN: {IN_SPEC}", f"        web: {IN_SPEC}"
    ),
    "key of the wrong type": in_spec(f"          plain: {IN_SPEC}", f"          plain: [{IN_SPEC}]"),
    "unknown key": in_spec(f"          plain: {IN_SPEC}", f"          plaim: {IN_SPEC}"),
    "unknown key in one line": in_spec(f"access:\n          plain: {IN_SPEC}", f"access: {{plaim: {IN_SPEC}}}"),
    "unknown object": in_spec("        access:\n", "        acess:\n"),
    "unknown object in one line": in_spec(f"access:\n          plain: {IN_SPEC}", f"acess: {{plain: {IN_SPEC}}}"),
    "object is a text": in_spec(f"access:\n          plain: {IN_SPEC}", f"access: {IN_SPEC}"),
    "open quote in config": in_spec(f"plain: {IN_SPEC}", f'plain: "{IN_SPEC}'),
    "open quote in a later field": in_spec("tag: gray", 'tag: "gray'),
    "tag in config": in_spec(f"plain: {IN_SPEC}", f"plain: !x {IN_SPEC}"),
    "both keys in config": in_spec(f"plain: {IN_SPEC}", f"plain: {IN_SPEC}\n          plain: {IN_SPEC}"),
    "not UTF-8 in config": lambda home: (home / "release.yaml").write_bytes(
        SPEC.replace("plain: ", "plain: \xe9").encode("latin-1")
    ),
    "control character in config": in_spec(f"plain: {IN_SPEC}", f"plain: {IN_SPEC}\x01"),
    # -- in patches
    "patch of no object": in_spec("{kind: Secret, name: access}", "{kind: Secret, name: acess}"),
    "patch in one line": in_spec(MERGE, f"          merge: {{data: [{IN_SPEC}]}}\n"),
    "patch with a number": in_spec(f"more: {IN_SPEC}", f"more: !x {IN_SPEC}"),
    "patch with a bad directive": in_spec("            data:\n", f"            $patch: {IN_SPEC}\n            data:\n"),
    "patch with lists": in_spec("            data:\n", f"            stringData: [{IN_SPEC}]\n            data:\n"),
    "patch with a bad list directive": in_spec(
        "            data:\n", f"            $deleteFromPrimitiveList/data: {IN_SPEC}\n            data:\n"
    ),
    "patch that is a text": in_spec(MERGE, f"          merge: {IN_SPEC}\n"),
    "test fails": json_patch(f"{{op: test, path: /stringData/plain, value: {IN_SPEC}}}"),
    "test of data fails": json_patch(f"{{op: test, path: /data/encoded, value: {IN_SPEC}}}"),
    "test of a whole fails": json_patch(f"{{op: test, path: /stringData, value: {{plain: {IN_SPEC}}}}}"),
    "test of a variable fails": in_spec(
        "{kind: Secret, name: access}\n" + MERGE,
        "{kind: Deployment}\n          json6902:\n            - op: test\n"
        "              path: /spec/template/spec/containers/0/env/1/value\n              value: other\n",
    ),
    "test of a variable that the spec sets fails": in_spec(
        "{kind: Secret, name: access}\n" + MERGE,
        "{kind: Deployment}\n          json6902:\n            - op: test\n"
        "              path: /spec/template/spec/containers/0/env/2/value\n              value: other\n",
    ),
    "path through a variable": in_spec(
        "{kind: Secret, name: access}\n" + MERGE,
        "{kind: Deployment}\n          json6902:\n            - op: add\n"
        "              path: /spec/template/spec/containers/0/env/2/value/x\n              value: other\n",
    ),
    "no such place": json_patch(f"{{op: replace, path: /data/nowhere/deep, value: {IN_SPEC}}}"),
    "unknown operation": json_patch(f"{{op: {IN_SPEC}, path: /data/a, value: {IN_SPEC}}}"),
    "path through a value": json_patch(f"{{op: add, path: /stringData/plain/x, value: {IN_SPEC}}}"),
    "path that is none": json_patch(f"{{op: add, path: data, value: {IN_SPEC}}}"),
    "operation without a path": json_patch(f"{{op: add, value: {IN_SPEC}}}"),
    "patch file": both(
        in_spec(MERGE, "          file: patch.yaml\n"),
        file("patch.yaml", f"data:\n  more: [{IN_SPEC}]\n  $patch: {IN_SPEC}\n"),
    ),
    "patch file with a fault": both(
        in_spec(MERGE, "          file: patch.yaml\n"), file("patch.yaml", f"data:\n  more: !x {IN_SPEC}\n")
    ),
    "patch file with an open quote": both(
        in_spec(MERGE, "          file: patch.yaml\n"), file("patch.yaml", f'data:\n  more: "{IN_SPEC}\n')
    ),
    "patch file with a failing test": both(
        in_spec(MERGE, "          file: patch.yaml\n"),
        file("patch.yaml", f"- op: test\n  path: /data/encoded\n  value: {IN_SPEC}\n"),
    ),
    "patch file of the wrong shape": both(
        in_spec(MERGE, "          file: patch.yaml\n"), file("patch.yaml", f"{IN_SPEC}\n")
    ),
}

# What the API server refuses and grayc copies: it says nothing, and so nothing of the value.
TAKEN = {"data of no mapping", "unknown key", "unknown key in one line", "patch in one line", "patch with lists"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_release(tmp_path_factory.mktemp("release"))
    (home / "release.yaml").write_text(SPEC, encoding="utf-8")
    (home / "baseline" / "secret.yaml").write_text(SECRET, encoding="utf-8")
    in_web("          envFrom:\n", USES)(home)
    return home


@pytest.fixture
def home(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CI_JOB_TOKEN", OF_THE_PROCESS)
    return copy_release(release, tmp_path)


def assert_silent(texts: dict[str, str], home: Path) -> None:
    for name, text in texts.items():
        for canary in CANARIES:
            assert canary not in text, (name, text)
    names = [path.name for path in home.rglob("*")]
    assert not any(canary in name for canary in CANARIES for name in names)


@pytest.mark.parametrize(
    "command",
    [
        ("build", "release.yaml", "-o", "out"),
        ("build", "release.yaml", "-o", "out", "--check"),
        ("plan", "release.yaml"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", Format)
def test_a_release_with_secrets_is_built_in_silence(
    command: tuple[str, ...], form: Format, home: Path, tmp_path: Path
) -> None:
    answer = ask(
        Case(row="T62", name="valid", make=lambda _: None, command=(*command, "-f", form)), home, tmp_path / "reports"
    )

    assert answer.status == ("--check" in command), answer.stderr
    assert_silent(answer.texts, home)


def test_the_manifests_hold_what_they_must_and_no_more(home: Path) -> None:
    run = run_grayc(["build", "release.yaml", "-o", "out"], folder=home)

    assert run.status == 0, run.stderr
    text = "".join(path.read_text(encoding="utf-8") for path in (home / "out").iterdir())
    for canary in (ENCODED, LITERAL, IN_SPEC):
        assert canary in text
    # The value that the spec replaces, the annotation with the whole object in it, and what only the process has.
    for canary in (PLAIN, APPLIED, OF_THE_PROCESS):
        assert canary not in text


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_at_a_secret_is_told_without_its_value(name: str, home: Path, tmp_path: Path) -> None:
    MISTAKES[name](home)

    for command in ("build", "plan"):
        out = ("-o", "out") if command == "build" else ()
        case = Case(row="T63", name=name, make=lambda _: None, command=(command, "release.yaml", *out))
        answer = ask(case, home, tmp_path / command)
        assert answer.status in (0, 1)
        assert answer.problems or command == "plan" or name in TAKEN
        assert "GC9" not in answer.stderr
        assert_silent(answer.texts, home)


REVIEWS = (
    ("diff", "release.yaml", "--baseline"),
    ("diff", "release.yaml", "--with", "out"),
    ("diff", "release.yaml", "--with", "new"),
    ("validate", "release.yaml", "--engine", "jsonschema"),
)


@pytest.mark.parametrize("command", REVIEWS, ids=" ".join)
@pytest.mark.parametrize("name", ["valid", *MISTAKES])
def test_a_review_shows_no_value(command: tuple[str, ...], name: str, home: Path) -> None:
    """The word `canary` itself stands in annotations of entries, which a review shows; the number does not."""
    if name in MISTAKES:
        MISTAKES[name](home)
    for form in ("text", "json", "markdown" if command[0] == "diff" else "sarif"):
        run = run_grayc([*command, "-f", form], folder=home)

        assert run.status in (0, 1, 2), run.stderr
        assert "7316" not in run.stdout + run.stderr
        assert name != "valid" or run.status == int(command[0] == "diff")


# A place in each stage that holds values of secrets while it works.
STAGES = (
    "grayc.documents.reader.build_yaml",
    "grayc.spec.load.decode",
    "grayc.driver.planning.make_plan",
    "grayc.driver.compile.run_passes",
    "grayc.driver.compile.lay_out",
    "grayc.driver.output.write_folder",
)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("form", Format)
def test_a_fault_is_told_without_a_value(stage: str, form: Format, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object, **named: object) -> Callable[..., object]:
        raise KeyError(f"{given} {named} {CANARIES} {os.environ['CI_JOB_TOKEN']}")

    monkeypatch.setattr(stage, fail)

    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", form], folder=home)

    assert run.status == 3, (run.stdout, run.stderr)
    assert_silent({"stdout": run.stdout, "stderr": run.stderr}, home)
