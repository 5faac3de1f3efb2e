"""Where a value of a gray object comes from, pass and line; and what a field of the language is."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path as FilePath

from grayc.conform.model import Mismatch
from grayc.conform.origin import origin_of
from grayc.diagnostics import Checked, Diagnostic, did_you_mean, shell
from grayc.diff.mask import MASK, has_secret
from grayc.documents import Document, Path
from grayc.documents.reader import parse_documents
from grayc.documents.tree import get, get_text, is_mapping, show_path
from grayc.driver.compile import attempt_releases
from grayc.driver.model import Attempt
from grayc.driver.recorded import with_recorded_of
from grayc.driver.request import Request, unreadable
from grayc.passes.model import Lane, start
from grayc.passes.pipeline import steps
from grayc.passes.registry import BUILD
from grayc.plan.model import Copy, ReleasePlan
from grayc.plan.trace import Cause, Trace
from grayc.records import replace
from grayc.source import SourceError, read_file
from grayc.spec.flags import NO_FLAGS, Flags, images_of
from grayc.spec.model import ServiceSpec
from grayc.spec.schema import places_of_fields, walk_fields

Named = tuple[str | int | tuple[str, str], ...]
"""A path whose steps into lists are the key and value by which an item is known, where it has such."""

_LIST_KEYS = ("name", "mountPath", "key", "ip", "host", "containerPort", "port", "path")
_STEP = re.compile(r'\[(\d+)\]|\["([^"]*+)"\]|\[([^\[\]]++)\]|\.?([^.\[\]]++)')
_PATH = re.compile(rf"(?:{_STEP.pattern})*+")
_SECTION = re.compile(r"^ *(?:Args|Returns|Raises|Diagnostics|Source)[^\n:]*:", re.MULTILINE)
_TWICE = re.compile(r" Running it twice [^.]*\.")
_MISSING = object()


def trace_line(request: Request, file: str, line: int) -> Checked[tuple[Trace, ...]]:
    """Return where the value on a line of an output file comes from.

    Diagnostics:
        GC736: the file, or the line, is none of what the releases compile to.
    """
    try:
        source = read_file(FilePath(file))
    except SourceError as error:
        return Checked(value=None, diagnostics=(unreadable(error),))
    parsed = parse_documents(source, is_output=True)
    if parsed.value is None:
        return Checked(value=None, diagnostics=parsed.diagnostics)
    holding = [document for document in parsed.value if document.chunk.line <= line]
    place = f"{file}:{line}"
    if not holding or line > source.text.count("\n") + 1:
        return Checked(value=None, diagnostics=(_unknown(place, "no object stands there"),))
    if source.text.split("\n")[line - 1].startswith("---"):
        return Checked(value=None, diagnostics=(_unknown(place, "the line is between two objects"),))
    document = holding[-1]
    path = _path_at(document, line)
    request = with_recorded_of(request, FilePath(file))
    return _trace(request, lambda each: each.identity.ref == document.identity.ref, path, place, held=document)


def trace_value(request: Request, ref: str, field: str) -> Checked[tuple[Trace, ...]]:
    """Return where the value at a field of a gray object comes from.

    Args:
        ref: `Kind/name`, or `Kind.group/name`.
        field: such as `spec.replicas`; "" for the object itself.
    Diagnostics:
        GC736: the releases compile to no such object, or it has no such field.
    """
    place = f"{ref} {field}".rstrip()
    if _PATH.fullmatch(field) is None:
        wrong = _unknown(
            place, f"`{field}` is no path of a field", "write it as `spec.template.spec.containers[web].image`"
        )
        return Checked(value=None, diagnostics=(wrong,))
    return _trace(request, lambda each: ref in _names_of(each), field, place)


def _names_of(document: Document) -> tuple[str, str]:
    """Return what an object is called: `Kind/name`, and with the group, as `kubectl delete` takes it."""
    identity = document.identity
    group, kind = identity.group_kind
    return identity.ref, f"{kind}.{group}/{identity.name}" if group else identity.ref


def _trace(
    request: Request, is_it: Callable[[Document], bool], at: Path | str, place: str, *, held: Document | None = None
) -> Checked[tuple[Trace, ...]]:
    compiled, attempts = attempt_releases(request, asks=False)
    if compiled.value is None:
        return Checked(value=None, diagnostics=compiled.diagnostics)
    found: list[Trace] = []
    refs: list[str] = []
    for attempt in attempts:
        for document in attempt.documents or ():
            refs.append(document.identity.ref)
            if not is_it(document):
                continue
            path = _read_path(at, document.data) if isinstance(at, str) else at
            if path is not None and _value(document.data, path) is not _MISSING:
                trace = _trace_of(attempt, document, path, request.flags)
                found.append(replace(trace, in_file=_other(held, document, path)))
                continue
            gone = _gone(attempt, document, at) if isinstance(at, str) else None
            if gone is None:
                return Checked(value=None, diagnostics=(_no_field(place, document, at),))
            found.append(gone)
    if not found:
        what = did_you_mean(place.partition(" ")[0], refs, noun="object") if " " in place or "/" in place else ""
        return Checked(value=None, diagnostics=(_unknown(place, "the release compiles to no such object", what),))
    return Checked(value=tuple(found))


def _other(held: Document | None, built: Document, path: Path) -> tuple[object, ...]:
    """Return what an object of a file says at a path, alone, where that is another value than a build writes."""
    value = _MISSING if held is None else _value(held.data, path)
    if held is None or value is _MISSING or is_mapping(value) or isinstance(value, list):
        return ()
    return () if _is_same(value, _value(built.data, path)) else (MASK if has_secret(held, path, value) else value,)


def _gone(attempt: Attempt, document: Document, field: str) -> Trace | None:
    """Return what took a field away that production has, None where it has none or no pass did."""
    plan = attempt.plan
    original = next((each for each in plan.baseline if each.place == document.place), None)
    path = None if original is None or not plan.is_copy(document) else _read_path(field, original.data)
    if original is None or path is None or _value(original.data, path) is _MISSING:
        return None
    named = _named(original.data, path)
    last, deed = "", ""
    before = _at(start(plan), document, plan, named)
    for row, result in steps(BUILD, plan):
        now = before if result.value is None else _at(result.value, document, plan, named)
        if now is _MISSING and before is not _MISSING:
            last, deed = row.name, _prose(row.run.function.__doc__ or "")
        before = now
    value = _value(original.data, path)
    return (
        Trace(
            identity=document.identity,
            field=show_path(path),
            value=None,
            made_by=last,
            deed=deed,
            causes=(),
            before=MASK if has_secret(original, path, value) else value,
            baseline=original.span(path, key=True),
            release=plan.spec.name,
            is_gone=True,
        )
        if last and before is _MISSING
        else None
    )


def _prose(text: str) -> str:
    """Return what a docstring says before its sections, on one line, but for what only a pipeline asks."""
    return _TWICE.sub("", " ".join(_SECTION.split(text, maxsplit=1)[0].split()))


def _unknown(place: str, why: str, help: str = "") -> Diagnostic:
    return Diagnostic(
        code="GC736",
        message=f"nothing is known of `{place}`: {why}",
        help=help
        or "name a line of a file of `grayc build`, or an object and a field: `Deployment/web-gray spec.replicas`",
    )


def _no_field(place: str, document: Document, at: Path | str) -> Diagnostic:
    field = at if isinstance(at, str) else show_path(at)
    if not isinstance(at, str):
        return _unknown(place, "a build of the release writes something else there", "build the release anew first")
    parent = _read_path(field.rpartition(".")[0], document.data)
    below = get(document.data, parent) if parent is not None else document.data
    names = list(below) if is_mapping(below) else []
    last = field.rpartition(".")[2]
    return _unknown(place, f"`{document.identity.ref}` has no such field", did_you_mean(last, names, noun="field"))


def _path_at(document: Document, line: int) -> Path:
    """Return the deepest path whose key or item stands on a line, or on the last one before it."""
    best: tuple[int, int, Path] = (0, 0, ())
    for at, path in enumerate(_paths(document.data, ())):
        start = document.span(path, key=True).line
        if start <= line:
            best = max(best, (start, at, path), key=lambda row: row[:2])
    return best[2]


def _paths(value: object, path: Path) -> Iterator[Path]:
    """Yield every path of plain data, in the order of its text."""
    items = value.items() if is_mapping(value) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*path, step)
        yield from _paths(item, (*path, step))


def _read_path(text: str, data: object) -> Path | None:
    """Return the path that a text means in an object; `containers[web]` is the item of that name."""
    path: list[str | int] = []
    for number, quoted, name, key in _STEP.findall(text):
        here = get(data, tuple(path))
        if isinstance(here, list):
            wanted = quoted or name or key
            at = int(number) if number else next((at for at, item in enumerate(here) if _is_called(item, wanted)), -1)
            if at < 0:
                return None
            path.append(at)
        elif is_mapping(here):
            step, whole = quoted or name or key, text
            # A key may hold dots: the longest one that is there.
            rest = whole[len(show_path(tuple(path))) :].lstrip(".") if not quoted else step
            step = next((each for each in sorted(here, key=len, reverse=True) if rest == each), step)
            path.append(step)
            if step == rest and step != key:
                return tuple(path)
        else:
            return None
    return tuple(path)


def _is_called(item: object, name: str) -> bool:
    return any(str(get(item, (key,))) == name for key in _LIST_KEYS)


def _named(data: object, path: Path) -> Named:
    """Return a path by which the same value is found where lists have other items before it."""
    found: list[str | int | tuple[str, str]] = []
    for at, step in enumerate(path):
        item = get(data, path[: at + 1])
        key = next((key for key in _LIST_KEYS if isinstance(get(item, (key,)), str | int)), "")
        found.append((key, str(get(item, (key,)))) if isinstance(step, int) and key else step)
    return tuple(found)


def _found(data: object, named: Named) -> Path | None:
    """Return the path that a named one is in an object, None where it leads nowhere."""
    path: list[str | int] = []
    for step in named:
        here = get(data, tuple(path))
        if isinstance(step, tuple):
            items = here if isinstance(here, list) else []
            at = next((at for at, item in enumerate(items) if str(get(item, (step[0],))) == step[1]), None)
            if at is None:
                return None
            path.append(at)
        else:
            path.append(step)
    return tuple(path) if _value(data, tuple(path)) is not _MISSING else None


def _value(data: object, path: Path) -> object:
    """Return the value at a path; unlike None where there is none."""
    for step in path:
        if is_mapping(data) and step in data:
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            data = data[step]
        else:
            return _MISSING
    return data


def _trace_of(attempt: Attempt, document: Document, path: Path, flags: Flags) -> Trace:
    plan = attempt.plan
    named = _named(document.data, path)
    value = _value(document.data, path)
    last, deed = "", ""
    before = _at(start(plan), document, plan, named)
    for row, result in steps(BUILD, plan):
        now = before if result.value is None else _at(result.value, document, plan, named)
        if now is not before and not _is_same(now, before):
            last, deed = row.name, (row.run.function.__doc__ or "").partition("\n")[0]
        before = now
    original = next((each for each in plan.baseline if each.place == document.place), None)
    is_secret = has_secret(document, path, value)
    was, baseline = None, None
    if original is not None:
        there = _found(original.data, named)
        was = None if there is None else _value(original.data, there)
        baseline = original.span(there if there is not None else _nearest(original.data, named), key=True)
        was = MASK if there is not None and has_secret(original, there, was) else was
    return Trace(
        identity=document.identity,
        field=show_path(path),
        value=MASK if is_secret else value,
        made_by=last,
        deed=deed,
        causes=tuple(_causes(last, plan, document, (path, named), NO_FLAGS if is_secret else flags)) if last else (),
        before=was,
        baseline=baseline,
        release=plan.spec.name,
    )


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _nearest(data: object, named: Named) -> Path:
    for end in range(len(named) - 1, 0, -1):
        there = _found(data, named[:end])
        if there is not None:
            return there
    return ()


def _at(lane: Lane, document: Document, plan: ReleasePlan, named: Named) -> object:
    """Return the value in a lane as a pass left it; unlike None where there is none."""
    if plan.is_copy(document):
        there = next((gray.document for gray in lane.copies if gray.document.place == document.place), None)
    else:
        there = next((each for each in lane.added if each.identity.key == document.identity.key), None)
    path = None if there is None else _found(there.data, named)
    return _MISSING if there is None or path is None else _value(there.data, path)


def _causes(
    name: str, plan: ReleasePlan, document: Document, place: tuple[Path, Named], flags: Flags
) -> Iterator[Cause]:
    """Yield the lines of the release that a pass made a value of, with the flags that stood in for them."""
    path, named = place
    spec = plan.spec
    copy = plan.copy_of(document) if plan.is_copy(document) else None
    if name == "apply_patches":
        origin = origin_of(plan, Mismatch(document=document, at=path, message=""))
        yield Cause(what="a patch of the release", span=origin.span, is_there=origin.is_exact)
        return
    for what, at in _asked(name, copy, named):
        flag = _flag(name, at, copy, flags)
        if at and spec.has(at):
            yield Cause(what=what, span=spec.span(at), flag=flag)
        elif at:
            yield Cause(what=what, span=spec.span(at[:-1], key=True), is_there=False, flag=flag)


def _flag(name: str, at: Path, copy: Copy | None, flags: Flags) -> str:
    """Return the flag that gave what a line of the release would else, "" for none."""
    if at == ("spec", "tag"):
        return shell.flag("tag", flags.tag) if flags.tag else ""
    if name != "set_images" or copy is None:
        return ""
    given = [
        each.text for each in images_of(flags) if each.container == at[-1] and each.service in ("", copy.service.name)
    ]
    return shell.flag("image", given[-1]) if given else ""


_OF_RELEASE: Mapping[str, tuple[str, Path]] = {
    "label_lane": ("the tag", ("spec", "tag")),
    "rename_objects": ("the tag", ("spec", "tag")),
    "relabel_pods": ("the tag", ("spec", "tag")),
    "rewrite_references": ("the tag", ("spec", "tag")),
    "open_entries": ("who goes gray", ("spec", "traffic", "rules")),
    "patch_entries": ("a patch of an entry", ("spec", "services")),
    "attach_policies": ("the entries", ("spec", "traffic")),
    "carry_policies": ("the isolation", ("spec", "lane", "isolation")),
    "route_calls": ("the lane's provider", ("spec", "lane", "provider")),
    "annotate_gitops": ("what applies the output", ("spec", "output", "gitops")),
    "verify_lane": ("the checks", ("spec", "verify")),
}
"""Pass → what of the release asks for its work, and where, whatever the service."""


def _asked(name: str, copy: Copy | None, named: Named) -> Iterator[tuple[str, Path]]:
    """Yield what of the release asks for the work of a pass on a value, and where it stands."""
    if name in _OF_RELEASE:
        yield _OF_RELEASE[name]
        return
    if copy is None:
        return
    service = copy.service
    container = _item_of(named, ("containers", "initContainers", "ephemeralContainers"))
    match name:
        case "set_images":
            yield "the image", (*service.path, "images", container)
        case "set_env":
            variable = _item_of(named, ("env",))
            yield from _changed(service, "env", container, variable)
        case "set_config":
            key = next((step for step in reversed(named) if isinstance(step, str)), "")
            yield from _changed(service, "config", copy.document.identity.name, key)
        case "set_replicas":
            yield "the replicas", service.replicas_at
        case "set_autoscaling":
            yield "the autoscaling", (*service.path, "autoscaling")
        case "rewrite_text":
            yield "the rewriting of addresses", (*service.path, "rewriteText")
        case "own_work":
            yield "its work", (*service.path, "work")
        case _:
            yield "the service", (*service.path, "name")


def _item_of(named: Named, lists: Sequence[str]) -> str:
    """Return the name of the item that a path goes through in a list of this key."""
    for before, step in pairwise(named):
        if before in lists and isinstance(step, tuple):
            return step[1]
    return ""


def _changed(service: ServiceSpec, field: str, *names: str) -> Iterator[tuple[str, Path]]:
    for changes in service.changes:
        block = changes.env if field == "env" else changes.config
        if names[1] in block.get(names[0], {}):
            yield f"`{field}`", (*changes.path, field, *names)


def field_page(text: str) -> Checked[Mapping[str, object]]:
    """Return what the schema says of a field of the release language, as plain data.

    Args:
        text: such as `spec.traffic.rules`; a name that one field alone has will do.
    Diagnostics:
        GC737: the language has no such field.
    """
    wanted = re.sub(r"\[\d*\]", "", text)
    known: dict[str, list[Mapping[str, object]]] = {}
    for path, schema in walk_fields():
        known.setdefault(_plain(path), []).append(schema)
    if wanted not in known:
        others = [place.replace("[]", "") for place in places_of_fields().get(wanted.rpartition(".")[2], ())]
        if len(others) == 1 and "." not in wanted:
            wanted = others[0]
        else:
            return Checked(value=None, diagnostics=(_unknown_field(text, others, list(known)),))
    schemas = known[wanted]
    first = schemas[0]
    below = dict.fromkeys(
        path for path in known if path.rpartition(".")[0] == wanted or path.rpartition(".")[0] == f"{wanted}.*"
    )
    return Checked(
        value={
            "field": wanted,
            "description": get_text(first, ("description",)),
            "type": _types(first),
            "default": first.get("default"),
            "values": [
                {"value": value, "meaning": meaning}
                for value, meaning in zip(_list(first, "enum"), _list(first, "enumDescriptions"), strict=False)
            ],
            "examples": _list(first, "examples"),
            "fields": [{"field": path, "description": get_text(known[path][0], ("description",))} for path in below],
        }
    )


def _plain(path: Path) -> str:
    return ".".join(str(step) for step in path if not isinstance(step, int))


def _list(schema: Mapping[str, object], key: str) -> list[object]:
    found = schema.get(key)
    return found if isinstance(found, list) else []


def _types(schema: Mapping[str, object]) -> list[str]:
    found = schema.get("type")
    if isinstance(found, str):
        return [found]
    if isinstance(found, list):
        return [str(item) for item in found]
    branches = schema.get("oneOf")
    inner = branches if isinstance(branches, list) else []
    return list(dict.fromkeys(name for branch in inner if is_mapping(branch) for name in _types(branch)))


def _unknown_field(text: str, others: Sequence[str], known: Sequence[str]) -> Diagnostic:
    if others:
        help = f"there is {', '.join(f'`{place}`' for place in others)}"
    else:
        help = did_you_mean(text, known, noun="field")
    return Diagnostic(code="GC737", message=f"the release language has no field `{text}`", help=help)
