"""What names stores and migrations may stand in many places, be shared by many pods, and be as long as it likes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.budgets.cost import CPU_SECONDS, PEAK_MIB, cost_of
from tests.manifests import Object, an_object, workload, write_release

MANY = 400
KEYS = 4_000
RELEASED = 20


def pods(name: str, container: Object, **pod: object) -> Object:
    made = workload(pod={"containers": [{"name": "web", "image": "web:1", **container}], **pod})
    made["metadata"]["name"] = name
    return made


def everywhere(container: Object, **pod: object) -> list[Object]:
    return [pods("web" if not at else f"web-{at}", container, **pod) for at in range(MANY)]


def shared_variables() -> list[Object]:
    """Many workloads take their variables from one ConfigMap with many addresses."""
    data = {f"REDIS_{at}_HOST": f"redis-{at}.example.com" for at in range(KEYS)}
    every = everywhere({"envFrom": [{"configMapRef": {"name": "all"}}]})
    return [*every, an_object("ConfigMap", name="all", data=data)]


def shared_files() -> list[Object]:
    """Many workloads mount one large file with many addresses."""
    text = "\n".join(f"db{at}: {{url: 'jdbc:mysql://db-{at}.example.com:3306/a'}}" for at in range(KEYS * 3))
    mount = {"volumeMounts": [{"name": "conf", "mountPath": "/config"}]}
    every = everywhere(mount, volumes=[{"name": "conf", "configMap": {"name": "conf"}}])
    return [*every, an_object("ConfigMap", name="conf", data={"application.yaml": text})]


def services_of_stores() -> list[Object]:
    """Many Services lead to stores, and long texts are full of their names."""
    services = [
        an_object("Service", {"selector": {"app": "x"}, "ports": [{"port": 3306}]}, name=f"db-{at}")
        for at in range(KEYS)
    ]
    text = " ".join(f"db-{at}:3306" for at in range(KEYS))
    return [*services, pods("web", {"args": [text] * 10, "env": [{"name": "ALL", "value": text}]})]


def texts_that_look_alike() -> list[Object]:
    """Texts on which patterns could go back and forth."""
    texts = [
        "a" * 100_000,
        "a." * 50_000,
        "a:" * 50_000,
        "jdbc:" * 20_000,
        "://" * 30_000,
        "@" * 100_000,
        "host=" * 20_000,
        "$(" * 50_000,
        "${A" * 30_000,
        "migrate " * 12_000,
        "create table " * 8_000,
        "-" * 100_000,
        "redis-" * 15_000,
    ]
    env = [{"name": f"DB_{at}_URL", "value": text} for at, text in enumerate(texts)]
    env += [{"name": "A" * 50_000, "value": "x"}, {"name": "A_" * 20_000, "value": "true"}]
    return [pods("web", {"env": env, "args": texts, "command": ["sh", "-c"]})]


def many_commands() -> list[Object]:
    """One command of very many, and very many words."""
    return [pods("web", {"command": ["sh", "-c", "\n".join(["flyway info"] * 30_000)], "args": ["migrate"] * 5_000})]


def names_in_names() -> list[Object]:
    """Values that name others, which name others, as often as they can."""
    env = [{"name": f"V{at}", "value": f"$(V{at + 1})" * 200} for at in range(200)]
    return [pods("web", {"env": [{"name": "DATABASE_URL", "value": "mysql://" + "$(V0)" * 200}, *env]})]


INPUTS: tuple[Callable[[], list[Object]], ...] = (
    shared_variables,
    shared_files,
    services_of_stores,
    texts_that_look_alike,
    many_commands,
    names_in_names,
)


@pytest.mark.parametrize("objects", INPUTS)
def test_stores_are_found_in_bounds(objects: Callable[[], list[Object]], tmp_path: Path) -> None:
    made = objects()
    assert len(json.dumps(made)) < 4_000_000
    names = [each["metadata"]["name"] for each in made if each["kind"] == "Deployment"]
    write_release(
        tmp_path / "in", made, services=[{"name": name} for name in names[:RELEASED]], lane={"provider": "none"}
    )
    cost = cost_of(["plan", "release.yaml", "-q"], folder=tmp_path / "in")
    assert cost.status in {0, 1}, cost.stderr[-2_000:]
    assert cost.cpu_seconds < CPU_SECONDS
    assert cost.peak_mib < PEAK_MIB


LINES = 300
SHARED_SECONDS = 4.0
"""For as many services as there are here, all released, which read one ConfigMap of that many lines."""


def setting(number: int) -> tuple[str, str]:
    """Return one setting of a ConfigMap that is not about stores alone."""
    return (
        (f"SVC_{number}_REDIS_HOST", f"redis-{number}.example.com"),
        (f"SVC_{number}_DB_URL", f"jdbc:mysql://db-{number}.example.com:3306/a"),
        (f"SVC_{number}_LOG_LEVEL", "info"),
        (f"SVC_{number}_TIMEOUT", "30"),
        (f"SVC_{number}_KAFKA_BROKERS", f"kafka-{number}:9092"),
        (f"SVC_{number}_FEATURE", "true"),
    )[number % 6]


def test_what_many_released_services_share_is_read_once(tmp_path: Path) -> None:
    every = everywhere({"envFrom": [{"configMapRef": {"name": "all"}}]})
    data = dict(setting(at) for at in range(LINES))
    names = [{"name": each["metadata"]["name"]} for each in every]
    write_release(
        tmp_path / "in",
        [*every, an_object("ConfigMap", name="all", data=data)],
        services=names,
        lane={"provider": "none"},
    )
    cost = cost_of(["plan", "release.yaml", "-q"], folder=tmp_path / "in", within=SHARED_SECONDS)
    assert cost.status in {0, 1}, cost.stderr[-2_000:]
    assert f"store/redis-{LINES - 6}.example.com" in cost.stdout
    assert cost.cpu_seconds < SHARED_SECONDS
