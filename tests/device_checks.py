"""What code says of devices and precision, read without running it. Each returns its problems."""

import ast
import builtins
from collections.abc import Iterator
from itertools import chain

from nbformat import NotebookNode

TIGHT = 1e-4  # the largest bound of an equality that TF32, with errors of about 1e-3, may miss
_FACTORIES = {
    "arange", "as_tensor", "empty", "eye", "from_numpy", "full", "linspace", "ones", "rand",
    "randint", "randn", "randperm", "tensor", "zeros",
}  # fmt: skip
_READS = {"all", "any", "astype", "copy", "get", "items", "max", "mean", "min", "sum", "values"}
_WITHOUT_DEVICE = {"numpy", "safetensors.numpy"}


def misplaced_tensors(source: str, name: str = "") -> list[str]:
    """Return the tensors of PyTorch that code makes without saying where they shall lie.

    Right are, around the call or in it: `device=...`; `.to(...)`; a `with on_cpu():` block;
    `register_buffer`, since buffers are moved with their model; `copy_`, which reads from
    anywhere. A layer `nn.X(...)` may also be made in a class, whose model is moved as a whole, or
    be handed to `initialize`, which moves it.
    """
    found = []
    for call, around in _calls(ast.parse(source)):
        function = call.func
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
            continue
        module, made = function.value.id, function.attr
        tensor = module == "torch" and made in _FACTORIES
        layer = module == "nn" and made[0].isupper() and made not in ("Module", "Parameter")
        if not tensor and not layer:
            continue
        placed = any(keyword.arg == "device" for keyword in call.keywords) or any(
            _places(node, call) for node in around
        )
        in_class = any(isinstance(node, ast.ClassDef) for node in around)
        if not placed and not (layer and in_class):
            found.append(f"{name} line {call.lineno}: {module}.{made}(...) names no device")
    return found


def _places(node: ast.AST, call: ast.Call) -> bool:
    """Return whether what stands around a call puts its result somewhere, or only reads it."""
    if isinstance(node, ast.With):
        return _opens(node, "on_cpu")
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "initialize"
    moved = node.func.attr == "to" and any(inner is call for inner in ast.walk(node.func.value))
    return moved or node.func.attr in ("copy_", "register_buffer")


def _calls(
    node: ast.AST, around: tuple[ast.AST, ...] = ()
) -> Iterator[tuple[ast.Call, tuple[ast.AST, ...]]]:
    """Walk through code for its calls, each with all that stands around it."""
    if isinstance(node, ast.Call):
        yield node, around
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, (*around, node))


def _opens(node: ast.With, name: str) -> bool:
    """Return whether a `with` opens a block of a name, such as `full_precision()`."""
    calls = (item.context_expr for item in node.items)
    return any(isinstance(c, ast.Call) and getattr(c.func, "id", "") == name for c in calls)


