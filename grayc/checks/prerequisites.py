"""What a lane needs around its pods: the MSE agent lets itself in, and probes find their ports."""

import re
from collections.abc import Iterator
from functools import lru_cache

from grayc.analysis.graph import containers_of, is_workload, pod_labels
from grayc.diagnostics import Diagnostic, Note, shell
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_text, is_mapping, show_path
from grayc.k8s.kinds import CORE
from grayc.k8s.lane_labels import TAG
from grayc.k8s.mse_agent import (
    AGENT_OPTION,
    NAMESPACE_ENABLED,
    NAMESPACE_LABEL,
    OPTIONS_VARIABLE,
    SWITCH,
    SWITCH_OFF,
    SWITCH_ON,
    TAG_SETTINGS,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.probes import PORT_FIELDS, PROBES
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import ReleasePlan
from grayc.source import Span

_ASSIGNMENT = re.compile(rf"(?:^|[\s;&(]){OPTIONS_VARIABLE}=(?P<value>\"[^\"]*\"|'[^']*'|[^\s;&]*)")
"""An assignment in a shell's words."""


def check_prerequisites(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what would keep the lane's pods from being seen, tagged or ready.

    Only what the files prove is told. The agent's needs count for the lane provider `mse`.

    Diagnostics:
        GC470: the baseline's Namespace lacks the label that lets the agent in.
        GC471: the Namespace is not in the baseline; the label is left to the reader.
        GC472: the agent's switch is no text, so the cluster would refuse the pods.
        GC473: the switch of gray pods is off, or is not on any more.
        GC474: the agent is lost from `JAVA_TOOL_OPTIONS`.
        GC475: `JAVA_TOOL_OPTIONS` has a value of its own, to which the agent must be added.
        GC476: a variable or JVM option tags gray pods with another tag.
        GC477: baseline pods carry the lane's tag.
        GC478: a probe names a port that its container does not declare.
        GC479: a probe has a number that no port of its container has, and it is the release that made it so.
    Source: `grayc.k8s.mse_agent`, `grayc.k8s.probes`.
    """
    workloads = tuple(document for document in documents if is_workload(document) and plan.is_copy(document))
    diagnostics: list[Diagnostic] = []
    if PROVIDERS[plan.spec.lane.provider].has_agent:
        diagnostics += _namespaces(workloads, plan)
        diagnostics += _tagged_baseline(plan)
        for document in workloads:
            diagnostics += _switch(document, plan)
            for _, container in containers_of(document):
                diagnostics += _options(document, container, plan)
                diagnostics += _tags(document, container, plan)
    for document in workloads:
        for path, container in containers_of(document):
            diagnostics += _probes(document, path, container, plan)
    return tuple(diagnostics)


def _namespaces(workloads: tuple[Document, ...], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield what is missing on the namespaces of gray pods, each once."""
    known = {
        document.identity.name: document
        for document in plan.baseline
        if document.identity.group_kind == (CORE, "Namespace")
    }
    first: dict[str, Document] = {}
    for document in workloads:
        first.setdefault(plan.key_of(document.identity).namespace, document)
    for name in sorted(first):
        if not name:
            continue  # Whoever applies the output chooses the namespace.
        command = shell.command("kubectl", "label", f"namespace/{name}", f"{NAMESPACE_LABEL}={NAMESPACE_ENABLED}")
        namespace = known.get(name)
        if namespace is None:
            spec = plan.spec
            yield Diagnostic(
                code="GC471",
                message=f"namespace `{name}` is not in the baseline: whether it has the label "
                f"`{NAMESPACE_LABEL}: {NAMESPACE_ENABLED}`, by which the MSE agent gets into its pods, can not be seen",
                span=spec.span(("spec", "namespace"))
                if spec.namespace == name
                else first[name].span(("metadata", "namespace")),
                object=f"Namespace/{name}",
                help=f"run `{command}` once, or add the Namespace's manifest to `spec.baseline`",
            )
            continue
        value = get(namespace.data, ("metadata", "labels", NAMESPACE_LABEL))
        if value != NAMESPACE_ENABLED:
            yield Diagnostic(
                code="GC470",
                message=f"Namespace `{name}` "
                + (
                    f"lacks the label `{NAMESPACE_LABEL}: {NAMESPACE_ENABLED}`"
                    if value is None
                    else f"has `{NAMESPACE_LABEL}: {_shown(value)}`, not `{NAMESPACE_ENABLED}`"
                )
                + ": the MSE agent does not get into its pods",
                span=namespace.span(("metadata", "labels", NAMESPACE_LABEL))
                if value is not None
                else namespace.span(("metadata", "name")),
                field=show_path(("metadata", "labels", NAMESPACE_LABEL)),
                object=namespace.identity.ref,
                help=f"add the label to the manifest, or run `{command}`; where each application is connected by "
                f'`{SWITCH}: "{SWITCH_ON}"` alone, accept the finding with `spec.accept`',
            )


def _tagged_baseline(plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield the workloads of production whose pods the agent would take for the lane's."""
    for document in plan.baseline:
        if is_workload(document) and pod_labels(document).get(TAG) == plan.spec.tag:
            path = _label_path(document, TAG)
            yield at_object(
                document,
                path,
                code="GC477",
                message=f"baseline pods of `{document.identity.ref}` carry the lane's own tag, `{TAG}: "
                f"{plan.spec.tag}`: requests of the lane would reach them",
                notes=(Note(message="the lane's tag", span=plan.spec.span(("spec", "tag"))),),
                help="take the label off the baseline, or give the release another tag",
            )


def _switch(document: Document, plan: ReleasePlan) -> Iterator[Diagnostic]:
    copy = plan.copy_of(document)
    value, before = pod_labels(document).get(SWITCH), pod_labels(copy.document).get(SWITCH)
    path = _label_path(document, SWITCH)

    def span() -> Span:
        if value == before and SWITCH in pod_labels(copy.document):
            return copy.document.span(path)
        return plan.spec.span((*copy.service.path, "patches"), key=True)

    if SWITCH in pod_labels(document) and not isinstance(value, str):
        yield Diagnostic(
            code="GC472",
            message=f"`{SWITCH}` of `{document.identity.ref}` is {_shown(value)}, and a label is text: the "
            "cluster would refuse the pods",
            span=span(),
            field=show_path(path),
            object=document.identity.ref,
            help=f'write `{SWITCH}: "{SWITCH_OFF if value is False else SWITCH_ON}"`, with the quotes: without them, '
            "YAML reads on and off as true and false",
        )
    elif value not in (None, SWITCH_ON) or (value is None and before == SWITCH_ON):
        yield Diagnostic(
            code="GC473",
            message=f"gray pods of `{document.identity.ref}` have "
            + (
                f"no `{SWITCH}`, the baseline's have `{SWITCH_ON}`"
                if value is None
                else f"`{SWITCH}: {value}`, not `{SWITCH_ON}`"
            )
            + ": the MSE agent does not see them",
            span=span(),
            field=show_path(path),
            object=document.identity.ref,
            help=f'write `{SWITCH}: "{SWITCH_ON}"`; or accept the finding where the service needs no agent',
        )


def _options(document: Document, container: dict[str, object], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield what takes the agent out of a container's JVM options."""
    name = get_text(container, ("name",))
    before = _container(plan.copy_of(document).document, name)
    found = _variable(container, OPTIONS_VARIABLE)
    was = _variable(before, OPTIONS_VARIABLE)
    is_lost = _loads_agent(was) and not _loads_agent(found)
    reason, variable = "", OPTIONS_VARIABLE
    if found is not None and get(found, ("valueFrom",)) is not None:
        reason = "comes from another object, to which the injector can not append the MSE agent"
    elif is_lost:
        reason = f"loads no `{AGENT_OPTION}` any more, as the baseline's does"
    elif _overwrites(container):
        reason, variable = "is set anew by the container's command, which drops what the injector appended", ""
    if reason:
        yield Diagnostic(
            code="GC474",
            message=f"`{OPTIONS_VARIABLE}` of container `{name}` of `{document.identity.ref}` {reason}",
            span=_variable_span(document, plan, name, variable),
            object=document.identity.ref,
            help=f"give the variable a plain `value` with the options of the baseline; in a command, write "
            f'`{OPTIONS_VARIABLE}="${OPTIONS_VARIABLE} …"`, or another variable such as `JAVA_OPTS`',
        )
    elif found is not None:
        yield Diagnostic(
            code="GC475",
            message=f"container `{name}` of `{document.identity.ref}` has a value of its own for `{OPTIONS_VARIABLE}`, "
            "to which the injector must append the MSE agent",
            span=_variable_span(document, plan, name, OPTIONS_VARIABLE),
            object=document.identity.ref,
            help="nothing to do where the injector is ack-onepilot, which appends; options that the application alone "
            "needs are safer in another variable, such as `JAVA_OPTS`",
        )


def _tags(document: Document, container: dict[str, object], plan: ReleasePlan) -> Iterator[Diagnostic]:
    """Yield variables and options of a container that set a tag which is not the lane's."""
    name = get_text(container, ("name",))
    texts = [
        (get_text(variable, ("name",)), get_text(variable, ("value",))) for variable in get_list(container, ("env",))
    ]
    for setting in TAG_SETTINGS:
        found = [(variable, value) for variable, value in texts if setting.variable and variable == setting.variable]
        if setting.option:
            pattern = re.escape(setting.option) + r"([^\s\"';&]*)"
            for variable, text in [*texts, *(("", word) for word in _words(container))]:
                found += [(variable, match[1]) for match in re.finditer(pattern, text)]
        for variable, tag in found:
            if not tag or tag == plan.spec.tag or "$" in tag:
                continue
            what = f"`{setting.option}{tag}`" if setting.option else f"`{setting.variable}: {tag}`"
            yield Diagnostic(
                code="GC476",
                message=f"container `{name}` of `{document.identity.ref}` is tagged {what}, the lane `{plan.spec.tag}`",
                span=_variable_span(document, plan, name, variable),
                object=document.identity.ref,
                notes=(Note(message="the lane's tag", span=plan.spec.span(("spec", "tag"))),),
                help=f"take it away: the pod label `{TAG}`, which every gray pod has, says it",
            )


def _probes(document: Document, path: Path, container: dict[str, object], plan: ReleasePlan) -> Iterator[Diagnostic]:
    name = get_text(container, ("name",))
    before = _container(plan.copy_of(document).document, name)
    names, numbers = _ports(container)
    for probe in PROBES:
        for field in PORT_FIELDS:
            port = get(container, (probe, *field))
            if isinstance(port, str) and not port.isdecimal() and port not in names:
                yield Diagnostic(
                    code="GC478",
                    message=f"{probe} of container `{name}` of `{document.identity.ref}` names port `{port}`, which "
                    "the container does not declare: the probe would always fail",
                    span=_container_span(document, plan, name, (probe, *field)),
                    field=show_path((*path, probe, *field)),
                    object=document.identity.ref,
                    help=f"the container's ports: {', '.join(f'`{known}`' for known in sorted(names))}"
                    if names
                    else "give the port a `name` in the container's `ports`, or write its number",
                )
            elif (
                isinstance(port, int)
                and not isinstance(port, bool)
                and numbers
                and port not in numbers
                and (port != get(before, (probe, *field)) or _ports(before)[1] != numbers)
            ):
                yield Diagnostic(
                    code="GC479",
                    message=f"{probe} of container `{name}` of `{document.identity.ref}` asks port {port}, which is "
                    "not among the ports that the container declares",
                    span=_container_span(document, plan, name, (probe, *field)),
                    field=show_path((*path, probe, *field)),
                    object=document.identity.ref,
                    help="nothing to do where the process listens there; the container declares "
                    + ", ".join(str(number) for number in sorted(numbers)),
                )


def _label_path(document: Document, label: str) -> Path:
    return (*WORKLOADS[document.identity.group_kind].template, "metadata", "labels", label)


def _shown(value: object) -> str:
    """Return a value as YAML writes it, in backticks."""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _variable(container: dict[str, object], name: str) -> dict[str, object] | None:
    """Return a container's variable; the last of one name counts."""
    found = [item for item in get_list(container, ("env",)) if is_mapping(item) and item.get("name") == name]
    return found[-1] if found else None


def _loads_agent(variable: dict[str, object] | None) -> bool:
    return AGENT_OPTION in get_text(variable or {}, ("value",))


def _overwrites(container: dict[str, object]) -> bool:
    """Tell whether a container's command sets the JVM options without those that it was given."""
    return any(
        OPTIONS_VARIABLE not in found["value"] for text in _words(container) for found in _ASSIGNMENT.finditer(text)
    )


def _words(container: dict[str, object]) -> list[str]:
    return [text for field in ("command", "args") for text in get_list(container, (field,)) if isinstance(text, str)]


def _ports(container: dict[str, object]) -> tuple[set[str], set[int]]:
    """Return the names and the numbers of the ports that a container declares."""
    ports = [port for port in get_list(container, ("ports",)) if is_mapping(port)]
    numbers = {number for port in ports if isinstance(number := port.get("containerPort"), int)}
    return {name for port in ports if isinstance(name := port.get("name"), str)}, numbers


def _container(document: Document, name: str) -> dict[str, object]:
    """Return a workload's container by name, an empty one where it has none."""
    return _containers_by_name(document).get(name, (None, {}))[1]


@lru_cache(maxsize=4)
def _containers_by_name(document: Document) -> dict[object, tuple[Path | None, dict[str, object]]]:
    """Return name → path and container, the first of a name; a workload is asked about each of its containers."""
    found: dict[object, tuple[Path | None, dict[str, object]]] = {}
    for path, container in containers_of(document):
        name = container.get("name")
        if isinstance(name, str):
            found.setdefault(name, (path, container))
    return found


def _container_span(document: Document, plan: ReleasePlan, name: str, rest: Path) -> Span:
    """Return where a container's field stands in the baseline; where the patches do that added the container."""
    copy = plan.copy_of(document)
    path, _ = _containers_by_name(copy.document).get(name, (None, {}))
    if path is not None:
        return copy.document.span((*path, *rest))
    return plan.spec.span((*copy.service.path, "patches"), key=True)


def _variable_span(document: Document, plan: ReleasePlan, name: str, variable: str) -> Span:
    """Return where a variable is set: in the release, else in the baseline; without a name, the container's command."""
    copy = plan.copy_of(document)
    for changes in reversed(copy.service.changes):
        if variable in changes.env.get(name, {}):
            return plan.spec.span((*changes.path, "env", name, variable))
    variables = get_list(_container(copy.document, name), ("env",))
    for at, item in enumerate(variables):
        if variable and is_mapping(item) and item.get("name") == variable:
            return _container_span(document, plan, name, ("env", at))
    return _container_span(document, plan, name, ("name",) if variable else ("command",))
