"""Which steps Argo CD takes to make a cluster what a folder says, written from its own source.

Source: argoproj/argo-cd gitops-engine pkg/sync, v3.1: `sync_context.go` (`getSyncTasks`: waves of pruning, `PruneLast`;
`runTasks`: what goes at once), `sync_tasks.go` (order), `hook/hook.go` and `hook/helm` (what is a hook),
`syncwaves/waves.go`. Every step is taken once the one before is healthy or gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

Item = Mapping[str, object]
Key = tuple[str, str, str]
"""Kind, namespace, name; no two groups of a lane share a kind."""

_PHASES = ("PreSync", "Sync", "PostSync")
_HELM_PHASES = {
    "pre-install": "PreSync", "pre-upgrade": "PreSync", "post-install": "PostSync", "post-upgrade": "PostSync",
}  # fmt: skip
_KINDS = (
    "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget",
    "ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim",
    "CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role",
    "RoleList", "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet",
    "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens at one time.

    Attributes:
        pruned: objects that go.
        applied: objects that are made or changed.
    """

    phase: str
    wave: int
    pruned: tuple[Key, ...] = ()
    applied: tuple[Key, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Task:
    item: Item
    phase: str
    wave: int
    prunes: bool

    @property
    def order(self) -> tuple[int, int, int, str]:
        kind, _, name = key_of(self.item)
        place = _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
        return (_PHASES.index(self.phase), self.wave, place, name)


def key_of(item: Item) -> Key:
    """Return what identifies an object."""
    metadata = item["metadata"]
    assert isinstance(metadata, Mapping)
    return (str(item["kind"]), str(metadata.get("namespace", "")), str(metadata["name"]))


def by_key(items: Iterable[Item]) -> dict[Key, Item]:
    """Return objects by what identifies them."""
    return {key_of(item): item for item in items}


def steps(live: Iterable[Item], target: Iterable[Item], *, prune_last: bool = False) -> list[Step]:
    """Return the steps of a sync, with pruning.

    Args:
        live: what the cluster has of the application.
        target: what the folder says.
        prune_last: the application has the sync option of that name.
    """
    now, wanted = by_key(live), by_key(target)
    tasks = [
        _Task(item=item, phase=phase, wave=_wave(item), prunes=False)
        for item in wanted.values()
        for phase in _phases(item)
    ]
    prunes = [
        _Task(item=item, phase="Sync", wave=_wave(item), prunes=True)
        for key, item in now.items()
        if key not in wanted and not _is_hook(item) and not _has_option(item, "Prune=false")
    ]
    waves = sorted({task.wave for task in prunes})
    swapped = dict(zip(waves, reversed(waves), strict=True))
    for task in prunes:
        task.wave = swapped[task.wave]
    last = max([0, *(task.wave for task in (*tasks, *prunes) if task.phase == "Sync")]) + 1
    for task in prunes:
        if prune_last or _has_option(task.item, "PruneLast=true"):
            task.wave = last
    return list(_steps(sorted((*tasks, *prunes), key=lambda task: task.order)))


def _steps(tasks: list[_Task]) -> Iterator[Step]:
    for (phase, wave), grouped in groupby(tasks, key=lambda task: (task.phase, task.wave)):
        wave_tasks = list(grouped)
        pruned = tuple(key_of(task.item) for task in wave_tasks if task.prunes)
        if pruned:
            yield Step(phase=phase, wave=wave, pruned=pruned)
        applied = [key_of(task.item) for task in wave_tasks if not task.prunes]
        for _, of_kind in groupby(applied, key=lambda key: key[0]):
            yield Step(phase=phase, wave=wave, applied=tuple(of_kind))


def _annotations(item: Item) -> Mapping[str, str]:
    metadata = item["metadata"]
    assert isinstance(metadata, Mapping)
    return metadata.get("annotations") or {}


def _wave(item: Item) -> int:
    found = _annotations(item)
    return int(found.get("argocd.argoproj.io/sync-wave", found.get("helm.sh/hook-weight", "0")))


def _has_option(item: Item, option: str) -> bool:
    options = _annotations(item).get("argocd.argoproj.io/sync-options", "")
    return option in [each.strip() for each in options.split(",")]


def _is_hook(item: Item) -> bool:
    return "argocd.argoproj.io/hook" in _annotations(item) or "helm.sh/hook" in _annotations(item)


def _phases(item: Item) -> tuple[str, ...]:
    found = _annotations(item)
    if "argocd.argoproj.io/hook" in found:
        named = [each.strip() for each in found["argocd.argoproj.io/hook"].split(",")]
    elif "helm.sh/hook" in found:
        named = [_HELM_PHASES.get(each.strip(), "") for each in found["helm.sh/hook"].split(",")]
    else:
        named = ["Sync"]
    return tuple(phase for phase in _PHASES if phase in named)
