"""kubectl reads the manifests of an output folder and nothing else, also when a build was killed in it."""

import subprocess
from pathlib import Path

import pytest

from grayc.output.journal import JOURNAL, NEW_INVENTORY, NEW_JOURNAL
from grayc.output.write import write_folder
from tests.answers import ENVIRONMENT
from tests.differential.kubectl import KUBECTL


def config(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


@pytest.mark.parametrize("options", [[], ["-R"]], ids=["flat", "recursive"])
@pytest.mark.parametrize("left", [(), (JOURNAL, NEW_JOURNAL, NEW_INVENTORY, ".grayc-new-0")], ids=["done", "killed"])
def test_kubectl_reads_the_manifests_alone(tmp_path: Path, left: tuple[str, ...], options: list[str]) -> None:
    out = tmp_path / "out"
    written = write_folder({"cart.api.yaml": config("api"), "cart.web.yaml": config("web")}, out, owner="cart")
    assert written.value is not None
    for name in left:
        (out / name).write_text("{ not a manifest")

    run = subprocess.run(
        [KUBECTL, "label", "--local", *options, "-f", out, "seen=yes", "-o", "name"],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )

    assert (run.returncode, run.stdout.split()) == (0, ["configmap/api", "configmap/web"])
