"""Where a value comes from, and what a field is, for people and as data."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

from grayc.diagnostics.visible import visible, without_commands
from grayc.plan.trace import Trace
from grayc.report.diff import flow
from grayc.source import Span

_WIDTH = 100
_LONGEST = 400


def render_traces(traces: Sequence[Trace]) -> str:
    """Return traces as text, a blank line between them."""
    return without_commands("\n".join("\n".join(map(visible, _lines(trace))) + "\n" for trace in traces))


def _lines(trace: Trace) -> Iterable[str]:
    yield f"{trace.identity}, release {trace.release}"
    if trace.is_gone:
        yield f"  {trace.field}: not there"
        yield f"  taken away by pass {trace.made_by}: {trace.deed}"
    else:
        yield f"  {trace.field or 'the object'}: {_cut(trace.value)}"
    for value in trace.in_file:
        yield f"  the file says {_cut(value)}: it was edited, or is of another build"
    if trace.is_gone:
        pass
    elif not trace.made_by:
        yield "  as production has it; no pass changes it"
    else:
        yield f"  set by pass {trace.made_by}: {trace.deed}"
    for cause in trace.causes:
        if cause.flag:
            yield f"  from {cause.flag}" + (f", in place of {cause.what}, {cause.span}" if cause.is_there else "")
            continue
        nearest = "" if cause.is_there else " (not written there; this is the default)"
        yield f"  from {cause.what}, {cause.span}{nearest}"
    if trace.baseline is not None and trace.made_by:
        has = "has nothing there" if trace.before is None else f"has {_cut(trace.before)}"
        yield f"  production {has}, {trace.baseline}"
    elif trace.baseline is not None:
        yield f"  production, {trace.baseline}"


def _cut(value: object) -> str:
    text = flow(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def traces_data(traces: Sequence[Trace]) -> dict[str, object]:
    """Return traces as plain data."""
    return {
        "traces": [
            {
                "release": trace.release,
                "kind": trace.identity.kind,
                "namespace": trace.identity.namespace or None,
                "name": trace.identity.name,
                "field": trace.field,
                "value": trace.value,
                "pass": trace.made_by or None,
                "from": [
                    {
                        "what": cause.what,
                        "written": cause.is_there,
                        **({"flag": cause.flag} if cause.flag else {}),
                        **_place(cause.span),
                    }
                    for cause in trace.causes
                ],
                **({"takenAway": True} if trace.is_gone else {}),
                **({"inFile": trace.in_file[0]} if trace.in_file else {}),
                "production": None if trace.baseline is None else {"value": trace.before, **_place(trace.baseline)},
            }
            for trace in traces
        ]
    }


def _place(span: Span) -> dict[str, object]:
    return {"file": span.file, "line": span.line, "column": span.column}


def render_field(page: Mapping[str, object]) -> str:
    """Return what the schema says of a field as text."""
    lines = [f"# {page['field']}", ""]
    types = page["type"]
    assert isinstance(types, list)
    if types:
        default = "" if page["default"] is None else f", default {flow(page['default'])}"
        lines += [f"{' or '.join(types)}{default}", ""]
    lines += [*wrap(str(page["description"]), _WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    for name, title in (("values", "values:"), ("fields", "fields:")):
        rows = page[name]
        assert isinstance(rows, list)
        if rows:
            lines.append(title)
            for row in rows:
                key, text = row.values()
                lines += wrap(
                    f"{key}: {text}", _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False,
                    break_on_hyphens=False,
                )  # fmt: skip
            lines.append("")
    examples = page["examples"]
    assert isinstance(examples, list)
    if examples:
        lines += ["examples:", *(f"  {flow(example)}" for example in examples), ""]
    return without_commands("\n".join(map(visible, lines)))
