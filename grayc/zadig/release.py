"""What a release says that a job of a workflow says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grayc.diagnostics import Checked, Diagnostic, Severity, has_errors
from grayc.documents import Document, Path
from grayc.documents.reader import parse_documents
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, matches, show_path
from grayc.k8s.kinds import NETWORKING
from grayc.k8s.lane_labels import gray_suffix
from grayc.k8s.pod_templates import WORKLOADS
from grayc.source import SourceFile
from grayc.zadig.entry import Entry, read_entry
from grayc.zadig.fields import IMAGE, RELEASE, SERVICE
from grayc.zadig.workflow import Job, Workflow, left, leftovers

_NO_NAME = re.compile(r"[^a-z0-9]+")
_MOST_OF_A_NAME = 40
_RULES = "a release chooses by header, cookie or share"


@dataclass(slots=True, kw_only=True)
class Imported:
    """A release in the making.

    Attributes:
        data: `release.yaml`, as far as the workflow says it.
        environment: of Zadig, whose manifests are the baseline; "" where that is not said.
        origins: field of the release, such as `spec.tag` → where the workflow says it.
    """

    data: dict[str, object] = field(default_factory=dict)
    environment: str = ""
    origins: dict[str, Path] = field(default_factory=dict)


def make_release(
    workflow: Workflow, job: Job, *, tag: str, services: Sequence[str], baseline: Sequence[str]
) -> Checked[Imported]:
    """Return the release of a job.

    Args:
        tag: instead of the workflow's own, which it may leave open; "" for its own.
        services: what is released, where the workflow leaves it open.
        baseline: sources of the baseline, which no workflow names.
    Diagnostics:
        GC733: the workflow leaves the tag, or what is released, to each run.
        GC734: something is not carried.
    """
    making = _Making(workflow, job)
    tag = making.tag(tag)
    found = making.services(services)
    if has_errors(making.diagnostics):
        return Checked(value=None, diagnostics=tuple(making.diagnostics))
    spec: dict[str, object] = {"tag": tag}
    making.environments()
    namespaces = {name for service in found for name in service.namespaces}
    if len(namespaces) == 1:
        spec["namespace"] = namespaces.pop()
    entries = making.entries(found)
    if entries.header and entries.header != "x-mse-tag":
        spec["lane"] = {"header": entries.header}
    spec["baseline"] = [*baseline]
    spec["services"] = [service.data for service in found]
    if entries.traffic:
        spec["traffic"] = entries.traffic
    making.made.data = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": _release_name(workflow, tag)},
        "spec": spec,
    }
    return Checked(value=making.made, diagnostics=tuple(making.diagnostics))


def _release_name(workflow: Workflow, tag: str) -> str:
    """Return a DNS label made of the workflow's name."""
    name = _NO_NAME.sub("-", workflow.name.lower()).strip("-")[:_MOST_OF_A_NAME].strip("-")
    return name or f"release-{_NO_NAME.sub('-', tag.lower()).strip('-') or 'gray'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """A service of the release.

    Attributes:
        data: as the release has it.
        namespaces: that its gray manifests name.
        entries: name of the baseline's Ingress → what its gray copy lets in.
        path: where the workflow says it.
    """

    data: dict[str, object]
    namespaces: frozenset[str] = frozenset()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The way in: `traffic` of the release, empty for none, and the lane's header, "" where it is not said."""

    traffic: dict[str, object]
    header: str


