"""What grayc has to say about its input: data, never text on a terminal.

Leaves to others: how a diagnostic looks (`report`).
"""

from grayc.diagnostics.codes import CODES, Code, Mark, Severity
from grayc.diagnostics.model import Checked, Diagnostic, Note, has_errors
from grayc.diagnostics.suggest import did_you_mean, nearest

__all__ = [
    "CODES",
    "Checked",
    "Code",
    "Diagnostic",
    "Mark",
    "Note",
    "Severity",
    "did_you_mean",
    "has_errors",
    "nearest",
]
