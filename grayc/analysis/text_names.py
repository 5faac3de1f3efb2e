"""Names of copied objects inside text: variables, arguments, probes, hooks, annotations, configuration.

A name counts where it is an address of a Service of the lane, or where its field means an object. Paths, images,
buckets and what a program registers as are other names of the same letters. Whoever asks of one object is told all such
names in it, so that all follow or none.
"""

import re
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from grayc.analysis.graph import containers_of, is_workload
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get_text, matches
from grayc.k8s.hosts import Host, beside, hosts_in, pod_hosts_in
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.text_words import is_of_address, is_of_config, is_of_other, is_of_secret, words_of
from grayc.plan.model import CopiedNames
from grayc.plan.read_as import host_parts
from grayc.records import dataclass, replace

_SERVICE: GroupKind = (CORE, "Service")
_CONFIG: GroupKind = (CORE, "ConfigMap")
_SECRET: GroupKind = (CORE, "Secret")

_ITEM = re.compile(r"[^,;\s]+")
_BEHIND_A_DOT = re.compile(r"\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)")
_LINE = re.compile(
    r"^[ \t{-]*[\"']?([A-Za-z][\w.-]*)[\"']?[ \t]*[:=][ \t]*[\"']?([^\s\"'#,;]+)[\"']?[ \t]*[,;]?[ \t}]*(?:#.*)?$",
    re.MULTILINE,
)
"""A line of properties, YAML or JSON: a key and one word."""
_FLOW = re.compile(
    r"[{,][ \t]*[\"']?([A-Za-z][\w.-]*)[\"']?[ \t]*:[ \t]*[\"']?([^\s\"'#,;{}\[\]]+)[\"']?(?=[ \t]*[,}])"
)
"""The same within braces: `{"host": "web", "port": 80}`."""
_SERVER = re.compile(r"^[ \t]*(server)[ \t]+([^\s;:{]+)(?=[ \t]*;|[ \t]+\w+=)", re.MULTILINE)
"""Source: nginx, ngx_http_upstream_module, `server`."""
_OPTION = re.compile(
    r"(?<![^\s\"'=;&])(?:-D|--?|(?=[A-Z][A-Z0-9_]*=))([A-Za-z][\w.-]*)=[\"']?([^\s\"'#,;&]+)[\"']?(?=[\s\"';&]|$)"
)
"""An option among the words of a command or of a variable, and a shell's own variable: `-Dcart.host=web`, `TO=web app`.

Sources: JDK, "The java Command" (`-D`, `JDK_JAVA_OPTIONS`); POSIX, Shell Command Language, 2.9.1.
"""
_INDENT = re.compile(r"[ \t-]*")
_UPSTREAM = re.compile(r"(?<![\w.$-])upstream[ \t]+([\w.-]+)\s*\{")
"""A group of servers that the text itself names. Source: nginx, ngx_http_upstream_module, `upstream`."""
_DEFAULT = re.compile(r"\$\{[A-Za-z_][\w.-]*:-?([^{}$]*)\}")
_LONGEST_PAIRS = 256 * 1024
"""Characters of a text that is looked through for pairs; longer ones are data."""

_POD_HOST = re.compile(
    r"(?:(?<![a-z0-9_./-])|(?<=//))(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?-[0-9]+|[a-z0-9-]*\$[({]\w+[)}])"
    r"\.(?P<service>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?:\.(?P<namespace>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?))?(?![a-z0-9_-])",
    re.IGNORECASE,
)
"""A pod behind a headless Service: `web-0.web-hl`. Source: Kubernetes, "StatefulSet", stable network ID."""

