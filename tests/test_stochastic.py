"""Single molecules: the same protocols in whole numbers, repeatable by seed, and the mean of the ODE where that is the limit."""

import re
import sys

import numpy as np
import pytest
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import PURIFIED, calmodulin_activates_camkii
from ltpath.pathways.places import TUBE

import ltpath
from ltpath.catalogue import load
from ltpath.errors import BadValue, MissingTool
from ltpath.kernels import Kernel
from ltpath.molecules import fast_species, whole, whole_totals, with_means
from ltpath.netfile import net_text
from ltpath.network import Network
from ltpath.protocol import Calcium, PerturbationUse, Protocol, Train
from ltpath.simulation import Integrator

bngsim = pytest.importorskip("bngsim")

# 0.02 fL of the test tube, with whole totals: 360 calmodulin and 20 rings of four.
PER_UM = 602.214076 * 0.02
FEW = {
    "volume_tube": 0.02,
    "camkii_total": 80 / PER_UM,
    "calmodulin_total": 360 / PER_UM,
    "calmodulin_affinity_C": 1.0,
    "calmodulin_affinity_N": 1.0,
}
STEP = Protocol(title="Calcium at 1 uM for 2 s", duration=6.0, stimuli=(Calcium(amplitude=1.0, length=2.0),))
# A spine with little to bind calcium, so that a second costs ten times fewer events.
SPARSE = {"calcium_buffer": 2.0, "calmodulin_total": 6.0, "neurogranin_total": 1.0}
BURST = Protocol(title="Five pulses", duration=6.0, stimuli=(Train(pulses=5, frequency=100.0, spike_every=3),))


def tube(engine="ssa", seed=1, **how):
    return ltpath.simulate("camkii", STEP, parameters=FEW, engine=engine, seed=seed, **how)


def spine(seed=1, protocol=BURST, **how):
    return ltpath.simulate("early_ltp", protocol, parameters=SPARSE, engine="ssa", seed=seed, **how)


def errors(runs, reference, name):
    """Distance of the mean of runs from the reference at each time, in standard errors."""
    values = np.array([run[name].values for run in runs])
    error = values.std(axis=0, ddof=1) / np.sqrt(len(runs))
    return np.abs(values.mean(axis=0) - reference[name].values) / error


def totals(run, model):
    network = load(model).network
    held = network.arrays["held"]
    amounts = run["species_amounts"].values
    return {n: amounts @ counts for n, counts in network.conserved.items() if not held[counts > 0].any()}


@pytest.mark.parametrize("engine", ["ssa", "nfsim"])
def test_a_seed_repeats_a_run_and_another_seed_does_not(engine):
    first, again, other = tube(engine, 1), tube(engine, 1), tube(engine, 2)
    assert first.equals(again)
    assert not first.equals(other)
    assert first.attrs["seed"] == 1
    assert first.attrs["engine"] == engine


def test_a_seed_that_is_drawn_is_told_and_repeats_the_run():
    drawn = tube(seed=None)
    assert drawn.equals(tube(seed=drawn.attrs["seed"]))


def test_a_seed_must_be_a_number():
    with pytest.raises(BadValue, match="a seed must be a whole number of at least 0, not -1"):
        tube(seed=-1)


def test_molecules_are_whole_around_a_stimulus_and_every_total_is_kept():
    run = spine(times=np.linspace(-0.9, 1.9, 57), species=True)
    assert np.array_equal(run["species_amounts"], np.rint(run["species_amounts"]))
    kept = totals(run, "early_ltp")
    assert kept["CaM_A"][0] == 361
    assert all(np.ptp(total) == 0 for total in kept.values())


def test_an_exact_run_has_whole_molecules_all_the_time():
    fewer = FEW | {"calmodulin_total": 20 / PER_UM}
    run = ltpath.simulate("camkii", STEP, parameters=fewer, engine="ssa", seed=1, exact=True, species=True)
    free = run["species_amounts"].values[:, ~load("camkii").network.arrays["held"]]
    assert np.array_equal(free, np.rint(free))
    assert run.attrs["exact"] == 1


def test_means_keep_every_total_and_what_is_not_fast_stays_whole():
    run = spine(species=True)
    network, kernel = load("early_ltp").network, Kernel(load("early_ltp").network)
    kernel.set_parameters(network.parameters | SPARSE)
    fast = fast_species(kernel, Integrator(network).settle(kernel.initial()))
    slow = run["species_amounts"].values[:, ~(fast | (run["species_amounts"].values % 1 != 0).any(axis=0))]
    assert slow.shape[1] > 90
    for total in totals(run, "early_ltp").values():
        np.testing.assert_allclose(total, total[0], rtol=1e-9)


