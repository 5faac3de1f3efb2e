"""Write one file of its own: a first release.yaml, a report."""

import os
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic


def create_file(path: Path, text: str) -> Checked[Path]:
    """Write `text` to a file that must not be there yet.

    Diagnostics:
        GC602: it can not be written.
        GC610: it is there.
    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        return Checked(
            value=None,
            diagnostics=(
                Diagnostic(
                    code="GC610",
                    message=f"`{path.as_posix()}` is there already",
                    help="choose another file with `-o`, or `-o -` to look first",
                ),
            ),
        )
    except OSError as error:
        return Checked(
            value=None,
            diagnostics=(
                Diagnostic(
                    code="GC602",
                    message=f"can not write `{path.as_posix()}`: {error.strerror}",
                    help="choose another place with `-o`",
                ),
            ),
        )
    return Checked(value=path)


def write_text(path: Path, text: str, *, what: str, flag: str) -> Checked[Path]:
    """Write a file of its own, over an earlier one where there is one.

    Args:
        what: the file, in words.
        flag: as the user wrote it.

    Diagnostics:
        GC602: it can not be written.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        return Checked(
            value=None,
            diagnostics=(
                Diagnostic(
                    code="GC602",
                    message=f"can not write the {what} `{path.as_posix()}`: {error.strerror}",
                    help=f"choose another place with `{flag}`",
                ),
            ),
        )
    return Checked(value=path)


SCRIPT_MARK = "# written by grayc"
"""Second line of every script that grayc writes; a file without it is somebody else's."""


def write_script(path: Path, text: str) -> Checked[Path]:
    """Write a script that can be run, over an earlier one of grayc's where there is one.

    Diagnostics:
        GC602: it can not be written.
        GC610: a file of that name is there that grayc did not write.
    """
    try:
        if path.exists() and SCRIPT_MARK not in path.read_text(encoding="utf-8", errors="replace").splitlines()[1:2]:
            return Checked(
                value=None,
                diagnostics=(
                    Diagnostic(
                        code="GC610",
                        message=f"`{path.as_posix()}` is there already, and grayc did not write it",
                        help="choose another file with `--script`",
                    ),
                ),
            )
        path.write_text(text, encoding="utf-8", newline="\n")
        path.chmod(0o755)
    except OSError as error:
        return Checked(
            value=None,
            diagnostics=(
                Diagnostic(
                    code="GC602",
                    message=f"can not write the script `{path.as_posix()}`: {error.strerror}",
                    help="choose another place with `--script`",
                ),
            ),
        )
    return Checked(value=path)
