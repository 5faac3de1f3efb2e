"""What of a release goes into the sources that production is rendered from: kustomizations, manifests, values files.

Nothing is known of a template or a transformation. A change is tried in a copy, rendered, and taken where the result is
nearer to what is wanted and differs in nothing else.
"""

import contextlib
import json
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import permutations, product
from pathlib import Path as FilePath

from grayc.documents import Document, Path, parse_documents
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.reader import parse_plain
from grayc.documents.render import Chart, Kustomization, render
from grayc.documents.strategic_merge import json_merge
from grayc.documents.tree import get, is_mapping
from grayc.edit import Edit, Edited, Left, apply_edits, list_differences
from grayc.edit.apply import masked_lines
from grayc.edit.origin import (
    Edits,
    added_to_kustomization,
    added_to_values,
    in_kustomization,
    in_manifest,
    in_values,
    split_image,
)
from grayc.source import Roots, SourceError, SourceFile, read_source

_MOST_TRIALS = 60
_TRIALS_EACH = 2
"""Renderings of one source, and more for each difference: beyond that, what is left is left to the user."""
_MANY = 2
_MANIFESTS = (".yaml", ".yml", ".json")

Place = tuple[str, int, Path]
"""Where an object stands: `Document.place`."""

_Key = tuple[str, str, str, str]

