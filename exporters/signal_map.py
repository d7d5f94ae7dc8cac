"""What acts on what: molecules, and the influences between them that the rules make, signed.

The map needs no expansion. It is what a reader of a paper expects to see first, and small: a molecule
is one node whatever its states, and spines with the same rules are drawn once.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise, product

import networkx as nx
from ltpath.exporters.graph import plain
from ltpath.exporters.rules import POTENTIAL, Part, Rules, Step, parts, sign
from ltpath.exporters.simplify import merged, remark
from ltpath.exporters.together import drawn_together

from ltpath.expansion import ReactionNetwork

LIMIT = 32
"""Nodes in the default view, which a page of a journal can show; where there are more, the least of them are folded."""
_ROLES = {1: "stimulates", -1: "inhibits", None: "modulates", 0: "modulates"}


@dataclass
class _Link:
    """What is known of one molecule's influence on another."""

    signs: set[int | None] = field(default_factory=set)
    rules: dict[str, None] = field(default_factory=dict)
    ways: set[str] = field(default_factory=set)


def signal_map(network: ReactionNetwork, *, limit: int = LIMIT) -> nx.DiGraph:
    """Molecules and the signed influences between them.

    A molecule acts on another by taking part in a rule that changes it, by setting the rule's rate, or by binding to it. The sign says
    whether the other then does more or less to third molecules: inhibitor-1 takes PP1 away, and calmodulin switches calcineurin on.

    Parameters
    ----------
    network : ReactionNetwork
        Network-free ones too.
    limit : int
        Nodes at most; what is folded to reach it is in ``graph.graph["legend"]``.

    Returns
    -------
    networkx.DiGraph
        Nodes: ``kind`` ("molecule", or "potential" for the membrane potentials together), ``label``, ``place``, ``area`` (the place
        as text), ``glyph`` (a class of SBGN), ``states`` (its sites and their states, as "T286: u p; T306: u p"), ``members``
        (monomers) and ``stimulus`` (what a protocol adds it by, or empty). Edges: ``role`` ("stimulates", "inhibits", "modulates" where the
        sign is not the same everywhere, "binds", "makes"), ``sign`` (+1, -1, 0), ``ways`` ("catalysis", "rate", "binding",
        "making") and ``rules``.
    """
    rules = Rules(network)
    graph = nx.DiGraph(model=network.name, view="signal", legend="")
    stimuli = _stimuli(network)
    for monomer, place in network.meta["place_of"].items():
        # The clock of a model whose rates follow the time is no molecule of its rules.
        if monomer not in rules.types:
            continue
        graph.add_node(
            monomer, kind="molecule", label=plain(monomer, network), place=place, glyph=_glyph(monomer, network),
            states=_states(rules.types[monomer]), members=monomer, area=_area(place, network), stimulus=stimuli.get(monomer, ""),
        )  # fmt: skip
    links, bindings = _links(rules)
    _settle_bindings(links, bindings)
    if rules.potentials:
        graph.add_node(
            rules.potentials[0], kind="potential", label=POTENTIAL, place=_place(rules.potentials[0], network), glyph="phenotype",
            states="", members=", ".join(rules.potentials), area=_area(_place(rules.potentials[0], network), network), stimulus="",
        )  # fmt: skip
    for (one, other), link in links.items():
        signs = link.signs - {0} or {0}
        total = next(iter(signs)) if len(signs) == 1 else None
        role = "binds" if link.ways == {"binding"} and total in (0, None) else _ROLES[total]
        if link.ways == {"making"}:
            role, total = "makes", 1
        graph.add_edge(one, other, role=role, sign=total or 0, ways=", ".join(sorted(link.ways)), rules=", ".join(link.rules))
    graph = _tokens_of_potential(graph, rules)
    remark(graph, "a molecule is one box with all its states")
    remark(graph, "making and loss of a molecule alone, and what binding takes from the binder, are not drawn")
    graph = _joined(_alike_once(graph, network))
    return _small(_together(graph, network) if len(graph) > limit else graph, limit)


