"""Where a request goes, for people and as data."""

from collections.abc import Sequence

from grayc.diagnostics.visible import columns
from grayc.report.paint import Paint, finish, painted
from grayc.routing.matching import shown_cookie, shown_header, shown_query
from grayc.routing.model import Answer, Hop, ObjectRef, Request, Routed
from grayc.routing.shares import percents, place, show_share

_MOST_UNREAD = 10


def render_route(routed: Routed, *, color: bool = False) -> str:
    """Return an answer as text: the entry, the rules in the gateway's order, the shares, the hops, and why."""
    answer = routed.answer
    lines = [f"{_asked(routed.request)}, gateway {routed.gateway}", ""]
    if answer.refused:
        lines += [painted(f"no answer is known: {answer.refused}", Paint.RED)]
        return finish((*lines, *_unread(routed)), color=color)
    if answer.entry is not None:
        entry = answer.entry
        place = f"{entry.host or 'any host'} {entry.path} ({entry.path_type})"
        lines.append(f"comes in by {_shown(entry.object)}: {place}")
    if answer.candidates:
        lines.append("rules, in the gateway's order:")
        names = [f"{_shown(candidate.object)} {candidate.rule}" for candidate in answer.candidates]
        width = max(columns(name) for name in names)
        # Of a rule with several values each is missed alike where the request has none.
        for name, candidate in dict.fromkeys(zip(names, answer.candidates, strict=True)):
            sign = ">" if candidate.won else " "
            line = f"  {sign} {name}{' ' * (width - columns(name))}  {candidate.outcome}"
            lines.append(painted(line, Paint.GREEN if candidate.won else None))
    if answer.status is not None:
        lines.append(painted(f"the gateway answers {answer.status} itself", Paint.YELLOW))
    for destination, lane in zip(answer.destinations, routed.lanes, strict=True):
        lines.append(painted(f"goes to {show_share(destination, lane)}", None if lane == "baseline" else Paint.GREEN))
        lines += [
            f"    {change.name}: {shown_header(change.name, change.value)}"
            if change.value is not None
            else f"    {change.name}: taken away"
            for change in destination.changes
        ]
    paths = [" -> ".join(f"{hop.service} ({_lane(hop)})" for hop in path) for path in routed.paths]
    lines += [f"hops: {paths[0]}"] if len(paths) == 1 else ["hops:", *(f"  {path}" for path in paths)] if paths else []
    if routed.why:
        lines += ["", "why:", *(f"  {at}. {sentence}" for at, sentence in enumerate(routed.why, 1))]
    lines += _unread(routed)
    return finish(lines, color=color)


def _lane(hop: Hop) -> str:
    return f"lane {hop.lane}" if hop.copy == "gray" else hop.copy


def _unread(routed: Routed) -> list[str]:
    """Return what the gateway does not read, the first of it where there is much."""
    if not routed.unread:
        return []
    more = len(routed.unread) - _MOST_UNREAD
    shown = [f"  {_shown(item.object)}: {item.reason}" for item in routed.unread[:_MOST_UNREAD]]
    return ["", "not read:", *shown, *([f"  and {more} more"] if more > 0 else [])]


def render_comparison(rows: Sequence[tuple[str, Routed | None, str]], *, color: bool = False) -> str:
    """Return one line for each gateway: where the request goes, or why the gateway cannot be asked."""
    cells = []
    for gateway, routed, reason in rows:
        if routed is None:
            cells.append((gateway, "cannot be asked", reason))
            continue
        decider = routed.answer.decided_by
        by = f"{_shown(decider.object)} {decider.rule}" if decider else ""
        cells.append((gateway, place(routed), f"{by}; {reason}" if by and reason else by or reason))
    widths = [max(columns(row[at]) for row in cells) for at in (0, 1)]
    lines = [
        f"{first}{' ' * (widths[0] - columns(first))}  {second}{' ' * (widths[1] - columns(second))}  {third}".rstrip()
        for first, second, third in cells
    ]
    paints = [Paint.YELLOW if routed is None or reason else None for _, routed, reason in rows]
    return finish(map(painted, lines, paints), color=color)


def route_data(routed: Routed) -> dict[str, object]:
    """Return an answer as plain data, in the form that the release language promises."""
    answer = routed.answer
    return {
        "gateway": routed.gateway,
        "request": _request_data(routed.request),
        "status": answer.status,
        **({"refused": answer.refused} if answer.refused else {}),
        "entry": None
        if answer.entry is None
        else {
            **_object_data(answer.entry.object),
            "rule": {"host": answer.entry.host, "path": answer.entry.path, "pathType": answer.entry.path_type},
        },
        "decidedBy": None
        if answer.decided_by is None
        else {**_object_data(answer.decided_by.object), "rule": answer.decided_by.rule},
        "destinations": _destinations_data(answer, routed.lanes),
        "hops": [
            {"service": hop.service, "copy": hop.copy, **({"carried": hop.carried} if hop.carried else {})}
            for hop in routed.hops
        ],
        "paths": [[_hop_data(hop) for hop in path] for path in routed.paths],
        "why": list(routed.why),
        **(
            {"notRead": [{**_object_data(item.object), "reason": item.reason} for item in routed.unread]}
            if routed.unread
            else {}
        ),
    }


def _hop_data(hop: Hop) -> dict[str, object]:
    return {
        "service": hop.service,
        "copy": hop.copy,
        "lane": hop.lane or None,
        **({"carried": hop.carried} if hop.carried else {}),
        **({"why": hop.why} if hop.why else {}),
    }


def _destinations_data(answer: Answer, lanes: Sequence[str]) -> list[dict[str, object]]:
    shares = percents([destination.percent for destination in answer.destinations])
    return [
        {
            "namespace": destination.namespace,
            "service": destination.service,
            "port": destination.port if destination.port != "" else None,
            **({"subset": destination.subset} if destination.subset else {}),
            "lane": lane,
            "percent": share,
            "status": destination.status,
            "requestHeaders": {
                change.name: shown_header(change.name, change.value) if change.value is not None else None
                for change in destination.changes
            },
        }
        for destination, lane, share in zip(answer.destinations, lanes, shares, strict=True)
    ]


def _object_data(ref: ObjectRef) -> dict[str, object]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def _request_data(request: Request) -> dict[str, object]:
    headers: dict[str, object] = {}
    for name, _ in request.headers:
        values = [shown_header(name, value) for value in request.values(name)]
        headers[name] = values[0] if len(values) == 1 else list(values)
    return {
        "method": request.method,
        "host": request.host,
        "path": request.path + (f"?{shown_query(request.query)}" if request.query else ""),
        "headers": headers,
        "cookies": {name: shown_cookie(name, value) for name, value in request.cookies},
    }


def _asked(request: Request) -> str:
    query = f"?{shown_query(request.query)}" if request.query else ""
    headers = "".join(f", {name}: {shown_header(name, value)}" for name, value in request.headers)
    cookies = "".join(f", cookie {name}={shown_cookie(name, value)}" for name, value in request.cookies)
    return f"{request.method} {request.host}{request.path}{query}{headers}{cookies}"


def _shown(ref: ObjectRef) -> str:
    return f"{ref} in {ref.namespace}"
