"""What passes the lane's carrier on: what the manifests show, what the release says, and what becomes of the hops."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grayc.analysis.agents import namespaces_of
from grayc.analysis.propagation import Passages
from grayc.documents import parse_documents
from grayc.k8s.carriers import BAGGAGE, TagCarrier
from grayc.k8s.profiles import Profile
from grayc.k8s.providers import Propagation, Provider
from grayc.source import SourceFile
from grayc.spec.model import Isolation, Lane
from tests.cli_run import run_grayc
from tests.manifests import Object, a_namespace, an_object, stream, workload, write_release
from tests.vectors import rows

INJECT = "instrumentation.opentelemetry.io/inject-"


def pods(
    *, labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, **container: Any
) -> Object:
    made = workload(pod={"containers": [{"name": "web", "image": "registry.example.com/web:1", **container}]})
    made["spec"]["template"]["metadata"] |= {
        "labels": {"app": "web", **(labels or {})},
        "annotations": annotations or {},
    }
    return made


def env(**variables: str) -> Object:
    return {"env": [{"name": name, "value": value} for name, value in variables.items()]}


def namespace(**annotations: str) -> Object:
    named = {INJECT + language: value for language, value in annotations.items()}
    return a_namespace(annotations=named)


def instrumentation(**spec: Any) -> Object:
    return an_object("Instrumentation", spec, version="opentelemetry.io/v1alpha1", name="main")


def passing(header: str, said: Propagation | None, *objects: Object) -> str:
    """Return what passes the header on in the pods of the first object; `ends`, or `not seen` and by what."""
    documents = parse_documents(SourceFile(name="all.yaml", text=stream(objects))).value or ()
    carrier = TagCarrier(header=header, member="lane" if header == BAGGAGE else "")
    lane = Lane(
        provider=Provider.ISTIO,
        carrier=carrier,
        profile=Profile.PLAIN,
        isolation=Isolation.AUTO,
        path=("spec", "lane"),
    )
    passages = Passages(lane, namespaces_of(documents), documents, lambda each: each.identity.namespace)
    found = passages.of([each for each in documents if each.identity.kind == "Deployment"], said)
    return "ends" if found.ends else ("not seen: " if found.why else "") + str(found.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Pods with what stands beside them, and what passes the header on."""

    shown: str | None
    env: Mapping[str, str] = field(default_factory=dict)
    command: list[str] | None = None
    labels: dict[str, str] | None = None
    inject: Mapping[str, str] = field(default_factory=dict)
    namespace: Mapping[str, str] | None = None
    instrumentation: Object | None = None

    def objects(self) -> list[Object]:
        """Return the pods first."""
        fields = {**(env(**self.env) if self.env else {}), **({"command": self.command} if self.command else {})}
        asked = {INJECT + language: value for language, value in self.inject.items()}
        made = [pods(labels=self.labels, annotations=asked, **fields)]
        if self.namespace is not None:
            made.append(namespace(**self.namespace))
        if self.instrumentation is not None:
            made.append(instrumentation(**self.instrumentation))
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Seen):
    """The same, with the header and what a release says of it."""

    header: str
    said: str | None


SEEN = rows(__file__, "propagation.yaml", Seen, table="seen")
SAID = rows(__file__, "propagation.yaml", Said, table="said")


@pytest.mark.parametrize(("objects", "shown"), [(row.objects(), str(row.shown)) for row in SEEN])
def test_opentelemetry_is_seen_where_it_passes_baggage_on(objects: list[Object], shown: str) -> None:
    assert passing("baggage", None, *objects) == shown


@pytest.mark.parametrize(
    ("header", "said", "objects", "shown"), [(row.header, row.said, row.objects(), row.shown) for row in SAID]
)
def test_what_is_said_is_held_against_the_manifests(
    header: str, said: str | None, objects: list[Object], shown: str
) -> None:
    assert passing(header, None if said is None else Propagation(said), *objects) == shown


def service(name: str) -> list[Object]:
    made = workload(
        labels={"app": name}, pod={"containers": [{"name": name, "image": f"registry.example.com/{name}:1"}]}
    )
    ports = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80}]}
    return [{**made, "metadata": {"name": name, "namespace": "shop"}}, an_object("Service", ports, name=name)]


def plan(folder: Path, lane: Object, calls: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the copies of the first path's hops, the codes of what was found, and who passes the header on by what."""
    shop = a_namespace(labels={"istio-injection": "enabled"})
    # A Namespace without MSE's label would keep its agent out.
    objects = [*([] if lane["provider"] == "mse" else [shop]), *service("web"), *service("cart"), *service("pay")]
    write_release(folder, objects, lane=lane, calls=calls, services=[{"name": "web"}, {"name": "pay"}])
    answer = json.loads(run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder).stdout)
    (made,) = answer["plans"]
    hops = [hop["copy"] for hop in made["calls"][0]["hops"]] if made["calls"] else []
    rows = [f"{row['service']} {row['by']}{' ends' if row['ends'] else ''}" for row in made.get("propagation", [])]
    codes = {"GC381", "GC382", "GC383", "GC390", "GC391", "GC471", "GC486"}
    return hops, sorted(item["code"] for item in answer["diagnostics"] if item["code"] in codes), rows


ON = ["baseline", "gray"]
OFF = ["baseline", "baseline"]


@pytest.mark.parametrize(
    ("provider", "said", "behind", "rows"),
    [
        ("istio", None, (ON, "GC383"), ["web None", "cart None"]),
        ("istio", "app", (ON, ""), ["web app", "cart app"]),
        ("istio", {"web": "app"}, (ON, "GC383"), ["web app", "cart None"]),
        ("istio", {"cart": "none"}, (OFF, "GC383 GC390"), ["web None", "cart none ends"]),
        # A service behind the last released one ends nothing.
        ("istio", {"*": "app", "pay": "none"}, (ON, ""), ["web app", "cart app", "pay none ends"]),
        ("istio", "otel", (OFF, "GC382"), ["web otel ends", "cart otel ends"]),
        ("istio", "agent", (ON, "GC381"), ["web agent", "cart agent"]),
        # No header is read, so nobody has to pass it on.
        ("none", "none", (OFF, "GC390"), []),
        # An agent routes the calls: what is not seen of it is told of it, unless the release says that it is there.
        ("mse", None, (["baseline", "unknown"], "GC391"), []),
        ("mse", {"*": "agent", "cart": "none"}, (OFF, "GC381 GC390 GC471"), ["web agent", "cart none ends"]),
        (
            "mse",
            {"*": "agent", "cart": "app"},
            (["baseline", "unknown"], "GC381 GC391"),
            ["web agent", "cart app"],
        ),
    ],
)
def test_hops_behind_a_service_that_ends_the_lane_are_production(
    tmp_path: Path, provider: str, said: object, behind: tuple[list[str], str], rows: list[str]
) -> None:
    lane = {"provider": provider, **({"propagation": said} if said is not None else {})}
    hops, codes, shown = plan(tmp_path, lane, ["web -> cart -> pay"])

    assert (hops[1:], " ".join(codes), shown) == (*behind, rows)
