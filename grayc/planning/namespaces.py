"""Which namespace each object of the baseline is in, decided once for all that compares namespaces later."""

from collections import Counter
from collections.abc import Iterable, Iterator

from grayc.analysis.graph import references_of
from grayc.analysis.label_masks import first_in
from grayc.analysis.selections import Namespaces, SelectableIndex, all_selections, pods_of, services_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object
from grayc.documents.model import KeptForBaselines
from grayc.k8s.kinds import CLUSTER_SCOPED, DEFAULT_NAMESPACE, SYSTEM_NAMESPACES, GroupKind, Policy, kind_row
from grayc.k8s.selectors import SelectorUse
from grayc.planning.index import BaselineIndex
from grayc.records import dataclass
from grayc.spec.findings import at_spec
from grayc.spec.model import ReleaseSpec

_MOST_SHOWN = 3
"""Places that are shown where objects with and without a namespace meet: the answer is one line for all of them."""

_PLACED: KeptForBaselines[tuple[Document, ...]] = KeptForBaselines(8)


def place_baseline(spec: ReleaseSpec, baseline: tuple[Document, ...]) -> tuple[Document, ...]:
    """Return the baseline with every object that names no namespace in the release's; the same tuple where all are.

    Source: release language, `spec.namespace`: an object that names none is in it, for every check, reference, hop,
    expectation and printed command.
    """
    home = spec.namespace or ""
    if all(document.home == home for document in baseline):
        return baseline
    return _PLACED.get(baseline, home, lambda: tuple(document.placed(home) for document in baseline))


def check_namespaces(spec: ReleaseSpec, index: BaselineIndex) -> tuple[Diagnostic, ...]:
    """Return what is wrong with where the objects of a placed baseline are.

    Diagnostics:
        GC132: with `spec.namespace`, two objects are the same one.
        GC360: without it, a reference, a selector or a name leads from an object that names a namespace to one that
            names none, or back.
    """
    if spec.namespace is not None:
        return tuple(_made_one(spec, index.documents))
    met = list(_meetings(index))
    return (_not_said(spec, met),) if met else ()


def likely_namespace(spec: ReleaseSpec, index: BaselineIndex) -> str:
    """Return the namespace that most places show at which GC360 asks for one, "" where it does not ask."""
    met = [] if spec.namespace is not None else [meeting.namespace for meeting in _meetings(index)]
    # Applications are in none of the system's.
    count = Counter(each for each in met if each and not each.startswith(SYSTEM_NAMESPACES))
    return min(count, key=lambda each: (-count[each], each), default=DEFAULT_NAMESPACE) if met else ""


