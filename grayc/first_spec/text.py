"""The text of a first release.yaml, of a baseline or of a workflow."""

from collections.abc import Mapping, Sequence

from grayc.diagnostics.visible import visible
from grayc.first_spec.find import FirstSpec
from grayc.output.emit import emit_document

_OTHERS_LIMIT = 20
_WORK = "shared"
"""`work` of who takes messages or jobs: it builds whatever the names are, and nothing is handled twice."""


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


def render_first_spec(
    first: FirstSpec, *, name: str, tag: str, baseline: str, namespace: str = "", works: Mapping[str, str] | None = None
) -> str:
    """Return a complete release.yaml with comments that say what to change.

    Args:
        namespace: of the objects that name none, where the spec has to say it; "" where it has not.
        works: `Kind/name` of a workload that takes messages or jobs → one of them, in words.
    """
    works = works or {}
    spec: dict[str, object] = {"tag": tag}
    if first.namespace or namespace:
        spec["namespace"] = first.namespace or namespace
    spec["baseline"] = [baseline]
    spec["services"] = [
        {
            "name": service.workload.identity.name,
            "workload": service.workload.identity.ref,
            "images": dict(service.images),
            **({"work": _WORK} if service.workload.identity.ref in works else {}),
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
    return "\n".join(notes) + "\n" + _with_questions(text, namespace, list(works.values()))


def _with_questions(text: str, namespace: str, works: Sequence[str]) -> str:
    """Return a spec with a comment above each field that was chosen for the user."""
    lines = text.split("\n")
    # The fields of a service stand two levels below those of the spec.
    fields = next(line.partition("workload:")[0] for line in lines if line.lstrip().startswith("workload:"))
    asked = iter(works)
    made = []
    for line in lines:
        if namespace and line.startswith("  namespace:"):
            made.append("  # Objects that name no namespace are taken to be in this one: say here where they are.")
        if line == f"{fields}work: {_WORK}":
            made.append(
                f"{fields}# It takes {visible(next(asked))}. `shared`: gray pods take their part of production's;"
            )
            made.append(
                f"{fields}# `own`: they have names of their own, and both sides handle what comes; `agent`: the"
            )
            made.append(f"{fields}# MSE agent renames groups of RocketMQ; `idle`: they take none. See `grayc plan`.")
        made.append(line)
    return "\n".join(made)
