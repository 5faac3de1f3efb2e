"""Names of copied and opened objects in fields that no table follows.

Every string is looked up in one index of names, so the time goes with the size of the objects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from grayc.analysis.graph import references_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.json_text import is_json_like, read_json
from grayc.documents.scalars import ScalarError, resolve_plain
from grayc.documents.tree import get_map, get_text, is_mapping, show_path
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.hosts import hosts_in, read_address, read_host
from grayc.k8s.kinds import CLUSTER_SCOPED, CORE, GroupKind
from grayc.k8s.mentions import (
    DEFAULT_KINDS,
    GOVERNING,
    KIND_WORDS,
    KNOWN,
    KNOWN_ANNOTATIONS,
    NAMED_PARTS,
    NO_OBJECT_WORDS,
    OTHER_WORDS,
    READ_WHOLE,
    REFERRING_WORDS,
    SHORT_NAMES,
    TEXT_FIELDS,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.references import REFERENCES, Pattern, read_pattern
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

MAX_TEXT = 100_000
"""Characters of one annotation that are looked through; Kubernetes takes 256 KiB for all of an object."""

_MAX_VALUE = 1_024
"""Characters of a field that may be a name, an address or a list of them; a longer one is free text."""

_MOST_OF_ONE_NAME = 100
"""Objects of one name that a field is compared with; few names have so many kinds and namespaces."""

_FEW_NAMES = 50
"""With more of them it takes less time to read an object than to look for each in its text."""

_SERVICE: GroupKind = (CORE, "Service")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SEPARATOR = re.compile(r"[,;]\s*|\s+")
_PORT = re.compile(r":[0-9]{1,5}(?:[/?#]|$)")
_COMPOUND = re.compile(r"[./:]")
# Keys and values of JSON, YAML and properties alike; a key starts where a run of signs does.
_PAIR = re.compile(r"""(?<![\w./-])([A-Za-z][\w./-]*)["']?\s{0,8}[:=]\s{0,8}["'\[]{0,2}([A-Za-z0-9][\w./:@-]*)""")
_UNTOLD = frozenset({"name", "names", "value", "values", "ref", "refs", "item", "items"})
"""Words of a field that leave to the field above what is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A field that names an object that has a gray side.

    Attributes:
        key: the name is the key at `path`, not its value.
        others: what the name may mean as well, as the field does not tell the kind.
    """

    path: Path
    key: bool
    target: ObjectKey
    others: tuple[ObjectKey, ...] = ()


def _is_word(name: str) -> bool:
    """Tell whether a text that is this name reads so however it is written; a key `0x10` is named `16`."""
    try:
        return isinstance(resolve_plain(name), str)
    except ScalarError:
        return False


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a name means, and what else it may."""

    target: ObjectKey
    others: tuple[ObjectKey, ...] = ()


class Targets:
    """What is copied or opened, by name."""

    def __init__(self, plan: ReleasePlan) -> None:
        self.gray_names: dict[ObjectKey, str] = dict(plan.gray_names)
        for entry in plan.entries:
            # Where the lane is opened in the baseline's own object, all that names it goes along.
            if not GATEWAYS[entry.gateway].opens_baseline:
                key = plan.key_of(entry.document.identity)
                self.gray_names[key] = key.name + plan.spec.suffix
        self.entries = frozenset(self.gray_names.keys() - plan.gray_names.keys())
        self._by_name: dict[str, list[ObjectKey]] = {}
        self._by_place: dict[tuple[str, str], list[ObjectKey]] = {}
        # An entry before a Service before what runs: where a field leaves it open, the one that most may name.
        order = sorted(self.gray_names, key=lambda key: (key not in self.entries, key.group_kind != _SERVICE))
        for key in order:
            for keys in (
                self._by_name.setdefault(key.name, []),
                self._by_place.setdefault((key.namespace, key.name), []),
            ):
                if len(keys) < _MOST_OF_ONE_NAME:
                    keys.append(key)
        self._are_words = len(self._by_name) <= _FEW_NAMES and all(map(_is_word, self._by_name))

    def named(self, name: str, namespace: str) -> list[ObjectKey]:
        """Return what has a name in a namespace; "" is any, and what names none may be in it."""
        if not namespace:
            return self._by_name.get(name, [])
        return self._by_place.get((namespace, name), []) + self._by_place.get(("", name), [])

    def may_be_named(self, document: Document) -> bool:
        """Tell whether an object of the baseline may name one of them at all: most do not have the letters."""
        is_followed = document.identity.group_kind in GOVERNING
        return is_followed or not self._are_words or document.may_say(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name


def mentions_of(document: Document, targets: Targets, plan: ReleasePlan) -> Iterator[Mention]:
    """Yield the fields of an object that name what has a gray side, and that nothing follows, in their order.

    A kind whose every field is known has such names in annotations alone. Of others a field counts where its name, or
    `kind` beside it, speaks of such an object; of a kind without rows any exact name that is no ordinary word.
    Addresses, `kind/name` and `namespace/name` count in any field.
    """
    kind = document.identity.group_kind
    if (kind, "") in _KNOWN_WHOLE or (None, "") in _KNOWN_WHOLE:
        return
    own = plan.key_of(document.identity)
    home = "" if kind in CLUSTER_SCOPED else own.namespace
    reader = _Reader(targets, home, is_unknown=kind not in REFERENCES, defaults=DEFAULT_KINDS.get(kind, {}))
    for mention in (*_in_annotations(document, reader), *_in_fields(document, reader, plan)):
        if mention.target != own:
            yield mention


def _in_fields(document: Document, reader: "_Reader", plan: ReleasePlan) -> Iterator[Mention]:
    kind = document.identity.group_kind
    if kind[0] in READ_WHOLE:
        return
    if kind in GOVERNING:
        for reference in references_of(document, plan.spec):
            found = reader.targets.named(reference.target.name, reference.target.namespace)
            for target in found:
                if target.group_kind == reference.target.group_kind:
                    yield Mention(path=reference.path, key=False, target=target)
                    break
    host = read_host(document.identity.name)
    if host is not None and host.is_address:
        # A ServiceProfile of Linkerd has the host as its name.
        for target in reader.services(host.name, host.namespace):
            yield Mention(path=("metadata", "name"), key=False, target=target)
    for key, value in document.data.items():
        if key not in {"apiVersion", "kind", "metadata"}:
            yield from reader.walk(value, (key,), _step([_tree_of(kind)], key), get_map(document.data, ()))


def _in_annotations(document: Document, reader: "_Reader") -> Iterator[Mention]:
    kind = document.identity.group_kind
    for place in _annotations_of(kind):
        for name, value in get_map(document.data, place).items():
            path = (*place, name)
            if isinstance(value, str) and not _is_followed(kind, path):
                yield from reader.annotation(name, value, path)


@lru_cache(maxsize=1_024)
def _annotations_of(kind: GroupKind) -> tuple[Path, ...]:
    """Return where objects of a kind have annotations, those of their pods last."""
    template = WORKLOADS[kind].template if kind in WORKLOADS else ()
    own: Path = ("metadata", "annotations")
    return (own, (*template, *own)) if template else (own,)


@lru_cache(maxsize=4_096)
def _is_followed(kind: GroupKind, annotation: Path) -> bool:
    """Tell whether something reads an annotation, or nothing needs to; many objects have the same ones."""
    return _is_known(str(annotation[-1])) or _ends(_steps([_tree_of(kind)], annotation))


def _is_known(annotation: str) -> bool:
    return annotation in _KNOWN_NAMES or annotation.startswith(_KNOWN_PREFIXES)


_KNOWN_NAMES = frozenset(row for row in KNOWN_ANNOTATIONS if not row.endswith("*"))
_KNOWN_PREFIXES = tuple(row[:-1] for row in KNOWN_ANNOTATIONS if row.endswith("*"))
_KNOWN_WHOLE = frozenset((row.kind, row.path) for row in KNOWN if not row.path)


class _Node:
    """Fields that something follows, by their steps."""

    __slots__ = ("below", "ends")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.ends = False


_TREES: dict[GroupKind, _Node] = {}


def _tree_of(kind: GroupKind) -> _Node:
    """Return the fields of a kind that the tables follow or know."""
    known = _TREES.get(kind)
    if known is None:
        known = _TREES[kind] = _Node()
        for row in REFERENCES.get(kind, ()):
            _add(known, row.pattern)
        for field in KNOWN:
            if field.kind in {None, kind}:
                _add(known, read_pattern(field.path))
    return known


def _add(node: _Node, pattern: Pattern) -> None:
    for step in pattern:
        node = node.below.setdefault(step, _Node())
    node.ends = True


def _step(nodes: Iterable[_Node], step: str | int) -> list[_Node]:
    """Return where a step leads in the fields that are followed."""
    ways = ("[*]",) if isinstance(step, int) else (step, ".*")
    return [below for node in nodes for way in ways if (below := node.below.get(way)) is not None]


def _steps(nodes: list[_Node], path: Path) -> list[_Node]:
    for step in path:
        nodes = _step(nodes, step)
    return nodes


def _ends(nodes: Iterable[_Node]) -> bool:
    return any(node.ends for node in nodes)


class _Reader:
    """Reads fields of one object.

    Attributes:
        home: its namespace; "" where names may stand for any.
        is_unknown: no table has a row of its kind.
        defaults: field → kind that it names where nothing says which.
    """

    def __init__(
        self, targets: Targets, home: str, *, is_unknown: bool, defaults: Mapping[str, str] | None = None
    ) -> None:
        self.targets = targets
        self._home = home
        self._is_unknown = is_unknown
        self._defaults = defaults or {}

    def walk(self, value: object, path: Path, nodes: list[_Node], beside: Mapping[str, object]) -> Iterator[Mention]:
        """Yield what the fields below `path` name.

        Args:
            nodes: what is followed there.
            beside: the mapping that the nearest key of the path stands in.
        """
        if nodes and _ends(nodes):
            return
        if isinstance(value, str):
            for meant in self._field(value, path, beside):
                yield Mention(path=path, key=False, target=meant.target, others=meant.others)
        elif is_mapping(value):
            for key, item in value.items():
                if key in TEXT_FIELDS:
                    continue
                at = (*path, key)
                if not isinstance(item, str) and key in self.targets:
                    # `services: {web: …}`: the key is a name, and the field above tells of what.
                    for meant in self._bare(key, _words_at(path), "", self._home, exact=False):
                        yield Mention(path=at, key=True, target=meant.target, others=meant.others)
                yield from self.walk(item, at, _step(nodes, key) if nodes else nodes, value)
        elif isinstance(value, list):
            below = _step(nodes, 0) if nodes else nodes
            for position, item in enumerate(value):
                yield from self.walk(item, (*path, position), below, beside)

    def annotation(self, name: str, text: str, path: Path) -> Iterator[Mention]:
        """Yield what an annotation names: as a whole, in a list, or in the JSON, YAML or settings that it holds."""
        if len(text) > MAX_TEXT:
            return
        prefix, _, own = name.rpartition("/")
        words = words_of(own) | (words_of(prefix.partition(".")[0]) & {"configmap", "secret"})
        found: dict[_Meant, None] = {}
        values = read_json(text) if is_json_like(text) else None
        if values is not None:
            inside = _Reader(self.targets, self._home, is_unknown=False)
            for value in values:
                found.update(
                    (_Meant(mention.target, mention.others), None)
                    for mention in inside.walk(value.data, (own,), [], {})
                )
        elif not any(sign in text for sign in '{["=\n'):
            for token in _SEPARATOR.split(text):
                found.update(dict.fromkeys(self._token(token, words, "", self._home, exact=False)))
        else:
            found.update(dict.fromkeys(self._settings(text, words)))
        for meant in found:
            yield Mention(path=path, key=False, target=meant.target, others=meant.others)

    def _settings(self, text: str, words: frozenset[str]) -> Iterator[_Meant]:
        """Yield what a text of YAML or settings names: by its keys, and as addresses."""
        kind = ""
        for pair in _PAIR.finditer(text):
            key, value = pair[1], pair[2]
            if key.lower() == "kind":
                kind = value
                continue
            if value not in self.targets and not _COMPOUND.search(value):
                continue
            told = words_of(key)
            of = kind if told <= _UNTOLD else ""
            yield from self._token(value, told if told - _UNTOLD else words, of, "", exact=False)
        for host in hosts_in(text, self.targets):
            if host.is_address:
                yield from map(_Meant, self.services(host.name, host.namespace))

    def _field(self, text: str, path: Path, beside: Mapping[str, object]) -> Iterator[_Meant]:
        if len(text) > _MAX_VALUE:
            return
        own = next((step for step in reversed(path) if isinstance(step, str)), "")
        tokens = [text] if text in self.targets else _SEPARATOR.split(text.strip())
        # Several words are prose, unless commas keep them apart.
        if len(tokens) > 1 and "," not in text and ";" not in text:
            return
        kind, namespace = _beside(own, beside)
        if self._defaults and not kind:
            kind = self._defaults.get(show_path(tuple("*" if isinstance(step, int) else step for step in path)), "")
        words = _words_at(path)
        kinds = beside.get("kinds")
        if isinstance(kinds, list):
            # `{kinds: [Deployment], names: [web]}`
            words |= {text.rpartition("/")[2].lower() for text in kinds if isinstance(text, str)}
        exact = self._is_unknown and not (own == "name" and len(path) > 2 and _list_of(path) in NAMED_PARTS)
        for token in tokens:
            yield from self._token(token, words, kind, namespace or self._home, exact=exact and len(tokens) == 1)

    def _token(self, token: str, words: frozenset[str], kind: str, namespace: str, *, exact: bool) -> list[_Meant]:
        """Return what a word names, of all that it may mean the likeliest first."""
        if token in self.targets:
            return self._bare(token, words, kind, namespace, exact=exact)
        if words & _PATH_WORDS:
            return []
        return [_Meant(key) for key in self._address(token, words, namespace)]

    def _address(self, token: str, words: frozenset[str], namespace: str) -> list[ObjectKey]:
        if ":" in token:
            # `web:1.0` is an image.
            host = read_address(token) if "://" in token or _PORT.search(token) else None
            return [] if host is None else self.services(host.name, host.namespace, namespace)
        if "/" in token:
            return self._slashed(token, is_other=bool(words & (OTHER_WORDS | NO_OBJECT_WORDS)))
        if "." in token:
            host = read_host(token.removeprefix("*."))
            if host is not None and host.namespace:
                return self.services(host.name, host.namespace, namespace)
        return []

    def _bare(self, name: str, words: frozenset[str], kind: str, namespace: str, *, exact: bool) -> list[_Meant]:
        found = self.targets.named(name, namespace)
        if kind:
            return [_Meant(key) for key in found if _is_group_kind(kind, key.group_kind)][:1]
        if not found or words & OTHER_WORDS:
            return []
        spoken = [key for key in found if _speaks_of(words, key.group_kind[1])]
        if spoken:
            return [_Meant(spoken[0])]
        if words & REFERRING_WORDS or (exact and not words & NO_OBJECT_WORDS and not _is_ordinary(name)):
            return [_Meant(found[0], tuple(found[1:]))]
        return []

    def services(self, name: str, namespace: str, home: str = "") -> list[ObjectKey]:
        """Return the Service of a name in a namespace, the object's own where none is said."""
        found = self.targets.named(name, namespace or home or self._home)
        return [key for key in found if key.group_kind == _SERVICE][:1]

    def _slashed(self, token: str, *, is_other: bool) -> list[ObjectKey]:
        """Return what `kind/name`, `namespace/name`, `namespace/kind/name` or `./host` names.

        Args:
            is_other: the field speaks of something else, such as a key of a store; then a kind alone tells.
        """
        parts = token.split("/")
        if len(parts) > 4 or not all(parts):
            return []
        *before, name = parts
        if name not in self.targets:
            host = read_host(name)
            return self.services(host.name, host.namespace) if host is not None and host.namespace else []
        for key in self.targets.named(name, ""):
            if any(_is_kind(part, key.group_kind[1]) for part in before):
                spaces = [part for part in before if not _is_kind(part, key.group_kind[1])]
                if not spaces or not key.namespace or key.namespace in spaces or len(before) == 1:
                    return [key]
            elif not is_other and len(before) == 1 and key.namespace and before[0] == key.namespace:
                return [key]
        return []


_PATH_WORDS = frozenset({"image", "images", "repository", "repo", "path", "paths", "chart", "bucket"})
"""Words of fields whose slashes and colons are none of a name's."""


def _is_ordinary(name: str) -> bool:
    """Tell whether a name may be a word that means no object."""
    return name.isalpha()


def _beside(own: str, beside: Mapping[str, object]) -> tuple[str, str]:
    """Return the kind and the namespace that fields beside a name tell: `kind`, or `targetKind` beside `targetName`."""
    stem = own[:-4] if own.lower().endswith("name") else ""
    if own != "name" and not stem:
        return "", get_text(beside, ("namespace",))
    kinds = (f"{stem}Kind", "kind") if stem else ("kind",)
    spaces = (f"{stem}Namespace", "namespace") if stem else ("namespace",)
    kind = next((text for key in kinds if (text := get_text(beside, (key,)))), "")
    group = get_text(beside, ("group",)) or get_text(beside, ("apiGroup",))
    group = group or get_text(beside, ("apiVersion",)).rpartition("/")[0]
    namespace = next((text for key in spaces if (text := get_text(beside, (key,)))), "")
    return (f"{kind}.{group}" if kind and group else kind), namespace


def _list_of(path: Path) -> str:
    """Return the key of the list whose item holds the field at `path`."""
    return next((step for step in reversed(path[:-1]) if isinstance(step, str)), "")


def _is_kind(text: str, kind: str) -> bool:
    """Tell whether a word means a kind: `Service`, `services`, `svc`, `deployment.apps`."""
    word = text.partition(".")[0].lower()
    known = kind.lower()
    return word in {known, f"{known}s", f"{known}es"} or SHORT_NAMES.get(word) == kind


def _is_group_kind(text: str, group_kind: GroupKind) -> bool:
    """Tell whether `kind` or `kind.group` means a kind, of that group where it names one."""
    group = text.partition(".")[2]
    return _is_kind(text, group_kind[1]) and group in {"", group_kind[0]}


_CACHED: dict[str, frozenset[str]] = {}
_MOST_CACHED = 10_000


def words_of(key: str) -> frozenset[str]:
    """Return the words of a name in camel case or with dashes, each two of them together, and each as if it were one.

    `targetRefs` has `target`, `refs`, `ref`, `targetrefs` and `targetref`.
    """
    known = _CACHED.get(key)
    if known is None:
        parts = [part.lower().removesuffix("name") or "name" for part in _WORD.findall(key[:256])]
        pairs = [first + second for first, second in pairwise(parts)]
        known = frozenset(form for part in (*parts, *pairs) for form in (part, part.removesuffix("s")) if form)
        if len(_CACHED) >= _MOST_CACHED:
            _CACHED.clear()
        _CACHED[key] = known
    return known


def _words_at(path: Path) -> frozenset[str]:
    """Return the words of the field at `path`; of the one above where they leave open what is named."""
    keys = [step for step in path if isinstance(step, str)]
    own = words_of(keys[-1]) if keys else frozenset()
    if own <= _UNTOLD and len(keys) > 1:
        return own | words_of(keys[-2])
    return own


@lru_cache(maxsize=4_096)
def _speaks_of(words: frozenset[str], kind: str) -> bool:
    return kind.lower() in words or any(word in words for word in KIND_WORDS.get(kind, ()))
