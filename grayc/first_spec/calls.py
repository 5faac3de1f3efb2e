"""Which workloads of a baseline are given the addresses of which Services, before there is a release."""

import re
from collections.abc import Iterator, Mapping, Sequence

from grayc.analysis.addresses import Reading, readings_of
from grayc.analysis.container_sources import Configuration
from grayc.analysis.service_mentions import is_of_program, told_of_calls
from grayc.analysis.text_names import services_named
from grayc.documents import Document, Path

Place = tuple[str, int, Path]
Service = tuple[str, str]
"""Namespace and name."""

_WORD = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")


def calls_of(
    workloads: Sequence[Document], services: Mapping[Place, frozenset[Service]], baseline: Sequence[Document]
) -> dict[Place, dict[Service, Reading]]:
    """Return the Services that each workload's program is given the address of, with the first text that says so.

    Args:
        services: those that lead to each workload: its own are left out, as are those that lead to none.
    """
    all_of_them = frozenset().union(*services.values())
    names = frozenset(name for _, name in all_of_them)
    # Most texts name no Service, and are not read.
    configuration = Configuration(
        baseline, is_told=lambda text: any(found[0] in names for found in _WORD.finditer(text.lower()))
    )
    return {
        workload.place: {
            service: reading
            for service, reading in reversed([*_named_by(workload, configuration, names)])
            if service in all_of_them and service not in services[workload.place]
        }
        for workload in workloads
    }


def _named_by(
    workload: Document, configuration: Configuration, names: frozenset[str]
) -> Iterator[tuple[Service, Reading]]:
    home = workload.identity.namespace
    for reading in readings_of(workload, configuration) if names else ():
        if is_of_program(reading):
            text = told_of_calls(reading)
            for named in services_named(text, reading.name, home, names, is_host=reading.is_host):
                yield (named.key.namespace, named.key.name), reading
