"""Work that comes to gray pods without a request: who takes messages and jobs, by which names, and where they stand."""

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

from grayc.analysis.command_words import Word, command_texts, commands_of
from grayc.analysis.graph import containers_of, is_workload, main_containers_of, references_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.settings import TextSetting, pairs_in, settings_in
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, matches
from grayc.k8s.elections import names_lock, starts_election
from grayc.k8s.kinds import AUTOSCALING, CONFIG_KINDS, CORE, IN_EVERY_CLUSTER
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.queues import (
    AGENT_NEEDS,
    ASKED,
    DAPR_APP,
    DAPR_COMPONENT,
    DAPR_DIRECTION,
    DAPR_ENABLED,
    FROM_VARIABLE,
    LABELLING,
    METRICS,
    NAMED,
    PROGRAMS,
    QUARTZ_NAME,
    SCALED_BY_TRIGGERS,
    TRIGGER_LIST,
    TRIGGERS,
    Meaning,
    Product,
    Program,
    Role,
    agents_name,
    binder_products,
    binding_of,
    broker_of,
    counts_messages,
    dapr_field,
    dapr_product,
    fits,
    has_quartz_store,
    host_of,
    is_built,
    is_for_each_pod,
    is_of_each_app,
    is_plain,
    label_of,
    letters_of,
    meaning_beside,
    meaning_of,
    meaning_of_value,
    names_no_host,
    speaks_of_binders,
    variables_in,
    whole_variable,
)
from grayc.k8s.secrets import looks_secret
from grayc.patterns import compile_later
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace
from grayc.spec.model import ReleaseSpec, ServiceSpec, WorkMode

