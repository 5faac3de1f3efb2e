"""Databases, caches, search indexes, buckets and volumes: how manifests name them.

A text names a store by the scheme of a URL, by a port that one product listens on, by a host that a cloud gives to one
product alone, or by what the variable is called. Registries, configuration centres and brokers are no stores, and what
speaks HTTP is one only where its product does.

Looked up: the sources of Spring Boot, Cloud SQL Proxy, dbmate, goose. Ports, hosts of clouds, volumes and drivers are
as their documentation is known, and were not looked up anew.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from grayc.k8s.pod_templates import KeyPath
from grayc.patterns import compile_later
from grayc.records import dataclass


class StoreKind(StrEnum):
    """What a store is."""

    DATABASE = "database"
    CACHE = "cache"
    INDEX = "search index"
    BUCKET = "bucket"
    VOLUME = "volume"


class Form(StrEnum):
    """By what a store is told."""

    HOST = "host"
    BUCKET = "bucket"
    TABLE = "table"
    CLAIM = "pvc"
    NODE_PATH = "hostpath"
    DRIVER = "csi"
    SECRET = "secret"
    """A Secret names it, and no file says what it holds."""
    INSTANCE = "instance"
    """What a proxy beside the program connects to."""
    LOCAL = "localhost"
    """A container beside the program passes calls on, and nothing tells where to."""
    EMBEDDED = "embedded"
    """Inside the pod: no store that anybody shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A row of `PRODUCTS`.

    Attributes:
        schemes: of URLs, any part of `jdbc:mysql:replication` or `postgresql+psycopg2`.
        ports: that no other product here listens on, as the address of a client has them.
        words: parts of a variable's or key's name.
        images: last part of an image's name, without tag.
        speaks_http: its clients have URLs of HTTP.
    """

    name: str
    kind: StoreKind
    schemes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    speaks_http: bool = False


_DB, _CACHE, _INDEX, _BUCKET = StoreKind.DATABASE, StoreKind.CACHE, StoreKind.INDEX, StoreKind.BUCKET

# Schemes of JDBC and what Docker images are called: spring-projects/spring-boot c329ffa, DatabaseDriver.java and the
# *DockerComposeConnectionDetailsFactory.java. Schemes of migration tools, which are those of drivers: amacneil/dbmate
# and pressly/goose, README.md. Ports: IANA, "Service Name and Transport Protocol Port Number Registry", but for those
# that products chose themselves (27017, 9042, 9200, 26257, 8529, 6333, 19530), which are habits; ports that other
# programs use as often (8000, 8080, 8086, 9000, 4000, 50000) are not here.
PRODUCTS: tuple[Product, ...] = (
    Product(
        name="MySQL",
        kind=_DB,
        schemes=("mysql", "mysqlx", "mysql2", "mysql-xdevapi", "tidb", "starrocks"),
        ports=(3306, 33060),
        words=("mysql", "tidb", "aurora"),
        images=("mysql", "mysql-server", "percona", "percona-server", "tidb"),
    ),
    Product(
        name="MariaDB",
        kind=_DB,
        schemes=("mariadb",),
        words=("mariadb",),
        images=("mariadb", "mariadb-galera", "mariadb-server"),
    ),
    Product(
        name="PostgreSQL",
        kind=_DB,
        schemes=("postgresql", "postgres", "pgsql", "postgis", "pgbouncer", "cloudsql"),
        ports=(5432, 6432),
        words=("postgresql", "postgres", "pgsql", "pg", "pgbouncer", "timescaledb", "timescale"),
        images=("postgres", "postgresql", "postgis", "timescaledb", "pgvector", "pgbouncer", "pgpool"),
    ),
    Product(
        name="CockroachDB",
        kind=_DB,
        schemes=("cockroachdb", "cockroach", "crdb"),
        ports=(26257,),
        words=("cockroachdb", "cockroach"),
        images=("cockroach",),
    ),
    Product(
        name="SQL Server",
        kind=_DB,
        schemes=("sqlserver", "mssql", "jtds"),
        ports=(1433,),
        words=("sqlserver", "mssql"),
        images=("mssql-server-linux", "mssql", "server"),
    ),
    Product(
        name="Oracle",
        kind=_DB,
        schemes=("oracle",),
        ports=(1521,),
        words=("oracle",),
        images=("oracle-free", "oracle-xe", "oracle-database"),
    ),
    Product(name="Db2", kind=_DB, schemes=("db2",), words=("db2",), images=("db2",)),
    Product(
        name="MongoDB",
        kind=_DB,
        schemes=("mongodb", "mongodb+srv"),
        ports=(27017, 27018),
        words=("mongodb", "mongo", "documentdb", "docdb"),
        images=("mongo", "mongodb", "mongodb-community-server", "percona-server-mongodb"),
    ),
    Product(
        name="Redis",
        kind=_CACHE,
        schemes=("redis", "rediss", "redis-sentinel", "redis-cluster", "valkey", "valkeys"),
        ports=(6379, 26379),
        words=("redis", "valkey", "keydb", "redisson", "lettuce", "jedis", "elasticache"),
        images=("redis", "redis-stack", "redis-stack-server", "redis-cluster", "valkey", "keydb", "dragonfly"),
    ),
    Product(
        name="Memcached",
        kind=_CACHE,
        schemes=("memcached", "memcache", "memcaches"),
        ports=(11211,),
        words=("memcached", "memcache", "memcachier"),
        images=("memcached",),
    ),
    Product(
        name="Cassandra",
        kind=_DB,
        schemes=("cassandra", "scylla"),
        ports=(9042,),
        words=("cassandra", "scylla", "scylladb"),
        images=("cassandra", "scylla"),
    ),
    Product(
        name="ClickHouse",
        kind=_DB,
        schemes=("clickhouse", "ch"),
        ports=(8123,),
        words=("clickhouse",),
        images=("clickhouse-server", "clickhouse"),
        speaks_http=True,
    ),
    Product(
        name="Neo4j",
        kind=_DB,
        schemes=("neo4j", "bolt"),
        ports=(7687,),
        words=("neo4j",),
        images=("neo4j",),
        speaks_http=True,
    ),
    Product(name="CouchDB", kind=_DB, ports=(5984,), words=("couchdb",), images=("couchdb",), speaks_http=True),
    Product(
        name="Couchbase", kind=_DB, schemes=("couchbase", "couchbases"), words=("couchbase",), images=("couchbase",)
    ),
    Product(
        name="InfluxDB",
        kind=_DB,
        schemes=("influxdb",),
        words=("influxdb", "influx"),
        images=("influxdb",),
        speaks_http=True,
    ),
    Product(
        name="ArangoDB", kind=_DB, ports=(8529,), words=("arangodb", "arango"), images=("arangodb",), speaks_http=True
    ),
    Product(name="DynamoDB", kind=_DB, words=("dynamodb", "dynamo"), images=("dynamodb-local",), speaks_http=True),
    Product(name="Redshift", kind=_DB, schemes=("redshift",), ports=(5439,), words=("redshift",)),
    Product(name="Spanner", kind=_DB, schemes=("spanner", "cloudspanner"), words=("spanner",)),
    Product(
        name="Elasticsearch",
        kind=_INDEX,
        schemes=("elasticsearch",),
        ports=(9200, 9300),
        words=("elasticsearch", "opensearch", "elastic"),
        images=("elasticsearch", "elasticsearch-oss", "opensearch", "gcr_io_google-containers_elasticsearch"),
        speaks_http=True,
    ),
    Product(name="Solr", kind=_INDEX, ports=(8983,), words=("solr",), images=("solr",), speaks_http=True),
    Product(
        name="Meilisearch",
        kind=_INDEX,
        ports=(7700,),
        words=("meilisearch", "meili"),
        images=("meilisearch",),
        speaks_http=True,
    ),
    Product(name="Qdrant", kind=_INDEX, ports=(6333, 6334), words=("qdrant",), images=("qdrant",), speaks_http=True),
    Product(name="Milvus", kind=_INDEX, ports=(19530,), words=("milvus",), images=("milvus",), speaks_http=True),
    Product(name="MinIO", kind=_BUCKET, words=("minio",), images=("minio",), speaks_http=True),
    Product(name="S3", kind=_BUCKET, schemes=("s3", "s3a", "s3n"), words=("s3",), speaks_http=True),
    Product(name="Cloud Storage", kind=_BUCKET, schemes=("gs",), words=("gcs",), speaks_http=True),
    Product(name="OSS", kind=_BUCKET, schemes=("oss",), words=("oss",), speaks_http=True),
    Product(name="COS", kind=_BUCKET, schemes=("cos", "cosn"), words=("cos",), speaks_http=True),
    Product(name="OBS", kind=_BUCKET, schemes=("obs",), words=("obs",), speaks_http=True),
    Product(
        name="Blob Storage",
        kind=_BUCKET,
        schemes=("abfs", "abfss", "wasb", "wasbs"),
        words=("blob", "azureblob"),
        speaks_http=True,
    ),
)

GENERIC: dict[str, StoreKind] = {
    # A habit: people call databases so whatever the product is.
    **dict.fromkeys(("db", "database", "databases", "datasource", "datasources", "jdbc", "r2dbc", "sql"), _DB),
    "cache": _CACHE,
}
"""Parts of a name that tell a kind and no product."""

EMBEDDED = compile_later(r"(?:jdbc|r2dbc):(?:h2|hsqldb|sqlite|derby)(?::|$)|sqlite3?:|file::memory:", re.IGNORECASE)
"""URLs of databases that are files or memory of the pod; `jdbc:h2:tcp:` is looked at before.

