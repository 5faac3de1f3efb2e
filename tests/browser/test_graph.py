"""Pictures as others read them: a browser, Mermaid and Graphviz, each with text that is up to no good."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from grayc.report.graph.dot import render_dot
from grayc.report.graph.mermaid import render_mermaid
from grayc.report.graph.svg import render_svg
from grayc.report.language import Language
from tests.browser.test_page import Watched
from tests.unit.report.test_graph import PICTURE, row, stop
from tools import browser as tools

SEVERAL = [PICTURE, replace(PICTURE, release="other")]
SHOWN = '</script><img src=x onerror=alert(1)>"\\`#;|]\\u202e\\x0a#\\x23['


@pytest.mark.parametrize("language", Language)
def test_mermaid_draws_it(language: Language, browser: Browser, prepared: tools.Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><title>x</title><p id=x></p>")
    watched = Watched(browser, tmp_path / "page.html")
    watched.page.add_script_tag(path=str(prepared.scripts / "mermaid.js"))
    text = watched.page.evaluate(
        """async (source) => {
          mermaid.initialize({startOnLoad: false, securityLevel: 'strict'});
          const drawn = await mermaid.render('drawn', source);
          document.getElementById('x').innerHTML = drawn.svg;
          return document.getElementById('x').textContent;
        }""",
        render_mermaid(SEVERAL, language),
    )

    assert SHOWN in text
    assert "Unsupported markdown" not in text and "Syntax error" not in text
    assert watched.said == []
    watched.close()


def test_mermaid_takes_as_many_rows_as_are_left_in(browser: Browser, prepared: tools.Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><title>x</title>")
    watched = Watched(browser, tmp_path / "page.html")
    watched.page.add_script_tag(path=str(prepared.scripts / "mermaid.js"))
    many = replace(PICTURE, rows=tuple(row(stop(f"a{at}"), stop(f"b{at}")) for at in range(300)))
    takes = "(source) => mermaid.parse(source).then(() => 'taken', (error) => error.message)"
    made = render_mermaid([many], Language.EN)
    link = next(line for line in made.splitlines() if "==>" in line)

    assert watched.page.evaluate(takes, made) == "taken"
    assert "500" in watched.page.evaluate(takes, made + f"{link}\n" * 10)
    watched.close()


def test_graphviz_takes_it(browser: Browser, prepared: tools.Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><title>x</title>")
    watched = Watched(browser, tmp_path / "page.html")
    watched.page.add_script_tag(content=(prepared.scripts / "viz.js").read_text(encoding="utf-8"))
    made = watched.page.evaluate(
        """async (source) => {
          const made = (await Viz.instance()).render(source, {format: 'svg'});
          return [made.status, made.errors.filter((each) => each.level === 'error'), made.output];
        }""",
        render_dot(SEVERAL, Language.EN),
    )

    assert made[:2] == ["success", []]
    assert made[2].count("<title>cluster_") == 2
    assert "onerror=alert(1)&gt;" in made[2]
    watched.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_file_is_drawn_in_the_readers_scheme(scheme: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "lane.svg"
    path.write_text(render_svg(SEVERAL, Language.ZH), encoding="utf-8")
    watched = Watched(browser, path, scheme=scheme)

    fill = watched.page.evaluate("() => getComputedStyle(document.querySelector('text')).fill")
    assert fill == {"light": "rgb(89, 99, 110)", "dark": "rgb(145, 152, 161)"}[scheme]
    assert (watched.said, watched.asked) == ([], [path.as_uri()])
    watched.close()
