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
    Case(
        row="T01",
        name="brackets-in-baseline",
        finds=("GC120 baseline/bad.yaml:1:101",),
        make=baseline("[" * DEPTH),
        alone=True,
    ),
    Case(
        row="T01",
        name="braces-in-baseline",
        finds=("GC120 baseline/bad.yaml:1:401",),
        make=baseline("{a: " * DEPTH),
        alone=True,
    ),
    Case(
        row="T01",
        name="json-brackets",
        finds=("GC120 baseline/bad.json:1:105",),
        make=baseline('{"a":' + "[" * DEPTH, "bad.json"),
        alone=True,
    ),
    Case(
        row="T01",
        name="closed-brackets",
        finds=("GC120 baseline/bad.yaml:1:103",),
        make=baseline("a: " + "[" * DEPTH + "]" * DEPTH),
        alone=True,
    ),
    Case(
        row="T01",
        name="brackets-in-spec",
        finds=("GC120 release.yaml:20:108",),
        make=file("release.yaml", RELEASE + "  calls: " + "[" * DEPTH),
        alone=True,
    ),
    Case(
        row="T02",
        name="indentation",
        finds=("GC120 baseline/bad.yaml:101:101",),
        make=baseline("".join(" " * at + "a:\n" for at in range(2_500))),
        alone=True,
    ),
    Case(
        row="T02",
        name="dashes",
        finds=("GC120 baseline/bad.yaml:1:201",),
        make=baseline("- " * DEPTH + "x\n"),
        alone=True,
    ),
    Case(
        row="T02",
        name="question-marks",
        finds=("GC109 baseline/bad.yaml:1:3",),
        make=baseline("? " * DEPTH + "x\n"),
        alone=True,
    ),
    Case(
        row="T02",
        name="in-spec",
        finds=("GC120 release.yaml:21:201",),
        make=file("release.yaml", RELEASE + "  calls:\n    - " + "- " * 3_000 + "x\n"),
        alone=True,
    ),
    # -- T03 to T05: little text, much data.
    Case(row="T03", name="alias-bomb", finds=("GC121 baseline/bad.yaml:6:10",), make=baseline(BOMB), alone=True),
    Case(
        row="T03",
        name="alias-bomb-in-spec",
        finds=("GC121 release.yaml:6:10",),
        make=file("release.yaml", BOMB + RELEASE),
        alone=True,
    ),
    Case(row="T04", name="alias-to-itself", finds=("GC126 baseline/bad.yaml:1:8",), make=baseline("a: &a [*a]\n")),
    Case(
        row="T04",
        name="alias-to-what-holds-it",
        finds=("GC126 baseline/bad.yaml:2:10",),
        make=baseline("a: &a\n  b: {c: *a}\n"),
    ),
    Case(
        row="T05", name="chain-of-merges", finds=("GC121 baseline/bad.yaml:3:8",), make=baseline(merges()), alone=True
    ),
    # T05: 20,000 aliases of one key come to 40,000 nodes, which is within the limits; the file is no manifest besides.
    Case(
        row="T05",
        name="many-merges",
        finds=("GC131 baseline/bad.yaml:1:1",),
        status=0,
        make=baseline("a: &a {k: v}\nb:\n  <<: [" + ", ".join(["*a"] * 20_000) + "]\n"),
        alone=True,
    ),
    # -- T06: tags.
    Case(
        row="T06", name="python-object", finds=("GC108 baseline/bad.yaml:6:6",), make=baseline(config_map(HOSTILE_TAG))
    ),
    Case(
        row="T06",
        name="python-object-in-spec",
        finds=("GC108 release.yaml:6:8",),
        make=edit("tag: gray", f"tag: {HOSTILE_TAG}"),
    ),
    Case(row="T06", name="private-tag", finds=("GC108 baseline/bad.yaml:6:6",), make=baseline(config_map("!mine x"))),
    Case(row="T06", name="binary", finds=("GC108 baseline/bad.yaml:6:6",), make=baseline(config_map("!!binary aGk="))),
    # kubectl cuts the file at `---` before it reads any YAML, and so does grayc: the directive stands alone.
    Case(
        row="T06",
        name="tag-directive",
        finds=("GC105 baseline/bad.yaml:2:1", "GC108 baseline/bad.yaml:8:6"),
        make=baseline("%TAG ! tag:yaml.org,2002:python/\n---\n" + config_map("!name:os.system x")),
    ),
    # -- T07: kubectl keeps the last of two keys without a word.
    Case(
        row="T07",
        name="in-baseline",
        finds=("GC106 baseline/bad.yaml:7:3",),
        make=baseline(config("  a: one\n  b: x\n  a: two")),
    ),
    Case(
        row="T07",
        name="in-spec",
        finds=("GC106 release.yaml:7:3",),
        make=edit("  tag: gray\n", "  tag: gray\n  tag: other\n"),
    ),
    Case(
        row="T07",
        name="same-key-in-two-spellings",
        finds=("GC106 baseline/bad.yaml:6:3",),
        make=baseline(config('  a: one\n  "a": two')),
    ),
    # -- T08 to T10: numbers.
    # T08: what no number can hold, kubectl reads as text, and so does grayc; in JSON it is refused. Nothing fails.
    Case(row="T08", name="5000-digits", status=0, make=greeting("9" * 5_000)),
    Case(
        row="T08",
        name="5000-digits-in-spec",
        finds=("GC204 release.yaml:12:17",),
        make=edit("workload: Deployment/web", "replicas: " + "9" * 5_000),
    ),
    Case(row="T08", name="long-exponent", status=0, make=greeting("1e" + "9" * 400)),
    Case(
        row="T08",
        name="5000-digits-in-json",
        finds=("GC107 baseline/bad.json:1:10",),
        make=baseline(json.dumps({"kind": "X"}).replace('"X"', "9" * 5_000), "bad.json"),
    ),
    Case(row="T09", name="impossible-date", status=0, make=greeting("2001-99-99")),
    Case(row="T09", name="date", finds=("GC112 baseline/web.yaml:38:13",), status=0, make=greeting("2001-01-01")),
    Case(row="T10", name="nan", finds=("GC107 baseline/bad.yaml:6:6",), make=baseline(config_map(".nan"))),
    Case(row="T10", name="infinity", finds=("GC107 baseline/bad.yaml:6:6",), make=baseline(config_map("-.inf"))),
    # T10: not JSON; YAML reads `NaN` as text, and the document is no manifest.
    Case(
        row="T10",
        name="nan-in-json",
        finds=("GC131 baseline/bad.json:1:1",),
        status=0,
        make=baseline('{"a": NaN}', "bad.json"),
    ),
    # -- T11, T12: text that readers take for something else.
    # T11: the fields of a baseline are what kubectl reads; only the release is asked to say what it means. The words that
    # kubectl reads in two ways (`apply -f`, `apply -k`) are a warning, the others go out as numbers, and never otherwise.
    Case(
        row="T11",
        name="plain-NO",
        finds=("GC112 baseline/web.yaml:38:13",),
        status=0,
        make=greeting("NO"),
        emits=("greeting: false\n",),
    ),
    Case(
        row="T11",
        name="plain-on",
        finds=("GC112 baseline/web.yaml:38:13",),
        status=0,
        make=greeting("on"),
        emits=("greeting: true\n",),
    ),
    Case(
        row="T11",
        name="plain-y",
        finds=("GC112 baseline/web.yaml:38:13",),
        status=0,
        make=greeting("y"),
        emits=("greeting: true\n",),
    ),
    Case(row="T11", name="plain-0777", status=0, make=greeting("0777"), emits=("greeting: 511\n",)),
    Case(row="T11", name="plain-08", status=0, make=greeting("08"), emits=("greeting: 8\n",)),
    Case(row="T11", name="plain-1e3", status=0, make=greeting("1e3"), emits=("greeting: 1000\n",)),
    Case(row="T11", name="plain-12:30:45", status=0, make=greeting("12:30:45"), emits=('greeting: "12:30:45"\n',)),
    Case(row="T11", name="plain-1_000", status=0, make=greeting("1_000"), emits=("greeting: 1000\n",)),
    Case(row="T11", name="plain-1.20", status=0, make=greeting("1.20"), emits=("greeting: 1.2\n",)),
    Case(row="T11", name="plain-0o17", status=0, make=greeting("0o17"), emits=("greeting: 15\n",)),
    Case(row="T11", name="plain-~", status=0, make=greeting("~"), emits=("greeting: null\n",)),
    Case(row="T11", name="in-spec", finds=("GC204 release.yaml:19:16",), make=edit('value: "100"', "value: on")),
    # T12: a key that kubectl turns into text is that text; `null` and lists it cannot turn into any.
    Case(row="T12", name="key-n", finds=("GC112 baseline/bad.yaml:5:3",), status=0, make=baseline(config("  n: x"))),
    Case(row="T12", name="key-on", finds=("GC112 baseline/bad.yaml:5:3",), status=0, make=baseline(config("  on: x"))),
    Case(row="T12", name="key-1", status=0, make=baseline(config("  1: x"))),
    Case(row="T12", name="key-1.5", status=0, make=baseline(config("  1.5: x"))),
    Case(row="T12", name="key-null", finds=("GC109 baseline/bad.yaml:5:3",), make=baseline(config("  null: x"))),
    Case(row="T12", name="key-list", finds=("GC109 baseline/bad.yaml:5:5",), make=baseline(config("  ? [a]\n  : x"))),
    # -- T13 to T15: what cannot be seen.
    Case(
        row="T13",
        name="latin-1",
        finds=("GC104 baseline/bad.yaml:6:9",),
        make=baseline(config_map("caf\xe9").encode("latin-1")),
    ),
    Case(
        row="T13",
        name="utf-16",
        finds=("GC104 baseline/bad.yaml:1:1",),
        make=baseline(config_map("x").encode("utf-16")),
    ),
    Case(row="T13", name="nul", finds=("GC110 baseline/bad.yaml:6:7",), make=baseline(config_map("a\0b"))),
    Case(row="T13", name="escape", finds=("GC110 baseline/bad.yaml:6:7",), make=baseline(config_map("a\x1b[31mb"))),
    Case(row="T13", name="c1-control", finds=("GC110 baseline/bad.yaml:6:7",), make=baseline(config_map("a\x9bb"))),
    Case(row="T13", name="delete", finds=("GC110 baseline/bad.yaml:6:7",), make=baseline(config_map("a\x7fb"))),
    Case(
        row="T13",
        name="encoded-surrogate",
        finds=("GC104 baseline/bad.yaml:7:6",),
        make=baseline(config_map("a").encode() + b"  b: \xed\xa0\x80\n"),
    ),
    Case(
        row="T13", name="lone-surrogate", finds=("GC105 baseline/bad.yaml:6:9",), make=baseline(config_map('"\\ud800"'))
    ),
    Case(
        row="T13",
        name="latin-1-in-spec",
        finds=("GC104 release.yaml:1:15",),
        make=file("release.yaml", RELEASE.replace("gray", "gr\xe4y").encode("latin-1")),
    ),
    Case(
        row="T14",
        name="mark-in-the-middle",
        finds=("GC105 baseline/bad.yaml:7:2",),
        make=baseline(config_map("x").encode() + b"\xef\xbb\xbfb: y\n"),
    ),
    Case(
        row="T14",
        name="mark-after-a-border",
        finds=("GC130 baseline/bad.yaml:8:1",),
        make=baseline(config_map("x") + "---\n\ufeffapiVersion: v1\n"),
    ),
    # T15: a warning wherever it stands, comments included; names cannot hold it.
    Case(
        row="T15",
        name="in-a-value",
        finds=("GC115 baseline/web.yaml:38:14",),
        status=0,
        make=greeting(f"a{RIGHT_TO_LEFT}b"),
    ),
    Case(
        row="T15",
        name="in-a-name",
        finds=("GC205 release.yaml:11:13", "GC115 release.yaml:11:15"),
        make=edit("    - name: web\n", f"    - name: we{RIGHT_TO_LEFT}b\n"),
    ),
    Case(
        row="T15", name="in-a-key", finds=("GC202 release.yaml:6:3",), make=edit("  tag: gray\n", "  ta\u200bg: gray\n")
    ),
    Case(
        row="T15",
        name="in-a-comment",
        finds=("GC115 release.yaml:6:14", "GC202 release.yaml:7:3"),
        make=edit("  tag: gray\n", f"  tag: gra # {RIGHT_TO_LEFT}\n  tags: x\n"),
    ),
    # These end a line of YAML: `b` is a field of its own, on what looks like one line.
    Case(
        row="T15",
        name="line-separator",
        finds=("GC115 baseline/web.yaml:38:13",),
        emits=("\nb: c\n",),
        status=0,
        make=greeting("a\u2028b: c"),
    ),
    Case(
        row="T15",
        name="next-line",
        finds=("GC115 baseline/web.yaml:38:13",),
        emits=("\nb: c\n",),
        status=0,
        make=greeting("a\u0085b: c"),
    ),
    # -- T16 to T18: layout and size.
    Case(
        row="T16",
        name="tab",
        finds=("GC105 baseline/bad.yaml:4:1",),
        make=baseline("apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: bad\n"),
    ),
    Case(
        row="T17",
        name="scalar-of-10-mib",
        finds=("GC122 release.yaml:9:7",),
        make=baseline("a: " + "x" * (10 << 20)),
        alone=True,
    ),
    Case(
        row="T17",
        name="scalar-of-2-mib",
        finds=("GC124 baseline/bad.yaml:1:4",),
        make=baseline("a: " + "x" * (2 << 20)),
        alone=True,
    ),
    Case(
        row="T17",
        name="block-text-of-2-mib",
        finds=("GC122 release.yaml:9:7",),
        make=baseline("a: |\n" + "  x\n" * (1 << 20)),
        alone=True,
    ),
    Case(row="T17", name="long-key", finds=("GC105 baseline/bad.yaml:1:2001",), make=baseline("k" * 2_000 + ": x\n")),
    Case(
        row="T17",
        name="long-key-asked-for",
        finds=("GC124 baseline/bad.yaml:1:3",),
        make=baseline("? " + "k" * 2_000 + "\n: x\n"),
    ),
    Case(
        row="T17",
        name="50000-documents",
        finds=("GC123 baseline/bad.yaml:10002:1",),
        make=baseline("---\na: 1\n" * 50_000),
        alone=True,
    ),
    Case(
        row="T17",
        name="many-values",
        finds=("GC127 baseline/bad.yaml:500000:3",),
        make=baseline("- x\n" * 900_000),
        alone=True,
    ),
    Case(
        row="T17",
        name="many-faults",
        finds=tuple(f"GC106 baseline/bad.yaml:{at}:1" for at in range(2, 102)),
        make=baseline("a: 1\n" * 300_000),
        alone=True,
    ),
    Case(
        row="T17",
        name="spec-of-5-mib",
        finds=("GC122",),
        make=file("release.yaml", RELEASE + "#" * (5 << 20)),
        alone=True,
    ),
    Case(row="T18", name="empty", finds=("GC103 release.yaml:9:7",), make=alone("")),
    Case(row="T18", name="comments", finds=("GC103 release.yaml:9:7",), make=alone("# nothing\n")),
    Case(row="T18", name="borders", finds=("GC105 lone/only.yaml:3:1",), make=alone("---\n---\n...\n---\n")),
    Case(row="T18", name="null", finds=("GC103 release.yaml:9:7",), make=alone("null\n")),
    Case(row="T18", name="empty-spec", finds=("GC216 release.yaml:1:1",), make=file("release.yaml", "")),
    Case(
        row="T18",
        name="comments-in-spec",
        finds=("GC216 release.yaml:1:1",),
        make=file("release.yaml", "# later\n---\n"),
    ),
    # -- T19 to T22: what is no manifest.
    Case(
        row="T19",
        name="list-in-list-in-list",
        finds=("GC133 baseline/bad.yaml:1:111",),
        make=baseline(
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}]}"
        ),
    ),
    Case(
        row="T19",
        name="items-that-are-none",
        finds=("GC133 baseline/bad.yaml:4:5", "GC133 baseline/bad.yaml:5:5"),
        make=baseline("apiVersion: v1\nkind: List\nitems:\n  - 3\n  - null\n"),
    ),
    Case(
        row="T20",
        name="comment",
        finds=("GC105 baseline/bad.json:3:6",),
        make=baseline('{\n  // a comment\n  "a": 1}', "bad.json"),
    ),
    # kubectl reads what is no JSON as YAML, where a trailing comma is nothing and `//` is text.
    Case(
        row="T20",
        name="trailing-comma",
        status=0,
        make=baseline('{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "bad"},}', "bad.json"),
    ),
    Case(
        row="T20",
        name="duplicate-key",
        finds=("GC106 baseline/bad.json:1:18",),
        make=baseline('{"a": 1, "b": 2, "a": 3}', "bad.json"),
    ),
    Case(row="T20", name="cut-off", finds=("GC105 baseline/bad.json:2:1",), make=baseline('{"a": [1,', "bad.json")),
    Case(
        row="T21",
        name="no-kind",
        finds=("GC130 baseline/bad.yaml:1:1",),
        make=baseline(config("  a: b").replace("kind: ConfigMap\n", "")),
    ),
    Case(
        row="T21",
        name="no-version",
        finds=("GC130 baseline/bad.yaml:1:1",),
        make=baseline(config("  a: b").replace("apiVersion: v1\n", "")),
    ),
    Case(
        row="T21",
        name="no-name",
        finds=("GC130 baseline/bad.yaml:3:11",),
        make=baseline(config("  a: b").replace("name: bad, ", "")),
    ),
    Case(
        row="T21",
        name="generated-name",
        finds=("GC130 baseline/bad.yaml:3:26",),
        make=baseline(config("  a: b").replace("name: bad", "generateName: bad-")),
    ),
    Case(
        row="T21",
        name="name-is-a-number",
        finds=("GC130 baseline/bad.yaml:3:18",),
        make=baseline(config("  a: b").replace("name: bad", "name: 12")),
    ),
    Case(
        row="T21",
        name="second-document",
        finds=("GC130 baseline/bad.yaml:7:1",),
        make=baseline(config("  a: b") + "---\nkind: ConfigMap\n"),
    ),
    Case(
        row="T21",
        name="no-mapping",
        finds=("GC130 baseline/bad.yaml:1:1",),
        make=both(baseline("- a\n- b\n"), edit("- baseline/", "- baseline/bad.yaml\n    - baseline/")),
    ),
    Case(row="T22", name="helm", finds=("GC111 baseline/bad.yaml:5:6",), make=baseline(config("  a: {{ .Values.a }}"))),
    Case(
        row="T22",
        name="jinja",
        finds=("GC111 baseline/bad.yaml:1:1",),
        make=baseline("{% if x %}\n" + config("  a: b") + "{% endif %}\n"),
    ),
    Case(
        row="T22", name="in-spec", finds=("GC111 release.yaml:6:8",), make=edit("tag: gray", "tag: {{ .Values.tag }}")
    ),
)
