"""How programs are told to change the schema of their database: commands, images, settings.

Each row names its source; what is a habit of people and no rule of a program says so. Read in the tools' own
repositories: Flyway, Liquibase, Alembic, Flask-Migrate, Sequelize, Knex, MikroORM, Drizzle, golang-migrate, goose,
dbmate, sqlx, Diesel, Doctrine's ORM, Phinx, Ecto, Airflow, Superset, Hydra, Kratos, Keto, OpenFGA, Sqitch, Kong,
Aerich, tern, Drush, WP-CLI, Phoenix and Spring Boot; seen in excerpts of their documentation or of pages about them,
and not opened: Prisma, Rails, Django, Laravel, Quarkus, TypeORM, EF Core, Doctrine Migrations and Atlas.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from grayc.patterns import compile_later
from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class Migrator:
    """A row of `MIGRATORS`: a command that changes a schema.

    Attributes:
        words: that stand in the command, in order; of a path its last part counts. The last is what the program does.
        but: options that make it only look, or write nothing.
    """

    tool: str
    words: tuple[str, ...]
    but: frozenset[str] = frozenset()


def _rows(tool: str, program: tuple[str, ...], *deeds: str, but: tuple[str, ...] = ()) -> tuple[Migrator, ...]:
    return tuple(Migrator(tool, (*program, *deed.split()), frozenset(but)) for deed in deeds)


MIGRATORS: tuple[Migrator, ...] = (
    # flyway/flyway-docker 07dc79b, dockerfiles/Dockerfile: `ENTRYPOINT ["flyway"]`; documentation.red-gate
    # .com, "Commands": info, validate and check only look; `-dryRunOutput` writes a file.
    *_rows("Flyway", ("flyway",), "migrate", "clean", "undo", "repair", "baseline"),
    # liquibase/docker, docker-entrypoint.sh: all arguments are Liquibase's; docs.liquibase.com, "Commands": update-sql
    # and status only look.
    *_rows(
        "Liquibase",
        ("liquibase",),
        *("update", "update-count", "update-to-tag", "updateCount", "updateToTag", "rollback", "rollback-count"),
        *("drop-all", "dropAll"),
    ),
    # sqlalchemy/alembic, alembic/command.py and config.py: `--sql` prints; current, check and history look.
    *_rows("Alembic", ("alembic",), "upgrade", "downgrade", "stamp", but=("--sql",)),
    # miguelgrinberg/Flask-Migrate, src/flask_migrate/cli.py: the group `db`; `--sql` dumps; `flask db migrate` writes a
    # file.
    *_rows("Flask-Migrate", ("flask", "db"), "upgrade", "downgrade", "stamp", but=("--sql",)),
    # prisma.io/docs, "CLI", `migrate` and `db`: deploy applies what is pending, push changes without a
    # migration; status and diff look.
    *_rows("Prisma", ("prisma",), "migrate deploy", "migrate dev", "migrate reset", "db push"),
    # rails/rails, activerecord/lib/active_record/railties/databases.rake (as its tasks are listed by `rails -T db`).
    *(
        row
        for program in ("rails", "rake")
        for row in _rows(
            "Rails",
            (program,),
            *("db:migrate", "db:prepare", "db:setup", "db:schema:load", "db:structure:load", "db:rollback", "db:reset"),
            *("db:migrate:up", "db:migrate:down", "db:migrate:redo", "db:migrate:reset", "db:migrate:with_data"),
        )
    ),
    # django/django, django/core/management/commands/migrate.py: `--check` and `--plan` only look; pull 9968.
    *_rows("Django", ("manage.py",), "migrate", "syncdb", but=("--check", "--plan")),
    *_rows("Django", ("django-admin",), "migrate", "syncdb", but=("--check", "--plan")),
    # sequelize/cli, src/sequelize.js: `db:migrate:status` looks.
    *(
        row
        for program in ("sequelize", "sequelize-cli")
        for row in _rows("Sequelize", (program,), "db:migrate", "db:migrate:undo", "db:migrate:undo:all", "db:create")
    ),
    # typeorm.io/docs, "Using CLI" and "Faking Migrations and Rollbacks": `--fake` writes into the migrations table all
    # the same; `migration:show` and `schema:log` look.
    *(
        row
        for program in ("typeorm", "typeorm-ts-node-commonjs", "typeorm-ts-node-esm", "cli.js")
        for row in _rows("TypeORM", (program,), "migration:run", "migration:revert", "schema:sync", "schema:drop")
    ),
    # knex/knex, bin/cli.js: list and status look.
    *_rows("Knex", ("knex",), "migrate:latest", "migrate:up", "migrate:down", "migrate:rollback"),
    # mikro-orm/mikro-orm, docs/docs/migrations.md: list, check and pending look, create writes a file; schema:update by
    # people's scripts, with `--run`, and `--dump` prints. drizzle-team/drizzle-orm, drizzle-kit/src/cli/schema.ts.
    *_rows("MikroORM", ("mikro-orm",), "migration:up", "migration:down", "migration:fresh"),
    *_rows("MikroORM", ("mikro-orm",), "schema:update", but=("--dump",)),
    *_rows("Drizzle", ("drizzle-kit",), "migrate", "push"),
    # golang-migrate/migrate, cmd/migrate/README.md: `version` looks, `create` writes files.
    *_rows("golang-migrate", ("migrate",), "up", "down", "goto", "drop", "force"),
    # pressly/goose, README.md: status, version, validate and create do not change the schema.
    *_rows("goose", ("goose",), "up", "up-by-one", "up-to", "down", "down-to", "redo", "reset"),
    # amacneil/dbmate, README.md: `wait`, `status`, `dump` and `new` do not change the schema.
    *_rows("dbmate", ("dbmate",), "up", "migrate", "rollback", "down", "drop", "load", "create"),
    # launchbadge/sqlx fbcc537, sqlx-cli/src/opt.rs: `db` is `database`, `mig` is `migrate`; `--dry-run` lists; `migrate
    # info` looks.
    *(
        row
        for group, deeds in (("database", ("setup", "reset", "drop")), ("migrate", ("run", "revert")))
        for alias in (group, {"database": "db", "migrate": "mig"}[group])
        for row in _rows("sqlx", ("sqlx", alias), *deeds, but=("--dry-run",))
    ),
    # diesel-rs/diesel 012ca49, diesel_cli/src/cli.rs: `db` is `database`; `setup` runs migrations; `migration list` and
    # `pending` look.
    *_rows("Diesel", ("diesel",), "migration run", "migration revert", "migration redo", "setup"),
    *_rows("Diesel", ("diesel",), "database reset", "database drop", "db setup", "db reset", "db drop"),
    # nuget.org, dotnet-ef 10.0.7: `dotnet ef database update` and `drop`; dotnet/efcore, issue 33589: a bundle is
    # called `efbundle` where nobody gives another name.
    *_rows("EF Core", ("ef",), "database update", "database drop"),
    *_rows("EF Core", ("dotnet-ef",), "database update", "database drop"),
    *_rows("EF Core", ("efbundle",), ""),
    # laravel/framework, MigrateCommand.php: `--pretend` prints; migrate:status looks.
    *_rows(
        "Laravel",
        ("artisan",),
        *("migrate", "migrate:fresh", "migrate:refresh", "migrate:reset", "migrate:rollback", "db:wipe"),
        but=("--pretend",),
    ),
    # doctrine-project.org, Migrations, "Managing Migrations", and doctrine/migrations, issue 806: `--dry-run`.
    # doctrine/orm, UpdateCommand.php: without `--force` it executes nothing, and with it though `--dump-sql` is there.
    *_rows(
        "Doctrine",
        ("console",),
        *("doctrine:migrations:migrate", "doctrine:schema:create"),
        but=("--dry-run", "--dump-sql"),
    ),
    *_rows("Doctrine", ("console",), "doctrine:schema:update --force", "doctrine:schema:update -f"),
    # cakephp/phinx, docs/en/commands.rst: `--dry-run` prints; `-x` is its short form in src/Phinx/Console/Command.
    *_rows("Phinx", ("phinx",), "migrate", "rollback", but=("--dry-run", "-x")),
    # elixir-ecto/ecto_sql, lib/mix/tasks/ecto.migrate.ex; setup and reset are aliases of Phoenix' template.
    *_rows("Ecto", ("mix",), "ecto.migrate", "ecto.rollback", "ecto.setup", "ecto.reset"),
    # atlasgo.io, "Applying Schema Migrations" and "Atlas Schema Migrations" (quick reference): `--dry-run` previews.
    *_rows("Atlas", ("atlas",), "migrate apply", "schema apply", but=("--dry-run",)),
    # apache/airflow 00c4d75, airflow/cli/cli_config.py: `--show-sql-only` prints; check and check-migrations look. Of
    # `reset`, `-s` is another option. apache/superset, docker/docker-init.sh: `superset db upgrade`.
    *_rows("Airflow", ("airflow", "db"), "migrate", "upgrade", "downgrade", "init", "reset", but=("--show-sql-only",)),
    *_rows("Superset", ("superset", "db"), "upgrade"),
    # ory/hydra, cmd/migrate_sql.go; ory/kratos, cmd/migrate/sql.go: `sql status` looks; ory/keto, cmd/migrate/up.go;
    # openfga/openfga, cmd/migrate/migrate.go.
    *_rows("Hydra", ("hydra", "migrate"), "sql", but=("status",)),
    *_rows("Kratos", ("kratos", "migrate"), "sql", but=("status",)),
    *_rows("Keto", ("keto", "migrate"), "up"),
    *_rows("OpenFGA", ("openfga",), "migrate"),
    # sqitchers/sqitch, lib/sqitch-deploy.pod: `--log-only` runs no script.
    *_rows("Sqitch", ("sqitch",), "deploy", "revert", "rebase", but=("--log-only",)),
    # Kong/kong, kong/cmd/migrations.lua: `list` looks. tortoise/aerich, aerich/cli.py: `migrate` writes a file, heads
    # and history look. yoyo: `apply`, `rollback` and `list` in people's scripts; its own sources were not to be had.
    # jackc/tern, main.go: status looks.
    *_rows("Kong", ("kong", "migrations"), "up", "finish", "bootstrap", "reset"),
    *_rows("Aerich", ("aerich",), "upgrade", "downgrade", "init-db"),
    *_rows("yoyo", ("yoyo",), "apply", "rollback"),
    *_rows("tern", ("tern",), "migrate"),
    # Goals `liquibase:update` and `flyway:migrate` in people's scripts; Flyway's main class in its own start script.
    *_rows("Liquibase", ("mvn",), "liquibase:update", "liquibase:rollback", "liquibase:dropAll"),
    *_rows("Liquibase", ("mvnw",), "liquibase:update", "liquibase:rollback", "liquibase:dropAll"),
    *_rows("Flyway", ("mvn",), "flyway:migrate", "flyway:clean"),
    *_rows("Flyway", ("mvnw",), "flyway:migrate", "flyway:clean"),
    *_rows("Flyway", ("org.flywaydb.commandline.Main",), "migrate", "clean", "undo", "repair", "baseline"),
    # drush-ops/drush, src/Commands/core/UpdateDBCommands.php: updatedb:status looks. wp-cli/core-command, README.md:
    # `--dry-run` compares versions. Odoo's server, odoo/tools/config.py: `-i` installs modules, `-u` updates them.
    *_rows("Drush", ("drush",), "updb", "updatedb"),
    *_rows("WordPress", ("wp",), "core update-db", but=("--dry-run",)),
    *_rows("Odoo", ("odoo",), "-u", "--update", "-i", "--init"),
)

IMAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    # Image without registry, tag and digest → tool, and the program that its entry starts. Sources: flyway/
    # flyway-docker, dockerfiles/Dockerfile; liquibase/docker, docker-entrypoint.sh; golang-migrate/migrate, Dockerfile;
    # amacneil/dbmate, Dockerfile. Of arigaio/atlas: by Dockerfiles of those who build on it.
    "flyway/flyway": ("Flyway", ("flyway",)),
    "redgate/flyway": ("Flyway", ("flyway",)),
    "flyway": ("Flyway", ("flyway",)),
    "boxfuse/flyway": ("Flyway", ("flyway",)),
    "liquibase/liquibase": ("Liquibase", ("liquibase",)),
    "liquibase": ("Liquibase", ("liquibase",)),
    "liquibase/liquibase-secure": ("Liquibase", ("liquibase",)),
    "migrate/migrate": ("golang-migrate", ("migrate",)),
    "amacneil/dbmate": ("dbmate", ("dbmate",)),
    "arigaio/atlas": ("Atlas", ("atlas",)),
}


def program_of_image(image: str) -> tuple[str, ...]:
    """Return the words that an image's entry puts before its arguments, none where it is no tool's."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    last = last.partition(":")[0]
    owner = head.rpartition("/")[2]
    for known in (f"{owner}/{last}" if slash else last, last):
        if known in IMAGES:
            return IMAGES[known][1]
    return ()


