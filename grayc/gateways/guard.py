"""The guard of routes that drop headers by a comma-separated list in an annotation."""

from collections.abc import Iterator

from grayc.gateways.baseline_change import BaselineChange
from grayc.gateways.canaries import annotations_of
from grayc.plan.model import ReleasePlan


def names(value: object) -> list[str]:
    """Return the header names of such a list, on one line or several."""
    lines = value.splitlines() if isinstance(value, str) else []
    return [name.strip() for line in lines for name in line.split(",") if name.strip()]


def drops(value: object, header: str) -> bool:
    """Tell whether the list names a header."""
    return header.lower() in (name.lower() for name in names(value))


def without(value: object, header: str) -> str:
    """Return the list without a header."""
    return ",".join(name for name in names(value) if name.lower() != header.lower())


def guard_by_annotation(plan: ReleasePlan, annotation: str) -> Iterator[BaselineChange]:
    """Yield what makes every entry's own Ingress drop the lane's header."""
    header = plan.spec.lane.header
    for entry in plan.entries:
        own = annotations_of(entry.document).get(annotation)
        if not drops(own, header):
            yield BaselineChange(
                document=entry.document,
                fields={"metadata": {"annotations": {annotation: ",".join((*names(own), header))}}},
                why=f"drops `{header}` when it comes from outside",
            )
