"""Job executors that register under production's application: their label, their address, and what the plan says."""

import json
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, of_kind, workload, write_release
from tests.unit.checks.test_work import config, container, found, made, plan, variable, with_config

XXL = variable("XXL_JOB_EXECUTOR_APPNAME", "web-job")
XXL_OPTION = "-Dxxl.job.executor.label=gray"
SCHEDULERX = variable("SPRING_SCHEDULERX2_GROUPID", "web.prod")


def web_service(name: str = "web") -> Object:
    return an_object("Service", {"selector": {"app": "web"}, "ports": [{"port": 9999}]}, name=name)


def env_of(written: list[Object], at: int = 0) -> list[Object]:
    env: list[Object] = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][at].get("env", [])
    return env


def test_own_labels_an_executor_by_an_option_of_its_jvm(tmp_path: Path) -> None:
    written = made(tmp_path, [workload(pod=container(XXL))], work="own")
    assert env_of(written) == [XXL, variable("JAVA_TOOL_OPTIONS", XXL_OPTION)]


def test_a_label_alone_is_no_option_of_its_own(tmp_path: Path) -> None:
    write_release(
        tmp_path, [workload(pod=container(XXL))], services=[{"name": "web", "work": "own"}], lane={"provider": "mse"}
    )
    assert "GC475" not in run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).stderr


def test_own_keeps_the_options_that_a_jvm_has(tmp_path: Path) -> None:
    written = made(tmp_path, [workload(pod=container(variable("JAVA_TOOL_OPTIONS", "-Xmx1g"), XXL))], work="own")
    assert env_of(written) == [variable("JAVA_TOOL_OPTIONS", f"-Xmx1g {XXL_OPTION}"), XXL]


@pytest.mark.parametrize("name", ["SPRING_SCHEDULERX2_GROUPID", "SCHEDULERX_GROUPID"])
def test_own_labels_a_worker_of_schedulerx_by_a_variable(tmp_path: Path, name: str) -> None:
    group = variable(name, "web.prod")
    written = made(tmp_path, [workload(pod=container(group))], work="own")
    assert env_of(written) == [group, variable("SPRING_SCHEDULERX2_LABEL", "gray")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (variable("JAVA_OPTS", "-Xmx1g -Dxxl.job.executor.label=prod -Da=b"), f"-Xmx1g {XXL_OPTION} -Da=b"),
        (variable("XXL_JOB_EXECUTOR_LABEL", "prod"), "gray"),
    ],
)
def test_own_writes_the_label_where_production_has_one(tmp_path: Path, before: Object, after: str) -> None:
    written = made(tmp_path, [workload(pod=container(XXL, before))], work="own")
    assert env_of(written) == [XXL, variable(before["name"], after)]


def test_own_writes_the_label_into_the_copy_of_a_text(tmp_path: Path) -> None:
    text = "spring:\n  schedulerx2:\n    groupId: web.prod\n    label: prod   # kept\n"
    written = made(tmp_path, with_config(**{"application.yaml": text}), work="own")
    assert of_kind(written, "ConfigMap")["data"]["application.yaml"] == text.replace(": prod ", ": gray ")
    assert env_of(written) == []


def test_own_labels_the_container_that_reads_the_text_and_no_other(tmp_path: Path) -> None:
    text = "xxl:\n  job:\n    executor:\n      appname: web-job\n"
    side = {"name": "side", "image": "registry.example.com/side:1"}
    app = {"name": "web", "image": "registry.example.com/web:1", "volumeMounts": [{"name": "c", "mountPath": "/c"}]}
    pod = {"containers": [side, app], "volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
    written = made(tmp_path, [workload(pod=pod), config(**{"application.yaml": text})], work="own")
    assert env_of(written, 0) == []
    assert env_of(written, 1) == [variable("JAVA_TOOL_OPTIONS", XXL_OPTION)]


NO_PLACE: dict[str, list[Object]] = {
    "options of another object": [
        workload(
            pod=container(
                XXL, {"name": "JAVA_TOOL_OPTIONS", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "o"}}}
            )
        ),
        config(o="-Xmx1g"),
    ],
    "options of a whole ConfigMap": [
        workload(pod=container(XXL, envFrom=[{"configMapRef": {"name": "settings"}}])),
        config(JAVA_TOOL_OPTIONS="-Xmx1g"),
    ],
    "a command that drops them": [workload(pod=container(XXL, command=["sh", "-c", "unset JAVA_TOOL_OPTIONS; java"]))],
    "no JVM": [workload(pod={"containers": [{"name": "web", "image": "python:3.12", "env": [XXL]}]})],
}


