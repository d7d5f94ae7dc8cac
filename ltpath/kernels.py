"""A network's equations: its tables for the compiled functions, and the block of memory they work on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ctypes import CFUNCTYPE, c_ssize_t
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ltpath import layout as at
from ltpath import machine_code
from ltpath.errors import BadValue
from ltpath.expansion import ReactionNetwork
from ltpath.ordering import symbolic_factors

_HUB = 4.0
"""A species is a hub when this many times more reactions change it than the average species."""
_TABLE = "table_"
_FORMULAS = ("constants", "expressions", "readouts", "tangent")
_SENSITIVITIES = ("parameter_tangent", "readout_tangent")
"""Most of the text and of the time to compile it; only sensitivities call it."""


# -- compiled functions ---------------------------------------------------------------


@cache
def native_code() -> dict[str, int]:
    """Addresses of the functions that serve every network (`ltpath.native`), compiled once on a machine."""

    def signatures() -> Mapping[Callable[..., Any], Any]:
        from ltpath import native

        return native.SIGNATURES

    folder = Path(__file__).parent
    source = "".join((folder / f"{n}.py").read_text(encoding="utf-8") for n in ("native", "layout"))
    return machine_code.functions(source, "the compiled code of all networks", signatures)


def formula_code(network: ReactionNetwork, formulas: Sequence[str]) -> dict[str, int]:
    """Addresses of some of a network's own formulas."""
    lines = {name: "\n    ".join(network.meta["formulas"][name]) or "pass" for name in formulas}
    text = "import math\n\n\n" + "\n\n".join(f"def {name}(p, o, e, do, dp, de):\n    {body}\n" for name, body in lines.items())

    def signatures() -> Mapping[Callable[..., Any], Any]:
        from numba import types

        space: dict[str, Any] = {}
        exec(compile(text, f"<formulas of {network.name}>", "exec"), space)
        return {space[name]: types.void(*[types.CPointer(types.float64)] * 6) for name in formulas}

    return machine_code.functions(text, f"the compiled code of '{network.name}'", signatures)


@cache
def _callable(address: int, arguments: int) -> Any:
    return CFUNCTYPE(None, *[c_ssize_t] * arguments)(address)


def call(name: str, *arguments: np.ndarray | int) -> None:
    """Call one of the functions for every network with arrays of 8-byte numbers, or addresses."""
    plain = [a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments]
    _callable(native_code()[name], len(plain))(*plain)


# -- tables ---------------------------------------------------------------------------


