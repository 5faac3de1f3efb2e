"""A workflow of Zadig becomes a release, which compiles to what Zadig would apply."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from grayc.zadig.fields import IMAGE, JOB, RELEASE, SERVICE, STAGE, WORKFLOW, Fields, Use
from tests.cli_run import run_grayc

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "mse-demo"
Object = dict[str, Any]


def workflow(*, yaml_of: Mapping[str, str] = {}, **job: object) -> Object:
    """Return a workflow that releases spring-a and spring-c of the example."""
    services = [
        {
            "service_name": name,
            "replicas": 1,
            "yaml": yaml_of.get(name, ""),
            "service_and_image": [
                {
                    "service_module": f"spring-cloud-{name[-1]}",
                    "image": f"registry.example.com/demo/spring-cloud-{name[-1]}:0.2",
                }
            ],
        }
        for name in ("spring-cloud-a", "spring-cloud-c")
    ]
    spec = {"gray_tag": "gray", "base_env": "prod", "gray_env": "prod", "gray_services": services}
    return {
        "name": "spring-demo",
        "stages": [{"name": "s", "jobs": [{"name": "release", "type": "mse-gray-release", "spec": {**spec, **job}}]}],
    }


def imported(folder: Path, data: object, *flags: str) -> tuple[int, Any, str]:
    """Return the exit status, the release, and what is said."""
    (folder / "workflow.yaml").write_text(yaml.safe_dump(data, allow_unicode=True))
    run = run_grayc(["import", "zadig", "workflow.yaml", "-o", "-", *flags], folder=folder)
    return run.status, yaml.safe_load(run.stdout) if run.stdout else None, run.stderr


def rendered_by_zadig() -> dict[str, str]:
    """Return the manifests of the example's lane, as they stand in Zadig's form once a rule was typed in."""
    made = {}
    for name, folder in (("spring-cloud-a", "spring-a"), ("spring-cloud-c", "spring-c")):
        texts = []
        for path in sorted((EXAMPLE / "baseline" / folder).glob("*.yaml")):
            for item in yaml.safe_load_all(path.read_text()):
                item["metadata"]["name"] += "-mse-gray"
                if item["kind"] == "Ingress":
                    item["metadata"].setdefault("annotations", {}).update(
                        {
                            "nginx.ingress.kubernetes.io/canary": "true",
                            "nginx.ingress.kubernetes.io/canary-by-header": "x-user-id",
                            "nginx.ingress.kubernetes.io/canary-by-header-value": "100",
                            "mse.ingress.kubernetes.io/request-header-control-update": "x-mse-tag gray",
                        }
                    )
                if item["kind"] == "Deployment":
                    item["spec"]["replicas"] = 1
                    for container in item["spec"]["template"]["spec"]["containers"]:
                        container["image"] = container["image"].replace(":0.1", ":0.2")
                texts.append(yaml.safe_dump(item))
        made[name] = "---\n".join(texts)
    return made


def test_the_release_compiles_to_what_the_example_does(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "baseline", tmp_path / "baseline")
    status, release, said = imported(tmp_path, workflow(yaml_of=rendered_by_zadig()), "-o", "imported.yaml")
    assert (status, release) == (0, None), said

    shutil.copy(EXAMPLE / "release.yaml", tmp_path / "release.yaml")
    made = {}
    for name in ("release", "imported"):
        run = run_grayc(["build", f"{name}.yaml", "-o", "-"], folder=tmp_path)
        assert run.status == 0, run.stderr
        made[name] = [item for item in yaml.safe_load_all(run.stdout) if item]
    label = "zadigx-release-service-name"
    for item in made["imported"]:
        assert item["metadata"]["labels"][label] in {"spring-cloud-a", "spring-cloud-c"}

    def nameless(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: nameless(value) for key, value in item.items() if key != label}
        return [nameless(each) for each in item] if isinstance(item, list) else item

    assert nameless(made["imported"]) == nameless(made["release"])


def test_the_manifest_that_zadig_applies_counts_more_than_its_form(tmp_path: Path) -> None:
    manifests = {
        name: text.replace(":0.2", ":0.3").replace("replicas: 1", "replicas: 4")
        for name, text in rendered_by_zadig().items()
    }
    _, release, said = imported(tmp_path, workflow(yaml_of=manifests))

    services = release["spec"]["services"]
    assert [service["replicas"] for service in services] == [4, 4]
    assert services[0]["images"] == {"spring-cloud-a": "registry.example.com/demo/spring-cloud-a:0.3"}
    assert "image `registry.example.com/demo/spring-cloud-a:0.2`" in said


@pytest.mark.parametrize(
    ("params", "value", "tag"),
    [
        ([{"name": "t", "value": "blue"}], "{{.workflow.params.t}}", "blue"),
        ([{"name": "t", "value": "", "default": "green"}], "{{ .workflow.params.t }}", "green"),
        ([{"name": "t", "value": "<+fixed>blue"}], "{{.workflow.params.t}}", "blue"),
        ([], "<+fixed>blue", "blue"),
        ([{"name": "t", "value": "7"}], "gray-{{.workflow.params.t}}", "gray-7"),
    ],
)
def test_parameters_are_filled_in(tmp_path: Path, params: list[Object], value: str, tag: str) -> None:
    status, release, said = imported(tmp_path, {**workflow(gray_tag=value), "params": params})

    assert (status, release["spec"]["tag"]) == (0, tag), said


@pytest.mark.parametrize("value", ["", "{{.workflow.params.none}}", "{{.job.build.tag}}", None])
def test_what_is_open_is_given_on_the_command_line(tmp_path: Path, value: str | None) -> None:
    status, release, said = imported(tmp_path, workflow(gray_tag=value))
    assert (status, release) == (1, None)
    assert "error[GC733]: the gray tag is chosen when the workflow runs" in said

    status, release, said = imported(tmp_path, workflow(gray_tag=value), "--tag", "blue")
    assert (status, release["spec"]["tag"]) == (0, "blue")


TABLES: dict[str, tuple[Fields, tuple[str | int, ...]]] = {
    "workflow": (WORKFLOW, ()),
    "stage": (STAGE, ("stages", 0)),
    "job": (JOB, ("stages", 0, "jobs", 0)),
    "release": (RELEASE, ("stages", 0, "jobs", 0, "spec")),
    "service": (SERVICE, ("stages", 0, "jobs", 0, "spec", "gray_services", 0)),
    "image": (IMAGE, ("stages", 0, "jobs", 0, "spec", "gray_services", 0, "service_and_image", 0)),
}


@pytest.mark.parametrize("place", TABLES)
def test_no_field_is_dropped_without_a_word(tmp_path: Path, place: str) -> None:
    """What is left is told, and so is what is not known; a field without content says nothing."""
    table, path = TABLES[place]
    wanted = {name: field.use is Use.LEFT for name, field in table.items()} | {"zzz_new": True}
    for name, told in wanted.items():
        for value, says in (
            ("something", told),
            ({"enabled": True}, told),
            ({"enabled": False}, False),
            ("", False),
            ([], False),
        ):
            data = workflow()
            target: Any = data
            for step in path:
                target = target[step]
            if name in target:
                continue
            target[name] = value
            status, _, said = imported(tmp_path, data)
            assert status == 0, said
            assert (f"`{name}` is not carried" in said) is says, (
                name,
                value,
            )


def test_json_is_read_as_well(tmp_path: Path) -> None:
    import json  # noqa: PLC0415 - only here

    run = run_grayc(["import", "zadig", "-", "-o", "-"], folder=tmp_path, stdin=json.dumps(workflow()).encode())

    assert run.status == 0
    assert yaml.safe_load(run.stdout)["spec"]["tag"] == "gray"


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "release.yaml").write_text("mine\n")
    status, _, said = imported(tmp_path, workflow(), "-o", "release.yaml")

    assert status == 1
    assert "error[GC610]" in said
    assert (tmp_path / "release.yaml").read_text() == "mine\n"
