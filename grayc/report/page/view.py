"""What a page shows, as plain data in one language: the template puts it into place and decides nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from grayc.analysis.capacity import RESOURCES, Capacity, show_amount
from grayc.analysis.carriage import Carriage
from grayc.analysis.chain import Route
from grayc.diagnostics import CODES, Diagnostic, Mark, Severity
from grayc.diagnostics.visible import visible
from grayc.diff.alike import fold_alike
from grayc.diff.model import Change, Difference, FieldChange, Folded, Move, MovedField, ObjectChange, Risk, risks_of
from grayc.driver.review_model import Answered, Review, Reviewed, Sample, Samples, Sort
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import Action, NamedState
from grayc.plan.reasons import Reason, Why
from grayc.records import dataclass
from grayc.report.comment import value_lines
from grayc.report.curl import curl, query_of
from grayc.report.graph.svg import inline_svg
from grayc.report.mask import masked
from grayc.report.plan_words import is_nobody, show_work_row
from grayc.report.words import Words
from grayc.routing.hops import put_tag
from grayc.routing.matching import shown_cookie, shown_header
from grayc.routing.model import Hop, Routed
from grayc.routing.shares import percents
from grayc.spec.model import WeightRule

View = dict[str, object]

_Object = tuple[str, str, str]
"""Kind, namespace and name."""

_LONGEST_LINE = 300
_MOST_LINES = 30
_MOST_LISTED = 60
_MOST_FOLDED = 100
_GRAVE = (Risk.ENTRY, Risk.SELECTOR, Risk.ACCESS)


@dataclass(slots=True)
class Room:
    """How many characters of changed fields, and how many objects, a page may yet show; the rest are counts.

    Attributes:
        objects: show objects one by one.
    """

    characters: int
    objects: bool = True

    def take(self, lines: Sequence[tuple[str, str]]) -> bool:
        """Take room for lines of a field; tell whether it was there."""
        # Around each line and each field stands about as much as in them.
        self.characters -= sum(len(text) + 60 for _, text in lines) + 160
        return self.characters >= 0


class _Ids:
    """Names to link to, each once on a page."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def new(self, text: str) -> str:
        plain = quote(text, safe="/-._~:")
        self._taken[plain] = self._taken.get(plain, 0) + 1
        return plain if self._taken[plain] == 1 else f"{plain}~{self._taken[plain]}"


@dataclass(frozen=True, slots=True)
class _Page:
    """What all parts of a page have in common."""

    words: Words
    room: Room
    ids: _Ids


def view_of(review: Review, found: Sequence[Diagnostic], words: Words, room: Room, *, command: str) -> View:
    """Return all that a page shows.

    Args:
        found: of the run.
        command: the line that made the page.
    """
    page = _Page(words, room, _Ids())
    risks = dict.fromkeys(Risk, 0)
    for each in review.releases:
        for item in each.difference.objects:
            for risk in risks_of(item):
                risks[risk] += 1
    names = [each.release.plan.spec.name for each in review.releases]
    releases = [_release(each, review, found, page, prefix=f"g{at}") for at, each in enumerate(review.releases)]
    folder = None if review.folder is None else _folder(review.folder, page)
    return {
        "lang": str(words.language),
        "w": words,
        "title": words("page-title", releases=", ".join(names)),
        "risks": [(str(risk), count) for risk, count in risks.items() if count],
        "releases": releases,
        "folder": folder,
        "findings": [_finding(each, words) for each in found[: None if room.objects else _MOST_FOLDED]],
        "more_findings": _more(found, found[: None if room.objects else _MOST_FOLDED], words),
        "command": command,
        "inputs": review.inputs[: None if room.objects else _MOST_LISTED],
        "outputs": review.outputs[: None if room.objects else _MOST_LISTED],
    }


