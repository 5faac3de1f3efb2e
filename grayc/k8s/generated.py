"""Names that kustomize's generators make: the name that a file has, and a hash of what the object says.

Source: kubernetes-sigs/kustomize api/hasher/hasher.go, `encode`: the first 10 signs of a SHA-256 in hexadecimal, with
other signs for 0, 1, 3, a and e.
"""

import re

_HASHED = re.compile(r"(.+)-[2456789bcdfghkmt]{10}")


def name_without_hash(name: str) -> str:
    """Return the name that a generator's object has in its file, "" for a name that ends in no hash."""
    match = _HASHED.fullmatch(name)
    return match[1] if match is not None else ""
