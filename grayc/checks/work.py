"""What gray pods do with work that no request brings is said, and the manifests do it."""

from collections.abc import Iterator, Sequence

from grayc.analysis.graph import is_workload, pod_labels
from grayc.analysis.peers import Peer, peers_of
from grayc.analysis.work import ServiceWork, Setting, Work, in_baseline, in_baseline_of, show_work
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.findings import at_object
from grayc.documents.tree import get
from grayc.k8s.mse_agent import SWITCH, SWITCH_OFF
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import PROVIDERS
from grayc.k8s.queues import LABELS, OFF, SWITCHES, Product, Role, is_switch, label_of, stops
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec
from grayc.spec.model import ServiceSpec, WorkMode

_MOST_SHOWN = 3


def check_work(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return where gray pods would take production's messages and jobs though nobody said so, or though somebody did.

    Diagnostics:
        GC491: a service takes messages or jobs, and the release does not say what its gray copy does with them.
        GC492: `own` can not give a name of the lane's own, or finds none.
        GC493: nothing keeps an `idle` service from listening.
        GC494: `agent`, and the MSE agent does not rename it.
        GC495: a gray copy names pods of production's StatefulSet.
    Source: release language, `spec.services[].work`; facts in `grayc.k8s.queues`.
    """
    found = ServiceWork(documents, plan)
    diagnostics: list[Diagnostic] = []
    copied = {copy.service.name for copy in plan.copies}
    for service in plan.spec.services:
        # What a service without a gray copy would do is no question.
        if service.name not in copied:
            continue
        every = found.works_of(service)
        works = tuple(work for work in every if work.is_asked)
        match service.work:
            case None:
                diagnostics += _not_said(service, works, plan)
            case WorkMode.OWN:
                if all(work.role in (Role.SCALER, Role.BROKER, Role.TIMER) for work in every):
                    diagnostics += _nothing_to_write(service, plan)
                diagnostics += _not_writable(service, works, tuple(found.settings_of(service)), plan)
            case WorkMode.AGENT:
                diagnostics += _not_by_the_agent(service, works, documents, plan)
            case WorkMode.IDLE:
                diagnostics += _not_idle(service, works, tuple(found.settings_of(service)), documents, plan)
            case WorkMode.SHARED:
                pass
    return (*diagnostics, *_peers(documents, plan))


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
            help="give the lane's own names in `laneOnly.env` or `laneOnly.config`; where production's are meant, "
            "accept the finding with `spec.accept`",
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
        else f"`{first.setting}` of `{document.identity.ref}` names {show_work(first)}"
    )
    yield at_spec(
        plan.spec,
        (*service.path, "name"),
        code="GC491",
        message=f"service `{service.name}` takes {'jobs' if first.role is Role.EXECUTOR else 'messages'}: {named}"
        f"{others}; `work` does not say what its gray copy does with them",
        object=document.identity.ref,
        notes=tuple(
            Note(message=_in_note(work), span=in_baseline(work, plan).span(work.path)) for work in works[:_MOST_SHOWN]
        ),
        names=tuple(work.name for work in works if work.name),
        help=f"write `work` in service `{service.name}`: `own`{agent}, `shared` or `idle`"
        + _label_for_own(first, plan),
    )


def _in_note(work: Work) -> str:
    """Return a work as a note tells it; a scaler is told by its setting alone."""
    return show_work(work) if work.role is Role.SCALER else f"`{work.setting}`: {show_work(work)}"


def _label_for_own(work: Work, plan: ReleasePlan) -> str:
    """Return what `own` needs of a job executor, "" for what it can write."""
    label = next((row.name for row in LABELS if row.product is work.product), "")
    return f" (`own` needs `{label}` to be `{plan.spec.tag}`)" if work.role is Role.EXECUTOR and label else ""


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
    service: ServiceSpec, works: Sequence[Work], settings: Sequence[Setting], plan: ReleasePlan
) -> Iterator[Diagnostic]:
    labelled = {
        meaning.product
        for setting in settings
        if (meaning := label_of(setting.name)) is not None and setting.value == plan.spec.tag
    }
    for work in works:
        document = in_baseline(work, plan)
        if work.role is Role.EXECUTOR and work.product not in labelled and not work.is_given:
            label = next(row.name for row in LABELS if row.product is work.product)
            yield at_object(
                document,
                work.path,
                code="GC492",
                message=f"`work: own` of service `{service.name}` needs a label of its {show_work(work)}: nothing "
                f"gives `{label}` the tag `{plan.spec.tag}`",
                names=(work.name,),
                help=f"give it in `laneOnly.env` of the service: as a variable `{_as_variable(label)}`, or as the "
                f"option `-D{label}={plan.spec.tag}` of its JVM; and let the scheduler choose by label",
            )
        if not work.is_named or not work.obstacle or work.is_given:
            continue
        yield at_object(
            document,
            work.path,
            code="GC492",
            message=f"`work: own` can give {work.role} `{work.setting}` of service `{service.name}` no name of its "
            f"own: {work.obstacle}",
            names=(work.name,) if work.name else (),
            help=f"give the name in `laneOnly.env` of the service, as `{_as_variable(work.setting)}` or as the "
            "variable that it is made of",
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
        if work.product in (Product.ROCKETMQ, Product.UNKNOWN) or work.role is Role.SCALER:
            continue
        document = in_baseline(work, plan)
        yield at_object(
            document,
            work.path,
            code="GC494",
            message=f"`work: agent` of service `{service.name}`: the MSE agent renames groups of RocketMQ alone, and "
            f"`{work.setting}` names {show_work(work)}",
            names=(work.name,) if work.name else (),
            help="write `own`, `shared` or `idle`; where the service has both, make two services of it",
        )
    for document in documents:
        is_own = plan.is_copy(document) and plan.copy_of(document).service.name == service.name
        if is_own and is_workload(document) and pod_labels(document).get(SWITCH) == SWITCH_OFF:
            yield refuse(
                f"`work: agent` of service `{service.name}` needs the MSE agent, and gray pods of "
                f"`{document.identity.ref}` have `{SWITCH}: {SWITCH_OFF}`",
                f'write `{SWITCH}: "on"`, or `work: own`',
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
        return
    stopped = [
        setting.name for setting in settings if (setting.value or "").strip().lower() in OFF and is_switch(setting.name)
    ]
    running = tuple(
        work
        for work in works
        if not any(stops(switch, work.role, work.product, work.setting, work.name) for switch in stopped)
    )
    if not running and (works or stopped):
        return
    example = next((row.name for row in SWITCHES if running and row.product is running[0].product), SWITCHES[0].name)
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
        help=f"write `replicas: 0`, or set a switch such as `{example}` to `false` with `laneOnly`",
    )


def _has_no_pods(document: Document) -> bool:
    replicas = WORKLOADS[document.identity.group_kind].replicas
    return bool(replicas) and get(document.data, replicas) == 0
