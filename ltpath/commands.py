"""What each command of ``ltpath`` does; `ltpath.__main__` parses and reports errors."""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import pkgutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

import ltpath
from ltpath import progress
from ltpath.catalogue import load, model_names
from ltpath.errors import BadValue, ExportError, UnknownName
from ltpath.expansion import write_atomically
from ltpath.pathways.perturbations import PERTURBATIONS
from ltpath.protocol import PerturbationUse, Protocol, load_protocol, protocol_names
from ltpath.simulation import Trajectory, perturbation_names, resolve, simulate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_READINGS = {"5 min": 300.0, "30 min": 1800.0, "60 min": 3600.0}


# -- facts ---------------------------------------------------------------------


def list(arguments: argparse.Namespace) -> int:  # noqa: A001 - the command's name
    """Print every name that the other commands take."""
    from ltpath.experiment import experiment_names

    facts: dict[str, dict[str, str]] = {
        "models": {n: load(n).entry.summary for n in model_names()},
        "protocols": {n: load_protocol(n).title for n in protocol_names()},
        "perturbations": {n: p.summary for n, p in PERTURBATIONS.items()},
        "experiments": {n: _experiment_title(n) for n in experiment_names()},
        "formats": {n: module.SUMMARY for n, module in formats().items()},
    }
    if arguments.json:
        return _json(facts)
    for kind, names in facts.items():
        print(f"{kind}:")
        width = max(map(len, names), default=0)
        for name, summary in names.items():
            print(f"  {name:{width}}  {summary}")
    return 0


def _experiment_title(name: str) -> str:
    from ltpath.experiment import load_experiment

    return load_experiment(name).title


def show(arguments: argparse.Namespace) -> int:
    """Print what is known of a model, a protocol, a perturbation or an experiment."""
    from dataclasses import asdict

    from ltpath.experiment import experiment_names, load_experiment

    name = arguments.name
    if name in model_names():
        facts = _model_facts(name)
    elif name in PERTURBATIONS:
        facts = asdict(PERTURBATIONS[name]) | {"source": str(PERTURBATIONS[name].source or "")}
        facts["models"] = [m for m in model_names() if name in perturbation_names(load(m).network)]
    elif name in experiment_names():
        facts = asdict(load_experiment(name))
    elif name in protocol_names() or name.endswith(".toml"):
        facts = load_protocol(name).to_dict()
    else:
        raise UnknownName("name", name, [*model_names(), *PERTURBATIONS, *experiment_names(), *protocol_names()])
    if arguments.json:
        return _json(facts)
    _print_facts(facts)
    return 0


def _model_facts(name: str) -> dict[str, Any]:
    model = load(name)
    network = model.network
    return {
        "model": name,
        "summary": model.entry.summary,
        "claims": model.entry.claims,
        "limits": model.entry.limits,
        "species": len(network.species),
        "reactions": len(network.arrays["rate"]),
        "rules": len(network.meta["rules"]),
        "synapses": network.synapses,
        "perturbations": perturbation_names(network),
        "readouts": {n: f"{r['unit']}: {r['meaning']}" for n, r in network.readouts.items()},
        "parameters": {
            n: f"{p['value']:g} {p['unit']} [{p['basis']}; {p['seen']}] {p['source'][:60]} {p['note']}".replace("  ", " ")
            for n, p in network.meta["provenance"].items()
        },
    }


def _print_facts(facts: Mapping[str, Any], indent: str = "") -> None:
    for key, value in facts.items():
        if isinstance(value, dict):
            print(f"{indent}{key}:")
            _print_facts(value, indent + "  ")
        elif isinstance(value, (tuple, set)) or type(value) is type([]):
            print(f"{indent}{key}:")
            for item in value:
                if isinstance(item, dict):
                    _print_facts(item, indent + "  ")
                    print()
                else:
                    print(f"{indent}  {item}")
        elif value is not None:
            print(f"{indent}{key}: {value}")


