"""What holds for every answer to abuse, whatever it says."""

import hashlib
import json
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from grayc.report.formats import Format
from tests.abuse.model import INGRESS, RELEASE, WEB, Case
from tests.cli_run import run_grayc
from tests.least import least, usual

SECONDS = 2.0
MEBIBYTES = 512

GRAYC = Path(sys.executable).parent / "grayc"

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_CANARY = "canary-of-the-environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command left.

    Attributes:
        reports: format → text of a report in it.
        seconds: of processor time: a busy machine does not count.
        mebibytes: most memory held at once, 0 where it was not measured.
    """

    status: int
    stdout: str
    stderr: str
    reports: Mapping[Format, str]
    seconds: float
    mebibytes: float

    @property
    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.reports[Format.JSON])["diagnostics"]
        return found

    @property
    def problems(self) -> tuple[str, ...]:
        """Errors and warnings: code and place."""
        return tuple(
            f"{found['code']} {_place(found)}".rstrip() for found in self.findings if found["severity"] != "note"
        )

    @property
    def texts(self) -> dict[str, str]:
        """All that a person or a machine may read."""
        return {
            "stdout": self.stdout,
            "stderr": self.stderr,
            **{str(form): text for form, text in self.reports.items()},
        }


def _place(found: Mapping[str, Any]) -> str:
    if found["file"] is None:
        return ""
    start = found["range"]["start"]
    return f"{found['file']}:{start['line']}:{start['column']}"


def make_release(folder: Path) -> Path:
    """Return a folder with a small release and its output."""
    home = folder / "home"
    (home / "baseline").mkdir(parents=True)
    (home / "release.yaml").write_text(RELEASE, encoding="utf-8")
    (home / "baseline" / "web.yaml").write_text(WEB, encoding="utf-8")
    (home / "baseline" / "ingress.yaml").write_text(INGRESS, encoding="utf-8")
    run = run_grayc(["build", "release.yaml", "-o", "out"], folder=home)
    assert run.status == 0, run.stderr
    return home


def ask(case: Case, home: Path, reports: Path, *, within: float = SECONDS) -> Answer:
    """Run a case's command; with it, a report is written in every format.

    Args:
        within: seconds of the processor that it may take: where it took more, it runs again, and counts as on a machine
            that is not slow at all it does.
    """
    reports.mkdir()
    arguments = list(case.command)
    if arguments[0] in ("build", "plan"):
        arguments += [word for form in Format for word in ("--report", f"{form}={reports / form}")]
    if case.alone:
        status, out, err, seconds, mebibytes = least(
            lambda: _alone(arguments, home, reports, case.environment), lambda answer: answer[3], within=within
        )
    else:
        start = time.process_time()
        run = run_grayc(arguments, folder=home)
        seconds, mebibytes = time.process_time() - start, 0.0
        status, out, err = run.status, run.stdout, run.stderr
    seconds = seconds if seconds < within else usual(seconds)
    if arguments[0] in ("offline", "lanes"):
        # These write no reports, and are asked in every format instead; what is refused changes nothing.
        for form in Format:
            (reports / form).write_text(run_grayc([*arguments, "-f", form], folder=home).stdout, encoding="utf-8")
    texts = {form: (reports / form).read_text(encoding="utf-8") for form in Format if (reports / form).exists()}
    return Answer(status=status, stdout=out, stderr=err, reports=texts, seconds=seconds, mebibytes=mebibytes)


def _alone(
    arguments: list[str], home: Path, scratch: Path, environment: Mapping[str, str]
) -> tuple[int, str, str, float, float]:
    out, err = scratch / "stdout", scratch / "stderr"
    settings = {"PATH": os.defpath, "HOME": str(home / "nowhere"), "GRAYC_CANARY": _CANARY, **environment}
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(
            [GRAYC, *arguments], cwd=home, env=settings, stdin=subprocess.DEVNULL, stdout=to_out, stderr=to_err,
            preexec_fn=_bound,  # noqa: PLW1509 - the tests have no threads
        )  # fmt: skip
        _, waited, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(waited)
    texts = [path.read_bytes().decode() for path in (out, err)]
    return process.returncode, texts[0], texts[1], usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _bound() -> None:
    """Let a run that waits for ever or takes all memory fail, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    signal.alarm(60)


def fingerprint(folder: Path) -> dict[str, str]:
    """Return path → what is there, of all below a folder; links are not followed, pipes not opened."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        mode = path.lstat().st_mode
        name = os.fsencode(path.relative_to(folder)).hex()
        if stat.S_ISREG(mode):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = path.readlink().as_posix() if stat.S_ISLNK(mode) else str(stat.S_IFMT(mode))
    return found


def inside(prefix: str, tree: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a fingerprint in a folder."""
    start = os.fsencode(prefix).hex()
    return {
        name: what for name, what in tree.items() if name == start or name.startswith(start + os.fsencode("/").hex())
    }


def outside(prefix: str, tree: Mapping[str, str]) -> dict[str, str]:
    """Return the rest."""
    within = inside(prefix, tree)
    return {name: what for name, what in tree.items() if name not in within}


def assert_harmless(answer: Answer) -> None:
    """Assert what no input may bring grayc to: a fault, raw control characters, commands to a build server, long work."""
    assert answer.status in (0, 1, 2), answer.stderr
    everything = "".join(answer.texts.values())
    assert "Traceback" not in everything
    assert not re.search(r"GC9\d\d", everything)
    assert _CANARY not in everything
    for name, text in answer.texts.items():
        assert_inert(name, text)
    for form, text in answer.reports.items():
        if form in (Format.JSON, Format.GITLAB, Format.SARIF):
            json.loads(text)
        elif form is Format.JUNIT:
            ElementTree.fromstring(text)
    assert answer.seconds < SECONDS
    assert answer.mebibytes < MEBIBYTES


def assert_inert(name: str, text: str) -> None:
    """Assert that a text does nothing but show where it is printed."""
    raw = {f"U+{ord(sign):04X}" for sign in text if sign != "\n" and unicodedata.category(sign) in _HIDDEN}
    assert not raw, (name, raw)
    # What the runners of GitHub and Azure take for a command: `::` at a line's start, `##[` and `##vso[` anywhere.
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    if name == Format.GITHUB:
        commands = [line for line in commands if not re.match(r"::(error|warning|notice) [^:]*::", line)]
    assert not commands, name
    assert not re.search(r"##(vso|teamcity)?\[", text), name


def copy_release(home: Path, to: Path) -> Path:
    """Return a fresh copy of the small release and its output."""
    shutil.copytree(home, to / "home")
    return to / "home"
