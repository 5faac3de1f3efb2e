"""Manifests as reports and manuals show them: what a release makes of each.

Each test names the public source that it was made after; the objects are grayc's own.
"""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any
from unittest import mock

import pytest
import yaml

from tests.cli_run import run_grayc
from tests.manifests import Built, Object, build_again, write_spec
from tests.renderers import renderers_path

POD = 'containers: [{name: web, image: "w:1", ports: [{containerPort: 8080}]}]'
SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
"""


def web(pod: str = POD, more: str = "", kind: str = "Deployment", version: str = "apps/v1") -> str:
    """Return workload and Service `web` as text; `more` are fields of its spec."""
    head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n"
    body = "selector: {matchLabels: {app: web}}\ntemplate:\n  metadata: {labels: {app: web}}\n  spec:\n"
    spec = body + "".join(f"    {line}\n" for line in dedent(pod).strip().splitlines()) + dedent(more)
    return head + "spec:\n" + "".join(f"  {line}\n" for line in spec.splitlines()) + SERVICE


def pod_of(done: Built) -> Object:
    [found] = [item for item in done.objects if item["kind"] in ("Deployment", "StatefulSet", "Rollout")]
    spec: Object = found["spec"]["template"]["spec"]
    return spec


def names(done: Built, kind: str) -> list[str]:
    return [item["metadata"]["name"] for item in done.all(kind)]


def built(folder: Path, text: str | bytes, *services: Object, **spec: Any) -> Built:
    """Build a release over one file of manifests."""
    (folder / "baseline").mkdir(parents=True, exist_ok=True)
    (folder / "baseline" / "all.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return of(folder, *services, **spec)


def of(folder: Path, *services: Object, **spec: Any) -> Built:
    """Build a release over the manifests that stand in `baseline/`."""
    fields = {"lane": {"provider": "none"}, "services": list(services) or [{"name": "web"}], **spec}
    write_spec(folder / "release.yaml", **fields)
    return build_again(folder, "-o", "out")


def merging(pod: Object, kind: str = "Deployment", **spec: Any) -> Object:
    merge = {"spec": {"template": {"spec": pod}, **spec}}
    return {"name": "web", "patches": [{"target": {"kind": kind}, "merge": merge}]}


# Patches

TWO_PORTS = """
containers:
  - name: web
    image: "w:1"
    ports:
      - {containerPort: 8080, name: monitor}
      - {containerPort: 8080, name: api}
      - {containerPort: 8301, name: serf-tcp, protocol: TCP}
      - {containerPort: 8301, name: serf-udp, protocol: UDP}
"""


def test_a_patch_of_something_else_keeps_ports_of_one_number(tmp_path: Path) -> None:
    """Source: kustomize 3426, 2767, 3513."""
    done = built(tmp_path, web(TWO_PORTS), merging({"containers": [{"name": "web", "imagePullPolicy": "Always"}]}))
    ports = pod_of(done)["containers"][0]["ports"]
    assert [(port["name"], port.get("protocol")) for port in ports] == [
        ("monitor", None),
        ("api", None),
        ("serf-tcp", "TCP"),
        ("serf-udp", "UDP"),
    ]


def test_a_patch_of_one_of_two_ports_is_refused(tmp_path: Path) -> None:
    """Source: kustomize 3513, kubernetes 103544."""
    port = {"containerPort": 8301, "protocol": "UDP", "hostPort": 1}
    done = built(tmp_path, web(TWO_PORTS), merging({"containers": [{"name": "web", "ports": [port]}]}))
    assert done.status == 1
    assert "containerPort: 8301" in done.said["GC431"]


def test_directives_of_a_patch_apply(tmp_path: Path) -> None:
    """Source: Kubernetes, strategic merge patch; the patches of kustomize."""
    pod = """
    containers:
      - name: web
        image: "w:1"
        args: [a, b]
        env: [{name: A, value: "1"}, {name: B, value: "2"}]
        volumeMounts: [{name: data, mountPath: /data}, {name: tmp, mountPath: /tmp}]
      - {name: side, image: "s:1"}
    volumes: [{name: data, emptyDir: {}}, {name: tmp, emptyDir: {}}]
    tolerations: [{key: k1, operator: Exists}]
    """
    delete = {"$patch": "delete"}
    patch = {
        "$setElementOrder/containers": [{"name": "extra"}, {"name": "web"}],
        "containers": [
            {"name": "side", **delete},
            {"name": "extra", "image": "x:1"},
            {
                "name": "web",
                "env": [{"name": "A", **delete}],
                "args": None,
                "volumeMounts": [{"mountPath": "/data", **delete}],
            },
        ],
        "volumes": [{"name": "data", **delete}],
        "tolerations": [{"$patch": "replace"}, {"key": "k2", "operator": "Exists"}],
    }
    done = built(tmp_path, web(pod), merging(patch, strategy={"$patch": "replace", "type": "Recreate"}))
    assert done.one("Deployment")["spec"]["strategy"] == {"type": "Recreate"}
    assert pod_of(done) == {
        "containers": [
            {"name": "extra", "image": "x:1"},
            {
                "name": "web",
                "image": "w:1",
                "env": [{"name": "B", "value": "2"}],
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            },
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "tolerations": [{"key": "k2", "operator": "Exists"}],
    }


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "add", "path": "/spec/template/metadata/annotations/foo", "value": "1"}, "GC431"),
        ({"op": "remove", "path": "/spec/template/spec/nodeSelector"}, "GC431"),
        ({"op": "replace", "path": "/spec/paused", "value": True}, "GC431"),
        ({"op": "add", "path": "/spec/template/spec/containers/5", "value": {"name": "x", "image": "x"}}, "GC431"),
        ({"op": "add", "path": "/spec/template/spec/containers/-1", "value": {"name": "x", "image": "x"}}, "GC431"),
        ({"op": "test", "path": "/spec/replicas", "value": 7}, "GC431"),
        ({"op": "add", "path": "spec/replicas", "value": 3}, "GC212"),
    ],
    ids=lambda item: item if isinstance(item, str) else f"{item['op']}-{item['path']}",
)
def test_an_operation_that_rfc_6902_refuses_is_refused(operation: Object, code: str, tmp_path: Path) -> None:
    """Source: kustomize's reports of JSON 6902 patches on paths that are not there."""
    patch = {"target": {"kind": "Deployment"}, "json6902": [operation]}
    done = built(tmp_path, web(), {"name": "web", "patches": [patch]})
    assert (done.status, code in done.said) == (1, True), done.said


