"""Which line of the release gave a gray object a value."""

from grayc.documents import Document, Path
from grayc.documents.tree import get_text, show_path
from grayc.plan.model import ReleasePlan


def release_place(document: Document, path: Path, value: object, plan: ReleasePlan) -> str:
    """Return the field of the spec that names the variable or key at `path` of a gray object, "" where none does.

    Args:
        document: gray, but with its baseline name.
        path: in the original, where it has the value.
        value: the gray one.
    """
    copy = plan.copy_of(document)
    if "env" in path:
        at = path.index("env")
        container = get_text(copy.document.data, (*path[:at], "name"))
        variable = get_text(copy.document.data, (*path[: at + 2], "name")) or get_text(value, ("name",))
        for changes in reversed(copy.service.changes):
            if variable in changes.env.get(container, {}):
                return show_path((*changes.path, "env", container, variable))
    if len(path) > 1:
        for service in plan.changed_config.get(plan.key_of(document.identity), ()):
            name, key = document.identity.name, str(path[1])
            for changes in reversed(service.changes):
                if key in changes.config.get(name, {}):
                    return show_path(changes.config_path(name, key))
    return ""
