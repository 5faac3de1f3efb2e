"""What kustomize fetches, and that nothing of it is asked for: a server on this machine counts the requests."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from grayc.diagnostics import Checked
from grayc.documents.recipes import Kustomization
from grayc.documents.render import Rendered, render
from grayc.source import Roots, bounds
from tests.answers import ENVIRONMENT
from tests.differential.kubectl import KUBECTL
from tests.renderers import renderers_path

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: x}]}
"""
TARGET = "target: {kind: Deployment, name: web}"
FIELDS = {
    "ConfigMapGenerator files": "kind: ConfigMapGenerator\nfiles: ['x=URL']\n",
    "ConfigMapGenerator files without a key": "kind: ConfigMapGenerator\nfiles: ['URL']\n",
    "ConfigMapGenerator in capitals": "kind: ConfigMapGenerator\nFiLeS: ['x=URL']\n",
    "ConfigMapGenerator envs": "kind: ConfigMapGenerator\nenvs: [URL]\n",
    "SecretGenerator files": "kind: SecretGenerator\nfiles: ['x=URL']\n",
    "SecretGenerator envs": "kind: SecretGenerator\nenvs: [URL]\n",
    "SecretGenerator a scheme in capitals": "kind: SecretGenerator\nenvs: [SHOUTED]\n",
    "PatchTransformer": f"kind: PatchTransformer\npath: URL\n{TARGET}\n",
    "PatchJson6902Transformer": f"kind: PatchJson6902Transformer\npath: URL\n{TARGET}\n",
    "PatchStrategicMergeTransformer": "kind: PatchStrategicMergeTransformer\npaths: [URL]\n",
    "ReplacementTransformer": "kind: ReplacementTransformer\nreplacements: [{path: URL}]\n",
    "ValueAddTransformer": "kind: ValueAddTransformer\nvalue: a\ntargetFilePath: URL\n",
}
"""What a plugin's configuration loads; `URL` stands for an address of the server."""


def plugin(field: str) -> tuple[str, str]:
    """Return the list that a configuration stands in, and its text."""
    text = FIELDS[field]
    return (
        "generators" if "Generator" in text else "transformers",
        f"apiVersion: builtin\nmetadata: {{name: plugin}}\nname: made\n{text}",
    )


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def in_file(key: str, text: str) -> dict[str, str]:
    return {"prod/kustomization.yaml": f"resources: [web.yaml]\n{key}: [gen.yaml]\n", "prod/gen.yaml": text}


def in_capitals(key: str, text: str) -> dict[str, str]:
    return {"prod/kustomization.yaml": f"Resources: [web.yaml]\n{key.upper()}: [gen.yaml]\n", "prod/gen.yaml": text}


def in_json(key: str, text: str) -> dict[str, str]:
    return {
        "prod/kustomization.yaml": f"resources: [web.yaml]\n{key}: [a/gen.json]\n",
        "prod/a/gen.json": json.dumps(yaml.safe_load(text)),
    }


def in_a_list(key: str, text: str) -> dict[str, str]:
    return in_file(key, f"apiVersion: v1\nkind: List\nitems:\n- {indented(text, 2).lstrip()}")


def as_second(key: str, text: str) -> dict[str, str]:
    other = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: o}\nname: o\nliterals: ['a=https://b/c']\n"
    if key == "transformers":
        other = "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: o}\nannotations: {a: 'https://b/c'}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n"
    return in_file(key, f"{other}---\n{text}")


def inline(key: str, text: str) -> dict[str, str]:
    return {"prod/kustomization.yaml": f"resources: [web.yaml]\n{key}:\n- |\n{indented(text, 2)}"}


def inline_in_json(key: str, text: str) -> dict[str, str]:
    entry = json.dumps(json.dumps(yaml.safe_load(text)))
    return {"prod/kustomization.yaml": f"resources: [web.yaml]\n{key}: [{entry}]\n"}


def in_folder(key: str, text: str) -> dict[str, str]:
    return {
        "prod/kustomization.yaml": f"resources: [web.yaml]\n{key}: [gen]\n",
        "prod/gen/kustomization.yaml": "resources: [a.yaml]\n",
        "prod/gen/a.yaml": text,
    }


def local_in_folder(key: str, text: str) -> dict[str, str]:
    local = text.replace("{name: plugin}", "{name: plugin, annotations: {config.kubernetes.io/local-config: 'true'}}")
    return in_folder(key, local)


def in_base(key: str, text: str) -> dict[str, str]:
    return {
        "prod/kustomization.yaml": "resources: [../base]\n",
        "base/kustomization.yaml": f"resources: [web.yaml]\n{key}: [gen.yaml]\n",
        "base/web.yaml": WEB,
        "base/gen.yaml": text,
    }


