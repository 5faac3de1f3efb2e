"""`grayc init` chooses the workload that others reach first, and says how its calls stay in the lane."""

from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Object, a_namespace, an_object, ingress, run_build, service, workload, write_baseline


def caller(name: str, *urls: str, **more: object) -> Object:
    """Return a workload whose variables hold addresses."""
    env = [{"name": f"BACKEND_{at}_URL", "value": url} for at, url in enumerate(urls)]
    return workload(name=name, container={"env": env, **more})


def image(name: str, of: str, **more: object) -> Object:
    return workload(name=name, container={"image": of, **more})


def first(folder: Path, objects: list[Object], *words: str) -> Object:
    """Return what the spec says that is made of a baseline."""
    write_baseline(folder, objects)
    run = run_grayc(["init", "baseline", "-o", "-", *words], folder=folder)
    assert run.status == 0, run.stderr
    spec: Object = yaml.safe_load(run.stdout)["spec"]
    return spec


PROXY = {"name": "sql", "image": "gcr.io/cloudsql-docker/gce-proxy:1", "ports": [{"containerPort": 3306}]}
BASELINES: dict[str, tuple[list[Object], str]] = {
    "who names others and is named by none": (
        [workload(name="backend"), service("backend"), caller("front", "http://backend"), service("front")],
        "front",
    ),
    "a client without a Service does not count": (
        [
            workload(name="backend"),
            service("backend"),
            caller("load", "http://front"),
            caller("front", "http://backend"),
            service("front"),
        ],
        "front",
    ),
    "a registry that is open to the outside is none": (
        [
            image("nacos", "nacos/nacos-server:v2.1"),
            service("nacos", type="LoadBalancer"),
            workload(name="front"),
            service("front", type="LoadBalancer"),
        ],
        "front",
    ),
    "nor is ZooKeeper": (
        [image("zk", "zookeeper:3.9"), service("zk"), workload(name="front"), service("front")],
        "front",
    ),
    "nor what watches others": (
        [
            image("board", "grafana/grafana:11", env=[{"name": "FRONT_URL", "value": "http://front"}]),
            service("board", type="NodePort"),
            workload(name="front"),
            service("front", type="NodePort"),
        ],
        "front",
    ),
    "a toolbox without a Service is none": ([workload(name="box"), workload(name="front"), service("front")], "front"),
    "a worker is rather than a store": ([image("db", "postgres:17"), service("db"), workload(name="jobs")], "jobs"),
    "a proxy to a store beside it makes none": (
        [
            workload(
                name="front", pod={"containers": [{"name": "front", "image": "registry.example.com/front:1"}, PROXY]}
            ),
            service("front"),
            workload(name="other"),
        ],
        "front",
    ),
    "a route counts more than names": (
        [workload(), service(), caller("api", "http://web"), service("api"), ingress(class_name="higress")],
        "web",
    ),
    "of routed ones that at the root": (
        [
            workload(name="api"),
            service("api"),
            workload(),
            service(),
            ingress(class_name="higress", paths=[("/api", "Prefix", "api"), ("/", "Prefix", "web")]),
        ],
        "web",
    ),
    "of equals the first": ([workload(name="one"), service("one"), workload(name="two"), service("two")], "one"),
    "a registry alone is still one": ([image("nacos", "nacos/nacos-server:v2.1"), service("nacos")], "nacos"),
}


@pytest.mark.parametrize(("objects", "name"), BASELINES.values(), ids=BASELINES)
def test_the_first_candidate(tmp_path: Path, objects: list[Object], name: str) -> None:
    (chosen,) = first(tmp_path, objects)["services"]
    assert chosen["name"] == name


