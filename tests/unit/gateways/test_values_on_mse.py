"""On gateway `mse`, what makes a pattern of a header's plain value: a switch, another lane, another canary."""

from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, ingress, service, workload, write_baseline, write_spec, written_in

PREFIX = "mse.ingress.kubernetes.io/canary"


def lay(folder: Path, *others: Object, class_name: str = "mse") -> None:
    """Write the baseline: a workload behind an Ingress, and other Ingresses."""
    web = workload(labels={"app": "web"}, container={"name": "app"})
    write_baseline(folder, [web, service(labels={"app": "web"}), ingress(class_name=class_name), *others])


def release(folder: Path, tag: str, *rules: dict[str, str], gateway: str = "mse", **traffic: object) -> None:
    write_spec(
        folder / f"{tag}.yaml",
        tag,
        tag=tag,
        services=[{"name": "web", "images": {"app": f"registry.example.com/web:{tag}"}}],
        traffic={"gateway": gateway, "guard": False, "rules": list(rules), **traffic},
    )


def entry_of(folder: Path, *tags: str) -> dict[str, str]:
    """Build the releases and return what their canaries ask of `x-user`, `value` or `pattern`, by tag."""
    run = run_grayc(["build", *(f"{tag}.yaml" for tag in tags), "-o", "out"], folder=folder)
    assert run.status == 0, run.stderr
    found = {}
    for item in written_in(folder / "out"):
        if item["kind"] == "Ingress":
            for how in ("value", "pattern"):
                if f"nginx.ingress.kubernetes.io/canary-by-header-{how}" in item["metadata"]["annotations"]:
                    found[item["metadata"]["labels"]["zadigx-release-version"]] = how
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay(tmp_path)
    release(tmp_path, "red", {"header": "x-user", "value": "100"})
    release(tmp_path, "blue", {"header": "X-User", "value": "200"})
    release(tmp_path, "green", {"header": "x-team", "value": "300"})
    return tmp_path


def test_lane_alone_has_a_value(folder: Path) -> None:
    assert entry_of(folder, "red") == {"red": "value"}


def test_lanes_of_one_header_have_patterns(folder: Path) -> None:
    assert entry_of(folder, "red", "blue") == {"red": "pattern", "blue": "pattern"}


def test_lane_of_another_header_keeps_its_value(folder: Path) -> None:
    assert entry_of(folder, "red", "green") == {"red": "value", "green": "value"}


def test_switch_of_the_release_makes_a_pattern(folder: Path) -> None:
    release(folder, "red", {"header": "x-user", "value": "100"}, {"header": "x-user"})

    assert entry_of(folder, "red")["red"] == "pattern"


@pytest.mark.parametrize(("host", "how"), [("h.test", "pattern"), ("other.test", "value")])
def test_canary_of_the_baseline_makes_a_pattern_on_its_host(folder: Path, host: str, how: str) -> None:
    asked = {PREFIX: "true", f"{PREFIX}-by-header": "X-User"}
    lay(folder, ingress("other", "mse", host=host, annotations=asked))

    assert entry_of(folder, "red") == {"red": how}


def test_higress_has_patterns(folder: Path) -> None:
    lay(folder, class_name="higress")
    release(folder, "red", {"header": "x-user", "value": "100"}, gateway="higress")

    assert entry_of(folder, "red") == {"red": "pattern"}
