"""What of a release goes into the sources that production is rendered from: kustomizations, manifests, values files.

Nothing is known of a template or a transformation. A change is tried in a copy, rendered, and taken where the result is
nearer to what is wanted and differs in nothing else.
"""

import json
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations, product
from pathlib import Path as FilePath

from grayc.documents import Document, Path, parse_documents
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.reader import parse_plain
from grayc.documents.render import Chart, Kustomization, render
from grayc.documents.strategic_merge import json_merge
from grayc.documents.tree import get, is_mapping
from grayc.edit import Edited, Left, list_differences
from grayc.edit.apply import masked_lines
from grayc.edit.origin import (
    added_to_kustomization,
    added_to_values,
    in_kustomization,
    in_manifest,
    in_values,
    split_image,
)
from grayc.source import Roots, SourceError, SourceFile, read_source

_MOST_TRIALS = 60
"""Renderings of one source: beyond that, what is left is left to the user."""
_MANIFESTS = (".yaml", ".yml", ".json")

Place = tuple[str, int, Path]
"""Where an object stands: `Document.place`."""

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedPromotion:
    """What becomes of the sources.

    Attributes:
        files: that change.
        shared: those of them that others may render from too, by name.
        data: place of an object → what the sources render to for it then.
        left: what could not be written into any of them, with the object as it is now.
    """

    files: tuple[Edited, ...] = ()
    shared: frozenset[str] = frozenset()
    data: Mapping[Place, dict[str, object]] = field(default_factory=dict)
    left: tuple[tuple[Document, Left], ...] = ()


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
        self._trials = 0
        self.now = {_key(document): document for document in baseline}
        self._targets = {_key(document): released.get(document.place, document.data) for document in baseline}
        self._released = [_key(document) for document in baseline if document.place in released]

    def run(self) -> None:
        """Take every change that can be taken."""
        first = render(self._wanted, self._roots, span=None).value
        if first is None:
            return
        self._read(first.paths)
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
        objects = parse_documents(source, searched=True).value
        plain = _plain(source)
        documents = objects or ([plain] if plain is not None else ())
        return masked_lines(source, documents, by_name=isinstance(self._wanted, Chart))

    def is_own(self, name: str) -> bool:
        """Tell whether a file is of this rendering alone: below the kustomization, or a values file that is named."""
        if isinstance(self._wanted, Chart):
            return name in map(posixpath.normpath, self._wanted.values)
        return name.startswith(f"{posixpath.normpath(self._wanted.folder)}/")

    def _settle(self, key: _Key, item: Left) -> bool:
        """Make one difference smaller, and no other larger; tell whether a change of a source does that."""
        old = get(self.now[key].data, item.path)
        tried: list[Mapping[FilePath, str]] = []
        for texts in self._proposals(self.now[key], item, old):
            if texts in tried:
                continue
            if self._trials >= _MOST_TRIALS:
                return False
            tried.append(texts)
            self._trials += 1
            made = render(self._wanted, self._roots, {**self._texts, **texts}, span=None)
            parsed = parse_documents(made.value.source).value if made.value is not None else None
            after = {_key(document): document for document in parsed or ()}
            if self._is_nearer(after):
                self._texts.update(texts)
                self.now = after
                return True
        return False

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

    def _proposals(self, rendered: Document, item: Left, old: object) -> Iterator[Mapping[FilePath, str]]:
        """Yield what could be written: path of a file → its text. What is production's alone comes first."""
        own = [path for path, source in self._sources.items() if self.is_own(source.name)]
        for path in own:
            yield from ({path: text} for text in self._texts_of(path, rendered, item, old))
        yield from self._halves(own, rendered, item, old)
        if own and (plain := _plain(self._source(own[0]))) is not None:
            yield from ({own[0]: text} for text in self._additions(plain, item, old))
        for path in self._sources:
            if path not in own:
                yield from ({path: text} for text in self._texts_of(path, rendered, item, old))
        yield from self._halves(tuple(self._sources), rendered, item, old)

    def _halves(
        self, paths: Sequence[FilePath], rendered: Document, item: Left, old: object
    ) -> Iterator[Mapping[FilePath, str]]:
        """Yield what could be written where an image's repository stands in one values file, and its tag in another."""
        if not isinstance(self._wanted, Chart) or not isinstance(old, str) or not isinstance(item.value, str):
            return
        parts = [
            (Left(path=(), value=new), was)
            for was, new in zip(split_image(old)[:2], split_image(item.value)[:2], strict=True)
        ]
        for one, other in permutations(paths, 2):
            firsts, seconds = (
                self._texts_of(path, rendered, *part) for path, part in zip((one, other), parts, strict=True)
            )
            yield from ({one: first, other: second} for first, second in product(firsts, seconds))

    def _additions(self, own: Document, item: Left, old: object) -> Iterator[str]:
        """Yield what could be added to production's own file, so that what others render from too stays as it is."""
        if isinstance(self._wanted, Kustomization):
            yield from added_to_kustomization(own, item, old)
        else:
            yield from added_to_values(own, self._values(self._wanted), item, old)

    def _values(self, chart: Chart) -> dict[str, object]:
        """Return all values that a chart is rendered with, those of the charts in it under their names."""
        home = FilePath(os.path.realpath(self._roots.folder))
        values: dict[str, object] = {}
        for path in sorted((home / chart.chart / "charts").glob("*/values.yaml")):
            plain = _plain(read_source(path, path.name, self._roots))
            values |= {path.parent.name: plain.data} if plain is not None else {}
        for path in reversed(self._sources):
            plain = _plain(self._source(path))
            values = json_merge(values, plain.data) if plain is not None else values
        return values

    def _source(self, path: FilePath) -> SourceFile:
        """Return a file with what it is to say so far."""
        return replace(self._sources[path], text=self._texts.get(path, self._sources[path].text))

    def _texts_of(self, path: FilePath, rendered: Document, item: Left, old: object) -> Iterator[str]:
        source = self._source(path)
        if isinstance(self._wanted, Chart) or path.name in FILE_NAMES:
            plain = _plain(source)
            if plain is not None:
                yield from (
                    in_values(plain, item, old)
                    if isinstance(self._wanted, Chart)
                    else in_kustomization(plain, item, old)
                )
            return
        for document in parse_documents(source, searched=True).value or ():
            yield from in_manifest(document, rendered, item, old)

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
