"""An output folder as a run leaves it that is killed when its journal stands. No journal made by hand is believed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grayc.output.folder import Folder
from grayc.output.inventory import Inventory
from grayc.output.journal import Journal, Remove, begin, read_inventory


def leave_killed_run(out: Path, *, owner: str, removes: Sequence[str] = ()) -> None:
    """Leave the journal of a run of `owner` that has these files still to remove; without any, nothing but its records.

    Where it removes, it takes the release out of the inventory.
    """
    with Folder(out) as folder:
        before = read_inventory(folder) or Inventory()
        gone = tuple(Remove(file=name, old=before.files[name].sha256) for name in removes)
        files = {name: row for name, row in before.files.items() if name not in removes}
        lanes = {name: lane for name, lane in before.lanes.items() if name != owner or not removes}
        begin(folder, Journal(owner=owner, replaces=(), removes=gone), {}, replace(before, files=files, lanes=lanes))
