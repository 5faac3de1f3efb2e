"""The fields that grayc takes for immutable are those that a real API server refuses to change, and no others."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from grayc.documents.tree import put
from grayc.k8s.immutable import IMMUTABLE
from tests.differential.kubectl import KUBECTL

_TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "a", "more": "b"}},
    "spec": {"containers": [{"name": "a", "image": "registry.example.com/a:1"}]},
}
_ONCE = {**_TEMPLATE, "spec": {**_TEMPLATE["spec"], "restartPolicy": "Never"}}
_WORKLOAD = {"selector": {"matchLabels": {"app": "a"}}, "template": _TEMPLATE}
_CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}

OBJECTS: tuple[dict[str, Any], ...] = (
    {"apiVersion": "apps/v1", "kind": "Deployment", "spec": _WORKLOAD},
    {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": _WORKLOAD},
    {"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": _WORKLOAD},
    {"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {**_WORKLOAD, "serviceName": "a"}},
    {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": _ONCE, "completions": 1}},
    {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"a": "YQ=="}},
    {
        "apiVersion": "v1",
        "kind": "Service",
        "spec": {"clusterIP": "None", "selector": {"a": "b"}, "ports": [{"port": 80}]},
    },
)
OTHER: Mapping[str, Any] = {
    "spec.selector": {"matchLabels": {"more": "b"}},
    "spec.podManagementPolicy": "Parallel",
    "spec.serviceName": "b",
    "spec.volumeClaimTemplates": [_CLAIM],
    "spec.completionMode": "Indexed",
    "spec.podFailurePolicy": {"rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]},
    "spec.template": {**_ONCE, "metadata": {"labels": {"app": "c"}}},
    "type": "example.com/other",
    "spec.clusterIP": "10.0.200.200",
}
"""Field → another value that would do in a new object."""
FREE: Mapping[str, tuple[tuple[str, ...], Any]] = {
    "Deployment": (("spec", "template", "metadata", "labels", "more"), "c"),
    "DaemonSet": (("spec", "template", "metadata", "labels", "more"), "c"),
    "ReplicaSet": (("spec", "template", "metadata", "labels", "more"), "c"),
    "StatefulSet": (("spec", "template", "metadata", "labels", "more"), "c"),
    "Job": (("spec", "activeDeadlineSeconds"), 60),
    "Secret": (("data", "a"), "Yg=="),
    "Service": (("spec", "selector", "a"), "c"),
}
"""Kind → a field that may change."""


def check_immutable(environment: Mapping[str, str]) -> list[str]:
    """Return what the server says otherwise than the table."""
    group_kinds = {(str(item["apiVersion"]).rpartition("/")[0], item["kind"]): item for item in OBJECTS}
    wrong = [f"{kind}: there is no object to try" for _, kind in set(IMMUTABLE) - set(group_kinds)]
    for (group, kind), item in group_kinds.items():
        named = {**item, "metadata": {"name": "immutable", "namespace": "default"}}
        _apply(named, environment)
        path, value = FREE[kind]
        if refused := _refusal(put(named, path, value), environment):
            wrong.append(f"{kind}: {'.'.join(path)} may not change: {refused}")
        for path in IMMUTABLE[(group, kind)]:
            refused = _refusal(put(named, path, OTHER[".".join(path)]), environment)
            if not any(word in refused for word in ("immutable", "updates to statefulset spec", "may not change")):
                wrong.append(f"{kind}: {'.'.join(path)} may change, or is refused for another reason: {refused}")
        subprocess.run([KUBECTL, "delete", kind, "immutable"], env=environment, capture_output=True, check=True)
    return wrong


def _apply(item: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    command = [str(KUBECTL), "apply", "--server-side", "-f", "-"]
    subprocess.run(command, input=json.dumps(item).encode(), env=environment, capture_output=True, check=True)


def _refusal(item: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Return why the server would not take an object, "" where it would."""
    command = [str(KUBECTL), "apply", "--server-side", "--dry-run=server", "-f", "-"]
    given = json.dumps(item)
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, check=False)
    return str(done.stderr)
