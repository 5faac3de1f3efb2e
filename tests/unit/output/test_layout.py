"""Whatever the layout, `kubectl apply -f` meets a release's entries after everything else of it."""

import pytest

from grayc.documents import Document
from grayc.documents.chunk import Chunk
from grayc.k8s.profiles import PROFILES, Profile
from grayc.output.layout import lay_out
from grayc.output.order import in_order
from grayc.source import SourceFile
from grayc.spec.model import Layout

GROUPS = {"ConfigMap": "v1", "Service": "v1", "Deployment": "apps/v1", "Ingress": "networking.k8s.io/v1"}


def gray(kind: str, service: str) -> Document:
    name = f"{service}-{kind.lower()}"
    return Document(
        data={
            "apiVersion": GROUPS[kind],
            "kind": kind,
            "metadata": {"name": name, "labels": PROFILES[Profile.PLAIN].on_objects("gray", "demo", service)},
        },
        chunk=Chunk(source=SourceFile(name="x", text=""), index=0, line=1, text=""),
    )


SERVICES = ("a", "entry", "zz", "0", "web-entry")
DOCUMENTS = tuple(gray(kind, service) for service in SERVICES for kind in GROUPS)


def kinds_as_applied(layout: Layout, release: str) -> list[str]:
    """Return the kinds in the order of kubectl: files by the bytes of their names, objects as they stand in them."""
    files = lay_out(DOCUMENTS, release=release, layout=layout)
    lines = "".join(files[name] for name in sorted(files, key=str.encode)).splitlines()
    return [line.removeprefix("kind: ") for line in lines if line.startswith("kind: ")]


@pytest.mark.parametrize("release", ["demo", "d", "demo-2", "entry"])
@pytest.mark.parametrize("layout", Layout)
def test_entries_are_applied_last(layout: Layout, release: str) -> None:
    kinds = kinds_as_applied(layout, release)

    assert len(kinds) == len(DOCUMENTS)
    assert kinds[-len(SERVICES) :] == ["Ingress"] * len(SERVICES)


@pytest.mark.parametrize("layout", [Layout.SINGLE, Layout.OBJECT])
def test_configuration_then_workloads_then_services_then_entries(layout: Layout) -> None:
    kinds = kinds_as_applied(layout, "demo")

    assert list(dict.fromkeys(kinds)) == ["ConfigMap", "Deployment", "Service", "Ingress"]


def test_within_a_service_the_order_is_the_same() -> None:
    text = lay_out(DOCUMENTS, release="demo", layout=Layout.SERVICE)["demo.a.yaml"]

    places = [text.index(f"kind: {kind}\n") for kind in ("ConfigMap", "Deployment", "Service")]
    assert places == sorted(places)


def test_no_two_releases_share_a_file() -> None:
    names = [
        name
        for release in ("demo", "demo-entry", "entry")
        for name in lay_out(DOCUMENTS, release=release, layout=Layout.SERVICE)
    ]

    assert len(names) == len(set(names)) == 3 * (len(SERVICES) + 1)


def test_documents_are_ordered_whatever_order_they_come_in() -> None:
    assert in_order(reversed(DOCUMENTS)) == in_order(DOCUMENTS)
