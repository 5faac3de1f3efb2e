"""`ReleaseSpec`: a checked release.yaml, in grayc's own types.

Every part keeps its `path` in the release document, so that a later stage can point at it.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.documents import Document, Path
from grayc.documents.tree import get
from grayc.k8s.carriers import TagCarrier
from grayc.k8s.gateways import GatewayName
from grayc.k8s.profiles import ADOPTED, PROFILES, Marks, Profile
from grayc.k8s.providers import PROVIDERS, Propagation, Provider
from grayc.records import dataclass, field, replace
from grayc.source import Span


class Isolation(StrEnum):
    """How gray pods are kept apart from baseline pods."""

    AUTO = "auto"
    LABEL = "label"
    RELABEL = "relabel"


class Layout(StrEnum):
    """How the output is cut into files."""

    SERVICE = "service"
    OBJECT = "object"
    SINGLE = "single"


class Gitops(StrEnum):
    """What applies the output."""

    NONE = "none"
    ARGOCD = "argocd"
    FLUX = "flux"


ALL_OTHERS = "*"
"""Stands in `propagation` for the services that are not named there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """`spec.lane`.

    Attributes:
        carrier: carries the tag from hop to hop.
        propagation: service, as call paths name it, or `ALL_OTHERS` → what passes the header on there.
    """

    provider: Provider
    carrier: TagCarrier
    profile: Profile
    isolation: Isolation
    propagation: Mapping[str, Propagation] = field(default_factory=dict)
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineSource:
    """One entry of `spec.baseline`: a file, folder or glob relative to the spec's folder, standard input, or what is
    rendered.

    Attributes:
        pattern: the path as written; "" for a source of another sort.
        kustomize: folder of a kustomization; None for a source of another sort.
        chart: None for a source of another sort.
        argocd: file with an Application; None for a source of another sort.
        flux: file with a Kustomization or HelmRelease; None for a source of another sort.
        root: where paths in such a file start; None for the default.
    """

    pattern: str
    stdin: bool
    kustomize: str | None = None
    chart: "HelmChart | None" = None
    argocd: str | None = None
    flux: str | None = None
    root: str | None = None
    path: Path

    @property
    def is_rendered(self) -> bool:
        """Whether a program renders it."""
        return any(each is not None for each in (self.kustomize, self.chart, self.argocd, self.flux))


@dataclass(frozen=True, slots=True, kw_only=True)
class HelmChart:
    """`helm` of a baseline source.

    Attributes:
        chart: folder or packed chart.
        release: name of the Helm release.
        values: values files, later ones over earlier ones.
        settings: key as Helm's `--set` writes it, and value as JSON, in the order of the spec; over all files.
        api_versions: what a template that asks finds the cluster to have.
        kube_version: likewise; None for that of helm.
    """

    chart: str
    release: str
    values: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    api_versions: tuple[str, ...] = ()
    kube_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaling:
    """`autoscaling` of a service.

    Attributes:
        enabled: False for `none`: the HPA is left out.
        min_replicas: None keeps the baseline's.
        max_replicas: None keeps the baseline's.
    """

    enabled: bool
    min_replicas: int | None
    max_replicas: int | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchTarget:
    """What a patch applies to, by baseline names; without a name, every copied object of the kind."""

    kind: str
    name: str | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One entry of `patches`; exactly one of `merge`, `json6902` and `file` is set.

    Attributes:
        merge: strategic merge patch.
        json6902: operations as written.
        file: path relative to the spec's folder of a file that holds either.
    """

    target: PatchTarget
    merge: dict[str, object] | None
    json6902: tuple[dict[str, object], ...] | None
    file: str | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadRef:
    """`workload: Kind/name`; kind None where only the name is given."""

    kind: str | None
    name: str


class WorkMode(StrEnum):
    """What a gray copy does with work that no request brings."""

    OWN = "own"
    AGENT = "agent"
    SHARED = "shared"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a service changes in its gray copies: its own fields, or those of `laneOnly`.

    Attributes:
        env: container name → variable name → value, None to remove.
        config: ConfigMap or Secret name → key → value, None to remove.
        path: of the mapping that has the fields.
        written: name in `config` → what the spec calls it, where that is another: a generator's name without its hash.
    """

    env: Mapping[str, Mapping[str, str | None]]
    config: Mapping[str, Mapping[str, str | None]]
    patches: tuple[Patch, ...]
    path: Path
    written: Mapping[str, str] = field(default_factory=dict)

    def config_path(self, name: str, *below: str) -> Path:
        """Return where the spec changes a ConfigMap or Secret, or a key of it."""
        return (*self.path, "config", self.written.get(name, name), *below)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """One entry of `spec.services`.

    Attributes:
        source: the `from` path; None where the service is named by its workload.
        workload: set exactly where `source` is None.
        images: container name → image.
        replicas: None where the spec says nothing (the compiler then gives 1).
        replicas_at: where it says them: a step of the rollout may.
        env: container name → variable name → value, None to remove.
        config: ConfigMap or Secret name → key → value, None to remove.
        share: kinds and `Kind/name`.
        work: None where the spec says nothing.
        lane_only: changes for as long as the lane lives; None where there are none.
        written: as that of `Changes`.
    """

    name: str
    source: str | None
    workload: WorkloadRef | None
    images: Mapping[str, str]
    replicas: int | None
    replicas_at: Path
    autoscaling: Autoscaling | None
    env: Mapping[str, Mapping[str, str | None]]
    config: Mapping[str, Mapping[str, str | None]]
    patches: tuple[Patch, ...]
    share: tuple[str, ...]
    rewrite_text: bool
    work: WorkMode | None
    lane_only: Changes | None
    path: Path
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Changes, ...]:
        """What changes in the gray copies, in the order in which it is applied."""
        own = Changes(env=self.env, config=self.config, patches=self.patches, path=self.path, written=self.written)
        return (own,) if self.lane_only is None else (own, self.lane_only)


