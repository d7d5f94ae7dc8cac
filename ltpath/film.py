"""A run as a page plays it: every quantity over the same few hundred moments, from milliseconds to days.

The moments are the edges of bins. Each block of stimuli begins a new logarithmic stretch of
the axis, so that a pulse's first milliseconds and the hours after it are both seen.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ltpath.expansion import ReactionNetwork
from ltpath.exporters.identifiers import rule_of
from ltpath.kernels import Kernel
from ltpath.protocol import PerturbationUse, Protocol
from ltpath.signal_map import stem, word, words
from ltpath.simulation import BASELINE, Trajectory, resolve, simulate

BINS = 400
_FIRST, _LATER = 0.002, 0.1
"""Where the logarithmic part of the axis begins after the first block of stimuli, and after later ones, s."""
_APART = 60.0
"""Repeats that begin within this time of the last are one block, s."""
_MOST_BLOCKS = 8
_BEFORE = 0.05
"""Part of the axis that the time before the first stimulus gets."""
_ROWS = 1000
"""States whose reaction rates are computed at once."""
_BAND = 0.01
"""A quantity whose extremes in some bin differ by more than this part of its range is kept as a band."""
_INSTANT = 1e-9
"""How long before an event a run shows its last state, s (`ltpath.simulation`)."""
_STEPS = 65535


@dataclass(frozen=True)
class Film:
    """One condition, ready for the page.

    Attributes
    ----------
    label : str
    run : Trajectory
    protocol : Protocol
        With the condition's perturbations.
    edges : numpy.ndarray
        Of the bins, s, shape (bins + 1,).
    low, high : dict of str to numpy.ndarray
        Extremes of each quantity in each bin: readouts by their name, what a molecule's colour shows as ``molecule:NAME``.
    flux : dict of str to numpy.ndarray
        Mean net rate of each rule in each bin, forward minus reverse, molecules/s.
    """

    label: str
    run: Trajectory
    protocol: Protocol
    edges: np.ndarray
    low: dict[str, np.ndarray]
    high: dict[str, np.ndarray]
    flux: dict[str, np.ndarray]

    def at_rest(self, name: str) -> float:
        """A quantity before the first stimulus."""
        return float(self.low[name][0])

    def farthest(self, name: str) -> np.ndarray:
        """In each bin, the value that is farther from rest."""
        low, high, rest = self.low[name], self.high[name], self.at_rest(name)
        return np.where(high - rest >= rest - low, high, low)


def blocks(protocol: Protocol) -> list[float]:
    """Times at which blocks of stimuli begin, s."""
    found: list[float] = []
    last = -math.inf
    for start in sorted(t for s in protocol.stimuli for t in s.starts()):
        if start - last > _APART:
            found.append(start)
        last = start
    return found if 0 < len(found) <= _MOST_BLOCKS else found[:1] or [0.0]


def bin_edges(protocol: Protocol, bins: int = BINS) -> np.ndarray:
    """Edges of the bins: even before the first block, then logarithmic after the start of each.

    Returns
    -------
    numpy.ndarray
        Times, s, shape (bins + 1,), from ten minutes before time 0 to the end.
    """
    starts = [*blocks(protocol), protocol.duration]
    before = max(2, round(_BEFORE * bins))
    pieces = [np.linspace(min(-BASELINE, starts[0] - 1.0), starts[0], before, endpoint=False)]
    units = [_FIRST, *[_LATER] * (len(starts) - 2)]
    spans = np.array([math.log1p((end - start) / unit) for (start, end), unit in zip(pairwise(starts), units, strict=True)])
    shares = np.round(np.cumsum(spans) / spans.sum() * (bins - before)).astype(int)
    for start, unit, span, number in zip(starts, units, spans, np.diff(shares, prepend=0), strict=False):
        pieces.append(start + unit * np.expm1(np.arange(number) / number * span))
    return np.append(np.concatenate(pieces), protocol.duration)


def film(
    network: ReactionNetwork,
    protocol: Protocol,
    label: str,
    uses: Sequence[PerturbationUse | str] = (),
    **how: Any,
) -> Film:
    """Simulate one condition and bring it to the page's moments.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol
    label : str
        The condition's name.
    uses : sequence of PerturbationUse or str
    **how
        Goes on to `ltpath.simulate`.

    Raises
    ------
    UnknownName, BadValue, SolverError
        As `ltpath.simulate`.
    """
    chosen = protocol.perturbed(*uses)
    run = simulate(network, chosen, species=True, **how)
    edges = bin_edges(protocol)
    times, states = run["time"].values, run["species_amounts"].values
    run = run.drop_vars(["species_amounts", "species"])
    columns = {str(n): v.values for n, v in run.data_vars.items()}
    columns |= {f"molecule:{n}": v for n, v in _shown(network, columns, states).items()}
    low, high = _extremes(times, np.column_stack([*columns.values()]), edges)
    rates = _rule_rates(network, chosen, how.get("parameters"), times, states)
    return Film(
        label, run, chosen, edges,
        dict(zip(columns, low.T, strict=True)), dict(zip(columns, high.T, strict=True)),
        dict(zip(network.meta["rules"], _means(times, rates, edges).T, strict=True)),
    )  # fmt: skip


# -- what is shown ------------------------------------------------------------------------


def readout(network: ReactionNetwork, name: str, suffix: str) -> str | None:
    """The trajectory's column of a readout's stem at a synapse (or in the nucleus), or shared by all."""
    for column in (f"{name}_{suffix}", name) if suffix else (name,):
        if column in network.readouts or (column.startswith("weight") and f"strength{column[6:]}" in network.readouts):
            return column
    return None


def shown_readouts(network: ReactionNetwork, molecule: str) -> list[str]:
    """The readouts whose sum a molecule's colour shows; none where it shows how far its forms are from rest."""
    suffix = network.meta["places"][network.meta["place_of"][molecule]]["synapse"]
    found = (readout(network, name, suffix) for name in word(network, molecule).get("shows", ()))
    return [column for column in found if column is not None]


