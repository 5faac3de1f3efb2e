"""The picture in the DOT language, for Graphviz.

Source: graphviz.org/doc/info/lang.html: a quoted text ends at a quote without a backslash; `\\\\` in a label is one.
"""

import re
from collections.abc import Sequence

from grayc.analysis.picture import Picture
from grayc.diagnostics.visible import visible
from grayc.report.graph.links import ENTRY, Look, Node, links_of, nodes_of
from grayc.report.language import Language
from grayc.report.words import Words

_STYLES = {
    Look.LANE: 'color="#4f46e5", penwidth=2',
    Look.FALLS_BACK: 'color="#9a6700", style=dashed',
    Look.LOST: 'color="#cf222e", style=dashed, arrowhead=tee',
    Look.UNKNOWN: 'color="#9a6700", style=dotted',
    Look.PRODUCTION: 'color="#6e7781"',
}
_SPECIAL = re.compile(r'(["\\])')


def render_dot(pictures: Sequence[Picture], language: Language) -> str:
    """Return a graph, each release a cluster of it."""
    words = Words(language)
    lines = [
        "digraph lanes {",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for number, picture in enumerate(pictures):
        ids = {node: f"n{number}_{at}" for at, node in enumerate(nodes_of(picture))}
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(_title(picture, words))};"]
        lines += [f"    {name} [label={_label(node, picture, words)}{_look(node)}];" for node, name in ids.items()]
        for link in links_of(picture):
            told = "" if link.look in {Look.LANE, Look.PRODUCTION} else f", label={_quoted(words.link(link.look))}"
            lines.append(f"    {ids[link.source]} -> {ids[link.target]} [{_STYLES[link.look]}{told}];")
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def _title(picture: Picture, words: Words) -> str:
    return words("graph-title", release=picture.release, tag=picture.tag)


def _label(node: Node, picture: Picture, words: Words) -> str:
    if node == ENTRY:
        lines = [way.title for way in picture.ways] + words.rules(picture.rules)
        # A line of a label ends with `\l`, which stands outside of what is escaped.
        return '"' + "".join(f"{_escaped(line)}\\l" for line in lines) + '"'
    kind, name = node
    return '"' + _escaped(name) + "\\n" + _escaped(words("gray" if kind == "gray" else "production")) + '"'


def _look(node: Node) -> str:
    return ', color="#4f46e5", penwidth=2' if node[0] == "gray" else ', shape=note, style=""' if node == ENTRY else ""


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(text))
