"""Everything that an API server has, asked of itself: kubectl needs a second for what takes a tenth of it."""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

_MOST_TRIES = 30
# What the cluster keeps for itself, or makes as it goes.
_NOT_OURS = frozenset({"events", "leases", "componentstatuses"})


class Server:
    """A connection to the API server of a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        """Connect, and learn which kinds there are."""
        config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        place = urlsplit(config["clusters"][0]["cluster"]["server"])
        assert place.hostname is not None
        # It is on loopback, and has made its certificate itself.
        context = ssl._create_unverified_context()
        self._connection = HTTPSConnection(place.hostname, place.port, context=context, timeout=60)
        self._headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
        self._resources = tuple(self._discover())

    def objects(self) -> Iterator[Mapping[str, Any]]:
        """Yield every object of every kind that can be listed and deleted, each in the version that the server prefers."""
        for api_version, kind, path in self._resources:
            for item in self.get(path)["items"]:
                yield {**item, "apiVersion": api_version, "kind": kind}

    def _discover(self) -> Iterator[tuple[str, str, str]]:
        """Yield version, kind and path of every resource."""
        groups = [("v1", "/api/v1")]
        for group in self.get("/apis")["groups"]:
            preferred = group["preferredVersion"]["groupVersion"]
            groups.append((preferred, f"/apis/{preferred}"))
        for api_version, path in groups:
            for row in self.get(path)["resources"]:
                if {"list", "delete"} <= set(row["verbs"]) and row["name"] not in _NOT_OURS:
                    yield api_version, row["kind"], f"{path}/{row['name']}"

    def patch(self, path: str, change: Mapping[str, Any]) -> None:
        """Change an object by a merge; one that has gone meanwhile needs no change."""
        headers = {**self._headers, "Content-Type": "application/merge-patch+json"}
        self._connection.request("PATCH", path, body=json.dumps(change), headers=headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 404, 409), f"{path}: {answer.status} {text[:300]!r}"

    def get(self, path: str) -> Any:
        """Return what the server answers."""
        for _ in range(_MOST_TRIES):
            self._connection.request("GET", path, headers=self._headers)
            answer = self._connection.getresponse()
            text = answer.read()
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            # The store of a kind that was defined a moment ago is being made.
            time.sleep(1)
        assert answer.status == 200, f"{path}: {answer.status} {text[:300]!r}"
        return json.loads(text)
