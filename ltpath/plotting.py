"""Figures of runs and of experiments, without pyplot and its global state."""

from __future__ import annotations

import io
import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ltpath.errors import BadValue, UnknownName
from ltpath.protocol import Calcium, Pairing, Protocol, Spikes, Stimulus, ThetaBurst, Train, Uncaging, one_or_more
from ltpath.units import parse, written

if TYPE_CHECKING:
    from xarray import DataArray

    from ltpath.experiment import Experiment, Result
    from ltpath.simulation import Trajectory

# Okabe and Ito's palette, told apart by colour-blind readers.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.2, 1.2, 1.2)))
_GREY = "#666666"
_DOTS_PER_INCH = 160
_LETTERS = 11.5
"""Of a title, in an inch."""
_LETTER = 0.0145
"""Of a drug's label, as a share of a panel's width."""
_LONGEST_ZOOM = 10.0
_FIRST_MOMENT = 0.02
_FLAT = 1e-6
"""A curve that moves by less than this share of its value is drawn as a level."""
_BAR = 0.085
"""Share of a panel's height that a drug's bar takes."""
_LOG_TICKS = {0.1: "0.1 s", 1.0: "1 s", 10.0: "10 s", 60.0: "1 min", 600.0: "10 min", 3600.0: "1 h", 36000.0: "10 h"}


@dataclass(frozen=True)
class Points:
    """Measured values of one variable.

    Attributes
    ----------
    label : str
    times, values, errors : sequence of float
        s, and the variable's own unit.
    """

    label: str
    times: Sequence[float]
    values: Sequence[float]
    errors: Sequence[float]


@dataclass(frozen=True)
class _Panel:
    """Variables that share an axis: stems of their names, the axis's text, and the kind of time axis."""

    stems: Mapping[str, str]
    label: str
    time: str


# Stem of a column (the synapse's letter follows) to its name in the legend.
_WEIGHT = _Panel({"weight": "weight"}, "synaptic weight / baseline", "minutes")
_CALCIUM = _Panel({"Ca_free": "free Ca$^{2+}$"}, "free Ca$^{2+}$ (µM)", "stimulus")
_KINASE = _Panel(
    {"camkii_activity": "activity", "pT286_fraction": "pT286"}, "CaMKII (fraction of subunits)", "logarithmic"
)  # fmt: skip
_ACTIVITY = _Panel({"camkii_activity": "activity"}, "CaMKII activity\n(fraction of maximum)", "logarithmic")
_T286 = _Panel({"pT286_fraction": "pT286"}, "pT286 (fraction of subunits)", "logarithmic")
_RECEPTORS = _Panel(
    {"synaptic_AMPAR": "in slots", "surface_AMPAR": "on the spine", "reserve_AMPAR": "in reserve"},
    "AMPA receptors (molecules)",
    "minutes",
)
_VOLTAGE = _Panel({"V_spine": "spine", "V_dendrite": "dendrite"}, "membrane potential (mV)", "stimulus")
_CALMODULIN = _Panel({"calcium_per_calmodulin": "Ca$^{2+}$ per calmodulin"}, "Ca$^{2+}$ bound per calmodulin", "logarithmic")


