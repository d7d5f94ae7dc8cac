"""The networks that come with the library are what BioNetGen makes of the rules."""

import numpy as np
import pytest
from pysb.core import ComponentSet

from ltpath.catalogue import load, model_names
from ltpath.expansion import described, expand, run_bionetgen, sources
from ltpath.network import Network
from ltpath.shipped import index, shipped
from ltpath.simulation import Integrator

LARGE = ("camkii_hexamer_k4", "camkii_hexamer_k5", "neuron")


def test_they_were_made_from_these_sources():
    assert index()["sources"]["all"] == sources(), "run: make networks"
    assert sorted(index()["content"]) == model_names()


@pytest.mark.parametrize("name", model_names())
def test_their_content_is_that_of_the_rules(name):
    assert described(load(name).rules)[1] == index()["content"][name]


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LARGE else n for n in model_names()])
def test_a_fresh_expansion_is_the_same(name):
    fresh, known = load(name).expanded(fresh=True), shipped(name)
    assert known is not None
    assert fresh.meta == known.meta
    assert fresh.arrays.keys() == known.arrays.keys()
    for part, array in fresh.arrays.items():
        np.testing.assert_array_equal(array, known.arrays[part], err_msg=part)


def test_new_values_need_no_new_expansion_and_new_rules_do(tmp_path, monkeypatch):
    monkeypatch.setenv("LTPATH_CACHE", str(tmp_path))
    expansions = []
    monkeypatch.setattr("ltpath.expansion.run_bionetgen", lambda *given: expansions.append(given) or run_bionetgen(*given))

    def mine(value, rule):
        net = Network("mine")
        load("calmodulin").entry.build(net)
        net.model.parameters["calmodulin_total"].value = value
        if not rule:
            net.model.rules = ComponentSet(list(net.model.rules)[:-1])
        return expand(net)

    one, other = mine(5.0, rule=True), mine(6.0, rule=True)
    assert len(expansions) == 1
    assert other.meta["values"] != one.meta["values"]
    assert other.meta["species"] == one.meta["species"]
    calmodulin = [Integrator(network).kernel.initial()[network.meta["initial"][1][0]] for network in (one, other)]
    assert calmodulin[1] == pytest.approx(1.2 * calmodulin[0])
    fewer = mine(6.0, rule=False)
    assert len(expansions) == 2
    assert len(fewer.arrays["rate"]) < len(one.arrays["rate"])


@pytest.mark.parametrize(("states", "necklaces"), [(3, 130), (4, 700), (5, 2635)])
def test_hexamers_have_as_many_species_as_necklaces(states, necklaces):
    species = load(f"camkii_hexamer_k{states}").network.species
    assert sum("CaMKII" in s for s in species) == necklaces
    # What else is there: calcium, its buffer free and bound, and nine loads of calmodulin.
    assert len(species) == necklaces + 12
