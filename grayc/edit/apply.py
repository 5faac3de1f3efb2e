"""Make the new text of files, and prove that it says what was wanted and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from hashlib import sha256

from grayc.diagnostics import Checked, Diagnostic, Note, has_errors
from grayc.documents import Document, parse_documents
from grayc.documents.locate import Node, compose, span_at
from grayc.documents.sealed import edited_by, object_sealed_by
from grayc.documents.sensitive import lines_by_name, lines_with, shown_starts
from grayc.edit.model import CODE, Edit, not_in_place
from grayc.edit.place import page_of
from grayc.edit.same import is_same
from grayc.records import dataclass, replace
from grayc.source import SourceFile, split_lines

MASK = "(a secret value stands here)"
NO_LINE_END = "\n\\ No newline at end of file"
"""What a unified diff says behind a last line that has no end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """What becomes of one object.

    Attributes:
        document: as it was read from its file.
        data: what the file must say of it afterwards.
        edits: what is to do for that.
    """

    document: Document
    data: dict[str, object]
    edits: tuple[Edit, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Edited:
    """A file with its new text.

    Attributes:
        old: as it was read.
        new: the same name, the new text.
        shown: returns the lines of either without their ends, as a unified diff may show them.
    """

    old: SourceFile
    new: SourceFile
    shown: Callable[[SourceFile], Sequence[str]]

    @cached_property
    def before(self) -> tuple[str, ...]:
        """Lines of the old text, as they may be shown; made when somebody looks at them, as most runs do not."""
        return tuple(self.shown(self.old))

    @cached_property
    def after(self) -> tuple[str, ...]:
        """Those of the new text."""
        return tuple(self.shown(self.new))


def masked_lines(
    source: SourceFile, documents: Iterable[Document], *, by_name: bool = False, secrets: Sequence[str] = ()
) -> list[str]:
    """Return the lines of a file without their ends, those that hold a secret value masked but for its key.

    Behind a mask and a NUL stands a digest, which is for comparing, not for showing.

    Args:
        documents: the file's objects.
        by_name: they are no objects, and hold secrets wherever a name says so.
        secrets: texts that no line may show, whatever it calls them, in part or as a whole.
    """
    lines = split_lines(source.text)
    for chunk in dict.fromkeys(document.chunk for document in documents):
        composed = compose(chunk)
        named = lines_by_name(composed.root) if by_name and composed.root is not None else frozenset()
        told = lines_with(composed.root, secrets) if secrets and composed.root is not None else frozenset()
        hidden = composed.sensitive | named | told
        has_names = hidden and composed.root is not None and composed.is_whole and not source.is_secret
        starts = shown_starts(composed.root, composed.lines) if composed.root is not None and has_names else {}
        for line in hidden:
            at = chunk.line - 1 + line
            if at < len(lines) and lines[at].strip():
                name = lines[at][: starts.get(line, 0)]
                colon = ": " if lines[at].startswith(":", len(name)) and name else ""
                lines[at] = f"{name}{colon}{MASK}\0{sha256(lines[at].encode()).hexdigest()}"
    if lines[-1]:
        lines[-1] += NO_LINE_END
    else:
        lines.pop()
    return lines


def all_masked(source: SourceFile) -> list[str]:
    """Return the lines of a file of which a Secret is made, each masked, as `masked_lines` does."""
    lines = split_lines(source.text)
    masked = [f"{MASK}\0{sha256(line.encode()).hexdigest()}" if line.strip() else line for line in lines]
    if masked[-1]:
        masked[-1] += NO_LINE_END
    else:
        masked.pop()
    return masked


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a file's text with its edits made; the same edit given twice is made once.

    Raises:
        ValueError: two edits overlap.
    """
    parts: list[str] = []
    done = 0
    for edit in sorted(dict.fromkeys(edits), key=lambda item: (item.start, item.end)):
        if edit.start < done:
            raise ValueError("edits overlap")
        parts += (text[done : edit.start], edit.text)
        done = edit.end
    return "".join((*parts, text[done:]))


def apply_changes(changes: Sequence[Change]) -> Checked[tuple[Edited, ...]]:
    """Return every file that changes, in the order of their first changes; all of them, or none.

    Each new text is read again, and every object in it must be what it was, or what its change asks for.

    Diagnostics:
        GC620: a new text says something else: an edit goes through an anchor that other places share, or the file is
            laid out in a way that is not known.
        GC623: an object is encrypted.
    """
    by_file: dict[SourceFile, list[Change]] = {}
    for change in changes:
        by_file.setdefault(change.document.chunk.source, []).append(change)
    edited: list[Edited] = []
    diagnostics: list[Diagnostic] = []
    for source, wanted in by_file.items():
        made = _edit(source, wanted)
        diagnostics += made.diagnostics
        if made.value is not None and made.value.new.text != source.text:
            edited.append(made.value)
    return Checked(value=None if has_errors(diagnostics) else tuple(edited), diagnostics=tuple(diagnostics))


def _edit(source: SourceFile, changes: list[Change]) -> Checked[Edited]:
    sealed = [change for change in changes if change.edits and object_sealed_by(change.document)]
    if sealed:
        return Checked(value=None, diagnostics=tuple(map(_sealed, sealed)))
    try:
        text = apply_edits(source.text, (edit for change in changes for edit in change.edits))
    except ValueError:
        return Checked(value=None, diagnostics=_other_meaning(changes[0], changes[0].document))
    new = replace(source, text=text)
    # What is no manifest is passed over on both sides alike.
    before, after = parse_documents(source, searched=True), parse_documents(new, searched=True)
    data = {change.document.place: change.data for change in changes}
    if before.value is None:
        raise ValueError(f"`{source.name}` could not be read, so nothing in it can have been changed")
    if after.value is None or len(after.value) != len(before.value):
        return Checked(value=None, diagnostics=_other_meaning(changes[0], changes[0].document))
    for old, found in zip(before.value, after.value, strict=True):
        if old.place != found.place or not is_same(data.get(old.place, old.data), found.data):
            of_file = [change for change in changes if change.document.chunk.index == old.chunk.index]
            change = next((item for item in changes if item.document.place == old.place), (of_file or changes)[0])
            return Checked(value=None, diagnostics=_other_meaning(change, old))
    documents = {source: before.value, new: after.value}
    return Checked(value=Edited(old=source, new=new, shown=lambda file: masked_lines(file, documents[file])))


def _sealed(change: Change) -> Diagnostic:
    """Refuse to write into what is encrypted: sops vouches for every value of a file, the plain ones included."""
    document = change.document
    tool = object_sealed_by(document)
    return Diagnostic(
        code="GC623",
        message=f"`{document.identity.ref}` is encrypted ({tool}): nobody could open it any more",
        span=document.span(("metadata", "name")),
        object=document.identity.ref,
        help=f"make the change {edited_by(document, tool)}",
    )


def _other_meaning(change: Change, other: Document) -> tuple[Diagnostic, ...]:
    """Say why an edit does not do what was wanted: mostly an anchor."""
    page = page_of(change.document)
    for node in _nodes(page.root):
        anchored = node.target
        if anchored is None:
            continue
        inside = range(page.start(anchored), page.end(anchored) + 1)
        if any(edit.start in inside for edit in change.edits):
            place = page.chunk
            return (
                Diagnostic(
                    code=CODE,
                    message=f"`{change.document.identity.ref}` cannot be edited in place: an alias shares the text "
                    "that would change",
                    span=span_at(place, node.line, node.column, node.end_column - node.column),
                    object=change.document.identity.ref,
                    notes=(
                        Note(
                            message="the anchor stands here",
                            span=span_at(place, anchored.line, anchored.column, _length(anchored)),
                        ),
                        Note(message=f"`{other.identity.ref}` would change otherwise than wanted"),
                    ),
                    help="write the values out in place of the alias, then run again",
                ),
            )
    return not_in_place(
        change.document,
        ("spec",),
        "its layout is not one that grayc knows",
        help_="write the change into the file yourself",
    )


def _length(node: Node) -> int:
    return node.end_column - node.column if node.end_line == node.line else 1_000


def _nodes(root: Node | None) -> Iterable[Node]:
    todo = [root] if root is not None else []
    while todo:
        node = todo.pop()
        yield node
        todo += node.items or ()
        todo += (value for _, value in node.entries or ())
