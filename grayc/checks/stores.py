"""What gray pods share of production's stores is known, and no lane changes their schema unsaid."""

import re
from collections.abc import Iterator, Sequence

from grayc.analysis.graph import is_workload
from grayc.analysis.migrations import Migration, migrations_of
from grayc.analysis.registrations import texts_with_secrets
from grayc.analysis.store_texts import MOST_IN_ONE, Unread
from grayc.analysis.stores import SharedStores, Store, StoreUse, shared_stores, store_name
from grayc.analysis.work import in_baseline_of
from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import show_path
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.stores import Form, StoreKind
from grayc.plan.model import ReleasePlan
from grayc.records import replace
from grayc.source import Span
from grayc.spec.findings import at_spec
from grayc.spec.model import Verification

_MOST_SHOWN = 3
_COMMANDS = frozenset({"command", "args"})
_LONGEST_LINE = 10_000
_COMMAND = re.compile(r"\b(?:command|args)\b")
_MIGRATED = (StoreKind.DATABASE, StoreKind.INDEX)


def check_stores(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return the stores that gray pods share with production, and the gray containers that change a schema.

    Diagnostics:
        GC562: a store that gray pods share with production: one note for all of them, a warning each with `--strict`.
        GC563: a gray container, or one of a check, changes the schema of a store that production uses too, or that no
            manifest shows.
        GC564: a text has more settings about stores than are looked at.
    Source: release language, "Findings"; the rows of `grayc.k8s.stores` and `grayc.k8s.migrations`.
    """
    shared = shared_stores(documents, plan)
    told = [_shared(store) for store in shared.stores() if not store.is_read_only]
    texts = texts_with_secrets((*documents, *plan.baseline), plan.spec.namespace or "")
    checks = {(*plan.spec.document.root, *check.path): check for check in plan.spec.verifications}
    migrated = [
        finding
        for document in documents
        if is_workload(document)
        for check in [checks.get(document.root)]
        if check is not None or plan.is_copy(document)
        for migration in migrations_of(document, shared.gray.texts, texts)
        for finding in _migrated(migration, check, shared, plan)
    ]
    return (*told, *migrated, *(_unread(each, plan) for each in shared.gray.texts.unread()))


def _unread(text: Unread, plan: ReleasePlan) -> Diagnostic:
    document = in_baseline_of(text.document, plan)
    path = text.path or ("metadata", "name")
    finding = at_object(
        document,
        path,
        code="GC564",
        message=f"`{document.identity.ref}` has {text.count} settings that may speak of stores, and the first "
        f"{MOST_IN_ONE} are looked at: what the others share with production is not reported",
        help="look through the others, or give the services that read them objects of their own with what they need; "
        "or accept it with the reason",
    )
    return replace(finding, span=_span(document, path))


def _shared(store: Store) -> Diagnostic:
    first = store.uses[0]
    services = ", ".join(f"`{name}`" for name in store.services[:_MOST_SHOWN])
    more = len(store.services) - _MOST_SHOWN
    services += f" and {more} more" if more > 0 else ""
    whose = "" if store.is_known else ", whose address no manifest shows"
    if store.is_unread:
        whose = ", whose host nobody can tell from its password: write the password's signs as `%2F`, `%40` and `%20`"
    return Diagnostic(
        code="GC562",
        message=f"gray pods of {services} use production's `{store.name}` ({store.what}){whose}: `{first.setting}` of "
        f"`{first.document.identity.ref}`",
        span=_span(first.document, first.path, is_hidden=store.is_unread),
        field=show_path(first.path),
        object=store.name,
        notes=tuple(
            _note(use.document, use.path, f"and `{use.setting}` of `{use.document.identity.ref}`")
            for use in store.uses[1:_MOST_SHOWN]
        ),
        names=(store.name, *store.services, *(use.setting for use in store.uses[:_MOST_SHOWN])),
        help="what they write there is production's and stays when the lane is gone: give another address in "
        f"`laneOnly`, or accept it with `object: {store.name}` and the reason",
    )


def _migrated(
    migration: Migration, check: Verification | None, shared: SharedStores, plan: ReleasePlan
) -> Iterator[Diagnostic]:
    found = _databases(migration, shared)
    if found is None:
        return
    document = in_baseline_of(migration.workload, plan)
    first = migration.signs[0]
    kind = "init container" if migration.is_init else "container"
    if found:
        stores = ", ".join(f"`{store_name(use)}`" + _product(use) for use in found[:_MOST_SHOWN])
        what = f"of {stores}, which production uses too"
    else:
        what = "of a database whose address the manifests do not show"
    by = f"by {first.tool}, " if first.tool and not first.tool.startswith("`") else ""
    where = in_baseline_of(first.document, plan)
    if check is not None:
        yield at_spec(
            plan.spec,
            check.path,
            code="GC563",
            message=f"check `{check.name}` changes the schema {what}: {by}{first.shown}",
            object=f"verify/{check.name}",
            names=(check.name, *(store_name(use) for use in found), *(sign.shown for sign in migration.signs)),
            help="it runs when the lane starts, and neither `promote` nor `offline` takes it back: let a check only "
            "look, give it another database, or accept it with the reason why production's pods run on with the new "
            "schema",
        )
        return
    path = first.path if first.document is migration.workload else ("metadata", "name")
    finding = at_object(
        document,
        path,
        code="GC563",
        message=f"{kind} `{migration.container}` of gray `{document.identity.ref}` changes the schema {what}: {by}"
        f"{first.shown}",
        notes=(
            *(() if first.document is migration.workload else (_note(where, first.path, "it says so"),)),
            *(Note(message=f"and {sign.shown}") for sign in migration.signs[1:_MOST_SHOWN]),
        ),
        names=(migration.container, *(store_name(use) for use in found), *(sign.shown for sign in migration.signs)),
        help="it runs when the lane starts, and neither `promote` nor `offline` takes it back: switch it off in "
        "`laneOnly`, give the lane another database there, or accept it with the reason why production's pods run on "
        "with the new schema",
    )
    yield replace(finding, span=_span(document, path))


def _span(document: Document, path: Path, *, is_hidden: bool = False) -> Span:
    """Return the place of a value, whose line is not shown where it holds a command: any argument may be a password.

    Args:
        is_hidden: it is not shown whatever it holds.
    """
    span = document.span(path)
    if span.sensitive:
        return span
    if not is_hidden and _COMMANDS.isdisjoint(path):
        # Of a ConfigMap no line holds the command of a container.
        line = span.source.line(span.line) if document.identity.group_kind in WORKLOADS else ""
        if len(line) <= _LONGEST_LINE and _COMMAND.search(line) is None:
            return span
    # What is reported of the command is no argument: none of its words is taken for one.
    return replace(span, sensitive=True, secrets=())


def _note(document: Document, path: Path, message: str) -> Note:
    return Note(message=message, span=_span(document, path))


def _product(use: StoreUse) -> str:
    return f" ({use.mention.product})" if use.mention.product else ""


def _databases(migration: Migration, shared: SharedStores) -> Sequence[StoreUse] | None:
    """Return the databases that a migration meets and production uses too; None where all are the lane's own.

    Where the container names none, those of its pod count; where that does not either, nobody knows which it is.
    """
    every = [use for use in shared.gray.of(migration.workload) if use.mention.kind in _MIGRATED]
    for uses in ([use for use in every if use.mention.container == migration.container], every):
        if uses:
            known = {use.name: use for use in uses if shared.is_shared(use)}
            hidden = (Form.SECRET, Form.LOCAL, Form.UNREAD)
            named = [use for use in known.values() if use.mention.form not in hidden]
            if named:
                return named
            # A Secret of production's, or a proxy, leads to nobody knows which.
            return [] if known else None
    return []
