"""CVODE from the SUNDIALS libraries that scikit-sundae ships, with compiled equations.

scikit-sundae calls Python functions for the right-hand side and the Jacobian, which costs more
than the equations themselves (docs/solver.md). So the same libraries are called here through
their C interface with compiled functions (`ltpath.native`). Where the libraries are not found, as
in a build that links SUNDIALS otherwise, scikit-sundae's own class does the work, slower.
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

from ltpath import layout as at
from ltpath.errors import BadValue, SolverError
from ltpath.kernels import native_code

if TYPE_CHECKING:
    from ltpath.expansion import ReactionNetwork
    from ltpath.kernels import Kernel

NAME = "cvode"
SUMMARY = "SUNDIALS CVODE, variable-order BDF with compiled equations (the default)"
STOCHASTIC = False
SENSITIVITIES = True

MAX_STEPS = 100_000
"""Internal steps between two output times before the solver gives up."""
LINEAR_SOLVERS = {"dense": "entries", "sparse": "factors", "gmres": "", "preconditioned": "incomplete factors"}
"""How the Newton equations can be solved, and what of the Jacobian that needs: LAPACK; factors on the
network's own pattern; products with the Jacobian alone; the same with incomplete factors."""
OPTIONS = tuple(LINEAR_SOLVERS)
_FEW_MULTIPLICATIONS, _FEW_PER_REACTION = 300_000, 150
"""A network is factorised where that takes no more than this, or than this for each reaction (docs/solver.md)."""
_KRYLOV = 40
"""Dimension of the Krylov space; with SUNDIALS' own 5 the error grows a hundredfold."""
_NONE, _RIGHT = 0, 2
"""Preconditioning from the right keeps the residual, and with it every conserved total; from the left, totals drifted
by a tenth in a run of `camkii_hexamer_k3`."""
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
    "SUNLinSolNewEmpty": ("core", c_void_p, [c_void_p]),
    "SUNLinSolFreeEmpty": ("core", None, [c_void_p]),
    "SUNLinSolGetType_Dense": ("sunlinsoldense", c_int, [c_void_p]),
    "SUNLinSolSetup_Dense": ("sunlinsoldense", c_int, [c_void_p, c_void_p]),
    "SUNLinSolSolve_Dense": ("sunlinsoldense", c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_double]),
    "SUNLinSol_LapackDense": ("sunlinsollapackdense", c_void_p, [c_void_p, c_void_p, c_void_p]),
    "SUNLinSol_SPGMR": ("sunlinsolspgmr", c_void_p, [c_void_p, c_int, c_int, c_void_p]),
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
    "CVodeSetLinSysFn": ("cvode", c_int, [c_void_p, c_void_p]),
    "CVodeSetJacTimes": ("cvode", c_int, [c_void_p, c_void_p, c_void_p]),
    "CVodeSetPreconditioner": ("cvode", c_int, [c_void_p, c_void_p, c_void_p]),
    "CVodeSetMaxNumSteps": ("cvode", c_int, [c_void_p, c_long]),
    "CVodeSetMaxHnilWarns": ("cvode", c_int, [c_void_p, c_int]),
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


@cache
def _operations() -> tuple[int, dict[str, int]]:
    """Which word of a SUNDIALS linear solver leads to its operations, and their places there.

    SUNDIALS has moved both between versions, so they are read from its own dense solver.
    """
    library = sundials()
    assert library is not None
    context, number = c_void_p(), (c_double * 1)()
    library.SUNContext_Create(0, byref(context))
    vector, matrix = library.N_VMake_Serial(1, number, context), library.SUNDenseMatrix(1, 1, context)
    solver = library.SUNLinSol_Dense(vector, matrix, context)
    known = {library.address(f"SUNLinSol{n}_Dense"): n for n in ("GetType", "Setup", "Solve")}
    found: tuple[int, dict[str, int]] = (0, {})
    for word in (1, 2):
        if address := _words(solver)[word]:
            table = _words(address)
            found = max(found, (word, {known[table[i]]: i for i in range(12) if table[i] in known}), key=lambda f: len(f[1]))
    library.SUNLinSolFree(solver)
    library.SUNMatDestroy(matrix)
    library.N_VDestroy(vector)
    library.SUNContext_Free(byref(context))
    if len(found[1]) != len(known):
        raise SolverError("this version of SUNDIALS keeps its linear solvers in an unknown way; use the engine cvode:dense")
    return found


