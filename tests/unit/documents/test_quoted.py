"""What kubectl and helm say of a failure is told without the secrets that they quote."""

from pathlib import Path

import pytest

from grayc.documents.quoted import _masked
from tests.renderers import renderers_path
from tests.unit.documents.test_render import CHART, WEB, chart, kustomize, lay, only

SECRET = "hunter2-of-the-shop"
GENERATOR = "resources: [web.yaml]\nsecretGenerator:\n- name: s\n  "
PLUGIN = (
    "resources: [web.yaml]\ngenerators:\n- |-\n  apiVersion: builtin\n  kind: SecretGenerator\n  metadata: {name: s}\n"
)


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())


@pytest.mark.parametrize(
    ("kustomization", "env"),
    [
        (f"{GENERATOR}literals: ['{SECRET}']\n", b""),
        (f"{GENERATOR.replace('secretGen', 'SecretGen')}literals: ['{SECRET}']\n", b""),
        (f"{PLUGIN}  literals: ['{SECRET}']\n", b""),
        (f"{GENERATOR}envs: [s.env]\n", b"A=b\n\xff" + SECRET.encode() + b"\n"),
    ],
    ids=["literal", "in-capitals", "plugin", "bytes"],
)
def test_kustomize_quotes_no_secret(kustomization: str, env: bytes, tmp_path: Path) -> None:
    roots = lay(tmp_path, {"prod/kustomization.yaml": kustomization, "prod/web.yaml": WEB})
    (tmp_path / "prod/s.env").write_bytes(env)

    code, message = only(kustomize(roots))

    assert code == "GC161"
    assert "KV pairs" in message
    assert SECRET not in message and str(SECRET.encode()[0]) + " " not in message


@pytest.mark.parametrize(
    "call",
    ['tpl (printf "{{ %s" .Values.dsn) .', 'mustToDate "2006" .Values.dsn', "include .Values.dsn ."],
)
@pytest.mark.parametrize("own", [True, False], ids=["chart", "file"])
def test_helm_quotes_no_value(call: str, own: bool, tmp_path: Path) -> None:
    values = f"dsn: {SECRET}\n"
    files = {
        "chart/Chart.yaml": CHART,
        "chart/templates/s.yaml": f"a: {{{{ {call} }}}}\n",
        "chart/values.yaml": values if own else "{}\n",
        "prod.yaml": values,
    }

    code, message = only(chart(lay(tmp_path, files), "chart", *([] if own else ["prod.yaml"])))

    assert code == "GC161"
    assert SECRET not in message
    assert "shop/templates/s.yaml" in message


def test_what_is_no_secret_is_told(tmp_path: Path) -> None:
    secret = "kind: Secret\nstringData: {a: {{ .Values.dsn.host }}, b: literal-in-it}\n"
    files = {"chart/Chart.yaml": CHART, "chart/templates/s.yaml": secret, "chart/values.yaml": "dsn: templates\n"}

    _, message = only(chart(lay(tmp_path, files)))

    assert "shop/templates/s.yaml" in message
    assert "<.Values.dsn.host>" in message


DEPENDENT = f'{CHART}dependencies:\n- {{name: b, version: 0.1.0, repository: "https://example.com/c"}}\n'


@pytest.mark.parametrize(
    "comment", ["# no file was found", "# helm dependency build", "# Error: missing yaml", "# charts/ directory"]
)
def test_words_of_helm_that_a_secret_holds_too_are_told(comment: str, tmp_path: Path) -> None:
    secret = f"kind: Secret\nstringData:\n  app.ini: |\n    {comment}\n    x: {{{{ .Values.x }}}}\n"
    files = {"chart/Chart.yaml": DEPENDENT, "chart/templates/s.yaml": secret, "chart/values.yaml": "x: 1\n"}

    (found,) = chart(lay(tmp_path, files)).diagnostics

    assert "missing dependencies: found in Chart.yaml, but missing in charts/ directory: b" in found.message
    assert "`helm dependency build chart`" in found.help


def test_a_way_out_is_told_whatever_is_masked(tmp_path: Path) -> None:
    said = "external plugins disabled"
    files = {
        "chart/Chart.yaml": CHART,
        "chart/templates/s.yaml": f"kind: Secret\nstringData: {{a: {said}}}\n",
        "chart/templates/t.yaml": f'{{{{ fail "{said}" }}}}\n',
    }

    (found,) = chart(lay(tmp_path, files)).diagnostics

    assert said not in found.message
    assert "grayc runs no plugins" in found.help


def test_the_name_of_a_file_is_told(tmp_path: Path) -> None:
    values = "dsn: core-dsn-of-it\n"
    files = {
        "chart/Chart.yaml": CHART,
        "chart/templates/core-dsn-of-it-secret.yaml": 'a: {{ tpl (printf "{{ %s" .Values.dsn) . }}\n',
        "chart/values.yaml": values,
    }

    code, message = only(chart(lay(tmp_path, files)))

    assert code == "GC161"
    assert "shop/templates/core-dsn-of-it-secret.yaml" in message
    assert "core-dsn-of-it" not in message.replace("core-dsn-of-it-secret.yaml", "")


@pytest.mark.parametrize(
    ("words", "secrets", "shown", "masked"),
    [
        ("say pass-word now", ["pass-word", "word now"], [], "say ***"),
        ("say word and wordy", ["word"], ["wordy"], "say *** and wordy"),
        ("say my wordy", ["my word"], ["wordy"], "say ***y"),
        ("wordword", ["word"], [], "******"),
        ("nothing", [], ["nothing"], "nothing"),
    ],
)
def test_only_what_is_whole_in_a_shown_text_is_not_masked(
    words: str, secrets: list[str], shown: list[str], masked: str
) -> None:
    assert _masked(words, secrets, shown) == masked
