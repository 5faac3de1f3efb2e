"""Put keys into a mapping, or items at the end of a list, in the layout that is there."""

from collections.abc import Mapping, Sequence

from grayc.diagnostics import Checked
from grayc.documents import Document, Path
from grayc.documents.locate import Node
from grayc.edit.model import Edit, not_in_place
from grayc.edit.place import Page, column_of, dash_column, ends_below, is_empty, is_null, last_line, page_of
from grayc.edit.text import block_lines, flow_text, item_lines, scalar_text


def insert_keys(
    document: Document, path: Path, values: Mapping[str, object], *, instead: bool = False
) -> Checked[tuple[Edit, ...]]:
    """Return what puts keys with their values into the mapping at `path`, at its end where its layout allows it.

    Mappings on the way that are missing or null are made. Of a mapping behind an alias, the anchor's text is
    changed: whether that is wanted everywhere is for `apply_changes` to find out.

    Args:
        document: as it was read from its file.
        values: plain data.
        instead: of all that is there, which is taken out of a block by other edits.
    Raises:
        ValueError: the mapping has one of the keys.
    Diagnostics:
        GC620: something on the way is no mapping, or is laid out in a way that is not known.
    """
    page = page_of(document)
    found = _descend(page, document, path)
    if found is None:
        return _unknown(document, path)
    above, node, rest, in_flow = found
    if not rest and any(key in node.own_children() for key in values):
        raise ValueError(f"one of `{'`, `'.join(values)}` is there")
    edits = _into(page, above, node, _nest(rest, values), in_flow=in_flow, instead=instead)
    if edits is None:
        return _unknown(document, path[: len(path) - len(rest)])
    return Checked(value=edits)


def append_items(
    document: Document, path: Path, items: Sequence[object], *, instead: bool = False
) -> Checked[tuple[Edit, ...]]:
    """Return what puts items at the end of the list at `path`, which is made where it is missing.

    Args:
        instead: as for `insert_keys`.

    Diagnostics:
        GC620: as `insert_keys`.
    """
    page = page_of(document)
    found = _descend(page, document, path)
    if found is None:
        return _unknown(document, path)
    above, node, rest, in_flow = found
    if rest:
        edits = _into(page, above, node, _nest(rest[:-1], {str(rest[-1]): items}), in_flow=in_flow)
    elif is_null(node):
        edits = _fill(page, above, node, items, in_flow=in_flow)
    else:
        edits = _onto(page, node, items, instead=instead)
    return Checked(value=edits) if edits is not None else _unknown(document, path)


def _unknown(document: Document, path: Path) -> Checked[tuple[Edit, ...]]:
    return Checked(
        value=None,
        diagnostics=not_in_place(
            document, path, "it is no plain mapping or list there", help_="write the value into the file yourself"
        ),
    )


