"""All rows of the threat table: those that are cases here, those that others hold, and those still to come."""

from collections.abc import Mapping

from tests.abuse import rows_names, rows_paths, rows_reading, rows_spec, rows_trust, rows_writes
from tests.abuse.model import Case

CASES: tuple[Case, ...] = (
    *rows_reading.CASES,
    *rows_paths.CASES,
    *rows_spec.CASES,
    *rows_trust.CASES,
    *rows_names.CASES,
    *rows_writes.CASES,
)

ROWS = tuple(f"T{number:02}" for number in range(1, 85))

HELD_BY: Mapping[str, str] = {
    "T25": "tests/unit/source/test_read.py::test_by_a_link_put_there_after_the_path_was_resolved",
    "T27": "tests/unit/source/test_read.py::test_is_not_read_half_old_half_new",
    "T61": "tests/unit/report/test_formats.py::test_no_raw_control_or_bidirectional_character_comes_out",
    "T74": "tests/unit/output/test_write.py::test_that_do_not_end_are_not_waited_for_for_ever",
    "T75": "tests/faults/test_crash_loop.py::test_killed_at_any_call_files_are_old_or_new_and_the_next_run_repairs",
    "T76": "tests/unit/output/test_write.py::test_that_differ_only_in_case_are_refused",
    "T77": "tests/unit/output/test_write.py::test_of_more_than_half_is_refused",
    "T83": "tests/unit/cli/test_hostile_names.py::test_offline_does_not_read_such_words_back",
    "T84": "tests/unit/report/test_scripts.py::test_the_script_of_adopt_is_words",
}
"""Row → a test elsewhere: what needs a second process, a race or a fault at a certain call."""

NOT_YET: Mapping[str, str] = {
    "T56": "`grayc report` (HTML) and `grayc graph` (SVG)",
    "T57": "`grayc graph` (Mermaid and DOT)",
    "T58": "a report in Markdown",
    "T67": "`grayc diff`, if it is ever to show secrets",
    "T70": "running as a plugin of Argo CD",
    "T78": "the release pipeline: locked hashes, attestations, a list of materials",
}
"""Row → the feature that ends the wait."""
