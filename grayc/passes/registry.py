"""The passes, and the one place where their order is written."""

from grayc.passes.adapt_copies import adapt_copies
from grayc.passes.annotate_gitops import annotate_gitops
from grayc.passes.apply_patches import apply_patches
from grayc.passes.attach_policies import attach_policies
from grayc.passes.carry_policies import carry_policies
from grayc.passes.drop_server_fields import drop_server_fields
from grayc.passes.isolate_services import isolate_services
from grayc.passes.keep_replicas import keep_replicas
from grayc.passes.label_lane import label_lane
from grayc.passes.model import CopyPass, LanePass, Row, Serves
from grayc.passes.name_application import name_application
from grayc.passes.open_entries import open_entries
from grayc.passes.own_work import own_work
from grayc.passes.patch_entries import patch_entries
from grayc.passes.relabel_pods import relabel_pods
from grayc.passes.rename_objects import rename_objects
from grayc.passes.report_unknown_containers import report_unknown_containers
from grayc.passes.report_unscaled_services import report_unscaled_services
from grayc.passes.rewrite_references import rewrite_references
from grayc.passes.rewrite_text import rewrite_text
from grayc.passes.route_calls import route_calls
from grayc.passes.separate_identities import separate_identities
from grayc.passes.set_autoscaling import set_autoscaling
from grayc.passes.set_config import set_config
from grayc.passes.set_env import set_env
from grayc.passes.set_images import set_images
from grayc.passes.set_replicas import set_replicas
from grayc.passes.verify_lane import verify_lane

BUILD: tuple[Row, ...] = (
    Row(name="drop_server_fields", run=CopyPass(drop_server_fields), after=(), serves=Serves.LANE),
    Row(name="separate_identities", run=CopyPass(separate_identities), after=(), serves=Serves.LANE),
    Row(name="isolate_services", run=CopyPass(isolate_services), after=(), serves=Serves.TRIAL),
    Row(name="label_lane", run=CopyPass(label_lane), after=(), serves=Serves.LANE),
    # Behind the lane's labels in the file.
    Row(name="name_application", run=CopyPass(name_application), after=("label_lane",), serves=Serves.LANE),
    # The lane's labels tell which placements look for gray pods.
    Row(name="relabel_pods", run=CopyPass(relabel_pods), after=("label_lane",), serves=Serves.LANE),
    # What has neither selector nor replicas gets them in this order.
    Row(name="set_replicas", run=LanePass(set_replicas), after=("label_lane",), serves=Serves.TRIAL),
    Row(name="set_autoscaling", run=CopyPass(set_autoscaling), after=(), serves=Serves.TRIAL),
    Row(name="report_unscaled_services", run=LanePass(report_unscaled_services), after=(), serves=Serves.TRIAL),
    Row(name="set_images", run=CopyPass(set_images), after=(), serves=Serves.RELEASE),
    # A container without image and variables gets them in this order.
    Row(name="set_env", run=CopyPass(set_env), after=("set_images",), serves=Serves.RELEASE),
    Row(name="report_unknown_containers", run=LanePass(report_unknown_containers), after=(), serves=Serves.RELEASE),
    Row(name="set_config", run=CopyPass(set_config), after=(), serves=Serves.RELEASE),
    # A budget is measured by the pods that there will be, and by which of them it selects.
    Row(
        name="adapt_copies",
        run=LanePass(adapt_copies),
        after=("relabel_pods", "set_replicas", "set_autoscaling"),
        serves=Serves.TRIAL,
    ),
    # The user's patches have the last word on content, but for the lane's labels: so those are there to compare with.
    Row(
        name="apply_patches",
        run=LanePass(apply_patches),
        after=(
            "drop_server_fields",
            "separate_identities",
            "isolate_services",
            "name_application",
            "set_env",
            "set_config",
            "adapt_copies",
        ),
        serves=Serves.RELEASE,
    ),
    # Patches speak of baseline names, in targets, references and texts: all three change after them.
    Row(name="rewrite_references", run=CopyPass(rewrite_references), after=("apply_patches",), serves=Serves.LANE),
    Row(name="rewrite_text", run=CopyPass(rewrite_text), after=("apply_patches",), serves=Serves.TRIAL),
    Row(name="rename_objects", run=CopyPass(rename_objects), after=("apply_patches",), serves=Serves.LANE),
    # Names that the release gives itself, also by patches, stay as it gives them.
    Row(name="own_work", run=LanePass(own_work), after=("apply_patches",), serves=Serves.TRIAL),
    # Pods have their last labels: what rules of the baseline no longer find is known.
    Row(name="carry_policies", run=LanePass(carry_policies), after=("apply_patches",), serves=Serves.TRIAL),
    Row(name="route_calls", run=LanePass(route_calls), after=(), serves=Serves.TRIAL),
    Row(name="open_entries", run=LanePass(open_entries), after=(), serves=Serves.TRIAL),
    Row(name="patch_entries", run=LanePass(patch_entries), after=("open_entries",), serves=Serves.TRIAL),
    # Gray routes have the names and labels by which policies are attached to them, and who is first has the free name.
    Row(
        name="attach_policies",
        run=LanePass(attach_policies),
        after=("carry_policies", "patch_entries"),
        serves=Serves.TRIAL,
    ),
    # Every object is there, and every name that stands in a pod is the one that it will be.
    Row(
        name="annotate_gitops",
        run=LanePass(annotate_gitops),
        after=(
            "rewrite_references",
            "rewrite_text",
            "rename_objects",
            "attach_policies",
        ),
        serves=Serves.LANE,
    ),
    # A check's name tells one state of the lane from the next, so all of it is there.
    Row(name="verify_lane", run=LanePass(verify_lane), after=("own_work", "annotate_gitops"), serves=Serves.TRIAL),
)


def check_order(passes: tuple[Row, ...]) -> None:
    """Check that every pass stands after those it names.

    Raises:
        ValueError: one does not, or two have the same name.
    """
    seen: set[str] = set()
    for row in passes:
        missing = [name for name in row.after if name not in seen]
        if missing or row.name in seen:
            raise ValueError(f"pass {row.name} must stand once, after {', '.join(missing)}")
        seen.add(row.name)


check_order(BUILD)

LANE: tuple[Row, ...] = tuple(row for row in BUILD if row.serves is Serves.LANE)
"""The passes that every lane needs, without those that do what the release asks for: a review folds what they do."""

RELEASE: tuple[Row, ...] = (
    *(row for row in BUILD if row.serves is Serves.RELEASE),
    # Behind the patches, which may set it.
    Row(name="keep_replicas", run=CopyPass(keep_replicas), after=("apply_patches",), serves=Serves.RELEASE),
)
"""The passes that do what the release asks for, without those that make a lane: a promotion carries what they do."""
