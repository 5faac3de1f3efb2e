"""Settings in a text of configuration: YAML, JSON, properties, INI, TOML and the like, each value with its place."""

import re
from collections.abc import Iterator
from functools import lru_cache

from grayc.documents.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    SyntaxFault,
    events_of,
)
from grayc.records import dataclass

MAX_SETTINGS_TEXT = 2 * 1024 * 1024
"""Characters of one text that are read. An object of a cluster holds half as many at most: etcd takes no more."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]-]*")
_SECTION = re.compile(r"\[{1,2}(?P<name>[A-Za-z0-9_. -]+)\]{1,2}")
_BLANK = " \t"


@dataclass(frozen=True, slots=True)
class TextSetting:
    """A value in a text.

    Attributes:
        name: the keys that lead to it, joined by dots.
        start, end: where it stands; both -1 where it stands there in other signs, such as escapes.
    """

    name: str
    value: str
    start: int
    end: int


@lru_cache(maxsize=64)
def settings_in(text: str) -> tuple[TextSetting, ...]:
    """Return the settings of a text, in order; none where it is no configuration.

    What reads as YAML or JSON has the names of its mappings; everything else is read line by line, `name = value`.
    """
    if len(text) > MAX_SETTINGS_TEXT:
        return ()
    found = _structured(text)
    return tuple(_lines(text)) if found is None else found


_TOKEN = re.compile(
    r"""(?P<comment>(?:\#|//)[^\n]*)
    |"(?P<double>(?:[^"\\\n]|\\.){0,200})"|'(?P<single>(?:[^'\\\n]|\\.){0,200})'
    |(?P<test>[=!<>]=+)|(?P<sign>=>|:=|=|:)
    |(?P<open>[{(\[])|(?P<close>[})\]])
    |(?P<word>[A-Za-z_][A-Za-z0-9_.-]{0,200})
    |(?P<end>[\n,;])""",
    re.VERBOSE,
)
_MOST_PREFIX = 200


@lru_cache(maxsize=64)
def pairs_in(text: str) -> tuple[TextSetting, ...]:
    """Return what a program's own text says with `name = "value"`, `name: "value"` or `name => "value"`, in order.

    The names before open brackets lead to it: of `kafka { group_id => "a" }` and of `KAFKA = {"group_id": "a"}` they
    give `kafka.group_id` and `KAFKA.group_id`. None where the text is YAML or JSON, or has no such pair.
    """
    if len(text) > MAX_SETTINGS_TEXT or _structured(text) is not None:
        return ()
    found: list[TextSetting] = []
    prefix = [""]
    name, value, is_signed = "", "", False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind in ("double", "single"):
            if name and is_signed:
                if "\\" not in token[kind] and token[kind]:
                    found.append(TextSetting(prefix[-1] + name, token[kind], token.start(kind), token.end(kind)))
                name, value, is_signed = "", "", False
            else:
                name, is_signed = token[kind], False
        elif kind == "word":
            if is_signed:
                value = token["word"]
            else:
                name = token["word"]
        elif kind == "sign":
            is_signed = bool(name)
        elif kind == "open":
            path = ".".join(part for part in (name, value) if part)
            prefix.append(f"{prefix[-1]}{path}."[-_MOST_PREFIX:] if path else prefix[-1])
            name, value, is_signed = "", "", False
        elif kind == "close":
            if len(prefix) > 1:
                prefix.pop()
            name, value, is_signed = "", "", False
        elif kind == "test" or (kind == "end" and not (is_signed and not value and token["end"] == "\n")):
            name, value, is_signed = "", "", False
    return tuple(found)


@lru_cache(maxsize=64)
def _structured(text: str) -> tuple[TextSetting, ...] | None:
    """Return the values of all YAML documents of a text; None where it is not YAML, or one plain text to YAML."""
    found: list[TextSetting] = []
    # Of each open mapping its key as long as its value is to come, of each open list its own name.
    names: list[str | None] = []
    is_mapping: list[bool] = []
    prefix: list[str] = []
    top_is_text = False
    try:
        for event in events_of(text):
            if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                if is_mapping and is_mapping[-1]:
                    prefix.append(names[-1] or "")
                    names[-1] = None
                else:
                    prefix.append("")
                names.append(None)
                is_mapping.append(isinstance(event, MappingStartEvent))
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                names.pop()
                is_mapping.pop()
                prefix.pop()
            elif isinstance(event, ScalarEvent):
                if not is_mapping:
                    top_is_text = top_is_text or bool(event.value.strip())
                elif is_mapping[-1] and names[-1] is None:
                    names[-1] = event.value
                else:
                    key = names[-1] if is_mapping[-1] else ""
                    if is_mapping[-1]:
                        names[-1] = None
                    path = [part for part in (*prefix, key) if part]
                    found.append(_value(text, ".".join(path), event))
            elif is_mapping and is_mapping[-1]:
                # An alias is a key, or a value.
                names[-1] = "" if names[-1] is None else None
    except SyntaxFault:
        return None
    return None if top_is_text else tuple(found)


def _value(text: str, name: str, event: ScalarEvent) -> TextSetting:
    start = event.start_mark.index if event.start_mark is not None else -1
    end = event.end_mark.index if event.end_mark is not None else -1
    if event.style in ("'", '"'):
        start, end = start + 1, end - 1
    # An anchor or a tag stands before the value.
    start = max(start, end - len(event.value)) if end >= 0 else start
    if text[start:end] != event.value:
        start = end = -1
    return TextSetting(name, event.value, start, end)


def _lines(text: str) -> Iterator[TextSetting]:
    section, at = "", 0
    for line in text.splitlines(keepends=True):
        head = _SECTION.fullmatch(line.strip())
        if head is not None:
            section = head["name"].strip() + "."
        else:
            yield from _line(line, at, section)
        at += len(line)


def _line(line: str, at: int, section: str) -> Iterator[TextSetting]:
    """Yield what a line `name = value` sets; quotes around either, and a comma behind, belong to the line."""
    found = min((place for sign in "=:" if (place := line.find(sign)) >= 0), default=-1)
    if found < 0:
        return
    words = line[:found].strip(_BLANK).split()
    name = words[-1].strip("\"'") if words and (len(words) == 1 or words[0] in ("export", "-")) else ""
    value = line[found + 1 :].strip().rstrip(",").rstrip(_BLANK)
    start = line.index(value, found + 1) if value else -1
    if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
        value, start = value[1:-1], start + 1
    if value and not {'"', "'"}.intersection(value) and _NAME.fullmatch(name):
        yield TextSetting(section + name, value, at + start, at + start + len(value))
