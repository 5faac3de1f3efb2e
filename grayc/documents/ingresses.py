"""What the API server and each controller ask of an Ingress before its rules: its version, annotations and class."""

from collections.abc import Iterable

from grayc.documents.model import Document
from grayc.documents.tree import get_map, get_text
from grayc.k8s.kinds import NETWORKING

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_DEFAULT_CLASS = ("metadata", "annotations", "ingressclass.kubernetes.io/is-default-class")
_CLASS_KIND = (NETWORKING, "IngressClass")
_VERSION = f"{NETWORKING}/v1"


def is_ingress(document: Document) -> bool:
    """Tell whether an object is an Ingress, of whatever version."""
    identity = document.identity
    return identity.kind == "Ingress" and identity.group in (NETWORKING, "extensions")


def why_not_held(ingress: Document) -> str:
    """Return why the API server does not hold an Ingress as it is written, "" where it can.

    Source: Kubernetes, Deprecated API Migration Guide, v1.22: Ingress of `extensions/v1beta1` and
    `networking.k8s.io/v1beta1` is no longer served; ObjectMeta: annotations are a map of text to text.
    """
    version = ingress.identity.api_version
    if version != _VERSION:
        return f"`{version}` has not been served since Kubernetes 1.22"
    annotations = get_map(ingress.data, ("metadata", "annotations"))
    odd = next((name for name, value in annotations.items() if not isinstance(value, str | None)), None)
    return f"annotation `{odd}` is no text, which the API server refuses" if odd is not None else ""


def ingress_class(ingress: Document) -> str:
    """Return the class that an Ingress names, by its field before its annotation, "" where it names none."""
    named = get_text(ingress.data, ("spec", "ingressClassName"))
    return named or get_text(ingress.data, ("metadata", "annotations", CLASS_ANNOTATION))


def two_classes(ingress: Document) -> tuple[str, str] | None:
    """Return the class by the field and the one by the annotation where they differ, which controllers read otherwise.

    Source: Kubernetes, networking/validation ValidateIngressCreate: the API server refuses such an Ingress as a new
    one, and goes on holding one that came to be so.
    """
    field = get_text(ingress.data, ("spec", "ingressClassName"))
    annotation = get_text(ingress.data, ("metadata", "annotations", CLASS_ANNOTATION))
    return (field, annotation) if field and annotation and field != annotation else None


def classes_among(documents: Iterable[Document]) -> list[Document]:
    """Return the IngressClasses, in their order."""
    return [document for document in documents if document.identity.group_kind == _CLASS_KIND]


def controller_of_class(found: Document) -> str:
    """Return the name of the controller that an IngressClass is of."""
    return get_text(found.data, ("spec", "controller"))


def is_default_class(found: Document) -> bool:
    """Tell whether an IngressClass is that of the Ingresses that name none."""
    return get_text(found.data, _DEFAULT_CLASS) == "true"


def default_class(classes: Iterable[Document]) -> str:
    """Return the name of the class that the API server gives to a new Ingress without one, "" for none.

    Source: Kubernetes, admission/network/defaultingressclass: the newest of several, then the first by name.
    """
    defaults = sorted((found for found in classes if is_default_class(found)), key=lambda found: found.identity.name)
    newest = sorted(defaults, key=_created, reverse=True)
    return newest[0].identity.name if newest else ""


def rival_default_classes(classes: Iterable[Document]) -> tuple[str, ...]:
    """Return the names of the default classes of several controllers, of which nothing tells the newest."""
    defaults = [found for found in classes if is_default_class(found)]
    if len({controller_of_class(found) for found in defaults}) < 2 or all(_created(found) for found in defaults):
        return ()
    return tuple(sorted(found.identity.name for found in defaults))


def _created(found: Document) -> str:
    return get_text(found.data, ("metadata", "creationTimestamp"))
