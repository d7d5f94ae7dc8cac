"""Units of somebody else's model: a few are declared, the others follow from rates, amounts, volumes and formulas."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from ltpath.errors import BadValue, UnitMismatch, UnknownName
from ltpath.expansion import ReactionNetwork

Dimension = dict[str, int]
"""A unit as exponents of its parts, such as {"molecules": -1, "s": -1}; empty is dimensionless."""
BASE = ("amount", "time", "volume", "area")
PARTS = (
    "molecules", "mol", "mmol", "umol", "nmol", "pmol", "fmol", "M", "mM", "uM", "nM", "pM", "s", "ms", "us",
    "L", "mL", "uL", "nL", "pL", "fL", "m", "cm", "mm", "um", "nm", "V", "mV", "A", "nA", "pA", "S", "nS", "F", "pF", "K", "J",
)  # fmt: skip
_KINDS: dict[str, Dimension] = {
    "molecules": {},
    **{f"{p}mol": {"substance": 1} for p in ("", "m", "u", "n", "p", "f")},
    **{f"{p}M": {"substance": 1, "length": -3} for p in ("", "m", "u", "n", "p")},
    **{f"{p}L": {"length": 3} for p in ("", "m", "u", "n", "p", "f")},
    **{f"{p}m": {"length": 1} for p in ("", "c", "m", "u", "n")},
    # What the electrical units are made of.
    **{f"{p}S": {"A": 1, "V": -1} for p in ("", "n")},
    **{f"{p}F": {"A": 1, "s": 1, "V": -1} for p in ("", "p")},
    "J": {"A": 1, "s": 1, "V": 1},
}
_SAME = {"molecule": "molecules", "item": "molecules", "items": "molecules", "l": "L", "fl": "fL", "µM": "uM", "µm": "um"}


def read_unit(text: str) -> Dimension:
    """A unit such as ``1/(uM*s)`` or ``molecules/s``.

    Raises
    ------
    BadValue
        It has a part that is not known.
    """
    found: Dimension = {}
    for half, sign in zip(text.replace("·", "*").split("/", 1), (1, -1), strict=False):
        for part in re.split(r"[*\s/]+", half.strip().strip("()")):
            match = re.fullmatch(r"([^\W\d]+)\^?(-?\d+)?", part)
            if part in ("", "1", "dimensionless"):
                continue
            name = _SAME.get(match[1], match[1]) if match else part
            if match is None or name not in PARTS:
                raise BadValue(f"the unit '{text}' has the unknown part '{part}' (allowed: {', '.join(PARTS)})")
            found[name] = found.get(name, 0) + sign * int(match[2] or 1)
    return {k: e for k, e in found.items() if e}


def write_unit(unit: Dimension) -> str:
    """The same as text; dimensionless is ``1``."""

    def half(sign: int) -> str:
        parts = [f"{k}{'' if abs(e) == 1 else f'^{abs(e)}'}" for k, e in sorted(unit.items()) if e * sign > 0]
        return "*".join(parts)

    above, below = half(1), half(-1)
    if not below:
        return above or "1"
    return f"{above or '1'}/{f'({below})' if '*' in below else below}"


def _times(a: Dimension, b: Dimension, power: int = 1) -> Dimension:
    found = {k: a.get(k, 0) + power * b.get(k, 0) for k in (*a, *b)}
    return {k: e for k, e in found.items() if e}


def with_units(network: ReactionNetwork, declared: Mapping[str, str]) -> ReactionNetwork:
    """The network with a unit for every parameter, constant, observable and expression.

    Rate constants follow from the number of their reactants and the volumes that BioNetGen divides them by, amounts
    from what they start, sizes from their compartments, and others from the formulas that they are in.

    Parameters
    ----------
    network : ReactionNetwork
        Somebody else's model.
    declared : mapping
        ``amount``, ``time``, ``volume`` (and ``area`` where there are membranes), and units of single parameters.

    Raises
    ------
    UnknownName
        There is no such parameter.
    BadValue
        A base unit is missing, or a unit cannot be read.
    UnitMismatch
        The unit of a parameter does not follow; the message names it.
    """
    meta = network.meta
    names = [*meta["parameters"], *meta["constants"], *meta["observables"], *meta["expressions"]]
    for name in declared:
        if name not in BASE and name not in names:
            raise UnknownName(f"parameter of '{network.name}'", name, [*names, *BASE])
    dimensions = {place["dimension"] for place in meta["places"].values()}
    needed = ["amount", "time", *(["volume"] if 3 in dimensions else []), *(["area"] if 2 in dimensions else [])]
    for name in needed:
        if name not in declared:
            raise BadValue(f"the units of '{network.name}' need {', '.join(needed)}, and {name} is not declared")
    base = {name: read_unit(declared[name]) for name in BASE if name in declared}
    known = {name: read_unit(unit) for name, unit in declared.items() if name not in BASE}
    _seed(network, base, known)
    lines = meta["formulas"]["constants"] + meta["formulas"]["expressions"] + meta["formulas"]["readouts"]
    tables = {"p": [*meta["parameters"], *meta["constants"]], "o": meta["observables"], "e": meta["expressions"]}
    formulas = _Formulas(known, tables)
    trees = [formulas.parsed(line) for line in lines]
    _spread(formulas, trees)
    if len(known) < len(names):
        # What is added to a bare number, and has no unit by anything else, is a number too.
        formulas.numbers = True
        _spread(formulas, trees)
    missing = [name for name in names if name not in known]
    if missing:
        listed = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        raise UnitMismatch(f"the unit of {listed} in '{network.name}' does not follow from the others; declare it")
    for name, tree in trees:
        found = formulas.unit(tree)
        if found is not None and _kinds(found) != _kinds(known[name]):
            raise UnitMismatch(
                f"the formula of {name} in '{network.name}' gives {write_unit(found)}, and {write_unit(known[name])} is needed"
            )
    units = {name: write_unit(known[name]) for name in names}
    readouts = {name: facts | {"unit": units[name]} for name, facts in meta["readouts"].items()}
    provenance = {name: facts | {"unit": units[name]} for name, facts in meta["provenance"].items()}
    source = meta["source"] | {"units": {name: write_unit(unit) for name, unit in base.items()}}
    meta = meta | {"units": units, "readouts": readouts, "provenance": provenance, "source": source}
    return ReactionNetwork(network.name, meta, network.arrays, network.key)


def _spread(formulas: _Formulas, trees: list[tuple[str, ast.expr]]) -> None:
    """Go through all formulas until no more units follow."""
    before = -1
    while len(formulas.known) > before:
        before = len(formulas.known)
        for name, tree in trees:
            formulas.equal([tree], formulas.known.get(name))
            found = formulas.unit(tree)
            if found is not None:
                formulas.known.setdefault(name, found)


def _kinds(unit: Dimension) -> Dimension:
    """Exponents of length, substance and the rest, whatever their scale; molecules may be counted as numbers."""
    found: Dimension = {}
    for name, power in unit.items():
        for kind, each in _KINDS.get(name, {name[-1]: 1}).items():
            found[kind] = found.get(kind, 0) + power * each
    return {k: e for k, e in found.items() if e}


def _seed(network: ReactionNetwork, base: Mapping[str, Dimension], known: dict[str, Dimension]) -> None:
    """The units that need no formula."""
    meta, arrays = network.meta, network.arrays
    for name in meta["observables"]:
        known.setdefault(name, base["amount"])
    for _, name in meta["initial"]:
        known.setdefault(name, base["amount"])
    for place in meta["places"].values():
        if place["volume"]:
            known.setdefault(place["volume"], base["volume" if place["dimension"] == 3 else "area"])
    if "clock" in meta:
        known[meta["clock"]["observable"]], known[meta["clock"]["rate"]] = base["time"], {}
    rates = [*meta["parameters"], *meta["constants"], *meta["expressions"]]
    for ins, rate in zip(arrays["reactants"].tolist(), arrays["rate"].tolist(), strict=True):
        unit = _times({}, base["time"], -1)
        for _ in range(abs(1 - sum(i >= 0 for i in ins))):
            unit = _times(unit, base["amount"], 1 if max(ins) < 0 else -1)
        known.setdefault(rates[rate], unit)


class _Formulas:
    """What formulas say about units; `known` grows."""

    def __init__(self, known: dict[str, Dimension], tables: Mapping[str, list[str]]) -> None:
        self.known, self._tables = known, tables
        self.numbers = False

    def parsed(self, line: str) -> tuple[str, ast.expr]:
        statement: Any = ast.parse(line).body[0]
        return self._name(statement.targets[0]), statement.value

    def _name(self, node: Any) -> str:
        return self._tables[node.value.id][node.slice.value]

    def unit(self, node: Any) -> Dimension | None:
        """The unit of a formula; None where it does not follow yet, or is a number that fits any."""
        if isinstance(node, ast.Subscript):
            return self.known.get(self._name(node))
        if isinstance(node, ast.UnaryOp):
            return self.unit(node.operand)
        if isinstance(node, ast.IfExp):
            return self._first([node.body, node.orelse])
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, (ast.Add, ast.Sub)):
                return self._first([node.left, node.right])
            left, right = (_factor(side, self.unit(side)) for side in (node.left, node.right))
            if isinstance(node.op, ast.Pow):
                power = _whole(node.right)
                if power is None:
                    return {}
                return None if left is None else {k: e * power for k, e in left.items()}
            if left is None or right is None:
                return None
            return _times(left, right, 1 if isinstance(node.op, ast.Mult) else -1)
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            inside = self.unit(node.args[0])
            if name in ("abs", "floor", "ceil"):
                return inside
            if name == "sqrt":
                return None if inside is None else {k: e // 2 for k, e in inside.items()}
            return {}
        return None

    def _first(self, nodes: list[Any]) -> Dimension | None:
        return next((unit for n in nodes if (unit := self.unit(n)) is not None), None)

    def equal(self, nodes: list[Any], unit: Dimension | None) -> None:
        """Formulas that have one unit: tell it to what has none yet."""
        unit = self._first(nodes) if unit is None else unit
        if unit is None and self.numbers and any(_bare(n) for n in nodes) and len(nodes) > 1:
            unit = {}
        for node in nodes:
            self._tell(node, unit)
        # Of terms to the same power that is no number, as in Hill's formula, the bases are alike.
        powers: dict[str, list[Any]] = {}
        for node in nodes:
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _whole(node.right) is None:
                powers.setdefault(ast.dump(node.right), []).append(node.left)
        for bases in powers.values():
            if len(bases) > 1:
                self.equal(bases, None)

    def _tell(self, node: Any, unit: Dimension | None) -> None:
        """Go through a formula whose unit is known, or not."""
        if isinstance(node, ast.Subscript):
            if unit is not None:
                self.known.setdefault(self._name(node), unit)
        elif isinstance(node, ast.UnaryOp):
            self._tell(node.operand, unit)
        elif isinstance(node, ast.IfExp):
            self._tell(node.test, None)
            self.equal([node.body, node.orelse], unit)
        elif isinstance(node, ast.Compare):
            self.equal([node.left, *node.comparators], None)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self._tell(value, None)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in ("abs", "floor", "ceil"):
                self._tell(node.args[0], unit)
            elif name == "sqrt":
                self._tell(node.args[0], None if unit is None else {k: 2 * e for k, e in unit.items()})
            else:
                self._tell(node.args[0], {})
        elif isinstance(node, ast.BinOp):
            self._tell_sides(node, unit)

    def _tell_sides(self, node: ast.BinOp, unit: Dimension | None) -> None:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            self.equal(_terms(node), unit)
            return
        if isinstance(node.op, ast.Pow):
            power = _whole(node.right)
            if power is None:
                self._tell(node.right, {})
            divides = unit is not None and power and all(e % power == 0 for e in unit.values())
            self._tell(node.left, {k: e // power for k, e in unit.items()} if divides and unit is not None and power else None)
            return
        left, right = (_factor(side, self.unit(side)) for side in (node.left, node.right))
        product = isinstance(node.op, ast.Mult)
        of_left = _times(unit, right, -1 if product else 1) if unit is not None and right is not None else None
        self._tell(node.left, of_left)
        left = self.unit(node.left) if left is None else left
        of_right = None
        if unit is not None and left is not None:
            of_right = _times(unit, left, -1) if product else _times(left, unit, -1)
        self._tell(node.right, of_right)


def _terms(node: Any) -> list[Any]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return [*_terms(node.left), *_terms(node.right)]
    return [node]


def _factor(node: Any, unit: Dimension | None) -> Dimension | None:
    """A number as a factor is dimensionless."""
    return {} if unit is None and _bare(node) else unit


def _bare(node: Any) -> bool:
    return not any(isinstance(n, ast.Subscript) for n in ast.walk(node))


def _whole(node: Any) -> int | None:
    """The value of an exponent that is a whole number."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _whole(node.operand)
        return None if value is None else -value
    return int(node.value) if isinstance(node, ast.Constant) and float(node.value).is_integer() else None
