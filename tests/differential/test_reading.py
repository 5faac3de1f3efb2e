"""What grayc reads against what the real `kubectl` reads: `-f` is the rule, `-k` may differ where the tables say so.

Every difference has a name in a table here and a row of that name in docs/limits.md.
"""

import json
import re
from itertools import islice, product
from pathlib import Path

import pytest

from grayc.documents import parse_documents
from grayc.documents.scalars import is_doubtful
from grayc.source import SourceFile
from tests.differential.kubectl import (
    read_all_as_apply,
    read_all_as_kustomize,
    read_as_apply,
    read_as_kustomize,
    refused_by_apply,
)
from tests.differential.reading_cases import DOCUMENTS, HEAD

PAGE = Path(__file__).resolve().parents[2] / "docs" / "limits.md"

REFUSED: dict[str, str] = {
    "dup": "repeated-key",
    "dup-nested": "repeated-key",
    "dup-after-string": "repeated-key",
    "dup-quoted": "repeated-key",
    "json-dup": "repeated-key",
    "merge-after-key": "key-before-merge",
    "two-merges": "two-merges",
    "dots": "dropped-document",
    "lone-cr-docs": "dropped-document",
    "merge-tagged": "tag",
    "tag-binary": "tag",
    "tag-map-seq": "tag",
    "tag-omap": "tag",
    "tag-python": "tag",
    "tag-set": "tag",
    "tag-str-map": "tag",
    "tag-ts": "tag",
    "tag-unknown": "tag",
    "inf-key": "infinite-key",
    "no-version": "incomplete-object",
    "wrong-type": "wrong-type",
    "too-deep": "limit",
}
"""Case → name of the difference: `kubectl -f` reads it, grayc does not."""

TAKEN: dict[str, str] = {
    "flow-question": "flow-question-mark",
    "flow-url": "flow-question-mark",
    "esc-slash": "escaped-slash",
    "list-of-list": "list-in-list",
}
"""Case → name of the difference: grayc reads it, `kubectl -f` does not."""

OTHERWISE: dict[str, str] = {
    "quoted-merge": "quoted-merge",
    "sep-flow": "separator-with-text",
    "empty-map-doc": "empty-object",
    "bool-key": "short-boolean",
    "json-yes": "short-boolean",
    "int-key": "key-not-text",
    "float-key": "key-not-text",
    "date-key": "key-not-text",
    "tag-bool": "tagged-boolean",
    "tag-bool-plain": "tagged-boolean",
    "tag-bang": "exclamation-mark",
    "tag-bang-empty": "exclamation-mark",
    "plain-bang": "exclamation-mark",
    "flow-nospace": "null-in-brackets",
    "flow-set": "null-in-brackets",
    "flow-question-start": "null-in-brackets",
    "json-slash": "json-escape",
    "json-surrogate": "json-escape",
    "json-two": "several-json-values",
    "json-big": "too-big-number",
    "typed-list": "typed-list",
    "block-fold": "rewritten-text",
    "esc-all": "rewritten-text",
    "block-noeol": "last-line",
}
"""Case → name of the difference: `kubectl kustomize` reads it otherwise than `kubectl -f` and grayc do."""

UNANSWERED = frozenset({"alias-self", "self-alias-in-map", "alias-bomb"})
"""`kubectl kustomize` follows these aliases until its stack or the memory ends, minutes later."""

NAME = re.compile(r"""(\bname"?: ?"?)([ab])(?=["}])""")
"""The name of an object in a case."""

