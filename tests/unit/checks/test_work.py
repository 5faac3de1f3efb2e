"""What gray pods do with work that no request brings: found, asked for, and done as the release says."""

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli_run import run_grayc
from tests.manifests import Object, a_namespace, an_object, build, of_kind, workload, write_release
from tests.vectors import rows

CODES = ("GC491", "GC492", "GC493", "GC494", "GC495", "GC496", "GC497", "GC498", "GC499")


def container(*env: Object, **fields: object) -> Object:
    return {"containers": [{"name": "web", "image": "registry.example.com/web:1", "env": [*env], **fields}]}


def variable(name: str, value: str) -> Object:
    return {"name": name, "value": value}


GROUP = variable("SPRING_KAFKA_CONSUMER_GROUP_ID", "orders")


def config(**data: str) -> Object:
    return an_object("ConfigMap", name="settings", data=data)


def with_config(**data: str) -> list[Object]:
    pod = {**container(), "volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
    return [workload(pod=pod), config(**data)]


def scaled_by(kind: str, **metadata: str) -> Object:
    return an_object(
        "ScaledObject",
        {"scaleTargetRef": {"name": "web"}, "triggers": [{"type": kind, "metadata": metadata}]},
        version="keda.sh/v1alpha1",
    )


def found(folder: Path, objects: list[Object], spec: Object | None = None, **service: object) -> list[tuple[str, str]]:
    findings, _ = build(folder, objects, services=[{"name": "web", **service}], **(spec or {}))
    assert [item for item in findings if item["code"].startswith("GC9")] == []
    return [(item["code"], item["message"]) for item in findings if item["code"] in CODES]


def made(folder: Path, objects: list[Object], **service: object) -> list[Object]:
    findings, written = build(folder, objects, services=[{"name": "web", **service}])
    assert [item for item in findings if item["severity"] == "error"] == []
    return written


class Pods(NamedTuple):
    """A row of `work.yaml`."""

    id: str
    env: Mapping[str, str] = {}
    container: Mapping[str, Any] = {}
    files: Mapping[str, str] | None = None
    settings: Mapping[str, str] | None = None
    trigger: Object | None = None

    def objects(self) -> list[Object]:
        """Return the Deployment, and what stands beside it."""
        if self.files is not None:
            assert not self.env and not self.container and not self.settings and not self.trigger
            return with_config(**self.files)
        variables = [variable(*each) for each in self.env.items()]
        fields = {"env": variables, **self.container} if variables else self.container
        made = [workload(pod={"containers": [{**container()["containers"][0], **fields}]}) if fields else workload()]
        if self.settings is not None:
            made.append(config(**self.settings))
        if self.trigger is not None:
            made.append(scaled_by(self.trigger["type"], **self.trigger["metadata"]))
        return made


@pytest.mark.parametrize("row", rows(__file__, "work.yaml", Pods, table="asking"), ids=lambda row: row.id)
def test_who_takes_messages_must_say_what_the_lane_does(tmp_path: Path, row: Pods) -> None:
    ((code, _),) = found(tmp_path, row.objects())
    assert code == "GC491"


QUARTZ = "spring:\n  quartz:\n    job-store-type: jdbc\n    properties: {org.quartz.scheduler.instanceName: web}\n"
TRANSACTIONAL = "spring:\n  kafka:\n    producer: {transaction-id-prefix: tx-}\n"


@pytest.mark.parametrize("row", rows(__file__, "work.yaml", Pods, table="silent"), ids=lambda row: row.id)
def test_others_are_asked_nothing(tmp_path: Path, row: Pods) -> None:
    assert found(tmp_path, row.objects()) == []


def test_own_writes_variables_options_and_triggers(tmp_path: Path) -> None:
    objects = [
        workload(pod=container(GROUP, variable("JAVA_OPTS", "-Xmx1g -Dkafka.group=b"), args=["--kafka.group", "x"])),
        scaled_by("kafka", consumerGroup="orders", bootstrapServers="kafka:9092"),
    ]
    written = made(tmp_path, objects, work="own")
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert [item["value"] for item in env] == ["orders-gray", "-Xmx1g -Dkafka.group=b-gray"]
    trigger = of_kind(written, "ScaledObject")["spec"]["triggers"][0]["metadata"]
    assert trigger == {"consumerGroup": "orders-gray", "bootstrapServers": "kafka:9092"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["worker", "--group-id", "a", "--brokers", "k:9"], ["worker", "--group-id", "a-gray", "--brokers", "k:9"]),
        (["sh", "-c", "kcat -b k -G 'a' t"], ["sh", "-c", "kcat -b k -G 'a-gray' t"]),
        (["rq", "worker", "-n", "me", "a", "b"], ["rq", "worker", "-n", "me", "a-gray", "b-gray"]),
        (["sh", "-c", "rq worker a > /log && echo b"], ["sh", "-c", "rq worker a-gray > /log && echo b"]),
        (
            ["sh", "-c", "celery \\\n -A x worker \\\n -Q a,b"],
            ["sh", "-c", "celery \\\n -A x worker \\\n -Q a-gray,b-gray"],
        ),
    ],
)
def test_own_writes_the_words_of_a_command(tmp_path: Path, before: list[str], after: list[str]) -> None:
    written = made(tmp_path, [workload(pod=container(command=before))], work="own")
    assert of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["command"] == after