class Part(StrEnum):
    """The part of a request that a condition asks, in the order in which parts decide."""

    HEADER = "header"
    QUERY = "query"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a request says in one header, query parameter or cookie; as a rule, such requests enter the lane.

    With `values` it equals one of them; with `pattern` that is found in it; with neither the condition is a switch:
    `always` enters the lane and `never` stays out.

    Attributes:
        name: of the header, in any case, or of the parameter or cookie, as written.
    """

    part: Part
    name: str
    values: tuple[str, ...] = ()
    pattern: str | None = None
    path: Path

    @property
    def is_switch(self) -> bool:
        """Tell whether it asks for `always` and `never`."""
        return not self.values and self.pattern is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllRule:
    """Requests that meet every one of several conditions, of which none is a switch."""

    conditions: tuple[Condition, ...]
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedRule:
    """Requests that bring the lane's own carrier.

    Attributes:
        tag: this release's.
    """

    carrier: TagCarrier
    tag: str
    path: Path


class Digits(StrEnum):
    """How the last two digits of a value are read."""

    DECIMAL = "decimal"
    HEX = "hex"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByValue:
    """A share by the last two digits of what a request says in one place: the same for a user each time."""

    part: Part
    name: str
    digits: Digits


@dataclass(frozen=True, slots=True, kw_only=True)
class ByClient:
    """A share that the gateway draws once for each client, which keeps it by a cookie of the gateway's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightRule:
    """Percent of the requests that no other rule took, 0 to 100.

    Attributes:
        by: what the share goes by; None where it is drawn for each request.
    """

    percent: int
    by: ByValue | ByClient | None = None
    path: Path


Rule = Condition | AllRule | TaggedRule | WeightRule


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySpec:
    """One entry of `spec.traffic.entries`; one of `ingress`, `route` and `class` is set, the others "".

    Attributes:
        kind: of the route, where `route` says it; else "".
        namespace: "" for the release's.
        hosts: empty for all.
        paths: empty for all.
        gateway: None where the row names none.
    """

    ingress: str
    route: str
    kind: str
    class_name: str
    namespace: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    gateway: GatewayName | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """`spec.traffic`. `rules` are in the order of precedence: headers, query, cookies, weight.

    Attributes:
        gateway: that the release is compiled for.
        written: that the spec names; another one where a flag asks how it would be on `gateway`.
    """

    gateway: GatewayName
    written: GatewayName
    rules: tuple[Rule, ...]
    entries: tuple[EntrySpec, ...]
    guard: bool
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of `spec.rollout.steps`, whole: what it does not say is as in the rest of the spec.

    Attributes:
        rules: in the order of precedence.
        replicas: service name → replicas; None where nothing is said.
        pause: how long to stay, as written: a time, or `true`; "" for not at all.
    """

    name: str
    rules: tuple[Rule, ...]
    replicas: Mapping[str, int | None]
    pause: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One entry of `spec.expect`: a request and where it must go.

    Attributes:
        name: "" for none.
        request_path: path and query.
        shares: `gray`, `baseline` or the name of a Service → percent; what is not named takes the rest.
        steps: of the rollout, at which it must hold; empty for all.
    """

    name: str
    steps: tuple[str, ...]
    host: str
    request_path: str
    method: str
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, str], ...]
    shares: Mapping[str, float]
    path: Path

    def is_asked_at(self, step: str) -> bool:
        """Tell whether it must hold at a step of the rollout."""
        return not self.steps or step in self.steps


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerCheck:
    """One entry of `spec.verify`: a container that must end with status 0.

    Attributes:
        command: empty for the image's own.
        args: empty for the image's own.
        timeout: seconds.
    """

    name: str
    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    env: Mapping[str, str]
    timeout: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCheck:
    """One entry of `spec.verify`: a request to a gray Service.

    Attributes:
        service: its baseline name.
        request_path: path and query.
        port: None for the Service's first.
        status: that the answer must have.
        body: text that the answer must hold; "" for any.
        image: with `sh` and `curl` or `wget`.
        timeout: seconds.
    """

    name: str
    service: str
    request_path: str
    port: int | None
    status: int
    body: str
    image: str
    timeout: int
    path: Path


