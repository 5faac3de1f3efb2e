"""Run the end-to-end tests: print what happened and how long it took, and leave with status 0 where all of it holds."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.differential.kubectl import KUBECTL
from tests.e2e.argocd import check_argocd
from tests.e2e.cluster import ClusterError, cluster
from tests.e2e.immutable import check_immutable
from tests.e2e.life import BrokenError, Stage, live
from tests.e2e.scenarios import scenarios
from tests.e2e.server import Server
from tools.api_server import prepare
from tools.dev_tools import ToolError, prepare_crds

_ARGOCD = "argocd"
"""What `--only` calls the lanes in Argo CD's own hands."""
_DEFINITIONS = (
    "gateways.gateway.networking.k8s.io",
    "grpcroutes.gateway.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
    "destinationrules.networking.istio.io",
    "gateways.networking.istio.io",
    "virtualservices.networking.istio.io",
)


def main() -> int:
    """Return 0 where everything holds, 1 where something does not, 2 where it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e", description=__doc__)
    parser.add_argument("--transcript", type=Path, metavar="FILE", help="write every command and its answer to a file")
    parser.add_argument("--only", metavar="NAME", help="run one scenario")
    asked = parser.parse_args()
    corpus = os.environ.get("GRAYC_CORPUS")
    chosen = [each for each in scenarios(Path(corpus) if corpus else None) if asked.only in (None, each.name)]
    is_argocd = asked.only in (None, _ARGOCD)
    if not chosen and not is_argocd:
        parser.error(f"there is no scenario {asked.only}")
    # A run that is told to end takes its servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()
    transcript: list[str] = []
    try:
        binaries = prepare()
        with tempfile.TemporaryDirectory(prefix="grayc-e2e-") as scratch:
            home = Path(scratch)
            (home / "cluster").mkdir()
            with cluster(binaries, home / "cluster") as environment:
                print(f"e2e: kube-apiserver ready after {time.monotonic() - began:.1f} s")
                _define(environment)
                if wrong := check_immutable(environment):
                    raise BrokenError("\n".join(wrong))
                server = Server(Path(environment["KUBECONFIG"]))
                for each in chosen:
                    _play(
                        Stage(
                            scenario=each,
                            home=home / each.name,
                            environment=environment,
                            server=server,
                            transcript=transcript,
                        )
                    )
                if is_argocd:
                    began_argocd = time.monotonic()
                    held = check_argocd(home / _ARGOCD, environment, Server(Path(environment["KUBECONFIG"])))
                    print(f"e2e: {_ARGOCD}: held {held} times, {time.monotonic() - began_argocd:.1f} s", flush=True)
    except (ToolError, ClusterError) as error:
        print(f"e2e: {error}", file=sys.stderr)
        return 2
    except BrokenError as error:
        print("\n".join(transcript[-40:]), f"\ne2e: {error}", file=sys.stderr)
        return 1
    finally:
        if asked.transcript is not None:
            asked.transcript.write_text("\n".join(transcript) + "\n", encoding="utf-8")
    print(f"e2e: {len(chosen)} scenarios, {time.monotonic() - began:.1f} s")
    return 0


def _play(stage: Stage) -> None:
    began, said = time.monotonic(), len(stage.transcript)
    stage.say(f"== {stage.scenario.name} ==")
    stage.scenario.lay_out(stage.home)
    live(stage)
    stage.say("")
    lines = stage.transcript[said:]
    commands, held = (sum(line.startswith(start) for line in lines) for start in ("$ ", "  holds: "))
    took = time.monotonic() - began
    print(f"e2e: {stage.scenario.name}: {commands} commands, held {held} times, {took:.1f} s", flush=True)


def _define(environment: dict[str, str]) -> None:
    """Teach the server the kinds of Gateway API and Istio that a lane uses."""
    files = [f"--filename={prepare_crds() / name}.json" for name in _DEFINITIONS]
    subprocess.run([KUBECTL, "apply", "--server-side", *files], env=environment, capture_output=True, check=True)
    established = ["wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"]
    subprocess.run([KUBECTL, *established], env=environment, capture_output=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
