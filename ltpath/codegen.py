"""Formulas as Python source: constants, expressions, and their directional derivatives.

Written once per network, when it is expanded, and kept with it, so that a cached
network needs no sympy. `ltpath.kernels` compiles the text.
"""

from __future__ import annotations

from typing import Any

import pysb
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


def formulas(
    model: pysb.Model, parameters: list[str], constants: list[str], expressions: list[str], observables: list[str]
) -> dict[str, Any]:
    """Source lines that fill constants from parameters, and expressions from observables.

    Returns
    -------
    dict
        ``constants``: lines that fill ``p[i]``; ``expressions``: lines that fill
        ``e[i]``; ``tangent``: lines that fill ``de[i]`` from a direction ``do``;
        ``used``: indices of the observables that any expression reads; ``reads``: those that
        each expression reads, directly or through others.
    """
    table = {n: f"p[{i}]" for i, n in enumerate(parameters + constants)}
    table |= {n: f"o[{i}]" for i, n in enumerate(observables)}
    table |= {n: f"e[{i}]" for i, n in enumerate(expressions)}
    printer = _Printer(table)
    order = {n: i for i, n in enumerate(expressions)}
    position = {n: i for i, n in enumerate(observables)}

    def source(formula: Any) -> str:
        return printer.doprint(sympy.sympify(formula))

    constant_lines = [f"{table[n]} = {source(model.expressions[n].expr)}" for n in _in_order(model, constants)]
    lines, tangent = [], []
    reads: dict[str, set[int]] = {}
    for name in _in_order(model, expressions):
        formula = sympy.sympify(model.expressions[name].expr)
        lines.append(f"{table[name]} = {source(formula)}")
        terms = []
        reads[name] = set()
        for symbol in sorted(formula.free_symbols, key=str):
            if symbol.name in position:
                reads[name].add(position[symbol.name])
                direction = f"do[{position[symbol.name]}]"
            elif symbol.name in order:
                reads[name] |= reads[symbol.name]
                direction = f"de[{order[symbol.name]}]"
            else:
                continue
            terms.append(f"({source(sympy.diff(formula, symbol))})*{direction}")
        tangent.append(f"de[{order[name]}] = {' + '.join(terms) or '0.0'}")
    return {
        "constants": constant_lines,
        "expressions": lines,
        "tangent": tangent,
        "used": sorted(set().union(*reads.values())),
        "reads": [sorted(reads[name]) for name in expressions],
    }


def _in_order(model: pysb.Model, names: list[str]) -> list[str]:
    """Names sorted so that every formula follows those it reads."""
    done: list[str] = []
    wanted = set(names)

    def visit(name: str) -> None:
        if name in done:
            return
        for symbol in sorted(sympy.sympify(model.expressions[name].expr).free_symbols, key=str):
            if symbol.name in wanted:
                visit(symbol.name)
        done.append(name)

    for name in names:
        visit(name)
    return done
