"""T23 to T34: paths and file systems made hostile."""

import os
import socket
from pathlib import Path

from tests.abuse.model import BUILD, RELEASE, WEB, Case, Make, both, config_map, edit, file, link, nothing

OUTSIDE = "canary-outside"
"""Stands in every file outside of the release's folder; no answer may hold it."""


def source(pattern: str) -> Make:
    """Return what names a pattern in `spec.baseline`; it stands at release.yaml:9:7."""
    return edit("- baseline/\n", f"- {pattern}\n")


def patch(path: str) -> Make:
    """Return what names a patch file; it stands at release.yaml:17:17."""
    return edit(
        "  traffic:\n",
        f"      patches:\n        - target: {{kind: Deployment}}\n          file: {path}\n  traffic:\n",
    )


def outside(home: Path) -> None:
    """Put files beside the release's folder, as another project would have them."""
    for folder in ("other", "home-evil"):
        (home.parent / folder).mkdir()
        (home.parent / folder / "secret.yaml").write_text(config_map(OUTSIDE), encoding="utf-8")


def pipe(home: Path) -> None:
    os.mkfifo(home / "baseline" / "pipe.yaml")


def pipe_for_a_patch(home: Path) -> None:
    os.mkfifo(home / "patch.yaml")


def open_socket(home: Path) -> None:
    here = Path.cwd()
    os.chdir(home / "baseline")  # The path of a socket is short.
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket.yaml")
    os.chdir(here)


def hard_link(home: Path) -> None:
    outside(home)
    os.link(home.parent / "other" / "secret.yaml", home / "baseline" / "linked.yaml")


def named(name: bytes) -> Make:
    def make(home: Path) -> None:
        path = os.path.join(os.fsencode(home), b"baseline", name)  # noqa: PTH118
        with open(path, "w", encoding="utf-8") as file_:  # noqa: PTH123 - the name is no text
            file_.write(config_map("x"))

    return make


def twins(home: Path) -> None:
    """Write two files whose names look the same."""
    for name in ("caf\u00e9.yaml", "cafe\u0301.yaml"):
        (home / "baseline" / name).write_text(config_map("x").replace("bad", f"n{len(name)}"), encoding="utf-8")


def out_is_a_link(home: Path) -> None:
    (home / "out").rename(home / "real")
    (home / "out").symlink_to("real")


def file_in_out_is_a_link(home: Path) -> None:
    outside(home)
    made = next((home / "out").glob("*.yaml"))
    made.unlink()
    made.symlink_to(home.parent / "other" / "secret.yaml")


def repository(home: Path) -> None:
    (home / "out" / ".git").mkdir()


def two_services(first: str, first_object: str, second: str, second_object: str) -> Make:
    """Return what releases two services, each of one Deployment, into a file per object."""
    services = "".join(
        f"    - name: {name}\n      workload: Deployment/{made}\n"
        for name, made in ((first, first_object), (second, second_object))
    )

    def make(home: Path) -> None:
        deployment = WEB.partition("---\n")[0].replace(
            "          envFrom:\n            - configMapRef: {name: web}\n", ""
        )
        for name in (first_object, second_object):
            text = deployment.replace("  name: web\n", f"  name: {name}\n").replace("app: web", f"app: {name}")
            file(f"baseline/{name}.yaml", text)(home)
        spec = RELEASE[: RELEASE.index("    - name: web")] + services
        file("release.yaml", spec)(home)

    return make


def build_to(out: str) -> tuple[str, ...]:
    return (*BUILD[:-1], out)