def test_a_key_in_the_value_of_an_operation_is_no_pointer(tmp_path: Path) -> None:
    """Source: RFC 6902: `~1` is a slash in a path, not in a value."""
    operation = {"op": "add", "path": "/metadata/annotations", "value": {"a~1b": "1"}}
    patch = {"target": {"kind": "Deployment"}, "json6902": [operation]}
    done = built(tmp_path, web(), {"name": "web", "patches": [patch]})
    assert done.one("Deployment")["metadata"]["annotations"] == {"a~1b": "1"}


def test_a_patch_of_a_rollout_merges_containers_by_name(tmp_path: Path) -> None:
    """Source: kustomize's openapi of custom kinds: a list without merge keys is replaced."""
    pod = 'containers: [{name: web, image: "w:1", env: [{name: A, value: b}]}, {name: side, image: "s:1"}]'
    text = web(pod, kind="Rollout", version="argoproj.io/v1alpha1")
    patch = merging({"containers": [{"name": "web", "imagePullPolicy": "Always"}]}, "Rollout")
    done = built(tmp_path, text, patch)
    assert [item["name"] for item in pod_of(done)["containers"]] == ["web", "side"]
    assert pod_of(done)["containers"][0]["image"] == "w:1"
    assert pod_of(done)["containers"][0]["imagePullPolicy"] == "Always"


def test_a_list_of_a_custom_kind_is_replaced(tmp_path: Path) -> None:
    """Source: kubectl patches custom kinds by JSON merge patch (RFC 7386)."""
    scaled = dedent("""
    ---
    apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata: {name: web, namespace: shop}
    spec: {scaleTargetRef: {name: web}, triggers: [{type: cpu, metadata: {value: "50"}}]}
    """)
    trigger = {"type": "cron", "metadata": {"start": "x"}}
    patch = {"target": {"kind": "ScaledObject"}, "merge": {"spec": {"triggers": [trigger]}}}
    done = built(tmp_path, web() + scaled, {"name": "web", "patches": [patch]})
    assert done.one("ScaledObject")["spec"]["triggers"] == [trigger]


def test_a_variable_that_is_there_twice_is_set_once(tmp_path: Path) -> None:
    """Source: kubernetes 58477."""
    env = '{name: A, value: "1"}, {name: B, value: "$(A)"}, {name: A, value: "2"}'
    done = built(
        tmp_path,
        web(f"containers: [{{name: web, image: w, env: [{env}]}}]"),
        {"name": "web", "env": {"web": {"A": "9"}}},
    )
    assert pod_of(done)["containers"][0]["env"] == [{"name": "A", "value": "9"}, {"name": "B", "value": "$(A)"}]


# Names and references


