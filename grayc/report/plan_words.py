"""Rules, checks and work of a plan in words, for whoever shows them."""

from typing import assert_never

from grayc.analysis.endings import all_endings, endings_below
from grayc.analysis.traffic import without_secrets
from grayc.analysis.work_rows import WorkRow
from grayc.routing.matching import shown_path
from grayc.spec.model import (
    AllRule,
    ByClient,
    ByValue,
    Condition,
    ContainerCheck,
    Digits,
    HttpCheck,
    Part,
    Rule,
    TaggedRule,
    Verification,
    WeightRule,
    WorkMode,
)


def is_nobody(rule: Rule) -> bool:
    """Tell whether a rule lets nobody in: what a step of a rollout has whose entry is closed."""
    return isinstance(rule, WeightRule) and rule.percent == 0


def show_rule(rule: Rule) -> str:
    """Return a rule in words."""
    match without_secrets(rule):
        case Condition() as condition:
            return _show_condition(condition)
        case AllRule(conditions=conditions):
            return " and ".join(map(_show_condition, conditions))
        case TaggedRule(carrier=carrier, tag=tag):
            return f"{carrier.told} is {tag}, which the client brings itself"
        case WeightRule(percent=percent, by=None):
            return f"{percent} % of all other requests"
        case WeightRule(percent=percent, by=ByClient()):
            return f"{percent} % of all other clients, each always the same way"
        case WeightRule(percent=percent, by=ByValue() as by):
            return f"{percent} % of all others by {by.part} {by.name}: {_endings(percent, by.digits)}"
        case _:
            raise AssertionError(rule)


def _show_condition(condition: Condition) -> str:
    what = "query parameter" if condition.part is Part.QUERY else str(condition.part)
    if condition.pattern is not None:
        return f"{what} {condition.name} matches {condition.pattern}"
    if condition.is_switch:
        return f"{what} {condition.name} is a switch: always goes gray, never stays on the baseline"
    return f"{what} {condition.name} is {' or '.join(condition.values)}"


def _endings(percent: int, digits: Digits) -> str:
    """Return the endings of a share in words."""
    count, every = endings_below(percent, digits), all_endings(digits)
    if count in (0, every):
        return f"{'no' if count == 0 else 'any'} two last digits"
    last = f"{count - 1:02d}" if digits is Digits.DECIMAL else f"{count - 1:02x}"
    words = "last two digits 00" + (f" to {last}" if count > 1 else "")
    return words if digits is Digits.DECIMAL else f"{words} in hex, {count} of {every}"


def show_check(check: Verification) -> str:
    """Return what a check asks for, in words."""
    match check:
        case ContainerCheck(image=image):
            return f"{image} ends with status 0"
        case HttpCheck():
            port = f":{check.port}" if check.port is not None else ""
            text = f" with `{check.body}`" if check.body else ""
            return f"{check.service}{port}{shown_path(check.request_path)} answers {check.status}{text}"
        case _:
            assert_never(check)


def show_work_row(row: WorkRow) -> str:
    """Return a row about work in words: what it is, and whose."""
    shown = row.shown
    if row.before:
        return f"{shown}; production's is {row.before}"
    if not row.is_asked:
        return shown
    match row.service.work:
        case WorkMode.IDLE:
            return f"{shown}: not listened to"
        case WorkMode.SHARED:
            return f"{shown}: shared with production"
        case _:
            return f"{shown}: of each pod" if row.is_each else shown
