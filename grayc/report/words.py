"""The words of pictures and pages, in every language that they are made in.

A sentence is made of data here and nowhere else: rules, reasons, states of calls. What a finding says is English in all
languages, as its page is. Terms in Chinese are those of Zadig's and Alibaba Cloud's own pages: 灰度, 基线, 泳道.
"""

import re
from collections.abc import Iterable
from typing import assert_never

from grayc.analysis.endings import all_endings, endings_below
from grayc.analysis.traffic import without_secrets
from grayc.k8s.carriers import TagCarrier
from grayc.plan.reasons import SENTENCES, Reason
from grayc.report.graph.links import Look
from grayc.report.language import Language
from grayc.report.plan_words import is_nobody, show_rule
from grayc.report.texts import TEXTS
from grayc.report.words_zh import KIND_REASONS, REASONS, STORES, WANTED
from grayc.spec.model import AllRule, ByClient, ByValue, Condition, Digits, Part, Rule, TaggedRule, WeightRule

_QUOTED = re.compile("`([^`]*)`")


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._at = list(Language).index(language)

    def __call__(self, name: str, **values: object) -> str:
        """Return a text by its name, with its values.

        Raises:
            KeyError: there is no such text.
        """
        return TEXTS[name][self._at].format_map(values)

    def carrier(self, carrier: TagCarrier) -> str:
        """Return what carries the tag of a lane."""
        if carrier.is_shared:
            return self("fact-member", header=carrier.header, member=carrier.member)
        return self("fact-header", header=carrier.header)

    def count(self, name: str, number: int, **values: object) -> str:
        """Return a text with a number: the one called `name` for one thing, `name-s` for any other number."""
        return self(name if number == 1 else f"{name}-s", n=number, **values)

    def link(self, look: Look) -> str:
        """Return what a link of a picture says."""
        return self(f"link-{look.name.lower()}")

    def rules(self, rules: Iterable[Rule]) -> list[str]:
        """Return rules as numbered lines, in their order."""
        return [f"{at}. {self.rule(rule)}" for at, rule in enumerate(rules, 1) if not is_nobody(rule)] or [
            self("nobody")
        ]

    def rule(self, rule: Rule) -> str:
        """Return a rule in words; what proves who calls is masked."""
        match self.language:
            case Language.EN:
                return show_rule(rule)
            case Language.ZH:
                return _rule_in_chinese(rule)
            case _:
                assert_never(self.language)

    def object(self, ref: str, namespace: str) -> str:
        """Return an object, `Kind/name`, with its namespace, if it has one."""
        return self("object-in", object=ref, namespace=namespace) if namespace else ref

    def wanted(self, why: str) -> str:
        """Return why a release wants a change of production's own object."""
        match self.language:
            case Language.EN:
                return why
            case Language.ZH:
                told = WANTED.get(_QUOTED.sub("`{}`", why))
                return why if told is None else told.format(*_QUOTED.findall(why))
            case _:
                assert_never(self.language)

    def store(self, what: str) -> str:
        """Return what a store is: its product, or its kind."""
        match self.language:
            case Language.EN:
                return what
            case Language.ZH:
                return STORES.get(what, what)
            case _:
                assert_never(self.language)

    def reason(self, reason: Reason) -> str:
        """Return a reason in words."""
        match self.language:
            case Language.EN:
                return reason.told(SENTENCES)
            case Language.ZH:
                return _translated(reason).told(REASONS)
            case _:
                assert_never(self.language)


def _translated(reason: Reason) -> Reason:
    """Return a reason with what tables say of kinds in Chinese."""
    values: list[tuple[str, str | Reason]] = []
    for name, value in reason.values:
        if isinstance(value, Reason):
            values.append((name, _translated(value)))
        else:
            values.append((name, KIND_REASONS.get(value, value) if name == "text" else value))
    return Reason(reason.why, tuple(values))


_PARTS = {Part.HEADER: "请求头", Part.QUERY: "查询参数", Part.COOKIE: "Cookie"}


def _rule_in_chinese(rule: Rule) -> str:
    match without_secrets(rule):
        case Condition() as condition:
            return _condition_in_chinese(condition)
        case AllRule(conditions=conditions):
            return " 且 ".join(map(_condition_in_chinese, conditions))
        case TaggedRule(carrier=carrier, tag=tag):
            what = f"{carrier.header} 成员 {carrier.member}" if carrier.is_shared else f"请求头 {carrier.header}"
            return f"{what} 等于 {tag}，由客户端自带"
        case WeightRule(percent=percent, by=None):
            return f"其余请求的 {percent} %"
        case WeightRule(percent=percent, by=ByClient()):
            return f"其余客户端的 {percent} %，每个客户端始终走同一侧"
        case WeightRule(percent=percent, by=ByValue(part=part, name=name, digits=digits)):
            count, every = endings_below(percent, digits), all_endings(digits)
            read = "十六进制末两位" if digits is Digits.HEX else "末两位"
            return f"其余的 {percent} %，按{_PARTS[part]} {name} 的{read}（{every} 个尾号中的前 {count} 个）"
        case _:
            raise AssertionError(rule)


def _condition_in_chinese(condition: Condition) -> str:
    named = f"{_PARTS[condition.part]} {condition.name}"
    if condition.pattern is not None:
        return f"{named} 匹配 {condition.pattern}"
    if condition.is_switch:
        return f"{named} 是开关：always 进入灰度，never 留在基线"
    return f"{named} 等于 {' 或 '.join(condition.values)}"
