"""A few characters of a template do not cost a machine: five seconds of the processor and a gigabyte, children included."""

from pathlib import Path

import pytest

from tests.abuse.contract import ask, copy_release, make_release
from tests.abuse.model import BUILD, Case, both, edit, file
from tests.renderers import renderers_path

SECONDS, MEBIBYTES = 5.0, 1024
DEEP = "{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}"
BOMBS = {
    "a list of numbers": ("{{ range until 100000000 }}{{ end }}", "memory"),
    "a text of characters": ('{{ len (repeat 1500000000 "x") }}', "memory"),
    "more than there are addresses": ('{{ len (repeat 20000000000 "x") }}', "memory"),
    "a text that doubles": ('{{ $a := "xxxxxxxx" }}{{ range until 40 }}{{ $a = print $a $a }}{{ end }}', "memory"),
    # Which of the two it passes first is the machine's to say.
    "a list that doubles": (
        "{{ $a := list 1 2 }}{{ range until 40 }}{{ $a = concat $a $a }}{{ end }}",
        "took more than",
    ),
    "ranges in each other": (DEEP, "processor time"),
    "ranges below a condition": ("{{ if true }}" + DEEP + "{{ end }}", "processor time"),
}
"""Template → what it takes too much of."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release"))


def build(template: str, release: Path, tmp_path: Path, *, values: str = "") -> tuple[int, str, float, float]:
    """Return status, words, seconds and mebibytes of a build with a chart of one template."""
    home = copy_release(release, tmp_path)
    make = both(
        edit("    - baseline/\n", "    - baseline/\n    - {helm: {chart: chart, release: r}}\n"),
        both(
            file("chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            file("chart/templates/a.yaml", template),
        ),
    )
    make(home)
    if values:
        file("chart/values.yaml", values)(home)
    case = Case(row="T23", name="chart", make=make, command=BUILD, alone=True, environment={"PATH": renderers_path()})
    answer = ask(case, home, tmp_path / "reports", within=SECONDS)
    return answer.status, answer.stderr, answer.seconds, answer.mebibytes


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_that_grows_is_ended(name: str, release: Path, tmp_path: Path) -> None:
    template, what = BOMBS[name]
    # Where others take the machine's memory, what grows passes the bound of time first, now and then.
    for at in range(8):
        folder = tmp_path / str(at)
        folder.mkdir()
        status, words, seconds, mebibytes = build(f"# {template}\n", release, folder)
        if what in words:
            break

    assert (status, "error[GC164]" in words, what in words, "`chart`" in words) == (2, True, True, True), words
    assert seconds < SECONDS
    assert mebibytes < MEBIBYTES


@pytest.mark.parametrize("objects", [1, 2000])
def test_an_ordinary_chart_is_not(objects: int, release: Path, tmp_path: Path) -> None:
    """As large as a rendering may be: its text comes to 4 MiB at most."""
    template = (
        f"{{{{ range until {objects} }}}}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{{{{ . }}}}, namespace: shop}}\n"
        "data:\n{{- range $k, $v := $.Values }}\n  {{ $k }}: {{ $v | quote }}\n{{- end }}\n{{ end }}"
    )
    values = "".join(f"key{number}: {'v' * 60}\n" for number in range(20))
    status, words, _, mebibytes = build(template, release, tmp_path, values=values)

    assert status == 0, words
    assert mebibytes < MEBIBYTES
