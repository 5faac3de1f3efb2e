"""A difference for people and as data."""

import json
import re
from collections.abc import Mapping, Sequence

from grayc.diff.alike import fold_alike
from grayc.diff.model import (
    Cause,
    Change,
    Difference,
    Expected,
    FieldChange,
    Folded,
    Move,
    MovedField,
    ObjectChange,
    Risk,
    identity_data,
)
from grayc.report.paint import Paint, finish, painted

_SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~", Change.REORDERED: "~"}
_PAINTS = {"+": Paint.GREEN, "-": Paint.RED, "~": Paint.YELLOW}
_PLAIN = re.compile(r"[A-Za-z_/*][A-Za-z0-9_./@%+=:*() -]*[A-Za-z0-9_./@%+=*()]|[A-Za-z_/*]")
_WORDS = frozenset({"true", "false", "null"})
_SHORT = 60
_LONGEST = 400
_MOST_LINES = 40


def render_diff(differences: Sequence[Difference], *, color: bool = False) -> str:
    """Return differences as text, the gravest change first."""
    return "\n".join(finish(_lines(item), color=color) for item in differences)


def _lines(difference: Difference) -> list[str]:
    lines = [f"{difference.before} -> {difference.after}: {totals(difference)}"]
    if difference.moves:
        lines += ["", f"production moved since {difference.before} was built:"]
        for move in difference.moves:
            lines += ["", _signed(_SIGNS[move.change], f"{move.key}: {move_words(move)}")]
            width = max((len(each.field.risk) for each in move.fields or ()), default=0)
            for each in move.fields or ():
                lines += _field(each.field, f"    {each.field.risk:<{width}}  ", moved_words(move, each))
        if difference.objects:
            lines += ["", "what a build changes for that, and for the release:"]
    for item in difference.objects:
        lines += ["", _signed(_SIGNS[item.change], f"{item.identity}{_origin(item)}")]
        width = max((len(field.risk) for field in item.fields), default=0)
        for field, count in fold_alike(item.fields):
            lines += _field(field, f"    {field.risk:<{width}}  ", alike_words(field, count))
        if item.expected:
            lines.append(f"    as in every lane: {expected_words(item.expected)}")
    if difference.folded:
        lines += ["", "as in every lane, and nothing else:"]
        lines += [f"    {item.identity}: {expected_words(item.expected) or 'nothing'}" for item in difference.folded]
    return lines


def _signed(sign: str, text: str, inner: str = "") -> str:
    """Return a line behind its sign, in the colour of that."""
    return painted(f"{inner}{sign} {text}", _PAINTS.get(sign))


def move_words(move: Move) -> str:
    """Return what became of an object of production, in words."""
    match move.change:
        case Change.ADDED:
            return "new, or not used then"
        case Change.REMOVED:
            return "gone"
        case _ if move.fields is None:
            return "changed; no commit tells what it said then"
        case _:
            return "changed"


def moved_words(move: Move, moved: MovedField) -> str:
    """Return whether a change of production gets into the lane, in words."""
    if not move.is_copied:
        return "the lane uses it as it is"
    return "hidden: the lane has its own" if moved.is_hidden else "gets into the lane"


def totals(difference: Difference) -> str:
    """Return how many objects differ, in words."""
    parts = [
        f"{count} {change}" for change in (Change.ADDED, Change.REMOVED, Change.CHANGED)
        if (count := difference.count(change))
    ]  # fmt: skip
    if difference.folded:
        parts.append(f"{len(difference.folded)} as expected")
    if difference.unchanged:
        parts.append(f"{difference.unchanged} unchanged")
    if not (difference.objects or difference.folded):
        parts = ["no difference"]
    if difference.moves:
        parts.append(f"{len(difference.moves)} of production moved")
    return ", ".join(parts)


def expected_words(expected: tuple[tuple[Expected, int], ...]) -> str:
    """Return what is folded, in words."""
    words = {
        Expected.NAME: ("name", "names"),
        Expected.NAMESPACE: ("namespace", "namespaces"),
        Expected.LABELS: ("1 lane label", "{} lane labels"),
        Expected.RELABELLED: ("1 relabelled value", "{} relabelled values"),
        Expected.REFERENCES: ("1 reference", "{} references"),
    }
    return ", ".join(words[kind][count > 1].format(count) for kind, count in expected)


