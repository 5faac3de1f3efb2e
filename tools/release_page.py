"""Make `docs/release.md`, the fields of release.yaml, of its JSON Schema. `write_docs` writes it."""

import json
import re
from collections.abc import Iterator

from grayc.documents import Path
from grayc.documents.tree import is_mapping, show_path
from grayc.spec.diagnose import TYPE_WORDS
from grayc.spec.fit import Schema
from grayc.spec.schema import load_schema, resolved

_INTRODUCTION = """# release.yaml, field by field

{description}

`grayc schema` prints the JSON Schema that this page is made from; an editor that knows it helps while you type:

```yaml
# yaml-language-server: $schema=https://grayc.dev/schemas/release.schema.json
{example}```

A field in bold must be there. `[]` stands for each item of a list, `*` for each name of a mapping.
"""


def release_page() -> str:
    """Return docs/release.md."""
    schema = load_schema()
    start = _INTRODUCTION.format(description=schema["description"], example=_block(schema["examples"][0]))
    return start + "".join(_sections(schema, ()))


def _sections(schema: Schema, path: Path) -> Iterator[str]:
    """Yield the section of a mapping, and of all below it; each way to write an item has a table of its own."""
    schema = resolved(schema)
    branches = [resolved(branch) for branch in schema.get("oneOf", ())]
    tables = [(branch["title"], branch) for branch in branches if "properties" in branch]
    if "properties" in schema:
        tables = [("", schema)]
    if tables and path:
        yield f"\n## {_shown(path)}\n\n{schema['description']}\n"
        yield f"\n```yaml\n{_block(schema['examples'][0])}```\n"
    for title, table in tables:
        yield f"\n**{title}**: {table['description']}\n" if title else ""
        yield "\n| field | holds | default | meaning |\n|---|---|---|---|\n"
        yield from (_row(table, name) for name in table["properties"])
    seen: set[str] = set()
    for _, table in tables:
        for name, field in table["properties"].items():
            if name not in seen:
                seen.add(name)
                yield from _sections(field, (*path, name))
    if "items" in schema:
        yield from _sections(schema["items"], (*path, 0))
    if is_mapping(schema.get("additionalProperties")):
        yield from _sections(schema["additionalProperties"], (*path, "*"))


def _row(table: Schema, name: str) -> str:
    field = resolved(table["properties"][name])
    shown = f"**`{name}`**" if name in table.get("required", ()) else f"`{name}`"
    default = f"`{json.dumps(field['default'])}`".replace('"', "") if "default" in field else ""
    meaning = [field["description"], *_values(field)]
    return f"| {shown} | {_holds(field)} | {default} | {' '.join(meaning).replace('|', '&#124;')} |\n"


def _values(field: Schema) -> Iterator[str]:
    for value, meaning in zip(field.get("enum", ()), field.get("enumDescriptions", ()), strict=True):
        yield f"<br>`{value}`: {meaning}."
    for branch in map(resolved, field.get("oneOf", ())):
        yield f"<br>{branch['title']}: {branch['description']}"


def _holds(field: Schema) -> str:
    if "const" in field:
        return f"`{json.dumps(field['const'])}`".replace('"', "")
    if "enum" in field:
        return "one of the values"
    if "oneOf" in field:
        return " or ".join(dict.fromkeys(_holds(resolved(branch)) for branch in field["oneOf"]))
    if "type" not in field:
        return "anything"
    types = [field["type"]] if isinstance(field["type"], str) else field["type"]
    words = " or ".join(TYPE_WORDS[kind] for kind in types)
    if "items" in field:
        words += f" of {_holds(resolved(field['items'])).replace('text', 'texts').replace('a mapping', 'mappings')}"
    if "minimum" in field and "maximum" in field and field["maximum"] < 2**31 - 1:
        words += f", {field['minimum']} to {field['maximum']}"
    return words


def _shown(path: Path) -> str:
    return show_path(path).replace("[0]", "[]").replace("[*]", ".*")


def _block(value: object) -> str:
    """Return a value as block YAML, each line with its line end."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: object) -> Iterator[str]:
    if is_mapping(value) and value:
        for key, item in value.items():
            if (is_mapping(item) or isinstance(item, list)) and item:
                yield f"{key}:"
                yield from (f"  {line}" for line in _lines(item))
            else:
                yield f"{key}: {_scalar(item)}"
    elif isinstance(value, list) and value:
        for item in value:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _scalar(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    is_plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([-./:>@ ]+[A-Za-z0-9]+)*/?", value)
    return str(value) if is_plain and ": " not in text else text
