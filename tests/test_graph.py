"""Graphs: what they say of the science, what other programs read of them, and what a reader sees."""

from __future__ import annotations

import importlib.util
import itertools
import json
import xml.etree.ElementTree as ET
from functools import cache

import networkx as nx
import numpy as np
import pytest
from ltpath.exporters import cx2, cytoscape, dot, gexf, graphml, sbgn, sbml
from ltpath.exporters.drawing import LARGE, PAGE, ROLES, SMALL, drawn, layout
from ltpath.exporters.graph import rule_graph, species_reaction_graph
from ltpath.exporters.regulation import atom_rule_graph, contact_map, influence_map
from ltpath.exporters.rules import Rules
from ltpath.exporters.signal_map import signal_map
from ltpath.exporters.simplify import between, duplicate_hubs, fold_enzymes, merge_reversible
from ltpath.exporters.views import VIEWS
from ltpath.pathways.perturbations import PERTURBATIONS

from ltpath.__main__ import main
from ltpath.catalogue import load, model_names
from ltpath.errors import BadValue
from ltpath.experiment import experiment_names, load_experiment

MODELS = model_names()


@cache
def network_of(name: str):
    return load(name).network


@cache
def view(name: str, kind: str) -> nx.DiGraph:
    return VIEWS[kind](network_of(name))


def signal(name: str) -> nx.DiGraph:
    return view(name, "signal")


@cache
def picture(name: str):
    pytest.importorskip("pygraphviz")
    return layout(signal(name))


@cache
def influences(name: str) -> nx.DiGraph:
    return influence_map(network_of(name), parameters=True)


# -- what the graphs say --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "role"),
    [
        ("Glu", "NMDAR", "stimulates"),
        ("NMDAR", "Ca", "stimulates"),
        ("V_dendrite", "Ca", "stimulates"),
        ("Buffer", "Ca", "inhibits"),
        ("Ng", "CaM", "inhibits"),
        ("CaM", "CaN", "stimulates"),
        ("CaM", "CaMKII", "stimulates"),
        ("CaMKII", "CaMKII", "stimulates"),
        ("CaN", "I1", "inhibits"),
        ("I1", "PP1", "inhibits"),
        ("PP1", "Slot", "inhibits"),
        ("CaMKII", "Slot", "stimulates"),
        ("CaN", "AMPAR", "inhibits"),
        ("Slot", "AMPAR", "stimulates"),
        ("AMPAR", "V_dendrite", "stimulates"),
    ],
)
def test_signs_of_the_signal_map_are_those_of_the_field(one, other, role):
    graph = signal("early_ltp")
    ends = [name if name in graph else f"{name}_A" for name in (one, other)]
    assert graph.edges[ends]["role"] == role


@pytest.mark.parametrize(
    "way",
    [
        # Boxes that the default picture folds stand in brackets.
        "SpikeSlow Ca_nucleus [CaM_nucleus] [CaMKK_nucleus] CaMKIV_nucleus CREB_nucleus Gene_nucleus mRNA_nucleus mRNA PRP Slot_A",
        "CaMKIV_nucleus CBP_nucleus Gene_nucleus",
        "Ca_nucleus [CaM_nucleus] [Ras] [MEK] ERK [ERK_nucleus] MSK_nucleus CREB_nucleus",
        "MSK_nucleus Gene_nucleus",
        "Glu_A Dopamine [Gs] cAMP PKA PKA_nucleus CREB_nucleus",
        "SpikeSlow FiringSensor_nucleus SupplyProtein [AMPARDendrite_A] AMPAR_A",
        "SpikeSlow [Work] [Adenosine] AMPK PRP",
        "Tag_A Slot_A AMPAR_A Volume_A",
    ],
)
def test_the_late_phase_goes_through_nucleus_and_dendrite(way):
    every, drawn_ones = way.replace("[", "").replace("]", "").split(), [n for n in way.split() if "[" not in n]
    assert nx.is_path(signal_map(network_of("late_ltp"), limit=100), every)
    assert nx.is_path(signal("late_ltp"), drawn_ones)


