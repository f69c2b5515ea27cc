"""Which names the cells of a notebook set and read, so that a part can be found to be needed."""

import ast
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Names:
    """The global names of a cell.

    Attributes
    ----------
    sets : set of str
    reads : set of str
        Those that it reads before it sets them itself, if it does.
    inside : set of str
        Those that its functions and classes read, whenever they are called.
    """

    sets: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)


def names_of(source: str) -> Names:
    """Return the global names of a cell, in the order of its lines.

    Examples
    --------
    >>> found = names_of("b = [a for a in c]\\nprint(b)\\ndef f(x): return x + d")
    >>> sorted(found.sets), sorted(found.reads), sorted(found.inside)
    (['b', 'f'], ['c', 'print'], ['d'])

    Raises
    ------
    SyntaxError
        If the cell is no Python.
    """
    found = Names()
    _follow(ast.parse(source).body, found)
    return found


def borrowed(cells: Sequence[tuple[str, bool]]) -> Iterator[tuple[int, str, int]]:
    """Yield where a cell reads a name as a cell that stands apart has set it.

    Parameters
    ----------
    cells : sequence of (source, apart)

    Yields
    ------
    int, str, int
        The place of the cell that reads, the name, and the place of the cell apart that sets it.
    """
    known = [(names_of(source), apart) for source, apart in cells]
    setter: dict[str, int] = {}
    functions: dict[str, int] = {}  # names that functions so far read, each with their first place
    for place, (names, apart) in enumerate(known):
        if apart:
            yield from ((functions[name], name, place) for name in names.sets & functions.keys())
        else:
            needed = sorted((names.reads | names.inside) & setter.keys())
            yield from ((place, name, setter[name]) for name in needed if known[setter[name]][1])
            functions |= dict.fromkeys(names.inside - functions.keys(), place)
        setter |= dict.fromkeys(names.sets, place)


def _follow(statements: Iterable[ast.stmt], found: Names) -> None:
    for one in statements:
        if isinstance(one, ast.For | ast.While | ast.If | ast.With | ast.Try):
            _follow_block(one, found)
            continue
        table = symtable.symtable(ast.unparse(one), "cell", "exec")
        later = set().union(*map(_globals, table.get_children()))
        reads = {name.get_name() for name in table.get_symbols() if name.is_referenced()}
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.inside |= later
        else:
            reads |= later
        if isinstance(one, ast.AugAssign):
            reads |= _stored(one.target)
        found.reads |= reads - found.sets
        found.sets |= {
            name.get_name()
            for name in table.get_symbols()
            if name.is_assigned() or name.is_imported()
        }


def _follow_block(block: ast.For | ast.While | ast.If | ast.With | ast.Try, found: Names) -> None:
    """Follow a statement that holds others: first what stands in its head, then these."""
    values, targets = _head(block)
    _follow([ast.Expr(value) for value in values], found)
    found.sets |= targets
    _follow(block.body, found)
    for handler in getattr(block, "handlers", []):
        _follow(handler.body, found)
    for name in ("orelse", "finalbody"):
        _follow(getattr(block, name, []), found)


def _head(
    block: ast.For | ast.While | ast.If | ast.With | ast.Try,
) -> tuple[list[ast.expr], set[str]]:
    """Return what the head of a statement computes, and the names that it sets."""
    if isinstance(block, ast.For):
        return [block.iter], _stored(block.target)
    if isinstance(block, ast.With):
        return [one.context_expr for one in block.items], set().union(*map(_stored, block.items))
    if isinstance(block, ast.Try):
        types = [one.type for one in block.handlers if one.type]
        return types, {one.name for one in block.handlers if one.name}
    return [block.test], set()


def _stored(node: ast.AST) -> set[str]:
    """Return the names that an expression on the left sets."""
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }


def _globals(table: symtable.SymbolTable) -> set[str]:
    """Return the global names that a function, a class or a comprehension reads."""
    own = {n.get_name() for n in table.get_symbols() if n.is_global() and n.is_referenced()}
    return own.union(*map(_globals, table.get_children()))
