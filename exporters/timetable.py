"""A protocol on one network as a list of steps, for formats that say one after the other what is done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ltpath.exporters.course import refuse_holds

from ltpath.expansion import ReactionNetwork
from ltpath.kernels import Kernel
from ltpath.protocol import Protocol
from ltpath.simulation import resolve


@dataclass
class Step:
    """What is done at one moment: parameters first, then amounts.

    Attributes
    ----------
    moment : float
        Protocol time, s.
    parameters : dict of str to float
        New values, each in the parameter's unit.
    held : dict of int to float
        Species that the model holds: their new level, molecules.
    added : dict of int to float
        Species: molecules added.
    """

    moment: float
    parameters: dict[str, float] = field(default_factory=dict)
    held: dict[int, float] = field(default_factory=dict)
    added: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Timetable:
    """The whole protocol.

    Attributes
    ----------
    start, end : float
        Of the recorded run, s; the state at the start is that of rest (in a tube: after a minute).
    values : dict of str to float
        All parameters as they are before the run.
    initial : list of float
        What the resting state is reached from, molecules.
    steps : list of Step
        In the order of their moments, from the start on, before the end.
    """

    start: float
    end: float
    values: dict[str, float]
    initial: list[float]
    steps: list[Step]


def timetable(
    network: ReactionNetwork, protocol: Protocol, target: str, parameters: Mapping[str, float] | None = None
) -> Timetable:
    """Resolve a protocol for a network.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol
    target : str
        The format, for the error's sentence.
    parameters : dict, optional
        Values that differ from the network's, for the whole run.

    Raises
    ------
    ExportError
        The protocol holds a species for a time that is dynamic otherwise.
    """
    defaults = network.parameters | dict(parameters or {})
    line = resolve(protocol, network, parameters)
    refuse_holds(line, network, target)
    values = line.values_at(-math.inf, defaults)
    kernel = Kernel(network)
    kernel.set_parameters(values)
    initial = kernel.initial().tolist()
    steps = {moment: Step(moment) for moment in sorted({line.start, *line.events()}) if moment < line.end}
    before, levels = values, {species: initial[species] for _, _, species, _ in line.holds}
    for moment, step in steps.items():
        now = line.values_at(moment, defaults)
        step.parameters.update({n: v for n, v in now.items() if v != before[n]})
        held = line.held_at(moment)
        for species, level in levels.items():
            if held.get(species, initial[species]) != level:
                levels[species] = step.held[species] = held.get(species, initial[species])
        before = now
    for moment, additions in line.pulses().items():
        for species, amount in additions:
            steps[moment].added[species] = steps[moment].added.get(species, 0.0) + amount
    done = [s for s in steps.values() if s.parameters or s.held or s.added]
    return Timetable(line.start, line.end, values, initial, done)
