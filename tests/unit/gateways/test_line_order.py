"""A gateway that asks first what asks more has the lines of rules in their own order all the same."""

from itertools import product
from random import Random

from grayc.analysis.traffic import Ask, Line, meaning_of, share
from grayc.gateways.line_order import in_rank_order
from grayc.spec.model import AllRule, Condition, Part, Rule
from grayc.spec.rule_data import in_order

H, Q, C = Part.HEADER, Part.QUERY, Part.COOKIE
PLACES = ((H, "a"), (H, "b"), (Q, "q"), (Q, "r"), (C, "c"))
SAID = (None, "1", "never", "always")


def condition(random: Random, place: tuple[Part, str], *, may_switch: bool) -> Condition:
    part, name = place
    match random.choice(("values", "pattern", "switch") if may_switch else ("values", "pattern")):
        case "values":
            return Condition(part=part, name=name, values=tuple(random.sample(SAID[1:], 2)), path=())
        case "pattern":
            return Condition(part=part, name=name, pattern=random.choice(("1", "^n", ".")), path=())
        case _:
            return Condition(part=part, name=name, path=())


def rules(random: Random) -> tuple[Rule, ...]:
    made: list[Rule] = [condition(random, random.choice(PLACES), may_switch=True) for _ in range(random.randint(1, 3))]
    for _ in range(random.randint(0, 2)):
        places = random.sample(PLACES, random.randint(2, 3))
        made.append(AllRule(conditions=tuple(condition(random, each, may_switch=False) for each in places), path=()))
    return in_order(made)


def found(pattern: str, value: str) -> bool:
    return {"1": "1" in value, "^n": value.startswith("n"), ".": value != ""}[pattern]


def is_met(ask: Ask, said: dict[tuple[Part, str], str]) -> bool:
    value = said.get((ask.part, ask.name))
    return value is not None and (found(ask.pattern, value) if ask.pattern is not None else value in ask.values)


def decided(lines: tuple[Line, ...], said: dict[tuple[Part, str], str], rank: str) -> bool:
    """Return whether a request enters, where the line that asks most decides, as one of two implementations ranks it."""

    def key(at: int) -> tuple[int, ...]:
        line = lines[at]
        exact = sum(ask.part is not C and ask.pattern is None for ask in line.asks)
        headers, queries = line.count(H), line.count(Q)
        return (-headers, -exact, -queries, at) if rank == "exact first" else (-headers, -queries, at)

    met = [at for at, line in enumerate(lines) if all(is_met(ask, said) for ask in line.asks)]
    return bool(met) and lines[min(met, key=key)].enters


def test_what_asks_more_does_not_come_before_what_decides_first() -> None:
    changed = 0
    for seed in range(300):
        random = Random(f"lines {seed}")
        meaning = meaning_of(rules(random))
        lines = in_rank_order(meaning.lines)
        changed += len(lines) > len(meaning.lines)
        for values in random.sample(list(product(SAID, repeat=len(PLACES))), 60):
            said = {place: value for place, value in zip(PLACES, values, strict=True) if value is not None}
            by_part = {part: {name: value for (of, name), value in said.items() if of is part} for part in Part}
            wanted = share(meaning, by_part[H], by_part[C], found, query=by_part[Q]) == 100
            for rank in ("exact first", "queries first"):
                assert decided(lines, said, rank) == wanted, (seed, said, meaning.lines, lines)
    assert changed > 30


def test_nothing_is_added_where_nothing_outranks() -> None:
    meaning = meaning_of(
        in_order((condition(Random(1), (H, "a"), may_switch=False), condition(Random(2), (C, "c"), may_switch=True)))
    )

    assert in_rank_order(meaning.lines) == meaning.lines
