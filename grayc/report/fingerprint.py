"""A stable name for a finding, so that platforms can tell an old one from a new one."""

import hashlib
from collections import Counter
from collections.abc import Iterable

from grayc.diagnostics import Diagnostic


def fingerprints(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """Return one fingerprint for each finding, in order and all different.

    Made of code, file, field, object and message, never of a line: it stays when lines above are added. Findings that
    have all of these in common are counted.
    """
    seen: Counter[str] = Counter()
    result = []
    for diagnostic in diagnostics:
        file = diagnostic.span.file if diagnostic.span else ""
        parts = "\0".join((diagnostic.code, file, diagnostic.field, diagnostic.object, diagnostic.message))
        seen[parts] += 1
        result.append(hashlib.sha256(f"{parts}\0{seen[parts]}".encode()).hexdigest())
    return result
