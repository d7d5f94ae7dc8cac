"""The networks that come with the library are what BioNetGen makes of the rules."""

import numpy as np
import pytest

from ltpath.catalogue import load, model_names
from ltpath.expansion import described, expand, sources
from ltpath.shipped import index, shipped

LARGE = ("camkii_hexamer_k4", "camkii_hexamer_k5")


def test_they_were_made_from_these_sources():
    assert index()["sources"]["all"] == sources(), "run: make networks"
    assert sorted(index()["content"]) == model_names()


@pytest.mark.parametrize("name", model_names())
def test_their_content_is_that_of_the_rules(name):
    assert described(load(name).rules)[1] == index()["content"][name]


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LARGE else n for n in model_names()])
def test_a_fresh_expansion_is_the_same(name):
    fresh, known = expand(load(name).rules, fresh=True), shipped(name)
    assert known is not None
    assert fresh.meta == known.meta
    assert fresh.arrays.keys() == known.arrays.keys()
    for part, array in fresh.arrays.items():
        np.testing.assert_array_equal(array, known.arrays[part], err_msg=part)


@pytest.mark.parametrize(("states", "necklaces"), [(3, 130), (4, 700), (5, 2635)])
def test_hexamers_have_as_many_species_as_necklaces(states, necklaces):
    species = load(f"camkii_hexamer_k{states}").network.species
    assert sum("CaMKII" in s for s in species) == necklaces
    # What else is there: calcium, its buffer free and bound, and nine loads of calmodulin.
    assert len(species) == necklaces + 12
