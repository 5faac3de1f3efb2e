"""A plan of plain objects in memory, and the lane that passes make of it: for tests of passes, which need no folder.

What a whole build finds and writes is `tests.manifests.build`.
"""

import json
from dataclasses import dataclass
from typing import Any

from grayc.diagnostics import Diagnostic, has_errors
from grayc.documents import parse_documents
from grayc.output.order import in_order
from grayc.passes.pipeline import steps
from grayc.passes.registry import BUILD
from grayc.plan.model import ReleasePlan
from grayc.planning.make import make_plan
from grayc.source import SourceFile
from grayc.spec.load import load_spec
from tests.manifests import Baseline, Object, files_of, release, stream


def plan_of(objects: Baseline, **spec: Any) -> ReleasePlan:
    """Return the plan of a release of service `web`, as `build` would make it of the same arguments.

    Nothing is written or rendered, and the plan has no errors: spec, baseline and decisions are the test's input. Patches
    are read from files and from the spec by the program, so a test with any of them builds.
    """
    loaded = load_spec(SourceFile(name="release.yaml", text=json.dumps(release(**spec))))
    assert loaded.value is not None, loaded.diagnostics
    parsed = [parse_documents(SourceFile(name=name, text=stream(listed))) for name, listed in files_of(objects).items()]
    assert not any(service.patches for service in loaded.value.services)
    baseline = tuple(document for each in parsed for document in each.value or ())
    planned = make_plan(loaded.value, baseline, {service.name: () for service in loaded.value.services})
    found = (*loaded.diagnostics, *(item for each in parsed for item in each.diagnostics), *planned.diagnostics)
    assert planned.value is not None
    assert not has_errors(found), found
    return planned.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A lane after a pass.

    Attributes:
        objects: all gray objects as the pass leaves them, in the order of application.
        found: what this pass found, and none before it.
    """

    objects: list[Object]
    found: tuple[Diagnostic, ...]

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Code and object of each finding."""
        return [(item.code, item.object) for item in self.found]

    @property
    def messages(self) -> dict[str, str]:
        """Code → message of what was found."""
        return {item.code: item.message for item in self.found}


def after_pass(plan: ReleasePlan, name: str) -> Passed:
    """Return the lane as a build has it once a pass has run; no pass behind it in the list does."""
    lane, found = next((result.value, result.diagnostics) for row, result in steps(BUILD, plan) if row.name == name)
    assert lane is not None
    return Passed(objects=[document.data for document in in_order(lane.documents)], found=found)