@pytest.mark.parametrize(
    ("one", "other", "role"),
    [
        # PKA holds PP1 by inhibitor-1, and calcineurin frees it: the box of the three is known by PP1.
        ("PKA_nucleus", "PP1_nucleus", "inhibits"),
        ("Ca_nucleus", "PP1_nucleus", "stimulates"),
        ("PP1_nucleus", "CREB_nucleus", "inhibits"),
        ("PKA", "PP1_A", "inhibits"),
        ("Dopamine", "cAMP", "stimulates"),
        ("AMPK", "PRP", "inhibits"),
        # Silence brings receptors and firing takes them.
        ("FiringSensor_nucleus", "SupplyProtein", "modulates"),
        ("SupplyProtein", "AMPAR_A", "stimulates"),
    ],
)
def test_a_box_for_several_has_the_signs_of_its_first(one, other, role):
    assert signal("late_ltp").edges[one, other]["role"] == role


def test_synapses_alike_are_drawn_once():
    # The one synapse's branch is called the dendrite.
    one, three = ({n.replace("V_dendrite_A", "V_dendrite") for n in signal(model).nodes} for model in ("late_ltp", "neuron"))
    assert one == three
    assert "3 synapses with the same rules (A, B, C)" in signal("neuron").graph["legend"]


def test_a_larger_model_is_folded_and_the_legend_says_what():
    graph = signal_map(network_of("late_ltp"), limit=20)
    assert len(graph) <= 20
    gone = {data["label"] for n, data in signal("late_ltp").nodes(data=True) if n not in graph}
    told = graph.graph["legend"]
    assert gone
    assert all(label in told for label in gone)
    assert nx.has_path(graph, "Glu_A", "AMPAR_A")


@pytest.mark.parametrize(
    ("model", "loop", "sign"),
    [
        # docs/camkii.md: pT286 keeps calmodulin and phosphorylates neighbours; T305/306 takes subunits out.
        (
            "camkii_dodecamer",
            ["calmodulin_binds_pT286_kinase_A__reverse", "autonomous_neighbour_phosphorylates_T286_A__forward"],
            1,
        ),
        (
            "camkii_dodecamer",
            [
                "T306_is_phosphorylated_A__forward",
                "calmodulin_binds_pT286_kinase_A__forward",
                "calmodulin_binds_pT286_kinase_A__reverse",
            ],
            -1,
        ),
        # docs/late_ltp.md: a synapse that has grown can grow again.
        (
            "late_ltp",
            [
                "receptors_hold_spine_open_A__forward",
                "surface_brings_room_for_slots_A__forward",
                "exocytosis_brings_slot_A__forward",
                "receptor_binds_new_slot_A__forward",
            ],
            1,
        ),
    ],
)
def test_feedback_loops_named_in_the_docs_have_their_sign(model, loop, sign):
    graph = influences(model)
    signs = [graph.edges[one, other]["sign"] for one, other in itertools.pairwise([*loop, loop[0]])]
    assert np.prod(signs) == sign


def test_inhibitors_slow_what_they_inhibit():
    graph = influences("early_ltp")
    assert graph.edges["nmda_gating_apv", "calcium_enters_through_NMDA_receptors_A__forward"]["sign"] == -1
    assert graph.edges["camkii_uninhibited", "CaMKII_tags_primed_slot_A__forward"]["sign"] == 1


def _variables(readout):
    if readout["kind"] == "ratio":
        yield from (v for side in ("of", "over") for v in _variables(readout[side]))
    else:
        yield readout.get("condition"), readout["variable"]


def _drugs():
    for name in experiment_names():
        experiment = load_experiment(name)
        for row in experiment.rows:
            for condition, variable in _variables(row.readout):
                known = experiment.conditions[condition or next(iter(experiment.conditions))]
                for use in known.get("perturbations", ()):
                    changed = [e.parameter for e in PERTURBATIONS[use].effects] if isinstance(use, str) else None
                    if changed is None:
                        changed = [*use["set"]] if "set" in use else [e.parameter for e in PERTURBATIONS[use["name"]].effects]
                    yield name, known["model"], tuple(changed), variable


@pytest.mark.parametrize(("experiment", "model", "parameters", "variable"), sorted(set(_drugs())))
def test_every_drug_reaches_its_readout(experiment, model, parameters, variable):
    graph, ids = influences(model), Rules(network_of(model)).ids
    # A weight is a strength over its own value at time 0.
    end = ids[variable.replace("weight", "strength")]
    assert any(nx.has_path(graph, ids[p], end) for p in parameters if ids.get(p) in graph)


