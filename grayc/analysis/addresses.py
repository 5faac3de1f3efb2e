"""What the containers of a workload are given in words: variables, arguments, files, probes and hooks.

Each text is there as the program gets it: of two variables of one name the one that counts, `$(NAME)` filled in, of a
mounted ConfigMap only the keys that become files. Whoever looks for addresses, of Services or of stores, looks here.
Sources: kubernetes/kubernetes 001a80e, pkg/kubelet/kubelet_pods.go, `makeEnvironmentVariables`; core/v1 Container,
Volume.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

from grayc.analysis.graph import containers_of
from grayc.analysis.text_names import decoded
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping, matches
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.read_as import host_parts
from grayc.records import dataclass, replace

CONFIG_MAP: GroupKind = (CORE, "ConfigMap")
SECRET: GroupKind = (CORE, "Secret")

_SOURCES = (("configMapRef", "configMapKeyRef", CONFIG_MAP), ("secretRef", "secretKeyRef", SECRET))
"""Of `envFrom` and of `valueFrom`. Source: core/v1 EnvFromSource, EnvVarSource."""
_VOLUMES = (("configMap", "name", CONFIG_MAP), ("secret", "secretName", SECRET))
_PROJECTED = (("configMap", "name", CONFIG_MAP), ("secret", "name", SECRET))
"""Source: core/v1 Volume, VolumeProjection."""

_HOLDER = re.compile(r"\$(?:\$|\((?P<name>[^()$]*)\))")
"""Source: kubernetes/kubernetes, third_party/forked/golang/expansion: `$$` is a sign of its own."""
_NAMED = re.compile(r"\$[({]?([A-Za-z_][A-Za-z0-9_]*)")
"""A variable in a text: `$(NAME)` of Kubernetes, `${NAME}` and `$NAME` of a shell or a program."""
_LONGEST = 4096
"""Characters of a text in which names are filled in, and of what comes of it."""

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("preStop", "postStart")


class Via(StrEnum):
    """How a text comes to a program."""

    VARIABLE = "variable"
    ARGUMENT = "argument"
    FILE = "file"
    PROBE = "probe"
    """The kubelet asks, or runs in the container."""
    HOOK = "hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One text that a container is given.

    Attributes:
        container: its name.
        is_main: the container runs as long as its pod: it is no init container, or one that is started anew.
        name: of the variable, the flag or the file, as the program knows it; "" where there is none.
        text: as the program gets it.
        document: where it stands: the workload, a ConfigMap or a Secret.
        path: where it stands there.
        is_host: nothing but a host stands in it, whatever it is called.
        is_filled: `text` is not what stands there, since other variables are filled in.
        unset: variables that it names and the container does not set: those of Services, or of the image.
    """

    container: str
    is_main: bool
    via: Via
    name: str
    text: str
    document: Document
    path: Path
    is_host: bool = False
    is_filled: bool = False
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    text: str
    path: Path


class Configuration:
    """The ConfigMaps and Secrets of some objects, by key.

    Args:
        documents: of two with one key the last counts.
        home: namespace of those that name none.
        is_told: which texts are given; None for all of them. A pod reads many that tell nothing.
    """

    def __init__(
        self, documents: Iterable[Document], home: str = "", *, is_told: Callable[[str], bool] | None = None
    ) -> None:
        self._home, self._is_told = home, is_told
        self._found = {
            self._key(each.identity.group_kind, each.identity.namespace, each.identity.name): each
            for each in documents
            if each.identity.group_kind in (CONFIG_MAP, SECRET)
        }
        self._keys: dict[int, Mapping[str, _Key]] = {}
        self._told: dict[int, tuple[_Key, ...]] = {}

    def get(self, kind: GroupKind, namespace: str, name: str) -> Document | None:
        """Return a ConfigMap or Secret."""
        return self._found.get(self._key(kind, namespace, name))

    def is_told(self, text: str) -> bool:
        """Tell whether a text may hold what is looked for."""
        return self._is_told is None or self._is_told(text)

    def keys(self, document: Document) -> Mapping[str, _Key]:
        """Return the keys of a ConfigMap or Secret with their texts; what is no text is left out."""
        found = self._keys.get(id(document))
        if found is None:
            found = self._keys[id(document)] = {each.name: each for each in _keys_of(document)}
        return found

    def told(self, document: Document) -> tuple[_Key, ...]:
        """Return the keys whose texts may hold what is looked for."""
        found = self._told.get(id(document))
        if found is None:
            found = tuple(each for each in self.keys(document).values() if self.is_told(each.text))
            self._told[id(document)] = found
        return found

    def _key(self, kind: GroupKind, namespace: str, name: str) -> ObjectKey:
        return ObjectKey(group_kind=kind, namespace=namespace or self._home, name=name)


