"""Make a diagnostic about a part of the release: the place and the field are filled in here."""

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Path
from grayc.documents.tree import show_path
from grayc.spec.model import ReleaseSpec


def at_spec(
    spec: ReleaseSpec,
    path: Path,
    *,
    code: str,
    message: str,
    help: str,
    object: str = "",
    notes: tuple[Note, ...] = (),
    names: tuple[str, ...] = (),
    key: bool = False,
) -> Diagnostic:
    """Return a diagnostic about a value of the release.

    Args:
        path: of the value, such as `("spec", "services", 0, "images", "web")`.
        object: `Kind/name` of the object that it is about too, as the user knows it.
        names: words of the text that name something, and so are shown even where a secret reads alike.
        key: the place is the key that leads to the value.
    """
    return Diagnostic(
        code=code,
        message=message,
        span=spec.span(path, key=key),
        field=show_path(path),
        object=object,
        notes=notes,
        names=names,
        help=help,
    )