def test_contact_map_has_the_bonds_of_the_kinase():
    bonds = {frozenset(e[:2]) for e in contact_map(network_of("camkii_dodecamer")).edges(data="role") if e[2] == "binds"}
    assert frozenset(("CaMKII_A__left", "CaMKII_A__right")) in bonds
    assert frozenset(("CaMKII_A__cam", "CaM_A__target")) in bonds


def test_a_network_free_model_has_graphs_of_its_rules():
    network = network_of("camkii_dodecamer")
    assert network.network_free
    graph = view("camkii_dodecamer", "regulation")
    assert nx.is_bipartite(nx.Graph([e[:2] for e in graph.edges(data="role") if e[2] != "instance"]))
    assert graph.edges["CaMKII_A__T286__u", "autonomous_neighbour_phosphorylates_T286_A"]["role"] == "reactant"
    assert graph.edges["autonomous_neighbour_phosphorylates_T286_A", "CaMKII_A__T286__p"]["role"] == "product"
    with pytest.raises(BadValue, match="too large to write down"):
        species_reaction_graph(network)


def test_signal_paths_of_the_rule_graph():
    graph = rule_graph(network_of("early_ltp"))
    for start, end in (("Glu_A", "AMPAR_A"), ("NMDAR_A", "Slot_A"), ("Ca_A", "CaMKII_A"), ("CaMKII_A", "Slot_A")):
        assert nx.has_path(graph, start, end)
    assert len(graph) < 70


def test_ids_are_those_of_the_sbml(tmp_path):
    network = network_of("spine_electrics")
    sbml.export(network, None, tmp_path / "x.xml")
    ids = {element.get("id") for element in ET.parse(tmp_path / "x.xml").iter()}
    assert set(species_reaction_graph(network).nodes) <= ids
    graph = influence_map(network, parameters=True)
    assert {n for n, kind in graph.nodes(data="kind") if kind == "parameter"} <= ids


# -- simplifiers ------------------------------------------------------------------------------


def _reactions(*lines: str) -> nx.DiGraph:
    graph = nx.DiGraph(model="toy")
    for line in lines:
        rule, _, text = line.partition(": ")
        for n in (s for side in text.split(" -> ") for s in side.split(" + ")):
            graph.add_node(n, kind="species", label=n, place="tube")
        graph.add_node(rule, kind="reaction", label=rule, rule=rule.removesuffix("_back"))
        for role, side in zip(("reactant", "product"), text.split(" -> "), strict=True):
            for n in side.split(" + "):
                graph.add_edge(*((n, rule) if role == "reactant" else (rule, n)), role=role, stoichiometry=1)
    return graph


def test_an_enzyme_mechanism_becomes_a_process_with_a_catalyst():
    graph = fold_enzymes(_reactions("bind: E + S -> ES", "bind_back: ES -> E + S", "cut: ES -> E + P", "use: P -> Q"))
    assert set(graph.nodes) == {"E", "S", "P", "Q", "cut", "use"}
    assert {(a, b): r for a, b, r in graph.edges(data="role") if "cut" in (a, b)} == {
        ("S", "cut"): "reactant",
        ("E", "cut"): "modifier",
        ("cut", "P"): "product",
    }
    assert "1 enzyme" in graph.graph["legend"]
    kept = _reactions("bind: E + S -> ES", "bind_back: ES -> E + S", "cut: ES -> E + P", "other: ES + X -> Y")
    assert set(fold_enzymes(kept).nodes) == set(kept.nodes)


def test_forward_and_reverse_become_one():
    network = network_of("spine_electrics")
    graph = species_reaction_graph(network)
    merged = merge_reversible(graph)
    pairs = [n for n, data in merged.nodes(data=True) if data.get("reversible")]
    assert len(merged) == len(graph) - len(pairs)
    assert pairs
    assert all(len(merged.nodes[n]["members"].split(", ")) == 2 for n in pairs)


def test_hubs_have_a_copy_for_each_reaction():
    graph = merge_reversible(species_reaction_graph(network_of("spine_electrics")))
    split = duplicate_hubs(graph, most=8)
    assert "Ca_A" not in split
    copies = [n for n, of in split.nodes(data="copy_of") if of == "Ca_A"]
    assert len(copies) == len({*graph.predecessors("Ca_A"), *graph.successors("Ca_A")})
    assert split.number_of_edges() == graph.number_of_edges()


