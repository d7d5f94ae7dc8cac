"""Is CaMKII a switch? Scans of calcium from both sides, for docs/camkii.md and docs/switch.png: `make switch`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from ltpath.pathways.molecules import CALMODULIN, CAMKII
from ltpath.pathways.places import spine
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from ring_error import average_neighbours, rings

import ltpath
from ltpath.expansion import ReactionNetwork, expand
from ltpath.network import Network
from ltpath.plotting import save
from ltpath.protocol import Calcium, PerturbationUse, Protocol
from ltpath.quantity import Unit, defined

PAGE, PICTURE = Path(__file__).parent / "camkii.md", Path(__file__).parent / "switch.png"
BLOCK = re.compile(r"(?<=<!-- switch -->\n).*?(?=<!-- /switch -->)", re.DOTALL)
LEVELS = np.geomspace(0.04, 1.0, 60)
"""Of held calcium, uM."""
REST = 0.06
END = 5e7
"""The state after so long is called steady if a tenth of the time gave the same, s (1.6 years)."""
FILL = 1.0
"""A fully phosphorylated start takes so long, s: all subunits are phosphorylated in 10 uM calcium, without phosphatase."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
TURNOVER = 1 / (30 * HOUR)
"""A holoenzyme is replaced every 30 h on average (Miller 2005, abstract)."""
APART = 0.02
"""Fractions phosphorylated that differ by more than this are two states."""
MOMENTS = np.unique([*np.geomspace(0.05, END, 240), 10 * MINUTE, END / 10])


@cache
def small_rings() -> ReactionNetwork:
    """The spine's rings of three, with subunits that turnover replaces by fresh ones (none by default)."""
    net, A = rings(3), spine("A")
    CaM, CaMKII = net.monomers(A, CALMODULIN, CAMKII)
    k = net.parameter("turnover", defined(0.0, Unit.PER_SECOND, "phosphorylated subunits that are replaced by fresh ones"))
    for name, T306 in (("free", "u"), ("blocked", "p")):
        before, after = CaMKII(cam=None, T286="p", T306=T306), CaMKII(cam=None, T286="u", T306="u")
        net.rule(f"fresh_subunit_replaces_{name}_one", A, before >> after, k)
    bound = CaMKII(cam=1, T286="p", T306="u") % CaM(target=1)
    net.rule("fresh_subunit_replaces_bound_one", A, bound >> CaMKII(cam=None, T286="u", T306="u") + CaM(target=None), k)
    return expand(net)


@cache
def exchanging() -> ReactionNetwork:
    """Subunits that change rings faster than they react: the neighbour of each is an average one."""
    net: Network = average_neighbours()
    return expand(net)


@dataclass(frozen=True)
class Case:
    """Kinetics under which calcium is scanned; `pp1` is relative to the spine's."""

    label: str
    pp1: float = 1.0
    parameters: dict[str, float] = field(default_factory=dict)
    network: Callable[[], ReactionNetwork] = small_rings


SATURATED = {"camkii_Km_pp1": 0.01, "camkii_k_cat_pp1": 1.72, "camkii_pp1": 0.02}
FAVOURABLE = {"camkii_Km_pp1": 0.01, "camkii_pp1": 0.003, "camkii_k_T306": 0.0, "calmodulin_total": 200.0}
SHIPPED = [Case(f"the spine's kinetics, PP1 x {factor:g}", factor) for factor in (0.1, 1.0, 10.0)]
CASES = [
    *SHIPPED,
    Case("PP1 x 1, a subunit replaced every 30 h", parameters={"turnover": TURNOVER}),
    Case("no PP1, a subunit replaced every 30 h", 0.0, {"turnover": TURNOVER}),
    Case("PP1 x 1, subunits exchanged at once", network=exchanging),
    Case("PP1 x 0.1, subunits exchanged at once", 0.1, network=exchanging),
    Case("saturated phosphatase (Km 0.01 uM, PP1 0.02 uM)", parameters=SATURATED),
    Case("the same, a subunit replaced every 30 h", parameters=SATURATED | {"turnover": TURNOVER}),
    Case("Km 0.01 uM, PP1 3 nM, calmodulin 200 uM, T305/306A", parameters=FAVOURABLE),
]


def course(case: Case, calcium: float, full: bool) -> dict[str, np.ndarray]:
    """Phosphorylation and activity at `MOMENTS` after calcium is set, from rest or from full phosphorylation."""
    network, start = case.network(), FILL if full else 0.0
    held = Calcium(at=start, amplitude=calcium, length=END + 2 * FILL)
    filling = PerturbationUse(set={"camkii_pp1": 0.0, "camkii_k_T286_without_neighbour": 20.0}, start=0.0, end=FILL)
    protocol = Protocol(
        title="Scan",
        duration=start + END,
        stimuli=(Calcium(amplitude=10.0, length=FILL), held) if full else (held,),
        perturbations=(filling,) if full else (),
    )
    parameters = {"calcium_rest": 0.0, "camkii_pp1": case.pp1 * network.parameters["camkii_pp1"], **case.parameters}
    run = ltpath.simulate(network, protocol, parameters=parameters, times=start + MOMENTS)
    return {name: run[column].values for name, column in (("pT286", "pT286_fraction_A"), ("activity", "camkii_activity_A"))}


@dataclass(frozen=True)
class Scan:
    """Fractions phosphorylated at each level: from rest and from full, in the end, a tenth of the time before, and after 10 min."""

    below: np.ndarray
    above: np.ndarray
    earlier: np.ndarray
    soon: np.ndarray

    def states(self) -> str:
        """Where there are two states, and whether they are steady."""
        apart = self.above - self.below > APART
        if not apart.any():
            return "none"
        steady = "" if np.abs(self.above - self.earlier)[apart].max() < APART else ", not steady after 1.6 years"
        return f"{LEVELS[apart][0]:.2f}-{LEVELS[apart][-1]:.2f} uM{steady}"


