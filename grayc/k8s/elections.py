"""How programs are told to choose a leader, and by which lock: a Lease or ConfigMap that all candidates know by name.

Of all pods with one lock in one namespace a single one works. A gray pod with production's lock may be that one.
"""

from grayc.k8s.queues import letters_of
from grayc.patterns import compile_later

LOCKS: frozenset[str] = frozenset(
    {
        # Source: Spring Cloud Kubernetes reference, "Leader Election".
        "spring.cloud.kubernetes.leader.config-map-name",
        # Source: camel.apache.org, "Kubernetes Cluster Service".
        "camel.cluster.kubernetes.config-map-name",
        # Source: Kong/charts charts/kong/templates/_helpers.tpl, `CONTROLLER_ELECTION_ID`.
        "controller.election-id",
        # Source: apache/apisix-ingress-controller pkg/config/config.go, 1.x.
        "kubernetes.election-id",
    }
)
"""Settings that name the lock, beside those that say so by their words.

By words: `leader-elect-resource-name` (kubernetes component-base, LeaderElectionConfiguration), `leader-election-id`
(the flag of most programs of controller-runtime: FoundationDB, Redpanda), `LEASE_NAME`,
`leaderElection.resourceName` (controller-runtime ControllerManagerConfig), `spring.cloud.kubernetes.leader.election.
lock-name`."""

LOCK_FLAGS: frozenset[str] = frozenset(
    {
        # Source: kubernetes/ingress-nginx pkg/flags/flags.go; Kong/kubernetes-ingress-controller docs/cli-arguments.md.
        "election-id",
        # Source: jcmoraisjr/haproxy-ingress docs, "Command-line options".
        "acme-election-id",
    }
)
"""Flags that name the lock. Elsewhere the same words may speak of an election that people vote in."""

_SWITCHES = frozenset(
    {
        # Source: kubernetes component-base, LeaderElectionConfiguration; kubebuilder, cmd/main.go.
        "leaderelect",
        "leaderelection",
        "enableleaderelection",
        "enableleaderelect",
        "leaderelectionleaderelect",
    }
)
_OFF_SWITCHES = frozenset(
    {
        # Source: kubernetes/ingress-nginx pkg/flags/flags.go; projectcontour/contour cmd/contour/serve.go;
        # kubernetes-sigs/karpenter pkg/operator/options/options.go, `DISABLE_LEADER_ELECTION`.
        "disableleaderelection",
    }
)
_SWITCH_ENDS = ("leaderelectionenabled", "leaderelectenabled")
_LOCKS = frozenset(map(letters_of, LOCKS))
_FLAGS = frozenset(map(letters_of, LOCK_FLAGS))
_WORDS = compile_later(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def names_lock(setting: str, *, is_flag: bool = False) -> bool:
    """Tell whether a setting names the lock by which candidates choose a leader.

    Args:
        is_flag: a command has it, as `--setting`.
    """
    words = [word.lower() for word in _WORDS.findall(setting)]
    is_told = words[-1:] in (["name"], ["id"]) and not {"elect", "election"}.isdisjoint(words) and "leader" in words
    letters = letters_of(setting)
    return is_told or words[-2:] == ["lease", "name"] or letters in _LOCKS or (is_flag and letters in _FLAGS)


def starts_election(setting: str) -> bool:
    """Tell whether a setting turns the choice of a leader on or off."""
    letters = letters_of(setting)
    return letters in _SWITCHES or letters.endswith(_SWITCH_ENDS)


def stops_election(setting: str) -> bool:
    """Tell whether a setting turns the choice of a leader off where it is true."""
    return letters_of(setting) in _OFF_SWITCHES
