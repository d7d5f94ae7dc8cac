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
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from ltpath.cache import write_atomically
from ltpath.errors import BadValue, MissingTool

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE = 510.0
"""Width of two columns of a journal, 180 mm, in points."""
LARGEST = 60
"""Nodes that a picture can show."""
FONT = "DejaVu Sans"
NAME, SMALL = 8.0, 6.0
"""Sizes of a box's name and of everything else, pt."""
_LEADING = 1.25
Edge = tuple[str, str]
_PAD = 5.0
_TOP, _MARGIN = 26.0, 6.0
# Okabe and Ito's palette; every role has a line end of its own as well.
_ROLES: dict[str, tuple[str, str, str]] = {
    "stimulates": ("#0072B2", "triangle", "switches on"),
    "inhibits": ("#B24A00", "bar", "switches off or takes away"),
    "modulates": ("#555555", "diamond", "both, or it depends"),
    "makes": ("#1A1A1A", "arrow", "makes or becomes"),
    "binds": ("#1A1A1A", "dot", "binds"),
}
_AREAS = {"cleft": "#E3EFF8", "spine": "#E9F3E6", "dendrite": "#FBF0DC", "nucleus": "#EFE8F3"}
_OTHER_AREA = "#F1F1F1"


@dataclass
class Text:
    """A line of text, centred at x, y."""

    text: str
    x: float
    y: float
    size: float = SMALL
    weight: str = "normal"
    colour: str = "#222222"

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top."""
        half = width(self.text, self.size, self.weight) / 2
        return self.x - half, self.y - 0.55 * self.size, self.x + half, self.y + 0.55 * self.size


@dataclass
class Box:
    """A node, centred at x, y."""

    node: str
    glyph: str
    name: list[str]
    notes: list[str]
    pills: list[str]
    stimulus: bool = False
    x: float = 0.0
    y: float = 0.0

    @property
    def rows(self) -> list[list[str]]:
        """Pills in rows of the box's width."""
        wide = max([40.0, *(width(t, NAME, "bold") for t in self.name), *(width(t, SMALL) for t in self.notes)])
        rows: list[list[str]] = [[]]
        for pill in self.pills:
            if rows[-1] and sum(_pill(p) + 3 for p in [*rows[-1], pill]) > max(wide, 62.0):
                rows.append([])
            rows[-1].append(pill)
        return rows if self.pills else []

    @property
    def width(self) -> float:
        lines = [width(t, NAME, "bold") for t in self.name] + [width(t, SMALL) for t in self.notes]
        lines += [sum(_pill(p) + 3 for p in row) - 3 for row in self.rows]
        extra = 14.0 if self.glyph in ("phenotype", "simple chemical") else 0.0
        return max(lines) + 2 * _PAD + extra

    @property
    def height(self) -> float:
        return 2 * _PAD - 2 + _LEADING * (NAME * len(self.name) + SMALL * len(self.notes)) + (SMALL + 5) * len(self.rows)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        return self.x - self.width / 2, self.y - self.height / 2, self.x + self.width / 2, self.y + self.height / 2

    def texts(self) -> Iterator[Text]:
        """Name, notes and pills, from top to bottom."""
        y = self.y + self.height / 2 - _PAD + 1
        for line in self.name:
            y -= _LEADING * NAME / 2
            yield Text(line, self.x, y, NAME, "bold")
            y -= _LEADING * NAME / 2
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
        areas = [Text(area, 0, 0, SMALL + 1, "bold", "#666666") for area, *_ in self.areas]
        for text, (_, x0, _, _, y1) in zip(areas, self.areas, strict=True):
            text.x, text.y = x0 + 5 + width(text.text, text.size, text.weight) / 2, y1 - 7
        title = Text(self.title, 0, self.height - 12, NAME + 2, "bold")
        title.x = _MARGIN + width(title.text, title.size, title.weight) / 2
        return [title, *areas, *(t for box in self.boxes.values() for t in box.texts()), *self.legend]