class _Shown(Figure):
    """A figure that a notebook shows as it is, without pyplot."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


def save(figure: Figure, path: str | Path) -> None:
    """Write a PNG file."""
    FigureCanvasAgg(figure).print_png(str(path))


def plot_runs(
    runs: Mapping[str, Trajectory], variables: str | Iterable[str] | None = None, points: Mapping[str, Points] | None = None
) -> Figure:
    """Draw one run, or several on the same axes.

    Parameters
    ----------
    runs : dict of str to Trajectory
        By label; the first gives the protocol marks.
    variables : str or iterable of str, optional
        One panel each, over minutes. Default: weight, calcium around the stimulus, CaMKII
        over logarithmic time, and receptors, as far as the model has them.
    points : dict of str to Points, optional
        Measurements to put beside a variable.

    Returns
    -------
    matplotlib.figure.Figure
    """
    first = next(iter(runs.values()))
    protocol = _protocol(first)
    panels = _chosen(first, one_or_more(variables)) if variables is not None else _main_panels(first, several=len(runs) > 1)
    columns = 1 if len(panels) == 1 else 2
    rows = math.ceil(len(panels) / columns)
    # Fixed margins: matplotlib's own layout engine draws everything three times.
    width = 4.6 * columns + 0.2
    title = textwrap.wrap(_title(first, protocol, alone=len(runs) == 1), int(_LETTERS * width), max_lines=4, placeholder=" ...")
    more_lines = 0.165 * (len(title) - 1)
    height = 3.15 * rows + 0.45 + more_lines
    figure = _Shown(figsize=(width, height), dpi=_DOTS_PER_INCH)
    axes = figure.subplots(
        rows, columns, squeeze=False,
        gridspec_kw={
            "left": 0.75 / width, "right": 1 - 0.2 / width, "bottom": 0.55 / height, "top": 1 - (0.75 + more_lines) / height,
            "wspace": 0.24, "hspace": 0.42,
        },
    ).ravel()  # fmt: skip
    for letter, axis, panel in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", axes, panels, strict=False):
        _draw(axis, panel, runs, protocol, points or {})
        if len(panels) > 1:
            axis.set_title(letter, loc="left", fontweight="bold", fontsize=11)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    if len(runs) > 1:
        # The conditions are the same in every panel; their names, and the measurement's, stand once.
        figure.legend(
            *axes[0].get_legend_handles_labels(), frameon=False, fontsize=8.5, loc="upper center", ncols=5,
            bbox_to_anchor=(0.5, 1 - (0.22 + more_lines) / height),
        )  # fmt: skip
    figure.suptitle("\n".join(title), fontsize=10, y=1 - 0.16 / height)
    return figure


def _title(run: Trajectory, protocol: Protocol | None, alone: bool) -> str:
    """Model and protocol; of a run that is drawn alone also its perturbations and parameters."""
    uses = [u.label() for u in protocol.perturbations] if protocol is not None else []
    more = [*uses, *run.attrs.get("parameters", [])] if alone else []
    what = ", ".join([run.attrs.get("title", ""), *more]).strip(", ")
    return ": ".join(filter(None, (run.attrs.get("model", ""), what)))


def _protocol(run: Trajectory) -> Protocol | None:
    fields = run.attrs.get("protocol_fields")
    return Protocol.from_dict(json.loads(fields)) if fields else None


def _main_panels(run: Trajectory, several: bool) -> list[_Panel]:
    wanted = (_WEIGHT, _CALCIUM, _ACTIVITY, _T286) if several else (_WEIGHT, _CALCIUM, _KINASE, _RECEPTORS)
    found = [p for p in wanted if _columns(run, p)]
    if len(found) < 3:
        found += [p for p in (_VOLTAGE, _CALMODULIN) if _columns(run, p)]
    return found or _chosen(run, [str(n) for n in run.data_vars][:4])


def _chosen(run: Trajectory, variables: Iterable[str]) -> list[_Panel]:
    panels = []
    for name in variables:
        if name not in run.data_vars:
            raise UnknownName("variable of the run", str(name), map(str, run.data_vars))
        unit = run[name].attrs.get("units", "1")
        panels.append(_Panel({name: name}, name + (f" ({unit})" if unit != "1" else ""), "minutes"))
    if not panels:
        raise BadValue("there is nothing to draw: name at least one variable")
    return panels


def _columns(run: Trajectory, panel: _Panel) -> dict[str, str]:
    """Columns of a panel and their names in the legend; the synapse is named where there are several."""
    found = {}
    for stem, name in panel.stems.items():
        columns = [str(n) for n in run.data_vars if n == stem or (str(n).startswith(f"{stem}_") and len(str(n)) == len(stem) + 2)]
        for column in columns:
            found[column] = f"{name} {column[-1]}" if len(columns) > 1 else name
    return found


def _draw(
    axis: Axes, panel: _Panel, runs: Mapping[str, Trajectory], protocol: Protocol | None, points: Mapping[str, Points]
) -> None:
    first = next(iter(runs.values()))
    start, end = _window(panel, first, protocol)
    onset = _onset(protocol)
    scale, shift = {"minutes": (60.0, 0.0), "stimulus": (1.0, 0.0), "logarithmic": (1.0, onset)}[panel.time]
    columns = _columns(first, panel)
    several = len(runs) > 1
    lines = []
    for i, (label, run) in enumerate(runs.items()):
        times = run["time"].values
        inside = np.flatnonzero((times >= start) & (times <= end))
        # One more point on either side lets the line run to the edge.
        inside = np.arange(max(inside[0] - 1, 0), min(inside[-1] + 2, len(times))) if len(inside) else inside
        for j, column in enumerate(c for c in columns if c in run):
            # Colours tell runs apart, and dashes the variables; where there is one of either, both tell the other.
            # Dashes would tear the fast swings of a train, so that one variable is solid there.
            dash = j if len(columns) > 1 else 0 if panel.time == "stimulus" else i
            lines += axis.plot(
                (times[inside] - shift) / scale, run[column].values[inside], label=label if j == 0 else "_",
                color=_COLOURS[(i if several else j) % len(_COLOURS)], linestyle=_DASHES[dash % len(_DASHES)],
                linewidth=1.6 - 0.3 * (panel.time == "stimulus"), zorder=3 + (len(runs) - i) / 10,
            )  # fmt: skip
    for column in columns:
        if column in points:
            p = points[column]
            axis.errorbar(
                (np.asarray(p.times) - shift) / scale, p.values, p.errors, fmt="o", color="black", markersize=4, markerfacecolor="white",
                capsize=2, linewidth=1, label=p.label, zorder=5,
            )  # fmt: skip
    axis.set_ylabel(panel.label)
    _time_axis(axis, panel, start, end, onset)
    if panel is _WEIGHT:
        axis.axhline(1.0, color=_GREY, linewidth=0.8, linestyle=":", zorder=1)
        low, high = axis.get_ylim()
        axis.set_ylim(min(low, 0.8), max(high, 1.2))
    elif panel in (_CALCIUM, _KINASE, _ACTIVITY, _T286, _RECEPTORS):
        axis.set_ylim(bottom=0)
    bars = _drug_bars(protocol, start, end) if protocol is not None and panel.time == "minutes" else []
    _scale(axis, len(bars))
    if protocol is not None:
        _marks(axis, panel, protocol, start, end, bars)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=8)
    if len(columns) > 1:
        # Above the axis, where no curve can run through it.
        axis.legend(
            lines[: len(columns)], list(columns.values()), frameon=False, fontsize=8, loc="lower right",
            bbox_to_anchor=(1.0, 0.985), ncols=3, columnspacing=1.2, handlelength=2.2, borderaxespad=0.2,
        )  # fmt: skip


def _scale(axis: Axes, bars: int) -> None:
    """Limits with space above the curves for the marks, and numbers that say the whole value."""
    low, high = axis.get_ylim()
    largest = max(abs(low), abs(high))
    if high - low < _FLAT * largest:
        # What does not change is a level, and its last digits are not a course.
        low, high = low - 0.1 * largest, high + 0.1 * largest
    axis.set_ylim(low, low + (high - low) / (1 - 0.123 - _BAR * bars))
    if 1e-3 <= largest < 1e6:
        axis.ticklabel_format(axis="y", style="plain", useOffset=False)
    else:
        axis.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def _onset(protocol: Protocol | None) -> float:
    return min((s.at for s in protocol.stimuli), default=0.0) if protocol else 0.0


def _window(panel: _Panel, run: Trajectory, protocol: Protocol | None) -> tuple[float, float]:
    times = run["time"].values
    if panel.time == "minutes" or not (protocol and protocol.stimuli):
        return max(times[0], -600.0), times[-1]
    onset = _onset(protocol)
    if panel.time == "logarithmic":
        return min(onset + _FIRST_MOMENT, times[-1]), times[-1]
    first = min(protocol.stimuli, key=lambda s: s.at)
    length = min(first.span, _LONGEST_ZOOM)
    end = min(onset + length + max(0.5, 0.5 * length), times[-1])
    # Before the first pulse, room for the names of the marks.
    return onset - 0.17 * (end - onset), end


def _time_axis(axis: Axes, panel: _Panel, start: float, end: float, onset: float) -> None:
    if panel.time == "minutes":
        axis.set_xlim(start / 60, end / 60)
        axis.set_xlabel("time (min)")
        step = next((s for s in (1, 2, 5, 10, 30, 60, 120, 240, 480) if (end - start) / 60 / s <= 7), 1440)
        axis.xaxis.set_major_locator(FixedLocator(list(np.arange(math.ceil(start / 60 / step) * step, end / 60 + 1e-9, step))))
    elif panel.time == "logarithmic" and end - onset > 2 * _FIRST_MOMENT and end > start:
        axis.set_xscale("log")
        axis.set_xlim(_FIRST_MOMENT, end - onset)
        axis.xaxis.set_major_locator(FixedLocator([*_LOG_TICKS]))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _LOG_TICKS.get(x, "")))
        axis.set_xlabel("time after the first pulse, logarithmic" if onset == 0 else "time after the first pulse")
    else:
        axis.set_xlim(start, end)
        axis.set_xlabel("time (s)")


# -- maps ------------------------------------------------------------------------------


def plot_map(found: DataArray) -> Figure:
    """Draw an outcome over one or two quantities (`ltpath.response.response_map`); of a weight, with the borders of change."""
    figure = _Shown(figsize=(6.4, 4.8), dpi=_DOTS_PER_INCH)
    axis = figure.subplots(gridspec_kw={"left": 0.12, "right": 0.98, "bottom": 0.12, "top": 0.87})
    (_plot_curve if found.ndim == 1 else _plot_grid)(figure, axis, found)
    figure.suptitle(
        f"{found.attrs['model']}: {found.attrs['title']}, {found.attrs['after']} after the stimuli", fontsize=10, y=0.975
    )
    axis.tick_params(labelsize=8)
    return figure


def _plot_curve(figure: Figure, axis: Axes, found: DataArray) -> None:
    """An outcome over one quantity."""
    from ltpath.response import THRESHOLD

    (name,), values = (str(d) for d in found.dims), found.values
    axis.plot(found[name].values, values, color="black", marker="o", markersize=3.5, linewidth=1.4)
    if str(found.name).startswith("weight"):
        axis.axhspan(1 - THRESHOLD, 1 + THRESHOLD, color="0.92", linewidth=0)
    if _equal_ratios(found[name].values):
        axis.set_xscale("log")
    axis.set_xlabel(_quantity_label(found, name))
    axis.set_ylabel(_outcome_label(found))


def _equal_ratios(positions: Any) -> bool:
    """Whether positions are nearer to equal ratios than to equal steps; counts are rounded, so neither need be exact."""
    if len(positions) < 3 or (positions <= 0).any():
        return False
    steps, ratios = np.diff(positions), np.diff(np.log(positions))
    return bool(ratios.std() / ratios.mean() < steps.std() / steps.mean() - 1e-9)


def _quantity_label(found: DataArray, name: str) -> str:
    unit = found[name].attrs.get("units", "1")
    return _named(name) + (f" ({unit.replace('uM', 'µM')})" if unit != "1" else "")


def _outcome_label(found: DataArray) -> str:
    if str(found.name).startswith("weight"):
        return "synaptic weight / baseline"
    unit = found.attrs.get("units", "1")
    return f"{found.name}" + (f" ({unit})" if unit != "1" else "")


def _plot_grid(figure: Figure, axis: Axes, found: DataArray) -> None:
    """An outcome over two quantities."""
    from ltpath.response import THRESHOLD

    (vertical, horizontal), values = (str(d) for d in found.dims), found.values
    x, y = found[horizontal].values, found[vertical].values
    weight = str(found.name).startswith("weight")
    if weight:
        # Each half of the scale reaches as far as its own values, because depression cannot go below 0 and potentiation can.
        low, high = min(float(np.nanmin(values)), 1 - 2 * THRESHOLD), max(float(np.nanmax(values)), 1 + 2 * THRESHOLD)
        colours: dict[str, Any] = {"cmap": "RdBu_r", "norm": TwoSlopeNorm(1.0, low, high)}
    else:
        colours = {"cmap": "viridis"}
    for positions, scale in ((x, axis.set_xscale), (y, axis.set_yscale)):
        if _equal_ratios(positions):
            scale("log")
    mesh = axis.pcolormesh(x, y, values, shading="nearest", rasterized=True, **colours)
    bar = figure.colorbar(mesh, ax=axis, pad=0.02, aspect=30)
    bar.set_label(_outcome_label(found))
    if weight and min(values.shape) > 1:
        for level, dashes, name in ((1 - THRESHOLD, "--", "Q$_{LTD}$"), (1 + THRESHOLD, "-", "Q$_{LTP}$")):
            if np.nanmin(values) < level < np.nanmax(values):
                axis.contour(x, y, values, levels=[level], colors="black", linewidths=1.4, linestyles=dashes)
                axis.plot([], [], color="black", linewidth=1.4, linestyle=dashes, label=f"{name}, weight {level:g}")
        if axis.get_legend_handles_labels()[0]:
            axis.legend(frameon=False, fontsize=8.5, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)
    axis.set_xlabel(_quantity_label(found, horizontal))
    axis.set_ylabel(_quantity_label(found, vertical))


def _named(quantity: str) -> str:
    """A field of the stimuli in words; a parameter by its name."""
    if not quantity.startswith("stimulus."):
        return quantity
    return {"stimulus.length": "duration"}.get(quantity, quantity.removeprefix("stimulus.").replace("_", " "))


# -- protocol marks ------------------------------------------------------------------


def pulse_times(stimulus: Stimulus) -> tuple[list[float], list[float]]:
    """Times of a stimulus's glutamate pulses and of its back-propagating spikes, s."""
    pulses: list[float] = []
    spikes: list[float] = []
    for start in stimulus.starts():
        if isinstance(stimulus, ThetaBurst):
            bursts = [start + b / stimulus.burst_frequency for b in range(stimulus.bursts)]
        else:
            bursts = [start]
        for begin in bursts:
            if isinstance(stimulus, (Train, ThetaBurst, Pairing, Spikes, Uncaging)):
                train = [begin + i / stimulus.frequency for i in range(stimulus.pulses)]
                if isinstance(stimulus, Spikes):
                    spikes += train
                    continue
                pulses += train
                if isinstance(stimulus, Pairing):
                    spikes += [t + stimulus.spike_delay for t in train] if stimulus.spike_delay is not None else []
                elif isinstance(stimulus, (Train, ThetaBurst)) and stimulus.spike_interval:
                    every = stimulus.spike_interval
                    spikes += [t + stimulus.spike_delay for t in train[every - 1 :: every]]
    return pulses, spikes