_Guess = Mapping[FilePath, Edits]
"""What could be done to the sources: path of a file → edits of what it says so far."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedPromotion:
    """What becomes of the sources.

    Attributes:
        files: that change.
        shared: those of them that others may render from too, by name.
        data: place of an object → what the sources render to for it then.
        left: what could not be written into any of them, with the object as it is now.
        is_exhausted: there were more places to try than there is time for.
    """

    files: tuple[Edited, ...] = ()
    shared: frozenset[str] = frozenset()
    data: Mapping[Place, dict[str, object]] = field(default_factory=dict)
    left: tuple[tuple[Document, Left], ...] = ()
    is_exhausted: bool = False


def promote_rendered(
    wanted: Kustomization | Chart,
    roots: Roots,
    baseline: Sequence[Document],
    released: Mapping[Place, dict[str, object]],
) -> RenderedPromotion:
    """Return what is to be written into the sources of one rendering.

    Args:
        baseline: all objects that it renders to.
        released: place of a released object → what it must say.
    """
    trial = _Trial(wanted, roots, baseline, released)
    trial.run()
    files = tuple(trial.edited())
    return RenderedPromotion(
        files=files,
        shared=frozenset(file.old.name for file in files if not trial.is_own(file.old.name)),
        data={document.place: trial.now[_key(document)].data for document in baseline if document.place in released},
        left=tuple(trial.left()),
        is_exhausted=trial.is_exhausted,
    )


class _Trial:
    """Tries changes of the sources of one rendering, one after the other."""

    def __init__(
        self,
        wanted: Kustomization | Chart,
        roots: Roots,
        baseline: Sequence[Document],
        released: Mapping[Place, dict[str, object]],
    ) -> None:
        self._wanted = wanted
        self._roots = roots
        self._texts: dict[FilePath, str] = {}
        self._sources: dict[FilePath, SourceFile] = {}
        self._left = 0
        self.is_exhausted = False
        self.now = {_key(document): document for document in baseline}
        self._targets = {_key(document): released.get(document.place, document.data) for document in baseline}
        self._released = [_key(document) for document in baseline if document.place in released]

    def run(self) -> None:
        """Take every change that can be taken."""
        first = render(self._wanted, self._roots, span=None).value
        if first is None:
            return
        self._read(first.paths)
        items = [(key, item) for key in self._released for item in self._open(key)]
        self._left = _MOST_TRIALS + _TRIALS_EACH * len(items)
        before = len(items) + 1
        while len(items) < before:
            before = len(items)
            self._settle_together(items)
            items = [(key, item) for key in self._released for item in self._open(key)]
        for key in self._released:
            refused: set[str] = set()
            while (item := next((each for each in self._open(key) if _shown(each) not in refused), None)) is not None:
                if not self._settle(key, item):
                    refused.add(_shown(item))

    def _open(self, key: _Key) -> tuple[Left, ...]:
        """Return what one object does not say yet."""
        return list_differences(self.now[key], self._targets[key])

    def left(self) -> Iterator[tuple[Document, Left]]:
        """Yield what is left."""
        for key in self._released:
            for item in self._open(key):
                yield self.now[key], item

    def edited(self) -> Iterator[Edited]:
        """Yield the files that change, by name."""
        for path, text in sorted(self._texts.items()):
            old = self._sources[path]
            new = replace(old, text=text)
            yield Edited(old=old, new=new, before=tuple(self._lines(old)), after=tuple(self._lines(new)))

    def _lines(self, source: SourceFile) -> list[str]:
        """Return the lines of a file as they may be shown."""
        plain = _plain(source)
        documents = _documents(source) or ([plain] if plain is not None else ())
        return masked_lines(source, documents, by_name=isinstance(self._wanted, Chart))

    def is_own(self, name: str) -> bool:
        """Tell whether a file is of this rendering alone: below the kustomization, or a values file that is named."""
        if isinstance(self._wanted, Chart):
            return name in map(posixpath.normpath, self._wanted.values)
        folder = posixpath.normpath(self._wanted.folder)
        return posixpath.commonpath((folder, name)) == folder if folder != "." else not name.startswith("../")

    def _settle_together(self, items: Sequence[tuple[_Key, Left]]) -> None:
        """Take the likeliest change for each of many differences, if every one of them is needed; else for each half.

        Most guesses are right, and rendering is what takes time.
        """
        guesses: list[tuple[_Key, Left, _Guess]] = []
        for key, item in items:
            old = get(self.now[key].data, item.path)
            guess = next(self._proposals(self.now[key], item, old), None)
            if guess is not None and _shown(item) in map(_shown, self._open(key)):
                guesses.append((key, item, guess))
        if len(guesses) < _MANY or self._left <= 0:
            return
        after = self._render([guess for _, _, guess in guesses])
        if after is not None and self._is_nearer(after):
            still = {key: set(map(_shown, list_differences(after[key], self._targets[key]))) for key, _, _ in guesses}
            needed = [guess for key, item, guess in guesses if _shown(item) not in still[key]]
            if all(guess in needed for _, _, guess in guesses):
                self._take([guess for _, _, guess in guesses], after)
                return
        rest = [(key, item) for key, item, _ in guesses]
        self._settle_together(rest[: len(rest) // 2])
        self._settle_together(rest[len(rest) // 2 :])

    def _settle(self, key: _Key, item: Left) -> bool:
        """Make one difference smaller, and no other larger; tell whether a change of a source does that."""
        old = get(self.now[key].data, item.path)
        tried: list[_Guess] = []
        for guess in self._proposals(self.now[key], item, old):
            if guess in tried:
                continue
            if self._left <= 0:
                self.is_exhausted = True
                return False
            tried.append(guess)
            after = self._render([guess])
            if after is not None and self._is_nearer(after):
                self._take([guess], after)
                return True
        return False

    def _render(self, guesses: Sequence[_Guess]) -> Mapping[_Key, Document] | None:
        """Return what the sources render to with these changes; None where they do not go together, or to nothing."""
        self._left -= 1
        try:
            texts = {**self._texts, **self._with(guesses)}
        except ValueError:
            return None
        made = render(self._wanted, self._roots, texts, span=None)
        parsed = parse_documents(made.value.source).value if made.value is not None else None
        return {_key(document): document for document in parsed or ()}

    def _take(self, guesses: Sequence[_Guess], after: Mapping[_Key, Document]) -> None:
        self._texts.update(self._with(guesses))
        self.now = {**after}

    def _with(self, guesses: Sequence[_Guess]) -> dict[FilePath, str]:
        """Return the texts that the changes make.

        Raises:
            ValueError: two of them overlap.
        """
        edits: dict[FilePath, list[Edit]] = {}
        for guess in guesses:
            for path, each in guess.items():
                edits.setdefault(path, []).extend(each)
        return {path: apply_edits(self._source(path).text, each) for path, each in edits.items()}

    def _is_nearer(self, after: Mapping[_Key, Document]) -> bool:
        if set(after) != set(self.now):
            return False
        closed = 0
        for key, target in self._targets.items():
            before = [_shown(item) for item in list_differences(self.now[key], target)]
            still = [_shown(item) for item in list_differences(after[key], target)]
            if not set(still) <= set(before):
                return False
            closed += len(before) - len(still)
        return closed > 0

    def _proposals(self, rendered: Document, item: Left, old: object) -> Iterator[_Guess]:
        """Yield what could be written. What is production's alone comes first."""
        own = [path for path, source in self._sources.items() if self.is_own(source.name)]
        yield from self._in_one(own, rendered, item, old)
        yield from self._halves(own, rendered, item, old)
        if own and (plain := _plain(self._source(own[0]))) is not None:
            yield from ({own[0]: edits} for edits in self._additions(plain, rendered, item, old))
        yield from self._in_one([path for path in self._sources if path not in own], rendered, item, old)
        yield from self._halves(tuple(self._sources), rendered, item, old)

    def _in_one(self, paths: Sequence[FilePath], rendered: Document, item: Left, old: object) -> Iterator[_Guess]:
        """Yield what could be written into one file, manifests that have the object's name before those with a part."""
        for is_namesake in (True, False):
            for path in paths:
                for document, edits in self._edits_of(path, rendered, item, old):
                    if is_namesake == (document.identity.name in ("", rendered.identity.name)):
                        yield {path: edits}

    def _halves(self, paths: Sequence[FilePath], rendered: Document, item: Left, old: object) -> Iterator[_Guess]:
        """Yield what could be written where an image's repository stands in one values file, and its tag in another."""
        if not isinstance(self._wanted, Chart) or not isinstance(old, str) or not isinstance(item.value, str):
            return
        parts = [
            (Left(path=(), value=new), was)
            for was, new in zip(split_image(old)[:2], split_image(item.value)[:2], strict=True)
        ]
        for one, other in permutations(paths, 2):
            firsts, seconds = (
                [edits for _, edits in self._edits_of(path, rendered, *part)]
                for path, part in zip((one, other), parts, strict=True)
            )
            yield from ({one: first, other: second} for first, second in product(firsts, seconds))

    def _additions(self, own: Document, rendered: Document, item: Left, old: object) -> Iterator[Edits]:
        """Yield what could be added to production's own file, so that what others render from too stays as it is."""
        if isinstance(self._wanted, Kustomization):
            yield from added_to_kustomization(own, item, old)
        else:
            yield from added_to_values(own, self._values(self._wanted), rendered, item, old)

    def _values(self, chart: Chart) -> dict[str, object]:
        """Return all values that a chart is rendered with, those of the charts in it under their names."""
        home = FilePath(os.path.realpath(self._roots.folder))
        values: dict[str, object] = {}
        for path in sorted((home / chart.chart / "charts").glob("*/values.yaml")):
            with contextlib.suppress(SourceError):
                plain = _plain(read_source(path, path.name, self._roots))
                values |= {path.parent.name: plain.data} if plain is not None else {}
        for path in reversed(self._sources):
            plain = _plain(self._source(path))
            values = json_merge(values, plain.data) if plain is not None else values
        return values

    def _source(self, path: FilePath) -> SourceFile:
        """Return a file with what it is to say so far."""
        return replace(self._sources[path], text=self._texts.get(path, self._sources[path].text))

    def _edits_of(
        self, path: FilePath, rendered: Document, item: Left, old: object
    ) -> Iterator[tuple[Document, Edits]]:
        """Yield what could be written into a file, with the document in it."""
        source = self._source(path)
        plain = _plain(source) if isinstance(self._wanted, Chart) or path.name in FILE_NAMES else None
        if isinstance(self._wanted, Chart):
            if plain is not None:
                guesses = in_values(plain, self._values(self._wanted), rendered, item, old)
                yield from ((plain, edits) for edits in guesses)
            return
        if plain is not None:
            yield from ((plain, edits) for edits in in_kustomization(plain, item, old))
            return
        for document in _documents(source):
            yield from ((document, edits) for edits in in_manifest(document, rendered, item, old))

    def _read(self, paths: Sequence[FilePath]) -> None:
        """Read the files that may hold a value, those first that have the last word."""
        home = FilePath(os.path.realpath(self._roots.folder))
        for path in self._candidates(home, paths):
            if path in self._sources:
                continue
            name = posixpath.normpath(os.path.relpath(path, home))
            try:
                self._sources[path] = read_source(path, name, self._roots)
            except SourceError:
                continue

    def _candidates(self, home: FilePath, paths: Sequence[FilePath]) -> Iterator[FilePath]:
        if isinstance(self._wanted, Chart):
            # A later values file has the last word, and the chart's own the first one.
            for name in reversed(self._wanted.values):
                yield FilePath(os.path.realpath(home / name))
            own = FilePath(os.path.realpath(home / self._wanted.chart))
            if own.is_dir():
                yield own / "values.yaml"
            return
        asked = FilePath(os.path.realpath(home / self._wanted.folder))
        folders = [asked, *(path for path in paths if path.is_dir() and path != asked)]
        for folder in folders:
            yield from (folder / name for name in FILE_NAMES if (folder / name).is_file())
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
                if path.suffix in _MANIFESTS and path.name not in FILE_NAMES and not is_hidden and path.is_file():
                    yield FilePath(os.path.realpath(path))
        yield from (path for path in paths if path.suffix in _MANIFESTS and path.is_file())


@lru_cache(maxsize=512)
def _documents(source: SourceFile) -> tuple[Document, ...]:
    return parse_documents(source, searched=True).value or ()


@lru_cache(maxsize=512)
def _plain(source: SourceFile) -> Document | None:
    parsed = parse_plain(source).value
    if parsed is None:
        return None
    chunk, data = parsed
    return Document(data=data, chunk=chunk) if is_mapping(data) else None


def _key(document: Document) -> _Key:
    identity = document.identity
    return (identity.group, identity.kind, identity.namespace, identity.name)


def _shown(item: Left) -> str:
    """Return a difference as text; places in lists move when items come, and count for nothing."""
    path = [step for step in item.path if not isinstance(step, int)]
    return json.dumps([path, item.value], sort_keys=True)