def _words(address: int) -> Any:
    return ctypes.cast(address, POINTER(c_void_p))


class CVODE:
    """Variable-order BDF, restarted at every call of `solve` without rebuilding anything.

    Parameters
    ----------
    kernel : Kernel
        Parameters and held species may change between calls.
    rtol : float
    atol : numpy.ndarray
        Absolute tolerance of each species, molecules.
    linear_solver : str
        One of ``LINEAR_SOLVERS``.
    directions : int
        Along how many of ``kernel.directions`` sensitivities are followed; states then have the
        shape (species, 1 + directions).
    """

    def __init__(self, kernel: Kernel, rtol: float, atol: np.ndarray, linear_solver: str, directions: int = 0) -> None:
        library = sundials()
        assert library is not None
        self._library, self._kernel = library, kernel
        kernel.lay_out(LINEAR_SOLVERS[linear_solver], directions)
        kernel.block.header[at.CODE_VECTOR] = library.address("N_VGetArrayPointer")
        kernel.block.header[at.CODE_DENSE] = library.address("SUNDenseMatrix_Data")
        code, n = native_code(), kernel.n * (1 + directions)
        self._y, self._atol = np.zeros(n), np.ascontiguousarray(np.tile(atol, 1 + directions), dtype=float)
        context = c_void_p()
        library.SUNContext_Create(0, byref(context))
        # Failures come back as return values, and are told once, in our words.
        library.SUNContext_ClearErrHandlers(context)
        self._state = library.N_VMake_Serial(n, self._y.ctypes.data, context)
        tolerance = library.N_VMake_Serial(n, self._atol.ctypes.data, context)
        self._memory = library.CVodeCreate(_BDF, context)
        matrix = linear = None
        match linear_solver:
            case "dense":
                matrix = library.SUNDenseMatrix(n, n, context)
                linear = library.SUNLinSol_LapackDense(self._state, matrix, context)
            case "sparse":
                # The matrix stays in the kernel's block; SUNDIALS wants to see one.
                matrix = library.SUNDenseMatrix(1, 1, context)
                linear = library.SUNLinSolNewEmpty(context)
                words = _words(linear)
                words[0] = kernel.address
                word, place = _operations()
                operations = _words(words[word])
                operations[place["GetType"]] = library.address("SUNLinSolGetType_Dense")
                operations[place["Setup"]] = code["cvode_nothing"]
                operations[place["Solve"]] = code["cvode_solve"]
            case "gmres" | "preconditioned":
                linear = library.SUNLinSol_SPGMR(
                    self._state, _RIGHT if linear_solver == "preconditioned" else _NONE, _KRYLOV, context
                )
        weakref.finalize(self, _free, library, self._memory, linear, linear_solver, matrix, (self._state, tolerance), context)
        calls = [
            library.CVodeInit(self._memory, code["cvode_rates"], 0.0, self._state),
            library.CVodeSVtolerances(self._memory, rtol, tolerance),
            library.CVodeSetUserData(self._memory, kernel.address),
            library.CVodeSetLinearSolver(self._memory, linear, matrix),
            library.CVodeSetMaxNumSteps(self._memory, MAX_STEPS),
            # Steps too short to move the clock would be told on standard output, among what a user has asked for; where
            # the solver does not get away from them, it stops, and that is told.
            library.CVodeSetMaxHnilWarns(self._memory, -1),
            library.CVodeSetDeltaGammaMaxLSetup(self._memory, _GAMMA_DRIFT),
        ]
        match linear_solver:
            case "dense":
                calls.append(library.CVodeSetJacFn(self._memory, code["cvode_dense"]))
            case "sparse":
                calls.append(library.CVodeSetLinSysFn(self._memory, code["cvode_matrix"]))
            case _:
                calls.append(library.CVodeSetJacTimes(self._memory, code["cvode_direct_setup"], code["cvode_direct"]))
                if linear_solver == "preconditioned":
                    set_up, solve = code["cvode_factors"], code["cvode_precondition"]
                    calls.append(library.CVodeSetPreconditioner(self._memory, set_up, solve))
        for status in calls:
            if status:
                raise SolverError(f"CVODE could not be set up (status {status})")

    def solve(self, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), each of the shape of `y`.

        Raises
        ------
        SolverError
            CVODE gave up; the message says when and why.
        """
        library, reached = self._library, c_double()
        # CVODE has the sensitivities of one direction after the other.
        states = np.empty((len(times), *y.shape[::-1]))
        states[0] = y.T
        self._y[:] = states[0].ravel()
        # Time counts from here, because the equations do not depend on it: hours after time 0 the small steps that follow
        # an event would be lost in the last digits of a clock that went on.
        ahead = times - times[0]
        library.CVodeReInit(self._memory, 0.0, self._state)
        library.CVodeSetStopTime(self._memory, ahead[-1])
        for i in range(1, len(times)):
            status = library.CVode(self._memory, ahead[i], self._state, byref(reached), _NORMAL)
            if status < 0:
                why = _WHY.get(status, f"CVODE status {status}")
                raise SolverError(f"the solver stopped at {times[0] + reached.value:g} s: {why}")
            states[i] = self._y.reshape(states.shape[1:])
        return states if y.ndim == 1 else states.swapaxes(1, 2)


def _free(
    library: _Sundials, memory: Any, linear: Any, linear_solver: str, matrix: Any, vectors: tuple[Any, ...], context: c_void_p
) -> None:
    library.CVodeFree(byref(c_void_p(memory)))
    if linear_solver == "sparse":
        library.SUNLinSolFreeEmpty(linear)
    else:
        library.SUNLinSolFree(linear)
    if matrix is not None:
        library.SUNMatDestroy(matrix)
    for vector in vectors:
        library.N_VDestroy(vector)
    library.SUNContext_Free(byref(context))


class PythonCVODE:
    """The same solver as scikit-sundae offers it, with callbacks through Python."""

    def __init__(self, kernel: Kernel, rtol: float, atol: np.ndarray) -> None:
        from sksundae import cvode

        def rates(t: float, y: np.ndarray, dy: np.ndarray) -> None:
            dy[:] = kernel.rhs(t, y)

        def jacobian(t: float, y: np.ndarray, dy: np.ndarray, jac: np.ndarray) -> None:
            jac[:] = kernel.jacobian(t, y)

        self._solver = cvode.CVODE(
            rates, jacfn=jacobian, rtol=rtol, atol=atol, linsolver="dense", max_num_steps=MAX_STEPS
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


def engine(
    kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None, option: str = "", directions: int = 0
) -> CVODE | PythonCVODE:
    """CVODE by the fastest way that this installation has.

    Raises
    ------
    BadValue
        Sensitivities were asked of what cannot give them.
    """
    if sundials() is None:
        if directions:
            raise BadValue("this installation of scikit-sundae links SUNDIALS in a way that gives no sensitivities")
        return PythonCVODE(kernel, rtol, atol)
    if directions and option == "dense":
        raise BadValue("cvode:dense follows no sensitivities; use cvode, or another of its options")
    return CVODE(kernel, rtol, atol, option or linear_solver(kernel.network), directions)


def resting_option(network: ReactionNetwork) -> str:
    """The option that finds a resting state, where the usual one does not: in steps of days plain GMRES does not converge.

    At rest phosphorylation in `camkii_hexamer_k5` then was 10,000 times what it is (docs/solver.md).
    """
    return "preconditioned" if sundials() is not None and linear_solver(network) == "gmres" else ""


def linear_solver(network: ReactionNetwork) -> str:
    """The fastest linear solver for a network, by what one factorisation takes."""
    few = max(_FEW_MULTIPLICATIONS, _FEW_PER_REACTION * len(network.arrays["rate"]))
    return "sparse" if network.meta["multiplications"] <= few else "gmres"
