"""What of the baseline is not as it was when a lane was built, and what it said then."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from grayc.diff.model import Change, Move
from grayc.diff.moves import Origin, moved_object, own_paths
from grayc.documents import Document, ObjectIdentity, parse_documents
from grayc.driver.compile import used_of
from grayc.driver.model import Release
from grayc.driver.output import moved_since
from grayc.output.baseline_lock import Moved, Used, says_the_same
from grayc.output.inventory import INVENTORY, LaneRecord
from grayc.passes.pipeline import run_passes
from grayc.passes.registry import LANE
from grayc.source import SourceError, SourceFile, decode
from grayc.source.git import commit_of_arrival, commit_of_last_change, read_file_at


def moves_under(
    release: Release, before: LaneRecord, out: Path
) -> tuple[tuple[Move, ...], Mapping[ObjectIdentity, Origin]]:
    """Return what moved with what it said then, and where the gray objects come from.

    What an object said is known as far as a commit of the output folder's repository tells. One that means the same as
    then has not moved: a digest tells an order of no meaning, or one amount written in two ways, from another.
    """
    moved = moved_since(release, before)
    if moved == Moved():
        return (), {}
    used = {item.key: item for item in used_of(release.plan, release.plan.baseline)}
    origins = _origins(release)
    copies: dict[str, list[Origin]] = {}
    for origin in origins.values():
        copies.setdefault(origin.key, []).append(origin)
    changed = (
        moved_object(
            key,
            _as_it_was(used[key], release, before.baseline[key], out),
            used[key].document,
            copies.get(key, ()),
            is_copied=used[key].is_copied,
        )
        for key in moved.changed
    )
    moves = (
        *(move for move in changed if move.fields != ()),
        *(Move(key=key, change=Change.ADDED, is_copied=used[key].is_copied) for key in moved.new),
        *(Move(key=key, change=Change.REMOVED) for key in moved.gone),
    )
    return moves, origins


def _origins(release: Release) -> Mapping[ObjectIdentity, Origin]:
    """Return gray object → where it comes from.

    The lane is made a second time as if the release asked for nothing: what differs from that is the release's own.
    """
    keys = {item.document.place: item for item in used_of(release.plan, release.plan.baseline)}
    plain = {document.place: document for document in run_passes(LANE, release.plan).value or ()}
    return {
        gray.identity: Origin(
            key=keys[gray.place].key, own=own_paths(plain.get(gray.place, keys[gray.place].document), gray)
        )
        for gray in release.documents
        if gray.place in keys
    }


def _commits(out: Path, digest: str) -> Iterator[str]:
    """Yield commits that may have what a lane was built from, the likeliest and cheapest to find first.

    A build records all of its release anew, so the inventory's last commit has it, but where another release was built
    since.
    """
    last = commit_of_last_change(out, INVENTORY)
    if last is not None:
        yield last
    arrival = commit_of_arrival(out, INVENTORY, digest)
    if arrival not in (None, last):
        yield arrival
    yield "HEAD"


def _as_it_was(used: Used, release: Release, digest: str, out: Path) -> Document | None:
    """Return an object as it was when the inventory got its digest, None where no commit has it in that file.

    The digest proves it: what a commit says is taken only where it has the same one.
    """
    source = used.document.chunk.source
    if source.origin or source.name.startswith("<"):
        return None
    path = Path(source.shown)
    for commit in _commits(out, digest):
        data = read_file_at(path, commit)
        if data is None:
            continue
        try:
            text = decode(data, SourceFile(name=source.name, text=""))
        except SourceError:
            continue
        for document in parse_documents(SourceFile(name=source.name, text=text, folder=source.folder)).value or ():
            then = next(iter(used_of(release.plan, (document.placed(used.document.home),))))
            if then.key == used.key and says_the_same(digest, then):
                return then.document
    return None
