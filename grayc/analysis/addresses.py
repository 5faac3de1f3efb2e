"""What the containers of a workload are given in words: variables, arguments, files, probes and hooks.

Each text is there as the program gets it: of two variables of one name the one that counts, `$(NAME)` filled in, of a
mounted ConfigMap only the keys that become files. Whoever looks for addresses, of Services or of stores, looks here.
Sources: kubernetes/kubernetes 001a80e, pkg/kubelet/kubelet_pods.go, `makeEnvironmentVariables`; core/v1 Container,
Volume.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property

from grayc.analysis.container_sources import (
    Configuration,
    Key,
    Variable,
    bulks_of,
    key_of_bulk,
    mounted_by,
    own_variables,
)
from grayc.analysis.graph import containers_of
from grayc.documents import Document, Path
from grayc.documents.config_text import active_profiles, holds, parts_of, profiles_in
from grayc.documents.tree import get_map, get_text, matches
from grayc.plan.read_as import host_parts
from grayc.records import dataclass, replace

_HOLDER = re.compile(r"\$(?:\$|\((?P<name>[^()$]*)\))")
"""Source: kubernetes/kubernetes, third_party/forked/golang/expansion: `$$` is a sign of its own."""
_NAMED = re.compile(r"\$[({]?([A-Za-z_][A-Za-z0-9_]*)")
"""A variable in a text: `$(NAME)` of Kubernetes, `${NAME}` and `$NAME` of a shell or a program."""
_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_][\w.-]*)(?::-?[^{}$]*)?\}")
_LONGEST_FILE = 64 * 1024
_LONGEST = 4096
"""Characters of a text in which names are filled in, and of what comes of it."""

_TAKING = (("env", "[*]", "value"), ("command", "[*]"), ("args", "[*]"))
_HOST_FLAG = re.compile(r"-(?:host|hostname|addr|address|server|service)$")
_HOST_WORD = re.compile(r"_(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER|SERVICE)$")

_PROFILE_OPTION = re.compile(r"(?:-D|--)(?P<key>spring\.profiles\.(?:active|include))=[\"']?(?P<value>[^\s\"']*)")
_PROFILE_VARIABLES = ("SPRING_PROFILES_ACTIVE", "SPRING_PROFILES_INCLUDE")
_JAVA_OPTIONS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "JAVA_OPTIONS")
"""The first two are read by the JVM and by its launcher, the others by scripts of images, by custom.

