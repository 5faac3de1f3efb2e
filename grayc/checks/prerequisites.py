"""What gray pods need of their own manifests to become ready, and to end in time."""

import re
from collections.abc import Iterator

from grayc.analysis.containers import container_named, container_span
from grayc.analysis.graph import containers_of, has_own_pods
from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_text, is_mapping, show_path
from grayc.k8s.mse_agent import AGENT_GRACE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.probes import DEFAULT_GRACE, PORT_FIELDS, PROBES
from grayc.k8s.providers import PROVIDERS
from grayc.plan.model import ReleasePlan

_SLEEP = re.compile(r"\bsleep\s+(\d+)(s|m)?\b")


def check_prerequisites(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what would keep the lane's pods from being ready, or from ending as they mean to.

    Only what the files prove is reported.

    Diagnostics:
        GC437: a container's preStop lasts as long as its pod is given to end.
        GC478: a probe names a port that its container does not declare.
        GC479: a probe has a number that no port of its container has, and it is the release that made it so.
    Source: `grayc.k8s.probes`.
    """
    diagnostics: list[Diagnostic] = []
    for document in documents:
        if has_own_pods(document) and plan.is_copy(document):
            diagnostics += _ends(document, has_agent=PROVIDERS[plan.spec.lane.provider].has_agent)
            for path, container in containers_of(document):
                diagnostics += _probes(document, path, container, plan)
    return tuple(diagnostics)


def _ends(document: Document, *, has_agent: bool) -> Iterator[Diagnostic]:
    pod = (*WORKLOADS[document.identity.group_kind].template, "spec")
    given = get(document.data, (*pod, "terminationGracePeriodSeconds"))
    grace = given if isinstance(given, int) else DEFAULT_GRACE
    for path, container in containers_of(document):
        hook = ("lifecycle", "preStop")
        words = " ".join(text for text in get_list(container, (*hook, "exec", "command")) if isinstance(text, str))
        seconds = sum(int(count) * (60 if unit == "m" else 1) for count, unit in _SLEEP.findall(words))
        slept = get(container, (*hook, "sleep", "seconds"))
        seconds += slept if isinstance(slept, int) else 0
        if seconds and seconds >= grace:
            yield at_object(
                document,
                (*path, *hook),
                code="GC437",
                message=f"preStop of container `{get_text(container, ('name',))}` of `{document.origin.ref}` sleeps "
                f"{seconds} s, and its pod is given {grace} s to end: it is killed before it has ended what it serves",
                help="give the pod a `terminationGracePeriodSeconds` that is longer than its preStop"
                + (
                    f"; ack-onepilot 5.2.1 and later give {AGENT_GRACE} s where nothing is written"
                    if has_agent and given is None
                    else ""
                ),
            )


def _probes(document: Document, path: Path, container: dict[str, object], plan: ReleasePlan) -> Iterator[Diagnostic]:
    name = get_text(container, ("name",))
    before = container_named(plan.copy_of(document).document, name)
    names, numbers = _ports(container)
    for probe in PROBES:
        for field in PORT_FIELDS:
            port = get(container, (probe, *field))
            if isinstance(port, str) and not port.isdecimal() and port not in names:
                yield Diagnostic(
                    code="GC478",
                    message=f"{probe} of container `{name}` of `{document.identity.ref}` names port `{port}`, which "
                    "the container does not declare: the probe would always fail",
                    span=container_span(document, plan, name, (probe, *field)),
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
                    span=container_span(document, plan, name, (probe, *field)),
                    field=show_path((*path, probe, *field)),
                    object=document.identity.ref,
                    help="nothing to do where the process listens there; the container declares "
                    + ", ".join(str(number) for number in sorted(numbers)),
                )


def _ports(container: dict[str, object]) -> tuple[set[str], set[int]]:
    """Return the names and the numbers of the ports that a container declares."""
    ports = [port for port in get_list(container, ("ports",)) if is_mapping(port)]
    numbers = {number for port in ports if isinstance(number := port.get("containerPort"), int)}
    return {name for port in ports if isinstance(name := port.get("name"), str)}, numbers
