"""Where a value of a rendered manifest may come from: what could be written into a source for it.

Each is a guess. Whether a source rendered so says what is wanted, and nothing else, is for the renderer to prove.
"""

from collections.abc import Iterator, Mapping

from grayc.documents import Document, Path
from grayc.documents.tree import can_put, drop, get, get_list, get_map, get_text, is_mapping, put
from grayc.edit.carry import Left, carry
from grayc.edit.model import Edit
from grayc.edit.same import is_same

Edits = tuple[Edit, ...]
"""What is to be done to one file."""


def in_kustomization(kustomization: Document, item: Left, old: object) -> Iterator[Edits]:
    """Yield the edits of a kustomization's own file with another image in `images`.

    Source: kustomize api/types/image.go: `newName`, `newTag`, `digest`.
    """
    if not _is_image(item, old):
        return
    was, _, _ = split_image(str(old))
    for at, entry in enumerate(get_list(kustomization.data, ("images",))):
        if is_mapping(entry) and (get_text(entry, ("newName",)) or get_text(entry, ("name",))) == was:
            made = {key: value for key, value in entry.items() if key not in ("newTag", "digest", "tagSuffix")}
            made |= _entry(was, str(item.value))
            yield from _edits(kustomization, put(kustomization.data, ("images", at), made))


def added_to_kustomization(kustomization: Document, item: Left, old: object) -> Iterator[Edits]:
    """Yield the edits of a kustomization's own file with an image more in `images`, for what comes from its bases."""
    if not _is_image(item, old):
        return
    was, _, _ = split_image(str(old))
    images = get_list(kustomization.data, ("images",))
    if all(get_text(entry, ("name",)) != was for entry in images):
        entry = {"name": was, **_entry(was, str(item.value))}
        yield from _edits(kustomization, put(kustomization.data, ("images",), [*images, entry]))


def _is_image(item: Left, old: object) -> bool:
    return item.path[-1:] == ("image",) and isinstance(old, str) and isinstance(item.value, str)


def _entry(was: str, image: str) -> dict[str, object]:
    """Return what `images` says to make an image of that name another one."""
    name, tag, digest = split_image(image)
    fields = {"newName": name if name != was else "", "newTag": tag, "digest": digest}
    return {key: value for key, value in fields.items() if value}


def in_manifest(manifest: Document, rendered: Document, item: Left, old: object) -> Iterator[Edits]:
    """Yield the edits of a manifest, or of a patch, that has the same value at the same place of the same object."""
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
    yield from _edits(manifest, wanted)


def in_values(
    values: Document, all_values: dict[str, object], rendered: Document, item: Left, old: object
) -> Iterator[Edits]:
    """Yield the edits of a Helm values file with the new value where the old one stands, or with an image's parts.

    Args:
        all_values: what all files together say, the chart's own among them.
    """
    for change in value_changes(values.data, all_values, rendered, item, old):
        # What another file says is overridden only where the value cannot be changed where it stands.
        if all(isinstance(path[-1], int) or path[-1] in get_map(values.data, path[:-1]) for path in change):
            yield from _edits(values, _with(values.data, change))


def added_to_values(
    values: Document, all_values: dict[str, object], rendered: Document, item: Left, old: object
) -> Iterator[Edits]:
    """Yield the edits of a Helm values file that overrides what all values together say."""
    for change in value_changes(all_values, all_values, rendered, item, old):
        # A list is taken whole from one file.
        if any(isinstance(step, int) for path in change for step in path):
            continue
        if all(can_put(values.data, path) for path in change):
            yield from _edits(values, _with(values.data, change))


def _with(data: dict[str, object], change: Mapping[Path, object]) -> dict[str, object]:
    for path, value in change.items():
        data = put(data, path, value)
    return data


def value_changes(
    data: dict[str, object], all_values: dict[str, object], rendered: Document, item: Left, old: object
) -> list[Mapping[Path, object]]:
    """Return what could be changed in values, path → new value: first what has the object's name on its way."""
    if not isinstance(old, str | int | float | bool) or not isinstance(item.value, str | int | float | bool):
        return []
    found: list[Mapping[Path, object]] = []
    for path, leaf in _leaves(data, ()):
        if str(leaf) == str(old):
            found.append({path: item.value})
        elif _is_image(item, old) and path[-1] != "tag" and _is_version(str(leaf), str(old), str(item.value)):
            found.append({path: _version(str(item.value))})
    if _is_image(item, old):
        for path, parts in _maps(data, ()):
            every = {**get_map(all_values, path), **parts}
            # A tag that no file has is one that a template knows: that of the chart's `appVersion`.
            has_tag = {"tag", "digest"} & set(every) or not get_text(every, ("repository",))
            made = _image_parts(every if has_tag else {**every, "tag": ""}, str(old), str(item.value))
            if made:
                found.append({(*path, name): value for name, value in made.items()})
    return sorted(found, key=lambda change: -max(_likeness(path, rendered.identity.name) for path in change))


def _likeness(path: Path, name: str) -> int:
    """Return how much of an object's name stands on the way to a value."""
    return max((len(step) for step in path if isinstance(step, str) and len(step) > 1 and step in name), default=0)


def _version(image: str) -> str:
    """Return what stands behind an image's name: its tag, its digest, or both."""
    name, _, _ = split_image(image)
    return image[len(name) + 1 :]


def _is_version(said: str, old: str, new: str) -> bool:
    """Tell whether a text stands behind an image's name, of which nothing else changes."""
    (was, tag, _), (name, new_tag, _) = split_image(old), split_image(new)
    return name == was and bool(tag and new_tag) and said == _version(old)


def _image_parts(parts: dict[str, object], old: str, new: str) -> dict[str, str]:
    """Return what changes of an image that stands in parts; nothing where they are those of another.

    A tag that is empty stands for one that the chart knows.
    """
    (was, tag, digest), (name, new_tag, new_digest) = split_image(old), split_image(new)
    said = str(parts.get("tag") or "")
    is_its = said in ("", tag, _version(old)) or bool(digest and parts.get("digest") == digest)
    repository, registry = get_text(parts, ("repository",)), get_text(parts, ("registry",))
    is_others = bool(repository) and not f"/{was}".endswith(f"/{repository}")
    if not {"tag", "digest"} & set(parts) or not is_its or is_others:
        return {}
    made = {"tag": new_tag} if new_tag else {}
    if "digest" in parts:
        made["digest"] = new_digest
    elif new_digest and new_tag:
        made["tag"] = _version(new)
    elif not new_tag:
        return {}
    if name != was and registry and was == f"{registry}/{repository}":
        steps, depth = name.split("/"), registry.count("/") + 1
        made |= {"registry": "/".join(steps[:depth]), "repository": "/".join(steps[depth:])}
    elif name != was and repository == was:
        made["repository"] = name
    elif name != was:
        return {}
    return {key: value for key, value in made.items() if str(parts.get(key) or "") != value}


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


def _edits(document: Document, wanted: dict[str, object]) -> Iterator[Edits]:
    """Yield the edits that make a document say what is wanted, where it can be edited so."""
    carried = carry(document, wanted)
    if not carried.left and carried.change.edits:
        yield carried.change.edits
