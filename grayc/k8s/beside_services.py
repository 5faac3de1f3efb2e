"""Programs that stand beside a team's services: registries, and what watches and draws them.

Nobody's first gray release is one of them while there is another workload. Stores are in `stores`.
"""

from grayc.k8s.registries import SERVERS

_COORDINATORS = {"zookeeper": "ZooKeeper", "etcd": "etcd"}
"""Where Dubbo's services and others register. Sources: Docker Hub, `zookeeper`; etcd-io/etcd, README."""

_WATCHERS = {
    "grafana": "Grafana",
    "prometheus": "Prometheus",
    "alertmanager": "Alertmanager",
    "kiali": "Kiali",
    "zipkin": "Zipkin",
    "zipkin-slim": "Zipkin",
    "kibana": "Kibana",
    "jaeger": "Jaeger",
    "all-in-one": "Jaeger",
    "skywalking-oap-server": "SkyWalking",
    "skywalking-ui": "SkyWalking",
    "dubbo-admin": "Dubbo Admin",
}
"""Last part of an image's name → the program that watches others, and so names them.

Sources: the images of istio/istio 1.26 samples/addons (`grafana/grafana`, `prom/prometheus`, `kiali/kiali`,
`openzipkin/zipkin-slim`, `jaegertracing/all-in-one`, `apache/skywalking-oap-server`, `apache/skywalking-ui`); of
apache/dubbo-admin docker/stack.yml; `quay.io/prometheus/alertmanager`; `docker.elastic.co/kibana/kibana`.
"""

BESIDE_SERVICES = {**SERVERS, **_COORDINATORS, **_WATCHERS}
"""Last part of an image's name → the program."""
