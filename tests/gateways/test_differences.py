"""What grayc answers to each difference between gateways that would send requests astray without a word.

The rows are those of a comparison of ingress-nginx, Higress, MSE, Traefik, Gateway API and Istio by their sources. A row
names what is asked of which gateway, and holds grayc to an emission that means what the rule means, or to a refusal or
warning. That what is emitted means it on the real gateways is `test_lowering`'s.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli_run import run_grayc
from tests.gateways.test_lowering import CLASSES
from tests.manifests import Object, an_object, ingress, service, workload, write_baseline, write_spec, written_in

NGINX = "nginx.ingress.kubernetes.io/"
TAG = [{"header": "x-mse-tag", "value": "gray"}]
HEADER: Object = {"header": "x-gray", "value": "v1"}
SWITCH: Object = {"header": "x-gray"}
COOKIE: Object = {"cookie": "vip"}


def way(
    name: str = "entry",
    host: str = "h.test",
    paths: Sequence[tuple[str, str, str]] = (("/", "Prefix", "web"),),
    notes: Mapping[str, str] | None = None,
) -> Object:
    """Return an Ingress with annotations, those without a prefix of ingress-nginx."""
    annotations = {key if "/" in key else NGINX + key: value for key, value in (notes or {}).items()}
    return ingress(name, "any", host=host, paths=paths, annotations=annotations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """What a build made and found.

    Attributes:
        ways: the gray Ingresses and HTTPRoutes, in order of name.
        kinds: of all objects, in the order of application.
    """

    codes: frozenset[str]
    ways: tuple[Object, ...]
    kinds: tuple[str, ...]

    def note(self, name: str, at: int = 0) -> object:
        """Return an annotation of a gray Ingress."""
        return self.ways[at]["metadata"]["annotations"].get(name if "/" in name else NGINX + name)


def build(
    folder: Path,
    gateway: str,
    *releases: Sequence[Object],
    routes: Sequence[Object] = (),
    traffic: Object | None = None,
) -> Lanes:
    """Build releases of `web`, one for each list of rules, with tags gray, gray2, and so on."""
    read_by = CLASSES.get(gateway, gateway)
    entries = [
        {**entry, "spec": {**entry["spec"], "ingressClassName": read_by}} if entry["kind"] == "Ingress" else entry
        for entry in routes or [way()]
    ]
    write_baseline(folder, [workload(), service(), *entries])
    specs: dict[str, Object] = {}
    for at, rules in enumerate(releases):
        tag = f"gray{at + 1 if at else ''}"
        specs[tag] = {
            "baseline": ["../baseline/"],
            "services": [{"name": "web", "images": {"web": "web:2"}}],
            "traffic": {"gateway": gateway, "guard": False, "rules": list(rules), **(traffic or {})},
        }
    found = _run(folder, specs)
    for item in found:
        # What a canary of nginx's kind cannot colour is a difference of its own, D37.
        if item["code"] == "GC508":
            specs[Path(item["file"]).stem]["accept"] = [{"code": "GC508", "reason": "told by D37"}]
    if any(item["code"] == "GC508" for item in found):
        found += _run(folder, specs)
    objects = written_in(folder / "out") if (folder / "out").exists() else []
    return Lanes(
        codes=frozenset(item["code"] for item in found),
        ways=tuple(
            sorted(
                (item for item in objects if item["kind"] in ("Ingress", "HTTPRoute")),
                key=lambda item: str(item["metadata"]["name"]),
            )
        ),
        kinds=tuple(item["kind"] for item in objects),
    )


def _run(folder: Path, specs: Mapping[str, Object]) -> list[Object]:
    for tag, spec in specs.items():
        write_spec(folder / "specs" / f"{tag}.yaml", tag, tag=tag, **spec)
    done = run_grayc(["build", "specs", "--allow-root", ".", "-o", "out", "-f", "json"], folder=folder)
    found: list[Object] = json.loads(done.stdout)["diagnostics"]
    return found


Check = Callable[[Lanes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer to one difference.

    Attributes:
        releases: the rules of each release.
        routes: the baseline's entries; one Ingress on `/` where empty.
        check: holds of what was built.
    """

    id: str
    gateway: str
    releases: Sequence[Sequence[Object]]
    check: Check
    routes: Sequence[Object] = ()
    traffic: Object | None = field(default=None)


