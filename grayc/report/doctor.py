"""What `grayc doctor` found, for people and as data."""

from collections.abc import Sequence
from typing import Protocol

from grayc.diagnostics.visible import columns
from grayc.report.paint import Paint, finish, painted


class Look(Protocol):
    """One thing that was looked at, as the driver gives it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def found(self) -> str: ...  # noqa: D102
    @property
    def serves(self) -> str: ...  # noqa: D102
    @property
    def trouble(self) -> str: ...  # noqa: D102
    @property
    def is_well(self) -> bool: ...  # noqa: D102


def render_looks(looks: Sequence[Look], *, color: bool = False) -> str:
    """Return two lines for each thing: what was found, and what it is for."""
    width = max((columns(look.name) for look in looks), default=0)
    lines = []
    for look in looks:
        said = ": ".join(part for part in (look.found, look.trouble) if part)
        line = f"{'ok' if look.is_well else '--'}  {look.name}{' ' * (width - columns(look.name))}  {said}"
        lines.append(line if look.is_well else painted(line, Paint.YELLOW))
        lines.append(f"    {' ' * width}  for {look.serves}")
    return finish(lines, color=color)


def looks_data(looks: Sequence[Look]) -> list[dict[str, object]]:
    """Return the same as plain data."""
    return [
        {
            "name": look.name,
            "ok": look.is_well,
            "found": look.found or None,
            "trouble": look.trouble or None,
            "serves": look.serves,
        }
        for look in looks
    ]
