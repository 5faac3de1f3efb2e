"""What containers are told of stores: by variables, arguments and the configuration that they read."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from grayc.analysis.command_words import command_texts, commands_in
from grayc.analysis.container_sources import (
    SECRET,
    Bulk,
    Configuration,
    Key,
    Variable,
    bulks_of,
    key_of_bulk,
    mounted_by,
    own_variables,
)
from grayc.analysis.store_services import StoreServices
from grayc.analysis.work import in_baseline_of
from grayc.documents import Document, Path
from grayc.documents.config_text import is_config_file
from grayc.documents.settings import pairs_in, settings_in
from grayc.documents.tree import get_text
from grayc.k8s.queues import letters_of
from grayc.k8s.store_names import Found, Meaning, is_any, lines_with_stores, may_name_store, meaning_of, stores_named
from grayc.k8s.stores import Form, StoreKind, product_of_image
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

MOST_IN_ONE = 500
"""Settings that may speak of stores and are looked at of one ConfigMap, Secret or variable; more are reported."""

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
_OPTION_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}")
_SHORT = 2
_DATABASES = frozenset({"db", "database", "databases", "datasource", "jdbc", "sql", "cache", "redis", "mongo", "dburl"})
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
class Unread:
    """A text whose first settings alone were looked at.

    Attributes:
        path: of the variable; () for a ConfigMap or Secret.
        count: its settings that may speak of stores.
    """

    document: Document
    path: Path
    count: int


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
class _Row:
    """A setting as pods of one namespace have it.

    Attributes:
        name: of the variable, with its prefix, or of the setting in a file.
        letters: the name as it is compared.
        found: the stores that it names, before anything is filled in.
        is_filled: other variables may stand in it, so that what it names is found for each container.
    """

    said: _Said
    name: str
    letters: str
    path: Path
    found: tuple[Found, ...]
    is_filled: bool


class StoreTexts:
    """The objects of a release as their pods read them: workloads, their configuration, Services that lead to stores.

    Args:
        documents: whose pods are asked about, gray or production's.
    """

    def __init__(self, documents: Iterable[Document], plan: ReleasePlan) -> None:
        self._plan = plan
        every = (*plan.baseline, *documents)
        self.configuration = Configuration(every, plan.spec.namespace or "")
        self.services = StoreServices(every, plan)
        self._said: dict[int, tuple[_Said, ...]] = {}
        self._rows: dict[tuple[int, str, str], tuple[_Row, ...]] = {}
        self._unread: dict[tuple[int, Path], Unread] = {}
        self._inside: dict[str, tuple[_Said, ...]] = {}
        self._about: dict[tuple[str, int], tuple[Key, ...]] = {}

    def of_container(self, workload: Document, place: Path, container: Mapping[str, object]) -> Iterator[Mention]:
        """Yield what one container is told of stores; its own store is none of them."""
        name = get_text(container, ("name",))
        if product_of_image(get_text(container, ("image",))) is not None:
            return
        variables = self._own(workload, place, container)
        bulks = bulks_of(workload, container, self.configuration)
        hidden = {letters_of(each) for each in variables}

        def fill(text: str) -> str:
            return self._filled(text, variables, bulks)

        home = self._plan.key_of(workload.identity).namespace

        def told(setting: str, text: str, document: Document, path: Path) -> Iterator[Mention]:
            found = self._found(setting, fill(text), home)
            return (_mention(each, setting or "the command", document, path, name) for each in found)

        def told_by(document: Document, prefix: str, is_given: Callable[[_Row], bool]) -> Iterator[Mention]:
            for row in self._rows_of(document, prefix, home):
                if row.letters in hidden or not is_given(row):
                    continue
                said, found = row.said, row.found
                if row.is_filled:
                    found = tuple(self._found(row.name, fill(said.value), home))
                if found:
                    yield from (_mention(each, row.name or "the command", document, row.path, name) for each in found)
                else:
                    yield from self._hidden(said, document, variables, name)

        for setting, value in variables.items():
            if value.text is None:
                yield from self._by_secret(setting, value, name)
                continue
            mentions = list(told(setting, value.text, value.document, value.path))
            if not mentions and value.kind == SECRET:
                by_key = f"{self._secret_of(value)}.{value.key}"
                mentions = list(told(by_key, value.text, value.document, value.path))
                mentions = mentions or list(self._by_secret(setting, value, name))
            if not mentions:
                mentions = list(self._through(setting, value.text, variables, name))
            yield from mentions
            for each in self._inside_of(value):
                yield from told(each.name, each.value, value.document, value.path)
        for number, bulk in enumerate(bulks):
            if bulk.document is None:
                if bulk.kind == SECRET:
                    yield from _by_name_of(bulk.name, workload, place, name)
                continue
            before = bulks[:number]

            def is_variable(row: _Row, prefix: str = bulk.prefix, before: Sequence[Bulk] = before) -> bool:
                return not before or key_of_bulk(prefix + row.said.key, before, self.configuration) is None

            yield from told_by(bulk.document, bulk.prefix, is_variable)
        yield from self._of_words(workload, place, container, told)
        for mounted in mounted_by(workload, container, self.configuration.get):
            if mounted.document is None:
                if mounted.kind == SECRET:
                    yield from _by_name_of(mounted.name, workload, place, name)
                continue
            yield from told_by(mounted.document, "", lambda row, of=mounted: bool(of.file_of(row.said.key)))  # type: ignore[misc]

    def _rows_of(self, document: Document, prefix: str, home: str) -> tuple[_Row, ...]:
        """Return what a ConfigMap or Secret says about stores to pods of a namespace, once for all of them."""
        at = (id(document), prefix, home)
        if at not in self._rows:
            rows = []
            for said in self._of_config(document):
                name = f"{prefix}{said.name}"
                is_filled = "$" in said.value
                found = () if is_filled else tuple(self._found(name, said.value, home))
                path = self.configuration.keys(document)[said.key].path
                rows.append(_Row(said, name, letters_of(name), path, found, is_filled))
            self._rows[at] = tuple(rows)
        return self._rows[at]

    def _hidden(
        self, said: _Said, document: Document, variables: Mapping[str, Variable], container: str
    ) -> Iterator[Mention]:
        """Yield the Secret that a setting stands in, or is made of, where it names no store that anybody sees."""
        if document.identity.group_kind == SECRET:
            path = self.configuration.keys(document)[said.key].path
            value = Variable(said.name, said.value, document, path, SECRET, document.identity.name, said.key)
            yield from self._by_secret(said.name, value, container)
        yield from self._through(said.name, said.value, variables, container)

    def _through(self, setting: str, text: str, variables: Mapping[str, Variable], container: str) -> Iterator[Mention]:
        """Yield the Secret by which a value is made of another variable that no file holds."""
        if "$" not in text or meaning_of(setting) is None:
            return
        for holder in _HOLDER.finditer(text[:_LONGEST]):
            value = variables.get(holder["plain"] or holder["name"])
            if value is not None and value.text is None:
                yield from self._by_secret(setting, value, container)

    def _by_secret(self, setting: str, value: Variable, container: str) -> Iterator[Mention]:
        """Yield what a variable means that stands in a Secret, whose value names no host or is in no file."""
        if value.kind != SECRET:
            return
        secret = self._secret_of(value)
        meaning = meaning_of(setting) or meaning_of(value.key) or meaning_of(f"{secret}.{value.key}")
        if meaning is None or meaning.form is not Form.HOST or (value.text is not None and not value.text.strip()):
            return
        yield _secret(meaning, secret, setting, (value.document, value.path), container)

    def _secret_of(self, value: Variable) -> str:
        """Return the Secret that a variable comes from, as production calls it."""
        return value.source if value.text is None else self._origin(value.document)

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
                yield from told(
                    _option_name(setting if is_option else before), value if is_option else text, workload, at
                )
                before = text.lstrip("-") if text.startswith("-") and not equals else ""
                continue
            before = ""
            flag = ""
            for words in commands_in([(at, text)]):
                for word in words:
                    head, equals, value = word.text.partition("=")
                    setting = head.lstrip("-") if equals else flag
                    setting = setting.removeprefix("D") if head.startswith("-D") else setting
                    is_pair = bool(equals) and "://" not in head
                    yield from told(_option_name(setting), value if is_pair else word.text, workload, at)
                    flag = word.text.lstrip("-") if word.text.startswith("-") and not equals else ""

    def _found(self, setting: str, text: str, home: str) -> Iterator[Found]:
        """Yield the stores that a setting names, by itself or by a Service of the baseline."""
        found = list(stores_named(setting, text))
        if len(text) <= _LONGEST:
            known = {each.name.partition(".")[0] for each in found}
            services = self.services.named_in(setting, text, home)
            found += [each for each in services if each.name.partition(".")[0] not in known]
        return (each for each in found if not is_any(each.name))

    def _own(self, workload: Document, place: Path, container: Mapping[str, object]) -> dict[str, Variable]:
        """Return the variables that a container itself sets to what its manifests may tell."""
        every = own_variables(workload, place, container, self.configuration)
        return {each.name: each for each in every if each.text is not None or each.kind is not None}

    def variables_about(
        self, word: str, workload: Document, place: Path, container: Mapping[str, object]
    ) -> Iterator[tuple[str, str, Document, Path]]:
        """Yield the variables of a container whose name has a word and whose value is known, and where that stands."""
        own = self._own(workload, place, container)
        for name, value in own.items():
            if value.text is not None and word in name.lower():
                yield name, value.text, value.document, value.path
        bulks = bulks_of(workload, container, self.configuration)
        for at, bulk in enumerate(bulks):
            for key in self._keys_about(word, bulk.document) if bulk.document is not None else ():
                name = bulk.prefix + key.name
                is_given = name not in own and key_of_bulk(name, bulks[:at], self.configuration) is None
                if bulk.document is not None and is_given:
                    yield name, key.text, bulk.document, key.path

    def _keys_about(self, word: str, document: Document) -> tuple[Key, ...]:
        if (word, id(document)) not in self._about:
            every = self.configuration.keys(document).values()
            self._about[word, id(document)] = tuple(
                key for key in every if word in key.name.lower() and len(key.text) < _LONGEST
            )
        return self._about[word, id(document)]

    def filled(self, text: str, workload: Document, place: Path, container: Mapping[str, object]) -> str:
        """Return a text with the variables of a container in it filled in, as far as the files hold them."""
        bulks = bulks_of(workload, container, self.configuration)
        return self._filled(text, self._own(workload, place, container), bulks)

    def secrets_in(
        self, text: str, workload: Document, place: Path, container: Mapping[str, object]
    ) -> Iterator[tuple[str, str]]:
        """Yield Secret and key of the variables in a text that no file holds."""
        variables = self._own(workload, place, container)
        for holder in _HOLDER.finditer(text[:_LONGEST]):
            value = variables.get(holder["plain"] or holder["name"])
            if value is not None and value.text is None and value.kind == SECRET:
                yield value.source, value.key

    def mounted_texts(self, workload: Document, container: Mapping[str, object]) -> Iterator[tuple[Document, Key, str]]:
        """Yield the texts that a container mounts: object, key, and name of the file."""
        for mounted in mounted_by(workload, container, self.configuration.get):
            if mounted.document is not None:
                for key in self.configuration.keys(mounted.document).values():
                    file = mounted.file_of(key.name)
                    if file:
                        yield mounted.document, key, file.rpartition("/")[2]

    def _filled(self, text: str, variables: Mapping[str, Variable], bulks: Sequence[Bulk]) -> str:
        def value_of(match: re.Match[str]) -> str:
            name = match["plain"] or match["name"]
            value = variables.get(name)
            found = value.text if value is not None else None
            given = key_of_bulk(name, bulks, self.configuration) if value is None else None
            found = given[1].text if given is not None else found
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

    def _of_config(self, document: Document) -> tuple[_Said, ...]:
        """Return what a ConfigMap or Secret may say of stores, once for all who read it."""
        if id(document) not in self._said:
            self._said[id(document)] = self._first_of(tuple(self._read(document)), document, ())
        return self._said[id(document)]

    def _inside_of(self, value: Variable) -> tuple[_Said, ...]:
        """Return the settings about stores of a variable that holds a text of configuration."""
        text = value.text or ""
        if "\n" not in text.strip() and text.lstrip()[:1] not in ("{", "["):
            return ()
        if text not in self._inside:
            settings = settings_in(text) if self._may_speak(text) else ()
            self._inside[text] = tuple(
                _Said(each.name, each.value, "", is_variable=False)
                for each in settings
                if self._speaks(each.name, each.value)
            )
        return self._first_of(self._inside[text], value.document, value.path)

    def _first_of(self, every: tuple[_Said, ...], document: Document, path: Path) -> tuple[_Said, ...]:
        if len(every) > MOST_IN_ONE:
            self._unread[id(document), path] = Unread(document, path, len(every))
        return every[:MOST_IN_ONE]

    def unread(self) -> tuple[Unread, ...]:
        """Return what was too long to be looked at whole, of what was asked for so far, in that order."""
        return tuple(self._unread.values())

    def _read(self, document: Document) -> Iterator[_Said]:
        kind = get_text(document.data, ("type",))
        context = kind.removeprefix(_BINDING) if kind.startswith(_BINDING) else self._origin(document)
        for key, text in ((each.name, each.text) for each in self.configuration.keys(document).values()):
            if not text.strip() or key.lower().endswith(_NO_SETTINGS):
                continue
            if "\n" not in text.strip():
                name = key if key.lower() not in _PLAIN_KEYS else f"{context}.{key}"
                if self._speaks(name, text):
                    yield _Said(name, text.strip(), key, is_variable=name == key)
                # A file of one line is a file all the same.
                if text.lstrip()[:1] not in ("{", "[") and not is_config_file(key):
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
            meaning_of(name) is not None or bool(stores_named("", value)) or self.services.is_in(value) or "$" in value
        )

    def _may_speak(self, text: str) -> bool:
        return may_name_store(text) or self.services.is_in(text)


def _option_name(text: str) -> str:
    """Return an option of a command as it is shown, "" where it may hold a password: `-phunter2`, `postgres://u:p@h?a`.

    A short option with its value behind it looks like a long one with one sign before it, as Go and Java have them.
    """
    is_told = _OPTION_NAME.fullmatch(text) is not None
    return (
        text if is_told and (len(text) < _SHORT or meaning_of(f"db.{text}") is not None or text in _DATABASES) else ""
    )


def _mention(found: Found, setting: str, document: Document, path: Path, container: str) -> Mention:
    return Mention(
        form=found.form,
        name=found.name,
        kind=found.kind,
        product=found.product,
        setting=setting,
        document=document,
        path=path,
        container=container,
    )


def _by_name_of(secret: str, workload: Document, place: Path, container: str) -> Iterator[Mention]:
    """Yield what a Secret is called after that no file holds, and whose keys nobody sees."""
    meaning = meaning_of(f"{secret}.password")
    if meaning is not None:
        yield _secret(meaning, secret, f"Secret/{secret}", (workload, (*place, "name")), container)


def _secret(meaning: Meaning, secret: str, setting: str, at: tuple[Document, Path], container: str) -> Mention:
    return Mention(
        form=Form.SECRET,
        name=secret,
        kind=meaning.kind,
        product=meaning.product,
        setting=setting,
        document=at[0],
        path=at[1],
        container=container,
        is_credential=meaning.is_credential,
    )
