"""The pass list: whom a pass serves, and which orders are refused."""

import pytest

from grayc.passes.model import CopyPass, Row, Serves
from grayc.passes.registry import BUILD, LANE, RELEASE, check_order
from grayc.passes.set_images import set_images


def names(rows: tuple[Row, ...]) -> list[str]:
    return [row.name for row in rows]


def test_a_review_folds_what_serves_the_lane() -> None:
    assert names(LANE) == [
        "drop_server_fields",
        "separate_identities",
        "label_lane",
        "name_application",
        "relabel_pods",
        "rewrite_references",
        "rename_objects",
        "annotate_gitops",
    ]


def test_a_promotion_carries_what_serves_the_release_and_keeps_the_number_of_pods() -> None:
    assert names(RELEASE) == [
        "set_images",
        "set_env",
        "report_unknown_containers",
        "set_config",
        "apply_patches",
        "keep_replicas",
    ]


@pytest.mark.parametrize("rows", [LANE, RELEASE], ids=["LANE", "RELEASE"])
def test_a_part_of_the_list_keeps_its_order(rows: tuple[Row, ...]) -> None:
    for at, row in enumerate(rows):
        assert not set(row.after) & set(names(rows[at:]))


def test_a_row_says_what_it_runs_after_and_whom_it_serves() -> None:
    with pytest.raises(TypeError, match="'after' and 'serves'"):
        Row(name="set_images", run=CopyPass(set_images))  # type: ignore[call-arg]  # mypy refuses it too


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (BUILD[::-1], "pass verify_lane must stand once, after own_work, annotate_gitops"),
        ((*BUILD, BUILD[0]), "pass drop_server_fields must stand once"),
    ],
)
def test_an_order_that_breaks_an_edge_is_refused(rows: tuple[Row, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_order(rows)


def test_every_row_serves_somebody() -> None:
    assert {row.serves for row in BUILD} == set(Serves)
