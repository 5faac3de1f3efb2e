"""A text that many workloads are given is read once for a first release, so the time goes with the baseline."""

from pathlib import Path

from tests.budgets.cost import assert_cheap, cost_of
from tests.manifests import Object, an_object, service, workload, write_baseline

SERVICES = 600


def _workload(at: int) -> Object:
    env = [{"name": f"U{k}_URL", "value": f"http://s{(at * 7 + k) % SERVICES}:80"} for k in range(8)]
    given = {"env": env, "volumeMounts": [{"name": "all", "mountPath": "/all"}]}
    return workload(
        name=f"s{at}", container=given, pod={"volumes": [{"name": "all", "configMap": {"name": "addresses"}}]}
    )


def test_many_workloads_that_are_given_the_addresses_of_all(tmp_path: Path) -> None:
    text = "".join(f"s{at}:\n  url: http://s{at}:80\n" for at in range(SERVICES))
    objects = [an_object("ConfigMap", name="addresses", data={"application.yaml": text})]
    for at in range(SERVICES):
        objects += [_workload(at), service(f"s{at}")]
    write_baseline(tmp_path, objects)

    cost = cost_of(["init", "baseline", "-o", "release.yaml"], folder=tmp_path)

    assert_cheap(cost)
    assert "provider: address" in (tmp_path / "release.yaml").read_text()
