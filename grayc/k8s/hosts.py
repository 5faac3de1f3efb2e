"""Names of Services as DNS has them: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`.

Source: Kubernetes, "DNS for Services and Pods".
"""

import re
from collections.abc import Container, Iterator

from grayc.k8s.text_words import (
    SCHEMES_BEFORE_SCHEMES,
    SCHEMES_OF_REGISTRIES,
    SCHEMES_WITH_HOST_IN_PATH,
    SCHEMES_WITHOUT_HOST,
)
from grayc.patterns import compile_later
from grayc.records import dataclass

CLUSTER_DOMAIN = "cluster.local"

_LABEL = r"[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?"
"""DNS knows no case. Source: RFC 4343."""
# A host ends where no sign of a name follows: `web-2` and `web_old` are other names, and so is `my.web`.
_HOST = compile_later(
    rf"(?:(?<![A-Za-z0-9_.-])|(?<=:-))(?P<name>{_LABEL})"
    rf"(?:\.(?P<namespace>{_LABEL})(?i:\.svc(?:\.{re.escape(CLUSTER_DOMAIN)}\.?)?)?)?"
    r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9_-])"
)


@dataclass(frozen=True, slots=True)
class Host:
    """A text that may be a Service's DNS name.

    Attributes:
        start: where the Service's name starts in the text; it ends at `start + len(name)`.
        end: where the host ends.
        name: in lower case, as the namespace.
        namespace: "" where only the name is written.
        is_address: it stands where addresses stand: in a URL, before a port, or with `.svc`.
    """

    start: int
    end: int
    name: str
    namespace: str
    is_address: bool


def read_host(text: str) -> Host | None:
    """Return the Service that a text may name, if it holds nothing but its DNS name."""
    found = _HOST.fullmatch(text)
    return None if found is None else _host(text, found)


def read_address(text: str) -> Host | None:
    """Return the Service that a URL, or `host:port`, or a host alone may name."""
    _, slashes, rest = text.partition("://")
    start = len(text) - len(rest) if slashes else 0
    authority = re.split(r"[/?#]", text[start:], maxsplit=1)[0]
    start += authority.rfind("@") + 1
    found = _HOST.match(text, start)
    # ingress-nginx takes variables such as `$request_uri` right after the host.
    if found is None or text[found.end() : found.end() + 1] not in {"", ":", "/", "?", "#", "$"}:
        return None
    return _host(text, found)


def hosts_in(text: str, names: Container[str] | None = None) -> Iterator[Host]:
    """Yield what may be the DNS name of a Service in a text, in order; most are ordinary words.

    Args:
        names: of the Services that are looked for; None for any.
    """
    for found in _HOST.finditer(text):
        if names is None or found["name"].lower() in names:
            yield _host(text, found)


_OCTETS = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.-])"
_ADDRESS = compile_later(rf"(?<=//){_OCTETS}|(?<![\w./-]){_OCTETS}(?!/[0-9])")
"""What a number of bits follows is a range, as of a network policy or `NO_PROXY`."""


def addresses_in(text: str) -> Iterator[Host]:
    """Yield the IPv4 addresses of a text, in order."""
    for found in _ADDRESS.finditer(text):
        yield Host(found.start(), found.end(), found[0], "", is_address=True)


@dataclass(frozen=True, slots=True)
class PodHost:
    """The DNS name of a pod behind a headless Service, and where its parts start in the text.

    Attributes:
        workload: -1 where a variable of the pod stands for its name.
    """

    workload: int
    service: int


def pod_hosts_in(text: str, *, workload: str, service: str, namespace: str) -> Iterator[PodHost]:
    """Yield the names of a workload's pods behind its headless Service: `web-0.web-hl`, `$(POD).web-hl.shop.svc`.

    Source: Kubernetes, "StatefulSet", stable network ID.
    """
    if service not in text:
        return
    pattern = (
        rf"(?:(?<![A-Za-z0-9_./-])|(?<=//))(?P<workload>{re.escape(workload)})-(?:[0-9]+|\$[({{]\w+[)}}])"
        r"|(?P<variable>\$[({]\w+[)}])"
    )
    whole = rf"(?:{pattern})\.(?P<service>{re.escape(service)})(?:\.(?P<namespace>{_LABEL}))?(?![A-Za-z0-9_-])"
    for found in re.finditer(whole, text):
        if found["namespace"] in (None, namespace, "svc"):
            yield PodHost(found.start("workload"), found.start("service"))


def _host(text: str, found: re.Match[str]) -> Host:
    namespace = (found["namespace"] or "").lower()
    return Host(found.start("name"), found.end(), found["name"].lower(), namespace, _is_address(text, found))


