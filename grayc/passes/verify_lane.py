"""Make the Jobs that check the lane."""

import hashlib
import json
from typing import assert_never

from grayc.analysis.agents import namespaces_of
from grayc.analysis.graph import is_workload
from grayc.diagnostics import Checked, Diagnostic, Note, did_you_mean
from grayc.documents import Document
from grayc.documents.tree import get_list, get_map, get_text
from grayc.k8s.gitops import ARGOCD_CHECK, FLUX_SUBSTITUTE
from grayc.k8s.kinds import BATCH, CORE
from grayc.k8s.lane_labels import check_service
from grayc.k8s.mse_agent import SWITCH, SWITCH_OFF
from grayc.k8s.pod_templates import WORKLOADS
from grayc.k8s.providers import PROVIDERS
from grayc.k8s.route_meshes import LINKERD, LINKERD_ENDS
from grayc.passes.model import Lane
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import ContainerCheck, Gitops, HttpCheck, ServiceSpec, Verification

_CONTAINER = "check"
_TRIES = 6
"""How often a container is started again where nothing waits for the gray pods: Kubernetes' own default."""
_PULL = 60
"""Seconds that a Job has besides those in which its request is asked, for its image."""
_KEPT = 24 * 60 * 60
"""Seconds that a Job is kept where nothing else takes it away when the next one comes.

Argo CD never prunes a hook, and `kubectl apply` prunes nothing. Flux prunes, and would make anew what is gone.
"""

_UNPRIVILEGED: dict[str, object] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 65534,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Source: Kubernetes, Pod Security Standards, "Restricted"."""
_SMALL: dict[str, object] = {
    "requests": {"cpu": "10m", "memory": "16Mi"},
    # Both, since a ResourceQuota may count either.
    "limits": {"cpu": "200m", "memory": "64Mi"},
}

ASK = """\
line='
'
get() { timeout 10 wget "$@" --header "$CHECK_HEADER" "$CHECK_URL"; }
until=$(($(date +%s) + CHECK_SECONDS))
while :; do
  body=
  if command -v curl >/dev/null 2>&1; then
    answer=$(curl -sSg -m 10 -H "$CHECK_HEADER" -w "$line%{http_code}" "$CHECK_URL" 2>&1)
    status=${answer##*"$line"}
    body=${answer%"$line"*}
  else
    answer=$(get -S -O /dev/null 2>&1)
    status=$(printf '%s\\n' "$answer" | sed -n 's|^ *HTTP/[0-9.]* \\([0-9]*\\).*|\\1|p' | head -n 1)
    case $status in
      2??) [ -z "$CHECK_BODY" ] || body=$(get -q -O - 2>/dev/null; echo .) ;;
    esac
    body=${body%.}
    answer=$answer$line$body
  fi
  said="status ${status:-none}, not $CHECK_STATUS"
  if [ "$status" = "$CHECK_STATUS" ]; then
    said="status $status without the expected text"
    case $body in
      *"$CHECK_BODY"*) echo "$CHECK_URL: status $status, as expected"; exit 0 ;;
    esac
  fi
  if [ "$(date +%s)" -ge "$until" ]; then
    echo "$CHECK_URL: $said"
    printf '%s\\n' "$answer"
    exit 1
  fi
  sleep 2
done
"""
"""The shell program of a request: asks until the answer is as expected (0) or the time is up (1).

Busybox may be built without its own `wget -T`, and then falls over it, so `timeout` ends a request without an answer.

It says the same with either program: `wget` follows a redirect, so the body counts only where the first answer was the
last, and a sign behind it keeps what the shell cuts off at its end. `curl` would take `[` and `{` of a URL for several.

