"""The life of one release, told to a real API server with kubectl, and what must hold after each of its steps."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from grayc.k8s.kinds import BATCH
from grayc.k8s.lane_labels import is_check
from grayc.k8s.profiles import marks_of, tag_in
from tests.differential.kubectl import KUBECTL
from tests.e2e.compare import as_stored, missing
from tests.e2e.scenarios import (
    RELEASE,
    SECOND_TAG,
    STEPS,
    Scenario,
    images_in,
    objects_in,
    second_lane,
    with_layout,
    with_new_images,
    with_steps,
    without_last_service,
    without_shares,
)
from tests.e2e.server import Server

ROOT = Path(__file__).resolve().parents[2]
TAG = "gray"
OUT = "out"
OFFLINE = "offline.sh"
SECOND = "second.yaml"
PATCH = "patch.yaml"
_ENTRIES = ("ingress.", "httproute.", "grpcroute.", "virtualservice.")
"""How lines of kubectl start that tell of an entry."""

_OF_AN_APPLY = ("managedFields", "resourceVersion", "generation")

Identity = tuple[str, str, str]
"""Group and kind, namespace, name."""


class BrokenError(Exception):
    """Something does not hold; the text says what."""


@dataclass(kw_only=True)
class Stage:
    """Where a life plays: its folder, its cluster, and what has been said so far.

    Attributes:
        environment: of every command.
        server: to look what the cluster has.
        untouched: baseline object → its resourceVersion.
        production: every object of the cluster while there is no lane.
    """

    scenario: Scenario
    home: Path
    environment: Mapping[str, str]
    server: Server
    transcript: list[str]
    untouched: dict[Identity, str] = field(default_factory=dict)
    production: frozenset[Identity] = frozenset()

    def say(self, line: str) -> None:
        """Add a line to the transcript."""
        self.transcript.append(line)

    def kubectl(self, *arguments: str, more: Mapping[str, str] | None = None) -> str:
        """Run kubectl as a user would, and return what it printed."""
        shown = " ".join((*(f"{key}={value}" for key, value in (more or {}).items()), "kubectl", *arguments))
        return self._run(shown, [str(KUBECTL), *arguments], more or {})

    def grayc(self, *arguments: str) -> None:
        """Run grayc."""
        command = [sys.executable, "-m", "grayc", *arguments]
        self._run(f"grayc {' '.join(arguments)}", command, {"PYTHONPATH": str(ROOT)})

    def shell(self, script: str) -> str:
        """Run a script with sh, and return what it printed."""
        return self._run(
            f"sh {script}",
            ["sh", script],
            {"PATH": f"{KUBECTL.parent}:{self.environment['PATH']}", "DRAIN_SECONDS": "0"},
        )

    def _run(self, shown: str, command: Sequence[str], more: Mapping[str, str]) -> str:
        self.say(f"$ {shown}")
        environment = {**self.environment, **more}
        done = subprocess.run(command, cwd=self.home, env=environment, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            self.say(line)
        if command[0] == sys.executable and done.stderr:
            self.say(done.stderr.splitlines()[-1])
        if done.returncode:
            raise BrokenError(f"`{shown}` gave {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def read(self, *arguments: str) -> list[dict[str, object]]:
        """Return what `kubectl get` finds; nothing of it is told."""
        command = [str(KUBECTL), "get", *arguments, "--ignore-not-found", "-o", "json"]
        done = subprocess.run(command, cwd=self.home, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokenError(f"`{' '.join(command[1:])}` gave {done.returncode}\n{done.stderr}")
        data = json.loads(done.stdout) if done.stdout.strip() else {"items": []}
        items = data.get("items", [data])
        assert isinstance(items, list)
        return items

    def identity(self, item: Mapping[str, object], *, found: bool = True) -> Identity:
        """Return an object's identity; one of a file (not `found`) may leave its namespace to kubectl."""
        metadata = item["metadata"]
        assert isinstance(metadata, dict)
        group = str(item["apiVersion"]).rpartition("/")[0]
        home = metadata.get("namespace") or ("" if found or item["kind"] == "Namespace" else self.scenario.namespace)
        return (f"{group}/{item['kind']}", home, metadata["name"])


def live(stage: Stage) -> None:
    """Play the lives of the release, one after the other.

    Raises:
        BrokenError: something does not hold.
    """
    first = (stage.home / RELEASE).read_text(encoding="utf-8")
    _baseline(stage)
    applied_otherwise = () if stage.scenario.is_of_entry else (_by_label, _by_applyset)
    for life in (_by_server, *applied_otherwise, _by_steps, _with_patch, _side_by_side):
        (stage.home / RELEASE).write_text(first, encoding="utf-8")
        shutil.rmtree(stage.home / OUT, ignore_errors=True)
        stage.say("")
        stage.say(f"# {(life.__doc__ or '').splitlines()[0].rstrip('.')}")
        life(stage, first)
        if strays := _everything(stage) ^ stage.production:
            raise BrokenError(f"not as before the lane: {', '.join(map(_shown, sorted(strays)))}")
        stage.say(f"  holds: all {len(stage.production)} objects of the cluster are those of before")


