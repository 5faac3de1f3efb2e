"""What looks like a secret in a text: what follows a secret's name in a line, logins, tokens and private keys.

Errs on the safe side, as `k8s.secrets` does: a word hidden without need costs less than one shown.
"""

import re
from collections.abc import Sequence

from grayc.k8s.secrets import (
    PASSWORD_FLAGS,
    WEBHOOKS,
    PasswordFlag,
    cookie_secret_at,
    is_credential,
    looks_secret,
    names_secret,
)
from grayc.patterns import compile_later

_LOGIN = compile_later(
    # The login of a URL, of a data source as Go writes it, and one that a program is called with.
    # A password may hold signs that end a URL: all up to the last `@` before the next URL is hidden.
    r"(?<=://)[^/\s\"'<>:@]{1,100}:(?![0-9]{1,5}(?:[/,?#\s]|$))(?:(?!://)[^\"'<>\n])*(?=@)"
    r"|(?<=://)[^/\s\"'<>]+(?=@)|(?<![^\s\"'=])[^\s:/@=\"']{1,100}:[^\s\"']{1,200}(?=@(?:tcp|unix)\()"
    r"|(?:(?<=-u )|(?<=--user[ =]))[^\s:]+:[^\s\"']+|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    # Tokens that say what they are: of GitHub, GitLab, Slack, AWS, Alibaba Cloud, Google, and those of RFC 7519.
    r"|(?<![A-Za-z0-9])(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|AKIA|ASIA|LTAI|AIza|eyJ)[A-Za-z0-9_.-]{12,}"
)
_WEBHOOK = compile_later(rf"(://(?:{'|'.join(WEBHOOKS)}))[^\s\"'<>?#]+")
_CLIENT = compile_later(
    rf"(?<![\w.-])({'|'.join(sorted(PASSWORD_FLAGS, key=lambda name: (-len(name), name)))})(?![\w.-])[^|;&]*"
)
_VARIABLE = compile_later(r"[\"']?\$")
"""How what is filled in later starts."""
_QUERY = compile_later(r"(?<=[?&])([\w.~%-]{1,100})=([^&\s\"'#<>]+)")
"""A parameter of a URL."""
_WORD = compile_later(r"[A-Za-z0-9_.\-]+")
_PEM_START = compile_later(r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|CERTIFICATE)")
_PEM_END = "-----END "
_BINDS = compile_later(r"[\"'\]]*\s*(?:[:=>]|\\x3D)\s*")
_FOLLOWS = compile_later(r"[\s\"'`,(]+")
_OPEN_END = compile_later(r"(?:[:=|>][+-]?|[:=]\s*\[)\s*$")
_NAMED = compile_later(r"\bname[\"']?\s*[:=>]\s*[\"']?([\w.-]+)(?:[\"']?,?|</name>)\s*$")
_VALUE = compile_later(r"\s*[<\"']?value[\"']?\s*[:=>]\s*")
_ASKS_COOKIE = compile_later(r"[\"'`][Cc]ookie[\"'`]\s*,\s*")
_ASKS_HEADER = compile_later(r"(\bHeaders?(?:Regexp)?\([\"'`]([\w-]{1,100})[\"'`]\s*,\s*[\"'`])[^\"'`]+")
"""Source: Traefik, "Rules & Priority": `Header`, `HeaderRegexp`, of its second version `Headers`, `HeadersRegexp`."""
_LONGEST_LINE = 10_000
SPOKEN = frozenset({"annotations", "args", "command", "env", "data"})
"""Fields whose texts are written for a program, which may take `name=value` from them."""


def hide_in_lines(lines: Sequence[str], mask: str, *, is_spoken: bool) -> list[str]:
    """Return as many lines, with a mask for what looks like a secret in them.

    Args:
        is_spoken: the text is written for a program, which may take `name=value` from it.
    """
    result, in_key, deeper, is_named = [], False, -1, False
    for line in lines:
        # An empty line ends nothing.
        indent = len(line) - len(line.lstrip()) if line.strip() else deeper + 1
        in_key = in_key or _PEM_START.search(line) is not None
        if in_key or (0 <= deeper < indent) or (deeper == indent and line.lstrip().startswith("- ")):
            result.append(mask)
        elif is_named and (value := _VALUE.match(line)):
            result.append(f"{value[0]}{mask}")
        else:
            shown = _hide_in_line(line, mask) if is_spoken else _hide_logins(line, mask)
            deeper = indent if is_spoken and shown == line and _opens_secret(line) else -1
            result.append(shown)
        in_key = in_key and _PEM_END not in line
        named = _NAMED.search(line) if is_spoken else None
        is_named = named is not None and looks_secret(named[1])
    return result


