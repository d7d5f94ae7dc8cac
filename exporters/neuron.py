"""NMODL for NEURON: a point process with the reactions as a KINETIC scheme and the protocol as events, and a Python script that runs it.

Rates are per second as in the model, and `t` is in ms as everywhere in NEURON. NEURON's time 0 is the protocol's, or earlier where
something is done before that.
"""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ltpath.exporters.course import course
from ltpath.exporters.identifiers import identifiers, rule_of
from ltpath.exporters.sbml_units import name_of, parsed

import ltpath
from ltpath.cache import write_atomically
from ltpath.errors import BadValue, ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.inference import read_unit, write_unit
from ltpath.protocol import Protocol, load_protocol

NAME = "neuron"
SUFFIX = ".mod"
SUMMARY = "NMODL mechanism for NEURON, with the protocol as events, and a script that runs it"

# Words of NMODL, of the C++ that is made of it, and members that every point process has. Compared by letter case:
# NMODL's own words are capitals, and names of chemistry are too.
_RESERVED_WORDS = """
    VERBATIM COMMENT ENDVERBATIM ENDCOMMENT TITLE CONSTANT PARAMETER INDEPENDENT ASSIGNED INITIAL TERMINAL DERIVATIVE EQUATION
    BREAKPOINT CONDUCTANCE SOLVE STATE STEPPED LINEAR NONLINEAR DISCRETE FUNCTION FUNCTION_TABLE PROCEDURE PARTIAL INT DEL2 DEL LOCAL
    METHOD STEADYSTATE SENS STEP WITH FROM FORALL TO BY if else while START DEFINE KINETIC CONSERVE PLOT VS LAG RESET MATCH
    MODEL_LEVEL SWEEP FIRST LAST COMPARTMENT LONGITUDINAL_DIFFUSION PUTQ GETQ IFERROR SOLVEFOR UNITS UNITSON UNITSOFF TABLE DEPEND
    NEURON SUFFIX POINT_PROCESS ARTIFICIAL_CELL NONSPECIFIC_CURRENT ELECTRODE_CURRENT SECTION RANGE USEION READ WRITE VALENCE CHARGE
    GLOBAL POINTER BBCOREPOINTER EXTERNAL INCLUDE CONSTRUCTOR DESTRUCTOR NET_RECEIVE BEFORE AFTER WATCH FOR_NETCONS THREADSAFE
    PROTECT MUTEXLOCK MUTEXUNLOCK REPRESENTS RANDOM
    adams runge euler adeuler heun adrunge gear newton simplex simeq seidel sparse derivimplicit cnexp clsoda after_cvode cvode_t
    cvode_t_v first_time error f_flux b_flux fabs fmod atan2 printf prterr threshold force deflate expfit derivs spline hyperbol
    revhyperbol sigmoid revsigmoid harmonic squarewave sawtooth revsawtooth ramp pulse perpulse step perstep erf exprand gauss
    normrand poisrand setseed scop_random romberg legendre invert stepforce schedule set_seed nrn_pointing state_discontinuity
    net_send net_move net_event nrn_random_play at_time nrn_ghk random_setseq
    t dt v celsius diam area secondorder flag fpfield dptr_field field field_index nrn neuron std hoc DoubScal DoubVec VoidFunc
    HocParmLimits HocParmUnits HocStateTolerance Memb_list MechanismInstance MechanismRange Member_func Node Prop NrnThread Object
    Point_process SparseObj Symbol Datum Event CVODE FLUX NODEV NMODL_TEXT NULL PI SUPPRESS VECTORIZED NRN_VECTORIZED NRNGPU
    Thread initmodel nil gind math sparse_thread modelname mech_type md1redef md2redef ob ode states matsol discon tmp pval pnt_receive
    pnt_receive_size pntproc container data_handle prop_ion row_view nmodl_filename nmodl_file_text section_fwd nullptr static_cast
    constexpr size_t errno assert memcpy exit abs main y0 y1 j0 j1 yn jn gamma isnan isinf stdin stdout stderr EOF BUFSIZ NAN INFINITY
    loc has_loc get_loc get_segment cas hname same baseattr allsec hocobjptr
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_FUNCTIONS = frozenset(
    ["sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "floor", "ceil"]
)
# Others by those that NMODL has.
_WRITTEN_OUT = {
    "abs": "fabs({0})",
    "asinh": "log({0} + sqrt({0}*{0} + 1.0))",
    "acosh": "log({0} + sqrt({0}*{0} - 1.0))",
    "atanh": "0.5*log((1.0 + {0})/(1.0 - {0}))",
}
_OPERATORS: dict[type, str] = {ast.Add: " + ", ast.Sub: " - ", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
_RELATIONS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_CONSTANTS = {"pi": "3.141592653589793", "e": "2.718281828459045"}
# Parts of units that NEURON does not know, or knows as something else. As is usual in NMODL, moles are numbers.
_PREFIXES = {"m": "milli", "u": "micro", "n": "nano", "p": "pico", "f": "femto", "c": "centi"}
_WORDS = {
    "L": "liter",
    "V": "volt",
    "A": "amp",
    "S": "siemens",
    "F": "farad",
    "K": "degK",
    "J": "joule",
    "m": "meter",
    "s": "second",
}
_PER_MS = {"s": 1e-3, "ms": 1.0, "us": 1e3}
_WIDTH = 118
Side = tuple[tuple[int, int], ...]
"""One side of a reaction: species and how many of each."""


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What NMODL has no words for."""
    lost = [*network.meta["source"]["lost"]] if network.foreign else []
    if any(identity for identity in network.meta["identity"].values()):
        lost.append("identities of molecules (UniProt, ChEBI, GO)")
    if len(network.meta["places"]) > 1:
        lost.append("places as places: amounts are molecules, and each volume is a parameter")
    return lost


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the mechanism and, beside it, ``STEM_run.py``."""
    path = Path(path)
    mechanism = Mechanism(network, protocol)
    write_atomically(path.with_name(f"{path.stem}_run.py"), mechanism.script(path.name).encode())
    write_atomically(path, mechanism.text().encode())


class Mechanism:
    """A network under a protocol as a point process of NEURON.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol, optional
        Default: the shipped ``baseline``.

    Attributes
    ----------
    called : str
        The point process.
    names : dict of str to str
        Ids (`ltpath.exporters.identifiers`) of parameters, constants, observables, expressions and species to names in NMODL.

    Raises
    ------
    ExportError
        The protocol holds a species that is dynamic.
    BadValue
        A network-free model.
    """

    def __init__(self, network: ReactionNetwork, protocol: Protocol | None = None) -> None:
        network.require_reactions()
        self.network, self.meta, self.arrays = network, network.meta, network.arrays
        self.protocol = protocol or load_protocol("baseline")
        self.course = course(network, self.protocol, "NMODL")
        self.clock = self.meta.get("clock", {})
        units = self.meta["source"].get("units", {}) if network.foreign else {"amount": "molecules", "time": "s"}
        self.declared, self.amount_unit = bool(units), units.get("amount", "")
        self.per_ms = _PER_MS[units.get("time", "s")]
        self.tables = {
            "p": [*self.meta["parameters"], *self.meta["constants"]], "o": self.meta["observables"], "e": self.meta["expressions"],
        }  # fmt: skip
        self.units = self._all_units()
        self._name_all()

    def _all_units(self) -> dict[str, str]:
        """Units by name; that of a rate follows from its reactants where it has none of its own."""
        found = dict(self.meta["units"])
        names = [*self.tables["p"], *self.tables["e"]]
        for ins, rate in zip(self.arrays["reactants"].tolist(), self.arrays["rate"].tolist(), strict=True):
            order = sum(i >= 0 for i in ins)
            found.setdefault(names[rate], write_unit({"molecules": 1 - order, "s": -1}))
        return found

    def _name_all(self) -> None:
        ids = identifiers(self.network)
        self.ids = ids.species
        self.taken: set[str] = set()
        self.names = {identifier: self._claim(identifier) for identifier in ids.names.values()}
        self.own = {name: self.names[identifier] for name, identifier in ids.names.items()}
        held = self.arrays["held"].tolist()
        self.states = {
            i: self._claim(identifier, state=not held[i])
            for i, identifier in enumerate(ids.species)
            if i != self.clock.get("species")
        }
        self.names |= {ids.species[i]: name for i, name in self.states.items()}
        self.held = [i for i in self.states if held[i]]
        self.called = f"ltpath_{re.sub(r'[^A-Za-z0-9_]', '_', self.network.name)}"
        self.kinetics, self.rates, self.constants, self.readouts = map(self._claim, ("reactions", "rates", "constants", "readouts"))
        self.counters = [self._claim(f"pulses_of_train_{i}") for i, _ in enumerate(self.course.line.trains, 1)]

    def _claim(self, wanted: str, state: bool = False) -> str:
        """A name near the wanted one. To a state NMODL adds a derivative DX and an initial value X0."""
        base = wanted if re.match("[A-Za-z]", wanted) else f"n{wanted}"
        number, name = 1, base

        def all_of(name: str) -> set[str]:
            return {name, f"D{name}", f"{name}0"} if state else {name}

        while all_of(name) & (self.taken | _RESERVED):
            name = f"{base}_" if number == 1 else f"{base}_x{number}"
            number += 1
        self.taken |= all_of(name)
        return name

    def text(self) -> str:
        """The ``.mod`` file."""
        parts = [
            *self._head(), *self._neuron(), *self._units(), *self._parameters(), *self._assigned(), *self._states(),
            *self._constructor(), *self._initial(),
            *self._breakpoint(),
            *self._kinetic(), "UNITSOFF", "", *self._formulas(), *self._events(), "UNITSON",
        ]  # fmt: skip
        return "\n".join([*(line for part in parts for line in _wrapped(part)), ""])

    # -- declarations ------------------------------------------------------------------

    def _head(self) -> list[str]:
        offset = self.course.offset
        begin = f"; NEURON's time 0 is {offset:g} s before that of the protocol" if offset else ""
        model = [] if not self.network.foreign else [*self.meta["source"]["notes"].splitlines()]
        return [
f"TITLE {_line(self.network.name)[:80]}",
            f": {_line(self.protocol.title)}",
            "",
            f": Written by ltpath {ltpath.__version__}. Species are {self.amount_unit or 'amounts'}, in a well-mixed volume each{begin}.",
            *(f": {_line(line)}" for line in model if line.strip()),
            f": After a step, {self.readouts}() computes everything that is read off; it is done before each step by itself.",
            *([f": An event of a NetCon brings pulses as many as its weights say: {', '.join(self._inputs())}."] if self._inputs() else []),
            "",
        ]  # fmt: skip

    def _neuron(self) -> list[str]:
        ranges = [n for name, n in self.own.items() if name not in (self.clock.get("rate"), self.clock.get("observable"))]
        ranges += [self.states[i] for i in self.held]
        return ["NEURON {", "    THREADSAFE", f"    POINT_PROCESS {self.called}", *(f"    RANGE {n}" for n in ranges), "}", ""]

    def _units(self) -> list[str]:
        parts = {part for unit in [*self.units.values(), self.amount_unit] for part in self._parts(unit)}
        return ["UNITS {", *(f"    ({part}) = ({_definition(part)})" for part in sorted(parts - {"s", "ms"})), "}", ""]

    def _parts(self, unit: str) -> dict[str, int]:
        if not self.declared:
            return {}
        try:
            return read_unit(unit)
        except BadValue:
            # Percent, and what else is a number with a name.
            return {}

    def _unit(self, unit: str) -> str:
        """A unit behind a declaration, with a blank before it."""
        parts = self._parts(unit)
        above, below = ("-".join(f"{p}{abs(e) if abs(e) > 1 else ''}" for p, e in parts.items() if e * s > 0) for s in (1, -1))
        return f" ({above}{f'/{below}' if below else ''})" if parts else ""

    @property
    def _lasting(self) -> list[str]:
        """Parameters that the protocol does not change."""
        return [n for n in self.meta["parameters"] if n != self.clock.get("rate") and n not in self.course.moving]

    def _parameters(self) -> list[str]:
        lines = [
            f"    {self.own[n]} = {self.course.values[n]!r}{self._unit(self.units.get(n, ''))}{self._note(n)}"
            for n in self._lasting
        ]
        return ["PARAMETER {", *lines, "}", ""]

    def _constructor(self) -> list[str]:
        """Values of parameters with more digits than NEURON reads there, which are six."""
        exact = [n for n in self._lasting if float(f"{self.course.values[n]:g}") != self.course.values[n]]
        return ["CONSTRUCTOR {", *(f"    {self.own[n]} = {self.course.values[n]!r}" for n in exact), "}", ""] if exact else []

    def _note(self, name: str) -> str:
        if self.network.foreign:
            return ""
        facts = self.meta["provenance"][name]
        doi = f"doi:{facts['doi']}" if facts["doi"] else ""
        return f" : {_line('; '.join(filter(None, (facts['basis'], facts['source'], doi, facts['note']))))}"

    def _assigned(self) -> list[str]:
        names = [n for n in self.meta["parameters"] if n in self.course.moving]
        names += [
            n
            for n in (*self.meta["constants"], *self.meta["observables"], *self.meta["expressions"])
            if n != self.clock.get("observable")
        ]
        lines = [
            f"    {self.own[n]}{self._unit(self.units.get(n, self.amount_unit if n in self.meta['observables'] else ''))}"
            for n in names
        ]
        lines += [f"    {self.states[i]}{self._unit(self.amount_unit)} : {_line(self.network.species[i])}, held" for i in self.held]
        return ["ASSIGNED {", *lines, *(f"    {n}" for n in self.counters), "}", ""]

    def _states(self) -> list[str]:
        free = [i for i in self.states if i not in self.held]
        return [
            "STATE {",
            *(f"    {self.states[i]}{self._unit(self.amount_unit)} : {_line(self.network.species[i])}" for i in free),
            "}",
            "",
        ]

    # -- what happens ------------------------------------------------------------------

    def _initial(self) -> list[str]:
        begins = dict(self.meta["initial"]) if self.network.foreign else {}
        lines = [f"{self.own[n]} = {self.course.values[n]!r}" for n in self.meta["parameters"] if n in self.course.moving]
        lines.append(f"{self.constants}()")
        for i, name in self.states.items():
            amount = float(self.course.initial[i])
            lines.append(f"{name} = {self.own[begins[i]] if i in begins else repr(amount)}")
        lines += [f"{name} = 0" for name in self.counters]
        lines += [f"{self.readouts}()", *(f"net_send({self._ms(moment)!r}, {flag})" for flag, moment, _ in self._acts())]
        return ["INITIAL {", *(f"    {line}" for line in lines), "}", ""]

    def _ms(self, moment: float) -> float:
        """A time of the protocol as NEURON's, ms."""
        return (moment + self.course.offset) / self.per_ms

    def _kinetic(self) -> list[str]:
        lines = [f"    {self.rates}()"] if self._fast() else []
        for (free, made), directions in self._pairs().items():
            used, left = _side(self.states, free), _side(self.states, made)
            for there, back in zip_longest(*directions):
                note = f" : {(there or back)[1]}"
                if free and made:
                    lines.append(f"    ~ {used} <-> {left} ({there[0] if there else 0}, {back[0] if back else 0}){note}")
                if there and not made:
                    lines.append(f"    ~ {used} -> ({there[0]}){note}")
                if there and not free:
                    lines += [f"    ~ {self.states[i]} << ({f'{n}*' if n > 1 else ''}{there[0]}){note}" for i, n in made]
        scheme = [f"KINETIC {self.kinetics} {{", *lines, "}"]
        if not self._pairs():
            # NEURON refuses a scheme without reactions.
            scheme = [
                f"DERIVATIVE {self.kinetics} {{",
                *(f"    {self.states[i]}' = 0" for i in self.states if i not in self.held),
                "}",
            ]
        return [*scheme, ""] if self.declared else ["UNITSOFF", *scheme, "UNITSON", ""]

    def _breakpoint(self) -> list[str]:
        method = "sparse" if self._pairs() else "cnexp"
        solve = [f"    SOLVE {self.kinetics} METHOD {method}"] if len(self.held) < len(self.states) else []
        return ["BREAKPOINT {", *solve, "}", "", "BEFORE STEP {", f"    {self.readouts}()", "}", ""]

    def _pairs(self) -> dict[tuple[Side, Side], tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
        """Reactions by what they use up and make of what is not held, those that go back with them: (rate, rule) of each."""
        values = [self.own[n] for n in (*self.tables["p"], *self.meta["expressions"])]
        found: dict[tuple[Side, Side], tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {}
        columns = (self.arrays[n].tolist() for n in ("reactants", "products", "factor", "rate", "rule"))
        for ins, outs, factor, rate, code in zip(*columns, strict=True):
            if self.clock and self.clock["species"] in outs:
                continue
            before, after = (
                tuple(sorted(Counter(i for i in side if i >= 0 and i not in self.held).items())) for side in (ins, outs)
            )
            if before == after:
                continue
            held = [self.states[i] for i in ins if i in self.held]
            # A number in brackets converts units.
            speed = "*".join([values[rate], *held, *([f"{factor!r}"] if factor != 1 else []), f"({self.per_ms!r})"])
            back = bool(before and after) and (after, before) in found
            sides = found.setdefault((after, before) if back else (before, after), ([], []))
            sides[back].append((speed, rule_of(self.network, code)[0]))
        return found

    def _fast(self) -> list[str]:
        return [*(f"o[{i}]" for i in self.meta["formulas"]["used"]), *self.meta["formulas"]["expressions"]]

    def _formulas(self) -> list[str]:
        """What follows from parameters; what rates read; and what is only read off."""
        terms: dict[int, list[str]] = {}
        for i, s, w in self.arrays["observables"].tolist():
            if int(s) in self.states:
                terms.setdefault(int(i), []).append(f"{'' if w == 1 else f'{w!r}*'}{self.states[int(s)]}")
        used = set(self.meta["formulas"]["used"])
        sums: tuple[list[str], list[str]] = ([], [])
        for i, n in enumerate(self.meta["observables"]):
            if n != self.clock.get("observable"):
                sums[i in used].append(f"{self.own[n]} = {' + '.join(terms.get(i, ['0']))}")
        formulas = self.meta["formulas"]
        return [
            *self._procedure(self.constants, [], formulas["constants"]),
            *self._procedure(self.rates, sums[True], formulas["expressions"]),
            *self._procedure(self.readouts, [f"{self.rates}()", *sums[False]], formulas["readouts"]),
        ]

    def _procedure(self, called: str, first: list[str], formulas: Iterable[str]) -> list[str]:
        names = self.own | ({self.clock["observable"]: f"t*{self.per_ms!r}"} if self.clock else {})
        body, cases = list(first), []
        for line in formulas:
            name, tree = parsed(line, self.tables)
            code = _Formula(names, self.tables, self._claim)
            value = code.value(tree)
            body += [*code.before, f"{self.own[name]} = {value}"]
            cases += code.cases
        lines = [*([f"LOCAL {', '.join(cases)}"] if cases else []), *body]
        return [f"PROCEDURE {called}() {{", *(f"    {line}" for line in lines), "}", ""]

    def _acts(self) -> list[tuple[int, float, list[str]]]:
        """What the protocol does: a flag, the moment (of a train: of its first pulse) and the statements."""
        acts: list[tuple[float, list[str]]] = []
        for (start, interval, count, additions), counter in zip(self.course.line.trains, self.counters, strict=True):
            lines = [f"{self.states[s]} = {self.states[s]} + {amount!r}" for s, amount in additions]
            if count > 1:
                again = f"net_send({self._ms(start)!r} + {counter}*{interval / self.per_ms!r} - t, {len(acts) + 1})"
                lines += [f"{counter} = {counter} + 1", f"if ({counter} < {count}) {{", f"    {again}", "}"]
            acts.append((start, lines))
        for moment, changed in self.course.changes.items():
            acts.append((moment, [*(f"{self.own[n]} = {v!r}" for n, v in changed.items()), f"{self.constants}()"]))
        for moment, species, amount in self.course.levels:
            acts.append((moment, [f"{self.states[species]} = {amount!r}"]))
        # At an event the solver begins anew: it must not step over what the time alone changes.
        acts += [(moment, []) for moment in self.course.line.switches if moment > 0]
        return [(flag, moment, lines) for flag, (moment, lines) in enumerate(acts, 1)]

    def _inputs(self) -> dict[str, list[str]]:
        """What events from outside can bring: a name, and what one pulse adds."""
        found = {}
        for one in self.meta.get("inputs", ()):
            if not any(s in self.held for s in one["species"]):
                name = f"{one['name']}_{one['synapse']}" if one["synapse"] else one["name"]
                found[f"{name}_pulses"] = [
                    f"{self.states[s]} = {self.states[s]} + {name}_pulses*{self.own[a]}"
                    for s, a in zip(one["species"], one["amounts"], strict=True)
                ]
        return found

    def _events(self) -> list[str]:
        inputs = self._inputs()
        blocks = [(0, [line for lines in inputs.values() for line in lines])] if inputs else []
        blocks += [(flag, lines) for flag, _, lines in self._acts()]
        lines = [
            line for flag, body in blocks for line in (f"    if (flag == {flag}) {{", *(f"        {b}" for b in body), "    }")
        ]
        return [f"NET_RECEIVE ({', '.join(inputs) or 'weight'}) {{", *lines, "}", ""]

    # -- the script -----------------------------------------------------------------------

    def script(self, beside: str) -> str:
        """A Python script that runs the mechanism in the file `beside` it."""
        readouts = {n: (self.own[n], r["unit"]) for n, r in self.network.readouts.items() if n in self.own}
        header = ["time_s", *(f"{n} ({unit})" if unit else n for n, (_, unit) in readouts.items())]
        return _SCRIPT.format(
            about=f"{beside} in NEURON: run nrnivmodl in this folder, then this script, which writes its readouts as CSV.",
            mechanism=self.called, offset=self.course.offset, duration=self.protocol.duration, readouts=self.readouts,
            ms=1 / self.per_ms, columns=[name for name, _ in readouts.values()], header=header,
        )  # fmt: skip


class _Formula:
    """A formula in NMODL: cases, which are no part of its expressions, become statements `before` it, on variables `cases`."""

    def __init__(self, names: dict[str, str], tables: dict[str, list[str]], new: Callable[[str], str]) -> None:
        self.before: list[str] = []
        self.cases: list[str] = []
        self.names, self.tables, self.new = names, tables, new

    def value(self, node: ast.expr) -> str:
        """The expression.

        Raises
        ------
        ExportError
            NMODL has no words for it.
        """
        if isinstance(node, ast.Subscript):
            return self.names[name_of(node, self.tables)]
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return repr(float(node.value))
        if isinstance(node, ast.Attribute) and node.attr in _CONSTANTS:
            return _CONSTANTS[node.attr]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return f"(-{self.value(node.operand)})"
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return f"({self.value(node.left)}{_OPERATORS[type(node.op)]}{self.value(node.right)})"
        if isinstance(node, ast.IfExp):
            return self._cases(node)
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)) and len(node.args) == 1:
            function = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            argument = self.value(node.args[0])
            if function in _FUNCTIONS:
                return f"{function}({argument})"
            if function in _WRITTEN_OUT:
                return f"({_WRITTEN_OUT[function].format(f'({argument})')})"
        raise ExportError(f"the formula part '{ast.unparse(node)}' cannot be written as NMODL")

    def truth(self, node: ast.expr) -> str:
        """A condition."""
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _RELATIONS:
            return f"({self.value(node.left)} {_RELATIONS[type(node.ops[0])]} {self.value(node.comparators[0])})"
        if isinstance(node, ast.BoolOp):
            return f"({(' && ' if isinstance(node.op, ast.And) else ' || ').join(self.truth(v) for v in node.values)})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"(!{self.truth(node.operand)})"
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return "(1 == 1)" if node.value else "(1 == 0)"
        return f"({self.value(node)} != 0)"

    def _cases(self, node: ast.IfExp) -> str:
        if isinstance(node.orelse, ast.Constant) and node.orelse.value is None:
            raise ExportError("a formula in cases has no value where none of its conditions holds")
        name, condition = self.new("case"), self.truth(node.test)
        self.cases.append(name)
        outside, branches = self.before, []
        for branch in (node.body, node.orelse):
            self.before = []
            value = self.value(branch)
            branches.append([*(f"    {line}" for line in self.before), f"    {name} = {value}"])
        self.before = [*outside, f"if {condition} {{", *branches[0], "} else {", *branches[1], "}"]
        return name


