"""What registries are told may stand in many places, and be shared by many pods."""

import json
from pathlib import Path

import pytest

from tests.budgets.cost import CPU_SECONDS, PEAK_MIB, cost_of
from tests.manifests import Object, an_object, workload, write_release

MANY = 600
KEYS = 6_000


def pods(name: str, container: Object, **pod: object) -> Object:
    made = workload(pod={"containers": [{"name": "web", "image": "web:1", **container}], **pod})
    made["metadata"]["name"] = name
    return made


def shared_variables() -> list[Object]:
    """Many workloads take their variables from one ConfigMap with many labels of instances."""
    data = {f"SPRING_CLOUD_NACOS_DISCOVERY_METADATA_VERSION{at}": "stable" for at in range(KEYS)}
    data["SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR"] = "nacos:8848"
    names = ["web", *(f"web-{at}" for at in range(MANY))]
    every = [pods(name, {"envFrom": [{"configMapRef": {"name": "all"}}]}) for name in names]
    return [*every, an_object("ConfigMap", name="all", data=data)]


def shared_files() -> list[Object]:
    """Many workloads, each with a profile of its own, mount one large file with many documents."""
    text = "\n---\n".join(
        f"spring: {{config: {{activate: {{on-profile: p{at}}}}}, application: {{name: a}}}}" for at in range(MANY * 8)
    )
    mount = {"volumeMounts": [{"name": "conf", "mountPath": "/config"}]}
    every = [
        pods(
            "web" if not at else f"web-{at}",
            {**mount, "env": [{"name": "SPRING_PROFILES_ACTIVE", "value": f"p{at}"}]},
            volumes=[{"name": "conf", "configMap": {"name": "conf"}}],
        )
        for at in range(MANY)
    ]
    return [*every, an_object("ConfigMap", name="conf", data={"application.yaml": text})]


def names_in_names() -> list[Object]:
    """Values that name others, which name others, as often as they can."""
    env = [{"name": f"V{at}", "value": f"$(V{at + 1})" * 200} for at in range(200)]
    key = "SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR"
    return [pods("web", {"env": [{"name": key, "value": "$(V0)" * 200}, *env]})]


def many_options() -> list[Object]:
    """One variable with very many options and one with very many labels."""
    options = " ".join(f"-Dspring.cloud.nacos.discovery.metadata.env{at}=x" for at in range(KEYS))
    labels = ";".join(f"version{at}=1" for at in range(KEYS * 4))
    return [pods("web", {"env": [{"name": "JAVA_OPTS", "value": options}, {"name": "DUBBO_LABELS", "value": labels}]})]


@pytest.mark.parametrize("provider", ["mse", "none"])
@pytest.mark.parametrize("objects", [shared_variables, shared_files, names_in_names, many_options])
def test_what_is_shared_is_read_once(objects: object, provider: str, tmp_path: Path) -> None:
    assert callable(objects)
    made = objects()
    assert len(json.dumps(made)) < 1_000_000
    write_release(tmp_path / "in", made, lane={"provider": provider})
    cost = cost_of(["build", "release.yaml", "-o", "out", "-q"], folder=tmp_path / "in")
    assert cost.status in {0, 1}, cost.stderr
    assert cost.cpu_seconds < CPU_SECONDS
    assert cost.peak_mib < PEAK_MIB
