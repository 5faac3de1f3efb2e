"""All rows."""
from tests.abuse import rows_reading, rows_paths
CASES = (*rows_reading.CASES,*rows_paths.CASES)
HELD_BY: dict = {}
NOT_OURS: dict = {}
NOT_YET: dict = {}