def _shown(network: ReactionNetwork, columns: Mapping[str, np.ndarray], states: np.ndarray) -> dict[str, np.ndarray]:
    """What the colour of each molecule shows, shape (time,): readouts, the part in other forms than at rest, or the amount."""
    shown = {}
    for molecule in network.meta["place_of"]:
        if sources := shown_readouts(network, molecule):
            shown[molecule] = sum(columns[name] for name in sources)
        elif molecule in network.conserved:
            parts = states * network.conserved[molecule]
            total = parts[0].sum()
            shown[molecule] = np.abs(parts - parts[0]).sum(axis=1) / (2 * total) if total else np.zeros(len(states))
        else:
            counts = np.array([len(re.findall(rf"(?:^|\.)\$?{molecule}\(", s)) for s in network.species], dtype=float)
            shown[molecule] = states @ counts
    return shown


def shown_as(network: ReactionNetwork, molecule: str) -> tuple[str, str]:
    """Unit and meaning of what a molecule's colour shows."""
    if sources := shown_readouts(network, molecule):
        facts = [network.readouts[name] for name in sources]
        return facts[0]["unit"], " + ".join(f["meaning"] for f in facts)
    return ("1", "part of it that is in another form than at rest") if molecule in network.conserved else ("molecules", "amount")


# -- rates ----------------------------------------------------------------------------------


def reaction_rates(kernel: Kernel, states: np.ndarray) -> np.ndarray:
    """How often each reaction happens, 1/s, with the kernel's present parameters.

    Parameters
    ----------
    kernel : Kernel
    states : numpy.ndarray
        Molecules, shape (time, species).

    Returns
    -------
    numpy.ndarray
        Shape (time, reactions).
    """
    arrays, expressions = kernel.network.arrays, kernel.network.meta["expressions"]
    columns = kernel.read(states)
    constants = np.broadcast_to(kernel.p, (len(states), len(kernel.p)))
    values = np.column_stack([constants, *(columns[name] for name in expressions)])
    padded = np.column_stack([states, np.ones(len(states))])
    rates = values[:, arrays["rate"]] * arrays["factor"]
    # The place -1 is the last, the 1 of a reactant that is not there.
    for reactant in arrays["reactants"].T:
        rates *= padded[:, reactant]
    return rates


def _rule_rates(
    network: ReactionNetwork, protocol: Protocol, parameters: Mapping[str, float] | None, times: np.ndarray, states: np.ndarray
) -> np.ndarray:
    """Net rate of each rule at each time, shape (time, rules)."""
    rules = network.meta["rules"]
    place = {name: i for i, name in enumerate(rules)}
    of_rule = np.zeros((len(network.arrays["rate"]), len(rules)))
    for r, signed in enumerate(network.arrays["rule"].tolist()):
        rule, direction = rule_of(network, signed)
        of_rule[r, place[rule]] = 1.0 if direction == "forward" else -1.0
    line = resolve(protocol, network, parameters)
    defaults = network.parameters | dict(parameters or {})
    kernel = Kernel(network)
    # Parameters change where a drug comes or goes, or a voltage is held.
    changes = sorted({round(t, 9) for begin, end, _ in line.windows for t in (begin, end) if math.isfinite(t)})
    borders = np.searchsorted(times, changes).tolist()
    rates = np.empty((len(times), len(rules)))
    for first, last in pairwise(sorted({0, *borders, len(times)})):
        kernel.set_parameters(line.values_at(times[first], defaults))
        for i in range(first, last, _ROWS):
            j = min(i + _ROWS, last)
            rates[i:j] = reaction_rates(kernel, states[i:j]) @ of_rule
    return rates


