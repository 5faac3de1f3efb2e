"""Which names stand for a secret value, and which fields of an object hold one.

Values are secrets; names are not: of objects, keys, variables, headers, cookies, and of the field that tells where a
secret is. Labels are no secrets either: selectors are made of them, and every program in the cluster reads them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from grayc.k8s.alb_ingresses import ACTIONS, CONDITIONS
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.merge_keys import merge_rules
from grayc.records import dataclass

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

_SESSION_COOKIES = frozenset({
    # Spring Security, "Remember-Me Authentication" (`remember-me`); Apache Shiro, CookieRememberMeManager.
    "rememberme",
    # ASP.NET Core, CookieAuthenticationDefaults, IdentityConstants, AntiforgeryOptions; ASP.NET, FormsAuthentication.
    "aspnetcorecookies", "aspnetcoreidentityapplication", "aspnetcoreidentityexternal", "aspxauth",
    # Apache Tomcat, "Single Sign On": `JSESSIONIDSSO`.
    "jsessionidsso",
    # Apereo CAS, "SSO Sessions": the ticket-granting cookie; Keycloak, `KEYCLOAK_IDENTITY`.
    "tgc", "castgc", "keycloakidentity",
})  # fmt: skip
"""Cookies by which a server knows who has signed in, by whole names without separators."""

_SESSION_STARTS = (
    "rememberweb",
    "aspnetcoreantiforgery",
    "wordpressloggedin",
    "wordpresssec",
    "oauth2proxy",
    "shibsession",
)
"""How such names start. Source: Laravel, SessionGuard (`remember_web_…`); ASP.NET Core, AntiforgeryOptions; WordPress,
"Cookies"; OAuth2 Proxy, `--cookie-name`; Shibboleth, SessionCache (`_shibsession_…`)."""

_SESSION_ENDS = (
    "session",
    "sessionid",
    "sessid",
    "sessionkey",
    "sessionuuid",
    "sessiondata",
    "sessioncookie",
    "sessionsig",
)
"""How names of cookies and headers end that hold a session.

Source: Jakarta Servlet, 7.1.1 (`JSESSIONID`); PHP, `session.name` (`PHPSESSID`); Django, SESSION_COOKIE_NAME
(`sessionid`); Flask, SESSION_COOKIE_NAME (`session`); Spring Session, DefaultCookieSerializer (`SESSION`); Rails,
CookieStore (`_APP_session`); ASP.NET, SessionStateSection (`ASP.NET_SessionId`); ASP.NET Core, SessionDefaults
(`.AspNetCore.Session`); cookie-session (`session.sig`). `session-lane` ends otherwise, and says no more than its lane.
"""

_SESSION_WORDS = frozenset({"sid", "sess", "sso"})
"""The last word of a cookie's name alone: a parameter `sid` may be a shop's.

Source: express-session (`connect.sid`); koa-session (`koa.sess`); Salesforce, "Session Security" (`sid`).
"""

_SIGNATURES = frozenset({"signature", "sig"})
"""The last word of what is signed with a secret. Source: GitHub, "Validating webhook deliveries"
(`X-Hub-Signature-256`); AWS, "Authenticating Requests" (`X-Amz-Signature`); Azure, "Service SAS" (`sig`)."""

_VERSION = re.compile(r"v?[0-9]+")

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

WEBHOOKS: tuple[str, ...] = (
    # Slack, "Sending messages using incoming webhooks": the URL holds a secret; "Workflows", webhook triggers.
    r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/",
    # Discord, "Webhook Resource": `webhooks/{webhook.id}/{webhook.token}`.
    r"(?:[\w-]+\.)?discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/[0-9]+/",
    # Microsoft Teams, "Create an Incoming Webhook".
    r"(?:[\w-]+\.)?webhook\.office(?:365)?\.com/webhookb2/",
    r"outlook\.office(?:365)?\.com/webhook/",
    # Feishu and Lark, "Custom bot usage guide".
    r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/(?:v2/)?hook/",
    # Telegram, "Bot API", authorizing your bot: `/bot<token>/METHOD`.
    r"api\.telegram\.org/bot",
    # Zapier, "Trigger Zaps from webhooks"; IFTTT, "Webhooks FAQ".
    r"hooks\.zapier\.com/hooks/catch/",
    r"maker\.ifttt\.com/trigger/[\w-]+/(?:json/)?with/key/",
)
"""Hosts of services, with the start of a path, behind which the path is a secret: who has the URL may post.

