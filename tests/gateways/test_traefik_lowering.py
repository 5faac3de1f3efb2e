"""What grayc emits for Traefik means on Traefik what the rules mean."""

from tests.gateways.manifests import text
from tests.gateways.random_rules import compiled, ingress_baseline, meaning, random_rules
from tests.gateways.traefik_gateway import Traefik
from tests.gateways.traffic import Case

RULES = 150
REFUSED = {"GC501"}
"""What grayc says of rules that the gateway can not be told."""


def test_emitted_ingresses_do_what_the_rules_mean(traefik: Traefik) -> None:
    baseline = ingress_baseline()
    taken = []
    for ruled in random_rules(RULES):
        checked = compiled(ruled.rules, "traefik", baseline)
        if checked.value is None:
            found = {item.code for item in checked.diagnostics if item.severity == "error"}
            assert found <= REFUSED, (ruled.rules, checked.diagnostics)
        else:
            taken.append((ruled, checked.value))
    cases = [
        Case(
            manifests=text(baseline) + "".join(f"\n---\n{file}" for file in compilation.files.values()),
            requests=ruled.requests,
        )
        for ruled, compilation in taken
    ]
    wrong = [
        (ruled.rules, request, expected, answer)
        for (ruled, compilation), answers in zip(taken, traefik.answers(cases), strict=True)
        for request, answer in zip(ruled.requests, answers, strict=True)
        if answer.possible() != ((expected := meaning(compilation, request)),)
    ]
    assert wrong[:3] == []
    assert len(taken) > RULES / 2
