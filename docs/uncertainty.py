"""Write the tables of docs/uncertainty.md: `make uncertainty` (about ten minutes on two cores).

What the fit leaves open (relative errors, directions that the rows do not decide), what that
means for the outcomes (an ensemble drawn from the fit), and what each parameter of receptor
traffic does to potentiation and depression (SALib on a Latin hypercube).
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import xarray as xr
from SALib.analyze import pawn, rbd_fast

from fits.synapse import FREE
from ltpath.catalogue import load
from ltpath.fitting import fitted_file
from ltpath.protocol import Calcium, Protocol, Train, load_protocol
from ltpath.sweep import Sweep, run_sweep

PAGE = Path(__file__).with_name("uncertainty.md")
MEMBERS = 60
SAMPLES = 2000
WIDEST = 1.0
"""A direction that the rows leave open by more than a factor of e is cut there, so that the ensemble stays where the fit looked."""


def fitted() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names in the model, logarithms of the values, and their covariance."""
    table = tomllib.loads(fitted_file().read_text(encoding="utf-8"))["synapse"]
    names = list(FREE)
    spread = np.array([table["relative_error"][n] for n in names])
    correlation = np.array([table["correlation"][n] for n in names])
    return names, np.log([table["values"][n] for n in names]), correlation * np.outer(spread, spread)


def directions() -> str:
    """The directions in parameter space that the fit decides worst and best."""
    names, _, covariance = fitted()
    variance, vectors = np.linalg.eigh(covariance)
    lines = ["| standard error (log) | direction |", "|---|---|"]
    for v, direction in sorted(zip(variance, vectors.T, strict=True), key=lambda item: -item[0]):
        leading = sorted(zip(direction, names, strict=True), key=lambda item: -abs(item[0]))[:4]
        lines.append(f"| {np.sqrt(max(v, 0)):.2g} | {', '.join(f'{share:+.2f} {n}' for share, n in leading)} |")
    return "\n".join(lines)


def ensemble() -> str:
    """Outcomes of parameter sets drawn from the fit."""
    names, middle, covariance = fitted()
    variance, vectors = np.linalg.eigh(covariance)
    widths = np.sqrt(np.clip(variance, 0, WIDEST**2))
    rng = np.random.default_rng(1)
    drawn = np.exp(middle + (rng.standard_normal((MEMBERS, len(names))) * widths) @ vectors.T)
    low, high = (np.array([getattr(FREE[n], side) for n in names]) for side in ("low", "high"))
    vary = {FREE[n].parameter: column.tolist() for n, column in zip(names, np.clip(drawn, low, high).T, strict=True)}
    cases = {
        "one tetanus, 5 min": (load_protocol("tetanus"), "5 min", "none"),
        "one tetanus, 60 min": (load_protocol("tetanus"), "60 min", "none"),
        "theta burst, 60 min": (load_protocol("theta_burst"), "60 min", "none"),
        "tetanus with APV, 60 min": (load_protocol("tetanus"), "60 min", "apv"),
        "900 pulses at 1 Hz, 60 min": (load_protocol("low_frequency"), "60 min", "none"),
        "900 pulses at 10 Hz, 60 min": (Protocol(title="10 Hz", duration=5400.0, stimuli=(Train(pulses=900, frequency=10.0),)), "60 min", "none"),
    }  # fmt: skip
    lines = ["| outcome | median | 5 % | 95 % | failed |", "|---|---|---|---|---|"]
    for name, (protocol, after, perturbation) in cases.items():
        sweep = Sweep(
            model="early_ltp", protocols=[protocol], perturbations=[perturbation], vary=vary, combine="zip", after=[after],
            keep=["weight_A"],
        )  # fmt: skip
        weights = 100 * outcomes(sweep)
        kept = weights[np.isfinite(weights)]
        low_, median, high_ = np.quantile(kept, [0.05, 0.5, 0.95])
        lines.append(f"| {name} | {median:.0f} % | {low_:.0f} % | {high_:.0f} % | {len(weights) - len(kept)} |")
    return "\n".join(lines)


def sensitivity() -> str:
    """Share of the variance of potentiation and depression that each parameter explains alone, and its PAWN index."""
    network = load("ampa_traffic").network
    varied = [n for n, v in network.parameters.items() if v > 0 and not n.startswith(("volume", "calcium_"))]
    vary = {n: {"loguniform": [network.parameters[n] / 1.5, network.parameters[n] * 1.5]} for n in varied}
    steps = {
        "potentiation (10 uM for 1 s)": Calcium(amplitude=10.0, length=1.0),
        "depression (0.6 uM for 15 min)": Calcium(amplitude=0.6, length=900.0),
    }
    blocks = []
    for name, step in steps.items():
        sweep = Sweep(
            model="ampa_traffic", protocols=[Protocol(title=name, duration=7200.0, stimuli=(step,))], vary=vary, runs=SAMPLES,
            sampling="latin hypercube", seed=1, after=["60 min"], keep=["weight_A"],
        )  # fmt: skip
        data = drawn_runs(sweep)
        weights = data["weight_A"].values[:, 0]
        kept = np.isfinite(weights)
        inputs, weights = np.log(np.column_stack([data[n].values for n in varied]))[kept], weights[kept]
        problem = {
            "num_vars": len(varied),
            "names": varied,
            "bounds": [[np.log(vary[n]["loguniform"][0]), np.log(vary[n]["loguniform"][1])] for n in varied],
        }
        alone = rbd_fast.analyze(problem, inputs, weights, seed=1)["S1"]
        any_way = pawn.analyze(problem, inputs, weights, S=10, seed=1)["median"]
        rises = [np.corrcoef(column, weights)[0, 1] for column in inputs.T]
        spread = (
            f"weight {np.quantile(weights, 0.05):.2f} to {np.quantile(weights, 0.95):.2f} (5 to 95 %), {(~kept).sum()} runs failed"
        )
        lines = [f"**{name}**, {spread}", "", "| parameter | first order | PAWN | sign |", "|---|---|---|---|"]
        for i in np.argsort(alone)[::-1][:12]:
            lines.append(f"| {varied[i]} | {alone[i]:.2f} | {any_way[i]:.2f} | {'+' if rises[i] > 0 else '-'} |")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def drawn_runs(sweep: Sweep) -> xr.Dataset:
    """All runs of a sweep, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        return run_sweep(sweep, Path(folder) / "runs.zarr").load()


def outcomes(sweep: Sweep) -> np.ndarray:
    """The weight that each run ends with; NaN where it failed."""
    data = drawn_runs(sweep)
    return np.where(data["status"].values == 1, data["weight_A"].values[:, 0], np.nan)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for part in (directions, ensemble, sensitivity):
        block = re.compile(rf"(?<=<!-- {part.__name__} -->\n).*?(?=<!-- /{part.__name__} -->)", re.DOTALL)
        found = part()
        text = block.sub(lambda _, found=found: found + "\n", text)
        PAGE.write_text(text, encoding="utf-8")
        print(found, flush=True)
