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
    return request if command is None else replace(request, flags=_merged(request.flags, command))


def with_recorded_of(request: Request, file: Path) -> Request:
    """Return the request with the flags by which the lane was built that a file of an output folder is of.

    Where the folder says nothing of the file, or of the flags, the request is as it was.
    """
    inputs = find_specs(request).value
    listing = read_folder(file.parent).value
    head = load_input_head(inputs[0], request).value if inputs and len(inputs) == 1 else None
    if head is None or listing is None:
        return request
    inventory = listing.inventory
    for name, record in inventory.lanes.items():
        command = record.command
        # Of a spec that is not the lane's the flags would be another's.
        is_ours = command is not None and name == name_with(head.name, command.tag)
        if command is not None and is_ours and file.name in inventory.files_of(name):
            return _as_built(request, command)
    return request


def _as_built(request: Request, command: Command) -> Request:
    return replace(
        request,
        flags=_merged(request.flags, command),
        step=request.step or command.step,
        gateway=request.gateway or command.gateway,
    )


def _merged(own: Flags, command: Command) -> Flags:
    return Flags(
        tag=own.tag or command.tag,
        images=own.images or command.images,
        expires=own.expires or command.expires,
        owner=own.owner or command.owner,
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
