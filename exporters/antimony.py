"""Antimony, made from our SBML by the antimony library; protocol, units, names and notes with it."""

from __future__ import annotations

from pathlib import Path

from ltpath.exporters.needs import library
from ltpath.exporters.sbml import to_sbml

from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "antimony"
SUFFIX = ".ant"
SUMMARY = "Antimony, with the protocol as events"


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What Antimony cannot say."""
    return ["the text of the rule that made each reaction (its id still names the rule)"]


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the model as readable text."""
    write_atomically(Path(path), to_antimony(network, protocol).encode())


def to_antimony(network: ReactionNetwork, protocol: Protocol | None = None) -> str:
    """The Antimony text of a network under a protocol.

    Raises
    ------
    MissingTool
        The antimony library is not installed.
    ExportError
        As `ltpath.exporters.sbml.to_sbml`, or the library refuses the model; the message holds its own words.
    """
    antimony = library("antimony", "antimony")
    antimony.clearPreviousLoads()
    if antimony.loadSBMLString(to_sbml(network, protocol)) < 0:
        raise ExportError(f"Antimony cannot say '{network.name}': {antimony.getLastError()}")
    text = antimony.getAntimonyString(antimony.getMainModuleName())
    antimony.clearPreviousLoads()
    return text
