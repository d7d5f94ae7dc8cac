"""Cytoscape's JSON, for Cytoscape and cytoscape.js; places are compound nodes."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
from ltpath.exporters.graph import species_reaction_graph
from ltpath.exporters.simplify import by_place

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "cytoscape"
SUFFIX = ".cyjs"
SUMMARY = "Cytoscape JSON of the species-reaction graph"
VIEW = "reactions"


def write(graph: nx.DiGraph, path: Path) -> None:
    """Write any graph of this library."""
    grouped = nx.DiGraph(graph)
    if not any(parent for _, parent in graph.nodes(data="parent")):
        for place, members in by_place(graph).items():
            area = f"place__{place}"
            grouped.add_node(area, kind="place", label=place)
            for node in members:
                grouped.nodes[node]["parent"] = area
    data = nx.cytoscape_data(grouped, name="label")
    write_atomically(Path(path), (json.dumps(data, indent=1) + "\n").encode())


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the graph; a protocol changes nothing."""
    write(species_reaction_graph(network), path)
