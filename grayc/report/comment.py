"""A difference as Markdown for a pull request: totals first, details folded, within what a comment may hold.

Text of users stands in code only, as references to characters or in a fence that it cannot close: it makes no link,
mention, table cell or HTML.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from grayc.analysis.picture import Picture
from grayc.diagnostics.visible import visible, without_commands
from grayc.diff.alike import fold_alike
from grayc.diff.model import Change, Difference, FieldChange, ObjectChange, Risk, risks_of
from grayc.output.emit import emit_document
from grayc.records import dataclass
from grayc.report.diff import alike_words, cause_words, expected_words, flow, move_words, moved_words, totals
from grayc.report.graph.links import nodes_of
from grayc.report.graph.mermaid import render_mermaid
from grayc.report.language import Language

LIMIT = 60_000
"""Characters. Source: GitHub takes comments of 65,536 at most; the rest is left to whoever adds a line around it."""

MARK = "<!-- grayc diff -->"
"""First line: by it a later run finds its own comment and replaces it."""

_OBJECT_LIMIT = 6_000
_PICTURE_NODES = 40
_VALUE_LINES = 30
_LINE_LIMIT = 300
_NAME_LIMIT = 80
_NAMES = 3
_SOME = 20
_NOT_LITERAL = re.compile(r"[^A-Za-z0-9 ./,-]|www(?=\.)", re.IGNORECASE)
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detail:
    """A folded part.

    Attributes:
        objects: how many objects it tells of.
    """

    text: str
    objects: int


def render_comment(differences: Sequence[Difference], pictures: Sequence[Picture] = (), *, limit: int = LIMIT) -> str:
    """Return a comment of at most `limit` characters; the totals are always there, and the gravest changes first.

    Args:
        pictures: the lanes, drawn where there is room and something of them differs.
    """
    objects = sorted(
        (
            (item.risk.rank, at, place, item)
            for at, part in enumerate(differences)
            for place, item in enumerate(part.objects)
        ),
        key=lambda row: row[:3],
    )
    found = [item for *_, item in objects]
    parts = [MARK, "", *_head(differences), ""]
    if found:
        parts += [*_table(found), "", ""]
    text = "\n".join(parts)
    details = [
        *_moves(differences),
        *(_picture(pictures) if found else ()),
        *(_object(item) for item in found),
        *_folded(differences),
    ]
    # What is said where something is left out must fit in any case.
    left = limit - len(text) - max(len(_cut_notice(missing, len(found), limit)) for missing in (0, len(found))) - 2
    kept: list[str] = []
    for detail in details:
        if len(detail.text) + 1 > left:
            break
        kept.append(detail.text)
        left -= len(detail.text) + 1
    text += "\n".join(kept)
    if len(kept) < len(details):
        shown = sum(detail.objects for detail in details[: len(kept)])
        text += "\n" + _cut_notice(len(found) - shown, len(found), limit)
    return without_commands(text.rstrip("\n") + "\n")


def _cut_notice(missing: int, total: int, limit: int) -> str:
    what = f"{missing} of {total} changed objects are" if missing else "The list of copies without other changes is"
    return (
        f"> **Cut at {limit:,} characters.** {what} not shown here; the totals above count all."
        " `grayc diff` without `-f markdown` shows everything.\n"
    )


def _head(differences: Sequence[Difference]) -> Iterator[str]:
    if not differences:
        yield "### grayc: no difference"
    for difference in differences[:_SOME]:
        yield f"### grayc: {totals(difference)}"
        yield ""
        yield f"{code(difference.before)} → {code(difference.after)}"
    if len(differences) > _SOME:
        yield f"and {len(differences) - _SOME} more releases"


def _table(objects: Sequence[ObjectChange]) -> Iterator[str]:
    yield "| risk | decides | objects | |"
    yield "|---|---|---:|---|"
    for risk in Risk:
        at_risk = [item for item in objects if risk in risks_of(item)]
        if at_risk:
            names = ", ".join(code(str(item.identity), _NAME_LIMIT) for item in at_risk[:_NAMES])
            more = f" and {len(at_risk) - _NAMES} more" if len(at_risk) > _NAMES else ""
            yield f"| **{risk}** | {risk.reason} | {len(at_risk)} | {names}{more} |"


def _object(item: ObjectChange) -> _Detail:
    own = risks_of(item)
    risks = ", ".join(risk for risk in Risk if risk in own)
    origin = f" from {code(item.baseline.ref)}" if item.baseline else ""
    if item.wanted:
        origin = f", the baseline&#39;s own, wanted of it ({code(item.wanted)})"
    what = "" if item.change is Change.CHANGED else f"<b>{item.change}</b> "
    summary = f"{what}{code(str(item.identity))}{origin}: {risks}"
    lines: list[str] = []
    size = 0
    fields = fold_alike(item.fields)
    for at, (field, count) in enumerate(fields):
        told = [*_field(field, alike_words(field, count))]
        size += sum(map(len, told))
        if lines and size > _OBJECT_LIMIT:
            left = sum(each for _, each in fields[at:])
            lines.append(f"… {left} more field{'' if left == 1 else 's'}")
            break
        lines += told
    body = [*_fence(lines)] if lines else []
    if item.expected:
        body += ["", f"As in every lane: {expected_words(item.expected)}."]
    text = "\n".join((f"<details><summary>{summary}</summary>", "", *body, "", "</details>"))
    return _Detail(text=text, objects=1)


def _moves(differences: Sequence[Difference]) -> Iterator[_Detail]:
    """Yield what moved in production, before all else: what the lane hides is seen nowhere else."""
    for difference in differences:
        if not difference.moves:
            continue
        lines: list[str] = []
        for move in difference.moves:
            lines.append(_line(f"{move.key}: {move_words(move)}"))
            for each in move.fields or ():
                lines += _field(each.field, moved_words(move, each))
        size = 0
        kept: list[str] = []
        for line in lines:
            size += len(line) + 1
            if size > _OBJECT_LIMIT:
                kept.append(f"… {len(lines) - len(kept)} more lines")
                break
            kept.append(line)
        count = len(difference.moves)
        noun = "object" if count == 1 else "objects"
        what = f"{count} {noun} of production moved since {code(difference.before)} was built"
        text = "\n".join((f"<details open><summary>{what}</summary>", "", *_fence(kept), "", "</details>"))
        yield _Detail(text=text, objects=0)


def _picture(pictures: Sequence[Picture]) -> Iterator[_Detail]:
    """Yield the lanes in Mermaid, which GitHub and GitLab draw, unless a reader would see nothing in them.

    Mermaid itself takes more. Source: mermaid.js.org, `maxTextSize` (50,000) and `maxEdges` (500).
    """
    drawn = [picture for picture in pictures if picture.rows]
    nodes = sum(len(nodes_of(picture)) for picture in drawn)
    if not 0 < nodes <= _PICTURE_NODES:
        return
    text = render_mermaid(drawn, Language.EN)
    fence = ("```mermaid", *text.splitlines(), "```")
    yield _Detail(
        text="\n".join(("<details open><summary>The lane</summary>", "", *fence, "", "</details>")), objects=0
    )


def _folded(differences: Sequence[Difference]) -> Iterator[_Detail]:
    folded = [item for difference in differences for item in difference.folded]
    if folded:
        lines = [visible(f"{item.identity}: {expected_words(item.expected) or 'nothing'}") for item in folded]
        count = f"{len(folded)} cop{'y differs' if len(folded) == 1 else 'ies differ'}"
        head = f"<details><summary>{count} from the baseline as in every lane, and in nothing else</summary>"
        yield _Detail(text="\n".join((head, "", *_fence(lines), "", "</details>")), objects=0)


def _field(field: FieldChange, note: str = "") -> Iterator[str]:
    words = note or cause_words(field)
    yield _line(f"@@ {field.risk}: {field.path}{f' ({words})' if words else ''} @@")
    if field.lines:
        told = [f"{line.sign} {line.text}" for line in field.lines]
    elif field.change is Change.REORDERED:
        told = [f"- order: {flow(field.before)}", f"+ order: {flow(field.after)}"]
    else:
        told = [] if field.change is Change.ADDED else [f"- {line}" for line in value_lines(field.before)]
        told += [] if field.change is Change.REMOVED else [f"+ {line}" for line in value_lines(field.after)]
    yield from map(_line, told[:_VALUE_LINES])
    if len(told) > _VALUE_LINES:
        yield f"… {len(told) - _VALUE_LINES} more lines"


def value_lines(value: object) -> list[str]:
    """Return a value as lines of YAML, or as it is shown on one line."""
    if isinstance(value, str) and "\n" in value:
        return value.split("\n")
    if isinstance(value, (dict, list)) and value:
        text = emit_document({"_": value})
        return [line.removeprefix("  ") for line in text.splitlines()[1:]]
    return [flow(value)]


def _line(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LINE_LIMIT else f"{shown[:_LINE_LIMIT]}… ({len(shown)} characters)"


def _fence(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines in a fence longer than any run of backticks in them.

    Source: CommonMark 0.31, 4.5: a fence is closed by one at least as long.
    """
    body = [*lines]
    ticks = "`" * max(3, 1 + max((len(run) for line in body for run in _TICKS.findall(line)), default=0))
    yield f"{ticks}diff"
    yield from body
    yield ticks


def code(text: str, limit: int = 300) -> str:
    """Return text as code inside HTML, every sign that Markdown or HTML could take for its own as a reference.

    Source: CommonMark 0.31, 2.5: a reference to a character never starts a structure. GitHub looks for mentions
    outside code only.
    """
    shown = visible(text)
    shown = shown if len(shown) <= limit else f"{shown[:limit]}…"
    return f"<code>{_NOT_LITERAL.sub(_reference, shown)}</code>"


def _reference(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(sign)};" for sign in found[0])
