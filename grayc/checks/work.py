"""What gray pods do with work that no request brings is said, and the manifests do it."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from grayc.analysis.agents import absence_of, image_name, namespaces_of
from grayc.analysis.graph import containers_of, is_workload, pod_labels
from grayc.analysis.peers import Peer, peers_of
from grayc.analysis.work import (
    LABELLING_MODES,
    Label,
    Work,
    in_baseline,
    in_baseline_of,
    labels_of_baseline,
    names_of_baseline,
    service_at,
    takes_itself,
    work_in,
    works_of_baseline,
)
from grayc.analysis.work_rows import show_work
from grayc.analysis.work_settings import Setting
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get
from grayc.k8s.kinds import CORE
from grayc.k8s.mse_agent import VERSION_LABEL
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import PROVIDERS
from grayc.k8s.queues import (
    DAPR_COMPONENT,
    DEFAULT_LISTENER,
    LABELLING,
    LEAST_AGENT,
    NAMED,
    OFF,
    OPEN_SCHEDULER,
    PROGRAMS,
    RABBIT_LISTENER,
    SWITCHES,
    Product,
    Role,
    host_of,
    is_built,
    is_switch,
    letters_of,
    names_no_host,
    own_name,
    stops,
)
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec
from grayc.spec.model import ServiceSpec, WorkMode

_MOST_SHOWN = 3
_JOBS = (Role.EXECUTOR, Role.CLOCK, Role.CLUSTER)
_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")


def check_work(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return where gray pods would take production's messages and jobs though nobody said so, or though somebody did.

    Diagnostics:
        GC491: a service takes messages or jobs, and the release does not say what its gray copy does with them.
        GC492: `own` cannot give a name of the lane's own, or finds none; no `work` parts a transactional id.
        GC493: nothing keeps an `idle` service from listening.
        GC494: `agent`, and the MSE agent does not rename it.
        GC495: a gray copy names pods of production's StatefulSet.
        GC496: a gray job executor has a label that is not the lane's alone.
        GC497: a gray job executor registers an address that leads to production, or to nobody knows where.
        GC498: nothing seems to read the label of a gray job executor.
        GC499: production's programs send or take messages of RocketMQ without the agent, and `work` is `agent`.
    Source: release language, `spec.services[].work`; facts in `grayc.k8s.queues`.
    """
    found = work_in(documents, plan)
    production = _Production(plan)
    diagnostics: list[Diagnostic] = []
    copied = {copy.service.name for copy in plan.copies}
    for service in plan.spec.services:
        # What a service without a gray copy would do is no question.
        if service.name not in copied:
            continue
        every = found.works_of(service)
        works = tuple(work for work in every if work.is_asked)
        if service.work in (WorkMode.AGENT, WorkMode.IDLE, WorkMode.SHARED):
            sending = tuple(work for work in works if work.role is Role.TRANSACTION)
            works = tuple(work for work in works if work.role is not Role.TRANSACTION)
            diagnostics += _not_writable(service, sending, (), plan)
            diagnostics += _still_productions(service, sending, production, plan)
        match service.work:
            case None:
                diagnostics += _not_said(service, works, plan)
            case WorkMode.OWN:
                if not any(work.role in NAMED or work.role in (Role.EXECUTOR, Role.CLOCK) for work in every):
                    diagnostics += _nothing_to_write(service, plan)
                labels = found.labels_of(service)
                diagnostics += _not_writable(service, works, labels, plan)
                diagnostics += _still_productions(service, works, production, plan)
                diagnostics += _labels(service, works, labels, production, plan)
                diagnostics += _addresses(every, production, plan)
                diagnostics += _not_read(service, works, labels, documents, plan)
            case WorkMode.AGENT:
                diagnostics += _not_by_the_agent(service, works, documents, plan)
                labels = found.labels_of(service)
                executors = tuple(work for work in works if work.role is Role.EXECUTOR)
                diagnostics += _not_writable(service, executors, labels, plan)
                diagnostics += _labels(service, works, labels, production, plan)
                diagnostics += _addresses(every, production, plan)
                diagnostics += _not_read(service, works, labels, documents, plan)
            case WorkMode.IDLE:
                diagnostics += _not_idle(service, works, found.settings_of(service), documents, plan)
            case WorkMode.SHARED:
                diagnostics += _labels(service, works, found.labels_of(service), production, plan)
                diagnostics += _addresses(every, production, plan)
    return (*diagnostics, *_senders_without_agent(plan), *_peers(documents, plan))


