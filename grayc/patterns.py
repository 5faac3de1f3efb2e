"""Regular expressions of tables, compiled when they are first asked: most runs ask few of them.

`re` takes a third of a millisecond for a long one, and tables hold hundreds. To a type checker they are `re.Pattern`.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    compile_later = re.compile
else:
    _METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")

    class _Later:
        """An expression that nobody has asked yet; once it was, its methods are those of the compiled one."""

        __slots__ = ("_given", *_METHODS)

        def __init__(self, pattern, flags):
            self._given = (pattern, flags)

        def __getattr__(self, name):
            made = re.compile(*self._given)
            for each in _METHODS:
                object.__setattr__(self, each, getattr(made, each))
            return getattr(made, name)

        def __repr__(self):
            return repr(re.compile(*self._given))

    def compile_later(pattern, flags=0):
        """As `re.compile`; what is wrong with an expression is reported when it is first asked."""
        return _Later(pattern, flags)
