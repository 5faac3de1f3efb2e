"""Names of Services as DNS has them: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`.

Source: Kubernetes, "DNS for Services and Pods".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CLUSTER_DOMAIN = "cluster.local"

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
# A host ends where no sign of a name follows: `web-2` and `web_old` are other names, and so is `my.web`.
_HOST = re.compile(
    rf"(?<![A-Za-z0-9_.-])(?P<name>{_LABEL})"
    rf"(?:\.(?P<namespace>{_LABEL})(?:\.svc(?:\.{re.escape(CLUSTER_DOMAIN)}\.?)?)?)?"
    r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9_-])"
)


@dataclass(frozen=True, slots=True)
class Host:
    """A text that may be a Service's DNS name.

    Attributes:
        start: where the Service's name starts in the text; it ends at `start + len(name)`.
        namespace: "" where only the name is written.
        is_address: it stands where addresses stand: in a URL, before a port, or with `.svc`.
    """

    start: int
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


def hosts_in(text: str) -> Iterator[Host]:
    """Yield what may be the DNS name of a Service in a text, in order; most are ordinary words."""
    for found in _HOST.finditer(text):
        yield _host(text, found)


def _host(text: str, found: re.Match[str]) -> Host:
    before, after = text[max(0, found.start() - 2) : found.start()], text[found.end() : found.end() + 2]
    is_address = before == "//" or before[-1:] == "@" or re.match(r":\d", after) is not None or ".svc" in found.group()
    return Host(found.start("name"), found["name"], found["namespace"] or "", is_address)
