"""Objects whose kinds, namespaces or names would act as flags, code or paths: no command goes on with them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grayc.documents import parse_documents
from grayc.source import SourceFile
from tests.abuse.contract import copy_release, make_release
from tests.cli_run import run_grayc
from tests.hostile import CONTROL, HOSTILE, PATHS

GOOD: Mapping[str, object] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "extra", "namespace": "shop"},
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def home(release: Path, tmp_path: Path) -> Path:
    return copy_release(release, tmp_path)


def codes(text: str, name: str = "a.json") -> list[str]:
    return [found.code for found in parse_documents(SourceFile(name=name, text=text)).diagnostics]


def named(**fields: object) -> str:
    """Return an object as JSON, which escapes whatever no file may hold."""
    metadata = {
        "name": "extra",
        "namespace": "shop",
        **{key: fields.pop(key) for key in ("name", "namespace", "labels") if key in fields},
    }
    return json.dumps({**GOOD, **fields, "metadata": metadata})


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_no_word_of_an_identity_is_hostile(value: str) -> None:
    assert codes(named(kind=value)) == ["GC134"]
    assert codes(named(apiVersion=value)) == ([] if value == "a/b" else ["GC134"])
    assert codes(named(apiVersion=f"{value}/v1")) == ["GC134"]
    assert codes(named(apiVersion=f"apps/{value}")) == ["GC134"]
    assert codes(named(namespace=value)) == ["GC135"]
    assert codes(named(name=value)) == ["GC136"]
    assert codes(named(labels={"zadigx-release-version": value})) == ["GC137"]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
@pytest.mark.parametrize("kind", ["Service", "Namespace", "Secret", "Foo"])
def test_no_kind_takes_a_hostile_name(kind: str, value: str) -> None:
    assert codes(named(kind=kind, name=value)) == ["GC136"]


@pytest.mark.parametrize(
    "value", [*(path for path in PATHS if "/" in path or "%" in path or path == ".."), *CONTROL], ids=ascii
)
def test_a_name_that_may_hold_most_signs_leads_nowhere_and_shows(value: str) -> None:
    role = named(apiVersion="rbac.authorization.k8s.io/v1", kind="ClusterRole", name=value)
    assert codes(role) == ["GC136"]


def test_each_wrong_word_is_a_finding_of_its_own_at_its_own_place() -> None:
    text = "apiVersion: V1\nkind: -x\nmetadata:\n  namespace: ../a\n  name: $(x)\n  labels: {zadigx-release-version: a b}\n"
    found = parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics

    places = [(item.code, item.span.line, item.span.column) for item in found if item.span is not None]
    assert places == [
        ("GC134", 1, 13), ("GC134", 2, 7), ("GC135", 4, 14), ("GC136", 5, 9), ("GC137", 6, 36),
    ]  # fmt: skip


def test_items_of_lists_are_looked_at_too() -> None:
    item = {**GOOD, "metadata": {"name": "--all"}}
    assert codes(json.dumps({"apiVersion": "v1", "kind": "List", "items": [item]})) == ["GC136"]
    assert codes(json.dumps({"apiVersion": "v1", "kind": "-List", "items": [{"metadata": {"name": "a"}}]})) == ["GC134"]


def test_a_namespace_that_is_no_text_is_no_namespace() -> None:
    assert codes(named(namespace=7)) == ["GC135"]
    assert codes(named(namespace=None)) == codes(named(namespace="")) == []


def test_what_is_filled_in_later_is_told_from_a_slip() -> None:
    (found,) = parse_documents(SourceFile(name="a.json", text=named(name="${APP}"))).diagnostics
    assert "fills this in later" in found.help


COMMANDS: Mapping[str, tuple[str, ...]] = {
    "build": ("build", "release.yaml", "-o", "out"),
    "plan": ("plan", "release.yaml"),
    "validate": ("validate", "release.yaml"),
    "promote": ("promote", "release.yaml"),
    "diff": ("diff", "release.yaml", "--baseline"),
    "adopt": ("adopt", "baseline/", "--script", "adopt.sh"),
    "init": ("init", "baseline/", "-o", "new.yaml"),
    "route": ("route", "-d", "baseline/", "--gateway", "mse", "--host", "shop.example.com"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_goes_on_with_a_kind_that_is_a_flag(command: str, home: Path) -> None:
    """A kind `--kubeconfig=FILE` made `kubectl delete` run the plugin of a file that the repository brought."""
    extra = home / "baseline/extra.yaml"
    extra.write_text('apiVersion: v1\nkind: "--kubeconfig=p3"\nmetadata: {name: kc}\nspec: {}\n')
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    run = run_grayc(list(COMMANDS[command]), folder=home)

    # A comparison has no answer then; the others say no.
    assert run.status == (2 if command == "diff" else 1)
    assert "baseline/extra.yaml:2:7: error[GC134]" in run.stderr
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("name: --kubeconfig=evilkc, namespace: shop", "GC136"),
        ("name: '--server=http://127.0.0.1:9999', namespace: shop", "GC136"),
        ("name: ../../../.../x, namespace: shop", "GC136"),
        ("name: web2, namespace: ../..", "GC135"),
        ("name: web2, namespace: -n evil", "GC135"),
    ],
)
def test_adopt_writes_no_script_about_a_name_that_is_a_flag_or_a_path(fields: str, code: str, home: Path) -> None:
    extra = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {%s}\nspec:\n  selector: {matchLabels: {app: a}}\n"
        "  template:\n    metadata: {labels: {app: a}}\n    spec: {containers: [{name: a, image: x}]}\n"
    )
    (home / "baseline/extra.yaml").write_text(extra % fields)

    run = run_grayc(["adopt", "baseline/", "--script", "adopt.sh"], folder=home)

    assert run.status == 1
    assert f"error[{code}]" in run.stderr
    assert not (home / "adopt.sh").exists()


@pytest.mark.parametrize(
    "labels", ["matchLabels: {app: 'a),b notin (c'}", "matchExpressions: [{key: 'a,b', operator: Exists}]"]
)
def test_adopt_writes_no_script_about_a_selector_that_is_another_one(labels: str, home: Path) -> None:
    (home / "baseline/extra.yaml").write_text(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a, namespace: shop}\nspec:\n"
        f"  selector: {{{labels}}}\n  template:\n    metadata: {{labels: {{app: 'a),b notin (c', 'a,b': x}}}}\n"
        "    spec: {containers: [{name: a, image: x}]}\n"
    )

    run = run_grayc(["adopt", "baseline/", "--script", "adopt.sh"], folder=home)

    assert run.status == 1
    assert "error[GC405]" in run.stderr
    assert not (home / "adopt.sh").exists()


def tamper(home: Path, text: str, change: Callable[[dict[str, object]], None] = lambda lane: None) -> None:
    """Put a file into the output as if grayc had written it, and change the lane that the inventory tells of."""
    (home / "out/zz.yaml").write_text(text)
    inventory = home / "out/.grayc-inventory"
    data = json.loads(inventory.read_text())
    data["files"]["zz.yaml"] = {"owner": "shop", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    change(data["lanes"]["shop"])
    inventory.write_text(json.dumps(data))


LABELS = "labels: {zadigx-release-version: gray, zadigx-release-type: mse-gray, zadigx-release-service-name: web}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"apiVersion: v1\nkind: Service\nmetadata: {{name: \"'\\\"$(touch PWNED)\\\"'\", namespace: shop, {LABELS}}}\n", "GC136"),
        (f"apiVersion: v1\nkind: --kubeconfig=p3\nmetadata: {{name: kc-mse-gray, namespace: shop, {LABELS}}}\n", "GC134"),
        (f"apiVersion: v1\nkind: Service\nmetadata: {{name: a-mse-gray, namespace: --all-namespaces, {LABELS}}}\n", "GC135"),
        (
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: a-mse-gray\n  namespace: shop\n  labels:\n"
            "    zadigx-release-version: gray\n    zadigx-release-service-name: 'a),zadigx-release-version notin (q'\n",
            "GC137",
        ),
    ],
    ids=["name", "kind", "namespace", "label"],
)  # fmt: skip
@pytest.mark.parametrize(
    "command",
    [("offline", "release.yaml", "-o", "out", "--script", "off.sh"), ("offline", "--tag", "gray", "-o", "out")],
)
def test_offline_does_not_read_such_words_back(text: str, code: str, command: tuple[str, ...], home: Path) -> None:
    tamper(home, text)
    before = sorted((home / "out").iterdir())

    run = run_grayc(list(command), folder=home)

    assert run.status == 1
    assert "out/zz.yaml:" in run.stderr and f"error[{code}]" in run.stderr
    assert run.stdout == ""
    assert not (home / "off.sh").exists()
    assert sorted((home / "out").iterdir()) == before


@pytest.mark.parametrize(
    "change",
    [
        {"opensIn": ["--kubeconfig=p3 shop/web"]},
        {"opensIn": ["VirtualService.networking.istio.io shop/$(touch PWNED)"]},
        {"opensIn": ["VirtualService.networking.istio.io --all/web"]},
        {"opensIn": ["VirtualService.-x shop/web"]},
        {"opensIn": ["web"]},
        {"tag": "a),b notin (c"},
        {"tag": "$(touch PWNED)"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "command", [("offline", "release.yaml", "-o", "out"), ("lanes", "out", "--today", "2099-01-01")]
)
def test_what_the_inventory_says_of_a_lane_is_looked_at_too(
    change: dict[str, object], command: tuple[str, ...], home: Path
) -> None:
    tamper(
        home,
        "apiVersion: v1\nkind: Service\nmetadata: {name: a-mse-gray}\n",
        lambda lane: lane.update({"expires": "2020-01-01", **change}),
    )

    run = run_grayc(list(command), folder=home)

    assert run.status == 2
    assert "GC606" in run.stderr
    assert "PWNED" not in run.stdout
