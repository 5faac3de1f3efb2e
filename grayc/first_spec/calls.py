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
    named = _Named(configuration, names)
    return {
        workload.place: {
            service: reading
            for service, reading in reversed([*named.by(workload)])
            if service in all_of_them and service not in services[workload.place]
        }
        for workload in workloads
    }


class _Named:
    """The Services that texts name; what many workloads are given is read once."""

    def __init__(self, configuration: Configuration, names: frozenset[str]) -> None:
        self._configuration, self._names = configuration, names
        # The baseline holds the objects for as long as this lasts, so that an id is of one.
        self._in_text: dict[tuple[object, ...], tuple[Service, ...]] = {}

    def by(self, workload: Document) -> Iterator[tuple[Service, Reading]]:
        """Yield the Services that a workload's program is given the address of, with the text that says so."""
        for reading in readings_of(workload, self._configuration) if self._names else ():
            if is_of_program(reading):
                for service in self._of(reading, workload.identity.namespace):
                    yield service, reading

    def _of(self, reading: Reading, home: str) -> tuple[Service, ...]:
        at = (id(reading.document), reading.path, reading.via, reading.name, reading.is_host, reading.text, home)
        found = self._in_text.get(at)
        if found is None:
            text = told_of_calls(reading)
            named = services_named(text, reading.name, home, self._names, is_host=reading.is_host)
            found = self._in_text[at] = tuple(dict.fromkeys((each.key.namespace, each.key.name) for each in named))
        return found
