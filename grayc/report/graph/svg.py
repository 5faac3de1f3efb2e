"""The picture as SVG: made here, without a script, selectable as text, readable in light and dark.

Call paths are rows and their services columns, so places are known and no library is asked. Gray copies stand above,
production below. Colours are classes: a page has them in its own style sheet, a file in one of its own.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from grayc.analysis.picture import Picture, Row, Stop
from grayc.diagnostics.visible import columns, visible
from grayc.records import dataclass
from grayc.report.graph.links import Look, look_of
from grayc.report.language import Language
from grayc.report.words import Words

MAX_ROWS = 40
"""Rows that are drawn of one release; of more, how many they are. The other formats have all."""

STYLE = """\
.g-svg { color-scheme: light dark; font: 12px/1.4 ui-sans-serif, system-ui, "Segoe UI", "Noto Sans CJK SC", \
"PingFang SC", "Microsoft YaHei", sans-serif; }
.g-svg text { fill: #1f2328; }
.g-svg .g-dim { fill: #59636e; }
.g-svg .g-bold { font-weight: 600; }
.g-svg .g-lost { fill: #b3202c; font-weight: 600; }
.g-svg .g-warn { fill: #7d4e00; font-weight: 600; }
.g-svg rect { fill: #f6f8fa; stroke: #8c959f; stroke-width: 1; }
.g-svg rect.g-gray { fill: #eef0ff; stroke: #4f46e5; stroke-width: 1.5; }
.g-svg rect.g-off { fill: none; stroke-dasharray: 3 3; }
.g-svg rect.g-entry { fill: #fff; stroke: #8c959f; }
.g-svg path { fill: none; stroke-width: 1.2; }
.g-svg .g-production { stroke: #8c959f; }
.g-svg .g-lane { stroke: #4f46e5; stroke-width: 2; }
.g-svg .g-falls { stroke: #9a6700; stroke-width: 2; stroke-dasharray: 6 4; }
.g-svg .g-unknown { stroke: #9a6700; stroke-width: 2; stroke-dasharray: 2 4; }
.g-svg .g-cut { stroke: #cf222e; stroke-width: 2; stroke-dasharray: 6 4; }
.g-svg path.g-head { stroke: none; }
.g-svg .g-head.g-lane { fill: #4f46e5; }
.g-svg .g-head.g-production { fill: #8c959f; }
.g-svg .g-head.g-falls, .g-svg .g-head.g-unknown { fill: #9a6700; }
.g-svg .g-head.g-cut { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
.g-svg text { fill: #e6edf3; }
.g-svg .g-dim { fill: #9198a1; }
.g-svg .g-lost { fill: #ff9492; }
.g-svg .g-warn { fill: #e0b252; }
.g-svg rect { fill: #151b23; stroke: #6e7681; }
.g-svg rect.g-gray { fill: #23244d; stroke: #a5a8ff; }
.g-svg rect.g-entry { fill: #0d1117; stroke: #6e7681; }
.g-svg .g-production { stroke: #6e7681; }
.g-svg .g-lane { stroke: #a5a8ff; }
.g-svg .g-falls, .g-svg .g-unknown { stroke: #e0b252; }
.g-svg .g-cut { stroke: #ff7b72; }
.g-svg .g-head.g-lane { fill: #a5a8ff; }
.g-svg .g-head.g-production { fill: #6e7681; }
.g-svg .g-head.g-falls, .g-svg .g-head.g-unknown { fill: #e0b252; }
.g-svg .g-head.g-cut { fill: #ff7b72; }
}
"""
"""The looks, for whoever puts a picture into a page."""

_CLASSES = {
    Look.LANE: "g-lane",
    Look.FALLS_BACK: "g-falls",
    Look.LOST: "g-cut",
    Look.UNKNOWN: "g-unknown",
    Look.PRODUCTION: "g-production",
}
_BOX = 30
_TRACKS = 26
_GAP = 34
_BETWEEN = 74
_LINE = 17
_LETTER = 6.9
_LONGEST = 30
_LONGEST_LINE = 44
_MOST_LINES = 9
_MARGIN = 16
_TOP = 30
_SIDES = ("gray", "baseline")

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Where things stand, in pixels.

    Attributes:
        left: of each column.
        widths: of each column.
        entry: width of the box with entries and rules; 0 for none.
    """

    left: tuple[float, ...]
    widths: tuple[float, ...]
    entry: float

    @property
    def right(self) -> float:
        return self.left[-1] + self.widths[-1]

    def middle(self, side: str, row: int) -> float:
        """Return the height of a track's middle line."""
        return _TOP + row * (2 * _BOX + _TRACKS + _GAP) + _BOX / 2 + (_BOX + _TRACKS) * _SIDES.index(side)


def render_svg(pictures: Sequence[Picture], language: Language) -> str:
    """Return a whole file: the pictures below each other, with their looks."""
    words = Words(language)
    parts, height, width = [], 0.0, 0.0
    for at, picture in enumerate(pictures):
        body, size = _draw(picture, words, prefix=f"f{at}")
        parts.append(f'<g transform="translate(0 {_n(height)})">{body}</g>')
        width, height = max(width, size[0]), height + size[1]
    title = escape(visible("; ".join(_title(picture, words) for picture in pictures)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="g-svg" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def inline_svg(picture: Picture, language: Language, *, prefix: str) -> str:
    """Return one picture as a part of a page, which has `STYLE` in its style sheet.

    Args:
        prefix: of the ids in it, which a page has once.
    """
    words = Words(language)
    body, (width, height) = _draw(picture, words, prefix=prefix)
    return (
        f'<svg class="g-svg" width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'role="img" aria-labelledby="{prefix}-t {prefix}-d">'
        f'<title id="{prefix}-t">{escape(visible(_title(picture, words)))}</title>'
        f'<desc id="{prefix}-d">{escape(visible("; ".join(described(picture, words))))}</desc>{body}</svg>'
    )


def described(picture: Picture, words: Words) -> list[str]:
    """Return the rows in words, for who does not see the picture."""
    copies = {"gray": words("gray"), "baseline": words("production"), "unknown": words("unknown")}
    return [" → ".join(f"{stop.name} ({copies[stop.copy]})" for stop in row.stops) for row in picture.rows[:MAX_ROWS]]


def _title(picture: Picture, words: Words) -> str:
    return words("graph-title", release=picture.release, tag=picture.tag)


def _draw(picture: Picture, words: Words, *, prefix: str) -> tuple[str, tuple[float, float]]:
    """Return what is drawn, and its width and height."""
    rows = picture.rows[:MAX_ROWS]
    lines = _entry_lines(picture, words)
    grid = _grid(rows, lines)
    legend, width = _legend(words, rows)
    parts = [_heads(prefix), *legend]
    for at, row in enumerate(rows):
        parts += _row(row, at, grid, words, prefix)
    parts += _entries(rows, lines, grid, words, prefix)
    bottom = grid.middle("baseline", max(len(rows) - 1, 0)) + _BOX / 2
    bottom = max(bottom, _TOP + len(lines) * _LINE + 14)
    told = [_not_entered(row, words) for row in rows if not row.is_entered]
    if len(picture.rows) > len(rows):
        more = words.count("more-rows", len(picture.rows) - len(rows))
        parts.append(_text((grid.left[0], bottom + 24), more, "g-dim"))
        told.append(more)
        bottom += 24
    below = max((grid.left[0] + _width(text) for text in told), default=0.0)
    return "".join(parts), (max(grid.right, width, below) + _MARGIN, bottom + _MARGIN)


def _entry_lines(picture: Picture, words: Words) -> list[tuple[str, str]]:
    """Return the lines of the box at the left, each with its class."""
    if not picture.ways:
        return []
    lines = []
    for way in picture.ways[:_MOST_LINES]:
        lines.append((way.title, "g-bold"))
        lines += [(place or words("any-host"), "g-dim") for place in way.places[:2]]
        if len(way.places) > 2:
            lines.append((words("more", n=len(way.places) - 2), "g-dim"))
    if len(picture.ways) > _MOST_LINES:
        lines.append((words("more", n=len(picture.ways) - _MOST_LINES), "g-dim"))
    rules = words.rules(picture.rules)
    lines += [(rule, "") for rule in rules[:_MOST_LINES]]
    if len(rules) > _MOST_LINES:
        lines.append((words("more", n=len(rules) - _MOST_LINES), ""))
    return lines


def _grid(rows: Sequence[Row], lines: Sequence[tuple[str, str]]) -> _Grid:
    count = max((len(row.stops) for row in rows), default=1)
    widths = [84.0] * count
    for row in rows:
        for at, stop in enumerate(row.stops):
            widths[at] = max(widths[at], _width(_cut(stop.name, _LONGEST)) + 26)
    entry = max((_width(_cut(text, _LONGEST_LINE)) for text, _ in lines), default=0.0) + 24 if lines else 0.0
    left, at_x = [], _MARGIN + (entry + _BETWEEN if lines else 0)
    for width in widths:
        left.append(at_x)
        at_x += width + _BETWEEN
    return _Grid(left=tuple(left), widths=tuple(widths), entry=entry)


def _legend(words: Words, rows: Sequence[Row]) -> tuple[list[str], float]:
    """Return what the lines mean, above the columns, of those that are there; and how wide it is."""
    looks = {Look.LANE, Look.PRODUCTION}
    looks |= {look_of(before, stop) for row in rows for before, stop in pairwise(row.stops)}
    x, parts = float(_MARGIN), []
    for look in (look for look in Look if look in looks):
        told = words(f"legend-{look.name.lower()}")
        parts.append(f'<path class="{_CLASSES[look]}" d="M{_n(x)} 12h26"/>')
        parts.append(_text((x + 32, 16), told, "g-dim"))
        x += 32 + _width(told) + 18
    return parts, x - 18


def _row(row: Row, at: int, grid: _Grid, words: Words, prefix: str) -> Iterator[str]:
    for column, stop in enumerate(row.stops):
        for side in _SIDES:
            if side == "gray" and not stop.has_gray:
                continue
            answers = stop.copy == side or (stop.copy == "unknown" and side == "gray")
            look = "g-gray" if side == "gray" else ""
            look += "" if answers or side == "baseline" else " g-off"
            y = grid.middle(side, at) - _BOX / 2
            yield _box(grid.left[column], y, grid.widths[column], _BOX, look.strip())
            name = _cut(stop.name, _LONGEST)
            whole = f"<title>{escape(visible(stop.name))}</title>" if name != stop.name else ""
            style = "g-bold" if answers else "g-dim"
            middle = (grid.left[column] + grid.widths[column] / 2, grid.middle(side, at) + 4)
            yield _text(middle, name, style, is_middle=True, inside=whole)
    for column, (before, stop) in enumerate(pairwise(row.stops)):
        yield from _call((before, stop), (column, at), grid, words, prefix)


def _call(stops: tuple[Stop, Stop], place: tuple[int, int], grid: _Grid, words: Words, prefix: str) -> Iterator[str]:
    (before, stop), (column, at) = stops, place
    start, end = grid.left[column] + grid.widths[column], grid.left[column + 1]
    production = grid.middle("baseline", at)
    one, other = ("baseline" if each.copy == "baseline" else "gray" for each in (before, stop))
    look = look_of(before, stop)
    if (one, other) != ("baseline", "baseline"):
        yield _arrow((start, production), (end, production), Look.PRODUCTION, prefix)
    yield _arrow((start, grid.middle(one, at)), (end, grid.middle(other, at)), look, prefix)
    middle = (grid.middle(one, at) + grid.middle(other, at)) / 2
    if look in (Look.LOST, Look.UNKNOWN):
        sign, style = ("✕", "g-lost") if look is Look.LOST else ("?", "g-warn")
        told = f"{words.link(look)}{f': {words.reason(stop.why)}' if stop.why else ''}"
        whole = f"<title>{escape(visible(told))}</title>"
        yield _text(((start + end) / 2, middle - 7), sign, style, is_middle=True, inside=whole)


def _entries(
    rows: Sequence[Row], lines: Sequence[tuple[str, str]], grid: _Grid, words: Words, prefix: str
) -> Iterator[str]:
    """Yield the box of entries and rules, and a line from it to each row that is entered; what no entry leads to."""
    if lines:
        yield _box(_MARGIN, _TOP, grid.entry, len(lines) * _LINE + 14, "g-entry")
        for at, (text, style) in enumerate(lines):
            shown = _cut(text, _LONGEST_LINE)
            whole = f"<title>{escape(visible(text))}</title>" if shown != text else ""
            yield _text((_MARGIN + 12, _TOP + 19 + at * _LINE), shown, style, inside=whole)
    start = _MARGIN + grid.entry
    for at, row in enumerate(rows):
        if row.entries and lines:
            gray = row.stops[0].copy != "baseline"
            for side, look in (("baseline", Look.PRODUCTION), ("gray" if gray else "baseline", Look.LANE)):
                yield _from_entry(start, grid.left[0], grid.middle(side, at), look, prefix)
        elif not row.is_entered:
            y = grid.middle("baseline", at) + _BOX / 2 + 14
            yield _text((grid.left[0], y), _not_entered(row, words), "g-warn")


def _not_entered(row: Row, words: Words) -> str:
    return words("not-entered", service=_cut(row.stops[0].name, _LONGEST))


def _from_entry(start: float, end: float, y: float, look: Look, prefix: str) -> str:
    """Return a line that leaves the box, runs along a bus, and turns off to a row."""
    top = _TOP + 20 if look is Look.LANE else _TOP + 32
    bus = start + (26 if look is Look.LANE else 40)
    name = _CLASSES[look]
    head = f'marker-end="url(#{prefix}-{name})"'
    return f'<path class="{name}" d="M{_n(start)} {_n(top)}H{_n(bus)}V{_n(y)}H{_n(end - 7)}" {head}/>'


def _arrow(start: _Point, to: _Point, look: Look, prefix: str) -> str:
    (x, y), (end, below), name = start, to, _CLASSES[look]
    middle = (x + end) / 2
    curve = f"C{_n(middle)} {_n(y)} {_n(middle)} {_n(below)} {_n(end - 7)} {_n(below)}"
    way = f"H{_n(end - 7)}" if y == below else curve
    return f'<path class="{name}" d="M{_n(x)} {_n(y)}{way}" marker-end="url(#{prefix}-{name})"/>'


def _heads(prefix: str) -> str:
    heads = "".join(
        f'<marker id="{prefix}-{name}" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="g-head {name}" d="M0 0L8 4L0 8z"/></marker>'
        for name in _CLASSES.values()
    )
    return f"<defs>{heads}</defs>"


def _box(x: float, y: float, width: float, height: float, name: str) -> str:
    look = f' class="{name}"' if name else ""
    return f'<rect{look} x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="6"/>'


def _text(at: _Point, text: str, name: str = "", *, is_middle: bool = False, inside: str = "") -> str:
    look = f' class="{name}"' if name else ""
    place = ' text-anchor="middle"' if is_middle else ""
    return f'<text{look} x="{_n(at[0])}" y="{_n(at[1])}"{place}>{inside}{escape(visible(text))}</text>'


def _cut(text: str, limit: int) -> str:
    shown = visible(text)
    if columns(shown) <= limit:
        return shown
    kept, width = "", 0
    for sign in shown:
        width += columns(sign)
        if width >= limit:
            break
        kept += sign
    return f"{kept}…"


def _width(text: str) -> float:
    return columns(text) * _LETTER


def _n(number: float) -> str:
    """Return a number with at most one decimal, the same on every machine."""
    return f"{number:.1f}".removesuffix(".0")
