"""Compile a shop in a folder of its own."""

import io
import json
import tempfile
from pathlib import Path

from grayc.driver.compile import compile_releases
from grayc.driver.model import Compilation
from grayc.driver.request import Request
from tests.property.strategies import Shop


def compile_shop(shop: Shop, order: list[int] | None = None, cuts: int = 1) -> Compilation:
    """Return what a shop's release compiles to; every shop of the strategies is valid."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "baseline").mkdir()
        (root / "release.yaml").write_text(json.dumps(shop.release))
        for name, text in shop.files(order or list(range(len(shop.objects))), cuts).items():
            (root / name).write_text(text)
        checked = compile_releases(Request(specs=(str(root / "release.yaml"),), stdin=io.BytesIO))
    assert checked.value is not None, [(item.code, item.message) for item in checked.diagnostics]
    return checked.value