@pytest.mark.parametrize("objects", NO_PLACE.values(), ids=NO_PLACE)
def test_own_says_where_no_label_can_be_written(tmp_path: Path, objects: list[Object]) -> None:
    codes = [code for code, _ in found(tmp_path, objects, work="own")]
    assert codes == ["GC492"]


@pytest.mark.parametrize("work", ["own", "shared"])
@pytest.mark.parametrize("field", ["laneOnly", "env"])
def test_a_label_of_another_lane_is_refused(tmp_path: Path, work: str, field: str) -> None:
    given = {"web": {"JAVA_OPTS": "-Dxxl.job.executor.label=blue"}}
    fields: Object = {"laneOnly": {"env": given}} if field == "laneOnly" else {"env": given}
    ((code, message),) = found(tmp_path, [workload(pod=container(XXL))], work=work, **fields)
    assert code == "GC496"
    assert "`blue`" in message


def test_production_with_the_lanes_label_leaves_none_for_the_lane(tmp_path: Path) -> None:
    objects = [workload(pod=container(XXL, variable("JAVA_OPTS", XXL_OPTION)))]
    ((code, message),) = found(tmp_path, objects, work="own")
    assert code == "GC496"
    assert "production" in message


SHARED_TEXT = "xxl:\n  job:\n    executor: {appname: j, label: prod}\n"


@pytest.mark.parametrize(
    ("fields", "codes"),
    [({}, ["GC496"]), ({"laneOnly": {"env": {"web": {"XXL_JOB_EXECUTOR_LABEL": "gray"}}}}, [])],
)
def test_a_label_in_a_shared_text_is_given_by_lane_only(tmp_path: Path, fields: Object, codes: list[str]) -> None:
    objects = with_config(**{"a.yaml": SHARED_TEXT})
    told = found(tmp_path, objects, work="own", share=["ConfigMap"], **fields)
    assert [code for code, _ in told] == codes
    assert all("shares with production" in message for _, message in told)


def test_promote_carries_no_label(tmp_path: Path) -> None:
    objects = [workload(pod=container(XXL, variable("XXL_JOB_EXECUTOR_ADDRESS", "http://web:9999/"))), web_service()]
    write_release(tmp_path, objects, services=[{"name": "web", "work": "own", "env": {"web": {"A": "b"}}}])
    run = run_grayc(["promote", "release.yaml"], folder=tmp_path)
    assert run.status == 0, run.stderr
    text = (tmp_path / "baseline" / "all.yaml").read_text()
    assert '"A"' in text
    assert "http://web:9999/" in text
    assert "executor.label" not in text


def test_shared_keeps_the_label_of_production(tmp_path: Path) -> None:
    prod = variable("JAVA_OPTS", "-Dxxl.job.executor.label=prod")
    assert env_of(made(tmp_path, [workload(pod=container(XXL, prod))], work="shared")) == [XXL, prod]


