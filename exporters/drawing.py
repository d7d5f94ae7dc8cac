"""Pictures of graphs: boxes in the manner of SBGN, places as areas, arrows routed around boxes, and a legend.

Graphviz (its `dot`, by pygraphviz) places the boxes and routes the arrows; matplotlib measures the text and draws.
All lengths are points of a page that is printed 180 mm wide.
"""

from __future__ import annotations

import io
import json
import math
import textwrap
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from ltpath.exporters.needs import library
from ltpath.exporters.simplify import remark

from ltpath.cache import write_atomically
from ltpath.errors import BadValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE = 510.0
"""Width of two columns of a journal, 180 mm, in points."""
LARGEST = 60
"""Nodes that a picture can show."""
FONT = "DejaVu Sans"
LARGE, SMALL = 8.0, 6.0
"""Sizes of a box's name and of everything else, pt."""
_LEADING = 1.25
Edge = tuple[str, str]
_ROOM = '<<table border="0"><tr><td height="8" width="40"></td></tr></table>>'
_PAD = 5.0
_TOP, _MARGIN = 26.0, 6.0
# Okabe and Ito's palette; every role has a line end of its own as well.
ROLES: dict[str, tuple[str, str, str]] = {
    "stimulates": ("#0072B2", "triangle", "switches on"),
    "inhibits": ("#B24A00", "bar", "switches off or takes away"),
    "modulates": ("#555555", "diamond", "both, or it depends"),
    "makes": ("#1A1A1A", "arrow", "makes or becomes"),
    "binds": ("#1A1A1A", "dot", "binds"),
    "activates": ("#0072B2", "triangle", "speeds up"),
    "both": ("#555555", "diamond", "speeds up or slows down"),
    "rate": ("#0072B2", "triangle", "sets the rate"),
    "context": ("#555555", "circle", "must be there"),
    "reactant": ("#1A1A1A", "none", "is used"),
    "product": ("#1A1A1A", "arrow", "comes from it"),
    "modifier": ("#555555", "circle", "must be there"),
    "changes": ("#1A1A1A", "arrow", "becomes"),
    "instance": ("#8A8A8A", "arrow", "is one of"),
}
AREAS = {"cleft": "#E3EFF8", "spine": "#E9F3E6", "dendrite": "#FBF0DC", "nucleus": "#EFE8F3"}
OTHER_AREA = "#F1F1F1"


@dataclass
class Text:
    """A line of text at x, y: centred, or begun there where it is `left`."""

    text: str
    x: float
    y: float
    size: float = SMALL
    weight: str = "normal"
    colour: str = "#222222"
    left: bool = False

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top."""
        wide = width(self.text, self.size, self.weight)
        x = self.x if self.left else self.x - wide / 2
        return x, self.y - 0.55 * self.size, x + wide, self.y + 0.55 * self.size


@dataclass
class Box:
    """A node, centred at x, y."""

    node: str
    glyph: str
    name: list[str]
    notes: list[str]
    pills: list[str]
    stimulus: bool = False
    binding: frozenset[str] = frozenset()
    x: float = 0.0
    y: float = 0.0

    @property
    def rows(self) -> list[list[str]]:
        """Pills in rows of the box's width."""
        wide = max([40.0, *(width(t, LARGE, "bold") for t in self.name), *(width(t, SMALL) for t in self.notes)])
        rows: list[list[str]] = [[]]
        for pill in self.pills:
            if rows[-1] and sum(_pill(p) + 3 for p in [*rows[-1], pill]) > max(wide, 62.0):
                rows.append([])
            rows[-1].append(pill)
        return rows if self.pills else []

    @property
    def width(self) -> float:
        lines = [width(t, LARGE, "bold") for t in self.name] + [width(t, SMALL) for t in self.notes]
        lines += [sum(_pill(p) + 3 for p in row) - 3 for row in self.rows]
        extra = 14.0 if self.glyph in ("phenotype", "simple chemical") else 0.0
        return max(lines) + 2 * _PAD + extra

    @property
    def height(self) -> float:
        return 2 * _PAD - 2 + _LEADING * (LARGE * len(self.name) + SMALL * len(self.notes)) + (SMALL + 5) * len(self.rows)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        return self.x - self.width / 2, self.y - self.height / 2, self.x + self.width / 2, self.y + self.height / 2

    def texts(self) -> Iterator[Text]:
        """Name, notes and pills, from top to bottom."""
        y = self.y + self.height / 2 - _PAD + 1
        for line in self.name:
            y -= _LEADING * LARGE / 2
            yield Text(line, self.x, y, LARGE, "bold")
            y -= _LEADING * LARGE / 2
        for line in self.notes:
            y -= _LEADING * SMALL / 2
            yield Text(line, self.x, y, colour="#444444")
            y -= _LEADING * SMALL / 2
        for row in self.rows:
            y -= (SMALL + 5) / 2
            x = self.x - (sum(_pill(p) + 3 for p in row) - 3) / 2
            for pill in row:
                yield Text(pill, x + _pill(pill) / 2, y)
                x += _pill(pill) + 3
            y -= (SMALL + 5) / 2


