"""Class what the copies name: it is gray too, shared, made outside of the files, or missing."""

from collections.abc import Iterable, Iterator, Mapping

from grayc.analysis.graph import Reference, references_of
from grayc.analysis.made import made_objects
from grayc.diagnostics import Diagnostic, did_you_mean
from grayc.documents import Document, ObjectKey
from grayc.documents.findings import at_object
from grayc.documents.tree import get
from grayc.k8s.kinds import CLUSTER_SCOPED, CORE, GroupKind
from grayc.k8s.makers import IN_EVERY_NAMESPACE
from grayc.k8s.references import Form
from grayc.plan.model import Copy, Named, NamedState
from grayc.plan.reasons import Why, because
from grayc.planning.index import BaselineIndex
from grayc.spec.findings import at_spec
from grayc.spec.model import ReleaseSpec

_CONFIG_MAP: GroupKind = (CORE, "ConfigMap")
_SECRET: GroupKind = (CORE, "Secret")
_MOST_NAMES = 5


def class_named(
    spec: ReleaseSpec, index: BaselineIndex, copies: Iterable[Copy], gray_names: Mapping[ObjectKey, str]
) -> tuple[tuple[Named, ...], tuple[Diagnostic, ...]]:
    """Return what the copies name, each object once for each service, and what of it nothing holds.

    A host or URL may lead out of the cluster, so it counts only where the baseline has its Service.

    Diagnostics:
        GC352: a ConfigMap is neither in the baseline nor made of an object of it.
        GC409: Secrets are not, which are seldom in Git.
    """
    rows: dict[tuple[str, ObjectKey], Named] = {}
    lacking: dict[ObjectKey, tuple[Document, Reference]] = {}
    for copy in copies:
        for reference in references_of(copy.document, spec):
            target = reference.target
            known = rows.get((copy.service.name, target))
            if known is not None and known.state is not NamedState.MISSING:
                continue
            named = _class(spec, index, copy, reference, gray_names)
            if named is None:
                continue
            rows.setdefault((copy.service.name, target), named)
            if named.state is NamedState.MISSING and not named.is_optional:
                rows[copy.service.name, target] = named
                lacking.setdefault(target, (copy.document, reference))
    return tuple(rows.values()), tuple(_findings(spec, index, lacking))


def _class(
    spec: ReleaseSpec,
    index: BaselineIndex,
    copy: Copy,
    reference: Reference,
    gray_names: Mapping[ObjectKey, str],
) -> Named | None:
    target = reference.target
    is_optional = False
    if target in gray_names:
        state, reason = NamedState.GRAY, because(Why.COPIED_AS, name=gray_names[target])
    elif target in index.by_key:
        state, reason = NamedState.SHARED, because(Why.SHARED)
    elif reference.row.form in (Form.HOST, Form.URL, Form.RESOURCE):
        return None
    elif (maker := made_objects(index.documents, spec).maker_of(target)) is not None:
        state, reason = NamedState.OUTSIDE, because(Why.MADE, object=maker.identity.ref)
    elif (target.group_kind, target.name) in IN_EVERY_NAMESPACE:
        state, reason = NamedState.OUTSIDE, because(Why.IN_EVERY_NAMESPACE)
    elif target.group_kind in CLUSTER_SCOPED:
        state, reason = NamedState.OUTSIDE, because(Why.CLUSTERS)
    else:
        is_optional = get(copy.document.data, (*reference.path[:-1], "optional")) is True
        state = NamedState.MISSING
        reason = because(Why.NO_FILE_OPTIONAL if is_optional else Why.NO_FILE)
    return Named(
        service=copy.service.name,
        document=copy.document,
        path=reference.path,
        target=target,
        state=state,
        reason=reason,
        is_optional=is_optional,
    )


def _findings(
    spec: ReleaseSpec, index: BaselineIndex, lacking: Mapping[ObjectKey, tuple[Document, Reference]]
) -> Iterator[Diagnostic]:
    configs = [key for key in lacking if key.group_kind == _CONFIG_MAP]
    if configs:
        there: dict[str, list[str]] = {}
        for key in index.by_key:
            if key.group_kind == _CONFIG_MAP:
                there.setdefault(key.namespace, []).append(key.name)
        for key in configs:
            document, reference = lacking[key]
            yield at_object(
                document,
                reference.path,
                code="GC352",
                message=f"`{document.identity.ref}` names ConfigMap `{key.name}`, which no file of the baseline holds",
                names=(key.name,),
                help=did_you_mean(key.name, sorted(there.get(key.namespace, ())), noun="ConfigMap")
                + "; where it is in the cluster alone, the gray pods share it: accept the finding with `spec.accept`",
            )
    secrets = sorted({key.name for key in lacking if key.group_kind == _SECRET})
    if secrets:
        more = len(secrets) - _MOST_NAMES
        yield at_spec(
            spec,
            ("spec", "services"),
            key=True,
            code="GC409",
            names=tuple(secrets),
            message=f"copies name {'a Secret' if len(secrets) == 1 else f'{len(secrets)} Secrets'} that no file of the "
            f"baseline holds: {', '.join(f'`{name}`' for name in secrets[:_MOST_NAMES])}"
            + (f" and {more} more" if more > 0 else ""),
            help="nothing to do where they are in the cluster: gray pods share them; `grayc plan` shows who names them",
        )
