"""Settings that may tell of work: variables, options, and what configuration and other objects say."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

from grayc.analysis.command_words import Word
from grayc.documents import Document, Path
from grayc.documents.settings import TextSetting, pairs_in, settings_in
from grayc.documents.tree import get, get_text
from grayc.k8s.elections import names_lock, starts_election, stops_election
from grayc.k8s.queues import (
    NAMED,
    Meaning,
    Product,
    Role,
    broker_of,
    has_quartz_store,
    is_plain,
    label_of,
    letters_of,
    meaning_beside,
    meaning_of,
    meaning_of_value,
    speaks_of_binders,
    variables_in,
)
from grayc.patterns import compile_later
from grayc.records import dataclass
from grayc.spec.model import ServiceSpec

# Texts without any of these say nothing of work; most are never read as configuration.
_SUSPECT = compile_later(
    r"group|queue|subscription|durable|listener|startup|consumer|kafka|rabbit|rocketmq|amqp|pulsar|nats|jms|activemq|cron"
    r"|schedul|quartz|xxl|fixed|sqs|pubsub|servicebus|celery|leader|election[-_.]?id|(?<!re)lease"
    r"|transaction[-_.]?al[-_.]?id|transaction[-_.]?id",
    re.IGNORECASE,
)
# In a long text, a setting without any of these in name and value says nothing either.
_NEAR = compile_later(
    rf"{_SUSPECT.pattern}|bootstrap|broker|binder|elect|lock|label|executor|job|redis|jdbc", re.IGNORECASE
)
_LONG = 200
"""Settings in one text, from which on only those are kept that may say something: every reader asks each of them."""
_OPTION = compile_later(r"(?:^|(?<=[\s\"']))-(?:D|-)?(?P<name>[A-Za-z_][A-Za-z0-9_.\[\]-]*)=(?P<value>[^\s\"';&]+)")
_POD_FIELDS = frozenset({"metadata.name", "metadata.uid", "status.podIP", "status.podIPs"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a service, wherever it stands.

    Attributes:
        text: of the field that holds it.
        value: as far as anybody sees it; None where it comes from elsewhere.
        key: of the ConfigMap or Secret that holds it, with its name; ("", "") elsewhere.
        obstacle: why it cannot be changed where it stands.
        is_variable: of a container.
        is_nested: in a text that may say more of the same.
        is_field: of an object that takes messages itself.
    """

    name: str
    value: str | None
    document: Document
    path: Path
    start: int = -1
    end: int = -1
    key: tuple[str, str] = ("", "")
    obstacle: str = ""
    is_variable: bool = False
    is_nested: bool = False
    is_field: bool = False

    @property
    def section(self) -> tuple[object, ...]:
        """Where its neighbours stand: in the same section of a text; variables and options are beside each other."""
        if self.is_field:
            return (self.document.place, self.name.rpartition(".")[0])
        return (self.document.place, self.path, self.name.rpartition(".")[0]) if self.is_nested else ()


class Neighbours:
    """The products whose brokers are named beside settings."""

    def __init__(self, settings: Iterable[Setting]) -> None:
        self._products: dict[tuple[object, ...], dict[Product, None]] = {}
        for setting in settings:
            product = broker_of(setting.name, setting.value or "")
            if product is not None:
                self._products.setdefault(setting.section, {})[product] = None

    def meaning_of(self, setting: Setting) -> Meaning | None:
        """Return what a setting holds by what stands beside it."""
        return meaning_beside(setting.name, self._products.get(setting.section, ())) if self._products else None


def fields_of(document: Document) -> Iterator[Setting]:
    """Yield the fields of an object's `spec` as settings, by the keys that lead to them."""
    rest: list[tuple[Path, str, object]] = [(("spec",), "", get(document.data, ("spec",)))]
    while rest:
        path, name, value = rest.pop()
        if isinstance(value, str):
            yield Setting(name, value, document, path, 0, len(value), is_nested=True, is_field=True)
        elif isinstance(value, dict):
            start = f"{name}." if name else ""
            rest += [((*path, key), f"{start}{key}", each) for key, each in reversed(value.items()) if len(path) < 16]
        elif isinstance(value, list):
            rest += [((*path, at), name, each) for at, each in reversed(list(enumerate(value)))]


