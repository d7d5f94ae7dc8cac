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
from textwrap import indent
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
# Of the catalogue's models; as in the file LICENSE.
_AUTHORS, _LICENCE = "ltpath authors", "https://spdx.org/licenses/MIT"

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
        if creators(network):
            lost.append("L2V4 has creators in the notes alone: its history of a model wants dates")
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
    if level == "L2V4":
        text = re.sub(r" *<dcterms:creator>.*?</dcterms:creator>\n", "", text, flags=re.DOTALL)
    document = libsbml.readSBMLFromString(text)
    before = _contents(document.getModel())
    if not document.setLevelAndVersion(*LEVELS[level], False):
        errors = (document.getError(i) for i in range(document.getNumErrors()))
        reason = next((e.getShortMessage() for e in errors if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR), "no reason given")
        raise ExportError(f"SBML {level} cannot say what the model says: {reason}")
    if level == "L2V4":
        for event in document.getModel().getListOfEvents():
            event.setUseValuesFromTriggerTime(True)
    read_back = libsbml.readSBMLFromString(libsbml.writeSBMLToString(document))
    after = _contents(read_back.getModel())
    for name, what in before.items():
        if after.get(name) != what:
            raise ExportError(f"SBML {level} loses a part of the model: {name} was {what!r:.80} and is {after.get(name)!r:.80}")
    return libsbml.writeSBMLToString(read_back)


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
        if self.about:
            whole = whole.replace("    </annotation>", f"{self.about}    </annotation>", 1)
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
        self.about = _description(f"meta_{model.getId()}", creators(self.network), licences(self.network), _papers(self.network))
        if self.about:
            model.setMetaId(f"meta_{model.getId()}")
        if rules or self.about:
            model.setAnnotation(f'<annotation><rules xmlns="{_NAMESPACE}">{rules}</rules></annotation>')

    def _own_model(self) -> None:
        model = self.model
        model.setId(f"ltpath_{self.network.name}")
        model.setName(f"{self.network.name}: {self.protocol.title}")
        notes = (
            f"{self.network.name} of ltpath {ltpath.__version__} by {_AUTHORS}, licence MIT. Protocol: {self.protocol.title}. "
            "Amounts are molecules; the initial amounts are those of the baseline run."
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
        """One event a train: it adds, counts down, and moves its own next time.

        Moments are whole intervals after a start, which trains share where they can: moments that are the same
        are then equal to the last bit, and no solver sees two events that are a rounding error apart.
        """
        clocks: dict[tuple[float, float], tuple[str, str]] = {}
        for start, interval, count, additions in sorted(self.course.line.trains, key=lambda train: train[1]):
            shared = [c for c in clocks if _whole(start - c[0], c[1]) and _whole(interval * count, c[1]) and _whole(interval, c[1])]
            zero, tick = shared[0] if shared else (start, interval)
            if not shared:
                clocks[zero, tick] = self.ids.new("first_pulse"), self.ids.new("pulse_interval")
                self._parameter(clocks[zero, tick][0], zero + self.offset, "s", constant=True)
                self._parameter(clocks[zero, tick][1], tick, "s", constant=True)
            first, step = clocks[zero, tick]
            left, following = self.ids.new("pulses_left"), self.ids.new("next_pulse")
            self._parameter(left, count, "1", constant=False)
            self._parameter(following, round((start - zero) / tick), "1", constant=False)
            changes = {
                left: f"{left} - 1 dimensionless",
                following: f"{following} + {round(interval / tick)} dimensionless",
            }
            for species, amount in additions:
                quantum = self.ids.new("pulse_amount")
                self._parameter(quantum, amount, "molecules", constant=True)
                changes[self.ids.species[species]] = f"{self.ids.species[species]} + {quantum}"
            self._event("pulse", f"(time >= {first} + {following} * {step}) && ({left} > 0.5 dimensionless)", changes)

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


def _whole(time: float, interval: float) -> bool:
    """Whether a time is so many intervals, to a nanosecond."""
    return time > -1e-9 and abs(time - round(time / interval) * interval) < 1e-9


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
    return ' type="e-notation"' if "e" in f"{number:.15g}" else ""


def _numeral(number: float) -> str:
    # With as many digits as libSBML writes.
    mantissa, separator, exponent = f"{number:.15g}".partition("e")
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


def _about(network: ReactionNetwork, *words: str) -> list[str]:
    """What an author has annotated the model with, under a predicate such as ``creator`` or ``dcterms:creator``."""
    about = network.meta["annotations"].get("", []) if network.foreign else []
    return [thing for predicate, thing in about if re.split(r"[:/#]", predicate)[-1].lower() in words]


def creators(network: ReactionNetwork) -> list[str]:
    """Who made the model, as they name themselves."""
    return _about(network, "creator") if network.foreign else [_AUTHORS]


def licences(network: ReactionNetwork) -> list[str]:
    """Under what the model may be used, as its author says: a link or words."""
    return _about(network, "license", "licence") if network.foreign else [_LICENCE]


def _papers(network: ReactionNetwork) -> list[str]:
    return [uri for uri in _about(network, *(q.lower() for q in _QUALIFIERS)) if _is_uri(uri)]


def _description(metaid: str, creators: list[str], licences: list[str], papers: list[str]) -> str:
    """RDF about the model, without dates; as text, because libSBML drops the licence when it makes the rest."""
    parts = []
    if creators:
        people = "".join(f'<rdf:li rdf:parseType="Resource">{_card(creator)}</rdf:li>' for creator in creators)
        parts.append(f"<dcterms:creator><rdf:Bag>{people}</rdf:Bag></dcterms:creator>")
    if papers:
        resources = "".join(f"<rdf:li rdf:resource={quoteattr(uri)}/>" for uri in papers)
        parts.append(f"<bqmodel:isDescribedBy><rdf:Bag>{resources}</rdf:Bag></bqmodel:isDescribedBy>")
    for licence in licences:
        if _is_uri(licence):
            parts.append(f"<dcterms:license rdf:resource={quoteattr(licence)}/>")
        else:
            parts.append(f"<dcterms:license>{escape(_printable(licence))}</dcterms:license>")
    if not parts:
        return ""
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dcterms": "http://purl.org/dc/terms/",
        "vCard4": "http://www.w3.org/2006/vcard/ns#",
        "bqmodel": "http://biomodels.net/model-qualifiers/",
    }
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in spaces.items())
    text = f'<rdf:RDF{declared}><rdf:Description rdf:about="#{metaid}">{"".join(parts)}</rdf:Description></rdf:RDF>'
    # Laid out as libSBML does, so that reading and writing the file changes nothing.
    return indent(libsbml.XMLNode.convertStringToXMLNode(text).toXMLString(), " " * 6) + "\n"


def _card(creator: str) -> str:
    """A person's vCard, from a name that an address may follow: ``Ada Lovelace <ada@example.org>``."""
    found = re.search(r"\s*<([^<>\s]+@[^<>\s]+)>\s*$", creator)
    name, address = (creator[: found.start()], found[1]) if found else (creator, "")
    email = f"<vCard4:hasEmail>{escape(_printable(address))}</vCard4:hasEmail>" if address else ""
    return f"<vCard4:fn><vCard4:text>{escape(_printable(name or address))}</vCard4:text></vCard4:fn>{email}"


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
