"""Whether a request meets a rule of Traefik.

Source: traefik/traefik v3.7.13 pkg/muxer/http/matcher.go, pkg/muxer/muxer.go (DomainMatchHostExpression); a query is
read by Go's net/url: parts with `;` are left out, names and values are decoded.
"""

from collections.abc import Iterator
from urllib.parse import unquote_plus

from grayc.documents.traefik_rules import Matcher, Rule
from grayc.routing.matching import is_found
from grayc.routing.model import Request


def meets(rule: Rule, request: Request) -> bool:
    """Tell whether a request meets a rule.

    Raises:
        BadExpression: RE2 does not take an expression of the rule.
    """
    if isinstance(rule, Matcher):
        return _holds(rule, request) is not rule.negated
    asked = (meets(each, request) for each in rule.rules)
    return all(asked) if rule.every else any(asked)


def _holds(matcher: Matcher, request: Request) -> bool:
    first, *others = matcher.values
    match matcher.name:
        case "Host":
            return is_host(first, request.host)
        case "HostRegexp":
            return is_found(first, request.host)
        case "Path":
            return request.path == first
        case "PathPrefix":
            return request.path.startswith(first)
        case "PathRegexp":
            return is_found(first, request.path)
        case "Method":
            return request.method == first.upper()
        case "Header":
            return others[0] in request.values(first)
        case "HeaderRegexp":
            return any(is_found(others[0], value) for value in request.values(first))
        case "Query" | "QueryRegexp":
            values = list(_parameters(request.query, first))
            if matcher.name == "QueryRegexp" and others:
                return any(is_found(others[0], value) for value in values)
            return (others[0] if others else "") in values
        case _:
            return False


def is_host(pattern: str, host: str) -> bool:
    """Tell whether a `Host` matches: a star at the start stands for one whole label."""
    pattern = pattern.lower()
    if pattern == "*":
        return True
    if pattern.startswith("*"):
        _, dot, rest = host.partition(".")
        return f"*{dot}{rest}" == pattern
    return pattern.removesuffix(".") == host.removesuffix(".")


def _parameters(query: str, name: str) -> Iterator[str]:
    for part in query.split("&") if query else ():
        key, _, value = part.partition("=")
        if ";" not in part and unquote_plus(key) == name:
            yield unquote_plus(value)
