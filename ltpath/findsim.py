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
from typing import Any, NoReturn

import numpy as np

from ltpath.catalogue import load as load_model
from ltpath.errors import BadValue, LtpathError, ProtocolError, UnknownName
from ltpath.experiment import Experiment, Result, Row, judge, read
from ltpath.kernels import Kernel
from ltpath.protocol import PerturbationUse, Protocol
from ltpath.quantity import Citation
from ltpath.simulation import Trajectory, check_parameters, resolve, simulate
from ltpath.units import parse, written

SUFFIX = ".json"

_SECONDS = {"us": 1e-6, "usec": 1e-6, "ms": 1e-3, "msec": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "hr": 3600.0, "day": 86400.0}
# The unit of ltpath, and how many of it one of FindSim's is.
_UNITS = {
    "nM": ("uM", 1e-3), "uM": ("uM", 1.0), "mM": ("uM", 1e3), "M": ("uM", 1e6), "#": ("molecules", 1.0), "ratio": ("1", 1.0),
    "uV": ("mV", 1e-3), "mV": ("mV", 1.0), "V": ("mV", 1e3), "pA": ("pA", 1.0), "nA": ("pA", 1e3), "uA": ("pA", 1e6),
    "Hz": ("Hz", 1.0), "s": ("s", 1.0), "sec": ("s", 1.0), "1/s": ("1/s", 1.0), "1/sec": ("1/s", 1.0),
}  # fmt: skip
_STATE = ("conc", "concInit", "n", "nInit", "Vm")
"""Fields for which a map need not name the field."""
_SETTLED = 300.0
"""For how long a dose is given where the file does not say, s; the program does the same."""
_TOLERANCE = 0.05
_DIGITS = 9
"""Of times in s: what is done and what is read at one time must be at the same number."""
_LISTED = 5
_BEYOND = 1.05
"""How much longer than to the last reading a run lasts, so that a figure does not end on a point."""
# Another name than these is refused: what it means would be missed.
_FIELDS = {
    "the map": "model set perturbations tolerance ignore entity",
    "an entity of the map": "readout scale place parameter stimulus perturbation",
    "the experiment": "FileType Version Metadata Experiment Stimuli Readouts Modifications",
    "Stimuli": "timeUnits quantityUnits entity label field isBuffered data value",
    "Readouts": "timeUnits quantityUnits entities entity field window settleTime normalization display epsp data bardata paramdata",
    "normalization": "sampling time sampTime dose entities entity",
    "window": "startt endt dt operation baseline",
    "Modifications": "subset itemsToDelete parameterChange notes",
}
_SAMPLED = {"start": "the first point", "end": "the last point", "min": "the lowest point", "max": "the highest point"}


# -- the file ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entity:
    """A name and, in the second schema, its alias."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class _Stimulus:
    """An entity set to levels, in `unit`, each at a time in s."""

    entity: _Entity
    label: str
    field: str
    unit: str
    held: bool
    levels: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Change:
    """A field of the model set to a value; what is deleted is a field "itemsToDelete" set to 0 in no unit."""

    entity: _Entity
    field: str
    value: float
    unit: str


@dataclass(frozen=True)
class _Reference:
    """What readouts are relative to; `time` in s, `dose` in the stimulus's unit."""

    sampling: str
    entities: tuple[_Entity, ...]
    time: float
    dose: float


@dataclass(frozen=True)
class _Window:
    """Samples around each point, s, what is taken of them, and what is subtracted."""

    start: float
    end: float
    step: float
    operation: str
    baseline: str | float

    @property
    def offsets(self) -> np.ndarray:
        return self.start + self.step * np.arange(round((self.end - self.start) / self.step) + 1)


@dataclass(frozen=True)
class _File:
    """An experiment as it is written, in one shape for both schemas.

    Attributes
    ----------
    data : tuple
        (time in s or dose or labels of stimuli or `_Change`, value, error or 0), by the design.
    """

    design: str
    source: Mapping[str, Any]
    transcriber: str
    context: Mapping[str, Any]
    stimuli: tuple[_Stimulus, ...]
    changes: tuple[_Change, ...]
    entities: tuple[_Entity, ...]
    field: str
    unit: str
    settled: float
    data: tuple[tuple[Any, float, float], ...]
    reference: _Reference | None
    window: _Window | None


