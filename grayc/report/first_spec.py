"""The text of a first release.yaml."""

from grayc.output.emit import emit_document
from grayc.plan.first_spec import FirstSpec
from grayc.report.visible import visible

_OTHERS_LIMIT = 20


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
