"""`promote --with OUT` writes what was tested, or nothing."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli_run import Run, run_grayc
from tests.unit.cli.texts import PREPARED

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec:
  tag: gray
  baseline: [baseline/]
  services: [{name: web, images: {web: "registry.example.com/web:2"}}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline/web.yaml").write_text(PREPARED)
    (tmp_path / "release.yaml").write_text(RELEASE)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    return tmp_path


def promote(shop: Path, *more: str) -> Run:
    return run_grayc(["promote", "release.yaml", "--with", "out", "-f", "json", *more], folder=shop)


def production(shop: Path) -> str:
    return (shop / "baseline/web.yaml").read_text()


def codes(run: Run) -> list[str]:
    return [item["code"] for item in json.loads(run.stdout)["diagnostics"]]


def test_what_was_built_is_promoted_and_then_there_is_nothing_to_do(shop: Path) -> None:
    assert promote(shop).status == 0
    assert production(shop) == PREPARED.replace("web:1", "web:2")
    again = promote(shop)
    assert (again.status, codes(again)) == (0, [])
    assert json.loads(again.stdout)["promotion"]["upToDate"]


def test_another_release_is_not_what_was_tested(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE.replace("web:2", "web:3"))
    run = promote(shop)
    assert (run.status, codes(run)) == (1, ["GC348"])
    assert not json.loads(run.stdout)["promotion"]["written"]
    assert production(shop) == PREPARED


def test_a_lane_of_a_step_is_promoted_with_it(shop: Path) -> None:
    steps = "  rollout: {steps: [{name: one}, {name: two, replicas: {web: 2}}]}\n"
    (shop / "release.yaml").write_text(RELEASE + steps)
    assert run_grayc(["build", "release.yaml", "-o", "out", "--step", "one"], folder=shop).status == 0

    run = promote(shop)
    (found,) = json.loads(run.stdout)["diagnostics"]
    assert (run.status, found["code"], "`--step`" in found["help"]) == (1, "GC348", True)
    assert promote(shop, "--step", "one").status == 0


def test_production_that_moved_is_told_object_by_object(shop: Path) -> None:
    moved = PREPARED.replace("containers:", "hostNetwork: true, containers:")
    assert moved != PREPARED
    (shop / "baseline/web.yaml").write_text(moved)
    run = promote(shop)
    assert (run.status, codes(run)) == (1, ["GC348"])
    notes = json.loads(run.stdout)["diagnostics"][0]["notes"]
    told = "baseline `Deployment.apps web` says something else than when `demo` was built"
    assert [(note["message"], note["file"]) for note in notes] == [(told, "baseline/web.yaml")]
    assert production(shop) == moved


def test_a_comment_in_production_is_no_other_lane(shop: Path) -> None:
    (shop / "baseline/web.yaml").write_text("# reviewed\n" + PREPARED)
    assert promote(shop).status == 0
    assert production(shop) == "# reviewed\n" + PREPARED.replace("web:1", "web:2")


def test_a_run_that_was_killed_between_two_files_is_finished_by_the_next(shop: Path) -> None:
    """What it wrote is what was tested, and no other move of production."""
    api = PREPARED.replace("name: web", "name: api").replace("app: web", "app: api")
    (shop / "baseline/api.yaml").write_text(api)
    both = RELEASE.replace("services: [", 'services: [{name: api, images: {api: "registry.example.com/web:2"}}, ')
    (shop / "release.yaml").write_text(both)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 0
    (shop / "baseline/api.yaml").write_text(api.replace("web:1", "web:2"))

    assert (promote(shop).status, production(shop)) == (0, PREPARED.replace("web:1", "web:2"))

    (shop / "baseline/web.yaml").write_text(PREPARED)
    (shop / "baseline/api.yaml").write_text(api.replace("web:1", "web:3"))
    assert codes(promote(shop)) == ["GC348"]


def patched(patches: str) -> str:
    return RELEASE.replace('web:2"}', f'web:2"}}, patches: [{{target: {{kind: Deployment}}, {patches}}}]')


def test_the_number_of_pods_is_the_lane_s_whatever_a_patch_says(shop: Path) -> None:
    (shop / "release.yaml").write_text(patched("merge: {spec: {replicas: 1, minReadySeconds: 5}}"))
    for replicas in ("", "  replicas: 6\n"):
        before = PREPARED.replace("spec:\n", f"spec:\n{replicas}", 1)
        (shop / "baseline/web.yaml").write_text(before)
        assert run_grayc(["promote", "release.yaml", "--patches"], folder=shop).status == 0
        assert production(shop) == before.replace("web:1", "web:2") + "  minReadySeconds: 5\n"
    (shop / "release.yaml").write_text(patched("merge: {spec: {replicas: 1}}"))
    assert "GC345" not in run_grayc(["promote", "release.yaml"], folder=shop).stderr


def test_patches_of_entries_are_told_where_production_is_not_like_that(shop: Path) -> None:
    entry = """---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web, zadigx-release-version: original}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, labels: {team: shop}}
