"""The first hour: what the page types is typed here, in a copy of its example, and answers as it says."""

import re
import shutil
from pathlib import Path

from tests.docs.markdown import ROOT, blocks
from tests.docs.sessions import answers, programs, shown_in, typed

PAGES = ("docs/tutorial.md", "docs/zh/tutorial.md")
FILE = re.compile(r"# (\S+\.yaml)\n")
KUBECTL = """#!/bin/sh
case "$*" in
"apply -f baseline/"|"apply -f out/") ls "$3"*.yaml > /dev/null ;;
"-n shop rollout status deployment/cart") ;;
*) exit 1 ;;
esac
"""


def test_every_command_answers_as_the_pages_say(tmp_path: Path) -> None:
    # Typed once: the other page has the same blocks, as the test below holds.
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "plain", folder)
    programs(tmp_path / "bin", KUBECTL)
    commands = 0
    for block in blocks((ROOT / PAGES[0]).read_text("utf-8")):
        if block.language == "yaml":
            if named := FILE.match(block.text):
                (folder / named[1]).write_text(block.text)
            else:
                # The page shows the example's own release, but for the line that editors read.
                assert block.text == (folder / "release.yaml").read_text().partition("\n")[2].rstrip("\n")
        if block.language == "console":
            for command, shown in shown_in(block.text):
                status, lines = typed(command, folder, tmp_path / "bin")
                assert status == 0, f"{command}\n" + "\n".join(lines)
                assert answers(shown, lines), f"{command}\n" + "\n".join(lines)
                commands += 1
    assert commands > 10


def test_both_pages_type_and_write_the_same() -> None:
    english, chinese = (
        [(block.language, block.text) for block in blocks((ROOT / page).read_text("utf-8"))] for page in PAGES
    )
    assert english == chinese
