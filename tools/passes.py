"""Print what each pass does to a release: its findings, and a diff of the gray objects.

python -m tools.passes release.yaml                      the diff that each pass makes
python -m tools.passes release.yaml --after set_images   the gray objects as that pass leaves them

As golang's compiler shows a function between its phases (`-d=ssa/PHASE/dump=NAME`). Values are shown as they are, also
those of Secrets.
"""

import argparse
import difflib
import sys
from collections.abc import Iterator, Sequence

from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.driver.planning import plan_one
from grayc.driver.request import Request, find_specs
from grayc.output.emit import emit_document, emit_stream
from grayc.passes.model import Lane, Row, start
from grayc.passes.pipeline import steps
from grayc.passes.registry import BUILD
from grayc.plan.model import ReleasePlan
from grayc.report.model import Report
from grayc.report.text import render_text


def main(arguments: Sequence[str]) -> int:
    """Print what is asked for and return 0; 1 where a spec has no plan, with what is wrong with it."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.passes", description="Print what each pass does to a release."
    )
    parser.add_argument("release", help="a spec, or a folder of them")
    parser.add_argument(
        "--after",
        metavar="PASS",
        choices=[row.name for row in BUILD],
        help="print the objects as this pass leaves them",
    )
    for flag in ("gateway", "step"):
        parser.add_argument(f"--{flag}", default="", help=f"as `grayc build` takes `--{flag}`")
    given = parser.parse_args(arguments)
    request = Request(specs=(given.release,), gateway=given.gateway, step=given.step, stdin=lambda: sys.stdin.buffer)
    inputs = find_specs(request)
    status = _report(inputs.diagnostics) if inputs.value is None else 0
    for each in inputs.value or ():
        planned = plan_one(each, request)[0]
        if planned.value is None:
            status = _report(planned.diagnostics)
        else:
            print(show_after(planned.value, given.after) if given.after else show_steps(planned.value), end="")
    return status


def show_after(plan: ReleasePlan, name: str) -> str:
    """Return the gray objects as a pass leaves them, as one YAML stream: the copies first, in the order of the plan."""
    lane = next(result.value for row, result in steps(BUILD, plan) if row.name == name)
    return emit_stream(document.data for document in (lane or start(plan)).documents)


def show_steps(plan: ReleasePlan) -> str:
    """Return what each pass does, pass by pass."""
    return "".join(_steps(plan))


def _steps(plan: ReleasePlan) -> Iterator[str]:
    before = start(plan)
    for at, (row, result) in enumerate(steps(BUILD, plan), 1):
        after = result.value or before
        yield f"# {at} of {len(BUILD)}: {_title(row)}\n"
        yield from (f"# {item.severity}[{item.code}]: {item.message}\n" for item in result.diagnostics)
        changes = "".join(_changes(before, after))
        yield changes or "# no object changes\n"
        yield "\n"
        before = after


def _title(row: Row) -> str:
    after = f", after {', '.join(row.after)}" if row.after else ""
    return f"{row.name} ({type(row.run).__name__}, serves {row.serves.name}{after})"


def _changes(before: Lane, after: Lane) -> Iterator[str]:
    """Yield a diff of every object that is not as it was; copies keep their places, and what is added comes last."""
    old: list[Document | None] = [*before.documents]
    old += [None] * (len(after.documents) - len(old))
    for was, now in zip(old, after.documents, strict=True):
        if was is not now:
            yield from difflib.unified_diff(
                emit_document(was.data).splitlines(keepends=True) if was else [],
                emit_document(now.data).splitlines(keepends=True),
                str(was.identity) if was else "(none)",
                str(now.identity),
            )


def _report(diagnostics: Sequence[Diagnostic]) -> int:
    print(render_text(Report(command="build", status=1, diagnostics=tuple(diagnostics))), end="", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