def _tokens_of_potential(graph: nx.DiGraph, rules: Rules) -> nx.DiGraph:
    """Merge into the potential the molecules that are nothing else than a part of it, and no input."""
    if not rules.potentials:
        return graph
    potential = rules.potentials[0]
    tokens = [
        n
        for n in graph
        if not graph.nodes[n]["stimulus"] and set(graph.successors(n)) == {potential} and potential in graph.predecessors(n)
    ]
    return merged(graph, dict.fromkeys(tokens, potential), keep=potential)


def _place(quantity: str, network: ReactionNetwork) -> str:
    """Where a quantity belongs: the place with its name, or one of its synapse."""
    places = network.meta["places"]
    named = [p for p in places if p.removesuffix(f"_{places[p]['synapse']}") in quantity]
    return next((p for p in named if quantity.endswith(f"_{places[p]['synapse']}") or not places[p]["synapse"]), next(iter(places)))


def _stimuli(network: ReactionNetwork) -> dict[str, str]:
    """The stimulus that adds each molecule; calcium only where nothing else brings it."""
    found = {parts(network.species[s])[0].name: i["name"] for i in network.meta["inputs"] for s in i["species"]}
    others = {m: name for m, name in found.items() if name != "calcium"}
    return others or found


def _area(place: str, network: ReactionNetwork) -> str:
    """A place's name as text, with its synapse where there are several."""
    places = network.meta["places"]
    letter = places[place]["synapse"]
    base = place.removesuffix(f"_{letter}")
    return base if sum(p.startswith(base) for p in places) == 1 else f"{base} {letter}"


def _glyph(monomer: str, network: ReactionNetwork) -> str:
    identity = network.meta["identity"].get(monomer, "")
    if re.search(r"RNA|Gene|DNA", monomer):
        return "nucleic acid feature"
    kinds = {"CHEBI": "simple chemical", "uniprot": "macromolecule", "GO": "phenotype"}
    return kinds.get(identity.partition(":")[0], "unspecified entity")


def _states(types: Part) -> str:
    return "; ".join(f"{site}: {states.replace(',', ' ')}" for site, (states, _) in types.sites.items() if states)


# -- influences ----------------------------------------------------------------------------


def _links(rules: Rules) -> tuple[dict[tuple[str, str], _Link], set[frozenset[str]]]:
    links: dict[tuple[str, str], _Link] = defaultdict(_Link)
    bindings: set[frozenset[str]] = set()
    outcome = _Outcome(rules)
    alone = {(step.what(i), frozenset(step.name(j) for j in range(len(step.pairs)))) for step in rules.steps for i in step.altered}

    def add(actor: str, target: str, value: int | None, step: Step, way: str) -> None:
        link = links[actor, target]
        link.signs.add(value)
        link.rules[step.rule] = None
        link.ways.add(way)

    for step in rules.steps:
        present = frozenset(step.name(j) for j in range(len(step.pairs)))
        changed = {step.name(i) for i in step.altered}
        partners = {j for i in step.altered for j in step.altered if not step.together(i, j) and step.name(i) != step.name(j)}
        for i in step.altered:
            target = step.name(i)
            made = step.pairs[i][0] is None
            effect = outcome.of(step, target, "")
            # What is used up on another molecule's behalf is no target of what helps.
            helped = step.pairs[i][1] is not None or i not in partners
            for j, (one, other) in enumerate(step.pairs):
                actor = step.name(j)
                if one is None or j == i:
                    continue
                if one == other:
                    # Context of a change that also happens without it is no actor.
                    bound = actor != target and any(step.together(j, k) for k in step.altered)
                    if helped and not (bound and (step.what(i), present - {actor}) in alone):
                        add(actor, target, effect, step, "making" if made else "catalysis")
                elif actor != target and not step.together(i, j) and (other is None or not made):
                    way = "making" if made else "binding"
                    if way == "binding":
                        bindings.add(frozenset((actor, target)))
                    value = 1 if made else outcome.of(step, target, actor)
                    # Where three meet, two are used up for the sake of the third.
                    if value == 1 or len({step.name(k) for k in partners}) < 3:
                        add(actor, target, value, step, way)
            for actor, steepness in _rate_actors(rules, step.rate).items() if helped else ():
                if actor not in changed:
                    add(actor, target, None if steepness is None or effect is None else steepness * effect, step, "rate")
    for potential in rules.potentials:
        for actor, steepness in _rate_actors(rules, potential).items():
            if actor not in rules.potentials:
                link = links[actor, rules.potentials[0]]
                link.signs.add(steepness)
                link.ways.add("rate")
    return dict(links), bindings