def scan(case: Case) -> Scan:
    below = np.array([course(case, level, full=False)["pT286"] for level in LEVELS])
    above = np.array([course(case, level, full=True)["pT286"] for level in LEVELS])
    soon = int(np.searchsorted(MOMENTS, 10 * MINUTE))
    earlier = int(np.searchsorted(MOMENTS, END / 10))
    return Scan(below[:, -1], above[:, -1], above[:, earlier], above[:, soon])


def fall(values: np.ndarray, to: float) -> float:
    """Time at which a course has fallen to a share of where it began, s; infinite if it never does."""
    done = values - values[-1] <= to * (values[0] - values[-1])
    return float(MOMENTS[np.argmax(done)]) if values[0] - values[-1] > APART else np.inf


def written(seconds: float) -> str:
    for unit, length in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


def table(scans: dict[str, Scan]) -> str:
    lines = [
        "| kinetics | two states in | pT286 at rest after 1 min | 10 min | 1 h | 1 d | falls to 1/e in | activity falls to 1/e in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case in CASES:
        decay = course(case, REST, full=True)
        left = [f"{np.interp(t, MOMENTS, decay['pT286']):.3f}" for t in (MINUTE, 10 * MINUTE, HOUR, DAY)]
        falls = [written(fall(decay[name], np.exp(-1))) for name in ("pT286", "activity")]
        lines.append("| " + " | ".join([case.label, scans[case.label].states(), *left, *falls]) + " |")
    return "\n".join([*lines, ""])


def draw(scans: dict[str, Scan]) -> Figure:
    """Four panels: both scans with the spine's kinetics, and with a saturated phosphatase; decay at rest; its time against calcium."""
    figure = Figure(figsize=(9.4, 7.0), dpi=160, layout="constrained")
    (spines, saturated), (decay, times) = figure.subplots(2, 2)
    colours = ("#0072B2", "#D55E00", "#009E73")
    for case, colour in zip(SHIPPED, colours, strict=True):
        found = scans[case.label]
        name = f"PP1 × {case.pp1:g}"
        spines.plot(LEVELS, found.below, color=colour, label=name)
        spines.plot(LEVELS, found.above, color=colour, linestyle="none", marker="o", markersize=3.5, fillstyle="none")
        spines.plot(LEVELS, found.soon, color=colour, linestyle=":", linewidth=1)
        course_at_rest = course(case, REST, full=True)
        decay.plot(MOMENTS, course_at_rest["pT286"], color=colour, label=name)
        decay.plot(MOMENTS, course_at_rest["activity"], color=colour, linestyle="--")
        falls = [fall(course(case, level, full=True)["pT286"], np.exp(-1)) for level in LEVELS]
        times.plot(LEVELS, falls, color=colour, label=name)
    for label, name, colour in (
        (CASES[7].label, "Km 0.01 µM, PP1 0.02 µM", colours[0]),
        (CASES[9].label, "Km 0.01 µM, PP1 3 nM, calmodulin 200 µM, T305/306A", colours[1]),
    ):
        found = scans[label]
        saturated.plot(LEVELS, found.below, color=colour, label=name)
        saturated.plot(LEVELS, found.above, color=colour, linestyle="none", marker="o", markersize=3.5, fillstyle="none")
    for axis in (spines, saturated):
        axis.plot(
            [],
            [],
            color="#666666",
            linestyle="none",
            marker="o",
            markersize=3.5,
            fillstyle="none",
            label="from full phosphorylation",
        )
    spines.plot([], [], color="#666666", linestyle=":", linewidth=1, label="the same after 10 min")
    decay.plot([], [], color="#666666", linestyle="--", label="activity")
    times.axhline(30 * HOUR, color="#666666", linewidth=0.8)
    times.text(LEVELS[-1], 30 * HOUR, "turnover, 30 h", ha="right", va="bottom", fontsize=8, color="#666666")
    times.set_yscale("log")
    _label(spines, "A  steady state, the spine's kinetics", "held calcium (µM)", "pT286 (fraction)")
    _label(saturated, "B  steady state, a saturated phosphatase", "held calcium (µM)", "pT286 (fraction)")
    _label(decay, "C  from full phosphorylation, calcium 0.06 µM", "time (s)", "fraction of subunits")
    decay.set_xlim(0.05, DAY)
    _label(times, "D  time in which pT286 falls to 1/e", "held calcium (µM)", "time (s)")
    for axis in (spines, saturated, times):
        axis.axvline(REST, color="#bbbbbb", linewidth=0.8, zorder=0)
    return figure


def _label(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, loc="left", fontsize=10)
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.set_xscale("log")
    if "calcium (" in x:
        axis.set_xticks([0.05, 0.1, 0.2, 0.5, 1.0], ["0.05", "0.1", "0.2", "0.5", "1"])
        axis.minorticks_off()
    axis.spines[["top", "right"]].set_visible(False)
    # Above the curves, where fractions end.
    if "fraction" in y:
        axis.set_ylim(-0.04, 1.42)
        axis.set_yticks(np.linspace(0.0, 1.0, 6))
    columns = 2 if len(axis.get_legend_handles_labels()[0]) > 3 else 1
    axis.legend(frameon=False, fontsize=8, ncols=columns, loc="upper left" if "fraction" in y else "best")


if __name__ == "__main__":
    # A model at rest without calcium has nothing to settle, and says of fractions of a molecule that they still change.
    warnings.simplefilter("ignore", UserWarning)
    scans = {case.label: scan(case) for case in CASES}
    PAGE.write_text(BLOCK.sub(lambda _: table(scans), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    save(draw(scans), PICTURE)
