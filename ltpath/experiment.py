"""The literature as data, and the score: published measurements beside what the model gives.

An experiment is one TOML file in `experiments/`: citation, what was done, the runs that
repeat it, and rows of measured values. A row passes only by the criterion it prints.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import ltpath.experiments
from ltpath.errors import ProtocolError, UnknownName
from ltpath.protocol import PerturbationUse, Protocol, load_protocol
from ltpath.quantity import Citation
from ltpath.readouts import READOUTS
from ltpath.simulation import RTOL, Trajectory, simulate
from ltpath.units import parse

TWO_ERRORS = 2.0
# A thousandth of the step of a fit's finite differences is enough.
_FIT_RTOL = 1e-6


@dataclass(frozen=True)
class Row:
    """One measured value and how it is judged.

    Attributes
    ----------
    error : float or None
        Standard error, standard deviation or stated tolerance; `error_kind` says which.
    rule : {"within", "at most", "at least", "range"}
        "within" passes inside two errors, "range" inside `low` to `high`.
    use : {"fit", "prediction"}
    """

    quantity: str
    unit: str
    readout: Mapping[str, Any]
    measured: float
    use: str
    rule: str = "within"
    error: float | None = None
    error_kind: str = ""
    low: float | None = None
    high: float | None = None
    n: str = ""
    miss: str = ""

    @property
    def criterion(self) -> str:
        """What passes, in words."""
        unit = f" {self.unit}" if self.unit else ""
        if self.rule == "within":
            return f"within 2 x {self.error:g}{unit} ({self.error_kind})"
        if self.rule == "range":
            return f"between {self.low:g} and {self.high:g}{unit}"
        return f"{self.rule} {self.measured:g}{unit}"

    def passes(self, simulated: float) -> bool:
        """Whether a simulated value meets the criterion."""
        if not math.isfinite(simulated):
            return False
        if self.rule == "within":
            return abs(simulated - self.measured) <= TWO_ERRORS * (self.error or 0.0)
        if self.rule == "range":
            return (self.low or 0.0) <= simulated <= (self.high or 0.0)
        return simulated <= self.measured if self.rule == "at most" else simulated >= self.measured

    def deviation(self, simulated: float) -> float | None:
        """Difference in units of the error, or None where the source gives none."""
        return (simulated - self.measured) / self.error if self.error else None


@dataclass(frozen=True)
class Experiment:
    """A published experiment.

    Attributes
    ----------
    name : str
        File stem.
    citation : str or Citation
        A name means one of `ltpath.pathways.citations`.
    seen : str
        How far the numbers were checked against the source.
    conditions : dict of str to dict
        The runs: model, protocol, perturbations, parameters, and optionally a scan.
    """

    name: str
    title: str
    citation: str | Citation
    where: str
    seen: str
    done: str
    preparation: str
    temperature: str
    conditions: Mapping[str, Mapping[str, Any]]
    rows: tuple[Row, ...]

    @property
    def source(self) -> Citation:
        """The publication."""
        from ltpath.pathways import citations

        return self.citation if isinstance(self.citation, Citation) else getattr(citations, self.citation)

    def uses(self) -> set[str]:
        return {row.use for row in self.rows}


@dataclass(frozen=True)
class Result:
    """A row with what the model gave."""

    experiment: str
    quantity: str
    unit: str
    measured: float
    error: float | None
    simulated: float
    deviation: float | None
    use: str
    passed: bool
    criterion: str
    n: str
    citation: str
    doi: str
    seen: str
    preparation: str
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Plain fields; ``pass`` instead of ``passed``, and None for a value that is not finite."""
        data = asdict(self)
        data["pass"] = data.pop("passed")
        return {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in data.items()}


def experiment_names() -> list[str]:
    """Names of the shipped experiments, sorted."""
    return sorted(p.stem for folder in ltpath.experiments.__path__ for p in Path(folder).glob("*.toml"))


