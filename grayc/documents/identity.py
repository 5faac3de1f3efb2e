"""What is wrong with the words that say which object one is.

They become commands, scripts, selectors and paths later on, so they are checked where objects are read, whoever wrote
the file: a baseline, a chart, an output folder. What a cluster takes is never refused here.
"""

import re
from collections.abc import Iterator, Mapping

from grayc.documents.chunk import Path
from grayc.documents.tree import is_mapping
from grayc.k8s.kinds import GroupKind, name_rule_of
from grayc.k8s.lane_labels import PROTECTED
from grayc.k8s.names import (
    KIND_LIMIT,
    LABEL_VALUE_WORDS,
    RULE_LIMITS,
    RULE_WORDS,
    is_api_version,
    is_kind,
    is_label_value,
    is_name_of,
    is_namespace,
)
from grayc.records import dataclass

_SHOWN = 80
_FILLED_IN_LATER = re.compile(r"\$\{\w|\$\(\w+\)")
"""Sources: Flux, Kustomization `postBuild.substitute`; kustomize, `vars`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFault:
    """One word that no cluster takes, and where it stands below the object's root."""

    code: str
    message: str
    path: Path
    help: str


def identity_faults(data: Mapping[str, object]) -> Iterator[IdentityFault]:
    """Yield what is wrong with an object that has `apiVersion`, `kind` and `metadata.name`, all of them text.

    Diagnostics:
        GC134: the API version or the kind is none.
        GC135: the namespace is none.
        GC136: the name is none for an object of its kind.
        GC137: a label of the lane has a value that is none.
    """
    version, kind, metadata = data.get("apiVersion"), data.get("kind"), data.get("metadata")
    if not isinstance(version, str) or not isinstance(kind, str) or not is_mapping(metadata):
        return
    if not is_api_version(version):
        yield IdentityFault(
            code="GC134",
            message=f"`{_cut(version)}` is not an API version: a version such as `v1`, or a group, `/` and a version",
            path=("apiVersion",),
            help="write the version as the API reference has it, such as `v1` or `apps/v1`",
        )
    if not is_kind(kind):
        yield IdentityFault(
            code="GC134",
            message=f"`{_cut(kind)}` is not a kind: at most {KIND_LIMIT} letters, digits and `-`, starting with a "
            "letter and ending with a letter or digit",
            path=("kind",),
            help="write the kind as the API reference has it, such as `Deployment`",
        )
    yield from _namespace_faults(metadata.get("namespace"))
    name = metadata.get("name")
    group_kind = (version.rpartition("/")[0], kind)
    if isinstance(name, str) and not is_name_of(group_kind, name):
        what = f"a {kind}" if is_kind(kind) else "an object"
        yield IdentityFault(
            code="GC136",
            message=f"`{_cut(name)}` is not a name for {what}: {_rule_words(group_kind)}",
            path=("metadata", "name"),
            help=_help(name, "write the name that the object has in the cluster, which takes no other"),
        )
    labels = metadata.get("labels")
    if is_mapping(labels):
        yield from _label_faults(labels)


def _namespace_faults(namespace: object) -> Iterator[IdentityFault]:
    if namespace is None or namespace == "" or (isinstance(namespace, str) and is_namespace(namespace)):
        return
    text = namespace if isinstance(namespace, str) else ""
    said = f"`{_cut(text)}` is not a namespace" if text else "the namespace is no text"
    yield IdentityFault(
        code="GC135",
        message=f"{said}: at most 63 lower-case letters, digits and `-`, starting and ending with a letter or digit",
        path=("metadata", "namespace"),
        help=_help(text, "write the namespace that the object is in, or none where whoever applies it chooses one"),
    )


def _label_faults(labels: Mapping[str, object]) -> Iterator[IdentityFault]:
    """Yield what is wrong with the labels by which lanes are found; no other one ends up in a command."""
    for key in PROTECTED:
        value = labels.get(key)
        if isinstance(value, str) and not is_label_value(value):
            yield IdentityFault(
                code="GC137",
                message=f"`{_cut(value)}` is not a value of label `{key}`: {LABEL_VALUE_WORDS}",
                path=("metadata", "labels", key),
                help="write the value that the object has in the cluster, which takes no other",
            )


def _rule_words(group_kind: GroupKind) -> str:
    rule = name_rule_of(group_kind)
    limit = RULE_LIMITS[rule]
    return RULE_WORDS[rule] + (f", at most {limit} characters" if limit is not None else "")


def _help(text: str, otherwise: str) -> str:
    if _FILLED_IN_LATER.search(text) is None:
        return otherwise
    return "something fills this in later: name what that gives as the baseline, as a file or a kustomization"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
