"""Gillespie's direct method on the expanded network, by bngsim: single molecules, exact in distribution."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ltpath.engine import library
from ltpath.errors import SolverError
from ltpath.netfile import net_text

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "ssa"
SUMMARY = "bngsim, Gillespie's direct method: every reaction of single molecules (stochastic)"
STOCHASTIC = True
LIBRARY = ("bngsim", "'bngsim>=0.16,<0.17'")

_GRAIN = 2.0**-40
"""Molecules in a unit of a held species, so that it can be held at a mean that is no whole number: bngsim counts in
whole units."""


class SSA:
    """Whole molecules from one event to the next; held species may have any amount.

    Parameters
    ----------
    kernel : Kernel
        Gives parameters and held species at each call of `solve`.
    seed : int, optional

    Attributes
    ----------
    events : int
        Reactions that have fired.
    """

    def __init__(self, kernel: Kernel, seed: int | None) -> None:
        self._bngsim = library(NAME)
        self.events = 0
        self._kernel = kernel
        self._random = np.random.default_rng(seed)
        self._simulators: dict[bytes, Any] = {}

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
            bngsim gave up.
        """
        kernel = self._kernel
        held = kernel.free == 0.0
        simulator = self._simulator(held)
        simulator.model.set_params(dict(zip(kernel.network.meta["parameters"], kernel.p.tolist(), strict=False)))
        simulator.model.set_state(np.where(held, np.rint(y / _GRAIN), y))
        try:
            result = simulator.run(sample_times=times.tolist(), seed=int(self._random.integers(2**31)))
        except self._bngsim.BngsimError as error:
            raise SolverError(f"bngsim stopped between {times[0]:g} and {times[-1]:g} s: {error}") from None
        self.events += result.solver_stats["n_steps"]
        states = np.array(result.species)
        states[:, held] = y[held]
        return states

    def _simulator(self, held: np.ndarray) -> Any:
        """One simulator for each set of held species, because bngsim fixes the set when it reads a network."""
        key = held.tobytes()
        if key not in self._simulators:
            with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
                path = Path(folder) / "network.net"
                path.write_text(net_text(self._kernel.network, held=held, grain=_GRAIN, all_observables=False), encoding="utf-8")
                model = self._bngsim.Model.from_net(path)
            # Compiled propensities serve networks of at most 64 reactions without formulas in their rates: not worth a compiler.
            self._simulators[key] = self._bngsim.Simulator(model, method="ssa", codegen=False)
        return self._simulators[key]


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> SSA:
    """Tolerances have no meaning here.

    Raises
    ------
    MissingTool
        bngsim is not installed.
    """
    return SSA(kernel, seed)
