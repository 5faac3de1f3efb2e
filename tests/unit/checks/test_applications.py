"""Gray pods stay the application that the baseline's are to the MSE agent."""

from pathlib import Path

import pytest

from tests.manifests import PREPARED, Object, build, of_kind, with_code, workload

APPLICATION = "msePilotCreateAppName"
OTHER = "armsPilotCreateAppName"


def patched(value: str | None) -> Object:
    merge = {"spec": {"template": {"metadata": {"labels": {APPLICATION: value}}}}}
    return {"services": [{"name": "web", "patches": [{"target": {"kind": "Deployment"}, "merge": merge}]}]}


def labels_of(made: list[Object]) -> Object:
    return dict(of_kind(made, "Deployment")["spec"]["template"]["metadata"]["labels"])


@pytest.mark.parametrize(
    ("own", "provider", "label"),
    [
        ({}, "mse", "web"),
        ({APPLICATION: "shop-web"}, "mse", "shop-web"),
        ({OTHER: "web"}, "mse", "web"),
        ({OTHER: "shop-web"}, "mse", None),
        ({OTHER: "shop-web", APPLICATION: "shop-web"}, "mse", "shop-web"),
        ({}, "none", None),
        ({}, "istio", None),
    ],
)
def test_gray_pods_get_the_label_where_the_workload_names_the_application(
    own: dict[str, str], provider: str, label: str | None, tmp_path: Path
) -> None:
    _, made = build(tmp_path, [workload(labels={**PREPARED, **own})], lane={"provider": provider})

    assert labels_of(made).get(APPLICATION) == label
    # The baseline's own selector may ask for what it has.
    selector = of_kind(made, "Deployment")["spec"]["selector"]["matchLabels"]
    assert selector.get(APPLICATION) == own.get(APPLICATION)


@pytest.mark.parametrize(
    ("own", "patch", "codes"),
    [
        ({}, "web", []),
        ({}, "web-2", ["GC443"]),
        ({}, None, ["GC443"]),
        ({APPLICATION: "shop-web"}, "shop-web", []),
        ({APPLICATION: "shop-web"}, "web", ["GC443"]),
        ({APPLICATION: "shop-web"}, None, ["GC443"]),
        ({OTHER: "shop-web"}, "shop-web", ["GC443"]),
    ],
)
def test_a_patch_is_compared_with_the_name_that_holds(
    own: dict[str, str], patch: str | None, codes: list[str], tmp_path: Path
) -> None:
    # A selector that asks for the label stops a patch of it before this.
    baseline = workload(labels={**PREPARED, **own}, selector={"matchLabels": PREPARED})
    findings, _ = build(tmp_path, [baseline], **patched(patch))

    assert [code for code, _ in with_code(findings, "GC443", "GC481")] == codes
    assert not any("None" in finding["message"] for finding in findings)


def test_a_name_that_is_not_to_be_known_is_said(tmp_path: Path) -> None:
    findings, _ = build(tmp_path, [workload(labels={**PREPARED, OTHER: "shop-web"})])

    assert with_code(findings, "GC481") == [("GC481", "Deployment/web")]


def test_a_workload_whose_name_is_no_label_value_is_said(tmp_path: Path) -> None:
    long = workload()
    long["metadata"]["name"] = "w" * 60 + ".web"
    findings, _ = build(tmp_path, [long], services=[{"name": "web", "workload": long["metadata"]["name"]}])

    assert with_code(findings, "GC481") == [("GC481", f"Deployment/{long['metadata']['name']}")]


def test_the_label_counts_in_the_proof(tmp_path: Path) -> None:
    service: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "other", "namespace": "shop"},
        "spec": {"selector": {APPLICATION: "web"}},
    }
    findings, _ = build(tmp_path, [workload(), service], lane={"isolation": "label"})

    assert [code for code, _ in with_code(findings, "GC440", "GC441")] == ["GC441"]
