"""SBML Level 3 Version 2: amounts in molecules, units, compartments, stimuli as events.

The file starts from the equilibrated baseline that our own run starts from. Where nothing
happens before the protocol's time 0, SBML time is the protocol's; otherwise it starts
earlier, and the parameter ``time_offset`` says by how many seconds.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import libsbml
from ltpath.exporters.course import course
from ltpath.exporters.identifiers import Identifiers, identifiers, place_of, rule_of
from ltpath.exporters.sbml_units import Units, Vector, Writer, parsed, reads, vector

import ltpath
from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol, load_protocol
from ltpath.simulation import resolve

NAME = "sbml"
SUFFIX = ".xml"
SUMMARY = "SBML Level 3 Version 2 with the protocol as events"

_NAMESPACE = "https://ltpath.org/sbml/rules"
# Predicates of PySB's annotations that SBML has too.
_QUALIFIERS = {
    "is": libsbml.BQB_IS,
    "isVersionOf": libsbml.BQB_IS_VERSION_OF,
    "hasVersion": libsbml.BQB_HAS_VERSION,
    "isDescribedBy": libsbml.BQB_IS_DESCRIBED_BY,
    "isPartOf": libsbml.BQB_IS_PART_OF,
    "hasPart": libsbml.BQB_HAS_PART,
    "isHomologTo": libsbml.BQB_IS_HOMOLOG_TO,
    "encodes": libsbml.BQB_ENCODES,
    "isEncodedBy": libsbml.BQB_IS_ENCODED_BY,
    "occursIn": libsbml.BQB_OCCURS_IN,
    "hasProperty": libsbml.BQB_HAS_PROPERTY,
    "hasTaxon": libsbml.BQB_HAS_TAXON,
}


LEVELS = {"L3V2": (3, 2), "L3V1": (3, 1), "L2V4": (2, 4)}


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path, level: str = "L3V2") -> None:
    """Write the SBML file, whole or not at all."""
    write_atomically(Path(path), to_sbml(network, protocol, level).encode())


def losses(network: ReactionNetwork, protocol: Protocol | None, level: str = "L3V2") -> list[str]:
    """What the file does not say of the model and the protocol."""
    network.require_reactions()
    lost = [*network.meta["source"]["lost"]] if network.foreign else []
    if level == "L2V4":
        line = resolve(protocol or load_protocol("baseline"), network)
        if not network.foreign or network.meta["source"].get("units"):
            lost.append("L2V4 has no units on the numbers in formulas")
        if any(moment <= 0 for moment in line.events()):
            lost.append("L2V4 has no event at its very start, where the condition is true from the beginning")
        pulses = [
            (round(start + i * interval, 9), s) for start, interval, n, added in line.trains for i in range(n) for s, _ in added
        ]
        if len(set(pulses)) < len(pulses):
            lost.append("in L2V4, of pulses of one species at the same moment only one counts")
    return lost


def to_sbml(network: ReactionNetwork, protocol: Protocol | None = None, level: str = "L3V2") -> str:
    """The SBML document of a network under a protocol.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol, optional
        Default: the shipped ``baseline``, which does nothing.
    level : {"L3V2", "L3V1", "L2V4"}

    Returns
    -------
    str

    Raises
    ------
    ExportError
        The protocol clamps calcium in a model where calcium is dynamic, which SBML cannot say; or the level loses
        a part of the model.
    BadValue
        A network-free model.
    """
    network.require_reactions()
    text = _Document(network, protocol or load_protocol("baseline")).text()
    return text if level == "L3V2" else _converted(text, level)


def _converted(text: str, level: str) -> str:
    """The file in an older level, with everything that it had.

    Raises
    ------
    ExportError
        libSBML cannot convert it, or a part or a formula is not the same afterwards.
    """
    document = libsbml.readSBMLFromString(text)
    before = _contents(document.getModel())
    if not document.setLevelAndVersion(*LEVELS[level], False):
        errors = (document.getError(i) for i in range(document.getNumErrors()))
        reason = next((e.getShortMessage() for e in errors if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR), "no reason given")
        raise ExportError(f"SBML {level} cannot say what the model says: {reason}")
    if level == "L2V4":
        for event in document.getModel().getListOfEvents():
            event.setUseValuesFromTriggerTime(True)
    converted = libsbml.writeSBMLToString(document)
    read_back = libsbml.readSBMLFromString(converted)
    after = _contents(read_back.getModel())
    for name, what in before.items():
        if after.get(name) != what:
            raise ExportError(f"SBML {level} loses a part of the model: {name} was {what!r:.80} and is {after.get(name)!r:.80}")
    return converted


def _contents(model: Any) -> dict[str, Any]:
    """Every number, formula and link of a model, by id."""
    found: dict[str, Any] = {}

    def formula(element: Any) -> str:
        # Units on numbers are words of level 3 alone.
        return re.sub(r"(?<=[\d.]) [A-Za-z_]\w*", "", libsbml.formulaToL3String(element.getMath()))

    for kind, values in (
        (model.getListOfCompartments(), lambda e: (e.getSize(), e.getConstant())),
        (model.getListOfSpecies(), lambda e: (e.getInitialAmount(), e.getCompartment(), e.getBoundaryCondition(), e.getHasOnlySubstanceUnits())),
        (model.getListOfParameters(), lambda e: (e.getValue() if e.isSetValue() else None, e.getConstant())),
    ):  # fmt: skip
        found.update({f"{e.getElementName()} {e.getId()}": values(e) for e in kind})
    found.update({f"initial value of {e.getSymbol()}": formula(e) for e in model.getListOfInitialAssignments()})
    found.update({f"rule of {e.getVariable()}": formula(e) for e in model.getListOfRules()})
    for e in model.getListOfReactions():
        sides = [[(r.getSpecies(), r.getStoichiometry()) for r in side] for side in (e.getListOfReactants(), e.getListOfProducts())]
        found[f"reaction {e.getId()}"] = (*sides, formula(e.getKineticLaw()), e.getReversible())
    for e in model.getListOfEvents():
        changes = [(a.getVariable(), formula(a)) for a in e.getListOfEventAssignments()]
        found[f"event {e.getId()}"] = (formula(e.getTrigger()), changes)
    return found


class _Document:
    def __init__(self, network: ReactionNetwork, protocol: Protocol) -> None:
        self.network, self.protocol = network, protocol
        self.meta, self.arrays = network.meta, network.arrays
        self.course = course(network, protocol, "SBML")
        self.offset, self.values, self.moving = self.course.offset, self.course.values, self.course.moving
        self.ids: Identifiers = identifiers(network)
        self.clock = self.meta.get("clock", {})
        self.declared = not network.foreign or bool(self.meta["source"].get("units"))
        self.document = libsbml.SBMLDocument(3, 2)
        self.model = self.document.createModel()

    def text(self) -> str:
        self._model()
        self.units = Units(self.model, {*self.base.values(), *self.meta["units"].values()}, self.declared)
        self._base_units()
        self._places()
        self._species()
        self._parameters()
        self._formulas()
        self._trains()
        self._windows()
        self._holds()
        whole = libsbml.writeSBMLToString(self.document)
        # Tens of thousands of reactions are written as text: as objects they take a minute, and gigabytes.
        head, before, tail = whole.rpartition("    <listOfEvents>" if self.model.getNumEvents() else "  </model>")
        return f"{head}{self._reactions()}{before}{tail}"

    @property
    def base(self) -> dict[str, str]:
        """The units of amounts, time and sizes."""
        ours = {"amount": "molecules", "time": "s", "volume": "fL"}
        return self.meta["source"].get("units", {}) if self.network.foreign else ours

    def _base_units(self) -> None:
        setters = {
            "amount": (self.model.setSubstanceUnits, self.model.setExtentUnits),
            "time": (self.model.setTimeUnits,),
            "volume": (self.model.setVolumeUnits,),
            "area": (self.model.setAreaUnits,),
        }
        for kind, unit in self.base.items() if self.declared else ():
            for set_units in setters[kind]:
                set_units(self.units[unit])

    def _model(self) -> None:
        model = self.model
        rules = "".join(
            f"<rule name={quoteattr(name)}>{escape(_printable(text))}</rule>"
            for name, text in self.meta["rule_text"].items()
            if not self.clock or name != "time_passes"
        )
        if self.network.foreign:
            self._foreign_model()
        else:
            self._own_model()
        if rules:
            model.appendAnnotation(f'<rules xmlns="{_NAMESPACE}">{rules}</rules>')

    def _own_model(self) -> None:
        model = self.model
        model.setId(f"ltpath_{self.network.name}")
        model.setName(f"{self.network.name}: {self.protocol.title}")
        notes = (
            f"{self.network.name} of ltpath {ltpath.__version__}, licence MIT. Protocol: {self.protocol.title}. Amounts are molecules; "
            "the initial amounts are those of the baseline run."
        )
        if self.offset:
            notes += f" SBML time 0 is {self.offset:g} s before the protocol's time 0 (parameter time_offset)."
        self._note(model, notes)

    def _foreign_model(self) -> None:
        source, about = self.meta["source"], self.meta["annotations"].get("", [])
        self.model.setId(self.ids.new(self.network.name))
        self.model.setName(self.network.name)
        how = {"pysb": "a PySB model", "bngl": "BNGL", "net": "a network of BioNetGen"}[source["kind"]]
        facts = [f"{predicate}: {thing}" for predicate, thing in about if predicate not in _QUALIFIERS]
        lines = [source["notes"], *facts, f"Written by ltpath {ltpath.__version__} from {how}. Species are amounts."]
        self._note(self.model, *[line for line in lines if line])
        uris = [thing for predicate, thing in about if predicate in _QUALIFIERS and _is_uri(thing)]
        if uris:
            self.model.setMetaId(f"meta_{self.model.getId()}")
            term = libsbml.CVTerm(libsbml.MODEL_QUALIFIER)
            term.setModelQualifierType(libsbml.BQM_IS_DESCRIBED_BY)
            for uri in uris:
                term.addResource(uri)
            self.model.addCVTerm(term)

    def _described(self, element: Any, name: str) -> None:
        """Add what the author has annotated something with."""
        if name not in self.meta.get("annotations", ()):
            return
        about = self.meta["annotations"][name]
        for qualifier, number in _QUALIFIERS.items():
            _annotate(element, number, [uri for predicate, uri in about if predicate == qualifier and _is_uri(uri)])

    def _note(self, element: Any, *paragraphs: str) -> None:
        text = "".join(f"<p>{escape(_printable(p))}</p>" for p in paragraphs)
        element.setNotes(f'<body xmlns="http://www.w3.org/1999/xhtml">{text}</body>')

    def _places(self) -> None:
        for place, facts in self.meta["places"].items():
            compartment = self.model.createCompartment()
            compartment.setId(self.ids.places[place])
            dimension = facts.get("dimension", 3)
            compartment.setSpatialDimensions(dimension)
            volume = facts["volume"]
            fixed = volume not in self.moving
            compartment.setSize(self.course.amounts[volume] if volume else facts["size"])
            if self.declared:
                compartment.setUnits(self.units[self.base["volume" if dimension == 3 else "area"]])
            compartment.setConstant(fixed)
            compartment.setSBOTerm("SBO:0000290")
            self._described(compartment, place)
            if volume:
                self._assign(self.ids.places[place], self.ids.names[volume], fixed=fixed)

    def _species(self) -> None:
        names = dict(self.meta["initial"]) if self.network.foreign else {}
        for i, pattern in enumerate(self.network.species):
            if i == self.clock.get("species"):
                continue
            species = self.model.createSpecies()
            species.setId(self.ids.species[i])
            species.setName(pattern)
            species.setCompartment(self.ids.places[place_of(self.network, pattern)])
            species.setInitialAmount(float(self.course.initial[i]))
            if i in names:
                self._assign(self.ids.species[i], self.ids.names[names[i]], fixed=True)
            if self.declared:
                species.setSubstanceUnits(self.units[self.base["amount"]])
            species.setHasOnlySubstanceUnits(True)
            species.setBoundaryCondition(bool(self.arrays["held"][i]))
            species.setConstant(False)
            species.setSBOTerm(self._kind_of(pattern))
            self._identify(species, pattern)

    def _kind_of(self, pattern: str) -> str:
        if "." in pattern:
            return "SBO:0000253"  # non-covalent complex
        identity = self.meta["identity"].get(re.findall(r"(\w+)\(", pattern)[0], "")
        # Simple chemical, material entity (a token of the membrane's state), or macromolecule.
        return {"CHEBI": "SBO:0000247", "GO": "SBO:0000240"}.get(identity.split(":")[0], "SBO:0000245")

    def _identify(self, species: Any, pattern: str) -> None:
        monomers = {*re.findall(r"(\w+)\(", pattern)}
        uris = sorted(f"https://identifiers.org/{self.meta['identity'][m]}" for m in monomers if self.meta["identity"].get(m))
        # A species is one state of its molecule, hence a version of it.
        _annotate(species, libsbml.BQB_IS_VERSION_OF if len(monomers) == 1 else libsbml.BQB_HAS_PART, uris)

    def _parameter(self, name: str, value: float | None, unit: str | Vector, *, constant: bool) -> Any:
        parameter = self.model.createParameter()
        parameter.setId(name)
        if value is not None:
            parameter.setValue(value)
        if self.declared:
            parameter.setUnits(self.units[unit] if isinstance(unit, str) else self.units.id_of(unit))
        parameter.setConstant(constant)
        parameter.setSBOTerm(_parameter_sbo(unit) if isinstance(unit, str) else "SBO:0000002")
        return parameter

    def _parameters(self) -> None:
        for name in self.meta["parameters"]:
            if name == self.clock.get("rate"):
                continue
            parameter = self._parameter(
                self.ids.names[name], self.values[name], self.meta["units"][name], constant=name not in self.moving
            )
            parameter.setName(name)
            self._described(parameter, name)
            if self.network.foreign:
                continue
            facts = self.meta["provenance"][name]
            parts = (facts["basis"], facts["source"], facts["note"], facts["seen"])
            self._note(parameter, f"{'; '.join(filter(None, parts))} (default {facts['value']:g} {facts['unit']})")
            if facts["doi"]:
                _annotate(parameter, libsbml.BQB_IS_DESCRIBED_BY, [f"https://identifiers.org/doi:{facts['doi']}"])
        if self.offset:
            self._parameter(self.ids.new("time_offset"), self.offset, "s", constant=True)

    def _formulas(self) -> None:
        """Constants, observables and expressions, in an order in which each follows what it reads."""
        meta = self.meta
        self.vectors = {name: vector(unit) for name, unit in meta["units"].items()}
        self.names = self.ids.names | ({self.clock["observable"]: "time"} if self.clock else {})
        tables = {"p": [*meta["parameters"], *meta["constants"]], "o": meta["observables"], "e": meta["expressions"]}
        # Constants that no event reaches stay formulas, but are computed once.
        moving = set(self.moving)
        for line in meta["formulas"]["constants"]:
            name, tree = parsed(line, tables)
            if moving & reads(tree, tables):
                moving.add(name)
            self._formula(name, tree, tables, fixed=name not in moving)
        terms: dict[int, list[str]] = {}
        pure, none = (" dimensionless", f"0 {self.units[self.base['amount']]}") if self.declared else ("", "0")
        for i, s, w in self.arrays["observables"].tolist():
            one = self.ids.species[int(s)]
            terms.setdefault(int(i), []).append(one if w == 1 else f"{w!r}{pure} * {one}")
        for i, name in enumerate(meta["observables"]):
            if name == self.clock.get("observable"):
                continue
            parameter = self._parameter(self.ids.names[name], None, self.base.get("amount", ""), constant=False)
            parameter.setSBOTerm("SBO:0000360")
            parameter.setName(name)
            self._described(parameter, name)
            self._assign(self.ids.names[name], " + ".join(terms.get(i, ())) or none)
        for line in meta["formulas"]["expressions"] + meta["formulas"]["readouts"]:
            self._formula(*parsed(line, tables), tables, fixed=False)

    def _formula(self, name: str, tree: ast.expr, tables: dict[str, list[str]], *, fixed: bool) -> None:
        """Declare a parameter and the formula that gives its value, with a unit on every number."""
        text, unit = Writer(self.units, self.names, self.vectors, tables).write(tree)
        declared = self.vectors.setdefault(name, unit or {})
        text = self.units.per_item(text, unit or {}, declared)
        parameter = self._parameter(
            self.ids.names[name],
            self.course.amounts.get(name) if fixed else None,
            self.meta["units"].get(name, declared),
            constant=fixed,
        )
        parameter.setName(name)
        self._described(parameter, name)
        self._assign(self.ids.names[name], text, fixed=fixed)

    def _assign(self, name: str, formula: str, *, fixed: bool = False) -> None:
        if fixed:
            assignment = self.model.createInitialAssignment()
            assignment.setSymbol(name)
        else:
            assignment = self.model.createAssignmentRule()
            assignment.setVariable(name)
        assignment.setMath(_math(formula))

    def _reactions(self) -> str:
        meta, arrays = self.meta, self.arrays
        rates = [self.ids.names[n] for n in (*meta["parameters"], *meta["constants"], *meta["expressions"])]
        written = []
        columns = (arrays[n].tolist() for n in ("reactants", "products", "factor", "rate", "rule"))
        for identifier, all_ins, all_outs, factor, rate, code in zip(self.ids.reactions, *columns, strict=True):
            ins, outs = ([i for i in side if i >= 0] for side in (all_ins, all_outs))
            if self.clock and self.clock["species"] in outs:
                continue
            before, after = Counter(ins), Counter(outs)
            rule, direction = rule_of(self.network, code)
            # A reaction that changes nothing is written in full: older SBML wants a reactant or product.
            used, made = (before - after, after - before) if before != after else (before, after)
            annotation, metaid = self._origin(identifier, rule, direction, factor)
            written.append(
                f'      <reaction{metaid} sboTerm="{_reaction_sbo(len(ins), len(outs))}" id="{identifier}"'
                f' name={quoteattr(f"{rule} ({direction})")} reversible="false">\n{annotation}'
                + self._references("Reactants", used, "SBO:0000010")
                + self._references("Products", made, "SBO:0000011")
                + self._modifiers([i for i in before if i not in used])
                + '        <kineticLaw sboTerm="SBO:0000012">\n'
                + _product(factor, self.declared, [rates[rate], *(self.ids.species[i] for i in ins)])
                + "        </kineticLaw>\n      </reaction>\n"
            )
        return f"    <listOfReactions>\n{''.join(written)}    </listOfReactions>\n" if written else ""

    def _origin(self, identifier: str, rule: str, direction: str, factor: float) -> tuple[str, str]:
        """The annotation that says what made a reaction, and the attribute that it needs."""
        about = self.meta.get("annotations", {}).get(rule, ())
        described = "".join(
            f'<bqbiol:{predicate} xmlns:bqbiol="http://biomodels.net/biology-qualifiers/"><rdf:Bag><rdf:li rdf:resource={quoteattr(uri)}/>'
            f"</rdf:Bag></bqbiol:{predicate}>"
            for predicate, uri in about
            if predicate in _QUALIFIERS and _is_uri(uri)
        )
        metaid = f"meta_{identifier}"
        rdf = (
            '          <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description rdf:about="#{metaid}">{described}</rdf:Description></rdf:RDF>\n'
        )
        ours = f'<rule xmlns="{_NAMESPACE}" name={quoteattr(rule)} direction="{direction}" factor="{factor!r}"/>'
        text = f"        <annotation>\n          {ours}\n{rdf if described else ''}        </annotation>\n"
        return text, f' metaid="{metaid}"' if described else ""

    def _references(self, side: str, species: Counter[int], role: str) -> str:
        lines = "".join(
            f'          <speciesReference sboTerm="{role}" species="{self.ids.species[i]}" stoichiometry="{n}" constant="true"/>\n'
            for i, n in species.items()
        )
        return f"        <listOf{side}>\n{lines}        </listOf{side}>\n" if lines else ""

    def _modifiers(self, species: list[int]) -> str:
        lines = "".join(
            f'          <modifierSpeciesReference sboTerm="SBO:0000013" species="{self.ids.species[i]}"/>\n' for i in species
        )
        return f"        <listOfModifiers>\n{lines}        </listOfModifiers>\n" if lines else ""

    # -- the protocol ----------------------------------------------------------

    def _event(self, wanted: str, trigger: str, assignments: dict[str, str]) -> None:
        event = self.model.createEvent()
        event.setId(self.ids.new(wanted))
        # Two trains may pulse one species at the same moment: each adds to what the other left.
        event.setUseValuesFromTriggerTime(False)
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
        for start, interval, count, additions in self.course.line.trains:
            left, following = self.ids.new("pulses_left"), self.ids.new("next_pulse")
            step = self.ids.new("pulse_interval")
            self._parameter(left, count, "1", constant=False)
            self._parameter(following, start + self.offset, "s", constant=False)
            self._parameter(step, interval, "s", constant=True)
            changes = {left: f"{left} - 1 dimensionless", following: f"{following} + {step}"}
            for species, amount in additions:
                quantum = self.ids.new("pulse_amount")
                self._parameter(quantum, amount, "molecules", constant=True)
                changes[self.ids.species[species]] = f"{self.ids.species[species]} + {quantum}"
            self._event("pulse", f"(time >= {following}) && ({left} > 0.5 dimensionless)", changes)

    def _moment(self, moment: float) -> str:
        name = self.ids.new("event_time")
        self._parameter(name, moment + self.offset, "s", constant=True)
        return f"time >= {name}"

    def _windows(self) -> None:
        for moment, changed in self.course.changes.items():
            assignments = {}
            for name, value in changed.items():
                new = self.ids.new(f"{name}_new")
                self._parameter(new, value, self.meta["units"][name], constant=True)
                assignments[self.ids.names[name]] = new
            self._event("perturbation", self._moment(moment), assignments)

    def _holds(self) -> None:
        for moment, species, amount in self.course.levels:
            level = self.ids.new("held_amount")
            self._parameter(level, amount, "molecules", constant=True)
            self._event("hold", self._moment(moment), {self.ids.species[species]: level})


def _product(factor: float, declared: bool, names: list[str]) -> str:
    """MathML of a factor times names."""
    space = ' xmlns:sbml="http://www.sbml.org/sbml/level3/version2/core"' if declared and factor != 1 else ""
    unit = ' sbml:units="dimensionless"' if space else ""
    number = f"              <cn{_kind(factor)}{unit}> {_numeral(factor)} </cn>\n" if factor != 1 else ""
    terms = number + "".join(f"              <ci> {name} </ci>\n" for name in names)
    if not number and len(names) == 1:
        body = f"            <ci> {names[0]} </ci>\n"
    else:
        body = f"            <apply>\n              <times/>\n{terms}            </apply>\n"
    return f'          <math xmlns="http://www.w3.org/1998/Math/MathML"{space}>\n{body}          </math>\n'


def _kind(number: float) -> str:
    return ' type="e-notation"' if "e" in f"{number!r}" else ""


def _numeral(number: float) -> str:
    mantissa, separator, exponent = f"{number!r}".partition("e")
    return f"{mantissa} <sep/> {int(exponent)}" if separator else mantissa


def _math(formula: str) -> Any:
    tree = libsbml.parseL3Formula(formula)
    if tree is None:
        raise ExportError(f"the formula '{formula}' cannot be written as SBML: {libsbml.getLastParseL3Error()}")
    return tree


def _parameter_sbo(unit: str) -> str:
    named = {
        "uM": "SBO:0000196",  # concentration of an entity pool
        "mM": "SBO:0000196",
        "molecules": "SBO:0000360",  # quantity of an entity pool
        "fL": "SBO:0000468",  # volume
        "mV": "SBO:0000259",  # voltage
    }
    # Kinetic constant, or else any other parameter of the description.
    return named.get(unit, "SBO:0000009" if unit.startswith("1/") and unit.endswith(("/s", "*s)")) else "SBO:0000002")


def _reaction_sbo(before: int, after: int) -> str:
    if before == 0:
        return "SBO:0000393"  # production
    if after == 0:
        return "SBO:0000179"  # degradation
    if (before, after) == (2, 1):
        return "SBO:0000177"  # non-covalent binding
    if (before, after) == (1, 2):
        return "SBO:0000180"  # dissociation
    return "SBO:0000182" if (before, after) == (1, 1) else "SBO:0000176"  # conversion, biochemical reaction


def _printable(text: str) -> str:
    """Text without the control characters that XML forbids."""
    return re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "?", text)


def _is_uri(text: str) -> bool:
    return re.match(r"(https?://|urn:)\S+$", text) is not None


def _annotate(element: Any, qualifier: int, uris: list[str]) -> None:
    if not uris:
        return
    element.setMetaId(f"meta_{element.getId()}")
    term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    term.setBiologicalQualifierType(qualifier)
    for uri in uris:
        term.addResource(uri)
    element.addCVTerm(term)
