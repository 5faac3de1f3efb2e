"""`Document`: one Kubernetes object as plain data, and where it stands in its file."""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from grayc.documents.chunk import Chunk, Path
from grayc.k8s.kinds import CLUSTER_SCOPED, GroupKind
from grayc.records import dataclass, field, replace
from grayc.source import Span


class ObjectKey(NamedTuple):
    """What a cluster tells objects apart by, whatever their versions; looked up so often that it is a tuple."""

    group_kind: GroupKind
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ObjectIdentity:
    """What tells one object from another.

    Attributes:
        api_version: `group/version`, or `version` for the core group.
        kind: as written.
        namespace: the one that the object is in, as `Document.home` says; "" where it names none and nobody says.
        name: `metadata.name`.
        group_kind: API group and kind.
        key: identity without the version.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    group_kind: GroupKind = field(init=False, compare=False, repr=False)
    key: ObjectKey = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Every question about an object starts with one of these two.
        group_kind = _group_kind(self.api_version, self.kind)
        object.__setattr__(self, "group_kind", group_kind)
        object.__setattr__(self, "key", ObjectKey(group_kind, self.namespace, self.name))

    @property
    def group(self) -> str:
        """API group, "" for the core group."""
        return self.group_kind[0]

    @property
    def ref(self) -> str:
        """`Kind/name`, as users write it."""
        return f"{self.kind}/{self.name}"

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" + (f" in {self.namespace}" if self.namespace else "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Document:
    """One object and its origin.

    `data` holds only `dict` (keys are `str`, in the order of the file), `list`, `str`, `int`, `float`, `bool` and
    None, as Kubernetes reads them, and is never changed in place: a pass makes a new `Document`. `chunk` and `root`
    stay those of the object it was made from, so that a diagnostic about a gray copy points into the baseline.

    Attributes:
        data: the object.
        chunk: the text that the object was read from.
        root: path inside the chunk, such as `("items", 0)` for an item of a `List`.
        home: the namespace that the object is in where it names none; "" where nobody says. A plan sets it once, and
            a copy keeps it: whoever compares namespaces asks `identity`. Source: release language, `spec.namespace`.
        made_up: the places at which a chart gives it another value each time that it is rendered.
    """

    data: dict[str, object]
    chunk: Chunk
    root: Path = ()
    home: str = ""
    made_up: tuple[Path, ...] = ()
    identity: ObjectIdentity = field(init=False)

    def __post_init__(self) -> None:
        metadata = self.data.get("metadata")
        fields: Mapping[str, object] = metadata if isinstance(metadata, dict) else {}
        api_version, kind = _text(self.data.get("apiVersion")), _text(self.data.get("kind"))
        # kubectl passes over a namespace that stands on an object which is in none.
        is_in_none = _group_kind(api_version, kind) in CLUSTER_SCOPED
        object.__setattr__(
            self,
            "identity",
            ObjectIdentity(
                api_version=api_version,
                kind=kind,
                namespace="" if is_in_none else _text(fields.get("namespace")) or self.home,
                name=_text(fields.get("name")),
            ),
        )

    @property
    def is_made_up(self) -> bool:
        """A chart gives it other values each time that it is rendered."""
        return bool(self.made_up)

    @property
    def written_namespace(self) -> str:
        """The namespace that the object itself names, "" where it names none."""
        metadata = self.data.get("metadata")
        return _text(metadata.get("namespace")) if isinstance(metadata, dict) else ""

    def placed(self, home: str) -> "Document":
        """Return the object in this namespace, unless it names one itself or is in none."""
        return self if self.home == home else replace(self, home=home)

    def may_say(self, words: Iterable[str]) -> bool:
        """Tell whether a text of an object that nobody changed may hold one of some words, by its letters in the file.

        Args:
            words: small, without spaces, quotes and backslashes: YAML and JSON write them as they are, in small letters
                or large ones, or by escapes. None that reads as a number or a truth value, which has many spellings.
        """
        text = self.chunk.text.lower()
        return "\\" in text or any(word in text for word in words)

    @property
    def file(self) -> str:
        """Name of the file it was read from."""
        return self.chunk.source.name

    @property
    def origin(self) -> ObjectIdentity:
        """Identity of the object as its file has it, also of a gray copy of it. Reads the chunk again."""
        from grayc.documents.locate import text_at  # noqa: PLC0415 - only a diagnostic needs it

        def read(*path: str, otherwise: str) -> str:
            return text_at(self.chunk, (*self.root, *path)) or otherwise

        return ObjectIdentity(
            # Items of a typed list need not repeat these two.
            api_version=read("apiVersion", otherwise=self.identity.api_version),
            kind=read("kind", otherwise=self.identity.kind),
            namespace=read("metadata", "namespace", otherwise=""),
            name=read("metadata", "name", otherwise=""),
        )

    @property
    def place(self) -> tuple[str, int, Path]:
        """Total order of documents by where they stand."""
        return (self.file, self.chunk.index, self.root)

    @property
    def start(self) -> Span:
        """Where the object starts. Its text is read again only where something stands before it on its line."""
        text = self.chunk.text
        found = _FIRST_KEY.match(text) if not self.root else None
        if found is None or not found.end() < len(text):
            return self.span()
        line = self.chunk.line + text.count("\n", 0, found.end())
        return Span(source=self.chunk.source, line=line, column=1, length=1, sensitive=True)

    def where_is(self, path: Path) -> str:
        """Return where the value at `path` stands, in words: as its span, which also tells what may be quoted."""
        from grayc.documents.locate import where_is  # noqa: PLC0415 - only a report needs it

        return where_is(self.chunk, self.root + path)

    def span(self, path: Path = (), *, key: bool = False) -> Span:
        """Return where the value at `path` stands, or its nearest ancestor that the file has.

        With `key`, the mapping key that leads to it. Reads the chunk again with positions.
        """
        from grayc.documents.locate import locate  # noqa: PLC0415 - only a diagnostic needs it

        return locate(self.chunk, self.root + path, key=key)


T = TypeVar("T")


class KeptForBaselines(Generic[T]):
    """What was made of baselines, of those that were asked for last.

    Releases over one baseline mostly agree on all else that it depends on, and the steps of a rollout always do. A
    baseline is known by itself: to compare its objects each time would cost as much as there are.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        # Each holds its baseline, so that no other has the same id.
        self._kept: OrderedDict[tuple[int, Hashable], tuple[tuple[Document, ...], T]] = OrderedDict()

    def get(self, baseline: tuple[Document, ...], further: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, or gave before for the same.

        Args:
            further: what it depends on beside the baseline.
        """
        key = (id(baseline), further)
        known = self._kept.pop(key, None) or (baseline, make())
        self._kept[key] = known
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return known[1]


_FIRST_KEY = re.compile(r"(?: *(?:#[\t -~]*)?\n)*(?=[A-Za-z{])")
"""Blank lines and comments, up to a key or a JSON object at the start of a line."""


@lru_cache(maxsize=1024)
def _group_kind(api_version: str, kind: str) -> GroupKind:
    return (api_version.rpartition("/")[0], kind)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