@dataclass
class Arrow:
    """An edge as the control points of joined cubic curves."""

    source: str
    target: str
    role: str
    points: np.ndarray


@dataclass
class Picture:
    """Everything with its place; the origin is the lower left corner."""

    title: str
    width: float
    height: float
    boxes: dict[str, Box]
    arrows: list[Arrow]
    areas: list[tuple[str, float, float, float, float]]
    legend: list[Text] = field(default_factory=list)
    keys: list[tuple[str, float, float]] = field(default_factory=list)

    def texts(self) -> list[Text]:
        """Every text of the picture."""
        areas = [Text(area, x0 + 6, y1 - 8, SMALL + 1, "bold", "#666666", left=True) for area, x0, _, _, y1 in self.areas]
        title = Text(self.title, _MARGIN, self.height - 12, LARGE + 2, "bold", left=True)
        return [title, *areas, *(t for box in self.boxes.values() for t in box.texts()), *self.legend]


@cache
def width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    return (
        float(TextPath((0, 0), text, size=size, prop=FontProperties(family=FONT, weight=weight)).get_extents().x1)
        if text.strip()
        else 0.0
    )


def _pill(text: str) -> float:
    return width(text, SMALL) + 7


# -- where things lie --------------------------------------------------------------------


def layout(graph: nx.DiGraph) -> Picture:
    """Place boxes and arrows.

    Parameters
    ----------
    graph : networkx.DiGraph
        Nodes with ``label``, and perhaps ``place``, ``glyph`` and ``states``; edges with ``role``.

    Raises
    ------
    BadValue
        There are more nodes than a picture can show, or none.
    MissingTool
        pygraphviz is not installed.
    """
    if graph.graph.get("view") == "contact":
        graph = _contacts(graph)
    if not graph:
        raise BadValue(
            f"the view '{graph.graph.get('view', '')}' of '{graph.graph.get('model', '')}' has nothing to draw; take another (--view)"
        )
    if len(graph) > LARGEST:
        raise BadValue(
            f"the graph has {len(graph)} nodes, and a picture shows up to {LARGEST}; "
            "write it in another format (.graphml), or a part of it (--from, --to)"
        )
    boxes = {node: _box(node, data) for node, data in graph.nodes(data=True)}
    back = _feedback(graph)
    first = _dot(graph, boxes, back, {})
    found = _dot(graph, boxes, back, _ports(first))
    title = f"{graph.graph.get('model', '')}: {graph.graph.get('title', 'what acts on what')}".lstrip(": ")
    picture = Picture(title, 0, 0, boxes, [], [])
    x0, y0, x1, y1 = (float(v) for v in found["bb"].split(","))
    picture.width = max(x1 - x0 + 2 * _MARGIN, 300.0, width(title, LARGE + 2, "bold") + 2 * _MARGIN)
    legend = _legend(graph, boxes.values(), picture.width - 2 * _MARGIN)
    bottom = _MARGIN + sum(h for _, h in legend)
    picture.height = bottom + (y1 - y0) + _TOP
    shift = np.array([(picture.width - (x1 - x0)) / 2 - x0, bottom - y0])
    for item in found.get("objects", ()):
        if "nodes" in item or item["name"].startswith("cluster"):
            a, b, c, d = (float(v) for v in item["bb"].split(","))
            picture.areas.append((item["area"], a + shift[0], b + shift[1], c + shift[0], d + shift[1]))
        else:
            box = boxes[item["name"]]
            box.x, box.y = np.array([float(v) for v in item["pos"].split(",")]) + shift
    for edge in found.get("edges", ()):
        points = np.array([[float(v) for v in p.split(",")] for p in edge["pos"].split()])
        source, target = edge["begins"], edge["ends"]
        if (source, target) in back:
            points = points[::-1]
        picture.arrows.append(Arrow(source, target, graph.edges[source, target]["role"], points + shift))
    _place_legend(picture, legend, bottom)
    return picture


