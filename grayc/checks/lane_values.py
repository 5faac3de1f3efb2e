"""Values that a promotion would bring into production though they are the lane's."""

import re
from collections.abc import Iterable, Iterator

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Diagnostic
from grayc.documents import Document, Path
from grayc.documents.settings import settings_in
from grayc.documents.tree import get_list, get_text, show_path
from grayc.k8s.queues import NAMED, agents_name, is_own, meaning_of
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec
from grayc.spec.model import ServiceSpec

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SHADES = frozenset(
    {"dark", "light", "dim", "slate", "dark-slate", "light-slate", "cool", "warm", "true", "neutral", "pale", "deep"}
)
"""What makes a colour of `gray` or `blue`, as many lanes are called: `dark-gray` is a value of production, too.
Sources: CSS Color 4, 6.1 named colours; Tailwind CSS 2, colours."""


def lane_values(plan: ReleasePlan, *, patches: bool) -> Iterator[Diagnostic]:
    """Yield every value outside `laneOnly` that production must not get.

    A value names a gray object, or it ends in the lane's suffix as a name of the lane's own does. What production says
    already is no change. Images are none of these: a registry's names are its own.

    Args:
        plan: of the release without `laneOnly`.
        patches: they are promoted too.

    Diagnostics:
        GC621: such a value.
    Source: release language, `spec.services[].laneOnly`.
    """
    finder = _Finder(plan)
    copied: dict[str, list[Document]] = {}
    for copy in plan.copies:
        copied.setdefault(copy.service.name, []).append(copy.document)
    configs = {
        copy.document.identity.name: copy.document
        for copy in plan.copies
        if copy.document.identity.kind in ("ConfigMap", "Secret")
    }
    for service in plan.spec.services:
        own = copied.get(service.name, [])
        values = _values_of(own) if service.env else frozenset()
        for container, variables in service.env.items():
            for name, value in variables.items():
                if value is not None and (container, name, value) not in values:
                    path: Path = (*service.path, "env", container, name)
                    yield from finder.told(service, path, name, value, "")
        for name, keys in service.config.items():
            before = configs.get(name)
            for key, value in keys.items():
                if value is not None:
                    was = "" if before is None else get_text(before.data, ("data", key))
                    yield from finder.told(service, service.changes[0].config_path(name, key), key, value, was)
        for at, patch in enumerate(plan.patches.get(service.name, ()) if patches else ()):
            content = patch.merge if patch.merge is not None else list(patch.operations or ())
            for name, value in _texts(content, ""):
                yield from finder.told(service, (*service.path, "patches", at), name, value, "")


def _values_of(documents: Iterable[Document]) -> frozenset[tuple[str, str, str]]:
    """Return container, name and value of every variable that production has."""
    return frozenset(
        (get_text(found, ("name",)), get_text(item, ("name",)), get_text(item, ("value",)))
        for document in documents
        if is_workload(document)
        for _, found in containers_of(document)
        for item in get_list(found, ("env",))
    )


def _texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if name != "image":
            yield name, value
    elif isinstance(value, dict):
        named = get_text(value, ("name",))
        for key, item in value.items():
            # Of a variable its own name says what it is.
            yield from _texts(item, named if key == "value" and named else key)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)


class _Finder:
    def __init__(self, plan: ReleasePlan) -> None:
        self._plan = plan
        self._tag = plan.spec.tag
        self._suffix = plan.spec.suffix
        self._is_telling = len(plan.spec.marks.infix) > 1
        self._names = {document.identity.name for document in plan.baseline}
        self._gray = {name: key.group_kind[1] for key, name in plan.gray_names.items()}

    def told(self, service: ServiceSpec, path: Path, name: str, value: str, was: str) -> Iterator[Diagnostic]:
        """Yield the finding about one value, if there is one."""
        found = self._find(name, value, was)
        if found is None:
            return
        word, why = found
        place = show_path(path[len(service.path) :])
        help_ = (
            f"move it to `laneOnly` of service `{service.name}`, which is as `{path[len(service.path)]}` and is never "
            "promoted"
        )
        if meaning := meaning_of(name):
            help_ += "; `work: own` writes such names itself" if meaning.role in NAMED else ""
        yield at_spec(
            self._plan.spec,
            path,
            code="GC621",
            message=f"`{place}` of service `{service.name}` would bring a value of the lane into production: `{word}` "
            f"{why}",
            names=(word,),
            help=help_,
        )

    def _is_named(self, stem: str) -> bool:
        return any(stem == name or stem.startswith(f"{name}-") for name in self._names)

    def _find(self, name: str, value: str, was: str) -> tuple[str, str] | None:
        before = frozenset(_WORD.findall(was))
        for word in _WORD.findall(value):
            if word in before:
                continue
            if word in self._gray:
                return word, f"is the gray {self._gray[word]}, which goes with the lane"
            stem = word.removesuffix(self._suffix)
            # `dark-gray` is no name of the lane; `web-peers-gray` may be one.
            if word not in (stem, self._suffix) and (self._is_telling or self._is_named(stem)):
                return word, f"ends in `{self._suffix}`, as all names of the lane do"
        told = {(each.name, each.value) for each in settings_in(was)} if "\n" in value else set()
        lines = [(name, value)]
        if "\n" in value.strip():
            lines = [(each.name, each.value) for each in settings_in(value)]
        for setting, written in lines:
            text = written.strip()
            if not text or text == was.strip() or (setting, text) in told or len(text.split()) > 1:
                continue
            meaning = meaning_of(setting)
            is_named = meaning is not None and meaning.role in NAMED
            if is_own(text, self._tag) and (is_named or text.removesuffix(f"-{self._tag}") not in _SHADES):
                return text, f"ends in `-{self._tag}`, as what the lane has for itself does"
            if is_named and text.endswith(agents_name("", self._tag)):
                return text, f"ends in `_{self._tag}`, as what the lane has for itself does"
        return None
