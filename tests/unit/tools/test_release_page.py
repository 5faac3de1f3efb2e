"""docs/release.md says what the schema says."""

import re

import yaml

from grayc.spec.schema import load_schema, walk_fields
from tools.release_page import release_page


def test_page_names_every_field() -> None:
    page = release_page()

    names = {path[-1] for path, _ in walk_fields()} - {0, "*"}

    assert [name for name in names if f"`{name}`" not in page] == []


def test_examples_read_as_those_of_the_schema() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", release_page(), re.DOTALL)
    wanted = [load_schema()["examples"][0], *(schema["examples"][0] for _, schema in walk_fields())]

    assert len(blocks) > 20
    assert [block for block in blocks if yaml.safe_load(block) not in wanted] == []