_WORDS = (
    "y Y yes Yes YES yEs n N no No NO nO on On ON oN off Off OFF oFF true True TRUE tRue false False FALSE null Null NULL "
    "nUll ~ ~~ nan NaN inf Inf infinity = == << <<< a A1 _ __ _1 . .. .a - -- -a + ++ +a / // :a a:b a:b:c :: ::a 1:2 22:22 "
    "1:30:00 190:20:30.15 22:22:22 -1:30 0:0 2001-01-01 2001-1-1 2001-99-99 2001-01 2001-12-14t21:59:43.10-05:00 "
    "2001-12-14T21:59:43Z 2001-12-14T21:59:43.1Z 2001-12-14T21:59:43.10Z 2001-12-14T21:59:43+08:00 2001-12-14T21:59:43 "
    "2001-12-14T21:59:43+00:00 2001-12-14T21:59:43-00:00 2001-12-14T1:2:3Z 2001-12-14T24:00:00Z 2001-02-29 2000-02-29 "
    "1900-02-29 2001-12-14T21:59:43,5Z 2001-12-14T21:59:43.123456789Z 2001-12-14T21:59:43.1234567891Z 0000-01-01 "
    "2001-12-14T21:59:43+23:59 2001-12-14T21:59:60Z 2001-12-14T21:59:43+8:00 "
    "2001-12-14T21:59:43.0Z 4611686018427387905.0 20010101 2001-01-01T 100m 1Gi 10% 1.2.3 v1 10.0.0.1 1,000 1;2 1/2 1@2 1=2 0x 0o 0b 0o8 0b2 0xg 0x1.8p3 1p3 1e 1e+ e1 "
    "12e03 1234567e8 0e0 00e1 01e1 1e400 -1e400 5e-400 1e308 1.7976931348623159e308 4.9e-324 9007199254740993 "
    "9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 "
    "18446744073709551616 +18446744073709551615 0xFFFFFFFFFFFFFFFF 0x10000000000000000 0777777777777777777777 "
    "01777777777777777777777 07777777777777777777777 0b1111 123456789012345678901234567890 1e36 1E+36 -1.5E-3 x1e3 1e3x 1.e3 "
    "1..2 .5.5 0.1 0.10 100.0 100.00 1.0e+3 1.0e3 .1e3 -.5 +.5 -. +. .5_ ._5 .5_5 .5e1_0 1_000 1__0 1_ 0_7 0x_1F 0x1_F "
    "1_000.5 1_0e1_0 -1_0 +_1 -_1 0_ 08 08.5 0888 0o17 0O17 017 -017 +017 -0o17 0x1F 0X1f -0x1F +0x1F 0b101 0B101 -0b101 "
    "+0b101 -0B1 00 000 -0 +0 -0.0 0. 007 0.0 0x0 -0x0 ٣ １ ½ ∞ é 中文 😀 a\u00a0b 1\u00a02 Ⅷ"
)
WORDS = _WORDS.split()
COMPOSED = [
    sign + body + tail
    for sign, body, tail in product(
        ("", "-", "+"),
        ("1", "01", "08", "0x1", "0o1", "0b1", "1.5", ".5", "1_0"),
        ("", "e3", "E-2", ".", "_", "x", ":1"),
    )
]
SCALARS = tuple(dict.fromkeys(WORDS + COMPOSED))
KEYS = tuple(
    text for text in SCALARS if text not in {"-", "::", "null", "Null", "NULL", "~", "<<"} and not re.fullmatch(
        r"9223372036854775808|18446744073709551615|0xF{16}|01777777777777777777777", text
    )
)  # fmt: skip
"""Those that Kubernetes takes as keys: not a collection, null, a merge, or a number that needs all of 64 bits without sign."""


def read(text: str) -> list[dict[str, object]] | None:
    """Return the objects that grayc reads, None where it refuses the file."""
    found = parse_documents(SourceFile(name="a.yaml", text=text.removeprefix("\ufeff")))
    return None if found.value is None else [item.data for item in found.value]


def canonical(value: object) -> str:
    """Return data as text in which equal numbers are equal and keys have one order."""
    return json.dumps(as_kubernetes_number(value), sort_keys=True)