# -- bins -----------------------------------------------------------------------------------


def _at(times: np.ndarray, values: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Values at some moments, between times by straight lines; of two at one time the later."""
    after = np.clip(np.searchsorted(times, moments, side="right"), 1, len(times) - 1)
    share = np.clip((moments - times[after - 1]) / (times[after] - times[after - 1]), 0.0, 1.0)[:, None]
    return values[after - 1] * (1 - share) + values[after] * share


def _extremes(times: np.ndarray, values: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest value of each column in each bin, shape (bins, columns); what an event changes belongs to the bin after it."""
    whole = np.union1d(times[(times >= edges[0]) & (times < edges[-1])], edges[:-1])
    filled, first = _at(times, values, whole), np.searchsorted(whole, edges[:-1])
    ends = _at(times, values, edges[1:] - _INSTANT)
    return (
        np.minimum(np.minimum.reduceat(filled, first), ends),
        np.maximum(np.maximum.reduceat(filled, first), ends),
    )


def _means(times: np.ndarray, values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mean of each column over each bin, shape (bins, columns)."""
    whole = np.union1d(times, edges)
    filled = _at(times, values, whole)
    steps = np.diff(whole)[:, None] * (filled[1:] + filled[:-1]) / 2
    integral = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(steps, axis=0)])
    return np.diff(integral[np.searchsorted(whole, edges)], axis=0) / np.diff(edges)[:, None]


def packed(values: np.ndarray) -> dict[str, Any]:
    """Numbers in steps of 1/65535 of their range, as little-endian 16-bit integers in base64."""
    least, most = float(values.min()), float(values.max())
    scale = (most - least) / _STEPS
    steps = np.rint((values - least) / scale) if scale > 0 else np.zeros(len(values))
    return {"min": _short(least), "max": _short(most), "data": base64.b64encode(steps.astype("<u2").tobytes()).decode()}


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def as_data(one: Film) -> dict[str, Any]:
    """A condition's quantities and fluxes, for JSON."""
    quantities = {}
    for name, low in one.low.items():
        high = one.high[name]
        wide = float((high - low).max()) > _BAND * float(high.max() - low.min())
        quantities[name] = [packed(low), packed(high)] if wide else [packed((low + high) / 2)]
    return {
        "label": one.label,
        "uses": [u.label() for u in one.protocol.perturbations],
        "quantities": quantities,
        "flux": {rule: packed(mean) for rule, mean in one.flux.items()},
    }


# -- the story -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A step of the story in one condition.

    Attributes
    ----------
    reached : int or None
        The first bin in which its readout has moved by what is notable; None where it never does.
    moved : float
        Largest change from rest.
    """

    title: str
    text: str
    node: str
    columns: tuple[str, ...]
    reached: int | None
    moved: float


def story(network: ReactionNetwork, one: Film, synapse: str) -> list[Step]:
    """The steps that a model can show at a synapse, and when each is reached."""
    steps = []
    for said in words()["step"]:
        columns = tuple(c for c in (readout(network, name, synapse) for name in said["shows"]) if c is not None)
        node = next((n for n in network.meta["place_of"] if stem(network, n) == said["node"] and _near(network, n, synapse)), "")
        if not columns or not node:
            continue
        moved = sum(one.farthest(c) - one.at_rest(c) for c in columns)
        far = int(np.argmax(np.abs(moved)))
        down = moved[far] < 0
        notable = np.flatnonzero(np.abs(moved) >= said["notable"])
        reached = int(notable[0]) if len(notable) and (not down or "title_down" in said) else None
        ending = "_down" if down and "title_down" in said else ""
        steps.append(Step(said[f"title{ending}"], said[f"text{ending}"], node, columns, reached, float(moved[far])))
    return steps


def _near(network: ReactionNetwork, molecule: str, synapse: str) -> bool:
    place = network.meta["place_of"][molecule]
    return network.meta["places"][place]["synapse"] in (synapse, "", place)
