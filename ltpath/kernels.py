"""The right-hand side and its Jacobian, compiled by numba and cached on disk by content.

CVODE calls both tens of thousands of times in a run: a network's indices are constants of
the compiled module, and everything that changes lies in one work array.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from types import ModuleType

import numpy as np

from ltpath.engines.cvode import sundials
from ltpath.errors import BadValue, LtpathError
from ltpath.expansion import ReactionNetwork, cache_folder, write_atomically

_SOURCE = '''"""Written by ltpath from the network {name}; do not edit."""
import math
import numpy as np
from numba import carray, cfunc, farray, njit, types

{tables}


@njit(cache=True, error_model="numpy")
def constants(p):
    {constants}


@njit(cache=True, error_model="numpy")
def expressions(p, o, e):
    {expressions}


@njit(cache=True, error_model="numpy")
def tangent(p, o, e, do, de):
    {tangent}


@njit(cache=True, error_model="numpy")
def prepare(y, work):
    """Rate constants, with the observables and expressions that they read."""
    o = work[AT_O:AT_E]
    o[:] = 0.0
    for i in range(READ_ROW.size):
        o[READ_ROW[i]] += READ_WEIGHT[i] * y[READ_COL[i]]
    expressions(work, o, work[AT_E:AT_K])
    k = work[AT_K:AT_FREE]
    for r in range(RATE.size):
        k[r] = FACTOR[r] * work[RATE[r]]
    return k


@njit(cache=True, error_model="numpy")
def rhs(t, y, dy, data):
    """dy/dt. Reactions come sorted by their number of reactants; GAIN lists what changes each species."""
    work = data[0]
    flux = prepare(y, work)
    for r in range(FIRST_ORDER[1], FIRST_ORDER[2]):
        flux[r] *= y[REACTANT[r, 0]]
    for r in range(FIRST_ORDER[2], FIRST_ORDER[3]):
        flux[r] *= y[REACTANT[r, 0]] * y[REACTANT[r, 1]]
    for r in range(FIRST_ORDER[3], RATE.size):
        for j in range(ORDER[r]):
            flux[r] *= y[REACTANT[r, j]]
    for i in range(dy.size):
        change = 0.0
        for j in range(FIRST_GAIN[i], FIRST_GAIN[i + 1]):
            change += GAIN[j] * flux[GAIN_OF[j]]
        dy[i] = change * work[AT_FREE + i]


@njit(cache=True, error_model="numpy")
def jacobian(t, y, dy, jac, data):
    """d(dy_i)/dy_j, dense: mass action, then what the observables do through expressions."""
    work = data[0]
    k = prepare(y, work)
    o, e = work[AT_O:AT_E], work[AT_E:AT_K]
    do, de = work[AT_DO:AT_DE], work[AT_DE:]
    jac[:, :] = 0.0
    for r in range(RATE.size):
        for j in range(ORDER[r]):
            slope = k[r]
            for i in range(ORDER[r]):
                if i != j:
                    slope *= y[REACTANT[r, i]]
            for i in range(FIRST_CHANGE[r], FIRST_CHANGE[r + 1]):
                jac[CHANGED[i], REACTANT[r, j]] += CHANGE[i] * slope
    do[:] = 0.0
    for u in range(USED.size):
        do[USED[u]] = 1.0
        tangent(work, o, e, do, de)
        do[USED[u]] = 0.0
        for d in range(DYNAMIC.size):
            r = DYNAMIC[d]
            slope = FACTOR[r] * de[RATE[r] - AT_E]
            if slope == 0.0:
                continue
            for j in range(ORDER[r]):
                slope *= y[REACTANT[r, j]]
            for m in range(FIRST_READ[USED[u]], FIRST_READ[USED[u] + 1]):
                for i in range(FIRST_CHANGE[r], FIRST_CHANGE[r + 1]):
                    jac[CHANGED[i], READ_COL[m]] += CHANGE[i] * slope * READ_WEIGHT[m]
    for i in range(dy.size):
        if work[AT_FREE + i] == 0.0:
            jac[i, :] = 0.0


@njit(cache=True, error_model="numpy")
def observe_all(ys, p, out_o, out_e):
    for t in range(ys.shape[0]):
        out_o[t] = 0.0
        for i in range(ROW.size):
            out_o[t, ROW[i]] += WEIGHT[i] * ys[t, COL[i]]
        expressions(p, out_o[t], out_e[t])
'''

_CALLBACKS = """

