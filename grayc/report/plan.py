"""The plan for people and as data: what is copied, shared, left out and opened, and why."""

from grayc.plan.model import Action, Decision, ReleasePlan
from grayc.report.visible import columns, visible, without_commands
from grayc.spec.model import CookieRule, HeaderRule, Rule, WeightRule

_SIGNS = {Action.COPY: "+", Action.SHARE: "=", Action.LEAVE_OUT: "-", Action.OPEN: ">", Action.COLOUR: ">"}


def render_plan(plan: ReleasePlan) -> str:
    """Return a release's plan as text, service by service."""
    spec = plan.spec
    lines = [
        f"release {spec.name}: tag {spec.tag}"
        + (f", namespace {spec.namespace}" if spec.namespace else "")
        + f", lane {spec.lane.provider} (header {spec.lane.header}, isolation {plan.isolation})"
    ]
    if plan.relabelled:
        labels = ", ".join(plan.relabelled)
        lines.append(f"gray pods are told apart by the values of {labels}: they end in -mse-{spec.tag}")
    for service in spec.services:
        decisions = [decision for decision in plan.decisions if decision.service == service.name]
        replicas = 1 if service.replicas is None else service.replicas
        lines += ["", f"{service.name}: {replicas} replica{'' if replicas == 1 else 's'}"]
        names = [_title(decision) for decision in decisions]
        width = max((columns(name) for name in names), default=0)
        for name, decision in zip(names, decisions, strict=True):
            pad = " " * (width - columns(name))
            lines.append(f"  {_SIGNS[decision.action]} {name}{pad}  {decision.action}: {decision.reason}")
            lines.append(f"    {decision.document.span()}")
    if plan.rules:
        lines += ["", f"who goes gray ({spec.traffic.gateway if spec.traffic else ''}), in order of precedence:"]
        lines += [f"  {at}. {show_rule(rule)}" for at, rule in enumerate(plan.rules, 1)]
    elif not plan.entries:
        lines += [
            "",
            f"no entry is opened: nothing reaches the lane but calls that carry `{spec.lane.header}: {spec.tag}`",
        ]
    return without_commands("\n".join(visible(line) for line in lines)) + "\n"


def _title(decision: Decision) -> str:
    title = str(decision.document.identity)
    return f"{title} -> {decision.gray_name}" if decision.gray_name else title


def show_rule(rule: Rule) -> str:
    """Return a rule in words."""
    match rule:
        case HeaderRule(name=name, pattern=str(pattern)):
            return f"header {name} matches {pattern}"
        case HeaderRule(name=name, values=values) if values:
            return f"header {name} is {' or '.join(values)}"
        case HeaderRule(name=name):
            return f"header {name} is always (never stays on the baseline)"
        case CookieRule(name=name, value=value):
            return f"cookie {name} is {value if value is not None else 'always'}"
        case WeightRule(percent=percent):
            return f"{percent} % of all other requests"


def plan_data(plan: ReleasePlan) -> dict[str, object]:
    """Return a plan as plain data."""
    spec = plan.spec
    return {
        "release": spec.name,
        "tag": spec.tag,
        "namespace": spec.namespace,
        "lane": {
            "provider": str(spec.lane.provider),
            "header": spec.lane.header,
            "isolation": str(plan.isolation),
            "relabelled": list(plan.relabelled),
        },
        "gateway": str(spec.traffic.gateway) if spec.traffic else None,
        "rules": [show_rule(rule) for rule in plan.rules],
        "objects": [
            {
                "service": decision.service,
                "apiVersion": decision.document.identity.api_version,
                "kind": decision.document.identity.kind,
                "namespace": decision.document.identity.namespace or None,
                "name": decision.document.identity.name,
                "action": str(decision.action),
                "grayName": decision.gray_name,
                "reason": decision.reason,
                "file": decision.document.span().file,
                "line": decision.document.span().line,
            }
            for decision in plan.decisions
        ],
    }
