"""The commands of a container, word by word, each word with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping

from grayc.documents import Path
from grayc.records import dataclass

_NEXT_WORD = re.compile(r"(?:@(?:tcp6?|udp|unix)\([^\s\"';&|()]*\)|[^\s\"';&|()])+")
"""The address in a data source as Go writes it, `u:p@tcp(h:1)/d`, is a part of its word: nobody writes it unquoted."""
_ENDS_COMMAND = re.compile(r"[;&|()\n]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command.

    Attributes:
        path: of the text that holds it.
        text: without its quotes.
        is_first: of its command.
    """

    path: Path
    text: str
    start: int
    is_first: bool


def command_texts(container: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    """Yield the texts of a container's command and its arguments, in order."""
    for field in ("command", "args"):
        texts = container.get(field)
        if isinstance(texts, list):
            yield from (((field, at), text) for at, text in enumerate(texts) if isinstance(text, str))


def commands_of(container: Mapping[str, object], place: Path) -> Iterator[list[Word]]:
    """Yield the words of each command of a container."""
    return commands_in(((*place, *path), text) for path, text in command_texts(container))


def commands_in(texts: Iterable[tuple[Path, str]]) -> Iterator[list[Word]]:
    """Yield the words of each command of some texts that go on one behind the other."""
    command: list[Word] = []
    for word in _words(texts):
        if word.is_first and command:
            yield command
            command = []
        command.append(word)
    if command:
        yield command


def _words(texts: Iterable[tuple[Path, str]]) -> Iterator[Word]:
    """Yield the words; shells' signs between commands are none of them."""
    for path, text in texts:
        is_continued, end = True, 0
        for found in _NEXT_WORD.finditer(text):
            before, end = text[end : found.start()], found.end()
            if found[0] == "\\":
                is_continued = True
                continue
            is_first = not is_continued and _ENDS_COMMAND.search(before) is not None
            yield Word(path, found[0], found.start(), is_first)
            is_continued = False
