"""Variables `${NAME}` in gray objects: somebody fills them in, and none that the release wrote itself."""

from collections.abc import Iterator, Mapping

from grayc.analysis.declared import Given, expressions_in, given_variables
from grayc.analysis.graph import is_workload
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get_text, show_path
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.gitops import DISABLED, FLUX_SUBSTITUTE
from grayc.k8s.kinds import AUTOSCALING, CORE, POLICY, GroupKind
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.k8s.variables import FREE_TEXT
from grayc.plan.model import ReleasePlan
from grayc.spec.model import Gitops

_STRUCTURED: frozenset[GroupKind] = frozenset(
    {
        (CORE, "Service"),
        (AUTOSCALING, "HorizontalPodAutoscaler"),
        (POLICY, "PodDisruptionBudget"),
        *ROUTING_KINDS,
        *(kind for gateway in GATEWAYS.values() for kind in gateway.entry_kinds),
    }
)
"""Kinds, beside workloads, whose fields hold no text for programs, but for those of `FREE_TEXT`."""

_MOST_SHOWN = 3


def check_variables(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the gray objects with variables that nobody fills in, or with text that somebody would take for one.

    With `gitops: flux` the Kustomization that applies the output fills variables in, those of the release too where an
    object has both. Without it `${NAME}` in a field that is no free text is none of a program, and one that a
    Kustomization near the release gives a value is Flux's wherever it stands.

    Diagnostics:
        GC590: a variable that nobody fills in.
        GC591: text of the release that Flux fills in.
    """
    if not _may_have(documents, plan):
        return ()
    if plan.spec.output.gitops is Gitops.FLUX:
        return tuple(_filled_in(documents, plan))
    given = given_variables(plan.declared)
    return tuple(finding for document in documents for finding in _left_open(document, given))


def _may_have(documents: tuple[Document, ...], plan: ReleasePlan) -> bool:
    """Tell at little cost whether any object may hold a variable: most releases have none in any text."""
    chunks = {document.chunk for document in documents} | {plan.spec.document.chunk}
    chunks |= {patch.chunk for patches in plan.patches.values() for patch in patches}
    return any("${" in chunk.text for chunk in chunks)


def _left_open(document: Document, given: Mapping[str, Given]) -> Iterator[Diagnostic]:
    kind = document.identity.group_kind
    is_structured = is_workload(document) or kind in _STRUCTURED
    found = [
        (path, expression, name)
        for path, expression, name in expressions_in(document.data)
        if name in given or (is_structured and FREE_TEXT.isdisjoint(step for step in path if isinstance(step, str)))
    ]
    if not found:
        return
    path, _, name = next((each for each in found if each[2] in given), found[0])
    shown = list(dict.fromkeys(expression for _, expression, _ in found))
    words = ", ".join(f"`{expression}`" for expression in shown[:_MOST_SHOWN])
    words += f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    giver = given.get(name)
    source = giver.document.chunk.source.shown if giver is not None else ""
    known = f"`{giver.document.identity.ref}` of `{source}` gives `{name}`: " if giver is not None else ""
    way = f"`{{flux: {source}}}`" if giver is not None else "what that gives, as a file or a kustomization,"
    yield at_object(
        document,
        path,
        code="GC590",
        message=f"`{show_path(path)}` of gray `{document.identity.ref}` has {words}, and nobody fills "
        f"{'it' if len(shown) == 1 else 'them'} in: the output is applied as it is",
        notes=(note_at(giver.document, giver.path, "the value is given here"),) if giver is not None else (),
        help=f"{known}name {way} as the source of the baseline; or set `output.gitops: flux`, and apply the output by "
        "a Kustomization with the same `postBuild`",
    )


def _filled_in(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    before = {document.place: document.data for document in plan.baseline}
    for document in documents:
        own = {expression for _, expression, _ in expressions_in(before.get(document.place, {}))}
        mark = get_text(document.data, ("metadata", "annotations", FLUX_SUBSTITUTE))
        if not own or mark == DISABLED:
            continue
        for path, expression, _ in expressions_in(document.data):
            if expression not in own:
                yield at_object(
                    document,
                    path,
                    code="GC591",
                    message=f"Flux fills in `{expression}` at `{show_path(path)}` of gray `{document.identity.ref}` as "
                    f"well: production's `{min(own)}` in the same object is to be filled in",
                    help=f"write `${expression}` in the release where the text is to stay as it is",
                )
                break
