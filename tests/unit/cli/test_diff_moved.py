"""Three sides: what production changed under a living lane, whether that gets into it, and what the release changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Run, run_grayc
from tests.manifests import write_spec
from tests.unit.source.test_git import git


def released(shop: Path, image: str, name: str = "demo", tag: str = "gray", **service: Any) -> None:
    images = {"web": f"registry.example.com/web:{image}"}
    services = [{"name": "web", "images": images, "share": ["Secret"], **service}]
    write_spec(shop / ("release.yaml" if name == "demo" else f"{name}.yaml"), name, tag=tag, services=services)


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0
          env:
            - {name: LEVEL, value: info}
            - {name: MODE, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}
          envFrom: [{secretRef: {name: key}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web, zadigx-release-version: original}, ports: [{port: 80}]}
"""
MORE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {mode: plain, "db.password": hunter2}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop}
stringData: {token: hunter2}
"""
IMAGE = "spec.template.spec.containers[web].image"
LEVEL = "spec.template.spec.containers[web].env[LEVEL].value"
MODE = "spec.template.spec.containers[web].env[MODE]"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a repository in which a lane is committed with the production that it was built from."""
    write(tmp_path, web=WEB, more=MORE)
    released(tmp_path, "2.0")
    git(tmp_path, "init", "-q")
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    commit(tmp_path)
    return tmp_path


def write(shop: Path, **files: str) -> None:
    (shop / "baseline").mkdir(exist_ok=True)
    for name, text in files.items():
        (shop / "baseline" / f"{name}.yaml").write_text(text)


def commit(shop: Path) -> None:
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "state")


def diff(shop: Path, form: str = "json") -> Run:
    return run_grayc(["diff", "release.yaml", "--with", "out", "-f", form], folder=shop)


def answer(run: Run) -> dict[str, Any]:
    (difference,) = json.loads(run.stdout)["differences"]
    assert isinstance(difference, dict)
    return difference


def moves(run: Run) -> dict[str, dict[str, bool] | str | None]:
    """Return object → what moved of it: path → whether the lane hides it; else what happened, None where unknown."""
    return {
        item["object"]: item["change"]
        if item["change"] != "changed"
        else None
        if item["fields"] is None
        else {field["path"]: field["hidden"] for field in item["fields"]}
        for item in answer(run)["moved"]
    }


def causes(run: Run) -> dict[str, str | None]:
    return {field["path"]: field["cause"] for item in answer(run)["objects"] for field in item["fields"]}


def test_nothing_moved(shop: Path) -> None:
    run = diff(shop)
    assert (run.status, moves(run)) == (0, {})

    released(shop, "2.1")
    assert (moves(diff(shop)), causes(diff(shop))) == ({}, {IMAGE: None})


def test_what_gets_into_the_lane_and_what_the_lane_hides(shop: Path) -> None:
    write(shop, web=WEB.replace("web:1.0", "web:1.1").replace("info", "warn"))

    run = diff(shop)

    assert run.status == 1
    assert moves(run) == {"Deployment.apps shop/web": {IMAGE: True, LEVEL: False}}
    assert causes(run) == {LEVEL: "production"}


def test_another_order_that_means_the_same_is_no_move(shop: Path) -> None:
    level, mode = [line for line in WEB.splitlines(keepends=True) if "LEVEL" in line or "MODE" in line]
    write(shop, web=WEB.replace(level + mode, mode + level))

    run = diff(shop)

    assert (run.status, moves(run), answer(run)["objects"]) == (0, {}, [])


def test_what_is_hidden_alone_is_a_difference_all_the_same(shop: Path) -> None:
    write(shop, web=WEB.replace("web:1.0", "web:1.1"))

    run = diff(shop)

    assert (run.status, answer(run)["objects"]) == (1, [])
    assert moves(run) == {"Deployment.apps shop/web": {IMAGE: True}}
    assert diff(shop, "text").stdout.startswith("out -> what a build writes: no difference, 1 of production moved\n")


def test_causes_where_production_and_the_release_change_together(shop: Path) -> None:
    write(shop, web=WEB.replace("web:1.0", "web:1.1").replace("info", "warn").replace("key: mode", "key: modes"))
    released(shop, "2.1", replicas=2)

    run = diff(shop)

    assert causes(run) == {
        IMAGE: "both",
        LEVEL: "production",
        f"{MODE}.valueFrom.configMapKeyRef.key": "production",
        "spec.replicas": "release",
    }


def test_names_of_copies_in_what_moved_hide_nothing(shop: Path) -> None:
    more = "{name: OTHER, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}"
    write(shop, web=WEB.replace("            - {name: MODE", f"            - {more}\n            - {{name: MODE"))

    run = diff(shop)

    assert set(moves(run)["Deployment.apps shop/web"].values()) == {False}  # type: ignore[union-attr]
    assert set(causes(run).values()) == {"production"}


