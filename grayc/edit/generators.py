"""Where a value of a generated ConfigMap or Secret comes from: literals of a kustomization, and files that it reads.

Source: kustomize api/types/kvpairsources.go, api/internal/generators/utils.go and api/kv/kv.go: `literals` are
`KEY=VALUE`, a value in quotes without them; `files` are `KEY=PATH`, or a path whose last part is the key; `envs`, and
`env`, are files with a `KEY=VALUE` on each line, and a `#` before those that are none.
"""

import posixpath
from collections.abc import Iterator

from grayc.documents import Document
from grayc.documents.tree import get_list, get_text, is_mapping, put
from grayc.edit.carry import carry
from grayc.edit.model import Edit
from grayc.records import dataclass
from grayc.source import SourceFile

_FIELDS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a generated object should say.

    Attributes:
        kind: ConfigMap or Secret.
        name: without a hash; the generator's own may be a part of it, where a kustomization adds something.
        key: in `data`.
        old: None where it has none.
        new: None where it should have none.
    """

    kind: str
    name: str
    key: str
    old: str | None
    new: str | None


def in_literals(kustomization: Document, wish: Wish) -> Iterator[tuple[Edit, ...]]:
    """Yield the edits of a kustomization's own file with another literal, one more, or one less."""
    field = _FIELDS[wish.kind]
    for at in _generators(kustomization, wish):
        path = (field, at, "literals")
        literals = get_list(kustomization.data, path)
        places = [place for place, text in enumerate(literals) if _key(text) == wish.key]
        if wish.old is None and wish.new is not None:
            wanted = [*literals, f"{wish.key}={wish.new}"]
        elif not places:
            continue
        elif wish.new is None:
            wanted = [text for place, text in enumerate(literals) if place not in places]
        else:
            wanted = [f"{wish.key}={wish.new}" if place in places else text for place, text in enumerate(literals)]
        carried = carry(kustomization, put(kustomization.data, path, wanted))
        if not carried.left and carried.change.edits:
            yield carried.change.edits


def files_of(kustomization: Document, wish: Wish | None = None) -> Iterator[tuple[str, bool, bool]]:
    """Yield the files that generators read: path from the kustomization's folder, whether a Secret is made of it, and
    whether it has a key on each line.

    Args:
        wish: only those that may say the key; None for all.
    """
    for kind, field in _FIELDS.items():
        if wish is not None and wish.kind != kind:
            continue
        generators = get_list(kustomization.data, (field,))
        for at in range(len(generators)) if wish is None else _generators(kustomization, wish):
            for text in get_list(generators[at], ("files",)):
                if isinstance(text, str):
                    key, is_pair, path = text.partition("=")
                    path = path if is_pair else text
                    if wish is None or wish.key == (key if is_pair else posixpath.basename(path)):
                        yield path, kind == "Secret", False
            for text in (*get_list(generators[at], ("envs",)), get_text(generators[at], ("env",))):
                if isinstance(text, str) and text:
                    yield text, kind == "Secret", True


def in_file(source: SourceFile, wish: Wish, *, is_env: bool) -> Iterator[tuple[Edit, ...]]:
    """Yield the edits of a file that a generator reads: of the line of a key, or of the whole."""
    if not is_env:
        if wish.new is not None and source.text == wish.old:
            yield (Edit(source=source, start=0, end=len(source.text), text=wish.new),)
        return
    if wish.new is not None and "\n" in wish.new:
        return
    start = 0
    for line in source.text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        if not bare.lstrip().startswith("#") and _key(bare.lstrip()) == wish.key and "=" in bare:
            text = "" if wish.new is None else f"{bare[: bare.index('=') + 1]}{wish.new}{line[len(bare) :]}"
            yield (Edit(source=source, start=start, end=start + len(line), text=text),)
            return
        start += len(line)
    if wish.old is None and wish.new is not None:
        ended = "" if not source.text or source.text.endswith("\n") else "\n"
        yield (Edit(source=source, start=start, end=start, text=f"{ended}{wish.key}={wish.new}\n"),)


def _generators(kustomization: Document, wish: Wish) -> Iterator[int]:
    for at, generator in enumerate(get_list(kustomization.data, (_FIELDS[wish.kind],))):
        name = get_text(generator, ("name",)) if is_mapping(generator) else ""
        if name and name in wish.name:
            yield at


def _key(text: object) -> str:
    return text.partition("=")[0] if isinstance(text, str) else ""
