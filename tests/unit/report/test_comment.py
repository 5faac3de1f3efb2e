"""A comment is never longer than it may be, and nothing in it acts on the page it stands on."""

import json
import re
from dataclasses import replace

import pytest

from grayc.diff.model import Difference, Folded
from grayc.documents import ObjectIdentity
from grayc.report.comment import LIMIT, render_comment
from tests.unit.diff.objects import difference

STRANGE = (
    "@everyone #1 <img src=x> `|` ``` </details> \u202e\x1b[31m 购物车🛒 http://a.example www.a.example [a](b) <!-- $1$"
)


def config_maps(count: int, value: str, name: str = "a") -> str:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:"
    return "---\n".join(f"{head} {{name: {name}-{at:03}}}\ndata: {{a: {value}}}\n" for at in range(count))


def changed(count: int, folded: int = 0) -> Difference:
    found = difference(config_maps(count, "x"), config_maps(count, "y1"))
    copy = ObjectIdentity(api_version="v1", kind="ConfigMap", namespace="shop", name="b")
    return replace(found, folded=(Folded(identity=copy, baseline=copy, expected=()),) * folded)


@pytest.mark.parametrize(("count", "folded"), [(30, 0), (12, 40)])
def test_no_comment_is_longer_than_its_limit(count: int, folded: int) -> None:
    found = changed(count, folded)
    whole = len(render_comment([found]))
    lengths = {limit: len(render_comment([found], limit=limit)) for limit in range(1_000, whole + 300, 3)}

    assert [limit for limit, length in lengths.items() if length > limit] == []
    assert lengths[max(lengths)] == whole


def test_what_is_cut_is_counted() -> None:
    text = render_comment([changed(2_000)])

    shown = text.count("<details>")
    assert len(text) <= LIMIT
    assert f"{2_000 - shown} of 2000 changed objects are not shown here" in text
    assert "2000 changed" in text
    assert "| **config** | the program's files and settings | 2000 |" in text


def test_text_of_users_acts_on_nothing() -> None:
    """Source of what is looked for: CommonMark, and GitHub's mentions, which are looked for outside code."""
    data = [{STRANGE: "x"}, {STRANGE: f"{STRANGE}\n{STRANGE}\n```\n</details>\n@z <img>"}]
    texts = [
        json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": each}) for each in data
    ]
    found = difference(*texts)
    comment = render_comment([replace(found, before=STRANGE, after=STRANGE)])

    # CommonMark 0.31, 4.5: a fence ends with the first line of as many backticks or more.
    fences = re.compile(r"^(`{3,})diff\n(.*?)^\1`*$", re.MULTILINE | re.DOTALL)
    (fence,) = fences.finditer(comment)
    assert "\n+ @z <img>\n" in fence[2]
    codes = re.compile(r"<code>(.*?)</code>")
    outside = fences.sub("", comment)
    assert all(re.fullmatch(r"(?:[A-Za-z0-9 ./,-]|&#\d+;)+", text) for text in codes.findall(outside))
    assert not re.search(r"www(?=\.)|everyone|&", codes.sub("", outside))
    assert not {"\x1b", "\u202e"} & set(comment)
