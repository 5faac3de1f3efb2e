"""Configuration that an application reads from a text: `application.yaml`, `bootstrap.properties`, and the like.

Source: Spring Boot reference 3.5, "External Application Properties" (names, profiles, documents in one file);
java.util.Properties, `load`.
"""

import json
import re
from collections.abc import Iterator

from grayc.documents.reader import build_config
from grayc.documents.tree import is_mapping

_NAME = re.compile(r".+\.(?:ya?ml|properties)", re.IGNORECASE)
_PROFILE = re.compile(r"(?:application|bootstrap)-(?P<profile>[^.]+)\.\w+", re.IGNORECASE)
_BREAK = re.compile(r"^(?:#|!)?---[ \t]*(?:#.*)?$", re.MULTILINE)
"""Where one document of a file ends and the next begins; with `#`, in properties."""
_PROPERTY = re.compile(r"\s*(?P<key>(?:\\.|[^\s=:\\])+)\s*[=:]?\s*(?P<value>.*)")
_ONLY_FOR = ("spring.config.activate.on-profile", "spring.profiles")


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