Source: spring-projects/spring-boot c329ffa, EmbeddedDatabaseConnection.java; amacneil/dbmate, README.md, "SQLite".
"""


@dataclass(frozen=True, slots=True)
class CloudHost:
    """A row of `CLOUD_HOSTS`: a host that a cloud gives to one product; a group `bucket` is the store itself."""

    pattern: re.Pattern[str]
    product: str


def _cloud(pattern: str, product: str) -> CloudHost:
    return CloudHost(compile_later(pattern, re.IGNORECASE), product)


CLOUD_HOSTS: tuple[CloudHost, ...] = (
    # docs.aws.amazon.com, "Methods for accessing a general purpose bucket": virtual-hosted and path style.
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9.-]*)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", "S3"),
    _cloud(r"s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", "S3"),
    # help.aliyun.com, OSS, "Regions and endpoints"; cloud.tencent.com, COS, "Regions and access endpoints".
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9-]*)\.oss-[a-z0-9-]+\.aliyuncs\.com", "OSS"),
    _cloud(r"oss-[a-z0-9-]+\.aliyuncs\.com", "OSS"),
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9-]*)\.cos\.[a-z0-9-]+\.myqcloud\.com", "COS"),
    _cloud(r"cos\.[a-z0-9-]+\.myqcloud\.com", "COS"),
    # learn.microsoft.com, "Storage account overview"; cloud.google.com, "Request endpoints".
    _cloud(r"(?P<bucket>[a-z0-9]+)\.(?:blob|dfs)\.core\.windows\.net", "Blob Storage"),
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9._-]*)\.storage\.googleapis\.com", "Cloud Storage"),
    _cloud(r"storage\.googleapis\.com", "Cloud Storage"),
    # Hosts of managed databases, each as the cloud's console shows them: a habit of theirs, no contract.
    _cloud(r"[\w.-]+\.mysql\.(?:[a-z0-9-]+\.)?rds\.aliyuncs\.com|[\w.-]+\.mysql\.database\.azure\.com", "MySQL"),
    _cloud(r"[\w.-]+\.pg\.(?:[a-z0-9-]+\.)?rds\.aliyuncs\.com|[\w.-]+\.postgres\.database\.azure\.com", "PostgreSQL"),
    _cloud(r"[\w.-]+\.mongodb\.net|[\w.-]+\.docdb\.amazonaws\.com|[\w.-]+\.mongodb\.rds\.aliyuncs\.com", "MongoDB"),
    _cloud(r"[\w.-]+\.cache\.amazonaws\.com|[\w.-]+\.redis\.(?:cache\.windows\.net|rds\.aliyuncs\.com)", "Redis"),
    _cloud(r"[\w.-]+\.database\.windows\.net", "SQL Server"),
    _cloud(r"[\w.-]+\.es\.amazonaws\.com|[\w.-]+\.elasticsearch\.aliyuncs\.com", "Elasticsearch"),
    _cloud(r"[\w.-]+\.rds\.amazonaws\.com(?:\.cn)?|[\w.-]+\.rds\.aliyuncs\.com", ""),
)

PROXIES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    # GoogleCloudPlatform/cloud-sql-proxy, README.md (v2): `INSTANCE_CONNECTION_NAME` is `project:region:instance`, as
    # an argument; `-instances=NAME=tcp:PORT` before. alloydb-auth-proxy: an instance's URI.
    (
        compile_later(r"(?:.*[-/])?(?:cloud[-_]?sql[-_]?proxy|gce-proxy|alloydb-auth-proxy)", re.IGNORECASE),
        compile_later(
            r"(?<![\w:.-])(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*:[a-z][a-z0-9-]*:[a-z][a-z0-9_-]*(?![\w:])"
            r"|projects/[\w-]+/locations/[\w-]+/clusters/[\w-]+/instances/[\w-]+"
        ),
    ),
)
"""Proxies that stand beside a program and pass its database on at localhost: image or program, and what they name."""

NO_STORE_DRIVERS = frozenset(
    {
        # Their volumes hold keys and certificates. Sources: kubernetes-sigs/secrets-store-csi-driver; cert-manager/
        # csi-driver; spiffe/spiffe-csi.
        "secrets-store.csi.k8s.io",
        "csi.cert-manager.io",
        "csi.spiffe.io",
    }
)
DRIVER_SERVER = ("volumeAttributes", "server")
DRIVER_BUCKETS = (("volumeAttributes", "bucketName"), ("volumeAttributes", "bucket"), ("volumeAttributes", "container"))
"""What inline volumes of CSI name. Sources: kubernetes-csi/csi-driver-nfs; GoogleCloudPlatform/gcs-fuse-csi-driver."""

VOLUME_SOURCES: tuple[tuple[str, KeyPath, str], ...] = (
    # core/v1 VolumeSource: the source, the field that tells one from another, and the product in words.
    ("nfs", ("server",), "NFS"),
    ("glusterfs", ("endpoints",), "GlusterFS"),
    ("cephfs", ("monitors",), "CephFS"),
    ("rbd", ("image",), "Ceph RBD"),
    ("iscsi", ("targetPortal",), "iSCSI"),
    ("azureFile", ("shareName",), "Azure Files"),
    ("azureDisk", ("diskName",), "Azure disk"),
    ("awsElasticBlockStore", ("volumeID",), "EBS"),
    ("gcePersistentDisk", ("pdName",), "persistent disk"),
)

_NODES_OWN = compile_later(
    r"/(?:dev|proc|sys|run|boot|lib/modules|usr|etc|bin|sbin|lib|lib64)(?:/.*)?"
    r"|/var/(?:run|log|lib/(?:docker|containerd|kubelet|containers))(?:/.*)?|/|.*\.sock"
)


def is_nodes_own(path: str) -> bool:
    """Tell whether a path of a node belongs to the node: its devices, logs, sockets and settings.

    Source: Filesystem Hierarchy Standard 3.0; kubelet and containerd keep their state below `/var/lib`.
    """
    return _NODES_OWN.fullmatch(path) is not None


_BY_NAME = {row.name: row for row in PRODUCTS}
_BY_SCHEME = {scheme: row for row in PRODUCTS for scheme in row.schemes}
_BY_PORT = {port: row for row in PRODUCTS for port in row.ports}
_BY_WORD = {word: row for row in PRODUCTS for word in row.words}
_BY_IMAGE = {image: row for row in PRODUCTS for image in row.images}

_BORDERS = compile_later(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_ADDRESS_PARTS = frozenset(
    part + plural
    for part in ("addr", "address", "endpoint", "host", "hostname", "server", "uri", "url", "node", "seed", "dsn")
    for plural in ("", "s", "es")
) | {"jdbcurl", "hostport", "conn", "fqdn", "dns"}
_ADDRESS_PAIRS = frozenset(
    {("host", "name"), ("host", "port"), ("contact", "points"), ("connection", "string"), ("connection", "strings")}
)
_JOINED = compile_later(
    r"(?P<what>pg|db|mysql|postgres|redis|mongo|mongodb|database|jdbc)(?:host|hostname|hostaddr|url|uri|addr|server|dsn)s?"
)
_LONE = compile_later(
    r".*(?:host|hostname|hostaddr|addr|address|server|node|endpoint)(?:s|es)?|name|fqdn|dns|seeds?|hostport"
)
_CREDENTIAL_PARTS = frozenset({"user", "username", "password", "passwd", "pass", "pwd"})
_NOT_BUCKETS = frozenset({"histogram", "rate", "limit", "token", "metrics", "size", "leaky", "throttle"})
_NO_HOSTS = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null", "nil", "default", "auto", "todo"})
_PROTOCOLS = frozenset({"tcp", "udp", "unix", "http", "https"})
_WHOLE = compile_later(r":[0-9]{2,5}(?![0-9A-Za-z])|^[a-z0-9-]+(?:\.[a-z0-9-]+){1,}\.[a-z]{2,}$")
"""A port, or a host of three names and more: what a password hardly looks like."""
_SOCKETS = ("unix:", "/")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a setting of some name holds of a store.

    Attributes:
        product: "" where the name tells none.
        is_whole: the value is an address with more than a name: a lone word under `DSN` or `URL` may be a password.
        is_credential: by which a program proves itself to a store, and no address.
        is_bucket: the name of a bucket, or of a table where `form` says so.
    """

    kind: StoreKind
    product: str = ""
    is_credential: bool = False
    form: Form = Form.HOST
    is_whole: bool = False


