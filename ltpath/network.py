"""A rule-based model while pathways add to it: the only file that builds PySB components.

Places are kept here and not as PySB compartments: each place has its own set of
monomers, and second-order constants are divided by the molecules that make 1 uM
there. So the numbers do not depend on how an engine scales rates in compartments
(BioNetGen, NFsim and SBML tools differ), and the same network runs in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import Any, TypeVar

import pysb
import sympy
from pysb.core import ComplexPattern, Component, MonomerPattern, RuleExpression
from pysb.generator.bng import format_complexpattern

from ltpath.errors import NameTaken, UnitMismatch
from ltpath.quantity import Quantity, Unit, defined

Pattern = MonomerPattern | ComplexPattern
Rate = pysb.Parameter | pysb.Expression
_C = TypeVar("_C", bound=Component)

AVOGADRO_FL_UM = defined(602.214076, Unit.MOLECULES_PER_FEMTOLITRE_MICROMOLAR, "Avogadro constant (SI): molecules in 1 fL at 1 uM")


@dataclass(frozen=True)
class Molecule:
    """A molecule's name, its sites, their states, and its database identity."""

    name: str
    sites: tuple[str, ...] = ()
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    identity: str = ""


@dataclass(frozen=True)
class Place:
    """A well-mixed volume. `synapse` is the letter of the synapse it belongs to, or empty.

    Places of one `name` share the parameter of their volume. A place that is no synapse and has
    calcium of its own, the nucleus, has its name as `synapse` too, so that a protocol can hold calcium there alone.
    """

    name: str
    volume: Quantity
    synapse: str = ""

    @property
    def suffix(self) -> str:
        return f"_{self.synapse}" if self.synapse else ""

    @property
    def id(self) -> str:
        return self.name if self.name == self.synapse else f"{self.name}{self.suffix}"


@dataclass(frozen=True)
class Readout:
    """A column of the trajectory: an observable (molecules) or an expression with a unit."""

    name: str
    unit: Unit
    meaning: str


@dataclass(frozen=True)
class Input:
    """Something a protocol can do: add molecules of a species, or hold it at a value."""

    name: str
    synapse: str
    patterns: tuple[str, ...]
    amounts: tuple[str, ...]


_RATE_UNITS: dict[int, tuple[Unit, ...]] = {
    0: (Unit.MOLECULES_PER_SECOND, Unit.MICROMOLAR_PER_SECOND),
    1: (Unit.PER_SECOND,),
    2: (Unit.PER_MICROMOLAR_SECOND, Unit.PER_MOLECULE_SECOND),
    3: (Unit.PER_MICROMOLAR2_SECOND,),
    4: (Unit.PER_MICROMOLAR3_SECOND,),
}
# How often the molecules-per-uM of the place multiplies a constant of that unit.
_VOLUME_POWER = {
    Unit.MICROMOLAR_PER_SECOND: 1,
    Unit.PER_MICROMOLAR_SECOND: -1,
    Unit.PER_MICROMOLAR2_SECOND: -2,
    Unit.PER_MICROMOLAR3_SECOND: -3,
}


