"""A pull request's comment: totals first, the gravest changes before the others, never more than a comment may hold."""

import json
import re
import time
from pathlib import Path

import pytest

from grayc.diff.model import Risk
from grayc.report.comment import LIMIT
from tests.cli_run import run_grayc
from tests.review.large_release import write_release

EXPECTED = Path(__file__).parent / "expected"
SUMMARY = re.compile(r"<details><summary>(?:<b>\w+</b> )?<code>(.*?)</code>.*?: ([a-z, ]+)</summary>")


def comment(folder: Path, *arguments: str) -> str:
    run = run_grayc(["diff", "release.yaml", *arguments, "-f", "markdown"], folder=folder)
    assert run.status == 1, run.stderr
    return run.stdout


def ranks(text: str) -> list[int]:
    """Return how grave the details are, in their order."""
    return [min(Risk(word).rank for word in risks.split(", ")) for _, risks in SUMMARY.findall(text)]


def test_fifty_services(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_release(tmp_path, 50)
    made = comment(tmp_path, "--baseline")
    path = EXPECTED / "fifty_services.md"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")

    assert made == path.read_text(encoding="utf-8")
    assert len(made) < LIMIT
    assert "Cut at" not in made
    assert ranks(made) == sorted(ranks(made))
    assert ranks(made)[0] == Risk.ENTRY.rank
    assert len(SUMMARY.findall(made)) == 5 + 5 + 50 + 13 + 4
    assert "canary" not in made.replace("nginx.ingress.kubernetes.io/canary", "")


def test_what_a_change_of_fifty_services_does_to_the_output(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_release(tmp_path, 50)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0
    write_release(tmp_path, 50, image="1.2", header="200")
    made = comment(tmp_path, "--with", "out")
    path = EXPECTED / "fifty_services_changed.md"
    if request.config.getoption("--update-golden"):
        path.write_text(made, encoding="utf-8")

    assert made == path.read_text(encoding="utf-8")
    assert len(SUMMARY.findall(made)) == 5 + 50
    assert ranks(made) == [Risk.ENTRY.rank] * 5 + [Risk.IMAGE.rank] * 50


def test_a_comment_that_is_cut_keeps_totals_and_the_gravest(tmp_path: Path) -> None:
    write_release(tmp_path, 400)
    made = comment(tmp_path, "--baseline")
    report = json.loads(run_grayc(["diff", "release.yaml", "--baseline", "-f", "json"], folder=tmp_path).stdout)
    (difference,) = report["differences"]

    assert LIMIT - 1_500 < len(made) <= LIMIT
    shown, missing = len(SUMMARY.findall(made)), re.search(r"\*\*Cut at 60,000 characters\.\*\* (\d+) of (\d+)", made)
    assert missing is not None
    assert (int(missing[1]), int(missing[2])) == (difference["changed"] - shown, difference["changed"])
    assert f"### grayc: {difference['changed']} changed, {difference['asExpected']} as expected" in made
    for risk, count in difference["risks"].items():
        assert f"| **{risk}** | {Risk(risk).reason} | {count} |" in made
    assert ranks(made) == sorted(ranks(made))
    assert sum(rank == Risk.ENTRY.rank for rank in ranks(made)) == 40 + 40
    assert made.count("<details>") == made.count("</details>") == shown


def test_a_thousand_services_take_seconds(tmp_path: Path) -> None:
    write_release(tmp_path, 1_000)
    start = time.process_time()
    made = comment(tmp_path, "--baseline")

    assert len(made) <= LIMIT
    # A guard against work that grows with the square, not a measure: this takes about eight seconds of a processor.
    assert time.process_time() - start < 60


def test_no_difference_is_no_comment_to_look_at(tmp_path: Path) -> None:
    write_release(tmp_path, 3)
    assert run_grayc(["build", "release.yaml", "-o", "out"], folder=tmp_path).status == 0

    run = run_grayc(["diff", "release.yaml", "--with", "out", "-f", "markdown"], folder=tmp_path)
    assert run.status == 0
    assert "no difference" in run.stdout
    assert "<details>" not in run.stdout


HOSTILE = "```\n</details> @org/team | <!-- x --> [a](http://b) ````` #1\n::error::x\n\u202eabc"


def test_text_of_users_stays_in_its_fence(tmp_path: Path) -> None:
    write_release(tmp_path, 2, stranger=HOSTILE)
    made = comment(tmp_path, "--baseline")

    fence = "`" * 6
    (inside,) = re.findall(rf"^{fence}diff\n(.*?)^{fence}$", made, re.DOTALL | re.MULTILINE)
    assert "@org/team" in inside
    assert "@org/team" not in made.replace(inside, "")
    assert "\u202e" not in made
    assert not any(line.startswith("::") for line in made.splitlines())
