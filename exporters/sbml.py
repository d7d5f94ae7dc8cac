"""SBML Level 3 Version 2: amounts in molecules, units, compartments, stimuli as events.

The file starts from the equilibrated baseline that our own run starts from. Where nothing
happens before the protocol's time 0, SBML time is the protocol's; otherwise it starts
earlier, and the parameter ``time_offset`` says by how many seconds.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import libsbml
import numpy as np
from ltpath.exporters.identifiers import Identifiers, identifiers, place_of, rule_of

import ltpath
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork, write_atomically
from ltpath.protocol import Protocol, load_protocol
from ltpath.simulation import Integrator, resolve

NAME = "sbml"
SUFFIX = ".xml"
SUMMARY = "SBML Level 3 Version 2 with the protocol as events"

_NAMESPACE = "https://ltpath.org/sbml/rules"
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


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the SBML file, whole or not at all."""
    write_atomically(Path(path), to_sbml(network, protocol).encode())


def to_sbml(network: ReactionNetwork, protocol: Protocol | None = None) -> str:
    """The SBML document of a network under a protocol.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol, optional
        Default: the shipped ``baseline``, which does nothing.

    Returns
    -------
    str

    Raises
    ------
    ExportError
        The protocol clamps calcium in a model where calcium is dynamic, which SBML cannot say.
    """
    return _Document(network, protocol or load_protocol("baseline")).text()


