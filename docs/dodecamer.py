"""Ensembles of the full dodecamer, for docs/camkii_full.md and docs/camkii_full.png: `make dodecamer`.

Each run is a line of docs/camkii_full.csv as soon as it is done; runs that are there are not repeated.
Delete the file to begin anew.
"""

from __future__ import annotations

import csv
import re
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import ORDYAN, calcium_binds_calmodulin
from ltpath.pathways.calmodulin_on_camkii import ORDYAN_LOBES
from ltpath.pathways.camkii_holoenzyme import PURIFIED, SPINE, Kinetics, calmodulin_activates_camkii
from ltpath.pathways.glun2b import SPINE as GLUN2B
from ltpath.pathways.molecules import CALMODULIN
from ltpath.pathways.places import spine
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import ltpath
from ltpath.catalogue import load
from ltpath.expansion import ReactionNetwork, expand, unexpanded
from ltpath.network import Network
from ltpath.plotting import save
from ltpath.protocol import Calcium, Protocol
from ltpath.readouts import hill_fit

FOLDER = Path(__file__).parent
PAGE, PICTURE, RUNS = FOLDER / "camkii_full.md", FOLDER / "camkii_full.png", FOLDER / "camkii_full.csv"
BLOCK = re.compile(r"(?<=<!-- dodecamer -->\n).*?(?=<!-- /dodecamer -->)", re.DOTALL)
REST = 0.06
PER_FL_UM = 602.214076
COLUMNS = {
    "activity": "camkii_activity_A",
    "pT286": "pT286_fraction_A",
    "open": "camkii_open_fraction_A",
    "bound": "camkii_bound_A",
}


@cache
def full() -> ReactionNetwork:
    """The catalogue's model: calcium is followed at every calmodulin."""
    return load("camkii_dodecamer_full").network


@cache
def in_equilibrium(kinetics: Kinetics, glun2b: bool) -> ReactionNetwork:
    """The same with the lobes of free calmodulin in equilibrium, for calcium that is held for long."""
    net, A = Network("camkii_dodecamer_in_equilibrium"), spine("A")
    calcium_is_held(net, A)
    (CaM,) = net.monomers(A, CALMODULIN)
    net.initial(A, CaM(C="ca0", N="ca0", target=None), net.parameter("calmodulin_total", ORDYAN.total))
    calmodulin_activates_camkii(
        net, A, kinetics, subunits=6, stacked=True, lobes=ORDYAN_LOBES, lobes_in_equilibrium=True, glun2b=GLUN2B if glun2b else None
    )
    return unexpanded(net)


@dataclass(frozen=True)
class Condition:
    """What an ensemble of runs shares.

    Attributes
    ----------
    steps : tuple of (s, uM)
        From when on calcium is held at a level; before time 0 there is none.
    kinase, calmodulin : float
        Totals, uM. The volume is what `dodecamers` need, and other totals the nearest whole number in it.
    seeds : int
        How many runs.
    """

    name: str
    network: Callable[[], ReactionNetwork]
    steps: tuple[tuple[float, float], ...]
    times: tuple[float, ...]
    seeds: int
    dodecamers: int
    kinase: float = 70.0
    calmodulin: float = 30.0
    glun2b: float = 0.0
    parameters: dict[str, float] = field(default_factory=dict)
    perturbations: tuple[str, ...] = ()

    def protocol(self) -> Protocol:
        end = self.times[-1]
        ends = [*(at for at, _ in self.steps[1:]), end + 1.0]
        held = [Calcium(at=at, amplitude=level, length=to - at) for (at, level), to in zip(self.steps, ends, strict=True)]
        return Protocol(title=self.name, duration=end, stimuli=tuple(held))

    def run(self, seed: int) -> dict[str, np.ndarray]:
        subunits = 12 * self.dodecamers
        per_uM = subunits / self.kinase
        parameters = {
            "volume_spine": per_uM / PER_FL_UM,
            "camkii_total": self.kinase,
            "calmodulin_total": round(self.calmodulin * per_uM) / per_uM,
            "calcium_rest": 0.0,
        }
        if "glun2b_total" in self.network().parameters:
            parameters["glun2b_total"] = round(self.glun2b * per_uM) / per_uM
        found = ltpath.simulate(
            self.network(),
            self.protocol(),
            parameters=parameters | self.parameters,
            perturbations=self.perturbations,
            times=self.times,
            engine="nfsim",
            seed=seed,
        )
        columns = {name: found[column].values / (subunits if name == "bound" else 1) for name, column in COLUMNS.items()}
        sites = round(self.glun2b * per_uM)
        columns["GluN2B"] = found["camkii_on_GluN2B_A"].values / sites if sites else np.zeros(len(self.times))
        return columns


