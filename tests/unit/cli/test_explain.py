"""`grayc explain` of places: which pass set a value, and from which line; and of fields of the language."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from grayc.driver.compile import attempt_releases
from grayc.driver.request import Request
from grayc.passes.registry import BUILD
from tests.cli_run import Run, run_grayc

ROOT = Path(__file__).parents[3]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    return tmp_path / "shop"


def explain(shop: Path, *words: str) -> Run:
    return run_grayc(["explain", *words, "-q"], folder=shop)


def trace(shop: Path, *words: str) -> dict[str, Any]:
    run = explain(shop, *words, "-f", "json")
    assert run.status == 0, run.stderr
    (found,) = json.loads(run.stdout)["traces"]
    assert isinstance(found, dict)
    return found


def line_of(path: Path, text: str) -> int:
    """Return the first line of a file that has a text, from 1."""
    return next(at for at, line in enumerate(path.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("words", "name", "value", "wanted", "production"),
    [
        (
            ("Deployment/payment-mse-gray", "spec.template.spec.containers[payment].image"),
            "set_images",
            "registry.example.com/shop/payment:2.15.0",
            "payment: registry.example.com/shop/payment:2.15.0",
            ("baseline/payment/payment.yaml", "image: registry.example.com/shop/payment"),
        ),
        (
            ("Deployment/payment-mse-gray", "spec.template.spec.containers[payment].env[PAYMENT_PROVIDER_TIMEOUT].value"),
            "set_env",
            "8s",
            "PAYMENT_PROVIDER_TIMEOUT: 8s",
            ("baseline/payment/payment.yaml", "value: 5s"),
        ),
        (
            ("Deployment/payment-mse-gray", "spec.replicas"),
            "set_replicas",
            2,
            "payment: 2",
            ("baseline/payment/payment.yaml", "replicas: 3"),
        ),
        (
            ("HorizontalPodAutoscaler/checkout-mse-gray", "spec.maxReplicas"),
            "set_autoscaling",
            2,
            "minReplicas: 1",
            ("baseline/checkout/hpa.yaml", "maxReplicas:"),
        ),
        (
            ("Deployment/payment-mse-gray", "metadata.name"),
            "rename_objects",
            "payment-mse-gray",
            "tag: gray",
            None,
        ),
    ],
)  # fmt: skip
def test_a_value_leads_to_its_pass_and_lines(
    words: tuple[str, str],
    name: str,
    value: object,
    wanted: str,
    production: tuple[str, str] | None,
    *,
    shop: Path,
) -> None:
    found = trace(shop, *words)

    assert (found["pass"], found["value"]) == (name, value)
    (cause,) = found["from"]
    assert (cause["file"], cause["line"]) == ("release.yaml", line_of(shop / "release.yaml", wanted))
    if production is not None:
        file, text = production
        there = found["production"]
        assert isinstance(there, dict)
        assert (there["file"], there["line"]) == (file, line_of(shop / file, text))


def test_what_no_pass_changes_is_productions(shop: Path) -> None:
    found = trace(shop, "Service/payment-mse-gray", "spec.ports[http].port")

    assert (found["pass"], found["from"]) == (None, [])
    assert "as production has it" in explain(shop, "Service/payment-mse-gray", "spec.ports[http].port").stdout


def test_a_patch_leads_to_its_own_line(shop: Path) -> None:
    spec = shop / "release.yaml"
    patch = (
        "    - name: payment\n      patches:\n        - target: {kind: Deployment}\n          merge:\n"
        "            spec:\n              minReadySeconds: 7\n"
    )
    spec.write_text(spec.read_text().replace("    - name: payment\n", patch))
    found = trace(shop, "Deployment/payment-mse-gray", "spec.minReadySeconds")

    assert found["pass"] == "apply_patches"
    (cause,) = found["from"]
    assert cause["line"] == line_of(spec, "minReadySeconds: 7")


def test_a_line_of_the_output_is_found(shop: Path) -> None:
    assert run_grayc(["build", "release.yaml", "-o", "out", "-q"], folder=shop).status == 0
    file = shop / "out" / "shop-checkout.payment.yaml"
    line = line_of(file, "image: registry.example.com/shop/payment:2.15.0")
    found = trace(shop, f"out/{file.name}:{line}")

    assert found["pass"] == "set_images"
    assert found["field"] == "spec.template.spec.containers[0].image"
    same = run_grayc(
        ["explain", f"shop/out/{file.name}:{line}", "--spec", "shop/release.yaml", "-q"], folder=shop.parent
    )
    assert same.status == 0 and "set by pass set_images" in same.stdout


def test_a_line_of_a_lane_with_flags_of_its_own_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "pull-requests", tmp_path / "shop")
    image = "registry.example.com/shop/web:abc"
    line = ["build", "release.yaml", "-o", "out", "--tag", "pr-12", "--image", f"web={image}"]
    assert run_grayc(line, folder=tmp_path / "shop").status == 0
    at = line_of(tmp_path / "shop/out/shop-pr-12.web.yaml", image)
    found = trace(tmp_path / "shop", f"out/shop-pr-12.web.yaml:{at}")
    assert (found["release"], found["value"]) == ("shop-pr-12", image)


@pytest.mark.parametrize("place", ["out/shop.web.yaml", "out/shop.web.yaml:0", "shop.yaml:x"])
def test_a_file_without_a_line_is_asked_for_one(place: str, shop: Path) -> None:
    run = explain(shop, place)
    assert run.status == 2
    assert f"name a line, as `{place.partition(':')[0]}:12`" in run.stderr


def test_every_line_of_the_output_is_explained(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each leads to a pass of the registry, or to production; none to a value that is not there."""
    # All lines are asked of the same files: what these compile to is made once.
    made: list[Any] = []

    def once(request: Request, *, asks: bool) -> Any:
        made[:] = made or [attempt_releases(request, asks=asks)]
        return made[0]

    monkeypatch.setattr("grayc.driver.explain.attempt_releases", once)
    assert run_grayc(["build", "release.yaml", "-o", "out", "-q"], folder=shop).status == 0
    names = {row.name for row in BUILD}
    seen: set[object] = set()
    for file in sorted((shop / "out").glob("*.yaml")):
        lines = file.read_text().splitlines()
        for at in range(1, len(lines) + 1, 9):
            if lines[at - 1] != "---":
                found = trace(shop, f"out/{file.name}:{at}")
                assert found["pass"] is None or found["pass"] in names
                seen.add(found["pass"])
    assert {None, "label_lane", "open_entries", "carry_policies", "verify_lane"} <= seen


