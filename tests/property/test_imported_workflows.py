"""Whatever a workflow holds, it is refused, or becomes a release that is right."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.source import SourceFile
from grayc.spec.load import load_spec
from tests.cli_run import run_grayc

TEXT = (Path(__file__).parents[1] / "golden/import/a_release_with_its_manifests/input/workflow.yaml").read_bytes()
GOOD = yaml.safe_load(TEXT)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**33), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    st.sampled_from(["gray", "Gray_1", "{{.workflow.params.tag}}", "<+fixed>x", "mse-gray-release", "kind: [", "a: b"]),
)  # fmt: skip
NODES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abc_", max_size=4), inner, max_size=2)
)


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        found += places(node[key], (*path, key))
    return found


@st.composite
def broken(draw: st.DrawFn) -> Any:
    data = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        all_places = places(data)
        if not all_places:
            break
        path = draw(st.sampled_from(all_places))
        parent = data
        for step in path[:-1]:
            parent = parent[step]
        if draw(st.booleans()):
            parent[path[-1]] = draw(NODES)
        else:
            del parent[path[-1]]
    return data


@settings(max_examples=150, deadline=None)
@given(broken())
def test_a_workflow_is_refused_or_becomes_a_right_release(data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = yaml.safe_dump(data, allow_unicode=True)
        (Path(folder) / "workflow.yaml").write_text(text, encoding="utf-8")
        run = run_grayc(["import", "zadig", "workflow.yaml", "-o", "-"], folder=Path(folder))

    assert run.status in (0, 1), run.stderr
    assert bool(run.stdout) is (run.status == 0)
    if run.stdout:
        loaded = load_spec(SourceFile(name="release.yaml", text=run.stdout))
        assert loaded.value is not None, [each.message for each in loaded.diagnostics]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The workflow with some of its bytes gone, doubled or replaced."""
    text = TEXT
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(text) - 1, 0)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        put = draw(
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from(
                    [b"\n", b"\t", b": ", b"- ", b"{", b"]", b"&a ", b"*a", b"|", b"---\n", b"{{", b"\xff"]
                ),
                st.just(text[start:end] * 2),
            )
        )
        text = text[:start] + put + text[end:]
    return text


@settings(max_examples=150, deadline=None)
@given(damaged(), st.sampled_from([(), ("--tag", "blue"), ("--job", "release"), ("--job", "build"), ("-s", "web")]))
def test_a_damaged_file_leaves_no_half_release(text: bytes, flags: tuple[str, ...]) -> None:
    """There is a whole release that is right, or none; the status says which, and twice the same."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "workflow.yaml").write_bytes(text)
        out = Path(folder) / "release.yaml"
        run = run_grayc(["import", "zadig", "workflow.yaml", *flags], folder=Path(folder))
        made = out.read_text(encoding="utf-8") if out.exists() else None
        again = run_grayc(["import", "zadig", "workflow.yaml", *flags, "-o", "-"], folder=Path(folder))

    assert run.status in (0, 1, 2), run.stderr
    assert (made is not None) is (run.status == 0), run.stderr
    assert (again.status, again.stdout) == (run.status, made or "")
    if made is not None:
        loaded = load_spec(SourceFile(name="release.yaml", text=made))
        assert loaded.value is not None, [each.message for each in loaded.diagnostics]