def config(*names: str, kind: str = "ConfigMap", more: str = "data: {a: b}") -> str:
    return "".join(
        f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\n{more}\n" for name in names
    )


def test_references_follow_wherever_a_pod_has_them(tmp_path: Path) -> None:
    """Source: flagger 432, 923, 1099, 1925; kustomize 153."""
    pod = """
    imagePullSecrets: [{name: pull}]
    initContainers:
      - name: init
        image: i
        envFrom: [{prefix: P_, configMapRef: {name: init}}]
        env: [{name: X, valueFrom: {configMapKeyRef: {name: key, key: a}}}]
      - {name: side, restartPolicy: Always, image: i, envFrom: [{configMapRef: {name: side, optional: true}}]}
    containers: [{name: web, image: w}]
    volumes:
      - {name: a, configMap: {name: cm, items: [{key: k, path: k}]}}
      - {name: b, secret: {secretName: sec}}
      - name: c
        projected:
          sources: [{configMap: {name: proj}}, {secret: {name: proj-sec}}, {serviceAccountToken: {path: t, audience: web}}]
    """
    configs, secrets = ("init", "key", "side", "cm", "proj"), ("pull", "sec", "proj-sec")
    done = built(tmp_path, web(pod) + config(*configs) + config(*secrets, kind="Secret"))
    assert sorted(names(done, "ConfigMap")) == sorted(f"{name}-gray" for name in configs)
    assert sorted(names(done, "Secret")) == sorted(f"{name}-gray" for name in secrets)
    text = json.dumps(pod_of(done))
    assert text.count("-gray") == len(configs) + len(secrets)
    assert json.loads(text.replace("-gray", "")) == yaml.safe_load(dedent(pod))


def test_one_name_of_many_kinds_is_followed_by_kind(tmp_path: Path) -> None:
    """Source: kustomize, nameReference by kind."""
    pod = """
    serviceAccountName: web
    containers: [{name: web, image: w, envFrom: [{configMapRef: {name: web}}, {secretRef: {name: web}}]}]
    volumes: [{name: p, persistentVolumeClaim: {claimName: web}}]
    """
    claim = "spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}"
    text = (
        web(pod)
        + config("web")
        + config("web", kind="Secret")
        + config("web", kind="PersistentVolumeClaim", more=claim)
    )
    done = built(tmp_path, text + config("web", kind="ServiceAccount", more=""))
    assert pod_of(done)["serviceAccountName"] == "web"
    assert pod_of(done)["volumes"][0]["persistentVolumeClaim"] == {"claimName": "web"}
    assert pod_of(done)["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": "web-gray"}},
        {"secretRef": {"name": "web-gray"}},
    ]
    assert {item["kind"] for item in done.objects} == {"ConfigMap", "Secret", "Deployment", "Service"}


def test_the_same_names_of_another_namespace_stay(tmp_path: Path) -> None:
    """Source: kustomize 5251."""
    scaler = "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}"
    own = (
        web()
        + f"---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\n{scaler}\n"
    )
    done = built(tmp_path, f"{own}---\n{own.replace('namespace: shop', 'namespace: other')}")
    assert {(item["kind"], item["metadata"]["namespace"]) for item in done.objects} == {
        ("Deployment", "shop"),
        ("Service", "shop"),
        ("HorizontalPodAutoscaler", "shop"),
    }


def test_a_pods_own_host_name_goes_with_the_gray_service(tmp_path: Path) -> None:
    """Source: Kubernetes, "Pod's hostname and subdomain fields"."""
    done = built(tmp_path, web(f"hostname: web-0\nsubdomain: web\n{POD}"))
    assert (pod_of(done)["hostname"], pod_of(done)["subdomain"]) == ("web-0", "web-gray")


@pytest.mark.parametrize(
    ("kind", "length", "over"),
    [("StatefulSet", 49, "2 more than a StatefulSet"), ("Service", 60, "2 more than a Service")],
)
def test_a_name_without_room_for_the_suffix_is_told(kind: str, length: int, over: str, tmp_path: Path) -> None:
    """Source: kubernetes 64023."""
    name = "s" * length
    text = web(kind="StatefulSet", more="serviceName: web") if kind == "StatefulSet" else web()
    at = "kind: " + kind + "\nmetadata: {name: "
    assert at + "web" in text
    done = built(
        tmp_path, text.replace(at + "web", at + name), {"name": "web", "workload": name if kind != "Service" else "web"}
    )
    assert done.status == 1
    assert over in done.said["GC401"]


def test_a_service_of_the_release_has_a_name_for_a_label(tmp_path: Path) -> None:
    """Source: Kubernetes, syntax of label values."""
    done = built(tmp_path, web(), {"name": "w" * 70, "workload": "web"})
    assert done.status == 1 and "70 characters" in done.said["GC205"]