def reaction_tables(network: ReactionNetwork) -> dict[int, np.ndarray]:
    """Reactions sorted into classes (see `ltpath.native`), as parts of a block.

    Parameters
    ----------
    network : ReactionNetwork

    Returns
    -------
    dict of int to numpy.ndarray
        By part of `ltpath.layout`; ``MOVING`` holds the number of classes whose reactions each
        turn one species into another, which come first.
    """
    arrays = network.arrays
    n, n_reactions = len(network.species), len(arrays["rate"])
    reactants, products = arrays["reactants"], arrays["products"]
    # Net changes, as (reaction, species, change).
    sides = [(side, sign) for side, sign in ((reactants, -1.0), (products, 1.0))]
    rows = np.concatenate([np.repeat(np.arange(n_reactions), side.shape[1]) for side, _ in sides])
    columns = np.concatenate([side.ravel() for side, _ in sides])
    signs = np.concatenate([np.full(side.size, sign) for side, sign in sides])
    rows, columns, signs = (x[columns >= 0] for x in (rows, columns, signs))
    keys, place = np.unique(rows * n + columns, return_inverse=True)
    change = np.bincount(place, signs, minlength=len(keys))
    keys, change = keys[change != 0], change[change != 0]
    row, column = keys // n, keys % n

    # The reaction's own reactant is the one that the fewest reactions change.
    degree = np.append(np.bincount(column, minlength=n), np.iinfo(np.int64).max)
    full = np.where(reactants < 0, n, reactants)
    full = np.take_along_axis(full, np.argsort(degree[full], axis=1, kind="stable"), axis=1)

    hub = degree[:n] > _HUB * len(column) / max(n, 1)
    own_change = column == full[row, 0]
    rest = ~own_change & ~hub[column]
    gains = np.bincount(row[rest], minlength=n_reactions)
    moving = (
        (np.bincount(row[own_change & ~hub[column]], change[own_change & ~hub[column]], minlength=n_reactions) == -1)
        & (gains == 1)
        & (np.bincount(row[rest], change[rest], minlength=n_reactions) == 1)
    )
    product = np.full(n_reactions, n, dtype=np.int64)
    product[row[rest]] = np.where(moving[row[rest]], column[rest], n)
    shared = hub[column] | ~moving[row]
    shared_of: list[list[tuple[int, float]]] = [[] for _ in range(n_reactions)]
    for r, s, c in zip(row[shared].tolist(), column[shared].tolist(), change[shared].tolist(), strict=True):
        shared_of[r].append((s, c))

    # By class, and within it by source: the products of its reactions.
    partners = [tuple(i for i in others if i < n) for others in full[:, 1:].tolist()]
    heads = zip((~moving).tolist(), arrays["rate"].tolist(), arrays["factor"].tolist(), partners, strict=True)
    found: dict[Any, dict[int, list[int]]] = {}
    for head, common, source, made in zip(heads, shared_of, full[:, 0].tolist(), product.tolist(), strict=True):
        found.setdefault((*head, tuple(common)), {}).setdefault(source, []).append(made)
    classes: dict[Any, list[tuple[int, list[int]]]] = {}
    for key, sources in found.items():
        for source, made in sorted(sources.items()):
            classes.setdefault((*key, len(made)), []).append((source, made))
    ordered = sorted(classes)
    commons = [key[4] for key in ordered]
    members = [classes[key] for key in ordered]
    products_of = [[i for _, made in m for i in made] for m in members]

    def whole(items: Iterable[int]) -> np.ndarray:
        return np.array(list(items), dtype=np.int64)

    return {
        at.RATE: whole(key[1] for key in ordered),
        at.FACTOR: np.array([key[2] for key in ordered], dtype=float),
        at.FIRST_PARTNER: np.cumsum([0, *(len(key[3]) for key in ordered)]),
        at.PARTNER: whole(i for key in ordered for i in key[3]),
        at.FIRST_SOURCE: np.cumsum([0, *map(len, members)]),
        at.SOURCE: whole(source for m in members for source, _ in m),
        at.COUNT: whole(key[5] for key in ordered),
        at.FIRST_PRODUCT: np.cumsum([0, *map(len, products_of)])[:-1],
        at.PRODUCT: whole(i for made in products_of for i in made),
        at.FIRST_COMMON: np.cumsum([0, *map(len, commons)]),
        at.COMMON: whole(i for common in commons for i, _ in common),
        at.COMMON_CHANGE: np.array([c for common in commons for _, c in common], dtype=float),
        at.MOVING: whole([sum(not key[0] for key in ordered)]),
    }


def stored_tables(network: ReactionNetwork) -> dict[str, np.ndarray]:
    """The reaction tables as arrays that a network keeps, by names."""
    tables = reaction_tables(network)
    names = {value: name for name, value in vars(at).items() if name.isupper() and value in tables}
    return {_TABLE + names[part]: t if t.dtype.kind == "f" else t.astype(np.int32) for part, t in tables.items()}


def observable_tables(network: ReactionNetwork) -> dict[int, np.ndarray]:
    """Members and weights of all observables; those that rates read."""
    terms = network.arrays["observables"]
    terms = terms[np.argsort(terms[:, 0], kind="stable")]
    return {
        at.READ: np.array(network.meta["formulas"]["used"], dtype=np.int64),
        at.FIRST_MEMBER: np.searchsorted(terms[:, 0], np.arange(len(network.meta["observables"]) + 1)),
        at.MEMBER: terms[:, 1].astype(np.int64),
        at.WEIGHT: terms[:, 2].astype(float),
    }


