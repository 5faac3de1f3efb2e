"""Compare objects with their schemas by kubeconform, which gets both in a folder of its own and no network.

Source: kubeconform v0.8.0, Readme: `-schema-location`, `-output json`; a kind without schema is skipped with
`-ignore-missing-schemas`.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grayc.conform.model import Conformance, Engine, Mismatch
from grayc.conform.schemas import Schemas
from grayc.documents import Document
from grayc.documents import Path as Place

_TIMEOUT_SECONDS = 300
# Source: santhosh-tekuri/jsonschema v6, kind/kind.go (`quote`): a quote in a name is `\\'`.
_QUOTED = r"'((?:[^'\\]|\\.)*)'"
_ERROR = re.compile(rf"- at {_QUOTED}: (?P<words>.*?)(?=\s+- at '|\s*\Z)", re.DOTALL)
_NAME = re.compile(_QUOTED)
_ESCAPED = re.compile(r"\\(['\\])")
_QUOTED_VALUE = re.compile(r"\A'.*' (?=does not|is not)", re.DOTALL)
_LOCATION = "{{.ResourceKind}}@{{.ResourceAPIVersion}}@{{.Group}}.json"


class KubeconformError(Exception):
    """It gave no answer; the text says why, without a value."""


def conform(documents: Sequence[Document], schemas: Schemas, binary: Path) -> Conformance:
    """Return where objects are not what their schemas say.

    Raises:
        KubeconformError: it does not run, or does not answer as it should.
    """
    known = [(document, schema) for document in documents if (schema := schemas.schema_of(document)) is not None]
    with tempfile.TemporaryDirectory(prefix="grayc-") as name:
        folder = Path(name)
        objects = folder / "objects"
        objects.mkdir()
        for at, (document, _) in enumerate(known):
            (objects / f"{at}.json").write_text(json.dumps(document.data), encoding="utf-8")
        _lay_out(folder, [document for document, _ in known], schemas)
        rows = _run(binary, folder) if known else []
    asked = [document for document, _ in known]
    mismatches = [mismatch for row in rows for mismatch in _mismatches(row, asked)]
    return Conformance(
        version=schemas.version,
        engine=Engine.KUBECONFORM,
        checked=len(known),
        mismatches=tuple(mismatches),
        without_schema=tuple(document for document in documents if schemas.schema_of(document) is None),
    )


def _lay_out(folder: Path, documents: Sequence[Document], schemas: Schemas) -> None:
    """Write the schema of every kind at hand, each with what it refers to, under the name it is looked for."""
    for document in documents:
        group, _, version = document.identity.api_version.rpartition("/")
        # For the core group, kubeconform takes the version for the group too.
        path = folder / f"{document.identity.kind.lower()}@{version}@{group or version}.json"
        schema = schemas.schema_of(document)
        if path.exists() or schema is None:
            continue
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            defs = {item: schemas.definitions[item] for item in sorted(schemas.closure(name))}
            schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "$defs": defs}
        path.write_text(json.dumps(schema), encoding="utf-8")


def _run(binary: Path, folder: Path) -> list[dict[str, object]]:
    command = [str(binary), "-output", "json", "-schema-location", str(folder / _LOCATION), str(folder / "objects")]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KubeconformError(f"it did not run: {type(error).__name__}") from None
    try:
        rows = json.loads(done.stdout)["resources"]
    except (ValueError, KeyError, TypeError):
        raise KubeconformError(f"it left exit status {done.returncode} and no report") from None
    if not isinstance(rows, list) or (done.returncode != 0) != bool(rows):
        raise KubeconformError(f"it left exit status {done.returncode} and {len(rows or ())} findings")
    return sorted(rows, key=lambda row: int(Path(str(row["filename"])).stem))


def _mismatches(row: dict[str, object], documents: Sequence[Document]) -> list[Mismatch]:
    """Return what kubeconform has against an object: the first words for each place.

    They are read from its message: the list beside it holds the outermost error only.
    """
    document = documents[int(Path(str(row["filename"])).stem)]
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
    if row.get("status") != "statusInvalid" or not told:
        raise KubeconformError(f"it could not look at `{document.identity}`")
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
        step: str | int = int(key) if isinstance(value, list) and key.isdigit() else key
        path.append(step)
        if isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return tuple(path)