# Texts without any of these say nothing of work; most are never read as configuration.
_SUSPECT = compile_later(
    r"group|queue|subscription|durable|listener|startup|consumer|kafka|rabbit|rocketmq|amqp|pulsar|nats|jms|activemq|cron"
    r"|schedul|quartz|xxl|fixed|sqs|pubsub|servicebus|celery|leader|(?<!re)lease"
    r"|transaction[-_.]?al[-_.]?id|transaction[-_.]?id",
    re.IGNORECASE,
)
# In a long text, a setting without any of these in name and value says nothing either.
_NEAR = compile_later(
    rf"{_SUSPECT.pattern}|bootstrap|broker|binder|elect|lock|label|executor|job|redis|jdbc", re.IGNORECASE
)
_LONG = 200
"""Settings in one text, from which on only those are kept that may say something: every reader asks each of them."""
_OPTION = compile_later(r"(?:^|(?<=[\s\"']))-(?:D|-)?(?P<name>[A-Za-z_][A-Za-z0-9_.\[\]-]*)=(?P<value>[^\s\"';&]+)")
_SECRET = (CORE, "Secret")
_ROCKETMQ = "rocketmq"
_USER = compile_later(r"//[^/@\s]*@")
_POD_FIELDS = frozenset({"metadata.name", "metadata.uid", "status.podIP", "status.podIPs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A setting by which a service takes work, or tells where it comes from.

    Attributes:
        setting: its name, as written there.
        name: what it names; "" where that stands in a Secret or nowhere.
        document: the object that says it, gray or of the baseline, as it was given.
        path: of the text in that object.
        start, end: where the name stands in that text; both -1 where it cannot be written.
        obstacle: why nobody can write another name there; "" where one can.
        is_given: `laneOnly` says what it is in the lane.
        is_hidden: a variable of `laneOnly` says it, which counts before the place where this stands.
        is_each: every pod makes a name of its own of it.
        is_default: nothing names it: the program of a command takes what it is written to take.
    """

    service: ServiceSpec
    role: Role
    product: Product
    setting: str
    name: str
    document: Document
    path: Path
    start: int = -1
    end: int = -1
    obstacle: str = ""
    is_given: bool = False
    is_hidden: bool = False
    is_each: bool = False
    is_default: bool = False

    @property
    def is_asked(self) -> bool:
        """Tell whether the release must say what becomes of it."""
        return self.role in ASKED and not self.is_each

    @property
    def is_named(self) -> bool:
        """Tell whether a lane can have one of its own."""
        return self.role in NAMED and not self.is_each


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a service, wherever it stands.

    Attributes:
        text: of the field that holds it.
        value: as far as anybody sees it; None where it comes from elsewhere.
        key: of the ConfigMap or Secret that holds it, with its name; ("", "") elsewhere.
        obstacle: why it cannot be changed where it stands.
        is_variable: of a container.
        is_nested: in a text that may say more of the same.
        is_field: of an object that takes messages itself.
    """

    name: str
    value: str | None
    document: Document
    path: Path
    start: int = -1
    end: int = -1
    key: tuple[str, str] = ("", "")
    obstacle: str = ""
    is_variable: bool = False
    is_nested: bool = False
    is_field: bool = False

    @property
    def section(self) -> tuple[object, ...]:
        """Where its neighbours stand: in the same section of a text; variables and options are beside each other."""
        if self.is_field:
            return (self.document.place, self.name.rpartition(".")[0])
        return (self.document.place, self.path, self.name.rpartition(".")[0]) if self.is_nested else ()


class _Neighbours:
    """The products whose brokers are named beside settings."""

    def __init__(self, settings: Iterable[Setting]) -> None:
        self._products: dict[tuple[object, ...], dict[Product, None]] = {}
        for setting in settings:
            product = broker_of(setting.name, setting.value or "")
            if product is not None:
                self._products.setdefault(setting.section, {})[product] = None

    def meaning_of(self, setting: Setting) -> Meaning | None:
        """Return what a setting holds by what stands beside it."""
        return meaning_beside(setting.name, self._products.get(setting.section, ())) if self._products else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label that something gives a job executor.

    Attributes:
        setting: the place that says it.
        value: None where no text shows it.
        is_given: `laneOnly` says it.
    """

    product: Product
    setting: Setting
    value: str | None
    is_given: bool

    @property
    def is_writable(self) -> bool:
        """Tell whether another label can be written there."""
        return self.setting.start >= 0 and not self.setting.obstacle and not is_built(self.setting.value or "")


def scales_by_queue(document: Document) -> bool:
    """Tell whether an object sets a number of pods by counting messages."""
    return any(True for _ in _queue_metrics(document)) or (
        document.identity.group_kind in SCALED_BY_TRIGGERS
        and any(get_text(trigger, ("type",)) in TRIGGERS for trigger in get_list(document.data, TRIGGER_LIST))
    )


def takes_itself(document: Document) -> bool:
    """Tell whether an object may take messages itself, as no kind of every cluster does: a KafkaSource, a function."""
    group_kind = document.identity.group_kind
    is_known = group_kind[0] in IN_EVERY_CLUSTER or group_kind in (*SCALED_BY_TRIGGERS, DAPR_COMPONENT)
    return not is_known and not is_workload(document)


def _fields(document: Document) -> Iterator[Setting]:
    """Yield the fields of an object's `spec` as settings, by the keys that lead to them."""
    rest: list[tuple[Path, str, object]] = [(("spec",), "", get(document.data, ("spec",)))]
    while rest:
        path, name, value = rest.pop()
        if isinstance(value, str):
            yield Setting(name, value, document, path, 0, len(value), is_nested=True, is_field=True)
        elif isinstance(value, dict):
            start = f"{name}." if name else ""
            rest += [((*path, key), f"{start}{key}", each) for key, each in reversed(value.items()) if len(path) < 16]
        elif isinstance(value, list):
            rest += [((*path, at), name, each) for at, each in reversed(list(enumerate(value)))]


def _queue_metrics(document: Document) -> Iterator[tuple[Path, str]]:
    """Yield the external metrics of an autoscaler that count messages, each with its path."""
    if document.identity.group_kind == (AUTOSCALING, "HorizontalPodAutoscaler"):
        for path, name in matches(document.data, (*METRICS, "[*]", "external", "metric", "name")):
            if isinstance(name, str) and counts_messages(name):
                yield path, name


class _Variables:
    """The variables of a service's containers, and what `laneOnly` says of them.

    Args:
        own: settings that stand in the service's own objects.
        shared: those that stand in configuration.
    """

    def __init__(self, service: ServiceSpec, own: Iterable[Setting], shared: Sequence["_Shared"]) -> None:
        self._own = _by_letters(own)
        self._shared = shared
        self._of_pod = {
            setting.name
            for settings in self._own.values()
            for setting in settings
            if setting.value is None and _pod_field(setting) in _POD_FIELDS
        }
        given = service.lane_only
        self._config = given.config if given is not None else {}
        self._given = {
            letters_of(name)
            for env in (given.env.values() if given is not None else ())
            for name, value in env.items()
            if value is not None
        }

    def named(self, letters: str) -> Iterator[Setting]:
        """Yield the variables of a name, which is without case and separators."""
        yield from self._own.get(letters, ())
        for each in self._shared:
            yield from each.by_letters.get(letters, ())

    def is_each(self, setting: Setting) -> bool:
        """Tell whether a name holds that of the pod, by a variable that the kubelet fills in."""
        names = (setting.name,) if setting.value is None else variables_in(setting.value)
        return not self._of_pod.isdisjoint(names)

    def gives(self, setting: Setting) -> bool:
        """Tell whether `laneOnly` says what a setting is: a variable of its name, or the key that holds it.

        A variable counts before a file. Source: Spring Boot reference, "Externalized Configuration".
        """
        name, key = setting.key
        return key in self._config.get(name, {}) or self._is_variable_given(setting)

    def hides(self, setting: Setting) -> bool:
        """Tell whether a variable of `laneOnly` counts before a setting, which is not that variable."""
        is_itself = setting.is_variable and setting.key == ("", "")
        return self._is_variable_given(setting) and not is_itself

    def _is_variable_given(self, setting: Setting) -> bool:
        names = (setting.name, *variables_in(setting.value or "")) if self._given else ()
        return any(letters_of(each) in self._given for each in names)


def _by_letters(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """Return name without case and separators → the variables of that name."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        if setting.is_variable:
            found.setdefault(letters_of(setting.name), []).append(setting)
    return found


class _Shared:
    """The settings of one ConfigMap or Secret, read once for all services that have it.

    A large one is of many services, to most of which it says nothing of work.

    Attributes:
        every: all of them, in order.
        telling: those that may tell of work by themselves or by what stands beside them, or how pods choose a leader.
    """

    def __init__(self, settings: Iterable[Setting]) -> None:
        self.every = tuple(settings)
        self.telling = tuple(filter(_may_tell, self.every))

    @cached_property
    def by_letters(self) -> dict[str, list[Setting]]:
        """Name without case and separators → the variables of that name."""
        return _by_letters(self.every)

    @cached_property
    def _order(self) -> dict[int, int]:
        # The settings are held for as long as this lasts, so that an id is of one.
        return {id(setting): at for at, setting in enumerate(self.every)}

    def with_named(self, letters: Iterable[str]) -> Sequence[Setting]:
        """Return those that tell, and the variables of some names, in order."""
        named = [setting for name in letters for setting in self.by_letters.get(name, ())]
        if not named:
            return self.telling
        known = {id(setting): setting for setting in (*self.telling, *named)}
        return sorted(known.values(), key=lambda setting: self._order[id(setting)])


def _may_tell(setting: Setting) -> bool:
    name, value = setting.name, setting.value or ""
    return (
        meaning_of(name) is not None
        or is_plain(name)
        or broker_of(name, value) is not None
        or meaning_of_value(value) is not None
        or speaks_of_binders(name)
        or has_quartz_store(name, value)
        or label_of(name) is not None
        or names_lock(name)
        or starts_election(name)
    )


class ServiceWork:
    """The settings of the gray copies of a release, as they are at one point of the passes, and the work in them."""

    def __init__(self, documents: Sequence[Document], plan: ReleasePlan) -> None:
        self._plan = plan
        self._gray: dict[ObjectKey, Document] = {}
        self._of_service: dict[str, list[Document]] = {}
        self._modes = {service.name: service.work for service in plan.spec.services}
        self._readers: dict[tuple[str, int, Path], set[str]] = {}
        self._configs: dict[str, dict[tuple[str, int, Path], Document]] = {}
        self._settings: dict[str, tuple[tuple[Setting, ...], tuple[Setting, ...]]] = {}
        self._works: dict[str, tuple[Work, ...]] = {}
        self._said: dict[tuple[str, int, Path], _Shared] = {}
        self._baseline: dict[ObjectKey, Document] | None = None
        for document in documents:
            if not plan.is_copy(document):
                continue
            copy = plan.copy_of(document)
            # References may speak of the one name or the other, as the passes have come.
            key = plan.key_of(copy.document.identity)
            self._gray[key] = self._gray[key._replace(name=copy.gray_name)] = document
            self._of_service.setdefault(copy.service.name, []).append(document)
        for service in plan.spec.services:
            read = self._configs[service.name] = {}
            for document in self._workloads(service):
                for reference in references_of(document, plan.spec):
                    if reference.target.group_kind in CONFIG_KINDS:
                        found = self._find(reference.target)
                        if found is not None:
                            read[found.place] = found
                            self._readers.setdefault(found.place, set()).add(service.name)

    def _workloads(self, service: ServiceSpec) -> Iterator[Document]:
        return (document for document in self._of_service.get(service.name, ()) if is_workload(document))

    def _find(self, key: ObjectKey) -> Document | None:
        if key in self._gray:
            return self._gray[key]
        if self._baseline is None:
            self._baseline = {
                self._plan.key_of(document.identity): document
                for document in self._plan.baseline
                if document.identity.group_kind in CONFIG_KINDS
            }
        return self._baseline.get(key)

    def works(self) -> tuple[Work, ...]:
        """Return the work of all services, in their order."""
        return tuple(work for service in self._plan.spec.services for work in self.works_of(service))

    def works_of(self, service: ServiceSpec) -> tuple[Work, ...]:
        """Return the work of one service, each place once: what it takes first, then where it comes from."""
        if service.name not in self._works:
            self._works[service.name] = self._find_works(service)
        return self._works[service.name]

    def _find_works(self, service: ServiceSpec) -> tuple[Work, ...]:
        own, shared = self._own_settings(service), self._shared_by(service)
        settings: Sequence[Setting] = self.telling_of(service)
        variables = _Variables(service, own, shared)
        neighbours = _Neighbours(settings)
        wanted = {
            letters_of(name): meaning
            for name, meaning in (*self._variables_of_triggers(service), *self._variables_of_programs(service))
        }
        for setting in settings:
            meaning = meaning_of(setting.name)
            if meaning is not None and meaning.role in NAMED and setting.value and is_built(setting.value):
                wanted.update({letters_of(name): meaning for name in variables_in(setting.value)})
            elif meaning is not None and meaning.role is Role.ADDRESS and setting.value:
                wanted.update({letters_of(name): meaning for name in variables_in(host_of(setting.value)[1])})
        settings = self._telling(service, wanted)
        found: dict[tuple[object, ...], Work] = {}
        for work in (
            *(
                work
                for setting in settings
                for work in self._of_setting(service, setting, variables, neighbours, wanted)
            ),
            *self._ofcommands_of(service, variables),
            *self._of_triggers(service),
            *self._of_dapr(service),
        ):
            found.setdefault((work.document.place, work.path, work.start), work)
        binders = binder_products((setting.name, setting.value) for setting in settings if setting.value)
        works = [
            replace(work, product=binders.get(binding_of(work.setting), binders.get("", work.product)))
            if work.product is Product.STREAM
            else work
            for work in found.values()
        ]
        works = _of_quartz(service, settings, variables, works)
        executing = {work.product for work in works if work.role is Role.EXECUTOR}
        for at, work in enumerate(works):
            # Programs may have the name themselves.
            if work.role is Role.SCHEDULER and work.product not in executing:
                executing.add(work.product)
                works[at] = replace(work, role=Role.EXECUTOR, name="")
        return tuple(sorted(works, key=lambda work: work.role not in ASKED))

    def _of_setting(
        self,
        service: ServiceSpec,
        setting: Setting,
        variables: "_Variables",
        neighbours: _Neighbours,
        wanted: Mapping[str, Meaning],
    ) -> Iterator[Work]:
        meaning = meaning_of(setting.name) or neighbours.meaning_of(setting)
        if meaning is None and setting.value is not None:
            meaning = meaning_of_value(setting.value)
        if (meaning is None or meaning.role not in ASKED) and setting.is_variable:
            meaning = wanted.get(letters_of(setting.name), meaning)
        if meaning is None or (setting.value is not None and not fits(meaning, setting.value)):
            return
        is_secret = setting.document.identity.group_kind == _SECRET
        if setting.value is None and meaning.role not in ASKED and meaning.role is not Role.ADDRESS:
            return
        value = setting.value or ""
        obstacle = setting.obstacle
        if meaning.role in NAMED and is_built(value):
            variable = letters_of(whole_variable(value))
            if any(other is not setting for other in variables.named(variable)):
                # The variable is the place.
                return
            obstacle = obstacle or f"it is built from `{value}`"
        elif meaning.role is Role.ADDRESS and is_built(value):
            variable = letters_of(whole_variable(host_of(value)[1]))
            named = tuple(variables.named(variable))
            is_nothing = names_no_host(value) and not named
            if is_nothing or any(other is not setting for other in named):
                return
        elif setting.start < 0 and not obstacle:
            obstacle = "it stands there in other signs than it is read as"
        yield Work(
            service=service,
            role=meaning.role,
            product=meaning.product,
            setting=setting.name,
            name="" if is_secret else value,
            document=setting.document,
            path=setting.path,
            start=setting.start,
            end=setting.end,
            obstacle=obstacle,
            is_given=variables.gives(setting),
            is_hidden=variables.hides(setting),
            is_each=is_for_each_pod(value) or variables.is_each(setting),
        )

    def labels_of(self, service: ServiceSpec) -> tuple[Label, ...]:
        """Return the labels of a service's job executors, where each is said."""
        labels = [(setting, label_of(setting.name)) for setting in self.telling_of(service)]
        labels = [(setting, meaning) for setting, meaning in labels if meaning is not None and setting.value != ""]
        if not labels:
            return ()
        variables = _Variables(service, self._own_settings(service), self._shared_by(service))
        found = []
        for setting, meaning in labels:
            if meaning is None:
                continue
            value, place = setting.value, setting
            if value is not None and is_built(value):
                named = variables.named(letters_of(whole_variable(value)))
                places = [each for each in named if each is not setting]
                # The variable is the place.
                value, place = (places[-1].value, places[-1]) if places else (None, setting)
            found.append(Label(product=meaning.product, setting=place, value=value, is_given=variables.gives(setting)))
        return tuple(found)

    def containers_reading(self, work: Work) -> Iterator[tuple[Document, Path, dict[str, object]]]:
        """Yield the containers of gray workloads to which a setting is said, each with its place."""
        for document in self._workloads(work.service):
            main = list(main_containers_of(document))
            if document.place == work.document.place:
                chosen = [(place, container) for place, container in main if work.path[: len(place)] == place]
            else:
                chosen = self._readers_of(document, main, work.document)
            yield from ((document, place, container) for place, container in chosen)

    def _readers_of(
        self, document: Document, main: list[tuple[Path, dict[str, object]]], config: Document
    ) -> list[tuple[Path, dict[str, object]]]:
        """Return the containers that read a ConfigMap or Secret: as variables, or as a volume that they mount."""
        fields = []
        for reference in references_of(document, self._plan.spec):
            found = self._find(reference.target) if reference.target.group_kind in CONFIG_KINDS else None
            if found is not None and found.place == config.place:
                fields.append(reference.path)
        volumes = {
            get_text(document.data, (*path[: path.index("volumes") + 2], "name"))
            for path in fields
            if "volumes" in path
        }
        if fields and len(main) == 1:
            return main
        return [
            (place, container)
            for place, container in main
            if any(path[: len(place)] == place for path in fields)
            or any(name in volumes for _, name in matches(container, ("volumeMounts", "[*]", "name")))
        ]

    def settings_of(self, service: ServiceSpec) -> tuple[Setting, ...]:
        """Return every setting of a service's gray workloads: variables, options, and configuration that they read."""
        shared = (setting for each in self._shared_by(service) for setting in each.every)
        return self._in_order(service, shared)

    def telling_of(self, service: ServiceSpec) -> tuple[Setting, ...]:
        """Return the settings that may tell of work or of a leader, those of the service's own objects all."""
        return self._telling(service, ())

    def _telling(self, service: ServiceSpec, named: Collection[str]) -> tuple[Setting, ...]:
        shared = (setting for each in self._shared_by(service) for setting in each.with_named(named))
        return self._in_order(service, shared)

    def _in_order(self, service: ServiceSpec, shared: Iterable[Setting]) -> tuple[Setting, ...]:
        before, after = self._read_settings(service)
        return (*before, *shared, *after)

    def _own_settings(self, service: ServiceSpec) -> tuple[Setting, ...]:
        return self._in_order(service, ())

    def _shared_by(self, service: ServiceSpec) -> tuple[_Shared, ...]:
        found = []
        for at, document in self._configs[service.name].items():
            if at not in self._said:
                self._said[at] = _Shared(self._config(document))
            found.append(self._said[at])
        return tuple(found)

    def _read_settings(self, service: ServiceSpec) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
        """Return the settings that stand in a service's own objects: in its workloads, then in others."""
        if service.name not in self._settings:
            fields = (
                field
                for document in self._of_service.get(service.name, ())
                if takes_itself(document)
                for field in _fields(document)
            )
            self._settings[service.name] = tuple(self._of_workloads(service)), tuple(fields)
        return self._settings[service.name]

    def _of_workloads(self, service: ServiceSpec) -> Iterator[Setting]:
        for document in self._workloads(service):
            for place, container in containers_of(document):
                yield from self._variables(service, document, place, container)
                for path, text in command_texts(container):
                    yield from _options(document, (*place, *path), text)
                    yield from _nested(document, (*place, *path), text)
                for words in commands_of(container, place):
                    yield from _parted(document, words)

    def _variables(
        self, service: ServiceSpec, document: Document, place: Path, container: dict[str, object]
    ) -> Iterator[Setting]:
        for at, item in enumerate(get_list(container, ("env",))):
            if not is_mapping(item):
                continue
            name, value, path = get_text(item, ("name",)), item.get("value"), (*place, "env", at)
            if isinstance(value, str):
                path = (*path, "value")
                yield Setting(name, value, document, path, 0, len(value), is_variable=True)
                yield from _options(document, path, value)
                # Such as `SPRING_APPLICATION_JSON`. Source: Spring Boot reference, "Externalized Configuration".
                yield from _nested(document, path, value)
                continue
            for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
                source = get_map(item, ("valueFrom", field))
                if source:
                    yield self._from_key(document, name, (*path, "valueFrom", field), kind, source)
            if get_map(item, ("valueFrom", "fieldRef")):
                yield Setting(
                    name, None, document, (*path, "valueFrom"), obstacle="it is a field of the pod", is_variable=True
                )

    def _from_key(self, document: Document, name: str, path: Path, kind: str, source: dict[str, object]) -> Setting:
        """Return a variable that is a key of a ConfigMap or Secret, at the place where its value stands."""
        ref = f"{kind}/{get_text(source, ('name',))}"
        namespace = self._plan.key_of(document.identity).namespace
        found = self._find(ObjectKey(group_kind=(CORE, kind), namespace=namespace, name=get_text(source, ("name",))))
        if found is None:
            lost = f"it stands in {ref}, which the baseline does not have"
            return Setting(name, None, document, path, obstacle=lost, is_variable=True)
        if kind == "Secret":
            return Setting(name, None, document, path, obstacle=f"it stands in {_ref(found)}", is_variable=True)
        key = get_text(source, ("key",))
        value = get(found.data, ("data", key))
        if not isinstance(value, str):
            return Setting(name, None, document, path, obstacle=f"{ref} has no key `{key}`", is_variable=True)
        return Setting(
            name,
            value,
            found,
            ("data", key),
            0,
            len(value),
            key=(found.origin.name, key),
            obstacle=self._why_not(found),
            is_variable=True,
        )

    def _config(self, document: Document) -> Iterator[Setting]:
        """Yield what a ConfigMap or Secret says: each key is a setting, and its text may hold others."""
        is_secret = document.identity.group_kind == _SECRET
        obstacle = f"it stands in {_ref(document)}" if is_secret else self._why_not(document)
        is_copy = self._plan.is_copy(document)
        name = (self._plan.copy_of(document).document.identity if is_copy else document.origin).name
        for field in ("data", "stringData") if is_secret else ("data",):
            for key, value in get_map(document.data, (field,)).items():
                text = _plain(value) if is_secret and field == "data" else value
                if not isinstance(text, str):
                    continue
                path = (field, key)
                is_line, settings = _read(text)
                if is_line:
                    yield Setting(
                        key, text, document, path, 0, len(text), key=(name, key), obstacle=obstacle, is_variable=True
                    )
                if len(settings) > _LONG:
                    settings = tuple(each for each in settings if _NEAR.search(f"{each.name} {each.value}"))
                for each in settings:
                    yield Setting(
                        each.name,
                        each.value,
                        document,
                        path,
                        each.start,
                        each.end,
                        key=(name, key),
                        obstacle=obstacle,
                        is_nested=True,
                    )

    def _why_not(self, document: Document) -> str:
        """Return why a lane cannot write into a ConfigMap, "" where it can."""
        if not self._plan.is_copy(document):
            return f"it stands in {_ref(document)}, which the lane shares with production"
        readers = self._readers.get(document.place, set())
        if len({self._modes[name] for name in readers}) > 1:
            return f"it stands in {_ref(document)}, which services of another `work` read: {', '.join(sorted(readers))}"
        return ""

    def _programs(self, service: ServiceSpec) -> Iterator[tuple[Document, Program, Word, Sequence[Word]]]:
        """Yield the programs of a service's commands: the last word by which each is known, and what follows."""
        for document in self._workloads(service):
            for place, container in containers_of(document):
                for words in commands_of(container, place):
                    for row in PROGRAMS:
                        at = _after(words, row)
                        if at:
                            yield document, row, words[at - 1], words[at:]

    def _ofcommands_of(self, service: ServiceSpec, variables: _Variables) -> Iterator[Work]:
        """Yield the queues that programs take, by the table of `PROGRAMS`."""
        for document, row, last, words in self._programs(service):
            named = tuple(_names(words, row))
            meaning = Meaning(row.role, row.product)
            for setting, path, value, start in named:
                if fits(meaning, value):
                    yield Work(
                        service=service,
                        role=row.role,
                        product=row.product,
                        setting=setting,
                        name=value,
                        document=document,
                        path=path,
                        start=start,
                        end=start + len(value),
                        obstacle=row.obstacle or (f"it is built from `{value}`" if is_built(value) else ""),
                    )
            by_variable = (
                setting.value is None or fits(meaning, setting.value)
                for name in row.variables
                for setting in variables.named(letters_of(name))
            )
            if row.is_worker and not named and not any(by_variable):
                yield Work(
                    service=service,
                    role=row.role,
                    product=row.product,
                    setting=" ".join(row.words),
                    name="",
                    document=document,
                    path=last.path,
                    obstacle="the command names none, and the program takes what it is written to take",
                    is_default=True,
                )

    def _variables_of_programs(self, service: ServiceSpec) -> Iterator[tuple[str, Meaning]]:
        """Yield the variables by which programs of a service may be told their queues."""
        for _, row, _, _ in self._programs(service):
            yield from ((name, Meaning(row.role, row.product)) for name in row.variables)

    def _triggers(self, service: ServiceSpec) -> Iterator[tuple[Document, Path, dict[str, object]]]:
        for document in self._of_service.get(service.name, ()):
            if document.identity.group_kind in SCALED_BY_TRIGGERS:
                for at, trigger in enumerate(get_list(document.data, TRIGGER_LIST)):
                    if is_mapping(trigger) and get_text(trigger, ("type",)) in TRIGGERS:
                        yield document, (*TRIGGER_LIST, at), trigger

    def _of_triggers(self, service: ServiceSpec) -> Iterator[Work]:
        for document in self._of_service.get(service.name, ()):
            for path, name in _queue_metrics(document):
                yield Work(
                    service=service,
                    role=Role.SCALER,
                    product=Product.UNKNOWN,
                    setting=f"external metric {name}",
                    name="",
                    document=document,
                    path=path,
                )
        for document, path, trigger in self._triggers(service):
            kind = get_text(trigger, ("type",))
            named = False
            for row in TRIGGERS[kind]:
                value = get_text(trigger, ("metadata", row.key))
                named = named or bool(get_text(trigger, ("metadata", row.key + FROM_VARIABLE)))
                if value:
                    named = True
                    yield Work(
                        service=service,
                        role=row.role,
                        product=row.product,
                        setting=f"{row.key} of {kind} trigger",
                        name=value,
                        document=document,
                        path=(*path, "metadata", row.key),
                        start=0,
                        end=len(value),
                        obstacle=f"it is built from `{value}`" if is_built(value) else "",
                    )
            if not named:
                product = next((row.product for row in TRIGGERS[kind]), Product.UNKNOWN)
                yield Work(
                    service=service,
                    role=Role.SCALER,
                    product=product,
                    setting=f"{kind} trigger",
                    name="",
                    document=document,
                    path=(*path, "type"),
                )

    def _of_dapr(self, service: ServiceSpec) -> Iterator[Work]:
        """Yield what sidecars of Dapr take by Components of the namespace, which a lane shares.

        Source: docs.dapr.io, "Component scopes": without `scopes` all applications of the namespace load it.
        """
        for document in self._workloads(service):
            template = (*WORKLOADS[document.identity.group_kind].template, "metadata", "annotations")
            annotations = get_map(document.data, template)
            if annotations.get(DAPR_ENABLED) != "true":
                continue
            namespace = self._plan.key_of(document.identity).namespace
            for component in self._components:
                scopes = get_list(component.data, ("scopes",))
                is_loaded = not scopes or annotations.get(DAPR_APP, document.identity.name) in scopes
                if is_loaded and self._plan.key_of(component.identity).namespace == namespace:
                    yield from _of_component(service, component)

    @cached_property
    def _components(self) -> tuple[Document, ...]:
        return tuple(document for document in self._plan.baseline if document.identity.group_kind == DAPR_COMPONENT)

    def _variables_of_triggers(self, service: ServiceSpec) -> Iterator[tuple[str, Meaning]]:
        """Yield the variables by which triggers of a service name what they count."""
        for _, _, trigger in self._triggers(service):
            for row in TRIGGERS[get_text(trigger, ("type",))]:
                name = get_text(trigger, ("metadata", row.key + FROM_VARIABLE))
                if name:
                    yield name, Meaning(row.role, row.product)


def _of_component(service: ServiceSpec, component: Document) -> Iterator[Work]:
    """Yield what a Component of Dapr takes for every application that loads it."""
    kind = get_text(component.data, ("spec", "type"))
    fields = [
        (at, get_text(item, ("name",)), get_text(item, ("value",)))
        for at, item in enumerate(get_list(component.data, ("spec", "metadata")))
    ]
    if any(name == DAPR_DIRECTION and value.strip() == "output" for _, name, value in fields):
        return
    for at, name, value in fields:
        row = dapr_field(kind, name)
        if row is None or is_of_each_app(value):
            continue
        yield Work(
            service=service,
            role=row.role,
            product=Product.DAPR if row.role is Role.CLOCK else dapr_product(kind),
            setting=name,
            name="" if row.role is Role.CLOCK else value,
            document=component,
            path=("spec", "metadata", at, "value"),
            obstacle=f"it stands in {_ref(component)}, which Dapr gives to gray pods too",
        )


def _of_quartz(
    service: ServiceSpec, settings: Iterable[Setting], variables: _Variables, works: list[Work]
) -> list[Work]:
    """Return works with those of Quartz as its store has them: of a cluster where that is shared, else timers."""
    store = next((each for each in settings if each.value and has_quartz_store(each.name, each.value)), None)
    if store is None:
        return [replace(work, role=Role.TIMER) if work.role is Role.CLUSTER else work for work in works]
    if any(work.role is Role.CLUSTER for work in works):
        return works
    return [
        *works,
        Work(
            service=service,
            role=Role.CLUSTER,
            product=Product.QUARTZ,
            setting=QUARTZ_NAME,
            name="",
            document=store.document,
            path=store.path,
            obstacle="nothing names it, and all of the default name are one",
            is_given=variables.gives(replace(store, name=QUARTZ_NAME)),
            is_default=True,
        ),
    ]


@lru_cache(maxsize=4)
def work_in(documents: tuple[Document, ...], plan: ReleasePlan) -> ServiceWork:
    """Return the work in the gray copies of a release; passes, checks and the plan's rows ask the same objects."""
    return ServiceWork(documents, plan)


def _in_production(plan: ReleasePlan) -> ServiceWork:
    return work_in(tuple(copy.document for copy in plan.copies), plan)


def works_of_baseline(plan: ReleasePlan) -> tuple[Work, ...]:
    """Return the work of the objects that get a copy, as the baseline has them."""
    return _in_production(plan).works()


def names_of_baseline(plan: ReleasePlan) -> frozenset[tuple[str, str]]:
    """Return service and name of all that production takes work by."""
    return frozenset((work.service.name, work.name) for work in works_of_baseline(plan) if work.is_named)


def _options(document: Document, path: Path, text: str) -> Iterator[Setting]:
    """Yield the options in a text: `-Dname=value` and `--name=value`."""
    for found in _OPTION.finditer(text):
        yield Setting(found["name"], found["value"], document, path, found.start("value"), found.end("value"))


def _nested(document: Document, path: Path, text: str) -> Iterator[Setting]:
    """Yield what a variable or an argument says that holds a text of configuration."""
    if "\n" in text or text.lstrip()[:1] in ("{", "["):
        for each in _read(text)[1]:
            yield Setting(each.name, each.value, document, path, each.start, each.end, is_nested=True)


_FLAG = compile_later(r"--?(?P<name>[A-Za-z_][A-Za-z0-9_.-]+)")


def _parted(document: Document, words: Sequence[Word]) -> Iterator[Setting]:
    """Yield options whose value is the next word, where they name work or a broker: `--consumer-group orders`."""
    for option, value in pairwise(words):
        found = _FLAG.fullmatch(option.text)
        if found is None or value.text.startswith("-"):
            continue
        meaning = meaning_of(found["name"])
        is_work = meaning is not None and meaning.role in (*NAMED, Role.BROKER)
        if is_work or is_plain(found["name"]) or broker_of(found["name"], value.text) is not None:
            end = value.start + len(value.text)
            yield Setting(found["name"], value.text, document, value.path, value.start, end)


def _after(words: Sequence[Word], row: Program) -> int:
    """Return where the words behind those of a program start, 0 where the command is another's."""
    found = 0
    is_valued = False
    for at, word in enumerate(words):
        if not is_valued and word.text.rpartition("/")[2] == row.words[found]:
            found += 1
            if found == len(row.words):
                return at + 1
        # Before the program there are those of a shell, such as `-c`.
        is_valued = found > 0 and word.text in row.valued
    return 0


def _names(words: Sequence[Word], row: Program) -> Iterator[tuple[str, Path, str, int]]:
    """Yield what the words behind a program name: the option or the program, the place, the name and its start."""
    is_taken = False
    for number, word in enumerate(words):
        if is_taken:
            is_taken = False
            continue
        option, equals, value = word.text.partition("=")
        if option in row.options and equals:
            yield option, word.path, value, word.start + len(option) + 1
        elif word.text in row.options and number + 1 < len(words):
            following = words[number + 1]
            yield option, following.path, following.text, following.start
            is_taken = True
        elif word.text in row.valued:
            is_taken = True
        elif row.has_names and not word.text.startswith("-"):
            if ">" in word.text or "<" in word.text:
                break
            yield " ".join(row.words), word.path, word.text, word.start


@lru_cache(maxsize=64)
def _read(text: str) -> tuple[bool, tuple[TextSetting, ...]]:
    """Tell whether a text is one line, and return its settings where they may speak of work.

    A patch may bring one long text into many objects.
    """
    is_line = "\n" not in text.strip()
    if _SUSPECT.search(text) is None:
        return is_line, ()
    settings = settings_in(text)
    known = {each.start for each in settings}
    return is_line, (*settings, *(each for each in pairs_in(text) if each.start not in known))


def _plain(value: object) -> str | None:
    """Return what a key of a Secret says, None where it is no text."""
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except ValueError:
        return None


def _ref(document: Document) -> str:
    return document.origin.ref


def _pod_field(setting: Setting) -> str:
    return get_text(setting.document.data, (*setting.path, "fieldRef", "fieldPath"))


def in_baseline(work: Work, plan: ReleasePlan) -> Document:
    """Return the object of the baseline in which a setting stands."""
    return in_baseline_of(work.document, plan)


def in_baseline_of(document: Document, plan: ReleasePlan) -> Document:
    """Return the object that a gray one was made from; one of the baseline is its own."""
    return plan.copy_of(document).document if plan.is_copy(document) else document


def show_work(work: Work) -> str:
    """Return a work in words: consumer group `orders` (Kafka)."""
    name = f" `{work.name}`" if work.name else ""
    product = f" ({work.product})" if work.product else ""
    if work.role is Role.SCALER:
        return f"{'an' if work.setting[0] in 'aeiou' else 'a'} {work.setting}"
    default = "its default " if work.is_default and work.role in NAMED else ""
    return f"{default}{work.role}{name}{product}"


LABELLING_MODES = (WorkMode.OWN, WorkMode.AGENT)
"""Where gray job executors get a label: `agent` speaks of groups, and an executor beside them has none to rename."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """A line of the plan about work.

    Attributes:
        name: that the gray copy has; "" where it is not known.
        before: that production has, where it is another one; else "".
        is_own: the lane has it for itself, so it is there before the lane and goes after it.
        label: by which the scheduler tells a gray executor from production's; "" for none.
    """

    service: ServiceSpec
    role: Role
    product: Product
    name: str
    before: str
    setting: str
    ref: str
    is_own: bool
    is_asked: bool
    is_each: bool
    label: str = ""

    @property
    def shown(self) -> str:
        """The row in words, as it is recorded."""
        if self.role is Role.SCALER:
            return f"scaler by {self.setting}"
        if self.role is Role.CLOCK:
            return f"{self.role} ({self.product})"
        name = self.name or "that no text here shows"
        if self.label:
            return f"label routing `{self.label}` for jobs of executor {name} ({self.product})"
        return f"{self.role} {name}" + (f" ({self.product})" if self.product else "")


def rows_of(documents: Sequence[Document], plan: ReleasePlan) -> tuple[WorkRow, ...]:
    """Return the work of every service for people: names of the lane first where it has its own.

    Args:
        documents: the gray copies as they are at last; or what they are made from, where they could not be made.
    """
    production: dict[tuple[str, str, Path], Work] = {}
    for work in works_of_baseline(plan):
        production.setdefault((work.service.name, work.setting, work.path), work)
    known = names_of_baseline(plan)
    rows: dict[tuple[str, str, str], WorkRow] = {}
    found = work_in(tuple(documents), plan)
    for work in found.works():
        service, tag = work.service, plan.spec.tag
        before = production.get((service.name, work.setting, work.path))
        old = before.name if before is not None else ""
        name, is_own = work.name, False
        if work.is_named and service.work is WorkMode.AGENT and work.product in (Product.ROCKETMQ, Product.UNKNOWN):
            name, is_own = agents_name(work.name, tag) if work.name else "", True
            old = work.name
        elif work.is_named and (service.work in (WorkMode.OWN, None) or work.role is Role.TRANSACTION):
            is_own = bool(work.name) and (service.name, work.name) not in known
        label = ""
        if work.role is Role.EXECUTOR and service.work in LABELLING_MODES:
            labels = {each.value for each in found.labels_of(service) if each.product is work.product}
            label, is_own = (tag, True) if tag in labels else ("", False)
        row = WorkRow(
            service=service,
            role=work.role,
            product=work.product,
            name=_without_password(name, work.setting),
            before=_without_password(old, work.setting) if old != name else "",
            setting=work.setting,
            ref=in_baseline(work, plan).identity.ref,
            is_own=is_own,
            is_asked=work.role in ASKED,
            is_each=work.is_each,
            label=label,
        )
        rows.setdefault((service.name, row.shown, row.setting), row)
    return tuple(rows.values())


def _without_password(name: str, setting: str) -> str:
    """Return a name as it is shown: of an address without what stands before its `@`."""
    return "***" if looks_secret(setting) else _USER.sub("//***@", name)


def has_own_work(spec: ReleaseSpec) -> bool:
    """Tell whether a lane may have consumer groups, subscriptions or queues of its own."""
    return any(service.work in (WorkMode.OWN, WorkMode.AGENT) for service in spec.services)


def has_work_to_write(spec: ReleaseSpec) -> bool:
    """Tell whether gray copies may need other names, or addresses and labels of executors."""
    return any(service.work is not None for service in spec.services)


def gives_by_config(found: ServiceWork, service: ServiceSpec, document: Document, place: Path, name: str) -> bool:
    """Tell whether a container has a variable from a whole ConfigMap or Secret, which one of its own would hide."""
    return bool(get_list(document.data, (*place, "envFrom"))) and any(
        setting.name == name and setting.is_variable and setting.document.identity.group_kind in CONFIG_KINDS
        for setting in found.settings_of(service)
    )


def labels_of_baseline(plan: ReleasePlan) -> frozenset[tuple[str, Product, str | None]]:
    """Return service, product and value of the labels that production's executors have."""
    found = _in_production(plan)
    return frozenset(
        (service.name, label.product, label.value)
        for service in plan.spec.services
        for label in found.labels_of(service)
    )


def speaks_rocketmq(plan: ReleasePlan) -> Iterator[Document]:
    """Yield the workloads of the baseline whose variables, options or configuration name RocketMQ; its own are none."""

    def named(data: object) -> bool:
        return any(isinstance(text, str) and _names_rocketmq(text) for text in _texts(data))

    configs = {
        plan.key_of(document.identity)
        for document in plan.baseline
        if document.identity.group_kind in CONFIG_KINDS and named(document.data.get("data"))
    }
    for document in plan.baseline:
        if not is_workload(document):
            continue
        containers = [container for _, container in containers_of(document)]
        if any(_ROCKETMQ in get_text(container, ("image",)).lower() for container in containers):
            continue
        if any(named([container.get(field) for field in ("env", "command", "args")]) for container in containers) or (
            configs and any(reference.target in configs for reference in references_of(document, plan.spec))
        ):
            yield document


@lru_cache(maxsize=64)
def _names_rocketmq(text: str) -> bool:
    """Tell whether a text names RocketMQ; a patch or an anchor may bring one long text into many objects."""
    return _ROCKETMQ in text.lower()


def _texts(data: object) -> Iterator[object]:
    """Yield the keys and values of nested data."""
    rest = [data]
    while rest:
        node = rest.pop()
        if is_mapping(node):
            yield from node
            rest += node.values()
        elif isinstance(node, list):
            rest += node
        else:
            yield node


def service_at(work: Work, plan: ReleasePlan) -> tuple[int, int, str] | None:
    """Return where an address names a Service that has a gray copy, and that copy's name; None where it does not.

    Source: Kubernetes, "DNS for Services and Pods": `name`, `name.namespace` and what goes on with `svc`.
    """
    start, host = host_of(work.name)
    name, _, rest = host.partition(".")
    namespace, _, domain = rest.partition(".")
    if domain and domain != "svc" and not domain.startswith("svc."):
        return None
    home = plan.key_of(work.document.identity).namespace
    gray = plan.copied.gray.get(ObjectKey(group_kind=(CORE, "Service"), namespace=namespace or home, name=name))
    return (work.start + start, work.start + start + len(name), gray) if gray is not None else None


_UNMADE = (Role.TRANSACTION, Role.CLUSTER)
"""What a program makes by taking it up: nobody creates it before."""


def own_of(rows: Sequence[WorkRow]) -> tuple[str, ...]:
    """Return what a lane has for itself at its brokers, in words, each once."""
    return tuple(
        dict.fromkeys(row.shown for row in rows if row.is_own and row.role not in _UNMADE and (row.name or row.label))
    )


def needs_of(rows: Sequence[WorkRow]) -> tuple[str, ...]:
    """Return what must hold for the names of a lane and no manifest shows."""
    agent = AGENT_NEEDS if any(row.is_own and row.service.work is WorkMode.AGENT for row in rows) else ()
    products = dict.fromkeys(row.product for row in rows if row.label)
    return (*agent, *(LABELLING[product].needs for product in products))
