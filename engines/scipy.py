"""SciPy's LSODA, which switches between Adams and BDF by itself: an independent code in an installation that has no other."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from ltpath.errors import SolverError

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "scipy"
SUMMARY = "SciPy's LSODA (Adams and BDF by turns), analytic Jacobian"
STOCHASTIC = False

MAX_STEPS = 100_000
"""Internal steps between two output times before the solver gives up."""
_TIGHTER = 0.2
"""Share of the tolerance that LSODA is given: its own estimate lets more error pass than CVODE's."""


class LSODA:
    """LSODA from ODEPACK, restarted at every call of `solve`."""

    def __init__(self, kernel: Kernel, rtol: float, atol: np.ndarray) -> None:
        self._kernel, self._rtol, self._atol = kernel, _TIGHTER * rtol, _TIGHTER * atol

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
            LSODA gave up; the message holds its own words.
        """
        from scipy.integrate import ODEintWarning, odeint

        with warnings.catch_warnings():
            # What went wrong comes back in `report`, and is told once, in our words.
            warnings.simplefilter("ignore", ODEintWarning)
            states, report = odeint(
                self._kernel.rhs, y, times, Dfun=self._kernel.jacobian, tfirst=True, rtol=self._rtol, atol=self._atol,
                mxstep=MAX_STEPS, full_output=True,
            )  # fmt: skip
        if report["message"] != "Integration successful.":
            reached = times[0] if len(report["tcur"]) == 0 else max(times[0], float(np.max(report["tcur"])))
            raise SolverError(f"LSODA stopped at {reached:g} s: {report['message']}")
        return states


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> LSODA:
    """LSODA on the compiled equations."""
    return LSODA(kernel, rtol, atol)