@dataclass(frozen=True, slots=True)
class SchemaSetting:
    """A row of `SCHEMA_SETTINGS`: a setting by which a program changes its schema when it starts.

    Attributes:
        name: of its key.
        changes: values by which it does.
    """

    tool: str
    name: str
    changes: frozenset[str]


_HBM = frozenset({"update", "create", "create-drop", "create-only", "drop", "drop-and-create", "truncate"})
_TRUE = frozenset({"true", "on", "yes", "1"})

SCHEMA_SETTINGS: tuple[SchemaSetting, ...] = (
    # spring-projects/spring-boot c329ffa: data-initialization.adoc; HibernateProperties.java: `none` and `validate`
    # change nothing; a property of Hibernate's own counts before `ddl-auto`.
    SchemaSetting("Hibernate", "spring.jpa.properties.hibernate.hbm2ddl.auto", _HBM),
    SchemaSetting("Hibernate", "spring.jpa.hibernate.ddl-auto", _HBM),
    SchemaSetting("Hibernate", "spring.jpa.generate-ddl", _TRUE),
    SchemaSetting("Hibernate", "hibernate.hbm2ddl.auto", _HBM),
    SchemaSetting("Hibernate", "jakarta.persistence.schema-generation.database.action", _HBM),
    SchemaSetting("Hibernate", "javax.persistence.schema-generation.database.action", _HBM),
    # quarkus.io, "Hibernate ORM", and "Using Flyway": nothing is migrated at the start where nobody says so.
    SchemaSetting("Hibernate", "quarkus.hibernate-orm.database.generation", _HBM),
    SchemaSetting("Hibernate", "quarkus.hibernate-orm.schema-management.strategy", _HBM),
    SchemaSetting("Flyway", "quarkus.flyway.migrate-at-start", _TRUE),
    # TypeORM 0.2 reads `TYPEORM_…` itself: seen as an excerpt of a page about a fork, deepwiki.com,
    # xiaojian-hong/typeorm-dm8, "Configuration files".
    SchemaSetting("TypeORM", "typeorm.synchronize", _TRUE),
    SchemaSetting("TypeORM", "typeorm.migrations-run", _TRUE),
    SchemaSetting("Flyway", "quarkus.flyway.clean-at-start", _TRUE),
    SchemaSetting("Liquibase", "quarkus.liquibase.migrate-at-start", _TRUE),
    # spring-boot c329ffa, DatabaseInitializationMode.java: `always` runs schema.sql on any database, `embedded` on one
    # in the program, which is the default. Before 2.5: `spring.datasource.initialization-mode`.
    SchemaSetting("schema.sql", "spring.sql.init.mode", frozenset({"always"})),
    SchemaSetting("schema.sql", "spring.datasource.initialization-mode", frozenset({"always"})),
)


