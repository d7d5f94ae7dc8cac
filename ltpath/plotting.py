"""Figures: time courses of runs, and experiments with their measured points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ltpath.simulation import Trajectory
from ltpath.units import parse

# Okabe and Ito's palette, safe for colour-blind readers.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_PANELS = (
    ("weight_", "synaptic weight\n(fraction of baseline)", "minutes"),
    ("Ca_free", "free Ca$^{2+}$ (µM)", "zoom"),
    ("camkii_activity", "CaMKII activity\n(fraction)", "log"),
    ("pT286_fraction", "pT286\n(fraction of subunits)", "log"),
    ("synaptic_AMPAR", "AMPA receptors\nin slots", "minutes"),
    ("calcium_per_calmodulin", "Ca$^{2+}$ per calmodulin", "minutes"),
    ("V_spine", "spine potential (mV)", "zoom"),
)
_MOST_PANELS = 5
Point = tuple[str, float, float]


def plot_runs(
    runs: Mapping[str, Trajectory],
    variables: Iterable[str] | None = None,
    points: Mapping[str, Sequence[Point]] | None = None,
) -> Figure:
    """Draw one or more runs, a panel for each variable.

    Parameters
    ----------
    runs : dict of str to Trajectory
        Label to run.
    variables : iterable of str, optional
        Default: the main ones that the model has, each on the time axis that shows it:
        weight and receptors in minutes, calcium around the stimulus, the kinase on a log axis.
    points : dict of str to list of (time, value, error), optional
        Measured points, by variable; times with units.

    Returns
    -------
    matplotlib.figure.Figure
    """
    first = next(iter(runs.values()))
    if variables is None:
        panels = [
            (name, label, axis)
            for prefix, label, axis in _PANELS
            if (name := next((str(v) for v in first.data_vars if str(v).startswith(prefix) and "S831" not in str(v)), None))
        ][:_MOST_PANELS]
    else:
        panels = [(v, f"{v} ({first[v].attrs['units']})", "minutes") for v in variables]
    figure = Figure(figsize=(7.2, 1.9 * len(panels) + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(first.attrs["title"] if len(runs) == 1 else "early LTP: " + ", ".join(runs), fontsize=10)
    axes = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for axis, (name, label, kind) in zip(axes, panels, strict=True):
        for colour, (run_name, run) in zip(_COLOURS, runs.items(), strict=False):
            _draw(axis, run, name, kind, colour, run_name)
        for i, (when, value, error) in enumerate((points or {}).get(name, ())):
            axis.errorbar(
                parse(when, "time", "point") / 60, value, yerr=error or None, fmt="o", ms=4, color="black", capsize=2,
                label="measured" if i == 0 else None, zorder=5,
            )  # fmt: skip
        axis.set_ylabel(label, fontsize=8)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
        _mark_windows(axis, first, kind)
        if len(runs) > 1 or (points or {}).get(name):
            axis.legend(fontsize=7, frameon=False)
    return figure


def _draw(axis: Any, run: Trajectory, name: str, kind: str, colour: str, label: str) -> None:
    times, values = run["time"].values, run[name].values
    if kind == "log":
        after = times > 1e-3
        axis.semilogx(times[after], values[after], color=colour, lw=1.4, label=label)
        axis.set_xlabel("time after the start of the stimulus (s, log)", fontsize=8)
    elif kind == "zoom":
        end = _activity_end(times)
        near = (times > -0.1 * end) & (times < end)
        axis.plot(times[near], values[near], color=colour, lw=0.9, label=label)
        axis.set_xlabel("time (s), around the stimulus", fontsize=8)
    else:
        axis.plot(times / 60, values, color=colour, lw=1.4, label=label)
        axis.set_xlabel("time (min)", fontsize=8)


def _activity_end(times: np.ndarray) -> float:
    """End of the stimulus, from the density of output times that follow its events."""
    after = times[times >= 0]
    fast = after[:-1][np.diff(after) < 2e-3]
    return float(max(0.2, 1.4 * (fast[-1] if len(fast) else after[-1])))


def _mark_windows(axis: Any, run: Trajectory, kind: str) -> None:
    if kind == "minutes":
        axis.axvline(0, color="0.6", lw=0.8, ls=":")


def plot_experiment(experiment: Any, runs: Mapping[str, list[Trajectory]], results: Sequence[Any]) -> Figure:
    """Draw an experiment: the simulated curves with measured points, and every row.

    Parameters
    ----------
    experiment : ltpath.experiment.Experiment
    runs : dict of str to list of Trajectory
    results : list of ltpath.experiment.Result

    Returns
    -------
    matplotlib.figure.Figure
    """
    curves = [(row, r) for row, r in zip(experiment.rows, results, strict=True) if row.readout["kind"] == "value"]
    figure = Figure(figsize=(9.5, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{experiment.title} ({results[0].citation})", fontsize=10)
    left, right = figure.subplots(1, 2)
    _draw_condition(left, experiment, runs, curves)
    _draw_rows(right, results)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=7)
    return figure


def _draw_condition(axis: Any, experiment: Any, runs: Mapping[str, list[Trajectory]], curves: Sequence[Any]) -> None:
    variable = _shown_variable(experiment)
    scale = next((row.readout.get("scale", 1.0) for row, _ in curves), 1.0)
    scanned = "scan" in next(iter(runs.values()))[0].attrs
    for colour, (name, members) in zip(_COLOURS, runs.items(), strict=False):
        if scanned:
            at = next(row.readout["at"] for row in experiment.rows if "at" in row.readout)
            doses = [m.attrs["scan"] for m in members]
            values = [float(np.interp(parse(at, "time", "at"), m["time"], m[variable])) for m in members]
            axis.semilogx(doses, values, "-o", ms=3, color=colour, lw=1.2, label=name)
        else:
            run = members[0]
            long = run["time"].values[-1] > 300
            near = run["time"].values >= (-300 if long else -0.02 * run["time"].values[-1])
            axis.plot(
                run["time"].values[near] / (60 if long else 1), scale * run[variable].values[near], color=colour, lw=1.2, label=name
            )
            axis.set_xlabel("time (min)" if long else "time (s)", fontsize=8)
    if scanned:
        axis.set_xlabel("scanned value (µM)", fontsize=8)
    for row, result in curves:
        if row.rule != "within" or row.readout["variable"] != variable:
            continue
        seconds = parse(row.readout["at"], "time", "at")
        long = not scanned and next(iter(runs.values()))[0]["time"].values[-1] > 300
        x = row.readout["scan"] if scanned and "scan" in row.readout else seconds / (60 if long else 1)
        axis.errorbar(x, result.measured, yerr=result.error, fmt="s", ms=4, color="black", capsize=2)
    axis.set_ylabel(variable, fontsize=8)
    axis.legend(fontsize=7, frameon=False)


def _shown_variable(experiment: Any) -> str:
    def find(readout: Mapping[str, Any]) -> str | None:
        return readout.get("variable") or (find(readout["of"]) if "of" in readout else None)

    return next(v for row in experiment.rows if (v := find(row.readout)))


def _draw_rows(axis: Any, results: Sequence[Any]) -> None:
    """Simulated over measured, with the measured error, one line a row."""
    for i, r in enumerate(reversed(results)):
        scale = abs(r.measured) or 1.0
        axis.errorbar(r.measured / scale, i, xerr=(r.error or 0) / scale, fmt="s", ms=4, color="black", capsize=2)
        axis.plot(r.simulated / scale, i, "o", ms=5, color=_COLOURS[2] if r.passed else _COLOURS[1])
    axis.set_yticks(range(len(results)), [r.quantity[:44] for r in reversed(results)], fontsize=6)
    axis.set_xlabel("relative to measured; square: measured, circle: simulated", fontsize=7)
    axis.set_ylim(-0.7, len(results) - 0.3)
