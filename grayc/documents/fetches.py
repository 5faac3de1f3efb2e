"""What kustomize would fetch from the network: which fields it loads, and which texts it takes for an address.

Rows are kustomize's own, read in its source, and no more: a URL in a value of a manifest is a value.

Source: kustomize api/internal/loader/fileloader.go (`Load`, `New`, `IsRemoteFile`), api/internal/git/repospec.go
(`NewRepoSpecFromURL`), api/types/kustomization.go, api/internal/builtins/*.go, at 12f9e639.
"""

import re
from collections.abc import Iterator, Mapping

from grayc.documents.chunk import Path

Pattern = tuple[str, ...]

_KEY_VALUES: tuple[Pattern, ...] = (("files", "[*]"), ("envs", "[*]"), ("env",))
_HELM: tuple[Pattern, ...] = (("repo",), ("valuesFile",), ("additionalValuesFiles", "[*]"))

FILES: tuple[Pattern, ...] = (
    ("configurations", "[*]"),
    ("crds", "[*]"),
    ("patches", "[*]", "path"),
    ("patchesStrategicMerge", "[*]"),
    ("patchesJson6902", "[*]", "path"),
    ("replacements", "[*]", "path"),
    ("openapi", "path"),
    *((generator, "[*]", *field) for generator in ("configMapGenerator", "secretGenerator") for field in _KEY_VALUES),
    *(("helmCharts", "[*]", *field) for field in _HELM),
    ("helmChartInflationGenerator", "[*]", "chartRepoUrl"),
    ("helmChartInflationGenerator", "[*]", "values"),
)
"""Fields of a kustomization that name files, which lie below it."""

PLUGIN_FILES: Mapping[str, tuple[Pattern, ...]] = {
    "AnnotationsTransformer": (),
    "ConfigMapGenerator": _KEY_VALUES,
    "HashTransformer": (),
    "HelmChartInflationGenerator": _HELM,
    "IAMPolicyGenerator": (),
    "ImageTagTransformer": (),
    "LabelTransformer": (),
    "LegacyOrderTransformer": (),
    "NamespaceTransformer": (),
    "PatchJson6902Transformer": (("path",),),
    "PatchStrategicMergeTransformer": (("paths", "[*]"),),
    "PatchTransformer": (("path",),),
    "PrefixSuffixTransformer": (),
    "PrefixTransformer": (),
    "ReplacementTransformer": (("replacements", "[*]", "path"),),
    "ReplicaCountTransformer": (),
    "SecretGenerator": _KEY_VALUES,
    "SortOrderTransformer": (),
    "SuffixTransformer": (),
    "ValueAddTransformer": (("targetFilePath",),),
}
"""Kind of a built-in plugin → fields of its configuration that name files."""

_ANYTHING: Pattern = ("**",)
_FETCHED = re.compile(r"https?:", re.IGNORECASE)
_SCHEMES = ("ssh://", "https://", "http://", "file://")
_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_MARKS = ("_git/", "//", ".git")


def fetched_by(data: object) -> Iterator[tuple[Path, str]]:
    """Yield the places in a plugin's configuration, and in the items of a list, that are fetched, with their texts.

    A kind that the table does not have is asked for every text: a later kustomize may load any of them.
    """
    if not isinstance(data, dict):
        return
    kind = data.get("kind")
    for pattern in PLUGIN_FILES.get(kind, (_ANYTHING,)) if isinstance(kind, str) else (_ANYTHING,):
        for path, text in texts_at(data, pattern):
            if is_fetched(text):
                yield path, text
    items = data.get("items")
    for position, item in enumerate(items if isinstance(items, list) else ()):
        for path, text in fetched_by(item):
            yield ("items", position, *path), text


def texts_at(data: object, pattern: Pattern) -> Iterator[tuple[Path, str]]:
    """Yield path and text for every place that a pattern names, its keys in capitals or not.

    kustomize decodes by `encoding/json`, which takes `Files` for `files`.
    """
    yield from _texts_at(data, tuple(step.casefold() for step in pattern), ())


def _texts_at(node: object, pattern: Pattern, at: Path) -> Iterator[tuple[Path, str]]:
    if not pattern:
        if isinstance(node, str):
            yield at, node
    elif pattern == _ANYTHING:
        yield from _texts_below(node, at)
    elif pattern[0] == "[*]":
        for position, item in enumerate(node if isinstance(node, list) else ()):
            yield from _texts_at(item, pattern[1:], (*at, position))
    elif isinstance(node, dict):
        for key, item in node.items():
            if isinstance(key, str) and key.casefold() == pattern[0]:
                yield from _texts_at(item, pattern[1:], (*at, key))


def _texts_below(node: object, at: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, str):
        yield at, node
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from _texts_below(item, (*at, key))
    elif isinstance(node, list):
        for position, item in enumerate(node):
            yield from _texts_below(item, (*at, position))


def is_fetched(text: str) -> bool:
    """Tell whether kustomize loads a file from the network: a URL, or `KEY=URL` as its generators have it."""
    return any(_FETCHED.match(part) for part in text.split("="))


def is_repository(text: str) -> bool:
    """Tell whether kustomize takes a text for an address of git, even where a folder of that name is there."""
    if text.startswith("/"):
        return False
    rest = text.partition("?")[0]
    if rest.lower().startswith("git::"):
        rest = rest[len("git::") :]
    scheme = next((each for each in _SCHEMES if rest.lower().startswith(each)), "")
    rest = rest[len(scheme) :]
    if scheme == "file://":
        return bool(rest)
    user = _USER.match(rest)
    rest = rest[user.end() :] if user else rest
    is_github = rest.lower().startswith(("github.com/", "github.com:"))
    is_short = not scheme and (user is not None or is_github)
    if not scheme and not is_short:
        return False
    slash, colon = rest.find("/"), rest.find(":")
    end = colon if is_short and (slash == -1 or 0 < colon < slash) else slash
    host, path = (rest[: end + 1], rest[end + 1 :]) if end >= 0 else (rest, "")
    if not host:
        return False
    mark = next((each for each in _MARKS if each in path), "")
    if mark:
        return mark != "//" or not path.startswith(mark)
    return path.count("/") >= 1
