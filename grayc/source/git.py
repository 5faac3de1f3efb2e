"""The files of a folder at a revision, asked of git itself; nothing of the repository is changed.

Git is run without a shell, and told not to fetch, prompt or take names for patterns.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grayc.source.error import SourceError
from grayc.source.limits import MAX_ENTRIES, MAX_FILE_BYTES, MAX_TOTAL_BYTES

_TIMEOUT_SECONDS = 60
_REGULAR = ("100644", "100755")
_ENVIRONMENT = {
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# Git sets these for its hooks, and then asks that repository, from another folder than it means, whatever lies there.
_OF_A_HOOK = frozenset({"GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})

# A repository's configuration could name programs to run, for signatures, for conversion and for its file system.
_LOG = ("-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "log", "-1", "--no-ext-diff", "--no-textconv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A folder at a revision.

    Attributes:
        commit: the revision's commit in hex.
        files: name → bytes of the regular files right in the folder; none where it was not there.
    """

    commit: str
    files: dict[str, bytes]


def read_revision(folder: Path, revision: str) -> Revision:
    """Return the files right in a folder as they are at a revision. The folder itself may be gone by now.

    Raises:
        SourceError: GC711, GC712, and GC122 or GC125 where it is too large.
    """
    real = Path(os.path.realpath(folder))
    start = next(path for path in (real, *real.parents) if path.is_dir())
    try:
        prefix = _git(start, ["rev-parse", "--show-prefix"]).decode(errors="surrogateescape").removesuffix("\n")
    except _GitError as error:
        raise SourceError(
            "GC711",
            f"`{folder.as_posix()}` lies in no git repository: {error}",
            "run this in a clone of the repository that holds the output folder",
        ) from None
    commit = _commit(start, revision)
    path = prefix + "".join(f"{part}/" for part in real.relative_to(start).parts)
    try:
        return Revision(commit=commit, files=_files(start, commit, path, folder.as_posix()))
    except _GitError as error:
        raise SourceError(
            "GC712", f"can not read `{folder.as_posix()}` at revision `{revision}`: {error}", "fetch it, then run again"
        ) from None


class _GitError(Exception):
    """Git said no; the text is the last line of what it said."""


def _commit(start: Path, revision: str) -> str:
    try:
        if revision.startswith("-") or not revision.isprintable():
            raise _GitError("no revision has such a name")
        asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
        return _git(start, asked).decode().strip()
    except _GitError as error:
        reason = f": {error}" if str(error) else ""
        raise SourceError(
            "GC712",
            f"git knows no revision `{revision}`{reason}",
            "name a branch, tag or commit; a shallow clone has the last commits only: fetch what is missing",
        ) from None


def _files(start: Path, commit: str, path: str, shown: str) -> dict[str, bytes]:
    listed = _git(start, ["ls-tree", "-l", "-z", "--full-tree", commit, *([path] if path else [])])
    rows = [row for row in listed.decode(errors="surrogateescape").split("\0") if row]
    if len(rows) > MAX_ENTRIES:
        raise SourceError("GC125", f"`{shown}` has more than {MAX_ENTRIES} entries", "name a folder of output only")
    wanted: dict[str, str] = {}
    total = 0
    for row in rows:
        facts, _, name = row.partition("\t")
        mode, _, identity, size = facts.split()
        if mode in _REGULAR:
            total += int(size)
            if int(size) > MAX_FILE_BYTES:
                raise SourceError(
                    "GC122", f"`{name}` at {commit[:12]} is larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB", ""
                )
            wanted[name.removeprefix(path)] = identity
    if total > MAX_TOTAL_BYTES:
        raise SourceError("GC125", f"`{shown}` is larger than {MAX_TOTAL_BYTES // (1024 * 1024)} MiB in total", "")
    names = sorted(wanted)
    blobs = _blobs(_git(start, ["cat-file", "--batch"], "".join(f"{wanted[name]}\n" for name in names).encode()))
    return dict(zip(names, blobs, strict=True))


def _blobs(answer: bytes) -> list[bytes]:
    """Return the contents that `git cat-file --batch` gives: a line with the size, the bytes, a line end."""
    found, at = [], 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        words = answer[at:end].split()
        if len(words) != 3:
            raise _GitError("a file's content is missing")
        size = int(words[2])
        found.append(answer[end + 1 : end + 1 + size])
        at = end + size + 2
    return found


def day_of_arrival(folder: Path, name: str, text: str) -> str | None:
    """Return the day on which a text that a file holds once came into it, as `YYYY-MM-DD`.

    Where it came and went, the last time counts. The day is the committer's, in his own time zone.

    Returns:
        None where nobody can tell: no git, no repository, a shallow clone that may have cut the commit off, a file
        that is not committed, or a text that is not in its committed form.
    """
    try:
        if _git(folder, ["rev-parse", "--is-shallow-repository"]).strip() != b"false":
            return None
        return _arrival(folder, name, text, "%cs")
    except (_GitError, SourceError):
        return None


def commit_of_arrival(folder: Path, name: str, text: str) -> str | None:
    """Return the commit by which a text that a file holds once came into it, in hex; None where nobody can tell."""
    try:
        return _arrival(folder, name, text, "%H")
    except (_GitError, SourceError):
        return None


def commit_of_last_change(folder: Path, name: str) -> str | None:
    """Return the last commit that changed a file, in hex; None where nobody can tell."""
    try:
        return _git(folder, [*_LOG, "--format=%H", "--", name]).decode().strip() or None
    except (_GitError, SourceError):
        return None


def _arrival(folder: Path, name: str, text: str, form: str) -> str | None:
    if text.encode() not in _git(folder, ["show", "--no-textconv", f"HEAD:./{name}"]):
        return None
    return _git(folder, [*_LOG, f"--format={form}", f"-S{text}", "--", name]).decode().strip() or None


def read_file_at(path: Path, commit: str) -> bytes | None:
    """Return the bytes of a file at a commit; None where there is none, or it is too large.

    Args:
        commit: in hex, or `HEAD`.
    """
    real = Path(os.path.realpath(path))
    try:
        place = f"{commit}:./{real.name}"
        if int(_git(real.parent, ["cat-file", "-s", place])) > MAX_FILE_BYTES:
            return None
        return _git(real.parent, ["cat-file", "blob", place])
    except (_GitError, SourceError):
        return None


def _git(start: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(start), *arguments],
            input=given,
            capture_output=True,
            check=False,
            env={key: value for key, value in os.environ.items() if key not in _OF_A_HOOK} | _ENVIRONMENT,
            timeout=_TIMEOUT_SECONDS,
        )
    except FileNotFoundError:
        raise SourceError("GC711", "there is no `git` to ask", "install git, or compare with `--with` alone") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _GitError(type(error).__name__) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _GitError(said[-1].removeprefix("fatal: ") if said else "")
    return done.stdout
