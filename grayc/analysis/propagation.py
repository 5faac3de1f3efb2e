"""What passes the lane's carrier on, from a request that a service takes to the calls that it makes.

Source: release language, `spec.lane.propagation`; of OpenTelemetry the rows of `k8s.otel`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from grayc.analysis.agents import absence_of, agents_in, is_seen, loaded_agents, other_agent_of, variable_of, words_of
from grayc.analysis.graph import main_containers_of
from grayc.documents import Document
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping
from grayc.k8s.carriers import BAGGAGE
from grayc.k8s.mse_agent import OPTIONS_VARIABLE, OTEL_AGENT
from grayc.k8s.otel import (
    DEFAULT_PROPAGATORS,
    DOTNET_HOME,
    INJECT,
    INSTRUMENTATION,
    KNOWN_PROPAGATORS,
    LANGUAGES,
    PROPAGATORS,
    PROPAGATORS_OPTION,
    STARTED_WITH,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import PROVIDERS, Propagation, Provider
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass
from grayc.spec.model import Lane

NOT_THIS_CARRIER = "GC382"
"""Code of the finding that tells of OpenTelemetry that does not pass the carrier on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Whether a service passes the carrier on.

    Attributes:
        by: what does, as the release says or the manifests show; None where nothing is known.
        is_said: the release says it.
        ends: nothing does, for certain.
        why: what the manifests lack of what is said, or why the lane ends, None for neither.
        told_by: code of the finding that tells it already; "" for none.
    """

    by: Propagation | None = None
    is_said: bool = False
    ends: bool = False
    why: Reason | None = None
    told_by: str = ""


class Passages:
    """Tells what passes a lane's carrier on.

    Args:
        namespaces: the Namespaces of the baseline, by name.
        home_of: the namespace that an object is in.
    """

    def __init__(
        self,
        lane: Lane,
        namespaces: Mapping[str, Document],
        baseline: Iterable[Document],
        home_of: Callable[[Document], str],
    ) -> None:
        self._namespaces, self._home_of = namespaces, home_of
        self._carrier = lane.carrier
        self._instrumentations = {
            (home_of(each), each.identity.name): each
            for each in baseline
            if each.identity.group_kind == INSTRUMENTATION
        }

    def of(self, workloads: Sequence[Document], said: Propagation | None) -> Passing:
        """Return what passes the carrier on in the pods of some workloads.

        Args:
            said: by the release; None where it says nothing.
        """
        match said:
            case Propagation.APP:
                return Passing(by=said, is_said=True)
            case Propagation.NONE:
                return Passing(by=said, is_said=True, ends=True, why=because(HopWhy.SAID_NONE))
            case Propagation.AGENT:
                return Passing(by=said, is_said=True, why=self._why_no_agent(workloads))
            case Propagation.OTEL:
                lacking = self._why_not_carried(workloads)
                if lacking:
                    return Passing(by=said, is_said=True, ends=True, why=lacking, told_by=NOT_THIS_CARRIER)
                return Passing(by=said, is_said=True, why=self._why_no_otel(workloads))
            case None:
                if not self._why_no_agent(workloads):
                    return Passing(by=Propagation.AGENT)
                if not (self._why_not_carried(workloads) or self._why_no_otel(workloads)):
                    return Passing(by=Propagation.OTEL)
                return Passing()

    def _why_no_agent(self, workloads: Sequence[Document]) -> Reason | None:
        """Return why MSE's agent is not seen to pass the header on; None where it is."""
        own = PROVIDERS[Provider.MSE].header
        if self._carrier.is_shared or self._carrier.name != own:
            return because(HopWhy.AGENT_OTHER_HEADER, own=own, carrier=self._carrier.named)
        for each in workloads:
            absence = absence_of(each, self._namespaces, self._home_of(each))
            if absence is not None:
                return because(HopWhy.ITS_PODS, what=absence.text)
            if not is_seen(each, self._namespaces, self._home_of(each)):
                return because(HopWhy.AGENT_NOT_SHOWN)
            if any(_loads_otel(_options_of(container)) for _, container in main_containers_of(each)):
                return because(HopWhy.AGENT_YIELDS, variable=OPTIONS_VARIABLE)
            if self._injected(each) == "java":
                return because(HopWhy.AGENTS_BOTH)
        return None if workloads else because(HopWhy.NO_WORKLOAD)

    def _why_no_otel(self, workloads: Sequence[Document]) -> Reason | None:
        """Return why OpenTelemetry is not seen in some pods; None where it is."""
        for each in workloads:
            containers = [container for _, container in main_containers_of(each)]
            home = self._home_of(each)
            has_mse = absence_of(each, self._namespaces, home) is None and is_seen(each, self._namespaces, home)
            injected = self._injected(each)
            if injected and not (has_mse and injected == "java"):
                continue
            if any(_loads_otel(_options_of(container)) for container in containers):
                continue  # What `JAVA_TOOL_OPTIONS` loads comes before what an injector appends.
            if any(_starts_with_otel(container) for container in containers):
                if not has_mse:
                    continue
                return because(HopWhy.OTEL_YIELDS)
            if injected:
                return because(HopWhy.AGENTS_BOTH)
            return because(HopWhy.OTEL_NOT_SHOWN, annotation=f"{INJECT}LANGUAGE")
        return None if workloads else because(HopWhy.NO_WORKLOAD)

    def _injected(self, workload: Document) -> str:
        """Return the language whose instrumentation the operator puts into pods, "" for none."""
        return next((language for language in LANGUAGES if self._value(workload, language)), "")

    def _value(self, workload: Document, language: str) -> str:
        """Return the value by which the operator injects: `true` or a name; "" where it does not."""
        template = (*WORKLOADS[workload.identity.group_kind].template, "metadata", "annotations")
        namespace = self._namespaces.get(self._home_of(workload))
        own = get_text(workload.data, (*template, INJECT + language))
        above = "" if namespace is None else get_text(namespace.data, ("metadata", "annotations", INJECT + language))
        is_plain = own.lower() == "true" and above.lower() not in ("", "false")
        value = above if is_plain or not own else own
        return "" if value.lower() == "false" else value

    def _why_not_carried(self, workloads: Sequence[Document]) -> Reason | None:
        """Return why OpenTelemetry does not pass the carrier on, for certain; None where it does, or may."""
        found = [(each, name) for each in workloads for name in self._propagators(each)]
        if any(name not in KNOWN_PROPAGATORS for _, name in found):
            return None
        if not self._carrier.is_shared:
            return because(HopWhy.OTEL_OTHER_HEADER, baggage=BAGGAGE, header=self._carrier.header)
        for each in workloads:
            names = [name for owner, name in found if owner is each]
            if BAGGAGE not in names:
                return because(HopWhy.OTEL_WITHOUT_BAGGAGE, names=",".join(names), baggage=BAGGAGE)
        return None

    def _propagators(self, workload: Document) -> Sequence[str]:
        """Return the propagators of a workload's pods; of several containers the first that says any."""
        for _, container in main_containers_of(workload):
            for text in _texts(container):
                _, found, rest = text.partition(PROPAGATORS_OPTION)
                if found:
                    return _split(re.split(r"[\s\"']", rest)[0])
            variable = variable_of(container, PROPAGATORS)
            if variable is not None:
                # What comes from another object is not seen here.
                return _split(get_text(variable, ("value",))) or (("?",) if "valueFrom" in variable else ())
        home = self._home_of(workload)
        value = next((value for language in LANGUAGES if (value := self._value(workload, language))), "")
        namespace, _, name = value.rpartition("/")
        at_home = [each for (where, _), each in sorted(self._instrumentations.items()) if where == home]
        used = (
            (at_home[0] if len(at_home) == 1 else None)
            if value.lower() == "true"
            else self._instrumentations.get((namespace or home, name))
        )
        if used is not None:
            env = variable_of(get_map(used.data, ("spec",)), PROPAGATORS)
            said = _split(get_text(env or {}, ("value",)))
            return said or [str(each) for each in get_list(used.data, ("spec", "propagators"))] or DEFAULT_PROPAGATORS
        return DEFAULT_PROPAGATORS


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _options_of(container: Mapping[str, object]) -> str:
    return get_text(variable_of(container, OPTIONS_VARIABLE) or {}, ("value",))


def _loads_otel(options: str) -> bool:
    return any(_is_otel(jar) for jar in agents_in(options))


def _is_otel(jar: str) -> bool:
    agent = other_agent_of(jar)
    return agent is not None and agent.name == OTEL_AGENT


def _starts_with_otel(container: Mapping[str, object]) -> bool:
    """Tell whether a container loads OpenTelemetry by its options, its command or a variable of the instrumentation."""
    if any(map(_is_otel, loaded_agents(container))):
        return True
    return (
        any(word in text for text in _texts(container) for word in STARTED_WITH)
        or get(variable_of(container, DOTNET_HOME), ("name",)) == DOTNET_HOME
    )


def _texts(container: Mapping[str, object]) -> Iterator[str]:
    yield from (get_text(item, ("value",)) for item in get_list(container, ("env",)) if is_mapping(item))
    yield from words_of(container)
