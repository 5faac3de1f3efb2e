"""All rows."""
from tests.abuse import rows_reading, rows_paths, rows_spec
CASES = (*rows_reading.CASES,*rows_paths.CASES,*rows_spec.CASES)
HELD_BY: dict = {}
NOT_OURS: dict = {}
NOT_YET: dict = {}
