"""The default values in a packed chart: what `helm package` and `helm pull` write, a gzipped tar.

Read only to know which values there are. Nothing is unpacked, and what is larger than a chart may be is not looked at.
Source: helm v3 pkg/chart/loader/archive.go (`MaxDecompressedChartSize`, and the first folder of each name is left out).
"""

import io
from collections.abc import Iterator

from grayc.source.limits import MAX_FILE_BYTES

_MOST_UNPACKED = 32 * 1024 * 1024
_MOST_ENTRIES = 5_000
_VALUES = "values.yaml"
_CHARTS = "charts"


def packed_values(data: bytes) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the default values of a packed chart, then of those in it: the names of the charts down to it, the text.

    A packed chart in a packed chart is not looked into, nor what is no packed chart at all.
    """
    import tarfile  # noqa: PLC0415 - few baselines have a packed chart
    import zlib  # noqa: PLC0415

    found: list[tuple[tuple[str, ...], str]] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(data)), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count >= _MOST_ENTRIES:
                    break
                match member.name.removeprefix("./").split("/"):
                    case [chart, name] if name == _VALUES:
                        charts: tuple[str, ...] = (chart,)
                    case [chart, folder, inner, name] if folder == _CHARTS and name == _VALUES:
                        charts = (chart, inner)
                    case _:
                        continue
                if not member.isreg() or member.size > MAX_FILE_BYTES:
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    found.append((charts, content.read().decode()))
    except (tarfile.TarError, zlib.error, ValueError, OSError):
        return
    yield from sorted(found)


def _unpacked(data: bytes) -> bytes:
    """Return what gzip packed, not more than a chart may hold."""
    import zlib  # noqa: PLC0415 - few baselines have a packed chart

    reader = zlib.decompressobj(wbits=31)
    text = reader.decompress(data, _MOST_UNPACKED)
    if reader.unconsumed_tail:
        raise ValueError("larger than a chart may be")
    return text
