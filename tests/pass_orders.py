"""Orders of the passes: those that `after` allows, and the one that breaks a single edge of it; and what passes make."""

import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations, count
from pathlib import Path

from grayc.documents.tree import get
from grayc.driver.planning import plan_one
from grayc.driver.request import Request, find_specs
from grayc.passes.model import Row
from grayc.passes.pipeline import PassFault, run_passes
from grayc.passes.registry import BUILD
from grayc.plan.model import ReleasePlan

Edges = Mapping[str, AbstractSet[str]]
"""Pass → those that must stand before it."""

EDGES: Edges = {row.name: frozenset(row.after) for row in BUILD}


def in_order(edges: Edges, choose: Callable[[Sequence[Row]], Row]) -> tuple[Row, ...]:
    """Return the passes in an order that the edges allow; of those that may come next, `choose` takes one."""
    left, done = list(BUILD), list[Row]()
    while left:
        seen = {row.name for row in done}
        row = choose([row for row in left if edges[row.name] <= seen])
        left.remove(row)
        done.append(row)
    return tuple(done)


def an_order(seed: int) -> tuple[Row, ...]:
    """Return an order that `after` allows: a shuffle, in which a pass waits for those that must stand before it."""
    shuffled = random.Random(seed).sample(BUILD, len(BUILD))
    return in_order(EDGES, lambda ready: min(ready, key=shuffled.index))


def seeds_to_try(number: int = 0) -> tuple[int, ...]:
    """Return seeds of orders in which every two passes stand both ways, unless their order is law; or more of them.

    They are the first that show a new pair, so a list of passes has the same ones in every run.

    Args:
        number: all seeds below it are tried besides.
    """
    before: dict[str, set[str]] = {}
    for row in BUILD:
        before[row.name] = {*row.after, *(each for name in row.after for each in before[name])}
    missing = {(one.name, other.name) for one in BUILD for other in BUILD if one is not other}
    missing -= {(later, earlier) for later, earlier_ones in before.items() for earlier in earlier_ones}
    chosen = list(range(number))
    for seed in count():
        shown = set(combinations((row.name for row in an_order(seed)), 2))
        if missing & shown and seed not in chosen:
            chosen.append(seed)
        missing -= shown
        if not missing:
            return tuple(chosen)
    raise AssertionError("every order that is not forbidden comes up at last")


def against(later: str, earlier: str) -> tuple[Row, ...]:
    """Return an order in which one edge is turned round and every other one holds: `later` stands before `earlier`.

    It is an order that `after` would allow without the edge, so an edge that others imply has none.
    """
    edges = {name: set(before) for name, before in EDGES.items()}
    edges[later].discard(earlier)
    edges[earlier].add(later)
    return in_order(edges, lambda ready: ready[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What passes make of a plan.

    Attributes:
        text: everything that is written and reported, and where findings about the objects would point. What is written
            is a function of it: two lanes are the same to the byte where their texts are.
        objects: `Kind/name in namespace` → the object.
        codes: codes of the findings.
        fault: what broke, "" where nothing did.
    """

    text: str
    objects: Mapping[str, dict[str, object]]
    codes: tuple[str, ...]
    fault: str = ""

    def at(self, ref: str, *path: str | int) -> object:
        """Return a value of an object."""
        return get(self.objects[ref], path)


def made_of(passes: tuple[Row, ...], plan: ReleasePlan) -> Made:
    """Return what passes make of a plan."""
    try:
        checked = run_passes(passes, plan)
    except PassFault as fault:
        broken = f"{fault} / {fault.__cause__}"
        return Made(text=broken, objects={}, codes=(), fault=broken)
    # Neither keys nor items are sorted in an object: their order is written as it is.
    documents = sorted(f"{item.identity!r} {item.place} {json.dumps(item.data)}" for item in checked.value or ())
    found = sorted(map(repr, checked.diagnostics))
    return Made(
        text="\n".join((*documents, *found)),
        objects={str(document.identity): document.data for document in checked.value or ()},
        codes=tuple(sorted(item.code for item in checked.diagnostics)),
    )


def plans_of(spec: Path) -> list[ReleasePlan]:
    """Return the plans of a spec, or of all specs in a folder; those that have none are left out."""
    request = Request(specs=(str(spec),), stdin=io.BytesIO)
    planned = (plan_one(given, request)[0].value for given in find_specs(request).value or ())
    return [plan for plan in planned if plan is not None]
