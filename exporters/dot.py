"""DOT, for Graphviz; places are clusters."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
from ltpath.exporters.graph import species_reaction_graph
from ltpath.exporters.needs import library
from ltpath.exporters.simplify import by_place

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "dot"
SUFFIX = ".dot"
SUMMARY = "DOT of the species-reaction graph, for Graphviz"
VIEW = "reactions"
_SHAPES = {
    "reaction": "square",
    "rule": "box",
    "site": "circle",
    "state": "plaintext",
    "readout": "hexagon",
    "parameter": "diamond",
}
_HEADS = {"inhibits": "tee", "modulates": "diamond", "modifier": "odot", "context": "odot", "binds": "none", "reactant": "none"}


def write(graph: nx.DiGraph, path: Path) -> None:
    """Write any graph of this library.

    Raises
    ------
    MissingTool
        pygraphviz is not installed.
    """
    pygraphviz = library("pygraphviz", NAME, "pictures")
    out = pygraphviz.AGraph(directed=True, strict=False, name=graph.graph.get("model", "graph"), **_text(graph.graph))
    for node, data in graph.nodes(data=True):
        out.add_node(node, shape=_SHAPES.get(data["kind"], "box"), **_text(data))
    for one, other, data in graph.edges(data=True):
        out.add_edge(one, other, arrowhead=_HEADS.get(data["role"], "normal"), **_text(data))
    for place, members in by_place(graph).items():
        out.add_subgraph(members, name=f"cluster_{place}", label=place)
    write_atomically(Path(path), out.to_string().encode())


def _text(data: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in data.items() if value != ""}


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the graph; a protocol changes nothing."""
    write(species_reaction_graph(network), path)
