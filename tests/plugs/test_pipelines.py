"""The action for GitHub and the component for GitLab: by their schemas and linters, and run."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema import main as check_jsonschema

from tests.cli_run import run_grayc
from tests.plugs.ci import ACTION, BIN, ROOT, comments, component, notes, run_action, run_job
from tools.dev_tools import prepare_actionlint

WORKFLOWS = sorted([*ROOT.glob("examples/*/github.yaml"), *ROOT.glob(".github/workflows/*.yaml")])
HOSTILE = "$(touch hit)\n`touch hit`\nrelease.yaml'; touch hit; '"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A repository with a release that is built, on `main`."""
    folder = tmp_path / "remote"
    shutil.copytree(ROOT / "examples" / "mse-demo", folder)
    run_grayc(["build", "-o", "out"], folder=folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the release")
    return folder


def newer_image(folder: Path, number: int, *, build: bool) -> None:
    """Commit a newer image, with the output folder or without."""
    release = (folder / "release.yaml").read_text()
    (folder / "release.yaml").write_text(release.replace(f"-a:0.{number - 1}", f"-a:0.{number}"))
    if build:
        run_grayc(["build", "-o", "out"], folder=folder)
    git(folder, "commit", "-qam", f"image {number}")


def clone_of(remote: Path, folder: Path) -> Path:
    """Return a clone of the last commit alone, as runners make them."""
    shutil.rmtree(folder, ignore_errors=True)
    git(remote.parent, "clone", "-q", "--depth=1", f"file://{remote}", str(folder))
    return folder


def test_the_action_tells_what_a_pull_request_changes(remote: Path, tmp_path: Path) -> None:
    home, base = tmp_path / "home", git(remote, "rev-parse", "HEAD")
    home.mkdir()
    first = run_action(clone_of(remote, tmp_path / "clone"), home, base=base)
    assert (first.status, first.outputs["changed"], comments(home)) == (0, "false", ["mine"])

    newer_image(remote, 3, build=False)
    stale = run_action(clone_of(remote, tmp_path / "clone"), home, base=base)
    assert (stale.status, stale.outputs["status"]) == (1, "1")
    assert "::error file=release.yaml" in stale.said and "GC650" in Path(stale.outputs["sarif"]).read_text()

    for number in (4, 5):
        newer_image(remote, number, build=True)
        done = run_action(clone_of(remote, tmp_path / "clone"), home, base=base)
        assert (done.status, done.outputs["changed"]) == (0, "true"), done.said
        said, own = comments(home)
        assert said == "mine" and own.startswith("<!-- grayc diff -->") and f"spring-cloud-a:0.{number}" in own
        assert own in done.summary


def test_the_action_runs_no_word_of_an_input(remote: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    clone = clone_of(remote, tmp_path / "clone")
    for name in ("spec", "out", "flags"):
        assert run_action(clone, home, inputs={name: HOSTILE}).status in (1, 2)
    assert not (clone / "hit").exists()
    assert run_action(clone, home, inputs={"flags": "--strict\n--step\nlast"}).status == 2  # it has no steps
    assert run_action(clone, home).status == 0


def test_the_job_leaves_a_note_on_the_merge_request(remote: Path, tmp_path: Path) -> None:
    base = git(remote, "rev-parse", "HEAD")
    held: list[dict[str, Any]] = [{"id": number, "body": "mine"} for number in (1, 2)]
    newer_image(remote, 3, build=False)
    stale = run_job(clone_of(remote, tmp_path / "clone"), base=base)
    assert stale.status == 1
    found = json.loads((tmp_path / "clone" / "gl-code-quality-report.json").read_text())
    assert "GC650-output-out-of-date" in [row["check_name"] for row in found]
    assert "GC650" in (tmp_path / "clone" / "grayc-junit.xml").read_text()
    with notes(held) as api:
        for number in (4, 5):
            newer_image(remote, number, build=True)
            done = run_job(clone_of(remote, tmp_path / "clone"), base=base, api=api, token="right")
            assert done.status == 0, done.said
            assert [note["body"] for note in held[:2]] == ["mine", "mine"]
            assert len(held) == 3 and f"spring-cloud-a:0.{number}" in held[2]["body"]
        refused = run_job(clone_of(remote, tmp_path / "clone"), base=base, api=api, token="wrong")
        assert refused.status == 0 and "the note could not be written" in refused.said
    hostile = run_job(clone_of(remote, tmp_path / "clone"), spec=HOSTILE, out="$(touch hit)", flags=HOSTILE)
    assert hostile.status == 2 and not (tmp_path / "clone" / "hit").exists()


def check(schema: str, *files: Path, transform: str = "") -> None:
    """Hold files against a schema that check-jsonschema brings."""
    words = ["--builtin-schema", f"vendor.{schema}", *(["--data-transform", transform] if transform else [])]
    with pytest.raises(SystemExit) as leave:
        check_jsonschema([*words, "--quiet", *map(str, files)])
    assert not leave.value.code


def test_files_are_what_their_schemas_say(tmp_path: Path) -> None:
    job = tmp_path / "job.yml"
    job.write_text(yaml.safe_dump(component()))
    check("github-actions", ROOT / "action.yml")
    check("github-workflows", *WORKFLOWS)
    check("renovate", ROOT / "renovate" / "grayc.json")
    check("gitlab-ci", job, *ROOT.glob("examples/ci/gitlab*.yaml"), transform="gitlab-ci")


def test_linters_have_nothing_against_the_workflows() -> None:
    environment = {"PATH": f"{BIN}:/usr/bin:/bin"}
    lint = [str(prepare_actionlint()), "-no-color", *map(str, WORKFLOWS)]
    done = subprocess.run(lint, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    config = str(ROOT / ".github" / "zizmor.yaml")
    audit = [str(BIN / "zizmor"), "--offline", "--no-progress", "--config", config, str(ROOT / "action.yml")]
    done = subprocess.run([*audit, *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_shell_of_the_steps_is_sound() -> None:
    scripts = [*(step["run"] for step in ACTION["runs"]["steps"]), "\n".join(component()["grayc"]["script"])]
    for script in scripts:
        words = [str(BIN / "shellcheck"), "--shell=bash", "--exclude=SC2154", "-"]
        done = subprocess.run(words, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