def _contacts(graph: nx.DiGraph) -> nx.DiGraph:
    """A contact map with a molecule as one box: sites are pills, bonds join molecules, and what binds nothing is left out."""
    found = nx.DiGraph(**graph.graph)
    parent = dict(graph.nodes(data="parent"))
    for node, data in graph.nodes(data=True):
        if data["kind"] == "molecule":
            sites = [n for n in graph if parent[n] == node]
            states = {site: " ".join(graph.nodes[n]["label"] for n in graph if parent[n] == site) for site in sites}
            text = "; ".join(f"{graph.nodes[site]['label']}: {states[site]}".rstrip(": ") for site in sites)
            found.add_node(node, **data | {"states": text})
    for one, other, data in graph.edges(data=True):
        if data["role"] == "binds":
            found.add_edge(parent[one], parent[other], role="binds")
    alone = [n for n in found if not found.degree(n)]
    found.remove_nodes_from(alone)
    remark(found, "a dark pill can bind" + (f"; {len(alone)} molecules without a bond are not drawn" if alone else ""))
    return found


def _box(node: str, data: dict[str, Any]) -> Box:
    notes, pills = [], []
    for text in filter(None, data.get("states", "").split("; ")):
        site, _, states = text.partition(": ")
        values = states.split()
        common = values[0].rstrip("0123456789") if values else ""
        if not values:
            pills.append(site)
        elif values == ["u", "p"]:
            pills.append(f"p{site}")
        elif len(values) > 2 and all(v.rstrip("0123456789") == common for v in values):
            pills.append(f"{site} {values[0].removeprefix(common)}-{values[-1].removeprefix(common)}")
        else:
            notes += textwrap.wrap("\u00a0· ".join(values), 22)
    letters = 11 if data.get("kind") in ("molecule", "potential") else 20
    name = textwrap.wrap(data["label"].replace(").", "). "), letters, break_long_words=False) or [""]
    glyph = data.get("glyph") or ("process" if data.get("kind") in ("rule", "reaction") else "macromolecule")
    binding = frozenset(t for t in data.get("states", "").split("; ") if t and ":" not in t)
    return Box(node, glyph, name, notes, pills, bool(data.get("stimulus", "")), binding)


def _dot(graph: nx.DiGraph, boxes: dict[str, Box], back: set[Edge], ports: dict[str, list[list[Edge]]]) -> dict[str, Any]:
    """Graphviz' layout as JSON; `back` are drawn from head to tail, `ports` says which edges begin and end where."""
    pygraphviz = library("pygraphviz", "picture", "pictures")
    out = pygraphviz.AGraph(directed=True, strict=False)
    out.graph_attr.update(
        rankdir="TB", nodesep="0.13", ranksep="0.25", splines="true", newrank="true", remincross="true", mclimit="8"
    )
    out.node_attr.update(shape="box", fixedsize="true", label="", fontsize="1")
    out.edge_attr.update(arrowhead="none")
    for node in graph:
        size = {"width": boxes[node].width / 72, "height": boxes[node].height / 72}
        if node in ports:
            size["label"] = _cells(boxes[node], [len(side) for side in ports[node]])
        out.add_node(node, **size)
    for one, other in graph.edges:
        edge = (one, other)
        ends = edge[::-1] if edge in back else edge
        weight = "3" if graph.nodes[one].get("place") == graph.nodes[other].get("place") else "1"
        port = {}
        if ports and one != other:
            for key, node, side, compass in (("tailport", ends[0], 1, "s"), ("headport", ends[1], 0, "n")):
                if edge in ports[node][side]:
                    port[key] = f"{'no'[side]}{ports[node][side].index(edge)}:{compass}"
        out.add_edge(*ends, weight=weight, begins=one, ends=other, **port)
    for place in dict.fromkeys(p for _, p in graph.nodes(data="place") if p):
        members = [n for n, p in graph.nodes(data="place") if p == place]
        # An empty cell keeps room for the name of the place; a text would make Graphviz look for fonts.
        area = graph.nodes[members[0]].get("area", place.replace("_", " "))
        out.add_subgraph(members, name=f"cluster_{place}", area=area, margin="6", label=_ROOM)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.loads(out.draw(format="json0", prog="dot"))


