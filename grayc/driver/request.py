"""What the user asked to compile, and the specs that he named."""

import posixpath
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents.reader import parse_plain
from grayc.documents.tree import get_text
from grayc.k8s.gateways import GatewayName
from grayc.records import dataclass, replace
from grayc.source import SourceError, SourceFile, list_manifests, read_file, read_stream, refuse_link_out
from grayc.source.limits import MAX_TOTAL_BYTES
from grayc.source.seen import note_obstacle, note_way
from grayc.spec.findings import at_spec
from grayc.spec.flags import NO_FLAGS, Flags, name_with, refuse_flags, with_flags
from grayc.spec.load import Head, load_head, load_spec
from grayc.spec.model import ReleaseSpec, at_step

T = TypeVar("T")


U = TypeVar("U")


STDIN = "-"


PIPED = "<stdin>"
"""What a piped baseline or spec is called."""


_RELEASE_KIND = "GrayRelease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked to compile.

    Attributes:
        specs: paths of specs or of folders of specs, or `-` for standard input.
        allowed_roots: folders besides the specs' own that files may be read from.
        most_bytes: what all files of a baseline may hold.
        index: an index of the baseline that an earlier run wrote; None for none.
        flags: what they give in place of fields; of one release alone.
        gateway: the gateway to compile for; "" for the spec's own.
        step: the step of the rollout to compile; "" for the last.
        out: the output folder that the releases are compiled for, whose lanes count beside them; None for none.
        lanes: other output folders whose lanes count.
        is_check: the output folder is compared, and not written.
        patch: the file of the baseline patch, as typed; "" for none.
        accept_losses: go on where a gateway does less than is asked, as if the spec accepted it.
        as_recorded: flags that are not given are those with which the output folder's lane was built.
        stdin: opens standard input.
    """

    specs: tuple[str, ...]
    allowed_roots: tuple[Path, ...] = ()
    most_bytes: int = MAX_TOTAL_BYTES
    index: Path | None = None
    flags: Flags = NO_FLAGS
    gateway: str = ""
    step: str = ""
    out: Path | None = None
    lanes: tuple[Path, ...] = ()
    is_check: bool = False
    patch: str = ""
    accept_losses: bool = False
    as_recorded: bool = False
    stdin: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Input:
    """A spec's text and where its paths start.

    Attributes:
        is_alone: no other spec is asked for.
    """

    name: str
    folder: Path
    path: Path | None
    is_alone: bool = True


def flags_of(*, tag: str, images: Sequence[str], expires: str, owner: str) -> Flags:
    """Return the flags of a command line, "" and nothing for those that it has not."""
    return Flags(tag=tag, images=tuple(images), expires=expires, owner=owner)


def shown_folder(given: Input) -> str:
    """Return how a spec's folder is called in findings; "" for the working directory."""
    return posixpath.dirname(given.name) if given.path is not None else ""


def load_input(given: Input, request: Request) -> Checked[ReleaseSpec]:
    """Return one spec, as its file has it and as flags give more.

    Diagnostics: those of `refuse_flags`.
    """
    loaded = _load(given, request, load_spec)
    if loaded.value is None or not request.flags:
        return loaded
    refused = refuse_flags(request.flags, loaded.value.name)
    spec = None if refused else with_flags(loaded.value, request.flags)
    return Checked(value=spec, diagnostics=(*loaded.diagnostics, *refused))


def load_input_head(given: Input, request: Request) -> Checked[Head]:
    """Return what one spec and its flags call its lane, whatever else is wrong with it."""
    loaded = _load(given, request, load_head)
    tag = request.flags.tag
    if loaded.value is None or not tag:
        return loaded
    refused = refuse_flags(Flags(tag=tag), loaded.value.name)
    head = None if refused else replace(loaded.value, name=name_with(loaded.value.name, tag), tag=tag)
    return Checked(value=head, diagnostics=(*loaded.diagnostics, *refused))


def _load(given: Input, request: Request, load: Callable[[SourceFile], Checked[T]]) -> Checked[T]:
    try:
        if given.path is None:
            return load(read_stream(request.stdin(), PIPED))
        return load(replace(read_file(given.path), name=given.path.name, folder=shown_folder(given)))
    except SourceError as error:
        return Checked(value=None, diagnostics=(unreadable(error),))


def for_step(loaded: Checked[ReleaseSpec], step: str, *, is_alone: bool) -> Checked[ReleaseSpec]:
    """Return the spec at one step of its rollout: the one that is asked for, else the last.

    A spec without steps is what it is at each step of the specs beside it: see `missing_step`.

    Diagnostics:
        GC218: there is no such step.
    """
    spec = loaded.value
    if spec is None or (not spec.steps and not (step and is_alone)):
        return loaded
    chosen = next((each for each in spec.steps if each.name == step), None) if step else spec.steps[-1]
    if chosen is not None:
        return replace(loaded, value=at_step(spec, chosen))
    return Checked(value=None, diagnostics=(*loaded.diagnostics, _unknown_step(spec, step)))


