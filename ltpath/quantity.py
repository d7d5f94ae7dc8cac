"""Measured numbers: a value never travels without its unit and its source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """The units that a parameter can have.

    Amounts inside a network are molecules; concentrations stay in uM until the
    volume of a place turns them into molecules (`Network.rule`, `Network.initial`).
    """

    NONE = "1"
    MICROMOLAR = "uM"
    MILLIMOLAR = "mM"
    MOLECULES = "molecules"
    PER_SECOND = "1/s"
    PER_MOLECULE_SECOND = "1/(molecule*s)"
    MOLECULES_PER_SECOND = "molecules/s"
    PER_MICROMOLAR_SECOND = "1/(uM*s)"
    PER_MICROMOLAR2_SECOND = "1/(uM^2*s)"
    PER_MICROMOLAR3_SECOND = "1/(uM^3*s)"
    MICROMOLAR_PER_SECOND = "uM/s"
    SECOND = "s"
    MILLIVOLT = "mV"
    PER_MILLIVOLT = "1/mV"
    NANOSIEMENS = "nS"
    PICOAMPERE = "pA"
    PICOFARAD = "pF"
    FEMTOLITRE = "fL"
    MOLECULES_PER_FEMTOLITRE_MICROMOLAR = "molecules/(fL*uM)"
    MOLECULES_PER_MICROMOLAR = "molecules/uM"
    IONS_PER_PICOAMPERE_SECOND = "molecules/(pA*s)"
    PERCENT = "%"


class Basis(Enum):
    """How a number is known."""

    MEASURED = "measured"
    PUBLISHED_MODEL = "taken from a published model"
    FITTED = "fitted here"
    ESTIMATE = "estimate"
    DEFINITION = "definition"


class Seen(Enum):
    """How far the number was checked against the source it names."""

    READ = "read in the source"
    SECOND_HAND = "read in a second source that attributes it"
    UNVERIFIED = "from memory, not yet read"
    OWN = "own work"


@dataclass(frozen=True)
class Citation:
    """A publication; `doi` is empty where nobody here has read it."""

    authors: str
    year: int
    title: str
    journal: str
    doi: str

    @property
    def url(self) -> str:
        """Address of the publication, empty without a DOI."""
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def short(self) -> str:
        """First author and year, as in running text."""
        return f"{self.authors.split(',')[0]} {self.year}"

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}) {self.title}. {self.journal}. {self.url}".strip()


@dataclass(frozen=True)
class Quantity:
    """A number as its source states it.

    Use the constructors `measured`, `published`, `fitted`, `estimate` and
    `defined`; they say how the number is known.

    Attributes
    ----------
    value : float
        The number, in `unit`.
    unit : Unit
    basis : Basis
    source : Citation or None
        None where the number is this library's own (fitted, estimate, definition).
    note : str
        Where in the source, how it was derived, or which rows it was fitted to.
    seen : Seen
    """

    value: float
    unit: Unit
    basis: Basis
    source: Citation | None
    note: str
    seen: Seen

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity must be a finite number, not {self.value}")
        if not self.note:
            raise ValueError(f"the quantity {self.value} {self.unit.value} needs a note that says where it comes from")

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit.value}"

    @property
    def origin(self) -> str:
        """Source, note and basis in one line."""
        who = ", ".join(filter(None, (self.source.short, self.source.doi))) + ": " if self.source else ""
        seen = "" if self.seen in (Seen.READ, Seen.OWN) else f" [{self.seen.value}]"
        return f"{self.basis.value}: {who}{self.note}{seen}"


def measured(value: float, unit: Unit, source: Citation, note: str, seen: Seen = Seen.READ) -> Quantity:
    """A number that an experiment gave."""
    return Quantity(value, unit, Basis.MEASURED, source, note, seen)


def published(value: float, unit: Unit, source: Citation, note: str, seen: Seen = Seen.READ) -> Quantity:
    """A number that a published model uses."""
    return Quantity(value, unit, Basis.PUBLISHED_MODEL, source, note, seen)


def estimate(value: float, unit: Unit, note: str, source: Citation | None = None, seen: Seen = Seen.OWN) -> Quantity:
    """A number chosen here; `note` gives the reason."""
    return Quantity(value, unit, Basis.ESTIMATE, source, note, seen)


def defined(value: float, unit: Unit, note: str) -> Quantity:
    """A constant of nature, a conversion, or the neutral value of a handle for perturbations."""
    return Quantity(value, unit, Basis.DEFINITION, None, note, Seen.OWN)
