"""The fields of a workflow as Zadig exports it, and what becomes of each: the whole of what is read.

Source: koderover/zadig pkg/microservice/aslan/core/common/repository/models/workflow_v4.go and
pkg/microservice/aslan/config/consts.go at 18278c7.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.records import dataclass


class Use(StrEnum):
    """What becomes of a field."""

    CARRIED = "carried"
    KEPT_BY_ZADIG = "kept by Zadig"
    """Ids, dates and what a form remembers: nothing of it changes what is released."""
    LEFT = "left"
    """It does something, and a release does not say it."""


class Shape(StrEnum):
    """What a field holds, as Zadig reads it; nothing at all is right for each."""

    TEXT = "a text"
    COUNT = "a whole number"
    MAPPING = "a mapping"
    MAPPINGS = "a list of mappings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an exported workflow.

    Attributes:
        instead: for one that is left, what does the same.
        shape: of one that is carried.
    """

    use: Use
    instead: str = ""
    shape: Shape | None = None


Fields = Mapping[str, Field]

_TEXT, _COUNT, _MAPPING, _MAPPINGS = (Field(use=Use.CARRIED, shape=shape) for shape in Shape)
_KEPT = Field(use=Use.KEPT_BY_ZADIG)


def _left(instead: str) -> Field:
    return Field(use=Use.LEFT, instead=instead)


_REVIEW = "let a pull request be the approval: `grayc diff -f markdown` writes its comment"
_PIPELINE = "keep it in the pipeline that runs grayc"

WORKFLOW: Fields = {
    "name": _TEXT,
    "display_name": _KEPT,
    "disabled": _left("commit no release of it while nobody is to run it"),
    "category": _KEPT,
    "key_vals": _left(_PIPELINE),
    # They count where a value names one.
    "params": _MAPPINGS,
    "stages": _MAPPINGS,
    "project": _TEXT,
    "description": _KEPT,
    "created_by": _KEPT,
    "create_time": _KEPT,
    "updated_by": _KEPT,
    "update_time": _KEPT,
    "notify_ctls": _left("let the pipeline that runs grayc tell of it, or Argo CD's notifications"),
    "share_storages": _left(_PIPELINE),
    "hash": _KEPT,
    "concurrency_limit": _left(_PIPELINE),
    "remark": _KEPT,
    "enable_approval_ticket": _left(_REVIEW),
    "approval_ticket_id": _left(_REVIEW),
}

PARAMETER: Fields = {
    "name": _TEXT,
    "value": _TEXT,
    "default": _TEXT,
}

STAGE: Fields = {
    "name": _KEPT,
    "parallel": _KEPT,
    "approval": _left(_REVIEW),
    "manual_exec": _left("commit when it is time: nothing is applied before"),
    "jobs": _MAPPINGS,
}

JOB: Fields = {
    "name": _TEXT,
    "type": _TEXT,
    "skipped": _left("leave the service out of the release, or build no release"),
    "spec": _MAPPING,
    "run_policy": _left("run grayc when it is wanted"),
    "error_policy": _left(_PIPELINE),
    "execute_policy": _left(_PIPELINE),
    "service_modules": _KEPT,
    "servicemodules": _KEPT,
}

RELEASE: Fields = {
    "production": _KEPT,
    "gray_tag": _TEXT,
    "base_env": _TEXT,
    "gray_env": _TEXT,
    "gray_env_source": _KEPT,
    "docker_registry_id": _left(
        "only Zadig knows what it stands for: each image names its registry, and pods pull as those of the baseline do"
    ),
    "skip_check_run_status": _left("grayc waits for nothing: `kubectl wait`, Argo CD or `spec.verify` do"),
    "gray_services": _MAPPINGS,
}

SERVICE: Fields = {
    "service_name": _TEXT,
    "replicas": _COUNT,
    "yaml": _TEXT,
    "service_and_image": _MAPPINGS,
}

IMAGE: Fields = {
    "service_module": _TEXT,
    "image": _TEXT,
    "images": _KEPT,
    "image_name": _KEPT,
    "name": _KEPT,
    "service_name": _KEPT,
    "value": _KEPT,
}

OFFLINE: Fields = {
    "env": _TEXT,
    "source": _KEPT,
    "gray_tag": _TEXT,
    "production": _KEPT,
}

RELEASE_JOB = "mse-gray-release"
OFFLINE_JOB = "mse-gray-offline"

JOBS: Mapping[str, str] = {
    "approval": _REVIEW,
    "custom-deploy": "promote with `grayc promote`",
    "freestyle": _PIPELINE,
    "nacos": "change the configuration where it is kept, or write it in `config` where it is a ConfigMap",
    "apollo": "change the configuration where it is kept, or write it in `config` where it is a ConfigMap",
    "notification": "let the pipeline that runs grayc tell of it, or Argo CD's notifications",
    "zadig-build": "build where you do, and write the image in `images`",
    "zadig-deploy": "promote with `grayc promote`",
    "zadig-helm-deploy": "promote with `grayc promote`",
    "zadig-scanning": _PIPELINE,
    "zadig-test": "let `spec.verify` check the lane, or keep it in the pipeline",
}
"""Type of a job that is none of a gray release → what does the same."""

OTHER_JOB = _PIPELINE