def test_what_lies_between_calcium_and_receptors():
    graph = between(signal("early_ltp"), ["Ca_A"], ["AMPAR_A"])
    assert {"CaM_A", "CaMKII_A", "CaN_A", "I1_A", "PP1_A", "Ras_A", "ERK_A", "AKAP_A", "Slot_A"} == set(graph) - {"Ca_A", "AMPAR_A"}
    assert not graph.out_degree("AMPAR_A")
    with pytest.raises(BadValue, match="no way from"):
        between(signal("early_ltp"), ["Chelator_A"], ["Glu_A"])


# -- other programs ---------------------------------------------------------------------------


def _read_cx2(path):
    from ndex2.cx2 import RawCX2NetworkFactory

    network = RawCX2NetworkFactory().get_cx2network(json.loads(path.read_text()))
    graph = nx.DiGraph()
    name = {i: node["v"]["represents"] for i, node in network.get_nodes().items()}
    for i, node in network.get_nodes().items():
        graph.add_node(name[i], **node["v"])
    for edge in network.get_edges().values():
        graph.add_edge(name[edge["s"]], name[edge["t"]], **edge["v"])
    return graph


def _read_cyjs(path):
    graph = nx.DiGraph(nx.cytoscape_graph(json.loads(path.read_text())))
    graph.remove_nodes_from([n for n, kind in [*graph.nodes(data="kind")] if kind == "place"])
    return graph


def _read_dot(path):
    import pygraphviz

    return nx.DiGraph(nx.nx_agraph.from_agraph(pygraphviz.AGraph(str(path))))


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize(
    ("module", "tool", "read"),
    [
        (graphml, "networkx", nx.read_graphml),
        (gexf, "networkx", nx.read_gexf),
        (cytoscape, "networkx", _read_cyjs),
        (cx2, "ndex2", _read_cx2),
        (dot, "pygraphviz", _read_dot),
    ],
)
def test_written_graphs_read_back(tmp_path, module, tool, read, kind):
    pytest.importorskip(tool)
    graph = view("spine_electrics", kind)
    path = tmp_path / f"x{module.SUFFIX}"
    module.write(graph, path)
    again = read(path)
    assert set(again.nodes) == set(graph.nodes)
    assert {(a, b, r) for a, b, r in again.edges(data="role")} == {(a, b, r) for a, b, r in graph.edges(data="role")}
    assert all(again.nodes[n]["kind"] == data["kind"] for n, data in graph.nodes(data=True))


