"""Maps of an outcome over two quantities."""

from __future__ import annotations

import numpy as np
import pytest

from ltpath.__main__ import main
from ltpath.errors import BadValue, UnknownName
from ltpath.plotting import plot_map
from ltpath.protocol import Calcium, Protocol
from ltpath.response import read_axis, response_map
from ltpath.simulation import simulate

AMPLITUDE = ("stimulus.amplitude", [0.2, 0.6, 10.0])
LENGTH = ("stimulus.length", [0.01, 10.0, 900.0])


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """Calcium steps: three amplitudes by three durations."""
    return response_map("ampa_traffic", [AMPLITUDE, LENGTH], tmp_path_factory.mktemp("map") / "steps.zarr", workers=1)


def test_calcium_steps_have_two_thresholds(steps):
    low, middle, high = (steps.sel({"stimulus.amplitude": a}).values for a in AMPLITUDE[1])
    assert np.abs(low - 1).max() < 0.05
    assert middle[2] < 0.9  # long and low
    assert middle[0] == pytest.approx(1, abs=0.01)
    assert high[1] > 1.2  # short and high
    assert steps.attrs["failed"] == 0


def test_a_map_has_what_single_runs_have_an_hour_after_their_stimulus(steps):
    protocol = Protocol(title="step", duration=4600.0, stimuli=(Calcium(amplitude=0.6, length=900.0),))
    run = simulate("ampa_traffic", protocol, times=[protocol.last_moment + 3600])
    at = steps.sel({"stimulus.amplitude": 0.6, "stimulus.length": 900.0})
    # The step of the shipped protocol begins at the same time.
    assert float(at) == pytest.approx(float(run["weight_A"][0]), rel=1e-4)


def test_a_picture_shows_both_borders(steps):
    labels = [t.get_text() for t in plot_map(steps).axes[0].get_legend().get_texts()]
    assert labels == ["Q$_{LTD}$, weight 0.95", "Q$_{LTP}$, weight 1.05"]


def test_the_command_goes_on_where_it_stopped(tmp_path, capsys):
    command = ["map", "calmodulin", "--variable", "CaM4_free", "--after", "1 s", "--workers", "1", "-o", str(tmp_path / "m.png")]
    axes = ["--x", "amplitude=0.1uM:10uM:3:log", "--y", "duration=1s:2s:2"]
    assert main([*command, *axes]) == 0
    assert "6 of 6 runs now" in capsys.readouterr().out
    assert main([*command, *axes]) == 0
    assert "0 of 6 runs now" in capsys.readouterr().out
    assert len((tmp_path / "m.csv").read_text().splitlines()) == 7
    assert main([*command, *axes[:-1], "duration=1s:3s:2"]) == 2
    assert "another" in capsys.readouterr().err


def test_one_axis_gives_a_curve(tmp_path):
    command = ["map", "calmodulin", "--variable", "CaM4_free", "--after", "0 s", "--workers", "1", "-o", str(tmp_path / "c.png")]
    assert main([*command, "--x", "amplitude=0.1uM:10uM:5:log"]) == 0
    name, values = (tmp_path / "c.csv").read_text().splitlines()[0], np.loadtxt(tmp_path / "c.csv", delimiter=",", skiprows=1)
    assert name == "stimulus.amplitude,CaM4_free"
    assert values[:, 0] == pytest.approx(np.geomspace(0.1, 10, 5))
    assert (np.diff(values[:, 1]) > 0).all()


def test_axes_are_named_and_scaled_as_they_were_asked_for(steps):
    axis = plot_map(steps).axes[0]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("amplitude (µM)", "duration (s)")
    counts = steps[0].rename({"stimulus.amplitude": "stimulus.pulses"}).assign_coords({"stimulus.pulses": [1.0, 5.0, 22.0]})
    assert plot_map(counts).axes[0].get_xscale() == "log"
    assert plot_map(counts.assign_coords({"stimulus.pulses": [1.0, 2.0, 3.0]})).axes[0].get_xscale() == "linear"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amplitude", "an axis is NAME=FIRST:LAST:NUMBER"),
        ("amplitude=1:2", "an axis is NAME=FIRST:LAST:NUMBER"),
        ("amplitude=1uM:2uM:4:lin", "an axis is NAME=FIRST:LAST:NUMBER"),
        ("amplitude=1uM:2uM:1", "at least 2"),
        ("pulses=1Hz:2:3", "takes whole numbers"),
    ],
)
def test_mistakes_in_an_axis_are_told(text, words):
    with pytest.raises(BadValue, match=words):
        read_axis(text)


def test_axes_are_fields_parameters_or_doses():
    assert read_axis("duration=10ms:1s:3:log") == ("stimulus.length", {"logspace": ["10ms", "1s", "3"]})
    assert read_axis("pulses=1:1000:4:log") == ("stimulus.pulses", {"values": [1.0, 10.0, 100.0, 1000.0]})
    assert read_axis("volume_spine=0.05:0.2:3") == ("volume_spine", {"linspace": ["0.05", "0.2", "3"]})


def test_what_a_map_cannot_show_is_told_before_it_runs(tmp_path):
    with pytest.raises(BadValue, match="the two axes of a map must differ"):
        response_map("ampa_traffic", [AMPLITUDE, AMPLITUDE], tmp_path / "m.zarr")
    with pytest.raises(UnknownName, match="did you mean 'weight_A'"):
        response_map("ampa_traffic", [AMPLITUDE, LENGTH], tmp_path / "m.zarr", variable="weight_B")
    with pytest.raises(BadValue, match="has no weight; name the variable"):
        response_map("calmodulin", [AMPLITUDE, LENGTH], tmp_path / "m.zarr")
    assert not (tmp_path / "m.zarr").exists()
