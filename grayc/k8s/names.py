"""Syntax of names and label values.

Source: kubernetes apimachinery pkg/util/validation/validation.go (IsDNS1035Label, IsDNS1123Label,
IsDNS1123Subdomain, IsValidLabelValue).
"""

import re

from grayc.k8s.kinds import NameRule

LABEL_VALUE_LIMIT = 63

_PATTERNS = {
    NameRule.LABEL_1035: re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?"),
    NameRule.LABEL_1123: re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"),
    NameRule.SUBDOMAIN_1123: re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"),
}
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")

RULE_WORDS = {
    NameRule.LABEL_1035: "lower-case letters, digits and `-`, starting with a letter",
    NameRule.LABEL_1123: "lower-case letters, digits and `-`, starting and ending with a letter or digit",
    NameRule.SUBDOMAIN_1123: "lower-case letters, digits, `-` and `.`, starting and ending with a letter or digit",
}


def is_name(name: str, rule: NameRule) -> bool:
    """Tell whether a name has the syntax of `rule`; its length is a fact of the kind."""
    return _PATTERNS[rule].fullmatch(name) is not None


def is_label_value(value: str) -> bool:
    """Tell whether a label may have this value."""
    return len(value) <= LABEL_VALUE_LIMIT and _LABEL_VALUE.fullmatch(value) is not None
