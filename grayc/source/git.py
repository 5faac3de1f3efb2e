"""The files of a folder at a revision, asked of git itself; nothing of the repository is changed.

Git is run without a shell, and told not to fetch, prompt or take names for patterns. It is found as `program` finds
programs, and asked from the folder in question, which may lie in another repository than the working folder does;
`repository` says first that what lies on the way up to that repository is none itself.
"""

import contextlib
import os
import re
import subprocess
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grayc.records import dataclass
from grayc.source.error import SourceError
from grayc.source.limits import MAX_ENTRIES, MAX_FILE_BYTES, MAX_STAGED_BYTES
from grayc.source.program import find_program
from grayc.source.repository import is_shallow, top_level
from grayc.source.seen import note_absent, note_obstacle, now

_TIMEOUT_SECONDS = 60
_NO_REPOSITORY = "GC711"
_MOST_LOG_BYTES = 256 * 1024 * 1024
_REGULAR = ("100644", "100755")
_SIZE = re.compile(rb"[0-9]{1,18}", re.ASCII)

# Of git's own variables, those by which a machine says where git and its settings are. All others name repositories,
# files and programs: git sets them for its hooks, and then asks that repository, whatever lies where it is asked.
_KEPT = re.compile(
    r"GIT_(?:EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM"
    r"|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_[0-9]+|VALUE_[0-9]+))",
    re.ASCII,
)
_ENVIRONMENT = {
    # No transport is allowed: a promise of a partial clone is not kept by asking a server.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OPTIONS = (
    "--no-pager",
    # An older git does not know this and passes it over: `repository.top_level` looks first.
    *("-c", "safe.bareRepository=explicit"),
    # A repository's configuration could name programs to run, for its file system, its hooks and signatures.
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "log.showSignature=false"),
)
_LOG = ("log", "--no-ext-diff", "--no-textconv", "--no-color")
# Newest first, each commit with the lines that came into a file and went. What attributes or
# configuration say of its form does not count. A NUL marks a commit: no line of a hunk begins with one.
_PATCHES = (
    *_LOG,
    *("--format=%x00%cs", "--patch", "--unified=0", "--inter-hunk-context=0", "--text", "--no-renames", "--root"),
    *("--no-notes", "--output-indicator-new=+", "--output-indicator-old=-"),
)


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
        SourceError: GC711, GC712, GC713, and GC122 or GC125 where it is too large.
    """
    real = Path(os.path.realpath(folder))
    start = next(path for path in (real, *real.parents) if path.is_dir())
    repository = _repository(folder, start)
    commit = _commit(repository, revision)
    path = "".join(f"{part}/" for part in real.relative_to(repository.top).parts)
    try:
        return Revision(commit=commit, files=_files(repository, commit, path, folder.as_posix()))
    except _GitError as error:
        raise SourceError(
            "GC712", f"cannot read `{folder.as_posix()}` at revision `{revision}`: {error}", "fetch it, then run again"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repository:
    """A repository that git may be asked about.

    Attributes:
        git: the program.
        start: the folder where it is asked.
        top: the top folder, which holds `start`.
    """

    git: Path
    start: Path
    top: Path


def _repository(folder: Path, start: Path) -> _Repository:
    """Return the repository that a folder lies in.

    Args:
        folder: as the user named it.
        start: without links, and there.
    Raises:
        SourceError: GC711: there is none, or no git. GC713: git would take something else for it.
    """
    note_obstacle("git answers")
    top = top_level(start)
    repository = _Repository(git=_program(top), start=start, top=top)
    try:
        said = _git(repository, ["rev-parse", "--show-toplevel"]).decode(errors="surrogateescape").removesuffix("\n")
    except _GitError as error:
        raise SourceError(
            "GC711",
            f"`{folder.as_posix()}` lies in no git repository: {error}",
            "run this in a clone of the repository that holds the output folder",
        ) from None
    if not _is_same(said, top):
        raise SourceError(
            "GC713",
            f"git takes another folder than `{top.name}` for the top of the repository that `{folder.as_posix()}` lies"
            " in",
            "look at `core.worktree` of `git config --show-origin --list`",
        )
    return repository


def _program(top: Path) -> Path:
    """Return the git of this machine, and none that a repository brought along.

    Raises:
        SourceError: GC711.
    """
    try:
        return find_program(("git",), (*_away_from(top),))
    except SourceError:
        raise SourceError(
            "GC711",
            "there is no `git` on PATH to ask",
            "install git, or compare with `--with` alone; one that lies in the repository, or that PATH names by a"
            " relative path, is not run",
        ) from None


def _is_same(said: str, top: Path) -> bool:
    try:
        return os.path.samefile(said, top)  # noqa: PTH121 - what git says may be no path at all
    except (OSError, ValueError):
        return False


def _away_from(top: Path) -> Iterator[Path]:
    """Yield the repository that is asked, and the one that grayc is called in, else the working folder."""
    closed = [top]
    with contextlib.suppress(OSError):
        here = Path.cwd()
        try:
            closed.append(top_level(here))
        except SourceError:
            closed.append(here)
    # Below the root lies everything, the machine's own git among it.
    yield from (folder for folder in closed if folder != Path(folder.anchor))


class _GitError(Exception):
    """Git said no; the text is the last line of what it said."""


def _commit(repository: _Repository, revision: str) -> str:
    try:
        if revision.startswith("-") or not revision.isprintable():
            raise _GitError("no revision has such a name")
        asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
        return _git(repository, asked).decode().strip()
    except _GitError as error:
        reason = f": {error}" if str(error) else ""
        raise SourceError(
            "GC712",
            f"git knows no revision `{revision}`{reason}",
            "name a branch, tag or commit; a shallow clone has the last commits only: fetch what is missing",
        ) from None


def _files(repository: _Repository, commit: str, path: str, shown: str) -> dict[str, bytes]:
    listed = _git(repository, ["ls-tree", "-l", "-z", "--full-tree", commit, *([path] if path else [])])
    rows = [row for row in listed.decode(errors="surrogateescape").split("\0") if row]
    if len(rows) > MAX_ENTRIES:
        raise SourceError("GC125", f"`{shown}` has more than {MAX_ENTRIES} entries", "name a folder of output only")
    wanted: dict[str, str] = {}
    total = 0
    for row in rows:
        facts, _, name = row.partition("\t")
        words = facts.split()
        if len(words) != 4:
            raise _GitError("it lists what is no file")
        mode, _, identity, size = words
        if mode in _REGULAR:
            # Git has no size of what it has not.
            total += _size(size.encode())
            if _size(size.encode()) > MAX_FILE_BYTES:
                raise SourceError(
                    "GC122", f"`{name}` at {commit[:12]} is larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB", ""
                )
            wanted[name.removeprefix(path)] = identity
    if total > MAX_STAGED_BYTES:
        raise SourceError("GC125", f"`{shown}` is larger than {MAX_STAGED_BYTES // (1024 * 1024)} MiB in total", "")
    names = sorted(wanted)
    asked = "".join(f"{wanted[name]}\n" for name in names).encode()
    blobs = _blobs(_git(repository, ["cat-file", "--batch"], asked))
    if len(blobs) != len(names):
        raise _GitError("a file's content is missing")
    return dict(zip(names, blobs, strict=True))


def _blobs(answer: bytes) -> list[bytes]:
    """Return the contents that `git cat-file --batch` gives: a line with the size, the bytes, a line end."""
    found, at = [], 0
    while at < len(answer):
        end = answer.find(b"\n", at)
        words = answer[at:end].split()
        if end < 0 or len(words) != 3:
            raise _GitError("a file's content is missing")
        size = _size(words[2])
        found.append(answer[end + 1 : end + 1 + size])
        at = end + size + 2
    return found


def _size(text: bytes) -> int:
    if _SIZE.fullmatch(text) is None:
        raise _GitError("a file's content is missing")
    return int(text)


def days_of_arrival(folder: Path, name: str, texts: Iterable[str]) -> dict[str, str]:
    """Return text → the day on which it once came into a file, as `YYYY-MM-DD`; git is run once for all of them.

    Where a text came and went, the last time counts. The day is the committer's, in his own time zone.

    Args:
        folder: where git is asked; it holds the file.
        texts: whole lines of it.
    Returns:
        Only those of which somebody can tell. Nobody can without git or a repository, in a shallow clone that may have
        cut the commit off, of a file that is not committed, or of a text that is not in its committed form.
    """
    wanted = {text.encode(): text for text in texts}
    found: dict[str, str] = {}
    if not wanted:
        return found
    try:
        start = Path(os.path.realpath(folder))
        top = top_level(start)
        if is_shallow(top):
            return found
        repository = _Repository(git=_program(top), start=start, top=top)
        day = ""
        changes: dict[bytes, int] = {}
        for line in _lines(repository, [*_PATCHES, "--", name]):
            if line.startswith(b"\0"):
                _settle(day, changes, wanted, found)
                day, changes = line[1:].decode(errors="replace"), {}
                if not wanted:
                    break
            elif (text := line[1:]) in wanted and line[:1] in (b"+", b"-"):
                changes[text] = changes.get(text, 0) + (1 if line[:1] == b"+" else -1)
        _settle(day, changes, wanted, found)
    except (_GitError, SourceError):
        # What was found before git gave up was the newest.
        return found
    return found


def _settle(day: str, changes: dict[bytes, int], wanted: dict[bytes, str], found: dict[str, str]) -> None:
    """Take the day of a commit for the texts that it brought. A text that it took away is not there at all."""
    for text, change in changes.items():
        if change:
            name = wanted.pop(text)
            if change > 0:
                found[name] = day


def _lines(repository: _Repository, arguments: Sequence[str]) -> Iterator[bytes]:
    """Yield the lines of a log that stand in its hunks, and those that mark commits; git ends with the reading.

    Raises:
        SourceError: GC711. _GitError: it said no, took too long or said too much.
    """
    late = threading.Event()
    now("`git` reads what was committed")
    try:
        process = subprocess.Popen(
            _command(repository, arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
    except OSError as error:
        raise _GitError(type(error).__name__) from None
    assert process.stdout is not None

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(_TIMEOUT_SECONDS, stop)
    timer.start()
    try:
        in_hunk, total = False, 0
        while line := process.stdout.readline(_MOST_LOG_BYTES):
            total += len(line)
            if total > _MOST_LOG_BYTES:
                raise _GitError("its log is too long")
            if line.startswith(b"\0"):
                in_hunk = False
                yield line.rstrip(b"\n")
            elif line.startswith(b"@@"):
                in_hunk = True
            elif in_hunk:
                yield line.rstrip(b"\r\n")
        if process.wait() != 0 or late.is_set():
            raise _GitError("its log ends early")
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def commit_of_arrival(folder: Path, name: str, text: str) -> str | None:
    """Return the commit by which a text that a file holds once came into it, in hex; None where nobody can tell."""
    try:
        repository = _repository(folder, Path(os.path.realpath(folder)))
        if text.encode() not in _git(repository, ["cat-file", "blob", f"HEAD:./{name}"]):
            return None
        return _git(repository, [*_LOG, "-1", "--format=%H", f"-S{text}", "--", name]).decode().strip() or None
    except (_GitError, SourceError):
        return None


def commit_of_last_change(folder: Path, name: str) -> str | None:
    """Return the last commit that changed a file, in hex; None where nobody can tell."""
    try:
        repository = _repository(folder, Path(os.path.realpath(folder)))
        return _git(repository, [*_LOG, "-1", "--format=%H", "--", name]).decode().strip() or None
    except (_GitError, SourceError):
        return None


def read_file_at(path: Path, commit: str) -> bytes | None:
    """Return the bytes of a file at a commit; None where there is none, or it is too large.

    Args:
        commit: in hex, or `HEAD`.
    """
    real = Path(os.path.realpath(path))
    try:
        repository = _repository(real.parent, real.parent)
        place = f"{commit}:./{real.name}"
        if _size(_git(repository, ["cat-file", "-s", place]).strip()) > MAX_FILE_BYTES:
            return None
        return _git(repository, ["cat-file", "blob", place])
    except (_GitError, SourceError):
        return None


def tracked_of(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of a folder's names, or the first file below them, that git tracks; none where nobody can tell."""
    try:
        repository = _repository(folder, Path(os.path.realpath(folder)))
        listed = _git(repository, ["ls-files", "-z", "--", *names]).decode(errors="surrogateescape")
    except (_GitError, SourceError):
        return ()
    return tuple(sorted(row for row in listed.split("\0") if row))


