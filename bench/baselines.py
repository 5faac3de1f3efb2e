"""Baselines to measure with: N services of four to six objects, in the shapes that real repositories have.

Each service has a Deployment of two containers with probes, a Service, a ConfigMap of 30 lines and a
HorizontalPodAutoscaler; one in twenty has an Ingress, one in ten a ServiceMonitor, a kind that a CRD defines. Each
object stands in a file of its own.
"""

from collections.abc import Sequence
from pathlib import Path

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
    app.kubernetes.io/part-of: bench
  annotations:
    example.com/owner: team-{team}@example.com
spec:
  replicas: 3
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      app: {name}{original_selector}
  strategy:
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app: {name}
        msePilotAutoEnable: "on"
        msePilotCreateAppName: {name}{original_label}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9100"
    spec:
      serviceAccountName: default
      terminationGracePeriodSeconds: 30
      containers:
        - name: app
          image: registry.example.com/bench/{name}:1.0.0
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9100
          envFrom:
            - configMapRef:
                name: {name}
          env:
            - name: SERVICE_NAME
              value: {name}
            - name: LOG_LEVEL
              value: info
            - name: UPSTREAM
              value: http://{upstream}:80
            - name: POD_IP
              valueFrom:
                fieldRef:
                  fieldPath: status.podIP
          readinessProbe:
            httpGet:
              path: /health/ready
              port: http
            initialDelaySeconds: 10
            periodSeconds: 5
          livenessProbe:
            httpGet:
              path: /health/live
              port: http
            periodSeconds: 10
            failureThreshold: 3
          resources:
            requests:
              cpu: 100m
              memory: 256Mi
            limits:
              memory: 512Mi
          volumeMounts:
            - name: config
              mountPath: /etc/{name}
              readOnly: true
        - name: log-agent
          image: registry.example.com/platform/log-agent:2.4.1
          args: ["--follow", "/var/log/app", "--level=warn"]
          resources:
            requests:
              cpu: 10m
              memory: 32Mi
          readinessProbe:
            tcpSocket:
              port: 9200
          volumeMounts:
            - name: logs
              mountPath: /var/log/app
      volumes:
        - name: config
          configMap:
            name: {name}
        - name: logs
          emptyDir: {{}}
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  selector:
    app: {name}{original_service}
  ports:
    - name: http
      port: 80
      targetPort: http
    - name: metrics
      port: 9100
      targetPort: metrics
"""

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  labels:
    app: {name}
data:
  FEATURES: search,cart,checkout
  TIMEOUT_SECONDS: "30"
  application.yaml: |
    server:
      port: 8080
      shutdown: graceful
    spring:
      application:
        name: {name}
      datasource:
        hikari:
          maximum-pool-size: 20
          connection-timeout: 3000
    upstream:
      retries: 3
      timeout: 5s
      backoff: 200ms
    management:
      endpoints:
        web:
          exposure:
            include: health,prometheus
    logging:
      level:
        root: info
        com.example.bench: debug
    features:
      express: true
      recommendations: false
      page-size: 50
"""

SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: 3
  maxReplicas: 9
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  ingressClassName: mse
  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  name: http
"""

MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  selector:
    matchLabels:
      app: {name}
  endpoints:
    - port: metrics
      interval: 30s
"""

RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata:
  name: {tag}
spec:
  tag: {tag}
  baseline:
    - baseline/
  traffic:
    gateway: mse
    rules:
      - header: x-user-id
        value: "{user}"
  services:
"""

RELEASED_SERVICE = """\
    - name: {name}
      from: baseline/{name}
      images:
        app: registry.example.com/bench/{name}:1.1.0
"""

PATCH = """\
      patches:
        - target: {{kind: Deployment, name: {name}}}
          merge:
            metadata:
              annotations:
                example.com/reviewed: "yes"
            spec:
              template:
                spec:
                  terminationGracePeriodSeconds: 60
"""

KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
nameSuffix: -mse-gray
labels:
  - includeSelectors: true
    includeTemplates: true
    pairs:
      zadigx-release-type: mse-gray
      zadigx-release-version: gray
"""

_ORIGINAL = "zadigx-release-version: original"


def name_of(number: int) -> str:
    """Return the name of a service, which all its objects have."""
    return f"service-{number:04}"


def objects_of(number: int, services: int, *, prepared: bool = True) -> dict[str, str]:
    """Return the objects of a service: name of the file → text."""
    shapes = {"config": CONFIG, "deployment": DEPLOYMENT, "scaler": SCALER, "service": SERVICE}
    if number % 20 == 0:
        shapes["ingress"] = INGRESS
    if number % 10 == 0:
        shapes["monitor"] = MONITOR
    words = {
        "name": name_of(number),
        "team": str(number % 7),
        "upstream": name_of((number + 1) % services),
        "original_selector": f"\n      {_ORIGINAL}" if prepared else "",
        "original_label": f"\n        {_ORIGINAL}" if prepared else "",
        "original_service": f"\n    {_ORIGINAL}" if prepared else "",
    }
    return {f"{file}.yaml": shape.format(**words) for file, shape in sorted(shapes.items())}


def write_baseline(folder: Path, services: int, *, prepared: bool = True) -> int:
    """Write a baseline and a release of all of it, `release.yaml`; return the number of objects.

    Args:
        prepared: as `grayc adopt` leaves it, with `zadigx-release-version: original`; else grayc relabels.
    """
    count = 0
    for number in range(services):
        place = folder / "baseline" / name_of(number)
        place.mkdir(parents=True)
        for file, text in objects_of(number, services, prepared=prepared).items():
            (place / file).write_text(text, encoding="utf-8")
            count += 1
    write_release(folder / "release.yaml", range(services))
    return count


def write_release(
    path: Path, released: Sequence[int], *, tag: str = "gray", user: int = 100, patched: bool = False
) -> None:
    """Write a release of some services of a baseline beside it."""
    parts = [RELEASE.format(tag=tag, user=user)]
    for number in released:
        parts.append(RELEASED_SERVICE.format(name=name_of(number)))
        if patched:
            parts.append(PATCH.format(name=name_of(number)))
    path.write_text("".join(parts), encoding="utf-8")


def write_kustomization(folder: Path, services: int, *, with_images: bool) -> None:
    """Write `kustomization.yaml` over a whole baseline, with a new image for each service or without."""
    files = [f"  - baseline/{name_of(n)}/{file}\n" for n in range(services) for file in objects_of(n, services)]
    images = [f"  - name: registry.example.com/bench/{name_of(n)}\n    newTag: 1.1.0\n" for n in range(services)]
    text = KUSTOMIZATION + ("images:\n" + "".join(images) if with_images else "") + "resources:\n" + "".join(files)
    (folder / "kustomization.yaml").write_text(text, encoding="utf-8")


def write_chart(folder: Path, services: int) -> None:
    """Write a Helm chart that renders as many gray objects: names, labels and images from its values."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: bench\nversion: 0.1.0\n", encoding="utf-8")
    (folder / "values.yaml").write_text("suffix: -mse-gray\nversion: gray\ntag: 1.1.0\n", encoding="utf-8")
    for number in range(services):
        for file, text in objects_of(number, services).items():
            name = name_of(number)
            templated = (
                text.replace(f"name: {name}\n", f"name: {name}{{{{ .Values.suffix }}}}\n")
                .replace("original", "{{ .Values.version }}")
                .replace(f"{name}:1.0.0", f"{name}:{{{{ .Values.tag }}}}")
            )
            (folder / "templates" / f"{name}-{file}").write_text(templated, encoding="utf-8")
