"""Faults that once gave wrong numbers or a traceback."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import ltpath
from ltpath.cache import cache_folder
from ltpath.catalogue import load
from ltpath.errors import BadValue, LtpathError
from ltpath.expansion import expand
from ltpath.network import Network
from ltpath.protocol import Calcium, Pairing, Protocol, Train


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