class _Production:
    """What production's pods have, looked up where a service asks."""

    def __init__(self, plan: ReleasePlan) -> None:
        self._plan = plan

    @cached_property
    def labels(self) -> frozenset[tuple[str, Product, str | None]]:
        """Service, product and value of their labels."""
        return labels_of_baseline(self._plan)

    @cached_property
    def names(self) -> frozenset[tuple[str, str]]:
        """Service and name of what they take messages by."""
        return names_of_baseline(self._plan)

    @cached_property
    def addresses(self) -> frozenset[tuple[str, str]]:
        """Service and text of what they register."""
        return frozenset(
            (work.service.name, work.name) for work in works_of_baseline(self._plan) if work.role is Role.ADDRESS
        )

    @cached_property
    def gray_services(self) -> frozenset[str]:
        """Names of the lane's Services."""
        return frozenset(gray for key, gray in self._plan.copied.gray.items() if key.group_kind == (CORE, "Service"))


def _peers(documents: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield one finding for each gray workload and StatefulSet whose pods it names."""
    found: dict[tuple[object, ...], list[Peer]] = {}
    for peer in peers_of(documents, plan):
        found.setdefault((peer.reader.place, peer.workload.place), []).append(peer)
    for peers in found.values():
        first = peers[0]
        document = in_baseline_of(first.document, plan)
        names = list(dict.fromkeys(peer.name for peer in peers))
        more = "" if len(names) == 1 else f" and {len(names) - 1} more"
        set_ref = first.workload.identity.ref
        what = f"would join production's `{set_ref}`" if first.is_own else f"call pods of production's `{set_ref}`"
        yield at_object(
            document,
            first.path,
            code="GC495",
            message=f"gray pods of `{in_baseline_of(first.reader, plan).identity.ref}` {what}: a text names "
            f"`{names[0]}`{more}",
            names=tuple(names),
            notes=tuple(
                Note(message=f"`{peer.name}`", span=in_baseline_of(peer.document, plan).span(peer.path))
                for peer in peers[1:_MOST_SHOWN]
            ),
            help="give the lane's own names with `rewriteText: true` of the service, or in `laneOnly.env` or "
            "`laneOnly.config`; where production's are meant, accept the finding with `spec.accept`",
        )


def _not_said(service: ServiceSpec, works: Sequence[Work], plan: ReleasePlan) -> Iterator[Diagnostic]:
    if not works:
        return
    first = works[0]
    document = in_baseline(first, plan)
    others = "" if len(works) == 1 else f", and {len(works) - 1} more"
    agent = (
        ", `agent`"
        if PROVIDERS[plan.spec.lane.provider].has_agent and any(work.product is Product.ROCKETMQ for work in works)
        else ""
    )
    named = (
        f"`{document.identity.ref}` has {show_work(first)}"
        if first.role is Role.SCALER
        else f"`{first.setting}` of `{document.identity.ref}` {_verb(first)} {show_work(first)}"
    )
    yield at_spec(
        plan.spec,
        (*service.path, "name"),
        code="GC491",
        message=f"service `{service.name}` {_deed(first)}: {named}"
        f"{others}; `work` does not say what its gray copy does with them",
        object=document.identity.ref,
        notes=tuple(
            Note(message=_in_note(work), span=in_baseline(work, plan).span(work.path)) for work in works[:_MOST_SHOWN]
        ),
        names=tuple(work.name for work in works if work.name),
        help=f"write `work` in service `{service.name}`: `own`{agent}, `shared` or `idle`" + _label_by_own(first, plan),
    )


def _in_note(work: Work) -> str:
    """Return a work as a note tells it; a scaler is reported by its setting alone."""
    return show_work(work) if work.role is Role.SCALER else f"`{work.setting}`: {show_work(work)}"


def _deed(work: Work) -> str:
    if work.role is Role.TRANSACTION:
        return "sends in transactions"
    return "takes jobs" if work.role in _JOBS else "takes messages"


def _verb(work: Work) -> str:
    if work.role is Role.CLOCK:
        return "sends"
    if work.role is Role.CLUSTER and work.is_default:
        return "joins"
    return "takes" if work.is_default else "names"


def _label_by_own(work: Work, plan: ReleasePlan) -> str:
    """Return what `own` does for a job executor, "" for what has a name."""
    if work.role is not Role.EXECUTOR:
        return ""
    return f" (`own` sets `{LABELLING[work.product].setting}` to `{plan.spec.tag}`)"


def _nothing_to_write(service: ServiceSpec, plan: ReleasePlan) -> Iterator[Diagnostic]:
    if service.lane_only is None:
        yield at_spec(
            plan.spec,
            (*service.path, "work"),
            code="GC492",
            message=f"`work: own` of service `{service.name}` finds no consumer group, subscription or queue in its "
            "manifests",
            help="where the program has the name, give it another one in `laneOnly.env` or `laneOnly.config`; where it "
            "takes no messages, leave `work` out",
        )


def _not_writable(
    service: ServiceSpec, works: Sequence[Work], labels: Sequence[Label], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    labelled = {label.product for label in labels if label.value is not None}
    for work in works:
        document = in_baseline(work, plan)
        if work.role is Role.EXECUTOR and work.product not in labelled:
            labelled.add(work.product)
            label = LABELLING[work.product].setting
            yield at_object(
                document,
                work.path,
                code="GC492",
                message=f"`work: {service.work}` of service `{service.name}` needs a label of its {show_work(work)}: "
                f"nothing gives `{label}` the tag `{plan.spec.tag}`",
                names=(work.name,) if work.name else (),
                help=f"give the option `-D{label}={plan.spec.tag}` to its JVM in `laneOnly.env` of the service, in a "
                "variable that its command uses; and let the scheduler choose by label",
            )
        if work.role is Role.CLOCK:
            yield at_object(
                document,
                work.path,
                code="GC492",
                message=f"`work: own` cannot part the {show_work(work)} that `{work.setting}` of service "
                f"`{service.name}` sends: gray pods would send every task again",
                help="write `idle` with `replicas: 0`, or leave the workload out; `shared` where tasks may come twice",
            )
        if not work.is_named or not work.obstacle or work.is_given:
            continue
        option = next((row.options[0] for row in PROGRAMS if " ".join(row.words) == work.setting and row.options), "")
        yield at_object(
            document,
            work.path,
            code="GC492",
            message=f"`work: {service.work}` can give {work.role} `{work.setting}` of service `{service.name}` no name "
            f"of its own: {work.obstacle}",
            names=(work.name,) if work.name else (),
            help=_by_program(work, option)
            if work.is_default or " " in work.setting or work.document.identity.group_kind == DAPR_COMPONENT
            else f"give the name in `laneOnly.env` of the service, as `{_as_variable(work.setting)}` or as the "
            "variable that it is made of",
        )


def _still_productions(
    service: ServiceSpec, works: Sequence[Work], production: _Production, plan: ReleasePlan
) -> Iterator[Diagnostic]:
    """Yield the names that `laneOnly` gives the lane and production has too."""
    for work in works:
        is_told = bool(work.obstacle) and not work.is_given
        is_same = work.is_named and bool(work.name) and (service.name, work.name) in production.names
        if not is_same or work.is_hidden or is_told:
            continue
        document = in_baseline(work, plan)
        yield at_object(
            document,
            work.path,
            code="GC492",
            message=f"`work: {service.work}` of service `{service.name}` leaves gray pods production's "
            f"{show_work(work)}: `laneOnly` gives `{work.setting}` so",
            names=(work.name,),
            help=f"write `{own_name(work.name, plan.spec.tag)}` there, or leave it out of `laneOnly`: grayc writes one",
        )


def _by_program(work: Work, option: str) -> str:
    """Return how a program gets a queue of the lane's own, where its command or a sidecar's Component says it."""
    if work.document.identity.group_kind == DAPR_COMPONENT:
        return "name production's applications in its `scopes`, and give the lane a Component of its own"
    if work.role is Role.CLUSTER:
        return f"give it a name in `laneOnly.env`, as `{_as_variable(work.setting)}`; else write `shared` or `idle`"
    variables = next((row.variables for row in PROGRAMS if " ".join(row.words) == work.setting), ())
    ways = [f"the option `{option}` in the command"] if option else []
    ways += [f"`{variables[0]}` in `laneOnly.env`"] if variables else []
    if not ways:
        return "write `shared` or `idle`; or name a queue of the lane in the command, with `laneOnly.patches`"
    return f"name a queue of the lane: {', or '.join(ways)}; else write `shared` or `idle`"


def _labels(
    service: ServiceSpec, works: Sequence[Work], labels: Sequence[Label], production: _Production, plan: ReleasePlan
) -> Iterator[Diagnostic]:
    """Yield the labels of executors by which a scheduler takes them for another lane's, or for production's."""
    executing = {work.product for work in works if work.role is Role.EXECUTOR}
    is_own = service.work in LABELLING_MODES
    for label in labels:
        if label.product not in executing or label.value is None:
            continue
        is_production = (service.name, label.product, label.value) in production.labels
        is_fine = (label.value == plan.spec.tag and not (is_own and is_production)) or (is_production and not is_own)
        # What `laneOnly` gives stands elsewhere, and counts before production's.
        if is_fine or (label.is_given and is_production and label.value != plan.spec.tag):
            continue
        setting = label.setting
        whose = "production's executors have it too" if is_production else f"the lane's tag is `{plan.spec.tag}`"
        help = (
            "give production's executors another label, or the lane another tag"
            if is_production and label.value == plan.spec.tag
            else f"leave the label out, or write `{plan.spec.tag}`"
        )
        if is_production and setting.obstacle:
            whose, help = setting.obstacle, f"give `{plan.spec.tag}` in `laneOnly.env`, which counts before it"
        yield at_object(
            in_baseline_of(setting.document, plan),
            setting.path,
            code="GC496",
            message=f"gray job executors ({label.product}) of service `{service.name}` get the label `{label.value}` "
            f"by `{setting.name}`: {whose}",
            names=(label.value,),
            help=help,
        )


def _addresses(works: Sequence[Work], production: _Production, plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the addresses under which a scheduler would call production's pods for gray ones."""
    for work in works:
        if work.role is not Role.ADDRESS or work.is_each or work.is_given:
            continue
        _, host = host_of(work.name)
        is_gray = host.partition(".")[0] in production.gray_services
        # What the release itself writes into `env` or a patch is its own answer.
        is_changed = bool(work.name) and (work.service.name, work.name) not in production.addresses
        is_open = is_changed and not work.obstacle and service_at(work, plan) is None
        if names_no_host(work.name) or is_gray or (is_open and not is_built(host)):
            continue
        document = in_baseline(work, plan)
        why = work.obstacle if work.obstacle and not host else "it leads to no Service of the lane"
        yield at_object(
            document,
            work.path,
            code="GC497",
            message=f"gray job executors ({work.product}) of service `{work.service.name}` would register "
            + (f"`{work.name}`" if work.name else "an address that no text shows")
            + f", which `{work.setting}` says: {why}",
            names=(work.name,) if work.name else (),
            help=f"let each pod register its own address: give `{_as_variable(work.setting)}` an empty value or the "
            "pod's IP in `laneOnly.env`; or name a Service that is copied",
        )


def _not_read(
    service: ServiceSpec,
    works: Sequence[Work],
    labels: Sequence[Label],
    documents: tuple[Document, ...],
    plan: ReleasePlan,
) -> Iterator[Diagnostic]:
    """Yield what the manifests show of a scheduler or an agent that knows nothing of XXL-JOB's labels."""
    executor = next((work for work in works if (work.role, work.product) == (Role.EXECUTOR, Product.XXL_JOB)), None)
    if executor is None or not any(label.product is Product.XXL_JOB for label in labels):
        return
    for document in plan.baseline:
        if not is_workload(document):
            continue
        path = next((at for at, each in containers_of(document) if image_name(each) == OPEN_SCHEDULER), None)
        if path is not None:
            yield at_object(
                document,
                (*path, "image"),
                code="GC498",
                message=f"`{document.identity.ref}` is the open-source scheduler of XXL-JOB, which routes no jobs by "
                f"label: gray executors of service `{service.name}` would take production's",
                help="write `work: shared` or `idle`, or use an edition of the scheduler that routes by label",
            )
            break
    if not PROVIDERS[plan.spec.lane.provider].has_agent:
        return
    for document in documents:
        is_its = plan.is_copy(document) and plan.copy_of(document).service.name == service.name
        version = pod_labels(document).get(VERSION_LABEL) if is_its and is_workload(document) else None
        numbers = _VERSION.fullmatch(version) if isinstance(version, str) else None
        if numbers is None or tuple(map(int, numbers.groups())) >= LEAST_AGENT:
            continue
        least = ".".join(map(str, LEAST_AGENT))
        yield at_object(
            document,
            (*WORKLOADS[document.identity.group_kind].template, "metadata", "labels", VERSION_LABEL),
            code="GC498",
            message=f"gray pods of `{in_baseline_of(document, plan).identity.ref}` ask for the MSE agent {version}, "
            f"and it tells XXL-JOB the label of an executor from {least} on",
            help=f"ask for {least} or newer; where the program has the plug-in schedulerx3-plugin-xxljob, accept the "
            "finding",
        )


def _as_variable(setting: str) -> str:
    """Return the variable for a property. Source: Spring Boot reference, "Binding From Environment Variables"."""
    return setting.replace("-", "").replace(".", "_").upper() if "." in setting else setting.replace("-", "_").upper()


def _not_by_the_agent(
    service: ServiceSpec, works: Sequence[Work], documents: tuple[Document, ...], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    def refuse(message: str, help: str) -> Diagnostic:
        return at_spec(plan.spec, (*service.path, "work"), code="GC494", message=message, help=help)

    if not PROVIDERS[plan.spec.lane.provider].has_agent:
        yield refuse(
            f"`work: agent` of service `{service.name}` needs the MSE agent, and the lane provider is "
            f"`{plan.spec.lane.provider}`",
            "write `own`, `shared` or `idle`",
        )
        return
    for work in works:
        if work.product in (Product.ROCKETMQ, Product.UNKNOWN) or work.role in (Role.SCALER, Role.EXECUTOR):
            continue
        document = in_baseline(work, plan)
        yield at_object(
            document,
            work.path,
            code="GC494",
            message=f"`work: agent` of service `{service.name}`: the MSE agent renames groups of RocketMQ alone, and "
            f"`{work.setting}` names {show_work(work)}",
            names=(work.name,) if work.name else (),
            help="write `own`, which gives groups of RocketMQ a name of the lane too, or `shared` or `idle`",
        )
    namespaces = namespaces_of(plan.baseline)
    for document in documents:
        if not (plan.is_copy(document) and plan.copy_of(document).service.name == service.name):
            continue
        if not is_workload(document):
            continue
        before = plan.copy_of(document).document
        for side, workload in (("gray", document), ("production's", before)):
            absence = absence_of(workload, namespaces, plan.key_of(workload.identity).namespace)
            if absence is None:
                continue
            yield refuse(
                f"`work: agent` of service `{service.name}` needs the MSE agent on both sides, and {side} pods of "
                f"`{before.identity.ref}` {absence.text}",
                "let the agent into the pods of both, or write `work: own`",
            )
            break


def _senders_without_agent(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield one finding about production's programs that send or take messages of RocketMQ and get no agent."""
    service = next((each for each in plan.spec.services if each.work is WorkMode.AGENT), None)
    if service is None or not PROVIDERS[plan.spec.lane.provider].has_agent:
        return
    from grayc.analysis.rocketmq import speaks_rocketmq  # noqa: PLC0415 - few lanes leave their groups to the agent

    namespaces = namespaces_of(plan.baseline)
    copied = {copy.document.place for copy in plan.copies}
    found = [
        document
        for document in speaks_rocketmq(plan)
        if document.place not in copied
        and absence_of(document, namespaces, plan.key_of(document.identity).namespace) is not None
    ]
    if not found:
        return
    more = "" if len(found) == 1 else f" and {len(found) - 1} more"
    yield at_spec(
        plan.spec,
        (*service.path, "work"),
        code="GC499",
        message=f"message gray needs the MSE agent in all who send or take messages: `{found[0].identity.ref}`{more} "
        "of the baseline names RocketMQ and gets no agent, so what it sends for gray requests counts as production's",
        object=found[0].identity.ref,
        notes=tuple(
            Note(message=f"`{document.identity.ref}`", span=document.span(("metadata", "name")))
            for document in found[:_MOST_SHOWN]
        ),
        help="let the agent into their pods; where they have nothing to do with the topics of the lane, accept the "
        "finding",
    )


def _not_idle(
    service: ServiceSpec,
    works: Sequence[Work],
    settings: Sequence[Setting],
    documents: tuple[Document, ...],
    plan: ReleasePlan,
) -> Iterator[Diagnostic]:
    workloads = [
        document
        for document in documents
        if plan.is_copy(document) and plan.copy_of(document).service.name == service.name and is_workload(document)
    ]
    if all(_has_no_pods(document) for document in workloads):
        # Objects that take messages themselves need no pods for it.
        works = [work for work in works if takes_itself(work.document)]
        if not works:
            return
    stopped = [
        setting.name for setting in settings if (setting.value or "").strip().lower() in OFF and is_switch(setting.name)
    ]
    texts = [setting for setting in settings if setting.is_nested]
    listener = next(
        (each.value for each in settings if letters_of(each.name) == letters_of(RABBIT_LISTENER) and each.value),
        DEFAULT_LISTENER,
    )
    declared = tuple(setting.name for setting in texts)
    running = tuple(
        work
        for work in works
        if takes_itself(work.document)
        or not any(
            stops(switch, work.product, work.setting, work.name, listener=listener, declared=declared)
            for switch in stopped
        )
    )
    if not running and (works or stopped):
        return
    example = _switch_for(running[0], listener) if running else SWITCHES[0].name
    if running and takes_itself(running[0].document):
        document = in_baseline(running[0], plan)
        yield at_object(
            document,
            running[0].path,
            code="GC493",
            message=f"nothing keeps `{document.identity.ref}` of service `{service.name}`, which is to be idle, from "
            f"taking from {show_work(running[0])}",
            names=(running[0].name,) if running[0].name else (),
            help="leave it out of what the service copies, or write `own` or `shared`",
        )
        return
    yield at_spec(
        plan.spec,
        (*service.path, "work"),
        code="GC493",
        message=f"nothing keeps gray pods of service `{service.name}`, which is to be idle, from listening"
        + (f" to {show_work(running[0])}" if running else ""),
        notes=tuple(
            Note(message=_in_note(work), span=in_baseline(work, plan).span(work.path)) for work in running[:_MOST_SHOWN]
        ),
        names=tuple(work.name for work in running if work.name),
        help="write `replicas: 0`"
        + (f", or set `{example}` to `false` with `laneOnly`" if example else "")
        + (", in a text or an option: Spring makes no such key of a variable" if "<topic>" in example else ""),
    )


def _switch_for(work: Work, listener: str) -> str:
    """Return the switch that would stop some work, "" where none is known."""
    if letters_of(work.setting).startswith(letters_of("spring.cloud.stream")):
        binding = work.setting[: -len("group")]
        return binding + ("consumer.auto-startup" if "." in binding else "CONSUMER_AUTOSTARTUP")
    names = (row.name.replace("*", f"{work.name}.<topic>") for row in SWITCHES if row.product is not Product.STREAM)
    return next((name for name in names if stops(name, work.product, work.setting, work.name, listener=listener)), "")


def _has_no_pods(document: Document) -> bool:
    replicas = WORKLOADS[document.identity.group_kind].replicas
    return bool(replicas) and get(document.data, replicas) == 0
