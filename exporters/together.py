"""Molecules of one job that pictures and the page of a large model draw as one box."""

from __future__ import annotations

from dataclasses import dataclass

from ltpath.expansion import ReactionNetwork


@dataclass(frozen=True)
class Together:
    """Molecules of a place that are one box, named after the first of them, by which others know what they do together."""

    place: str
    label: str
    molecules: tuple[str, ...]

    @property
    def name(self) -> str:
        """Under which the words of the page know them."""
        return f"{self.molecules[0]}_{self.place}"


TOGETHER = (
    Together("spine", "buffers", ("Buffer", "Chelator")),
    Together("spine", "CaM, Ng", ("CaM", "Ng")),
    Together("spine", "PP1, I1", ("PP1", "I1")),
    Together("spine", "Ras, ERK", ("ERK", "Ras")),
    Together("spine", "AMPAR", ("AMPAR", "AMPARDendrite")),
    Together("dendrite", "spikes", ("SpikeSlow", "SpikeFast")),
    Together("dendrite", "Gs, AC, cAMP", ("cAMP", "Gs", "AC")),
    Together("dendrite", "ATP, AMPK", ("AMPK", "Adenosine", "Work")),
    Together("dendrite", "mRNA", ("mRNA", "StoredmRNA")),
    Together("dendrite", "receptor supply", ("SupplyProtein", "RemovalProtein")),
    Together("soma", "Ras, MEK, ERK", ("ERK", "MEK", "Ras")),
    Together("nucleus", "Ca, CaM", ("Ca", "Buffer", "CaM")),
    Together("nucleus", "CaMKK, CaMKIV", ("CaMKIV", "CaMKK")),
    Together("nucleus", "ERK, MSK", ("MSK", "ERK")),
    Together("nucleus", "PP1, I1, CaN", ("PP1", "I1", "CaN")),
)
MOST = 39
"""Molecules of a picture or map; those of a model with more are drawn together."""


def drawn_together(network: ReactionNetwork) -> list[tuple[Together, list[str]]]:
    """What of `TOGETHER` a network has two or more molecules of, at each of its synapses, with their monomers."""
    found = []
    for place, facts in network.meta["places"].items():
        letter = facts["synapse"]
        for one in TOGETHER:
            if one.place == place.removesuffix(f"_{letter}"):
                monomers = [f"{name}_{letter}" if letter else name for name in one.molecules]
                here = [m for m in monomers if network.meta["place_of"].get(m) == place]
                if len(here) > 1 and here[0] == monomers[0]:
                    found.append((one, here))
    return found
