"""The page where the signal moves: what it says is what was simulated, and it works in a browser."""

from __future__ import annotations

import itertools
import json
import re
import time

import numpy as np
import pytest
from ltpath.exporters.graph import rule_graph
from ltpath.exporters.together import TOGETHER, drawn_together

import ltpath
from ltpath.__main__ import main
from ltpath.catalogue import load
from ltpath.errors import BadValue
from ltpath.experiment import load_experiment
from ltpath.explorer import Condition, explore, rule_facts
from ltpath.film import bin_edges, film, reaction_rates
from ltpath.kernels import Kernel
from ltpath.protocol import PerturbationUse, load_protocol
from ltpath.server import Laboratory, key_of, read_request
from ltpath.signal_map import shown_graph, signal_map, synapses, words

# Each form of map once: larger rings and one spine of the neuron look as these do.
DRAWN = ["ampa_traffic", "calmodulin", "camkii", "creb", "early_ltp", "neuron", "spine_electrics"]


@pytest.fixture(scope="module")
def page():
    return explore("early_ltp", "tetanus")


@pytest.fixture(scope="module")
def data(page):
    return data_of(page.html)


def data_of(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


# -- what is computed ------------------------------------------------------------------------


def test_rates_of_reactions_add_up_to_the_equations():
    network = load("early_ltp").network
    kernel = Kernel(network)
    state = np.random.default_rng(1).uniform(0.0, 40.0, (1, kernel.n))
    rates = reaction_rates(kernel, state)[0]
    change = np.zeros(kernel.n + 1)
    for side, sign in ((network.arrays["reactants"], -1.0), (network.arrays["products"], 1.0)):
        np.add.at(change, side, sign * rates[:, None])
    change = change[:-1] * (kernel.free > 0)
    np.testing.assert_allclose(change, kernel.rhs(0.0, state[0]), rtol=1e-9, atol=1e-9 * np.abs(rates).max())


def test_the_axis_begins_anew_at_every_tetanus_and_ends_with_the_protocol():
    protocol = load_protocol("four_tetani")
    edges = bin_edges(protocol)
    assert (np.diff(edges) > 0).all()
    assert edges[-1] == protocol.duration
    for start in (0.0, 300.0, 600.0, 900.0):
        i = int(np.searchsorted(edges, start))
        assert edges[i] == pytest.approx(start)
        assert edges[i + 1] - edges[i] < (1e-3 if start == 0 else 0.02)


def test_no_peak_is_lost_between_two_moments(page):
    control = page.films[0]
    for name in ("glutamate_A", "Ca_free_A", "weight_A"):
        values = control.run[name].values[control.run["time"].values >= control.edges[0]]
        assert control.high[name].max() == pytest.approx(values.max())
        assert control.low[name].min() == pytest.approx(values.min())
    assert control.high["glutamate_A"][control.edges[:-1] < 0].max() < 1.0


def test_the_flux_of_a_rule_is_what_it_moves(page):
    # Glutamate that is cleared over the whole run is what the tetanus released and what leaked in. It decays within a
    # millisecond and is sampled every half: straight lines between the samples lie some 3 % above the curve.
    control = page.films[0]
    width = np.diff(control.edges)
    cleared, leaked = (float(control.flux[f"glutamate_{n}_A"] @ width) for n in ("is_cleared", "leaks_in"))
    released = 100 * Kernel(page.network).constants["glutamate_release_in_cleft_A"]
    assert cleared - leaked == pytest.approx(released, rel=0.04)


@pytest.mark.parametrize(
    ("label", "happens", "missing"),
    [
        ("control", "The synapse is stronger", None),
        ("APV", "Glutamate arrives", "NMDA channels open"),
        ("T286A", "CaMKII switches on", "CaMKII stays on"),
    ],
)
def test_the_story_breaks_where_the_block_is(data, label, happens, missing):
    told = next(c for c in data["conditions"] if c["label"] == label)["story"]["A"]
    steps = {s["title"]: s["bin"] for s in told["steps"]}
    assert steps[happens] is not None
    assert missing is None or steps[missing] is None
    assert any(f"{missing}: not here" == heading for _, heading, _ in told["captions"]) == (missing is not None)
    assert [b for b, *_ in told["captions"]] == sorted(b for b, *_ in told["captions"])


def test_measured_points_stand_on_their_own_condition(data):
    barco = [p for p in data["points"] if p["experiment"] == "early_ltp_time_course"]
    assert len(barco) == sum(row.rule == "within" for row in load_experiment("early_ltp_time_course").rows)
    assert {(p["condition"], p["quantity"]) for p in barco} == {("control", "weight_A")}
    assert barco[0]["value"] == pytest.approx(2.039)
    assert {p["condition"] for p in data["points"] if p["experiment"] == "apv"} == {"APV"}


def test_every_rule_names_its_parameters():
    network = load("early_ltp").network
    facts = rule_facts(network)
    assert facts.keys() == set(network.meta["rules"])
    tagging = facts["CaMKII_primes_slot_A"]
    assert "Slot_A(kind~basal) <-> Slot_A(kind~primed)" in tagging["bngl"]
    assert {"early_ltp_k_tag", "ampa_phosphorylation_k_S831_pp1"} <= set(tagging["parameters"])
    assert all(f["parameters"] for f in facts.values())


def test_a_drug_that_comes_later_changes_rates_only_then():
    network = load("calmodulin").network
    use = PerturbationUse(set={"calmodulin_k_on_C1": 0.0}, start=1.0)
    one = film(network, load_protocol("calcium_pulse"), "late", [use])
    flux = one.flux["calcium_binds_calmodulin_C1"]
    before, after = ((one.edges[1:] <= 1.0) & (one.edges[:-1] >= 0)), one.edges[:-1] >= 1.0
    assert flux[before].max() > 0
    assert flux[after].max() <= 0


# -- the map ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_a_map_has_few_molecules_and_none_covers_another(name):
    network = load(name).network
    for synapse in synapses(network):
        view = signal_map(network, synapse)
        assert len(view.nodes) < 40
        frames = {f.id: f for f in view.frames}
        for a, b in itertools.combinations(view.nodes.values(), 2):
            assert abs(a.x - b.x) >= (a.size[0] + b.size[0]) / 2 or abs(a.y - b.y) >= (a.size[1] + b.size[1]) / 2, (a.id, b.id)
        for node in view.nodes.values():
            f = frames[node.place]
            assert f.x < node.x - node.size[0] / 2
            assert node.x + node.size[0] / 2 < f.x + f.width
            assert f.y < node.y - node.size[1] / 2
            assert node.y + node.size[1] / 2 < f.y + f.height
        for a, b in itertools.combinations(frames.values(), 2):
            assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def test_the_map_leads_from_glutamate_to_the_receptors():
    links = {(k.source, k.target) for k in signal_map(load("early_ltp").network, "A").links}
    chain = ("Glu_A", "NMDAR_A", "Ca_A", "CaM_A", "CaMKII_A", "Slot_A", "AMPAR_A")
    assert set(itertools.pairwise(chain)) <= links


def test_a_box_for_several_molecules_has_all_their_rules():
    network = load("neuron").network
    graph = shown_graph(network)
    assert set(rule_graph(network).nodes) - set(graph.nodes) >= {"Gs", "AC", "MEK", "Ras", "RemovalProtein", "CaMKK_nucleus"}
    for rule in ("D1_loads_Gs", "Gs_binds_cyclase", "cyclase_with_Gs_makes_cAMP", "phosphodiesterase_ends_cAMP"):
        process = next(n for n, rules in graph.nodes(data="rules", default="") if rule in rules.split(", "))
        assert process in {*graph.predecessors("cAMP"), *graph.successors("cAMP")}
    links = {(k.source, k.target) for k in signal_map(network, "A", graph).links}
    assert {("Dopamine", "cAMP"), ("cAMP", "PKA"), ("ERK", "MSK_nucleus"), ("CREB_nucleus", "Gene_nucleus")} <= links


def test_every_word_is_used_by_some_model():
    network = load("neuron").network
    readouts, molecules = ({re.sub(r"_[A-C]$", "", n) for n in names} for names in (network.readouts, network.meta["place_of"]))
    readouts |= {n.removesuffix("_nucleus") for n in readouts} | {"weight"}
    molecules |= {n.removesuffix("_nucleus") for n in molecules} | {f"{n}_{place}" for n, place in network.meta["place_of"].items()}
    said = words()
    stems = [*itertools.chain.from_iterable(x.get("shows", x.get("curves", ())) for k in ("step", "panel") for x in said[k])]
    stems += itertools.chain.from_iterable(m.get("shows", ()) for m in said["molecule"].values())
    assert set(stems) <= readouts
    assert {
        *said["molecule"],
        *said["fold"],
        *itertools.chain(*said["fold"].values()),
        *(s["node"] for s in said["step"]),
    } <= molecules
    assert set(said["together"]) == {one.name for one, _ in drawn_together(network)} == {one.name for one in TOGETHER}


# -- the file --------------------------------------------------------------------------------


def test_the_file_is_one_and_asks_for_nothing(page):
    assert len(page.html.encode()) < 5e6
    without_data = re.sub(r'id="data">.*?</script>', "", page.html, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href)=["'](?!data:)[^"']+""", without_data)
    assert "default-src 'none'" in page.html
    assert "connect-src" not in page.html
    assert page.html.count("</script>") == 2
    assert "@@" not in without_data


def test_a_notebook_shows_the_same_page(page):
    shown = page._repr_html_()
    assert shown.startswith("<iframe")
    assert "One tetanus, 100 Hz for 1 s" in shown
    assert ltpath.explore is explore


def test_explore_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "page.html"
    assert main(["explore", "calmodulin", "-o", str(path)]) == 0
    assert [c["label"] for c in data_of(path.read_text(encoding="utf-8"))["conditions"]] == ["control"]
    for arguments, message in (
        (["explore", "early_ltp", "--perturb", "apw", "-o", str(path)], "did you mean 'apv'"),
        (["explore", "camkii", "--protocol", "tetanus", "-o", str(path)], "takes no glutamate"),
        (["explore", "camkii_dodecamer", "-o", str(path)], "too large"),
        (["explore", "calmodulin", "-o", str(tmp_path)], "is a folder"),
        (["serve", "calmodulin", "--port", "70000"], "--port"),
    ):
        capsys.readouterr()
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert message in said
        assert len(said.strip().splitlines()) == 1


def test_conditions_are_named_after_what_was_done():
    assert Condition.of().label == "control"
    assert Condition.of("apv", PerturbationUse(name="camkii_inhibitor", dose=5.0)).label == "APV + camkii inhibitor 5 uM"
    with pytest.raises(BadValue, match="at most 6 conditions"):
        explore("calmodulin", perturbations=["apv"] * 6)


def test_a_live_run_takes_less_than_a_second(page):
    laboratory = Laboratory(page)
    asked = {"protocol": "tetanus", "base": key_of(page.protocol), "parameters": {"nmda_gating_magnesium": 1.5}}
    began = time.process_time()
    answer = laboratory.run(read_request(json.dumps(asked).encode(), page.network))
    assert time.process_time() - began < 1.0
    assert answer["condition"]["label"] == "nmda_gating_magnesium = 1.5"


# -- in a browser ------------------------------------------------------------------------------


def others_share():
    """How many times longer than alone anything takes now, because others use the machine."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < 0.2:
        pass
    return (time.perf_counter() - wall) / (time.process_time() - cpu)


def use(browser, address):
    """Open a page and do what a reader does first; the seconds that all of it took, as on a machine of one's own."""
    busy = others_share()
    began = time.perf_counter()
    browser.get(address)
    one = browser.find_element
    clock = one("css selector", "#clock").text
    one("css selector", "#play").click()
    time.sleep(0.4)
    one("css selector", "#play").click()
    assert one("css selector", "#clock").text != clock

    one("css selector", "[data-node='CaMKII_A']").click()
    assert "camkii" in one("css selector", "#details h2").text.lower()
    one("css selector", "#details summary").click()
    # What opens is written when the browser tells of it, which a busy machine does later.
    browser.implicitly_wait(2.0)
    assert "CaMKII_A(" in one("css selector", "#details code").text
    browser.implicitly_wait(0.0)
    assert one("css selector", "#details table").text

    one("css selector", "#steps li:nth-child(4) button").click()
    box = one("css selector", "[data-node='CaMKII_A'] rect.box")
    before = box.get_attribute("fill")
    browser.execute_script("document.querySelector(\"input[name='condition'][value='1']\").click()")
    assert one("css selector", "[data-node='CaMKII_A'] rect.box").get_attribute("fill") != before
    seconds = time.perf_counter() - began
    assert browser.get_log("browser") == []
    return seconds / max(1.0, (busy + others_share()) / 2)


def test_a_reader_plays_clicks_and_compares(browser, page, tmp_path):
    page.save(tmp_path / "page.html")
    address = (tmp_path / "page.html").as_uri()
    assert min(use(browser, address) for _ in range(2)) < 3.0


@pytest.mark.slow
def test_the_largest_page_is_as_usable(browser, tmp_path):
    big = explore("neuron")
    assert big.protocol.name == "weak_after_strong"
    assert [f.label for f in big.films] == ["control", "APV", "T286A", "anisomycin"]
    assert len(big.html.encode()) < 5e6
    big.save(tmp_path / "page.html")
    assert min(use(browser, (tmp_path / "page.html").as_uri()) for _ in range(2)) < 6.0


def test_keys_alone_are_enough(browser, page, tmp_path):
    from selenium.webdriver.common.keys import Keys

    page.save(tmp_path / "page.html")
    browser.get((tmp_path / "page.html").as_uri())
    slider = browser.find_element("css selector", "#time")
    before = slider.get_attribute("aria-valuetext")
    slider.send_keys(Keys.PAGE_DOWN if "0 s" in before else Keys.PAGE_UP)
    assert slider.get_attribute("aria-valuetext") != before
    first = browser.find_element("css selector", "g.node[tabindex='0']")
    first.send_keys(Keys.ARROW_DOWN)
    focused = browser.switch_to.active_element
    assert focused.get_attribute("data-node") != first.get_attribute("data-node")
    assert focused.get_attribute("role") == "button"
    assert "as at rest" in focused.get_attribute("aria-label") or "than at rest" in focused.get_attribute("aria-label")
    focused.send_keys(Keys.ENTER)
    panel = browser.find_element("css selector", "#details")
    assert panel.is_displayed()
    assert browser.switch_to.active_element == panel
    panel.send_keys(Keys.ESCAPE)
    assert not panel.is_displayed()
    unnamed = browser.execute_script(
        "return [...document.querySelectorAll('button, input, select, [role=button], [role=img]')]"
        ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML.slice(0, 99))"
    )
    assert unnamed == []
