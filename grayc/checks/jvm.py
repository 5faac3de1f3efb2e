"""What the JVMs of gray pods are started with: MSE's agent, its tag, other agents, and memory enough."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from grayc.analysis.agents import (
    agents_in,
    namespaces_of,
    other_agent_of,
    sets_options_anew,
    tags_of,
    takes_options_away,
    variable_of,
    words_of,
)
from grayc.analysis.containers import container_named, variable_span
from grayc.analysis.graph import containers_of, has_own_pods, pod_labels
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.mse_agent import (
    AGENT_OPTION,
    DISCOURAGED_VERSIONS,
    LEAST_HEAP,
    LEAST_VERSION,
    OPTIONS_VARIABLE,
    OTHER_AGENTS,
    VERSION_LABEL,
    WITH_BASE,
    OtherAgent,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import MSE_TAG, PROVIDERS
from grayc.k8s.quantities import read_quantity
from grayc.k8s.queues import LABELLING, label_option
from grayc.plan.model import ReleasePlan

_HEAP = re.compile(r"(?:^|[\s\"'=])-(?:Xmx|XX:MaxHeapSize=)(\d+)([kKmMgGtT]?)(?=$|[\s\"'])")
_SHARE = re.compile(r"(?:^|[\s\"'=])-XX:MaxRAMPercentage=(\d+(?:\.\d+)?)(?=$|[\s\"'])")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def check_jvm(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what keeps the agent from working in the JVMs of gray pods, for the lane provider `mse`.

    Diagnostics:
        GC435: another agent gets into gray pods too.
        GC436: the agent's version or the heap is not what the vendor asks for.
        GC474: the agent is lost from `JAVA_TOOL_OPTIONS`.
        GC475: `JAVA_TOOL_OPTIONS` has a value of its own, to which the agent must be added.
        GC476: a variable or JVM option tags gray pods with another tag.
        GC484: another agent is loaded before MSE's, which yields to it.
    Source: `grayc.k8s.mse_agent`.
    """
    if not PROVIDERS[plan.spec.lane.provider].has_agent:
        return ()
    namespaces = namespaces_of(plan.baseline)
    told: dict[str, set[OtherAgent]] = {}
    diagnostics: list[Diagnostic] = []
    for document in documents:
        if has_own_pods(document) and plan.is_copy(document):
            home = plan.key_of(document.identity).namespace
            diagnostics += _injected_agents(document, namespaces.get(home), told.setdefault(home, set()))
            diagnostics += _version(document)
            for path, container in containers_of(document):
                diagnostics += _options(document, container, plan)
                diagnostics += _other_agents(document, path, container)
                diagnostics += _heap(document, path, container)
                diagnostics += _tags(document, container, plan)
    return tuple(diagnostics)


def _is_a_label(variable: dict[str, object], plan: ReleasePlan) -> bool:
    """Tell whether options are the label of a job executor alone, which `work: own` writes."""
    return get_text(variable, ("value",)) in {label_option(row, plan.spec.tag) for row in LABELLING.values()}