class _Document:
    def __init__(self, network: ReactionNetwork, protocol: Protocol) -> None:
        self.network, self.protocol = network, protocol
        self.meta, self.arrays = network.meta, network.arrays
        self.line = resolve(protocol, network)
        self.ids: Identifiers = identifiers(network)
        self._check_holds()
        starts = [t[0] for t in self.line.trains] + [h[0] for h in self.line.holds]
        starts += [w[0] for w in self.line.windows if math.isfinite(w[0])]
        self.offset = -self.line.start if any(s < 0 for s in starts) else 0.0
        integrator = Integrator(network)
        self.values = self.line.values_at(-math.inf, network.parameters)
        integrator.kernel.set_parameters(np.array([self.values[n] for n in self.meta["parameters"]]))
        self.initial = integrator.settle(integrator.kernel.initial())
        self.amounts = dict(zip([*self.meta["parameters"], *self.meta["constants"]], integrator.kernel.p.tolist(), strict=True))
        self.changes = self._parameter_changes()
        self.document = libsbml.SBMLDocument(3, 2)
        self.model = self.document.createModel()

    def _check_holds(self) -> None:
        for _, _, species, _ in self.line.holds:
            if not self.arrays["held"][species]:
                raise ExportError(
                    f"SBML cannot hold {self.network.species[species]} for a time in '{self.network.name}', where it is dynamic; "
                    "use a model in which calcium is always held (calmodulin, camkii, ampa_traffic)"
                )

    def _parameter_changes(self) -> dict[float, dict[str, float]]:
        """New parameter values at each window boundary."""
        moments = sorted({round(t, 9) for w in self.line.windows for t in w[:2] if math.isfinite(t)})
        changes, before = {}, self.values
        for moment in moments:
            after = self.line.values_at(moment, self.network.parameters)
            changes[moment] = {n: v for n, v in after.items() if v != before[n]}
            before = after
        return {m: c for m, c in changes.items() if c}

    def text(self) -> str:
        self._model()
        self._units()
        self._places()
        self._species()
        self._parameters()
        self._formulas()
        self._reactions()
        self._trains()
        self._windows()
        self._holds()
        return libsbml.writeSBMLToString(self.document)

    def _model(self) -> None:
        model = self.model
        model.setId(f"ltpath_{self.network.name}")
        model.setName(f"{self.network.name}: {self.protocol.title}")
        model.setSubstanceUnits("molecules")
        model.setExtentUnits("molecules")
        model.setTimeUnits("second")
        model.setVolumeUnits("fL")
        notes = f"ltpath {ltpath.__version__}, licence MIT. Amounts are molecules. Protocol: {self.protocol.title}."
        if self.offset:
            notes += f" SBML time 0 is {self.offset:g} s before the protocol's time 0."
        self._note(model, notes)

    def _note(self, element: Any, text: str) -> None:
        element.setNotes(f'<body xmlns="http://www.w3.org/1999/xhtml"><p>{escape(text)}</p></body>')

    def _units(self) -> None:
        self.unit_ids = {"1": "dimensionless", "s": "second"}
        for unit in sorted({"molecules", "fL", *self.meta["units"].values()} - {"1", "s"}):
            definition = self.model.createUnitDefinition()
            identifier = unit if unit.isidentifier() else "per_" + _word(unit[2:]) if unit.startswith("1/") else _word(unit)
            definition.setId(identifier)
            definition.setName(unit)
            self.unit_ids[unit] = identifier
            for kind, exponent, scale, multiplier in _UNITS[unit]:
                one = definition.createUnit()
                one.setKind(kind)
                one.setExponent(exponent)
                one.setScale(scale)
                one.setMultiplier(multiplier)

    def _places(self) -> None:
        for place, facts in self.meta["places"].items():
            compartment = self.model.createCompartment()
            compartment.setId(self.ids.names[place])
            compartment.setSpatialDimensions(3)
            compartment.setSize(self.values[facts["volume"]])
            compartment.setUnits("fL")
            compartment.setConstant(True)
            compartment.setSBOTerm("SBO:0000290")

    def _species(self) -> None:
        for i, pattern in enumerate(self.network.species):
            species = self.model.createSpecies()
            species.setId(self.ids.species[i])
            species.setName(pattern)
            species.setCompartment(self.ids.names[place_of(self.network, pattern)])
            species.setInitialAmount(float(self.initial[i]))
            species.setSubstanceUnits("molecules")
            species.setHasOnlySubstanceUnits(True)
            species.setBoundaryCondition(bool(self.arrays["held"][i]))
            species.setConstant(False)
            species.setSBOTerm("SBO:0000253" if "." in pattern else "SBO:0000245")
            self._identify(species, pattern)

    def _identify(self, species: Any, pattern: str) -> None:
        monomers = {part.split("(")[0] for part in pattern.split(".")}
        uris = sorted(f"https://identifiers.org/{self.meta['identity'][m]}" for m in monomers if self.meta["identity"].get(m))
        if not uris:
            return
        species.setMetaId(f"meta_{species.getId()}")
        term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
        term.setBiologicalQualifierType(libsbml.BQB_IS if len(monomers) == 1 else libsbml.BQB_HAS_PART)
        for uri in uris:
            term.addResource(uri)
        species.addCVTerm(term)

    def _parameter(self, name: str, value: float | None, unit: str, *, constant: bool) -> Any:
        parameter = self.model.createParameter()
        parameter.setId(name)
        if value is not None:
            parameter.setValue(value)
        parameter.setUnits(self.unit_ids[unit])
        parameter.setConstant(constant)
        return parameter

    def _parameters(self) -> None:
        moving = {name for change in self.changes.values() for name in change}
        for name in self.meta["parameters"]:
            parameter = self._parameter(
                self.ids.names[name], self.values[name], self.meta["units"][name], constant=name not in moving
            )
            facts = self.meta["provenance"][name]
            parts = (facts["basis"], facts["source"], facts["note"], facts["seen"])
            self._note(parameter, f"{'; '.join(filter(None, parts))} (default {facts['value']:g} {facts['unit']})")
        if self.offset:
            self._parameter(self.ids.new("time_offset"), self.offset, "s", constant=True)

    def _formulas(self) -> None:
        """Constants, observables and expressions; all by assignment rules, so that events reach them."""
        meta = self.meta
        names = [self.ids.names[n] for n in (*meta["parameters"], *meta["constants"])]
        tables = {
            "p": names,
            "o": [self.ids.names[n] for n in meta["observables"]],
            "e": [self.ids.names[n] for n in meta["expressions"]],
        }
        units = meta["units"]
        for name in (*meta["constants"], *meta["observables"], *meta["expressions"]):
            self._parameter(self.ids.names[name], None, units.get(name, "1"), constant=False)
        for line in meta["formulas"]["constants"]:
            self._assign(*_translated(line, tables))
        rows = self.arrays["observables"]
        for i, name in enumerate(meta["observables"]):
            mine = rows[rows[:, 0] == i]
            terms = [self.ids.species[int(s)] if w == 1 else f"{w:g} * {self.ids.species[int(s)]}" for _, s, w in mine]
            self._assign(self.ids.names[name], " + ".join(terms) or "0 molecules")
        for line in meta["formulas"]["expressions"]:
            self._assign(*_translated(line, tables))

    def _assign(self, name: str, formula: str) -> None:
        rule = self.model.createAssignmentRule()
        rule.setVariable(name)
        rule.setMath(_math(formula))

    def _reactions(self) -> None:
        meta, arrays = self.meta, self.arrays
        rates = [self.ids.names[n] for n in (*meta["parameters"], *meta["constants"], *meta["expressions"])]
        for r, identifier in enumerate(self.ids.reactions):
            ins = [i for i in arrays["reactants"][r].tolist() if i >= 0]
            outs = [i for i in arrays["products"][r].tolist() if i >= 0]
            before, after = Counter(ins), Counter(outs)
            rule, direction = rule_of(self.network, int(arrays["rule"][r]))
            reaction = self.model.createReaction()
            reaction.setId(identifier)
            reaction.setName(f"{rule} ({direction})")
            reaction.setReversible(False)
            for i, n in (before - after).items():
                self._reference(reaction.createReactant(), i, n)
            for i, n in (after - before).items():
                self._reference(reaction.createProduct(), i, n)
            for i in before:
                if i not in (before - after):
                    reaction.createModifier().setSpecies(self.ids.species[i])
            factor = float(arrays["factor"][r])
            terms = ([] if factor == 1 else [f"{factor!r}"]) + [rates[arrays["rate"][r]], *(self.ids.species[i] for i in ins)]
            reaction.createKineticLaw().setMath(_math(" * ".join(terms)))
            reaction.setAnnotation(
                f'<rule xmlns="{_NAMESPACE}" name="{rule}" direction="{direction}" factor="{factor:g}">'
                f"{escape(meta['rule_text'][rule])}</rule>"
            )

    def _reference(self, reference: Any, species: int, stoichiometry: int) -> None:
        reference.setSpecies(self.ids.species[species])
        reference.setStoichiometry(stoichiometry)
        reference.setConstant(True)

    # -- the protocol ----------------------------------------------------------

    def _event(self, wanted: str, trigger: str, assignments: dict[str, str]) -> None:
        event = self.model.createEvent()
        event.setId(self.ids.new(wanted))
        event.setUseValuesFromTriggerTime(True)
        condition = event.createTrigger()
        # Not yet true when the simulation starts, so that an event at time 0 fires.
        condition.setInitialValue(False)
        condition.setPersistent(True)
        condition.setMath(_math(trigger))
        for variable, formula in assignments.items():
            assignment = event.createEventAssignment()
            assignment.setVariable(variable)
            assignment.setMath(_math(formula))

    def _trains(self) -> None:
        """One event a train: it adds, counts down, and moves its own next time."""
        for start, interval, count, additions in self.line.trains:
            left, following = self.ids.new("pulses_left"), self.ids.new("next_pulse")
            step = self.ids.new("pulse_interval")
            self._parameter(left, count, "1", constant=False)
            self._parameter(following, start + self.offset, "s", constant=False)
            self._parameter(step, interval, "s", constant=True)
            changes = {left: f"{left} - 1", following: f"{following} + {step}"}
            for species, amount in additions:
                quantum = self.ids.new("pulse_amount")
                self._parameter(quantum, amount, "molecules", constant=True)
                changes[self.ids.species[species]] = f"{self.ids.species[species]} + {quantum}"
            self._event("pulse", f"(time >= {following}) && ({left} > 0.5)", changes)

    def _moment(self, moment: float) -> str:
        name = self.ids.new("event_time")
        self._parameter(name, moment + self.offset, "s", constant=True)
        return f"time >= {name}"

    def _windows(self) -> None:
        for moment, changed in self.changes.items():
            assignments = {}
            for name, value in changed.items():
                new = self.ids.new(f"{name}_new")
                self._parameter(new, value, self.meta["units"][name], constant=True)
                assignments[self.ids.names[name]] = new
            self._event("perturbation", self._moment(moment), assignments)

    def _holds(self) -> None:
        levels: dict[tuple[float, int], float] = {}
        for start, end, species, amount in self.line.holds:
            levels.setdefault((round(end, 9), species), float(self.initial[species]))
            levels[round(start, 9), species] = amount
        for (moment, species), amount in sorted(levels.items()):
            level = self.ids.new("held_amount")
            self._parameter(level, amount, "molecules", constant=True)
            self._event("hold", self._moment(moment), {self.ids.species[species]: level})


