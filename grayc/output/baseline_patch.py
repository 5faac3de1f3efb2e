"""The file of changes that a release wants of the baseline's own objects, which are not the lane's to write."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.output.create import write_text
from grayc.output.emit import emit_document

_HEAD = """\
# What the lane wants of the baseline's own objects. Each document below is a part of one: take it over into the
# baseline, list it among the patches of a kustomization, or apply it with `kubectl apply --server-side -f`.
"""
_NOTHING = "# Nothing: the baseline needs no change.\n"

Patches = Sequence[tuple[str, Mapping[str, object]]]
"""What each does, in words, and the part of the object."""


def write_baseline_patch(path: Path, patches: Patches) -> Checked[bool]:
    """Write the file, over an earlier one.

    Diagnostics:
        GC602: it can not be written.
    """
    written = write_text(path, _text(patches), what="baseline patch", flag="--baseline-patch FILE")
    return Checked(value=True if written.value else None, diagnostics=written.diagnostics)


def check_baseline_patch(path: Path, patches: Patches) -> Checked[bool]:
    """Tell whether the file is what would be written; one that is not there is not.

    Diagnostics:
        GC102: it can not be read.
    """
    try:
        return Checked(value=path.read_bytes() == _text(patches).encode())
    except FileNotFoundError:
        return Checked(value=False)
    except OSError as error:
        unreadable = Diagnostic(
            code="GC102",
            message=f"can not read `{path.as_posix()}`: {error.strerror}",
            help="name a file that grayc may read and write",
        )
        return Checked(value=None, diagnostics=(unreadable,))


def _text(patches: Patches) -> str:
    if not patches:
        return _NOTHING
    return _HEAD + "---\n".join(f"# {words}\n{emit_document(data)}" for words, data in patches)
