"""Which settings say that a program takes messages, and which merely look alike."""

from typing import NamedTuple

import pytest

from grayc.k8s.queues import (
    LABELS,
    SETTINGS,
    SWITCHES,
    Meaning,
    Product,
    Role,
    binder_products,
    fits,
    is_for_each_pod,
    is_switch,
    label_of,
    meaning_of,
    meaning_of_value,
    own_name,
    stops,
    whole_variable,
)
from tests.vectors import rows


class Setting(NamedTuple):
    name: str
    role: Role
    product: Product


@pytest.mark.parametrize(Setting._fields, rows(__file__, "queues.yaml", Setting, table="settings"))
def test_a_setting_is_known_by_its_name(name: str, role: Role, product: Product) -> None:
    assert meaning_of(name) == Meaning(role, product)


@pytest.mark.parametrize("name", rows(__file__, "queues.yaml", str, table="others"))
def test_what_merely_looks_alike_says_nothing(name: str) -> None:
    assert meaning_of(name) is None


@pytest.mark.parametrize(
    ("role", "value", "fitting"),
    [
        (Role.GROUP, "orders", True),
        (Role.GROUP, "true", False),
        (Role.GROUP, "42", False),
        (Role.GROUP, "", False),
        (Role.QUEUE, "a sentence of words", False),
        (Role.GROUP, "${GROUP:orders}", True),
        (Role.TIMER, "0 */5 * * * *", True),
        (Role.TIMER, "*/5 * * * *", True),
        (Role.TIMER, "0 0 12 ? * MON-FRI", True),
        (Role.TIMER, "@daily", True),
        (Role.TIMER, "every now and then", False),
    ],
)
def test_a_value_is_what_its_name_says_or_the_name_means_something_else(role: Role, value: str, fitting: bool) -> None:
    assert fits(Meaning(role, Product.UNKNOWN), value) is fitting


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/orders", Role.QUEUE),
        ("arn:aws:sqs:eu-west-1:123456789012:orders", Role.QUEUE),
        ("projects/shop/subscriptions/orders", Role.SUBSCRIPTION),
        ("https://s3.eu-west-1.amazonaws.com/orders", None),
    ],
)
def test_some_values_say_it_whatever_they_are_called(value: str, role: Role | None) -> None:
    found = meaning_of_value(value)
    assert (None if found is None else found.role) == role


@pytest.mark.parametrize(
    ("name", "own"),
    [("orders", "orders-gray"), ("orders.fifo", "orders-gray.fifo"), ("a,b", "a-gray,b-gray")],
)
def test_a_lane_has_names_of_its_own(name: str, own: str) -> None:
    assert own_name(name, "gray") == own


def test_a_name_that_each_pod_makes_is_nobodys_share() -> None:
    assert is_for_each_pod("orders-${random.uuid}")
    assert is_for_each_pod("$(POD_NAME)")
    assert not is_for_each_pod("${GROUP}")


@pytest.mark.parametrize(("value", "name"), [("${G:a}", "G"), ("$(G)", "G"), ("x-${G}", ""), ("orders", "")])
def test_a_placeholder_is_its_variable(value: str, name: str) -> None:
    assert whole_variable(value) == name


def test_every_row_finds_itself() -> None:
    assert all(meaning_of(row.name.replace("*", "x")) == Meaning(row.role, row.product) for row in SETTINGS)
    assert all(label_of(row.name) == Meaning(row.role, row.product) for row in LABELS)
    assert all(is_switch(row.name.replace("*", "x")) for row in SWITCHES)


class Stops(NamedTuple):
    switch: str
    product: Product
    setting: str
    name: str
    stopped: bool


@pytest.mark.parametrize(Stops._fields, rows(__file__, "queues.yaml", Stops, table="switches"))
def test_a_switch_stops_what_it_is_for(switch: str, product: Product, setting: str, name: str, stopped: bool) -> None:
    assert stops(switch, product, setting, name) is stopped


def test_rabbitmqs_listeners_are_of_one_type() -> None:
    switch = "spring.rabbitmq.listener.direct.auto-startup"
    assert stops(switch, Product.RABBITMQ, "RABBITMQ_QUEUE", "orders", listener="direct")


def test_a_variable_meets_a_group_that_a_text_declares() -> None:
    switch = "ROCKETMQ_CONSUMER_LISTENERS_GID_A_ORDERS"
    declared = ("rocketmq.consumer.listeners.GID_A.ORDERS",)
    assert stops(switch, Product.ROCKETMQ, "rocketmq.consumer.group", "GID_A", declared=declared)


@pytest.mark.parametrize(
    ("settings", "products"),
    [
        ({"spring.cloud.stream.rocketmq.binder.name-server": "rmq:8080"}, {"": Product.ROCKETMQ}),
        ({"SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS": "kafka:9092"}, {"": Product.KAFKA}),
        ({"spring.cloud.stream.default-binder": "rabbit"}, {"": Product.RABBITMQ}),
        (
            {"spring.cloud.stream.rocketmq.binder.name-server": "a", "spring.cloud.stream.kafka.binder.brokers": "b"},
            {},
        ),
        (
            {
                "spring.cloud.stream.binders.one.type": "kafka",
                "spring.cloud.stream.binders.two.type": "rocketmq",
                "spring.cloud.stream.bindings.in.binder": "two",
                "spring.cloud.stream.default-binder": "one",
            },
            {"": Product.KAFKA, "in": Product.ROCKETMQ},
        ),
        ({"spring.kafka.bootstrap-servers": "kafka:9092"}, {}),
    ],
)
def test_a_binder_says_whose_groups_are(settings: dict[str, str], products: dict[str, Product]) -> None:
    assert binder_products(settings.items()) == products
