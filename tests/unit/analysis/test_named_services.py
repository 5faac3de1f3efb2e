"""Which Services gray copies and production name is a fact of the final objects: by which text, carried or not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grayc.analysis import named_services
from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, answer
from tests.unit.analysis.test_carried import Case, Pods, a_service, fields, lay, other_service, routed, tell
from tests.vectors import rows


def plan(folder: Path, case: Case) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    lay(folder, case)
    told = answer(folder, "plan", "release.yaml")
    return told["plans"][0], told["diagnostics"]


def edges(folder: Path, case: Case) -> dict[str, tuple[str, list[tuple[str, str, str]]]]:
    return {
        f"{edge['caller']} -> {edge['callee']}": (
            edge["carried"],
            [(each["service"], each["by"], each["name"]) for each in edge["addresses"]],
        )
        for edge in plan(folder, case)[0]["edges"]
    }


def address(
    web: Pods, *, others: Sequence[Object] = (), services: tuple[str, ...] = ("name: web", "name: cart"), **rest: Any
) -> Case:
    return Case(provider="address", calls=(), web=web, others=others, services=services, **rest)


def config(text: str) -> list[Object]:
    return [an_object("ConfigMap", name="addresses", data=fields(text))]


FROM = "envFrom: [{configMapRef: {name: addresses}}]"
KEEP = ("name: web, rewriteText: false", "name: cart")
GRAY = 'env: {web: {CART_ADDR: "cart-gray:80"}}'


class Form(NamedTuple):
    container: str
    by: str
    name: str | None


@pytest.mark.parametrize(Form._fields, rows(__file__, "named_services.yaml", Form, table="forms"))
def test_addresses_in_all_their_forms_are_followed(container: str, by: str, name: str | None, tmp_path: Path) -> None:
    found = edges(tmp_path, address(Pods(container=container), others=config('CART_ADDR: "cart:80"')))

    assert found == {"web -> cart": ("carried", [("cart-gray", by, name)])}


@pytest.mark.parametrize(
    ("text", "spec", "carried"),
    [
        ("http://cart:8080", "", "not carried"),
        ("https://cart", "", "not carried"),
        ("-Dcart.host=cart -Dcart.port=8080", "", "not carried"),
        ("cart:8080", "clusterIP: None", "carried"),
        ("http://${CART:cart}:8080", "", "not carried"),
        ("http://${SET:cart}:80", "", None),
        # Production's address stays production's.
        ("http://10.0.0.5:80", "clusterIP: 10.0.0.5", "not carried"),
        ("10.0.0.5/16", "clusterIP: 10.0.0.5", None),
        ("http://10.0.0.50", "clusterIP: 10.0.0.5", None),
        ("http://other", "", "carried"),
        ("http://same", "", "not carried"),
    ],
)
def test_an_address_leads_where_the_gray_service_has_a_port(
    text: str, spec: str, carried: str | None, tmp_path: Path
) -> None:
    others = other_service("other", "type: ExternalName, externalName: cart-gray.shop.svc.cluster.local")
    others += other_service("same", "selector: {app: cart}, ports: [{port: 80}]")
    env = f'env: [{{name: SET, value: 10.1.1.1}}, {{name: A, value: "{text}"}}]'
    case = address(Pods(container=env), others=others, spec=spec)
    case = Case(**{**case.__dict__, "services": ("name: web", "name: cart, share: [Service/same]")})

    assert edges(tmp_path, case).get("web -> cart", (None,))[0] == carried


def test_a_variable_that_is_filled_into_an_address_is_followed(tmp_path: Path) -> None:
    parts = 'env: [{name: TO, value: cart}, {name: URL, value: "http://$(TO):80"}]'

    assert edges(tmp_path, address(Pods(container=parts))) == {
        "web -> cart": ("carried", [("cart-gray", "variable", "TO"), ("cart-gray", "variable", "URL")])
    }


def test_files_that_are_mounted_are_read(tmp_path: Path) -> None:
    mount = "volumeMounts: [{name: v, mountPath: /etc/web, subPath: a.conf}]"
    volume = "volumes: [{name: v, configMap: {name: addresses}}]"
    keys = 'a.conf: "url: http://cart:80", b.conf: "url: http://web:80"'

    found = edges(tmp_path, address(Pods(container=mount, host=volume), others=config(keys)))

    assert found == {"web -> cart": ("carried", [("cart-gray", "file", "a.conf")])}


class File(NamedTuple):
    file: str
    text: str
    is_told: bool


@pytest.mark.parametrize(File._fields, rows(__file__, "named_services.yaml", File, table="files"))
def test_comments_and_names_of_the_text_itself_are_no_addresses(
    file: str, text: str, is_told: bool, tmp_path: Path
) -> None:
    mount = "volumeMounts: [{name: v, mountPath: /etc/web}]"
    volume = "volumes: [{name: v, configMap: {name: addresses}}]"
    found = edges(tmp_path, address(Pods(container=mount, host=volume), others=config(f'{file}: "{text}"')))

    assert found == ({"web -> cart": ("carried", [("cart-gray", "file", file)])} if is_told else {})


FOR_DEV = "cart: http://10.1.1.1\\n---\\nspring.config.activate.on-profile: dev & !eu\\ncart: http://cart:80"


@pytest.mark.parametrize(
    ("file", "text", "env", "carried"),
    [
        ("application-dev.yml", "cart: http://cart:80", "{name: SPRING_PROFILES_ACTIVE, value: prod}", None),
        ("application-dev.yml", "cart: http://cart:80", '{name: SPRING_PROFILES_ACTIVE, value: "prod,dev"}', "carried"),
        ("application-dev.yml", "cart: http://cart:80", "", "unknown"),
        (
            "application-dev.yml",
            "cart: http://cart:80",
            '{name: JAVA_OPTS, value: "-Dspring.profiles.active=prod -Dspring.profiles.include=dev"}',
            "carried",
        ),
        ("application.yml", FOR_DEV, "{name: SPRING_PROFILES_ACTIVE, value: dev}", "carried"),
        ("application.yml", FOR_DEV, '{name: SPRING_PROFILES_ACTIVE, value: "dev,eu"}', None),
        ("application.yml", f"spring.profiles.active: prod\\n---\\n{FOR_DEV}", "", None),
        ("application.yml", f"spring.profiles.active: prod\\n---\\n{FOR_DEV}", "{name: X, value: x}", None),
        ("other-dev.yml", "cart: http://cart:80", "{name: SPRING_PROFILES_ACTIVE, value: prod}", "carried"),
    ],
)
def test_what_counts_for_a_profile_counts_where_it_is_active(
    file: str, text: str, env: str, carried: str | None, tmp_path: Path
) -> None:
    web = Pods(
        container=f"env: [{env}], volumeMounts: [{{name: v, mountPath: /etc/web}}]",
        host="volumes: [{name: v, configMap: {name: addresses}}]",
    )
    found = edges(tmp_path, address(web, others=config(f'{file}: "{text}"')))

    assert found.get("web -> cart", (None,))[0] == carried


@pytest.mark.parametrize(
    "name", ["API_DESCRIPTION", "CORS_ALLOWED_ORIGINS", "JWT_AUDIENCE", "NO_PROXY", "TRUSTED_HOSTS"]
)
def test_what_is_compared_or_read_by_people_is_no_call(name: str, tmp_path: Path) -> None:
    assert edges(tmp_path, address(Pods(container=f'env: [{{name: {name}, value: "http://cart:80"}}]'))) == {}


@pytest.mark.parametrize(
    ("pod", "carried"),
    [
        ("dnsPolicy: Default", "not carried"),
        ("dnsPolicy: None, dnsConfig: {nameservers: [10.0.0.10]}", "unknown"),
        ("hostNetwork: true", "not carried"),
        ("hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet", "carried"),
        ("dnsPolicy: ClusterFirst", "carried"),
    ],
)
def test_pods_that_do_not_ask_the_clusters_dns_find_no_service(pod: str, carried: str, tmp_path: Path) -> None:
    web = Pods(container='env: [{name: A, value: "http://cart:80"}]', host=pod)

    assert edges(tmp_path, address(web))["web -> cart"][0] == carried


def test_a_comment_of_a_script_is_no_call(tmp_path: Path) -> None:
    script = 'command: [sh, -c, "# http://cart:80\\nexec /app"]'

    assert edges(tmp_path, address(Pods(container=script))) == {}


@pytest.mark.parametrize(
    ("web", "services", "carried"),
    [
        # The container's own variable hides that of a ConfigMap that the lane shares.
        (Pods(container=FROM), (f"name: web, rewriteText: false, {GRAY}", "name: cart"), "carried"),
        (Pods(container=FROM), KEEP, "not carried"),
        (Pods(container=FROM), ("name: web, share: [ConfigMap]", "name: cart"), "not carried"),
        # Another one does not.
        (
            Pods(container=FROM),
            ('name: web, share: [ConfigMap], env: {web: {OTHER_ADDR: "cart-gray:80"}}', "name: cart"),
            "unknown",
        ),
    ],
)
def test_of_two_addresses_the_one_that_counts_decides(
    web: Pods, services: tuple[str, ...], carried: str, tmp_path: Path
) -> None:
    found = edges(tmp_path, address(web, others=config('CART_ADDR: "cart:80"'), services=services))

    assert found["web -> cart"][0] == carried


def test_a_key_that_no_container_reads_tells_nothing(tmp_path: Path) -> None:
    read = "env: [{name: A, valueFrom: {configMapKeyRef: {name: addresses, key: other}}}]"
    keys = 'CART_ADDR: "cart:80", other: x'

    assert edges(tmp_path, address(Pods(container=read), others=config(keys))) == {}


@pytest.mark.parametrize(
    ("text", "host", "found"),
    [
        # The variable that Kubernetes sets is of production's Service, whatever the lane does.
        ("http://$(CART_SERVICE_HOST):80", "", "not carried"),
        ("http://$(CART_SERVICE_HOST):80", "enableServiceLinks: false", None),
        ("$(CART_PORT_80_TCP_ADDR)", "", "not carried"),
        ("http://$(CART_GRAY_SERVICE_HOST):80", "", "carried"),
        ("$(CART_SERVICE_PORT)", "", None),
    ],
)
def test_variables_of_services_name_productions(text: str, host: str, found: str | None, tmp_path: Path) -> None:
    case = address(Pods(container=f'env: [{{name: A, value: "{text}"}}]', host=host))

    assert edges(tmp_path, case).get("web -> cart", (None,))[0] == found


def test_a_variable_of_that_name_that_the_container_sets_is_its_own(tmp_path: Path) -> None:
    own = 'env: [{name: CART_SERVICE_HOST, value: cart}, {name: A, value: "http://$(CART_SERVICE_HOST):80"}]'

    assert edges(tmp_path, address(Pods(container=own)))["web -> cart"][0] == "carried"


def test_an_init_container_or_a_probe_does_not_decide(tmp_path: Path) -> None:
    waits = Pods(host='initContainers: [{name: wait, image: "busybox:1", args: ["curl http://cart:80"]}]')
    told = tell(tmp_path, Case(provider="address", web=waits))

    assert told == ("unknown", "only an argument of container `wait` names it, not the program")


REGISTRY = [Pods(container='image: "hashicorp/consul:1.20"').of("consul"), a_service("consul", "{port: 8500}")]
LISTS = '\'{"consulAddress": "consul:8500", "CartIP": "cart.shop.svc.cluster.local"}\''
MOUNTED = Pods(
    container="volumeMounts: [{name: v, mountPath: /etc/web}]",
    host="volumes: [{name: v, configMap: {name: addresses}}]",
)


def test_an_address_beside_that_of_a_registry_is_unknown(tmp_path: Path) -> None:
    """As in hotelReservation of DeathStarBench: services register these addresses, and are found through Consul."""
    told = tell(tmp_path, Case(provider="address", web=MOUNTED, others=REGISTRY + config(f"config.json: {LISTS}")))

    assert told[0] == "unknown"
    assert "the registry `consul`" in told[1]


def test_without_the_registry_it_is_an_address(tmp_path: Path) -> None:
    case = Case(provider="address", web=MOUNTED, others=config(f"config.json: {LISTS}"))

    assert tell(tmp_path, case) == ("carried", "")


def test_what_no_manifest_names_is_unknown_once(tmp_path: Path) -> None:
    """As in hotelReservation of DeathStarBench, where the addresses are in the image."""
    case = Case(
        provider="address",
        others=[Pods().of("mid"), a_service("mid"), *REGISTRY],
        services=("name: web", "name: mid", "name: cart"),
        calls=("web -> mid -> cart", "web -> cart"),
    )
    found, diagnostics = plan(tmp_path, case)

    assert [hop["copy"] for hop in found["calls"][0]["hops"]] == ["gray", "unknown", "unknown"]
    (told,) = (item for item in diagnostics if item["code"] == "GC391")
    assert "`web -> mid`, `mid -> cart`, `web -> cart`: the caller is given no address" in told["message"]
    assert not [item for item in diagnostics if item["code"] == "GC390"]


def test_behind_an_unknown_call_nothing_is_sure(tmp_path: Path) -> None:
    """Production's copy of the one in the middle may make the call, and names production's."""
    mid = Pods(container='env: [{name: A, value: "http://cart"}]').of("mid")
    case = Case(
        provider="address",
        others=[mid, a_service("mid")],
        services=("name: web", "name: mid", "name: cart"),
        calls=("web -> mid -> cart",),
    )

    hops = plan(tmp_path, case)[0]["calls"][0]["hops"]
    assert [hop["copy"] for hop in hops] == ["gray", "unknown", "unknown"]
    assert hops[-1]["why"] == "whether the call to `mid` is carried is not to be seen"
    assert [hop["copy"] for hop in routed(tmp_path)] == ["gray", "unknown", "unknown"]


def test_what_is_not_released_names_production(tmp_path: Path) -> None:
    mid = Pods(container='env: [{name: A, value: "http://cart"}]').of("mid")
    web = Pods(container='env: [{name: A, value: "http://cart"}]')
    found = edges(tmp_path, address(web, others=[mid]))

    assert found == {
        "web -> cart": ("carried", [("cart-gray", "variable", "A")]),
        "Deployment/mid -> cart": ("not carried", [("cart", "variable", "A")]),
    }


def test_a_configmap_that_nobody_is_given_is_told(tmp_path: Path) -> None:
    found, _ = plan(tmp_path, address(Pods(), others=config('application.yaml: "cart: http://cart:80"')))

    assert found["unreadConfig"] == [{"object": "ConfigMap/addresses", "services": ["cart"]}]


@pytest.mark.parametrize(
    ("web", "services", "codes"),
    [
        (Pods(container='env: [{name: A, value: "http://cart"}]'), ("name: web", "name: cart"), []),
        (Pods(), ("name: web", "name: cart"), ["GC394"]),
        (Pods(), ("name: web",), []),
        (Pods(), ("name: cart",), ["GC321"]),
    ],
)
def test_a_service_that_nothing_leads_to_is_told(
    web: Pods, services: tuple[str, ...], codes: list[str], tmp_path: Path
) -> None:
    lay(tmp_path, address(web, services=services))
    found = answer(tmp_path, "plan", "release.yaml")["diagnostics"]

    assert [item["code"] for item in found if item["code"] in {"GC321", "GC393", "GC394"}] == codes


@pytest.mark.parametrize(("text", "codes"), [("$(CART_SERVICE_HOST)", ["GC395"]), ("$(CART_GRAY_SERVICE_HOST)", [])])
def test_a_variable_of_productions_service_is_told(text: str, codes: list[str], tmp_path: Path) -> None:
    _, found = plan(tmp_path, address(Pods(container=f'env: [{{name: A, value: "http://{text}:80"}}]')))

    assert [item["code"] for item in found if item["code"] == "GC395"] == codes


def test_of_very_many_addresses_some_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_services, "MAX_ADDRESSES", 0)
    web = Pods(container='env: [{name: A, value: "http://cart"}]')
    found, diagnostics = plan(tmp_path, address(web, others=[Pods().of("mid")]))

    assert found["edgesWhole"] is False
    assert not [item for item in diagnostics if item["code"] == "GC394"]


def test_route_answers_where_a_call_is_not_carried(tmp_path: Path) -> None:
    """A build is refused (GC390); who asks for the way is told it, and why."""
    lay(tmp_path, Case(provider="none", web=Pods(container='env: [{name: A, value: "http://cart"}]')))
    asked = ["route", "release.yaml", "--host", "shop.example.com", "-H", "x-user: 1"]
    run = run_grayc(asked, folder=tmp_path)

    assert run.status == 0
    assert "hops: web (lane gray) -> cart (baseline)" in run.stdout
    assert "names production's `cart` (variable `A` of container `web`)" in run.stdout
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 1


def test_where_headers_decide_there_are_no_such_edges(tmp_path: Path) -> None:
    found, _ = plan(tmp_path, Case(web=Pods(container='env: [{name: A, value: "http://cart"}]')))

    assert "edges" not in found
