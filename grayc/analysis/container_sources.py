"""Where the texts of containers stand: their variables, what they take all variables from, and what they mount.

Whoever asks what a container is told asks here: for addresses of Services, for stores, for migrations. Sources:
core/v1 Container, EnvVarSource, EnvFromSource, Volume, VolumeProjection, VolumeMount.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from grayc.analysis.text_names import decoded
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get_list, get_map, get_text, is_mapping
from grayc.k8s.kinds import CORE, GroupKind
from grayc.k8s.pod_templates import WORKLOADS
from grayc.records import dataclass

CONFIG_MAP: GroupKind = (CORE, "ConfigMap")
SECRET: GroupKind = (CORE, "Secret")

_SOURCES = (("configMapRef", "configMapKeyRef", CONFIG_MAP), ("secretRef", "secretKeyRef", SECRET))
"""Of `envFrom` and of `valueFrom`. Source: core/v1 EnvFromSource, EnvVarSource."""
_VOLUMES = (("configMap", "name", CONFIG_MAP), ("secret", "secretName", SECRET))
_PROJECTED = (("configMap", "name", CONFIG_MAP), ("secret", "name", SECRET))
"""Source: core/v1 Volume, VolumeProjection."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a ConfigMap or Secret.

    Attributes:
        text: what it says, decoded.
        path: where it stands.
    """

    name: str
    text: str
    path: Path


class Configuration:
    """The ConfigMaps and Secrets of some objects, by key.

    Args:
        documents: of two with one key the last counts.
        home: namespace of those that name none.
        is_told: which texts are given; None for all of them. A pod reads many that tell nothing.

    Attributes:
        home: as it was given.
    """

    def __init__(
        self, documents: Iterable[Document], home: str = "", *, is_told: Callable[[str], bool] | None = None
    ) -> None:
        self.home, self._is_told = home, is_told
        self._found = {
            self._key(each.identity.group_kind, each.identity.namespace, each.identity.name): each
            for each in documents
            if each.identity.group_kind in (CONFIG_MAP, SECRET)
        }
        # The objects are held for as long as this lasts, so that an id is of one.
        self._keys: dict[int, Mapping[str, Key]] = {}
        self._told: dict[int, tuple[Key, ...]] = {}

    def get(self, kind: GroupKind, namespace: str, name: str) -> Document | None:
        """Return a ConfigMap or Secret."""
        return self._found.get(self._key(kind, namespace, name))

    def is_told(self, text: str) -> bool:
        """Tell whether a text may hold what is looked for."""
        return self._is_told is None or self._is_told(text)

    def keys(self, document: Document) -> Mapping[str, Key]:
        """Return the keys of a ConfigMap or Secret with their texts; what is no text is left out."""
        found = self._keys.get(id(document))
        if found is None:
            found = self._keys[id(document)] = {each.name: each for each in keys_of(document)}
        return found

    def told(self, document: Document) -> tuple[Key, ...]:
        """Return the keys whose texts may hold what is looked for."""
        found = self._told.get(id(document))
        if found is None:
            found = tuple(each for each in self.keys(document).values() if self.is_told(each.text))
            self._told[id(document)] = found
        return found

    def _key(self, kind: GroupKind, namespace: str, name: str) -> ObjectKey:
        return ObjectKey(group_kind=kind, namespace=namespace or self.home, name=name)


def keys_of(document: Document) -> Iterator[Key]:
    """Yield the keys of a ConfigMap or Secret that are texts; of two of one name the last counts."""
    is_secret = document.identity.group_kind == SECRET
    for name, value in get_map(document.data, ("data",)).items():
        text = decoded(value) if is_secret and isinstance(value, str) else value
        if isinstance(text, str) and (text or not is_secret):
            yield Key(name, text, ("data", name))
    # What stands here counts more. Source: core/v1 Secret, `stringData`.
    for name, value in get_map(document.data, ("stringData",)).items() if is_secret else ():
        if isinstance(value, str):
            yield Key(name, value, ("stringData", name))


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a container itself sets.

    Attributes:
        text: None where the files do not hold it.
        document: where it stands: the workload, a ConfigMap or a Secret.
        path: where it stands there; without a text, the field that says where from it comes.
        kind: of the object that it comes from, None where it stands in the container.
        source: that object's name.
        key: likewise.
    """

    name: str
    text: str | None
    document: Document
    path: Path
    kind: GroupKind | None = None
    source: str = ""
    key: str = ""


