"""Read a diagnostic's page: its title, and the files and commands of its examples.

A fenced block whose info string is `language path` is a file; the lines of a `console` block that start with `$ ` are
commands. Only what stands below `## Example` and `## Instead` is run; all else is advice.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import grayc.diagnostics.pages

FOLDER = Path(grayc.diagnostics.pages.__file__).parent

_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<path>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (?P<name>.+)\n(?P<body>(?:(?!^## ).*\n?)*)", re.MULTILINE)
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
        status_after: exit status that is left once the files of `instead` are in place.
    """

    code: str
    title: str
    text: str
    example: Part | None
    instead: Part | None
    status_after: int


def read_page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    sections = {found["name"]: found["body"] for found in _SECTION.finditer(_without_fences(text))}
    parts = {name: _part(text, name) for name in ("Example", "Instead") if name in sections}
    status = _STATUS.search(text)
    return Page(
        code=path.stem, title=text.partition("\n")[0], text=text,
        example=_runnable(parts.get("Example")), instead=_runnable(parts.get("Instead")),
        status_after=int(status[1]) if status else 0,
    )


def _without_fences(text: str) -> str:
    return _FENCE.sub("", text)


def _part(text: str, name: str) -> Part:
    # A `#` inside a fence is a comment of that file, so the next heading is looked for outside fences.
    start = text.index(f"\n## {name}\n")
    fences = [(found.start(), found.end()) for found in _FENCE.finditer(text)]
    ends = [found.start() for found in re.finditer(r"^## ", text[start + 1 :], re.MULTILINE)]
    after = [start + 1 + end for end in ends if end > 0 and not any(low < start + 1 + end < high for low, high in fences)]
    blocks = list(_FENCE.finditer(text[start : min(after, default=len(text))]))
    return Part(
        files={block["path"]: block["body"] for block in blocks if block["path"]},
        commands=tuple(
            line.removeprefix("$ ")
            for block in blocks if block["language"] == "console"
            for line in block["body"].splitlines() if line.startswith("$ ")
        ),
    )


def _runnable(part: Part | None) -> Part | None:
    return part if part is not None and (part.files or part.commands) else None


PAGES = {path.stem: read_page(path) for path in sorted(FOLDER.glob("*.md"))}
"""Code → its page."""
