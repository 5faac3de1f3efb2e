"""Random Ingresses with nginx annotations, and requests at the edges of what they say.

The same number gives the same case on every machine. Cases are meant for any gateway that reads these annotations:
every host, path type and kind of rule comes up, canaries that find no base and several canaries for one base among
them. What gateways would not take at all stays out: two ordinary rules for one host and path (an admission webhook
refuses them), and regular expressions that are invalid for some engine.

The requests hold the values that the rules name, their neighbours, and nothing where something is named.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypedDict

from tests.gateways.traffic import Case, Request
from tests.gateways.vectors import base, canary, services_of
from tests.manifests import Object, stream

REQUESTS_PER_CASE = 12

HOSTS = ("h.test", "shop.example.com", "*.test", "*.example.com", "")
PATHS = ("/", "/", "/", "/a", "/api", "/api/v1", "/api/v1/users", "/foo", "/shop/", "/Shop")
REGEX_PATHS = ("/re/[0-9]+", "/api/.*", "/(a|foo)/x")
"""Paths of Ingresses with `use-regex`, type ImplementationSpecific."""
PATH_TYPES = ("Prefix", "Prefix", "Prefix", "Exact", "ImplementationSpecific")
BASES = ("base", "web", "api", "users")
GRAYS = ("gray", "gray", "gray1", "gray2")
HEADERS = ("x-gray", "x-gray", "X-User", "x-a_b")
VALUES = ("v1", "v2", "1.2", "v+1", "a|b", "true", "always", "never", "A-z/9~:", "bob@corp.com")
PATTERNS = ("^v1$", "v1|v2", "^(?:v1|v2)$", "^v[0-9]+$", "beta", "^a.c$", "^$", r"^v\x2b1$", "always")
MATCHED = {
    "^v1$": "v1",
    "v1|v2": "v2",
    "^(?:v1|v2)$": "v2",
    "^v[0-9]+$": "v10",
    "beta": "beta",
    "^a.c$": "a.c",
    "^$": "",
    r"^v\x2b1$": "v+1",
    "always": "always",
}
"""For every pattern a value that it matches."""
COOKIES = ("vip", "vip", "user-type", "a.b")
WEIGHTS = ("0", "1", "5", "30", "50", "53", "59", "100", "150", "-1", "20%")
TOTALS = ("", "", "", "100", "10", "200", "1000", "0")


class _Rules(TypedDict, total=False):
    """Arguments of `vectors.canary`."""

    hdr: str
    val: str
    pat: str
    ck: str
    w: str
    wt: str


def random_cases(count: int, *, seed: int = 0) -> Iterator[Case]:
    """Yield cases, each the objects of one gateway and its requests."""
    for number in range(count):
        yield random_case(number, seed=seed)


def random_case(number: int, *, seed: int = 0) -> Case:
    """Return one case of the series."""
    random = Random(f"ingress {seed} {number}")
    ordinary = _ordinary(random)
    canaries = [_canary(random, ordinary, place) for place in range(random.choice((0, 1, 1, 1, 2, 2, 3)))]
    ingresses = [*ordinary, *canaries]
    services = services_of(ingresses)
    names = [f"{entry['metadata']['namespace']}/{entry['metadata']['name']}" for entry in services]
    random.shuffle(ingresses)  # The order in a file says nothing: a gateway goes by age and name.
    return Case(
        manifests=stream([*ingresses, *services]),
        requests=tuple(_request(random, ordinary, canaries) for _ in range(REQUESTS_PER_CASE)),
        without_endpoints=frozenset(name for name in names if random.random() < 0.06),
    )


def _ordinary(random: Random) -> list[Object]:
    """Return one to three ordinary Ingresses, no two rules for one host and path."""
    hosts = random.sample(HOSTS, random.choice((1, 1, 2)))
    taken: set[tuple[str, str, bool]] = set()
    made = []
    for place in range(random.choice((1, 1, 2, 3))):
        host = random.choice(hosts)
        regex = random.random() < 0.1
        paths = []
        for _ in range(random.choice((1, 1, 2, 3))):
            path = random.choice(REGEX_PATHS if regex else PATHS)
            kind = "ImplementationSpecific" if regex else random.choice(PATH_TYPES)
            # With and without its last `/`, a prefix is the same to some gateways.
            key = (host, path.rstrip("/"), kind == "Exact")
            if key not in taken:
                taken.add(key)
                paths.append((path, kind, random.choice(BASES)))
        if paths:
            options = {"use_regex": "true"} if regex else {}
            made.append(base(*paths, name=f"{random.choice('abc')}-{place}", host=host, age=_age(random), **options))
    return made


def _canary(random: Random, ordinary: Sequence[Object], place: int) -> Object:
    """Return a canary for rules of an ordinary Ingress, or, now and then, for what comes close to them."""
    target = random.choice(ordinary)
    [rule] = target["spec"]["rules"]
    host = rule.get("host", "")
    service = random.choice(GRAYS)
    listed = rule["http"]["paths"]
    chosen = listed if random.random() < 0.3 else [random.choice(listed)]
    paths = []
    for entry in chosen:
        path, kind = entry["path"], entry["pathType"]
        match random.randrange(20):
            case 0:
                path = path.rstrip("/") or "/other" if path.endswith("/") else f"{path}/"
            case 1:
                kind = "ImplementationSpecific" if kind == "Prefix" else "Prefix"
            case 2:
                host = random.choice(HOSTS)
        if "Specific" not in kind and any(character in path for character in "[*("):
            kind = "ImplementationSpecific"  # A regex with another type is refused.
        paths.append((path, kind, service))
    return canary(
        f"{random.choice('abcxyz')}-canary-{place}",
        paths,
        **_rules(random),
        host=host,
        namespace="other" if random.random() < 0.04 else "default",
        age=_age(random),
        port=random.choice((80, 80, 80, 8080)),
    )


def _rules(random: Random) -> _Rules:
    """Return a canary's annotations, as the arguments of `canary`; values without their header are rare."""
    rules: _Rules = {}
    kinds = random.choice(("header", "header", "cookie", "weight", "header weight", "header cookie", "all"))
    if kinds not in {"weight", "cookie"}:
        rules["hdr"] = random.choice(HEADERS)
        match random.randrange(6):
            case 0 | 1:
                rules["val"] = random.choice(VALUES)
            case 2 | 3:
                rules["pat"] = random.choice(PATTERNS)
            case 4 if random.random() < 0.2:
                rules["val"] = random.choice(VALUES)
                rules["pat"] = random.choice(PATTERNS)
        if random.random() < 0.03 and "val" in rules:
            del rules["hdr"]
    if "cookie" in kinds or kinds == "all":
        rules["ck"] = random.choice(COOKIES)
    if "weight" in kinds or kinds == "all":
        rules["w"] = random.choice(WEIGHTS)
        rules["wt"] = random.choice(TOTALS)
    return rules


