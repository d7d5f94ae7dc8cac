"""The catalogue: models by name, built fresh at each request."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ltpath.models
from ltpath.errors import UnknownName
from ltpath.expansion import ReactionNetwork, expand, indexed, remember, unexpanded
from ltpath.quantity import Citation, Quantity
from ltpath.shipped import shipped

if TYPE_CHECKING:
    import pysb

    from ltpath.network import Network


@dataclass(frozen=True)
class Entry:
    """What a file in `models/` declares, under the name ``ENTRY``.

    Attributes
    ----------
    summary : str
        One sentence: what the model is.
    claims : tuple of str
        What it shows.
    limits : tuple of str
        What it does not claim.
    build : callable
        Adds the model's pathways to an empty Network.
    network_free : bool
        The rules make too many species to write down: they run by themselves alone (engine nfsim).
    """

    summary: str
    claims: tuple[str, ...]
    limits: tuple[str, ...]
    build: Callable[[Network], None]
    network_free: bool = False


class Model:
    """A catalogue model.

    Attributes
    ----------
    name : str
    entry : Entry
    rules : Network
        The rules with their provenance.
    pysb : pysb.Model
        The plain PySB model, for everybody who knows PySB.
    network : ReactionNetwork
        The expanded reaction network (BioNetGen, or the cache); of a network-free model
        the rules and the species that it starts from.
    """

    def __init__(self, name: str) -> None:
        self.name = check_model_name(name)

    @cached_property
    def entry(self) -> Entry:
        return importlib.import_module(f"ltpath.models.{self.name}").ENTRY

    @cached_property
    def rules(self) -> Network:
        from ltpath.network import Network

        net = Network(self.name)
        self.entry.build(net)
        return net

    @property
    def pysb(self) -> pysb.Model:
        return self.rules.model

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every parameter's value, unit and source."""
        return self.rules.quantities

    @property
    def citations(self) -> list[Citation]:
        """The publications that its parameters come from, by first author."""
        found = {q.source for q in self.quantities.values() if q.source}
        return sorted(found, key=lambda c: (c.authors, c.year))

    @cached_property
    def network(self) -> ReactionNetwork:
        known = shipped(self.name) or indexed(self.name)
        return self.expanded() if known is None else known

    def expanded(self, **how: Any) -> ReactionNetwork:
        """The network made from the rules; `how` goes on to `ltpath.expansion.expand`."""
        network = unexpanded(self.rules) if self.entry.network_free else expand(self.rules, **how)
        remember(self.name, network)
        return network

    def __repr__(self) -> str:
        return f"<ltpath model {self.name}>"


def model_names() -> list[str]:
    """The catalogue's model names, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(ltpath.models.__path__))


def check_model_name(name: str) -> str:
    """Return the name if the catalogue has it.

    Raises
    ------
    UnknownName
    """
    if name not in model_names():
        raise UnknownName("model", name, model_names())
    return name


def load(name: str) -> Model:
    """A model of the catalogue.

    Raises
    ------
    UnknownName
        No model has that name; the message suggests the nearest.
    """
    return Model(name)
