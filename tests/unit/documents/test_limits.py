import re
from importlib import import_module
from pathlib import Path

import pytest

from grayc.diagnostics.codes import CODES
from grayc.documents import limits, parse_documents
from grayc.source import SourceFile
from grayc.source import limits as source_limits

PAGE = Path(__file__).resolve().parents[3] / "docs" / "limits.md"
ROW = re.compile(r"^\| [^|]+ \| ([0-9,]+)[^|]* \| ([^|]*?) ?\| `(source|documents)\.(MAX_[A-Z_]+)` \|$", re.MULTILINE)
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def test_the_page_lists_every_limit_with_its_value() -> None:
    modules = {"source": source_limits, "documents": limits}
    listed = {(row[3], row[4]): int(row[1].replace(",", "")) for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))}

    assert listed == {
        (place, name): value
        for place, module in modules.items()
        for name, value in vars(module).items()
        if name.startswith("MAX_")
    }


def test_the_page_lists_the_budgets_of_a_run_with_their_values() -> None:
    rows = re.findall(
        r"^\| [^|]+ \| ([0-9,]+) \| [^|]+ \| `([a-z_]+\.[a-z_]+)\.(MAX_[A-Z_]+)` \|$", PAGE.read_text(), re.M
    )

    assert len(rows) >= 8
    for value, module, name in rows:
        assert getattr(import_module(f"grayc.{module}"), name) == int(value.replace(",", "")), name


def test_the_page_names_codes_that_exist() -> None:
    assert {row[2] for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))} - {""} <= set(CODES)


def codes(text: str) -> list[str]:
    return [found.code for found in parse_documents(SourceFile(name="a.yaml", text=text)).diagnostics]


def nested(depth: int) -> str:
    return HEAD + "data: " + "[" * depth + "]" * depth + "\n"


def aliases(count: int) -> str:
    return f"{HEAD}a: &a [{'x, ' * 99}x]\nb: [{', '.join(['*a'] * count)}]\n"


MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("within", "beyond", "code"),
    [
        pytest.param(nested(limits.MAX_DEPTH - 1), nested(limits.MAX_DEPTH), "GC120", id="depth"),
        # About 130 nodes are written, 101 of which each alias adds: 10 times 130 and 1,000 more allow 22 aliases.
        pytest.param(aliases(22), aliases(30), "GC121", id="alias growth"),
        pytest.param("#" * (4 * MEBIBYTE), "#" * (4 * MEBIBYTE + 1), "GC122", id="file size"),
        pytest.param("é" * (2 * MEBIBYTE - 1) + ":", "é" * (2 * MEBIBYTE) + ":", "GC122", id="file size in bytes"),
        pytest.param(
            "---\n".join([HEAD.replace("name: a", f"name: a{at}") for at in range(5_000)]),
            "---\n".join([HEAD.replace("name: a", f"name: a{at}") for at in range(5_001)]),
            "GC123",
            id="documents",
        ),
        pytest.param(f"{HEAD}a: {'x' * MEBIBYTE}", f"{HEAD}a: {'x' * (MEBIBYTE + 1)}", "GC124", id="value"),
        pytest.param(f"{HEAD}? {'x' * 1024}\n: b", f"{HEAD}? {'x' * 1025}\n: b", "GC124", id="key"),
        pytest.param(f"{HEAD}a: [{'1,' * 499_989}]", f"{HEAD}a: [{'1,' * 499_990}]", "GC127", id="nodes"),
        pytest.param("[" * 100 + "]" * 100, "[" * 101 + "]" * 101, "GC120", id="depth of json"),
        pytest.param(
            '{"k": "' + "x" * MEBIBYTE + '"}', '{"k": "' + "x" * (MEBIBYTE + 1) + '"}', "GC124", id="value of json"
        ),
        pytest.param('{"' + "x" * 1024 + '": 1}', '{"' + "x" * 1025 + '": 1}', "GC124", id="key of json"),
        pytest.param(f"[{'1,' * 499_998}1]", f"[{'1,' * 499_999}1]", "GC127", id="nodes of json"),
    ],
)
def test_a_limit_may_be_reached_and_not_passed(within: str, beyond: str, code: str) -> None:
    assert code not in codes(within)
    assert code in codes(beyond)


def test_an_alias_counts_its_depth_where_it_stands() -> None:
    text = f"{HEAD}a0: &a0 [x]\n" + "".join(f"a{at}: &a{at} [*a{at - 1}]\n" for at in range(1, 200))

    assert codes(text) == ["GC120"]


def test_aliases_of_aliases_are_refused_before_they_are_written_out() -> None:
    text = f"{HEAD}a0: &a0 [x]\n" + "".join(
        f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 10)
    )

    assert codes(text) == ["GC121"]


def test_a_large_document_without_aliases_has_no_alias_budget() -> None:
    assert codes(f"{HEAD}a: [{'x, ' * 100_000}]\n") == []


def test_an_alias_inside_what_it_names_is_refused() -> None:
    assert codes(f"{HEAD}a: &a [*a]\n") == ["GC126"]
    assert codes(f"{HEAD}a: &a {{b: {{<<: *a}}}}\n") == ["GC126"]


def test_errors_of_one_document_end_at_a_hundred() -> None:
    assert codes(HEAD + "a: 1\n" * 1_000) == ["GC106"] * limits.MAX_FAULTS


def test_warnings_do_not_end_the_reading() -> None:
    text = HEAD + "".join(f"a{at}: yes\n" for at in range(1_000))
    read = parse_documents(SourceFile(name="a.yaml", text=text))

    assert read.value is not None and read.value[0].data["a999"] is True
    assert [found.code for found in read.diagnostics] == ["GC112"] * limits.MAX_FAULTS
