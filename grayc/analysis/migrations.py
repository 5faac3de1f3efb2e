"""Which containers of gray pods change the schema of a database, and by what they show it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from grayc.analysis.command_words import Word, command_texts, commands_in
from grayc.analysis.container_sources import SECRET
from grayc.analysis.graph import containers_of
from grayc.analysis.registrations import ConfigTexts, Settings, settings_of_container
from grayc.analysis.store_texts import StoreTexts
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_text, matches
from grayc.k8s.kinds import BATCH
from grayc.k8s.migrations import (
    LOOKING,
    SCHEMA_FILES,
    SCHEMA_SETTINGS,
    STARTERS,
    Deed,
    client_fed,
    deed_of_command,
    is_called_migration,
    is_fed_by,
    is_plain,
    is_switch_on,
    program_of_image,
)
from grayc.k8s.pod_templates import WORKLOADS
from grayc.records import dataclass

_HOOKS = (("lifecycle", "postStart"), ("lifecycle", "preStop"))
_EXEC = ("exec", "command", "[*]")
_JOBS = frozenset({(BATCH, "Job"), (BATCH, "CronJob")})
_VARIABLE = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")
_SHELL = "#!"
_MOST_SHOWN = 100
_LONGEST = 20_000
"""Characters of a script that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What shows that a container changes a schema.

    Attributes:
        tool: of what it is; "" where only a name tells.
        shown: in words, with their quotes.
        document: that says so, gray or of the baseline.
        path: where it does.
    """

    tool: str
    shown: str
    document: Document
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A container that changes a schema when the pods start.

    Attributes:
        is_init: it runs before the others.
        signs: the plainest first.
    """

    workload: Document
    container: str
    is_init: bool
    signs: tuple[Sign, ...]


def migrations_of(workload: Document, texts: StoreTexts, configs: ConfigTexts) -> Iterator[Migration]:
    """Yield the containers of a workload that change a schema; none of one that has no pods."""
    if _has_no_pods(workload):
        return
    is_job = workload.identity.group_kind in _JOBS
    for place, container in containers_of(workload):
        is_init = "initContainers" in place
        # An init container that always restarts is a sidecar. Source: Kubernetes, "Sidecar Containers".
        is_once = is_job or (is_init and container.get("restartPolicy") != "Always")
        signs = [
            *_by_command(workload, place, container, texts, is_once=is_once),
            *_by_scripts(workload, place, container, texts, is_once=is_once),
            *_by_settings(settings_of_container(workload, place, container, configs)),
            *_by_files(workload, container, texts),
            *_by_switches(workload, place, container, texts),
        ]
        if not signs and is_once:
            signs += _by_name(workload, place, container)
        if signs:
            yield Migration(
                workload=workload, container=get_text(container, ("name",)), is_init=is_init, signs=tuple(signs)
            )


def _has_no_pods(workload: Document) -> bool:
    path = WORKLOADS[workload.identity.group_kind].replicas
    is_suspended = workload.identity.group_kind in _JOBS and get(workload.data, ("spec", "suspend")) is True
    return is_suspended or (bool(path) and get(workload.data, path) == 0)


def _by_command(
    workload: Document, place: Path, container: Mapping[str, object], configs: StoreTexts, *, is_once: bool
) -> Iterator[Sign]:
    entry = program_of_image(get_text(container, ("image",)))
    texts = [
        ((*place, *path), configs.filled(text, workload, place, container) if "$(" in text else text)
        for path, text in command_texts(container)
    ]
    is_by_entry = bool(entry) and not get(container, ("command",))
    yield from _in_texts(workload, texts, entry if is_by_entry else (), is_once=is_once)
    for hook in _HOOKS:
        hooked = [
            ((*place, *path), text) for path, text in matches(container, (*hook, *_EXEC)) if isinstance(text, str)
        ]
        yield from _in_texts(workload, hooked, (), is_once=True)


def _in_texts(
    document: Document, texts: Sequence[tuple[Path, str]], entry: Sequence[str], *, is_once: bool
) -> Iterator[Sign]:
    # The kubelet fills in `$(NAME)` before there is a shell, to which it would be a command of its own.
    whole = [(path, _VARIABLE.sub(r"${\1}", text[:_LONGEST])) for path, text in texts]
    for number, words in enumerate(commands_in(whole)):
        said = [*(entry if number == 0 else ()), *(word.text for word in words)]
        deed = deed_of_command(said, is_once=is_once)
        if deed is not None:
            yield Sign(tool=deed.tool, shown=_shown(deed), document=document, path=_place(words, deed))
            return
    for path, text in whole:
        client = client_fed(text)
        if client:
            yield Sign(tool="SQL", shown=f"`{client}`", document=document, path=path)
            return


def _place(words: Sequence[Word], deed: Deed) -> Path:
    last = deed.words[-1]
    return next((word.path for word in words if word.text.rpartition("/")[2] == last), words[-1].path)


