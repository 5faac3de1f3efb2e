"""Which names stand for a secret value, and which fields of an object hold one.

Values are secrets; names are not: of objects, keys, variables, headers, cookies, and of the field that tells where a
secret is. Labels are no secrets either: selectors are made of them, and every program in the cluster reads them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from grayc.k8s.alb_ingresses import ACTIONS, CONDITIONS
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.merge_keys import merge_rules

_PARTS = (
    "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey",
    "authkey", "signingkey", "encryptionkey", "masterkey", "sshkey", "connectionstring", "requirepass", "masterauth",
)  # fmt: skip
"""In any place of a name, case and separators aside."""

_WORDS = frozenset(
    {"auth", "authorization", "creds", "dsn", "key", "keys", "pass", "pw", "pwd", "salt", "jwt", "cookie"}
)
"""As a word of its own: `KEY` in `SIGN_KEY`, not in `KEYCLOAK_URL`."""

_CREDENTIALS = frozenset({"auth", "authorization", "creds", "jwt", "pass", "pw", "pwd"})
"""Those of `_WORDS` that name what a caller proves itself with: not the header `cookie`, nor `x-lane-key`."""

_BORDERS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""Annotation that holds the whole object once more. Source: Kubernetes, "Well-Known Labels, Annotations and Taints"."""

_PLACES = (
    "name", "names", "ref", "refs", "path", "file", "mode", "seconds", "selector", "namespace", "kind", "type",
)  # fmt: skip
_PLACE_KEYS = frozenset({"key", "keys"})
"""How fields end, and fields, that tell where a secret is, not what it is."""

_SETTINGS = ("algorithm", "duration", "encoding", "expiration", "policy", "role", "rotation", "size")
"""How annotations end, besides, that say how a secret is made. Source: cert-manager, "Annotated Ingress resource"."""

_GATEWAYS = frozenset({"nginx.ingress.kubernetes.io", "mse.ingress.kubernetes.io", "higress.io", "haproxy.org"})
"""Groups of annotations that name Secrets, cookies and ways of authentication, and hold no value of theirs.

Source: ingress-nginx, "Annotations" (`auth-secret`, `auth-type`, `session-cookie-name`, …).
"""

_KEYS_BY_NAME: frozenset[tuple[str, str]] = frozenset({("external-secrets.io", "secretKey")})
"""Group and field that names a key of a Secret. Source: External Secrets Operator, ExternalSecret, `spec.data`."""

_LABELS = frozenset({"labels", "matchLabels"})
_SETS_HEADERS = frozenset({"add", "set", "requestHeaderModifier", "responseHeaderModifier", "httpHeaders"})
_MATCHES = frozenset({"match", "matches"})
"""Where a gateway's rules look at requests. Source: Gateway API, HTTPRouteMatch; Istio, HTTPMatchRequest."""

_CONDITION_KEY = re.compile(r'"[Kk]ey"\s*:\s*"([^"]*)"')
_BY_HEADER = re.compile(r"(.*/canary-by-(?:header|query))-(?:value|pattern)")


@lru_cache(maxsize=4_096)
def looks_secret(name: str) -> bool:
    """Tell whether a variable or key of this name may hold a secret.

    Errs on the safe side: a value hidden without need costs less than one shown.
    """
    words = [word.lower() for word in _BORDERS.split(name)]
    joined = "".join(words)
    return any(part in joined for part in _PARTS) or not _WORDS.isdisjoint(words)


def names_secret(word: str) -> bool:
    """Tell whether a word means a secret wherever it stands, so that what follows it in a text is one: `password`.

    Not `key`, `auth` or `pass`, which say something else as often.
    """
    lower = word.lower()
    return lower == "authorization" or any(part in lower.replace("_", "").replace("-", "") for part in _PARTS)


@lru_cache(maxsize=4_096)
def is_credential(name: str) -> bool:
    """Tell whether a header or cookie of this name proves who calls, so that the value a rule asks for is a secret.

    Who reviews a rule must see who enters: the values of all others are shown.
    """
    return names_secret(name) or not _CREDENTIALS.isdisjoint(word.lower() for word in _BORDERS.split(name))


