"""Baselines that others wrote, with a new image promoted into every workload: the bytes that differ are the values.

Figures are printed: run with `-s`.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.corpus.test_adopt import files
from tests.corpus.test_corpus import FOLDERS

KINDS = ("Deployment", "StatefulSet")
NEW = ":promoted"
AT_LEAST = 200


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
    for folder in FOLDERS:
        for number, (path, kind, name, images) in enumerate(workloads(corpus / folder)):
            place = tmp_path / f"{folder}-{number}"
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


@pytest.mark.parametrize("name", ["mse-demo", "shop"])
def test_a_promoted_example_differs_from_gray_by_the_lane_alone(name: str, tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / name
    shutil.copytree(example, tmp_path / name)
    folder = tmp_path / name

    assert run_grayc(["promote", "release.yaml", "--patches"], folder=folder).status == 0

    assert files(folder / "baseline") != files(example / "baseline")
    assert run_grayc(["promote", "release.yaml", "--patches", "--check"], folder=folder).status == 0
    rest = run_grayc(["diff", "release.yaml", "--baseline", "-f", "json"], folder=folder).stdout
    assert '"risk": "image"' not in rest and '"risk": "env"' not in rest and '"risk": "config"' not in rest