def test_an_object_whose_name_is_made_later_is_refused(tmp_path: Path) -> None:
    """Source: Kubernetes, `generateName`."""
    job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-, namespace: shop}\nspec: {}\n"
    done = built(tmp_path, web() + job)
    assert done.status == 1 and "generateName" in done.said["GC130"]


@pytest.mark.parametrize("value", ["c", "hello-world"])
def test_config_of_a_name_without_its_hash_is_told_the_one_with_it(value: str, tmp_path: Path) -> None:
    """Source: kustomize 2609."""
    pod = "containers: [{name: web, image: w, envFrom: [{configMapRef: {name: web-cm-5d7b4f9kfm}}]}]"
    done = built(tmp_path, web(pod) + config("web-cm-5d7b4f9kfm"), {"name": "web", "config": {"web-cm": {"a": value}}})
    assert done.status == 1
    assert "`web-cm`" in done.said["GC310"] and "web-cm-5d7b4f9kfm" in done.said["GC310"]


def test_generated_configuration_is_copied_with_its_hash(tmp_path: Path) -> None:
    """Source: kustomize, configMapGenerator."""
    base = tmp_path / "base"
    base.mkdir()
    (base / "web.yaml").write_text(
        web("containers: [{name: web, image: w, envFrom: [{configMapRef: {name: web-cm}}]}]")
    )
    (base / "kustomization.yaml").write_text(
        "resources: [web.yaml]\nconfigMapGenerator: [{name: web-cm, namespace: shop, literals: [a=b]}]\n"
    )
    with mock.patch.dict("os.environ", {"PATH": renderers_path()}):
        done = of(tmp_path, baseline=[{"kustomize": "base"}])
    [name] = names(done, "ConfigMap")
    assert name.startswith("web-cm-") and name.endswith("-gray")
    assert pod_of(done)["containers"][0]["envFrom"] == [{"configMapRef": {"name": name}}]


def test_rows_of_references_follow_lists_and_annotations(tmp_path: Path) -> None:
    """Source: kustomize 1685, 2524, 4674."""
    rows = [
        {"kind": "CacheCluster", "group": "cache.example.com", "path": "spec.store.configName", "to": "ConfigMap"},
        {"kind": "Pipeline", "path": "spec.templates[*].env[*].from.name", "to": "ConfigMap"},
    ]
    customs = dedent("""
    ---
    apiVersion: cache.example.com/v1
    kind: CacheCluster
    metadata: {name: web, namespace: shop}
    spec: {store: {configName: store}}
    ---
    apiVersion: flows.example.com/v1
    kind: Pipeline
    metadata: {name: web, namespace: shop}
    spec: {templates: [{name: a, env: [{name: P, from: {name: flow}}]}]}
    """)
    text = web() + customs + config("store", "flow")
    done = built(tmp_path, text, {"name": "web", "from": "baseline/"}, references=rows)
    assert done.one("CacheCluster")["spec"] == {"store": {"configName": "store-gray"}}
    assert done.one("Pipeline")["spec"]["templates"][0]["env"][0]["from"] == {"name": "flow-gray"}


def test_names_in_text_are_pointed_out(tmp_path: Path) -> None:
    """Source: kustomize 131, and reports of Services' names in variables and configuration."""
    pod = """
    containers:
      - name: web
        image: w
        env: [{name: SELF_URL, value: "http://web.shop.svc:80/x"}, {name: LOGGER, value: web}]
        envFrom: [{configMapRef: {name: cm}}]
    """
    text = web(pod) + config("cm", more='data: {a.properties: "upstream=http://web:80"}')
    done = built(tmp_path, text)
    report = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path).stdout
    told = [item for item in json.loads(report)["diagnostics"] if item["code"] == "GC462"]
    assert done.status == 0
    assert sorted(item["object"] for item in told) == ["ConfigMap/cm-gray", "Deployment/web-gray"]
    assert "SELF_URL" not in str(done.said) and all("`web`" in item["message"] for item in told)


# Work, volumes, labels


def test_jobs_stay_and_what_only_they_read_too(tmp_path: Path) -> None:
    """Source: Helm and Argo CD hooks, migrations."""
    pod = "spec: {restartPolicy: Never, containers: [{name: m, image: m, envFrom: [{configMapRef: {name: job}}]}]}"
    jobs = dedent(f"""
    ---
    apiVersion: batch/v1
    kind: Job
    metadata: {{name: migrate, namespace: shop, annotations: {{argocd.argoproj.io/hook: PreSync}}}}
    spec: {{template: {{metadata: {{labels: {{app: m}}}}, {pod}}}}}
    ---
    apiVersion: batch/v1
    kind: CronJob
    metadata: {{name: cron, namespace: shop}}
    spec: {{schedule: "0 * * * *", jobTemplate: {{spec: {{template: {{{pod}}}}}}}}}
    """)
    done = built(tmp_path, web() + jobs + config("job"), {"name": "web", "from": "baseline/"})
    assert {item["kind"] for item in done.objects} == {"Deployment", "Service"}
    assert "GC318" in done.said


