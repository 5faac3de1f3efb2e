"""The Services of a baseline and a lane that lead to databases, caches and the like."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from grayc.analysis.graph import LabelIndex, has_own_pods, is_workload, main_containers_of
from grayc.documents import Document, ObjectKey
from grayc.documents.tree import get, get_list, get_text
from grayc.k8s.hosts import hosts_in, read_host
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.store_names import Found, meaning_of, parts_of
from grayc.k8s.stores import Form, StoreKind, kind_of, product_of_image, product_of_port, product_of_word
from grayc.plan.model import ReleasePlan

_SERVICE: GroupKind = (CORE, "Service")


class StoreServices:
    """Services of some objects: which of them lead to a store, and how texts name them."""

    def __init__(self, every: Sequence[Document], plan: ReleasePlan) -> None:
        self._plan = plan
        self._services = {plan.key_of(each.identity): each for each in every if each.identity.group_kind == _SERVICE}
        self._products = self._services_of_stores(every)
        self._names = frozenset(key.name for key in self._products)

    def is_in(self, text: str) -> bool:
        """Tell whether a text names one of them."""
        return bool(self._names) and next(hosts_in(text, self._names), None) is not None

    def _services_of_stores(self, every: Iterable[Document]) -> dict[ObjectKey, tuple[StoreKind, str]]:
        """Return the Services that lead to a store, by their ports, else by the image of the pods behind them."""
        found: dict[ObjectKey, tuple[StoreKind, str]] = {}
        running = [each for each in every if is_workload(each) and has_own_pods(each) and _runs(each) is not None]
        index = LabelIndex(running)
        for key, service in self._services.items():
            told = _told_by_ports(service)
            if told is None and running and not _has_http(service):
                behind = index.selected_by(service, self._plan.spec)
                told = next((_runs(each) for each in behind), None)
            if told is not None:
                found[key] = told
        return found

    def named_in(self, setting: str, text: str, home: str) -> Iterator[Found]:
        """Yield the Services of stores that a text names where addresses stand."""
        if not self._names:
            return
        is_whole = bool(setting) and is_of_address_name(setting)
        for host in hosts_in(text, self._names):
            key = ObjectKey(group_kind=_SERVICE, namespace=host.namespace or home, name=host.name)
            told = self._products.get(key)
            if told is not None and (host.is_address or (is_whole and host.start == 0 and text.strip() == text)):
                end = host.start + len(host.name) + (len(host.namespace) + 1 if host.namespace else 0)
                if host.is_address or end == len(text) or ".svc" in text:
                    yield Found(Form.HOST, text[host.start : end], told[0], told[1])

    def canonical(self, host: str, namespace: str) -> tuple[str, ObjectKey | None]:
        """Return a host in one form, and the Service that it names: short in its own namespace, else with that.

        A Service that stands for an address outside is that address. Source: core/v1 ServiceSpec `externalName`.
        """
        read = read_host(host)
        if read is None:
            return host, None
        first, _, second = host.partition(".")
        label = second.partition(".")[0]
        # A pod of a StatefulSet: `mysql-0.mysql`. Source: Kubernetes, "StatefulSet", stable network ID.
        headless = ObjectKey(group_kind=_SERVICE, namespace=namespace, name=label)
        if re.fullmatch(r".+-[0-9]+", first) and headless in self._services:
            return label, headless
        key = ObjectKey(group_kind=_SERVICE, namespace=read.namespace or namespace, name=read.name)
        if read.namespace and key not in self._services and ".svc" not in host:
            return host, None
        service = self._services.get(key)
        outside = get_text(service.data, ("spec", "externalName")) if service is not None else ""
        if outside:
            return outside.rstrip(".").lower(), key
        return (read.name if key.namespace == namespace else f"{read.name}.{key.namespace}"), key

    def unnamed(self, named: Collection[str]) -> tuple[str, ...]:
        """Return the Services of stores that are not among these names, sorted."""
        home = self._plan.spec.namespace
        names = {key.name if home in (None, key.namespace) else f"{key.name}.{key.namespace}" for key in self._products}
        return tuple(sorted(names - set(named)))


def is_of_address_name(name: str) -> bool:
    """Tell whether a setting's name says that its value is an address, of whatever."""
    return meaning_of(f"db.{parts_of(name)[-1]}") is not None if parts_of(name) else False


def _runs(workload: Document) -> tuple[StoreKind, str] | None:
    """Return what store a workload runs: its first container, for others stand beside it."""
    for _, container in main_containers_of(workload):
        product = product_of_image(get_text(container, ("image",)))
        return (product.kind, product.name) if product is not None else None
    return None


def _told_by_ports(service: Document) -> tuple[StoreKind, str] | None:
    """Return what a Service's ports tell of a store behind it: by number, or by name."""
    for item in get_list(service.data, ("spec", "ports")):
        product = product_of_port(get(item, ("port",))) or product_of_port(get(item, ("targetPort",)))
        if product is None:
            named = (get_text(item, ("name",)), get_text(item, ("targetPort",)), get_text(item, ("appProtocol",)))
            product = next(
                (found for name in named for part in parts_of(name) if (found := product_of_word(part))), None
            )
        if product is not None and not (product.speaks_http and kind_of(product.name) is StoreKind.BUCKET):
            return product.kind, product.name
    return None


def _has_http(service: Document) -> bool:
    return any(
        get(item, ("port",)) in (80, 443, 8080) or get_text(item, ("name",)).startswith("http")
        for item in get_list(service.data, ("spec", "ports"))
    )
