"""What is to be rendered: a kustomization or a chart, with what is put over it, and what is done to the result.

Rows of a release make the plain ones; an Application of Argo CD, and a Kustomization or HelmRelease of Flux, make those
that say more (`argocd`, `flux`).
"""

import posixpath
from enum import StrEnum
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Protocol

from grayc.documents.chunk import Path
from grayc.records import dataclass

if TYPE_CHECKING:
    from grayc.source.stage import Stage


class KustomizationEdits(Protocol):
    """What a tool writes into a kustomization's own file before it is built. Hashable, as its recipe is."""

    @property
    def makes_missing(self) -> bool:
        """A folder without a kustomization gets one with all its manifests, and files may lie outside the folder."""

    def apply(self, data: dict[str, object], real: FilePath, stage: "Stage") -> dict[str, object]:
        """Return what the file says then.

        Args:
            data: what it says.
            real: its folder, links resolved.
            stage: the copy that is being filled, with that folder.
        Raises:
            SourceError: the tool would refuse it, or it cannot be known.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """The result goes through kustomize once more.

    Attributes:
        fields: of that kustomization but `resources`, as JSON.
    """

    fields: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """Variables in the result are filled in, as Flux does.

    Attributes:
        variables: name and value, sorted by name.
        strict: one that is not there, and has no default, is an error.
    """

    variables: tuple[tuple[str, str], ...]
    strict: bool


Step = Rebuild | Fill


ROW = "of the row"
"""Where a release says of a chart what no file says for it."""


class Over(StrEnum):
    """How a value of a chart is given on the command line. Helm takes the flags in this order, later ones over earlier.

    Source: helm pkg/cli/values/options.go, `MergeValues`, v3.17.
    """

    JSON = "set-json"
    SET = "set"
    STRING = "set-string"
    FILE = "set-file"
    LITERAL = "set-literal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kustomization:
    """A kustomization to render.

    Attributes:
        folder: relative to the spec's folder.
        asked: its path in the spec; () where there is none yet.
        edits: what is written into its own file before.
        steps: what is done to the result.
        namespace: that objects which name none are put into; "" where nobody says.
    """

    folder: str
    asked: Path
    edits: KustomizationEdits | None = None
    steps: tuple[Step, ...] = ()
    namespace: str = ""

    @property
    def name(self) -> str:
        """What the rendered text is called."""
        return f"<kustomize {posixpath.normpath(self.folder)}>"

    @property
    def origin(self) -> str:
        """What it is rendered from, relative to the spec's folder."""
        return posixpath.normpath(self.folder)

    def is_name(self, name: str) -> bool:
        """Tell whether a rendered text of this name comes of it."""
        return name == self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A Helm chart to render.

    Attributes:
        chart: folder or packed chart, relative to the spec's folder.
        release: name of the Helm release.
        namespace: of the Helm release; "" for Helm's default.
        values: values files, relative to the spec's folder, later ones over earlier ones.
        asked: its path in the spec; () where there is none yet.
        inline: text of one more values file, over all others; "" for none.
        settings: flag, and `KEY=VALUE` as Helm reads it; a file by its path from the spec's folder.
        defaults: text that stands for the chart's own `values.yaml`; "" for none.
        api_versions: what a template that asks finds the cluster to have, beside what helm was built with.
        kube_version: likewise; "" for that of helm.
        skip_schema: the chart's schema of values is not asked.
        steps: what is done to the result.
        asked_at: where the versions of a cluster are written that templates ask for; "" where they cannot be.
    """

    chart: str
    release: str
    namespace: str
    values: tuple[str, ...]
    asked: Path
    inline: str = ""
    settings: tuple[tuple[Over, str], ...] = ()
    defaults: str = ""
    api_versions: tuple[str, ...] = ()
    kube_version: str = ""
    skip_schema: bool = False
    steps: tuple[Step, ...] = ()
    asked_at: str = ROW

    @property
    def name(self) -> str:
        """What the rendered text is called; one chart may serve several releases."""
        return f"<helm {posixpath.normpath(self.chart)} as {self.release}>"

    @property
    def origin(self) -> str:
        """What it is rendered from, relative to the spec's folder."""
        return posixpath.normpath(self.chart)

    def is_name(self, name: str) -> bool:
        """Tell whether a rendered text of this name comes of it."""
        return name == self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """Plain manifests, as a whole.

    Attributes:
        folder: relative to the spec's folder.
        files: below it, in the order in which they are read.
        asked: its path in the spec.
        namespace: that objects which name none are put into; "" where nobody says.
    """

    folder: str
    files: tuple[str, ...]
    asked: Path
    namespace: str = ""

    @property
    def name(self) -> str:
        """What the text is called."""
        return f"<manifests {posixpath.normpath(self.folder)}>"

    @property
    def origin(self) -> str:
        """What it is made of, relative to the spec's folder."""
        return posixpath.normpath(self.folder)


class Tool(StrEnum):
    """Whose file says what is rendered."""

    ARGOCD = "argocd"
    FLUX = "flux"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A file of Argo CD or Flux that says what is rendered.

    Attributes:
        tool: whose file it is.
        file: relative to the spec's folder.
        root: where paths in it start, relative to the spec's folder; None for the nearest folder above with `.git`.
        asked: its path in the spec; () where there is none yet.
    """

    tool: Tool
    file: str
    root: str | None
    asked: Path

    @property
    def name(self) -> str:
        """What the rendered text is called; with a number behind it where there are several."""
        return f"<{self.tool} {posixpath.normpath(self.file)}>"

    def numbered(self, number: int) -> str:
        """Return the name of one of several texts; numbers count from 1."""
        return f"{self.name[:-1]} #{number}>"

    def is_name(self, name: str) -> bool:
        """Tell whether a rendered text of this name comes of it."""
        return name == self.name or name.startswith(f"{self.name[:-1]} #")


Recipe = Kustomization | Chart | Manifests
"""What is rendered by one program, or read as it is."""

Wanted = Kustomization | Chart | Declared
"""What a source of the baseline asks to render."""
