"""Write the pages of `docs/` that are tables of the code: run it after a change, a test says when it is due.

    python tools/write_docs.py
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from grayc.k8s.kinds import KINDS, GroupKind, KindRow, Policy

DOCS = Path(__file__).resolve().parent.parent / "docs"

_HEADINGS: dict[Policy, str] = {
    Policy.COPY: "Copied",
    Policy.ENTRY: "Opened by the rules",
    Policy.SHARE: "Shared: gray pods use the baseline's",
    Policy.STAY: "Stay with the baseline: no copy, and `plan` says so",
    Policy.REFUSE: "Refused until `share` names them",
}

_INTRODUCTION = """# What becomes of each kind of object

A service of a release owns objects of many kinds. What grayc does with each is decided by its kind, unless the release
says otherwise (`share`, `copy`, `autoscaling`). A kind that is not listed is copied with a warning; names of other
objects in it stay as they are.

The limit is the number of characters that the copy's name may have, suffix included, before something refuses it.
"""


def kinds_page() -> str:
    """Return docs/kinds.md."""
    return _INTRODUCTION + "".join(_section(policy) for policy in _HEADINGS)


def _section(policy: Policy) -> str:
    rows = "".join(_row(group_kind, row) for group_kind, row in KINDS.items() if row.policy is policy)
    return f"\n## {_HEADINGS[policy]}\n\n| kind | group | limit | why |\n|---|---|---|---|\n{rows}"


def _row(group_kind: GroupKind, row: KindRow) -> str:
    group, kind = group_kind
    limit = f"{row.name_limit}: {row.limit_source}" if row.name_limit != 253 else "253"
    return f"| {kind} | {f'`{group}`' if group else 'core'} | {limit} | {row.reason} |\n"


PAGES: dict[str, Callable[[], str]] = {"kinds.md": kinds_page}


def pages() -> Iterator[tuple[Path, str]]:
    """Yield path and text of every page that is made."""
    for name, make in PAGES.items():
        yield DOCS / name, make()


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