def test_configuration_of_a_cron_job_too_is_copied_where_the_release_changes_it(tmp_path: Path) -> None:
    """Source: flagger, tracking of configuration."""
    pod = "containers: [{name: web, image: w, envFrom: [{configMapRef: {name: cm}}]}]"
    cron = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c, namespace: shop}\nspec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: c, envFrom: [{configMapRef: {name: cm}}]}]}}}}}\n"
    (tmp_path / "a").mkdir()
    done = built(tmp_path / "a", web(pod) + config("cm") + cron)
    assert names(done, "ConfigMap") == []
    changing = {"name": "web", "config": {"cm": {"a": "z"}}}
    (tmp_path / "b").mkdir()
    done = built(tmp_path / "b", web(pod) + config("cm") + cron, changing)
    assert done.one("ConfigMap")["data"] == {"a": "z"}
    assert names(done, "CronJob") == []


def test_immutable_and_binary_data_are_copied_whole(tmp_path: Path) -> None:
    """Source: kustomize, `immutable`; Kubernetes, Secret types."""
    binary = "QUJD" * 400
    pod = "imagePullSecrets: [{name: pull}]\ncontainers: [{name: web, image: w, envFrom: [{configMapRef: {name: cm}}]}]"
    text = web(pod) + config("cm", more=f"immutable: true\nbinaryData: {{x: {binary}}}\ndata: {{a: b}}")
    more = "immutable: true\ntype: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: e30=}"
    done = built(tmp_path, text + config("pull", kind="Secret", more=more))
    copied, secret = done.one("ConfigMap"), done.one("Secret")
    assert (copied["binaryData"], copied["data"]) == ({"x": binary}, {"a": "b"})
    assert (secret["type"], secret["data"]) == ("kubernetes.io/dockerconfigjson", {".dockerconfigjson": "e30="})
    assert "immutable" not in copied and "immutable" not in secret
    assert "GC451" in done.said


def test_the_labels_of_a_chart_serve_a_lane(tmp_path: Path) -> None:
    """Source: `helm create`, selector labels."""
    labels = "{app.kubernetes.io/name: web, app.kubernetes.io/instance: shop}"
    done = built(tmp_path, web().replace("{app: web}", labels))
    assert done.status == 0
    own = done.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert own["app.kubernetes.io/name"] == "web-gray"


def test_blue_and_green_by_label_stay_apart(tmp_path: Path) -> None:
    """Source: hand-made blue and green Deployments."""
    blue = (
        web()
        .replace("app: web}", "app: web, color: blue}")
        .replace("kind: Deployment\nmetadata: {name: web,", "kind: Deployment\nmetadata: {name: web-blue,")
    )
    green = blue.partition("\n---\n")[0].replace("blue", "green")
    done = built(tmp_path, f"{blue}---\n{green}\n", {"name": "web", "workload": "web-blue"})
    assert done.status == 0
    assert names(done, "Deployment") == ["web-blue-gray"]
    selector = done.one("Service")["spec"]["selector"]
    labels = done.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert selector.items() <= labels.items()
    assert not selector.items() <= {"app": "web", "color": "blue"}.items()


def test_selectors_by_expression_that_catch_gray_pods_are_told(tmp_path: Path) -> None:
    """Source: Kubernetes, `Exists` and `NotIn` of label selectors."""
    budgets = "".join(
        f"---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{maxUnavailable: 1, selector: {{matchExpressions: [{{key: app, operator: {operator}}}]}}}}\n"
        for name, operator in (("all", "Exists"), ("notdb", "NotIn, values: [db]"))
    )
    done = built(tmp_path, web() + budgets)
    report = run_grayc(["build", "release.yaml", "-o", "out", "-f", "json"], folder=tmp_path).stdout
    caught = [item["object"] for item in json.loads(report)["diagnostics"] if item["code"] == "GC441"]
    assert done.status == 1
    assert caught == ["PodDisruptionBudget/all", "PodDisruptionBudget/notdb"]


