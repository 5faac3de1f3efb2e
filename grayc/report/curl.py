"""The command that sends a request."""

from collections.abc import Iterable
from typing import Protocol

from grayc.diagnostics import shell
from grayc.routing.matching import shown_header


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


def curl(request: Sent, *, is_https: bool) -> str:
    """Return the line that sends a request; what proves who calls is masked in it."""
    line = ["curl", "--include"]
    if request.method != "GET":
        line += ["--request", request.method]
    for name, value in request.headers:
        line += ["--header", f"{name}: {shown_header(name, value)}"]
    for name, value in request.cookies:
        line += ["--cookie", f"{name}={shown_header(name, value)}"]
    query = query_of(request)
    return shell.command(*line, f"{'https' if is_https else 'http'}://{request.host}{request.path}{query}")


def query_of(request: Sent) -> str:
    """Return the query with its `?`, a parameter that proves who calls masked; "" for none."""
    pairs = [pair.partition("=") for pair in request.query.split("&")] if request.query else []
    shown = [f"{name}{sign}{shown_header(name, value) if sign else ''}" for name, sign, value in pairs]
    return f"?{'&'.join(shown)}" if shown else ""
