"""What a program that renders may quote of secrets: its words come out of files that nobody has read as manifests yet.

On the safe side, as `hide` is: a harmless word hidden costs less than a value shown. But what a program says of every
chart and kustomization is no value, and hides the reason and the way out where it is masked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
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
_SAYS = (
    # Source: helm cmd/helm/install.go, pkg/action/dependency.go, pkg/action/install.go, pkg/engine/engine.go, v3.17.
    "Error: ",
    "Error: INSTALLATION FAILED: ",
    "WARNING: This chart is deprecated",
    "An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch "
    "missing dependencies: ",
    "found in Chart.yaml, but missing in charts/ directory: ",
    "which is incompatible with Kubernetes ",
    "execution error at (",
    "parse error at (",
    "error converting YAML to JSON: ",
    "YAML parse error on ",
    "unable to build kubernetes objects from release manifest: ",
    "values don't meet the specifications of the schema(s) in the following chart(s):",
    "; Use --debug flag to render out invalid YAML",
    "Use --debug flag to render out invalid YAML",
    # Source: golang/go src/text/template/exec.go, src/text/template/parse/parse.go.
    ": executing ",
    ": error calling ",
    "nil pointer evaluating interface {}.",
    "wrong type for value; expected ",
    "can't evaluate field ",
    "map has no entry for key ",
    "incompatible types for comparison",
    "range can't iterate over ",
    "no template ",
    # Source: yaml/go-yaml yaml.go, scannerc.go, parserc.go.
    "mapping values are not allowed in this context",
    "did not find expected key",
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
    "could not find expected ':'",
    "found character that cannot start any token",
    # Source: kustomize api/internal/target/kusttarget.go, api/internal/utils, api/loader.
    "accumulating resources: ",
    "accumulating resources from ",
    "accumulation err=",
    "must build at directory: ",
    "must resolve to a file",
    "must be a directory so that it can used as a build root",
    "no matches for Id ",
    "failed to find unique target for patch ",
    "no such file or directory",
)
"""What a renderer says in its own words, whatever the files hold: to show it shows nothing of them."""
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
    return _NUMBERS.sub(f"[{MASK}]", _masked(words, secrets, (*_SAYS, *names)))


def _masked(words: str, secrets: Iterable[str], shown: Iterable[str]) -> str:
    """Return words with a mask for each secret, but for those that stand whole inside a text which is shown anyway."""
    ends = [0] * (len(words) + 1)
    for text in shown:
        for start in _places(text, words):
            ends[start] = max(ends[start], start + len(text))
    # A text is shown that starts at or before a place: the furthest end of these counts.
    reach = list(accumulate(ends, max))
    holes = sorted(
        (start, start + len(secret))
        for secret in secrets
        for start in _places(secret, words)
        if reach[start] < start + len(secret)
    )
    parts, at = [], 0
    for start, end in holes:
        # One mask for what overlaps, so that no end of a longer one stays.
        if start >= at:
            parts += [words[at:start], MASK]
        at = max(end, at)
    return "".join((*parts, words[at:]))


def _places(text: str, words: str) -> Iterator[int]:
    """Yield where a text stands in another one."""
    at = words.find(text) if text else -1
    while at >= 0:
        yield at
        at = words.find(text, at + 1)


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