Verification = ContainerCheck | HttpCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """One entry of `spec.references`: a field of a user's kind that names another object."""

    kind: str
    group: str | None
    field: str
    to: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """One entry of `spec.accept`."""

    code: str
    object: str | None
    reason: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPath:
    """One line of `spec.calls`: the services in the order of the calls."""

    services: tuple[str, ...]
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """`spec.output`."""

    layout: Layout
    gitops: Gitops


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReleaseSpec:
    """A whole release.

    Attributes:
        document: the release.yaml it was read from.
        namespace: None where the spec names none.
        owner: who answers for the lane.
        steps: of the rollout, in order; rules and replicas are those of `at_step`.
        step: name of the one at which the release is looked at; "" for none.
    """

    document: Document
    name: str
    tag: str
    namespace: str | None
    set_namespace: bool
    lane: Lane
    baseline: tuple[BaselineSource, ...]
    services: tuple[ServiceSpec, ...]
    calls: tuple[CallPath, ...]
    traffic: Traffic | None
    steps: tuple[Step, ...]
    step: str = ""
    verifications: tuple[Verification, ...]
    expectations: tuple[Expectation, ...]
    references: tuple[ReferenceRow, ...]
    accept: tuple[Accept, ...]
    expires: str | None
    owner: str | None
    output: Output

    @property
    def marks(self) -> Marks:
        """How the lane's objects are marked."""
        return PROFILES[self.lane.profile]

    @property
    def suffix(self) -> str:
        """What the name of every gray object ends with."""
        return self.marks.suffix(self.tag)

    @property
    def adopt_command(self) -> str:
        """What prepares a baseline for lanes that are told from it by their own label."""
        return "grayc adopt" + ("" if self.lane.profile is ADOPTED else f" --profile {self.lane.profile}")

    def labels(self, service: str) -> dict[str, str]:
        """Return the labels of a gray object of a service."""
        return self.marks.on_objects(self.tag, self.name, service)

    def selecting(self, service: str) -> dict[str, str]:
        """Return the labels by which a service's gray pods are selected."""
        return self.marks.on_pods(self.tag, service)

    def pod_labels(self, service: str) -> dict[str, str]:
        """Return the labels of a service's gray pods, with what the lane's provider reads on them."""
        read = PROVIDERS[self.lane.provider].pod_label
        return {**self.selecting(service), **({read: self.tag} if read else {})}

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Return where a part of the release stands in its file."""
        return self.document.span(path, key=key)

    def has(self, path: Path) -> bool:
        """Tell whether the release's file says anything at `path`."""
        return get(self.document.data, path) is not None


def at_step(spec: ReleaseSpec, step: Step) -> ReleaseSpec:
    """Return the release at one step of its rollout: its rules and replicas are the step's."""
    return replace(
        spec,
        step=step.name,
        services=tuple(
            replace(
                service, replicas=step.replicas[service.name], replicas_at=own if spec.has(own) else service.replicas_at
            )
            for service in spec.services
            for own in [(*step.path, "replicas", service.name)]
        ),
        traffic=None if spec.traffic is None else replace(spec.traffic, rules=step.rules),
    )


def without_lane_only(spec: ReleaseSpec) -> ReleaseSpec:
    """Return the release without what it changes for as long as the lane lives: production never gets that."""
    return replace(spec, services=tuple(replace(service, lane_only=None) for service in spec.services))