class NotKnownError(Exception):
    """A file lies in a repository, and git gives no answer about it; the text says why."""


def is_tracked(path: Path) -> bool:
    """Tell whether a repository around a file tracks it; one that lies in no repository is not tracked.

    A name in other capitals counts: a file system may take both for one.

    Args:
        path: without links on the way to it.
    Raises:
        NotKnownError: git cannot be asked, or gives no answer.
    """
    place = path.parent
    while True:
        try:
            top = top_level(place)
        except SourceError as error:
            if error.code != _NO_REPOSITORY:
                raise NotKnownError(error.message) from None
            for above in (place, *place.parents):
                note_absent(str(above / ".git"))
            return False
        try:
            listed = _git(_repository(top, top), ["ls-files", "-z"]).decode(errors="surrogateescape")
        except _GitError as error:
            raise NotKnownError(str(error)) from None
        except SourceError as error:
            raise NotKnownError(error.message) from None
        wanted = _alike(path.relative_to(top).as_posix())
        if any(_alike(name) == wanted for name in listed.split("\0")):
            return True
        # Another may track what lies in a repository that was made inside of it.
        if top.parent == top:
            return False
        place = top.parent


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _command(repository: _Repository, arguments: Sequence[str]) -> list[str]:
    return [str(repository.git), "-C", str(repository.start), *_OPTIONS, *arguments]


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or _KEPT.fullmatch(key)}
    return kept | _ENVIRONMENT


def _git(repository: _Repository, arguments: Sequence[str], given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            _command(repository, arguments),
            input=given,
            capture_output=True,
            check=False,
            env=_environment(),
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _GitError(type(error).__name__) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _GitError(said[-1].removeprefix("fatal: ") if said else "")
    return done.stdout
