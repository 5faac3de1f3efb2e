"""Which Services of the lane, or production's of those that are copied, workloads name: by these addresses alone calls
stay in a lane that no agent and no mesh carries.

What a program has in its code, or asks a registry for, is not seen, and never taken for a fact.
Source: release language, `spec.lane.provider`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from grayc.analysis.addresses import Reading, Via, readings_of
from grayc.analysis.agents import image_name
from grayc.analysis.carriage import CARRIED, Carriage, Edge, Side
from grayc.analysis.comments import without_comments
from grayc.analysis.container_sources import CONFIG_MAP, Configuration
from grayc.analysis.graph import LabelIndex, containers_of, is_workload, references_of
from grayc.analysis.text_names import services_named
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_text, show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.registries import SERVERS
from grayc.k8s.text_words import is_of_no_call, words_of
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import dataclass

_SERVICE = (CORE, "Service")
_WORD = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LINK = re.compile(r"(?P<name>[A-Z0-9_]+?)_(?:SERVICE_HOST|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_ADDR)?)")
"""Variables that each pod has of the Services of its namespace.

Source: kubernetes/kubernetes 0359a85, pkg/kubelet/envvars/envvars.go.
"""
_MAIN = frozenset({Via.VARIABLE, Via.ARGUMENT, Via.FILE})
MAX_ADDRESSES = 20_000
"""Addresses in the objects of a release that `plan` and the checks look at; a shared ConfigMap is read by each pod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An address of a Service that a container is given.

    Attributes:
        copy: of the Service.
        name: of the Service, production's or the gray one.
        link: the variable by which Kubernetes gives the address, "" where it is a name.
        unresolved: why the pods' DNS does not know the Service's name, in words after "its pods"; "" where it does.
        registry: a registry that the same text names, "" for none: which of both is called is not to be seen.
    """

    copy: Copy
    name: str
    is_gray: bool
    reading: Reading
    link: str = ""
    registry: str = ""
    unresolved: str = ""

    @property
    def is_deciding(self) -> bool:
        """Tell whether the program itself is given it, and no probe or init container."""
        return self.reading.is_main and self.reading.via in _MAIN

    @property
    def where(self) -> str:
        """What names it, in words."""
        reading = self.reading
        container = f"container `{reading.container}`"
        match reading.via:
            case Via.VARIABLE:
                text = f"variable `{reading.name}` of {container}"
            case Via.ARGUMENT:
                text = f"argument `{reading.name}` of {container}" if reading.name else f"an argument of {container}"
            case Via.FILE:
                text = f"file `{reading.name}` of {container}"
            case Via.PROBE | Via.HOOK:
                text = f"a {reading.via} of {container}"
        if self.link:
            text += f", by Kubernetes' `{self.link}`"
        return text if is_workload(reading.document) else f"{text}, from {reading.document.origin.ref}"

    @property
    def field(self) -> str:
        """Where it stands in its object."""
        return show_path(self.reading.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCall:
    """A call that an address shows.

    Attributes:
        caller: the service of the release whose copy makes it; the workload's ref, where that is not released.
        callee: the service of the release.
        mentions: the addresses, in order.
    """

    caller: str
    is_released: bool
    callee: str
    edge: Edge
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCalls:
    """What addresses show of a release.

    Attributes:
        unread: ConfigMaps that name production's Services of the lane and no container is given, with the services.
        is_whole: all addresses were looked at.
    """

    calls: tuple[NamedCall, ...]
    unread: tuple[tuple[Document, tuple[str, ...]], ...]
    is_whole: bool


class NamedServices:
    """The addresses in a release.

    Args:
        gray: the gray objects as they are now, by the place that they were copied from.
    """

    def __init__(self, plan: ReleasePlan, gray: Mapping[tuple[str, int, Path], Document]) -> None:
        self._plan, self._gray = plan, gray
        self._targets: dict[ObjectKey, tuple[Copy, bool]] = {}
        for copy in plan.copies:
            if copy.document.identity.group_kind == _SERVICE:
                key = plan.key_of(copy.document.identity)
                self._targets[key] = (copy, False)
                self._targets[_gray_key(key, copy)] = (copy, True)
        self._names = frozenset(key.name for key in self._targets)
        self._links = {_variable_of(key.name): key for key in self._targets if self._has_address(key)}
        home = plan.spec.namespace or ""
        # Of two with one key the last counts: the gray ones have names of their own.
        self._configuration = Configuration((*plan.baseline, *gray.values()), home, is_told=self._is_told)
        # The plan and what was made of it hold the objects for as long as this lasts, so that an id is of one.
        self._read: dict[int, tuple[Mention, ...]] = {}
        self._in_text: dict[tuple[object, ...], tuple[tuple[ObjectKey, str], ...]] = {}

    def edge(self, name: str, workloads: Sequence[Document], callee: Side) -> Edge:
        """Return whether the call of a service's gray copy comes to the gray copy of another."""
        gray = [copy.gray_name for copy in callee.services]
        if not gray:
            why = f"`{callee.name}` has no gray Service that could be named"
            return Edge(carriage=Carriage.NOT, why=why, help="let the release copy its Service")
        of_callee = {copy.document.place for copy in callee.services}
        found = [
            mention
            for workload in workloads
            for mention in self.mentions_of(workload)
            if mention.copy.document.place in of_callee
        ]
        return self._edge(name, callee.name, found)

    def mentions_of(self, workload: Document) -> tuple[Mention, ...]:
        """Return the addresses that a workload's containers are given."""
        found = self._read.get(id(workload))
        if found is None:
            found = self._read[id(workload)] = tuple(self._mentions_of(workload)) if self._names else ()
        return found

    def _unread(self) -> tuple[tuple[Document, tuple[str, ...]], ...]:
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
                self._targets[target][0].service.name
                for each in self._configuration.told(document)
                for target in services_named(each.text, each.name, key.namespace, self._names)
                if target in self._targets
            )
            if named:
                found.append((document, tuple(named)))
        return tuple(found)

    def calls(self) -> NamedCalls:
        """Return the calls to released services that addresses show, of the gray copies and of production's workloads.

        A service's own address is no call: most register it, or tell it to others.
        """
        rows: dict[tuple[bool, str, str], list[Mention]] = {}
        count = 0
        for is_released, caller, workload in self._callers():
            for mention in self.mentions_of(workload):
                if not is_released or mention.copy.service.name != caller:
                    count += 1
                    rows.setdefault((is_released, caller, mention.copy.service.name), []).append(mention)
            if count > MAX_ADDRESSES:
                break
        calls = tuple(
            NamedCall(
                caller=caller,
                is_released=is_released,
                callee=callee,
                edge=self._edge(caller, callee, found) if is_released else _of_production(caller, callee),
                mentions=tuple(found),
            )
            for (is_released, caller, callee), found in rows.items()
        )
        return NamedCalls(calls=calls, unread=self._unread(), is_whole=count <= MAX_ADDRESSES)

    def _callers(self) -> Iterator[tuple[bool, str, Document]]:
        """Yield the gray workloads with their service, then production's that are not released with their ref."""
        for copy in self._plan.copies:
            workload = self._gray.get(copy.document.place)
            if workload is not None and is_workload(workload):
                yield True, copy.service.name, workload
        for document in self._plan.baseline:
            if is_workload(document) and not self._plan.is_copy(document):
                yield False, document.identity.ref, document

    def _edge(self, name: str, callee: str, found: Sequence[Mention]) -> Edge:
        deciding = [mention for mention in found if mention.is_deciding]
        gray = next((mention for mention in deciding if mention.is_gray), None)
        other = next((mention for mention in deciding if not mention.is_gray), None)
        if gray is None and other is None:
            return self._not_named(found)
        if other is None and gray is not None:
            if gray.unresolved and not gray.link:
                # With `None` the pods bring a resolver of their own, which may be the cluster's.
                is_own = "`dnsPolicy: None`" in gray.unresolved
                return Edge(
                    carriage=Carriage.UNKNOWN if is_own else Carriage.NOT,
                    why=f"pods of `{name}` {gray.unresolved}, so the name `{gray.name}` ({gray.where}) "
                    + ("may be none to them" if is_own else "is none to them"),
                    document=gray.reading.document,
                    path=gray.reading.path,
                    help="write `dnsPolicy: ClusterFirst`, or `ClusterFirstWithHostNet` on the node's network",
                )
            unsure = next((mention for mention in deciding if mention.registry), None)
            return CARRIED if unsure is None else self._beside_registry(unsure)
        assert other is not None
        wanted = f"`{other.copy.gray_name}`"
        reading = other.reading
        if gray is not None:
            return Edge(
                carriage=Carriage.UNKNOWN,
                why=f"the gray copy of `{name}` names the gray `{callee}` ({gray.where}) and production's "
                f"({other.where}): which of them it calls is not to be seen",
                document=reading.document,
                path=reading.path,
                help=f"set the other address to {wanted}, too",
            )
        if other.link:
            return Edge(
                carriage=Carriage.NOT,
                why=f"the gray copy of `{name}` names production's `{callee}` ({other.where}), not {wanted}: "
                "such a variable is of the Service that it is called after",
                document=reading.document,
                path=reading.path,
                help=f"set the address with `env` or `config` to {wanted}, whose name DNS knows",
            )
        return Edge(
            carriage=Carriage.NOT,
            why=f"the gray copy of `{name}` names production's `{callee}` ({other.where}), not {wanted}",
            document=reading.document,
            path=reading.path,
            help=self._way_back(name, other),
        )

    def _way_back(self, name: str, mention: Mention) -> str:
        """Return what brings a text to the gray Service."""
        document = mention.reading.document
        by_hand = f"set the address with `env` or `config` to `{mention.copy.gray_name}`"
        readers = {copy.service.name for copy in self._plan.copies if copy.service.rewrite_text}
        if document.place in self._gray:
            is_rewritten = self._plan.copy_of(document).service.rewrite_text
            return by_hand if is_rewritten else f"write `rewriteText: true` in its service, or {by_hand}"
        if name in readers:
            return f"take {document.origin.ref} out of `share` of service `{name}`, or {by_hand}"
        return f"write `rewriteText: true` in its service, so that {document.origin.ref} is copied, or {by_hand}"

    @staticmethod
    def _not_named(found: Sequence[Mention]) -> Edge:
        """Nothing says where the call goes, to production's Service neither."""
        what = f"only {found[0].where} names it, not the program" if found else ""
        return Edge(
            carriage=Carriage.UNKNOWN,
            why=what
            or "no manifest says by which address it is called: that may stand in the code, or come of a registry",
            help="give the caller the address of the gray Service with `env` or `config`, where it takes it from there",
        )

    @staticmethod
    def _beside_registry(mention: Mention) -> Edge:
        return Edge(
            carriage=Carriage.UNKNOWN,
            why=f"the address stands beside that of the registry `{mention.registry}`: by which of them it is called "
            "is not to be seen",
            document=mention.reading.document,
            path=mention.reading.path,
            help="look at what the program calls by; a registry leads to instances of both sides",
        )

    def _mentions_of(self, workload: Document) -> Iterator[Mention]:
        home = self._plan.key_of(workload.identity).namespace
        template = WORKLOADS[workload.identity.group_kind].template
        unresolved = _unresolved(workload, template)
        has_links = get(workload.data, (*template, "spec", "enableServiceLinks")) is not False
        for reading in readings_of(workload, self._configuration):
            for key, registry in self._named_in(reading, home):
                copy, is_gray = self._targets[key]
                yield Mention(
                    copy=copy,
                    name=key.name,
                    is_gray=is_gray,
                    reading=reading,
                    registry=registry,
                    unresolved=unresolved,
                )
            for variable in reading.unset if has_links else ():
                link = _LINK.fullmatch(variable)
                target = self._links.get(link["name"]) if link is not None else None
                if target is not None and target.namespace == home:
                    copy, is_gray = self._targets[target]
                    yield Mention(copy=copy, name=target.name, is_gray=is_gray, reading=reading, link=variable)

    def _named_in(self, reading: Reading, home: str) -> tuple[tuple[ObjectKey, str], ...]:
        """Return the Services that a text names, each once, and the registry beside it. Shared texts are read once."""
        at = (id(reading.document), reading.path, reading.name, reading.is_host, home)
        is_own = is_workload(reading.document)
        found = None if is_own else self._in_text.get(at)
        if found is None:
            # Of an argument of several lines, a script is the most common.
            file = {Via.FILE: reading.name, Via.ARGUMENT: "a.sh" if "\n" in reading.text else ""}.get(reading.via, "")
            text = without_comments(file, reading.text)
            is_told = reading.via is Via.FILE or not is_of_no_call(words_of(reading.name))
            named = services_named(text if is_told else "", reading.name, home, self._names, is_host=reading.is_host)
            keys = [key for key in dict.fromkeys(named) if key in self._targets]
            registry = self._registry_in(reading, home) if keys else ""
            found = tuple((key, registry) for key in keys)
            if not is_own:
                self._in_text[at] = found
        return found

    def _registry_in(self, reading: Reading, home: str) -> str:
        """Return the registry that a file names, "" for none; what stands in variables of their own is told apart."""
        if reading.via is not Via.FILE or not self._registries:
            return ""
        names = frozenset(key.name for key in self._registries)
        named = services_named(reading.text, reading.name, home, names)
        return next((key.name for key in named if key in self._registries), "")

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
        return any(found[0] in self._names for found in _WORD.finditer(text)) or (
            "$" in text and ("_SERVICE_HOST" in text or "_PORT_" in text)
        )

    def _has_address(self, key: ObjectKey) -> bool:
        """Tell whether a Service has an address of its own, so that pods are told it."""
        copy, _ = self._targets[key]
        return get_text(copy.document.data, ("spec", "clusterIP")) != "None"


