"""Lanes in Argo CD's own hands: its sync engine against the API server, and its plugin server.

The engine's steps are those of the model in `tests/argocd.py`, by which the quick tests judge every release. There are no
controllers in the cluster, so `_Controllers` says of workloads, entries and Jobs what they would say, and lets go of what is
deleted.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.argocd import Item, Key, key_of, steps
from tests.cli_run import run_grayc
from tests.differential.kubectl import KUBECTL
from tests.e2e.life import BrokenError
from tests.e2e.scenarios import EXAMPLES
from tests.e2e.server import Server
from tools.dev_tools import prepare_argocd_harness

_NAMESPACE = "shop"
_SECONDS = 120
_DONE = ["SuccessCriteriaMet", "Complete"]
_WATCHED = (
    ("apps/v1", "deployments"),
    ("networking.k8s.io/v1", "ingresses"),
    ("batch/v1", "jobs"),
    ("autoscaling/v2", "horizontalpodautoscalers"),
    ("networking.k8s.io/v1", "networkpolicies"),
    ("policy/v1", "poddisruptionbudgets"),
    ("v1", "services"),
    ("v1", "configmaps"),
    ("v1", "secrets"),
)
"""Version and resource of what somebody must say something about, or let go of."""
_TIME = "2026-01-01T00:00:00Z"


def check_argocd(home: Path, environment: Mapping[str, str], server: Server) -> int:
    """Sync the life of a lane, ask the plugin, and return how many things held.

    Raises:
        BrokenError: one does not.
    """
    home.mkdir()
    return _check_engine(home, environment, server) + _check_plugin(home / "repository")


def _check_engine(home: Path, environment: Mapping[str, str], server: Server) -> int:
    create = [str(KUBECTL), "create", "namespace", _NAMESPACE]
    subprocess.run(create, env=environment, capture_output=True, check=False)
    shop = home / "shop"
    shutil.copytree(EXAMPLES / "shop", shop)
    release = (shop / "release.yaml").read_text(encoding="utf-8")
    release = release.replace("\nspec:\n", "\nspec:\n  output: {gitops: argocd}\n")
    data = yaml.safe_load(release)
    narrower = {
        **data,
        "spec": {**data["spec"], "services": data["spec"]["services"][:1], "calls": ["gateway -> checkout"]},
    }
    narrower["spec"]["rollout"] = {"steps": [{"name": "testers"}]}
    live: list[Item] = []
    held = 0
    with _controllers(server):
        for name, text in {"whole": release, "narrower": yaml.safe_dump(narrower), "offline": ""}.items():
            (shop / "release.yaml").write_text(text or release, encoding="utf-8")
            line = ["build", "-o", "out"] if text else ["offline", "release.yaml", "-o", "out"]
            done = run_grayc(line, folder=shop)
            if done.status:
                raise BrokenError(done.stderr)
            target = [item for path in sorted((shop / "out").glob("*.yaml")) for item in _read(path)]
            told = _sync(environment, shop / "out")
            expected = steps(live, target)
            if wrong := _out_of_order(told, [(*step.pruned, *step.applied) for step in expected]):
                raise BrokenError(f"Argo CD, {name}: {wrong}\n" + "\n".join(map(json.dumps, told)))
            held += sum(len(step.pruned) + len(step.applied) for step in expected)
            live = target
    return held


def _read(path: Path) -> Iterator[Item]:
    yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def _sync(environment: Mapping[str, str], folder: Path) -> list[dict[str, str]]:
    program = prepare_argocd_harness("engine")
    words = [str(program), environment["KUBECONFIG"], _NAMESPACE, str(folder), str(_SECONDS)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BrokenError(f"Argo CD's engine: status {done.returncode}\n{done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _out_of_order(told: list[dict[str, str]], expected: Iterable[tuple[Key, ...]]) -> str:
    """Return what the engine did before or after its time, "" where each step came whole and in turn.

    An object is done where the engine first says that it is; steps of one wave may be told together.
    """
    first: dict[tuple[str, str], int] = {}
    for place, line in enumerate(told):
        if "kind" in line and line.get("status") in ("Synced", "Pruned", None):
            first.setdefault((line["kind"], line["name"]), place)
    after = -1
    for step in expected:
        places = {key: first.get((key[0], key[2]), -1) for key in step}
        if missing := [key for key, place in places.items() if place < 0]:
            return f"never done: {missing}"
        if early := [key for key, place in places.items() if place <= after]:
            return f"too early: {early}"
        after = max([after, *places.values()])
    return ""


@contextmanager
def _controllers(server: Server) -> Iterator[None]:
    """Say of all objects of the namespace what their controllers would say, until left."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            for version, name in _WATCHED:
                place = f"/{'api' if version == 'v1' else 'apis'}/{version}/namespaces/{_NAMESPACE}/{name}"
                for item in server.get(place)["items"]:
                    metadata = item["metadata"]
                    path = f"{place}/{metadata['name']}"
                    if metadata.get("deletionTimestamp") and metadata.get("finalizers"):
                        server.patch(path, {"metadata": {"finalizers": None}})
                    elif (status := _status(name, item)) and not item.get("status", {}).items() >= status.items():
                        server.patch(f"{path}/status", {"status": status})

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=30)