def asks_for_secret(argument: object) -> bool:
    """Tell whether the argument after this one is a secret: `--token`."""
    return isinstance(argument, str) and argument.startswith("-") and "=" not in argument and looks_secret(argument)


def secret_arguments(words: Sequence[object]) -> frozenset[int]:
    """Return the positions of a command's words that are secrets: behind `--token`, and `-p…` of a program that has it.

    Args:
        words: of `command`, and of `args` behind it.
    """
    found: set[int] = set()
    flag: PasswordFlag | None = None
    for at, word in enumerate(words):
        before = words[at - 1] if at else None
        if asks_for_secret(before):
            found.add(at)
        if not isinstance(word, str):
            continue
        if flag is not None and _is_password(word, before, flag):
            found.add(at)
        flag = PASSWORD_FLAGS.get(word.rpartition("/")[2], flag)
    return frozenset(found)


def _is_password(word: str, before: object, flag: PasswordFlag) -> bool:
    if flag.is_apart and before == flag.flag:
        return not word.startswith("-") and _VARIABLE.match(word) is None
    tail = word.removeprefix(flag.flag)
    return tail not in ("", word) and _VARIABLE.match(tail) is None


def hide_in_url(url: str, mask: str) -> str:
    """Return a URL, or its path and query, without what is a secret in it."""
    return _hide_logins(url, mask)


def _hide_passwords(line: str, mask: str) -> str:
    """Hide what programs in a line of a shell are given as a password."""

    def hide(found: re.Match[str]) -> str:
        flag = PASSWORD_FLAGS[found[1]]
        gap = r"\s*" if flag.is_apart else ""
        return re.sub(
            rf"(?<=\s)({flag.flag}{gap})(?:\"(?!\$)[^\"]*\"|'(?!\$)[^']*'|[^\s\"'$-][^\s]*)",
            lambda given: f"{given[1]}{mask}",
            found[0],
        )

    return _CLIENT.sub(hide, line) if " -" in line else line


def _hide_logins(line: str, mask: str) -> str:
    """Hide what is a secret in any text: logins, tokens that say what they are, and parameters of a URL."""
    line = _LOGIN.sub(lambda _: mask, line)
    if "://" in line:
        line = _WEBHOOK.sub(lambda found: f"{found[1]}{mask}", line)
    if "?" not in line and "&" not in line:
        return line
    return _QUERY.sub(lambda found: f"{found[1]}={mask}" if _is_secret_parameter(found[1]) else found[0], line)


def _is_secret_parameter(name: str) -> bool:
    return looks_secret(name) or is_credential(name, "query")


def _hide_in_line(line: str, mask: str) -> str:
    if len(line) > _LONGEST_LINE:
        return mask
    line = _hide_passwords(_hide_cookies(_hide_logins(line, mask), mask), mask)
    for found in _WORD.finditer(line):
        word = found[0].strip(".-")
        if looks_secret(word):
            bound = _BINDS.match(line, found.end())
            if bound is None and names_secret(word) and line[found.start() - 1 : found.start()] != "/":
                bound = _FOLLOWS.match(line, found.end())
            if bound and line[bound.end() :].strip(" \"',;{}[]|>+-"):
                return f"{line[: bound.end()]}{mask}"
    return line


def _hide_cookies(line: str, mask: str) -> str:
    """Hide what a rule that is a text asks of a session's cookie or header."""
    # Nothing but an expression for cookies has `=` as an escape.
    asked = _ASKS_COOKIE.search(line)
    at = asked.end() if asked else 0 if "\\x3D" in line else len(line)
    secret = cookie_secret_at(line[at:])
    if secret >= 0:
        line = f"{line[: at + secret]}{mask}"

    def hide(found: re.Match[str]) -> str:
        return f"{found[1]}{mask}" if is_credential(found[2], "header") else found[0]

    return _ASKS_HEADER.sub(hide, line) if "eader" in line else line


def _opens_secret(line: str) -> bool:
    """Tell whether deeper lines below this one hold a secret: `password: |`."""
    return _OPEN_END.search(line) is not None and any(looks_secret(word) for word in _WORD.findall(line))