def as_kubernetes_number(value: object) -> object:
    if isinstance(value, dict):
        return {key: as_kubernetes_number(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_kubernetes_number(item) for item in value]
    # JSON shows a float of this size as a row of digits, which Python takes for an integer.
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    return value


def values_of(items: list[dict[str, object]] | None, field: str) -> list[object]:
    assert items is not None and len(items) == 1
    values = items[0][field]
    assert isinstance(values, list)
    return values


def test_scalars_are_what_apply_f_reads() -> None:
    text = HEAD + "values:\n" + "".join(f"- {scalar}\n" for scalar in SCALARS)
    ours, theirs = values_of(read(text), "values"), values_of(read_as_apply(text), "values")

    assert len(SCALARS) >= 300
    assert [
        (scalar, our, their)
        for scalar, our, their in zip(SCALARS, ours, theirs, strict=True)
        if canonical(our) != canonical(their)
    ] == []


def test_scalars_differ_from_apply_k_exactly_where_grayc_warns() -> None:
    text = HEAD + "values:\n" + "".join(f"- {scalar}\n" for scalar in SCALARS)
    written = read_as_kustomize(text)
    assert written is not None
    ours, theirs = values_of(read(text), "values"), values_of(read(written), "values")
    differing = {
        scalar for scalar, our, their in zip(SCALARS, ours, theirs, strict=True) if canonical(our) != canonical(their)
    }

    assert differing == {scalar for scalar in SCALARS if is_doubtful(scalar)}


def test_keys_are_what_apply_f_reads() -> None:
    text = HEAD + "values:\n" + "".join(f"- ? {key}\n  : x\n" for key in KEYS)
    ours, theirs = values_of(read(text), "values"), values_of(read_as_apply(text), "values")

    assert [(key, our, their) for key, our, their in zip(KEYS, ours, theirs, strict=True) if our != their] == []


@pytest.mark.parametrize("key", ["null", "~", "9223372036854775808", "18446744073709551615", "0xFFFFFFFFFFFFFFFF"])
def test_keys_that_apply_f_refuses_are_refused(key: str) -> None:
    text = f"{HEAD}c: {{{key}: x}}\n"

    assert read(text) is None
    assert read_as_apply(text) is None


Objects = list[dict[str, object]]


def read_as_kubectl() -> dict[str, tuple[Objects | None, Objects | None]]:
    """Return case → objects that `-f` and `-k` read; None where they refuse the file.

    One call takes as long for one file as for all: a case is asked by itself only where it is not told from others.
    """
    applied, built = applied_together(), built_together()
    for name, text in DOCUMENTS.items():
        if name not in applied:
            applied[name] = read_as_apply(text)
        if name not in built and name not in UNANSWERED:
            written = read_as_kustomize(text)
            built[name] = None if written is None else read(written)
    return {name: (applied[name], built.get(name)) for name in DOCUMENTS}


def applied_together() -> dict[str, Objects | None]:
    """Return case → objects that `-f` reads, of all cases that both should read, and of those of which it says why not.

    What was read is dealt out in order, so a case that makes more or fewer objects than grayc expects shows as a
    difference, in it and in those behind it.
    """
    cases = {name: read(text) for name, text in DOCUMENTS.items() if name not in TAKEN}
    expected = {name: items for name, items in cases.items() if items}
    rest = [name for name, items in cases.items() if items is None]
    refused = refused_by_apply([DOCUMENTS[name] for name in rest])
    answers: dict[str, Objects | None] = {
        name: None for name, is_refused in zip(rest, refused, strict=True) if is_refused
    }
    applied = read_all_as_apply([DOCUMENTS[name] for name in expected])
    if applied is not None:
        dealt = iter(applied)
        answers |= {name: list(islice(dealt, len(items))) for name, items in expected.items()}
    return answers


def built_together() -> dict[str, Objects | None]:
    """Return case → objects that `-k` reads, of all cases that both should read alike.

    An object has one name in a kustomization, so each case gets names of its own, by which its objects are found again.
    """
    renamed = {
        name: NAME.sub(rf"\g<1>{number}-\g<2>", text)
        for number, (name, text) in enumerate(DOCUMENTS.items())
        if name not in {*TAKEN, *OTHERWISE, *UNANSWERED} and read(text)
    }
    written = read_all_as_kustomize(list(renamed.values()))
    found: dict[str, Objects] = {}
    names = list(DOCUMENTS)
    for item in (read(written) if written is not None else None) or ():
        metadata = item["metadata"]
        assert isinstance(metadata, dict)
        number, _, own = str(metadata["name"]).partition("-")
        if number.isdigit():
            found.setdefault(names[int(number)], []).append({**item, "metadata": {**metadata, "name": own}})
    return {**found}


def test_documents_are_read_as_kubectl_reads_them_or_differ_by_name() -> None:
    unlike_apply: dict[str, str] = {}
    unlike_kustomize: set[str] = set()
    for name, (applied, built) in read_as_kubectl().items():
        ours = read(DOCUMENTS[name])
        if canonical(ours) != canonical(applied):
            kind = "refused" if ours is None else "taken" if applied is None else "misread"
            unlike_apply[name] = kind
        elif canonical(ours) != canonical(built):
            unlike_kustomize.add(name)

    assert len(DOCUMENTS) >= 200
    assert unlike_apply == {**dict.fromkeys(REFUSED, "refused"), **dict.fromkeys(TAKEN, "taken")}
    assert unlike_kustomize == set(OTHERWISE)


def test_every_difference_has_its_row_in_the_page() -> None:
    _, _, page = PAGE.read_text(encoding="utf-8").partition("## How YAML is read")
    rows = set(re.findall(r"^\| ([a-z-]+) \|", page, re.MULTILINE)) - {"name"}

    assert rows == {*REFUSED.values(), *TAKEN.values(), *OTHERWISE.values(), "timestamp"}
