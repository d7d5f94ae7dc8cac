"""The text of a BioNetGen ``.net`` file as a reaction network: arrays, and formulas that can be run.

Whatever a model is written in, BioNetGen's expansion of it comes through here
(`ltpath.expansion` for the catalogue, `ltpath.sources` for other people's models).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from ltpath.codegen import formulas, source
from ltpath.errors import ExpansionError
from ltpath.expansion import ReactionNetwork
from ltpath.formula import TIME, read, smooth
from ltpath.ordering import fill_reducing_order, jacobian_pattern

_DIGITS = 1e-6
"""BioNetGen rounds a factor that holds a volume to eight digits; the exact one is found within this."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass
class Reaction:
    """One line of a network's reactions.

    Attributes
    ----------
    ins, outs : list of int
        Species, a repeated one repeatedly.
    factor : float
        The statistical factor.
    rate : str
        The name of what it is multiplied by, beside its reactants.
    rules : list of str
        The rules that make it; with ``_reverse_`` in front where it is the reverse of one.
    """

    ins: list[int]
    outs: list[int]
    factor: float
    rate: str
    rules: list[str]


@dataclass
class NetFile:
    """What a ``.net`` file says.

    Attributes
    ----------
    parameters : dict of str to float
    constants, functions : dict of str to str
        Formulas of what follows from parameters, and of what changes with time, as BioNetGen writes them.
    formula : dict of str to sympy.Expr
        The same, read.
    species : list of str
    held : list of bool
    initial : list of (int, str)
        Species and the name of its amount; others start at 0.
    reactions : list of Reaction
    groups : dict of str to list of (int, float)
        Observables: species and weight.
    made : set of str
        What is not in the file but was made here, so that each rate has a name.
    """

    parameters: dict[str, float] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    formula: dict[str, sympy.Expr] = field(default_factory=dict)
    species: list[str] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    initial: list[tuple[int, str]] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    groups: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    def named(self, wanted: str) -> str:
        """A name that nothing has yet, for something that is not in the file."""
        name, number = wanted, 2
        while name in self.parameters or name in self.formula or name in self.groups:
            name, number = f"{wanted}_{number}", number + 1
        self.made.add(name)
        return name

    def constant(self, wanted: str, text: str, formula: sympy.Expr) -> str:
        """The name of a constant with this formula, made where there is none."""
        if self.formula.get(wanted) == formula:
            return wanted
        name = self.named(wanted)
        self.constants[name], self.formula[name] = text, formula
        return name

    def function(self, wanted: str, text: str, formula: sympy.Expr) -> str:
        """The name of a function with this formula, made where there is none."""
        if self.formula.get(wanted) == formula:
            return wanted
        name = self.named(wanted)
        self.functions[name], self.formula[name] = text, formula
        return name


def blocks(text: str) -> dict[str, list[tuple[str, str]]]:
    """Lines of each block of a file, as (content, comment)."""
    found: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] | None = None
    for raw in text.splitlines():
        line, _, comment = raw.partition("#")
        line = line.strip()
        if line.startswith("begin "):
            current = found.setdefault(" ".join(line.split()[1:]), [])
        elif line.startswith("end "):
            current = None
        elif line and current is not None:
            current.append((line, comment.strip()))
    return found


def read_net(text: str, known: Mapping[str, sympy.Expr] | None = None) -> NetFile:
    """Read a ``.net`` file.

    Parameters
    ----------
    text : str
    known : mapping, optional
        Formulas that need not be read from the text, by name.

    Raises
    ------
    ExpansionError
        A line cannot be understood; the message quotes it.
    """
    found = blocks(text)
    missing = [name for name in ("species", "reactions") if name not in found]
    if missing:
        raise ExpansionError(f"there is no 'begin {missing[0]}' block, so this is no network")
    net = NetFile()
    known = known or {}
    line = ""
    try:
        for line, _ in found.get("parameters", ()):
            name, value = _entry(line)
            formula = known[name] if name in known else read(value)
            if not formula.free_symbols and name not in known:
                net.parameters[name] = float(formula)
            else:
                net.constants[name], net.formula[name] = value, sympy.sympify(formula)
        functions = [_function(line) for line, _ in found.get("functions", ())]
        with_arguments = {name: (arguments, formula) for name, arguments, formula in functions if arguments}
        for name, arguments, formula in functions:
            if not arguments:
                net.functions[name] = formula
                net.formula[name] = sympy.sympify(known[name] if name in known else read(formula, with_arguments))
        for line, _ in found["species"]:
            _read_species(net, line)
        for line, _ in found.get("groups", ()):
            _, name, *terms = line.split()
            pairs = [term.rpartition("*") for term in terms[0].split(",")] if terms else []
            net.groups[name] = [(int(one) - 1, float(weight or 1)) for weight, _, one in pairs]
        values = _values(net) if any("unit_conversion" in comment for _, comment in found["reactions"]) else {}
        for line, comment in found["reactions"]:
            net.reactions.append(_read_reaction(net, line, comment, values))
    except (ValueError, IndexError, OverflowError):
        raise ExpansionError(f"the line '{line[:80]}' of the network cannot be understood") from None
    n = len(net.species)
    indices = [i for r in net.reactions for i in (*r.ins, *r.outs)] + [i for terms in net.groups.values() for i, _ in terms]
    if indices and not (min(indices) >= 0 and max(indices) < n):
        raise ExpansionError(f"a reaction or group names a species that is not among the {n} species")
    return net


