"""Give a scalar another value, in the quotes it has."""

import re

from grayc.diagnostics import Checked, Note
from grayc.documents import Document, Path
from grayc.documents.locate import Node
from grayc.edit.model import Edit, not_in_place
from grayc.edit.place import Page, column_of, ends_below, is_empty, last_line, page_of
from grayc.edit.text import is_block_text, literal, scalar_text

_PROPERTY = re.compile(r"&[^\s,\[\]{}]+\s+")
_HEADER = re.compile(r"[|>][-+0-9]*")


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
    as_block = isinstance(value, str) and not in_flow and is_block_text(value)
    if as_block:
        ends = len(str(value)) - len(str(value).rstrip("\n"))
        as_block = ends_below(page, last_line(page, node, parent), column_of(parent), line_ends=ends)
    if node.style in ("|", ">"):
        return _put_block(page, parent, node, value, start, as_block=as_block)
    if as_block and "\n" in str(value) and node.style != '"':
        return _open_block(page, parent, node, str(value), start)
    text = scalar_text(value, style=node.style, is_json=page.is_json)
    # `key:` needs a space before its first value, and `key: x` has one.
    gap = " " if is_empty(node) and not page.text[:start].endswith((" ", "\t")) else ""
    return (Edit(source=page.source, start=start, end=end, text=gap + text),)


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
    sign, lines = literal(str(value), column=column, outer=column_of(parent))
    if node.style == ">" and "\n" not in str(value):
        # Of one line a folded block says what a literal one does.
        sign = ">" + sign[1:]
    body = "".join(newline + line for line in lines)
    return (
        Edit(source=page.source, start=start, end=at, text=sign),
        Edit(source=page.source, start=page.line_end(node.line), end=page.line_end(last), text=body),
    )


def _open_block(page: Page, parent: Node, node: Node, value: str, start: int) -> tuple[Edit, ...]:
    """Write a text of several lines where one of one line stood; what follows on that line stays there."""
    outer = column_of(parent)
    sign, lines = literal(value, column=outer + page.step, outer=outer)
    body = "".join(page.newline(node.line) + line for line in lines)
    gap = " " if is_empty(node) else ""
    at = page.line_end(node.end_line)
    return (
        Edit(source=page.source, start=start, end=page.end(node), text=gap + sign),
        Edit(source=page.source, start=at, end=at, text=body),
    )
