"""An installation that is not whole is no fault of grayc, and says what is missing."""

import subprocess
import sys
from pathlib import Path

WITHOUT_LIBYAML = """
import sys
sys.modules["yaml.cyaml"] = None
from grayc.cli.main import main
main(["build", "release.yaml", "-o", "out"])
"""


def test_pyyaml_without_libyaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "release.yaml").write_text("kind: GrayRelease\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBYAML], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 2
    assert "error[GC703]" in done.stderr
    assert "PyYAML is installed without libyaml" in done.stderr
    assert "Traceback" not in done.stderr
