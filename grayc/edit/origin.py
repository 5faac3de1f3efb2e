"""Where a value of a rendered manifest may come from: what could be written into a source for it.

Each is a guess. Whether a source rendered so says what is wanted, and nothing else, is for the renderer to prove.
"""

from collections.abc import Iterator, Mapping

from grayc.documents import Document, Path
from grayc.documents.tree import drop, get, get_list, get_text, is_mapping, put
from grayc.edit.apply import apply_edits
from grayc.edit.carry import Left, carry
from grayc.edit.same import is_same


def in_kustomization(kustomization: Document, item: Left, old: object) -> Iterator[str]:
    """Yield the text of a kustomization's own file with another image in `images`.

    Source: kustomize api/types/image.go: `newName`, `newTag`, `digest`.
    """
    if not _is_image(item, old):
        return
    was, _, _ = split_image(str(old))
    for at, entry in enumerate(get_list(kustomization.data, ("images",))):
        if is_mapping(entry) and (get_text(entry, ("newName",)) or get_text(entry, ("name",))) == was:
            made = {key: value for key, value in entry.items() if key not in ("newTag", "digest", "tagSuffix")}
            made |= _entry(was, str(item.value))
            yield from _text(kustomization, put(kustomization.data, ("images", at), made))


def added_to_kustomization(kustomization: Document, item: Left, old: object) -> Iterator[str]:
    """Yield the text of a kustomization's own file with an image more in `images`, for what comes from its bases."""
    if not _is_image(item, old):
        return
    was, _, _ = split_image(str(old))
    images = get_list(kustomization.data, ("images",))
    if all(get_text(entry, ("name",)) != was for entry in images):
        entry = {"name": was, **_entry(was, str(item.value))}
        yield from _text(kustomization, put(kustomization.data, ("images",), [*images, entry]))


def _is_image(item: Left, old: object) -> bool:
    return item.path[-1:] == ("image",) and isinstance(old, str) and isinstance(item.value, str)


def _entry(was: str, image: str) -> dict[str, object]:
    """Return what `images` says to make an image of that name another one."""
    name, tag, digest = split_image(image)
    fields = {"newName": name if name != was else "", "newTag": tag, "digest": digest}
    return {key: value for key, value in fields.items() if value}


def in_manifest(manifest: Document, rendered: Document, item: Left, old: object) -> Iterator[str]:
    """Yield the text of a manifest, or of a patch, that has the same value at the same place of the same object."""
    own, seen = manifest.identity, rendered.identity
    if own.kind != seen.kind or own.name not in seen.name:
        return
    path = _by_names(rendered.data, manifest.data, item.path)
    if path is None:
        return
    there = get(manifest.data, path)
    if old is None:
        # What is new goes where its neighbours are.
        above = get(manifest.data, path[:-1])
        if there is not None or not (is_mapping(above) or isinstance(above, list)):
            return
    elif there is None or not is_same(there, old):
        return
    if item.value is None:
        wanted = drop(manifest.data, path)
    elif old is None and isinstance(path[-1], int):
        above = get_list(manifest.data, path[:-1])
        wanted = put(manifest.data, path[:-1], [*above, item.value])
    else:
        wanted = put(manifest.data, path, item.value)
    yield from _text(manifest, wanted)


def in_values(values: Document, item: Left, old: object) -> Iterator[str]:
    """Yield the text of a Helm values file with the new value where the old one stands, or with an image's parts."""
    for change in _value_changes(values.data, item, old):
        yield from _text(values, _with(values.data, change))


def added_to_values(values: Document, all_values: dict[str, object], item: Left, old: object) -> Iterator[str]:
    """Yield the text of a Helm values file that overrides what all values together say, the chart's own among them."""
    for change in _value_changes(all_values, item, old):
        # A list is taken whole from one file.
        if any(isinstance(step, int) for path in change for step in path):
            continue
        try:
            wanted = _with(values.data, change)
        except TypeError:
            continue
        yield from _text(values, wanted)


def _with(data: dict[str, object], change: Mapping[Path, object]) -> dict[str, object]:
    for path, value in change.items():
        data = put(data, path, value)
    return data


