"""Print all that grayc knows of a kind: `python -m tools.kind KIND [GROUP]`, or every kind with `--all`."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from grayc.k8s.index import TABLES, about, known_kinds
from grayc.k8s.kinds import GroupKind


def describe(kind: GroupKind) -> Iterator[str]:
    """Yield the lines of a kind's page: its tables with their rows, then the tables that have none."""
    group, name = kind
    yield f"{name} ({group or 'core group'})"
    said = list(about(kind))
    for table, row in said:
        yield f"  {table.name}: {table.says}"
        yield from (f"    {line}" for line in _lines(row))
    without = [table.name for table in TABLES if table not in [found for found, _ in said]]
    yield f"  no row in: {', '.join(without)}"


def _lines(row: object) -> Iterator[str]:
    if is_dataclass(row) and not isinstance(row, type):
        for field in fields(row):
            value = getattr(row, field.name)
            if value not in ("", (), None, field.default):
                yield f"{field.name}: {_shown(value)}"
    elif isinstance(row, dict):
        yield from map(_shown, row.values())
    elif isinstance(row, (tuple, list)):
        yield from map(_shown, row)
    else:
        yield _shown(row)


def _shown(value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return ".".join(value)
    if is_dataclass(value) and not isinstance(value, type):
        return ", ".join(_lines(value))
    return str(value)


def main(arguments: list[str] | None = None) -> int:
    """Print the pages; 2 where no table has such a kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", help="as manifests write it, such as Deployment")
    parser.add_argument("group", nargs="?", help="API group, where several have a kind of this name")
    parser.add_argument("--all", action="store_true", help="every kind that a table has")
    asked = parser.parse_args(arguments)
    found = [kind for kind in known_kinds() if asked.all or (kind[1] == asked.kind and asked.group in (None, kind[0]))]
    if not found:
        sys.stderr.write(f"no table has a row for kind {asked.kind}\n")
        return 2
    sys.stdout.write("\n".join("\n".join(describe(kind)) + "\n" for kind in found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