def cite(arguments: argparse.Namespace) -> int:
    """Print the publications behind a model's numbers."""
    from dataclasses import asdict

    found = load(arguments.model).citations
    if arguments.json:
        return _json([asdict(c) | {"url": c.url if c.doi else ""} for c in found])
    for citation in found:
        print(citation)
    return 0


def doctor(arguments: argparse.Namespace) -> int:
    """Check the installation; 1 if something needed is missing."""
    from dataclasses import asdict

    from ltpath.doctor import check

    checks = check()
    if arguments.json:
        _json([asdict(c) for c in checks])
    else:
        width = max(len(c.name) for c in checks)
        for c in checks:
            state = "ok     " if c.ok else ("MISSING" if c.needed else "absent ")
            print(f"{state} {c.name:{width}}  {c.found}" + ("" if c.ok else f"  -> {c.mend}"))
    return 0 if all(c.ok for c in checks if c.needed) else 1


# -- running --------------------------------------------------------------------


def run(arguments: argparse.Namespace) -> int:
    """Simulate, and write trajectory, summary and figure."""
    began = time.perf_counter()
    folder = _writable(arguments.output)
    protocol = _protocol(arguments)
    trajectory = _simulate(arguments.model, protocol, _settings(arguments.settings))
    from ltpath.plotting import plot_runs

    figure = plot_runs({"": trajectory})
    summary = summarise(trajectory, protocol)
    summary["wall_seconds"] = round(time.perf_counter() - began, 3)
    _publish(
        folder,
        {
            "trajectory.csv": trajectory.to_csv,
            "summary.json": lambda path: write_atomically(path, (json.dumps(summary, indent=2) + "\n").encode()),
            "figure.png": _picture(figure),
        },
    )
    if arguments.json:
        return _json(summary)
    _print_facts({k: v for k, v in summary.items() if k not in ("weight", "parameters") and v not in (None, [])})
    print(f"written: {folder}/trajectory.csv, summary.json, figure.png")
    return 0


def summarise(run: Trajectory, protocol: Protocol) -> dict[str, Any]:
    """The main numbers of a run; None where it is too short or the model lacks them.

    Parameters
    ----------
    run : Trajectory
    protocol : Protocol

    Returns
    -------
    dict
        Weights (fraction of baseline) at 5, 30, 60 min and at the end, the calcium peak (uM),
        the peak and 60-min fraction of pT286, and what was run.
    """
    times = run["time"].values

    def at(name: str | None, seconds: float) -> float | None:
        if name is None or seconds > times[-1]:
            return None
        return float(np.interp(seconds, times, run[name].values))

    def first(prefix: str) -> str | None:
        return next((str(n) for n in run.data_vars if str(n).startswith(prefix)), None)

    weights: dict[str, dict[str, float | None]] = {}
    flat: dict[str, float | None] = {}
    for name in [str(n) for n in run.data_vars if str(n).startswith("weight_")]:
        readings = {label: at(name, seconds) for label, seconds in _READINGS.items()} | {"end": at(name, times[-1])}
        weights[name.removeprefix("weight_")] = readings
        flat |= {f"{name}_{label.replace(' ', '')}": value for label, value in readings.items()}
    calcium, phosphorylated = first("Ca_free"), first("pT286_fraction")
    return {
        "model": run.attrs["model"],
        "protocol": run.attrs["protocol"],
        "perturbations": run.attrs["perturbations"],
        "parameters": run.attrs["parameters"],
        "duration_s": protocol.duration,
        "weight": weights,
        **flat,
        "calcium_peak_uM": None if calcium is None else float(run[calcium].values[times >= 0].max()),
        "pT286_peak": None if phosphorylated is None else float(run[phosphorylated].values[times >= 0].max()),
        "pT286_60min": at(phosphorylated, 3600.0),
        "solve_seconds": run.attrs["solve_seconds"],
        "version": ltpath.__version__,
    }


