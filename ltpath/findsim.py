"""Experiments in FindSim's JSON format, run on a model of ltpath with a map of their entities (docs/findsim.md).

The format: Viswan, HarshaRani, Stefan and Bhalla 2018, doi:10.3389/fninf.2018.00038. Both of its schemas
are read: in the first an entity is a name, in the second a table with a name and, at times, an alias.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from ltpath.catalogue import load as load_model
from ltpath.errors import BadValue, LtpathError, ProtocolError, UnknownName
from ltpath.experiment import Experiment, Result, Row, judge, read
from ltpath.kernels import Kernel
from ltpath.protocol import Protocol
from ltpath.quantity import Citation
from ltpath.simulation import Trajectory, check_parameters, resolve, simulate
from ltpath.units import parse, written

SUFFIX = ".json"

_SECONDS = {
    "s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "usec": 1e-6, "min": 60.0, "hr": 3600.0, "day": 86400.0,
}  # fmt: skip
# The unit of ltpath, and how many of it one of FindSim's is.
_UNITS = {
    "nM": ("uM", 1e-3), "uM": ("uM", 1.0), "mM": ("uM", 1e3), "M": ("uM", 1e6), "#": ("molecules", 1.0),
    "uV": ("mV", 1e-3), "mV": ("mV", 1.0), "V": ("mV", 1e3), "Hz": ("Hz", 1.0), "ratio": ("1", 1.0),
    "s": ("s", 1.0), "sec": ("s", 1.0), "1/s": ("1/s", 1.0), "1/sec": ("1/s", 1.0),
}  # fmt: skip
_DESIGNS = ("TimeSeries", "DoseResponse", "BarChart", "DirectParameter")
_AMOUNTS = ("conc", "concInit", "n", "nInit", "Vm")
"""Fields that are the state of an entity: what a map gives without naming a field."""
_SETTLED = 300.0
"""How long a dose is given where the file does not say, s; as the program does."""
_TOLERANCE = 0.1
_FIELDS = {
    "map": "model set perturbations tolerance ignore entity",
    "entity": "readout scale place parameter stimulus perturbation",
    "Stimuli": "timeUnits quantityUnits entity label field isBuffered data value",
    "Readouts": "timeUnits quantityUnits entities entity field window settleTime normalization display epsp data bardata paramdata",
    "normalization": "sampling time sampTime dose entities entity",
    "window": "startt endt dt operation baseline",
    "Modifications": "subset itemsToDelete parameterChange notes",
}
_OVER = {"start": "the first point", "end": "the last point", "min": "the lowest point", "max": "the highest point"}


# -- what is read ------------------------------------------------------------------


@dataclass(frozen=True)
class Map:
    """Which model runs an experiment, and what FindSim's entities are in it.

    Attributes
    ----------
    model : str
    settings : dict of str to float
        Parameters of every run, in their units.
    perturbations : tuple
        Of every run: names, or tables as in a protocol file.
    tolerance : float
        Error of a point whose file gives none, as a fraction of the largest measured value.
    ignore : tuple of str
        Entities whose modification or stimulus is left out; ``*`` and ``?`` stand for any text.
    entities : dict of str to dict
        By FindSim's name: ``readout``, ``scale``, ``place``, ``parameter``, ``stimulus``, ``perturbation``.
    """

    path: Path
    model: str
    settings: Mapping[str, float] = field(default_factory=dict)
    perturbations: tuple[Any, ...] = ()
    tolerance: float = _TOLERANCE
    ignore: tuple[str, ...] = ()
    entities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def ignores(self, entity: Any) -> bool:
        return any(fnmatchcase(name, pattern) for name in _names(entity) for pattern in self.ignore)

    def named(self, entity: Any) -> tuple[str, Mapping[str, Any]]:
        """An entity's name, and its table.

        Raises
        ------
        UnknownName
        """
        for name in _names(entity):
            if name in self.entities:
                return name, self.entities[name]
        raise UnknownName("entity of the map", _names(entity)[0], self.entities)

    def name_in_model(self, entity: Any, role: str, what: str) -> Any:
        """What an entity's field is in the model, as a readout or a parameter.

        Raises
        ------
        ProtocolError
            The map does not say.
        """
        name, table = self.named(entity)
        found = table.get(role)
        if isinstance(found, Mapping):
            found = found.get(what)
        elif what not in _AMOUNTS:
            found = None
        if found is None:
            raise ProtocolError(f"the map gives no {role} for the field '{what}' of '{name}'")
        return found


@dataclass(frozen=True)
class _Inputs:
    """What is done in one run."""

    stimuli: list[dict[str, Any]] = field(default_factory=list)
    uses: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Run:
    condition: str
    scan: float | None
    protocol: Protocol
    settings: Mapping[str, float]


@dataclass(frozen=True)
class _Point:
    """One measured value: what it is called, and where it is read."""

    quantity: str
    measured: float
    error: float
    place: Mapping[str, Any]
    time: float


def load_map(path: str | Path) -> Map:
    """Read a map.

    Raises
    ------
    ProtocolError
        The file cannot be read or understood.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{path}: this is not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"the map {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        _check("map", data)
        for name, table in _table(data, "entity").items():
            if not isinstance(table, dict):
                raise ProtocolError(f'entity.{name} must be a table, such as {{readout = "Ca_free"}}')
            _check("entity", table)
        if not isinstance(data.get("model"), str):
            raise ProtocolError("'model' is missing, the name of the model that runs the experiment")
        tolerance = data.get("tolerance", _TOLERANCE)
        if not _is_number(tolerance) or tolerance <= 0:
            raise BadValue(f"tolerance must be a number above 0, such as 0.1, not {tolerance!r}")
        ignore = data.get("ignore", [])
        if not isinstance(ignore, list) or not all(isinstance(i, str) for i in ignore):
            raise BadValue(f'ignore must be a list of entities, such as ["MAPK_g"], not {ignore!r}')
        return Map(
            path, data["model"], _table(data, "set"), tuple(data.get("perturbations", ())), tolerance, tuple(ignore),
            _table(data, "entity"),
        )  # fmt: skip
    except LtpathError as error:
        raise ProtocolError(f"{path}: {error}") from None