SCHEMA_FILES: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    # Tool, name of the file, and what in it changes the schema. No source was opened: as programs in public have them.
    (
        "TypeORM",
        compile_later(r"ormconfig\.json"),
        compile_later(r"[\"'](?P<name>synchronize|migrationsRun)[\"']\s*:\s*true"),
    ),
    (
        "Hibernate",
        compile_later(r"hibernate\.cfg\.xml|persistence\.xml"),
        compile_later(
            r"\bname=[\"'](?P<name>(?:hibernate\.)?hbm2ddl\.auto"
            r"|(?:javax|jakarta)\.persistence\.schema-generation\.database\.action)[\"']\s*(?:>|value=[\"'])\s*"
            r"(?:update|create|create-drop|create-only|drop|drop-and-create)\s*[<\"']"
        ),
    ),
    (
        "EF Core",
        compile_later(r"appsettings(?:\.[\w-]+)?\.json"),
        compile_later(r"\"(?P<name>(?:Auto|Run|Apply|Enable)\w{0,20}Migrat(?:e|ion|ions))\"\s*:\s*true", re.IGNORECASE),
    ),
)


@dataclass(frozen=True, slots=True)
class Starter:
    """A row of `STARTERS`: a migrator that runs at the start of a program that has it, unless it is switched off.

    Attributes:
        below: how keys begin that show that the program has it.
        switch: that keeps it from running where it is false.
    """

    tool: str
    below: str
    switch: str


