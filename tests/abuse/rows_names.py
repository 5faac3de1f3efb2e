"""T81 and T82: names, kinds and labels that act on what is made of them: commands, paths, scripts, comments."""

import json

from tests.abuse.model import Case, baseline, edit
from tests.hostile import CONTROL, FLAGS, PATHS, SELECTORS, SHELL, URLS

FAMILIES = {"shell": SHELL, "flag": FLAGS, "path": PATHS, "url": URLS, "selector": SELECTORS, "control": CONTROL}
MOST = 3
"""How many values of a family make a case; the unit tests go through all of them."""

VALUES = tuple((f"{name}-{at}", value) for name, each in FAMILIES.items() for at, value in enumerate(each[:MOST]))

PLACES = {
    "kind": ("apiVersion: v1\nkind: %s\nmetadata: {name: bad, namespace: shop}\n", "GC134", "2:7"),
    "group": ("apiVersion: %s\nkind: ConfigMap\nmetadata: {name: bad, namespace: shop}\n", "GC134", "1:13"),
    "namespace": ("apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: %s, name: bad}\n", "GC135", "3:23"),
    "name": ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: shop}\n", "GC136", "3:18"),
    "label": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {zadigx-release-version: %s}, name: bad, namespace: shop}\n",
        "GC137",
        "3:45",
    ),
}
"""Place in an object → the object, the finding and where it stands."""

FIELDS = {
    "tag": ("  tag: gray\n", "  tag: %s\n", "GC207", "6:8"),
    "namespace": ("  namespace: shop\n", "  namespace: %s\n", "GC205", "7:14"),
    "service": ("    - name: web\n", "    - name: %s\n", "GC205", "11:13"),
    "workload": ("      workload: Deployment/web\n", "      workload: %s\n", "GC205", "12:17"),
    "share": ("      images:\n", "      share: [%s]\n      images:\n", "GC205", "13:15"),
    "patch": (
        "      images:\n",
        "      patches: [{target: {kind: %s}, merge: {spec: {replicas: 1}}}]\n      images:\n",
        "GC205",
        "13:33",
    ),
    "references": (
        "  traffic:\n",
        "  references: [{kind: %s, path: spec.x, to: ConfigMap}]\n  traffic:\n",
        "GC205",
        "15:23",
    ),
    "accept": ("  traffic:\n", "  accept: [{code: GC441, object: %s, reason: x}]\n  traffic:\n", "GC205", "15:34"),
}
"""Field of the release that names an object → the text that gets a value there, the finding and where it stands."""

CASES: tuple[Case, ...] = (
    *(
        Case(
            row="T81",
            name=f"{place}-{name}",
            make=baseline(text % json.dumps(f"{value}/v1" if place == "group" else value)),
            finds=(f"{code} baseline/bad.yaml:{at}",),
        )
        for place, (text, code, at) in PLACES.items()
        for name, value in VALUES
    ),
    *(
        Case(
            row="T82",
            name=f"{field}-{name}",
            make=edit(old, new % json.dumps(value)),
            finds=(f"{code} release.yaml:{at}",),
        )
        for field, (old, new, code, at) in FIELDS.items()
        for name, value in VALUES
        if name.endswith("-0")
    ),
)
