"""The right-hand side and its Jacobian, compiled by numba and cached on disk by content."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from ltpath.errors import LtpathError
from ltpath.expansion import ReactionNetwork, cache_folder, write_atomically

_SOURCE = '''"""Written by ltpath from the network {name}; do not edit."""
import math
from numba import njit


@njit(cache=True)
def constants(p):
    {constants}


@njit(cache=True)
def expressions(p, o, e):
    {expressions}


@njit(cache=True)
def tangent(p, o, e, do, de):
    {tangent}


@njit(cache=True)
def observe(y, rows, cols, weights, o):
    o[:] = 0.0
    for i in range(rows.size):
        o[rows[i]] += weights[i] * y[cols[i]]


@njit(cache=True)
def rates(p, e, rate, factor, k):
    n = p.size
    for r in range(rate.size):
        k[r] = factor[r] * (p[rate[r]] if rate[r] < n else e[rate[r] - n])


@njit(cache=True)
def rhs(y, dy, p, o, e, k, held, rows, cols, weights, rate, factor, reactants, order, targets, source, net):
    """dy/dt; `targets`/`net` list the species that each reaction changes (CSR by `source`)."""
    observe(y, rows, cols, weights, o)
    expressions(p, o, e)
    rates(p, e, rate, factor, k)
    dy[:] = 0.0
    for r in range(rate.size):
        flux = k[r]
        for j in range(order[r]):
            flux *= y[reactants[r, j]]
        for j in range(source[r], source[r + 1]):
            dy[targets[j]] += net[j] * flux
    for i in range(held.size):
        if held[i]:
            dy[i] = 0.0


@njit(cache=True)
def jacobian(
    y, jac, p, o, e, k, de, do, held, rows, cols, weights, rate, factor, reactants, order, targets, source, net, used,
    first, dynamic
):
    """d(dy_i)/dy_j, dense; `dynamic` lists the reactions whose rate is an expression."""
    observe(y, rows, cols, weights, o)
    expressions(p, o, e)
    rates(p, e, rate, factor, k)
    jac[:, :] = 0.0
    n = p.size
    for r in range(rate.size):
        for j in range(order[r]):
            s = reactants[r, j]
            slope = k[r]
            for i in range(order[r]):
                if i != j:
                    slope *= y[reactants[r, i]]
            for i in range(source[r], source[r + 1]):
                jac[targets[i], s] += net[i] * slope
    do[:] = 0.0
    for u in range(used.size):
        do[used[u]] = 1.0
        tangent(p, o, e, do, de)
        do[used[u]] = 0.0
        for d in range(dynamic.size):
            r = dynamic[d]
            slope = factor[r] * de[rate[r] - n]
            if slope == 0.0:
                continue
            for j in range(order[r]):
                slope *= y[reactants[r, j]]
            for m in range(first[used[u]], first[used[u] + 1]):
                for i in range(source[r], source[r + 1]):
                    jac[targets[i], cols[m]] += net[i] * slope * weights[m]
    for i in range(held.size):
        if held[i]:
            jac[i, :] = 0.0


@njit(cache=True)
def observe_all(ys, p, rows, cols, weights, o, e, out_o, out_e):
    for t in range(ys.shape[0]):
        observe(ys[t], rows, cols, weights, o)
        expressions(p, o, e)
        out_o[t] = o
        out_e[t] = e
'''


@lru_cache(maxsize=32)
def _module(text: str, name: str) -> ModuleType:
    """Import generated source from the cache folder, where numba keeps the machine code beside it."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    path = cache_folder() / "kernels" / f"kernel_{digest}.py"
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text.encode())
        code: Any = None
    except OSError:
        code = text.replace("@njit(cache=True)", "@njit")
    module_name = f"ltpath_{path.stem}"
    if code is None:
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            raise LtpathError(f"the compiled kernel of '{name}' cannot be imported from {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
    else:
        module = ModuleType(module_name)
        exec(compile(code, module_name, "exec"), module.__dict__)
    return module


@dataclass
class Kernel:
    """Compiled functions of one network with the arrays they work on.

    One Kernel serves one integration at a time; its work arrays are reused.
    """

    network: ReactionNetwork

    def __post_init__(self) -> None:
        meta, arrays = self.network.meta, self.network.arrays
        lines = {part: "\n    ".join(meta["formulas"][part]) or "pass" for part in ("constants", "expressions", "tangent")}
        self.code = _module(_SOURCE.format(name=self.network.name, **lines), self.network.name)
        self.n_parameters = len(meta["parameters"])
        self.n = len(meta["species"])
        rows = arrays["observables"]
        order = np.argsort(rows[:, 0], kind="stable")
        self.rows = rows[order, 0].astype(np.int64)
        self.cols = rows[order, 1].astype(np.int64)
        self.weights = np.ascontiguousarray(rows[order, 2])
        self.rate, self.factor, self.reactants = arrays["rate"], arrays["factor"], arrays["reactants"]
        self.order = (self.reactants >= 0).sum(axis=1)
        self.source, self.targets, self.net = self._net_changes()
        self.used = np.array(meta["formulas"]["used"], dtype=np.int64)
        # Rates read few observables; the others are only computed for output.
        read = np.isin(self.rows, self.used)
        self.read_rows, self.read_cols, self.read_weights = self.rows[read], self.cols[read], self.weights[read]
        self.first = np.searchsorted(self.read_rows, np.arange(len(meta["observables"]) + 1))
        n_constant = self.n_parameters + len(meta["constants"])
        self.dynamic = np.flatnonzero(self.rate >= n_constant)
        self.o = np.zeros(len(meta["observables"]))
        self.do = np.zeros_like(self.o)
        self.e = np.zeros(len(meta["expressions"]))
        self.de = np.zeros_like(self.e)
        self.k = np.zeros(self.rate.size)
        self.held = arrays["held"].copy()
        self.p = np.zeros(n_constant)
        self.set_parameters(np.array(meta["values"], dtype=float))

    def _net_changes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        reactants, products = self.network.arrays["reactants"], self.network.arrays["products"]
        first, targets, net = [0], [], []
        for ins, outs in zip(reactants.tolist(), products.tolist(), strict=True):
            change: dict[int, float] = {}
            for i in ins:
                change[i] = change.get(i, 0.0) - 1.0
            for i in outs:
                change[i] = change.get(i, 0.0) + 1.0
            change.pop(-1, None)
            kept = {i: c for i, c in change.items() if c}
            targets += list(kept)
            net += list(kept.values())
            first.append(len(targets))
        return np.array(first), np.array(targets, dtype=np.int64), np.array(net)

    def set_parameters(self, values: np.ndarray) -> None:
        """Set all parameters and recompute the constants that follow from them."""
        self.p[: self.n_parameters] = values
        self.code.constants(self.p)

    def initial(self) -> np.ndarray:
        """Initial amounts in molecules, shape (species,), for the present parameters."""
        names = self.network.meta["parameters"] + self.network.meta["constants"]
        position = {name: i for i, name in enumerate(names)}
        y = np.zeros(self.n)
        for species, amount in self.network.meta["initial"]:
            y[species] = self.p[position[amount]]
        return y

    def rhs(self, t: float, y: np.ndarray, dy: np.ndarray) -> None:
        """Fill ``dy`` with the rates of change in molecules per second."""
        self.code.rhs(
            y, dy, self.p, self.o, self.e, self.k, self.held, self.read_rows, self.read_cols, self.read_weights,
            self.rate, self.factor, self.reactants, self.order, self.targets, self.source, self.net,
        )  # fmt: skip

    def jacobian(self, t: float, y: np.ndarray, dy: np.ndarray, jac: np.ndarray) -> None:
        """Fill ``jac``, shape (species, species), with the derivatives of ``rhs``."""
        self.code.jacobian(
            y, jac, self.p, self.o, self.e, self.k, self.de, self.do, self.held, self.read_rows, self.read_cols,
            self.read_weights, self.rate, self.factor, self.reactants, self.order, self.targets, self.source, self.net, self.used, self.first,
            self.dynamic,
        )  # fmt: skip

    def read(self, ys: np.ndarray) -> dict[str, np.ndarray]:
        """Every observable (molecules) and expression for states of shape (time, species)."""
        meta = self.network.meta
        observables = np.empty((len(ys), self.o.size))
        expressions = np.empty((len(ys), self.e.size))
        self.code.observe_all(
            np.ascontiguousarray(ys), self.p, self.rows, self.cols, self.weights, self.o, self.e, observables, expressions
        )
        columns = dict(zip(meta["observables"], observables.T, strict=True))
        return columns | dict(zip(meta["expressions"], expressions.T, strict=True))
