"""What the page of `grayc report` is made from: types alone."""

from enum import StrEnum

from grayc.analysis.picture import Picture
from grayc.analysis.preview import Preview
from grayc.diff.model import Difference
from grayc.driver.model import Release
from grayc.records import dataclass
from grayc.routing.model import Routed
from grayc.spec.model import Expectation, Rule


class Sort(StrEnum):
    """What a sample is for."""

    PLAIN = "plain"
    """It meets no rule."""
    MEETS = "meets"
    """It meets one."""
    OPTS_OUT = "opts out"
    """It says `never` to a switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request and its answer.

    Attributes:
        rule: that it meets or opts out of; None where it is about none.
        is_https: the entry serves TLS, as far as the baseline shows.
    """

    sort: Sort
    rule: Rule | None
    routed: Routed
    is_https: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An expectation of the release, with where its request goes."""

    expectation: Expectation
    routed: Routed
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reviewed:
    """One release as a reviewer looks at it.

    Attributes:
        difference: of its gray copies from their originals.
        undo: the commands that take it out of a cluster.
    """

    release: Release
    preview: Preview
    picture: Picture
    difference: Difference
    samples: tuple[Sample, ...]
    expectations: tuple[Answered, ...]
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A file and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Review:
    """What a page shows.

    Attributes:
        folder: of a build from an output folder; None where none was named.
        inputs: specs, then what was read for them.
        outputs: the files of a build.
    """

    releases: tuple[Reviewed, ...]
    folder: Difference | None
    inputs: tuple[Digest, ...]
    outputs: tuple[Digest, ...]
