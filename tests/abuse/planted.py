"""A release in which every place that can hold a secret holds one, each with a value of its own.

In the texts `«NAME»` stands for a value, `«b64:NAME»` for one in base64.
"""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

_PLACE = re.compile("«(b64:)?([a-z0-9-]+)»")

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    db.example.com/password: «annotation»
    example.com/owner: team-web
    kubectl.kubernetes.io/last-applied-configuration: |
      {"spec":{"template":{"spec":{"containers":[{"env":[{"name":"DB_PASSWORD","value":"«applied»"}]}]}}}}
spec:
  selector:
    matchLabels: {app: web, zadigx-release-version: original}
  template:
    metadata:
      labels: {app: web, zadigx-release-version: original}
      annotations:
        vault.example.com/access-token: "«pod-annotation»"
        example.com/settings: '{"password": "«json-annotation»", "size": 1}'
    spec:
      imagePullSecrets: [{name: registry-login}]
      containers:
        - name: web
          image: registry.example.com/web:1.0
          command: [sh, -c, "curl -u admin:«login» http://db"]
          args: ["--password", "«argument-after»", "--token=«argument»", "--level=info", "--url=http://a/?token=«query-of-argument»"]
          env:
            - name: DB_PASSWORD
              value: «env-password»
            - name: API_TOKEN
              value: «env-token»
            - name: AWS_SECRET_ACCESS_KEY
              value: «env-access-key»
            - name: SIGN_KEY
              value: "«env-key»"
            - name: SESSION_SALT
              value: «env-salt»
            - name: REDIS_AUTH
              value: «env-auth»
            - name: DATABASE_DSN
              value: «env-dsn»
            - {name: JWT, value: «env-jwt»}
            - name: DATABASE_URL
              value: postgres://shop:«url-login»@db:5432/shop
            - name: CALLBACK
              value: https://example.com/hook?size=1&access_token=«url-query»
            - name: JAVA_OPTS
              value: -Xmx1g -Ddb.password=«java-option»
            - name: AUTHORIZATION_LINE
              value: "Bearer «bearer»"
            - name: MODE
              value: fast
            - name: ALERTS
              value: https://hooks.slack.com/services/T01/B02/«webhook»
            - name: TLS_PEM
              value: |
                -----BEGIN RSA PRIVATE KEY-----
                «private-key»
                -----END RSA PRIVATE KEY-----
            - name: FOLDED
              value: >-
                -----BEGIN PRIVATE KEY-----
                «folded-private-key»
                -----END PRIVATE KEY-----
          envFrom:
            - configMapRef: {name: web-settings}
            - secretRef: {name: access}
          livenessProbe:
            httpGet:
              path: /health?token=«probe-query»
              port: 80
              httpHeaders: [{name: Authorization, value: Basic «probe-header»}, {name: X-Api-Key, value: «probe-key»}, {name: X-Session-Id, value: «probe-session»}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web, zadigx-release-version: original}
  ports: [{port: 80}]
"""

SECRETS = """\
apiVersion: v1
kind: Secret
metadata:
  name: access
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"kind":"Secret","stringData":{"plain":"«secret-applied»"}}
data:
  encoded: «b64:secret-data»
  .dockerconfigjson: «b64:docker-login»
stringData:
  plain: «secret-plain»
  several: |
    first line
    «secret-line»
"""

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: web-settings, namespace: shop}
data:
  api-token: «config-key»
  app.properties: |
    server.port=80
    db.password=«config-properties»
  app.yaml: |
    db:
      host: db
      password: «config-yaml»
  app.json: |
    {"db": {"password": "«config-json»"}}
  app.ini: |
    [db]
    passwd = «config-ini»
  nginx.conf: |
    proxy_set_header Authorization "Basic «config-nginx»";
  tls.pem: |
    -----BEGIN EC PRIVATE KEY-----
    «config-pem»
    -----END EC PRIVATE KEY-----
  LOG_LEVEL: info
binaryData:
  store.p12: «b64:config-binary»
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-type: basic
    nginx.ingress.kubernetes.io/auth-secret: basic-login
    nginx.ingress.kubernetes.io/session-cookie-name: visitor
    nginx.ingress.kubernetes.io/auth-url: https://auth:«ingress-login»@auth.example.com/check
    nginx.ingress.kubernetes.io/configuration-snippet: |
      proxy_set_header Authorization "Bearer «ingress-snippet»";
    example.com/api-token: «ingress-annotation»
spec:
  ingressClassName: mse
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
"""

OTHERS = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {name: web}
  maxReplicaCount: 3
  triggers:
    - type: rabbitmq
      metadata: {host: "amqp://user:«keda-login»@mq:5672/vhost", password: «keda-field», queueName: orders}
      authenticationRef: {name: mq-login}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: web, namespace: shop}
spec:
  secretStoreRef: {name: vault}
  target: {name: access, template: {data: {password: «external-template»}}}
  data: [{secretKey: login, remoteRef: {key: shop/login}}]
