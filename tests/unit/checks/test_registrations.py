"""What gray pods say to registries, after manuals of registries and threads of their users."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import run_grayc
from tests.manifests import (
    PREPARED,
    Object,
    a_namespace,
    an_object,
    build,
    of_kind,
    service,
    with_code,
    workload,
    write_release,
)

CODES = ("GC438", "GC439", "GC449", "GC457", "GC458", "GC459", "GC476", "GC477", "GC483")
NONE = {"lane": {"provider": "none"}}
NACOS = {"SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR": "nacos:8848"}
NAMESPACE = a_namespace(labels={"mse-enable": "enabled"})


def web(env: dict[str, Any] | None = None, *, name: str = "web", pod: Object | None = None, **container: Any) -> Object:
    """Return a workload with variables; a mapping stands for where a variable comes from."""
    variables = [
        {"name": key, "valueFrom" if isinstance(value, dict) else "value": value} for key, value in (env or {}).items()
    ]
    own = {"name": name, "image": f"registry.example.com/{name}:1", "env": variables, **container}
    made = workload(labels={**PREPARED, "app": name}, pod={"containers": [own], **(pod or {})})
    made["metadata"]["name"] = name
    return made


def config(name: str, **data: str) -> Object:
    return an_object("ConfigMap", name=name, data={key.replace("__", "."): text for key, text in data.items()})


def found(folder: Path, *objects: Object, **spec: Any) -> list[str]:
    findings, _ = build(folder, (NAMESPACE, *objects), **spec)
    return sorted(code for code, _ in with_code(findings, *CODES))


def field(path: str) -> Object:
    return {"fieldRef": {"fieldPath": path}}


def mounting(env: dict[str, Any] | None = None) -> Object:
    """Return a workload that mounts `web-config`."""
    made = web(env, volumeMounts=[{"name": "conf", "mountPath": "/app/config"}])
    made["spec"]["template"]["spec"]["volumes"] = [{"name": "conf", "configMap": {"name": "web-config"}}]
    return made


@pytest.mark.parametrize(
    "object_",
    [
        web(NACOS),
        web({"spring.cloud.nacos.discovery.server-addr": "nacos:8848"}),
        web({"SPRING_CLOUD_NACOS_SERVERADDR": "nacos:8848"}),
        web({"JAVA_TOOL_OPTIONS": "-Xmx1g -Dspring.cloud.nacos.discovery.server-addr=nacos:8848"}),
        web(command=["sh", "-c", "exec java $JAVA_OPTS -Dspring.cloud.nacos.discovery.serverAddr='nacos:8848' -jar x"]),
        web(args=["--spring.cloud.nacos.discovery.server-addr=nacos:8848"]),
        web({"SPRING_APPLICATION_JSON": '{"spring": {"cloud": {"nacos": {"discovery": {"server-addr": "n:8848"}}}}}'}),
        web({"EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://eureka:8761/eureka/"}),
        web({"SPRING_CLOUD_ZOOKEEPER_CONNECT_STRING": "zookeeper:2181"}),
        web({"SPRING_CLOUD_CONSUL_HOST": "consul"}),
        web({"DUBBO_REGISTRY_ADDRESS": "zookeeper://zookeeper:2181"}),
        web(args=["java", "-Ddubbo.registries.main.address=nacos://u:p@nacos:8848?namespace=x", "-jar", "web.jar"]),
        web({"NACOS_DISCOVERY_SERVER_ADDR": "nacos:8848", "NACOS_DISCOVERY_AUTO_REGISTER": "true"}),
    ],
    ids=lambda item: json.dumps(item["spec"]["template"]["spec"]["containers"][0])[60:],
)
def test_gray_pods_register_beside_production(object_: Object, tmp_path: Path) -> None:
    assert found(tmp_path, object_, service(), **NONE) == ["GC457"]


@pytest.mark.parametrize(
    "object_",
    [
        # Configuration only.
        web({"SPRING_CLOUD_NACOS_CONFIG_SERVER_ADDR": "nacos:8848", "SPRING_APPLICATION_NAME": "web"}),
        web({"SPRING_CLOUD_CONSUL_CONFIG_PREFIX": "config"}),
        # A broker's ZooKeeper, and other words for one.
        web({"KAFKA_ZOOKEEPER_CONNECT": "zookeeper:2181", "ZOOKEEPER_HOST": "zookeeper"}),
        web({"SPRING_CLOUD_STREAM_KAFKA_BINDER_ZKNODES": "zookeeper"}),
        # Who only asks.
        web({**NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_REGISTER_ENABLED": "false"}),
        web(NACOS, args=["--spring.cloud.nacos.discovery.register-enabled=false"]),
        web({**NACOS, "SPRING_CLOUD_SERVICE_REGISTRY_AUTO_REGISTRATION_ENABLED": "false"}),
        web({**NACOS, "SPRING_CLOUD_DISCOVERY_ENABLED": "false"}),
        web({"EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://e:8761/eureka", "EUREKA_CLIENT_ENABLED": "false"}),
        web({"EUREKA_CLIENT_REGISTERWITHEUREKA": "false", "EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://e:1/e"}),
        web({"DUBBO_REGISTRY_ADDRESS": "N/A"}),
        web({"DUBBO_REGISTRY_ADDRESS": "zookeeper://zookeeper:2181?register=false"}),
        web({"NACOS_DISCOVERY_SERVER_ADDR": "nacos:8848"}),
        # Nacos itself.
        web({"MODE": "standalone", "NACOS_AUTH_ENABLE": "true", "NACOS_SERVERS": "nacos-0:8848"}),
    ],
    ids=lambda item: json.dumps(item["spec"]["template"]["spec"]["containers"][0])[60:],
)
def test_what_does_not_register_is_not_named(object_: Object, tmp_path: Path) -> None:
    assert found(tmp_path, object_, service(), **NONE) == []


def test_an_agent_tells_instances_apart(tmp_path: Path) -> None:
    """Spring Cloud Alibaba's wiki registers so; with MSE's agent that is as it should be."""
    assert found(tmp_path / "with", web(NACOS), service()) == []
    off = web(NACOS)
    off["spec"]["template"]["metadata"]["labels"]["msePilotAutoEnable"] = "off"
    assert found(tmp_path / "without", off, service()) == ["GC457", "GC483"]


def test_a_lane_with_a_name_of_its_own_does_not_stand_beside_production(tmp_path: Path) -> None:
    """With provider `none`, another namespace keeps the sides apart, and that is worth a reason."""
    services = [{"name": "web", "env": {"web": {"SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE": "gray"}}}]
    assert found(tmp_path, web(NACOS), service(), services=services, **NONE) == ["GC458"]
    out = [{"name": "web", "env": {"web": {"SPRING_CLOUD_NACOS_DISCOVERY_REGISTER_ENABLED": "false"}}}]
    assert found(tmp_path / "out", web(NACOS), service(), services=out, **NONE) == []
    assert found(tmp_path / "mse", web(NACOS), service(), services=out) == ["GC458"]


def test_nothing_crosses_is_not_said_of_a_registry(tmp_path: Path) -> None:
    accept = [{"code": "GC457", "reason": "callers choose by version"}]
    write_release(tmp_path, (NAMESPACE, web(NACOS), service()), accept=accept, **NONE)
    said = run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    assert said.status == 0
    assert "a registry lists both sides of 1 workload" in said.stdout + said.stderr
    assert "nothing crosses" not in said.stdout + said.stderr


def test_hops_to_it_are_named(tmp_path: Path) -> None:
    cart = web(name="cart")
    findings, _ = build(tmp_path, (web(NACOS), service(), cart, service("cart")), calls=["cart -> web"], **NONE)
    (crossed,) = (each for each in findings if each["code"] == "GC457")
    assert "the hop `cart -> web` is not carried" in json.dumps(crossed)


APPLICATION = """\
server: {port: 8080}
spring:
  application:
    name: web
  cloud:
    nacos:
      discovery:
        server-addr: ${NACOS_ADDR:nacos:8848}
