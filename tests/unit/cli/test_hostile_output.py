"""An output folder that a repository brought along, with an inventory that fits: what is made of it, and what is not."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli_run import Run, run_grayc
from tests.unit.cli.texts import PREPARED
from tests.unit.cli.texts import RELEASE as PLAIN

FILE = "demo.web.yaml"
RELEASE = PLAIN.replace("{name: web}", '{name: web, images: {web: "registry.example.com/web:2"}}')
GRAY = "zadigx-release-version: gray, zadigx-release-type: mse-gray"
HIDDEN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"} | {
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "baseline").mkdir(parents=True)
    (home / "baseline" / "web.yaml").write_text(PREPARED)
    (home / "release.yaml").write_text(RELEASE)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=home).status == 0
    return home


def put(shop: Path, text: str | bytes, name: str = FILE, owner: str = "demo") -> None:
    """Put a file into the output folder, and its digest into the inventory."""
    data = text if isinstance(text, bytes) else text.encode()
    (shop / "out" / name).write_bytes(data)

    def listed(inventory: dict[str, dict[str, object]]) -> None:
        inventory["files"][name] = {"owner": owner, "sha256": hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()}

    change(shop, listed)


def change(shop: Path, by: Callable[[dict[str, dict[str, object]]], object]) -> None:
    path = shop / "out" / ".grayc-inventory"
    inventory = json.loads(path.read_text())
    by(inventory)
    path.write_text(json.dumps(inventory))


def add(shop: Path, manifest: str) -> None:
    put(shop, (shop / "out" / FILE).read_text() + "---\n" + manifest)


def snapshot(shop: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (shop / "out").iterdir()}


def codes(run: Run) -> list[str]:
    return [found["code"] for found in json.loads(run.stdout)["diagnostics"]]


def manifest(kind: str, name: str, labels: str, version: str = "v1", more: str = "") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {json.dumps(name)}, labels: {{{labels}}}{more}}}\n"


LABELS = GRAY + ", zadigx-release-service-name: web"
STRANGERS = {
    "a namespace": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    "production's own": manifest("Deployment", "checkout", "app: checkout", "apps/v1"),
    "its name": manifest("Deployment", "checkout", LABELS, "apps/v1"),
    "of another lane": manifest("Service", "web-mse-blue", LABELS.replace("gray,", "blue,", 1)),
    "named for another lane": manifest("Service", "web-mse-blue", LABELS),
    "labelled for another lane": manifest("Service", "web-mse-gray", LABELS.replace("version: gray", "version: blue")),
    "without the type": manifest("Service", "x-mse-gray", LABELS.replace("mse-gray", "base")),
    "of no service": manifest("Service", "x-mse-gray", GRAY + ", zadigx-release-service-name: pay"),
    "of no label": manifest("Service", "x-mse-gray", GRAY),
    "a selector in a label": manifest(
        "Ingress", "x-mse-gray", GRAY + ', zadigx-release-service-name: "a),zadigx-release-version notin (q"',
        "networking.k8s.io/v1",
    ),
    "a selector in a check": manifest(
        "Job", "x-mse-gray", GRAY + ', zadigx-release-service-name: "verify-a,zadigx-release-version!=q"', "batch/v1"
    ),
    "a check that is no Job": manifest("Pod", "x-mse-gray", GRAY + ", zadigx-release-service-name: verify-a"),
    "in a list": "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Namespace, metadata: {name: shop}}]\n",
    "no name": f"apiVersion: v1\nkind: Service\nmetadata: {{generateName: x-mse-gray, labels: {{{LABELS}}}}}\n",
    "the suffix alone": manifest("Service", "-mse-gray", LABELS),
    "labels of another type": "apiVersion: v1\nkind: Service\nmetadata: {name: x-mse-gray, labels: [a]}\n",
    "no labels": "apiVersion: v1\nkind: Service\nmetadata: {name: x-mse-gray}\n",
    "metadata that is text": "apiVersion: v1\nkind: Service\nmetadata: x-mse-gray\n",
    "a merge key": f"apiVersion: v1\nkind: Service\nmetadata: {{<<: {{name: shop}}, labels: {{{LABELS}}}}}\n",
    "a name twice": f"apiVersion: v1\nkind: Service\nmetadata: {{name: x-mse-gray, name: shop, labels: {{{LABELS}}}}}\n",
    "a shell in a name": manifest("Service", "'\"$(touch PWNED)\"'-mse-gray", LABELS),
    "a flag in a name": manifest("Service", "--kubeconfig=p3-mse-gray", LABELS),
    "a path in a name": manifest("Service", "../../x-mse-gray", LABELS),
    "a flag in a kind": manifest('"--kubeconfig=p3"', "kc-mse-gray", LABELS),
    "a flag in a group": manifest("Foo", "kc-mse-gray", LABELS, '"--kubeconfig=x/v1"'),
    "a flag in a namespace": manifest("Service", "x-mse-gray", LABELS, more=', namespace: "--kubeconfig=x"'),
}  # fmt: skip


@pytest.mark.parametrize("text", STRANGERS.values(), ids=STRANGERS.keys())
def test_offline_makes_no_command_of_what_is_not_the_lanes(shop: Path, text: str) -> None:
    add(shop, text)
    before = snapshot(shop)

    for asked in (["release.yaml"], ["--tag", "gray"]):
        run = run_grayc(["offline", *asked, "-o", "out", "--script", "off.sh"], folder=shop)
        assert run.status == 1
        assert run.stdout == ""
        assert "out/demo.web.yaml" in run.stderr
        assert snapshot(shop) == before
        assert not (shop / "off.sh").exists()


def test_it_says_which_object_and_where(shop: Path) -> None:
    lines = (shop / "out" / FILE).read_text().count("\n")
    add(shop, STRANGERS["production's own"])

    run = run_grayc(["offline", "release.yaml", "-o", "out", "-f", "json"], folder=shop)

    found = next(found for found in json.loads(run.stdout)["diagnostics"] if found["code"] == "GC642")
    assert found["object"] == "Deployment/checkout"
    assert (found["file"], found["range"]["start"]["line"]) == (f"out/{FILE}", lines + 4)


@pytest.mark.parametrize("what", ["production's own", "a selector in a label", "of another lane"])
def test_no_other_command_makes_anything_of_it_either(shop: Path, what: str) -> None:
    add(shop, STRANGERS[what])
    (shop / "release.yaml").write_text(RELEASE.replace("web:2", "web:3"))
    before = snapshot(shop)

    for command in (
        ["build", "release.yaml", "-o", "out"],
        ["build", "release.yaml", "-o", "out", "--check"],
        ["diff", "release.yaml", "--with", "out"],
        ["promote", "release.yaml", "--with", "out"],
    ):
        run = run_grayc([*command], folder=shop)
        assert run.status in (1, 2), command
        # What no cluster takes is refused where it is read.
        assert "GC642" in run.stderr or "GC137" in run.stderr, (command, run.stderr)
        assert "kubectl delete" not in run.stderr + run.stdout
        assert snapshot(shop) == before


def test_nor_a_build_of_another_release_of_the_tag(shop: Path) -> None:
    (shop / "pay.yaml").write_text(RELEASE.replace("name: demo", "name: pay"))
    add(shop, STRANGERS["production's own"])
    before = snapshot(shop)

    run = run_grayc(["build", "pay.yaml", "-o", "out"], folder=shop)

    assert (run.status, "GC642" in run.stderr) == (1, True)
    assert snapshot(shop) == before


def test_diff_with_a_revision_refuses_it_on_either_side(shop: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=shop, check=True, env={**os.environ, **HIDDEN})

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "good")
    add(shop, STRANGERS["production's own"])
    git("commit", "-q", "-a", "-m", "bad")

    for revision in ("main~1", "main"):
        for specs in ([], ["release.yaml"]):
            run = run_grayc(["diff", *specs, "--rev", revision, "--with", "out"], folder=shop)
            assert run.status == 2, run.stdout
            assert "GC642" in run.stderr


@pytest.mark.parametrize("data", [b"\xff", b"a: \xc3\n", "a: 1\n".encode("utf-16")])
def test_a_file_that_is_not_utf8_is_a_finding(shop: Path, data: bytes) -> None:
    put(shop, data)
    before = snapshot(shop)

    for command in (
        ["offline", "release.yaml", "-o", "out"],
        ["build", "release.yaml", "-o", "out"],
        ["diff", "release.yaml", "--with", "out"],
    ):
        run = run_grayc([*command, "-f", "json"], folder=shop)
        assert run.status in (1, 2), command
        assert "GC104" in codes(run), command
        assert snapshot(shop) == before


def test_nor_is_one_of_another_release_of_the_tag(shop: Path) -> None:
    (shop / "pay.yaml").write_text(RELEASE.replace("name: demo", "name: pay"))
    put(shop, b"\xff")

    run = run_grayc(["build", "pay.yaml", "-o", "out", "-f", "json"], folder=shop)

    assert (run.status, codes(run)[0]) == (1, "GC104")


LANES: Mapping[str, object] = {
    "tag": ["gray),x notin (q", "--tag", "", "a\nb", "Gray", "x" * 64, 7, None],
    "services": [["web", "a),b"], [""], [["web"]], "web", [7], ["-x"], ["a b"]],
    "opensIn": [
        ["VirtualService.networking.istio.io '$(touch PWNED)'"], ["--kubeconfig=x shop/web"], ["Service"],
        ["VirtualService.networking.istio.io shop/../web"], ["Service --all/web"], ["Service shop/-web"], [7], "x",
        ["Service.$(x) shop/web"],
    ],
    "gateway": ["a\x1bb", 7, "$(x)"],
    "rules": [[7], [{"header": 7}], [{"weight": 101}], [{"weight": True}], [{"values": ["x"]}], [{"header": "a", "values": 7}],
              [{"header": "a", "values": [7]}], [{"cookie": "a", "value": ["b"]}], "x", [{}], [{"weight": "9" * 30}]],
    "expires": ["2026-02-31", "today", "2026-1-1", 7, "2026-01-01\n"],
    "baseline": [{"a\nb": "0" * 64}, {"Service web": "x"}, []],
}  # fmt: skip


@pytest.mark.parametrize(("key", "values"), LANES.items(), ids=LANES.keys())
def test_an_inventory_that_says_what_grayc_never_writes_is_damaged(shop: Path, key: str, values: list[object]) -> None:
    kept = (shop / "out" / ".grayc-inventory").read_bytes()
    for value in values:
        (shop / "out" / ".grayc-inventory").write_bytes(kept)

        def tampered(inventory: dict[str, dict[str, object]], value: object = value) -> None:
            lane = inventory["lanes"]["demo"]
            assert isinstance(lane, dict)
            lane[key] = value
            if key == "rules":
                lane["gateway"] = "mse"

        change(shop, tampered)
        for command in (
            ["offline", "release.yaml", "-o", "out"],
            ["lanes", "out", "--today", "2026-11-29"],
            ["build", "release.yaml", "-o", "out"],
            ["diff", "release.yaml", "--with", "out"],
        ):
            run = run_grayc([*command], folder=shop)
            assert (run.status, "GC606" in run.stderr) == (2, True), (key, value, command, run.stderr)


@pytest.mark.parametrize("owner", ["", "-x", "a b", "$(x)", "a\x1b[31m", "x" * 64, "a.b"])
def test_so_is_one_that_names_no_release(shop: Path, owner: str) -> None:
    put(shop, "a: 1\n", name="a.yaml", owner=owner)
    assert "GC606" in run_grayc(["lanes", "out"], folder=shop).stderr


def test_what_an_older_grayc_did_not_record_the_spec_says(shop: Path) -> None:
    change(shop, lambda inventory: inventory.pop("lanes"))
    kept = snapshot(shop)
    add(shop, STRANGERS["production's own"])
    assert run_grayc(["offline", "release.yaml", "-o", "out"], folder=shop).status == 1

    for name, data in kept.items():
        (shop / "out" / name).write_bytes(data)
    assert "web-mse-gray" in run_grayc(["offline", "release.yaml", "-o", "out"], folder=shop).stdout


def plant(shop: Path, how: str) -> None:
    """Make the output folder, or the one above it, something that git takes for a repository."""
    made = shop.parent / "made"
    subprocess.run(["git", "init", "-q", "--bare", str(made)], check=True)
    out = shop / "out"
    match how:
        case "bare":
            for name in ("HEAD", "config", "objects", "refs"):
                shutil.move(made / name, out / name)
        case "upper":
            for name in ("HEAD", "config", "objects", "refs"):
                shutil.move(made / name, out / name.swapcase())
        case "commondir":
            (out / "HEAD").write_text("ref: refs/heads/main\n")
            (out / "commondir").write_text(str(made))
        case "file":
            (out / ".git").write_text(f"gitdir: {made}\n")
        case "link":
            (out / ".git").symlink_to(made)
        case "dangling":
            (out / ".git").symlink_to("nowhere")
        case "folder":
            (out / ".git").mkdir()
        case _:
            (out / ".Git").mkdir()


@pytest.mark.parametrize("how", ["bare", "upper", "commondir", "file", "link", "dangling", "folder", "case"])
def test_an_output_folder_that_git_takes_for_a_repository_is_refused(shop: Path, how: str) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=shop, check=True)
    subprocess.run(["git", "add", "-A"], cwd=shop, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "x"], cwd=shop, check=True, env={**os.environ, **HIDDEN})
    plant(shop, how)
    before = sorted(path.name for path in (shop / "out").iterdir())

    for command in (
        ["build", "release.yaml", "-o", "out"],
        ["build", "release.yaml", "-o", "out", "--check"],
        ["offline", "release.yaml", "-o", "out"],
        ["offline", "--tag", "gray", "-o", "out", "--check"],
        ["lanes", "out"],
        ["diff", "--rev", "main", "--with", "out"],
        ["diff", "release.yaml", "--with", "out"],
        ["promote", "release.yaml", "--with", "out"],
    ):
        run = run_grayc(command, folder=shop)
        assert run.status == 2, (command, run.stderr)
        assert "GC643" in run.stderr or "GC608" in run.stderr, (command, run.stderr)
        assert sorted(path.name for path in (shop / "out").iterdir()) == before


def test_one_above_it_does_not_answer_for_the_repository(shop: Path) -> None:
    """`deploy/` is a bare repository whose `main` says what `deploy/out` says now."""
    (shop / "deploy").mkdir()
    shutil.move(shop / "out", shop / "deploy" / "out")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=shop, check=True, env={**os.environ, **HIDDEN})
    made = shop.parent / "made"
    shutil.copytree(shop / "deploy", made)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=made, check=True, env={**os.environ, **HIDDEN})
    for name in ("HEAD", "config", "objects", "refs"):
        shutil.move(made / ".git" / name, shop / "deploy" / name)

    run = run_grayc(["diff", "--rev", "main", "--with", "deploy/out"], folder=shop)
    assert (run.status, "GC713" in run.stderr) == (2, True)

    run = run_grayc(["lanes", "deploy/out"], folder=shop)
    assert (run.status, "no commit of it known" in run.stdout) == (0, True)


def test_a_blob_that_the_repository_has_not_is_told(shop: Path) -> None:
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=shop, check=True, env={**os.environ, **HIDDEN})
    said = subprocess.run(
        ["git", "rev-parse", f"main:out/{FILE}"], cwd=shop, check=True, capture_output=True, text=True
    )
    identity = said.stdout.strip()
    (shop / ".git" / "objects" / identity[:2] / identity[2:]).unlink()

    run = run_grayc(["diff", "--rev", "main", "--with", "out"], folder=shop)
    assert (run.status, "GC712" in run.stderr) == (2, True)


def test_a_planted_journal_installs_and_removes_nothing(shop: Path) -> None:
    out = shop / "out"
    (out / "mine.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n")
    evil = b"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: evil}\n"
    (out / ".grayc-new-0").write_bytes(evil)
    inventory = json.loads((out / ".grayc-inventory").read_text())
    digest = hashlib.sha256(evil).hexdigest()
    inventory["files"]["a.yaml"] = {"owner": "other", "sha256": digest}
    (out / ".grayc-new-inventory").write_text(json.dumps(inventory))
    mine = hashlib.sha256((out / "mine.yaml").read_bytes()).hexdigest()
    for form in ("grayc.journal/v1", "grayc.journal/v2"):
        mark = {name: getattr((out / ".grayc-new-0").stat(), f"st_{name[:3]}") for name in ("device", "inode")}
        journal = {
            "format": form,
            "owner": "demo",
            "mark": {**mark, "modified": 0},
            "inventory": {"old": None, "new": digest, "mark": {**mark, "modified": 0}},
            "replace": [
                {"file": "a.yaml", "from": ".grayc-new-0", "old": None, "new": digest, "mark": {**mark, "modified": 0}}
            ],
            "remove": [{"file": "mine.yaml", "old": mine}],
        }
        (out / ".grayc-journal").write_text(json.dumps(journal))
        before = snapshot(shop)

        for command in (
            ["build", "release.yaml", "-o", "out", "-q"],
            ["build", "release.yaml", "-o", "out", "--check"],
            ["offline", "release.yaml", "-o", "out", "-q"],
            ["lanes", "out"],
            ["diff", "release.yaml", "--with", "out"],
        ):
            run = run_grayc(command, folder=shop)
            assert (run.status, "GC640" in run.stderr) == (2, True), (command, run.stderr)
            assert snapshot(shop) == before
