"""How a number is read from a trajectory, as an experimenter reads it from a trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.optimize import least_squares

from ltpath.simulation import Trajectory
from ltpath.units import parse


def _trace(run: Trajectory, variable: str) -> tuple[np.ndarray, np.ndarray]:
    return run["time"].values, run[variable].values


def value(runs: Sequence[Trajectory], variable: str, at: str, scale: float = 1.0, scan: float | None = None) -> float:
    """A variable at a time, interpolated."""
    run = runs[0] if scan is None else next(r for r in runs if math.isclose(r.attrs["scan"], scan))
    times, trace = _trace(run, variable)
    return scale * float(np.interp(parse(at, "time", "at"), times, trace))


def window(
    runs: Sequence[Trajectory],
    variable: str,
    at: str,
    start: str,
    end: str,
    step: str,
    operation: str,
    baseline: float = 0.0,
    scale: float = 1.0,
) -> float:
    """The min, max, mean or sdev of samples from `start` to `end` around a time, less a baseline."""
    times, trace = _trace(runs[0], variable)
    first, last, every = (parse(t, "time", n) for t, n in ((start, "start"), (end, "end"), (step, "step")))
    moments = parse(at, "time", "at") + first + every * np.arange(round((last - first) / every) + 1)
    reduce = {"min": np.min, "max": np.max, "mean": np.mean, "sdev": np.std}[operation]
    return scale * float(reduce(np.interp(moments, times, trace)) - baseline)


def change(runs: Sequence[Trajectory], variable: str, at: str, scale: float = 1.0) -> float:
    """A variable at a time minus its value just before time 0."""
    times, trace = _trace(runs[0], variable)
    return scale * float(np.interp(parse(at, "time", "at"), times, trace) - trace[times < 0][-1])


def peak(runs: Sequence[Trajectory], variable: str, scale: float = 1.0, until: str | None = None) -> float:
    """The largest rise over the value before time 0."""
    times, trace = _trace(runs[0], variable)
    inside = times >= 0 if until is None else (times >= 0) & (times <= parse(until, "time", "until"))
    return scale * float(trace[inside].max() - trace[times < 0][-1])


def decay(runs: Sequence[Trajectory], variable: str, start: str | None = None, scale: float = 1.0) -> float:
    """Time from the peak (or from `start`) until 1/e of the rise is left, s times `scale`."""
    times, trace = _trace(runs[0], variable)
    rise = trace - trace[times < 0][-1]
    first = int(np.argmax(rise)) if start is None else int(np.searchsorted(times, parse(start, "time", "start")))
    below = np.flatnonzero(rise[first:] < rise[first] / math.e)
    if len(below) == 0:
        return math.inf
    j = first + int(below[0])
    share = (rise[j - 1] - rise[first] / math.e) / (rise[j - 1] - rise[j])
    return scale * float(times[j - 1] + share * (times[j] - times[j - 1]) - times[first])


def rise(runs: Sequence[Trajectory], variable: str, scale: float = 1.0) -> float:
    """Time from 10 to 90 % of the largest rise over the value before time 0, s times `scale`, between samples by straight lines."""
    times, trace = _trace(runs[0], variable)
    share = trace - trace[times < 0][-1]
    top = int(np.argmax(share))
    share = share[: top + 1] / share[top]

    def crossing(level: float) -> float:
        j = int(np.flatnonzero(share < level)[-1])
        return times[j] + (level - share[j]) / (share[j + 1] - share[j]) * (times[j + 1] - times[j])

    return scale * float(crossing(0.9) - crossing(0.1))


def remaining(runs: Sequence[Trajectory], variable: str, start: str, after: str, plateau: Sequence[str] | None = None) -> float:
    """Fraction of the rise at `start`, or of its mean between the two times of `plateau`, that is left `after` later than `start`."""
    times, trace = _trace(runs[0], variable)
    begin = parse(start, "time", "start")
    rise = trace - trace[times < 0][-1]
    if plateau is None:
        reference = np.interp(begin, times, rise)
    else:
        ends = [parse(t, "time", "plateau") for t in plateau]
        within = np.concatenate([ends[:1], times[(times > ends[0]) & (times < ends[1])], ends[1:]])
        reference = np.trapezoid(np.interp(within, times, rise), within) / (ends[1] - ends[0])
    return float(np.interp(begin + parse(after, "time", "after"), times, rise) / reference)


def rate(runs: Sequence[Trajectory], variable: str, start: str, end: str) -> float:
    """First-order rate of decay towards 0 between two times, 1/s."""
    times, trace = _trace(runs[0], variable)
    a, b = parse(start, "time", "start"), parse(end, "time", "end")
    y = np.interp([a, b], times, trace)
    return float(math.log(y[0] / y[1]) / (b - a))


def lowest(runs: Sequence[Trajectory], variable: str, at: str, scale: float = 1.0) -> float:
    """The smallest value of a variable at a time, over a scan."""
    return min(value([r], variable, at, scale) for r in runs)


def _hill(runs: Sequence[Trajectory], variable: str, at: str) -> tuple[float, float, float]:
    doses = np.array([r.attrs["scan"] for r in runs])
    return hill_fit(doses, np.array([value([r], variable, at) for r in runs]))


def hill_fit(doses: np.ndarray, response: np.ndarray) -> tuple[float, float, float]:
    """Half-maximal dose, Hill coefficient, and the curve's top over the largest response; NaN without a response."""
    top = response.max()
    if top <= 0:
        return math.nan, math.nan, math.nan

    def misfit(p: np.ndarray) -> np.ndarray:
        return p[2] / (1 + np.exp(-np.exp(p[1]) * (np.log(doses) - p[0]))) - response / top

    start = [math.log(float(np.interp(0.5 * top, np.maximum.accumulate(response), doses))), 1.0, 1.0]
    found = least_squares(misfit, start).x
    return math.exp(found[0]), math.exp(found[1]), float(found[2])


def half_dose(runs: Sequence[Trajectory], variable: str, at: str, scale: float = 1.0) -> float:
    """Half-maximal dose of a Hill fit to a scan."""
    return scale * _hill(runs, variable, at)[0]


def hill_coefficient(runs: Sequence[Trajectory], variable: str, at: str) -> float:
    """Hill coefficient of a Hill fit to a scan."""
    return _hill(runs, variable, at)[1]


def supralinearity(
    runs: Sequence[Trajectory], variable: str, parts: Sequence[str], others: Mapping[str, Sequence[Trajectory]]
) -> float:
    """Peak of a combined stimulus over the sum of the peaks of its parts."""
    return peak(runs, variable) / sum(peak(others[part], variable) for part in parts)


READOUTS: dict[str, Callable[..., float]] = {
    "value": value,
    "window": window,
    "change": change,
    "peak": peak,
    "decay": decay,
    "rise": rise,
    "remaining": remaining,
    "rate": rate,
    "lowest": lowest,
    "half_dose": half_dose,
    "hill_coefficient": hill_coefficient,
    "supralinearity": supralinearity,
}
