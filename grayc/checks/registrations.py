"""What gray pods register in registries: under production's name, elsewhere, with production's address or labels."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from grayc.analysis.agents import absence_of, image_name, namespaces_of, tags_of
from grayc.analysis.carried import Carrier
from grayc.analysis.chain import CallGraph
from grayc.analysis.container_sources import CONFIG_MAP
from grayc.analysis.containers import variable_span
from grayc.analysis.graph import containers_of, is_workload, pod_labels
from grayc.analysis.registrations import (
    ConfigTexts,
    Label,
    Registration,
    Setting,
    Settings,
    Where,
    application_name,
    config_centres_of,
    config_texts,
    containers_with_settings,
    is_tag_word,
    lane_labels_of,
    read_registered,
    registrations_of,
    services_in,
    speaks_of_registries,
)
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.mse_agent import NO_JVM
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import MSE_TAG, PROVIDERS
from grayc.k8s.registries import (
    APPLICATION_NAME,
    MSE_DEFAULT_NAMESPACE,
    MSE_NAMESPACE,
    PROFILES,
    SERVERS,
    Registry,
    relaxed,
)
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace

_NAMES = (APPLICATION_NAME, "dubbo.application.name")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pair:
    """A gray workload and the one of the baseline, with what they say to registries.

    Attributes:
        settings: name of a container → its settings, in the gray pods.
        before: the same in the baseline's pods.
    """

    gray: Document
    baseline: Document
    registrations: tuple[Registration, ...]
    registered_before: tuple[Registration, ...]
    settings: Mapping[str, Settings]
    before: Mapping[str, Settings]


class _Known:
    """What is asked of a release again and again, found once."""

    def __init__(self, documents: tuple[Document, ...], plan: ReleasePlan) -> None:
        home = plan.spec.namespace or ""
        self.plan = plan
        self.has_agent = PROVIDERS[plan.spec.lane.provider].has_agent
        self.namespaces = namespaces_of(plan.baseline)
        self.gray_texts = config_texts((*documents, *plan.baseline), home)
        self.texts = config_texts(plan.baseline, home)
        self.gray_services = frozenset(key._replace(name=name) for key, name in plan.gray_names.items())
        self.services = services_in(plan) | self.gray_services

    @cached_property
    def graph(self) -> CallGraph:
        """The call paths."""
        return CallGraph(self.plan)

    @cached_property
    def hops(self) -> dict[tuple[str, int, Path], list[Note]]:
        """Place of a workload → a note for each call that meets it."""
        notes: dict[tuple[str, int, Path], list[Note]] = {}
        told = set()
        for route in self.graph.routes(Carrier(self.plan)):
            for caller, called in zip(route.hops, route.hops[1:], strict=False):
                if (caller.name, called.name) in told:
                    continue
                told.add((caller.name, called.name))
                note = Note(
                    message=f"the hop `{caller.name} -> {called.name}` is not carried",
                    span=self.plan.spec.span(route.call.path),
                )
                for workload in self.graph.workloads_of(called.name):
                    notes.setdefault(workload.place, []).append(note)
        return notes

    def mse_namespace(self, workload: Document) -> str:
        """Return the namespace of MSE in which a workload's pods stand."""
        value = pod_labels(workload).get(MSE_NAMESPACE)
        if isinstance(value, str) and value:
            return value
        namespace = self.namespaces.get(self.plan.key_of(workload.identity).namespace)
        found = "" if namespace is None else get_text(namespace.data, ("metadata", "labels", MSE_NAMESPACE))
        return found or MSE_DEFAULT_NAMESPACE


@dataclass(frozen=True, slots=True)
class _Change:
    """What a release changes of a registration: a name or a place, as it was and as it is."""

    word: str
    was: str
    value: str