def load(path: str | Path, chart: str | Path | Map) -> FindSim:
    """Read an experiment and translate it, without running it.

    Parameters
    ----------
    path : str or Path
        The JSON file.
    chart : str, Path or Map
        The map of its entities.

    Raises
    ------
    ProtocolError
        The file cannot be read, or something in it has no counterpart; the message names it.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ProtocolError(f"{path}, line {error.lineno}: this is not valid JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"the experiment {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    chart = chart if isinstance(chart, Map) else load_map(chart)
    try:
        return FindSim(path, data, chart)
    except LtpathError as error:
        raise ProtocolError(f"{path}, with the map {chart.path}: {error}") from None


# -- translation -------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """An experiment that was run.

    Attributes
    ----------
    nrms : float
        FindSim's own score, 0 where all points agree: the root of the mean squared difference over
        the largest value, measured or simulated. All points count, also those that are 1 because
        the rest is relative to them; these are not rows.
    """

    experiment: Experiment
    runs: Mapping[str, list[Trajectory]]
    results: list[Result]
    nrms: float


class FindSim:
    """An experiment of FindSim, translated; `load` makes it, `compare` runs it.

    Attributes
    ----------
    left_out : list of str
        What the map ignores of the file.
    """

    def __init__(self, path: Path, data: Any, chart: Map) -> None:
        self.path, self.chart = path, chart
        self.left_out: list[str] = []
        for name in ("Metadata", "Experiment", "Readouts"):
            if not isinstance(data, dict) or not isinstance(data.get(name), dict):
                raise ProtocolError(f"this is not an experiment of FindSim: '{name}' is missing")
        self.data, self.readout = data, data["Readouts"]
        self.design = _one_of(data["Experiment"].get("design"), _DESIGNS, "design of Experiment")
        _check("Readouts", self.readout)
        self.network = load_model(chart.model).network
        self.settings = check_parameters(chart.settings, self.network) | self._modifications()
        self.constants = self._constants(self.settings)
        self.points: list[_Point] = []
        self.runs: list[_Run] = []
        self.scan: dict[str, str] = {}
        if self.design == "DirectParameter":
            self._read_parameters()
            return
        self.unit = _unit_of(self.readout, "Readouts")
        self.seconds = _seconds_of(self.readout, "Readouts")
        self.field = _text(self.readout, "field", "Readouts")
        self.normalization = self._normalization()
        self.window = self._window()
        self.variables = {"readout": self._variable(_entities(self.readout, "Readouts"))}
        if self.normalization:
            self.variables["reference"] = self._variable(_entities(self.normalization, "normalization", self.readout))
        self._check_units()
        {"TimeSeries": self._read_series, "DoseResponse": self._read_doses, "BarChart": self._read_bars}[self.design]()
        for run in self.runs:
            resolve(run.protocol, self.network, run.settings)

    # What the model is changed by

    def _modifications(self) -> dict[str, float]:
        changes = self.data.get("Modifications") or {}
        _check("Modifications", changes)
        settings = {}
        for entity in changes.get("itemsToDelete", ()):
            if self._ignored(entity, "deletion"):
                continue
            name = self.chart.name_in_model(entity, "parameter", "concInit")
            settings |= check_parameters({name: 0.0}, self.network)
        for change in changes.get("parameterChange", ()):
            entity, what = _entity(change, "parameterChange"), _text(change, "field", "parameterChange")
            if self._ignored(entity, f"change of {what}"):
                continue
            if what == "isBuffered" and change.get("value") == 1 and "stimulus" in self.chart.named(entity)[1]:
                continue  # A stimulus holds its entity anyway.
            name = self.chart.name_in_model(entity, "parameter", what)
            settings |= self._setting(name, _number(change, "value", "parameterChange"), _text(change, "units", "parameterChange"))
        return settings

    def _ignored(self, entity: Any, what: str) -> bool:
        if self.chart.ignores(entity):
            self.left_out.append(f"{what} of {_names(entity)[0]}")
            return True
        return False

    def _setting(self, parameter: str, value: float, unit: str) -> dict[str, float]:
        """A parameter's value in its own unit."""
        if parameter not in self.network.parameters:
            raise UnknownName(f"parameter of '{self.network.name}'", parameter, self.network.parameters)
        own = self.network.units[parameter]
        if unit == "none" and own in ("1", "1/s"):
            return check_parameters({parameter: value}, self.network)
        base, factor = _UNITS.get(unit, (unit, 1.0))
        if base != own:
            raise BadValue(f"{value:g} {unit} cannot be given to the parameter {parameter}, which is in {own}")
        return check_parameters({parameter: value * factor}, self.network)

    def _constants(self, settings: Mapping[str, float]) -> dict[str, float]:
        kernel = Kernel(self.network)
        kernel.set_parameters(self.network.parameters | dict(settings))
        return kernel.constants

    def _sets_amounts(self, parameter: str) -> bool:
        """Whether a parameter says how much there is at first, so that no later moment can change it."""
        kernel = Kernel(self.network)
        before = kernel.initial()
        value = self.network.parameters[parameter]
        kernel.set_parameters(self.network.parameters | {parameter: 1.1 * value or 1.0})
        return not np.array_equal(before, kernel.initial())

    # What is given

    def _stimuli(self) -> list[dict[str, Any]]:
        stimuli = self.data.get("Stimuli") or []
        if not isinstance(stimuli, list) or not all(isinstance(s, dict) for s in stimuli):
            raise ProtocolError("Stimuli must be a list of tables")
        for stimulus in stimuli:
            _check("Stimuli", stimulus)
        return stimuli

    def _give(self, inputs: _Inputs, stimulus: Mapping[str, Any], levels: Iterable[tuple[float, float]], end: float) -> None:
        """Add a stimulus that takes its levels, in the file's units, one after the other at times in s."""
        name, table = self.chart.named(_entity(stimulus, "Stimuli"))
        what, unit = _text(stimulus, "field", "Stimuli"), _text(stimulus, "quantityUnits", "Stimuli")
        base, factor = _unit_of(stimulus, "Stimuli")
        steps = sorted((float(t), v * factor) for t, v in levels if t < end)
        if any(t < 0 for t, _ in steps):
            raise BadValue(f"the stimulus of '{name}' begins before time 0")
        spans = [(t, v, after) for (t, v), after in zip(steps, [*(t for t, _ in steps[1:]), end], strict=True) if after > t]
        ways = [way for way in ("stimulus", "perturbation", "parameter") if way in table]
        if not ways:
            raise ProtocolError(f"the map gives no stimulus, perturbation or parameter for '{name}', which is a stimulus here")
        way = ways[0]
        if way != "parameter" and stimulus.get("isBuffered", 1) == 0:
            raise BadValue(f"the stimulus of '{name}' is not held (isBuffered is 0), which only a parameter of the map can be")
        if way == "stimulus":
            given = table["stimulus"]
            given = {"kind": given} if isinstance(given, str) else dict(given)
            make = {("calcium", "conc"): _held, ("train", "rate"): _pulses, ("spikes", "rate"): _pulses}.get(
                (given.get("kind"), what)
            )
            needed = "uM" if make is _held else "Hz"
            if make is None or base != needed:
                raise BadValue(
                    f"the field '{what}' in {unit} of '{name}' cannot be a stimulus of kind '{given.get('kind')}' "
                    "(calcium takes conc; train and spikes take rate in Hz)"
                )
            inputs.stimuli.extend(given | make(*span) for span in spans if make is _held or span[1] > 0)
        elif way == "perturbation":
            if base != "uM":
                raise BadValue(f"the field '{what}' in {unit} of '{name}' cannot be the dose of a perturbation")
            inputs.uses.extend(
                {"name": table["perturbation"], "dose": f"{v!r} uM", "from": f"{t!r} s", "to": f"{after!r} s"}
                for t, v, after in spans
                if v > 0
            )
        else:
            parameter = self.chart.name_in_model(name, "parameter", what)
            for t, v, after in spans:
                setting = self._setting(parameter, v / factor, unit)
                if not self._sets_amounts(parameter):
                    inputs.uses.append({"set": setting, "from": f"{t!r} s", "to": f"{after!r} s"})
                elif t == 0:
                    inputs.settings.update(setting)
                else:
                    raise BadValue(f"'{name}' changes at {t:g} s, but its parameter {parameter} is an amount at the beginning")

    def _run(self, condition: str, inputs: _Inputs, duration: float, scan: float | None = None) -> None:
        uses = [{"name": u} if isinstance(u, str) else u for u in self.chart.perturbations] + inputs.uses
        protocol = Protocol.from_dict(
            {"title": self.path.stem, "duration": f"{duration!r} s", "stimulus": inputs.stimuli, "perturbation": uses}
        )
        settings = check_parameters(self.settings | inputs.settings, self.network)
        self.runs.append(_Run(condition, scan, protocol, settings))

    # What is read

    def _normalization(self) -> dict[str, Any]:
        found = self.readout.get("normalization") or {}
        _check("normalization", found)
        samplings = ("none", "start", "end", "min", "max", "each", "presetTime", "dose")
        if not found or _one_of(found.get("sampling"), samplings, "sampling of normalization") == "none":
            return {}
        # What a design cannot sample by, the program takes from the first point.
        elsewhere = "dose" if self.design == "TimeSeries" else "presetTime"
        return dict(found) | ({"sampling": "start"} if found["sampling"] == elsewhere else {})

    def _window(self) -> dict[str, Any]:
        found = self.readout.get("window") or {}
        if not found:
            return {}
        _check("window", found)
        if self.design != "TimeSeries":
            raise BadValue(f"a window has no meaning in a {self.design}")
        _one_of(found.get("operation"), ("min", "max", "mean", "sdev", "oscPk", "oscVal"), "operation of window")
        if isinstance(found.get("baseline"), str):
            _one_of(found["baseline"], ("min", "max", "mean", "start", "end", "point0", "point1"), "baseline of window")
        if _number(found, "dt", "window") <= 0 or _number(found, "endt", "window") < _number(found, "startt", "window"):
            raise BadValue("the window needs dt above 0 and endt not before startt")
        return found

    def _variable(self, entities: Sequence[Any]) -> tuple[str, list[tuple[str, float]], str]:
        """Entities as a name, the readouts that make it up with their factors, and the unit of the sum."""
        names, parts, units = [], [], {}
        for entity in entities:
            name, table = self.chart.named(entity)
            names.append(name)
            readouts = self.chart.name_in_model(entity, "readout", self.field)
            for readout in [readouts] if isinstance(readouts, str) else readouts:
                unit = self._unit_of_readout(readout)
                factor, unit = self._scaled(name, table, unit)
                parts.append((readout, factor))
                units[unit] = readout
        if len(units) > 1:
            listed = " and ".join(f"{r} in {u}" for u, r in units.items())
            raise BadValue(f"readouts of different units cannot be added: {listed}; the map's scale brings them to one")
        return " + ".join(names), parts, next(iter(units))

    def _unit_of_readout(self, readout: str) -> str:
        weights = {f"weight_{s}": "1" for s in self.network.synapses}
        units = {n: r["unit"] for n, r in self.network.readouts.items()} | weights
        if readout not in units:
            raise UnknownName(f"readout of '{self.network.name}'", readout, units)
        return units[readout]

    def _scaled(self, name: str, table: Mapping[str, Any], unit: str) -> tuple[float, str]:
        """Factor from the model's readout to the entity, and the entity's unit."""
        scale = table.get("scale", 1.0)
        if isinstance(scale, str):
            return parse(scale, "concentration", f"scale of '{name}'"), "uM"
        if not _is_number(scale) or scale == 0:
            raise BadValue(f"scale of '{name}' must be a number, or what 1 of the readout stands for, such as \"0.5 uM\"")
        places = self.network.meta["places"]
        place = table.get("place", next(iter(places)) if len(places) == 1 else None)
        if unit != "molecules" or self.unit[0] != "uM":
            return float(scale), unit
        if place is None:
            raise ProtocolError(f"the map must say in which place '{name}' is (place: {', '.join(places)})")
        if place not in places:
            raise UnknownName(f"place of '{self.network.name}'", place, places)
        return float(scale) / self.constants[places[place]["per_uM"]], "uM"

    def _check_units(self) -> None:
        name, _, unit = self.variables["readout"]
        if self.normalization:
            other, _, reference = self.variables["reference"]
            if reference != unit:
                raise BadValue(
                    f"'{name}' in {unit} cannot be relative to '{other}' in {reference}; the map's scale brings them to one"
                )
        elif self.unit[0] != unit:
            raise BadValue(
                f"'{name}' is measured in {self.readout['quantityUnits']}, but the map gives it in {unit}; it needs a scale"
            )

    def _read_series(self) -> None:
        rows = self._data()
        name = self.variables["readout"][0]
        last = [t * self.seconds for t, *_ in rows]
        if self.window:
            last = [t + self.window["endt"] * self.seconds for t in last]
        if self.normalization.get("sampling") == "presetTime":
            last.append(self._preset_time())
        duration = max(last)
        if duration <= 0:
            raise BadValue("all data are at time 0, so that there is nothing to run")
        inputs = _Inputs()
        for stimulus in self._stimuli():
            if not self._ignored(_entity(stimulus, "Stimuli"), "stimulus"):
                seconds = _seconds_of(stimulus, "Stimuli")
                levels = stimulus.get("data") or ([[0, stimulus["value"]]] if "value" in stimulus else [])
                pairs = [_numbers(pair, (2,), "data of Stimuli") for pair in levels]
                self._give(inputs, stimulus, [(t * seconds, v) for t, v in pairs], duration)
        self._run("time_course", inputs, duration)
        for i, (t, value, error) in enumerate(rows):
            moment = round(t * self.seconds, 9)
            place: dict[str, Any] = {"kind": "value", "at": f"{moment!r} s"}
            if self.window:
                low_first = {"oscPk": 1, "oscVal": 0}.get(self.window["operation"])
                operation = self.window["operation"] if low_first is None else ("min", "max")[(i + low_first) % 2]
                place = {
                    "kind": "window", "at": place["at"], "operation": operation, "start": f"{self.window['startt'] * self.seconds!r} s",
                    "end": f"{self.window['endt'] * self.seconds!r} s", "step": f"{self.window['dt'] * self.seconds!r} s",
                }  # fmt: skip
            self.points.append(_Point(f"{name} at {written(moment, 'time')}", value, error, place, moment))

    def _preset_time(self) -> float:
        key = "sampTime" if "sampTime" in self.normalization else "time"
        return _number(self.normalization, key, "normalization") * self.seconds

    def _read_doses(self) -> None:
        rows, stimuli, settled = self._data(), self._stimuli(), self._settled()
        if len(stimuli) != 1:
            raise ProtocolError(f"a DoseResponse has one stimulus, this one has {len(stimuli)}")
        (stimulus,) = stimuli
        name, what = self.variables["readout"][0], _names(_entity(stimulus, "Stimuli"))[0]
        unit, (base, factor) = stimulus["quantityUnits"], _unit_of(stimulus, "Stimuli")
        self.scan = {"stimulus": what, "kind": {"uM": "concentration", "Hz": "frequency", "mV": "voltage"}.get(base, "")}
        doses = [dose for dose, *_ in rows]
        if self.normalization.get("sampling") == "dose":
            doses.append(_number(self.normalization, "dose", "normalization"))
        for dose in dict.fromkeys(doses):
            inputs = _Inputs()
            self._give(inputs, stimulus, [(0.0, dose)], settled)
            self._run("dose_response", inputs, settled, scan=dose * factor)
        for dose, value, error in rows:
            place = {"kind": "value", "at": f"{settled!r} s", "scan": dose * factor}
            self.points.append(_Point(f"{name} at {dose:g} {unit} {what}", value, error, place, settled))

    def _read_bars(self) -> None:
        bars, settled = self.readout.get("bardata"), self._settled()
        name = self.variables["readout"][0]
        stimuli = {s.get("label", _names(_entity(s, "Stimuli"))[0]): s for s in self._stimuli()}
        if not isinstance(bars, list) or not bars:
            raise ProtocolError("a BarChart needs 'bardata' in Readouts")
        for bar in bars:
            inputs = _Inputs()
            for label in bar["stimulus"]:
                if label not in stimuli:
                    raise UnknownName("stimulus of bardata", label, stimuli)
                stimulus = stimuli[label]
                level = stimulus["value"] if "value" in stimulus else stimulus["data"][0][1]
                self._give(inputs, stimulus, [(0.0, level)], settled)
            condition = " + ".join(bar["stimulus"]) or "no stimulus"
            self._run(condition, inputs, settled)
            place = {"kind": "value", "at": f"{settled!r} s", "condition": condition}
            value, error = _number(bar, "value", "bardata"), _number(bar, "stderr", "bardata", 0.0)
            self.points.append(_Point(f"{name}, {condition}", value, error, place, settled))

    def _read_parameters(self) -> None:
        """Points whose simulated value is a parameter of the model, in the file's unit."""
        table = self.readout.get("paramdata")
        if not isinstance(table, list) or not table:
            raise ProtocolError("a DirectParameter needs 'paramdata' in Readouts")
        for item in table:
            entity, what, unit = _entity(item, "paramdata"), _text(item, "field", "paramdata"), _text(item, "units", "paramdata")
            parameter = self.chart.name_in_model(entity, "parameter", what)
            (value,) = self._setting(parameter, 1.0, unit).values()
            place = {"simulated": self.constants[parameter] / value, "unit": unit}
            measured, error = _number(item, "value", "paramdata"), _number(item, "stderr", "paramdata", 0.0)
            self.points.append(_Point(f"{what} of {_names(entity)[0]}", measured, error, place, 0.0))

    def _data(self) -> list[tuple[float, float, float]]:
        rows = self.readout.get("data")
        if not isinstance(rows, list) or not rows:
            raise ProtocolError(f"a {self.design} needs 'data' in Readouts")
        found = [_numbers(row, (2, 3), "data of Readouts") for row in rows]
        return [(row[0], row[1], abs(row[2]) if len(row) == 3 else 0.0) for row in found]

    def _settled(self) -> float:
        # In s whatever timeUnits says, as the program takes it.
        settled = float(_number(self.readout, "settleTime", "Readouts", 0.0))
        return settled if settled > 0 else _SETTLED

    # Running

    def compare(self) -> Comparison:
        """Run the experiment and judge every point.

        Raises
        ------
        SolverError
        """
        runs: dict[str, list[Trajectory]] = {}
        for run in self.runs:
            runs.setdefault(run.condition, []).append(self._simulated(run))
        if self.design == "DirectParameter":
            values = [p.place["simulated"] for p in self.points]
            readouts: list[dict[str, Any]] = [{} for _ in self.points]
            kept = list(range(len(values)))
            spread = [(v - p.measured) / max(p.measured, v, 1e-9) for v, p in zip(values, self.points, strict=True)]
            nrms = float(np.sqrt(np.mean(np.square(spread))))
        else:
            readouts = self._readouts(runs)
            values = [float(read(r, runs)) for r in readouts]
            kept = [i for i in range(len(values)) if not self._certain(i)]
            largest = max([*values, *(p.measured for p in self.points)])
            off = np.array(values) - [p.measured for p in self.points]
            nrms = float(np.sqrt(np.mean(off**2)) / (largest if largest > 1e-6 else 1.0))
        experiment = self._experiment([self._row(self.points[i], readouts[i]) for i in kept])
        return Comparison(experiment, runs, judge(experiment, [values[i] for i in kept]), nrms)

    def _simulated(self, run: _Run) -> Trajectory:
        """A run with the entities of the experiment as variables, in the file's unit."""
        end = run.protocol.duration
        times = [p.time for p in self.points]
        if self.normalization.get("sampling") == "presetTime":
            times.append(self._preset_time())
        if self.window:
            times += [p.time + o for p in self.points for o in _offsets(self.window, self.seconds)]
        events = sorted({0.0, *(s.at for s in run.protocol.stimuli), *(u.start or 0.0 for u in run.protocol.perturbations)})
        times += [t + end * d for t in events for d in np.logspace(-6, 0, 60)]
        grid = np.round(np.concatenate([times, np.linspace(-0.1 * end, end, 300)]), 9)
        # The baseline is shown, but only as far back as it is recorded.
        grid = grid[(grid >= -500.0) & (grid <= end)]
        data = simulate(self.network, run.protocol, parameters=run.settings, times=grid)
        for name, parts, unit in self.variables.values():
            shown, factor = (unit, 1.0) if self.normalization else (self.readout["quantityUnits"], self.unit[1])
            total = sum(data[readout] * scale for readout, scale in parts) / factor
            data[name] = total.assign_attrs(units=_shown(shown), long_name=name)  # type: ignore[union-attr]
        if run.scan is not None:
            data.attrs["scan"] = run.scan
        return data

    def _readouts(self, runs: Mapping[str, list[Trajectory]]) -> list[dict[str, Any]]:
        """How each point is read: raw, less the window's baseline, over the reference."""
        name = self.variables["readout"][0]
        raw = [{**p.place, "variable": name} for p in self.points]
        if self.window:
            baseline = self._baseline(raw, runs)
            raw = [{**r, "baseline": baseline} for r in raw]
        if not self.normalization:
            return raw
        other = self.variables["reference"][0]
        below = [{**r, "variable": other} for r in raw]
        sampling = self.normalization["sampling"]
        if sampling == "each":
            if other == name:
                raise BadValue(f"normalization takes each point of '{name}' relative to itself, so that all are 1")
            return [{"kind": "ratio", "of": r, "over": b} for r, b in zip(raw, below, strict=True)]
        if sampling == "presetTime":
            reference = read({"kind": "value", "variable": other, "at": f"{self._preset_time()!r} s"}, runs)
        elif sampling == "dose":
            factor = _unit_of(self._stimuli()[0], "Stimuli")[1]
            reference = read({**below[0], "scan": self.normalization["dose"] * factor}, runs)
        else:
            choose = {"start": lambda v: v[0], "end": lambda v: v[-1], "min": min, "max": max}[sampling]
            reference = choose([read(b, runs) for b in below])
        return [{**r, "scale": 1 / reference if reference else math.nan} for r in raw]

    def _baseline(self, raw: Sequence[Mapping[str, Any]], runs: Mapping[str, list[Trajectory]]) -> float:
        given = self.window.get("baseline", 0.0)
        if not isinstance(given, str):
            return float(given)
        if given.startswith("point"):
            position = int(given.removeprefix("point"))
            if position >= len(raw):
                raise BadValue(f"the window's baseline is {given}, but there are {len(raw)} points")
            return read(raw[position], runs)
        # Of all samples of all windows.
        run = runs["time_course"][0]
        moments = [p.time + o for p in self.points for o in _offsets(self.window, self.seconds)]
        samples = np.interp(moments, run["time"].values, run[raw[0]["variable"]].values)
        return float(
            {"min": np.min, "max": np.max, "mean": np.mean, "start": lambda s: s[0], "end": lambda s: s[-1]}[given](samples)
        )

    def _certain(self, i: int) -> bool:
        """Whether a point is 1 or 0 whatever the model does, as what the others are relative to."""
        if self.window.get("baseline") == f"point{i}":
            return True
        if not self.normalization or self.variables["readout"] != self.variables["reference"]:
            return False
        sampling, point = self.normalization["sampling"], self.points[i]
        if sampling == "presetTime":
            return not self.window and point.time == round(self._preset_time(), 9)
        if sampling == "dose":
            factor = _unit_of(self._stimuli()[0], "Stimuli")[1]
            return math.isclose(point.place["scan"], self.normalization["dose"] * factor)
        return i == {"start": 0, "end": len(self.points) - 1}.get(sampling)

    def _row(self, point: _Point, readout: Mapping[str, Any]) -> Row:
        quantity, unit = point.quantity, point.place.get("unit", "")
        if self.design != "DirectParameter":
            unit = "" if self.normalization else _shown(self.readout["quantityUnits"])
            quantity += self._relative()
        error, kind = point.error, "standard error in the file"
        if not error:
            largest = max(abs(p.measured) for p in self.points) if self.design != "DirectParameter" else abs(point.measured)
            what = "largest measured value" if self.design != "DirectParameter" else "measured value"
            error, kind = self.chart.tolerance * largest, f"tolerance of the map, {self.chart.tolerance:.3g} of the {what}"
        return Row(
            quantity=quantity,
            unit=_shown(unit),
            readout=readout,
            measured=point.measured,
            use="prediction",
            error=error,
            error_kind=kind,
        )

    def _relative(self) -> str:
        if not self.normalization:
            return ""
        sampling = self.normalization["sampling"]
        if sampling == "presetTime":
            what = f"its value at {written(self._preset_time(), 'time')}"
        elif sampling == "dose":
            what = f"that at {self.normalization['dose']:g} {self._stimuli()[0]['quantityUnits']}"
        else:
            what = _OVER.get(sampling, "the same point")
        other = self.variables["reference"][0]
        return f", over {what}" if other == self.variables["readout"][0] else f", over {what} of {other}"

    def _experiment(self, rows: Sequence[Row]) -> Experiment:
        meta, context = self.data["Metadata"], self.data["Experiment"]
        source = meta.get("source") or {}
        year, doi = source.get("year"), str(source.get("doi") or "")
        citation = Citation(
            str(source.get("authors") or "no author given"), int(year) if _is_number(year) else 0, "",
            str(source.get("journal") or "").strip(), doi if doi.startswith("10.") else "",
        )  # fmt: skip
        where = [f"figure {source['figure']}"] if source.get("figure") else []
        where += [f"table {source['table']}"] if source.get("table") else []
        where += [f"PMID {source['PMID']}"] if source.get("PMID") else []
        conditions = {r.condition: {"model": self.chart.model, "protocol": r.protocol.to_dict()} for r in self.runs}
        if self.scan:
            conditions["dose_response"]["scan"] = self.scan
        return Experiment(
            name=self.path.stem, title=f"{self.path.stem}, a {self.design} of FindSim", citation=citation,
            where="; ".join(where), seen=f"second-hand: transcribed by {meta.get('transcriber') or 'someone unnamed'}",
            done=str(context.get("notes") or meta.get("notes") or ""),
            preparation=", ".join(str(context[k]) for k in ("species", "cellType", "samplePrep", "sampleType") if context.get(k)),
            temperature=f"{context['temperature']:g} C" if _is_number(context.get("temperature")) else "",
            conditions=conditions, rows=tuple(rows),
        )  # fmt: skip


