"""Labels that selectors of any kind ask for, known or not, and labels that pods read of themselves."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.selections import Selectable, pods_of
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_text, is_mapping, matches
from grayc.k8s.label_readers import (
    ALL_LABELS,
    FIELD_PATHS,
    MADE_LABELS,
    OWN_LABEL,
    PASSED_OVER,
    SELECTOR_PREFIXES,
    has_pod_labels,
    holds_selectors,
    is_selector_name,
    selects_no_pods,
    speaks_of_no_pods,
    speaks_of_pods,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.selectors import SelectorStyle, asked_labels, with_suffix
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

_EQUAL = re.compile(
    r"""(?<![\w./-])(?P<key>[A-Za-z0-9][\w./-]*)\s*(?:==|=)\s*(?P<quote>['"]?)(?P<value>[A-Za-z0-9][\w.-]*)(?P=quote)"""
)
_AMONG = re.compile(r"(?<![\w./-])(?P<key>[A-Za-z0-9][\w./-]*)\s+in\s*[({](?P<values>[^(){}]*)[)}]")
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Mention:
    """A selector of an object, wherever it stands.

    Attributes:
        asked: label → the values that it asks for; what it rules out is not among them.
        style: how it is written; None where it is a text.
        around: what the selector stands in, which may name namespaces.
        of_pods: False where it says that it selects something else, by labels of that.
    """

    document: Document
    path: Path
    asked: Mapping[str, tuple[str, ...]]
    style: SelectorStyle | None
    around: object
    of_pods: bool = True


@dataclass(frozen=True, slots=True)
class OwnLabel:
    """A place at which a pod reads a label of its own.

    Attributes:
        label: None where it reads all of them.
        variable: the environment variable that gets it, "" for a file.
    """

    path: Path
    label: str | None
    variable: str = ""


def selectors_anywhere(document: Document) -> Iterator[Mention]:
    """Yield every selector of an object whose kind no table of selectors has; nothing of kinds that have none.

    A selector is what stands at `matchLabels` and `matchExpressions`, and a mapping of labels or a text at a field that
    is called so. Source: the tables of `k8s.label_readers`.
    """
    if holds_selectors(document.identity.group_kind):
        yield from _below(document, document.data, (), {})


def pod_selectors_anywhere(document: Document) -> Iterator[Mention]:
    """Yield those of `selectors_anywhere` that may be of pods: neither their field nor kinds beside them deny it."""
    return (mention for mention in selectors_anywhere(document) if mention.of_pods)


def _below(document: Document, node: object, at: Path, beside: Mapping[str, object]) -> Iterator[Mention]:
    """Yield the selectors below a node.

    Args:
        beside: the mapping in which the node stands.
    """
    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from _below(document, item, (*at, position), {})
    if not is_mapping(node):
        return
    if "matchLabels" in node or "matchExpressions" in node:
        asked = _plain(asked_labels(SelectorStyle.LABEL_SELECTOR, node))
        if asked:
            of_pods = _is_of_pods(document, at, (node, beside))
            yield Mention(document, at, asked, SelectorStyle.LABEL_SELECTOR, node, of_pods)
        return
    for key, value in node.items():
        if key in PASSED_OVER or selects_no_pods(key) or (not at and key in ("metadata", "status")):
            continue
        path = (*at, key)
        if is_selector_name(key):
            labels = get(value, ("labels",))
            place, selector = ((*path, "labels"), labels) if is_mapping(labels) else (path, value)
            found = _of_value(selector)
            if found:
                style = None if isinstance(selector, str) else SelectorStyle.MAP
                yield Mention(document, place, found, style, node, _is_of_pods(document, path, (node,)))
                continue
        # Its own kind says nothing of what the object selects.
        yield from _below(document, value, path, node if at else {})


def _is_of_pods(document: Document, at: Path, around: Sequence[Mapping[str, object]]) -> bool:
    """Tell whether a selector may be of pods, by the fields that hold it and the kinds that stand beside it."""
    fields = [step for step in at if isinstance(step, str)][-2:]
    own = fields[-1] if fields else ""
    if speaks_of_pods(own):
        return True
    holders = fields if len(fields) > 1 and is_selector_name(own) else fields[-1:]
    if any(speaks_of_no_pods(field, document.identity.group_kind[0]) for field in holders):
        return False
    kinds = [kind for node in around for kind in _kinds(node)] if len(at) > 1 else []
    return not kinds or any(has_pod_labels(kind) for kind in kinds)


def _kinds(node: Mapping[str, object]) -> Iterator[str]:
    """Yield the kinds that stand beside a selector.

    Sources: Gateway API policies, `targetSelectors[].kind`; kyverno.io/v1 ResourceDescription, `kinds`; Gatekeeper,
    `match.kinds[].kinds`; admissionregistration.k8s.io/v1, `rules[].resources` and `resourceRules[].resources`.
    """
    kind = node.get("kind")
    if isinstance(kind, str):
        yield kind
    for field, inner in (("kinds", "kinds"), ("rules", "resources"), ("resourceRules", "resources")):
        for item in get_list(node, (field,)):
            named = get_list(item, (inner,)) if is_mapping(item) else [item]
            yield from (each for each in named if isinstance(each, str))


def _of_value(value: object) -> dict[str, tuple[str, ...]]:
    """Return what a text or a plain mapping asks for; nothing of any other value."""
    if isinstance(value, str):
        return _of_text(value)
    if is_mapping(value) and value and all(isinstance(text, str) for text in value.values()):
        return _plain(asked_labels(SelectorStyle.MAP, value))
    return {}


def _of_text(text: str) -> dict[str, tuple[str, ...]]:
    """Return what a selector in words asks for: `app == 'web' && tier in {'a', 'b'}`, `app=web,tier in (a, b)`."""
    asked = {found["key"]: (found["value"],) for found in _EQUAL.finditer(text)}
    asked.update((found["key"], tuple(_WORD.findall(found["values"]))) for found in _AMONG.finditer(text))
    return _plain(asked)


def _plain(asked: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the labels as pods have them, without what says where a label comes from."""
    result: dict[str, tuple[str, ...]] = {}
    for key, values in asked.items():
        prefix = next((each for each in SELECTOR_PREFIXES if key.startswith(each)), "")
        result[key.removeprefix(prefix)] = values
    return result


class PodsByLabel:
    """Pods of workloads, by what selectors of kinds without a row ask for."""

    def __init__(self, pods: Iterable[Selectable]) -> None:
        self._pods = tuple(pods)
        self._at: dict[tuple[str, str], list[int]] = {}
        for at, item in enumerate(self._pods):
            for key, value in item.labels.items():
                if isinstance(value, str):
                    self._at.setdefault((key, value), []).append(at)

    def found_by(self, mention: Mention) -> list[Selectable]:
        """Return the pods that a selector asks for, as far as labels and namespaces tell.

        Labels that the selector's own kind makes are taken to be there.
        """
        asked = {key: values for key, values in mention.asked.items() if not key.startswith(MADE_LABELS)}
        by_label = [{at for value in values for at in self._at.get((key, value), ())} for key, values in asked.items()]
        if not by_label:
            return []
        found = set.intersection(*by_label)
        return [self._pods[at] for at in sorted(found) if self._looks_in(mention, self._pods[at].namespace)]

    def has(self, label: str, value: str) -> bool:
        """Tell whether any of the pods has a label with a value."""
        return (label, value) in self._at

    def _looks_in(self, mention: Mention, namespace: str) -> bool:
        identity = mention.document.identity
        return identity.namespace in ("", namespace) or not identity.namespace or _names(mention.around, namespace)


def _names(value: object, text: str) -> bool:
    """Tell whether a text stands anywhere in a value."""
    if is_mapping(value):
        return any(_names(item, text) for item in value.values())
    if isinstance(value, list):
        return any(_names(item, text) for item in value)
    return value == text


@lru_cache(maxsize=2)
def released_pods(plan: ReleasePlan) -> PodsByLabel:
    """Return the baseline's pods of the workloads that the plan copies."""
    return PodsByLabel(pods_of(copy.document for copy in plan.copies))


def with_gray_values(mention: Mention, value: object, labels: Sequence[str], suffix: str) -> object:
    """Return the value of a selector that asks for the suffixed values of some labels.

    Args:
        value: what stands at the mention's path.
    """
    if isinstance(value, str):
        one = _EQUAL.sub(lambda found: _suffixed(found, "value", labels, suffix), value)
        return _AMONG.sub(lambda found: _suffixed(found, "values", labels, suffix), one)
    keys = {f"{prefix}{label}" for prefix in ("", *SELECTOR_PREFIXES) for label in labels}
    return with_suffix(value, mention.style, keys, suffix) if is_mapping(value) and mention.style is not None else value


def _suffixed(found: re.Match[str], group: str, labels: Sequence[str], suffix: str) -> str:
    whole, start = found.group(), found.start()
    if found["key"] not in labels:
        return whole
    begin, end = found.start(group) - start, found.end(group) - start
    gray = _WORD.sub(lambda word: f"{word.group()}{suffix}", whole[begin:end])
    return f"{whole[:begin]}{gray}{whole[end:]}"


def own_labels(document: Document) -> Iterator[OwnLabel]:
    """Yield every place at which the pods of a workload read labels of their own, in variables and in files.

    Source: core/v1 ObjectFieldSelector: `metadata.labels['KEY']`, and in volumes `metadata.labels` for all.
    """
    if not is_workload(document):
        return
    for place, container in containers_of(document):
        for at, item in enumerate(get_list(container, ("env",))):
            path: Path = ("valueFrom", "fieldRef", "fieldPath")
            yield from _read(get_text(item, path), (*place, "env", at, *path), get_text(item, ("name",)))
    template = WORKLOADS[document.identity.group_kind].template
    for pattern in FIELD_PATHS:
        for path, value in matches(document.data, (*template, "spec", *pattern)):
            if isinstance(value, str):
                yield from _read(value, path, "")


def _read(field: str, path: Path, variable: str) -> Iterator[OwnLabel]:
    found = OWN_LABEL.fullmatch(field)
    if found is not None:
        yield OwnLabel(path, found["key"], variable)
    elif field == ALL_LABELS:
        yield OwnLabel(path, None, variable)
