"""Run a protocol on a network: equilibrated baseline, exact restarts at every pulse, trajectory.

An engine (`ltpath.engines`; by default SUNDIALS' CVODE) integrates. Every event (pulse, drug on or off, clamp) ends one integration and
starts the next from the changed state, so that nothing is smeared over a step. A stochastic engine is accompanied by CVODE, which gives
its resting state and, away from events, the means of the species that turn over fast.

Where sensitivities are asked for, each amount is accompanied by its change per relative change of each parameter: arrays of
amounts get a last axis, of which 0 is the amount itself.
"""

from __future__ import annotations

import json
import math
import time as clock
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

import ltpath
from ltpath.cache import write_atomically
from ltpath.catalogue import Model
from ltpath.engine import DEFAULT, load_engine
from ltpath.errors import BadValue, SolverError, UnknownName
from ltpath.expansion import ReactionNetwork, unexpanded
from ltpath.kernels import Kernel
from ltpath.molecules import events_a_second, fast_species, whole, whole_totals, with_means
from ltpath.pathways.perturbations import PERTURBATIONS
from ltpath.protocol import (
    Calcium,
    Pairing,
    PerturbationUse,
    Protocol,
    Spikes,
    Stimulus,
    ThetaBurst,
    Train,
    Uncaging,
    load_protocol,
    one_or_more,
)
from ltpath.sources import network_from

if TYPE_CHECKING:
    import pysb

    from ltpath.network import Network

RTOL = 5e-8
"""Relative tolerance: with it a tetanus is right to 1e-6 of each readout's maximum, and rarely active readouts to some 1e-5."""
_FINEST, _COARSEST = 1e-14, 1e-2
"""Of relative tolerances: doubles carry no smaller error through a step, and a larger one is no solution."""
_FLOOR = 0.1
"""Below this share of its total a species is solved to an absolute instead of a relative tolerance."""
BASELINE = 600.0
"""Recorded time before time 0, s; drugs without a start are washed in when it begins."""
_SETTLE = 3e6
_DAY = 86400.0
_INSTANT = 1e-9
"""How long before an event its last state is shown, s."""
_MIXED = 60.0
"""In a test tube, which has no resting state without phosphatase, the time between mixing and the recorded baseline, s."""
_NEGATIVE = 1e4
"""Amounts below zero by less than this many absolute tolerances are solver noise and reported as 0."""
_AFTER_EVENT = np.array(
    [5e-4, 1e-3, 1.5e-3, 2e-3, 3e-3, 4e-3, 5e-3, 7e-3, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7,
     1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60]
)  # fmt: skip
_REGULAR = 60.0
_MANY = 1e8
"""Reactions of single molecules from which on a run is announced."""
_PACES = (1e6, 1e5)
"""Reactions per second of processor time, in a small network and in one with many formulas in its rates (docs/stochastic.md)."""
_RELAXED = 2.0
"""A stochastic run follows every molecule for this long after an event, s."""
_NUDGE = 1e-5
"""Relative change of a parameter by which what the equations begin with (constants, initial amounts, pulses, holds) is
differentiated, by central differences; the error is about 1e-10."""
_LEAD = 1.0
"""And from this long before the next, so that fast species meet it with their own noise, s."""


class Trajectory(xr.Dataset):
    """Time courses of one run: an xarray Dataset with dimension ``time`` (s).

    Each variable carries its unit in ``attrs["units"]``. ``weight_A`` is the strength of
    synapse A over its value at time 0, before the first stimulus; in a stochastic run over the
    value of the deterministic run, so that no weight rests on one noisy count. A run with
    sensitivities also has ``sensitivity_weight_A`` and so on, with dimensions ``time`` and
    ``parameter``: the change of the variable per relative change of the parameter, p dx/dp.
    """

    __slots__ = ()

    def to_csv(self, path: str | Path) -> None:
        """Write one row a time point: ``time_s`` and one column per variable, of a sensitivity one per parameter. All or nothing."""
        names: list[str] = []
        for name, variable in self.data_vars.items():
            others = self[variable.dims[1]].values.tolist() if len(variable.dims) > 1 else []
            names += [f"{name}:{other}" for other in others] or [str(name)]
        table = np.column_stack([self["time"].values, *(v.values for v in self.data_vars.values())])
        lines = [",".join(["time_s", *names])]
        lines += [",".join([f"{row[0]:.15g}", *(f"{v:.9g}" for v in row[1:])]) for row in table]
        write_atomically(Path(path), ("\n".join(lines) + "\n").encode())

    def plot(self, variables: str | Iterable[str] | None = None) -> Any:  # type: ignore[override]
        """Draw variables over time (default: the main ones) and return the matplotlib Figure."""
        from ltpath.plotting import plot_runs

        return plot_runs({"": self}, variables)


