"""bngsim: BioNetGen's network simulator as a library, CVODE on the ``.net`` text.

Its rate laws are interpreted. It can also compile them, which took 20 to 45 s for the networks of
the catalogue and made runs faster by a third to a half: not worth the wait at the first run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ltpath.engine import ByHeldSpecies, library
from ltpath.errors import SolverError
from ltpath.netfile import net_text

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "bngsim"
SUMMARY = "bngsim, BioNetGen's simulator as a library: CVODE, interpreted rate laws"
STOCHASTIC = False
LIBRARY = ("bngsim", "'bngsim>=0.16,<0.17'")

MAX_STEPS = 100_000
"""Internal steps between two output times before the solver gives up."""


class Bngsim:
    """CVODE of bngsim on the network with some species held."""

    def __init__(self, kernel: Kernel, held: np.ndarray, rtol: float, atol: np.ndarray) -> None:
        self._kernel, self._bngsim = kernel, library(NAME)
        with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
            path = Path(folder) / "network.net"
            path.write_text(net_text(kernel.network, held=held, all_observables=False), encoding="utf-8")
            self._model = self._bngsim.Model.from_net(path)
            self._simulator = self._bngsim.Simulator(self._model, method="ode", codegen=False)
        self._simulator.set_tolerances(rtol, atol)
        self._simulator.set_max_steps(MAX_STEPS)

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
            bngsim gave up; the message holds its own words.
        """
        # Constants are formulas in the file, but a value that is set stays: so all are set.
        self._model.set_params(self._kernel.constants)
        self._model.set_state(y)
        try:
            # No rate depends on time, and a clock that starts at 0 resolves short intervals best.
            result = self._simulator.run(sample_times=(times - times[0]).tolist())
        except self._bngsim.BngsimError as error:
            raise SolverError(f"bngsim stopped between {times[0]:g} and {times[-1]:g} s: {error}") from None
        return np.array(result.species)


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> ByHeldSpecies:
    """bngsim's CVODE."""
    return ByHeldSpecies(kernel, lambda held: Bngsim(kernel, held, rtol, atol))
