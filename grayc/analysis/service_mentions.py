"""The Services of a release that containers are given the addresses of, production's or the gray ones, by which text.

An address is a name as DNS has it, a variable that Kubernetes sets, an address that production's Service is given for
good, or the name of a Service that stands for another.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from grayc.analysis.addresses import Reading, Via, readings_of
from grayc.analysis.agents import image_name
from grayc.analysis.comments import without_comments
from grayc.analysis.container_sources import CONFIG_MAP, Configuration
from grayc.analysis.graph import LabelIndex, containers_of, is_workload, references_of
from grayc.analysis.text_names import NamedService, services_named
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_list, get_map, get_text, show_path
from grayc.k8s.hosts import CLUSTER_DOMAIN, addresses_in, beside, read_host
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.registries import SERVERS
from grayc.k8s.text_words import is_of_no_call, words_of
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass, replace

_SERVICE = (CORE, "Service")
_EXTERNAL = "ExternalName"
_WORD = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LINK = re.compile(r"(?P<name>[A-Z0-9_]+?)_(?:SERVICE_HOST|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_ADDR)?)")
"""Variables that each pod has of the Services of its namespace.

Source: kubernetes/kubernetes 0359a85, pkg/kubelet/envvars/envvars.go.
"""
_MAIN = frozenset({Via.VARIABLE, Via.ARGUMENT, Via.FILE})
OWN_RESOLVER = because(HopWhy.HAVE, setting="dnsPolicy: None")
"""Pods bring a resolver of their own, which may be the cluster's."""
_PLACES = {
    Via.VARIABLE: HopWhy.VARIABLE,
    Via.ARGUMENT: HopWhy.ARGUMENT,
    Via.FILE: HopWhy.FILE,
    Via.PROBE: HopWhy.PROBE,
    Via.HOOK: HopWhy.HOOK,
}
_ROUNDS = 4
"""How often a Service of type ExternalName may lead to another of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An address of a Service that a container is given.

    Attributes:
        copy: of the Service; of one that has none, of the Service that it may be taken for.
        name: of the Service that is named, production's or the gray one.
        port: by which it is called; None where that is not seen.
        is_tls: the client encrypts what it sends, as its URL says.
        is_pod: one of its pods is named, `web-0.web`.
        by: what stands for its name: a Service that leads to it, an IP address; None for neither.
        is_outer: that IP address is for callers outside of the cluster.
        link: the variable by which Kubernetes gives the address, "" for none.
        uncopied: what the Service is that has no copy; None where it has one.
        is_namesake: it has nothing else in common with the copied one than its name.
        unresolved: why the pods' DNS does not know the Service's name, after "its pods"; None where it does.
        registry: a registry that the same text names, "" for none: which of both is called is not to be seen.
    """

    copy: Copy
    name: str
    is_gray: bool
    reading: Reading
    port: int | None = None
    is_tls: bool = False
    is_pod: bool = False
    by: Reason | None = None
    is_outer: bool = False
    link: str = ""
    uncopied: Reason | None = None
    is_namesake: bool = False
    registry: str = ""
    unresolved: Reason | None = None

    @property
    def is_deciding(self) -> bool:
        """Tell whether the program itself is given it, and no probe or init container."""
        return is_of_program(self.reading)

    @property
    def doubt(self) -> Reason | None:
        """Why the program may not call by it; None where nothing says so."""
        if self.registry:
            return because(HopWhy.BESIDE_REGISTRY, registry=self.registry)
        if self.reading.profiles:
            shown = ", ".join(f"`{each}`" for each in self.reading.profiles)
            return because(HopWhy.WITH_PROFILE, profiles=shown)
        return None

    @property
    def where(self) -> Reason:
        """What names it, and in which way."""
        reading, what = self.reading, self.place
        by = because(HopWhy.LINK, variable=self.link) if self.link else self.by
        if by is not None:
            what = because(HopWhy.BY, what=what, by=by)
        if is_workload(reading.document):
            return what
        return because(HopWhy.FROM, what=what, object=reading.document.origin.ref)

    @property
    def place(self) -> Reason:
        """Where the container is given it."""
        name, container = self.reading.name, self.reading.container
        why = _PLACES[self.reading.via]
        if why is HopWhy.ARGUMENT and not name:
            why = HopWhy.AN_ARGUMENT
        return because(why, name=name, container=container)

    @property
    def field(self) -> str:
        """Where it stands in its object."""
        return show_path(self.reading.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What a Service's name leads to; the attributes as `Mention` has them."""

    copies: tuple[Copy, ...]
    is_gray: bool = False
    by: Reason | None = None
    uncopied: Reason | None = None
    is_namesake: bool = False


class ServiceMentions:
    """The addresses of Services in the workloads of a release, and of production.

    Args:
        gray: the gray objects as they are now, by the place that they were copied from.
    """

    def __init__(self, plan: ReleasePlan, gray: Mapping[tuple[str, int, Path], Document]) -> None:
        self._plan, self._gray = plan, gray
        services = [each for each in plan.baseline if each.identity.group_kind == _SERVICE]
        copies = [copy for copy in plan.copies if copy.document.identity.group_kind == _SERVICE]
        self._targets: dict[ObjectKey, _Target] = {}
        for copy in copies:
            key = plan.key_of(copy.document.identity)
            self._targets[key] = _Target(copies=(copy,))
            self._targets[_gray_key(key, copy)] = _Target(copies=(copy,), is_gray=True)
        self._links = {_variable_of(key.name): key for key in self._targets if self._has_address(key)}
        self._addresses = {
            address: plan.key_of(copy.document.identity) for copy in copies for address in _addresses_of(copy.document)
        }
        if copies:
            self._targets |= self._uncopied(services, copies)
            self._targets |= self._aliases(services, copies)
        self._names = frozenset(key.name for key in self._targets)
        home = plan.spec.namespace or ""
        # Of two with one key the last counts: the gray ones have names of their own.
        self._configuration = Configuration((*plan.baseline, *gray.values()), home, is_told=self._is_told)
        # The plan and what was made of it hold the objects for as long as this lasts, so that an id is of one.
        self._read: dict[int, tuple[Mention, ...]] = {}
        self._in_text: dict[tuple[object, ...], tuple[tuple[NamedService, str], ...]] = {}

    def _uncopied(self, services: Sequence[Document], copies: Sequence[Copy]) -> dict[ObjectKey, _Target]:
        """Return the Services without a copy that have the name of one with a copy, or lead to its pods alone."""
        others = [each for each in services if self._plan.key_of(each.identity) not in self._targets]
        if not others:
            return {}
        index = LabelIndex(filter(is_workload, self._plan.baseline))
        behind: dict[tuple[str, int, Path], list[tuple[Copy, frozenset[tuple[str, int, Path]]]]] = {}
        of_name: dict[str, list[Copy]] = {}
        for copy in copies:
            of_name.setdefault(copy.document.identity.name, []).append(copy)
            pods = frozenset(each.place for each in index.selected_by(copy.document, self._plan.spec))
            for place in pods:
                behind.setdefault(place, []).append((copy, pods))
        found: dict[ObjectKey, _Target] = {}
        for other in others:
            key = self._plan.key_of(other.identity)
            pods = frozenset(each.place for each in index.selected_by(other, self._plan.spec))
            first = next(iter(pods), None)
            same = tuple(copy for copy, theirs in behind.get(first, ()) if pods <= theirs) if first is not None else ()
            if same:
                found[key] = _Target(copies=same, uncopied=because(HopWhy.UNCOPIED, service=key.name))
            elif key.name in of_name:
                where = because(HopWhy.OTHER_NAMESPACE, service=key.name, namespace=key.namespace)
                found[key] = _Target(copies=tuple(of_name[key.name]), uncopied=where, is_namesake=True)
        return found

    def _aliases(self, services: Sequence[Document], copies: Sequence[Copy]) -> dict[ObjectKey, _Target]:
        """Return the Services of type ExternalName, gray ones too, that lead to one with a copy.

        Source: core/v1 ServiceSpec, `externalName`: DNS answers with that name, and searches no domains for it.
        """
        named = {self._plan.key_of(each.identity): text for each in services if (text := _external_name(each))}
        for copy in copies:
            text = _external_name(self._gray.get(copy.document.place, copy.document))
            if text:
                named[_gray_key(self._plan.key_of(copy.document.identity), copy)] = text
        found: dict[ObjectKey, _Target] = {}
        for alias in named:
            key = alias
            for _ in range(_ROUNDS):
                host = read_host(named[key]) if key in named else None
                if host is None:
                    break
                key = ObjectKey(group_kind=_SERVICE, namespace=host.namespace, name=host.name)
            target = self._targets.get(key)
            if target is not None and key != alias:
                by = because(HopWhy.ALIAS, service=alias.name)
                found[alias] = replace(target, by=by)
        return found

    def of(self, workload: Document) -> tuple[Mention, ...]:
        """Return the addresses that a workload's containers are given."""
        found = self._read.get(id(workload))
        if found is None:
            found = self._read[id(workload)] = tuple(self._mentions_of(workload)) if self._names else ()
        return found

    def gray_of(self, copy: Copy) -> Document:
        """Return a gray object as it is now."""
        return self._gray.get(copy.document.place, copy.document)

    def unread(self) -> tuple[tuple[Document, tuple[str, ...]], ...]:
        """Return the ConfigMaps of the baseline that name production's Services of the lane and no container is given.

        A program may read them by their name. Each is given with the services.
        """
        given = {
            reference.target
            for document in self._plan.baseline
            if is_workload(document)
            for reference in references_of(document, self._plan.spec)
        }
        found = []
        for document in self._plan.baseline:
            key = self._plan.key_of(document.identity)
            if key.group_kind != CONFIG_MAP or key in given:
                continue
            named = dict.fromkeys(
                target.copies[0].service.name
                for each in self._configuration.told(document)
                for service in services_named(each.text, each.name, key.namespace, self._names)
                if (target := self._targets.get(service.key)) is not None and not target.uncopied
            )
            if named:
                found.append((document, tuple(named)))
        return tuple(found)

    def _mentions_of(self, workload: Document) -> Iterator[Mention]:
        home = self._plan.key_of(workload.identity).namespace
        template = WORKLOADS[workload.identity.group_kind].template
        unresolved = _unresolved(workload, template)
        has_links = get(workload.data, (*template, "spec", "enableServiceLinks")) is not False
        for reading in readings_of(workload, self._configuration):
            for named, registry in self._named_in(reading, home):
                yield from self._mentions(named, reading, registry=registry, unresolved=unresolved)
            for variable in reading.unset if has_links else ():
                link = _LINK.fullmatch(variable)
                target = self._links.get(link["name"]) if link is not None else None
                if target is not None and target.namespace == home:
                    yield from self._mentions(NamedService(key=target, port=None), reading, link=variable)

    def _mentions(
        self,
        named: NamedService,
        reading: Reading,
        *,
        link: str = "",
        registry: str = "",
        unresolved: Reason | None = None,
    ) -> Iterator[Mention]:
        target = self._targets[named.key]
        port = named.port
        if port is None and reading.port.isdecimal() and not named.is_pod:
            port = int(reading.port)
        for copy in target.copies:
            yield Mention(
                copy=copy,
                name=named.key.name,
                is_gray=target.is_gray,
                reading=reading,
                port=port,
                is_tls=named.is_tls,
                is_pod=named.is_pod,
                by=target.by or (because(HopWhy.CLUSTER_ADDRESS, address=named.address) if named.address else None),
                is_outer=bool(named.address) and not self._is_cluster_ip(copy, named.address),
                link=link,
                uncopied=target.uncopied,
                is_namesake=target.is_namesake,
                registry=registry,
                unresolved=None if named.address else unresolved,
            )

    @staticmethod
    def _is_cluster_ip(copy: Copy, address: str) -> bool:
        spec = get_map(copy.document.data, ("spec",))
        return address in (spec.get("clusterIP"), *get_list(spec, ("clusterIPs",)))

    def _named_in(self, reading: Reading, home: str) -> tuple[tuple[NamedService, str], ...]:
        """Return the Services that a text names, each once, and the registry beside it. Shared texts are read once."""
        at = (id(reading.document), reading.path, reading.name, reading.is_host, reading.text, home)
        is_own = is_workload(reading.document)
        found = None if is_own else self._in_text.get(at)
        if found is None:
            text = told_of_calls(reading)
            named = [*services_named(text, reading.name, home, self._names, is_host=reading.is_host)]
            for host in addresses_in(text) if self._addresses else ():
                if host.name in self._addresses:
                    around = beside(text, host)
                    key = self._addresses[host.name]
                    named.append(NamedService(key=key, port=around.port, is_tls=around.is_tls, address=host.name))
            services = [each for each in dict.fromkeys(named) if each.key in self._targets]
            registry = self._registry_in(reading, home) if services else ""
            found = tuple((each, registry) for each in services)
            if not is_own:
                self._in_text[at] = found
        return found

    def _registry_in(self, reading: Reading, home: str) -> str:
        """Return the registry that a file names, "" for none; what stands in variables of their own is told apart."""
        if reading.via is not Via.FILE or not self._registries:
            return ""
        names = frozenset(key.name for key in self._registries)
        named = services_named(reading.text, reading.name, home, names)
        return next((each.key.name for each in named if each.key in self._registries), "")

    @cached_property
    def _registries(self) -> frozenset[ObjectKey]:
        """The Services of registries in the baseline."""
        servers = [
            document
            for document in self._plan.baseline
            if is_workload(document) and any(image_name(each) in SERVERS for _, each in containers_of(document))
        ]
        index = LabelIndex(servers)
        return frozenset(
            self._plan.key_of(document.identity)
            for document in (self._plan.baseline if servers else ())
            if document.identity.group_kind == _SERVICE and index.selected_by(document, self._plan.spec)
        )

    def _is_told(self, text: str) -> bool:
        return (
            any(found[0] in self._names for found in _WORD.finditer(text.lower()))
            or ("$" in text and ("_SERVICE_HOST" in text or "_PORT_" in text))
            or (bool(self._addresses) and any(host.name in self._addresses for host in addresses_in(text)))
        )

    def _has_address(self, key: ObjectKey) -> bool:
        """Tell whether a Service has an address of its own, so that pods are told it."""
        return get_text(self._targets[key].copies[0].document.data, ("spec", "clusterIP")) != "None"


def is_of_program(reading: Reading) -> bool:
    """Tell whether the program itself is given a text, and no probe or init container."""
    return reading.is_main and reading.via in _MAIN


def told_of_calls(reading: Reading) -> str:
    """Return what a text may tell of calls: no comments, and nothing of what is called after something else."""
    if reading.via is not Via.FILE and is_of_no_call(words_of(reading.name)):
        return ""
    # Of an argument of several lines, a script is the most common.
    file = {Via.FILE: reading.name, Via.ARGUMENT: "a.sh" if "\n" in reading.text else ""}.get(reading.via, "")
    return without_comments(file, reading.text)


def is_headless(service: Document) -> bool:
    """Tell whether DNS answers with the pods' own addresses."""
    return get_text(service.data, ("spec", "clusterIP")) == "None"


def _addresses_of(service: Document) -> Iterator[str]:
    """Yield the addresses that a Service has for good. Source: core/v1 ServiceSpec."""
    for text in (
        get_text(service.data, ("spec", "clusterIP")),
        get_text(service.data, ("spec", "loadBalancerIP")),
        *get_list(service.data, ("spec", "clusterIPs")),
        *get_list(service.data, ("spec", "externalIPs")),
    ):
        if isinstance(text, str) and "." in text:
            yield text


def _external_name(service: Document) -> str:
    """Return the name in the cluster that a Service stands for; "" where it stands for none."""
    if get_text(service.data, ("spec", "type")) != _EXTERNAL:
        return ""
    text = get_text(service.data, ("spec", "externalName")).rstrip(".").lower()
    return text if text.endswith(f".svc.{CLUSTER_DOMAIN}") else ""


def _unresolved(workload: Document, template: Path) -> Reason | None:
    """Return why pods do not ask the cluster's DNS, after "its pods"; None where they do.

    Source: Kubernetes, "DNS for Services and Pods", "Pod's DNS Policy": on the node's network, `ClusterFirst` is
    `Default`.
    """
    policy = get_text(workload.data, (*template, "spec", "dnsPolicy"))
    if policy == "None":
        return OWN_RESOLVER
    if policy == "Default":
        return because(HopWhy.HAVE, setting=f"dnsPolicy: {policy}")
    is_on_node = get(workload.data, (*template, "spec", "hostNetwork")) is True
    if is_on_node and policy != "ClusterFirstWithHostNet":
        return because(HopWhy.NODE_DNS)
    return None


def _gray_key(key: ObjectKey, copy: Copy) -> ObjectKey:
    return ObjectKey(group_kind=_SERVICE, namespace=key.namespace, name=copy.gray_name)


def _variable_of(name: str) -> str:
    """Return what the variables of a Service start with."""
    found = name.upper().replace("-", "_").replace(".", "_")
    return f"_{found}" if found[:1].isdigit() else found