def demo(arguments: argparse.Namespace) -> int:
    """Run a tetanus alone, with APV and with T286A; draw, tabulate and export."""
    folder = _writable(arguments.output)
    tetanus = load_protocol("tetanus")
    conditions = {"tetanus": tetanus, "tetanus + APV": tetanus.perturbed("apv"), "tetanus + T286A": tetanus.perturbed("t286a")}
    with progress.waiting("expanding the rules"):
        load("early_ltp").network  # noqa: B018 - the first request expands
    runs = {name: _simulate("early_ltp", protocol, {}) for name, protocol in conditions.items()}

    from ltpath.experiment import load_experiment
    from ltpath.plotting import plot_runs

    measured = load_experiment("early_ltp_time_course")
    points = [
        (row.readout["at"], row.measured / 100, (row.error or 0) / 100) for row in measured.rows if row.rule == "within"
    ]
    figure = plot_runs(runs, points={"weight_A": points})
    files: dict[str, Callable[[Path], Any]] = {"demo.png": _picture(figure)}
    for name, trajectory in runs.items():
        files[f"{name.replace(' + ', '_').lower()}.csv"] = trajectory.to_csv
    network = load("early_ltp").network
    files["early_ltp_tetanus.xml"] = lambda path: formats()["sbml"].export(network, tetanus, path)
    _publish(folder, files)

    header = ("", "weight 5 min", "30 min", "60 min", "3 h", "Ca peak uM", "kinase peak", "kinase 5 min")
    print("  ".join(f"{h:>15}" if i == 0 else f"{h:>12}" for i, h in enumerate(header)))
    for name, trajectory in runs.items():
        times = trajectory["time"].values
        numbers = [np.interp(s, times, trajectory["weight_A"].values) for s in (300, 1800, 3600, 10800)]
        numbers += [trajectory["Ca_free_A"].values.max(), trajectory["camkii_activity_A"].values.max()]
        numbers.append(np.interp(300, times, trajectory["camkii_activity_A"].values))
        print(f"{name:>15}  " + "  ".join(f"{v:12.3g}" for v in numbers))
    print(f"written: {folder}/" + ", ".join(files))
    return 0


def validate(arguments: argparse.Namespace) -> int:
    """Compare with the literature; misses are shown and are no error."""
    from ltpath.experiment import experiment_names, load_experiment, score
    from ltpath.experiment import validate as compare

    folder = _writable(arguments.output) if arguments.output else None
    names = arguments.names or experiment_names()
    for name in names:
        load_experiment(name)
    figures: dict[str, Callable[[Path], Any]] = {}

    def keep(experiment: Any, runs: Any, results: Any) -> None:
        from ltpath.plotting import plot_experiment

        figures[f"{experiment.name}.png"] = _picture(plot_experiment(experiment, runs, results))

    with progress.bar("validating", len(names), "experiment") as report:
        done = iter(range(len(names)))
        results = compare(names, progress=lambda name: report(next(done), name), keep=keep if folder else None)
    if folder:
        _publish(folder, figures)
    if arguments.json:
        return _json([r.to_dict() for r in results])
    print(score_table(results))
    for use, (passed, total) in sorted(score(results).items()):
        print(f"{use}: {passed} of {total} rows pass")
    return 0


def score_table(results: Sequence[Any]) -> str:
    """The score as text, one line a row: measured, simulated, deviation, pass or miss."""
    lines = [f"{'experiment':29} {'quantity':52} {'measured':>16} {'simulated':>10} {'dev.':>6}  use         result"]
    for r in results:
        error = f" +- {r.error:.3g}" if r.error else ""
        deviation = "" if r.deviation is None else f"{r.deviation:+.1f}"
        lines.append(
            f"{r.experiment:29} {(r.quantity + (f' ({r.unit})' if r.unit else ''))[:52]:52} {f'{r.measured:.4g}' + error:>16} "
            f"{r.simulated:10.4g} {deviation:>6}  {r.use:10}  {'pass' if r.passed else 'MISS'}"
        )
        if r.note:
            lines.append(f"{'':29} {r.note}")
    return "\n".join(lines)