"""


def test_configuration_that_a_container_mounts_is_read(tmp_path: Path) -> None:
    """As Spring's own guides mount it: /app/config/application.yaml."""
    texts = config("web-config", application__yaml=APPLICATION)
    assert found(tmp_path / "yaml", mounting(), texts, service(), **NONE) == ["GC457"]
    findings, _ = build(tmp_path / "at", (mounting({"NACOS_ADDR": "nacos.base:8848"}), texts, service()), **NONE)
    assert ["Nacos at `nacos.base:8848`" in each["message"] for each in findings if each["code"] == "GC457"] == [True]
    properties = config("web-config", bootstrap__properties="# x\nspring.cloud.nacos.discovery.server-addr = n:8848\n")
    assert found(tmp_path / "properties", mounting(), properties, service(), **NONE) == ["GC457"]
    # What counts more says no; a file for another profile, and one that nobody mounts, say nothing.
    off = {"SPRING_CLOUD_NACOS_DISCOVERY_ENABLED": "false"}
    assert found(tmp_path / "off", mounting(off), texts, service(), **NONE) == []
    dev = config("web-config", **{"application-dev__yaml": APPLICATION})
    assert found(tmp_path / "dev", mounting(), dev, service(), **NONE) == []
    active = mounting({"SPRING_PROFILES_ACTIVE": "dev"})
    assert found(tmp_path / "active", active, dev, service(), **NONE) == ["GC457"]
    assert found(tmp_path / "unmounted", web(), texts, service(), **NONE) == []


