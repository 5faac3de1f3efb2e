"""Every link of a page leads to a file or heading that is there, and every page of `docs/` can be reached."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.markdown import PAGES, ROOT, anchors, links

START = Path("README.md")


def text_of(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def target(page: Path, link: str) -> tuple[Path, str]:
    """Return the file that a link of a page means, from the root, and the anchor in it."""
    parts = urlsplit(link)
    path = Path(os.path.normpath(page.parent / unquote(parts.path))) if parts.path else page
    return path, unquote(parts.fragment)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in links(text_of(page)):
        if urlsplit(link).scheme:
            assert link.startswith(("https://", "mailto:")), link
            continue
        path, anchor = target(page, link)
        if path.is_absolute() or path.parts[0] == ".." or not (ROOT / path).exists():
            lost.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(text_of(path)):
            lost.append(f"{link}: no such heading")

    assert lost == []


def test_every_page_of_docs_can_be_reached_from_the_readme() -> None:
    reached, waiting = {START}, [START]
    while waiting:
        page = waiting.pop()
        for link in links(text_of(page)):
            path, _ = target(page, link)
            if path.suffix == ".md" and not urlsplit(link).scheme and path not in reached:
                reached.add(path)
                waiting.append(path)

    assert [str(page) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see [a](b.md#c), and `[no](link)`", ["b.md#c"]),
        ("```text\n[no](link)\n```\n[`x[0]`](y.md)", ["y.md"]),
        ("[![badge](https://a.test/b)](c.md)", ["c.md"]),
    ],
)
def test_links_are_found_outside_of_code(text: str, found: list[str]) -> None:
    assert list(links(text)) == found


def test_anchors_are_those_of_github() -> None:
    text = "# A `b-c`, d: e?\n## 退出码 1\n## Same\n## Same\n```sh\n# no heading\n```\n### grayc route -d\n"

    assert anchors(text) == {"a-b-c-d-e", "退出码-1", "same", "same-1", "grayc-route--d"}
