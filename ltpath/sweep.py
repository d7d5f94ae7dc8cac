"""Sweeps and ensembles: many runs of one model over parameters, protocols and seeds, kept in a Zarr folder.

`Sweep` declares, in Python or in a TOML file; `run_sweep` runs what is not finished yet on a
Dask cluster, by default one on this machine; `statistics` sums ensembles up.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import ltpath
from ltpath.catalogue import Model
from ltpath.engine import DEFAULT, load_engine
from ltpath.errors import BadValue, LtpathError, MissingTool, ProtocolError, UnknownName
from ltpath.expansion import ReactionNetwork
from ltpath.pathways.perturbations import PERTURBATIONS
from ltpath.protocol import PerturbationUse, Protocol, load_protocol, one_or_more
from ltpath.simulation import check_parameters, perturbation_names, resolve, simulate
from ltpath.sources import network_from
from ltpath.staging import check_writable
from ltpath.units import parse, with_ascii_units

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_RUNS = 10_000_000
_GRIDS: dict[str, Callable[..., np.ndarray]] = {"linspace": np.linspace, "logspace": np.geomspace}
STIMULUS_FIELDS = {
    "frequency": "frequency",
    "burst_frequency": "frequency",
    "spike_from": "frequency",
    "amplitude": "concentration",
    "hold": "voltage",
} | dict.fromkeys(("at", "every", "length", "spike_delay"), "time")
"""Fields of a stimulus that can be varied, with the kind of quantity; counts have none."""
COUNTS = ("pulses", "repeats", "bursts", "spike_every")
_UNITS = {"time": "s", "frequency": "Hz", "concentration": "uM", "voltage": "mV"}


def _uniform(share: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + share * (high - low)


def _loguniform(share: np.ndarray, low: float, high: float) -> np.ndarray:
    return low * (high / low) ** share


def _normal(share: np.ndarray, mean: float, sd: float) -> np.ndarray:
    from scipy.special import ndtri

    return mean + sd * ndtri(share)


def _lognormal(share: np.ndarray, median: float, factor: float) -> np.ndarray:
    return np.exp(_normal(share, math.log(median), math.log(factor)))


_RANDOM = {"uniform": _uniform, "loguniform": _loguniform, "normal": _normal, "lognormal": _lognormal}
"""Distributions, each from a number between 0 and 1."""


# -- declaration ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What to run: every combination of some conditions, and an ensemble of runs for each.

    Attributes
    ----------
    model : str, Model or ReactionNetwork
    protocols : str, path, Protocol or sequence of these
        Shipped names, TOML files or objects; each is a condition.
    perturbations : str, PerturbationUse or sequence
        Each item is a condition: ``"none"``, ``"apv=50uM"``, ``"apv, t286a"`` (together), a
        PerturbationUse, or a sequence of these.
    vary : mapping
        What is varied: a parameter; a perturbation's dose by the perturbation's name; a field of the
        stimuli as ``"stimulus.frequency"``. Values are a sequence, or a table with one of
        ``values``; ``linspace`` or ``logspace`` = [first, last, number]; ``uniform`` or ``loguniform`` =
        [low, high]; ``normal`` = [mean, standard deviation]; ``lognormal`` = [median, factor]. Numbers are
        in the parameter's unit, doses in uM, and s, Hz and mV elsewhere; a text may carry the unit.
    combine : {"product", "zip"}
        Every combination of protocols, perturbations and values, or the first with the first, and so on.
    runs : int
        Members of the ensemble of each condition. Each draws the random values anew, and with a
        stochastic engine has its own seed. Conditions share the draws, so that they can be compared pairwise.
    seed : int
        Of the draws; run number i of a stochastic engine has the seed ``seed + i``.
    sampling : {"independent", "latin hypercube"}
        How members draw.
    times : sequence of float or str, optional
        Output times, s: numbers, ``"5 min"`` or ``"0 s:60 min:1 min"`` (first:last:step). Default: every minute from time 0.
    after : sequence of float or str
        Output times counted from the end of each run's own stimuli, instead of `times`; each run ends with the last of them.
    duration : str or float, optional
        For all protocols, instead of their own.
    engine : str
    keep : sequence of str
        Readouts to keep. Default: all.

    Examples
    --------
    >>> sweep = Sweep(model="early_ltp", protocols=["tetanus"], vary={"nmda_gating_magnesium": [0.5, 1.0]})
    >>> sweep.combine
    'product'
    """

    model: str | Model | ReactionNetwork
    protocols: str | Path | Protocol | Sequence[str | Path | Protocol] = ("baseline",)
    perturbations: str | PerturbationUse | Sequence[Any] = ("none",)
    vary: Mapping[str, Any] = field(default_factory=dict)
    combine: str = "product"
    runs: int = 1
    seed: int = 0
    sampling: str = "independent"
    times: Sequence[float | str] | None = None
    after: Sequence[float | str] = ()
    duration: str | float | None = None
    engine: str = DEFAULT
    keep: Sequence[str] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], folder: Path | None = None) -> Sweep:
        """A sweep from the fields of a TOML file; protocol files are looked for in `folder`.

        Raises
        ------
        UnknownName
            A field that a sweep does not have.
        """
        names = [f.name for f in fields(cls)]
        for name in data:
            if name not in names:
                raise UnknownName("field of a sweep", name, names)
        if not isinstance(data.get("model"), str):
            raise BadValue('a sweep needs a model, such as model = "early_ltp"')
        for name in ("protocols", "perturbations", "times", "after", "keep"):
            if not isinstance(data.get(name, []), list):
                raise BadValue(f"{name} must be a list, not {data[name]!r}")
        read = dict(data)
        if folder is not None and "protocols" in data:
            read["protocols"] = [folder / p if (folder / str(p)).is_file() else p for p in data["protocols"]]
        return cls(**read)

    @classmethod
    def from_toml(cls, path: str | Path) -> Sweep:
        """Read a sweep file.

        Raises
        ------
        ProtocolError
            The file cannot be read; the message names it.
        """
        path = Path(path)
        try:
            return cls.from_dict(tomllib.loads(path.read_text(encoding="utf-8")), path.parent)
        except tomllib.TOMLDecodeError as error:
            raise ProtocolError(f"{path}: this is not valid TOML: {error}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ProtocolError(f"the sweep file {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        except LtpathError as error:
            raise ProtocolError(f"{path}: {error}") from None


@dataclass(frozen=True)
class Axis:
    """One varied quantity, resolved: either the values of the conditions or a distribution.

    Attributes
    ----------
    kind : {"parameter", "dose", "stimulus"}
    values : tuple of float
        Empty for a random quantity.
    distribution : tuple
        Name and two numbers; empty for a grid.
    """

    name: str
    kind: str
    unit: str
    values: tuple[float, ...] = ()
    distribution: tuple[Any, ...] = ()


def _axis(name: str, given: Any, network: ReactionNetwork) -> Axis:
    """Read what was given for one varied quantity."""
    doses = [n for n in perturbation_names(network) if PERTURBATIONS[n].dose is not None]
    quantity = ""
    if name in network.parameters:
        kind, unit = "parameter", network.units[name]
    elif name in doses:
        kind, quantity, unit = "dose", "concentration", "uM"
    elif name.startswith("stimulus."):
        kind, what = "stimulus", name.removeprefix("stimulus.")
        if what not in STIMULUS_FIELDS and what not in COUNTS:
            raise UnknownName("field of a stimulus", what, [*STIMULUS_FIELDS, *COUNTS])
        quantity = STIMULUS_FIELDS.get(what, "")
        unit = _UNITS.get(quantity, "1")
    else:
        raise UnknownName(f"parameter or dose of '{network.name}'", name, [*network.parameters, *doses])

    def number(value: Any) -> float:
        if isinstance(value, str) and quantity and not _is_number(value):
            return parse(value, quantity, name)
        text = with_ascii_units(value).strip().removesuffix(unit) if isinstance(value, str) and unit != "1" else value
        if isinstance(text, bool) or not _is_number(text):
            raise BadValue(f"{name} takes numbers in {unit}, not {value!r}")
        if not math.isfinite(float(text)):
            raise BadValue(f"{name} must be finite, not {value!r}")
        return float(text)

    table = given if isinstance(given, Mapping) else {"values": given}
    how = next(iter(table), "")
    if len(table) != 1 or how not in ("values", *_GRIDS, *_RANDOM):
        raise BadValue(
            f"{name} takes one of values, {', '.join((*_GRIDS, *_RANDOM))}, not {', '.join(map(str, table)) or 'nothing'}"
        )
    items = table[how]
    if isinstance(items, (str, int, float)) or not isinstance(items, (Sequence, np.ndarray)):
        items = [items]
    if how == "values":
        values = tuple(number(v) for v in items)
        if not values or len(set(values)) < len(values):
            raise BadValue(f"{name} has {'no values' if not values else 'the same value twice'}")
        return _checked(Axis(name, kind, unit, values), network)
    expected = 3 if how in _GRIDS else 2
    if len(items) != expected:
        raise BadValue(
            f"{name}: {how} takes {'first, last and number of values' if expected == 3 else 'two numbers'}, not {len(items)}"
        )
    first, second = number(items[0]), number(items[1])
    if how in ("logspace", "loguniform", "lognormal") and (first <= 0 or second <= 0):
        raise BadValue(f"{name}: {how} needs numbers above 0")
    if how in _GRIDS:
        count = float(items[2])
        if count != int(count) or not 1 <= count <= _MOST_RUNS:
            raise BadValue(f"{name}: {how} needs a whole number of values, not {items[2]}")
        return _checked(Axis(name, kind, unit, tuple(_GRIDS[how](first, second, int(count)).tolist())), network)
    if kind == "stimulus":
        raise BadValue(f"{name} takes values, linspace or logspace: what is done to the synapse is not drawn at random")
    return Axis(name, kind, unit, distribution=(how, first, second))


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _checked(axis: Axis, network: ReactionNetwork) -> Axis:
    """Refuse values that no run could take before any run begins."""
    for value in axis.values:
        if axis.kind == "parameter":
            check_parameters({axis.name: value}, network)
        elif axis.kind == "dose":
            PERTURBATIONS[axis.name].checked_dose(value)
    return axis


def read_values(text: str) -> tuple[str, Any]:
    """``PARAMETER=VALUES`` of the command line as an item of `Sweep.vary`: a list, or a call such as ``logspace(1, 10, 5)``."""
    name, separator, values = (part.strip() for part in text.partition("="))
    if not separator or not name or not values:
        raise BadValue(f"--vary takes PARAMETER=VALUES, such as nmda_gating_magnesium=0.5,1,2, not '{text}'")
    call = re.fullmatch(r"(\w+)\s*\((.*)\)", values)
    items = [v.strip() for v in (call.group(2) if call else values).split(",")]
    return name, {call.group(1): items} if call else items


def _uses(given: Any) -> tuple[PerturbationUse, ...]:
    """The perturbations of one condition."""
    if isinstance(given, PerturbationUse):
        return (given,)
    if not isinstance(given, str):
        return tuple(use for item in given for use in _uses(item))
    found = []
    for text in (part.strip() for part in given.split(",")):
        name, separator, dose = text.partition("=")
        if not name or (separator and not dose):
            raise BadValue(f"a perturbation is NAME or NAME=DOSE, such as apv or apv=50uM, not '{text}'")
        if name != "none":
            found.append(PerturbationUse(name=name, dose=dose.strip() or None))  # type: ignore[arg-type]
    return tuple(found)


def _times(given: Sequence[float | str]) -> np.ndarray:
    """Output times, s, sorted; each item a number, a time, or first:last:step."""
    found: list[float] = []
    for item in given:
        parts = item.split(":") if isinstance(item, str) else [item]
        moments = [parse(p.item() if isinstance(p, np.generic) else p, "time", "times") for p in parts]
        if len(moments) == 1:
            found += moments
        elif len(moments) == 3 and moments[2] > 0 and moments[1] >= moments[0]:
            steps = math.floor((moments[1] - moments[0]) / moments[2] * (1 + 1e-12))
            found += [moments[0] + i * moments[2] for i in range(steps + 1)]
        else:
            raise BadValue(f'times are written "5 min" or "first:last:step", such as "0 s:60 min:1 min", not {item!r}')
    if not found:
        raise BadValue("times has no value")
    return np.unique(np.round(found, 9))


# -- the runs ------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One run: what `simulate` needs beside the model."""

    number: int
    protocol: Protocol
    parameters: Mapping[str, float]
    seed: int | None


@dataclass(frozen=True)
class Bench:
    """What all runs share; workers receive it once and keep the compiled equations with it."""

    network: ReactionNetwork
    engine: str
    times: np.ndarray
    after: bool
    keep: tuple[str, ...]

    def simulate(self, run: Run) -> np.ndarray:
        """Values of shape (variable, time), NaN after the end of the protocol."""
        protocol, times = run.protocol, self.times
        if self.after:
            times = protocol.last_moment + self.times
            protocol = protocol.lasting(times[-1])
        inside = times <= protocol.duration
        values = np.full((len(self.keep), len(times)), np.nan)
        found = simulate(self.network, protocol, parameters=run.parameters, times=times[inside], engine=self.engine, seed=run.seed)
        values[:, inside] = [found[name].values for name in self.keep]
        return values


class Plan:
    """A sweep resolved against its model: every run by number, checked before the first begins.

    The same sweep gives the same runs in the same order: conditions one after the other, the members of
    an ensemble beside each other.

    Raises
    ------
    UnknownName, BadValue, ProtocolError
        What was declared does not fit the model.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.network = network_from(sweep.model)
        engine = load_engine(sweep.engine)
        if not getattr(engine, "NETWORK_FREE", False):
            self.network.require_reactions()
        self.stochastic = bool(engine.STOCHASTIC)
        protocols = [sweep.protocols] if isinstance(sweep.protocols, (str, Path, Protocol)) else sweep.protocols
        self.protocols = [load_protocol(p) for p in protocols]
        if sweep.duration is not None:
            self.protocols = [p.lasting(sweep.duration) for p in self.protocols]
        self.perturbations = [_uses(p) for p in one_or_more(sweep.perturbations)]
        axes = [_axis(name, given, self.network) for name, given in sweep.vary.items()]
        self.grid = [a for a in axes if a.values]
        self.random = [a for a in axes if a.distribution]
        self._check_counts()
        self.keep = self._keep()
        self._check_protocols()
        self.times = self._output_times()

    def _check_counts(self) -> None:
        sweep = self.sweep
        for name, value, least in (("runs", sweep.runs, 1), ("seed", sweep.seed, 0)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise BadValue(f"{name} must be a whole number of at least {least}, not {value!r}")
        for name, allowed in (("combine", ("product", "zip")), ("sampling", ("independent", "latin hypercube"))):
            if getattr(sweep, name) not in allowed:
                raise UnknownName(name, str(getattr(sweep, name)), allowed)
        if sweep.runs > 1 and not self.random and not self.stochastic:
            raise BadValue(
                f"the engine '{sweep.engine}' is deterministic and nothing is drawn at random, so the {sweep.runs} runs of a "
                "condition would be one and the same"
            )
        if not self._lengths or 0 in self._lengths.values():
            raise BadValue("a sweep needs at least one protocol and one perturbation (or 'none')")
        long = {name: n for name, n in self._lengths.items() if n > 1}
        if sweep.combine == "zip" and len(set(long.values())) > 1:
            raise BadValue(f"zip needs as many values of each: {', '.join(f'{name} has {n}' for name, n in long.items())}")
        if len(self) > _MOST_RUNS:
            raise BadValue(f"this sweep has {len(self)} runs; more than {_MOST_RUNS} are refused")

    @cached_property
    def _lengths(self) -> dict[str, int]:
        lengths = {"protocol": len(self.protocols), "perturbation": len(self.perturbations)}
        return lengths | {a.name: len(a.values) for a in self.grid}

    @property
    def conditions(self) -> int:
        """How many conditions there are."""
        lengths = self._lengths.values()
        return math.prod(lengths) if self.sweep.combine == "product" else max(lengths)

    def __len__(self) -> int:
        return self.conditions * self.sweep.runs

    def _keep(self) -> dict[str, dict[str, str]]:
        """The variables to keep, with their attributes."""
        network = self.network
        strengths = [n for n in (*network.meta["observables"], *network.meta["expressions"]) if n.startswith("strength")]
        offered = {
            f"weight{n.removeprefix('strength')}": {"units": "1", "long_name": "synaptic weight over its value at time 0"}
            for n in strengths
        } | {n: {"units": r["unit"], "long_name": r["meaning"]} for n, r in network.readouts.items()}
        for name in self.sweep.keep:
            if name not in offered:
                raise UnknownName(f"readout of '{network.name}'", name, offered)
        return {n: a for n, a in offered.items() if not self.sweep.keep or n in self.sweep.keep}

    def _check_protocols(self) -> None:
        """Resolve each protocol with each perturbation and each value of a stimulus once: a typing error must not cost a night."""
        for name, labels in self._labels.items():
            if len(set(labels)) < len(labels):
                twice = next(x for x in labels if labels.count(x) > 1)
                raise BadValue(f"the {name} '{twice}' is there twice")
        at = self._indices(np.arange(self.conditions))
        pairs = at["protocol"] * len(self.perturbations) + at["perturbation"]
        deciding = [pairs, *(at[a.name] * len(self.protocols) + at["protocol"] for a in self.grid if a.kind == "stimulus")]
        for condition in {int(i) for indices in deciding for i in np.unique(indices, return_index=True)[1]}:
            resolve(self._protocol(condition, 0), self.network)

    @cached_property
    def _labels(self) -> dict[str, list[str]]:
        return {
            "protocol": [p.name or p.title for p in self.protocols],
            "perturbation": [" + ".join(u.label() for u in uses) or "none" for uses in self.perturbations],
        }

    def _output_times(self) -> np.ndarray:
        if self.sweep.after:
            if self.sweep.times is not None or self.sweep.duration is not None:
                raise BadValue("a sweep takes either times and duration, or after: times from the end of each run's stimuli")
            times = _times(self.sweep.after)
            if times[0] < 0:
                raise BadValue(f"a time after the stimuli cannot be negative ({times[0]:g} s)")
            return times
        reach = max(p.duration for p in self.protocols)
        if self.sweep.times is None:
            return np.arange(0.0, reach + 1e-9, 60.0)
        times = _times(self.sweep.times)
        start = max(resolve(p, self.network).start for p in self.protocols)
        if times[0] < start or times[-1] > reach:
            raise BadValue(f"times must lie between {start:g} s and {reach:g} s")
        shortest = min(self.protocols, key=lambda p: p.duration)
        if times[0] > shortest.duration:
            raise BadValue(f"no time lies within the {shortest.duration:g} s of '{shortest.name or shortest.title}'")
        return times

    @cached_property
    def _draws(self) -> dict[str, np.ndarray]:
        """Each random quantity's value for each member."""
        shape = (self.sweep.runs, len(self.random))
        generator = np.random.default_rng(self.sweep.seed)
        if self.sweep.sampling == "independent" or not self.random:
            shares = generator.random(shape)
        else:
            from scipy.stats import qmc

            shares = qmc.LatinHypercube(d=shape[1], rng=generator).random(shape[0])
        return {a.name: _RANDOM[a.distribution[0]](shares[:, i], *a.distribution[1:]) for i, a in enumerate(self.random)}

    def _indices(self, condition: Any) -> dict[str, Any]:
        """Which protocol, perturbation and value of each axis a condition has; also for an array of conditions."""
        if self.sweep.combine == "zip":
            return {name: np.minimum(condition, n - 1) for name, n in self._lengths.items()}
        return dict(zip(self._lengths, np.unravel_index(condition, tuple(self._lengths.values())), strict=True))

    def _values(self, number: Any) -> dict[str, Any]:
        """The value of each varied quantity in a run; also for an array of numbers."""
        condition, member = np.divmod(number, self.sweep.runs)
        at = self._indices(condition)
        grid = {a.name: np.asarray(a.values)[at[a.name]] for a in self.grid}
        return grid | {name: draws[member] for name, draws in self._draws.items()}

    def _protocol(self, condition: int, member: int) -> Protocol:
        at = self._indices(condition)
        values = self._values(condition * self.sweep.runs + member)
        protocol = self.protocols[int(at["protocol"])]
        kinds = {a.name: a.kind for a in (*self.grid, *self.random)}
        changes = {n.removeprefix("stimulus."): float(v) for n, v in values.items() if kinds[n] == "stimulus"}
        if changes:
            protocol = replace(protocol, stimuli=tuple(_changed(s, changes) for s in protocol.stimuli))
            for name in changes:
                if not any(hasattr(s, name) for s in protocol.stimuli):
                    raise BadValue(f"no stimulus of '{protocol.name or protocol.title}' has a {name} to vary")
        doses = tuple(PerturbationUse(name=n, dose=float(v)) for n, v in values.items() if kinds[n] == "dose")
        return protocol.perturbed(*self.perturbations[int(at["perturbation"])], *doses)

    def run(self, number: int) -> Run:
        """The run of a number, from 0."""
        condition, member = divmod(number, self.sweep.runs)
        parameters = {n: float(v) for n, v in self._values(number).items() if n in self.network.parameters}
        seed = self.sweep.seed + number if self.stochastic else None
        return Run(number, self._protocol(condition, member), parameters, seed)

    def bench(self) -> Bench:
        """What workers need once; without the compiled functions, which each of them loads."""
        return Bench(replace(self.network), self.sweep.engine, self.times, bool(self.sweep.after), tuple(self.keep))

    def coordinates(self) -> dict[str, tuple[np.ndarray, dict[str, str]]]:
        """What tells runs apart: values over the runs, with attributes."""
        numbers = np.arange(len(self))
        condition, member = np.divmod(numbers, self.sweep.runs)
        at = self._indices(condition)
        units = {a.name: a.unit for a in (*self.grid, *self.random)}
        found: dict[str, tuple[np.ndarray, dict[str, str]]] = {
            name: (np.array(labels, dtype=object)[at[name]], {}) for name, labels in self._labels.items()
        }
        found |= {name: (values, {"units": units[name]}) for name, values in self._values(numbers).items()}
        found["member"] = (member, {"long_name": "member of the condition's ensemble"})
        if self.stochastic:
            found["seed"] = (self.sweep.seed + numbers, {"long_name": "seed of the engine"})
        return found

    def attributes(self) -> dict[str, Any]:
        """What the whole store says of itself."""
        return {
            "model": self.network.name,
            "engine": self.sweep.engine,
            "conditions": ["protocol", "perturbation", *(a.name for a in self.grid)],
            "durations": dict(zip(self._labels["protocol"], (p.duration for p in self.protocols), strict=True)),
            "version": ltpath.__version__,
        }

    def declaration(self) -> dict[str, Any]:
        """Everything that decides about results, to tell one sweep from another."""
        sweep = self.sweep
        return {
            "model": self.network.name,
            "rules and parameters of the model": self.network.key,
            "protocols": dict(zip(self._labels["protocol"], (p.to_dict() for p in self.protocols), strict=True)),
            "perturbations": {
                label: [repr(u) for u in uses] for label, uses in zip(self._labels["perturbation"], self.perturbations, strict=True)
            },
            "varied": {a.name: list(a.values or a.distribution) for a in (*self.grid, *self.random)},
            "combine": sweep.combine,
            "runs": sweep.runs,
            "seed": sweep.seed,
            "sampling": sweep.sampling,
            "engine": sweep.engine,
            "times": self.times.tolist(),
            "times count from": "the end of the stimuli" if sweep.after else "time 0",
            "readouts": list(self.keep),
        }


def _changed(stimulus: Any, changes: Mapping[str, float]) -> Any:
    """A stimulus with other values in the fields that it has."""
    found = {}
    for name, value in changes.items():
        if getattr(stimulus, name, None) is None:
            continue
        if name in COUNTS and value != int(value):
            raise BadValue(f"stimulus.{name} takes whole numbers, not {value:g}")
        found[name] = int(value) if name in COUNTS else value
    return replace(stimulus, **found) if found else stimulus


# -- running -------------------------------------------------------------------------


def run_sweep(
    sweep: Sweep,
    output: str | Path,
    *,
    scheduler: Any = None,
    workers: int | None = None,
    repeat_failed: bool = False,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """Run what is not finished yet of a sweep.

    Parameters
    ----------
    sweep : Sweep
    output : path
        A folder named ``*.zarr``. One that is there must hold the same sweep, which goes on.
    scheduler : str, dask.distributed.Client or cluster, optional
        Where to run: an address such as ``"tcp://10.0.0.1:8786"``, or a Dask object. Default: processes of this machine.
    workers : int, optional
        Processes of this machine. Default: one for each core.
    repeat_failed : bool
        Also run again what failed before.
    progress : callable, optional
        Called with the number of runs on disk as it grows.

    Returns
    -------
    xarray.Dataset
        The store, lazily: dimensions ``run`` and ``time``, a variable for each readout, coordinates that tell
        runs apart, ``status`` (1 finished, 2 failed) and ``message``. In ``attrs``, ``session`` says what this call did:
        runs, workers, seconds on the clock and seconds that workers spent in runs.

    Raises
    ------
    UnknownName, BadValue, ProtocolError
        The sweep does not fit the model.
    SweepError
        The output holds another sweep or cannot be written, or the cluster is gone; what finished is kept.
    MissingTool
        Dask or zarr is not installed.
    """
    path = Path(output)
    if path.suffix != ".zarr":
        raise BadValue(f"the output of a sweep is a folder whose name ends in .zarr, not '{path}'")
    if path.exists() and not path.is_dir():
        raise BadValue(f"the output {path} is a file, not a folder")
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise BadValue(f"workers must be a whole number of at least 1, not {workers!r}")
    if workers is not None and scheduler is not None:
        raise BadValue("workers are processes of this machine; with a scheduler, its own workers are used")
    try:
        from ltpath.scheduling import conduct
    except ImportError as error:
        raise MissingTool(f"sweeps need Dask and Zarr ({error}); get them with: pip install 'ltpath[sweep]'") from None
    check_writable(path if path.exists() else path.parent)
    plan = Plan(sweep)
    session = conduct(plan, path, scheduler, workers, repeat_failed, progress)
    data = xr.open_zarr(path, chunks=None)
    data.attrs["session"] = session
    return data


# -- statistics ----------------------------------------------------------------------


def statistics(
    dataset: xr.Dataset, over: str | Iterable[str] = "member", *, quantiles: Sequence[float] = QUANTILES, time: int | None = None
) -> xr.Dataset:
    """Mean, standard deviation, standard error and quantiles of the finished runs of each condition.

    Parameters
    ----------
    dataset : xarray.Dataset
        A sweep's store.
    over : str or iterable of str
        What is summed up: ``"member"``, or also conditions such as ``["member", "protocol"]``.
    quantiles : sequence of float
    time : int, optional
        Only this position of the time axis.

    Returns
    -------
    xarray.Dataset
        Dimensions ``condition``, ``statistic`` (``mean``, ``sd``, ``standard_error``, ``quantile_0.05``, ...) and ``time``; the
        variable ``count`` is the number of runs behind each condition. A standard error needs two runs, and is NaN for one.

    Raises
    ------
    UnknownName
        The store has no such condition.
    """
    summed = {over} if isinstance(over, str) else set(over)
    axes = list(dataset.attrs["conditions"])
    for name in summed:
        if name not in (*axes, "member"):
            raise UnknownName("condition of the sweep", name, [*axes, "member"])
    axes = [a for a in axes if a not in summed]
    if "member" not in summed:
        axes.append("member")
    columns = [dataset[a].values.tolist() for a in axes]
    finished = dataset["status"].values == 1
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, key in enumerate(zip(*columns, strict=True) if columns else [()] * len(finished)):
        rows = groups.setdefault(key, [])
        if finished[i]:
            rows.append(i)

    labels = ["mean", "sd", "standard_error", *(f"quantile_{q:g}" for q in quantiles)]
    names = [str(n) for n, v in dataset.data_vars.items() if v.dims == ("run", "time")]
    moments = [time] if time is not None else list(range(dataset.sizes["time"]))
    variables: dict[str, Any] = {}
    for name in names:
        found = np.full((len(groups), len(labels), len(moments)), np.nan)
        chosen = dataset[name].isel(time=moments)
        # One moment of all runs is small; all moments are read condition by condition.
        loaded = chosen.load() if time is not None else chosen
        for i, rows in enumerate(groups.values()):
            if rows:
                found[i] = _summary(loaded.isel(run=_slice(rows)).values, quantiles)
        variables[name] = (("condition", "statistic", "time"), found, dataset[name].attrs)
    variables["count"] = ("condition", [len(rows) for rows in groups.values()], {"long_name": "finished runs"})
    coordinates: dict[str, Any] = {
        a: ("condition", np.array([key[i] for key in groups]), dataset[a].attrs) for i, a in enumerate(axes)
    }
    coordinates |= {"statistic": labels, "time": dataset["time"].isel(time=moments)}
    return xr.Dataset(variables, coordinates)


def _slice(rows: list[int]) -> slice | list[int]:
    """Neighbours as a slice, which reads fewer chunks twice."""
    return slice(rows[0], rows[-1] + 1) if rows[-1] - rows[0] + 1 == len(rows) else rows


def _summary(values: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Statistics of values of shape (run, time), shape (statistic, time)."""
    n = len(values)
    sd = values.std(axis=0, ddof=1) if n > 1 else np.full(values.shape[1], np.nan)
    return np.stack([values.mean(axis=0), sd, sd / math.sqrt(n), *np.quantile(values, quantiles, axis=0)])


def final(dataset: xr.Dataset) -> list[dict[str, Any]]:
    """The weights (without any, the first four readouts) when each protocol ends, one row for each condition and readout."""
    names = [str(n) for n, v in dataset.data_vars.items() if v.dims == ("run", "time")]
    chosen = [n for n in names if n.startswith("weight")] or names[:4]
    rows = []
    for protocol in dict.fromkeys(dataset["protocol"].values.tolist()):
        here = dataset[[*chosen, "status"]].isel(run=np.flatnonzero(dataset["protocol"].values == protocol))
        last = int(np.searchsorted(dataset["time"].values, dataset.attrs["durations"][protocol], side="right")) - 1
        summary = statistics(here, time=last)
        axes = [str(c) for c, v in summary.coords.items() if v.dims == ("condition",)]
        for i in range(summary.sizes["condition"]):
            where = {a: summary[a].values[i].item() for a in axes} | {"time": float(summary["time"].values[0])}
            for name in chosen:
                numbers = dict(zip(summary["statistic"].values.tolist(), summary[name].values[i, :, 0].tolist(), strict=True))
                rows.append(where | {"readout": name, "runs": int(summary["count"].values[i])} | numbers)
    return rows
