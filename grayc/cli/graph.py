"""`grayc graph`: the lane as a picture."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Unpack

from grayc.cli.options import Color, Flags, Format, make_request
from grayc.report.language import Language


class GraphFormat(StrEnum):
    """How the picture is written."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def graph(
    *,
    specs: Sequence[str],
    gateway: str,
    step: str,
    lanes: Sequence[Path],
    strict: bool,
    allow_root: Sequence[Path],
    max_input: int,
    lang: Language,
    form: GraphFormat,
    color: Color,
    quiet: bool,
    verbose: bool,
    **flags: Unpack[Flags],
) -> int:
    """Print the picture of the releases and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.driver.preview import draw_releases
    from grayc.report.model import Report, exit_status, in_order

    voice = Voice(
        form=Format.JSON if form is GraphFormat.JSON else Format.TEXT, color=color, quiet=quiet, verbose=verbose
    )
    drawn = draw_releases(
        make_request(specs, allow_root, max_input=max_input, gateway=gateway, step=step, lanes=lanes, **flags)
    )
    found = drawn.diagnostics
    status = exit_status(found, strict=strict)
    report = Report(command="graph", status=status, diagnostics=in_order(found), strict=strict)
    # What a build is refused for may be what the picture shows: a call that is not carried.
    if drawn.value is None:
        return answer(report, voice)
    from grayc.records import replace
    from grayc.report.graph.data import graph_data
    from grayc.report.graph.dot import render_dot
    from grayc.report.graph.mermaid import render_mermaid
    from grayc.report.graph.svg import render_svg

    match form:
        case GraphFormat.SVG:
            return answer(report, voice, artefact=render_svg(drawn.value, lang))
        case GraphFormat.MERMAID:
            return answer(report, voice, artefact=render_mermaid(drawn.value, lang))
        case GraphFormat.DOT:
            return answer(report, voice, artefact=render_dot(drawn.value, lang))
        case GraphFormat.JSON:
            return answer(replace(report, data=graph_data(drawn.value)), voice)
