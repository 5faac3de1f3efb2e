"""Text that aliases, patches and copies repeat is counted before anything is written."""

import json
from pathlib import Path

import pytest

from grayc.documents import parse_documents
from grayc.documents.json_patch import PatchError, json_patch
from grayc.documents.limits import MAX_ALIAS_GROWTH, MAX_ALIAS_TEXT, MAX_COPIED_TEXT
from grayc.output.layout import MAX_WRITTEN_BYTES
from grayc.source import SourceFile
from tests.budgets.cost import Cost, assert_cheap, cost_of
from tests.budgets.inputs import deployment, lay_out
from tests.manifests import Object, release

LONG = "x" * 900_000


def _config_map(name: str, **data: str) -> dict[str, object]:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _reading(*names: str) -> Object:
    """Return a workload that reads ConfigMaps, which are copied with it."""
    return deployment(container={"envFrom": [{"configMapRef": {"name": name}} for name in names]})


def _codes(cost: Cost) -> set[str]:
    return {item["code"] for item in json.loads(cost.stdout)["diagnostics"] if item["severity"] == "error"}


def _build(folder: Path) -> Cost:
    cost = cost_of(["build", "release.yaml", "-o", "out", "-f", "json"], folder=folder)
    assert_cheap(cost)
    return cost


def _aliases(length: int, count: int) -> list[str]:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    text = f"{head}data:\n  a0: &a {'x' * length}\n" + "".join(f"  a{n}: *a\n" for n in range(1, count + 1))
    return [item.code for item in parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics]


def test_aliases_of_a_long_text_are_counted_by_its_characters() -> None:
    assert _aliases(900_000, MAX_ALIAS_GROWTH) == []
    assert _aliases(900_000, MAX_ALIAS_GROWTH + 1) == ["GC121"]
    assert _aliases(1_000, MAX_ALIAS_TEXT // 1_000) == []


def test_the_alias_bomb(tmp_path: Path) -> None:
    lay_out(tmp_path, [deployment()], release=release(services=[{"name": "web", "from": "baseline/"}]))
    lines = "".join(f"  a{n}: *a\n" for n in range(900))
    (tmp_path / "baseline" / "map.yaml").write_text(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: shop}}\ndata:\n  a: &a {LONG}\n{lines}"
    )
    assert _codes(_build(tmp_path)) == {"GC121"}
    assert not (tmp_path / "out").exists()


def test_copies_of_a_long_text_are_counted_by_its_characters() -> None:
    copies: list[Object] = [
        {"op": "copy", "from": "/a", "path": f"/a{n}"} for n in range(MAX_COPIED_TEXT // len(LONG) + 1)
    ]
    assert len(json_patch({"a": LONG}, copies[:-1])) == len(copies)
    with pytest.raises(PatchError, match="copies more than"):
        json_patch({"a": LONG}, copies)


def test_the_copy_bomb(tmp_path: Path) -> None:
    copies: list[Object] = [{"op": "copy", "from": "/data/a", "path": f"/data/a{n}"} for n in range(1_500)]
    patch = {"target": {"kind": "ConfigMap"}, "json6902": copies}
    lay_out(
        tmp_path,
        [_reading("a"), _config_map("a", a=LONG)],
        release=release(services=[{"name": "web", "from": "baseline/", "patches": [patch]}]),
    )
    assert _codes(_build(tmp_path)) == {"GC431"}


@pytest.mark.parametrize("rewrites", [False, True])
@pytest.mark.parametrize("mark", ["x", "\N{GRINNING FACE}"])
def test_one_patch_of_many_objects(tmp_path: Path, mark: str, rewrites: bool) -> None:
    names = [f"c{n}" for n in range(1_000)]
    many = [_reading(*names), *map(_config_map, names)]
    patch = {"target": {"kind": "ConfigMap"}, "merge": {"data": {"text": LONG[:800_000] + mark}}}
    service = {"name": "web", "from": "baseline/", "patches": [patch], "rewriteText": rewrites}
    spec = release(services=[service])
    lay_out(tmp_path, many, release=spec)
    cost = _build(tmp_path)
    assert _codes(cost) == {"GC614"}
    (found,) = (item for item in json.loads(cost.stdout)["diagnostics"] if item["code"] == "GC614")
    assert "`ConfigMap/c" in found["message"]
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".grayc-new*"))