@cache
def width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=size, prop=FontProperties(FONT, weight=weight)).get_extents().x1) if text.strip() else 0.0


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
        There are more nodes than a picture can show.
    MissingTool
        pygraphviz is not installed.
    """
    if len(graph) > LARGEST:
        raise BadValue(
            f"the graph has {len(graph)} nodes, and a picture shows up to {LARGEST}; "
            "write it as .graphml, or take a part of it with --from and --to"
        )
    boxes = {node: _box(node, data) for node, data in graph.nodes(data=True)}
    back = _feedback(graph)
    first = _dot(graph, boxes, back, {})
    found = _dot(graph, boxes, back, _ports(first, back))
    title = f"{graph.graph.get('model', '')}: {graph.graph.get('title', 'what acts on what')}".lstrip(": ")
    picture = Picture(title, 0, 0, boxes, [], [])
    x0, y0, x1, y1 = (float(v) for v in found["bb"].split(","))
    picture.width = max(x1 - x0 + 2 * _MARGIN, 300.0, width(title, NAME + 2, "bold") + 2 * _MARGIN)
    legend = _legend(graph, picture.width - 2 * _MARGIN)
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
    names = {item["_gvid"]: item["name"] for item in found.get("objects", ())}
    for edge in found.get("edges", ()):
        points = np.array([[float(v) for v in p.split(",")] for p in edge["pos"].split()])
        source, target = names[edge["tail"]], names[edge["head"]]
        if (target, source) in back:
            source, target, points = target, source, points[::-1]
        picture.arrows.append(Arrow(source, target, graph.edges[source, target]["role"], points + shift))
    _place_legend(picture, legend, bottom)
    return picture


def _box(node: str, data: dict[str, Any]) -> Box:
    notes, pills = [], []
    for text in filter(None, data.get("states", "").split("; ")):
        site, _, states = text.partition(": ")
        values = states.split()
        common = values[0].rstrip("0123456789")
        if values == ["u", "p"]:
            pills.append(f"p{site}")
        elif len(values) > 2 and all(v.rstrip("0123456789") == common for v in values):
            pills.append(f"{site} {values[0].removeprefix(common)}-{values[-1].removeprefix(common)}")
        else:
            notes += textwrap.wrap(" · ".join(values), 22)
    name = textwrap.wrap(data["label"], 11) or [""]
    return Box(node, data.get("glyph", "macromolecule"), name, notes, pills, bool(data.get("stimulus", "")))


def _dot(graph: nx.DiGraph, boxes: dict[str, Box], back: set[Edge], ports: dict[str, list[list[Edge]]]) -> dict[str, Any]:
    """Graphviz' layout as JSON; `back` are drawn from head to tail, `ports` says which edges begin and end where."""
    try:
        import pygraphviz
    except ImportError:
        raise MissingTool("pictures of graphs need pygraphviz; mend it with: pip install 'ltpath[graphs]'") from None
    out = pygraphviz.AGraph(directed=True, strict=False)
    out.graph_attr.update(rankdir="TB", nodesep="0.13", ranksep="0.27", splines="true", newrank="true", remincross="true", mclimit="8")
    out.node_attr.update(shape="box", fixedsize="true", label="", fontsize="1")
    out.edge_attr.update(arrowhead="none")
    for node in graph:
        size = {"width": boxes[node].width / 72, "height": boxes[node].height / 72}
        if node in ports:
            rows = ["|".join(f"<{side}{i}>" for i in range(len(edges))) for side, edges in zip("no", ports[node], strict=True)]
            size |= {"shape": "record", "label": "{" + "|".join("{" + row + "}" for row in rows if row) + "}"}
        out.add_node(node, **size)
    for one, other in graph.edges:
        ends = (other, one) if (one, other) in back else (one, other)
        weight = "3" if graph.nodes[one].get("place") == graph.nodes[other].get("place") else "1"
        port = {}
        if ports and one != other:
            for key, node, side, compass in (("tailport", ends[0], 1, "s"), ("headport", ends[1], 0, "n")):
                if ends in ports[node][side]:
                    port[key] = f"{'no'[side]}{ports[node][side].index(ends)}:{compass}"
        out.add_edge(*ends, weight=weight, **port)
    for place in dict.fromkeys(p for _, p in graph.nodes(data="place") if p):
        members = [n for n, p in graph.nodes(data="place") if p == place]
        # The empty label keeps room for the name of the place.
        area = graph.nodes[members[0]].get("area", place)
        out.add_subgraph(members, name=f"cluster_{place}", area=area, margin="6", label=" ", fontsize="9", labelloc="t")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.loads(out.draw(format="json0", prog="dot"))


def _ports(first: dict[str, Any], back: set[Edge]) -> dict[str, list[list[Edge]]]:
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
            ends[tail][1].append((points[min(2, len(points) - 1)][0], (tail, head)))
            ends[head][0].append((points[max(-3, -len(points))][0], (tail, head)))
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


def _legend(graph: nx.DiGraph, room: float) -> list[tuple[Any, float]]:
    """Rows of the legend, from top to bottom: keys or a line of text, and the height of each."""
    rows: list[tuple[Any, float]] = [(None, 6.0)]
    used = [role for role in _ROLES if any(r == role for _, _, r in graph.edges(data="role"))]
    keys: list[str] = []
    for role in used:
        if keys and sum(_key(k) for k in [*keys, role]) > room:
            rows.append((keys, 12.0))
            keys = []
        keys.append(role)
    if keys:
        rows.append((keys, 12.0))
    for sentence in filter(None, graph.graph.get("legend", "").split("; ")):
        text = sentence[0].upper() + sentence[1:] + "."
        lines = textwrap.wrap(text, max(40, int(room / width("n" * 50, SMALL) * 50 * 1.05)))
        rows += [(line, SMALL * 1.35) for line in lines]
    return rows


