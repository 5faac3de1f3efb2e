"""A finding about an object names it, its field and its place as the user's file has them."""

from dataclasses import replace

from grayc.documents import parse_documents
from grayc.documents.findings import at_object, note_at
from grayc.documents.tree import put
from grayc.source import SourceFile

TEXT = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec: {ports: [{port: 80}]}
"""


def test_a_gray_copy_is_named_as_the_object_that_it_was_made_from() -> None:
    document = (parse_documents(SourceFile(name="web.yaml", text=TEXT)).value or ())[0]
    renamed = put(put(document.data, ("metadata", "name"), "web-mse-gray"), ("metadata", "namespace"), "other")
    gray = replace(document, data=renamed)

    found = at_object(
        gray, ("spec", "ports", 0, "port"), code="GC418", message="m", help="h", notes=(note_at(gray, ("kind",), "n"),)
    )

    assert gray.identity.name == "web-mse-gray"
    assert (found.object, found.field) == ("Service/web", "spec.ports[0].port")
    assert found.span is not None and (found.span.line, found.span.column) == (7, 27)
    assert found.notes[0].span is not None
    assert str(gray.origin) == "Service/web in shop"


def test_the_key_can_be_the_place() -> None:
    document = (parse_documents(SourceFile(name="web.yaml", text=TEXT)).value or ())[0]
    found = at_object(document, ("spec", "ports"), key=True, code="GC418", message="m", help="h")

    assert found.span is not None and (found.span.line, found.span.column) == (7, 12)