def _release(each: Reviewed, review: Review, found: Sequence[Diagnostic], page: _Page, *, prefix: str) -> View:
    words, room = page.words, page.room
    plan, spec = each.release.plan, each.release.plan.spec
    gray_ids: dict[_Object, str] = {}
    differing = each.difference.objects[: None if room.objects else _MOST_FOLDED]
    changes = [_change(item, page, gray_ids) for item in differing]
    folded = each.difference.folded
    return {
        "key": page.ids.new(f"release-{spec.name}"),
        "name": spec.name,
        "tag": spec.tag,
        "facts": _facts(each, words),
        "verdict": _verdict(review, found, words),
        "numbers": _numbers(each, words),
        "picture": inline_svg(each.picture, words.language, prefix=prefix),
        "hops": [row for route in each.preview.routes[:_MOST_LISTED] for row in _hops(route, words)],
        "rules": _some([words.rule(rule) for rule in plan.rules if not is_nobody(rule)], words),
        "no_rules": words("no-rules" if PROVIDERS[spec.lane.provider].needs_header else "no-rules-by-address"),
        "samples": [_sample(sample, words, spec.lane.carrier) for sample in each.samples.rows],
        "more_samples": _more_samples(each.samples, words),
        "expectations": [_expectation(row, words) for row in each.expectations[:_MOST_FOLDED]],
        "totals": _totals(each.difference, words),
        "changes": changes,
        "more_changes": _more(each.difference.objects, differing, words),
        "as_expected_title": words.count("as-in-every-lane", len(folded)),
        "as_expected": [{"title": _titled(item, words), "more": _expected(item.expected, words)} for item in folded]
        if room.objects
        else [],
        "blast": _blast(each, words),
        "steps": _steps(each, words),
        "objects": _objects(each, words, gray_ids) if room.objects else [],
        "objects_folded": _counts_of_objects(each, words),
        "isolation": _isolation(each, found, words),
        "offline": each.offline,
        "put_back": [words("undo-opening", object=name) for name in each.samples.first_changes],
        "undo": each.undo.splitlines() if room.objects else [words("more-than-fits")],
    }


def _facts(each: Reviewed, words: Words) -> list[str]:
    plan, spec = each.release.plan, each.release.plan.spec
    facts = [words("fact-namespace", namespace=spec.namespace)] if spec.namespace else []
    if plan.gateways:
        facts.append(words("fact-gateway", gateways=", ".join(map(str, plan.gateways))))
    row = PROVIDERS[spec.lane.provider]
    facts.append(words("fact-lane", provider=spec.lane.provider))
    if row.needs_header:
        facts.append(words.carrier(spec.lane.carrier))
    facts.append(words("fact-isolation", isolation=plan.isolation))
    if spec.owner:
        facts.append(words("fact-owner", owner=visible(spec.owner)))
    if spec.expires:
        facts.append(words("fact-expires", day=spec.expires))
    return facts


def _verdict(review: Review, found: Sequence[Diagnostic], words: Words) -> View:
    open_warnings = sum(item.severity is Severity.WARNING and item.accepted is None for item in found)
    accepted = sum(item.accepted is not None for item in found)
    notes = sum(item.severity is Severity.NOTE and item.accepted is None for item in found)
    lines = [words("verdict-found", warnings=open_warnings, accepted=accepted, notes=notes)]
    tone, title = "ok", words("verdict-ok")
    if open_warnings:
        tone, title = "warn", words.count("verdict-warnings", open_warnings)
    if any(not row.is_met for each in review.releases for row in each.expectations):
        tone, title = "bad", words("verdict-expectations")
    if review.folder is not None:
        folder = review.folder
        lines.append(words("verdict-folder-same" if folder.is_none else "verdict-folder-differs", out=folder.before))
        if folder.moves:
            tone = "warn" if tone == "ok" else tone
            lines.append(words.count("verdict-moved", len(folder.moves)))
    return {"tone": tone, "title": title, "lines": lines}