@dataclass(frozen=True)
class _Bar:
    """A drug's window (s) and name."""

    begin: float
    stop: float
    label: str


def _drug_bars(protocol: Protocol, start: float, end: float) -> list[_Bar]:
    bars = []
    for use in protocol.perturbations:
        begin = start if use.start is None else max(use.start, start)
        stop = end if use.end is None else min(use.end, end)
        if (use.start is not None or use.end is not None) and stop > begin:
            dose = f" {written(use.dose, 'concentration')}" if use.dose is not None else ""
            name = use.name or ", ".join(f"{n} = {v:g}" for n, v in use.set.items())
            bars.append(_Bar(begin, stop, textwrap.shorten(f"{name}{dose}", 60, placeholder=" ...")))
    return bars


def _draw_bar(axis: Axes, bar: _Bar, height: float, start: float, end: float) -> None:
    """A bar with its name below, from where it begins, or to where it ends if the name would leave the panel."""
    top = axis.get_xaxis_transform()
    axis.plot([bar.begin / 60, bar.stop / 60], [height, height], color=_GREY, linewidth=3, transform=top, solid_capstyle="butt")
    fits = bar.begin + _LETTER * len(bar.label) * (end - start) < end
    x, side = (bar.begin, "left") if fits else (max(bar.stop, start + _LETTER * len(bar.label) * (end - start)), "right")
    axis.text(x / 60, height - 0.016, bar.label, fontsize=7, color=_GREY, va="top", ha=side, transform=top)


