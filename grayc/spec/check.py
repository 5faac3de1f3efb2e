"""What is wrong with a release though its schema is content; silent about parts of a wrong shape."""

import datetime
import posixpath
from collections.abc import Iterator
from itertools import pairwise

from grayc.diagnostics import Diagnostic, Note, did_you_mean
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, show_path
from grayc.k8s.carriers import BAGGAGE
from grayc.k8s.gateways import GatewayName
from grayc.k8s.providers import Provider
from grayc.spec.diagnose import shown, strange_signs
from grayc.spec.model import Part

API_VERSION = "grayc.dev/v1"
KIND = "GrayRelease"
MAX_PATTERN = 256
"""Of characters; the schema has words for longer ones."""


def check_release(document: Document) -> tuple[Diagnostic, ...]:
    """Return what the schema cannot say.

    Diagnostics:
        GC203: `setNamespace` without `namespace`; a check of a body that needs an image of the user's.
        GC205: a date that is none; names of steps or checks, standard input or what is rendered, twice.
        GC206: shares of requests that are more than all of them.
        GC209: two services of one name.
        GC210: a step with a weight beside its rules' own.
        GC213: a service that calls itself.
        GC211: an `all` of one condition, or of very many; a rule on the header `Host`, or a lane in `Host` or `Cookie`.
        GC215: a pattern that RE2 does not take.
        GC217: replicas of a service that is not in the release.
        GC218: an expectation at a step that is not in the release.
        GC221: a switch inside `all`.
        GC222: a cookie's pattern that could reach into another cookie.
        GC208: a header and a member of `baggage` for one tag; what passes it on, where none is read.
        GC571: a tag in `baggage` that would take the place of others', or that the agent does not read.
    """
    return (
        *_services(document),
        *_namespace(document),
        *_carrier(document),
        *_propagation(document),
        *_expires(document),
        *_calls(document),
        *_patterns(document),
        *_counts_in_all(document),
        *_switches_in_all(document),
        *_reserved_headers(document),
        *_steps(document),
        *_names(document),
        *_stdin(document),
        *_rendered(document),
        *_shares(document),
        *_expected_steps(document),
        *_bodies(document),
    )


def check_head(document: Document) -> tuple[tuple[Diagnostic, ...], bool]:
    """Return what `apiVersion` and `kind` say against a release, and whether it is meant as one all the same.

    Diagnostics:
        GC201: they are those of something else.
    """
    version, kind = document.data.get("apiVersion"), document.data.get("kind")
    help_ = f"a release starts with `apiVersion: {API_VERSION}` and `kind: {KIND}`"
    if version is None and kind is None:
        return (_at(document, "GC201", "this is no release: it has no `apiVersion` and no `kind`", (), help_),), False
    is_ours = isinstance(version, str) and version.partition("/")[0] == API_VERSION.partition("/")[0]
    if not is_ours and (not isinstance(kind, str) or kind.lower() != KIND.lower()):
        other = f"{kind} of {version}" if kind and version else str(kind or version)
        return (
            _at(
                document,
                "GC201",
                f"this is no release but {shown(other)}",
                ("kind",) if kind else ("apiVersion",),
                f"{help_}; manifests of production are named under `spec.baseline`",
            ),
        ), False
    found = []
    if kind is not None and kind != KIND:
        found.append(
            _at(document, "GC201", f"{API_VERSION} has no kind {shown(kind)}", ("kind",), f"write `kind: {KIND}`")
        )
    if version is not None and version != API_VERSION:
        found.append(
            _at(
                document,
                "GC201",
                f"there is no version {shown(version)} of the release language",
                ("apiVersion",),
                f"write `apiVersion: {API_VERSION}`",
            )
        )
    return tuple(found), True


def _at(
    document: Document,
    code: str,
    message: str,
    path: Path,
    help: str,
    *,
    key: bool = False,
    notes: tuple[Note, ...] = (),
) -> Diagnostic:
    return Diagnostic(
        code=code, message=message, span=document.span(path, key=key), field=show_path(path), help=help, notes=notes
    )


