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
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import ORDYAN, calcium_binds_calmodulin
from ltpath.pathways.calmodulin_on_camkii import NAMES as STATES
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
HELD = (1.0, 2.0)
TIMES_HELD = (1.0, 10.0, 60.0)
WITHOUT_PP1 = (0.7, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.5)
SCANNED = tuple(float(x) for x in np.geomspace(0.5, 4.0, 16))
PP1 = {"camkii_pp1": 1.25}
"""Of the balance with phosphatase, which is too slow for single molecules: by equations alone."""

PULSES = [
    Condition("pulse", full, PULSE, AFTER_PULSE, 12, 20, glun2b=1.0),
    Condition("pulse, T286A", full, PULSE, AFTER_PULSE, 12, 20, glun2b=1.0, perturbations=("t286a",)),
    Condition("pulse, all loaded calmodulin alike", full, PULSE, AFTER_PULSE, 12, 20, glun2b=1.0, parameters=EQUAL),
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
SPINES = [Condition(f"held {x:g} uM", lambda: in_equilibrium(SPINE, False), ((0.0, x),), TIMES_HELD, 4, 5) for x in HELD]
CONDITIONS = [*SPINES, *HOURS, *SWITCH, *PULSES]
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


def _solved(
    network: ReactionNetwork, condition: Condition, names: dict[str, str], parameters: dict[str, float]
) -> dict[str, np.ndarray]:
    found = ltpath.simulate(
        network, condition.protocol(), parameters=condition.parameters | {"calcium_rest": 0.0} | parameters, times=condition.times
    )
    return {name: found[column].values for name, column in names.items()}


def reduced(condition: Condition, lumped: bool = False) -> dict[str, np.ndarray]:
    """The exact network in which only calmodulin with four calcium binds: hexamers in the spine, rings of four in the tube.

    With `lumped`, its calmodulin stands for that in every state of its lobes. This is for the tube, where calmodulin is in
    excess: in a spine the kinase would take it faster than calcium can load its lobes.
    """
    tube = condition.name.startswith("tube")
    parameters = lumped_lobes(condition.steps[0][1]) if lumped else {}
    if tube:
        totals = {"camkii_total": condition.kinase, "calmodulin_total": condition.calmodulin}
        return _solved(load("camkii").network, condition, {"pT286": "pT286_fraction"}, parameters | totals)
    hexamers = load("camkii_hexamer_k5").network
    found = _solved(hexamers, condition, COLUMNS, parameters)
    return found | {
        "bound": found["bound"] / (hexamers.parameters["camkii_total"] * hexamers.parameters["volume_spine"] * PER_FL_UM)
    }


def lumped_lobes(calcium: float) -> dict[str, float]:
    """Constants with which the reduced model of purified kinase stands for the full one in held calcium, uM.

    The lobes of calmodulin on the kinase are taken to be in equilibrium with calcium too, so that the nine
    states act as one whose rates are their averages.
    """
    free_Kd = {
        site: getattr(ORDYAN, f"k_off_{site}").value
        / (getattr(ORDYAN, f"k_on_{site}").value * getattr(ORDYAN, f"affinity_{site[0]}").value)
        for site in ("C1", "C2", "N1", "N2")
    }
    k, lobes = PURIFIED, ORDYAN_LOBES
    bound_Kd = {"C1": lobes.Kd_C1_bound, "C2": lobes.Kd_C2_bound, "N1": k.Kd_N1_bound, "N2": k.Kd_N2_bound}
    bound_Kd = {site: Kd.value for site, Kd in bound_Kd.items()}
    poor, whole = k.trapping_poor.value, k.trapping_full.value
    trapped_Kd = bound_Kd | {"N2": bound_Kd["N2"] * poor / whole}

    def occupied(Kd: dict[str, float]) -> dict[tuple[int, int], float]:
        weights = {}
        for C, N in STATES:
            taken = [Kd[f"C{i + 1}"] for i in range(C)] + [Kd[f"N{i + 1}"] for i in range(N)]
            weights[C, N] = float(np.prod([calcium / one for one in taken]))
        return {state: weight / sum(weights.values()) for state, weight in weights.items()}

    free, bound, trapped = occupied(free_Kd), occupied(bound_Kd), occupied(trapped_Kd)
    on = off = off_trapped = share = 0.0
    for (C, N), name in STATES.items():
        k_on = getattr(k if name in ("CaM4", "CaM2C") else lobes, f"k_on_{name}").value
        missing = [f"C{i}" for i in (1, 2) if i > C] + [f"N{i}" for i in (1, 2) if i > N]
        k_off = k_on * k.Kd_CaM4.value * float(np.prod([free_Kd[site] / bound_Kd[site] for site in missing]))
        on += free[C, N] * k_on
        off += bound[C, N] * k_off
        off_trapped += trapped[C, N] * k_off / (whole if N == 2 else poor)
        if name != "CaM0":
            share += bound[C, N] * (1.0 if name == "CaM4" else getattr(lobes, f"T286_{name}").value)
    # As the reduced model binds calmodulin with four calcium only; with this k_on_CaM2C it leaves in one way.
    k_on = on / free[2, 2]
    return {
        "camkii_k_on_CaM4": k_on,
        "camkii_Kd_CaM4": off / k_on,
        "camkii_k_on_CaM2C": k_on * bound_Kd["N1"] * bound_Kd["N2"] / (free_Kd["N1"] * free_Kd["N2"]),
        "camkii_trapping_full": off / off_trapped,
        "camkii_trapping_poor": off / off_trapped,
        "camkii_k_T286": k.k_T286.value * share,
    }


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
    names = COLUMNS | {"GluN2B": "camkii_on_GluN2B_A"}
    found = _solved(without_neighbours(), condition, names, {"glun2b_total": condition.glun2b})
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


def _runs(of: Ensemble) -> str:
    return "1 run" if of.runs == 1 else f"{of.runs} runs"


def _written(value: float, error: float) -> str:
    return f"{value:.3f} ± {error:.3f}" if np.isfinite(error) else f"{value:.3f}"


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


def scanned(lumped: bool, phosphatase: bool) -> np.ndarray:
    """pT286 of the tube's equations at `SCANNED` levels, after 10 s, or with phosphatase after 25 min."""
    totals = {"kinase": 1.0, "calmodulin": 5.0, "parameters": PP1} if phosphatase else {}
    times = (1500.0,) if phosphatase else (10.0,)
    conditions = [replace(SWITCH[0], steps=((0.0, level),), times=times, **totals) for level in SCANNED]
    return np.array([reduced(condition, lumped)["pT286"][-1] for condition in conditions])


def hill_rows() -> list[str]:
    """Hill fits of pT286 against held calcium."""
    rows = []
    for phosphatase, what, measured in ((False, "no phosphatase, 10 s", "5"), (True, "1.25 uM PP1, 25 min", "8")):
        for lumped, which in ((False, "reduced, equations"), (True, "lobes lumped, equations")):
            half, coefficient, _ = hill_fit(np.array(SCANNED), scanned(lumped, phosphatase))
            rows.append(f"| {what} | {which} | {half:.2f} uM | {coefficient:.1f} | {measured} |")
    found = [e for e in map(ensemble, SWITCH) if e.runs]
    levels = np.array([e.condition.steps[0][1] for e in found])
    half, coefficient, _ = hill_fit(levels, np.array([e.mean("pT286")[-1] for e in found]))
    subunits = 12 * SWITCH[0].dodecamers
    # With so few runs a level, a subunit's share is drawn as if subunits were independent, which makes the error too small.
    random = np.random.default_rng(1)
    drawn = [[random.binomial(subunits * e.runs, e.mean("pT286")[-1]) / (subunits * e.runs) for e in found] for _ in range(200)]
    errors = np.std([hill_fit(levels, np.array(curve))[:2] for curve in drawn], axis=0, ddof=1)
    runs = sum(e.runs for e in found)
    rows.insert(
        2,
        f"| no phosphatase, 10 s | full, {runs} runs | {half:.2f} ± {errors[0]:.2f} uM | {coefficient:.1f} ± {errors[1]:.1f} | 5 |",
    )
    return rows


def pulse_row(label: str, of: Ensemble) -> str:
    times, cells = np.array(of.condition.times), [f"{label} ({_runs(of)})"]
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
            rows.append(f"| {condition.name} ({_runs(of)}) | {what} | " + " | ".join(cells) + " |")
    condition = HOURS[1]
    found = exact_t286a(condition)
    where = [int(np.argmin(np.abs(np.array(condition.times) - moment))) for moment in MOMENTS.values()]
    for name, what in (("open", "open"), ("activity", "activity"), ("GluN2B", "GluN2B occupied")):
        rows.append(f"| hour, T286A, equations | {what} | " + " | ".join(f"{found[name][i]:.4f}" for i in where) + " |")
    return rows


def table() -> str:
    lines = ["| spine, calcium | time | activity: full | reduced | pT286: full | reduced |", "|---" * 6 + "|"]
    for of in map(ensemble, SPINES):
        other = reduced(of.condition)
        for i, moment in enumerate(TIMES_HELD):
            cells = [f"{of.condition.steps[0][1]:g} uM ({_runs(of)})", f"{moment:g} s"]
            for name in ("activity", "pT286"):
                cells += [of.at(name, moment), f"{other[name][i]:.3f}"]
            lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "| pT286 against held calcium, purified | model | half | Hill coefficient | measured |",
        "|---" * 5 + "|",
        *hill_rows(),
    ]
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
    found = [e for e in map(ensemble, SWITCH) if e.runs]
    levels = [e.condition.steps[0][1] for e in found]
    tube.plot(levels, [e.mean("pT286")[-1] for e in found], "o", color=BLUE, markersize=4, label="no PP1, 10 s: full")
    for phosphatase, colour, label in ((False, BLUE, "no PP1"), (True, ORANGE, "PP1, 25 min")):
        tube.plot(SCANNED, scanned(True, phosphatase), color=colour, label=f"{label}: lobes lumped")
        tube.plot(SCANNED, scanned(False, phosphatase), color=colour, linestyle="--", label=f"{label}: reduced")
    course = tuple(float(t) for t in np.geomspace(0.3, 60.0, 25))
    for condition, colour in zip(SPINES, (BLUE, ORANGE), strict=True):
        of, level = ensemble(condition), f"{condition.steps[0][1]:g} µM"
        if of.runs:
            held.errorbar(
                TIMES_HELD, of.mean("pT286"), np.nan_to_num(of.error("pT286")), color=colour, linestyle="none", marker="o",
                markersize=4, label=f"{level}: full",
            )  # fmt: skip
        values = reduced(replace(condition, times=course))["pT286"]
        held.plot(course, values, color=colour, linestyle="--", label=f"{level}: reduced")
    for condition, colour, label in zip(HOURS, (BLUE, ORANGE, GREY), ("GluN2B", "GluN2B, T286A", "no GluN2B"), strict=True):
        if (of := ensemble(condition)).runs:
            _band(hours, of, "open", colour, f"open, {label}")
            if condition.glun2b:
                _band(hours, of, "GluN2B", colour, "GluN2B occupied" + label.removeprefix("GluN2B"), ":")
    _label(pulses, "A  4 µM calcium for 0.1 s, spine", "time (s)", "open subunits (fraction)")
    _label(tube, "B  held calcium, purified", "calcium (µM)", "pT286 (fraction)")
    _label(held, "C  held calcium, spine", "time (s)", "pT286 (fraction)")
    _label(hours, "D  4 µM calcium for 5 s, spine", "time (s)", "fraction")
    tube.set_xticks((0.5, 1.0, 2.0, 4.0), ["0.5", "1", "2", "4"])
    tube.minorticks_off()
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
