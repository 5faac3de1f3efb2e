"""How manifests name work that no request brings: messages, jobs of schedulers, timers; and what keeps it away.

Programs take such names from variables, options and configuration files. Each row tells a setting by its name, written
as Spring writes properties: `*` stands for any words, and case and separators do not count, so that
`spring.kafka.consumer.group-id` is `SPRING_KAFKA_CONSUMER_GROUP_ID` too (Spring Boot reference, "Relaxed Binding").
"""

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from functools import lru_cache

from grayc.k8s.kinds import KEDA, GroupKind
from grayc.patterns import compile_later
from grayc.records import dataclass


class Role(StrEnum):
    """What a setting names."""

    GROUP = "consumer group"
    SUBSCRIPTION = "subscription"
    QUEUE = "queue"
    TRANSACTION = "transactional id"
    """Of a producer: who takes it up shuts out the one that had it."""
    CLUSTER = "scheduler cluster"
    """Schedulers of one name over one store share its jobs."""
    EXECUTOR = "job executor"
    SCALER = "scaler"
    """A trigger that counts messages and names nothing that one side could have for itself."""
    BROKER = "broker"
    SCHEDULER = "scheduler"
    """Where job executors register: who names one is an executor, whatever it is called."""
    ADDRESS = "registered address"
    """Under which a scheduler calls an executor."""
    TIMER = "timer"
    CLOCK = "timed tasks"
    """A program that sends every task when its time comes: two of them send each task twice."""


NAMED = frozenset({Role.GROUP, Role.SUBSCRIPTION, Role.QUEUE, Role.TRANSACTION, Role.CLUSTER})
"""What one side can have for itself, by another name."""

ASKED = NAMED | {Role.EXECUTOR, Role.SCALER, Role.CLOCK}
"""What a gray copy takes from production where nobody says otherwise."""


class Product(StrEnum):
    """Whose work it is."""

    KAFKA = "Kafka"
    ROCKETMQ = "RocketMQ"
    RABBITMQ = "RabbitMQ"
    SQS = "SQS"
    PULSAR = "Pulsar"
    NATS = "NATS"
    PUBSUB = "Pub/Sub"
    SERVICE_BUS = "Service Bus"
    EVENT_HUBS = "Event Hubs"
    AZURE_QUEUE = "Azure Queue Storage"
    JMS = "JMS"
    IBM_MQ = "IBM MQ"
    SOLACE = "Solace"
    REDIS = "Redis"
    NSQ = "NSQ"
    BEANSTALKD = "beanstalkd"
    TEMPORAL = "Temporal"
    KINESIS = "Kinesis"
    STREAM = "Spring Cloud Stream"
    CELERY = "Celery"
    LARAVEL = "Laravel"
    SIDEKIQ = "Sidekiq"
    RESQUE = "Resque"
    RQ = "RQ"
    DRAMATIQ = "Dramatiq"
    MESSENGER = "Symfony Messenger"
    DELAYED_JOB = "Delayed Job"
    HUEY = "Huey"
    AIRFLOW = "Airflow"
    XXL_JOB = "XXL-JOB"
    SCHEDULERX = "SchedulerX"
    QUARTZ = "Quartz"
    DAPR = "Dapr"
    UNKNOWN = ""
    """A name says what it is, and not of which product."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of `SETTINGS`: what a setting of this name holds."""

    name: str
    role: Role
    product: Product


_GROUP, _SUBSCRIPTION, _QUEUE = Role.GROUP, Role.SUBSCRIPTION, Role.QUEUE

