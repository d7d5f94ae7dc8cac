"""The engines by name: what each file of `engines/` must offer, and what to install where one is missing.

A module of `ltpath.engines` declares ``NAME``, ``SUMMARY``, ``STOCHASTIC`` (bool) and
``engine(kernel, rtol, atol, seed)``, which returns an `Engine`. Where it needs a library that
ltpath does not bring, it names it, ``LIBRARY = (import name, arguments of pip install, ...)``,
and asks `library` for it inside ``engine``, so that the list of engines costs nothing. Where
it declares ``OPTIONS``, one of these may follow the name after a colon (``cvode:gmres``), and
``engine`` gets it as ``option``. With ``SENSITIVITIES = True`` it also takes ``directions``, and
solves for states of shape (species, 1 + directions) (`ltpath.engines.cvode`).
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import numpy as np

import ltpath.engines
from ltpath.errors import BadValue, MissingTool, UnknownName

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

DEFAULT = "cvode"


class Engine(Protocol):
    """Integrates a network between two events, from any state.

    It reads ``kernel.p`` (parameters, then the constants that follow from them) and
    ``kernel.free`` (0 for species that are held) anew at each call, because they change
    at events.

    A stochastic engine returns whole molecules, but takes any amount of a held species, and
    has the attribute ``events``, how many reactions have fired. One that works without a network
    has no `solve` of this form: ``NETWORK_FREE = True`` in its module says so, and
    `ltpath.engines.nfsim` shows the methods that take its place.
    """

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States in molecules at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
        """
        ...


def engine_names() -> list[str]:
    """The names of all engines, installed or not, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(ltpath.engines.__path__))


def load_engine(name: str) -> ModuleType:
    """The module of an engine.

    Raises
    ------
    UnknownName
    """
    plain, _, option = name.partition(":")
    if plain not in engine_names():
        raise UnknownName("engine", plain, engine_names())
    module = importlib.import_module(f"ltpath.engines.{plain}")
    if option and option not in (options := getattr(module, "OPTIONS", ())):
        if not options:
            raise BadValue(f"the engine '{plain}' takes no option, so '{name}' means nothing")
        raise UnknownName(f"option of the engine '{plain}'", option, options)
    return module


def install_line(name: str) -> str:
    """What to type to install the library of an engine."""
    return " && ".join(f"{sys.executable} -m pip install {arguments}" for arguments in load_engine(name).LIBRARY[1:])


def library(name: str) -> ModuleType:
    """The library that an engine needs.

    Raises
    ------
    MissingTool
        It is not installed or does not load; the message holds the line that installs it.
    """
    try:
        return importlib.import_module(load_engine(name).LIBRARY[0])
    except ImportError as error:
        raise MissingTool(f"the engine '{name}' cannot start ({error}); mend it with: {install_line(name)}") from None


class ByHeldSpecies:
    """An engine on top of a library whose models fix which species are held: one model for each such set.

    Parameters
    ----------
    kernel : Kernel
    build : callable
        From a bool for each species, True where it is held, to the engine of that model.
    """

    def __init__(self, kernel: Kernel, build: Callable[[np.ndarray], Engine]) -> None:
        self._kernel, self._build = kernel, build
        self._engines: dict[bytes, Engine] = {}
        self._engine()

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """As `Engine.solve`."""
        return self._engine().solve(times, y)

    def _engine(self) -> Engine:
        held = self._kernel.free == 0
        key = held.tobytes()
        if key not in self._engines:
            self._engines[key] = self._build(held)
        return self._engines[key]
