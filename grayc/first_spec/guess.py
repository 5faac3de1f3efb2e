"""What a baseline says of the gateway in front of it and of what carries the tag behind it."""

from collections.abc import Sequence

from grayc.analysis.addresses import Reading, Via
from grayc.analysis.controllers import Controllers
from grayc.analysis.graph import is_workload
from grayc.analysis.routes import ROUTES, backends_of, is_canary
from grayc.documents import Document, Path
from grayc.documents.tree import get_map, get_text
from grayc.k8s.abilities import Feature, Fit
from grayc.k8s.gateways import GATEWAYS, INGRESS, GatewayName
from grayc.k8s.ingress_controllers import rows_of_class
from grayc.k8s.istio_mesh import NAMESPACE_INJECTION, NAMESPACE_ON, REVISION
from grayc.k8s.mse_agent import NAMESPACE_ENABLED, NAMESPACE_LABEL, SWITCH, SWITCH_ON
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import Provider
from grayc.k8s.route_meshes import ROUTE_MESHES
from grayc.records import dataclass

_NO_CALL = (
    "no mesh, no agent and no call by an address is seen, so nothing leads a gray copy's calls to other gray copies.\n"
    "`grayc explain spec.lane.provider` says what each provider goes by"
)
_INJECT = "sidecar.istio.io/inject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a first spec says of the way from outside to a service.

    Attributes:
        gateway: "" where no route leads to the service, or no gateway of the release language opens the entry.
        is_coloured: the gateway adds the lane's header; False where clients have to bring it.
        provider: "" for the one that a release has by itself.
        entry_why: how the gateway is seen, as a sentence for a comment; "" where there is no route.
        provider_why: the same of the provider; "" where there is none to say.
    """

    gateway: str
    is_coloured: bool
    provider: str
    entry_why: str
    provider_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A Service whose address a workload is given.

    Attributes:
        service: its name.
        reading: the text that names it.
    """

    caller: Document
    service: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route by which requests come in, with the namespaces and names of its Services.

    Attributes:
        at_root: those that it leads all paths or `/` to.
    """

    route: Document
    services: frozenset[tuple[str, str]]
    at_root: frozenset[tuple[str, str]]


def ways_of(baseline: Sequence[Document]) -> tuple[Way, ...]:
    """Return the routes by which requests come in."""
    return tuple(
        _way(document, baseline)
        for document in baseline
        if document.identity.group_kind in ROUTES and not is_canary(document)
    )


def _way(route: Document, baseline: Sequence[Document]) -> Way:
    led = [
        ((each.namespace or route.identity.namespace, each.service), each.text in ("", "/"))
        for each in backends_of(route, baseline)
    ]
    return Way(
        route=route,
        services=frozenset(service for service, _ in led),
        at_root=frozenset(service for service, is_root in led if is_root),
    )


def guess(baseline: Sequence[Document], entries: Sequence[Document], call: Call | None) -> Guess:
    """Return the gateway of the first entry that some gateway opens, and the provider that the baseline shows.

    Args:
        entries: that lead to the service; none for one that is called from inside alone.
        call: one by address between a chosen workload and another; None where there is none.
    """
    controllers = Controllers(baseline)
    provider, because = _provider(baseline)
    found = [(*_gateway(controllers, entry, provider), entry) for entry in entries]
    gateway, why, entry = next((each for each in found if each[0]), found[0]) if found else ("", "", None)
    if not provider and gateway != GatewayName.MSE:
        provider = Provider.NONE if call is None else Provider.ADDRESS
        because = _NO_CALL if call is None else _named(call)
    is_own = provider == Provider.MSE and gateway in ("", GatewayName.MSE)
    return Guess(
        gateway=gateway,
        is_coloured=entry is not None and bool(gateway) and _adds_header(gateway, controllers, entry),
        provider="" if is_own else provider,
        entry_why=why,
        provider_why="" if is_own else because,
    )


def _named(call: Call) -> str:
    """Return why calls go by addresses, as sentences for a comment."""
    ref = f"{call.caller.identity.kind} `{call.caller.identity.name}`"
    words = {Via.VARIABLE: "variable", Via.FILE: "file"}
    where = f"{words.get(call.reading.via, 'argument')} `{call.reading.name}`" if call.reading.name else "an argument"
    return (
        f"{ref} calls `{call.service}` by its address ({where}), and no mesh or agent is seen.\n"
        "With `address` the gray copies of released services call each other: their addresses get gray names"
    )


def _adds_header(gateway: str, controllers: Controllers, entry: Document) -> bool:
    kind = entry.identity.group_kind
    product = controllers.of(entry).product if kind == INGRESS else ""
    return GATEWAYS[GatewayName(gateway)].of(kind, product).abilities[Feature.COLOUR].fit is Fit.EXACT


def _gateway(controllers: Controllers, entry: Document, provider: str) -> tuple[str, str]:
    kind, name = entry.identity.group_kind, f"{entry.identity.kind} `{entry.identity.name}`"
    if kind != INGRESS:
        gateway = next((each for each, row in GATEWAYS.items() if kind in row.entry_kinds), None)
        return (gateway or ""), f"{name} is read by " + (
            f"`{gateway}`" if gateway else "no gateway of the release language"
        )
    of = controllers.of(entry)
    if not of.class_name:
        # Whoever has the agent in the pods has MSE's gateway in front of them, as a rule.
        told = f"{name} names no class: write the gateway that reads it"
        return (GatewayName.MSE, told) if provider == Provider.MSE else ("", told)
    products = [of.product] if of.product else [row.product for row in rows_of_class(of.class_name)]
    for product in products:
        for gateway, row in GATEWAYS.items():
            if product in row.controllers:
                return gateway, f"{name} has class `{of.class_name}`, which {product} reads" + (
                    "" if of.product else ", and others may"
                )
    return "", f"{name} has class `{of.class_name}`, and no gateway of the release language is known to read it"


def _provider(baseline: Sequence[Document]) -> tuple[str, str]:
    """Return what carries the tag, by labels and annotations of Namespaces and pods, and how that is seen."""
    for document in baseline:
        at = _asking(document)
        if at is None:
            continue
        labels = get_map(document.data, (*at, "labels"))
        is_namespace = document.identity.kind == "Namespace"
        ref = f"{document.identity.kind} `{document.identity.name}`"
        if labels.get(NAMESPACE_LABEL if is_namespace else SWITCH) == (
            NAMESPACE_ENABLED if is_namespace else SWITCH_ON
        ):
            return Provider.MSE, f"{ref} asks for the MSE agent"
        if (
            labels.get(NAMESPACE_INJECTION) == NAMESPACE_ON or labels.get(REVISION)
            if is_namespace
            else labels.get(_INJECT) == "true"
        ):
            return Provider.ISTIO, f"{ref} asks for Istio's sidecar"
        for mesh in ROUTE_MESHES:
            if get_text(document.data, (*at, mesh.place, mesh.switch)) in mesh.on:
                return Provider.GATEWAY_API, f"{ref} asks for the proxy of {mesh.name}"
    return "", ""


def _asking(document: Document) -> Path | None:
    """Return where an object may ask for a proxy or an agent, None where it is neither a Namespace nor has pods."""
    if document.identity.kind == "Namespace":
        return ("metadata",)
    return (*WORKLOADS[document.identity.group_kind].template, "metadata") if is_workload(document) else None
