"""The last resort: what names a copied or opened object in a field that nothing follows.

A policy of a kind that grayc does not know holds for production's route and not for the lane's beside it; a custom
object that is copied may keep naming production's ConfigMap. Whatever the tables do not follow is named here, once for
each object.

An object is covered, whoever covered it, where lane or baseline hold one of its kind that names the gray object in the
same field.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grayc.analysis.attachments import names_of
from grayc.analysis.mentions import Mention, Targets, mentions_of, words_of
from grayc.analysis.text_names import names_in_text
from grayc.diagnostics import CODES, Diagnostic, Note, Severity
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get, is_mapping, show_path
from grayc.k8s.gateways import HIGRESS_PREFIX, MSE_PREFIX
from grayc.k8s.kinds import CORE, GroupKind, Policy, kind_row
from grayc.k8s.mentions import ADMITTING, AUTHENTICATION_WORDS, EXTENSION_WORDS, PLUGIN_WORDS
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import Action, ReleasePlan

_FIRST_OF_PLANS = "GC300"
"""Findings before it are about the text of an object, not about what becomes of it."""

_MOST_NOTES = 5
_MOST_NAMES = 3
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")


# By what an opened Ingress may lead to its Service: its canary leads to the gray one without it.
_LED_BY_CANARY = frozenset(
    ("metadata", "annotations", f"{prefix}destination") for prefix in (HIGRESS_PREFIX, MSE_PREFIX)
)


def check_mentions(
    documents: tuple[Document, ...], plan: ReleasePlan, found: Sequence[Diagnostic] = ()
) -> tuple[Diagnostic, ...]:
    """Return one finding for each object that names what has a gray side, where nothing covers the gray side.

    Args:
        found: what else was found; an object of the baseline that a warning or an error is about is named already.

    Diagnostics:
        GC350: an object names a copied or opened one, and the gray one is not covered.
        GC351: the same, and the object says who may enter.
    """
    targets = Targets(plan)
    left_out = {row.document.place for row in plan.decisions if row.action is Action.LEAVE_OUT}
    told = {
        (item.object, item.span.file)
        for item in found
        if item.span is not None and item.code >= _FIRST_OF_PLANS and CODES[item.code].severity is not Severity.NOTE
    }
    covered = _Covered((*documents, *plan.baseline))
    diagnostics: list[Diagnostic] = []
    copies = {document.place: document for document in documents if plan.is_copy(document)}
    opened = {entry.document.place for entry in plan.entries}
    for document in plan.baseline:
        if document.place in left_out:
            continue
        gray = copies.get(document.place)
        if gray is not None:
            kept = list(_kept(gray, targets, plan))
            if kept:
                diagnostics.append(_not_followed(document, kept, targets))
            continue
        if kind_row(document.identity.group_kind).policy is Policy.STAY:
            continue  # It is for production alone, and the kind's row says why.
        if not targets.may_be_named(document):
            continue
        mentions = list(mentions_of(document, targets, plan))
        if not mentions:
            continue
        # What it is attached to by name is followed, and told where no copy does the same.
        attached = {name.path for name in names_of(document, plan.spec)}
        named = [
            mention
            for mention in mentions
            if mention.path not in attached
            and not (document.place in opened and mention.path in _LED_BY_CANARY)
            and not any(
                covered.has(document.identity.group_kind, mention.path, targets.gray_names[target])
                for target in (mention.target, *mention.others)
            )
        ]
        if named and (document.identity.ref, document.file) not in told:
            diagnostics.append(_not_covered(document, named, targets))
    return tuple(diagnostics)


def _kept(gray: Document, targets: Targets, plan: ReleasePlan) -> Iterator[Mention]:
    """Yield what a copy keeps naming, but for texts that GC462 speaks of."""
    found = list(mentions_of(gray, targets, plan))
    if not found:
        return
    own = plan.key_of(plan.copy_of(gray).document.identity)
    told = {
        name.path
        for name in names_in_text(gray, plan.copied)
        if name.target.group_kind != (CORE, "Service") or not PROVIDERS[plan.spec.lane.provider].carries_calls
    }
    for mention in found:
        if mention.target != own and mention.path not in told:
            yield mention


class _Covered:
    """Names in the fields of objects, by kind and field, read for the kinds that are asked for."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents: dict[GroupKind, list[Document]] = {}
        for document in documents:
            self._documents.setdefault(document.identity.group_kind, []).append(document)
        self._names: dict[GroupKind, frozenset[tuple[Path, str]]] = {}

    def has(self, kind: GroupKind, path: Path, name: str) -> bool:
        """Tell whether an object of the kind names something in a field, whatever the position in a list."""
        if kind not in self._names:
            self._names[kind] = frozenset(
                pair for document in self._documents.get(kind, ()) for pair in _labels(document.data, ())
            )
        return (_whole(path), name.rpartition(".")[2]) in self._names[kind]


