"""The labels of an MSE lane, as Zadig and the MSE agent look for them.

Source: koderover/zadig pkg/types/labels.go at 18278c7; Alibaba Cloud MSE, "label reference" of the Java agent.
"""

from grayc.k8s.kinds import BATCH, GroupKind

VERSION = "zadigx-release-version"
TYPE = "zadigx-release-type"
SERVICE_NAME = "zadigx-release-service-name"
TAG = "alicloud.service.tag"

ORIGINAL = "original"
"""Value of `VERSION` on the baseline."""
GRAY_TYPE = "mse-gray"
"""Value of `TYPE` on every gray object."""

PROTECTED = (VERSION, TYPE, SERVICE_NAME, TAG)

APPLICATION = "msePilotCreateAppName"
"""Pod label that tells the MSE agent which application a pod belongs to; it must be the same in copy and baseline."""

APPLICATIONS = (APPLICATION, "armsPilotCreateAppName")
"""Pod labels by which agents know an application; a copy keeps them as they are.

Source: Alibaba Cloud MSE and ARMS, installation of the Java agent in ACK.
"""

NAMES_FOR_AGENTS = (*APPLICATIONS, "service.istio.io/canonical-name", "tags.datadoghq.com/service")
"""Pod labels that name an application to an agent or a mesh and nothing else: no other value is given to them.

Source: as above; istio.io, "Canonical service"; docs.datadoghq.com, "Unified service tagging".
"""


_CHECK = "verify-"


def check_service(check: str) -> str:
    """Return the value of `SERVICE_NAME` of a check of the lane: no service has that name, so no Service selects it."""
    return f"{_CHECK}{check}"


def is_check(group_kind: GroupKind, service: object) -> bool:
    """Tell whether a gray object with this value of `SERVICE_NAME` is a check of the lane, and no copy."""
    return group_kind == (BATCH, "Job") and str(service).startswith(_CHECK)


def lane_labels(tag: str, service: str) -> dict[str, str]:
    """Return the labels of a gray object."""
    return {VERSION: tag, TYPE: GRAY_TYPE, SERVICE_NAME: service}


def gray_suffix(tag: str) -> str:
    """Return what the name of every gray object ends with."""
    return f"-mse-{tag}"
