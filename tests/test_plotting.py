"""Figures tell what they draw: every run named once, every variable of a panel named once."""

from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import ltpath
from ltpath.errors import BadValue, UnknownName
from ltpath.plotting import plot_runs
from ltpath.protocol import PerturbationUse, Protocol, Train

PULSE = Protocol(title="One pulse", duration=0.2, stimuli=(Train(pulses=1, frequency=1.0),))


def test_variables_to_draw_are_one_name_or_several_but_not_none():
    run = ltpath.simulate("spine_electrics", PULSE)
    assert [axis.get_ylabel() for axis in run.plot("V_spine_A").axes] == ["V_spine_A (mV)"]
    assert len(run.plot(["V_spine_A", "V_dendrite"]).axes) == 2
    with pytest.raises(BadValue, match="name at least one variable"):
        run.plot([])
    with pytest.raises(UnknownName, match="did you mean 'V_spine_A'"):
        run.plot("V_spine_B")


def test_nothing_that_is_written_is_cut_and_numbers_are_whole():
    protocol = Protocol(
        title="A title that is longer than the figure is wide, as titles of experiments with three drugs and two stimuli are",
        duration="60 min",
        stimuli=(Train(pulses=60, frequency="5 Hz", spike_every=2),),
        perturbations=(
            PerturbationUse(name="apv", dose="50 uM", start="1 min", end="59 min"),
            PerturbationUse(set={"nmda_gating_magnesium": 0.5, "membrane_capacitance": 0.2}, start="55 min"),
        ),
    )
    for figure in (
        ltpath.simulate("spine_electrics", protocol).plot(),
        ltpath.simulate("spine_electrics", Protocol(title="rest", duration="60 min")).plot(["V_spine_A", "Ca_free_A"]),
    ):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        for text in figure.texts:
            assert_inside(figure.bbox, text.get_window_extent())
        for axis in (a for a in figure.axes if a.get_visible()):
            assert axis.yaxis.get_offset_text().get_text() == ""
            for text in (axis.xaxis.label, axis.yaxis.label, *axis.texts):
                assert_inside(figure.bbox, text.get_window_extent())
            for text in axis.texts:
                assert text.get_window_extent().x0 >= axis.bbox.x0, text
                assert text.get_window_extent().x1 <= axis.bbox.x1 + 1, text


def assert_inside(whole, part):
    assert part.x0 >= whole.x0
    assert part.x1 <= whole.x1
    assert part.y0 >= whole.y0
    assert part.y1 <= whole.y1


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


def test_a_notebook_shows_a_figure_without_pyplot():
    pulse = Protocol(title="One pulse", duration=0.1, stimuli=(Train(pulses=1, frequency=1.0),))
    figure: Any = ltpath.simulate("spine_electrics", pulse).plot()
    assert figure._repr_png_().startswith(b"\x89PNG")
