"""Write the pages of `docs/` that are tables of the code: run it after a change, a test says when it is due.

python -m tools.write_docs
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from unittest import mock

from grayc.cli import app, quick
from grayc.diagnostics import CODES, Severity
from grayc.documents.tree import show_path
from grayc.k8s.abilities import Feature
from grayc.k8s.adoption import ADOPTIONS, Way
from grayc.k8s.attachments import ATTACHMENTS
from grayc.k8s.gateways import GATEWAYS, GatewayRow
from grayc.k8s.identities import IDENTITIES, MARKS, Identity, Place
from grayc.k8s.ingress_controllers import INGRESS_CONTROLLERS
from grayc.k8s.kinds import CORE, GROUPS, KINDS, GroupKind, KindRow, Policy
from grayc.k8s.makers import MAKERS, Made
from grayc.k8s.mentions import KNOWN, KNOWN_ANNOTATIONS
from grayc.k8s.pod_templates import POD_SELECTORS_INSIDE
from grayc.k8s.references import REFERENCES, Form, Reference, Use
from grayc.k8s.registries import REGISTRIES
from grayc.k8s.routing_kinds import ROUTING_KINDS
from grayc.k8s.selectors import POD_SELECTORS, SERVICE_SELECTORS, TAKES, SelectorField
from tools.commands_page import commands_page
from tools.release_page import release_page

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

_HEADINGS: dict[Policy, str] = {
    Policy.COPY: "Copied",
    Policy.ENTRY: "Opened by the rules",
    Policy.SHARE: "Shared: gray pods use the baseline's",
    Policy.STAY: "Stay with the baseline: no copy, and `plan` says so",
    Policy.REFUSE: "Refused until `share` names them",
}

_INTRODUCTION = """# What becomes of each kind of object

A service of a release owns objects of many kinds. What grayc does with each is decided by its kind, unless the release
says otherwise (`share`, `autoscaling`). A kind that is not listed is copied with a warning; names of other objects in
it stay as they are, and GC350 tells which of them have gray copies.

The limit is the number of characters that the copy's name may have, suffix included, before something refuses it.
"""


_GROUPS_INTRODUCTION = """
## Whole groups

All kinds of a group, and of the groups below it (`rds.services.k8s.aws` is below `services.k8s.aws`), unless a table
above has the kind.
"""

_GROUP_WORDS: dict[Policy, str] = {Policy.STAY: "stay with the baseline", Policy.SHARE: "are shared"}


def kinds_page() -> str:
    """Return docs/kinds.md."""
    return _INTRODUCTION + "".join(_section(policy) for policy in _HEADINGS) + _groups() + _identities()


def _groups() -> str:
    """Return the groups whose kinds are treated alike."""
    rows = "".join(f"| `{group}` | {_GROUP_WORDS[row.policy]} | {row.reason} |\n" for group, row in GROUPS.items())
    return f"{_GROUPS_INTRODUCTION}\n| group | its kinds | why |\n|---|---|---|\n{rows}"


_IDENTITIES = """
## Names that production has alone

A copy does not bear the names by which a controller or a registry knows production: two objects of one name would take
each other's requests, or one would be refused. `plan`, `build` and `explain` tell what became of them (GC466 to GC468);
a patch has the last word.

| annotation | of | read by | in the copy |
|---|---|---|---|
"""

_MARKS = """
By these marks other tools know what they own, delete or restore. Copies leave them off without a finding, and `plan`
has a row for each:

{marks}

`app.kubernetes.io/instance` goes from the copy's own metadata alone, pods keep it; it stays where a selector of the
baseline asks for it on a Service (GC465).

