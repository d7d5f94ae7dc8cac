"""The dodecamer, run by its rules alone: two hexamers that react as each does in its exact network."""

import re
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.calmodulin_on_camkii import ORDYAN_LOBES
from ltpath.pathways.camkii_holoenzyme import SPINE, calmodulin_activates_camkii
from ltpath.pathways.glun2b import SPINE as GLUN2B
from ltpath.pathways.places import spine
from scipy import stats

import ltpath
from ltpath.__main__ import main
from ltpath.catalogue import load
from ltpath.errors import BadValue
from ltpath.expansion import expand
from ltpath.network import Network
from ltpath.protocol import Calcium, PerturbationUse, Protocol

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


# -- with both lobes of calmodulin and GluN2B ---------------------------------------------------------------


def few(dodecamers, glun2b):
    """Whole totals, and no calcium before time 0."""
    per_uM = 12 * dodecamers / 70.0
    totals = {"volume_spine": per_uM / 602.214076, "camkii_total": 70.0, "calcium_rest": 0.0}
    return totals | {"calmodulin_total": round(30.0 * per_uM) / per_uM, "glun2b_total": glun2b / per_uM}


def test_calcium_free_calmodulin_hardly_binds_and_molecules_are_kept():
    net = Network("camkii_dodecamer_counted")
    load("camkii_dodecamer_full").entry.build(net)
    CaM, CaMKII, GluN2B = (net.model.monomers[f"{name}_A"] for name in ("CaM", "CaMKII", "GluN2B"))
    for name, pattern in (("calmodulin", CaM()), ("kinase", CaMKII()), ("sites", GluN2B())):
        net.observable(f"{name}_seen", pattern, "of this test")
    net.observable("any_bound_seen", CaMKII(cam=1) % CaM(target=1), "of this test")
    step = Protocol(title="Calcium for 0.3 s", duration=0.5, stimuli=(Calcium(amplitude=5.0, length=0.3),))
    times = [*np.linspace(-50.0, 0.0, 11), 0.1, 0.3, 0.5]
    found = ltpath.simulate(net, step, parameters=few(3, 4), times=times, engine="nfsim", seed=1)
    for name, total in (("calmodulin", 15), ("kinase", 36), ("sites", 4)):
        assert (found[f"{name}_seen"] == total).all()
    without, during = found.sel(time=slice(-50.0, 0.0)), found.sel(time=slice(0.05, 0.5))
    # Kd 14 mM: 0.07 of 36 subunits.
    assert without["any_bound_seen"].mean() < 1.0
    assert (without["camkii_bound_A"] == 0).all()
    assert (without["pT286_fraction_A"] == 0).all()
    assert during["camkii_bound_A"].max() > 5
    assert (during["camkii_bound_A"] <= during["any_bound_seen"]).all()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"glun2b": GLUN2B}, "need the kinetics of partly loaded calmodulin"),
        ({"lobes_in_equilibrium": True}, "need the kinetics of partly loaded calmodulin"),
        ({"lobes": ORDYAN_LOBES, "states": 4}, "needs subunits of 5 states, not 4"),
        ({"subunits": 1, "stacked": True}, "a ring has 3 to 12 subunits"),
        ({"subunits": 2}, "a ring has 3 to 12 subunits"),
    ],
)
def test_a_holoenzyme_that_cannot_be_says_why(how, reason):
    with pytest.raises(BadValue, match=reason):
        calmodulin_activates_camkii(Network("impossible"), spine("A"), **how)


def test_what_glun2b_holds_is_shielded_from_phosphatase_and_T306():
    rules = load("camkii_dodecamer_full").network.meta["rule_text"]
    for name in ("phosphatase_removes_pT286_A", "T306_is_phosphorylated_A"):
        assert re.search(r"\bglun2b\b(?!!)", rules[name].split("->")[0])


@pytest.mark.slow
def test_the_mean_of_full_dodecamers_with_t286a_is_that_of_single_subunits():
    """A subunit that phosphorylates no neighbour is alone, and its few states have exact equations."""
    net, A = Network("camkii_subunit"), spine("A")
    calcium_is_held(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=1, lobes=ORDYAN_LOBES, glun2b=GLUN2B)
    alone = expand(net)
    step = Protocol(
        title="Calcium for 0.5 s",
        duration=5.0,
        stimuli=(Calcium(amplitude=3.0, length=0.5), Calcium(at=0.5, amplitude=REST, length=10.0)),
        perturbations=(PerturbationUse(name="t286a"),),
    )
    parameters, times = few(10, 20), [0.1, 0.5, 0.7, 1.0, 5.0]
    exact = ltpath.simulate(alone, step, parameters=parameters, times=times)
    runs = [
        ltpath.simulate("camkii_dodecamer_full", step, parameters=parameters, times=times, engine="nfsim", seed=seed)
        for seed in range(16)
    ]
    for name in ("camkii_bound_A", "camkii_on_GluN2B_A", "camkii_open_fraction_A"):
        values = np.array([run[name].values for run in runs])
        away = values.mean(axis=0) - exact[name].values
        assert (np.abs(away) < 3.5 * values.std(axis=0, ddof=1) / 4 + 1e-9).all(), name


@pytest.mark.slow
def test_partly_loaded_calmodulin_raises_activity_near_threshold_and_glun2b_keeps_subunits_open():
    held = Protocol(title="Calcium at 1 uM", duration=10.0, stimuli=(Calcium(amplitude=1.0, length=11.0),))
    full = [
        ltpath.simulate("camkii_dodecamer_full", held, parameters=few(10, 0), times=[10.0], engine="nfsim", seed=seed)
        for seed in range(4)
    ]
    reduced = ltpath.simulate("camkii_hexamer_k5", held, parameters={"calcium_rest": 0.0}, times=[10.0])
    assert np.mean([run["camkii_activity_A"].values[0] for run in full]) > reduced["camkii_activity_A"].values[0]

    pulse = Protocol(
        title="Calcium at 4 uM for 3 s",
        duration=33.0,
        stimuli=(Calcium(amplitude=4.0, length=3.0), Calcium(at=3.0, amplitude=REST, length=40.0)),
        perturbations=(PerturbationUse(name="t286a"),),
    )
    left = [
        np.mean(
            [
                ltpath.simulate("camkii_dodecamer_full", pulse, parameters=few(5, sites), times=[33.0], engine="nfsim", seed=seed)[
                    "camkii_open_fraction_A"
                ].values[0]
                for seed in range(3)
            ]
        )
        for sites in (0, 20)
    ]
    assert left[1] > left[0] + 0.03
