"""The shell program of a check, run by a real shell with `curl` alone and with `wget` alone."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from grayc.passes.verify_lane import ASK

COMMON = ("sh", "date", "sleep", "sed", "head", "timeout")


@dataclass
class Service:
    """A Service that gives its answers in turn, the last one for ever.

    Attributes:
        elsewhere: where a redirect leads; what is asked there is `there`.
    """

    answers: list[tuple[int, str]]
    elsewhere: str = "/elsewhere"
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service(answers=[(200, "ok")])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, self.headers.get("x-mse-tag")))
            status, text = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            if self.path == state.elsewhere:
                status, text = 200, "there"
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", state.elsewhere)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["curl", "wget"])
def tools(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder with the few programs that a small image has."""
    for tool in (*COMMON, request.param):
        found = shutil.which(tool)
        assert found is not None, f"{tool} is needed for this test"
        (tmp_path / tool).symlink_to(found)
    return tmp_path


def ask(
    tools: Path, service: Service, *, path: str = "/ready", status: int = 200, body: str = "", seconds: int = 30
) -> tuple[int, str]:
    done = subprocess.run(
        [str(tools / "sh"), "-c", ASK],
        env={
            "PATH": str(tools),
            "CHECK_URL": f"http://127.0.0.1:{service.port}{path}",
            "CHECK_HEADER": "x-mse-tag: gray",
            "CHECK_STATUS": str(status),
            "CHECK_BODY": body,
            "CHECK_SECONDS": str(seconds),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_an_answer_as_expected_is_enough(tools: Path, service: Service) -> None:
    code, said = ask(tools, service, path="/ready?a=1&b=$HOME")

    assert code == 0
    assert said.endswith(": status 200, as expected\n")
    assert service.asked == [("/ready?a=1&b=$HOME", "gray")]


@pytest.mark.parametrize("path", ["/all?id[]=1", "/a[1-3]", "/{a,b}"])
def test_one_request_is_sent_whatever_its_path_holds(tools: Path, service: Service, path: str) -> None:
    assert ask(tools, service, path=path)[0] == 0
    assert [unquote(asked) for asked, _ in service.asked] == [path]


def test_a_redirect_is_an_answer_and_not_where_it_leads(tools: Path, service: Service) -> None:
    service.answers = [(302, "")]

    assert ask(tools, service, status=302)[0] == 0
    assert ask(tools, service, status=200, seconds=0)[0] == 1
    assert ask(tools, service, status=302, body="there", seconds=0)[0] == 1


def test_the_log_tells_what_was_answered(tools: Path, service: Service) -> None:
    service.answers = [(200, "DOWN: no database")]

    assert "DOWN: no database" in ask(tools, service, body="UP", seconds=0)[1]


def test_pods_that_are_not_up_yet_are_asked_again(tools: Path, service: Service) -> None:
    service.answers = [(503, "starting"), (200, "ok")]

    assert ask(tools, service)[0] == 0


@pytest.mark.parametrize(("status", "answer"), [(200, (500, "broken")), (404, (200, "ok"))])
def test_another_status_fails_when_the_time_is_up(
    tools: Path, service: Service, status: int, answer: tuple[int, str]
) -> None:
    service.answers = [answer]

    code, said = ask(tools, service, status=status, seconds=0)

    assert code == 1
    assert f": status {answer[0]}, not {status}\n" in said


def test_a_status_that_is_no_success_may_be_the_expected_one(tools: Path, service: Service) -> None:
    service.answers = [(401, "who are you")]

    assert ask(tools, service, status=401)[0] == 0


@pytest.mark.parametrize("text", ['"status":"UP"', "a*b", "two\nlines", "$(exit 3)`", "ends here", "a line\n"])
def test_the_text_is_looked_for_as_it_stands(tools: Path, service: Service, text: str) -> None:
    service.answers = [(200, f"before {text}")]
    assert ask(tools, service, body=text)[0] == 0

    service.answers = [(200, "before aXb")]
    code, said = ask(tools, service, body=text, seconds=0)
    assert code == 1
    assert ": status 200 without the expected text\n" in said


def test_nobody_at_the_port_fails_when_the_time_is_up(tools: Path, service: Service) -> None:
    service.port = 1

    code, said = ask(tools, service, seconds=0)

    assert code == 1
    assert ": status " in said
    assert "refused" in said.lower() or "failed to connect" in said.lower()