A claim template's `volumeName` is left off (GC467); a `hostPort`, `hostNetwork` and a claim's `selector` stay, and are
reported (GC468).
"""


def _identities() -> str:
    rows = "".join(f"| `{row.key}` | {_bearer(row)} | {row.owner} | {row.deed.value} |\n" for row in IDENTITIES)
    return _IDENTITIES + rows + _MARKS.format(marks="\n".join(f"- `{mark}`: {owner}" for mark, owner in MARKS.items()))


def _bearer(row: Identity) -> str:
    if row.kind is not None:
        return f"the {row.kind[1]}"
    return "the pods" if row.place is Place.PODS else "the object"


def _section(policy: Policy) -> str:
    rows = "".join(_row(group_kind, row) for group_kind, row in KINDS.items() if row.policy is policy)
    more = (" otherwise in the copy |", "---|") if policy is Policy.COPY else ("", "")
    return f"\n## {_HEADINGS[policy]}\n\n| kind | group | limit | why |{more[0]}\n|---|---|---|---|{more[1]}\n{rows}"


def _row(group_kind: GroupKind, row: KindRow) -> str:
    group, kind = group_kind
    limit = f"{row.name_limit}: {row.limit_source}" if row.name_limit != 253 else "253"
    more = f" {row.in_copy} |" if row.policy is Policy.COPY else ""
    return f"| {kind} | {f'`{group}`' if group else 'core'} | {limit} | {row.reason} |{more}\n"


_HUNDREDS: dict[str, str] = {
    "1": "Reading files",
    "2": "The release",
    "3": "The plan",
    "4": "The gray copies",
    "5": "Gateways",
    "6": "The output folder",
    "7": "Commands",
    "9": "Faults of grayc",
}

_DIAGNOSTICS_INTRODUCTION = """# Diagnostics

Everything that grayc finds has a code. A code keeps its meaning for ever, and has a page: what it means, why it
matters, an example, and what to write instead. `grayc explain GC440` prints the page, `grayc explain --all` lists the
codes.

An error stops the compiler; a warning and a note do not. What is marked *acceptable* can be lived with: `spec.accept`
names the code and the reason. The status is what grayc leaves to the shell after an error: 1 where the input is
wrong, 2 where grayc could not answer, 3 where grayc is wrong.

The examples of the pages are complete with this baseline, where they show no file of the same name:
"""


def diagnostics_page() -> str:
    """Return docs/diagnostics.md."""
    baseline = sorted((ROOT / "tests" / "pages" / "baseline").iterdir())
    files = "".join(f"\n```yaml baseline/{path.name}\n{path.read_text(encoding='utf-8')}```\n" for path in baseline)
    return _DIAGNOSTICS_INTRODUCTION + files + "".join(_hundred(digit) for digit in _HUNDREDS)


def _hundred(digit: str) -> str:
    rows = "".join(_code_row(code) for code in CODES if code[2] == digit)
    return f"\n## {_HUNDREDS[digit]}\n\n| code | name | severity | status |\n|---|---|---|---|\n{rows}"


def _code_row(code: str) -> str:
    row = CODES[code]
    status = str(row.exit_status) if row.severity is Severity.ERROR else "0"
    acceptable = ", acceptable" if row.acceptable else ""
    link = f"[{code}](../grayc/diagnostics/pages/{code}.md)"
    return f"| {link} | {row.name} | {row.severity}{acceptable} | {status} |\n"


_REFERENCES_INTRODUCTION = """# Fields that name other objects

