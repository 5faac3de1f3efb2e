"""Parse and write all files of a folder with rapidyaml: what reading and writing YAML costs at least."""

import sys
from pathlib import Path

import ryml

for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
    ryml.emit_yaml(ryml.parse_in_arena(path.read_bytes()))