SHOP = [caller("web", "http://cart:80"), service(), workload(name="cart"), service("cart")]
PROVIDERS: dict[str, tuple[list[Object], list[str], object]] = {
    "both are released": (SHOP, ["-s", "web", "-s", "cart"], "address"),
    "the caller is": (SHOP, ["-s", "web"], "address"),
    "the called one is": (SHOP, ["-s", "cart"], "address"),
    "neither is": ([*SHOP, workload(name="mail"), service("mail")], ["-s", "mail"], "none"),
    "only a store is called": (
        [caller("web", "http://cache:6379"), service(), image("cache", "redis:8"), service("cache")],
        [],
        "none",
    ),
    "a sidecar is asked for": ([*SHOP, a_namespace(labels={"istio-injection": "enabled"})], [], "istio"),
    "an init container calls": (
        [
            workload(
                pod={"initContainers": [{"name": "wait", "image": "b:1", "args": ["http://cart:80"]}]},
            ),
            service(),
            workload(name="cart"),
            service("cart"),
        ],
        ["-s", "web"],
        "none",
    ),
}


@pytest.mark.parametrize(("objects", "words", "provider"), PROVIDERS.values(), ids=PROVIDERS)
def test_calls_by_addresses_are_carried_by_them(
    tmp_path: Path, objects: list[Object], words: list[str], provider: str
) -> None:
    assert first(tmp_path, objects, *words)["lane"] == {"provider": provider}


def test_the_comment_names_the_call_that_shows_it(tmp_path: Path) -> None:
    write_baseline(tmp_path, SHOP)
    text = run_grayc(["init", "baseline", "-o", "-"], folder=tmp_path).stdout
    assert "# Deployment `web` calls `cart` by its address (variable `BACKEND_0_URL`), and no mesh" in text


def test_a_call_that_leaves_the_lane_is_named(tmp_path: Path) -> None:
    services = [{"name": "web"}, {"name": "cart"}]
    built = run_build(tmp_path, SHOP, lane={"provider": "none"}, services=services)
    (found,) = [item for item in built.findings if item["code"] == "GC462"]
    assert found["message"].endswith("Service `cart`; calls to production's Service leave the lane")
    assert "`lane: {provider: address}`" in found["help"]


def test_a_call_to_itself_is_not_said_to_leave_it(tmp_path: Path) -> None:
    own = [caller("web", "http://web:80"), service()]
    built = run_build(tmp_path, own, lane={"provider": "none"}, services=[{"name": "web"}])
    (found,) = [item for item in built.findings if item["code"] == "GC462"]
    assert "leave the lane" not in found["message"]


def test_an_ingress_without_a_class_is_no_gateways(tmp_path: Path) -> None:
    spec = first(tmp_path, [workload(), service(), ingress()])
    assert "traffic" not in spec
    assert spec["lane"] == {"provider": "none"}
    with_agent = first(tmp_path, [workload(), service(), ingress(), a_namespace(labels={"mse-enable": "enabled"})])
    assert with_agent["traffic"]["gateway"] == "mse"


def test_an_image_of_an_init_container_alone_is_none_of_the_release(tmp_path: Path) -> None:
    own = "registry.example.com/web:1"
    waits = [{"name": "wait", "image": "busybox:1"}, {"name": "migrate", "image": own}]
    (chosen,) = first(tmp_path, [workload(pod={"initContainers": waits})])["services"]
    assert chosen["images"] == {"migrate": own, "web": own}


@pytest.mark.parametrize(
    ("where", "path", "said"),
    [("baseline", ".", " -o ../out"), (".", "baseline", "")],
)
def test_an_output_folder_is_named_that_lies_outside(tmp_path: Path, where: str, path: str, said: str) -> None:
    write_baseline(tmp_path, [workload(), an_object("Service", {"selector": {"app": "web"}})])
    run = run_grayc(["init", path, "-o", "release.yaml"], folder=tmp_path / where)
    assert (" -o " in run.stderr) is bool(said)
    assert said in run.stderr
    if said:
        built = run_grayc(
            ["build", *run.stderr.split("grayc build ")[1].split(",")[0].split()], folder=tmp_path / where
        )
        assert built.status == 0, built.stderr
