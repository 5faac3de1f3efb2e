"""The files that production is rendered from, and where in them a value may come from.

What is found are guesses: whether a change makes the wanted difference and no other is for a rendering to tell.
"""

import base64
import contextlib
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import permutations, product
from pathlib import Path as FilePath

from grayc.documents import Document, parse_documents
from grayc.documents.declared import Expanded, Holder, Holds
from grayc.documents.envsubst import defaults_in
from grayc.documents.generated import CONFIG, generated_name
from grayc.documents.helm_values import set_value
from grayc.documents.kustomization import FILE_NAMES
from grayc.documents.reader import parse_plain
from grayc.documents.recipes import Chart, Declared, Kustomization, Manifests, Over, Recipe, Wanted
from grayc.documents.render import expand
from grayc.documents.sealed import object_sealed_by, sealed_text
from grayc.documents.strategic_merge import json_merge
from grayc.documents.tree import is_mapping
from grayc.edit import Edit, Edited, Left, apply_edits
from grayc.edit.apply import all_masked, masked_lines
from grayc.edit.generators import Wish, files_of, in_file, in_literals
from grayc.edit.holders import Aim, added_to_holder, in_holder
from grayc.edit.origin import (
    Edits,
    added_to_kustomization,
    added_to_values,
    in_kustomization,
    in_manifest,
    in_values,
    split_image,
)
from grayc.records import replace
from grayc.source import Roots, SourceError, SourceFile, packed_values, read_bytes, read_source

_MANIFESTS = (".yaml", ".yml", ".json")
_KEY_DEPTH = 2

Guess = Mapping[FilePath, Edits]
"""What could be done to the sources: path of a file → edits of what it says so far."""


