"""The stores that gray pods share with production are told, and what changes their schema."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import PREPARED, Object, an_object, build, with_code, workload, write_release

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
    return an_object("Service", {"selector": {"app": name}, "ports": [{"port": port}], **spec}, name=name)


def a_store(name: str, image: str) -> Object:
    made = workload(labels={"app": name}, pod={"containers": [{"name": name, "image": image}]})
    made["metadata"]["name"] = name
    return made


CODED = base64.b64encode(b"jdbc:mysql://user:p%40ss@db.example.com:3306/web").decode()
BINDING = {"volumes": [{"name": "b", "projected": {"sources": [{"secret": {"name": "binding"}}]}}]}
MOUNTED = {"volumes": [{"name": "c", "configMap": {"name": "conf"}}]}
MOUNT = [{"name": "c", "mountPath": "/c"}, {"name": "b", "mountPath": "/b"}]

LISTED: dict[str, tuple[list[Object], dict[str, str]]] = {
    "URL": (
        [pods({"env": env(DATABASE_URL="postgres://u:p@pg.example.com/web")})],
        {"store/pg.example.com": "PostgreSQL"},
    ),
    "password with signs": (
        [pods({"env": env(DATABASE_URL="mysql://u:a/b?c#d@db.example.com:3306/web")})],
        {"store/db.example.com": "MySQL"},
    ),
    "password with two ends": (
        [pods({"env": env(DATABASE_URL="postgres://u:hun@ter2pw/Pa55phrase@pg.example.com/x")})],
        {"store/unread/web/DATABASE_URL": "PostgreSQL"},
    ),
    "password like a port": (
        [pods({"env": env(DATABASE_URL="postgres://u:12/ab@pg.example.com/x")})],
        {"store/unread/web/DATABASE_URL": "PostgreSQL"},
    ),
    "password with a blank": (
        [pods({"env": env(DATABASE_URL="postgres://u:hunter2 pw@pg.example.com/x")})],
        {"store/unread/web/DATABASE_URL": "PostgreSQL"},
    ),
    "address of a mail beside a URL": (
        [pods({"env": env(JAVA_OPTS="-Durl=jdbc:mysql://db.example.com:3306/web -Dmail=a@example.com")})],
        {"store/db.example.com": "MySQL"},
    ),
    "Go's data source with a scheme": (
        [pods({"env": env(DATABASE_URL="mysql://u:hunter2pw@tcp(a.example.com:3306)/x")})],
        {"store/a.example.com": "MySQL"},
    ),
    "Oracle with a login": (
        [pods({"env": env(URL="jdbc:oracle:thin:u/pw@//ora.example.com:1521/x")})],
        {"store/ora.example.com": "Oracle"},
    ),
    "Oracle with a login and a SID": (
        [pods({"env": env(URL="jdbc:oracle:thin:u/pw@ora.example.com:1521:ORCL")})],
        {"store/ora.example.com": "Oracle"},
    ),
    "driver that is not known": (
        [pods({"env": env(A="jdbc:hive2://hive.example.com:10000/web")})],
        {"store/hive.example.com": "database"},
    ),
    "storage account": (
        [
            pods(
                {
                    "env": env(
                        AZURE_STORAGE_CONNECTION_STRING="DefaultEndpointsProtocol=https;AccountName=shopfiles;"
                        "AccountKey=aGVsbG8=;EndpointSuffix=core.windows.net"
                    )
                }
            )
        ],
        {"store/bucket/shopfiles": "Blob Storage"},
    ),
    "several hosts": (
        [pods({"env": env(MONGO="mongodb://u:p@a.example.com:27017,b.example.com:27017/web?replicaSet=r")})],
        {"store/a.example.com": "MongoDB", "store/b.example.com": "MongoDB"},
    ),
    "dialect": ([pods({"env": env(X="postgresql+psycopg2://pg/web")})], {"store/pg": "PostgreSQL"}),
    "replication": (
        [pods({"env": env(X="jdbc:mysql:replication://a,b/web")})],
        {"store/a": "MySQL", "store/b": "MySQL"},
    ),
    "SQL Server": (
        [pods({"env": env(X="jdbc:sqlserver://sql.example.com:1433;databaseName=web")})],
        {"store/sql.example.com": "SQL Server"},
    ),
    "Oracle": (
        [pods({"env": env(X="jdbc:oracle:thin:@ora.example.com:1521:WEB")})],
        {"store/ora.example.com": "Oracle"},
    ),
    "Go's DSN": ([pods({"env": env(DSN="root:p@tcp(mysql:3306)/web")})], {"store/mysql": "MySQL"}),
    "libpq": (
        [pods({"env": env(DSN="host=pg.example.com user=web password=x dbname=web")})],
        {"store/pg.example.com": "database"},
    ),
    "ADO.NET": (
        [
            pods(
                {"env": env(ConnectionStrings__Web="Server=tcp:sql.example.com,1433;Database=web;User Id=u;Password=p")}
            )
        ],
        {"store/sql.example.com": "SQL Server"},
    ),
    "port": ([pods({"env": env(UPSTREAM="cache.example.com:6379")})], {"store/cache.example.com": "Redis"}),
    "name": ([pods({"env": env(MYSQL_HOST="db.example.com")})], {"store/db.example.com": "MySQL"}),
    "joined name": ([pods({"env": env(PGHOST="pg")})], {"store/pg": "PostgreSQL"}),
    "name of any database": ([pods({"env": env(ORDERS_DB_HOST="10.0.0.7")})], {"store/10.0.0.7": "database"}),
    "kubelet's variable": (
        [pods({"env": env(REDIS_ADDR="$(WEB_REDIS_SERVICE_HOST):6379")})],
        {"store/web-redis": "Redis"},
    ),
    "HTTP of a product": (
        [pods({"env": env(ES="https://search.example.com:9200/logs")})],
        {"store/search.example.com": "Elasticsearch"},
    ),
    "cloud's host": (
        [pods({"env": env(HOST="web.abc123.eu-west-1.rds.amazonaws.com")})],
        {"store/web.abc123.eu-west-1.rds.amazonaws.com": "database"},
    ),
    "bucket": ([pods({"env": env(UPLOAD_BUCKET="web-uploads")})], {"store/bucket/web-uploads": "bucket"}),
    "bucket's URL": ([pods({"env": env(TARGET="s3://web-uploads/a@b/c")})], {"store/bucket/web-uploads": "S3"}),
    "bucket's host": (
        [pods({"env": env(TARGET="https://web-uploads.oss-cn-hangzhou.aliyuncs.com/a")})],
        {"store/bucket/web-uploads": "OSS"},
    ),
    "bucket of a dual-stack endpoint": (
        [pods({"env": env(TARGET="https://web-uploads.cn-hangzhou.oss.aliyuncs.com/a")})],
        {"store/bucket/web-uploads": "OSS"},
    ),
    "table": ([pods({"env": env(DYNAMODB_TABLE="orders")})], {"store/table/orders": "DynamoDB"}),
    "argument": ([pods({"args": ["--redis-addr=redis:6379"]})], {"store/redis": "Redis"}),
    "next argument": ([pods({"args": ["--db-host", "pg.example.com"]})], {"store/pg.example.com": "database"}),
    "option of a JVM": (
        [pods({"command": ["java", "-Dspring.datasource.url=jdbc:mysql://db/web", "-jar", "/a.jar"]})],
        {"store/db": "MySQL"},
    ),
    "shell": (
        [pods({"command": ["sh", "-c", "wait-for pg.example.com:5432 && exec /web"]})],
        {"store/pg.example.com": "PostgreSQL"},
    ),
    "SPRING_APPLICATION_JSON": (
        [pods({"env": env(SPRING_APPLICATION_JSON='{"spring": {"data": {"redis": {"host": "r.example.com"}}}}')})],
        {"store/r.example.com": "Redis"},
    ),
    "file": (
        [
            pods({"volumeMounts": MOUNT[:1]}, **MOUNTED),
            an_object(
                "ConfigMap", name="conf", data={"application.yaml": "spring:\n  redis:\n    host: r.example.com\n"}
            ),
        ],
        {"store/r.example.com": "Redis"},
    ),
    "variable in a file": (
        [
            pods({"volumeMounts": MOUNT[:1], "env": env(DB="db.example.com")}, **MOUNTED),
            an_object(
                "ConfigMap", name="conf", data={"a.properties": "spring.datasource.url=jdbc:mysql://${DB:x}/w\n"}
            ),
        ],
        {"store/db.example.com": "MySQL"},
    ),
    "all variables of a ConfigMap": (
        [
            pods({"envFrom": [{"configMapRef": {"name": "conf"}}]}),
            an_object("ConfigMap", name="conf", data={"REDIS_ADDR": "redis:6379"}),
        ],
        {"store/redis": "Redis"},
    ),
    "Secret in the baseline": (
        [pods({"env": [from_secret("DSN", "db", "dsn")]}), an_object("Secret", name="db", data={"dsn": CODED})],
        {"store/db.example.com": "MySQL"},
    ),
    "Secret of nobody": ([pods({"env": [from_secret("DATABASE_URL", "db", "url")]})], {"store/secret/db": "database"}),
    "file made of a Secret of nobody": (
        [
            pods({"volumeMounts": MOUNT[:1], "env": [from_secret("DB", "db", "host")]}, **MOUNTED),
            an_object("ConfigMap", name="conf", data={"a.properties": "spring.datasource.url=jdbc:mysql://${DB}/w\n"}),
        ],
        {"store/secret/db": "database"},
    ),
    "only how to log in": (
        [pods({"env": [from_secret("POSTGRES_PASSWORD", "db", "password")]})],
        {"store/secret/db": "PostgreSQL"},
    ),
    "service binding": (
        [
            pods({"volumeMounts": MOUNT[1:]}, **BINDING),
            an_object(
                "Secret",
                name="binding",
                type="servicebinding.io/postgresql",
                stringData={"host": "pg", "username": "u"},
            ),
        ],
        {"store/pg": "PostgreSQL"},
    ),
    "Service of a store": (
        [
            pods({"env": env(CATALOG_ADDR="catalog-data")}),
            a_store("catalog-data", "mysql:8"),
            a_service("catalog-data", 33),
        ],
        {"store/catalog-data": "MySQL"},
    ),
    "Service in full": (
        [
            pods({"env": env(A="redis://redis.shop.svc.cluster.local:6379", B="redis://redis/1")}),
            a_service("redis", 6379),
        ],
        {"store/redis": "Redis"},
    ),
    "Service of another namespace": (
        [pods({"env": env(A="redis://redis.data.svc:6379")})],
        {"store/redis.data": "Redis"},
    ),
    "pod of a store": (
        [pods({"env": env(A="mongodb://mongo-0.mongo:27017/web")}), a_service("mongo", 27017, clusterIP="None")],
        {"store/mongo": "MongoDB"},
    ),
    "outside behind a Service": (
        [
            pods({"env": env(A="redis://cache:6379")}),
            an_object("Service", {"type": "ExternalName", "externalName": "r.example.com"}, name="cache"),
        ],
        {"store/r.example.com": "Redis"},
    ),
    "proxy of Cloud SQL": (
        [
            pods(
                {"env": env(DATABASE_URL="postgres://u@127.0.0.1:5432/web")},
                {
                    "name": "proxy",
                    "image": "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2",
                    "args": ["--port=5432", "p-1:europe-west1:web"],
                },
            )
        ],
        {"store/p-1:europe-west1:web": "PostgreSQL"},
    ),
    "proxy named by a Secret": (
        [
            pods(
                {"env": env(DB_HOST="127.0.0.1")},
                {
                    "name": "proxy",
                    "image": "gcr.io/cloudsql-docker/gce-proxy:1.37",
                    "command": ["/cloud_sql_proxy", "-instances=$(CONNECTION)=tcp:5432"],
                    "env": [from_secret("CONNECTION", "cloud-sql", "name")],
                },
            )
        ],
        {"store/secret/cloud-sql": "database"},
    ),
    "another proxy": (
        [pods({"env": env(DB_HOST="localhost")}, {"name": "tunnel", "image": "registry.example.com/tunnel:1"})],
        {"store/localhost/web": "database"},
    ),
    "claim": (
        [
            pods(
                {"volumeMounts": [{"name": "d", "mountPath": "/d"}]},
                volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "uploads"}}],
            )
        ],
        {"store/pvc/uploads": "volume"},
    ),
    "path of the node": (
        [
            pods(
                {"volumeMounts": [{"name": "d", "mountPath": "/d"}]},
                volumes=[{"name": "d", "hostPath": {"path": "/srv/web"}}],
            )
        ],
        {"store/hostpath/srv/web": "hostPath"},
    ),
    "NFS": (
        [
            pods(
                {"volumeMounts": [{"name": "d", "mountPath": "/d"}]},
                volumes=[{"name": "d", "nfs": {"server": "nfs.example.com", "path": "/web"}}],
            )
        ],
        {"store/nfs.example.com": "NFS"},
    ),
    "bucket of a driver": (
        [
            pods(
                {"volumeMounts": [{"name": "d", "mountPath": "/d"}]},
                volumes=[
                    {
                        "name": "d",
                        "csi": {
                            "driver": "gcsfuse.csi.storage.gke.io",
                            "volumeAttributes": {"bucketName": "web-uploads"},
                        },
                    }
                ],
            )
        ],
        {"store/bucket/web-uploads": "gcsfuse.csi.storage.gke.io"},
    ),
}

NOT_LISTED: dict[str, list[Object]] = {
    "Elastic's APM": [pods({"env": env(ELASTIC_APM_SERVER_URL="http://apm:8200")})],
    "files in the pod": [pods({"env": env(A="jdbc:sqlite:/data/a.db", B="jdbc:h2:mem:b")})],
    "another service": [pods({"env": env(CART_URL="http://cart:8080", PAYMENT_ADDR="payment:9090")})],
    "API of a database's name": [pods({"env": env(DB_API_URL="http://db-api:8080")})],
    "registry": [pods({"env": env(NACOS_SERVER_ADDR="nacos:8848", EUREKA_URL="http://eureka:8761/eureka")})],
    "broker": [pods({"env": env(KAFKA_BROKERS="kafka:9092", RABBITMQ_URL="amqp://rabbit:5672")})],
    "configuration centre": [
        pods({"env": env(CONSUL_ADDR="consul:8500", ZK="zookeeper:2181", ETCD="http://etcd:2379")})
    ],
    "embedded": [pods({"env": env(SPRING_DATASOURCE_URL="jdbc:h2:mem:web", DATABASE_URL="sqlite:///web.db")})],
    "beside the program": [pods({"env": env(REDIS_ADDR="localhost:6379")}, {"name": "cache", "image": "redis:7"})],
    "nothing beside the program": [pods({"env": env(REDIS_ADDR="localhost:6379")})],
    "a store itself": [pods({"image": "postgres:16", "env": env(POSTGRES_PASSWORD="x", POSTGRES_DB="db:5432")})],
    "where it listens": [pods({"args": ["--listen=0.0.0.0:6379"]})],
    "histogram": [pods({"env": env(HISTOGRAM_BUCKETS="a,b", TOKEN_BUCKET="fast")})],
    "switches": [pods({"env": env(SESSION_REDIS="true", DB_HOST="none", CACHE_URL="")})],
    "settings of the client": [pods({"env": env(DB_POOL_SIZE="10", REDIS_TIMEOUT="3000", DB_NAME="orders")})],
    "a word that may be a password": [pods({"env": env(DATABASE_DSN="hunter2-x", DB_URL="p4ss.word")})],
    "image of a store": [pods({"env": env(INIT_IMAGE="registry.example.com/redis:7000")})],
    "time": [pods({"env": env(WINDOW="10:3306", START="12:30:5432")})],
    "comment": [
        pods({"volumeMounts": MOUNT[:1]}, **MOUNTED),
        an_object("ConfigMap", name="conf", data={"run.conf": "# jdbc:mysql://db:3306/web\nkeep going\n"}),
    ],
    "sockets and settings of the node": [
        pods(
            {"volumeMounts": [{"name": each, "mountPath": f"/{each}"} for each in "abc"]},
            volumes=[
                {"name": "a", "hostPath": {"path": "/var/run/docker.sock"}},
                {"name": "b", "hostPath": {"path": "/etc/localtime"}},
                {"name": "c", "emptyDir": {}},
            ],
        )
    ],
    "keys": [
        pods(
            {"volumeMounts": [{"name": "d", "mountPath": "/d"}]},
            volumes=[{"name": "d", "csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": True}}],
        )
    ],
    "overridden": [
        pods({"envFrom": [{"configMapRef": {"name": "conf"}}], "env": env(REDIS_ADDR="localhost:6379")}),
        an_object("ConfigMap", name="conf", data={"REDIS_ADDR": "redis:6379"}),
    ],
}


@pytest.mark.parametrize(("objects", "expected"), LISTED.values(), ids=LISTED)
def test_a_store_is_listed_with_what_it_is(objects: list[Object], expected: dict[str, str], tmp_path: Path) -> None:
    assert stores(tmp_path, objects) == expected


@pytest.mark.parametrize("objects", NOT_LISTED.values(), ids=NOT_LISTED)
def test_what_is_no_store_of_production_is_not_listed(objects: list[Object], tmp_path: Path) -> None:
    assert stores(tmp_path, objects) == {}


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
