"""Baselines that others wrote, with a new image promoted into every workload: the bytes that differ are the values.

Figures are printed: run with `-s`.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from grayc.diagnostics import CODES
from grayc.documents import parse_documents
from grayc.documents.tree import put
from grayc.edit import apply_changes, carry
from grayc.source import SourceFile
from tests.cli_run import run_grayc
from tests.corpus.test_adopt import files
from tests.manifests import Object, objects_in
from tests.manifests import release as a_release

KINDS = ("Deployment", "StatefulSet")
NEW = ":promoted"
AT_LEAST = 130
"""Workloads with images in the corpus that can be promoted."""
MANIFESTS = 230
"""Objects that `grayc promote` changes: workloads, their Services and their configuration."""
ADDED = (b"env:", b"- name: GRAYC", b'value: "1"', b"publishNotReadyAddresses: true", b"new: text")
"""What the releases put in."""
OBJECTS = 200
"""Objects of any kind of which a value is carried."""


def acceptable(report: Object) -> list[Object]:
    """Return how a release lives with the errors of a report; nothing where it cannot live with all of them."""
    codes = {item["code"] for item in report["diagnostics"] if item["severity"] == "error"}
    return [{"code": code, "reason": "to look at the rest"} for code in sorted(codes)] * all(
        CODES[code].acceptable for code in codes
    )


def workloads(folder: Path) -> Iterator[tuple[Path, str, str, dict[str, str]]]:
    """Yield file, kind, name and images of every workload that a plain YAML reader finds."""
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            documents: list[Any] = objects_in(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        for document in documents:
            if isinstance(document, dict) and document.get("kind") in KINDS:
                containers = document.get("spec", {}).get("template", {}).get("spec", {}).get("containers") or []
                images = {item["name"]: item["image"] for item in containers if isinstance(item.get("image"), str)}
                if images:
                    yield path, str(document["kind"]), str(document["metadata"]["name"]), images


def test_promotion_changes_the_images_and_no_other_byte(corpus: Path, tmp_path: Path) -> None:
    promoted = refused = 0
    for number, (path, kind, name, images) in enumerate(workloads(corpus)):
        place = tmp_path / str(number)
        place.mkdir()
        shutil.copy(path, place / "baseline.yaml")
        wanted = {key: image.partition(":")[0] + NEW for key, image in images.items()}
        services = [{"name": "demo", "workload": f"{kind}/{name}", "images": wanted}]
        release = a_release(namespace=None, baseline=["baseline.yaml"], services=services)
        (place / "release.yaml").write_text(yaml.safe_dump(release))
        before = (place / "baseline.yaml").read_bytes()

        run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=place)
        if run.status and (accept := acceptable(json.loads(run.stdout))):
            release["spec"]["accept"] = accept
            (place / "release.yaml").write_text(yaml.safe_dump(release))
            run = run_grayc(["promote", "release.yaml", "-f", "json"], folder=place)

        after = (place / "baseline.yaml").read_bytes()
        if run.status:
            refused += 1
            assert after == before, (path, "a refused promotion changes nothing")
            continue
        promoted += 1
        lines = list(zip(before.splitlines(keepends=True), after.splitlines(keepends=True), strict=True))
        changed = [(old, new) for old, new in lines if old != new]
        assert changed, path
        for old, new in changed:
            image = next(value for value in images.values() if value.encode() in old)
            assert old.replace(image.encode(), image.partition(":")[0].encode() + NEW.encode()) == new, path
    print(f"promoted {promoted} workloads of other projects, refused {refused}", file=sys.stderr)
    assert promoted >= AT_LEAST


def folders(corpus: Path) -> Iterator[dict[str, str]]:
    """Yield the texts, by name, of every folder with one file that has workloads, and else of each such file."""
    found: dict[Path, list[Path]] = {}
    for path, _, _, _ in workloads(corpus):
        if path not in found.setdefault(path.parent, []):
            found[path.parent].append(path)
    for folder, paths in sorted(found.items()):
        for path in paths:
            sources = sorted(folder.glob("*.y*ml")) if len(paths) == 1 else [path]
            yield {source.name: source.read_text(encoding="utf-8") for source in sources}


def objects(sources: dict[str, str]) -> list[Object]:
    return [item for name in sorted(sources) for item in objects_in(sources[name])]


def owner_of(service: Object, found: list[Object]) -> Object | None:
    """Return the one workload whose pods a Service selects."""
    selector = service["spec"].get("selector") or {"": ""}
    owners = [
        item
        for item in found
        if item["kind"] in KINDS and selector.items() <= item["spec"]["template"]["metadata"]["labels"].items()
    ]
    return owners[0] if len(owners) == 1 else None


def longer(data: Object) -> Object:
    """Return the first text of several lines with a line more, else the first text as another."""
    key = next((key for key, text in data.items() if text.endswith("\n")), next(iter(data)))
    return {key: f"{data[key]}new: text\n" if data[key].endswith("\n") else NEW}


def release_of(found: list[Object]) -> Object:
    """Return a release of all workloads: new images, a variable more, another text in what they mount, a patch."""
    release: list[Object] = []
    config = {item["metadata"]["name"]: item for item in found if item["kind"] == "ConfigMap"}
    services = [item for item in found if item["kind"] == "Service"]
    for item in found:
        if item["kind"] not in KINDS:
            continue
        pod = item["spec"]["template"]
        images = {each["name"]: each["image"].partition(":")[0] + NEW for each in pod["spec"]["containers"]}
        mine = [each for each in config if each in json.dumps(pod["spec"])]
        mine_too = [each for each in services if owner_of(each, found) is item]
        release.append({"name": item["metadata"]["name"], "workload": f"{item['kind']}/{item['metadata']['name']}"})
        release[-1] |= {"images": images, "env": {name: {"GRAYC": "1"} for name in images}}
        if mine:
            release[-1]["config"] = {each: longer(config.pop(each)["data"]) for each in mine}
        if mine_too:
            merge = {"spec": {"publishNotReadyAddresses": True}}
            targets = [{"kind": "Service", "name": each["metadata"]["name"]} for each in mine_too]
            release[-1]["patches"] = [{"target": target, "merge": merge} for target in targets]
    return a_release(namespace=None, services=release)


def without_changes(release: Object) -> Object:
    """Return a release that is the lane alone."""
    services = [{key: service[key] for key in ("name", "workload")} for service in release["spec"]["services"]]
    return {**release, "spec": {**release["spec"], "services": services}}


def promoted(found: list[Object], release: Object) -> list[Object]:
    """Return what production is to say, worked out by hand."""
    made: list[Object] = json.loads(json.dumps(found))
    services = {service["workload"]: service for service in release["spec"]["services"]}
    config = {name: keys for service in services.values() for name, keys in service.get("config", {}).items()}
    for item in made:
        service = services.get(f"{item['kind']}/{item['metadata']['name']}")
        for each in item["spec"]["template"]["spec"]["containers"] if service else ():
            each["image"] = service["images"][each["name"]]  # type: ignore[index]
            each["env"] = [*(each.get("env") or ()), {"name": "GRAYC", "value": "1"}]
        if item["kind"] == "Service" and owner_of(item, made) is not None:
            item["spec"]["publishNotReadyAddresses"] = True
        if item["kind"] == "ConfigMap":
            item["data"] |= config.get(item["metadata"]["name"], {})
    return made


def awkward(text: str) -> str:
    """Return a text as an editor on Windows leaves it, and with tabs before comments."""
    text = re.sub(r"(?m)^(  metadata:|metadata:)$", "\\1\t# tab", text)
    return "\ufeff" + text.replace("\n", "\r\n")


def promote(sources: dict[str, str], release: Object, place: Path) -> tuple[Object, dict[str, bytes]]:
    """Return the report of a promotion, and the files afterwards."""
    (place / "baseline").mkdir(parents=True, exist_ok=True)
    (place / "release.yaml").write_text(yaml.safe_dump(release))
    for name, text in sources.items():
        (place / "baseline" / name).write_bytes(text.encode())
    run = run_grayc(["promote", "release.yaml", "--patches", "-f", "json"], folder=place)
    after = {name: (place / "baseline" / name).read_bytes() for name in sources}
    return json.loads(run.stdout), after


def changed_lines(before: bytes, after: bytes, release: Object) -> tuple[int, int]:
    """Return how many lines have another value, and how many were put in; fail at any other difference."""
    replaced = added = 0
    old = before.split(b"\n")
    for line in after.split(b"\n"):
        if old and line == old[0]:
            old.pop(0)
        elif old and is_value(old[0], line, release):
            old.pop(0)
            replaced += 1
        else:
            assert line.strip() in ADDED, line
            added += 1
    assert old == []
    return replaced, added


def is_value(old: bytes, new: bytes, release: Object) -> bool:
    """Tell whether a line has another image of the release, or text, and all else on it is as it was."""
    values = {value for service in release["spec"]["services"] for value in (*service["images"].values(), NEW)}
    return any(
        re.fullmatch(re.escape(new).replace(re.escape(value.encode()), rb"[^\s'\"]+"), old)
        for value in values
        if value.encode() in new
    )


def test_a_release_of_everything_changes_its_values_and_no_other_byte(corpus: Path, tmp_path: Path) -> None:
    manifests = replaced = added = 0
    for number, sources in enumerate(folders(corpus)):
        try:
            found = objects(sources)
        except yaml.YAMLError:
            continue
        release, place = release_of(found), tmp_path / str(number)
        report, after = promote(sources, release, place)
        if "promotion" not in report and (accept := acceptable(report)):
            release["spec"]["accept"] = accept
            report, after = promote(sources, release, place)
        before = {name: text.encode() for name, text in sources.items()}
        if "promotion" not in report:
            errors = {item["code"] for item in report["diagnostics"] if item["severity"] == "error"}
            assert errors <= {"GC205", "GC106"}
            assert after == before
            continue
        assert report["promotion"]["left"] == 0
        manifests += report["promotion"]["objects"]
        wanted = promoted(found, release)
        assert objects({name: text.decode() for name, text in after.items()}) == wanted
        assert report["promotion"]["objects"] == sum(one != other for one, other in zip(found, wanted, strict=True))
        for name, text in before.items():
            lines = changed_lines(text, after[name], release)
            replaced, added = replaced + lines[0], added + lines[1]

        windows = {name: awkward(text) for name, text in sources.items()}
        _, elsewhere = promote(windows, release, tmp_path / f"{number} windows")
        assert elsewhere == {name: awkward(text.decode()).encode() for name, text in after.items()}

        assert run_grayc(["promote", "release.yaml", "--patches", "--check"], folder=place).status == 0
        rest = json.loads(run_grayc(["diff", "release.yaml", "--baseline", "-f", "json"], folder=place).stdout)
        (place / "release.yaml").write_text(yaml.safe_dump(without_changes(release)))
        lane = json.loads(run_grayc(["diff", "release.yaml", "--baseline", "-f", "json"], folder=place).stdout)
        assert rest["differences"] == lane["differences"]
    sys.stdout.write(f"\npromoted {manifests} manifests: {replaced} lines with another value, {added} new lines\n")
    assert manifests >= MANIFESTS


def texts(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text in plain data on one line, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from texts(item, (*path, at))
    elif isinstance(value, str) and value.strip() == value and value and "\n" not in value:
        yield path, value


def test_a_value_of_any_object_is_replaced_and_no_other_byte(corpus: Path) -> None:
    carried = left = 0
    for path in sorted(corpus.rglob("*.y*ml")):
        try:
            source = SourceFile(name=path.name, text=path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        for document in parse_documents(source, searched=True).value or ():
            wanted = list(texts({key: document.data[key] for key in ("spec", "data") if key in document.data}))[:1]
            for place, old in wanted:
                if place[-1] == "name" and isinstance(place[-2], int):
                    # Another name is another item: one goes, one comes.
                    continue
                made = carry(document, put(document.data, place, f"{old}x"))
                if made.left:
                    left += 1
                    continue
                edited = apply_changes([made.change])
                assert edited.value, (path, edited.diagnostics)
                new = edited.value[0].new.text
                before, after = source.text.splitlines(keepends=True), new.splitlines(keepends=True)
                lines = [(one, two) for one, two in zip(before, after, strict=True) if one != two]
                assert len(lines) == 1, (path, place)
                # A value may need quotes that it did without; all around it stays.
                bare = [line.replace(f"{old}x", "", 1).replace(old, "", 1).replace('"', "") for line in lines[0]]
                assert bare[0] == bare[1], (path, place, lines)
                carried += 1
    print(f"carried a value of {carried} objects of other projects, left {left}", file=sys.stderr)
    assert carried >= OBJECTS


@pytest.mark.parametrize("name", ["mse-demo", "shop"])
def test_a_promoted_example_differs_from_gray_by_the_lane_alone(name: str, tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / name
    shutil.copytree(example, tmp_path / name)
    folder = tmp_path / name

    assert run_grayc(["promote", "release.yaml", "--patches"], folder=folder).status == 0

    assert files(folder / "baseline") != files(example / "baseline")
    assert run_grayc(["promote", "release.yaml", "--patches", "--check"], folder=folder).status == 0
    rest = json.loads(run_grayc(["diff", "release.yaml", "--baseline", "-f", "json"], folder=folder).stdout)
    copies = [item for item in rest["differences"][0]["objects"] if item["change"] == "changed"]
    assert not {field["risk"] for item in copies for field in item["fields"]} & {"image", "env", "config"}