class _Making:
    """Reads the `spec` of one job."""

    def __init__(self, workflow: Workflow, job: Job) -> None:
        self._workflow = workflow
        self._document = workflow.document
        self._path: Path = (*job.path, "spec")
        self.made = Imported()
        self._tag = ""
        self.diagnostics: list[Diagnostic] = list(leftovers(self._document, self._path, RELEASE))

    def _text(self, path: Path) -> str:
        """Return a text with the workflow's parameters filled in; "" for what is still open."""
        value = get(self._document.data, path)
        text = self._workflow.fill(value) if isinstance(value, str) else ""
        return "" if "{{" in text or "<+" in text else text

    def _leave(self, path: Path, what: str, instead: str) -> None:
        self.diagnostics.append(left(self._document, path, what, instead))

    def _from(self, place: str, path: Path) -> None:
        self.made.origins[place] = path

    def tag(self, given: str) -> str:
        """Return the tag."""
        path = (*self._path, "gray_tag")
        own = self._text(path)
        tag = given or own
        # The manifests are those of the workflow's own tag.
        self._tag = own or tag
        self._from("spec.tag", path)
        if not tag:
            self.diagnostics.append(self._open(path, "the gray tag", "name it with `--tag TAG`"))
        return tag

    def _open(self, path: Path, what: str, help_: str) -> Diagnostic:
        return Diagnostic(
            code="GC733",
            message=f"{what} is chosen when the workflow runs",
            span=self._document.span(path),
            field=show_path(path),
            help=help_,
        )

    def environments(self) -> None:
        """Take the environment whose manifests are the baseline, and tell of another one for the lane."""
        base, gray = (self._text((*self._path, name)) for name in ("base_env", "gray_env"))
        self.made.environment = base
        if gray and gray != base:
            self._leave(
                (*self._path, "gray_env"),
                f"that the lane runs in another environment, `{gray}`,",
                "a lane of grayc runs in the namespaces of its baseline",
            )

    def services(self, given: Sequence[str]) -> list[_Service]:
        """Return what is released."""
        path = (*self._path, "gray_services")
        found = [
            self._service((*path, at), item, number)
            for number, (at, item) in enumerate(
                (at, item) for at, item in enumerate(get_list(self._document.data, path)) if is_mapping(item)
            )
        ]
        found += [_Service(data={"name": name}, path=path) for name in given]
        self._from("spec.services", path)
        if not found:
            self.diagnostics.append(
                self._open(path, "what is released", "name each service with `--service NAME`, or export a run of it")
            )
        return found

    def _service(self, path: Path, item: dict[str, object], number: int) -> _Service:
        self.diagnostics += leftovers(self._document, path, SERVICE)
        place = f"spec.services[{number}]"
        self._from(place, path)
        name = get_text(item, ("service_name",))
        data: dict[str, object] = {"name": name}
        manifests = self._manifests((*path, "yaml"), name)
        workload = next((each for each in manifests if each.identity.kind == "Deployment"), None)
        if workload is not None:
            original = self._original(workload, (*path, "yaml"))
            if original != name:
                data["workload"] = f"Deployment/{original}"
                self._from(f"{place}.workload", (*path, "yaml"))
        images = self._images(path, workload, place)
        if images:
            data["images"] = images
        replicas = self._replicas(path, workload)
        if replicas is not None:
            data["replicas"] = replicas
            self._from(f"{place}.replicas", (*path, "replicas"))
        if manifests:
            kinds = ", ".join(f"`{each.identity.ref}`" for each in manifests)
            self._leave(
                (*path, "yaml"),
                f"what was edited by hand in {kinds} of service `{name}`, but for images, replicas and entry rules,",
                "build, compare the result with this text, and write what is missing in `env`, `config` and `patches`",
            )
        return _Service(
            data=data,
            namespaces=frozenset(each.identity.namespace for each in manifests if each.identity.namespace),
            entries={
                self._original(each, (*path, "yaml")): read_entry(each, self._tag)
                for each in manifests
                if (each.identity.group, each.identity.kind) == (NETWORKING, "Ingress")
            },
            path=path,
        )

    def _manifests(self, path: Path, name: str) -> tuple[Document, ...]:
        text = get_text(self._document.data, path)
        if not text.strip():
            return ()
        parsed = parse_documents(SourceFile(name=f"<yaml of {name}>", text=text))
        if parsed.value is None:
            first = next(each for each in parsed.diagnostics if each.severity is Severity.ERROR)
            at = f" (line {first.span.line} of it)" if first.span is not None else ""
            self._leave(
                path, f"the `yaml` of service `{name}`, which can not be read: {first.message}{at},", first.help
            )
        return parsed.value or ()

    def _original(self, gray: Document, path: Path) -> str:
        """Return the name of what a gray object was copied from."""
        name, suffix = gray.identity.name, gray_suffix(self._tag)
        if self._tag and not name.endswith(suffix):
            self._leave(
                path,
                f"the name `{name}` of a gray {gray.identity.kind}, which does not end in `{suffix}`,",
                "grayc names the gray copies itself; look whether the baseline has an object of that name",
            )
        return name.removesuffix(suffix)

    def _images(self, path: Path, workload: Document | None, place: str) -> dict[str, str]:
        """Return container → image: what the manifest says, which Zadig applies, over what the form says."""
        images: dict[str, str] = {}
        applied = _images_of(workload) if workload is not None else {}
        for at, item in enumerate(get_list(get(self._document.data, path), ("service_and_image",))):
            where = (*path, "service_and_image", at)
            self.diagnostics += leftovers(self._document, where, IMAGE)
            container, chosen = get_text(item, ("service_module",)), self._text((*where, "image"))
            image = applied.get(container) or chosen
            if not container or not image:
                self._leave(where, f"container `{container}`, which has no image here,", "write its image in `images`")
                continue
            if chosen and image != chosen:
                self._leave(
                    (*where, "image"),
                    f"image `{chosen}` of container `{container}`",
                    f"the manifest that Zadig applies runs `{image}`, which is carried",
                )
            images[container] = image
            self._from(f"{place}.images.{container}", (*where, "image"))
        return images

    def _replicas(self, path: Path, workload: Document | None) -> int | None:
        """Return how many pods there are: Zadig applies what the manifest says; 1 is what a release has anyway."""
        asked = get(self._document.data, (*path, "replicas"))
        applied = get(workload.data, ("spec", "replicas")) if workload is not None else None
        count = applied if isinstance(applied, int) else asked if isinstance(asked, int) and asked else None
        return None if count == 1 or isinstance(count, bool) else count

    def entries(self, services: Sequence[_Service]) -> _Way:
        """Return the way in: the rules of the first canary Ingress, and every Ingress that has the same."""
        chosen: Entry | None = None
        entries: list[dict[str, object]] = []
        for service in services:
            path = (*service.path, "yaml")
            for name, entry in service.entries.items():
                for key in entry.unread:
                    self._leave(path, f"annotation `{key}` of the gray Ingress of `{name}`", _RULES)
                if not entry.rules:
                    self._leave(
                        path,
                        f"the gray Ingress of `{name}`, which is no canary and competes with the baseline's,",
                        f"write who goes gray in `traffic.rules`: {_RULES}",
                    )
                elif chosen is not None and entry.rules != chosen.rules:
                    self._leave(
                        path,
                        f"the gray Ingress of `{name}`, which lets in others than the first one,",
                        "give it a release of its own: a release has one list of rules",
                    )
                else:
                    chosen = chosen or entry
                    lists = {"hosts": [*entry.hosts], "paths": [*entry.paths]}
                    entries.append({"ingress": name, **{key: value for key, value in lists.items() if value}})
        if chosen is None:
            return _Way(traffic={}, header="")
        traffic: dict[str, object] = {"gateway": chosen.gateway or "mse", "rules": [*chosen.rules], "entries": entries}
        return _Way(traffic=traffic, header=chosen.header)


def _images_of(workload: Document) -> dict[str, str]:
    group_kind = (workload.identity.group, workload.identity.kind)
    row = WORKLOADS.get(group_kind)
    if row is None:
        return {}
    return dict(_named_images(workload, (*row.template, "spec")))


def _named_images(workload: Document, pod: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for containers in ("initContainers", "containers"):
        for _, item in matches(get_map(workload.data, pod), (containers, "[*]")):
            name, image = get_text(item, ("name",)), get_text(item, ("image",))
            if name and image:
                yield name, image
