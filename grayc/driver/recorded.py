"""The flags that a lane was built with, as its output folder keeps them."""

import os
from pathlib import Path

from grayc.driver.request import Request, find_specs, load_input_head
from grayc.output.inventory import Command, Inventory, LaneRecord
from grayc.output.write import read_folder
from grayc.records import replace
from grayc.spec.flags import Flags, name_with


def with_recorded(request: Request, folder: Path) -> Request:
    """Return the request with the flags of the lane that the folder has of it; what it gives itself counts before them.

    Which lane is meant its name says; without `--tag` the only one of the same file, too. What is wrong with the spec
    or the folder is told by whoever reads them next.
    """
    inputs = find_specs(request).value
    if not inputs or len(inputs) != 1:
        return request
    head = load_input_head(inputs[0], request).value
    listing = read_folder(folder).value if folder.is_dir() else None
    if head is None or listing is None:
        return request
    inventory = listing.inventory
    record = inventory.lanes.get(head.name)
    if record is None and not request.flags.tag:
        record = _only_one(inventory, head.name, folder, inputs[0].path)
    command = record.command if record is not None else None
    if command is None:
        return request
    own = request.flags
    return replace(
        request,
        flags=Flags(
            tag=own.tag or command.tag,
            images=own.images or command.images,
            expires=own.expires or command.expires,
            owner=own.owner or command.owner,
        ),
    )


def _only_one(inventory: Inventory, name: str, folder: Path, path: Path | None) -> LaneRecord | None:
    """Return the only lane of a folder that was built of a file with a tag of its own."""
    found = [
        lane
        for release, lane in inventory.lanes.items()
        if lane.command is not None
        and lane.command.tag
        and release == name_with(name, lane.command.tag)
        and path is not None
        and _is_of(lane.command, folder, path)
    ]
    return found[0] if len(found) == 1 else None


def _is_of(command: Command, folder: Path, path: Path) -> bool:
    return os.path.realpath(folder / command.spec) == os.path.realpath(path)
