"""Pages that are tables of the code say what the code says."""

from pathlib import Path

import pytest

from tools.write_docs import pages


@pytest.mark.parametrize(
    ("path", "text"), list(pages()), ids=lambda value: value.name if isinstance(value, Path) else ""
)
def test_page_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run python -m tools.write_docs"
