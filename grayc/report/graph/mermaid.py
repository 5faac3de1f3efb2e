"""The picture in Mermaid, which GitHub and GitLab draw in comments.

Source: mermaid.js.org/syntax/flowchart: a text in quotes may hold anything but a quote, and `#35;` stands for the
character of that number.
"""

import re
from collections.abc import Sequence

from grayc.analysis.picture import Picture
from grayc.diagnostics.visible import visible
from grayc.records import replace
from grayc.report.graph.links import ENTRY, Link, Look, Node, links_of, nodes_of
from grayc.report.language import Language
from grayc.report.words import Words

_ARROWS = {
    Look.LANE: "==>",
    Look.FALLS_BACK: "-.->",
    Look.LOST: "--x",
    Look.UNKNOWN: "-.->",
    Look.PRODUCTION: "-->",
}
_SPECIAL = re.compile(r"[^\w ./:,%()-]")
# What Markdown takes for the start of a list: Mermaid refuses a label with one.
_LIST = re.compile(r"^(\d+)\.|^([-+*])(?= )")
_LONGEST = 60
MAX_EDGES, MAX_TEXT = 500, 50_000
"""Links, and signs as JavaScript counts them. Source: mermaid's config.schema.json, `maxEdges` and `maxTextSize`."""


def render_mermaid(pictures: Sequence[Picture], language: Language) -> str:
    """Return a flowchart, each release a part of it where there are several.

    Mermaid draws nothing of a larger one than it takes, so rows at the end are left out and counted.
    """
    every = sum(len(picture.rows) for picture in pictures)
    text, links = _render(pictures, language)
    if _fits(text, links):
        return text
    # More rows never need less room.
    kept, refused = 0, every
    while kept + 1 < refused:
        at = (kept + refused) // 2
        kept, refused = (at, refused) if _fits(*_render(_first(pictures, at), language, every - at)) else (kept, at)
    return _render(_first(pictures, kept), language, every - kept)[0]


def _first(pictures: Sequence[Picture], rows: int) -> list[Picture]:
    """Return pictures with the first rows of all alone."""
    cut = []
    for picture in pictures:
        cut.append(replace(picture, rows=picture.rows[:rows]))
        rows -= len(cut[-1].rows)
    return cut


def _fits(text: str, links: int) -> bool:
    return links <= MAX_EDGES and len(text.encode("utf-16-le", "surrogatepass")) // 2 <= MAX_TEXT


def _render(pictures: Sequence[Picture], language: Language, left: int = 0) -> tuple[str, int]:
    """Return the flowchart, and how many links it has.

    Args:
        left: rows that are not in the pictures.
    """
    words, count = Words(language), 0
    lines = ["flowchart LR"]
    for number, picture in enumerate(pictures):
        ids = {node: f"n{number}x{at}" for at, node in enumerate(nodes_of(picture))}
        links = links_of(picture)
        count += len(links)
        if len(pictures) > 1:
            title = words("graph-title", release=picture.release, tag=picture.tag)
            lines.append(f"  subgraph r{number}[{_text(title)}]")
        lines += [f"  {name}{_shape(node, picture, words)}" for node, name in ids.items()]
        lines += [_link(link, ids, words) for link in links]
        if len(pictures) > 1:
            lines.append("  end")
    lines += [f"  more[{_text(words.count('more-rows', left))}]"] if left else []
    # Strokes alone: the fill is that of the reader's light or dark theme.
    lines.append("  classDef gray stroke:#6366f1,stroke-width:3px")
    lines.append("  classDef production stroke:#8b949e,stroke-dasharray:2 2")
    return "\n".join(lines) + "\n", count


def _shape(node: Node, picture: Picture, words: Words) -> str:
    if node == ENTRY:
        lines = [*(way.title for way in picture.ways), *words.rules(picture.rules)]
        return f'["{"<br>".join(map(_escaped, lines))}"]'
    kind, name = node
    look = "gray" if kind == "gray" else "production"
    return f'("{_escaped(name)}<br>{_escaped(words(look))}"):::{look}'


def _link(link: Link, ids: dict[Node, str], words: Words) -> str:
    told = "" if link.look in {Look.LANE, Look.PRODUCTION} else f"|{_text(words.link(link.look))}|"
    return f"  {ids[link.source]} {_ARROWS[link.look]}{told} {ids[link.target]}"


def _text(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Return a text every sign of which stands for itself."""
    shown = visible(text)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    start = _LIST.match(shown)
    at = -1 if start is None else start.end() - 1
    return "".join(
        f"#{ord(sign)};" if place == at or _SPECIAL.match(sign) else sign for place, sign in enumerate(shown)
    )
