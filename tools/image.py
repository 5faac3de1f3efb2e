"""Make an image of a wheel without a registry of others' images, and try it.

    python -m tools.image FOLDER

FOLDER holds the wheel that `tools.ship` made and gets `grayc-image.tar`, as `docker load` and `crane push` take it:
Debian's Python and git by mmdebstrap, grayc with what it needs, kustomize and helm. It runs as nobody's user. The same
wheel, versions and state of Debian's mirror give the same bytes. It needs root, as mmdebstrap and chroot do.
"""

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from grayc import __version__
from tools.dev_tools import prepare_kustomize
from tools.ship import EPOCH, ROOT

SUITE = "bookworm"
"""Debian 12; its Python is 3.11."""
PACKAGES = ("ca-certificates", "git", "libstdc++6", "python3")
USER = 65532
"""Nobody's user, as images without a shell have it. Source: GoogleContainerTools/distroless, `nonroot`."""
_HOME = "opt/grayc"
_STARTER = """\
#!/usr/bin/python3 -sP
import sys

sys.path.insert(0, "/opt/grayc")
from grayc.cli.main import main

main()
"""
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def make_image(wheel: Path, image: Path) -> None:
    """Write the image of a wheel."""
    with tempfile.TemporaryDirectory(prefix="grayc-image-") as scratch:
        home = Path(scratch)
        layers = [_debian(home / "debian.tar"), _programs(wheel, home)]
        ids = [_digest(layer) for layer in layers]
        config = {
            "architecture": _MACHINES[platform.machine()],
            "os": "linux",
            "created": "2026-01-01T00:00:00Z",
            "config": {
                "User": f"{USER}:{USER}",
                "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
                "Entrypoint": ["grayc"],
                "WorkingDir": "/work",
                "Labels": {"org.opencontainers.image.version": __version__},
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{each}" for each in ids]},
        }
        text = json.dumps(config, sort_keys=True).encode()
        name = hashlib.sha256(text).hexdigest() + ".json"
        rows = [{"Config": name, "RepoTags": [f"grayc:{__version__}"], "Layers": [f"{each}.tar" for each in ids]}]
        with tarfile.open(image, "w", format=tarfile.USTAR_FORMAT) as archive:
            for path, content in (("manifest.json", json.dumps(rows).encode()), (name, text)):
                archive.addfile(_entry(path, len(content)), io.BytesIO(content))
            for layer, each in zip(layers, ids, strict=True):
                with layer.open("rb") as packed:
                    archive.addfile(_entry(f"{each}.tar", layer.stat().st_size), packed)


def try_image(image: Path) -> None:
    """Run the image's program as its user, in its own root: of a kustomization it builds what this source builds."""
    with tempfile.TemporaryDirectory(prefix="grayc-image-") as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        with tarfile.open(image) as archive:
            rows = json.load(archive.extractfile("manifest.json") or io.BytesIO())
            for name in rows[0]["Layers"]:
                layer = archive.extractfile(name)
                _run(["tar", "--extract", f"--directory={root}"], stdin=layer.read() if layer else b"")
        example = root / "work" / "example"
        shutil.copytree(ROOT / "examples" / "mse-demo", example)
        names = sorted(str(path.relative_to(example / "baseline")) for path in (example / "baseline").rglob("*.yaml"))
        (example / "baseline" / "kustomization.yaml").write_text(f"resources: [{', '.join(names)}]\n")
        release = (example / "release.yaml").read_text().replace("    - baseline/\n", "    - kustomize: baseline\n")
        for service in ("spring-a", "spring-c"):
            release = release.replace(f"from: baseline/{service}", f"workload: {service.replace('-', '-cloud-')}")
        (example / "release.yaml").write_text(release)
        # As a container starts it: nothing of this machine's environment, and no home.
        clean = ["/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/"]
        inside = ["chroot", f"--userspec={USER}:{USER}", str(root), *clean]
        line = ["build", "/work/example/release.yaml", "-o", "-", "-q"]
        made = _run([*inside, "grayc", *line])
        wanted = _run([sys.executable, "-m", "grayc", *line[:1], str(example / "release.yaml"), *line[2:]])
        if made != wanted or not made:
            raise SystemExit("image: it builds something else")
        for program in (["kustomize", "version"], ["helm", "version", "--short"], ["git", "--version"]):
            _run([*inside, *program])


def _debian(layer: Path) -> Path:
    # Nothing that no program reads: documentation, caches, and logs that differ from run to run.
    left_out = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/var/cache/*", "/var/log/*"]
    words = [f"--dpkgopt=path-exclude={each}" for each in left_out[:3]]
    hooks = [f'--customize-hook=rm -rf "$1"{each}' for each in left_out[3:]]
    command = ["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(PACKAGES)}", *words, *hooks]
    _run([*command, SUITE, str(layer)], {"SOURCE_DATE_EPOCH": EPOCH})
    return layer


def _programs(wheel: Path, home: Path) -> Path:
    root = home / "programs"
    library, programs = root / _HOME, root / "usr" / "local" / "bin"
    programs.mkdir(parents=True)
    (root / "work").mkdir()
    # Debian's Python is the oldest that grayc takes, so its wheels are asked for by name.
    wanted = ["--python-version=3.11", "--implementation=cp", "--abi=cp311", "--only-binary=:all:"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    _run([*pip, *wanted, f"--target={library}", str(wheel)])
    shutil.rmtree(library / "bin", ignore_errors=True)
    (programs / "grayc").write_text(_STARTER, encoding="utf-8")
    shutil.copyfile(prepare_kustomize(), programs / "kustomize")
    helm = Path(sys.executable).parent / "helm"
    shutil.copyfile(helm.resolve(), programs / "helm")
    layer = home / "programs.tar"
    with tarfile.open(layer, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in _below(root):
            name = str(path.relative_to(root))
            is_program = path.is_dir() or path.parent == programs
            entry = _entry(name, 0 if path.is_dir() else path.stat().st_size, mode=0o755 if is_program else 0o644)
            entry.type = tarfile.DIRTYPE if path.is_dir() else tarfile.REGTYPE
            if name == "work":
                entry.uid = entry.gid = USER
            if path.is_dir():
                archive.addfile(entry)
            else:
                with path.open("rb") as content:
                    archive.addfile(entry, content)
    return layer


def _below(root: Path) -> Iterator[Path]:
    yield from sorted(path for path in root.rglob("*") if "__pycache__" not in path.parts)


def _entry(name: str, size: int, mode: int = 0o644) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, mode, int(EPOCH)
    return entry


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _run(words: Sequence[str], environment: dict[str, str] | None = None, stdin: bytes = b"") -> bytes:
    done = subprocess.run(
        list(words), env={**os.environ, **(environment or {})}, input=stdin, capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"image: {' '.join(words)}: exit status {done.returncode}\n{done.stderr.decode()[-4000:]}")
    return done.stdout


def main() -> int:
    """Make the image, try it, and return 0 where it holds."""
    folder = Path(sys.argv[1]).resolve()
    image = folder / "grayc-image.tar"
    make_image(folder / f"grayc-{__version__}-py3-none-any.whl", image)
    try_image(image)
    print(f"image: {image}: {image.stat().st_size >> 20} MiB, sha256:{_digest(image)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
