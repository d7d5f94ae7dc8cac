"""The holoenzyme against the exact model of Michalski and Loew 2012: rings of three and six, and infinitely many subunits.

Their curves (michalski2012.csv) are a model's, so they test the rules and not the biology. The rules here are those of the
pathway, with their constants; saturating calcium makes all calmodulin carry four, in such an excess over kinase that it
is as good as clamped.
"""

from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import PURIFIED, calmodulin_activates_camkii
from ltpath.pathways.places import TUBE
from scipy.integrate import solve_ivp

from ltpath import simulate
from ltpath.catalogue import load
from ltpath.expansion import ReactionNetwork, expand
from ltpath.network import Network
from ltpath.protocol import Calcium, Protocol

CURVES = pd.read_csv(Path(__file__).parent / "michalski2012.csv", comment="#")
DIGITISING = 1e-5
"""Resolution of the digitised fractions."""
SIZES = {"trimer": 3, "hexamer": 6}
K_ON, KD, K_T286 = 1.0, 0.06667, 1.0
"""Their constants, /(uM s), uM and /s."""
K_CAT, KM, KINASE = 1.0, 10.0, 0.005
"""Of the phosphatase, /s and uM, and the total of kinase subunits, uM."""
STEADY = 1e6
"""After so long the fraction phosphorylated no longer changes, s."""
THEIR_END = 5000.0
"""What the slowest published point of infinitely many subunits shows, s: it is 0.3368 then, and 0.3421 in the end."""
FRACTION = {"rtol": 2e-3, "atol": 1.5 * DIGITISING}


def curve(figure: str, ring: str, condition: str) -> tuple[np.ndarray, np.ndarray]:
    chosen = CURVES[(CURVES["figure"] == figure) & (CURVES["ring"] == ring) & (CURVES["condition"] == condition)]
    assert len(chosen) > 9
    return chosen["CaM4_uM"].to_numpy(), chosen["FP"].to_numpy()


@cache
def ring(name: str) -> ReactionNetwork:
    if name == "hexamer":
        return load("camkii_hexamer_k3").network
    net = Network("trimer")
    calcium_is_held(net, TUBE)
    calcium_binds_calmodulin(net, TUBE)
    calmodulin_activates_camkii(net, TUBE, PURIFIED, subunits=SIZES[name], states=3)
    return expand(net)


def pathway(name: str, CaM4: float, pp1: float, times: list[float]) -> np.ndarray:
    """Fraction phosphorylated at `times`, s, by the rules of the pathway."""
    network = ring(name)
    place = next(n for n in network.parameters if n.startswith("volume_"))
    parameters = {
        # The solver's absolute tolerances are those of the model's own amounts, so there must be as many molecules.
        place: network.parameters[place] * network.parameters["camkii_total"] / (1e-4 * CaM4),
        "calcium_rest": 0.0,
        "calmodulin_total": CaM4,
        "camkii_total": 1e-4 * CaM4,
        "camkii_k_on_CaM4": K_ON,
        "camkii_Kd_CaM4": KD,
        "camkii_k_T286": K_T286,
        "camkii_k_cat_pp1": K_CAT,
        "camkii_Km_pp1": KM,
        "camkii_pp1": pp1,
    }
    held = Protocol(title="Saturating calcium", duration=times[-1], stimuli=(Calcium(amplitude=1e5, length=times[-1] + 1.0),))
    run = simulate(network, held, parameters=parameters, times=times)
    return next(run[n].values for n in run.data_vars if str(n).startswith("pT286_fraction"))