def _baseline(stage: Stage) -> None:
    stage.say("# production")
    stage.kubectl("config", "set-context", "--current", f"--namespace={stage.scenario.namespace}")
    objects = objects_in(stage.home / "baseline")
    homes = {stage.identity(item, found=False)[1] for item in objects} - {""}
    for home in sorted(homes | {stage.scenario.namespace}):
        stage.kubectl("create", "namespace", home)
    stage.kubectl("apply", "--server-side", "-R", "-f", "baseline")
    stage.untouched.update(_versions(stage.read("-R", "-f", "baseline"), stage))
    if len(stage.untouched) < len({stage.identity(item, found=False) for item in objects}):
        raise BrokenError("some objects of the baseline are not there")
    stage.production = _everything(stage)


def _everything(stage: Stage) -> frozenset[Identity]:
    return frozenset(stage.identity(item) for item in stage.server.objects())


def _versions(items: Iterable[Mapping[str, object]], stage: Stage) -> dict[Identity, str]:
    return {stage.identity(item): str(_metadata(item)["resourceVersion"]) for item in items}


def _is_of_tag(item: Mapping[str, object]) -> bool:
    labels = _metadata(item).get("labels")
    # What all lanes have in common has no lane's label.
    return isinstance(labels, dict) and (
        tag_in(labels)[0] in (TAG, SECOND_TAG) or labels.get("app.kubernetes.io/managed-by") == "grayc"
    )


def _metadata(item: Mapping[str, object]) -> Mapping[str, object]:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    return metadata


def _by_server(stage: Stage, first: str) -> None:
    """kubectl apply --server-side."""
    apply = ("apply", "--server-side", "-f", OUT)
    for release in (first, with_new_images(first)):
        _build(stage, release)
        _opens_last(stage, stage.kubectl(*apply), is_new=release is first)
        _holds(stage)
        stage.kubectl("diff", "--server-side", "-f", OUT)
        stage.say("  nothing to do")
    _offline(stage)


def _by_label(stage: Stage, first: str) -> None:
    """kubectl apply, pruned by label; a file for each object."""
    first = with_layout(first, "object")
    _build(stage, first)
    every = objects_in(stage.home / OUT)
    kinds = sorted({_group_version_kind(item) for item in every})
    of_lane = [marks_of(labels) for item in every if isinstance(labels := _metadata(item).get("labels"), dict)]
    label = next(marks.tag for marks in of_lane if marks is not None)
    prune = ("--prune", f"--selector={label}={TAG}", *(f"--prune-allowlist={kind}" for kind in kinds))
    _opens_last(stage, stage.kubectl("apply", "-f", OUT), is_new=True)
    _holds(stage)
    stage.kubectl("diff", "-f", OUT)
    stage.say("  nothing to do")
    for release in (with_new_images(first), without_last_service(first)):
        _build(stage, release)
        stage.kubectl("apply", *prune, "-f", OUT)
        _holds(stage, pruned=True)
    _offline(stage)


def _by_applyset(stage: Stage, first: str) -> None:
    """kubectl apply --server-side, pruned as an ApplySet; one file."""
    parent = f"grayc-{TAG}"
    first = with_layout(first, "single")
    for release in (first, without_last_service(first)):
        _build(stage, release)
        applied = stage.kubectl(
            *("apply", "--server-side", "--prune", f"--applyset=secrets/{parent}"),
            *(f"--namespace={stage.scenario.namespace}", "-f", OUT),
            more={"KUBECTL_APPLYSET": "true"},
        )
        if release is first:
            _opens_last(stage, applied, is_new=True)
        _holds(stage, pruned=True)
    _offline(stage)
    stage.kubectl("delete", "secret", parent)


