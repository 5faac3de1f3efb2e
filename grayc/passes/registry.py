"""The passes, and the one place where their order is written."""

from collections.abc import Callable
from dataclasses import dataclass

from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.passes.adapt_copies import adapt_copies
from grayc.passes.annotate_gitops import annotate_gitops
from grayc.passes.apply_patches import apply_patches
from grayc.passes.carry_policies import carry_policies
from grayc.passes.copy_objects import copy_objects
from grayc.passes.drop_server_fields import drop_server_fields
from grayc.passes.isolate_services import isolate_services
from grayc.passes.label_lane import label_lane
from grayc.passes.open_entries import open_entries
from grayc.passes.relabel_pods import relabel_pods
from grayc.passes.rename_objects import rename_objects
from grayc.passes.rewrite_references import rewrite_references
from grayc.passes.rewrite_text import rewrite_text
from grayc.passes.route_calls import route_calls
from grayc.passes.set_autoscaling import set_autoscaling
from grayc.passes.set_config import set_config
from grayc.passes.set_env import set_env
from grayc.passes.set_images import set_images
from grayc.passes.set_replicas import keep_replicas, set_replicas
from grayc.passes.verify_lane import verify_lane
from grayc.plan.model import ReleasePlan

Documents = tuple[Document, ...]
PassFunction = Callable[[Documents, ReleasePlan], Checked[Documents]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A row of the pass list.

    Attributes:
        after: names of passes that must have run.
    """

    name: str
    run: PassFunction
    after: tuple[str, ...] = ()


BUILD: tuple[Pass, ...] = (
    Pass(name="copy_objects", run=copy_objects),
    Pass(name="drop_server_fields", run=drop_server_fields, after=("copy_objects",)),
    Pass(name="isolate_services", run=isolate_services, after=("copy_objects",)),
    Pass(name="label_lane", run=label_lane, after=("copy_objects", "drop_server_fields")),
    Pass(name="relabel_pods", run=relabel_pods, after=("label_lane",)),
    Pass(name="set_replicas", run=set_replicas, after=("copy_objects",)),
    Pass(name="set_autoscaling", run=set_autoscaling, after=("copy_objects",)),
    Pass(name="set_images", run=set_images, after=("copy_objects",)),
    Pass(name="set_env", run=set_env, after=("copy_objects",)),
    Pass(name="set_config", run=set_config, after=("copy_objects",)),
    # A budget is measured by the pods that there will be.
    Pass(name="adapt_copies", run=adapt_copies, after=("relabel_pods", "set_replicas", "set_autoscaling")),
    # The user's patches have the last word on content, but for the lane's labels: so those are there to compare with.
    Pass(
        name="apply_patches",
        run=apply_patches,
        after=(
            "label_lane",
            "relabel_pods",
            "set_replicas",
            "set_autoscaling",
            "set_images",
            "set_env",
            "set_config",
            "adapt_copies",
        ),
    ),
    # Patches speak of baseline names, so names change after them, and references once every name is final.
    Pass(name="rewrite_references", run=rewrite_references, after=("apply_patches",)),
    # What a field of the table names is rewritten by then, and is no text any more.
    Pass(name="rewrite_text", run=rewrite_text, after=("rewrite_references",)),
    Pass(name="rename_objects", run=rename_objects, after=("apply_patches", "rewrite_references")),
    # Pods and names are final: what baseline policies no longer find is known.
    Pass(name="carry_policies", run=carry_policies, after=("relabel_pods", "rename_objects")),
    Pass(name="route_calls", run=route_calls, after=("rename_objects",)),
    Pass(name="open_entries", run=open_entries, after=("rename_objects", "carry_policies")),
    # Every object is there, under its last name.
    Pass(name="annotate_gitops", run=annotate_gitops, after=("open_entries", "route_calls", "rewrite_text")),
    # A check's name tells one state of the lane from the next, so all of it is there.
    Pass(name="verify_lane", run=verify_lane, after=("annotate_gitops",)),
)


def check_order(passes: tuple[Pass, ...]) -> None:
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

_OF_THE_LANE = (
    copy_objects,
    drop_server_fields,
    label_lane,
    relabel_pods,
    rewrite_references,
    rename_objects,
    annotate_gitops,
)
LANE: tuple[Pass, ...] = tuple(row for row in BUILD if row.run in _OF_THE_LANE)
"""The passes that every lane needs, without those that do what the release asks for: a review folds what they do."""

_OF_THE_RELEASE = (copy_objects, set_images, set_env, set_config, apply_patches)
RELEASE: tuple[Pass, ...] = (
    *(row for row in BUILD if row.run in _OF_THE_RELEASE),
    # Behind the patches, which may set it.
    Pass(name="keep_replicas", run=keep_replicas, after=("copy_objects",)),
)
"""The passes that do what the release asks for, without those that make a lane: a promotion carries what they do."""