def _numbers(each: Reviewed, words: Words) -> list[View]:
    plan = each.release.plan
    rules = [rule for rule in plan.rules if not is_nobody(rule)]
    percent = next((rule.percent for rule in rules if isinstance(rule, WeightRule)), 0)
    named = len(rules) - (1 if percent else 0)
    objects = each.difference.objects
    images = [field.path for item in objects if item.baseline for field in item.fields if field.risk is Risk.IMAGE]
    grave = sum(bool(risks_of(item) & set(_GRAVE)) for item in objects)
    by_risk = [(risk, len(each.difference.at_risk(risk))) for risk in Risk]
    capacity = each.preview.capacity
    return [
        {
            "name": words("number-enters"),
            "value": words.count("rules", named) if named or not percent else words("share", percent=percent),
            "more": words("and-share", percent=percent)
            if named and percent
            else words.count("entries", len(plan.entries)),
        },
        {
            "name": words("number-images"),
            "value": str(len(images)),
            "more": words.count("services", len(plan.spec.services)),
        },
        {
            "name": words("number-risk"),
            "value": words.count("grave", grave),
            "more": ", ".join(f"{words(f'risk-{risk}')} {count}" for risk, count in by_risk if count)[:120],
        },
        {"name": words("number-capacity"), "value": _pods(capacity, words), "more": _asks(capacity, words)},
    ]


def _pods(capacity: Capacity | None, words: Words) -> str:
    if capacity is None:
        return words("unknown")
    low, high = (capacity.pods(at_most=most) for most in (False, True))
    return words.count("pods-n", high, range=str(low) if low == high else f"{low}–{high}")


def _asks(capacity: Capacity | None, words: Words) -> str:
    if capacity is None:
        return ""
    shown = []
    for resource in RESOURCES:
        low, high = (show_amount(resource, capacity.requested(resource, at_most=most)) for most in (False, True))
        shown.append(f"{resource} {low}" if low == high else f"{resource} {low}–{high}")
    silent = sum(len(ask.silent) for ask in capacity.asks)
    return ", ".join(shown) + (f"; {words.count('silent', silent)}" if silent else "")


def _hops(route: Route, words: Words) -> Iterator[View]:
    copies = {"gray": words("gray"), "baseline": words("production"), "unknown": words("unknown")}
    path = " → ".join(f"{hop.name} ({copies[hop.copy]})" for hop in route.hops)
    yield {"title": path, "why": ""}
    for before, hop in zip(route.hops, route.hops[1:], strict=False):
        if hop.edge is not None and hop.edge.carriage is not Carriage.CARRIED:
            state = words("link-lost" if hop.edge.carriage is Carriage.NOT else "link-unknown")
            why = "" if hop.edge.why is None else words.reason(hop.edge.why)
            yield {"title": f"{before.name} → {hop.name}: {state}", "why": why}
    if not route.is_entered:
        yield {"title": words("not-entered", service=route.hops[0].name), "why": ""}


def _sample(sample: Sample, words: Words, carrier: TagCarrier) -> View:
    rule = "" if sample.rule is None else words.rule(sample.rule)
    what = {
        Sort.PLAIN: words("sample-plain"),
        Sort.MEETS: words("sample-meets", rule=rule),
        Sort.OPTS_OUT: words("sample-opts-out", rule=rule),
    }
    line = curl(sample.routed.request, is_https=sample.is_https, without=sample.without)
    hints = [words("masked-values")] if "***" in line else []
    if sample.stands_for is not None:
        hosts = words("any-host") if sample.stands_for in ("", "*") else sample.stands_for
        hints.append(words("made-up-host", host=sample.routed.request.host, hosts=hosts))
    return {
        "what": what[sample.sort],
        "curl": line,
        "hints": hints,
        "goes": _goes(sample.routed, words, carrier),
        "colour": _colours(sample.routed, carrier),
        "paths": [_hop_words(path, words) for path in sample.routed.paths[:_MOST_LISTED]],
    }


def _more_samples(samples: Samples, words: Words) -> list[str]:
    """Return what there is to know of the samples beside them."""
    told = []
    if samples.first_changes:
        told.append(words("samples-after", objects=", ".join(samples.first_changes[:_MOST_LISTED])))
    told += _some([words("sample-unmet", rule=words.rule(rule)) for rule in samples.unmet], words)
    if samples.requests_left:
        told.append(words.count("samples-left", samples.requests_left))
    if samples.places_left:
        told.append(words.count("places-left", samples.places_left))
    return told


