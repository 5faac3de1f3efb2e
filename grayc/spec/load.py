"""Read a release.yaml: text in, `ReleaseSpec` and everything that is wrong with it out."""

from grayc.diagnostics import Checked, has_errors
from grayc.documents.reader import parse_release
from grayc.source import SourceFile
from grayc.spec.check import check_head, check_release
from grayc.spec.decode import decode
from grayc.spec.diagnose import diagnose
from grayc.spec.model import ReleaseSpec
from grayc.spec.schema import check_schema

_HEAD = (("apiVersion",), ("kind",))


def load_spec(source: SourceFile) -> Checked[ReleaseSpec]:
    """Return the release that a file holds, and all independent mistakes in it, in order of place.

    Diagnostics:
        GC1xx, GC216: the file can not be read as one YAML document.
        GC201: it is no release; nothing else is said then.
        GC202 to GC217: mistakes in it.
    """
    parsed = parse_release(source)
    document = parsed.value
    if document is None:
        return Checked(value=None, diagnostics=parsed.diagnostics)
    head, is_release = check_head(document)
    found = [*parsed.diagnostics, *head]
    if is_release:
        wrong_head = {item.field for item in head}
        found += (
            diagnose(violation, document) for violation in check_schema(document.data)
            if not (violation.path in _HEAD and violation.path[0] in wrong_head)
        )
        found += check_release(document)
    found.sort(key=lambda diagnostic: diagnostic.order)
    return Checked(value=None if has_errors(found) else decode(document), diagnostics=tuple(found))
