"""What shows that OpenTelemetry is in a pod, and which headers it passes on.

Sources: opentelemetry-operator, internal/instrumentation (annotation.go, podmutator.go, sdk.go, of 2026);
opentelemetry-specification, "Environment Variable Specification", General SDK Configuration; and for what an agent can
not do, open-telemetry/opentelemetry-java#5538 (a header of one's own needs a propagator of one's own).
"""

from grayc.k8s.carriers import BAGGAGE

INJECT = "instrumentation.opentelemetry.io/inject-"
"""Start of the annotations of pods and Namespaces by which the operator injects; the language follows.

The value is `"true"`, `"false"` or the name of an Instrumentation. The pod's counts, but that a plain `"true"` takes
the Namespace's, which may name one; where the pod has none, the Namespace's does.
"""

LANGUAGES = ("java", "nodejs", "python", "dotnet", "php", "ruby", "sdk")
"""Languages of the annotation whose instrumentation passes on what `OTEL_PROPAGATORS` says.

`sdk` gives the variables to an application that has the SDK in it. Not among them: `go`, whose eBPF program writes
`traceparent` alone (open-telemetry/opentelemetry-go-instrumentation#887, grafana/beyla#758), and `nginx` and
`apache-httpd`, which pass a request on with its headers by themselves.
"""

INSTRUMENTATION = ("opentelemetry.io", "Instrumentation")
"""Group and kind; `spec.env` and `spec.propagators` hold where the container says nothing itself, in this order."""

STARTED_WITH = ("opentelemetry-instrument", "@opentelemetry/auto-instrumentations-node")
"""Words in a container's command or options that load the instrumentation.

Sources: opentelemetry-python-contrib, opentelemetry-instrumentation; opentelemetry-js-contrib,
auto-instrumentations-node.
"""

DOTNET_HOME = "OTEL_DOTNET_AUTO_HOME"
"""Source: opentelemetry-dotnet-instrumentation, docs/config.md."""

PROPAGATORS = "OTEL_PROPAGATORS"
PROPAGATORS_OPTION = "-Dotel.propagators="
"""Option of the Java agent, before the variable. Source: opentelemetry-java, autoconfigure."""
DEFAULT_PROPAGATORS = ("tracecontext", "baggage")

KNOWN_PROPAGATORS = frozenset(
    # The propagator is called as the header that it passes on.
    {"tracecontext", BAGGAGE, "b3", "b3multi", "jaeger", "xray", "xray-lambda", "ottrace", "none"}
)
"""Of these `baggage` alone passes the header `baggage` on, and none passes a header of another name: one that is not
known here may be the application's own, and do so."""