def row(
    id: str,
    gateway: str,
    *releases: Sequence[Object],
    check: Check,
    routes: Sequence[Object] = (),
    traffic: Object | None = None,
) -> Row:
    return Row(id=id, gateway=gateway, releases=releases, check=check, routes=routes, traffic=traffic)


def says(code: str) -> Check:
    return lambda built: code in built.codes


def silent(code: str) -> Check:
    return lambda built: code not in built.codes and built.ways


def ways(count: int) -> Check:
    return lambda built: len(built.ways) == count


def has(name: str, value: str, at: int = 0) -> Check:
    return lambda built: built.note(name, at) == value


def all_of(*checks: Check) -> Check:
    return lambda built: all(check(built) for check in checks)


PATTERN = "canary-by-header-pattern"
V2: Object = {"header": "x-gray", "value": "v2"}
WEIGHT: Object = {"weight": 30}
ROUTE = an_object(
    "HTTPRoute",
    {"parentRefs": [{"name": "gw"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
    version="gateway.networking.k8s.io/v1",
    name="entry",
)
HEADER_CONTROL = "request-header-control-update"

ROWS = (
    row("D1", "higress", [HEADER, WEIGHT], check=ways(2)),
    row("D1", "ingress-nginx", [HEADER, WEIGHT], check=all_of(ways(1), has("canary-weight", "30"), has(PATTERN, "^v1$"))),
    row("D2", "higress", [HEADER, COOKIE], check=ways(2)),
    row("D2", "traefik", [HEADER, COOKIE], check=all_of(ways(1), has("canary-by-cookie", "vip"))),
    row("D3", "mse", [HEADER, {"cookie": "vip", "value": "1"}, WEIGHT], check=ways(3)),
    row("D4", "higress", [HEADER], [V2], check=all_of(ways(2), silent("GC520"), silent("GC521"))),
    row("D4", "ingress-nginx", [HEADER], [V2], check=says("GC520")),
    row("D4", "ingress-nginx", [HEADER, V2], check=all_of(ways(1), has(PATTERN, "^(?:v1|v2)$"))),
    row("D5", "traefik", TAG, [WEIGHT], check=says("GC520")),
    row("D6", "higress", [{"header": "x-gray", "value": "1.2|a+b"}], check=has(PATTERN, r"^1\x2E2\x7Ca\x2Bb$")),
    row("D7", "mse", [HEADER], check=all_of(has("canary-by-header-value", "v1"), lambda built: not built.note(PATTERN))),
    row("D8", "ingress-nginx", [{"header": "x-gray", "value": "b@c, d"}], check=has(PATTERN, r"^b\x40c\x2C\x20d$")),
    row("D8", "ingress-nginx", [{"header": "x-gray", "pattern": "^a{1,2}$"}], check=says("GC501")),
    row("D8", "ingress-nginx", [{"header": "x-gray", "pattern": r"^\\,[{1,2}]$"}], check=has(PATTERN, r"^\\\x2C[{1\x2C2}]$")),
    row("D8", "traefik", [{"header": "x-gray", "pattern": "^a@b$"}], check=has(PATTERN, r"^a\x40b$")),
    row("D9", "higress", [{"header": "x-gray", "pattern": "foo|bar"}], check=has(PATTERN, "^.*(?:foo|bar).*$")),
    row("D10", "gateway-api", [{"header": "x-gray", "pattern": "foo"}], routes=[ROUTE], check=lambda built: built.ways[0][
        "spec"]["rules"][0]["matches"][0]["headers"][0]["value"] == "^.*(?:foo).*$"),
    row("D11", "ingress-nginx", [{"header": "x-gray", "pattern": "^(?!prod).*$"}], check=says("GC215")),
    row("D12", "ingress-nginx", [{"header": "x-gray", "pattern": "[][**da?$&*"}], check=says("GC215")),
    row("D13", "higress", [SWITCH, WEIGHT], check=all_of(
        ways(3), has(PATTERN, "^never$"),
        lambda built: built.ways[0]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] == "web")),
    row("D14", "higress", [HEADER, WEIGHT], check=lambda built: not any("never" in str(item) for item in built.ways)),
    row("D15", "ingress-nginx", [{"value": "v1"}], check=lambda built: not built.ways),
    row("D16", "ingress-nginx", [{"header": "x_gray", "value": "v1"}], check=says("GC501")),
    row("D16", "higress", [{"header": "x_gray", "value": "v1"}], check=ways(1)),
    row("D17", "traefik", [{"weight": 5}], check=all_of(
        has("canary-weight", "5"), lambda built: built.note("canary-weight-total") is None)),
    row("D18", "higress", [{"weight": 0.5}], check=lambda built: not built.ways),
    row("D19", "higress", [{"weight": 53}], check=all_of(
        has("canary-weight", "53001"), has("canary-weight-total", "100000"))),
    row("D19", "ingress-nginx", [{"weight": 53}], check=has("canary-weight", "53")),
    row("D20", "higress", [{"weight": 80}], [{"weight": 60}], check=says("GC523")),
    row("D21", "higress", [{"weight": 150}], check=says("GC206")),
    row("D22", "higress", [HEADER], routes=[way(paths=[("/api/", "Prefix", "web")])], check=lambda built: built.ways[0][
        "spec"]["rules"][0]["http"]["paths"][0]["path"] == "/api/"),
    row("D23", "traefik", TAG, routes=[way(paths=[("/", "ImplementationSpecific", "web")])], check=lambda built: built.ways[
        0]["spec"]["rules"][0]["http"]["paths"][0]["pathType"] == "ImplementationSpecific"),
    row("D24", "higress", [HEADER], routes=[way(notes={"rewrite-target": "/$1", "use-regex": "true"})], check=all_of(
        has("rewrite-target", "/$1"), has("use-regex", "true"))),
    row("D24", "ingress-nginx", [HEADER], routes=[way(notes={"rewrite-target": "/$1"})], check=lambda built: built.ways and not built.note(
        "rewrite-target")),
    row("D25", "higress", [HEADER], routes=[way(notes={"higress.io/exact-match-header-user": "a"})], check=all_of(
        says("GC507"), has("higress.io/exact-match-header-user", "a"))),
    row("D26", "higress", [HEADER], routes=[way(host="*.test")], check=lambda built: built.ways[0]["spec"]["rules"][0][
        "host"] == "*.test"),
    row("D27", "traefik", TAG, check=lambda built: built.ways[0]["metadata"]["namespace"] == "shop"),
    row("D28", "ingress-nginx", TAG, routes=[way(), way("other", "o.test")], traffic={"entries": [{"ingress": "entry"}]},
        check=says("GC509")),
    row("D28", "higress", TAG, routes=[way(), way("other", "o.test")], traffic={"entries": [{"ingress": "entry"}]},
        check=silent("GC509")),
    row("D29", "ingress-nginx", TAG, routes=[way(), way("own", "o.test", [("/", "Prefix", "web-mse-gray")])],
        check=says("GC461")),
    row("D30", "ingress-nginx", TAG, routes=[way(paths=[("/", "Prefix", "web"), ("/zzz", "Prefix", "other")])],
        check=lambda built: len(built.ways[0]["spec"]["rules"][0]["http"]["paths"]) == 1),
    row("D31", "ingress-nginx", TAG, routes=[way(), way("other", "o.test")], check=lambda built: len(built.ways) == 2
        and built.ways[0]["metadata"]["annotations"] == built.ways[1]["metadata"]["annotations"]),
    row("D32", "traefik", TAG, routes=[way(), way("api", paths=[("/api", "Prefix", "api")])], check=says("GC512")),
    row("D32", "ingress-nginx", TAG, routes=[way(), way("api", paths=[("/api", "Prefix", "api")])], check=silent("GC512")),
    row("D33", "higress", [HEADER], routes=[way(), way("api", paths=[("/a.*", "ImplementationSpecific", "api")], notes={"use-regex": "true"})], check=says("GC510")),
    row("D34", "traefik", TAG, routes=[way(paths=[("/a", "Exact", "web"), ("/a", "Prefix", "x")])], check=says("GC513")),
    row("D35", "mse", [HEADER], check=has(f"mse.ingress.kubernetes.io/{HEADER_CONTROL}", "x-mse-tag gray")),
    row("D35", "higress", [HEADER], check=has(f"higress.io/{HEADER_CONTROL}", "x-mse-tag gray")),
    row("D36", "higress", [HEADER], routes=[way(notes={f"higress.io/{HEADER_CONTROL}": "stage pro"})],
        check=has(f"higress.io/{HEADER_CONTROL}", "stage pro\nx-mse-tag gray")),
    row("D37", "ingress-nginx", [HEADER], check=says("GC508")),
    row("D37", "traefik", TAG, check=silent("GC508")),
    row("D38", "higress", [HEADER], routes=[way(notes={"backend-protocol": "GRPC"})], check=has("backend-protocol", "GRPC")),
    row("D39", "ingress-nginx", [HEADER], routes=[way(notes={"service-upstream": "true"})], check=has("service-upstream", "true")),
    row("D40", "ingress-nginx", [HEADER], routes=[way(notes={"affinity": "cookie"})], check=says("GC511")),
    row("D41", "higress", [WEIGHT], routes=[way(notes={"affinity": "cookie"})], check=says("GC511")),
    row("D42", "higress", [WEIGHT], check=lambda built: built.kinds[-1] == "Ingress" and "Deployment" in built.kinds),
    row("D43", "mse", [{"query": "v", "value": "1"}], check=has("mse.ingress.kubernetes.io/canary-by-query-value", "1")),
    row("D44", "traefik", [{"cookie": "vip", "value": "1"}], check=all_of(
        has("canary-by-header", "cookie"), has(PATTERN, r"^(?:.*\x3B\s*)?vip\x3D1(?:\x3B.*)?$"))),
    row("D45", "ingress-nginx", [HEADER, {"header": "x-other", "value": "v1"}], check=says("GC501")),
    row("D46", "apisix", [HEADER], check=says("GC205")),
    row("D47", "traefik", TAG, check=has("canary", "true")),
    row("D48", "ingress-nginx", TAG, routes=[way(notes={"canary": "true"})], check=says("GC321")),
    row("D49", "higress", [SWITCH, COOKIE, WEIGHT], check=lambda built: [
        item["metadata"]["annotations"].get(f"{NGINX}canary-weight") for item in built.ways][-1] == "30"),
    row("D50", "gateway-api", [HEADER, {"cookie": "vip", "value": "1"}], routes=[ROUTE], check=ways(1)),
)  # fmt: skip


@pytest.mark.parametrize("case", ROWS, ids=lambda case: f"{case.id}-{case.gateway}")
def test_difference_is_avoided_or_told(case: Row, tmp_path: Path) -> None:
    built = build(tmp_path, case.gateway, *case.releases, routes=case.routes, traffic=case.traffic)

    assert case.check(built), built


def test_every_difference_has_an_answer() -> None:
    assert {case.id for case in ROWS} == {f"D{number}" for number in range(1, 51)}
