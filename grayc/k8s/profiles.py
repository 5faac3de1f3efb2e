"""How the objects of a lane are marked: the labels by which they are found, and what their names end with.

A profile is one row of `PROFILES`. What an agent reads on pods is the provider's (`providers`), whatever the profile.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.records import dataclass, field

ORIGINAL = "original"
"""Value of a profile's tag label on a prepared baseline; no release has this tag."""


class Profile(StrEnum):
    """Whose marks a lane's objects carry."""

    ZADIG = "zadig"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The row of a profile.

    Attributes:
        tag: label with the tag; on a prepared baseline it says `original`.
        service: label with the service's name.
        release: label with the release's name, on objects alone; "" for none.
        fixed: labels that all objects, pods and selectors of every lane have.
        infix: stands between an object's name and the tag.
        alone: a label that only gray objects and pods have.
    """

    profile: Profile
    tag: str
    service: str
    release: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    infix: str
    alone: str

    def unclaimed(self, labels: Mapping[str, object]) -> dict[str, object]:
        """Return labels without what calls their object production's own in the words of another profile."""
        return {key: value for key, value in labels.items() if value != ORIGINAL or key not in _TAGS or key == self.tag}

    def suffix(self, tag: str) -> str:
        """Return what the name of every gray object ends with."""
        return f"{self.infix}{tag}"

    def on_pods(self, tag: str, service: str) -> dict[str, str]:
        """Return the labels of gray pods, and of what selects them."""
        return {self.tag: tag, **self.fixed, self.service: service}

    def on_objects(self, tag: str, release: str, service: str) -> dict[str, str]:
        """Return the labels of a gray object."""
        of_release = {self.release: release} if self.release else {}
        return {self.tag: tag, **self.fixed, **of_release, self.service: service}

    def tells(self, labels: Mapping[str, object]) -> bool:
        """Tell whether an object with these labels is of a lane of this profile."""
        return (
            labels.get(self.tag) not in (None, "", ORIGINAL)
            and all(labels.get(key) for key in (self.service, self.release) if key)
            and all(labels.get(key) == value for key, value in self.fixed.items())
        )


PROFILES: Mapping[Profile, Marks] = {
    # Source: koderover/zadig pkg/types/labels.go at 18278c7; the names as its job `mse_gray_release` makes them.
    Profile.ZADIG: Marks(
        profile=Profile.ZADIG,
        tag="zadigx-release-version",
        service="zadigx-release-service-name",
        fixed={"zadigx-release-type": "mse-gray"},
        infix="-mse-",
        alone="zadigx-release-type",
    ),
    # Source: release language, "What the lane puts on objects, profile `plain`".
    Profile.PLAIN: Marks(
        profile=Profile.PLAIN,
        tag="grayc.dev/tag",
        service="grayc.dev/service",
        release="grayc.dev/release",
        infix="-",
        alone="grayc.dev/service",
    ),
}
"""Profile → its row."""

ADOPTED = Profile.ZADIG
"""What a baseline is prepared for where nobody says."""

_TAGS = frozenset(marks.tag for marks in PROFILES.values())

MARKS = tuple(
    label
    for marks in PROFILES.values()
    for label in (marks.tag, *marks.fixed, *([marks.release] if marks.release else []), marks.service)
)
"""The labels of all profiles."""


def gray_mark(labels: Mapping[str, object]) -> str | None:
    """Return a label that only gray objects have, None where an object with these labels has none of them."""
    return next(
        (
            marks.alone
            for marks in PROFILES.values()
            if labels.get(marks.alone) and labels[marks.alone] == marks.fixed.get(marks.alone, labels[marks.alone])
        ),
        None,
    )


def marks_of(labels: Mapping[str, object]) -> Marks | None:
    """Return whose marks an object with these labels carries; None where it is of no lane."""
    return next((marks for marks in PROFILES.values() if marks.tells(labels)), None)


def tag_in(labels: Mapping[str, object]) -> tuple[str, str]:
    """Return the tag and service that labels say, whoever wrote them by hand: the tag alone is enough; "" for none."""
    found = marks_of(labels)
    for marks in (found,) if found else PROFILES.values():
        tag = labels.get(marks.tag)
        if isinstance(tag, str) and tag not in ("", ORIGINAL):
            service = labels.get(marks.service)
            return tag, service if isinstance(service, str) else ""
    return "", ""
