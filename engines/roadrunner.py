"""libRoadRunner: the network as SBML, compiled by LLVM; the machine code is kept in the cache.

Its single absolute tolerance is multiplied by each species' present amount, so that a species that is
small at a pulse is solved absurdly finely and one that is large coarsely; the tolerances are therefore
given species by species.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ltpath.cache import digest, keep, kept
from ltpath.engine import ByHeldSpecies, library
from ltpath.errors import SolverError
from ltpath.netfile import net_text

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "roadrunner"
SUMMARY = "libRoadRunner: CVODE on SBML compiled by LLVM"
STOCHASTIC = False
LIBRARY = ("roadrunner", "'libroadrunner>=2.7'")

MAX_STEPS = 100_000
"""Internal steps between two output times before the solver gives up."""


class RoadRunner:
    """CVODE of libRoadRunner on the network with some species held."""

    def __init__(self, kernel: Kernel, held: np.ndarray, rtol: float, atol: np.ndarray) -> None:
        from ltpath.exporters.identifiers import identifiers

        self._kernel = kernel
        self._simulator = _simulator(kernel, held)
        model, ids = self._simulator.model, identifiers(kernel.network)
        place = {identifier: i for i, identifier in enumerate(ids.species)}
        self._moving = np.array([place[i] for i in model.getFloatingSpeciesIds()], dtype=int)
        self._held = {identifier: place[identifier] for identifier in model.getBoundarySpeciesIds()}
        position = {identifier: i for i, identifier in enumerate(model.getGlobalParameterIds())}
        self._parameters = [position[ids.names[name]] for name in kernel.constants]
        integrator = self._simulator.integrator
        integrator.setValue("relative_tolerance", rtol)
        integrator.setValue("absolute_tolerance", atol[self._moving].tolist())
        integrator.setValue("maximum_num_steps", MAX_STEPS)
        self._simulator.timeCourseSelections = ids.species

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
            libRoadRunner gave up; the message holds its own words.
        """
        model = self._simulator.model
        model.setGlobalParameterValues(self._parameters, self._kernel.p.tolist())
        model.setFloatingSpeciesAmounts(y[self._moving].tolist())
        for identifier, i in self._held.items():
            model.setValue(identifier, float(y[i]))
        try:
            # No rate depends on time, and a clock that starts at 0 resolves short intervals best.
            states = self._simulator.simulate(times=(times - times[0]).tolist())
        except RuntimeError as error:
            raise SolverError(f"libRoadRunner stopped between {times[0]:g} and {times[-1]:g} s: {error}") from None
        return np.array(states)


def _simulator(kernel: Kernel, held: np.ndarray) -> Any:
    """A simulator of the network, its machine code from the cache where it is there and whole."""
    from ltpath.sbmlfile import sbml_text

    roadrunner = library(NAME)
    name = f"{digest(roadrunner.__version__, net_text(kernel.network, held=held))}.roadrunner"
    with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
        state = Path(folder) / "state"
        code = kept(name, f"libRoadRunner's machine code of '{kernel.network.name}'")
        if code is not None:
            state.write_bytes(code)
            simulator = roadrunner.RoadRunner()
            simulator.loadState(str(state))
        else:
            simulator = roadrunner.RoadRunner(sbml_text(kernel.network, held))
            simulator.saveState(str(state))
            keep(name, state.read_bytes())
    return simulator


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> ByHeldSpecies:
    """libRoadRunner's CVODE."""
    return ByHeldSpecies(kernel, lambda held: RoadRunner(kernel, held, rtol, atol))
