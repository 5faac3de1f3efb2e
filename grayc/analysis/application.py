"""Which application the MSE agent takes a workload's pods for."""

from grayc.analysis.graph import pod_labels
from grayc.documents import Document
from grayc.k8s.lane_labels import APPLICATION, APPLICATIONS
from grayc.k8s.names import is_label_value
from grayc.k8s.providers import PROVIDERS, Provider


def application_of(workload: Document) -> str:
    """Return the name of the application: the pod label's, else the workload's.

    Source: Alibaba Cloud MSE, "Connect ACK and ACS microservice applications to the MSE governance center (Java)",
    label reference: `msePilotCreateAppName` is the Deployment's name by default.
    """
    label = pod_labels(workload).get(APPLICATION)
    return workload.identity.name if label is None else str(label)


def named_application(baseline: Document, provider: Provider) -> dict[str, str]:
    """Return the pod label by which gray pods stay the application that the baseline's are; empty where none is due.

    Where another agent's label names an application, no document says which of the two names holds, and none is added.
    """
    name = baseline.identity.name
    if not PROVIDERS[provider].has_agent or not is_label_value(name):
        return {}
    labels = pod_labels(baseline)
    if APPLICATION in labels or any(labels.get(label, name) != name for label in APPLICATIONS):
        return {}
    return {APPLICATION: name}