def test_own_writes_a_text_that_is_a_program(tmp_path: Path) -> None:
    text = "# kept\nKAFKA = {'group.id': 'orders', 'x': 'orders'}\n"
    written = made(tmp_path, with_config(**{"settings.py": text}), work="own")
    (data,) = of_kind(written, "ConfigMap")["data"].values()
    assert data == text.replace("'group.id': 'orders'", "'group.id': 'orders-gray'")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("celery -A a worker", "names none"),
        ("celery -A a beat", "send every task again"),
        ("php artisan horizon", "names none"),
        ("php bin/console messenger:consume async", "transport"),
    ],
)
def test_own_says_what_a_program_takes_by_itself(tmp_path: Path, command: str, words: str) -> None:
    ((code, message),) = found(tmp_path, [workload(pod=container(command=command.split()))], work="own")
    assert code == "GC492"
    assert words in message


@pytest.mark.parametrize(
    ("fields", "prefix"),
    [
        ({"work": "own"}, "tx-gray-"),
        ({"work": "shared"}, "tx-gray-"),
        ({"work": "agent"}, "tx-gray-"),
        ({"work": "idle", "replicas": 0}, "tx-gray-"),
    ],
)
def test_no_lane_has_productions_transactional_ids(tmp_path: Path, fields: Object, prefix: str) -> None:
    written = made(tmp_path, with_config(**{"application.yml": TRANSACTIONAL}), **fields)
    assert of_kind(written, "ConfigMap")["data"]["application.yml"] == TRANSACTIONAL.replace("tx-", prefix)


@pytest.mark.parametrize("work", ["own", "shared", "agent"])
def test_a_transactional_id_that_nobody_can_write_is_told(tmp_path: Path, work: str) -> None:
    secret = {"name": "KAFKA_TRANSACTIONAL_ID", "valueFrom": {"secretKeyRef": {"name": "kafka", "key": "id"}}}
    ((code, message),) = found(tmp_path, [workload(pod=container(secret))], work=work)
    assert code == "GC492"
    assert f"`work: {work}` can give transactional id" in message


def test_own_gives_a_scheduler_a_cluster_of_its_own(tmp_path: Path) -> None:
    written = made(tmp_path, with_config(**{"application.yml": QUARTZ}), work="own")
    text = of_kind(written, "ConfigMap")["data"]["application.yml"]
    assert text == QUARTZ.replace("instanceName: web", "instanceName: web-gray")


@pytest.mark.parametrize(
    ("work", "env", "codes"),
    [
        ("own", {"X": "y"}, ["GC492"]),
        ("own", {"SPRING_QUARTZ_SCHEDULERNAME": "web-gray"}, []),
        ("idle", {"X": "y"}, ["GC493"]),
        ("idle", {"SPRING_QUARTZ_AUTOSTARTUP": "false"}, []),
    ],
)
def test_a_scheduler_of_no_name_needs_one(tmp_path: Path, work: str, env: Object, codes: list[str]) -> None:
    objects = with_config(**{"a.properties": "a=b\nspring.quartz.job-store-type=jdbc\n"})
    assert [code for code, _ in found(tmp_path, objects, work=work, laneOnly={"env": {"web": env}})] == codes