@dataclass
class Timeline:
    """A protocol resolved against one network: what happens to which species and parameter, and when.

    Attributes
    ----------
    trains : list of (start, interval, count, additions)
        ``additions`` is a list of (species index, molecules).
    holds : list of (start, end, species index, molecules)
    windows : list of (start, end, use)
        Perturbations and voltage clamps; ``use`` maps parameter values to new ones.
    start : float
        Where the recorded run begins, s.
    switches : list of float
        When rates that depend on the time jump, s: a solver that does not stop there may step over a whole pulse.
    """

    start: float
    end: float
    trains: list[tuple[float, float, int, list[tuple[int, float]]]] = field(default_factory=list)
    holds: list[tuple[float, float, int, float]] = field(default_factory=list)
    windows: list[tuple[float, float, Callable[[dict[str, float]], None]]] = field(default_factory=list)
    switches: list[float] = field(default_factory=list)

    def pulses(self) -> dict[float, list[tuple[int, float]]]:
        """Additions by time; times within a nanosecond are one."""
        found: dict[float, list[tuple[int, float]]] = {}
        for start, interval, count, additions in self.trains:
            for i in range(count):
                moment = round(start + i * interval, 9)
                if moment < self.end:
                    found.setdefault(moment, []).extend(additions)
        return found

    def values_at(self, moment: float, defaults: Mapping[str, float]) -> dict[str, float]:
        """Parameter values while the windows that cover a moment are in force."""
        values = dict(defaults)
        for start, end, change in self.windows:
            if round(start, 9) <= moment < round(end, 9):
                change(values)
        return values

    def held_at(self, moment: float) -> dict[int, float]:
        """Species held at a moment and their molecules; of holds that overlap, the later one counts while it lasts."""
        return {species: amount for start, end, species, amount in sorted(self.holds) if round(start, 9) <= moment < round(end, 9)}

    def events(self) -> list[float]:
        """Every time at which something is done, sorted, within the run."""
        moments = set(self.pulses())
        for start, end, *_ in (*self.holds, *self.windows):
            moments |= {round(start, 9), round(end, 9)}
        return sorted(m for m in moments if self.start <= m <= self.end)

    def breaks(self) -> list[float]:
        """Every time at which the integration must restart, sorted, within the run."""
        switches = {t for t in self.switches if self.start < t < self.end}
        return sorted({self.start, self.end, *self.events(), *switches, *([0.0] if self.start < 0 else [])})

    def quiet(self) -> list[tuple[float, float]]:
        """Spans (start, end) that are far from every event."""
        events = self.events()
        begins = [self.start, *(e + _RELAXED for e in events)]
        ends = [*(e - _LEAD for e in events), self.end]
        return [(b, e) for b, e in zip(begins, ends, strict=True) if e > b]


def resolve(protocol: Protocol, network: ReactionNetwork, parameters: Mapping[str, float] | None = None) -> Timeline:
    """Check a protocol against a network and give it species, amounts and parameters.

    Parameters
    ----------
    protocol : Protocol
    network : ReactionNetwork
    parameters : dict, optional
        Values that differ from the network's, as `simulate` takes them; they also set
        how much a stimulus adds.

    Raises
    ------
    UnknownName
        A synapse, perturbation or parameter that the model does not have.
    BadValue
        A stimulus that the model cannot receive.
    """
    defaults = network.parameters | dict(parameters or {})
    starts = [u.start for u in protocol.perturbations if u.start is not None]
    pulses_before = [s.at for s in protocol.stimuli if s.at < 0]
    # Other people's models begin at time 0, from the amounts that they are given.
    line = Timeline(0.0 if network.foreign else min([-BASELINE, *starts, *pulses_before]), protocol.duration)
    for stimulus in protocol.stimuli:
        _resolve_stimulus(stimulus, network, defaults, line)
    for use in protocol.perturbations:
        begin = -math.inf if _is_genotype(use) and use.start is None else (line.start if use.start is None else use.start)
        end = math.inf if use.end is None else use.end
        line.windows.append((begin, end, _change(use, network, defaults)))
    if switches := network.meta.get("clock", {}).get("switches"):
        kernel = Kernel(network)
        kernel.set_parameters(defaults)
        # Formulas that were written when the network was made, as those that are compiled.
        line.switches = [float(eval(text, {"math": math, "p": kernel.p})) for text in switches]
    return line


def _is_genotype(use: PerturbationUse) -> bool:
    return use.name in PERTURBATIONS and PERTURBATIONS[use.name].genotype


def perturbation_names(network: ReactionNetwork) -> list[str]:
    """The perturbations that have an effect on a network, sorted."""
    return sorted(n for n, p in PERTURBATIONS.items() if p.fits(network.parameters))


def _change(use: PerturbationUse, network: ReactionNetwork, defaults: Mapping[str, float]) -> Callable[[dict[str, float]], None]:
    if use.name:
        if use.name not in perturbation_names(network):
            raise UnknownName(f"perturbation of '{network.name}'", use.name, perturbation_names(network))
        perturbation = PERTURBATIONS[use.name]
        dose = perturbation.checked_dose(use.dose)
        effects = [e for e in perturbation.effects if e.parameter in defaults]

        def overlay(values: dict[str, float]) -> None:
            for effect in effects:
                values[effect.parameter] = effect.apply(values[effect.parameter], dose)

        return overlay
    checked = check_parameters(use.set, network)
    return lambda values: values.update(checked)


