"""Gray routes of the Gateway API ask for header values by expression only where the Gateway's implementation can."""

from collections.abc import Callable

from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get_list, get_text
from grayc.k8s.gateway_classes import NO_HEADER_EXPRESSIONS, Lacking
from grayc.k8s.gateways import GRPC_ROUTE, HTTP_ROUTE
from grayc.k8s.kinds import GATEWAY
from grayc.plan.model import ReleasePlan


def check_header_expressions(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the gray routes whose expressions their Gateway does not follow.

    Diagnostics:
        GC548: a rule needs an expression, or a query match, that the GatewayClass is known to be without.
    Source: `k8s.gateway_classes`; kubernetes-sigs/gateway-api apis/v1/httproute_types.go, HeaderMatchRegularExpression:
    "implementation-specific".
    """
    routes = [
        document
        for document in documents
        if document.identity.group_kind in (HTTP_ROUTE, GRPC_ROUTE) and _asked(document)
    ]
    if not routes:
        return ()
    lacking = _lacking(plan)
    found = []
    for route in routes:
        home = plan.key_of(route.identity).namespace
        for parent in get_list(route.data, ("spec", "parentRefs")):
            name = (get_text(parent, ("namespace",)) or home, get_text(parent, ("name",)))
            if get_text(parent, ("kind",)) not in ("", "Gateway") or name not in lacking:
                continue
            gateway, row = lacking[name]
            asked = next((what for what, lacks in _asked(route).items() if lacks is None or lacks(row)), "")
            if not asked:
                continue
            found.append(
                at_object(
                    route,
                    ("spec", "rules"),
                    code="GC548",
                    message=f"the rules need a {asked}, and {row.product}, which Gateway `{name[1]}` is of, {row.does}",
                    notes=(note_at(gateway, ("spec", "gatewayClassName"), "the Gateway's class"),),
                    help="ask for a header's whole `value` or `values`, which are matches of type Exact; or accept it "
                    "where your version has such matches",
                )
            )
            break
    return tuple(found)


def _lacking(plan: ReleasePlan) -> dict[tuple[str, str], tuple[Document, Lacking]]:
    """Return namespace and name of the Gateways of a class without expressions, each with its row."""
    classes = {
        document.identity.name: NO_HEADER_EXPRESSIONS[controller]
        for document in plan.baseline
        if document.identity.group_kind == (GATEWAY, "GatewayClass")
        and (controller := get_text(document.data, ("spec", "controllerName"))) in NO_HEADER_EXPRESSIONS
    }
    return {
        (plan.key_of(document.identity).namespace, document.identity.name): (document, classes[name])
        for document in (plan.baseline if classes else ())
        if document.identity.group_kind == (GATEWAY, "Gateway")
        and (name := get_text(document.data, ("spec", "gatewayClassName"))) in classes
    }


def _asked(route: Document) -> dict[str, Callable[[Lacking], bool] | None]:
    """Return what a route asks for that not all implementations have, in words → whether one of the rows lacks it.

    None stands for what every row lacks.
    """
    found: dict[str, Callable[[Lacking], bool] | None] = {}
    for rule in get_list(route.data, ("spec", "rules")):
        for match in get_list(rule, ("matches",)):
            for key, what in (("headers", "header"), ("queryParams", "query")):
                for item in get_list(match, (key,)):
                    name = get_text(item, ("name",))
                    if get_text(item, ("type",)) == "RegularExpression":
                        found[f"{what} match by expression on `{name}`"] = None
                    elif key == "queryParams":
                        found[f"query match on `{name}`"] = lambda row: row.has_no_query
    return found
