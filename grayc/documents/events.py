"""The parser of YAML, behind one door: text in, events with places out.

Leaves to others: what the events mean (`build`, `locate`). Resolving and building are ours, since the library follows
YAML 1.1 where Kubernetes does not. Its C parser, libyaml, is what Kubernetes' parser was translated from.
"""

from collections.abc import Iterator

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

try:
    from yaml import CBaseLoader
except ImportError as error:
    raise ImportError("PyYAML is installed without libyaml, whose parser grayc needs", name="yaml") from error

__all__ = [
    "AliasEvent",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "Event",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "SyntaxFault",
    "core_tag",
    "events_of",
    "place_of",
]

_CORE = "tag:yaml.org,2002:"
# Source: libyaml 0.2.6, src/scanner.c: brackets inside each other beyond a number, counted ahead of the events.
_TOO_DEEP = "exceeded maximum nesting depth"


class SyntaxFault(Exception):
    """The text is no YAML: what is wrong, and where, counted from 0 in the text that was parsed.

    Attributes:
        context: what was being read, in the parser's words ("while parsing a flow sequence"); "" where it says nothing.
        start: line and column where that starts.
        readable: how many characters come before the place where the parser's own limit of depth is passed; 0 for all
            other faults.
    """

    def __init__(
        self,
        message: str,
        line: int,
        column: int,
        context: str = "",
        start: tuple[int, int] | None = None,
        *,
        readable: int = 0,
    ) -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.context, self.start = message, line, column, context, start
        self.readable = readable


def events_of(text: str) -> Iterator[Event]:
    """Yield the events of a text, lazily: what comes before a fault is yielded before it is raised.

    Raises:
        SyntaxFault: the text is no YAML.
    """
    parser = CBaseLoader(text)
    try:
        # Faster than a loop with `yield`: the iterator stays in C.
        yield from iter(parser.get_event, None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = error.problem or error.context or "it cannot be read"
        begin = error.context_mark if error.problem_mark else None
        raise SyntaxFault(
            message,
            mark.line if mark else 0,
            mark.column if mark else 0,
            error.context or "",
            (begin.line, begin.column) if begin else None,
            readable=mark.index if mark and message == _TOO_DEEP else 0,
        ) from None
    except yaml.YAMLError as error:
        raise SyntaxFault(str(error).splitlines()[0], 0, 0) from None


def place_of(event: Event) -> tuple[int, int, int, int]:
    """Return line and column where an event starts and ends, all counted from 0."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return 0, 0, 0, 0
    return start.line, start.column, end.line, end.column


def core_tag(tag: str | None) -> str | None:
    """Return the last word of a tag of YAML's own, the tag itself where it is another, None where there is none."""
    if tag is None or tag == "!":
        return None
    return tag.removeprefix(_CORE)
