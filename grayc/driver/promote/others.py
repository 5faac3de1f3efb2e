"""What a promotion writes over that somebody else gives or writes: variables of Flux, and tags of image automation."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from grayc.analysis.declared import Given, expressions_in, given_variables, image_writers, policy_in, value_for
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import get, show_path
from grayc.edit import Edited, list_differences
from grayc.edit.apply import MASK
from grayc.edit.origin import split_image
from grayc.plan.model import ReleasePlan
from grayc.source import Span
from grayc.spec.model import Gitops


def tell_others(
    plan: ReleasePlan,
    originals: Iterable[Document],
    after: Mapping[tuple[str, int, tuple[str | int, ...]], dict[str, object]],
    files: Iterable[Edited],
    declared: tuple[Document, ...],
) -> Iterator[Diagnostic]:
    """Yield what is written over.

    Args:
        originals: the objects of production.
        after: place of an object → what it says afterwards.
        declared: what of Flux and Argo CD is near the release.

    Diagnostics:
        GC624: a variable is replaced by a text.
        GC625: somebody else writes the value by itself.
    """
    for file in files:
        yield from _written_by_policies(file)
    given, writers = given_variables(declared), image_writers(declared)
    for document in originals:
        data = after.get(document.place, document.data)
        for item in list_differences(document, data) if data is not document.data else ():
            old, new = get(document.data, item.path), get(data, item.path)
            yield from _replaced(plan, document, item.path, old, new, given)
            name = split_image(old)[0] if isinstance(old, str) and item.path[-1:] == ("image",) else ""
            if name in writers:
                writer = writers[name]
                yield at_object(
                    document,
                    item.path,
                    code="GC625",
                    message=f"Argo CD's Image Updater writes image `{name}` by itself, as `{writer.identity.ref}` "
                    f"tells it to: it may replace what is promoted into `{document.identity.ref}`",
                    notes=(note_at(writer, ("metadata", "name"), "the setting is here"),),
                    help="promote by letting it take the tag, or take the image out of its list first",
                )


def _replaced(  # noqa: PLR0917 - what is compared
    plan: ReleasePlan,
    document: Document,
    path: tuple[str | int, ...],
    old: object,
    new: object,
    given: Mapping[str, Given],
) -> Iterator[Diagnostic]:
    kept = {expression for _, expression, _ in expressions_in(new)}
    for _, expression, name in expressions_in(old):
        is_variable = name in given or plan.spec.output.gitops is Gitops.FLUX or path[-1:] == ("image",)
        if expression in kept or not is_variable:
            continue
        giver = given.get(name)
        source = giver.document.chunk.source.shown if giver is not None else ""
        value = value_for(old, expression, new) if isinstance(old, str) and isinstance(new, str) else ""
        wanted = f"`{name}: {json.dumps(value)}`" if value else f"`{name}`"
        yield at_object(
            document,
            path,
            code="GC624",
            message=f"`{show_path(path)}` of `{document.identity.ref}` says `{expression}`; promoted, it says a text, "
            "and the variable counts there no more",
            notes=(note_at(giver.document, giver.path, "its value is given here"),) if giver is not None else (),
            help=f"set {wanted} in `postBuild.substitute`{f' of `{source}`' if source else ''} instead, where the "
            "variable is to stay",
        )
        return


def _written_by_policies(file: Edited) -> Iterator[Diagnostic]:
    before = Counter(file.old.text.splitlines())
    for number, line in enumerate(file.new.text.splitlines(), 1):
        before[line] -= 1
        policy = policy_in(line)
        if before[line] < 0 and policy and number <= len(file.after):
            yield Diagnostic(
                code="GC625",
                message=f"Flux's image automation writes this value of `{file.new.shown}` by itself, as policy "
                f"`{policy}` tells it to: at its next run it replaces what is promoted",
                span=Span(source=file.new, line=number, column=1, sensitive=MASK in file.after[number - 1]),
                help="let the policy take the new tag instead, or suspend its ImageUpdateAutomation first",
            )
