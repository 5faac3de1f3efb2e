"""The plan as plain data: what is copied, shared, left out and opened, and why."""

from typing import assert_never

from grayc.analysis.capacity import RESOURCES, STORAGE, Capacity, show_amount
from grayc.analysis.chain import Route
from grayc.analysis.identities import left_off
from grayc.analysis.named_services import NamedCall
from grayc.analysis.preview import MeshHost, Preview, StepPreview
from grayc.analysis.stores import Store
from grayc.analysis.traffic import without_secrets
from grayc.diagnostics import Severity
from grayc.plan.model import Entry
from grayc.plan.reasons import why_data
from grayc.report.curl import curl
from grayc.report.mask import masked
from grayc.report.plan_words import show_check, show_rule
from grayc.routing.matching import shown_path
from grayc.spec.model import (
    ContainerCheck,
    HttpCheck,
    Rule,
    Verification,
)
from grayc.spec.rule_data import encode


def _step_data(preview: StepPreview) -> dict[str, object]:
    step, told = preview.step, tuple(map(masked, preview.found))
    return {
        "name": step.name,
        "rules": [_rule_data(rule) for rule in step.rules],
        "replicas": dict(step.replicas),
        "pods": {name: _both(pods.low, pods.high) for name, pods in preview.pods.items()} or None,
        "pause": step.pause or None,
        "errors": [item.message for item in told if item.severity is Severity.ERROR],
        "warnings": [item.message for item in told if item.severity is Severity.WARNING],
        "accepted": [{"message": item.message, "reason": item.accepted} for item in told if item.accepted is not None],
        # Only long rollouts have such steps.
        **({} if preview.is_seen else {"isSeen": False}),
    }


def _edge_data(call: NamedCall) -> dict[str, object]:
    return {
        "caller": call.caller,
        "released": call.is_released,
        "callee": call.callee,
        "carried": str(call.edge.carriage),
        **why_data(call.edge.why),
        "addresses": [
            {
                "service": mention.name,
                "copy": "gray" if mention.is_gray else "baseline",
                "container": mention.reading.container,
                "by": str(mention.reading.via),
                "name": mention.reading.name or None,
                "object": mention.reading.document.origin.ref,
                "field": mention.field,
            }
            for mention in call.mentions
        ],
    }


def _store_data(store: Store) -> dict[str, object]:
    return {
        "store": store.name,
        "kinds": [str(kind) for kind in store.kinds],
        "products": list(store.products),
        "addressKnown": store.is_known,
        "readOnly": store.is_read_only,
        "services": list(store.services),
        "fields": [
            {
                "service": use.service,
                "setting": use.setting,
                "object": use.document.identity.ref,
                "field": use.field,
            }
            for use in store.uses
        ],
    }


def _both(least: object, most: object) -> dict[str, object]:
    return {"atLeast": least, "atMost": most}


def _capacity_data(capacity: Capacity) -> dict[str, object]:
    low, high = capacity.volumes(at_most=False), capacity.volumes(at_most=True)
    return {
        "pods": _both(capacity.pods(at_most=False), capacity.pods(at_most=True)),
        **{
            resource: _both(
                *(show_amount(resource, capacity.requested(resource, at_most=most)) for most in (False, True))
            )
            for resource in RESOURCES
        },
        "volumes": _both(low[0], high[0]),
        "storage": _both(show_amount(STORAGE, low[1]), show_amount(STORAGE, high[1])),
        "loadBalancers": list(capacity.load_balancers),
        "workloads": [
            {
                "service": ask.service,
                "kind": ask.document.identity.kind,
                "namespace": ask.document.identity.namespace or None,
                "name": ask.document.identity.name,
                "pods": _both(ask.pods.low, ask.pods.high),
                "autoscaler": ask.pods.scaler or None,
                **{resource: show_amount(resource, ask.requests[resource]) for resource in RESOURCES},
                "volumes": ask.volumes[0],
                "storage": show_amount(STORAGE, ask.volumes[1]),
                "withoutRequests": list(ask.silent),
            }
            for ask in capacity.asks
        ],
    }


def _rule_data(rule: Rule) -> dict[str, object]:
    """Return a rule as the release language writes it, and in words; what proves who calls is masked."""
    return {**encode(without_secrets(rule)), "text": show_rule(rule)}


def _entry_data(entry: Entry) -> dict[str, object]:
    identity = entry.document.identity
    return {
        "kind": identity.kind,
        "namespace": identity.namespace or None,
        "name": identity.name,
        "gateway": str(entry.gateway),
        "paths": [
            {
                "host": path.host or None,
                "path": path.text or None,
                "leadsTo": path.baseline_service,
                "service": path.service.name if path.service is not None else None,
            }
            for path in entry.paths
        ],
    }


def _check_data(check: Verification) -> dict[str, object]:
    match check:
        case ContainerCheck(image=image):
            return {"image": image}
        case HttpCheck():
            asked = {"service": check.service, "path": shown_path(check.request_path), "port": check.port}
            return {**asked, "status": check.status, "body": check.body or None}
        case _:
            assert_never(check)


