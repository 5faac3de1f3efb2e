"""How often each loop of grayc turns and each function runs, counted by a twin of it that counts itself.

The twin is made of the same sources, with a count at the start of each function, of each loop's body and of each turn of
a comprehension. No other line runs more often than the one of these that it is in. To have Python tell of each line
that runs takes ten times as long.
"""

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import count
from types import CodeType, ModuleType
from typing import Any

Place = tuple[str, int]
"""A file of grayc and a line of it."""


class Counted:
    """What was counted, by place in the sources."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._counts: list[count[int]] = []
        self.turns: list[Callable[[], int]] = []

    def add(self, place: Place) -> int:
        """Return the number of a new place; `turns` has what counts there, and is true each time."""
        counting = count(1)
        self._places.append(place)
        self._counts.append(counting)
        self.turns.append(counting.__next__)
        return len(self._places) - 1

    def so_far(self) -> Counter[Place]:
        """Return place → how often it was passed until now."""
        found: Counter[Place] = Counter()
        for place, counting in zip(self._places, self._counts, strict=True):
            # `count(7)` gives 7 next; to ask it would count.
            found[place] += int(repr(counting).removeprefix("count(").removesuffix(")")) - 1
        return found

    def in_code(self, source: str | bytes, path: str) -> CodeType:
        """Return what a source compiles to, with a count wherever something may run several times."""
        tree = _Counting(self, path).visit(ast.parse(source, path))
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class _Counting(ast.NodeTransformer):
    def __init__(self, counted: Counted, path: str) -> None:
        self._counted = counted
        self._path = path

    def _turn(self, line: int) -> ast.Call:
        number = ast.Constant(self._counted.add((self._path, line)))
        turns = ast.Name("__turns__", ast.Load())
        return ast.Call(ast.Subscript(turns, number, ast.Load()), [], [])

    def visit(self, node: ast.AST) -> Any:
        """Return a node with what is in it, counted."""
        self.generic_visit(node)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                at = 1 if ast.get_docstring(node, clean=False) is not None else 0
                node.body.insert(at, ast.Expr(self._turn(node.lineno)))
            case ast.For() | ast.AsyncFor() | ast.While():
                node.body.insert(0, ast.Expr(self._turn(node.lineno)))
            case ast.Lambda():
                node.body = ast.BoolOp(ast.And(), [self._turn(node.lineno), node.body])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for each in node.generators:
                    each.ifs.insert(0, self._turn(each.target.lineno))
        return node


class Twin(MetaPathFinder):
    """A package and the modules that use it, imported once more, the package with counts."""

    def __init__(self, package: str, *users: str) -> None:
        self.counted = Counted()
        self._package = package
        self._users = users
        self._modules: dict[str, ModuleType] = {}

    @contextmanager
    def instead(self) -> Iterator[None]:
        """Import the twin wherever the package is imported, and put all back."""
        before = self._taken()
        sys.modules.update(self._modules)
        sys.meta_path.insert(0, self)
        try:
            yield
        finally:
            sys.meta_path.remove(self)
            self._modules = self._taken()
            sys.modules.update(before)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec whose loader counts, of the package's modules alone."""
        if not self._is_of(fullname):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.origin, self.counted)
        return spec

    def _is_of(self, name: str) -> bool:
        return name == self._package or name.startswith(f"{self._package}.")

    def _taken(self) -> dict[str, ModuleType]:
        names = [name for name in sys.modules if self._is_of(name) or name in self._users]
        return {name: sys.modules.pop(name) for name in names}


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, counted: Counted) -> None:
        super().__init__(name, path)
        self._counted = counted

    def get_code(self, fullname: str) -> CodeType:
        return self._counted.in_code(self.get_data(self.path), self.path)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__turns__"] = self._counted.turns
        super().exec_module(module)
