"""Variables that nobody fills in, and text of the release that Flux would fill in."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Object, an_object, build, service, with_code, workload, write_release

PORT = {"name": "web", "port": 80}
SERVICE = service()
INGRESS = an_object(
    "Ingress",
    {
        "ingressClassName": "mse",
        "rules": [
            {
                "host": "web.${DOMAIN}",
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "web", "port": {"number": 80}}},
                        }
                    ]
                },
            }
        ],
    },
    version="networking.k8s.io/v1",
)
HTTP_ROUTE = an_object(
    "HTTPRoute",
    {"parentRefs": [{"name": "gw"}], "hostnames": ["web.${DOMAIN}"], "rules": [{"backendRefs": [PORT]}]},
    version="gateway.networking.k8s.io/v1",
)
VIRTUAL_SERVICE = an_object(
    "VirtualService",
    {
        "gateways": ["gw"],
        "hosts": ["web.${DOMAIN}"],
        "http": [{"route": [{"destination": {"host": "web"}}]}],
    },
    version="networking.istio.io/v1",
)
KUSTOMIZATION = {
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
    "kind": "Kustomization",
    "metadata": {"name": "apps", "namespace": "flux-system"},
    "spec": {"path": "./baseline", "postBuild": {"substitute": {"DOMAIN": "example.com", "TAG": "1"}}},
}
MARK = "kustomize.toolkit.fluxcd.io/substitute"


def pod(image: str, **variables: str) -> Object:
    env = [{"name": name, "value": value} for name, value in variables.items()]
    return workload(pod={"containers": [{"name": "web", "image": image, "env": env}]})


def refused(findings: list[Object]) -> list[tuple[str, str]]:
    return [(item["code"], item["field"]) for item in findings if item["severity"] == "error"]


IMAGE = "spec.template.spec.containers[0].image"


@pytest.mark.parametrize("gitops", ["none", "argocd"])
@pytest.mark.parametrize("image", ["web:${TAG}", "web:${TAG:=1}", "${REGISTRY}/web:1", "web:${TAG^^}", "web@${DIGEST}"])
def test_an_image_is_refused_where_nobody_fills_it_in(image: str, gitops: str, tmp_path: Path) -> None:
    findings, made = build(tmp_path, [pod(image)], output={"gitops": gitops})
    assert refused(findings) == [("GC590", IMAGE)]
    assert made == []


def test_flux_fills_it_in(tmp_path: Path) -> None:
    findings, made = build(tmp_path, [pod("web:${TAG}")], output={"gitops": "flux"})
    assert refused(findings) == []
    assert made[0]["metadata"].get("annotations", {}).get(MARK) is None


def test_it_can_be_accepted(tmp_path: Path) -> None:
    accept = [{"code": "GC590", "object": "Deployment/web", "reason": "envsubst does"}]
    _, made = build(tmp_path, [pod("web:${TAG}")], accept=accept)
    assert len(made) == 1


def test_the_image_of_the_release_takes_its_place(tmp_path: Path) -> None:
    service = {"name": "web", "images": {"web": "web:2"}}
    assert refused(build(tmp_path, [pod("web:${TAG}")], services=[service])[0]) == []


@pytest.mark.parametrize("text", ["${DB_HOST:localhost}", "a $${TAG}", "$(TAG)", "$TAG", "${", "${1}", "${}", "#{TAG}"])
def test_text_of_programs_is_theirs(text: str, tmp_path: Path) -> None:
    config = an_object("ConfigMap", data={"application.yaml": f"url: {text}\n"})
    reads = [{"configMapRef": {"name": "web"}}]
    container = {
        "name": "web",
        "image": "web:1",
        "command": ["sh", "-c", f"echo {text}"],
        "args": [text],
        "env": [{"name": "URL", "value": text}],
        "envFrom": reads,
    }
    own = workload(pod={"containers": [container]})
    own["spec"]["template"]["metadata"]["annotations"] = {"example.com/text": text}
    findings, made = build(tmp_path, [own, config])
    assert refused(findings) == []
    assert {each["kind"] for each in made} == {"Deployment", "ConfigMap"}


@pytest.mark.parametrize("place", ["in the baseline", "beside the spec"])
def test_what_a_kustomization_gives_is_flux_s_wherever_it_stands(place: str, tmp_path: Path) -> None:
    declared = [KUSTOMIZATION] if place == "in the baseline" else []
    (tmp_path / "ks.yaml").write_text(yaml.safe_dump(KUSTOMIZATION) if not declared else "")
    findings, _ = build(tmp_path, [pod("web:1", URL="http://pg.${DOMAIN}", OTHER="${OTHER}"), *declared])
    assert refused(findings) == [("GC590", "spec.template.spec.containers[0].env[0].value")]
    (found,) = [item for item in findings if item["code"] == "GC590"]
    assert "`Kustomization/apps`" in found["help"]
    assert ("all.yaml" if declared else "ks.yaml") in found["help"]
    assert found["notes"]


@pytest.mark.parametrize("gitops", ["none", "argocd", "flux"])
def test_a_name_is_refused_with_the_kustomization_that_gives_it(gitops: str, tmp_path: Path) -> None:
    named = pod("web:1")
    named["metadata"]["name"] = "web-${TAG}"
    (tmp_path / "ks.yaml").write_text(yaml.safe_dump(KUSTOMIZATION))
    write_release(tmp_path, [named], output={"gitops": gitops})
    for command in (["plan", "release.yaml"], ["build", "release.yaml", "-o", "out"]):
        run = run_grayc([*command, "-f", "json"], folder=tmp_path)
        (found,) = [item for item in json.loads(run.stdout)["diagnostics"] if item["severity"] == "error"]
        assert (run.status, found["code"]) == (1, "GC136")
        assert "`{flux: ks.yaml}`" in found["help"]


ENTRIES = {
    "Ingress": ("mse", INGRESS, "spec.rules[0].host"),
    "HTTPRoute": ("gateway-api", HTTP_ROUTE, "spec.hostnames[0]"),
}


def entry(folder: Path, kind: str, gitops: str, *more: Object, **service: object) -> tuple[list[Object], list[Object]]:
    gateway, route, _ = ENTRIES.get(kind, ("istio", VIRTUAL_SERVICE, ""))
    traffic = {"gateway": gateway, "rules": [{"header": "x-user-id", "value": "100"}]}
    return build(
        folder,
        [pod("web:1"), SERVICE, route, *more],
        output={"gitops": gitops},
        traffic=traffic,
        lane={"provider": "none"},
        services=[{"name": "web", **service}],
    )


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize("gitops", ["none", "argocd"])
def test_a_host_is_refused_where_nobody_fills_it_in(gitops: str, kind: str, tmp_path: Path) -> None:
    assert refused(entry(tmp_path, kind, gitops)[0]) == [("GC590", ENTRIES[kind][2])]


@pytest.mark.parametrize("kind", ENTRIES)
def test_flux_fills_in_the_host_of_a_gray_entry(kind: str, tmp_path: Path) -> None:
    findings, made = entry(tmp_path, kind, "flux")
    (route,) = [each for each in made if each["kind"] == kind]
    assert "web.${DOMAIN}" in json.dumps(route)
    assert MARK not in route["metadata"].get("annotations", {})
    assert refused(findings) == []


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_that_flux_leaves_as_it_is_stays_so(kind: str, tmp_path: Path) -> None:
    gateway, route, _ = ENTRIES[kind]
    marked = {**route, "metadata": {**route["metadata"], "annotations": {MARK: "disabled"}}}
    traffic = {"gateway": gateway, "rules": [{"header": "x-user-id", "value": "100"}]}
    _, made = build(
        tmp_path,
        [pod("web:1"), SERVICE, marked],
        output={"gitops": "flux"},
        traffic=traffic,
        lane={"provider": "none"},
    )
    assert [each["metadata"]["annotations"].get(MARK) for each in made if each["kind"] == kind] == ["disabled"]


def test_text_of_the_release_beside_a_variable_of_production_is_told(tmp_path: Path) -> None:
    service = {"name": "web", "env": {"web": {"GREETING": "hello ${name}"}}}
    findings, made = build(tmp_path, [pod("web:${TAG}")], output={"gitops": "flux"}, services=[service])
    assert with_code(findings, "GC591") == [("GC591", "Deployment/web")]
    assert MARK not in made[0]["metadata"].get("annotations", {})


@pytest.mark.parametrize("image", ["web:1", "web:${TAG}"])
def test_text_that_is_escaped_is_not_told(image: str, tmp_path: Path) -> None:
    service = {"name": "web", "env": {"web": {"GREETING": "hello $${name}"}}}
    findings, _ = build(tmp_path, [pod(image)], output={"gitops": "flux"}, services=[service])
    assert with_code(findings, "GC591") == []


def ingress_of(host: str) -> Object:
    made: Object = json.loads(json.dumps(INGRESS))
    made["spec"]["rules"][0]["host"] = host
    return made


TRAFFIC = {"gateway": "mse", "rules": [{"header": "x-user-id", "value": "1"}]}


@pytest.mark.parametrize("host", ["<path:kv/data/web#host>", "web.$DOMAIN", "web.$${DOMAIN}", "{{ .Values.host }}"])
@pytest.mark.parametrize("gitops", ["none", "flux"])
def test_a_placeholder_in_a_host_is_named(host: str, gitops: str, tmp_path: Path) -> None:
    findings, made = build(
        tmp_path, [workload(), SERVICE, ingress_of(host)], output={"gitops": gitops}, traffic=TRAFFIC
    )
    (found,) = [each for each in findings if each["code"] == "GC590"]
    assert found["object"] == "Ingress/web"
    assert host.removeprefix("web.") in found["message"]
    assert made == []


SECRETS = {
    "a path": an_object("Secret", stringData={"PW": "<path:kv/data/web#password | base64encode>"}),
    "vals": an_object("Secret", stringData={"URL": "pg://ref+vault://secret/web#/pw"}),
    "a name": {
        **an_object("Secret", stringData={"PW": "<password>"}),
        "metadata": {"name": "web", "namespace": "shop", "annotations": {"avp.kubernetes.io/path": "kv/data/web"}},
    },
}
READS: Object = {
    "containers": [{"name": "web", "image": "a:1", "envFrom": [{"secretRef": {"name": "web"}}]}],
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_placeholder_in_a_copied_secret_is_named_and_a_shared_one_is_not(secret: Object, tmp_path: Path) -> None:
    objects = [workload(pod=READS), secret]
    source = {"name": "web", "from": "baseline/"}
    (tmp_path / "copied").mkdir()
    findings, _ = build(tmp_path / "copied", objects, services=[source])
    assert with_code(findings, "GC590") == [("GC590", "Secret/web")]
    (found,) = [each for each in findings if each["code"] == "GC590"]
    assert "kv/data" not in found["message"]
    (tmp_path / "shared").mkdir()
    findings, _ = build(tmp_path / "shared", objects, services=[{**source, "share": ["Secret/web"]}])
    assert with_code(findings, "GC590") == []


@pytest.mark.parametrize("text", ["<password>", "$HOME/x {{ .Name }}", "a ref+b", "path: <path> #x"])
def test_what_is_a_programs_own_is_no_placeholder(text: str, tmp_path: Path) -> None:
    secret = an_object("Secret", stringData={"TEXT": text})
    findings, _ = build(tmp_path, [workload(pod=READS), secret], services=[{"name": "web", "from": "baseline/"}])
    assert with_code(findings, "GC590") == []