def _goes(routed: Routed, words: Words, carrier: TagCarrier | None = None) -> list[str]:
    """Return where each share goes.

    Args:
        carrier: carries the tag: of several shares those that get it are shown; None shows none.
    """
    answer = routed.answer
    if answer.refused:
        return [words("not-followed")]
    if answer.status is not None:
        return [words("gateway-answers", status=answer.status)]
    shares = percents([destination.percent for destination in answer.destinations])
    told = []
    for destination, lane, share in zip(answer.destinations, routed.lanes, shares, strict=True):
        where = words("production") if lane == "baseline" else words("lane-of", tag=lane)
        part = "" if share == 100 else f"{share:g} % "
        name = destination.service or words("gateway-answers", status=destination.status or "")
        is_coloured = carrier is not None and put_tag(destination, carrier) is not None
        also = f", {words('coloured')}" if part and is_coloured else ""
        told.append(f"{part}{name} ({where}{also})")
    return told


def _colours(routed: Routed, carrier: TagCarrier) -> list[str]:
    """Return what the gateway writes into the header that carries the tag, of each share."""
    name = carrier.name
    found = []
    for destination in routed.answer.destinations:
        for change in destination.changes:
            if change.name == name and change.value is not None:
                tag = put_tag(destination, carrier) if carrier.is_shared else None
                # Beside members of others stands the lane's own, by a gateway that only adds perhaps twice.
                found.append(f"{change.name}: {change.value if tag is None else carrier.value(tag)}")
    return list(dict.fromkeys(found))


def _hop_words(path: Sequence[Hop], words: Words) -> str:
    copies = {"gray": words("gray"), "baseline": words("production"), "unknown": words("unknown")}
    return " → ".join(f"{hop.service} ({copies[hop.copy]})" for hop in path)


def _expectation(row: Answered, words: Words) -> View:
    asked = row.routed.request
    query = query_of(asked)
    shown = [f"{name}: {shown_header(name, value)}" for name, value in asked.headers]
    shown += [f"cookie {name}={shown_cookie(name, value)}" for name, value in asked.cookies]
    names = {"gray": words("gray"), "baseline": words("production")}
    return {
        "name": row.expectation.name or "–",
        "request": ", ".join([f"{asked.method} {asked.host}{asked.path}{query}", *shown]),
        "wanted": ", ".join(
            names.get(name, name) + (f" {share:g} %" if share != 100 else "")
            for name, share in row.expectation.shares.items()
        ),
        "met": row.is_met,
        "goes": _goes(row.routed, words),
    }


def _totals(difference: Difference, words: Words) -> str:
    parts = [
        words(f"total-{change}", n=count)
        for change in (Change.ADDED, Change.REMOVED, Change.CHANGED)
        if (count := difference.count(change))
    ]
    if difference.folded:
        parts.append(words("total-expected", n=len(difference.folded)))
    return ", ".join(parts) or words("no-difference")


def _change(item: ObjectChange, page: _Page, known: dict[_Object, str] | None = None) -> View:
    words = page.words
    key = page.ids.new(item.identity.ref)
    if known is not None:
        known[item.identity.kind, item.identity.namespace, item.identity.name] = key
    own = risks_of(item)
    fields, left = [], 0
    for field, count in fold_alike(item.fields):
        shown = _lines(field)
        if page.room.take(shown):
            note = _note(field, count, words)
            fields.append({"risk": str(field.risk), "path": field.path, "note": note, "lines": shown})
        else:
            left += count
    what = words(f"change-{item.change}")
    if item.baseline is not None:
        what = words("copy-of", object=item.baseline.ref)
    elif item.wanted:
        what = words("production-own")
    return {
        "id": key,
        "title": _titled(item, words),
        "risks": [str(risk) for risk in Risk if risk in own],
        "what": what,
        "wanted": words.wanted(item.wanted),
        "fields": fields,
        "folded": words.count("fields-folded", left) if left else "",
        "expected": words("as-in-every-lane-also", what=_expected(item.expected, words)) if item.expected else "",
    }


def _titled(item: ObjectChange | Folded, words: Words) -> str:
    return words.object(item.identity.ref, item.identity.namespace)


def _expected(expected: tuple[tuple[object, int], ...], words: Words) -> str:
    return ", ".join(words(f"expected-{kind}", n=count) for kind, count in expected) or words("nothing")