@pytest.mark.parametrize("work", ["own", "shared"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://web.shop:9999/", "http://web-mse-gray.shop:9999/"),
        ("http://web:9999", "http://web-mse-gray:9999"),
        ("http://web.shop.svc.cluster.local:9999/", "http://web-mse-gray.shop.svc.cluster.local:9999/"),
    ],
)
def test_a_registered_address_follows_its_service(tmp_path: Path, work: str, before: str, after: str) -> None:
    objects = [workload(pod=container(XXL, variable("XXL_JOB_EXECUTOR_ADDRESS", before))), web_service()]
    written = made(tmp_path, objects, work=work)
    assert env_of(written)[1] == variable("XXL_JOB_EXECUTOR_ADDRESS", after)


def test_an_address_in_a_text_follows_its_service_and_nothing_else_does(tmp_path: Path) -> None:
    text = "xxl:\n  job:\n    executor:\n      appname: j\n      address: http://web:9999/\nother: http://web:9999/\n"
    written = made(tmp_path, [*with_config(**{"a.yaml": text}), web_service()], work="own")
    wanted = text.replace("address: http://web:", "address: http://web-mse-gray:")
    assert of_kind(written, "ConfigMap")["data"]["a.yaml"] == wanted


FIXED = {
    "an address": variable("XXL_JOB_EXECUTOR_ADDRESS", "http://10.0.0.8:9999/"),
    "an IP": variable("XXL_JOB_EXECUTOR_IP", "10.0.0.8"),
    "a host outside": variable("XXL_JOB_EXECUTOR_ADDRESS", "https://jobs.example.com/"),
    "a port of the program": variable("XXL_JOB_EXECUTOR_ADDRESS", "http://10.8.1.36:${server.port}/e"),
    "a Secret": {"name": "XXL_JOB_EXECUTOR_ADDRESS", "valueFrom": {"secretKeyRef": {"name": "s", "key": "a"}}},
}


@pytest.mark.parametrize("work", ["own", "shared"])
@pytest.mark.parametrize("address", FIXED.values(), ids=FIXED)
def test_a_fixed_address_is_refused(tmp_path: Path, work: str, address: Object) -> None:
    codes = [code for code, _ in found(tmp_path, [workload(pod=container(XXL, address))], work=work)]
    assert codes == ["GC497"]


