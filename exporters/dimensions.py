"""Dimensions of the library's units, and of the generated formulas: every number in a formula gets a unit."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ltpath.errors import ExportError

# SI name and power of ten of each symbol that a unit string may hold. Molecules are kept apart from moles.
_SYMBOLS = {
    "uM": (("mole", 1, -6), ("litre", -1, 0)),
    "mM": (("mole", 1, -3), ("litre", -1, 0)),
    "molecule": (("item", 1, 0),),
    "molecules": (("item", 1, 0),),
    "s": (("second", 1, 0),),
    "mV": (("volt", 1, -3),),
    "nS": (("siemens", 1, -9),),
    "pA": (("ampere", 1, -12),),
    "pF": (("farad", 1, -12),),
    "fL": (("litre", 1, -15),),
    "%": (),
    "1": (),
}
_BASE = ("item", "mole", "litre", "second", "volt", "ampere")
_REDUCED = {
    "siemens": {"ampere": 1, "volt": -1},
    "farad": {"ampere": 1, "second": 1, "volt": -1},
}


@dataclass(frozen=True)
class Dimension:
    """Powers of item, mole, litre, second, volt and ampere, times a power of ten."""

    powers: tuple[Fraction, ...] = (Fraction(0),) * len(_BASE)
    ten: Fraction = Fraction(0)

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(tuple(a + b for a, b in zip(self.powers, other.powers, strict=True)), self.ten + other.ten)

    def __pow__(self, power: float | Fraction) -> Dimension:
        exact = Fraction(power).limit_denominator(12)
        return Dimension(tuple(a * exact for a in self.powers), self.ten * exact)

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    @property
    def parts(self) -> list[tuple[str, int]]:
        """SI names with powers, those that are not zero."""
        return [(name, int(p)) for name, p in zip(_BASE, self.powers, strict=True) if p]

    @property
    def only_items(self) -> bool:
        """Whether it counts molecules and nothing else."""
        return self.ten == 0 and not any(self.powers[1:])


ONE = Dimension()
ITEM = Dimension((Fraction(1), *ONE.powers[1:]))


def symbols(unit: str) -> list[tuple[str, int]]:
    """Symbols and powers of a unit string such as ``1/(uM^2*s)``."""
    above, _, below = unit.partition("/")
    found = []
    for text, sign in ((above, 1), (below, -1)):
        for piece in filter(None, text.strip("()").split("*")):
            match = re.fullmatch(r"([A-Za-z%]+|1)(?:\^(\d))?", piece)
            if match is None or match.group(1) not in _SYMBOLS:
                raise ExportError(f"the unit '{unit}' cannot be written in SBML: '{piece}' is unknown")
            if match.group(1) != "1":
                found.append((match.group(1), sign * int(match.group(2) or 1)))
    return found


def si_parts(unit: str) -> list[tuple[str, int, int]]:
    """SI name, power and power-of-ten prefix of each part of a unit string."""
    return [(name, power * sign, ten) for symbol, sign in symbols(unit) for name, power, ten in _SYMBOLS[symbol]]


@cache
def dimension(unit: str) -> Dimension:
    """The dimension of a unit string."""
    result = ONE
    for name, power, ten in si_parts(unit):
        basic = _REDUCED.get(name, {name: 1})
        powers = tuple(Fraction(basic.get(b, 0) * power) for b in _BASE)
        result = result * Dimension(powers, Fraction(ten * power))
    return result


# -- formulas ----------------------------------------------------------------------


@dataclass
class Term:
    """A formula as a tree: ``kind`` is number, name, or an operator or function with ``parts``.

    ``dimension`` of a number is None until its place in the formula decides it.
    """

    kind: str
    parts: tuple[Term, ...] = ()
    value: float = 0.0
    name: str = ""
    dimension: Dimension | None = None

    def walk(self) -> Iterator[Term]:
        yield self
        for part in self.parts:
            yield from part.walk()


def number(value: float, dim: Dimension | None = None) -> Term:
    return Term("number", value=value, dimension=dim)


_OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


def parse_line(line: str, names: Mapping[str, list[str]]) -> tuple[str, Term]:
    """One generated line, ``p[7] = p[3]*e[0]``, as the name it fills and a Term over names.

    Parameters
    ----------
    line : str
        Source written by `ltpath.codegen`.
    names : mapping of str to list of str
        Names behind the arrays ``p``, ``o`` and ``e``.

    Raises
    ------
    ExportError
        The formula uses something that has no counterpart outside Python.
    """
    statement = ast.parse(line).body[0]

    def refuse(node: ast.AST) -> ExportError:
        return ExportError(f"the formula '{line}' cannot be exported: '{ast.unparse(node)}' has no counterpart")

    def name(node: ast.AST) -> str:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
            return names[node.value.id][int(node.slice.value)]  # type: ignore[arg-type]
        raise refuse(node)

    def term(node: ast.AST) -> Term:
        match node:
            case ast.Constant(value=value) if isinstance(value, (int, float)):
                return number(float(value))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if isinstance(value, (int, float)):
                return number(-float(value))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Term("-", (term(operand),))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                return Term(_OPERATORS[type(operator)], (term(left), term(right)))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr=function), args=[one]) if function in (
                "exp",
                "sqrt",
                "log",
            ):
                return Term(function, (term(one),))
            case ast.Attribute(value=ast.Name(id="math"), attr="pi"):
                return number(3.141592653589793)
            case ast.Subscript():
                return Term("name", name=name(node))
        raise refuse(node)

    if not isinstance(statement, ast.Assign):
        raise refuse(statement)
    return name(statement.targets[0]), term(statement.value)


def give_units(formula: Term, of: Callable[[str], Dimension], wanted: Dimension | None) -> Term:
    """The formula with a unit on every number, so that its dimension is `wanted`.

    The library counts molecules and pure numbers alike where a parameter holds "per
    molecule" silently (a conductance per channel); there a factor 1 with the unit is put in.
    A numeric factor of a product takes the unit that makes the product fit (1000 in
    1000*nS/pF is 1000 per second over nS/pF). What does not fit after that is left as it is.
    """
    done = _resolve(formula, of)
    have = done.dimension or ONE
    if wanted is None or have == wanted:
        return done
    ratio = wanted / have
    factor = _numeric_factor(done)
    if factor is not None:
        factor.dimension = (factor.dimension or ONE) * ratio
        done.dimension = wanted
        return done
    return _scaled(done, ratio) if ratio.only_items else done


def _scaled(term: Term, ratio: Dimension) -> Term:
    return Term("*", (number(1.0, ratio), term), dimension=(term.dimension or ONE) * ratio)


def _numeric_factor(term: Term) -> Term | None:
    """A number above the fraction bar of a product."""
    if term.kind == "number":
        return term
    if term.kind == "*":
        return _numeric_factor(term.parts[0]) or _numeric_factor(term.parts[1])
    if term.kind == "/" or (term.kind == "-" and len(term.parts) == 1):
        return _numeric_factor(term.parts[0])
    return None


def _resolve(term: Term, of: Callable[[str], Dimension]) -> Term:
    if term.kind == "number":
        return number(term.value, term.dimension or ONE)
    if term.kind == "name":
        return Term("name", name=term.name, dimension=of(term.name))
    if term.kind in "+-" and len(term.parts) == 2:
        return _sum(term, of)
    parts = tuple(_resolve(p, of) for p in term.parts)
    first = parts[0].dimension or ONE
    match term.kind:
        case "-":
            result = first
        case "*":
            result = first * (parts[1].dimension or ONE)
        case "/":
            result = first / (parts[1].dimension or ONE)
        case "^":
            result = first ** parts[1].value if parts[1].kind == "number" else ONE
        case "sqrt":
            result = first ** Fraction(1, 2)
        case _:
            if first != ONE and first.only_items:
                parts = (_scaled(parts[0], ONE / first),)
            result = ONE
    return Term(term.kind, parts, dimension=result)


def _sum(term: Term, of: Callable[[str], Dimension]) -> Term:
    """A sum has the dimension of its terms; bare numbers in it take that dimension.

    Where terms differ by a count of molecules, the terms with the larger power of it give way.
    """
    terms = _terms(term, of)
    known = [d for t in terms if t.kind != "number" and (d := t.dimension) is not None]
    common = min(known, key=lambda d: abs(d.powers[0])) if known else ONE

    def fitted(part: Term) -> Term:
        have = part.dimension or ONE
        if part.kind == "number":
            return number(part.value, common)
        return _scaled(part, common / have) if have != common and (common / have).only_items else part

    def rebuilt(part: Term) -> Term:
        if part.kind in "+-" and len(part.parts) == 2:
            return Term(part.kind, (rebuilt(part.parts[0]), rebuilt(part.parts[1])), dimension=common)
        return fitted(_resolve(part, of))

    return rebuilt(term)


def _terms(term: Term, of: Callable[[str], Dimension]) -> list[Term]:
    if term.kind in "+-" and len(term.parts) == 2:
        return [*_terms(term.parts[0], of), *_terms(term.parts[1], of)]
    return [_resolve(term, of)]