def _options(document: Document, container: dict[str, object], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield what takes the agent out of a container's JVM options."""
    name = get_text(container, ("name",))
    before = container_named(plan.copy_of(document).document, name)
    found = variable_of(container, OPTIONS_VARIABLE)
    was = variable_of(before, OPTIONS_VARIABLE)
    is_lost = AGENT_OPTION in get_text(was or {}, ("value",)) and AGENT_OPTION not in get_text(found or {}, ("value",))
    reason, variable = "", OPTIONS_VARIABLE
    if found is not None and get(found, ("valueFrom",)) is not None:
        reason = "comes from another object, to which the injector cannot append the MSE agent"
    elif is_lost:
        reason = f"loads no `{AGENT_OPTION}` any more, as the baseline's does"
    elif sets_options_anew(container):
        reason, variable = "is set anew by the container's command, which drops what the injector appended", ""
    elif takes_options_away(container):
        reason, variable = "is taken out of the environment by the container's command, with the agent in it", ""
    if reason:
        yield Diagnostic(
            code="GC474",
            message=f"`{OPTIONS_VARIABLE}` of container `{name}` of `{document.identity.ref}` {reason}",
            span=variable_span(document, plan, name, variable),
            object=document.identity.ref,
            help=f"give the variable a plain `value` with the options of the baseline; in a command, write "
            f'`{OPTIONS_VARIABLE}="${OPTIONS_VARIABLE} …"`, or give the options to `java` itself',
        )
    elif (
        found is not None
        and not any(_known_agents(get_text(found, ("value",))))
        and not (was is None and _is_a_label(found, plan))
    ):
        yield Diagnostic(
            code="GC475",
            message=f"container `{name}` of `{document.identity.ref}` has a value of its own for `{OPTIONS_VARIABLE}`, "
            "to which the injector must append the MSE agent",
            span=variable_span(document, plan, name, OPTIONS_VARIABLE),
            object=document.identity.ref,
            help="nothing to do where the injector is ack-onepilot, which appends; options that the application alone "
            "needs are safer in `JDK_JAVA_OPTIONS`, which the `java` of JDK 9 and later reads, or in the command",
        )


def _tags(document: Document, container: dict[str, object], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield variables and options of a container that set a tag which is not the lane's."""
    name = get_text(container, ("name",))
    for setting, variable, tag in tags_of(container):
        if tag != plan.spec.tag:
            what = f"`{setting.option}{tag}`" if setting.option else f"`{setting.variable}: {tag}`"
            yield Diagnostic(
                code="GC476",
                message=f"container `{name}` of `{document.identity.ref}` is tagged {what}, the lane `{plan.spec.tag}`",
                span=variable_span(document, plan, name, variable),
                object=document.identity.ref,
                notes=(Note(message="the lane's tag", span=plan.spec.span(("spec", "tag"))),),
                help=f"take it away: the pod label `{MSE_TAG}`, which every gray pod has, says it",
            )


def _known_agents(text: str) -> Iterator[tuple[OtherAgent, str]]:
    for jar in agents_in(text):
        agent = other_agent_of(jar)
        if agent is not None:
            yield agent, jar


def _told_first(document: Document, container: Mapping[str, object]) -> list[tuple[OtherAgent, str]]:
    """Return the agents that the JVM options load before MSE's, which the injector appends, and to which it yields."""
    asked = _asked_version(document)
    if asked is not None and asked < WITH_BASE:
        return []
    variable = variable_of(container, OPTIONS_VARIABLE) or {}
    return [found for found in _known_agents(get_text(variable, ("value",))) if found[0].is_base]


def _other_agents(document: Document, path: Path, container: dict[str, object]) -> Iterator[Diagnostic]:
    """Yield the other agents that a container loads: before MSE's in the variable, after it in the command."""
    name = get_text(container, ("name",))
    for agent, jar in _told_first(document, container)[:1]:
        yield at_object(
            document,
            (*path, "env"),
            code="GC484",
            message=f"`{OPTIONS_VARIABLE}` of container `{name}` of `{document.origin.ref}` loads "
            f"`{AGENT_OPTION}{jar}` of {agent.name} before MSE's agent, which the injector appends and which yields to "
            "it: the lane's calls are not routed",
            help=f"take it out of the variable: {agent.advice}; or accept it where the pods were seen in MSE's console",
        )
        return
    options = get_text(variable_of(container, OPTIONS_VARIABLE) or {}, ("value",))
    texts = [options, *words_of(container), *_other_texts(container)]
    variables = [item for item in get_list(container, ("env",)) if is_mapping(item)]
    settings = [*texts, *(f"{item.get('name')}={get_text(item, ('value',))}" for item in variables)]
    for text in texts:
        for agent, jar in _known_agents(text):
            if any(remedy in each for remedy in agent.remedy for each in settings):
                continue
            yield at_object(
                document,
                (*path, "name"),
                code="GC435",
                message=f"container `{name}` of `{document.origin.ref}` loads `{AGENT_OPTION}{jar}` of {agent.name} "
                "beside MSE's agent",
                help=f"{agent.advice}; or accept it",
            )
            return


def _other_texts(container: dict[str, object]) -> list[str]:
    variables = [item for item in get_list(container, ("env",)) if is_mapping(item)]
    return [get_text(item, ("value",)) for item in variables if item.get("name") != OPTIONS_VARIABLE]


def _injected_agents(document: Document, namespace: Document | None, told: set[OtherAgent]) -> Iterator[Diagnostic]:
    """Yield the agents that another operator injects, into these pods or, told once, all of their namespace."""
    template = (*WORKLOADS[document.identity.group_kind].template, "metadata")
    annotations, labels = get_map(document.data, (*template, "annotations")), pod_labels(document)
    of_namespace = get_map(namespace.data, ("metadata", "annotations")) if namespace is not None else {}
    for agent in OTHER_AGENTS:
        is_annotated = bool(agent.annotation) and _lets_in(annotations.get(agent.annotation))
        is_labelled = bool(agent.label) and labels.get(agent.label) == "true"
        by_namespace = bool(agent.annotation) and _lets_in(of_namespace.get(agent.annotation))
        if namespace is not None and by_namespace and agent.annotation not in annotations and agent not in told:
            told.add(agent)
            yield at_object(
                namespace,
                ("metadata", "annotations", agent.annotation),
                code="GC435",
                message=f"`{agent.annotation}` of Namespace `{namespace.identity.name}` lets the {agent.name} "
                f"operator put its agent into its pods, those of `{document.origin.ref}` among them, beside MSE's",
                help=f'{agent.advice}; or give the pods the annotation with `"false"`; or accept it',
            )
        if is_annotated or is_labelled:
            key = ("annotations", agent.annotation) if is_annotated else ("labels", agent.label)
            yield at_object(
                document,
                (*template, *key),
                code="GC435",
                message=f"`{key[1]}` lets the {agent.name} operator put its agent into gray pods of "
                f"`{document.origin.ref}`, beside MSE's",
                help=f"{agent.advice}; or accept it",
            )


def _lets_in(value: object) -> bool:
    return value is not None and str(value).lower() != "false"


def _asked_version(document: Document) -> tuple[int, ...] | None:
    """Return the version of the agent that pods ask for, None where they ask for none."""
    found = pod_labels(document).get(VERSION_LABEL)
    if not isinstance(found, str) or not re.fullmatch(r"[0-9]+(\.[0-9]+)*", found):
        return None
    return tuple(int(part[:9]) for part in found.split("."))


def _version(document: Document) -> Iterator[Diagnostic]:
    """Yield a version of the agent that the vendor advises against."""
    found, asked = pod_labels(document).get(VERSION_LABEL), _asked_version(document)
    if asked is None:
        return
    is_old = asked < LEAST_VERSION
    if is_old or found in DISCOURAGED_VERSIONS:
        yield at_object(
            document,
            (*WORKLOADS[document.identity.group_kind].template, "metadata", "labels", VERSION_LABEL),
            code="GC436",
            message=f"gray pods of `{document.origin.ref}` ask for `{VERSION_LABEL}: {found}`, "
            + (
                f"and full-link gray releases need {'.'.join(map(str, LEAST_VERSION))} or later"
                if is_old
                else "a version that its release notes do not recommend"
            ),
            help="ask for a newer version, or for none: then the newest is taken",
        )


def _heap(document: Document, path: Path, container: dict[str, object]) -> Iterator[Diagnostic]:
    """Yield a heap that is too small for the agent: by `-Xmx`, or as a share of the memory limit."""
    texts = [*_other_texts(container), *words_of(container)]
    texts.append(get_text(variable_of(container, OPTIONS_VARIABLE) or {}, ("value",)))
    heaps = [int(size[:12]) * _UNITS[unit.lower()] for text in texts for size, unit in _HEAP.findall(text)]
    limit = read_quantity(get(container, ("resources", "limits", "memory")))
    if not heaps and limit is not None:
        # A size that is written holds before a share. Source: `java` of JDK 10 and later, -XX:MaxRAMPercentage.
        heaps = [int(limit * Fraction(share) / 100) for text in texts for share in _SHARE.findall(text)]
    if not heaps or max(heaps) > LEAST_HEAP:
        return
    yield at_object(
        document,
        (*path, "name"),
        code="GC436",
        message=f"container `{get_text(container, ('name',))}` of `{document.origin.ref}` has a heap of "
        f"{max(heaps) // _UNITS['m']} MiB, and the MSE agent asks for more than {LEAST_HEAP // _UNITS['m']}",
        help="give it a larger heap, and the memory for it",
    )
