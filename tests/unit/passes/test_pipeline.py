"""The pipeline maps passes over copies, checks the lane between them, and says which pass broke on what."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.passes.check import BrokenInvariant
from grayc.passes.model import CopyPass, Lane, LanePass, Row, Serves
from grayc.passes.open_entries import open_entries
from grayc.passes.pipeline import PassFault, run_passes, steps
from grayc.passes.registry import BUILD
from grayc.passes.set_images import set_images
from grayc.plan.model import Copy, ReleasePlan
from tests.manifests import service, workload
from tests.plans import plan_of


@pytest.fixture
def plan() -> ReleasePlan:
    return plan_of([workload(), service()], lane={"provider": "istio"})


def row(run: CopyPass | LanePass) -> Row:
    return Row(name="mine", run=run, after=(), serves=Serves.TRIAL)


def with_data(document: Document, **fields: object) -> Document:
    return replace(document, data={**document.data, **fields})


def test_a_lane_starts_as_the_plans_copies(plan: ReleasePlan) -> None:
    assert run_passes((), plan).value == tuple(copy.document for copy in plan.copies)


def test_a_copy_pass_meets_copies_only_each_with_what_the_plan_says_of_it(plan: ReleasePlan) -> None:
    met: list[tuple[str, str]] = []

    def mine(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
        met.append((document.identity.ref, copy.document.identity.ref))
        return Checked(value=with_data(document, seen=True))

    def more(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
        added = with_data(lane.copies[1].document, kind="Ingress")
        return Checked(value=lane.adding([added]))

    made = run_passes((*BUILD, row(LanePass(more)), row(CopyPass(mine))), plan).value or ()

    assert met == [("Deployment/web-gray", "Deployment/web"), ("Service/web-gray", "Service/web")]
    assert [(each.identity.ref, "seen" in each.data) for each in made] == [
        ("Deployment/web-gray", True),
        ("Service/web-gray", True),
        ("Ingress/web-gray", False),
    ]


def test_a_fault_in_a_copy_pass_names_pass_and_object(plan: ReleasePlan) -> None:
    def mine(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
        raise KeyError("a value of the user's") if document.identity.kind == "Service" else ValueError

    with pytest.raises(PassFault, match=r"^pass mine on Deployment/web in shop: ValueError$"):
        run_passes((row(CopyPass(mine)),), plan)


def test_a_fault_in_a_lane_pass_names_the_pass(plan: ReleasePlan) -> None:
    def mine(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
        raise KeyError("a value of the user's")

    with pytest.raises(PassFault, match=r"^pass mine: KeyError$"):
        run_passes((row(LanePass(mine)),), plan)


def test_a_pass_of_one_kind_cannot_stand_for_the_other(plan: ReleasePlan) -> None:
    """mypy refuses both lines, and would report an `ignore` that it did not need."""
    for run in (
        CopyPass(open_entries),  # type: ignore[arg-type]
        LanePass(set_images),  # type: ignore[arg-type]
    ):
        with pytest.raises(PassFault, match="TypeError"):
            run_passes((row(run),), plan)


def nameless(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    return Checked(value=lane.mapped(lambda document: with_data(document, metadata={})))


def twice(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    return Checked(value=lane.adding(lane.copied))


def fewer(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    return Checked(value=replace(lane, copies=lane.copies[1:]))


def turned(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    return Checked(value=replace(lane, copies=lane.copies[::-1]))


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (nameless, "has no kind or name"),
        (twice, "two documents are Deployment/web in shop"),
        (fewer, "the copies are not those of the plan, in its order"),
        (turned, "the copies are not those of the plan, in its order"),
    ],
)
def test_what_no_pass_may_leave_is_a_fault_of_the_pass(
    run: Callable[[Lane, ReleasePlan], Checked[Lane]], message: str, plan: ReleasePlan
) -> None:
    with pytest.raises(PassFault, match=r"^pass mine: BrokenInvariant$") as fault:
        run_passes((row(LanePass(run)),), plan)

    assert isinstance(fault.value.__cause__, BrokenInvariant)
    assert message in str(fault.value.__cause__)


def test_steps_show_the_lane_after_each_pass(plan: ReleasePlan) -> None:
    seen = {row.name: result.value for row, result in steps(BUILD, plan)}

    assert list(seen) == [row.name for row in BUILD]
    before, after = seen["apply_patches"], seen["rename_objects"]
    assert before is not None and [each.identity.name for each in before.documents] == ["web", "web"]
    assert after is not None and [each.identity.name for each in after.documents] == ["web-gray", "web-gray"]
