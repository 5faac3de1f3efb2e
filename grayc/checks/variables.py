"""Variables `${NAME}` in gray objects: somebody fills them in, and none that the release wrote itself."""

from collections.abc import Iterator, Mapping

from grayc.analysis.declared import Given, expressions_in, given_variables
from grayc.analysis.graph import is_workload
from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get_map, get_text, is_mapping, show_path
from grayc.k8s.gateways import GATEWAYS
from grayc.k8s.gitops import DISABLED, FLUX_SUBSTITUTE
from grayc.k8s.kinds import AUTOSCALING, CONFIG_KINDS, CORE, POLICY, GroupKind
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.k8s.variables import ADDRESSES, FREE_TEXT, PLUGIN_PATH, placeholders_in
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
_SIGNS = ("<path:", "ref+", PLUGIN_PATH, "{{", "$")


def check_variables(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the gray objects with variables that nobody fills in, or with text that somebody would take for one.

    With `gitops: flux` the Kustomization that applies the output fills variables in, those of the release too where an
    object has both. Without it `${NAME}` in a field that is no free text is none of a program, and one that a
    Kustomization near the release gives a value is Flux's wherever it stands.

    Diagnostics:
        GC590: a variable or placeholder that nobody fills in.
        GC591: text of the release that Flux fills in.
    """
    others = tuple(finding for document in documents for finding in _of_others(document))
    if not _may_have(documents, plan):
        return others
    if plan.spec.output.gitops is Gitops.FLUX:
        return (*_filled_in(documents, plan), *others)
    given = given_variables(plan.declared)
    return (*(finding for document in documents for finding in _left_open(document, given)), *others)


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


def _of_others(document: Document) -> Iterator[Diagnostic]:
    """Yield the first value that a plugin, vals, a template or a pipe is to fill in: a copy goes another way."""
    # Most objects are told apart by their text, which is not walked then.
    if not any(sign in document.chunk.text for sign in _SIGNS):
        return
    by_annotation = PLUGIN_PATH in get_map(document.data, ("metadata", "annotations"))
    for path, text in _texts(document.data, ()):
        steps = {step for step in path if isinstance(step, str)}
        is_address = not ADDRESSES.isdisjoint(steps) and FREE_TEXT.isdisjoint(steps)
        found = placeholders_in(text, by_annotation=by_annotation, is_address=is_address)
        if found:
            ref, is_config = document.identity.ref, document.identity.group_kind in CONFIG_KINDS
            share = f"share production's by `share: [{ref}]`; or " if is_config else ""
            what = "a placeholder" if is_config else f"`{found[0]}`"
            yield at_object(
                document,
                path,
                code="GC590",
                message=f"`{show_path(path)}` of gray `{ref}` has {what}, and nothing here tells who fills it in: the "
                "output is applied as it is",
                help=f"{share}name what production's files give when they are filled in as the source of the baseline; "
                "or accept it where what applies the output fills it in, such as a plugin of Argo CD",
            )
            return


def _texts(data: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, str):
        yield path, data
    elif is_mapping(data):
        for key, item in data.items():
            yield from _texts(item, (*path, key))
    elif isinstance(data, list):
        for at, item in enumerate(data):
            yield from _texts(item, (*path, at))


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