def _made_one(spec: ReleaseSpec, baseline: Iterable[Document]) -> Iterator[Diagnostic]:
    """Yield the objects that the release's namespace makes the same: one names it, the other names none."""
    first: dict[ObjectKey, Document] = {}
    for document in baseline:
        earlier = first.setdefault(document.identity.key, document)
        if earlier is document or earlier.written_namespace == document.written_namespace:
            continue
        silent, named = (document, earlier) if earlier.written_namespace else (earlier, document)
        yield at_object(
            silent,
            ("metadata", "name"),
            code="GC132",
            message=f"`{silent.identity.ref}`, which names no namespace, and the one in `{spec.namespace}` are the "
            f"same object: the release says that an object which names none is in `{spec.namespace}`",
            notes=(
                Note(message="the other is here", span=named.span(("metadata", "name"))),
                Note(message="the release's namespace", span=spec.span(("spec", "namespace"))),
            ),
            help="delete one, name only one of the folders, or write the namespace that it is in into the object",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    """A place where an object that names a namespace and one that names none have to do with each other.

    Attributes:
        words: what leads from the one to the other, as a clause.
        namespace: that the objects without one would be in.
        target: what a reference names; None for other meetings, whose path is known.
    """

    document: Document
    path: Path
    words: str
    namespace: str
    target: ObjectKey | None = None


def _meetings(index: BaselineIndex) -> Iterator[_Meeting]:
    silent = [each for each in index.documents if not _is_in_none(each) and not each.identity.namespace]
    named = [each for each in index.documents if each.identity.namespace]
    if not silent:
        return
    yield from _equal_names(silent, named)
    yield from _references(index, silent, named)
    yield from _selectors(silent, named)


def _is_in_none(document: Document) -> bool:
    return document.identity.group_kind in CLUSTER_SCOPED


def _stays(group_kind: GroupKind) -> bool:
    """Tell whether no release ever copies such an object: where it is makes no difference to a lane."""
    return kind_row(group_kind).policy is Policy.SHARE


def _equal_names(silent: Iterable[Document], named: Iterable[Document]) -> Iterator[_Meeting]:
    of_name = _by_name(named)
    for document in silent:
        if _stays(document.identity.group_kind):
            continue
        other = next(iter(of_name.get(_name_of(document), ())), None)
        if other is not None:
            yield _Meeting(
                document=document,
                path=("metadata", "name"),
                words=f"`{document.identity.ref}` names none, and there is one in `{other.identity.namespace}`",
                namespace=other.identity.namespace,
            )


def _by_name(documents: Iterable[Document]) -> dict[tuple[GroupKind, str], list[Document]]:
    found: dict[tuple[GroupKind, str], list[Document]] = {}
    for document in documents:
        found.setdefault(_name_of(document), []).append(document)
    return found


def _name_of(document: Document) -> tuple[GroupKind, str]:
    return document.identity.group_kind, document.identity.name


def _references(index: BaselineIndex, silent: Iterable[Document], named: Iterable[Document]) -> Iterator[_Meeting]:
    """Yield the references that lead nowhere, and would lead somewhere if an object without a namespace were in one."""
    without, within = _by_name(silent), _by_name(named)
    for target, referrers in index.referrers.items():
        if target in index.by_key or _stays(target.group_kind):
            continue
        others = (without if target.namespace else within).get((target.group_kind, target.name), ())
        for other in others[:1]:
            referrer = referrers[0]
            where = f" in `{target.namespace}`" if target.namespace else ""
            yield _Meeting(
                document=referrer,
                path=("metadata", "name"),
                words=f"`{referrer.identity}` names `{target.group_kind[1]}/{target.name}`{where}, and the only one "
                f"{_place_of(other)}",
                namespace=target.namespace or other.identity.namespace,
                target=target,
            )


def _place_of(document: Document) -> str:
    namespace = document.identity.namespace
    return f"is in `{namespace}`" if namespace else "names no namespace"


def _selectors(silent: Iterable[Document], named: Iterable[Document]) -> Iterator[_Meeting]:
    """Yield the selectors of one side that would find what is on the other, were they in one namespace."""
    sides = tuple(tuple(side) for side in (silent, named))
    if not all(sides):
        return
    pods, services = ([SelectableIndex(find(side)) for side in sides] for find in (pods_of, services_of))
    for at, side in enumerate(sides):
        for selection in all_selections(side):
            names = selection.namespaces.names
            if not names or selection.namespaces.selector is not None or selection.use is SelectorUse.PLACEMENT:
                continue
            # What asks for nothing speaks of nobody.
            if not selection.value:
                continue
            others = (services if selection.of_services else pods)[1 - at]
            first = first_in(others.mask(selection.field, selection.value, Namespaces()))
            if first is not None:
                other = others.items[first].document
                yield _Meeting(
                    document=selection.document,
                    path=selection.path,
                    words=f"`{selection.document.identity}` selects by labels that `{other.identity.ref}` has, which "
                    f"{_place_of(other)}",
                    namespace=next((name for name in sorted(names) if name), other.identity.namespace),
                )


def _path_of(meeting: _Meeting, spec: ReleaseSpec) -> Path:
    if meeting.target is None:
        return meeting.path
    named = (each.path for each in references_of(meeting.document, spec) if each.target == meeting.target)
    return next(named, meeting.path)


def _not_said(spec: ReleaseSpec, met: list[_Meeting]) -> Diagnostic:
    namespaces = sorted({meeting.namespace for meeting in met} - {""})
    first = met[0]
    more = len(met) - _MOST_SHOWN
    notes = [Note(message=each.words, span=each.document.span(_path_of(each, spec))) for each in met[:_MOST_SHOWN]]
    if more > 0:
        notes.append(Note(message=f"and {more} more of the kind"))
    named = f"`namespace: {namespaces[0]}`" if len(namespaces) == 1 else "`namespace: NAME`"
    return at_spec(
        spec,
        ("spec",),
        key=True,
        code="GC360",
        message=f"objects that name a namespace meet objects that name none, and the release does not say where those "
        f"are: {first.words}",
        object=first.document.identity.ref,
        notes=tuple(notes),
        help=f"write {named} below `spec`"
        + (f" ({', '.join(f'`{name}`' for name in namespaces)}, or another)" if len(namespaces) > 1 else "")
        + ": an object that names none is then in it, for all that grayc reads, checks and prints",
    )
