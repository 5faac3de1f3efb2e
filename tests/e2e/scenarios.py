"""What is released: a folder with a baseline and a release, made from an example or from others' manifests."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MANIFESTS = (".yaml", ".yml", ".json")
RELEASE = "release.yaml"

# A kustomization is no object of a cluster, and there is nobody who knows Istio's kinds.
_LEFT_OUT = shutil.ignore_patterns("kustomization.yaml", "istio-manifests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One baseline and its release.

    Attributes:
        source: folder to copy; it holds `release.yaml` and `baseline/`, or is the baseline where `release` is given.
        release: the release's text, "" where the source holds it.
        more: further files of the baseline: name → text.
        namespace: the one that `kubectl` is told to use for objects that name none.
        moved_from: the namespace that the source's files name instead, "" for the same.
        is_of_entry: only what depends on the gateway is played.
    """

    name: str
    source: Path
    release: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    namespace: str
    moved_from: str = ""
    is_of_entry: bool = False

    def lay_out(self, home: Path) -> None:
        """Write release and baseline to a new folder."""
        shutil.copytree(self.source, home / "baseline" if self.release else home, ignore=_LEFT_OUT)
        for name, text in self.more.items():
            (home / "baseline" / name).write_text(text, encoding="utf-8")
        if self.moved_from:
            (home / "baseline" / "platform" / "namespace.yaml").unlink()
            for path in (home / "baseline").rglob("*.yaml"):
                text = path.read_text(encoding="utf-8")
                moved = text.replace(f"namespace: {self.moved_from}\n", f"namespace: {self.namespace}\n")
                path.write_text(moved, encoding="utf-8")
        if self.release:
            (home / RELEASE).write_text(self.release, encoding="utf-8")


_ZADIG_DEMO = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: demo
spec:
  tag: gray
  baseline: [baseline/]
  services:
    - name: spring-a
      from: baseline/spring-a
      images: {spring-cloud-a: registry.example.com/spring-cloud-a:0.2}
    - name: spring-c
      from: baseline/spring-c
      images: {spring-cloud-c: registry.example.com/spring-cloud-c:0.2}
  traffic:
    gateway: mse
    rules:
      - header: x-user-id
        value: "100"
"""

_BOUTIQUE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: boutique
spec:
  tag: gray
  baseline: [baseline/]
  services:
    - name: frontend
      images: {server: registry.example.com/frontend:v1}
    - name: cartservice
      images: {server: registry.example.com/cartservice:v1}
    - name: checkoutservice
      images: {server: registry.example.com/checkoutservice:v1}
      env: {server: {GRAY: "yes"}}
  lane: {provider: address}
  traffic:
    gateway: mse
    rules:
      - cookie: preview
      - weight: 5
"""

_BOUTIQUE_ENTRY = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: mse
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service: {name: frontend, port: {number: 80}}
"""

_ROUTED = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: routed
spec:
  tag: gray
  namespace: shop-{gateway}
  lane: {{provider: {provider}}}
  baseline: [baseline/]
  services:
    - name: gateway
      images: {{gateway: registry.example.com/shop/gateway:1.20.0}}
    - name: checkout
      images: {{checkout: registry.example.com/shop/checkout:3.8.0}}
  traffic:
    gateway: {gateway}
    rules:
      - header: x-user-id
        value: "100"
      - cookie: shop-preview
      - weight: 5
  accept:
    - code: GC563
      reason: there is no database here
"""
_HTTP_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
  namespace: shop
spec:
  gatewayClassName: envoy
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
  namespace: shop
spec:
  parentRefs: [{name: public}]
  hostnames: [shop.example.com]
  rules:
    - matches: [{path: {type: PathPrefix, value: /api}}]
      backendRefs: [{name: gateway, port: 8080}]
    - backendRefs: [{name: web, port: 8080}]
"""

_VIRTUAL_SERVICE = """\
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: public
  namespace: shop
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  namespace: shop
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
    - match: [{uri: {prefix: /api}}]
      route: [{destination: {host: gateway}}]
    - route: [{destination: {host: web}}]
