"""The script of `grayc adopt`: run against a kubectl that only notes what it is asked."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from grayc.adoption.plan import plan_adoption
from grayc.adoption.script import render_script
from grayc.documents import parse_documents
from grayc.source import SourceFile
from tests.golden.test_golden import HERE

CHANGING = {"patch", "delete", "create", "label", "annotate"}
MANIFESTS = HERE / "adopt/steps_of_every_kind_as_a_script/input/baseline"

KUBECTL = """\
#!/bin/sh
printf '%s\\n' "$*" >> "$LOG"
case "$*" in
*"$FAIL"*) echo "no" >&2; exit 1 ;;
*--ignore-not-found*) [ -f "$LOG.gone" ] && case "$*" in *"$(cat "$LOG.gone")"*) exit 0 ;; esac; echo "there" ;;
*--cascade=orphan*) printf '%s\\n' "${*%% --cascade*}" | sed 's/.*delete //' > "$LOG.gone" ;;
*"create --filename="*) rm -f "$LOG.gone" ;;
*"-o name"*) echo "pod/a" ;;
*jsonpath*zadigx-release-version*) printf '%s' "$LABEL" ;;
*jsonpath*replicas*) printf 3 ;;
*jsonpath*) ;;
*"--local"* | *"-o json"*) echo "{}" ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    status: int
    calls: list[str]

    @property
    def changing(self) -> list[str]:
        """Calls that change a cluster."""
        return [call for call in self.calls if CHANGING & set(call.split()) and "--local" not in call]


def script() -> str:
    documents = [
        document
        for path in sorted(MANIFESTS.iterdir())
        for document in parse_documents(SourceFile(name=path.name, text=path.read_text())).value or ()
    ]
    planned = plan_adoption(documents, ())
    assert planned.value is not None
    return render_script(planned.value)


def run(folder: Path, *flags: str, label: str = "original", fail: str = "nothing fails") -> Ran:
    kubectl, log = folder / "kubectl", folder / "log"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    log.write_text("")
    (folder / "adopt.sh").write_text(script())
    done = subprocess.run(
        ["sh", "adopt.sh", *flags],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "KUBECTL": str(kubectl),
            "LOG": str(log),
            "LABEL": label,
            "FAIL": fail,
            "GRAYC_DRAIN": "0",
        },
        capture_output=True,
        check=False,
    )
    return Ran(status=done.returncode, calls=log.read_text().splitlines())


def test_where_all_have_the_label_nothing_is_changed_but_pods_labelled_again(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.status == 0
    assert {call for call in done.changing if " label pods/" not in f" {call}"} == set()


@pytest.mark.parametrize(
    "step", ["rollout status", "delete deployments.apps/web", "patch --local", "create --filename="]
)
def test_a_step_that_fails_stops_it_before_any_service_changes(tmp_path: Path, step: str) -> None:
    done = run(tmp_path, label="", fail=step)

    assert done.status != 0
    assert not any("patch services/" in call for call in done.calls)
    assert not any("delete replicasets.apps/" in call for call in done.calls)


def test_workloads_come_before_services_and_old_pods_last(tmp_path: Path) -> None:
    done = run(tmp_path, label="")
    assert done.status == 0
    web = [call for call in done.calls if "/web" in call]

    words = (
        "get deployments.apps/web -o json",
        "delete deployments.apps/web --cascade=orphan",
        "rollout status deployments.apps/web",
        "patch services/web",
    )
    order = [next(at for at, call in enumerate(web) if word in call) for word in words]
    assert order == sorted(order)


def test_pods_are_labelled_before_what_owns_them_goes(tmp_path: Path) -> None:
    calls = run(tmp_path, label="").calls
    delete = next(at for at, call in enumerate(calls) if "delete statefulsets.apps/db" in call)

    listed = [at for at, call in enumerate(calls) if "get pods -o go-template" in call]
    assert any(at < delete for at in listed)


def test_flags_reach_kubectl_as_they_are(tmp_path: Path) -> None:
    calls = run(tmp_path, "--context", "it's mine; true").calls

    assert calls and all(call.startswith("--context it's mine; true") for call in calls)


def test_what_is_left_to_the_user_is_not_touched(tmp_path: Path) -> None:
    calls = run(tmp_path, label="").calls

    assert not any("rollouts.argoproj.io" in call or "services/roll" in call for call in calls)
