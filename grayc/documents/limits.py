"""How much grayc reads before it refuses: what a hostile or broken file could cost is known beforehand.

Fixed, and never taken from a spec. `docs/limits.md` lists them with their reasons, and a test holds both together.
"""

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Of one file, encoded. GC122."""

MAX_TOTAL_BYTES = 64 * 1024 * 1024
"""Of all files of one release. GC125."""

MAX_DOCUMENTS = 5_000
"""In one file, empty ones included. GC123."""

MAX_DEPTH = 100
"""Mappings and lists inside each other, aliases followed. GC120."""

MAX_SCALAR = 1024 * 1024
"""Characters of one text or number. GC124."""

MAX_KEY = 1_024
"""Characters of one key. GC124."""

MAX_NODES = 500_000
"""Keys, values, mappings and lists of one document, as written. GC127."""

MAX_ALIAS_GROWTH = 10
"""Times that a document may grow when its aliases are written out. GC121."""

MAX_ALIAS_ALLOWANCE = 1_000
"""Nodes that aliases may always add, however small the document. GC121."""

MAX_EXPANDED_NODES = 1_000_000
"""Keys, values, mappings and lists of one document with its aliases written out. GC121."""

MAX_LIST_DEPTH = 2
"""Objects of kind `List` inside each other. GC133."""