EQUAL = {f"camkii_lobes_{name}": 1.0 for name in vars(ORDYAN_LOBES) if name.startswith("T286")}
"""Every loaded state of calmodulin makes as good a substrate."""
PULSE = ((0.0, 4.0), (0.1, REST))
AFTER_PULSE = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
LONG = ((0.0, 4.0), (5.0, REST))
AFTER_LONG = (1.0, 2.0, 5.0, 7.0, 10.0, 20.0, 35.0, 65.0, 125.0, 305.0, 605.0, 1205.0, 1805.0, 2705.0, 3605.0)
HOUR = AFTER_LONG[-1]
HELD = (0.6, 1.0, 2.0, 5.0)
TIMES_HELD = (1.0, 10.0, 60.0)
WITHOUT_PP1 = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1.0)
WITH_PP1 = (0.5, 0.6, 0.7, 0.8, 1.0, 1.5)
END_PP1 = 600.0

PULSES = [
    Condition("pulse", full, PULSE, AFTER_PULSE, 6, 20, glun2b=1.0),
    Condition("pulse, T286A", full, PULSE, AFTER_PULSE, 6, 20, glun2b=1.0, perturbations=("t286a",)),
    Condition("pulse, all loaded calmodulin alike", full, PULSE, AFTER_PULSE, 6, 20, glun2b=1.0, parameters=EQUAL),
]
SWITCH = [
    Condition(f"tube {x:g} uM", lambda: in_equilibrium(PURIFIED, False), ((0.0, x),), (1.0, 10.0), 4, 5, 0.2, 50.0)
    for x in WITHOUT_PP1
]
HOURS = [
    Condition("hour", lambda: in_equilibrium(SPINE, True), LONG, AFTER_LONG, 3, 10, glun2b=10.0),
    Condition("hour, T286A", lambda: in_equilibrium(SPINE, True), LONG, AFTER_LONG, 3, 10, glun2b=10.0, perturbations=("t286a",)),
    Condition("hour, no GluN2B", lambda: in_equilibrium(SPINE, True), LONG, AFTER_LONG, 3, 10),
]
SPINES = [Condition(f"held {x:g} uM", lambda: in_equilibrium(SPINE, False), ((0.0, x),), TIMES_HELD, 3, 10) for x in HELD]
WITH_PHOSPHATASE = [
    Condition(
        f"tube with PP1 {x:g} uM", lambda: in_equilibrium(PURIFIED, False), ((0.0, x),), (60.0, 300.0, END_PP1), 2, 5, 1.0, 5.0,
        parameters={"camkii_pp1": 1.25},
    )
    for x in WITH_PP1
]  # fmt: skip
CONDITIONS = [*PULSES, *SWITCH, *HOURS, *SPINES, *WITH_PHOSPHATASE]
NAMES = [*COLUMNS, "GluN2B"]


def recorded() -> dict[tuple[str, int], dict[str, np.ndarray]]:
    """Runs that are done, by condition and seed."""
    rows: dict[tuple[str, int], list[list[float]]] = {}
    if RUNS.exists():
        with RUNS.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows.setdefault((row["condition"], int(row["seed"])), []).append([float(row[name]) for name in NAMES])
    return {key: dict(zip(NAMES, np.array(values).T, strict=True)) for key, values in rows.items()}


def run_missing(conditions: Iterable[Condition]) -> None:
    done = recorded()
    if not RUNS.exists():
        RUNS.write_text(",".join(["condition", "seed", "time_s", *NAMES]) + "\n", encoding="utf-8")
    missing = [(seed, condition) for condition in conditions for seed in range(condition.seeds)]
    # The first seed of every condition first, so that an interrupted run has some of each.
    for seed, condition in sorted(missing, key=lambda run: run[0]):
        if (condition.name, seed) in done:
            continue
        began = time.process_time()
        found = condition.run(seed)
        rows = zip(condition.times, *(found[name] for name in NAMES), strict=True)
        lines = [f'"{condition.name}",{seed},' + ",".join(f"{value:.6g}" for value in row) for row in rows]
        with RUNS.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        print(f"{condition.name}, seed {seed}: {time.process_time() - began:.1f} CPU s", flush=True)


# -- what the runs are compared with: differential equations ---------------------------------------------


