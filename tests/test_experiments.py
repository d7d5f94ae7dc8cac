"""The literature files: what each row must say, and readings of known curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ltpath.pathways import citations

from ltpath.catalogue import load
from ltpath.experiment import experiment_names, load_experiment, read
from ltpath.protocol import Protocol, load_protocol
from ltpath.quantity import Citation
from ltpath.readouts import READOUTS, lowest, rise
from ltpath.units import parse


def trace(values: Iterable[float], step: float = 1.0) -> xr.Dataset:
    """A run that is 0 until time 0 and then takes these values."""
    after = np.array(list(values), float)
    times = np.concatenate([[-1e-9], step * np.arange(len(after))])
    return xr.Dataset({"y": ("time", np.concatenate([[0.0], after]))}, coords={"time": times})


@cache
def variables(model: str) -> set[str]:
    return set(load(model).network.readouts)


def parts(readout: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if readout["kind"] == "ratio":
        yield from parts(readout["of"])
        yield from parts(readout["over"])
    else:
        yield readout


def duration(condition: Mapping[str, Any]) -> float:
    """Simulated after time 0, s."""
    if "duration" in condition:
        return parse(condition["duration"], "time", "duration")
    protocol = condition["protocol"]
    return (Protocol.from_dict(protocol) if isinstance(protocol, dict) else load_protocol(protocol)).duration


@pytest.mark.parametrize("name", experiment_names())
def test_an_experiment_says_what_was_measured_and_can_be_read(name):
    experiment = load_experiment(name)
    assert isinstance(getattr(citations, experiment.citation, None), Citation)
    for row in experiment.rows:
        assert row.use in ("fit", "prediction")
        if row.rule == "within":
            assert (row.error or 0.0) > 0, row.quantity
            assert row.error_kind, row.quantity
        elif row.rule == "range":
            assert row.low is not None
            assert row.high is not None
            assert row.low <= row.measured <= row.high, row.quantity
        else:
            assert row.rule in ("at most", "at least"), row.quantity
        for part in parts(row.readout):
            assert part["kind"] in READOUTS
            condition = experiment.conditions[part.get("condition", next(iter(experiment.conditions)))]
            variable = part["variable"].replace("weight_", "strength_")
            assert variable in variables(condition["model"]), row.quantity
            # A reading after the end would be the last value without a word.
            latest = max((parse(part[k], "time", k) for k in ("at", "start", "end") if k in part), default=0.0)
            latest += parse(part["after"], "time", "after") if "after" in part else 0.0
            assert latest <= duration(condition), row.quantity


def test_rise_is_ten_to_ninety_percent_of_the_climb_to_the_peak():
    ramp = [*range(11), *range(9, -1, -1)]
    assert rise([trace(ramp)], "y") == pytest.approx(8.0)
    assert rise([trace(ramp, step=0.001)], "y", scale=1000.0) == pytest.approx(8.0)
    fine = 1 - np.exp(-np.arange(0, 20, 0.01))
    assert rise([trace(fine, step=0.01)], "y") == pytest.approx(np.log(9), rel=0.01)


def test_lowest_takes_the_smallest_value_of_a_scan():
    runs = [trace([level] * 5) for level in (3.0, 1.0, 2.0)]
    assert lowest(runs, "y", at="2 s", scale=100.0) == 100.0
    assert read({"kind": "lowest", "variable": "y", "at": "2 s"}, {"scan": runs}) == 1.0