The kubelet takes `$(NAME)` in a container's command for a variable, and leaves it as it is where there is none of that
name; no command here is a variable's name. In the value of a variable it also takes `$$` for `$`, so each is doubled
there. Source: Kubernetes API reference 1.37, core/v1 Container, `command`, and EnvVar, `value`.
"""


def verify_lane(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane and a Job for each entry of `spec.verify`.

    A Job cannot be changed, so its name ends with a hash of the whole lane: whatever changes, the new lane is checked
    by a new Job. Argo CD makes a hook anew with each sync, under the name that it had.

    Diagnostics:
        GC205: a check would be labelled like a service, whose Services would find its pods.
        GC417: no Service of that name has a gray copy, or several have.
        GC418: the Service has no such port, or names none.
    Source: Kubernetes API reference 1.37, batch/v1 JobSpec; argo-cd docs/user-guide/resource_hooks.md.
    """
    if not plan.spec.verifications or not plan.copies:
        return Checked(value=lane)
    gray = _Gray(lane.documents, plan)
    made: list[Document] = []
    diagnostics: list[Diagnostic] = []
    services = {service.name: service for service in plan.spec.services}
    for check in plan.spec.verifications:
        if (name := check_service(check.name)) in services:
            diagnostics.append(_taken(check, services[name], plan))
        match check:
            case ContainerCheck():
                made.append(_job(check, plan, _container(check), plan.copies[0], gray))
            case HttpCheck():
                asked = _asked(check, plan)
                diagnostics += asked.diagnostics
                if asked.value is not None:
                    copy, container = asked.value
                    made.append(_job(check, plan, container, copy, gray))
            case _:
                assert_never(check)
    return Checked(value=lane.adding(made), diagnostics=tuple(diagnostics))


class _Gray:
    """What a check takes from all gray objects.

    Attributes:
        text: the same for two lanes that are.
    """

    def __init__(self, documents: tuple[Document, ...], plan: ReleasePlan) -> None:
        self.text = "\n".join(sorted(json.dumps(document.data, sort_keys=True) for document in documents))
        self._pull_secrets: dict[str, set[str]] = {}
        for document in documents:
            if is_workload(document):
                template = WORKLOADS[document.identity.group_kind].template
                named = get_list(document.data, (*template, "spec", "imagePullSecrets"))
                names = self._pull_secrets.setdefault(plan.key_of(document.identity).namespace, set())
                names.update(get_text(item, ("name",)) for item in named)

    def pull_secrets(self, namespace: str) -> list[dict[str, str]]:
        """Return the `imagePullSecrets` of the gray workloads of a namespace: what checks them comes from there too."""
        return [{"name": name} for name in sorted(self._pull_secrets.get(namespace, set()) - {""})]


def _taken(check: Verification, service: ServiceSpec, plan: ReleasePlan) -> Diagnostic:
    path = (*check.path, "name")
    return at_spec(
        plan.spec,
        path,
        code="GC205",
        message=f"check `{check.name}` would be labelled `{service.name}`, as the objects of that service are",
        notes=(Note(message="the service", span=plan.spec.span(service.path)),),
        help="give the check another name",
    )


def _job(check: Verification, plan: ReleasePlan, container: dict[str, object], near: Copy, gray: _Gray) -> Document:
    """Return the Job of one check, in the namespace of what it is near to."""
    spec = plan.spec
    is_hook = spec.output.gitops is Gitops.ARGOCD
    is_asking = isinstance(check, HttpCheck)
    service = check_service(check.name)
    home = plan.key_of(near.document.identity).namespace
    pull_secrets = gray.pull_secrets(home)
    ending = LINKERD_ENDS if _has_linkerd(plan, home) else {}
    body: dict[str, object] = {
        # A request is asked again in its container, and after a sync everything is up.
        "backoffLimit": 0 if is_hook or is_asking else _TRIES,
        "activeDeadlineSeconds": check.timeout + (_PULL if is_asking else 0),
        **({} if spec.output.gitops is Gitops.FLUX else {"ttlSecondsAfterFinished": _KEPT}),
        "template": {
            "metadata": {
                "labels": {**spec.selecting(service), **_without_agent(plan)},
                **({"annotations": dict(ending)} if ending else {}),
            },
            "spec": {
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
                "containers": [container],
                **({"imagePullSecrets": pull_secrets} if pull_secrets else {}),
            },
        },
    }
    digest = hashlib.sha256(f"{gray.text}{json.dumps(body, sort_keys=True)}".encode()).hexdigest()[:8]
    name = service + ("" if is_hook else f"-{digest}") + spec.suffix
    annotations = dict(ARGOCD_CHECK) if is_hook else {}
    if spec.output.gitops is Gitops.FLUX and "${" in json.dumps(body):
        annotations = {FLUX_SUBSTITUTE: "disabled"}
    own = get_map(near.document.data, ("metadata",)).get("namespace")
    namespace = own or (spec.namespace if own is None and spec.set_namespace else None)
    return replace(
        spec.document,
        root=(*spec.document.root, *check.path),
        data={
            "apiVersion": f"{BATCH}/v1",
            "kind": "Job",
            "metadata": {
                "name": name,
                **({"namespace": namespace} if namespace else {}),
                "labels": spec.labels(service),
                **({"annotations": annotations} if annotations else {}),
            },
            "spec": body,
        },
    )


