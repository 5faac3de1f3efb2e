"""`grayc schema`: the JSON Schema of the release language."""

import sys


def schema() -> int:
    """Print the JSON Schema of release.yaml and return the exit status."""
    from grayc.spec.schema import schema_text

    sys.stdout.write(schema_text())
    return 0
