"""T59 to T80: reports, secrets, output folders and surroundings made hostile."""

import hashlib
import json
from pathlib import Path

from tests.abuse.model import BUILD, Case, Make, baseline, both, edit, file

ISTIO_API = "networking.istio.io/v1"
OFFLINE = ("offline", "release.yaml", "-o", "out", "--script", "off.sh")
CANARY = "canary-of-a-secret"
TOKEN = "canary-of-the-process"
CONFLICT = b"<<<<<<< ours\n"


def unknown_field(name: str) -> Make:
    """Return what puts a name, as YAML text, where no field is; it stands at release.yaml:7:3 and is quoted by the answer."""
    return edit("  tag: gray\n", f"  tag: gray\n  {name}: x\n")


def inventory(change: bytes) -> Make:
    """Return what puts bytes before the inventory of the output."""

    def make(home: Path) -> None:
        path = inventory_of(home)
        path.write_bytes(change + path.read_bytes())

    return make


def inventory_of(home: Path) -> Path:
    return next(path for path in (home / "out").iterdir() if path.suffix != ".yaml")


def manifest_of(home: Path) -> Path:
    return next((home / "out").glob("*.yaml"))


def lost_inventory(home: Path) -> None:
    """Leave manifests that are not what grayc would write now, and nothing that says whose they are."""
    inventory_of(home).unlink()
    edited_by_hand(home)


def entry_that_leads_out(home: Path) -> None:
    """List a file outside of the output folder."""
    path = inventory_of(home)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(manifest_of(home).name, "../release.yaml"), encoding="utf-8")


def edited_by_hand(home: Path) -> None:
    path = manifest_of(home)
    path.write_text(path.read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")


def foreign(home: Path) -> None:
    (home / "out" / "README.md").write_text("mine\n", encoding="utf-8")
    (home / "out" / "kustomization.yaml").write_text("resources: []\n", encoding="utf-8")


def foreign_in_the_way(home: Path) -> None:
    manifest_of(home).unlink()
    inventory_of(home).unlink()
    (home / "out" / "shop.web.yaml").write_text("mine: true\n", encoding="utf-8")


STRANGER = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: canary-of-a-namespace}\n"


def listed(text: str | bytes, name: str = "shop.web.yaml") -> Make:
    """Return what puts more into a file of the output, and its digest into the inventory."""

    def make(home: Path) -> None:
        path, inventory = home / "out" / name, inventory_of(home)
        path.write_bytes(path.read_bytes() + (text.encode() if isinstance(text, str) else text))
        data = json.loads(inventory.read_text(encoding="utf-8"))
        data["files"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        inventory.write_text(json.dumps(data), encoding="utf-8")

    return make


def recorded(key: str, value: object) -> Make:
    """Return what changes a field of the lane in the inventory."""

    def make(home: Path) -> None:
        path = inventory_of(home)
        data = json.loads(path.read_text(encoding="utf-8"))
        data["lanes"]["shop"][key] = value
        path.write_text(json.dumps(data), encoding="utf-8")

    return make


def journal(home: Path) -> None:
    """Bring a journal along that installs a file and removes the user's own."""
    out = home / "out"
    (out / "mine.yaml").write_text("mine: true\n", encoding="utf-8")
    (out / ".grayc-new-0").write_text("evil: true\n", encoding="utf-8")
    digests = [hashlib.sha256((out / name).read_bytes()).hexdigest() for name in ("mine.yaml", ".grayc-new-0")]
    mark = {"device": 1, "inode": 2, "modified": 3}
    rows = {
        "replace": [{"file": "a.yaml", "from": ".grayc-new-0", "old": None, "new": digests[1], "mark": mark}],
        "remove": [{"file": "mine.yaml", "old": digests[0]}],
        "inventory": {"old": None, "new": digests[1], "mark": mark},
    }
    data = {"format": "grayc.journal/v2", "owner": "shop", "mark": mark, **rows}
    (out / ".grayc-journal").write_text(json.dumps(data), encoding="utf-8")


def stage(home: Path) -> None:
    """Bring the folder along that a first build makes beside its place."""
    (home / "out").rename(home / ".grayc-new-out")
    (home / ".grayc-new-out" / "evil.yaml").write_text("evil: true\n", encoding="utf-8")


def bare(home: Path) -> None:
    """Bring along what git takes for a repository."""
    (home / "out" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    for name in ("objects", "refs"):
        (home / "out" / name).mkdir()


def modules(home: Path) -> None:
    """Put modules beside the release that a careless tool would run."""
    for name in ("yaml", "sitecustomize", "usercustomize", "grayc", "json", "re2"):
        (home / f"{name}.py").write_text("open('owned', 'w').close()\n", encoding="utf-8")
    (home / ".grayc.toml").write_text('out = "/"\nallow-root = ["/"]\n', encoding="utf-8")
    (home / "pyproject.toml").write_text('[tool.grayc]\nallow-root = ["/"]\n', encoding="utf-8")


SECRET = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: access, namespace: shop}}
stringData:
  plain: {CANARY}
