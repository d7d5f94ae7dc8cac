"""GraphML, for Cytoscape, yEd and Gephi."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
from ltpath.exporters.graph import species_reaction_graph

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "graphml"
SUFFIX = ".graphml"
SUMMARY = "GraphML of the species-reaction graph"
VIEW = "reactions"


def write(graph: nx.DiGraph, path: Path) -> None:
    """Write any graph of this library."""
    write_atomically(Path(path), ("\n".join(nx.generate_graphml(graph)) + "\n").encode())


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the graph; a protocol changes nothing."""
    write(species_reaction_graph(network), path)
