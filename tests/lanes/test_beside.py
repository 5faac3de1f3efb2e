"""What a build says of the lanes that live in its folder and in others."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.cli_run import Run, run_grayc
from tests.lanes.shop import build, contents, lay, named_again, offline, settle
from tests.manifests import objects_in

HEADER = {"mse": "x-mse-tag", "istio": "x-gray-tag"}
SUFFIX = {"mse": "-mse", "istio": ""}


def codes(done: Run) -> list[str]:
    return [item["code"] for item in json.loads(done.stdout)["diagnostics"]]


def said(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Return the status of a command and the codes between lanes that it told."""
    done = run_grayc([*arguments, "-f", "json"], folder=folder)
    return done.status, [code for code in codes(done) if code in {"GC402", "GC420", "GC444", *_BETWEEN}]


_BETWEEN = {
    "GC520",
    "GC521",
    "GC522",
    "GC523",
    "GC525",
    "GC580",
    "GC581",
    "GC582",
    "GC584",
    "GC585",
    "GC586",
    "GC587",
    "GC588",
    "GC592",
}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "command", [["build", "-o", "out"], ["plan", "--lanes", "out"], ["validate", "--lanes", "out"]]
)
def test_rules_of_a_lane_in_the_folder_are_met(tmp_path: Path, command: list[str]) -> None:
    lay(tmp_path, 2, gateway="mse", provider="mse")
    edit(tmp_path / "r1.yaml", '"101"', '"100"')
    build(tmp_path, "r0.yaml")
    before = contents(tmp_path / "out")

    name, *flags = command
    engine = ["--engine", "jsonschema"] if name == "validate" else []
    assert said(tmp_path, name, "r1.yaml", *flags, *engine) == (1, ["GC521"])
    assert contents(tmp_path / "out") == before


def test_a_route_that_takes_one_lane_is_opened_once(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="ingress-nginx", provider="none")
    for word, other in (("entry-1", "entry-0"), ("web1", "web0")):
        edit(tmp_path / "r1.yaml", word, other)
    build(tmp_path, "r0.yaml")

    assert said(tmp_path, "build", "r1.yaml", "-o", "out") == (1, ["GC520"])
    assert said(tmp_path, "build", "r1.yaml", "-o", "other", "--lanes", "out") == (1, ["GC520"])
    assert said(tmp_path, "build", "r1.yaml", "-o", "other") == (0, [])


def test_shares_of_all_lanes_are_added_up(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="higress", provider="mse")
    for at in range(2):
        edit(tmp_path / f"r{at}.yaml", f'{{header: x-user-id, value: "{100 + at}"}}', "{weight: 60}")
    build(tmp_path, "r0.yaml")

    assert said(tmp_path, "build", "r1.yaml", "-o", "out") == (1, ["GC523"])


def test_a_quota_is_for_all_lanes_of_a_namespace(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="higress", provider="mse")
    quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: pods, namespace: shop}\nspec: {hard: {pods: 6}}\n"
    (tmp_path / "baseline" / "quota.yaml").write_text(quota)
    build(tmp_path, "r0.yaml")

    assert said(tmp_path, "plan", "r1.yaml") == (0, [])
    assert said(tmp_path, "build", "r1.yaml", "-o", "out")[1] == ["GC420"]
    # Releases of one command count as lanes that live do, each for the other.
    assert said(tmp_path, "plan", "r0.yaml", "r1.yaml") == (0, ["GC420"])


def test_a_lane_that_is_built_again_does_not_stand_beside_itself(tmp_path: Path) -> None:
    lay(tmp_path, 1, gateway="mse", provider="mse")
    build(tmp_path, "r0.yaml")

    assert said(tmp_path, "build", "r0.yaml", "-o", "out", "--check") == (0, [])
    assert said(tmp_path, "plan", "r0.yaml", "--lanes", "out") == (0, [])
    edit(tmp_path / "r0.yaml", '"100"', '"200"')
    assert said(tmp_path, "build", "r0.yaml", "-o", "out") == (0, [])


