"""Commands that are printed for a release name its own lane: its file, and the flags that made it another."""

import html
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from grayc.driver.planning import expired
from grayc.k8s.gateways import GatewayName
from grayc.records import replace
from grayc.spec.flags import Flags, asking_words, with_flags
from grayc.spec.model import ReleaseSpec, at_step
from tests import manifests
from tests.cli_run import run_grayc
from tests.manifests import ingress, service, stream, workload
from tests.plans import plan_of


def write(folder: Path, name: str, **spec: Any) -> None:
    """Write a release of a workload of its name, and the baseline of it."""
    manifests.write_texts(folder, {f"{name}.yaml": stream([workload(name=name), service(name)])})
    own = {"baseline": [f"{name}.yaml"], "services": [{"name": name}], **spec}
    manifests.write_spec(folder / f"{name}.release.yaml", name, **own)


def undoing(page: str) -> list[list[str]]:
    return [shlex.split(html.unescape(line)) for line in re.findall(r"<pre>(grayc offline .*?)</pre>", page)]


@pytest.mark.parametrize("compared", [[], ["--with", "out put"]], ids=["alone", "with its folder"])
def test_the_page_of_a_lane_undoes_it_and_no_other(compared: list[str], tmp_path: Path) -> None:
    write(tmp_path, "web")
    for tag in ([], ["--tag", "blue"]):
        assert run_grayc(["build", "web.release.yaml", "-o", "out put", *tag], folder=tmp_path).status == 0
    page = run_grayc(["report", "web.release.yaml", "--tag", "blue", "-o", "-", "-q", *compared], folder=tmp_path)

    [words] = undoing(page.stdout)
    assert words[-1] == (compared[-1] if compared else "OUT")
    assert run_grayc([*words[1:-1], "out put"], folder=tmp_path).status == 0
    left = json.loads(run_grayc(["lanes", "out put", "-f", "json"], folder=tmp_path).stdout)["lanes"]
    assert [lane["tag"] for lane in left] == ["gray"]


def test_of_several_releases_each_is_undone_by_itself(tmp_path: Path) -> None:
    for name in ("web", "api"):
        write(tmp_path, name, tag=f"r-{name}")
    page = run_grayc(["report", "web.release.yaml", "api.release.yaml", "-o", "-", "-q"], folder=tmp_path)

    assert page.status == 0, page.stderr
    assert [words[2:] for words in undoing(page.stdout)] == [
        ["web.release.yaml", "-o", "OUT"],
        ["api.release.yaml", "-o", "OUT"],
    ]


def test_a_release_that_is_piped_is_undone_by_a_pipe(tmp_path: Path) -> None:
    write(tmp_path, "web")
    piped = (tmp_path / "web.release.yaml").read_bytes()
    page = run_grayc(["report", "-", "-o", "-", "-q", "--tag", "blue"], folder=tmp_path, stdin=piped)

    assert undoing(page.stdout) == [["grayc", "offline", "-", "--tag=blue", "-o", "OUT"]]


def spec_of(**given: Any) -> ReleaseSpec:
    web = [workload(), service(), ingress()]
    return plan_of(web, namespace="shop", **given).spec


def test_a_lane_past_its_date_is_taken_offline_and_no_other() -> None:
    spec = with_flags(spec_of(expires="2026-01-31"), Flags(tag="blue"))

    [told] = expired(spec, "2026-02-01")
    assert "`grayc offline release.yaml --tag=blue -o OUT`" in told.help


def test_what_asks_a_release_asks_the_one_that_was_compiled() -> None:
    steps = [{"name": "first", "weight": 1}, {"name": "last", "weight": 2}]
    spec = spec_of(traffic={"gateway": "mse", "rules": [{"header": "x-user", "value": "1"}]}, rollout={"steps": steps})
    assert spec.traffic is not None

    assert asking_words(at_step(spec, spec.steps[-1])) == ["release.yaml"]
    other = replace(spec, traffic=replace(spec.traffic, gateway=GatewayName.HIGRESS))
    other = at_step(with_flags(other, Flags(tag="blue")), spec.steps[0])
    assert asking_words(other) == ["release.yaml", "--tag=blue", "--step=first", "--gateway=higress"]
