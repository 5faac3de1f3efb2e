"""What passes the lane's carrier on: what the manifests show, what the release says, and what becomes of the hops."""

import json
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
from tests.manifests import Object, an_object, workload, write_release

INJECT = "instrumentation.opentelemetry.io/inject-"
OTEL = "-javaagent:/otel/opentelemetry-javaagent.jar"
SWITCHED_ON = {"msePilotAutoEnable": "on"}


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
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "annotations": named}}


def instrumentation(**spec: Any) -> Object:
    return an_object("Instrumentation", spec, version="opentelemetry.io/v1alpha1", name="main")


def passing(header: str, said: Propagation | None, *objects: Object) -> str:
    """Return what passes the header on in the pods of the first object; `ends`, or `not seen` and by what."""
    documents = parse_documents(SourceFile(name="all.yaml", text="\n---\n".join(map(json.dumps, objects)))).value or ()
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


@pytest.mark.parametrize(
    ("objects", "shown"),
    [
        ([pods()], "None"),
        ([pods(annotations={INJECT + "java": "true"})], "otel"),
        ([pods(annotations={INJECT + "nodejs": "main"})], "otel"),
        ([pods(annotations={INJECT + "sdk": "shop/main"})], "otel"),
        ([pods(annotations={INJECT + "java": "false"})], "None"),
        ([pods(annotations={INJECT + "java": "False"})], "None"),
        # An eBPF program that writes `traceparent` alone, and a proxy.
        ([pods(annotations={INJECT + "go": "true"})], "None"),
        ([pods(annotations={INJECT + "nginx": "true"})], "None"),
        ([pods(), namespace(python="true")], "otel"),
        ([pods(annotations={INJECT + "python": "false"}), namespace(python="true")], "None"),
        ([pods(annotations={INJECT + "python": "true"}), namespace(python="false")], "otel"),
        ([pods(**env(JAVA_TOOL_OPTIONS=OTEL))], "otel"),
        ([pods(**env(JDK_JAVA_OPTIONS=f"-Xmx1g {OTEL}"))], "otel"),
        ([pods(command=["java", OTEL, "-jar", "web.jar"])], "otel"),
        ([pods(command=["java", "-javaagent:/hotel/agent.jar"])], "None"),
        ([pods(command=["opentelemetry-instrument", "python", "web.py"])], "otel"),
        ([pods(**env(NODE_OPTIONS="--require @opentelemetry/auto-instrumentations-node/register"))], "otel"),
        ([pods(**env(OTEL_DOTNET_AUTO_HOME="/otel"))], "otel"),
        # The propagators: the option, the variable, the Instrumentation, the default.
        ([pods(**env(JAVA_TOOL_OPTIONS=OTEL, OTEL_PROPAGATORS="b3"))], "None"),
        ([pods(**env(JAVA_TOOL_OPTIONS=OTEL, OTEL_PROPAGATORS="b3, baggage"))], "otel"),
        ([pods(**env(JAVA_TOOL_OPTIONS=f"{OTEL} -Dotel.propagators=b3", OTEL_PROPAGATORS="baggage"))], "None"),
        ([pods(annotations={INJECT + "java": "true"}), instrumentation(propagators=["tracecontext"])], "None"),
        ([pods(annotations={INJECT + "java": "main"}), instrumentation(propagators=["baggage"])], "otel"),
        ([pods(annotations={INJECT + "java": "other/main"}), instrumentation(propagators=["b3"])], "otel"),
        ([pods(annotations={INJECT + "java": "true"}), instrumentation(**env(OTEL_PROPAGATORS="b3"))], "None"),
    ],
)  # fmt: skip
def test_opentelemetry_is_seen_where_it_passes_baggage_on(objects: list[Object], shown: str) -> None:
    assert passing("baggage", None, *objects) == shown


@pytest.mark.parametrize(
    ("header", "said", "objects", "shown"),
    [
        ("x-gray-tag", "none", [pods()], "ends"),
        ("x-gray-tag", "app", [pods()], "app"),
        ("x-gray-tag", "otel", [pods(**env(JAVA_TOOL_OPTIONS=OTEL))], "ends"),
        # A propagator of the application's own.
        ("x-gray-tag", "otel", [pods(**env(JAVA_TOOL_OPTIONS=OTEL, OTEL_PROPAGATORS="tracecontext,gray"))], "otel"),
        ("baggage", "otel", [pods()], "not seen: otel"),
        ("baggage", "otel", [pods(**env(OTEL_PROPAGATORS="b3"))], "ends"),
        ("baggage", "otel", [pods(annotations={INJECT + "java": "true"})], "otel"),
        ("x-mse-tag", "agent", [pods()], "not seen: agent"),
        ("x-mse-tag", "agent", [pods(labels=SWITCHED_ON)], "agent"),
        ("x-gray-tag", "agent", [pods(labels=SWITCHED_ON)], "not seen: agent"),
        ("x-mse-tag", None, [pods(labels=SWITCHED_ON)], "agent"),
        # Of two agents the one that does not yield.
        ("x-mse-tag", "agent", [pods(labels=SWITCHED_ON, **env(JAVA_TOOL_OPTIONS=OTEL))], "not seen: agent"),
        ("x-mse-tag", "agent", [pods(labels=SWITCHED_ON, command=["java", OTEL])], "agent"),
        ("baggage", "otel", [pods(labels=SWITCHED_ON, **env(JAVA_TOOL_OPTIONS=OTEL))], "otel"),
        ("baggage", "otel", [pods(labels=SWITCHED_ON, command=["java", OTEL])], "not seen: otel"),
        ("baggage", "otel", [pods(labels=SWITCHED_ON, annotations={INJECT + "java": "true"})], "not seen: otel"),
        ("x-mse-tag", "agent", [pods(labels=SWITCHED_ON, annotations={INJECT + "java": "true"})], "not seen: agent"),
    ],
)  # fmt: skip
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
    shop: Object = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"istio-injection": "enabled"}},
    }
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
