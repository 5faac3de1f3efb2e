"""Make documents of plain YAML for tests of differences."""

from grayc.diff.model import Difference, FieldChange, Question
from grayc.diff.objects import diff_objects
from grayc.documents import Document, parse_documents
from grayc.source import SourceFile


def documents(text: str) -> tuple[Document, ...]:
    parsed = parse_documents(SourceFile(name="test.yaml", text=text))
    assert parsed.value is not None, parsed.diagnostics
    return parsed.value


def difference(before: str, after: str) -> Difference:
    return diff_objects(documents(before), documents(after), question=Question.BUILD, old="old", new="new")


def fields(before: str, after: str) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two versions of the one object."""
    found = difference(before, after)
    return tuple(field for item in found.objects for field in item.fields)


def paths(before: str, after: str) -> list[str]:
    return [field.path for field in fields(before, after)]


def pod(spec: str, kind: str = "Deployment") -> str:
    """Return a workload with this pod spec, flow style."""
    return f"""\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {spec}
"""