def test_what_an_older_grayc_did_not_record_is_named(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="mse")
    build(tmp_path, "r0.yaml")
    listed = tmp_path / "out" / ".grayc-inventory"
    data = json.loads(listed.read_text())
    for word in ("opens", "asks", "build"):
        del data["lanes"]["release-0"][word]
    listed.write_text(json.dumps(data))

    # The lane itself is as it was: what is not recorded makes it no other.
    assert said(tmp_path, "build", "r0.yaml", "-o", "out", "--check") == (0, [])
    done = build(tmp_path, "r1.yaml")
    assert "GC580" in done.stderr
    assert "`grayc build SPEC --output=out`" in done.stderr
    build(tmp_path, "r0.yaml")
    assert said(tmp_path, "build", "r1.yaml", "-o", "out") == (0, [])


def test_a_file_that_is_gone_leaves_a_lane_not_known_whole(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="mse")
    build(tmp_path, "r0.yaml")
    (tmp_path / "out" / "release-0.web0.yaml").unlink()

    done = build(tmp_path, "r1.yaml")
    assert "`out/release-0.web0.yaml` is gone" in done.stderr
    assert "`grayc build r0.yaml --output=out`" in done.stderr


@pytest.mark.parametrize("flag", [["--lanes", "baseline"], ["--lanes", "nowhere"]])
def test_a_folder_that_is_no_output_folder_is_refused(tmp_path: Path, flag: list[str]) -> None:
    lay(tmp_path, 1, gateway="mse", provider="mse")

    for command in (["build", "-o", "out"], ["build", "-o", "-"], ["plan"]):
        done = run_grayc([command[0], "r0.yaml", *command[1:], *flag], folder=tmp_path)
        assert (done.status, "GC630" in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_link_is_no_folder_of_lanes(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="mse")
    build(tmp_path, "r0.yaml")
    (tmp_path / "link").symlink_to("out")

    done = run_grayc(["plan", "r1.yaml", "--lanes", "link"], folder=tmp_path)
    assert (done.status, "GC608" in done.stderr) == (2, True)


@pytest.mark.parametrize(("gateway", "provider"), [("mse", "mse"), ("mse", "istio"), ("ingress-nginx", "istio")])
@pytest.mark.parametrize("count", [2, 3])
def test_route_is_right_for_each_lane(tmp_path: Path, gateway: str, provider: str, count: int) -> None:
    files = lay(tmp_path, count, gateway=gateway, provider=provider)
    for file in files:
        settle(tmp_path, build(tmp_path, file))

    for at in range(count):
        own = at if gateway == "ingress-nginx" else 0
        for asked in (list(files), [files[at], "--lanes", "out"]):
            done = run_grayc(
                ["route", *asked, "--host", f"shop{own}.example.com", "-H", f"x-user-id: {100 + at}", "-f", "json"],
                folder=tmp_path,
            )
            answer = json.loads(done.stdout)
            [way] = answer["destinations"]
            assert (way["lane"], way["service"]) == (f"lane{at}", f"web{own}{SUFFIX[provider]}-lane{at}")
            if gateway == "mse":
                assert way["requestHeaders"] == {HEADER[provider]: f"lane{at}"}
                assert [hop["copy"] for hop in answer["hops"]] == ["gray", "gray"]


def test_where_each_lane_has_a_folder_the_object_of_a_host_stands_in_the_patch(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml", out="lanes/r0")
    beside = ["--lanes", "lanes/r0"]
    assert said(tmp_path, "build", "r1.yaml", "-o", "lanes/r1", *beside)[1] == ["GC581", "GC584"]

    done = build(tmp_path, "r1.yaml", *beside, "--baseline-patch", "r1.patch.yaml", out="lanes/r1")
    [command] = named_again(done)
    assert command == "grayc build r0.yaml --output=lanes/r0 --lanes=lanes/r1 --baseline-patch=FILE"
    build(tmp_path, "r0.yaml", "--lanes", "lanes/r1", "--baseline-patch", "r0.patch.yaml", out="lanes/r0")
    assert (tmp_path / "r0.patch.yaml").read_bytes() == (tmp_path / "r1.patch.yaml").read_bytes()
    for at in range(2):
        assert not list((tmp_path / "lanes" / f"r{at}").glob("zz_mesh*"))
    routes = {item["metadata"]["name"]: item for item in objects_in((tmp_path / "r0.patch.yaml").read_text())}
    hosts = [route["route"][0]["destination"]["host"] for route in routes["cart-grayc-lanes"]["spec"]["http"]]
    assert hosts == ["cart-lane0", "cart-lane1", "cart"]

    gone = offline(tmp_path, "r0.yaml", out="lanes/r0")
    assert "VirtualService.networking.istio.io/cart-grayc-lanes" in gone.stdout
    assert "GC634" in gone.stderr


def test_deleting_a_lane_by_its_label_leaves_the_routes_of_all(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    for file in ("r0.yaml", "r1.yaml"):
        build(tmp_path, file)

    made = [yaml.safe_load(path.read_text()) for path in sorted((tmp_path / "out").glob("zz_mesh*"))]
    assert [item["metadata"]["name"] for item in made] == ["cart-grayc-lanes", "web0-grayc-lanes"]
    assert all(set(item["metadata"]["labels"]) == {"app.kubernetes.io/managed-by"} for item in made)

    script = run_grayc(["offline", "r0.yaml", "-o", "out", "--script", "off.sh"], folder=tmp_path)
    assert script.status == 0
    text = (tmp_path / "off.sh").read_text()
    # The entry closes, then calls, then what they led to.
    places = [text.index(word) for word in ("--selector=", "kubectl apply", "Service/cart-lane0")]
    assert places == sorted(places)
    applied = re.findall(r"<<'LANES'\n(.*?)LANES\n", text, flags=re.DOTALL)
    held = [path.read_text() for path in sorted((tmp_path / "out").glob("zz_mesh*"))]
    assert applied == held

    last = offline(tmp_path, "r1.yaml")
    assert (
        "kubectl delete --ignore-not-found --namespace=shop -- VirtualService.networking.istio.io/cart-grayc-lanes"
        in last.stdout
    )
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".grayc-inventory"]


def test_diff_shows_what_all_lanes_have_in_common(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml")

    done = run_grayc(["diff", "r1.yaml", "--with", "out", "-f", "json"], folder=tmp_path)
    assert done.status == 1
    [difference] = json.loads(done.stdout)["differences"]
    changed = json.dumps([item for item in difference["objects"] if "cart-grayc-lanes" in json.dumps(item)])
    assert "cart-lane1" in changed
    assert "removed" not in changed


def test_a_promotion_knows_the_lane_of_a_folder_with_others(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    for file in ("r0.yaml", "r1.yaml"):
        settle(tmp_path, build(tmp_path, file))

    done = run_grayc(["promote", "r0.yaml", "--with", "out", "--diff"], folder=tmp_path)
    assert "GC348" not in done.stderr, done.stderr
    edit(tmp_path / "r0.yaml", "web:0", "web:9")
    assert "GC348" in run_grayc(["promote", "r0.yaml", "--with", "out", "--diff"], folder=tmp_path).stderr


def test_lanes_lists_releases_alone(tmp_path: Path) -> None:
    lay(tmp_path, 1, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml")

    done = run_grayc(["lanes", "out", "-f", "json"], folder=tmp_path)
    assert [item["release"] for item in json.loads(done.stdout)["lanes"]] == ["release-0"]


HOSTILE = [
    ({"gray": "stock"}, 2, "GC606"),
    ({"service": "stock", "gray": "stock-lane0"}, 1, "GC642"),
    ({"namespace": "kube-system"}, 1, "GC642"),
]


@pytest.mark.parametrize(("row", "status", "code"), HOSTILE, ids=str)
def test_a_host_of_a_mesh_is_believed_only_where_the_lane_has_its_gray_service(
    tmp_path: Path, row: dict[str, str], status: int, code: str
) -> None:
    """Of these rows objects are made in any namespace and for any Service of production."""
    lay(tmp_path, 2, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml")
    listed = tmp_path / "out" / ".grayc-inventory"
    data = json.loads(listed.read_text())
    mesh = data["lanes"]["release-0"]["mesh"]
    mesh.append({**mesh[0], **row} if "gray" not in row or "service" in row else {**mesh.pop(), **row})
    listed.write_text(json.dumps(data))
    before = contents(tmp_path / "out")

    for command in (["build", "r1.yaml", "-o", "out"], ["plan", "r1.yaml", "--lanes", "out"]):
        done = run_grayc(command, folder=tmp_path)
        assert (done.status, code in done.stderr) == (status, True), done.stderr
    done = run_grayc(["offline", "r0.yaml", "-o", "out"], folder=tmp_path)
    assert (done.status, code in done.stderr, "kubectl" in done.stdout) == (status, True, False), done.stderr
    assert contents(tmp_path / "out") == before


def test_lanes_in_folders_of_their_own_name_what_they_do_not_look_at(tmp_path: Path) -> None:
    """Before, such a build wrote an object of the same name with its own routes alone, at status 0."""
    lay(tmp_path, 2, gateway="mse", provider="istio")
    first, second = ("build", "r0.yaml", "-o", "o0"), ("build", "r1.yaml", "-o", "o1")
    beside = ("--lanes", "o0", "--baseline-patch", "p1.yaml")
    assert said(tmp_path, *first) == (0, [])
    assert said(tmp_path, *second, *beside) == (0, ["GC581"])
    assert said(tmp_path, *first, "--lanes", "o1", "--baseline-patch", "p0.yaml") == (0, [])

    # Whoever forgets the flag is told, and the command is the one that is right.
    done = run_grayc([*second, "--check"], folder=tmp_path)
    assert (done.status, "GC592" in done.stderr) == (2, True)
    assert "`grayc build r1.yaml --output=o1 --lanes=o0 --baseline-patch=p1.yaml --check`" in done.stderr
    assert said(tmp_path, *second, *beside, "--check") == (0, [])

    # What the other folder has no more is another text of the file, and nothing to warn of.
    done = offline(tmp_path, "r0.yaml", out="o0")
    assert "production's own" not in done.stdout
    assert "# First apply VirtualService.networking.istio.io/cart-grayc-lanes in shop as lanes of other" in done.stdout
    assert said(tmp_path, *second, *beside, "--check") == (1, ["GC586"])
    assert said(tmp_path, *second, *beside) == (0, [])
    assert said(tmp_path, *second, *beside, "--check") == (0, [])


def test_a_folder_that_is_not_named_leaves_a_check_without_an_answer(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="ingress-nginx", provider="none")
    build(tmp_path, "r0.yaml", out="o0")
    build(tmp_path, "r1.yaml", "--lanes", "o0", out="o1")
    check = ("build", "r1.yaml", "-o", "o1", "--check")
    assert said(tmp_path, *check, "--lanes", "o0") == (0, [])
    assert said(tmp_path, *check) == (2, ["GC592"])
    (tmp_path / "o0").rename(tmp_path / "away")

    # It may be gone, or only not be checked out.
    assert said(tmp_path, *check) == (2, ["GC592"])
    assert said(tmp_path, *check[:-1]) == (0, [])
    assert said(tmp_path, *check) == (0, [])


@pytest.mark.parametrize("order", [["r0.yaml", "r1.yaml"], ["r1.yaml", "r0.yaml"]])
def test_one_host_with_and_without_a_namespace_is_named(tmp_path: Path, order: list[str]) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    for path in (tmp_path / "baseline").iterdir():
        path.write_text(path.read_text().replace(", namespace: shop", ""))
    edit(tmp_path / "r0.yaml", "  namespace: shop\n", "")
    build(tmp_path, order[0])

    status, told = said(tmp_path, "build", order[1], "-o", "out")
    assert (status, told.count("GC588")) == (0, 2)
    assert said(tmp_path, "build", *order, "-o", "both") == (0, ["GC588", "GC588"])
    edit(tmp_path / "r0.yaml", "  tag: lane0\n", "  tag: lane0\n  namespace: shop\n")
    assert said(tmp_path, "build", *order, "-o", "out") == (0, [])


def test_route_says_whose_calls_it_does_not_know(tmp_path: Path) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml")
    way = ["route", "r1.yaml", "--lanes", "out", "--host", "shop0.example.com", "-H"]

    other = run_grayc([*way, "x-user-id: 100"], folder=tmp_path)
    assert "the calls behind it are those of release `release-0` in `out`" in other.stdout
    own = run_grayc([*way, "x-user-id: 101"], folder=tmp_path)
    assert "the calls behind it" not in own.stdout


def test_route_follows_the_tag_that_a_request_goes_on_with_where_production_answers(tmp_path: Path) -> None:
    files = lay(tmp_path, 2, gateway="mse", provider="mse")
    for file in files:
        release = (tmp_path / file).read_text()
        # The service at the entry is not released: its requests are coloured and stay.
        only_cart = [line for line in release.splitlines() if "name: web0" not in line]
        (tmp_path / file).write_text("\n".join(only_cart) + "\n")

    for asked in (files, files[::-1]):
        for value, copy in ((100, "gray"), (101, "gray"), (102, "baseline")):
            done = run_grayc(
                ["route", *asked, "--host", "shop0.example.com", "-H", f"x-user-id: {value}", "-f", "json"],
                folder=tmp_path,
            )
            hops = json.loads(done.stdout)["hops"]
            assert [hop["copy"] for hop in hops] == ["baseline", copy], (asked, value)


@pytest.mark.parametrize("where", [["--lanes", "out"], ["--with", "out"]])
def test_a_page_asks_beside_the_lanes_that_live(tmp_path: Path, where: list[str]) -> None:
    lay(tmp_path, 2, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml")

    page = run_grayc(["report", "r1.yaml", "-o", "-", *where], folder=tmp_path)
    assert page.status == 0, page.stderr
    # The object of the host has the routes of both.
    if where[0] == "--with":
        assert "cart-grayc-lanes" in page.stdout
        assert "cart-lane0</" not in page.stdout
    edit(tmp_path / "r1.yaml", '"101"', '"100"')
    for command in (["report", "-o", "-", *where], *([["graph", *where]] if where[0] == "--lanes" else [])):
        done = run_grayc([command[0], "r1.yaml", *command[1:]], folder=tmp_path)
        assert (done.status, "GC521" in done.stderr) == (1, True), command


def test_a_plan_has_a_row_for_each_host_of_the_mesh(tmp_path: Path) -> None:
    lay(tmp_path, 3, gateway="mse", provider="istio")
    build(tmp_path, "r0.yaml")

    done = run_grayc(["plan", "r1.yaml", "r2.yaml", "--lanes", "out", "-f", "json"], folder=tmp_path)
    rows = [plan["mesh"] for plan in json.loads(done.stdout)["plans"]]
    common = {"namespace": "shop", "baselineObjects": [], "lanes": ["lane0", "lane1", "lane2"]}
    hosts = [{"service": name, "file": f"zz_mesh_shop_{name}.yaml", **common} for name in ("cart", "web0")]
    assert [sorted(each, key=lambda row: row["service"]) for each in rows] == [hosts, hosts]
    text = run_grayc(["plan", "r1.yaml", "--lanes", "out"], folder=tmp_path).stdout
    assert "  cart  zz_mesh_shop_cart.yaml: lane0, lane1\n" in text
