"""Under which names containers get the keys of ConfigMaps and Secrets, and which variables are parts of an address.

A key's own name may say nothing: `cart` that is given as `CART_ADDR`, or as the host in `http://$(CART):8080`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from grayc.documents import Document, ObjectKey
from grayc.documents.tree import get_list, get_map, get_text, is_mapping, matches
from grayc.k8s.kinds import CORE
from grayc.k8s.pod_templates import CONTAINER_LISTS, WORKLOADS
from grayc.k8s.text_words import is_of_address, words_of

_HOST_PART = re.compile(
    r"(?:(?:^|[^:])//|@)\$[({](?P<url>\w+)[)}](?=$|[/:?,;\s\"'])"
    r"|(?<![\w/.-])\$[({](?P<port>\w+)[)}](?=:(?:[0-9]{1,5}(?!\w)|\$[({]\w*(?i:port)\w*[)}]))"
    r"|(?<![\w/.-])\$[({](?P<svc>\w+)[)}](?=\.svc\b|\.\$[({]\w*(?i:namespace)\w*[)}])"
    r"|://\$[({](?P<first>\w+)[)}](?=$|[/:?,;\s\"'])"
)
"""A variable that stands where a host does."""
_WHOLE = re.compile(r"\$[({](\w+)[)}]")
_PORT = "PORT"
_OWN = frozenset({"APP", "APPLICATION", "COMPONENT", "DATABASE", "DB", "MODULE", "NAME", "ROLE", "SERVICE", "USER"})
"""What a program calls itself, or what it asks for behind an address, has a port beside it, too."""
_LONGEST = 4096

ReadAs = Mapping[ObjectKey, Mapping[str, frozenset[tuple[str, ...]]]]
"""ConfigMap or Secret → key → the words of the names under which it is given, `HOST` for a part of an address."""

HOST = ("HOST",)


def host_parts(container: Mapping[str, object]) -> frozenset[str]:
    """Return the variables of a container that hold a host, though their names may not say it.

    They are filled into an address, or alone into what is called after one, or a port goes with them: `CART` beside
    `CART_PORT`.
    """
    found: set[str] = set()
    names = set()
    for name, text in _told(container):
        if name and not name.startswith("-"):
            names.add(words_of(name))
        if "$" not in text or len(text) > _LONGEST:
            continue
        for part in _HOST_PART.finditer(text):
            found.add(next(filter(None, part.groups())))
        value = text.partition("=")[2] if text.startswith("-") else text
        whole = _WHOLE.fullmatch(value)
        if whole is not None and is_of_address(words_of(name)):
            found.add(whole[1])
    for item in get_list(container, ("env",)):
        name = get_text(item, ("name",))
        words = words_of(name)
        if words and words[-1] not in _OWN and (*words, _PORT) in names:
            found.add(name)
    return frozenset(found)


def _told(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the variables and arguments of a container, each with the name of the variable or flag."""
    for item in get_list(container, ("env",)):
        if is_mapping(item):
            yield get_text(item, ("name",)), get_text(item, ("value",))
    for field in ("command", "args"):
        flag = ""
        for _, value in matches(container, (field, "[*]")):
            if isinstance(value, str):
                is_flag = value.startswith("-")
                yield value.partition("=")[0] if is_flag else flag, value
                flag = value if is_flag and "=" not in value else ""


def read_as(workloads: Iterable[Document]) -> ReadAs:
    """Return under which names the containers of some workloads get keys of configuration."""
    found: dict[ObjectKey, dict[str, set[tuple[str, ...]]]] = {}
    for workload in workloads:
        row = WORKLOADS.get(workload.identity.group_kind)
        if row is None:
            continue
        for field in CONTAINER_LISTS:
            for _, container in matches(workload.data, (*row.template, "spec", field, "[*]")):
                if is_mapping(container):
                    for key, name, words in _of_container(container, workload.identity.namespace):
                        found.setdefault(key, {}).setdefault(name, set()).add(words)
    return {key: {name: frozenset(words) for name, words in names.items()} for key, names in found.items()}


def _of_container(container: Mapping[str, object], namespace: str) -> Iterator[tuple[ObjectKey, str, tuple[str, ...]]]:
    parts = host_parts(container)
    for item in get_list(container, ("env",)):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            asked = get_map(item, ("valueFrom", field))
            if asked:
                key = ObjectKey(group_kind=(CORE, kind), namespace=namespace, name=get_text(asked, ("name",)))
                name = get_text(item, ("name",))
                yield key, get_text(asked, ("key",)), HOST if name in parts else words_of(name)
    for source in get_list(container, ("envFrom",)) if parts else ():
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            config = get_text(source, (field, "name"))
            prefix = get_text(source, ("prefix",))
            if config:
                key = ObjectKey(group_kind=(CORE, kind), namespace=namespace, name=config)
                for part in parts:
                    if part.startswith(prefix):
                        yield key, part[len(prefix) :], HOST
