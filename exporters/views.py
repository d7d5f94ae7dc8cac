"""The graphs of a network by name, as `ltpath graph --view` takes them."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
from ltpath.exporters.graph import species_reaction_graph
from ltpath.exporters.regulation import atom_rule_graph, contact_map, influence_map
from ltpath.exporters.signal_map import signal_map

from ltpath.errors import BadValue, UnknownName
from ltpath.expansion import ReactionNetwork

VIEWS: dict[str, Callable[[ReactionNetwork], nx.DiGraph]] = {
    "signal": signal_map,
    "contact": contact_map,
    "influence": influence_map,
    "regulation": atom_rule_graph,
    "reactions": species_reaction_graph,
}


def view(network: ReactionNetwork, name: str) -> nx.DiGraph:
    """A graph by its name.

    Raises
    ------
    UnknownName
    BadValue
        The reactions of a network-free model.
    """
    if name not in VIEWS:
        raise UnknownName("view", name, VIEWS)
    return VIEWS[name](network)


def nodes_of(graph: nx.DiGraph, network: ReactionNetwork, wanted: str, aliases: dict[str, str]) -> list[str]:
    """Nodes in which a molecule takes part, in whatever synapse.

    Parameters
    ----------
    wanted : str
        A monomer ("Ca_A"), a molecule ("Ca"), or one of `aliases`, without regard of case.
    aliases : dict of str to str
        Further names of molecules.

    Raises
    ------
    UnknownName
        The model has no such molecule.
    BadValue
        It has, but the graph does not show it.
    """
    named: dict[str, set[str]] = {}
    for monomer, place in network.meta["place_of"].items():
        base = monomer.removesuffix(f"_{network.meta['places'][place]['synapse']}")
        for name in (monomer, base, *(alias for alias, molecule in aliases.items() if molecule == base)):
            named.setdefault(name.lower(), set()).add(monomer)
    if wanted.lower() not in named:
        raise UnknownName(f"molecule of '{network.name}'", wanted, named)
    monomers = named[wanted.lower()]

    def shows(node: str) -> bool:
        data = graph.nodes[node]
        members = set(str(data.get("members", node)).split(", "))
        return not monomers.isdisjoint(members) or any(f"{m}(" in data["label"] for m in monomers)

    found = [node for node in graph if shows(node)]
    if not found:
        raise BadValue(f"this graph of '{network.name}' has no node for {wanted}")
    return found
