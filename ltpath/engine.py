"""The engines by name: what each file of `engines/` must offer, and what to install where one is missing.

A module of `ltpath.engines` declares ``NAME``, ``SUMMARY``, ``STOCHASTIC`` (bool) and
``engine(kernel, rtol, atol, seed)``, which returns an `Engine`. It imports what it needs
inside ``engine``, so that the list of engines costs nothing, and raises `MissingTool` with the
line that installs what is not there (`imported`). Where it declares ``OPTIONS``, one of these may
follow the name after a colon (``cvode:gmres``), and ``engine`` gets it as ``option``.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Protocol

import numpy as np

import ltpath.engines
from ltpath.errors import BadValue, MissingTool, UnknownName

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


def imported(package: str) -> ModuleType:
    """An optional package.

    Raises
    ------
    MissingTool
        It is not installed; the message has the line that installs it.
    """
    try:
        return importlib.import_module(package)
    except ImportError:
        raise MissingTool(f"this engine needs {package}, which is not installed; mend it with: pip install {package}") from None