def _marks(axis: Axes, panel: _Panel, protocol: Protocol, start: float, end: float, bars: Sequence[_Bar]) -> None:
    """Stimuli along the top of the axis, drug windows as bars below them."""
    top = axis.get_xaxis_transform()
    if panel.time == "stimulus" and protocol.stimuli:
        pulses, spikes = (sum((pulse_times(s)[k] for s in protocol.stimuli), []) for k in (0, 1))
        released = "uncaging" if all(isinstance(s, Uncaging) for s in protocol.stimuli) else "glutamate"
        for times, height, colour, name in ((pulses, 0.975, "black", released), (spikes, 0.93, _GREY, "spikes")):
            inside = [t for t in times if start <= t <= end]
            if inside:
                axis.vlines(inside, height - 0.018, height + 0.018, color=colour, linewidth=0.6, transform=top)
                axis.text(
                    min(inside) - 0.012 * (end - start),
                    height,
                    name,
                    fontsize=6.5,
                    color=colour,
                    va="center",
                    ha="right",
                    transform=top,
                )
        for s in protocol.stimuli:
            if isinstance(s, Calcium):
                for begin in s.starts():
                    for i in range(s.pulses):
                        t = begin + i / s.frequency
                        axis.plot([t, t + s.length], [0.97, 0.97], color="black", linewidth=3, transform=top, solid_capstyle="butt")
        return
    if panel.time == "logarithmic":
        onset = _onset(protocol)
        spans = [(b - onset, b - onset + s.span) for s in protocol.stimuli for b in s.starts()]
        for begin, stop in spans:
            axis.plot(
                [max(begin, _FIRST_MOMENT), max(stop, _FIRST_MOMENT * 1.1)], [0.97, 0.97], color="black", linewidth=3,
                transform=top, solid_capstyle="butt",
            )  # fmt: skip
        if spans:
            axis.text(max(spans[0][0], _FIRST_MOMENT), 0.94, " stimulus", fontsize=6.5, va="top", transform=top)
        return
    width = end - start
    for s in protocol.stimuli:
        for begin in s.starts():
            if s.span > 0.01 * width:
                axis.plot(
                    [begin / 60, (begin + s.span) / 60],
                    [0.97, 0.97],
                    color="black",
                    linewidth=3,
                    transform=top,
                    solid_capstyle="butt",
                )
            else:
                axis.plot([begin / 60], [0.97], marker="v", markersize=5, color="black", transform=top, clip_on=False)
    for i, bar in enumerate(bars):
        _draw_bar(axis, bar, 0.91 - _BAR * i, start, end)