def _entry(line: str) -> tuple[str, str]:
    """Name and value of a parameter, whose line may begin with a number and have an equals sign."""
    line = re.sub(r"^\d+\s+", "", line)
    name, value = re.split(r"\s*=\s*|\s+", line, maxsplit=1)
    return name, value


def _function(line: str) -> tuple[str, list[str], str]:
    match = re.match(r"(?:\d+\s+)?(\w+)\s*(?:\(([^)]*)\))?\s*=?\s*(.*)$", line)
    if match is None or not match[3]:
        raise ValueError(line)
    arguments = [a.strip() for a in (match[2] or "").split(",") if a.strip()]
    return match[1], arguments, match[3]


def _read_species(net: NetFile, line: str) -> None:
    _, pattern, amount = line.split(maxsplit=2)
    i = len(net.species)
    net.held.append("$" in pattern)
    net.species.append(pattern.replace("$", ""))
    if amount in net.parameters or amount in net.formula:
        net.initial.append((i, amount))
        return
    formula = read(amount)
    if formula == 0:
        return
    name = f"initial_{re.sub(r'[^A-Za-z0-9]+', '_', net.species[i]).strip('_')}"
    if not formula.free_symbols:
        name = net.named(name)
        net.parameters[name] = float(formula)
    else:
        name = net.constant(name, amount, formula)
    net.initial.append((i, name))


def _values(net: NetFile) -> dict[str, float]:
    """The value of every parameter and constant, with the model's own parameter values."""
    values = dict(net.parameters)
    waiting = dict(net.formula)
    while ready := [n for n, f in waiting.items() if all(s.name in values for s in f.free_symbols)]:
        for name in ready:
            formula = waiting.pop(name)
            try:
                values[name] = float(formula.evalf(17, subs={s: values[s.name] for s in formula.free_symbols}))
            except TypeError:
                values[name] = math.nan
    return values


def _read_reaction(net: NetFile, line: str, comment: str, values: Mapping[str, float]) -> Reaction:
    _, left, right, law = line.split(maxsplit=3)
    ins, outs = ([int(i) - 1 for i in side.split(",") if i != "0"] for side in (left, right))
    label = comment.partition("#")[0].split()
    rules = [_rule_name(r) for r in label[0].split(",")] if label and not label[0].startswith("unit_conversion") else []
    conversion = next((part.removeprefix("unit_conversion=") for part in label if part.startswith("unit_conversion=")), "1")
    head, *arguments = law.split()
    *coefficients, name = head.split("*")
    if _NUMBER.fullmatch(name):
        # A rate that is a bare number is given a name, so that it can be varied.
        coefficients, name = [], _named_number(net, rules, head)
    if not all(_NUMBER.fullmatch(c) for c in coefficients):
        raise ExpansionError(f"BioNetGen wrote the rate law '{law}', which is not a factor times a named rate")
    factor = math.prod(float(c) for c in coefficients)
    if arguments:
        name = _saturating(net, name, [read(a) for a in arguments], ins, rules)
    if name not in net.parameters and name not in net.formula:
        raise ExpansionError(f"BioNetGen wrote the rate law '{law}', but there is no rate named '{name}'")
    if conversion not in ("1", ""):
        volume = read(conversion)
        size = float(volume.evalf(17, subs={s: values[s.name] for s in volume.free_symbols}))
        factor = _exact(factor / size)
        if factor == 0.0:
            raise ExpansionError(f"the volumes of reaction '{line[:60]}' are so large that BioNetGen rounds its rate to 0")
        if volume != 1:
            name = _converted(net, name, conversion, volume)
    elif factor != 1:
        factor = _exact(factor)
    return Reaction(ins, outs, factor, name, rules)


