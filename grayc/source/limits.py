"""How much grayc reads. `docs/limits.md` has the same figures for users."""

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Largest single file. The API server takes objects of 3 MiB at most; a file may hold several."""

MAX_TOTAL_BYTES = 64 * 1024 * 1024
"""Largest baseline, all files together."""

MAX_PATH_BYTES = 4096
"""Longest path or pattern. Source: Linux `limits.h`, `PATH_MAX`."""

MAX_ENTRIES = 100_000
"""Most folder entries that one pattern looks at."""

MAX_FOLDER_DEPTH = 64
"""Deepest nesting of folders below the one a pattern names."""
