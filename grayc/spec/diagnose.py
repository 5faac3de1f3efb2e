"""What the schema has against a release, as diagnostics: code, words, and the smallest place."""

import json
import re
from collections.abc import Iterable
from typing import assert_never

from grayc.diagnostics import Diagnostic, Note, did_you_mean, nearest
from grayc.documents import Document, Path
from grayc.documents.tree import is_mapping, show_path
from grayc.records import dataclass
from grayc.source import Span
from grayc.spec.schema import SchemaViolation, ViolationKind, places_of_fields

_SHOWN_LENGTH = 60
_EXAMPLE_LENGTH = 90
_MOST_PLACES = 3
_LABELS: tuple[Path, ...] = (("metadata", "name"), ("spec", "tag"), ("spec", "namespace"))

TYPE_WORDS: dict[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
"""JSON type → what people call it."""

OTHER_WORDS: dict[str, str] = {
    "canary": "traffic",
    "configmaps": "config",
    "environment": "env",
    "gray": "tag",
    "hpa": "autoscaling",
    "image": "images",
    "percent": "weight",
    "percentage": "weight",
    "regex": "pattern",
    "routes": "rules",
    "secrets": "config",
    "version": "tag",
}
"""Words of other tools → the field that is meant, where the mapping at hand has it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the language whose mistakes have a code of their own.

    Attributes:
        pattern: path; `*` is any one step, and all below belongs to it.
        code: the code.
        kinds: the kinds of mistakes that it is for.
    """

    pattern: tuple[str, ...]
    code: str
    kinds: frozenset[ViolationKind]


_VALUES = frozenset(
    {
        ViolationKind.NOT_ALLOWED,
        ViolationKind.TOO_LONG,
        ViolationKind.EMPTY,
        ViolationKind.MISMATCH,
    }
)
_CHOICES = frozenset({ViolationKind.NO_CHOICE, ViolationKind.SEVERAL_CHOICES})
_MEMBERS = frozenset({ViolationKind.MISSING_FIELD})

PARTS: tuple[_Part, ...] = (
    _Part(("spec", "tag"), "GC207", _VALUES),
    _Part(("spec", "calls", "*"), "GC213", _VALUES),
    *(
        part
        for rule in (("spec", "traffic", "rules", "*"), ("spec", "rollout", "steps", "*", "rules", "*"))
        for part in (
            _Part((*rule, "all", "*", "pattern"), "GC215", _VALUES),
            _Part((*rule, "all", "*"), "GC221", frozenset({ViolationKind.NO_CHOICE})),
        )
    ),
    _Part(("spec", "traffic", "rules", "*", "pattern"), "GC215", _VALUES),
    _Part(("spec", "traffic", "rules", "*"), "GC211", _VALUES | _CHOICES),
    _Part(("spec", "rollout", "steps", "*", "rules", "*", "pattern"), "GC215", _VALUES),
    _Part(("spec", "rollout", "steps", "*", "rules", "*"), "GC211", _VALUES | _CHOICES),
    _Part(("spec", "services", "*", "patches", "*", "json6902", "*"), "GC212", _VALUES | _MEMBERS),
    _Part(("spec", "services", "*", "patches", "*"), "GC212", _CHOICES),
)

_CODES: dict[ViolationKind, str] = {
    ViolationKind.UNKNOWN_FIELD: "GC202",
    ViolationKind.MISSING_FIELD: "GC203",
    ViolationKind.WRONG_TYPE: "GC204",
    ViolationKind.NOT_ALLOWED: "GC205",
    ViolationKind.OUT_OF_RANGE: "GC206",
    ViolationKind.TOO_LONG: "GC205",
    ViolationKind.EMPTY: "GC205",
    ViolationKind.MISMATCH: "GC205",
    ViolationKind.REPEATED: "GC205",
    ViolationKind.EXCLUDES: "GC208",
    ViolationKind.NO_CHOICE: "GC203",
    ViolationKind.SEVERAL_CHOICES: "GC208",
    ViolationKind.TOO_MANY: "GC210",
}


def diagnose(violation: SchemaViolation, document: Document) -> Diagnostic:
    """Return a violation as a diagnostic.

    Diagnostics:
        GC202 to GC208, GC210 to GC213, GC215, GC221: see `PARTS` and the kinds of violations.
    """
    span = _span(violation, document)
    message, help_ = _words(violation, span)
    if violation.path in _LABELS and isinstance(violation.value, str) and violation.kind is ViolationKind.MISMATCH:
        label = re.sub(r"[^a-z0-9]+", "-", violation.value.lower()).strip("-")
        help_ += f"; for instance `{label}`" if label and label != violation.value else ""
    return Diagnostic(
        code=_code(violation),
        message=message,
        help=help_,
        span=span,
        field=show_path(violation.path),
        notes=tuple(_notes(violation, document)),
    )


def shown(value: object) -> str:
    """Return a value as a message quotes it, cut where it is long."""
    if value is None:
        return "empty"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text[:_SHOWN_LENGTH]}…`" if len(text) > _SHOWN_LENGTH else f"`{text}`"


def named(path: Path) -> str:
    """Return the end of a path that says what it is about, in backticks: a field, with its position in a list."""
    last = next((at for at in range(len(path) - 1, -1, -1) if isinstance(path[at], str)), 0)
    return f"`{show_path(path[last:])}`"


def strange_signs(text: str) -> str:
    """Return words about the first sign that may not be what it seems; "" without one.

    One that nobody sees comes before one that is no ASCII: where letters of any language may stand, it is the mistake.
    """
    sign = min((sign for sign in text if not " " <= sign <= "~"), key=str.isprintable, default="")
    return sign and f"it holds U+{ord(sign):04X}" + (f" (`{sign}`)" if sign.isprintable() else "")


def _code(violation: SchemaViolation) -> str:
    for part in PARTS:
        if violation.kind in part.kinds and _is_below(violation.path, part.pattern):
            return part.code
    return _CODES[violation.kind]


def _is_below(path: Path, pattern: tuple[str, ...]) -> bool:
    return len(path) >= len(pattern) and all(want in ("*", step) for step, want in zip(path, pattern, strict=False))


def _span(violation: SchemaViolation, document: Document) -> Span:
    path = violation.path
    match violation.kind:
        case ViolationKind.MISSING_FIELD:
            # The field that holds the mapping; a mapping in a list has only itself.
            return document.span(path[:-1], key=len(path) > 1 and isinstance(path[-2], str))
        case ViolationKind.EXCLUDES | ViolationKind.SEVERAL_CHOICES:
            # The later of the fields: the first alone would have been right.
            value = violation.value if is_mapping(violation.value) else {}
            last = [name for name in value if name in violation.expected][-1:]
            return document.span((*path, *last), key=True)
        case ViolationKind.WRONG_TYPE if isinstance(violation.value, list | dict | None):
            # Such a value has no size of its own; the field that holds it does.
            return document.span(path, key=isinstance(path[-1], str))
        case _:
            return document.span(path, key=violation.is_key)


def _words(violation: SchemaViolation, span: Span) -> tuple[str, str]:
    """Return message and help."""
    name = named(violation.path)
    value, expected, help_ = violation.value, violation.expected, violation.help
    is_secret = span.sensitive and (span.secrets is None or not isinstance(value, str) or value in span.secrets)
    quoted = "a secret" if is_secret else shown(value)
    match violation.kind:
        case ViolationKind.UNKNOWN_FIELD:
            return f"there is no field `{violation.path[-1]}` here", _known(str(violation.path[-1]), expected)
        case ViolationKind.MISSING_FIELD:
            where = f" in {named(violation.path[:-1])}" if len(violation.path) > 1 else ""
            return f"`{violation.path[-1]}` is missing{where}", help_ or _example(violation.path, violation.examples)
        case ViolationKind.WRONG_TYPE:
            words = " or ".join(TYPE_WORDS[kind] for kind in expected)
            if span.sensitive:
                return f"{name} is not {words}", "put quotes around it" if "string" in expected else ""
            raw = _raw(span) if isinstance(value, bool | int | float) else ""
            read = "" if raw in ("", json.dumps(value)) else f"`{raw}`, which YAML reads as "
            return f"{name} is {read}{_sort(value)}, not {words}", _right_type(violation, raw)
        case ViolationKind.NOT_ALLOWED:
            return f"{name} cannot be {quoted}", _one_of(expected, str(value))
        case ViolationKind.OUT_OF_RANGE:
            low, high = expected
            return f"{name} is {shown(value)}, {_outside(low, high)}", f"give a number {_bounds(low, high)}"
        case ViolationKind.TOO_LONG:
            return f"{name} has {len(str(value))} characters, more than {expected[0]}", "choose a shorter one"
        case ViolationKind.EMPTY:
            return f"{name} is empty", help_ or _example(violation.path, violation.examples)
        case ViolationKind.MISMATCH:
            strange = strange_signs(value) if isinstance(value, str) and not is_secret else ""
            subject = f"the name {shown(violation.path[-1])}" if violation.is_key else f"{name} {quoted}"
            return f"{subject} is invalid" + (f": {strange}" if strange else ""), help_
        case ViolationKind.REPEATED:
            return f"{name} repeats {quoted}", "take one of them away"
        case ViolationKind.EXCLUDES | ViolationKind.SEVERAL_CHOICES:
            given = [field for field in expected if not is_mapping(value) or field in value]
            return f"{_and(given)} exclude each other", "keep one of them"
        case ViolationKind.NO_CHOICE:
            other = next(iter(value), None) if is_mapping(value) and "all" in violation.path else None
            if other in {"weight", "tagged", "all"}:
                # A share of those who match is not in the language.
                return (
                    f"{name} is `{other}`, and `all` joins conditions on {_and(expected)} alone",
                    "say who it is by a `pattern`, such as one on an id's last digits; or make it a rule of its own",
                )
            return f"{name} has none of {_and(expected)}", "write one of them"
        case ViolationKind.TOO_MANY:
            return (
                f"there is a `{expected[0]}` before this one",
                "keep one; it is the percentage of the requests that no other rule took",
            )
        case _:
            assert_never(violation.kind)


def _notes(violation: SchemaViolation, document: Document) -> Iterable[Note]:
    for other in violation.others:
        yield Note(message="the first is here", span=document.span(other))
    if violation.kind is ViolationKind.UNKNOWN_FIELD:
        name = str(violation.path[-1])
        places = places_of_fields().get(name, ())
        if 0 < len(places) <= _MOST_PLACES and nearest(name, violation.expected) is None and name not in OTHER_WORDS:
            where = " or ".join(
                f"`{place.rpartition('.')[0]}`" if "." in place else "the top of the file" for place in places
            )
            yield Note(message=f"`{name}` belongs in {where}")


def _known(name: str, known: tuple[str, ...]) -> str:
    other = OTHER_WORDS.get(name.lower())
    if other in known and nearest(name, known) is None:
        return f"did you mean `{other}`? " + did_you_mean("", known, noun="field")
    return did_you_mean(name, known, noun="field")


def _one_of(allowed: tuple[str, ...], written: str) -> str:
    if len(allowed) == 1:
        return f"write `{allowed[0]}`"
    guess = nearest(written, allowed)
    start = f"did you mean `{guess}`? " if guess else ""
    return f"{start}write one of {', '.join(f'`{choice}`' for choice in allowed)}"


def _example(path: Path, examples: tuple[object, ...]) -> str:
    """Return help that shows a value that would do, where one fits on a line."""
    start = f"{path[-1]}: " if path and isinstance(path[-1], str) else "- " if path else ""
    for example in examples:
        text = _flow(example)
        if len(text) <= _EXAMPLE_LENGTH:
            return f"write for instance `{start}{text}`"
    return f"write `{start.strip()}` and what belongs to it"


def _flow(value: object) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9./_:@-]*[A-Za-z0-9/]", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _sort(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool() | int() | float():
            kind = "boolean" if isinstance(value, bool) else "number"
            return f"{'the number ' if kind == 'number' else ''}{shown(value)}"
        case str():
            return f"the text {shown(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _raw(span: Span) -> str:
    """Return what the file has at a place, "" where that is no plain scalar."""
    text = span.source.line(span.line)[span.column - 1 : span.column - 1 + span.length].strip()
    return text if re.fullmatch(r"[^\s\"'{}\[\]|>&*!%@`#,:?-][^\s{}\[\],#:]*|[-+.]?[^\s{}\[\],#:]+", text) else ""


