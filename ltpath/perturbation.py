"""Drugs and mutants: overlays of parameters, for a whole run or a time window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ltpath.errors import BadValue
from ltpath.quantity import Citation


@dataclass(frozen=True)
class Effect:
    """What a perturbation does to one parameter.

    Exactly one of the fields is set: a value in the parameter's unit, a factor, the
    dose itself, or an inhibition 1/(1 + dose/IC50).
    """

    parameter: str
    value: float | None = None
    factor: float | None = None
    is_dose: bool = False
    half_dose: float | None = None

    def apply(self, present: float, dose: float) -> float:
        """The parameter's value under this effect."""
        if self.value is not None:
            return self.value
        if self.factor is not None:
            return present * self.factor
        if self.half_dose is not None:
            return present / (1 + dose / self.half_dose)
        return dose


@dataclass(frozen=True)
class Perturbation:
    """A named drug or mutant.

    Attributes
    ----------
    effects : tuple of Effect
        Effects on parameters that a model does not have are left out; a model with
        none of them does not have the perturbation.
    dose : float or None
        Default dose in uM, or None where a dose has no meaning.
    genotype : bool
        True for mutants and conditions of the slice: present before the run, so that the baseline equilibrates with it.
    source : Citation or None
    note : str
        What it stands for, and how its strength is known.
    """

    name: str
    summary: str
    effects: tuple[Effect, ...]
    note: str
    dose: float | None = None
    genotype: bool = False
    source: Citation | None = None

    def fits(self, parameters: Mapping[str, float]) -> bool:
        """Whether a model with these parameters has this perturbation."""
        return any(e.parameter in parameters for e in self.effects)

    def checked_dose(self, dose: float | None) -> float:
        """The dose in uM, the default where none is given.

        Raises
        ------
        BadValue
            A dose where none has meaning, or a negative one.
        """
        if dose is None:
            return 0.0 if self.dose is None else self.dose
        if self.dose is None:
            raise BadValue(f"the perturbation '{self.name}' takes no dose")
        if dose < 0:
            raise BadValue(f"the dose of '{self.name}' cannot be negative ({dose:g} uM)")
        return dose
