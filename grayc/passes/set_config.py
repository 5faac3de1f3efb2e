"""Change the data of gray ConfigMaps and Secrets."""

import base64
from dataclasses import replace

from grayc.diagnostics import Checked, Diagnostic, did_you_mean
from grayc.documents import Document
from grayc.documents.tree import drop, get_map, put
from grayc.k8s.kinds import CORE
from grayc.plan.model import ReleasePlan, group_kind_of


def set_config(documents: tuple[Document, ...], plan: ReleasePlan) -> Checked[tuple[Document, ...]]:
    """Set the keys that `config` of any service names; null removes. Running it twice changes nothing more.

    In a Secret a key is written where it stands, `data` (as base64) or `stringData`; a new one goes where the
    Secret keeps the others.

    Diagnostics:
        GC317: two services give one key different values.
        GC414: a key to remove that is not there.
        GC415: the key is in `binaryData`, which a text can not replace.
    Source: core/v1 ConfigMap and Secret.
    """
    result: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for document in documents:
        identity = document.identity
        if group_kind_of(identity) not in ((CORE, "ConfigMap"), (CORE, "Secret")):
            result.append(document)
            continue
        data = document.data
        given: dict[str, tuple[str | None, str]] = {}
        for service in plan.spec.services:
            for key, value in service.config.get(identity.name, {}).items():
                path = (*service.path, "config", identity.name, key)
                field = f"spec.services[{service.path[-1]}].config.{identity.name}.{key}"
                span = plan.spec.span(path, key=True)
                if key in given and given[key][0] != value:
                    diagnostics.append(Diagnostic(
                        code="GC317",
                        message=f"services `{given[key][1]}` and `{service.name}` give key `{key}` of "
                        f"`{identity.ref}` different values",
                        span=span, field=field, object=identity.ref,
                        help="they get one copy between them: agree on one value",
                    ))
                    continue
                given[key] = (value, service.name)
                held = _holder(data, identity.kind, key)
                if held == "binaryData":
                    diagnostics.append(Diagnostic(
                        code="GC415",
                        message=f"key `{key}` of `{identity.ref}` holds binary data",
                        span=span, field=field, object=identity.ref,
                        help="change it with a patch on `binaryData`",
                    ))
                elif value is None:
                    if key not in get_map(data, (held,)):
                        diagnostics.append(Diagnostic(
                            code="GC414",
                            message=f"`{identity.ref}` has no key `{key}` to remove",
                            span=span, field=field, object=identity.ref,
                            help=did_you_mean(key, get_map(data, (held,)), noun="key"),
                        ))
                    data = drop(data, (held, key))
                else:
                    encoded = identity.kind == "Secret" and held == "data"
                    text = base64.b64encode(value.encode()).decode() if encoded else value
                    data = put(data, (held, key), text)
        result.append(replace(document, data=data))
    return Checked(value=tuple(result), diagnostics=tuple(diagnostics))


def _holder(data: dict[str, object], kind: str, key: str) -> str:
    """Return the field that holds a key, or the one where a new key goes."""
    fields = ("stringData", "data") if kind == "Secret" else ("data", "binaryData")
    for field in fields:
        if key in get_map(data, (field,)):
            return field
    return "data" if kind == "ConfigMap" or data.get("data") else "stringData"