@lru_cache(maxsize=8_192)
def parts_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters: of `REDIS_HOST` and `redis.host` the same."""
    return tuple(part.lower() for part in _BORDERS.split(name[-200:]) if part)


@lru_cache(maxsize=8_192)
def meaning_of(name: str) -> Meaning | None:
    """Return what a setting of this name holds of a store: an address, a bucket, or a credential; None for nothing."""
    parts = parts_of(name)
    if not parts:
        return None
    row = next((_BY_WORD[part] for part in reversed(parts) if part in _BY_WORD), None)
    if parts[-1] in ("bucket", "buckets") or parts[-2:] in (("bucket", "name"), ("bucket", "names")):
        if not _NOT_BUCKETS.isdisjoint(parts):
            return None
        product = row.name if row is not None and row.kind is _BUCKET else ""
        return Meaning(_BUCKET, product, form=Form.BUCKET)
    if row is not None and row.name == "DynamoDB" and ("table" in parts[-2:]):
        return Meaning(_DB, row.name, form=Form.TABLE)
    kind = next((GENERIC[part] for part in reversed(parts) if part in GENERIC), None)
    joined = _JOINED.fullmatch(parts[-1])
    if joined is not None:
        row = row or _BY_WORD.get(joined["what"])
        kind = kind or _DB
    elif parts[-2:] in (("connection", "string"), ("connection", "strings")) or parts[0] == "connectionstrings":
        kind = kind or _DB
    if row is None and kind is None:
        return None
    is_address = (
        joined is not None
        or parts[-1] in _ADDRESS_PARTS
        or parts[-2:] in _ADDRESS_PAIRS
        or parts[0] == "connectionstrings"
    )
    if is_address:
        is_whole = _LONE.fullmatch(parts[-1]) is None
        return Meaning(
            row.kind if row is not None else kind or _DB, row.name if row is not None else "", is_whole=is_whole
        )
    if parts[-1] in _CREDENTIAL_PARTS:
        return Meaning(row.kind if row is not None else kind or _DB, row.name if row is not None else "", True)
    return None


def product_of_image(image: str) -> Product | None:
    """Return the product that an image runs, by the last part of its name."""
    name = image.partition("@")[0]
    last = name.rpartition("/")[2].partition(":")[0]
    if last == "server":
        return _BY_NAME["SQL Server"] if "/mssql/" in name else None
    return _BY_IMAGE.get(last)


def product_of_word(word: str) -> Product | None:
    """Return the product that a part of a name tells."""
    return _BY_WORD.get(word)


def product_of_port(port: object) -> Product | None:
    """Return the product that listens on a port, where that is one alone."""
    return _BY_PORT.get(port) if isinstance(port, int) and not isinstance(port, bool) else None


def kind_of(product: str) -> StoreKind | None:
    """Return the kind of a product, None for none that is known."""
    return _BY_NAME[product].kind if product in _BY_NAME else None


@dataclass(frozen=True, slots=True)
class Found:
    """A store that a text names.

    Attributes:
        name: the host, bucket or table; "" for one inside the pod.
        product: "" where nothing tells.
    """

    form: Form
    name: str
    kind: StoreKind
    product: str = ""
    port: int = 0


_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*\.?"
_ONE = compile_later(rf"(?P<host>{_HOST}|\[[0-9A-Fa-f:.]+\])(?:[:,](?P<port>[0-9]{{1,5}}))?")
_URL = compile_later(
    r"(?<![A-Za-z0-9+.:-])(?P<scheme>[A-Za-z][A-Za-z0-9+.:-]{0,60}?):(?:@?//|(?=@))(?P<rest>[^\s\"'<>`|]{0,1000})"
)
_HOST_PORT = compile_later(
    r"(?<![A-Za-z0-9_.:/$%{}-])(?P<host>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.?|[0-9]{1,3}(?:\.[0-9]{1,3}){3})"
    r":(?P<port>[0-9]{4,5})(?![A-Za-z0-9_.:-]*[A-Za-z0-9_])"
)
_DSN = compile_later(rf"@(?:tcp6?|udp)\((?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?\)")
"""Source: go-sql-driver/mysql, README, "DSN": `user:password@protocol(address)/dbname`."""
_PAIRS = compile_later(
    rf"(?:^|[;\s])\s*(?:server|data source|host|hostaddr|addr|address)\s*=\s*(?:tcp:)?(?P<host>{_HOST})"
    r"(?:[,:](?P<port>[0-9]{1,5}))?(?=$|[;\s\\])",
    re.IGNORECASE,
)
_BESIDE = compile_later(
    r"(?:^|[;\s])\s*(?:database|initial catalog|dbname|user id|uid|user|username|integrated security)\s*=",
    re.IGNORECASE,
)
"""Sources: PostgreSQL, libpq, "Keyword/Value Connection Strings"; ADO.NET, "Connection String Syntax"."""
_TNS = compile_later(rf"\(\s*HOST\s*=\s*(?P<host>{_HOST})\s*\)", re.IGNORECASE)
_ARN = compile_later(
    r"arn:aws[a-z-]*:(?:s3:::(?P<bucket>[a-z0-9][a-z0-9.-]+)"
    r"|dynamodb:[a-z0-9-]*:[0-9]*:table/(?P<table>[\w.-]+))"
)
_BUCKET_NAME = compile_later(r"[a-z0-9][a-z0-9._-]{1,221}", re.IGNORECASE)
_SERVICE_HOST = compile_later(r"\$[({](?P<name>[A-Z0-9_]+)_SERVICE_HOST[)}](?::.*)?")
"""Source: Kubernetes, "Service", "Environment variables"."""
_HTTP = frozenset({"http", "https", "ws", "wss", "grpc", "grpcs"})
_ANY = frozenset({"0.0.0.0", "[::]", "::"})
MOST_TEXT = 2_000
"""Characters of one value that are looked at; a longer one is no address."""


@lru_cache(maxsize=8_192)
def stores_named(name: str, value: str) -> tuple[Found, ...]:
    """Return the stores that a setting names by its value, or by its name and value together.

    Credentials in the value are passed over: what comes back are hosts and buckets.
    """
    text = value.strip()
    if not text or len(text) > MOST_TEXT:
        return ()
    found: dict[tuple[Form, str], Found] = {}
    meaning = meaning_of(name)
    for each in (*_by_value(text), *(_by_name(meaning, text) if meaning is not None else ())):
        known = found.get((each.form, each.name))
        if known is None or (not known.product and each.product):
            found[each.form, each.name] = each
    return tuple(found.values())


def lines_with_stores(text: str) -> Iterator[str]:
    """Yield the lines of a program's own text that name stores by URLs and ports, comments aside."""
    for line in text.splitlines():
        bare = line.strip()
        if bare and not bare.startswith(("#", "//", ";", "--", "*", "<!--")) and stores_named("", bare):
            yield bare