def _labels(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        for found in _LABEL.finditer(value):
            yield path, found[0]
    elif is_mapping(value):
        for key, item in value.items():
            yield (*path, key), key
            yield from _labels(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _labels(item, (*path, "[*]"))


def _whole(path: Path) -> Path:
    return tuple("[*]" if isinstance(step, int) else step for step in path)


def _not_covered(document: Document, named: Sequence[Mention], targets: Targets) -> Diagnostic:
    gray = dict.fromkeys(targets.gray_names[mention.target] for mention in named)
    subject = "its gray copy is" if len(_targets(named)) == 1 else "their gray copies are"
    return _finding(
        document,
        named,
        code="GC351" if _speaks_of_authentication(document) else "GC350",
        message=f"`{document.identity.ref}` names {_show(named)}; {subject} not covered",
        help=f"let it name {_list(gray)} too, or put another one for the gray side beside it; where it is for "
        "production alone, accept the finding with `spec.accept`",
    )


def _not_followed(document: Document, kept: Sequence[Mention], targets: Targets) -> Diagnostic:
    identity = document.identity
    first = kept[0]
    # What production's route or Service is guarded by, the copy does not guard the gray one by either.
    guards = _speaks_of_authentication(document) and any(
        target in targets.entries or target.group_kind == (CORE, "Service")
        for mention in kept
        for target in (mention.target, *mention.others)
    )
    if first.target in targets.entries or first.key:
        help_ = (
            f"write `share: [{identity.ref}]` to leave it to the baseline, and put one for "
            f"`{targets.gray_names[first.target]}` beside it; or accept the finding with `spec.accept`"
        )
    elif get(document.data, first.path) != first.target.name:
        help_ = (
            "write the gray name with `patches` where the copy should name the gray one, or accept the finding with "
            "`spec.accept`"
        )
    else:
        row = f"{{kind: {identity.kind}, path: {_show_row(first.path)}, to: {first.target.group_kind[1]}}}"
        help_ = (
            f"add `{row}`{' (or the kind that it is)' if first.others else ''} to `spec.references` where the copy "
            "should name the gray one, or accept the finding with "
            "`spec.accept`"
        )
    return _finding(
        document,
        kept,
        code="GC351" if guards else "GC350",
        message=f"the copy of `{identity.ref}` keeps naming {_show(kept)}, which "
        + ("has a gray copy" if len(_targets(kept)) == 1 else "have gray copies"),
        help=help_,
    )


def _finding(document: Document, mentions: Sequence[Mention], *, code: str, message: str, help: str) -> Diagnostic:
    places: Mapping[tuple[Path, bool], Mention] = {(mention.path, mention.key): mention for mention in mentions}
    (first, key), *others = places
    notes = [note_at(document, path, f"and `{show_path(path)}`") for path, _ in others[:_MOST_NOTES]]
    if len(others) > _MOST_NOTES:
        notes.append(Note(message=f"and {len(others) - _MOST_NOTES} more fields"))
    return at_object(
        document,
        first,
        code=code,
        message=message,
        help=help,
        notes=tuple(notes),
        names=tuple(dict.fromkeys(mention.target.name for mention in mentions)),
        key=key,
    )


def _targets(mentions: Iterable[Mention]) -> tuple[ObjectKey, ...]:
    return tuple(dict.fromkeys(mention.target for mention in mentions))


def _show(mentions: Iterable[Mention]) -> str:
    """Return what is named; what a field leaves open as all that it may be: `web` (`Ingress/web` or `Service/web`)."""
    shown: dict[ObjectKey, str] = {}
    for mention in mentions:
        keys = dict.fromkeys(f"`{key.group_kind[1]}/{key.name}`" for key in (mention.target, *mention.others))
        meant = f"`{mention.target.name}` ({' or '.join([*keys][:_MOST_NAMES])})" if len(keys) > 1 else next(iter(keys))
        shown.setdefault(mention.target, meant)
    more = len(shown) - _MOST_NAMES
    return ", ".join([*shown.values()][:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _list(names: Iterable[str]) -> str:
    shown = [f"`{name}`" for name in names]
    more = len(shown) - _MOST_NAMES
    return ", ".join(shown[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _show_row(path: Path) -> str:
    text = show_path(tuple("*" if isinstance(step, int) else step for step in path))
    return re.sub(r"\.\*(?=\.|$)", "[*]", text)


def _speaks_of_authentication(document: Document) -> bool:
    """Tell whether an object says who may enter.

    Its kind does, or a field near the top of its spec, or a value there that allows or denies; of an extension, whose
    kind says nothing, its name or what it names as its plugin.
    """
    kind = words_of(document.identity.kind)
    spec = document.data.get("spec", document.data)
    fields = list(_near_the_top(spec, 2))
    if any(isinstance(value, str) and value.lower() in ADMITTING.get(key, ()) for key, value in fields):
        return True
    words = kind.union(*(words_of(key) for key, _ in fields))
    if kind & EXTENSION_WORDS:
        named = (value for key, value in fields if words_of(key) & PLUGIN_WORDS and isinstance(value, str))
        words = words.union(words_of(document.identity.name), *(words_of(text) for text in named))
    return bool(words & AUTHENTICATION_WORDS)


def _near_the_top(value: object, depth: int) -> Iterator[tuple[str, object]]:
    if is_mapping(value) and depth:
        for key, item in value.items():
            yield key, item
            yield from _near_the_top(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            yield from _near_the_top(item, depth)