def _key(role: str) -> float:
    return 40 + width(_ROLES[role][2], SMALL)


def _place_legend(picture: Picture, rows: list[tuple[Any, float]], top: float) -> None:
    y = top
    for content, height in rows:
        y -= height
        if isinstance(content, str):
            text = Text(content, 0, y + height / 2, colour="#555555")
            text.x = _MARGIN + width(content, SMALL) / 2
            picture.legend.append(text)
        elif content:
            x = _MARGIN
            for role in content:
                picture.keys.append((role, x, y + height / 2))
                text = Text(_ROLES[role][2], 0, y + height / 2)
                text.x = x + 27 + width(text.text, SMALL) / 2
                picture.legend.append(text)
                x += _key(role)


# -- drawing -----------------------------------------------------------------------------


def write(graph: nx.DiGraph, path: Path) -> None:
    """Draw a graph as a file whose suffix says the format: .svg, .png or .pdf."""
    write_atomically(Path(path), drawn(layout(graph), Path(path).suffix[1:]))


def drawn(picture: Picture, form: str, dpi: float = 300.0) -> bytes:
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
        fill = _AREAS.get(area.split()[0], _OTHER_AREA)
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
    style = {"ha": "center", "va": "center_baseline", "zorder": 5}
    for text in picture.texts():
        axes.text(text.x, text.y, text.text, fontsize=text.size, fontweight=text.weight, color=text.colour, **style)


def _draw_box(axes: Axes, box: Box) -> None:
    from matplotlib.patches import Ellipse, FancyBboxPatch, PathPatch, Polygon
    from matplotlib.path import Path as Curve

    x0, y0, x1, y1 = box.extent
    style: dict[str, Any] = {"fc": "white", "ec": "#333333", "lw": 1.8 if box.stimulus else 0.9, "gid": box.node, "zorder": 3}
    if box.glyph == "phenotype":
        slant = 7.0
        corners = [(x0, box.y), (x0 + slant, y1), (x1 - slant, y1), (x1, box.y), (x1 - slant, y0), (x0 + slant, y0)]
        axes.add_patch(Polygon(corners, **style))
    elif box.glyph == "simple chemical":
        r = min(box.height / 2, 12.0)
        axes.add_patch(FancyBboxPatch((x0 + r, y0 + r), x1 - x0 - 2 * r, y1 - y0 - 2 * r, boxstyle=f"round,pad={r},rounding_size={r}", **style))
    elif box.glyph == "nucleic acid feature":
        r = 6.0
        verts = [(x0, y1), (x1, y1), (x1, y0 + r), (x1, y0), (x1 - r, y0), (x0 + r, y0), (x0, y0), (x0, y0 + r), (x0, y1)]
        codes = [Curve.MOVETO, Curve.LINETO, Curve.LINETO, Curve.CURVE3, Curve.CURVE3, Curve.LINETO, Curve.CURVE3, Curve.CURVE3, Curve.CLOSEPOLY]
        axes.add_patch(PathPatch(Curve(verts, codes), **style))
    elif box.glyph == "unspecified entity":
        axes.add_patch(Polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], **style | {"ls": (0, (4, 1.5))}))
    else:
        r = 4.0
        axes.add_patch(FancyBboxPatch((x0 + r, y0 + r), x1 - x0 - 2 * r, y1 - y0 - 2 * r, boxstyle=f"round,pad={r},rounding_size={r}", **style))
    for text in list(box.texts())[len(box.name) + len(box.notes) :]:
        half, high = _pill(text.text) / 2, (SMALL + 3) / 2
        axes.add_patch(
            FancyBboxPatch(
                (text.x - half + high, text.y), 2 * half - 2 * high, 0, boxstyle=f"round,pad={high},rounding_size={high}",
                fc="#F4E9C9", ec="#333333", lw=0.6, zorder=3.5,
            )
        )  # fmt: skip


def _draw_arrow(axes: Axes, points: np.ndarray, role: str, gid: str) -> None:
    from matplotlib.patches import Circle, PathPatch, Polygon
    from matplotlib.path import Path as Curve

    colour, end, _ = _ROLES[role]
    tip = points[-1]
    back = next(p for p in points[-2::-1] if math.dist(p, tip) > 1e-6)
    along = (tip - back) / math.dist(tip, back)
    across = np.array([-along[1], along[0]])
    # The line stops where its end begins.
    depth = {"triangle": 6.5, "arrow": 6.0, "diamond": 8.5, "bar": 1.0, "dot": 0.0}[end]
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
        axes.add_patch(Polygon([tip - along + across * 4, tip - along - across * 4], closed=False, fc="none", ec=colour, lw=1.8, zorder=4))
    else:
        middle = line[len(line) // 2]
        axes.add_patch(Circle((middle[0], middle[1]), 2.6, fc=colour, ec=colour, zorder=4))
