"""A real browser, and pages that are looked at in it. `tools.browser` prepares both; nothing here is skipped."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.cli_run import run_grayc
from tests.review.large_release import write_release
from tools import browser as tools

ROOT = Path(__file__).parents[2]
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

PATIENCE_MS = 300_000
"""How long a test waits for the browser: who waits for what is there waits no longer, however busy the machine is."""

HOSTILE = (
    '</script></style><img src=x onerror="window.evil=1"> {{ 7*7 }} {% raw %} \u202egnp.exe <!-- --> ]]> &lt; \' " `'
)


@pytest.fixture(scope="session")
def prepared() -> tools.Browser:
    return tools.prepare_browser()


@pytest.fixture(scope="session")
def browser(prepared: tools.Browser) -> Iterator[Browser]:
    with sync_playwright() as started:
        launched = started.chromium.launch(
            executable_path=str(prepared.chromium), args=list(ARGUMENTS), timeout=PATIENCE_MS
        )
        yield launched
        launched.close()


def make_page(folder: Path, name: str, *flags: str) -> Path:
    run = run_grayc(["report", "release.yaml", "-o", name, "-q", *flags], folder=folder)
    assert run.status == 0, run.stderr
    return folder / name


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Name → page: the shop in both languages, one that is up to no good, and one of 300 services."""
    shop = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(ROOT / "examples" / "shop", shop)
    assert run_grayc(["build", "release.yaml", "-o", "out", "--step", "testers", "-q"], folder=shop).status == 0
    hostile = tmp_path_factory.mktemp("hostile")
    write_hostile(hostile)
    large = tmp_path_factory.mktemp("large")
    write_release(large, 300)
    return {
        "en": make_page(shop, "en.html", "--with", "out"),
        "zh": make_page(shop, "zh.html", "--with", "out", "--lang", "zh"),
        "hostile": make_page(hostile, "hostile.html"),
        "large": make_page(large, "large.html"),
    }


def write_hostile(folder: Path) -> None:
    """Write a release that has such text wherever a repository may put some."""
    path = write_release(folder, 3, stranger=HOSTILE)
    release = json.loads(path.read_text())
    spec = release["spec"]
    spec["expect"] = [
        {"name": name, "request": {"host": "service-0000.example.com", "path": "/"}, "goesTo": "baseline"}
        for name in (HOSTILE[:50], HOSTILE[50:])
    ]
    spec["traffic"]["rules"] = [{"cookie": "preview", "value": "a-b"}, {"header": "x-user-id", "pattern": "<b>.*"}]
    spec["accept"] = []
    path.write_text(json.dumps(release))
