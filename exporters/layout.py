"""SBML with its picture: the layout and render packages, with boxes and arrows where our own pictures have them.

The picture is the signal map: a box is a molecule in all of its states. Where species and reactions fit in a picture too, they are
a second layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import libsbml
import networkx as nx
from ltpath.exporters.drawing import AREAS, LARGE, LARGEST, OTHER_AREA, ROLES, SMALL, Arrow, Box, Picture
from ltpath.exporters.drawing import layout as placed
from ltpath.exporters.graph import species_reaction_graph
from ltpath.exporters.identifiers import identifiers, molecules_of
from ltpath.exporters.sbml import losses as sbml_losses
from ltpath.exporters.sbml import to_sbml
from ltpath.exporters.signal_map import signal_map

from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "layout"
SUFFIX = ".layout.xml"
SUMMARY = "SBML with its picture: layout and render packages"

_LAYOUT, _RENDER = (f"http://www.sbml.org/sbml/level3/version1/{name}/version1" for name in ("layout", "render"))
_NAMESPACES = libsbml.LayoutPkgNamespaces(3, 1, 1)
# Corners of boxes, in points or shares of the box: rectangles all, because one style serves boxes of any size.
_CORNERS = {
    "simple chemical": "50%", "macromolecule": "4", "nucleic acid feature": "2", "unspecified entity": "0", "process": "0", "phenotype": "0"
}  # fmt: skip
# Line ends as polygons whose tip is at 0, 0: (outline, filled with the line's colour).
_ENDS: dict[str, tuple[list[tuple[float, float]], bool]] = {
    "triangle": ([(0, 0), (-6.5, -2.8), (-6.5, 2.8)], False),
    "arrow": ([(0, 0), (-6.5, -2.8), (-6.5, 2.8)], True),
    "diamond": ([(0, 0), (-4.25, -2.6), (-8.5, 0), (-4.25, 2.6)], False),
    "bar": ([(-1, -4), (0, -4), (0, 4), (-1, 4)], True),
    "circle": ([(0, 0), (-0.8, -1.9), (-2.7, -2.7), (-4.6, -1.9), (-5.4, 0), (-4.6, 1.9), (-2.7, 2.7), (-0.8, 1.9)], False),
}
_TEXTS = {"name": (LARGE, "middle"), "name of an area": (SMALL + 1, "start")}
_IN_REACTION = {
    "reactant": libsbml.SPECIES_ROLE_SUBSTRATE,
    "product": libsbml.SPECIES_ROLE_PRODUCT,
    "modifier": libsbml.SPECIES_ROLE_MODIFIER,
}


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What the file does not say."""
    lost = sbml_losses(network, protocol)
    if len(network.species) + len(network.arrays["rate"]) > LARGEST:
        lost.append(
            f"a place for each species and reaction: a picture shows up to {LARGEST}, and the layout is that of the molecules"
        )
    return [*lost, "sites and notes inside the boxes of the picture, and its legend"]


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the file."""
    write_atomically(Path(path), to_layout(network, protocol).encode())


def to_layout(network: ReactionNetwork, protocol: Protocol | None = None) -> str:
    """The SBML text with one or two layouts.

    Raises
    ------
    MissingTool
        pygraphviz is not installed.
    ExportError
        As `ltpath.exporters.sbml.to_sbml`, or libSBML finds an error in what was written.
    """
    document = libsbml.readSBMLFromString(to_sbml(network, protocol))
    for uri, prefix in ((_LAYOUT, "layout"), (_RENDER, "render")):
        document.enablePackage(uri, prefix, True)
        document.setPackageRequired(prefix, False)
    layouts = document.getModel().getPlugin("layout")
    _Drawn(layouts, "molecules", signal_map(network), network)
    if len(network.species) + len(network.arrays["rate"]) <= LARGEST:
        _Drawn(layouts, "reactions", species_reaction_graph(network), network)
    text = libsbml.writeSBMLToString(document)
    read_back = libsbml.readSBMLFromString(text)
    found = [e for e in map(read_back.getError, range(read_back.getNumErrors())) if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]
    if found:
        raise ExportError(f"libSBML refuses the layout of '{network.name}': {found[0].getShortMessage()}")
    return text


class _Drawn:
    """One layout of a model, with its own style.

    A box without a species of its own is a species glyph that names none: the molecule in all its states. An arrow between
    molecules is a general glyph, which stands for relations that are not reactions.
    """

    def __init__(self, layouts: Any, name: str, graph: nx.DiGraph, network: ReactionNetwork) -> None:
        self.picture: Picture = placed(graph)
        self.layout, self.name, self.graph = layouts.createLayout(), name, graph
        self.layout.setId(f"layout_{name}")
        self.layout.setName(self.picture.title)
        self.layout.setDimensions(libsbml.Dimensions(_NAMESPACES, self.picture.width, self.picture.height))
        self.model = layouts.getParentSBMLObject()
        ids = identifiers(network)
        self.drawn: dict[str, list[str]] = {}
        self.alone = _alone(network, ids.species)
        for i, (area, *extent) in enumerate(self.picture.areas):
            self._area(f"{name}_area{i}", area, extent, ids.places)
        self.glyphs: dict[str, Any] = {}
        for i, (node, box) in enumerate(self.picture.boxes.items()):
            self.glyphs[node] = self._box(f"{name}_box{i}", node, box)
        for i, arrow in enumerate(self.picture.arrows):
            self._arrow(f"{name}_arrow{i}", arrow)
        self._style()

    def _bounds(self, glyph: Any, extent: Sequence[float]) -> None:
        """Where a glyph is; our pictures count from below."""
        x0, y0, x1, y1 = extent
        sizes = [_rounded(v) for v in (x0, self.picture.height - y1, x1 - x0, y1 - y0)]
        glyph.setBoundingBox(libsbml.BoundingBox(_NAMESPACES, f"{glyph.getId()}_bounds", *sizes))

    def _made(self, create: Callable[[], Any], identifier: str, extent: Sequence[float], role: str) -> Any:
        glyph = create()
        glyph.setId(identifier)
        self._bounds(glyph, extent)
        self.drawn.setdefault(role, []).append(identifier)
        return glyph

    def _text(self, glyph: Any, text: str, extent: Sequence[float], role: str) -> None:
        label = self._made(self.layout.createTextGlyph, f"{glyph.getId()}_text", extent, role)
        label.setText(text)
        label.setGraphicalObjectId(glyph.getId())

    def _area(self, identifier: str, area: str, extent: Sequence[float], places: dict[str, str]) -> None:
        glyph = self._made(self.layout.createCompartmentGlyph, identifier, extent, area.partition(" ")[0])
        nodes = self.graph.nodes.values()
        inside = {d["place"] for d in nodes if d.get("place") and d.get("area", d["place"].replace("_", " ")) == area}
        if len(inside) == 1:
            glyph.setCompartmentId(places[inside.pop()])
        x0, _, x1, y1 = extent
        self._text(glyph, area, (x0, y1 - 16, x1, y1), "name of an area")

    def _box(self, identifier: str, node: str, box: Box) -> Any:
        data = self.graph.nodes[node]
        if data["kind"] == "reaction":
            glyph = self._made(self.layout.createReactionGlyph, identifier, box.extent, box.glyph)
            if self.model.getReaction(node) is not None:
                glyph.setReactionId(node)
        else:
            glyph = self._made(self.layout.createSpeciesGlyph, identifier, box.extent, box.glyph)
            species = node if data["kind"] == "species" else self.alone.get(data["members"], "")
            if self.model.getSpecies(species) is not None:
                glyph.setSpeciesId(species)
        self._text(glyph, data["label"], box.extent, "name")
        return glyph

    def _arrow(self, identifier: str, arrow: Arrow) -> None:
        ends = [self.glyphs[arrow.source], self.glyphs[arrow.target]]
        if arrow.role in _IN_REACTION:
            reaction, species = sorted(ends, key=lambda g: g.getElementName() != "reactionGlyph")
            glyph = reaction.createSpeciesReferenceGlyph()
            glyph.setSpeciesGlyphId(species.getId())
            glyph.setRole(_IN_REACTION[arrow.role])
        else:
            glyph = self.layout.createGeneralGlyph()
            for i, end in enumerate(ends):
                reference = glyph.createReferenceGlyph()
                reference.setId(f"{identifier}_end{i}")
                reference.setGlyphId(end.getId())
                reference.setRole(("source", arrow.role)[i])
                self._bounds(reference, _around(arrow.points[-i : len(arrow.points) - 1 + i or None][:1]))
        glyph.setId(identifier)
        self._bounds(glyph, _around(arrow.points))
        self.drawn.setdefault(arrow.role, []).append(identifier)
        points = [(_rounded(x), _rounded(self.picture.height - y)) for x, y in arrow.points]
        for i in range(0, len(points) - 1, 3):
            piece = glyph.createCubicBezier()
            for put, point in zip(
                (piece.setStart, piece.setBasePoint1, piece.setBasePoint2, piece.setEnd), points[i : i + 4], strict=True
            ):
                put(libsbml.Point(_NAMESPACES, *point))

    def _style(self) -> None:
        info = self.layout.getPlugin("render").createLocalRenderInformation()
        info.setId(f"style_{self.name}")
        info.setProgramName("ltpath")
        for end, (corners, filled) in _ENDS.items():
            ending = info.createLineEnding()
            ending.setId(f"{self.name}_end_{end}")
            ending.setEnableRotationalMapping(True)
            ending.setBoundingBox(libsbml.BoundingBox(_NAMESPACES, f"{ending.getId()}_bounds", 0, 0, 1, 1))
            shape = ending.getGroup().createPolygon()
            shape.setStroke("#1A1A1A")
            shape.setFill("#1A1A1A" if filled else "#FFFFFF")
            for x, y in corners:
                corner = shape.createPoint()
                corner.setX(libsbml.RelAbsVector(x, 0))
                corner.setY(libsbml.RelAbsVector(y, 0))
        for role, glyphs in self.drawn.items():
            style = info.createLocalStyle()
            style.setId(f"{self.name}_style_{role.replace(' ', '_')}")
            for glyph in glyphs:
                style.addId(glyph)
            group = style.getGroup()
            if role in ROLES:
                colour, end, _ = ROLES[role]
                group.setStroke(colour)
                group.setStrokeWidth(1.0)
                if end in _ENDS:
                    group.setEndHead(f"{self.name}_end_{end}")
            elif role in _TEXTS:
                size, anchor = _TEXTS[role]
                group.setStroke("#222222")
                group.setFontSize(libsbml.RelAbsVector(size, 0))
                group.setFontFamily("sans-serif")
                group.setTextAnchor(anchor)
                group.setVTextAnchor("middle")
            elif role in _CORNERS:
                _rectangle(group, "#EFEFEF" if role == "process" else "#FFFFFF", "#333333", _CORNERS[role])
            else:
                _rectangle(group, AREAS.get(role, OTHER_AREA), "#B5B5B5", "9")


def _rectangle(group: Any, fill: str, stroke: str, radius: str) -> None:
    shape = group.createRectangle()
    share = radius.endswith("%")
    corner = libsbml.RelAbsVector(0 if share else float(radius), float(radius[:-1]) if share else 0)
    whole, none = libsbml.RelAbsVector(0, 100), libsbml.RelAbsVector(0, 0)
    for put, value in (
        (shape.setX, none), (shape.setY, none), (shape.setWidth, whole), (shape.setHeight, whole),
        (shape.setRX, corner), (shape.setRY, corner),
    ):  # fmt: skip
        put(value)
    shape.setFill(fill)
    shape.setStroke(stroke)
    shape.setStrokeWidth(0.9)


def _alone(network: ReactionNetwork, ids: list[str]) -> dict[str, str]:
    """Molecules that are one species and no more, and its id."""
    found: dict[str, list[int]] = {}
    for i, pattern in enumerate(network.species):
        for name in {m.name for m in molecules_of(pattern)}:
            found.setdefault(name, []).append(i)
    return {name: ids[i] for name, (i, *others) in found.items() if not others and len(molecules_of(network.species[i])) == 1}


def _around(points: Any) -> tuple[float, float, float, float]:
    x, y = zip(*points, strict=True)
    return min(x), min(y), max(x), max(y)


def _rounded(number: float) -> float:
    return round(float(number), 1)
