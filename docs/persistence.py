"""How long the trace of four tetani lasts, and what that depends on: docs/persistence.md and docs/persistence.png, `make persistence`."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ltpath.catalogue import load
from ltpath.plotting import save
from ltpath.protocol import PerturbationUse, load_protocol
from ltpath.simulation import Trajectory, simulate

PAGE, PICTURE = Path(__file__).with_name("persistence.md"), Path(__file__).with_name("persistence.png")
DAY = 86400.0
MONTH = load_protocol("four_tetani").lasting("30 d")
MOMENTS = np.concatenate([[0.0, 1800.0, 3 * 3600.0, 8 * 3600.0], DAY * np.arange(1.0, 30.1)])
READ = (1.0, 7.0, 30.0)
RTOL = 1e-6
PATHWAYS = (
    "nuclear_calcium", "camkiv", "creb", "transcription", "translation", "capture", "spine_volume", "ampa_traffic",
    "early_ltp", "depression", "scaling",
)  # fmt: skip
AT_ONCE = 16
"""Parameters that one run follows."""
RANKED = 15
CASES: dict[str, tuple[str | PerturbationUse, ...]] = {
    "as it is": (),
    "clusters rebuild nothing (cluster_turnover)": ("cluster_turnover",),
    "no firing from day 1 to day 3 (ttx)": (PerturbationUse(name="ttx", start=DAY, end=3 * DAY),),
    "threefold firing from day 1 to day 3 (bicuculline)": (PerturbationUse(name="bicuculline", start=DAY, end=3 * DAY),),
    "anisomycin from day 1 to day 3": (PerturbationUse(name="anisomycin", start=DAY, end=3 * DAY),),
}


def at(run: Trajectory, day: float) -> float:
    return float(np.interp(day * DAY, run["time"], run["weight_A"]))


def below(run: Trajectory, level: float) -> str:
    """The day from which on the weight stays below a level."""
    days, weight = run["time"].values / DAY, run["weight_A"].values
    last = np.flatnonzero(weight >= level)[-1]
    return f"{days[last + 1]:.0f} d" if last + 1 < len(days) else "not in 30 d"


def strongest(found: dict[str, np.ndarray]) -> list[str]:
    """The parameters that matter most on day 7 or on day 30."""
    return sorted(found, key=lambda n: -np.abs(found[n][1:]).max())[:RANKED]


def courses() -> tuple[dict[str, Trajectory], str]:
    runs = {name: simulate("late_ltp", MONTH, perturbations=uses, times=MOMENTS, rtol=RTOL) for name, uses in CASES.items()}
    lines = [
        "| run | " + " | ".join(f"{d:g} d" for d in READ) + " | stays below half of day 1 from | below 110 % from |",
        "|---|---|---|---|---|---|",
    ]
    for name, run in runs.items():
        weights = " | ".join(f"{100 * at(run, d):.0f} %" for d in READ)
        lines.append(f"| {name} | {weights} | {below(run, (1 + at(run, 1)) / 2)} | {below(run, 1.1)} |")
    rest = simulate("late_ltp", load_protocol("baseline").lasting("30 d"), times=[0.0, 30 * DAY], rtol=RTOL)
    lines.append(f"| no tetani | - | - | {100 * float(rest['weight_A'][-1]):.2f} % | - | - |")
    return runs, "\n".join(lines)


def elasticities() -> dict[str, np.ndarray]:
    """Relative change of the potentiation at each of `READ` per relative change of each parameter."""
    network = load("late_ltp").network
    names = [n for n, v in network.parameters.items() if v > 0 and n.startswith(PATHWAYS)]
    found = {}
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        run = simulate("late_ltp", MONTH, times=[0.0, *(d * DAY for d in READ)], sensitivities=some, rtol=RTOL)
        change = run["sensitivity_weight_A"].values[1:] / (run["weight_A"].values[1:, None] - 1)
        found |= dict(zip(some, change.T, strict=True))
    return found


def ranking(found: dict[str, np.ndarray]) -> str:
    lines = ["| parameter | 1 d | 7 d | 30 d |", "|---|---|---|---|"]
    for name in strongest(found):
        lines.append(f"| {name} | " + " | ".join(f"{v:+.2f}" for v in found[name]) + " |")
    return "\n".join(lines)


def draw(runs: dict[str, Trajectory], found: dict[str, np.ndarray]) -> Figure:
    figure = Figure(figsize=(10.5, 4.6), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.1, 1))
    colours = ("#0072B2", "#009E73", "#D55E00", "#CC79A7", "#666666")
    for (name, run), colour in zip(runs.items(), colours, strict=True):
        left.plot(
            run["time"] / DAY, 100 * run["weight_A"], color=colour, label=name, linestyle="--" if name.startswith("anis") else "-"
        )
    left.axhline(100, color="#bbbbbb", linewidth=0.8, zorder=0)
    left.set(xlabel="days after four tetani", ylabel="weight (% of baseline)", ylim=(60, None))
    left.legend(frameon=False, fontsize=8)
    top = strongest(found)[::-1]
    right.barh(top, [found[n][1] for n in top], color="#0072B2", height=0.4, align="edge", label="7 d")
    right.barh(top, [found[n][2] for n in top], color="#D55E00", height=-0.4, align="edge", label="30 d")
    right.axvline(0, color="#bbbbbb", linewidth=0.8)
    right.set_xlabel("% of the potentiation per % of the parameter")
    right.tick_params(axis="y", labelsize=8)
    right.legend(frameon=False, fontsize=8, loc="lower right")
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def replace(page: str, block: str, text: str) -> str:
    return re.sub(rf"(?<=<!-- {block} -->\n).*?(?=<!-- /{block} -->)", lambda _: text + "\n", page, flags=re.DOTALL)


if __name__ == "__main__":
    runs, table = courses()
    found = elasticities()
    save(draw(runs, found), PICTURE)
    page = replace(PAGE.read_text(encoding="utf-8"), "courses", table)
    PAGE.write_text(replace(page, "ranking", ranking(found)), encoding="utf-8")
