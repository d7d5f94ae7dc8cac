"""A model as a map: molecules in their places, and links between them that stand for the processes of the rule graph.

The map of a synapse shows that synapse with what it shares (dendrite, nucleus). Words and places
on the grid come from ``page/words.toml``; everything else from the graph.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx

from ltpath.expansion import ReactionNetwork
from ltpath.exporters.graph import rule_graph
from ltpath.exporters.together import MOST, Together, drawn_together

_CELL = (182.0, 74.0)
_BOX = (142.0, 46.0)
_MINOR = (104.0, 30.0)
_PADDING, _GAP, _TITLE = 16.0, 26.0, 22.0
_ABREAST = 4
"""Molecules without a place in the words stand so many in a row."""
_LIFT = 52.0
"""How far a link that would run along a row of boxes bends away from it, px."""


@dataclass
class Node:
    """A molecule on the map, centred at x, y."""

    id: str
    label: str
    does: str
    place: str
    minor: bool
    x: float = 0.0
    y: float = 0.0

    @property
    def size(self) -> tuple[float, float]:
        return _MINOR if self.minor else _BOX


@dataclass
class Link:
    """Processes by which one molecule acts on another, or becomes or binds it.

    Attributes
    ----------
    acts : bool
        The first only sets the rate of what happens to the second.
    processes : list of str
        Nodes of the rule graph.
    path : str
        As SVG writes it.
    """

    source: str
    target: str
    acts: bool
    processes: list[str] = field(default_factory=list)
    path: str = ""


@dataclass(frozen=True)
class Frame:
    """A place's outline on the map."""

    id: str
    label: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class SignalMap:
    """All that is drawn for one synapse; `folded` counts the links that another shown molecule stands for."""

    synapse: str
    nodes: dict[str, Node]
    links: list[Link]
    frames: list[Frame]
    width: float
    height: float
    folded: int


@cache
def words() -> dict[str, Any]:
    """The page's words (``page/words.toml``)."""
    return tomllib.loads((Path(__file__).parent / "page" / "words.toml").read_text(encoding="utf-8"))


def synapses(network: ReactionNetwork) -> list[str]:
    """The synapses that have a map each; one that is empty where the model has no synapse."""
    found = {place["synapse"] for name, place in network.meta["places"].items() if place["synapse"] not in ("", name)}
    return sorted(found) or [""]


def stem(network: ReactionNetwork, molecule: str) -> str:
    """The name under which the words know a molecule: its full name, that with its place, or that without its synapse's letter."""
    place = network.meta["place_of"][molecule]
    suffix = network.meta["places"][place]["synapse"]
    if f"{molecule}_{place}" in words()["molecule"]:
        return f"{molecule}_{place}"
    return molecule if molecule in words()["molecule"] or not suffix else molecule.removesuffix(f"_{suffix}")


def word(network: ReactionNetwork, molecule: str) -> dict[str, Any]:
    """What the words say of a molecule."""
    return words()["molecule"].get(stem(network, molecule), {})


def shown_graph(network: ReactionNetwork) -> nx.DiGraph:
    """The rule graph, with molecules of one job as one where a synapse would have too many boxes.

    Raises
    ------
    BadValue
        A network-free model.
    """
    graph = rule_graph(network)
    names = {m: box[0] for _, box in _together(network) for m in box[1:]}
    found = nx.DiGraph(**graph.graph)
    found.add_nodes_from((n, data) for n, data in graph.nodes(data=True) if n not in names)
    # A box that takes part in a process does not only set its rate.
    for one, other, data in sorted(graph.edges(data=True), key=lambda edge: edge[2]["role"] != "influences"):
        found.add_edge(names.get(one, one), names.get(other, other), **data)
    return found


def _together(network: ReactionNetwork) -> list[tuple[Together, list[str]]]:
    """The boxes that stand for several molecules."""
    ours = _ours(network, synapses(network)[0])
    return drawn_together(network) if sum(place in ours for place in network.meta["place_of"].values()) > MOST else []


def _ours(network: ReactionNetwork, synapse: str) -> set[str]:
    """Places of a synapse and those that it shares."""
    return {p for p, facts in network.meta["places"].items() if facts["synapse"] in ("", p, synapse)}


