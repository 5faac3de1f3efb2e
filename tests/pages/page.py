"""Read a diagnostic's page: its title, and the files and commands of its examples.

A fenced block whose info string is `language path` is a file; the lines of a `console` block that start with `$ ` are
commands. Only what stands below `## Example` and `## Instead` is run; all else is advice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grayc.diagnostics.pages

FOLDER = Path(grayc.diagnostics.pages.__file__).parent

_FENCE = "```"
_STATUS = re.compile(r"<!-- exit (\d): .+ -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section that can be run.

    Attributes:
        files: path → text.
        commands: as typed into a shell, without the prompt.
    """

    files: dict[str, str]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page.

    Attributes:
        example: None where the page tells it in words.
        instead: None where there is nothing to write.
        status_after: exit status that is left once the files of `instead` are in place.
    """

    code: str
    title: str
    text: str
    example: Part | None
    instead: Part | None
    status_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    section: str
    language: str
    path: str
    text: str


def read_page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    blocks = tuple(blocks_of(text))
    status = _STATUS.search(text)
    return Page(
        code=path.stem,
        title=text.partition("\n")[0],
        text=text,
        example=_part(blocks, "Example"),
        instead=_part(blocks, "Instead"),
        status_after=int(status[1]) if status else 0,
    )


def blocks_of(text: str) -> Iterator[Block]:
    """Yield the fenced blocks, each with the heading it stands under; a `##` inside a block is no heading."""
    section, info = "", None
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith(_FENCE) and info is None:
            info, lines = line.removeprefix(_FENCE).strip(), []
        elif line.startswith(_FENCE) and info is not None:
            language, _, path = info.partition(" ")
            yield Block(section=section, language=language, path=path, text="".join(lines))
            info = None
        elif info is not None:
            lines.append(line)
        elif line.startswith("## "):
            section = line.removeprefix("## ").strip()


def _part(blocks: tuple[Block, ...], section: str) -> Part | None:
    own = [block for block in blocks if block.section == section]
    part = Part(
        files={block.path: block.text for block in own if block.path},
        commands=tuple(
            line.removeprefix("$ ")
            for block in own
            if block.language == "console"
            for line in block.text.splitlines()
            if line.startswith("$ ")
        ),
    )
    return part if part.files or part.commands else None


PAGES = {path.stem: read_page(path) for path in sorted(FOLDER.glob("*.md"))}
"""Code → its page."""
