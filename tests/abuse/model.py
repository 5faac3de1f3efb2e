"""`Case`: files made hostile, a command, and the answer; and how files are made hostile.

Every case starts from the same small release, which builds, and from the output of that build. It changes what its
row is about and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: shop
spec:
  tag: gray
  namespace: shop
  baseline:
    - baseline/
  services:
    - name: web
      workload: Deployment/web
      images:
        web: registry.example.com/web:1.1
  traffic:
    gateway: mse
    rules:
      - header: x-user-id
        value: "100"
"""

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web, zadigx-release-version: original}
  template:
    metadata:
      labels: {app: web, zadigx-release-version: original}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0
          env:
            - name: MODE
              value: fast
          envFrom:
            - configMapRef: {name: web}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector: {app: web, zadigx-release-version: original}
  ports:
    - port: 80
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: shop
data:
  greeting: hello
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
spec:
  ingressClassName: mse
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
"""

BUILD = ("build", "release.yaml", "-o", "out")

Make = Callable[[Path], object]
"""Changes the files of the small release, given its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to abuse grayc.

    Attributes:
        row: of the threat table.
        name: what is abused, for the test's id.
        finds: every error and warning, in order: code and place, such as `GC106 baseline/bad.yaml:3:1`, or the code alone
            where no file took part.
        status: exit status.
        command: arguments; run in the folder of the release.
        alone: run as a process of its own, as an operator would, with memory and time measured and bounded. The
            others share the process of the tests.
        environment: of a process of its own, added to the usual.
        shows: text that the answer must hold, escaped as it is shown.
        hides: text that no stream, report or file name may hold.
        emits: text that the output must hold.
        omits: text that the output must not hold.
    """

    row: str
    name: str
    make: Make
    finds: tuple[str, ...] = ()
    status: int = 1
    command: tuple[str, ...] = BUILD
    alone: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    emits: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.row}-{self.name}"


def baseline(content: str | bytes, name: str = "bad.yaml") -> Make:
    """Return what adds a file to the baseline."""
    return file(f"baseline/{name}", content)


def file(name: str, content: str | bytes) -> Make:
    """Return what writes a file, as it is: no line end is changed."""

    def make(home: Path) -> None:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return make


def edit(old: str, new: str, name: str = "release.yaml") -> Make:
    """Return what replaces a text that stands once in a file."""

    def make(home: Path) -> None:
        path = home / name
        text = path.read_bytes().decode()
        assert text.count(old) == 1, (name, old)
        path.write_bytes(text.replace(old, new).encode())

    return make


def greeting(value: str) -> Make:
    """Return what sets a value, as YAML text, of the ConfigMap that is copied; it stands at baseline/web.yaml:42:13."""
    return edit("greeting: hello", f"greeting: {value}", "baseline/web.yaml")


def link(name: str, target: str) -> Make:
    """Return what makes a symbolic link."""

    def make(home: Path) -> None:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return make


def both(*makes: Make) -> Make:
    """Return what does one thing after the other."""

    def make(home: Path) -> None:
        for each in makes:
            each(home)

    return make


def nothing(home: Path) -> None:
    """Leave the small release as it is."""


def config_map(value: str) -> str:
    """Return a ConfigMap of the baseline with a value as YAML text; it stands at 6:6."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: bad, namespace: shop}}\ndata:\n  before: text\n  a: {value}\n"