def signal_map(network: ReactionNetwork, synapse: str, graph: nx.DiGraph | None = None) -> SignalMap:
    """Place the molecules of one synapse and draw the links between them.

    Parameters
    ----------
    network : ReactionNetwork
    synapse : str
        One of `synapses`.
    graph : networkx.DiGraph, optional
        What `shown_graph` gives, where it is made already.

    Raises
    ------
    BadValue
        A network-free model.
    """
    graph = shown_graph(network) if graph is None else graph
    ours = _ours(network, synapse)
    boxes = {box[0]: one for one, box in _together(network)}
    nodes, at = {}, {}
    for name, data in graph.nodes(data=True):
        if data["kind"] == "molecule" and data["place"] in ours:
            said = word(network, name) | (words()["together"].get(boxes[name].name, {}) if name in boxes else {})
            label = said.get("label", boxes[name].label if name in boxes else data["label"])
            # A synapse's own branch of a dendrite that all share is drawn in it.
            shared = data["place"].removesuffix(f"_{synapse}")
            place = shared if shared in ours else data["place"]
            nodes[name] = Node(name, label, said.get("does", ""), place, said.get("minor", False))
            if "at" in said:
                at[name] = said["at"]
    frames, width, height = _stand(nodes, at, network, synapse)
    links, folded = _links(network, graph, nodes)
    for link in links:
        link.path = _path(nodes[link.source], nodes[link.target])
    return SignalMap(synapse, nodes, links, frames, width, height, folded)


# -- places -----------------------------------------------------------------------------


