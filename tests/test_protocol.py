"""Protocols say the same in Python and in TOML, and bad ones get one clear sentence."""

from __future__ import annotations

import pytest

from ltpath.catalogue import load
from ltpath.errors import BadValue, LtpathError, ProtocolError, UnknownName
from ltpath.protocol import Calcium, Pairing, PerturbationUse, Protocol, ThetaBurst, Train, load_protocol, protocol_names
from ltpath.simulation import resolve
from ltpath.units import parse, written


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("100 Hz", "frequency", 100), ("5 min", "time", 300), ("-20 min", "time", -1200), ("50 uM", "concentration", 50),
     ("10nM", "concentration", 0.01), ("-40 mV", "voltage", -40), ("2 h", "time", 7200)],
)  # fmt: skip
def test_units_are_read_and_written(text, kind, value):
    assert parse(text, kind, "field") == pytest.approx(value)
    assert parse(written(value, kind), kind, "field") == pytest.approx(value)


@pytest.mark.parametrize("text", ["5", "five min", "5 uM", "nan s", "", None, True])
def test_a_time_needs_a_time_unit(text):
    with pytest.raises(BadValue, match="at"):
        parse(text, "time", "at")


def test_toml_and_python_give_the_same_protocol(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("""
title = "Four tetani, APV washed in"
duration = "2 h"
[[stimulus]]
kind = "train"
at = "0 s"
pulses = 100
frequency = "100 Hz"
repeats = 4
every = "5 min"
synapses = ["A"]
spike_every = 3
[[perturbation]]
name = "apv"
dose = "50 uM"
from = "-20 min"
to = "10 min"
""")
    train = Train(at="0 s", pulses=100, frequency="100 Hz", repeats=4, every="5 min", synapses=["A"], spike_every=3)
    use = PerturbationUse(name="apv", dose="50 uM", start="-20 min", end="10 min")
    title = "Four tetani, APV washed in"
    assert Protocol.from_toml(path) == Protocol(title=title, duration="2 h", stimuli=(train,), perturbations=(use,), name="mine")


@pytest.mark.parametrize("name", protocol_names())
def test_shipped_protocols_survive_a_round_trip(name):
    protocol = load_protocol(name)
    assert Protocol.from_dict(protocol.to_dict(), name) == protocol


def test_malformed_toml_names_the_line(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('title = "x"\nduration = 5 min\n')
    with pytest.raises(ProtocolError, match="line 2"):
        load_protocol(path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"kind": "trian"}, "did you mean 'train'"),
        ({"kind": "train", "pulse": 3}, "did you mean 'pulses'"),
        ({"kind": "train", "frequency": 100}, "with a unit"),
        ({"kind": "train", "pulses": 0}, "at least 1"),
        ({"kind": "train", "pulses": 1.5}, "whole number"),
        ({"kind": "train", "frequency": "-5 Hz"}, "above 0"),
        ({"kind": "calcium", "amplitude": "-1 uM"}, "negative"),
        ({"kind": "pairing"}, "either"),
        ({"kind": "train", "repeats": 2}, "every"),
    ],
)
def test_bad_stimuli_are_refused(table, message):
    with pytest.raises(LtpathError, match=message):
        Protocol.from_dict({"title": "x", "duration": "1 s", "stimulus": [table]})


def test_tetanus_is_100_pulses_and_33_spikes():
    line = resolve(load_protocol("tetanus"), load("early_ltp").network)
    assert [t[2] for t in line.trains] == [100, 33]
    assert line.trains[1][0] == pytest.approx(0.03)


def test_theta_bursts_come_at_theta_frequency():
    protocol = Protocol(title="x", duration=5.0, stimuli=(ThetaBurst(bursts=3, spike_every=0),))
    line = resolve(protocol, load("early_ltp").network)
    assert [t[0] for t in line.trains] == pytest.approx([0, 0.2, 0.4])


def test_calcium_pulses_in_a_file_have_a_duration():
    protocol = load_protocol("calcium_pulse")
    assert protocol.stimuli == (Calcium(at=0.0, amplitude=10.0, length=2.0),)


def test_names_are_checked_against_the_model():
    network = load("early_ltp").network
    with pytest.raises(UnknownName, match="did you mean 'apv'"):
        resolve(load_protocol("tetanus").perturbed("apw"), network)
    with pytest.raises(UnknownName, match="synapse"):
        resolve(Protocol(title="x", duration=1.0, stimuli=(Train(synapses=("B",)),)), network)
    with pytest.raises(BadValue, match="takes no glutamate"):
        resolve(load_protocol("tetanus"), load("camkii").network)
    with pytest.raises(BadValue, match="either"):
        Pairing(hold=0.0, spike_delay=0.01)
