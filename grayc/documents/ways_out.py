"""What to do where a renderer fails, by what it says."""

from collections.abc import Mapping

from grayc.diagnostics.shell import path as path_word
from grayc.diagnostics.shell import word
from grayc.documents.recipes import ROW, Chart, Recipe
from grayc.source import SourceError

_CHARTS, _PLUGINS = "--enable-helm", "external plugins disabled"
_DEPENDENCIES = "found in Chart.yaml, but missing in charts/"
_VERSION, _EXECUTION = "is incompatible with Kubernetes", "execution error at"
_UNSTABLE = "GC163"

_IN_RELEASE: Mapping[str, str] = {
    _CHARTS: "kustomize renders charts only with `--enable-helm`: name the chart as a source of its own, "
    "`{{helm: {{chart: …}}}}`, or name the file that `kustomize build --enable-helm {origin} > FILE` gives",
    _PLUGINS: "grayc runs no plugins: render it with them, "
    "`kustomize build --enable-alpha-plugins --enable-exec {origin} | grayc build …`, and name `{{stdin: true}}` "
    "as the source; what it decrypts is then in the output",
    _DEPENDENCIES: "fetch the charts that it builds on into its `charts/`: `helm dependency build {origin}`",
    _VERSION: "write `kubeVersion` of the row as production's cluster has it",
    _EXECUTION: "name the values that production is installed with in `values` and `set` of the row",
}
"""What a renderer says → what to do then in a release."""

_INSTALLED = "`helm template --no-hooks {release} {origin} --values FILE > base.yaml`, then `grayc init base.yaml`"
_ROW = "; in the release, `{{helm: {{chart: …, values: [FILE]}}}}` may take its place"

_FIRST: Mapping[str, str] = {
    **_IN_RELEASE,
    _CHARTS: "kustomize renders charts only with `--enable-helm`: "
    "`kustomize build --enable-helm {origin} > base.yaml`, then `grayc init base.yaml`",
    _PLUGINS: "grayc runs no plugins: render it with them, "
    "`kustomize build --enable-alpha-plugins --enable-exec {origin} > base.yaml`, then `grayc init base.yaml`; what "
    "they decrypt is then in that file",
    _VERSION: "render it as production's cluster has it, "
    "`helm template --no-hooks {release} {origin} --kube-version VERSION > base.yaml`, then `grayc init base.yaml`",
    _EXECUTION: f"render it with the values that production is installed with, {_INSTALLED}{_ROW}",
    _UNSTABLE: f"give what it makes up a fixed value in a values file, {_INSTALLED}{_ROW}",
}
"""The same where there is no release yet that could say more of it."""

_DECLARED: Mapping[str, str] = {
    **_IN_RELEASE,
    _VERSION: "render it by hand as production's cluster has it, and name the file that gives",
    _EXECUTION: "add the values that production is installed with to the file that asks for the chart; or render it "
    "by hand with them, and name the file that gives",
}
"""The same of a chart that a file of Argo CD or Flux asks for."""

SIGNS = (_CHARTS, _PLUGINS, _DEPENDENCIES, _VERSION, _EXECUTION)
"""What is looked for in the words of a renderer."""


def way_out(error: SourceError, wanted: Recipe) -> str:
    """Return the next step after a failure, that of the error itself where nothing more is known."""
    release, ways = "", _IN_RELEASE if wanted.asked else _FIRST
    if isinstance(wanted, Chart):
        release = word(wanted.release)
        ways = ways if wanted.asked_at == ROW else _DECLARED
    told = next((way for sign, way in ways.items() if sign in (*error.signs, error.code)), None)
    return error.help if told is None else told.format(origin=path_word(wanted.origin), release=release)