def _word(unit: str) -> str:
    text = unit.replace("1/", "per_").replace("/", "_per_").replace("%", "percent")
    return "".join(c if c.isalnum() else "_" for c in text).strip("_").replace("__", "_")


def _math(formula: str) -> Any:
    tree = libsbml.parseL3Formula(formula)
    if tree is None:
        raise ExportError(f"the formula '{formula}' cannot be written as SBML: {libsbml.getLastParseL3Error()}")
    return tree


def _translated(line: str, tables: dict[str, list[str]]) -> tuple[str, str]:
    """Variable and formula of a generated source line, with ids for its array elements."""
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Assign)

    def written(node: ast.expr) -> str:
        if isinstance(node, ast.Subscript):
            assert isinstance(node.value, ast.Name)
            assert isinstance(node.slice, ast.Constant)
            return tables[node.value.id][int(node.slice.value)]  # type: ignore[arg-type]
        if isinstance(node, ast.Constant):
            return repr(node.value)
        if isinstance(node, ast.UnaryOp):
            return f"(-{written(node.operand)})"
        if isinstance(node, ast.BinOp):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}[type(node.op)]
            return f"({written(node.left)} {sign} {written(node.right)})"
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Attribute)
            return f"{node.func.attr}({', '.join(map(written, node.args))})"
        raise ExportError(f"'{ast.unparse(node)}' cannot be written as SBML")

    return written(statement.targets[0]), written(statement.value)
