"""What `grayc validate` looked at."""

from grayc.conform.model import Conformance


def validation_summary(conformance: Conformance) -> str:
    """Return one line: how many objects fit, of which Kubernetes, and who says so."""
    wrong = len({id(item.document) for item in conformance.mismatches})
    skipped = len(conformance.without_schema)
    parts = [f"{conformance.checked - wrong} of {_objects(conformance.checked)} fit Kubernetes {conformance.version}"]
    parts[0] += f" (says {conformance.engine})"
    if skipped:
        parts.append(f"{_objects(skipped)} not checked")
    return ", ".join(parts)


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"


def validation_data(conformance: Conformance) -> dict[str, object]:
    """Return the same as plain data."""
    wrong = len({id(item.document) for item in conformance.mismatches})
    return {
        "validation": {
            "kubernetes": conformance.version,
            "engine": str(conformance.engine),
            "valid": conformance.checked - wrong,
            "invalid": wrong,
            "notChecked": len(conformance.without_schema),
        }
    }