def _cells(box: Box, counts: list[int]) -> str:
    """A node as a table of empty cells, a row at the top and one at the bottom: the ports n0, n1, ... and o0, o1, ..."""
    plain = 'border="0" cellborder="0" cellspacing="0" cellpadding="0"'
    rows = []
    for side, count in zip("no", counts, strict=True):
        size = f'width="{int(box.width / max(count, 1))}" height="{int(box.height / 2)}"'
        cells = "".join(f'<td port="{side}{i}" fixedsize="true" {size}></td>' for i in range(max(count, 1)))
        rows.append(f"<tr><td><table {plain}><tr>{cells}</tr></table></td></tr>")
    return f"<<table {plain}>{''.join(rows)}</table>>"


def _ports(first: dict[str, Any]) -> dict[str, list[list[Edge]]]:
    """For each node the edges at its top and at its bottom, from left to right, as a first layout has them."""
    nodes = [item for item in first.get("objects", ()) if "pos" in item]
    names = {item["_gvid"]: item["name"] for item in nodes}
    height = {item["name"]: float(item["pos"].split(",")[1]) for item in nodes}
    ends: dict[str, list[list[tuple[float, Edge]]]] = {name: [[], []] for name in height}
    for edge in first.get("edges", ()):
        tail, head = names[edge["tail"]], names[edge["head"]]
        points = [[float(v) for v in p.split(",")] for p in edge["pos"].split()]
        # An edge within a row keeps to the sides.
        if height[tail] > height[head] + 1:
            ends[tail][1].append((points[min(2, len(points) - 1)][0], (edge["begins"], edge["ends"])))
            ends[head][0].append((points[max(-3, -len(points))][0], (edge["begins"], edge["ends"])))
    return {name: [[edge for _, edge in sorted(side)] for side in sides] for name, sides in ends.items()}


def _feedback(graph: nx.DiGraph) -> set[Edge]:
    """Edges by which the signal comes back: with these turned round, all arrows can point down.

    As long as there are cycles, the edge goes that leads back the farthest, in steps from the sources.
    """
    sources = [n for n in graph if not any(p != n for p in graph.predecessors(n))]
    stimulated = [n for n, stimulus in graph.nodes(data="stimulus") if stimulus] or sources or list(graph)[:1]
    steps = nx.multi_source_dijkstra_path_length(graph, stimulated, weight=lambda *_: 1)
    order = {n: i for i, n in enumerate(steps)}
    rest = nx.DiGraph(e for e in graph.edges if e[0] != e[1])
    back = set()
    while cycles := [c for c in nx.strongly_connected_components(rest) if len(c) > 1]:
        inside = [e for e in rest.edges if any(e[0] in c and e[1] in c for c in cycles)]
        farthest = max(inside, key=lambda e: (steps.get(e[0], 0) - steps.get(e[1], 0), order.get(e[0], 0) - order.get(e[1], 0), e))
        rest.remove_edge(*farthest)
        back.add(farthest)
    return back


def _legend(graph: nx.DiGraph, boxes: Collection[Box], room: float) -> list[tuple[Any, float]]:
    """Rows of the legend, from top to bottom: keys or a line of text, and the height of each."""
    rows: list[tuple[Any, float]] = [(None, 6.0)]
    used = [role for role in ROLES if any(r == role for _, _, r in graph.edges(data="role"))]
    keys: list[str] = []
    for role in used:
        if keys and sum(_key(k) for k in [*keys, role]) > room:
            rows.append((keys, 12.0))
            keys = []
        keys.append(role)
    if keys:
        rows.append((keys, 12.0))
    sentences = filter(None, [*_shapes(boxes), *graph.graph.get("legend", "").split("; ")])
    text = " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)
    letters = max(40, int(50 * room / width("n" * 50, SMALL) * 1.1))
    rows += [(line, SMALL * 1.35) for line in textwrap.wrap(text, letters)]
    return rows


