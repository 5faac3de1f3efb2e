"""Pods of a StatefulSet that texts name one by one, or by the Service that governs them."""

import re
from collections.abc import Iterator, Sequence

from grayc.analysis.graph import containers_of, is_workload, references_of
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.tree import get_map, get_text, matches
from grayc.k8s.kinds import APPS, CONFIG_KINDS, CORE, KRUISE
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass

_STATEFUL = ((APPS, "StatefulSet"), (KRUISE, "StatefulSet"))
GOVERNING = ("spec", "serviceName")
"""Field that names the Service which gives a StatefulSet's pods their names. Source: apps/v1 StatefulSetSpec."""

_HOST = re.compile(
    # Behind a slash stands a path, unless the slash ends `scheme://`, or `/dns4/` of a multiaddr
    # (multiformats/multiaddr protocols.csv). A label has 63 characters at most, which bounds the search, too.
    r"(?<![A-Za-z0-9_.-])(?:(?<!/)|(?<=[A-Za-z0-9+.-]://)|(?<=/dns/)|(?<=/dns[46]/))"
    r"(?:(?P<pod>(?:[a-z0-9-]|\$[({][A-Za-z0-9_.]{1,63}[)}]|\$[A-Za-z_][A-Za-z0-9_]{,62}(?![A-Za-z0-9_])){1,63})\.)?"
    r"(?P<name>[a-z0-9][a-z0-9-]*)(?=$|[^A-Za-z0-9_-])"
)
_ORDINAL = re.compile(r"(?P<set>[a-z0-9][a-z0-9-]*)-[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A text of a gray copy that names pods of production.

    Attributes:
        reader: the gray workload that reads it.
        document: where it stands.
        workload: the StatefulSet of the baseline.
        name: as the text has it.
        is_own: the reader is the StatefulSet's own gray copy, which would join production's.
    """

    reader: Document
    document: Document
    path: Path
    workload: Document
    name: str
    is_own: bool


def peers_of(documents: Sequence[Document], plan: ReleasePlan) -> Iterator[Peer]:
    """Yield the places where gray copies name pods of StatefulSets that have copies, `web-0.web-hl`, in order.

    The name of a headless Service alone counts in the StatefulSet's own texts: it is how its pods find each other.
    """
    sets: dict[tuple[str, str], Document] = {}
    by_service: dict[tuple[str, str], Document] = {}
    headless = {
        plan.key_of(document.identity)
        for document in plan.baseline
        if document.identity.group_kind == (CORE, "Service")
        and get_text(document.data, ("spec", "clusterIP")) == "None"
    }
    for copy in plan.copies:
        if copy.document.identity.group_kind in _STATEFUL:
            namespace = plan.key_of(copy.document.identity).namespace
            service = get_text(copy.document.data, GOVERNING)
            sets[namespace, copy.document.identity.name] = copy.document
            if ObjectKey(group_kind=(CORE, "Service"), namespace=namespace, name=service) in headless:
                by_service[namespace, service] = copy.document
    if not sets:
        return
    words = {name for _, name in (*sets, *by_service)}
    gray = {plan.key_of(each.identity): each for each in documents}
    for reader in documents:
        if not plan.is_copy(reader) or not is_workload(reader):
            continue
        namespace = plan.key_of(reader.identity).namespace
        for document, path, text in _texts(reader, gray, plan):
            # Most texts are long and name nobody.
            if not any(word in text for word in words):
                continue
            for found in _HOST.finditer(text):
                pod, name = found["pod"] or "", found["name"]
                ordinal = _ORDINAL.fullmatch(pod) or (_ORDINAL.fullmatch(name) if not pod else None)
                workload = sets.get((namespace, ordinal["set"])) if ordinal is not None and pod else None
                if workload is None:
                    workload = by_service.get((namespace, name))
                    # A word that merely is the name of the set and of its Service says nothing.
                    is_word = not pod and workload is not None and name == workload.identity.name
                    own = workload is not None and workload.place == reader.place
                    if workload is None or not own or is_word:
                        continue
                yield Peer(
                    reader=reader,
                    document=document,
                    path=path,
                    workload=workload,
                    name=found[0],
                    is_own=workload.place == reader.place,
                )


def _texts(
    reader: Document, gray: dict[ObjectKey, Document], plan: ReleasePlan
) -> Iterator[tuple[Document, Path, str]]:
    """Yield the variables, commands and arguments of a gray workload, and the ConfigMaps that it reads."""
    for place, container in containers_of(reader):
        for pattern in (("env", "[*]", "value"), ("command", "[*]"), ("args", "[*]")):
            for path, text in matches(container, pattern):
                if isinstance(text, str):
                    yield reader, (*place, *path), text
    seen = set()
    for reference in references_of(reader, plan.spec):
        found = gray.get(reference.target) if reference.target.group_kind in CONFIG_KINDS else None
        if found is not None and found.identity.kind == "ConfigMap" and found.place not in seen:
            seen.add(found.place)
            for key, text in get_map(found.data, ("data",)).items():
                if isinstance(text, str):
                    yield found, ("data", key), text
