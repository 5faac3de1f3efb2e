"""Add, replace and remove variables of gray containers."""

from collections.abc import Mapping

from grayc.analysis.graph import containers_of, is_workload
from grayc.diagnostics import Checked
from grayc.documents import Document
from grayc.documents.tree import drop, get_list, is_mapping, put
from grayc.plan.model import Copy, ReleasePlan
from grayc.records import replace


def set_env(document: Document, copy: Copy, plan: ReleasePlan) -> Checked[Document]:
    """Set the variables that the release names: new ones come last, null removes. Twice changes nothing more.

    Those of `laneOnly` come after those of `env`. A variable that the baseline takes from a ConfigMap or Secret becomes
    the plain value.

    Source: core/v1 Container, `env`; of two variables with one name the later counts.
    """
    given = [changes.env for changes in copy.service.changes if changes.env]
    if not given or not is_workload(document):
        return Checked(value=document)
    data = document.data
    for path, container in containers_of(document):
        wanted = [changes for env in given if (changes := env.get(str(container.get("name"))))]
        if wanted:
            env = get_list(container, ("env",))
            for changes in wanted:
                env = _changed(env, changes)
            data = put(data, (*path, "env"), env) if env else drop(data, (*path, "env"))
    return Checked(value=replace(document, data=data))


def _changed(before: list[object], changes: Mapping[str, str | None]) -> list[object]:
    env: list[object] = []
    present: set[str] = set()
    for entry in before:
        name = str(entry.get("name")) if is_mapping(entry) else ""
        if name in changes:
            value = changes[name]
            if value is not None and name not in present:
                env.append({"name": name, "value": value})
            present.add(name)
        else:
            env.append(entry)
    env += [
        {"name": name, "value": value} for name, value in changes.items() if value is not None and name not in present
    ]
    return env