def test_a_variable_may_name_the_queue_of_a_program(tmp_path: Path) -> None:
    pod = container(variable("CELERY_TASK_DEFAULT_QUEUE", "mails"), command=["celery", "-A", "a", "worker"])
    written = made(tmp_path, [workload(pod=pod)], work="own")
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env == [variable("CELERY_TASK_DEFAULT_QUEUE", "mails-gray")]


def test_own_writes_into_the_copy_of_a_text_and_nothing_else(tmp_path: Path) -> None:
    text = "# kept\nspring:\n  kafka:\n    consumer: {group-id: 'orders'}   # kept\n  x: orders\n"
    written = made(tmp_path, with_config(**{"application.yaml": text}), work="own")
    assert of_kind(written, "ConfigMap")["data"]["application.yaml"] == text.replace("'orders'", "'orders-gray'")


def test_own_follows_a_placeholder_to_its_variable(tmp_path: Path) -> None:
    pod = {
        **container(variable("MINE", "orders")),
        "volumes": [{"name": "c", "configMap": {"name": "settings"}}],
    }
    objects = [workload(pod=pod), config(**{"a.properties": "spring.kafka.consumer.group-id=${MINE:x}\nb=c\n"})]
    written = made(tmp_path, objects, work="own")
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env == [variable("MINE", "orders-gray")]
    assert of_kind(written, "ConfigMap")["data"]["a.properties"] == objects[1]["data"]["a.properties"]


def test_own_leaves_the_names_that_the_release_gives_the_lane(tmp_path: Path) -> None:
    given = {"web": {"SPRING_KAFKA_CONSUMER_GROUP_ID": "mine"}}
    written = made(tmp_path, [workload(pod=container(GROUP))], work="own", laneOnly={"env": given})
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env == [variable("SPRING_KAFKA_CONSUMER_GROUP_ID", "mine")]


def test_production_may_have_a_name_that_ends_as_the_lanes_do(tmp_path: Path) -> None:
    objects = [workload(pod=container(variable("KAFKA_GROUP", "orders-gray")))]
    written = made(tmp_path, objects, work="own")
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env == [variable("KAFKA_GROUP", "orders-gray-gray")]


SECRET = {"name": "KAFKA_GROUP", "valueFrom": {"secretKeyRef": {"name": "kafka", "key": "group"}}}

NOT_WRITABLE: dict[str, tuple[list[Object], Object, str]] = {
    "a Secret": ([workload(pod=container(SECRET))], {}, "Secret/kafka"),
    "a Secret's file": (
        [
            workload(pod={**container(), "volumes": [{"name": "s", "secret": {"secretName": "app"}}]}),
            an_object(
                "Secret", name="app", data={"app.properties": base64.b64encode(b"kafka.group.id=orders\n").decode()}
            ),
        ],
        {},
        "Secret/app",
    ),
    "a shared ConfigMap": (
        with_config(**{"a.properties": "kafka.group.id=orders\n"}),
        {"share": ["ConfigMap"]},
        "ConfigMap/settings",
    ),
    "a program's value": ([workload(pod=container(variable("KAFKA_GROUP", "${APP}-orders")))], {}, "${APP}"),
    "nothing": ([workload()], {}, "finds no"),
}


@pytest.mark.parametrize(("objects", "fields", "words"), NOT_WRITABLE.values(), ids=NOT_WRITABLE)
def test_own_says_where_it_can_not_write(tmp_path: Path, objects: list[Object], fields: Object, words: str) -> None:
    ((code, message),) = found(tmp_path, objects, work="own", **fields)
    assert code == "GC492"
    assert words in message


@pytest.mark.parametrize("value", ["KAFKA_GROUP", "kafka.group"])
def test_lane_only_gives_what_own_can_not_write(tmp_path: Path, value: str) -> None:
    given = {"web": {value.upper().replace(".", "_"): "orders-gray"}}
    assert found(tmp_path, [workload(pod=container(SECRET))], work="own", laneOnly={"env": given}) == []


