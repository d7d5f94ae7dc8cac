"""A picture of the rule graph: molecules in boxes by place, processes between them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import networkx as nx
from ltpath.exporters.graph import rule_graph

from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "svg"
SUFFIX = ".svg"
SUMMARY = "picture of the molecules and the processes between them"

_FONT = 12
_LETTER = 7.0
"""Generous width of a letter at this font size, px."""
_LINE = 15
_GAP_X, _GAP_Y = 26, 64
_MARGIN = 30
_WIDEST = 1500
_COLOURS = {"cleft": "#E8F1FA", "dendrite": "#FBF1E3", "spine": "#EAF5EC", "tube": "#F2F2F2"}
_ROLES = {
    "consumes": ("#333333", ""),
    "produces": ("#333333", ""),
    "changes": ("#333333", ""),
    "needs": ("#0072B2", "5 3"),
    "influences": ("#D55E00", "2 3"),
}


@dataclass
class Box:
    """A labelled node, centred at x, y."""

    lines: list[str]
    kind: str
    place: str
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        return max(len(line) for line in self.lines) * _LETTER + 16

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + 10


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the picture; a protocol changes nothing."""
    write_atomically(Path(path), picture(network).encode())


def layout(network: ReactionNetwork) -> tuple[nx.DiGraph, dict[str, Box], tuple[float, float]]:
    """Position every node.

    Returns
    -------
    graph : networkx.DiGraph
    boxes : dict of str to Box
    size : tuple of float
        Width and height of the picture, px.
    """
    graph = rule_graph(network)
    boxes = {
        node: Box(textwrap.wrap(data["label"], 22 if data["kind"] == "process" else 18), data["kind"], data["place"])
        for node, data in graph.nodes(data=True)
    }
    rows = _rows(graph, boxes)
    y = _MARGIN + 40.0
    width = 0.0
    for row in rows:
        height = max(boxes[n].height for n in row)
        total = sum(boxes[n].width for n in row) + _GAP_X * (len(row) - 1)
        x = _MARGIN + max(0.0, (_WIDEST - 2 * _MARGIN - total) / 2)
        for node in row:
            boxes[node].x, boxes[node].y = x + boxes[node].width / 2, y + height / 2
            x += boxes[node].width + _GAP_X
        width = max(width, x)
        y += height + _GAP_Y
    return graph, boxes, (max(width + _MARGIN, _WIDEST), y + 40)


def _rows(graph: nx.DiGraph, boxes: dict[str, Box]) -> list[list[str]]:
    """Layers from glutamate down (feedback ignored), split where they would be too wide, ordered by barycentre."""
    sources = [n for n in graph if n.startswith("Glu")] or [n for n in graph if n.startswith("Ca")] or list(graph)[:1]
    depth = nx.multi_source_dijkstra_path_length(graph.to_undirected(), set(sources), weight=lambda *_: 1)
    deepest = max(depth.values())
    layers: dict[int, list[str]] = {}
    for node in graph:
        layers.setdefault(int(depth.get(node, deepest + 1)), []).append(node)
    rows: list[list[str]] = []
    place: dict[str, float] = {}
    for level in sorted(layers):

        def centre(node: str) -> tuple[float, str]:
            near = [place[m] for m in (*graph.predecessors(node), *graph.successors(node)) if m in place]
            return (sum(near) / len(near) if near else 0.5, node)

        ordered = sorted(layers[level], key=centre)
        parts, used = [[]], 0.0
        for node in ordered:
            wide = boxes[node].width + _GAP_X
            if parts[-1] and used + wide > _WIDEST - 2 * _MARGIN:
                parts.append([])
                used = 0.0
            parts[-1].append(node)
            used += wide
        for part in parts:
            for i, node in enumerate(part):
                place[node] = (i + 0.5) / len(part)
            rows.append(part)
    return rows


def picture(network: ReactionNetwork) -> str:
    """The SVG text."""
    graph, boxes, (width, height) = layout(network)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="{_FONT}">',
        "<defs>",
        *(
            f'<marker id="{role}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
            for role, (colour, _) in _ROLES.items()
        ),
        "</defs>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
        f'<text x="{_MARGIN}" y="30" font-size="16" font-weight="bold">{escape(network.name)}: molecules and processes</text>',
    ]
    out += [_edge(boxes[a], boxes[b], data["role"]) for a, b, data in graph.edges(data=True)]
    out += [_node(box) for box in boxes.values()]
    out += _legend(graph, boxes, height)
    return "\n".join([*out, "</svg>", ""])


def _edge(a: Box, b: Box, role: str) -> str:
    colour, dash = _ROLES[role]
    (x1, y1), (x2, y2) = _border(a, b), _border(b, a)
    bend = (y1 + y2) / 2
    pattern = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="M{x1:.1f} {y1:.1f} C{x1:.1f} {bend:.1f} {x2:.1f} {bend:.1f} {x2:.1f} {y2:.1f}" fill="none" stroke="{colour}" '
        f'stroke-width="1.1" opacity="0.75" marker-end="url(#{role})"{pattern}/>'
    )


def _border(box: Box, other: Box) -> tuple[float, float]:
    side = 1 if other.y > box.y else -1 if other.y < box.y else 0
    if side:
        shift = max(-box.width / 3, min(box.width / 3, (other.x - box.x) / 6))
        return box.x + shift, box.y + side * box.height / 2
    return box.x + (box.width / 2 if other.x > box.x else -box.width / 2), box.y


def _node(box: Box) -> str:
    fill = _COLOURS.get(box.place.split("_")[0], "#F2F2F2") if box.kind == "molecule" else "white"
    radius, weight, stroke = (9, "bold", "#333333") if box.kind == "molecule" else (2, "normal", "#AAAAAA")
    top = box.y - box.height / 2
    text = "".join(
        f'<tspan x="{box.x:.1f}" y="{top + 5 + _LINE * i + _FONT - 1:.1f}">{escape(line)}</tspan>'
        for i, line in enumerate(box.lines)
    )
    return (
        f'<rect x="{box.x - box.width / 2:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius}" '
        f'fill="{fill}" stroke="{stroke}"/><text text-anchor="middle" font-weight="{weight}">{text}</text>'
    )


def _legend(graph: nx.DiGraph, boxes: dict[str, Box], height: float) -> list[str]:
    folded = sum(data["rules"].count(",") for _, data in graph.nodes(data=True) if data["kind"] == "process")
    places = sorted({box.place for box in boxes.values()})
    x, y = float(_MARGIN), height - 22
    out = []
    for place in places:
        colour = _COLOURS.get(place.split("_")[0], "#F2F2F2")
        out.append(f'<rect x="{x}" y="{y - 11}" width="16" height="13" fill="{colour}" stroke="#333333"/>')
        out.append(f'<text x="{x + 21}" y="{y}">{escape(place)}</text>')
        x += 40 + len(place) * _LETTER
    for label, role in (("makes or changes", "produces"), ("takes part", "needs"), ("sets the rate", "influences")):
        colour, dash = _ROLES[role]
        out.append(f'<path d="M{x} {y - 4} h28" stroke="{colour}" stroke-dasharray="{dash}" marker-end="url(#{role})"/>')
        out.append(f'<text x="{x + 34}" y="{y}">{label}</text>')
        x += 54 + len(label) * _LETTER
    out.append(
        f'<text x="{x}" y="{y}" fill="#555555">forward and reverse are one process; {folded} further rules that do the same are folded in</text>'
    )
    return out