def shown_condition(name: str, value: str) -> str:
    """Return the value that a header, query parameter or cookie has or is asked for, as it is shown."""
    return "***" if is_credential(name) else value


def is_place(name: str) -> bool:
    """Tell whether a field tells where a secret is, not what it is: `secretName`, `tokenPath`."""
    return name in _PLACE_KEYS or name.lower().endswith(_PLACES)


def annotation_holds_secret(key: str) -> bool:
    """Tell whether an annotation's value is a secret by its key: `db.example.com/password`."""
    if key == APPLIED:
        return True
    group, slash, name = key.rpartition("/")
    if slash and group in _GATEWAYS:
        return any(part in name.replace("-", "") for part in _PARTS if part != "secret")
    return looks_secret(name) and not name.lower().endswith((*_PLACES, *_SETTINGS))


def is_alb_rule(key: str) -> bool:
    """Tell whether an annotation says what an ALB asks of a request, or does with it."""
    return key.startswith((ACTIONS, CONDITIONS))


def is_hidden_beside(key: str, siblings: Mapping[str, object], names: Sequence[str]) -> bool:
    """Tell whether what stands under a key is a secret by what stands beside it.

    Args:
        key: the key, such as `value`.
        siblings: the mapping that it stands in.
        names: the keys that lead to that mapping.
    """
    if key == "value":
        name = siblings.get("name")
        if not isinstance(name, str):
            # A variable without a name may be any.
            return "env" in names[-2:]
        asks = not _MATCHES.isdisjoint(names) and _SETS_HEADERS.isdisjoint(names)
        return is_credential(name) if asks else looks_secret(name)
    if is_alb_rule(key):
        # A text that holds the name and the value of a header, parameter or cookie.
        return any(map(is_credential, _CONDITION_KEY.findall(str(siblings.get(key, "")))))
    by_header = _BY_HEADER.fullmatch(key)
    return by_header is not None and is_credential(str(siblings.get(by_header[1], "")))


def field_holds_secret(group_kind: GroupKind, names: Sequence[str], *, is_text: bool = False) -> bool:
    """Tell whether the value at a field is a secret, by its own name and those above it.

    Args:
        group_kind: whose field it is; of a kind without a row in `merge_keys`, every name may speak of a secret.
        names: the keys that lead to it, from the object's root, "" for a position in a list.
        is_text: it is one text.
    """
    if not names:
        return False
    if names[-1] == "annotations":
        # Where a text stands in place of the mapping, nobody can tell names from values.
        return is_text
    below = next((at + 1 for at, name in enumerate(names) if name == "annotations"), len(names))
    if below < len(names):
        return annotation_holds_secret(names[below])
    if group_kind == (CORE, "Secret"):
        return names[0] in ("data", "stringData")
    if group_kind == (CORE, "ConfigMap"):
        # Nobody reads what is binary, and it may be a store of keys.
        return names[0] == "binaryData" or (len(names) > 1 and names[0] == "data" and looks_secret(names[1]))
    if len(names) > 2 and names[-1] == "value" and names[-3] == "env":
        return looks_secret(names[-2])
    if merge_rules(*group_kind) is not None or names[0] == "metadata" or not _LABELS.isdisjoint(names):
        return False
    return _is_below_secret(group_kind[0], [name for name in names if name])


def _is_below_secret(group: str, names: Sequence[str]) -> bool:
    """Tell whether a field of a kind that grayc does not know is called a secret, or stands in one."""
    asks = not _MATCHES.isdisjoint(names) and _SETS_HEADERS.isdisjoint(names)
    is_secret = is_credential if asks else looks_secret
    if not any(is_secret(name) and not is_place(name) for name in names if (group, name) not in _KEYS_BY_NAME):
        return False
    # In `credentials: {secretName: …}` the last word says that it is a name.
    return not is_place(names[-1])