KAFKA_TEXT = "spring:\n  kafka:\n    consumer: {group-id: orders}\n"


@pytest.mark.parametrize(
    ("lane_only", "codes"),
    [
        ({"config": {"settings": {"application.yaml": KAFKA_TEXT + "x: y\n"}}}, ["GC492"]),
        ({"config": {"settings": {"application.yaml": KAFKA_TEXT.replace("orders", "mine")}}}, []),
        ({"env": {"web": {"SPRING_KAFKA_CONSUMER_GROUP_ID": "orders"}}}, ["GC492"]),
        ({"env": {"web": {"SPRING_KAFKA_CONSUMER_GROUP_ID": "mine"}}}, []),
        ({"env": {"web": {"OTHER": "orders"}}}, []),
    ],
)
def test_what_lane_only_gives_must_not_be_productions(tmp_path: Path, lane_only: Object, codes: list[str]) -> None:
    objects = with_config(**{"application.yaml": KAFKA_TEXT})
    told = found(tmp_path, objects, work="own", laneOnly=lane_only)
    assert [code for code, _ in told] == codes
    assert all("leaves gray pods production's consumer group `orders`" in message for _, message in told)


def test_an_executor_with_the_lanes_label_has_its_own(tmp_path: Path) -> None:
    objects = [workload(pod=container(variable("XXL_JOB_EXECUTOR_APPNAME", "jobs")))]
    given = {"web": {"JAVA_OPTS": "-Dxxl.job.executor.label=gray"}}
    assert found(tmp_path, objects, work="own", laneOnly={"env": given}) == []


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, ["GC493"]),
        ({"replicas": 0}, []),
        ({"env": {"web": {"SPRING_KAFKA_LISTENER_AUTO_STARTUP": "false"}}}, []),
        ({"laneOnly": {"env": {"web": {"SPRING_KAFKA_LISTENER_AUTOSTARTUP": "false"}}}}, []),
        ({"env": {"web": {"SPRING_KAFKA_LISTENER_AUTO_STARTUP": "true"}}}, ["GC493"]),
        ({"env": {"web": {"SPRING_RABBITMQ_LISTENER_SIMPLE_AUTO_STARTUP": "false"}}}, ["GC493"]),
    ],
)
def test_idle_must_be_shown(tmp_path: Path, fields: Object, codes: list[str]) -> None:
    objects = [workload(pod=container(GROUP))]
    assert [code for code, _ in found(tmp_path, objects, work="idle", **fields)] == codes


@pytest.mark.parametrize(
    ("objects", "env", "codes", "help"),
    [
        ([workload(pod=container(variable("RABBITMQ_QUEUE", "q")))], {"X": "1"}, ["GC493"], "listener.simple.auto"),
        (
            [workload(pod=container(variable("RABBITMQ_QUEUE", "q")))],
            {"SPRING_RABBITMQ_LISTENER_SIMPLE_AUTOSTARTUP": "false"},
            [],
            "",
        ),
        (
            [
                workload(
                    pod=container(variable("RABBITMQ_QUEUE", "q"), variable("SPRING_RABBITMQ_LISTENER_TYPE", "direct"))
                )
            ],
            {"SPRING_RABBITMQ_LISTENER_SIMPLE_AUTOSTARTUP": "false"},
            ["GC493"],
            "listener.direct.auto",
        ),
        ([workload(pod=container(variable("CELERY_QUEUES", "q")))], {"X": "1"}, ["GC493"], "write `replicas: 0`"),
        ([workload(pod=container(command=["celery", "beat"]))], {"X": "1"}, ["GC493"], "write `replicas: 0`"),
        (
            [workload(pod=container(variable("SPRING_CLOUD_STREAM_BINDINGS_IN_GROUP", "a")))],
            {"X": "1"},
            ["GC493"],
            "`SPRING_CLOUD_STREAM_BINDINGS_IN_CONSUMER_AUTOSTARTUP` to `false`",
        ),
    ],
)
def test_idle_is_told_the_switch_that_counts(
    tmp_path: Path, objects: list[Object], env: Object, codes: list[str], help: str
) -> None:
    findings, _ = build(
        tmp_path, objects, services=[{"name": "web", "work": "idle", "laneOnly": {"env": {"web": env}}}]
    )
    told = [item for item in findings if item["code"] in CODES]
    assert [item["code"] for item in told] == codes
    assert all(item["help"].endswith(help) if help.startswith("write") else help in item["help"] for item in told)