STARTERS: tuple[Starter, ...] = (
    # spring-boot c329ffa: FlywayAutoConfiguration.java and LiquibaseAutoConfiguration.java, each
    # `@ConditionalOnBooleanProperty(…enabled, matchIfMissing = true)`.
    Starter("Flyway", "spring.flyway.", "spring.flyway.enabled"),
    Starter("Liquibase", "spring.liquibase.", "spring.liquibase.enabled"),
    # Before Spring Boot 2: `flyway.` and `liquibase.`; spring-boot 1.5, Appendix A.
    Starter("Flyway", "flyway.", "flyway.enabled"),
    Starter("Liquibase", "liquibase.", "liquibase.enabled"),
)

_WORDS = compile_later(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_MIGRATES = frozenset({"migrate", "migrates", "migration", "migrations", "migrator", "automigrate", "migrating"})
_TOOLS = frozenset({"flyway", "liquibase", "alembic", "dbmate", "goose"})
_LOOKS = frozenset(
    {
        *("wait", "waits", "check", "checks", "checker", "status", "verify", "validate", "skip", "disable", "disabled"),
        *("no", "not", "without", "dry", "test", "tests", "create", "generate", "make", "new", "list", "show", "plan"),
        *("until", "ready", "ignore", "prevent", "abort", "pending", "for", "down", "path", "dir", "table", "timeout"),
        *("lock", "exporter", "metrics"),
    }
)
_SWITCHES = frozenset(
    {
        *("run", "runs", "auto", "apply", "enable", "enabled", "on", "at", "start", "startup", "boot", "do", "perform"),
        *("execute", "should", "with", "is", "automatic", "automatically", "before", "db", "database", "schema", "sql"),
        *("django", "rails", "prisma", "flyway", "liquibase", "alembic", "gorm", "ef", "app", "up", "init", "force"),
        *("mysql", "postgres", "postgresql", "pg", "mongo", "mongodb", "and", "the", "flag", "mode", "all", "data"),
    }
)


def words_of_name(name: str) -> tuple[str, ...]:
    """Return the words of a container's, program's or variable's name, in small letters."""
    return tuple(word.lower() for word in _WORDS.split(name[-200:]) if word)


def is_called_migration(name: str) -> bool:
    """Tell whether an init container, a Job's container or its image is called after a migration.

    A habit. One that waits for a migration, or checks it, is called so as well.
    """
    words = words_of_name(name)
    return not (_MIGRATES | _TOOLS).isdisjoint(words) and _LOOKS.isdisjoint(words)


def is_switch_on(name: str, value: str) -> bool:
    """Tell whether a variable has a program migrate: `RUN_MIGRATIONS=true`, `DB_AUTO_MIGRATE=1`.

    A habit: every word of the name speaks of it, but for that of the application before it.
    """
    words = words_of_name(name)
    at = next((at for at, word in enumerate(words) if word in _MIGRATES), None)
    if at is None or value.strip().lower() not in _TRUE or not _LOOKS.isdisjoint(words):
        return False
    beside = (*words[max(0, at - 1) : at], *words[at + 1 :])
    return bool(beside or len(words) == 1) and all(word in _SWITCHES for word in beside)


_SAYS = frozenset(
    {"echo", "printf", "grep", "cat", "kubectl", "log", "nc", "curl", "wget", "test", "cp", "mv", "chmod"}
)
"""Programs that speak of others, and run none."""
LOOKING = frozenset(
    {
        *("status", "info", "validate", "check", "current", "history", "version", "wait", "--check", "--plan", "list"),
        *("migrate:status", "db:migrate:status", "db:abort_if_pending_migrations", "showmigrations", "until", "nc"),
        *("pg_isready", "mysqladmin", "wait-for-it.sh", "wait-for", "sleep", "kubectl", "k8s-wait-for", "--dry-run"),
    }
)
"""Words of commands that look at migrations, or wait for them. A habit of tools."""
_PLAIN = _SAYS | {
    *("chown", "rm", "ln", "ls", "mkdir", "rmdir", "touch", "cat", "tar", "gzip", "gunzip", "unzip", "zip", "rsync"),
    *("sed", "awk", "cut", "head", "tail", "tr", "sort", "tee", "install", "dd", "du", "df", "stat"),
    *("true", "false", ":", "set", "export", "cd", "exit", "date", "id", "whoami", "hostname", "sync", "chgrp"),
    *("setfacl", "git", "aws", "gsutil", "scp", "ssh", "fi", "done", "esac", "umask", "mktemp", "basename", "dirname"),
    *("sleep", "wait", "[", "sysctl", "mount", "openssl", "base64", "md5sum", "sha256sum", "jq", "yq", "envsubst"),
}
"""Programs that move files and speak, and change no schema. Sources: POSIX.1-2017, "Utilities"; GNU Coreutils."""
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_SHELL_WORDS = _SHELLS | {"if", "!", "then", "do", "else", "exec", "while", "until", "{", "time"}
_PROGRAMS = frozenset(row.words[0] for row in MIGRATORS) - {"migrate", "mvn", "mvnw"}
_RUNNERS = frozenset(
    {
        *("npm", "yarn", "pnpm", "bun", "npx", "make", "task", "just", "composer", "poetry", "uv", "pipenv", "gradle"),
        *("gradlew", "mvn", "mvnw", "bundle", "node", "python", "python3", "php", "ruby", "sh", "bash", "exec", "deno"),
        *("ts-node", "tsx", "dotnet", "java", "go", "run", "yarnpkg", "corepack", "ash", "env", "entrypoint.sh"),
        *("dumb-init", "tini", "su-exec", "gosu", "docker-entrypoint.sh"),
    }
)
_SCRIPT = compile_later(r".*\.(?:sh|py|js|mjs|cjs|ts|rb|php|pl|dll|jar|exe)", re.IGNORECASE)
_SETS_UP = compile_later(
    r"(?:setup|init|prepare|upgrade|update|create)[-_]?(?:db|database|schema|tables)"
    r"|(?:db|database|schema)[-_:]?(?:setup|init|prepare|upgrade|update)",
    re.IGNORECASE,
)
_DDL = compile_later(
    r"\b(?:create|alter|drop|truncate)\s+(?:or\s+replace\s+)?(?:table|database|schema|index|view|type|extension|column)\b",
    re.IGNORECASE,
)
_CLIENTS = frozenset({"psql", "mysql", "mariadb", "sqlcmd", "sqlplus", "cqlsh", "clickhouse-client", "cockroach"})
_CALLS_CLIENT = compile_later(
    r"(?<![\w.-])(?P<client>psql|mysql|mariadb|sqlcmd|sqlplus|cqlsh|clickhouse-client|cockroach)(?=\s)"
)
_BEFORE = compile_later(r"[;&|\n]")
_EVAL = compile_later(r"[A-Z][\w.]*\.(?:migrate|rollback)(?:/\d)?")
"""Source: phoenixframework/phoenix, guides/deployment/releases.md: `bin/my_app eval "MyApp.Release.migrate"`."""
_SQL_FILE = compile_later(r".*(?:schema|migrat|init|ddl|setup|create|tables).*\.(?:sql|cql)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a command does to a schema.

    Attributes:
        tool: in words; "" where only a name tells.
        words: the program and what it does. No argument is among them: each may be a password.
    """

    tool: str
    words: tuple[str, ...]


def deed_of_command(words: Sequence[str], *, is_once: bool) -> Deed | None:
    """Return how a command changes a schema; None where it does not, as far as it shows.

    Args:
        words: of one command, those of a shell before the program included.
        is_once: the container runs to its end before others start, or in a Job: there scripts are known by their
            names, too.
    """
    words = _without_shell(words)
    bare = [word.strip("\"'").rpartition("/")[2] for word in words]
    if not bare or bare[0].startswith("#") or bare[0] in _SAYS:
        return None
    starts = _by_start()
    for row in sorted({row for word in bare for row in starts.get(word, ())}):
        said = tuple(word for word in MIGRATORS[row].words if word)
        at = _follows(bare, said)
        if at and MIGRATORS[row].but.isdisjoint(_rest(words, at)):
            return Deed(MIGRATORS[row].tool, said)
    if "eval" in bare[:3] and any(_EVAL.fullmatch(word.rstrip("()")) for word in bare):
        return Deed("Ecto", (bare[0], "eval"))
    program = _first_program(bare)
    if program in _CLIENTS:
        text = " ".join(words)
        if _DDL.search(text) or any(_SQL_FILE.fullmatch(word) for word in bare):
            return Deed("SQL", (program,))
    # What a known tool does was looked at.
    return None if not _PROGRAMS.isdisjoint(bare) else _by_name(bare, is_once=is_once)


def client_fed(text: str) -> str:
    """Return the client of a database that a shell's text feeds with what changes a schema, "" for none.

    What follows the client counts: its arguments, whatever signs are in them, or a here-document.
    """
    for call in _CALLS_CLIENT.finditer(text):
        before = _BEFORE.split(text[max(0, call.start() - 200) : call.start()])[-1].split()
        says = bool(before) and (before[0].startswith("#") or before[0].rpartition("/")[2] in _SAYS)
        if not says:
            return call["client"] if _DDL.search(text, call.end()) is not None else ""
    return ""


def is_fed_by(words: Sequence[str], text: str) -> str:
    """Return the client that a command calls with a file of such a text, "" where it is none or the text reads only."""
    program = _first_program([word.rpartition("/")[2] for word in _without_shell(words)])
    return program if program in _CLIENTS and _DDL.search(text) is not None else ""


def is_plain(words: Sequence[str]) -> bool:
    """Tell whether a command runs a program that only moves files, or speaks."""
    words = [word for word in _without_shell(words) if "=" not in word]
    return not words or words[0].rpartition("/")[2] in _PLAIN


def _without_shell(words: Sequence[str]) -> Sequence[str]:
    """Return a command without what a shell puts before it: `sh -c`, `if !`, `then`."""
    at = 0
    while at < len(words) and words[at].rpartition("/")[2] in _SHELL_WORDS:
        is_shell = words[at].rpartition("/")[2] in _SHELLS
        at += 1
        while is_shell and at < len(words) and words[at].startswith("-"):
            at += 1
    return words[at:]


def _rest(words: Sequence[str], at: int) -> frozenset[str]:
    return frozenset(word.strip("\"'").partition("=")[0] for word in words[at:])


@cache
def _by_start() -> Mapping[str, Sequence[int]]:
    """Return word → positions in `MIGRATORS` of the rows that begin with it.

    Few commands have any of these words, and a baseline may have thousands of commands.
    """
    rows: dict[str, list[int]] = {}
    for at, row in enumerate(MIGRATORS):
        rows.setdefault(next(filter(None, row.words)), []).append(at)
    return rows


def _follows(bare: Sequence[str], wanted: Sequence[str]) -> int:
    """Return where the words behind the wanted ones start, 0 where these do not stand there in order."""
    found = 0
    for at, word in enumerate(bare):
        if word == wanted[found]:
            found += 1
            if found == len(wanted):
                return at + 1
    return 0


def _first_program(bare: Sequence[str]) -> str:
    return next((word for word in bare if not word.startswith("-") and "=" not in word and word not in _RUNNERS), "")


def _by_name(bare: Sequence[str], *, is_once: bool) -> Deed | None:
    """Return the script or program that is called after a migration: `npm run db:migrate`, `./migrate.sh`."""
    is_run = bare[0] in _RUNNERS
    runners: list[str] = []
    for at, word in enumerate(bare[:6]):
        if word in _RUNNERS:
            runners.append(word)
        if word.startswith("-") or "=" in word or word in _RUNNERS:
            continue
        words = words_of_name(word)
        is_program = at == 0 or is_run or _SCRIPT.fullmatch(word) is not None
        if is_program and not _MIGRATES.isdisjoint(words) and _LOOKS.isdisjoint(words):
            # `migrate` and words behind is golang-migrate's, which says what to do.
            return None if word == "migrate" and at == 0 and len(bare) > 1 else Deed("", (*runners, word))
        if is_once and is_program and _SETS_UP.fullmatch(word.rpartition(".")[0] or word):
            return Deed("", (*runners, word))
        if not is_run:
            return None
    return None
