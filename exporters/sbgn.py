"""SBGN-ML: the signal map as an activity flow, or species and reactions as a process description."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import networkx as nx
from ltpath.exporters.drawing import layout
from ltpath.exporters.identifiers import molecules_of
from ltpath.exporters.needs import library
from ltpath.exporters.signal_map import signal_map

from ltpath.cache import write_atomically
from ltpath.errors import BadValue
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "sbgn"
SUFFIX = ".sbgn"
SUMMARY = "SBGN-ML: what acts on what as an activity flow map"
VIEW = "signal"
_INFLUENCE = {"stimulates": "POSITIVE", "makes": "POSITIVE", "inhibits": "NEGATIVE"}
_ROLES = {"reactant": "CONSUMPTION", "product": "PRODUCTION", "modifier": "CATALYSIS"}
_STEP, _ENTITY, _PROCESS = 170.0, 70.0, 16.0
"""Distance of species on their grid, height of a species, side of a process."""


def write(graph: nx.DiGraph, path: Path) -> None:
    """Write the signal map, with the places of its picture, or the species-reaction graph, on a grid.

    Raises
    ------
    MissingTool
        libsbgnpy is not installed.
    BadValue
        Any other graph: SBGN has no glyphs for it.
    """
    libsbgnpy = library("libsbgnpy", NAME, "graphs")
    kinds = {data["kind"] for _, data in graph.nodes(data=True)}
    if kinds <= {"molecule", "potential"}:
        drawn = _activity_flow(graph, libsbgnpy)
    elif kinds <= {"species", "reaction"}:
        drawn = _process_description(graph, libsbgnpy)
    else:
        raise BadValue("SBGN-ML is written of the views 'signal' and 'reactions' alone")
    write_atomically(Path(path), libsbgnpy.write_sbgn_to_string(libsbgnpy.Sbgn(map=[drawn])).encode())


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the activity flow; a protocol changes nothing."""
    write(signal_map(network), path)


def _activity_flow(graph: nx.DiGraph, s: ModuleType) -> Any:
    picture = layout(graph)

    def bbox(x0: float, y0: float, x1: float, y1: float) -> Any:
        x, y, w, h = (round(float(v), 1) for v in (x0, picture.height - y1, x1 - x0, y1 - y0))
        return s.Bbox(x=x, y=y, w=w, h=h)

    glyphs, areas = [], {}
    for area, *extent in picture.areas:
        areas[area] = _id(f"area_{area}")
        glyphs.append(s.Glyph(id=areas[area], class_value=s.GlyphClass.COMPARTMENT, label=s.Label(text=area), bbox=bbox(*extent)))
    for node, box in picture.boxes.items():
        data = graph.nodes[node]
        inside = []
        if data["glyph"] != "phenotype":
            x0, _, _, y1 = box.extent
            entity = s.Glyph.Entity(name=s.EntityName(data["glyph"]))
            inside.append(
                s.Glyph(
                    id=_id(f"{node}__entity"), class_value=s.GlyphClass.UNIT_OF_INFORMATION, label=s.Label(text=""), entity=entity,
                    bbox=bbox(x0 + 4, y1 - 4, x0 + 20, y1 + 4),
                )
            )  # fmt: skip
        glyphs.append(
            s.Glyph(
                id=_id(node), class_value=s.GlyphClass.BIOLOGICAL_ACTIVITY, label=s.Label(text=data["label"]), bbox=bbox(*box.extent),
                glyph=inside, compartment_ref=areas.get(data["area"]),
            )
        )  # fmt: skip
    arcs = []
    for i, arrow in enumerate(picture.arrows):
        kind = s.ArcClass[f"{_INFLUENCE.get(arrow.role, 'UNKNOWN')}_INFLUENCE"]
        points = [(round(float(x), 1), round(picture.height - float(y), 1)) for x, y in arrow.points[::3]]
        arcs.append(_arc(s, f"influence{i}", kind, arrow.source, arrow.target, points))
    return s.Map(id=_id(graph.graph.get("model", "map")), language=s.MapLanguage.ACTIVITY_FLOW, glyph=glyphs, arc=arcs)


