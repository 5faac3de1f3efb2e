"""Where an output folder may be: a folder of its own, away from everything that is read."""

import os
from collections.abc import Iterable
from pathlib import Path

from grayc.diagnostics import Diagnostic
from grayc.source import LinkError, find_place
from grayc.source.repository import repository_among


def refuse_place(out: Path, protect: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return why grayc does not write to a folder; nothing where it does.

    Args:
        out: the output folder; it need not exist.
        protect: files that are read, and folders that are searched with all below them; links in them are resolved.
    Diagnostics:
        GC154: the next build would read its own output, or the output folder holds what is read.
        GC608: it is a link, lies behind one that a repository holds, is no folder, or one that holds much else.
        GC643: it holds what git takes for a repository.
    """
    shown = out.as_posix()
    try:
        refused = _refuse_form(out, shown) or refuse_repository(_names_in(out), shown)
        real = os.path.realpath(out)
    except (OSError, ValueError) as error:
        return (
            Diagnostic(
                code="GC608", message=f"{shown!a} cannot be an output folder: {error}", help="name another folder"
            ),
        )
    if refused is not None:
        return (refused,)
    above = real.rstrip(os.sep) + os.sep
    # It holds the folder, or is in it, where one is the start of the other.
    for path in sorted(each for each in protect if each.startswith(above) or above.startswith(each)):
        if _holds(real, path):
            return (
                Diagnostic(
                    code="GC154",
                    message=f"the output folder `{shown}` holds a file that is read: `{_shown(path)}`",
                    help="name a folder that holds only output, such as `out`",
                ),
            )
        if _holds(path, real) and os.path.isdir(path):  # noqa: PTH112
            return (
                Diagnostic(
                    code="GC154",
                    message=f"the output folder `{shown}` lies in the baseline folder `{_shown(path)}`",
                    help="the next build would read its own output; name a folder outside the baseline",
                ),
            )
    behind = _refuse_way(out)
    return (_refused(shown, behind),) if behind else ()


def refuse_repository(names: Iterable[str], shown: str) -> Diagnostic | None:
    """Return why a folder with these names in it is no output folder; None where it may be one.

    Diagnostics:
        GC608: it is the top of a repository. GC643: git would take it for one.
    """
    found = repository_among(names)
    if not found:
        return None
    if found == "`.git`":
        return _refused(shown, "is the root of a repository")
    return Diagnostic(
        code="GC643",
        message=f"the output folder `{shown}` holds {found}, which git takes for a repository",
        help=f"delete {found} from it and from version control: git would answer from there, not from the repository"
        " that the folder lies in",
    )


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - a path for each of thousands of files
    except OSError:
        # It is not there yet, or what opens it says why it cannot be read.
        return []


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _refuse_form(out: Path, shown: str) -> Diagnostic | None:
    what = ""
    if out.is_symlink():
        what = "is a symbolic link, which is not followed when writing"
    elif out.exists() and not out.is_dir():
        what = "is not a folder"
    else:
        places = (("the root folder", os.sep), ("the working folder", Path.cwd()), ("the home folder", _home()))
        real = os.path.realpath(out)
        what = next((f"is {name}" for name, path in places if path and real == os.path.realpath(path)), "")
    return _refused(shown, what) if what else None


def _refused(shown: str, what: str) -> Diagnostic:
    return Diagnostic(
        code="GC608",
        message=f"the output folder `{shown}` {what}",
        help="name a folder that holds only output, such as `out`",
    )


def _refuse_way(out: Path) -> str:
    """Return that a link on the way to a folder is not followed, "" where there is none."""
    try:
        find_place(out).close()
    except LinkError as error:
        return f"lies behind the symbolic link `{_shown(error.link)}`, which is not followed when writing"
    except OSError:
        # A folder that is not there yet is made with its parents; what else is wrong shows when it is opened.
        pass
    return ""


def _home() -> str:
    home = os.path.expanduser("~")  # noqa: PTH111 - `Path.home` fails where there is none
    return "" if home == "~" else home


def _shown(name: str) -> str:
    """Return a path from the working folder, where it lies below it."""
    path, here = Path(name), Path(os.path.realpath(Path.cwd()))
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
