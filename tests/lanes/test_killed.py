"""A build that is killed once the releases are written, and before what all lanes have in common is."""

import json
from pathlib import Path

import pytest

from grayc.driver import output
from grayc.output.inventory import MESH_OWNER
from grayc.output.write import write_folder, write_shared
from tests.cli_run import run_grayc
from tests.lanes.shop import build, contents, lay


class KilledError(BaseException):
    """Nothing of grayc catches it, as nothing catches a kill."""


def kill_between(folder: Path, monkeypatch: pytest.MonkeyPatch, *files: str) -> None:
    """Build, and leave where the releases are written."""

    def killed(*arguments: object, check: bool = False, **more: object) -> object:
        if not check:
            raise KilledError
        return write_shared(*arguments, check=check, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(output, "write_shared", killed)
        with pytest.raises(KilledError):
            run_grayc(["build", *files, "-o", "out"], folder=folder)


def led(folder: Path) -> set[str]:
    """Return the gray Services that the objects in common lead to."""
    texts = "".join(path.read_text() for path in folder.glob("zz_mesh_*.yaml"))
    return {word for word in texts.split() if "-lane" in word}


def test_a_lane_that_comes_is_led_to_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In between its calls stay on the baseline: nothing leads to what is not there."""
    files = lay(tmp_path, 2, gateway="ingress-nginx", provider="istio")
    build(tmp_path, *files, out="together")
    build(tmp_path, files[0])
    before = led(tmp_path / "out")
    kill_between(tmp_path, monkeypatch, files[1])

    assert led(tmp_path / "out") == before
    assert run_grayc(["build", files[1], "-o", "out", "--check"], folder=tmp_path).status == 1
    # Whichever lane is built next, it has the routes of both.
    build(tmp_path, files[0])
    assert contents(tmp_path / "out") == contents(tmp_path / "together")


def test_a_service_that_leaves_is_said_to_be_led_to_until_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In between the object names what is no longer there: `--check` of any lane says no, and any build mends it."""
    files = lay(tmp_path, 2, gateway="ingress-nginx", provider="istio")
    build(tmp_path, *files)
    spec = tmp_path / files[1]
    kept = [line for line in spec.read_text().splitlines() if "cart" not in line]
    spec.write_text("\n".join(kept) + "\n")
    kill_between(tmp_path, monkeypatch, files[1])

    assert "cart-lane1" in led(tmp_path / "out")
    for file in files:
        assert run_grayc(["build", file, "-o", "out", "--check"], folder=tmp_path).status == 1
    build(tmp_path, files[0])
    assert "cart-lane1" not in led(tmp_path / "out")
    listed = json.loads((tmp_path / "out" / ".grayc-inventory").read_text())["files"]
    shared = {name for name, row in listed.items() if row["owner"] == MESH_OWNER}
    assert shared == {path.name for path in (tmp_path / "out").glob("zz_mesh_*")}
    build(tmp_path, *files, out="fresh")
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


@pytest.mark.parametrize("there", [[], ["r1.yaml"]])
def test_a_run_that_meanwhile_writes_a_lane_stops_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: list[str]
) -> None:
    """Each was held against the lanes that it read, and the other's was not among them."""
    lay(tmp_path, 3, gateway="ingress-nginx", provider="istio")
    for file in there:
        build(tmp_path, file)

    def after_another(*arguments: object, **more: object) -> object:
        monkeypatch.setattr(output, "write_folder", write_folder)
        build(tmp_path, "r0.yaml")
        return write_folder(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(output, "write_folder", after_another)
    late = run_grayc(["build", "r2.yaml", "-o", "out"], folder=tmp_path)
    assert late.status == 2
    assert "error[GC605]: another run wrote `release-0` in `out` while this one compiled" in late.stderr
    assert not list((tmp_path / "out").glob("release-2*"))
    assert run_grayc(["build", "r2.yaml", "-o", "out"], folder=tmp_path).status == 0
