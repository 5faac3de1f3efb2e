"""How Alibaba Cloud's ALB Ingress controller reads Ingresses: the words of its annotations, and in what order.

Sources: alibaba/alibaba-load-balancer-controller c277108, pkg/controller/ingress/reconcile (annotations/annotations.go,
builder/albconfig_manager/group_loader.go and model_build_listener_rules.go, store/common.go) and pkg/model/alb; Alibaba
Cloud help, "Perform canary releases by using ALB Ingresses", "Customize forwarding rules for an ALB Ingress" and
"CreateRule". The controller of a cluster may be younger than its public source; where the pages say more than the
source, the pages count.
"""

import json
import re
from collections.abc import Mapping, Sequence

from grayc.k8s.numbers import read_integer
from grayc.records import dataclass

ALB_PREFIX = "alb.ingress.kubernetes.io/"
ORDERS = (f"{ALB_PREFIX}albconfig.order", f"{ALB_PREFIX}order")
"""What names an Ingress's place; the first that is there counts."""
DEFAULT_ORDER, FIRST_ORDER, LAST_ORDER = 10, 1, 1000
ACTIONS, CONDITIONS = f"{ALB_PREFIX}actions.", f"{ALB_PREFIX}conditions."
"""Annotations that end with the name of a backend's Service."""
DIRECTION = f"{ALB_PREFIX}rule-direction."
USE_ANNOTATION = "use-annotation"
"""A backend's port where its actions say what becomes of a request, and its Service need not be there."""
FINAL_ACTIONS = frozenset({"forwardgroup", "redirect", "fixedresponse"})
"""Types of actions, in lower case, of which a rule has one; it ends there."""
MOST_CONDITIONS = 10
"""Conditions of one rule of a standard load balancer. Source: CreateRule."""

# Source: CreateRule, RuleConditions; terraform-provider-alicloud 2723c95, alb_rule. `*` and `?` stand for other signs
# there; of a query, and of what starts with `~`, the pages do not say how it is read, so that is left out.
_HEADER_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_HEADER_VALUE = re.compile(r"(?![ ~])[\x20-\x21\x23-\x29\x2b-\x3e\x40-\x5b\x5d-\x7e]{1,128}(?<! )")
_COOKIE = re.compile(r"(?!~)[a-z0-9!$%'()+,./:=@^_`~-]{1,100}")
_COOKIE_NAME = re.compile(r"[a-z0-9!$%'+._~-]{1,100}")
_QUERY = re.compile(r"[a-z0-9._:@/,-]{1,100}")
_NOT_HEADERS = frozenset({"cookie", "host"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An annotation that the controller cannot read, for which it gives up the whole load balancer."""

    reason: str


def order_of(annotations: Mapping[str, object]) -> int | Unreadable | None:
    """Return the place that an Ingress names for itself, None for none."""
    text = next((value for name in ORDERS if isinstance(value := annotations.get(name), str)), "")
    if not text:
        return None
    number = read_integer(text)
    if number is None or not FIRST_ORDER <= number <= LAST_ORDER:
        return Unreadable(reason=f"order `{text}` is no number from {FIRST_ORDER} to {LAST_ORDER}")
    return number


def place_of(order: int | None, namespace: str, name: str) -> tuple[int, str]:
    """Return what Ingresses of one load balancer are sorted by: the rules of the first are asked first."""
    return DEFAULT_ORDER if order is None else order, f"{namespace}/{name}"


def listed(text: object) -> list[dict[str, object]] | None:
    """Return the actions or conditions of an annotation as it has them; None for what is no such list."""
    if not isinstance(text, str):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(item, dict) for item in found) else None


def as_read(item: Mapping[str, object]) -> dict[str, object]:
    """Return an action or condition with its keys in lower case, and its type too.

    Source: Go's encoding/json takes a key in any case; model_build_listener_rules.go, a type too.
    """
    found = {str(key).lower(): _lowered(value) for key, value in item.items()}
    kind = found.get("type")
    return {**found, "type": kind.lower() if isinstance(kind, str) else ""}


def _lowered(data: object) -> object:
    if isinstance(data, dict):
        return {str(key).lower(): _lowered(value) for key, value in data.items()}
    return [_lowered(item) for item in data] if isinstance(data, list) else data


def written(items: Sequence[Mapping[str, object]]) -> str:
    """Return actions or conditions as an annotation has them."""
    return json.dumps(list(items), ensure_ascii=False)


def takes_header(name: str, value: str) -> bool:
    """Tell whether a condition can ask a header for a value, and for no other."""
    is_name = _HEADER_NAME.fullmatch(name) is not None and name.lower() not in _NOT_HEADERS
    return is_name and _HEADER_VALUE.fullmatch(value) is not None


def takes_cookie(name: str, value: str) -> bool:
    """Tell whether a condition can ask a cookie for a value, and for no other."""
    return _COOKIE_NAME.fullmatch(name) is not None and _COOKIE.fullmatch(value) is not None


def takes_query(name: str, value: str) -> bool:
    """Tell whether a condition can ask a query parameter for a value, and for no other."""
    return _QUERY.fullmatch(name) is not None and _QUERY.fullmatch(value) is not None


def gray_ingress_name(name: str, part: str, suffix: str) -> str:
    """Return a name that sorts right before a baseline's: its last sign behind a `-`, which sorts before any other.

    "" where there is no such name.
    """
    stem = name[:-1]
    return f"{stem}-{name[-1]}{part}{suffix}" if stem and not stem.endswith(".") else ""
