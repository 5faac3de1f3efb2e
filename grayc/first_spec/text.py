"""The text of a first release.yaml, of a baseline or of a workflow."""

from grayc.diagnostics.visible import visible
from grayc.first_spec.find import FirstSpec
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


def render_first_spec(first: FirstSpec, *, name: str, tag: str, baseline: str) -> str:
    """Return a complete release.yaml with comments that say what to change."""
    spec: dict[str, object] = {"tag": tag}
    if first.namespace:
        spec["namespace"] = first.namespace
    spec["baseline"] = [baseline]
    spec["services"] = [
        {
            "name": service.workload.identity.name,
            "workload": service.workload.identity.ref,
            "images": dict(service.images),
        }
        for service in first.services
    ]
    if first.has_entry:
        spec["traffic"] = {"gateway": "mse", "rules": [{"header": "x-gray", "value": "1"}]}
    text = emit_document(
        {
            "apiVersion": "grayc.dev/v1",
            "kind": "GrayRelease",
            "metadata": {"name": name},
            "spec": spec,
        }
    )
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
    return "\n".join(notes) + "\n" + text
