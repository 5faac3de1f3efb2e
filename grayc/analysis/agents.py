"""Whether the MSE agent gets into a workload's pods, and what its containers' JVMs are started with."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto

from grayc.analysis.graph import main_containers_of, pod_labels
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_text, is_mapping
from grayc.k8s.kinds import CORE
from grayc.k8s.mse_agent import (
    AGENT_OPTION,
    INJECTION_OFF,
    LANGUAGE_LABEL,
    NAMESPACE_ENABLED,
    NAMESPACE_LABEL,
    NO_JVM,
    OPTIONS_DROPPED,
    OPTIONS_VARIABLE,
    OTHER_AGENTS,
    SWITCH,
    SWITCH_OFF,
    SWITCH_ON,
    TAG_SETTINGS,
    WITH_AGENT,
    OtherAgent,
    TagSetting,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.plan.hop_reasons import HopWhy
from grayc.plan.reasons import Reason, because
from grayc.records import dataclass

_ASSIGNMENT = re.compile(rf"(?:^|[\s;&(]){OPTIONS_VARIABLE}=(?P<value>\"[^\"]*\"|'[^']*'|[^\s;&]*)")
"""An assignment in a shell's words."""
_LATER = re.compile(r"[/._-]")
"""Splits a path into parts."""


class Why(Enum):
    """What decides whether the agent gets in."""

    SWITCH = auto()
    NAMESPACE = auto()
    INJECTION = auto()
    COMMAND = auto()
    LANGUAGE = auto()
    IMAGE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Why no agent gets into a workload's pods.

    Attributes:
        text: the rest of a sentence after "its pods".
        path: what says so in the workload; its name, where it is the namespace.
    """

    why: Why
    text: Reason
    path: Path


def absence_of(workload: Document, namespaces: Mapping[str, Document], namespace: str) -> Absence | None:
    """Return why the agent does not get into a workload's pods, None where it does or that is not to be seen.

    Args:
        namespaces: the Namespaces of the baseline, by name.
        namespace: that the pods are in.

    Source: Alibaba Cloud MSE, "Disable Microservices Governance" (2026-03): a namespace and a single application are
    connected independently of each other; the rest by row in `grayc.k8s.mse_agent`.
    """
    labels = pod_labels(workload)
    at = (*WORKLOADS[workload.identity.group_kind].template, "metadata", "labels")
    if labels.get(SWITCH) == SWITCH_OFF:
        return Absence(why=Why.SWITCH, text=because(HopWhy.HAVE, setting=f"{SWITCH}: {SWITCH_OFF}"), path=(*at, SWITCH))
    language = labels.get(LANGUAGE_LABEL)
    if isinstance(language, str) and language and language not in WITH_AGENT:
        text = because(HopWhy.HAVE, setting=f"{LANGUAGE_LABEL}: {language}")
        return Absence(why=Why.LANGUAGE, text=text, path=(*at, LANGUAGE_LABEL))
    if labels.get(SWITCH) != SWITCH_ON and is_disabled(namespaces.get(namespace)):
        text = because(
            HopWhy.NAMESPACE_WITHOUT,
            switch=f"{SWITCH}: {SWITCH_ON}",
            namespace=namespace,
            label=f"{NAMESPACE_LABEL}: {NAMESPACE_ENABLED}",
        )
        return Absence(why=Why.NAMESPACE, text=text, path=("metadata", "name"))
    main = list(main_containers_of(workload))
    if labels.get(INJECTION_OFF) == "true" and not any(loaded_agents(container) for _, container in main):
        text = because(HopWhy.LOADS_NO_AGENT, setting=f"{INJECTION_OFF}: true", option=AGENT_OPTION)
        return Absence(why=Why.INJECTION, text=text, path=(*at, INJECTION_OFF))
    if main and all(drops_options(container) for _, container in main):
        path, _ = main[0]
        text = because(HopWhy.DROPS_OPTIONS, variable=OPTIONS_VARIABLE)
        return Absence(why=Why.COMMAND, text=text, path=(*path, "command"))
    if main and all(image_name(container) in NO_JVM for _, container in main):
        path, container = main[0]
        text = because(HopWhy.NO_JVM, image=image_name(container))
        return Absence(why=Why.IMAGE, text=text, path=(*path, "image"))
    return None


def is_seen(workload: Document, namespaces: Mapping[str, Document], namespace: str) -> bool:
    """Tell whether something shows that the agent gets into a workload's pods; ask after `absence_of` tells nothing.

    A switch of the pods, a Namespace of the baseline (one that keeps it out would be an absence), or an agent that the
    pods load themselves and that is not known to be another.
    """
    return (
        pod_labels(workload).get(SWITCH) == SWITCH_ON
        or namespace in namespaces
        or any(
            other_agent_of(jar) is None
            for _, container in main_containers_of(workload)
            for jar in loaded_agents(container)
        )
    )


def namespaces_of(baseline: Iterable[Document]) -> dict[str, Document]:
    """Return the Namespaces of a baseline by name."""
    return {found.identity.name: found for found in baseline if found.identity.group_kind == (CORE, "Namespace")}


def is_disabled(namespace: Document | None) -> bool:
    """Tell whether a Namespace of the baseline does not let the agent into its pods."""
    return namespace is not None and get(namespace.data, ("metadata", "labels", NAMESPACE_LABEL)) != NAMESPACE_ENABLED


def words_of(container: Mapping[str, object]) -> list[str]:
    """Return the words of a container's command and arguments."""
    return [text for field in ("command", "args") for text in get_list(container, (field,)) if isinstance(text, str)]


