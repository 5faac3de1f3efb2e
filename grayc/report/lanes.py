"""The lanes alive in output folders, for people and as data."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from grayc.analysis.traffic import without_secrets
from grayc.diagnostics.visible import visible
from grayc.output.inventory import LaneRecord
from grayc.report.paint import Paint, finish, painted
from grayc.report.plan_words import is_nobody, show_rule
from grayc.spec.rule_data import decode, encode


class Lane(Protocol):
    """A lane of one output folder, as the driver gives it."""

    @property
    def folder(self) -> Path: ...  # noqa: D102
    @property
    def release(self) -> str: ...  # noqa: D102
    @property
    def record(self) -> LaneRecord | None: ...  # noqa: D102
    @property
    def files(self) -> int: ...  # noqa: D102
    @property
    def since(self) -> str | None: ...  # noqa: D102
    @property
    def is_expired(self) -> bool: ...  # noqa: D102
    @property
    def offline(self) -> str: ...  # noqa: D102


def render_lanes(lanes: Sequence[Lane], *, today: str, color: bool = False) -> str:
    """Return folder by folder the lanes in it."""
    lines: list[str] = []
    for folder in dict.fromkeys(lane.folder for lane in lanes):
        lines.append(folder.as_posix())
        for lane in lanes:
            if lane.folder == folder:
                lines += _lane(lane, today)
    return finish(lines, color=color)


def _lane(lane: Lane, today: str) -> list[str]:
    record = lane.record
    if record is None:
        older = f"  release {lane.release}: {_files(lane.files)} of an older grayc; the next build says more"
        return [painted(older, Paint.YELLOW)]
    age = days_between(lane.since, today)
    born = f"committed {lane.since}" if lane.since else "no commit of it known"
    lines = [
        f"  {record.tag}: release {lane.release}, {_files(lane.files)}",
        f"    {born}" + (f", {age} day{'' if age == 1 else 's'} old" if age is not None else ""),
        f"    services: {', '.join(record.services)}",
    ]
    rules = list(map(decode, record.rules))
    if rules:
        entering = "; ".join(show_rule(rule) for rule in rules if not is_nobody(rule))
        lines.append(f"    enters by {', '.join(record.gateways)}: {entering or 'nobody'}")
    else:
        lines.append("    enters by no rule of its own")
    if record.owner is not None:
        lines.append(f"    owner {visible(record.owner)}")
    if record.expires is not None:
        until = f"    until {record.expires}"
        lines.append(painted(f"{until}: past", Paint.RED) if lane.is_expired else until)
    return lines


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def lanes_data(lanes: Sequence[Lane], *, today: str) -> list[dict[str, object]]:
    """Return the lanes as plain data, by folder and release. What nobody knows is null."""
    return [_data(lane, today) for lane in lanes]


def _data(lane: Lane, today: str) -> dict[str, object]:
    record = lane.record
    return {
        "folder": lane.folder.as_posix(),
        "release": lane.release,
        "tag": record.tag if record is not None else None,
        "services": list(record.services) if record is not None else None,
        "gateway": record.gateways[0] if record is not None and record.gateways else None,
        "gateways": list(record.gateways) if record is not None else None,
        "rules": [_shown(data) for data in record.rules] if record is not None else None,
        "entry": list(rules_of(record)) if record is not None else None,
        "files": lane.files,
        "since": lane.since,
        "ageDays": days_between(lane.since, today),
        "owner": record.owner if record is not None else None,
        "expires": record.expires if record is not None else None,
        "expired": lane.is_expired if today else None,
        "offline": lane.offline,
    }


def days_between(since: str | None, today: str) -> int | None:
    """Return how many days lie between two days, None where one is not known."""
    try:
        return (date.fromisoformat(today) - date.fromisoformat(since or "")).days
    except ValueError:
        return None


def rules_of(record: LaneRecord) -> tuple[str, ...]:
    """Return a lane's rules in words."""
    return tuple(show_rule(decode(data)) for data in record.rules)


def _shown(data: Mapping[str, object]) -> Mapping[str, object]:
    """Return the rule that an inventory holds as it is shown."""
    return encode(without_secrets(decode(data)))
