"""The page as HTML: one file, no network, nothing that runs but its own script."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from grayc import __version__
from grayc.diagnostics import Diagnostic
from grayc.diagnostics.visible import visible
from grayc.driver.review_model import Review
from grayc.report.graph.svg import STYLE
from grayc.report.language import Language
from grayc.report.page.view import Room, view_of
from grayc.report.words import Words

LIMIT = 1_000_000
"""Bytes of a page; beyond it changed fields fold to counts, the least grave first, and then objects."""

_ROOM = 600_000
_LEAST = 20_000


def render_page(
    review: Review,
    found: Sequence[Diagnostic],
    language: Language,
    *,
    mark: str,
    command: str,
    limit: int = LIMIT,
) -> str:
    """Return the page.

    Args:
        found: of the run, without secrets.
        mark: its first line.
        command: the line that made it.
    """
    words = Words(language)
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True)
    template = environment.from_string(_text("page.html.j2"))
    style, script = STYLE + _text("style.css"), _text("script.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_digest(style)}'",
            f"script-src 'sha256-{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    characters, objects = _ROOM, True
    while True:
        view = view_of(review, found, words, Room(characters, objects), command=command)
        for release in view["releases"]:  # type: ignore[attr-defined]
            release["picture"] = Markup(release["picture"])
        page = template.render(
            view, mark=Markup(mark), policy=policy, style=Markup(style), script=Markup(script), version=__version__
        )
        if len(page.encode(errors="replace")) <= limit or not (characters or objects):
            return page
        if characters >= _LEAST:
            characters //= 4
        elif objects:
            objects = False
        else:
            characters = 0


def _shown(value: object) -> object:
    """Return what an expression of the template puts into the page: text of users as it shows itself."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(value)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(name: str) -> str:
    return (resources.files("grayc.report.page") / name).read_text(encoding="utf-8")