def _by_value(text: str) -> Iterator[Found]:
    rest = text
    for url in _URL.finditer(text):
        row = next((_BY_SCHEME[part] for part in _scheme_parts(url["scheme"]) if part in _BY_SCHEME), None)
        hosts = list(_hosts(url["rest"], is_bucket=row is not None and row.kind is _BUCKET))
        is_http = url["scheme"].lower() in _HTTP
        if row is not None and row.kind is _BUCKET:
            yield from (Found(Form.BUCKET, host, _BUCKET, row.name) for host, _ in hosts[:1])
        elif row is not None:
            yield from (Found(Form.HOST, host, row.kind, row.name, port) for host, port in hosts)
        else:
            for host, port in hosts:
                yield from _by_host(host, port, url["rest"], is_http=is_http)
        if row is not None or hosts:
            rest = rest.replace(url[0], " ")
    for embedded in EMBEDDED.finditer(rest):
        yield Found(Form.EMBEDDED, embedded[0].lower(), _DB)
    for pattern, product in ((_DSN, "MySQL"), (_TNS, "Oracle")):
        for match in pattern.finditer(rest):
            port = int(match["port"] or 0) if pattern is _DSN else 0
            yield Found(Form.HOST, _tidy(match["host"]), _DB, product, port)
    if _BESIDE.search(rest):
        for match in _PAIRS.finditer(rest):
            row = product_of_port(int(match["port"] or 0))
            yield Found(Form.HOST, _tidy(match["host"]), _DB, row.name if row is not None else "")
    for match in _ARN.finditer(rest):
        if match["bucket"]:
            yield Found(Form.BUCKET, match["bucket"], _BUCKET, "S3")
        elif match["table"]:
            yield Found(Form.TABLE, match["table"], _DB, "DynamoDB")
    for match in _HOST_PORT.finditer(rest):
        yield from _by_host(_tidy(match["host"]), int(match["port"]), "", is_http=False)
    bare = _ONE.fullmatch(rest.strip())
    if bare is not None and "." in bare["host"]:
        yield from _by_host(_tidy(bare["host"]), int(bare["port"] or 0), "", is_http=False)