def _shapes(boxes: Collection[Box]) -> list[str]:
    """What outlines and pills mean, of those that are there."""
    meanings = {
        "macromolecule": "rounded boxes are proteins", "simple chemical": "ovals ions and small molecules",
        "nucleic acid feature": "boxes round below DNA and RNA", "phenotype": "hexagons electrical",
        "unspecified entity": "dashed boxes anything else", "process": "grey boxes rules",
    }  # fmt: skip
    found = [text for glyph, text in meanings.items() if any(box.glyph == glyph for box in boxes)]
    sentences = [", ".join(found)] if len(found) > 1 else []
    pills = [pill for box in boxes for pill in box.pills if pill not in box.binding]
    kinds = {"p": "a p, sites that can be phosphorylated", "-": "a range, sites that fill"}
    told = [text for mark, text in kinds.items() if any(pill.startswith(mark) if mark == "p" else mark in pill for pill in pills)]
    if told:
        sentences.append(f"pills with {', with '.join(told)}")
    if any(box.stimulus for box in boxes):
        sentences.append("a thick outline: a stimulus adds it")
    return sentences


def _key(role: str) -> float:
    return 40 + width(ROLES[role][2], SMALL)


def _place_legend(picture: Picture, rows: list[tuple[Any, float]], top: float) -> None:
    y = top
    for content, height in rows:
        y -= height
        if isinstance(content, str):
            picture.legend.append(Text(content, _MARGIN, y + height / 2, colour="#555555", left=True))
        elif content:
            x = _MARGIN
            for role in content:
                picture.keys.append((role, x, y + height / 2))
                picture.legend.append(Text(ROLES[role][2], x + 27, y + height / 2, left=True))
                x += _key(role)


# -- drawing -----------------------------------------------------------------------------


def write(graph: nx.DiGraph, path: Path) -> None:
    """Draw a graph as a file whose suffix says the format: .svg, .png or .pdf."""
    write_atomically(Path(path), drawn(layout(graph), Path(path).suffix[1:]))


