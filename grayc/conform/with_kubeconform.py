"""Compare objects with their schemas by kubeconform, which gets both in a folder of its own and no network.

Source: kubeconform v0.8.0, Readme: `-schema-location`, `-output json`; a kind without schema is skipped with
`-ignore-missing-schemas`.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from grayc.conform.custom import Schema
from grayc.conform.model import Conformance, ConformError, CostError, Engine, Mismatch
from grayc.conform.schemas import Schemas, key_of
from grayc.documents import Document
from grayc.documents import Path as Place
from grayc.documents.tree import get, position_of
from grayc.source.bounds import MAX_RENDER_BYTES, Watch, bind, go_settings

_TIMEOUT_SECONDS = 300
KUBECONFORM_SECONDS = 4.0
"""Of the processor, for kubeconform over a MiB of objects and schemas, and as much for each further one. GC726."""

_MEBIBYTE = 1024 * 1024
# Source: santhosh-tekuri/jsonschema v6, kind/kind.go (`quote`): a quote in a name is `\\'`.
_QUOTED = r"'((?:[^'\\]|\\.)*)'"
_ERROR = re.compile(rf"- at {_QUOTED}: (?P<words>(?:\S++|\s++(?!- at '|\Z))*+)", re.DOTALL)
_NAME = re.compile(_QUOTED)
_ESCAPED = re.compile(r"\\(['\\])")
_QUOTED_VALUE = re.compile(r"\A'.*' (?=does not|is not)", re.DOTALL)
_WHERE = "`--engine jsonschema` says where; kubeconform does so from version 0.7.0"
_LOCATION = "{{.ResourceKind}}@{{.ResourceAPIVersion}}@{{.Group}}.json"


def conform(documents: Sequence[Document], schemas: Schemas, binary: Path) -> Conformance:
    """Return where objects are not what their schemas say.

    Raises:
        ConformError: it does not run, or does not answer as it should.
        CostError: what a schema adds to an object is too much, or it takes too much memory or time of the processor.
    """
    known = {
        key: schema for key in dict.fromkeys(map(key_of, documents)) if (schema := schemas.schema(key)) is not None
    }
    asked = [document for document in documents if key_of(document) in known]
    with tempfile.TemporaryDirectory(prefix="grayc-") as name:
        folder = Path(name)
        _lay_out(folder, asked, schemas, known)
        rows = _run(binary, folder, len(asked)) if asked else []
    return Conformance(
        version=schemas.version,
        engine=Engine.KUBECONFORM,
        checked=len(asked),
        mismatches=tuple(
            found for row, document in zip(rows, asked, strict=True) for found in _mismatches(row, document)
        ),
        without_schema=tuple(document for document in documents if key_of(document) not in known),
    )


def _lay_out(folder: Path, documents: Sequence[Document], schemas: Schemas, known: Mapping[str, Schema]) -> None:
    """Write the objects by number, and the schema of every kind under the name it is looked for."""
    (folder / "objects").mkdir()
    work = schemas.budget_for(documents)
    for at, document in enumerate(documents):
        (folder / "objects" / f"{at}.json").write_text(json.dumps(schemas.decoded(document, work)), encoding="utf-8")
        group, _, version = document.identity.api_version.rpartition("/")
        # For the core group, kubeconform takes the version for the group too.
        path = folder / f"{document.identity.kind.lower()}@{version}@{group or version}.json"
        if not path.exists():
            path.write_text(json.dumps(known[key_of(document)]), encoding="utf-8")


def _run(binary: Path, folder: Path, count: int) -> list[dict[str, object]]:
    """Return what kubeconform says of every object, in their order.

    What it prints goes to a file, and it leads a group of its own: nothing that it started is waited for.
    """
    command = [str(binary), "-verbose", "-output", "json", "-schema-location", str(folder / _LOCATION)]
    printed = folder / "printed"
    size = sum(path.stat().st_size for path in (*folder.iterdir(), *(folder / "objects").iterdir()) if path.is_file())
    seconds = KUBECONFORM_SECONDS * max(1.0, size / _MEBIBYTE)
    try:
        with printed.open("wb") as to:
            process = subprocess.Popen(
                [*command, str(folder / "objects")],
                stdin=subprocess.DEVNULL,
                stdout=to,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **go_settings()},
                start_new_session=True,
                preexec_fn=bind(seconds, is_alone=False),  # noqa: PLW1509 - no other thread runs by now
            )
            watch = Watch(process=process.pid, stop=lambda: os.kill(process.pid, signal.SIGKILL), seconds=seconds)
            try:
                with watch.watching():
                    status = process.wait(_TIMEOUT_SECONDS)
            finally:
                _kill(process)
    except subprocess.TimeoutExpired:
        raise ConformError(f"it did not end within {_TIMEOUT_SECONDS} seconds") from None
    except OSError as error:
        raise ConformError(f"it does not run: {error.strerror}") from None
    if watch.passed or status == -signal.SIGXCPU:
        what = f"{seconds:.0f} seconds of processor time or {MAX_RENDER_BYTES // _MEBIBYTE} MiB of memory"
        raise CostError(f"kubeconform took more than {what} for {count} object{'' if count == 1 else 's'}")
    try:
        rows = {int(Path(row["filename"]).stem): row for row in json.loads(printed.read_bytes())["resources"]}
        statuses = {row["status"] for row in rows.values()}
        answers = [rows[at] for at in range(count)]
    except (ValueError, KeyError, TypeError):
        raise ConformError(f"it left exit status {status} and no report of every object") from None
    if len(rows) != count or (status != 0) != (statuses != {"statusValid"}):
        raise ConformError(f"it left exit status {status} and {len(rows)} answers for {count} objects")
    return answers


def _kill(process: "subprocess.Popen[bytes]") -> None:
    # Gone already; macOS says the latter of a group whose leader waits to be taken leave of.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _mismatches(row: dict[str, object], document: Document) -> list[Mismatch]:
    """Return what kubeconform has against an object: the first words for each place.

    They are read from its message: the list beside it holds the outermost error only.
    """
    if row["status"] == "statusValid":
        return []
    if row["status"] != "statusInvalid":
        raise ConformError(f"it could not look at `{document.identity}`")
    told: dict[Place, str] = {}
    for found in _ERROR.finditer(str(row.get("msg", ""))):
        at, words = _place(_plain(found[1]), document), found["words"]
        names = map(_plain, _NAME.findall(words))
        if words.startswith("additional propert"):
            told |= {(*at, name): "there is no such field" for name in names}
        elif words.startswith("missing propert"):
            told.setdefault(at, ", ".join(f"`{name}` is missing" for name in names))
        elif words != "validation failed":
            told.setdefault(at, _QUOTED_VALUE.sub("the value ", words))
    if not told:
        # Before 0.7.0 it had other words.
        return [Mismatch(document=document, at=(), message="it does not fit the schema", help=_WHERE)]
    # Its words may quote values.
    is_secret = document.identity.kind == "Secret"
    return [
        Mismatch(document=document, at=at, message="it does not fit the schema" if is_secret else words)
        for at, words in sorted(told.items(), key=lambda item: (tuple(map(str, item[0])), item[1]))
    ]


def _plain(quoted: str) -> str:
    return _ESCAPED.sub(r"\1", quoted)


def _place(pointer: str, document: Document) -> Place:
    """Return the path that a JSON pointer names."""
    value: object = document.data
    path: list[str | int] = []
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        at = position_of(value, key) if isinstance(value, list) else None
        step: str | int = key if at is None else at
        path.append(step)
        value = get(value, (step,))
    return tuple(path)