def _keys_of(document: Document) -> Iterator[_Key]:
    is_secret = document.identity.group_kind == SECRET
    for name, value in get_map(document.data, ("data",)).items():
        text = decoded(value) if is_secret and isinstance(value, str) else value
        if isinstance(text, str) and (text or not is_secret):
            yield _Key(name, text, ("data", name))
    # What stands here counts more. Source: core/v1 Secret, `stringData`.
    for name, value in get_map(document.data, ("stringData",)).items() if is_secret else ():
        if isinstance(value, str):
            yield _Key(name, value, ("stringData", name))


def readings_of(workload: Document, configuration: Configuration) -> Iterator[Reading]:
    """Yield the texts that a workload's containers are given, container by container.

    What stands in a ConfigMap or Secret that `configuration` does not have is not among them.
    """
    template = WORKLOADS[workload.identity.group_kind].template
    volumes = {
        get_text(volume, ("name",)): volume for volume in get_list(workload.data, (*template, "spec", "volumes"))
    }
    for place, container in containers_of(workload):
        is_main = "initContainers" not in place or get_text(container, ("restartPolicy",)) == "Always"
        yield from _of_container(_Pod(workload, place, container, is_main, volumes), configuration)


@dataclass(frozen=True, slots=True)
class _Pod:
    """A container in its pod."""

    workload: Document
    place: Path
    container: Mapping[str, object]
    is_main: bool
    volumes: Mapping[str, object]

    def reading(self, via: Via, name: str, text: str, document: Document, path: Path) -> Reading:
        return Reading(
            container=get_text(self.container, ("name",)),
            is_main=self.is_main,
            via=via,
            name=name,
            text=text,
            document=document,
            path=path,
        )


def _of_container(pod: _Pod, configuration: Configuration) -> Iterator[Reading]:
    variables = _Variables(pod, configuration)
    for reading in _given(pod, configuration, variables):
        names = dict.fromkeys(_NAMED.findall(reading.text)) if "$" in reading.text else {}
        unset = tuple(name for name in names if not variables.is_set(name))
        yield replace(reading, unset=unset) if unset else reading


def _given(pod: _Pod, configuration: Configuration, variables: "_Variables") -> Iterator[Reading]:
    yield from variables.told()
    for field in ("command", "args"):
        yield from _words(pod, (field, "[*]"), Via.ARGUMENT, configuration, variables)
    for probe in _PROBES:
        yield from _handler(pod, (probe,), Via.PROBE, configuration)
    for hook in _HOOKS:
        yield from _handler(pod, ("lifecycle", hook), Via.HOOK, configuration)
    yield from _files(pod, configuration)


class _Variables:
    """The variables of a container: those of `envFrom` in order, and over them its own."""

    def __init__(self, pod: _Pod, configuration: Configuration) -> None:
        self._pod, self._configuration = pod, configuration
        self._shared: list[tuple[Document, str]] = []
        for source in get_list(pod.container, ("envFrom",)):
            for field, _, kind in _SOURCES:
                document = configuration.get(kind, pod.workload.identity.namespace, get_text(source, (field, "name")))
                if document is not None:
                    self._shared.append((document, get_text(source, ("prefix",))))
        self._own: dict[str, Reading | None] = {}
        for at, item in enumerate(get_list(pod.container, ("env",))):
            if is_mapping(item) and isinstance(name := item.get("name"), str):
                self._own[name] = self._read(name, at, item)

    def _read(self, name: str, at: int, item: Mapping[str, object]) -> Reading | None:
        """Return a variable of its own; None where the files do not hold its value."""
        pod, value = self._pod, item.get("value")
        if isinstance(value, str) and value:
            found = pod.reading(Via.VARIABLE, name, value, pod.workload, (*pod.place, "env", at, "value"))
            return self.filled(found)
        for _, field, kind in _SOURCES:
            source = get_map(item, ("valueFrom", field))
            document = self._configuration.get(kind, pod.workload.identity.namespace, get_text(source, ("name",)))
            key = None if document is None else self._configuration.keys(document).get(get_text(source, ("key",)))
            if document is not None and key is not None:
                return pod.reading(Via.VARIABLE, name, key.text, document, key.path)
        return None

    def get(self, name: str) -> str | None:
        """Return what a variable says, None where there is none of this name, or its value is not in the files."""
        if name in self._own:
            found = self._own[name]
            return None if found is None else found.text
        for document, prefix in reversed(self._shared):
            key = self._configuration.keys(document).get(name[len(prefix) :]) if name.startswith(prefix) else None
            if key is not None:
                return key.text
        return None

    def is_set(self, name: str) -> bool:
        """Tell whether the container sets a variable, so that no Service's variable of that name is there."""
        return name in self._own or self.get(name) is not None

    def filled(self, reading: Reading) -> Reading:
        """Return a text with the variables that are set by now filled in."""
        if "$" not in reading.text or len(reading.text) > _LONGEST:
            return reading
        parts: list[str] = []
        done = length = 0
        for found in _HOLDER.finditer(reading.text):
            value = "$" if found["name"] is None else self.get(found["name"])
            if value is None:
                value = found[0]
            length += len(value)
            if length > _LONGEST:
                return reading
            parts += (reading.text[done : found.start()], value)
            done = found.end()
        text = "".join((*parts, reading.text[done:]))
        return reading if text == reading.text else replace(reading, text=text, is_filled=True)

    def told(self) -> Iterator[Reading]:
        """Yield the variables that may hold what is looked for."""
        hosts = host_parts(self._pod.container)
        for reading in self._told():
            yield replace(reading, is_host=True) if reading.name in hosts else reading

    def _told(self) -> Iterator[Reading]:
        for reading in self._own.values():
            if reading is not None and self._configuration.is_told(reading.text):
                yield reading
        for document, prefix in reversed(self._shared):
            for key in self._configuration.told(document):
                name = prefix + key.name
                if name in self._own or self._is_set_later(name, document, prefix):
                    continue
                yield self._pod.reading(Via.VARIABLE, name, key.text, document, key.path)

    def _is_set_later(self, name: str, document: Document, prefix: str) -> bool:
        for later, other in reversed(self._shared):
            if later is document and other == prefix:
                return False
            if name.startswith(other) and name[len(other) :] in self._configuration.keys(later):
                return True
        return False