def in_component(key: str, text: str) -> dict[str, str]:
    return {
        "prod/kustomization.yaml": "resources: [web.yaml]\ncomponents: [../part]\n",
        "part/kustomization.yaml": f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{key}: [gen.yaml]\n",
        "part/gen.yaml": text,
    }


LAYOUTS = [
    in_file, in_capitals, in_json, in_a_list, as_second, inline, inline_in_json, in_folder, local_in_folder, in_base,
    in_component,
]  # fmt: skip

GENERATOR = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: plugin}\nname: made\n"
MADE: Mapping[str, dict[str, str]] = {
    "by a patch": {
        "prod/gen/kustomization.yaml": "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMapGenerator}\n"
        '  patch: \'[{"op": "replace", "path": "/files/0", "value": "x=URL"}]\'\n',
        "prod/gen/a.yaml": f"{GENERATOR}files: [x=a]\n",
    },
    "by a patch that is local": {
        "prod/gen/kustomization.yaml": "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMapGenerator}\n"
        '  patch: \'[{"op": "replace", "path": "/files/0", "value": "x=URL"}]\'\n',
        "prod/gen/a.yaml": f"{GENERATOR}files: [x=a]\n".replace(
            "{name: plugin}", "{name: plugin, annotations: {config.kubernetes.io/local-config: 'true'}}"
        ),
    },
    "of parts by a replacement": {
        "prod/gen/kustomization.yaml": "resources: [a.yaml]\nreplacements:\n- source: {kind: ConfigMapGenerator, fieldPath: part}\n"
        "  targets: [{select: {kind: ConfigMapGenerator}, fieldPaths: [files.0], options: {delimiter: ':', index: 0}}]\n",
        "prod/gen/a.yaml": f"{GENERATOR}part: x=http\nfiles: ['x=y:REST']\n",
    },
}
"""Files of a folder that configures a plugin with what stands in none of them."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address, and the paths that were asked for there."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = b"[]"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{found.server_port}/a", asked
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", renderers_path())


def lay(folder: Path, files: Mapping[str, str], url: str) -> Roots:
    for name, text in {"prod/web.yaml": WEB, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = text.replace("URL", url).replace("SHOUTED", url.replace("http", "HTTP"))
        path.write_text(filled.replace("REST", url.removeprefix("http:")))
    return Roots(folder=folder)


def rendered(roots: Roots) -> Checked[Rendered]:
    return render(Kustomization(folder="prod", asked=("spec", "baseline", 0)), roots, span=None)


def ask_kubectl(folder: Path) -> None:
    subprocess.run(
        [str(KUBECTL), "kustomize", "prod"],
        cwd=folder,
        check=False,
        capture_output=True,
        env={**ENVIRONMENT, "PATH": ""},
    )


def check(
    folder: Path, files: Mapping[str, str], server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real one fetches it; grayc says so, and fetches nothing, with a network or without."""
    url, asked = server
    roots = lay(folder, files, url)
    ask_kubectl(folder)
    assert asked, "kubectl fetches it, or this is no case"
    asked.clear()
    for has_network in (False, True):
        if has_network:
            monkeypatch.setattr(bounds, "_leaver", lambda: None)
        checked = rendered(roots)
        assert checked.value is None
        assert {item.code for item in checked.diagnostics} == {"GC151"}, checked.diagnostics
        assert all("127.0.0.1" in item.message and item.field for item in checked.diagnostics)
        assert asked == []


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_plugin_wherever_it_stands(
    layout: object, tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(layout)
    key, text = plugin("ConfigMapGenerator files")
    check(tmp_path, layout(key, text), server, monkeypatch)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_every_plugin(
    field: str, tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(tmp_path, in_file(*plugin(field)), server, monkeypatch)


@pytest.mark.parametrize("way", MADE)
def test_an_address_that_stands_in_no_file(
    way: str, tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"prod/kustomization.yaml": "resources: [web.yaml]\ngenerators: [gen]\n", **MADE[way]}
    check(tmp_path, files, server, monkeypatch)


OWN = [
    "resources: [web.yaml, URL]", "bases: [URL]", "components: [URL]", "generators: [URL]", "transformers: [URL]",
    "validators: [URL]", "crds: [URL]", "configurations: [URL]", "openapi: {path: URL}", "patches: [{path: URL}]",
    "patchesStrategicMerge: [URL]", "patchesJson6902: [{path: URL, target: {version: v1, kind: Service, name: a}}]",
    "replacements: [{path: URL}]", "configMapGenerator: [{name: a, files: ['x=URL']}]",
    "configMapGenerator: [{name: a, envs: [URL]}]", "configMapGenerator: [{name: a, env: URL}]",
    "secretGenerator: [{name: a, files: [URL]}]", "secretGenerator: [{name: a, env: URL}]",
    "ConfigMapGenerator: [{Name: a, Files: ['x=URL']}]", "Patches: [{PATH: SHOUTED}]",
]  # fmt: skip


@pytest.mark.parametrize("text", OWN)
def test_every_field_of_a_kustomization(
    text: str, tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = text if text.startswith("resources") else f"resources: [web.yaml]\n{text}"
    if text.startswith("components"):
        # Components are folders: a repository is cloned, and no git is there.
        roots = lay(tmp_path, {"prod/kustomization.yaml": whole + "\n"}, server[0] + "/b/c")
        assert {item.code for item in rendered(roots).diagnostics} == {"GC151"}
        return
    check(tmp_path, {"prod/kustomization.yaml": whole + "\n"}, server, monkeypatch)


CLONED = ["github.com/a/b", "GitHub.com/a/b", "github.com:a/b", "git@example.com:a/b", "me@example.com/a/b", "ssh://h/a/b",
          "git::https://h/a/b", "file:///a/b", "https://h/a/b?ref=c", "me-2@h:a/b.git", "https://h/a/_git/b"]  # fmt: skip
LOCAL = ["a@b", "git", "github.com", "base.git", "a.github.com/b/c", "1a@b/c/d", "a_b@c/d/e", "x/github.com/a/b"]


@pytest.mark.parametrize("entry", [*CLONED, *LOCAL])
def test_a_repository_is_cloned_whatever_folder_is_there(entry: str, tmp_path: Path) -> None:
    """Its clones fail for want of git, which kustomize says."""
    files = {"prod/kustomization.yaml": f"resources: ['{entry}']\n"}
    if not entry.startswith("file") and "//" not in entry:
        files |= {f"prod/{entry}/kustomization.yaml": "resources: [web.yaml]\n", f"prod/{entry}/web.yaml": WEB}
    roots = lay(tmp_path, files, "")
    done = subprocess.run(
        [str(KUBECTL), "kustomize", "prod"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        env={**ENVIRONMENT, "PATH": ""},
        timeout=60,
    )
    checked = rendered(roots)

    assert (b"git" in done.stderr and done.returncode != 0) == (entry in CLONED), done.stderr
    assert [item.code for item in checked.diagnostics] == (["GC151"] if entry in CLONED else [])


ORDINARY: Mapping[str, dict[str, str]] = {
    "values of objects": {
        "prod/kustomization.yaml": "resources: [web.yaml, b.yaml]\ncommonAnnotations: {docs: 'https://a/b'}\n"
        "configMapGenerator: [{name: c, literals: ['u=https://a/b', 'v=http://c']}]\n"
        'patches: [{patch: \'[{"op": "add", "path": "/data/x", "value": "https://a"}]\', target: {kind: ConfigMap, name: b}}]\n'
        "images: [{name: x, newName: h.io/x}]\n",
        "prod/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {path: 'https://a/b', files: 'x=http://a'}\n",
    },
    "a file of addresses": {
        "prod/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: c, files: [urls.txt], envs: [a.env]}]\n",
        "prod/urls.txt": "https://a/b\n",
        "prod/a.env": "A=https://b/c\n",
    },
    "a patch in one line": {
        "prod/kustomization.yaml": "resources: [web.yaml]\npatchesStrategicMerge:\n"
        '- \'{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "annotations": {"a": "https://b"}}}\'\n',
    },
    "plugins with addresses that are values": {
        "prod/kustomization.yaml": "resources: [web.yaml]\ngenerators: [g.yaml]\ntransformers: [t, p.yaml]\n",
        "prod/g.yaml": f"{GENERATOR}literals: ['u=https://a/b']\nfiles: [x=g.txt]\n",
        "prod/g.txt": "http://a\n",
        "prod/t/kustomization.yaml": "resources: [t.yaml]\nnamePrefix: a-\ncommonAnnotations: {a: 'https://b'}\n",
        "prod/t/t.yaml": "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: t}\n"
        "annotations: {u: 'https://a/b'}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n",
        "prod/p.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\ntarget: {kind: Deployment}\n"
        'patch: \'[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]\'\n',
    },
    "a plugin's object among the resources": {
        "prod/kustomization.yaml": "resources: [web.yaml, g.yaml]\n",
        "prod/g.yaml": f"{GENERATOR}files: ['x=http://a']\n",
    },
}


@pytest.mark.parametrize("case", ORDINARY)
def test_an_address_that_is_a_value_is_a_value(case: str, tmp_path: Path) -> None:
    roots = lay(tmp_path, ORDINARY[case], "")
    checked = rendered(roots)
    assert checked.value is not None, checked.diagnostics
    text = subprocess.run([str(KUBECTL), "kustomize", "prod"], cwd=tmp_path, check=True, capture_output=True).stdout

    assert checked.value.source.text == text.decode()
    assert os.listdir(tmp_path) == ["prod"]  # noqa: PTH208
