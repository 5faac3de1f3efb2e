"""Change the data of gray ConfigMaps and Secrets."""

import base64

from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Document, ObjectIdentity
from grayc.documents.tree import drop, get_map, put
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace
from grayc.spec.findings import at_spec
from grayc.spec.model import Changes, ServiceSpec


def set_config(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the keys that `config` of any service names; null removes. Running it twice changes nothing more.

    Those of `laneOnly` come after those of every service's `config`. In a Secret a key is written where it stands,
    `data` (as base64) or `stringData`; a new one goes where the Secret keeps the others.

    Diagnostics:
        GC317: two services give one key different values.
        GC414: a key to remove that is not there.
        GC415: the key is in `binaryData`, which a text cannot replace.
    Source: core/v1 ConfigMap and Secret.
    """
    identity, data = copy.document.identity, document.data
    services = plan.changed_config.get(plan.key_of(identity), ())
    diagnostics: list[Diagnostic] = []
    # What `laneOnly` says of any service comes after what all services say.
    for place in range(2):
        layer = [
            (service, changes)
            for service in services
            for changes in service.changes[place : place + 1]
            if identity.name in changes.config
        ]
        data = _set(data, identity, layer, plan, diagnostics)
    changed = document if data is document.data else replace(document, data=data)
    return Checked(value=changed, diagnostics=tuple(diagnostics))


def _set(
    data: dict[str, object],
    identity: ObjectIdentity,
    layer: list[tuple[ServiceSpec, Changes]],
    plan: ReleasePlan,
    diagnostics: list[Diagnostic],
) -> dict[str, object]:
    """Return the data with what several services write there at the same time."""
    given: dict[str, tuple[str | None, str]] = {}

    def report(code: str, message: str, changes: Changes, key: str, help: str) -> None:
        diagnostics.append(
            at_spec(
                plan.spec,
                changes.config_path(identity.name, key),
                code=code,
                message=message,
                object=identity.ref,
                names=(key, *(name for _, name in given.values())),
                help=help,
                key=True,
            )
        )

    for service, changes in layer:
        for key, value in changes.config[identity.name].items():
            if key in given and given[key][0] != value:
                report(
                    "GC317",
                    f"services `{given[key][1]}` and `{service.name}` give key `{key}` of `{identity.ref}` "
                    "different values",
                    changes,
                    key,
                    "they get one copy between them: agree on one value",
                )
                continue
            given[key] = (value, service.name)
            held = _holder(data, identity.kind, key)
            if held == "binaryData":
                report(
                    "GC415",
                    f"key `{key}` of `{identity.ref}` holds binary data",
                    changes,
                    key,
                    "change it with a patch on `binaryData`",
                )
            elif value is None:
                known = get_map(data, (held,))
                if key not in known:
                    report(
                        "GC414",
                        f"`{identity.ref}` has no key `{key}` to remove",
                        changes,
                        key,
                        did_you_mean(key, known, noun="key"),
                    )
                data = drop(data, (held, key))
            else:
                encoded = identity.kind == "Secret" and held == "data"
                data = put(data, (held, key), base64.b64encode(value.encode()).decode() if encoded else value)
    return data


def _holder(data: dict[str, object], kind: str, key: str) -> str:
    """Return the field that holds a key, or the one where a new key goes."""
    fields = ("stringData", "data") if kind == "Secret" else ("data", "binaryData")
    for field in fields:
        if key in get_map(data, (field,)):
            return field
    return "data" if kind == "ConfigMap" or data.get("data") else "stringData"
