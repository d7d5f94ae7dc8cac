"""Figures tell what they draw: every run named once, every variable of a panel named once."""

import pytest

import ltpath
from ltpath.errors import BadValue, UnknownName
from ltpath.plotting import plot_runs
from ltpath.protocol import Protocol, Train


PULSE = Protocol(title="One pulse", duration=0.2, stimuli=(Train(pulses=1, frequency=1.0),))


def test_variables_to_draw_are_one_name_or_several_but_not_none():
    run = ltpath.simulate("spine_electrics", PULSE)
    assert [axis.get_ylabel() for axis in run.plot("V_spine_A").axes] == ["V_spine_A (mV)"]
    assert len(run.plot(["V_spine_A", "V_dendrite"]).axes) == 2
    with pytest.raises(BadValue, match="name at least one variable"):
        run.plot([])
    with pytest.raises(UnknownName, match="did you mean 'V_spine_A'"):
        run.plot("V_spine_B")


def test_a_comparison_names_each_run_once_and_each_variable_of_a_panel_once():
    runs = {
        "control": ltpath.simulate("spine_electrics", PULSE),
        "blocked": ltpath.simulate("spine_electrics", PULSE, perturbations=["apv"]),
    }
    figure = plot_runs(runs)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["control", "blocked"]
    keys = [axis.get_legend() for axis in figure.axes if axis.get_legend() is not None]
    assert [[t.get_text() for t in key.get_texts()] for key in keys] == [["spine", "dendrite"]]
    voltage = next(axis for axis in figure.axes if "potential" in axis.get_ylabel())
    looks = {(line.get_color(), line.get_linestyle()) for line in voltage.get_lines() if len(line.get_xdata()) > 2}
    assert len(looks) == 4
