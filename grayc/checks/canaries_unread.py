"""An entry's canary is read at all: no other canary has its place, and requests are HTTP to the gateway."""

from collections.abc import Iterator

from grayc.analysis.controllers import row_of
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get_text, matches
from grayc.k8s.gateways import INGRESS, NGINX_PREFIX, Canaries
from grayc.k8s.kept_canaries import KEPT_CANARIES
from grayc.plan.model import Entry, ReleasePlan

_PASSTHROUGH = f"{NGINX_PREFIX}ssl-passthrough"


def check_canaries_unread(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the entries whose canary is not read, on gateways that read one canary of a route.

    Diagnostics:
        GC544: TLS goes through the gateway to the pods.
        GC545: a controller keeps a canary of its own for the entry.
    Source: `k8s.kept_canaries`; kubernetes/ingress-nginx 1.15.1 internal/ingress/controller/controller.go
    (mergeAlternativeBackends; SSLPassthrough of a server) and docs/user-guide/tls.md; traefik v3.7.13
    pkg/provider/kubernetes/ingress-nginx/build.go (such an Ingress makes a router for TCP and none of its paths).
    """
    entries = [
        entry
        for entry in plan.entries
        if entry.document.identity.group_kind == INGRESS and row_of(entry).canaries is Canaries.ALL_RULES
    ]
    if not entries:
        return ()
    return (*_passed_through(entries), *_kept(entries, plan))


def _passed_through(entries: list[Entry]) -> Iterator[Diagnostic]:
    for entry in entries:
        if get_text(entry.document.data, ("metadata", "annotations", _PASSTHROUGH)).lower() == "true":
            yield at_object(
                entry.document,
                ("metadata", "annotations", _PASSTHROUGH),
                code="GC544",
                message=f"Ingress `{entry.document.identity.name}` passes TLS through to the pods: gateway "
                f"`{entry.gateway}` sees no header of such a request, so none enters the lane",
                help=f"let the gateway end TLS (take `{_PASSTHROUGH}` away), or open the lane behind another entry; on "
                "`ingress-nginx` accept it where the controller runs without `--enable-ssl-passthrough`",
            )


def _kept(entries: list[Entry], plan: ReleasePlan) -> Iterator[Diagnostic]:
    opened = {
        (plan.key_of(entry.document.identity).namespace, entry.document.identity.name): entry for entry in entries
    }
    there = {
        (plan.key_of(item.identity).namespace, item.identity.name)
        for item in plan.baseline
        if item.identity.group_kind == INGRESS
    }
    for document in plan.baseline:
        row = KEPT_CANARIES.get(document.identity.group_kind)
        if row is None or (row.provider and get_text(document.data, ("spec", row.provider)) not in row.providers):
            continue
        home = plan.key_of(document.identity).namespace
        for pattern in row.fields:
            for path, name in matches(document.data, pattern):
                entry = opened.get((home, name)) if isinstance(name, str) else None
                canary = row.name.format(object=document.identity.name, ingress=name)
                # The witness meets one that is in the baseline.
                if entry is None or (home, canary) in there:
                    continue
                yield at_object(
                    document,
                    path,
                    code="GC545",
                    message=f"by `{document.identity.ref}` {row.product} keeps a canary of Ingress `{name}` in the "
                    f"cluster, `{canary}`, at a weight of 0 too, and gateway `{entry.gateway}` reads one canary of a "
                    "route: no request enters the lane",
                    notes=(note_at(entry.document, ("metadata", "name"), "the entry"),),
                    help=f"take the Ingress out of `{document.identity.ref}` while the lane is there, open another "
                    "entry with `spec.traffic.entries`, or choose gateway `higress` or `mse`; accept it where no such "
                    "canary is in the cluster",
                )
