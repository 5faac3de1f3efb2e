"""What a program that renders may quote of secrets: its words come out of files that nobody has read as manifests yet.

On the safe side, as `hide` is: a harmless word hidden costs less than a value shown.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath

from grayc.documents.chunk import Chunk
from grayc.documents.fetches import Pattern, texts_at
from grayc.documents.locate import Node, compose
from grayc.documents.reader import parse_plain
from grayc.documents.sensitive import hidden_texts
from grayc.documents.split import split_text
from grayc.source import SourceFile

MASK = "***"
_VALUES = "values.yaml"
_MANIFESTS = (".yaml", ".yml", ".json")
_GENERATED: tuple[Pattern, ...] = (("files", "[*]"), ("envs", "[*]"), ("env",))
_LITERALS: Pattern = ("literals", "[*]")
_INLINE: Pattern = ("generators", "[*]")
_GENERATOR = "secretGenerator"
_ACTION = re.compile(r"\{\{.*?\}\}")
_PARTS = re.compile(r"[^\s=\"'`\\]+")
# A text that is no UTF-8 is told by the numbers of its bytes.
_NUMBERS = re.compile(r"\[\d{1,3}(?: \d{1,3})+\]")
_SHORTEST = 4
"""Characters of a secret by which it is known inside another text; fewer stand in many words."""
_SHORTEST_VALUE = 6
"""The same of a value of a chart whose name does not say that it is a secret."""


def hide_secrets(words: str, *, tree: FilePath, chart: FilePath | None = None, values: Sequence[FilePath] = ()) -> str:
    """Return the words of a program with a mask for each secret value that stands in the files that it sees.

    Args:
        tree: holds these files.
        chart: one of the folders in it. Any of its values may go into a Secret, so each is taken for a secret that
            stands in no other file.
        values: further files with values.
    """
    files = {path: path.read_bytes().decode(errors="replace") for path in sorted(tree.rglob("*")) if path.is_file()}
    names = {part for path in files for part in path.relative_to(tree).parts}
    secrets = {
        part
        for path, text in files.items()
        for part in _parts(_secrets_in(path, text, tree))
        if len(part) >= _SHORTEST and part in words and part not in names
    }
    if chart is not None:
        given = {path for path in files if path in values or (path.name == _VALUES and path.is_relative_to(chart))}
        others = "\n".join([*(text for path, text in files.items() if path not in given), *map(str, files)])
        secrets |= {
            part
            for path in given
            for part in _parts(_values_in(path, files[path]))
            if len(part) >= _SHORTEST_VALUE and part in words and part not in others
        }
    for secret in sorted(secrets, key=lambda text: (-len(text), text)):
        words = words.replace(secret, MASK)
    return _NUMBERS.sub(f"[{MASK}]", words)


def _parts(texts: Iterator[str]) -> Iterator[str]:
    """Yield texts, and what a program may quote of them: a line, a word, one side of `=`."""
    for text in texts:
        yield from (text.strip(), *map(str.strip, text.splitlines()), *_PARTS.findall(text))


def _secrets_in(path: FilePath, text: str, tree: FilePath, *, is_outer: bool = True) -> Iterator[str]:
    if path.suffix not in _MANIFESTS and path.name != "Kustomization":
        return
    source = SourceFile(name=path.name, text=text)
    for index, piece in enumerate(split_text(text)[0]):
        composed = compose(Chunk(source=source, index=index, line=piece.line, text=piece.text))
        if composed.root is not None and composed.is_whole:
            yield from (word for hidden in hidden_texts(composed.root, composed.lines) for word in hidden.texts)
        else:
            lines = (composed.lines[at] for at in sorted(composed.sensitive) if at < len(composed.lines))
            yield from (_value_of(line) for line in lines)
    plain = parse_plain(source).value
    for _, inline in texts_at(plain[1], _INLINE) if plain is not None and is_outer else ():
        yield from _secrets_in(path, inline, tree, is_outer=False)
    for before in ((), (_GENERATOR, "[*]")):
        if plain is None or (not before and _kind_of(plain[1]) != "SecretGenerator"):
            continue
        for _, literal in texts_at(plain[1], (*before, *_LITERALS)):
            name, is_pair, value = literal.partition("=")
            yield value if is_pair else name
        for pattern in _GENERATED:
            for _, name in texts_at(plain[1], (*before, *pattern)):
                yield from _content(path.parent / name.rpartition("=")[2], tree)


def _value_of(line: str) -> str:
    """Return what may be a value in a line of a text that is no YAML, such as a template."""
    # Behind the last end of an action there is none: looking for one from each beginning would take its square.
    end = line.rfind("}}") + 2 if "}}" in line else 0
    bare = _ACTION.sub(" ", line[:end]) + line[end:]
    name, colon, value = bare.partition(": ")
    return value if colon else name


def _kind_of(data: object) -> object:
    return data.get("kind") if isinstance(data, dict) else None


def _content(path: FilePath, tree: FilePath) -> Iterator[str]:
    """Yield the text of a file that a Secret is made of, where it is there."""
    try:
        real = path.resolve()
        if real.is_relative_to(tree) and real.is_file():
            yield real.read_bytes().decode(errors="replace").replace("\N{REPLACEMENT CHARACTER}", "\n")
    except (OSError, ValueError):
        return


def _values_in(path: FilePath, text: str) -> Iterator[str]:
    source = SourceFile(name=path.name, text=text)
    for index, piece in enumerate(split_text(text)[0]):
        composed = compose(Chunk(source=source, index=index, line=piece.line, text=piece.text))
        if composed.root is None or not composed.is_whole:
            yield from composed.lines
            continue
        todo: list[Node] = [composed.root]
        while todo:
            node = todo.pop()
            todo += node.items or ()
            todo += (value for _, value in node.entries or ())
            if node.text is not None:
                yield node.text
