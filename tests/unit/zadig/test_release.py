"""A workflow of Zadig becomes a release, which compiles to what Zadig would apply."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from grayc.driver import route
from grayc.zadig.fields import IMAGE, JOB, RELEASE, SERVICE, STAGE, WORKFLOW, Fields, Use
from tests.cli_run import run_grayc
from tests.manifests import Object, objects_in

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "mse-demo"
Steps = tuple[str | int, ...]
SPEC: Steps = ("stages", 0, "jobs", 0, "spec")


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
            for item in objects_in(path.read_text()):
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
        made[name] = objects_in(run.stdout)
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


NGINX = "nginx.ingress.kubernetes.io/"
MSE = "mse.ingress.kubernetes.io/"
BY_USER = {"canary-by-header": "x-user-id"}
ANNOTATIONS: tuple[dict[str, str], ...] = (
    BY_USER,
    {"canary-by-cookie": "preview"},
    {"canary-weight": "20"},
    {**BY_USER, "canary-by-header-value": "100"},
    {**BY_USER, "canary-by-header-value": "100|200"},
    {**BY_USER, "canary-by-header-value": "1.*"},
    {**BY_USER, "canary-by-header-value": "v1.2"},
    {**BY_USER, "canary-by-header-pattern": "^1"},
    {**BY_USER, "canary-by-header-value": "100", "canary-by-header-pattern": "^2"},
    {**BY_USER, "canary-by-header-value": "100", "canary-weight": "20"},
    {**BY_USER, "canary-by-cookie": "preview", "canary-weight": "20"},
    {"canary-by-cookie": "preview", "canary-weight": "20"},
    {"canary-by-header-value": "100", "canary-weight": "20"},
    {"canary-by-query": "preview"},
    {"canary-by-query": "preview", "canary-by-query-value": "1"},
    {"canary-by-query": "preview", "canary-by-query-pattern": "^1", "canary-by-cookie": "preview"},
    {**BY_USER, "canary-by-header-value": "100", "canary-by-query": "preview", "canary-by-query-value": "1"},
    {"canary-by-header": "X-MSE-Tag", "canary-by-header-value": "gray"},
)
BY_OTHERS = ("canary-by-header", "canary-by-header-value", "canary-by-cookie", "canary-weight")
ASKED: tuple[list[str], ...] = (
    *([], ["-H", "x-user-id: 100"], ["-H", "x-user-id: 200"], ["-H", "x-user-id: 1"], ["-H", "x-user-id: v1.2"]),
    *(["-H", "x-user-id: never"], ["--cookie", "preview=always"], ["--cookie", "preview=never"]),
    *(["--path", "/?preview=1"], ["--path", "/?preview=always"], ["--path", "/?preview=12"], ["-H", "x-mse-tag: gray"]),
)


@pytest.mark.parametrize("notes", ANNOTATIONS, ids=lambda notes: " ".join(notes.values()))
@pytest.mark.parametrize("gateway", ["mse", "higress", "ingress-nginx"])
def test_the_release_lets_in_whom_the_annotations_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gateway: str, notes: dict[str, str]
) -> None:
    """By the simulators: MSE and Higress read one rule of an Ingress, and ingress-nginx all of them."""
    if gateway == "ingress-nginx" and not {"100|200", "1.*"}.isdisjoint(notes.values()):
        pytest.skip("its character check reads these as no value at all")
    if gateway != "mse" and not any(key in BY_OTHERS for key in notes):
        pytest.skip("it asks for no query parameter, so its Ingress lets in everybody or nobody")
    class_ = {"ingress-nginx": "nginx"}.get(gateway, gateway)
    shutil.copytree(EXAMPLE / "baseline", tmp_path / "baseline")
    for path in (tmp_path / "baseline").rglob("*.yaml"):
        path.write_text(path.read_text().replace("ingressClassName: mse", f"ingressClassName: {class_}"))
    (entry,) = (item for item in objects_in(rendered_by_zadig()["spring-cloud-a"]) if item["kind"] == "Ingress")
    update = f"{'higress.io' if gateway == 'higress' else 'mse.ingress.kubernetes.io'}/request-header-control-update"
    entry["metadata"]["annotations"] = {
        f"{NGINX}canary": "true",
        **{f"{MSE if 'query' in key else NGINX}{key}": value for key, value in notes.items()},
        update: "x-mse-tag gray",
    }
    entry["spec"]["ingressClassName"] = class_
    backend = entry["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    backend["name"] = f"{backend['name'].removesuffix('-mse-gray')}-mse-gray"
    (tmp_path / "typed").mkdir()
    (tmp_path / "typed" / "entry.yaml").write_text(yaml.safe_dump(entry))
    status, _, said = imported(
        tmp_path, workflow(yaml_of={"spring-cloud-a": yaml.safe_dump(entry)}), "-o", "release.yaml"
    )
    assert status == 0, said
    with (tmp_path / "release.yaml").open("a") as file:
        # Who brings the lane's header needs nobody to add it.
        loses = gateway == "ingress-nginx" and "X-MSE-Tag" not in notes.values()
        file.write("  accept: [{code: GC508, reason: known}]\n" if loses else "")

    # Each request asks the same files.
    for name in ("compile_releases", "load_baseline"):
        monkeypatch.setattr(route, name, once(getattr(route, name)))
    typed = ["-d", "baseline", "-d", "typed", "--gateway", gateway]
    for asked in ASKED:
        shares = [shares_of(tmp_path, [*place, *asked]) for place in (typed, ["release.yaml"])]
        assert shares[0] == shares[1], (asked, said)


def once(make: Callable[..., object]) -> Callable[..., object]:
    """Return a function that answers each time what it answered first."""
    made: list[object] = []

    def answer(*given: object, **named: object) -> object:
        if not made:
            made.append(make(*given, **named))
        return made[0]

    return answer


def shares_of(folder: Path, flags: list[str]) -> dict[str, float]:
    path = [] if "--path" in flags else ["--path", "/"]
    run = run_grayc(["route", *flags, "--host", "demo.example.com", *path, "-f", "json"], folder=folder)
    assert run.status == 0, run.stderr
    shares = {each["service"]: each["percent"] for each in json.loads(run.stdout)["destinations"] if each["percent"]}
    assert sum(shares.values()) == 100
    return shares


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ({**BY_USER, "canary-weight": "5"}, ["canary-weight"]),
        ({**BY_USER, "canary-weight": "0"}, []),
        # Under the prefix of ingress-nginx MSE does not read them.
        ({"canary-by-query": "preview", "canary-weight": "5"}, ["canary-by-query"]),
        ({"canary-by-header-value": "7", "canary-by-cookie": "c"}, ["canary-by-header-value"]),
        ({**BY_USER, "canary-by-header-value": "7", "canary-by-header-pattern": "7"}, ["canary-by-header-pattern"]),
    ],
)
def test_what_the_gateway_passes_over_is_told(tmp_path: Path, notes: dict[str, str], told: list[str]) -> None:
    manifests = rendered_by_zadig()["spring-cloud-a"]
    items = objects_in(manifests)
    for item in items:
        if item["kind"] == "Ingress":
            own = {f"{NGINX}canary": "true", **{f"{NGINX}{key}": value for key, value in notes.items()}}
            item["metadata"]["annotations"] = own
    text = "---\n".join(map(yaml.safe_dump, items))
    _, _, said = imported(tmp_path, workflow(yaml_of={"spring-cloud-a": text}))

    assert re.findall(r"annotation `([^`]*)` of the gray Ingress", said) == told


def test_replicas_of_the_form_that_zadig_does_not_apply_are_told(tmp_path: Path) -> None:
    data = workflow(yaml_of=rendered_by_zadig())
    data["stages"][0]["jobs"][0]["spec"]["gray_services"][1]["replicas"] = 3
    _, release, said = imported(tmp_path, data)

    assert "`replicas: 3` is not carried" in said
    assert all("replicas" not in service for service in release["spec"]["services"])


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


@pytest.mark.parametrize("times", [40_000, 2])
def test_parameters_fill_in_no_more_than_a_value_may_hold(tmp_path: Path, times: int) -> None:
    data = workflow(gray_tag="{{.workflow.params.t}}" * times)
    status, release, said = imported(tmp_path, {**data, "params": [{"name": "t", "value": "x" * 600_000}]})

    assert (status, release) == (1, None)
    assert "error[GC124]: the parameters of the workflow fill in more than 1048576 characters" in said


@pytest.mark.parametrize("value", ["", "{{.workflow.params.none}}", "{{.job.build.tag}}", None])
def test_what_is_open_is_given_on_the_command_line(tmp_path: Path, value: str | None) -> None:
    status, release, said = imported(tmp_path, workflow(gray_tag=value))
    assert (status, release) == (1, None)
    words = f" `{value}`" if value else ""
    assert f"error[GC733]: the gray tag{words} is chosen when the workflow runs" in said

    status, release, said = imported(tmp_path, workflow(gray_tag=value), "--tag", "blue")
    assert (status, release["spec"]["tag"]) == (0, "blue")


def test_a_credential_is_no_part_of_a_release(tmp_path: Path) -> None:
    params = [{"name": "t", "value": "hunter2", "is_credential": True}]
    status, release, said = imported(tmp_path, {**workflow(gray_tag="{{.workflow.params.t}}"), "params": params})

    assert (status, release) == (1, None)
    assert "error[GC733]: the gray tag `{{.workflow.params.t}}`" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("written", ["012", "1", "true", "0x1f", "2026-11-24"])
def test_a_text_without_quotes_is_what_stands_there(tmp_path: Path, written: str) -> None:
    """Zadig reads the text of a scalar into a text field, whatever type the scalar would have."""
    text = yaml.safe_dump(workflow(gray_tag="TAG")).replace("gray_tag: TAG", f"gray_tag: {written}")
    (tmp_path / "workflow.yaml").write_text(text)
    run = run_grayc(["import", "zadig", "workflow.yaml", "-o", "-"], folder=tmp_path)

    assert run.status == 0, run.stderr
    assert yaml.safe_load(run.stdout)["spec"]["tag"] == written


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("stages",), {"a": 1}),
        (("stages", 0), "release"),
        (("stages", 0, "jobs"), "release"),
        (("stages", 0, "jobs", 0), None),
        (("stages", 0, "jobs", 0, "type"), ["mse-gray-release"]),
        ((*SPEC,), ["gray_tag"]),
        ((*SPEC, "gray_tag"), {"name": "gray"}),
        ((*SPEC, "gray_services"), {"service_name": "web"}),
        ((*SPEC, "gray_services", 1), "web"),
        ((*SPEC, "gray_services", 0, "replicas"), "2"),
        ((*SPEC, "gray_services", 0, "replicas"), True),
        ((*SPEC, "gray_services", 0, "replicas"), 1.5),
        ((*SPEC, "gray_services", 0, "yaml"), {"kind": "Deployment"}),
        ((*SPEC, "gray_services", 0, "service_and_image", 0, "image"), ["web"]),
        (("params",), "tag"),
        (("params",), [{"name": "t", "value": ["gray"]}]),
    ],
)
def test_what_zadig_could_not_read_is_refused_at_its_place(tmp_path: Path, path: Steps, value: object) -> None:
    data: Any = workflow()
    target = data
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    status, release, said = imported(tmp_path, data)

    assert (status, release) == (1, None)
    assert said.count("error[") == said.count("error[GC735]") == 1, said
    assert value is None or f"{path[-1]}" in said


def in_a_block(text: str) -> str:
    """Return a workflow with the manifests as a literal block, which is how Zadig exports them."""
    head = (
        "stages:\n- jobs:\n  - name: r\n    type: mse-gray-release\n    spec:\n      gray_tag: gray\n"
        "      gray_services:\n        - service_name: web\n          yaml: |\n"
    )
    return head + "".join(f"            {line}".rstrip() + "\n" for line in text.splitlines())


MANIFEST = (
    "apiVersion: apps/v1\n\nkind: Deployment\nmetadata:\n  name: web-canary\n"
    "spec: {template: {spec: {containers: [{name: agent, image: r.example.com/agent:7}]}}}\n"
)


@pytest.mark.parametrize(
    ("words", "start"), [("the name `web-canary`", "web-canary"), ("image `r.example.com/agent:7`", "r.example.com/")]
)
def test_what_stands_in_a_manifest_is_told_at_its_line(tmp_path: Path, words: str, start: str) -> None:
    text = in_a_block(MANIFEST)
    (tmp_path / "workflow.yaml").write_text(text)
    run = run_grayc(["import", "zadig", "workflow.yaml", "-o", "-"], folder=tmp_path)

    assert run.status == 0, run.stderr
    line, column = next(each for each in run.stderr.splitlines() if words in each).split(":")[1:3]
    assert text.splitlines()[int(line) - 1][int(column) - 1 :].startswith(start)


def test_what_stands_in_a_quoted_manifest_is_told_where_the_manifest_begins(tmp_path: Path) -> None:
    text = json.dumps(workflow(yaml_of={"spring-cloud-a": MANIFEST}), indent=1)
    (tmp_path / "workflow.yaml").write_text(text)
    run = run_grayc(["import", "zadig", "workflow.yaml", "-o", "-"], folder=tmp_path)

    line = next(each for each in run.stderr.splitlines() if "the name `web-canary`" in each).split(":")[1]
    assert '"yaml": "apiVersion' in text.splitlines()[int(line) - 1]


def test_a_line_of_a_secret_is_not_shown(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: hunter2: hunter3\n"
    (tmp_path / "workflow.yaml").write_text(in_a_block(secret))
    run = run_grayc(["import", "zadig", "workflow.yaml", "-o", "-"], folder=tmp_path)

    assert "which cannot be read" in run.stderr
    assert "hunter" not in run.stdout + run.stderr


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
            if name in target or (name in table and table[name].shape is not None):
                continue
            target[name] = value
            status, _, said = imported(tmp_path, data)
            assert status == 0, said
            assert (f"`{name}` is not carried" in said) is says, (
                name,
                value,
            )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--tag", "A B"), "`tag` `A B` is invalid"),
        (("--service", "a b"), "`name` `a b` is invalid"),
    ],
)
def test_what_the_command_line_says_is_not_told_of_the_workflow(
    tmp_path: Path, flags: tuple[str, ...], words: str
) -> None:
    status, release, said = imported(tmp_path, workflow(), *flags)

    assert (status, release) == (1, None)
    assert any(line.startswith("error[GC") and words in line for line in said.splitlines()), said


def test_json_is_read_as_well(tmp_path: Path) -> None:
    run = run_grayc(["import", "zadig", "-", "-o", "-"], folder=tmp_path, stdin=json.dumps(workflow()).encode())

    assert run.status == 0
    assert yaml.safe_load(run.stdout)["spec"]["tag"] == "gray"


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "release.yaml").write_text("mine\n")
    status, _, said = imported(tmp_path, workflow(), "-o", "release.yaml")

    assert status == 1
    assert "error[GC610]" in said
    assert (tmp_path / "release.yaml").read_text() == "mine\n"


def test_a_rule_on_the_lanes_own_header_is_tagged(tmp_path: Path) -> None:
    items = objects_in(rendered_by_zadig()["spring-cloud-a"])
    for item in items:
        if item["kind"] == "Ingress":
            asks = {f"{NGINX}canary-by-header": "x-mse-tag", f"{NGINX}canary-by-header-value": "gray"}
            item["metadata"]["annotations"] = {f"{NGINX}canary": "true", **asks}
    text = "---\n".join(map(yaml.safe_dump, items))

    _, release, _ = imported(tmp_path, workflow(yaml_of={"spring-cloud-a": text}))

    assert release["spec"]["traffic"]["rules"] == [{"tagged": True}]