def imprecise_claims(notebook: NotebookNode) -> list[str]:
    """Return the tight equalities of a notebook whose values are not computed in full precision.

    A claim of equality is tight if its `at_most` is at most `TIGHT`, and above 0: what must be 0
    exactly is not rounded. From such a claim the names in its value are followed back, each to the
    last cell that assigns it, until a `with full_precision():` block that computes something. On
    the way, outside of such a block, only arithmetic may stand, and functions that know no
    framework: Python's, NumPy's, and those of the rooms of the course beside the adapters. A
    function of the notebook counts as a block if all that it returns is computed in one.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    story = _Story([(cell.id, ast.parse(cell.source)) for cell in cells])
    return [problem for claim in story.tight_claims() for problem in story.problems(claim)]


class _Story:
    """The code of a notebook: what is assigned where, and what is computed in full precision."""

    def __init__(self, cells: list[tuple[str, ast.Module]]):
        self.assigned: dict[str, list[tuple[int, int, ast.AST, bool]]] = {}
        self.claims: list[tuple[int, str, ast.Call, bool]] = []
        self.precise: set[str] = set()
        self.plain = {*vars(builtins), "claim", "to_numpy", "set_weights"}
        for number, (name, tree) in enumerate(cells):
            self._read(number, name, tree, False)

    def _read(self, number: int, name: str, node: ast.AST, inside: bool) -> None:
        if isinstance(node, ast.With):
            inside = inside or _opens(node, "full_precision")
        if isinstance(node, ast.ImportFrom) and _knows_no_framework(node.module or ""):
            self.plain |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.FunctionDef) and _returns_precisely(node):
            self.precise.add(node.name)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "claim":
            self.claims.append((number, name, node, inside))
        for target, value in _assignments(node):
            entry = (number, value.lineno, value, inside)
            self.assigned.setdefault(target, []).append(entry)
        for child in ast.iter_child_nodes(node):
            self._read(number, name, child, inside)

    def tight_claims(self) -> list[tuple[int, str, ast.Call, bool]]:
        return [claim for claim in self.claims if _is_tight(claim[2])]

    def problems(self, claim: tuple[int, str, ast.Call, bool]) -> list[str]:
        number, name, call, inside = claim
        followed = self._follow(call.args[2], inside, number, call.lineno, set())
        return [f"{name}: {problem}" for problem in dict.fromkeys(followed)]

    def _follow(
        self, value: ast.AST, inside: bool, cell: int, line: int, seen: set[str]
    ) -> Iterator[str]:
        """Yield what a value needs of computations that are not in full precision."""
        needed = list(self._needed(value))
        names = {node.id for node in needed if isinstance(node, ast.Name)}
        computing = [ast.unparse(node.func) for node in needed if self._computes(node)]
        if computing and inside:
            return
        yield from (f"{what}(...) is not called under full_precision()" for what in computing)
        for name in names - seen:
            entries = [e for e in self.assigned.get(name, []) if (e[0], e[1]) <= (cell, line)]
            last = max((e[0] for e in entries), default=None)
            for number, at, origin, within in entries:
                if number == last:
                    yield from self._follow(origin, within, number, at, seen | {name})

    def _needed(self, node: ast.AST) -> Iterator[ast.AST]:
        """Walk through a value, without what only selects, and past precise functions."""
        yield node
        if isinstance(node, ast.Subscript):
            yield from self._needed(node.value)
        elif getattr(getattr(node, "func", None), "id", "") not in self.precise:
            for child in ast.iter_child_nodes(node):
                yield from self._needed(child)

    def _computes(self, node: ast.AST) -> bool:
        """Return whether a node is a call that may compute in a framework."""
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute):
            root = node.func.value
            while isinstance(root, ast.Attribute):
                root = root.value
            return node.func.attr not in _READS and getattr(root, "id", "") != "np"
        return getattr(node.func, "id", "") not in self.plain | self.precise


def _knows_no_framework(module: str) -> bool:
    package, _, rest = module.partition(".")
    adapters = ("pytorch", "tensorflow")
    return module in _WITHOUT_DEVICE or (package == "course_utils" and rest not in adapters)


def _returns_precisely(function: ast.FunctionDef) -> bool:
    """Return whether all that a function returns is computed in `with full_precision():`."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    blocks = [n for n in ast.walk(function) if isinstance(n, ast.With)]
    precise = chain.from_iterable(map(ast.walk, (b for b in blocks if _opens(b, "full_precision"))))
    return bool(returns) and set(returns) <= set(precise)


def _is_tight(claim: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in claim.keywords}
    if getattr(given.get("kind"), "value", "outcome") != "equality" or "at_most" not in given:
        return False
    numbers = [node.value for node in ast.walk(given["at_most"]) if isinstance(node, ast.Constant)]
    return any(isinstance(number, float) and 0 < number <= TIGHT for number in numbers)


def _assignments(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """Return the names that a statement gives a value, each with that value; `append` is one."""
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AugAssign):
        targets, value = [node.target], node.value
    elif isinstance(node, ast.For | ast.comprehension):
        targets, value = [node.target], node.iter
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append":
        targets, value = [node.func.value], node.args[0]
    else:
        return []
    stored = chain.from_iterable(map(ast.walk, targets))
    keys = {id(n) for t in targets for s in ast.walk(t) if isinstance(s, ast.Subscript)
            for n in ast.walk(s.slice)}  # fmt: skip
    return [(n.id, value) for n in stored if isinstance(n, ast.Name) and id(n) not in keys]
