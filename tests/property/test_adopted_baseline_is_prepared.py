"""Whatever the shop: after `adopt`, a release with `isolation: label` builds, and a second `adopt` has nothing to do."""

import io
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grayc.driver.adopt import Adoption, adopt_baseline, write_adoption
from grayc.driver.compile import compile_releases
from grayc.driver.request import Request
from tests.property.strategies import Shop, shops


def adopted(root: Path, services: list[str]) -> Adoption:
    made = adopt_baseline([root / "baseline"], services)
    assert made.value is not None, made.diagnostics
    return made.value


@settings(max_examples=60, deadline=None)
@given(shop=shops(), cuts=st.integers(1, 3), everything=st.booleans())
def test_adopted_baseline_builds_with_labels(shop: Shop, cuts: int, everything: bool) -> None:
    spec = shop.release["spec"]
    assert isinstance(spec, dict)
    release = {**shop.release, "spec": {**spec, "lane": {**spec.get("lane", {}), "isolation": "label"}}}
    services = [] if everything else list(shop.released)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "baseline").mkdir()
        (root / "release.yaml").write_text(json.dumps(release))
        for name, text in shop.files(list(range(len(shop.objects))), cuts).items():
            (root / name).write_text(text)

        assert write_adoption(adopted(root, services)).diagnostics == ()

        checked = compile_releases(Request(specs=(str(root / "release.yaml"),), stdin=io.BytesIO))
        assert checked.value is not None, [(item.code, item.message) for item in checked.diagnostics]
        assert adopted(root, services).files == ()
