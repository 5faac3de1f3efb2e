"""What tools that apply a folder from Git read in annotations: order, and what keeps an object from going.

Sources: argo-cd docs/user-guide/sync-waves.md, sync-options.md, resource_hooks.md, helm.md and compare-options.md, and
gitops-engine/pkg/sync/sync_context.go for the waves of pruning; fluxcd/kustomize-controller
docs/spec/v1/kustomizations.md, "Controlling the apply behavior of resources".
"""

from grayc.k8s.kinds import Rank

ARGOCD_WAVE = "argocd.argoproj.io/sync-wave"
"""An integer as text. Waves are applied from the lowest, each once the one before is healthy, and pruned from the
highest."""

WAVES: dict[Rank, int] = {
    Rank.CONFIG: 0,
    Rank.WORKLOAD: 1,
    Rank.SERVICE: 2,
    Rank.OTHER: 2,
    # An autoscaler that has no metrics yet is not healthy: it must not keep the entry from opening.
    Rank.SCALER: 3,
    Rank.ENTRY: 3,
}
"""Rank → wave. Within a wave Argo CD goes by kind: Services before workloads, workloads before Ingresses."""

WAVE_OF_NAMED = WAVES[Rank.WORKLOAD]
"""Wave of what gray pods name, a Service or a SecretProviderClass: they may not become healthy before they find it."""

ARGOCD_SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
ARGOCD_PRUNE_LAST = "PruneLast=true"
"""The object goes in a wave after all others. Else pruning has waves among itself: where a service leaves the lane, its
Service would go before the entry, which stays, has ceased to lead there."""
ARGOCD_PRUNE_OPTIONS = frozenset({"Prune=false", "Prune=confirm", "Delete=false", "Delete=confirm", ARGOCD_PRUNE_LAST})
"""Options of the baseline by which a copy would stay though it is gone from Git, or an entry go last."""

ARGOCD_HOOK = "argocd.argoproj.io/hook"
ARGOCD_HOOK_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"

WAVE_OF_CHECKS = WAVES[Rank.ENTRY]
"""Wave of what checks the lane. Where there is any, all that else comes in this wave or later comes one later.

A hook of the phase `Sync` takes part in the waves: what comes after it waits for its end, and a sync in which it fails
ends there. `PostSync` would wait for the entry.
"""

ARGOCD_CHECK = {
    ARGOCD_HOOK: "Sync",
    ARGOCD_WAVE: str(WAVE_OF_CHECKS),
    ARGOCD_HOOK_DELETE_POLICY: "BeforeHookCreation,HookSucceeded",
}
"""Annotations of what checks the lane: made anew by each sync under the name that it had, and kept where it failed."""

ARGOCD_DROPPED = (
    # A hook is made anew in each sync, and is never pruned.
    ARGOCD_HOOK,
    ARGOCD_HOOK_DELETE_POLICY,
    # `IgnoreExtraneous`: that the object is gone from Git is no difference.
    "argocd.argoproj.io/compare-options",
    # Argo CD reads Helm's as its own, also where Helm only rendered the files.
    "helm.sh/hook",
    "helm.sh/hook-delete-policy",
    "helm.sh/hook-weight",
    "helm.sh/resource-policy",
)
"""Annotations that a copy cannot have: by them it would outlive the lane."""

FLUX_SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
"""With `disabled`, `${name}` in the object is left as it is where the Kustomization has `postBuild`."""

DISABLED = "disabled"

FLUX_DROPPED = (
    "kustomize.toolkit.fluxcd.io/prune",
    "kustomize.toolkit.fluxcd.io/reconcile",
    "kustomize.toolkit.fluxcd.io/ssa",
)
"""Annotations and labels by which a copy would not follow Git: not updated, or not pruned."""
