"""Scripts and printed commands: whatever stands in them, a shell reads each value as one word, and no program as a flag.

The values here are what reading refuses. Here they come all the same, as if a check before were missing.
"""

import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from grayc.adoption.plan import AdoptionPlan, plan_adoption
from grayc.adoption.script import render_script
from grayc.diagnostics import shell
from grayc.diagnostics.shell import word
from grayc.documents import Chunk, Document
from grayc.k8s.kinds import Rank
from grayc.output.offline import Deletion, Opening
from grayc.output.offline_script import delete_commands, delete_script
from grayc.source import SourceFile
from tests.answers import answer_of
from tests.golden.test_golden import HERE
from tests.hostile import HOSTILE, MARK
from tests.manifests import objects_in

SHELLCHECK = Path(sys.executable).parent / "shellcheck"
MANIFESTS = HERE / "adopt/steps_of_every_kind_as_a_script/input/baseline/all.yaml"

MORE = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: x}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: x}]}
"""

KUBECTL = """\
#!/bin/sh
printf '%s\\0' "$@" >> "$LOG"
printf '\\001\\0' >> "$LOG"
case "$*" in
*--ignore-not-found*) [ -f "$LOG.gone" ] || echo there ;;
*--cascade=orphan*) : > "$LOG.gone" ;;
*"create --filename="*) rm -f "$LOG.gone" ;;
*"-o name"*) echo pod/a ;;
*zadigx-release-version}*) printf '%s' "$LABEL" ;;
*jsonpath*replicas*) printf 3 ;;
*--local* | *"-o json"*) echo "{}" ;;
esac
"""

FLAGS = re.compile(
    r"--(namespace|selector|filename|patch|timeout|for|output|field-selector)=.*|--type=merge|--cascade=orphan"
    r"|--ignore-not-found|--overwrite|--local|--wait=(true|false)|--dry-run=client|--minify|-o|--context=prod",
    re.DOTALL,
)
"""What grayc's own scripts call kubectl with."""


def run(folder: Path, text: str, *arguments: str, label: str = "") -> list[list[str]]:
    """Run a script against a kubectl that notes its arguments, and return these; nothing else may have happened."""
    kubectl, script, log = folder / "bin/kubectl", folder / "script.sh", folder / "log"
    kubectl.parent.mkdir(exist_ok=True)
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    script.write_text(text, encoding="utf-8", newline="")
    log.write_bytes(b"")
    environment = {
        "PATH": f"{kubectl.parent}:/usr/bin:/bin", "LOG": str(log), "LABEL": label, "HOME": "/nowhere",
        "DRAIN_SECONDS": "0", "GRAYC_DRAIN": "0", "GRAYC_STATE": "state",
    }  # fmt: skip
    work = folder / "work/deep/er"
    work.mkdir(parents=True, exist_ok=True)
    subprocess.run(["sh", script, *arguments], cwd=work, env=environment, capture_output=True, check=False, timeout=60)
    assert list(folder.rglob(MARK)) == []
    strange = {path.name for path in folder.rglob("*")} - {path.name for path in (work / "state").rglob("*")}
    assert strange <= {"bin", "kubectl", "script.sh", "log", "log.gone", "work", "deep", "er", "state"}
    calls = log.read_bytes().decode().split("\0\1\0")
    return [call.split("\0") for call in calls if call]


def assert_no_value_is_a_flag(calls: list[list[str]], values: set[str]) -> None:
    """Every word that kubectl takes for a flag is one of grayc's own."""
    for call in calls:
        flags = call[: call.index("--")] if "--" in call else call
        assert [word for word in flags if word.startswith("-") and not FLAGS.fullmatch(word)] == []
        assert not values & set(flags)


def assert_checked(text: str, folder: Path) -> None:
    """The script is one to `shellcheck` and to `sh -n`; a `$`, `~` or `\\` inside a quoted word is meant as it is."""
    options = ("--norc", "--shell=sh", "--severity=style", "--exclude=SC1003,SC2016,SC2088")
    checked = answer_of(SHELLCHECK, *options, "script.sh", files={"script.sh": text})
    assert (checked.status, checked.stdout) == (0, "")
    script = folder / "checked.sh"
    script.write_text(text, encoding="utf-8", newline="")
    assert subprocess.run(["sh", "-n", script], capture_output=True, check=False).returncode == 0
    script.unlink()


def steps(value: str) -> tuple[Deletion, ...]:
    """Return deletions with a value in all their places."""
    return (
        Deletion(
            rank=Rank.ENTRY, namespace=value, objects=(f"Ingress.{value}/{value}",),
            selector=f"zadigx-release-version={value},zadigx-release-service-name in ({value})", kind=value,
        ),
        Deletion(rank=Rank.SERVICE, namespace=value, objects=(f"{value}/{value}", value)),
        Deletion(rank=Rank.CONFIG, namespace="", objects=(f"{value}.{value}/{value}",), kind=value),
    )  # fmt: skip


