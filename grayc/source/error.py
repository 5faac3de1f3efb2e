"""`SourceError`: why a file could not be read, as data for a diagnostic."""

from grayc.source.span import Span


class SourceError(Exception):
    """A file that cannot be read.

    `diagnostics` is built on this package, so the one who catches it makes the diagnostic.

    Attributes:
        code: a key of the code table.
        message: what is wrong, as in a diagnostic.
        help: the next step, "" where there is none to name.
        span: the place inside the file, where there is one.
        wanted: the name that was not found.
        candidates: names that stand where it was looked for; for a suggestion.
        signs: those of the asked texts that a program said, before its words were masked.
    """

    def __init__(
        self,
        code: str,
        message: str,
        help: str = "",
        *,
        span: Span | None = None,
        wanted: str = "",
        candidates: tuple[str, ...] = (),
        signs: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.help = help
        self.span = span
        self.wanted = wanted
        self.candidates = candidates
        self.signs = signs


class NothingFoundError(SourceError):
    """A place is there and holds no manifest."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__("GC103", message, help)
