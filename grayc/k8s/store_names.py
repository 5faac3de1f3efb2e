"""Which stores a text names: by a scheme, a port, a cloud's host, or by what the setting is called."""

import re
from collections.abc import Iterator
from functools import lru_cache

from grayc.k8s.stores import (
    BY_NAME,
    BY_PORT,
    BY_SCHEME,
    BY_WORD,
    CLOUD_HOSTS,
    EMBEDDED,
    GENERIC,
    Form,
    Product,
    StoreKind,
    kind_of,
    product_of_port,
)
from grayc.patterns import compile_later
from grayc.records import dataclass

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
    row = next((BY_WORD[part] for part in reversed(parts) if part in BY_WORD), None)
    if row is not None and row.name == "Elasticsearch" and "apm" in parts:
        # Elastic's APM: where traces go. `ELASTIC_APM_SERVER_URL` of its agents.
        return None
    if row is None and parts[:2] == ("azure", "storage"):
        row = BY_NAME["Blob Storage"]
    if parts[-1] in ("bucket", "buckets") or parts[-2:] in (("bucket", "name"), ("bucket", "names")):
        if not _NOT_BUCKETS.isdisjoint(parts):
            return None
        product = row.name if row is not None and row.kind is StoreKind.BUCKET else ""
        return Meaning(StoreKind.BUCKET, product, form=Form.BUCKET)
    if row is not None and row.name == "DynamoDB" and ("table" in parts[-2:]):
        return Meaning(StoreKind.DATABASE, row.name, form=Form.TABLE)
    kind = next((GENERIC[part] for part in reversed(parts) if part in GENERIC), None)
    joined = _JOINED.fullmatch(parts[-1])
    if joined is not None:
        row = row or BY_WORD.get(joined["what"])
        kind = kind or StoreKind.DATABASE
    elif parts[-2:] in (("connection", "string"), ("connection", "strings")) or parts[0] == "connectionstrings":
        kind = kind or StoreKind.DATABASE
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
            row.kind if row is not None else kind or StoreKind.DATABASE,
            row.name if row is not None else "",
            is_whole=is_whole,
        )
    if parts[-1] in _CREDENTIAL_PARTS:
        return Meaning(
            row.kind if row is not None else kind or StoreKind.DATABASE, row.name if row is not None else "", True
        )
    return None


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
_PROTOCOL = compile_later(r"(?:tcp6?|udp)\(([^()]*)\)?")
"""Source: go-sql-driver/mysql, README, "DSN": `user:password@protocol(address)/dbname`; golang-migrate/migrate,
database/mysql/README.md puts `mysql://` before it.
"""
_ORACLE = compile_later(
    rf"jdbc:oracle:[a-z0-9]+:[^\s\"'<>|@]+@(?:tcps?:)?(?://)?(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<more>[^\s\"'<>|]*@)?[^\s\"'<>|]*",
    re.IGNORECASE,
)
"""`jdbc:oracle:thin:USER/PASSWORD@//HOST`, as programs in public write it (`scott/tiger`, of Oracle's own examples)."""
_AZURE = compile_later(r"(?:^|;)\s*AccountName=(?P<account>[a-z0-9]{3,24})(?=;|$)", re.IGNORECASE)
_AZURE_BESIDE = compile_later(
    r"(?:^|;)\s*(?:DefaultEndpointsProtocol|AccountKey|SharedAccessSignature)=", re.IGNORECASE
)
"""Source: MicrosoftDocs/azure-docs, articles/storage/common/storage-configure-connection-string.md."""
_ENDS = compile_later(r"[/?#;\\]")
_PLACES = compile_later(rf"{_HOST}(?::[0-9]{{1,5}})?(?:,{_HOST}(?::[0-9]{{1,5}})?)*")
_HALF_LOGIN = compile_later(rf"{_HOST}:(?![0-9]{{1,5}}(?:[,:]|$))[^$<{{%,]")
"""A name and what is no port: the user and the start of a password that a sign cuts off."""
_DRIVERS = ("jdbc:", "r2dbc:")
_ANY_DATABASE = Product(name="", kind=StoreKind.DATABASE)
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
    by_value = tuple(_by_value(text))
    is_read = all(each.form is not Form.UNREAD for each in by_value)
    for each in (*by_value, *(_by_name(meaning, text) if meaning is not None and is_read else ())):
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
    for oracle in _ORACLE.finditer(text):
        host = "" if oracle["more"] else _tidy(oracle["host"])
        yield Found(Form.HOST if host else Form.UNREAD, host, StoreKind.DATABASE, "Oracle", int(oracle["port"] or 0))
        rest = rest.replace(oracle[0], " ")
    source = rest
    for url in _URL.finditer(source):
        row = next((BY_SCHEME[part] for part in _scheme_parts(url["scheme"]) if part in BY_SCHEME), None)
        is_http = url["scheme"].lower() in _HTTP
        if row is None and url["scheme"].lower().startswith(_DRIVERS) and not _is_embedded(url["scheme"]):
            # A driver that is not known is one of a database all the same.
            row = _ANY_DATABASE
        hosts = _hosts(url["rest"], is_bucket=row is not None and row.kind is StoreKind.BUCKET)
        if hosts is None or (_PLACES.fullmatch(url["rest"]) and _goes_on(source[url.end() :])):
            # Neither is any other part of the text a host without doubt.
            if row is not None:
                yield Found(Form.UNREAD, "", row.kind, row.name)
                return
            hosts = []
        if row is not None and row.kind is StoreKind.BUCKET:
            yield from (Found(Form.BUCKET, host, StoreKind.BUCKET, row.name) for host, _ in hosts[:1])
        elif row is not None:
            yield from (Found(Form.HOST, host, row.kind, row.name, port) for host, port in hosts)
        else:
            for host, port in hosts:
                yield from _by_host(host, port, url["rest"], is_http=is_http)
        if row is not None or hosts:
            rest = rest.replace(url[0], " ")
    for embedded in EMBEDDED.finditer(rest):
        yield Found(Form.EMBEDDED, embedded[0].lower(), StoreKind.DATABASE)
    for pattern, product in ((_DSN, "MySQL"), (_TNS, "Oracle")):
        for match in pattern.finditer(rest):
            port = int(match["port"] or 0) if pattern is _DSN else 0
            yield Found(Form.HOST, _tidy(match["host"]), StoreKind.DATABASE, product, port)
    for match in _AZURE.finditer(rest) if _AZURE_BESIDE.search(rest) else ():
        yield Found(Form.BUCKET, match["account"].lower(), StoreKind.BUCKET, "Blob Storage")
    if _BESIDE.search(rest):
        for match in _PAIRS.finditer(rest):
            row = product_of_port(int(match["port"] or 0))
            yield Found(Form.HOST, _tidy(match["host"]), StoreKind.DATABASE, row.name if row is not None else "")
    for match in _ARN.finditer(rest):
        if match["bucket"]:
            yield Found(Form.BUCKET, match["bucket"], StoreKind.BUCKET, "S3")
        elif match["table"]:
            yield Found(Form.TABLE, match["table"], StoreKind.DATABASE, "DynamoDB")
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


