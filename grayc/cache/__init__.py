"""What earlier runs found, kept in the user's cache folder; `docs/limits.md` says when it is believed.

Imported before the compiler is: nothing here needs another package of grayc. Leaves to others: which files a run reads
(`source.seen`), what an answer says (`cli`).
"""