def steady(subunits: int, CaM4: float, pp1: float, kept: bool) -> float:
    """Fraction phosphorylated in the steady state, from every arrangement of a ring (free, bound, phosphorylated).

    Written apart from the pathway, to tell what a phosphatase does: whether a dephosphorylated subunit keeps
    its calmodulin (theirs) or is left without (the pathway).
    """
    states = list(product("ucp", repeat=subunits))
    index = {state: i for i, state in enumerate(states)}
    phosphorylated = np.array([state.count("p") for state in states]) / subunits
    fraction = 0.0
    for _ in range(2):
        # The phosphatase's Michaelis-Menten denominator holds what is sought; 5 nM against 10 uM converges at once.
        k_removal = K_CAT * pp1 / (KM + KINASE * fraction)
        generator = np.zeros((len(states), len(states)))
        for state in states:
            for i, own in enumerate(state):
                active = state[i - 1] != "u"
                for after, rate in {
                    "u": {"c": K_ON * CaM4},
                    "c": {"u": K_ON * KD, "p": K_T286 * active},
                    "p": {"c" if kept else "u": k_removal},
                }[own].items():
                    end = index[(*state[:i], after, *state[i + 1 :])]
                    generator[end, index[state]] += rate
                    generator[index[state], index[state]] -= rate
        generator[0] = 1.0
        fraction = phosphorylated @ np.linalg.solve(generator, np.eye(len(states))[0])
    return float(fraction)


def infinite(CaM4: float, pp1: float, times: list[float]) -> np.ndarray:
    """Fraction phosphorylated where the neighbour of a subunit is an average one, by three ODEs."""

    def change(_: float, y: np.ndarray) -> list[float]:
        free, bound, phosphorylated = y
        binding = K_ON * (CaM4 * free - KD * bound)
        transfer = K_T286 * (bound + phosphorylated) * bound
        removal = K_CAT * pp1 / (KM + KINASE * phosphorylated) * phosphorylated
        return [-binding, binding - transfer + removal, transfer - removal]

    found = solve_ivp(change, (0.0, times[-1]), [1.0, 0.0, 0.0], method="LSODA", t_eval=times, rtol=1e-9, atol=1e-13)
    return found.y[2]


SECONDS = {"1 s": 1.0, "6 s": 6.0}
PP1 = {"PP1 0.1 uM": 0.1, "PP1 1 uM": 1.0, "PP1 10 uM": 10.0}
# Every arrangement of a hexamer, at 14 concentrations, takes seconds.
WITH_PP1 = [
    pytest.param(name, condition, marks=[pytest.mark.slow] if name == "hexamer" else []) for name, condition in product(SIZES, PP1)
]


@pytest.mark.parametrize(("name", "condition"), list(product(SIZES, SECONDS)))
def test_without_phosphatase_the_pathway_gives_the_published_curves(name, condition):
    CaM4, published = curve("2", name, condition)
    found = [pathway(name, x, 0.0, [SECONDS[condition]])[0] for x in CaM4]
    np.testing.assert_allclose(found, published, **FRACTION)


@pytest.mark.parametrize("condition", SECONDS)
def test_infinitely_many_subunits_without_phosphatase_give_the_published_curves(condition):
    CaM4, published = curve("7a", "infinite", condition)
    found = [infinite(x, 0.0, [SECONDS[condition]])[0] for x in CaM4]
    np.testing.assert_allclose(found, published, **FRACTION)


@pytest.mark.parametrize("condition", PP1)
def test_infinitely_many_subunits_with_phosphatase_give_the_published_curves(condition):
    CaM4, published = curve("7b", "infinite", condition)
    found = [infinite(x, PP1[condition], [THEIR_END])[0] for x in CaM4]
    np.testing.assert_allclose(found, published, **FRACTION)


@pytest.mark.parametrize(("name", "condition"), WITH_PP1)
def test_with_phosphatase_the_pathway_differs_by_the_calmodulin_that_leaves_and_by_nothing_else(name, condition):
    """A phosphatase frees a subunit of calmodulin here and not in the paper, where the fraction is up to 0.5 higher."""
    CaM4, published = curve("5a", name, condition)
    theirs = [steady(SIZES[name], x, PP1[condition], kept=True) for x in CaM4]
    np.testing.assert_allclose(theirs, published, **FRACTION)
    ours = [steady(SIZES[name], x, PP1[condition], kept=False) for x in CaM4]
    found = np.array([pathway(name, x, PP1[condition], [STEADY])[0] for x in CaM4])
    np.testing.assert_allclose(found, ours, **FRACTION)
    assert 0.25 < (published - found).max() < 0.55
