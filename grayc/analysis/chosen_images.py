"""Whose container an image of the command line is for."""

from collections.abc import Iterable, Mapping

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Checked, Diagnostic, did_you_mean, shell
from grayc.plan.model import ReleasePlan
from grayc.spec.flags import FlagImage


def chosen_images(plan: ReleasePlan, images: Iterable[FlagImage]) -> Checked[tuple[tuple[str, str, str], ...]]:
    """Return service, container and image of each that is given.

    Diagnostics:
        GC301: there is no such service.
        GC410: no released service has the container, or not the one that is named.
        GC576: several have it.
    """
    there = _containers(plan)
    found: list[Diagnostic] = []
    chosen: list[tuple[str, str, str]] = []
    for each in images:
        owners = [name for name, containers in there.items() if each.container in containers]
        if each.service:
            owners = [name for name in owners if name == each.service]
        if len(owners) == 1:
            chosen.append((owners[0], each.container, each.image))
        else:
            found.append(_several(each, owners) if owners else _unknown(each, there))
    return Checked(value=None if found else tuple(chosen), diagnostics=tuple(found))


def _containers(plan: ReleasePlan) -> Mapping[str, frozenset[str]]:
    names: dict[str, set[str]] = {service.name: set() for service in plan.spec.services}
    for copy in plan.copies:
        if is_workload(copy.document):
            names[copy.service.name].update(str(item.get("name")) for _, item in containers_of(copy.document))
    return {name: frozenset(found) for name, found in names.items()}


def _unknown(image: FlagImage, there: Mapping[str, frozenset[str]]) -> Diagnostic:
    if image.service and image.service not in there:
        return Diagnostic(
            code="GC301",
            message=f"`--image {image.text}`: the release has no service `{image.service}`",
            help=did_you_mean(image.service, list(there), noun="service"),
        )
    known = there[image.service] if image.service else {name for found in there.values() for name in found}
    whose = f"service `{image.service}` has" if image.service else "no released service has a"
    return Diagnostic(
        code="GC410",
        message=f"`--image {image.text}`: {whose} {'no ' if image.service else ''}container `{image.container}`",
        help=did_you_mean(image.container, sorted(known), noun="container"),
    )


def _several(image: FlagImage, owners: Iterable[str]) -> Diagnostic:
    names = list(owners)
    word = shell.word(f"--image={names[0]}/{image.container}={image.image}")
    return Diagnostic(
        code="GC576",
        message=f"`--image {image.text}`: services {', '.join(f'`{name}`' for name in names)} have a container "
        f"`{image.container}`",
        help=f"say which is meant: `{word}`; repeat the flag for another",
    )