def drawn(picture: Picture, form: str, dpi: float = 200.0) -> bytes:
    """The bytes of a picture, the same for the same picture.

    Parameters
    ----------
    picture : Picture
    form : {"svg", "png", "pdf"}
    dpi : float
        Of a PNG that is printed as wide as a page.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Text stays text in an SVG, so that it can be searched and edited; the hash makes the ids of its parts the same each time.
    style = {"svg.fonttype": "none", "svg.hashsalt": "ltpath", "font.family": FONT, "pdf.fonttype": 42}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(picture.width / 72, picture.height / 72), facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, picture.width), ylim=(0, picture.height))
        axes.axis("off")
        _draw(axes, picture)
        body = io.BytesIO()
        metadata = {"svg": {"Date": None, "Title": picture.title}, "pdf": {"CreationDate": None, "Title": picture.title}}
        figure.savefig(body, format=form, dpi=dpi, metadata=metadata.get(form, {"Title": picture.title}))
    return body.getvalue()


def _draw(axes: Axes, picture: Picture) -> None:
    from matplotlib.patches import FancyBboxPatch

    for area, x0, y0, x1, y1 in picture.areas:
        fill = AREAS.get(area.split()[0], OTHER_AREA)
        axes.add_patch(
            FancyBboxPatch(
                (x0 + 8, y0 + 8), x1 - x0 - 16, y1 - y0 - 16, boxstyle="round,pad=8,rounding_size=9", fc=fill, ec="#B5B5B5", lw=0.8,
                gid=f"area {area}",
            )
        )  # fmt: skip
    for arrow in picture.arrows:
        _draw_arrow(axes, arrow.points, arrow.role, f"{arrow.source}-{arrow.target}")
    for box in picture.boxes.values():
        _draw_box(axes, box)
    for role, x, y in picture.keys:
        points = np.array([[x, y], [x + 8, y], [x + 14, y], [x + 22, y]])
        _draw_arrow(axes, points, role, f"key-{role}")
    for text in picture.texts():
        axes.text(
            text.x, text.y, text.text, fontsize=text.size, fontweight=text.weight, color=text.colour, zorder=5,
            ha="left" if text.left else "center", va="center_baseline",
        )  # fmt: skip


def _draw_box(axes: Axes, box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
    from matplotlib.path import Path as Curve

    x0, y0, x1, y1 = box.extent
    style: dict[str, Any] = {"fc": "white", "ec": "#333333", "lw": 1.8 if box.stimulus else 0.9, "gid": box.node, "zorder": 3}
    if box.glyph == "phenotype":
        slant = 7.0
        corners = [(x0, box.y), (x0 + slant, y1), (x1 - slant, y1), (x1, box.y), (x1 - slant, y0), (x0 + slant, y0)]
        axes.add_patch(Polygon(corners, **style))
    elif box.glyph == "simple chemical":
        r = min(box.height / 2, 12.0)
        axes.add_patch(
            FancyBboxPatch((x0 + r, y0 + r), x1 - x0 - 2 * r, y1 - y0 - 2 * r, boxstyle=f"round,pad={r},rounding_size={r}", **style)
        )
    elif box.glyph == "nucleic acid feature":
        r = 6.0
        verts = [(x0, y1), (x1, y1), (x1, y0 + r), (x1, y0), (x1 - r, y0), (x0 + r, y0), (x0, y0), (x0, y0 + r), (x0, y1)]
        codes = [
            Curve.MOVETO,
            Curve.LINETO,
            Curve.LINETO,
            Curve.CURVE3,
            Curve.CURVE3,
            Curve.LINETO,
            Curve.CURVE3,
            Curve.CURVE3,
            Curve.CLOSEPOLY,
        ]
        axes.add_patch(PathPatch(Curve(verts, codes), **style))
    elif box.glyph == "process":
        axes.add_patch(Polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], **style | {"fc": "#EFEFEF", "ec": "#777777"}))
    elif box.glyph == "unspecified entity":
        axes.add_patch(Polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], **style | {"ls": (0, (4, 1.5))}))
    else:
        r = 4.0
        axes.add_patch(
            FancyBboxPatch((x0 + r, y0 + r), x1 - x0 - 2 * r, y1 - y0 - 2 * r, boxstyle=f"round,pad={r},rounding_size={r}", **style)
        )
    for text in list(box.texts())[len(box.name) + len(box.notes) :]:
        half, high = _pill(text.text) / 2, (SMALL + 3) / 2
        axes.add_patch(
            FancyBboxPatch(
                (text.x - half + high, text.y), 2 * half - 2 * high, 0, boxstyle=f"round,pad={high},rounding_size={high}",
                fc="#D5DCE4" if text.text in box.binding else "#F4E9C9", ec="#333333", lw=0.6, zorder=3.5,
            )
        )  # fmt: skip


def _draw_arrow(axes: Axes, points: np.ndarray, role: str, gid: str) -> None:
    from matplotlib.patches import Circle, PathPatch, Polygon
    from matplotlib.path import Path as Curve

    colour, end, _ = ROLES[role]
    tip = points[-1]
    back = next(p for p in points[-2::-1] if math.dist(p, tip) > 1e-6)
    along = (tip - back) / math.dist(tip, back)
    across = np.array([-along[1], along[0]])
    # The line stops where its end begins.
    depth = {"triangle": 6.5, "arrow": 6.0, "diamond": 8.5, "bar": 1.0, "circle": 5.0, "dot": 0.0, "none": 0.0}[end]
    line = points.copy()
    line[-1] = tip - along * depth
    if math.dist(points[-2], tip) < depth + 1:
        line[-2] = line[-1] - along
    codes = [Curve.MOVETO] + [Curve.CURVE4] * (len(line) - 1)
    axes.add_patch(PathPatch(Curve(line, codes), fc="none", ec="white", lw=2.6, alpha=0.85, zorder=1.9, capstyle="butt"))
    axes.add_patch(PathPatch(Curve(line, codes), fc="none", ec=colour, lw=1.0, zorder=2, capstyle="butt", gid=gid))
    if end in ("triangle", "arrow"):
        shape = [tip, tip - along * 6.5 + across * 2.8, tip - along * 6.5 - across * 2.8]
        axes.add_patch(Polygon(shape, fc="white" if end == "triangle" else colour, ec=colour, lw=0.9, zorder=4, joinstyle="miter"))
    elif end == "diamond":
        shape = [tip, tip - along * 4.25 + across * 2.6, tip - along * 8.5, tip - along * 4.25 - across * 2.6]
        axes.add_patch(Polygon(shape, fc="white", ec=colour, lw=0.9, zorder=4))
    elif end == "bar":
        axes.add_patch(
            Polygon([tip - along + across * 4, tip - along - across * 4], closed=False, fc="none", ec=colour, lw=1.8, zorder=4)
        )
    elif end == "circle":
        axes.add_patch(Circle(tuple(tip - along * 2.7), 2.5, fc="white", ec=colour, lw=0.9, zorder=4))
    elif end == "dot":
        middle = line[len(line) // 2]
        axes.add_patch(Circle((middle[0], middle[1]), 2.6, fc=colour, ec=colour, zorder=4))
