"""Formulas as BioNetGen writes them, read into sympy without evaluating any code."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean

from ltpath.errors import ExpansionError

TIME = sympy.Symbol("time()", real=True)
"""The simulated time, s; no name of a model can be written like this."""
_LONGEST = 100_000
_DEEPEST = 200
_PREFIX = "v_"


def _piecewise(*arguments: Any) -> Any:
    condition, then, otherwise = arguments
    return sympy.Piecewise((_number(then), _truth(condition)), (_number(otherwise), True))


_FUNCTIONS: dict[str, tuple[int | None, Callable[..., Any]]] = {
    "exp": (1, sympy.exp),
    "ln": (1, sympy.log),
    "log": (1, sympy.log),
    "log10": (1, lambda x: sympy.log(x) / sympy.log(10)),
    "log2": (1, lambda x: sympy.log(x) / sympy.log(2)),
    "abs": (1, sympy.Abs),
    "sqrt": (1, sympy.sqrt),
    "rint": (1, lambda x: sympy.floor(x + sympy.Rational(1, 2))),
    "floor": (1, sympy.floor),
    "ceil": (1, sympy.ceiling),
    **{f: (1, getattr(sympy, f)) for f in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")},
    **{f: (1, getattr(sympy, f)) for f in ("asinh", "acosh", "atanh")},
    "min": (None, sympy.Min),
    "max": (None, sympy.Max),
    "sum": (None, sympy.Add),
    "avg": (None, lambda *x: sympy.Add(*x) / len(x)),
    "if": (3, _piecewise),
    "_pi": (0, lambda: sympy.pi),
    "_e": (0, lambda: sympy.E),
    "time": (0, lambda: TIME),
}
BUILT_IN = frozenset([*_FUNCTIONS, "mratio", "TFUN", "tfun", "t"])
"""Names that BioNetGen does not take for a parameter, a function or an observable."""
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
    ast.Mod: lambda a, b: a - b * sympy.floor(a / b),
}
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Gt: sympy.Gt, ast.GtE: sympy.Ge, ast.Eq: sympy.Eq, ast.NotEq: sympy.Ne,
}  # fmt: skip


def _is_truth(value: Any) -> bool:
    # To sympy a symbol may be either; here names are numbers.
    return isinstance(value, Boolean) and not isinstance(value, sympy.Symbol)


def _number(value: Any) -> Any:
    """A truth value counts as 1 or 0 where a number belongs."""
    return sympy.Piecewise((1, value), (0, True)) if _is_truth(value) else value


def _truth(value: Any) -> Any:
    """A number is true where it is not 0."""
    return value if _is_truth(value) else sympy.Ne(value, 0)


def read(text: str, functions: Mapping[str, tuple[list[str], str]] | None = None) -> sympy.Expr:
    """A formula of BNGL or of a ``.net`` file.

    Parameters
    ----------
    text : str
    functions : mapping, optional
        The model's own functions with arguments: name to argument names and formula.

    Returns
    -------
    sympy.Expr
        Names are real Symbols; the time is `TIME`.

    Raises
    ------
    ExpansionError
        The text is no formula, or uses a function that is not known.
    """
    return sympy.sympify(_number(_Reader(functions or {}).read(text, {})))


class _Reader:
    def __init__(self, functions: Mapping[str, tuple[list[str], str]]) -> None:
        self._functions, self._depth = functions, 0

    def read(self, text: str, local: Mapping[str, Any]) -> Any:
        if len(text) > _LONGEST:
            raise ExpansionError(f"a formula of {len(text):,} characters is too long")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpansionError(f"the formula '{text[:60]}' calls itself")
        # Names get a prefix, because some (lambda, in) are words of Python, whose parser is borrowed here.
        python = re.sub(r"(?<![\w.])([A-Za-z_]\w*)", rf"{_PREFIX}\1", text)
        for ours, theirs in (("^", "**"), ("&&", " and "), ("||", " or "), ("~=", "!=")):
            python = python.replace(ours, theirs)
        python = re.sub(r"!(?!=)", " not ", python)
        try:
            tree = ast.parse(python.strip(), mode="eval").body
            value = self._value(tree, text, local)
        except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError) as error:
            raise ExpansionError(f"'{text[:80]}' is not a formula that can be read ({type(error).__name__})") from None
        self._depth -= 1
        return value

    def _value(self, node: ast.expr, text: str, local: Mapping[str, Any]) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return sympy.Integer(node.value) if isinstance(node.value, int) else sympy.Float(repr(node.value))
        if isinstance(node, ast.Name):
            name = node.id.removeprefix(_PREFIX)
            if name in local:
                return local[name]
            return _FUNCTIONS[name][1]() if name in ("_pi", "_e") else sympy.Symbol(name, real=True)
        if isinstance(node, ast.UnaryOp):
            value = self._value(node.operand, text, local)
            if isinstance(node.op, ast.Not):
                return sympy.Not(_truth(value))
            return -_number(value) if isinstance(node.op, ast.USub) else _number(value)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            left, right = (_number(self._value(side, text, local)) for side in (node.left, node.right))
            return _OPERATORS[type(node.op)](left, right)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
            left, right = (_number(self._value(side, text, local)) for side in (node.left, node.comparators[0]))
            return _COMPARISONS[type(node.ops[0])](left, right)
        if isinstance(node, ast.BoolOp):
            join = sympy.And if isinstance(node.op, ast.And) else sympy.Or
            return join(*(_truth(self._value(v, text, local)) for v in node.values))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node.func.id.removeprefix(_PREFIX), [self._value(a, text, local) for a in node.args], text)
        raise ExpansionError(f"'{text[:80]}' is not a formula that can be read")

    def _call(self, name: str, arguments: list[Any], text: str) -> Any:
        if name in self._functions:
            wanted, formula = self._functions[name]
            if len(wanted) != len(arguments):
                raise ExpansionError(f"the function {name} takes {len(wanted)} arguments, but '{text[:80]}' gives {len(arguments)}")
            return self.read(formula, dict(zip(wanted, map(_number, arguments), strict=True)))
        if name not in _FUNCTIONS:
            # An observable or a function without arguments is often written as a call.
            if arguments or name in BUILT_IN:
                raise ExpansionError(f"the function '{name}' in '{text[:80]}' is not known")
            return sympy.Symbol(name, real=True)
        count, function = _FUNCTIONS[name]
        if (count is not None and len(arguments) != count) or (count is None and not arguments):
            raise ExpansionError(f"'{name}' in '{text[:80]}' has {len(arguments)} arguments")
        return function(*arguments) if name == "if" else function(*map(_number, arguments))


def smooth(formula: Any) -> Any:
    """The formula with cases written out (`Piecewise`) in place of max, min, abs, sign and step functions."""
    kinds = (sympy.Max, sympy.Min, sympy.Abs, sympy.sign, sympy.Heaviside)
    while found := [f for f in formula.atoms(*kinds) if not any(a.has(*kinds) for a in f.args)]:
        formula = formula.xreplace({f: _cases(f) for f in found})
    return formula


def _cases(f: Any) -> Any:
    first, *others = f.args
    if isinstance(f, (sympy.Max, sympy.Min)):
        above = sympy.Ge if isinstance(f, sympy.Max) else sympy.Le
        ordered = sorted(f.args, key=sympy.default_sort_key)
        chosen = ordered[0]
        for other in ordered[1:]:
            chosen = sympy.Piecewise((chosen, above(chosen, other)), (other, True))
        return chosen
    if isinstance(f, sympy.Abs):
        return sympy.Piecewise((first, first >= 0), (-first, True))
    middle = 0 if isinstance(f, sympy.sign) else (others[0] if others else sympy.Rational(1, 2))
    low = -1 if isinstance(f, sympy.sign) else 0
    return sympy.Piecewise((1, first > 0), (low, first < 0), (middle, True))
