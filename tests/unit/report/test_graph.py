"""Pictures: what stands in them is text, whatever it holds, and of many rows the first are drawn."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from grayc.analysis.carriage import Carriage
from grayc.analysis.picture import Picture, Row, Stop, Way
from grayc.diagnostics.visible import columns
from grayc.k8s.gateways import GatewayName
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import because
from grayc.report.graph.data import graph_data
from grayc.report.graph.dot import render_dot
from grayc.report.graph.mermaid import MAX_EDGES, MAX_TEXT, render_mermaid
from grayc.report.graph.svg import MAX_ROWS, inline_svg, render_svg
from grayc.report.language import Language
from grayc.spec.model import Condition, Part, WeightRule

LETTER = 6
"""At least as wide, in pixels, is a column of text in a picture."""
HOSTILE = '</script><img src=x onerror=alert(1)>"\\`#;|]\u202e\n##[command]x'
RULES = (
    Condition(part=Part.HEADER, name="x-user-id", values=("100", HOSTILE), pattern=None, path=()),
    Condition(part=Part.HEADER, name="authorization", values=("Bearer of-somebody",), pattern=None, path=()),
    WeightRule(percent=10, path=()),
)


def stop(name: str, copy: str = "gray", carriage: Carriage | None = None, why: str = "") -> Stop:
    reason = because(HopWhy.TEXT, text=why) if why else None
    return Stop(name=name, has_gray=copy != "baseline", copy=copy, carriage=carriage, why=reason)


def row(*stops: Stop, entries: tuple[int, ...] = (0,)) -> Row:
    return Row(stops=stops, entries=entries, is_entered=bool(entries), is_call=True)


PICTURE = Picture(
    release="demo",
    tag="gray",
    rules=RULES,
    ways=(Way(title=f"Ingress/{HOSTILE}", gateway=GatewayName.MSE, places=("a.test/", ""), is_coloured_only=False),),
    rows=(
        row(stop(HOSTILE), stop("cart", "baseline", Carriage.NOT, HOSTILE), stop("mail", "unknown", Carriage.UNKNOWN)),
        row(stop("web"), stop("offers", "baseline")),
        row(stop("lonely"), entries=()),
    ),
)


@pytest.mark.parametrize("language", Language)
def test_svg_is_xml_and_holds_text_alone(language: Language) -> None:
    made = render_svg([PICTURE, replace(PICTURE, release="other")], language)

    root = ET.fromstring(made)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "style", "g", "defs", "marker", "path", "rect", "text",
    }  # fmt: skip
    assert "\u202e" not in made and "##[" not in made
    assert "of-somebody" not in made
    ids = re.findall(r' id="([^"]+)"', made)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", made)) <= set(ids)


def test_a_picture_in_a_page_has_a_name_and_a_description() -> None:
    root = ET.fromstring(inline_svg(PICTURE, Language.EN, prefix="p0"))

    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("aria-labelledby") == "p0-t p0-d"
    assert named["p0-t"] == "release demo, lane gray"
    assert "web (gray) → offers (production)" in (named["p0-d"] or "")


@pytest.mark.parametrize("language", Language)
def test_mermaid_holds_no_sign_that_it_reads(language: Language) -> None:
    made = render_mermaid([PICTURE], language)

    for text in re.findall(r'"([^"]*)"', made):
        assert not set(text.replace("<br>", "")) & set("<>\"'`|[]{}\\&\n")
        assert re.sub(r"#\d+;", "", text).count("#") == 0
    assert made.count('"') % 2 == 0
    assert "of-somebody" not in made


def test_mermaid_begins_no_list() -> None:
    """Mermaid 11 puts `Unsupported markdown: list` in the place of a label that Markdown takes for a list."""
    made = render_mermaid([PICTURE], Language.EN)

    assert "1#46; header" in made and "1. header" not in made


def test_dot_ends_no_text_early() -> None:
    made = render_dot([PICTURE], Language.EN)

    for line in made.splitlines():
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0, line
    assert "of-somebody" not in made


def test_a_rule_that_lets_nobody_in_is_none() -> None:
    closed = replace(PICTURE, rules=(WeightRule(percent=0, path=()),))

    assert "nobody" in render_mermaid([closed], Language.EN)


@pytest.mark.parametrize("language", Language)
def test_a_picture_is_as_wide_as_what_it_says_below_a_row(language: Language) -> None:
    of_one = replace(PICTURE, rows=(row(stop("a-service-that-stands-alone"), entries=()),))

    root = ET.fromstring(render_svg([of_one], language))
    (told,) = (text for text in root.iter() if text.get("class") == "g-warn")
    assert float(told.get("x", "")) + columns(told.text or "") * LETTER <= float(root.get("width", ""))


def test_of_many_rows_the_first_are_drawn() -> None:
    many = replace(PICTURE, rows=tuple(row(stop(f"s{at}")) for at in range(MAX_ROWS + 7)))

    assert "and 7 more rows, not drawn" in render_svg([many], Language.EN)
    assert f"s{MAX_ROWS + 6}(" not in render_svg([many], Language.EN)
    assert len(graph_data([many])["graphs"][0]["rows"]) == MAX_ROWS + 7  # type: ignore[index]


def test_data_has_what_a_picture_shows() -> None:
    (graph,) = json.loads(json.dumps(graph_data([PICTURE])))["graphs"]

    assert graph["rows"][0]["stops"][1] == {
        "service": "cart", "hasGray": False, "copy": "baseline", "carried": "not carried", "why": HOSTILE,
        "because": {"why": "text", "values": {"text": HOSTILE}},
    }  # fmt: skip
    assert graph["rules"][1] == {"header": "authorization", "values": ["***"]}


@pytest.mark.parametrize(("count", "length"), [(300, 8), (120, 200), (251, 8)])
def test_mermaid_gets_no_more_than_it_draws(count: int, length: int) -> None:
    rows = tuple(
        row(stop(f"a{at}-".ljust(length, "x")), stop(f"b{at}-".ljust(length, "\u4e2d"))) for at in range(count)
    )
    pictures = [replace(PICTURE, rows=rows), replace(PICTURE, release="other", rows=rows[:7])]
    made = render_mermaid(pictures, Language.EN)

    links = re.findall(r"^  n\d+x\d+ (?:==>|-->)", made, re.MULTILINE)
    assert len(links) <= MAX_EDGES and len(made.encode("utf-16-le")) // 2 <= MAX_TEXT
    (left,) = re.findall(r"and (\d+) more rows, not drawn", made)
    shown = len(set(re.findall(r"a(\d+)-", made)))
    assert shown + int(left) == count + 7
    # As many as there is room for.
    assert len(links) + 4 > MAX_EDGES or len(made) + 2_000 > MAX_TEXT
    assert "more rows" not in render_mermaid([PICTURE], Language.EN)