def _solved(network: ReactionNetwork, condition: Condition, names: dict[str, str], **parameters: float) -> dict[str, np.ndarray]:
    found = ltpath.simulate(network, condition.protocol(), parameters=condition.parameters | parameters, times=condition.times)
    return {name: found[column].values for name, column in names.items()}


def reduced(condition: Condition) -> dict[str, np.ndarray]:
    """The exact network in which only calmodulin with four calcium binds: hexamers in the spine, rings of four in the tube."""
    if condition in [*SWITCH, *WITH_PHOSPHATASE]:
        totals = {"camkii_total": condition.kinase, "calmodulin_total": condition.calmodulin}
        return _solved(load("camkii").network, condition, {"pT286": "pT286_fraction"}, calcium_rest=0.0, **totals)
    names = {name: column for name, column in COLUMNS.items() if name != "bound"}
    return _solved(load("camkii_hexamer_k5").network, condition, names | {"bound": "camkii_bound_A"}, calcium_rest=0.0)


@cache
def without_neighbours() -> ReactionNetwork:
    """Single subunits with both lobes and GluN2B: all that T286A needs, exactly."""
    net, A = Network("camkii_subunit"), spine("A")
    calcium_is_held(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=1, lobes=ORDYAN_LOBES, glun2b=GLUN2B)
    return expand(net)


def exact_t286a(condition: Condition) -> dict[str, np.ndarray]:
    """T286A: no subunit changes its neighbour, so single subunits are exact."""
    found = _solved(
        without_neighbours(), condition, COLUMNS | {"GluN2B": "camkii_on_GluN2B_A"}, calcium_rest=0.0, glun2b_total=condition.glun2b
    )
    per_uM = without_neighbours().parameters["volume_spine"] * PER_FL_UM
    return found | {"bound": found["bound"] / (70.0 * per_uM), "GluN2B": found["GluN2B"] / (condition.glun2b * per_uM)}


# -- tables and picture ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ensemble:
    """Runs of a condition: `values[name]` has the shape (runs, times)."""

    condition: Condition
    values: dict[str, np.ndarray]

    @property
    def runs(self) -> int:
        return len(next(iter(self.values.values())))

    def mean(self, name: str) -> np.ndarray:
        return self.values[name].mean(axis=0)

    def error(self, name: str) -> np.ndarray:
        return (
            self.values[name].std(axis=0, ddof=1) / np.sqrt(self.runs)
            if self.runs > 1
            else np.full(self.values[name].shape[1], np.nan)
        )

    def at(self, name: str, moment: float) -> str:
        """Mean and its standard error."""
        i = int(np.argmin(np.abs(np.array(self.condition.times) - moment)))
        return _written(self.mean(name)[i], self.error(name)[i])


def _written(value: float, error: float) -> str:
    return f"{value:.3f} ± {error:.3f}" if np.isfinite(error) else f"{value:.3f} (one run)"


def ensemble(condition: Condition) -> Ensemble:
    done = recorded()
    runs = [done[condition.name, seed] for seed in range(condition.seeds) if (condition.name, seed) in done]
    return Ensemble(condition, {name: np.array([run[name] for run in runs]) for name in NAMES})


def fall(times: np.ndarray, values: np.ndarray) -> float:
    """Time from the end of the pulse at which a course has fallen to 1/e of its peak, s; NaN if it has not."""
    peak = int(values.argmax())
    low = np.flatnonzero(values[peak:] <= values[peak] / np.e)
    if not len(low):
        return np.nan
    i = peak + low[0]
    return float(np.interp(-values[peak] / np.e, -values[i - 1 : i + 1], times[i - 1 : i + 1])) - 0.1


def resampled(of: Ensemble, statistic: Callable[[dict[str, np.ndarray]], float], draws: int = 200) -> float:
    """Standard error of a statistic of mean courses, by drawing runs with replacement."""
    random = np.random.default_rng(1)
    picks = random.integers(of.runs, size=(draws, of.runs))
    found = np.array([statistic({name: values[pick].mean(axis=0) for name, values in of.values.items()}) for pick in picks])
    return float(np.nanstd(found, ddof=1))


