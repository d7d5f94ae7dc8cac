"""Homeostatic scaling and energy: silence multiplies weights, overactivity divides them, ATP pays for events. One parameter set."""

from __future__ import annotations

import numpy as np
import pytest

from ltpath.catalogue import load
from ltpath.protocol import PerturbationUse, Protocol, Train, load_protocol
from ltpath.simulation import simulate

HOUR, DAY = 3600.0, 86400.0
RTOL = 1e-6
TETANI = load_protocol("four_tetani")


def during(name, start, end, **more):
    return PerturbationUse(name=name, start=start, end=end, **more)


def run(protocol, *uses, model="late_ltp", days=2.0, times=None):
    return simulate(model, protocol.lasting(days * DAY), perturbations=uses, times=times or [0.0, days * DAY], rtol=RTOL)


def last(trajectory, name="weight_A"):
    return float(trajectory[name][-1])


@pytest.fixture(scope="module")
def unpotentiated():
    """Two days of a synapse that saw no tetani, with and without spontaneous spikes."""
    rest = load_protocol("baseline")
    return {name: run(rest, *([during(name, 0.0, 2 * DAY)] if name else [])) for name in ("", "ttx", "bicuculline")}


@pytest.fixture(scope="module")
def potentiated():
    """A synapse with four tetani, and from the day after two days with and without spontaneous spikes."""
    times = [0.0, 1800.0, 8 * HOUR, 3 * DAY]
    return {
        name: run(TETANI, *([during(name, DAY, 3 * DAY)] if name else []), days=3, times=times)
        for name in ("", "ttx", "bicuculline")
    }


def test_spontaneous_firing_is_the_fixed_point_of_scaling(unpotentiated):
    rest = unpotentiated[""]
    np.testing.assert_allclose(rest["firing_sensor"], 0.5, rtol=1e-6)
    np.testing.assert_allclose(rest["receptor_supply"], 1.0, rtol=1e-6)
    np.testing.assert_allclose(rest["mTOR_fuelled"], 1.0, atol=0.01)


@pytest.mark.parametrize(("drug", "low", "high"), [("ttx", 1.6, 2.2), ("bicuculline", 0.6, 0.8)])
def test_scaling_multiplies_by_one_factor_whether_potentiated_or_not(unpotentiated, potentiated, drug, low, high):
    alone = last(unpotentiated[drug]) / last(unpotentiated[""])
    after_tetani = last(potentiated[drug]) / last(potentiated[""])
    assert low < alone < high
    assert after_tetani == pytest.approx(alone, rel=0.01)
    assert last(potentiated[""]) > 1.4


def test_a_spine_that_scales_keeps_its_receptor_density(unpotentiated):
    density = unpotentiated["ttx"]["receptor_density_A"]
    assert float(density[-1]) == pytest.approx(float(density[0]), rel=0.01)
    assert last(unpotentiated["ttx"], "spine_volume_A") == pytest.approx(
        float(unpotentiated["ttx"]["spine_volume_A"][0]) * last(unpotentiated["ttx"]) ** 1.5, rel=0.02
    )


@pytest.mark.parametrize("drug", ["actinomycin_d", "anisomycin"])
def test_silence_without_new_proteins_neither_scales_nor_collapses(drug):
    blocked = run(load_protocol("baseline"), during("ttx", 0.0, 2 * DAY), during(drug, 0.0, 2 * DAY))
    assert 0.9 < last(blocked) < 1.25


def test_a_day_of_tetani_hardly_moves_the_sensor(potentiated):
    assert last(potentiated[""], "receptor_supply") == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("drug", ["ttx", pytest.param("bicuculline", marks=pytest.mark.slow)])
def test_late_ltp_can_be_induced_after_scaling(unpotentiated, drug):
    # The stimulus is adjusted to the strength of the synapses, as in experiments.
    adjusted = PerturbationUse(set={"membrane_coactive": 10.0 / last(unpotentiated[drug])}, start=2 * DAY)
    tetani = Protocol(
        title="Four tetani after two days", duration=3 * DAY, stimuli=tuple(_later(s, 2 * DAY + 60.0) for s in TETANI.stimuli)
    )
    with_tetani = run(tetani, during(drug, 0.0, 2 * DAY), adjusted, days=2.5)
    without = run(load_protocol("baseline"), during(drug, 0.0, 2 * DAY), adjusted, days=2.5)
    assert last(with_tetani) / last(without) > 1.3


def _later(train, at):
    return Train(
        pulses=train.pulses,
        frequency=train.frequency,
        spike_every=train.spike_every,
        repeats=train.repeats,
        every=train.every,
        at=at,
    )