---
apiVersion: example.com/v1
kind: Database
metadata: {name: web, namespace: shop}
spec:
  password: {value: «field-value»}
  credentials: {secretName: db-login, token: «field-below»}
  tokens: [«field-item»]
  size: 1
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: other, namespace: shop}
spec:
  hosts: [other]
  http:
    - match: [{headers: {x-api-token: {exact: «rule-token»}, x-lane-key: {exact: blue-lane}, x-session: {exact: «rule-session»}, cookie: {regex: "^(.*;)?session=«rule-cookie»(;.*)?$"}}}]
      headers: {request: {set: {authorization: Basic «set-header», x-session-id: «set-session»}}}
      route: [{destination: {host: other}}]
"""

SPEC = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: shop}
spec:
  tag: gray
  namespace: shop
  baseline: [baseline/]
  services:
    - name: web
      workload: Deployment/web
      work: shared
      images: {web: registry.example.com/web:1.1}
      env:
        web:
          ADMIN_PASSWORD: «spec-env»
          SPEED: quick
      config:
        access:
          plain: «spec-config-of-a-secret»
        web-settings:
          api-token: «spec-config»
          LOG_LEVEL: debug
      patches:
        - target: {kind: Deployment}
          merge:
            metadata:
              annotations:
                mail.example.com/password: «patch-annotation»
        - target: {kind: Secret, name: access}
          merge:
            stringData:
              more: «patch-secret»
        - target: {kind: ConfigMap, name: web-settings}
          file: patch.yaml
  verify:
    - name: smoke
      image: registry.example.com/smoke:1
      command: [/smoke]
      env:
        SMOKE_TOKEN: «verify-env»
  traffic:
    gateway: mse
    rules:
      - header: x-user-id
        value: "100"
      - header: x-api-token
        value: «spec-rule»
      - cookie: visitor-lane
        value: blue-visitors
      - cookie: session
        value: «spec-session»
      - header: x-session-id
        value: «spec-session-header»
  rollout:
    steps:
      - name: few
        rules:
          - header: x-api-token
            value: «step-rule»
      - name: all
"""

PATCH = """\
data:
  mail.properties: |
    mail.user=shop
    mail.password=«patch-file»
"""

WORKFLOW = """\
name: shop
params:
  - {name: DEPLOY_TOKEN, type: string, value: «workflow-parameter», is_credential: true}
stages:
  - name: release
    jobs:
      - name: release
        type: mse-gray-release
        spec:
          production: true
          gray_tag: gray
          gray_services:
            - service_name: web
              replicas: 2
              yaml: |
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web-mse-gray, namespace: shop}
                spec:
                  template:
                    spec:
                      containers:
                        - name: web
                          image: registry.example.com/web:1.1
                          env: [{name: DB_PASSWORD, value: «workflow-manifest»}]
              service_and_image: [{service_module: web, image: registry.example.com/web:1.1}]
"""

FILES = {
    "release.yaml": SPEC,
    "patch.yaml": PATCH,
    "workflow.yaml": WORKFLOW,
    "baseline/web.yaml": WEB,
    "baseline/secrets.yaml": SECRETS,
    "baseline/config.yaml": CONFIG,
    "baseline/ingress.yaml": INGRESS,
    "baseline/others.yaml": OTHERS,
}

PLACES = tuple(found[2] for text in FILES.values() for found in _PLACE.finditer(text))
"""Names of all planted values."""

NEW, OLD = "7316", "7315"
"""How the values end: now, and in what a difference is made with."""


def value_of(name: str, end: str = NEW) -> str:
    """Return the value that is planted at a place."""
    return f"s3cr-{name}-{end}"


def planted(text: str, end: str = NEW) -> str:
    """Return a text with its values."""

    def fill(found: re.Match[str]) -> str:
        value = value_of(found[2], end)
        return base64.b64encode(value.encode()).decode() if found[1] else value

    return _PLACE.sub(fill, text)


def plant(home: Path, end: str = NEW) -> None:
    """Write all files."""
    for name, text in FILES.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(planted(text, end), encoding="utf-8")


def shown_values(text: str) -> tuple[str, ...]:
    """Return the planted values, old and new, that a text shows, plainly or in base64."""
    found = []
    for name in PLACES:
        for end in (NEW, OLD):
            value = value_of(name, end)
            # The tail is what a cut or a wrapped line leaves.
            tail = value.removeprefix("s3cr-")
            if tail in text or base64.b64encode(value.encode()).decode() in text:
                found.append(value)
    return tuple(found)


def split_at_place(text: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield for each line with a place: the lines above, what stands before the place, it, what is after, the rest."""
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        found = _PLACE.search(line)
        if found is not None:
            end = line.removesuffix("\n")[found.end() :]
            yield "".join(lines[:at]), line[: found.start()], found[0], end, "".join(("\n", *lines[at + 1 :]))
