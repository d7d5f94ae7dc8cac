"""CVODE with compiled callbacks, from the SUNDIALS libraries that scikit-sundae ships.

scikit-sundae calls Python functions for the right-hand side and the Jacobian. In a run of
`early_ltp` that crossing costs a third of the time and more than the equations themselves
(docs/solver.md), so the same libraries are called here through their C interface, with the
callbacks that `ltpath.kernels` compiles. Where the libraries are not found, as in a build
that links SUNDIALS otherwise, scikit-sundae's own class does the work, a little slower.
"""

from __future__ import annotations

import ctypes
import weakref
from ctypes import POINTER, byref, c_double, c_int, c_long, c_void_p
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from ltpath.errors import SolverError

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "cvode"
SUMMARY = "SUNDIALS CVODE, variable-order BDF with compiled equations (the default)"
STOCHASTIC = False

MAX_STEPS = 100_000
"""Internal steps between two output times before the solver gives up."""
_BDF, _NORMAL = 2, 1
_GAMMA_DRIFT = 0.5
"""How far step size x leading coefficient may drift before the Newton matrix is factorised anew; CVODE's own 0.3
factorises a fifth more often, for the same steps and error."""

# Every function that is called: library, result, arguments. c_long stands for SUNDIALS' index type, whichever
# its width: small positive integers pass alike.
_FUNCTIONS: dict[str, tuple[str, Any, list[Any]]] = {
    "SUNContext_Create": ("core", c_int, [c_int, c_void_p]),
    "SUNContext_ClearErrHandlers": ("core", c_int, [c_void_p]),
    "SUNContext_Free": ("core", c_int, [c_void_p]),
    "N_VGetArrayPointer": ("core", c_void_p, [c_void_p]),
    "N_VDestroy": ("core", None, [c_void_p]),
    "SUNMatDestroy": ("core", None, [c_void_p]),
    "SUNLinSolFree": ("core", c_int, [c_void_p]),
    "N_VMake_Serial": ("nvecserial", c_void_p, [c_long, c_void_p, c_void_p]),
    "SUNDenseMatrix": ("sunmatrixdense", c_void_p, [c_long, c_long, c_void_p]),
    "SUNDenseMatrix_Data": ("sunmatrixdense", c_void_p, [c_void_p]),
    "SUNLinSol_Dense": ("sunlinsoldense", c_void_p, [c_void_p, c_void_p, c_void_p]),
    "CVodeCreate": ("cvode", c_void_p, [c_int, c_void_p]),
    "CVodeInit": ("cvode", c_int, [c_void_p, c_void_p, c_double, c_void_p]),
    "CVodeReInit": ("cvode", c_int, [c_void_p, c_double, c_void_p]),
    "CVodeSVtolerances": ("cvode", c_int, [c_void_p, c_double, c_void_p]),
    "CVodeSetUserData": ("cvode", c_int, [c_void_p, c_void_p]),
    "CVodeSetLinearSolver": ("cvode", c_int, [c_void_p, c_void_p, c_void_p]),
    "CVodeSetJacFn": ("cvode", c_int, [c_void_p, c_void_p]),
    "CVodeSetMaxNumSteps": ("cvode", c_int, [c_void_p, c_long]),
    "CVodeSetDeltaGammaMaxLSetup": ("cvode", c_int, [c_void_p, c_double]),
    "CVodeSetStopTime": ("cvode", c_int, [c_void_p, c_double]),
    "CVode": ("cvode", c_int, [c_void_p, c_double, c_void_p, POINTER(c_double), c_int]),
    "CVodeFree": ("cvode", None, [c_void_p]),
}
_WHY = {
    -1: f"more than {MAX_STEPS} steps between two output times",
    -2: "the accuracy asked for cannot be reached",
    -3: "the error test failed again and again",
    -4: "the corrector did not converge",
    -6: "the Newton matrix could not be set up",
    -7: "the Newton matrix could not be solved",
}


@dataclass(frozen=True)
class _Sundials:
    """The functions of ``_FUNCTIONS``, and the addresses that compiled callbacks link to."""

    call: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.call[name]

    def address(self, name: str) -> int:
        return ctypes.cast(self.call[name], c_void_p).value or 0


@cache
def sundials() -> _Sundials | None:
    """The SUNDIALS libraries beside scikit-sundae, or None where they are not separate files."""
    try:
        files = metadata.files("scikit-sundae") or []
        paths = {
            part: str(file.locate())
            for part in {library for library, _, _ in _FUNCTIONS.values()}
            for file in files
            if f"sundials_{part}-" in file.name or f"sundials_{part}." in file.name
        }
        libraries = {part: ctypes.CDLL(path) for part, path in paths.items()}
        call = {}
        for name, (part, result, arguments) in _FUNCTIONS.items():
            function = getattr(libraries[part], name)
            function.restype, function.argtypes = result, arguments
            call[name] = function
    except (OSError, KeyError, AttributeError, metadata.PackageNotFoundError):
        return None
    return _Sundials(call)


