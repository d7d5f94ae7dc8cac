"""A lower bound of the time: what any solver of this kind must compute for the accuracy, at the speed of this machine.

Each step evaluates the right-hand side at least once and solves one linear system, of which the cheapest
conceivable solution is a single product with the Jacobian. Their operations are counted in the least form
that is known here, reactions in classes (`ltpath.native`): the Jacobian as a matrix would take thirty times as
many for a ring of 2,635 species. The number of steps is CVODE's at the target error, counted with
scikit-sundae. The speed is that of a sparse matrix product with copies of the network's own Jacobian, as many
as make the call itself cost nothing.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
from scipy.sparse import block_diag, csr_array
from sksundae.cvode import CVODE

from benchmarks.cases import Case
from ltpath import layout as at
from ltpath.expansion import ReactionNetwork
from ltpath.kernels import Kernel

_MANY_SPECIES = 300
"""From here on steps are counted with GMRES instead of a dense matrix."""

_ENOUGH = 30_000
"""So many nonzeros stay in a processor's cache, and make a call of SciPy a small part of a product."""


def bound(case: Case, ours: dict[str, Any]) -> dict[str, Any]:
    """Operations, speed, and the bound in seconds, beside ltpath's time."""
    target = next(r for r in ours["runs"] if r["stage"] == "target")
    kernel = Kernel(case.network)
    jacobian = csr_array(kernel.jacobian(0.0, np.maximum(case.reference[0], 1e-3)))
    steps = _steps(case, kernel, target["rtol"])
    rates, product = _operations(case.network)
    copies = -(-_ENOUGH // jacobian.nnz)
    speed = copies * 2 * jacobian.nnz / _fastest(csr_array(block_diag([jacobian] * copies)))
    seconds = steps * (rates + product) / speed
    return {
        "species": kernel.n,
        "reactions": len(case.network.arrays["rate"]),
        "steps": steps,
        "operations_of_rates": rates,
        "operations_of_product": product,
        "operations_per_second": speed,
        "seconds": seconds,
        "ours": statistics.median(r["seconds"] for r in ours["runs"] if r["stage"] == "time"),
    }


def _operations(network: ReactionNetwork) -> tuple[int, int]:
    """Multiplications and additions of one right-hand side, and of one product with the Jacobian, without formulas of rates."""
    tables = network.equations.tables
    classes, partners, common = (len(tables[part]) for part in (at.RATE, at.PARTNER, at.COMMON))
    sources, products = len(tables[at.SOURCE]), len(tables[at.PRODUCT])
    # A class: its constant and partners, and what it does to shared species; a source: its flux, taken away and summed.
    rates = classes + partners + 2 * common + 3 * sources + products
    product = 2 * classes + 4 * partners + 2 * common + 5 * sources + products
    return rates, product


def _steps(case: Case, kernel: Kernel, rtol: float) -> int:
    count = 0
    large = kernel.n > _MANY_SPECIES
    options: dict[str, Any] = (
        {"linsolver": "gmres", "krylov_dim": 40} if large else {"linsolver": "dense", "jacfn": _jacobian(kernel)}
    )

    def rates(t: float, y: np.ndarray, dy: np.ndarray) -> None:
        dy[:] = kernel.rhs(t, y)

    solver = CVODE(rates, rtol=rtol, atol=rtol * case.scale, max_num_steps=1_000_000, **options)

    def solve(times: np.ndarray, y: np.ndarray) -> np.ndarray:
        nonlocal count
        # Two times give every internal step.
        solution = solver.solve(times[[0, -1]], y)
        count += len(solution.t) - 1
        return np.vstack([np.tile(y, (len(times) - 1, 1)), np.asarray(solution.y)[-1]])

    case.run(solve)
    return count


def _jacobian(kernel: Kernel) -> Any:
    def fill(t: float, y: np.ndarray, dy: np.ndarray, matrix: np.ndarray) -> None:
        matrix[:] = kernel.jacobian(t, y)

    return fill


def _fastest(jacobian: csr_array) -> float:
    """Seconds of a product, the least of many."""
    y = np.ones(jacobian.shape[1])
    least = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        for _ in range(100):
            jacobian @ y
        least = min(least, (time.perf_counter() - began) / 100)
    return least