# -- pieces ------------------------------------------------------------------------


def _held(start: float, level: float, end: float) -> dict[str, Any]:
    return {"at": f"{start!r} s", "amplitude": f"{level!r} uM", "duration": f"{end - start!r} s"}


def _pulses(start: float, hertz: float, end: float) -> dict[str, Any]:
    return {"at": f"{start!r} s", "frequency": f"{hertz!r} Hz", "pulses": max(1, math.floor(hertz * (end - start) + 1e-6))}


def _offsets(window: Mapping[str, Any], seconds: float) -> np.ndarray:
    """Times of a window's samples from its point, s."""
    count = round((window["endt"] - window["startt"]) / window["dt"]) + 1
    return (window["startt"] + window["dt"] * np.arange(count)) * seconds


def _shown(unit: str) -> str:
    return {"#": "molecules", "ratio": "", "1": ""}.get(unit, unit)


def _names(entity: Any) -> tuple[str, ...]:
    """The name of an entity and, in the second schema, its alias."""
    if isinstance(entity, dict):
        found = tuple(str(entity[k]) for k in ("name", "alias") if entity.get(k))
    else:
        found = (entity,) if isinstance(entity, str) else ()
    if not found:
        raise ProtocolError(f"an entity must have a name, not {entity!r}")
    return found


