"""What controllers make of the objects of a baseline: it is in the cluster, and in no file."""

from collections.abc import Iterable, Iterator

from grayc.analysis.graph import made_by
from grayc.documents import Document, ObjectKey
from grayc.documents.model import KeptForBaselines
from grayc.documents.tree import get_map, get_text, matches
from grayc.k8s.kinds import CORE, GATEWAY, NETWORKING, GroupKind
from grayc.k8s.makers import CONNECTION_SECRET, ISSUER_ANNOTATIONS, MAKERS, Made
from grayc.k8s.references import read_pattern
from grayc.plan.model import key_of
from grayc.spec.model import ReleaseSpec

_SECRET: GroupKind = (CORE, "Secret")
_SERVED = {
    (NETWORKING, "Ingress"): read_pattern("spec.tls[*].secretName"),
    (GATEWAY, "Gateway"): read_pattern("spec.listeners[*].tls.certificateRefs[*].name"),
}
"""Kind → where it names the Secrets that it serves TLS with."""


class MadeObjects:
    """What controllers make, by key, with the object that they make it of."""

    def __init__(self, baseline: Iterable[Document], spec: ReleaseSpec) -> None:
        self._by_key: dict[ObjectKey, Document] = {}
        self._everywhere: dict[tuple[GroupKind, str], Document] = {}
        for document in baseline:
            for key in made_by(document, spec):
                self._by_key.setdefault(key, document)
            for key, is_everywhere in _made_of(document, spec):
                if is_everywhere:
                    self._everywhere.setdefault((key.group_kind, key.name), document)
                self._by_key.setdefault(key, document)

    @property
    def by_key(self) -> Iterable[tuple[ObjectKey, Document]]:
        """What is made, each with the object that it is made of, in the order of the baseline."""
        return self._by_key.items()

    def maker_of(self, key: ObjectKey) -> Document | None:
        """Return the object that a controller makes another of, None where none does."""
        return self._by_key.get(key) or self._everywhere.get((key.group_kind, key.name))


_KEPT: KeptForBaselines[MadeObjects] = KeptForBaselines(4)


def made_objects(baseline: tuple[Document, ...], spec: ReleaseSpec) -> MadeObjects:
    """Return what is made of a baseline, as it was found for an earlier release where both agree; see `index_of`."""
    return _KEPT.get(baseline, (spec.namespace or "", spec.references), lambda: MadeObjects(baseline, spec))


def _made_of(document: Document, spec: ReleaseSpec) -> Iterator[tuple[ObjectKey, bool]]:
    """Yield what is made of an object, and whether there is one in every namespace."""
    kind = document.identity.group_kind
    home = key_of(spec, document.identity).namespace
    for made in (*MAKERS.get(kind, ()), *((CONNECTION_SECRET,) if _is_managed(document) else ())):
        namespace = get_text(document.data, read_pattern(made.namespace)) if made.namespace else ""
        for name in _names(document, made):
            for group_kind in made.kinds:
                yield ObjectKey(group_kind=group_kind, namespace=namespace or home, name=name), made.is_everywhere
    annotations = get_map(document.data, ("metadata", "annotations"))
    if kind in _SERVED and any(key in annotations for key in ISSUER_ANNOTATIONS):
        for _, served in matches(document.data, _SERVED[kind]):
            if isinstance(served, str):
                yield ObjectKey(group_kind=_SECRET, namespace=home, name=served), False


def _is_managed(document: Document) -> bool:
    return bool(get_map(document.data, ("spec", "writeConnectionSecretToRef")))


def _names(document: Document, made: Made) -> Iterator[str]:
    for _, text in matches(document.data, read_pattern(made.path)):
        if isinstance(text, str) and text:
            yield from (name.format(text) for name in made.names)
