"""Canary Ingresses: a copy of the baseline's Ingress with the entry's paths alone, for the lane."""

from collections.abc import Iterator, Mapping

from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE
from grayc.k8s.server_fields import without_owner_labels
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import replace

AHEAD = "-0"
"""Starts the part of a name that sorts before the plain one."""

_BEHIND = "n"
"""What comes behind it starts with this letter or a later one: `never`, `or`, `weight`."""


def canary_ingress(
    entry: Entry, plan: ReleasePlan, *, part: str, annotations: Mapping[str, object], gray: bool
) -> Document:
    """Return a canary of an entry's Ingress.

    Class, hosts, paths, path types and TLS are the base's to the byte: what binds a canary to its base compares them.

    Args:
        part: what stands between the base's name and the lane's suffix.
        annotations: all of the canary's own.
        gray: its paths lead to the gray Services; False leaves them on the baseline's.
    """
    base = entry.document
    base_spec = get_map(base.data, ("spec",))
    return replace(
        base,
        data={
            "apiVersion": base.identity.api_version,
            "kind": base.identity.kind,
            "metadata": gray_metadata(entry, plan, name=canary_name(entry, plan, part), annotations=annotations),
            "spec": {
                **{key: base_spec[key] for key in base_spec if key in ("ingressClassName", "tls")},
                "rules": list(_rules(entry, plan, gray=gray)),
            },
        },
    )


def canary_name(entry: Entry, plan: ReleasePlan, part: str) -> str:
    """Return the name of a canary of an entry's Ingress. Of canaries of one age gateways ask the first by name first.

    So what comes behind the plain name starts with a later letter than the suffix does, and what comes before it with
    an earlier sign. Where the tag stands right behind the `-` it may start with any: then more stands before that part.
    """
    suffix = plan.spec.suffix
    start = suffix.removeprefix("-")
    if part.startswith(AHEAD):
        if start.startswith("0"):
            part = f"-{part.removeprefix(AHEAD)}"
    elif part[1:] >= _BEHIND <= start:
        part = f"-{'z' * (len(start) - len(start.lstrip('z')) + 1)}{part}"
    return f"{entry.document.identity.name}{part}{suffix}"


def gray_metadata(
    entry: Entry, plan: ReleasePlan, *, name: str, annotations: Mapping[str, object]
) -> dict[str, object]:
    """Return the metadata of a gray route: the base's labels and namespace, and the lane's labels."""
    metadata, spec = get_map(entry.document.data, ("metadata",)), plan.spec
    labels = without_owner_labels(get_map(metadata, ("labels",)))
    namespace = metadata.get("namespace") or (spec.namespace if spec.set_namespace else None)
    return {
        "name": name,
        **({"namespace": namespace} if namespace else {}),
        "labels": {**labels, **spec.labels(entry.owner.name)},
        **({"annotations": dict(annotations)} if annotations else {}),
    }


def annotations_of(document: Document) -> dict[str, object]:
    """Return an object's annotations."""
    return get_map(document.data, ("metadata", "annotations"))


def _rules(entry: Entry, plan: ReleasePlan, *, gray: bool) -> Iterator[dict[str, object]]:
    """Yield the base's rules with the entry's paths only, each leading where the canary sends it."""
    opened = {(path.rule, path.path): path for path in entry.paths}
    namespace = entry.document.identity.namespace
    for rule_at, rule in enumerate(get_list(entry.document.data, ("spec", "rules"))):
        paths: list[object] = []
        for path_at, path in enumerate(get_list(rule, ("http", "paths"))):
            wanted = opened.get((rule_at, path_at))
            if wanted is None or not is_mapping(path):
                continue
            name = plan.gray_name((CORE, "Service"), namespace, wanted.baseline_service) if gray else None
            service = {**get_map(path, ("backend", "service")), "name": name or wanted.baseline_service}
            paths.append({**path, "backend": {**get_map(path, ("backend",)), "service": service}})
        if paths:
            host = get_text(rule, ("host",))
            yield {**({"host": host} if host else {}), "http": {"paths": paths}}