def _definition(part: str) -> str:
    if part == "molecules" or part.endswith("mol"):
        return "1" if part in ("molecules", "mol") else f"1e{ {'m': -3, 'u': -6, 'n': -9, 'p': -12, 'f': -15}[part[0]] }"
    if part.endswith("M"):
        return f"{_PREFIXES[part[0]]}/liter" if len(part) > 1 else "1/liter"
    prefix, word = (part[0], part[1:]) if len(part) > 1 else ("", part)
    return f"{_PREFIXES.get(prefix, '')}{_WORDS[word]}"


def _side(names: dict[int, str], counts: Side) -> str:
    return " + ".join(f"{n} {names[i]}" if n > 1 else names[i] for i, n in counts)


def _line(text: Any) -> str:
    """A text as part of one line, in ASCII, which is all that NEURON reads."""
    plain = unicodedata.normalize("NFKD", " ".join(str(text).split()))
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("\u03bc", "u").encode("ascii", "replace").decode()


def _wrapped(line: str) -> Iterator[str]:
    """A line in pieces that NEURON's readers take; a comment goes on as one."""
    code, mark, comment = line.partition(" : ") if not line.startswith(": ") else ("", ": ", line[2:])
    indent = " " * (len(code) - len(code.lstrip()) + 4)
    pieces = textwrap.wrap(code, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
    if code:
        yield from pieces[:-1]
    last = pieces[-1] if code else ""
    if not mark:
        yield last if code else line
    elif len(last) + len(comment) + 3 <= _WIDTH:
        yield f"{last}{mark}{comment}" if code else f": {comment}"
    else:
        if code:
            yield last
        yield from textwrap.wrap(comment, _WIDTH - 8, initial_indent=f"{indent[4:]}: ", subsequent_indent=f"{indent[4:]}:   ")


_SCRIPT = '''"""{about}"""

import csv
import sys

from neuron import h

OFFSET = {offset!r}
"""NEURON's time at the protocol's time 0, s."""
DURATION = {duration!r}
HEADER = {header!r}
COLUMNS = {columns!r}


def run(names, times, rtol=1e-8, atol=1e-8):
    """Values of the mechanism's variables at times after the protocol's time 0 (s, in order), a row at a time."""
    section = h.Section(name="anywhere")
    mechanism = h.{mechanism}(section(0.5))
    solver = h.CVode()
    solver.active(True)
    solver.rtol(rtol)
    solver.atol(atol)
    h.finitialize()
    for time in times:
        solver.solve((time + OFFSET) * {ms!r})
        mechanism.{readouts}()
        yield [getattr(mechanism, name) for name in names]


if __name__ == "__main__":
    times = [DURATION * i / 1000 for i in range(1, 1001)]
    with open(sys.argv[1], "w", newline="") if len(sys.argv) > 1 else sys.stdout as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([time, *values] for time, values in zip(times, run(COLUMNS, times)))
'''
