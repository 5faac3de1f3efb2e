"""Find the files that a path, a folder or a glob of the spec stands for.

The order is that of the names' bytes: no locale, no directory order. Folders and files whose name starts with a dot
are left out, as a shell's `*` leaves them out: `.git`, editors' locks, what an archive of another system carries.
"""

import fnmatch
import os
import posixpath
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from grayc.records import dataclass, field
from grayc.source.error import NothingFoundError, SourceError
from grayc.source.limits import MAX_ENTRIES, MAX_FOLDER_DEPTH
from grayc.source.read import Roots, check_form, locate, unreadable
from grayc.source.seen import note_absent, note_folder, note_obstacle, note_way

SUFFIXES = (".yaml", ".yml", ".json")
"""Ends of manifest names. Source: kubectl, `resource.FileExtensions`."""

_MAGIC = re.compile(r"[*?\[]")
_MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file of the baseline.

    Attributes:
        name: path with `/`, relative to the spec's folder.
        path: where it is; it need not be without links.
        searched: a folder or glob found it, the user did not name it.
        may_be_link: the last part of its path; all before it is none.
    """

    name: str
    path: str
    searched: bool
    may_be_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a pattern stands for.

    Attributes:
        files: in the order of their names.
        folders: those searched with all that is below them, links resolved.
        listed: folder that was looked into, as the names of its files start → the names in it, in no order.
    """

    files: tuple[FoundFile, ...]
    folders: tuple[Path, ...] = ()
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def find_sources(pattern: str, roots: Roots) -> Found:
    """Return the files that a pattern of the spec stands for.

    A name that exists wins over its reading as a glob. A folder stands for every `*.yaml`, `*.yml` and `*.json` below
    it. In a glob, `**` stands for any folders; a glob that ends in `/` stands for the folders it matches.

    Raises:
        NothingFoundError: GC103, no manifest is there.
        SourceError: GC101 when nothing is there, GC102, GC125, GC150 and GC151.
    """
    check_form(pattern)
    name = posixpath.normpath(pattern)
    path = roots.folder / pattern
    note_way(str(path))
    real, _ = locate(path, _shown(name, roots), roots)
    mode = _mode(path, _shown(name, roots))
    if mode is None:
        note_absent(str(path))
        if _MAGIC.search(pattern):
            return _find_glob(pattern, roots)
        raise _missing(name, real, roots)
    if not stat.S_ISDIR(mode):
        if pattern.endswith("/"):
            raise SourceError("GC101", f"`{pattern}` is a file, not a folder", f"write `{name}`")
        return Found(files=(FoundFile(name=name, path=str(real), searched=False),))
    walk = _Walk(roots=roots)
    files = _sorted(walk.below(str(real), name, 0))
    if not files:
        shown = f"{roots.shown}/" if name == "." and roots.shown else pattern
        raise NothingFoundError(f"`{shown}` holds no manifest", f"grayc looks for {_suffixes()} in it and below")
    return Found(files=files, folders=(real,), listed=walk.listed)


def list_manifests(folder: Path) -> tuple[Path, ...]:
    """Return the manifests right in a folder, by name; none where the folder cannot be read."""
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError:
        note_obstacle("a folder cannot be read")
        return ()
    note_way(str(folder))
    note_folder(str(folder), entries)
    paths = sorted((folder / entry.name for entry in entries), key=os.fsencode)
    return tuple(path for path in paths if _is_manifest(path.name) and path.is_file())