def _entity(table: Mapping[str, Any], where: str) -> Any:
    if not isinstance(table, dict) or "entity" not in table:
        raise ProtocolError(f"{where}: 'entity' is missing")
    return table["entity"]


def _entities(table: Mapping[str, Any], where: str, otherwise: Mapping[str, Any] | None = None) -> list[Any]:
    """The entities of a readout: a list of names in the first schema, one table in the second."""
    found = table.get("entities") or ([table["entity"]] if table.get("entity") else [])
    if not found and otherwise is not None:
        return _entities(otherwise, where)
    if not isinstance(found, list) or not found:
        raise ProtocolError(f"{where}: 'entities' (first schema) or 'entity' (second schema) is missing")
    return found


def _check(where: str, table: Any) -> None:
    if not isinstance(table, dict):
        raise ProtocolError(f"{where} must be a table")
    allowed = _FIELDS[where].split()
    for name in table:
        if name not in allowed:
            raise UnknownName(f"field of {where}", name, allowed)


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise ProtocolError(f"'{name}' must be a table, written [{name}]")
    return found


def _one_of(value: Any, allowed: Sequence[str], what: str) -> str:
    if value not in allowed:
        raise UnknownName(what, str(value), allowed)
    return value


def _text(table: Mapping[str, Any], name: str, where: str) -> str:
    if not isinstance(table.get(name), str):
        raise ProtocolError(f"{where}: '{name}' is missing")
    return table[name]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _number(table: Mapping[str, Any], name: str, where: str, otherwise: float | None = None) -> float:
    value = table.get(name, otherwise)
    if not _is_number(value):
        raise ProtocolError(f"{where}: '{name}' must be a number, not {value!r}")
    return value


def _numbers(row: Any, counts: tuple[int, ...], where: str) -> list[float]:
    if not isinstance(row, list) or len(row) not in counts or not all(_is_number(v) for v in row):
        raise ProtocolError(f"{where}: each item must be {' or '.join(map(str, counts))} numbers, not {row!r}")
    return row


def _unit_of(table: Mapping[str, Any], where: str) -> tuple[str, float]:
    unit = _text(table, "quantityUnits", where)
    if unit not in _UNITS:
        raise UnknownName(f"quantityUnits of {where}", unit, _UNITS)
    return _UNITS[unit]


def _seconds_of(table: Mapping[str, Any], where: str) -> float:
    unit = table.get("timeUnits", "s")
    return _SECONDS[_one_of(unit, tuple(_SECONDS), f"timeUnits of {where}")]
