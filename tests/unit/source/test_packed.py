"""The default values of a packed chart, whatever the file holds."""

import gzip
import io
import tarfile

import pytest

from grayc.source import packed_values


def packed(*members: tuple[str, bytes, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content, kind in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.size = len(content) if kind == tarfile.REGTYPE else 0
            member.linkname = "web/Chart.yaml"
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_values_of_the_chart_and_of_those_in_it() -> None:
    data = packed(
        ("web/Chart.yaml", b"name: web", tarfile.REGTYPE),
        ("web/charts/redis/values.yaml", b"b: 2", tarfile.REGTYPE),
        ("web/charts/redis/templates/values.yaml", b"d: 4", tarfile.REGTYPE),
        ("web/values.yaml", b"a: 1", tarfile.REGTYPE),
        ("web/charts/link/values.yaml", b"c: 3", tarfile.SYMTYPE),
    )
    assert list(packed_values(data)) == [(("web",), "a: 1"), (("web", "redis"), "b: 2")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        gzip.compress(b"no archive"),
        packed(("web/values.yaml", b"\xff\xfe", tarfile.REGTYPE)),
        gzip.compress(bytes(40 * 1024 * 1024)),
    ],
    ids=["empty", "text", "text in gzip", "not UTF-8", "a bomb"],
)
def test_what_is_no_chart_has_none(data: bytes) -> None:
    assert list(packed_values(data)) == []
