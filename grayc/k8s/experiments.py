"""How chaos experiments choose the pods that they break."""

import re
from collections.abc import Iterator, Mapping

from grayc.k8s.selectors import SelectorField, SelectorStyle, SelectorUse
from grayc.records import dataclass

Path = tuple[str | int, ...]

_FIELD = SelectorField((), SelectorStyle.LABEL_SELECTOR, SelectorUse.GOVERNANCE)

CHAOS_MESH = "chaos-mesh.org"
LITMUS = "litmuschaos.io"
POD_EXPERIMENTS: frozenset[str] = frozenset({CHAOS_MESH, LITMUS})
"""Groups whose objects choose pods by labels."""

_EQUALS = re.compile(r"\s*([^=!,\s]+)\s*==?\s*([^=!,\s]+)\s*")


@dataclass(frozen=True, slots=True)
class ExperimentSelector:
    """A selector of an experiment.

    Attributes:
        value: as a LabelSelector.
        namespaces: where it looks; empty for the experiment's own.
    """

    path: Path
    value: Mapping[str, object]
    namespaces: tuple[str, ...]
    field: SelectorField = _FIELD


def experiment_selectors(group: str, data: Mapping[str, object]) -> Iterator[ExperimentSelector]:
    """Yield the selectors of an experiment, those of a schedule's and a workflow's experiments too.

    Source: chaos-mesh v2.7, api/v1alpha1/selector.go (`labelSelectors`, `expressionSelectors`, `namespaces`, which are
    the object's own where none is named; `pods` names them one by one); litmus chaos-operator api/litmuschaos/v1alpha1,
    `appinfo` (`appns`, `applabel`).
    """
    yield from _walk(group, data.get("spec"), ("spec",))


def _walk(group: str, value: object, path: Path) -> Iterator[ExperimentSelector]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _walk(group, item, (*path, at))
    elif isinstance(value, dict):
        for key, item in value.items():
            if group == CHAOS_MESH and key == "selector" and isinstance(item, dict):
                found = _of_chaos_mesh(item, (*path, key))
            elif group == LITMUS and key == "appinfo" and isinstance(item, dict):
                found = _of_litmus(item, (*path, key))
            else:
                yield from _walk(group, item, (*path, key))
                continue
            if found is not None:
                yield found


def _of_chaos_mesh(selector: Mapping[str, object], path: Path) -> ExperimentSelector | None:
    if selector.get("pods"):
        return None
    labels, expressions = selector.get("labelSelectors"), selector.get("expressionSelectors")
    value = {
        **({"matchLabels": labels} if isinstance(labels, dict) else {}),
        **({"matchExpressions": expressions} if isinstance(expressions, list) else {}),
    }
    namespaces = selector.get("namespaces")
    names = tuple(str(name) for name in namespaces) if isinstance(namespaces, list) else ()
    return ExperimentSelector(path, value, names)


def _of_litmus(info: Mapping[str, object], path: Path) -> ExperimentSelector | None:
    text, namespace = info.get("applabel"), info.get("appns")
    if not isinstance(text, str) or not text:
        return None
    labels = {}
    for part in text.split(","):
        found = _EQUALS.fullmatch(part)
        if found is not None:
            labels[found[1]] = found[2]
    return ExperimentSelector(
        path, {"matchLabels": labels}, (namespace,) if isinstance(namespace, str) and namespace else ()
    )
