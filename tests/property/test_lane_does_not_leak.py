"""Gray selectors match gray pods only, baseline selectors baseline pods only, read straight off the output."""

from hypothesis import given, settings

from grayc.documents import Document
from tests.property.compile_shop import compile_shop
from tests.property.strategies import Shop, shops


def pods(documents: tuple[Document, ...]) -> dict[str, dict[str, str]]:
    """Return kind/name → pod labels, for every workload; by hand, not by grayc's tables."""
    return {
        document.identity.ref: document.data["spec"]["template"]["metadata"]["labels"]  # type: ignore[index]
        for document in documents
        if document.identity.kind in ("Deployment", "StatefulSet")
    }


def selectors(documents: tuple[Document, ...]) -> dict[str, dict[str, str]]:
    """Return kind/name → the labels that an object selects pods by."""
    found = {}
    for document in documents:
        spec = document.data.get("spec")
        if document.identity.kind == "Service":
            found[document.identity.ref] = spec["selector"]  # type: ignore[index]
        elif document.identity.kind in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
            found[document.identity.ref] = spec["selector"]["matchLabels"]  # type: ignore[index]
    return found


def caught(selector: dict[str, str], labels: dict[str, dict[str, str]]) -> set[str]:
    return {ref for ref, own in labels.items() if selector.items() <= own.items()}


@settings(max_examples=100, deadline=None)
@given(shop=shops())
def test_selectors_keep_to_their_side(shop: Shop) -> None:
    release = compile_shop(shop).releases[0]
    gray, baseline = pods(release.documents), pods(release.plan.baseline)
    assert len(gray) == len(shop.released)
    for selector in selectors(release.documents).values():
        assert caught(selector, gray)
        assert not caught(selector, baseline)
    for ref, selector in selectors(release.plan.baseline).items():
        assert caught(selector, baseline), ref
        assert not caught(selector, gray)
