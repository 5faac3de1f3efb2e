"""What containers are told of stores: by variables, arguments and the configuration that they read."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from grayc.analysis.command_words import command_texts, commands_in
from grayc.analysis.graph import LabelIndex, has_own_pods, is_workload, main_containers_of
from grayc.analysis.text_names import decoded
from grayc.analysis.work import in_baseline_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.settings import pairs_in, settings_in
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.hosts import hosts_in, read_host
from grayc.k8s.kinds import CONFIG_KINDS, CORE, GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.queues import letters_of
from grayc.k8s.stores import (
    SUSPECT,
    Form,
    Found,
    Meaning,
    StoreKind,
    is_any,
    kind_of,
    lines_with_stores,
    meaning_of,
    parts_of,
    product_of_image,
    product_of_port,
    product_of_word,
    stores_named,
)
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

_SERVICE: GroupKind = (CORE, "Service")
_CONFIG: GroupKind = (CORE, "ConfigMap")
_SECRET: GroupKind = (CORE, "Secret")

MOST_IN_ONE = 200
"""Settings about stores that are kept of one ConfigMap or Secret, however many it has."""

_HOLDER = re.compile(r"\$\((?P<plain>[A-Za-z_][\w.-]*)\)|\$\{(?P<name>[A-Za-z_][\w.-]*)(?::?-?(?P<default>[^{}]*))?\}")
"""`$(NAME)` of Kubernetes, `${name:default}` of Spring, `${NAME:-default}` of a shell."""
_ROUNDS = 3
_LONGEST = 2_000
_NO_SETTINGS = (".sql", ".html", ".htm", ".css", ".md", ".pem", ".crt", ".cer", ".key", ".jks", ".p12", ".svg")
"""How keys end whose text is no configuration."""
_PLAIN_KEYS = frozenset(
    {
        "host",
        "hostname",
        "endpoint",
        "uri",
        "url",
        "address",
        "server",
        "dsn",
        "jdbc-url",
        "username",
        "user",
        "password",
    }
)
"""Keys that say of what by the Secret that holds them. Source: servicebinding.io, "Well-known Secret Entries"."""
_BINDING = "servicebinding.io/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A store that a container is told of.

    Attributes:
        name: of the store, by its form: a host as it is written, a bucket, a Secret.
        setting: that names it: a variable, an option, a key.
        document: that holds the text.
        is_credential: nothing but how to prove oneself to it.
        container: by name; "" for a volume that none mounts.
    """

    form: Form
    name: str
    kind: StoreKind
    product: str
    setting: str
    document: Document
    path: Path
    container: str
    is_credential: bool = False
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """A setting of a configuration that may speak of a store.

    Attributes:
        value: None where nobody sees it.
        key: of the ConfigMap or Secret.
    """

    name: str
    value: str
    key: str
    is_variable: bool


@dataclass(frozen=True, slots=True)
class _Value:
    """What a variable is.

    Attributes:
        text: None where no file holds it.
        secret: the Secret that it stands in, "" for none.
    """

    text: str | None
    document: Document
    path: Path
    secret: str = ""
    key: str = ""