def _by_steps(stage: Stage, first: str) -> None:
    """kubectl apply --server-side, step by step, back and on again, into production, and then without steps."""
    release = with_steps(first)
    for step in (*STEPS, *STEPS):
        _build(stage, release, "--step", step)
        stage.kubectl("apply", "--server-side", "-f", OUT)
        _holds(stage)
    before = _production(stage)
    stage.grayc("promote", RELEASE, "--with", OUT)
    stage.grayc("promote", RELEASE, "--check")
    promoted = {key for key, item in _production(stage).items() if item != before[key]}
    served = _served(stage)
    stage.kubectl("apply", "--server-side", "-R", "-f", "baseline")
    stage.kubectl("diff", "--server-side", "-R", "-f", "baseline")
    now = json.dumps(stage.read("-R", "-f", "baseline"))
    lacking = sorted(image for image in images_in(release) if f'"{image}"' not in now)
    if lacking:
        raise BrokenError(f"production does not run {', '.join(lacking)}")
    changed = {key for key, item in _served(stage).items() if item != served[key]}
    if changed != promoted:
        raise BrokenError(f"promoted and not changed, or changed and not promoted: {sorted(changed ^ promoted)}")
    stage.say(f"  holds: production runs what the lane did, {len(promoted)} of its objects changed")
    stage.untouched.update(_versions(stage.read("-R", "-f", "baseline"), stage))
    # Where the rollout goes, the entry of its steps is left, as no apply takes anything away.
    _build(stage, first)
    stage.kubectl("apply", "--server-side", "-f", OUT)
    _holds(stage, earlier=_is_entry)
    _offline(stage)


def _with_patch(stage: Stage, first: str) -> None:
    """What the lane wants of production's own objects, put over them and taken back."""
    _build(stage, first, "--baseline-patch", PATCH)
    stage.kubectl("apply", "--server-side", "-f", OUT)
    _holds(stage)
    parts = [item for item in yaml.safe_load_all((stage.home / PATCH).read_text(encoding="utf-8")) if item]
    if parts:
        # The command that the file itself gives. A lane by addresses wants nothing of production.
        stage.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=grayc", "-f", PATCH)
    now = {stage.identity(item): item for item in stage.read("-R", "-f", "baseline")}
    production = _production(stage)
    for part in parts:
        key = stage.identity(part, found=False)
        patched = {**production[key], **{name: value for name, value in part.items() if name != "metadata"}}
        broken = [*missing(as_stored(patched), now[key]), *missing(part, now[key])]
        if broken:
            raise BrokenError(f"{_shown(key)} is not production with the patch: {broken}")
        stage.untouched[key] = str(_metadata(now[key])["resourceVersion"])
    _holds(stage)
    stage.say(f"  holds: {len(parts)} objects of production have the patch, and all else that they had")
    stage.grayc("offline", RELEASE, "-o", OUT, "--script", OFFLINE)
    if any(part.get("kind") == "VirtualService" for part in parts):
        _is_refused(stage)
    stage.kubectl("apply", "--server-side", "--force-conflicts", "-R", "-f", "baseline")
    now = {stage.identity(item): item for item in stage.read("-R", "-f", "baseline")}
    broken = [f"{_shown(key)}{what}" for key, item in production.items() for what in missing(as_stored(item), now[key])]
    if broken:
        raise BrokenError("\n".join(broken))
    stage.untouched.update(_versions(stage.read("-R", "-f", "baseline"), stage))
    stage.shell(OFFLINE)
    _holds(stage)


def _side_by_side(stage: Stage, first: str) -> None:
    """Two lanes at once: the second comes at the first's first step, and each goes by itself."""
    release = without_shares(with_steps(first))
    _build(stage, release, "--step", STEPS[0])
    stage.kubectl("apply", "--server-side", "-f", OUT)
    _holds(stage)
    (stage.home / SECOND).write_text(second_lane(first), encoding="utf-8")
    stage.grayc("build", SECOND, "-o", OUT)
    _build(stage, release, "--step", STEPS[1])
    stage.grayc("build", SECOND, "-o", OUT, "--check")
    stage.kubectl("apply", "--server-side", "-f", OUT)
    _holds(stage)
    for each in (RELEASE, SECOND):
        stage.grayc("offline", each, "-o", OUT, "--script", OFFLINE)
        stage.shell(OFFLINE)
        _holds(stage)
    stage.say("  holds: each lane went by itself, and what both had in common with the last of them")


def _is_refused(stage: Stage) -> None:
    """Check that the script deletes nothing while production leads into the lane."""
    before = _everything(stage)
    try:
        stage.shell(OFFLINE)
    except BrokenError as refused:
        if "still leads into the lane" not in str(refused):
            raise
    else:
        raise BrokenError("the lane goes while production leads into it")
    if _everything(stage) != before:
        raise BrokenError("something went while production leads into the lane")
    stage.say("  holds: nothing goes while production leads into the lane")


def _production(stage: Stage) -> Mapping[Identity, Mapping[str, object]]:
    return {stage.identity(item, found=False): item for item in objects_in(stage.home / "baseline")}


def _served(stage: Stage) -> Mapping[Identity, Mapping[str, object]]:
    """Return production as the server has it, but for what it writes down about each apply."""
    found = {}
    for item in stage.read("-R", "-f", "baseline"):
        own = {key: value for key, value in _metadata(item).items() if key not in _OF_AN_APPLY}
        found[stage.identity(item)] = {**item, "metadata": own}
    return found