def test_a_service_keeps_its_ports(tmp_path: Path) -> None:
    """Source: kubernetes 39188."""
    ports = "[{name: t, port: 53, targetPort: dns-t}, {name: u, port: 53, protocol: UDP, targetPort: dns-u, appProtocol: kubernetes.io/x}]"
    done = built(tmp_path, web().replace("[{port: 80, targetPort: 8080}]", ports))
    assert done.one("Service")["spec"]["ports"] == yaml.safe_load(ports)


def test_a_monitor_of_services_finds_the_gray_one_by_its_label(tmp_path: Path) -> None:
    """Source: prometheus-operator, ServiceMonitor."""
    monitor = dedent("""
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: web, namespace: monitoring}
    spec: {jobLabel: app, selector: {matchLabels: {app: web}}, namespaceSelector: {any: true}, endpoints: [{port: http}]}
    """)
    service = "kind: Service\nmetadata: {name: web, namespace: shop"
    done = built(tmp_path, web().replace(service, service + ", labels: {app: web}") + monitor)
    assert done.status == 0
    assert done.one("Service")["metadata"]["labels"]["app"] == "web"
    assert names(done, "ServiceMonitor") == []


# Text

SCALARS = {
    "octal": "0644",
    "nn": "null",
    "y1": "yes",
    "y2": "off",
    "f": "1e3",
    "s": "12:30:45",
    "us": "1_000",
    "hex": "0x1F",
    "date": "2024-01-01",
    "tilde": "~",
    "empty": "",
    "colon": "a: b",
    "hash": "a #b",
    "star": "*a",
    "eq": "=",
    "merge": "<<",
    "crlf": "a\r\nb\r\n",
    "nel": "a\u0085b",
    "ls": "a\u2028b",
    "bom": "\ufeffa",
    "ctrl": "\u0001",
    "nul": "a\0b",
    "emoji": "🚀 rocket",
    "long": " ".join(("a" * 30, "b" * 30, "c" * 90)),
    "trailing": "x   ",
    "keep": "a\n\nb\n\n\n",
    "strip": "a\n  indented",
}


def test_texts_of_every_sort_come_back_the_same(tmp_path: Path) -> None:
    """Source: kustomize 947, 2487; cdk8s 495; opentofu 4433."""
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm", "namespace": "shop"}, "data": SCALARS}
    pod = "containers: [{name: web, image: w, envFrom: [{configMapRef: {name: cm}}]}]"
    done = built(tmp_path, f"{web(pod)}---\n{json.dumps(item)}\n")
    assert done.one("ConfigMap")["data"] == SCALARS


def test_anchors_and_merge_keys_are_written_out(tmp_path: Path) -> None:
    """Source: kustomize 3497, 3675, 4144, 4212, 4747."""
    pod = """
    containers:
      - &x
        name: web
        image: "w:1"
        resources: &r {limits: {memory: 1Gi}}
        command: [sleep, "1"]
      - <<: *x
        name: two
        resources: {<<: *r, requests: {cpu: 1}}
      - <<: [{name: three, image: "w:3"}, *x]
    """
    done = built(tmp_path, web(pod))
    first, two, three = pod_of(done)["containers"]
    assert two == {**first, "name": "two", "resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": 1}}}
    assert three == {**first, "name": "three", "image": "w:3"}
    assert "*" not in next((tmp_path / "out").glob("*.yaml")).read_text()


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_files_of_other_editors_are_read(ends: str, mark: str, tmp_path: Path) -> None:
    """Source: byte order marks and line ends of Windows."""
    done = built(tmp_path, (mark + web().replace("\n", ends)).encode())
    text = mark + (tmp_path / "release.yaml").read_text().replace("\n", ends)
    (tmp_path / "release.yaml").write_bytes(text.encode())
    again = run_grayc(["build", "release.yaml", "-o", "out", "--check"], folder=tmp_path)
    assert (done.status, again.status) == (0, 0)


def test_utf_16_is_refused_by_name(tmp_path: Path) -> None:
    """Source: "Unicode" of Windows' Notepad."""
    done = built(tmp_path, web().encode("utf-16"))
    assert done.status == 1 and "UTF-16" in done.said["GC104"]


@pytest.mark.parametrize("head", ["# c\n---\n# only a comment\n---\n", "---\n---\n", "# c\n"])
@pytest.mark.parametrize("tail", ["---\n\n---\n# end\n", "...\n", ""])
def test_documents_that_hold_nothing_are_passed_over(head: str, tail: str, tmp_path: Path) -> None:
    """Source: YAML streams with comments and borders alone."""
    assert built(tmp_path, head + web() + tail).status == 0


def test_a_directive_is_refused_as_kubernetes_does(tmp_path: Path) -> None:
    """Source: apimachinery cuts at `---`, and what stands before it is no document."""
    done = built(tmp_path, f"%YAML 1.1\n---\n{web()}")
    assert done.status == 1 and "`%`" in done.said["GC105"]


