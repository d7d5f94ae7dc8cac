"""Reaction networks as networkx graphs: species and reactions, or molecules and rules."""

from __future__ import annotations

import re

import networkx as nx
from ltpath.exporters.identifiers import identifiers, place_of, rule_of

from ltpath.expansion import ReactionNetwork


def species_reaction_graph(network: ReactionNetwork) -> nx.DiGraph:
    """The bipartite graph of the expanded network.

    Returns
    -------
    networkx.DiGraph
        Nodes have the SBML's ids and ``kind`` ("species" or "reaction"), ``bipartite``,
        ``label``, and ``place`` or ``rule``; edges have ``role`` ("reactant", "product",
        "modifier") and ``stoichiometry``.

    Raises
    ------
    BadValue
        A network-free model.
    """
    network.require_reactions()
    ids = identifiers(network)
    graph = nx.DiGraph(model=network.name)
    for identifier, pattern in zip(ids.species, network.species, strict=True):
        graph.add_node(identifier, kind="species", bipartite=0, label=pattern, place=place_of(network, pattern))
    arrays = network.arrays
    for r, identifier in enumerate(ids.reactions):
        rule, direction = rule_of(network, int(arrays["rule"][r]))
        graph.add_node(identifier, kind="reaction", bipartite=1, label=f"{rule} ({direction})", rule=rule)
        ins = [i for i in arrays["reactants"][r].tolist() if i >= 0]
        outs = [i for i in arrays["products"][r].tolist() if i >= 0]
        for i in dict.fromkeys(ins):
            role = "modifier" if outs.count(i) >= ins.count(i) else "reactant"
            graph.add_edge(ids.species[i], identifier, role=role, stoichiometry=ins.count(i))
        for i in dict.fromkeys(outs):
            if outs.count(i) > ins.count(i):
                graph.add_edge(identifier, ids.species[i], role="product", stoichiometry=outs.count(i) - ins.count(i))
    return graph


def rule_graph(network: ReactionNetwork) -> nx.DiGraph:
    """Molecules and processes: what each family of rules turns into what, and what sets its rate.

    Rules that do the same to the same molecules are one process, forward and reverse too;
    the attribute ``rules`` lists them.

    Returns
    -------
    networkx.DiGraph
        Nodes have ``kind`` ("molecule" or "process"), ``label`` and ``place``; edges have
        ``role``: "changes" (both ways), "consumes", "produces", "needs" or "influences".

    Raises
    ------
    BadValue
        A network-free model.
    """
    network.require_reactions()
    meta = network.meta
    graph = nx.DiGraph(model=network.name)
    for monomer, place in meta["place_of"].items():
        graph.add_node(monomer, kind="molecule", label=plain(monomer, network), place=place)
    readers = _observed_by(network)
    families: dict[tuple[object, ...], list[str]] = {}
    for rule in meta["rules"]:
        left, _, right = meta["rule_text"][rule].partition("->")
        sides = (_molecules(left), _molecules(right))
        # What a rule changes already takes part; only others influence it from outside.
        key = (frozenset(sides[0]), frozenset(sides[1]), frozenset(readers.get(rule, set()) - sides[0]))
        families.setdefault(key, []).append(rule)
    for (before, after, influences), rules in families.items():
        node = f"process__{rules[0]}"
        place = meta["place_of"][min(before | after)]  # type: ignore[operator]
        graph.add_node(node, kind="process", label=plain(rules[0], network), place=place, rules=", ".join(rules))
        for monomer in sorted(before | after):  # type: ignore[operator]
            if monomer in before and monomer in after:  # type: ignore[operator]
                graph.add_edge(monomer, node, role="needs")
                graph.add_edge(node, monomer, role="changes")
            elif monomer in before:  # type: ignore[operator]
                graph.add_edge(monomer, node, role="consumes")
            else:
                graph.add_edge(node, monomer, role="produces")
        for monomer in sorted(influences):
            graph.add_edge(monomer, node, role="influences")
    return graph


def _molecules(side: str) -> set[str]:
    return set(re.findall(r"(\w+)\(", side))


def plain(name: str, network: ReactionNetwork) -> str:
    """A monomer's or rule's name as text, without the letter of its synapse."""
    synapse = next(
        (p["synapse"] for p in network.meta["places"].values() if p["synapse"] and name.endswith(f"_{p['synapse']}")), ""
    )
    bare = name.removesuffix(f"_{synapse}") if synapse else name
    # AMPARDendrite, SpikeFast: a capital and three small letters begin a word.
    return re.sub(r"(?<=\w)([A-Z])(?=[a-z]{3})", lambda m: f" {m[1].lower()}", bare).replace("_", " ")


def _observed_by(network: ReactionNetwork) -> dict[str, set[str]]:
    """For each rule whose rate is an expression: the molecules that the expression reads."""
    meta, arrays = network.meta, network.arrays
    monomers: dict[int, set[str]] = {}
    for observable, species, _ in arrays["observables"]:
        here = re.findall(r"(\w+)\(", network.species[int(species)])
        monomers.setdefault(int(observable), set(here)).intersection_update(here)
    reads: dict[int, set[str]] = {}
    for line in meta["formulas"]["expressions"] + meta["formulas"]["readouts"]:
        target, _, formula = line.partition(" = ")
        index = int(target[2:-1])
        reads[index] = set()
        for kind, number in re.findall(r"\b([oe])\[(\d+)\]", formula):
            reads[index] |= monomers.get(int(number), set()) if kind == "o" else reads[int(number)]
    first = len(meta["parameters"]) + len(meta["constants"])
    found: dict[str, set[str]] = {}
    for rate, rule in zip(arrays["rate"].tolist(), arrays["rule"].tolist(), strict=True):
        if rate >= first:
            found.setdefault(rule_of(network, rule)[0], set()).update(reads[rate - first])
    return found
