"""Who registers where, as what, and with which address: read from variables, options, arguments and configuration.

Arguments count more than options of the JVM, those more than variables, and those more than files.
Source: Spring Boot reference 3.5, "Externalized Configuration".
"""

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto
from functools import cached_property, lru_cache
from itertools import islice

from grayc.analysis.container_sources import CONFIG_MAP, SECRET, Key, keys_of, mounted_by
from grayc.analysis.graph import is_workload, main_containers_of, pod_labels
from grayc.analysis.text_names import TextName
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.config_text import config_documents, is_config_file, json_config
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.hosts import CLUSTER_DOMAIN, Host, read_host
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.registries import (
    APPLICATION_NAME,
    CONFIG_CENTRES,
    CONFIG_IMPORTS,
    LANE_WORDS,
    MOST_LABELS,
    PROFILES,
    REGISTERS_NOT,
    REGISTRIES,
    TAG_WORDS,
    Place,
    Registry,
    relaxed,
)
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace

_OPTION = re.compile(
    r"(?:^|(?<=[\s\"'=]))(?P<sign>-D|--)(?P<key>[A-Za-z_][\w.\[\]-]*)=(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"']*)"
)
"""A JVM's or Spring's option, in an argument of its own or among the words of a shell or a variable."""
_HOLDER = re.compile(r"\$\((?P<plain>[A-Za-z_][\w.-]*)\)|\$\{(?P<name>[A-Za-z_][\w.-]*)(?::-?(?P<default>[^{}]*))?\}")
"""`$(NAME)` of Kubernetes, `${name:default}` of Spring, `${NAME:-default}` of a shell."""
_ROUNDS = 4
"""How deep a value may name others."""
_LONGEST = 1000
"""Characters of a value in which names are filled in, and of what is filled in."""
_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][\w+.-]*)://)?(?:[^@/?#]*@)?(?P<hosts>[^/?#]*)(?:[^?#]*)(?:\?(?P<query>[^#]*))?"
)
_ADDRESS = re.compile(
    r"(?:\d{1,3}\.){3}\d{1,3}|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?"
)
_LOCAL = re.compile(r"localhost|127\.[\d.]+|0\.0\.0\.0|\[?::1?\]?", re.IGNORECASE)
_JSON_VARIABLE = "springapplicationjson"
_DUBBO_ADDRESS = "dubboiptoregistry"
_IMPORT = "spring.config.import"
_LABEL = re.compile(r"metadata\.labels\['(?P<name>[^']+)'\]")
"""A label that the downward API gives as a variable. Source: core/v1 ObjectFieldSelector."""
_MOST_TEXTS = 20_000
"""Configuration texts that are remembered: those of a large baseline, which is asked about for production and lane."""
_BULK = {CONFIG_MAP: "configMapRef", SECRET: "secretRef"}
_KEY = {CONFIG_MAP: "configMapKeyRef", SECRET: "secretKeyRef"}
"""Source: core/v1 EnvFromSource, EnvVarSource."""
_STARTS = (
    *("spring", "eureka", "dubbo", "nacos", "apollo", "app"),
    # What changes schemas, see `k8s.migrations`.
    *("hibernate", "quarkus", "flyway", "liquibase", "jakarta", "javax", "typeorm"),
)
_SPEAKS = re.compile(
    r"spring|eureka|dubbo|nacos|apollo|app\.id|hibernate|quarkus|flyway|liquibase|jakarta|javax|typeorm", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key as a container has it.

    Attributes:
        key: as it is written.
        value: None where it comes from what the files do not hold, as the pod's own address does.
        document: the object that holds it: the workload, or a ConfigMap.
        path: the text that holds it.
        start: where the value starts in that text; None where it is no part of it that could be replaced.
        variable: the variable that holds it, "" for none.
    """

    key: str
    value: str | None
    document: Document
    path: Path
    start: int | None
    variable: str = ""


class Layer:
    """Settings that count alike, by their keys. Those of a ConfigMap are read once, whoever uses it.

    Args:
        variables: the variables among them, and whatever else may stand in a value as `$(NAME)`.
        is_shared: a variable of the container's own takes away what they hold.
    """

    def __init__(self, *, variables: Mapping[str, str | None] | None = None, is_shared: bool = False) -> None:
        self.found: dict[str, Setting] = {}
        self.variables = variables or {}
        self.is_shared = is_shared

    def add(self, setting: Setting) -> None:
        """Take a setting in, if its key may be one of a registry's."""
        name = relaxed(setting.key)
        if name.startswith(_STARTS) or _DUBBO_ADDRESS in name:
            self.found[name] = setting

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The keys, sorted."""
        return tuple(sorted(self.found))

    def between(self, head: str, tail: str) -> Iterator[str]:
        """Yield the keys with a start and an end, and something between."""
        if not head:
            found: Iterable[str] = self.names
        else:
            start = bisect_left(self.names, head)
            found = islice(self.names, start, bisect_left(self.names, f"{head}\U0010ffff", start))
        return (name for name in found if name.endswith(tail) and len(name) > len(head) + len(tail))


class Settings:
    """The settings of a container, by their keys, whatever the spelling.

    Args:
        layers: what counts more first.
        own: the variables that the container itself sets.
    """

    def __init__(self, layers: Sequence[Layer], own: frozenset[str]) -> None:
        # Most containers say nothing of a registry.
        self._said = tuple(layer for layer in layers if layer.found)
        self._layers = layers if self._said else ()
        self._own = own

    def __bool__(self) -> bool:
        """Tell whether there is any setting that a registry's client may read."""
        return bool(self._layers)

    def get(self, key: str) -> Setting | None:
        """Return the setting of a key; of a key with `*`, the first in the order of names."""
        if not self._layers:
            return None
        head, star, tail = key.partition("*")
        if not star:
            return self._find(relaxed(key))
        return next((found for _, found in self._between(relaxed(head), relaxed(tail))), None)

    def first(self, keys: Iterable[str]) -> Setting | None:
        """Return the setting of the first of some keys that is set."""
        return next((found for found in map(self.get, keys) if found is not None), None)

    def below(self, start: str) -> Iterator[tuple[str, Setting]]:
        """Yield what follows a start in a key, and the setting, for all keys that have that start."""
        head = relaxed(start)
        return ((name[len(head) :], found) for name, found in self._between(head, ""))

    def is_set(self, pair: tuple[str, str], default: str = "") -> bool:
        """Tell whether a key has a value."""
        found = self.get(pair[0])
        return (default if found is None else self.value(found) or "").lower() == pair[1].lower()

    def value(self, setting: Setting) -> str | None:
        """Return a setting's value with what it names filled in, as far as the files hold that."""
        value = setting.value
        for _ in range(_ROUNDS):
            if value is None or len(value) > _LONGEST:
                break
            value = _HOLDER.sub(self._fill, value)
        return value

    def _fill(self, match: re.Match[str]) -> str:
        name = match["plain"] or match["name"]
        layer = next((layer for layer in self._layers if name in layer.variables), None)
        if layer is not None:
            value = layer.variables[name]
        else:
            found = self._find(relaxed(name)) if match["name"] else None
            value = match["default"] if found is None else found.value
        return match[0] if value is None or match[0] in value or len(value) > _LONGEST else value

    def _find(self, name: str) -> Setting | None:
        for layer in self._said:
            found = layer.found.get(name)
            if found is not None and not (layer.is_shared and found.variable in self._own):
                return found
        return None

    def _between(self, head: str, tail: str) -> Iterator[tuple[str, Setting]]:
        told = set()
        for layer in self._said:
            for name in layer.between(head, tail):
                found = self._find(name) if name not in told else None
                told.add(name)
                if found is not None:
                    yield name, found


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A container that registers its pod, or only asks a registry.

    Attributes:
        container: its name.
        place: its path in the workload.
        server: addresses of the registry, sorted, those of Services in full; "" where a jar holds them.
        scheme: of the server's address, "" for none: Dubbo's tells the registry.
        service: as which it registers, "" where a jar holds it.
        places: what is set of where it registers, as word and value.
        is_registered: it registers itself, and does not only ask.
    """

    row: Registry
    workload: Document
    container: str
    place: Path
    settings: Settings
    server: str
    scheme: str
    service: str
    places: tuple[tuple[str, str], ...]
    is_registered: bool

    @property
    def registry(self) -> str:
        """The registry in words, with its address where it is known."""
        name = f"{self.row.name}'s {self.scheme}" if self.scheme else self.row.name
        return f"{name} at `{self.server}`" if self.server else name

    @property
    def address(self) -> Setting | None:
        """The setting of the address that it registers; None where that is the pod's own."""
        for row in self.row.addresses:
            found = self.settings.get(row.key)
            if found is not None and (not row.only_if[0] or self.settings.is_set(row.only_if, row.switch_default)):
                return found
        return None

    @property
    def lasting(self) -> Setting | None:
        """What makes its instances stay when their pods are gone, None where nothing does."""
        pair = next((pair for pair in self.row.lasting if self.settings.is_set(pair)), None)
        return None if pair is None else self.settings.get(pair[0])

    @property
    def sign(self) -> Setting:
        """The setting that shows it: the registry's address, else another of its keys."""
        keys = self.settings.first(self.row.server)
        return keys if keys is not None else next(_signs(self.row, self.settings))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Files:
    """What a ConfigMap says as files: to all, and to those of a profile."""

    common: Layer
    by_profile: dict[str, Layer]


class ConfigTexts:
    """The ConfigMaps of some objects, by key, and what their texts say.

    Args:
        documents: the objects; of two with one key the first counts.
        home: namespace of those that name none.
        has_secrets: what stands in Secrets counts too; whoever asks for that prints no value of theirs.

    Attributes:
        read: workload → its containers with their settings, once somebody asked.
        registered: workload → with which registries it works, likewise.
    """

    def __init__(self, documents: Iterable[Document], home: str, *, has_secrets: bool = False) -> None:
        self.home = home
        self.kinds = (CONFIG_MAP, SECRET) if has_secrets else (CONFIG_MAP,)
        self._maps: dict[ObjectKey, Document] = {}
        for document in documents:
            if document.identity.group_kind in self.kinds:
                key = self._key(document.identity.group_kind, document.identity.namespace, document.identity.name)
                self._maps.setdefault(key, document)
        # The objects are held for as long as this lasts, so that an id is of one.
        self._keys: dict[int, dict[str, Key]] = {}
        self._layers: dict[tuple[object, ...], tuple[Layer, Layer]] = {}
        self._files: dict[tuple[object, ...], Files] = {}
        self.read: dict[Document, tuple[tuple[Path, dict[str, object], Settings], ...]] = {}
        self.registered: dict[Document, tuple[Registration, ...]] = {}

    def get(self, kind: GroupKind, namespace: str, name: str) -> Document | None:
        """Return a ConfigMap, or a Secret where these count."""
        return self._maps.get(self._key(kind, namespace, name))

    def keys(self, config: Document) -> Mapping[str, Key]:
        """Return the keys of one of them, with their texts."""
        if id(config) not in self._keys:
            self._keys[id(config)] = {each.name: each for each in keys_of(config)}
        return self._keys[id(config)]

    def variables(self, config: Document, prefix: str) -> tuple[Layer, Layer]:
        """Return what a ConfigMap gives as variables: the options in them, then themselves."""
        key = (config.place, config.identity, prefix)
        if key not in self._layers:
            settings = [
                Setting(
                    key=prefix + each.name,
                    value=each.text,
                    document=config,
                    path=each.path,
                    start=None,
                    variable=prefix + each.name,
                )
                for each in self.keys(config).values()
            ]
            self._layers[key] = _of_variables(settings, is_shared=True)
        return self._layers[key]

    def mounted(self, config: Document, items: Mapping[str, str]) -> Files:
        """Return what a ConfigMap says that is mounted as files.

        Args:
            items: key → path of its file.
        """
        at = (config.place, config.identity, tuple(items.items()))
        if at not in self._files:
            files = Files(common=Layer(), by_profile={})
            texts = self.keys(config)
            for key, file in items.items():
                held, name = texts.get(key), file.rpartition("/")[2]
                if held is None or not is_config_file(name) or not _SPEAKS.search(held.text):
                    continue
                for profiles, values in _documents(name, held.text):
                    into = [files.by_profile.setdefault(profile, Layer()) for profile in sorted(profiles)]
                    for each, value in values:
                        setting = Setting(key=each, value=value, document=config, path=held.path, start=None)
                        for layer in into or [files.common]:
                            layer.add(setting)
            self._files[at] = files
        return self._files[at]

    def _key(self, kind: GroupKind, namespace: str, name: str) -> ObjectKey:
        return ObjectKey(group_kind=kind, namespace=namespace or self.home, name=name)


@lru_cache(maxsize=_MOST_TEXTS)
def _documents(name: str, text: str) -> tuple[tuple[frozenset[str], tuple[tuple[str, str], ...]], ...]:
    """Return what a text says; several checks ask for the same."""
    return tuple(config_documents(name, text))


@lru_cache(maxsize=4)
def config_texts(documents: tuple[Document, ...], home: str) -> ConfigTexts:
    """Return the ConfigMaps of some objects: those of production, and with the lane's, which several checks ask."""
    return ConfigTexts(documents, home)


def texts_with_secrets(documents: Iterable[Document], home: str) -> ConfigTexts:
    """Return the ConfigMaps and Secrets of some objects, for who prints no value of a Secret."""
    return ConfigTexts(documents, home, has_secrets=True)


def registrations_of(workload: Document, texts: ConfigTexts) -> tuple[Registration, ...]:
    """Return with which registries the containers of a workload's pods work."""
    if workload not in texts.registered:
        texts.registered[workload] = tuple(_registrations(workload, texts))
    return texts.registered[workload]


def _registrations(workload: Document, texts: ConfigTexts) -> Iterator[Registration]:
    for place, container, settings in containers_with_settings(workload, texts):
        for row in REGISTRIES if settings else ():
            if any(settings.is_set(pair) for pair in row.unused) or next(_signs(row, settings), None) is None:
                continue
            yield _registration(row, workload, place, get_text(container, ("name",)), settings, home=texts.home)


def speaks_of_registries(settings: Settings) -> bool:
    """Tell whether a container sets any key of a registry's client, be it that there is none."""
    if not settings:
        return False
    keys = (key for row in REGISTRIES for key, _ in (*row.unused, *row.off))
    return settings.first(keys) is not None or any(next(_signs(row, settings), None) for row in REGISTRIES)


def containers_with_settings(
    workload: Document, texts: ConfigTexts
) -> Iterator[tuple[Path, dict[str, object], Settings]]:
    """Yield place, container and settings of the containers of a workload that run as long as its pods."""
    if workload not in texts.read:
        texts.read[workload] = tuple(
            (place, container, _settings(workload, place, container, texts))
            for place, container in main_containers_of(workload)
        )
    yield from texts.read[workload]


def settings_of_container(
    workload: Document, place: Path, container: dict[str, object], texts: ConfigTexts
) -> Settings:
    """Return the settings of any container of a workload, of one that ends before the others start too."""
    known = (found for at, _, found in texts.read.get(workload, ()) if at == place)
    return next(known, None) or _settings(workload, place, container, texts)


def _registration(
    row: Registry, workload: Document, place: Path, container: str, settings: Settings, *, home: str
) -> Registration:
    at = settings.first(row.server)
    address = "" if at is None else settings.value(at) or ""
    url = _URL.match(address) if row.is_url else None
    query = dict(pair.partition("=")[::2] for pair in re.split("[&,]", url["query"] or "")) if url is not None else {}
    namespace = workload.identity.namespace or home
    service = settings.first(row.service)
    is_out = any(settings.is_set(pair) for pair in row.off) or query.get(REGISTERS_NOT) == "false"
    return Registration(
        row=row,
        workload=workload,
        container=container,
        place=place,
        settings=settings,
        server=_server(url["hosts"] if url is not None else address, namespace),
        scheme=(url["scheme"] or "").lower() if url is not None else "",
        service="" if service is None else settings.value(service) or "",
        places=tuple((each.word, place_value(each, settings, query)) for each in row.places),
        is_registered=not is_out and all(settings.is_set(pair) for pair in row.needed),
    )


def place_value(place: Place, settings: Settings, query: Mapping[str, str]) -> str:
    """Return what counts of where an instance registers."""
    found = settings.first(place.keys)
    value = (settings.value(found) or "") if found is not None else query.get(place.parameter, "")
    return value or place.default


def _signs(row: Registry, settings: Settings) -> Iterator[Setting]:
    for start in row.signs:
        found = settings.get(start)
        if found is not None:
            yield found
        elif start.endswith("."):
            yield from (setting for _, setting in settings.below(start))


def _server(text: str, namespace: str) -> str:
    """Return addresses of a registry in one form: sorted, without scheme, path and password, Services in full."""
    hosts = []
    for part in text.split(","):
        found = _URL.match(part.strip())
        host = (found["hosts"] if found is not None else part).strip().lower()
        name, colon, port = host.partition(":")
        read = read_host(name)
        if read is not None and (not read.namespace or name.endswith((".svc", f".svc.{CLUSTER_DOMAIN}"))):
            host = f"{read.name}.{read.namespace or namespace}{colon}{port}"
        if host:
            hosts.append(host)
    return ",".join(sorted(hosts))


_SAYS = frozenset({"args", "command", "env", "envFrom", "volumeMounts"})
"""Fields of a container that say, or hold, its settings."""


def _settings(workload: Document, place: Path, container: dict[str, object], texts: ConfigTexts) -> Settings:
    if container.keys().isdisjoint(_SAYS):
        return Settings((), frozenset())
    own = list(_variables(workload, place, container, texts))
    options, variables = _of_variables(own, is_shared=False)
    arguments = Layer()
    for field in ("command", "args"):
        for at, word in enumerate(get_list(container, (field,))):
            if not isinstance(word, str):
                continue
            whole = Setting(key="", value=word, document=workload, path=(*place, field, at), start=0)
            for option in _OPTION.finditer(word):
                layer = options if option["sign"] == "-D" else arguments
                layer.add(_inside(whole, option["key"], *_unquoted(option)))
    shared: list[tuple[Layer, Layer]] = []
    for source in reversed(get_list(container, ("envFrom",))):
        for kind in texts.kinds:
            config = texts.get(kind, workload.identity.namespace, get_text(source, (_BULK[kind], "name")))
            if config is not None:
                shared.append(texts.variables(config, get_text(source, ("prefix",))))
    names = frozenset(setting.variable for setting in own)
    layers = (arguments, options, *(each[0] for each in shared), variables, *(each[1] for each in shared))
    so_far = Settings(layers, names)
    active = (found for found in map(so_far.get, PROFILES) if found is not None)
    profiles = frozenset(name for found in active for name in re.split(r"[,\s]+", so_far.value(found) or ""))
    files: list[Layer] = []
    for mount in mounted_by(workload, container, texts.get):
        items = {} if mount.document is None else mount.files(texts.keys(mount.document))
        if mount.document is None or not items:
            continue
        found = texts.mounted(mount.document, items)
        files += [*(found.by_profile[each] for each in sorted(profiles) if each in found.by_profile), found.common]
    return Settings((*layers, *files), names)


def _of_variables(settings: Sequence[Setting], *, is_shared: bool) -> tuple[Layer, Layer]:
    """Return the options of a JVM in variables, and the variables."""
    known = {setting.variable: setting.value for setting in settings}
    options, variables = Layer(is_shared=is_shared), Layer(variables=known, is_shared=is_shared)
    inside: list[Setting] = []
    for setting in settings:
        text = setting.value or ""
        if relaxed(setting.variable) == _JSON_VARIABLE:
            inside += (_inside(setting, key, value, None) for key, value in json_config(text))
        # One sign is looked for two hundred times as fast as two: most long texts have not even that.
        for option in _OPTION.finditer(text) if "-" in text and "-D" in text else ():
            if option["sign"] == "-D":
                options.add(_inside(setting, option["key"], *_unquoted(option)))
        variables.add(setting)
    for setting in inside:
        # `SPRING_APPLICATION_JSON` counts more than options of the JVM. Source: as the module says.
        options.add(setting)
    return options, variables


def _inside(whole: Setting, key: str, value: str, start: int | None) -> Setting:
    return Setting(key=key, value=value, document=whole.document, path=whole.path, start=start, variable=whole.variable)


def _unquoted(option: re.Match[str]) -> tuple[str, int]:
    is_quoted = option["value"][:1] in ("'", '"')
    return (
        (option["value"][1:-1], option.start("value") + 1)
        if is_quoted
        else (
            option["value"].rstrip(";"),
            option.start("value"),
        )
    )


def _variables(workload: Document, place: Path, container: dict[str, object], texts: ConfigTexts) -> Iterator[Setting]:
    """Yield the variables that a container itself sets."""
    namespace = workload.identity.namespace
    for at, item in enumerate(get_list(container, ("env",))):
        if not is_mapping(item) or not isinstance(item.get("name"), str):
            continue
        name, path = str(item["name"]), (*place, "env", at, "value")
        kind = next((each for each in texts.kinds if get_map(item, ("valueFrom", _KEY[each]))), CONFIG_MAP)
        reference = get(item, ("valueFrom", _KEY[kind]))
        config = texts.get(kind, namespace, get_text(reference, ("name",))) if reference is not None else None
        value = item.get("value") if reference is None else None
        if config is not None:
            key = get_text(reference, ("key",))
            held = texts.keys(config).get(key)
            yield Setting(
                key=name,
                value=held.text if held is not None else None,
                document=config,
                path=held.path if held is not None else ("data", key),
                start=None,
                variable=name,
            )
        else:
            known = value if isinstance(value, str) else "" if "valueFrom" not in item else None
            label = _LABEL.fullmatch(get_text(item, ("valueFrom", "fieldRef", "fieldPath")))
            if label is not None:
                known = get_text(pod_labels(workload), (label["name"],))
            yield Setting(key=name, value=known, document=workload, path=path, start=0, variable=name)


class Where(Enum):
    """What an address that an instance registers is."""

    OWN = auto()
    """The pod's own, or one that the files do not tell."""
    SERVICE = auto()
    FIXED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredAddress:
    """An address that instances register.

    Attributes:
        target: the Service that it names.
        host: where that name stands in the value.
    """

    where: Where
    target: ObjectKey | None = None
    host: Host | None = None


def read_registered(value: str | None, namespace: str, services: Container[ObjectKey]) -> RegisteredAddress:
    """Return what an address is that an instance registers.

    Args:
        value: as it is written, but for what the files fill in.
        namespace: of the pods.
        services: the keys of Services that count.
    """
    own = RegisteredAddress(where=Where.OWN)
    if not value or len(value) > _LONGEST or _LOCAL.fullmatch(value):
        return own
    holder = _HOLDER.match(value)
    # `$(POD_NAME).web` is a pod's name behind a headless Service.
    offset = holder.end() + 1 if holder is not None and value[holder.end() : holder.end() + 1] == "." else 0
    host = read_host(value[offset:])
    if host is not None:
        target = ObjectKey(group_kind=(CORE, "Service"), namespace=host.namespace or namespace, name=host.name)
        if target in services:
            moved = replace(host, start=host.start + offset, end=host.end + offset)
            return RegisteredAddress(where=Where.SERVICE, target=target, host=moved)
    return RegisteredAddress(where=Where.FIXED) if _ADDRESS.fullmatch(value) else own


def address_names(document: Document, plan: ReleasePlan) -> Iterator[tuple[Setting, TextName]]:
    """Yield the addresses in a workload's own texts that its instances register, and that name a copied Service.

    Whether the client is there, and uses the key, a ConfigMap may say: a name of the lane's own does no harm.
    """
    namespace = plan.key_of(document.identity).namespace
    for _, _, settings in containers_with_settings(document, ConfigTexts((), namespace)):
        for row in REGISTRIES:
            for address in row.addresses:
                setting = settings.get(address.key)
                if setting is None or setting.start is None:
                    continue
                found = read_registered(setting.value, namespace, plan.gray_names)
                if found.target is not None and found.host is not None:
                    start = setting.start + found.host.start
                    gray = plan.gray_names[found.target]
                    yield setting, TextName(path=setting.path, start=start, target=found.target, gray=gray)


def lasting_of(documents: Iterable[Document], plan: ReleasePlan) -> tuple[str, ...]:
    """Return which instances of gray pods stay in a registry when the pods are gone, in words, sorted."""
    every = tuple(documents)
    texts = config_texts((*every, *plan.baseline), plan.spec.namespace or "")
    return tuple(
        sorted(
            {
                _printable(
                    f"{found.registry.replace('`', '')}: instances of {found.service or 'the name in the image'}, from "
                    f"pods of {document.identity.ref}"
                )
                for document in every
                if is_workload(document)
                for found in registrations_of(document, texts)
                if found.is_registered and found.lasting is not None
            }
        )
    )


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:_LONGEST]


