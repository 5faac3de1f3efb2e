"""`kubectl grayc`: grayc as a plugin of kubectl, and what kubectl asks to complete its words.

kubectl runs `kubectl-grayc` with the words behind the plugin's name; for completion it runs `kubectl_complete-grayc`
with them, the last one as far as it is typed, and reads a value a line and `:` with a number.
Source: kubernetes/kubectl v0.32, pkg/cmd/plugin/plugin_completion.go; spf13/cobra, shell completion directives.
"""

import os
import sys
from contextlib import suppress

from grayc.cli.quick import COMPLETION_VARIABLE

_FILES_TOO = ":0"
"""The default: where there is no value, the shell completes names of files."""


def complete() -> None:
    """Print what the last word may be."""
    words = sys.argv[1:] or [""]
    os.environ |= {
        COMPLETION_VARIABLE: "complete_bash",
        "COMP_WORDS": " ".join(["grayc", *words]),
        "COMP_CWORD": str(len(words)),
    }
    from grayc.cli.main import drop_the_rest, main

    with suppress(SystemExit):
        main([])
    try:
        sys.stdout.write(f"\n{_FILES_TOO}\n")
        sys.stdout.flush()
    except OSError:
        # Nobody reads on.
        drop_the_rest()