def _read(path: Path) -> _File:
    def refused(text: str) -> NoReturn:
        raise ValueError(f"{text} is not a number")

    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=refused)
    except json.JSONDecodeError as error:
        raise ProtocolError(f"{path}, line {error.lineno}: this is not valid JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"the experiment {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except ValueError as error:
        raise ProtocolError(f"{path}: {error}") from None
    try:
        return _file(data)
    except LtpathError as error:
        raise ProtocolError(f"{path}: {error}") from None
    except KeyError as error:
        raise ProtocolError(f"{path}: this is not an experiment of FindSim, as {error} is missing") from None
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise ProtocolError(f"{path}: this is not written as FindSim's experiments are: {error}") from None


def _file(data: Mapping[str, Any]) -> _File:
    _check("the experiment", data)
    metadata, context, readouts = data["Metadata"], data["Experiment"], data["Readouts"]
    _check("Readouts", readouts)
    design = _one_of("design", context["design"], ("TimeSeries", "DoseResponse", "BarChart", "DirectParameter"))
    seconds = _seconds(readouts)
    if design == "DirectParameter":
        points = [(_change(p), p["value"], p.get("stderr", 0)) for p in readouts["paramdata"]]
    elif design == "BarChart":
        points = [(tuple(p["stimulus"]), p["value"], p.get("stderr", 0)) for p in readouts["bardata"]]
    else:
        points = [(_number(x), value, *error) for x, value, *error in readouts["data"]]
        if design == "TimeSeries":
            points = [(round(x * seconds, _DIGITS), *rest) for x, *rest in points]
    points = [(x, _number(value), abs(_number(*error or (0,)))) for x, value, *error in points]
    if not points:
        raise ProtocolError("there are no data in Readouts")
    direct = design == "DirectParameter"
    entities = () if direct else _entities(readouts)
    return _File(
        design=design,
        source=metadata.get("source") or {},
        transcriber=metadata.get("transcriber") or "someone unnamed",
        context={"notes": metadata.get("notes")} | context,
        stimuli=tuple(map(_stimulus, data.get("Stimuli") or ())),
        changes=_changes(data.get("Modifications") or {}),
        entities=entities,
        field="" if direct else readouts["field"],
        unit="" if direct else _one_of("quantityUnits", readouts["quantityUnits"], _UNITS),
        # In s whatever the timeUnits, as the program takes it.
        settled=_number(readouts.get("settleTime") or _SETTLED),
        data=tuple(points),
        reference=_reference(readouts.get("normalization") or {}, design, entities, seconds),
        window=_window(readouts.get("window") or {}, design, seconds),
    )


def _stimulus(table: Mapping[str, Any]) -> _Stimulus:
    _check("Stimuli", table)
    entity, seconds = _entity(table["entity"]), _seconds(table)
    levels = table.get("data") or ([[0, table["value"]]] if "value" in table else [])
    return _Stimulus(
        entity=entity,
        label=str(table.get("label", entity)),
        field=str(table["field"]),
        unit=_one_of("quantityUnits", table["quantityUnits"], _UNITS),
        held=bool(table.get("isBuffered", 1)),
        levels=tuple(sorted((round(_number(time) * seconds, _DIGITS), _number(level)) for time, level in levels)),
    )


def _changes(table: Mapping[str, Any]) -> tuple[_Change, ...]:
    # "subset" says which part of FindSim's own model takes part; here the map's model does.
    _check("Modifications", table)
    deleted = [_Change(_entity(e), "itemsToDelete", 0.0, "") for e in table.get("itemsToDelete") or ()]
    return (*deleted, *(_change(c) for c in table.get("parameterChange") or ()))


def _change(table: Mapping[str, Any]) -> _Change:
    return _Change(_entity(table["entity"]), str(table["field"]), _number(table["value"]), str(table["units"]))


def _reference(table: Mapping[str, Any], design: str, entities: tuple[_Entity, ...], seconds: float) -> _Reference | None:
    _check("normalization", table)
    sampling = _one_of("sampling", table.get("sampling", "none"), ("none", "each", "presetTime", "dose", *_SAMPLED))
    if sampling == "none":
        return None
    if sampling == ("dose" if design == "TimeSeries" else "presetTime"):
        sampling = "start"  # As the program does where the design has no such thing.
    others = _entities(table) if table.get("entities") or table.get("entity") else entities
    time = (table["sampTime"] if "sampTime" in table else table["time"]) if sampling == "presetTime" else 0.0
    return _Reference(
        sampling, others, round(_number(time) * seconds, _DIGITS), _number(table["dose"]) if sampling == "dose" else 0.0
    )


def _window(table: Mapping[str, Any], design: str, seconds: float) -> _Window | None:
    if not table:
        return None
    _check("window", table)
    if design != "TimeSeries":
        raise BadValue(f"a window has no meaning in a {design}")
    start, end, step = (_number(table[name]) * seconds for name in ("startt", "endt", "dt"))
    if step <= 0 or end < start:
        raise BadValue("the window needs dt above 0 and endt not before startt")
    baseline = table.get("baseline", 0.0)
    if isinstance(baseline, str):
        _one_of("baseline", baseline, ("min", "max", "mean", "start", "end", "point0", "point1"))
    else:
        baseline = _number(baseline)
    operation = _one_of("operation", table["operation"], ("min", "max", "mean", "sdev", "oscPk", "oscVal"))
    return _Window(start, end, step, operation, baseline)


def _entity(value: str | Mapping[str, str]) -> _Entity:
    names = (value,) if isinstance(value, str) else (value["name"], *([value["alias"]] if value.get("alias") else []))
    if not all(isinstance(n, str) for n in names):
        raise ProtocolError(f"the name of an entity must be text, not {value!r}")
    return _Entity(names)


def _entities(table: Mapping[str, Any]) -> tuple[_Entity, ...]:
    # A list of names in the first schema, one table in the second.
    return tuple(map(_entity, table["entities"] if table.get("entities") else [table["entity"]]))


def _seconds(table: Mapping[str, Any]) -> float:
    return _SECONDS[_one_of("timeUnits", table.get("timeUnits", "s"), _SECONDS)]


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number")
    return number


def _one_of(what: str, value: str, allowed: Iterable[str]) -> str:
    if value not in list(allowed):
        raise UnknownName(what, str(value), allowed)
    return value


def _check(where: str, table: Any) -> None:
    if not isinstance(table, dict):
        raise ProtocolError(f"{where} must be a table, not {table!r}")
    for name in table:
        _one_of(f"field of {where}", name, _FIELDS[where].split())


# -- the map -------------------------------------------------------------------------


@dataclass(frozen=True)
class EntityMap:
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
        Entities, or ENTITY.FIELD, that are left out where the file changes or stimulates them;
        ``*`` and ``?`` stand for any text. An entity of the map is left out only by its field.
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

    def ignores(self, entity: _Entity, what: str) -> bool:
        """Whether the file's word on a field of an entity is left out."""
        dotted = [p for p in self.ignore if "." in p]
        whole = [p for p in self.ignore if "." not in p and not any(n in self.entities for n in entity.names)]
        return any(
            any(fnmatchcase(name, p) for p in whole) or any(fnmatchcase(f"{name}.{what}", p) for p in dotted)
            for name in entity.names
        )

    def name(self, entity: _Entity) -> str:
        """The name by which the map knows an entity.

        Raises
        ------
        UnknownName
        """
        for name in entity.names:
            if name in self.entities:
                return name
        raise UnknownName("entity", entity.names[0], self.entities)

    def table(self, entity: _Entity) -> Mapping[str, Any]:
        """What the map says of an entity."""
        return self.entities[self.name(entity)]

    def find(self, entity: _Entity, role: str, what: str) -> Any:
        """The readout or parameter that a field of an entity is in the model, or None."""
        found = self.table(entity).get(role)
        if isinstance(found, dict):
            return found.get(what)
        return found if what in _STATE else None

    def found(self, entity: _Entity, role: str, what: str) -> Any:
        """The same, where it is needed.

        Raises
        ------
        ProtocolError
        """
        found = self.find(entity, role, what)
        if found is None:
            raise ProtocolError(f"the map gives no {role} for the field '{what}' of '{entity}'")
        return found


def load_map(path: str | Path) -> EntityMap:
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
        _check("the map", data)
        settings, entities = data.get("set", {}), data.get("entity", {})
        tolerance, ignore = data.get("tolerance", _TOLERANCE), data.get("ignore", [])
        if not isinstance(data.get("model"), str):
            raise ProtocolError("'model' is missing, the name of the model that runs the experiment")
        if not isinstance(entities, dict) or not isinstance(settings, dict):
            raise ProtocolError("'entity' and 'set' must be tables, written [entity] and [set]")
        for name, table in entities.items():
            _check("an entity of the map", table)
            for role, value in table.items():
                if role != "scale" and not _is_role(role, value):
                    raise BadValue(f"{role} of the entity '{name}' cannot be {value!r}; docs/findsim.md shows what it can be")
        if not isinstance(tolerance, (int, float)) or not 0 < tolerance < math.inf:
            raise BadValue(f"tolerance must be a number above 0, such as 0.05, not {tolerance!r}")
        if not isinstance(ignore, list) or not all(isinstance(i, str) for i in ignore):
            raise BadValue(f'ignore must be a list of entities, such as ["MAPK_g"], not {ignore!r}')
    except LtpathError as error:
        raise ProtocolError(f"{path}: {error}") from None
    return EntityMap(path, data["model"], settings, tuple(data.get("perturbations", ())), tolerance, tuple(ignore), entities)


def _is_role(role: str, value: Any) -> bool:
    """Whether a value has the shape that a key of an entity takes."""
    if isinstance(value, dict):
        return role == "stimulus" or (role in ("readout", "parameter") and all(_is_role(role, v) for v in value.values()))
    if isinstance(value, list):
        return role == "readout" and bool(value) and all(isinstance(v, str) for v in value)
    return isinstance(value, str)


# -- translation and comparison ------------------------------------------------------


@dataclass(frozen=True)
class _Variable:
    """Entities read from the model: their sum, as readouts with factors, and its unit."""

    name: str
    parts: tuple[tuple[str, float], ...]
    unit: str


@dataclass
class _Run:
    """What is done in one run."""

    condition: str
    duration: float
    scan: float | None = None
    stimuli: list[dict[str, Any]] = field(default_factory=list)
    uses: list[PerturbationUse] = field(default_factory=list)
    settings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Point:
    """One measured value, how it is read from the runs, and when, s."""

    quantity: str
    measured: float
    error: float
    readout: Mapping[str, Any]
    time: float


@dataclass(frozen=True)
class Comparison:
    """An experiment that was run.

    Attributes
    ----------
    nrms : float
        FindSim's own score, 0 where all points agree: the root of the mean squared difference over
        the largest value, measured or simulated. All points count, also those that are not rows
        because they are what the others are relative to, so that no model can miss them.
    """

    experiment: Experiment
    runs: Mapping[str, list[Trajectory]]
    results: list[Result]
    nrms: float


def load(path: str | Path, entity_map: EntityMap) -> FindSim:
    """Read an experiment and translate it, without running it.

    Raises
    ------
    ProtocolError
        The file cannot be read, or something in it has no counterpart; the message names it.
    """
    file = _read(Path(path))
    try:
        return FindSim(Path(path).stem, file, entity_map)
    except LtpathError as error:
        raise ProtocolError(f"{path}, with the map {entity_map.path}: {error}") from None


class FindSim:
    """An experiment of FindSim, translated; `load` makes it, `compare` runs it.

    Attributes
    ----------
    left_out : list of str
        Changes and stimuli that the map ignores, as ENTITY.FIELD.
    """

    def __init__(self, name: str, file: _File, entity_map: EntityMap) -> None:
        self.name, self.file, self.map = name, file, entity_map
        self.network = load_model(entity_map.model).network
        self.stimuli = [s for s in file.stimuli if file.design != "TimeSeries" or not self.map.ignores(s.entity, "Stimuli")]
        for entity in (*(s.entity for s in self.stimuli), *file.entities):
            self.map.table(entity)
        self.left_out = [f"{s.entity}.Stimuli" for s in file.stimuli if s not in self.stimuli]
        self.settings = check_parameters(entity_map.settings, self.network) | self._changed()
        kernel = Kernel(self.network)
        kernel.set_parameters(self.network.parameters | self.settings)
        self.constants = kernel.constants
        self.runs: list[_Run] = []
        self.protocols: list[Protocol] = []
        if file.design == "DirectParameter":
            self.values, self.points = self._parameters()
            return
        self.variable = self._variable(file.entities)
        self.below = self._variable(file.reference.entities) if file.reference else None
        self._check_units()
        self.points = {"TimeSeries": self._series, "DoseResponse": self._doses, "BarChart": self._bars}[file.design]()
        self.protocols = [self._protocol(run) for run in self.runs]

    def _changed(self) -> dict[str, float]:
        """Parameters that the file's changes of the model set."""
        settings, unknown = {}, []
        for change in self.file.changes:
            if self.map.ignores(change.entity, change.field):
                self.left_out.append(f"{change.entity}.{change.field}")
                continue
            known = any(n in self.map.entities for n in change.entity.names)
            if known and change.field == "isBuffered" and change.value == 1 and "stimulus" in self.map.table(change.entity):
                continue  # A stimulus holds its entity anyway.
            # Of what is deleted there is none.
            what = "concInit" if change.field == "itemsToDelete" else change.field
            parameter = self.map.find(change.entity, "parameter", what) if known else None
            if parameter is None:
                unknown.append(f"{change.entity}.{change.field}")
            else:
                settings |= self._setting(parameter, change.value, change.unit)
        if unknown:
            more = f" and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
            raise ProtocolError(
                f"Modifications change what the map gives no parameter for: {', '.join(unknown[:_LISTED])}{more}; "
                "where the model has no such thing, the map's ignore leaves it out"
            )
        return settings

    def _setting(self, parameter: str, value: float, unit: str) -> dict[str, float]:
        """A parameter with a value in its own unit; without a unit only 0 and what has none or is per second is clear."""
        if parameter not in self.network.parameters:
            raise UnknownName(f"parameter of '{self.network.name}'", parameter, self.network.parameters)
        own = self.network.units[parameter]
        base, factor = _UNITS.get(unit, (unit, 1.0))
        if base != own and not (unit in ("none", "") and (value == 0 or own in ("1", "1/s"))):
            raise BadValue(f"{value:g} {unit} cannot be given to the parameter {parameter}, which is in {own}")
        return check_parameters({parameter: value * factor}, self.network)

    # What is read

    def _variable(self, entities: Sequence[_Entity]) -> _Variable:
        parts, units = [], {}
        for entity in entities:
            readouts = self.map.found(entity, "readout", self.file.field)
            for readout in [readouts] if isinstance(readouts, str) else readouts:
                factor, unit = self._scaled(entity, readout)
                parts.append((readout, factor))
                units[unit] = readout
        if len(units) > 1:
            listed = " and ".join(f"{readout} in {unit}" for unit, readout in units.items())
            raise BadValue(f"{listed} cannot be added; the map's scale brings them to one unit")
        return _Variable(" + ".join(map(self.map.name, entities)), tuple(parts), next(iter(units)))

    def _scaled(self, entity: _Entity, readout: str) -> tuple[float, str]:
        """Factor from a readout to the entity, and the unit it then has."""
        units = {f"weight_{s}": "1" for s in self.network.synapses} | {n: r["unit"] for n, r in self.network.readouts.items()}
        unit = units[_one_of(f"readout of '{self.network.name}'", readout, units)]
        table, places = self.map.table(entity), self.network.meta["places"]
        scale = table.get("scale", 1.0)
        if isinstance(scale, str):
            kind, unit = ("voltage", "mV") if scale.endswith("V") else ("concentration", "uM")
            return parse(scale, kind, f"scale of '{entity}'"), unit
        if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not math.isfinite(scale):
            raise BadValue(f"scale of '{entity}' must be a number, or what 1 of the readout stands for, such as \"0.5 uM\"")
        if unit != "molecules" or _UNITS[self.file.unit][0] != "uM":
            return float(scale), unit
        place = table.get("place", next(iter(places)) if len(places) == 1 else None)
        if place is None:
            raise ProtocolError(
                f"the map must say the place of '{entity}', as its molecules make a concentration ({', '.join(places)})"
            )
        return float(scale) / self.constants[places[_one_of("place", place, places)]["per_uM"]], "uM"

    def _check_units(self) -> None:
        if self.below is None:
            if _UNITS[self.file.unit][0] != self.variable.unit:
                raise BadValue(
                    f"'{self.variable.name}' is measured in {self.file.unit}, but the map gives it in {self.variable.unit}; "
                    "it needs a scale"
                )
        elif self.below.unit != self.variable.unit:
            raise BadValue(
                f"'{self.variable.name}' in {self.variable.unit} cannot be relative to '{self.below.name}' in {self.below.unit}; "
                "the map's scale brings them to one unit"
            )
        elif self.file.reference and self.file.reference.sampling == "each" and self.below == self.variable:
            raise BadValue(f"normalization takes each point of '{self.variable.name}' relative to itself, so that all are 1")

    def _parameters(self) -> tuple[list[float], list[_Point]]:
        """Parameters of the model in the file's units, and what was measured of them."""
        values, points = [], []
        for change, measured, error in self.file.data:
            parameter = self.map.found(change.entity, "parameter", change.field)
            values.append(self.constants[parameter] / self._setting(parameter, 1.0, change.unit)[parameter])
            points.append(_Point(f"{change.field} of {change.entity}", measured, error, {}, 0.0))
        return values, points

    # What is done

    def _series(self) -> list[_Point]:
        window, reference = self.file.window, self.file.reference
        last = [time + (window.end if window else 0.0) for time, *_ in self.file.data]
        if reference and reference.sampling == "presetTime":
            last.append(reference.time)
        run = _Run("time_course", round(_BEYOND * max(last), _DIGITS))
        if run.duration <= 0:
            raise BadValue("all data are at time 0, so that there is nothing to run")
        for stimulus in self.stimuli:
            self._give(run, stimulus, stimulus.levels)
        self.runs.append(run)
        points = []
        for i, (time, value, error) in enumerate(self.file.data):
            readout: dict[str, Any] = {"kind": "value", "variable": self.variable.name, "at": f"{time!r} s"}
            if window:
                # Peaks and valleys in turn, beginning with the one that is named.
                turn = {"oscPk": ("max", "min"), "oscVal": ("min", "max")}.get(window.operation, (window.operation,) * 2)
                readout |= {"kind": "window", "operation": turn[i % 2]}
                readout |= {n: f"{getattr(window, n)!r} s" for n in ("start", "end", "step")}
            points.append(_Point(f"{self.variable.name} at {written(time, 'time')}", value, error, readout, time))
        return points

    def _doses(self) -> list[_Point]:
        if len(self.stimuli) != 1:
            raise ProtocolError(f"a DoseResponse has one stimulus, this one has {len(self.stimuli)}")
        stimulus, settled, reference = self.stimuli[0], self.file.settled, self.file.reference
        doses = [dose for dose, *_ in self.file.data]
        if reference and reference.sampling == "dose":
            doses.append(reference.dose)
        for dose in dict.fromkeys(doses):
            run = _Run("dose_response", round(_BEYOND * settled, _DIGITS), scan=dose * _UNITS[stimulus.unit][1])
            self._give(run, stimulus, [(0.0, dose)])
            self.runs.append(run)
        return [
            _Point(
                f"{self.variable.name} at {dose:g} {stimulus.unit} {stimulus.entity}", value, error, self._at_dose(dose), settled
            )
            for dose, value, error in self.file.data
        ]

    def _at_dose(self, dose: float) -> dict[str, Any]:
        scan = dose * _UNITS[self.stimuli[0].unit][1]
        return {"kind": "value", "variable": self.variable.name, "at": f"{self.file.settled!r} s", "scan": scan}

    def _bars(self) -> list[_Point]:
        stimuli, settled = {s.label: s for s in self.stimuli}, self.file.settled
        points = []
        for labels, value, error in self.file.data:
            run = _Run(" + ".join(labels) or "no stimulus", round(_BEYOND * settled, _DIGITS))
            for label in labels:
                stimulus = stimuli[_one_of("stimulus of bardata", label, stimuli)]
                self._give(run, stimulus, [(0.0, level) for _, level in stimulus.levels[:1]])
            if run.condition not in {r.condition for r in self.runs}:
                self.runs.append(run)
            readout = {"kind": "value", "variable": self.variable.name, "at": f"{settled!r} s", "condition": run.condition}
            points.append(_Point(f"{self.variable.name}, {run.condition}", value, error, readout, settled))
        return points

    def _give(self, run: _Run, stimulus: _Stimulus, levels: Iterable[tuple[float, float]]) -> None:
        """Add to a run the levels that a stimulus takes one after the other, the last until the end."""
        entity, table, (base, factor) = stimulus.entity, self.map.table(stimulus.entity), _UNITS[stimulus.unit]
        steps = [(time, level) for time, level in levels if time < run.duration]
        ends = [*(time for time, _ in steps[1:]), run.duration]
        spans = [(time, level, end) for (time, level), end in zip(steps, ends, strict=False) if end > time]
        if steps and steps[0][0] < 0:
            raise BadValue(f"the stimulus of '{entity}' begins before time 0")
        way = next((w for w in ("stimulus", "perturbation", "parameter") if w in table), None)
        if way is None:
            raise ProtocolError(f"the map gives no stimulus, perturbation or parameter for '{entity}', which is a stimulus here")
        if not stimulus.held and way != "parameter":
            raise BadValue(f"the stimulus of '{entity}' is not held (isBuffered is 0), which only a parameter of the map can be")
        if way == "stimulus":
            given = {"kind": table[way]} if isinstance(table[way], str) else table[way]
            kind = (given.get("kind"), stimulus.field, base)
            if kind == ("calcium", "conc", "uM"):
                for start, level, end in spans:
                    held = {"amplitude": f"{level * factor!r} uM", "duration": f"{end - start!r} s"}
                    run.stimuli.append(given | held | {"at": f"{start!r} s"})
            elif kind in (("train", "rate", "Hz"), ("spikes", "rate", "Hz")):
                for start, rate, end in spans:
                    pulses = {"frequency": f"{rate!r} Hz", "pulses": max(1, math.floor(rate * (end - start) + 1e-6))}
                    run.stimuli += [given | pulses | {"at": f"{start!r} s"}] if rate > 0 else []
            else:
                raise BadValue(
                    f"the field '{stimulus.field}' in {stimulus.unit} of '{entity}' cannot be a stimulus of kind '{kind[0]}' "
                    "(calcium takes conc; train and spikes take rate in Hz)"
                )
        elif way == "perturbation":
            if base != "uM":
                raise BadValue(f"the field '{stimulus.field}' in {stimulus.unit} of '{entity}' cannot be a dose")
            doses = [(start, level * factor, end) for start, level, end in spans if level > 0]
            run.uses += [PerturbationUse(name=table[way], dose=dose, start=start, end=end) for start, dose, end in doses]
        else:
            parameter = self.map.found(entity, way, stimulus.field)
            for start, level, end in spans:
                setting = self._setting(parameter, level, stimulus.unit)
                if not self._is_amount(parameter):
                    run.uses.append(PerturbationUse(set=setting, start=start, end=end))
                elif start == 0:
                    run.settings |= setting
                else:
                    raise BadValue(
                        f"'{entity}' changes at {start:g} s, but its parameter {parameter} is an amount at the beginning"
                    )

    def _is_amount(self, parameter: str) -> bool:
        """Whether a parameter says how much there is at the beginning, so that it cannot change later."""
        kernel, value = Kernel(self.network), self.network.parameters[parameter]
        before = kernel.initial()
        kernel.set_parameters(self.network.parameters | {parameter: 1.1 * value or 1.0})
        return not np.array_equal(before, kernel.initial())

    def _protocol(self, run: _Run) -> Protocol:
        uses = [{"name": u} if isinstance(u, str) else u for u in self.map.perturbations]
        protocol = Protocol.from_dict(
            {"title": self.name, "duration": f"{run.duration!r} s", "stimulus": run.stimuli, "perturbation": uses}
        ).perturbed(*run.uses)
        # What the model cannot do is said before anything runs.
        resolve(protocol, self.network, check_parameters(self.settings | run.settings, self.network))
        return protocol

    # Running

    def compare(self) -> Comparison:
        """Run the experiment and judge every point.

        Raises
        ------
        SolverError
        """
        if self.file.design == "DirectParameter":
            return self._compare_parameters()
        runs: dict[str, list[Trajectory]] = {}
        for run, protocol in zip(self.runs, self.protocols, strict=True):
            runs.setdefault(run.condition, []).append(self._simulated(run, protocol))
        readouts = self._readouts(runs)
        values = [float(read(r, runs)) for r in readouts]
        off = np.array(values) - [p.measured for p in self.points]
        largest = max(*values, *(p.measured for p in self.points))
        nrms = float(np.sqrt(np.mean(off**2)) / (largest if largest > 1e-6 else 1.0))
        kept = [i for i in range(len(values)) if not self._is_certain(i)]
        unit = "" if self.file.reference else self.file.unit
        rows = [self._row(self.points[i], readouts[i], unit, self._relative()) for i in kept]
        experiment = self._experiment(rows)
        return Comparison(experiment, runs, judge(experiment, [values[i] for i in kept]), nrms)

    def _compare_parameters(self) -> Comparison:
        rows = [self._row(p, {}, change.unit) for p, (change, *_) in zip(self.points, self.file.data, strict=True)]
        experiment = self._experiment(rows)
        off = [(v - p.measured) / max(v, p.measured, 1e-9) for v, p in zip(self.values, self.points, strict=True)]
        return Comparison(experiment, {}, judge(experiment, self.values), float(np.sqrt(np.mean(np.square(off)))))

    def _simulated(self, run: _Run, protocol: Protocol) -> Trajectory:
        """A run with the experiment's entities as variables, in the file's unit, at every time that is read or makes a good figure."""
        events = {0.0, *(s.at for s in protocol.stimuli), *(u.start or 0.0 for u in run.uses)}
        after = np.add.outer(sorted(events), run.duration * np.logspace(-6, 0, 60)).ravel()
        around = np.add.outer([p.time for p in self.points], self.file.window.offsets if self.file.window else [0.0]).ravel()
        preset = [self.file.reference.time] if self.file.reference else []
        times = np.round(np.concatenate([after, around, preset, np.linspace(-0.1 * run.duration, run.duration, 300)]), _DIGITS)
        # The baseline is recorded for ten minutes.
        times = times[(times >= -600.0) & (times <= run.duration)]
        data = simulate(self.network, protocol, parameters=self.settings | run.settings, times=times)
        sums = {v: sum(data[readout].values * scale for readout, scale in v.parts) for v in (self.variable, self.below) if v}
        for variable, total in sums.items():
            unit, factor = (variable.unit, 1.0) if self.below else (self.file.unit, _UNITS[self.file.unit][1])
            data[variable.name] = ("time", total / factor, {"units": _shown(unit) or "1", "long_name": variable.name})
        if run.scan is not None:
            data.attrs["scan"] = run.scan
        return data

    def _readouts(self, runs: Mapping[str, list[Trajectory]]) -> list[dict[str, Any]]:
        """How each point is read: less the window's baseline, and over the reference."""
        raw = [dict(p.readout) for p in self.points]
        if self.file.window:
            raw = [{**r, "baseline": self._baseline(raw, runs)} for r in raw]
        reference = self.file.reference
        if reference is None or self.below is None:
            return raw
        below = [{**r, "variable": self.below.name} for r in raw]
        if reference.sampling == "each":
            return [{"kind": "ratio", "of": r, "over": b} for r, b in zip(raw, below, strict=True)]
        if reference.sampling == "presetTime":
            value = read({"kind": "value", "variable": self.below.name, "at": f"{reference.time!r} s"}, runs)
        elif reference.sampling == "dose":
            value = read(self._at_dose(reference.dose) | {"variable": self.below.name}, runs)
        else:
            values = [read(b, runs) for b in below]
            value = {"start": values[0], "end": values[-1], "min": min(values), "max": max(values)}[reference.sampling]
        return [{**r, "scale": 1 / value if value else math.nan} for r in raw]

    def _baseline(self, raw: Sequence[Mapping[str, Any]], runs: Mapping[str, list[Trajectory]]) -> float:
        window = self.file.window
        if window is None or not isinstance(window.baseline, str):
            return window.baseline if window else 0.0
        if window.baseline.startswith("point"):
            return read(raw[min(int(window.baseline[-1]), len(raw) - 1)], runs)
        # Of all samples of all windows.
        run = runs["time_course"][0]
        moments = np.add.outer([p.time for p in self.points], window.offsets).ravel()
        samples = np.interp(moments, run["time"].values, run[self.variable.name].values)
        reduced = {"min": samples.min(), "max": samples.max(), "mean": samples.mean(), "start": samples[0], "end": samples[-1]}
        return float(reduced[window.baseline])

    def _is_certain(self, i: int) -> bool:
        """Whether a point is 1 or 0 whatever the model does, as what the others are relative to."""
        window, reference = self.file.window, self.file.reference
        if window and window.baseline == f"point{i}":
            return True
        if reference is None or self.below != self.variable:
            return False
        if reference.sampling == "presetTime":
            return window is None and self.file.data[i][0] == reference.time
        if reference.sampling == "dose":
            return self.file.data[i][0] == reference.dose
        return i == {"start": 0, "end": len(self.points) - 1}.get(reference.sampling)

    def _relative(self) -> str:
        reference = self.file.reference
        if reference is None or self.below is None:
            return ""
        what = _SAMPLED.get(reference.sampling, "the same point")
        if reference.sampling == "presetTime":
            what = f"the value at {written(reference.time, 'time')}"
        elif reference.sampling == "dose":
            what = f"the value at {reference.dose:g} {self.stimuli[0].unit}"
        return f", over {what}" if self.below == self.variable else f", over {what} of {self.below.name}"

    def _row(self, point: _Point, readout: Mapping[str, Any], unit: str, relative: str = "") -> Row:
        error, kind = point.error, "error in the file"
        if not error:
            # A time course or dose response is as exact as its axis can be read, a parameter as its own number.
            largest = max(abs(value) for _, value, _ in self.file.data) if readout else abs(point.measured)
            error, kind = (
                self.map.tolerance * largest,
                f"stated tolerance, {100 * self.map.tolerance:g} %{' of the largest' if readout else ''}",
            )
        return Row(
            quantity=point.quantity + relative, unit=_shown(unit), readout=readout, measured=point.measured,
            use="prediction", error=error, error_kind=kind,
            miss="what it is relative to is 0 in the model" if math.isnan(readout.get("scale", 1.0)) else "",
        )  # fmt: skip

    def _experiment(self, rows: Sequence[Row]) -> Experiment:
        source, context = self.file.source, self.file.context
        year, doi = source.get("year"), str(source.get("doi") or "")
        citation = Citation(
            authors=str(source.get("authors") or "no author given"), year=year if isinstance(year, int) else 0, title="",
            journal=str(source.get("journal") or "").strip(), doi=doi if doi.startswith("10.") else "",
        )  # fmt: skip
        where = ", ".join(f"{n} {source[n]}" for n in ("figure", "table", "PMID") if source.get(n))
        conditions: dict[str, dict[str, Any]] = {run.condition: {"model": self.map.model} for run in self.runs}
        if self.file.design == "DoseResponse":
            kinds = {"uM": "concentration", "Hz": "frequency", "mV": "voltage"}
            stimulus = self.stimuli[0]
            conditions["dose_response"]["scan"] = {
                "stimulus": str(stimulus.entity), "kind": kinds.get(_UNITS[stimulus.unit][0], "")
            }  # fmt: skip
        return Experiment(
            name=self.name,
            title=f"{self.name}, a {self.file.design} of FindSim",
            citation=citation,
            where=where,
            seen=f"second-hand: {where or 'no figure given'}, transcribed by {self.file.transcriber}",
            done=str(context.get("notes") or ""),
            preparation=", ".join(str(context[n]) for n in ("species", "cellType", "samplePrep", "sampleType") if context.get(n)),
            temperature=f"{context['temperature']} C" if context.get("temperature") else "",
            conditions=conditions,
            rows=tuple(rows),
        )


def _shown(unit: str) -> str:
    return {"#": "molecules", "ratio": "", "1": ""}.get(unit, unit)