def _has_linkerd(plan: ReleasePlan, namespace: str) -> bool:
    """Tell whether pods of a namespace that say nothing of Linkerd get its proxy."""
    found = namespaces_of(plan.baseline).get(namespace)
    value = get_text(found.data, ("metadata", LINKERD.place, LINKERD.switch)) if found is not None else ""
    return value in LINKERD.on or value in LINKERD.unsure


def _without_agent(plan: ReleasePlan) -> dict[str, object]:
    """Return the label by which the MSE agent stays out of a check, which is no application."""
    return {SWITCH: SWITCH_OFF} if PROVIDERS[plan.spec.lane.provider].has_agent else {}


def _container(check: ContainerCheck) -> dict[str, object]:
    return {
        "name": _CONTAINER,
        "image": check.image,
        **({"command": [*check.command]} if check.command else {}),
        **({"args": [*check.args]} if check.args else {}),
        **({"env": [{"name": name, "value": value} for name, value in check.env.items()]} if check.env else {}),
    }


def _asked(check: HttpCheck, plan: ReleasePlan) -> Checked[tuple[Copy, dict[str, object]]]:
    """Return the Service that is asked, and the container that asks it."""
    services = [copy for copy in plan.copies if copy.document.identity.group_kind == (CORE, "Service")]
    found = [copy for copy in services if copy.document.identity.name == check.service]
    path = (*check.path, "http", "service")
    if len(found) != 1:
        names = sorted({copy.document.identity.name for copy in services})
        wrong = at_spec(
            plan.spec,
            path,
            code="GC417",
            message=f"check `{check.name}` asks Service `{check.service}`, which "
            + ("has no gray copy" if not found else "has a gray copy in each of several namespaces"),
            notes=tuple(
                Note(message="one is here", span=copy.document.span(("metadata", "namespace"))) for copy in found
            ),
            help=did_you_mean(check.service, names, noun="copied Service")
            if not found
            else "check each with a container of your own",
        )
        return Checked(value=None, diagnostics=(wrong,))
    ports = [get_map(item, ()).get("port") for item in get_list(found[0].document.data, ("spec", "ports"))]
    port = check.port if check.port is not None else next(iter(ports), None)
    if port is None or (ports and port not in ports):
        return Checked(value=None, diagnostics=(_no_port(check, found[0], ports, plan),))
    container: dict[str, object] = {
        "name": _CONTAINER,
        "image": check.image,
        "command": ["sh", "-c", ASK],
        "env": [
            {"name": name, "value": value.replace("$", "$$")}
            for name, value in (
                ("CHECK_URL", f"http://{found[0].gray_name}:{port}{check.request_path}"),
                ("CHECK_HEADER", plan.spec.lane.carrier.line(plan.spec.tag)),
                ("CHECK_STATUS", str(check.status)),
                ("CHECK_BODY", check.body),
                ("CHECK_SECONDS", str(check.timeout)),
            )
        ],
        "resources": _SMALL,
        "securityContext": _UNPRIVILEGED,
    }
    return Checked(value=(found[0], container))


def _no_port(check: HttpCheck, copy: Copy, ports: list[object], plan: ReleasePlan) -> Diagnostic:
    has_port = check.port is not None
    path = (*check.path, "http", "port" if has_port else "service")
    return at_spec(
        plan.spec,
        path,
        code="GC418",
        message=f"check `{check.name}` asks "
        + (
            f"port {check.port} of Service `{check.service}`, which has only {', '.join(map(str, ports))}"
            if has_port
            else f"Service `{check.service}`, which names no port"
        ),
        object=copy.document.identity.ref,
        notes=(Note(message="the Service", span=copy.document.span(("metadata", "name"))),),
        help="write one of them" if has_port else "write `port` in `http`",
    )
