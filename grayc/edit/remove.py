"""Take entries out of a mapping, or items out of a list, where no comment speaks of them."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from grayc.diagnostics import Checked
from grayc.documents import Document, Path
from grayc.documents.locate import Node
from grayc.edit.model import Edit, not_in_place
from grayc.edit.place import Page, column_of, dash_column, keeps_line_ends, last_line, page_of

_DASH = re.compile(r"-[ \t]+\Z")


class _LeftError(Exception):
    """Something cannot be taken out; the message says why."""


def remove_children(
    document: Document, path: Path, gone: Collection[str | int], *, refilled: bool = False
) -> Checked[tuple[Edit, ...]]:
    """Return what takes keys or positions out of the mapping or list at `path`; whole lines where it is a block.

    All are taken out together, since what is left of a list in brackets depends on all of them. A container that is
    emptied stays, as `{}` or `[]`. Edits by `insert_keys` and `append_items` of the same document go together with it.

    Args:
        refilled: something is put in, so that nothing is emptied; in brackets by an edit that takes the place of all.
    Raises:
        KeyError: the document has no mapping or list there, or not all of its children.
    Diagnostics:
        GC620: a comment stands with, above or in what would go; an alias or `<<` gives it; or an anchor stands in it
            that others may need.
    """
    page = page_of(document)
    node, above, is_shared = page.root, None, False
    for step in (*document.root, *path):
        found = node.child(step) if node is not None else None
        if found is None and is_shared:
            break
        if found is None:
            raise KeyError(path)
        above, node = found
        is_shared = is_shared or node.target is not None
    if node is None or (node.entries is None and node.items is None and not is_shared):
        raise KeyError(path)
    try:
        if is_shared:
            raise _LeftError("an alias stands there or above it; the anchor is written once for all")
        edits = _take(page, above, node, gone, path, refilled=refilled)
    except _LeftError as left:
        help_ = "take it out of the file yourself"
        return Checked(value=None, diagnostics=not_in_place(document, path, str(left), help_=help_))
    return Checked(value=edits)


def _take(
    page: Page, above: Node | None, node: Node, gone: Collection[str | int], path: Path, *, refilled: bool
) -> tuple[Edit, ...]:
    children = _children(node)
    own = node.own_children()
    if any(key in (node.merged or {}) for key in gone):
        raise _LeftError("`<<` gives it, from an anchor that other places share")
    wanted = {own[key][0] if isinstance(key, str) else (node.items or [])[key] for key in gone if _has(node, own, key)}
    if len(wanted) != len(gone):
        raise KeyError(path)
    is_gone = [first in wanted for first, _ in children]
    for at, (first, value) in enumerate(children):
        if is_gone[at] and any(item.anchor is not None for item in (*_below(first), *_below(value))):
            raise _LeftError("an anchor stands in it, which others may need")
    if page.is_json or not node.is_block:
        out = _out_of_brackets(page, node, children, is_gone)
        return out if not refilled or not all(is_gone) else ()
    edits = _out_of_block(page, node, children, is_gone)
    return edits if refilled or not all(is_gone) else (*edits, _emptied(page, above, node))


def _has(node: Node, own: dict[str, tuple[Node, Node]], key: str | int) -> bool:
    return key in own if isinstance(key, str) else node.items is not None and 0 <= key < len(node.items)


def _children(node: Node) -> list[tuple[Node, Node]]:
    """Return where each child starts and what it holds: key and value, or an item twice."""
    return list(node.entries) if node.entries is not None else [(item, item) for item in node.items or ()]


def _below(root: Node) -> Iterator[Node]:
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo += node.items or ()
        todo += (part for entry in node.entries or () for part in entry)


def _out_of_block(page: Page, node: Node, children: list[tuple[Node, Node]], is_gone: list[bool]) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    column = dash_column(page, children[0][0]) if node.items is not None else column_of(node)
    lasts = [max(first.end_line if node.entries else 0, last_line(page, value, node)) for first, value in children]
    for at, (first, value) in enumerate(children):
        if not is_gone[at]:
            continue
        line, last = first.line, lasts[at]
        head = page.line(line)[: first.column]
        if line == 0 or (head.strip(" ") if node.entries is not None else not _DASH.fullmatch(head.lstrip(" "))):
            raise _LeftError("it stands on a line with something else")
        if at and keeps_line_ends(page, children[at - 1][1]):
            raise _LeftError("the text above it would get the blank lines below it")
        before = lasts[at - 1] if at else -1
        if line - 1 > before and page.line(line - 1).lstrip().startswith("#"):
            raise _LeftError("a comment stands above it")
        if last + 1 < page.line_count:
            following = page.line(last + 1)
            if following.lstrip().startswith("#") and len(following) - len(following.lstrip()) > column:
                raise _LeftError("a comment stands below it")
        if _has_comment(page, page.line_start(line), page.line_end(last), (first, value)):
            raise _LeftError("a comment stands in it")
        edits.append(Edit(source=page.source, start=page.line_end(line - 1), end=page.line_end(last), text=""))
    return tuple(edits)


def _emptied(page: Page, above: Node | None, node: Node) -> Edit:
    """Return what stands for a block of which nothing is left."""
    colon = page.text.find(":", page.end(above)) if above is not None else -1
    if above is None or colon < 0 or page.text[page.end(above) : colon].strip():
        raise _LeftError("nothing would be left around it")
    at = colon + 1 if node.anchor is None else page.start(node) + len(f"&{node.anchor}")
    return Edit(source=page.source, start=at, end=at, text=" {}" if node.entries is not None else " []")


def _out_of_brackets(
    page: Page, node: Node, children: list[tuple[Node, Node]], is_gone: list[bool]
) -> tuple[Edit, ...]:
    spans = [(page.start(first), page.end(value)) for first, value in children]
    kept = [at for at, one in enumerate(is_gone) if not one]
    parts: list[tuple[int, int]] = []
    if not kept:
        # An anchor may stand before the bracket.
        opening = page.text.index("{" if node.entries is not None else "[", page.start(node))
        parts.append((opening + 1, page.end(node) - 1))
    else:
        if kept[0] > 0:
            parts.append((spans[0][0], spans[kept[0]][0]))
        for one, other in pairwise([*kept, len(children)]):
            if other - one > 1:
                parts.append((spans[one][1], spans[other - 1][1]))
    for start, end in parts:
        inside = [part for entry in children for part in entry]
        if _has_comment(page, start, end, inside):
            raise _LeftError("a comment stands in it")
    return tuple(Edit(source=page.source, start=start, end=end, text="") for start, end in parts)


def _has_comment(page: Page, start: int, end: int, roots: Collection[Node]) -> bool:
    """Tell whether a part of the text holds a `#` that stands in no scalar."""
    text = page.text[start:end]
    if page.is_json or "#" not in text:
        return False
    signs = list(text)
    for node in (item for root in roots for item in _below(root)):
        if node.text is None:
            continue
        # Of a block text the first line may have a comment behind its sign.
        first = page.line_end(node.line) if node.style in ("|", ">") else page.start(node)
        for at in range(max(first, start), min(page.end(node), end)):
            signs[at - start] = " "
    return "#" in signs


def stands_in_brackets(document: Document, path: Path) -> bool:
    """Tell whether what is at `path` is written in brackets, where all that goes is taken out together."""
    page = page_of(document)
    node = page.root
    for step in (*document.root, *path):
        found = node.child(step) if node is not None else None
        node = found[1] if found is not None else None
    return page.is_json or node is None or not node.is_block