def test_fast_species_of_the_spine_are_its_front_end():
    integrator = Integrator(load("early_ltp").network)
    fast = fast_species(integrator.kernel, integrator.settle(integrator.kernel.initial()))
    found = {name for name, is_fast in zip(integrator.network.species, fast, strict=True) if is_fast}
    assert {"Ca_A()", "Glu_A()", "Buffer_A(calcium~free)", "CaM_A(C~ca0,N~ca0,target)", "Ng_A(cam)"} <= found
    assert not [name for name in found if name.startswith(("CaMKII", "AMPAR", "Slot", "Ras", "ERK", "CaN"))]


def test_held_calcium_stays_at_an_amount_that_is_no_whole_number():
    for engine in ("ssa", "nfsim"):
        run = tube(engine)
        level = run["Ca_free"].values
        during = (run["time"].values >= 0) & (run["time"].values < 2)
        np.testing.assert_allclose(level[during], 1.0, rtol=1e-9)
        np.testing.assert_allclose(level[~during], 0.06, rtol=1e-9)


def test_a_clamp_of_calcium_in_a_spine_holds_and_ends():
    clamp = Protocol(title="Calcium clamp", duration=1.0, stimuli=(Calcium(amplitude=1.0, length=0.1),))
    run = spine(protocol=clamp, times=[-0.5, 0.05, 0.09, 1.0], species=True)
    np.testing.assert_allclose(run["Ca_free_A"].values[1:3], 1.0)
    assert run["Ca_free_A"].values[3] < 0.5
    assert run["species_amounts"].values[3] % 1 == pytest.approx(0)


@pytest.mark.parametrize("engine", ["ssa", "nfsim"])
def test_parameters_change_at_events(engine):
    stopped = PerturbationUse(set={"camkii_k_T286": 0.0, "camkii_k_cat_pp1": 0.0}, start=1.0)
    held = Protocol(title="Calcium for 6 s", duration=6.0, stimuli=(Calcium(amplitude=2.0, length=6.0),))
    run = ltpath.simulate("camkii", held.perturbed(stopped), parameters=FEW, engine=engine, seed=1)
    phosphorylated = run["pT286"].values[run["time"].values >= 1.0]
    assert phosphorylated[0] > 0
    assert np.all(phosphorylated == phosphorylated[0])


def test_rounding_keeps_totals_and_the_mean():
    network = load("early_ltp").network
    integrator = Integrator(network)
    resting = integrator.settle(integrator.kernel.initial())
    kept = whole_totals(resting, network)
    random = np.random.default_rng(1)
    drawn = np.array([whole(resting, network, kept, random) for _ in range(500)])
    assert np.array_equal(drawn, np.rint(drawn))
    assert drawn.min() >= 0
    for name, total in kept.items():
        assert np.all(drawn @ network.conserved[name] == total)
    rare = network.index["CaM_A(C~ca2,N~ca0,target)"]
    assert drawn[:, rare].mean() == pytest.approx(resting[rare], abs=3 * drawn[:, rare].std() / np.sqrt(500))


def test_means_take_up_what_slow_species_have_released():
    network = load("early_ltp").network
    integrator = Integrator(network)
    resting = integrator.settle(integrator.kernel.initial())
    fast = fast_species(integrator.kernel, resting)
    kept = whole_totals(resting, network)
    y = whole(resting, network, kept, np.random.default_rng(1))
    bound = next(i for i, name in enumerate(network.species) if name.startswith("CaM_A(C~ca2,N~ca2,target!1).CaN"))
    y[bound] += 5
    mixed = with_means(y, resting, fast, network, kept)
    assert mixed @ network.conserved["CaM_A"] == pytest.approx(kept["CaM_A"], rel=1e-12)
    assert mixed @ network.conserved["Ng_A"] == pytest.approx(kept["Ng_A"], rel=1e-12)
    assert np.abs(mixed[fast] / resting[fast] - 1).max() < 0.02


@pytest.mark.parametrize("model", ["calmodulin", "camkii", "early_ltp", "spine_electrics"])
def test_a_network_file_is_the_same_network(model, tmp_path):
    network = load(model).network
    path = tmp_path / "network.net"
    path.write_text(net_text(network))
    read = bngsim.Model.from_net(path)
    values = {name: 1.1 * value for name, value in network.parameters.items()}
    kernel = Kernel(network)
    kernel.set_parameters(values)
    read.set_params(values)
    y = np.random.default_rng(0).uniform(1.0, 50.0, kernel.n)
    change = np.where(network.arrays["held"], 0.0, read.rhs(y))
    np.testing.assert_allclose(change, kernel.rhs(0.0, y), atol=1e-12 * np.abs(change).max())
    assert list(read.observable_names) == network.meta["observables"]


def test_without_bngsim_the_engines_say_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "bngsim", None)
    for engine in ("ssa", "nfsim"):
        with pytest.raises(MissingTool, match=r"pip install .*bngsim"):
            tube(engine)