def check_parameters(values: Mapping[str, float], network: ReactionNetwork) -> dict[str, float]:
    """The values as floats, if the network has these parameters and the numbers make sense.

    Raises
    ------
    UnknownName
    BadValue
        Not finite, or negative where the parameter is an amount, a rate or a concentration.
    """
    defaults = network.parameters
    for name, value in values.items():
        if name not in defaults:
            raise UnknownName(f"parameter of '{network.name}'", name, defaults)
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
            raise BadValue(f"parameter {name} must be a finite number in {network.units[name]}, not {value!r}")
        if value < 0 and network.units[name] != "mV" and not network.foreign:
            raise BadValue(f"parameter {name} cannot be negative ({value:g} {network.units[name]})")
    return {n: float(v) for n, v in values.items()}


def _resolve_stimulus(stimulus: Stimulus, network: ReactionNetwork, values: Mapping[str, float], line: Timeline) -> None:
    chosen = stimulus.synapses or tuple(network.synapses)
    for synapse in chosen:
        if synapse not in network.synapses:
            raise UnknownName(f"synapse of '{network.name}'", synapse, network.synapses)

    if isinstance(stimulus, Calcium):
        for species, amount in _input("calcium", stimulus, network, chosen, values):
            for start in stimulus.starts():
                for i in range(stimulus.pulses):
                    begin = start + i / stimulus.frequency
                    line.holds.append((begin, begin + stimulus.length, species, amount * stimulus.amplitude))
        return
    if isinstance(stimulus, Uncaging):
        freed = [(species, amount * stimulus.amplitude) for species, amount in _input("calcium", stimulus, network, chosen, values)]
        if any(network.arrays["held"][species] for species, _ in freed):
            raise BadValue(f"'{network.name}' holds calcium at a level, so that none can be set free; use a 'calcium' stimulus")
        for start in stimulus.starts():
            line.trains.append((start, 1 / stimulus.frequency, stimulus.pulses, freed))
        return
    if isinstance(stimulus, Spikes):
        spike = _input("spike", stimulus, network, (), values)
        for start in stimulus.starts():
            line.trains.append((start, 1 / stimulus.frequency, stimulus.pulses, spike))
        return

    glutamate = _input("glutamate", stimulus, network, chosen, values)
    for start in stimulus.starts():
        if isinstance(stimulus, Train):
            line.trains.append((start, 1 / stimulus.frequency, stimulus.pulses, glutamate))
            _add_spikes(start, stimulus, network, values, line)
        elif isinstance(stimulus, ThetaBurst):
            for burst in range(stimulus.bursts):
                begin = start + burst / stimulus.burst_frequency
                line.trains.append((begin, 1 / stimulus.frequency, stimulus.pulses, glutamate))
                _add_spikes(begin, stimulus, network, values, line)
        elif isinstance(stimulus, Pairing):
            interval = 1 / stimulus.frequency
            line.trains.append((start, interval, stimulus.pulses, glutamate))
            if stimulus.spike_delay is not None:
                spike = _input("spike", stimulus, network, (), values)
                line.trains.append((start + stimulus.spike_delay, interval, stimulus.pulses, spike))
            else:
                hold = float(stimulus.hold or 0.0)

                def clamp(values: dict[str, float], hold: float = hold) -> None:
                    values.update(membrane_clamp=1.0, membrane_hold=hold)

                line.windows.append((start, start + stimulus.pulses * interval, clamp))
    line.start = min([line.start, *(t[0] for t in line.trains)])


