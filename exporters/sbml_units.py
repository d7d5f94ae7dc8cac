"""Units of SBML formulas: every number gets one, so that libsbml can check what the file says."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import libsbml

from ltpath.errors import BadValue, ExportError
from ltpath.inference import read_unit

# (kind, exponent, scale, multiplier) of each unit of ltpath.quantity.Unit.
_MICROMOLE = (libsbml.UNIT_KIND_MOLE, 1, -6, 1.0)
_ITEM = (libsbml.UNIT_KIND_ITEM, 1, 0, 1.0)
_UNITS: dict[str, tuple[tuple[int, int, int, float], ...]] = {
    "uM": (_MICROMOLE, (libsbml.UNIT_KIND_LITRE, -1, 0, 1.0)),
    "mM": ((libsbml.UNIT_KIND_MOLE, 1, -3, 1.0), (libsbml.UNIT_KIND_LITRE, -1, 0, 1.0)),
    "molecules": (_ITEM,),
    "s": ((libsbml.UNIT_KIND_SECOND, 1, 0, 1.0),),
    "1/s": ((libsbml.UNIT_KIND_SECOND, -1, 0, 1.0),),
    "1/(molecule*s)": ((libsbml.UNIT_KIND_ITEM, -1, 0, 1.0), (libsbml.UNIT_KIND_SECOND, -1, 0, 1.0)),
    "molecules/s": (_ITEM, (libsbml.UNIT_KIND_SECOND, -1, 0, 1.0)),
    "uM/s": (_MICROMOLE, (libsbml.UNIT_KIND_LITRE, -1, 0, 1.0), (libsbml.UNIT_KIND_SECOND, -1, 0, 1.0)),
    "mV": ((libsbml.UNIT_KIND_VOLT, 1, -3, 1.0),),
    "1/mV": ((libsbml.UNIT_KIND_VOLT, -1, -3, 1.0),),
    "nS": ((libsbml.UNIT_KIND_SIEMENS, 1, -9, 1.0),),
    "pA": ((libsbml.UNIT_KIND_AMPERE, 1, -12, 1.0),),
    "pF": ((libsbml.UNIT_KIND_FARAD, 1, -12, 1.0),),
    "fL": ((libsbml.UNIT_KIND_LITRE, 1, -15, 1.0),),
    "molecules/(fL*uM)": (_ITEM, (libsbml.UNIT_KIND_LITRE, -1, -15, 1.0), (libsbml.UNIT_KIND_MOLE, -1, -6, 1.0), (libsbml.UNIT_KIND_LITRE, 1, 0, 1.0)),
    "molecules/uM": (_ITEM, (libsbml.UNIT_KIND_MOLE, -1, -6, 1.0), (libsbml.UNIT_KIND_LITRE, 1, 0, 1.0)),
    "molecules/(pA*s)": (_ITEM, (libsbml.UNIT_KIND_AMPERE, -1, -12, 1.0), (libsbml.UNIT_KIND_SECOND, -1, 0, 1.0)),
    "%": ((libsbml.UNIT_KIND_DIMENSIONLESS, 1, 0, 0.01),),
}  # fmt: skip
for _power in (1, 2, 3):
    _UNITS[f"1/(uM{'' if _power == 1 else f'^{_power}'}*s)"] = (
        (libsbml.UNIT_KIND_MOLE, -_power, -6, 1.0),
        (libsbml.UNIT_KIND_LITRE, _power, 0, 1.0),
        (libsbml.UNIT_KIND_SECOND, -1, 0, 1.0),
    )
# Parts that other people's units are made of.
_PARTS: dict[str, tuple[tuple[int, int, int, float], ...]] = {
    "molecules": (_ITEM,),
    **{f"{p}mol": ((libsbml.UNIT_KIND_MOLE, 1, s, 1.0),) for p, s in (("", 0), ("m", -3), ("u", -6), ("n", -9), ("p", -12), ("f", -15))},
    **{
        f"{p}M": ((libsbml.UNIT_KIND_MOLE, 1, s, 1.0), (libsbml.UNIT_KIND_LITRE, -1, 0, 1.0))
        for p, s in (("", 0), ("m", -3), ("u", -6), ("n", -9), ("p", -12))
    },
    **{
        f"{p}{name}": ((kind, 1, s, 1.0),)
        for name, kind, prefixes in (
            ("s", libsbml.UNIT_KIND_SECOND, "mu"), ("L", libsbml.UNIT_KIND_LITRE, "munpf"), ("m", libsbml.UNIT_KIND_METRE, "cmun"),
            ("V", libsbml.UNIT_KIND_VOLT, "m"), ("A", libsbml.UNIT_KIND_AMPERE, "np"), ("S", libsbml.UNIT_KIND_SIEMENS, "n"),
            ("F", libsbml.UNIT_KIND_FARAD, "p"), ("K", libsbml.UNIT_KIND_KELVIN, ""), ("J", libsbml.UNIT_KIND_JOULE, ""),
        )
        for p, s in (("", 0), *((x, {"c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}[x]) for x in prefixes))
    },
}  # fmt: skip
# What the derived electrical units are made of, for comparing dimensions.
_DIMENSIONS: dict[int, dict[int, int]] = {
    libsbml.UNIT_KIND_SIEMENS: {libsbml.UNIT_KIND_AMPERE: 1, libsbml.UNIT_KIND_VOLT: -1},
    libsbml.UNIT_KIND_FARAD: {libsbml.UNIT_KIND_AMPERE: 1, libsbml.UNIT_KIND_SECOND: 1, libsbml.UNIT_KIND_VOLT: -1},
}
# Antimony takes a unit's plural for the unit itself: "molecules" would be defined by "molecule", and that by itself.
_COUNT = "molecule_count"
_CONSTANTS = {"pi": "pi", "e": "exponentiale", "inf": "INF", "nan": "NaN"}
_RELATIONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_PURE = {
    "log": "ln", "exp": "exp", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}  # fmt: skip
"""Functions of pure numbers, as Python and as SBML name them."""
Vector = dict[tuple[int, int], int]
"""A unit as exponents of (kind, scale); empty is dimensionless."""


def _parts_of(unit: str) -> tuple[tuple[int, int, int, float], ...]:
    """What a unit is made of.

    Raises
    ------
    ExportError
        It has no counterpart in SBML.
    """
    if unit in _UNITS:
        return _UNITS[unit]
    try:
        written = read_unit(unit)
    except BadValue:
        raise ExportError(f"the unit '{unit}' has no counterpart in SBML") from None
    return tuple((k, e * power, s, m) for name, power in written.items() for k, e, s, m in _PARTS[name])


def vector(unit: str) -> Vector:
    """A unit string as a Vector."""
    found: Vector = {}
    for kind, exponent, scale, _ in _parts_of(unit):
        if kind != libsbml.UNIT_KIND_DIMENSIONLESS:
            found[kind, scale] = found.get((kind, scale), 0) + exponent
    return {k: e for k, e in found.items() if e}


def _dimensions(unit: Vector) -> dict[int, int]:
    """Exponents by base kind, whatever the scale."""
    found: Counter[int] = Counter()
    for (kind, _), exponent in unit.items():
        for base, power in _DIMENSIONS.get(kind, {kind: 1}).items():
            found[base] += power * exponent
    return {k: e for k, e in found.items() if e}


def _times(a: Vector, b: Vector, power: int = 1) -> Vector:
    found = {k: a.get(k, 0) + power * b.get(k, 0) for k in (*a, *b)}
    return {k: e for k, e in found.items() if e}


def _word(unit: str) -> str:
    text = unit.replace("1/", "per_").replace("/", "_per_").replace("%", "percent")
    return "".join(c if c.isalnum() else "_" for c in text).strip("_").replace("__", "_")


class Units:
    """The unit definitions of one SBML model, made on first use.

    Parameters
    ----------
    model : libsbml.Model
    units : iterable of str
        Unit strings of `ltpath.quantity.Unit` that the model's quantities have.
    declared : bool
        False where the model's author has declared none: then nothing has a unit, numbers included.

    Raises
    ------
    ExportError
        A unit has no counterpart in SBML.
    """

    def __init__(self, model: Any, units: Iterable[str], declared: bool = True) -> None:
        self._model, self.declared = model, declared
        self._ids = {"1": "dimensionless", "s": "second"}
        self._by_vector: dict[frozenset[tuple[tuple[int, int], int]], str] = {}
        for unit in sorted({*units} - {"1", "s", ""}) if declared else ():
            identifier = unit if unit.isidentifier() else "per_" + _word(unit[2:]) if unit.startswith("1/") else _word(unit)
            identifier = _COUNT if identifier == "molecules" else identifier
            self._ids[unit] = identifier
            self._define(identifier, unit, _parts_of(unit) or ((libsbml.UNIT_KIND_DIMENSIONLESS, 1, 0, 1.0),))
            self._by_vector.setdefault(frozenset(vector(unit).items()), identifier)

    def __getitem__(self, unit: str) -> str:
        return self._ids[unit]

    def _define(self, identifier: str, name: str, parts: tuple[tuple[int, int, int, float], ...]) -> None:
        definition = self._model.createUnitDefinition()
        definition.setId(identifier)
        definition.setName(name)
        for kind, exponent, scale, multiplier in parts:
            one = definition.createUnit()
            one.setKind(kind)
            one.setExponent(exponent)
            one.setScale(scale)
            one.setMultiplier(multiplier)

    def id_of(self, wanted: Vector) -> str:
        """Id of the definition of a unit that arises in a formula, such as mV squared."""
        if not wanted:
            return "dimensionless"
        key = frozenset(wanted.items())
        if key not in self._by_vector:
            parts = tuple((kind, exponent, scale, 1.0) for (kind, scale), exponent in sorted(wanted.items()))
            words = [
                f"{'per_' if e < 0 else ''}{libsbml.UnitKind_toString(k)}{'' if s == 0 else f'_e{s}'.replace('-', 'm')}"
                f"{'' if abs(e) == 1 else f'_{abs(e)}'}"
                for k, e, s, _ in parts
            ]
            self._by_vector[key] = "unit_" + "_".join(words)
            self._define(self._by_vector[key], " ".join(words), parts)
        return self._by_vector[key]

    def per_item(self, text: str, have: Vector, wanted: Vector) -> str:
        """Count molecules as pure numbers where a formula does: a conductance times a count is a conductance."""
        if not self.declared:
            return text
        excess = _dimensions(have)
        for kind, exponent in _dimensions(wanted).items():
            excess[kind] = excess.get(kind, 0) - exponent
        power = excess.pop(libsbml.UNIT_KIND_ITEM, 0)
        # Any other difference is left for libsbml to report.
        if power == 0 or any(excess.values()):
            return text
        return f"({text}) * (1 {self.id_of({(libsbml.UNIT_KIND_ITEM, 0): -power})})"


def name_of(node: ast.Subscript, tables: Mapping[str, list[str]]) -> str:
    """What an array element of a generated source line is called."""
    assert isinstance(node.value, ast.Name)
    assert isinstance(node.slice, ast.Constant)
    return tables[node.value.id][int(node.slice.value)]  # type: ignore[arg-type]


def parsed(line: str, tables: Mapping[str, list[str]]) -> tuple[str, ast.expr]:
    """Name and formula of a generated source line."""
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Assign)
    target = statement.targets[0]
    assert isinstance(target, ast.Subscript)
    return name_of(target, tables), statement.value


def reads(tree: ast.expr, tables: Mapping[str, list[str]]) -> set[str]:
    """Names that a formula reads."""
    return {name_of(n, tables) for n in ast.walk(tree) if isinstance(n, ast.Subscript)}


class Writer:
    """Generated Python source as an L3 formula, with ids for array elements and a unit on each number.

    A number in a sum has the unit of the other terms; elsewhere it is dimensionless.
    """

    def __init__(
        self, units: Units, names: Mapping[str, str], vectors: Mapping[str, Vector], tables: Mapping[str, list[str]]
    ) -> None:
        self._units, self._names, self._vectors, self._tables = units, names, vectors, tables

    def write(self, node: ast.expr) -> tuple[str, Vector | None]:
        """Formula and unit; the unit is None for a bare number that fits any."""
        if isinstance(node, ast.Subscript):
            name = name_of(node, self._tables)
            return self._names[name], self._vectors.get(name, {})
        if isinstance(node, ast.Constant):
            return _numeral(node.value), None
        if isinstance(node, ast.Attribute) and node.attr in _CONSTANTS:
            return _CONSTANTS[node.attr], None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            text, vector = self.write(node.operand)
            return f"(-{text})", vector
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"!({self.write(node.operand)[0]})", {}
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _RELATIONS:
            (left, right), _ = self._alike([node.left, node.comparators[0]])
            return f"({left} {_RELATIONS[type(node.ops[0])]} {right})", {}
        if isinstance(node, ast.BoolOp):
            sign = " && " if isinstance(node.op, ast.And) else " || "
            return f"({sign.join(self.write(v)[0] for v in node.values)})", {}
        if isinstance(node, ast.IfExp):
            return self._cases(node)
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            return self._call(node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id, node.args)
        raise ExportError(f"the formula part '{ast.unparse(node)}' cannot be written as SBML")

    def _settled(self, node: ast.expr, unit: Vector | None = None) -> tuple[str, Vector]:
        text, vector = self.write(node)
        if not self._units.declared:
            return text, {}
        return (text, vector) if vector is not None else (self._number(node, unit or {}), unit or {})

    def _number(self, node: ast.expr, unit: Vector) -> str:
        """A bare number with a unit; only numerals can have one."""
        if isinstance(node, ast.UnaryOp):
            return f"(-{self._number(node.operand, unit)})"
        text = f"1 {self._units.id_of(unit)}"
        if isinstance(node, ast.Constant):
            return f"({_numeral(node.value)} {self._units.id_of(unit)})"
        return f"({self.write(node)[0]} * ({text}))" if unit else self.write(node)[0]

    def _alike(self, nodes: list[ast.expr]) -> tuple[list[str], Vector]:
        """Formulas that have one unit: that which has fewest molecules, which some formulas count as numbers."""
        vectors = [v for v in (self.write(n)[1] for n in nodes) if v is not None]
        wanted = min(vectors, key=lambda v: abs(v.get((libsbml.UNIT_KIND_ITEM, 0), 0)), default={})
        settled = [self._settled(n, wanted) for n in nodes]
        return [self._units.per_item(text, vector, wanted) for text, vector in settled], wanted

    def _cases(self, node: ast.IfExp) -> tuple[str, Vector]:
        values, conditions, last = [node.body], [node.test], node.orelse
        while isinstance(last, ast.IfExp):
            values, conditions, last = [*values, last.body], [*conditions, last.test], last.orelse
        if isinstance(last, ast.Constant) and last.value is None:
            raise ExportError("a formula in cases has no value where none of its conditions holds")
        written, wanted = self._alike([*values, last])
        pieces = [f"{value}, {self.write(c)[0]}" for value, c in zip(written, conditions, strict=False)]
        return f"piecewise({', '.join(pieces)}, {written[-1]})", wanted

    def _operation(self, node: ast.BinOp) -> tuple[str, Vector]:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            terms = _terms(node)
            texts, wanted = self._alike([t for _, t in terms])
            written = ""
            for (sign, _), text in zip(terms, texts, strict=True):
                written += f"{f' {sign} ' if written or sign == '-' else ''}{text}"
            return f"({written.strip()})", wanted
        left, before = self._settled(node.left)
        if isinstance(node.op, ast.Pow):
            exponent, _ = self.write(node.right)
            # libsbml follows the unit of a power only where the exponent is a whole number.
            power = node.right.value if isinstance(node.right, ast.Constant) else None
            if before and not isinstance(power, int):
                left = f"({left} / (1 {self._units.id_of(before)}))"
            return f"({left} ^ {exponent})", {k: e * power for k, e in before.items()} if isinstance(power, int) else {}
        right, after = self._settled(node.right)
        if isinstance(node.op, ast.Mult):
            return f"({left} * {right})", _times(before, after)
        if isinstance(node.op, ast.Div):
            return f"({left} / {right})", _times(before, after, -1)
        raise ExportError(f"the formula part '{ast.unparse(node)}' cannot be written as SBML")

    def _call(self, function: str, arguments: list[ast.expr]) -> tuple[str, Vector]:
        text, vector = self._settled(arguments[0])
        if len(arguments) == 1 and function == "sqrt":
            return f"sqrt({text})", {k: e // 2 for k, e in vector.items()}
        if len(arguments) == 1 and function in ("abs", "floor", "ceil"):
            return f"{function}({text})", vector
        if len(arguments) == 1 and function in _PURE:
            return f"{_PURE[function]}({self._units.per_item(text, vector, {})})", {}
        raise ExportError(f"the function '{function}' cannot be written as SBML")


def _numeral(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        raise ExportError("a formula in cases has no value where none of its conditions holds")
    # Whole numbers of MathML are read into 32 bits.
    return repr(float(value)) if isinstance(value, int) and abs(value) >= 2**31 else repr(value)


def _terms(node: ast.expr, sign: str = "+") -> list[tuple[str, ast.expr]]:
    """The signed terms of a sum; brackets inside a subtraction stay together."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return [*_terms(node.left, sign), ("-" if isinstance(node.op, ast.Sub) else "+", node.right)]
    return [(sign, node)]