def _unresolved(workload: Document, template: Path) -> str:
    """Return why pods do not ask the cluster's DNS, in words after "its pods", "" where they do.

    Source: Kubernetes, "DNS for Services and Pods", "Pod's DNS Policy": on the node's network, `ClusterFirst` is
    `Default`.
    """
    policy = get_text(workload.data, (*template, "spec", "dnsPolicy"))
    if policy in {"Default", "None"}:
        return f"have `dnsPolicy: {policy}`"
    is_on_node = get(workload.data, (*template, "spec", "hostNetwork")) is True
    if is_on_node and policy != "ClusterFirstWithHostNet":
        return "use the node's network and its DNS (`hostNetwork: true` without `dnsPolicy: ClusterFirstWithHostNet`)"
    return ""


def _of_production(caller: str, callee: str) -> Edge:
    why = f"production's `{caller}` is not released, and names production's `{callee}`"
    return Edge(carriage=Carriage.NOT, why=why)


def _gray_key(key: ObjectKey, copy: Copy) -> ObjectKey:
    return ObjectKey(group_kind=_SERVICE, namespace=key.namespace, name=copy.gray_name)


def _variable_of(name: str) -> str:
    """Return what the variables of a Service start with."""
    found = name.upper().replace("-", "_").replace(".", "_")
    return f"_{found}" if found[:1].isdigit() else found


def unreached(plan: ReleasePlan, named: NamedCalls) -> tuple[str, ...]:
    """Return the released services that no entry leads to and no other gray copy names, in order.

    Only services that have a gray Service count: others take no requests.
    """
    if not named.is_whole:
        return ()
    called = {call.callee for call in named.calls if call.is_released}
    entered = {path.service.name for entry in plan.entries for path in entry.paths if path.service is not None}
    has_service = {copy.service.name for copy in plan.copies if copy.document.identity.group_kind == _SERVICE}
    return tuple(
        service.name
        for service in plan.spec.services
        if service.name in has_service and service.name not in called | entered
    )
