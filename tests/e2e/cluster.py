"""A kube-apiserver on its etcd, both on loopback and on free ports, with an empty store of their own.

There are no controllers and no nodes: what is applied is validated, defaulted and kept, and no pod is ever started.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from tests.differential.kubectl import KUBECTL
from tools.api_server import Binaries

START_SECONDS = 60
_TOKEN = "loopback-only"


class ClusterError(Exception):
    """The API server does not come up; the text says what it printed last."""


@contextmanager
def cluster(binaries: Binaries, home: Path) -> Iterator[dict[str, str]]:
    """Start both programs, yield the environment in which `kubectl` talks to them, and stop them.

    Args:
        home: an empty folder for data, certificates and logs.
    Raises:
        ClusterError: they do not come up.
    """
    clients, peers, secure = _free_ports(3)
    store, url = f"http://127.0.0.1:{clients}", f"https://127.0.0.1:{secure}"
    key = home / "accounts.key"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    (home / "tokens.csv").write_text(f"{_TOKEN},admin,admin,system:masters\n", encoding="utf-8")
    with ExitStack() as stack:
        stack.enter_context(
            _running(
                [
                    str(binaries.etcd),
                    f"--data-dir={home / 'etcd'}",
                    f"--listen-client-urls={store}",
                    f"--advertise-client-urls={store}",
                    f"--listen-peer-urls=http://127.0.0.1:{peers}",
                    f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
                    f"--initial-cluster=default=http://127.0.0.1:{peers}",
                ],
                home / "etcd.log",
            )
        )
        server = stack.enter_context(
            _running(
                [
                    str(binaries.apiserver),
                    f"--etcd-servers={store}",
                    "--bind-address=127.0.0.1",
                    f"--secure-port={secure}",
                    f"--cert-dir={home / 'certificates'}",
                    "--service-account-issuer=https://e2e.invalid",
                    f"--service-account-key-file={key}",
                    f"--service-account-signing-key-file={key}",
                    f"--token-auth-file={home / 'tokens.csv'}",
                    "--authorization-mode=RBAC",
                    "--service-cluster-ip-range=10.0.0.0/16",
                    "--endpoint-reconciler-type=none",
                    # Nothing makes the accounts that it would ask for.
                    "--disable-admission-plugins=ServiceAccount",
                ],
                home / "kube-apiserver.log",
            )
        )
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "KUBECONFIG": str(_kubeconfig(home, url)),
            "LC_ALL": "C.UTF-8",
        }
        _wait(server, environment, home)
        yield environment


def _free_ports(count: int) -> list[int]:
    """Return ports of the loopback address that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _kubeconfig(home: Path, url: str) -> Path:
    path = home / "kubeconfig"
    data = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "e2e", "cluster": {"server": url, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "admin", "user": {"token": _TOKEN}}],
        "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "admin"}}],
        "current-context": "e2e",
    }
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def _wait(server: subprocess.Popen[bytes], environment: Mapping[str, str], home: Path) -> None:
    """Wait until the server is ready and has made the namespace `default`."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        ready = [[str(KUBECTL), "get", "--raw", "/readyz"], [str(KUBECTL), "get", "namespace", "default"]]
        if all(subprocess.run(one, env=environment, capture_output=True, check=False).returncode == 0 for one in ready):
            return
        time.sleep(0.3)
    log = (home / "kube-apiserver.log").read_text(encoding="utf-8", errors="replace")
    raise ClusterError(f"kube-apiserver is not ready after {START_SECONDS} s\n{log[-4000:]}")