def test_variables_of_a_whole_config_map_are_read(tmp_path: Path) -> None:
    made = web(envFrom=[{"configMapRef": {"name": "common"}}])
    assert found(tmp_path / "all", made, config("common", **NACOS), service(), **NONE) == ["GC457"]
    one = web({"SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR": {"configMapKeyRef": {"name": "common", "key": "addr"}}})
    assert found(tmp_path / "one", one, config("common", addr="nacos:8848"), service(), **NONE) == ["GC457"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"SPRING_APPLICATION_NAME": "web"}, {"SPRING_APPLICATION_NAME": "web-gray"}),
        ({"DUBBO_APPLICATION_NAME": "web"}, {"DUBBO_APPLICATION_NAME": "web-gray"}),
        ({**NACOS}, {"SPRING_CLOUD_NACOS_DISCOVERY_GROUP": "GRAY"}),
        ({**NACOS}, {"SPRING_CLOUD_NACOS_DISCOVERY_SERVICE": "web-gray"}),
        ({**NACOS}, {"SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR": "nacos-gray:8848"}),
        (
            {"DUBBO_REGISTRY_ADDRESS": "nacos://nacos:8848?namespace=prod"},
            {"DUBBO_REGISTRY_ADDRESS": "nacos://nacos:8848?namespace=gray"},
        ),
        # dubbo#5638: a reference of another group or version finds no provider.
        ({"DUBBO_REGISTRY_ADDRESS": "zookeeper://zk:2181"}, {"DUBBO_PROVIDER_VERSION": "2.0-gray"}),
        ({"EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://e:8761/e"}, {"EUREKA_INSTANCE_APPNAME": "gray"}),
        ({"SPRING_CLOUD_ZOOKEEPER_CONNECT_STRING": "zk"}, {"SPRING_CLOUD_ZOOKEEPER_DISCOVERY_ROOT": "/gray"}),
    ],
    ids=str,
)
def test_a_release_does_not_move_an_instance(before: Any, after: Any, tmp_path: Path) -> None:
    services = [{"name": "web", "env": {"web": after}}]
    assert found(tmp_path, web(before), service(), services=services) == ["GC458"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NACOS, {"SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR": "nacos.shop:8848"}),
        (NACOS, {"SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR": "nacos.shop.svc.cluster.local:8848"}),
        (NACOS, {"SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE": "public"}),
        (NACOS, {"SPRING_CLOUD_NACOS_DISCOVERY_GROUP": "DEFAULT_GROUP"}),
        ({"SPRING_APPLICATION_NAME": "web"}, {"LOG_LEVEL": "debug"}),
        ({**NACOS, "APP": "web", "SPRING_APPLICATION_NAME": "$(APP)"}, {"SPRING_APPLICATION_NAME": "web"}),
    ],
    ids=str,
)
def test_the_same_place_in_other_words_is_the_same(before: Any, after: Any, tmp_path: Path) -> None:
    services = [{"name": "web", "env": {"web": after}}]
    assert found(tmp_path, web(before), service(), services=services) == []


