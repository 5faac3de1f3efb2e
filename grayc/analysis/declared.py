"""What declarations of Flux and Argo CD near a release say of its baseline: variables, and images that they write."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import note_at
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import GroupKind
from grayc.k8s.variables import (
    APPLICATION,
    HELM_RELEASE,
    IMAGE_LIST,
    IMAGE_POLICY,
    IMAGE_UPDATER,
    KUSTOMIZATION,
    SUBSTITUTE,
    SUBSTITUTE_FROM,
    image_name,
    images_listed,
    variables_in,
)
from grayc.records import dataclass, replace

DECLARED = frozenset({KUSTOMIZATION, APPLICATION, IMAGE_UPDATER})
"""The kinds that are looked for."""

_ROWS: Mapping[GroupKind, str] = {APPLICATION: "argocd", KUSTOMIZATION: "flux", HELM_RELEASE: "flux"}
"""What installs workloads → the source of a baseline that takes its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Where a variable is given a value."""

    document: Document
    path: Path


def given_variables(declared: Iterable[Document]) -> Mapping[str, Given]:
    """Return the variables that Kustomizations give values, the first of each name."""
    found: dict[str, Given] = {}
    for document in declared:
        if document.identity.group_kind == KUSTOMIZATION:
            for name in get_map(document.data, SUBSTITUTE):
                found.setdefault(name, Given(document=document, path=(*SUBSTITUTE, name)))
    return found


def other_givers(declared: Iterable[Document]) -> tuple[Document, ...]:
    """Return the Kustomizations that take variables from the cluster, whose names nobody knows."""
    return tuple(
        document
        for document in declared
        if document.identity.group_kind == KUSTOMIZATION and get_list(document.data, SUBSTITUTE_FROM)
    )


def image_writers(declared: Iterable[Document]) -> Mapping[str, Document]:
    """Return the images, without tags, that Argo CD's Image Updater writes by itself, with what tells it to."""
    found: dict[str, Document] = {}
    for document in declared:
        for name in _updated_by(document):
            found.setdefault(name, document)
    return found


def _updated_by(document: Document) -> Iterator[str]:
    if document.identity.group_kind == APPLICATION:
        yield from images_listed(get_text(document.data, ("metadata", "annotations", IMAGE_LIST)))
    elif document.identity.group_kind == IMAGE_UPDATER:
        for reference in get_list(document.data, ("spec", "applicationRefs")):
            for image in get_list(reference, ("images",)):
                yield image_name(get_text(image, ("imageName",)))


def expressions_in(data: object, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Yield path, expression and name of every variable in an object's values."""
    if isinstance(data, str):
        for expression, name in variables_in(data):
            yield path, expression, name
    elif is_mapping(data):
        for key, item in data.items():
            yield from expressions_in(item, (*path, key))
    elif isinstance(data, list):
        for at, item in enumerate(data):
            yield from expressions_in(item, (*path, at))


def name_givers(
    diagnostics: tuple[Diagnostic, ...], look: Callable[[], tuple[Document, ...]]
) -> tuple[Diagnostic, ...]:
    """Return findings about names that hold a variable with the place that gives its value, where one is near.

    Args:
        look: finds the declarations; asked only where a name holds a variable.
    """
    if not any(variables_in(item.message) for item in diagnostics):
        return diagnostics
    given = given_variables(look())
    return tuple(_with_giver(item, given) for item in diagnostics)


def _with_giver(item: Diagnostic, given: Mapping[str, Given]) -> Diagnostic:
    giver = next((given[name] for _, name in variables_in(item.message) if name in given), None)
    if giver is None:
        return item
    source = giver.document.chunk.source.shown
    return replace(
        item,
        notes=(*item.notes, note_at(giver.document, giver.path, f"`{giver.document.identity.ref}` gives its value")),
        help=f"Flux fills this in: name `{{flux: {source}}}` as the source of the baseline",
    )


def installed_by(documents: Iterable[Document], name: str = "", *, first: Callable[[str], str] | None = None) -> str:
    """Return what to name as a source, where no workload stands in the baseline but what installs them; "" for nothing.

    Args:
        name: of the workload that is looked for; one that is called so comes first.
        first: path of a file → the command that makes a first release of it; None where there is a release.
    """
    found = [document for document in documents if document.identity.group_kind in _ROWS]
    if not found:
        return ""
    own = next((each for each in found if name and name == each.identity.name), found[0])
    row, source = _ROWS[own.identity.group_kind], own.chunk.source
    more = f", and {len(found) - 1} more of its kind," if len(found) > 1 else ""
    if first is not None and not source.origin:
        return f"`{own.identity.ref}`{more} installs what runs, and is no workload itself: {first(source.shown)}"
    file = "the file that it stands in" if source.origin else f"`{{{row}: {source.shown}}}`"
    return (
        f"`{own.identity.ref}`{more} installs what runs, and is no workload itself: name {file} as a source of the "
        f"baseline{f', as `{{{row}: FILE}}`' if source.origin else ''}; or name what it renders to as a file"
    )


def policy_in(line: str) -> str:
    """Return the policy by which Flux's image automation writes the value of a line, "" where none does."""
    match = IMAGE_POLICY.search(line)
    return match[1] if match is not None else ""


def value_for(template: str, expression: str, text: str) -> str:
    """Return the value of a variable with which a text comes of another one, "" where none does."""
    before, _, after = template.partition(expression)
    fits = text.startswith(before) and text.endswith(after) and len(text) > len(before) + len(after)
    value = text[len(before) : len(text) - len(after)] if fits else ""
    return "" if variables_in(after) or variables_in(before) else value