SETTINGS: tuple[Setting, ...] = (
    # Spring Boot reference, "Common Application Properties": spring.kafka, spring.pulsar, spring.jms.
    Setting("spring.kafka.consumer.group-id", _GROUP, Product.KAFKA),
    Setting("spring.kafka.streams.application-id", _GROUP, Product.KAFKA),
    Setting("spring.kafka.*.group.id", _GROUP, Product.KAFKA),
    Setting("spring.pulsar.consumer.subscription.name", _SUBSCRIPTION, Product.PULSAR),
    Setting("spring.pulsar.reader.subscription-name", _SUBSCRIPTION, Product.PULSAR),
    # Spring Cloud Stream reference, "Binding Properties": `group`; the Kafka Streams binder's `applicationId`.
    Setting("spring.cloud.stream.bindings.*.group", _GROUP, Product.STREAM),
    Setting("spring.cloud.stream.default.group", _GROUP, Product.STREAM),
    Setting("spring.cloud.stream.kafka.streams.*.application-id", _GROUP, Product.KAFKA),
    # apache/rocketmq-spring, ce5f729: RocketMQProperties of rocketmq-spring-boot and rocketmq-v5-client-spring-boot.
    Setting("rocketmq.consumer.group", _GROUP, Product.ROCKETMQ),
    Setting("rocketmq.pull-consumer.group", _GROUP, Product.ROCKETMQ),
    Setting("rocketmq.push-consumer.consumer-group", _GROUP, Product.ROCKETMQ),
    Setting("rocketmq.simple-consumer.consumer-group", _GROUP, Product.ROCKETMQ),
    # SmallRye Reactive Messaging: connectors smallrye-kafka (`group.id`), -rabbitmq (`queue.name`), -pulsar.
    Setting("mp.messaging.incoming.*.group.id", _GROUP, Product.KAFKA),
    Setting("mp.messaging.incoming.*.queue.name", _QUEUE, Product.RABBITMQ),
    Setting("mp.messaging.incoming.*.subscription-name", _SUBSCRIPTION, Product.PULSAR),
    Setting("quarkus.kafka-streams.application-id", _GROUP, Product.KAFKA),
    # Apache Kafka, ConsumerConfig `group.id`; Kafka Connect, DistributedConfig `group.id` in the worker's variables.
    Setting("connect.group.id", _GROUP, Product.KAFKA),
    # Apache Kafka, ProducerConfig `transactional.id`; Spring for Apache Kafka, "Transactions": the prefix of its ids,
    # one producer for each, and a newer one fences the older; Spring Cloud Stream, "Kafka Binder Properties".
    Setting("transactional.id", Role.TRANSACTION, Product.KAFKA),
    Setting("*.transactional.id", Role.TRANSACTION, Product.KAFKA),
    Setting("spring.kafka.producer.transaction-id-prefix", Role.TRANSACTION, Product.KAFKA),
    Setting("spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix", Role.TRANSACTION, Product.KAFKA),
    # Apache Kafka, ConsumerConfig `bootstrap.servers`.
    Setting("bootstrap.servers", Role.BROKER, Product.KAFKA),
    # Celery, "Configuration and defaults": `task_default_queue`, before 4.0 `CELERY_DEFAULT_QUEUE`.
    Setting("task-default-queue", _QUEUE, Product.CELERY),
    Setting("celery-task-default-queue", _QUEUE, Product.CELERY),
    Setting("celery-default-queue", _QUEUE, Product.CELERY),
    # Laravel, config/queue.php.
    Setting("redis-queue", _QUEUE, Product.LARAVEL),
    Setting("sqs-queue", _QUEUE, Product.SQS),
    # xuxueli/xxl-job, executor samples; SchedulerX, "Connect a Spring Boot application".
    Setting("xxl.job.executor.appname", Role.EXECUTOR, Product.XXL_JOB),
    Setting("xxl.job.executor.app-name", Role.EXECUTOR, Product.XXL_JOB),
    Setting("spring.schedulerx2.group-id", Role.EXECUTOR, Product.SCHEDULERX),
    Setting("schedulerx.group-id", Role.EXECUTOR, Product.SCHEDULERX),
    # xuxueli/xxl-job 3.x, executor samples, application.properties: without addresses of admins nothing registers; an
    # address counts before `ip:port`, and both are what the scheduler calls.
    Setting("xxl.job.admin.addresses", Role.SCHEDULER, Product.XXL_JOB),
    Setting("xxl.job.executor.address", Role.ADDRESS, Product.XXL_JOB),
    Setting("xxl.job.executor.ip", Role.ADDRESS, Product.XXL_JOB),
    # SchedulerX, "Connect a Spring Boot application".
    Setting("spring.schedulerx2.endpoint", Role.SCHEDULER, Product.SCHEDULERX),
    # Spring Boot reference, spring.quartz; Quartz 2.3.0, "Configuration Reference", `instanceName`: one name for all
    # of a cluster; Spring, SchedulerFactoryBean: `schedulerName` counts before it; see `has_quartz_store`.
    Setting("spring.quartz.scheduler-name", Role.CLUSTER, Product.QUARTZ),
    Setting("org.quartz.scheduler.instance-name", Role.CLUSTER, Product.QUARTZ),
    Setting("spring.quartz.properties.org.quartz.scheduler.instance-name", Role.CLUSTER, Product.QUARTZ),
    Setting("spring.quartz.job-store-type", Role.TIMER, Product.QUARTZ),
)

LABELS: tuple[Setting, ...] = (
    # Alibaba Cloud MSE, "Use tag-based routing for job canary release"; SchedulerX, "How to specify labels".
    Setting("xxl.job.executor.label", Role.EXECUTOR, Product.XXL_JOB),
    Setting("spring.schedulerx2.label", Role.EXECUTOR, Product.SCHEDULERX),
    Setting("schedulerx.label", Role.EXECUTOR, Product.SCHEDULERX),
)
"""Settings that give a job executor a label, by which its scheduler chooses it."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """A row of `LABELLING`: how gray executors of a product get a label, and what must hold for it to count.

    Attributes:
        setting: that gives the label.
        variable: of the container, where programs read it so; "" where only an option of the JVM gives it.
        needs: what no manifest shows, in words.
    """

    setting: str
    variable: str
    needs: str


LABELLING: dict[Product, Labelling] = {
    # Alibaba Cloud MSE, "Perform canary job scheduling by using label-based routing" (2025-07): the option of the JVM,
    # read by the agent of 4.4.0 or by the plug-in. xuxueli/xxl-job#3382 asks for labels; the samples of 3.x have none.
    Product.XXL_JOB: Labelling(
        setting="xxl.job.executor.label",
        variable="",
        needs="XXL-JOB: MSE's edition of the scheduler routes by label, and the MSE agent of 4.4.0 or newer or the "
        "plug-in schedulerx3-plugin-xxljob in the program tells it the label; a job with no label runs on any "
        "executor, a gray one too, so give production's jobs the label of production's executors",
    ),
    # Alibaba Cloud MSE, "Canary release for SchedulerX jobs" (2026-03), and SchedulerX, "Route jobs to specific
    # machines with tags": jobs without a label run on labelled machines too. The variable: "Relaxed Binding".
    Product.SCHEDULERX: Labelling(
        setting="spring.schedulerx2.label",
        variable="SPRING_SCHEDULERX2_LABEL",
        needs="SchedulerX: a job with no label runs on any worker, a gray one too, so give production's jobs the label "
        "of production's workers; see in the console's list of instances that gray ones have theirs",
    ),
}


def label_option(row: Labelling, tag: str) -> str:
    """Return the option of a JVM that gives an executor its label."""
    return f"-D{row.setting}={tag}"


LEAST_AGENT = (4, 4, 0)
"""MSE agent that tells XXL-JOB's label. Source: as `LABELLING`, by an excerpt; not verified since."""

OPEN_SCHEDULER = "xxl-job-admin"
"""Last part of the name of the open-source scheduler's image. Source: xuxueli/xxl-job, docs, "Docker"."""