def _opens_last(stage: Stage, applied: str, *, is_new: bool) -> None:
    """Check that the entry was applied after everything else, and, of a new lane, that the server has it so."""
    kinds = [line for line in applied.splitlines() if "/" in line]
    entries = [line for line in kinds if line.startswith(_ENTRIES)]
    if not entries or kinds[-len(entries) :] != entries:
        raise BrokenError(f"the entry is not applied last:\n{applied}")
    if is_new:
        # Where nothing works on the objects, their versions are in the order in which they came.
        found = filter(_is_of_tag, stage.server.objects())
        came = sorted(found, key=lambda item: int(str(_metadata(item)["resourceVersion"])))
        if [_is_entry(item) for item in came] != sorted(map(_is_entry, came)):
            raise BrokenError(f"the entry is not there last: {[_shown(stage.identity(item)) for item in came]}")
        stage.say("  holds: the entry is the last that the server has")


def _is_entry(item: Mapping[str, object]) -> bool:
    return f"{item['kind']}.".lower() in _ENTRIES


def _group_version_kind(item: Mapping[str, object]) -> str:
    version = str(item["apiVersion"])
    return f"{version if '/' in version else f'core/{version}'}/{item['kind']}"


def _build(stage: Stage, release: str, *flags: str) -> None:
    (stage.home / RELEASE).write_text(release, encoding="utf-8")
    stage.grayc("build", RELEASE, "-o", OUT, *flags)
    stage.grayc("build", RELEASE, "-o", OUT, *flags, "--check")


def _offline(stage: Stage) -> None:
    stage.grayc("offline", RELEASE, "-o", OUT, "--script", OFFLINE)
    deleted = [line.startswith(_ENTRIES) for line in stage.shell(OFFLINE).splitlines() if " deleted" in line]
    if not any(deleted) or deleted != sorted(deleted, reverse=True):
        raise BrokenError("the entry does not close first")
    stage.say("  holds: the entry closed first")
    _holds(stage)
    stage.grayc("offline", RELEASE, "-o", OUT, "--check")


def _holds(
    stage: Stage, *, pruned: bool = False, earlier: Callable[[Mapping[str, object]], bool] = lambda _: False
) -> None:
    """Check that the API server has what the files say and nothing else of the tag, and that production is untouched.

    Args:
        pruned: not even the check of an earlier lane is left.
        earlier: what may be left of an earlier build.
    """
    out = stage.home / OUT
    wanted = {stage.identity(item, found=False): as_stored(item) for item in (objects_in(out) if out.exists() else [])}
    now = tuple(stage.server.objects())
    found = {stage.identity(item): item for item in now if _is_of_tag(item)}
    more = {key: item for key, item in found.items() if wanted and key not in wanted}
    # Where nothing is pruned, the check of an earlier lane stays until its time is up.
    left = {key for key, item in more.items() if earlier(item) or (not pruned and _is_check(item))}
    broken = [
        *(f"{_shown(key)}: in the files, not in the server" for key in sorted(set(wanted) - set(found))),
        *(f"{_shown(key)}: in the server, not in the files" for key in sorted(set(found) - set(wanted) - left)),
        *_differences(wanted, found),
        *(f"{_shown(key)}: the baseline was touched" for key in _touched(now, stage)),
    ]
    if broken:
        raise BrokenError("\n".join(broken))
    fields = sum(_fields(item) for item in wanted.values())
    what = f"{len(wanted)} objects with all {fields} fields of their files" if wanted else f"nothing of {TAG} is left"
    stage.say(f"  holds: {what}, {len(stage.untouched)} baseline objects untouched")


def _is_check(item: Mapping[str, object]) -> bool:
    labels = _metadata(item).get("labels")
    return item["kind"] == "Job" and isinstance(labels, dict) and is_check((BATCH, "Job"), tag_in(labels)[1])


def _differences(wanted: Mapping[Identity, Mapping[str, object]], found: Mapping[Identity, object]) -> Iterator[str]:
    for key in sorted(set(wanted) & set(found)):
        # The server answers in the version that it prefers; the group is part of the key.
        said = {name: value for name, value in wanted[key].items() if name != "apiVersion"}
        yield from (f"{_shown(key)}{difference}" for difference in missing(said, found[key]))


def _touched(now: Iterable[Mapping[str, object]], stage: Stage) -> Iterable[Identity]:
    versions = _versions(now, stage)
    return sorted(key for key, version in stage.untouched.items() if versions.get(key) != version)


def _shown(key: Identity) -> str:
    kind, namespace, name = key
    return f"{kind.rpartition('/')[2]} {f'{namespace}/' if namespace else ''}{name}"


def _fields(value: object) -> int:
    match value:
        case Mapping():
            return sum(_fields(item) for item in value.values())
        case list():
            return sum(_fields(item) for item in value)
        case _:
            return 1


__all__ = ["BrokenError", "Stage", "live"]
