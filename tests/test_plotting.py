"""Figures tell what they draw: every run named once, every variable of a panel named once."""

from typing import Any

import ltpath
from ltpath.plotting import plot_runs
from ltpath.protocol import Protocol, Train


def test_a_comparison_names_each_run_once_and_each_variable_of_a_panel_once():
    pulse = Protocol(title="One pulse", duration=0.2, stimuli=(Train(pulses=1, frequency=1.0),))
    runs = {
        "control": ltpath.simulate("spine_electrics", pulse),
        "blocked": ltpath.simulate("spine_electrics", pulse, perturbations=["apv"]),
    }
    figure = plot_runs(runs)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["control", "blocked"]
    keys = [axis.get_legend() for axis in figure.axes if axis.get_legend() is not None]
    assert [[t.get_text() for t in key.get_texts()] for key in keys] == [["spine", "dendrite"]]
    voltage = next(axis for axis in figure.axes if "potential" in axis.get_ylabel())
    looks = {(line.get_color(), line.get_linestyle()) for line in voltage.get_lines() if len(line.get_xdata()) > 2}
    assert len(looks) == 4


def test_a_notebook_shows_a_figure_without_pyplot():
    pulse = Protocol(title="One pulse", duration=0.1, stimuli=(Train(pulses=1, frequency=1.0),))
    figure: Any = ltpath.simulate("spine_electrics", pulse).plot()
    assert figure._repr_png_().startswith(b"\x89PNG")
