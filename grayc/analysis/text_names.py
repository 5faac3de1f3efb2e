"""Names of copied Services and ConfigMaps inside text: variables, arguments, annotations, configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grayc.analysis.graph import containers_of, is_workload
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get_text, matches
from grayc.k8s.hosts import hosts_in
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.model import ReleasePlan

_ADDRESS_WORDS = ("ADDR", "BACKEND", "ENDPOINT", "HOST", "SERVER", "SERVICE", "UPSTREAM", "URI", "URL")
_CONFIG_WORDS = ("CONFIGMAP", "CONFIG_MAP")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextName:
    """A baseline name in a text.

    Attributes:
        path: the text.
        start: where the name starts in it.
        target: the object of the baseline that the name is.
        gray: name of its copy.
    """

    path: Path
    start: int
    target: ObjectKey
    gray: str


def names_in_text(document: Document, plan: ReleasePlan) -> Iterator[TextName]:
    """Yield the names in a gray document's texts, in the order of its texts and from start to end.

    A Service's name counts where addresses stand: in a URL, before a port, with `.svc`, or as the whole value of a
    variable, argument or annotation whose own name speaks of an address. A ConfigMap's counts as such a whole value
    only. Words that merely look alike are many: a service is called `web`, and so is a log level's tag.
    """
    names = plan.copied_names
    home = plan.key_of(document.identity).namespace
    for path, text, hint in _texts(document):
        word = hint.upper().replace("-", "_").replace(".", "_")
        _, equals, tail = text.rpartition("=") if hint.startswith("-") else ("", "", text)
        whole = len(text) - len(tail) if equals else 0
        for host in hosts_in(text):
            is_whole = host.start == whole and (host.namespace or len(text) - whole == len(host.name))
            if host.name not in names:
                continue
            service = ObjectKey(group_kind=(CORE, "Service"), namespace=host.namespace or home, name=host.name)
            config = ObjectKey(group_kind=(CORE, "ConfigMap"), namespace=home, name=host.name)
            if service in plan.gray_names and (host.is_address or (is_whole and _speaks_of(word, _ADDRESS_WORDS))):
                yield TextName(path=path, start=host.start, target=service, gray=plan.gray_names[service])
            elif config in plan.gray_names and is_whole and not host.namespace and _speaks_of(word, _CONFIG_WORDS):
                yield TextName(path=path, start=host.start, target=config, gray=plan.gray_names[config])


def _speaks_of(word: str, words: tuple[str, ...]) -> bool:
    return any(part in word for part in words)


def _texts(document: Document) -> Iterator[tuple[Path, str, str]]:
    """Yield path, text, and what tells its meaning: a variable's name, a flag, a key."""
    yield from _values(document.data, ("metadata", "annotations"))
    if document.identity.group_kind == (CORE, "ConfigMap"):
        # Configuration is prose as far as grayc knows: only addresses count in it.
        yield from ((path, text, "") for path, text, _ in _values(document.data, ("data",)))
    if not is_workload(document):
        return
    template = WORKLOADS[document.identity.group_kind].template
    if template:
        yield from _values(document.data, (*template, "metadata", "annotations"))
    for place, container in containers_of(document):
        for path, value in matches(container, ("env", "[*]", "value")):
            if isinstance(value, str):
                yield (*place, *path), value, get_text(container, (*path[:-1], "name"))
        for field in ("command", "args"):
            before = ""
            for path, value in matches(container, (field, "[*]")):
                if isinstance(value, str):
                    # `--backend web` and `--backend=web` are the same flag.
                    yield (*place, *path), value, value if value.startswith("-") else before
                    before = value if value.startswith("-") else ""


def _values(data: Mapping[str, object], place: tuple[str, ...]) -> Iterator[tuple[Path, str, str]]:
    for path, value in matches(data, (*place, ".*")):
        if isinstance(value, str):
            yield path, value, str(path[-1])
