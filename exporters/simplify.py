"""Simpler graphs from large ones. Each function gives a new graph, and adds to its legend what it folded."""

from __future__ import annotations

from collections.abc import Collection

import networkx as nx

from ltpath.errors import BadValue


def remark(graph: nx.DiGraph, sentence: str) -> None:
    """Add to the legend of a graph what was left out or folded."""
    graph.graph["legend"] = "; ".join(filter(None, [graph.graph.get("legend", ""), sentence]))


def merged(graph: nx.DiGraph, names: dict[str, str], keep: str = "") -> nx.DiGraph:
    """Merge nodes under new names; the first node of a name, or `keep`, gives the attributes, and edges keep all rules."""
    found = nx.DiGraph(**graph.graph)
    for node, data in sorted(graph.nodes(data=True), key=lambda item: item[0] != keep):
        name = names.get(node, node)
        if name in found:
            found.nodes[name]["members"] += f", {data['members']}"
        else:
            found.add_node(name, **data)
    for one, other, data in graph.edges(data=True):
        a, b = names.get(one, one), names.get(other, other)
        if a == b and one != other:
            continue
        if found.has_edge(a, b):
            known = found.edges[a, b]
            for key in ("rules", "ways"):
                known[key] = ", ".join(dict.fromkeys(filter(None, [*known[key].split(", "), *data[key].split(", ")])))
            if known["role"] != data["role"]:
                known |= {"role": "modulates", "sign": 0}
        else:
            found.add_edge(a, b, **data)
    return found


def merge_reversible(graph: nx.DiGraph) -> nx.DiGraph:
    """Make one reaction of a forward and a reverse one, with ``reversible`` True and both ids in ``members``.

    Parameters
    ----------
    graph : networkx.DiGraph
        As `ltpath.exporters.graph.species_reaction_graph` makes it.
    """
    found = nx.DiGraph(graph)
    first: dict[tuple[object, ...], str] = {}
    folded = 0
    for node, data in graph.nodes(data=True):
        if data["kind"] != "reaction":
            continue
        sides = [
            frozenset((n, d["stoichiometry"]) for n, d in side.items() if d["role"] != "modifier")
            for side in (graph.pred[node], graph.succ[node])
        ]
        modifiers = frozenset(n for n, d in graph.pred[node].items() if d["role"] == "modifier")
        other = first.get((data["rule"], *sides[::-1], modifiers))
        found.nodes[node].update(reversible=False, members=node)
        if other is None:
            first[data["rule"], *sides, modifiers] = node
        else:
            found.nodes[other].update(reversible=True, members=f"{other}, {node}", label=data["rule"])
            found.remove_node(node)
            folded += 1
    remark(found, f"forward and reverse are one reaction ({folded} folded)")
    return found


def fold_enzymes(graph: nx.DiGraph) -> nx.DiGraph:
    """Make one reaction with a modifier of an enzyme's mechanism, E + S <-> ES -> E + P.

    The complex ES must be made by one reaction of E and S, and be used by its reverse and one more that gives E back, alone.
    The reaction that is left keeps the id of the last step; ``members`` has all.
    """
    found = nx.DiGraph(graph)
    folded = 0
    for complex_ in [n for n, kind in graph.nodes(data="kind") if kind == "species"]:
        makers, users = list(found.pred.get(complex_, ())), list(found.succ.get(complex_, ()))
        binding = [r for r in makers if len(found.pred[r]) == 2 and len(found.succ[r]) == 1]
        used_alone = all(len(found.pred[r]) == 1 and found.edges[complex_, r]["role"] == "reactant" for r in users)
        if len(makers) != 1 or len(binding) != 1 or not used_alone:
            continue
        meeting = set(found.pred[binding[0]])
        if any(found.edges[n, binding[0]]["role"] != "reactant" for n in meeting):
            continue
        back = [r for r in users if set(found.succ[r]) == meeting]
        forth = [r for r in users if len(found.succ[r]) == 2 and len(set(found.succ[r]) & meeting) == 1]
        if len(back) > 1 or len(forth) != 1 or len(users) != len(back) + 1:
            continue
        last = forth[0]
        (enzyme,) = set(found.succ[last]) & meeting
        (substrate,) = meeting - {enzyme}
        members = ", ".join([binding[0], *back, last])
        found.remove_edge(last, enzyme)
        found.remove_nodes_from([complex_, binding[0], *back])
        found.nodes[last]["members"] = members
        found.add_edge(substrate, last, role="reactant", stoichiometry=1)
        found.add_edge(enzyme, last, role="modifier", stoichiometry=1)
        folded += 1
    remark(found, f"{folded} enzyme mechanisms are a process with a catalyst")
    return found


def duplicate_hubs(graph: nx.DiGraph, most: int = 8) -> nx.DiGraph:
    """Give a species with more than `most` edges a copy for each of its reactions, with ``copy_of`` its id."""
    found = nx.DiGraph(graph)
    hubs = [n for n, kind in graph.nodes(data="kind") if kind == "species" and graph.degree(n) > most]
    for hub in hubs:
        reactions = dict.fromkeys([*graph.pred[hub], *graph.succ[hub]])
        for i, reaction in enumerate(reactions, 1):
            copy = f"{hub}__copy{i}"
            found.add_node(copy, **graph.nodes[hub], copy_of=hub)
            for one, other in ((hub, reaction), (reaction, hub)):
                if graph.has_edge(one, other):
                    ends = (copy, reaction) if one == hub else (reaction, copy)
                    found.add_edge(*ends, **graph.edges[one, other])
        found.remove_node(hub)
    if hubs:
        remark(found, f"species with more than {most} edges are drawn once for each reaction: {', '.join(hubs)}")
    return found


def by_place(graph: nx.DiGraph) -> dict[str, list[str]]:
    """Nodes of each place, for formats that draw places as areas; nodes without a place are left out."""
    found: dict[str, list[str]] = {}
    for node, place in graph.nodes(data="place"):
        if place:
            found.setdefault(place, []).append(node)
    return found


def between(graph: nx.DiGraph, start: Collection[str], end: Collection[str], names: tuple[str, str] = ("", "")) -> nx.DiGraph:
    """What lies on a way from one set of nodes to another, without the ways on from there and back.

    Parameters
    ----------
    graph : networkx.DiGraph
    start, end : collection of str
        Nodes.
    names : tuple of str
        What they are called in the title and in errors.

    Raises
    ------
    BadValue
        There is no such way.
    """
    names = (names[0] or ", ".join(sorted(start)), names[1] or ", ".join(sorted(end)))
    ways = nx.DiGraph(graph)
    ways.add_edges_from([(b, a) for a, b, role in graph.edges(data="role") if role == "binds"])
    ways.remove_edges_from([*ways.in_edges(start), *ways.out_edges(end)])
    after = set(start).union(*(nx.descendants(ways, n) for n in start))
    before = set(end).union(*(nx.ancestors(ways, n) for n in end))
    on_the_way = after & before
    if not (on_the_way & set(start) and on_the_way & set(end)):
        raise BadValue(f"there is no way from {names[0]} to {names[1]} in '{graph.graph.get('model', 'the graph')}'")
    found = nx.DiGraph(graph.subgraph(on_the_way))
    found.remove_edges_from([e for e in graph.edges if e in found.edges and not (e in ways.edges or e[::-1] in ways.edges)])
    found.graph["title"] = f"from {names[0]} to {names[1]}"
    remark(found, f"only what lies between: {len(found)} of {len(graph)} nodes")
    return found