# -- experiments -----------------------------------------------------------------------


def points_of(experiment: Experiment) -> dict[str, Points]:
    """Measured values that are a variable at a time, by variable, in the variable's unit."""
    who = experiment.source.short
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row in experiment.rows:
        r = row.readout
        if r.get("kind") == "value" and row.rule == "within" and "scan" not in r:
            scale = r.get("scale", 1.0)
            point = (parse(r["at"], "time", "at"), row.measured / scale, (row.error or 0.0) / scale)
            found.setdefault(r["variable"], []).append(point)
    return {n: Points(f"measured, {who}", *map(list, zip(*sorted(p), strict=True))) for n, p in found.items()}


def plot_experiment(experiment: Experiment, runs: Mapping[str, list[Trajectory]], results: Sequence[Result]) -> Figure:
    """Draw an experiment: its runs with the measured points on them, and every row beside its measurement.

    Parameters
    ----------
    experiment : Experiment
    runs : dict of str to list of Trajectory
        By condition, as `ltpath.experiment.run_experiment` gives them.
    results : sequence of Result
        One a row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    views = _views(experiment, runs)
    tallest = max(1, len(views))
    height = max(3.0 * tallest, 0.42 * len(results) + 1.4)
    figure = _Shown(figsize=(10.5, height + 0.4), dpi=_DOTS_PER_INCH, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[union-attr]
    left, right = figure.subfigures(1, 2, width_ratios=(1.05, 1))
    axes = left.subplots(tallest, 1, squeeze=False).ravel()
    if not views:
        axes[0].set_axis_off()
    for axis, (variable, conditions) in zip(axes, views, strict=False):
        if any(len(runs[c]) > 1 for c in conditions):
            _draw_scan(axis, variable, conditions, runs, experiment)
        else:
            _draw_traces(axis, variable, conditions, runs, experiment)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    _draw_rows(right.subplots(1, 1), experiment, results)
    doi = f", doi:{results[0].doi}" if results and results[0].doi else ""
    cited = f" ({results[0].citation}{doi})" if results else ""
    figure.suptitle(f"{experiment.title}{cited}", fontsize=10)
    return figure


def _readings(readout: Mapping[str, Any], default: str) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    """(condition, variable, readout) of everything a readout looks at."""
    for part in ("of", "over"):
        if isinstance(readout.get(part), Mapping):
            yield from _readings(readout[part], default)
    if "variable" in readout:
        condition = readout.get("condition", default)
        for name in (condition, *readout.get("parts", ())):
            yield name, readout["variable"], readout


def _views(experiment: Experiment, runs: Mapping[str, list[Trajectory]]) -> list[tuple[str, list[str]]]:
    """Variables to draw with the conditions that are read there; scans and time courses apart."""
    found: dict[tuple[str, bool], list[str]] = {}
    default = next(iter(runs), "")
    for row in experiment.rows:
        for condition, variable, _ in _readings(row.readout, default):
            if condition in runs and variable in runs[condition][0]:
                names = found.setdefault((variable, len(runs[condition]) > 1), [])
                if condition not in names:
                    names.append(condition)
    return [(variable, names) for (variable, _), names in found.items()][:4]


def _axis_label(run: Trajectory, variable: str) -> str:
    meaning, unit = run[variable].attrs.get("long_name", variable), run[variable].attrs.get("units", "1")
    text = f"{meaning} ({unit})" if unit != "1" else meaning
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 34:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def _draw_scan(
    axis: Axes, variable: str, conditions: Sequence[str], runs: Mapping[str, list[Trajectory]], experiment: Experiment
) -> None:
    default = next(iter(runs))
    moments = {}
    for row in experiment.rows:
        for condition, name, readout in _readings(row.readout, default):
            if name == variable and "at" in readout:
                moments.setdefault(condition, readout["at"])
    for i, condition in enumerate(conditions):
        moment = parse(moments[condition], "time", "at") if condition in moments else None
        doses = [r.attrs["scan"] for r in runs[condition]]
        values = [
            float(np.interp(moment, r["time"].values, r[variable].values))
            if moment is not None
            else float(r[variable].values.max())
            for r in runs[condition]
        ]
        axis.plot(
            doses, values, "o-", markersize=3, color=_COLOURS[i % len(_COLOURS)], linewidth=1.4, label=condition.replace("_", " ")
        )
        if min(doses) > 0 and max(doses) / min(doses) > 20:
            axis.set_xscale("log")
    for row in experiment.rows:
        r = row.readout
        if r.get("kind") == "half_dose" and r["variable"] == variable and r.get("condition", default) in conditions:
            scale = r.get("scale", 1.0)
            colour = _COLOURS[conditions.index(r.get("condition", default)) % len(_COLOURS)]
            axis.axvline(
                row.measured / scale, color=colour, linestyle=":", linewidth=1, label=f"measured half-maximal: {row.quantity}"
            )
            if row.error:
                axis.axvspan(
                    (row.measured - row.error) / scale, (row.measured + row.error) / scale, color=colour, alpha=0.12, linewidth=0
                )
        elif r.get("kind") == "value" and r["variable"] == variable and "scan" in r:
            scale = r.get("scale", 1.0)
            axis.errorbar(
                [r["scan"]], [row.measured / scale], [(row.error or 0.0) / scale], fmt="o", color="black", markerfacecolor="white"
            )
    scan = next((c["scan"] for c in (experiment.conditions[n] for n in conditions) if "scan" in c), {})
    what = scan.get("parameter") or scan.get("stimulus", "dose")
    unit = {"concentration": " (uM)", "time": " (s)", "frequency": " (Hz)", "voltage": " (mV)"}.get(scan.get("kind", ""), "")
    if "parameter" in scan:
        unit = ""
    axis.set_xlabel(f"{what.replace('_', ' ')}{unit}")
    axis.set_ylabel(_axis_label(runs[conditions[0]][0], variable), fontsize=9)
    axis.set_ylim(bottom=min(0, axis.get_ylim()[0]))
    axis.legend(frameon=False, fontsize=7, loc="best")


def _draw_traces(
    axis: Axes, variable: str, conditions: Sequence[str], runs: Mapping[str, list[Trajectory]], experiment: Experiment
) -> None:
    start, end = _looked_at(variable, conditions, runs, experiment)
    scale, unit = (3600.0, "h") if end - start > 36000 else (60.0, "min") if end - start > 300 else (1.0, "s")
    for i, condition in enumerate(conditions):
        run = runs[condition][0]
        times = run["time"].values
        inside = np.flatnonzero((times >= start) & (times <= end))
        axis.plot(
            times[inside] / scale, run[variable].values[inside], color=_COLOURS[i % len(_COLOURS)], linestyle=_DASHES[i % len(_DASHES)],
            linewidth=1.5, label=f"simulated, {condition.replace('_', ' ')}",
        )  # fmt: skip
    default = next(iter(runs))
    for row in experiment.rows:
        r = row.readout
        condition = r.get("condition", default)
        if (
            r.get("kind") not in ("value", "change", "window")
            or r.get("variable") != variable
            or condition not in conditions
            or "scan" in r
        ):
            continue
        run = runs[condition][0]
        times = run["time"].values
        base = float(run[variable].values[times < 0][-1]) if r["kind"] == "change" else r.get("baseline", 0.0)
        factor = r.get("scale", 1.0)
        low, high = row.error or 0.0, row.error or 0.0
        if row.rule == "range":
            low, high = row.measured - (row.low or 0.0), (row.high or 0.0) - row.measured
        marker = {"at most": "v", "at least": "^"}.get(row.rule, "o")
        axis.errorbar(
            [parse(r["at"], "time", "at") / scale], [base + row.measured / factor], [[low / factor], [high / factor]], fmt=marker,
            color=_COLOURS[conditions.index(condition) % len(_COLOURS)], markerfacecolor="white", markersize=5, capsize=2, linewidth=1,
            zorder=5,
        )  # fmt: skip
    axis.set_xlim(start / scale, end / scale)
    axis.set_xlabel(f"time ({unit})")
    axis.set_ylabel(_axis_label(runs[conditions[0]][0], variable), fontsize=9)
    if len(conditions) > 1:
        axis.legend(frameon=False, fontsize=7, loc="best")


def _looked_at(
    variable: str, conditions: Sequence[str], runs: Mapping[str, list[Trajectory]], experiment: Experiment
) -> tuple[float, float]:
    """The part of the time course that the rows read."""
    run = runs[conditions[0]][0]
    moments = []
    for row in experiment.rows:
        for condition, name, readout in _readings(row.readout, next(iter(runs))):
            if name == variable and condition in conditions:
                given = [parse(readout[k], "time", k) for k in ("at", "start", "end", "until", "after") if k in readout]
                moments.append(sum(given) if "after" in readout else max(given, default=0.0))
    last = max(moments, default=0.0)
    if last <= 0:
        start, end = _window(_CALCIUM, run, _protocol(run))
        # A peak that comes after the stimulus is what the row reads.
        last = max(float(runs[c][0]["time"][int(runs[c][0][variable].argmax())]) for c in conditions)
        if last <= end:
            return start, end
    longest = max(float(runs[c][0]["time"].values[-1]) for c in conditions)
    # Room for the whole mark of what is read at the very end.
    return -0.08 * last, max(min(1.15 * last, longest), 1.03 * last)


def _draw_rows(axis: Axes, experiment: Experiment, results: Sequence[Result]) -> None:
    """Simulated over measured, row by row, with what would pass."""
    axis.axvline(1.0, color=_GREY, linewidth=0.8, linestyle=":")
    edge = 2.0
    for y, (row, result) in enumerate(zip(experiment.rows, results, strict=True)):
        if not row.measured:
            continue
        if row.rule == "within" and row.error:
            band = (1 - 2 * row.error / abs(row.measured), 1 + 2 * row.error / abs(row.measured))
        elif row.rule == "range":
            band = ((row.low or 0.0) / row.measured, (row.high or 0.0) / row.measured)
        else:
            band = (-9.0, 1.0) if row.rule == "at most" else (1.0, 9.0)
        axis.barh(y, band[1] - band[0], left=band[0], height=0.5, color="#BBBBBB", alpha=0.6, linewidth=0)
        ratio = result.simulated / row.measured
        colour = _COLOURS[0] if result.passed else _COLOURS[1]
        shown = min(max(ratio, 0.0), edge) if math.isfinite(ratio) else edge
        axis.plot(
            [shown],
            [y],
            "o" if shown == ratio else ">" if shown == edge else "<",
            color=colour,
            markersize=6,
            clip_on=False,
            zorder=4,
        )
    axis.set_yticks(range(len(results)))
    axis.set_yticklabels([_wrapped(r) for r in results], fontsize=7.5)
    axis.set_xlim(0, edge)
    axis.set_ylim(len(results) - 0.4, -0.6)
    axis.set_xlabel("simulated / measured\n(grey: passes; orange: miss)")
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(axis="x", labelsize=8)


def _wrapped(result: Result) -> str:
    unit = f" {result.unit}" if result.unit not in ("", "1") else ""
    return f"{result.quantity} [{result.use}]\n{result.simulated:.3g} against {result.measured:g}{unit}"