def _is_embedded(scheme: str) -> bool:
    return EMBEDDED.match(f"{scheme}:") is not None and not scheme.lower().endswith((":tcp", ":ssl"))


def _goes_on(text: str) -> bool:
    """Tell whether what follows a URL may be the rest of a password, which has a sign that ends URLs."""
    return "@" in text.partition("://")[0].partition("=")[0]


def _hosts(rest: str, *, is_bucket: bool) -> list[tuple[str, int]] | None:
    """Return hosts and ports of what follows a scheme, without a user and its password.

    None where nobody can tell where the password ends: a part of it might be taken for the host.
    """
    text = rest.removeprefix("//")
    authority = _ENDS.split(text, maxsplit=1)[0]
    after = text[len(authority) :]
    if "@" in after and not is_bucket:
        # A password may hold any of these signs: what goes on behind a name and no port is one, up to the only `@`.
        if "@" in authority or after.count("@") > 1 or _PLACES.fullmatch(authority):
            return None
        authority = _ENDS.split(after.partition("@")[2].removeprefix("//"), maxsplit=1)[0]
    elif "@" not in authority and _HALF_LOGIN.match(authority):
        return None
    if is_bucket and "@" in authority:
        # Azure's `abfss://container@account.dfs.core.windows.net`.
        authority = authority.rpartition("@")[2].partition(".")[0]
    found = []
    authority = authority.rpartition("@")[2]
    dsn = _PROTOCOL.fullmatch(authority)
    for part in (dsn[1] if dsn is not None else authority).split(",")[:20]:
        # An address of Oracle goes on with its SID: `@db:1521:ORCL`.
        one = _ONE.match(part.strip())
        if one is not None and part.strip()[one.end() : one.end() + 1] in ("", ":"):
            found.append((_tidy(one["host"]), int(one["port"] or 0)))
    return found


def _by_host(host: str, port: int, rest: str, *, is_http: bool) -> Iterator[Found]:
    """Yield what a host is by itself, or by its port."""
    for row in CLOUD_HOSTS if "." in host else ():
        cloud = row.pattern.fullmatch(host)
        if cloud is None:
            continue
        kind = kind_of(row.product) or StoreKind.DATABASE
        if kind is not StoreKind.BUCKET:
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
    row = BY_NAME.get(meaning.product)
    if slashes and scheme.lower() in _HTTP and (row is None or not row.speaks_http):
        return
    if text.startswith(_SOCKETS):
        return
    if not slashes and not all(_ONE.fullmatch(part.strip()) for part in text.split(",")[:20]):
        return
    if meaning.is_whole and not slashes and _WHOLE.search(text) is None:
        return
    for host, port in _hosts(rest if slashes else text, is_bucket=False) or ():
        if host.isdecimal() or host.lower() in _NO_HOSTS or _is_cloud_of_buckets(host):
            continue
        by_port = product_of_port(port)
        product = by_port.name if by_port is not None and not meaning.product else meaning.product
        yield Found(Form.HOST, host, meaning.kind if not product else kind_of(product) or meaning.kind, product, port)


def _is_cloud_of_buckets(host: str) -> bool:
    """Tell whether a host is a cloud's own, where the bucket is the store."""
    return any(
        kind_of(row.product) is StoreKind.BUCKET and row.pattern.fullmatch(host) is not None
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


@lru_cache(maxsize=1)
def _suspects() -> tuple[str, ...]:
    """Return the words without which a text names no store, those left out that hold another of them."""
    every = {word.casefold() for word in (*BY_WORD, *BY_SCHEME) if len(word) > 2}
    every |= {"db", "database", "datasource", "jdbc", "sql", "cache", "bucket", "s3:", "gs:", "connectionstring"}
    every |= {"amazonaws", "aliyuncs", "windows.net", *(f":{port}" for port in BY_PORT)}
    shortest: list[str] = []
    for word in sorted(every, key=lambda word: (len(word), word)):
        if not any(other in word for other in shortest):
            shortest.append(word)
    return tuple(shortest)


def may_name_store(text: str) -> bool:
    """Tell whether a text has a word without which it names no store, but for a Service of the baseline that is one.

    Word by word: one expression of all of them takes twenty times as long for a text that has none.
    """
    folded = text.casefold()
    return any(word in folded for word in _suspects())
