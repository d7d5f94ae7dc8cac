"""Faults that once gave wrong numbers or a traceback."""

import ctypes
import json
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from ltpath.engines.cvode import sundials

import ltpath
from ltpath.cache import cache_folder
from ltpath.catalogue import load
from ltpath.errors import BadValue, LtpathError
from ltpath.expansion import expand
from ltpath.network import Network
from ltpath.protocol import Calcium, Pairing, PerturbationUse, Protocol, Train
from ltpath.shipped import main as write_shipped
from ltpath.shipped import shipped
from ltpath.simulation import Integrator
from ltpath.sweep import Plan, Sweep


def test_a_clamp_inside_a_clamp_gives_back_the_outer_level():
    nested = Protocol(
        title="nested", duration=20.0, stimuli=(Calcium(amplitude=10.0, length=10.0), Calcium(at=2.0, amplitude=5.0, length=2.0))
    )
    run = ltpath.simulate("calmodulin", nested, times=[1.0, 3.0, 5.0, 9.0, 11.0])
    np.testing.assert_allclose(run["Ca_free"], [10.0, 5.0, 10.0, 10.0, 0.06])


def test_a_clamp_whose_end_has_no_exact_number_is_released():
    clamp = Pairing(pulses=3, frequency="10 Hz", hold="0 mV")
    assert clamp.pulses * (1 / clamp.frequency) != 0.3
    run = ltpath.simulate("spine_electrics", Protocol(title="clamp", duration=1.0, stimuli=(clamp,)), times=[0.2, 0.5, 0.9])
    held, *after = run["V_dendrite"].values
    assert held == pytest.approx(0.0)
    assert max(after) < -50


def test_a_run_goes_to_netcdf_and_back(tmp_path):
    run = ltpath.simulate("calmodulin", "calcium_pulse")
    run.to_netcdf(tmp_path / "run.nc")
    back = xr.load_dataset(tmp_path / "run.nc")
    np.testing.assert_array_equal(back["Ca_free"], run["Ca_free"])
    assert back["Ca_free"].attrs["units"] == "uM"


def test_damaged_files_in_the_cache_are_rebuilt(tmp_path, monkeypatch):
    monkeypatch.setenv("LTPATH_CACHE", str(tmp_path))

    def run_my_own_network():
        mine = Network("mine")
        load("calmodulin").entry.build(mine)
        return ltpath.simulate(expand(mine), "calcium_pulse")

    before = run_my_own_network()
    files = [*cache_folder().glob("*.code"), *cache_folder().glob("*.network")]
    assert len(files) >= 2
    for file in files:
        file.write_bytes(file.read_bytes()[:40])
    with pytest.warns(UserWarning, match="is damaged and is rebuilt"):
        after = run_my_own_network()
    np.testing.assert_array_equal(after["Ca_free"], before["Ca_free"])


@pytest.mark.parametrize("name", ["volume_spine", "membrane_capacitance", "ampa_traffic_slots"])
def test_a_parameter_of_zero_that_divides_is_one_sentence(name):
    with pytest.raises(LtpathError):
        ltpath.simulate("early_ltp", "baseline", parameters={name: 0.0})


@pytest.mark.parametrize(
    "stimulus",
    [
        {"kind": ["train"]},
        {"kind": "train", "synapses": 3},
        {"kind": "train", "synapses": [1]},
        {"kind": "train", "synapses": []},
        {"kind": "train", "at": "2 h"},
    ],
)
def test_a_value_of_the_wrong_type_is_one_sentence(stimulus):
    with pytest.raises(LtpathError):
        Protocol.from_dict({"title": "wrong", "duration": "1 h", "stimulus": [stimulus]})


def test_titles_are_one_line_of_text():
    for title in (["a"], "a\u0001b", "two\nlines"):
        with pytest.raises(BadValue):
            Protocol(title=title, duration=1.0)


def test_written_protocols_keep_every_digit():
    protocol = Protocol(title="odd", duration=12.345678, stimuli=(Train(at=0.1234567, frequency=33.3333333),))
    again = Protocol.from_dict(protocol.to_dict())
    assert again.duration == pytest.approx(protocol.duration, rel=1e-14)
    assert again.stimuli[0].at == pytest.approx(0.1234567, rel=1e-14)
    assert again.stimuli[0].frequency == pytest.approx(33.3333333, rel=1e-14)


def test_a_network_that_was_used_can_go_to_another_process():
    network = load("calmodulin").network
    ltpath.simulate(network, "calcium_pulse")
    code = "import pickle, sys, ltpath; ltpath.simulate(pickle.load(sys.stdin.buffer), 'calcium_pulse')"
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps(network), check=True)


