"""The command that sends a request."""

from collections.abc import Iterable
from typing import Protocol

from grayc.diagnostics import shell
from grayc.routing.matching import shown_cookie, shown_header, shown_query

_GLOB = frozenset("[]{}")
_DOTS = frozenset({".", ".."})


class Sent(Protocol):
    """A request, as the simulator or a preview has it."""

    @property
    def method(self) -> str: ...  # noqa: D102
    @property
    def host(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def query(self) -> str: ...  # noqa: D102
    @property
    def headers(self) -> Iterable[tuple[str, str]]: ...  # noqa: D102
    @property
    def cookies(self) -> Iterable[tuple[str, str]]: ...  # noqa: D102


def curl(request: Sent, *, is_https: bool, without: Iterable[str] = ()) -> str:
    """Return the line that sends a request as it is; what proves who calls is masked in it.

    Source: curl's manual: of `[]{}` it makes several URLs but for `--globoff`, and it takes `/../` and `/./` out of a
    path but for `--path-as-is`; `Name:` sends no such header, and `Name;` one without a value.

    Args:
        without: headers that curl would send by itself.
    """
    line = ["curl", "--include"]
    query = query_of(request)
    line += ["--globoff"] if _GLOB & {*request.path, *query} else []
    line += ["--path-as-is"] if not _DOTS.isdisjoint(request.path.lower().replace("%2e", ".").split("/")) else []
    match request.method:
        case "GET":
            pass
        case "HEAD":
            line.append("--head")  # A body that never comes would be waited for.
        case method:
            line += ["--request", method]
    for name, value in request.headers:
        line += ["--header", f"{name}: {shown_header(name, value)}" if value else f"{name};"]
    for name in without:
        line += ["--header", f"{name}:"]
    for name, value in request.cookies:
        line += ["--cookie", f"{name}={shown_cookie(name, value)}"]
    return shell.command(*line, f"{'https' if is_https else 'http'}://{request.host}{request.path}{query}")


def query_of(request: Sent) -> str:
    """Return the query with its `?`, a parameter that proves who calls masked; "" for none."""
    return f"?{shown_query(request.query)}" if request.query else ""
