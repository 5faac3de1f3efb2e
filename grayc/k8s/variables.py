"""Variables that Flux fills in after it has built a folder, and who else writes into a repository by itself.

Sources: fluxcd/pkg kustomize/kustomize_varsub.go and envsubst/parse (parse.go, scan.go); image-automation-controller
docs, "Configure image update for custom resources" (the setter comment); argocd-image-updater docs, "Images" and
"Configuration" (annotations of an Application, and the ImageUpdater resource).
"""

import re

from grayc.k8s.kinds import ARGO, GroupKind

KUSTOMIZATION: GroupKind = ("kustomize.toolkit.fluxcd.io", "Kustomization")
HELM_RELEASE: GroupKind = ("helm.toolkit.fluxcd.io", "HelmRelease")
APPLICATION: GroupKind = (ARGO, "Application")
IMAGE_UPDATER: GroupKind = ("argocd-image-updater.argoproj.io", "ImageUpdater")

SUBSTITUTE = ("spec", "postBuild", "substitute")
SUBSTITUTE_FROM = ("spec", "postBuild", "substituteFrom")

_EXPRESSION = re.compile(r"(?<!\$)\$\{(#?[_A-Za-z][_A-Za-z0-9]*+)[^{}]*+\}")
"""An expression of envsubst; `$${NAME}` is one that is written out."""

IMAGE_POLICY = re.compile(r'\{\s*"\$imagepolicy"\s*:\s*"([^"]+)"\s*\}')
"""The comment behind a value that Flux's image automation writes, and its policy: `flux-system:web:tag`."""

IMAGE_LIST = "argocd-image-updater.argoproj.io/image-list"
"""Annotation of an Application: `alias=image:constraint`, joined by commas."""

FREE_TEXT = frozenset(
    {"env", "args", "command", "annotations", "data", "stringData", "binaryData", "httpHeaders", "value"}
)
"""Fields in which `${…}` may be for a program, a shell or a framework to fill in."""


_PLACEHOLDER = re.compile(r"<path:[^<>#]+#[^<>]+>|\bref\+[a-z0-9]+://[^\s\"']+")
"""What Argo CD's Vault plugin and vals fill in before anything is applied.

Sources: argoproj-labs/argocd-vault-plugin docs/howitworks.md at 092d976, "Inline-path placeholders"; helmfile/vals,
README.md.
"""

_BY_ANNOTATION = re.compile(r"<[A-Za-z0-9_.-]+(?:\s*\|[^<>]*)?>")
PLUGIN_PATH = "avp.kubernetes.io/path"
"""Annotation with which the plugin fills in `<NAME>` too. Source: there, "Generic placeholders"."""

_TEMPLATE = re.compile(r"\{\{(?:(?!\{\{|\}\}).)*+\}\}|\$\$\{\w+\}|(?<!\$)\$[A-Za-z_]\w*")
ADDRESSES = frozenset({"image", "host", "hosts", "hostname", "hostnames"})
"""Fields of which no value holds `{{ … }}` or `$NAME`: whoever renders or pipes the file fills them in."""


def placeholders_in(text: str, *, by_annotation: bool, is_address: bool) -> tuple[str, ...]:
    """Return what somebody other than Flux is to fill in.

    Args:
        by_annotation: the object has `PLUGIN_PATH`.
        is_address: it stands in one of `ADDRESSES`.
    """
    found = _PLACEHOLDER.findall(text) if "<path:" in text or "ref+" in text else []
    if by_annotation and "<" in text:
        found += _BY_ANNOTATION.findall(text)
    if is_address and ("{{" in text or "$" in text):
        found += _TEMPLATE.findall(text)
    return tuple(found)


def variables_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return the expressions in a text, each with the variable's name."""
    if "${" not in text:
        return ()
    return tuple((match[0], match[1].lstrip("#")) for match in _EXPRESSION.finditer(text))


def images_listed(text: str) -> tuple[str, ...]:
    """Return the images of an annotation `image-list`, without alias, constraint and digest."""
    entries = (entry.strip().rpartition("=")[2] for entry in text.split(","))
    return tuple(name for entry in entries if (name := image_name(entry)))


def image_name(image: str) -> str:
    """Return an image without tag and digest; a port is no tag."""
    head, slash, last = image.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
