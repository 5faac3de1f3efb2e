"""Baselines that others wrote, with a new image promoted into every workload: the bytes that differ are the values.

Figures are printed: run with `-s`.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from grayc.documents import parse_documents
from grayc.documents.tree import put
from grayc.edit import apply_changes, carry
from grayc.source import SourceFile
from tests.cli_run import run_grayc
from tests.corpus.test_adopt import files

KINDS = ("Deployment", "StatefulSet")
NEW = ":promoted"
AT_LEAST = 130
"""Workloads with images in the corpus that can be promoted."""
OBJECTS = 200
"""Objects of any kind of which a value is carried."""


def workloads(folder: Path) -> Iterator[tuple[Path, str, str, dict[str, str]]]:
    """Yield file, kind, name and images of every workload that a plain YAML reader finds."""
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
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
        release = {
            "apiVersion": "grayc.dev/v1",
            "kind": "GrayRelease",
            "metadata": {"name": "demo"},
            "spec": {
                "tag": "gray",
                "baseline": ["baseline.yaml"],
                "services": [
                    {
                        "name": "demo",
                        "workload": f"{kind}/{name}",
                        "images": {key: image.partition(":")[0] + NEW for key, image in images.items()},
                    }
                ],
            },
        }
        (place / "release.yaml").write_text(yaml.safe_dump(release))
        before = (place / "baseline.yaml").read_bytes()

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
