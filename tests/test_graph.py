"""Graphs and the picture drawn from them."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import networkx as nx
import pytest
from ltpath.exporters import graphml, svg
from ltpath.exporters.graph import rule_graph, species_reaction_graph

from ltpath.catalogue import load, model_names


def test_graphml_reads_back(tmp_path):
    network = load("spine_electrics").network
    graphml.export(network, None, tmp_path / "x.graphml")
    again = nx.read_graphml(tmp_path / "x.graphml")
    graph = species_reaction_graph(network)
    assert set(again.nodes) == set(graph.nodes)
    assert len(again) == len(network.species) + len(network.arrays["rate"])
    assert nx.is_bipartite(graph.to_undirected())


def test_signal_paths():
    graph = rule_graph(load("early_ltp").network)
    for start, end in (("Glu_A", "AMPAR_A"), ("NMDAR_A", "Slot_A"), ("Ca_A", "CaMKII_A"), ("CaMKII_A", "Slot_A")):
        assert nx.has_path(graph, start, end)
    assert len(graph) < 70


@pytest.mark.parametrize("name", [n for n in model_names() if not load(n).entry.network_free])
def test_no_label_overlaps_or_is_clipped(name):
    _, boxes, (width, height) = svg.layout(load(name).network)
    for box in boxes.values():
        assert box.x - box.width / 2 >= 0
        assert box.x + box.width / 2 <= width
        assert box.y + box.height / 2 <= height
    for a, b in itertools.combinations(boxes.values(), 2):
        assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2
    ET.fromstring(svg.picture(load(name).network))