@cache
def load_experiment(name: str) -> Experiment:
    """An experiment of the library.

    Raises
    ------
    UnknownName
    ProtocolError
        The file lacks a field.
    """
    if name not in experiment_names():
        raise UnknownName("experiment", name, experiment_names())
    path = Path(next(iter(ltpath.experiments.__path__))) / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        shared = {k: data[k] for k in ("citation", "where", "seen", "done", "preparation", "temperature")}
        rows = tuple(Row(**({"unit": "", "use": data.get("use", "prediction")} | row)) for row in data["row"])
        return Experiment(name=name, title=data["title"], conditions=data["condition"], rows=rows, **shared)
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ProtocolError(f"the experiment {path.name} is not complete: {error}") from None


def run_condition(
    condition: Mapping[str, Any], parameters: Mapping[str, float] | None = None, rtol: float = RTOL
) -> list[Trajectory]:
    """Simulate one condition; with a scan, once for each value.

    Parameters
    ----------
    condition : mapping
        ``model``, ``protocol`` (name or table), ``perturbations``, ``set``, and ``scan`` with
        ``values`` and either ``parameter`` or ``stimulus`` (a field of the first stimulus).
    parameters : dict, optional
        Overrides for every run, as a fit makes them.
    rtol : float
        Relative tolerance of the solver.
    """
    runs = []
    for protocol, values, scanned in members(condition, parameters):
        run = simulate(condition["model"], protocol, parameters=values, rtol=rtol)
        if scanned is not None:
            run.attrs["scan"] = scanned
        runs.append(run)
    return runs


def members(
    condition: Mapping[str, Any], parameters: Mapping[str, float] | None = None
) -> list[tuple[Protocol, dict[str, float], float | None]]:
    """What the runs of a condition are: protocol, parameters that differ, and the scanned value, in the unit that ``kind`` says.

    Parameters
    ----------
    condition, parameters
        As for `run_condition`.
    """
    protocol = condition.get("protocol", "baseline")
    described = Protocol.from_dict(protocol) if isinstance(protocol, dict) else load_protocol(protocol)
    if "duration" in condition:
        described = described.lasting(parse(condition["duration"], "time", "duration"))
    uses = [u if isinstance(u, str) else _use(u) for u in condition.get("perturbations", [])]
    base = dict(parameters or {}) | condition.get("set", {})
    scan = condition.get("scan")
    if scan is None:
        return [(described.perturbed(*uses), base, None)]
    found = []
    for value in scan["values"]:
        here, values = described, base
        if "parameter" in scan:
            values = base | {scan["parameter"]: value}
        else:
            table = described.to_dict()
            table["stimulus"][0][scan["stimulus"]] = value
            here = Protocol.from_dict(table)
        scanned = value if isinstance(value, (int, float)) else parse(value, scan["kind"], scan["stimulus"])
        found.append((here.perturbed(*uses), values, scanned))
    return found


def _use(table: Mapping[str, Any]) -> PerturbationUse:
    renamed = {{"from": "start", "to": "end"}.get(k, k): v for k, v in table.items()}
    return PerturbationUse(**renamed)


def run_experiment(experiment: Experiment, parameters: Mapping[str, float] | None = None) -> dict[str, list[Trajectory]]:
    """Every condition of an experiment."""
    return {name: run_condition(condition, parameters) for name, condition in experiment.conditions.items()}


def evaluate(experiment: Experiment, runs: Mapping[str, list[Trajectory]]) -> list[float]:
    """The simulated value of each row."""
    return [float(read(row.readout, runs)) for row in experiment.rows]


