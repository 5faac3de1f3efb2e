"""`config` by the names that a kustomization's generators have in their file, without the hash of what they say."""

from collections.abc import Mapping

from grayc.documents.generated import generated_name
from grayc.k8s.kinds import CONFIG_KINDS
from grayc.planning.index import BaselineIndex
from grayc.records import replace
from grayc.spec.model import Changes, ReleaseSpec, ServiceSpec


def with_generated_names(spec: ReleaseSpec, index: BaselineIndex) -> ReleaseSpec:
    """Return the spec with `config` by the names that objects have; the same spec where it names none of a generator.

    A name that an object has as it is means that one, and one that several generated objects have is left as it is.
    """
    if not any(changes.config for service in spec.services for changes in service.changes):
        return spec
    configs = [document for document in index.documents if document.identity.group_kind in CONFIG_KINDS]
    taken = {document.identity.name for document in configs}
    hashed: dict[str, set[str]] = {}
    for document in configs:
        own = generated_name(document)
        if own and own not in taken:
            hashed.setdefault(own, set()).add(document.identity.name)
    names = {own: min(found) for own, found in hashed.items() if len(found) == 1}
    if not any(name in names for service in spec.services for changes in service.changes for name in changes.config):
        return spec
    return replace(spec, services=tuple(_renamed(service, names) for service in spec.services))


def _renamed(service: ServiceSpec, names: Mapping[str, str]) -> ServiceSpec:
    if not any(name in names for changes in service.changes for name in changes.config):
        return service
    lane_only = service.lane_only
    return replace(
        service,
        config=_by_names(service.config, names),
        written={names[name]: name for name in service.config if name in names},
        lane_only=None if lane_only is None else _of_lane(lane_only, names),
    )


def _of_lane(changes: Changes, names: Mapping[str, str]) -> Changes:
    written = {names[name]: name for name in changes.config if name in names}
    return replace(changes, config=_by_names(changes.config, names), written=written)


def _by_names(
    config: Mapping[str, Mapping[str, str | None]], names: Mapping[str, str]
) -> Mapping[str, Mapping[str, str | None]]:
    return {names.get(name, name): keys for name, keys in config.items()}