def check_registrations(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return where registries would mix lane and baseline, or keep them from finding each other.

    Diagnostics:
        GC380: the baseline holds a registry, and no file shows whether gray pods register there.
        GC438: services on one call path stand in two namespaces of MSE.
        GC439: another profile asks a configuration centre for what no file shows.
        GC457: gray pods register under production's name, and no agent tells them apart.
        GC458: the release changes as what, or where, pods register.
        GC459: gray pods register an address that is not their own.
        GC476: what gray pods register says that they are of another lane, or of the baseline.
        GC477: what baseline pods register, or are started with, says that they are of the lane.
    Source: `grayc.k8s.registries`.
    """
    known = _Known(documents, plan)
    diagnostics: list[Diagnostic] = []
    silent: list[Document] = []
    for document in documents:
        if not is_workload(document) or not plan.is_copy(document):
            continue
        pair = _pair(document, known)
        diagnostics += _beside_production(pair, known)
        diagnostics += _elsewhere(pair, known)
        diagnostics += _addresses(pair, known)
        diagnostics += _labels(pair, plan)
        diagnostics += _profiles(pair, plan)
        if not any(map(speaks_of_registries, pair.settings.values())):
            silent.append(document)
    diagnostics += _unseen(silent, known)
    diagnostics += _tagged_baseline(known)
    if known.has_agent:
        diagnostics += _two_namespaces(known)
    return tuple(diagnostics)


def _pair(document: Document, known: _Known) -> _Pair:
    before = known.plan.copy_of(document).document

    def settings(workload: Document, texts: ConfigTexts) -> dict[str, Settings]:
        found = containers_with_settings(workload, texts)
        return {get_text(container, ("name",)): each for _, container, each in found}

    return _Pair(
        gray=document,
        baseline=before,
        registrations=registrations_of(document, known.gray_texts),
        registered_before=registrations_of(before, known.texts),
        settings=settings(document, known.gray_texts),
        before=settings(before, known.texts),
    )


def _beside_production(pair: _Pair, known: _Known) -> Iterator[Diagnostic]:
    """Yield the registries that list gray pods of a workload with production's."""
    plan, reason = known.plan, "no agent tells them apart"
    if known.has_agent:
        absence = absence_of(pair.gray, known.namespaces, plan.key_of(pair.gray.identity).namespace)
        if absence is None:
            return
        reason = f"no agent tells them apart, since they {absence.text}"
    before = {_identity(each) for each in pair.registered_before if each.is_registered}
    for found in pair.registrations:
        if not found.is_registered or _identity(found) not in before:
            continue
        name = f"`{found.service}`" if found.service else "the name that the image has"
        key, value = found.row.switch
        yield _at_setting(
            pair,
            plan,
            found.container,
            found.sign,
            code="GC457",
            message=f"gray pods of `{pair.gray.origin.ref}` register in {found.registry} as {name}, as production's "
            f"do, and {reason}: whoever asks the registry calls instances of both sides",
            notes=(
                *_also(found.settings.first(found.row.service), "the name"),
                *known.hops.get(pair.baseline.place, ()),
            ),
            help=f"keep gray pods out of the registry with `{key}={value}` in `env` of service "
            f"`{plan.copy_of(pair.gray).service.name}`; or let MSE's agent lead the calls (`lane.provider: mse`); or "
            "accept it where callers choose instances themselves",
        )


def _unseen(silent: list[Document], known: _Known) -> Iterator[Diagnostic]:
    """Yield the registries of the baseline where gray pods may register by what their jars say, without an agent."""
    unseen = [
        document
        for document in silent
        if not any(image_name(each) in NO_JVM or image_name(each) in SERVERS for _, each in containers_of(document))
    ]
    if known.has_agent or not unseen:
        return
    for server in known.plan.baseline:
        names = [SERVERS.get(image_name(each), "") for _, each in containers_of(server)] if is_workload(server) else []
        name = next(filter(None, names), "")
        if name:
            shown = ", ".join(f"`{each.origin.ref}`" for each in unseen[:_LISTED])
            more = f" and {len(unseen) - _LISTED} more" if len(unseen) > _LISTED else ""
            yield at_object(
                server,
                ("metadata", "name"),
                code="GC380",
                message=f"`{server.identity.ref}` is a registry ({name}), and no file shows whether gray pods of "
                f"{shown}{more} register there: where they do, under production's name, calls of both sides meet in it",
                help="look at what the images are built with; where they register, keep gray pods out with a variable, "
                "or let MSE's agent lead the calls (`lane.provider: mse`)",
            )


def _identity(found: Registration) -> tuple[object, ...]:
    return (found.container, found.row.name, found.scheme, found.server, found.service, found.places)


def _also(setting: Setting | None, what: str) -> tuple[Note, ...]:
    return () if setting is None else (Note(message=what, span=setting.document.span(setting.path)),)


def _elsewhere(pair: _Pair, known: _Known) -> Iterator[Diagnostic]:
    """Yield what a release changes of the name and the place that pods register with."""
    plan, found = known.plan, _changes(pair)
    if known.has_agent:
        yield from _left_out(pair, plan)
        # The agent's callers look in registries that a jar names, too.
        found = (*found, *_renamed(pair))
    told: set[tuple[str, str]] = set()
    for container, setting, change in found:
        if (container, relaxed(setting.key)) not in told:
            told.add((container, relaxed(setting.key)))
            yield _moved(pair, plan, container, setting, change)
    if known.has_agent:
        yield from _in_another_namespace(pair, known)


def _now(pair: _Pair, before: Registration) -> Registration | None:
    """Return what a registration of production is in the gray pods, None where the client is not there."""
    wanted = (before.container, before.row)
    return next((each for each in pair.registrations if (each.container, each.row) == wanted), None)


def _left_out(pair: _Pair, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the registries in which production's pods register, and gray ones do not."""
    for before in pair.registered_before:
        now = _now(pair, before)
        if not before.is_registered or (now is not None and now.is_registered):
            continue
        settings = pair.settings.get(before.container)
        yield _at_setting(
            pair,
            plan,
            before.container,
            (None if settings is None else settings.first(key for key, _ in (*before.row.off, *before.row.unused)))
            or before.sign,
            code="GC458",
            message=f"gray pods of `{pair.gray.origin.ref}` do not register in {before.registry}, as production's do: "
            "calls that look there never reach them",
            help="leave it as production has it; or accept it where all calls come by Services",
        )


def _changes(pair: _Pair) -> tuple[tuple[str, Setting, _Change], ...]:
    """Return container, setting and change of what registers, or only asks, otherwise than in production."""
    found = []
    for before in pair.registered_before:
        now = _now(pair, before)
        if now is None or (before.is_registered and not now.is_registered):
            continue
        changes = [_Change(word, was, value) for (word, was), (_, value) in zip(before.places, now.places, strict=True)]
        changes.append(_Change("address of the registry", before.server, now.server))
        if now.is_registered:
            changes.append(_Change("name", before.service, now.service))
        for change in changes:
            if change.was != change.value:
                setting = _setting_of(now.row, change.word, now.settings)
                setting = setting or _setting_of(now.row, change.word, before.settings)
                found.append((now.container, setting or now.sign, change))
    return tuple(found)


def _renamed(pair: _Pair) -> Iterator[tuple[str, Setting, _Change]]:
    """Yield the names of applications that are others in gray pods, whether a registry is to be seen or not."""
    for container, settings in pair.settings.items():
        before = pair.before.get(container)
        for key in _NAMES if before is not None else ():
            was, now = before.get(key) if before is not None else None, settings.get(key)
            names = tuple(
                "" if each is None or known is None else known.value(each) or ""
                for known, each in ((before, was), (settings, now))
            )
            setting = was if now is None else now
            if setting is not None and names[0] != names[1]:
                yield container, setting, _Change("name", *names)


def _in_another_namespace(pair: _Pair, known: _Known) -> Iterator[Diagnostic]:
    """Yield the workload where gray pods stand in another namespace of MSE than production's."""
    plan = known.plan
    was, now = (known.mse_namespace(each) for each in (pair.baseline, pair.gray))
    if was == now:
        return
    path = (*WORKLOADS[pair.gray.identity.group_kind].template, "metadata", "labels", MSE_NAMESPACE)
    found = at_object(
        pair.gray,
        path,
        code="GC458",
        message=f"gray pods of `{pair.gray.origin.ref}` stand in `{MSE_NAMESPACE}: {now}`, production's in `{was}`: "
        "MSE's rules hold in one of its namespaces only, so calls do not find the lane",
        help=f"leave `{MSE_NAMESPACE}` as production has it: the lane is known by the tag alone",
    )
    yield replace(found, span=plan.spec.span((*plan.copy_of(pair.gray).service.path, "patches"), key=True))


def _setting_of(row: Registry, word: str, settings: Settings) -> Setting | None:
    """Return the setting that says the name or a place."""
    if word == "name":
        return settings.first(row.service)
    keys = next((place.keys for place in row.places if place.word == word), ())
    return settings.first(keys) or settings.first(row.server)


def _moved(pair: _Pair, plan: ReleasePlan, container: str, setting: Setting, change: _Change) -> Diagnostic:
    def shown(text: str) -> str:
        return f"`{text}`" if text else "left to the image"

    return _at_setting(
        pair,
        plan,
        container,
        setting,
        code="GC458",
        message=f"the {change.word} with which gray pods of `{pair.gray.origin.ref}` register is "
        f"{shown(change.value)} (`{setting.key}`), production's {shown(change.was)}: baseline and lane do not find "
        "each other",
        help="leave it as production has it: a lane is known by its tag, and what is not released is called in "
        "production; or accept it where the lane holds all that it calls",
    )


def _addresses(pair: _Pair, known: _Known) -> Iterator[Diagnostic]:
    """Yield the addresses that gray pods register and that lead to production, or to one place for all."""
    plan = known.plan
    namespace = plan.key_of(pair.gray.identity).namespace
    told: set[tuple[str, str]] = set()
    for found in pair.registrations:
        setting = found.address if found.is_registered else None
        if setting is None or (found.container, relaxed(setting.key)) in told:
            continue
        value = found.settings.value(setting)
        where = read_registered(value, namespace, known.services)
        if where.where is Where.OWN or where.target in known.gray_services:
            continue
        told.add((found.container, relaxed(setting.key)))
        what = f"Service `{where.target.name}` of production" if where.target is not None else "one fixed address"
        yield _at_setting(
            pair,
            plan,
            found.container,
            setting,
            code="GC459",
            message=f"gray pods of `{pair.gray.origin.ref}` register `{value}` (`{setting.key}`) in {found.registry}, "
            f"{what}: calls for the lane go there, and not to the pods",
            help="let each pod register its own address: take the key away, or give it `$(POD_IP)` from a `fieldRef` "
            "to `status.podIP`; or name the gray Service in `env`",
        )


def _labels(pair: _Pair, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the labels of gray instances that say another lane, or what production's say."""
    tag = plan.spec.tag
    for container, settings in pair.settings.items():
        before = pair.before.get(container)
        was = set() if before is None else {(relaxed(each.name), each.value) for each in lane_labels_of(before)}
        labels = [each for each in lane_labels_of(settings) if each.value != tag and "$" not in each.value]
        tags = [each for each in labels if is_tag_word(each.name)]
        copied = [each for each in labels if not is_tag_word(each.name) and (relaxed(each.name), each.value) in was]
        for found, said, help_text in (
            (
                tags,
                f"is tagged {_listed(tags)}, the lane `{tag}`",
                f"take it away: the pod label `{MSE_TAG}`, which every gray pod has, says it",
            ),
            (
                copied,
                f"registers {_listed(copied)}, as the baseline's does: who chooses instances by it takes them for one",
                "give gray pods another value in `env`; or accept it where nobody chooses by it",
            ),
        ):
            if found:
                yield _at_setting(
                    pair,
                    plan,
                    container,
                    found[0].setting,
                    code="GC476",
                    message=f"container `{container}` of `{pair.gray.origin.ref}` {said}",
                    notes=(Note(message="the lane's tag", span=plan.spec.span(("spec", "tag"))),),
                    help=help_text,
                )


_LISTED = 5


def _listed(labels: list[Label]) -> str:
    shown = ", ".join(f"`{each.shown}`" for each in labels[:_LISTED])
    return f"{shown} and {len(labels) - _LISTED} more" if len(labels) > _LISTED else shown


def _tagged_baseline(known: _Known) -> Iterator[Diagnostic]:
    """Yield the workloads of production whose instances say that they are the lane's."""
    plan = known.plan
    may_say = _Sayings(plan)
    for document in plan.baseline:
        found = _tag_of(document, known) if is_workload(document) and may_say.tag(document) else None
        if found is not None:
            shown, path = found
            yield at_object(
                document,
                path,
                code="GC477",
                message=f"baseline pods of `{document.identity.ref}` carry the lane's own tag, `{shown}`: requests of "
                "the lane would reach them",
                notes=(Note(message="the lane's tag", span=plan.spec.span(("spec", "tag"))),),
                help="take it off the baseline, or give the release another tag",
            )


class _Sayings:
    """Which workloads may say the lane's tag at all, by a look for its letters: settings are read of few of them."""

    def __init__(self, plan: ReleasePlan) -> None:
        self._tag = plan.spec.tag
        # A number or a truth value may be written in other letters than those it is read as.
        self._is_plain = _PLAIN_TAG.fullmatch(self._tag) is not None and self._tag not in _READ_OTHERWISE
        configs = (each for each in plan.baseline if each.identity.group_kind == CONFIG_MAP)
        speaking = (each for each in configs if self._may_say(each) and self._says(str(each.data.get("data"))))
        self._configs = [each.identity.name for each in speaking]

    def tag(self, workload: Document) -> bool:
        """Tell whether the tag may stand in what a workload says, or in a ConfigMap of the names in it."""
        if len(self._configs) > _FEW_CONFIGS:
            return True
        if not self._may_say(workload, *self._configs):
            return False
        if self._tag in str(pod_labels(workload)):
            return True
        text = str(get_map(workload.data, (*WORKLOADS[workload.identity.group_kind].template, "spec")))
        return self._says(text) or any(name in text for name in self._configs)

    def _may_say(self, document: Document, *names: str) -> bool:
        """Tell whether `_says` may be true of a text of an object, or one of some names stand in it, by its letters."""
        return not self._is_plain or document.may_say((self._tag, "${", "$(", *names))

    def _says(self, text: str) -> bool:
        """Tell whether a text has the tag, or a label that may be put together to be it."""
        if not self._is_plain or self._tag in text or _ESCAPE in text:
            return True
        return ("${" in text or "$(" in text) and _SAYS_LABELS.search(text) is not None


_FEW_CONFIGS = 20
_PLAIN_TAG = re.compile(r"[a-z][a-z0-9-]+")
_READ_OTHERWISE = frozenset({"true", "false", "yes", "no", "on", "off", "null", "inf", "nan"})
_ESCAPE = "\\\\"
"""Of YAML or JSON in a text, as Python shows it."""
_SAYS_LABELS = re.compile(r"meta[^a-z0-9]?data|parameters|labels|tag", re.IGNORECASE)
"""What the keys of labels have, in any spelling: `labels`, `pairs` and `tags` of the registries."""


def _tag_of(document: Document, known: _Known) -> tuple[str, Path] | None:
    """Return what gives pods of the baseline the lane's tag, and where; None where nothing does."""
    tag = known.plan.spec.tag
    if known.has_agent:
        for path, container in containers_of(document):
            for setting, variable, value in tags_of(container):
                if value == tag:
                    shown = f"{setting.option}{value}" if setting.option else f"{setting.variable}: {value}"
                    names = [get_text(each, ("name",)) for each in get_list(container, ("env",))]
                    return shown, (*path, "env", names.index(variable)) if variable else (*path, "command")
    label = _first_label(document, known.texts, tag)
    if label is None:
        return None
    is_own = label.setting.document is document
    return label.shown, label.setting.path if is_own else ("metadata", "name")


def _first_label(document: Document, texts: ConfigTexts, tag: str) -> Label | None:
    for _, _, settings in containers_with_settings(document, texts):
        for label in lane_labels_of(settings):
            if label.value == tag:
                return label
    return None


def _profiles(pair: _Pair, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the profiles with which gray pods ask a configuration centre, and production's do not."""
    for container, settings in pair.settings.items():
        setting = settings.first(PROFILES)
        centres = config_centres_of(settings)
        if setting is None or not centres or container not in pair.before:
            continue
        before = pair.before[container].first(PROFILES)
        value = settings.value(setting)
        if not value or (before is not None and pair.before[container].value(before) == value):
            continue
        name = application_name(settings)
        yield _at_setting(
            pair,
            plan,
            container,
            setting,
            code="GC439",
            message=f"gray pods of `{pair.gray.origin.ref}` ask {' and '.join(centres)} for configuration with profile "
            f"`{value}`, which production's do not: what stands there "
            + (f"under `{name}-{value}`" if name else "for that profile")
            + " no file shows",
            help="make it there before the lane starts, or pods start with what is common to all profiles",
        )


def _two_namespaces(known: _Known) -> Iterator[Diagnostic]:
    """Yield the call paths whose services stand in two namespaces of MSE."""
    for route in known.graph.routes(Carrier(known.plan)) if known.plan.spec.calls else ():
        found: dict[str, str] = {}
        for hop in route.hops:
            for workload in known.graph.workloads_of(hop.name):
                found.setdefault(known.mse_namespace(workload), workload.identity.ref)
        if len(found) > 1:
            yield Diagnostic(
                code="GC438",
                message=f"services of path `{' -> '.join(hop.name for hop in route.hops)}` stand in several namespaces "
                "of MSE: "
                + ", ".join(f"`{ref}` in `{MSE_NAMESPACE}: {name}`" for name, ref in sorted(found.items()))
                + ": rules of one do not hold in another, so the lane ends between them",
                span=known.plan.spec.span(route.call.path),
                help=f"give the pods of all services of a path the same `{MSE_NAMESPACE}`",
            )


def _at_setting(
    pair: _Pair,
    plan: ReleasePlan,
    container: str,
    setting: Setting,
    *,
    code: str,
    message: str,
    help: str,
    notes: tuple[Note, ...] = (),
) -> Diagnostic:
    """Return a finding about a gray workload, its place where the setting is said."""
    found = at_object(pair.gray, setting.path, code=code, message=message, help=help, notes=notes)
    if setting.document.place not in (pair.gray.place, pair.baseline.place):
        return replace(found, span=setting.document.span(setting.path))
    if setting.variable:
        return replace(found, span=variable_span(pair.gray, plan, container, setting.variable))
    return found