spec:
  ingressClassName: mse
  rules:
    - {http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}
"""
    patches = """      patches:
        - {target: {kind: Ingress, name: web}, merge: {metadata: {labels: {team: shop}}}}
        - {target: {kind: Ingress, name: web}, merge: {metadata: {labels: {team: gray}}}}
"""
    release = RELEASE.replace("[{name: web, images: {web: ", "\n    - name: web\n      images: {web: ").replace(
        "}}]", "}"
    )
    release = release.rstrip() + "\n" + patches + "  traffic: {gateway: mse, rules: [{header: x-user, value: '1'}]}\n"
    (shop / "baseline/entry.yaml").write_text(entry)
    (shop / "release.yaml").write_text(release)

    run = run_grayc(["promote", "release.yaml", "--patches", "--diff", "-f", "json"], folder=shop)

    found = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC345"]
    assert [(item["object"], item["field"]) for item in found] == [("Ingress/web", "spec.services[0].patches[1]")]


def test_why_a_build_would_fail_after_the_promotion_is_told(shop: Path) -> None:
    (shop / "baseline/web.yaml").write_text(PREPARED + "  minReadySeconds: 5\n")
    (shop / "release.yaml").write_text(patched("json6902: [{op: remove, path: /spec/minReadySeconds}]"))
    run = run_grayc(["promote", "release.yaml", "--patches", "-f", "json"], folder=shop)
    (found,) = json.loads(run.stdout)["diagnostics"]
    assert found["code"] == "GC346"
    (note,) = found["notes"]
    assert (note["file"], "/spec/minReadySeconds" in note["message"]) == ("release.yaml", True)


@pytest.mark.parametrize("end", ["\n", "", "\n\n\n"])
def test_what_a_diff_shows_can_be_applied(shop: Path, end: str) -> None:
    config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: one"
    uses = PREPARED.replace('web:1"}', 'web:1", envFrom: [{configMapRef: {name: web}}]}')
    (shop / "baseline/web.yaml").write_text(uses + config + end)
    (shop / "release.yaml").write_text(RELEASE.replace('web:2"}', 'web:2"}, config: {web: {a: two}}'))
    shown = run_grayc(["promote", "release.yaml", "--diff"], folder=shop)
    subprocess.run(["git", "apply", "-"], cwd=shop, input=shown.stdout.encode(), check=True, timeout=60)
    patched = production(shop)
    (shop / "baseline/web.yaml").write_text(uses + config + end)

    assert run_grayc(["promote", "release.yaml"], folder=shop).status == 0
    assert production(shop) == patched == uses.replace("web:1", "web:2") + config.replace("one", "two") + end


def test_a_diff_tells_of_a_secret_that_it_does_not_show(shop: Path) -> None:
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData:\n  a: first\n  b: same\n"
    uses = PREPARED.replace('web:1"}', 'web:1", envFrom: [{secretRef: {name: web}}]}')
    (shop / "baseline/web.yaml").write_text(uses + secret)
    (shop / "release.yaml").write_text(RELEASE.replace('web:2"}', 'web:2"}, config: {web: {a: second}}'))

    shown = run_grayc(["promote", "release.yaml", "--diff"], folder=shop).stdout

    mask = "(a secret value stands here)"
    assert shown.endswith(f" stringData:\n-  a: {mask}\n+  a: {mask}\n   b: {mask}\n")
    assert not any(word in shown for word in ("first", "second", "same"))


def test_a_diff_shows_no_secret_in_a_text(shop: Path) -> None:
    texts = "  app.conf: |\n    db.password=first\n    level=info\n  url: redis://:first@cache\n"
    config = f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n{texts}"
    container = 'web:1", args: [--token, first], envFrom: [{configMapRef: {name: web}}]}'
    (shop / "baseline/web.yaml").write_text(PREPARED.replace('web:1"}', container) + config)
    wanted = 'config: {web: {app.conf: "db.password=second\\nlevel=debug\\n", url: "redis://:second@cache"}}'
    (shop / "release.yaml").write_text(RELEASE.replace('web:2"}', f'web:2"}}, {wanted}'))

    shown = run_grayc(["promote", "release.yaml", "--diff"], folder=shop).stdout

    assert "-    level=info\n" in shown
    assert "+    level=debug\n" in shown
    assert shown.count("(a secret value stands here)") == 6
    assert not any(word in shown for word in ("first", "second"))


@pytest.mark.parametrize("folder", ["none", "empty", "other"])
def test_a_folder_without_the_lane_tested_nothing(shop: Path, folder: str) -> None:
    (shop / "empty").mkdir()
    (shop / "other.yaml").write_text(RELEASE.replace("demo", "another").replace("tag: gray", "tag: blue"))
    assert run_grayc(["build", "other.yaml", "-o", "other"], folder=shop).status == 0
    run = run_grayc(["promote", "release.yaml", "--with", folder], folder=shop)
    assert run.status == 1
    assert f"`{folder}` has no lane of `demo`" in run.stderr
    assert production(shop) == PREPARED


def test_a_lane_edited_by_hand_is_not_what_was_tested(shop: Path) -> None:
    lane = shop / "out/demo.web.yaml"
    lane.write_text(lane.read_text().replace("web:2", "web:9"))
    run = promote(shop)
    assert (run.status, codes(run)) == (1, ["GC603"])
    assert production(shop) == PREPARED


def test_a_lane_of_another_step_is_not_what_was_tested(shop: Path) -> None:
    steps = RELEASE + "  rollout: {steps: [{name: one, replicas: {web: 1}}, {name: two, replicas: {web: 2}}]}\n"
    (shop / "release.yaml").write_text(steps)
    assert run_grayc(["build", "release.yaml", "-o", "out", "--step", "one"], folder=shop).status == 0
    assert promote(shop).status == 1
    assert production(shop) == PREPARED
    assert promote(shop, "--step", "one").status == 0
    assert production(shop) == PREPARED.replace("web:1", "web:2")


def test_a_diff_is_shown_of_what_was_not_tested(shop: Path) -> None:
    (shop / "release.yaml").write_text(RELEASE.replace("web:2", "web:3"))
    run = run_grayc(["promote", "release.yaml", "--with", "out", "--diff"], folder=shop)
    assert run.status == 1
    assert "web:3" in run.stdout
    assert "GC348" in run.stderr
    assert production(shop) == PREPARED


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ('env: {web: {CART_URL: "http://cart-mse-gray"}}', ["GC621"]),
        ("env: {web: {SPRING_KAFKA_CONSUMER_GROUP_ID: orders-gray}}", ["GC621"]),
        ("env: {web: {ROCKETMQ_CONSUMER_GROUP: GID_a_gray}}", ["GC621"]),
        ("env: {web: {WEB_URL: http://web-mse-gray.default.svc}}", ["GC621"]),
        ("env: {web: {COLOUR: gray}}", []),
        ("env: {web: {THEME: very gray}}", []),
        ("env: {web: {THEME: dark-gray}}", []),
        ("env: {web: {TOPIC: orders-gray}}", ["GC621"]),
        ("env: {web: {SPRING_KAFKA_CONSUMER_GROUP_ID: dark-gray}}", ["GC621"]),
        ("env: {web: {NAME: orders_gray}}", []),
        ("env: {web: {OLD: null}}", []),
        ('images: {web: "registry.example.com/web:2-gray"}', []),
        ('laneOnly: {env: {web: {CART_URL: "http://cart-mse-gray"}}}', []),
    ],
)
def test_what_is_the_lanes_is_not_promoted(shop: Path, fields: str, found: list[str]) -> None:
    release = RELEASE.replace('images: {web: "registry.example.com/web:2"}', fields)
    (shop / "release.yaml").write_text(release)
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=shop)
    assert [code for code in codes(run) if code == "GC621"] == found
    if found:
        assert production(shop) == PREPARED


def test_a_patch_of_the_lane_is_not_promoted(shop: Path) -> None:
    patch = "{target: {kind: Deployment}, merge: {spec: {template: {spec: {hostname: web-mse-gray}}}}}"
    (shop / "release.yaml").write_text(RELEASE.replace('2"}', f'2"}}, patches: [{patch}]'))
    assert "GC621" in codes(run_grayc(["promote", "release.yaml", "--patches", "-f", "json"], folder=shop))
    assert production(shop) == PREPARED
    assert "GC621" not in codes(run_grayc(["promote", "release.yaml", "-f", "json"], folder=shop))


def test_what_is_for_the_lane_alone_is_tested_and_stays(shop: Path) -> None:
    release = RELEASE.replace('2"}', '2"}, laneOnly: {env: {web: {CART_URL: "http://cart-mse-gray"}}}')
    (shop / "release.yaml").write_text(release)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=shop).status == 0
    assert "cart-mse-gray" in "".join(path.read_text() for path in (shop / "out").glob("*.yaml"))
    assert promote(shop).status == 0
    assert production(shop) == PREPARED.replace("web:1", "web:2")
    assert promote(shop).status == 0


TAKES_BOTH = """
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
EXPECTED = "  expect: [{request: {host: shop.example.com, path: /}, entry: gray}]\n"
REFUSED_BY_A_BUILD = {
    # What a build refuses: field of the service, line of the spec, more of the baseline.
    "plan: work is not said": ("env: {web: {SPRING_KAFKA_CONSUMER_GROUP_ID: orders}}", "", ""),
    "pass: a patch that removes what is not there": (
        "patches: [{target: {kind: Deployment, name: web}, json6902: [{op: remove, path: /spec/paused}]}]",
        "",
        "",
    ),
    "check: a Service takes pods of both sides": ("", "  lane: {isolation: label}\n", TAKES_BOTH),
    "expectation: a request goes elsewhere": ("", EXPECTED, ""),
}


