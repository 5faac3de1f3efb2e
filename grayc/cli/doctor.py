"""`grayc doctor`: what grayc finds on this machine."""

from pathlib import Path

from grayc.cli.options import Color, Format


def doctor(*, out: str, form: Format, color: Color, quiet: bool, verbose: bool) -> int:
    """Tell what was found, and return the exit status."""
    from grayc.cli.answer import Voice, answer
    from grayc.driver.doctor import OUT, look_around
    from grayc.report.doctor import looks_data, render_looks
    from grayc.report.model import Report

    voice = Voice(form=form, color=color, quiet=quiet, verbose=verbose)
    looks = look_around(Path(out) if out else None)
    absent = [look.name for look in looks if not look.found]
    troubled = [look.name for look in looks if look.found and not look.is_well]
    said = (
        *((f"look at: {', '.join(troubled)}",) if troubled else ()),
        *((f"not found: {', '.join(absent)}; needed only for what stands beside each",) if absent else ()),
    )
    report = Report(
        command="doctor",
        status=int(OUT in troubled),
        summary="; ".join(said) or "all is well",
        data={"looks": looks_data(looks)},
    )
    return answer(report, voice, artefact=render_looks(looks, color=voice.is_painted) if form is Format.TEXT else None)
