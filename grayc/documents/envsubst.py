"""Fill in variables as Flux does after a build: `${NAME}`, with defaults and the string functions of a shell.

Source: fluxcd/pkg envsubst (parse/parse.go, parse/scan.go, template.go, funcs.go) and kustomize/kustomize_varsub.go,
at e2cfd1a2. An escaped `$$` becomes `$`. The removal of a pattern (`#`, `%`) is not followed, and refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from grayc.documents.reader import parse_plain
from grayc.documents.split import split_text
from grayc.documents.tree import get
from grayc.k8s.gitops import FLUX_SUBSTITUTE
from grayc.records import dataclass, field
from grayc.source import SourceError, SourceFile

VARIABLE = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")
"""Name of a variable. Source: kustomize_varsub.go, `varsubRegex`."""

_DISABLED = "disabled"
_NAME = re.compile(r"\w*")
_WITH_DEFAULT = re.compile(r"(?<!\$)\$\{([_A-Za-z][_A-Za-z0-9]*)(?::[-=]|=)([^{}$\s]+)\}")
_DEFAULT = re.compile(r":[=\-?+]|=")
_MOST_DEPTH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A text with its variables filled in.

    Attributes:
        missing: variables that had neither a value nor a default, sorted.
    """

    text: str
    missing: tuple[str, ...]


def fill(text: str, variables: Mapping[str, str], *, strict: bool = False) -> Filled:
    """Return manifests with their variables filled in, object by object, but for those that say `disabled`.

    Raises:
        SourceError: GC186: a text is no expression that Flux takes, or, where it is strict, one has no value.
    """
    parts: list[str] = []
    missing: set[str] = set()
    for piece in split_text(text)[0]:
        if _is_left(piece.text):
            parts.append(piece.text)
            continue
        reader = _Reader(piece.text, variables)
        parts.append(reader.run())
        missing |= reader.missing
    if strict and missing:
        raise _refused(f"`${{{min(missing)}}}` has no value, and Flux is set to be strict")
    # What was empty between two separators stays away.
    made = "---\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts if part.strip())
    return Filled(text=made, missing=tuple(sorted(missing)))


def _is_left(text: str) -> bool:
    if FLUX_SUBSTITUTE not in text:
        return False
    parsed = parse_plain(SourceFile(name="rendered", text=text)).value
    data = parsed[1] if parsed is not None else None
    return any(get(data, ("metadata", where, FLUX_SUBSTITUTE)) == _DISABLED for where in ("labels", "annotations"))


def _refused(message: str) -> SourceError:
    return SourceError(
        "GC186",
        message,
        "write `$${…}` for a text that is no variable, or `kustomize.toolkit.fluxcd.io/substitute: disabled` on the "
        "object",
    )


