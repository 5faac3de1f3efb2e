"""How large a file and how wide a search may be; `documents.limits` has what the text inside may come to."""

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Of one file or pipe. The API server takes objects of 3 MiB at most; a file may hold several. GC122."""

MAX_TOTAL_BYTES = 256 * 1024 * 1024
"""Of all files of one release's baseline, unless `--max-input` says otherwise. GC125.

About 45,000 services, for which a build of a few takes 2 GiB of memory.
"""

MAX_INDEX_BYTES = 512 * 1024 * 1024
"""Of an index that `--index` names; that of 50,000 services has 300 MiB. GC122."""

MAX_STAGED_BYTES = 64 * 1024 * 1024
"""Of all that is copied for a program that renders, or read from git. GC125."""

MAX_PATH_BYTES = 4096
"""Of one path or pattern. GC151. Source: Linux `limits.h`, `PATH_MAX`."""

MAX_ENTRIES = 500_000
"""Files and folders that one pattern looks at. GC125."""

MAX_FOLDER_DEPTH = 64
"""Folders inside each other below the one that a pattern names. GC120."""
