"""A copy of the folders that a program may read, laid out as they lie to each other.

A program that renders follows links and `..` by rules of its own. It is given a copy that holds only what lies inside
the roots, so that nothing else is there to be read, and in which a change can be tried before it is made.
"""

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grayc.records import dataclass, field
from grayc.source.error import SourceError
from grayc.source.file import SourceFile
from grayc.source.limits import MAX_ENTRIES, MAX_FOLDER_DEPTH, MAX_STAGED_BYTES
from grayc.source.read import Roots, check_form, locate, unreadable
from grayc.source.seen import note, note_obstacle

_LEFT_OUT = frozenset({".git"})

BytesPattern = re.Pattern[bytes]


@dataclass(slots=True, kw_only=True)
class Stage:
    """A copy that is being filled.

    Attributes:
        tree: folder of the copy; the file `/a/b` is `tree/a/b` there.
        scratch: an empty folder beside it.
        paths: what was copied, links resolved: the folders and files that were asked for.
        changed: resolved path → text that stands there instead.
        sizes: copied files, links resolved → bytes.
    """

    tree: Path
    scratch: Path
    roots: Roots
    changed: Mapping[Path, str]
    paths: set[Path] = field(default_factory=set)
    sizes: dict[Path, int] = field(default_factory=dict)
    bytes: int = 0
    entries: int = 0
    _copied: set[Path] = field(default_factory=set)

    @property
    def folder(self) -> Path:
        """Where the spec's folder is in the copy."""
        return self.place(Path(os.path.realpath(self.roots.folder)))

    def place(self, path: Path) -> Path:
        """Return where an absolute path is in the copy."""
        return self.tree / path.relative_to(path.anchor)

    def shown(self, name: str) -> str:
        """Return what diagnostics call a path that is relative to the spec's folder."""
        return SourceFile(name=name, text="", folder=self.roots.shown).shown

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """What to replace in a program's words, so that they name the user's paths: longest first."""
        return ((f"{self.folder}/", ""), (str(self.folder), "."), (str(self.tree), ""), (str(self.scratch), ""))

    def add(self, path: Path, name: str) -> Path:
        """Copy a file, or a folder with all below it, and return where it really is.

        A link to it is a link in the copy too.

        Args:
            path: where it is, without `..`.
            name: relative to the spec's folder.
        Raises:
            SourceError: GC101, GC102, GC120, GC125, GC150, GC151, GC152.
        """
        check_form(name)
        name = self.shown(name)
        real, _ = locate(path, name, self.roots)
        try:
            mode = real.stat().st_mode
        except OSError as error:
            raise unreadable(error, name) from None
        self.paths.add(real)
        if stat.S_ISDIR(mode):
            self._copy_folder(real, name, 0)
        elif stat.S_ISREG(mode):
            self._copy_file(real, self.place(real), name)
        else:
            raise SourceError("GC152", f"`{name}` is no regular file", "name a file or a folder")
        self._link(path, real)
        return real

    def wrap(self, real: Path, position: int, text: str) -> Path:
        """Return a folder beside the copy with a kustomization over one in it.

        Args:
            position: no two have the same.
            text: the kustomization, but for the name of the copied folder at its end.
        """
        folder = self.scratch / f"over-{position}"
        folder.mkdir()
        below = json.dumps(os.path.relpath(self.place(real), folder))
        (folder / "kustomization.yaml").write_text(f"{text}- {below}\n", encoding="utf-8")
        return folder

    def put(self, place: Path, text: str) -> None:
        """Write a file of the copy, in place of one that is there."""
        place.write_text(text, encoding="utf-8", newline="")

    def make(self, name: str, files: Mapping[str, str]) -> Path:
        """Return a new folder beside the copy with files of its own, by name.

        Args:
            name: no two have the same.
        """
        folder = self.scratch / name
        folder.mkdir()
        for file, text in files.items():
            self.put(folder / file, text)
        return folder

    def holds(self, real: Path, pattern: BytesPattern) -> bool:
        """Tell whether a copied file, or one below a copied folder, holds something; a packed one may."""
        place = self.place(real)
        files = [file for file in place.rglob("*") if file.is_file()] if place.is_dir() else [place]
        return any(file.suffix == ".tgz" or pattern.search(file.read_bytes()) for file in files)

    def _link(self, path: Path, real: Path) -> None:
        """Make the way to a copied path lead there as the user's way does."""
        place = self.place(path)
        if path == real or place.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(self.place(real))

    def _copy_folder(self, real: Path, name: str, depth: int) -> None:
        if real in self._copied:
            return
        self._copied.add(real)
        if depth > MAX_FOLDER_DEPTH:
            raise SourceError("GC120", f"`{name}` is nested more than {MAX_FOLDER_DEPTH} folders deep", "")
        self.place(real).mkdir(parents=True, exist_ok=True)
        try:
            with os.scandir(real) as listing:
                entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            raise unreadable(error, name) from None
        self.entries += len(entries)
        if self.entries > MAX_ENTRIES:
            raise self._too_large(name, f"holds more than {MAX_ENTRIES} files")
        for entry in entries:
            if entry.name not in _LEFT_OUT:
                self._copy_entry(entry, f"{name}/{entry.name}", depth)

    def _copy_entry(self, entry: "os.DirEntry[str]", name: str, depth: int) -> None:
        """Copy what stands in a folder; links that lead out of the roots or nowhere are left out.

        The program says so if it wants them.
        """
        path = Path(entry.path)
        try:
            real, _ = locate(path, name, self.roots)
            mode = real.stat().st_mode
        except (SourceError, OSError):
            return
        if stat.S_ISDIR(mode):
            self._copy_folder(real, name, depth + 1)
            self._link(path, real)
        elif stat.S_ISREG(mode):
            self._copy_file(real, self.place(path), name)

    def _copy_file(self, real: Path, target: Path, name: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if real in self.changed:
            self.sizes[real] = len(self.changed[real])
            target.write_text(self.changed[real], encoding="utf-8", newline="")
            return
        try:
            status = real.stat()
            note(status)
            self.sizes[real] = status.st_size
            self.bytes += status.st_size
            if self.bytes > MAX_STAGED_BYTES:
                raise self._too_large(name, f"is part of more than {MAX_STAGED_BYTES // (1024 * 1024)} MiB")
            shutil.copyfile(real, target)
        except OSError as error:
            raise unreadable(error, name) from None

    @staticmethod
    def _too_large(name: str, what: str) -> SourceError:
        return SourceError(
            "GC125", f"`{name}` {what} to render", "put what is rendered into a folder that holds nothing else"
        )


@contextmanager
def staged(roots: Roots, changed: Mapping[Path, str]) -> Iterator[Stage]:
    """Hold an empty stage, which is gone afterwards.

    Raises:
        SourceError: GC102: there is no place for it.
    """
    note_obstacle("a program renders")
    try:
        holder = tempfile.TemporaryDirectory(prefix="grayc-", ignore_cleanup_errors=True)
    except OSError as error:
        raise SourceError("GC102", f"cannot make a temporary folder: {error.strerror}", "make room there") from None
    with holder as name:
        base = Path(os.path.realpath(name))
        stage = Stage(tree=base / "tree", scratch=base / "scratch", roots=roots, changed=changed)
        stage.scratch.mkdir()
        stage.folder.mkdir(parents=True)
        yield stage