def test_numbers_keep_their_types(tmp_path: Path) -> None:
    """Source: Kubernetes, Quantity and IntOrString."""
    pod = """
    terminationGracePeriodSeconds: 1_000
    containers:
      - name: web
        image: w
        resources: {limits: {cpu: 1, memory: 1e3, example.com/x: "2"}, requests: {cpu: 0.5, ephemeral-storage: 1E}}
        livenessProbe: {httpGet: {path: /, port: "8080"}}
        readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 010}
    volumes: [{name: s, emptyDir: {}}]
    """
    pod_made = pod_of(built(tmp_path, web(pod)))
    container = pod_made["containers"][0]
    assert pod_made["terminationGracePeriodSeconds"] == 1000
    assert container["resources"] == {
        "limits": {"cpu": 1, "memory": 1000, "example.com/x": "2"},
        "requests": {"cpu": 0.5, "ephemeral-storage": "1E"},
    }
    assert container["livenessProbe"]["httpGet"]["port"] == "8080"
    assert container["readinessProbe"] == {"tcpSocket": {"port": 8080}, "periodSeconds": 8}


def test_what_a_server_and_gitops_set_is_left_out(tmp_path: Path) -> None:
    """Source: kubectl-neat; Argo CD and Flux, tracking of objects."""
    text = web().replace(
        "metadata: {name: web, namespace: shop}",
        "metadata: {name: web, namespace: shop, uid: u, resourceVersion: '5', generation: 7, finalizers: [example.com/x], "
        "managedFields: [{manager: kubectl}], ownerReferences: [{apiVersion: v1, kind: App, name: a, uid: u}], "
        "labels: {argocd.argoproj.io/instance: shop, kustomize.toolkit.fluxcd.io/name: shop, team: core}, "
        "annotations: {deployment.kubernetes.io/revision: '7', kubectl.kubernetes.io/last-applied-configuration: '{}', "
        "argocd.argoproj.io/tracking-id: 'shop:apps/Deployment:shop/web', note: x}}",
    )
    done = built(tmp_path, text)
    for item in done.objects:
        assert set(item["metadata"]) <= {"name", "namespace", "labels", "annotations"}
        own = {key: value for key, value in item["metadata"]["labels"].items() if not key.startswith("grayc.dev/")}
        assert own == {"team": "core"}
        assert item["metadata"]["annotations"] == {"note": "x"}


# Ways in that the gateway does not open

ROUTES = {
    "HTTPProxy": (
        "higress",
        "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: web, namespace: shop}\n"
        "spec: {virtualhost: {fqdn: h.test}, routes: [{services: [{name: web, port: 80}]}]}\n",
    ),
    "ApisixRoute": (
        "mse",
        "apiVersion: apisix.apache.org/v2\nkind: ApisixRoute\nmetadata: {name: web, namespace: shop}\n"
        "spec: {http: [{name: r, match: {paths: [/]}, backends: [{serviceName: web, servicePort: 80}]}]}\n",
    ),
    "Ingress": (
        "ingress-nginx",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\n"
        "spec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 80}}}, rules: [{host: h.test, "
        "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}\n",
    ),
}


@pytest.mark.parametrize("kind", ROUTES)
def test_a_way_in_that_nothing_opens_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    """Source: the kinds of Contour and APISIX; `actions.*` of the AWS Load Balancer Controller."""
    gateway, route = ROUTES[kind]
    traffic = {"gateway": gateway, "rules": [{"header": "x-user", "value": "1"}]}
    done = built(tmp_path, f"{web()}---\n{route}", traffic=traffic)
    assert done.status == 1
    assert f"{kind} `web`" in done.said["GC321"] or f"`{kind}/web`" in done.said["GC321"]


def test_annotations_for_controllers_of_the_whole_host_are_not_on_a_canary(tmp_path: Path) -> None:
    """Source: cert-manager and external-dns: a second Certificate for one Secret, a second owner of one record."""
    route = dedent("""
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: web
      namespace: shop
      annotations: {external-dns.alpha.kubernetes.io/hostname: h.test, cert-manager.io/cluster-issuer: le}
    spec:
      ingressClassName: higress
      tls: [{hosts: [h.test], secretName: web-tls}]
      rules: [{host: h.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
    """)
    traffic = {"gateway": "higress", "rules": [{"header": "x-user", "value": "1"}]}
    done = built(tmp_path, web() + route, traffic=traffic)
    assert done.status == 0
    assert not [key for key in done.one("Ingress")["metadata"]["annotations"] if "cert-manager" in key or "dns" in key]


