"""Shares in words and numbers, and whether they are what was wanted."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from grayc.routing.model import Destination, Routed


def goes_there(
    routed: Routed, wanted: Mapping[str, float], *, tag: str, baseline: frozenset[tuple[str, str]] | None = None
) -> bool:
    """Tell whether a request goes where it is wanted: `gray`, `baseline` or a Service → percent, to three decimals.

    Args:
        baseline: namespace and name of the Services that `baseline` means; None for all that are of no lane.
    """
    answer = routed.answer
    rounded = percents([destination.percent for destination in answer.destinations])
    for name, percent in wanted.items():
        met = sum(
            share
            for destination, lane, share in zip(answer.destinations, routed.lanes, rounded, strict=True)
            if destination.status is None
            and (
                lane == tag
                if name == "gray"
                else lane == name and (baseline is None or (destination.namespace, destination.service) in baseline)
                if name == "baseline"
                else destination.service == name
            )
        )
        if abs(met - percent) >= 0.0005:
            return False
    return True


def percents(shares: Sequence[Fraction]) -> list[float]:
    """Return shares with three decimals that add up to exactly 100, as they do before rounding."""
    thousandths = [int(share * 1000) for share in shares]
    rests = sorted(range(len(shares)), key=lambda at: (thousandths[at] - shares[at] * 1000, at))
    for at in rests[: round(sum(shares) * 1000) - sum(thousandths)]:
        thousandths[at] += 1
    return [number / 1000 for number in thousandths]


def place(routed: Routed) -> str:
    """Return where a request goes, in a few words."""
    answer = routed.answer
    if answer.refused:
        return "configuration refused"
    if answer.status is not None:
        return str(answer.status)
    return ", ".join(
        show_share(destination, lane) for destination, lane in zip(answer.destinations, routed.lanes, strict=True)
    )


def show_share(destination: Destination, lane: str) -> str:
    """Return one share in words."""
    percent = percents([destination.percent, 100 - destination.percent])[0]
    share = "" if percent == 100 else f"{percent:g} % "
    if not destination.service:
        return f"{share}{destination.status} by the gateway itself"
    port = f":{destination.port}" if destination.port != "" else ""
    port += f" subset {destination.subset}" if destination.subset else ""
    status = f", answered {destination.status}" if destination.status is not None else ""
    return f"{share}{destination.service}{port} ({'baseline' if lane == 'baseline' else f'lane {lane}'}{status})"