def _scheme_parts(scheme: str) -> Iterator[str]:
    """Yield a scheme and its parts: of `jdbc:mysql:replication` and `postgresql+psycopg2` those that name a product."""
    lower = scheme.lower()
    yield lower
    parts = re.split(r"[+:]", lower)
    # A part of another scheme names a dialect: `jdbc:log4jdbc:mysql`, `r2dbc:pool:postgresql`.
    yield from parts if len(parts) > 1 else ()


def _hosts(rest: str, *, is_bucket: bool) -> Iterator[tuple[str, int]]:
    """Yield hosts and ports of what follows a scheme, without a user and its password."""
    authority = re.split(r"[/?#;\\]", rest.removeprefix("//"), maxsplit=1)[0]
    if "@" not in authority and "@" in rest and not is_bucket:
        # A password may hold any of these signs.
        authority = re.split(r"[/?#;\\]", rest.rpartition("@")[2].removeprefix("//"), maxsplit=1)[0]
    if is_bucket and "@" in authority:
        # Azure's `abfss://container@account.dfs.core.windows.net`.
        authority = authority.rpartition("@")[2].partition(".")[0]
    for part in authority.rpartition("@")[2].split(",")[:20]:
        # An address of Oracle goes on with its SID: `@db:1521:ORCL`.
        one = _ONE.match(part.strip())
        if one is not None and part.strip()[one.end() : one.end() + 1] in ("", ":"):
            yield _tidy(one["host"]), int(one["port"] or 0)


