"""What a lane ran is what production runs once it is promoted; the lane built on it says the same again.

The oracle compares by hand: containers and configuration of every copy with those of its original, names of copies
given back their own.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli_run import run_grayc
from tests.manifests import written_in
from tests.property.strategies import Shop, shops

Object = dict[str, Any]
SUFFIX = "-mse-gray"
WORKLOADS = ("Deployment", "StatefulSet")
TEXTS = st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\xa0"), max_size=12)
VALUES = st.one_of(TEXTS, st.text("a\n\t #:", max_size=6), st.none())
NAMES = st.sampled_from(["LEVEL", "MODE", "URL"])
CHANGES = st.sampled_from(
    [
        {"spec": {"template": {"metadata": {"annotations": {"checksum": "1e3"}}}}},
        {"spec": {"minReadySeconds": 3, "replicas": 7}},
        {"metadata": {"annotations": {"note": "a: b # c", "more": "yes"}}},
        {"spec": {"template": {"spec": {"nodeSelector": {"disk": "ssd"}, "tolerations": [{"operator": "Exists"}]}}}},
    ]
)


@st.composite
def releases(draw: st.DrawFn) -> tuple[Shop, Object]:
    """Draw a shop, and its release with images, variables and configuration of its own."""
    shop = draw(shops())
    release = json.loads(json.dumps(shop.release))
    release["spec"]["tag"] = "gray"
    release["spec"].pop("traffic", None)
    release["spec"].pop("rollout", None)
    config = {
        item["metadata"]["name"]: item["kind"]  # type: ignore[index]
        for item in shop.objects
        if item["kind"] in ("ConfigMap", "Secret")
    }
    for service in release["spec"]["services"]:
        name = service["name"]
        if draw(st.booleans()):
            service["images"] = {name: f"registry.example.com/{name}:{draw(st.integers(2, 9))}.0"}
        if draw(st.booleans()):
            service["env"] = {name: draw(st.dictionaries(NAMES, VALUES, max_size=3))}
        mine = [each for each in config if each.startswith(f"{name}-") and config[each] == "ConfigMap"]
        if bool(mine) and draw(st.booleans()):
            service["config"] = {
                mine[0]: draw(st.dictionaries(st.sampled_from(["a", "b.properties"]), VALUES, min_size=1, max_size=2))
            }
        kinds = [each["kind"] for each in shop.objects if each["metadata"]["name"] == name]  # type: ignore[index]
        if draw(st.booleans()):
            target = {"kind": next(kind for kind in kinds if kind in WORKLOADS)}
            service["patches"] = [{"target": target, "merge": draw(CHANGES)}]
    return shop, release


@st.composite
def written(draw: st.DrawFn, item: Object) -> str:
    """Return an object as text, in one of the layouts that programs write."""
    way = draw(st.sampled_from(["block", "block", "flow", "lines", "json"]))
    if way == "json":
        return json.dumps(item, indent=draw(st.sampled_from([None, 2, 4])), ensure_ascii=draw(st.booleans())) + "\n"
    style = {"block": False, "flow": True, "lines": None}[way]
    text: str = yaml.safe_dump(
        item, allow_unicode=True, sort_keys=False, default_flow_style=style, indent=draw(st.sampled_from([2, 4]))
    )
    return text


def containers(item: Object) -> list[Object]:
    pod = item["spec"]["template"]["spec"]
    found = [*pod.get("initContainers", []), *pod["containers"]]
    return sorted(found, key=lambda each: str(each["name"]))


def without_suffix(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_suffix(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_suffix(item) for item in value]
    return value.removesuffix(SUFFIX) if isinstance(value, str) else value


def what_runs(objects: list[Object]) -> dict[tuple[str, str], Any]:
    """Return kind and name → what of an object a program sees: its containers, its configuration."""
    seen = {}
    for item in objects:
        key = (item["kind"], str(item["metadata"]["name"]).removesuffix(SUFFIX))
        if item["kind"] in WORKLOADS:
            seen[key] = without_suffix(containers(item))
        elif item["kind"] in ("ConfigMap", "Secret"):
            seen[key] = {field: item.get(field) for field in ("data", "stringData", "binaryData")}
    return seen


def lane_of(release: Object) -> Object:
    """Return a release that is the lane alone."""
    alone: Object = json.loads(json.dumps(release))
    for service in alone["spec"]["services"]:
        for field in ("images", "env", "config", "patches"):
            service.pop(field, None)
    return alone


def differences(folder: Path, release: Object) -> list[Object]:
    """Return how gray differs from production, the number of pods aside."""
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    run = run_grayc(["diff", "release.yaml", "--baseline", "-f", "json"], folder=folder)
    found: list[Object] = json.loads(run.stdout)["differences"][0]["objects"]
    for item in found:
        item["fields"] = [field for field in item["fields"] if field["path"] != "spec.replicas"]
    return [item for item in found if item["fields"] or item["change"] != "changed"]


@settings(max_examples=60, deadline=None)
@given(releases(), st.integers(1, 3), st.sampled_from(["\n", "\r\n"]), st.data())
def test_production_runs_what_the_lane_ran(
    drawn: tuple[Shop, Object], cuts: int, newline: str, data: st.DataObject
) -> None:
    shop, release = drawn
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "baseline").mkdir()
        (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
        dealt: dict[str, list[str]] = {}
        for at, item in enumerate(shop.objects):
            dealt.setdefault(f"{at % cuts}.yaml", []).append(data.draw(written(item)))
        for name, texts in dealt.items():
            text = "---\n".join(texts).replace("\n", newline)
            (folder / "baseline" / name).write_bytes(text.encode())
        built = run_grayc(["build", "release.yaml", "-o", "out"], folder=folder)
        assert built.status == 0, built.stderr
        tested = what_runs(written_in(folder / "out"))

        promoted = run_grayc(["promote", "release.yaml", "--patches", "-f", "json"], folder=folder)
        report = json.loads(promoted.stdout)
        assert promoted.status == 0, report
        assert [item["code"] for item in report["diagnostics"] if item["code"] in ("GC345", "GC346")] == []
        production = what_runs(written_in(folder / "baseline"))

        assert {key: production[key] for key in tested} == tested
        again = run_grayc(["build", "release.yaml", "-o", "out"], folder=folder)
        assert again.status == 0, again.stderr
        assert what_runs(written_in(folder / "out")) == tested
        assert run_grayc(["promote", "release.yaml", "--patches", "--check"], folder=folder).status == 0
        assert differences(folder, release) == differences(folder, lane_of(release))