def openings(value: str) -> tuple[Opening, ...]:
    return (
        Opening(namespace=value, object=f"{value}/{value}", services=(value, "web")),
        Opening(namespace="", object=value, services=(value,), again=f"grayc build {word(value)}"),
    )


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_the_script_of_offline_is_words(value: str, tmp_path: Path) -> None:
    text = delete_script(steps(value), title=f"Takes {value} offline.", openings=openings(value))

    assert_checked(text, tmp_path)
    calls = run(tmp_path, text, "--context=prod")

    assert_no_value_is_a_flag(calls, {value, f"{value}/{value}"})
    assert {call[0] for call in calls} == {"get", "delete"}
    operands = {word for call in calls for word in call[call.index("--") + 1 :]}
    # Of what goes by a selector the kind is named: all before the first `/`.
    kinds = {f"Ingress.{value}".partition("/")[0]}
    assert operands == kinds | {f"{value}/{value}", value, f"{value}.{value}/{value}"}
    assert {word for call in calls for word in call if word.startswith("--namespace=")} == {f"--namespace={value}"}


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_the_commands_of_offline_are_words(value: str, tmp_path: Path) -> None:
    text = delete_commands(steps(value), title=f"Takes {value} offline.", openings=openings(value))

    assert_checked("#!/bin/sh\n" + text, tmp_path)
    calls = run(tmp_path, text)

    assert_no_value_is_a_flag(calls, {value, f"{value}/{value}"})
    assert [call[0] for call in calls] == ["delete"] * 3


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_service_of_any_name_is_looked_for_as_it_is(value: str, tmp_path: Path) -> None:
    """A name with signs of a pattern is found where it stands, and nowhere else."""
    script = f"case $1 in {shell.holds(value)}) echo yes ;; esac"
    found = [
        subprocess.run(["sh", "-c", script, "sh", said], capture_output=True, text=True, check=True).stdout
        for said in (f"before{value}after", "elsewhere")
    ]

    assert found == ["yes\n", ""]


STEPS = {
    "beside", "take_over", "in_place", "pods_of", "hold_scaler", "release_scaler", "pause_scaler", "resume_scaler",
    "change_service", "change", "let_drain", "remove_old",
}  # fmt: skip
"""Functions of the script that are handed values."""


def adoption(value: str) -> AdoptionPlan:
    """Return the adoption of objects of every kind with a value as their names, namespaces and labels."""
    documents = []
    every = objects_in(MANIFESTS.read_text(encoding="utf-8") + MORE)
    # A Rollout is left to the user, and so is all that selects its pods.
    for number, data in enumerate(each for each in every if each["kind"] != "Rollout"):
        put_everywhere(data, value)
        data["metadata"] |= {"name": value, "namespace": value}
        chunk = Chunk(source=SourceFile(name="all.yaml", text=""), index=number, line=1, text="")
        documents.append(Document(data=data, chunk=chunk))
    with mock.patch("grayc.adoption.plan._selector_faults", return_value=()):
        planned = plan_adoption(documents, ())
    assert planned.value is not None
    return planned.value


def put_everywhere(data: object, value: str) -> None:
    """Put a value into every label and every reference by name."""
    if isinstance(data, dict):
        for key, inner in data.items():
            if key == "app" or (key == "name" and "kind" in data):
                data[key] = value
            put_everywhere(inner, value)
    elif isinstance(data, list):
        for inner in data:
            put_everywhere(inner, value)


@pytest.mark.parametrize(("value", "label"), [*((value, "") for value in HOSTILE), (HOSTILE[0], "original")], ids=ascii)
def test_the_script_of_adopt_is_words(value: str, label: str, tmp_path: Path) -> None:
    text = render_script(adoption(value))
    steps_taken = {line.split()[0] for line in text.partition("\nnamespace=")[2].splitlines() if line[:1].isalpha()}
    assert steps_taken >= STEPS

    assert_checked(text, tmp_path)
    calls = run(tmp_path, text, "--context=prod", label=label)

    assert_no_value_is_a_flag(calls, {value})
    assert any(word.endswith(f"/{value}") for call in calls for word in call)
    assert {word for call in calls for word in call if word.startswith("--namespace=")} == {f"--namespace={value}"}


def test_a_word_holds_no_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        shell.word("a\0b")


@pytest.mark.parametrize("text", [*HOSTILE, "", "a", "release.yaml"], ids=ascii)
def test_a_path_is_no_flag(text: str) -> None:
    (word,) = (
        subprocess.run(["sh", "-c", f"printf '%s\\0' {shell.path(text)}"], capture_output=True, check=True)
        .stdout.decode()
        .split("\0")[:-1]
    )

    assert word in (text, f"./{text}")
    assert not word.startswith("-")