def test_idle_leaves_out_what_counts_messages(tmp_path: Path) -> None:
    objects = [workload(), scaled_by("kafka", consumerGroup="orders")]
    written = made(tmp_path, objects, work="idle", replicas=0)
    assert [item["kind"] for item in written] == ["Deployment"]


def test_shared_writes_nothing_and_asks_nothing(tmp_path: Path) -> None:
    written = made(tmp_path, [workload(pod=container(GROUP))], work="shared")
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env == [GROUP]


ROCKETMQ = variable("ROCKETMQ_CONSUMER_GROUP", "GID_a")


@pytest.mark.parametrize(
    ("env", "provider", "codes"),
    [(ROCKETMQ, "mse", []), (ROCKETMQ, "none", ["GC494"]), (GROUP, "mse", ["GC494"])],
)
def test_the_agent_renames_groups_of_rocketmq(tmp_path: Path, env: Object, provider: str, codes: list[str]) -> None:
    spec = {"lane": {"provider": provider}}
    assert [code for code, _ in found(tmp_path, [workload(pod=container(env))], spec, work="agent")] == codes


def test_the_agent_leaves_executors_to_their_label(tmp_path: Path) -> None:
    executor = variable("XXL_JOB_EXECUTOR_APPNAME", "jobs")
    written = made(tmp_path, [workload(pod=container(ROCKETMQ, executor))], work="agent")
    env = of_kind(written, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert [item for item in env if item["name"] in (ROCKETMQ["name"], executor["name"])] == [ROCKETMQ, executor]
    assert variable("JAVA_TOOL_OPTIONS", "-Dxxl.job.executor.label=gray") in env


@pytest.mark.parametrize(("binder", "codes"), [("rocketmq", []), ("kafka", ["GC494"])])
def test_the_agent_renames_groups_of_a_binder(tmp_path: Path, binder: str, codes: list[str]) -> None:
    text = f"spring.cloud.stream.bindings.in.group=a\nspring.cloud.stream.{binder}.binder.x=y\n"
    told = found(tmp_path, with_config(**{"a.properties": text}), work="agent")
    assert [code for code, _ in told] == codes


def labelled(item: Object, name: str = "", **labels: str) -> Object:
    """Return a workload with more labels on its pods, and another name."""
    own = {"app": name} if name else {**item["spec"]["selector"]["matchLabels"]}
    pod = {**item["spec"]["template"], "metadata": {"labels": {**own, **labels}}}
    spec = {**item["spec"], "selector": {"matchLabels": own}, "template": pod}
    return {**item, "spec": spec, "metadata": {**item["metadata"], "name": name or item["metadata"]["name"]}}


def in_shop(*items: Object, enabled: bool = True) -> list[Object]:
    labels = {"mse-enable": "enabled"} if enabled else {}
    return [a_namespace(labels=labels), *items]


MSE = {"lane": {"provider": "mse"}}
CONSUMER = workload(pod=container(ROCKETMQ))
ON_BOTH_SIDES: dict[str, tuple[list[Object], Object, str]] = {
    "both": (in_shop(CONSUMER), {}, ""),
    "neither": (in_shop(labelled(CONSUMER, msePilotAutoEnable="off")), {}, "gray pods"),
    "no namespace": (in_shop(CONSUMER, enabled=False), {}, "gray pods"),
    "gray alone": (
        in_shop(CONSUMER, enabled=False),
        {"patches": [{"target": {"kind": "Deployment"}, "merge": {"spec": {"template": {"metadata": {"labels": {
            "msePilotAutoEnable": "on"}}}}}}]},
        "production's pods",
    ),
    "not to be seen": ([CONSUMER], {}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("objects", "fields", "words"), ON_BOTH_SIDES.values(), ids=ON_BOTH_SIDES)
def test_message_gray_needs_the_agent_on_both_sides(
    tmp_path: Path, objects: list[Object], fields: Object, words: str
) -> None:
    told = found(tmp_path, objects, MSE, work="agent", **fields)
    assert [code for code, _ in told] == ["GC494"] * bool(words)
    assert all(words in message for _, message in told)


SENDER = workload(pod=container(variable("ROCKETMQ_NAME_SERVER", "mq:9876")))
BROKER = workload(
    pod={"containers": [{"name": "b", "image": "apache/rocketmq:5.3.0", "command": ["sh", "mqbroker", "-n", "rocketmq:9876"]}]}
)  # fmt: skip


@pytest.mark.parametrize(
    ("other", "work", "codes"),
    [
        (labelled(SENDER, "pay", msePilotAutoEnable="off"), "agent", ["GC499"]),
        (labelled(SENDER, "pay"), "agent", []),
        (labelled(SENDER, "pay", msePilotAutoEnable="off"), "own", []),
        (labelled(BROKER, "mq", msePilotAutoEnable="off"), "agent", []),
        (labelled(workload(), "pay", msePilotAutoEnable="off"), "agent", []),
    ],
)
def test_senders_without_the_agent_are_told(tmp_path: Path, other: Object, work: str, codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, in_shop(CONSUMER, other), MSE, work=work)] == codes


def test_a_sender_may_name_rocketmq_in_a_text(tmp_path: Path) -> None:
    pod = {**container(), "volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
    other = labelled(workload(pod=pod), "pay", msePilotAutoEnable="off")
    objects = in_shop(CONSUMER, other, config(**{"a.yaml": "rocketmq:\n  name-server: mq:9876\n"}))
    assert [code for code, _ in found(tmp_path, objects, MSE, work="agent")] == ["GC499"]


def test_the_plan_says_who_gets_the_messages_of_a_lane(tmp_path: Path) -> None:
    write_release(tmp_path, in_shop(CONSUMER), services=[{"name": "web", "work": "agent"}], **MSE)
    assert "both sides get the lane's messages" in run_grayc(["plan", "release.yaml"], folder=tmp_path).stdout


def test_a_service_that_shares_a_text_with_another_work_can_not_have_it_written(tmp_path: Path) -> None:
    def reader(name: str) -> Object:
        pod = {**container(), "volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
        labels = {"app": name, "zadigx-release-version": "original"}
        return {**workload(pod=pod, labels=labels), "metadata": {"name": name, "namespace": "shop"}}

    objects = [reader("web"), reader("cart"), config(**{"a.properties": "kafka.group.id=orders\n"})]
    services = [
        {"name": "web", "work": "own", "config": {"settings": {"x": "y"}}},
        {"name": "cart", "work": "shared", "config": {"settings": {"x": "y"}}},
    ]
    findings, _ = build(tmp_path, objects, services=services)
    (refused,) = [item for item in findings if item["severity"] == "error"]
    assert refused["code"] == "GC492"
    assert "cart, web" in refused["message"]


SOURCE = an_object(
    "KafkaSource",
    {"consumerGroup": "orders", "bootstrapServers": ["kafka:9092"], "sink": {"ref": {"name": "web"}}},
    version="sources.knative.dev/v1",
)
BY_SINK = {"references": [{"kind": "KafkaSource", "path": "spec.sink.ref.name", "to": "Deployment"}]}
FROM_FILE = {"from": "baseline/all.yaml"}


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, ["GC491"]),
        ({"work": "own"}, []),
        ({"work": "shared"}, []),
        ({"work": "idle"}, ["GC493"]),
        ({"work": "idle", "replicas": 0}, ["GC493"]),
    ],
)
def test_an_object_may_take_messages_itself(tmp_path: Path, fields: Object, codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, [workload(), SOURCE], BY_SINK, **FROM_FILE, **fields)] == codes


