"""`grayc explain`: what a diagnostic or a field means, and where a value of the output comes from."""

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grayc.cli.options import Color, Format, make_request
from grayc.cli.syntax import RELEASE, release_here

if TYPE_CHECKING:
    from grayc.diagnostics import Diagnostic

_LINE = re.compile(r"(?P<file>.+?):(?P<line>[1-9][0-9]{0,8})(?::[0-9]{1,9})?:?")
"""With the column, too, as findings and terminals print places."""

_OBJECT = re.compile(r"(?P<ref>[A-Z][A-Za-z0-9]*(?:\.[a-z0-9.-]+)?/[^\s/]+)(?: (?P<field>.*))?")
_FIELD = re.compile(r"[A-Za-z]+(?:\[\d*\])?(?:\.[A-Za-z*]+(?:\[\d*\])?)*")


def explain(
    *,
    words: Sequence[str],
    every: bool,
    specs: Sequence[str],
    gateway: str,
    step: str,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
) -> int:
    """Print a diagnostic's page, a field of the schema, or where a value comes from, and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import CODES, Diagnostic
    from grayc.diagnostics.pages import page_text
    from grayc.report.json import to_json
    from grayc.report.model import Report

    codes = {
        name: {
            "code": name,
            "name": row.name,
            "severity": str(row.severity),
            "acceptable": row.acceptable,
            "exit_code": row.exit_status,
        }
        for name, row in CODES.items()
    }
    if every:
        listing = "".join(f"{row['code']}  {row['severity']!s:8} {row['name']}\n" for row in codes.values())
        sys.stdout.write(to_json({"codes": list(codes.values())}) if form is Format.JSON else listing)
        return 0
    voice = Voice(form=form, color=color, quiet=quiet, verbose=verbose)
    asked = " ".join(words)
    wanted = f"GC{asked}" if asked.isdecimal() else asked.upper()
    if wanted in CODES:
        page = page_text(wanted)
        sys.stdout.write(to_json({**codes[wanted], "page": page}) if form is Format.JSON else page)
        return 0
    line, found = _LINE.fullmatch(asked), _OBJECT.fullmatch(asked)
    if line is not None or found is not None:
        return _place(asked, specs, gateway=gateway, step=step, voice=voice)
    if asked and asked[0].islower() and (_FIELD.fullmatch(asked)):
        return _field(asked, voice)
    file = asked.partition(":")[0]
    is_file = file.endswith((".yaml", ".yml")) or "/" in file
    unknown = Diagnostic(
        code="GC701",
        message=f"there is no code `{asked}`" if asked else "no code given",
        help=f"of a file name a line, as `{file}:12`"
        if is_file
        else "name a code such as `GC440`; `grayc explain --all` lists them",
    )
    return answer(Report(command="explain", status=2, diagnostics=(unknown,)), voice)


def _field(asked: str, voice: object) -> int:
    from grayc.cli.answer import Voice, answer
    from grayc.driver.explain import field_page
    from grayc.report.explain import render_field
    from grayc.report.json import to_json
    from grayc.report.model import Report

    assert isinstance(voice, Voice)
    page = field_page(asked)
    if page.value is None:
        return answer(Report(command="explain", status=2, diagnostics=page.diagnostics), voice)
    sys.stdout.write(to_json(page.value) if voice.form is Format.JSON else render_field(page.value))
    return 0


def _place(asked: str, specs: Sequence[str], *, gateway: str, step: str, voice: object) -> int:
    from grayc.cli.answer import Voice, answer
    from grayc.driver.explain import trace_line, trace_value
    from grayc.records import replace
    from grayc.report.explain import render_traces, traces_data
    from grayc.report.model import Report, exit_status, in_order

    assert isinstance(voice, Voice)
    if not specs:
        missing = _missing_release()
        if missing is not None:
            return answer(Report(command="explain", status=2, diagnostics=(missing,)), voice)
    request = make_request(specs or (RELEASE,), (), gateway=gateway, step=step)
    found = _OBJECT.fullmatch(asked)
    line = _LINE.fullmatch(asked)
    if found is not None:
        traced = trace_value(request, found["ref"], found["field"] or "")
    else:
        assert line is not None
        traced = trace_line(request, line["file"], int(line["line"]))
    told = in_order(traced.diagnostics)
    if traced.value is None:
        return answer(Report(command="explain", status=exit_status(told), diagnostics=told), voice)
    made = Report(command="explain", status=0, diagnostics=told, data=traces_data(traced.value))
    if voice.form is Format.TEXT:
        return answer(replace(made, data={}), voice, artefact=render_traces(traced.value))
    return answer(made, voice)


def _missing_release() -> "Diagnostic | None":
    from grayc.diagnostics import Diagnostic

    if release_here():
        return None
    return Diagnostic(
        code="GC702",
        message=f"the working folder has no `{RELEASE}`, so it is not known what is built",
        help="name the release with `--spec FILE`",
    )
