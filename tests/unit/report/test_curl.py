"""The line that a page shows sends what the simulator was asked: curl itself sends it to a server here."""

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from grayc.report.curl import curl
from grayc.routing.model import Request

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")

Heard = list[tuple[str, str, dict[str, str]]]


class Ear(BaseHTTPRequestHandler):
    """Writes down what it is asked."""

    def _hear(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append((self.command, self.requestline.split(" ")[1], headers))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = do_HEAD = do_DELETE = _hear

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), Ear)
    made.heard = []  # type: ignore[attr-defined]
    Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize(
    ("asked", "without"),
    [
        (Request(host="h.test", path="/items/[id]"), ()),
        (Request(host="h.test", path="/items/{id}"), ()),
        (Request(host="h.test", path="/a/../b"), ()),
        (Request(host="h.test", path="/a/%2E%2e/b/."), ()),
        (Request(host="h.test", path="/a%3Fb%20c/d|e^f"), ()),
        (Request(host="h.test", path="/", query="q=[1-3]&r={a,b}"), ()),
        (Request(host="h.test", method="POST", headers=(("X-U", "a'b"),)), ("User-Agent",)),
        (Request(host="h.test", method="HEAD", headers=(("User-Agent", "curl"),)), ("Accept",)),
        (Request(host="h.test", headers=(("x-empty", ""),), cookies=(("a", "b c"),)), ("User-Agent", "Accept")),
    ],
)
def test_curl_sends_what_was_asked(asked: Request, without: tuple[str, ...], server: HTTPServer) -> None:
    words = shlex.split(curl(asked, is_https=False, without=without))
    there = ["--connect-to", f"::127.0.0.1:{server.server_port}", "--noproxy", "*", "--max-time", "20"]
    subprocess.run([words[0], "--disable", *words[1:], *there], check=True, capture_output=True, timeout=60)

    ((method, target, headers),) = server.heard  # type: ignore[attr-defined]
    assert (method, target) == (asked.method, asked.path + (f"?{asked.query}" if asked.query else ""))
    # What clients send by themselves is there unless it is to stay away.
    wanted = {"user-agent": headers.get("user-agent", "none"), "accept": "*/*", "host": "h.test"}
    wanted |= {name.lower(): value for name, value in asked.headers}
    wanted |= {"cookie": "; ".join(map("=".join, asked.cookies))} if asked.cookies else {}
    for name in without:
        del wanted[name.lower()]
    assert headers == wanted