def test_own_writes_the_fields_of_an_object(tmp_path: Path) -> None:
    _, written = build(
        tmp_path, [workload(), SOURCE], services=[{"name": "web", "work": "own", **FROM_FILE}], **BY_SINK
    )
    assert of_kind(written, "KafkaSource")["spec"]["consumerGroup"] == "orders-gray"


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"groupId": "orders", "brokers": ["kafka:9092"]}, ["GC491"]),
        ({"groupId": "staff", "users": ["a"]}, []),
        ({"a": {"groupId": "staff"}, "b": {"brokers": ["kafka:9092"]}}, []),
    ],
)
def test_fields_of_an_object_count_beside_each_other(tmp_path: Path, fields: Object, codes: list[str]) -> None:
    spec = {**fields, "sink": {"ref": {"name": "web"}}}
    source = an_object("KafkaSource", spec, version="sources.knative.dev/v1")
    assert [code for code, _ in found(tmp_path, [workload(), source], BY_SINK, **FROM_FILE)] == codes


def beside_dapr(kind: str, scopes: list[str] | None = None, **metadata: str) -> list[Object]:
    annotations = {"dapr.io/enabled": "true", "dapr.io/app-id": "web"}
    item = workload()
    item["spec"]["template"]["metadata"]["annotations"] = annotations
    fields = [{"name": name, "value": value} for name, value in metadata.items()]
    component = an_object("Component", {"type": kind, "metadata": fields}, version="dapr.io/v1alpha1", name="c")
    return [item, {**component, **({"scopes": scopes} if scopes else {})}]


