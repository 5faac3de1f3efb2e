"""Releases against the schemas of Kubernetes, and against the calendar."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grayc.checks.accept import accept_validated
from grayc.conform import with_jsonschema, with_kubeconform
from grayc.conform.model import Conformance, ConformError, CostError, Engine, Mismatch, together
from grayc.conform.report import findings
from grayc.conform.schemas import Schemas, carried, key_of, load_schemas, versions
from grayc.diagnostics import Checked, Diagnostic, Mark, has_errors
from grayc.documents import Document
from grayc.driver.compile import compile_other_steps, compile_releases
from grayc.driver.custom_kinds import SCHEMAS, SIMPLER, defined_by, kinds_among, schemas_below
from grayc.driver.planning import expired
from grayc.driver.request import STDIN, Request, all_of, find_specs
from grayc.records import replace
from grayc.source import SourceError
from grayc.source.program import find_program
from grayc.source.seen import now

_INSTEAD = "with `--engine jsonschema`, grayc compares by itself"


def validate_releases(
    request: Request, *, version: str, crd_schemas: Path | None, today: str, engine: str
) -> Checked[Conformance]:
    """Compile releases, compare what they compile to with Kubernetes' schemas, and look at their dates.

    Args:
        version: of Kubernetes, `1.30` or `1.30.2`; "" for the newest that there are schemas of.
        crd_schemas: a folder with schemas of custom kinds; those that the baseline defines count too.
        today: the day, as ISO 8601 has it.
        engine: who compares: an `Engine`, or `auto` for kubeconform where it is on PATH.
    Diagnostics:
        GC720: a lane is past its date. GC721, GC722: see `conform.report`. GC723: there are no schemas of the
        version. GC724: kubeconform gives no answer. GC725: there is no schema in the folder, or a broken one there or
        in the baseline. GC726: a schema costs too much to ask.
    """
    binary = _find_kubeconform(request, engine)
    wanted = _minor_version(version)
    compiled = compile_releases(request)
    given = schemas_below(crd_schemas)
    diagnostics = (*compiled.diagnostics, *binary.diagnostics, *wanted.diagnostics, *given.diagnostics)
    if compiled.value is None or wanted.value is None or given.value is None or has_errors(binary.diagnostics):
        return Checked(value=None, diagnostics=diagnostics)
    releases = compiled.value.releases
    late = tuple(item for release in releases for item in expired(release.plan.spec, today))
    if not request.step:
        others = compile_other_steps(compiled.value, diagnostics)
        diagnostics = (*diagnostics, *others.diagnostics)
        releases += others.value or ()
    shared = compiled.value.mesh.documents
    documents = list(_different((*(document for release in releases for document in release.documents), *shared)))
    keys = list(map(key_of, documents))
    # What the user names counts before what the baseline says, and both before what grayc carries.
    named = kinds_among(given.value, keys)
    defined = kinds_among(
        (each for release in compiled.value.releases for each in defined_by(release.plan.baseline)), keys
    )
    diagnostics = (*diagnostics, *named.diagnostics, *defined.diagnostics, *late)
    if named.value is None or defined.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    now("comparing objects with schemas")
    conformed = _conform(
        documents, load_schemas(wanted.value, {**carried(keys), **defined.value, **named.value}), binary.value
    )
    # What the lanes of a mesh have in common is no lane's, and like each of them.
    owned = [*((each.plan, each.documents) for each in releases), (releases[0].plan, shared)]
    found = tuple(findings(conformed.value, owned)) if conformed.value else ()
    for release in compiled.value.releases if conformed.value else ():
        found = accept_validated(release.plan, found)
    # What its schema has against a value says more than that the reader found it odd.
    said = {item.span for item in found}
    diagnostics = tuple(item for item in diagnostics if item.mark is not Mark.ODD_VALUE or item.span not in said)
    return replace(conformed, diagnostics=(*diagnostics, *conformed.diagnostics, *found))


def validate_each(
    request: Request, *, version: str, crd_schemas: Path | None, today: str, engine: str
) -> Checked[Conformance]:
    """Look at every spec as `validate_releases` looks at one that is alone, and return what was found together."""
    looked = all_of(
        find_specs(request),
        lambda spec: validate_releases(
            replace(request, specs=(spec.name if spec.path is not None else STDIN,)),
            version=version,
            crd_schemas=crd_schemas,
            today=today,
            engine=engine,
        ),
    )
    answer = together(looked.value) if looked.value is not None else None
    return Checked(value=answer, diagnostics=looked.diagnostics)


def _different(documents: Iterable[Document]) -> Iterator[Document]:
    """Yield objects, each state of one once."""
    seen: set[str] = set()
    for document in documents:
        text = json.dumps(document.data, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield document


def _find_kubeconform(request: Request, engine: str) -> Checked[Path]:
    """Return kubeconform, None where grayc compares by itself; one that lies beside the input is passed over."""
    if engine == Engine.JSONSCHEMA:
        return Checked(value=None)
    try:
        folders = [given.folder for given in find_specs(request).value or ()]
        return Checked(value=find_program(("kubeconform",), (*folders, *request.allowed_roots)))
    except SourceError as error:
        missing = Diagnostic(code="GC724", message=error.message, help=f"{error.help}; {_INSTEAD}")
        return Checked(value=None, diagnostics=(missing,) if engine == Engine.KUBECONFORM else ())


def _conform(documents: Sequence[Document], schemas: Schemas, kubeconform: Path | None) -> Checked[Conformance]:
    """Compare objects with their schemas; those of kinds that Kubernetes does not have fit none."""
    refused = [
        Mismatch(document=document, at=("kind",), message=refusal[0], help=refusal[1])
        for document in documents
        if (refusal := schemas.refusal(document)) is not None
    ]
    unasked = {id(found.document) for found in refused}
    others = [document for document in documents if id(document) not in unasked]
    try:
        if kubeconform is None:
            conformed = with_jsonschema.conform(others, schemas)
        else:
            conformed = with_kubeconform.conform(others, schemas, kubeconform)
    except CostError as error:
        return Checked(value=None, diagnostics=(Diagnostic(code="GC726", message=str(error), help=SIMPLER),))
    except ConformError as error:
        if kubeconform is None:
            failed = Diagnostic(code="GC725", message=str(error), help=SCHEMAS)
        else:
            failed = Diagnostic(code="GC724", message=f"kubeconform gives no answer: {error}", help=_INSTEAD)
        return Checked(value=None, diagnostics=(failed,))
    mismatches = (*refused, *conformed.mismatches)
    return Checked(value=replace(conformed, checked=conformed.checked + len(refused), mismatches=mismatches))


def _minor_version(version: str) -> Checked[str]:
    known = versions()
    if not version:
        return Checked(value=known[-1])
    parts = version.removeprefix("v").split(".")
    minor = ".".join(parts[:2])
    if minor in known and len(parts) <= 3 and all(part.isdecimal() for part in parts):
        return Checked(value=minor)
    unknown = Diagnostic(
        code="GC723",
        message=f"there are no schemas of Kubernetes `{version}`",
        help=f"choose one of {known[0]} to {known[-1]}",
    )
    return Checked(value=None, diagnostics=(unknown,))