_SCHEME = compile_later(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^\s/?#\"'@]*@)?(?:\$\{[A-Za-z_][\w.-]*:-?)?$")
_PORT_BEHIND = compile_later(r"\}?:(?:\$\{[A-Za-z_][\w.-]*:-?)?(?P<port>[0-9]{1,5})(?![A-Za-z0-9_:-]|\.[A-Za-z0-9_])")
_NO_PORT = compile_later(r"\}?(?=[/?#\s\"'`,;&<>)\]|]|$)")
_PORT_BESIDE = compile_later(r"[\"'](?:[ \t]*\.\.[ \t]*\w+)?[ \t]*,[ \t]*(?P<port>[1-9][0-9]{1,4})(?![\w.])")
_PORT_IN_STRING = compile_later(r"[ \t]*[;& \t][ \t]*port[ \t]*=[ \t]*(?P<port>[0-9]{1,5})(?!\w)", re.IGNORECASE)
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
"""Sources: RFC 9110, 4.2; RFC 6455, 3."""
_TLS = frozenset({"https", "wss", "grpcs"})


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands around a host in a text.

    Attributes:
        port: None where none is seen.
        is_tls: the scheme of its URL says that the client itself encrypts.
    """

    port: int | None
    is_tls: bool


def beside(text: str, host: Host) -> Beside:
    """Return what a text says of the call besides its host."""
    before = text[max(0, host.start - _LONGEST_BEFORE) : host.start]
    scheme = found["scheme"].lower() if (found := _SCHEME.search(before)) is not None else ""
    for pattern in (_PORT_BEHIND, _PORT_BESIDE, _PORT_IN_STRING):
        port = pattern.match(text, host.end)
        if port is not None:
            return Beside(int(port["port"]), scheme in _TLS)
    default = _PORTS.get(scheme) if _NO_PORT.match(text, host.end) is not None else None
    return Beside(default, scheme in _TLS)


_LONGEST_BEFORE = 300
"""Characters before a name that are looked at: an address stands at the start of its URL."""

_BETWEEN = compile_later(r"[\s\"'`<>(){}\[\]|;\\]")
_NO_SCHEME = compile_later(r"[^A-Za-z0-9+.-]")
_PORT = compile_later(r":(?:[0-9]{1,5}(?![A-Za-z0-9_:-]|\.[A-Za-z0-9_])|\$[({][\w.-]*(?i:port))")
_DEFAULT = compile_later(r"\$\{[A-Za-z_][\w.-]*:-?$")
"""`${NAME:web}` of Spring, `${NAME:-web}` of a shell."""
_WITHOUT_SLASHES = compile_later(rf"(?:^|[=,])(?:{'|'.join(sorted(SCHEMES_WITH_HOST_IN_PATH))}):$")
_DEFAULT_ENDS = (":", "-")
_QUOTES = ('"', "'")
_PAIR = compile_later(r"[\"'](?:[ \t]*\.\.[ \t]*\w+)?[ \t]*,[ \t]*[1-9][0-9]{1,4}(?![\w.])")
"""Host and port in a program: `connect("web", 9090)`; in Lua `"web" .. suffix, 9090`."""
_IN_STRING = compile_later(r"(?:^|[\s;?&,\"'])(?:host|hostname|server|addr|address|data source)$", re.IGNORECASE)
_LONGEST_KEY = 16
_STRING_END = compile_later(r"(?=$|[\s;&,\"'])")
"""`host=web port=5432` and `Server=web;Database=x`. Sources: libpq, "Connection Strings"; ADO.NET's."""


def _is_address(text: str, found: re.Match[str]) -> bool:
    """Tell whether a name stands where an address does, and not in a path, a bucket, an image or another name.

    Sources: RFC 3986, 3.2 (authority); distribution/reference, regexp.go: of an image, what a `/` or no port of digits
    alone follows.
    """
    start, end = found.start(), found.end()
    # What costs most is asked last: a long text may have a name at every other sign.
    before = text[max(0, start - _LONGEST_BEFORE) : start]
    default = _DEFAULT.search(before) if text[end : end + 1] == "}" and before[-1:] in _DEFAULT_ENDS else None
    if default is not None:
        # What counts where a variable is not set stands where the variable does.
        before, end = before[: default.start()], end + 1
    elif before[-1:] in _QUOTES and _PAIR.match(text, end) is not None:
        return True
    token = "" if before[-1:].isspace() else _BETWEEN.split(before)[-1]
    head, slashes, authority = token.rpartition("://")
    if slashes:
        scheme = _NO_SCHEME.split(head)[-1].lower()
        if authority.startswith("/"):
            return scheme in SCHEMES_WITH_HOST_IN_PATH and authority == "/"
        # Behind a user, and each of several.
        is_host = authority[-1:] in {"", "@", ","} and not {*"/?#"} & {*authority}
        if is_host:
            if scheme in SCHEMES_WITHOUT_HOST or head[: -len(scheme)].endswith(SCHEMES_BEFORE_SCHEMES):
                return False
            return scheme not in SCHEMES_OF_REGISTRIES or _PORT.match(text, end) is not None
    if token == "//" or token.endswith(("=//", ",//", "@//")):
        return True
    if token.endswith(("/", ":", "$")):
        return token.endswith(":") and _WITHOUT_SLASHES.search(token) is not None
    if ".svc" in found.group() or token.endswith("@") or _PORT.match(text, end) is not None:
        return True
    head, sign, _ = before.rstrip(" \t").rpartition("=")
    if not sign or before.rstrip(" \t")[-1] != "=":
        return False
    key = head.rstrip(" \t")[-_LONGEST_KEY:]
    return _IN_STRING.search(key) is not None and _STRING_END.match(text, end) is not None