_EXEC = ("exec", "command", "[*]")
_HANDLERS = (
    *(("lifecycle", hook) for hook in ("preStop", "postStart")),
    *((probe,) for probe in ("livenessProbe", "readinessProbe", "startupProbe")),
)
"""Source: core/v1 Container, Probe, LifecycleHandler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextName:
    """A baseline name in a text.

    Attributes:
        path: the text.
        start: where the name starts in it, in base64 in what it says.
        target: the object of the baseline that the name is.
        gray: name of its copy.
        is_coded: the text is in base64.
    """

    path: Path
    start: int
    target: ObjectKey
    gray: str
    is_coded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text and what tells its meaning.

    Attributes:
        name: of the variable, flag or key, "" where there is none.
        start: where the value starts, as in `--backend=web`.
        is_host: it holds nothing but a host, whatever it is called.
        is_coded: it stands in base64.
        is_config: it is a key of a ConfigMap or Secret, which may be a file.
    """

    path: Path
    text: str
    name: str = ""
    start: int = 0
    is_host: bool = False
    is_coded: bool = False
    is_config: bool = False


def decoded(text: str) -> str:
    """Return what a text in base64 says, "" where it is none, or says no text."""
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def names_in_text(document: Document, copied: CopiedNames) -> Iterator[TextName]:
    """Yield the names in an object's texts, in the order of its texts and from start to end.

    A Service's name counts where addresses stand: in a URL, before a port, with `.svc`, as a pod's behind it, or as the
    whole value, or one of a list, of what is called after an address. A ConfigMap's or Secret's counts as the whole
    value of what is called after one. Words that merely look alike are many: a service is called `web`, and so is a log
    level's tag.
    """
    home = document.identity.namespace
    given = copied.read_as.get(document.identity.key, {})
    for text in _texts(document, given):
        found: dict[int, TextName] = {}
        for start, key in (
            *((host.start, key) for host, key in _services_in(text, home, copied.names)),
            *_pods_in(text, copied, home),
            *_objects_in(text, home),
        ):
            gray = copied.gray.get(key)
            if gray is not None:
                name = TextName(path=text.path, start=start, target=key, gray=gray, is_coded=text.is_coded)
                found.setdefault(start, name)
        yield from (found[start] for start in sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedService:
    """A Service that a text names as an address.

    Attributes:
        key: which may be of no object.
        port: by which it is called; None where the text does not say.
        is_tls: the client encrypts what it sends there, as its URL says.
        is_pod: one of its pods is named, `web-0.web`.
        address: IP address that stands for its name, "" for none.
    """

    key: ObjectKey
    port: int | None
    is_tls: bool = False
    is_pod: bool = False
    address: str = ""


def services_named(
    text: str, name: str, home: str, names: frozenset[str], *, is_host: bool = False
) -> Iterator[NamedService]:
    """Yield the Services that a text names as addresses, by the same rules.

    Args:
        name: of the variable, flag, key or file that holds it; of a flag, `--to=web` is the whole text.
        home: namespace of the pods.
        names: of the Services that are looked for.
    """
    start = len(name) + 1 if name.startswith("-") and text.startswith(f"{name}=") else 0
    asked = _Text(path=(), text=text, name=name, start=start, is_host=is_host, is_config="." in name)
    ports: Mapping[int, int] | None = None
    for host, key in _services_in(asked, home, names):
        around = beside(text, host)
        if around.port is None:
            ports = _ports_beside(asked) if ports is None else ports
        port = around.port if around.port is not None else (ports or {}).get(host.start)
        yield NamedService(key=key, port=port, is_tls=around.is_tls)
    for found in _POD_HOST.finditer(text):
        service, namespace = found["service"].lower(), found["namespace"]
        if service in names:
            home_of = home if namespace in (None, "svc") else namespace.lower()
            yield NamedService(
                key=ObjectKey(group_kind=_SERVICE, namespace=home_of, name=service), port=None, is_pod=True
            )


def _ports_beside(text: _Text) -> Mapping[int, int]:
    """Return where the value of a key starts → the port of the key beside it: `cart.host` and `cart.port`."""
    pairs = _pairs(text)
    found: dict[int, int] = {}
    for one, other in (*pairwise(pairs), *((other, one) for one, other in pairwise(pairs))):
        (words, (start, _)), (of_port, (at, end)) = one, other
        port = text.text[at:end]
        is_port = of_port[-1:] == ("PORT",) and of_port[:-1] in (words, words[:-1])
        if is_port and port.isdecimal() and len(port) < 6 and _are_together(text.text, start, at):
            found.setdefault(start, int(port))
    return found


def _are_together(text: str, one: int, other: int) -> bool:
    """Tell whether two values stand in one mapping: on one line, or on lines of one indent that follow each other."""
    first, second = sorted((one, other))
    between = text[first:second]
    if {*"{}[]"} & {*between} or between.count("\n") > 1:
        return False
    indents = {len(found[0]) for at in (first, second) if (found := _INDENT.match(text, text.rfind("\n", 0, at) + 1))}
    return len(indents) == 1


def _services_in(text: _Text, home: str, names: frozenset[str]) -> Iterator[tuple[Host, ObjectKey]]:
    """Yield where a text holds what may be a Service's address, and whose."""
    words = words_of(text.name)
    lines = _pairs(text)
    if is_of_other(words) and not lines:
        return
    others = [span for of_line, span in lines if is_of_other(of_line)]
    wholes = _wholes(text) if text.is_host or is_of_address(words) else frozenset()
    wholes |= frozenset(span for of_line, span in lines if is_of_address(of_line))
    hosts = _hosts_of(text.text, names)
    groups = frozenset(_UPSTREAM.findall(text.text)) if hosts and "upstream" in text.text else frozenset()
    for host in hosts:
        if host.name in groups and not host.namespace and _is_of_group(text.text, host.start, len(host.name)):
            continue
        end = host.start + len(host.name) + (len(host.namespace) + 1 if host.namespace else 0)
        at = bisect_right(others, (host.start, len(text.text))) - 1
        if at >= 0 and others[at][0] <= host.start < others[at][1]:
            continue
        if host.is_address or (host.start, end) in wholes:
            yield host, ObjectKey(group_kind=_SERVICE, namespace=host.namespace or home, name=host.name)


@lru_cache(maxsize=16)
def _hosts_of(text: str, names: frozenset[str]) -> tuple[Host, ...]:
    """Return `hosts_in`, kept: one patch gives a thousand objects the same long text."""
    return tuple(hosts_in(text, names))


def _is_of_group(text: str, start: int, length: int) -> bool:
    """Tell whether a name stands where nginx looks for a group of servers first: `proxy_pass http://web;`."""
    return text.endswith("://", 0, start) and not text.startswith(":", start + length)


def _pairs(text: _Text) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
    """Return the words of each key that a text of several holds, and where its value stands, in order."""
    is_file = text.is_config or "\n" in text.text or "{" in text.text
    if not (is_file or "=" in text.text) or len(text.text) > _LONGEST_PAIRS:
        return []
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for pattern in (_LINE, _FLOW, _SERVER, _OPTION) if is_file else (_OPTION,):
        for pair in pattern.finditer(text.text):
            default = _DEFAULT.fullmatch(pair[2])
            start, end = pair.span(2)
            found.setdefault((start + default.start(1), end - 1) if default else (start, end), words_of(pair[1]))
    return [(found[span], span) for span in sorted(found)]


def _wholes(text: _Text) -> frozenset[tuple[int, int]]:
    """Return start and end of the value, or of each item of a list."""
    default = _DEFAULT.fullmatch(text.text, text.start)
    if default is not None:
        return frozenset({default.span(1)})
    return frozenset((item.start(), item.end()) for item in _ITEM.finditer(text.text, text.start))


def _pods_in(text: _Text, copied: CopiedNames, home: str) -> Iterator[tuple[int, ObjectKey]]:
    """Yield where a text names pods, once for the workload's name and once for the Service's."""
    behind = {found[1] for found in _BEHIND_A_DOT.finditer(text.text)} if copied.peers else frozenset()
    for name in sorted(behind & copied.names):
        service = ObjectKey(group_kind=_SERVICE, namespace=home, name=name)
        for workload in copied.peers.get(service, ()):
            found = list(pod_hosts_in(text.text, workload=workload.name, service=name, namespace=home))
            for pod in found:
                if pod.workload >= 0:
                    yield pod.workload, workload
                yield pod.service, service
            if found:
                # Members of a cluster are listed by name and address: `web-0=http://web-0.peers:2380`.
                bare = rf"(?<![A-Za-z0-9_./-]){re.escape(workload.name)}-[0-9]+(?![A-Za-z0-9_./-])"
                yield from ((each.start(), workload) for each in re.finditer(bare, text.text))


def _objects_in(text: _Text, home: str) -> Iterator[tuple[int, ObjectKey]]:
    """Yield where a whole value may be the name of a ConfigMap or Secret: `web-config`, `shop/web-config`."""
    words = words_of(text.name)
    kinds = [kind for kind, is_of in ((_CONFIG, is_of_config), (_SECRET, is_of_secret)) if is_of(words)]
    if not kinds:
        return
    for start, end in _wholes(text):
        space, slash, name = text.text[start:end].rpartition("/")
        # A variable such as `$(NAMESPACE)` is the pod's own.
        if slash and space != home and not space.startswith("$"):
            continue
        yield from ((end - len(name), ObjectKey(group_kind=kind, namespace=home, name=name)) for kind in kinds)


def _texts(document: Document, given: Mapping[str, frozenset[tuple[str, ...]]]) -> Iterator[_Text]:
    """Yield every text of an object that may hold names.

    Args:
        given: key of a ConfigMap or Secret → the words of the names under which containers get it.
    """
    yield from _values(document.data, ("metadata", "annotations"))
    if document.identity.group_kind == _CONFIG:
        yield from _keys(document.data, "data", given)
    if document.identity.group_kind == _SECRET:
        yield from _keys(document.data, "stringData", given)
        for coded in _keys(document.data, "data", given):
            text = decoded(coded.text)
            if text:
                yield replace(coded, text=text, is_coded=True)
    if not is_workload(document):
        return
    template = WORKLOADS[document.identity.group_kind].template
    if template:
        yield from _values(document.data, (*template, "metadata", "annotations"))
    for place, container in containers_of(document):
        parts = host_parts(container)
        for path, value in matches(container, ("env", "[*]", "value")):
            if isinstance(value, str):
                name = get_text(container, (*path[:-1], "name"))
                yield _Text(path=(*place, *path), text=value, name=name, is_host=name in parts)
        for field in ("command", "args"):
            yield from _arguments(container, place, (field, "[*]"))
        for handler in _HANDLERS:
            yield from _arguments(container, place, (*handler, *_EXEC))
            for action in ("httpGet", "tcpSocket"):
                host = get_text(container, (*handler, action, "host"))
                if host:
                    yield _Text(path=(*place, *handler, action, "host"), text=host, is_host=True)
            for path, value in matches(container, (*handler, "httpGet", "httpHeaders", "[*]", "value")):
                if isinstance(value, str) and get_text(container, (*path[:-1], "name")).lower() == "host":
                    yield _Text(path=(*place, *path), text=value, is_host=True)


def _arguments(container: Mapping[str, object], place: Path, pattern: tuple[str, ...]) -> Iterator[_Text]:
    """Yield the words of a command; `--backend web` and `--backend=web` are the same flag."""
    flag = ""
    for path, value in matches(container, pattern):
        if not isinstance(value, str):
            continue
        name, equals, _ = value.partition("=") if value.startswith("-") else ("", "", "")
        yield _Text(path=(*place, *path), text=value, name=name if equals else flag, start=len(name) + len(equals))
        flag = value if value.startswith("-") and not equals else ""


def _keys(data: Mapping[str, object], field: str, given: Mapping[str, frozenset[tuple[str, ...]]]) -> Iterator[_Text]:
    for text in _values(data, (field,)):
        is_host = any(map(is_of_address, given.get(text.name, ())))
        yield replace(text, is_host=is_host, is_config="." in text.name)


def _values(data: Mapping[str, object], place: tuple[str, ...]) -> Iterator[_Text]:
    for path, value in matches(data, (*place, ".*")):
        if isinstance(value, str):
            yield _Text(path=path, text=value, name=str(path[-1]))