@pytest.mark.parametrize("module", [graphml, gexf, cytoscape])
def test_files_of_the_same_graph_are_the_same(tmp_path, module):
    for name in "ab":
        module.write(VIEWS["regulation"](load("camkii").network), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(("model", "kind"), [("early_ltp", "signal"), ("calmodulin", "reactions")])
def test_sbgn_is_valid_by_schema_and_schematron(tmp_path, model, kind):
    libsbgnpy = pytest.importorskip("libsbgnpy")
    pytest.importorskip("pygraphviz")
    graph = view(model, kind)
    path = tmp_path / "x.sbgn"
    sbgn.write(graph, path)
    assert libsbgnpy.validate(path) == []
    assert libsbgnpy.validate_schematron(path) == []
    (drawn_map,) = libsbgnpy.read_sbgn_from_file(path).map
    shown = {g.id for g in drawn_map.glyph}
    assert set(graph) <= shown


# -- what a reader sees -----------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_the_default_picture_is_small_and_prints_legibly(name):
    pic = picture(name)
    assert len(pic.boxes) == len(signal(name)) < 40
    # On a page of a journal, 180 by 240 mm.
    shrink = min(1.0, PAGE / pic.width, 680 / pic.height)
    assert shrink * SMALL >= 5
    assert shrink * LARGE >= 6.5


@pytest.mark.parametrize("name", MODELS)
def test_no_label_is_clipped_and_nothing_overlaps(name):
    pic = picture(name)
    texts = [(t.text, *t.extent) for t in pic.texts()]
    for text, x0, y0, x1, y1 in texts:
        assert min(x0, y0, pic.width - x1, pic.height - y1) >= 0, text
    for (one, *a), (other, *b) in itertools.combinations(texts, 2):
        assert not _overlap(a, b), (one, other)
    for one, other in itertools.combinations(pic.boxes.values(), 2):
        assert not _overlap(one.extent, other.extent)
    for box in pic.boxes.values():
        x0, y0, x1, y1 = box.extent
        for text in box.texts():
            a, b, c, d = text.extent
            assert min(a - x0, x1 - c, b - y0, y1 - d) > 0, text.text


@pytest.mark.parametrize("name", MODELS)
def test_no_arrow_runs_behind_a_box(name):
    pic = picture(name)
    for arrow in pic.arrows:
        line = _along(arrow.points)
        for box in pic.boxes.values():
            x0, y0, x1, y1 = box.extent
            inside = (line[:, 0] > x0 + 1) & (line[:, 0] < x1 - 1) & (line[:, 1] > y0 + 1) & (line[:, 1] < y1 - 1)
            assert not inside.any(), (arrow.source, arrow.target, box.node)


def test_every_kind_of_arrow_has_a_line_end_of_its_own():
    for graph in (signal("late_ltp"), atom_rule_graph(network_of("camkii"))):
        roles = {role for *_, role in graph.edges(data="role")}
        # So that no meaning rests on colour alone.
        assert len({ROLES[r][1] for r in roles if r != "instance"}) == len(roles - {"instance"})


def test_pictures_have_every_node_and_are_the_same_each_time():
    pic = picture("camkii_hexamer_k5")
    svg = drawn(pic, "svg")
    ids = {element.get("id") for element in ET.fromstring(svg).iter()}
    assert set(pic.boxes) <= ids
    assert b">CaMKII<" in svg
    assert drawn(layout(signal_map(load("camkii_hexamer_k5").network)), "svg") == svg
    assert drawn(pic, "png", dpi=72).startswith(b"\x89PNG")


def _overlap(a, b):
    return a[0] < b[2] - 0.01 and b[0] < a[2] - 0.01 and a[1] < b[3] - 0.01 and b[1] < a[3] - 0.01


def _along(points):
    t = np.linspace(0, 1, 25)[:, None]
    curves = [points[i : i + 4] for i in range(0, len(points) - 1, 3)]
    return np.concatenate(
        [(1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for a, b, c, d in curves]
    )


# -- the command -------------------------------------------------------------------------------


def test_the_command_writes_the_part_between_two_molecules(tmp_path, capsys):
    pytest.importorskip("pygraphviz")
    assert main(["graph", "early_ltp", "--from", "calcium", "--to", "ampa_receptor", "-o", str(tmp_path / "x.svg")]) == 0
    assert b">CaMKII<" in (tmp_path / "x.svg").read_bytes()
    assert b">NMDAR<" not in (tmp_path / "x.svg").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "calcum", "--to", "ampa_receptor"], "did you mean 'calcium'"),
        (["--from", "calcium"], "go together"),
        (["--from", "chelator", "--to", "glutamate"], "no way from chelator to glutamate"),
        (["--view", "signals"], "did you mean 'signal'"),
    ],
)
def test_mistakes_are_one_sentence_and_leave_no_file(tmp_path, capsys, arguments, message):
    rest = [] if "--view" in arguments else ["--view", "signal"]
    assert main(["graph", "early_ltp", *arguments, *rest, "-o", str(tmp_path / "x.graphml")]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("view", ["signal", "contact", "influence", "regulation", "reactions"])
@pytest.mark.parametrize("example", ["move_connected", "time", "expression_observables"])
def test_models_with_membranes_clocks_and_bare_molecules_have_every_view(tmp_path, capsys, example, view):
    command = ["graph", f"pysb.examples.{example}:model", "--view", view, "-o"]
    assert main([*command, str(tmp_path / "x.graphml")]) == 0
    assert len(nx.read_graphml(tmp_path / "x.graphml"))
    if importlib.util.find_spec("pygraphviz"):
        drawn = main([*command, str(tmp_path / "x.svg")]) == 0
        # Molecules that bind nothing are left out of a picture of contacts.
        assert drawn or (view == "contact" and "nothing to draw" in capsys.readouterr().err)