def _rule_name(text: str) -> str:
    """A rule's name without its arguments; older files write the direction behind it."""
    backward = text.startswith("_reverse_") or text.endswith("(reverse)")
    name = text.removesuffix("(reverse)").removeprefix("_reverse_").partition("(")[0]
    return f"_reverse_{name}" if backward else name


def _exact(rounded: float) -> float:
    """The simple fraction that BioNetGen rounded to eight digits, or the number itself."""
    simple = Fraction(rounded).limit_denominator(1000)
    return float(simple) if abs(float(simple) - rounded) <= _DIGITS * abs(rounded) else rounded


def _named_number(net: NetFile, rules: list[str], law: str) -> str:
    value = math.prod(float(part) for part in law.split("*"))
    wanted = f"rate_of_{(rules or ['reaction'])[0].lstrip('_')}"
    if net.parameters.get(wanted) == value:
        return wanted
    name = net.named(wanted)
    net.parameters[name] = value
    return name


def _converted(net: NetFile, name: str, conversion: str, volume: sympy.Expr) -> str:
    """The rate constant times the volumes that turn it into one of molecules."""
    symbol = sympy.Symbol(name, real=True)
    word = re.sub(r"\W+", "_", conversion.replace("1/", "_per_").replace("/", "_per_").replace("*", "_times_"))
    wanted = f"{name}{word}" if word.startswith("_") else f"{name}_times_{word}"
    make = net.function if name in net.functions else net.constant
    return make(wanted, f"{name}*({conversion})", symbol * volume)


def _saturating(net: NetFile, kind: str, arguments: list[Any], ins: list[int], rules: list[str]) -> str:
    """BioNetGen's built-in laws as a function that multiplies the reactants."""
    amounts = [sympy.Symbol(_amount(net, i), real=True) for i in ins[:2]]
    if kind not in ("Sat", "MM", "Hill") or len(amounts) < (2 if kind == "MM" else 1):
        raise ExpansionError(f"the rate law '{kind}' with {len(ins)} reactants is not known")
    s, kcat, km = amounts[0], arguments[0], arguments[1]
    if kind == "Sat":
        formula = kcat / (km + s)
    elif kind == "Hill":
        formula = kcat * s ** (arguments[2] - 1) / (km ** arguments[2] + s ** arguments[2])
    else:
        # Free substrate is 2 Km S / (root - rest): written so, it can be divided by S where that is 0.
        enzyme = amounts[1]
        rest = s - km - enzyme
        root = sympy.sqrt(rest**2 + 4 * km * s)
        free = 2 * km / (root - rest)
        formula = kcat * free / (km + free * s)
    text = str(formula).replace("**", "^")
    for other, known in net.formula.items():
        if known == formula:
            return other
    name = net.named(f"{kind}_{(rules or ['rate'])[0].lstrip('_')}")
    net.functions[name], net.formula[name] = text, formula
    return name


def _amount(net: NetFile, species: int) -> str:
    """An observable that is the amount of one species."""
    for name, terms in net.groups.items():
        if terms == [(species, 1.0)]:
            return name
    name = net.named(f"amount_of_{re.sub(r'[^A-Za-z0-9]+', '_', net.species[species]).strip('_')}")
    net.groups[name] = [(species, 1.0)]
    return name


def add_clock(net: NetFile) -> dict[str, Any]:
    """Where formulas read the time, make it a species, so that the network alone still says everything.

    A species that one reaction adds to at 1 per second is the time. Formats that have a word for
    the time use that, and leave the species out.

    Returns
    -------
    dict
        ``species`` (index), ``observable``, ``rate`` (names), ``switches`` (of the formulas' conditions, when each
        changes: sympy formulas of parameters and constants); empty where nothing reads the time.
    """
    if not any(f.has(TIME) for f in net.formula.values()):
        return {}
    pattern = "Time()"
    while pattern in net.species:
        pattern = f"Model{pattern}"
    species, name, rate = len(net.species), net.named("elapsed_time"), net.named("time_per_time")
    net.species.append(pattern)
    net.held.append(False)
    net.groups[name] = [(species, 1.0)]
    net.parameters[rate] = 1.0
    net.reactions.append(Reaction([], [species], 1.0, rate, ["time_passes"]))
    symbol = sympy.Symbol(name, real=True)
    for expression, formula in net.formula.items():
        if formula.has(TIME):
            net.formula[expression] = formula.subs(TIME, symbol)
            net.functions[expression] = re.sub(r"\btime\(\)", name, net.functions[expression])
    return {"species": species, "observable": name, "rate": rate, "switches": _switches(net, symbol)}


