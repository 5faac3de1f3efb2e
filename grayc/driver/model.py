"""What releases compile to."""

from collections.abc import Mapping

from grayc.analysis.crossings import Proof
from grayc.analysis.lanes import KnownLane
from grayc.diagnostics import Diagnostic
from grayc.documents import Document
from grayc.gateways import BaselineChange
from grayc.output.inventory import LaneRecord
from grayc.plan.model import ReleasePlan
from grayc.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """One compiled release.

    Attributes:
        documents: its gray objects, in the order of application.
        files: file name → text.
        baseline_changes: what it wants of the baseline's own objects; in one that leads calls in a mesh, with the
            routes of all lanes that live.
        lane: what the inventory will say of it.
        known: it as other lanes are held against it.
        proof: what was looked at to say that nothing crosses.
    """

    plan: ReleasePlan
    documents: tuple[Document, ...]
    files: Mapping[str, str]
    baseline_changes: tuple[BaselineChange, ...]
    lane: LaneRecord
    known: KnownLane
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldLane:
    """A lane that an output folder holds.

    Attributes:
        folder: as the user would write it.
        is_in_out: the folder is the one that the run writes to.
        found: what is wrong with what the folder holds of it; told where the run does not make it anew.
    """

    lane: KnownLane
    record: LaneRecord
    folder: str
    is_in_out: bool
    found: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """How far a release came whose plan has no errors.

    Attributes:
        documents: its gray objects, in the order of application; None where a pass could not make them.
        beside: the lanes that live beside those of the run.
    """

    plan: ReleasePlan
    documents: tuple[Document, ...] | None
    beside: tuple[HeldLane, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """What all lanes have in common in a mesh, made from what each of them claims.

    Attributes:
        files: file name → text, for the output folder.
        apart: objects of hosts that lanes of other folders claim, too; they stand in the file of the baseline patch.
        documents: all of these objects, to be looked at.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    apart: tuple[Mapping[str, object], ...] = ()
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compilation:
    """All releases of a request.

    Attributes:
        files: file name → text, of all releases, names in order.
        inputs: the files that were read.
        beside: the lanes that live beside these.
        mesh: what all lanes have in common in a mesh.
    """

    releases: tuple[Release, ...]
    files: Mapping[str, str]
    inputs: tuple[str, ...]
    beside: tuple[HeldLane, ...] = ()
    mesh: Mesh = field(default_factory=Mesh)

    @property
    def proof(self) -> Proof:
        """What was looked at for all releases."""
        proofs = [release.proof for release in self.releases]
        return Proof(
            selectors=sum(proof.selectors for proof in proofs),
            templates=sum(proof.templates for proof in proofs),
            meant=sum(proof.meant for proof in proofs),
        )