class StoreTexts:
    """The objects of a release as their pods read them: workloads, their configuration, Services that lead to stores.

    Args:
        documents: whose pods are asked about, gray or production's.
    """

    def __init__(self, documents: Iterable[Document], plan: ReleasePlan) -> None:
        self._plan = plan
        every = (*plan.baseline, *documents)
        self._configs = {plan.key_of(each.identity): each for each in every if each.identity.group_kind in CONFIG_KINDS}
        self.services = {plan.key_of(each.identity): each for each in every if each.identity.group_kind == _SERVICE}
        self._products = self._services_of_stores(every)
        self._names = frozenset(key.name for key in self._products)
        self._said: dict[int, tuple[_Said, ...]] = {}
        self._decoded: dict[int, Mapping[str, str]] = {}
        self._about: dict[tuple[str, int], tuple[tuple[str, str], ...]] = {}

    def _services_of_stores(self, every: Iterable[Document]) -> dict[ObjectKey, tuple[StoreKind, str]]:
        """Return the Services that lead to a store, by their ports, else by the image of the pods behind them."""
        found: dict[ObjectKey, tuple[StoreKind, str]] = {}
        running = [each for each in every if is_workload(each) and has_own_pods(each) and _runs(each) is not None]
        index = LabelIndex(running)
        for key, service in self.services.items():
            told = _told_by_ports(service)
            if told is None and running and not _has_http(service):
                behind = index.selected_by(service, self._plan.spec)
                told = next((_runs(each) for each in behind), None)
            if told is not None:
                found[key] = told
        return found

    def of_container(self, workload: Document, place: Path, container: Mapping[str, object]) -> Iterator[Mention]:
        """Yield what one container is told of stores; its own store is none of them."""
        name = get_text(container, ("name",))
        if product_of_image(get_text(container, ("image",))) is not None:
            return
        variables = dict(self._own(workload, place, container))
        sources = self._sources(workload, container)
        hidden = {letters_of(each) for each in variables}

        def fill(text: str) -> str:
            return self._filled(text, variables, sources)

        def told(setting: str, text: str, document: Document, path: Path) -> Iterator[Mention]:
            home = self._plan.key_of(workload.identity).namespace
            for each in self._found(setting, fill(text), home):
                yield Mention(
                    form=each.form,
                    name=each.name,
                    kind=each.kind,
                    product=each.product,
                    setting=setting or "the command",
                    document=document,
                    path=path,
                    container=name,
                )

        for setting, value in variables.items():
            if value.text is None:
                yield from _by_secret(setting, value, name)
                continue
            mentions = list(told(setting, value.text, value.document, value.path))
            if not mentions and value.secret:
                mentions = list(told(f"{value.secret}.{value.key}", value.text, value.document, value.path))
                mentions = mentions or list(_by_secret(setting, value, name))
            if not mentions:
                mentions = list(self._through(setting, value.text, variables, name))
            yield from mentions
            for each in _inside(value.text):
                yield from told(each.name, each.value, value.document, value.path)
        for number, (prefix, source, document) in enumerate(sources):
            if document is None:
                yield from _by_name_of(source, workload, place, name)
                continue
            later = sources[:number]
            for said in self._of_config(document):
                variable = f"{prefix}{said.name}"
                if (said.is_variable and variable in variables) or letters_of(variable) in hidden:
                    continue
                if any(other is not None and said.key in self._data(other) for _, _, other in later):
                    continue
                mentions = list(told(variable, said.value, document, _path(document, said.key)))
                yield from mentions or self._hidden(said, document, variables, name)
        yield from self._of_words(workload, place, container, told)
        for kind, source, keys in self._mounted(workload, container):
            document = self._configs.get(self._key(workload, kind, source))
            if document is None:
                if kind == _SECRET:
                    yield from _by_name_of(source, workload, place, name)
                continue
            for said in self._of_config(document):
                if (keys and said.key not in keys) or letters_of(said.name) in hidden:
                    continue
                mentions = list(told(said.name, said.value, document, _path(document, said.key)))
                yield from mentions or self._hidden(said, document, variables, name)

    def _hidden(
        self, said: _Said, document: Document, variables: Mapping[str, _Value], container: str
    ) -> Iterator[Mention]:
        """Yield the Secret that a setting stands in, or is made of, where it names no store that anybody sees."""
        yield from self._of_secret(said, document, container)
        yield from self._through(said.name, said.value, variables, container)

    def _of_secret(self, said: _Said, document: Document, container: str) -> Iterator[Mention]:
        """Yield what a Secret holds about a store where its value names no host."""
        if document.identity.group_kind == _SECRET:
            value = _Value(said.value, document, _path(document, said.key), self._origin(document), said.key)
            yield from _by_secret(said.name, value, container)

    def _through(self, setting: str, text: str, variables: Mapping[str, _Value], container: str) -> Iterator[Mention]:
        """Yield the Secret by which a value is made of another variable that no file holds."""
        if meaning_of(setting) is None:
            return
        for holder in _HOLDER.finditer(text[:_LONGEST]):
            value = variables.get(holder["plain"] or holder["name"])
            if value is not None and value.text is None:
                yield from _by_secret(setting, value, container)

    def _of_words(
        self,
        workload: Document,
        place: Path,
        container: Mapping[str, object],
        told: Callable[[str, str, Document, Path], Iterator[Mention]],
    ) -> Iterator[Mention]:
        texts = [(path, text) for path, text in command_texts(container) if len(text) <= _LONGEST * 10]
        before = ""
        for path, text in texts:
            at = (*place, *path)
            if re.search(r"\s", text) is None:
                flag, equals, value = text.partition("=")
                is_option = flag.startswith("-") and bool(equals)
                setting = (
                    flag.lstrip("-").removeprefix("D") if is_option and flag.startswith("-D") else flag.lstrip("-")
                )
                yield from told(setting if is_option else before, value if is_option else text, workload, at)
                before = text.lstrip("-") if text.startswith("-") and not equals else ""
                continue
            before = ""
            flag = ""
            for words in commands_in([(at, text)]):
                for word in words:
                    head, equals, value = word.text.partition("=")
                    setting = head.lstrip("-") if equals else flag
                    setting = setting.removeprefix("D") if head.startswith("-D") else setting
                    yield from told(setting, value if equals and "://" not in head else word.text, workload, at)
                    flag = word.text.lstrip("-") if word.text.startswith("-") and not equals else ""

    def _found(self, setting: str, text: str, home: str) -> Iterator[Found]:
        """Yield the stores that a setting names, by itself or by a Service of the baseline."""
        found = list(stores_named(setting, text))
        if self._names and len(text) <= _LONGEST:
            known = {each.name.partition(".")[0] for each in found}
            services = self._by_service(setting, text, home)
            found += [each for each in services if each.name.partition(".")[0] not in known]
        return (each for each in found if not is_any(each.name))

    def _by_service(self, setting: str, text: str, home: str) -> Iterator[Found]:
        """Yield the Services of stores that a text names where addresses stand."""
        is_whole = bool(setting) and is_of_address_name(setting)
        for host in hosts_in(text, self._names):
            key = ObjectKey(group_kind=_SERVICE, namespace=host.namespace or home, name=host.name)
            told = self._products.get(key)
            if told is not None and (host.is_address or (is_whole and host.start == 0 and text.strip() == text)):
                end = host.start + len(host.name) + (len(host.namespace) + 1 if host.namespace else 0)
                if host.is_address or end == len(text) or ".svc" in text:
                    yield Found(Form.HOST, text[host.start : end], told[0], told[1])

    def canonical(self, host: str, namespace: str) -> tuple[str, ObjectKey | None]:
        """Return a host in one form, and the Service that it names: short in its own namespace, else with that.

        A Service that stands for an address outside is that address. Source: core/v1 ServiceSpec `externalName`.
        """
        read = read_host(host)
        if read is None:
            return host, None
        first, _, second = host.partition(".")
        label = second.partition(".")[0]
        # A pod of a StatefulSet: `mysql-0.mysql`. Source: Kubernetes, "StatefulSet", stable network ID.
        headless = ObjectKey(group_kind=_SERVICE, namespace=namespace, name=label)
        if re.fullmatch(r".+-[0-9]+", first) and headless in self.services:
            return label, headless
        key = ObjectKey(group_kind=_SERVICE, namespace=read.namespace or namespace, name=read.name)
        if read.namespace and key not in self.services and ".svc" not in host:
            return host, None
        service = self.services.get(key)
        outside = get_text(service.data, ("spec", "externalName")) if service is not None else ""
        if outside:
            return outside.rstrip(".").lower(), key
        return (read.name if key.namespace == namespace else f"{read.name}.{key.namespace}"), key

    def unnamed(self, named: Collection[str]) -> tuple[str, ...]:
        """Return the Services of stores that are not among these names, sorted."""
        home = self._plan.spec.namespace
        names = {key.name if home in (None, key.namespace) else f"{key.name}.{key.namespace}" for key in self._products}
        return tuple(sorted(names - set(named)))

    def _own(self, workload: Document, place: Path, container: Mapping[str, object]) -> Iterator[tuple[str, _Value]]:
        """Yield the variables that a container itself sets."""
        for at, item in enumerate(get_list(container, ("env",))):
            if not is_mapping(item) or not isinstance(item.get("name"), str):
                continue
            name, path = str(item["name"]), (*place, "env", at)
            value = item.get("value")
            if isinstance(value, str):
                yield name, _Value(value, workload, (*path, "value"))
                continue
            for kind, field in ((_CONFIG, "configMapKeyRef"), (_SECRET, "secretKeyRef")):
                source = get_map(item, ("valueFrom", field))
                if not source:
                    continue
                ref, key = get_text(source, ("name",)), get_text(source, ("key",))
                document = self._configs.get(self._key(workload, kind, ref))
                secret = (self._origin(document) if document is not None else ref) if kind == _SECRET else ""
                text = self._data(document).get(key) if document is not None else None
                if document is not None and text is not None:
                    yield name, _Value(text, document, _path(document, key), secret, key)
                else:
                    yield name, _Value(None, workload, (*path, "valueFrom", field), secret, key)

    def _sources(self, workload: Document, container: Mapping[str, object]) -> list[tuple[str, str, Document | None]]:
        """Return what a container takes all variables from, the last first, since it counts: prefix, name, object."""
        found = []
        for source in reversed(get_list(container, ("envFrom",))):
            prefix = get_text(source, ("prefix",))
            for kind, field in ((_CONFIG, "configMapRef"), (_SECRET, "secretRef")):
                name = get_text(source, (field, "name"))
                document = self._configs.get(self._key(workload, kind, name)) if name else None
                if name and (document is not None or kind == _SECRET):
                    found.append((prefix, name, document))
        return found

    def variables_about(
        self, word: str, workload: Document, place: Path, container: Mapping[str, object]
    ) -> Iterator[tuple[str, str, Document, Path]]:
        """Yield the variables of a container whose name has a word and whose value is known, and where that stands."""
        own = dict(self._own(workload, place, container))
        for name, value in own.items():
            if value.text is not None and word in name.lower():
                yield name, value.text, value.document, value.path
        for prefix, _, document in self._sources(workload, container):
            if document is None:
                continue
            for key, text in self._keys_about(word, document):
                if f"{prefix}{key}" not in own:
                    yield f"{prefix}{key}", text, document, _path(document, key)

    def _keys_about(self, word: str, document: Document) -> tuple[tuple[str, str], ...]:
        if (word, id(document)) not in self._about:
            self._about[word, id(document)] = tuple(
                (key, text)
                for key, text in self._data(document).items()
                if word in key.lower() and len(text) < _LONGEST
            )[:MOST_IN_ONE]
        return self._about[word, id(document)]

    def filled(self, text: str, workload: Document, place: Path, container: Mapping[str, object]) -> str:
        """Return a text with the variables of a container in it filled in, as far as the files hold them."""
        return self._filled(text, dict(self._own(workload, place, container)), self._sources(workload, container))

    def secrets_in(
        self, text: str, workload: Document, place: Path, container: Mapping[str, object]
    ) -> Iterator[tuple[str, str]]:
        """Yield Secret and key of the variables in a text that no file holds."""
        variables = dict(self._own(workload, place, container))
        for holder in _HOLDER.finditer(text[:_LONGEST]):
            value = variables.get(holder["plain"] or holder["name"])
            if value is not None and value.text is None and value.secret:
                yield value.secret, value.key

    def mounted_texts(self, workload: Document, container: Mapping[str, object]) -> Iterator[tuple[Document, str, str]]:
        """Yield the texts that a container mounts: object, key, and name of the file."""
        for kind, source, keys in self._mounted(workload, container):
            document = self._configs.get(self._key(workload, kind, source))
            if document is not None:
                for key in keys or self._data(document):
                    yield document, key, keys.get(key, key).rpartition("/")[2]

    def text_of(self, document: Document, key: str) -> str:
        """Return what a key of a ConfigMap or Secret says, "" where it has none."""
        return self._data(document).get(key, "")

    def _filled(
        self, text: str, variables: Mapping[str, _Value], sources: list[tuple[str, str, Document | None]]
    ) -> str:
        def value_of(match: re.Match[str]) -> str:
            name = match["plain"] or match["name"]
            value = variables.get(name)
            found = value.text if value is not None else None
            for prefix, _, document in sources if value is None else ():
                if document is not None and name.startswith(prefix) and name[len(prefix) :] in self._data(document):
                    found = self._data(document)[name[len(prefix) :]]
                    break
            if found is None and value is None:
                found = match["default"]
            return match[0] if found is None or len(found) > _LONGEST or match[0] in found else found

        for _ in range(_ROUNDS):
            if "$" not in text or len(text) > _LONGEST:
                break
            text = _HOLDER.sub(value_of, text)
        return text

    def _origin(self, document: Document) -> str:
        """Return the name that production's object has."""
        return in_baseline_of(document, self._plan).identity.name

    def _mounted(
        self, workload: Document, container: Mapping[str, object]
    ) -> Iterator[tuple[GroupKind, str, dict[str, str]]]:
        """Yield the ConfigMaps and Secrets that a container mounts, and key → file where it is not all of them."""
        mounts = {get_text(mount, ("name",)) for mount in get_list(container, ("volumeMounts",))}
        template = WORKLOADS[workload.identity.group_kind].template
        for volume in get_list(workload.data, (*template, "spec", "volumes")) if mounts else ():
            if get_text(volume, ("name",)) not in mounts:
                continue
            for source in (volume, *get_list(volume, ("projected", "sources"))):
                for kind, field, name in ((_CONFIG, "configMap", "name"), (_SECRET, "secret", "secretName")):
                    inside = get_map(source, (field,))
                    found = get_text(inside, (name,)) or get_text(inside, ("name",))
                    if found:
                        items = get_list(inside, ("items",))
                        yield kind, found, {get_text(each, ("key",)): get_text(each, ("path",)) for each in items}

    def _key(self, workload: Document, kind: GroupKind, name: str) -> ObjectKey:
        return ObjectKey(group_kind=kind, namespace=self._plan.key_of(workload.identity).namespace, name=name)

    def _data(self, document: Document | None) -> Mapping[str, str]:
        """Return the keys of a ConfigMap or Secret with what they say, those in base64 decoded."""
        if document is None:
            return {}
        # The objects are held for as long as this lasts, so that an id is of one.
        if id(document) not in self._decoded:
            coded = document.identity.group_kind == _SECRET
            found = {
                key: decoded(text) if coded else text
                for key, text in get_map(document.data, ("data",)).items()
                if isinstance(text, str)
            }
            plain = get_map(document.data, ("stringData",)) if coded else {}
            found.update({key: text for key, text in plain.items() if isinstance(text, str)})
            self._decoded[id(document)] = found
        return self._decoded[id(document)]

    def _of_config(self, document: Document) -> tuple[_Said, ...]:
        """Return what a ConfigMap or Secret may say of stores, once for all who read it."""
        if id(document) not in self._said:
            self._said[id(document)] = tuple(self._read(document))[:MOST_IN_ONE]
        return self._said[id(document)]

    def _read(self, document: Document) -> Iterator[_Said]:
        kind = get_text(document.data, ("type",))
        context = kind.removeprefix(_BINDING) if kind.startswith(_BINDING) else self._origin(document)
        for key, text in self._data(document).items():
            if not text.strip() or key.lower().endswith(_NO_SETTINGS):
                continue
            if "\n" not in text.strip():
                name = key if key.lower() not in _PLAIN_KEYS else f"{context}.{key}"
                if self._speaks(name, text):
                    yield _Said(name, text.strip(), key, is_variable=name == key)
                if text.lstrip()[:1] not in ("{", "["):
                    continue
            if not self._may_speak(text):
                continue
            settings = settings_in(text)
            known = {each.start for each in settings}
            for each in (*settings, *(pair for pair in pairs_in(text) if pair.start not in known)):
                if self._speaks(each.name, each.value):
                    yield _Said(each.name, each.value, key, is_variable=False)
            if not settings:
                yield from (_Said("", line, key, is_variable=False) for line in lines_with_stores(text))

    def _speaks(self, name: str, value: str) -> bool:
        return (
            meaning_of(name) is not None or bool(stores_named("", value)) or self._names_service(value) or "$" in value
        )

    def _may_speak(self, text: str) -> bool:
        return SUSPECT.search(text) is not None or self._names_service(text)

    def _names_service(self, text: str) -> bool:
        return bool(self._names) and next(hosts_in(text, self._names), None) is not None