Source: JDK, "The java Command".
"""

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
        is_part: another text of the container takes it in, as `http://$(TO):80` does.
        port: what the variable beside it says of the port, `CART_PORT` beside `CART_HOST`; "" for none.
        profiles: with one of which alone it counts, where it is not to be seen whether one is active.
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
    is_part: bool = False
    port: str = ""
    profiles: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


def readings_of(workload: Document, configuration: Configuration) -> Iterator[Reading]:
    """Yield the texts that a workload's containers are given, container by container.

    What stands in a ConfigMap or Secret that `configuration` does not have is not among them.
    """
    for place, container in containers_of(workload):
        is_main = "initContainers" not in place or get_text(container, ("restartPolicy",)) == "Always"
        yield from _of_container(_Pod(workload, place, container, is_main), configuration)


@dataclass(frozen=True, slots=True)
class _Pod:
    """A container in its pod."""

    workload: Document
    place: Path
    container: Mapping[str, object]
    is_main: bool

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
    for given in _given(pod, configuration, variables):
        reading = variables.with_defaults(given)
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
    yield from _files(pod, configuration, variables)


class _Variables:
    """The variables of a container: those of `envFrom` in order, and over them its own."""

    def __init__(self, pod: _Pod, configuration: Configuration) -> None:
        self._pod, self._configuration = pod, configuration
        self._bulks = bulks_of(pod.workload, pod.container, configuration)
        self._own: dict[str, Reading | None] = {}
        for each in own_variables(pod.workload, pod.place, pod.container, configuration):
            self._own[each.name] = self._read(each)

    def _read(self, variable: Variable) -> Reading | None:
        """Return a variable of its own; None where the files do not hold its value."""
        if variable.text is None:
            return None
        found = self._pod.reading(Via.VARIABLE, variable.name, variable.text, variable.document, variable.path)
        return self.filled(found) if variable.kind is None else found

    def get(self, name: str) -> str | None:
        """Return what a variable says, None where there is none of this name, or its value is not in the files."""
        if name in self._own:
            found = self._own[name]
            return None if found is None else found.text
        given = key_of_bulk(name, self._bulks, self._configuration)
        return None if given is None else given[1].text

    def is_set(self, name: str) -> bool:
        """Tell whether the container sets a variable, so that no Service's variable of that name is there."""
        return name in self._own or self.get(name) is not None

    def with_defaults(self, reading: Reading) -> Reading:
        """Return a text in which `${NAME:web}` is what the variable says, where the container sets it.

        Sources: Spring Framework, "PropertyPlaceholderConfigurer", with Spring Boot's names of variables; POSIX, Shell
        Command Language, 2.6.2.
        """
        if "${" not in reading.text or len(reading.text) > _LONGEST_FILE:
            return reading

        def value(found: re.Match[str]) -> str:
            name = found["name"]
            of_spring = name.upper().replace(".", "_").replace("-", "")
            return next((text for each in (name, of_spring) if (text := self.get(each)) is not None), found[0])

        text = _DEFAULT.sub(value, reading.text)
        return reading if text == reading.text else replace(reading, text=text, is_filled=True)

    def filled_text(self, text: str) -> str:
        """Return a text with the variables filled in."""
        return self.filled(self._pod.reading(Via.ARGUMENT, "", text, self._pod.workload, self._pod.place)).text

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
            yield replace(
                reading,
                is_host=reading.name in hosts,
                is_part=reading.name in self._parts,
                port=self._port_beside(reading.name),
            )

    def port_of_flag(self, name: str) -> str:
        """Return what the flag says that goes with one of a host, `--cart-port` with `--cart-host`."""
        return self._flags.get(_HOST_FLAG.sub("", name) + "-port", "") if name.startswith("-") else ""

    @cached_property
    def _flags(self) -> Mapping[str, str]:
        """The flags of ports, with their values."""
        found: dict[str, str] = {}
        words = [
            word
            for field in ("command", "args")
            for _, word in matches(self._pod.container, (field, "[*]"))
            if isinstance(word, str)
        ]
        for word, after in zip(words, (*words[1:], ""), strict=True):
            name, equals, value = word.partition("=")
            if name.startswith("-") and name.endswith("-port"):
                found.setdefault(name, value if equals else after)
        return found

    @cached_property
    def _parts(self) -> frozenset[str]:
        """The variables that others, or arguments, take in."""
        container = self._pod.container
        texts = [value for field in _TAKING for _, value in matches(container, field) if isinstance(value, str)]
        return frozenset(found["name"] for text in texts if "$(" in text for found in _HOLDER.finditer(text))

    def _port_beside(self, name: str) -> str:
        """Return what the variable says that goes with one of a host, `CART_PORT` with `CART_HOST`."""
        stem = _HOST_WORD.sub("", name)
        return next((port for each in dict.fromkeys((name, stem)) if (port := self.get(f"{each}_PORT"))), "")

    def _told(self) -> Iterator[Reading]:
        for reading in self._own.values():
            if reading is not None and reading.text and self._configuration.is_told(reading.text):
                yield reading
        for at, bulk in enumerate(self._bulks):
            for key in self._configuration.told(bulk.document) if bulk.document is not None else ():
                name = bulk.prefix + key.name
                is_set_later = key_of_bulk(name, self._bulks[:at], self._configuration) is not None
                if bulk.document is not None and name not in self._own and not is_set_later:
                    yield self._pod.reading(Via.VARIABLE, name, key.text, bulk.document, key.path)


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
        if variables is not None:
            found = replace(variables.filled(found), port=variables.port_of_flag(found.name))
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


def _files(pod: _Pod, configuration: Configuration, variables: _Variables) -> Iterator[Reading]:
    """Yield the keys of ConfigMaps and Secrets that a container finds as files, once each, without what is not read.

    Source: Spring Boot reference 3.5, "Profile Specific Files" and "Multi-document Files".
    """
    found: dict[tuple[int, str], tuple[str, Key, Document]] = {}
    for mounted in mounted_by(pod.workload, pod.container, configuration.get):
        document = mounted.document
        for key in configuration.told(document) if document is not None else ():
            file = mounted.file_of(key.name)
            if document is not None and file:
                found.setdefault((id(document), key.name), (file.rpartition("/")[2], key, document))
    active: frozenset[str] | None = None
    if any(part.only for name, key, _ in found.values() for part in parts_of(name, key.text)):
        active = active_profiles(_profiles_told(pod, configuration, variables))
    for name, key, document in found.values():
        for part in parts_of(name, key.text):
            if active is None or all(holds(each, active) for each in part.only):
                only = () if active is not None else tuple(each for text in part.only for each in profiles_in(text))
                yield replace(pod.reading(Via.FILE, name, part.text, document, key.path), profiles=only)


def _profiles_told(pod: _Pod, configuration: Configuration, variables: _Variables) -> Iterator[tuple[str, str]]:
    """Yield what says which profiles are active, what counts most first."""
    words = [value for field in ("command", "args") for _, value in matches(pod.container, (field, "[*]"))]
    texts = [variables.filled_text(word) for word in words if isinstance(word, str)]
    options = [text for name in _JAVA_OPTIONS if (text := variables.get(name))]
    for text in (*texts, *options):
        yield from ((found["key"], found["value"]) for found in _PROFILE_OPTION.finditer(text))
    for name in _PROFILE_VARIABLES:
        if variables.is_set(name):
            yield name.lower().replace("_", "."), variables.get(name) or "$"
    for mounted in mounted_by(pod.workload, pod.container, configuration.get):
        for key in configuration.keys(mounted.document).values() if mounted.document is not None else ():
            file = mounted.file_of(key.name).rpartition("/")[2]
            if file and "profiles" in key.text:
                yield from (row for part in parts_of(file, key.text) if not part.only for row in part.profiles)