def test_a_route_of_another_namespace_gets_a_grant_of_its_own(tmp_path: Path) -> None:
    """Source: Gateway API, ReferenceGrant that names one Service."""
    route = dedent("""
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: web, namespace: infra}
    spec:
      parentRefs: [{name: gw}]
      hostnames: [h.test]
      rules: [{backendRefs: [{name: web, namespace: shop, port: 80}]}]
    ---
    apiVersion: gateway.networking.k8s.io/v1beta1
    kind: ReferenceGrant
    metadata: {name: web, namespace: shop}
    spec:
      from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}]
      to: [{group: "", kind: Service, name: web}]
    """)
    traffic = {"gateway": "gateway-api", "rules": [{"header": "x-user", "value": "1"}]}
    done = built(tmp_path, web() + route, traffic=traffic)
    assert done.status == 0
    assert done.one("ReferenceGrant")["spec"]["to"] == [{"group": "", "kind": "Service", "name": "web-gray"}]


def test_a_folder_of_the_node_and_labels_of_telemetry_need_no_word(tmp_path: Path) -> None:
    """Source: hostPath volumes of Deployments; Istio telemetry reads `app` and `version` of pods."""
    pod = POD + "\nvolumes: [{name: d, hostPath: {path: /var/lib/web, type: DirectoryOrCreate}}]"
    done = built(tmp_path, web(pod).replace("{app: web}}\n    spec", "{app: web, version: v1}}\n    spec"))
    assert done.status == 0
    assert done.said == {}


def test_a_knative_service_is_named_where_it_is_to_be_released(tmp_path: Path) -> None:
    """Source: Knative Serving, `Service`: workload, host and revisions in one."""
    text = """
    apiVersion: serving.knative.dev/v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec: {template: {spec: {containers: [{image: "w:1", envFrom: [{configMapRef: {name: web-cm}}]}]}}}
    """
    done = built(tmp_path, dedent(text))
    assert (done.status, list(done.said)) == (1, ["GC301"])


@pytest.mark.parametrize(
    ("entry", "middlewares"),
    [
        (
            """
            ---
            apiVersion: traefik.io/v1alpha1
            kind: IngressRoute
            metadata: {name: web, namespace: shop}
            spec:
              routes: [{kind: Rule, match: "Host(`h.test`)", services: [{name: web, port: 80}]}]
            """,
            ["web-header-gray"],
        ),
        (
            """
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: web
              namespace: shop
              annotations: {traefik.ingress.kubernetes.io/router.middlewares: shop-auth@kubernetescrd}
            spec:
              ingressClassName: traefik
              rules:
                - host: h.test
                  http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
            """,
            # A login stays in front of the lane.
            ["auth", "web-header-gray"],
        ),
    ],
    ids=["IngressRoute", "middleware"],
)
def test_a_way_in_by_traefik_s_own_provider_is_opened_by_a_route_of_its_own(
    entry: str, middlewares: list[str], tmp_path: Path
) -> None:
    """Source: Traefik's CRD and Ingress providers, and middlewares that authenticate."""
    traffic = {"gateway": "traefik", "rules": [{"header": "x-user", "value": "1"}]}
    done = built(tmp_path, web() + dedent(entry), traffic=traffic)
    assert done.status == 0
    [first, *_] = done.one("IngressRoute")["spec"]["routes"]
    assert [item["name"] for item in first["middlewares"]] == middlewares


def test_tls_to_the_pods_goes_along_and_its_certificate_s_name_stays(tmp_path: Path) -> None:
    """Source: Gateway API, BackendTLSPolicy: `validation.hostname` is a name in the certificate."""
    policy = """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: web, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: web}]
      validation: {hostname: web.shop.svc, wellKnownCACertificates: System}
    """
    done = built(tmp_path, web() + dedent(policy))
    made = done.one("BackendTLSPolicy")["spec"]
    assert (made["targetRefs"][0]["name"], made["validation"]["hostname"]) == ("web-gray", "web.shop.svc")
    assert "GC350" not in done.said


def test_an_object_without_a_namespace_finds_what_names_the_release_s(tmp_path: Path) -> None:
    """Source: kustomize and Helm overlays that set a namespace on some objects only."""
    text = web(POD.replace("ports:", "envFrom: [{configMapRef: {name: web-cm}}], ports:")).replace(
        "{name: web, namespace: shop}", "{name: web}", 1
    )
    done = built(tmp_path, text + config("web-cm"))
    assert names(done, "ConfigMap") == ["web-cm-gray"]
    assert pod_of(done)["containers"][0]["envFrom"] == [{"configMapRef": {"name": "web-cm-gray"}}]
