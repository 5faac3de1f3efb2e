"""What a power cut may leave: the order in which texts and names reach the disk."""

import os
from pathlib import Path

import pytest

from grayc.output.inventory import INVENTORY
from grayc.output.journal import JOURNAL, NEW_INVENTORY, NEW_JOURNAL, STAGE_MARK
from tests.faults.child import returned
from tests.faults.states import FIRST, UPDATE, Scene

Step = tuple[str, str]
"""A call and the name it was about; "." is the folder itself."""


def steps(scene: Scene, out: Path) -> list[Step]:
    """Return the calls of a build that change names, or bring something to the disk."""
    made: list[Step] = []

    def build() -> list[Step]:
        opened: dict[int, str] = {}
        real_open, real_sync, real_rename, real_unlink = os.open, os.fsync, os.rename, os.unlink

        def open_file(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            handle = real_open(path, flags, mode, dir_fd=dir_fd)
            opened[handle] = str(path) if dir_fd is not None else "."
            return handle

        def sync(handle: int) -> None:
            real_sync(handle)
            made.append(("sync", opened[handle]))

        def rename(source: str, target: str, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
            real_rename(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
            made.append(("rename", str(target) if src_dir_fd is not None else "out"))

        def unlink(path: str, *, dir_fd: int | None = None) -> None:
            real_unlink(path, dir_fd=dir_fd)
            made.append(("remove", str(path)))

        os.open, os.fsync, os.rename, os.unlink = open_file, sync, rename, unlink  # type: ignore[assignment]
        assert scene.build(out).value is not None
        return made

    return returned(build)


@pytest.mark.parametrize("scene", [UPDATE, FIRST], ids=["update", "first"])
def test_texts_then_the_journal_then_names_then_removals_then_the_inventory(scene: Scene, place: Path) -> None:
    out = place / "out"
    scene.set_up(out)
    changed = [name for name in sorted(scene.new) if scene.new[name] != (scene.old or {}).get(name)]
    removed = sorted(set(scene.old or {}) - set(scene.new))

    found = steps(scene, out)

    assert found == [
        *([("sync", STAGE_MARK), ("sync", ".")] if scene == FIRST else []),
        *(("sync", f".grayc-new-{number}") for number in range(len(changed))),
        ("sync", NEW_INVENTORY),
        ("sync", NEW_JOURNAL),
        ("sync", "."),
        ("rename", JOURNAL),
        ("sync", "."),
        *(("rename", name) for name in changed),
        ("sync", "."),
        *(("remove", name) for name in removed),
        ("rename", INVENTORY),
        ("sync", "."),
        ("remove", JOURNAL),
        ("sync", "."),
        *([("rename", "out"), ("sync", "."), ("remove", STAGE_MARK), ("sync", ".")] if scene == FIRST else []),
    ]


def test_a_second_build_changes_no_name(place: Path) -> None:
    out = place / "out"
    UPDATE.set_up(out)
    UPDATE.build(out)

    assert steps(UPDATE, out) == []