def _add_spikes(
    start: float, stimulus: Train | ThetaBurst, network: ReactionNetwork, values: Mapping[str, float], line: Timeline
) -> None:
    every = stimulus.spike_interval
    if every == 0 or stimulus.pulses < every:
        return
    spike = _input("spike", stimulus, network, (), values)
    first = start + (every - 1) / stimulus.frequency + stimulus.spike_delay
    line.trains.append((first, every / stimulus.frequency, stimulus.pulses // every, spike))


def _input(
    name: str, stimulus: Stimulus, network: ReactionNetwork, synapses: Iterable[str], values: Mapping[str, float]
) -> list[tuple[int, float]]:
    """(species, molecules) that one event of an input adds, or one uM of it for calcium."""
    offered = [i for i in network.meta["inputs"] if i["name"] == name]
    if not offered:
        kinds = sorted({i["name"] for i in network.meta["inputs"]})
        raise BadValue(
            f"the model '{network.name}' takes no {name}, which a '{stimulus.kind}' stimulus needs (it takes: {', '.join(kinds)})"
        )
    wanted = set(synapses)
    kernel = Kernel(network)
    kernel.set_parameters(values)
    amounts = kernel.constants
    return [
        (species, amounts[amount])
        for i in offered
        if not wanted or i["synapse"] in wanted or not i["synapse"]
        for species, amount in zip(i["species"], i["amounts"], strict=True)
    ]


class Integrator:
    """One engine on one network: integrates between events and keeps the state exact across them.

    Parameters
    ----------
    network : ReactionNetwork
    rtol, engine, seed
        As for `simulate`.
    directions : int
        For how many parameters sensitivities are followed; with any, states have shape (species, 1 + directions).
    parameters : dict, optional
        All values at the beginning of the run, whose amounts the absolute tolerances follow. Default: the network's.
    """

    def __init__(
        self,
        network: ReactionNetwork,
        rtol: float = RTOL,
        engine: str = DEFAULT,
        seed: int | None = None,
        directions: int = 0,
        parameters: Mapping[str, float] | None = None,
    ) -> None:
        self.network, self.directions = network, directions
        self.kernel, self.parameters = Kernel(network), parameters
        if parameters is not None:
            self.kernel.set_parameters(parameters)
        self.rtol = rtol
        self.atol = self._absolute_tolerances()
        self.name, self.engine = engine, load_engine(engine)
        option = engine.partition(":")[2]
        more = ({"option": option} if option else {}) | ({"directions": directions} if directions else {})
        self.solver = self.engine.engine(self.kernel, rtol, self.atol, seed, **more)

    @property
    def events(self) -> int:
        """Reactions that a stochastic engine has fired."""
        return self.solver.events

    def _absolute_tolerances(self) -> np.ndarray:
        """In molecules: few receptors are solved as finely as many ions, and what is made and destroyed as one molecule."""
        totals = np.full(self.kernel.n, math.inf)
        resting = self.kernel.initial()
        for counts in self.network.conserved.values():
            total = float(counts @ resting)
            if total > 0:
                holds = counts > 0
                totals[holds] = np.minimum(totals[holds], total)
        return self.rtol * np.where(np.isfinite(totals), _FLOOR * totals, 1.0)

    def advance(self, y: np.ndarray, times: np.ndarray) -> np.ndarray:
        """States at `times` (increasing, the first is the start), each of the shape of `y`.

        Raises
        ------
        SolverError
            CVODE gave up, or an amount became negative beyond the tolerance.
        """
        try:
            ys = self.solver.solve(times, y)
        except SolverError as error:
            raise SolverError(f"{error} (in '{self.network.name}')") from None
        if not np.all(np.isfinite(ys)):
            raise SolverError(f"the solution of '{self.network.name}' is not finite after {times[0]:g} s")
        amounts = self.amounts(ys)
        depth = amounts / self.atol
        if depth.size and depth.min() < -_NEGATIVE and not self.network.foreign:
            time, species = np.unravel_index(np.argmin(depth), amounts.shape)
            raise SolverError(
                f"the amount of {self.network.species[species]} became negative ({amounts[time, species]:.3g} molecules) "
                f"at {times[min(time, len(times) - 1)]:g} s; use a smaller rtol"
            )
        return ys

    def amounts(self, ys: np.ndarray) -> np.ndarray:
        """The amounts alone of states that may have sensitivities beside them, as a view."""
        return ys[..., 0] if self.directions else ys

    def without_noise(self, ys: np.ndarray) -> np.ndarray:
        """States whose amounts below 0 are set to 0, in place; in other people's models these may be meant."""
        if self.network.foreign:
            return ys
        amounts = self.amounts(ys)
        np.maximum(amounts, 0.0, out=amounts)
        return ys

    def settle(self, y: np.ndarray) -> np.ndarray:
        """The resting state reached from `y` with the present parameters; in a tube, the mixture after a minute."""
        if self.network.foreign:
            return y
        if not self.network.synapses:
            return self.without_noise(self.advance(y, np.array([0.0, _MIXED])))[-1]
        other = self._for_rest()
        if other is not None:
            return other.settle(y)
        ys = self.without_noise(self.advance(y, np.array([0.0, _SETTLE - _DAY, _SETTLE])))
        _, day_before, last = self.amounts(ys)
        change = np.abs(last - day_before) / np.maximum(last, 1.0)
        if change.max() > 1e-3:
            worst = self.network.species[int(np.argmax(change))]
            warnings.warn(f"the baseline of '{self.network.name}' is not at rest: {worst} still changes", stacklevel=3)
        return ys[-1]

    def _for_rest(self) -> Integrator | None:
        """An integrator with the present parameters that finds the resting state, where this one does not."""
        option = "" if ":" in self.name or self.directions else getattr(self.engine, "resting_option", lambda _: "")(self.network)
        if not option:
            return None
        other = Integrator(self.network, self.rtol, f"{self.name}:{option}", parameters=self.parameters)
        other.kernel.p[:], other.kernel.free[:] = self.kernel.p, self.kernel.free
        return other


def simulate(
    model: str | Path | Model | pysb.Model | Network | ReactionNetwork,
    protocol: str | Path | Protocol = "baseline",
    *,
    perturbations: str | PerturbationUse | Iterable[str | PerturbationUse] = (),
    parameters: Mapping[str, float] | None = None,
    times: Iterable[float] | None = None,
    rtol: float = RTOL,
    engine: str = DEFAULT,
    seed: int | None = None,
    exact: bool = False,
    species: bool = False,
    sensitivities: str | Iterable[str] = (),
    progress: Callable[[float], None] | None = None,
) -> Trajectory:
    """Simulate a protocol.

    Parameters
    ----------
    model : str, path, Model, pysb.Model, Network or ReactionNetwork
        A name of the catalogue, any other source (`ltpath.sources.network_from`), rules of your own, or their
        expanded network (`ltpath.expansion.expand`).
        The engine nfsim runs a Network by its rules alone, from its initial amounts.
    protocol : str, path or Protocol
        A shipped name, a TOML file, or a Protocol.
    perturbations : str, PerturbationUse or iterable of these
        Added to those of the protocol; a string holds for the whole run.
    parameters : dict, optional
        Parameter values, in the parameters' units, for the whole run and its baseline.
    times : iterable of float, optional
        Output times, s, instead of the default grid that follows the events.
    rtol : float
        Relative tolerance of the solver, from 1e-14 to 0.01.
    engine : str
        What integrates, a name that ``ltpath list`` prints.
    seed : int, optional
        Of a stochastic engine; without one, one is drawn. ``attrs["seed"]`` tells it.
    exact : bool
        With a stochastic engine, follow every molecule all the time, from one minute before the
        first event. By default species that turn over fast are at their means away from events
        (docs/stochastic.md).
    species : bool
        Also return the amount of every species, as variable ``species_amounts``.
    sensitivities : str or iterable of str
        Parameters; also return the change of every variable per relative change of each
        (p dx/dp, in the variable's unit, shape (time, parameter)), solved forward with the
        equations, from the resting state on and through every event. Needs the engine cvode.
    progress : callable, optional
        Called with the simulated time, s, as the run goes on.

    Returns
    -------
    Trajectory
        Dimension ``time`` (s, negative before the first stimulus) and one variable per readout.

    Raises
    ------
    UnknownName, BadValue, ProtocolError
        The request does not fit the model.
    SolverError
        The integration failed.
    """
    module = load_engine(engine)
    network_free = getattr(module, "NETWORK_FREE", False)
    rtol, sensitivities = _checked_rtol(rtol), list(dict.fromkeys(one_or_more(sensitivities)))
    if species and network_free:
        raise BadValue(f"the engine {engine} counts observables and not species")
    if sensitivities and not getattr(module, "SENSITIVITIES", False):
        raise BadValue(f"the engine {engine} follows no sensitivities; use {DEFAULT}")
    network = _reaction_network(model, network_free)
    if not network_free:
        network.require_reactions()
    if not network.species:
        raise BadValue(f"the model '{network.name}' has no species, so there is nothing to simulate")
    chosen = load_protocol(protocol).perturbed(*one_or_more(perturbations))
    checked = check_parameters(parameters or {}, network)
    line = resolve(chosen, network, checked)
    if module.STOCHASTIC and (exact or network_free):
        # Where every molecule is followed, ten minutes at rest would cost more than most protocols.
        line.start = max(line.start, min([-_MIXED, *line.events()]))
    defaults = network.parameters | checked
    wanted = None if times is None else np.unique(np.asarray(list(times), dtype=float))
    if wanted is not None and (len(wanted) == 0 or wanted[0] < line.start or wanted[-1] > line.end):
        raise BadValue(f"times must lie between {line.start:g} s and {line.end:g} s")

    seed = _checked_seed(seed) if module.STOCHASTIC else None
    integrator = Integrator(network, rtol, engine, seed, len(sensitivities), line.values_at(-math.inf, defaults))
    if seed is not None:
        kind = _NetworkFreeRun if network_free else _StochasticRun
        run = kind(network, line, defaults, integrator, seed, exact)
    elif sensitivities:
        nudged = _nudged(defaults, sensitivities, network)
        lines = [line, *(resolve(chosen, network, values) for values in nudged)]
        run = _SensitiveRun(network, lines, [defaults, *nudged], integrator)
    else:
        run = _Run(network, line, defaults, integrator)
    began = clock.perf_counter()
    stamps, states, columns = run.record(wanted, progress)
    wall = clock.perf_counter() - began
    amounts = run.integrator.amounts(states)
    run.check_conservation(amounts[0], amounts[-1])
    data = _dataset(network, stamps, columns, amounts if species else None, sensitivities)
    data.attrs.update(
        model=network.name,
        protocol=chosen.name or chosen.title,
        title=chosen.title,
        protocol_fields=json.dumps(chosen.to_dict()),
        perturbations=[u.label() for u in chosen.perturbations],
        parameters=[f"{n} = {v:g}" for n, v in (parameters or {}).items()],
        version=ltpath.__version__,
        engine=engine,
        rtol=rtol,
        solve_seconds=round(wall, 4),
        network=network.key,
    )
    if module.STOCHASTIC:
        data.attrs.update(seed=seed, exact=int(exact or network_free), events=run.integrator.events)
    return data


def _reaction_network(model: str | Path | Model | pysb.Model | Network | ReactionNetwork, network_free: bool) -> ReactionNetwork:
    if network_free and hasattr(model, "quantities") and not isinstance(model, Model):
        return unexpanded(model)
    return network_from(model)


def _nudged(defaults: Mapping[str, float], names: list[str], network: ReactionNetwork) -> list[dict[str, float]]:
    """The parameters with each of those named a little higher, and a little lower."""
    for name in names:
        if name not in defaults:
            raise UnknownName(f"parameter of '{network.name}'", name, defaults)
        if defaults[name] == 0:
            raise BadValue(f"parameter {name} is 0, so a relative change of it means nothing")
    return [{**defaults, name: defaults[name] * (1 + nudge)} for name in names for nudge in (_NUDGE, -_NUDGE)]


def _checked_rtol(rtol: float) -> float:
    if isinstance(rtol, bool) or not isinstance(rtol, Real) or not _FINEST <= rtol <= _COARSEST:
        raise BadValue(f"rtol must be a number from {_FINEST:g} to {_COARSEST:g}, not {rtol!r}")
    return float(rtol)


def _checked_seed(seed: int | None) -> int:
    if seed is None:
        return int(np.random.default_rng().integers(2**31))
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise BadValue(f"a seed must be a whole number of at least 0, not {seed!r}")
    return int(seed)


class _Run:
    """One pass over a timeline."""

    def __init__(self, network: ReactionNetwork, line: Timeline, defaults: dict[str, float], integrator: Integrator) -> None:
        self.network, self.line, self.defaults = network, line, defaults
        self.integrator = integrator
        self.kernel = self.integrator.kernel
        self.pulses = line.pulses()

    def rest(self) -> np.ndarray:
        """The resting state with the parameters that hold before the run."""
        self.set_parameters(-math.inf)
        if self.defaults != self.network.parameters:
            self.kernel.check()
        self.resting = self.integrator.settle(self.initial())
        return self.resting.copy()

    def initial(self) -> np.ndarray:
        """What the resting state is reached from."""
        return self.kernel.initial()

    def breaks(self) -> list[float]:
        return self.line.breaks()

    def grid(self, begin: float, end: float, wanted: np.ndarray | None) -> np.ndarray:
        """Times between two breaks, these included."""
        inside = _grid(begin, end) if wanted is None else wanted[(wanted > begin) & (wanted < end)]
        return np.concatenate([[begin], inside, [end]])

    def enter(self, moment: float, y: np.ndarray) -> None:
        """Do to the state, the parameters and the held species what the protocol does at a break."""
        for species, amount in self.pulses.get(moment, ()):
            y[species] += self.added(amount)
        self.set_parameters(moment)
        self._hold(moment, y)

    def set_parameters(self, moment: float) -> None:
        """Give the kernel the parameters of a moment."""
        self.kernel.set_parameters(self.line.values_at(moment, self.defaults))

    def added(self, amount: float) -> float:
        """Molecules that a pulse of this amount adds."""
        return amount

    def _hold(self, moment: float, y: np.ndarray) -> None:
        """Put held species at their level and free those whose hold has ended."""
        always = self.network.arrays["held"]
        self.kernel.free[:] = ~always
        for _, end, species, _ in self.line.holds:
            if round(end, 9) == moment and always[species]:
                y[species] = self.resting[species]
        for species, amount in self.held_at(moment).items():
            self.kernel.free[species] = 0.0
            y[species] = amount

    def held_at(self, moment: float) -> dict[int, Any]:
        """Species that the protocol holds, and at which amount."""
        return self.line.held_at(moment)

    def advance(self, grid: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States on a grid between two breaks."""
        return self.integrator.advance(y, grid)

    def read(self, states: np.ndarray) -> dict[str, np.ndarray]:
        """Columns of the trajectory, by name."""
        return self.kernel.read(states)

    def strength(self, y: np.ndarray) -> dict[str, np.ndarray]:
        """What weights are relative to, given the state at time 0."""
        if self.network.foreign:
            return {}
        return {n: v[0] for n, v in self.read(y[None]).items() if n.startswith("strength")}

    def weight(self, strength: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Strengths over their reference."""
        return strength / reference

    def record(
        self, wanted: np.ndarray | None, progress: Callable[[float], None] | None
    ) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Integrate from the equilibrated baseline to the end."""
        y = self.rest()
        stamps, states, pieces, at_zero = [], [], [], {}
        for begin, end in pairwise(self.breaks()):
            self.enter(begin, y)
            grid = self.grid(begin, end, wanted)
            ys = self.advance(grid, y)
            y = ys[-1].copy()
            keep = np.ones(len(grid), dtype=bool)
            if end < self.line.end:
                # What an event changes at once is seen on both sides of it, not as a slope from the time before.
                keep[-1] = wanted is None
            shown = np.append(grid[:-1], end if end == self.line.end else end - _INSTANT)
            if wanted is not None:
                keep &= np.isin(grid, wanted)
            if keep.any():
                kept = self.integrator.without_noise(ys[keep])
                stamps.append(shown[keep])
                states.append(kept)
                pieces.append(self.read(kept))
            if begin == 0.0:
                at_zero = self.strength(ys[0])
            if progress is not None:
                progress(end)
        columns = {n: np.concatenate([p[n] for p in pieces]) for n in pieces[0]}
        for name, reference in at_zero.items():
            if reference.flat[0] <= 0:
                raise BadValue(f"{name} is 0 at time 0 with these parameters, so a weight relative to it has no meaning")
            columns[f"weight{name.removeprefix('strength')}"] = self.weight(columns[name], reference)
        return np.concatenate(stamps), np.concatenate(states), columns

    def check_conservation(self, first: np.ndarray, last: np.ndarray) -> None:
        """Warn, by name, of a molecule whose total drifted by more than 1e-6."""
        for name, counts in self.network.conserved.items():
            before, after = float(counts @ first), float(counts @ last)
            if before and abs(after - before) / before > 1e-6:
                warnings.warn(
                    f"the total of {name} drifted by {abs(after - before) / before:.1e} in '{self.network.name}'", stacklevel=3
                )


class _SensitiveRun(_Run):
    """A pass in which each amount is followed by its change per relative change of some parameters.

    Parameters
    ----------
    network : ReactionNetwork
    lines, values : list
        The protocol resolved with each set of parameter values, and these: first those of the run,
        then for each parameter it a little higher, and a little lower.
    integrator : Integrator
    """

    def __init__(
        self, network: ReactionNetwork, lines: list[Timeline], values: list[dict[str, float]], integrator: Integrator
    ) -> None:
        super().__init__(network, lines[0], values[0], integrator)
        self.lines, self.values = lines, values
        every = [line.pulses() for line in lines]
        self.pulses = {
            moment: [
                (same[0][0], _with_changes([amount for _, amount in same]))
                for same in zip(*(pulses[moment] for pulses in every), strict=True)
            ]
            for moment in every[0]
        }

    def initial(self) -> np.ndarray:
        return self._with_changes_at(-math.inf, self.kernel.initial)

    def set_parameters(self, moment: float) -> None:
        self.kernel.directions[:] = self._with_changes_at(moment, self.kernel.p.copy)[:, 1:].T

    def _with_changes_at(self, moment: float, result: Callable[[], np.ndarray]) -> np.ndarray:
        """A result of the kernel at each set of values; the run's own come last, and stay."""
        found = []
        for values in reversed(self.values):
            self.kernel.set_parameters(self.line.values_at(moment, values))
            found.append(result())
        return _with_changes(found[::-1])

    def held_at(self, moment: float) -> dict[int, Any]:
        every = [line.held_at(moment) for line in self.lines]
        return {species: _with_changes([held[species] for held in every]) for species in every[0]}

    def read(self, states: np.ndarray) -> dict[str, np.ndarray]:
        amounts = states[..., 0]
        changes = [self.kernel.read_direction(amounts, states[..., 1 + i], i) for i in range(self.integrator.directions)]
        return {n: np.stack([v, *(c[n] for c in changes)], axis=-1) for n, v in self.kernel.read(amounts).items()}

    def weight(self, strength: np.ndarray, reference: np.ndarray) -> np.ndarray:
        ratio = strength / reference[0]
        ratio[:, 1:] -= ratio[:, :1] * reference[1:] / reference[0]
        return ratio


def _with_changes(found: list[Any]) -> np.ndarray:
    """Something at each set of values of a `_SensitiveRun`, as itself and its relative changes along a last axis."""
    ups, downs = found[1::2], found[2::2]
    return np.stack([found[0], *((up - down) / (2 * _NUDGE) for up, down in zip(ups, downs, strict=True))], axis=-1)


class _StochasticRun(_Run):
    """A pass in whole molecules, with the deterministic run beside it.

    That run gives the resting state, the strength that weights are relative to, and the means of
    fast species in quiet spans.
    """

    def __init__(
        self,
        network: ReactionNetwork,
        line: Timeline,
        defaults: dict[str, float],
        integrator: Integrator,
        seed: int,
        exact: bool,
    ) -> None:
        super().__init__(network, line, defaults, integrator)
        before = line.values_at(-math.inf, defaults)
        self.mean = _Run(network, line, defaults, Integrator(network, integrator.rtol, parameters=before))
        # Another stream than the engine's, which starts from the seed itself.
        self.random = np.random.default_rng([seed, 1])
        self.quiet = [] if exact else line.quiet()

    def rest(self) -> np.ndarray:
        self.mean_state = self.mean.rest()
        self.resting = self.mean.resting
        self.totals = whole_totals(self.resting, self.network)
        self.fast = fast_species(self.mean.kernel, self.resting)
        self._tell_cost()
        return whole(self.resting, self.network, self.totals, self.random)

    def _tell_cost(self) -> None:
        """Warn of a run of many reactions: their expected number is their rates along the deterministic run."""
        events, y = 0.0, self.mean_state.copy()
        for begin, end in pairwise(self.breaks()):
            self.mean.enter(begin, y)
            grid = self.mean.grid(begin, end, None)
            ys = self.mean.advance(grid, y)
            still = (self.mean.kernel.free == 0.0) | (self.fast & self._is_quiet(begin))
            events += float(np.trapezoid(events_a_second(self.mean.kernel, ys, still), grid))
            y = ys[-1].copy()
        if events > _MANY:
            shortest, longest = (f"{s / 3600:.2g} h" if s > 3600 else f"{s / 60:.2g} min" for s in (events / r for r in _PACES))
            warnings.warn(
                f"this run of '{self.network.name}' is about {events:.1e} reactions of single molecules, which take between "
                f"{shortest} and {longest}; a smaller volume has fewer",
                stacklevel=4,
            )

    def breaks(self) -> list[float]:
        return sorted({*super().breaks(), *(moment for span in self.quiet for moment in span)})

    def grid(self, begin: float, end: float, wanted: np.ndarray | None) -> np.ndarray:
        if wanted is not None and self._is_quiet(begin):
            # Means are renewed at every time of the grid.
            wanted = np.union1d(wanted, _grid(begin, end))
        return super().grid(begin, end, wanted)

    def _is_quiet(self, moment: float) -> bool:
        return any(begin <= moment < end for begin, end in self.quiet)

    def enter(self, moment: float, y: np.ndarray) -> None:
        self.mean.enter(moment, self.mean_state)
        if not self._is_quiet(moment):
            y[:] = whole(y, self.network, self.totals, self.random)
        super().enter(moment, y)

    def added(self, amount: float) -> float:
        return math.floor(amount + self.random.random())

    def advance(self, grid: np.ndarray, y: np.ndarray) -> np.ndarray:
        means = self._follow(grid)
        if not self._is_quiet(grid[0]):
            return super().advance(grid, y)
        fast = self.fast & (self.kernel.free > 0)
        self.kernel.free[fast] = 0.0
        states = np.empty((len(grid), len(y)))
        states[0] = self._with_means(y, means[0], fast)
        for i in range(1, len(grid)):
            y = self._with_means(y, (means[i - 1] + means[i]) / 2, fast)
            y = super().advance(grid[i - 1 : i + 1], y)[-1]
            states[i] = self._with_means(y, means[i], fast)
        return states

    def _follow(self, grid: np.ndarray) -> np.ndarray:
        """Take the deterministic run along."""
        means = self.mean.advance(grid, self.mean_state)
        self.mean_state = means[-1].copy()
        if grid[0] == 0.0:
            self.mean_at_zero = means[0]
        return means

    def _with_means(self, y: np.ndarray, means: np.ndarray, fast: np.ndarray) -> np.ndarray:
        return with_means(y, means, fast, self.network, self.totals)

    def strength(self, y: np.ndarray) -> dict[str, np.ndarray]:
        return self.mean.strength(self.mean_at_zero)


class _NetworkFreeRun(_StochasticRun):
    """A pass of an engine that counts observables and knows no species.

    Everything is exact in it. Where the network is not expanded, the deterministic run beside it
    stays at the initial amounts.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.quiet = []
        self.session: Any = self.integrator.solver
        for _, _, species, _ in self.line.holds:
            self.session.check_hold(species)

    def rest(self) -> np.ndarray:
        y = super().rest()
        self.levels = y.copy()
        self.session.start(y)
        if self.network.network_free:
            self.session.solve(np.array([self.line.start - _MIXED, self.line.start]))
        return y

    def enter(self, moment: float, y: np.ndarray) -> None:
        self.mean.enter(moment, self.mean_state)
        for species, amount in self.pulses.get(moment, ()):
            self.session.add(species, self.added(amount))
        self.kernel.set_parameters(self.line.values_at(moment, self.defaults))
        self._hold(moment, self.levels)
        for species in np.flatnonzero(self.kernel.free == 0.0):
            self.session.hold(int(species), float(self.levels[species]))

    def advance(self, grid: np.ndarray, y: np.ndarray) -> np.ndarray:
        self._follow(grid)
        return self.session.solve(grid)

    def read(self, states: np.ndarray) -> dict[str, np.ndarray]:
        return self.kernel.read_observables(states)

    def check_conservation(self, first: np.ndarray, last: np.ndarray) -> None:
        """Nothing to check: there are no species."""


def _grid(begin: float, end: float) -> np.ndarray:
    """Output times inside an interval: dense after its start, then every minute."""
    inside = begin + _AFTER_EVENT
    first = math.floor(max(begin, begin + _AFTER_EVENT[-1]) / _REGULAR) * _REGULAR + _REGULAR
    inside = np.concatenate([inside, np.arange(first, end, _REGULAR)])
    return inside[inside < end - 1e-9]


def _dataset(
    network: ReactionNetwork,
    stamps: np.ndarray,
    columns: dict[str, np.ndarray],
    states: np.ndarray | None,
    sensitivities: list[str],
) -> Trajectory:
    meanings = {n: ("1", "synaptic weight over its value at time 0") for n in columns if n.startswith("weight")}
    meanings |= {n: (readout["unit"], readout["meaning"]) for n, readout in network.readouts.items()}
    coordinates = {"time": _variable(["time"], pd.Index(stamps), "s", "time")}
    variables = {}
    for name, (unit, meaning) in meanings.items():
        # Other people's observables may be called as the dimensions are.
        shown = f"{name}_" if name in ("time", "species", "parameter", "species_amounts") else name
        variables[shown] = _variable(["time"], columns[name][:, 0] if sensitivities else columns[name], unit, meaning)
    if sensitivities:
        coordinates["parameter"] = xr.Variable(["parameter"], sensitivities)
        for name, (unit, meaning) in meanings.items():
            meaning = f"change per relative change of the parameter: {meaning}"
            variables[f"sensitivity_{name}"] = _variable(["time", "parameter"], columns[name][:, 1:], unit, meaning)
    if states is not None:
        variables["species_amounts"] = _variable(["time", "species"], states, "molecules", "amount of each species")
        coordinates["species"] = xr.Variable(["species"], network.species)
    return Trajectory(variables, coordinates)


def _variable(dims: list[str], values: np.ndarray | pd.Index, unit: str, meaning: str) -> xr.Variable:
    # By the fast path, and with an index ready-made, as xarray otherwise imports Dask, for half a second, to ask whether this is its.
    return xr.Variable(dims, values, {"units": unit, "long_name": meaning}, fastpath=True)