def missing_step(specs: Sequence[ReleaseSpec], step: str) -> tuple[Diagnostic, ...]:
    """Return what to say where a step is asked for and none of the specs has steps at all."""
    return (_unknown_step(specs[0], step),) if step and not any(spec.steps for spec in specs) else ()


def _unknown_step(spec: ReleaseSpec, step: str) -> Diagnostic:
    steps = [each.name for each in spec.steps]
    return at_spec(
        spec,
        ("spec", "rollout", "steps") if steps else ("metadata", "name"),
        code="GC218",
        message=f"release `{spec.name}` has no step `{step}`",
        help=did_you_mean(step, steps, noun="step") if steps else "write the steps in `spec.rollout.steps`",
    )


def for_gateway(loaded: Checked[ReleaseSpec], gateway: str) -> Checked[ReleaseSpec]:
    """Return the spec as if it named another gateway, where one is asked for.

    Diagnostics:
        GC702: there is no such gateway.
    """
    spec = loaded.value
    if not gateway or spec is None:
        return loaded
    if gateway not in set(GatewayName):
        unknown = Diagnostic(
            code="GC702",
            message=f"there is no gateway `{gateway}`",
            help=did_you_mean(gateway, list(GatewayName), noun="gateway"),
        )
        return Checked(value=None, diagnostics=(*loaded.diagnostics, unknown))
    if spec.traffic is None:
        return loaded
    return replace(loaded, value=replace(spec, traffic=replace(spec.traffic, gateway=GatewayName(gateway))))


def unreadable(error: SourceError) -> Diagnostic:
    """Return what to say of a source that cannot be read."""
    suggestion = did_you_mean(error.wanted, error.candidates, noun="path") if error.candidates else ""
    return Diagnostic(code=error.code, message=error.message, span=error.span, help=suggestion or error.help)


def refuse_links_out(paths: Iterable[Path], allowed: Sequence[Path] = ()) -> tuple[Diagnostic, ...]:
    """Return which paths of the command line a link of a repository leads out of it, see `refuse_link_out`.

    Diagnostics:
        GC150: it does.
    """
    refused: list[Diagnostic] = []
    for path in paths:
        try:
            refuse_link_out(path, allowed)
        except SourceError as error:
            refused.append(unreadable(error))
    return tuple(refused)


def find_specs(request: Request) -> Checked[tuple[Input, ...]]:
    """Return the specs that the arguments name: a folder stands for the GrayRelease files right in it.

    Diagnostics:
        GC103: a folder holds none.
        GC702: flags that are about one release, and several are named.
        GC150: a link of the repository leads out of it, on the way to a spec or to a folder that may be read from.
    """
    refused = refuse_links_out(request.allowed_roots)
    found: list[Input] = []
    for argument in request.specs:
        if argument == STDIN:
            found.append(Input(name=PIPED, folder=Path.cwd(), path=None))
            continue
        path = Path(argument)
        note_way(argument)
        way_out = refuse_links_out((path,), request.allowed_roots)
        refused += way_out
        if way_out:
            continue
        if not path.is_dir():
            found.append(Input(name=argument, folder=path.parent, path=path))
            continue
        inside = _specs_in(path)
        if not inside:
            return Checked(
                value=None,
                diagnostics=(
                    Diagnostic(
                        code="GC103",
                        message=f"`{argument}` holds no release",
                        help="name a file of kind `GrayRelease`",
                    ),
                ),
            )
        refused += refuse_links_out(inside, request.allowed_roots)
        found += (Input(name=posixpath.join(argument, item.name), folder=path, path=item) for item in inside)
    if request.flags and len(found) > 1:
        refused += (_of_one(len(found)),)
    if refused:
        return Checked(value=None, diagnostics=refused)
    return Checked(value=tuple(replace(item, is_alone=len(found) == 1) for item in found))


def _of_one(count: int) -> Diagnostic:
    return Diagnostic(
        code="GC702",
        message=f"`--tag`, `--image`, `--expires` and `--owner` are about one release, and {count} are named",
        help="build each by itself, into the same output folder",
    )


def _specs_in(folder: Path) -> list[Path]:
    """Return the files right in a folder that hold a release, by name."""
    found = []
    for path in list_manifests(folder):
        try:
            source = read_file(path)
        except SourceError:
            note_obstacle("a file of the folder cannot be read")
            continue
        if _RELEASE_KIND in source.text:
            parsed = parse_plain(source)
            if parsed.value is not None and get_text(parsed.value[1], ("kind",)) == _RELEASE_KIND:
                found.append(path)
    return found


def all_of(items: Checked[tuple[T, ...]], stage: Callable[[T], Checked[U]]) -> Checked[tuple[U, ...]]:
    """Run a stage on every item; a value only where all of them have one."""
    results = [stage(item) for item in items.value or ()]
    values = tuple(result.value for result in results if result.value is not None)
    diagnostics = (*items.diagnostics, *(diagnostic for result in results for diagnostic in result.diagnostics))
    whole = items.value is not None and len(values) == len(results)
    return Checked(value=values if whole else None, diagnostics=diagnostics)
