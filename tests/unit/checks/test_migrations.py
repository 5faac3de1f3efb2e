"""A gray container that changes the schema of a database that production uses needs a decision."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, workload, write_release

IMAGE = "registry.example.com/web:1"
URL = [{"name": "DATABASE_URL", "value": "postgres://u:p@pg.example.com/web"}]


def init(*command: str, image: str = IMAGE, name: str = "prepare", **fields: Any) -> list[Object]:
    one = {"name": name, "image": image, "env": URL, **({"command": [*command]} if command else {}), **fields}
    return [workload(pod={"initContainers": [one]})]


def shell(text: str) -> list[Object]:
    return init("sh", "-c", text)


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


def tool(image: str, *args: str) -> list[Object]:
    return init(image=image, args=[*args])


TOLD: dict[str, tuple[list[Object], str]] = {
    "sqlx by its short names": (init("sqlx", "mig", "run"), "sqlx"),
    "sqlx, a new database": (init("sqlx", "db", "reset", "-y"), "sqlx"),
    "Diesel, a new database": (init("diesel", "setup"), "Diesel"),
    "TypeORM writes its table": (init("npx", "typeorm", "migration:run", "--fake"), "TypeORM"),
    "Django": (init("python", "manage.py", "migrate", "--noinput"), "Django"),
    "Django in one item": (init("python", "manage.py migrate"), "Django"),
    "Django before the server": (main("sh", "-c", "python manage.py migrate && exec gunicorn web"), "Django"),
    "Django unless it is done": (
        shell("if ! python manage.py migrate --check; then python manage.py migrate; fi"),
        "Django",
    ),
    "Rails": (init("bundle", "exec", "rails", "db:migrate"), "Rails"),
    "Rails or set up": (shell("bundle exec rake db:migrate || bundle exec rake db:setup"), "Rails"),
    "bin/rails": (init("bin/rails", "db:prepare"), "Rails"),
    "Alembic": (init("alembic", "-c", "/a.ini", "upgrade", "head"), "Alembic"),
    "Flask": (init("flask", "db", "upgrade"), "Flask-Migrate"),
    "Prisma": (shell("npx prisma migrate deploy"), "Prisma"),
    "Prisma without migrations": (shell("npx prisma db push --accept-data-loss"), "Prisma"),
    "Sequelize": (init("npx", "sequelize-cli", "db:migrate"), "Sequelize"),
    "TypeORM": (init("npx", "typeorm", "migration:run", "-d", "dist/source.js"), "TypeORM"),
    "TypeORM by node": (shell("node ./node_modules/typeorm/cli.js migration:run"), "TypeORM"),
    "Knex": (init("npx", "knex", "migrate:latest"), "Knex"),
    "golang-migrate": (init("migrate", "-path", "/m", "-database", "$(DATABASE_URL)", "up"), "golang-migrate"),
    "goose": (init("goose", "-dir", "/m", "postgres", "$(DATABASE_URL)", "up"), "goose"),
    "dbmate": (init("dbmate", "--wait", "up"), "dbmate"),
    "sqlx": (init("cargo", "sqlx", "migrate", "run"), "sqlx"),
    "Diesel": (init("diesel", "migration", "run"), "Diesel"),
    "EF Core": (init("dotnet", "ef", "database", "update"), "EF Core"),
    "EF Core's bundle": (init("./efbundle", "--connection", "x"), "EF Core"),
    "Laravel": (init("php", "artisan", "migrate", "--force"), "Laravel"),
    "Doctrine": (init("php", "bin/console", "doctrine:migrations:migrate", "-n"), "Doctrine"),
    "Doctrine's schema tool": (init("bin/console", "doctrine:schema:update", "--dump-sql", "--force"), "Doctrine"),
    "Ecto": (init("mix", "ecto.migrate"), "Ecto"),
    "Atlas": (init("atlas", "migrate", "apply", "--url", "x"), "Atlas"),
    "Airflow": (init("airflow", "db", "migrate"), "Airflow"),
    "SQL": (shell("psql $DATABASE_URL -c 'ALTER TABLE orders ADD COLUMN note text'"), "SQL"),
    "SQL of a file": (shell("mysql -h db web < /sql/schema.sql"), "SQL"),
    "script of a package": (init("npm", "run", "db:migrate"), "`npm run db:migrate`"),
    "script": (init("./scripts/run-migrations.sh"), "run-migrations.sh"),
    "set up in an init container": (init("./bin/setup-db"), "setup-db"),
    "Flyway's image": (tool("flyway/flyway:11", "-url=jdbc:postgresql://pg.example.com/web", "migrate"), "Flyway"),
    "Liquibase's image": (tool("docker.io/liquibase/liquibase:5", "--changelog-file=c.xml", "update"), "Liquibase"),
    "image of golang-migrate": (tool("migrate/migrate:v4", "-path=/m", "-database=x", "up"), "golang-migrate"),
    "image of dbmate": (tool("ghcr.io/amacneil/dbmate:2", "migrate"), "dbmate"),
    "name of an init container": (init(name="db-migrate"), "name `db-migrate`"),
    "image's name": (init(image="registry.example.com/web-migrations:3"), "image `web-migrations`"),
    "named after a migration, of an own program": (init("/app/web", "--once", name="db-migrate"), "name `db-migrate`"),
    "Hydra": (init("hydra", "migrate", "sql", "-e", "--yes"), "Hydra"),
    "Kong": (init("kong", "migrations", "up"), "Kong"),
    "OpenFGA": (init("openfga", "migrate"), "OpenFGA"),
    "Sqitch": (init("sqitch", "deploy"), "Sqitch"),
    "Aerich": (init("aerich", "upgrade"), "Aerich"),
    "yoyo": (init("yoyo", "apply", "--batch"), "yoyo"),
    "tern": (init("tern", "migrate"), "tern"),
    "Odoo": (init("odoo", "-u", "all"), "Odoo"),
    "Drush": (init("drush", "updb", "-y"), "Drush"),
    "WordPress": (init("wp", "core", "update-db"), "WordPress"),
    "Liquibase of Maven": (init("mvn", "liquibase:update"), "Liquibase"),
    "Flyway by its class": (shell("java -cp /x org.flywaydb.commandline.Main migrate"), "Flyway"),
    "Phoenix": (shell('bin/app eval "App.Release.migrate"'), "Ecto"),
    "SQL behind a variable": (shell("PGPASSWORD='x' psql -c \"ALTER ROLE a; ALTER TABLE b ADD c int\""), "SQL"),
    "SQL of a here-document": (shell("psql $DATABASE_URL <<EOF\nCREATE TABLE a(b int);\nEOF\n"), "SQL"),
    "SQL of a mounted file": (
        file("x.sql", "ALTER TABLE a ADD COLUMN b int;\n", command=("psql", "-f", "/c/x.sql")),
        "SQL",
    ),
    "program in a variable": (
        init("$(TOOL)", "migrate", env=[*URL, {"name": "TOOL", "value": "flyway"}]),
        "flyway migrate",
    ),
    "deed in a variable": (
        init("sh", "-c", "python manage.py $(DO)", env=[*URL, {"name": "DO", "value": "migrate"}]),
        "Django",
    ),
    "TypeORM's synchronize": (env(TYPEORM_SYNCHRONIZE="true"), "TypeORM"),
    "TypeORM's migrations": (env(TYPEORM_MIGRATIONS_RUN="true"), "TypeORM"),
    "TypeORM's file": (file("ormconfig.json", '{"synchronize": true}'), "TypeORM"),
    "Hibernate's file": (
        file("hibernate.cfg.xml", '<property name="hibernate.hbm2ddl.auto">update</property>'),
        "Hibernate",
    ),
    "file of persistence units": (
        file(
            "persistence.xml",
            '<property name="jakarta.persistence.schema-generation.database.action" value="update"/>',
        ),
        "Hibernate",
    ),
    "settings of .NET": (file("appsettings.json", '{"Database":{"AutoMigrate":true}}'), "AutoMigrate"),
    "hook": (main(lifecycle={"postStart": {"exec": {"command": ["alembic", "upgrade", "head"]}}}), "Alembic"),
    "ddl-auto": (env(SPRING_JPA_HIBERNATE_DDL_AUTO="update"), "Hibernate"),
    "ddl-auto as an argument": (main("java", "-jar", "a.jar", "--spring.jpa.hibernate.ddl-auto=create"), "Hibernate"),
    "ddl-auto as an option": (env(JAVA_TOOL_OPTIONS="-Xmx1g -Dspring.jpa.hibernate.ddl-auto=update"), "Hibernate"),
    "ddl-auto in JSON": (
        env(SPRING_APPLICATION_JSON='{"spring":{"jpa":{"hibernate":{"ddl-auto":"create-drop"}}}}'),
        "Hibernate",
    ),
    "ddl-auto in a file": (
        file("application.yaml", "spring:\n  jpa:\n    hibernate:\n      ddl-auto: update\n"),
        "Hibernate",
    ),
    "ddl-auto by a default": (
        file("application.properties", "spring.jpa.hibernate.ddl-auto=${DDL:update}\n"),
        "Hibernate",
    ),
    "Hibernate's own": (env(SPRING_JPA_PROPERTIES_HIBERNATE_HBM2DDL_AUTO="update"), "Hibernate"),
    "Quarkus": (env(QUARKUS_FLYWAY_MIGRATE_AT_START="true"), "Flyway"),
    "Flyway of Spring": (env(SPRING_FLYWAY_LOCATIONS="classpath:db"), "Flyway"),
    "Flyway in a file": (file("application.yaml", "spring:\n  flyway:\n    enabled: true\n"), "Flyway"),
    "Liquibase of Spring": (env(SPRING_LIQUIBASE_ENABLED="true"), "Liquibase"),
    "scripts of Spring": (env(SPRING_SQL_INIT_MODE="always"), "schema.sql"),
    "switch": (env(RUN_MIGRATIONS="true"), "RUN_MIGRATIONS"),
    "another switch": (env(DB_AUTO_MIGRATE="1"), "DB_AUTO_MIGRATE"),
    "mounted script": (
        file("start.sh", "#!/bin/sh\nset -e\nflask db upgrade\nexec web\n", command=("sh", "/c/start.sh")),
        "Flask-Migrate",
    ),
}

QUIET: dict[str, list[Object]] = {
    "SQL that is spoken of": shell("echo 'run psql and create table a' && exec /web"),
    "a mounted query": file("x.sql", "SELECT 1;\n", command=("psql", "-f", "/c/x.sql")),
    "Kong lists": init("kong", "migrations", "list"),
    "Hibernate's file validates": file(
        "hibernate.cfg.xml", '<property name="hibernate.hbm2ddl.auto">validate</property>'
    ),
    "TypeORM's file changes nothing": file("ormconfig.json", '{"synchronize": false}'),
    "named after a migration, copies": init("cp", "/a", "/b", name="migrate-api-config"),
    "named after a migration, copies in a shell": init("sh", "-c", "set -e; cp -r /a /b && echo done", name="migrate"),
    "named after a migration, speaks": init("echo", "skipped", name="migrate"),
    "named after a migration, owns": init("chown", "-R", "1000", "/data", name="volume-migration"),
    "named after a migration, moves": init("mv", "/etc/a", "/etc/b", name="config-migrator"),
    "JSON of Spring counts before variables": env(
        SPRING_APPLICATION_JSON='{"spring.jpa.hibernate.ddl-auto":"none"}', SPRING_JPA_HIBERNATE_DDL_AUTO="update"
    ),
    "script that is only read": file("run.sh", "flyway migrate\n", command=("cat", "/c/run.sh")),
    "Airflow prints": init("airflow", "db", "migrate", "--show-sql-only"),
    "Airflow looks": init("airflow", "db", "check-migrations"),
    "sqlx lists": init("sqlx", "mig", "run", "--dry-run"),
    "Diesel looks": init("diesel", "migration", "pending"),
    "Django only looks": init("python", "manage.py", "migrate", "--check"),
    "Django's plan": init("python", "manage.py", "migrate", "--plan"),
    "Django shows": init("python", "manage.py", "showmigrations"),
    "Django writes files": init("python", "manage.py", "makemigrations", "--dry-run"),
    "Django serves": main("python", "manage.py", "runserver"),
    "Rails' status": init("rails", "db:migrate:status"),
    "Rails asks": init("bin/rails", "db:abort_if_pending_migrations"),
    "Alembic's state": init("alembic", "current"),
    "Alembic prints": init("alembic", "upgrade", "head", "--sql"),
    "Prisma's status": shell("npx prisma migrate status"),
    "Prisma makes code": shell("npx prisma generate"),
    "Laravel's status": init("php", "artisan", "migrate:status"),
    "Laravel pretends": init("php", "artisan", "migrate", "--pretend"),
    "Knex lists": init("npx", "knex", "migrate:list"),
    "goose's status": init("goose", "postgres", "x", "status"),
    "dbmate waits": init("dbmate", "wait"),
    "migrate's version": init("migrate", "-path", "/m", "-database", "x", "version"),
    "Kratos' status": init("kratos", "migrate", "sql", "status", "-e"),
    "WordPress compares": init("wp", "core", "update-db", "--dry-run"),
    "MikroORM prints": init("npx", "mikro-orm", "schema:update", "--dump"),
    "Doctrine prints": init("bin/console", "doctrine:schema:update", "--dump-sql"),
    "Flyway looks": tool("flyway/flyway:11", "info"),
    "Flyway validates": tool("flyway/flyway:11", "-url=x", "validate"),
    "Liquibase prints": tool("liquibase/liquibase:5", "update-sql"),
    "Liquibase's status": tool("liquibase/liquibase:5", "status"),
    "a word of others": shell("echo 'run alembic upgrade head first'"),
    "comment": shell("# flyway migrate\nexec /web"),
    "waits for a migration": init(
        name="wait-for-migrations", image="groundnuty/k8s-wait-for:v2", args=["job", "db-migrate"]
    ),
    "checks a migration": init("alembic", "check", name="check-migrations"),
    "waits for a database": init("sh", "-c", "until nc -z pg.example.com 5432; do sleep 1; done", name="init-db"),
    "query": shell("psql $DATABASE_URL -c 'select count(*) from orders'"),
    "ddl-auto: validate": env(SPRING_JPA_HIBERNATE_DDL_AUTO="validate"),
    "ddl-auto: none": file("application.yaml", "spring:\n  jpa:\n    hibernate:\n      ddl-auto: none\n"),
    "Hibernate's own counts first": env(
        SPRING_JPA_PROPERTIES_HIBERNATE_HBM2DDL_AUTO="validate", SPRING_JPA_HIBERNATE_DDL_AUTO="update"
    ),
    "variable over file": file(
        "application.yaml",
        "spring:\n  jpa:\n    hibernate:\n      ddl-auto: update\n",
        {"name": "SPRING_JPA_HIBERNATE_DDL_AUTO", "value": "validate"},
    ),
    "profile that is not active": file(
        "application-dev.yaml", "spring:\n  jpa:\n    hibernate:\n      ddl-auto: update\n"
    ),
    "Flyway is off": env(SPRING_FLYWAY_ENABLED="false", SPRING_FLYWAY_LOCATIONS="classpath:db"),
    "Liquibase is off": env(SPRING_LIQUIBASE_ENABLED="false"),
    "scripts for what is embedded": env(SPRING_SQL_INIT_MODE="embedded"),
    "switch that is off": env(RUN_MIGRATIONS="false"),
    "switch that skips": env(SKIP_MIGRATIONS="true", DISABLE_DB_MIGRATION="true"),
    "another migration": env(KAFKA_ZOOKEEPER_METADATA_MIGRATION_ENABLE="true", TRAFFIC_MIGRATION="true"),
    "where migrations are": env(MIGRATIONS_DIR="/migrations", MIGRATION_TABLE="schema_migrations"),
    "a service of that name": [workload(pod={"containers": [{"name": "data-migration", "image": IMAGE, "env": URL}]})],
    "script that is not run": file("migrate.sh", "#!/bin/sh\nflask db upgrade\n", command=("sh", "/c/start.sh")),
    "embedded database": [
        workload(
            pod={
                "containers": [
                    {
                        "name": "web",
                        "image": IMAGE,
                        "env": [
                            {"name": "SPRING_DATASOURCE_URL", "value": "jdbc:h2:mem:web"},
                            {"name": "SPRING_JPA_HIBERNATE_DDL_AUTO", "value": "update"},
                        ],
                    }
                ]
            }
        )
    ],
    "database beside the program": [
        workload(
            pod={
                "initContainers": [{"name": "schema", "image": IMAGE, "command": ["alembic", "upgrade", "head"]}],
                "containers": [
                    {"name": "web", "image": IMAGE, "env": [{"name": "DB_HOST", "value": "localhost"}]},
                    {"name": "db", "image": "postgres:16"},
                ],
            }
        )
    ],
}


@pytest.mark.parametrize(("objects", "shown"), TOLD.values(), ids=TOLD)
def test_a_migration_of_productions_database_is_told(objects: list[Object], shown: str, tmp_path: Path) -> None:
    findings, made = build(tmp_path, objects)
    [told] = [item for item in findings if item["code"] == "GC563"]
    assert told["object"] == "Deployment/web"
    assert "`store/pg.example.com` (PostgreSQL)" in told["message"]
    assert shown in told["message"]
    assert made == []


@pytest.mark.parametrize("objects", QUIET.values(), ids=QUIET)
def test_what_changes_no_schema_of_production_is_no_finding(objects: list[Object], tmp_path: Path) -> None:
    findings, _ = build(tmp_path, objects)
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
