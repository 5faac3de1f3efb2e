"""A shop of three services, and releases that each make a lane of it."""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.cli_run import Run, run_grayc

SERVICE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}, zadigx-release-version: original}}}}
  template:
    metadata: {{labels: {{app: {name}, zadigx-release-version: original, sidecar.istio.io/inject: "true"}}}}
    spec:
      containers: [{{name: {name}, image: "registry.example.com/{name}:1"}}]
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{app: {name}, zadigx-release-version: original}}
  ports: [{{name: http, port: 80}}]
"""

NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {mse-enable: enabled}}
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}, namespace: shop}}
spec:
  ingressClassName: {class_name}
  rules:
    - host: {host}
      http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: {web}, port: {{number: 80}}}}}}}}]}}
"""

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {{name: release-{at}}}
spec:
  tag: lane{at}
  namespace: shop
  lane: {{provider: {provider}}}
  baseline: [baseline/]
  services:
    - {{name: {web}, images: {{{web}: "registry.example.com/web:{at}"}}}}
    - {{name: cart, images: {{cart: "registry.example.com/cart:{at}"}}}}
{calls}
  traffic:
    gateway: {gateway}
    guard: false
    entries: [{{ingress: {ingress}}}]
    rules: [{{header: x-user-id, value: "{value}"}}]
  accept: [{accept}]
"""

CLASSES = {"mse": "mse", "ingress-nginx": "nginx", "higress": "higress"}


def lay(folder: Path, count: int, *, gateway: str, provider: str) -> tuple[str, ...]:
    """Write the shop and its releases, and return their files.

    On ingress-nginx a route has one canary, so each lane opens a host and a Service of its own.
    """
    base = folder / "baseline"
    base.mkdir(parents=True)
    own = gateway == "ingress-nginx"
    webs = [f"web{at}" for at in range(count if own else 1)]
    (base / "services.yaml").write_text("---\n".join(SERVICE.format(name=name) for name in (*webs, "cart", "stock")))
    if provider == "mse":
        # Calls are carried where the agent is seen.
        (base / "namespace.yaml").write_text(NAMESPACE)
    for at, web in enumerate(webs):
        text = INGRESS.format(name=f"entry-{at}", class_name=CLASSES[gateway], host=f"shop{at}.example.com", web=web)
        (base / f"entry-{at}.yaml").write_text(text)
    files = []
    for at in range(count):
        accept = "{code: GC508, reason: tested}" if own else ""
        text = RELEASE.format(
            at=at,
            provider=provider,
            gateway=gateway,
            ingress=f"entry-{at if own else 0}",
            web=webs[at if own else 0],
            # Without a mesh or an agent nothing brings a call into the lane.
            calls="" if provider == "none" else f"  calls: [{webs[at if own else 0]} -> cart]",
            value=100 + at,
            accept=accept,
        )
        (folder / f"r{at}.yaml").write_text(text)
        files.append(f"r{at}.yaml")
    return tuple(files)


def build(folder: Path, *arguments: str, out: str = "out") -> Run:
    """Build releases and return what the command left."""
    done = run_grayc(["build", *arguments, "-o", out, "-v"], folder=folder)
    assert done.status == 0, done.stderr
    return done


def offline(folder: Path, *arguments: str, out: str = "out") -> Run:
    """Take releases offline and return what the command left."""
    done = run_grayc(["offline", *arguments, "-o", out, "-v"], folder=folder)
    assert done.status == 0, done.stderr
    return done


def named_again(done: Run) -> list[str]:
    """Return the commands that a run names, with `-v`, by which other lanes are to be built again."""
    return [match[1] for match in re.finditer(r"GC58[12]\].*\n(?:.*\n)*?.* = help: `(grayc build .*)`", done.stderr)]


def settle(folder: Path, done: Run) -> int:
    """Run the commands that a run names, and those that they name; return how many there were."""
    waiting, count = named_again(done), 0
    while waiting:
        words = shlex.split(waiting.pop(0))
        again = run_grayc([*words[1:], "-v"], folder=folder)
        assert again.status == 0, again.stderr
        waiting += [command for command in named_again(again) if command not in waiting]
        count += 1
        assert count < 100, "it does not come to an end"
    return count


def contents(folder: Path) -> dict[str, bytes]:
    """Return name → bytes of all files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def in_turn(folder: Path, files: Iterable[str], out: str) -> Iterator[Run]:
    """Build releases one after the other, each with what it names."""
    for file in files:
        done = build(folder, file, out=out)
        settle(folder, done)
        yield done
