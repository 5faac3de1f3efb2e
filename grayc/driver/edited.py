"""Files of the user, edited and written."""

import os
from collections.abc import Sequence
from pathlib import Path

from grayc.diagnostics import Checked
from grayc.edit import Edited
from grayc.output.rewrite import Rewrite, rewrite_files


def write_edited(files: Sequence[Edited], folder: Path) -> Checked[tuple[str, ...]]:
    """Write edited files of the user, named from `folder`: all, or none."""
    return rewrite_files(
        [
            Rewrite(
                path=Path(os.path.realpath(folder / file.old.name)),
                shown=file.old.shown,
                old=file.old.text,
                new=file.new.text,
            )
            for file in files
        ]
    )