def _age(random: Random) -> int:
    """Return an age; now and then two objects have the same one, and names decide."""
    return random.randrange(50) if random.random() < 0.8 else 25


def _request(random: Random, ordinary: Sequence[Object], canaries: Sequence[Object]) -> Request:
    """Return a request near the rules."""
    near = random.choice([*ordinary, *canaries, *canaries])
    [rule] = near["spec"]["rules"]
    path = random.choice(rule["http"]["paths"])["path"]
    headers: list[tuple[str, str]] = []
    for entry in canaries:
        if random.random() < 0.75:
            headers += _headers(random, entry["metadata"]["annotations"])
    return Request(
        host=_host(random, rule.get("host", "")),
        path=_near_path(random, path),
        headers=_one_cookie(headers),
    )


def _host(random: Random, host: str) -> str:
    if random.random() < 0.03:
        return "elsewhere.invalid"
    if host.startswith("*."):
        return random.choice(("one", "h", "shop", "a.b")) + host[1:]
    return host or random.choice(("h.test", "any.invalid"))


def _near_path(random: Random, path: str) -> str:
    """Return the path itself, one below it, or one that only begins like it."""
    if path in REGEX_PATHS:
        return random.choice(("/re/12", "/re/x", "/RE/1", "/api/a", "/api", "/a/x", "/foo/x/y", "/foo"))
    stem = path.rstrip("/")
    return random.choice((path, path, path, path, f"{stem}/", f"{stem}/x", f"{stem}/x", f"{stem or '/'}x", "/"))


def _headers(random: Random, annotations: Object) -> list[tuple[str, str]]:
    """Return headers that one canary looks at."""
    found: list[tuple[str, str]] = []
    rules = {key.partition("/")[2].removeprefix("canary-"): value for key, value in annotations.items()}
    name = rules.get("by-header")
    if name and random.random() < 0.8:
        named = rules.get("by-header-value", MATCHED.get(rules.get("by-header-pattern", ""), "always"))
        neighbours = (named, named, named, f"{named}x", f"x{named}", named.upper(), named.replace(".", "x"))
        value = random.choice((*neighbours, "always", "always", "never", "never", "other", ""))
        spelled = name.replace("_", "-") if random.random() < 0.2 else name.upper() if random.random() < 0.2 else name
        found.append((spelled, value))
        if random.random() < 0.08:
            found.append((spelled, random.choice((named, "other"))))
    cookie = rules.get("by-cookie")
    if cookie and random.random() < 0.8:
        value = random.choice(("always", "always", "always", "never", "other", "alwaysx", "Always"))
        spelled = random.choice(
            (cookie, cookie, cookie, cookie, cookie.upper(), f"x{cookie}", cookie.replace(".", "x"))
        )
        pairs = [f"{spelled}={value}"]
        if random.random() < 0.4:
            pairs.insert(random.randrange(2), "other=1")
        found.append(("cookie", "; ".join(pairs)))
    return found


def _one_cookie(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the headers with all cookies in one, as clients send them."""
    cookies = [value for name, value in headers if name == "cookie"]
    rest = [(name, value) for name, value in headers if name != "cookie"]
    return (*rest, *([("cookie", "; ".join(cookies))] if cookies else []))