def _origin(item: ObjectChange) -> str:
    if item.wanted:
        return f" (the baseline's own, wanted of it: {item.wanted})"
    return f" (from {item.baseline.ref})" if item.baseline else ""


def _field(field: FieldChange, head: str, note: str = "") -> list[str]:
    inner = " " * len(head)
    note = note or cause_words(field)
    path = f"{field.path} ({note})" if note else field.path
    if field.lines:
        shown = [_signed(line.sign, _cut(line.text), inner) for line in field.lines[:_MOST_LINES]]
        more = len(field.lines) - len(shown)
        return [f"{head}{path}:", *shown, *([f"{inner}… {more} more lines"] if more > 0 else [])]
    before, after = _cut(flow(field.before)), _cut(flow(field.after))
    match field.change:
        case Change.ADDED:
            return [painted(f"{head}{path}: + {after}", Paint.GREEN)]
        case Change.REMOVED:
            return [painted(f"{head}{path}: - {before}", Paint.RED)]
        case Change.REORDERED:
            return [painted(f"{head}{path}: order {before} -> {after}", Paint.YELLOW)]
        case _ if len(before) + len(after) <= _SHORT:
            return [painted(f"{head}{path}: {before} -> {after}", Paint.YELLOW)]
        case _:
            return [f"{head}{path}:", _signed("-", before, inner), _signed("+", after, inner)]


def cause_words(field: FieldChange) -> str:
    """Return why a field changes, in words; "" where nobody asked, or nobody can tell."""
    match field.cause:
        case None:
            return ""
        case Cause.BOTH:
            return "production and the release"
        case Cause.PRODUCTION:
            return "from production"
        case Cause.RELEASE:
            return "from the release"


def alike_words(field: FieldChange, count: int) -> str:
    """Return how often a change is made and why, in words; "" where there is nothing to say."""
    return ", ".join(words for words in (f"{count} times" if count > 1 else "", cause_words(field)) if words)


def flow(value: object) -> str:
    """Return plain data on one line; text stands without quotes only where it looks like nothing else."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) is not None and value not in _WORDS and ": " not in value
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return json.dumps(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def diff_data(differences: Sequence[Difference]) -> dict[str, object]:
    """Return differences as plain data; secrets are masked in it as everywhere."""
    return {"differences": [_difference_data(item) for item in differences]}


def _difference_data(difference: Difference) -> dict[str, object]:
    risks: Mapping[str, int] = {str(risk): count for risk in Risk if (count := len(difference.at_risk(risk)))}
    return {
        "question": str(difference.question),
        "before": difference.before,
        "after": difference.after,
        "added": difference.count(Change.ADDED),
        "removed": difference.count(Change.REMOVED),
        "changed": difference.count(Change.CHANGED),
        "asExpected": len(difference.folded),
        "unchanged": difference.unchanged,
        "risks": risks,
        "objects": [
            {
                **identity_data(item.identity),
                "change": str(item.change),
                "risk": str(item.risk),
                "baseline": identity_data(item.baseline) if item.baseline else None,
                "expected": {str(kind): count for kind, count in item.expected},
                "wanted": item.wanted or None,
                "fields": [_field_data(field) for field in item.fields],
            }
            for item in difference.objects
        ],
        "folded": [_folded_data(item) for item in difference.folded],
        "moved": [
            {
                "object": move.key,
                "change": str(move.change),
                "copied": move.is_copied,
                "fields": None
                if move.fields is None
                else [{**_field_data(each.field), "hidden": each.is_hidden} for each in move.fields],
            }
            for move in difference.moves
        ],
    }


def _field_data(field: FieldChange) -> dict[str, object]:
    return {
        "path": field.path,
        "change": str(field.change),
        "risk": str(field.risk),
        "before": field.before,
        "after": field.after,
        "masked": field.is_secret,
        "cause": None if field.cause is None else str(field.cause),
    }


def _folded_data(item: Folded) -> dict[str, object]:
    return {
        **identity_data(item.identity),
        "baseline": identity_data(item.baseline),
        "expected": {str(kind): count for kind, count in item.expected},
    }
