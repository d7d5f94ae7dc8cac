"""Late LTP: what protein synthesis, tags and captured slots hold, and what they leave alone. One parameter set for all."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from ltpath.models.neuron import synapses_share_a_nucleus

from ltpath.catalogue import load
from ltpath.errors import BadValue
from ltpath.network import Network
from ltpath.protocol import PerturbationUse, Protocol, Spikes, Train, load_protocol
from ltpath.simulation import simulate

HOUR = 3600.0
MOMENTS = np.concatenate([[-1.0, 60.0], np.arange(120.0, 1800.0, 120.0), HOUR * np.arange(0.5, 8.1, 0.5)])
# Enough for percents, in half the time of the default.
RTOL = 1e-6


def run(model, protocol, *drugs, times=MOMENTS):
    return simulate(model, protocol, perturbations=drugs, times=times, rtol=RTOL)


def at(trajectory, name, hours):
    return float(np.interp(hours * HOUR, trajectory["time"], trajectory[name]))


@pytest.fixture(scope="module")
def alone():
    """One spine with its nucleus: four tetani, with and without anisomycin, one tetanus, and a weak one."""
    four = load_protocol("four_tetani").lasting("8 h")
    return SimpleNamespace(
        four=run("late_ltp", four),
        anisomycin=run("late_ltp", four, "anisomycin"),
        one=run("late_ltp", load_protocol("tetanus").lasting("8 h")),
        weak=run("late_ltp", "weak_tetanus"),
    )


def test_four_tetani_are_remembered_for_eight_hours(alone):
    assert at(alone.four, "weight_A", 8) > 1.4


def test_one_tetanus_is_forgotten_within_six(alone):
    assert at(alone.one, "weight_A", 0.5) > 1.2
    assert at(alone.one, "weight_A", 6) < 1.1


def test_anisomycin_takes_the_late_phase_and_leaves_the_early_one(alone):
    early = alone.four["time"] <= 1800
    np.testing.assert_allclose(alone.anisomycin["weight_A"][early], alone.four["weight_A"][early], rtol=0.1)
    assert abs(at(alone.anisomycin, "weight_A", 8) - 1) < 0.15


@pytest.mark.parametrize("drug", ["cycloheximide", "actinomycin_d", "camkiv_dominant_negative"])
def test_late_phase_needs_each_step_from_nucleus_to_protein(alone, drug):
    blocked = run("late_ltp", load_protocol("four_tetani").lasting("8 h"), drug, times=[0.0, 8 * HOUR])
    assert at(blocked, "weight_A", 8) - 1 < 0.2 * (at(alone.four, "weight_A", 8) - 1)
    assert at(alone.four, "weight_A", 8) - at(blocked, "weight_A", 8) > 0.4


def test_transcription_two_hours_later_is_not_needed(alone):
    four = load_protocol("four_tetani").lasting("8 h")
    late = run("late_ltp", four, PerturbationUse(name="actinomycin_d", start="2 h"), times=[0.0, 8 * HOUR])
    assert at(late, "weight_A", 8) > 1 + 0.9 * (at(alone.four, "weight_A", 8) - 1)


def test_weak_tetanus_tags_and_leaves_nothing(alone):
    assert at(alone.weak, "synaptic_tag_A", 0.5) > 0.25
    assert at(alone.weak, "weight_A", 0.5) > 1.1
    assert abs(at(alone.weak, "weight_A", 3) - 1) < 0.1
    assert abs(at(alone.weak, "weight_A", 8) - 1) < 0.1


def test_surface_goes_with_volume_to_two_thirds_and_holds_receptors_at_constant_density(alone):
    volume, surface = (np.log(alone.four[f"spine_{n}_A"].values) for n in ("volume", "surface"))
    assert np.ptp(volume) > 0.5
    assert np.polyfit(volume, surface, 1)[0] == pytest.approx(0.667, abs=0.005)
    density = alone.four["receptor_density_A"]
    assert float(density[-1]) == pytest.approx(float(density[0]), rel=0.01)
    # The spine stays grown, as its synapse stays strong.
    assert at(alone.four, "spine_volume_A", 8) > 1.4 * at(alone.four, "spine_volume_A", -1 / HOUR)


@pytest.mark.parametrize(("model", "synapses"), [("late_ltp", "A"), pytest.param("neuron", "ABC", marks=pytest.mark.slow)])
def test_nothing_happens_without_a_stimulus(model, synapses):
    month = 30 * 86400.0
    rest = run(model, load_protocol("baseline").lasting("30 d"), times=[0.0, month / 2, month])
    for synapse in synapses:
        np.testing.assert_allclose(rest[f"weight_{synapse}"], 1.0, atol=0.02)
    assert float(rest["pCREB"].max()) < 0.05


def test_long_stimulation_leaves_more_pcreb_than_a_short_one():
    # 5 Hz for 18 s and 180 s, as in Bito 1996.
    short, long = (
        simulate("creb", Protocol(title="5 Hz", duration="50 min", stimuli=(Spikes(pulses=n, frequency=5.0),)), rtol=RTOL)
        for n in (90, 900)
    )
    assert at(long, "pCREB", 0.75) > 2 * at(short, "pCREB", 0.75)
    assert float(short["pCREB"].max()) > 3 * float(short["pCREB"][0])


def test_another_synapse_is_the_same_number_of_species_and_no_new_parameter():
    one, three = (load(name).network for name in ("late_ltp", "neuron"))
    # What has a synapse's letter, and the voltage of its branch, which one synapse alone calls the dendrite's.
    of_a_synapse = sum("_A(" in species for species in one.species) + 1
    assert of_a_synapse > len(one.species) / 2
    assert len(three.species) - len(one.species) == 2 * of_a_synapse
    assert three.parameters == one.parameters | {"membrane_coupling": 0.1}
    rules = []
    for number in (1, 2, 4):
        net = Network("neuron")
        synapses_share_a_nucleus(net, number)
        rules.append(len(net.model.rules))
    assert rules[2] - rules[0] == 3 * (rules[1] - rules[0])


@pytest.mark.parametrize("number", [0, -1, 2.5, 1000])
def test_a_neuron_has_a_whole_number_of_synapses(number):
    with pytest.raises(BadValue, match="1 to 702"):
        synapses_share_a_nucleus(Network("neuron"), number)


def tetani(synapse, at):
    return Train(pulses=100, frequency=100.0, spike_every=3, repeats=4, every=300.0, at=at, synapses=(synapse,))


def weak_tetanus(synapse, at):
    return Train(pulses=50, frequency=100.0, spike_every=3, at=at, synapses=(synapse,))


@pytest.mark.slow
def test_late_phase_stays_at_the_stimulated_synapse():
    trace = run("neuron", Protocol(title="four tetani at A", duration="8 h", stimuli=(tetani("A", 0.0),)))
    assert float(trace["weight_A"][-1]) > 1.4
    for other in ("weight_B", "weight_C"):
        np.testing.assert_allclose(trace[other], 1.0, atol=0.05)


@pytest.mark.slow
def test_without_nmda_receptors_tetani_at_all_inputs_leave_nothing():
    # On one undivided dendrite thirty inputs together brought so much calcium through channels that A stayed at 260 %.
    every = Train(pulses=100, frequency=100.0, spike_every=3, repeats=4, every=300.0)
    trace = run("neuron", Protocol(title="four tetani at A, B and C", duration="8 h", stimuli=(every,)), "apv")
    for name in ("weight_A", "weight_B", "weight_C"):
        assert at(trace, name, 1.0) < 1.2
        assert at(trace, name, 8.0) < 1.15


@pytest.mark.slow
@pytest.mark.parametrize(("strong", "weak"), [(0.0, 0.5), (0.0, 1.0), (0.5, 0.0), (1.0, 0.0), (0.0, 5.0), (5.0, 0.0)])
def test_weak_synapse_captures_within_an_hour_and_not_at_five(strong, weak):
    end = (max(strong, weak) + 8) * HOUR
    stimuli = (tetani("A", strong * HOUR), weak_tetanus("B", weak * HOUR))
    trace = run("neuron", Protocol(title="tag and capture", duration=end, stimuli=stimuli), times=[0.0, end])
    captured = float(trace["weight_B"][-1])
    if abs(strong - weak) <= 1:
        assert captured > 1.3
    else:
        assert captured < 1.15
    assert abs(float(trace["weight_C"][-1]) - 1) < 0.05
