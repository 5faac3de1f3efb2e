"""How much of a file grayc reads before it refuses: what a hostile file could cost is known beforehand.

Fixed, and never taken from a spec; those on files and folders are in `source.limits`. `docs/limits.md` lists all of
them with their reasons, and a test holds both together.
"""

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

MAX_ALIAS_TEXT = 100_000
"""Characters that aliases may always add to a document, beside `MAX_ALIAS_GROWTH` times its own. GC121."""

MAX_COPIED_TEXT = 16 * 1024 * 1024
"""Characters that the `copy` operations of one JSON patch may add to an object. GC431."""

MAX_FAULTS = 100
"""Findings about the text of one document; after that many errors the rest of it is not read."""

MAX_LIST_DEPTH = 2
"""Objects of kind `List` inside each other. GC133."""
