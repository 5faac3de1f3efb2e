"""Let pre-commit itself run the hooks, from a clone of this repository's files: `python -m tests.plugs`."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.plugs.ci import BIN, ROOT

_CONFIG = "repos: [{repo: %s, rev: %s, hooks: [{id: grayc-validate}, {id: grayc-check}]}]\n"


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def main() -> int:
    """Return 0 where the hooks take what is right and refuse what is wrong."""
    with tempfile.TemporaryDirectory(prefix="grayc-hooks-") as scratch:
        home, team = Path(scratch) / "grayc", Path(scratch) / "team"
        for name in _git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
            if name.startswith(("grayc/", "schemas/", "pyproject.toml", "README", "LICENSE", ".pre-commit-hooks")):
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, home / name)
        shutil.copytree(ROOT / "examples" / "mse-demo", team)
        subprocess.run([BIN / "grayc", "build", "-o", "out", "-q"], cwd=team, check=True)
        for folder in (home, team):
            _git(folder, "init", "-q")
            _git(folder, "add", "-A")
            _git(folder, "commit", "-qm", "all")
        (team / ".pre-commit-config.yaml").write_text(_CONFIG % (home, _git(home, "rev-parse", "HEAD")))
        environment = os.environ | {"PRE_COMMIT_HOME": str(Path(scratch) / "pre-commit")}

        def run() -> tuple[int, str]:
            words = [str(BIN / "pre-commit"), "run", "--all-files"]
            done = subprocess.run(words, cwd=team, env=environment, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

        status, said = run()
        if status or said.count("Passed") != 2:
            raise SystemExit(f"plugs: pre-commit refuses what is right\n{said}")
        release = (team / "release.yaml").read_text()
        (team / "release.yaml").write_text(release.replace("gateway: mse", "gateway: msa"))
        status, said = run()
        if status != 1 or said.count("Failed") != 2 or "release.yaml:" not in said:
            raise SystemExit(f"plugs: pre-commit takes what is wrong\n{said}")
    print("plugs: pre-commit runs both hooks from a clone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