def _words(
    pod: _Pod, pattern: tuple[str, ...], via: Via, configuration: Configuration, variables: _Variables | None = None
) -> Iterator[Reading]:
    """Yield the words of a command; `--backend web` and `--backend=web` are the same flag."""
    flag = ""
    for path, value in matches(pod.container, pattern):
        if not isinstance(value, str):
            continue
        name, equals, _ = value.partition("=") if value.startswith("-") else ("", "", "")
        found = pod.reading(via, name if equals else flag, value, pod.workload, (*pod.place, *path))
        found = found if variables is None else variables.filled(found)
        if configuration.is_told(found.text):
            yield found
        flag = value if value.startswith("-") and not equals else ""


def _handler(pod: _Pod, place: tuple[str, ...], via: Via, configuration: Configuration) -> Iterator[Reading]:
    """Source: core/v1 Probe, LifecycleHandler."""
    if not get_map(pod.container, place):
        return
    yield from _words(pod, (*place, "exec", "command", "[*]"), via, configuration)
    for action in ("httpGet", "tcpSocket"):
        host = get_text(pod.container, (*place, action, "host"))
        if host and configuration.is_told(host):
            found = pod.reading(via, "host", host, pod.workload, (*pod.place, *place, action, "host"))
            yield replace(found, is_host=True)


def _files(pod: _Pod, configuration: Configuration) -> Iterator[Reading]:
    """Yield the keys of ConfigMaps and Secrets that a container finds as files, once each."""
    done: set[tuple[int, str]] = set()
    for mount in get_list(pod.container, ("volumeMounts",)):
        volume = pod.volumes.get(get_text(mount, ("name",)))
        only = get_text(mount, ("subPath",))
        for document, items in _mounted(volume, pod.workload.identity.namespace, configuration):
            for key in configuration.told(document):
                file = items.get(key.name, "") if items else key.name
                # A sub-path is a file of the volume, or a folder of it.
                is_there = bool(file) and (not only or file == only or file.startswith(f"{only.rstrip('/')}/"))
                if is_there and (id(document), key.name) not in done:
                    done.add((id(document), key.name))
                    yield pod.reading(Via.FILE, file.rpartition("/")[2], key.text, document, key.path)


def _mounted(
    volume: object, namespace: str, configuration: Configuration
) -> Iterator[tuple[Document, Mapping[str, str]]]:
    """Yield what a volume is made of, each with key → file, empty where all keys are files of their own name."""
    sources = [(volume, _VOLUMES), *((each, _PROJECTED) for each in get_list(volume, ("projected", "sources")))]
    for source, rows in sources:
        for field, name, kind in rows:
            document = configuration.get(kind, namespace, get_text(source, (field, name)))
            if document is not None:
                items = get_list(source, (field, "items"))
                yield document, {get_text(each, ("key",)): get_text(each, ("path",)) for each in items}
