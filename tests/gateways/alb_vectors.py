"""Ingresses behind Alibaba Cloud's ALB, a request, and what becomes of it.

The rows and their sources are in `vectors/alb.yaml`. Here is how they are read, and short spellings for the tests that
need others like them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.gateways.manifests import ingress
from tests.gateways.traffic import Request
from tests.gateways.vectors import Told
from tests.manifests import Object
from tests.vectors import rows

ALB = "alb.ingress.kubernetes.io/"
ROOT = ("/", "Prefix")


def alb(
    name: str = "web",
    paths: Sequence[tuple[str, str, str]] = ((*ROOT, "base"),),
    *,
    host: str = "h.test",
    tls: bool = False,
    use_annotation: bool = False,
    **notes: object,
) -> Object:
    """Return an Ingress; a note's `_` is `-`, its `__` a `.`, and what is no text is written as JSON."""
    named = {
        f"{ALB}{key.replace('__', '.').replace('_', '-')}": value if isinstance(value, str) else json.dumps(value)
        for key, value in notes.items()
    }
    made = ingress(name, paths, host=host, annotations=named)
    made["spec"]["ingressClassName"] = "alb"
    if tls:
        made["spec"]["tls"] = [{"hosts": [host], "secretName": "h"}]
    if use_annotation:
        for path in made["spec"]["rules"][0]["http"]["paths"]:
            path["backend"]["service"]["port"] = {"name": "use-annotation"}
    return made


def canary(name: str = "a-canary", **notes: object) -> Object:
    paths = notes.pop("paths", ((*ROOT, "gray"),))
    return alb(name, paths, canary="true", **notes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbEntry:
    """An Ingress as the file writes it."""

    name: str
    canary: Mapping[str, str | int] | None = None
    annotations: Mapping[str, object] = field(default_factory=dict)
    paths: tuple[tuple[str, str, str], ...] | None = None
    host: str = "h.test"
    tls: bool = False
    use_annotation: bool = False

    def made(self) -> Object:
        """Return the Ingress."""
        of_canary = {f"canary-{name}": str(value) for name, value in (self.canary or {}).items()}
        notes: dict[str, object] = {} if self.canary is None else {"canary": "true", **of_canary}
        return alb(
            self.name,
            ((*ROOT, "base" if self.canary is None else "gray"),) if self.paths is None else self.paths,
            host=self.host,
            tls=self.tls,
            use_annotation=self.use_annotation,
            **notes,
            **self.annotations,
        )


class AlbVector(NamedTuple):
    """A row of `alb.yaml`."""

    id: str
    ingresses: tuple[AlbEntry, ...]
    goes: Told
    request: Request = Request()
    seen: Mapping[str, str | None] = {}


VECTORS = rows(__file__, "alb.yaml", AlbVector)