def test_many_releases_of_one_long_text(tmp_path: Path) -> None:
    specs = {
        f"specs__r{n}": release(
            f"r{n}", tag=f"r{n}", baseline=["../baseline/"], services=[{"name": "web", "from": "../baseline/"}]
        )
        for n in range(100)
    }
    lay_out(tmp_path, [_reading("a"), _config_map("a", a=LONG)], **specs)
    cost = cost_of(["build", "specs/", "--allow-root", ".", "-o", "out", "-f", "json"], folder=tmp_path)
    assert_cheap(cost)
    assert "GC614" in _codes(cost)
    assert not (tmp_path / "out").exists()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(MAX_WRITTEN_BYTES // len(LONG) - 1)]
    many = [_reading(*names), *map(_config_map, names)]
    patch = {"target": {"kind": "ConfigMap"}, "merge": {"data": {"text": LONG}}}
    service = {"name": "web", "from": "baseline/", "patches": [patch]}
    lay_out(tmp_path, many, release=release(services=[service], output={"layout": "single"}))
    assert _build(tmp_path).status == 0
    for line in (
        ["build", "release.yaml", "-o", "out", "--check"],
        ["diff", "release.yaml", "--with", "out"],
        ["offline", "release.yaml", "-o", "out"],
    ):
        cost = cost_of(line, folder=tmp_path)
        assert cost.status == 0, cost.stderr
        assert cost.peak_mib < 1024


def test_ordinary_large_config_maps_are_built(tmp_path: Path) -> None:
    maps = [_config_map(f"c{n}", a="line of text\n" * 80_000) for n in range(10)]
    lay_out(
        tmp_path,
        [_reading(*(f"c{n}" for n in range(10))), *maps[:3]],
        release=release(services=[{"name": "web", "from": "baseline/"}]),
    )
    (tmp_path / "baseline" / "b.yaml").write_text("\n---\n".join(map(json.dumps, maps[3:6])))
    (tmp_path / "baseline" / "c.yaml").write_text("\n---\n".join(map(json.dumps, maps[6:9])))
    (tmp_path / "baseline" / "d.yaml").write_text(json.dumps(maps[9]))
    cost = cost_of(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    assert_cheap(cost)
    assert cost.status == 0, cost.stderr
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) > 10_000_000


def test_many_patches_of_one_large_object(tmp_path: Path) -> None:
    large = deployment(container={"env": [{"name": f"A{n}", "value": "x"} for n in range(10_000)]})
    operation = {"op": "add", "path": "/metadata/annotations", "value": {}}
    patches = [{"target": {"kind": "Deployment"}, "json6902": [operation]} for _ in range(4_000)]
    lay_out(tmp_path, [large], release=release(services=[{"name": "web", "patches": patches}]))
    _build(tmp_path)


def test_a_patch_changes_only_what_it_makes() -> None:
    target: Object = {"a": {"b": [{"c": 1}, {"d": 2}]}, "e": {"f": [3]}}
    kept = json.loads(json.dumps(target))
    operations: list[Object] = [
        {"op": "copy", "from": "/a/b", "path": "/g"},
        {"op": "add", "path": "/g/0/c", "value": 9},
        {"op": "add", "path": "/a/b/0/c", "value": 8},
        {"op": "move", "from": "/e/f", "path": "/a/f"},
        {"op": "remove", "path": "/a/b/1"},
    ]
    assert json_patch(target, operations) == {"a": {"b": [{"c": 8}], "f": [3]}, "e": {}, "g": [{"c": 9}, {"d": 2}]}
    assert target == kept