def _note(field: FieldChange, count: int, words: Words) -> str:
    """Return how often a change is made, and why."""
    parts = [words("times", n=count)] if count > 1 else []
    if field.cause is not None:
        parts.append(words(f"cause-{field.cause}"))
    return ", ".join(parts)


def _moved(move: Move, each: MovedField, words: Words) -> str:
    if not move.is_copied:
        return words("moved-used")
    return words("moved-hidden" if each.is_hidden else "moved-in")


def _lines(field: FieldChange) -> list[tuple[str, str]]:
    if field.lines:
        told = [(line.sign, line.text) for line in field.lines]
    else:
        told = [] if field.change is Change.ADDED else [("-", line) for line in value_lines(field.before)]
        told += [] if field.change is Change.REMOVED else [("+", line) for line in value_lines(field.after)]
    more = len(told) - _MOST_LINES
    told = [(sign, _cut(text)) for sign, text in told[:_MOST_LINES]]
    return [*told, *([(" ", f"… +{more}")] if more > 0 else [])]


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}…"


def _blast(each: Reviewed, words: Words) -> list[View]:
    plan, preview = each.release.plan, each.preview
    released = {service.name for service in plan.spec.services}
    places = [
        f"{path.host or words('any-host')}{path.text} → {path.baseline_service}"
        + ("" if path.service is not None else f" ({words('coloured-only')})")
        for entry in plan.entries
        for path in entry.paths
    ]
    callers = dict.fromkeys(
        f"{before.name} → {hop.name}"
        for route in preview.routes
        for before, hop in zip(route.hops, route.hops[1:], strict=False)
        if hop.service and not before.service
    )
    if preview.edges is not None:
        callers |= dict.fromkeys(
            f"{call.caller} → {call.callee}" for call in preview.edges.calls if call.caller not in released
        )
    shared = [
        f"{words.object(row.document.identity.ref, row.document.identity.namespace)} ({words.reason(row.reason)})"
        for row in plan.decisions
        if row.action is Action.SHARE
    ]
    outside = [
        f"{words.object(f'{row.target.group_kind[1]}/{row.target.name}', row.namespace)} ({words.reason(row.reason)})"
        for row in plan.named
        if row.state in (NamedState.OUTSIDE, NamedState.MISSING)
    ]
    work = [f"{row.service.name}: {show_work_row(row)}" for row in preview.work]
    wanted = [f"{_titled(item, words)}: {words.wanted(item.wanted)}" for item in each.difference.objects if item.wanted]
    stores = [
        f"{store.name} ({', '.join(map(words.store, store.products or store.kinds))}): {', '.join(store.services)}"
        for store in preview.stores
    ]
    rows = [
        ("blast-places", places, False),
        ("blast-callers", list(callers), False),
        ("blast-shared", shared, False),
        ("blast-stores", stores, False),
        ("blast-orphans", list(preview.orphans), False),
        ("blast-outside", list(dict.fromkeys(outside)), False),
        ("blast-work", work, True),
        ("blast-lasting", list(preview.lasting), True),
        ("blast-wanted", wanted, False),
    ]
    return [
        {
            "name": words(name),
            "told": _some(items, words) if items else [words("none")],
            "english": english and bool(items),
        }
        for name, items, english in rows
    ]


def _some(items: Sequence[str], words: Words) -> list[str]:
    more = len(items) - _MOST_LISTED
    return [*items[:_MOST_LISTED], *([words("more", n=more)] if more > 0 else [])]


def _steps(each: Reviewed, words: Words) -> list[View]:
    rows = []
    replicas = {service.name: service.replicas for service in each.release.plan.spec.services}
    for preview in each.preview.steps[:_MOST_LISTED]:
        step = preview.step
        then = words("then-on")
        if step.pause:
            then = words("then-told") if step.pause == "true" else words("then-wait", time=step.pause)
        pods = [
            f"{name} {seen.low}" + ("+" if seen.high is None else f"–{seen.high}" if seen.high != seen.low else "")
            for name, seen in preview.pods.items()
        ]
        rows.append(
            {
                "name": step.name,
                "here": step.rules == each.release.plan.rules and step.replicas == replicas,
                "rules": _some([words.rule(rule) for rule in step.rules if not is_nobody(rule)], words)
                or [words("nobody")],
                "pods": pods if preview.is_seen else [words("not-looked-at")],
                "found": [
                    {"tone": "bad" if item.severity is Severity.ERROR else "warn", "text": masked(item).message}
                    for item in preview.found
                    if item.accepted is None
                ],
                "then": then,
            }
        )
    return rows