def _path(document: Document, key: str) -> Path:
    field = "stringData" if get(document.data, ("stringData", key)) is not None else "data"
    return (field, key)


def _inside(text: str) -> Iterator["_Said"]:
    """Yield the settings of a variable that holds a text of configuration."""
    if ("\n" in text.strip() or text.lstrip()[:1] in ("{", "[")) and SUSPECT.search(text) is not None:
        yield from (_Said(each.name, each.value, "", is_variable=False) for each in settings_in(text)[:MOST_IN_ONE])


def _by_secret(setting: str, value: _Value, container: str) -> Iterator[Mention]:
    """Yield what a variable means that stands in a Secret, whose value names no host or is in no file."""
    if not value.secret:
        return
    meaning = meaning_of(setting) or meaning_of(value.key) or meaning_of(f"{value.secret}.{value.key}")
    if meaning is None or meaning.form is not Form.HOST or (value.text is not None and not value.text.strip()):
        return
    yield _secret(meaning, value.secret, setting, value, container)


def _by_name_of(secret: str, workload: Document, place: Path, container: str) -> Iterator[Mention]:
    """Yield what a Secret is called after that no file holds, and whose keys nobody sees."""
    meaning = meaning_of(f"{secret}.password")
    if meaning is not None:
        yield _secret(meaning, secret, f"Secret/{secret}", _Value(None, workload, (*place, "name")), container)


