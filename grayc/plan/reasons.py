"""Why something stands in a plan, as data: which reason it is, and the names in it. Sentences are made of that.

`str` gives the English one, for findings and `plan`; the page of `report` has the Chinese ones.
"""

from collections.abc import Mapping
from enum import StrEnum

from grayc.plan.hop_reasons import HOP_SENTENCES, HopWhy
from grayc.records import dataclass


class Why(StrEnum):
    """Every reason that a plan gives; the value is its name in data, and keeps its meaning."""

    ADDRESSES = "holds-addresses"
    APPEARS_IN = "in-folder"
    CERTIFICATE = "certificate"
    CHANGED_BY_CONFIG = "changed-by-config"
    CLUSTERS = "belongs-to-cluster"
    COPIED_AS = "copied-as"
    COLOURS = "rules-colour"
    COLOURS_BASELINE = "rules-colour-in-baseline"
    EXTERNAL_NAME = "external-name"
    GUARDS = "guards-pods"
    IDLE = "work-idle"
    IN_EVERY_NAMESPACE = "in-every-namespace"
    LEFT = "entry-left"
    MADE = "made-by-controller"
    NAMES = "names"
    NO_FILE = "no-file"
    NO_FILE_OPTIONAL = "no-file-optional"
    NO_SCALER = "autoscaling-none"
    NOBODY_REFERS = "nothing-gray-refers"
    NOT_NAMED_BY_ENTRIES = "entries-do-not-open"
    NO_RULE = "no-rule-opens"
    OF_ITS_KIND = "of-its-kind"
    ONLY_READER = "only-reader"
    ONLY_RELEASED_READ = "only-released-read"
    ONLY_USER = "only-user-not-copied"
    OPENS = "rules-open"
    OPENS_BASELINE = "rules-open-in-baseline"
    OTHER_USES = "other-uses"
    OTHERS_USE = "others-use"
    PODS_FROM = "takes-pods-from"
    SCALES = "scales"
    SCALES_UNCOPIED = "scales-what-is-not-copied"
    SEALED = "encrypted"
    SELECTS = "selects-pods"
    SELECTS_NOTHING = "selects-no-pods"
    SHARED = "baselines-is-used"
    SHARE_NAMES_IT = "share-names-it"
    STAYS = "stays"
    STEERED_BY = "steered-by"
    STEERS = "steers"
    UNTAKEN = "no-service-takes-it"
    USED_BY = "used-by"
    WITHOUT_SHIFT = "shifts-no-traffic"
    WORKLOAD = "workload"


SENTENCES: Mapping[StrEnum, str] = {
    **HOP_SENTENCES,
    Why.ADDRESSES: "it holds addresses of the lane's Services",
    Why.APPEARS_IN: "in {folder}",
    Why.CERTIFICATE: "certificate of an Ingress: a canary serves the same host with it",
    Why.CHANGED_BY_CONFIG: "`config` changes it",
    Why.CLUSTERS: "it belongs to the cluster",
    Why.COPIED_AS: "copied as {name}",
    Why.COLOURS: "requests of {paths} that the rules take get the lane's header; its service is not released",
    Why.COLOURS_BASELINE: "requests of {paths} that the rules take get the lane's header, in the baseline's own "
    "object; its service is not released",
    Why.EXTERNAL_NAME: "it is an address outside the cluster (ExternalName)",
    Why.GUARDS: "guards the pods of {object}",
    Why.IDLE: "`work: idle`, and it counts production's messages",
    Why.IN_EVERY_NAMESPACE: "every namespace has one",
    Why.LEFT: "{text}",
    Why.MADE: "a controller makes it of {object}",
    Why.NAMES: "names {object}: the lane gets its own for the gray side of that",
    Why.NO_FILE: "no file holds it",
    Why.NO_FILE_OPTIONAL: "no file holds it, and pods start without it",
    Why.NO_SCALER: "`autoscaling: none`",
    Why.NOBODY_REFERS: "nothing gray refers to it",
    Why.NOT_NAMED_BY_ENTRIES: "`entries` does not name it, or no path of it leads to a released service",
    Why.NO_RULE: "no rule opens it, and a second ordinary Ingress would take the baseline's place",
    Why.OF_ITS_KIND: "{text}",
    Why.ONLY_READER: "only {object} reads it",
    Why.ONLY_RELEASED_READ: "only released services read it",
    Why.ONLY_USER: "only {object} uses it, which is not copied",
    Why.OPENS: "rules open {paths}",
    Why.OPENS_BASELINE: "rules open {paths}, in the baseline's own object",
    Why.OTHER_USES: "{object}, which is not released, uses it too",
    Why.OTHERS_USE: "{object} and {more} more, which are not released, use it too",
    Why.PODS_FROM: "takes its pods from {object}",
    Why.SCALES: "scales {object}",
    Why.SCALES_UNCOPIED: "it scales {object}, which is not copied",
    Why.SEALED: "encrypted ({tool}): a copy could not be opened, and no value of it can be changed without the key",
    Why.SELECTS: "selects the pods of {object}",
    Why.SELECTS_NOTHING: "it selects no pods, so someone else sets its addresses",
    Why.SHARED: "the baseline's is used",
    Why.SHARE_NAMES_IT: "`share` names it",
    Why.STAYS: "stays with the baseline: {reason}",
    Why.STEERED_BY: "{object} steers it",
    Why.STEERS: "steers {object}",
    Why.UNTAKEN: "no service of the release takes it",
    Why.USED_BY: "{object} uses it; {reason}",
    Why.WITHOUT_SHIFT: "{reason}; its copy shifts no traffic (GC489)",
    Why.WORKLOAD: "the service's workload",
}
"""Reason → its English sentence, without a full stop; in braces, what its values are called."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason.

    Attributes:
        values: by the names that its sentence has; a reason inside a reason is one too.
    """

    why: Why | HopWhy
    values: "tuple[tuple[str, str | Reason], ...]" = ()

    def __str__(self) -> str:
        return self.told(SENTENCES)

    def told(self, sentences: Mapping[StrEnum, str]) -> str:
        """Return the sentence, in the language of these."""
        inner = {name: value.told(sentences) if isinstance(value, Reason) else value for name, value in self.values}
        return sentences[self.why].format_map(inner)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    @property
    def data(self) -> dict[str, object]:
        """The reason as plain data: its name, and its values."""
        values = {name: value.data if isinstance(value, Reason) else value for name, value in self.values}
        return {"why": str(self.why), "values": values}


def why_data(reason: Reason | None) -> dict[str, object]:
    """Return a reason as an English sentence and as plain data, under the names that all of them have."""
    return {"why": None if reason is None else str(reason), "because": None if reason is None else reason.data}


def because(why: Why | HopWhy, **values: "str | Reason") -> Reason:
    """Return a reason with its values."""
    return Reason(why, tuple(values.items()))
