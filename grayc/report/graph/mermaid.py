"""The picture in Mermaid, which GitHub and GitLab draw in comments.

Source: mermaid.js.org/syntax/flowchart: a text in quotes may hold anything but a quote, and `#35;` stands for the
character of that number.
"""

import re
from collections.abc import Sequence

from grayc.analysis.picture import Picture
from grayc.diagnostics.visible import visible
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


def render_mermaid(pictures: Sequence[Picture], language: Language) -> str:
    """Return a flowchart, each release a part of it where there are several."""
    words = Words(language)
    lines = ["flowchart LR"]
    for number, picture in enumerate(pictures):
        ids = {node: f"n{number}x{at}" for at, node in enumerate(nodes_of(picture))}
        if len(pictures) > 1:
            title = words("graph-title", release=picture.release, tag=picture.tag)
            lines.append(f"  subgraph r{number}[{_text(title)}]")
        lines += [f"  {name}{_shape(node, picture, words)}" for node, name in ids.items()]
        lines += [_link(link, ids, words) for link in links_of(picture)]
        if len(pictures) > 1:
            lines.append("  end")
    # Strokes alone: the fill is that of the reader's light or dark theme.
    lines.append("  classDef gray stroke:#6366f1,stroke-width:3px")
    lines.append("  classDef production stroke:#8b949e,stroke-dasharray:2 2")
    return "\n".join(lines) + "\n"


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
