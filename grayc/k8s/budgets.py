"""How many pods a PodDisruptionBudget lets be away."""

from collections.abc import Mapping


def can_be_away(spec: Mapping[str, object], pods: int) -> int | None:
    """Return how many of `pods` healthy pods may be evicted at once; None where the budget says nothing readable.

    Source: kubernetes pkg/controller/disruption, getExpectedPodCount: percentages of both fields are rounded up; of
    the two fields one may be set.
    """
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None:
        count = _scaled(least, pods)
        return None if count is None else max(pods - count, 0)
    count = _scaled(most, pods)
    return None if count is None else min(count, pods)


def _scaled(value: object, pods: int) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return -(-int(value[:-1]) * pods // 100)
    return None