POD_IP = {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
OF_EACH_POD: dict[str, tuple[Object, ...]] = {
    "nothing": (variable("XXL_JOB_EXECUTOR_ADDRESS", ""),),
    "the pod's IP": (POD_IP, variable("XXL_JOB_EXECUTOR_ADDRESS", "http://$(POD_IP):9999/")),
    "the pod's IP itself": ({**POD_IP, "name": "XXL_JOB_EXECUTOR_IP"},),
    "Spring Cloud's": (variable("XXL_JOB_EXECUTOR_IP", "${spring.cloud.client.ip-address}"),),
    "a default of nothing": (variable("XXL_JOB_EXECUTOR_IP", "${NODE_IP:}"),),
    "the loopback": (variable("XXL_JOB_EXECUTOR_IP", "127.0.0.1"),),
}


@pytest.mark.parametrize("env", OF_EACH_POD.values(), ids=OF_EACH_POD)
def test_an_address_of_each_pod_is_no_fixed_one(tmp_path: Path, env: tuple[Object, ...]) -> None:
    assert found(tmp_path, [workload(pod=container(XXL, *env))], work="own") == []


def test_lane_only_gives_an_address(tmp_path: Path) -> None:
    objects = [workload(pod=container(XXL, variable("XXL_JOB_EXECUTOR_IP", "10.0.0.8")))]
    assert found(tmp_path, objects, work="own", laneOnly={"env": {"web": {"XXL_JOB_EXECUTOR_IP": "10.0.0.9"}}}) == []


@pytest.mark.parametrize(
    "env",
    [
        variable("XXL_JOB_ADMIN_ADDRESSES", "http://xxl-job-admin:8080/xxl-job-admin"),
        variable("SPRING_SCHEDULERX2_ENDPOINT", "acm.aliyun.com"),
    ],
)
def test_an_executor_is_told_by_its_scheduler_too(tmp_path: Path, env: Object) -> None:
    ((code, message),) = found(tmp_path, [workload(pod=container(env))])
    assert code == "GC491"
    assert "jobs" in message


@pytest.mark.parametrize(
    ("executor", "switch", "codes"),
    [
        (XXL, "XXL_JOB_EXECUTOR_ENABLED", []),
        (SCHEDULERX, "SPRING_SCHEDULERX2_ENABLED", []),
        (SCHEDULERX, "XXL_JOB_EXECUTOR_ENABLED", ["GC493"]),
        (XXL, "SPRING_KAFKA_LISTENER_AUTO_STARTUP", ["GC493"]),
    ],
)
def test_a_switch_keeps_an_executor_idle(tmp_path: Path, executor: Object, switch: str, codes: list[str]) -> None:
    objects = [workload(pod=container(executor))]
    given = {"web": {switch: "false"}}
    assert [code for code, _ in found(tmp_path, objects, work="idle", laneOnly={"env": given})] == codes


def shown(folder: Path, objects: list[Object], **service: object) -> str:
    write_release(folder, objects, services=[{"name": "web", **service}])
    return run_grayc(["plan", "release.yaml"], folder=folder).stdout


def test_the_plan_lists_the_label_routing_as_a_step(tmp_path: Path) -> None:
    text = shown(tmp_path, [workload(pod=container(XXL))], work="own")
    before = text.index("create before the lane is applied")
    assert text.index("label routing `gray` for jobs of executor web-job (XXL-JOB)", before) > before
    assert "no label" in text[before:]


def test_the_plan_tells_the_label_of_an_executor(tmp_path: Path) -> None:
    (row,) = plan(tmp_path, [workload(pod=container(SCHEDULERX))], work="own")
    assert (row["what"], row["name"], row["label"], row["own"]) == ("job executor", "web.prod", "gray", True)


def test_offline_names_the_label_routing_that_is_left(tmp_path: Path) -> None:
    made(tmp_path, [workload(pod=container(XXL))], work="own")
    run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    run = run_grayc(["offline", "release.yaml", "-o", "out"], folder=tmp_path)
    assert "#   label routing `gray` for jobs of executor web-job (XXL-JOB)\n" in run.stdout


def an_admin(image: str) -> Object:
    pod = {"containers": [{"name": "admin", "image": image}]}
    return {**workload(pod=pod, labels={"app": "admin"}), "metadata": {"name": "admin", "namespace": "shop"}}


@pytest.mark.parametrize(
    ("image", "work", "codes"),
    [
        ("xuxueli/xxl-job-admin:2.4.0", "own", ["GC498"]),
        ("xuxueli/xxl-job-admin:2.4.0", "shared", []),
        ("registry.example.com/other:1", "own", []),
    ],
)
def test_a_scheduler_that_knows_no_labels_is_named(tmp_path: Path, image: str, work: str, codes: list[str]) -> None:
    objects = [workload(pod=container(XXL)), an_admin(image)]
    assert [code for code, _ in found(tmp_path, objects, work=work)] == codes


@pytest.mark.parametrize(("version", "codes"), [("4.3.5", ["GC498"]), ("4.4.0", []), ("4.10.1", []), ("x", [])])
def test_an_agent_that_reads_no_labels_is_named(tmp_path: Path, version: str, codes: list[str]) -> None:
    objects = [workload(pod=container(XXL))]
    objects[0]["spec"]["template"]["metadata"]["labels"] = {
        **objects[0]["spec"]["template"]["metadata"]["labels"], "aliyun.com/agent-version": version
    }  # fmt: skip
    assert [code for code, _ in found(tmp_path, objects, {"lane": {"provider": "mse"}}, work="own")] == codes


def test_a_release_of_the_plan_is_json(tmp_path: Path) -> None:
    write_release(tmp_path, [workload(pod=container(XXL))], services=[{"name": "web", "work": "own"}])
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=tmp_path)
    assert json.loads(run.stdout)["plans"][0]["work"][0]["label"] == "gray"
