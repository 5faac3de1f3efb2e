"""The text of a first release.yaml, of a baseline or of a workflow."""

from collections.abc import Iterator

from grayc.diagnostics.visible import visible
from grayc.documents.tree import get_map, matches
from grayc.first_spec.find import FirstService, FirstSpec
from grayc.output.emit import emit_document

_OTHERS_LIMIT = 20


def render_imported_spec(data: dict[str, object], *, workflow: str, project: str, environment: str) -> str:
    """Return a release.yaml that was made of a workflow of Zadig, with comments that say what to look at."""
    named = f"`{visible(workflow)}`" if workflow else "without a name"
    lines = [
        f"# A gray release, as Zadig's workflow {named}" + (f" of project `{visible(project)}`" if project else "")
    ]
    if environment:
        lines.append(f"# has it. Its baseline is what environment `{visible(environment)}` runs: put those manifests")
        lines.append("# where `spec.baseline` names them, then run")
    else:
        lines.append("# has it. Put what production runs where `spec.baseline` names it, then run")
    lines += [
        "#   grayc plan    to see what is copied and why",
        "#   grayc build   to write the gray manifests",
    ]
    return "\n".join(lines) + "\n" + emit_document(data)


def first_spec_data(first: FirstSpec, *, name: str, tag: str, baseline: object) -> dict[str, object]:
    """Return what the first spec says, without its comments.

    Args:
        baseline: the entry of `spec.baseline`.
    """
    spec: dict[str, object] = {"tag": tag}
    if first.namespace:
        spec["namespace"] = first.namespace
    spec["baseline"] = [baseline]
    spec["services"] = [
        {
            "name": service.workload.identity.name,
            "workload": service.workload.identity.ref,
            **({"images": dict(service.images)} if service.images else {}),
        }
        for service in first.services
    ]
    if first.has_entry:
        spec["traffic"] = {"gateway": "mse", "rules": [{"header": "x-gray", "value": "1"}]}
    return {"apiVersion": "grayc.dev/v1", "kind": "GrayRelease", "metadata": {"name": name}, "spec": spec}


def render_first_spec(first: FirstSpec, data: dict[str, object]) -> str:
    """Return a complete release.yaml with comments that say what to change.

    Args:
        data: what `first_spec_data` makes of it.
    """
    notes = [
        "# A gray release: give the images their new tags, choose who goes gray, then run",
        "#   grayc plan    to see what is copied and why",
        "#   grayc build   to write the gray manifests",
        "# `grayc schema` prints the JSON Schema that helps an editor while you type.",
    ]
    if first.others:
        others = [visible(workload.identity.ref) for workload in first.others]
        more = f" and {len(others) - _OTHERS_LIMIT} more" if len(others) > _OTHERS_LIMIT else ""
        notes.append(f"# Other workloads of this baseline: {', '.join(others[:_OTHERS_LIMIT])}{more}")
    return "\n".join(notes) + "\n" + "".join(_commented(first, data))


def _commented(first: FirstSpec, data: dict[str, object]) -> Iterator[str]:
    """Yield the text piece by piece: a comment stands behind the piece that it is about."""
    spec = get_map(data, ("spec",))
    yield emit_document({key: value for key, value in data.items() if key != "spec"}) + "spec:\n"
    for key, value in spec.items():
        if key != "services":
            yield _indented(emit_document({key: value}))
        if key == "tag" and first.namespace == "":
            yield "  # namespace: default   # where production runs: no manifest says it, and commands go by it\n"
        if key == "baseline" and any(matches(spec, ("baseline", "[*]", "helm"))):
            yield "  # ^ `release` is what `helm list` calls it; add `values: [FILE]` where production has its own\n"
        if key == "services":
            yield "  services:\n"
            for service, (_, item) in zip(first.services, matches(spec, ("services", "[*]")), strict=True):
                yield _indented(emit_document({"services": [item]}).partition("\n")[2])
                yield from _left(service)


def _left(service: FirstService) -> Iterator[str]:
    """Yield the lines of images that a template still has to fill in."""
    if service.left:
        pad = "      " if service.images else "    "
        if not service.images:
            yield f"{pad}# images:\n"
        for container, image in service.left.items():
            within = "" if service.images else "  "
            yield f"{pad}# {within}{visible(container)}: {visible(image)}   # write it in full\n"


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
