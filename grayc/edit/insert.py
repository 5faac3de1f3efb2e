"""Put a key into a mapping, or an item at the end of a list, in the layout that is there."""

from collections.abc import Mapping

from grayc.diagnostics import Checked
from grayc.documents import Document, Path
from grayc.documents.locate import Node
from grayc.edit.model import Edit, not_in_place
from grayc.edit.place import Page, column_of, is_empty, is_null, last_line, page_of
from grayc.edit.text import block_lines, flow_text, item_lines, scalar_text


def insert_key(document: Document, path: Path, key: str, value: object) -> Checked[tuple[Edit, ...]]:
    """Return what puts `key: value` into the mapping at `path`, at its end where its layout allows it.

    Mappings on the way that are missing or null are made. Of a mapping behind an alias, the anchor's text is
    changed: whether that is wanted everywhere is for `apply_changes` to find out.

    Args:
        document: as it was read from its file.
        value: plain data.
    Raises:
        ValueError: the mapping has the key.
    Diagnostics:
        GC620: something on the way is no mapping, or is laid out in a way that is not known.
    """
    page = page_of(document)
    found = _descend(page, document, path)
    if found is None:
        return _unknown(document, path)
    above, node, rest, in_flow = found
    if rest:
        key, value = _nest(rest, key, value)
    elif node.entries is not None and key in node.own_children():
        raise ValueError(f"`{key}` is there")
    edits = _into(page, above, node, key, value, in_flow=in_flow)
    if edits is None:
        return _unknown(document, path[: len(path) - len(rest)])
    return Checked(value=edits)


def append_item(document: Document, path: Path, item: object) -> Checked[tuple[Edit, ...]]:
    """Return what puts an item at the end of the list at `path`, which is made where it is missing.

    Diagnostics:
        GC620: as `insert_key`.
    """
    page = page_of(document)
    found = _descend(page, document, path)
    if found is None:
        return _unknown(document, path)
    above, node, rest, in_flow = found
    if rest or is_null(node):
        last = str(path[-1])
        value: object = [item]
        if rest:
            key, value = _nest(rest[:-1], last, value) if len(rest) > 1 else (last, value)
            edits = _into(page, above, node, key, value, in_flow=in_flow)
        else:
            edits = _fill(page, above, node, value, in_flow=in_flow)
    else:
        edits = _onto(page, node, item)
    return Checked(value=edits) if edits is not None else _unknown(document, path)


def _unknown(document: Document, path: Path) -> Checked[tuple[Edit, ...]]:
    return Checked(
        value=None,
        diagnostics=not_in_place(
            document, path, "it is no plain mapping or list there", help_="write the value into the file yourself"
        ),
    )


def _nest(rest: Path, key: str, value: object) -> tuple[str, object]:
    """Return key and value with the missing mappings of `rest` around them."""
    for step in reversed((*rest[1:], key)):
        value = {str(step): value}
    return str(rest[0]), value


def _descend(page: Page, document: Document, path: Path) -> tuple[Node | None, Node, Path, bool] | None:
    """Follow a path as far as the text goes.

    Returns:
        The key that leads to the last node, that node, the steps that are missing, and whether it stands in brackets.
        None where a step is a position in a list that is not there.
    """
    node, key, in_flow = page.root, None, page.is_json
    if node is None:
        return None
    steps = (*document.root, *path)
    for at, step in enumerate(steps):
        found = node.child(step)
        if found is None:
            missing = steps[at:]
            is_there = at >= len(document.root) and all(isinstance(item, str) for item in missing)
            return (key, node, missing, in_flow) if is_there else None
        in_flow = in_flow or not node.is_block
        key, value = found
        if value.target is not None:
            in_flow = False
        node = value.target or value
    return key, node, (), in_flow


def _into(
    page: Page, above: Node | None, node: Node, key: str, value: object, *, in_flow: bool
) -> tuple[Edit, ...] | None:
    if node.entries is None:
        return _fill(page, above, node, {key: value}, in_flow=in_flow) if is_null(node) else None
    if not node.is_block:
        return _into_flow(page, node, key, value)
    column = column_of(node)
    shown = scalar_text(key, style=_common({name.style for name, _ in node.entries}))
    style = _common({item.style for _, item in node.entries if item.text is not None})
    if isinstance(value, str):
        lines = [f"{' ' * column}{shown}: {scalar_text(value, style=style)}"]
    else:
        lines = block_lines(shown, value, column=column, step=page.step)
    name, last = node.entries[-1]
    return (_below(page, max(name.end_line, last_line(page, last, node)), lines),)


