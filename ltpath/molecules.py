"""Whole molecules and means: what a stochastic run needs besides an engine.

A concentration becomes a number of molecules that is whole and keeps the total of every conserved
molecule. Between events, species that turn over often and fast are replaced by their means.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ltpath.expansion import ReactionNetwork
from ltpath.kernels import Kernel

OFTEN = 20.0
"""A reaction that fires more often than this, per second, is worth replacing by its mean."""
SHORT = 1.0
"""A species is only replaced if its molecules stay in it for less than this, s."""


def whole(y: np.ndarray, network: ReactionNetwork, totals: Mapping[str, float], random: np.random.Generator) -> np.ndarray:
    """Whole molecules with the given totals.

    Each amount is rounded up with the probability of its fraction, so that the mean over runs is
    the amount. What a conserved molecule then lacks, or has too much, is put right in its most abundant species.

    Parameters
    ----------
    totals : dict of str to float
        Of each conserved molecule, whole (`whole_totals`).
    """
    rounded = np.where(network.arrays["held"], y, np.floor(y + random.random(len(y))))
    conserved = network.conserved
    kinds = sum((counts > 0).astype(int) for counts in conserved.values())
    # Complexes that hold more of a molecule than there is (PP1, all of it on its inhibitor) lose what is too much.
    for name, total in totals.items():
        counts = conserved[name]
        joint = np.flatnonzero((counts > 0) & (kinds > 1))
        excess = counts[joint] @ rounded[joint] - total
        for i in joint[np.argsort(-rounded[joint])]:
            if excess <= 0:
                break
            step = min(np.ceil(excess / counts[i]), rounded[i])
            rounded[i] -= step
            excess -= step * counts[i]
    for name, total in totals.items():
        counts = conserved[name]
        # One molecule alone, so that no other total moves; the most abundant species first.
        single = np.flatnonzero(counts == counts[counts > 0].min())
        single = single[kinds[single] == kinds[single].min()]
        lacking = total - counts @ rounded
        for i in single[np.argsort(-rounded[single])]:
            step = max(lacking / counts[i], -rounded[i])
            rounded[i] += step
            lacking -= step * counts[i]
    return rounded


def whole_totals(y: np.ndarray, network: ReactionNetwork) -> dict[str, float]:
    """The nearest whole total of each conserved molecule; of a ring, the nearest number of whole rings."""
    totals = {}
    for name, counts in network.conserved.items():
        if not network.arrays["held"][counts > 0].any():
            unit = counts[counts > 0].min()
            totals[name] = float(np.rint(counts @ y / unit) * unit)
    return totals


def fast_species(kernel: Kernel, y: np.ndarray) -> np.ndarray:
    """Species of a resting state `y` that turn over often and fast, as bool.

    A reaction that fires more than `OFTEN` times a second makes the species it changes
    candidates; one whose molecules stay for less than `SHORT` is fast. Of a conserved molecule
    either most is fast, or none of it: a small fast part could not lend molecules to the rest.
    """
    # Here, because other runs need no SciPy and should not wait for it.
    from scipy.sparse import csr_array

    network = kernel.network
    reactants, products, held = network.arrays["reactants"], network.arrays["products"], network.arrays["held"]
    flux = _fluxes(kernel, y[None, :])[0]
    sides = [(reactants, -1.0), (products, 1.0)]
    row = np.concatenate([np.nonzero(side >= 0)[0] for side, _ in sides])
    column = np.concatenate([side[side >= 0] for side, _ in sides])
    made = np.concatenate([np.full((side >= 0).sum(), sign) for side, sign in sides])
    change = csr_array((made * ~held[column], (row, column)), shape=(len(flux), len(y)))
    often = abs(change[flux > OFTEN]).sum(axis=0) > 0
    leaving = -change.minimum(0.0).T @ flux
    fast = often & (leaving * SHORT > y)
    for counts in network.conserved.values():
        if counts[fast] @ y[fast] < 0.5 * (counts @ y):
            fast &= counts == 0
    return fast


def events_a_second(kernel: Kernel, ys: np.ndarray, still: np.ndarray) -> np.ndarray:
    """How many reactions fire per second in states `ys`, shape (time, species), of those that change species not `still` (bool)."""
    reactants, products = (np.append(~still, False)[kernel.network.arrays[side]] for side in ("reactants", "products"))
    sides = (np.where(moves, kernel.network.arrays[n], -1) for n, moves in (("reactants", reactants), ("products", products)))
    ins, outs = (np.sort(side, axis=1) for side in sides)
    width = max(ins.shape[1], outs.shape[1])
    ins, outs = (np.pad(side, ((0, 0), (width - side.shape[1], 0)), constant_values=-1) for side in (ins, outs))
    return _fluxes(kernel, ys)[:, (ins != outs).any(axis=1)].sum(axis=1)


def _fluxes(kernel: Kernel, ys: np.ndarray) -> np.ndarray:
    """How often each reaction fires, per second, in states of shape (time, species)."""
    network, columns = kernel.network, kernel.read(ys)
    fixed = np.broadcast_to(kernel.p, (len(ys), len(kernel.p)))
    rates = np.column_stack([fixed, *(columns[name] for name in network.meta["expressions"])])
    amounts = np.column_stack([ys, np.ones(len(ys))])
    return network.arrays["factor"] * rates[:, network.arrays["rate"]] * amounts[:, network.arrays["reactants"]].prod(axis=2)


def with_means(
    y: np.ndarray, means: np.ndarray, fast: np.ndarray, network: ReactionNetwork, totals: Mapping[str, float]
) -> np.ndarray:
    """`y` with its fast species at their means, corrected so that every total is kept.

    The correction is the smallest one relative to the means: a fast species takes part in it in
    proportion to its amount.
    """
    mixed = np.where(fast, means, y)
    names = [name for name in totals if network.conserved[name][fast].any()]
    if names:
        counts = np.array([network.conserved[name] for name in names])
        lacking = np.array([totals[name] for name in names]) - counts @ mixed
        share = counts[:, fast] * mixed[fast]
        mixed[fast] += share.T @ np.linalg.lstsq(share @ counts[:, fast].T, lacking, rcond=None)[0]
    return np.maximum(mixed, 0.0)
