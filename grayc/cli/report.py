"""`grayc report`: one page for reviewers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from grayc.cli.options import Color, Flags, Format, make_request
from grayc.cli.syntax import DEFAULT_MAX_INPUT
from grayc.report.language import Language

STREAM = "-"


def report(
    *,
    specs: Sequence[str],
    out: str,
    folder: str,
    gateway: str,
    step: str,
    lanes: Sequence[Path],
    strict: bool,
    allow_root: Sequence[Path],
    max_input: int,
    lang: Language,
    form: Format,
    color: Color,
    quiet: bool,
    verbose: bool,
    **flags: Unpack[Flags],
) -> int:
    """Write the page and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.diagnostics import shell
    from grayc.driver.page import MARK, page_file, review_releases, write_page
    from grayc.report.model import Report, exit_status, in_order, shortened

    voice = Voice(
        form=form,
        color=color,
        quiet=quiet,
        verbose=verbose,
        specs=specs,
        out=Path(folder) if folder else None,
        others=(page_file(Path(out)),) if out != STREAM else (),
    )
    reviewed = review_releases(
        make_request(specs, allow_root, max_input=max_input, gateway=gateway, step=step, lanes=lanes, **flags),
        Path(folder) if folder else None,
    )
    found = reviewed.diagnostics
    status = exit_status(found, strict=strict)
    made = Report(command="report", status=status, diagnostics=in_order(found), strict=strict)
    if reviewed.value is None or status:
        return answer(made, voice)
    refused = voice.refused()
    if refused:
        return answer(Report(command="report", status=2, diagnostics=in_order((*found, *refused))), voice)
    from grayc.report.page.render import render_page

    words = [
        *(["--with", shell.path(folder)] if folder else []),
        *([shell.flag("gateway", gateway)] if gateway else []),
        *([shell.flag("step", step)] if step else []),
        *(shell.flag("image", each) for each in flags["image"]),
        *(shell.flag(name, text) for name, text in _texts(flags) if text),
        *(shell.flag("lanes", each.as_posix()) for each in lanes),
        *(shell.flag("allow-root", root.as_posix()) for root in allow_root),
        *([f"--max-input={max_input}"] if max_input != DEFAULT_MAX_INPUT else []),
        *(["--strict"] if strict else []),
        *(["--lang", str(lang)] if lang is not Language.EN else []),
    ]
    target = out if out == STREAM else shell.path(out)
    command = " ".join(["grayc report", *map(_spec, specs), "-o", target, *words])
    page = render_page(reviewed.value, shortened(made).diagnostics, lang, mark=MARK, command=command)
    if out == STREAM:
        return answer(made, voice, artefact=page)
    written = write_page(Path(out), page, voice.near)
    if written.diagnostics:
        told = in_order((*found, *written.diagnostics))
        return answer(Report(command="report", status=2, diagnostics=told), voice)
    from grayc.records import replace

    return answer(replace(made, summary=f"wrote {out}"), voice)


def _texts(flags: Flags) -> tuple[tuple[str, str], ...]:
    return (("tag", flags["tag"]), ("expires", flags["expires"]), ("owner", flags["owner"]))


def _spec(text: str) -> str:
    """Return the word of a spec, as it was typed."""
    from grayc.diagnostics import shell

    return text if text == STREAM else shell.path(text)
