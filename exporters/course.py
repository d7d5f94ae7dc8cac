"""A network under a protocol as formats with events write it: the state that it starts from, and what changes when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.kernels import Kernel
from ltpath.protocol import Protocol
from ltpath.simulation import Integrator, Timeline, resolve


@dataclass(frozen=True)
class Course:
    """What a file begins with and what is done later.

    Attributes
    ----------
    line : Timeline
        The protocol, resolved for the network.
    offset : float
        The file's time at the protocol's time 0, s: above 0 only where something is done before that.
    values : dict of str to float
        Parameters, as they are before the run.
    amounts : dict of str to float
        The same, and the constants that follow from them.
    initial : numpy.ndarray
        Molecules of each species at the file's time 0: the resting state, or what the author of another model says.
    changes : dict of float to dict of str to float
        Protocol time to the parameters that change then, s.
    levels : list of (float, int, float)
        Protocol time, species and amount, s and molecules, wherever a held species gets another level.
    """

    line: Timeline
    offset: float
    values: dict[str, float]
    amounts: dict[str, float]
    initial: np.ndarray
    changes: dict[float, dict[str, float]]
    levels: list[tuple[float, int, float]]

    @property
    def moving(self) -> set[str]:
        """Parameters that change."""
        return {name for change in self.changes.values() for name in change}


def course(network: ReactionNetwork, protocol: Protocol, target: str) -> Course:
    """Resolve a protocol for a network, and find the state that it starts from.

    Raises
    ------
    ExportError
        As `refuse_holds`, for a format named `target`.
    """
    line = resolve(protocol, network)
    refuse_holds(line, network, target)
    starts = [t[0] for t in line.trains] + [h[0] for h in line.holds]
    starts += [w[0] for w in line.windows if math.isfinite(w[0])]
    offset = -line.start if any(s < 0 for s in starts) else 0.0
    values = line.values_at(-math.inf, network.parameters)
    kernel = Kernel(network)
    kernel.set_parameters(values)
    initial = kernel.initial() if network.foreign else _baseline(network, values, line.start, at_rest=offset > 0)
    levels = []
    for moment, species in sorted({(round(t, 9), species) for start, end, species, _ in line.holds for t in (start, end)}):
        levels.append((moment, species, line.held_at(moment).get(species, float(initial[species]))))
    return Course(line, offset, values, kernel.constants, initial, _changes(line, network, values), levels)


def refuse_holds(line: Timeline, network: ReactionNetwork, target: str) -> None:
    """Formats in which a species is held throughout or never cannot hold one for a time.

    Raises
    ------
    ExportError
        The protocol holds a species that is dynamic.
    """
    for _, _, species, _ in line.holds:
        if not network.arrays["held"][species]:
            raise ExportError(
                f"{target} cannot hold {network.species[species]} for a time in '{network.name}', where it is dynamic; "
                "use a model in which calcium is always held (calmodulin, camkii, ampa_traffic)"
            )


def _baseline(network: ReactionNetwork, values: dict[str, float], start: float, *, at_rest: bool) -> np.ndarray:
    """The resting state, or what has become of it at time 0: a tube is not at rest and goes on reacting."""
    integrator = Integrator(network)
    integrator.kernel.set_parameters(values)
    state = integrator.settle(integrator.kernel.initial())
    if at_rest:
        return state
    return np.maximum(integrator.advance(state, np.array([start, 0.0]))[-1], 0.0)


def _changes(line: Timeline, network: ReactionNetwork, before: dict[str, float]) -> dict[float, dict[str, float]]:
    """New parameter values at each window boundary."""
    moments = sorted({round(t, 9) for w in line.windows for t in w[:2] if math.isfinite(t)})
    changes = {}
    for moment in moments:
        after = line.values_at(moment, network.parameters)
        changes[moment] = {n: v for n, v in after.items() if v != before[n]}
        before = after
    return {m: c for m, c in changes.items() if c}
