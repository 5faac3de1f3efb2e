"""Syntax of kinds, names and labels.

Source: kubernetes apimachinery pkg/util/validation/validation.go (IsDNS1035Label, IsDNS1123Label,
IsDNS1123Subdomain, IsQualifiedName, IsValidLabelValue) and pkg/api/validation/path/name.go (IsValidPathSegmentName).
"""

import re

from grayc.k8s.kinds import GroupKind, NameRule, name_rule_of

LABEL_VALUE_LIMIT = 63
KIND_LIMIT = 63
_LABEL_LIMIT, _SUBDOMAIN_LIMIT, _QUALIFIED_LIMIT = 63, 253, 63

_PATTERNS = {
    NameRule.LABEL_1035: re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?"),
    NameRule.LABEL_1123: re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"),
    NameRule.SUBDOMAIN_1123: re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"),
    NameRule.PATH_SEGMENT: re.compile(r"(?!\.{1,2}\Z)[^/%]+"),
}
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_KIND = re.compile(r"[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?")

RULE_WORDS = {
    NameRule.LABEL_1035: "lower-case letters, digits and `-`, starting with a letter",
    NameRule.LABEL_1123: "lower-case letters, digits and `-`, starting and ending with a letter or digit",
    NameRule.SUBDOMAIN_1123: "lower-case letters, digits, `-` and `.`, starting and ending with a letter or digit",
    NameRule.PATH_SEGMENT: "any signs that show, but `/` and `%`, and neither `.` nor `..` alone",
}
LABEL_VALUE_WORDS = (
    f"at most {LABEL_VALUE_LIMIT} letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
)
RULE_LIMITS: dict[NameRule, int | None] = {
    NameRule.LABEL_1035: _LABEL_LIMIT,
    NameRule.LABEL_1123: _LABEL_LIMIT,
    NameRule.SUBDOMAIN_1123: _SUBDOMAIN_LIMIT,
    NameRule.PATH_SEGMENT: None,
}
"""Characters that a name of each rule may have; None for any number."""


def is_name(name: str, rule: NameRule) -> bool:
    """Tell whether a name has the syntax of `rule`; its length is a fact of the kind.

    Of a path segment Kubernetes leaves all signs to the user. One that does not show (a line end, an escape, a mark of
    direction) is refused here all the same: nobody could tell what he reads.
    """
    return _PATTERNS[rule].fullmatch(name) is not None and (rule is not NameRule.PATH_SEGMENT or name.isprintable())


def is_name_of(group_kind: GroupKind, name: str) -> bool:
    """Tell whether some cluster takes a name for an object of a kind."""
    rule = name_rule_of(group_kind)
    limit = RULE_LIMITS[rule]
    return (limit is None or len(name) <= limit) and is_name(name, rule)


def is_dns_label(text: str) -> bool:
    """Tell whether a text is an RFC 1123 label of at most 63 characters. Source: IsDNS1123Label."""
    return len(text) <= _LABEL_LIMIT and is_name(text, NameRule.LABEL_1123)


def is_namespace(name: str) -> bool:
    """Tell whether a namespace may have this name. Source: ValidateNamespaceName."""
    return is_dns_label(name)


def is_kind(kind: str) -> bool:
    """Tell whether a kind may be called so.

    Source: apiextensions-apiserver, ValidateCustomResourceDefinitionNames: in lower case, an RFC 1035 label.
    """
    return len(kind) <= KIND_LIMIT and _KIND.fullmatch(kind) is not None


def is_api_version(api_version: str) -> bool:
    """Tell whether a text is a version, or a group, `/` and a version.

    Source: kube-aggregator, ValidateAPIService: a group is an RFC 1123 subdomain, a version an RFC 1035 label.
    """
    group, slash, version = api_version.rpartition("/")
    return (
        len(version) <= _LABEL_LIMIT
        and is_name(version, NameRule.LABEL_1035)
        and (not slash or (len(group) <= _SUBDOMAIN_LIMIT and is_name(group, NameRule.SUBDOMAIN_1123)))
    )


def is_label_key(key: str) -> bool:
    """Tell whether a label may be called so: a name, or a domain, `/` and a name. Source: IsQualifiedName."""
    domain, slash, name = key.rpartition("/")
    return (
        0 < len(name) <= _QUALIFIED_LIMIT
        and _LABEL_VALUE.fullmatch(name) is not None
        and (not slash or (len(domain) <= _SUBDOMAIN_LIMIT and is_name(domain, NameRule.SUBDOMAIN_1123)))
    )


def is_label_value(value: str) -> bool:
    """Tell whether a label may have this value."""
    return len(value) <= LABEL_VALUE_LIMIT and _LABEL_VALUE.fullmatch(value) is not None
