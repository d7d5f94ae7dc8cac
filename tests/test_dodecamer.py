"""The dodecamer, run by its rules alone: two hexamers that react as each does in its exact network."""

import re
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import SPINE, calmodulin_activates_camkii
from ltpath.pathways.places import spine
from scipy import stats

import ltpath
from ltpath.__main__ import main
from ltpath.catalogue import load
from ltpath.errors import BadValue
from ltpath.network import Network
from ltpath.protocol import Calcium, Protocol

pytest.importorskip("bngsim")

# A fifth of a spine, with whole totals: 70 dodecamers and 360 calmodulin. Rates of this test, whatever the spine's are fitted to.
PER_UM = 602.214076 * 0.02
FEW = {
    "volume_spine": 0.02,
    "camkii_total": 70 * 12 / PER_UM,
    "calmodulin_total": 360 / PER_UM,
    "camkii_k_T286": 8.0,
    "camkii_k_T306_return": 0.05,
    "camkii_pp1": 1.0,
    "calmodulin_affinity_C": 1.0,
    "calmodulin_affinity_N": 1.0,
}
REST = 0.06
TIMES = [0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0]
# The hexamers' calcium is free, so that it must be held afterwards too.
STEP = Protocol(
    title="Calcium at 2 uM for 3 s",
    duration=15.0,
    stimuli=(Calcium(amplitude=2.0, length=3.0), Calcium(at=3.0, amplitude=REST, length=20.0)),
)
READOUTS = ("pT286_fraction_A", "camkii_activity_A")


def dodecamers(states):
    net = Network("dodecamers")
    A = spine("A")
    calcium_is_held(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=6, states=states, stacked=True)
    return net


def deviations(model, hexamer, seeds, times=TIMES, parameters=FEW):
    """Of each readout: deviation of the mean of runs from the exact hexamer in standard errors, and how likely a larger one is.

    The probability is that of Hotelling's T square, which knows that the times of a run are correlated.
    """
    protocol = STEP.lasting(times[-1])
    exact = ltpath.simulate(hexamer, protocol, parameters=parameters, times=times)
    runs = [ltpath.simulate(model, protocol, parameters=parameters, times=times, engine="nfsim", seed=seed) for seed in seeds]
    n, k, found = len(runs), len(times), {}
    for name in READOUTS:
        values = np.array([run[name].values for run in runs])
        away = values.mean(axis=0) - exact[name].values
        t_square = n * away @ np.linalg.solve(np.cov(values.T), away)
        probability = stats.f.sf(t_square * (n - k) / (k * (n - 1)), k, n - k)
        found[name] = away / (values.std(axis=0, ddof=1) / np.sqrt(n)), t_square, probability
    return found


@pytest.mark.slow
def test_the_mean_of_dodecamers_is_the_exact_hexamer():
    """In few runs, with three states a subunit; five, those of the catalogue's model, in the slow test."""
    half = FEW | {"volume_spine": 0.01}
    for _, _, probability in deviations(dodecamers(states=3), "camkii_hexamer_k3", range(16), [2.0, 3.0, 4.0], half).values():
        assert probability > 0.001


@pytest.mark.slow
def test_the_mean_of_100_runs_of_the_dodecamer_is_the_exact_hexamer(capsys):
    """Within two standard errors at ten times, but for as many of them as chance puts beyond."""
    for name, (away, t_square, probability) in deviations("camkii_dodecamer", "camkii_hexamer_k5", range(100)).items():
        beyond = int((np.abs(away) > 2).sum())
        with capsys.disabled():
            print(f"\n{name}: {beyond} of {len(TIMES)} times beyond 2 SE, largest {np.abs(away).max():.2f} SE, ", end="")
            print(f"chi-square {away @ away:.1f}, T square {t_square:.1f} (p = {probability:.2f})", end="")
        assert probability > 0.01
        # Ten correlated times: more than three beyond would be one run of this test in some hundred.
        assert beyond <= 3


def test_a_dodecamer_is_two_rings_of_six_and_each_subunit_holds_one_of_the_other():
    species = load("camkii_dodecamer").network.species
    resting = next(s for s in species if s.count("CaMKII") == 12 and "T286~p" not in s)
    ends = [(i, site, bond) for i, part in enumerate(resting.split(".")) for site, bond in re.findall(r"(\w+)!(\d+)", part)]
    pairs = [(a, b) for a, b in combinations(ends, 2) if a[2] == b[2]]
    within = nx.Graph((a[0], b[0]) for a, b in pairs if {a[1], b[1]} == {"left", "right"})
    rings = list(nx.connected_components(within))
    assert sorted(map(len, rings)) == [6, 6]
    assert set(dict(within.degree).values()) == {2}
    across = [(a[0], b[0]) for a, b in pairs if a[1] == b[1] == "across"]
    assert sorted(i for pair in across for i in pair) == list(range(12))
    assert all((a in rings[0]) != (b in rings[0]) for a, b in across)


def test_what_needs_a_network_says_how_to_run_without_one(tmp_path, capsys):
    with pytest.raises(BadValue, match=r"'camkii_dodecamer' is too large to write down; .*--engine nfsim"):
        ltpath.simulate("camkii_dodecamer")
    for command in (
        ["expand"],
        ["run", "-o", str(tmp_path / "x")],
        ["export", "-o", str(tmp_path / "x.xml")],
        ["graph", "-o", str(tmp_path / "x.graphml")],
    ):
        assert main([command[0], "camkii_dodecamer", *command[1:]]) == 2
        assert "--engine nfsim" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