def hill_row(label: str, conditions: list[Condition], measured: str) -> str:
    """Hill fits of pT286 against held calcium, of the ensembles and of the reduced model at the same levels."""
    found = [e for e in map(ensemble, conditions) if e.runs]
    if len(found) < 5:
        return f"| {label} | not run | | | {measured} |"
    levels = np.array([e.condition.steps[0][1] for e in found])
    half, coefficient, _ = hill_fit(levels, np.array([e.mean("pT286")[-1] for e in found]))
    random = np.random.default_rng(1)
    drawn = [[e.values["pT286"][random.integers(e.runs, size=e.runs), -1].mean() for e in found] for _ in range(200)]
    spread = np.std([hill_fit(levels, np.array(curve))[:2] for curve in drawn], axis=0, ddof=1)
    other = hill_fit(levels, np.array([reduced(e.condition)["pT286"][-1] for e in found]))
    runs = sum(e.runs for e in found)
    return (
        f"| {label} ({runs} runs) | {half:.2f} ± {spread[0]:.2f} uM | {coefficient:.1f} ± {spread[1]:.1f} "
        f"| {other[0]:.2f} uM, {other[1]:.1f} | {measured} |"
    )


def pulse_row(label: str, of: Ensemble) -> str:
    times, cells = np.array(of.condition.times), [f"{label} ({of.runs} runs)"]
    for name in ("open", "bound"):
        cells += [
            _written(float(of.mean(name).max()), resampled(of, lambda mean, name=name: float(mean[name].max()))),
            f"{fall(times, of.mean(name)):.2f} ± {resampled(of, lambda mean, name=name: fall(times, mean[name])):.2f} s",
        ]
    return "| " + " | ".join(cells) + " |"


def solved_pulse_row(label: str, found: dict[str, np.ndarray]) -> str:
    times, cells = np.array(AFTER_PULSE), [label]
    for name in ("open", "bound"):
        cells += [f"{found[name].max():.3f}", f"{fall(times, found[name]):.2f} s"]
    return "| " + " | ".join(cells) + " |"


MOMENTS = {"5 s": 5.0, "1 min later": 65.0, "10 min": 605.0, "1 h": HOUR}


def hour_rows() -> list[str]:
    rows = []
    for condition in HOURS:
        of = ensemble(condition)
        if not of.runs:
            continue
        for name, what in (("open", "open"), ("activity", "activity"), ("pT286", "pT286"), ("GluN2B", "GluN2B occupied")):
            if name == "GluN2B" and not condition.glun2b:
                continue
            cells = [of.at(name, moment) for moment in MOMENTS.values()]
            rows.append(f"| {condition.name} ({of.runs} runs) | {what} | " + " | ".join(cells) + " |")
    condition = HOURS[1]
    found = exact_t286a(condition)
    where = [int(np.argmin(np.abs(np.array(condition.times) - moment))) for moment in MOMENTS.values()]
    for name, what in (("open", "open"), ("activity", "activity"), ("GluN2B", "GluN2B occupied")):
        rows.append(f"| hour, T286A, equations | {what} | " + " | ".join(f"{found[name][i]:.4f}" for i in where) + " |")
    return rows


def table() -> str:
    lines = ["| spine, calcium | time | activity, full | reduced | pT286, full | reduced |", "|---|---|---|---|---|---|"]
    for of in map(ensemble, SPINES):
        if of.runs:
            other = reduced(of.condition)
            for i, moment in enumerate(TIMES_HELD):
                lines.append(
                    f"| {of.condition.steps[0][1]:g} uM ({of.runs} runs) | {moment:g} s | {of.at('activity', moment)} "
                    f"| {other['activity'][i]:.3f} | {of.at('pT286', moment)} | {other['pT286'][i]:.3f} |"
                )
    lines += ["", "| pT286 against calcium, purified | half | Hill coefficient | reduced | measured |", "|---|---|---|---|---|"]
    lines.append(hill_row("no phosphatase, 10 s", SWITCH, "5"))
    lines.append(hill_row(f"1.25 uM PP1, {END_PP1:g} s", WITH_PHOSPHATASE, "8"))
    lines += ["", "| 4 uM for 0.1 s | open, peak | falls to 1/e in | bound, peak | falls to 1/e in |", "|---|---|---|---|---|"]
    lines += [pulse_row(c.name, e) for c in PULSES if (e := ensemble(c)).runs]
    lines.append(solved_pulse_row("reduced, equations", reduced(PULSES[0])))
    lines.append(solved_pulse_row("pulse, T286A, equations", exact_t286a(PULSES[1])))
    lines.append("| measured in spines (Chang 2019) |  | about 10 s |  | about 3 s |")
    lines += ["", "| 4 uM for 5 s, then 0.06 uM | | " + " | ".join(MOMENTS) + " |", "|---" * (2 + len(MOMENTS)) + "|", *hour_rows()]
    spine_kinetics = ", ".join(f"{name} {getattr(SPINE, name)}" for name in ("k_T286", "k_T306_return", "pp1"))
    return "\n".join([*lines, "", f"Fitted constants of the spine in these runs: {spine_kinetics}.", ""])


BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"


def _band(axis: Axes, of: Ensemble, name: str, colour: str, label: str, style: str = "-") -> None:
    times, mean, error = np.array(of.condition.times), of.mean(name), np.nan_to_num(of.error(name))
    axis.plot(times, mean, color=colour, linestyle=style, label=label)
    axis.fill_between(times, mean - error, mean + error, color=colour, alpha=0.2, linewidth=0)


def draw() -> Figure:
    """Pulses; the switch in the tube; the spine in held calcium; an hour with GluN2B. Bands and bars are standard errors."""
    figure = Figure(figsize=(9.4, 7.0), dpi=160, layout="constrained")
    (pulses, tube), (held, hours) = figure.subplots(2, 2)
    for condition, colour, label in zip(
        PULSES, (BLUE, ORANGE, GREEN), ("full", "T286A", "all loaded calmodulin alike"), strict=True
    ):
        if (of := ensemble(condition)).runs:
            _band(pulses, of, "open", colour, label)
    pulses.plot(AFTER_PULSE, reduced(PULSES[0])["open"], color=GREY, linestyle="--", label="reduced")
    pulses.plot(AFTER_PULSE, exact_t286a(PULSES[1])["open"], color="black", linestyle=":", label="T286A, equations")
    for conditions, colour, label in ((SWITCH, BLUE, "no PP1, 10 s"), (WITH_PHOSPHATASE, ORANGE, f"PP1, {END_PP1:g} s")):
        found = [e for e in map(ensemble, conditions) if e.runs]
        levels = [e.condition.steps[0][1] for e in found]
        if levels:
            tube.errorbar(
                levels, [e.mean("pT286")[-1] for e in found], [np.nan_to_num(e.error("pT286")[-1]) for e in found],
                color=colour, marker="o", markersize=4, label=label,
            )  # fmt: skip
        every = [c.steps[0][1] for c in conditions]
        tube.plot(every, [reduced(c)["pT286"][-1] for c in conditions], color=colour, linestyle="--", label=f"reduced, {label}")
    found = [e for e in map(ensemble, SPINES) if e.runs]
    for i, (moment, colour) in enumerate(zip(TIMES_HELD, (GREEN, BLUE, ORANGE), strict=True)):
        levels = [e.condition.steps[0][1] for e in found]
        held.errorbar(
            levels, [e.mean("pT286")[i] for e in found], [np.nan_to_num(e.error("pT286")[i]) for e in found],
            color=colour, marker="o", markersize=4, label=f"{moment:g} s",
        )  # fmt: skip
        held.plot(HELD, [reduced(c)["pT286"][i] for c in SPINES], color=colour, linestyle="--", label="reduced" if i == 2 else None)
    for condition, colour, label in zip(HOURS, (BLUE, ORANGE, GREY), ("GluN2B", "GluN2B, T286A", "no GluN2B"), strict=True):
        if (of := ensemble(condition)).runs:
            _band(hours, of, "open", colour, f"open, {label}")
            if condition.glun2b:
                _band(hours, of, "GluN2B", colour, f"occupied GluN2B, {label.removeprefix('GluN2B, ')}", ":")
    _label(pulses, "A  4 µM calcium for 0.1 s, spine", "time (s)", "open subunits (fraction)")
    _label(tube, "B  held calcium, purified", "calcium (µM)", "pT286 (fraction)")
    _label(held, "C  held calcium, spine", "calcium (µM)", "pT286 (fraction)")
    _label(hours, "D  4 µM calcium for 5 s, spine", "time (s)", "fraction")
    for axis, ticks in ((tube, (0.2, 0.3, 0.5, 0.7, 1.0, 1.5)), (held, HELD)):
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.minorticks_off()
    return figure


def _label(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, loc="left", fontsize=10)
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.set_xscale("log")
    axis.set_ylim(bottom=0.0)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8)


if __name__ == "__main__":
    # A model at rest without calcium has nothing to settle, and says of fractions of a molecule that they still change.
    warnings.simplefilter("ignore", UserWarning)
    run_missing(CONDITIONS)
    PAGE.write_text(BLOCK.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    save(draw(), PICTURE)
