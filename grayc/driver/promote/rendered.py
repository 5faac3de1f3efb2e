"""What of a release goes into the sources that production is rendered from: kustomizations, manifests, values files.

Nothing is known of a template or a transformation. A change is tried in a copy, rendered, and taken where the result is
nearer to what is wanted and differs in nothing else.
"""

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence

from grayc.documents import Document, ObjectKey, Path, parse_documents
from grayc.documents.generated import generated_name
from grayc.documents.recipes import Wanted
from grayc.documents.render import Rendered, render_all
from grayc.documents.tree import get, is_mapping
from grayc.driver.rendered_sources import Guess, RenderedSources
from grayc.edit import Edited, Left, list_differences
from grayc.records import dataclass, field, replace
from grayc.source import Roots

_MOST_TRIALS = 60
_TRIALS_EACH = 2
"""Renderings of one source, and more for each difference: beyond that, what is left is left to the user."""

Place = tuple[str, int, Path]
"""Where an object stands: `Document.place`."""


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
    wanted: Wanted,
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
    rendered = [*baseline, *trial.now.values()]
    trial.sources.secrets = tuple(dict.fromkeys(text for document in rendered for text in _secrets_of(document)))
    files = tuple(trial.sources.edited())
    return RenderedPromotion(
        files=files,
        shared=frozenset(file.old.name for file in files if not trial.sources.is_own(file.old.name)),
        data={item.place: trial.now[item.identity.key].data for item in baseline if item.place in released},
        left=tuple(trial.left()),
        is_exhausted=trial.is_exhausted,
    )


def _secrets_of(document: Document) -> Iterator[str]:
    """Yield what a Secret says, value by value: a source may give any of them, by whatever name."""
    if document.identity.kind != "Secret":
        return
    plain, coded = (get(document.data, (name,)) for name in ("stringData", "data"))
    yield from (value for value in (plain.values() if is_mapping(plain) else ()) if isinstance(value, str))
    for value in coded.values() if is_mapping(coded) else ():
        if isinstance(value, str):
            yield value
            with contextlib.suppress(ValueError):
                yield base64.b64decode(value).decode(errors="replace")


class _Trial:
    """Tries changes of the sources of one rendering, one after the other."""

    def __init__(
        self,
        wanted: Wanted,
        roots: Roots,
        baseline: Sequence[Document],
        released: Mapping[Place, dict[str, object]],
    ) -> None:
        self._wanted = wanted
        self._roots = roots
        self._home = baseline[0].home if baseline else ""
        self.sources = RenderedSources(wanted, roots)
        self._left = 0
        self.is_exhausted = False
        self.now = {document.identity.key: document for document in baseline}
        # What a chart makes up is something else each time, whatever is written.
        self._targets = {
            document.identity.key: released.get(document.place, document.data)
            for document in baseline
            if not document.is_made_up
        }
        self._names = {
            _generated(document): document.identity.name for document in baseline if generated_name(document)
        }
        self._released = [document.identity.key for document in baseline if document.place in released]

    def run(self) -> None:
        """Take every change that can be taken."""
        first = render_all(self._wanted, self._roots, span=None).value
        if first is None:
            return
        self.sources.read(tuple(dict.fromkeys(path for each in first for path in each.paths)))
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

    def _open(self, key: ObjectKey) -> tuple[Left, ...]:
        """Return what one object does not say yet."""
        return list_differences(self.now[key], self._targets[key])

    def left(self) -> Iterator[tuple[Document, Left]]:
        """Yield what is left."""
        for key in self._released:
            for item in self._open(key):
                yield self.now[key], item

    def _settle_together(self, items: Sequence[tuple[ObjectKey, Left]]) -> None:
        """Take the likeliest change for each of many differences, if every one of them is needed; else for each half.

        Most guesses are right, and rendering is what takes time.
        """
        guesses: list[tuple[ObjectKey, Left, Guess]] = []
        for key, item in items:
            old = get(self.now[key].data, item.path)
            guess = next(self.sources.guesses(self.now[key], item, old), None)
            if guess is not None and _shown(item) in map(_shown, self._open(key)):
                guesses.append((key, item, guess))
        if len(guesses) < 2 or self._left <= 0:
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

    def _settle(self, key: ObjectKey, item: Left) -> bool:
        """Make one difference smaller, and no other larger; tell whether a change of a source does that."""
        old = get(self.now[key].data, item.path)
        tried: list[Guess] = []
        for guess in self.sources.guesses(self.now[key], item, old):
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

    def _render(self, guesses: Sequence[Guess]) -> Mapping[ObjectKey, Document] | None:
        """Return what the sources render to with these changes; None where they do not go together, or to nothing."""
        self._left -= 1
        try:
            texts = {**self.sources.texts, **self.sources.with_edits(guesses)}
        except ValueError:
            return None
        made = render_all(self._wanted, self._roots, texts, span=None)
        rendered = [document.placed(self._home) for each in made.value or () for document in _objects(each)]
        placed = _as_before(rendered, self._names)
        return {document.identity.key: document for document in placed}

    def _take(self, guesses: Sequence[Guess], after: Mapping[ObjectKey, Document]) -> None:
        self.sources.texts.update(self.sources.with_edits(guesses))
        self.now = {**after}

    def _is_nearer(self, after: Mapping[ObjectKey, Document]) -> bool:
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


def _generated(document: Document) -> tuple[str, str, str]:
    """Return by what a generated object is the same one though what it says, and so its name, is another."""
    return (document.identity.kind, document.identity.namespace, generated_name(document))


def _as_before(documents: Sequence[Document], names: Mapping[tuple[str, str, str], str]) -> Sequence[Document]:
    """Return objects with the names that generated ones had before: a new hash is no difference, nor who names it."""
    generated = [document for document in documents if generated_name(document)]
    renamed = {each.identity.name: names.get(_generated(each), each.identity.name) for each in generated}
    renamed = {new: old for new, old in renamed.items() if new != old}
    if not renamed:
        return documents
    made: list[Document] = []
    for document in documents:
        data = _with_names(document.data, renamed)
        made.append(replace(document, data=data) if is_mapping(data) else document)
    return made


def _with_names(value: object, renamed: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return renamed.get(value, value)
    if is_mapping(value):
        return {key: _with_names(item, renamed) for key, item in value.items()}
    return [_with_names(item, renamed) for item in value] if isinstance(value, list) else value


def _objects(rendered: Rendered) -> tuple[Document, ...]:
    return rendered.place(parse_documents(rendered.source).value or ())


def _shown(item: Left) -> str:
    """Return a difference as text; places in lists move when items come, and count for nothing."""
    path = [step for step in item.path if not isinstance(step, int)]
    return json.dumps([path, item.value], sort_keys=True)
