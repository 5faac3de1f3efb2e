"""What a release says that a job of a workflow says."""

import re
from collections.abc import Sequence

from grayc.diagnostics import Checked, Diagnostic, Severity, has_errors
from grayc.documents import Document, Path
from grayc.documents.locate import span_at
from grayc.documents.reader import parse_documents
from grayc.documents.tree import get, get_list, get_text, matches, show_path
from grayc.k8s.kinds import CORE, NETWORKING
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.profiles import PROFILES, Profile
from grayc.records import dataclass, field, replace
from grayc.source import SourceFile, Span, split_lines
from grayc.zadig.entry import DEFAULT_GATEWAY, HEADER_UPDATE, Entry, read_entry
from grayc.zadig.fields import IMAGE, RELEASE, SERVICE
from grayc.zadig.workflow import Job, Workflow, is_open, left, leftovers, misfits

_NO_NAME = re.compile(r"[^a-z0-9]+")
_MOST_OF_A_NAME = 40
_MARKS = PROFILES[Profile.ZADIG]
_RULES = "a release chooses by header, query parameter, cookie or share"


@dataclass(slots=True, kw_only=True)
class Imported:
    """A release in the making.

    Attributes:
        data: `release.yaml`, as far as the workflow says it.
        environment: of Zadig, whose manifests are the baseline; "" where that is not said.
        origins: field of the release, such as `spec.tag` → where the workflow says it; None for the command line.
    """

    data: dict[str, object] = field(default_factory=dict)
    environment: str = ""
    origins: dict[str, Path | None] = field(default_factory=dict)


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
        GC735: something has another shape than Zadig gives it.
    """
    making = _Making(workflow, job)
    making.shapes()
    if has_errors(making.diagnostics):
        return Checked(value=None, diagnostics=tuple(making.diagnostics))
    tag = making.tag(tag)
    found = making.services(services)
    if has_errors(making.diagnostics):
        return Checked(value=None, diagnostics=tuple(making.diagnostics))
    spec: dict[str, object] = {"tag": tag}
    making.environments()
    namespace = making.namespace(found)
    if namespace:
        spec["namespace"] = namespace
    entries = making.entries(found)
    lane: dict[str, object] = {}
    if entries.traffic.get("gateway", DEFAULT_GATEWAY) != DEFAULT_GATEWAY:
        # What Zadig's workflow labels is for MSE's agent, whatever gateway stands in front.
        lane["provider"] = "mse"
    if entries.header and entries.header != "x-mse-tag":
        lane["header"] = entries.header
    if lane:
        spec["lane"] = lane
    spec["baseline"] = [*baseline]
    making.made.origins["spec.baseline"] = None
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
        entries: name of the baseline's Ingress, what its gray copy lets in, and that copy.
        path: where the workflow says it.
    """

    data: dict[str, object]
    namespaces: tuple[str, ...] = ()
    entries: tuple[tuple[str, Entry, Document], ...] = ()
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The entry: `traffic` of the release, empty for none, and the lane's header, "" where it is not said."""

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

    def shapes(self) -> None:
        """Tell of everything that has another shape than Zadig gives it: the rest relies on it."""
        self.diagnostics += misfits(self._document, self._path, RELEASE)
        for service in self._items((*self._path, "gray_services")):
            self.diagnostics += misfits(self._document, service, SERVICE)
            for image in self._items((*service, "service_and_image")):
                self.diagnostics += misfits(self._document, image, IMAGE)

    def _items(self, path: Path) -> list[Path]:
        return [(*path, at) for at in range(len(get_list(self._document.data, path)))]

    def _leave(self, path: Path, what: str, instead: str, *, within: Span | None = None) -> None:
        """Tell that something is not carried; `within` is its place in the text at `path`."""
        found = left(self._document, path, what, instead)
        at = self._place_within(path, within) if within is not None else None
        self.diagnostics.append(replace(found, span=at) if at is not None else found)

    def _place_within(self, path: Path, inner: Span) -> Span | None:
        """Return where a line of the text at `path` stands in the workflow; None where it is no line of its own."""
        outer = self._document.span(path)
        at = outer.line - self._document.chunk.line + inner.line
        lines = split_lines(self._document.chunk.text)
        line = inner.source.line(inner.line)
        if at >= len(lines) or not lines[at].rstrip().endswith(line.rstrip()) or not line.strip():
            return None
        indent = len(lines[at].rstrip()) - len(line.rstrip())
        span = span_at(self._document.chunk, at, indent + inner.column - 1, inner.length)
        if not inner.sensitive:
            return span
        is_known = inner.secrets is not None and (span.secrets is not None or not span.sensitive)
        secrets = (*(span.secrets or ()), *(inner.secrets or ())) if is_known else None
        return replace(span, sensitive=True, secrets=secrets)

    def _from(self, place: str, path: Path | None) -> None:
        self.made.origins[place] = path

    def tag(self, given: str) -> str:
        """Return the tag."""
        path = (*self._path, "gray_tag")
        said = self._workflow.text(path)
        own = "" if is_open(said) else said
        tag = given or own
        # The manifests are those of the workflow's own tag.
        self._tag = own or tag
        self._from("spec.tag", None if given else path)
        if not tag:
            what = f"the gray tag `{said}`" if said else "the gray tag"
            self.diagnostics.append(self._open(path, what, "name it with `--tag TAG`"))
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
        base, gray = (self._workflow.text((*self._path, name)) for name in ("base_env", "gray_env"))
        if is_open(base):
            self._leave(
                (*self._path, "base_env"),
                f"the environment `{base}`, which is chosen when the workflow runs,",
                "put the manifests of the environment you mean where `spec.baseline` names them",
            )
        else:
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
        found = [self._service(item, number) for number, item in enumerate(self._items(path))]
        for name in given:
            self._from(f"spec.services[{len(found)}]", None)
            found.append(_Service(data={"name": name}, path=path))
        self._from("spec.services", path)
        if not found:
            self.diagnostics.append(
                self._open(path, "what is released", "name each service with `--service NAME`, or export a run of it")
            )
        return found

    def _service(self, path: Path, number: int) -> _Service:
        self.diagnostics += leftovers(self._document, path, SERVICE)
        place = f"spec.services[{number}]"
        self._from(place, path)
        self._from(f"{place}.name", (*path, "service_name"))
        name = self._workflow.text((*path, "service_name"))
        if is_open(name):
            self.diagnostics.append(
                self._open(
                    (*path, "service_name"),
                    f"the service `{name}`",
                    "write its name here, or give the parameter a value; an export of a run has it",
                )
            )
        data: dict[str, object] = {"name": name}
        manifests = self._manifests((*path, "yaml"), name)
        workloads = [each for each in manifests if each.identity.kind == "Deployment"]
        for each in workloads[1:]:
            self._leave(
                (*path, "yaml"),
                f"`{each.identity.ref}`, a second Deployment of service `{name}`,",
                "make it a service of its own in `services`",
                within=each.span(("metadata", "name")),
            )
        workload = workloads[0] if workloads else None
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
        lane_only = self._lane_only(path, workload, manifests, place)
        if lane_only:
            data["laneOnly"] = lane_only
        if manifests:
            kinds = ", ".join(f"`{each.identity.ref}`" for each in manifests)
            self._leave(
                (*path, "yaml"),
                f"what was edited by hand in {kinds} of service `{name}`, but for images, replicas and entry rules"
                f"{', and values that name the tag' if lane_only else ''},",
                "build, compare the result with this text, and write what is missing in `env`, `config` and `patches`",
            )
        return _Service(
            data=data,
            namespaces=tuple(dict.fromkeys(each.identity.namespace for each in manifests if each.identity.namespace)),
            entries=tuple(
                (self._original(each, (*path, "yaml")), read_entry(each, self._tag), each)
                for each in manifests
                if (each.identity.group, each.identity.kind) == (NETWORKING, "Ingress")
            ),
            path=path,
        )

    def _lane_only(
        self, path: Path, workload: Document | None, manifests: Sequence[Document], place: str
    ) -> dict[str, object]:
        """Return the variables and keys of configuration that name the tag: values of the lane, never production's."""
        env: dict[str, dict[str, str]] = {}
        config: dict[str, dict[str, str]] = {}
        if not self._tag:
            return {}
        named = re.compile(rf"(?<![A-Za-z0-9]){re.escape(self._tag)}(?![A-Za-z0-9])")
        row = None if workload is None else WORKLOADS.get((workload.identity.group, workload.identity.kind))
        for containers in ("initContainers", "containers"):
            pattern = (*(row.template if row is not None else ()), "spec", containers, "[*]", "env", "[*]")
            for at, item in matches(workload.data if workload is not None else {}, pattern):
                name, value = get_text(item, ("name",)), get_text(item, ("value",))
                if workload is not None and name and named.search(value):
                    env.setdefault(get_text(workload.data, (*at[:-2], "name")), {})[name] = value
                    self._take_for_lane(path, f"variable `{name}`", workload.span((*at, "value")))
        for document in manifests:
            if (document.identity.group, document.identity.kind) != (CORE, "ConfigMap"):
                continue
            for at, text in matches(document.data, ("data", ".*")):
                if isinstance(text, str) and named.search(text):
                    original = document.identity.name.removesuffix(_MARKS.suffix(self._tag))
                    config.setdefault(original, {})[str(at[-1])] = text
                    self._take_for_lane(path, f"key `{at[-1]}` of `{document.identity.ref}`", document.span(at))
        made: dict[str, object] = {key: value for key, value in (("env", env), ("config", config)) if value}
        if made:
            self._from(f"{place}.laneOnly", (*path, "yaml"))
        return made

    def _take_for_lane(self, path: Path, what: str, within: Span) -> None:
        """Tell of a value that is carried for as long as the lane lives."""
        text = (*path, "yaml")
        self.diagnostics.append(
            Diagnostic(
                code="GC622",
                message=f"{what} names the tag `{self._tag}`: it goes into `laneOnly`, which is never promoted",
                span=self._place_within(text, within) or self._document.span(text),
                field=show_path(text),
                help="nothing to do; where production is to have the value, move it to `env` or `config`",
            )
        )

    def _manifests(self, path: Path, name: str) -> tuple[Document, ...]:
        text = self._workflow.fill(get_text(self._document.data, path))
        if not text.strip():
            return ()
        parsed = parse_documents(SourceFile(name=f"<yaml of {name}>", text=text))
        if parsed.value is None:
            first = next(each for each in parsed.diagnostics if each.severity is Severity.ERROR)
            at = f" (line {first.span.line} of it)" if first.span is not None else ""
            self._leave(
                path,
                f"the `yaml` of service `{name}`, which cannot be read: {first.message}{at},",
                first.help,
                within=first.span,
            )
        return parsed.value or ()

    def _original(self, gray: Document, path: Path) -> str:
        """Return the name of what a gray object was copied from."""
        name, suffix = gray.identity.name, _MARKS.suffix(self._tag)
        if self._tag and not name.endswith(suffix):
            self._leave(
                path,
                f"the name `{name}` of a gray {gray.identity.kind}, which does not end in `{suffix}`,",
                "grayc names the gray copies itself; look whether the baseline has an object of that name",
                within=gray.span(("metadata", "name")),
            )
        return name.removesuffix(suffix)

    def _images(self, path: Path, workload: Document | None, place: str) -> dict[str, str]:
        """Return container → image: what the manifest says, which Zadig applies, over what the form says."""
        images: dict[str, str] = {}
        told: set[str] = set()
        applied = _images_of(workload) if workload is not None else {}
        for where in self._items((*path, "service_and_image")):
            self.diagnostics += leftovers(self._document, where, IMAGE)
            container, chosen = (self._workflow.text((*where, name)) for name in ("service_module", "image"))
            image = applied[container][0] if container in applied else chosen
            if not container:
                self._leave(where, f"image `{chosen}` of a container without a name", "write it in `images`")
                continue
            if container in images:
                self._leave(
                    where,
                    f"a second image of container `{container}`, " + (f"`{chosen}`," if chosen else "empty,"),
                    f"`{images[container]}` is carried; see which of them is meant",
                )
                continue
            if not image:
                self._leave(where, f"container `{container}`, which has no image here,", "write its image in `images`")
                continue
            if is_open(image):
                told.add(container)
                self._leave(
                    (*where, "image"),
                    f"image `{image}` of container `{container}`, which is chosen when the workflow runs,",
                    "write the image in `images`",
                )
                continue
            if chosen and image != chosen:
                self._leave(
                    (*where, "image"),
                    f"image `{chosen}` of container `{container}`",
                    f"the manifest that Zadig applies runs `{image}`, which is carried",
                )
            images[container] = image
            self._from(f"{place}.images.{container}", (*where, "image"))
        for container, (image, at_image) in applied.items():
            if container in images or container in told:
                continue
            # Zadig fills in images of containers that nobody chose, by name and from any service: they may be wrong.
            self._leave(
                (*path, "yaml"),
                f"image `{image}` of container `{container}`, which the form does not choose,",
                "write it in `images` where production runs another",
                within=workload.span(at_image) if workload is not None else None,
            )
        return images

    def _replicas(self, path: Path, workload: Document | None) -> int | None:
        """Return how many pods there are: Zadig applies what the manifest says; 1 is what a release has anyway."""
        asked = get(self._document.data, (*path, "replicas"))
        applied = get(workload.data, ("spec", "replicas")) if workload is not None else None
        count = applied if isinstance(applied, int) else asked if isinstance(asked, int) and asked else None
        if asked and asked != count:
            self._leave(
                (*path, "replicas"),
                f"`replicas: {asked}`",
                f"the manifest that Zadig applies has {count}, which is carried",
            )
        return None if count == 1 or isinstance(count, bool) else count

    def namespace(self, services: Sequence[_Service]) -> str:
        """Return the namespace of all manifests; "" where they name none, or several, which is reported."""
        names = sorted({name for service in services for name in service.namespaces})
        first = next((service for service in services if service.namespaces), None)
        if first is not None:
            self._from("spec.namespace", (*first.path, "yaml"))
        for service in services if len(names) > 1 else ():
            if service.namespaces:
                self._leave(
                    (*service.path, "yaml"),
                    f"namespace {' and '.join(f'`{name}`' for name in service.namespaces)}, not the only one,",
                    "each gray copy goes to the namespace of its baseline object: see that the baseline names it",
                )
        return names[0] if len(names) == 1 else ""

    def entries(self, services: Sequence[_Service]) -> _Way:
        """Return the entry: the rules of the first canary Ingress, and every Ingress that has the same."""
        chosen: Entry | None = None
        entries: list[dict[str, object]] = []
        for service in services:
            path = (*service.path, "yaml")
            for name, entry, ingress in service.entries:
                whose = f"of the gray Ingress of `{name}`"
                for key, place, read in entry.unread:
                    instead = f"grayc sets it to `{self._tag}` itself" if key == HEADER_UPDATE else _RULES
                    if read:
                        instead = (
                            f"the gateway reads `{read}` in its place; write a rule if it is meant as well: {_RULES}"
                        )
                    self._leave(path, f"annotation `{key}` {whose}", instead, within=ingress.span(place, key=True))
                at = ingress.span(("metadata", "name"))
                if not entry.rules:
                    why = "lets nobody in" if entry.is_canary else "is no canary and competes with the baseline's"
                    self._leave(
                        path,
                        f"the gray Ingress of `{name}`, which {why},",
                        f"write who goes gray in `traffic.rules`: {_RULES}",
                        within=at,
                    )
                    continue
                if chosen is not None and entry.rules != chosen.rules:
                    self._leave(
                        path,
                        f"the gray Ingress of `{name}`, which lets in others than the first one,",
                        "give it a release of its own: a release has one list of rules",
                        within=at,
                    )
                    continue
                if chosen is not None and entry.header != chosen.header:
                    self._leave(
                        path,
                        f"the header `{entry.header}` {whose}" if entry.header else f"that no header is set {whose}",
                        f"a lane has one header: `{chosen.header or 'x-mse-tag'}` is carried",
                        within=at,
                    )
                if entry.class_name and not entry.gateway:
                    self._leave(
                        path,
                        f"the class `{entry.class_name}` {whose}",
                        "write the gateway that serves it in `traffic.gateway`",
                        within=at,
                    )
                elif chosen is not None and entry.gateway and entry.gateway != (chosen.gateway or DEFAULT_GATEWAY):
                    self._leave(
                        path,
                        f"the gateway `{entry.gateway}` {whose}",
                        f"a release has one gateway: `{chosen.gateway or DEFAULT_GATEWAY}` is carried",
                        within=at,
                    )
                if entry.is_uneven:
                    self._leave(
                        path,
                        f"that each host {whose} has paths of its own",
                        "all paths of the baseline's Ingress under these hosts enter; "
                        "write one release for each host, or see that this is meant",
                        within=ingress.span(("spec", "rules"), key=True),
                    )
                if chosen is None:
                    chosen = entry
                    self._from("spec.traffic", path)
                    self._from("spec.lane", path)
                lists = {"hosts": [*entry.hosts], "paths": [*entry.paths]}
                entries.append({"ingress": name, **{key: value for key, value in lists.items() if value}})
        if chosen is None:
            return _Way(traffic={}, header="")
        traffic: dict[str, object] = {
            "gateway": chosen.gateway or DEFAULT_GATEWAY,
            "rules": [*chosen.rules],
            "entries": entries,
        }
        return _Way(traffic=traffic, header=chosen.header)


def _images_of(workload: Document) -> dict[str, tuple[str, Path]]:
    """Return container → its image and where the manifest says it, init containers included."""
    row = WORKLOADS.get((workload.identity.group, workload.identity.kind))
    found: dict[str, tuple[str, Path]] = {}
    if row is None:
        return found
    for containers in ("initContainers", "containers"):
        pattern = (*row.template, "spec", containers, "[*]")
        for path, item in matches(workload.data, pattern):
            name, image = get_text(item, ("name",)), get_text(item, ("image",))
            if name and image:
                found[name] = (image, (*path, "image"))
    return found