def _secret(meaning: Meaning, secret: str, setting: str, value: _Value, container: str) -> Mention:
    return Mention(
        form=Form.SECRET,
        name=secret,
        kind=meaning.kind,
        product=meaning.product,
        setting=setting,
        document=value.document,
        path=value.path,
        container=container,
        is_credential=meaning.is_credential,
    )


def is_of_address_name(name: str) -> bool:
    """Tell whether a setting's name says that its value is an address, of whatever."""
    return meaning_of(f"db.{parts_of(name)[-1]}") is not None if parts_of(name) else False


def _runs(workload: Document) -> tuple[StoreKind, str] | None:
    """Return what store a workload runs: its first container, for others stand beside it."""
    for _, container in main_containers_of(workload):
        product = product_of_image(get_text(container, ("image",)))
        return (product.kind, product.name) if product is not None else None
    return None


def _told_by_ports(service: Document) -> tuple[StoreKind, str] | None:
    """Return what a Service's ports tell of a store behind it: by number, or by name."""
    for item in get_list(service.data, ("spec", "ports")):
        product = product_of_port(get(item, ("port",))) or product_of_port(get(item, ("targetPort",)))
        if product is None:
            named = (get_text(item, ("name",)), get_text(item, ("targetPort",)), get_text(item, ("appProtocol",)))
            product = next(
                (found for name in named for part in parts_of(name) if (found := product_of_word(part))), None
            )
        if product is not None and not (product.speaks_http and kind_of(product.name) is StoreKind.BUCKET):
            return product.kind, product.name
    return None


def _has_http(service: Document) -> bool:
    return any(
        get(item, ("port",)) in (80, 443, 8080) or get_text(item, ("name",)).startswith("http")
        for item in get_list(service.data, ("spec", "ports"))
    )