One table says where an object names another. By it grayc rewrites names in gray copies, finds out who uses a ConfigMap,
and checks that every name leads somewhere. A kind that is not here gets its rows from `spec.references` of the release.
Names of copied and opened objects in any other field are GC350: see [what nothing follows](#what-nothing-follows).
`grayc plan` says of each object that copies name whether it is gray, shared, outside of the files, as what
[controllers make](#made-by-controllers), or missing.

In a field, `[*]` stands for every item of a list. *As `kind` says* means that the fields beside the name tell the kind
that is named, the one in brackets where they are left out. A field that *stays* names the baseline's object in a gray
copy too; one that *makes* its object belongs to a controller that creates it. A host or URL is followed where it is a
Service's: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`.
"""


def references_page() -> str:
    """Return docs/references.md."""
    tables = sorted(REFERENCES.items(), key=lambda item: (item[0][0], item[0][1]))
    return (
        _REFERENCES_INTRODUCTION
        + "".join(_references_of(group_kind, rows) for group_kind, rows in tables)
        + _MADE_INTRODUCTION
        + "".join(_made_row(kind, made) for kind, rows in MAKERS.items() for made in rows)
        + _KNOWN_INTRODUCTION
        + "".join(f"| {_kind(row.kind)} | {f'`{row.path}`' if row.path else 'all'} | {row.reason} |\n" for row in KNOWN)
        + _ANNOTATIONS_INTRODUCTION
        + "".join(f"- `{annotation}`\n" for annotation in KNOWN_ANNOTATIONS)
    )


_MADE_INTRODUCTION = """
## Made by controllers

What one of these makes stands in no file, and is not missing. So is what the rows above say that a kind *makes*, what
`spec.writeConnectionSecretToRef` of any kind names (Crossplane), and the Secrets that an Ingress or a Gateway with the
annotation of an issuer serves TLS with (cert-manager).

| kind | makes | by the name at |
|---|---|---|
"""

_KNOWN_INTRODUCTION = """
## What nothing follows

A field that no row of this page has may name a copied or opened object all the same. The last resort of a build looks
for such names in objects of kinds that are not Kubernetes' own, and in annotations of all: GC350, or GC351 where the
object says who may enter. These need none:

| kind | field | why |
|---|---|---|
"""

_ANNOTATIONS_INTRODUCTION = """
Nor do annotations that name the object itself, what owns it or what is in it (`*` is a prefix):

"""


def _kind(group_kind: GroupKind | None) -> str:
    if group_kind is None:
        return "any"
    return f"{group_kind[1]} (`{group_kind[0]}`)"


def _made_row(group_kind: GroupKind, made: Made) -> str:
    kinds = ", ".join(kind for _, kind in made.kinds)
    names = ", ".join(f"`{name.replace('{0}', '{}').replace('{}', '…')}`" for name in made.names if name != "{}")
    where = " in every namespace" if made.is_everywhere else ""
    return f"| {_kind(group_kind)} | {kinds}{f' {names}' if names else ''}{where} | `{made.path}` |\n"


def _references_of(group_kind: GroupKind, rows: tuple[Reference, ...]) -> str:
    group, kind = group_kind
    pod = {row.pattern[1:] for row in REFERENCES[(CORE, "Pod")] if row.pattern[0] == "spec"}
    own, lines = set(rows), ""
    for place in sorted(
        {row.pattern[: at + 1] for row in rows for at, step in enumerate(row.pattern) if step == "spec"}
    ):
        inside = {row for row in own if row.pattern[: len(place)] == place}
        if kind != "Pod" and {row.pattern[len(place) :] for row in inside} >= pod:
            own -= {row for row in inside if row.pattern[len(place) :] in pod}
            lines += f"| `{_field(place)}` | as a Pod's `spec` | |\n"
    lines += "".join(_reference_row(row) for row in rows if row in own)
    title = f"{kind} (`{group}`)" if group else kind
    return f"\n## {title}\n\n| field | names | how |\n|---|---|---|\n{lines}"


def _field(pattern: tuple[str, ...]) -> str:
    return show_path(pattern).replace('["[*]"]', "[*]")


def _reference_row(row: Reference) -> str:
    names = row.target[1] if row.target is not None else f"as `kind` says ({row.default[1]})"
    how = "" if row.form is Form.NAME else row.form
    use = {Use.FOLLOW: "", Use.STAY: "stays", Use.MAKE: "makes"}[row.use]
    return f"| `{_field(row.pattern)}` | {names} | {', '.join(word for word in (how, use) if word)} |\n"


def gateways_page() -> str:
    """Return docs/gateways.md: the words of `gateways.md` beside this file, and the rows of the gateways."""
    rows: list[tuple[str, GatewayRow]] = []
    for gateway, own in GATEWAYS.items():
        rows.append((f"`{gateway}`", own))
        if own.beside is not None:
            rows.append((f"`{gateway}`, own routes", own.beside))
    head = "| a rule asks for | " + " | ".join(name for name, _ in rows) + " |\n|---"
    lines = [head + "|---" * len(rows) + "|"]
    reasons: dict[str, list[str]] = {}
    for feature in Feature:
        cells = []
        for name, row in rows:
            ability = row.abilities.get(feature)
            cells.append(ability.fit if ability else "-")
            if ability:
                reasons.setdefault(f"| {feature.value} | {{}} | {ability.fit}: {ability.how} |", []).append(name)
        lines.append(f"| {feature.value} | " + " | ".join(cells) + " |")
    lines.append(
        "| the lane's header dropped when it comes from outside | "
        + " | ".join(row.guard.fit for _, row in rows)
        + " |"
    )
    how = ["", "### By what", "", "| a rule asks for | on | |", "|---|---|---|"]
    how += [row.format(", ".join(on)) for row, on in reasons.items()]
    how += [f"| the lane's header dropped | {name} | {row.guard.fit}: {row.guard.how} |" for name, row in rows]
    words = (Path(__file__).parent / "gateways.md").read_text(encoding="utf-8")
    return words.replace("{matrix}", "\n".join([*lines, *how]))


def which_gateway_page() -> str:
    """Return docs/which-gateway.md: the words of `which-gateway.md` beside this file, and its tables."""
    lines = []
    for row in INGRESS_CONTROLLERS:
        gateways = [f"`{name}`" for name, gateway in GATEWAYS.items() if row.product in gateway.controllers]
        classes, controllers = (", ".join(f"`{text}`" for text in texts) for texts in (row.classes, row.controllers))
        lines.append(f"| {classes or '-'} | {controllers or '-'} | {row.product} | {' or '.join(gateways) or '-'} |")
    opened = {kind for row in GATEWAYS.values() for kind in row.entry_kinds}
    kinds = dict.fromkeys(
        f"{kind} ({row.product})" for (group, kind), row in ROUTING_KINDS.items() if (group, kind) not in opened
    )
    words = (Path(__file__).parent / "which-gateway.md").read_text(encoding="utf-8")
    return words.replace("{classes}", "\n".join(lines)).replace("{kinds}", ", ".join(kinds))


def isolation_page() -> str:
    """Return docs/isolation.md: the words of `isolation.md` beside this file, and the tables of selectors."""
    rows = "".join(
        f"| {kind} | {f'`{group}`' if group else 'core'} | `{_field(field.path)}` | {field.use} | {field.scope} | "
        f"{_missed(field)} |\n"
        for (group, kind), field in (*POD_SELECTORS.items(), *SERVICE_SELECTORS.items())
    )
    inside = "".join(f"- `{_field(path)}`\n" for path in POD_SELECTORS_INSIDE)
    registries = "".join(
        f"| {row.name} | {_codes(row.signs, '…')} | {_codes(map('='.join, row.off or (row.switch,)))} | "
        f"{_codes(row.service)} | {row.source.text}, {row.source.date}"
        f"{'' if row.source.is_verified else ', not verified'} |\n"
        for row in REGISTRIES
    )
    words = (Path(__file__).parent / "isolation.md").read_text(encoding="utf-8")
    attached = "".join(
        f"| {kind} | `{group}` | {', '.join(f'`{field}`' for field in row.way.split(' or '))} | "
        f"{'yes' if row.authenticates else 'no'} |\n"
        for (group, kind), row in ATTACHMENTS.items()
    )
    filled = {"selectors": rows, "inside": inside, "attached": attached, "registries": registries}
    for name, text in filled.items():
        words = words.replace(f"{{{name}}}\n", text)
    return words


def _codes(keys: Iterable[str], more: str = "") -> str:
    """Return keys for a table, those that are starts of keys with a mark behind."""
    return ", ".join(f"`{key}{more if key.endswith('.') else ''}`" for key in keys)


def _missed(field: SelectorField) -> str:
    if field.use in TAKES:
        return "as it should"
    return "the lane carries a copy" if field.carried else "refused (GC448)"


_ADOPT_INTRODUCTION = """# Prepare production: `grayc adopt`

A lane with `isolation: label` tells gray pods from production's by one label, `zadigx-release-version`: `original` in
production, the tag on the gray copies. Production must have it in the selectors of its workloads, on its pods, and in
all that selects those pods. `grayc adopt` puts it into your own files, once, before the first release:

```console
$ grayc adopt baseline/ --diff              # what would change; writes nothing
$ grayc adopt baseline/ --script adopt.sh   # change the files, and write the steps for a cluster
$ grayc adopt baseline/ --check             # in CI: exit status 1 where a file lacks the label
```

Nobody has to: without `isolation`, a release keeps a baseline that is not prepared apart by other labels (`relabel`).

## What changes in the files

`zadigx-release-version: original` is added, and every other byte stays: comments, quotes, line ends, the order of keys.
YAML in block or flow style, JSON, lists and files of several documents are edited as they are laid out. Each changed
text is read again before anything is written, and must differ by the label alone; where one file cannot be edited
(GC620), none is. A second run changes nothing.

| object | where |
|---|---|
| workload with a selector | `spec.selector.matchLabels` (ReplicationController: `spec.selector`); its pod labels |
| Service that selects such pods | `spec.selector` |
| PodDisruptionBudget that selects such pods | `spec.selector.matchLabels` |
| Job, CronJob, Pod | the labels of its pods, where something in this table selects them; they get no gray copy |
| NetworkPolicy and all else | nothing: a lane carries its own policies |

`-s NAME` takes some workloads, and all that selects their pods. Where that selects pods of others too, they must be
named as well (GC341). An object that says another version is refused (GC340), and so is a patch of a kustomization,
which holds a part of an object only (GC342).

## What happens in a cluster

Most selectors cannot be changed once an object exists, and a Service that asks for a label which no pod has leads
nowhere. So the order is: workloads first, Services when the pods that they will select are ready, old pods last.
`grayc adopt` prints it for your objects; `--script FILE` writes it as a shell script:

```console
$ sh adopt.sh --context production
```

The script takes each object from the cluster and adds the label, so that nothing else changes, the number of pods
included; it holds autoscalers meanwhile. It stops at the first step that fails, with everything still serving, and goes
on from there when it is run again. Stop what applies the manifests by itself (Argo CD, Flux) before, and let it go on
after: the files say by then what the cluster has. `KUBECTL`, `GRAYC_STATE`, `GRAYC_TIMEOUT` and `GRAYC_DRAIN` are
explained at its top.

| kind | way | why | source |
|---|---|---|---|
"""

_WAYS: dict[Way, str] = {
    Way.BESIDE: "deleted without its pods and created again; new pods start beside the old ones, which go last",
    Way.REPLACE: "",
    Way.TAKE_OVER: "its pods are labelled; deleted without them and created again, it takes them over",
    Way.IN_PLACE: "its pods are labelled, then it is changed",
    Way.PODS: "its pods are labelled",
    Way.BY_HAND: "",
}

_ADOPT_END = """
A Deployment whose strategy is `Recreate` must not have two sets of pods: its ReplicaSets are labelled, so that the new
one takes them over and replaces their pods with the gap that it has at every rollout. Left to you, with all that
selects their pods, are a Rollout whose controller writes into the selectors of its Services (`blueGreen`,
`stableService`, `trafficRouting`) or whose pods are those of a Deployment (`workloadRef`), and a CloneSet with
`volumeClaimTemplates`: start a second one under another name with the label, move the requests when it is ready, then
take the old one away.
"""


def adopt_page() -> str:
    """Return docs/adopt.md."""
    rows = "".join(
        f"| {kind}{f' (`{group}`)' if '.' in group else ''} | {_WAYS[row.way]} | {row.why} | {row.source} |\n"
        for (group, kind), row in ADOPTIONS.items()
    )
    return _ADOPT_INTRODUCTION + rows + _ADOPT_END


PAGES: dict[str, Callable[[], str]] = {
    "adopt.md": adopt_page,
    "commands.md": commands_page,
    "diagnostics.md": diagnostics_page,
    "gateways.md": gateways_page,
    "isolation.md": isolation_page,
    "kinds.md": kinds_page,
    "references.md": references_page,
    "release.md": release_page,
    "which-gateway.md": which_gateway_page,
}


def help_text() -> str:
    """Return what `grayc --help` prints where lines have 80 characters or more."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), mock.patch.dict(os.environ, {"COLUMNS": "80"}):
        app.run(["--help"])
    return printed.getvalue()


def pages() -> Iterator[tuple[Path, str]]:
    """Yield path and text of every page that is made."""
    for name, make in PAGES.items():
        yield DOCS / name, make()
    yield Path(quick.__file__).parent / quick.HELP, help_text()


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
