"""Give a scalar another value, in the quotes it has."""

import re

from grayc.diagnostics import Checked, Note
from grayc.documents import Document, Path
from grayc.documents.locate import Node
from grayc.edit.model import Edit, not_in_place
from grayc.edit.place import Page, column_of, is_empty, last_line, page_of
from grayc.edit.text import scalar_text

_PROPERTY = re.compile(r"&[^\s,\[\]{}]+\s+")
_HEADER = re.compile(r"[|>][-+0-9]*")
# What a literal block can not hold, or would give back otherwise.
_NOT_IN_BLOCK = re.compile(
    "[^\n\t\x20-\x7e\xa0-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def replace_scalar(document: Document, path: Path, value: object) -> Checked[tuple[Edit, ...]]:
    """Return what gives the scalar at `path` another value: text, number, truth value or null.

    Quotes and block style stay where the value can stand in them; comments stay in any case.

    Raises:
        KeyError: the document has no scalar there.
    Diagnostics:
        GC620: the value is an alias, is given by a `<<`, or has a tag.
    """
    page = page_of(document)
    node, parent, in_flow = page.root, None, page.is_json
    way: list[Node] = []
    for step in (*document.root, *path):
        found = node.child(step) if node is not None else None
        if node is None or found is None:
            raise KeyError(path)
        if isinstance(step, str) and node.merged is not None and step not in node.own_children():
            return _refuse(document, path, "`<<` gives it, from an anchor that other places share")
        in_flow = in_flow or not node.is_block
        parent, node = node, found[1]
        if node.target is not None:
            return _refuse(document, path, "an alias stands there or above it; the anchor is written once for all")
        way.append(node)
    if node is None or parent is None or node.text is None:
        raise KeyError(path)
    if node.tag is not None:
        return _refuse(document, path, f"the tag `{node.tag}` says of what type it is")
    return Checked(value=_put(page, parent, node, value, in_flow=in_flow))


def _refuse(document: Document, path: Path, why: str) -> Checked[tuple[Edit, ...]]:
    notes = (Note(message="grayc edits plain values only, so that nothing else changes with them"),)
    return Checked(
        value=None,
        diagnostics=not_in_place(document, path, why, help_="write the value into the file yourself", notes=notes),
    )


def _put(page: Page, parent: Node, node: Node, value: object, *, in_flow: bool) -> tuple[Edit, ...]:
    start, end = page.start(node), page.end(node)
    skipped = _PROPERTY.match(page.text, start) if node.anchor is not None else None
    start = skipped.end() if skipped else start
    as_block = isinstance(value, str) and not in_flow and _is_block_text(value)
    if node.style in ("|", ">"):
        return _put_block(page, parent, node, value, start, as_block=as_block)
    if as_block and "\n" in str(value) and node.style != '"':
        return _open_block(page, parent, node, str(value), start)
    text = scalar_text(value, style=node.style, is_json=page.is_json)
    # `key:` needs a space before its first value, and `key: x` has one.
    gap = " " if is_empty(node) and not page.text[:start].endswith((" ", "\t")) else ""
    return (Edit(source=page.source, start=start, end=end, text=gap + text),)


def _is_block_text(text: str) -> bool:
    return bool(text.strip("\n ")) and not _NOT_IN_BLOCK.search(text) and "\t\n" not in text


def _put_block(page: Page, parent: Node, node: Node, value: object, start: int, *, as_block: bool) -> tuple[Edit, ...]:
    last = last_line(page, node, parent)
    header = _HEADER.match(page.text, start)
    at = header.end() if header else start
    newline = page.newline(node.line)
    if not as_block:
        return (
            Edit(source=page.source, start=start, end=at, text=scalar_text(value)),
            Edit(source=page.source, start=page.line_end(node.line), end=page.line_end(last), text=""),
        )
    first = page.line(node.line + 1) if last > node.line else ""
    column = len(first) - len(first.lstrip(" ")) if first.strip(" ") else 0
    column = column if column > column_of(parent) else column_of(parent) + page.step
    sign, body = _block(str(value), column, column_of(parent), newline)
    return (
        Edit(source=page.source, start=start, end=at, text=sign),
        Edit(source=page.source, start=page.line_end(node.line), end=page.line_end(last), text=body),
    )


def _open_block(page: Page, parent: Node, node: Node, value: str, start: int) -> tuple[Edit, ...]:
    """Write a text of several lines where one of one line stood; what follows on that line stays there."""
    outer = column_of(parent)
    sign, body = _block(value, outer + page.step, outer, page.newline(node.line))
    gap = " " if is_empty(node) else ""
    at = page.line_end(node.end_line)
    return (
        Edit(source=page.source, start=start, end=page.end(node), text=gap + sign),
        Edit(source=page.source, start=at, end=at, text=body),
    )


def _block(text: str, column: int, outer: int, newline: str) -> tuple[str, str]:
    """Return the header and the lines of a literal block, each line with the line end before it."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    hint = str(column - outer) if body.lstrip("\n").startswith(" ") else ""
    sign = "|" + hint + ("-" if ends == 0 else "+" if ends > 1 else "")
    lines = [" " * column + line if line else "" for line in body.split("\n")]
    return sign, "".join(newline + line for line in lines) + newline * max(0, ends - 1)