def _by_host(host: str, port: int, rest: str, *, is_http: bool) -> Iterator[Found]:
    """Yield what a host is by itself, or by its port."""
    for row in CLOUD_HOSTS if "." in host else ():
        cloud = row.pattern.fullmatch(host)
        if cloud is None:
            continue
        kind = kind_of(row.product) or _DB
        if kind is not _BUCKET:
            yield Found(Form.HOST, host, kind, row.product, port)
        elif cloud.groupdict().get("bucket"):
            yield Found(Form.BUCKET, cloud["bucket"], kind, row.product)
        else:
            # In a path, the bucket comes first.
            bucket = rest.partition("/")[2].partition("/")[0].partition("?")[0]
            if _BUCKET_NAME.fullmatch(bucket):
                yield Found(Form.BUCKET, bucket, kind, row.product)
        return
    product = product_of_port(port)
    if host in _PROTOCOLS:
        # `-instances=a:b:c=tcp:5432` of a proxy.
        return
    if product is not None and (not is_http or product.speaks_http):
        yield Found(Form.HOST, host, product.kind, product.name, port)


def _by_name(meaning: Meaning, text: str) -> Iterator[Found]:
    if meaning.is_credential or text.lower() in _NO_HOSTS:
        return
    if meaning.form in (Form.BUCKET, Form.TABLE):
        for part in text.split(","):
            name = part.strip()
            if _BUCKET_NAME.fullmatch(name) and not name.replace(".", "").isdecimal() and name.lower() not in _NO_HOSTS:
                yield Found(meaning.form, name, meaning.kind, meaning.product)
        return
    variable = _SERVICE_HOST.fullmatch(text)
    if variable is not None:
        yield Found(Form.HOST, variable["name"].lower().replace("_", "-"), meaning.kind, meaning.product)
        return
    scheme, slashes, rest = text.partition("://")
    row = _BY_NAME.get(meaning.product)
    if slashes and scheme.lower() in _HTTP and (row is None or not row.speaks_http):
        return
    if text.startswith(_SOCKETS):
        return
    if not slashes and not all(_ONE.fullmatch(part.strip()) for part in text.split(",")[:20]):
        return
    if meaning.is_whole and not slashes and _WHOLE.search(text) is None:
        return
    for host, port in _hosts(rest if slashes else text, is_bucket=False):
        if host.isdecimal() or host.lower() in _NO_HOSTS or _is_cloud_of_buckets(host):
            continue
        by_port = product_of_port(port)
        product = by_port.name if by_port is not None and not meaning.product else meaning.product
        yield Found(Form.HOST, host, meaning.kind if not product else kind_of(product) or meaning.kind, product, port)


def _is_cloud_of_buckets(host: str) -> bool:
    """Tell whether a host is a cloud's own, where the bucket is the store."""
    return any(
        kind_of(row.product) is _BUCKET and row.pattern.fullmatch(host) is not None
        for row in CLOUD_HOSTS
        if "." in host
    )


def _tidy(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


_LOCAL = compile_later(r"localhost|127(?:\.[0-9]{1,3}){3}|::1|host\.docker\.internal")


def is_local(host: str) -> bool:
    """Tell whether a host is the pod itself."""
    return _LOCAL.fullmatch(host) is not None


def is_any(host: str) -> bool:
    """Tell whether a host is where a program listens, and none that it calls."""
    return host in _ANY


SUSPECT = compile_later(
    "|".join(
        sorted(
            {re.escape(word) for word in (*_BY_WORD, *_BY_SCHEME) if len(word) > 2}
            | {"db", "database", "datasource", "jdbc", "sql", "cache", "bucket", "s3:", "gs:", "connectionstring"}
            | {"amazonaws", "aliyuncs", r"windows\.net"}
            | {rf":{port}" for port in _BY_PORT}
        )
    ),
    re.IGNORECASE,
)
"""Texts without any of these name no store, but for a Service of the baseline that is one."""
