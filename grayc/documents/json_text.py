"""JSON documents: what a text holds, and where, without YAML's rules.

Kubernetes reads a text that starts with `{` as JSON first, and only what is no JSON as YAML, so `"\\/"` and pairs of
surrogates, which its YAML refuses, are fine here.

Source: kubernetes/apimachinery v0.34 pkg/util/yaml/decoder.go (`YAMLOrJSONDecoder.Decode`); encoding/json for what
becomes of a lone surrogate (U+FFFD).
"""

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import NoReturn

from grayc.documents.build import STANDS_FIRST, Fault, repeated_key, too_long
from grayc.documents.limits import MAX_DEPTH, MAX_FAULTS, MAX_KEY, MAX_NODES, MAX_SCALAR
from grayc.documents.scalars import INT64_MAX, INT64_MIN, as_json_number
from grayc.records import dataclass, replace

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_INTEGER = 400


@dataclass(frozen=True, slots=True)
class JsonValue:
    """One value of a text.

    Attributes:
        start, end: offsets in the text.
        is_suspect: something in it may have to be refused: a key twice, a number too big, a text too long.
    """

    data: object
    start: int
    end: int
    is_suspect: bool


def is_json_like(text: str) -> bool:
    """Tell whether Kubernetes would try to read the text as JSON."""
    return text.lstrip(" \t\r\n")[:1] in ("{", "[")


def read_json(text: str) -> list[JsonValue] | None:
    """Return all values of a text of JSON values in a row, or None where it is something else."""
    if not is_json_like(text):
        return None
    if _is_beyond_limits(text):
        # Reading would recurse as deep as the text goes. YAML's events tell where a limit is passed.
        return None
    values: list[JsonValue] = []
    at = _skip(text, 0)
    while at < len(text):
        reading = _Reading(is_suspect=len(text) > MAX_SCALAR)
        try:
            data, end = reading.decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(data, (dict, list)):
            return None
        if _SURROGATE.search(text, at, end):
            data = _without_lone_surrogates(data)
        values.append(JsonValue(data=data, start=at, end=end, is_suspect=reading.is_suspect))
        at = _skip(text, end)
    return values


class _Reading:
    """One value being read, and whether something in it needs a closer look."""

    def __init__(self, *, is_suspect: bool) -> None:
        self.is_suspect = is_suspect
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._mapping, parse_float=self._float, parse_int=self._int, parse_constant=_refuse
        )

    def _mapping(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        data = dict(pairs)
        if len(data) != len(pairs) or any(len(key) > MAX_KEY for key in data):
            self.is_suspect = True
        return data

    def _float(self, text: str) -> int | float:
        value = float(text)
        if not math.isfinite(value):
            self.is_suspect = True
        return as_json_number(value)

    def _int(self, text: str) -> int | float:
        if len(text) <= _LONGEST_INTEGER:
            number = int(text)
            if INT64_MIN <= number <= INT64_MAX:
                return number
        return self._float(text)


def _refuse(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _is_beyond_limits(text: str) -> bool:
    """Tell whether the text is too deep, or holds too much, for a reader that takes it all at once."""
    opened = text.count("{") + text.count("[")
    if opened <= MAX_DEPTH and 1 + opened + text.count(",") + text.count(":") <= MAX_NODES:
        return False
    depth = nodes = 0
    for found in _TOKEN.finditer(text):
        sign = found[0][0]
        if sign in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif sign in "}]":
            depth -= 1
        elif sign in ",:":
            continue
        nodes += 1
        if nodes > MAX_NODES:
            return True
    return False


def _without_lone_surrogates(data: object) -> object:
    if isinstance(data, str):
        return data.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(data, list):
        return [_without_lone_surrogates(item) for item in data]
    if isinstance(data, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(value) for key, value in data.items()}
    return data


def tokens_of(text: str) -> Iterator[tuple[str, int]]:
    """Yield the tokens of a valid JSON text, each with its offset."""
    return ((found[0], found.start()) for found in _TOKEN.finditer(text))


def line_starts(text: str) -> list[int]:
    """Return the offset at which each line of a text starts."""
    return [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]


def json_faults(text: str) -> tuple[Fault, ...]:
    """Return what a valid JSON text may not hold all the same, up to the number at which reading ends.

    Diagnostics:
        GC106: a key stands twice. GC107: a number is too big. GC124: a key or value is too long.
    """
    return tuple(islice(_faults(text), MAX_FAULTS))


def _faults(text: str) -> Iterator[Fault]:
    starts = line_starts(text)

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset) - 1
        return line, offset - starts[line]

    # For each open mapping its keys, each with its token and offset; None for a list.
    open_keys: list[dict[str, tuple[str, int]] | None] = []
    is_key = False
    for token, offset in tokens_of(text):
        match token[0]:
            case "{":
                open_keys.append({})
                is_key = True
            case "[":
                open_keys.append(None)
                is_key = False
            case "}" | "]":
                open_keys.pop()
            case ",":
                is_key = open_keys[-1] is not None
            case ":":
                is_key = False
            case '"':
                name = json.loads(token) if "\\" in token else token[1:-1]
                limit = MAX_KEY if is_key else MAX_SCALAR
                if len(name) > limit:
                    yield too_long(*place(offset), len(name), limit)
                keys = open_keys[-1]
                if is_key and keys is not None:
                    first = keys.setdefault(name, (token, offset))
                    if first[1] != offset:
                        yield replace(
                            repeated_key(name, *place(offset), len(token)),
                            is_repeated_key=False,
                            start=(*place(first[1]), len(first[0])),
                            start_message=STANDS_FIRST,
                        )
            case _:
                if token[0] in "-0123456789" and not math.isfinite(float(token)):
                    line, column = place(offset)
                    yield Fault(
                        code="GC107",
                        message="the number is too big for JSON, and so for Kubernetes",
                        help="put quotes around it if it is text",
                        line=line,
                        column=column,
                        length=len(token),
                    )
