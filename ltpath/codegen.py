"""Formulas as Python source: constants, expressions, and their derivatives along directions.

Written once per network, when it is expanded, and kept with it, so that a cached
network needs no sympy. `ltpath.kernels` compiles the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.printing.pycode import PythonCodePrinter


class _Printer(PythonCodePrinter):
    """Plain arithmetic on the arrays p (parameters, constants), o (observables), e (expressions)."""

    def __init__(self, table: dict[str, str]) -> None:
        super().__init__({"fully_qualified_modules": True})
        self.table = table

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:
        return self.table[symbol.name]

    _print_Parameter = _print_Expression = _print_Observable = _print_Symbol


def source(formula: sympy.Expr, names: dict[str, str]) -> str:
    """A formula as Python source; `names` says how each symbol is written."""
    return _Printer(names).doprint(formula)


def formulas(
    formula: Mapping[str, sympy.Expr],
    parameters: list[str],
    constants: list[str],
    expressions: list[str],
    observables: list[str],
    rates: set[str],
) -> dict[str, Any]:
    """Source lines on the arrays p (parameters, constants), o (observables), e (expressions) and directions of them.

    Parameters
    ----------
    formula : mapping
        Of every constant and expression, by name.
    parameters, constants, expressions, observables : list of str
        Names, in the order of the arrays.
    rates : set of str
        Names of what reactions read.

    Returns
    -------
    dict
        ``constants``: lines that fill ``p[i]``. ``expressions``: lines that fill ``e[i]`` where
        `rates`, names of expressions, need it, and ``readouts``: where only the output does.
        ``tangent``: lines that fill ``de[i]`` of the first from a direction ``do`` of the
        observables; ``parameter_tangent``, ``readout_tangent``: the same from ``do`` and ``dp``,
        of the first and of the second. ``used``: indices of the observables that rates read;
        ``reads``: those that each expression reads, directly or through others.
    """
    places = {n: ("p", i) for i, n in enumerate(parameters + constants)}
    places |= {n: ("o", i) for i, n in enumerate(observables)}
    places |= {n: ("e", i) for i, n in enumerate(expressions)}
    printer = _Printer({n: f"{array}[{i}]" for n, (array, i) in places.items()})

    def slopes(formula: Any, arrays: str) -> str:
        terms = []
        for symbol in sorted(formula.free_symbols, key=str):
            array, i = places[symbol.name]
            if array in arrays:
                terms.append(f"({printer.doprint(_slope(formula, symbol))})*d{array}[{i}]")
        return " + ".join(terms) or "0.0"

    of_expressions = {n: formula[n] for n in expressions}
    constant_order, order = _in_order({n: formula[n] for n in constants}, constants), _in_order(of_expressions, expressions)
    needed = set(_in_order(of_expressions, [n for n in expressions if n in rates]))
    fast, slow = [n for n in order if n in needed], [n for n in order if n not in needed]
    reads: dict[str, set[int]] = {}
    for name in order:
        found = [(symbol.name, *places[symbol.name]) for symbol in formula[name].free_symbols]
        reads[name] = set().union(*({i} if array == "o" else reads.get(n, set()) for n, array, i in found))

    def values(names: list[str]) -> list[str]:
        return [f"{places[n][0]}[{places[n][1]}] = {printer.doprint(formula[n])}" for n in names]

    def tangents(names: list[str], arrays: str) -> list[str]:
        return [f"d{places[n][0]}[{places[n][1]}] = {slopes(formula[n], arrays)}" for n in names]

    return {
        "constants": values(constant_order),
        "expressions": values(fast),
        "readouts": values(slow),
        "tangent": tangents(fast, "oe"),
        "parameter_tangent": tangents(fast, "oep"),
        "readout_tangent": tangents(slow, "oep"),
        "used": sorted(set().union(*(reads[n] for n in fast))),
        "reads": [sorted(reads[name]) for name in expressions],
    }


def _slope(formula: sympy.Expr, symbol: sympy.Symbol) -> Any:
    """The derivative; steps (floor, ceiling) are flat between their jumps."""
    found = sympy.diff(formula, symbol)
    return found.replace(lambda part: isinstance(part, (sympy.Derivative, sympy.Subs)), lambda part: sympy.Integer(0))


def _in_order(formula: Mapping[str, sympy.Expr], names: list[str]) -> list[str]:
    """The names, and what their formulas read of `formula`, so that every formula follows those it reads."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        for symbol in sorted(formula[name].free_symbols, key=str):
            if symbol.name in formula and symbol.name != name:
                visit(symbol.name)
        done.append(name)

    for name in names:
        visit(name)
    return done
