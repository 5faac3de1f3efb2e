"""What carries the tag of a lane from hop to hop: a header of its own, or one member of W3C `baggage` among others'.

Sources: W3C Baggage (Candidate Recommendation), 3.3: members are parted by commas, with blanks around them; a member is
`key=value`, and behind a `;` come properties; a value is percent-encoded, a key is not, and its case counts. Of two
members with one key OpenTelemetry's libraries keep the last. RFC 9110, 5.3: several lines of a list are one list.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from grayc.records import dataclass

BAGGAGE = "baggage"
"""The header whose members are many parties': nobody may replace it, or drop it, for one of them."""

_PLAIN = re.compile(r"[A-Za-z0-9_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCarrier:
    """What carries the tag of a lane.

    Attributes:
        header: name of the header, as written.
        member: key of the member of `baggage`; "" where the whole header is the lane's.
    """

    header: str
    member: str = ""

    def __str__(self) -> str:
        return f"{self.header} member {self.member}" if self.member else self.header

    @property
    def name(self) -> str:
        """The header's name in lower case."""
        return self.header.lower()

    @property
    def is_shared(self) -> bool:
        """Tell whether others write into the header too, so that it is added to, and never replaced or dropped."""
        return bool(self.member)

    @property
    def told(self) -> str:
        """What it is, in words."""
        return str(self) if self.member else f"header {self.header}"

    @property
    def named(self) -> str:
        """What a message calls it."""
        return f"member `{self.member}` of `{self.header}`" if self.member else f"the header `{self.header}`"

    def value(self, tag: str) -> str:
        """Return what carries a tag: the whole value of the header, or the member."""
        return f"{self.member}={tag}" if self.member else tag

    def line(self, tag: str) -> str:
        """Return a whole header that carries a tag, as a client sends it."""
        return f"{self.header}: {self.value(tag)}"

    def pattern(self, tag: str) -> str | None:
        """Return an RE2 expression for a whole value that carries a tag; None where the value equals the tag.

        A tag is made of letters, digits and `-`, which no encoder needs to encode; the `-` is taken either way. Of two
        members with the key the last counts, so a value carries one tag.
        """
        if not self.member:
            return None
        value = "".join("(?:-|\\x252[Dd])" if sign == "-" else _escaped(sign) for sign in tag)
        key = [_escaped(sign) for sign in self.member]
        member = rf"\s*{''.join(key)}\s*\x3D\s*{value}\s*(?:\x3B[^\x2C]*)?"
        return rf"^(?:.*\x2C)?{member}(?:\x2C{_other(key)})*$"

    def tag_in(self, values: Sequence[str]) -> str | None:
        """Return the tag that the values of the header carry, None where they carry none."""
        if not values:
            return None
        if not self.member:
            return values[0]
        found = None
        for item in ",".join(values).split(","):
            key, sign, rest = item.partition("=")
            if sign and key.strip() == self.member:
                found = unquote(rest.partition(";")[0].strip())
        return found


def _other(key: Sequence[str]) -> str:
    """Return an expression for a member of another key, or what stands in its place: RE2 has no way to say `not`."""
    made = r"\s*(?:[^\s\x2C\x3D][^\x2C]*)?"
    for at in reversed(range(len(key))):
        blank = "" if at else r"\s"
        made = rf"(?:[^{blank}\x2C{key[at]}][^\x2C]*|{key[at]}{made})?"
    return rf"\s*{made}"


def _escaped(sign: str) -> str:
    return sign if _PLAIN.match(sign) else f"\\x{ord(sign):02X}"