@dataclass(slots=True)
class _Reader:
    """Reads one text from left to right, as envsubst's scanner does."""

    text: str
    variables: Mapping[str, str]
    at: int = 0
    missing: set[str] = field(default_factory=set)

    def run(self) -> str:
        """Return the whole text, filled in."""
        parts: list[str] = []
        while self.at < len(self.text):
            dollar = self.text.find("$", self.at)
            if dollar < 0 or dollar + 1 >= len(self.text):
                break
            parts.append(self.text[self.at : dollar])
            following = self.text[dollar + 1]
            self.at = dollar + 2
            if following == "{":
                parts.append(self._expression(0))
            elif following == "$":
                # The first of them is skipped, and the second stands for itself, whatever follows.
                parts.append("$")
            else:
                parts.append("$")
                self.at = dollar + 1
        parts.append(self.text[self.at :])
        self.at = len(self.text)
        return "".join(parts)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _bad(self) -> SourceError:
        line = self.text[: self.at].rpartition("\n")[2][-30:]
        return _refused(f"Flux cannot read the expression near `{line.strip()}`")

    def _close(self) -> None:
        if self._peek() != "}":
            raise self._bad()
        self.at += 1

    def _expression(self, depth: int) -> str:
        """Return what an expression stands for, from behind its `${`."""
        if depth > _MOST_DEPTH:
            raise self._bad()
        if self._peek() == "#":
            self.at += 1
            value = self._value(self._name())
            self._close()
            return str(len(value.encode()))
        name = self._name()
        sign = self._peek()
        default = _DEFAULT.match(self.text, self.at)
        if default is not None:
            self.at = default.end()
            given = self._parts(lambda character: character != "}", depth)
            self._close()
            return self.variables.get(name, "") or given
        match sign:
            case "}":
                self.at += 1
                return self._value(name)
            case "," | "^":
                return self._cased(name, sign)
            case "/":
                return self._replaced(name, depth)
            case ":":
                return self._cut(name, depth)
            case _:
                raise self._bad()

    def _name(self) -> str:
        found = _NAME.match(self.text, self.at)
        if found is None or not found[0]:
            raise self._bad()
        self.at = found.end()
        return found[0]

    def _value(self, name: str) -> str:
        if name not in self.variables:
            self.missing.add(name)
        return self.variables.get(name, "")

    def _parts(self, accepts: Callable[[str], bool], depth: int) -> str:
        """Return an argument up to a character that ends it, expressions in it filled in."""
        parts: list[str] = []
        while (character := self._peek()) and accepts(character):
            if self.text.startswith("${", self.at):
                self.at += 2
                parts.append(self._expression(depth + 1))
            else:
                parts.append(character)
                self.at += 1
        return "".join(parts)

    def _one(self, accepts: Callable[[str], bool], depth: int, *, escapes: bool = False) -> str:
        """Return an argument that is one text or one expression, not both."""
        if self.text.startswith("${", self.at):
            self.at += 2
            return self._expression(depth + 1)
        parts: list[str] = []
        while (character := self._peek()) and not self.text.startswith("${", self.at):
            if escapes and self.text[self.at : self.at + 2] in ("\\/", "\\\\", "$$"):
                parts.append(self.text[self.at + 1])
                self.at += 2
            elif accepts(character):
                parts.append(character)
                self.at += 1
            else:
                break
        if not parts:
            raise self._bad()
        return "".join(parts)

    def _cased(self, name: str, sign: str) -> str:
        twice = self.text.startswith(sign * 2, self.at)
        self.at += 2 if twice else 1
        self._close()
        value = self._value(name)
        change = str.upper if sign == "^" else str.lower
        return change(value) if twice else change(value[:1]) + value[1:]

    def _replaced(self, name: str, depth: int) -> str:
        self.at += 1
        kind = self._peek() if self._peek() in ("/", "#", "%") else ""
        self.at += len(kind)
        what = self._one(lambda character: character != "/", depth, escapes=True)
        if self._peek() != "/":
            raise self._bad()
        self.at += 1
        instead = "" if self._peek() == "}" else self._one(lambda each: each != "}", depth, escapes=True)
        has_none = self.text[self.at - 1] == "/" and not instead
        self._close()
        value = self._value(name)
        match kind:
            case "/":
                return value.replace(what, instead)
            case "#":
                return value if has_none or not value.startswith(what) else value.replace(what, instead, 1)
            case "%":
                return value if has_none or not value.endswith(what) else value.removesuffix(what) + instead
            case _:
                return value.replace(what, instead, 1)

    def _cut(self, name: str, depth: int) -> str:
        self.at += 1
        start = self._one(lambda character: character not in ":}", depth)
        length: str | None = None
        if self._peek() == ":":
            self.at += 1
            length = self._one(lambda character: character != "}", depth)
        self._close()
        # Go counts bytes.
        value = self._value(name).encode()
        first, most = _integer(start), None if length is None else _integer(length)
        if first is None or (length is not None and most is None):
            return value.decode()
        first = max(len(value) + first, 0) if first < 0 else first
        if most is not None and most < 0:
            raise self._bad()
        return value[first : None if most is None else first + most].decode(errors="replace")


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


def defaults_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of a text that have a plain default, `${NAME:=VALUE}` and its like, each with that."""
    for match in _WITH_DEFAULT.finditer(text) if "${" in text else ():
        yield match[1], match[2]
