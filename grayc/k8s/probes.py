"""Where the kubelet's probes name a port of their container."""

PROBES: tuple[str, ...] = ("startupProbe", "readinessProbe", "livenessProbe")

PORT_FIELDS: tuple[tuple[str, ...], ...] = (("httpGet", "port"), ("tcpSocket", "port"), ("grpc", "port"))
"""Fields of a probe that hold a port. `grpc` takes a number only, the others a number or a name.

Source: core/v1 Probe. A name is looked for in the ports of the probe's own container and nowhere else
(kubernetes pkg/kubelet/prober); a number needs no declared port.
"""

DEFAULT_GRACE = 30
"""Seconds that a pod is given to end by default. Source: core/v1 PodSpec, `terminationGracePeriodSeconds`."""
