"""Argo CD's own order over every release of the tests: the entry opens last, closes first, and never leads to nothing."""

import io
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from grayc.driver.compile import compile_releases
from grayc.driver.request import Request
from grayc.k8s.profiles import tag_in
from tests.argocd import Item, Key, Step, by_key, key_of, steps
from tests.manifests import Object, an_object, ingress, service, workload, write_release

ROOT = Path(__file__).resolve().parents[2]
INPUTS = sorted(
    path.parent for place in ("tests/golden/build/*/input", "examples/*") for path in ROOT.glob(f"{place}/release.yaml")
)
ENTRIES = frozenset({"Ingress", "HTTPRoute", "VirtualService"})
CONFIG = frozenset({"ConfigMap", "Secret"})
Spec = Mapping[str, Any]

# One Ingress leads to both services, and production keeps each of its objects in its own way.
ENTRY = ingress(
    "shop",
    "mse",
    host="",
    paths=[("/cart", "Prefix", "cart"), ("/", "Prefix", "web")],
    annotations={"argocd.argoproj.io/sync-options": "Validate=false, PruneLast=true"},
)
KEPT = {"helm.sh/hook": "pre-install,pre-upgrade", "helm.sh/resource-policy": "keep", "helm.sh/hook-weight": "-5"}


def a_service(name: str) -> list[Object]:
    config = an_object("ConfigMap", name=name, data={"a": "b"})
    config["metadata"]["annotations"] = KEPT
    labels = {"app": name}
    container = {"name": "a", "envFrom": [{"configMapRef": {"name": name}}]}
    return [config, service(name, labels=labels), workload(name=name, labels=labels, container=container)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What a release compiles to for Argo CD.

    Attributes:
        all: its objects.
        fewer: builds of it in which something is no longer there: without each of its services, and each of its steps.
    """

    all: Sequence[Item]
    fewer: Sequence[Sequence[Item]]


def compiled(spec: Spec, folder: Path, step: str = "") -> Sequence[Item] | None:
    output = {**spec["spec"].get("output", {}), "gitops": "argocd"}
    path = folder / "release.yaml"
    path.write_text(yaml.safe_dump({**spec, "spec": {**spec["spec"], "output": output}}))
    made = compile_releases(Request(specs=(str(path),), stdin=io.BytesIO, step=step)).value
    return None if made is None else [document.data for release in made.releases for document in release.documents]


def fewer(spec: Spec, folder: Path) -> Iterator[Sequence[Item]]:
    services = spec["spec"]["services"]
    for left in services if len(services) > 1 else ():
        rest = {
            key: value for key, value in spec["spec"].items() if key not in ("rollout", "verify", "expect", "calls")
        }
        rest["services"] = [service for service in services if service is not left]
        yield compiled({**spec, "spec": rest}, folder) or ()
    for step in spec["spec"].get("rollout", {}).get("steps", ()):
        yield compiled(spec, folder, step["name"]) or ()


def lanes(folder: Path) -> Iterator[Lane]:
    """Yield every release of goldens and examples that compiles by itself, and the one above."""
    own = folder / "own"
    write_release(
        own,
        [ENTRY, *a_service("web"), *a_service("cart")],
        lane=None,
        services=[{"name": "web"}, {"name": "cart"}],
        traffic={"gateway": "mse", "guard": False, "rules": [{"header": "x-user", "value": "1"}]},
        output=None,
    )
    for place in (own, *INPUTS):
        text = (place / "release.yaml").read_text()
        if "helm:" in text or "kustomize:" in text:
            continue
        home = folder / f"lane-{place.parent.name}-{place.name}"
        shutil.copytree(place, home)
        for spec in yaml.safe_load_all(text):
            objects = compiled(spec, home)
            if objects:
                yield Lane(all=objects, fewer=[made for made in fewer(spec, home) if made])


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Lane]:
    found = list(lanes(tmp_path_factory.mktemp("lanes")))
    assert len(found) > 40
    assert sum(len(lane.fewer) for lane in found) > 20
    assert sum(any(item["kind"] in ENTRIES for item in lane.all) for lane in found) > 20
    return found


def moments(live: Sequence[Item], target: Sequence[Item], taken: Iterable[Step]) -> Iterator[Mapping[Key, Item]]:
    """Yield what the cluster has before the sync and after each step."""
    now, wanted = by_key(live), by_key(target)
    yield dict(now)
    for step in taken:
        for key in step.pruned:
            del now[key]
        for key in step.applied:
            now[key] = wanted[key]
        yield dict(now)


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from texts(item)
        case list() | tuple():
            for item in value:
                yield from texts(item)


def lacking(moment: Mapping[Key, Item], lane: Iterable[Key]) -> set[tuple[str, str]]:
    """Return which entry leads to a Service of the lane that is not there, and which pods read such configuration."""
    gray = {kind: {name for of, _, name in lane if of in kind} for kind in (frozenset({"Service"}), CONFIG)}
    there = {kind: {name for of, _, name in moment if of in kind} for kind in gray}
    found = set()
    for (of, _, name), item in moment.items():
        needs = frozenset({"Service"}) if of in ENTRIES else CONFIG if "template" in str(item.get("spec")) else None
        if needs is not None:
            named = {text.partition(".")[0] for text in texts(item["spec"])}
            found |= {(f"{of}/{name}", missing) for missing in named & gray[needs] - there[needs]}
    return found


def test_the_entry_opens_once_everything_else_is_healthy(every: Sequence[Lane]) -> None:
    for lane in every:
        taken = [step for step in steps((), lane.all) if step.phase == "Sync"]
        opening = [step.wave for step in taken if any(key[0] in ENTRIES for key in step.applied)]
        needed = [step.wave for step in taken if any(key[0] in {"Service", "Deployment"} for key in step.applied)]
        assert not opening or not needed or min(opening) > max(needed), taken


def test_checks_run_when_all_is_up_and_before_the_entry_opens(every: Sequence[Lane]) -> None:
    """And a check that fails keeps it closed: a sync in which a hook fails goes no further (`sync_context.go`)."""
    seen = 0
    for lane in every:
        checks = {key_of(item) for item in lane.all if key_of(item)[0] == "Job" and is_check(item)}
        taken = steps((), lane.all)
        waves = {step.wave for step in taken if checks & {*step.applied}}
        assert len(waves) == bool(checks)
        assert {step.phase for step in taken} <= {"Sync"}
        for step in taken if checks else ():
            kinds = {kind for kind, _, _ in {*step.applied} - checks}
            seen += bool(kinds & ENTRIES)
            assert step.wave > max(waves) or not kinds & ENTRIES, taken
            assert step.wave < min(waves) or not kinds & {"Service", "Deployment", *CONFIG}, taken
    assert seen


def is_check(item: Item) -> bool:
    metadata = item["metadata"]
    assert isinstance(metadata, Mapping)
    return tag_in(metadata["labels"])[1].startswith("verify-")


def test_offline_closes_the_entry_before_anything_else_goes(every: Sequence[Lane]) -> None:
    for lane in every:
        kinds = [{key[0] in ENTRIES for key in step.pruned} for step in steps(lane.all, ())]
        opened = [at for at, found in enumerate(kinds) if True in found]
        assert not opened or opened == [0]
        assert all(len(found) == 1 for found in kinds)


def test_nothing_that_is_open_leads_to_what_is_not_there(every: Sequence[Lane]) -> None:
    """Whatever a commit changes: all of it comes or goes, a service leaves or joins, a step goes on or back."""
    for lane in every:
        pairs = [((), lane.all), (lane.all, ())]
        for less in lane.fewer:
            pairs += [(lane.all, less), (less, lane.all)]
        for live, target in pairs:
            keys = {*by_key(live), *by_key(target)}
            for moment in moments(live, target, steps(live, target)):
                assert not lacking(moment, keys), steps(live, target)