def jacobian_tables(network: ReactionNetwork, tables: Mapping[int, np.ndarray], complete: bool) -> dict[int, np.ndarray]:
    """Where the Jacobian is not 0, and where `ltpath.native.differentiate` adds what, in its order.

    Parameters
    ----------
    complete : bool
        Whether to follow rates that depend on observables through all members of these.
    """
    n = len(network.species)
    first, first_common, source, common = (tables[part] for part in (at.FIRST_SOURCE, at.FIRST_COMMON, at.SOURCE, at.COMMON))
    moving = int(tables[at.MOVING][0])
    rows, columns = [], []

    def changed(c: int) -> np.ndarray:
        """Species that the reactions of each source of a class change, shape (sources, changes)."""
        sources = source[first[c] : first[c + 1]]
        shared = common[first_common[c] : first_common[c + 1]]
        shared = np.broadcast_to(shared, (len(sources), len(shared)))
        if c >= moving:
            return shared
        times, begin = int(tables[at.COUNT][c]), int(tables[at.FIRST_PRODUCT][c])
        products = tables[at.PRODUCT][begin : begin + times * len(sources)].reshape(len(sources), times)
        return np.column_stack([sources, products, shared])

    def fill(changes: np.ndarray, by: np.ndarray) -> None:
        """Every change by every species in `by`, shape (sources, species)."""
        shape = (*by.shape, changes.shape[1])
        rows.append(np.broadcast_to(changes[:, None, :], shape).ravel())
        columns.append(np.broadcast_to(by[:, :, None], shape).ravel())

    for c in range(len(tables[at.RATE])):
        mine = source[first[c] : first[c + 1]]
        others = tables[at.PARTNER][tables[at.FIRST_PARTNER][c] : tables[at.FIRST_PARTNER][c + 1]].tolist()
        if len(mine) and mine[0] < n:
            others = [mine, *others]
        if others:
            fill(changed(c), np.column_stack([np.broadcast_to(x, mine.shape) for x in others]))
    n_fixed = len(network.meta["parameters"]) + len(network.meta["constants"])
    dynamic: list[list[int]] = [[] for _ in tables[at.READ]]
    if complete:
        reads = network.meta["formulas"]["reads"]
        for u, observable in enumerate(tables[at.READ].tolist()):
            dynamic[u] = [c for c, k in enumerate(tables[at.RATE].tolist()) if k >= n_fixed and observable in reads[k - n_fixed]]
            members = tables[at.MEMBER][tables[at.FIRST_MEMBER][observable] : tables[at.FIRST_MEMBER][observable + 1]]
            for c in dynamic[u]:
                changes = changed(c)
                fill(changes, np.broadcast_to(members, (len(changes), len(members))))
    none = np.zeros(0, dtype=np.int64)  # A network that is not expanded has no reactions.
    keys = np.concatenate([none, *rows]) * n + np.concatenate([none, *columns])
    entries, slot = np.unique(keys, return_inverse=True)
    return {
        at.SLOT: slot,
        at.FIRST_ENTRY: np.searchsorted(entries // n, np.arange(n + 1)),
        at.COLUMN: entries % n,
        at.FIRST_DYNAMIC: np.cumsum([0, *map(len, dynamic)]),
        at.DYNAMIC: np.array([c for d in dynamic for c in d], dtype=np.int64),
    }


def factor_tables(jacobian: Mapping[int, np.ndarray], complete: bool) -> dict[int, np.ndarray]:
    """The pattern of the Newton matrix's factors; incomplete: the pattern of the matrix itself."""
    n = len(jacobian[at.FIRST_ENTRY]) - 1
    rows = np.repeat(np.arange(n), np.diff(jacobian[at.FIRST_ENTRY]))
    pattern = [{i} for i in range(n)]
    for i, j in zip(rows.tolist(), jacobian[at.COLUMN].tolist(), strict=True):
        pattern[i].add(j)
    filled = symbolic_factors(pattern) if complete else [sorted(row) for row in pattern]
    first = np.cumsum([0, *map(len, filled)])
    return {
        at.FIRST_FACTOR: first,
        at.FACTOR_COLUMN: np.array([j for row in filled for j in row], dtype=np.int64),
        at.PIVOT: np.array([first[i] + row.index(i) for i, row in enumerate(filled)]),
    }


@dataclass(frozen=True)
class Equations:
    """A network's tables and code, made once in a process and shared by its kernels."""

    network: ReactionNetwork

    @cached_property
    def code(self) -> dict[str, int]:
        return formula_code(self.network, _FORMULAS)

    @cached_property
    def sensitivity_code(self) -> dict[str, int]:
        return formula_code(self.network, _SENSITIVITIES)

    @cached_property
    def tables(self) -> dict[int, np.ndarray]:
        stored = {n: a for n, a in self.network.arrays.items() if n.startswith(_TABLE)}
        return {getattr(at, n.removeprefix(_TABLE)): a for n, a in stored.items()} | observable_tables(self.network)

    @cached_property
    def jacobian(self) -> dict[int, np.ndarray]:
        return jacobian_tables(self.network, self.tables, complete=True)

    @cached_property
    def factors(self) -> dict[int, np.ndarray]:
        return self.jacobian | factor_tables(self.jacobian, complete=True)

    @cached_property
    def incomplete_factors(self) -> dict[int, np.ndarray]:
        mass_action = jacobian_tables(self.network, self.tables, complete=False)
        return mass_action | factor_tables(mass_action, complete=False)


# -- kernel -----------------------------------------------------------------------------


class Kernel:
    """A network's equations with values: parameters, and which species are held.

    One Kernel serves one integration at a time.

    Parameters
    ----------
    network : ReactionNetwork

    Attributes
    ----------
    p, free : numpy.ndarray
        Parameters with the constants that follow from them, and 1 for each species that is not held; both
        can be changed between integrations.
    address : int
        What the compiled functions are given.
    """

    def __init__(self, network: ReactionNetwork) -> None:
        self.network = network
        self.n = len(network.species)
        self.n_parameters = len(network.meta["parameters"])
        self.lay_out()
        self.free[:] = ~network.arrays["held"]
        self.set_parameters(network.parameters)

    def lay_out(self, matrix: str = "", directions: int = 0) -> None:
        """Make the block of memory anew, with room for what an integration needs; values stay.

        Parameters
        ----------
        matrix : str
            "entries" of the Jacobian, its "factors", or "incomplete factors"; products with it need none of them.
        directions : int
            Along how many directions of the parameters sensitivities are followed.
        """
        equations, meta = self.network.equations, self.network.meta
        before = (self.p, self.free) if hasattr(self, "block") else None
        tables = dict(equations.tables)
        moving = int(tables.pop(at.MOVING)[0])
        if matrix:
            kinds = {"entries": "jacobian", "factors": "factors", "incomplete factors": "incomplete_factors"}
            tables |= getattr(equations, kinds[matrix])
        p, e, o = self.n_parameters + len(meta["constants"]), len(meta["expressions"]), len(meta["observables"])
        numbers = {
            at.VALUE: p + e, at.OBSERVED: o, at.VALUE_DIRECTION: p + e, at.OBSERVED_DIRECTION: o, at.IS_FREE: self.n,
            at.STATE: self.n + 1, at.DIRECTION: self.n + 1, at.RATE_OF_CHANGE: self.n + 1, at.ROW: self.n,
            at.JACOBIAN: len(tables.get(at.COLUMN, ())), at.FACTORS: len(tables.get(at.FACTOR_COLUMN, ())),
            at.PARAMETER_DIRECTION: directions * p,
        }  # fmt: skip
        sizes = {
            at.SPECIES: self.n, at.PARAMETERS: p, at.EXPRESSIONS: e, at.OBSERVABLES: o, at.CLASSES: len(tables[at.RATE]),
            at.MOVING: moving, at.USED: len(tables[at.READ]), at.BLOCKS: 1 + directions, at.COMPLETE: int(matrix == "factors"),
            at.CODE_EXPRESSIONS: equations.code["expressions"], at.CODE_READOUTS: equations.code["readouts"],
            at.CODE_TANGENT: equations.code["tangent"],
        }  # fmt: skip
        if directions:
            code = equations.sensitivity_code
            sizes |= {at.CODE_PARAMETER_TANGENT: code["parameter_tangent"], at.CODE_READOUT_TANGENT: code["readout_tangent"]}
        empty = {part: np.zeros(size) for part, size in numbers.items()}
        self.block = at.Block(sizes, tables | empty | {at.MARK: np.zeros(self.n, dtype=np.int64)})
        self.address = self.block.address
        self.p, self.free = self.block[at.VALUE][:p], self.block[at.IS_FREE]
        if before is not None:
            self.p[:], self.free[:] = before

    @property
    def directions(self) -> np.ndarray:
        """The changes of parameters and constants along which sensitivities are followed, shape (directions, len(p)); to be set."""
        return self.block[at.PARAMETER_DIRECTION].reshape(-1, len(self.p))

    def rhs(self, t: float, y: np.ndarray) -> np.ndarray:
        """dy/dt in molecules per second; the network does not depend on the time `t`."""
        dy = np.empty(self.n)
        call("rates_of", np.ascontiguousarray(y, dtype=float), dy, self.address)
        return dy

    def product(self, y: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Jacobian at `y` times `v`."""
        jv = np.empty(self.n)
        call("direct_of", np.ascontiguousarray(y, dtype=float), np.ascontiguousarray(v, dtype=float), jv, self.address)
        return jv

    def jacobian(self, t: float, y: np.ndarray) -> np.ndarray:
        """d(dy_i)/dy_j, shape (species, species)."""
        other, tables = self._with_entries, self.network.equations.jacobian
        other.p[:] = self.p
        call("jacobian_of", np.ascontiguousarray(y, dtype=float), other.address)
        rows, dense = np.repeat(np.arange(self.n), np.diff(tables[at.FIRST_ENTRY])), np.zeros((self.n, self.n))
        dense[rows, tables[at.COLUMN]] = other.block[at.JACOBIAN] * self.free[rows]
        return dense

    @cached_property
    def _with_entries(self) -> Kernel:
        other = Kernel(self.network)
        other.lay_out("entries")
        return other

    def set_parameters(self, values: Mapping[str, float]) -> None:
        """Set all parameters and recompute the constants that follow from them."""
        self.p[: self.n_parameters] = [values[name] for name in self.network.meta["parameters"]]
        self._evaluate("constants")
        if not np.isfinite(self.p).all():
            bad = next(name for name, value in self.constants.items() if not np.isfinite(value))
            raise BadValue(f"with these parameters of '{self.network.name}', {bad} is not a finite number")

    def _evaluate(self, formulas: str) -> None:
        value, direction = (self.block[part].ctypes.data for part in (at.VALUE, at.VALUE_DIRECTION))
        observed, observed_direction = (self.block[part].ctypes.data for part in (at.OBSERVED, at.OBSERVED_DIRECTION))
        skip = 8 * len(self.p)
        _callable(self.network.equations.code[formulas], 6)(
            value, observed, value + skip, observed_direction, direction, direction + skip
        )

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
            The present parameters give a rate that is not finite, or a negative rate constant.
        """
        meta, y = self.network.meta, self.initial()
        if not np.isfinite(self.rhs(0.0, y)).all():
            raise BadValue(f"with these parameters the rates of '{self.network.name}' are not finite numbers")
        expressions = {n: v[0] for n, v in self.read(y[None, :]).items() if n in meta["expressions"]}
        values = list((self.constants | expressions).items())
        for k in np.unique(self.network.arrays["rate"]):
            name, value = values[k]
            if value < 0:
                # Amounts would grow without bound below zero, and the solver would stop at some place that explains nothing.
                raise BadValue(
                    f"with these parameters the rate constant {name} of '{self.network.name}' is negative "
                    f"({value:.3g} {meta['units'][name]})"
                )

    def read(self, ys: np.ndarray) -> dict[str, np.ndarray]:
        """Every observable (molecules) and expression for states of shape (time, species)."""
        meta = self.network.meta
        observables = np.empty((len(ys), len(meta["observables"])))
        expressions = np.empty((len(ys), len(meta["expressions"])))
        call("observables_of", np.ascontiguousarray(ys), len(ys), observables, expressions, self.address)
        return self._columns(observables, expressions)

    def read_direction(self, ys: np.ndarray, vs: np.ndarray, direction: int) -> dict[str, np.ndarray]:
        """Changes of every observable and expression along changes `vs` of the states and one of `directions`, as `read`."""
        meta, slope = self.network.meta, self.block[at.VALUE_DIRECTION][: len(self.p)]
        observables = np.empty((len(ys), len(meta["observables"])))
        expressions = np.empty((len(ys), len(meta["expressions"])))
        slope[:] = self.directions[direction]
        arrays = (np.ascontiguousarray(ys), np.ascontiguousarray(vs))
        call("observable_directions_of", *arrays, len(ys), observables, expressions, self.address)
        slope[:] = 0.0
        return self._columns(observables, expressions)

    def read_observables(self, observables: np.ndarray) -> dict[str, np.ndarray]:
        """Every observable and expression, given the observables, shape (time, observables)."""
        expressions = np.empty((len(observables), len(self.network.meta["expressions"])))
        for row, filled in zip(observables, expressions, strict=True):
            self.block[at.OBSERVED][:] = row
            self._evaluate("expressions")
            self._evaluate("readouts")
            filled[:] = self.block[at.VALUE][len(self.p) :]
        return self._columns(observables, expressions)

    def _columns(self, observables: np.ndarray, expressions: np.ndarray) -> dict[str, np.ndarray]:
        meta = self.network.meta
        columns = dict(zip(meta["observables"], observables.T, strict=True))
        return columns | dict(zip(meta["expressions"], expressions.T, strict=True))