class RenderedSources:
    """The files of one rendering, with what they are to say so far.

    Attributes:
        texts: path of a file that changes → its text.
        secrets: what the Secrets say that are rendered from them.
    """

    def __init__(self, wanted: Wanted, roots: Roots) -> None:
        """Begin with no files."""
        self._wanted = wanted
        self._roots = roots
        self._expanded: tuple[dict[FilePath, str], Expanded] | None = None
        self._sources: dict[FilePath, SourceFile] = {}
        # Files that hold values of a chart, each with that chart; all others are manifests or kustomizations.
        self._charts: dict[FilePath, Chart] = {}
        # Files that generators read, each with whether a Secret is made of it.
        self._read_by_generators: dict[FilePath, bool] = {}
        self._unpacked: dict[FilePath, tuple[tuple[tuple[str, ...], dict[str, object]], ...]] = {}
        self.texts: dict[FilePath, str] = {}
        self.secrets: tuple[str, ...] = ()

    def edited(self) -> Iterator[Edited]:
        """Yield the files that change, by name."""
        for path, text in sorted(self.texts.items()):
            old = self._sources[path]
            yield Edited(old=old, new=replace(old, text=text), shown=self._lines)

    def _lines(self, source: SourceFile) -> list[str]:
        """Return the lines of a file as they may be shown."""
        if any(
            is_secret and self._sources[path].name == source.name
            for path, is_secret in self._read_by_generators.items()
        ):
            return all_masked(source)
        plain = _plain(source)
        documents = _documents(source) or ([plain] if plain is not None else ())
        is_values = not isinstance(self._wanted, Kustomization)
        return masked_lines(source, documents, by_name=is_values, secrets=self.secrets)

    def is_own(self, name: str) -> bool:
        """Tell whether a file is of this rendering alone: below the kustomization, or a values file that is named."""
        if isinstance(self._wanted, Declared):
            home = FilePath(os.path.realpath(self._roots.folder))
            own = {posixpath.normpath(os.path.relpath(path, home)) for path in self._declaration().paths}
            return name in own or any(_is_own(recipe, name) for recipe in self._declaration().recipes)
        return _is_own(self._wanted, name)

    def _declaration(self) -> Expanded:
        """Return what the file of a tool asks for, as its files say so far."""
        if not isinstance(self._wanted, Declared):
            return Expanded(recipes=[self._wanted])
        if self._expanded is None or self._expanded[0] != self.texts:
            made = expand(self._wanted, self._roots, self.texts, span=None).value
            self._expanded = ({**self.texts}, made if made is not None else Expanded())
        return self._expanded[1]

    def with_edits(self, guesses: Sequence[Guess]) -> dict[FilePath, str]:
        """Return the texts that the changes make.

        Raises:
            ValueError: two of them overlap.
        """
        edits: dict[FilePath, list[Edit]] = {}
        for guess in guesses:
            for path, each in guess.items():
                edits.setdefault(path, []).extend(each)
        return {path: apply_edits(self._source(path).text, each) for path, each in edits.items()}

    def guesses(self, rendered: Document, item: Left, old: object) -> Iterator[Guess]:
        """Yield what could be written. What is production's alone comes first."""
        declaration = self._declaration()
        yield from self._generated(rendered, item, old)
        own = [path for path, source in self._sources.items() if self.is_own(source.name)]
        for holder in declaration.holders:
            aim = Aim(rendered=rendered, item=item, old=old, values=self._values_for(declaration, holder))
            yield from ({holder.path: edits} for edits in in_holder(holder, aim))
        yield from self._in_one(own, rendered, item, old)
        yield from self._halves(own, rendered, item, old)
        # The files of a tool say what is new in places of their own.
        first = next((path for path in own if path not in declaration.paths or path in self._charts), None)
        if first is not None and (plain := _plain(self._source(first))) is not None:
            yield from ({first: edits} for edits in self._additions(first, plain, rendered, item, old))
        for holder in declaration.holders:
            if holder.takes_new:
                values = self._values_for(declaration, holder)
                defaults = self._defaults() if holder.holds is Holds.VARIABLES else {}
                aim = Aim(rendered=rendered, item=item, old=old, values=values, defaults=defaults)
                yield from ({holder.path: edits} for edits in added_to_holder(holder, aim))
        yield from self._in_one([path for path in self._sources if path not in own], rendered, item, old)
        yield from self._halves(tuple(self._sources), rendered, item, old)

    def _generated(self, rendered: Document, item: Left, old: object) -> Iterator[Guess]:
        """Yield what could be written where a kustomization generates an object: its literals, and files."""
        wish = _wish(rendered, item, old)
        if wish is None:
            return
        for path in [path for path in self._sources if path.name in FILE_NAMES]:
            plain = _plain(self._source(path))
            if plain is None:
                continue
            yield from ({path: edits} for edits in in_literals(plain, wish))
            for name, _, is_env in files_of(plain, wish):
                file = FilePath(os.path.realpath(path.parent / name))
                if file in self._sources and not sealed_text(self._source(file).text):
                    yield from ({file: edits} for edits in in_file(self._source(file), wish, is_env=is_env))

    def _in_one(self, paths: Sequence[FilePath], rendered: Document, item: Left, old: object) -> Iterator[Guess]:
        """Yield what could be written into one file, manifests that have the object's name before those with a part."""
        for is_namesake in (True, False):
            for path in paths:
                for document, edits in self._edits_of(path, rendered, item, old):
                    if is_namesake == (document.identity.name in ("", rendered.identity.name)):
                        yield {path: edits}

    def _halves(self, paths: Sequence[FilePath], rendered: Document, item: Left, old: object) -> Iterator[Guess]:
        """Yield what could be written where an image's repository stands in one values file, and its tag in another."""
        if not isinstance(old, str) or not isinstance(item.value, str):
            return
        paths = [path for path in paths if path in self._charts]
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

    def _additions(self, path: FilePath, own: Document, rendered: Document, item: Left, old: object) -> Iterator[Edits]:
        """Yield what could be added to production's own file, so that what others render from too stays as it is."""
        if path in self._charts:
            yield from added_to_values(own, self._values(self._charts[path]), rendered, item, old)
        elif path.name in FILE_NAMES:
            yield from added_to_kustomization(own, item, old)

    def _values_for(self, declaration: Expanded, holder: Holder) -> dict[str, object]:
        recipe = declaration.recipes[holder.recipe] if holder.recipe < len(declaration.recipes) else None
        return self._values(recipe) if isinstance(recipe, Chart) else {}

    def _values(self, chart: Chart) -> dict[str, object]:
        """Return all values that a chart is rendered with, those of the charts in it under their names."""
        home = FilePath(os.path.realpath(self._roots.folder))
        values: dict[str, object] = {}
        for path in sorted((home / chart.chart / "charts").glob("*/values.yaml")):
            with contextlib.suppress(SourceError):
                plain = _plain(read_source(path, path.name, self._roots))
                values |= {path.parent.name: plain.data} if plain is not None else {}
        for path in sorted((home / chart.chart / "charts").glob("*.tgz")):
            for charts, packed in self._packed(path):
                values = json_merge(_nested(charts, packed), values)
        if chart.chart.endswith(".tgz"):
            for charts, packed in self._packed(home / chart.chart):
                values = json_merge(_nested(charts[1:], packed), values)
        for path in reversed(self._sources):
            known = self._charts.get(path)
            # What is written so far changes the recipe, and leaves its files.
            is_its = known is not None and (known.chart, known.release) == (chart.chart, chart.release)
            plain = _plain(self._source(path)) if is_its else None
            values = json_merge(values, plain.data) if plain is not None else values
        inline = _plain(SourceFile(name=chart.name, text=chart.inline)) if chart.inline else None
        values = json_merge(values, inline.data) if inline is not None else values
        for over, text in chart.settings:
            name, _, value = text.partition("=")
            with contextlib.suppress(ValueError):
                set_value(values, name, value, literal=over is Over.STRING)
        return values

    def _defaults(self) -> dict[str, str]:
        """Return the variables that the files give a default, the first of each name."""
        found: dict[str, str] = {}
        for path in self._sources:
            for name, value in defaults_in(self._source(path).text):
                found.setdefault(name, value)
        return found

    def _packed(self, path: FilePath) -> tuple[tuple[tuple[str, ...], dict[str, object]], ...]:
        """Return the default values in a packed chart, the outer over the inner: which chart in it, and its values."""
        if path not in self._unpacked:
            made: list[tuple[tuple[str, ...], dict[str, object]]] = []
            with contextlib.suppress(SourceError):
                for charts, text in packed_values(read_bytes(path, path.name, self._roots)):
                    plain = _plain(SourceFile(name=path.name, text=text))
                    made += [(charts, plain.data)] if plain is not None else []
            self._unpacked[path] = tuple(made)
        return self._unpacked[path]

    def _source(self, path: FilePath) -> SourceFile:
        """Return a file with what it is to say so far."""
        return replace(self._sources[path], text=self.texts.get(path, self._sources[path].text))

    def _edits_of(
        self, path: FilePath, rendered: Document, item: Left, old: object
    ) -> Iterator[tuple[Document, Edits]]:
        """Yield what could be written into a file, with the document in it."""
        if path in self._read_by_generators:
            return
        source = self._source(path)
        chart = self._charts.get(path)
        plain = _plain(source) if chart is not None or path.name in FILE_NAMES else None
        if chart is not None:
            if plain is not None:
                guesses = in_values(plain, self._values(chart), rendered, item, old)
                yield from ((plain, edits) for edits in guesses)
            return
        if plain is not None:
            yield from ((plain, edits) for edits in in_kustomization(plain, item, old))
            return
        for document in _documents(source):
            # What is encrypted only its own tool may write.
            if object_sealed_by(document):
                continue
            yield from ((document, edits) for edits in in_manifest(document, rendered, item, old))

    def read(self, paths: Sequence[FilePath]) -> None:
        """Read the files that may hold a value, those first that have the last word."""
        home = FilePath(os.path.realpath(self._roots.folder))
        declaration = self._declaration()
        for path in sorted(declaration.paths):
            self._read(home, path)
        for recipe in declaration.recipes:
            for path in _candidates(recipe, home, paths):
                if path not in self._sources and self._read(home, path) and isinstance(recipe, Chart):
                    self._charts[path] = recipe
        for path in [path for path in self._sources if path.name in FILE_NAMES]:
            plain = _plain(self._sources[path])
            for name, is_secret, _ in files_of(plain) if plain is not None else ():
                file = FilePath(os.path.realpath(path.parent / name))
                if file in self._sources or self._read(home, file):
                    self._read_by_generators[file] = is_secret or self._read_by_generators.get(file, False)
        # The files of a tool are asked through their holders, before all others.
        for path in declaration.paths:
            self._charts.pop(path, None)

    def _read(self, home: FilePath, path: FilePath) -> bool:
        """Read a file where it can be; tell whether it could."""
        name = posixpath.normpath(os.path.relpath(path, home))
        try:
            self._sources[path] = read_source(path, name, self._roots)
        except SourceError:
            return False
        return True