def _process_description(graph: nx.DiGraph, s: ModuleType) -> Any:
    species = [n for n, kind in graph.nodes(data="kind") if kind == "species"]
    columns = max(1, math.ceil(math.sqrt(len(species))))
    spot = {n: (60 + _STEP * (i % columns), 60 + 2 * _STEP * (i // columns)) for i, n in enumerate(species)}
    glyphs = [_entity(s, node, graph.nodes[node]["label"], *spot[node]) for node in species]
    arcs = []
    for i, node in enumerate(n for n, kind in graph.nodes(data="kind") if kind == "reaction"):
        ends = [*graph.in_edges(node, data=True), *graph.out_edges(node, data=True)]
        near = [spot[one if other == node else other] for one, other, _ in ends]
        # Between what it joins; a little aside, because many reactions join the same.
        x = sum(p[0] for p in near) / len(near) + 30 + 18 * (i % 3)
        y = sum(p[1] for p in near) / len(near) + _ENTITY + 24 * (1 + i % 4)
        ports = [s.Port(id=_id(f"{node}__in"), x=x - 8, y=y + 8), s.Port(id=_id(f"{node}__out"), x=x + 24, y=y + 8)]
        box = s.Bbox(x=x, y=y, w=_PROCESS, h=_PROCESS)
        glyphs.append(s.Glyph(id=_id(node), class_value=s.GlyphClass.PROCESS, bbox=box, port=ports))
        roles = {d["role"] for *_, d in ends}
        for role, side, dx in (("reactant", "in", -60.0), ("product", "out", 60.0)):
            if role not in roles:
                nothing = _id(f"{node}__nothing_{side}")
                where = s.Bbox(x=x + dx, y=y, w=_PROCESS, h=_PROCESS)
                glyphs.append(s.Glyph(id=nothing, class_value=s.GlyphClass.SOURCE_AND_SINK, bbox=where))
                middle, port = (x + dx + 8, y + 8), ((x - 8, y + 8) if side == "in" else (x + 24, y + 8))
                joined = (nothing, f"{node}__in", [middle, port]) if side == "in" else (f"{node}__out", nothing, [port, middle])
                arcs.append(_arc(s, f"{node}__arc_{side}", s.ArcClass[_ROLES[role]], *joined))
        for one, other, d in ends:
            end = one if other == node else other
            a, b = spot[end][0] + 50, spot[end][1] + _ENTITY / 2
            joined = {
                "reactant": (end, f"{node}__in", [(a, b), (x - 8, y + 8)]),
                "product": (f"{node}__out", end, [(x + 24, y + 8), (a, b)]),
                "modifier": (end, node, [(a, b), (x + 8, y)]),
            }[d["role"]]
            name = f"{node}__{end}__{d['role']}"
            arcs.append(
                _arc(s, name, s.ArcClass[_ROLES[d["role"]]], *joined, count=d["stoichiometry"] if d["role"] != "modifier" else 1)
            )
    return s.Map(id=_id(graph.graph.get("model", "map")), language=s.MapLanguage.PROCESS_DESCRIPTION, glyph=glyphs, arc=arcs)


def _entity(s: ModuleType, node: str, pattern: str, x: float, y: float) -> Any:
    """A species: a molecule with its states, or a complex of such."""
    members = molecules_of(pattern)
    parts = []
    for i, molecule in enumerate(members):
        own = node if len(members) == 1 else f"{node}__{i}"
        left = x + 4 + 44 * i if len(members) > 1 else x
        states = [
            s.Glyph(
                id=_id(f"{own}__{site}"), class_value=s.GlyphClass.STATE_VARIABLE,
                state=s.Glyph.State(value=state, variable=site), bbox=s.Bbox(x=left + 4 + 30 * k, y=y - 6, w=28.0, h=12.0),
            )
            for k, (site, state) in enumerate(molecule.states)
        ]  # fmt: skip
        kind = s.GlyphClass.MACROMOLECULE if molecule.sites else s.GlyphClass.SIMPLE_CHEMICAL
        size = s.Bbox(x=left, y=y, w=100.0 if len(members) == 1 else 40.0, h=_ENTITY if len(members) == 1 else _ENTITY - 10)
        parts.append(s.Glyph(id=_id(own), class_value=kind, label=s.Label(text=molecule.name), bbox=size, glyph=states))
    if len(members) == 1:
        return parts[0]
    size = s.Bbox(x=x, y=y, w=8.0 + 44 * len(members), h=_ENTITY)
    return s.Glyph(id=_id(node), class_value=s.GlyphClass.COMPLEX, label=s.Label(text=""), bbox=size, glyph=parts)


def _arc(s: ModuleType, name: str, kind: Any, source: str, target: str, points: list[tuple[float, float]], count: int = 1) -> Any:
    marks = []
    if count != 1:
        box = s.Bbox(x=points[0][0], y=points[0][1], w=12.0, h=12.0)
        marks = [s.Glyph(id=_id(f"{name}__count"), class_value=s.GlyphClass.CARDINALITY, label=s.Label(text=str(count)), bbox=box)]
    first, *middle, last = points
    return s.Arc(
        id=_id(name), class_value=kind, source=_id(source), target=_id(target), glyph=marks,
        start=s.Arc.Start(x=first[0], y=first[1]), end=s.Arc.End(x=last[0], y=last[1]),
        next=[s.Arc.Next(x=x, y=y) for x, y in middle],
    )  # fmt: skip


def _id(name: str) -> str:
    text = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return text if re.match(r"[A-Za-z_]", text) else f"n{text}"
