"""What grayc renders of an Application is what Argo CD's own code makes of it.

The program in `argocd/` around its repo-server takes ten minutes to build, so its answers are kept beside it; what they
were asked is kept with them. To ask again, with helm and kustomize on PATH:

    cd tests/controllers/argocd && go build -o /tmp/argocd . && cd - && python -m tests.controllers.ask_argocd /tmp/argocd
"""

import json
from pathlib import Path

import pytest

from grayc.documents.recipes import Tool
from tests.controllers.argocd_cases import CASES
from tests.controllers.ask_argocd import ANSWERS, asked
from tests.controllers.declared import by_key, rendered
from tests.manifests import write_texts

KEPT = json.loads(ANSWERS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_an_application_renders_to_what_argocd_applies(name: str, tmp_path: Path) -> None:
    write_texts(tmp_path, CASES[name])
    theirs = by_key(KEPT[name]["objects"])

    assert theirs
    assert rendered(Tool.ARGOCD, tmp_path, "application.yaml") == theirs


def test_every_answer_is_to_what_is_asked_now() -> None:
    assert {name: each["asked"] for name, each in KEPT.items()} == {name: asked(CASES[name]) for name in CASES}
