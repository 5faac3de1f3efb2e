"""The line that a shell completes, as its words would come to grayc.

Bash takes a line apart at `=` too, whether a flag stands before it or not.
Source: GNU Bash manual, COMP_WORDBREAKS and COMP_WORDS; the script that typer gives it joins them by ends of lines.
"""

import os
from collections.abc import Sequence

from grayc.cli import syntax
from grayc.cli.quick import COMPLETION_VARIABLE

_SIGN = "="


def mend() -> bool:
    """Put the words of bash together again; tell whether there is anything to complete."""
    if os.environ.get(COMPLETION_VARIABLE) != "complete_bash":
        return True
    words = os.environ.get("COMP_WORDS", "").split("\n")
    try:
        at = int(os.environ.get("COMP_CWORD", ""))
    except ValueError:
        return True
    if len(words) > 1:
        words, at = _joined(words, at)
        os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(words), str(at)
    else:
        words = words[0].split(" ")
    return _knows_command(words[1:at])


def _joined(words: Sequence[str], at: int) -> tuple[list[str], int]:
    """Return the words with what stands around a `=` joined, and which of them is typed."""
    made: list[str] = []
    typed = 0
    is_open = False
    for number, word in enumerate(words):
        # An empty word behind the sign is one of its own: the sign itself would be typed otherwise.
        if made and word and (is_open or word.startswith(_SIGN)):
            made[-1] += word
        else:
            made.append(word)
        is_open = word == _SIGN
        if number == at:
            typed = len(made) - 1
    return made, typed


def _knows_command(words: Sequence[str]) -> bool:
    """Tell whether the first word of a line that is no flag is a command, if there is one."""
    takes = {name for row in syntax.parameters_of(syntax.BEFORE) if row.takes for name in row.names}
    commands = {command.partition(" ")[0] for command in syntax.COMMANDS}
    is_value = False
    for word in words:
        if not is_value and not word.startswith("-"):
            return word in commands
        is_value = not is_value and word in takes
    return True