def test_a_run_of_hours_says_so_before_it_begins(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ltpath.engines.ssa.SSA.solve", stop)
    with pytest.warns(UserWarning, match=r"of 'camkii' is about \d.\de\+\d+ reactions of single molecules, which take between"):  # noqa: SIM117
        with pytest.raises(KeyboardInterrupt):
            ltpath.simulate("camkii", "calcium_pulse", engine="ssa", seed=1)


def test_the_announced_number_of_reactions_is_that_of_the_run(monkeypatch):
    monkeypatch.setattr("ltpath.simulation._MANY", 1.0)
    for exact in (False, True):
        with pytest.warns(UserWarning, match="reactions of single molecules") as told:
            run = ltpath.simulate("camkii", STEP, parameters=FEW, engine="ssa", seed=1, exact=exact)
        announced = float(re.search(r"about (\S+) reactions", str(told[0].message))[1])
        assert run.attrs["events"] == pytest.approx(announced, rel=0.1)


def test_nfsim_says_what_it_cannot_do():
    clamp = Protocol(title="Calcium clamp", duration=1.0, stimuli=(Calcium(amplitude=1.0, length=0.1),))
    with pytest.raises(BadValue, match=r"can only hold what the model holds, and 'early_ltp' lets Ca_A\(\) vary"):
        ltpath.simulate("early_ltp", clamp, parameters=SPARSE, engine="nfsim", seed=1)
    with pytest.raises(BadValue, match="counts observables and not species"):
        tube("nfsim", species=True)


def test_weights_are_relative_to_the_resting_strength():
    run, mean = spine(), ltpath.simulate("early_ltp", BURST, parameters=SPARSE)
    reference = float((mean["strength_A"] / mean["weight_A"])[0])
    np.testing.assert_allclose(run["weight_A"], run["strength_A"] / reference, rtol=1e-6)


TIMES = [0.5, 1.0, 2.0, 4.0, 6.0]
LINEAR = ("calcium_per_calmodulin", "camkii_bound", "pT286", "camkii_activity")
"""Readouts of the tube whose mean is the ODE's: calcium is held, and calmodulin is in excess of what it binds."""


def test_the_mean_of_few_runs_is_the_deterministic_run():
    mean = ltpath.simulate("camkii", STEP, parameters=FEW, times=TIMES)
    runs = [tube(seed=seed, times=TIMES) for seed in range(20)]
    assert max(errors(runs, mean, name).max() for name in LINEAR) < 3


def test_nfsim_has_the_mean_of_the_deterministic_run():
    mean = ltpath.simulate("camkii", STEP, parameters=FEW, times=TIMES)
    runs = [tube("nfsim", seed, times=TIMES) for seed in range(6)]
    assert max(errors(runs, mean, name)[1:].max() for name in LINEAR) < 4


@pytest.mark.slow
def test_the_mean_of_200_runs_is_the_deterministic_run():
    mean = ltpath.simulate("camkii", STEP, parameters=FEW, times=TIMES)
    runs = [tube(seed=seed, times=TIMES) for seed in range(200)]
    assert max(errors(runs, mean, name).max() for name in LINEAR) < 3


@pytest.mark.slow
def test_the_means_of_fast_species_keep_the_mean_of_slow_readouts():
    watched = Protocol(title="Fifty pulses", duration=30.0, stimuli=(Train(pulses=50, frequency=100.0, spike_every=3),))
    times = [5.0, 10.0, 30.0]
    exact = [spine(seed, watched, exact=True, times=times) for seed in range(8)]
    means = [spine(seed, watched, times=times) for seed in range(100, 108)]
    for name in ("pT286_fraction_A", "camkii_activity_A"):
        one, other = (np.array([run[name].values for run in runs]) for runs in (exact, means))
        error = np.sqrt((one.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / 8)
        assert np.all(np.abs(one.mean(axis=0) - other.mean(axis=0)) < 3 * error), name


@pytest.mark.slow
def test_rings_of_twelve_run_without_their_network():
    net = Network("dodecamer")
    calcium_is_held(net, TUBE)
    calcium_binds_calmodulin(net, TUBE)
    calmodulin_activates_camkii(net, TUBE, PURIFIED, subunits=12)
    run = ltpath.simulate(net, STEP, parameters=FEW | {"camkii_total": 240 / PER_UM}, engine="nfsim", seed=1)
    mean = ltpath.simulate("camkii", STEP, parameters=FEW | {"camkii_total": 240 / PER_UM})
    at: dict = {"time": 2.0, "method": "nearest"}
    assert float(run["camkii_activity"].sel(**at)) == pytest.approx(float(mean["camkii_activity"].sel(**at)), rel=0.3)
