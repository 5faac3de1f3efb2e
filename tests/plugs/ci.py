"""Run the shell steps of an action and of a job as their runners do: GitHub's of `action.yml`, GitLab's of a component."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
COMPONENT_TEXT = (ROOT / "templates" / "grayc.yml").read_text("utf-8")
_BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""Source: GitHub's documentation of `shell: bash`; GitLab's runner sets the same options."""
_NAME = re.compile(r"(?:inputs|github|steps)(?:\.[\w-]+)+")

_GH = """\
#!/usr/bin/env python3
import json, os, sys
place = os.environ["GH_COMMENTS"]
comments = json.load(open(place))
words = sys.argv[1:]
if "--paginate" in words:
    print("\\n".join(str(each["id"]) for each in comments if each["body"].startswith("<!-- grayc diff -->")))
    sys.exit()
body = open(next(word for word in words if word.startswith("body=@"))[6:]).read()
if "POST" in words:
    comments.append({"id": len(comments) + 1, "body": body})
else:
    next(each for each in comments if words[words.index("PATCH") + 1].endswith(f"/comments/{each['id']}"))["body"] = body
json.dump(comments, open(place, "w"))
"""
"""Stands in for GitHub's program: it keeps comments in a file."""


@dataclass(kw_only=True)
class Outcome:
    """What a run of all steps left.

    Attributes:
        status: of the step that failed, else 0.
        outputs: of the action, or none.
    """

    status: int
    said: str
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


def run_action(clone: Path, home: Path, *, base: str = "", inputs: Mapping[str, str] | None = None) -> Outcome:
    """Run every step but the installation in a clone, for a pull request from `base`, or for a push where that is ""."""
    given = {name: row.get("default", "") for name, row in ACTION["inputs"].items()} | dict(inputs or {})
    values = {f"inputs.{name}": value for name, value in given.items()}
    values |= {"github.event_name": "pull_request" if base else "push", "github.event.pull_request.base.sha": base}
    values |= {"github.event.pull_request.number": "7", "github.action_path": str(ROOT), "github.token": "token"}
    temporary = home / "temp"
    (temporary / "grayc" / "bin").mkdir(parents=True, exist_ok=True)
    _link(temporary / "grayc" / "bin" / "grayc", BIN / "grayc")
    (home / "bin").mkdir(exist_ok=True)
    (home / "bin" / "gh").write_text(_GH, encoding="utf-8")
    (home / "bin" / "gh").chmod(0o755)
    (home / "comments.json").exists() or (home / "comments.json").write_text('[{"id": 1, "body": "mine"}]')
    outcome = Outcome(status=0, said="")
    for step in ACTION["runs"]["steps"][1:]:
        if outcome.status or ("if" in step and not _holds(step["if"], values)):
            continue
        output, summary = home / "output", home / "summary"
        output.write_text("")
        environment = os.environ | {name: _filled(text, values) for name, text in step.get("env", {}).items()}
        environment |= {
            "RUNNER_TEMP": str(temporary),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
        }
        environment |= {"GITHUB_REPOSITORY": "team/shop", "GH_COMMENTS": str(home / "comments.json")}
        environment["PATH"] = f"{home / 'bin'}{os.pathsep}{environment['PATH']}"
        assert "${{" not in step["run"]
        done = subprocess.run(
            [*_BASH, "-c", step["run"]], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        outcome.said += done.stdout + done.stderr
        outcome.status = done.returncode
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            values[f"steps.{step['id']}.outputs.{name}"] = value
        outcome.summary = summary.read_text() if summary.exists() else ""
    outcome.outputs = {name: _filled(row["value"], values) for name, row in ACTION["outputs"].items()}
    return outcome


def comments(home: Path) -> list[str]:
    """Return the comments that a run left."""
    return [each["body"] for each in json.loads((home / "comments.json").read_text())]


def component(**inputs: str) -> Any:
    """Return the job that an include of the component makes."""
    head, _, body = COMPONENT_TEXT.partition("\n---\n")
    defaults = {name: row["default"] for name, row in yaml.safe_load(head)["spec"]["inputs"].items()}
    made = yaml.safe_load(body)
    for name, value in (defaults | inputs).items():
        made = _replaced(made, f"$[[ inputs.{name} ]]", value)
    return made


def run_job(clone: Path, *, base: str = "", api: str = "", token: str = "", **inputs: str) -> Outcome:
    """Run a job's script but for the installation in a clone, for a merge request from `base` where there is one."""
    job = component(**inputs)["grayc"]
    environment = {name: row["value"] if isinstance(row, dict) else str(row) for name, row in job["variables"].items()}
    if base:
        environment |= {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        environment |= {"CI_API_V4_URL": api, "CI_MERGE_REQUEST_PROJECT_ID": "3", "GRAYC_TOKEN": token}
    environment = os.environ | environment | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    assert "venv" in job["script"][0] and "pip install" in job["script"][1]
    script = "\n".join(job["script"][2:])
    done = subprocess.run(
        [*_BASH, "-c", script], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    return Outcome(status=done.returncode, said=done.stdout + done.stderr)


@contextmanager
def notes(held: list[dict[str, Any]]) -> Iterator[str]:
    """Serve the notes of a merge request as GitLab's API does, two a page, and yield its address."""

    class Notes(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.partition("&page=")[2])
            self.answer(held[2 * page - 2 : 2 * page], str(page + 1) if 2 * page < len(held) else "")

        def do_POST(self) -> None:
            held.append({"id": len(held) + 1, **self.body()})
            self.answer(held[-1])

        def do_PUT(self) -> None:
            note = next(each for each in held if self.path.endswith(f"/{each['id']}"))
            note |= self.body()
            self.answer(note)

        def body(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def answer(self, value: object, following: str = "") -> None:
            refused = self.headers["PRIVATE-TOKEN"] != "right"
            self.send_response(401 if refused else 200)
            self.send_header("X-Next-Page", following)
            self.end_headers()
            self.wfile.write(b"{}" if refused else json.dumps(value).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v4"
    finally:
        server.shutdown()


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: values.get(found[1], ""), str(text))


def _holds(condition: str, values: Mapping[str, str]) -> bool:
    """Tell whether a condition holds: names, texts, `==`, `!=` and `&&`."""
    named = _NAME.sub(lambda found: repr(values.get(found[0], "")), condition).replace("&&", "and")
    return bool(eval(named, {"__builtins__": {}}))


def _replaced(value: Any, mark: str, by: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, mark, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, mark, by) for item in value]
    return value.replace(mark, by) if isinstance(value, str) else value
