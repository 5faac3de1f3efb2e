"""Work that comes to gray pods without a request: who takes messages and jobs, by which names, and where they stand."""

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from grayc.analysis.command_words import Word, command_texts, commands_of
from grayc.analysis.graph import containers_of, is_workload, main_containers_of, references_of
from grayc.analysis.work_settings import (
    Neighbours,
    Setting,
    Shared,
    Variables,
    fields_of,
    kept_of,
    nested_in,
    options_in,
    parted_in,
    read_text,
)
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, matches
from grayc.k8s.kinds import AUTOSCALING, CONFIG_KINDS, CORE, IN_EVERY_CLUSTER
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.queues import (
    ASKED,
    DAPR_APP,
    DAPR_COMPONENT,
    DAPR_DIRECTION,
    DAPR_ENABLED,
    FROM_VARIABLE,
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
    binder_products,
    binding_of,
    counts_messages,
    dapr_field,
    dapr_product,
    fits,
    has_quartz_store,
    host_of,
    is_built,
    is_for_each_pod,
    is_of_each_app,
    label_of,
    letters_of,
    meaning_of,
    meaning_of_value,
    names_no_host,
    variables_in,
    whole_variable,
)
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace
from grayc.spec.model import ReleaseSpec, ServiceSpec, WorkMode

_SECRET = (CORE, "Secret")

LABELLING_MODES = (WorkMode.OWN, WorkMode.AGENT)
"""Where gray job executors get a label: `agent` speaks of groups, and an executor beside them has none to rename."""


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


def _queue_metrics(document: Document) -> Iterator[tuple[Path, str]]:
    """Yield the external metrics of an autoscaler that count messages, each with its path."""
    if document.identity.group_kind == (AUTOSCALING, "HorizontalPodAutoscaler"):
        for path, name in matches(document.data, (*METRICS, "[*]", "external", "metric", "name")):
            if isinstance(name, str) and counts_messages(name):
                yield path, name


_Started = tuple[Document, Program, Word, Sequence[Word]]
"""A workload, the program that a command of it starts, the last word by which it is known, and what follows."""


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
        self._said: dict[tuple[str, int, Path], Shared] = {}
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
        programs = tuple(self._programs(service))
        variables = Variables(service, own, shared)
        neighbours = Neighbours(settings)
        wanted = {
            letters_of(name): meaning
            for name, meaning in (*self._variables_of_triggers(service), *_variables_of_programs(programs))
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
            *self._ofcommands_of(service, variables, programs),
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
        variables: Variables,
        neighbours: Neighbours,
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
        variables = Variables(service, self._own_settings(service), self._shared_by(service))
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

    def _shared_by(self, service: ServiceSpec) -> tuple[Shared, ...]:
        found = []
        for at, document in self._configs[service.name].items():
            if at not in self._said:
                self._said[at] = Shared(self._config(document))
            found.append(self._said[at])
        return tuple(found)

    def _read_settings(self, service: ServiceSpec) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
        """Return the settings that stand in a service's own objects: in its workloads, then in others."""
        if service.name not in self._settings:
            fields = (
                field
                for document in self._of_service.get(service.name, ())
                if takes_itself(document)
                for field in fields_of(document)
            )
            self._settings[service.name] = tuple(self._of_workloads(service)), tuple(fields)
        return self._settings[service.name]

    def _of_workloads(self, service: ServiceSpec) -> Iterator[Setting]:
        for document in self._workloads(service):
            for place, container in containers_of(document):
                yield from self._variables(service, document, place, container)
                for path, text in command_texts(container):
                    yield from options_in(document, (*place, *path), text)
                    yield from nested_in(document, (*place, *path), text)
                for words in commands_of(container, place):
                    yield from parted_in(document, words)

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
                yield from options_in(document, path, value)
                # Such as `SPRING_APPLICATION_JSON`. Source: Spring Boot reference, "Externalized Configuration".
                yield from nested_in(document, path, value)
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
                is_line, settings = read_text(text)
                if is_line:
                    yield Setting(
                        key, text, document, path, 0, len(text), key=(name, key), obstacle=obstacle, is_variable=True
                    )
                for each in kept_of(settings):
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

    def _programs(self, service: ServiceSpec) -> Iterator[_Started]:
        """Yield the programs of a service's commands."""
        for document in self._workloads(service):
            for place, container in containers_of(document):
                for words in commands_of(container, place):
                    named = {_last_part(word) for word in words}
                    for row in PROGRAMS:
                        at = _after(words, row) if row.words[0] in named else 0
                        if at:
                            yield document, row, words[at - 1], words[at:]

    def _ofcommands_of(
        self, service: ServiceSpec, variables: Variables, programs: Iterable[_Started]
    ) -> Iterator[Work]:
        """Yield the queues that programs take, by the table of `PROGRAMS`."""
        for document, row, last, words in programs:
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
    service: ServiceSpec, settings: Iterable[Setting], variables: Variables, works: list[Work]
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


def _variables_of_programs(programs: Iterable[_Started]) -> Iterator[tuple[str, Meaning]]:
    """Yield the variables by which programs of a service may be told their queues."""
    for _, row, _, _ in programs:
        yield from ((name, Meaning(row.role, row.product)) for name in row.variables)


def _last_part(word: Word) -> str:
    return word.text.rpartition("/")[2]


def _after(words: Sequence[Word], row: Program) -> int:
    """Return where the words behind those of a program start, 0 where the command is another's."""
    found = 0
    is_valued = False
    for at, word in enumerate(words):
        if not is_valued and _last_part(word) == row.words[found]:
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


def _plain(value: object) -> str | None:
    """Return what a key of a Secret says, None where it is no text."""
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except ValueError:
        return None


def _ref(document: Document) -> str:
    return document.origin.ref


def in_baseline(work: Work, plan: ReleasePlan) -> Document:
    """Return the object of the baseline in which a setting stands."""
    return in_baseline_of(work.document, plan)


def in_baseline_of(document: Document, plan: ReleasePlan) -> Document:
    """Return the object that a gray one was made from; one of the baseline is its own."""
    return plan.copy_of(document).document if plan.is_copy(document) else document


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