@pytest.mark.parametrize(("fields", "more", "objects"), REFUSED_BY_A_BUILD.values(), ids=list(REFUSED_BY_A_BUILD))
def test_what_a_build_refuses_is_not_promoted(shop: Path, fields: str, more: str, objects: str) -> None:
    image = 'images: {web: "registry.example.com/web:2"}'
    (shop / "release.yaml").write_text(RELEASE.replace(image, f"{image}, {fields}" if fields else image) + more)
    (shop / "baseline/web.yaml").write_text(PREPARED + objects)
    built = run_grayc(["build", "release.yaml", "-o", "elsewhere", "-f", "json"], folder=shop)
    assert (built.status, bool(codes(built))) == (1, True)

    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=shop)
    assert (run.status, codes(run)) == (1, codes(built))
    for flag in ("--diff", "--check"):
        asked = run_grayc(["promote", "release.yaml", flag], folder=shop)
        assert (asked.status, asked.stdout, codes(built)[0] in asked.stderr) == (2, "", True)
    assert production(shop) == PREPARED + objects


def test_what_a_build_refuses_and_a_value_of_the_lane_are_told_in_one_run(shop: Path) -> None:
    env = "env: {web: {SPRING_KAFKA_CONSUMER_GROUP_ID: orders-gray}}"
    (shop / "release.yaml").write_text(RELEASE.replace('images: {web: "registry.example.com/web:2"}', env))
    run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=shop)
    assert (run.status, set(codes(run))) == (1, {"GC491", "GC621"})
