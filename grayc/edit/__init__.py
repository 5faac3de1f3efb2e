"""Exact edits of a user's own file: new values go in, every other byte stays.

`insert` and `replace` say what to change where, as `Edit`s of one file's text; `apply` makes the new text and proves,
by reading it again, that the objects in it differ from the old ones by what was wanted and by nothing else. Nothing is
written here.
"""

from grayc.edit.apply import Change, Edited, apply_changes, apply_edits
from grayc.edit.carry import Carried, Left, carry, list_differences
from grayc.edit.insert import append_items, insert_keys
from grayc.edit.model import Edit
from grayc.edit.remove import remove_children
from grayc.edit.replace import replace_scalar
from grayc.edit.same import same_but_for_order

__all__ = [
    "Carried",
    "Change",
    "Edit",
    "Edited",
    "Left",
    "append_items",
    "apply_changes",
    "apply_edits",
    "carry",
    "insert_keys",
    "list_differences",
    "remove_children",
    "replace_scalar",
    "same_but_for_order",
]