# -- exports --------------------------------------------------------------------


def formats() -> dict[str, ModuleType]:
    """Every export format: the modules of `ltpath.exporters` that declare a NAME."""
    import ltpath.exporters

    found = (
        importlib.import_module(f"ltpath.exporters.{m.name}") for m in pkgutil.iter_modules(ltpath.exporters.__path__)
    )
    return {m.NAME: m for m in found if hasattr(m, "NAME")}


def export(arguments: argparse.Namespace) -> int:
    """Write a model with its protocol in another program's format."""
    path = Path(arguments.output)
    exporter = _exporter(arguments.format, path)
    _writable(path.parent)
    protocol = None
    if arguments.protocol is not None or arguments.perturbations:
        arguments.protocol = arguments.protocol or "baseline"
        protocol = _protocol(arguments)
    with progress.waiting(f"exporting {arguments.model}"):
        exporter.export(load(arguments.model).network, protocol, path)
    print(f"written: {path}")
    return 0


def graph(arguments: argparse.Namespace) -> int:
    """Draw a model, or write it as a graph, by the file's suffix."""
    path = Path(arguments.output)
    exporter = _exporter(None, path)
    _writable(path.parent)
    exporter.export(load(arguments.model).network, None, path)
    print(f"written: {path}")
    return 0


def _exporter(name: str | None, path: Path) -> ModuleType:
    found = formats()
    if name is not None:
        if name not in found:
            raise UnknownName("format", name, found)
        return found[name]
    for module in found.values():
        if path.suffix == module.SUFFIX:
            return module
    suffixes = ", ".join(m.SUFFIX for m in found.values())
    raise ExportError(f"no format writes files that end in '{path.suffix}' (allowed: {suffixes})")


# -- shared ---------------------------------------------------------------------


def _protocol(arguments: argparse.Namespace) -> Protocol:
    protocol = load_protocol(arguments.protocol)
    uses = []
    for text in arguments.perturbations:
        name, _, dose = text.partition("=")
        uses.append(PerturbationUse(name=name, dose=dose or None))  # type: ignore[arg-type]
    protocol = protocol.perturbed(*uses)
    return protocol if arguments.duration is None else protocol.lasting(arguments.duration)


def _settings(texts: Sequence[str]) -> dict[str, float]:
    values = {}
    for text in texts:
        name, separator, number = text.partition("=")
        try:
            values[name] = float(number)
        except ValueError:
            raise BadValue(f"--set takes PARAMETER=NUMBER, not '{text}'") from None
        if not separator or not math.isfinite(values[name]):
            raise BadValue(f"--set takes PARAMETER=NUMBER with a finite number, not '{text}'")
    return values


def _simulate(model: str, protocol: Protocol, parameters: Mapping[str, float]) -> Trajectory:
    loaded = load(model)
    with progress.waiting(f"expanding {model}"):
        network = loaded.network
    with progress.along(f"{model}: {protocol.title}", resolve(protocol, network).breaks()) as report:
        return simulate(network, protocol, parameters=parameters, progress=report)


def _writable(folder: str | Path) -> Path:
    """The folder, checked to be writable before any work; it is made only when there is something to write."""
    path = Path(folder)
    parent = path
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise BadValue(f"the output folder {path} cannot be written ({parent} is not a writable folder)")
    return path


def _publish(folder: Path, files: Mapping[str, Callable[[Path], Any]]) -> None:
    """Write all files, or none: they appear in the folder only when every one is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        for name, write in files.items():
            write(Path(temporary) / name)
        for name in files:
            os.replace(Path(temporary) / name, folder / name)


def _picture(figure: Figure) -> Callable[[Path], None]:
    return lambda path: figure.savefig(path, dpi=130)


def _json(facts: Any) -> int:
    print(json.dumps(facts, indent=2, default=str))
    return 0
