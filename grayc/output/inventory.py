"""`.grayc-inventory`: which files of an output folder grayc wrote, for which release, and their digests.

The name has no manifest's suffix, so `kubectl apply -f` and Argo CD pass over it. It holds no time, path or version
of grayc, one file a line, so that two branches which change different files merge.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

INVENTORY = ".grayc-inventory"
FORMAT = "grayc.inventory/v1"
MAX_BOOKKEEPING_BYTES = 32 * 1024 * 1024
"""Largest inventory or journal that is read."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.(?:yaml|yml|json)", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Source: POSIX `NAME_MAX` on all file systems in use.
_LONGEST_NAME = 255


class DamagedError(Exception):
    """Bookkeeping that is not what grayc writes; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """One file of the inventory.

    Attributes:
        owner: the release it was written for.
        sha256: digest of what was written.
    """

    owner: str
    sha256: str


Inventory = Mapping[str, Owned]
"""File name → who owns it."""


def is_file_name(name: str) -> bool:
    """Tell whether grayc may write a file of this name: no folder, no hidden file, a manifest's suffix."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def is_digest(text: object) -> bool:
    """Tell whether it is a SHA-256 in hex."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def format_inventory(inventory: Inventory) -> str:
    """Return the text of an inventory."""
    rows = ",\n".join(
        f"    {json.dumps(name)}: " + json.dumps({"owner": inventory[name].owner, "sha256": inventory[name].sha256})
        for name in sorted(inventory)
    )
    return f'{{\n  "format": {json.dumps(FORMAT)},\n  "files": {{\n{rows}\n  }}\n}}\n'


def parse_inventory(data: bytes) -> Inventory:
    """Return the inventory that a text holds.

    Raises:
        DamagedError: it holds none, or names a file that grayc would never write.
    """
    files = parse_bookkeeping(data, FORMAT).get("files")
    if not isinstance(files, dict):
        raise DamagedError("`files` is missing")
    inventory = {}
    for name, row in files.items():
        match row:
            case {"owner": str(owner), "sha256": str(sha256)} if is_file_name(name) and is_digest(sha256):
                inventory[name] = Owned(owner=owner, sha256=sha256)
            case _:
                raise DamagedError(f"the row of {name[:300]!a} is not what grayc writes")
    return inventory


def parse_bookkeeping(data: bytes, form: str) -> dict[str, object]:
    """Return the mapping that a bookkeeping file holds.

    Raises:
        DamagedError: it is no JSON mapping of this format, or a key stands twice.
    """
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        conflict = b"<<<<<<<" in data
        raise DamagedError("it holds merge conflict marks" if conflict else f"it is not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != form:
        raise DamagedError(f"its format is not `{form}`")
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DamagedError("a name stands twice")
    return found