DingTalk's `access_token=` and WeCom's and Google Chat's `key=` are parameters, hidden by their names.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordFlag:
    """How a program takes a password by a short flag.

    Attributes:
        flag: as it is written.
        is_apart: the password may also be the next word; else the flag alone asks for it.
    """

    flag: str
    is_apart: bool


_JOINED, _APART = PasswordFlag(flag="-p", is_apart=False), PasswordFlag(flag="-p", is_apart=True)
PASSWORD_FLAGS: Mapping[str, PasswordFlag] = {
    # MySQL 8.4 Reference Manual, 6.2.3 "Command Options for Connecting to the Server": `-p[pass_val]`, no space.
    # MariaDB's clients take it the same way.
    **dict.fromkeys(
        ("mysql", "mysqladmin", "mysqlbinlog", "mysqlcheck", "mysqldump", "mysqlimport", "mysqlpump", "mysqlshow",
         "mysqlslap", "mysqlsh", "mysql_upgrade", "mariadb", "mariadb-admin", "mariadb-binlog", "mariadb-check",
         "mariadb-dump", "mariadb-import", "mariadb-show", "mariadb-slap", "mariadb-upgrade"),
        _JOINED,
    ),
    # MongoDB, "mongosh options" and those of the database tools: `--password, -p`.
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"), _APART),
    # sshpass(1); Apache Cassandra, "cqlsh"; Microsoft, "sqlcmd utility"; Redis, "Redis CLI".
    "sshpass": _APART,
    "cqlsh": _APART,
    "sqlcmd": PasswordFlag(flag="-P", is_apart=True),
    "redis-cli": PasswordFlag(flag="-a", is_apart=True),
}  # fmt: skip
"""Program → how it is given a password."""

_LABELS = frozenset({"labels", "matchLabels"})
_SETS_HEADERS = frozenset({"add", "set", "requestHeaderModifier", "responseHeaderModifier", "httpHeaders"})
_MATCHES = frozenset({"match", "matches"})
"""Where a gateway's rules look at requests. Source: Gateway API, HTTPRouteMatch; Istio, HTTPMatchRequest."""

_QUERIES = frozenset({"queryParams", "queryString"})
"""Where they look at parameters. Source: Gateway API, HTTPRouteMatch; Istio, HTTPMatchRequest."""

_COOKIE_HEADERS = frozenset({"cookie", "set-cookie"})
_COOKIE = re.compile(
    # An escape of an expression is no part of a name, but for that of a sign, such as the dot of `connect.sid`.
    r"\\x3[BDbd]|\\[A-Za-wyz]"
    r"|(?P<name>(?:[\w.-]|\\x[0-9A-Fa-f]{2}(?<!\\x3[BDbd])|\\[.-])++)(?P<sign>[)\]\"']*+\s?(?:=|\\x3[Dd])|\|)?"
)
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")

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
def is_credential(name: str, place: str = "") -> bool:
    """Tell whether a header, parameter or cookie of this name proves who calls, so that what it says is a secret.

    Who reviews a rule must see who enters: the values of all others are shown.

    Args:
        place: `header`, `query` or `cookie`; "" where nobody can tell.
    """
    words = [word.lower() for word in _BORDERS.split(name) if word]
    if names_secret(name) or not _CREDENTIALS.isdisjoint(words):
        return True
    while len(words) > 1 and _VERSION.fullmatch(words[-1]):
        words.pop()
    joined = "".join(words)
    if not joined or not place:
        return False
    if place == "query":
        return joined in ("jsessionid", "phpsessid", "sessionid") or words[-1] in _SIGNATURES
    if joined.endswith(_SESSION_ENDS) or words[-1] in _SIGNATURES:
        return True
    return place == "cookie" and (
        joined in _SESSION_COOKIES or joined.startswith(_SESSION_STARTS) or words[-1] in _SESSION_WORDS
    )