def _switches(net: NetFile, clock: sympy.Symbol) -> list[sympy.Expr]:
    steady = {*net.parameters, *net.constants}
    found: list[sympy.Expr] = []
    for formula in net.formula.values():
        for condition in smooth(formula).atoms(sympy.core.relational.Relational):
            difference = sympy.expand(condition.lhs - condition.rhs)
            slope = sympy.diff(difference, clock)
            others = {s.name for s in difference.free_symbols} - {clock.name}
            if slope != 0 and not slope.has(clock) and others <= steady:
                found.append(-difference.subs(clock, 0) / slope)
    return list(dict.fromkeys(found))


def assembled(name: str, net: NetFile, notes: Mapping[str, Any], rules: Iterable[str] = ()) -> ReactionNetwork:
    """The network of a read file.

    Parameters
    ----------
    name : str
    net : NetFile
    notes : mapping
        What goes into ``meta`` beside what the file says (`ReactionNetwork.meta`).
    rules : iterable of str
        The names of the rules in their own order; others that reactions name follow.
    """
    from ltpath.kernels import stored_tables

    parameters, constants, expressions = [*net.parameters], [*net.constants], [*net.functions]
    rate_index = {n: i for i, n in enumerate(parameters + constants + expressions)}
    made = [r.rules[0].removeprefix("_reverse_") if r.rules else "reaction" for r in net.reactions]
    rule_names = list(dict.fromkeys([*rules, *made]))
    rule_index = {n: i + 1 for i, n in enumerate(rule_names)}
    backward = [-1 if r.rules and r.rules[0].startswith("_reverse_") else 1 for r in net.reactions]
    reactants, products = [r.ins for r in net.reactions], [r.outs for r in net.reactions]
    rate = [rate_index[r.rate] for r in net.reactions]
    observables = [*net.groups]
    weights = [(o, i, weight) for o, terms in enumerate(net.groups.values()) for i, weight in terms]

    terms = formulas(
        {n: smooth(f) for n, f in net.formula.items()}, parameters, constants, expressions, observables, {r.rate for r in net.reactions}
    )  # fmt: skip
    order, multiplications = _order(
        len(net.species), reactants, products, rate, weights, [[]] * (len(parameters) + len(constants)) + terms["reads"]
    )
    place = np.argsort(order).tolist()
    reactants, products = ([[place[i] for i in side] for side in sides] for sides in (reactants, products))
    meta = {
        "species": [net.species[i] for i in order],
        "parameters": parameters,
        "values": [*net.parameters.values()],
        "constants": constants,
        "expressions": expressions,
        "observables": observables,
        "rules": rule_names,
        "initial": [[place[i], amount] for i, amount in net.initial],
        "formulas": terms,
        "multiplications": multiplications,
        **notes,
    }
    if "clock" in meta:
        symbols = {n: f"p[{i}]" for i, n in enumerate(parameters + constants)}
        meta["clock"] = meta["clock"] | {
            "species": place[meta["clock"]["species"]],
            "switches": [source(f, symbols) for f in meta["clock"]["switches"]],
        }
    arrays = {
        "reactants": _padded(reactants),
        "products": _padded(products),
        "factor": np.array([r.factor for r in net.reactions], dtype=float),
        "rate": np.array(rate, dtype=np.int32),
        "rule": np.array([sign * rule_index[n] for sign, n in zip(backward, made, strict=True)], dtype=np.int32),
        "observables": np.array([(o, place[i], weight) for o, i, weight in weights]).reshape(-1, 3),
        "held": np.array([net.held[i] for i in order], dtype=bool),
    }
    # Sorted into classes once, here, so that a known network is ready to solve at once.
    return ReactionNetwork(name, meta, arrays | stored_tables(ReactionNetwork(name, meta, arrays)))


def _padded(rows: list[list[int]]) -> np.ndarray:
    width = max([1, *map(len, rows)])
    return np.array([row + [-1] * (width - len(row)) for row in rows], dtype=np.int32).reshape(len(rows), width)


def _order(
    n: int,
    reactants: list[list[int]],
    products: list[list[int]],
    rate: list[int],
    weights: list[tuple[int, int, float]],
    observed: list[list[int]],
) -> tuple[list[int], int]:
    """Order of the species for the solver, and what it costs; `observed` lists the observables that each rate reads."""
    members: dict[int, list[int]] = {}
    for observable, i, _ in weights:
        members.setdefault(observable, []).append(i)
    changes = [sorted({*ins, *outs}) for ins, outs in zip(reactants, products, strict=True)]
    reads = [sorted({*ins}.union(*(members.get(o, []) for o in observed[k]))) for ins, k in zip(reactants, rate, strict=True)]
    return fill_reducing_order(jacobian_pattern(n, changes, reads))