class Variables:
    """The variables of a service's containers, and what `laneOnly` says of them.

    Args:
        own: settings that stand in the service's own objects.
        shared: those that stand in configuration.
    """

    def __init__(self, service: ServiceSpec, own: Iterable[Setting], shared: Sequence["Shared"]) -> None:
        self._own = _by_letters(own)
        self._shared = shared
        self._of_pod = {
            setting.name
            for settings in self._own.values()
            for setting in settings
            if setting.value is None and _pod_field(setting) in _POD_FIELDS
        }
        given = service.lane_only
        self._config = given.config if given is not None else {}
        self._given = {
            letters_of(name)
            for env in (given.env.values() if given is not None else ())
            for name, value in env.items()
            if value is not None
        }

    def named(self, letters: str) -> Iterator[Setting]:
        """Yield the variables of a name, which is without case and separators."""
        yield from self._own.get(letters, ())
        for each in self._shared:
            yield from each.by_letters.get(letters, ())

    def is_each(self, setting: Setting) -> bool:
        """Tell whether a name holds that of the pod, by a variable that the kubelet fills in."""
        names = (setting.name,) if setting.value is None else variables_in(setting.value)
        return not self._of_pod.isdisjoint(names)

    def gives(self, setting: Setting) -> bool:
        """Tell whether `laneOnly` says what a setting is: a variable of its name, or the key that holds it.

        A variable counts before a file. Source: Spring Boot reference, "Externalized Configuration".
        """
        name, key = setting.key
        return key in self._config.get(name, {}) or self._is_variable_given(setting)

    def hides(self, setting: Setting) -> bool:
        """Tell whether a variable of `laneOnly` counts before a setting, which is not that variable."""
        is_itself = setting.is_variable and setting.key == ("", "")
        return self._is_variable_given(setting) and not is_itself

    def _is_variable_given(self, setting: Setting) -> bool:
        names = (setting.name, *variables_in(setting.value or "")) if self._given else ()
        return any(letters_of(each) in self._given for each in names)


def _by_letters(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """Return name without case and separators → the variables of that name."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        if setting.is_variable:
            found.setdefault(letters_of(setting.name), []).append(setting)
    return found


class Shared:
    """The settings of one ConfigMap or Secret, read once for all services that have it.

    A large one is of many services, to most of which it says nothing of work.

    Attributes:
        every: all of them, in order.
        telling: those that may tell of work by themselves or by what stands beside them, or how pods choose a leader.
    """

    def __init__(self, settings: Iterable[Setting]) -> None:
        self.every = tuple(settings)
        self.telling = tuple(filter(_may_tell, self.every))

    @cached_property
    def by_letters(self) -> dict[str, list[Setting]]:
        """Name without case and separators → the variables of that name."""
        return _by_letters(self.every)

    @cached_property
    def _order(self) -> dict[int, int]:
        # The settings are held for as long as this lasts, so that an id is of one.
        return {id(setting): at for at, setting in enumerate(self.every)}

    def with_named(self, letters: Iterable[str]) -> Sequence[Setting]:
        """Return those that tell, and the variables of some names, in order."""
        named = [setting for name in letters for setting in self.by_letters.get(name, ())]
        if not named:
            return self.telling
        known = {id(setting): setting for setting in (*self.telling, *named)}
        return sorted(known.values(), key=lambda setting: self._order[id(setting)])


def _may_tell(setting: Setting) -> bool:
    name, value = setting.name, setting.value or ""
    return (
        meaning_of(name) is not None
        or is_plain(name)
        or broker_of(name, value) is not None
        or meaning_of_value(value) is not None
        or speaks_of_binders(name)
        or has_quartz_store(name, value)
        or label_of(name) is not None
        or names_lock(name)
        or starts_election(name)
        or stops_election(name)
    )


def options_in(document: Document, path: Path, text: str) -> Iterator[Setting]:
    """Yield the options in a text: `-Dname=value` and `--name=value`."""
    for found in _OPTION.finditer(text):
        yield Setting(found["name"], found["value"], document, path, found.start("value"), found.end("value"))


def nested_in(document: Document, path: Path, text: str) -> Iterator[Setting]:
    """Yield what a variable or an argument says that holds a text of configuration."""
    if "\n" in text or text.lstrip()[:1] in ("{", "["):
        for each in read_text(text)[1]:
            yield Setting(each.name, each.value, document, path, each.start, each.end, is_nested=True)


_FLAG = compile_later(r"--?(?P<name>[A-Za-z_][A-Za-z0-9_.-]+)")


def parted_in(document: Document, words: Sequence[Word]) -> Iterator[Setting]:
    """Yield options whose value is the next word, where they name work or a broker: `--consumer-group orders`."""
    for option, value in pairwise(words):
        found = _FLAG.fullmatch(option.text)
        if found is None or value.text.startswith("-"):
            continue
        meaning = meaning_of(found["name"])
        is_work = meaning is not None and meaning.role in (*NAMED, Role.BROKER)
        if is_work or is_plain(found["name"]) or broker_of(found["name"], value.text) is not None:
            end = value.start + len(value.text)
            yield Setting(found["name"], value.text, document, value.path, value.start, end)


@lru_cache(maxsize=64)
def read_text(text: str) -> tuple[bool, tuple[TextSetting, ...]]:
    """Tell whether a text is one line, and return its settings where they may speak of work.

    A patch may bring one long text into many objects.
    """
    is_line = "\n" not in text.strip()
    if _SUSPECT.search(text) is None:
        return is_line, ()
    settings = settings_in(text)
    known = {each.start for each in settings}
    return is_line, (*settings, *(each for each in pairs_in(text) if each.start not in known))


def _pod_field(setting: Setting) -> str:
    return get_text(setting.document.data, (*setting.path, "fieldRef", "fieldPath"))


def kept_of(settings: tuple[TextSetting, ...]) -> tuple[TextSetting, ...]:
    """Return the settings of one text that every reader is asked for: of very many, those that may say something."""
    if len(settings) <= _LONG:
        return settings
    return tuple(each for each in settings if _NEAR.search(f"{each.name} {each.value}"))
