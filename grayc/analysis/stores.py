"""The databases, caches, buckets and volumes that gray pods share with production, and what names them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from grayc.analysis.command_words import command_texts
from grayc.analysis.graph import containers_of, is_workload
from grayc.analysis.store_texts import Mention, StoreTexts
from grayc.analysis.work import in_baseline_of
from grayc.documents import Document, Path
from grayc.documents.tree import get, get_list, get_map, get_text, show_path
from grayc.k8s.istio_mesh import PROXY_CONTAINER
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.store_names import is_local
from grayc.k8s.stores import (
    DRIVER_BUCKETS,
    DRIVER_SERVER,
    NO_STORE_DRIVERS,
    PROXIES,
    VOLUME_SOURCES,
    Form,
    StoreKind,
    is_nodes_own,
    product_of_image,
)
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, replace

_SERVICE = (CORE, "Service")
_PREFIX = "store/"
MOST_USES = 50
"""Fields of one service that are kept of one store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A field by which a service uses a store.

    Attributes:
        service: of the release.
        setting: the variable, option or key.
        document: of the baseline, that holds it.
        path: where it does, in that object.
        is_read_only: nothing is written by it.
    """

    service: str
    setting: str
    document: Document
    path: Path
    is_read_only: bool = False

    @property
    def field(self) -> str:
        """The path, as users write it."""
        return show_path(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store that gray pods share with production.

    Attributes:
        name: `store/HOST`, as findings and `spec.accept` name it.
        kinds: what it is, as far as is known; of a host that serves several, each.
        products: likewise; none where nothing tells.
        is_known: its address is; else only what proves a program to it, a proxy before it, or a text that
            nobody can read.
        uses: by service, in the order of the release.
    """

    name: str
    kinds: tuple[StoreKind, ...]
    products: tuple[str, ...]
    is_known: bool
    uses: tuple[Use, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose gray pods use it."""
        return tuple(dict.fromkeys(use.service for use in self.uses))

    @property
    def is_unread(self) -> bool:
        """Tell whether a text gives its address, and nobody can tell the host from the password."""
        return self.name.startswith(f"{_PREFIX}{Form.UNREAD}/")

    @property
    def is_read_only(self) -> bool:
        """Tell whether gray pods only read it, so that nothing of production can change by them."""
        return all(use.is_read_only for use in self.uses)

    @property
    def what(self) -> str:
        """Its products, else its kinds, in words."""
        return ", ".join(self.products or [str(kind) for kind in self.kinds])


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUse:
    """A store as pods of one workload use it.

    Attributes:
        name: as `Store` has it; "" for one inside the pod.
        is_own: only this side has it: it stands in the pod, or behind a Service of the lane.
    """

    name: str
    mention: Mention
    is_own: bool


class Stores:
    """What the pods of some objects use.

    Args:
        documents: whose pods are asked about, gray or production's.
    """

    def __init__(self, documents: tuple[Document, ...], plan: ReleasePlan) -> None:
        self._plan = plan
        self._documents = documents
        self.texts = StoreTexts(documents, plan)
        self._own_services = {
            plan.key_of(each.identity)
            for each in documents
            if each.identity.group_kind == _SERVICE
            and plan.is_copy(each)
            and plan.copy_of(each).document is not each
            and get_map(each.data, ("spec", "selector"))
        }
        self._found: dict[int, tuple[StoreUse, ...]] = {}

    def workloads(self) -> Iterator[Document]:
        """Yield the objects whose pods are asked about."""
        return (each for each in self._documents if is_workload(each))

    def of(self, workload: Document) -> tuple[StoreUse, ...]:
        """Return what the pods of a workload use, each store once for each container and setting."""
        if id(workload) not in self._found:
            self._found[id(workload)] = tuple(self._of(workload))
        return self._found[id(workload)]

    def _of(self, workload: Document) -> Iterator[StoreUse]:
        containers = list(containers_of(workload))
        said = [
            mention
            for place, container in containers
            for mention in self.texts.of_container(workload, place, container)
        ]
        proxied = [each for place, container in containers for each in self._behind_proxy(workload, place, container)]
        addresses = [each for each in said if not each.is_credential]
        found = [
            *(use for mention in addresses for use in self._placed(workload, mention, containers, proxied)),
            *(self._named(workload, each) for each in proxied),
        ]
        known = [each.mention for each in found]
        for mention in said:
            if mention.is_credential and not any(_is_of(mention, other) for other in known):
                found.append(StoreUse(name=f"secret/{mention.name}", mention=mention, is_own=False))
        found += [self._named(workload, mention) for mention in self._volumes(workload)]
        seen: dict[tuple[str, str, str, Form], StoreUse] = {}
        for use in found:
            seen.setdefault((use.name, use.mention.container, use.mention.setting, use.mention.form), use)
        return iter(seen.values())

    def _placed(
        self,
        workload: Document,
        mention: Mention,
        containers: Sequence[tuple[Path, Mapping[str, object]]],
        proxied: Sequence[Mention],
    ) -> Iterator[StoreUse]:
        """Yield where an address leads; one of the pod itself to what stands beside the container."""
        if mention.form is Form.EMBEDDED:
            yield StoreUse(name="", mention=mention, is_own=True)
        elif mention.form is not Form.HOST or not is_local(mention.name):
            yield self._named(workload, mention)
        elif proxied:
            for each in proxied:
                behind = replace(each, container=mention.container, setting=mention.setting)
                yield self._named(
                    workload, replace(behind, document=mention.document, path=mention.path, product=mention.product)
                )
        elif any(product_of_image(get_text(container, ("image",))) is not None for _, container in containers):
            yield StoreUse(name="", mention=replace(mention, form=Form.EMBEDDED), is_own=True)
        elif any(get_text(each, ("name",)) not in (mention.container, PROXY_CONTAINER) for _, each in containers):
            production = in_baseline_of(workload, self._plan)
            yield StoreUse(
                name=f"localhost/{production.identity.name}", mention=replace(mention, form=Form.LOCAL), is_own=False
            )

    def _named(self, workload: Document, mention: Mention) -> StoreUse:
        match mention.form:
            case Form.HOST:
                namespace = self._plan.key_of(workload.identity).namespace
                host, service = self.texts.services.canonical(mention.name, namespace)
                is_own = service in self._own_services
                return StoreUse(name=host, mention=mention, is_own=is_own)
            case Form.INSTANCE:
                return StoreUse(name=mention.name, mention=mention, is_own=False)
            case Form.UNREAD:
                name = in_baseline_of(workload, self._plan).identity.name
                setting = "_".join(mention.setting.split())
                return StoreUse(name=f"{Form.UNREAD}/{name}/{setting}", mention=mention, is_own=False)
            case form:
                # A row of `spec.accept` has no blanks.
                return StoreUse(name=f"{form}/{'_'.join(mention.name.split())}", mention=mention, is_own=False)

    def _behind_proxy(self, workload: Document, place: Path, container: Mapping[str, object]) -> Iterator[Mention]:
        """Yield what a proxy for databases connects to, as far as its command says."""
        texts = [text for _, text in command_texts(container)]
        image = get_text(container, ("image",)).partition("@")[0].rpartition("/")[2].partition(":")[0]
        programs = [image, *(word.rpartition("/")[2] for word in texts[:1])]
        for program, instance in PROXIES:
            if not any(program.fullmatch(each) for each in programs):
                continue
            base = Mention(
                form=Form.INSTANCE,
                name="",
                kind=StoreKind.DATABASE,
                product="",
                setting="the proxy's command",
                document=workload,
                path=(*place, "name"),
                container=get_text(container, ("name",)),
            )
            filled = [self.texts.filled(text, workload, place, container) for text in texts]
            names = list(dict.fromkeys(found[0] for text in filled for found in instance.finditer(text[:2_000])))
            secrets = [each for text in texts for each in self.texts.secrets_in(text, workload, place, container)]
            if names:
                yield from (replace(base, name=name) for name in names)
            elif secrets:
                yield from (
                    replace(base, form=Form.SECRET, name=secret, setting=f"key {key}")
                    for secret, key in dict.fromkeys(secrets)
                )
            else:
                name = in_baseline_of(workload, self._plan).identity.name
                yield replace(base, form=Form.LOCAL, name=name)
            return

    def _volumes(self, workload: Document) -> Iterator[Mention]:
        """Yield the volumes of a pod template that outlive the pod, where a container mounts them.

        Source: core/v1 VolumeSource.
        """
        template = WORKLOADS[workload.identity.group_kind].template
        mounted: dict[str, list[tuple[str, bool]]] = {}
        for _, container in containers_of(workload):
            for mount in (*get_list(container, ("volumeMounts",)), *get_list(container, ("volumeDevices",))):
                is_read_only = get(mount, ("readOnly",)) is True
                mounted.setdefault(get_text(mount, ("name",)), []).append(
                    (get_text(container, ("name",)), is_read_only)
                )
        for at, volume in enumerate(get_list(workload.data, (*template, "spec", "volumes"))):
            mounts = mounted.get(get_text(volume, ("name",)), [])
            for form, name, product, field, is_kept in _sources(volume) if mounts else ():
                is_read_only = is_kept or all(each for _, each in mounts)
                if form is Form.NODE_PATH and is_read_only:
                    continue
                yield Mention(
                    form=form,
                    name=name,
                    kind=StoreKind.BUCKET if form is Form.BUCKET else StoreKind.VOLUME,
                    product=product,
                    setting=f"volume {get_text(volume, ('name',))}",
                    document=workload,
                    path=(*template, "spec", "volumes", at, *field),
                    container=mounts[0][0],
                    is_read_only=is_read_only,
                )


def _sources(volume: object) -> Iterator[tuple[Form, str, str, Path, bool]]:
    """Yield form, name, product, field of a volume that outlives the pod, and whether it is mounted to read only."""
    claim = get_text(volume, ("persistentVolumeClaim", "claimName"))
    if claim:
        is_kept = get(volume, ("persistentVolumeClaim", "readOnly")) is True
        yield Form.CLAIM, claim, "", ("persistentVolumeClaim", "claimName"), is_kept
    path = get_text(volume, ("hostPath", "path"))
    if path and not is_nodes_own(path.rstrip("/") or "/") and "Socket" not in get_text(volume, ("hostPath", "type")):
        yield Form.NODE_PATH, path.strip("/"), "hostPath", ("hostPath", "path"), False
    driver = get_text(volume, ("csi", "driver"))
    if driver and driver not in NO_STORE_DRIVERS:
        is_kept = get(volume, ("csi", "readOnly")) is True
        bucket = next((found for each in DRIVER_BUCKETS if (found := get_text(volume, ("csi", *each)))), "")
        server = get_text(volume, ("csi", *DRIVER_SERVER))
        if bucket:
            yield Form.BUCKET, bucket, driver, ("csi", "driver"), is_kept
        elif server:
            yield Form.HOST, server.lower(), driver, ("csi", "driver"), is_kept
        else:
            yield Form.DRIVER, driver, driver, ("csi", "driver"), is_kept
    for source, field, product in VOLUME_SOURCES:
        value = get(volume, (source, *field))
        name = ",".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(name, str) and name:
            form = Form.HOST if source == "nfs" else Form.DRIVER
            is_kept = get(volume, (source, "readOnly")) is True
            yield form, name if form is Form.HOST else f"{source}/{name}", product, (source, *field), is_kept


def _is_of(credential: Mention, other: Mention) -> bool:
    """Tell whether an address may be what a credential is for: of the same product, or where one of them tells none."""
    if other.kind is StoreKind.VOLUME or other.kind is StoreKind.BUCKET:
        return False
    return not credential.product or not other.product or credential.product == other.product


@lru_cache(maxsize=4)
def stores_in(documents: tuple[Document, ...], plan: ReleasePlan) -> Stores:
    """Return what pods of some objects use; checks and the plan ask the same objects."""
    return Stores(documents, plan)


class SharedStores:
    """The stores of a release's gray pods, and which of them production uses too."""

    def __init__(self, documents: tuple[Document, ...], plan: ReleasePlan) -> None:
        self._plan = plan
        self.gray = stores_in(documents, plan)

    @cached_property
    def _of_copied(self) -> frozenset[str]:
        return _names(stores_in(tuple(copy.document for copy in self._plan.copies), self._plan))

    @cached_property
    def _of_all(self) -> frozenset[str]:
        # Only a lane with an address of its own asks for this.
        return _names(stores_in(self._plan.baseline, self._plan))

    def is_shared(self, use: StoreUse) -> bool:
        """Tell whether pods of production use a store too."""
        return not use.is_own and (use.name in self._of_copied or use.name in self._of_all)

    def stores(self) -> tuple[Store, ...]:
        """Return the stores that are shared, by name."""
        found: dict[str, list[tuple[StoreUse, Use]]] = {}
        counted: dict[tuple[str, str], int] = {}
        for workload in self.gray.workloads():
            if not self._plan.is_copy(workload):
                continue
            service = self._plan.copy_of(workload).service.name
            for use in self.gray.of(workload):
                counted[use.name, service] = counted.get((use.name, service), 0) + 1
                if counted[use.name, service] > MOST_USES or not self.is_shared(use):
                    continue
                mention = use.mention
                place = Use(
                    service=service,
                    setting=mention.setting,
                    document=in_baseline_of(mention.document, self._plan),
                    path=mention.path,
                    is_read_only=mention.is_read_only,
                )
                found.setdefault(use.name, []).append((use, place))
        order = {service.name: at for at, service in enumerate(self._plan.spec.services)}
        return tuple(
            Store(
                name=f"{_PREFIX}{name}",
                kinds=tuple(dict.fromkeys(use.mention.kind for use, _ in rows)),
                products=tuple(sorted({use.mention.product for use, _ in rows if use.mention.product})),
                is_known=any(use.mention.form not in (Form.SECRET, Form.LOCAL, Form.UNREAD) for use, _ in rows),
                uses=tuple(dict.fromkeys(place for _, place in sorted(rows, key=lambda row: order[row[1].service]))),
            )
            for name, rows in sorted(found.items())
        )


def _names(stores: Stores) -> frozenset[str]:
    return frozenset(use.name for workload in stores.workloads() for use in stores.of(workload) if not use.is_own)


def store_name(use: StoreUse) -> str:
    """Return a store as findings name it."""
    return f"{_PREFIX}{use.name}"


@lru_cache(maxsize=4)
def shared_stores(documents: tuple[Document, ...], plan: ReleasePlan) -> SharedStores:
    """Return the stores of gray pods; checks and the plan ask for the same."""
    return SharedStores(documents, plan)


def orphans_of(plan: ReleasePlan) -> tuple[str, ...]:
    """Return the workloads of the baseline that run a store which no text of any workload names, sorted.

    Programs may have such an address built in.
    """
    stores = stores_in(plan.baseline, plan)
    return stores.texts.services.unnamed(_names(stores))
