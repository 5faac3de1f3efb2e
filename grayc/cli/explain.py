"""`grayc explain`: what a diagnostic means and what to do."""

import sys

from grayc.cli.options import Color, Format


def explain(*, code: str, every: bool, form: Format, color: Color, quiet: bool) -> int:
    """Print a diagnostic's page, or the list of all codes, and return the exit status."""
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
    wanted = f"GC{code}" if code.isdecimal() else code.upper()
    if wanted not in CODES:
        unknown = Diagnostic(
            code="GC701",
            message=f"there is no code `{code}`" if code else "no code given",
            help="name a code such as `GC440`; `grayc explain --all` lists them",
        )
        voice = Voice(form=form, color=color, quiet=quiet)
        return answer(Report(command="explain", status=2, diagnostics=(unknown,)), voice)
    page = page_text(wanted)
    sys.stdout.write(to_json({**codes[wanted], "page": page}) if form is Format.JSON else page)
    return 0
