"""Expressions that are compiled when they are first asked answer as those of `re`, and all of grayc's are right."""

import gc
import importlib
import pkgutil
import re

import grayc
from grayc import patterns


def test_they_answer_as_re_does() -> None:
    later, plain = patterns.compile_later("(?P<a>x)|y", re.IGNORECASE), re.compile("(?P<a>x)|y", re.IGNORECASE)

    assert (later.pattern, later.flags, later.groupindex) == (plain.pattern, plain.flags, plain.groupindex)
    assert repr(later) == repr(plain)
    for text in ("aXb", "Y", "", "x,y"):
        assert repr(later.search(text)) == repr(plain.search(text))
        assert repr(later.fullmatch(text)) == repr(plain.fullmatch(text))
        assert later.sub("-", text) == plain.sub("-", text)
        assert later.findall(text) == plain.findall(text)
        assert [each.span() for each in later.finditer(text)] == [each.span() for each in plain.finditer(text)]


def test_every_expression_of_grayc_can_be_compiled() -> None:
    for module in pkgutil.walk_packages(grayc.__path__, "grayc."):
        if module.name != "grayc.__main__":
            importlib.import_module(module.name)
    gc.unfreeze()  # what the run has frozen is not among `gc.get_objects`
    found = [each for each in gc.get_objects() if type(each) is getattr(patterns, "_Later", None)]
    gc.freeze()

    assert len(found) > 50
    for each in found:
        re.compile(each.pattern, each.flags)
