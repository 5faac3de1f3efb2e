"""Releases against the schemas of Kubernetes, and against the calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from grayc.conform import with_jsonschema, with_kubeconform
from grayc.conform.model import Conformance
from grayc.conform.report import findings
from grayc.conform.schemas import (
    Schema,
    Schemas,
    custom_schemas,
    is_definition,
    is_schema,
    load_schemas,
    schema_key,
    versions,
)
from grayc.diagnostics import Checked, Diagnostic, Severity
from grayc.documents import Document, parse_documents
from grayc.documents.reader import parse_plain
from grayc.documents.tree import get_text
from grayc.driver.compile import compile_releases
from grayc.driver.planning import expired
from grayc.driver.request import Request, unreadable
from grayc.source import Roots, SourceError, find_sources, read_source


def validate_releases(
    request: Request, *, version: str, crd_schemas: Path | None, today: str, kubeconform: Path | None
) -> Checked[Conformance]:
    """Compile releases, compare what they compile to with Kubernetes' schemas, and look at their dates.

    Args:
        version: of Kubernetes, `1.30` or `1.30.2`; "" for the newest that there are schemas of.
        crd_schemas: a folder with schemas of custom kinds; those that the baseline defines count too.
        today: the day, as ISO 8601 has it.
        kubeconform: who compares; None for jsonschema.
    Diagnostics:
        GC720: a lane is past its date. GC721, GC722: see `conform.report`. GC723: there are no schemas of the version.
        GC724: kubeconform gives no answer. GC725: the folder holds no schema, or a broken one.
    """
    wanted = _minor_version(version)
    compiled = compile_releases(request)
    custom = _custom_schemas(crd_schemas)
    diagnostics = (*compiled.diagnostics, *wanted.diagnostics, *custom.diagnostics)
    if compiled.value is None or wanted.value is None or custom.value is None:
        return Checked(value=None, diagnostics=diagnostics)
    releases = compiled.value.releases
    defined = {key: schema for release in releases for key, schema in _defined(release.plan.baseline).items()}
    schemas = load_schemas(wanted.value, {**defined, **custom.value})
    documents = [document for release in releases for document in release.documents]
    conformed = _conform(documents, schemas, kubeconform)
    found = [item for release in releases for item in expired(release.plan.spec, today)]
    if conformed.value is not None:
        found += findings(conformed.value, [(release.plan, release.documents) for release in releases])
    return replace(conformed, diagnostics=(*diagnostics, *conformed.diagnostics, *found))


def _conform(documents: Sequence[Document], schemas: Schemas, kubeconform: Path | None) -> Checked[Conformance]:
    if kubeconform is None:
        return Checked(value=with_jsonschema.conform(documents, schemas))
    try:
        return Checked(value=with_kubeconform.conform(documents, schemas, kubeconform))
    except with_kubeconform.KubeconformError as error:
        failed = Diagnostic(
            code="GC724",
            message=f"kubeconform gives no answer: {error}",
            help="with `--engine jsonschema`, grayc compares by itself",
        )
        return Checked(value=None, diagnostics=(failed,))


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


def _defined(documents: Iterable[Document]) -> dict[str, Schema]:
    """Return the schemas of the kinds that objects define."""
    return {
        key: schema for document in documents if is_definition(document) for key, schema in custom_schemas(document)
    }


def _custom_schemas(folder: Path | None) -> Checked[dict[str, Schema]]:
    """Return the schemas in a folder: of CustomResourceDefinitions, and files named `GROUP/KIND_VERSION.json`."""
    if folder is None:
        return Checked(value={})
    roots = Roots(folder=folder, shown=folder.as_posix())
    found: dict[str, Schema] = {}
    diagnostics: list[Diagnostic] = []
    try:
        sources = [read_source(file.path, file.name, roots) for file in find_sources(".", roots).files]
    except SourceError as error:
        return Checked(value=None, diagnostics=(unreadable(error),))
    for source in sources:
        key, plain = schema_key(source.name), parse_plain(source).value
        if key is not None and plain is not None and not get_text(plain[1], ("kind",)):
            made = {key: cast(Schema, plain[1])}
        else:
            parsed = parse_documents(source, searched=True)
            diagnostics += (item for item in parsed.diagnostics if item.severity is Severity.ERROR)
            made = _defined(parsed.value or ())
        broken = [name for name, schema in made.items() if not is_schema(schema)]
        diagnostics += (_broken_schema(f"the schema of `{name}` in `{source.shown}` is none") for name in broken)
        found |= made
    if not found and not diagnostics:
        diagnostics.append(_broken_schema(f"`{folder.as_posix()}` holds no schema of a custom kind"))
    return Checked(value=None if diagnostics else found, diagnostics=tuple(diagnostics))


def _broken_schema(message: str) -> Diagnostic:
    return Diagnostic(
        code="GC725",
        message=message,
        help="put CustomResourceDefinitions there, or JSON Schemas as `GROUP/KIND_VERSION.json`",
    )
