"""Rows about registries: each says where it was read, and whether that is new enough to be believed."""

from datetime import date, timedelta

import pytest

from grayc.k8s.registries import LANE_WORDS, REGISTRIES, TAG_WORDS, Registry, relaxed

WRITTEN = date(2026, 11, 30)
A_YEAR = timedelta(days=366)


@pytest.mark.parametrize("row", REGISTRIES, ids=lambda row: row.signs[0])
def test_an_old_source_is_marked(row: Registry) -> None:
    assert row.source.text
    assert row.source.is_verified == (WRITTEN - date.fromisoformat(row.source.date) < A_YEAR)


@pytest.mark.parametrize("row", REGISTRIES, ids=lambda row: row.signs[0])
def test_a_switch_takes_instances_out(row: Registry) -> None:
    assert row.switch in row.off or row.switch[0] in {key for key, _ in row.needed}


def test_spellings_of_a_key_are_one() -> None:
    spellings = ("spring.cloud.nacos.server-addr", "SPRING_CLOUD_NACOS_SERVER_ADDR", "spring.cloud.nacos.serverAddr")
    assert {relaxed(each) for each in spellings} == {"springcloudnacosserveraddr"}


def test_words_for_a_tag_are_words_for_a_lane() -> None:
    assert TAG_WORDS <= LANE_WORDS
