"""The schemas: Kubernetes' own and those of custom kinds that grayc writes, which it carries, and a user's own."""

import json
import lzma
import pkgutil
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import cast

from grayc.conform.custom import DIALECT, CustomKind, Schema, references
from grayc.conform.model import CostError
from grayc.conform.structural import decoded, kind_of_definition
from grayc.conform.work import TooMuchWorkError, Work
from grayc.diagnostics import did_you_mean
from grayc.documents import Document
from grayc.records import dataclass, field

_FILE = "kubernetes.json.xz"
_CUSTOM_FILE = "custom.json.xz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """Schemas of one Kubernetes version and of custom kinds.

    Attributes:
        version: such as `1.37`.
        definitions: name → schema; they refer to each other as `#/$defs/NAME`.
        kinds: `group/version/Kind`, without a group `version/Kind` → name.
        custom: the same key in lower case → a custom kind.
    """

    version: str
    definitions: Mapping[str, Schema]
    kinds: Mapping[str, str]
    custom: Mapping[str, CustomKind] = field(default_factory=dict)

    def schema(self, key: str) -> Schema | None:
        """Return the schema of a kind with all that it refers to, None where there is none.

        Args:
            key: what `key_of` says of an object.
        """
        custom = self.custom.get(key.lower())
        if custom is None and key not in self.kinds:
            return None
        schema = {"$ref": f"#/$defs/{self.kinds[key]}"} if custom is None else custom.schema
        if "$schema" in schema:
            return schema
        return {"$schema": DIALECT, **schema, "$defs": {name: self.definitions[name] for name in self._closure(schema)}}

    def budget_for(self, documents: Iterable[Document]) -> Work:
        """Return the budget of a run that compares these objects."""
        custom = (document for document in documents if key_of(document).lower() in self.custom)
        return Work.for_objects(json.dumps(document.data) for document in custom)

    def decoded(self, document: Document, work: Work) -> object:
        """Return an object as it is compared with its schema.

        Raises:
            CostError: what the schema adds to it is too much.
        """
        custom = self.custom.get(key_of(document).lower())
        try:
            return decoded(document.data, custom.structural, work) if custom else document.data
        except TooMuchWorkError:
            raise too_costly(document) from None

    def refusal(self, document: Document) -> tuple[str, str] | None:
        """Return why Kubernetes has no such kind, and what to do; None where it may have it.

        Where a group is Kubernetes' own, so are all its kinds.
        """
        key, group = key_of(document), document.identity.group
        if key in self.kinds or key.lower() in self.custom or group not in _own_groups():
            return None
        api_version, kind = document.identity.api_version, document.identity.kind
        found = f"Kubernetes {self.version} has no `{kind}` in `{api_version}`"
        having = [version for version, row in _bundle()["versions"].items() if key in row["kinds"]]
        others = [
            name.rpartition("/")[0] for name in self.kinds if _group_of(name) == group and name.endswith(f"/{kind}")
        ]
        beside = [name.rpartition("/")[2] for name in self.kinds if name.rpartition("/")[0] == api_version]
        if not others and not having:
            return found, did_you_mean(kind, beside, noun="kind")
        hints = [f"write `apiVersion: {min(others, key=_is_early)}`"] if others else []
        hints += [f"Kubernetes {having[0]} to {having[-1]} have it"] if having else []
        return found, "; ".join(hints)

    def _closure(self, schema: Schema) -> list[str]:
        """Return the names of all definitions that a schema refers to, directly or not."""
        found: set[str] = set()
        todo = [schema]
        while todo:
            more = ({name.rpartition("/")[2] for name in references(todo.pop())} & self.definitions.keys()) - found
            found |= more
            todo += [self.definitions[name] for name in more]
        return sorted(found)


def too_costly(document: Document) -> CostError:
    """Return that a schema costs too much to ask of an object."""
    return CostError(f"the schema of `{key_of(document)}` costs too much to ask of `{document.identity.ref}`")


def key_of(document: Document) -> str:
    """Return what kind an object is of, as `Schemas` has it."""
    return f"{document.identity.api_version}/{document.identity.kind}"


def custom_kinds() -> tuple[str, ...]:
    """Return the custom kinds that grayc carries a schema of, `group/kind` in lower case."""
    return tuple(sorted({f"{_group_of(key)}/{key.rpartition('/')[2]}" for key in _bundle(_CUSTOM_FILE)}))


def _group_of(key: str) -> str:
    return key.partition("/")[0] if key.count("/") > 1 else ""


def _is_early(api_version: str) -> bool:
    return "alpha" in api_version or "beta" in api_version


@lru_cache(maxsize=2)
def _bundle(file: str = _FILE) -> Schema:
    # A wheel carries the folder inside the package, a source checkout beside it.
    for place in ("schemas", "../schemas"):
        try:
            found = pkgutil.get_data("grayc", f"{place}/{file}")
        except OSError:
            continue
        if found is not None:
            return cast(Schema, json.loads(lzma.decompress(found)))
    raise FileNotFoundError(f"{file} is neither in the package nor beside it")


def carried(keys: Iterable[str]) -> Mapping[str, CustomKind]:
    """Return those of the kinds that grayc carries a schema of, as `Schemas.custom` has them.

    They are the kinds that it writes for gateways and meshes. Sources: Gateway API v1.6.1, standard channel;
    istio.io/api v1.27.0; Traefik v3.7.13 (`tools.pack_schemas`).
    """
    wanted = {key.lower() for key in keys if _group_of(key) and _group_of(key) not in _own_groups()}
    bundle = _bundle(_CUSTOM_FILE) if wanted else {}
    return {key: kind_of_definition(bundle[key]) for key in sorted(wanted) if key in bundle}


@lru_cache(maxsize=1)
def _own_groups() -> frozenset[str]:
    return frozenset(_group_of(key) for row in _bundle()["versions"].values() for key in row["kinds"])


def versions() -> tuple[str, ...]:
    """Return the Kubernetes versions whose schemas grayc carries, oldest first."""
    return tuple(_bundle()["versions"])


def load_schemas(version: str, custom: Mapping[str, CustomKind] | None = None) -> Schemas:
    """Return the schemas of a version that `versions` has, and of custom kinds."""
    bundle = _bundle()
    row = bundle["versions"][version]
    return Schemas(
        version=version,
        definitions={name: bundle["definitions"][at] for name, at in row["definitions"].items()},
        kinds=row["kinds"],
        custom=custom or {},
    )