def test_a_tetanus_costs_atp_that_comes_back_within_minutes():
    trace = simulate("late_ltp", load_protocol("tetanus").lasting("30 min"), rtol=RTOL)
    share, work = trace["ATP_share"], trace["work_tokens"]
    # 100 pulses at 1.4e5 and 33 spikes at 1e5 molecules, in tokens of 2.2 mM x 5 fL / 1000; some is paid while it lasts.
    due = (100 * 1.4e5 + 33 * 1e5) / (2200 * 5 * 602.214 / 1000)
    assert 0.8 * due < float(work.max()) < 1.05 * due
    assert float(share.min()) < float(share[0]) - 0.01
    assert float(share[-1]) == pytest.approx(float(share[0]), rel=1e-3)


def test_low_fuel_switches_ampk_on_and_translation_down():
    rest = load_protocol("baseline")
    starved, fed = (run(rest, *uses, days=0.1) for uses in ([during("low_atp", 0.0, 0.1 * DAY)], []))
    assert last(starved, "ATP_share") < last(fed, "ATP_share") - 0.1
    assert last(starved, "AMPK_active") > 3 * last(fed, "AMPK_active")
    assert last(starved, "mTOR_fuelled") < 0.5


@pytest.mark.parametrize(
    "drug", ["metformin", *(pytest.param(d, marks=pytest.mark.slow) for d in ("low_atp", "insulin_resistance"))]
)
def test_what_switches_ampk_on_takes_from_the_late_phase_and_not_from_the_early_one(potentiated, drug):
    braked = run(TETANI, drug, days=1 / 3, times=[0.0, 1800.0, 8 * HOUR])["weight_A"].values
    usual = potentiated[""]["weight_A"].values
    assert braked[1] == pytest.approx(usual[1], rel=0.05)
    assert braked[2] - 1 < 0.8 * (usual[2] - 1)


@pytest.mark.slow
def test_clusters_that_rebuild_slots_keep_a_trace_for_a_month():
    days = [DAY, 30 * DAY]
    stays, fades = (run(TETANI, *uses, days=30, times=[0.0, *days])["weight_A"].values for uses in ([], ["cluster_turnover"]))
    assert (fades[2] - 1) / (fades[1] - 1) < 0.3
    assert (stays[2] - 1) / (stays[1] - 1) > 0.8


def test_perturbations_of_disease_are_there():
    named = {
        "ttx", "bicuculline", "divergent_scaling", "cluster_turnover", "metformin", "ampk_alpha2_loss", "low_atp", "ketone", "ketone_fed",
        "insulin_resistance", "amyloid_beta", "amyloid_beta_picomolar", "fragile_x", "angelman", "angelman_t305_rate",
    }  # fmt: skip
    from ltpath.simulation import perturbation_names

    assert named <= set(perturbation_names(load("late_ltp").network))
    assert "ttx" not in perturbation_names(load("ampa_traffic").network)


@pytest.mark.slow
def test_ratios_of_three_synapses_survive_silence_and_ltp_stays_specific_after_it():
    tetani = {
        s: Train(pulses=100, frequency=100.0, spike_every=3, repeats=4, every=300.0, at=at, synapses=(s,))
        for s, at in (("A", 0.0), ("B", 73 * HOUR))
    }
    before = Protocol(title="Four tetani at A", duration="72 h", stimuli=(tetani["A"],))
    silence = during("ttx", DAY, 3 * DAY)
    control, silent = (run(before, *uses, model="neuron", days=3) for uses in ([], [silence]))
    factors = [last(silent, f"weight_{s}") / last(control, f"weight_{s}") for s in "ABC"]
    assert 1.6 < factors[0] < 2.2
    np.testing.assert_allclose(factors, factors[0], rtol=0.01)
    # The ratio itself stays as well: what A's clusters lose in two days they rebuild.
    hour = np.searchsorted(silent["time"].values, [DAY, 3 * DAY])
    ratio = silent["weight_A"].values[hour] / silent["weight_B"].values[hour]
    assert ratio[1] == pytest.approx(ratio[0], rel=0.01)
    both = Protocol(title="and four at B", duration="88 h", stimuli=tuple(tetani.values()))
    again, without = (run(p, silence, model="neuron", days=3.5) for p in (both, before))
    assert last(again, "weight_B") / last(again, "weight_C") > 1.3
    # All synapses are twice as strong, and B's tetani leave the others alone all the same.
    for name in ("weight_A", "weight_C"):
        assert last(again, name) == pytest.approx(last(without, name), rel=0.01)


@pytest.mark.slow
def test_divergent_scaling_favours_the_stronger_synapse():
    before = Protocol(
        title="Four tetani at A",
        duration="72 h",
        stimuli=(Train(pulses=100, frequency=100.0, spike_every=3, repeats=4, every=300.0, synapses=("A",)),),
    )
    control, silent = (
        run(before, "divergent_scaling", *uses, model="neuron", days=3) for uses in ([], [during("ttx", DAY, 3 * DAY)])
    )
    factors = [last(silent, f"weight_{s}") / last(control, f"weight_{s}") for s in "AB"]
    assert factors[0] > 1.03 * factors[1]
