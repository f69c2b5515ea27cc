"""Mutants of the solutions: which small changes of a right program does its check let through?

`python tests/mutants.py` changes each solution of each lesson in one place at a time, leaves out
what gives the same results on 1,000 inputs of a second generator, and writes how many of the rest
are caught to `tests/MUTANTS.md`. It takes a few minutes.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import matplotlib
import numpy as np

from course_utils.classroom.exercises import find, verdict
from course_utils.classroom.generated import Generated, _alike
from course_utils.classroom.net import Wrong, within_limits
from course_utils.course import FRAMEWORKS, Lesson, installed, lessons
from course_utils.tools.lessons.source import assemble

N_INPUTS = 1_000
TABLE = Path(__file__).with_name("MUTANTS.md")
NAMES = {
    "argmax": "argmin", "max": "min", "sum": "mean", "sin": "cos", "zeros": "ones", "exp": "log",
    "maximum": "minimum", "amax": "amin", "reduce_sum": "reduce_mean", "reduce_max": "reduce_min",
    "append": "extend", "startswith": "endswith", "cumsum": "cumprod", "triu": "tril", "any": "all",
}  # fmt: skip
NAMES |= {value: key for key, value in NAMES.items()}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
             ast.Pow: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.Add, ast.BitAnd: ast.BitOr,
             ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And, ast.USub: ast.UAdd,
             ast.Invert: ast.UAdd, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE,
             ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.In: ast.NotIn,
             ast.NotIn: ast.In}  # fmt: skip


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield what was changed, and the changed program, for each place and each change."""
    tree = ast.parse(source)
    for place, node in enumerate(ast.walk(tree)):
        for number in range(len(_changes(node))):
            changed = copy.deepcopy(tree)
            twin = next(n for i, n in enumerate(ast.walk(changed)) if i == place)
            _changes(twin)[number]()
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text != ast.unparse(tree):
                yield f"line {getattr(node, 'lineno', '?')}: {type(node).__name__}", text


def _changes(node: ast.AST) -> list[Callable[[], None]]:
    """Return the ways to change a node, each as a function that does it."""

    def put(field: str, value: object) -> Callable[[], None]:
        return lambda: setattr(node, field, value)

    def without(field: str, i: int) -> Callable[[], None]:
        return lambda: getattr(node, field).pop(i)

    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.Pow):
        other = OPERATORS[type(node.op)]()
        return [put("op", other), lambda: vars(node).update(left=node.right, right=node.left)]
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.UnaryOp) and type(node.op) in OPERATORS:
        return [put("op", OPERATORS[type(node.op)]())]
    if isinstance(node, ast.Compare):
        known = [i for i, op in enumerate(node.ops) if type(op) in OPERATORS]
        return [lambda i=i: node.ops.__setitem__(i, OPERATORS[type(node.ops[i])]()) for i in known]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return [put("value", not node.value)]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return [put("value", node.value + step) for step in (1, -1)]
    if isinstance(node, ast.Call):
        swapped = [node.args[1], node.args[0], *node.args[2:]] if len(node.args) > 1 else node.args
        return [put("args", swapped), *(without("keywords", i) for i in range(len(node.keywords)))]
    if isinstance(node, ast.Slice):
        return [put(f, None) for f in ("lower", "upper", "step") if getattr(node, f)]
    if isinstance(node, ast.IfExp):
        return [put("body", node.orelse), put("orelse", node.body)]
    if isinstance(node, ast.If | ast.While):
        return [put("test", ast.Constant(value)) for value in (False, True)]
    if isinstance(node, ast.Attribute | ast.Name) and _name(node) in NAMES:
        return [put("attr" if isinstance(node, ast.Attribute) else "id", NAMES[_name(node)])]
    if isinstance(node, ast.FunctionDef):
        return [lambda i=i: node.body.__setitem__(i, ast.Pass()) for i in range(len(node.body) - 1)]
    return []


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def solutions(lesson: Lesson, framework: str) -> dict[str, tuple[str, str, dict]]:
    """Return for each exercise: the solution's code, its object's name, and what it may use."""
    cells = assemble(lesson, framework).cells
    scope = dict(getattr(import_module(f"exercises.lesson_{lesson.number}"), "SCOPE", {}))
    with matplotlib.rc_context():  # the imports set the style of figures
        for cell in cells:
            if cell.id.startswith("imports-"):
                exec(cell.source, scope)
    found = {}
    for cell in cells:
        if "solution" in cell.metadata.get("tags", []):
            code, name, answer = re.split(r'^check\("([^"]+)", (\w+)', cell.source, flags=re.M)[:3]
            found[name] = code, answer, scope
    return found


def tried(name: str, solution: tuple[str, str, dict], framework: str) -> Iterator[tuple[str, bool]]:
    """Yield each mutant of a solution that gives other results, and whether it is caught."""
    code, answer, scope = solution
    second = import_module(f"exercises.lesson_{name[:2]}").SECOND[name]
    rng = np.random.default_rng(1)
    inputs = [second(rng) for _ in range(N_INPUTS)]
    adapter = import_module(f"course_utils.{framework}") if find(name).framework else None
    right = _object(code, answer, scope)
    wanted = [_result(right, given, adapter) for given in inputs]
    for what, text in mutants(code):
        mutant = _object(text, answer, scope)
        if mutant is not None and _differs(mutant, inputs, wanted, adapter):
            yield f"{what}\n{text}", not verdict(name, mutant, framework=framework).points


def _object(code: str, name: str, scope: dict) -> object:
    """Return the function that a program makes, or None if it does not even run."""
    space = dict(scope)
    try:
        exec(code, space)
    except Exception:
        return None
    return space[name]


def _differs(mutant: object, inputs: list, wanted: list, adapter: object) -> bool:
    def work() -> bool:
        pairs = zip(inputs, wanted, strict=True)
        return not all(_alike(_result(mutant, given, adapter), w, 1e-6) for given, w in pairs)

    try:
        return within_limits(work, 20)
    except Wrong:  # it does not come to an end
        return True


def _result(function: object, given: tuple, adapter: object) -> object:
    given = copy.deepcopy(given)
    if adapter:
        given = tuple(adapter.to_tensor(g) if isinstance(g, np.ndarray) else g for g in given)
    try:
        with np.errstate(all="ignore"):
            return function(*given)
    except Exception as error:
        return type(error).__name__


def table() -> str:
    """Return the table of all exercises, and the mutants that no check catches."""
    rows, missed, total, caught = [], [], 0, 0
    for framework in filter(installed, FRAMEWORKS):
        for lesson in lessons():
            for name, solution in solutions(lesson, framework).items():
                if not isinstance(find(name).judge, Generated):
                    continue
                found = list(tried(name, solution, framework))
                good = sum(is_caught for _, is_caught in found)
                total, caught = total + len(found), caught + good
                rows.append(f"| {name} | {framework} | {len(found)} | {good} |")
                missed += [f"{name}, {framework}, {what}" for what, ok in found if not ok]
                print(rows[-1], flush=True)
    head = (
        "# Mutants of the solutions\n\nMade by `python tests/mutants.py`: each solution, changed "
        "in one place at a time. Counted are the mutants whose results differ on "
        f"{N_INPUTS:,} inputs of a second generator. Caught: {caught} of {total}, "
        f"{caught / total:.1%}.\n\n"
        "| exercise | framework | mutants | caught |\n|---|---|--:|--:|\n"
    )
    told = "".join(f"\n```python\n# {text}\n```\n" for text in missed)
    return head + "\n".join(rows) + "\n" + (f"\n## Not caught\n{told}" if missed else "")


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
