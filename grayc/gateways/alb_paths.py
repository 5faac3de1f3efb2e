"""What a gray Ingress of an ALB asks, and the paths of its base that it has: what its writer and its checks look at."""

from collections.abc import Iterator
from itertools import product

from grayc.analysis.routes import Backend, backends_of
from grayc.analysis.traffic import ALWAYS, Ask, Line
from grayc.documents.tree import get, get_list, get_text
from grayc.gateways.alb_values import values_of
from grayc.k8s.alb_ingresses import as_read
from grayc.k8s.kinds import CORE
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass
from grayc.spec.model import Part

INSERT_HEADER, REMOVE_HEADER = "InsertHeader", "RemoveHeader"

MOST_VALUES = 6
"""Of one rule, beside its host and two paths, and a condition of the base: all of them are ten at most."""
_SIGNS_OF_EXPRESSIONS = frozenset("*?()[]{}|^$\\+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One gray Ingress to be: all that its requests say.

    Attributes:
        said: what is asked, with the values of which one must be there.
        enters: they enter the lane; False keeps them on the baseline.
    """

    said: tuple[tuple[Ask, tuple[str, ...]], ...]
    enters: bool

    @property
    def count(self) -> int:
        """How many values it asks for; each may count as a condition of its rule."""
        return sum(len(values) for _, values in self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where one path of the base leads from a gray Ingress.

    Attributes:
        service: the base's own.
        port: its number; 0 where nothing tells it.
        gray: it leads to the gray Service in its place.
        is_opened: it is a path of the entry; False for one that stands before such a path and keeps its requests.
    """

    service: str
    port: int
    gray: bool
    is_opened: bool


def asked_of(line: Line) -> Iterator[Asked]:
    """Yield the gray Ingresses of a line: one for each few values, and for each choice of them where it asks several.

    What no condition means is left out: `check_values` tells it.
    """
    most = max(1, MOST_VALUES // len(line.asks))
    several = [_few(values_of(ask, line.rule) or (), most) for ask in line.asks]
    for values in product(*several):
        yield Asked(said=tuple(zip(line.asks, values, strict=True)), enters=line.enters)


def _few(values: tuple[str, ...], most: int) -> list[tuple[str, ...]]:
    return [values[at : at + most] for at in range(0, len(values), most)]


def ways_through(entry: Entry, plan: ReleasePlan, *, gray: bool) -> dict[tuple[int, int], Way]:
    """Return the opened paths, and those before them that would lose requests to them, in the base's order."""
    opened = {(path.rule, path.path): path for path in entry.paths}
    every = tuple(backends_of(entry.document))
    found: dict[tuple[int, int], Way] = {}
    for at, backend in enumerate(every):
        place = backend.rule, backend.path
        later = [each for each in every[at + 1 :] if (each.rule, each.path) in opened]
        if place in opened or any(overlap(backend, each) for each in later):
            wanted = opened.get(place)
            found[place] = Way(
                service=backend.service,
                port=_number(entry, plan, backend),
                gray=gray and wanted is not None and wanted.service is not None,
                is_opened=wanted is not None,
            )
    return found


def is_plain(asked: Asked) -> bool:
    """Tell whether a canary annotation says it."""
    if len(asked.said) != 1:
        return False
    ((ask, values),) = asked.said
    return len(values) == 1 and (ask.part is Part.HEADER or (ask.part is Part.COOKIE and values == (ALWAYS,)))


def is_about(action: dict[str, object], kind: str, header: str) -> bool:
    """Tell whether an action of a type is about a request header."""
    read = as_read(action)
    key = get_text(read, (f"{kind.lower()}config", "key"))
    return read["type"] == kind.lower() and key.lower() == header.lower()


def _number(entry: Entry, plan: ReleasePlan, backend: Backend) -> int:
    """Return the number of a backend's port; 0 where nothing tells it."""
    if isinstance(backend.port, int):
        return backend.port
    home = plan.key_of(entry.document.identity).namespace
    for document in plan.baseline:
        key = plan.key_of(document.identity)
        if key.group_kind == (CORE, "Service") and (key.namespace, key.name) == (home, backend.service):
            for port in get_list(document.data, ("spec", "ports")):
                number = get(port, ("port",))
                if get_text(port, ("name",)) == backend.port and isinstance(number, int):
                    return number
    return 0


def overlap(one: Backend, other: Backend) -> bool:
    """Tell whether one request may come by both paths: so may all of which one is no plain path."""
    hosts, texts = (one.host.lower(), other.host.lower()), (one.text or "/", other.text or "/")
    if all(hosts) and "*" not in "".join(hosts) and hosts[0] != hosts[1]:
        return False
    if set("".join(texts)) & _SIGNS_OF_EXPRESSIONS:
        return True
    return _is_below(texts[0], texts[1]) or _is_below(texts[1], texts[0])


def _is_below(path: str, prefix: str) -> bool:
    stem = prefix.rstrip("/")
    return path == stem or path.startswith(f"{stem}/")
