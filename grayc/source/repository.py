"""Which git repository a folder lies in, by what its folders hold; git itself is not asked.

Git takes a folder for a repository that holds `HEAD`, `objects` and `refs`, and any commit can bring those along. A
question that is asked from such a folder is answered by it, whatever the repository around it knows. So the way from a
folder up to its repository is walked here first, and what stands in that way is refused.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from grayc.source.error import SourceError

_DOT_GIT = ".git"
_SHORT_DOT_GIT = "git~1"
_HEAD, _OBJECTS, _REFS, _COMMON = "head", "objects", "refs", "commondir"
_LONGEST_LINK = 4096
# Source: git 2.39 utf8.c, `next_hfs_char`: code points that HFS+ passes over in a name.
_PASSED_OVER = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF), None
)  # fmt: skip


def repository_among(names: Iterable[str]) -> str:
    """Return which of a folder's names make it a git repository, as words for a message; "" where none do.

    Case does not count, nor do characters that a file system may pass over: the folder may be checked out elsewhere.
    Source: git 2.39 setup.c, `is_git_directory`, `read_gitfile_gently` and `get_common_dir`; path.c, `is_ntfs_dotgit`.
    """
    # Manifests are none, and most of what is asked about.
    others = sorted(name for name in names if not name.endswith(".yaml"))
    by_fold = {name.translate(_PASSED_OVER).casefold().rstrip(" ."): name for name in others}
    for name in (_DOT_GIT, _SHORT_DOT_GIT):
        if name in by_fold:
            return f"`{by_fold[name]}`"
    for wanted in ((_HEAD, _OBJECTS, _REFS), (_HEAD, _COMMON)):
        if all(name in by_fold for name in wanted):
            return ", ".join(f"`{by_fold[name]}`" for name in wanted)
    return ""


def top_level(folder: Path) -> Path:
    """Return the top folder of the repository that a folder lies in, without links on the way.

    Raises:
        SourceError: GC711: it lies in none. GC713: something on the way up passes itself off for one.
    """
    real = Path(os.path.realpath(folder))
    for place in (real, *real.parents):
        git_folder = _git_folder(place)
        if git_folder is not None:
            _refuse_brought_along(place, git_folder, folder)
            return place
        if found := _bare_at(place):
            raise _impostor(folder, place, f"holds {found}")
    raise SourceError(
        "GC711",
        f"`{folder.as_posix()}` lies in no git repository",
        "run this in a clone of the repository that holds the output folder",
    )


def is_shallow(top: Path) -> bool:
    """Tell whether the repository at a top folder lacks the commits before some of its own."""
    git_folder = _git_folder(top)
    return git_folder is not None and os.path.lexists(_common(git_folder) / "shallow")


def _impostor(folder: Path, place: Path, what: str) -> SourceError:
    return SourceError(
        "GC713",
        f"git is not asked about `{folder.as_posix()}`: its folder `{place.name or place.as_posix()}` {what}, and"
        " git would take it for the repository",
        "delete what makes it one from version control; nothing that grayc writes looks like that",
    )


def _git_folder(place: Path) -> Path | None:
    """Return what git takes for the repository of a folder that holds `.git`, None where it would look further up."""
    dot = place / _DOT_GIT
    if dot.is_dir():
        # Git passes over a folder of this name that is no repository.
        real = Path(os.path.realpath(dot))
        return real if os.path.lexists(real / "HEAD") else None
    if not os.path.lexists(dot):
        return None
    try:
        # Git takes a file that it cannot read as one for an error, and so does what it says.
        text = dot.read_bytes()[:_LONGEST_LINK].decode(errors="surrogateescape") if dot.is_file() else ""
    except OSError:
        text = ""
    return Path(os.path.realpath(place / text.removeprefix("gitdir:").strip()))


def _bare_at(place: Path) -> str:
    for wanted in (("HEAD", "objects", "refs"), ("HEAD", "commondir")):
        # The file system says what counts as one name.
        if all(os.path.lexists(place / name) for name in wanted):
            return ", ".join(f"`{name}`" for name in wanted)
    return ""


def _common(git_folder: Path) -> Path:
    """Return what all worktrees of a repository have in common."""
    try:
        text = (git_folder / "commondir").read_bytes()[:_LONGEST_LINK].decode(errors="surrogateescape").strip()
    except OSError:
        return git_folder
    return Path(os.path.realpath(git_folder / text))


def _refuse_brought_along(place: Path, git_folder: Path, folder: Path) -> None:
    """Refuse a `.git` that leads to plain files of the repository around it, or to that repository itself.

    A submodule's and a worktree's lead below a `.git`, or to the repository of which they are a worktree.
    """
    if git_folder == place / _DOT_GIT:
        return
    for outer in place.parents:
        around = _git_folder(outer)
        if around is None:
            continue
        is_content = git_folder.is_relative_to(outer) and _DOT_GIT not in git_folder.relative_to(outer).parts
        if git_folder == around or (is_content and _common(git_folder) != _common(around)):
            raise _impostor(folder, place, "has a `.git` that leads to what the repository around it holds")
        return