def find_folders(folder: Path, name: str) -> tuple[Path, ...]:
    """Return the folders below a folder that hold a file of this name, by path; links are not followed.

    One that cannot be looked into holds none.
    """
    found = []
    left = [folder]
    # Not by `os.walk`, which calls itself for every folder: a repository may have more of them inside each other.
    while left:
        root = left.pop()
        try:
            with os.scandir(root) as listing:
                entries = sorted(listing, key=lambda entry: os.fsencode(entry.name), reverse=True)
        except OSError:
            note_obstacle("a folder cannot be read")
            continue
        note_folder(str(root), entries)
        for entry in entries:
            is_folder = _is_folder(entry)
            if is_folder and not entry.is_symlink() and not entry.name.startswith("."):
                left.append(root / entry.name)
            elif not is_folder and entry.name == name:
                found.append(root)
    return tuple(found)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _find_glob(pattern: str, roots: Roots) -> Found:
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    fixed = 0
    while not _MAGIC.search(parts[fixed]):
        fixed += 1
    if ".." in parts[fixed:]:
        raise SourceError("GC151", f"`{pattern}` goes up after a wildcard", "put `..` before the first wildcard")
    base = posixpath.normpath("/".join(parts[:fixed])) if fixed else "."
    path = roots.folder.joinpath(*parts[:fixed])
    note_way(str(path))
    real, _ = locate(path, _shown(base, roots), roots)
    mode = _mode(path, _shown(base, roots))
    if mode is None:
        raise _missing(base, real, roots)
    if not stat.S_ISDIR(mode):
        raise SourceError("GC101", f"`{base}` is a file, not a folder", f"write `{base}` alone")
    walk = _Walk(roots=roots)
    rules = tuple(None if part == "**" else re.compile(fnmatch.translate(part)).match for part in parts[fixed:])
    hidden = tuple(part.startswith(".") for part in parts[fixed:])
    glob = _Glob(rules=rules, hidden=hidden, folders=pattern.endswith("/"))
    files = _sorted(list(walk.match(str(real), base, glob, (0,), 0)))
    if not files:
        raise NothingFoundError(f"`{pattern}` matches no manifest", f"a glob finds files named {_suffixes()}")
    deep = None in rules or pattern.endswith("/")
    return Found(files=files, folders=(real,) if deep else (), listed=walk.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Glob:
    """A pattern's parts after its fixed beginning.

    Attributes:
        rules: one test per part, None for `**`.
        hidden: whether the part asks for a name that starts with a dot.
        folders: the pattern stands for folders.
    """

    rules: tuple[Callable[[str], object] | None, ...]
    hidden: tuple[bool, ...]
    folders: bool

    def closure(self, states: tuple[int, ...]) -> frozenset[int]:
        """Return the states with those that `**` reaches by matching no folder."""
        reached = set(states)
        for state in sorted(states):
            after = state
            while after < len(self.rules) and self.rules[after] is None:
                after += 1
                reached.add(after)
        return frozenset(reached)

    def step(self, states: frozenset[int], name: str) -> tuple[int, ...]:
        """Return the states after one more part of a path."""
        after = set()
        for state in states:
            if state == len(self.rules):
                continue
            rule = self.rules[state]
            if rule is None:
                if not name.startswith("."):
                    after.add(state)
            elif (self.hidden[state] or not name.startswith(".")) and rule(name):
                after.add(state + 1)
        return tuple(sorted(after))

    def is_match(self, states: tuple[int, ...]) -> bool:
        """Tell whether the whole pattern is matched."""
        return len(self.rules) in self.closure(states)


def names_in(folder: str, roots: Roots) -> list[str]:
    """Return the names in a folder, in the order of their bytes; none where it cannot be read.

    Args:
        folder: relative to the spec's folder.
    Raises:
        SourceError: GC150, GC151.
    """
    check_form(folder)
    real, _ = locate(Path(os.path.normpath(f"{os.path.realpath(roots.folder)}/{folder}")), _shown(folder, roots), roots)
    try:
        with os.scandir(real) as listing:
            entries = list(listing)
    except OSError:
        note_obstacle("a folder cannot be read")
        return []
    note_folder(str(real), entries)
    return sorted((entry.name for entry in entries), key=os.fsencode)


def top_folder(roots: Roots) -> str:
    """Return the nearest folder at or above the spec's that has `.git`, relative to that; `.` where none has."""
    home = os.path.realpath(roots.folder)
    for place in (Path(home), *Path(home).parents):
        if not os.path.lexists(place / ".git"):
            note_absent(str(place / ".git"))
        else:
            note_obstacle("a repository around it counts")
            return Path(os.path.relpath(place, home)).as_posix()
    return "."


@dataclass(kw_only=True)
class _Walk:
    """One search. Every folder is entered once per set of pattern states: links can neither loop nor multiply."""

    roots: Roots
    seen: set[tuple[int, int, frozenset[int]]] = field(default_factory=set)
    entries: int = 0
    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def below(self, real: str, name: str, depth: int, states: frozenset[int] = frozenset()) -> Iterator[FoundFile]:
        """Yield every manifest below a folder."""
        for entry in self._list(real, name, depth, states):
            if entry.name.startswith("."):
                continue
            inner = entry.name if name == "." else f"{name}/{entry.name}"
            folder = self._folder(entry, inner)
            if folder is not None:
                yield from self.below(folder, inner, depth + 1, states)
            elif _is_manifest(entry.name):
                yield FoundFile(name=inner, path=entry.path, searched=True, may_be_link=entry.is_symlink())

    def match(self, real: str, name: str, glob: _Glob, states: tuple[int, ...], depth: int) -> Iterator[FoundFile]:
        """Yield the manifests that a glob matches."""
        here = glob.closure(states)
        for entry in self._list(real, name, depth, here):
            after = glob.step(here, entry.name)
            if not after:
                continue
            inner = entry.name if name == "." else f"{name}/{entry.name}"
            folder = self._folder(entry, inner)
            if folder is None:
                if not glob.folders and glob.is_match(after) and entry.name.endswith(SUFFIXES):
                    yield FoundFile(name=inner, path=entry.path, searched=True, may_be_link=entry.is_symlink())
                continue
            if glob.folders and glob.is_match(after):
                yield from self.below(folder, inner, depth + 1)
            yield from self.match(folder, inner, glob, after, depth + 1)

    def _list(self, real: str, name: str, depth: int, states: frozenset[int]) -> Iterator["os.DirEntry[str]"]:
        shown = _shown(name, self.roots)
        if depth > MAX_FOLDER_DEPTH:
            raise SourceError(
                "GC120", f"`{shown}` is nested more than {MAX_FOLDER_DEPTH} folders deep", "name a folder further down"
            )
        try:
            status = os.stat(real)  # noqa: PTH116 - of thousands of folders
            key = (status.st_dev, status.st_ino, states)
            if key in self.seen:
                return
            self.seen.add(key)
            with os.scandir(real) as listing:
                # Links last: a folder that is reached both ways goes by its own name.
                entries = sorted(listing, key=lambda entry: (entry.is_symlink(), os.fsencode(entry.name)))
            note_folder(real, entries)
            self.listed[name] = tuple(entry.name for entry in entries)
        except OSError as error:
            raise unreadable(error, shown) from None
        self.entries += len(entries)
        if self.entries > MAX_ENTRIES:
            raise SourceError(
                "GC125",
                f"`{shown}` is part of a search through more than {MAX_ENTRIES} files",
                "name the folders that hold the baseline",
            )
        yield from entries

    def _folder(self, entry: "os.DirEntry[str]", name: str) -> str | None:
        """Return the folder an entry is or leads to, inside the roots, or None where it is no folder."""
        try:
            if not entry.is_dir():
                return None
            if not entry.is_symlink():
                return entry.path
        except OSError:
            # A link to itself: reading it says so.
            return None
        return str(locate(Path(entry.path), _shown(name, self.roots), self.roots)[0])


def _is_manifest(name: str) -> bool:
    return name.endswith(SUFFIXES) and not name.startswith(".")


def _sorted(files: "list[FoundFile] | Iterator[FoundFile]") -> tuple[FoundFile, ...]:
    return tuple(sorted(files, key=lambda file: os.fsencode(file.name)))


def _mode(path: Path, shown: str) -> int | None:
    """Return the mode of what is at a path, None where nothing is."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise unreadable(error, shown) from None


def _missing(name: str, real: Path, roots: Roots) -> SourceError:
    """Say that nothing is there, with what there is beside it."""
    above = real.parent
    candidates: tuple[str, ...] = ()
    if roots.root_of(above) is not None:
        try:
            beside = sorted(above.iterdir(), key=os.fsencode)
        except OSError:
            beside = []
        names = [entry.name for entry in beside if _is_manifest(entry.name) or _is_open_folder(entry)]
        shown = [entry for entry in names if entry.isprintable()][:_MOST_CANDIDATES]
        candidates = tuple(posixpath.join(posixpath.dirname(name), entry) for entry in shown)
    return SourceError(
        "GC101",
        f"`{_shown(name, roots)}` does not exist",
        "check the path; it is relative to the release spec",
        wanted=name,
        candidates=candidates,
    )


def _is_open_folder(path: Path) -> bool:
    return not path.name.startswith(".") and path.is_dir()


def _shown(name: str, roots: Roots) -> str:
    return posixpath.normpath(posixpath.join(roots.shown, name))


def _suffixes() -> str:
    return ", ".join(f"`*{suffix}`" for suffix in SUFFIXES)
