"""Releases to break: a small one that is right, and two that say together all there is to say."""

import yaml

from grayc.documents import Document
from grayc.documents.reader import parse_release
from grayc.source import SourceFile
from grayc.spec.load import load_spec

SMALL: dict[str, object] = {
    "apiVersion": "grayc.dev/v1",
    "kind": "GrayRelease",
    "metadata": {"name": "demo"},
    "spec": {
        "tag": "gray",
        "namespace": "shop",
        "baseline": ["baseline/"],
        "services": [{"name": "web"}],
    },
}

MSE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: demo
spec:
  tag: gray
  namespace: shop
  setNamespace: true
  lane:
    provider: none
    header: x-lane
    profile: plain
    isolation: label
    propagation: app
  baseline:
    - baseline/
    - stdin: true
  services:
    - name: web
      from: baseline/web
      images:
        web: registry.example.com/web:2.0
        side: localhost:5000/side@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      replicas: 0
      autoscaling: none
      env:
        web:
          LEVEL: debug
          OLD: null
      config:
        web-config:
          application.yaml: |
            level: debug
          gone: null
      patches:
        - target:
            kind: Deployment
            name: web
          merge:
            spec:
              minReadySeconds: 5
        - target:
            kind: Service
          json6902:
            - op: replace
              path: /spec/ports/0/port
              value: 8080
            - op: move
              from: /metadata/annotations/a~1b
              path: /metadata/annotations/c
        - target:
            kind: Deployment
          file: patches/a.yaml
      share:
        - Secret
        - ConfigMap/common
      rewriteText: false
      work: own
      laneOnly:
        env:
          web:
            GROUP: orders-gray
        config:
          web-config:
            group: orders-gray
        patches:
          - target:
              kind: Deployment
            merge:
              spec:
                minReadySeconds: 1
    - name: cart
      workload: StatefulSet/cart-db
      autoscaling:
        minReplicas: 1
        maxReplicas: 3
    - name: pay_2
      workload: pay
  calls:
    - web->cart -> pay_2
  traffic:
    gateway: mse
    rules:
      - weight: 20
        by:
          header: x-user-id
          digits: hex
      - cookie: shop-preview
      - header: X-User
        value: "100"
      - header: x-group
        pattern: ^beta-
      - cookie: user
        value: alice
      - header: x-any
      - header: x-many
        values:
          - a b
          - c
      - query: preview
      - query: trial
        value: "1"
      - query: plan
        values: [a, b]
      - query: uid
        pattern: ^7
      - cookie: team
        values: [qa, dev]
      - cookie: device
        pattern: ^[0-9]+$
      - all:
          - cookie: region
            value: eu
          - query: app
            values: ["6", "7"]
          - header: user-agent
            pattern: ShopApp
      - all:
          - header: x-team
            values: [qa]
          - header: x-region
            value: eu
          - query: q
            pattern: .
          - query: r
            value: a
          - cookie: c
            values: [a]
          - cookie: d
            pattern: a
      - tagged: true
    entries:
      - ingress: web
        hosts:
          - shop.example.com
          - "*.example.com"
        paths:
          - /api
      - route: web-route
        namespace: edge
        gateway: gateway-api
        hosts: [shop.example.com]
        paths: [/api]
      - class: internal
    guard: false
  accept:
    - code: GC441
      object: PodDisruptionBudget/all
      reason: one budget for all
    - code: GC441
      reason: other
  references:
    - kind: CacheCluster
      group: cache.example.com
      path: spec.stores[*].configName
      to: ConfigMap
  owner: Checkout team
  expires: 2027-01-31
  output:
    layout: object
    gitops: none
"""

ISTIO = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: demo
spec:
  tag: gray
  lane:
    provider: istio
    baggage: lane
    isolation: relabel
    propagation:
      web: app
      "*": otel
  baseline:
    - kustomize: overlays/prod
    - helm:
        chart: charts/shop
        release: shop
        values:
          - values-prod.yaml
        set:
          image.tag: "1.4"
          replicas: 3
        apiVersions:
          - monitoring.coreos.com/v1
        kubeVersion: "1.32"
    - argocd: application.yaml
      root: ..
    - flux: ks.yaml
      root: ..
  services:
    - name: web
  traffic:
    gateway: istio
  rollout:
    steps:
      - name: testers
        rules:
          - header: x-user
            value: "100"
      - name: a-fifth
        weight: 20
        replicas:
          web: 2
        pause: 1h
  verify:
    - name: smoke
      image: registry.example.com/smoke:1
      command:
        - /smoke
      args:
        - --fast
      env:
        TARGET: http://web
      timeoutSeconds: 60
    - name: ready
      http:
        service: web
        path: /healthz
        port: 8080
        expectStatus: 200
        expectBody: UP
        image: registry.example.com/curl:8
      timeoutSeconds: 30
  expect:
    - name: testers
      request:
        host: shop.example.com
        path: /
        method: POST
        headers:
          x-user: "100"
        cookies:
          a: b
      goesTo: gray
    - request:
        host: shop.example.com
        path: /?preview=1
      steps: [testers]
      goesTo:
        percent:
          gray: 20
  output:
    gitops: argocd
"""


BY = "header: x-user-id\n          digits: hex"
MORE = tuple(MSE.replace(BY, f"{part}: uid\n          digits: decimal") for part in ("query", "cookie"))
"""Other ways to keep a share the same for a user: there is room for one."""


def source(text: str) -> SourceFile:
    return SourceFile(name="release.yaml", text=text)


def read(text: str) -> Document:
    document = parse_release(source(text)).value
    assert document is not None
    return document


def release(**spec: object) -> str:
    """Return the small release with fields of its `spec` changed, those that are None taken out."""
    fields = {**SMALL["spec"], **spec}  # type: ignore[dict-item]
    return yaml.safe_dump(
        {**SMALL, "spec": {key: value for key, value in fields.items() if value is not None}}, sort_keys=False
    )


def service(**fields: object) -> str:
    return release(services=[{"name": "web", **fields}])


def rules(*items: object) -> str:
    return release(traffic={"gateway": "mse", "rules": list(items)})


def found(text: str) -> list[tuple[str, str, str]]:
    """Return code, field, and the text at the span of every diagnostic of a release."""
    checked = load_spec(source(text))
    result = []
    for diagnostic in checked.diagnostics:
        span = diagnostic.span
        assert span is not None
        line = span.source.line(span.line)
        result.append((diagnostic.code, diagnostic.field, line[span.column - 1 : span.column - 1 + span.length]))
    return result