def _stand(
    nodes: dict[str, Node], at: dict[str, list[float]], network: ReactionNetwork, synapse: str
) -> tuple[list[Frame], float, float]:
    """Give every molecule its position (`at`: column and row of those that the words place) and every place its outline."""
    kind = {p: p.removesuffix(f"_{synapse}") if synapse else p for p in {n.place for n in nodes.values()}}
    order = [*words()["place"]]
    placed = sorted(kind, key=lambda p: (order.index(kind[p]) if kind[p] in order else len(order), p))
    grid: dict[str, Sequence[float]] = {}
    for place in placed:
        mine = [n for n in nodes.values() if n.place == place]
        known = {n.id: at[n.id] for n in mine if n.id in at}
        bottom = max((row for _, row in known.values()), default=-1)
        others = [n.id for n in mine if n.id not in known]
        grid |= known | {n: (i % _ABREAST, bottom + 1 + i // _ABREAST) for i, n in enumerate(others)}
    # These two lie on top of what follows them; each further place is a column of its own, its rows level with the spine's.
    on_top = {p for p, q in pairwise(placed) if (kind[p], kind[q]) in (("cleft", "spine"), ("outside", "dendrite"))}
    top = {p: -1.0 if p in on_top else 0.0 for p in placed}
    frames, left, right = [], 0.0, 0.0
    for place in placed:
        cells = {n.id: grid[n.id] for n in nodes.values() if n.place == place}
        columns = [column for column, _ in cells.values()]
        above = bool(frames) and placed[placed.index(place) - 1] in on_top
        left = left if above else right + (_GAP if frames else 0.0)
        for name, (column, row) in cells.items():
            nodes[name].x = left + _PADDING + _BOX[0] / 2 + (column - min(columns)) * _CELL[0]
            nodes[name].y = (row + top[place]) * _CELL[1] - (_GAP + _TITLE if row + top[place] < 0 else 0.0)
        edges = [(nodes[n].x, nodes[n].y) for n in cells]
        wide = max(x for x, _ in edges) + _BOX[0] / 2 + _PADDING - left
        y = min(y for _, y in edges) - _BOX[1] / 2 - _TITLE
        tall = max(y for _, y in edges) + _BOX[1] / 2 + _PADDING - y
        label = words()["place"].get(kind[place], {}).get("label", kind[place])
        frames.append(
            Frame(
                place, label + (f" {synapse}" if kind[place] == "spine" and len(synapses(network)) > 1 else ""), left, y, wide, tall
            )
        )
        right = max(right, left + wide)
    lowest = min(f.y for f in frames)
    for node in nodes.values():
        node.y -= lowest
    frames = [Frame(f.id, f.label, f.x, f.y - lowest, f.width, f.height) for f in frames]
    return frames, right, max(f.y + f.height for f in frames)


# -- links ------------------------------------------------------------------------------


def _links(network: ReactionNetwork, graph: nx.DiGraph, nodes: dict[str, Node]) -> tuple[list[Link], int]:
    """One link for each pair of molecules that processes join, in the direction in which the story goes."""
    story = {name: i for i, name in enumerate(words()["molecule"])}
    plain = {n: stem(network, n) for n in nodes}
    rank = {n: story.get(plain[n], len(story)) for n in nodes}
    fold = {a: set(bs) for a, bs in words()["fold"].items()}
    chains: dict[str, list[str]] = {}
    actors: dict[str, list[str]] = {}
    for process, data in graph.nodes(data=True):
        if data["kind"] != "process":
            continue
        ins = {m: graph.edges[m, process]["role"] for m in graph.predecessors(process) if m in nodes}
        outs = {m: graph.edges[process, m]["role"] for m in graph.successors(process) if m in nodes}
        acting = [m for m, role in ins.items() if role == "influences"]
        part = {m for m in {*ins, *outs} if m not in acting} or set(outs)
        # What is used up comes first, and what is only made comes last.
        chains[process] = sorted(part, key=lambda m: (ins.get(m) != "consumes", m not in ins, rank[m], m))
        actors[process] = acting
    bound = {frozenset(pair) for chain in chains.values() for pair in pairwise(chain)}
    links: dict[tuple[str, str, bool], Link] = {}
    folded: set[tuple[str, str]] = set()

    def link(a: str, b: str, acts: bool, process: str) -> None:
        links.setdefault((a, b, acts), Link(a, b, acts)).processes.append(process)

    for process, chain in chains.items():
        for a, b in pairwise(chain):
            link(a, b, False, process)
        changed = [m for m in chain if graph.has_edge(process, m)]
        for a in actors[process] if changed else ():
            b = changed[0]
            carried = any(frozenset((a, c)) in bound and rank[c] > rank[a] for c in actors[process])
            if carried or plain[b] in fold.get(plain[a], ()):
                folded.add((a, b))
            elif a != b:
                link(a, b, True, process)
    # Where two bind and one also sets a rate, one line says both.
    for (a, b, acts), one in [*links.items()]:
        other = links.get((a, b, False)) or links.get((b, a, False))
        if acts and other is not None:
            other.processes += [p for p in one.processes if p not in other.processes]
            del links[a, b, acts]
    return [*links.values()], len(folded - {(link.source, link.target) for link in links.values()})


def _path(a: Node, b: Node) -> str:
    """A curve from border to border: down or up between rows, sideways within one."""
    (wide_a, tall_a), (wide_b, tall_b) = a.size, b.size
    dx, dy = b.x - a.x, b.y - a.y
    if abs(dy) < _BOX[1] or abs(dx) > 2.6 * abs(dy):
        side = math.copysign(1.0, dx)
        x1, x2 = a.x + side * wide_a / 2, b.x - side * (wide_b / 2 + 7)
        lift = -_LIFT if abs(dy) < 1 and abs(dx) > 1.6 * _CELL[0] else 0.0
        bend = (x2 - x1) * 0.45
        return f"M{x1:.0f} {a.y:.0f}C{x1 + bend:.0f} {a.y + lift:.0f} {x2 - bend:.0f} {b.y + lift:.0f} {x2:.0f} {b.y:.0f}"
    side = math.copysign(1.0, dy)
    # Links that leave or reach a box from one side use that side of its edge.
    shift_a, shift_b = (max(-0.36, min(0.36, dx / (9 * w))) * w for w in (wide_a, wide_b))
    x1, y1, x2, y2 = a.x + shift_a, a.y + side * tall_a / 2, b.x - shift_b, b.y - side * (tall_b / 2 + 7)
    bend = (y2 - y1) * 0.5
    return f"M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"