def _value_changes(data: dict[str, object], item: Left, old: object) -> Iterator[Mapping[Path, object]]:
    """Yield what could be changed in values: path → new value."""
    if not isinstance(old, str | int | float | bool) or not isinstance(item.value, str | int | float | bool):
        return
    for path, leaf in _leaves(data, ()):
        if str(leaf) == str(old):
            yield {path: item.value}
        elif _is_image(item, old) and path[-1] != "tag" and _is_version(str(leaf), str(old), str(item.value)):
            yield {path: _version(str(item.value))}
    if _is_image(item, old):
        for path, parts in _maps(data, ()):
            for made in _image_parts(parts, str(old), str(item.value)):
                yield {(*path, name): value for name, value in made.items()}


def _version(image: str) -> str:
    """Return what stands behind an image's name: its tag, its digest, or both."""
    name, _, _ = split_image(image)
    return image[len(name) + 1 :]


def _is_version(said: str, old: str, new: str) -> bool:
    """Tell whether a text stands behind an image's name, of which nothing else changes."""
    (was, tag, _), (name, new_tag, _) = split_image(old), split_image(new)
    return name == was and bool(tag and new_tag) and said == _version(old)


def _image_parts(parts: dict[str, object], old: str, new: str) -> Iterator[dict[str, str]]:
    """Yield what changes of an image that stands in parts; nothing where they are those of another.

    A tag that is empty stands for one that the chart knows.
    """
    (was, tag, digest), (name, new_tag, new_digest) = split_image(old), split_image(new)
    said = str(parts.get("tag") or "")
    if not {"tag", "digest"} & set(parts) or not (
        said in ("", tag, _version(old)) or (digest and parts.get("digest") == digest)
    ):
        return
    made = {"tag": new_tag} if new_tag else {}
    if "digest" in parts:
        made["digest"] = new_digest
    elif new_digest and new_tag:
        made["tag"] = _version(new)
    elif not new_tag:
        return
    repository, registry = get_text(parts, ("repository",)), get_text(parts, ("registry",))
    if name != was and registry and was == f"{registry}/{repository}":
        steps, depth = name.split("/"), registry.count("/") + 1
        made |= {"registry": "/".join(steps[:depth]), "repository": "/".join(steps[depth:])}
    elif name != was and repository == was:
        made["repository"] = name
    elif name != was:
        return
    changed = {key: value for key, value in made.items() if str(parts.get(key) or "") != value}
    if changed:
        yield changed


def split_image(image: str) -> tuple[str, str, str]:
    """Return name, tag and digest of an image; "" for what it does not have. A port is no tag."""
    rest, _, digest = image.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{head}{slash}{name}", tag, digest


def _by_names(rendered: object, manifest: object, path: Path) -> Path | None:
    """Return a path of a rendered object as it is in another form of it, items of lists found by their names."""
    made: list[str | int] = []
    for step in path:
        if not isinstance(step, int):
            made.append(step)
            rendered, manifest = get(rendered, (step,)), get(manifest, (step,))
            continue
        if not isinstance(rendered, list) or not isinstance(manifest, list):
            return None
        name = get_text(rendered[step], ("name",)) if step < len(rendered) else ""
        places = [at for at, each in enumerate(manifest) if name and get_text(each, ("name",)) == name]
        if name and len(places) != 1:
            return None
        at = places[0] if name else (len(manifest) if step >= len(rendered) else step)
        made.append(at)
        rendered, manifest = get(rendered, (step,)), get(manifest, (at,))
    return tuple(made)


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if is_mapping(value):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _leaves(item, (*path, at))
    elif value is not None:
        yield path, value


def _maps(value: object, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    if is_mapping(value):
        yield path, value
    for key, item in value.items() if is_mapping(value) else enumerate(value) if isinstance(value, list) else ():
        yield from _maps(item, (*path, key))


def _text(document: Document, wanted: dict[str, object]) -> Iterator[str]:
    """Yield the text of a document's file that says what is wanted, where it can be edited so."""
    carried = carry(document, wanted)
    if carried.left or not carried.change.edits:
        return
    try:
        yield apply_edits(document.chunk.source.text, carried.change.edits)
    except ValueError:
        return
