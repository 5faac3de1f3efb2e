"""T01 to T22: YAML and JSON made hostile."""

import json

from tests.abuse.model import RELEASE, Case, Make, baseline, both, config_map, edit, file, greeting

DEPTH = 100_000
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 10)
)
HOSTILE_TAG = "!!python/object/apply:os.system ['touch owned']"
RIGHT_TO_LEFT = "\u202e"


def alone(text: str | bytes, name: str = "only.yaml") -> Make:
    """Return what makes one file the whole baseline."""
    return both(file(f"lone/{name}", text), edit("- baseline/", f"- lone/{name}"))


def merges() -> str:
    """Return a chain of merges, each of the one before, three times."""
    lines = ["m0: &m0 {k: v}"]
    lines += [f"m{at}: &m{at}\n  <<: [*m{at - 1}, *m{at - 1}, *m{at - 1}]\n  k{at}: v" for at in range(1, 60)]
    return "\n".join(lines) + "\n"


def config(pairs: str) -> str:
    """Return a ConfigMap with the lines of its data; the first is line 5."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: bad, namespace: shop}}\ndata:\n{pairs}\n"


CASES = (
    # -- T01, T02: nesting that ends an interpreter. Limits are met while reading, before anything is built.
    Case(row="T01", name="brackets-in-baseline", make=baseline("[" * DEPTH), alone=True),
    Case(row="T01", name="braces-in-baseline", make=baseline("{a: " * DEPTH), alone=True),
    Case(row="T01", name="json-brackets", make=baseline('{"a":' + "[" * DEPTH, "bad.json"), alone=True),
    Case(row="T01", name="closed-brackets", make=baseline("a: " + "[" * DEPTH + "]" * DEPTH), alone=True),
    Case(row="T01", name="brackets-in-spec", make=file("release.yaml", RELEASE + "  calls: " + "[" * DEPTH), alone=True),
    Case(row="T02", name="indentation", make=baseline("".join(" " * at + "a:\n" for at in range(2_500))), alone=True),
    Case(row="T02", name="dashes", make=baseline("- " * DEPTH + "x\n"), alone=True),
    Case(row="T02", name="question-marks", make=baseline("? " * DEPTH + "x\n"), alone=True),
    Case(row="T02", name="in-spec", make=file("release.yaml", RELEASE + "  calls:\n    - " + "- " * 3_000 + "x\n"), alone=True),
    # -- T03 to T05: little text, much data.
    Case(row="T03", name="alias-bomb", make=baseline(BOMB), alone=True),
    Case(row="T03", name="alias-bomb-in-spec", make=file("release.yaml", BOMB + RELEASE), alone=True),
    Case(row="T04", name="alias-to-itself", make=baseline("a: &a [*a]\n")),
    Case(row="T04", name="alias-to-what-holds-it", make=baseline("a: &a\n  b: {c: *a}\n")),
    Case(row="T05", name="chain-of-merges", make=baseline(merges()), alone=True),
    Case(
        row="T05", name="many-merges", make=baseline("a: &a {k: v}\nb:\n  <<: [" + ", ".join(["*a"] * 20_000) + "]\n"),
        alone=True,
    ),
    # -- T06: tags.
    Case(row="T06", name="python-object", make=baseline(config_map(HOSTILE_TAG))),
    Case(row="T06", name="python-object-in-spec", make=edit("tag: gray", f"tag: {HOSTILE_TAG}")),
    Case(row="T06", name="private-tag", make=baseline(config_map("!mine x"))),
    Case(row="T06", name="binary", make=baseline(config_map("!!binary aGk="))),
    Case(row="T06", name="tag-directive", make=baseline("%TAG ! tag:yaml.org,2002:python/\n---\n" + config_map("!name:os.system x"))),
    # -- T07: kubectl keeps the last of two keys without a word.
    Case(row="T07", name="in-baseline", make=baseline(config("  a: one\n  b: x\n  a: two"))),
    Case(row="T07", name="in-spec", make=edit("  tag: gray\n", "  tag: gray\n  tag: other\n")),
    Case(row="T07", name="same-key-in-two-spellings", make=baseline(config('  a: one\n  "a": two'))),
    # -- T08 to T10: numbers.
    Case(row="T08", name="5000-digits", make=greeting("9" * 5_000)),
    Case(row="T08", name="5000-digits-in-spec", make=edit("workload: Deployment/web", "replicas: " + "9" * 5_000)),
    Case(row="T08", name="long-exponent", make=greeting("1e" + "9" * 400)),
    Case(row="T08", name="5000-digits-in-json", make=baseline(json.dumps({"kind": "X"}).replace('"X"', "9" * 5_000), "bad.json")),
    Case(row="T09", name="impossible-date", make=greeting("2001-99-99")),
    Case(row="T09", name="date", make=greeting("2001-01-01")),
    Case(row="T10", name="nan", make=baseline(config_map(".nan"))),
    Case(row="T10", name="infinity", make=baseline(config_map("-.inf"))),
    Case(row="T10", name="nan-in-json", make=baseline('{"a": NaN}', "bad.json")),
    # -- T11, T12: text that readers take for something else.
    Case(row="T11", name="plain-NO", make=greeting("NO"), emits=('greeting: false\n',)),
    Case(row="T11", name="plain-on", make=greeting("on"), emits=('greeting: true\n',)),
    Case(row="T11", name="plain-y", make=greeting("y"), emits=('greeting: true\n',)),
    Case(row="T11", name="plain-0777", make=greeting("0777"), emits=('greeting: 511\n',)),
    Case(row="T11", name="plain-08", make=greeting("08"), emits=('greeting: 8\n',)),
    Case(row="T11", name="plain-1e3", make=greeting("1e3"), emits=('greeting: 1000\n',)),
    Case(row="T11", name="plain-12:30:45", make=greeting("12:30:45"), emits=('greeting: "12:30:45"\n',)),
    Case(row="T11", name="plain-1_000", make=greeting("1_000"), emits=('greeting: 1000\n',)),
    Case(row="T11", name="plain-1.20", make=greeting("1.20"), emits=('greeting: 1.2\n',)),
    Case(row="T11", name="plain-0o17", make=greeting("0o17"), emits=('greeting: 15\n',)),
    Case(row="T11", name="plain-~", make=greeting("~"), emits=('greeting: null\n',)),
    Case(row="T11", name="in-spec", make=edit('value: "100"', "value: on")),
    Case(row="T12", name="key-n", make=baseline(config('  n: x'))),
    Case(row="T12", name="key-on", make=baseline(config('  on: x'))),
    Case(row="T12", name="key-1", make=baseline(config('  1: x'))),
    Case(row="T12", name="key-1.5", make=baseline(config('  1.5: x'))),
    Case(row="T12", name="key-null", make=baseline(config('  null: x'))),
    Case(row="T12", name="key-list", make=baseline(config('  ? [a]\n  : x'))),
    # -- T13 to T15: what can not be seen.
    Case(row="T13", name="latin-1", make=baseline(config_map("caf\xe9").encode("latin-1"))),
    Case(row="T13", name="utf-16", make=baseline(config_map("x").encode("utf-16"))),
    Case(row="T13", name="nul", make=baseline(config_map("a\0b"))),
    Case(row="T13", name="escape", make=baseline(config_map("a\x1b[31mb"))),
    Case(row="T13", name="c1-control", make=baseline(config_map("a\x9bb"))),
    Case(row="T13", name="delete", make=baseline(config_map("a\x7fb"))),
    Case(row="T13", name="encoded-surrogate", make=baseline(config_map("a").encode() + b"  b: \xed\xa0\x80\n")),
    Case(row="T13", name="lone-surrogate", make=baseline(config_map('"\\ud800"'))),
    Case(row="T13", name="latin-1-in-spec", make=file("release.yaml", RELEASE.replace("gray", "gr\xe4y").encode("latin-1"))),
    Case(row="T14", name="mark-in-the-middle", make=baseline(config_map("x").encode() + b"\xef\xbb\xbfb: y\n")),
    Case(row="T14", name="mark-after-a-border", make=baseline(config_map("x") + "---\n\ufeffapiVersion: v1\n")),
    Case(row="T15", name="in-a-value", make=greeting(f"a{RIGHT_TO_LEFT}b")),
    Case(row="T15", name="in-a-name", make=edit("    - name: web\n", f"    - name: we{RIGHT_TO_LEFT}b\n")),
    Case(row="T15", name="in-a-key", make=edit("  tag: gray\n", "  ta\u200bg: gray\n")),
    Case(row="T15", name="in-a-comment", make=edit("  tag: gray\n", f"  tag: gra # {RIGHT_TO_LEFT}\n  tags: x\n")),
    Case(row="T15", name="line-separator", make=greeting("a\u2028b: c")),
    Case(row="T15", name="next-line", make=greeting("a\u0085b: c")),
    # -- T16 to T18: layout and size.
    Case(row="T16", name="tab", make=baseline("apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: bad\n")),
    Case(row="T17", name="scalar-of-10-mib", make=baseline("a: " + "x" * (10 << 20)), alone=True),
    Case(row="T17", name="scalar-of-2-mib", make=baseline("a: " + "x" * (2 << 20)), alone=True),
    Case(row="T17", name="block-text-of-2-mib", make=baseline("a: |\n" + "  x\n" * (1 << 20)), alone=True),
    Case(row="T17", name="long-key", make=baseline("k" * 2_000 + ": x\n")),
    Case(row="T17", name="long-key-asked-for", make=baseline("? " + "k" * 2_000 + "\n: x\n")),
    Case(row="T17", name="50000-documents", make=baseline("---\na: 1\n" * 50_000), alone=True),
    Case(row="T17", name="many-values", make=baseline("- x\n" * 900_000), alone=True),
    Case(row="T17", name="many-faults", make=baseline("a: 1\n" * 300_000), alone=True),
    Case(row="T17", name="spec-of-5-mib", make=file("release.yaml", RELEASE + "#" * (5 << 20)), alone=True),
    Case(row="T18", name="empty", make=alone("")),
    Case(row="T18", name="comments", make=alone("# nothing\n")),
    Case(row="T18", name="borders", make=alone("---\n---\n...\n---\n")),
    Case(row="T18", name="null", make=alone("null\n")),
    Case(row="T18", name="empty-spec", make=file("release.yaml", "")),
    Case(row="T18", name="comments-in-spec", make=file("release.yaml", "# later\n---\n")),
    # -- T19 to T22: what is no manifest.
    Case(row="T19", name="list-in-list-in-list", make=baseline("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}]}")),
    Case(row="T19", name="items-that-are-none", make=baseline("apiVersion: v1\nkind: List\nitems:\n  - 3\n  - null\n")),
    Case(row="T20", name="comment", make=baseline('{\n  // a comment\n  "a": 1}', "bad.json")),
    Case(row="T20", name="trailing-comma", make=baseline('{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "bad"},}', "bad.json")),
    Case(row="T20", name="duplicate-key", make=baseline('{"a": 1, "b": 2, "a": 3}', "bad.json")),
    Case(row="T20", name="cut-off", make=baseline('{"a": [1,', "bad.json")),
    Case(row="T21", name="no-kind", make=baseline(config("  a: b").replace("kind: ConfigMap\n", ""))),
    Case(row="T21", name="no-version", make=baseline(config("  a: b").replace("apiVersion: v1\n", ""))),
    Case(row="T21", name="no-name", make=baseline(config("  a: b").replace("name: bad, ", ""))),
    Case(row="T21", name="generated-name", make=baseline(config("  a: b").replace("name: bad", "generateName: bad-"))),
    Case(row="T21", name="name-is-a-number", make=baseline(config("  a: b").replace("name: bad", "name: 12"))),
    Case(row="T21", name="second-document", make=baseline(config("  a: b") + "---\nkind: ConfigMap\n")),
    Case(row="T21", name="no-mapping", make=both(baseline("- a\n- b\n"), edit("- baseline/", "- baseline/bad.yaml\n    - baseline/"))),
    Case(row="T22", name="helm", make=baseline(config("  a: {{ .Values.a }}"))),
    Case(row="T22", name="jinja", make=baseline("{% if x %}\n" + config("  a: b") + "{% endif %}\n")),
    Case(row="T22", name="in-spec", make=edit("tag: gray", "tag: {{ .Values.tag }}")),
)
