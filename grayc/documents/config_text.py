"""Configuration that an application reads from a text: `application.yaml`, `bootstrap.properties`, and the like.

Source: Spring Boot reference 3.5, "External Application Properties" (names, profiles, documents in one file);
java.util.Properties, `load`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from grayc.documents.reader import build_config
from grayc.documents.tree import is_mapping
from grayc.records import dataclass

_NAME = re.compile(r".+\.(?:ya?ml|properties)", re.IGNORECASE)
_PROFILE = re.compile(r"(?:application|bootstrap)-(?P<profile>[^.]+)\.\w+", re.IGNORECASE)
_BREAK = re.compile(r"^(?:#|!)?---[ \t]*(?:#.*)?$", re.MULTILINE)
"""Where one document of a file ends and the next begins; with `#`, in properties."""
_PROPERTY = re.compile(r"\s*(?P<key>(?:\\.|[^\s=:\\])+)\s*[=:]?\s*(?P<value>.*)")
_ONLY_FOR = ("spring.config.activate.on-profile", "spring.profiles")
_ACTIVE = ("spring.profiles.active", "spring.profiles.include")
_GROUP = "spring.profiles.group."
_MOST_TOKENS = 100
_TOKEN = re.compile(r"[()!&|,]|[^()!&|,\s]+")


def is_config_file(name: str) -> bool:
    """Tell whether a file of this name is read here."""
    return _NAME.fullmatch(name) is not None


def config_documents(name: str, text: str) -> Iterator[tuple[frozenset[str], tuple[tuple[str, str], ...]]]:
    """Yield the documents of a file: the profiles that it is for, none where it is for all, and keys with values.

    Of two values of a key the later one counts, in one document and over all. What cannot be read has no values.
    """
    found = _PROFILE.fullmatch(name)
    only = frozenset() if found is None else frozenset({found["profile"]})
    read = _properties if name.lower().endswith(".properties") else _yaml
    for part in _BREAK.split(text):
        values = tuple(read(part))
        asked = [value for key, value in values if key in _ONLY_FOR]
        yield (frozenset(re.split(r"[\s,|]+", asked[-1])) if asked else only), values


@dataclass(frozen=True, slots=True)
class Part:
    """A document of a file.

    Attributes:
        only: the expressions of profiles that must all hold for it to count.
        profiles: keys and values that say which profiles are active.
    """

    text: str
    only: tuple[str, ...]
    profiles: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1024)
def parts_of(name: str, text: str) -> tuple[Part, ...]:
    """Return the documents of a file as they stand, and for which profiles; of another file the text as one."""
    found = _PROFILE.fullmatch(name)
    of_name = () if found is None else (found["profile"],)
    if not is_config_file(name) or not (of_name or "profile" in text):
        return (Part(text, (), ()),)
    read = _properties if name.lower().endswith(".properties") else _yaml
    parts = []
    for part in _BREAK.split(text):
        values = tuple(read(part)) if "profile" in part else ()
        asked = [value for key, value in values if key in _ONLY_FOR][-1:]
        told = tuple((key, value) for key, value in values if key in _ACTIVE or key.startswith(_GROUP))
        parts.append(Part(part, (*of_name, *asked), told))
    return tuple(parts)


def active_profiles(told: Iterable[tuple[str, str]]) -> frozenset[str] | None:
    """Return the profiles that some keys make active, what counts first in front; None where they do not say it."""
    rows = list(told)
    chosen = next((value for key, value in rows if key == _ACTIVE[0]), None)
    if chosen is None or "$" in chosen:
        return None
    found = {name for name in re.split(r"[,\s]+", chosen) if name}
    found.update(name for key, value in rows if key == _ACTIVE[1] for name in re.split(r"[,\s]+", value) if name)
    groups = {key.removeprefix(_GROUP): value for key, value in reversed(rows) if key.startswith(_GROUP)}
    todo = list(found)
    while todo:
        new = {name for name in re.split(r"[,\s]+", groups.get(todo.pop(), "")) if name} - found
        found |= new
        todo += new
    return frozenset(found)


def profiles_in(expression: str) -> tuple[str, ...]:
    """Return the profiles that an expression names, in order."""
    return tuple(dict.fromkeys(each for each in _TOKEN.findall(expression) if each not in "()!&|,"))


def holds(expression: str, active: frozenset[str]) -> bool:
    """Tell whether an expression of profiles holds: `prod`, `!dev`, `prod & (eu | us)`, and any of several with commas.

    Source: Spring Framework, `Profiles.of`; Spring Boot, "Multi-document Files".
    """
    tokens = _TOKEN.findall(expression)[:_MOST_TOKENS]
    value, _ = _any_of(tokens, 0, active)
    return value


def _any_of(tokens: Sequence[str], at: int, active: frozenset[str]) -> tuple[bool, int]:
    value, at = _all_of(tokens, at, active)
    while at < len(tokens) and tokens[at] in "|,":
        other, at = _all_of(tokens, at + 1, active)
        value = value or other
    return value, at


def _all_of(tokens: Sequence[str], at: int, active: frozenset[str]) -> tuple[bool, int]:
    value, at = _one_of(tokens, at, active)
    while at < len(tokens) and tokens[at] == "&":
        other, at = _one_of(tokens, at + 1, active)
        value = value and other
    return value, at


def _one_of(tokens: Sequence[str], at: int, active: frozenset[str]) -> tuple[bool, int]:
    token = tokens[at] if at < len(tokens) else ""
    if token == "!":
        value, at = _one_of(tokens, at + 1, active)
        return not value, at
    if token == "(":
        value, at = _any_of(tokens, at + 1, active)
        return value, at + 1
    return token in active, at + 1


def json_config(text: str) -> Iterator[tuple[str, str]]:
    """Yield key and value of `SPRING_APPLICATION_JSON`; nothing where it is no JSON object."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from _flat(data, "")


def _yaml(text: str) -> Iterator[tuple[str, str]]:
    yield from _flat(build_config(text), "")


def _flat(data: object, place: str) -> Iterator[tuple[str, str]]:
    if is_mapping(data):
        for key, value in data.items():
            yield from _flat(value, f"{place}.{key}" if place else str(key))
    elif isinstance(data, list):
        texts = [_text(item) for item in data if not isinstance(item, (dict, list))]
        if texts:
            yield place, ",".join(texts)
    elif data is not None:
        yield place, _text(data)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for line in re.sub(r"\\\r?\n[ \t]*", "", text).splitlines():
        if line.lstrip()[:1] not in ("", "#", "!"):
            found = _PROPERTY.match(line)
            if found is not None:
                yield re.sub(r"\\(.)", r"\1", found["key"]), found["value"].strip()
