"""Neuromodulators, PKA and nuclear ERK: at rest nothing changes, and each does what its source says. One parameter set for all."""

from __future__ import annotations

import numpy as np
import pytest
from ltpath.pathways.perturbations import PERTURBATIONS
from ltpath.pathways.phosphatases import BASAL_PKA

from ltpath.catalogue import load
from ltpath.protocol import PerturbationUse, Protocol, Spikes, load_protocol
from ltpath.simulation import simulate

HOUR = 3600.0
# Enough for percents, in half the time of the default.
RTOL = 1e-6


def run(model, protocol, *uses, times):
    return simulate(model, protocol, perturbations=uses, times=times, rtol=RTOL)


def spikes(pulses, duration="70 min"):
    return Protocol(title="spikes at 5 Hz", duration=duration, stimuli=(Spikes(pulses=pulses, frequency=5.0),))


def weak(*uses):
    """Half a tetanus, and the weight 6 h later."""
    return float(run("late_ltp", load_protocol("weak_tetanus").lasting("6 h"), *uses, times=[-1.0, 6 * HOUR])["weight_A"][-1])


def test_pka_at_rest_is_what_models_without_camp_hold():
    rest = run("late_ltp", load_protocol("baseline"), times=[-1.0, 60.0])
    for place in ("PKA_active", "PKA_active_nucleus"):
        np.testing.assert_allclose(rest[place], BASAL_PKA.value, rtol=1e-3)


def test_early_phase_of_a_tetanus_is_that_of_early_ltp():
    tetanus, moments = load_protocol("tetanus"), [-1.0, 60.0, 300.0, 1800.0]
    early, late = (run(model, tetanus, times=moments) for model in ("early_ltp", "late_ltp"))
    np.testing.assert_allclose(late["weight_A"], early["weight_A"], rtol=0.05)
    # Stimulated fibres free dopamine, so that PKA does rise.
    assert float(late["PKA_active"].max()) > 1.05 * BASAL_PKA.value


def test_d1_antagonist_keeps_pka_at_rest_during_a_tetanus():
    blocked = run("late_ltp", load_protocol("tetanus"), "d1_block", times=[-1.0, 30.0, 60.0, 120.0])
    np.testing.assert_allclose(blocked["PKA_active"], BASAL_PKA.value, rtol=0.005)


@pytest.mark.parametrize(
    ("agonist", "antagonist", "at_least"),
    [("dopamine", "d1_block", 10), ("noradrenaline", "beta_block", 5), ("forskolin", None, 30)],
)
def test_agonists_raise_camp_and_pka_while_they_are_there(agonist, antagonist, at_least):
    bath = PerturbationUse(name=agonist, start=0.0, end=600.0)
    with_it = run("creb", load_protocol("baseline").lasting("2 h"), bath, times=[-1.0, 590.0, 2 * HOUR])
    rest, during, after = with_it["PKA_active"].values
    assert during > at_least * rest
    assert after == pytest.approx(rest, rel=0.01)
    assert float(with_it["pCREB"][1]) > 1.5 * float(with_it["pCREB"][0])
    if antagonist:
        blocked = run("creb", load_protocol("baseline").lasting("2 h"), bath, antagonist, times=[-1.0, 590.0])
        assert blocked["PKA_active"].values[1] < 2 * rest


def test_camkiv_makes_early_pcreb_and_erk_late():
    moments = [-1.0, 300.0, HOUR]
    control, mek, camk = (
        run("creb", spikes(900), *drugs, times=moments)["pCREB"].values
        for drugs in ((), ("mek_inhibitor",), ("camkiv_dominant_negative",))
    )
    assert mek[1] > 0.9 * control[1]
    assert mek[2] < 0.3 * control[2]
    assert camk[1] < 0.5 * control[1]


def test_long_spikes_switch_nuclear_erk_more_than_in_proportion():
    short, long = (run("creb", spikes(n), times=[-1.0, 300.0, 600.0, 1200.0]) for n in (90, 900))
    assert float(long["erk_active_nucleus"].max()) > 10 * float(short["erk_active_nucleus"].max()) > 0