CASES = (
    # -- T23: what is no plain relative path inside the spec's folder.
    Case(
        row="T23",
        name="up",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, source("../other/")),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T23",
        name="up-inside",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, source("baseline/../../other/secret.yaml")),
        hides=(OUTSIDE,),
    ),
    Case(row="T23", name="up-and-back", status=0, make=both(outside, source("../home/baseline/"))),
    Case(row="T23", name="up-to-nothing", finds=("GC150 release.yaml:9:7",), make=source("../nowhere/")),
    Case(
        row="T23",
        name="glob-up",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, source('"*/../../other/*.yaml"')),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T23",
        name="glob-outside",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, source('"../oth*/*.yaml"')),
        hides=(OUTSIDE,),
    ),
    Case(row="T23", name="absolute", finds=("GC151 release.yaml:9:7",), make=source("/etc/passwd"), hides=("root:",)),
    Case(row="T23", name="home", finds=("GC151 release.yaml:9:7",), make=source('"~/.kube/config"')),
    Case(
        row="T23",
        name="file-url",
        finds=("GC151 release.yaml:9:7",),
        make=source("file:///etc/passwd"),
        hides=("root:",),
    ),
    Case(row="T23", name="https", finds=("GC151 release.yaml:9:7",), make=source("https://example.com/base.yaml")),
    Case(row="T23", name="git", finds=("GC151 release.yaml:9:7",), make=source("git@example.com:base.git")),
    Case(
        row="T23",
        name="git-url",
        finds=("GC151 release.yaml:9:7",),
        make=source('"git::https://example.com/base.git//deploy?ref=main"'),
    ),
    Case(row="T23", name="network-path", finds=("GC151 release.yaml:9:7",), make=source("//host/share/base.yaml")),
    Case(row="T23", name="unc-path", finds=("GC151 release.yaml:9:7",), make=source(r"'\\host\share\base.yaml'")),
    Case(row="T23", name="variable", finds=("GC101 release.yaml:9:7",), status=2, make=source('"$HOME/base.yaml"')),
    Case(row="T23", name="empty", finds=("GC205 release.yaml:9:7",), make=source('""')),
    Case(row="T23", name="nul", finds=("GC151 release.yaml:9:7",), make=source(r'"base\0.yaml"')),
    Case(row="T23", name="newline", finds=("GC151 release.yaml:9:7",), make=source(r'"base\n.yaml"')),
    Case(row="T23", name="long", finds=("GC151 release.yaml:9:7",), make=source("a/" * 3_000)),
    Case(row="T23", name="long-name", finds=("GC102 release.yaml:9:7",), status=2, make=source("a" * 300)),
    Case(
        row="T23",
        name="patch-up",
        finds=("GC150 release.yaml:17:17",),
        make=both(outside, patch("../other/secret.yaml")),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T23",
        name="patch-absolute",
        finds=("GC151 release.yaml:17:17",),
        make=patch("/etc/passwd"),
        hides=("root:",),
    ),
    Case(row="T23", name="patch-url", finds=("GC151 release.yaml:17:17",), make=patch("https://example.com/p.yaml")),
    # -- T24: links.
    Case(
        row="T24",
        name="file",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, link("baseline/a.yaml", "../../other/secret.yaml")),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T24",
        name="absolute-link",
        finds=("GC150 release.yaml:9:7",),
        make=link("baseline/a.yaml", "/etc/passwd"),
        hides=("root:",),
    ),
    Case(
        row="T24",
        name="folder",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, link("baseline/a", "../../other")),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T24",
        name="chain",
        finds=("GC150 release.yaml:9:7",),
        hides=(OUTSIDE,),
        make=both(outside, link("one.yaml", "../other/secret.yaml"), link("baseline/a.yaml", "../one.yaml")),
    ),
    Case(
        row="T24",
        name="name-that-begins-alike",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, link("baseline/a.yaml", "../../home-evil/secret.yaml")),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T24", name="to-itself", finds=("GC102 release.yaml:9:7",), status=2, make=link("baseline/a.yaml", "a.yaml")
    ),
    Case(
        row="T24",
        name="in-a-circle",
        finds=("GC102 release.yaml:9:7", "GC102 release.yaml:9:7"),
        status=2,
        make=both(link("baseline/a.yaml", "b.yaml"), link("baseline/b.yaml", "a.yaml")),
    ),
    Case(
        row="T24",
        name="folder-above",
        finds=(
            "GC309 baseline/up/out/shop.web.yaml:8:26",
            "GC309 baseline/up/out/shop.web.yaml:20:26",
            "GC309 baseline/up/out/shop.web.yaml:58:26",
            "GC309 baseline/up/out/shop_entry.yaml:8:26",
        ),
        make=link("baseline/up", ".."),
    ),
    Case(
        row="T24",
        name="broken",
        finds=("GC101 release.yaml:9:7",),
        status=2,
        make=link("baseline/a.yaml", "nowhere.yaml"),
    ),
    Case(
        row="T24",
        name="patch",
        finds=("GC150 release.yaml:17:17",),
        make=both(outside, link("p.yaml", "../other/secret.yaml"), patch("p.yaml")),
        hides=(OUTSIDE,),
    ),
    Case(
        row="T24",
        name="baseline-folder",
        finds=("GC150 release.yaml:9:7",),
        make=both(outside, link("linked", "../other"), source("linked/")),
        hides=(OUTSIDE,),
    ),
    # -- T26: what is no regular file. Nothing may be waited for.
    Case(row="T26", name="pipe", finds=("GC152 release.yaml:9:7",), make=pipe, alone=True, status=2),
    Case(
        row="T26",
        name="pipe-for-a-patch",
        finds=("GC152 release.yaml:17:17",),
        make=both(pipe_for_a_patch, patch("patch.yaml")),
        alone=True,
        status=2,
    ),
    Case(row="T26", name="socket", finds=("GC152 release.yaml:9:7",), make=open_socket, status=2),
    Case(
        row="T26",
        name="environment-of-the-process",
        finds=("GC150 release.yaml:9:7",),
        make=link("baseline/a.yaml", "/proc/self/environ"),
        alone=True,
    ),
    Case(
        row="T26",
        name="device",
        finds=("GC150 release.yaml:9:7",),
        make=link("baseline/a.yaml", "/dev/zero"),
        alone=True,
    ),
    Case(
        row="T26",
        name="folder-in-place-of-a-file",
        make=both(file("baseline/a.yaml/inner.yaml", config_map("x"))),
        status=0,
    ),
    Case(
        row="T26",
        name="folder-in-place-of-a-patch",
        finds=("GC152 release.yaml:17:17",),
        make=patch("baseline"),
        status=2,
    ),
    Case(
        row="T26",
        name="device-as-spec",
        finds=("GC152",),
        make=nothing,
        command=("build", "/dev/null", "-o", "out"),
        status=2,
    ),
    # T28: a hard link cannot be told from any other file; docs/limits.md says so.
    Case(row="T28", name="hard-link", make=hard_link, status=0, hides=(OUTSIDE,)),
    # -- T29: names of files.
    Case(row="T29", name="not-utf-8", finds=("GC151 release.yaml:9:7",), make=named(b"bad\xff.yaml")),
    Case(row="T29", name="newline", finds=("GC151 release.yaml:9:7",), make=named(b"bad\n::error::x.yaml")),
    Case(row="T29", name="escape", finds=("GC151 release.yaml:9:7",), make=named(b"bad\x1b[31m.yaml")),
    Case(row="T29", name="c1-control", finds=("GC151 release.yaml:9:7",), make=named("bad\x9b.yaml".encode())),
    Case(
        row="T29",
        name="right-to-left",
        status=0,
        make=both(named("bad\u202ecod.yaml".encode()), source('"baseline/*"')),
    ),
    Case(row="T29", name="twins", make=twins, status=0),
    Case(row="T29", name="leading-dash", make=named(b"-rf.yaml"), status=0),
    Case(row="T29", name="backslash", finds=("GC151 release.yaml:9:7",), make=named(b"a\\b.yaml")),
    # -- T30 to T32: where the output would be.
    Case(row="T30", name="out-in-baseline", finds=("GC154",), make=nothing, command=build_to("baseline/out"), status=2),
    Case(row="T30", name="baseline-in-out", finds=("GC608",), make=nothing, command=build_to("../home"), status=2),
    Case(row="T30", name="out-is-baseline", finds=("GC154",), make=nothing, command=build_to("baseline"), status=2),
    Case(
        row="T30",
        name="by-a-link",
        finds=("GC154",),
        make=link("elsewhere", "baseline"),
        command=build_to("elsewhere/out"),
        status=2,
    ),
    Case(row="T31", name="out-is-a-link", finds=("GC608",), make=out_is_a_link, status=2),
    Case(row="T31", name="file-in-out-is-a-link", finds=("GC603",), make=file_in_out_is_a_link),
    Case(row="T32", name="root", finds=("GC608",), make=nothing, command=build_to("/"), status=2),
    Case(row="T32", name="working-folder", finds=("GC608",), make=nothing, command=build_to("."), status=2),
    Case(row="T32", name="folder-above", finds=("GC154",), make=nothing, command=build_to(".."), status=2),
    Case(row="T32", name="home", finds=("GC608",), make=nothing, command=build_to("nowhere"), alone=True, status=2),
    Case(row="T32", name="repository", finds=("GC608",), make=repository, status=2),
    Case(row="T32", name="nul", finds=("GC608",), make=nothing, command=build_to("a\0b"), status=2),
    Case(row="T32", name="device", finds=("GC608",), make=nothing, command=build_to("/dev/null"), status=2),
    # -- T33: names that would be paths. The language takes DNS labels, and files are named by these alone.
    *(
        Case(row="T33", name=f"{what}-{name}", make=edit(old, new.format(name)), finds=(finds,))
        for what, old, new, finds in (
            ("release", "  name: shop\n", "  name: '{}'\n", "GC205 release.yaml:4:9"),
            ("tag", "tag: gray", "tag: '{}'", "GC207 release.yaml:6:8"),
            ("service", "- name: web\n", "- name: '{}'\n", "GC205 release.yaml:11:13"),
        )
        for name in ("..", ".", "a/b", "-rf", "x.yaml/", "CON ", "")
    ),
    # A service has the name that people use, a label's value: its file is the release's name, a dot, it, and `.yaml`. With another
    # name its workload gets another selector, which the cluster of a living lane refuses.
    Case(
        row="T33", name="service-of-a-device", finds=("GC635",), make=edit("- name: web\n", "- name: CON\n"), status=0
    ),
    Case(
        row="T33",
        name="service-with-a-suffix",
        finds=("GC635",),
        make=edit("- name: web\n", "- name: x.yaml\n"),
        status=0,
    ),
    Case(
        row="T33",
        name="object",
        finds=("GC136 baseline/web.yaml:35:9",),
        make=both(
            edit(
                "  name: web\n  namespace: shop\ndata:",
                "  name: ../../web\n  namespace: shop\ndata:",
                "baseline/web.yaml",
            ),
            edit("configMapRef: {name: web}", "configMapRef: {name: ../../web}", "baseline/web.yaml"),
            edit("  traffic:\n", "  output: {layout: object}\n  traffic:\n"),
        ),
    ),
    # T34: files are named by the release and the service, or the object, joined by dots that a release's name cannot hold.
    Case(
        row="T34",
        name="names-that-join-alike",
        status=0,
        make=two_services("a-b", "c", "a", "b-c"),
    ),
    Case(row="T34", name="names-that-differ-in-case", finds=("GC601",), make=two_services("web", "one", "WEB", "two")),
)
