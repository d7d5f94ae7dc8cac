"""GEXF, for Gephi."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
from ltpath.exporters.graph import species_reaction_graph

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "gexf"
SUFFIX = ".gexf"
SUMMARY = "GEXF of the species-reaction graph, for Gephi"
VIEW = "reactions"


def write(graph: nx.DiGraph, path: Path) -> None:
    """Write any graph of this library."""
    text = "\n".join(nx.generate_gexf(graph))
    # The day of writing would make files of the same graph differ.
    write_atomically(Path(path), (re.sub(r' lastmodifieddate="[^"]*"', "", text) + "\n").encode())


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the graph; a protocol changes nothing."""
    write(species_reaction_graph(network), path)
