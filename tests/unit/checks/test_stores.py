"""The stores that gray pods share with production are told, and what changes their schema."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import PREPARED, Object, an_object, build, service, with_code, workload, write_release
from tests.vectors import rows

IMAGE = "registry.example.com/web:1"


def pods(*containers: Object, **pod: Any) -> Object:
    return workload(
        pod={"containers": [{"name": "web", "image": IMAGE, **each} for each in containers or ({},)], **pod}
    )


def env(**values: str) -> list[Object]:
    return [{"name": name, "value": value} for name, value in values.items()]


def from_secret(variable: str, secret: str, key: str) -> Object:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def plan(folder: Path, objects: list[Object], **spec: Any) -> Object:
    write_release(folder, objects, **spec)
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    [made] = json.loads(run.stdout)["plans"]
    assert isinstance(made, dict)
    return made


def stores(folder: Path, objects: list[Object], **spec: Any) -> dict[str, str]:
    """Return store → product or kind."""
    made = plan(folder, objects, **spec)
    return {row["store"]: ",".join(row["products"] or row["kinds"]) for row in made.get("stores", [])}


def a_service(name: str, port: int = 80, **spec: Any) -> Object:
    return service(name, labels={"app": name}, ports=(port,), **spec)


def a_store(name: str, image: str) -> Object:
    made = workload(labels={"app": name}, pod={"containers": [{"name": name, "image": image}]})
    made["metadata"]["name"] = name
    return made


MOUNTED = {"volumes": [{"name": "c", "configMap": {"name": "conf"}}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """A row of `stores.yaml`."""

    id: str
    env: Mapping[str, str] = field(default_factory=dict)
    container: Object = field(default_factory=dict)
    beside: list[Object] = field(default_factory=list)
    pod: Object = field(default_factory=dict)
    objects: list[Object] = field(default_factory=list)

    def baseline(self) -> list[Object]:
        """Return the Deployment and the other objects."""
        variables = {"env": env(**self.env)} if self.env else {}
        return [pods({**variables, **self.container}, *self.beside, **self.pod), *self.objects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Pods):
    """Pods with stores: name of a store → its product."""

    found: Mapping[str, str]


@pytest.mark.parametrize("row", rows(__file__, "stores.yaml", Listed, table="listed"), ids=lambda row: row.id)
def test_a_store_is_listed_with_what_it_is(row: Listed, tmp_path: Path) -> None:
    assert stores(tmp_path, row.baseline()) == row.found


@pytest.mark.parametrize("row", rows(__file__, "stores.yaml", Pods, table="others"), ids=lambda row: row.id)
def test_what_is_no_store_of_production_is_not_listed(row: Pods, tmp_path: Path) -> None:
    assert stores(tmp_path, row.baseline()) == {}


def test_no_credential_is_told(tmp_path: Path) -> None:
    words = ["hunter2", "jdoe"]
    objects = [
        pods(
            {
                "env": [
                    *env(A="mysql://jdoe:hunter2/x@db/web", B="jdoe:hunter2@tcp(db2)/x"),
                    from_secret("C", "db", "url"),
                ]
            }
        ),
        an_object("Secret", name="db", stringData={"url": "postgres://jdoe:hunter2?y@pg/web"}),
    ]
    write_release(tmp_path, objects)
    for form in ("json", "text"):
        run = run_grayc(["plan", "release.yaml", "-f", form, "--strict"], folder=tmp_path)
        told = [line for line in run.stdout.splitlines() if any(word in line for word in words)]
        assert told == []
        findings = [line for line in run.stderr.splitlines() if line.startswith(("baseline", "  ="))]
        assert not any(word in line for line in findings for word in words)
    assert "store/pg" in run.stdout


def test_an_address_of_the_lanes_own_is_not_shared(tmp_path: Path) -> None:
    objects = [pods({"env": env(REDIS_URL="redis://redis:6379")})]
    own = {"name": "web", "laneOnly": {"env": {"web": {"REDIS_URL": "redis://redis-gray:6379"}}}}
    assert stores(tmp_path, objects, services=[own]) == {}


def test_an_address_of_another_service_of_production_is_shared(tmp_path: Path) -> None:
    other = pods({"env": env(REDIS_URL="redis://others:6379")})
    other["metadata"]["name"] = "other"
    other["spec"]["selector"]["matchLabels"] = other["spec"]["template"]["metadata"]["labels"] = {
        **PREPARED,
        "app": "other",
    }
    objects = [pods({"env": env(REDIS_URL="redis://redis:6379")}), other]
    own = {"name": "web", "laneOnly": {"env": {"web": {"REDIS_URL": "redis://others:6379"}}}}
    assert stores(tmp_path, objects, services=[own]) == {"store/others": "Redis"}


def test_a_store_that_the_lane_copies_is_its_own_once_its_name_is_written(tmp_path: Path) -> None:
    labels = {**PREPARED, "app": "redis"}
    redis = workload(labels=labels, pod={"containers": [{"name": "redis", "image": "redis:7"}]})
    redis["metadata"]["name"] = "redis"
    service = an_object("Service", {"selector": labels, "ports": [{"port": 6379}]}, name="redis")
    objects = [pods({"env": env(REDIS_URL="redis://redis:6379")}), redis, service]
    both = [{"name": "web", "rewriteText": True}, {"name": "redis"}]
    assert stores(tmp_path / "a", objects, services=both) == {}
    assert stores(tmp_path / "b", objects, services=[{"name": "web"}, {"name": "redis"}]) == {"store/redis": "Redis"}


def test_one_note_for_the_release_and_with_strict_a_decision_for_each(tmp_path: Path) -> None:
    objects = [pods({"env": env(A="redis://redis:6379", B="mysql://db/web")})]
    findings, _ = build(tmp_path / "a", objects)
    [note] = [item for item in findings if item["code"] == "GC562"]
    assert note["severity"] == "note"
    assert "store/redis" in note["message"]
    assert "store/db" in note["message"]
    run = run_grayc(["build", "release.yaml", "-o", "out2", "-f", "json", "--strict"], folder=tmp_path / "a")
    told = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC562"]
    assert run.status == 1
    assert [(item["object"], item["severity"]) for item in told] == [
        ("store/redis", "warning"),
        ("store/db", "warning"),
    ]
    accept = [{"code": "GC562", "object": name, "reason": "read alike"} for name in ("store/redis", "store/db")]
    write_release(tmp_path / "b", objects, accept=accept)
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json", "--strict"], folder=tmp_path / "b")
    told = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC562"]
    assert run.status == 0
    assert [item["accepted"] for item in told] == ["read alike"] * 2


def test_accepting_a_store_that_is_not_shared_is_an_error(tmp_path: Path) -> None:
    accept = [{"code": "GC562", "object": "store/redis", "reason": "none"}]
    findings, _ = build(tmp_path, [pods()], accept=accept)
    assert [code for code, _ in with_code(findings, "GC330")] == ["GC330"]


def test_a_volume_that_is_only_read_is_listed_and_asks_for_nothing(tmp_path: Path) -> None:
    volume = {"name": "d", "persistentVolumeClaim": {"claimName": "models"}}
    objects = [pods({"volumeMounts": [{"name": "d", "mountPath": "/d", "readOnly": True}]}, volumes=[volume])]
    made = plan(tmp_path, objects)
    assert [(row["store"], row["readOnly"]) for row in made["stores"]] == [("store/pvc/models", True)]
    run = run_grayc(["plan", "release.yaml", "--strict", "-f", "json"], folder=tmp_path)
    assert "GC562" not in {item["code"] for item in json.loads(run.stdout)["diagnostics"]}


def test_stores_that_no_text_names_are_told(tmp_path: Path) -> None:
    made = plan(tmp_path, [pods(), a_store("orders-db", "mongo:7"), a_service("orders-db", 27017)])
    assert made["storesUnnamed"] == ["orders-db"]
    assert "stores" not in made


def shared(count: int) -> list[Object]:
    data = {f"S{at}_REDIS_HOST": f"redis-{at}.example.com" for at in range(count)}
    return [pods({"envFrom": [{"configMapRef": {"name": "all"}}]}), an_object("ConfigMap", name="all", data=data)]


@pytest.mark.parametrize(("count", "expected"), [(500, []), (503, [("GC564", "ConfigMap/all")])])
def test_an_object_that_is_too_long_to_look_at_whole_is_told(
    count: int, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    findings, _ = build(tmp_path, shared(count))
    assert [(each["code"], each["object"]) for each in findings if each["code"] == "GC564"] == expected


def test_a_variable_that_is_too_long_to_look_at_whole_is_told(tmp_path: Path) -> None:
    text = json.dumps({f"s{at}": {"redis": {"host": f"redis-{at}.example.com"}} for at in range(501)})
    findings, _ = build(tmp_path, [pods({"env": env(SPRING_APPLICATION_JSON=text)})])
    assert [each["object"] for each in findings if each["code"] == "GC564"] == ["Deployment/web"]


def test_of_what_a_mount_shows_only_its_sub_path_counts(tmp_path: Path) -> None:
    mount = [{"name": "c", "mountPath": "/c/a.yaml", "subPath": "a.yaml"}]
    data = {"a.yaml": "redis: {host: redis-a}", "b.yaml": "redis: {host: redis-b}"}
    objects = [pods({"volumeMounts": mount}, **MOUNTED), an_object("ConfigMap", name="conf", data=data)]
    assert stores(tmp_path, objects) == {"store/redis-a": "Redis"}


def test_of_two_objects_with_one_variable_the_last_counts_with_its_prefix(tmp_path: Path) -> None:
    sources = [
        {"configMapRef": {"name": "first"}},
        {"configMapRef": {"name": "other"}, "prefix": "OTHER_"},
        {"configMapRef": {"name": "last"}},
    ]
    held = {"first": "redis-first", "other": "redis-other", "last": "redis-last"}
    configs = [an_object("ConfigMap", name=name, data={"REDIS_HOST": host}) for name, host in held.items()]
    found = stores(tmp_path, [pods({"envFrom": sources}), *configs])
    assert set(found) == {"store/redis-other", "store/redis-last"}


def test_a_users_name_masks_no_name_of_an_object(tmp_path: Path) -> None:
    write_release(tmp_path, [pods({"env": env(DATABASE_URL="postgres://web:hunter2pw@pg.example.com/web")})])
    told = run_grayc(["plan", "release.yaml"], folder=tmp_path).stderr
    assert "gray pods of `web` use" in told
    assert "hunter2pw" not in told
