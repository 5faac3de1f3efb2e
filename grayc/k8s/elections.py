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
    }
)
"""Settings that name the lock, beside those that say so by their words.

By words: `leader-elect-resource-name` (kubernetes component-base, LeaderElectionConfiguration), `leader-election-id`
(the flag of most programs of controller-runtime: FoundationDB, Redpanda), `LEASE_NAME`,
`leaderElection.resourceName` (controller-runtime ControllerManagerConfig), `spring.cloud.kubernetes.leader.election.
lock-name`."""

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
_SWITCH_ENDS = ("leaderelectionenabled", "leaderelectenabled")
_LOCKS = frozenset(map(letters_of, LOCKS))
_WORDS = compile_later(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def names_lock(setting: str) -> bool:
    """Tell whether a setting names the lock by which candidates choose a leader."""
    words = [word.lower() for word in _WORDS.findall(setting)]
    is_told = words[-1:] in (["name"], ["id"]) and not {"elect", "election"}.isdisjoint(words) and "leader" in words
    return is_told or words[-2:] == ["lease", "name"] or letters_of(setting) in _LOCKS


def starts_election(setting: str) -> bool:
    """Tell whether a setting turns the choice of a leader on or off."""
    letters = letters_of(setting)
    return letters in _SWITCHES or letters.endswith(_SWITCH_ENDS)