def own_variables(
    workload: Document, place: Path, container: Mapping[str, object], configuration: Configuration
) -> Iterator[Variable]:
    """Yield the variables of `env`, in order; of two with one name the last counts."""
    for at, item in enumerate(get_list(container, ("env",))):
        if not is_mapping(item) or not isinstance(name := item.get("name"), str):
            continue
        path, value = (*place, "env", at), item.get("value")
        if isinstance(value, str) and (value or not item.get("valueFrom")):
            yield Variable(name, value, workload, (*path, "value"))
            continue
        for _, field, kind in _SOURCES:
            source = get_map(item, ("valueFrom", field))
            if source:
                named, key = get_text(source, ("name",)), get_text(source, ("key",))
                document = configuration.get(kind, workload.identity.namespace, named)
                held = configuration.keys(document).get(key) if document is not None else None
                if document is not None and held is not None:
                    yield Variable(name, held.text, document, held.path, kind, named, key)
                else:
                    yield Variable(name, None, workload, (*path, "valueFrom", field), kind, named, key)
                break
        else:
            field = get_text(item, ("valueFrom", "fieldRef", "fieldPath"))
            text = _of_pod(workload, field, configuration) if field else None
            yield Variable(name, text, workload, (*path, "valueFrom", "fieldRef", "fieldPath") if text else path)


_LABEL = re.compile(r"metadata\.(?P<field>labels|annotations)\['(?P<name>[^']+)'\]")


def _of_pod(workload: Document, field: str, configuration: Configuration) -> str | None:
    """Return a field of a workload's pods that their template says; None for others.

    Source: core/v1 ObjectFieldSelector.
    """
    if field == "metadata.namespace":
        return workload.identity.namespace or configuration.home or None
    found = _LABEL.fullmatch(field)
    if found is None:
        return None
    template = WORKLOADS[workload.identity.group_kind].template
    return get_text(workload.data, (*template, "metadata", found["field"], found["name"])) or None


@dataclass(frozen=True, slots=True)
class Bulk:
    """An object of which a container takes all keys as variables.

    Attributes:
        document: None where the files do not have it.
    """

    prefix: str
    kind: GroupKind
    name: str
    document: Document | None


def bulks_of(workload: Document, container: Mapping[str, object], configuration: Configuration) -> tuple[Bulk, ...]:
    """Return the objects of `envFrom`, what counts first in front: of two with one variable the last of the list."""
    found = []
    for source in get_list(container, ("envFrom",)):
        for field, _, kind in _SOURCES:
            name = get_text(source, (field, "name"))
            if name:
                document = configuration.get(kind, workload.identity.namespace, name)
                found.append(Bulk(get_text(source, ("prefix",)), kind, name, document))
    return tuple(reversed(found))


def key_of_bulk(name: str, bulks: Iterable[Bulk], configuration: Configuration) -> tuple[Document, Key] | None:
    """Return where a variable stands that some objects give; None where none of them is seen to."""
    for bulk in bulks:
        if bulk.document is not None and name.startswith(bulk.prefix):
            key = configuration.keys(bulk.document).get(name[len(bulk.prefix) :])
            if key is not None:
                return bulk.document, key
    return None


@dataclass(frozen=True, slots=True)
class Mounted:
    """A ConfigMap or Secret that a container finds as files.

    Attributes:
        document: None where the files of the baseline do not have it.
        items: key → path of its file, empty where all keys are files of their own name.
        only: the sub-path of the mount, "" for the whole volume.
    """

    kind: GroupKind
    name: str
    document: Document | None
    items: Mapping[str, str]
    only: str

    def file_of(self, key: str) -> str:
        """Return the path of the file that a key is, "" where the container finds none."""
        file = self.items.get(key, "") if self.items else key
        # A sub-path is a file of the volume, or a folder of it.
        is_there = not self.only or file == self.only or file.startswith(f"{self.only.rstrip('/')}/")
        return file if is_there else ""

    def files(self, keys: Mapping[str, object]) -> dict[str, str]:
        """Return key → path of its file, of those keys that the container finds."""
        names = (self.only,) if self.only and not self.items else keys
        return {key: file for key in names if key in keys and (file := self.file_of(key))}


def mounted_by(
    workload: Document, container: Mapping[str, object], get: Callable[[GroupKind, str, str], Document | None]
) -> Iterator[Mounted]:
    """Yield what a container mounts, mount by mount.

    Args:
        get: kind, namespace and name → the ConfigMap or Secret.
    """
    mounts = get_list(container, ("volumeMounts",))
    if not mounts:
        return
    template = WORKLOADS[workload.identity.group_kind].template
    volumes = {
        get_text(volume, ("name",)): volume for volume in get_list(workload.data, (*template, "spec", "volumes"))
    }
    for mount in mounts:
        volume = volumes.get(get_text(mount, ("name",)))
        only = get_text(mount, ("subPath",))
        sources = [(volume, _VOLUMES), *((each, _PROJECTED) for each in get_list(volume, ("projected", "sources")))]
        for source, rows in sources:
            for field, field_of_name, kind in rows:
                name = get_text(source, (field, field_of_name))
                if name:
                    items = get_list(source, (field, "items"))
                    yield Mounted(
                        kind,
                        name,
                        get(kind, workload.identity.namespace, name),
                        {get_text(each, ("key",)): get_text(each, ("path",)) for each in items},
                        only,
                    )
