"""What the model must show, each as a simulated experiment."""

from __future__ import annotations

import numpy as np
import pytest

from ltpath.protocol import Pairing, Protocol, Spikes, Train, load_protocol
from ltpath.simulation import simulate


def at(run, variable, seconds):
    return float(np.interp(seconds, run["time"], run[variable]))


def between(run, start, end):
    return run.sel(time=slice(start, end))


# Barco 2002 as digitised, with the borrowed standard error of `experiments/early_ltp_time_course.toml`.
@pytest.mark.parametrize(("minutes", "measured", "error"), [(5, 203.9, 7), (30, 158.8, 7), (60, 139.5, 6)])
def test_tetanus_follows_the_measured_early_ltp(run, minutes, measured, error):
    assert abs(100 * at(run("early_ltp", "tetanus"), "weight_A", 60 * minutes) - measured) < error


def test_early_ltp_has_faded_after_three_hours(run):
    assert at(run("early_ltp", "tetanus"), "weight_A", 3 * 3600) < 1.15


def test_apv_prevents_ltp_and_leaves_the_ampa_depolarisation(run):
    blocked, control = run("early_ltp", "tetanus", "apv"), run("early_ltp", "tetanus")
    assert abs(at(blocked, "weight_A", 3600) - 1) < 0.05
    first = [float(between(r, 0, 0.0099)["V_spine_A"].max() - between(r, -600, -1)["V_spine_A"][-1]) for r in (blocked, control)]
    assert first[0] == pytest.approx(first[1], rel=0.02)
    assert first[1] > 5


def test_apv_is_dose_dependent():
    protocol = Protocol(title="one pulse", duration=1.0, stimuli=(Train(),))
    influx = [
        float(simulate("spine_electrics", protocol, parameters={"nmda_gating_apv": dose})["calcium_influx_NMDAR_A"].max())
        for dose in (0.0, 1.4, 50.0)
    ]
    assert influx[1] == pytest.approx(influx[0] / 2, rel=0.05)
    assert influx[2] < 0.05 * influx[0]


def test_t286a_activates_but_does_not_hold(run):
    mutant, wild = run("early_ltp", "tetanus", "t286a"), run("early_ltp", "tetanus")
    assert float(mutant["camkii_activity_A"].max()) > 0.3 * float(wild["camkii_activity_A"].max())
    assert at(mutant, "camkii_activity_A", 300) < 0.05 * at(wild, "camkii_activity_A", 300)
    assert at(mutant, "weight_A", 3600) - 1 < 0.33 * (at(wild, "weight_A", 3600) - 1)
    assert float(mutant["pT286_A"].max()) < 1e-6


def test_kinase_outlasts_calcium(run):
    tetanus = run("early_ltp", "tetanus")
    rest = float(tetanus["Ca_free_A"][0])
    assert at(tetanus, "Ca_free_A", 10) < 1.2 * rest
    assert at(tetanus, "camkii_activity_A", 10) > 1000 * float(tetanus["camkii_activity_A"][0])


def test_ampar_block_removes_the_depolarisation(run):
    blocked, control = run("early_ltp", "tetanus", "ampar_block"), run("early_ltp", "tetanus")
    first = [float(between(r, 0, 0.0099)["V_spine_A"].max()) + 70 for r in (blocked, control)]
    assert first[0] < 0.2 * first[1]


def test_camkii_inhibitor_prevents_ltp(run):
    # A little depression is left: calcineurin is free to act.
    assert 0.85 < at(run("early_ltp", "tetanus", "camkii_inhibitor"), "weight_A", 3600) < 1.05


def test_chelator_prevents_ltp(run):
    assert abs(at(run("early_ltp", "tetanus", "calcium_chelator"), "weight_A", 3600) - 1) < 0.05


def test_without_magnesium_one_pulse_lets_more_calcium_in():
    protocol = Protocol(title="one pulse", duration=1.0, stimuli=(Train(),))
    with_block = simulate("spine_electrics", protocol)["Ca_free_A"].max()
    without = simulate("spine_electrics", protocol, perturbations=["zero_magnesium"])["Ca_free_A"].max()
    assert float(without) > 3 * float(with_block)


def test_phosphomimetic_kinase_is_autonomous_without_stimulus():
    resting = simulate("ampa_traffic", load_protocol("baseline").lasting(10.0), perturbations=["t286d"])
    assert float(resting["pT286_fraction_A"][0]) > 0.99
    assert float(resting["camkii_activity_A"][0]) > 0.15


def test_blocking_pp1_prolongs_phosphorylation(run):
    blocked, control = run("early_ltp", "tetanus", "pp1_inhibitor"), run("early_ltp", "tetanus")
    assert at(blocked, "pT286_A", 120) > 2 * at(control, "pT286_A", 120)


def test_t305_306a_keeps_no_slow_pool(run):
    mutant, wild = run("early_ltp", "tetanus", "t305_306a"), run("early_ltp", "tetanus")
    assert at(mutant, "pT286_A", 180) < at(wild, "pT286_A", 180)


def test_calcineurin_inhibitor_keeps_calcineurin_off(run):
    blocked, control = run("early_ltp", "tetanus", "calcineurin_inhibitor"), run("early_ltp", "tetanus")
    assert float(blocked["calcineurin_active_A"].max()) < 0.2 * float(control["calcineurin_active_A"].max())


@pytest.fixture(scope="module")
def coincidence():
    """Calcium ions through NMDA receptors: glutamate yes/no x depolarisation to 0 mV yes/no."""
    entry = {}
    for glutamate in (False, True):
        for depolarised in (False, True):
            pulses = (Train(),) if glutamate and not depolarised else ()
            if depolarised:
                pulses = (Pairing(hold=0.0),)
            silent = {"glutamate_release": 1e-9} if depolarised and not glutamate else {}
            protocol = Protocol(title="coincidence", duration=1.0, stimuli=pulses)
            run = simulate("spine_electrics", protocol, parameters=silent)
            after = between(run, 0, 1)
            rest = float(run["calcium_influx_NMDAR_A"][0])
            entry[glutamate, depolarised] = float(np.trapezoid(after["calcium_influx_NMDAR_A"] - rest, after["time"]))
    return entry


def test_nmda_receptors_are_coincidence_detectors(coincidence):
    both = coincidence[True, True]
    assert both > 5 * coincidence[True, False]
    assert both > 5 * coincidence[False, True]
    assert coincidence[True, False] > 0


def test_unstimulated_synapse_does_not_drift():
    run = simulate("early_ltp", load_protocol("baseline").lasting("30 d"))
    assert float(run["time"][-1]) == 30 * 86400
    assert float(abs(run["weight_A"] - 1).max()) < 1e-6


def test_repeated_tetani_saturate(run):
    one, four = run("early_ltp", "tetanus"), run("early_ltp", "four_tetani")
    assert at(four, "weight_A", 3600) > at(one, "weight_A", 3600)
    assert float(four["weight_A"].max()) < 5


def test_many_pulses_at_1_hz_do_not_potentiate_as_a_tetanus_does(run):
    slow, fast = run("early_ltp", "low_frequency"), run("early_ltp", "tetanus")
    # Five minutes after the last pulse of each.
    assert at(slow, "weight_A", 20 * 60) - 1 < 0.15 * (at(fast, "weight_A", 5 * 60) - 1)


def test_spikes_alone_do_not_potentiate():
    protocol = Protocol(title="spikes", duration=3700.0, stimuli=(Spikes(pulses=33, frequency=33.0),))
    assert abs(at(simulate("early_ltp", protocol), "weight_A", 3600) - 1) < 0.05
