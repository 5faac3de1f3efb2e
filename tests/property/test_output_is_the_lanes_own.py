"""Whatever a build writes is read back as the lane's own: no object and no record of it is taken for somebody else's."""

from pathlib import Path

import pytest

from grayc.cli.options import make_request
from grayc.driver.compile import compile_releases
from grayc.output.belonging import strangers
from grayc.output.inventory import Inventory, format_inventory, parse_inventory

ROOT = Path(__file__).parents[2]
RELEASES = sorted(
    path
    for folder in ("tests/golden/build", "tests/golden/offline", "examples")
    for path in (ROOT / folder).rglob("*.yaml")
    if b"kind: GrayRelease" in path.read_bytes()
)


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_object_is_the_lanes_and_the_record_is_read_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)

    compiled = compile_releases(make_request([path.name], ()))

    for release in compiled.value.releases if compiled.value is not None else ():
        name = release.plan.spec.name
        assert list(strangers(release.documents, release=name, record=release.lane)) == []
        written = Inventory(lanes={name: release.lane})
        assert parse_inventory(format_inventory(written).encode()).lanes[name].tag == release.lane.tag
