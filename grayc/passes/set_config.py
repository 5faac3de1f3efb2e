"""Change the data of gray ConfigMaps and Secrets."""

import base64
from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Document
from grayc.documents.tree import drop, get_map, put
from grayc.plan.model import Copy, ReleasePlan
from grayc.spec.findings import at_spec
from grayc.spec.model import ServiceSpec


def set_config(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the keys that `config` of any service names; null removes. Running it twice changes nothing more.

    In a Secret a key is written where it stands, `data` (as base64) or `stringData`; a new one goes where the
    Secret keeps the others.

    Diagnostics:
        GC317: two services give one key different values.
        GC414: a key to remove that is not there.
        GC415: the key is in `binaryData`, which a text can not replace.
    Source: core/v1 ConfigMap and Secret.
    """
    identity, data = copy.document.identity, document.data
    diagnostics: list[Diagnostic] = []
    given: dict[str, tuple[str | None, str]] = {}

    def report(code: str, message: str, service: ServiceSpec, key: str, help: str) -> None:
        diagnostics.append(
            at_spec(
                plan.spec,
                (*service.path, "config", identity.name, key),
                code=code,
                message=message,
                object=identity.ref,
                names=(key, *(name for _, name in given.values()), service.name),
                help=help,
                key=True,
            )
        )

    for service in plan.changed_config.get(plan.key_of(identity), ()):
        for key, value in service.config[identity.name].items():
            if key in given and given[key][0] != value:
                report(
                    "GC317",
                    f"services `{given[key][1]}` and `{service.name}` give key `{key}` of `{identity.ref}` "
                    "different values",
                    service,
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
                    service,
                    key,
                    "change it with a patch on `binaryData`",
                )
            elif value is None:
                known = get_map(data, (held,))
                if key not in known:
                    report(
                        "GC414",
                        f"`{identity.ref}` has no key `{key}` to remove",
                        service,
                        key,
                        did_you_mean(key, known, noun="key"),
                    )
                data = drop(data, (held, key))
            else:
                encoded = identity.kind == "Secret" and held == "data"
                data = put(data, (held, key), base64.b64encode(value.encode()).decode() if encoded else value)
    changed = document if data is document.data else replace(document, data=data)
    return Checked(value=changed, diagnostics=tuple(diagnostics))


def _holder(data: dict[str, object], kind: str, key: str) -> str:
    """Return the field that holds a key, or the one where a new key goes."""
    fields = ("stringData", "data") if kind == "Secret" else ("data", "binaryData")
    for field in fields:
        if key in get_map(data, (field,)):
            return field
    return "data" if kind == "ConfigMap" or data.get("data") else "stringData"
