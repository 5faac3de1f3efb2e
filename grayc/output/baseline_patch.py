"""The file of changes that a release wants of the baseline's own objects, which are not the lane's to write."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.diagnostics.shell import flag
from grayc.output.create import Wanted, write_file
from grayc.output.emit import emit_document

# Under production's own field manager, server-side apply would take a part for the whole, and take away the rest.
_HEAD = """\
# What the lane wants of the baseline's own objects. Each document below is a part of one. List this file among the
# patches of a kustomization, or put it over the objects under a name of its own:
#   kubectl apply --server-side --force-conflicts --field-manager=grayc """
_FOR_GOOD = "may be taken over into the baseline"
_FOR_THE_LANE = "goes when the lane does, so it has no place in the files that `spec.baseline` names"
_NOTHING = "# Nothing: the baseline needs no change.\n"

Patches = Sequence[tuple[str, bool, Mapping[str, object]]]
"""What each does, in words, whether it goes when the lane does, and the part of the object."""


def baseline_patch(path: Path) -> Wanted:
    """Return the file that `--baseline-patch` names; it is written over an earlier one, and nothing else."""
    return Wanted(
        path=path,
        what="baseline patch",
        flag="--baseline-patch",
        is_own=lambda head: head.startswith((_HEAD, _NOTHING)),
    )


def write_baseline_patch(
    path: Path, patches: Patches, *, namespace: str = "", near: Iterable[Path] = ()
) -> Checked[bool]:
    """Write the file, over an earlier one; never over what somebody else wrote, such as the baseline itself.

    Args:
        namespace: where the objects are of which none names another; "" where nobody says.
        near: as `write_file` takes it.
    Diagnostics:
        GC602, GC610, GC611, GC612: as `write_file`.
    """
    written = write_file(baseline_patch(path), _text(patches, namespace), near=near)
    return Checked(value=True if written.value else None, diagnostics=written.diagnostics)


def check_baseline_patch(path: Path, patches: Patches, *, namespace: str = "") -> Checked[bool]:
    """Tell whether the file is what would be written; one that is not there is not.

    Diagnostics:
        GC102: it cannot be read.
    """
    try:
        return Checked(value=path.read_bytes() == _text(patches, namespace).encode())
    except FileNotFoundError:
        return Checked(value=False)
    except OSError as error:
        unreadable = Diagnostic(
            code="GC102",
            message=f"cannot read `{path.as_posix()}`: {error.strerror}",
            help="name a file that grayc may read and write",
        )
        return Checked(value=None, diagnostics=(unreadable,))


def _text(patches: Patches, namespace: str) -> str:
    if not patches:
        return _NOTHING
    home = f"{flag('namespace', namespace)} " if namespace else ""
    return f"{_HEAD}{home}-f FILE\n" + "---\n".join(
        f"# {words}; {_FOR_THE_LANE if goes else _FOR_GOOD}\n{emit_document(data)}" for words, goes, data in patches
    )
