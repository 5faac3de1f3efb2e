"""All that the page of `grayc report` shows, and the page's file."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from grayc.analysis.picture import make_picture
from grayc.diagnostics import Checked, shell
from grayc.driver.compile import attempt_releases
from grayc.driver.model import Release
from grayc.driver.preview import preview_of
from grayc.driver.request import Request, find_specs
from grayc.driver.review import difference_from_baseline, difference_from_folder
from grayc.driver.review_model import Digest, Review, Reviewed
from grayc.driver.samples import Asker
from grayc.output.create import Wanted, write_file
from grayc.output.offline import deletions, openings
from grayc.output.offline_script import Left, delete_commands
from grayc.records import replace
from grayc.source import SourceError, digest_of, was_read
from grayc.spec.flags import offline_command

MARK = "<!doctype html><!-- grayc report -->"
"""First line: by it a later run finds its own page and writes it anew."""


def review_releases(request: Request, out: Path | None) -> Checked[Review]:
    """Return all that there is to see of releases before they are merged; None where a build would refuse them.

    Args:
        out: the output folder to compare with, whose lanes count as in a build; None for none.
    """
    compiled, _ = attempt_releases(replace(request, out=out))
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    compilation = compiled.value
    found = compiled.diagnostics
    folder = None
    if out is not None:
        compared = difference_from_folder(compilation, out)
        found = (*found, *compared.diagnostics)
        if compared.value is None:
            return Checked(value=None, diagnostics=found)
        folder = compared.value
    asker = Asker(compilation)
    releases = tuple(_reviewed(release, asker, out) for release in compilation.releases)
    specs = tuple(given.path for given in find_specs(request).value or () if given.path is not None)
    review = Review(
        releases=releases,
        folder=folder,
        inputs=tuple(digests_of((*specs, *map(Path, compilation.inputs)))),
        outputs=tuple(
            Digest(name=name, sha256=hashlib.sha256(text.encode(errors="replace")).hexdigest())
            for name, text in sorted({**compilation.files, **compilation.mesh.files}.items())
        ),
    )
    return Checked(value=review, diagnostics=found)


def _reviewed(release: Release, asker: Asker, out: Path | None) -> Reviewed:
    preview = preview_of(release.plan, release.documents)
    lane = release.lane
    undo = delete_commands(
        deletions(release.documents),
        title=f"take lane {release.plan.spec.tag} of release {release.plan.spec.name} out of a cluster",
        openings=openings(lane.opens_in, release.documents),
        left=Left(work=lane.work, lasting=lane.lasting),
    )
    return Reviewed(
        release=release,
        preview=preview,
        picture=make_picture(preview),
        difference=difference_from_baseline(release),
        samples=asker.samples(release),
        expectations=asker.expectations(release),
        offline=offline_command(release.plan.spec, "OUT" if out is None else shell.path(out.as_posix())),
        undo=undo,
    )


def digests_of(paths: Sequence[Path]) -> list[Digest]:
    """Return the digest of each file, once, called as it is from the working folder.

    Of a folder, as a kustomization or chart is rendered from, it is the files that were read of it.
    """
    here = Path.cwd()
    found: dict[str, Digest] = {}
    files = [file for path in paths for file in (_read_below(path) if path.is_dir() else (path,))]
    for path in files:
        whole = path if path.is_absolute() else here / path
        name = whole.relative_to(here).as_posix() if whole.is_relative_to(here) else path.name
        if name not in found:
            try:
                found[name] = Digest(name=name, sha256=digest_of(path))
            except SourceError:
                continue  # What went since it was read has no bytes any more.
    return list(found.values())


def _read_below(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and was_read(file.stat())]


def page_file(path: Path) -> Wanted:
    """Return the file of a page, as `-o` names it."""
    return Wanted(path=path, what="report page", flag="-o", is_own=is_page)


def is_page(head: str) -> bool:
    """Tell by its first characters whether a file is an earlier page."""
    return head.startswith(MARK)


def write_page(path: Path, text: str, near: Sequence[Path]) -> Checked[Path]:
    """Write a page.

    Diagnostics:
        GC602, GC610 to GC612: as `output.create.write_file`.
    """
    return write_file(page_file(path), text, near=near)