def _right_type(violation: SchemaViolation, raw: str) -> str:
    """Return help for a value of the wrong type; most are traps of YAML."""
    value, expected = violation.value, violation.expected
    if violation.allowed and raw not in violation.allowed:
        return _one_of(violation.allowed, raw)
    if isinstance(value, bool | int | float) and "string" in expected and "boolean" not in expected:
        return f"quote it: `{json.dumps(raw or json.dumps(value), ensure_ascii=False)}`"
    if isinstance(value, str):
        number = re.fullmatch(r"\s*([0-9]+)\s*%?\s*", value)
        if number and {"integer", "number"} & set(expected):
            return f"write it as a number: `{number[1]}`"
        if "boolean" in expected and value.lower() in ("true", "false", "yes", "no", "on", "off"):
            return f"write it without quotes: `{'true' if value.lower() in ('true', 'yes', 'on') else 'false'}`"
        if "array" in expected:
            return f"make it a list: `[{_flow(value)}]`"
    if "array" in expected and value is not None:
        return "write a list: each item starts with `- `"
    if value is None:
        return _example(violation.path, violation.examples) + ", or take the line away"
    return _example(violation.path, violation.examples)


def _outside(low: str, high: str) -> str:
    if low and high:
        return f"outside {low} to {high}"
    return f"below {low}" if low else f"above {high}"


def _bounds(low: str, high: str) -> str:
    if low and high:
        return f"from {low} to {high}"
    return f"of at least {low}" if low else f"of at most {high}"


def _and(words: Iterable[str]) -> str:
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} and {last}" if first else last