SWITCHES: tuple[Setting, ...] = (
    # Spring Boot reference, "Common Application Properties": `auto-startup` of each listener.
    Setting("spring.kafka.listener.auto-startup", Role.GROUP, Product.KAFKA),
    Setting("spring.kafka.streams.auto-startup", Role.GROUP, Product.KAFKA),
    Setting("spring.rabbitmq.listener.simple.auto-startup", Role.QUEUE, Product.RABBITMQ),
    Setting("spring.rabbitmq.listener.direct.auto-startup", Role.QUEUE, Product.RABBITMQ),
    Setting("spring.rabbitmq.listener.stream.auto-startup", Role.QUEUE, Product.RABBITMQ),
    Setting("spring.jms.listener.auto-startup", Role.QUEUE, Product.JMS),
    # awspring/spring-cloud-aws, docs, "SQS Integration": `spring.cloud.aws.sqs.listener.auto-startup`.
    Setting("spring.cloud.aws.sqs.listener.auto-startup", Role.QUEUE, Product.SQS),
    # Spring Cloud Stream reference, "Consumer Properties": `autoStartup`.
    Setting("spring.cloud.stream.bindings.*.consumer.auto-startup", Role.GROUP, Product.STREAM),
    Setting("spring.cloud.stream.default.consumer.auto-startup", Role.GROUP, Product.STREAM),
    # apache/rocketmq-spring, ce5f729: PushConsumer.listeners, group → topic → whether it listens.
    Setting("rocketmq.consumer.listeners.*", Role.GROUP, Product.ROCKETMQ),
    Setting("rocketmq.push-consumer.listeners.*", Role.GROUP, Product.ROCKETMQ),
    # Spring Boot reference, "Common Application Properties".
    Setting("spring.quartz.auto-startup", Role.CLUSTER, Product.QUARTZ),
    # xuxueli/xxl-job 3.x, executor samples: an executor that is not enabled starts nothing. SchedulerX:
    # SchedulerxAutoConfigure of starter 1.5.0 is conditional on `enabled`, by a public listing; not verified since.
    Setting("xxl.job.executor.enabled", Role.EXECUTOR, Product.XXL_JOB),
    Setting("spring.schedulerx2.enabled", Role.EXECUTOR, Product.SCHEDULERX),
)
"""Settings that keep a program from listening where they are `false`."""

QUARTZ_NAME = "spring.quartz.scheduler-name"

_QUARTZ_STORES = (
    # Spring Boot reference, spring.quartz; Quartz 2.3.0, "Configure JDBC-JobStoreTX", "…JobStoreCMT" and "Configure
    # Clustering with JDBC-JobStore": who shares tables without clustering spoils them.
    ("springquartzjobstoretype", compile_later(r"jdbc", re.IGNORECASE)),
    ("orgquartzjobstoreclass", compile_later(r".*(?:JobStoreTX|JobStoreCMT|LocalDataSourceJobStore)", re.DOTALL)),
    ("orgquartzjobstoreisclustered", compile_later(r"true", re.IGNORECASE)),
)


def has_quartz_store(name: str, value: str) -> bool:
    """Tell whether a setting keeps Quartz' jobs in tables, where every scheduler of the same name takes them."""
    letters = letters_of(name)
    return any(letters.endswith(end) and held.fullmatch(value.strip()) for end, held in _QUARTZ_STORES)


RABBIT_LISTENER = "spring.rabbitmq.listener.type"

BINDERS: dict[str, Product] = {
    # Spring Cloud Stream reference, "Binders"; alibaba/spring-cloud-alibaba, RocketMQ binder (`rocketmq`).
    "rocketmq": Product.ROCKETMQ,
    "kafka": Product.KAFKA,
    "kstream": Product.KAFKA,
    "rabbit": Product.RABBITMQ,
    "pulsar": Product.PULSAR,
}
"""Names by which Spring Cloud Stream knows binders: `spring.cloud.stream.<name>.`, and the value of their type."""

OFF = frozenset({"false", "off", "no", "0"})


@dataclass(frozen=True, slots=True)
class TriggerName:
    """What a trigger of a ScaledObject names in its metadata."""

    key: str
    role: Role
    product: Product


def _trigger(product: Product, **keys: Role) -> tuple[TriggerName, ...]:
    return tuple(TriggerName(key, role, product) for key, role in keys.items())


TRIGGERS: dict[str, tuple[TriggerName, ...]] = {
    "activemq": _trigger(Product.JMS, destinationName=_QUEUE),
    "apache-kafka": _trigger(Product.KAFKA, consumerGroup=_GROUP),
    "artemis-queue": _trigger(Product.JMS, queueName=_QUEUE),
    "aws-dynamodb-streams": (),
    "aws-kinesis-stream": (),
    "aws-sqs-queue": _trigger(Product.SQS, queueURL=_QUEUE),
    "azure-eventhub": _trigger(Product.EVENT_HUBS, consumerGroup=_GROUP),
    "azure-queue": _trigger(Product.AZURE_QUEUE, queueName=_QUEUE),
    "azure-servicebus": _trigger(Product.SERVICE_BUS, queueName=_QUEUE, subscriptionName=_SUBSCRIPTION),
    "beanstalkd": _trigger(Product.BEANSTALKD, tube=_QUEUE),
    "gcp-cloudtasks": _trigger(Product.PUBSUB, queueName=_QUEUE),
    "gcp-pubsub": _trigger(Product.PUBSUB, subscriptionName=_SUBSCRIPTION),
    "ibmmq": _trigger(Product.IBM_MQ, queueName=_QUEUE, queueNames=_QUEUE),
    "kafka": _trigger(Product.KAFKA, consumerGroup=_GROUP),
    "liiklus": _trigger(Product.KAFKA, group=_GROUP),
    "nats-jetstream": _trigger(Product.NATS, consumer=_SUBSCRIPTION),
    "nsq": _trigger(Product.NSQ, channel=_SUBSCRIPTION),
    "pulsar": _trigger(Product.PULSAR, subscription=_SUBSCRIPTION),
    "rabbitmq": _trigger(Product.RABBITMQ, queueName=_QUEUE),
    **dict.fromkeys(("redis", "redis-cluster", "redis-sentinel"), _trigger(Product.REDIS, listName=_QUEUE)),
    **dict.fromkeys(
        ("redis-streams", "redis-cluster-streams", "redis-sentinel-streams"),
        _trigger(Product.REDIS, consumerGroup=_GROUP),
    ),
    "solace-event-queue": _trigger(Product.SOLACE, queueName=_QUEUE),
    "stan": _trigger(Product.NATS, queueGroup=_GROUP, durableName=_SUBSCRIPTION),
    "temporal": _trigger(Product.TEMPORAL, taskQueue=_QUEUE),
}
"""Triggers by which a workload takes messages, and what they name in `metadata`.

Source: kedacore/keda 8b4f083, pkg/scaling/scalers_builder.go and the fields of pkg/scalers; `stan` keda.sh 2.13.
"""

