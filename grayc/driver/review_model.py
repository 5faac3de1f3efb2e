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
        stands_for: the hosts, as the entry writes them, that its made up host is one of; None where it has a real one.
        without: headers that clients send by themselves and that it must not have.
    """

    sort: Sort
    rule: Rule | None
    routed: Routed
    is_https: bool
    stands_for: str | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The samples of a release, and what there are none for.

    Attributes:
        unmet: rules that no value is at hand for.
        requests_left: further requests that would meet a rule or opt out of it.
        places_left: further hosts and paths.
        first_changes: production's own objects without whose change nothing enters, `Kind/name`.
    """

    rows: tuple[Sample, ...] = ()
    unmet: tuple[Rule, ...] = ()
    requests_left: int = 0
    places_left: int = 0
    first_changes: tuple[str, ...] = ()


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
        offline: the command that takes it out of an output folder.
        undo: the commands that take it out of a cluster.
    """

    release: Release
    preview: Preview
    picture: Picture
    difference: Difference
    samples: Samples
    expectations: tuple[Answered, ...]
    offline: str
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
