"""What earlier runs found, kept in the user's cache folder; `docs/limits.md` says when it is believed.

Imported before the compiler is: nothing here needs another package of grayc. Leaves to others: which files a run reads
(`source.seen`), what an answer says (`cli`).
"""

is_on = False
"""What earlier runs found is asked for, and what this one finds is kept: in a process of grayc's own."""
