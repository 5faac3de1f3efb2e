"""Patches do what they do in `kubectl patch --local`, but where that helps nobody: there each difference is a case.

`--local` computes the patch as the API server does and neither fills in nor converts anything. Strategic merges are
compared for every field of every kind of Kubernetes, and for cases by hand; then JSON merge patches and JSON patches.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from grayc.documents.json_patch import json_patch
from grayc.documents.patch_directives import PatchError
from grayc.documents.strategic_merge import strategic_merge
from tests.differential.kubectl import BARE, KUBECTL, json_values
from tests.unit.k8s.openapi import Schema, kinds, reference, resolved, type_name

Map = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patches")


def by_kubectl(target: Map, patch: object, way: str, folder: Path) -> Map | None:
    """Return the patched object, None where kubectl refuses the patch."""
    file, patch_file = folder / "target.json", folder / "patch.json"
    file.write_text(json.dumps(target))
    patch_file.write_text(json.dumps(patch))
    run = subprocess.run(
        [
            KUBECTL, "patch", "--local", "-f", file, "--type", way, "--patch-file", patch_file,
            "-o", "json", "--show-managed-fields",
        ],
        capture_output=True, check=False, text=True, encoding="utf-8", env=BARE,
    )  # fmt: skip
    if run.returncode:
        assert "error" in run.stderr
        return None
    (patched,) = json_values(run.stdout)
    return patched


def merged(target: Map, patch: Map) -> Map:
    return strategic_merge(target, patch, api_version=target["apiVersion"], kind=target["kind"])


# Strategic merges: every field of every kind

NOT_IN_KUBECTL = {("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService")}
"""Kinds of which kubectl has no Go types and so no merge keys; the API server has them."""


def filled(schema: Schema, stamp: str, *, merge_key: str = "", within: tuple[str, ...] = ()) -> Any:
    """Return a value with every field that a schema has, `stamp` telling the object's from the patch's.

    A merge key holds `same`, so that items of lists meet, and lists that merge have one more item that does not. A
    mapping of lists stays empty: kubectl refuses to merge one.
    """
    name = type_name(schema)
    if name in within:
        return {}
    schema, below = resolved(schema), (*within, name) if name else within
    types = [schema.get("type")] if isinstance(schema.get("type"), str) else schema.get("type", [None])
    match types[0]:
        case _ if "properties" in schema:
            return {
                key: "same"
                if key == merge_key
                else filled(field, stamp, merge_key=field.get("x-kubernetes-patch-merge-key", ""), within=below)
                for key, field in schema["properties"].items()
            }
        case "array":
            item = filled(schema["items"], stamp, merge_key=merge_key, within=below)
            return [item, {merge_key: stamp}] if merge_key else [item]
        case "object":
            values = schema.get("additionalProperties", {})
            if resolved(values).get("type", [""])[0] == "array":
                return {}
            return {key: filled(values, stamp, within=below) for key in (stamp, "same")}
        case "integer" | "number":
            return len(stamp)
        case "boolean":
            return stamp == "object"
        case _:
            is_time = schema.get("format") == "date-time"
            return f"{2000 + len(stamp)}-01-01T00:00:00Z" if is_time else stamp


def every_version() -> list[tuple[str, str, str]]:
    return [
        (api_version, kind, name)
        for (group, kind), names in sorted(kinds().items())
        for api_version, name in names.items()
        if (group, kind) not in NOT_IN_KUBECTL
    ]


@pytest.mark.parametrize(("api_version", "kind", "name"), every_version())
def test_every_field_of_a_kind_merges_as_in_kubectl(api_version: str, kind: str, name: str, folder: Path) -> None:
    identity: Map = {"apiVersion": api_version, "kind": kind}
    target, patch = ({**filled(reference(name), stamp), **identity} for stamp in ("object", "patch"))
    for side in (target, patch):
        side["metadata"] |= {"name": "same", "namespace": "same"}

    ours = merged(target, patch)

    assert ours == by_kubectl(target, patch, "strategic", folder)
    assert ours not in (target, patch)


@pytest.mark.parametrize(("group", "kind"), sorted(NOT_IN_KUBECTL))
def test_kubectl_has_no_merge_keys_of_some_kinds(group: str, kind: str, folder: Path) -> None:
    """When this fails, kubectl has learnt them, and `NOT_IN_KUBECTL` has a row too many."""
    target = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "x"}}
    assert by_kubectl(target, {"spec": {}}, "strategic", folder) is None


# Strategic merges by hand


def read(text: str) -> Map:
    data: Map = yaml.safe_load(text)
    return data


OBJECTS: dict[str, Map] = {
    "Deployment": read("""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web, tier: front}, finalizers: [a.b/c, d.e/f, g.h/i]}
        spec:
          replicas: 2
          strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web, tier: front}}
            spec:
              serviceAccountName: web
              containers:
              - name: web
                image: web:1
                args: [--a, --b, --c]
                env:
                - {name: A, value: "1"}
                - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}
                - {name: C, value: "3"}
                ports:
                - {containerPort: 80, name: http}
                - {containerPort: 53, protocol: TCP, name: dns-tcp}
                - {containerPort: 53, protocol: UDP, name: dns}
                volumeMounts:
                - {name: data, mountPath: /data}
                resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 100m}}
              - {name: log, image: "log:1"}
              - {name: proxy, image: "proxy:1", envFrom: [{configMapRef: {name: a}}]}
              initContainers: [{name: init, image: "init:1"}]
              volumes:
              - {name: data, emptyDir: {}}
              - {name: config, configMap: {name: config, items: [{key: a, path: a}]}}
              tolerations: [{key: a, operator: Exists}, {key: b, operator: Exists}]
              imagePullSecrets: [{name: one}, {name: two}]
              hostAliases: [{ip: 10.0.0.1, hostnames: [a, b]}, {ip: 10.0.0.2, hostnames: [c]}]
              topologySpreadConstraints:
              - {topologyKey: zone, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}
              - {topologyKey: host, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}
              nodeSelector: {disk: ssd}
              securityContext: {runAsUser: 1, sysctls: [{name: a, value: "1"}]}
        """),
    "Service": read("""
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          selector: {app: web}
          ports:
          - {port: 80, name: http, targetPort: 8080}
          - {port: 443, name: https, targetPort: 8443}
        """),
    "ServiceAccount": read("""
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: web}
        secrets: [{name: a}, {name: b}]
        imagePullSecrets: [{name: a}, {name: b}]
        """),
    "ConfigMap": read("{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {a: '1', b: '2'}}"),
    "HorizontalPodAutoscaler": read("""
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web}
        spec:
          maxReplicas: 5
          metrics:
          - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
          - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 60}}}
        """),
    "Ingress": read("""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, annotations: {a/b: "1"}}
        spec:
          tls: [{hosts: [a.test], secretName: s}]
          rules:
          - {host: a.test, http: {paths: [{path: /, pathType: Prefix}]}}
          - {host: b.test, http: {paths: [{path: /, pathType: Prefix}]}}
        """),
    "PodDisruptionBudget": read("""
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web}
        spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
        """),
    "StatefulSet": read("""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: web}
        spec:
          volumeClaimTemplates:
          - {metadata: {name: a}, spec: {storageClassName: x}}
          - {metadata: {name: b}, spec: {storageClassName: x}}
        """),
    "NetworkPolicy": read("""
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web}
        spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}, {ports: [{port: 81}]}]}
        """),
    "CronJob": read("""
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: web}
        spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "1"}, {name: b, image: "1"}]}}}}}
        """),
}


def pod(fields: str) -> str:
    return f"spec: {{template: {{spec: {{{fields}}}}}}}"


def container(fields: str) -> str:
    return pod(f"containers: [{{name: web, {fields}}}]")


STRATEGIC: list[tuple[str, str, str]] = [
    ("a scalar", "Deployment", "spec: {replicas: 3}"),
    ("several levels", "Deployment", "{metadata: {labels: {x: y}}, spec: {paused: true, selector: {matchLabels: {x: y}}}}"),
    ("another type", "Deployment", "spec: {replicas: {a: b}, strategy: Recreate}"),
    ("an empty patch", "Deployment", "{}"),
    ("an empty mapping", "Deployment", "spec: {template: {spec: {securityContext: {}, containers: []}}}"),
    # Lists with keys
    ("container", "Deployment", container("image: web:2")),
    ("container in the middle", "Deployment", pod("containers: [{name: log, image: log:2}]")),
    ("new container", "Deployment", pod("containers: [{name: x, image: x:1}]")),
    ("new container behind one", "Deployment", pod("containers: [{name: log}, {name: x, image: x:1}]")),
    ("new container before one", "Deployment", pod("containers: [{name: x, image: x:1}, {name: log}]")),
    ("containers in another order", "Deployment", pod("containers: [{name: proxy}, {name: web}]")),
    ("new containers between others", "Deployment", pod("containers: [{name: x}, {name: web}, {name: y}, {name: proxy}]")),
    ("a container twice", "Deployment", pod("containers: [{name: web, image: a}, {name: web, tty: true}]")),
    ("a new container twice", "Deployment", pod("containers: [{name: x, image: a}, {name: x, tty: true}]")),
    ("init container", "Deployment", pod("initContainers: [{name: init, image: init:2}, {name: more}]")),
    ("env", "Deployment", container("env: [{name: C, value: 4}, {name: D, value: 5}]")),
    ("env value for reference", "Deployment", container("env: [{name: B, value: 2, valueFrom: null}]")),
    ("env value beside reference", "Deployment", container("env: [{name: B, value: 2}]")),
    ("port by number", "Deployment", container("ports: [{containerPort: 80, hostPort: 8080}]")),
    ("new port", "Deployment", container("ports: [{containerPort: 81, protocol: UDP}]")),
    ("port without a protocol", "Deployment", container("ports: [{containerPort: 53, hostPort: 53}]")),
    ("first of two ports", "Deployment", container("ports: [{containerPort: 53, protocol: TCP, hostPort: 53}]")),
    ("port of another type", "Deployment", container("ports: [{containerPort: '80'}]")),
    ("volume mount", "Deployment", container("volumeMounts: [{mountPath: /data, readOnly: true}, {mountPath: /x, name: x}]")),
    ("volume", "Deployment", pod("volumes: [{name: config, configMap: {name: other}}]")),
    ("volume of another kind", "Deployment", pod("volumes: [{name: data, emptyDir: null, secret: {secretName: s}}]")),
    ("items of a volume", "Deployment", pod("volumes: [{name: config, configMap: {items: [{key: b, path: b}]}}]")),
    ("pull secrets", "Deployment", pod("imagePullSecrets: [{name: two}, {name: three}]")),
    ("host aliases", "Deployment", pod("hostAliases: [{ip: 10.0.0.2, hostnames: [d]}]")),
    ("spread constraints", "Deployment", pod("topologySpreadConstraints: [{topologyKey: host, maxSkew: 3}]")),
    ("Service port", "Service", "spec: {ports: [{port: 443, targetPort: 9443}]}"),
    ("Service selector", "Service", "spec: {selector: {tier: front}}"),
    ("secrets of an account", "ServiceAccount", "secrets: [{name: c}]"),
    ("container of a CronJob", "CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: b, tty: true}]}}}}}"),
    ("finalizers", "Deployment", "metadata: {finalizers: [x.y/z, d.e/f]}"),
    ("owners", "Deployment", "metadata: {ownerReferences: [{uid: a, name: a}, {uid: b, name: b}]}"),
    # Lists without
    ("args", "Deployment", container("args: [--z]")),
    ("envFrom", "Deployment", pod("containers: [{name: proxy, envFrom: [{secretRef: {name: b}}]}]")),
    ("tolerations", "Deployment", pod("tolerations: [{key: b, operator: Equal}]")),
    ("sysctls", "Deployment", pod("securityContext: {sysctls: [{name: b, value: '2'}]}")),
    ("pull secrets of an account", "ServiceAccount", "imagePullSecrets: [{name: c}]"),
    ("metrics", "HorizontalPodAutoscaler", "spec: {metrics: [{type: Pods}]}"),
    ("rules and tls", "Ingress", "spec: {rules: [{host: b.test}], tls: [{hosts: [c.test]}]}"),
    ("claim templates", "StatefulSet", "spec: {volumeClaimTemplates: [{metadata: {name: b}}]}"),
    ("policy", "NetworkPolicy", "spec: {ingress: [{ports: [{port: 82}]}], podSelector: {matchLabels: {a: b}}}"),
    ("an empty list", "Deployment", pod("tolerations: []")),
    ("null in a list", "Deployment", container("args: [null, --z]")),
    # Mappings that are replaced
    ("budget selector", "PodDisruptionBudget", "spec: {selector: {matchLabels: {tier: front}}}"),
    ("budget selector by expressions", "PodDisruptionBudget", "spec: {selector: {matchExpressions: [{key: a, operator: Exists}]}}"),
    # Null
    ("null for a scalar", "Deployment", "spec: {replicas: null}"),
    ("null for a mapping", "Deployment", "spec: {strategy: null}"),
    ("null for a list", "Deployment", pod("volumes: null, tolerations: null")),
    ("null for a key", "ConfigMap", "data: {a: null, c: '3'}"),
    ("null for what is not there", "Deployment", "spec: {paused: null, template: {spec: {affinity: {nodeAffinity: null}}}}"),
    ("null in an item", "Deployment", container("args: null, resources: {limits: {cpu: null}}")),
    ("null in a new mapping", "Deployment", pod("affinity: {nodeAffinity: {a: null, b: {c: null}}}")),
    ("null in a new item", "Deployment", pod("containers: [{name: x, image: null, env: [{name: A, value: null}]}]")),
    # `$patch`
    ("delete an item", "Deployment", pod("containers: [{name: log, $patch: delete}]")),
    ("delete several", "Deployment", container("env: [{name: A, $patch: delete}, {name: C, $patch: delete}, {name: D}]")),
    ("delete what is not there", "Deployment", pod("volumes: [{name: x, $patch: delete}]")),
    ("delete an only item", "Deployment", pod("initContainers: [{name: init, $patch: delete}]")),
    ("delete two ports of a number", "Deployment", container("ports: [{containerPort: 53, $patch: delete}]")),
    ("delete and set", "Deployment", pod("containers: [{name: log, $patch: delete}, {name: log, image: new}]")),
    ("delete a mapping", "Deployment", "spec: {strategy: {$patch: delete}}"),
    ("delete a new mapping in an object's", "Deployment", pod("securityContext: {seLinuxOptions: {$patch: delete}}")),
    ("replace a mapping", "Deployment", "spec: {strategy: {$patch: replace, type: Recreate}}"),
    ("replace a list", "Deployment", pod("containers: [{$patch: replace}, {name: x}, {name: web}]")),
    ("replace a list, said last", "Deployment", pod("containers: [{name: x}, {$patch: replace}]")),
    ("replace a list with nothing", "Deployment", pod("containers: [{$patch: replace}]")),
    ("replace a list that is not there", "Service", "spec: {externalIPs: [{$patch: replace}, 10.0.0.1]}"),
    ("replace and delete", "Deployment", pod("containers: [{$patch: replace}, {name: x}, {name: web, $patch: delete}]")),
    ("replace a whole spec", "Deployment", "spec: {$patch: replace, replicas: 1}"),
    # `$retainKeys`
    ("retain keys of a strategy", "Deployment", "spec: {strategy: {$retainKeys: [type], type: Recreate}}"),
    ("retain keys of a volume", "Deployment", pod("volumes: [{name: data, $retainKeys: [name, secret], secret: {secretName: s}}]")),
    ("retain no keys", "Deployment", "spec: {strategy: {$retainKeys: []}}"),
    ("retain a key that is set to null", "Deployment", "spec: {strategy: {$retainKeys: [type], rollingUpdate: null}}"),
    # `$deleteFromPrimitiveList`
    ("delete values", "Deployment", "metadata: {$deleteFromPrimitiveList/finalizers: [d.e/f, x.y/z]}"),
    ("delete and add values", "Deployment", "metadata: {$deleteFromPrimitiveList/finalizers: [a.b/c], finalizers: [x.y/z]}"),
    ("delete args", "Deployment", container("$deleteFromPrimitiveList/args: [--b]")),
    ("delete values that are nowhere", "Service", "metadata: {$deleteFromPrimitiveList/finalizers: [a]}"),
    # `$setElementOrder`
    ("order", "Deployment", pod("$setElementOrder/containers: [{name: proxy}, {name: web}, {name: log}]")),
    ("order of some", "Deployment", pod("$setElementOrder/containers: [{name: proxy}, {name: web}]")),
    ("order with new", "Deployment", pod(
        "$setElementOrder/containers: [{name: log}, {name: x}, {name: web}], containers: [{name: x}, {name: web, tty: true}]"
    )),
    ("order with deletion", "Deployment", pod(
        "$setElementOrder/containers: [{name: proxy}, {name: web}], containers: [{name: log, $patch: delete}]"
    )),
    ("order of values", "Deployment", "metadata: {$setElementOrder/finalizers: [g.h/i, x.y/z, a.b/c], finalizers: [x.y/z]}"),
    ("order of env", "Deployment", container("$setElementOrder/env: [{name: C}, {name: A}], env: [{name: C, value: 9}]")),
    ("order of what is not there", "Deployment", pod("$setElementOrder/ephemeralContainers: [{name: a}]")),
    # Refused by both
    ("item without its key", "Deployment", pod("containers: [{image: x}]")),
    ("deletion without its key", "Deployment", pod("containers: [{$patch: delete}]")),
    ("items of other types", "Deployment", pod("containers: [web]")),
    ("null as an item", "Deployment", pod("containers: [null]")),
    ("unknown directive", "Deployment", "spec: {strategy: {$patch: remove}}"),
    ("the whole object", "Deployment", "$patch: delete"),
    ("set, and not retained", "Deployment", "spec: {strategy: {$retainKeys: [type], rollingUpdate: {maxSurge: 2}}}"),
    ("not in the order", "Deployment", pod("$setElementOrder/containers: [{name: web}], containers: [{name: x}]")),
    ("in another order", "Deployment", pod(
        "$setElementOrder/containers: [{name: web}, {name: log}], containers: [{name: log}, {name: web}]"
    )),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "patch"), [pytest.param(*case, id=name) for name, *case in STRATEGIC])
def test_a_strategic_merge_gives_what_kubectl_gives(kind: str, patch: str, folder: Path) -> None:
    ours: Map | None
    try:
        ours = merged(OBJECTS[kind], read(patch))
    except PatchError:
        ours = None
    assert ours == by_kubectl(OBJECTS[kind], read(patch), "strategic", folder)


# Where grayc does what the patch says, and kubectl leaves a directive in the object, forgets a field, or refuses. In
# each case: the patch, what grayc gives in the place that the patch is about, and what kubectl gives there.
BETTER: list[tuple[str, str, str, object, object]] = [
    (
        "a directive in a mapping that is new",
        "Service",
        "spec: {sessionAffinityConfig: {$retainKeys: [clientIP], clientIP: {}}}",
        {"clientIP": {}},
        {"clientIP": {}, "$retainKeys": ["clientIP"]},
    ),
    (
        "a directive in an item that is new",
        "Service",
        "spec: {ports: [{port: 81, $retainKeys: [port]}]}",
        [{"port": 81}, *OBJECTS["Service"]["spec"]["ports"]],
        [{"port": 81, "$retainKeys": ["port"]}, *OBJECTS["Service"]["spec"]["ports"]],
    ),
    (
        "a deletion in an item that is new",
        "Service",
        "spec: {ports: [{port: 81, x: {$patch: delete}}]}",
        [{"port": 81}, *OBJECTS["Service"]["spec"]["ports"]],
        [{"port": 81, "x": {"$patch": "delete"}}, *OBJECTS["Service"]["spec"]["ports"]],
    ),
    (
        "a mapping that replaces nothing",
        "Service",
        "spec: {sessionAffinityConfig: {$patch: replace, clientIP: {}}}",
        {"clientIP": {}},
        None,
    ),
    (
        "a list that is replaced without being told so",
        "Ingress",
        "spec: {rules: [{$patch: replace}, {host: c.test}]}",
        [{"host": "c.test"}],
        [{"$patch": "replace"}, {"host": "c.test"}],
    ),
    (
        "a mapping that is replaced without being told so",
        "PodDisruptionBudget",
        "spec: {selector: {$patch: replace, matchLabels: {a: b}}}",
        {"matchLabels": {"a": "b"}},
        {"$patch": "replace", "matchLabels": {"a": "b"}},
    ),
    (
        "a mapping that is replaced and deleted",
        "PodDisruptionBudget",
        "spec: {selector: {$patch: delete}}",
        {},
        {"$patch": "delete"},
    ),
    (
        "an order of a list that is new with its mapping",
        "Service",
        "spec: {x: {$setElementOrder/y: [{name: a}], y: [{name: a}]}}",
        {"y": [{"name": "a"}]},
        {"y": [{"name": "a"}], "$setElementOrder/y": [{"name": "a"}]},
    ),
    (
        "merge, said with words",
        "Service",
        "spec: {selector: {$patch: merge, tier: front}}",
        {"app": "web", "tier": "front"},
        "refused",
    ),
    (
        "a list of a field that Kubernetes does not know",
        "HorizontalPodAutoscaler",
        "spec: {metric: [{type: Pods}]}",
        [{"type": "Pods"}],
        "refused",
    ),
]


@pytest.mark.parametrize(
    ("kind", "patch", "ours", "theirs"), [pytest.param(*case, id=name) for name, *case in BETTER]
)  # fmt: skip
def test_a_directive_takes_effect_where_kubectl_loses_it(
    kind: str, patch: str, ours: object, theirs: object, folder: Path
) -> None:
    target, (field,) = OBJECTS[kind], read(patch)["spec"]
    if field == "metric":
        target = {**target, "spec": {**target["spec"], field: []}}
    by_them = by_kubectl(target, read(patch), "strategic", folder)
    assert merged(target, read(patch))["spec"][field] == ours
    assert ("refused" if by_them is None else by_them["spec"].get(field)) == theirs


# Where kubectl does what nobody who writes the patch can mean.
REFUSED: list[tuple[str, str, str]] = [
    ("an item that replaces drops itself and the list", "Service", "spec: {ports: [{port: 80, $patch: replace}]}"),
    ("a deletion in a list that is replaced", "Deployment", pod("tolerations: [{key: a, $patch: delete}]")),
    ("a change to the second of two ports", "Deployment", container(
        "ports: [{containerPort: 53, protocol: UDP, hostPort: 53}]"
    )),
    ("a deletion of the second of two ports", "Deployment", container(
        "ports: [{containerPort: 53, protocol: UDP, $patch: delete}]"
    )),
    ("a value both set and deleted", "Deployment", "metadata: {$deleteFromPrimitiveList/finalizers: [a], finalizers: [a]}"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "patch"), [pytest.param(*case, id=name) for name, *case in REFUSED])
def test_a_patch_that_kubectl_misreads_is_refused(kind: str, patch: str, folder: Path) -> None:
    assert by_kubectl(OBJECTS[kind], read(patch), "strategic", folder) is not None
    with pytest.raises(PatchError) as caught:
        merged(OBJECTS[kind], read(patch))
    assert caught.value.path


# JSON merge patches

CUSTOM = read("""
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: web, labels: {a: b}}
    spec:
      hosts: [a.test, b.test]
      http: [{name: one, route: [{destination: {host: a}}]}, {name: two}]
      tls: {mode: SIMPLE, port: 443, nested: {a: 1, b: null}}
    """)

JSON_MERGE = {
    "scalar": "spec: {tls: {mode: NONE}}",
    "list": "spec: {hosts: [c.test]}",
    "list of mappings": "spec: {http: [{name: one, timeout: 1s}]}",
    "null": "spec: {tls: {port: null, other: null}, hosts: null}",
    "null in a new mapping": "spec: {new: {a: null, b: {c: null, d: 1}}}",
    "null in a new list": "spec: {new: [{a: null, b: [{c: null}]}, null, 1]}",
    "null in a replaced list": "spec: {hosts: [{a: null}, null]}",
    "null that was there": "spec: {tls: {nested: {c: 1}}}",
    "mapping for a list": "spec: {hosts: {a: b}}",
    "list for a mapping": "spec: {tls: [a]}",
    "mapping for a scalar": "spec: {tls: {mode: {a: null, b: 1}}}",
    "empty": "{}",
    "key with a dot and a slash": "metadata: {annotations: {a.b/c: d}}",
}


@pytest.mark.parametrize("patch", [pytest.param(patch, id=name) for name, patch in JSON_MERGE.items()])
def test_a_custom_kind_gets_the_json_merge_patch_that_kubectl_gives_it(patch: str, folder: Path) -> None:
    assert merged(CUSTOM, read(patch)) == by_kubectl(CUSTOM, read(patch), "merge", folder)


def test_kubectl_knows_no_strategic_merge_of_a_custom_kind(folder: Path) -> None:
    assert by_kubectl(CUSTOM, {"spec": {}}, "strategic", folder) is None


# JSON patches

DATA = read("""
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: web, annotations: {a/b: "1", m~n: "2", "": "3"}}
    spec: {list: [1, two, {x: 1}], map: {k: null, n: 1.5, t: true}, empty: [], none: null}
    """)

JSON_PATCHES = {
    "add a key": "[{op: add, path: /spec/new, value: {a: [1]}}]",
    "add over a key": "[{op: add, path: /spec/map/n, value: 2}]",
    "add null": "[{op: add, path: /spec/new, value: null}]",
    "add to the front": "[{op: add, path: /spec/list/0, value: zero}]",
    "add in the middle": "[{op: add, path: /spec/list/1, value: [a]}]",
    "add behind the last by number": "[{op: add, path: /spec/list/3, value: a}]",
    "add behind the last": "[{op: add, path: /spec/list/-, value: {a: b}}]",
    "add to an empty list": "[{op: add, path: /spec/empty/-, value: a}, {op: add, path: /spec/empty/0, value: b}]",
    "add below an item": "[{op: add, path: /spec/list/2/y, value: a}]",
    "add with a slash": "[{op: add, path: /metadata/annotations/c~1d, value: a}]",
    "add with a tilde": "[{op: add, path: /metadata/annotations/c~0d~01, value: a}]",
    "add an empty key": "[{op: add, path: /metadata/annotations/, value: a}]",
    "remove a key": "[{op: remove, path: /spec/map}]",
    "remove a null": "[{op: remove, path: /spec/none}]",
    "remove an item": "[{op: remove, path: /spec/list/0}, {op: remove, path: /spec/list/1}]",
    "remove with a slash": "[{op: remove, path: /metadata/annotations/a~1b}]",
    "remove with a tilde": "[{op: remove, path: /metadata/annotations/m~0n}]",
    "replace": "[{op: replace, path: /spec/map/t, value: [false]}]",
    "replace an item": "[{op: replace, path: /spec/list/1, value: null}]",
    "replace a null": "[{op: replace, path: /spec/none, value: a}]",
    "move": "[{op: move, from: /spec/map/n, path: /spec/moved}]",
    "move in a list": "[{op: move, from: /spec/list/0, path: /spec/list/2}]",
    "move to the end": "[{op: move, from: /spec/list/0, path: /spec/list/-}]",
    "move over its parent": "[{op: move, from: /spec/list/2, path: /spec}]",
    "copy": "[{op: copy, from: /spec/list, path: /spec/map/list}, {op: add, path: /spec/map/list/-, value: a}]",
    "copy an item": "[{op: copy, from: /spec/list/2, path: /spec/list/0}]",
    "copy a null": "[{op: copy, from: /spec/none, path: /spec/new}]",
    "test": "[{op: test, path: /spec/list, value: [1, two, {x: 1}]}, {op: add, path: /spec/a, value: 1}]",
    "test a number": "[{op: test, path: /spec/map/n, value: 1.5}]",
    "test a null": "[{op: test, path: /spec/none, value: null}]",
    "test the order of keys": "[{op: test, path: /spec/map, value: {t: true, n: 1.5, k: null}}]",
    "no operations": "[]",
    "replace the whole object": "[{op: replace, path: '', value: {apiVersion: v1, kind: X, metadata: {name: a}}}]",
    "test that fails": "[{op: test, path: /spec/list/1, value: three}]",
    "test of another type": "[{op: test, path: /spec/list/0, value: '1'}]",
    "test behind a change": "[{op: remove, path: /spec/map/t}, {op: test, path: /spec/map/t, value: true}]",
    "add where there is no parent": "[{op: add, path: /status/a, value: 1}]",
    "add past the end": "[{op: add, path: /spec/list/4, value: 1}]",
    "add at a word": "[{op: add, path: /spec/list/x, value: 1}]",
    "add below a scalar": "[{op: add, path: /spec/list/0/a, value: 1}]",
    "remove what is not there": "[{op: remove, path: /spec/nothing}]",
    "remove past the end": "[{op: remove, path: /spec/list/3}]",
    "replace past the end": "[{op: replace, path: /spec/list/3, value: 1}]",
    "move what is not there": "[{op: move, from: /spec/nothing, path: /spec/a}]",
    "unknown operation": "[{op: merge, path: /spec, value: {}}]",
    "no path": "[{op: add, value: 1}]",
    "no leading slash": "[{op: remove, path: spec}]",
}


def patched(patch: list[Map]) -> Map | None:
    try:
        return json_patch(DATA, patch)
    except PatchError:
        return None


@pytest.mark.parametrize("patch", [pytest.param(patch, id=name) for name, patch in JSON_PATCHES.items()])
def test_a_json_patch_gives_what_kubectl_gives(patch: str, folder: Path) -> None:
    operations = yaml.safe_load(patch)
    assert patched(operations) == by_kubectl(DATA, operations, "json", folder)


# What RFC 6902 forbids and kubectl does: it hides that the patch no longer fits the object.
JSON_MISTAKES = {
    "replace adds": "[{op: replace, path: /spec/new, value: 1}]",
    "copy of nothing": "[{op: copy, from: /spec/nothing, path: /spec/a}]",
    "test of nothing": "[{op: test, path: /spec/nothing, value: null}]",
    "index from the end": "[{op: remove, path: /spec/list/-1}]",
    "index with a zero": "[{op: remove, path: /spec/list/01}]",
    "tilde": "[{op: add, path: /spec/a~2, value: 1}]",
}


@pytest.mark.parametrize("patch", [pytest.param(patch, id=name) for name, patch in JSON_MISTAKES.items()])
def test_a_json_patch_that_the_rfc_forbids_is_refused(patch: str, folder: Path) -> None:
    operations = yaml.safe_load(patch)
    assert by_kubectl(DATA, operations, "json", folder) is not None
    assert patched(operations) is None
