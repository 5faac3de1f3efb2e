"""`tools.passes` shows a release between its passes."""

from pathlib import Path

import pytest

from grayc.passes.registry import BUILD
from tests.manifests import objects_in, workload, write_release
from tools.passes import main


@pytest.fixture
def release(tmp_path: Path) -> str:
    services = [{"name": "web", "images": {"web": "registry.example.com/web:2"}, "replicas": 3}]
    return str(write_release(tmp_path, [workload()], services=services))


def test_every_pass_is_shown_with_what_it_changes(release: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([release]) == 0

    parts = capsys.readouterr().out.split("# ")
    shown = {part.split()[3]: part for part in parts if " of " in part[:8]}
    assert list(shown) == [row.name for row in BUILD]
    changed = [line for line in shown["set_images"].splitlines() if line.startswith(("+", "-"))]
    assert changed == [
        "--- Deployment/web in shop",
        "+++ Deployment/web in shop",
        "-        image: registry.example.com/web:1",
        "+        image: registry.example.com/web:2",
    ]
    assert "+  name: web-mse-gray" in shown["rename_objects"]
    assert "(CopyPass, serves RELEASE, after set_images)" in shown["set_env"]
    assert "no object changes" in " ".join(parts)


def test_the_objects_after_one_pass_are_a_stream(release: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([release, "--after", "set_replicas"]) == 0

    (web,) = objects_in(capsys.readouterr().out)
    assert web["spec"]["replicas"] == 3
    assert web["metadata"]["name"] == "web"
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/web:1"


def test_findings_stand_with_the_pass_that_made_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    services = [{"name": "web", "images": {"wbe": "registry.example.com/web:2"}}]

    assert main([str(write_release(tmp_path, [workload()], services=services))]) == 0

    shown = capsys.readouterr().out.partition("report_unknown_containers")[2]
    assert shown.splitlines()[1] == "# error[GC410]: service `web` has no container `wbe`"


def test_a_spec_without_a_plan_is_refused_with_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write_release(tmp_path, [workload()], tag="Gray_1"))]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert "error[GC207]" in said.err


def test_an_unknown_pass_is_refused(release: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([release, "--after", "set_color"])

    assert "set_images" in capsys.readouterr().err