"""

CASES = (
    # -- T59 to T61: what a reader of the report would run. Every answer of every case is held to be inert besides.
    Case(row="T59", name="command-in-a-name", finds=("GC202 release.yaml:7:3",), make=unknown_field('"::error::x"')),
    Case(
        row="T59",
        name="command-on-a-line-of-its-own",
        finds=("GC202 release.yaml:7:3",),
        make=unknown_field(r'"a\n::set-output name=x::y"'),
    ),
    Case(row="T59", name="percent-escapes", finds=("GC202 release.yaml:7:3",), make=unknown_field('"a%0A::error::x"')),
    Case(row="T59", name="old-command", finds=("GC202 release.yaml:7:3",), make=unknown_field('"##[add-path]/tmp"')),
    Case(
        row="T59",
        name="command-of-azure",
        finds=("GC202 release.yaml:7:3",),
        make=unknown_field('"##vso[task.setvariable variable=x]y"'),
    ),
    Case(
        row="T59",
        name="old-command-in-a-comment",
        finds=("GC202 release.yaml:6:3",),
        make=edit("  tag: gray\n", "  tagg: gray # ##[add-path]/tmp\n  tag: gray\n"),
    ),
    Case(
        row="T59",
        name="file-name",
        finds=("GC105 ::error::x.yaml:2:1",),
        make=both(file("::error::x.yaml", "a: [\n"), edit("- baseline/\n", '- "::error::x.yaml"\n')),
    ),
    Case(
        row="T59",
        name="file-name-of-old-command",
        finds=("GC105 baseline/##[add-path]x.yaml:2:1",),
        make=baseline("a: [\n", "##[add-path]x.yaml"),
    ),
    Case(
        row="T59",
        name="plan-of-such-a-file",
        status=0,
        command=("plan", "release.yaml"),
        make=both(
            lambda home: (home / "baseline" / "web.yaml").rename(home / "::error::x.yaml"),
            edit("- baseline/\n", '- "::error::x.yaml"\n    - baseline/\n'),
        ),
    ),
    Case(
        row="T60", name="escape", finds=("GC202 release.yaml:7:3",), make=unknown_field(r'"a\e[31mb"'), shows=(r"\x1b",)
    ),
    Case(
        row="T60",
        name="link-of-a-terminal",
        finds=("GC202 release.yaml:7:3",),
        make=unknown_field(r'"a\e]8;;http://x\a"'),
    ),
    Case(
        row="T60",
        name="carriage-return",
        finds=("GC202 release.yaml:7:3",),
        make=unknown_field(r'"a\rb"'),
        shows=(r"\x0d",),
    ),
    Case(
        row="T60",
        name="bell-in-an-image",
        finds=("GC205 release.yaml:14:14",),
        make=edit("web: registry.example.com/web:1.1", r'web: "a\ab"'),
    ),
    Case(
        row="T60",
        name="right-to-left",
        finds=("GC202 release.yaml:7:3",),
        make=unknown_field(r'"a\u202eb"'),
        shows=(r"\u202e",),
    ),
    Case(row="T60", name="tags", finds=("GC202 release.yaml:7:3",), make=unknown_field(r'"a\U000E0041b"')),
    Case(
        row="T60",
        name="carriage-return-in-a-comment",
        finds=("GC105 release.yaml:8:6",),
        make=edit("  tag: gray\n", "  tagg: gray # a\rtag: gray\n  tag: gray\n"),
    ),
    Case(
        row="T60",
        name="line-separator-in-the-line",
        finds=(
            "GC115 release.yaml:6:16",
            "GC106 release.yaml:8:3",
        ),
        make=edit("  tag: gray\n", "  tagg: gray # a\u2028  tag: gray\n  tag: gray\n"),
    ),
    Case(
        row="T61",
        name="angle-brackets",
        finds=("GC202 release.yaml:7:3",),
        make=unknown_field('"<script>alert(1)</script>"'),
    ),
    Case(row="T61", name="end-of-cdata", finds=("GC202 release.yaml:7:3",), make=unknown_field('"]]>&amp;<x"')),
    Case(row="T61", name="comma-and-colon", finds=("GC202 release.yaml:7:3",), make=unknown_field('"a,title=x:b"')),
    Case(
        row="T61", name="not-a-character-of-xml", finds=("GC202 release.yaml:7:3",), make=unknown_field(r'"a\uFFFEb"')
    ),
    # -- T62 to T66: secrets; where the values may stand is test_secrets.py's.
    # T62: the release language copies the Secrets of a service, as Zadig does, unless it shares them.
    Case(row="T62", name="secret-in-the-baseline", make=baseline(SECRET), status=0, hides=(CANARY,)),
    Case(
        row="T62",
        name="shared-secret",
        status=0,
        hides=(CANARY,),
        omits=(CANARY,),
        make=both(
            baseline(SECRET),
            edit(
                "            - configMapRef: {name: web}\n",
                "            - configMapRef: {name: web}\n            - secretRef: {name: access}\n",
                "baseline/web.yaml",
            ),
            edit("      images:\n", "      share: [Secret]\n      images:\n"),
        ),
    ),
    # T63: what a Secret may hold is the API server's; what is told of one that cannot be read holds none of it.
    Case(
        row="T63",
        name="secret-that-can-not-be-read",
        finds=("GC105 baseline/bad.yaml:6:1",),
        make=baseline(SECRET.replace(CANARY, f'"{CANARY}')),
        hides=(CANARY,),
    ),
    Case(
        row="T64",
        name="fields-of-the-server",
        status=0,
        omits=(CANARY, "managedFields", "uid", "resourceVersion", "creationTimestamp", "status:"),
        make=edit(
            "  name: web\n  namespace: shop\nspec:\n  selector:\n    matchLabels",
            "  name: web\n  namespace: shop\n  uid: 1-2\n  resourceVersion: '3'\n  creationTimestamp: null\n  managedFields: []\n"
            f"  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{CANARY}'\n"
            "status: {replicas: 1}\nspec:\n  selector:\n    matchLabels",
            "baseline/web.yaml",
        ),
    ),
    # T65: grayc keeps quiet about the value; that it is copied into Git is the baseline's doing before.
    Case(
        row="T65",
        name="variable-with-a-secret",
        status=0,
        hides=(CANARY,),
        make=edit(
            "- name: MODE\n              value: fast",
            f"- name: API_TOKEN\n              value: {CANARY}",
            "baseline/web.yaml",
        ),
    ),
    Case(
        row="T65",
        name="mistake-at-such-a-variable",
        finds=("GC108 baseline/web.yaml:18:22",),
        hides=(CANARY,),
        make=edit(
            "- name: MODE\n              value: fast",
            f"- name: API_TOKEN\n              value: !x {CANARY}",
            "baseline/web.yaml",
        ),
    ),
    Case(
        row="T66",
        name="sealed-secret",
        status=0,
        omits=("SealedSecret",),
        make=both(
            edit("workload: Deployment/web", "from: baseline/"),
            baseline(
                "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: access, namespace: shop}\n"
            ),
        ),
    ),
    # T69: an annotation that names a path is text like any other.
    Case(
        row="T69",
        name="path-in-an-annotation",
        status=0,
        make=edit(
            "  name: web\n  namespace: shop\nspec:\n  selector:\n    matchLabels",
            "  name: web\n  namespace: shop\n  annotations: {internal.config.kubernetes.io/path: ../../x}\nspec:\n  selector:\n    matchLabels",
            "baseline/web.yaml",
        ),
    ),
    # -- T71 to T77: output folders that somebody prepared.
    Case(row="T71", name="edited-by-hand", finds=("GC603",), make=both(edited_by_hand, edit("web:1.1", "web:1.2"))),
    Case(row="T72", name="foreign-files", make=foreign, status=0),
    Case(row="T72", name="foreign-file-in-the-way", finds=("GC610",), make=foreign_in_the_way),
    Case(row="T73", name="merge-conflict", finds=("GC606",), make=inventory(CONFLICT), status=2),
    Case(row="T73", name="no-text", finds=("GC606",), make=inventory(b"\xff\x00"), status=2),
    Case(row="T73", name="lost", finds=("GC610",), make=lost_inventory),
    Case(row="T73", name="entry-that-leads-out", finds=("GC606",), make=entry_that_leads_out, status=2),
    Case(row="T73", name="journal", finds=("GC640",), make=journal, status=2),
    Case(row="T73", name="journal-quietly", finds=("GC640",), make=journal, status=2, command=(*BUILD, "-q")),
    Case(row="T73", name="folder-beside-its-place", finds=("GC640",), make=stage, status=2),
    Case(row="T73", name="repository", finds=("GC643",), make=bare, status=2),
    Case(row="T73", name="repository-asked", finds=("GC643",), make=bare, status=2, command=("lanes", "out")),
    # -- T48: what takes a lane offline is read from a folder that anyone may have written.
    Case(
        row="T48",
        name="object-of-somebody-else",
        finds=("GC642 out/shop.web.yaml:71:11",),
        make=listed(STRANGER),
        command=OFFLINE,
        hides=("kubectl delete",),
    ),
    Case(row="T48", name="no-text", finds=("GC104 out/shop.web.yaml:68:1",), make=listed(b"\xff"), command=OFFLINE),
    Case(
        row="T48",
        name="selector-in-a-service",
        finds=("GC606",),
        make=recorded("services", ["web", "a),x notin (q"]),
        command=OFFLINE,
        status=2,
    ),
    Case(
        row="T48",
        name="flag-in-what-is-opened",
        finds=("GC606",),
        make=recorded("opensIn", ["--kubeconfig=x shop/web"]),
        command=OFFLINE,
        status=2,
    ),
    Case(
        row="T48",
        name="flag-in-a-host-of-the-mesh",
        finds=("GC606",),
        make=recorded("mesh", [{"service": "--all", "gray": "x", "header": "x", "ports": [], "api": ISTIO_API}]),
        command=OFFLINE,
        status=2,
        hides=("--all --",),
    ),
    Case(
        row="T48",
        name="manifest-in-a-header-of-the-mesh",
        finds=("GC606",),
        make=recorded("mesh", [{"service": "web", "gray": "x", "header": "x: 1\n---", "ports": [], "api": ISTIO_API}]),
        command=OFFLINE,
        status=2,
    ),
    Case(
        row="T48",
        name="another-kind-in-the-mesh",
        finds=("GC606",),
        make=recorded("mesh", [{"service": "web", "gray": "x", "header": "x", "ports": [], "api": "v1"}]),
        command=OFFLINE,
        status=2,
    ),
    Case(
        row="T48",
        name="way-of-this-machine-in-a-command",
        finds=("GC606",),
        make=recorded("build", {"spec": "/etc/passwd"}),
        command=OFFLINE,
        status=2,
    ),
    Case(
        row="T48",
        name="shell-in-a-tag",
        finds=("GC606",),
        make=recorded("tag", "$(touch owned)"),
        command=OFFLINE,
        status=2,
    ),
    Case(
        row="T77",
        name="no-object",
        finds=("GC103 release.yaml:9:7",),
        make=both(file("lone/x.yaml", "apiVersion: v1\nkind: List\nitems: []\n"), edit("- baseline/", "- lone/")),
    ),
    Case(
        row="T77",
        name="nothing-to-emit",
        finds=("GC303 release.yaml:12:17",),
        make=edit("      images:\n", "      share: [Deployment, Service, ConfigMap, Ingress]\n      images:\n"),
    ),
    # -- T79, T80: the surroundings of the process.
    Case(row="T79", name="modules-beside-the-release", make=modules, alone=True, status=0),
    Case(
        row="T79", name="python-variables", make=modules, alone=True, status=0, environment={"PYTHONSTARTUP": "yaml.py"}
    ),
    Case(
        row="T80",
        name="no-locale",
        finds=("GC207 release.yaml:6:8",),
        make=edit("tag: gray", "tag: gr\u0430y"),
        alone=True,
        environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TERM": "dumb"},
        shows=("\u0430",),
    ),
    Case(
        row="T80",
        name="narrow",
        finds=("GC207 release.yaml:6:8",),
        make=edit("tag: gray", "tag: Gray"),
        alone=True,
        environment={"COLUMNS": "20", "LANG": "zh_CN.UTF-8"},
    ),
    Case(
        row="T68",
        name="environment",
        finds=("GC207 release.yaml:6:8",),
        make=edit("tag: gray", "tag: ${CI_JOB_TOKEN}"),
        alone=True,
        environment={"CI_JOB_TOKEN": TOKEN, "KUBECONFIG": "/nowhere", "GRAYC_LIMIT": "1"},
        hides=(TOKEN,),
    ),
)