def test_secrets_are_masked(shop: Path) -> None:
    secret = (shop / "baseline" / "payment" / "payment.yaml").read_text()
    keys = re.findall(r"^  ([A-Z_]+): (\S+)$", secret, re.MULTILINE)
    run = explain(shop, "Secret/payment-provider-mse-gray", "data")
    other = explain(shop, "Secret/payment-provider-mse-gray", "stringData")
    told = run.stdout + other.stdout

    assert "***" in told
    assert all(value.strip("\"'") not in told for _, value in keys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Deployment/payment-gray", "spec.replicas"), "did you mean `Deployment/payment-mse-gray`?"),
        (("Deployment/payment-mse-gray", "spec.replica"), "did you mean `replicas`?"),
        (("Deployment/payment-mse-gray", "spec.template.spec.containers[nobody].image"), "has no such field"),
    ],
)
def test_what_is_not_there_is_said(words: tuple[str, str], told: str, shop: Path) -> None:
    run = explain(shop, *words)

    assert (run.status, run.stdout) == (2, "")
    assert "GC736" in run.stderr and told in run.stderr


def test_a_file_of_another_build_is_said(shop: Path) -> None:
    assert run_grayc(["build", "release.yaml", "-o", "out", "-q"], folder=shop).status == 0
    spec = shop / "release.yaml"
    spec.write_text(spec.read_text().replace("          PAYMENT_PROVIDER_TIMEOUT: 8s", "          OTHER: 8s"))
    file = shop / "out" / "shop-checkout.payment.yaml"
    file.write_text(file.read_text().replace("  replicas:", "  progressDeadlineSeconds: 5\n  replicas:"))
    run = explain(shop, f"out/{file.name}:{line_of(file, 'progressDeadlineSeconds')}")

    assert run.status == 2
    assert "a build of the release writes something else there" in run.stderr


def test_without_a_release_it_asks_for_one(tmp_path: Path) -> None:
    run = run_grayc(["explain", "Deployment/web-mse-gray", "spec"], folder=tmp_path)

    assert (run.status, "GC702" in run.stderr, "--spec" in run.stderr) == (2, True, True)


def test_a_field_is_what_the_schema_says(shop: Path) -> None:
    text = explain(shop, "spec.traffic.rules").stdout
    data = json.loads(explain(shop, "spec.lane.provider", "-f", "json").stdout)

    assert "A request that meets any rule goes gray." in text
    assert "spec.traffic.rules.header: Name of the header" in text
    assert {row["value"] for row in data["values"]} >= {"mse", "istio", "none"}
    assert explain(shop, "spec.traffic.rules[0].header").stdout.startswith("# spec.traffic.rules.header\n")
    assert explain(shop, "rewriteText").stdout.startswith("# spec.services.rewriteText\n")


def test_a_field_that_is_not_there_is_said(shop: Path) -> None:
    run = explain(shop, "spec.trafic.rules")

    assert (run.status, run.stdout) == (2, "")
    assert "GC737" in run.stderr and "`spec.traffic.rules`" in run.stderr