def _nest(rest: Path, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return values with the missing mappings of `rest` around them."""
    for step in reversed(rest):
        values = {str(step): values}
    return values


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
    page: Page, above: Node | None, node: Node, values: Mapping[str, object], *, in_flow: bool, instead: bool = False
) -> tuple[Edit, ...] | None:
    if node.entries is None:
        return _fill(page, above, node, values, in_flow=in_flow) if is_null(node) else None
    if not node.is_block:
        return _into_flow(page, node, values, instead=instead)
    column = column_of(node)
    quotes = _common({name.style for name, _ in node.entries})
    style = _common({item.style for _, item in node.entries if item.text is not None})
    name, last = node.entries[-1]
    line = max(name.end_line, last_line(page, last, node))
    literals = ends_below(page, line, column)
    lines: list[str] = []
    for key, value in values.items():
        shown = scalar_text(key, style=quotes)
        if isinstance(value, str) and "\n" not in value:
            lines.append(f"{' ' * column}{shown}: {scalar_text(value, style=style)}")
        else:
            lines += block_lines(shown, value, column=column, step=page.step, literals=literals)
    return (_below(page, line, lines),)


def _common(styles: set[str]) -> str:
    """Return the quotes that all use, "" where they do not agree."""
    return styles.pop() if len(styles) == 1 and styles <= {"'", '"'} else ""


def _below(page: Page, line: int, lines: list[str]) -> Edit:
    """Return what puts whole lines below a line; the last line of a file that has no end goes on having none."""
    at, newline = page.line_end(line), page.newline(line)
    return Edit(source=page.source, start=at, end=at, text="".join(newline + text for text in lines))


def _fill(
    page: Page, above: Node | None, node: Node, value: Mapping[str, object] | Sequence[object], *, in_flow: bool
) -> tuple[Edit, ...] | None:
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
    column = above.column + page.step
    if not isinstance(value, Mapping):
        return (_items_below(page, above.end_line, value, column),)
    literals = ends_below(page, node.line, column)
    lines = [
        line
        for name, item in value.items()
        for line in block_lines(scalar_text(name), item, column=column, step=page.step, literals=literals)
    ]
    return (_below(page, node.line, lines),)


def _items_below(page: Page, line: int, items: Sequence[object], column: int) -> Edit:
    literals = ends_below(page, line, column)
    made = (item_lines(item, column=column, step=page.step, literals=literals) for item in items)
    return _below(page, line, [text for lines in made for text in lines])


def _into_flow(page: Page, node: Node, values: Mapping[str, object], *, instead: bool) -> tuple[Edit, ...] | None:
    """Put entries into a mapping in braces: before the first where each has a line of its own, else behind the last.

    On lines of their own, an entry behind the last would need a comma on the line of another.
    """
    entries = node.entries or []
    quotes = '"' if page.is_json else _common({name.style for name, _ in entries})
    styles = '"' if page.is_json else _common({item.style for _, item in entries if item.text is not None})
    colon = page.text[page.end(entries[0][0]) : page.start(entries[0][1])] if entries else ""
    if colon.strip() != ":" or "\n" in colon or (quotes != '"' and colon == ":"):
        colon = ": "
    comma = "," if colon == ":" else ", "
    made = [
        scalar_text(key, style=quotes, is_json=page.is_json)
        + colon
        + flow_text(value, is_json=page.is_json, quotes=styles)
        for key, value in values.items()
    ]
    if not entries:
        brace = page.text.index("{", page.start(node)) + 1
        blank = page.text[brace : page.end(node) - 1]
        gap = blank if blank.strip(" ") == "" else ""
        return (Edit(source=page.source, start=brace, end=brace, text=gap + comma.join(made)),)
    first, last = entries[0], entries[-1]
    before = page.text[page.line_start(first[0].line) : page.start(first[0])]
    own_line = first[0].line > node.line and not before.strip(" \t")
    if instead:
        between = f",{page.newline(first[0].line - 1)}{before}" if own_line else comma
        return (Edit(source=page.source, start=page.start(first[0]), end=page.end(last[1]), text=between.join(made)),)
    if own_line:
        text = "".join(f"{entry},{page.newline(first[0].line - 1)}{before}" for entry in made)
        return (Edit(source=page.source, start=page.start(first[0]), end=page.start(first[0]), text=text),)
    if last[1].target is None and is_empty(last[1]):
        at = page.start(first[0])
        return (Edit(source=page.source, start=at, end=at, text="".join(entry + comma for entry in made)),)
    at = page.end(last[1])
    return (Edit(source=page.source, start=at, end=at, text="".join(comma + entry for entry in made)),)


def _onto(page: Page, node: Node, items: Sequence[object], *, instead: bool) -> tuple[Edit, ...] | None:
    """Put items at the end of a list."""
    if node.items is None:
        return None
    if node.is_block and node.items:
        return (_items_below(page, last_line(page, node.items[-1], node), items, dash_column(page, node.items[-1])),)
    made = [flow_text(item, is_json=page.is_json) for item in items]
    if not node.items:
        at = page.text.index("[", page.start(node)) + 1
        return (Edit(source=page.source, start=at, end=at, text=", ".join(made)),)
    first, at = node.items[0], page.end(node.items[-1])
    before = page.text[page.line_start(first.line) : page.start(first)]
    gap = f"{page.newline(first.line)}{before}" if first.line > node.line and not before.strip(" \t") else " "
    if instead:
        return (Edit(source=page.source, start=page.start(first), end=at, text=f",{gap}".join(made)),)
    return (Edit(source=page.source, start=at, end=at, text="".join(f",{gap}{item}" for item in made)),)