def test_numbers_of_numpy_are_numbers():
    train = Train(pulses=np.int64(5), frequency=np.float32(50), at=np.int32(1), repeats=np.uint8(1))
    assert train == Train(pulses=5, frequency=50.0, at=1.0)
    use = PerturbationUse(set={"nmda_gating_magnesium": np.float32(0.5)}, start=np.int64(1))
    protocol = Protocol(title="of numpy", duration=np.int64(2), stimuli=(train,), perturbations=(use,))
    assert Protocol.from_dict(json.loads(json.dumps(protocol.to_dict()))) == protocol
    run = ltpath.simulate("spine_electrics", protocol, parameters={"nmda_gating_apv": np.int64(1)}, times=[0.0, 2.0])
    assert run.attrs["parameters"] == ["nmda_gating_apv = 1"]
    for wrong in (np.float64(5), True, np.bool_(True), "5"):
        with pytest.raises(BadValue, match="pulses must be a whole number"):
            Train(pulses=wrong)


def test_one_name_stands_for_a_list_of_one():
    short = Protocol(title="short", duration=1.0, perturbations="apv")
    assert short.perturbations == (PerturbationUse(name="apv"),)
    bare = Protocol(title="short", duration=1.0)
    for given in ("apv", PerturbationUse(name="apv"), ["apv"]):
        run = ltpath.simulate("spine_electrics", bare, perturbations=given, times=[1.0])
        assert run.attrs["perturbations"] == ["apv"]
    run = ltpath.simulate("spine_electrics", bare, sensitivities="nmda_gating_magnesium", times=[1.0])
    assert run["parameter"].values.tolist() == ["nmda_gating_magnesium"]
    plan = Plan(Sweep(model="spine_electrics", protocols="baseline", perturbations="apv"))
    assert len(plan) == 1
    assert plan.run(0).protocol.perturbations == short.perturbations


@pytest.mark.parametrize("model", [3, None, ["early_ltp"], {"name": "early_ltp"}, object()])
def test_what_is_no_model_is_one_sentence(model):
    with pytest.raises(BadValue, match="a model is a name, a file or a PySB model"):
        ltpath.simulate(model)


@pytest.mark.parametrize("rtol", [0, -1e-6, 1.0, math.nan, math.inf, "1e-6", None, True, 1e-20])
def test_a_tolerance_that_means_nothing_is_one_sentence(rtol):
    with pytest.raises(BadValue, match=r"rtol must be a number from 1e-14 to 0\.01"):
        ltpath.simulate("calmodulin", "calcium_pulse", rtol=rtol)


def test_tolerances_follow_the_amounts_of_the_run():
    few = {"camkii_total": 1e-7}
    one, exact = (ltpath.simulate("camkii", "calcium_pulse", parameters=few, rtol=rtol) for rtol in (5e-8, 1e-11))
    for name in exact.data_vars:
        scale = np.abs(exact[name].values).max()
        assert np.abs(one[name].values - exact[name].values).max() < 1e-5 * scale, name


def test_a_network_is_never_read_half_written(tmp_path, monkeypatch):
    monkeypatch.setattr("ltpath.networks.__path__", [str(tmp_path)])
    monkeypatch.setattr("ltpath.catalogue.model_names", lambda: ["calmodulin"])
    write_shipped()
    for name in ("index.json", "calmodulin.network"):
        os.link(tmp_path / name, tmp_path / f"{name} as a reader has it open")
    write_shipped(["calmodulin"])
    # A file that is replaced is another one; one that is written over would have changed under the reader.
    for name in ("index.json", "calmodulin.network"):
        assert not os.path.samefile(tmp_path / name, tmp_path / f"{name} as a reader has it open")
    assert shipped("calmodulin") is not None


def test_parameters_that_turn_a_reaction_round_are_one_sentence():
    # The way out by an empty N lobe is the difference of two rates (camkii_holoenzyme).
    with pytest.raises(BadValue, match=r"rate constant camkii_release_without_N_lobe_calcium.* is negative \(-.* 1/s\)"):
        ltpath.simulate("camkii", "calcium_pulse", parameters={"camkii_k_on_CaM2C": 1e-6})


@pytest.mark.skipif(sundials() is None, reason="SUNDIALS is linked otherwise here")
def test_steps_too_short_for_the_clock_print_nothing(capfd):
    # SUNDIALS would tell them on standard output, among what was asked for.
    solver = Integrator(load("calmodulin").network).solver
    library, far, reached = sundials(), 1e17, ctypes.c_double()
    assert library is not None
    solver._y[:] = solver._kernel.initial()
    library.CVodeReInit(solver._memory, far, solver._state)
    library.CVode(solver._memory, far + 1e6, solver._state, ctypes.byref(reached), 2)
    assert reached.value == far
    assert capfd.readouterr() == ("", "")


def test_a_pulse_hours_after_time_0_is_solved_as_one_at_time_0():
    early, late = (
        Protocol(title="pulse", duration=at + 1.0, stimuli=(Train(at=at, pulses=3, frequency=100.0),))
        for at in (0.0, 900 * 86400.0)
    )
    one, other = (
        ltpath.simulate("spine_electrics", p, times=p.duration - 1.0 + np.array([0.005, 0.015, 0.025, 0.1])) for p in (early, late)
    )
    np.testing.assert_allclose(other["V_spine_A"], one["V_spine_A"], rtol=1e-6)
