"""A Service's DNS name is told from other words."""

import pytest

from grayc.k8s.hosts import addresses_in, beside, hosts_in, read_address, read_host


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("web", ("web", "")),
        ("web.shop", ("web", "shop")),
        ("web.shop.svc", ("web", "shop")),
        ("web.shop.svc.cluster.local", ("web", "shop")),
        ("web.shop.svc.cluster.local.", ("web", "shop")),
        ("web.shop.example.com", None),
        ("*.shop", None),
        ("web:80", None),
        ("", None),
    ],
)
def test_host_is_a_name_in_one_of_its_four_lengths(text: str, service: tuple[str, str] | None) -> None:
    host = read_host(text)
    assert (host and (host.name, host.namespace)) == service


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("http://web", ("web", "")),
        ("http://web:8080/path?to=api", ("web", "")),
        ("amqp://user:web@queue.mq:5672/vhost", ("queue", "mq")),
        ("web.shop:80", ("web", "shop")),
        ("http://web.shop.svc.cluster.local./x", ("web", "shop")),
        ("http://web.example.com/web", None),
        ("http://10.0.0.1:80", None),
        ("http://web_1/", None),
    ],
)
def test_address_names_the_service_of_its_host(text: str, service: tuple[str, str] | None) -> None:
    host = read_address(text)
    assert (host and (host.name, host.namespace)) == service


@pytest.mark.parametrize("text", ["my-web", "web-2", "web_old", "my.web.shop.example.com", "a.web", "Webs"])
def test_parts_of_other_names_are_no_hosts(text: str) -> None:
    assert [host.name for host in hosts_in(text) if host.name == "web"] == []


@pytest.mark.parametrize(
    ("text", "is_address"),
    [
        ("url=http://web/", True),
        ("url=http://Web/", True),
        ("the Web is wide", False),
        ("lb:ws://web", False),
        ("eureka://web", False),
        ("eureka://web:8761/eureka", True),
        ("web:80", True),
        ("redis://:secret@web", True),
        ("web.shop.svc", True),
        ("the web is wide", False),
        ("web: yes", False),
        ("web.shop", False),
    ],
)
def test_a_name_is_an_address_where_addresses_stand(text: str, is_address: bool) -> None:
    assert [host.is_address for host in hosts_in(text) if host.name == "web"] == [is_address]


@pytest.mark.parametrize(
    ("text", "port", "is_tls"),
    [
        ("http://web", 80, False),
        ("https://u:p@web/x", 443, True),
        ("http://web:8080/x", 8080, False),
        ("http://web:$(PORT)", None, False),
        ("http://${WEB:web}:${WEB_PORT:81}/", 81, False),
        ("http://${WEB:web}/", 80, False),
        ("web:80", 80, False),
        ("web", None, False),
        ('connect("web", 9090)', 9090, False),
        ("host=web port=5432", 5432, False),
        ("grpcs://web:9", 9, True),
    ],
)
def test_a_text_tells_the_port_beside_a_host(text: str, port: int | None, is_tls: bool) -> None:
    *_, host = hosts_in(text, frozenset({"web"}))
    found = beside(text, host)

    assert (found.port, found.is_tls) == (port, is_tls)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://10.0.0.5:80/x", ["10.0.0.5"]),
        ("10.0.0.5,10.0.0.6", ["10.0.0.5", "10.0.0.6"]),
        ("10.0.0.0/8", []),
        ("v1.10.0.0.5", []),
        ("10.0.0.5.6", []),
    ],
)
def test_addresses_of_numbers(text: str, found: list[str]) -> None:
    assert [each.name for each in addresses_in(text)] == found