def _status(kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the status of an object would say once all is well."""
    if kind == "deployments":
        counts = dict.fromkeys(
            ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), item["spec"]["replicas"]
        )
        return {"observedGeneration": item["metadata"]["generation"], **counts}
    if kind == "horizontalpodautoscalers":
        conditions = [{"type": each, "status": "True", "reason": "Told"} for each in ("AbleToScale", "ScalingActive")]
        return {"currentReplicas": 1, "desiredReplicas": 1, "conditions": conditions}
    if kind == "ingresses":
        return {"loadBalancer": {"ingress": [{"ip": "10.1.1.1"}]}}
    if kind == "jobs":
        conditions = [{"type": each, "status": "True", "lastTransitionTime": _TIME} for each in _DONE]
        if item.get("status", {}).get("succeeded"):
            return {}
        return {"succeeded": 1, "startTime": _TIME, "completionTime": _TIME, "conditions": conditions}
    return {}


def _check_plugin(repository: Path) -> int:
    """Hold what Argo CD's plugin server generates against what grayc prints.

    Raises:
        BrokenError: it is something else.
    """
    shutil.copytree(EXAMPLES / "shop", repository / "releases" / "shop")
    folder = repository / "releases" / "shop"
    held = 0
    with_flags = [{"name": "step", "string": "testers"}, {"name": "gateway", "string": "higress"}]
    tag: list[dict[str, str]] = [{"name": "tag", "string": "pr-7"}]
    for parameters, flags in ([], []), (with_flags, ["--step=testers", "--gateway=higress"]), (tag, ["--tag=pr-7"]):
        made = _ask_plugin(repository, folder, parameters)
        printed = yaml.safe_load_all(run_grayc(["build", "-o", "-", *flags], folder=folder).stdout)
        wanted = {key_of(item): item for item in printed}
        generated = {key_of(item): item for item in map(json.loads, made["manifests"] or ())}
        if not made["supported"] or generated != wanted or not wanted:
            raise BrokenError(f"Argo CD's plugin server, {flags}: {json.dumps(made)[:2000]}")
        names = [each["name"] for each in made["parameters"]]
        if names != ["step", "gateway", "tag"]:
            raise BrokenError(f"Argo CD's plugin server announces {names}")
        held += len(wanted)
    refused = _ask_plugin(repository, folder, [{"name": "step", "string": "--output=/tmp"}])
    if "GC218" not in refused["error"]:
        raise BrokenError(f"Argo CD's plugin server: {refused}")
    return held + 1


def _ask_plugin(repository: Path, folder: Path, parameters: list[dict[str, str]]) -> Any:
    config = EXAMPLES / "argocd" / "plugin"
    words = [str(prepare_argocd_harness("plugin")), str(config), str(repository), str(folder), json.dumps(parameters)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as sockets:
        environment = os.environ | {"ARGOCD_PLUGINSOCKFILEPATH": sockets, "PATH": path}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise BrokenError(f"Argo CD's plugin server: {done.stderr}")
    return json.loads(done.stdout)
