"""Who enters from one step of a rollout to the next, on every gateway: nobody is sent back, and reviewers see it first."""

import json
from pathlib import Path

import pytest

from grayc.k8s.gateways import GATEWAYS
from tests.cli_run import run_grayc
from tests.gateways.test_who_enters import USERS, users
from tests.manifests import Object, objects_in

WEIGHTS = (0, 5, 9, 10, 53, 100)
DECIMAL = ("0", "4", "9", "00", "7004", "7005", "7009", "7010", "u-52", "u-53", "99", "a7")
HEX = ("0", "9", "f", "00", "0C", "0d", "19", "1a", "87", "88", "FF", "xg7", "g")
DECIMAL_BELOW = {"0": 0, "4": 4, "9": 9, "00": 0, "7004": 4, "7005": 5, "7009": 9, "7010": 10, "u-52": 52, "u-53": 53}
HEX_BELOW = {"0": 0, "9": 9, "f": 15, "00": 0, "0C": 12, "0d": 13, "19": 25, "1a": 26, "87": 135, "88": 136, "FF": 255}
HEX_ENDINGS = {0: 0, 5: 13, 9: 23, 10: 26, 53: 136, 100: 256}


def released(folder: Path, gateway: str, rules: list[Object], steps: list[Object]) -> None:
    """Write the release of the other tests, with these steps and no expectations."""
    users(folder, gateway, rules)
    release = json.loads((folder / "release.yaml").read_text(encoding="utf-8"))
    release["spec"] |= {"rollout": {"steps": steps}}
    del release["spec"]["expect"]
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")


def expect(folder: Path, rows: list[Object]) -> list[Object]:
    """Return the errors of the release with these expectations, each asked at its steps."""
    release = json.loads((folder / "release.yaml").read_text(encoding="utf-8"))
    release["spec"]["expect"] = rows
    (folder / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    run = run_grayc(["validate", "release.yaml", "-f", "json"], folder=folder)
    return [each for each in json.loads(run.stdout)["diagnostics"] if each["severity"] == "error"]


@pytest.mark.parametrize("digits", ["decimal", "hex"])
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_share_by_digits_only_grows(gateway: str, digits: str, tmp_path: Path) -> None:
    steps: list[Object] = [{"name": f"s{weight}", "weight": weight} for weight in WEIGHTS]
    released(tmp_path, gateway, [{"weight": 1, "by": {"cookie": "uid", "digits": digits}}], steps)
    values, places = (DECIMAL, DECIMAL_BELOW | {"99": 99}) if digits == "decimal" else (HEX, HEX_BELOW)
    rows: list[Object] = []
    for value in values:
        request = {"host": "h.test", "path": "/x", "cookies": {"xuid": "00", "uid": value, "v": "1"}}
        first = {w: value in places and places[value] < (w if digits == "decimal" else HEX_ENDINGS[w]) for w in WEIGHTS}
        for place, is_in in (("gray", True), ("baseline", False)):
            names = [f"s{weight}" for weight in WEIGHTS if first[weight] is is_in]
            rows += [{"request": request, "goesTo": place, "steps": names}] if names else []

    found = expect(tmp_path, rows)
    if (gateway, digits) == ("aliyun-alb", "hex"):
        # A condition on a cookie takes no capitals.
        assert {each["code"] for each in found} == {"GC554"}
    else:
        assert found == []


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_rules_of_a_step_take_the_place_of_a_share_by_digits(gateway: str, tmp_path: Path) -> None:
    steps: list[Object] = [
        {"name": "share"},
        {"name": "ours", "rules": [{"tagged": True}]},
        {"name": "all", "rules": [], "weight": 100},
    ]
    released(tmp_path, gateway, [{"weight": 5, "by": {"header": "x-user-id"}}], steps)

    def row(headers: dict[str, str], place: str, *names: str) -> Object:
        return {"request": {"host": "h.test", "path": "/", "headers": headers}, "goesTo": place, "steps": list(names)}

    rows = [
        row({"x-user-id": "7003"}, "gray", "share", "all"),
        row({"x-user-id": "7003"}, "baseline", "ours"),
        row({"x-mse-tag": "g1"}, "gray", "ours", "all"),
        row({"x-mse-tag": "g1"}, "baseline", "share"),
        row({}, "gray", "all"),
    ]
    # An ALB adds nothing to a share that is drawn, and says so.
    found = [each for each in expect(tmp_path, rows) if (gateway, each["code"]) != ("aliyun-alb", "GC508")]
    assert found == []


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_who_enters_is_what_a_review_of_the_next_step_sees(gateway: str, tmp_path: Path) -> None:
    steps: list[Object] = [{"name": "this-week"}, {"name": "next-week", "weight": 20}]
    released(tmp_path, gateway, [USERS, {"weight": 5, "by": {"header": "x-user-id"}}], steps)

    run = run_grayc(
        ["diff", "release.yaml", "--step", "this-week", "--step", "next-week", "-f", "json"], folder=tmp_path
    )

    assert run.status == 1
    (difference,) = json.loads(run.stdout)["differences"]
    if gateway == "aliyun-alb":
        assert set(difference["risks"]) == {"entry"}
        told = json.dumps(difference["objects"])
        assert "conditions.web-mse-g1" in told
        assert "*04" in told
        assert "*19" in told
        return
    assert difference["risks"] == {"entry": 1}
    (changed,) = difference["objects"]
    assert {field["risk"] for field in changed["fields"]} == {"entry"}
    told = json.dumps(changed["fields"])
    assert "0[0-4]|[0-4]" in told
    assert "[01][0-9]|[0-9]" in told


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_promote_carries_no_rule(gateway: str, tmp_path: Path) -> None:
    steps: list[Object] = [{"name": "this-week"}, {"name": "next-week", "weight": 20}]
    released(tmp_path, gateway, [USERS, {"weight": 5, "by": {"header": "x-user-id"}}], steps)
    release = json.loads((tmp_path / "release.yaml").read_text(encoding="utf-8"))
    release["spec"]["services"] = [{"name": "web", "images": {"web": "web:2"}}]
    (tmp_path / "release.yaml").write_text(json.dumps(release), encoding="utf-8")
    baseline = tmp_path / "baseline" / "all.yaml"
    before = objects_in(baseline.read_text(encoding="utf-8"))

    run = run_grayc(["promote", "release.yaml"], folder=tmp_path)

    assert run.status == 0, run.stderr
    before[0]["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    assert objects_in(baseline.read_text(encoding="utf-8")) == before