def cookie_secret_at(text: str) -> int:
    """Return where the first secret starts in what the header `cookie` says or is asked for, -1 for none.

    Args:
        text: as sent, `a=1; session=…`, or an expression, in which `=` may stand as `\\x3D`.
    """
    is_found = False
    for found in _COOKIE.finditer(text):
        name, sign = found["name"], found["sign"]
        if name is None or not sign:
            continue
        is_found = is_found or is_credential(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), name), "cookie")
        # In `(sid|session)=…` the value follows the last of them.
        if is_found and not sign.endswith("|"):
            return found.end()
    return -1


def asks_cookies(names: Sequence[str]) -> bool:
    """Tell whether the keys that lead to a text say that it is asked of the header `cookie`."""
    return any(before == "headers" and name.lower() == "cookie" for before, name in pairwise(names))


def shown_condition(name: str, value: str, place: str) -> str:
    """Return the value that a header, query parameter or cookie has or is asked for, as it is shown.

    Args:
        place: `header`, `query` or `cookie`.
    """
    if is_credential(name, place):
        return "***"
    if place == "header" and name.lower() in _COOKIE_HEADERS and (at := cookie_secret_at(value)) >= 0:
        return f"{value[:at]}***"
    return value


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
        if not _asks(names):
            return looks_secret(name) or (not _SETS_HEADERS.isdisjoint(names) and is_credential(name, "header"))
        return is_credential(name, _place_of(names)) or _is_cookie(name, siblings.get("value"))
    if is_alb_rule(key):
        # A text that holds the name and the value of a header, parameter or cookie.
        rule = str(siblings.get(key, ""))
        place = "cookie" if '"Cookie"' in rule else "header"
        return any(is_credential(name, place) for name in _CONDITION_KEY.findall(rule))
    by_header = _BY_HEADER.fullmatch(key)
    if by_header is None:
        return False
    name = str(siblings.get(by_header[1], ""))
    place = "query" if by_header[1].endswith("query") else "header"
    return is_credential(name, place) or _is_cookie(name, siblings.get(key))


def _asks(names: Sequence[str]) -> bool:
    """Tell whether keys lead to what a gateway's rule asks of a request."""
    return not _MATCHES.isdisjoint(names) and _SETS_HEADERS.isdisjoint(names)


def _place_of(names: Sequence[str]) -> str:
    return "query" if not _QUERIES.isdisjoint(names) else "header"


def _is_cookie(name: str, value: object) -> bool:
    """Tell whether a rule asks the header `cookie` for a secret, in a text that nobody takes apart elsewhere."""
    return (
        name.lower() in _COOKIE_HEADERS
        and isinstance(value, str)
        and "\\x3D" not in value
        and cookie_secret_at(value) >= 0
    )


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
    if _asks(names):
        place = _place_of(names)

        def is_secret(name: str) -> bool:
            return is_credential(name, place)

    else:
        is_header = not _SETS_HEADERS.isdisjoint(names)

        def is_secret(name: str) -> bool:
            return looks_secret(name) or (is_header and is_credential(name, "header"))

    if not any(is_secret(name) and not is_place(name) for name in names if (group, name) not in _KEYS_BY_NAME):
        return False
    # In `credentials: {secretName: …}` the last word says that it is a name.
    return not is_place(names[-1])
