"""Colour of printed lines: whole lines, only where it is asked for, and never out of a user's text."""

import re

from grayc.report.paint import Paint, finish, painted

ESCAPE = re.compile(r"\x1b\[[0-9]*m")


def test_a_line_is_coloured_as_a_whole_where_that_is_asked_for() -> None:
    lines = ["head", painted("+ new", Paint.GREEN), painted("- old", Paint.RED), painted("~ other", None)]
    assert finish(lines, color=False) == "head\n+ new\n- old\n~ other\n"
    assert finish(lines, color=True) == "head\n\x1b[32m+ new\x1b[0m\n\x1b[31m- old\x1b[0m\n~ other\n"


def test_text_of_users_brings_no_colour_no_line_and_no_command() -> None:
    hostile = "a\x1b[31mred\n::error::x"
    for text in (hostile, "::error::x"):
        made = finish([painted(text, Paint.YELLOW), text], color=True)
        assert ESCAPE.findall(made) == ["\x1b[33m", "\x1b[0m"]
        assert made.count("\n") == 2
        assert ESCAPE.sub("", made) == finish([text, text], color=False)
        assert not any(line.startswith("::") for line in ESCAPE.sub("", made).splitlines())
