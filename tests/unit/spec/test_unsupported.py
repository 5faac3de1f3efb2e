"""The table of what is not supported yet."""

from grayc.documents.tree import matches
from grayc.spec.schema import walk_fields
from grayc.spec.unsupported import NOT_SUPPORTED_YET, unsupported
from tests.unit.spec.release import LATER, SUPPORTED, read, release


def test_every_row_is_about_a_field_and_values_of_the_language() -> None:
    fields = dict(walk_fields())
    for missing in NOT_SUPPORTED_YET:
        schema = fields[tuple(0 if step == "[*]" else step for step in missing.pattern)]
        allowed = schema.get("enum", (True, False))
        assert bool(missing.values) is not missing.is_field
        assert set(missing.values) <= set(allowed)
        assert missing.help


def test_every_row_is_found() -> None:
    found = [item.field for item in unsupported(read(LATER))]

    assert len(found) == len(NOT_SUPPORTED_YET)
    assert all(any(True for _ in matches(read(LATER).data, missing.pattern)) for missing in NOT_SUPPORTED_YET)


def test_what_is_empty_or_supported_is_not_found() -> None:
    assert list(unsupported(read(SUPPORTED))) == []
    assert list(unsupported(read(release(verify=[], expect=[])))) == []
