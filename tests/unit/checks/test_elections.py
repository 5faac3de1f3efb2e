"""Gray pods that would choose a leader with production's are told."""

from pathlib import Path

import pytest

from tests.manifests import Object, an_object, build, with_code, workload


def a_container(*args: str, command: list[str] | None = None, **env: str) -> Object:
    return {
        "containers": [
            {
                "name": "web",
                "image": "registry.example.com/web:1",
                "args": [*args],
                **({"command": command} if command else {}),
                "env": [{"name": name, "value": value} for name, value in env.items()],
            }
        ]
    }


def configured(**data: str) -> list[Object]:
    pod = {**a_container(), "volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
    return [workload(pod=pod), an_object("ConfigMap", name="settings", data=data)]


def at(*args: str, command: list[str] | None = None, **env: str) -> list[Object]:
    return [workload(pod=a_container(*args, command=command, **env))]


TOLD: dict[str, tuple[list[Object], str]] = {
    "resource name": (at("--leader-elect=true", "--leader-elect-resource-name=web-lock"), "`web-lock`"),
    "id": (at("--leader-elect", "--leader-election-id=web-lock"), "`web-lock`"),
    "id as the next item": (at("--leader-election-id", "web-lock"), "`web-lock`"),
    "one dash": (at("-enable-leader-election", "-leader-election-id", "web-lock"), "`web-lock`"),
    "election": (at("/nginx-ingress-controller", "--election-id=web-lock"), "`web-lock`"),
    "election as the next item": (at("--election-id", "web-lock"), "`web-lock`"),
    "election of a variable": (at(CONTROLLER_ELECTION_ID="web-lock"), "`web-lock`"),
    "election of a file": (configured(**{"c.yaml": "kubernetes:\n  election_id: web-lock\n"}), "`web-lock`"),
    "not off": (at("--disable-leader-election=false", "--leader-election-resource-name=web-lock"), "`web-lock`"),
    "shell": (at(command=["sh", "-c", "exec /web --leader-elect --leader-election-id=web-lock"]), "`web-lock`"),
    "switch alone": (at("--leader-elect", "--port=80"), "the program names"),
    "switch of a variable": (at(ENABLE_LEADER_ELECTION="true"), "the program names"),
    "id of a variable": (at(LEADER_ELECTION_ID="web-lock"), "`web-lock`"),
    "lease of a variable": (at(LEASE_NAME="web-lock"), "`web-lock`"),
    "component configuration": (
        configured(**{"c.yaml": "leaderElection:\n  leaderElect: true\n  resourceName: web.example.com\n"}),
        "`web.example.com`",
    ),
    "Spring": (
        configured(**{"application.properties": "spring.cloud.kubernetes.leader.config-map-name=leader\n"}),
        "`leader`",
    ),
    "Camel": (
        configured(**{"application.yaml": "camel:\n  cluster:\n    kubernetes:\n      config-map-name: leaders\n"}),
        "`leaders`",
    ),
}

QUIET: dict[str, list[Object]] = {
    "off": at("--leader-elect=false", "--leader-election-id=web-lock"),
    "disabled": at("serve", "--disable-leader-election", "--leader-election-resource-name=web-lock"),
    "disabled by a variable": at(LEADER_ELECTION_NAME="web-lock", DISABLE_LEADER_ELECTION="true"),
    "an election that people vote in": at(ELECTION_ID="2026", VOTES_ELECTION_ID="2026"),
    "an election without a lock": at("--election-ttl=30s", "--election-namespace=shop"),
    "an election for each pod": at("--election-id=$(POD_NAME)"),
    "off by a variable": at(LEADER_ELECTION_ENABLED="false"),
    "for each pod": at("--leader-elect", "--leader-election-id=$(POD_NAME)"),
    "another setting": at("--leader-elect-lease-duration=15s", "--leader-elect-resource-lock=leases"),
    "its namespace": at("--leader-election-namespace=shop"),
    "a release": at(RELEASE_NAME="web", SHOP_LEADER="anna"),
    "text": configured(note="our leader was chosen by election"),
}


@pytest.mark.parametrize(("objects", "lock"), TOLD.values(), ids=TOLD)
def test_a_lock_that_gray_pods_share_is_told(objects: list[Object], lock: str, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, objects)
    [told] = [item for item in findings if item["code"] == "GC396"]
    assert lock in told["message"]


@pytest.mark.parametrize("objects", QUIET.values(), ids=QUIET)
def test_nothing_is_told_where_no_lock_is_shared(objects: list[Object], tmp_path: Path) -> None:
    findings, _ = build(tmp_path, objects)
    assert with_code(findings, "GC396") == []


@pytest.mark.parametrize(
    "service",
    [
        {"laneOnly": {"env": {"web": {"LEADER_ELECTION_ID": "web-lock-gray"}}}},
        {"laneOnly": {"env": {"web": {"LEADER_ELECTION_ENABLED": "false"}}}},
        {"replicas": 0},
    ],
    ids=["own", "off", "no pods"],
)
def test_a_lane_that_is_kept_from_it_is_not_told(service: Object, tmp_path: Path) -> None:
    findings, _ = build(tmp_path, at(LEADER_ELECTION_ID="web-lock"), services=[{"name": "web", **service}])
    assert with_code(findings, "GC396") == []


def test_a_name_in_a_secret_is_not_shown(tmp_path: Path) -> None:
    pod = a_container()
    pod["containers"][0]["envFrom"] = [{"secretRef": {"name": "s"}}]
    secret = an_object("Secret", name="s", stringData={"LEADER_ELECTION_ID": "hidden"})
    findings, _ = build(tmp_path, [workload(pod=pod), secret])
    assert "hidden" not in str(findings)