def services_in(plan: ReleasePlan) -> frozenset[ObjectKey]:
    """Return the keys of the baseline's Services."""
    return frozenset(
        plan.key_of(document.identity)
        for document in plan.baseline
        if document.identity.group_kind == (CORE, "Service")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label by which callers may choose among instances.

    Attributes:
        name: of the label, "" where the whole setting is the tag.
        shown: as a reader knows it.
    """

    name: str
    value: str
    setting: Setting
    shown: str


def lane_labels_of(settings: Settings) -> Iterator[Label]:
    """Yield the labels of a container's instances that tell a lane, a stage or a version."""
    for row in REGISTRIES if settings else ():
        for start in row.labels:
            for name, setting in islice(settings.below(start), MOST_LABELS):
                value = settings.value(setting) if is_lane_word(name) else None
                if value:
                    yield Label(name=name, value=value, setting=setting, shown=f"{setting.key}: {value}")
        for key in row.tags:
            tag = settings.get(key)
            value = None if tag is None else settings.value(tag)
            if tag is not None and value:
                yield Label(name="", value=value, setting=tag, shown=f"{tag.key}: {value}")
        for key in row.pairs:
            pairs = settings.get(key)
            texts = re.split("[;,]", (None if pairs is None else settings.value(pairs)) or "", maxsplit=MOST_LABELS)
            for pair in texts[:MOST_LABELS]:
                name, _, value = (part.strip() for part in pair.partition("="))
                if pairs is not None and value and is_lane_word(name):
                    yield Label(name=name, value=value, setting=pairs, shown=f"{pairs.key}: {name}={value}")


@lru_cache(maxsize=4096)
def is_lane_word(name: str) -> bool:
    """Tell whether a label's name is one by which lanes, stages or versions are told: `version`, `orderVersion`."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    return relaxed(name) in _LANE_WORDS or bool(words & LANE_WORDS)


def is_tag_word(name: str) -> bool:
    """Tell whether the value of a label of this name is a lane's tag; "" is the name of a tag without one."""
    return not name or relaxed(name) in _TAG_WORDS


_LANE_WORDS = frozenset(map(relaxed, LANE_WORDS))
_TAG_WORDS = frozenset(map(relaxed, TAG_WORDS))


def config_centres_of(settings: Settings) -> tuple[str, ...]:
    """Return the configuration centres that a container asks."""
    if not settings:
        return ()
    found = settings.get(_IMPORT)
    imports = "" if found is None else settings.value(found) or ""
    imported = {name for start, name in CONFIG_IMPORTS.items() if start in imports}
    return tuple(
        name
        for name, starts in CONFIG_CENTRES.items()
        if name in imported or any(settings.get(start) or next(settings.below(start), None) for start in starts)
    )


def application_name(settings: Settings) -> str:
    """Return Spring's name of an application, "" where a jar holds it."""
    found = settings.get(APPLICATION_NAME)
    return "" if found is None else settings.value(found) or ""