def _route_data(route: Route) -> dict[str, object]:
    return {
        "hops": [
            {
                "service": hop.name,
                "copy": hop.copy,
                **({} if hop.edge is None else {"carried": str(hop.edge.carriage), **why_data(hop.edge.why)}),
            }
            for hop in route.hops
        ],
        "entered": route.is_entered,
        "fallsBack": list(route.falls_back),
        "comesBack": list(route.comes_back),
    }


def _mesh_data(host: MeshHost) -> dict[str, object]:
    return {
        "service": host.service[1],
        "namespace": host.service[0] or None,
        "file": host.file or None,
        "baselineObjects": list(host.routes),
        "lanes": list(host.lanes),
    }


def plan_data(preview: Preview) -> dict[str, object]:
    """Return a plan as plain data."""
    plan = preview.plan
    spec = plan.spec
    return {
        "release": spec.name,
        "tag": spec.tag,
        "namespace": spec.namespace,
        "expires": spec.expires,
        "owner": spec.owner,
        "lane": {
            "provider": str(spec.lane.provider),
            "profile": str(spec.lane.profile),
            "header": spec.lane.carrier.header,
            **({"baggage": spec.lane.carrier.member} if spec.lane.carrier.is_shared else {}),
            "isolation": str(plan.isolation),
            "relabelled": list(plan.relabelled),
        },
        "gateway": str(spec.traffic.gateway) if spec.traffic else None,
        "gateways": [str(gateway) for gateway in plan.gateways],
        "rules": [_rule_data(rule) for rule in plan.rules],
        "entries": [_entry_data(entry) for entry in plan.entries],
        "objects": [
            {
                "service": decision.service,
                "apiVersion": decision.document.identity.api_version,
                "kind": decision.document.identity.kind,
                "namespace": decision.document.identity.namespace or None,
                "name": decision.document.identity.name,
                "action": str(decision.action),
                "grayName": decision.gray_name,
                "reason": str(decision.reason),
                "because": decision.reason.data,
                "file": decision.document.start.file,
                "line": decision.document.start.line,
            }
            for decision in plan.decisions
        ],
        "references": [
            {
                "service": row.service,
                "by": row.document.identity.ref,
                "field": row.field,
                "group": row.target.group_kind[0],
                "kind": row.target.group_kind[1],
                "namespace": row.namespace or None,
                "name": row.target.name,
                "state": str(row.state),
                "reason": str(row.reason),
                "because": row.reason.data,
            }
            for row in plan.named
        ],
        # Few baselines carry such marks.
        **(
            {"leftOff": [{"mark": row.mark, "owner": row.owner or None, "objects": list(row.objects)} for row in left]}
            if (left := left_off(plan))
            else {}
        ),
        # Only where a build would open the lane.
        **(
            {
                "enter": [
                    {
                        "host": each.host,
                        "rule": show_rule(each.rule),
                        "curl": curl(each, is_https=each.is_https, without=each.without),
                    }
                    for each in preview.entering
                ]
            }
            if preview.entering
            else {}
        ),
        "steps": [_step_data(step) for step in preview.steps],
        "calls": [_route_data(route) for route in preview.routes],
        # Only lanes whose calls a header carries have such rows.
        **(
            {
                "propagation": [
                    {
                        "service": name,
                        "by": None if each.by is None else str(each.by),
                        "said": each.is_said,
                        "ends": each.ends,
                        **why_data(each.why),
                    }
                    for name, each in preview.passing
                ]
            }
            if preview.passing
            else {}
        ),
        # Only lanes whose calls addresses carry have such rows.
        **({"edges": [_edge_data(call) for call in preview.edges.calls]} if preview.edges is not None else {}),
        # Only where there are very many.
        **({"edgesWhole": False} if preview.edges is not None and not preview.edges.is_whole else {}),
        **(
            {
                "unreadConfig": [
                    {"object": document.identity.ref, "services": list(services)}
                    for document, services in preview.edges.unread
                ]
            }
            if preview.edges is not None and preview.edges.unread
            else {}
        ),
        "checks": [
            {"name": check.name, "expects": show_check(check), **_check_data(check), "timeoutSeconds": check.timeout}
            for check in spec.verifications
        ],
        "capacity": None if preview.capacity is None else _capacity_data(preview.capacity),
        "work": [
            {
                "service": row.service.name,
                "mode": str(row.service.work) if row.service.work is not None else None,
                "what": str(row.role),
                "product": str(row.product) or None,
                "name": row.name or None,
                "production": row.before or None,
                "own": row.is_own,
                "label": row.label or None,
                "setting": row.setting,
                "object": row.ref,
            }
            for row in preview.work
        ],
        **({"stores": [_store_data(store) for store in preview.stores]} if preview.stores else {}),
        **({"storesUnnamed": list(preview.orphans)} if preview.orphans else {}),
        **(
            {"secretsUnread": [{"name": name, "services": list(each)} for name, each in preview.unread.items()]}
            if preview.unread
            else {}
        ),
        **({"mesh": [_mesh_data(host) for host in preview.mesh]} if preview.mesh else {}),
        **({"lasting": list(preview.lasting)} if preview.lasting else {}),
    }