LANE = ["build", "release.yaml", "-o", "out", "-q", "--tag", "blue", "--image", "checkout/checkout=reg/x:9"]
CHECKOUT = "out/shop-checkout-blue.checkout.yaml"


@pytest.mark.parametrize(
    ("text", "flag", "line"),
    [
        ("image: reg/x:9", "--image=checkout/checkout=reg/x:9", "checkout: registry.example.com/shop/checkout:3.8.0"),
        ("name: checkout-config-mse-blue", "--tag=blue", "tag: gray"),
        ("image: registry.example.com/shop/payment:2.15.0", "", "payment: registry.example.com/shop/payment:2.15.0"),
    ],
)
def test_what_a_flag_gave_comes_from_the_flag(text: str, flag: str, line: str, shop: Path) -> None:
    assert run_grayc(LANE, folder=shop).status == 0
    file = next(path for path in (shop / "out").glob("*.yaml") if text in path.read_text())
    asked = f"out/{file.name}:{line_of(file, text)}"
    (cause,) = trace(shop, asked)["from"]

    assert cause.get("flag", "") == flag
    assert cause["line"] == line_of(shop / "release.yaml", line)
    told = explain(shop, asked).stdout
    assert f"from {flag}, in place of the " in told if flag else "from the image, release.yaml:" in told


def test_a_place_may_have_its_column(shop: Path) -> None:
    assert run_grayc(LANE, folder=shop).status == 0
    at = line_of(shop / CHECKOUT, "image: reg/x:9")
    plain = explain(shop, f"{CHECKOUT}:{at}")

    assert plain.status == 0
    assert all(explain(shop, f"{CHECKOUT}:{at}{more}") == plain for more in (":3", ":", ":3:"))


def test_a_line_between_objects_is_of_neither(shop: Path) -> None:
    assert run_grayc(LANE, folder=shop).status == 0
    run = explain(shop, f"{CHECKOUT}:{line_of(shop / CHECKOUT, '---')}")

    assert (run.status, "the line is between two objects" in run.stderr) == (2, True)


def test_what_the_file_says_otherwise_is_said(shop: Path) -> None:
    assert run_grayc(["build", "release.yaml", "-o", "out", "-q"], folder=shop).status == 0
    file = shop / "out" / "shop-checkout.payment.yaml"
    asked = f"out/{file.name}:{line_of(file, 'replicas: 2')}"
    assert "inFile" not in trace(shop, asked)
    file.write_text(file.read_text().replace("replicas: 2", "replicas: 7"))

    assert (trace(shop, asked)["value"], trace(shop, asked)["inFile"]) == (2, 7)
    assert "the file says 7: it was edited, or is of another build" in explain(shop, asked).stdout


def test_a_secret_that_was_edited_is_masked(shop: Path) -> None:
    assert run_grayc(["build", "release.yaml", "-o", "out", "-q"], folder=shop).status == 0
    file = shop / "out" / "shop-checkout.payment.yaml"
    lines = file.read_text().splitlines()
    at = next(at for at, line in enumerate(lines) if line in ("data:", "stringData:")) + 1
    key = lines[at].partition(":")[0]
    file.write_text("\n".join([*lines[:at], f"{key}: aHVudGVyMg==", *lines[at + 1 :], ""]))
    run = explain(shop, f"out/{file.name}:{at + 1}")

    assert (run.status, "aHVudGVyMg" in run.stdout, "the file says ***" in run.stdout) == (0, False, True)


def test_what_a_pass_took_away_is_said_with_the_reason(shop: Path) -> None:
    found = trace(shop, "Deployment/checkout-mse-gray", "spec.replicas")
    told = explain(shop, "Deployment/checkout-mse-gray", "spec.replicas").stdout

    assert (found["pass"], found["value"], found["takenAway"], found["production"]["value"]) == (
        "set_replicas",
        None,
        True,
        4,
    )
    assert "taken away by pass set_replicas" in told
    assert "Where a gray autoscaler scales the workload" in told
    assert "Running it twice" not in told


def test_an_object_is_called_as_its_delete_line_calls_it(shop: Path) -> None:
    grouped = explain(shop, "Ingress.networking.k8s.io/shop-mse-gray", "metadata.name")

    assert grouped.status == 0
    assert grouped == explain(shop, "Ingress/shop-mse-gray", "metadata.name")
    assert explain(shop, "Ingress.extensions/shop-mse-gray", "metadata.name").status == 2


@pytest.mark.parametrize("field", ["spec[", "spec]", "spec..replicas", "spec.", "spec[]", 'spec["a'])
def test_a_malformed_field_is_refused(field: str, shop: Path) -> None:
    run = explain(shop, "Deployment/payment-mse-gray", field)

    assert (run.status, run.stdout) == (2, "")
    assert f"`{field}` is no path of a field" in run.stderr