@pytest.mark.parametrize(
    ("objects", "codes"),
    [
        (beside_dapr("pubsub.kafka", consumerGroup="orders", brokers="kafka:9092"), ["GC491"]),
        (beside_dapr("pubsub.redis", consumerID="orders"), ["GC491"]),
        (beside_dapr("bindings.rabbitmq", queueName="orders"), ["GC491"]),
        (beside_dapr("bindings.cron", schedule="@every 5m"), ["GC491"]),
        (beside_dapr("pubsub.kafka", brokers="kafka:9092"), []),
        (beside_dapr("pubsub.redis", consumerID="{podName}"), []),
        (beside_dapr("pubsub.redis", consumerID="x-{appID}"), []),
        (beside_dapr("bindings.rabbitmq", queueName="orders", direction="output"), []),
        (beside_dapr("state.redis", queueName="orders"), []),
        # Gray pods have another id.
        (beside_dapr("bindings.rabbitmq", ["web"], queueName="orders"), []),
        ([workload(), beside_dapr("bindings.rabbitmq", queueName="orders")[1]], []),
    ],
)
def test_sidecars_of_dapr_take_messages(tmp_path: Path, objects: list[Object], codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, objects)] == codes


@pytest.mark.parametrize(
    ("fields", "codes"),
    [({"work": "own"}, ["GC492"]), ({"work": "shared"}, []), ({"work": "idle", "replicas": 0}, [])],
)
def test_own_can_not_write_a_component_of_dapr(tmp_path: Path, fields: Object, codes: list[str]) -> None:
    told = found(tmp_path, beside_dapr("bindings.rabbitmq", queueName="orders"), **fields)
    assert [code for code, _ in told] == codes


def stateful(value: str) -> list[Object]:
    service = an_object(
        "Service", {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"port": 80}]}, name="hl"
    )
    return [workload("StatefulSet", pod=container(variable("PEERS", value)), serviceName="hl"), service]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("web-0.hl:2380,web-1.hl:2380", True),
        ("$(POD).hl.shop.svc.cluster.local", True),
        ("hl", True),
        ("web-0=http://web-0.hl:2380", True),
        ("nats://web-0.hl:6222", True),
        ("nats://user:word@web-0.hl:6222", True),
        ("CONTROLLER://web-0.hl:9093", True),
        ("http://$(POD).hl.shop:2380", True),
        ("http://hl:2380", True),
        ("/dns4/web-0.hl/tcp/9096", True),
        ("for i in 0 1; do join web-${i}.hl; done", True),
        ("http://$HOSTNAME.hl:2380", True),
        ("/etc/hl", False),
        ("http://example.com/web-0.hl", False),
        ("file:///hl", False),
        ("http://web", False),
        ("web", False),
        ("whole", False),
        ("http://other-0.hl2", False),
    ],
)
def test_peers_of_production_are_told(tmp_path: Path, value: str, named: bool) -> None:
    assert [code for code, _ in found(tmp_path, stateful(value))] == ["GC495"] * named


