"""Whose an Ingress is: the class it names, the controller behind the class, and a plan as one controller sees it."""

from collections.abc import Iterable

from grayc.documents import Document
from grayc.documents.ingresses import (
    classes_among,
    controller_of_class,
    default_class,
    ingress_class,
    rival_default_classes,
)
from grayc.k8s.gateways import GATEWAYS, INGRESS, GatewayName, GatewayRow, serves_ingresses
from grayc.k8s.ingress_controllers import INGRESS_CONTROLLERS, TRAEFIK, product_of_controller, rows_of_class
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """What reads an Ingress.

    Attributes:
        class_name: as the Ingress or the default class has it; "" for none.
        name: `spec.controller` of the IngressClass; else that of the product by the class's name, else that name;
            "" where there is no class.
        product: by the table of `ingress_controllers`; "" where nobody knows.
        is_proved: the baseline holds the IngressClass.
    """

    class_name: str
    name: str
    product: str
    is_proved: bool

    @property
    def is_habit(self) -> bool:
        """Tell whether several products call their class so, and nothing else tells which of them it is."""
        return not self.product and len(rows_of_class(self.class_name)) > 1

    def is_of(self, gateway: GatewayName) -> bool:
        """Tell whether a gateway opens its Ingresses; one without a class is any gateway's."""
        row = GATEWAYS[gateway]
        if not serves_ingresses(row):
            return False
        # Of several products that call their class so the release's gateway is one, and the others are none.
        products = {self.product} if self.product else {each.product for each in rows_of_class(self.class_name)}
        return not self.class_name or not products.isdisjoint(row.controllers)


class Controllers:
    """The IngressClasses of a baseline.

    Attributes:
        rival_defaults: names of default classes of several controllers, of which nothing tells which one holds.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        classes = classes_among(documents)
        self._controllers = {found.identity.name: controller_of_class(found) for found in classes}
        self._default = default_class(classes)
        self.rival_defaults = rival_default_classes(classes)

    def of(self, ingress: Document) -> Controller:
        """Return what reads an Ingress: by its class, its annotation, or the default class of the baseline."""
        name = ingress_class(ingress) or self._default
        controller = self._controllers.get(name, "")
        if controller:
            product = product_of_controller(controller)
            return Controller(class_name=name, name=controller, product=product, is_proved=True)
        rows = rows_of_class(name)
        if len(rows) == 1:
            return Controller(
                class_name=name, name=rows[0].controller or name, product=rows[0].product, is_proved=False
            )
        return Controller(class_name=name, name=name, product="", is_proved=False)


def controller_for(controller: Controller, gateway: GatewayName) -> str:
    """Return the name of the controller that reads an Ingress; where that has no class, the gateway's own."""
    if controller.class_name:
        return controller.name
    products = GATEWAYS[gateway].controllers
    return next((row.controller for row in INGRESS_CONTROLLERS if row.product in products), "")


def row_of(entry: Entry) -> GatewayRow:
    """Return what the gateway of an entry makes of it."""
    return GATEWAYS[entry.gateway].of(entry.document.identity.group_kind, product_of_controller(entry.controller))


def row_of_view(plan: ReleasePlan) -> GatewayRow:
    """Return what a gateway makes of the entries that one controller reads."""
    return row_of(plan.entries[0]) if plan.entries else GATEWAYS[plan.gateway]


def with_own(gateway: GatewayName, name: str) -> tuple[str, ...]:
    """Return a controller's name and those whose Ingresses meet the same requests: on Traefik, of its own class."""
    own = (row.controller for row in INGRESS_CONTROLLERS if row.product == TRAEFIK)
    return (name, *own) if gateway is GatewayName.TRAEFIK else (name,)


def read_by(gateway: GatewayName, names: Iterable[str], documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return the documents without the Ingresses of all other controllers.

    Args:
        names: of controllers, as `controller_for` returns them.
    """
    every, kept = tuple(documents), frozenset(names)
    controllers = Controllers(every)
    return tuple(
        document
        for document in every
        if document.identity.group_kind != INGRESS or controller_for(controllers.of(document), gateway) in kept
    )


def views(plan: ReleasePlan) -> tuple[ReleasePlan, ...]:
    """Return the plan once for each controller that it opens entries of, with what that controller reads.

    Each has its gateway as `traffic.gateway`, its entries, and a baseline without the Ingresses of others: so what
    looks at a plan looks at one controller at a time. A plan without entries is its only view.
    """
    traffic = plan.spec.traffic
    if traffic is None or not plan.entries:
        return (plan,)
    groups: dict[tuple[GatewayName, str], list[Entry]] = {}
    for entry in plan.entries:
        groups.setdefault((entry.gateway, entry.controller), []).append(entry)
    return tuple(
        replace(
            plan,
            spec=replace(plan.spec, traffic=replace(traffic, gateway=gateway)),
            baseline=read_by(gateway, (controller,), plan.baseline) if controller else plan.baseline,
            entries=tuple(entries),
        )
        for (gateway, controller), entries in groups.items()
    )
