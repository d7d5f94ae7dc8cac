"""AMICI: CVODES on C++ code that AMICI writes from SBML and compiles; the compiled model is kept in the cache.

AMICI's metadata ask for a newer sympy than PySB allows; it works with PySB's, so it is installed
without its dependencies. It needs a C++ compiler.
"""

from __future__ import annotations

import importlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ltpath.cache import cache_folder, digest
from ltpath.engine import ByHeldSpecies, library
from ltpath.errors import MissingTool, SolverError
from ltpath.netfile import net_text

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "amici"
SUMMARY = "AMICI: CVODES with a sparse direct solver, compiled C++"
STOCHASTIC = False
LIBRARY = ("amici.sim.sundials", "swig cmake-build-extension sbmlmath toposort", "--no-deps 'amici>=1.0.1'")

MAX_STEPS = 100_000
"""Internal steps in one run before the solver gives up."""


class AMICI:
    """CVODES of AMICI on the network with some species held."""

    def __init__(self, kernel: Kernel, held: np.ndarray, rtol: float, atol: np.ndarray) -> None:
        from ltpath.exporters.identifiers import identifiers

        self._kernel, self._library = kernel, library(NAME)
        self._model = _model(kernel, held)
        ids = identifiers(kernel.network)
        place = {identifier: i for i, identifier in enumerate(ids.species)}
        self._species = np.array([place[i] for i in self._model.get_state_ids()], dtype=int)
        position = {ids.names[name]: i for i, name in enumerate(kernel.constants)}
        self._parameters = np.array([position[i] for i in self._model.get_free_parameter_ids()], dtype=int)
        self._solver = self._model.create_solver()
        self._solver.set_relative_tolerance(rtol)
        # It takes a single absolute tolerance: the finest.
        self._solver.set_absolute_tolerance(float(atol.min()))
        self._solver.set_max_steps(MAX_STEPS)

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
            AMICI gave up.
        """
        # No rate depends on time, and a clock that starts at 0 resolves short intervals best.
        self._model.set_timepoints(times - times[0])
        self._model.set_free_parameters(self._kernel.p[self._parameters])
        self._model.set_initial_state(y[self._species])
        result = self._library.run_simulation(self._model, self._solver)
        if result.status != self._library.AMICI_SUCCESS:
            raise SolverError(
                f"AMICI stopped between {times[0]:g} and {times[-1]:g} s: {self._library.simulation_status_to_str(result.status)}"
            )
        states = np.tile(y, (len(times), 1))
        states[:, self._species] = result.x
        return states


def _model(kernel: Kernel, held: np.ndarray) -> Any:
    """The compiled model, from the cache where it is there."""
    library(NAME)
    amici = importlib.import_module("amici")
    name = f"ltpath_{digest(amici.__version__, sys.version, net_text(kernel.network, held=held))}"
    folder = cache_folder() / "amici" / name
    if not folder.exists():
        _compile(name, folder, kernel, held)
    return amici.import_model_module(name, folder).get_model()


def _compile(name: str, folder: Path, kernel: Kernel, held: np.ndarray) -> None:
    from amici.importers.sbml import SbmlImporter  # type: ignore[import-not-found]

    from ltpath.sbmlfile import sbml_text

    if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
        raise MissingTool("the engine 'amici' compiles its models and no C++ compiler is on the PATH; install g++ or clang")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as building, own_swig():
        importer = SbmlImporter(sbml_text(kernel.network, held), from_file=False)
        words = io.StringIO()
        try:
            with redirect_stdout(words):
                importer.sbml2amici(
                    name, building, observation_model=[], compute_conservation_laws=False, generate_sensitivity_code=False
                )
        except subprocess.CalledProcessError:
            reason = next((line.strip() for line in words.getvalue().splitlines() if "error" in line.lower()), "no reason given")
            raise SolverError(f"AMICI could not compile '{kernel.network.name}': {reason}") from None
        # The name appears when the model is complete.
        os.rename(shutil.copytree(building, f"{building}-done"), folder)


@contextmanager
def own_swig() -> Iterator[None]:
    """SWIG of this Python installation first on the PATH: AMICI refuses a model that another version wrapped."""
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> ByHeldSpecies:
    """CVODES as AMICI drives it."""
    library(NAME)
    return ByHeldSpecies(kernel, lambda held: AMICI(kernel, held, rtol, atol))
