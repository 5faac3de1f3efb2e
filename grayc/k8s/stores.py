"""Databases, caches, search indexes, buckets and volumes: how manifests name them.

A text names a store by the scheme of a URL, by a port that one product listens on, by a host that a cloud gives to one
product alone, or by what the variable is called. Registries, configuration centres and brokers are no stores, and what
speaks HTTP is one only where its product does.

Read: the sources of Spring Boot, Cloud SQL Proxy, dbmate, goose, csi-driver-nfs, and of the CSI drivers that are named
below. Seen in excerpts, and not opened: pages of AWS on S3, of Alibaba Cloud on OSS, of Google on Cloud Storage and its
driver for buckets. What has no source of its maker says by what it is known.
"""

import re
from enum import StrEnum

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
    UNREAD = "unread"
    """An address whose password has signs that may end it: nobody can tell which part is the host."""
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
# and pressly/goose, README.md. Ports: 3306, 5432, 6379 and 26257 as silverwind/port-numbers and whatportis show IANA's
# registry; of all others no source was opened: those of IANA or of the product as they are known. Ports that other
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
    # docs.aws.amazon.com, Amazon S3 User Guide, "Virtual hosting of general purpose buckets"; docs.amazonaws.cn, the
    # same with `.cn`. Older hosts have `s3-` before the region, by URLs in public.
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9.-]*)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", "S3"),
    _cloud(r"s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", "S3"),
    # help.aliyun.com, OSS, "Regions and endpoints", and alibabacloud.com, OSS, "Bucket domain names"; dual-stack ones
    # have the region first. tencentcloud.com, COSCLI: `cos.ap-chengdu.myqcloud.com`; with the bucket first in URLs.
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9-]*)\.oss-[a-z0-9-]+\.aliyuncs\.com", "OSS"),
    _cloud(r"oss-[a-z0-9-]+\.aliyuncs\.com", "OSS"),
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9-]*)\.[a-z0-9-]+\.oss\.aliyuncs\.com", "OSS"),
    _cloud(r"[a-z0-9-]+\.oss\.aliyuncs\.com", "OSS"),
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9-]*)\.cos\.[a-z0-9-]+\.myqcloud\.com", "COS"),
    _cloud(r"cos\.[a-z0-9-]+\.myqcloud\.com", "COS"),
    # MicrosoftDocs/azure-docs, "Configure Azure Storage connection strings" (`ACCOUNT.file.core.windows.net`), and
    # kubernetes-sigs/blob-csi-driver, docs/driver-parameters.md (`.blob.`). docs.cloud.google.com, "Request endpoints".
    _cloud(r"(?P<bucket>[a-z0-9]+)\.(?:blob|dfs)\.core\.windows\.net", "Blob Storage"),
    _cloud(r"(?P<bucket>[a-z0-9][a-z0-9._-]*)\.storage\.googleapis\.com", "Cloud Storage"),
    _cloud(r"storage\.googleapis\.com", "Cloud Storage"),
    # Hosts of managed databases, as the clouds' consoles show them: habits of theirs, no contract. Azure's PostgreSQL:
    # Azure/azure-powershell, Get-AzPostgreSqlConnectionString.md; Alibaba Cloud's Redis: its SDK,
    # `ConnectionStringPrefix`; the others by programs in public that connect to them.
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
        # Their volumes hold keys and certificates, or the socket that gives them. cert-manager/csi-driver and
        # spiffe/spiffe-csi, README.md; kubernetes-sigs/secrets-store-csi-driver, docs/book.
        "secrets-store.csi.k8s.io",
        "csi.cert-manager.io",
        "csi.spiffe.io",
    }
)
DRIVER_SERVER = ("volumeAttributes", "server")
DRIVER_BUCKETS = (
    ("volumeAttributes", "bucketName"),
    ("volumeAttributes", "bucket"),
    ("volumeAttributes", "containerName"),
)
"""What volumes of CSI name. Sources: kubernetes-csi/csi-driver-nfs 0de047c, docs/driver-parameters.md
(`volumeAttributes.server`); cloud.google.com, "Mount Cloud Storage buckets as CSI ephemeral volumes", and
awslabs/mountpoint-s3-csi-driver, docs/CONFIGURATION.md (`bucketName`); kubernetes-sigs/alibaba-cloud-csi-driver,
docs/oss.md (`bucket`); kubernetes-sigs/blob-csi-driver, docs/driver-parameters.md (`containerName`).
"""

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


BY_NAME = {row.name: row for row in PRODUCTS}
BY_SCHEME = {scheme: row for row in PRODUCTS for scheme in row.schemes}
BY_PORT = {port: row for row in PRODUCTS for port in row.ports}
BY_WORD = {word: row for row in PRODUCTS for word in row.words}
BY_IMAGE = {image: row for row in PRODUCTS for image in row.images}


def product_of_image(image: str) -> Product | None:
    """Return the product that an image runs, by the last part of its name."""
    name = image.partition("@")[0]
    last = name.rpartition("/")[2].partition(":")[0]
    if last == "server":
        return BY_NAME["SQL Server"] if "/mssql/" in name else None
    return BY_IMAGE.get(last)


def product_of_word(word: str) -> Product | None:
    """Return the product that a part of a name tells."""
    return BY_WORD.get(word)


def product_of_port(port: object) -> Product | None:
    """Return the product that listens on a port, where that is one alone."""
    return BY_PORT.get(port) if isinstance(port, int) and not isinstance(port, bool) else None


def kind_of(product: str) -> StoreKind | None:
    """Return the kind of a product, None for none that is known."""
    return BY_NAME[product].kind if product in BY_NAME else None