def variable_of(container: Mapping[str, object], name: str) -> dict[str, object] | None:
    """Return a container's variable; the last of one name counts."""
    found = [item for item in get_list(container, ("env",)) if is_mapping(item) and item.get("name") == name]
    return found[-1] if found else None


def sets_options_anew(container: Mapping[str, object]) -> bool:
    """Tell whether a container's command sets the JVM options without those that it was given."""
    return any(
        OPTIONS_VARIABLE not in found["value"] for text in words_of(container) for found in _ASSIGNMENT.finditer(text)
    )


def takes_options_away(container: Mapping[str, object]) -> bool:
    """Tell whether a container's command takes the JVM options out of the environment."""
    return OPTIONS_DROPPED.search(" ".join(words_of(container))) is not None


def drops_options(container: Mapping[str, object]) -> bool:
    """Tell whether a container's command starts its JVM without the options that it was given."""
    return sets_options_anew(container) or takes_options_away(container)


def loaded_agents(container: Mapping[str, object]) -> tuple[str, ...]:
    """Return the paths of the agents that a container's JVM loads, those of `JAVA_TOOL_OPTIONS` first."""
    variables = [item for item in get_list(container, ("env",)) if is_mapping(item)]
    variables.sort(key=lambda item: item.get("name") != OPTIONS_VARIABLE)
    texts = [get_text(item, ("value",)) for item in variables] + words_of(container)
    return tuple(path for text in texts for path in agents_in(text))


def other_agent_of(jar: str) -> OtherAgent | None:
    """Return the agent beside MSE's that a path leads to, None where it is not known."""
    parts = _LATER.split(jar.lower())
    return next((each for each in OTHER_AGENTS if any(part.startswith(each.jars) for part in parts)), None)


def agents_in(text: str) -> Iterator[str]:
    """Yield the paths that options of a JVM load as agents."""
    for _, _, rest in (word.partition(AGENT_OPTION) for word in re.split(r"[\s\"';&]+", text)):
        if rest:
            yield rest.partition("=")[0]


def tags_of(container: Mapping[str, object]) -> Iterator[tuple[TagSetting, str, str]]:
    """Yield what tells the agent a tag: the setting, the variable that holds it ("" for a command), and the tag."""
    texts = [
        (get_text(variable, ("name",)), get_text(variable, ("value",))) for variable in get_list(container, ("env",))
    ]
    for setting in TAG_SETTINGS:
        found = [(variable, value) for variable, value in texts if setting.variable and variable == setting.variable]
        if setting.option:
            pattern = re.escape(setting.option) + r"([^\s\"';&]*)"
            all_texts = [*texts, *(("", word) for word in words_of(container))]
            for variable, text in (each for each in all_texts if setting.option in each[1]):
                found += [(variable, match[1]) for match in re.finditer(pattern, text)]
        yield from ((setting, variable, tag) for variable, tag in found if tag and "$" not in tag)


def image_name(container: Mapping[str, object]) -> str:
    """Return the last part of the name of a container's image, without tag and digest."""
    return get_text(container, ("image",)).partition("@")[0].rpartition("/")[2].partition(":")[0]