"""


def scenarios(corpus: Path | None) -> tuple[Scenario, ...]:
    """Return what to run: the examples, and two baselines of the corpus where there is one."""
    found = [
        Scenario(name="mse-demo", source=EXAMPLES / "mse-demo", namespace="mse-prod"),
        Scenario(name="shop", source=EXAMPLES / "shop", namespace="shop"),
        _routed("gateway-api", provider="gateway-api", route=_HTTP_ROUTE),
        _routed("istio", provider="istio", route=_VIRTUAL_SERVICE),
    ]
    if corpus is not None:
        found += [
            Scenario(name="zadig-mse-demo", source=corpus / "zadig-mse-demo", release=_ZADIG_DEMO, namespace="zadig"),
            Scenario(
                name="online-boutique",
                source=corpus / "online-boutique",
                release=_BOUTIQUE,
                more={"ingress.yaml": _BOUTIQUE_ENTRY},
                namespace="boutique",
            ),
        ]
    return tuple(found)


def _routed(gateway: str, *, provider: str, route: str) -> Scenario:
    """Return the shop behind another gateway."""
    return Scenario(
        name=gateway,
        source=EXAMPLES / "shop" / "baseline",
        release=_ROUTED.format(gateway=gateway, provider=provider),
        more={"routes.yaml": route},
        namespace=f"shop-{gateway}",
        moved_from="shop",
        is_of_entry=True,
    )


def with_new_images(release: str) -> str:
    """Return a release whose images all have another tag."""
    data = yaml.safe_load(release)
    for service in data["spec"]["services"]:
        service["images"] = {name: f"{image}-next" for name, image in service["images"].items()}
    return yaml.safe_dump(data, sort_keys=False)


def with_layout(release: str, layout: str) -> str:
    """Return a release that is written in another layout."""
    data = yaml.safe_load(release)
    data["spec"]["output"] = {**data["spec"].get("output", {}), "layout": layout}
    return yaml.safe_dump(data, sort_keys=False)


def without_last_service(release: str) -> str:
    """Return a release without the last of its services, in one step."""
    data = yaml.safe_load(release)
    data["spec"]["services"].pop()
    data["spec"].pop("rollout", None)
    return yaml.safe_dump(data, sort_keys=False)


STEPS = ("testers", "wider")
"""Names of the steps of `with_steps`."""


def with_steps(release: str) -> str:
    """Return a release that is widened in a second step, by weight and by pods."""
    data = yaml.safe_load(release)
    first, second = STEPS
    wider = {"name": second, "weight": 10, "replicas": {data["spec"]["services"][0]["name"]: 2}}
    data["spec"]["rollout"] = {"steps": [{"name": first, "pause": True}, wider]}
    return yaml.safe_dump(data, sort_keys=False)


def without_shares(release: str) -> str:
    """Return a release that lets no share of the others in: a gateway may take one lane with a share on a route."""
    data = yaml.safe_load(release)
    data["spec"]["traffic"]["rules"] = [rule for rule in data["spec"]["traffic"]["rules"] if "weight" not in rule]
    for step in data["spec"]["rollout"]["steps"]:
        step.pop("weight", None)
    return yaml.safe_dump(data, sort_keys=False)


SECOND_TAG = "blue"


def second_lane(release: str) -> str:
    """Return a release of the same services that makes another lane, for other requests of the same entries.

    In a VirtualService of production one lane has its routes, so there no request enters the second by itself.
    """
    data = yaml.safe_load(release)
    data["metadata"]["name"] += "-second"
    data["spec"]["tag"] = SECOND_TAG
    data["spec"]["traffic"]["rules"] = [{"header": "x-user-id", "value": "200"}]
    left_out = ("traffic",) if data["spec"]["traffic"]["gateway"] == "istio" else ()
    for word in (*left_out, "rollout", "expect", "verify"):
        data["spec"].pop(word, None)
    return yaml.safe_dump(data, sort_keys=False)


def images_in(release: str) -> set[str]:
    """Return the images of a release."""
    return {image for service in yaml.safe_load(release)["spec"]["services"] for image in service["images"].values()}


def objects_in(folder: Path) -> list[dict[str, object]]:
    """Return the objects of all manifests in a folder and below it, by file name."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in MANIFESTS)
    return [item for path in files for item in yaml.safe_load_all(path.read_text(encoding="utf-8")) if item]
