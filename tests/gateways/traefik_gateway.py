"""Real Traefik code that answers requests for Ingresses with nginx annotations.

The program `tests/gateways/traefik` loads manifests through Traefik's own provider and asks Traefik's own matchers,
priorities and weighted round robin. It is built once, started once, and takes any number of cases, each a cluster of
its own; what it answered to a case is kept.

What it leaves out: the server's first look at a request (paths with `//`, `/./` or `/../` come to routers cleaned
there), and middlewares other than redirects: what a Service receives is what its router passes on, before a rewritten
path, say.
"""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from tests.answers import answers_of
from tests.gateways.traffic import Answer, Case, Outcome, Request, outcome_of
from tools.dev_tools import prepare_traefik_harness

STOP_SECONDS = 5


class TraefikError(Exception):
    """The program cannot be started, or does not answer as the tests rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraefikAnswer:
    """What Traefik does with one request.

    Attributes:
        outcome: shares of Services and statuses, exact over one cycle of the weights.
        router: the router that won, "" where none matches.
        rule: its rule.
        by_chance: outcomes of other routers that match with the same priority. Traefik adds routers in the random
            order of a Go map and sorts them by priority alone, so that it is chance, at each load of the
            configuration, which of them wins. Empty where all of them have the same outcome.
    """

    outcome: Outcome
    router: str = ""
    rule: str = ""
    by_chance: tuple[Outcome, ...] = ()

    def possible(self) -> tuple[dict[str, Fraction], ...]:
        """Return the destinations of every outcome there can be: one where nothing is left to chance."""
        return tuple(outcome.destinations() for outcome in (self.outcome, *self.by_chance))


class Traefik:
    """The program; it is started where it is asked what it was not asked before, and `stop` ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def stop(self) -> None:
        """End the process; it ends by itself when the test session does, for its input ends then."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def answers(self, cases: Sequence[Case], *, sticky: str = "", tls: bool = False) -> list[list[TraefikAnswer]]:
        """Return what becomes of every request of every case, in the order asked.

        Args:
            cases: Ingresses and Services. An EndpointSlice is added for every Service that has none, and where there
                is no IngressClass the class `nginx`; an Ingress without class belongs to it, too.
            sticky: `namespace/name` of the Service whose session cookies the client holds, "" for none. It got them by
                the same requests, so each must be one that can reach that Service.
            tls: whether the requests come in encrypted.
        Raises:
            ToolError: the program cannot be built; without Go, say.
            TraefikError: a case is not taken.
        """
        asked = [json.dumps(_case(case, sticky, tls)) for case in cases]
        told = [json.loads(given) for given in answers_of(prepare_traefik_harness(), asked, self._ask)]
        failed = [f"case {number}: {given['error']}" for number, given in enumerate(told) if "error" in given]
        if failed:
            raise TraefikError(failed[0])
        return [[_answer(entry) for entry in given.get("answers", ())] for given in told]

    def _ask(self, asked: Sequence[str]) -> list[str]:
        if self._process is None:
            command = [str(prepare_traefik_harness())]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        lines = [json.dumps({"id": number, **json.loads(case)}) + "\n" for number, case in enumerate(asked)]
        # Both pipes are short: what is asked is written while answers are read.
        writer = threading.Thread(target=self._write, args=(lines,))
        writer.start()
        found: dict[int, str] = {}
        assert self._process.stdout is not None
        for _ in lines:
            line = self._process.stdout.readline()
            if not line:
                raise TraefikError(f"the program ended with exit status {self._process.wait()}")
            given: dict[str, Any] = json.loads(line)
            found[given.pop("id")] = json.dumps(given)
        writer.join()
        return [found[number] for number in range(len(lines))]

    def _write(self, lines: Sequence[str]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.writelines(lines)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # The reader meets the end of the program, too, and says so.


def real_outcomes(traefik: Traefik, cases: Sequence[Case]) -> Iterator[tuple[Case, Request, TraefikAnswer]]:
    """Yield every request of the cases with what the real code does, for a model to be held against.

    A model agrees where what it says is among `TraefikAnswer.possible()`; for most requests that is one outcome.
    """
    for case, answers in zip(cases, traefik.answers(cases), strict=True):
        for request, answer in zip(case.requests, answers, strict=True):
            yield case, request, answer


def decided(traefik: Traefik, cases: Sequence[Case]) -> tuple[list[Case], list[list[Outcome]]]:
    """Return the cases without the requests that Traefik leaves to chance, and what becomes of all others.

    Both are as `agreement.differences` takes them.
    """
    kept: list[Case] = []
    outcomes: list[list[Outcome]] = []
    for case, answers in zip(cases, traefik.answers(cases), strict=True):
        sure = [
            (request, answer.outcome)
            for request, answer in zip(case.requests, answers, strict=True)
            if not answer.by_chance
        ]
        kept.append(replace(case, requests=tuple(request for request, _ in sure)))
        outcomes.append([outcome for _, outcome in sure])
    return kept, outcomes


def _case(case: Case, sticky: str, tls: bool) -> Mapping[str, Any]:
    requests = [
        {
            "method": request.method,
            "host": request.host,
            "path": request.path,
            "headers": request.headers,
            "sticky": sticky,
            "tls": tls,
        }
        for request in case.requests
    ]
    return {
        "manifests": case.manifests,
        "withoutEndpoints": sorted(case.without_endpoints),
        "requests": requests,
    }


def _answer(given: Mapping[str, Any]) -> TraefikAnswer:
    outcome = _outcome(given)
    others = [_outcome(tie) for tie in given.get("ties", ())]
    return TraefikAnswer(
        outcome=outcome,
        router=given["router"],
        rule=given["rule"],
        by_chance=tuple(dict.fromkeys(other for other in others if other != outcome)),
    )


def _outcome(given: Mapping[str, Any]) -> Outcome:
    """Return the outcome of shares by `namespace/name` or status."""
    seen: Mapping[str, Any] = given.get("seen", {})
    return outcome_of(
        (_received(name, seen[name]) if name in seen else Answer(service="", status=int(name)), Fraction(share))
        for name, share in given["shares"].items()
    )


def _received(service: str, seen: Mapping[str, Any]) -> Answer:
    names = sorted(seen["headers"], key=str.lower)
    headers = [(name.lower(), value) for name in names for value in seen["headers"][name]]
    return Answer(service=service, status=200, seen=tuple(headers), path=seen["path"])