def _objects(each: Reviewed, words: Words, known: Mapping[_Object, str]) -> list[View]:
    rows = []
    for row in each.release.plan.decisions:
        identity, span = row.document.identity, row.document.start
        gray = row.gray_name or ""
        rows.append(
            {
                "title": words.object(identity.ref, identity.namespace),
                "place": f"{span.file}:{span.line}",
                "service": row.service,
                "becomes": words(f"action-{row.action.name.lower()}"),
                "gray": gray,
                "target": known.get((identity.kind, identity.namespace, gray), ""),
                "why": words.reason(row.reason),
                "english": _is_english(row.reason),
            }
        )
    return rows


def _is_english(reason: Reason) -> bool:
    """Tell whether a reason quotes what a finding says, which is English in every language."""
    return reason.why is Why.LEFT or any(isinstance(value, Reason) and _is_english(value) for _, value in reason.values)


def _counts_of_objects(each: Reviewed, words: Words) -> str:
    counts: dict[Action, int] = {}
    for row in each.release.plan.decisions:
        counts[row.action] = counts.get(row.action, 0) + 1
    return ", ".join(f"{words(f'action-{action.name.lower()}')}: {count}" for action, count in counts.items())


def _isolation(each: Reviewed, found: Iterable[Diagnostic], words: Words) -> list[str]:
    proof, plan = each.release.proof, each.release.plan
    crossing = sum(item.accepted is not None and CODES[item.code].mark is Mark.ISOLATION for item in found)
    lines = [words("isolation-looked", selectors=proof.selectors, templates=proof.templates)]
    lines.append(words("isolation-accepted", n=crossing) if crossing else words("isolation-none"))
    if proof.meant:
        lines.append(words("isolation-meant", n=proof.meant))
    if plan.relabelled:
        lines.append(words("isolation-relabelled", labels=", ".join(plan.relabelled)))
    return lines


def _more(every: Sequence[object], shown: Sequence[object], words: Words) -> str:
    """Return how many are not shown, "" where all are."""
    return words("more", n=len(every) - len(shown)) if len(shown) < len(every) else ""


def _folder(difference: Difference, page: _Page) -> View:
    most = None if page.room.objects else _MOST_FOLDED
    return {
        "out": difference.before,
        "totals": _totals(difference, page.words),
        "changes": [_change(item, page) for item in difference.objects[:most]],
        "more_changes": _more(difference.objects, difference.objects[:most], page.words),
        "moves": [_move(move, page) for move in difference.moves[:most]],
        "more_moves": _more(difference.moves, difference.moves[:most], page.words),
    }


def _move(move: Move, page: _Page) -> View:
    words = page.words
    fields, left = [], 0
    for each in move.fields or ():
        shown = _lines(each.field)
        if page.room.take(shown):
            field = each.field
            fields.append(
                {"risk": str(field.risk), "path": field.path, "note": _moved(move, each, words), "lines": shown}
            )
        else:
            left += 1
    risks = {str(each.field.risk): None for each in move.fields or ()}
    return {
        "id": page.ids.new(move.key),
        "title": move.key,
        "risks": list(risks),
        "what": words(f"move-{move.change}"),
        "wanted": "",
        "fields": fields,
        "folded": words.count("fields-folded", left) if left else "",
        "expected": "",
    }


def _finding(item: Diagnostic, words: Words) -> View:
    tones = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "dim"}
    return {
        "tone": tones[item.severity],
        "severity": words(f"severity-{item.severity}"),
        "code": item.code,
        "message": item.message,
        "accepted": item.accepted,
        "place": "" if item.span is None else str(item.span),
        "notes": _some([note.message + (f" ({note.span})" if note.span else "") for note in item.notes], words),
        "help": item.help,
    }
