"""The words of pictures and pages, in every language that they are made in.

A sentence is made of data here and nowhere else: rules, reasons, states of calls. What a finding says is English in all
languages, as its page is. Terms in Chinese are those of Zadig's and Alibaba Cloud's own pages: 灰度, 基线, 泳道.
"""

from collections.abc import Iterable
from typing import assert_never

from grayc.analysis.traffic import is_switch, without_secrets
from grayc.plan.reasons import SENTENCES, Reason
from grayc.report.graph.links import Look
from grayc.report.language import Language
from grayc.report.plan import is_nobody, show_rule
from grayc.report.texts import TEXTS
from grayc.report.words_zh import KIND_REASONS, REASONS
from grayc.spec.model import CookieRule, HeaderRule, Rule, WeightRule


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


def _rule_in_chinese(rule: Rule) -> str:
    shown = without_secrets(rule)
    match shown:
        case HeaderRule(name=name, pattern=str(pattern)):
            return f"请求头 {name} 匹配 {pattern}"
        case HeaderRule(name=name, values=values) if not is_switch(shown):
            return f"请求头 {name} 等于 {' 或 '.join(values)}"
        case HeaderRule(name=name):
            return f"请求头 {name} 等于 always（never 留在基线）"
        case CookieRule(name=name, value=value):
            return f"Cookie {name} 等于 {value if value is not None else 'always'}"
        case WeightRule(percent=percent):
            return f"其余请求的 {percent} %"
        case _:
            assert_never(shown)
