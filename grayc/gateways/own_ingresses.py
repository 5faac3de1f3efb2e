"""What an Ingress of Traefik's own class asks for by annotations, as an IngressRoute says it.

Source: traefik/traefik v3.7.13 pkg/provider/kubernetes/ingress (annotations.go, kubernetes.go) and
pkg/provider/kubernetes/crd/traefikio/v1alpha1/ingressroute.go. Certificates of `spec.tls` are Traefik's, whichever
route a request takes; a router ends TLS of its own where the annotation says so, else where its entry point does.
"""

import re
from collections.abc import Mapping

from grayc.documents import Document, Path
from grayc.documents.tree import get_list, get_map, get_text
from grayc.gateways.canaries import annotations_of
from grayc.k8s.gateways import INGRESS
from grayc.records import dataclass

PREFIX = "traefik.ingress.kubernetes.io/"
_CRD = "@kubernetescrd"

Plain = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOptions:
    """The options of an Ingress that its IngressRoute repeats.

    Attributes:
        middlewares: as a route names them.
        unreachable: names of those that no IngressRoute of the Ingress's namespace can name.
        tls: as an IngressRoute has it; None for none of its own.
    """

    entry_points: tuple[str, ...]
    middlewares: tuple[Plain, ...]
    unreachable: tuple[str, ...]
    tls: Plain | None

    @classmethod
    def of(cls, ingress: Document, namespace: str) -> "OwnOptions":
        """Return the options of an Ingress in a namespace."""
        said = _said(ingress, "router.")
        refs: list[Plain] = []
        unreachable: list[str] = []
        for name in _listed(said.get("middlewares", "")):
            ref = _ref(name, namespace)
            if ref is None:
                unreachable.append(name)
            else:
                refs.append(ref)
        tls: Plain | None = None
        if any(key == "tls" or key.startswith("tls.") for key in said) and said.get("tls", "true").lower() != "false":
            tls = {}
            if "tls.certresolver" in said:
                tls["certResolver"] = said["tls.certresolver"]
            if "tls.options" in said:
                ref = _ref(said["tls.options"], namespace)
                if ref is None:
                    unreachable.append(said["tls.options"])
                else:
                    tls["options"] = ref
            domains = _domains(said)
            if domains:
                tls["domains"] = domains
        return cls(
            entry_points=tuple(_listed(said.get("entrypoints", ""))),
            middlewares=tuple(refs),
            unreachable=tuple(unreachable),
            tls=tls,
        )

    def spec(self) -> Plain:
        """Return the fields of an IngressRoute beside its routes."""
        return {
            **({"entryPoints": list(self.entry_points)} if self.entry_points else {}),
            **({"tls": self.tls} if self.tls is not None else {}),
        }

    @staticmethod
    def of_service(service: Document | None) -> Plain:
        """Return what the annotations of a Service say, as a service of a route has it."""
        said = _said(service, "service.") if service is not None else {}
        made: Plain = {}
        for name, key in (("serversscheme", "scheme"), ("serverstransport", "serversTransport")):
            if name in said:
                made[key] = said[name]
        for name, key in (("passhostheader", "passHostHeader"), ("nativelb", "nativeLB")):
            if name in said:
                made[key] = said[name].lower() == "true"
        if any(key == "sticky" or key.startswith("sticky.") for key in said) and said.get("sticky") != "false":
            made["sticky"] = {"cookie": _cookie(said)}
        return made


def _cookie(said: Mapping[str, str]) -> Plain:
    made: Plain = {}
    for name, key in (("name", "name"), ("samesite", "sameSite"), ("path", "path"), ("domain", "domain")):
        if f"sticky.cookie.{name}" in said:
            made[key] = said[f"sticky.cookie.{name}"]
    for name, key in (("secure", "secure"), ("httponly", "httpOnly")):
        if f"sticky.cookie.{name}" in said:
            made[key] = said[f"sticky.cookie.{name}"].lower() == "true"
    age = said.get("sticky.cookie.maxage", "")
    if re.fullmatch(r"-?\d{1,9}", age):
        made["maxAge"] = int(age)
    return made


def _domains(said: Mapping[str, str]) -> list[Plain]:
    numbers = sorted(
        {int(found[1]) for key in said if (found := re.fullmatch(r"tls\.domains\.(\d{1,4})\.(?:main|sans)", key))}
    )
    return [
        {
            **({"main": said[f"tls.domains.{at}.main"]} if f"tls.domains.{at}.main" in said else {}),
            **({"sans": _listed(said[f"tls.domains.{at}.sans"])} if f"tls.domains.{at}.sans" in said else {}),
        }
        for at in numbers
    ]


def _said(document: Document, part: str) -> dict[str, str]:
    """Return the options of a part, their names in lower case: Traefik reads them in any."""
    start = f"{PREFIX}{part}"
    return {
        key[len(start) :].lower(): value
        for key, value in annotations_of(document).items()
        if key.lower().startswith(start) and isinstance(value, str)
    }


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _ref(name: str, namespace: str) -> Plain | None:
    """Return how a route names what an annotation names; None for what is in another namespace."""
    if not name.endswith(_CRD):
        return {"name": name}
    own = name.removesuffix(_CRD)
    home = namespace or "default"
    return {"name": own[len(home) + 1 :]} if own.startswith(f"{home}-") else None


def why_not_copied(route: Document, namespace: str) -> tuple[Path, str, str] | None:
    """Return the place of what no IngressRoute beside a route can repeat, why, and what would work; None for none."""
    if route.identity.group_kind == INGRESS:
        options = OwnOptions.of(route, namespace)
        if options.unreachable:
            return (
                ("metadata", "annotations"),
                f"`{options.unreachable[0]}` is of another namespace, which an IngressRoute cannot name unless "
                "`allowCrossNamespace` is set",
                f"put it into namespace `{namespace}`, where the Ingress is",
            )
        if _said(route, "router.").get("rulesyntax", "v3") == "v2":
            return ("metadata", "annotations"), *_OF_V2
        return None
    if get_list(route.data, ("spec", "parentRefs")):
        return (
            ("spec", "parentRefs"),
            "its routes are behind those of a parent, which choose before it",
            "open the parent, or give the route a host of its own",
        )
    for at, rule in enumerate(get_list(route.data, ("spec", "routes"))):
        if (get_text(rule, ("syntax",)) or get_text(get_map(route.data, ("spec",)), ("syntax",))) == "v2":
            return ("spec", "routes", at), *_OF_V2
    return None


_OF_V2 = (
    "its rules are in the syntax of Traefik v2, which has other words for a header and a query",
    "write them in the syntax of v3, and take the word `v2` away",
)