def test_each_step_from_pka_to_cbp_is_needed_for_mrna():
    trains = Protocol(title="four trains", duration="70 min", stimuli=(Spikes(pulses=34, frequency=33.0, repeats=4, every=300.0),))

    def mrna(*drugs):
        return float(run("creb", trains, *drugs, times=[-1.0, HOUR])["mRNA_in_dendrite"][1])

    control = mrna()
    for drug, left in {
        "pka_inhibitor": 0.8, "mek_inhibitor": 0.1, "camkiv_dominant_negative": 0.3, "cbp_half": 0.6, "creb_loss": 0.5,
        "spikes_silent_to_nucleus": 0.05,
    }.items():  # fmt: skip
        assert mrna(drug) < left * control, drug
    assert mrna("creb_loss_with_crem") > 0.7 * control


def test_beta_agonist_makes_a_weak_stimulus_last_by_translation_without_transcription():
    agonist = PerturbationUse(name="noradrenaline", start=0.0, end=600.0)
    assert weak() < 1.05
    assert weak(agonist) > 1.15
    assert weak(agonist, "actinomycin_d") > 1.1
    for drug in ("mek_inhibitor", "beta_block"):
        assert weak(agonist, drug) < 1.08, drug


@pytest.mark.xfail(strict=True, reason="109 %: anisomycin leaves 15 % of translation, and what that brings is captured")
def test_beta_agonist_needs_translation():
    assert weak(PerturbationUse(name="noradrenaline", start=0.0, end=600.0), "anisomycin") < 1.08


@pytest.mark.parametrize(("start", "lasts"), [("15 min", True), ("4 h", False)])
def test_reward_reinforces_a_weak_stimulus_for_about_an_hour(start, lasts):
    protocol = load_protocol("weak_tetanus")
    reward = PerturbationUse(name="noradrenaline", start=start, end={"15 min": "30 min", "4 h": "255 min"}[start])
    alone, reinforced = (float(run("late_ltp", protocol, *u, times=[-1.0, 8 * HOUR])["weight_A"][-1]) for u in ((), (reward,)))
    assert (reinforced > 1.1 * alone) is lasts


def test_acetylcholine_adds_to_ltp_and_atropine_takes_it_away():
    tetanus = load_protocol("weak_tetanus").lasting("10 min")
    bath = PerturbationUse(name="acetylcholine", start=0.0, end=60.0)
    alone, boosted, blocked = (
        float(run("late_ltp", tetanus, *u, times=[-1.0, 600.0])["weight_A"][-1]) for u in ((), (bath,), (bath, "atropine"))
    )
    assert boosted > alone + 0.1
    assert blocked == pytest.approx(alone, rel=0.01)


def test_few_spines_reach_the_nucleus_together_where_one_hardly_does():
    peaks = []
    for synapses in (["A"], ["A", "B", "C"]):
        protocol = Protocol.from_dict(
            {
                "title": "glutamate at spines, no spikes", "duration": "15 min",
                "stimulus": [{"kind": "train", "at": "0 s", "pulses": 30, "frequency": "0.5 Hz", "synapses": synapses}],
            }
        )  # fmt: skip
        trace = simulate(
            "neuron", protocol, perturbations=["zero_magnesium"], times=[-1.0, 600.0], rtol=1e-5,
            parameters={"membrane_coactive": 1.0, "dopamine_per_pulse": 0.0},
        )  # fmt: skip
        peaks.append(float(trace["erk_active_nucleus"][1]))
    one, three = peaks
    assert three > 0.01
    assert one < 0.25 * three


@pytest.mark.parametrize(
    "name",
    [
        "acetylcholine", "atropine", "beta_block", "cbp_half", "creb_loss_with_crem", "d1_block", "dopamine", "forskolin",
        "noradrenaline", "pka_inhibitor", "pka_reduced", "spikes_silent_to_nucleus",
    ],
)  # fmt: skip
def test_perturbations_of_modulation_name_parameters_of_the_late_models_alone(name):
    late, early = load("late_ltp").network.parameters, load("early_ltp").network.parameters
    for effect in PERTURBATIONS[name].effects:
        assert effect.parameter in late
        assert effect.parameter not in early
