"""How many pods a PodDisruptionBudget lets be away."""

import re
from collections.abc import Mapping

from grayc.k8s.numbers import read_integer

# Source: apimachinery pkg/util/validation, IsValidPercent.
_PERCENT = re.compile(r"[0-9]+%")


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
    percent = read_integer(value[:-1]) if isinstance(value, str) and _PERCENT.fullmatch(value) else None
    return None if percent is None else -(-percent * pods // 100)