_vector = types.ExternalFunction("N_VGetArrayPointer", types.CPointer(types.float64)(types.voidptr))
_matrix = types.ExternalFunction("SUNDenseMatrix_Data", types.CPointer(types.float64)(types.voidptr))
_work = types.CPointer(types.float64)
_v = types.voidptr


@cfunc(types.int32(types.float64, _v, _v, _work), cache=True)
def cvode_rhs(t, y, dy, work):
    rhs(t, carray(_vector(y), (N,)), carray(_vector(dy), (N,)), (carray(work, (AT_END,)),))
    return 0


@cfunc(types.int32(types.float64, _v, _v, _v, _work, _v, _v, _v), cache=True)
def cvode_jacobian(t, y, dy, jac, work, first, second, third):
    jacobian(t, carray(_vector(y), (N,)), carray(_vector(dy), (N,)), farray(_matrix(jac), (N, N)), (carray(work, (AT_END,)),))
    return 0
"""


def compiled(network: ReactionNetwork) -> ModuleType:
    """The compiled functions of a network, with C callbacks where `ltpath.engines.cvode` can use them."""
    lines = {part: "\n    ".join(network.meta["formulas"][part]) or "pass" for part in ("constants", "expressions", "tangent")}
    text = _SOURCE.format(name=network.name, tables=_tables(network), **lines)
    library = sundials()
    if library is not None:
        from llvmlite import binding

        for name in ("N_VGetArrayPointer", "SUNDenseMatrix_Data"):
            binding.add_symbol(name, library.address(name))
        text += _CALLBACKS
    return _module(text, network.name)


@lru_cache(maxsize=32)
def _module(text: str, name: str) -> ModuleType:
    """Import generated source from the cache folder, where numba keeps the machine code beside it."""
    path = cache_folder() / "kernels" / f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:24]}.py"
    module_name = f"ltpath_{path.stem}"
    for attempt in ("cached", "rebuilt"):
        try:
            if not path.exists() or path.read_bytes() != text.encode():
                write_atomically(path, text.encode())
        except OSError:
            break
        try:
            spec = importlib.util.spec_from_file_location(module_name, path)
            if spec is None or spec.loader is None:
                raise LtpathError(f"the compiled kernel of '{name}' cannot be imported from {path}")
            module = importlib.util.module_from_spec(spec)
            sys.modules[module_name] = module
            spec.loader.exec_module(module)
            _load(module)
        except Exception as error:
            if attempt == "rebuilt":
                raise LtpathError(f"the equations of '{name}' cannot be compiled: {error}") from None
            warnings.warn(f"the compiled equations of '{name}' in the cache are damaged and are rebuilt", stacklevel=2)
            for damaged in path.parent.rglob(f"{path.stem}*"):
                with suppress(OSError):
                    damaged.unlink()
        else:
            return module
    # No cache to write to: compile in memory.
    module = ModuleType(module_name)
    exec(compile(text.replace("cache=True", "cache=False"), module_name, "exec"), module.__dict__)
    return module


def _load(module: ModuleType) -> None:
    """Make numba read the machine code now, where damage can be mended, and not at first use."""
    p = np.ones(module.AT_O)
    module.constants(p)
    module.observe_all(
        np.ones((1, module.N)), p, np.zeros((1, module.AT_E - module.AT_O)), np.zeros((1, module.AT_K - module.AT_E))
    )


class Kernel:
    """A network's compiled functions with the work array that they share.

    One Kernel serves one integration at a time.

    Attributes
    ----------
    code : module
        ``rhs(t, y, dy, data)`` fills ``dy`` with molecules per second, and
        ``jacobian(t, y, dy, jac, data)`` fills ``jac``, shape (species, species).
    data : tuple of numpy.ndarray
        The work array: parameters and constants, observables, expressions, rate constants,
        1 for each species that is free to change, and room for derivatives. A tuple, because
        scikit-sundae hands on no arrays.
    p, free : numpy.ndarray
        The parameters with the constants that follow from them, and the free species: views of the work array.
    """

    def __init__(self, network: ReactionNetwork) -> None:
        self.network, self.code = network, network.code
        self.n = len(network.species)
        self.n_parameters = len(network.meta["parameters"])
        at = _layout(network)
        work = np.zeros(at["END"])
        self.data = (work,)
        self.p = work[: at["O"]]
        self.free = work[at["FREE"] : at["DO"]]
        self.free[:] = ~network.arrays["held"]
        self.set_parameters(network.parameters)

    def rhs(self, t: float, y: np.ndarray) -> np.ndarray:
        """dy/dt in molecules per second."""
        dy = np.empty(self.n)
        self.code.rhs(t, y, dy, self.data)
        return dy

    def jacobian(self, t: float, y: np.ndarray) -> np.ndarray:
        """d(dy_i)/dy_j, shape (species, species)."""
        jac, dy = np.empty((self.n, self.n)), np.empty(self.n)
        self.code.jacobian(t, y, dy, jac, self.data)
        return jac

    def set_parameters(self, values: Mapping[str, float]) -> None:
        """Set all parameters and recompute the constants that follow from them."""
        self.p[: self.n_parameters] = [values[name] for name in self.network.meta["parameters"]]
        self.code.constants(self.p)
        if not np.isfinite(self.p).all():
            bad = next(name for name, value in self.constants.items() if not np.isfinite(value))
            raise BadValue(f"with these parameters of '{self.network.name}', {bad} is not a finite number")

    @property
    def constants(self) -> dict[str, float]:
        """Every parameter and every constant that follows from them, by name."""
        names = self.network.meta["parameters"] + self.network.meta["constants"]
        return dict(zip(names, self.p.tolist(), strict=True))

    def initial(self) -> np.ndarray:
        """Initial amounts in molecules, shape (species,), for the present parameters."""
        amounts, y = self.constants, np.zeros(self.n)
        for species, amount in self.network.meta["initial"]:
            y[species] = amounts[amount]
        return y

    def check(self) -> None:
        """Evaluate the equations once where an error can be told.

        Raises
        ------
        BadValue
            The present parameters divide by zero, or give a rate that is not finite.
        """
        change = np.zeros(self.n)
        try:
            self.code.rhs(0.0, self.initial(), change, self.data)
        except ZeroDivisionError:
            change[:] = np.nan
        if not np.isfinite(change).all():
            raise BadValue(f"with these parameters the rates of '{self.network.name}' are not finite numbers")

    def read(self, ys: np.ndarray) -> dict[str, np.ndarray]:
        """Every observable (molecules) and expression for states of shape (time, species)."""
        meta = self.network.meta
        observables = np.empty((len(ys), len(meta["observables"])))
        expressions = np.empty((len(ys), len(meta["expressions"])))
        self.code.observe_all(np.ascontiguousarray(ys), self.p, observables, expressions)
        return self._columns(observables, expressions)

    def read_observables(self, observables: np.ndarray) -> dict[str, np.ndarray]:
        """Every observable and expression, given the observables, shape (time, observables)."""
        expressions = np.empty((len(observables), len(self.network.meta["expressions"])))
        for row, filled in zip(observables, expressions, strict=True):
            self.code.expressions(self.p, row, filled)
        return self._columns(observables, expressions)

    def _columns(self, observables: np.ndarray, expressions: np.ndarray) -> dict[str, np.ndarray]:
        meta = self.network.meta
        columns = dict(zip(meta["observables"], observables.T, strict=True))
        return columns | dict(zip(meta["expressions"], expressions.T, strict=True))


def _layout(network: ReactionNetwork) -> dict[str, int]:
    """Where each part of the work array starts."""
    meta = network.meta
    n_constant = len(meta["parameters"]) + len(meta["constants"])
    observables, expressions = len(meta["observables"]), len(meta["expressions"])
    sizes = [n_constant, observables, expressions, len(network.arrays["rate"]), len(meta["species"]), observables, expressions]
    return dict(zip(("P", "O", "E", "K", "FREE", "DO", "DE", "END"), np.cumsum([0, *sizes]).tolist(), strict=True))


def _tables(network: ReactionNetwork) -> str:
    """The network's indices and stoichiometry as source lines; reactions sorted by their number of reactants."""
    arrays, at = network.arrays, _layout(network)
    order = (arrays["reactants"] >= 0).sum(axis=1)
    sequence = np.argsort(order, kind="stable")
    order = order[sequence]
    reactants, products = arrays["reactants"][sequence], arrays["products"][sequence]
    rate = arrays["rate"][sequence]
    n_constant = at["O"]

    first_change, changed, change = [0], [], []
    for ins, outs in zip(reactants.tolist(), products.tolist(), strict=True):
        net: dict[int, float] = {}
        for i in ins:
            net[i] = net.get(i, 0.0) - 1.0
        for i in outs:
            net[i] = net.get(i, 0.0) + 1.0
        net.pop(-1, None)
        kept = {i: c for i, c in net.items() if c}
        changed += list(kept)
        change += list(kept.values())
        first_change.append(len(changed))
    reaction = np.repeat(np.arange(len(rate)), np.diff(first_change))
    by_species = np.argsort(changed, kind="stable")

    rows = arrays["observables"][np.argsort(arrays["observables"][:, 0], kind="stable")]
    used = np.array(network.meta["formulas"]["used"], dtype=np.int64)
    # Rates read few observables; the others are only computed for output.
    read = rows[np.isin(rows[:, 0], used)]
    tables = {
        "ROW": rows[:, 0].astype(int), "COL": rows[:, 1].astype(int), "WEIGHT": rows[:, 2],
        "READ_ROW": read[:, 0].astype(int), "READ_COL": read[:, 1].astype(int), "READ_WEIGHT": read[:, 2],
        "FIRST_READ": np.searchsorted(read[:, 0], np.arange(len(network.meta["observables"]) + 1)),
        "USED": used,
        # Where a rate lies in the work array: a parameter or constant, or an expression.
        "RATE": np.where(rate < n_constant, rate, rate - n_constant + at["E"]),
        "FACTOR": arrays["factor"][sequence],
        "DYNAMIC": np.flatnonzero(rate >= n_constant),
        "ORDER": order,
        "FIRST_ORDER": np.searchsorted(order, np.arange(4)),
        "REACTANT": np.maximum(reactants, 0),
        "FIRST_CHANGE": np.array(first_change), "CHANGED": np.array(changed, dtype=np.int64), "CHANGE": np.array(change),
        "FIRST_GAIN": np.searchsorted(np.array(changed)[by_species], np.arange(len(network.meta["species"]) + 1)),
        "GAIN_OF": reaction[by_species], "GAIN": np.array(change)[by_species],
    }  # fmt: skip
    lines = [f"N = {len(network.species)}", *(f"AT_{name} = {start}" for name, start in at.items())]
    for name, values in tables.items():
        kind = "np.float64" if values.dtype.kind == "f" else "np.int64"
        lines.append(f"{name} = np.array({values.tolist()}, dtype={kind}).reshape({values.shape})")
    return "\n".join(lines)
