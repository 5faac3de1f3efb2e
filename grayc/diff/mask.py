"""Values of secrets as `***`, wherever a difference could show one.

Errs on the safe side, as `k8s.secrets` does: a word hidden without need costs less than one shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grayc.documents.tree import is_mapping
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.merge_keys import merge_rules
from grayc.k8s.secrets import looks_secret, names_secret

MASK, BEFORE, AFTER = "***", "*** (before)", "*** (after)"
"""For a value that stands alone, and for the two sides of a change. Source: the words of `kubectl diff`."""

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LOGIN = re.compile(
    # The login of a URL, of a data source as Go writes it, and one that a program is called with.
    r"(?<=://)[^/\s\"'<>]+(?=@)|(?<![^\s\"'=])[^\s:/@=\"']{1,100}:[^\s\"']{1,200}(?=@(?:tcp|unix)\()"
    r"|(?:(?<=-u )|(?<=--user[ =]))[^\s:]+:[^\s\"']+|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    # Tokens that say what they are: of GitHub, GitLab, Slack, AWS, Alibaba Cloud, Google, and those of RFC 7519.
    r"|(?<![A-Za-z0-9])(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|AKIA|ASIA|LTAI|AIza|eyJ)[A-Za-z0-9_.-]{12,}"
)
_WORD = re.compile(r"[A-Za-z0-9_.\-]+")
_PEM_START = re.compile(r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|CERTIFICATE)")
_PEM_END = "-----END "
_BINDS = re.compile(r"[\"'\]]*\s*[:=>]\s*")
_FOLLOWS = re.compile(r"[\s\"',(]+")
_OPEN_END = re.compile(r"(?:[:=|>][+-]?|[:=]\s*\[)\s*$")
_NAMED = re.compile(r"\bname[\"']?\s*[:=>]\s*[\"']?([\w.-]+)(?:[\"']?,?|</name>)\s*$")
_VALUE = re.compile(r"\s*[<\"']?value[\"']?\s*[:=>]\s*")
_LONGEST_LINE = 10_000
_SPOKEN = frozenset({"annotations", "args", "command", "env", "data"})
"""Fields whose texts are written for a program, which may take `name=value` from them."""
_PLACES = ("name", "ref", "path", "file", "mode", "seconds", "selector", "namespace", "kind", "type")
_PLACE_KEYS = frozenset({"key", "keys"})
"""How fields end, and fields, that tell where a secret is, not what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hider:
    """Hides secrets in the values of one object.

    Attributes:
        word: what stands in a value's place.
    """

    group_kind: GroupKind
    word: str = MASK

    def value(self, value: object, names: Sequence[str], *, is_hidden: bool = False) -> object:
        """Return a value without what is secret in it.

        Args:
            names: the keys that lead to it, from the object's root, "" for a position.
            is_hidden: what stands beside it says that it is a secret.
        """
        if is_hidden or self._is_secret(names):
            return self._all(value)
        if is_mapping(value):
            named = value.get("name")
            is_variable = isinstance(named, str) and looks_secret(named)
            return {
                key: self._all(item) if is_variable and key == "value" else self.value(item, (*names, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [
                self.value(item, (*names, ""), is_hidden=at > 0 and asks_for_secret(value[at - 1]))
                for at, item in enumerate(value)
            ]
        return "\n".join(self.lines(value, names)) if isinstance(value, str) else value

    def lines(self, text: str, names: Sequence[str]) -> list[str]:
        """Return a text's lines, as many as it has, without what looks like a secret in them."""
        is_spoken = not _SPOKEN.isdisjoint(names) or not self._is_known
        result, in_key, deeper, is_named = [], False, -1, False
        for line in text.split("\n"):
            # An empty line ends nothing.
            indent = len(line) - len(line.lstrip()) if line.strip() else deeper + 1
            in_key = in_key or _PEM_START.search(line) is not None
            if in_key or (0 <= deeper < indent) or (deeper == indent and line.lstrip().startswith("- ")):
                result.append(self.word)
            elif is_named and (value := _VALUE.match(line)):
                result.append(f"{value[0]}{self.word}")
            else:
                shown = self._line(line) if is_spoken else _LOGIN.sub(self.word, line)
                deeper = indent if is_spoken and shown == line and _opens_secret(line) else -1
                result.append(shown)
            in_key = in_key and _PEM_END not in line
            named = _NAMED.search(line) if is_spoken else None
            is_named = named is not None and looks_secret(named[1])
        return result

    @property
    def _is_known(self) -> bool:
        return merge_rules(*self.group_kind) is not None

    def _is_secret(self, names: Sequence[str]) -> bool:
        if not names:
            return False
        if names[-1] == _APPLIED:
            return True
        if self.group_kind == (CORE, "Secret"):
            return names[0] in ("data", "stringData")
        if self.group_kind == (CORE, "ConfigMap"):
            # Nobody reads what is binary, and it may be a store of keys.
            return names[0] == "binaryData" or (len(names) > 1 and names[0] == "data" and looks_secret(names[1]))
        if len(names) > 2 and names[-1] == "value" and names[-3] == "env":
            return looks_secret(names[-2])
        # An item of a list is what the list is.
        name = next((name for name in reversed(names) if name), "")
        if self._is_known or names[0] == "metadata" or name in _PLACE_KEYS:
            return False
        return looks_secret(name) and not name.lower().endswith(_PLACES)

    def _all(self, value: object) -> object:
        if is_mapping(value):
            return {key: self._all(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._all(item) for item in value]
        return self.word

    def _line(self, line: str) -> str:
        if len(line) > _LONGEST_LINE:
            return self.word
        line = _LOGIN.sub(self.word, line)
        for found in _WORD.finditer(line):
            word = found[0].strip(".-")
            if looks_secret(word):
                bound = _BINDS.match(line, found.end())
                if bound is None and names_secret(word) and line[found.start() - 1 : found.start()] != "/":
                    bound = _FOLLOWS.match(line, found.end())
                if bound and line[bound.end() :].strip(" \"',;{}[]|>+-"):
                    return f"{line[: bound.end()]}{self.word}"
        return line


def asks_for_secret(argument: object) -> bool:
    """Tell whether the argument after this one is a secret: `--token`."""
    return isinstance(argument, str) and argument.startswith("-") and "=" not in argument and looks_secret(argument)


def _opens_secret(line: str) -> bool:
    """Tell whether deeper lines below this one hold a secret: `password: |`."""
    return _OPEN_END.search(line) is not None and any(looks_secret(word) for word in _WORD.findall(line))
