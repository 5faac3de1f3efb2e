"""What the MSE agent needs around a pod, and what keeps it from it.

Sources: Alibaba Cloud MSE, "Connect ACK and ACS microservice applications to the MSE governance center (Java)" (labels,
both ways of access) and "Full-link gray release" (tag of a node); ARMS, "How ack-onepilot works" (the injector appends
to `JAVA_TOOL_OPTIONS`); Zadig, "MSE gray release", preparation of the baseline (namespace label).
"""

from dataclasses import dataclass

NAMESPACE_LABEL = "mse-enable"
NAMESPACE_ENABLED = "enabled"
"""Label and value of a Namespace whose pods all get the agent."""

SWITCH = "msePilotAutoEnable"
"""Pod label that connects one application, or keeps it out."""
SWITCH_ON = "on"
SWITCH_OFF = "off"

OPTIONS_VARIABLE = "JAVA_TOOL_OPTIONS"
"""Variable to which the injector appends the agent; every JVM reads it."""
AGENT_OPTION = "-javaagent:"


@dataclass(frozen=True, slots=True)
class TagSetting:
    """A place besides the pod label `alicloud.service.tag` that tells the agent the node's tag.

    Attributes:
        variable: a variable whose whole value is the tag; "" where the setting is an option.
        option: a JVM option that ends with `=` and is followed by the tag; "" where the setting is a variable.
    """

    variable: str = ""
    option: str = ""


TAG_SETTINGS: tuple[TagSetting, ...] = (
    TagSetting(variable="MSE_ALICLOUD_SERVICE_TAG"),
    TagSetting(option="-Dalicloud.service.tag="),
)
