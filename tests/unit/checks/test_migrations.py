"""A gray container that changes the schema of a database that production uses needs a decision."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, workload, write_release
from tests.vectors import rows

IMAGE = "registry.example.com/web:1"
URL = [{"name": "DATABASE_URL", "value": "postgres://u:p@pg.example.com/web"}]


def init(*command: str, image: str = IMAGE, name: str = "prepare", **fields: Any) -> list[Object]:
    one = {"name": name, "image": image, "env": URL, **({"command": [*command]} if command else {}), **fields}
    return [workload(pod={"initContainers": [one]})]


def main(*command: str, env: list[Object] | None = None, **fields: Any) -> list[Object]:
    one = {"name": "web", "image": IMAGE, "env": [*URL, *(env or [])], **fields}
    return [workload(pod={"containers": [{**one, **({"command": [*command]} if command else {})}]})]


def env(**values: str) -> list[Object]:
    return main(env=[{"name": name, "value": value} for name, value in values.items()])


def file(key: str, text: str, *variables: Object, command: tuple[str, ...] = ()) -> list[Object]:
    one = {"name": "web", "image": IMAGE, "env": [*URL, *variables], "volumeMounts": [{"name": "c", "mountPath": "/c"}]}
    pod = {
        "containers": [{**one, **({"command": [*command]} if command else {})}],
        "volumes": [{"name": "c", "configMap": {"name": "conf"}}],
    }
    return [workload(pod=pod), an_object("ConfigMap", name="conf", data={key: text})]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """A row of `migrations.yaml`."""

    id: str
    init: list[str] | None = None
    shell: str | None = None
    main: tuple[str, ...] = ()
    image: str = IMAGE
    name: str = "prepare"
    args: list[str] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    text: str = ""
    lifecycle: Object | None = None
    pod: Object | None = None

    def objects(self) -> list[Object]:
        """Return the workload, and the ConfigMap of its file."""
        variables = [{"name": name, "value": value} for name, value in self.env.items()]
        command = self.init if self.shell is None else ["sh", "-c", self.shell]
        ways = (self.pod, self.init, self.shell, self.file or None, self.lifecycle)
        assert sum(way is not None for way in ways) <= 1, "a row is one of these"
        if self.pod is not None:
            return [workload(pod=self.pod)]
        if self.file:
            return file(self.file, self.text, *variables, command=self.main)
        if command is not None:
            fields = {} if self.args is None else {"args": self.args}
            return init(*command, image=self.image, name=self.name, env=[*URL, *variables], **fields)
        return main(*self.main, env=variables, **({} if self.lifecycle is None else {"lifecycle": self.lifecycle}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Pods):
    """Pods that migrate, and the word for the tool in what is told."""

    shown: str


@pytest.mark.parametrize("row", rows(__file__, "migrations.yaml", Told, table="told"), ids=lambda row: row.id)
def test_a_migration_of_productions_database_is_told(row: Told, tmp_path: Path) -> None:
    findings, made = build(tmp_path, row.objects())
    [told] = [item for item in findings if item["code"] == "GC563"]
    assert told["object"] == "Deployment/web"
    assert "`store/pg.example.com` (PostgreSQL)" in told["message"]
    assert row.shown in told["message"]
    assert made == []


@pytest.mark.parametrize("row", rows(__file__, "migrations.yaml", Pods, table="quiet"), ids=lambda row: row.id)
def test_what_changes_no_schema_of_production_is_no_finding(row: Pods, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, row.objects())
    assert [item["message"] for item in findings if item["code"] == "GC563"] == []


def test_a_lane_without_pods_migrates_nothing(tmp_path: Path) -> None:
    findings, _ = build(tmp_path, init("alembic", "upgrade", "head"), services=[{"name": "web", "replicas": 0}])
    assert [item["code"] for item in findings if item["code"] == "GC563"] == []


def test_a_database_that_no_manifest_shows_is_told(tmp_path: Path) -> None:
    made = workload(
        pod={"initContainers": [{"name": "schema", "image": IMAGE, "command": ["alembic", "upgrade", "head"]}]}
    )
    findings, _ = build(tmp_path, [made])
    [told] = [item for item in findings if item["code"] == "GC563"]
    assert "address the manifests do not show" in told["message"]
    assert "init container `schema` of gray `Deployment/web`" in told["message"]


DECISIONS: dict[str, tuple[list[Object], Object, list[Object]]] = {
    "another database": (
        init("alembic", "upgrade", "head"),
        {"laneOnly": {"env": {"prepare": {"DATABASE_URL": "postgres://u:p@gray.example.com/web"}}}},
        [],
    ),
    "switched off": (
        env(SPRING_FLYWAY_LOCATIONS="classpath:db"),
        {"laneOnly": {"env": {"web": {"SPRING_FLYWAY_ENABLED": "false"}}}},
        [],
    ),
    "taken out": (
        init("alembic", "upgrade", "head"),
        {
            "laneOnly": {
                "patches": [
                    {
                        "target": {"kind": "Deployment", "name": "web"},
                        "json6902": [{"op": "remove", "path": "/spec/template/spec/initContainers"}],
                    }
                ]
            }
        },
        [],
    ),
    "accepted": (
        init("alembic", "upgrade", "head"),
        {},
        [{"code": "GC563", "object": "Deployment/web", "reason": "a new table only"}],
    ),
}


@pytest.mark.parametrize(("objects", "service", "accept"), DECISIONS.values(), ids=DECISIONS)
def test_each_decision_lets_it_be_built(
    objects: list[Object], service: Object, accept: list[Object], tmp_path: Path
) -> None:
    findings, made = build(tmp_path, objects, services=[{"name": "web", **service}], accept=accept)
    assert [item["code"] for item in findings if item["severity"] == "error"] == []
    assert made


def test_no_password_of_a_command_is_told(tmp_path: Path) -> None:
    write_release(tmp_path, init("migrate", "-database", "postgres://u:hunter2@pg.example.com/web", "-p=hunter2", "up"))
    run = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path)
    [told] = [item for item in json.loads(run.stdout)["diagnostics"] if item["code"] == "GC563"]
    assert "hunter2" not in json.dumps(told)


def secret(key: str, text: str) -> Object:
    return an_object("Secret", name="conf", data={key: base64.b64encode(text.encode()).decode()})


SECRET_FILE = "spring: {jpa: {hibernate: {ddl-auto: update}}, datasource: {password: hunter2xyz}}"
IN_SECRETS: dict[str, tuple[list[Object], Object]] = {
    "file": (
        [
            workload(
                pod={
                    "containers": [
                        {"name": "web", "image": IMAGE, "env": URL, "volumeMounts": [{"name": "c", "mountPath": "/c"}]}
                    ],
                    "volumes": [{"name": "c", "secret": {"secretName": "conf"}}],
                }
            )
        ],
        secret("application.yaml", SECRET_FILE),
    ),
    "projected file": (
        [
            workload(
                pod={
                    "containers": [
                        {"name": "web", "image": IMAGE, "env": URL, "volumeMounts": [{"name": "c", "mountPath": "/c"}]}
                    ],
                    "volumes": [{"name": "c", "projected": {"sources": [{"secret": {"name": "conf"}}]}}],
                }
            )
        ],
        an_object("Secret", name="conf", stringData={"application.yaml": SECRET_FILE}),
    ),
    "variables": (
        main(envFrom=[{"secretRef": {"name": "conf"}}]),
        secret("SPRING_JPA_HIBERNATE_DDL_AUTO", "update"),
    ),
    "variable": (
        main(
            env=[
                {
                    "name": "SPRING_JPA_HIBERNATE_DDL_AUTO",
                    "valueFrom": {"secretKeyRef": {"name": "conf", "key": "ddl"}},
                }
            ]
        ),
        secret("ddl", "update"),
    ),
}


@pytest.mark.parametrize(("objects", "held"), IN_SECRETS.values(), ids=IN_SECRETS)
def test_settings_in_secrets_count_and_are_told_by_name_alone(
    objects: list[Object], held: Object, tmp_path: Path
) -> None:
    findings, _ = build(tmp_path, [*objects, held])
    [told] = [finding for finding in findings if finding["code"] == "GC563"]
    assert "ddl" in told["message"].lower()
    assert "update" not in told["message"]
    assert "hunter2xyz" not in json.dumps(findings)


@pytest.mark.parametrize(
    ("check", "codes"),
    [
        ({"command": ["python", "manage.py", "migrate"]}, ["GC563"]),
        ({"command": ["flyway", "migrate"], "env": {"FLYWAY_URL": "jdbc:mysql://pg.example.com/web"}}, ["GC563"]),
        ({"command": ["python", "manage.py", "migrate", "--check"]}, []),
        ({"command": ["/smoke"]}, []),
    ],
)
def test_a_check_of_the_lane_that_migrates_is_told(check: Object, codes: list[str], tmp_path: Path) -> None:
    verify = [{"name": "smoke", "image": IMAGE, **check}]
    findings, _ = build(tmp_path / "a", main(), verify=verify)
    assert [finding["code"] for finding in findings if finding["code"] == "GC563"] == codes
    if codes:
        accept = [{"code": "GC563", "object": "verify/smoke", "reason": "a database of the lane's own"}]
        findings, made = build(tmp_path / "b", main(), verify=verify, accept=accept)
        assert [item["code"] for item in findings if item["severity"] == "error"] == []
        assert made


def test_golang_migrate_of_mysql_is_told(tmp_path: Path) -> None:
    for number, made in enumerate(
        (
            init("migrate", "-path", "/m", "-database", "mysql://u:pw@tcp(m.example.com:3306)/x", "up", env=[]),
            init("sh", "-c", 'migrate -database "mysql://u:p/w@tcp(m.example.com:3306)/x" up', env=[]),
            init("migrate", "-path", "/m", "-database", "u:pw@tcp(m.example.com:3306)/x", "up", env=[]),
            init(image="migrate/migrate:4", args=["-database", "mysql://u@tcp(m.example.com)/x", "up"], env=[]),
        )
    ):
        findings, _ = build(tmp_path / str(number), made)
        [told] = [item for item in findings if item["code"] == "GC563"]
        assert "`store/m.example.com` (MySQL)" in told["message"]
        assert "`migrate up`" in told["message"]
