"""Shops: a baseline of several services in many forms, and a release of some of them."""

import json
from dataclasses import dataclass

from hypothesis import strategies as st

NAMESPACE = "shop"
NAMES = ("web", "cart", "pay", "stock")

Object = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A release and its baseline.

    Attributes:
        objects: of the baseline.
        release: the whole release.yaml.
        released: names of the services that it releases.
    """

    objects: tuple[Object, ...]
    release: Object
    released: tuple[str, ...]

    def files(self, order: list[int], cuts: int) -> dict[str, str]:
        """Return the baseline as files: objects in this order, dealt to `cuts` files."""
        dealt: dict[str, list[str]] = {}
        for turn, at in enumerate(order):
            dealt.setdefault(f"baseline/{turn % cuts}.yaml", []).append(json.dumps(self.objects[at], indent=1))
        return {name: "\n---\n".join(texts) + "\n" for name, texts in dealt.items()}


def _meta(name: str, labels: dict[str, str] | None = None) -> Object:
    return {"name": name, "namespace": NAMESPACE, **({"labels": labels} if labels else {})}


def _pair(name: str, *, is_prepared: bool) -> dict[str, str]:
    return {"app": name, **({"zadigx-release-version": "original"} if is_prepared else {"tier": "all"})}


@st.composite
def service_objects(draw: st.DrawFn, name: str, *, is_prepared: bool) -> list[Object]:
    """Return the objects of one service."""
    pair = _pair(name, is_prepared=is_prepared)
    config = draw(st.sampled_from([None, f"{name}-config", "common"]))
    secret = draw(st.sampled_from([None, f"{name}-secret"]))
    container: Object = {"name": name, "image": f"registry.example.com/{name}:1.0"}
    pod: Object = {"containers": [container]}
    objects: list[Object] = []
    if config is not None:
        way = draw(st.sampled_from(["envFrom", "env", "volume", "projected"]))
        match way:
            case "envFrom":
                container["envFrom"] = [{"configMapRef": {"name": config}}]
            case "env":
                container["env"] = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": config, "key": "a"}}}]
            case "volume":
                pod["volumes"] = [{"name": "v", "configMap": {"name": config}}]
            case _:
                pod["volumes"] = [{"name": "v", "projected": {"sources": [{"configMap": {"name": config}}]}}]
        if config != "common":
            objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": _meta(config), "data": {"a": "b"}})
    if secret is not None:
        pod["initContainers"] = [
            {"name": "init", "image": "registry.example.com/init:1", "envFrom": [{"secretRef": {"name": secret}}]}
        ]
        objects.append({"apiVersion": "v1", "kind": "Secret", "metadata": _meta(secret), "stringData": {"a": "b"}})
    kind = draw(st.sampled_from(["Deployment", "StatefulSet"]))
    objects.append(
        {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": _meta(name, {"app": name}),
            "spec": {
                **({"replicas": draw(st.integers(0, 9))} if draw(st.booleans()) else {}),
                **({"serviceName": name} if kind == "StatefulSet" else {}),
                "selector": {"matchLabels": pair},
                "template": {"metadata": {"labels": pair}, "spec": pod},
            },
        }
    )
    ports = [{"name": "http", "port": 80, **({"nodePort": 30080} if draw(st.booleans()) else {})}]
    objects.append(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _meta(name),
            "spec": {
                "type": draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"])),
                "selector": pair,
                "ports": ports,
            },
        }
    )
    if draw(st.booleans()):
        objects.append(
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": _meta(name),
                "spec": {
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
                    "minReplicas": 2,
                    "maxReplicas": 5,
                },
            }
        )
    if draw(st.booleans()):
        objects.append(
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": _meta(name),
                "spec": {"minAvailable": 1, "selector": {"matchLabels": pair}},
            }
        )
    return objects


def rules() -> st.SearchStrategy[list[Object]]:
    """Return rules of every kind, at most one weight."""
    one: st.SearchStrategy[Object] = st.one_of(
        st.builds(
            lambda name, value: {"header": name, "value": value},
            st.sampled_from(["x-user-id", "x-group"]),
            st.sampled_from(["100", "a.b", "on", "(x"]),
        ),
        st.just({"header": "x-gray"}),
        st.just({"header": "x-group", "pattern": "^beta-[0-9]+$"}),
        st.just({"cookie": "gray"}),
        st.just({"cookie": "user", "value": "alice"}),
    )
    weight: st.SearchStrategy[list[Object]] = st.one_of(
        st.just([]), st.integers(0, 100).map(lambda percent: [{"weight": percent}])
    )
    return st.tuples(st.lists(one, min_size=1, max_size=3, unique_by=str), weight).map(lambda pair: pair[0] + pair[1])


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Return a shop whose first service stands behind an Ingress."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    is_prepared = draw(st.booleans())
    objects = [item for name in names for item in draw(service_objects(name, is_prepared=is_prepared))]
    objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": _meta("common"), "data": {"a": "b"}})
    objects.append(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": _meta("entry"),
            "spec": {
                "ingressClassName": "mse",
                "rules": [
                    {
                        "host": "shop.example.com",
                        "http": {
                            "paths": [
                                {
                                    "path": f"/{name}",
                                    "pathType": "Prefix",
                                    "backend": {"service": {"name": name, "port": {"number": 80}}},
                                }
                                for name in names
                            ]
                        },
                    }
                ],
            },
        }
    )
    released = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    services: list[Object] = []
    for name in released:
        entry: Object = {"name": name}
        if draw(st.booleans()):
            entry["images"] = {name: f"registry.example.com/{name}:2.0"}
        if draw(st.booleans()):
            entry["replicas"] = draw(st.integers(0, 4))
        if draw(st.booleans()):
            entry["env"] = {
                name: {
                    "ADDED": draw(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8))
                }
            }
        services.append(entry)
    spec: Object = {
        "tag": draw(st.sampled_from(["gray", "t1", "feature-x"])),
        "namespace": NAMESPACE,
        "baseline": ["baseline/"],
        "services": services,
        "output": {"layout": draw(st.sampled_from(["service", "object", "single"]))},
    }
    if draw(st.booleans()):
        spec["traffic"] = {"gateway": "mse", "rules": draw(rules())}
    release: Object = {"apiVersion": "grayc.dev/v1", "kind": "GrayRelease", "metadata": {"name": "demo"}, "spec": spec}
    return Shop(objects=tuple(objects), release=release, released=tuple(released))