def _common(styles: set[str]) -> str:
    """Return the quotes that all use, "" where they do not agree."""
    return styles.pop() if len(styles) == 1 and styles <= {"'", '"'} else ""


def _below(page: Page, line: int, lines: list[str]) -> Edit:
    """Return what puts whole lines below a line; the last line of a file that has no end goes on having none."""
    at, newline = page.line_end(line), page.newline(line)
    return Edit(source=page.source, start=at, end=at, text="".join(newline + text for text in lines))


def _fill(page: Page, above: Node | None, node: Node, value: object, *, in_flow: bool) -> tuple[Edit, ...] | None:
    """Give a key that has no value, or a null, a mapping or list."""
    if node.anchor is not None or above is None:
        return None
    start, end = page.start(node), page.end(node)
    if not is_empty(node):
        return (Edit(source=page.source, start=start, end=end, text=flow_text(value, is_json=page.is_json)),)
    colon = page.text[page.end(above) : start].strip()
    if in_flow:
        gap = "" if page.text[:start].endswith((" ", "\t")) else " "
        text = ("" if colon else ":") + gap + flow_text(value, is_json=False)
        return (Edit(source=page.source, start=start, end=start, text=text),)
    if not isinstance(value, Mapping):
        return None if not isinstance(value, list) else _fill_list(page, above, value)
    column = above.column + page.step
    lines = [
        line
        for name, item in value.items()
        for line in block_lines(scalar_text(name), item, column=column, step=page.step)
    ]
    return (_below(page, node.line, lines),)


def _fill_list(page: Page, above: Node, value: list[object]) -> tuple[Edit, ...]:
    lines = [line for item in value for line in item_lines(item, column=above.column + page.step, step=page.step)]
    return (_below(page, above.end_line, lines),)


def _into_flow(page: Page, node: Node, key: str, value: object) -> tuple[Edit, ...] | None:
    """Put an entry into a mapping in braces: before the first where each has a line of its own, else behind the last.

    On lines of their own, an entry behind the last would need a comma on the line of another.
    """
    entries = node.entries or []
    quotes = '"' if page.is_json else _common({name.style for name, _ in entries})
    shown = scalar_text(key, style=quotes, is_json=page.is_json)
    styles = '"' if page.is_json else _common({item.style for _, item in entries if item.text is not None})
    item = flow_text(value, is_json=page.is_json, quotes=styles)
    if not entries:
        brace = page.text.index("{", page.start(node)) + 1
        blank = page.text[brace : page.end(node) - 1]
        gap = blank if blank.strip(" ") == "" else ""
        return (Edit(source=page.source, start=brace, end=brace, text=f"{gap}{shown}: {item}"),)
    first, last = entries[0], entries[-1]
    colon = page.text[page.end(first[0]) : page.start(first[1])]
    if colon.strip() != ":" or "\n" in colon or (quotes != '"' and colon == ":"):
        colon = ": "
    entry = f"{shown}{colon}{item}"
    before = page.text[page.line_start(first[0].line) : page.start(first[0])]
    if first[0].line > node.line and not before.strip(" \t"):
        text = f"{entry},{page.newline(first[0].line - 1)}{before}"
        return (Edit(source=page.source, start=page.start(first[0]), end=page.start(first[0]), text=text),)
    comma = "," if colon == ":" else ", "
    if last[1].target is None and is_empty(last[1]):
        at = page.start(first[0])
        return (Edit(source=page.source, start=at, end=at, text=f"{entry}{comma}"),)
    at = page.end(last[1])
    return (Edit(source=page.source, start=at, end=at, text=f"{comma}{entry}"),)


def _onto(page: Page, node: Node, item: object) -> tuple[Edit, ...] | None:
    """Put an item at the end of a list."""
    if node.items is None:
        return None
    if node.is_block and node.items:
        column = page.line(node.items[-1].line).find("-")
        lines = item_lines(item, column=column, step=page.step)
        return (_below(page, last_line(page, node.items[-1], node), lines),)
    text = flow_text(item, is_json=page.is_json)
    if not node.items:
        at = page.text.index("[", page.start(node)) + 1
        return (Edit(source=page.source, start=at, end=at, text=text),)
    first, at = node.items[0], page.end(node.items[-1])
    before = page.text[page.line_start(first.line) : page.start(first)]
    gap = f"{page.newline(first.line)}{before}" if first.line > node.line and not before.strip(" \t") else " "
    return (Edit(source=page.source, start=at, end=at, text=f",{gap}{text}"),)
