"""Read an output folder back: its inventory, and the text of manifests in it. Nothing is written."""

from collections.abc import Callable
from pathlib import Path

from grayc.diagnostics import Checked, Diagnostic
from grayc.output.folder import MAX_OUTPUT_BYTES, Folder, LockedError
from grayc.output.inventory import INVENTORY, DamagedError, Inventory, is_file_name, parse_inventory
from grayc.output.journal import read_inventory
from grayc.output.left import StrangeError, read_left
from grayc.output.place import refuse_repository
from grayc.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an output folder holds.

    Attributes:
        inventory: what grayc wrote; None where nothing says so.
        files: name → bytes of the manifests asked for, names in order.
        exists: there is such a folder.
        is_empty: nothing lies in it.
    """

    inventory: Inventory | None = None
    files: dict[str, bytes]
    exists: bool = True
    is_empty: bool = False


def read_content(out: Path, wanted: Callable[[str, Inventory | None], bool]) -> Checked[Content]:
    """Return the manifests of a folder that are `wanted` by name and inventory; an empty one where there is no folder.

    Diagnostics:
        GC102: it cannot be read. GC605: another run is at work. GC606: the inventory is damaged.
        GC607: a run was stopped half-way. GC640: what a run seems to have left was
        not left there. GC643: git would take it for a repository.
    """
    shown = out.as_posix()
    try:
        with Folder(out) as folder:
            planted = refuse_repository(folder.names(), shown)
            if planted is not None:
                return Checked(value=None, diagnostics=(planted,))
            folder.lock(shared=True)
            if read_left(folder) is not None:
                return _refused(
                    "GC607",
                    f"an earlier run into `{shown}` was stopped half-way",
                    "run `grayc build`: it finishes the earlier run first",
                )
            inventory = read_inventory(folder)
            files = {}
            for name in folder.names():
                if is_file_name(name) and not folder.is_folder(name) and wanted(name, inventory):
                    data = folder.read(name, limit=MAX_OUTPUT_BYTES)
                    if data is not None:
                        files[name] = data
            return Checked(value=Content(inventory=inventory, files=files, is_empty=not folder.names()))
    except FileNotFoundError:
        return Checked(value=Content(files={}, exists=False, is_empty=True))
    except LockedError:
        return _refused("GC605", f"another run is writing to `{shown}`", "wait for it to end, then run again")
    except StrangeError as strange:
        return Checked(value=None, diagnostics=(strange.diagnostic(),))
    except DamagedError as damaged:
        return _refused(
            "GC606",
            f"grayc's records in `{shown}` are damaged: {damaged}",
            "take `.grayc-inventory` back from version control",
        )
    except OSError as error:
        return _refused("GC102", f"cannot read `{shown}`: {error.strerror or error}", "check who may read it")


def content_of(
    files: dict[str, bytes], wanted: Callable[[str, Inventory | None], bool], *, shown: str
) -> Checked[Content]:
    """Return the same of a folder that was read elsewhere, such as from a revision.

    Args:
        files: name → bytes of all files right in it, the inventory among them.
        shown: what diagnostics call the folder.
    Diagnostics:
        GC606: the inventory is damaged.
    """
    listed = files.get(INVENTORY)
    try:
        inventory = parse_inventory(listed) if listed is not None else None
    except DamagedError as damaged:
        return _refused("GC606", f"grayc's records in `{shown}` are damaged: {damaged}", "name another revision")
    kept = {name: files[name] for name in sorted(files) if is_file_name(name) and wanted(name, inventory)}
    return Checked(value=Content(inventory=inventory, files=kept))


def _refused(code: str, message: str, help: str) -> Checked[Content]:
    return Checked(value=None, diagnostics=(Diagnostic(code=code, message=message, help=help),))
