"""`grayc report`: one page, the same bytes for the same input, without secrets, never over what is not a page."""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grayc.driver.page import digests_of
from grayc.report.page.render import LIMIT, render_page
from grayc.source import Roots, read_source
from tests.cli_run import run_grayc
from tests.review.large_release import write_release

ROOT = Path(__file__).parents[3]
VOID = frozenset({"meta", "br", "input", "rect", "path"})


class Reader(HTMLParser):
    """Reads a page, and says where its tags do not close each other."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.styled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.styled += [tag for name in given if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    return tmp_path / "shop"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_whole_and_leads_nowhere_else(language: str, shop: Path) -> None:
    run = run_grayc(["report", "release.yaml", "-o", "-", "-q", "--lang", language], folder=shop)
    reader = read(run.stdout)

    assert run.status == 0
    assert (reader.wrong, reader.open) == ([], [])
    assert len(reader.ids) == len(set(reader.ids))
    assert {link.removeprefix("#") for link in reader.links} <= set(reader.ids)
    assert reader.styled == []


def test_the_policy_has_the_digests_of_what_is_there(shop: Path) -> None:
    page = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=shop).stdout
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    for name in ("style", "script"):
        (text,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;; ")
    assert "unsafe" not in policy and "http" not in policy


def test_the_same_input_gives_the_same_bytes(shop: Path) -> None:
    made = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "grayc", "report", "release.yaml", "-o", "-", "-q"]
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PATH": "/usr/bin:/bin"}
        made.append(subprocess.run(command, cwd=shop, env=env, capture_output=True, check=True).stdout)
    assert made[0] == made[1]


def test_it_says_what_a_reviewer_asks(shop: Path) -> None:
    page = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=shop).stdout

    for told in (
        "This release builds, and nothing is open",
        "2 rules",
        "and 10 % of all others",
        "curl --include --header &#39;x-user-id: 100&#39; https://shop.example.com/api",
        "curl --include --cookie shop-preview=always https://shop.example.com/api",
        "opts out of: cookie shop-preview is a switch",
        "x-mse-tag: gray",
        "everybody else stays",
        "gateway → checkout",
        "Ingress/shop in shop: drops `x-mse-tag` when it comes from outside",
        "wait until told",
        "only Deployment/checkout reads it",
        "grayc offline release.yaml -o OUT",
        "kubectl delete",
        hashlib.sha256((shop / "release.yaml").read_bytes()).hexdigest(),
        "grayc report release.yaml -o -",
    ):
        assert told in page, told


def test_secrets_are_masked(shop: Path) -> None:
    spec = shop / "release.yaml"
    text = spec.read_text().replace("- header: x-user-id", "- header: authorization", 1).replace('- "100"', "- hunter2")
    spec.write_text(
        text.replace("PAYMENT_PROVIDER_TIMEOUT: 8s", "PAYMENT_PROVIDER_TIMEOUT: 8s\n          API_TOKEN: hunter3")
    )
    run = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=shop)

    assert run.status == 0, run.stderr
    assert "hunter" not in run.stdout
    assert "authorization: ***" in run.stdout
    assert "*** stands for a value that proves who calls" in run.stdout


def test_a_parameter_that_proves_who_calls_is_masked(shop: Path) -> None:
    spec = shop / "release.yaml"
    rule = "      - query: access_token\n        value: hunter4"
    spec.write_text(spec.read_text().replace("      - cookie: shop-preview", rule))
    run = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=shop)

    assert run.status == 0, run.stderr
    assert "hunter4" not in run.stdout
    assert "access_token=***" in run.stdout


def test_a_folder_is_compared(shop: Path) -> None:
    assert run_grayc(["build", "release.yaml", "-o", "out", "-q"], folder=shop).status == 0
    same = run_grayc(["report", "release.yaml", "-o", "-", "-q", "--with", "out"], folder=shop).stdout
    assert "out is what a build writes" in same

    spec = shop / "release.yaml"
    spec.write_text(spec.read_text().replace("checkout:3.8.0", "checkout:3.9.0"))
    baseline = shop / "baseline" / "payment" / "payment.yaml"
    baseline.write_text(baseline.read_text().replace("cpu: 250m", "cpu: 260m"))
    other = run_grayc(["report", "release.yaml", "-o", "-", "-q", "--with", "out"], folder=shop).stdout
    assert "A build changes out; see below" in other
    assert "One object of production moved since it was built" in other
    assert "checkout:3.9.0" in other


def test_a_page_is_written_again_and_nothing_else_is(shop: Path) -> None:
    command = ["report", "release.yaml", "-o", "page.html", "-q"]
    assert run_grayc(command, folder=shop).status == 0
    assert run_grayc(command, folder=shop).status == 0
    (shop / "page.html").write_text("<!doctype html><p>mine</p>")
    refused = run_grayc(command, folder=shop)

    assert (refused.status, "GC610" in refused.stderr) == (2, True)
    assert (shop / "page.html").read_text() == "<!doctype html><p>mine</p>"


def test_a_refused_release_has_no_page(shop: Path) -> None:
    spec = shop / "release.yaml"
    spec.write_text(spec.read_text().replace("- name: payment", "- name: paiment"))

    assert run_grayc(["report", "release.yaml", "-o", "page.html"], folder=shop).status == 1
    assert not (shop / "page.html").exists()


def test_a_page_of_many_services_shows_all(tmp_path: Path) -> None:
    write_release(tmp_path, 300)
    page = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=tmp_path).stdout

    assert len(page.encode()) <= LIMIT
    assert page.count("<tr data-item>") == 300 * 3 + 30
    assert "not shown, as the page has a limit" not in page


def test_fields_fold_to_counts_before_objects_do(tmp_path: Path) -> None:
    write_release(tmp_path, 350)
    page = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=tmp_path).stdout

    assert len(page.encode()) <= LIMIT
    assert "is not shown, as the page has a limit" in page
    assert page.count("<details data-item data-risks=") > 350
    assert page.index("registry.example.com/service-0000:1.1") < page.index("is not shown, as the page has a limit")


def test_a_page_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No more room for each service than a page has for 1,500.
    limit = LIMIT * 200 // 1_500
    assert render_page.__kwdefaults__ is not None
    monkeypatch.setitem(render_page.__kwdefaults__, "limit", limit)
    write_release(tmp_path, 200)
    page = run_grayc(["report", "release.yaml", "-o", "-", "-q"], folder=tmp_path).stdout

    assert len(page.encode()) <= limit
    assert read(page).wrong == []
    assert "copied: 6" in page


def test_two_releases_are_on_one_page(tmp_path: Path) -> None:
    for name in ("one", "two"):
        path = write_release(tmp_path / name, 1)
        text = path.read_text().replace("autumn", name).replace('"shop"', f'"{name}"').replace("r42", f"r-{name}")
        path.write_text(text)
        for file in (tmp_path / name / "baseline").iterdir():
            file.write_text(file.read_text().replace('"shop"', f'"{name}"').replace("service-0000", f"web-{name}"))
        path.write_text(path.read_text().replace("service-0000", f"web-{name}"))
    run = run_grayc(["report", "one/release.yaml", "two/release.yaml", "-o", "-", "-q"], folder=tmp_path)

    assert run.status == 0, run.stderr
    reader = read(run.stdout)
    assert len(reader.ids) == len(set(reader.ids))
    assert "Gray release one, two" in run.stdout


def test_nothing_but_this_command_takes_jinja(shop: Path) -> None:
    for command in (["plan", "release.yaml"], ["graph", "release.yaml"], ["diff", "release.yaml", "--baseline"]):
        code = f"import sys; from grayc.cli.main import main\ntry: main({command!r})\nexcept SystemExit: pass\nprint('jinja2' in sys.modules, file=sys.stderr)"
        run = subprocess.run([sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=True)
        assert run.stderr.splitlines()[-1] == "False"


def test_an_expectation_of_another_step_is_not_asked(shop: Path) -> None:
    spec = shop / "release.yaml"
    row = "    - {name: only then, steps: [testers], request: {host: shop.example.com, path: /}, goesTo: baseline}\n"
    spec.write_text(spec.read_text().replace("  expect:\n", f"  expect:\n{row}"))

    for step, is_shown in (("testers", True), ("a-tenth", False)):
        page = run_grayc(["report", "release.yaml", "-o", "-", "-q", "--step", step], folder=shop).stdout
        assert ("only then" in page) is is_shown


def test_the_digests_are_of_the_files_that_a_kustomization_was_rendered_from(shop: Path) -> None:
    folder = shop / "overlay"
    folder.mkdir()
    (folder / "notes.txt").write_text("nobody reads this")
    (folder / "kustomization.yaml").write_text("resources: []\n")
    read_source(folder / "kustomization.yaml", "kustomization.yaml", Roots(folder=folder, shown="overlay"))

    assert [each.name.rpartition("/")[2] for each in digests_of((folder, shop / "release.yaml"))] == [
        "kustomization.yaml",
        "release.yaml",
    ]
