"""Labels of gray objects and pods that are protected, and those that agents read; a profile's own are `profiles`."""

from grayc.k8s.kinds import BATCH, GroupKind
from grayc.k8s.profiles import MARKS
from grayc.k8s.providers import PROVIDERS

PROTECTED = (*MARKS, *(row.pod_label for row in PROVIDERS.values() if row.pod_label))
"""Labels by which a lane is found, of all profiles and providers: nobody's patch changes one, no other value is given.
"""

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
    """Return the service that a check is labelled for: no service has that name, so no Service selects it."""
    return f"{_CHECK}{check}"


def is_check(group_kind: GroupKind, service: object) -> bool:
    """Tell whether a gray object that is labelled for this service is a check of the lane, and no copy."""
    return group_kind == (BATCH, "Job") and str(service).startswith(_CHECK)
