"""Graphs of the rules themselves, for which nothing is expanded: contact map, influence map, and patterns with rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import networkx as nx
from ltpath.exporters.graph import plain
from ltpath.exporters.rules import ANY, BOUND, FREE, Part, Rules, Step, sign

from ltpath.expansion import ReactionNetwork

_SIGNS = {1: "activates", -1: "inhibits", None: "both", 0: "both"}


def contact_map(network: ReactionNetwork) -> nx.DiGraph:
    """Molecules, their sites, the states of the sites, and which sites bind.

    Returns
    -------
    networkx.DiGraph
        Nodes: ``kind`` ("molecule", "site" or "state"), ``label``, ``place``, ``parent`` (the molecule of a site, the site of a state,
        or empty). Edges: ``role`` "binds" between two sites, once for each pair and of no direction, or "changes" from a state to
        another; ``rules`` lists the rules that do it.
    """
    rules = Rules(network)
    graph = nx.DiGraph(model=network.name, view="contact", title="contact map", legend="")
    for name, types in rules.types.items():
        place = network.meta["place_of"][name]
        graph.add_node(name, kind="molecule", label=plain(name, network), place=place, parent="")
        for site, (states, _) in types.sites.items():
            graph.add_node(f"{name}__{site}", kind="site", label=site, place=place, parent=name)
            for state in filter(None, states.split(",")):
                graph.add_node(f"{name}__{site}__{state}", kind="state", label=state, place=place, parent=f"{name}__{site}")
    found: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for step in rules.steps:
        for one, other in step.pairs:
            for part in filter(None, (one, other)):
                for site, (_, bond) in part.sites.items():
                    if isinstance(bond, tuple):
                        ends = sorted([f"{part.name}__{site}", f"{bond[0]}__{bond[1]}"])
                        # A bond that the rule leaves as it is, is not its doing.
                        done = found[ends[0], ends[1], "binds"]
                        if one is None or other is None or one.sites.get(site) != other.sites.get(site):
                            done[step.rule] = None
            if one is not None and other is not None:
                for site in one.sites:
                    before, after = one.sites[site][0], other.sites.get(site, ("", ""))[0]
                    if before and after and before != after:
                        found[f"{one.name}__{site}__{before}", f"{one.name}__{site}__{after}", "changes"][step.rule] = None
    for (one, other, role), by in found.items():
        graph.add_edge(one, other, role=role, rules=", ".join(by))
    return graph


def influence_map(network: ReactionNetwork, *, parameters: bool = False) -> nx.DiGraph:
    """Which rule speeds another up or slows it down, by what it makes and takes away, or through the other's rate law.

    Signs of rate laws are those of slopes near rest. That a rule uses up its own reactants is left out.

    Parameters
    ----------
    network : ReactionNetwork
        Network-free ones too.
    parameters : bool
        Add the parameters that rates, readouts and initial amounts depend on: what a drug or a genotype does begins there.

    Returns
    -------
    networkx.DiGraph
        Nodes: ``kind`` ("rule", one for each direction; "readout"; "parameter"), ``label``, ``place`` (of a rule), ``rule``,
        ``direction``. Readouts and parameters have the SBML's ids. Edges: ``role`` ("activates", "inhibits", "both"), ``sign``
        (+1, -1, 0 for both).
    """
    rules = Rules(network)
    graph = nx.DiGraph(model=network.name, view="influence", title="rule influence map", legend="")
    meets: dict[str, list[Step]] = defaultdict(list)
    for step in rules.steps:
        place = network.meta["place_of"][step.name(0)]
        graph.add_node(
            step.id, kind="rule", label=f"{plain(step.rule, network)} ({step.direction})", place=place, rule=step.rule,
            direction=step.direction,
        )  # fmt: skip
        for molecule in {part.name for part in step.before} | rules.readers(step.rate):
            meets[molecule].append(step)
    for name, readout in network.readouts.items():
        graph.add_node(rules.ids[name], kind="readout", label=readout["meaning"] or name, place="", rule="", direction="")
    for step in rules.steps:
        changed = {step.name(i) for i in step.altered}
        for other in dict.fromkeys(o for molecule in sorted(changed) for o in meets[molecule]):
            value = rules.of_step(step, other)
            if value != 0 and not (step is other and value != 1):
                graph.add_edge(step.id, other.id, role=_SIGNS[value], sign=value or 0)
        for name in network.readouts:
            value = sign(rules.of_rate(step, name))
            if value != 0:
                graph.add_edge(step.id, rules.ids[name], role=_SIGNS[value], sign=value or 0)
    if parameters:
        by_parameter, amounts = rules.by_parameter(), rules.by_initial_amount()
        for name in [n for n in network.parameters if n in by_parameter or n in amounts]:
            node, targets = rules.ids[name], by_parameter.get(name, {})
            graph.add_node(node, kind="parameter", label=name, place="", rule="", direction="")
            ends = [(step.id, step.rate, step.before) for step in rules.steps] + [(rules.ids[n], n, []) for n in network.readouts]
            for end, read, tests in ends:
                signs = {slope for part, slope in amounts.get(name, ()) if any(part.fits(test) for test in tests)}
                if read in targets:
                    signs.add(targets[read])
                signs = signs - {0} or signs
                if signs:
                    value = signs.pop() if len(signs) == 1 else None
                    graph.add_edge(node, end, role=_SIGNS[value], sign=value or 0)
    return graph


def atom_rule_graph(network: ReactionNetwork) -> nx.DiGraph:
    """The regulatory graph: rules, and the single facts of a site (its state, a bond, none) that they test and change.

    As Sekar and others proposed (https://doi.org/10.1371/journal.pcbi.1005857): it grows with the rules and not with the species.

    Returns
    -------
    networkx.DiGraph
        Nodes: ``kind`` ("pattern" or "rule"), ``bipartite`` (0 or 1), ``label`` (BNGL, or the rule's name), ``place``. Edges from a
        pattern to a rule have ``role`` "reactant", "context" or "rate" (the rule's rate law reads it), those from a rule "product";
        of a reversible rule those of its forward direction. "instance" leads from a bond to the pattern of a site that is bound at all.
    """
    rules = Rules(network)
    graph = nx.DiGraph(model=network.name, view="regulation", title="rules and what they test and change", legend="")

    def pattern(text: str, node: str, molecule: str) -> str:
        if node not in graph:
            graph.add_node(node, kind="pattern", bipartite=0, label=text, place=network.meta["place_of"][molecule])
        return node

    def atoms(part: Part) -> set[str]:
        return {_atom(part, site, pattern) for site in part.sites if part.sites[site] != ("", ANY)} or {
            pattern(f"{part.name}()", part.name, part.name)
        }

    for step in rules.steps:
        if step.direction == "reverse":
            graph.nodes[step.rule]["reversible"] = True
            rate_only = True
        else:
            place = network.meta["place_of"][step.name(0)]
            graph.add_node(step.rule, kind="rule", bipartite=1, label=plain(step.rule, network), place=place, reversible=False)
            rate_only = False
        for observable in sorted(rules.reads.get(step.rate, ())):
            for part in rules.observables.get(observable, ()):
                for atom in sorted(atoms(part)):
                    if not graph.has_edge(atom, step.rule):
                        graph.add_edge(atom, step.rule, role="rate")
        if rate_only:
            continue
        for one, other in step.pairs:
            before = atoms(one) if one else set()
            after = atoms(other) if other else set()
            for atom in sorted(before - after):
                graph.add_edge(atom, step.rule, role="reactant")
            for atom in sorted(before & after):
                if graph.edges.get((atom, step.rule), {}).get("role") != "reactant":
                    graph.add_edge(atom, step.rule, role="context")
            for atom in sorted(after - before):
                graph.add_edge(step.rule, atom, role="product")
    for node, label in [*graph.nodes(data="label")]:
        for wildcard in [n for n in graph if n.endswith("__bound")]:
            molecule, _, site = wildcard.removesuffix("__bound").partition("__")
            if node != wildcard and graph.nodes[node]["kind"] == "pattern" and "!1" in label and f"{molecule}({site}!1)" in label:
                graph.add_edge(node, wildcard, role="instance")
    return graph


def _atom(part: Part, site: str, pattern: Callable[[str, str, str], str]) -> str:
    state, bond = part.sites[site]
    name = part.name
    if isinstance(bond, tuple):
        ends = sorted([(name, site), bond])
        text = ".".join(f"{molecule}({at}!1)" for molecule, at in ends)
        return pattern(text, "___".join(f"{molecule}__{at}" for molecule, at in ends), name)
    if state:
        return pattern(f"{name}({site}~{state})", f"{name}__{site}__{state}", name)
    if bond == BOUND:
        return pattern(f"{name}({site}!+)", f"{name}__{site}__bound", name)
    assert bond == FREE
    return pattern(f"{name}({site})", f"{name}__{site}__free", name)
