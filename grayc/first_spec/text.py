"""The text of a first release.yaml, of a baseline or of a workflow."""

from collections.abc import Iterator, Mapping

from grayc.diagnostics.visible import visible
from grayc.documents.tree import get_map, matches
from grayc.first_spec.find import FirstService, FirstSpec
from grayc.k8s.gateways import GatewayName
from grayc.k8s.providers import Provider
from grayc.output.emit import emit_document

_OTHERS_LIMIT = 20
_BRINGS = "  # It adds no header to a request, so clients bring the lane's own: `grayc plan` says which.\n"
_GRAY = """\
  #   - request: {host: shop.example.com, path: /, headers: {x-gray: "1"}}
  #     goesTo: gray
"""
_EXPECT = """\
  # Checked at every build; `goesTo` may be `gray`, too:
  # expect:
  #   - request: {host: shop.example.com, path: /}
  #     goesTo: baseline
"""
_TRAFFIC = f"""\
  # Who goes gray. `gateway` is one of {", ".join(GatewayName)}:
  # traffic:
  #   gateway: {GatewayName.GATEWAY_API}
  #   rules:
  #     - {{header: x-gray, value: "1"}}
"""
_LANE = f"""\
  # How calls between services stay in the lane: by the MSE agent, unless `provider` is one of
  # {", ".join(each for each in Provider if each is not Provider.MSE)}:
  # lane: {{provider: {Provider.NONE}}}
"""
_NO_WAY = "  # No route of this baseline leads to what is released.\n"
_WORK = "shared"
"""`work` of who takes messages or jobs: it builds whatever the names are, and nothing is handled twice."""


def _modeline(schema: str) -> str:
    """Return the line by which editors find the schema.

    Source: redhat-developer/yaml-language-server, README, "Using inlined schema".
    """
    return f"# yaml-language-server: $schema={schema}"


def render_imported_spec(data: dict[str, object], *, workflow: str, project: str, environment: str, schema: str) -> str:
    """Return a release.yaml that was made of a workflow of Zadig, with comments that say what to look at.

    Args:
        schema: address of the schema, for editors.
    """
    named = f"`{visible(workflow)}`" if workflow else "without a name"
    lines = [
        _modeline(schema),
        f"# A gray release, as Zadig's workflow {named}" + (f" of project `{visible(project)}`" if project else ""),
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


def first_spec_data(
    first: FirstSpec,
    *,
    name: str,
    tag: str,
    baseline: object,
    namespace: str = "",
    works: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """Return what the first spec says, without its comments.

    Args:
        baseline: the entry of `spec.baseline`.
        namespace: of the objects that name none, where the spec has to say it; "" where it has not.
        works: `Kind/name` of a workload that takes messages or jobs → one of them, in words.
    """
    spec: dict[str, object] = {"tag": tag}
    if first.namespace or namespace:
        spec["namespace"] = first.namespace or namespace
    spec["baseline"] = [baseline]
    spec["services"] = [
        {
            "name": service.workload.identity.name,
            "workload": service.workload.identity.ref,
            **({"images": dict(service.images)} if service.images else {}),
            **({"work": _WORK} if service.workload.identity.ref in (works or {}) else {}),
        }
        for service in first.services
    ]
    way = first.way
    if way.provider:
        spec["lane"] = {"provider": way.provider}
    if way.gateway:
        rule: dict[str, object] = {"header": "x-gray", "value": "1"} if way.is_coloured else {"tagged": True}
        spec["traffic"] = {"gateway": way.gateway, "rules": [rule]}
    return {"apiVersion": "grayc.dev/v1", "kind": "GrayRelease", "metadata": {"name": name}, "spec": spec}


def render_first_spec(
    first: FirstSpec,
    data: dict[str, object],
    *,
    schema: str,
    namespace: str = "",
    works: Mapping[str, str] | None = None,
) -> str:
    """Return a complete release.yaml with comments that say what to change.

    Args:
        data: what `first_spec_data` makes of it, and of `namespace` and `works`.
        schema: address of the schema, for editors.
    """
    notes = [
        _modeline(schema),
        "# A gray release: give the images their new tags, choose who goes gray, then run",
        "#   grayc plan    to see what is copied and why",
        "#   grayc build   to write the gray manifests",
        "# Editors read the first line. `grayc schema > release.schema.json`, and that name there, needs no network.",
    ]
    if first.others:
        others = [visible(workload.identity.ref) for workload in first.others]
        more = f" and {len(others) - _OTHERS_LIMIT} more" if len(others) > _OTHERS_LIMIT else ""
        notes.append(f"# Other workloads of this baseline: {', '.join(others[:_OTHERS_LIMIT])}{more}")
    return "\n".join(notes) + "\n" + "".join(_commented(first, data, namespace, works or {}))


def _commented(first: FirstSpec, data: dict[str, object], namespace: str, works: Mapping[str, str]) -> Iterator[str]:
    """Yield the text piece by piece: a comment stands before or behind the piece that it is about."""
    spec = get_map(data, ("spec",))
    yield emit_document({key: value for key, value in data.items() if key != "spec"}) + "spec:\n"
    for key, value in spec.items():
        if key == "namespace" and namespace:
            yield "  # Objects that name no namespace are taken to be in this one: say here where they are.\n"
        if key == "traffic":
            yield f"  # {visible(first.way.entry_why)}.\n" + ("" if first.way.is_coloured else _BRINGS)
        if key == "lane":
            why = _started(first.way.provider_why).splitlines()
            yield "".join(f"  # {visible(line)}\n" for line in why[:-1]) + f"  # {visible(why[-1])}.\n"
        if key != "services":
            yield _indented(emit_document({key: value}))
        if key == "tag" and first.namespace == "" and not namespace:
            yield "  # namespace: default   # where production runs: no manifest says it, and commands go by it\n"
        if key == "baseline" and any(matches(spec, ("baseline", "[*]", "helm"))):
            yield "  # ^ `release` is what `helm list` calls it; add `values: [FILE]` where production has its own\n"
        if key == "services":
            yield "  services:\n"
            for service, (_, item) in zip(first.services, matches(spec, ("services", "[*]")), strict=True):
                text = _indented(emit_document({"services": [item]}).partition("\n")[2])
                yield _asking(text, works.get(service.workload.identity.ref, ""))
                yield from _left(service)
    if "traffic" not in spec:
        yield f"  # {visible(first.way.entry_why)}.\n" if first.way.entry_why else _NO_WAY
        yield _TRAFFIC
    if "lane" not in spec:
        yield _LANE
    yield _EXPECT + (_GRAY if "traffic" not in spec or first.way.is_coloured else "")


def _started(text: str) -> str:
    return text[:1].upper() + text[1:]


def _asking(text: str, work: str) -> str:
    """Return the text of a service with a comment above its `work`."""
    if not work:
        return text
    line = next(line for line in text.splitlines() if line.lstrip(" -").startswith("work:"))
    pad = line[: len(line) - len(line.lstrip())]
    comment = (
        f"{pad}# It takes {visible(work)}. `shared`: gray pods take their part of production's;\n"
        f"{pad}# `own`: they have names of their own, and both sides handle what comes; `agent`: the\n"
        f"{pad}# MSE agent renames groups of RocketMQ; `idle`: they take none. See `grayc plan`.\n"
    )
    return text.replace(line, comment + line, 1)


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