def read(readout: Mapping[str, Any], runs: Mapping[str, list[Trajectory]]) -> float:
    """Apply a readout, named by its ``kind``, to the runs of an experiment."""
    arguments = dict(readout)
    kind = arguments.pop("kind")
    if kind == "ratio":
        top, bottom = read(arguments["of"], runs), read(arguments["over"], runs)
        return arguments.get("scale", 1.0) * top / bottom if bottom else math.nan
    if kind not in READOUTS:
        raise UnknownName("readout", kind, [*READOUTS, "ratio"])
    if kind == "supralinearity":
        arguments["others"] = runs
    condition = arguments.pop("condition", next(iter(runs)))
    return READOUTS[kind](runs[condition], **arguments)


def validate(
    names: Iterable[str] | None = None,
    *,
    parameters: Mapping[str, float] | None = None,
    progress: Callable[[str], None] | None = None,
    keep: Callable[[Experiment, dict[str, list[Trajectory]], list[Result]], None] | None = None,
) -> list[Result]:
    """Run experiments and compare.

    Parameters
    ----------
    names : iterable of str, optional
        Default: all.
    parameters : dict, optional
        Overrides for every run.
    progress : callable, optional
        Called with each experiment's name before it runs.
    keep : callable, optional
        Called with each experiment, its runs and its results, for figures.

    Returns
    -------
    list of Result
    """
    results = []
    for name in list(names) if names is not None else experiment_names():
        experiment = load_experiment(name)
        if progress is not None:
            progress(name)
        runs = run_experiment(experiment, parameters)
        found = judge(experiment, evaluate(experiment, runs))
        if keep is not None:
            keep(experiment, runs, found)
        results += found
    return results


def judge(experiment: Experiment, values: list[float]) -> list[Result]:
    """The rows with their simulated values."""
    citation = experiment.source
    return [
        Result(
            experiment=experiment.name, quantity=row.quantity, unit=row.unit, measured=row.measured, error=row.error,
            simulated=value, deviation=row.deviation(value), use=row.use, passed=row.passes(value),
            criterion=row.criterion, n=row.n, citation=citation.short, doi=citation.doi, seen=experiment.seen,
            preparation=experiment.preparation, note=row.miss if not row.passes(value) else "",
        )
        for row, value in zip(experiment.rows, values, strict=True)
    ]  # fmt: skip


def score(results: Iterable[Result]) -> dict[str, tuple[int, int]]:
    """Passed and all rows, by use."""
    counts: dict[str, tuple[int, int]] = {}
    for result in results:
        passed, total = counts.get(result.use, (0, 0))
        counts[result.use] = (passed + result.passed, total + 1)
    return counts


class _RunsOnDemand(Mapping[str, list[Trajectory]]):
    """The conditions of an experiment, each run when a readout first asks for it: a fit needs few of them."""

    def __init__(self, experiment: Experiment, parameters: Mapping[str, float]) -> None:
        self._conditions = experiment.conditions
        self._parameters = parameters
        self._runs: dict[str, list[Trajectory]] = {}

    def __getitem__(self, name: str) -> list[Trajectory]:
        if name not in self._runs:
            self._runs[name] = run_condition(self._conditions[name], self._parameters, _FIT_RTOL)
        return self._runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._conditions)

    def __len__(self) -> int:
        return len(self._conditions)


def residuals(names: Iterable[str], parameters: Mapping[str, float], bound_width: float | None = None) -> np.ndarray:
    """Deviations of the rows marked fit, in units of their errors, for `ltpath.fitting`.

    Parameters
    ----------
    bound_width : float, optional
        Part of its value that stands for the error of a bound that has none. Without it such rows are left out.
    """
    values = []
    for name in names:
        experiment = load_experiment(name)
        runs = _RunsOnDemand(experiment, parameters)
        for row in experiment.rows:
            error = row.error or (bound_width or 0.0) * abs(row.measured)
            if row.use == "fit" and error:
                value = read(row.readout, runs)
                off = (value - row.measured) / error if math.isfinite(value) else 1e3
                # A bound pulls only when it is broken.
                values.append({"at most": max(off, 0.0), "at least": min(off, 0.0)}.get(row.rule, off))
    return np.array(values)