FROM_VARIABLE = "FromEnv"
"""What the name of a trigger's key ends in where it names a variable of the container. Source: keda.sh, "Scalers"."""

SCALED_BY_TRIGGERS: tuple[GroupKind, ...] = ((KEDA, "ScaledObject"), (KEDA, "ScaledJob"))
TRIGGER_LIST = ("spec", "triggers")


DAPR_COMPONENT: GroupKind = ("dapr.io", "Component")
DAPR_ENABLED = "dapr.io/enabled"
DAPR_APP = "dapr.io/app-id"
"""Annotations of pods. Source: docs.dapr.io, "Dapr arguments and annotations"."""

DAPR_DIRECTION = "direction"
"""Of a binding, which takes nothing where it is `output`. Source: docs.dapr.io, "Bindings API reference"."""


@dataclass(frozen=True, slots=True)
class DaprField:
    """A row of `DAPR_FIELDS`: what a Component's metadata names by which its sidecars take messages.

    Attributes:
        type: of the Component; one that ends in `.` begins those of many.
    """

    type: str
    key: str
    role: Role


DAPR_FIELDS: tuple[DaprField, ...] = (
    # docs.dapr.io, "Pub/sub brokers": without a group the runtime takes the application's id; Kafka names it so.
    DaprField("pubsub.", "consumerID", _GROUP),
    DaprField("pubsub.", "consumerGroup", _GROUP),
    # docs.dapr.io, binding specs of Kafka, RabbitMQ and KubeMQ; those of the clouds and of cron not looked up anew.
    DaprField("bindings.kafka", "consumerGroup", _GROUP),
    DaprField("bindings.rabbitmq", "queueName", _QUEUE),
    DaprField("bindings.kubemq", "channel", _QUEUE),
    DaprField("bindings.aws.sqs", "queueName", _QUEUE),
    DaprField("bindings.azure.eventhubs", "consumerGroup", _GROUP),
    DaprField("bindings.azure.servicebusqueues", "queueName", _QUEUE),
    DaprField("bindings.azure.storagequeues", "queueName", _QUEUE),
    DaprField("bindings.gcp.pubsub", "subscription", _SUBSCRIPTION),
    DaprField("bindings.cron", "schedule", Role.CLOCK),
)

_DAPR_EACH = ("{podName}", "{uuid}")
_DAPR_OWN = "{appID}"
"""Source: docs.dapr.io, "Component schema", "Templated metadata values"."""


def dapr_field(type: str, key: str) -> DaprField | None:
    """Return what a key of a Component's metadata names, None where it names no work."""
    rows = (row for row in DAPR_FIELDS if row.key.lower() == key.lower())
    return next((row for row in rows if type == row.type or (row.type[-1] == "." and type.startswith(row.type))), None)


def dapr_product(type: str) -> Product:
    """Return the product that a Component speaks to, by the parts of its type: `pubsub.kafka`."""
    return next((_PRODUCTS[part] for part in type.split(".")[1:] if part in _PRODUCTS), Product.UNKNOWN)


def is_of_each_app(value: str) -> bool:
    """Tell whether Dapr makes a value of the application's id or the pod's, so that a lane has its own."""
    return _DAPR_OWN in value or any(part in value for part in _DAPR_EACH)


METRICS = ("spec", "metrics")
_COUNTED = compile_later(
    r"queue|kafka|sqs|pubsub|rabbit|rocketmq|pulsar|nats|subscription|consumer|backlog|(?:^|[^a-z])lag(?:$|[^a-z])|messages",
    re.IGNORECASE,
)


def counts_messages(metric: str) -> bool:
    """Tell whether an external metric of a HorizontalPodAutoscaler is called as one that counts messages.

    A habit: names are those of the adapter. Source: autoscaling/v2 ExternalMetricSource; KEDA's are `s0-kafka-orders`.
    """
    return _COUNTED.search(metric) is not None


@dataclass(frozen=True, slots=True)
class Program:
    """A row of `PROGRAMS`: what a program of containers takes, by its command.

    Attributes:
        words: that stand in the command, in order; of a path its last part counts.
        options: each followed by the names, as the next word or behind `=`.
        valued: other options that are followed by a word of theirs, which is none of the command's.
        variables: that name the queues where no option does.
        has_names: whether the words behind, which belong to no option, are names of queues.
        is_worker: whether it takes a queue of its own choice where nothing names one.
        obstacle: why no other name can be written for one that is named; "" where it can.
    """

    words: tuple[str, ...]
    product: Product
    options: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    role: Role = Role.QUEUE
    has_names: bool = False
    is_worker: bool = True
    obstacle: str = ""


_CELERY = ("-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir")
_RQ = (
    "-u", "--url", "-c", "--config", "-n", "--name", "-P", "--path", "-w", "--worker-class", "-j", "--job-class",
    "-S", "--serializer", "--queue-class", "--connection-class", "--results-ttl", "--worker-ttl", "--sentry-dsn",
    "--pid", "--max-jobs", "--max-idle-time", "--logging-level", "--log-format", "--date-format",
    "--dequeue-strategy", "--exception-handler", "--job-monitoring-interval", "--maintenance-interval",
)  # fmt: skip
_MESSENGER = (
    "-l", "--limit", "-f", "--failure-limit", "-m", "--memory-limit", "-t", "--time-limit", "--sleep", "-b", "--bus",
    "--queues", "-e", "--env",
)  # fmt: skip