def _rate_actors(rules: Rules, name: str) -> dict[str, int | None]:
    """Molecules that a rate or potential reads, or the potential, and the sign of its slope by each."""
    slopes: dict[str, list[float]] = defaultdict(list)
    electric = not rules.within.get(name, set()).isdisjoint(rules.potentials)
    for read, values in rules.direct_slopes.get(name, {}).items():
        # What sets the potential acts on channels by the potential, unless it is the channel.
        if (
            electric
            and name not in rules.potentials
            and any(read in rules.reads[p] for p in rules.potentials)
            and not rules.needs(name, read)
        ):
            continue
        for actor in rules.potentials[:1] if read == POTENTIAL else sorted({part.name for part in rules.observables[read]}):
            slopes[actor] += values
    return {actor: sign(values) for actor, values in slopes.items()}


class _Outcome:
    """Whether a molecule, after a step, does more or less to others than before."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.uses: dict[str, list[Step]] = defaultdict(list)
        for step in rules.steps:
            for monomer in {part.name for part in step.before} | rules.readers(step.rate):
                if {step.name(i) for i in step.altered} - {monomer}:
                    self.uses[monomer].append(step)

    def of(self, step: Step, monomer: str, without: str) -> int | None:
        """+1 more, -1 less, None where it cannot be said; steps in which the molecule `without` takes part do not count."""
        sums: dict[frozenset[str], int] = defaultdict(int)
        for use in self.uses[monomer]:
            if use.rule == step.rule:
                continue
            changed = frozenset(use.name(i) for i in use.altered)
            if without and without in changed | {part.name for part in use.before} | self.rules.readers(use.rate):
                continue
            tests = [part for part in use.before if part.name == monomer]
            total = sum(step.effect(test) for test in tests) + self._of_rate(step, use.rate, monomer)
            sums[changed - {monomer}] += total
        total = sign([(s > 0) - (s < 0) for s in sums.values()])
        if total:
            return total
        read = 0 if total is None else self._by_readouts(step, monomer)
        return read if read or without else self._away_from_rest(step, monomer) or total

    def _of_rate(self, step: Step, rate: str, monomer: str) -> int:
        """Whether there is more or less of what the rate reads of the molecule, whatever the rate makes of it."""
        slopes = self.rules.slopes.get(rate, {})
        tests = [(o, test) for o in slopes for test in self.rules.observables[o] if test.name == monomer]
        points = range(len(next(iter(slopes.values()), ())))
        steepness = sign([slopes[o][k] for o, _ in tests for k in points]) or 1
        return steepness * (sign([sum(step.effect(test) * slopes[o][k] for o, test in tests) for k in points]) or 0)

    def _by_readouts(self, step: Step, monomer: str) -> int:
        """By the readouts with a formula, such as a strength, and only without them by counts, of which some rise as others fall."""
        named = [n for n in self.rules.network.meta["readouts"] if monomer in self.rules.readers(n)]
        counts = [
            sum(step.effect(t) for t in self.rules.observables[n] if t.name == monomer)
            for n in named
            if n in self.rules.observables
        ]
        return sign([self._of_rate(step, n, monomer) for n in named]) or sign(counts) or 0

    def _away_from_rest(self, step: Step, monomer: str) -> int:
        return sign([-step.effect(part) for part in self.rules.initial.get(monomer, ())]) or 0


def _settle_bindings(links: dict[tuple[str, str], _Link], bindings: Iterable[frozenset[str]]) -> None:
    """Of the two directions of a binding keep the one that does something: what switches on, or else what takes away."""
    for pair in sorted(map(sorted, bindings)):
        one, other = pair
        ways = {(a, b): links.get((a, b)) for a, b in ((one, other), (other, one))}
        only = {k: v for k, v in ways.items() if v is not None and v.ways == {"binding"}}
        for v in only.values():
            v.signs.discard(0)
        if len(only) < 2:
            continue
        ups = [k for k, v in only.items() if v.signs == {1}]
        downs = [k for k, v in only.items() if v.signs == {-1}]
        keep = (ups or downs or [(one, other)])[0] if len(ups) < 2 else (one, other)
        if len(ups) == 2 or (not ups and len(downs) != 1):
            links[keep].signs = {None}
        for k in only:
            if k != keep:
                del links[k]


# -- folding -----------------------------------------------------------------------------


def _alike_once(graph: nx.DiGraph, network: ReactionNetwork) -> nx.DiGraph:
    """Draw synapses that have the same molecules once."""
    by_synapse: dict[str, dict[str, str]] = defaultdict(dict)
    for monomer, place in graph.nodes(data="place"):
        letter = network.meta["places"][place]["synapse"]
        if letter:
            by_synapse[letter][monomer] = monomer.removesuffix(f"_{letter}")
    groups: dict[frozenset[str], list[str]] = defaultdict(list)
    for letter, monomers in by_synapse.items():
        groups[frozenset(monomers.values())].append(letter)
    for letters in groups.values():
        if len(letters) > 1:
            names = {m: f"{base}_{letters[0]}" for letter in letters for m, base in by_synapse[letter].items()}
            graph = merged(graph, names)
            for node, area in graph.nodes(data="area"):
                if area.endswith(f" {letters[0]}"):
                    graph.nodes[node]["area"] = f"{area.removesuffix(f' {letters[0]}')} ({len(letters)} alike)"
            remark(graph, f"{len(letters)} synapses with the same rules ({', '.join(letters)}) are drawn once")
    return graph


def _joined(graph: nx.DiGraph) -> nx.DiGraph:
    """Leave out what does nothing to any other, and to which nothing is done."""
    alone = [n for n in graph if not {*graph.predecessors(n), *graph.successors(n)} - {n}]
    if alone and len(alone) < len(graph):
        remark(graph, f"not drawn, because nothing meets them: {', '.join(graph.nodes[n]['label'] for n in alone)}")
        graph.remove_nodes_from(alone)
    return graph


def _together(graph: nx.DiGraph, network: ReactionNetwork) -> nx.DiGraph:
    """Draw molecules of one job as one, with the signs of what they do and of what is done to them by the first of them."""
    names: dict[str, str] = {}
    boxes: dict[str, dict[str, str]] = {}
    told = []
    for one, monomers in drawn_together(network):
        here = [m for m in monomers if m in graph]
        if len(here) < 2 or here[0] != monomers[0]:
            continue
        first = here[0]
        labels = [graph.nodes[m]["label"] for m in here]
        told.append(one.label if all(label in one.label.split(", ") for label in labels) else f"{one.label} ({', '.join(labels)})")
        stimulus = next(filter(None, (graph.nodes[m]["stimulus"] for m in here)), "")
        boxes[first] = {**graph.nodes[first], "label": one.label, "states": "", "stimulus": stimulus}
        boxes[first]["members"] = ", ".join(graph.nodes[m]["members"] for m in here)
        factors = {m: _sign_by(graph, here, m) for m in here[1:]}
        names |= dict.fromkeys(here, first)
        for m, factor in factors.items():
            for a, b, data in [*graph.in_edges(m, data=True), *graph.out_edges(m, data=True)]:
                if factor != 1 and data["role"] != "binds" and not {a, b} <= {*here}:
                    total = data["sign"] * factor
                    graph.edges[a, b].update(sign=total, role=_ROLES[total])
    if not names:
        return graph
    graph = merged(graph, names)
    for first, data in boxes.items():
        graph.nodes[first].update(data)
    remark(graph, f"of one job and drawn as one: {' / '.join(told)}")
    return graph


def _sign_by(graph: nx.DiGraph, box: list[str], member: str) -> int:
    """Whether more of a member is more (+1) of what the first of its box does, or less (-1); 0 where it cannot be said."""
    inside, first = graph.subgraph(box), box[0]
    for ends in ((member, first), (first, member)):
        if nx.has_path(inside, *ends):
            return math.prod(graph.edges[e]["sign"] for e in pairwise(nx.shortest_path(inside, *ends)))
    shared = {*graph.successors(member)} & {*graph.successors(first)}
    return sign([graph.edges[member, n]["sign"] * graph.edges[first, n]["sign"] for n in shared]) or 0


def _small(graph: nx.DiGraph, limit: int) -> nx.DiGraph:
    """Fold the least nodes until there are few enough: twins first, then what hangs on one molecule alone."""
    if len(graph) > limit:
        seen: dict[tuple[object, ...], str] = {}
        names = {}
        for node, data in graph.nodes(data=True):
            key = (data["place"], frozenset(graph.predecessors(node)), frozenset(graph.successors(node)))
            names[node] = seen.setdefault(key, node)
        if set(names.values()) != set(graph):
            labels: dict[str, list[str]] = defaultdict(list)
            for node, first in names.items():
                labels[first].append(graph.nodes[node]["label"])
            graph = merged(graph, names)
            for node, together in labels.items():
                graph.nodes[node]["label"] = ", ".join(together)
            alike = [" and ".join(together) for together in labels.values() if len(together) > 1]
            remark(graph, f"drawn as one because they act alike: {', '.join(alike)}")
    leaves, relays = [], []
    while len(graph) > limit:
        places = [place for _, place in graph.nodes(data="place")]
        # The last of a place goes after all others, so that a reader sees that there is such a place.
        folded = [n for n, data in graph.nodes(data=True) if not data["stimulus"] and places.count(data["place"]) > 1]
        near = {n: {*graph.predecessors(n), *graph.successors(n)} - {n} for n in folded}
        hanging = [n for n in folded if len(near[n]) <= 1]
        between = [n for n in folded if graph.in_degree(n) and graph.out_degree(n)]
        if not hanging and not between:
            break
        node = min(hanging or between, key=lambda n: (_arrows_more(graph, n), graph.degree(n), n))
        (leaves if hanging else relays).append(graph.nodes[node]["label"])
        if not hanging:
            _short_cut(graph, node)
        graph.remove_node(node)
    if leaves:
        remark(graph, f"not drawn, because one molecule alone meets them: {', '.join(leaves)}")
    if relays:
        remark(graph, f"drawn as a part of the arrow between what is before and after them: {', '.join(relays)}")
    return graph


def _arrows_more(graph: nx.DiGraph, node: str) -> int:
    """How many arrows there are more, at most, without a node."""
    return (graph.in_degree(node) - 1) * (graph.out_degree(node) - 1)


def _short_cut(graph: nx.DiGraph, node: str) -> None:
    """Join what is before a node to what is after it."""
    for before, after in product([*graph.predecessors(node)], [*graph.successors(node)]):
        if node in (before, after) or before == after:
            continue
        first, second = graph.edges[before, node], graph.edges[node, after]
        known = [graph.edges[before, after]] if graph.has_edge(before, after) else []
        # That the two only bind says nothing against a sign that is known.
        signs = {e["sign"] for e in known} | ({first["sign"] * second["sign"]} if not known or first["role"] != "binds" else set())
        total = signs.pop() if len(signs) == 1 else 0
        joined = {
            key: ", ".join(dict.fromkeys(filter(None, (e[key] for e in [first, second, *known])))) for key in ("ways", "rules")
        }
        graph.add_edge(before, after, role=_ROLES[total], sign=total, **joined)