class Network:
    """Collects molecules, rules and quantities into one PySB model.

    Attributes
    ----------
    model : pysb.Model
        The plain PySB model.
    quantities : dict of str to Quantity
        The provenance of every parameter, by parameter name.
    """

    def __init__(self, name: str) -> None:
        self.model = pysb.Model(name, _export=False)
        self.quantities: dict[str, Quantity] = {}
        self.units: dict[str, Unit] = {}
        self.places: dict[str, Place] = {}
        self.place_of: dict[str, str] = {}
        self.molecules: dict[str, Molecule] = {}
        self.readouts: dict[str, Readout] = {}
        self.inputs: list[Input] = []
        self.rule_notes: dict[str, str] = {}
        self._names: set[str] = set()

    # -- places and molecules -------------------------------------------------

    def per_micromolar(self, place: Place) -> pysb.Expression:
        """The molecules of this place that make 1 uM: the one place where volumes enter."""
        if place.id not in self.places:
            self.places[place.id] = place
            volume = self.parameter(f"volume_{place.name}", place.volume)
            avogadro = self.parameter("molecules_per_fL_uM", AVOGADRO_FL_UM)
            self.expression(f"molecules_per_uM_{place.id}", avogadro * volume, Unit.MOLECULES_PER_MICROMOLAR)
        return self.model.expressions[f"molecules_per_uM_{place.id}"]

    def molecules_of(self, place: Place, amount: Rate) -> Rate:
        """An amount in molecules; a concentration becomes a constant Expression of the place's volume.

        Raises
        ------
        UnitMismatch
            The amount is neither in uM nor in molecules.
        """
        unit = self.units[amount.name]
        if unit is Unit.MOLECULES:
            return amount
        if unit is not Unit.MICROMOLAR:
            raise UnitMismatch(f"an amount needs uM or molecules, but {amount.name} is in {unit.value}")
        name = f"{amount.name}_in_{place.id}"
        if name in self.units:
            return self.model.expressions[name]
        return self.expression(name, amount * self.per_micromolar(place), Unit.MOLECULES)

    def monomers(self, place: Place, *molecules: Molecule) -> list[pysb.Monomer]:
        """This network's monomer for each molecule in a place, declared on first use."""
        self.per_micromolar(place)
        return [self._monomer(place, molecule) for molecule in molecules]

    def _monomer(self, place: Place, molecule: Molecule) -> pysb.Monomer:
        name = f"{molecule.name}{place.suffix}"
        if name not in self.model.monomers.keys():
            states = {site: list(values) for site, values in molecule.states}
            self._add(pysb.Monomer(name, list(molecule.sites), states, _export=False))
            self.place_of[name] = place.id
            self.molecules[name] = molecule
        return self.model.monomers[name]

    # -- numbers ---------------------------------------------------------------

    def parameters(self, prefix: str, kinetics: Any) -> Any:
        """PySB Parameters for the fields of a Kinetics dataclass, under the same field names.

        Parameters keep the unit of their source; `rule` and `initial` convert.
        """
        return SimpleNamespace(
            **{f.name: self.parameter(f"{prefix}_{f.name}", getattr(kinetics, f.name)) for f in fields(kinetics)}
        )

    def parameter(self, name: str, quantity: Quantity) -> pysb.Parameter:
        """A Parameter with its provenance; asking twice gives the same one."""
        if name in self.quantities:
            if self.quantities[name] != quantity:
                raise UnitMismatch(f"parameter {name} was already declared as {self.quantities[name]}, not {quantity}")
            return self.model.parameters[name]
        self.quantities[name] = quantity
        self.units[name] = quantity.unit
        return self._add(pysb.Parameter(name, quantity.value, nonnegative=False, _export=False))

    def expression(self, name: str, formula: sympy.Expr, unit: Unit) -> pysb.Expression:
        """A named formula over parameters, observables and earlier expressions."""
        self.units[name] = unit
        return self._add(pysb.Expression(name, formula, _export=False))

    def constant(self, name: str, formula: sympy.Expr, unit: Unit) -> pysb.Expression:
        """A formula of parameters alone, shared by every place that asks for it."""
        return self.model.expressions[name] if name in self.units else self.expression(name, formula, unit)

    # -- rules -------------------------------------------------------------------

    def rule(
        self, name: str, place: Place, rule: RuleExpression, forward: Rate, reverse: Rate | None = None, note: str = ""
    ) -> None:
        """Add one mass-action rule.

        Parameters
        ----------
        name : str
            The claim that the rule makes; the synapse's letter is appended.
        place : Place
            Its volume converts second-order constants to molecules.
        rule : pysb.core.RuleExpression
        forward, reverse : pysb.Parameter or pysb.Expression
            Their unit must fit the number of reactants.

        Raises
        ------
        UnitMismatch
            The unit of a constant does not fit the order of the rule.
        """
        sides = (rule.reactant_pattern, rule.product_pattern)
        kf = self._rate(name, place, forward, len(sides[0].complex_patterns))
        kr = None if reverse is None else self._rate(name, place, reverse, len(sides[1].complex_patterns))
        if rule.is_reversible and kr is None:
            raise UnitMismatch(f"the rule {name} is reversible and needs a reverse rate")
        full = f"{name}{place.suffix}"
        self.rule_notes[full] = note
        self._add(pysb.Rule(full, rule, kf, kr, _export=False))

    def _rate(self, rule: str, place: Place, rate: Rate, order: int) -> Rate:
        unit = self.units[rate.name]
        if unit not in _RATE_UNITS.get(order, ()):
            allowed = " or ".join(u.value for u in _RATE_UNITS.get(order, ()))
            raise UnitMismatch(f"rule {rule} has {order} reactants and needs {allowed}, but {rate.name} is in {unit.value}")
        power = _VOLUME_POWER.get(unit, 0)
        if power == 0:
            return rate
        per_uM = self.per_micromolar(place)
        counted = f"{rate.name}_in_{place.id}"
        if counted not in self.model.expressions.keys():
            by_order = {1: Unit.MOLECULES_PER_SECOND, -1: Unit.PER_MOLECULE_SECOND}
            self._add(pysb.Expression(counted, rate * per_uM**power, _export=False))
            if power in by_order:
                self.units[counted] = by_order[power]
        return self.model.expressions[counted]

    def initial(self, place: Place, pattern: Pattern, amount: Rate, *, held: bool = False) -> None:
        """Start with an amount of a species, in uM or molecules; `held` keeps it constant."""
        self.model.add_initial(pysb.Initial(pattern, self.molecules_of(place, amount), fixed=held, _export=False))

    # -- what can be seen and what can be done ------------------------------------

    def observable(self, name: str, pattern: Any, meaning: str = "") -> pysb.Observable:
        """Count molecules that match a pattern. With a meaning it becomes a trajectory column."""
        self.units[name] = Unit.MOLECULES
        if meaning:
            self.readouts[name] = Readout(name, Unit.MOLECULES, meaning)
        return self._add(pysb.Observable(name, pattern, _export=False))

    def readout(self, name: str, formula: sympy.Expr, unit: Unit, meaning: str) -> pysb.Expression:
        """A named formula that is a column of the trajectory."""
        self.readouts[name] = Readout(name, unit, meaning)
        return self.expression(name, formula, unit)

    def input(self, name: str, place: Place, additions: Mapping[Any, Rate]) -> None:
        """Declare what one event of a stimulus adds: molecules of each species."""
        self.inputs.append(
            Input(
                name,
                place.synapse,
                tuple(bngl(pattern) for pattern in additions),
                tuple(amount.name for amount in additions.values()),
            )
        )

    def _add(self, component: _C) -> _C:
        if component.name in self._names:
            raise NameTaken(f"the name {component.name} is already used by another part of {self.model.name}")
        self._names.add(component.name)
        self.model.add_component(component)
        return component


def bngl(pattern: Pattern) -> str:
    """A fully specified one-molecule pattern as BioNetGen writes the species."""
    return re.sub(r"\s+", "", format_complexpattern(pysb.as_complex_pattern(pattern)))
