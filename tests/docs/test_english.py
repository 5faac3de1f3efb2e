"""What users read is in usual words: no phrase of a short list stands in a page, a help text or a message."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

USUAL = {
    r"\bcan not\b(?! only)": "cannot",
    r"\bways? in\b(?! which)": "entry",
    r"\b(?:is|are) told\b(?! apart)": "is reported, is named, is shown",
    r"\bby halves\b": "in part",
    r"\bis no better for\b": "say what happens",
    r"\bnothing is compiled\b": "nothing is written",
}


def test_pages_and_messages_use_usual_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: `{said[0]}`; usual: {usual}"
        for path, line, text in _texts()
        for phrase, usual in USUAL.items()
        for said in re.finditer(phrase, text)
    ]
    assert not found, "\n".join(found)


def _texts() -> Iterator[tuple[Path, int, str]]:
    """Yield file, line and text: pages with lines joined, so that a phrase is found across a line's end."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "grayc").rglob("*.md"))]:
        yield path, 1, " ".join(path.read_text("utf-8").split())
    for path in sorted((ROOT / "grayc").rglob("*.py")):
        docstrings: set[ast.expr] = set()
        # What stands alone comes before the text in it.
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Expr):
                docstrings.add(node.value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
                yield path, node.lineno, " ".join(node.value.split())
