"""Values of a chart, merged as Flux and helm merge them, and one value put in by its path.

Source: fluxcd/pkg chartutil/merge.go and values.go at e2cfd1a2; helm v3.17 pkg/strvals/parser.go.
"""

import re
from itertools import pairwise

from grayc.documents.tree import is_mapping

_STEP = re.compile(r"((?:\\.|[^\\.\[\]=,])+)((?:\[\d{1,5}\])*)(?:\.|$)", re.DOTALL)
_INDEX = re.compile(r"\[(\d+)\]")
_MOST_INDEX = 65_536
"""Source: strvals, `MaxIndex`."""


def merge_values(one: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """Return values with others over them: mappings merge, all else is replaced, and nothing goes away.

    What only one of them has is in the result itself, not a copy of it, as in Flux.
    """
    made = dict(one)
    for key, value in other.items():
        there = made.get(key)
        made[key] = merge_values(there, value) if is_mapping(there) and is_mapping(value) else value
    return made


def set_value(values: dict[str, object], path: str, text: str, *, literal: bool = False) -> None:
    """Put a text at a path, in place: as what helm's `--set` makes of it, or as it is.

    Raises:
        ValueError: the path is none, something else stands in its way, or the text has a syntax of its own.
    """
    value: object = text
    if not literal:
        quoted = len(text) > 1 and text[0] in "'\"" and text[-1] in "'\""
        if re.search(r"(?<!\\)[,]|^\{", text.strip("'\"") if quoted else text):
            raise ValueError("a value with `,` or `{` is a list to helm")
        plain = re.sub(r"\\(.)", r"\1", text.strip("'\"") if quoted else text, flags=re.DOTALL)
        value = plain if quoted else _typed(plain)
    steps = _steps(path)
    node: object = values
    for step, following in pairwise(steps):
        fresh: object = [] if isinstance(following, int) else {}
        node = _entered(node, step, fresh)
    _put(node, steps[-1], value)


def _typed(text: str) -> object:
    words: dict[str, object] = {"true": True, "false": False, "null": None, "0": 0}
    if text.lower() in words:
        return words[text.lower()]
    return int(text) if re.fullmatch(r"[+-]?[1-9][0-9]{0,17}", text) else text


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError("its path is none that helm reads")
        steps.append(re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL))
        steps += [int(each) for each in _INDEX.findall(found[2])]
        at = found.end()
    if not steps or path.endswith(".") or any(isinstance(each, int) and each > _MOST_INDEX for each in steps):
        raise ValueError("its path is none that helm reads")
    return steps


def _entered(node: object, step: str | int, fresh: object) -> object:
    """Return what stands at a step, made where nothing does."""
    there: object = None
    if is_mapping(node) and isinstance(step, str):
        there = node.get(step)
    elif isinstance(node, list) and isinstance(step, int):
        there = node[step] if step < len(node) else None
    else:
        raise ValueError("something else stands in its way")
    if there is None:
        _put(node, step, fresh)
        return fresh
    if type(there) is not type(fresh):
        raise ValueError("something else stands in its way")
    return there


def _put(node: object, step: str | int, value: object) -> None:
    if is_mapping(node) and isinstance(step, str):
        node[step] = value
    elif isinstance(node, list) and isinstance(step, int):
        node += [None] * (step + 1 - len(node))
        node[step] = value
    else:
        raise ValueError("something else stands in its way")