def test_a_list_of_the_lanes_own_hides_whatever_production_does_to_its_list(shop: Path) -> None:
    image = "          image: registry.example.com/web:1.0\n"
    args = WEB.replace(image, f"{image}          args: [a, b, c]\n")
    merge = {"spec": {"template": {"spec": {"containers": [{"name": "web", "args": ["x"]}]}}}}
    released(shop, "2.0", patches=[{"target": {"kind": "Deployment"}, "merge": merge}])
    write(shop, web=args)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 0
    commit(shop)

    for now in ("[a, b]", "[z, a, b, c]", "[a, b, c, d]"):
        write(shop, web=args.replace("[a, b, c]", now))
        assert set(moves(diff(shop))["Deployment.apps shop/web"].values()) == {True}  # type: ignore[union-attr]


def test_changes_after_later_commits_and_rewrites_of_the_file(shop: Path) -> None:
    """The lane's own commit has what it was built from, however far production went on."""
    for level in ("warn", "error", "fatal"):
        write(shop, web=f"# {level}\n" + WEB.replace("info", level))
        commit(shop)

    assert moves(diff(shop)) == {"Deployment.apps shop/web": {LEVEL: False}}


@pytest.mark.parametrize("how", ["no repository", "not committed", "another file"])
def test_what_no_commit_tells_is_still_told_to_have_moved(shop: Path, tmp_path: Path, how: str) -> None:
    match how:
        case "no repository":
            (shop / ".git").rename(shop / ".other")
        case "not committed":
            released(shop, "2.1")
            write(shop, web=WEB.replace("info", "warn"))
            assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 0
        case _:
            (shop / "baseline" / "web.yaml").rename(shop / "baseline" / "pages.yaml")
    name = "pages" if how == "another file" else "web"
    write(shop, **{name: WEB.replace("info", "error")})

    run = diff(shop)

    assert (run.status, moves(run)) == (1, {"Deployment.apps shop/web": None})
    assert set(causes(run).values()) == {None}
    assert "no commit tells what it said then" in diff(shop, "text").stdout


def test_objects_that_come_go_or_are_used_as_they_are(shop: Path) -> None:
    pod = "        - name: web\n"
    extra = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, namespace: shop}\ndata: {a: b}\n"
    reading = WEB.replace(pod, pod + "          volumeMounts: [{name: v, mountPath: /v}]\n").replace(
        "      containers:\n", "      volumes: [{name: v, configMap: {name: extra}}]\n      containers:\n"
    )
    without_service = reading.split("---\n")[0]
    write(shop, web=without_service, more=f"{MORE.replace('{token:', '{user: a, token:')}---\n{extra}")

    run = diff(shop)

    assert moves(run) | {"Deployment.apps shop/web": {}} == {
        "ConfigMap shop/extra": "added",
        "Deployment.apps shop/web": {},
        "Secret shop/key": {"data.user": False},
        "Service shop/web": "removed",
    }
    text = diff(shop, "text").stdout
    assert "+ ConfigMap shop/extra: new, or not used then" in text
    assert "- Service shop/web: gone" in text
    assert "(the lane uses it as it is): + ***" in text


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_secrets_are_masked(shop: Path, form: str) -> None:
    write(shop, more=MORE.replace("hunter2", "correcthorse"))

    run = diff(shop, form)

    assert run.status == 1
    assert "db.password" in run.stdout
    assert not {"hunter2", "correcthorse"} & set(run.stdout.replace('"', " ").replace("=", " ").split())


def test_a_comment_begins_with_what_moved(shop: Path) -> None:
    write(shop, web=WEB.replace("web:1.0", "web:1.1").replace("info", "warn"))

    text = diff(shop, "markdown").stdout

    assert "<summary>1 object of production moved since <code>out</code> was built</summary>" in text
    assert f"@@ image: {IMAGE} (hidden: the lane has its own) @@" in text
    assert f"@@ env: {LEVEL} (from production) @@" in text


def test_a_build_of_another_release_hides_nothing(shop: Path) -> None:
    """The inventory's last commit is that of the other one, after production went on."""
    write(shop, web=WEB.replace("info", "warn"))
    commit(shop)
    released(shop, "3.0", "other", "blue")
    assert run_grayc(["build", "other.yaml", "-o", "out"], folder=shop).status == 0
    commit(shop)

    assert moves(diff(shop)) == {"Deployment.apps shop/web": {LEVEL: False}}


def test_what_was_edited_by_hand_comes_from_nowhere(shop: Path) -> None:
    write(shop, web=WEB.replace("info", "warn"))
    (lane,) = [path for path in (shop / "out").glob("*.yaml") if "web:2.0" in path.read_text()]
    lane.write_text(lane.read_text().replace("web:2.0", "web:3.0"))

    run = diff(shop)

    assert [each["code"] for each in json.loads(run.stdout)["diagnostics"] if each["severity"] == "error"] == ["GC603"]
    assert causes(run) == {IMAGE: None, LEVEL: None}
