"""The parts of the language that this version of grayc does not compile yet: one table, emptied row by row."""

from collections.abc import Iterator
from dataclasses import dataclass

from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.tree import matches, show_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part that is not supported yet.

    Attributes:
        pattern: where it stands, as `documents.tree.matches` takes it.
        values: the values that are meant; empty for any but an empty one.
        is_field: the field itself is meant, not its value.
        what: what is not supported.
        help: what to write meanwhile.
    """

    pattern: tuple[str, ...]
    values: tuple[object, ...] = ()
    is_field: bool = False
    what: str
    help: str


_GATEWAY_HELP = "write `gateway: mse`, or leave `traffic` out and write the entry's manifests yourself"

NOT_SUPPORTED_YET: tuple[Missing, ...] = (
    Missing(
        pattern=("spec", "lane", "provider"), values=("istio",), what="routing between services by Istio",
        help="write `provider: none` and route calls between services with manifests of your own",
    ),
    Missing(
        pattern=("spec", "lane", "isolation"), values=("relabel",), what="`isolation: relabel`",
        help="write `isolation: label`, and give the baseline's workloads and Services the label "
        "`zadigx-release-version: original`",
    ),
    *(
        Missing(
            pattern=("spec", "traffic", "gateway"), values=(gateway,), what=f"the gateway `{gateway}`", help=_GATEWAY_HELP
        )
        for gateway in ("higress", "ingress-nginx", "gateway-api", "istio", "traefik")
    ),
    Missing(
        pattern=("spec", "baseline", "[*]", "kustomize"), is_field=True, what="a kustomization as baseline",
        help="render it with `kubectl kustomize` into a file and name that file, or pipe it in with `stdin: true`",
    ),
    Missing(
        pattern=("spec", "baseline", "[*]", "helm"), is_field=True, what="a Helm chart as baseline",
        help="render it with `helm template` into a file and name that file, or pipe it in with `stdin: true`",
    ),
    Missing(
        pattern=("spec", "services", "[*]", "rewriteText"), values=(True,), what="rewriting names inside text",
        help="take it away, and set what names other objects with `env`, `config` or a patch",
    ),
    Missing(
        pattern=("spec", "rollout"), is_field=True, what="stages of a release",
        help="write the rules and replicas of one stage into the spec, build, and change them for the next",
    ),
    Missing(
        pattern=("spec", "verify"), is_field=True, what="checks that run in the lane",
        help="take them away, and run them with manifests of your own",
    ),
    Missing(
        pattern=("spec", "expect"), is_field=True, what="expected places of requests",
        help="take them away; `grayc plan` shows which requests enter the lane",
    ),
    Missing(
        pattern=("spec", "references"), is_field=True, what="references of kinds that grayc does not know",
        help="take them away, and point such fields at gray names with a patch: those end in `-mse-` and the tag",
    ),
    *(
        Missing(
            pattern=("spec", "output", "gitops"), values=(tool,), what=f"output with annotations of {name}",
            help="write `gitops: none`; the output applies as it is",
        )
        for tool, name in (("argocd", "Argo CD"), ("flux", "Flux"))
    ),
)


def unsupported(document: Document) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every part of a release that this version does not compile.

    Diagnostics:
        GC214: a part is not supported yet.
    """
    for missing in NOT_SUPPORTED_YET:
        for path, value in matches(document.data, missing.pattern):
            if value in missing.values if missing.values else value not in (None, [], {}):
                yield Diagnostic(
                    code="GC214", message=f"{missing.what} is not supported yet",
                    span=document.span(path, key=missing.is_field), field=show_path(path), help=missing.help,
                )
