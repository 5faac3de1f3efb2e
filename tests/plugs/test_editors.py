"""What an editor shows of a release, by the YAML language server itself."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grayc.k8s.gateways import GATEWAYS
from tests.plugs.ci import ROOT
from tools.node import prepare_yaml_language_server

SCHEMA = ROOT / "schemas" / "release.schema.json"
STORE = json.loads((ROOT / "schemas" / "schemastore.json").read_text("utf-8"))
RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: web}
spec:
  tag: original
  baseline: [baseline/]
  services:
    - name: web
  traffic:
    gateway: m
"""


class Editor:
    """A client of a language server: it writes requests and reads answers."""

    def __init__(self, process: "subprocess.Popen[bytes]", settings: dict[str, object]) -> None:
        self._process = process
        self._settings = settings
        self._count = 0

    def tell(self, method: str, **params: object) -> None:
        self._write({"method": method, "params": params})

    def ask(self, method: str, **params: object) -> Any:
        self._count += 1
        self._write({"id": self._count, "method": method, "params": params})
        while "result" not in (said := self.read()) or said.get("id") != self._count:
            pass
        return said["result"]

    def read(self) -> Any:
        """Return the next message; what the server asks is answered with its settings, or nothing."""
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline().strip()) != b"":
            length = int(line.partition(b":")[2]) if line.lower().startswith(b"content-length") else length
        said = json.loads(stream.read(length))
        if "id" in said and "method" in said:
            items = said.get("params", {}).get("items", ())
            self._write({"id": said["id"], "result": [self._settings.get(item["section"]) for item in items]})
        return said

    def findings(self, uri: str) -> list[dict[str, Any]]:
        """Return what the server says of a file."""
        while True:
            said = self.read()
            if said.get("method") == "textDocument/publishDiagnostics" and said["params"]["uri"] == uri:
                found: list[dict[str, Any]] = said["params"]["diagnostics"]
                return found

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.flush()


@contextmanager
def editor(settings: dict[str, object]) -> Iterator[Editor]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        prepare_yaml_language_server(), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as process:
        try:
            made = Editor(process, {"yaml": settings})
            capabilities = {"workspace": {"configuration": True}}
            made.ask("initialize", processId=None, rootUri=None, capabilities=capabilities)
            made.tell("initialized")
            made.tell("workspace/didChangeConfiguration", settings={"yaml": settings})
            # The settings count once the server has asked for them.
            while made.read().get("method") != "workspace/configuration":
                pass
            yield made
        finally:
            process.kill()


def shown(path: Path, text: str, settings: dict[str, object]) -> tuple[list[str], str, set[str]]:
    """Return what an editor tells of a release, shows over `tag`, and offers for the gateway."""
    uri = path.as_uri()
    lines = text.splitlines()
    tag, gateway = (next(i for i, line in enumerate(lines) if word in line) for word in ("tag:", "gateway:"))
    with editor(settings) as asked:
        asked.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        told = [each["message"] for each in asked.findings(uri)]
        place = {"textDocument": {"uri": uri}}
        hover = asked.ask("textDocument/hover", **place, position={"line": tag, "character": 3})
        at = {"line": gateway, "character": len(lines[gateway])}
        offered = asked.ask("textDocument/completion", **place, position=at)
    return told, hover["contents"]["value"], {each["label"] for each in offered["items"]}


def test_the_line_in_a_release_gives_findings_hover_and_completion(tmp_path: Path) -> None:
    (tmp_path / "release.schema.json").write_bytes(SCHEMA.read_bytes())
    text = f"# yaml-language-server: $schema=release.schema.json\n{RELEASE}"
    told, hover, offered = shown(tmp_path / "release.yaml", text, {"validate": True, "hover": True, "completion": True})

    assert len(told) == 2 and any("mse" in each for each in told), told
    assert "gray tag" in hover
    assert offered == set(GATEWAYS)


def test_the_entry_for_the_catalogue_claims_names_of_releases(tmp_path: Path) -> None:
    settings: dict[str, object] = {"validate": True, "hover": True, "completion": True}
    settings["schemas"] = {SCHEMA.as_uri(): STORE["fileMatch"]}
    told, hover, _ = shown(tmp_path / "web.grayc.yaml", RELEASE, settings)

    assert len(told) == 2 and "gray tag" in hover
    assert STORE["url"] == json.loads(SCHEMA.read_text("utf-8"))["$id"]
