"""T23, T30 and T31 again: files that are written, and what kustomize loads, when the repository is hostile."""

from pathlib import Path

from tests.abuse.model import Case, Make, both, edit, file

VICTIM = "yours\n"
BUILD = ("build", "release.yaml", "-o", "out")


def link(name: str, to: str) -> Make:
    """Return what puts a link, and beside the repository a file of somebody else's."""

    def make(home: Path) -> None:
        (home.parent / "victim").write_text(VICTIM, encoding="utf-8")
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(to)

    return make


def hard_link(name: str, to: str) -> Make:
    """Return what gives a file a second name."""

    def make(home: Path) -> None:
        (home / name).hardlink_to(home / to)

    return make


def rendered(source: str) -> Make:
    """Return what renders part of the baseline."""
    return edit("    - baseline/\n", f"    - baseline/\n    - {source}\n")


def plugin(text: str) -> Make:
    """Return what configures a plugin of kustomize."""
    files = both(file("k/kustomization.yaml", "generators: [gen.yaml]\n"), file("k/gen.yaml", text))
    return both(rendered("{kustomize: k}"), files)


GENERATOR = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nname: a\n"

CASES = (
    Case(row="T31", name="patch-by-a-link", finds=("GC611",), make=link("p", "../victim"), command=(*BUILD, "--baseline-patch", "p"), status=2),
    Case(row="T31", name="patch-by-a-dangling-link", finds=("GC611",), make=link("p", "../none"), command=(*BUILD, "--baseline-patch", "p"), status=2),
    Case(row="T31", name="patch-behind-a-link", finds=("GC611",), make=link("d", ".."), command=(*BUILD, "--baseline-patch", "d/p"), status=2),
    Case(row="T31", name="patch-over-the-release", finds=("GC612",), make=link("p", ".."), command=(*BUILD, "--baseline-patch", "release.yaml"), status=2),
    Case(row="T31", name="patch-over-a-hard-link-of-it", finds=("GC612",), make=hard_link("p", "release.yaml"), command=(*BUILD, "--baseline-patch", "p"), status=2),
    Case(row="T31", name="patch-over-another-file", finds=("GC610",), make=file("p", "a: b\n"), command=(*BUILD, "--baseline-patch", "p"), status=2),
    Case(row="T30", name="behind-a-link", finds=("GC608",), make=link("d", "../elsewhere"), command=("build", "release.yaml", "-o", "d/out"), status=2),
    Case(row="T23", name="generator-from-a-server", finds=("GC151 k/gen.yaml:5:9",), make=plugin(GENERATOR + "files: [x=http://127.0.0.1:9/a]\n")),
)  # fmt: skip
