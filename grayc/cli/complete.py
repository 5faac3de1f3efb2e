"""Values that the shell completes: gateways and codes by tables, names by the spec and OUT that the line names."""

from collections.abc import Iterable
from pathlib import Path

import typer

from grayc.cli.syntax import release_here

_FOLDERS = ("folders", "lanes", "out", "folder")
"""Parameters that name OUT, or other manifests that are asked."""


def gateway(incomplete: str) -> list[str]:
    """Return the gateways."""
    from grayc.driver.complete import GATEWAYS

    return _begun(GATEWAYS, incomplete)


def word(incomplete: str) -> list[tuple[str, str]]:
    """Return the codes, in the case that is typed, with their names; and fields of the language."""
    from grayc.diagnostics import CODES
    from grayc.driver.complete import fields

    is_small = incomplete[:1].islower()
    codes = [(each.lower() if is_small else each, row.name) for each, row in CODES.items()]
    return [row for row in (*codes, *((each, "") for each in fields())) if row[0].startswith(incomplete)]


def step(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the steps of the specs' rollouts."""
    from grayc.driver.complete import STEPS, names_in_specs

    return _begun(names_in_specs(_specs_of(ctx), STEPS), incomplete)


def service(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the services of the specs, and the Services in the folders of manifests that the line names."""
    from grayc.driver.complete import SERVICES, names_in_specs, services_in

    return _begun((*names_in_specs(_specs_of(ctx), SERVICES), *services_in(_paths_of(ctx, *_FOLDERS))), incomplete)


def workload(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the workloads of the baseline that the line names."""
    from grayc.driver.complete import workloads_in

    # An argument behind which a flag is typed stands among the rest where it takes several.
    return _begun(workloads_in([*_paths_of(ctx, "path", "paths"), *map(Path, ctx.args)]), incomplete)


def host(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the hosts that the specs name, and those of routes in the folders of manifests that the line names."""
    from grayc.driver.complete import HOSTS, hosts_in, names_in_specs

    return _begun((*names_in_specs(_specs_of(ctx), HOSTS), *hosts_in(_paths_of(ctx, *_FOLDERS))), incomplete)


def tag(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the tags of the lanes in OUT."""
    from grayc.driver.complete import tags_in

    out = ctx.params.get("out")
    return _begun(tags_in(Path(str(out))) if out else (), incomplete)


def _paths_of(ctx: typer.Context, *parameters: str) -> list[Path]:
    """Return the files and folders that flags and arguments of these parameters name."""
    given = (ctx.params.get(name) or () for name in parameters)
    return [Path(str(path)) for each in given for path in (each if isinstance(each, list | tuple) else (each,))]


def _specs_of(ctx: typer.Context) -> list[str]:
    # Of a line that is not whole typer leaves what stands before the flag, and fills in the default.
    given = [*ctx.args] or ctx.params.get("specs") or ()
    return [str(spec) for spec in given] or ([] if ctx.params.get("folders") else release_here())


def _begun(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in dict.fromkeys(words) if word.startswith(incomplete)]