PROGRAMS: tuple[Program, ...] = (
    # Celery, "Command Line Interface": `worker` takes `task_default_queue` without -Q; `beat` sends what is due, and
    # "Periodic Tasks": only one may run for a schedule, or tasks are sent twice.
    Program(
        ("celery", "worker"),
        Product.CELERY,
        ("-Q", "--queues"),
        valued=_CELERY,
        variables=("CELERY_TASK_DEFAULT_QUEUE", "CELERY_DEFAULT_QUEUE", "CELERY_QUEUES", "CELERY_QUEUE"),
    ),
    Program(("celery", "beat"), Product.CELERY, valued=_CELERY, role=Role.CLOCK),
    # Laravel, "Queues": queue:work takes the connection's default queue; "Horizon": those of config/horizon.php;
    # "Task Scheduling": each server that runs the scheduler runs every task, but for `onOneServer`.
    Program(("artisan", "queue:work"), Product.LARAVEL, ("--queue",), variables=("REDIS_QUEUE", "SQS_QUEUE")),
    Program(("artisan", "queue:listen"), Product.LARAVEL, ("--queue",), variables=("REDIS_QUEUE", "SQS_QUEUE")),
    Program(("artisan", "horizon"), Product.LARAVEL),
    Program(("artisan", "schedule:work"), Product.LARAVEL, role=Role.CLOCK),
    Program(("artisan", "schedule:run"), Product.LARAVEL, role=Role.CLOCK),
    # Sidekiq, "Advanced Options": the queue `default` without -q and a file.
    Program(("sidekiq",), Product.SIDEKIQ, ("-q", "--queue")),
    # Resque, README: QUEUE or QUEUES of `rake resque:work`.
    Program(("resque:work",), Product.RESQUE, variables=("QUEUE", "QUEUES")),
    Program(("resque:workers",), Product.RESQUE, variables=("QUEUE", "QUEUES")),
    Program(("resque:scheduler",), Product.RESQUE, role=Role.CLOCK),
    # Delayed Job, README: `rake jobs:work` and QUEUE, QUEUES.
    Program(("jobs:work",), Product.DELAYED_JOB, variables=("QUEUE", "QUEUES")),
    # RQ 1.16, rqworker(1): `[QUEUES]...`, of none `default`. django-rq, README: `manage.py rqworker`.
    Program(("rq", "worker"), Product.RQ, valued=_RQ, has_names=True),
    Program(("rq", "worker-pool"), Product.RQ, valued=_RQ, has_names=True),
    Program(("rqworker",), Product.RQ, valued=_RQ, has_names=True),
    # Dramatiq, "Command-line": --queues, -Q; of none all that its actors declare.
    Program(("dramatiq",), Product.DRAMATIQ, ("-Q", "--queues")),
    # Huey, "Consumer": its queue is in the program.
    Program(("huey_consumer",), Product.HUEY),
    Program(("huey_consumer.py",), Product.HUEY),
    Program(("manage.py", "run_huey"), Product.HUEY),
    # Symfony, "Messenger: Sync & Queued Message Handling": receivers are transports of messenger.yaml.
    Program(
        ("messenger:consume",),
        Product.MESSENGER,
        valued=_MESSENGER,
        has_names=True,
        obstacle="it is a transport, whose queue the program's configuration names",
    ),
    # Apache Airflow, "Command Line Interface"; its workers are Celery's.
    Program(("airflow", "scheduler"), Product.AIRFLOW, role=Role.CLOCK),
    # edenhill/kcat, README: -G takes part in a group. Apache Kafka, ConsoleConsumerOptions: --group.
    Program(("kcat",), Product.KAFKA, ("-G",), role=Role.GROUP, is_worker=False),
    Program(("kafkacat",), Product.KAFKA, ("-G",), role=Role.GROUP, is_worker=False),
    Program(("kafka-console-consumer",), Product.KAFKA, ("--group",), role=Role.GROUP, is_worker=False),
    Program(("kafka-console-consumer.sh",), Product.KAFKA, ("--group",), role=Role.GROUP, is_worker=False),
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A row of `PLAIN`: names that say what they are beside a broker of a product, and nothing alone."""

    names: tuple[str, ...]
    product: Product
    role: Role


PLAIN: tuple[Plain, ...] = (
    # A habit, but for `group.id`: programs call them so in their own variables, options and files. Vector, "Kafka
    # source": `group_id`; Logstash, "Kafka input plugin": `group_id`.
    Plain(("group-id", "group-name", "group"), Product.KAFKA, _GROUP),
    Plain(("group-id", "group-name", "group"), Product.ROCKETMQ, _GROUP),
    Plain(("queue", "queues"), Product.RABBITMQ, _QUEUE),
    Plain(("queue", "queues"), Product.JMS, _QUEUE),
    Plain(("queue", "queues"), Product.SQS, _QUEUE),
    Plain(("queue", "group"), Product.NATS, _GROUP),
    Plain(("durable", "durable-name"), Product.NATS, _SUBSCRIPTION),
    Plain(("subscription", "subscription-name"), Product.PULSAR, _SUBSCRIPTION),
    Plain(("subscription", "subscription-name"), Product.PUBSUB, _SUBSCRIPTION),
)

# By which programs name brokers of Kafka without its name, and a product in a field of its own: `type: kafka`.
_KAFKA_BROKERS = frozenset({"bootstrapservers", "bootstrapserver", "brokers", "broker", "brokerlist", "kafkabrokers"})
_KINDS = frozenset({"type", "kind", "connector", "driver"})

_WORDS = compile_later(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SIGNS = compile_later(r"[^a-z0-9]+")

# Words by which people call products in names of their own variables: a habit, not a rule of any product.
_PRODUCTS: dict[str, Product] = {
    "kafka": Product.KAFKA,
    "rocketmq": Product.ROCKETMQ,
    "rmq": Product.UNKNOWN,
    "mq": Product.UNKNOWN,
    "mqtt": Product.UNKNOWN,
    "rabbitmq": Product.RABBITMQ,
    "rabbit": Product.RABBITMQ,
    "amqp": Product.RABBITMQ,
    "sqs": Product.SQS,
    "mns": Product.UNKNOWN,
    "pulsar": Product.PULSAR,
    "nats": Product.NATS,
    "jetstream": Product.NATS,
    "stan": Product.NATS,
    "pubsub": Product.PUBSUB,
    "servicebus": Product.SERVICE_BUS,
    "eventhub": Product.EVENT_HUBS,
    "eventhubs": Product.EVENT_HUBS,
    "jms": Product.JMS,
    "activemq": Product.JMS,
    "artemis": Product.JMS,
    "celery": Product.CELERY,
    "sidekiq": Product.REDIS,
    "temporal": Product.TEMPORAL,
}
_TAKERS = frozenset({"consumer", "consumers", "listener", "listeners", "subscriber", "subscribers"})
_NOT_TAKEN = frozenset(
    {"producer", "producers", "dead", "letter", "dlq", "dlx", "dlt", "retry", "log", "logs", "metrics"}
)

# How such names end, and what they then are. `own` is for what says it without the name of a product.
_ENDINGS: tuple[tuple[tuple[str, ...], Role, bool], ...] = (
    (("consumer", "group"), _GROUP, True),
    (("consumer", "groups"), _GROUP, True),
    (("consumergroup",), _GROUP, True),
    (("queue", "group"), _GROUP, True),
    (("queuegroup",), _GROUP, True),
    (("group",), _GROUP, False),
    (("groupid",), _GROUP, False),
    (("durable",), _SUBSCRIPTION, False),
    (("subscription",), _SUBSCRIPTION, False),
    (("queue",), _QUEUE, False),
    (("queues",), _QUEUE, False),
)
_TAILS = frozenset({"name", "names", "id", "url", "arn"})
_ADDRESSES = frozenset(
    {
        "address", "addresses", "addr", "addrs", "broker", "brokers", "endpoint", "endpoints", "host", "hosts",
        "namesrv", "nameserver", "server", "servers", "uri", "url", "urls",
    }
)  # fmt: skip
_TIMED = frozenset({"cron", "crontab", "schedule"})
_RATES = (("fixed", "delay"), ("fixed", "rate"))

_CRON_FIELD = r"(?:L|LW|(?=[A-Za-z#/,\-]*[0-9*?])[0-9A-Za-z#*/,?\-]+|(?:MON|TUE|WED|THU|FRI|SAT|SUN|JAN|DEC)[\-,A-Z]*)"
_CRON = compile_later(rf"{_CRON_FIELD}(?:[ \t]+{_CRON_FIELD}){{4,6}}|@(?:every[ \t]+\S+|[a-z]+)")
"""Source: crontab(5); Spring `CronExpression` and Quartz have a field for seconds, and for years."""

_QUEUE_ADDRESS = compile_later(
    r"https://(?:sqs\.[a-z0-9-]+|[a-z0-9-]+\.queue)\.amazonaws\.com(?:\.cn)?/[0-9]{12}/[A-Za-z0-9_-]+(?:\.fifo)?"
    r"|arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(?:\.fifo)?"
)
"""Source: Amazon SQS Developer Guide, "Queue and message identifiers"."""

_SCHEMES = {
    "amqp": Product.RABBITMQ,
    "amqps": Product.RABBITMQ,
    "pulsar": Product.PULSAR,
    "pulsar+ssl": Product.PULSAR,
    "nats": Product.NATS,
}
_BROKER_ADDRESS = compile_later(rf"(?:{'|'.join(map(re.escape, _SCHEMES))})://", re.IGNORECASE)
"""Source: RabbitMQ URI specification; Pulsar, "Client service URL"; NATS, "Connecting"."""

_SUBSCRIPTION_PATH = compile_later(r"projects/[^/\s]+/subscriptions/[^/\s]+")
"""Source: Google Cloud Pub/Sub, REST `projects.subscriptions`."""

NAME = compile_later(r"[A-Za-z0-9%_][A-Za-z0-9_.:/%|@,+=~*-]*")
"""What may be the name of a group, subscription or queue, or several of them."""

_NO_NAMES = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none", "~"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a setting is."""

    role: Role
    product: Product


@lru_cache(maxsize=16_384)
def letters_of(name: str) -> str:
    """Return a setting's name without case and separators."""
    return _SIGNS.sub("", name.lower())


def _rows(settings: tuple[Setting, ...]) -> tuple[dict[str, Meaning], list[tuple[re.Pattern[str], Meaning]]]:
    exact: dict[str, Meaning] = {}
    wide: list[tuple[re.Pattern[str], Meaning]] = []
    for row in settings:
        meaning = Meaning(row.role, row.product)
        if "*" in row.name:
            parts = [re.escape(letters_of(part)) for part in row.name.split("*")]
            wide.append((compile_later(".+".join(parts)), meaning))
        else:
            exact[letters_of(row.name)] = meaning
    return exact, wide


_KNOWN, _LABELLED, _SWITCHED = _rows(SETTINGS), _rows(LABELS), _rows(SWITCHES)


def _look_up(rows: tuple[dict[str, Meaning], list[tuple[re.Pattern[str], Meaning]]], name: str) -> Meaning | None:
    letters = letters_of(name)
    if letters in rows[0]:
        return rows[0][letters]
    return next((meaning for pattern, meaning in rows[1] if pattern.fullmatch(letters)), None)


WRITTEN: dict[str, Meaning] = {"group.id": Meaning(Role.GROUP, Product.KAFKA)}
"""Names that count as they are written, alone or behind others and a dot. Source: Apache Kafka, ConsumerConfig."""


@lru_cache(maxsize=16_384)
def meaning_of(name: str) -> Meaning | None:
    """Return what a setting of this name holds, None where it says nothing of work.

    A row of `SETTINGS` comes first; else the words count, by which people call such settings: `KAFKA_GROUP`.
    """
    known = _look_up(_KNOWN, name) or _by_words(name)
    if known is None:
        known = next((found for key, found in WRITTEN.items() if name == key or name.endswith(f".{key}")), None)
    return known


@lru_cache(maxsize=16_384)
def label_of(name: str) -> Meaning | None:
    """Return whose executors a setting labels."""
    return _look_up(_LABELLED, name)


DEFAULT_LISTENER = "simple"
"""Source: Spring Boot reference, `spring.rabbitmq.listener.type`."""


def stops(
    switch: str,
    product: Product,
    setting: str,
    name: str,
    *,
    listener: str = DEFAULT_LISTENER,
    declared: Collection[str] = (),
) -> bool:
    """Tell whether a switch that is off keeps a program from taking some work.

    One that names a binding, or a group, is for that alone: `spring.cloud.stream.bindings.in.consumer.auto-startup`.
    What is of no known product any switch stops. Of RabbitMQ's listeners the program has one type. Of a variable
    Spring makes keys of small letters and digits, so that it meets a group of other signs only where a text has the
    key. Source: Spring Boot reference, "Binding Maps From Environment Variables"; rocketmq-spring ce5f729,
    ListenerContainerConfiguration asks `listeners` for the group as it is written.

    Args:
        switch: its name, as written.
        setting: that names the work.
        name: of the work.
        listener: type of RabbitMQ's listeners.
        declared: names of settings in texts.
    """
    meaning = _look_up(_SWITCHED, switch)
    if meaning is None:
        return False
    is_stream = letters_of(setting).startswith(_STREAM)
    if (meaning.product is Product.STREAM) != is_stream or (not is_stream and product is not meaning.product):
        return product is Product.UNKNOWN
    letters = letters_of(switch)
    if _BINDINGS in letters:
        binding = letters.removeprefix(_BINDINGS).removesuffix(_BINDING_SWITCH)
        return letters_of(setting) == f"{_BINDINGS}{binding}group"
    if letters.startswith(_RABBIT_LISTENER):
        return letters.startswith(_RABBIT_LISTENER + listener)
    _, keyed, key = switch.partition("listeners.")
    if keyed:
        return key.startswith((f"{name}.", f"[{name}]"))
    if _LISTENERS in letters:
        of_group = f"listeners.{name}."
        return (_SMALL.fullmatch(name) is not None or any(of_group in each for each in declared)) and letters.partition(
            _LISTENERS
        )[2].startswith(letters_of(name))
    return True


_STREAM = "springcloudstream"
_RABBIT_LISTENER = "springrabbitmqlistener"
_LISTENERS = "consumerlisteners"
_SMALL = compile_later(r"[a-z0-9]+")
_BINDINGS, _BINDING_SWITCH = "springcloudstreambindings", "consumerautostartup"


def binder_products(settings: Iterable[tuple[str, str]]) -> dict[str, Product]:
    """Return the products of a program's bindings, by the letters of their names; those of all others by "".

    Names of binders are types where nothing else is said; where two products are named, others stay unknown.
    Source: Spring Cloud Stream reference, "Multiple Binders on the Classpath" and "Connecting to Multiple Systems".

    Args:
        settings: name and value of each.
    """
    found: dict[str, Product] = {}
    types: dict[str, Product] = {}
    chosen: dict[str, str] = {}
    seen: set[Product] = set()
    for name, value in settings:
        letters = letters_of(name)
        if not letters.startswith(_STREAM):
            continue
        rest = letters.removeprefix(_STREAM)
        if rest == "defaultbinder":
            chosen[""] = value
        elif rest.startswith("binders") and rest.endswith("type") and value in BINDERS:
            types[rest.removeprefix("binders").removesuffix("type")] = BINDERS[value]
        elif rest.startswith("bindings") and rest.endswith("binder"):
            chosen[rest.removeprefix("bindings").removesuffix("binder")] = value
        else:
            seen.update(product for binder, product in BINDERS.items() if rest.startswith(binder))
    for binding, binder in chosen.items():
        product = types.get(letters_of(binder), BINDERS.get(binder))
        if product is not None:
            found[binding] = product
    seen.update(types.values())
    if "" not in chosen and len(seen) == 1:
        found[""] = seen.pop()
    return found


def speaks_of_binders(setting: str) -> bool:
    """Tell whether `binder_products` reads a setting of this name."""
    return letters_of(setting).startswith(_STREAM)


def binding_of(setting: str) -> str:
    """Return the letters of the binding whose group a setting names: of `….bindings.in.group` `in`."""
    return letters_of(setting).removeprefix(_BINDINGS).removesuffix("group")


def is_switch(name: str) -> bool:
    """Tell whether a setting starts listeners."""
    return _look_up(_SWITCHED, name) is not None


def _by_words(name: str) -> Meaning | None:
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or not _NOT_TAKEN.isdisjoint(words):
        return None
    known = next((_PRODUCTS[word] for word in words if word in _PRODUCTS), None)
    if "redis" in words and ("stream" in words or "streams" in words):
        known = Product.REDIS
    if "service" in words and "bus" in words:
        known = Product.SERVICE_BUS
    if "event" in words and ("hub" in words or "hubs" in words):
        known = Product.EVENT_HUBS
    if not _TIMED.isdisjoint(words) or any(words[-2:] == list(rate) for rate in _RATES):
        return Meaning(Role.TIMER, Product.UNKNOWN)
    stem = words[:-1] if words[-1] in _TAILS and len(words) > 1 else words
    for ending, role, is_own in _ENDINGS:
        if tuple(stem[-len(ending) :]) != ending:
            continue
        if is_own or known is not None or (role is _GROUP and not _TAKERS.isdisjoint(stem)):
            # `RABBITMQ_QUEUE_URL` is the broker's.
            return None if words[-1] == "url" and known is not Product.SQS else Meaning(role, known or Product.UNKNOWN)
    if tuple(words[-2:]) in (("queue", "name"), ("queue", "names"), ("worker", "queue"), ("worker", "queues")):
        return Meaning(_QUEUE, Product.UNKNOWN)
    if known not in (None, Product.UNKNOWN) and words[-1] in _ADDRESSES:
        return Meaning(Role.BROKER, known or Product.UNKNOWN)
    return None


_PLAIN = {(letters_of(name), row.product): Meaning(row.role, row.product) for row in PLAIN for name in row.names}
_PLAIN_LETTERS = frozenset(letters for letters, _ in _PLAIN)


def _last(name: str) -> str:
    return letters_of(name.rpartition(".")[2])


def is_plain(name: str) -> bool:
    """Tell whether a setting of this name may say something beside a broker."""
    return _last(name) in _PLAIN_LETTERS


def meaning_beside(name: str, products: Iterable[Product]) -> Meaning | None:
    """Return what a setting holds beside brokers of some products, by the table of `PLAIN`."""
    letters = _last(name)
    return next((_PLAIN[letters, product] for product in products if (letters, product) in _PLAIN), None)


def broker_of(name: str, value: str) -> Product | None:
    """Return the product whose broker a setting names, or that it is for: `BROKERS`, `type: kafka`."""
    last = _last(name)
    if last in _KINDS:
        product = _PRODUCTS.get(value.strip().lower())
        return None if product is Product.UNKNOWN else product
    meaning = meaning_of(name) or meaning_of_value(value)
    if meaning is not None and meaning.role is Role.BROKER:
        return meaning.product
    return Product.KAFKA if last in _KAFKA_BROKERS else None


MAX_NAME = 2_000
"""Characters of what can be a name, or a list of names; a pattern of a timer takes time for longer ones."""


def meaning_of_value(value: str) -> Meaning | None:
    """Return what a value is by itself, whatever setting has it."""
    if len(value) > MAX_NAME:
        return None
    if _BROKER_ADDRESS.match(value):
        return Meaning(Role.BROKER, _SCHEMES[value.partition(":")[0].lower()])
    if _QUEUE_ADDRESS.fullmatch(value):
        return Meaning(_QUEUE, Product.SQS)
    if _SUBSCRIPTION_PATH.fullmatch(value):
        return Meaning(_SUBSCRIPTION, Product.PUBSUB)
    return None


def fits(meaning: Meaning, value: str) -> bool:
    """Tell whether a value can be what its setting is said to hold."""
    value = value.strip()
    if len(value) > MAX_NAME:
        return False
    if meaning.role is Role.TIMER:
        return meaning.product is not Product.UNKNOWN or _CRON.fullmatch(value) is not None or value.isdecimal()
    if not value or value.lower() in _NO_NAMES:
        return False
    if meaning.role in (Role.BROKER, Role.SCHEDULER, Role.ADDRESS):
        return True
    return is_built(value) or (NAME.fullmatch(value) is not None and not value.isdecimal())


_BUILT = compile_later(r"\$[({]|\{\{")
_PLACEHOLDER = compile_later(r"\$(?:\{([A-Za-z_][A-Za-z0-9_.\-]*)(?::[^{}]*)?\}|\(([A-Za-z_][A-Za-z0-9_.\-]*)\))")
_EACH_POD = compile_later(
    r"\$\{random\.|\$\{quarkus\.uuid|\$[({](?:HOSTNAME|POD_NAME|POD_IP|POD_UID)[:})]"
    r"|\$\{spring\.cloud\.client\.(?:ip-?address|hostname)[:}]",
    re.IGNORECASE,
)


def is_built(value: str) -> bool:
    """Tell whether a program or the kubelet makes a value of others."""
    return _BUILT.search(value) is not None


def variables_in(value: str) -> tuple[str, ...]:
    """Return the variables that a value is made of."""
    return tuple(one or other for one, other in _PLACEHOLDER.findall(value))


def whole_variable(value: str) -> str:
    """Return the variable that a value is, or is where it is set; "" where it is something else."""
    found = _PLACEHOLDER.fullmatch(value.strip())
    return (found[1] or found[2]) if found is not None else ""


def is_for_each_pod(value: str) -> bool:
    """Tell whether every pod makes a name of its own of a value: then none takes another's part.

    Source: Spring Boot reference, "Configuring Random Values"; Quarkus, "Configuration Reference", `quarkus.uuid`;
    the kubelet sets `HOSTNAME` to the pod's name; Spring Cloud Commons, HostInfoEnvironmentPostProcessor.
    """
    return _EACH_POD.search(value) is not None


_HOST = compile_later(r"(?:[a-z][a-z0-9+.-]*://)?(?P<host>(?:\$(?:\{[^}]*\}|\([^)]*\))|[^$:/\s,])*)", re.IGNORECASE)
_NOTHING = compile_later(r"\$\{[^{}:]+:\s*\}")
_LOOPBACK = compile_later(r"localhost|127\.[0-9.]+|0\.0\.0\.0|\[?::1?\]?", re.IGNORECASE)


def host_of(address: str) -> tuple[int, str]:
    """Return where the host starts in an address, and the host: of `http://web.shop:9999/` 7 and `web.shop`."""
    found = _HOST.match(address)
    return (found.start("host"), found["host"]) if found is not None else (0, "")


def names_no_host(address: str) -> bool:
    """Tell whether an address says nothing of where a program is: it is empty by default, or the pod's own loopback."""
    return _NOTHING.fullmatch(address.strip()) is not None or _LOOPBACK.fullmatch(host_of(address)[1]) is not None


def own_name(name: str, tag: str) -> str:
    """Return the names that a lane has for itself: `orders-gray`; FIFO queues `orders-gray.fifo`, prefixes `tx-gray-`.

    Source: Amazon SQS Developer Guide: the name of a FIFO queue ends in `.fifo`.
    """
    return ",".join(_own(part, tag) for part in name.split(","))


def _own(name: str, tag: str) -> str:
    stem, fifo = (name[: -len(".fifo")], ".fifo") if name.endswith(".fifo") else (name, "")
    if stem.endswith("-"):
        # A prefix.
        return f"{stem}{tag}-{fifo}"
    return f"{stem}-{tag}{fifo}" if stem else name


def is_own(name: str, tag: str) -> bool:
    """Tell whether every one of some names ends as a lane's own does."""
    return all(part.removesuffix(".fifo").endswith((f"-{tag}", f"-{tag}-")) for part in name.split(","))


def agents_name(name: str, tag: str) -> str:
    """Return the group to which the MSE agent renames one. Source: Alibaba Cloud MSE, "Configure message gray"."""
    return f"{name}_{tag}"


AGENT_NEEDS = (
    "message gray of the MSE agent must be on for producers and consumers, and an open-source broker needs "
    "enablePropertyFilter=true",
    "by default both sides get the lane's messages and each handles them; production alone gets its own",
)
"""What no manifest shows. Source: Alibaba Cloud MSE, "Configure message canary release" (2025-09; RocketMQ 4.5.0)."""


def all_rows() -> Iterator[Setting]:
    """Yield every row, for the index of tables."""
    yield from (*SETTINGS, *LABELS, *SWITCHES)
