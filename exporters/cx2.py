"""CX2, for Cytoscape and NDEx."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
from ltpath.exporters.graph import species_reaction_graph
from ltpath.exporters.needs import library

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "cx2"
SUFFIX = ".cx2"
SUMMARY = "CX2 of the species-reaction graph, for NDEx"
VIEW = "reactions"


def write(graph: nx.DiGraph, path: Path) -> None:
    """Write any graph of this library; a node's id is its attribute ``represents``, as CX2 has numbers for ids.

    Raises
    ------
    MissingTool
        ndex2 is not installed.
    """
    network = library("ndex2.cx2", NAME, "graphs").CX2Network()
    network.set_network_attributes({"name": graph.graph.get("model", ""), **{k: v for k, v in graph.graph.items() if v != ""}})
    numbers = {}
    for node, data in graph.nodes(data=True):
        kept = {k: v for k, v in data.items() if v != ""}
        numbers[node] = network.add_node(attributes=kept | {"name": data["label"], "represents": node})
    for one, other, data in graph.edges(data=True):
        network.add_edge(source=numbers[one], target=numbers[other], attributes=data | {"interaction": data["role"]})
    write_atomically(Path(path), (json.dumps(network.to_cx2()) + "\n").encode())


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the graph; a protocol changes nothing."""
    write(species_reaction_graph(network), path)
