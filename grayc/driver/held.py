"""The objects in files that an output folder holds for a release, which are input like any other."""

from collections.abc import Mapping

from grayc.diagnostics import Checked, Diagnostic, Severity, has_errors
from grayc.documents import Document, parse_documents
from grayc.documents.load import Reading
from grayc.driver.request import unreadable
from grayc.output.belonging import strangers
from grayc.output.inventory import LaneRecord
from grayc.records import replace
from grayc.source import SourceError, SourceFile, decode


def documents_of(
    data: bytes,
    *,
    shown: str,
    release: str = "",
    record: LaneRecord | None = None,
    reading: Reading | None = None,
) -> Checked[tuple[Document, ...]]:
    """Return the objects of one file; None where it cannot be read, or holds one that is not the release's.

    What a build would warn of is said of its input.

    Args:
        shown: what diagnostics call the file.
        release: whose file the inventory says it is.
        record: what the inventory says of the release; None where any object is taken as it is. Objects that name no
            namespace are in the one that it says.
        reading: what the run has read so far, where it will ask again; grows.
    Diagnostics:
        GC104: it is not UTF-8. GC642: an object is not the lane's.
    """
    source = SourceFile(name=shown, text="")
    try:
        source = replace(source, text=decode(data, source))
    except SourceError as error:
        found = replace(unreadable(error), help="take the file back from version control, then run again")
        return Checked(value=None, diagnostics=(found,))
    parsed = parse_documents(source, is_output=True) if reading is None else reading.parse_output(source)
    diagnostics = [item for item in parsed.diagnostics if item.severity is Severity.ERROR]
    if record is not None and not diagnostics:
        diagnostics += strangers(parsed.value or (), release=release, record=record)
    if has_errors(tuple(diagnostics)):
        return Checked(value=None, diagnostics=tuple(diagnostics))
    home = record.namespace if record is not None else ""
    return Checked(
        value=tuple(document.placed(home) for document in parsed.value or ()), diagnostics=tuple(diagnostics)
    )


def known_lanes(recorded: Mapping[str, LaneRecord], wanted: Mapping[str, LaneRecord]) -> Mapping[str, LaneRecord]:
    """Return what is known of each lane: what its inventory recorded, and what an older grayc did not, the spec says.

    Args:
        wanted: what the specs say of their lanes.
    """
    found = {**wanted, **recorded}
    return {
        name: replace(lane, namespace=wanted[name].namespace) if name in wanted and not lane.namespace else lane
        for name, lane in found.items()
    }


def documents_in(
    texts: Mapping[str, bytes],
    *,
    folder: str,
    release: str,
    record: LaneRecord | None,
    reading: Reading | None = None,
) -> Checked[tuple[Document, ...]]:
    """Return the objects of several files of a release, as `documents_of`; None where one of them is refused.

    Args:
        texts: file name → content.
        folder: what diagnostics call the folder.
        reading: see `documents_of`.
    """
    documents: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for name, data in texts.items():
        read = documents_of(data, shown=f"{folder}/{name}", release=release, record=record, reading=reading)
        documents += read.value or ()
        diagnostics += read.diagnostics
    wrong = has_errors(tuple(diagnostics))
    return Checked(value=None if wrong else tuple(documents), diagnostics=tuple(diagnostics))