def test_a_name_without_registry_is_the_agents_only(tmp_path: Path) -> None:
    services = [{"name": "web", "env": {"web": {"SPRING_APPLICATION_NAME": "web-gray"}}}]
    assert found(tmp_path, web(), service(), services=services, **NONE) == []


@pytest.mark.parametrize(
    ("env", "codes"),
    [
        # alibaba/nacos#9438: the "ip" may be a Service's name.
        ({**NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_IP": "web"}, ["GC449"]),
        ({**NACOS, "JAVA_OPTS": "-Dspring.cloud.nacos.discovery.ip=web.shop.svc"}, ["GC449"]),
        ({**NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_IP": "10.0.0.7"}, ["GC459"]),
        ({**NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_IP": "other"}, ["GC459"]),
        ({**NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_IP": field("status.podIP")}, []),
        ({"POD_IP": field("status.podIP"), **NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_IP": "$(POD_IP)"}, []),
        # dubbo-registry-nacos#16.
        ({"DUBBO_REGISTRY_ADDRESS": "nacos://n:1", "DUBBO_IP_TO_REGISTRY": "10.5.217.2"}, ["GC459"]),
        ({"DUBBO_REGISTRY_ADDRESS": "nacos://n:1", "DUBBO_IP_TO_REGISTRY": field("status.podIP")}, []),
        ({"DUBBO_REGISTRY_ADDRESS": "nacos://n:1", "DUBBO_PROTOCOL_HOST": "0.0.0.0"}, []),
        (
            {"EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://e:1", "EUREKA_INSTANCE_HOSTNAME": "e.example.com"},
            ["GC459"],
        ),
        (
            {
                "EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://e:1",
                "EUREKA_INSTANCE_HOSTNAME": "e.example.com",
                "EUREKA_INSTANCE_PREFERIPADDRESS": "true",
            },
            [],
        ),
    ],
    ids=str,
)
def test_an_address_is_the_pods_own(env: Any, codes: list[str], tmp_path: Path) -> None:
    other = an_object("Service", {"selector": {"app": "other"}, "ports": [{"port": 80}]}, name="other")
    assert found(tmp_path, web(env), service(), other) == codes


def test_an_address_follows_the_copy(tmp_path: Path) -> None:
    """A StatefulSet behind a headless Service, as Eureka on Kubernetes is set up."""
    env = {
        "POD_NAME": field("metadata.name"),
        "EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": "http://eureka:8761/eureka",
        "EUREKA_INSTANCE_HOSTNAME": "$(POD_NAME).web",
    }
    _, made = build(tmp_path, (NAMESPACE, web(env), service(clusterIP="None")))
    container = of_kind(made, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "EUREKA_INSTANCE_HOSTNAME", "value": "$(POD_NAME).web-mse-gray"} in container["env"]


def test_an_address_in_a_text_that_nothing_rewrites_is_named(tmp_path: Path) -> None:
    text = "spring.cloud.nacos.discovery.server-addr=n:8848\nspring.cloud.nacos.discovery.ip=web.shop.svc\n"
    objects = (mounting(), config("web-config", application__properties=text), service())
    assert found(tmp_path / "as-is", *objects) == ["GC459"]
    services = [{"name": "web", "rewriteText": True, "config": {"web-config": {"x.txt": "1"}}}]
    assert found(tmp_path / "rewritten", *objects, services=services) == []


@pytest.mark.parametrize(
    ("env", "codes"),
    [
        ({"DUBBO_LABELS": "tag=blue"}, ["GC476"]),
        ({"DUBBO_LABELS": "region=beijing;weight=3"}, []),
        # What dubbo-samples-shop's rules choose by.
        ({"DUBBO_LABELS": "orderVersion=v1; region=beijing"}, ["GC476"]),
        ({"DUBBO_LABELS": "tag=gray"}, ["GC477"]),
        ({"EUREKA_INSTANCE_METADATAMAP_VERSION": "stable"}, ["GC476"]),
        ({"EUREKA_INSTANCE_METADATAMAP_ZONE": "a"}, []),
        ({"SPRING_CLOUD_CONSUL_DISCOVERY_TAGS": "track=stable,team=shop"}, ["GC476"]),
        ({"JAVA_OPTS": "-Dspring.cloud.nacos.discovery.metadata.alicloud.service.tag=blue"}, ["GC476"]),
        ({"MSE_ALICLOUD_SERVICE_TAG": "gray"}, ["GC477"]),
        ({"JAVA_OPTS": "-Dalicloud.service.tag=gray"}, ["GC477"]),
        ({"JAVA_OPTS": "-Ddubbo.provider.tag=gray"}, ["GC477"]),
        ({"DUBBO_PROVIDER_TAG": "$(TAG)"}, []),
        # Texts that do not hold the tag, and come to it.
        ({"DUBBO_PROVIDER_TAG": "${TAG:gr}ay"}, ["GC477"]),
        ({"SPRING_APPLICATION_JSON": '{"dubbo": {"provider": {"tag": "gr\\u0061y"}}}'}, ["GC477"]),
    ],
    ids=str,
)
def test_labels_of_instances_are_the_lanes(env: Any, codes: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, web(env), service()) == codes


@pytest.mark.parametrize(
    "text",
    [
        "dubbo:\n  provider:\n    tag: gray\n",
        "dubbo:\n  provider: {tag: '${TAG:gr}ay'}\n",
        'dubbo:\n  provider: {tag: "gr\\x61y"}\n',
    ],
)
def test_a_mounted_file_may_tag_the_baseline(text: str, tmp_path: Path) -> None:
    config_map = config("web-config", application__yaml=text)
    assert found(tmp_path, mounting(), config_map, service()) == ["GC477"]


def test_a_release_may_give_its_instances_a_version(tmp_path: Path) -> None:
    services = [{"name": "web", "env": {"web": {"SPRING_CLOUD_NACOS_DISCOVERY_METADATA_VERSION": "2.0"}}}]
    before = web({**NACOS, "SPRING_CLOUD_NACOS_DISCOVERY_METADATA_VERSION": "1.0"})
    assert found(tmp_path, before, service(), services=services) == []


def test_who_uses_the_registry_without_an_agent_is_named_once(tmp_path: Path) -> None:
    off = {"msePilotAutoEnable": "off"}
    others = [web(NACOS, name=name) for name in ("job", "report")]
    for each in others:
        each["spec"]["template"]["metadata"]["labels"].update(off)
    elsewhere = web({"SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR": "nacos.base:8848"}, name="far")
    elsewhere["spec"]["template"]["metadata"]["labels"].update(off)
    objects = (NAMESPACE, web(NACOS), service(), *others, elsewhere)
    findings, _ = build(tmp_path, objects)
    (told,) = (each for each in findings if each["code"] == "GC483")
    assert "Nacos at `nacos.shop:8848`" in told["message"]
    assert [name in told["message"] for name in ("`Deployment/job`", "`Deployment/report`", "far")] == [
        True,
        True,
        False,
    ]


def test_services_of_a_path_share_a_namespace_of_mse(tmp_path: Path) -> None:
    cart = web(name="cart")
    cart["spec"]["template"]["metadata"]["labels"]["mseNamespace"] = "prod"
    objects = (web(), service(), cart, service("cart"))
    assert found(tmp_path / "two", *objects, calls=["web -> cart"]) == ["GC438"]
    assert found(tmp_path / "apart", *objects) == []


def test_a_namespace_of_mse_may_come_from_the_namespace(tmp_path: Path) -> None:
    home = {**NAMESPACE, "metadata": {"name": "shop", "labels": {"mse-enable": "enabled", "mseNamespace": "prod"}}}
    patches = [
        {
            "target": {"kind": "Deployment"},
            "merge": {"spec": {"template": {"metadata": {"labels": {"mseNamespace": "prod"}}}}},
        }
    ]
    findings, _ = build(tmp_path, (home, web(), service()), services=[{"name": "web", "patches": patches}])
    assert with_code(findings, *CODES) == []


def test_a_profile_in_a_configuration_centre_is_named(tmp_path: Path) -> None:
    centre = {"SPRING_CLOUD_NACOS_CONFIG_SERVER_ADDR": "nacos:8848", "SPRING_APPLICATION_NAME": "web"}
    services = [{"name": "web", "env": {"web": {"SPRING_PROFILES_ACTIVE": "gray"}}}]
    before = {"SPRING_PROFILES_ACTIVE": "prod"}
    assert found(tmp_path / "centre", web({**centre, **before}), service(), services=services) == ["GC439"]
    assert found(tmp_path / "none", web(before), service(), services=services) == []


def test_instances_that_last_are_a_step_of_offline_and_a_line_of_the_plan(tmp_path: Path) -> None:
    """alibaba/nacos#12027: a persistent instance stays in the list when its pod is gone."""
    made = mounting({"SPRING_APPLICATION_NAME": "web"})
    text = "spring.cloud.nacos.discovery.server-addr=nacos:8848\nspring.cloud.nacos.discovery.ephemeral=false\n"
    write_release(tmp_path, (NAMESPACE, made, config("web-config", application__properties=text), service()))
    planned = run_grayc(["plan", "release.yaml"], folder=tmp_path)
    stays = "Nacos at nacos.shop:8848: instances of web, from pods of Deployment/web-mse-gray"
    assert stays in planned.stdout
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    gone = run_grayc(["offline", "release.yaml", "-o", "out", "--script", "off.sh"], folder=tmp_path)
    assert gone.stdout.endswith(f"#   {stays}\n")
    assert f"'  {stays}'\n" in (tmp_path / "off.sh").read_text()


def test_instances_that_go_with_their_pods_are_no_step(tmp_path: Path) -> None:
    write_release(tmp_path, (NAMESPACE, web(NACOS), service()))
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    assert "registry" not in run_grayc(["offline", "release.yaml", "-o", "out"], folder=tmp_path).stdout


def test_a_registry_whose_clients_no_file_shows_is_named(tmp_path: Path) -> None:
    """Zadig's demo: Nacos stands in the baseline, and the jars hold its address."""
    nacos = web({"MODE": "standalone"}, name="nacos", image="nacos/nacos-server:v2.2.0")
    findings, _ = build(tmp_path / "none", (NAMESPACE, nacos, web(), service()), **NONE)
    assert with_code(findings, "GC380") == [("GC380", "Deployment/nacos")]
    findings, _ = build(tmp_path / "mse", (NAMESPACE, nacos, web(), service()))
    assert with_code(findings, "GC380") == []
    static = web(image="nginx:1.29")
    findings, _ = build(tmp_path / "nginx", (NAMESPACE, nacos, static, service()), **NONE)
    assert with_code(findings, "GC380") == []


def test_a_name_from_a_label_that_the_lane_changes_is_another_name(tmp_path: Path) -> None:
    """Kubernetes' downward API: the gray pods' label has another value where the lane tells pods apart by it."""
    named = web({"SPRING_APPLICATION_NAME": field("metadata.labels['app']"), **NACOS})
    for labels in (named["spec"]["selector"]["matchLabels"], named["spec"]["template"]["metadata"]["labels"]):
        labels.pop("zadigx-release-version", None)
    plain = service(selector={"app": "web"})
    assert "GC458" in found(tmp_path, named, plain)


def test_a_configuration_centre_may_be_imported(tmp_path: Path) -> None:
    env = {"SPRING_CONFIG_IMPORT": "optional:nacos:web.yaml", "SPRING_PROFILES_ACTIVE": "prod"}
    services = [{"name": "web", "env": {"web": {"SPRING_PROFILES_ACTIVE": "gray"}}}]
    assert found(tmp_path, web(env), service(), services=services) == ["GC439"]


@pytest.mark.parametrize(("only", "codes"), [("bootstrap.yaml", ["GC457"]), ("other.yaml", [])])
def test_of_a_sub_path_its_file_counts(only: str, codes: list[str], tmp_path: Path) -> None:
    object_ = mounting()
    (mount,) = object_["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    mount["subPath"] = only
    text = "spring: {cloud: {nacos: {discovery: {server-addr: 'nacos:8848'}}}}\n"
    made = config("web-config", bootstrap__yaml=text, other__yaml="a: b\n")
    assert found(tmp_path, object_, service(), made, **NONE) == codes
