"""How kubectl applies what was built, so that the checks of a lane come before its entry."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document
from grayc.driver.model import Compilation
from grayc.output.apply import Order, commands, script
from grayc.output.create import apply_script, write_file
from grayc.output.inventory import MESH_FILES
from grayc.output.layout import file_of
from grayc.output.order import is_entry, is_lane_check
from grayc.spec.findings import at_spec
from grayc.spec.model import Gitops, HttpCheck, Layout, ReleaseSpec

_STARTING = 60
"""Seconds that a Job is waited for besides its own deadline: until its pod is there, and until its end is reported."""


def apply_commands(compilation: Compilation, out: str) -> tuple[str, ...]:
    """Return the commands that apply the releases of a build; none where Git does, or no check is before an entry."""
    orders = _orders(compilation)
    return tuple(commands(orders, out)) if orders else ()


def for_script(compiled: Checked[Compilation]) -> Checked[Compilation]:
    """Return a compilation, None where no script of kubectl can hold the entry until the checks have ended.

    Diagnostics:
        GC656: something else than kubectl applies the release, or one file holds all of it.
    """
    refused = () if compiled.value is None else tuple(_refused(compiled.value))
    return Checked(value=None if refused else compiled.value, diagnostics=(*compiled.diagnostics, *refused))


def _refused(compilation: Compilation) -> Iterator[Diagnostic]:
    for release in compilation.releases:
        spec = release.plan.spec
        output = spec.output
        if output.gitops is not Gitops.NONE:
            yield at_spec(
                spec,
                ("spec", "output", "gitops"),
                code="GC656",
                message=f"`--script` is for kubectl, and release `{spec.name}` is applied by `{output.gitops}`",
                help="take `--script` away: `docs/life.md` says what holds the entry there",
            )
        elif output.layout is Layout.SINGLE and spec.verifications:
            yield at_spec(
                spec,
                ("spec", "output", "layout"),
                code="GC656",
                message=f"one file holds all of release `{spec.name}`, so kubectl applies its entry with the rest",
                help="write `layout: service`, or take `--script` away",
            )


def save_apply_script(path: Path, compilation: Compilation, out: str, *, near: Sequence[Path] = ()) -> Checked[Path]:
    """Write the commands as a script that can be run.

    Diagnostics:
        GC602, GC610 to GC612: as `output.create.write_file`.
    """
    specs = [release.plan.spec for release in compilation.releases]
    titles = [f"release {spec.name}, tag {spec.tag}" for spec in specs]
    return write_file(apply_script(path), script(_orders(compilation), out, titles=titles), near=near)


def _orders(compilation: Compilation) -> list[Order]:
    found = (
        _order_of(release.plan.spec, release.documents, compilation.mesh.files)
        for release in compilation.releases
        if release.plan.spec.output.gitops is Gitops.NONE
    )
    return [order for order in found if order is not None]


def _order_of(spec: ReleaseSpec, documents: Sequence[Document], files: Iterable[str] = ()) -> Order | None:
    """Return how a lane with checks is applied, None where no check must come before an entry.

    Args:
        files: of the folder; routes that lanes of a mesh have in common are applied before the checks.
    """
    layout = spec.output.layout
    if layout is Layout.SINGLE or not spec.verifications or not any(map(is_entry, documents)):
        return None
    names: dict[str, None] = {}
    checks: dict[str, None] = {}
    for document in documents:
        if not is_entry(document):
            part = checks if is_lane_check(document) else names
            part[file_of(document, release=spec.name, layout=layout)] = None
    names |= dict.fromkeys(name for name in files if name.startswith(MESH_FILES))
    seconds = max(each.timeout + (_STARTING if isinstance(each, HttpCheck) else 0) for each in spec.verifications)
    lacks = any(not document.written_namespace for document in documents)
    return Order(
        first=tuple(names),
        checks=tuple(checks),
        seconds=seconds + _STARTING,
        namespace=spec.namespace or "" if lacks else "",
    )