class CVODE:
    """Variable-order BDF with a dense analytic Jacobian, restarted at every call of `solve`.

    Parameters
    ----------
    kernel : Kernel
        Its compiled functions; parameters and held species may change between calls.
    rtol : float
    atol : numpy.ndarray
        Absolute tolerance of each species, molecules.
    """

    def __init__(self, kernel: Kernel, rtol: float, atol: np.ndarray) -> None:
        library = sundials()
        assert library is not None
        self._library, self._kernel, n = library, kernel, kernel.n
        self._y, self._atol = np.zeros(n), np.ascontiguousarray(atol, dtype=float)
        context = c_void_p()
        library.SUNContext_Create(0, byref(context))
        # Failures come back as return values, and are told once, in our words.
        library.SUNContext_ClearErrHandlers(context)
        self._state = library.N_VMake_Serial(n, self._y.ctypes.data, context)
        tolerance = library.N_VMake_Serial(n, self._atol.ctypes.data, context)
        matrix = library.SUNDenseMatrix(n, n, context)
        # SUNDIALS' own dense solver skips zeros, which LAPACK does not; `ltpath.ordering` keeps them.
        linear = library.SUNLinSol_Dense(self._state, matrix, context)
        self._memory = library.CVodeCreate(_BDF, context)
        weakref.finalize(self, _free, library, self._memory, linear, matrix, (self._state, tolerance), context)
        for status in (
            library.CVodeInit(self._memory, kernel.code.cvode_rhs.address, 0.0, self._state),
            library.CVodeSVtolerances(self._memory, rtol, tolerance),
            library.CVodeSetUserData(self._memory, kernel.data[0].ctypes.data),
            library.CVodeSetLinearSolver(self._memory, linear, matrix),
            library.CVodeSetJacFn(self._memory, kernel.code.cvode_jacobian.address),
            library.CVodeSetMaxNumSteps(self._memory, MAX_STEPS),
            library.CVodeSetDeltaGammaMaxLSetup(self._memory, _GAMMA_DRIFT),
        ):
            if status:
                raise SolverError(f"CVODE could not be set up (status {status})")

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), shape (time, species).

        Raises
        ------
        SolverError
            CVODE gave up; the message says when and why.
        """
        library, reached = self._library, c_double()
        states = np.empty((len(times), len(y)))
        states[0] = self._y[:] = y
        library.CVodeReInit(self._memory, times[0], self._state)
        library.CVodeSetStopTime(self._memory, times[-1])
        for i in range(1, len(times)):
            status = library.CVode(self._memory, times[i], self._state, byref(reached), _NORMAL)
            if status < 0:
                raise SolverError(f"the solver stopped at {reached.value:g} s: {_WHY.get(status, f'CVODE status {status}')}")
            states[i] = self._y
        return states


def _free(library: _Sundials, memory: Any, linear: Any, matrix: Any, vectors: tuple[Any, ...], context: c_void_p) -> None:
    library.CVodeFree(byref(c_void_p(memory)))
    library.SUNLinSolFree(linear)
    library.SUNMatDestroy(matrix)
    for vector in vectors:
        library.N_VDestroy(vector)
    library.SUNContext_Free(byref(context))


class PythonCVODE:
    """The same solver as scikit-sundae offers it, with callbacks through Python."""

    def __init__(self, kernel: Kernel, rtol: float, atol: np.ndarray) -> None:
        from sksundae import cvode

        self._solver = cvode.CVODE(
            kernel.code.rhs, jacfn=kernel.code.jacobian, userdata=kernel.data, rtol=rtol, atol=atol,
            linsolver="dense", max_num_steps=MAX_STEPS,
        )  # fmt: skip

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """As `CVODE.solve`."""
        # Two times would ask for every internal step.
        grid = times if len(times) > 2 else np.array([times[0], (times[0] + times[-1]) / 2, times[-1]])
        solution = self._solver.solve(grid, y)
        if not solution.success or len(solution.t) < len(grid):
            raise SolverError(f"the solver stopped at {solution.t[-1]:g} s: {_WHY.get(solution.status, solution.message)}")
        states = np.asarray(solution.y)
        return states if len(times) > 2 else states[[0, 2]]


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> CVODE | PythonCVODE:
    """CVODE by the fastest way that this installation has."""
    return (CVODE if sundials() else PythonCVODE)(kernel, rtol, atol)
