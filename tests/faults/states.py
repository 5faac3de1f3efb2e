"""What an output folder may hold at any instant, and what it must hold after the next run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grayc.diagnostics import Checked
from grayc.output.journal import JOURNAL
from grayc.output.write import FolderState, check_folder, write_folder

Files = Mapping[str, str]

OWNER = "cart"
OLD = {f"cart.{name}.yaml": f"# {name} old\n" * 40 for name in ("api", "bus", "cache", "web")}
NEW = {
    "cart.api.yaml": OLD["cart.api.yaml"],
    "cart.bus.yaml": "# bus new\n" * 90,
    "cart.cache.yaml": "# cache new\n",
    "cart.zone.yaml": "# zone new\n" * 7,
}
OTHER = {"shop.web.yaml": "# web of the shop\n"}
FOREIGN = {"README": "read me\n", "kustomization.yaml": "resources: []\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stands in the folder, what is built into it, and what comes out; without `old`, there is no folder yet."""

    old: Files | None
    new: Files

    def set_up(self, out: Path) -> None:
        if self.old is None:
            return
        assert write_folder(OTHER, out, owner="shop").value is not None
        assert write_folder(self.old, out, owner=OWNER).value is not None
        for name, text in FOREIGN.items():
            (out / name).write_text(text)

    def build(self, out: Path) -> Checked[FolderState]:
        return write_folder(self.new, out, owner=OWNER)

    @property
    def before(self) -> Files:
        return {} if self.old is None else {**self.old, **OTHER, **FOREIGN}

    @property
    def after(self) -> Files:
        return self.new if self.old is None else {**self.new, **OTHER, **FOREIGN}


UPDATE = Scene(old=OLD, new=NEW)
FIRST = Scene(old=None, new=NEW)
ADDED_FILE = Scene(old={"cart.api.yaml": "a\n"}, new={"cart.api.yaml": "a\n", "cart.web.yaml": "b\n"})
ALL_RENAMED = Scene(old={"cart.api.yaml": "a\n", "cart.web.yaml": "b\n"}, new={"cart.yaml": "a\n---\nb\n"})
SCENES = {"update": UPDATE, "first": FIRST, "added file": ADDED_FILE, "all renamed": ALL_RENAMED}


def content(out: Path) -> dict[str, str]:
    """Return what users see of a folder: grayc's own records are hidden."""
    return {path.name: path.read_text() for path in sorted(out.iterdir()) if not path.name.startswith(".")}


def everything(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def assert_old_or_new(scene: Scene, out: Path) -> None:
    """Assert that every file is whole, and that nothing is there that belongs to neither state."""
    if not out.exists():
        assert scene.old is None
        return
    found = content(out)
    for name in {*scene.before, *scene.after, *found}:
        assert found.get(name) in {scene.before.get(name), scene.after.get(name)}, name
    if scene.old is None:
        assert found == scene.after, "a first folder appears whole"
    for name in set(scene.before) & set(scene.after):
        assert name in found, "what stays is never missing"
    assert any(name.startswith("cart") for name in found), "never empty"


def assert_repaired(scene: Scene, out: Path, clean: Mapping[str, bytes]) -> None:
    """Assert that the next run brings the folder to where an undisturbed one would have."""
    journals = [path for path in (out, out.with_name(f".grayc-new-{out.name}")) if (path / JOURNAL).exists()]
    again = scene.build(out)
    assert again.value is not None, again.diagnostics
    # What an earlier run left to do is never done without a word; what was thrown away is no news.
    assert not journals or "GC641" in {item.code for item in again.diagnostics}
    assert everything(out) == clean
    assert [path.name for path in out.parent.iterdir()] == [out.name], "nothing is left beside the folder"
    checked = check_folder(scene.new, out, owner=OWNER)
    assert checked.value is not None and not checked.value.is_stale