def _nested(names: Sequence[str], values: dict[str, object]) -> dict[str, object]:
    for name in reversed(names):
        values = {name: values}
    return values


def _wish(rendered: Document, item: Left, old: object) -> Wish | None:
    """Return what a generator should say, None where a value is none of the kind that it makes."""
    kind = rendered.identity.kind
    if rendered.identity.group_kind not in CONFIG or len(item.path) != _KEY_DEPTH or item.path[0] != "data":
        return None
    was, new = (_decoded(value) if kind == "Secret" else value for value in (old, item.value))
    if not all(value is None or isinstance(value, str) for value in (was, new)):
        return None
    name = generated_name(rendered) or rendered.identity.name
    return Wish(
        kind=kind,
        name=name,
        key=str(item.path[1]),
        old=was if isinstance(was, str) else None,
        new=new if isinstance(new, str) else None,
    )


def _decoded(value: object) -> object:
    """Return what base64 stands for; what is none, or no text, is no value of a generator's."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except ValueError:
        return False


def _is_own(recipe: Recipe, name: str) -> bool:
    if isinstance(recipe, Chart):
        return name in map(posixpath.normpath, recipe.values)
    folder = posixpath.normpath(recipe.folder)
    return posixpath.commonpath((folder, name)) == folder if folder != "." else not name.startswith("../")


def _candidates(recipe: Recipe, home: FilePath, paths: Sequence[FilePath]) -> Iterator[FilePath]:
    if isinstance(recipe, Chart):
        # A later values file has the last word, and the chart's own the first one.
        for name in reversed(recipe.values):
            yield FilePath(os.path.realpath(home / name))
        own = FilePath(os.path.realpath(home / recipe.chart))
        if own.is_dir():
            yield own / "values.yaml"
        return
    asked = FilePath(os.path.realpath(home / recipe.folder))
    if isinstance(recipe, Manifests):
        yield from (FilePath(os.path.realpath(home / name)) for name in recipe.files)
        return
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
