"""A baseline prepared for gray releases."""

import os
from collections.abc import Sequence
from pathlib import Path

from grayc.adoption.plan import ORIGINAL, Adopted, AdoptionPlan, plan_adoption
from grayc.adoption.script import render_script
from grayc.diagnostics import Checked, Diagnostic, did_you_mean, has_errors
from grayc.documents.load import load_baseline
from grayc.driver.edited import write_edited
from grayc.driver.request import STDIN, refuse_links_out
from grayc.edit import Change, Edited, apply_changes, insert_keys
from grayc.k8s.profiles import ADOPTED, Profile
from grayc.output.create import Wanted, adopt_script, write_file
from grayc.records import dataclass, replace
from grayc.source import Roots
from grayc.source.limits import MAX_TOTAL_BYTES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adoption:
    """A baseline that is prepared for gray releases, in memory.

    Attributes:
        files: what changes, by name.
        roots: where the names start.
    """

    plan: "AdoptionPlan"
    files: tuple[Edited, ...]
    roots: Roots


def adopt_baseline(
    paths: Sequence[Path],
    services: Sequence[str],
    *,
    profile: str = ADOPTED,
    allowed_roots: Sequence[Path] = (),
    most_bytes: int = MAX_TOTAL_BYTES,
) -> Checked[Adoption]:
    """Return the files below `paths` with the label by which a lane is told from production; nothing is written.

    Args:
        profile: of the lanes that it is prepared for.
        services: the workloads to prepare, with all that selects their pods; none for all.
        most_bytes: what all files may hold.
    Diagnostics:
        GC150: a link of the repository leads out of it, on the way to one of the paths.
        GC702: there is no such profile.
        GC301, GC303, GC340 to GC342: see `plan_adoption`.
        GC620: a file cannot be edited.
        And all that loading a baseline reports.
    """
    if profile not in set(Profile):
        unknown = Diagnostic(
            code="GC702",
            message=f"there is no profile `{profile}`",
            help=did_you_mean(profile, list(Profile), noun="profile"),
        )
        return Checked(value=None, diagnostics=(unknown,))
    refused = (*refuse_links_out(allowed_roots), *refuse_links_out(paths, allowed_roots))
    if refused:
        return Checked(value=None, diagnostics=refused)
    patterns, roots = _adopted_paths(paths, allowed_roots)
    roots = replace(roots, most_bytes=most_bytes)
    loaded = load_baseline(patterns, roots)
    found = tuple(_for_adopt(item) for item in loaded.diagnostics)
    if loaded.value is None:
        return Checked(value=None, diagnostics=found)
    planned = plan_adoption(loaded.value.documents, services, Profile(profile))
    found = (*found, *planned.diagnostics)
    if planned.value is None:
        return Checked(value=None, diagnostics=found)
    changes = [_change(item, planned.value.label) for item in planned.value.objects if item.missing]
    found = (*found, *(diagnostic for change in changes for diagnostic in change.diagnostics))
    wanted = [change.value for change in changes if change.value is not None]
    edited = apply_changes(wanted) if len(wanted) == len(changes) else None
    if edited is None or edited.value is None:
        return Checked(value=None, diagnostics=(*found, *(edited.diagnostics if edited is not None else ())))
    files = tuple(sorted(edited.value, key=lambda file: os.fsencode(file.old.name)))
    return Checked(value=Adoption(plan=planned.value, files=files, roots=roots), diagnostics=found)


def _adopted_paths(paths: Sequence[Path], allowed: Sequence[Path]) -> tuple[list[tuple[str, tuple[()]]], Roots]:
    """Return the paths from where the first one starts, and that only what lies below one of them may be read."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    start = Path(os.path.realpath(folders[0]))
    patterns = []
    for path, folder in zip(paths, folders, strict=True):
        place = os.path.relpath(os.path.realpath(folder), start)
        name = Path(place).as_posix() if path is folder else (Path(place) / path.name).as_posix()
        patterns.append((f"{name}/" if path is folder else name, ()))
    # A file that is named may be a link: it is meant, and does not lead out of a repository.
    named = [
        Path(os.path.realpath(path)).parent for path, folder in zip(paths, folders, strict=True) if path is not folder
    ]
    shown = folders[0].as_posix()
    roots = Roots(folder=start, allowed=(*folders[1:], *named, *allowed), shown="" if shown == "." else shown)
    return patterns, roots


_ADOPT_HELP = {
    "GC101": "check the path",
    "GC103": "name files or folders with manifests",
    "GC130": "name only files with whole objects",
    "GC131": "what a kustomization adds (labels, patches, names) stands in no file and is not seen: look at what "
    "`kubectl kustomize` makes of the changed files",
    "GC150": "name its folder too, or allow it with `--allow-root`",
}
"""Code → what helps where no release spec is at hand."""


def _for_adopt(diagnostic: Diagnostic) -> Diagnostic:
    """Return a finding of loading in the words of a command that has no spec."""
    message = diagnostic.message.replace("the folder of the release spec", "the paths that are named")
    message = message.replace("the baseline holds no object", "no file holds an object")
    help_ = diagnostic.help if "did you mean" in diagnostic.help else _ADOPT_HELP.get(diagnostic.code, diagnostic.help)
    return replace(diagnostic, message=message, help=help_, field="" if diagnostic.span is None else diagnostic.field)


def _change(item: Adopted, label: str) -> Checked[Change]:
    """Return the edits that give one object the label."""
    made = [insert_keys(item.document, path, {label: ORIGINAL}) for path in item.missing]
    found = tuple(diagnostic for edits in made for diagnostic in edits.diagnostics)
    if has_errors(found):
        return Checked(value=None, diagnostics=found)
    edits = tuple(edit for checked in made for edit in checked.value or ())
    return Checked(value=Change(document=item.document, data=item.data, edits=edits), diagnostics=found)


def write_adoption(adoption: Adoption) -> Checked[tuple[str, ...]]:
    """Write the files of an adoption: all, or none."""
    return write_edited(adoption.files, adoption.roots.folder)


def script_file(path: Path) -> Wanted:
    """Return the file of the script, to ask whether it may be written."""
    return adopt_script(path)


def put_adoption_script(
    adoption: Adoption, path: str, *, near: Sequence[Path] = ()
) -> tuple[str | None, Checked[Path]]:
    """Write the steps for a cluster to a file; return them as text instead where the path is `-`."""
    text = render_script(adoption.plan)
    if path == STDIN:
        return text, Checked(value=None)
    return None, write_file(adopt_script(Path(path)), text, near=near)
