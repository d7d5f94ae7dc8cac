"""Least squares of declared parameters, inside declared bounds, to the rows marked fit."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

import ltpath.pathways
from ltpath.cache import write_atomically
from ltpath.experiment import load_experiment, residuals


@dataclass(frozen=True)
class Free:
    """A fitted parameter: the model's name for it, and bounds in its unit (both above 0)."""

    parameter: str
    low: float
    high: float


@dataclass(frozen=True)
class _Misfit:
    """Deviations of the rows marked fit, for logarithms of some parameters; an object, so that it can go to other processes."""

    parameters: tuple[str, ...]
    experiments: tuple[str, ...]
    bound_width: float | None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return residuals(self.experiments, {p: math.exp(v) for p, v in zip(self.parameters, x, strict=True)}, self.bound_width)


def fitted_file() -> Path:
    """The file that the pathways read their fitted values from."""
    return Path(next(iter(ltpath.pathways.__path__))) / "fitted.toml"


def fit(
    name: str, free: Mapping[str, Free], experiments: Sequence[str], *, bound_width: float | None = None, verbose: int = 2
) -> dict[str, float]:
    """Fit, and write the result to ``pathways/fitted.toml``.

    Parameters
    ----------
    name : str
        The table in the file, and the script's name.
    free : dict of str to Free
        Field name in the table to parameter.
    experiments : sequence of str
        Their rows marked fit are used; parameters move on a log scale.
    bound_width : float, optional
        As for `ltpath.experiment.residuals`.

    Returns
    -------
    dict of str to float
        The fitted values.
    """
    table = tomllib.loads(fitted_file().read_text(encoding="utf-8"))
    start = table[name]["values"]
    low = np.log([f.low for f in free.values()])
    high = np.log([f.high for f in free.values()])
    guess = np.clip(np.log([start[n] for n in free]), low + 1e-6, high - 1e-6)

    misfit = _Misfit(tuple(f.parameter for f in free.values()), tuple(experiments), bound_width)
    found = least_squares(
        misfit,
        guess,
        bounds=(low, high),
        diff_step=5e-3,
        x_scale=0.3,
        xtol=1e-3,
        ftol=1e-3,
        verbose=verbose,
        workers=os.cpu_count(),
    )
    spread, correlation = _uncertainty(found.jac)
    values = {n: float(f"{math.exp(v):.6g}") for n, v in zip(free, found.x, strict=True)}
    table[name] = {
        "rows": [f"{e} ({sum(r.use == 'fit' for r in load_experiment(e).rows)} rows)" for e in experiments],
        "chi_square": float(f"{2 * found.cost:.4g}"),
        "degrees_of_freedom": len(found.fun) - len(free),
        "values": values,
        "relative_error": {n: float(f"{s:.2g}") for n, s in zip(free, spread, strict=True)},
        "correlation": {n: [round(float(c), 3) for c in row] for n, row in zip(free, correlation, strict=True)},
    }
    write_atomically(fitted_file(), _as_toml(table).encode())
    return values


def _uncertainty(jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Relative standard errors and correlations from the Jacobian in log parameters; errors of 1e9 where the rows do not decide."""
    information = jacobian.T @ jacobian
    if np.linalg.matrix_rank(information) < len(information):
        return np.full(len(information), 1e9), np.eye(len(information))
    covariance = np.linalg.inv(information)
    spread = np.sqrt(np.diag(covariance))
    return spread, covariance / np.outer(spread, spread)


def _as_toml(table: Mapping[str, Mapping[str, object]]) -> str:
    lines = ["# Written by the scripts in fits/; do not edit.", ""]
    for name, result in table.items():
        lines.append(f"[{name}]")
        nested = {k: v for k, v in result.items() if isinstance(v, dict)}
        for key, item in result.items():
            if key not in nested:
                lines.append(f"{key} = {item!r}".replace("'", '"'))
        for key, values in nested.items():
            lines += ["", f"[{name}.{key}]", *(f"{n} = {v!r}" for n, v in values.items())]
        lines.append("")
    return "\n".join(lines)