def _by_scripts(
    workload: Document, place: Path, container: Mapping[str, object], texts: StoreTexts, *, is_once: bool
) -> Iterator[Sign]:
    """Yield what scripts do that a container mounts and its command names."""
    texts_of_command = [(path, text[:_LONGEST]) for path, text in command_texts(container)]
    # Of `cat /c/run.sh` nothing runs.
    said_all = [[word.text for word in command] for command in commands_in(texts_of_command)]
    run = [said for said in said_all if not is_plain(said)]
    words = {word.rpartition("/")[2] for said in run for word in said}
    for document, key, file in texts.mounted_texts(workload, container) if words else ():
        text = key.text
        if file in words and file.endswith((".sql", ".cql", ".ddl")):
            called = [said for said in run if file in {word.rpartition("/")[2] for word in said}]
            client = next((found for said in called if (found := is_fed_by(said, text[:_LONGEST]))), "")
            if client:
                yield Sign(tool="SQL", shown=f"`{client}`", document=document, path=key.path)
            continue
        if file not in words or not (file.endswith((".sh", ".bash")) or text.startswith(_SHELL)):
            continue
        for words_of_line in commands_in([(key.path, text[:_LONGEST])]):
            said = [word.text for word in words_of_line]
            deed = deed_of_command(said, is_once=is_once)
            if deed is not None:
                yield Sign(tool=deed.tool, shown=_shown(deed), document=document, path=key.path)
                break


def _by_files(workload: Document, container: Mapping[str, object], texts: StoreTexts) -> Iterator[Sign]:
    """Yield what files of programs say that no variable sets."""
    for document, key, file in texts.mounted_texts(workload, container):
        for tool, name, changes in SCHEMA_FILES:
            found = changes.search(key.text[:_LONGEST]) if name.fullmatch(file) else None
            if found is not None:
                yield Sign(tool=tool, shown=f"`{_clean(found['name'])}`", document=document, path=key.path)


def _by_settings(settings: Settings) -> Iterator[Sign]:
    """Yield the settings by which a program changes its schema when it starts."""
    if not settings:
        return
    told = set()
    for row in SCHEMA_SETTINGS:
        found = settings.get(row.name)
        value = settings.value(found) if found is not None else None
        if found is None or value is None or row.tool in told:
            continue
        if row.tool == "Hibernate" and row.name.endswith("hbm2ddl.auto"):
            # It counts before `ddl-auto`, whatever it says.
            told.add(row.tool)
        if value.strip().lower() in row.changes:
            told.add(row.tool)
            yield Sign(
                tool=row.tool,
                shown=_said(found.key, value, found.document),
                document=found.document,
                path=found.path,
            )
    for starter in STARTERS:
        switch = settings.get(starter.switch)
        if starter.tool in told or (switch is not None and (settings.value(switch) or "").strip().lower() == "false"):
            continue
        shown = switch or next((setting for _, setting in settings.below(starter.below)), None)
        if shown is not None:
            told.add(starter.tool)
            yield Sign(tool=starter.tool, shown=f"`{_clean(shown.key)}`", document=shown.document, path=shown.path)


def _by_switches(workload: Document, place: Path, container: Mapping[str, object], texts: StoreTexts) -> Iterator[Sign]:
    for name, value, document, path in texts.variables_about("migrat", workload, place, container):
        if is_switch_on(name, value):
            yield Sign(tool="", shown=_said(name, value, document), document=document, path=path)


def _by_name(workload: Document, place: Path, container: Mapping[str, object]) -> Iterator[Sign]:
    image = get_text(container, ("image",)).partition("@")[0].rpartition("/")[2].partition(":")[0]
    # A tool's own image does what its arguments say, which was looked at.
    if program_of_image(get_text(container, ("image",))):
        return
    for field, name in (("name", get_text(container, ("name",))), ("image", image)):
        if is_called_migration(name):
            if not _is_told_by_command(container):
                yield Sign(tool="", shown=f"{field} `{name}`", document=workload, path=(*place, field))
            return


def _is_told_by_command(container: Mapping[str, object]) -> bool:
    """Tell whether the command of a container named after a migration says that it is none.

    A name counts only where no command tells: there is none, or its program is nobody's that is known.
    """
    texts = list(command_texts(container))
    words = {word.strip("\"'").rpartition("/")[2] for _, text in texts for word in text[:_LONGEST].split()}
    if not words.isdisjoint(LOOKING):
        return True
    commands = [[word.text for word in words] for words in commands_in((path, text[:_LONGEST]) for path, text in texts)]
    return bool(get(container, ("command",))) and all(is_plain(command) for command in commands)


def _shown(deed: Deed) -> str:
    """Return a command as it is shown: the program and what it does, and no argument, which may be a password."""
    return f"`{_clean(' '.join(deed.words))}`"


def _said(name: str, value: str, document: Document) -> str:
    """Return a setting as it is shown: of one in a Secret its name."""
    is_secret = document.identity.group_kind == SECRET
    return f"`{_clean(name)}`" if is_secret else f"`{_clean(name)}: {_clean(value.strip())}`"


def _clean(text: str) -> str:
    """Return a text that ends no quotation, in bounds."""
    return "".join(sign if sign.isprintable() and sign != "`" else "?" for sign in text)[:_MOST_SHOWN]
