"""Which workloads of the baseline speak to RocketMQ."""

from collections.abc import Iterator
from functools import lru_cache

from grayc.analysis.graph import containers_of, is_workload, references_of
from grayc.documents import Document
from grayc.documents.tree import get_text, is_mapping
from grayc.k8s.kinds import CONFIG_KINDS
from grayc.plan.model import ReleasePlan

_ROCKETMQ = "rocketmq"


def speaks_rocketmq(plan: ReleasePlan) -> Iterator[Document]:
    """Yield the workloads of the baseline whose variables, options or configuration name RocketMQ; its own are none."""

    def named(data: object) -> bool:
        return any(isinstance(text, str) and _names_rocketmq(text) for text in _texts(data))

    configs = {
        plan.key_of(document.identity)
        for document in plan.baseline
        if document.identity.group_kind in CONFIG_KINDS and named(document.data.get("data"))
    }
    for document in plan.baseline:
        if not is_workload(document):
            continue
        containers = [container for _, container in containers_of(document)]
        if any(_ROCKETMQ in get_text(container, ("image",)).lower() for container in containers):
            continue
        if any(named([container.get(field) for field in ("env", "command", "args")]) for container in containers) or (
            configs and any(reference.target in configs for reference in references_of(document, plan.spec))
        ):
            yield document


@lru_cache(maxsize=64)
def _names_rocketmq(text: str) -> bool:
    """Tell whether a text names RocketMQ; a patch or an anchor may bring one long text into many objects."""
    return _ROCKETMQ in text.lower()


def _texts(data: object) -> Iterator[object]:
    """Yield the keys and values of nested data."""
    rest = [data]
    while rest:
        node = rest.pop()
        if is_mapping(node):
            yield from node
            rest += node.values()
        elif isinstance(node, list):
            rest += node
        else:
            yield node