def test_a_long_text_of_variables_is_searched_once(tmp_path: Path) -> None:
    objects = stateful("web-0.hl " + "$a" * 100_000)
    started = time.process_time()
    assert [code for code, _ in found(tmp_path, objects)] == ["GC495"]
    assert time.process_time() - started < 20


@pytest.mark.parametrize("value", ["web-0.hl:2380,web-1.hl:2380", "web-0=http://web-0.hl:2380", "nats://web-0.hl:6222"])
def test_peers_that_the_lane_names_itself_are_not_told(tmp_path: Path, value: str) -> None:
    assert found(tmp_path, stateful(value), rewriteText=True) == []


def plan(folder: Path, objects: list[Object], **service: object) -> list[Object]:
    write_release(folder, objects, services=[{"name": "web", **service}])
    run = run_grayc(["plan", "release.yaml", "-f", "json"], folder=folder)
    rows: list[Object] = json.loads(run.stdout)["plans"][0]["work"]
    return rows


def test_the_plan_lists_work_and_where_it_comes_from(tmp_path: Path) -> None:
    env = (GROUP, variable("KAFKA_BROKERS", "kafka:9092"), variable("CLEANUP_CRON", "0 0 3 * * *"))
    rows = plan(tmp_path, [workload(pod=container(*env))], work="own")
    assert [(row["what"], row["name"], row["production"], row["own"]) for row in rows] == [
        ("consumer group", "orders-gray", "orders", True),
        ("broker", "kafka:9092", None, False),
        ("timer", "0 0 3 * * *", None, False),
    ]


def test_the_plan_lists_the_groups_that_the_agent_makes(tmp_path: Path) -> None:
    (row,) = plan(tmp_path, [workload(pod=container(ROCKETMQ))], work="agent")
    assert (row["name"], row["production"], row["own"]) == ("GID_a_gray", "GID_a", True)


def test_offline_names_what_is_left_at_the_brokers(tmp_path: Path) -> None:
    made(tmp_path, [workload(pod=container(GROUP))], work="own")
    run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path)
    run = run_grayc(["offline", "release.yaml", "-o", "out"], folder=tmp_path)
    assert "#   consumer group orders-gray (Kafka)\n" in run.stdout


def scaled_by_metric(name: str) -> Object:
    metric = {"type": "External", "external": {"metric": {"name": name}, "target": {"type": "Value", "value": "5"}}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 3, "metrics": [metric]}
    return an_object("HorizontalPodAutoscaler", spec, version="autoscaling/v2")


@pytest.mark.parametrize(
    ("name", "codes"), [("kafka_consumergroup_lag", ["GC491"]), ("sqs-visible", ["GC491"]), ("http_requests", [])]
)
def test_an_autoscaler_may_count_messages(tmp_path: Path, name: str, codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, [workload(), scaled_by_metric(name)])] == codes


def test_own_of_a_stream_that_only_a_scaler_names_finds_nothing(tmp_path: Path) -> None:
    objects = [workload(), scaled_by("aws-kinesis-stream", streamName="clicks")]
    assert [code for code, _ in found(tmp_path, objects, work="own")] == ["GC492"]


def test_own_is_content_with_names_that_each_pod_makes(tmp_path: Path) -> None:
    objects = [workload(pod=container(variable("KAFKA_GROUP", "orders-$(POD_NAME)")))]
    assert found(tmp_path, objects, work="own") == []


def test_the_plan_tells_no_password_of_a_broker(tmp_path: Path) -> None:
    objects = [workload(pod=container(variable("EVENTS", "amqp://shop:hush@rabbit:5672")))]
    (row,) = plan(tmp_path, objects)
    assert (row["what"], row["name"]) == ("broker", "amqp://***@rabbit:5672")


def test_a_scaler_is_told_once_and_in_words(tmp_path: Path) -> None:
    metric = {"type": "External", "external": {"metric": {"name": "kafka_lag"}}}
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "metrics": [metric]}
    findings, _ = build(tmp_path, [workload(), an_object("HorizontalPodAutoscaler", spec, version="autoscaling/v2")])
    [told] = [item for item in findings if item["code"] == "GC491"]
    assert "has an external metric kafka_lag" in told["message"]
    assert [note["message"] for note in told["notes"]] == ["an external metric kafka_lag"]
