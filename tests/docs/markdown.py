"""What the tests of the documentation read from Markdown: code, links, headings. The pages are plain enough for this."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "bench/*.md", "grayc/diagnostics/pages/*.md")
    for path in ROOT.glob(pattern)
)
"""Every page that people read, from the root."""

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[^\s`]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```", re.DOTALL | re.MULTILINE
)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its language, and its text without the fence's indentation."""

    language: str
    text: str


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    for found in _FENCE.finditer(text):
        lines = (line.removeprefix(found["indent"]) for line in found["text"].splitlines())
        yield Block(language=found["language"], text="\n".join(lines))


def spans(text: str) -> Iterator[str]:
    """Yield the code inside lines, with its white space as one blank."""
    for found in _CODE.finditer(_FENCE.sub("", text)):
        yield " ".join(found[2].split())


def links(text: str) -> Iterator[str]:
    """Yield where the links of a page lead, as they are written."""
    for found in _LINK.finditer(_CODE.sub("code", _FENCE.sub("", text))):
        yield found[1]


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page.

    Source: github.com/gjtorikian/html-pipeline, `toc_filter.rb`: letters, digits, `-` and `_` stay, a blank becomes `-`.
    """
    made: set[str] = set()
    for found in _HEADING.finditer(_FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", found[1].replace("`", ""))
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        made.add(next(name for name in (anchor, *(f"{anchor}-{n}" for n in range(1, 100))) if name not in made))
    return made