def _repeats(document: Document, path: Path, code: str, noun: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every item of a list whose `name` an earlier one has."""
    first: dict[str, Path] = {}
    for at, item in enumerate(get_list(document.data, path)):
        name = get_text(item, ("name",))
        place = (*path, at, "name")
        if name and first.setdefault(name, place) != place:
            yield _at(
                document,
                code,
                f"there is a {noun} `{name}` before this one",
                place,
                "give it a name of its own, or put both together",
                notes=(Note(message="the first is here", span=document.span(first[name])),),
            )


def _services(document: Document) -> Iterator[Diagnostic]:
    yield from _repeats(document, ("spec", "services"), "GC209", "service")


def _names(document: Document) -> Iterator[Diagnostic]:
    yield from _repeats(document, ("spec", "rollout", "steps"), "GC205", "step")
    yield from _repeats(document, ("spec", "verify"), "GC205", "check")


def _namespace(document: Document) -> Iterator[Diagnostic]:
    spec = get_map(document.data, ("spec",))
    if spec.get("setNamespace") is True and "namespace" not in spec:
        yield _at(
            document,
            "GC203",
            "`setNamespace` needs `namespace`, which is missing",
            ("spec", "setNamespace"),
            "write `namespace`, or take `setNamespace` away",
            key=True,
        )


def _carrier(document: Document) -> Iterator[Diagnostic]:
    lane: Path = ("spec", "lane")
    header, member = get_text(document.data, (*lane, "header")), get_text(document.data, (*lane, "baggage"))
    provider, traffic = get_text(document.data, (*lane, "provider")), get_map(document.data, ("spec", "traffic"))
    if header.lower() == BAGGAGE:
        yield _at(
            document,
            "GC571",
            "`baggage` is a list of what many parties pass on: a gateway that puts the tag into it as a header of the "
            "lane's own takes all else away",
            (*lane, "header"),
            "write `baggage: KEY` instead of `header: baggage`: the tag is then the member `KEY=<tag>` of the list",
        )
    elif header and member:
        yield _at(
            document,
            "GC208",
            "a lane's tag is in a header of its own or in a member of `baggage`, not in both",
            (*lane, "baggage"),
            "keep one of `header` and `baggage`",
            key=True,
        )
    if not provider and traffic.get("gateway", GatewayName.MSE) == GatewayName.MSE:
        provider = Provider.MSE
    if member and provider == Provider.MSE:
        yield _at(
            document,
            "GC571",
            "the MSE agent reads the tag in a header of its own, and no member of `baggage`",
            (*lane, "baggage"),
            "take `baggage` away; or write the `provider` that carries the calls",
            key=True,
        )


def _propagation(document: Document) -> Iterator[Diagnostic]:
    lane = get_map(document.data, ("spec", "lane"))
    if lane.get("provider") == Provider.ADDRESS and "propagation" in lane:
        yield _at(
            document,
            "GC208",
            f"`propagation` says what passes the header on, and with `provider: {Provider.ADDRESS}` none is read",
            ("spec", "lane", "propagation"),
            "take `propagation` away: the gray copies name the gray Services",
            key=True,
        )


def _expires(document: Document) -> Iterator[Diagnostic]:
    path: Path = ("spec", "expires")
    text = get_text(document.data, path)
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():  # the schema has words for any other form
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            if text.replace("-", "").isdigit():
                yield _at(
                    document, "GC205", f"there is no day `{text}`", path, "write year, month and day of the last day"
                )


def _calls(document: Document) -> Iterator[Diagnostic]:
    path: Path = ("spec", "calls")
    for at, item in enumerate(get_list(document.data, path)):
        names = [name.strip() for name in item.split("->")] if isinstance(item, str) else []
        for caller, called in pairwise(names):
            if caller and caller == called:
                yield _at(
                    document, "GC213", f"`{caller}` calls itself", (*path, at), "name each service of the path once"
                )
                break


def _stdin(document: Document) -> Iterator[Diagnostic]:
    path: Path = ("spec", "baseline")
    places = [(*path, at) for at, item in enumerate(get_list(document.data, path)) if get(item, ("stdin",)) is True]
    for place in places[1:]:
        yield _at(
            document,
            "GC205",
            "standard input can be read only once",
            place,
            "take one of them away",
            notes=(Note(message="the first is here", span=document.span(places[0])),),
        )


def _rendered(document: Document) -> Iterator[Diagnostic]:
    """Refuse what is rendered twice: all its objects would stand in two places."""
    path: Path = ("spec", "baseline")
    first: dict[tuple[str, str], Path] = {}
    for at, item in enumerate(get_list(document.data, path)):
        folder, chart = get(item, ("kustomize",)), get(item, ("helm", "chart"))
        release = get(item, ("helm", "release"))
        if isinstance(folder, str):
            key, what = (posixpath.normpath(folder), ""), f"kustomization `{folder}`"
        elif isinstance(chart, str):
            name = release if isinstance(release, str) else get_text(document.data, ("metadata", "name"))
            key, what = (posixpath.normpath(chart), name), f"chart `{chart}` as release `{name}`"
        elif isinstance(file := get(item, ("argocd",)) or get(item, ("flux",)), str):
            key, what = (posixpath.normpath(file), "<file>"), f"`{file}`"
        else:
            continue
        place = first.setdefault(key, (*path, at))
        if place != (*path, at):
            yield _at(
                document,
                "GC205",
                f"{what} is rendered twice",
                (*path, at),
                "take one of them away, or give each Helm release a name of its own",
                notes=(Note(message="the first is here", span=document.span(place)),),
            )


def _rules(document: Document) -> Iterator[tuple[Path, object]]:
    """Yield every rule with its path."""
    lists: list[Path] = [("spec", "traffic", "rules")]
    steps: Path = ("spec", "rollout", "steps")
    lists += [(*steps, at, "rules") for at, _ in enumerate(get_list(document.data, steps))]
    for path in lists:
        for at, rule in enumerate(get_list(document.data, path)):
            yield (*path, at), rule


def _conditions(document: Document) -> Iterator[tuple[Path, object]]:
    """Yield every rule, and every condition inside an `all`, with its path."""
    for path, rule in _rules(document):
        yield path, rule
        for at, condition in enumerate(get_list(rule, ("all",))):
            yield (*path, "all", at), condition


MAX_CONDITIONS = 16
"""Of one `all`. Source: kubernetes-sigs/gateway-api, apis/v1 HTTPRouteMatch: 16 headers, and as many parameters."""


def _counts_in_all(document: Document) -> Iterator[Diagnostic]:
    for path, rule in _rules(document):
        count = len(get_list(rule, ("all",)))
        if count == 1 or count > MAX_CONDITIONS:
            yield _at(
                document,
                "GC211",
                f"`all` has {count} condition{'' if count == 1 else f's, more than {MAX_CONDITIONS}'}",
                (*path, "all"),
                "write it as a rule of its own, without `all`" if count == 1 else "ask for what such requests share",
                key=True,
            )


def _reserved_headers(document: Document) -> Iterator[Diagnostic]:
    """Find rules on the header `Host`, and a lane whose tag is in `Host` or `Cookie`.

    An entry has matched the host already, and gateways differ in whether they see it again. Source: Go, net/http
    Request.Header: `Host` is removed from it; so a rule of Traefik's on it is met by no request.
    """
    for path, condition in _conditions(document):
        for place in ((*path, "header"), (*path, "by", "header")):
            if get_text(condition, place[len(path) :]).lower() == "host":
                yield _at(
                    document,
                    "GC211",
                    "a request has one host, and not every gateway shows it as a header: a rule cannot ask for it",
                    place,
                    "name the hosts that the rules open in `spec.traffic.entries`: `{ingress: NAME, hosts: [HOST]}`",
                )
    lane: Path = ("spec", "lane", "header")
    if (name := get_text(document.data, lane)).lower() in ("host", "cookie"):
        yield _at(
            document,
            "GC211",
            f"the header `{name}` has a meaning of its own, which the lane's tag would take the place of",
            lane,
            "name a header that nothing else reads, such as `x-gray-tag`",
        )


def _switches_in_all(document: Document) -> Iterator[Diagnostic]:
    for path, condition in _conditions(document):
        if "all" not in path or not is_mapping(condition) or len(condition) != 1:
            continue
        part, name = next(iter(condition.items()))
        if part in tuple(Part) and isinstance(name, str):
            yield _at(
                document,
                "GC221",
                f"{part} {shown(name)} has no value here: alone it would be a switch, which asks for `always` and "
                "`never`",
                path,
                "write the `value`, `values` or `pattern` that such requests have; `pattern: .` for any value",
            )


MAX_PATTERN_PROGRAM = 500_000
"""Instructions that RE2 makes of all patterns of a release. GC219."""

# What RE2 refuses has cost as much as so many instructions.
_REFUSED = 20_000


def _patterns(document: Document) -> Iterator[Diagnostic]:
    left = MAX_PATTERN_PROGRAM
    for path, rule in _conditions(document):
        pattern = get_text(rule, ("pattern",))
        fault, size = _pattern_fault(pattern) if 0 < len(pattern) <= MAX_PATTERN else ("", 0)
        left -= size
        if left < 0:
            yield _at(
                document,
                "GC219",
                f"the patterns up to this one come to more than {MAX_PATTERN_PROGRAM} instructions of a matcher",
                (*path, "pattern"),
                "write smaller repetitions, such as `\\d{1,20}` for `\\pL{900}`, or fewer patterns",
            )
            return
        if fault:
            if document.span((*path, "pattern")).sensitive:
                # Behind the colon stands a part of the pattern.
                fault = fault.partition(":")[0]
            yield _at(
                document,
                "GC215",
                f"`pattern` {shown(pattern)} is invalid: {fault}",
                (*path, "pattern"),
                "write a regular expression of RE2 in visible ASCII, without look-around and back-references",
            )
        elif pattern and "cookie" in get_map(rule, ()) and len(pattern) <= MAX_PATTERN:
            from grayc.documents.expressions import reaches_further  # noqa: PLC0415 - few releases have one

            reason = reaches_further(pattern)
            if reason:
                yield _at(
                    document,
                    "GC222",
                    f"{reason}, and gateways look for a cookie's pattern in all cookies at once",
                    (*path, "pattern"),
                    "write `values`, or a pattern of characters, classes, groups and repetitions, with `^` and `$` at "
                    "its two ends alone",
                )


def _pattern_fault(pattern: str) -> tuple[str, int]:
    """Return what is wrong with a regular expression, "" where nothing is, and how many instructions it cost.

    Source: google/re2 wiki, Syntax; Envoy and Go match with it, so what it refuses works on no gateway but nginx.
    """
    if strange_signs(pattern):
        return strange_signs(pattern), 0
    if "\\Q" in pattern.replace("\\\\", ""):
        # Gateways get the pattern inside a longer one, and an open quote would swallow what stands behind it.
        return r"`\Q` quotes what stands behind it: write `\` before each sign instead", 0
    import re2  # noqa: PLC0415 - most releases have no pattern

    options = re2.Options()
    options.log_errors = False
    try:
        return "", re2.compile(pattern, options).programsize
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        return words, _REFUSED if "too large" in words else 0


def _steps(document: Document) -> Iterator[Diagnostic]:
    services = {get_text(item, ("name",)) for item in get_list(document.data, ("spec", "services"))}
    path: Path = ("spec", "rollout", "steps")
    for at, step in enumerate(get_list(document.data, path)):
        entering = next((key for key in ("rules", "weight") if get(step, (key,)) is not None), None)
        if entering and not get_map(document.data, ("spec", "traffic")):
            yield _at(
                document,
                "GC203",
                f"step {at + 1} has `{entering}`, and the release has no `traffic`",
                (*path, at, entering),
                "say at which gateway requests enter: `traffic: {gateway: NAME}` in `spec`",
                key=True,
            )
        own = [n for n, rule in enumerate(get_list(step, ("rules",))) if is_mapping(rule) and "weight" in rule]
        if own and get(step, ("weight",)) is not None:
            yield _at(
                document,
                "GC210",
                f"step {at + 1} has a `weight`, and another in its rules",
                (*path, at, "weight"),
                "keep one of them",
                notes=(Note(message="the other is here", span=document.span((*path, at, "rules", own[0]))),),
            )
        # A service without a name is a mistake of its own.
        for name in get_map(step, ("replicas",)) if "" not in services else ():
            if name not in services:
                yield _at(
                    document,
                    "GC217",
                    f"there is no service `{name}` in this release",
                    (*path, at, "replicas", name),
                    did_you_mean(name, services, noun="service"),
                    key=True,
                )


def _shares(document: Document) -> Iterator[Diagnostic]:
    for at, item in enumerate(get_list(document.data, ("spec", "expect"))):
        shares = [share for share in get_map(item, ("goesTo", "percent")).values() if isinstance(share, int | float)]
        if sum(shares) > 100 >= max(shares, default=0):
            yield _at(
                document,
                "GC206",
                f"the shares sum to {sum(shares)} percent",
                ("spec", "expect", at, "goesTo", "percent"),
                "give shares that sum to 100 at most",
                key=True,
            )


def _expected_steps(document: Document) -> Iterator[Diagnostic]:
    """Find expectations at a step that the release does not have."""
    steps = [get_text(item, ("name",)) for item in get_list(document.data, ("spec", "rollout", "steps"))]
    for at, item in enumerate(get_list(document.data, ("spec", "expect"))):
        for step_at, name in enumerate(get_list(item, ("steps",))):
            if isinstance(name, str) and name not in steps:
                yield _at(
                    document,
                    "GC218",
                    f"there is no step {shown(name)} in this release",
                    ("spec", "expect", at, "steps", step_at),
                    did_you_mean(name, steps, noun="step") if steps else "write the steps in `spec.rollout.steps`",
                )


def _bodies(document: Document) -> Iterator[Diagnostic]:
    """Find requests whose body the default image would not see: its `wget` shows that of a 2xx answer alone."""
    for at, item in enumerate(get_list(document.data, ("spec", "verify"))):
        asked = get_map(item, ("http",))
        status = asked.get("expectStatus")
        if "expectBody" in asked and "image" not in asked and isinstance(status, int | float) and status // 100 != 2:
            yield _at(
                document,
                "GC203",
                f"check {at + 1} expects a body with status {status}, and has no `image`: the default one shows the "
                "body of a 2xx answer alone",
                ("spec", "verify", at, "http", "expectBody"),
                "name an image that has `sh` and `curl`, with `image` in `http`",
                key=True,
            )
