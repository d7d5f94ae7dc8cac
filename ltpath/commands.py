"""What each command of the command line does; `ltpath.__main__` parses and reports errors."""

from __future__ import annotations

import ast
import importlib
import json
import math
import pkgutil
import sys
import threading
import time
import tomllib
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ltpath.errors import BadValue, ExportError, LtpathError, UnknownName
from ltpath.progress import along, bar, waiting, wanted
from ltpath.staging import check_writable, staged

if TYPE_CHECKING:
    from ltpath.catalogue import Model
    from ltpath.expansion import ReactionNetwork
    from ltpath.explorer import Page
    from ltpath.findsim import FindSim
    from ltpath.protocol import PerturbationUse, Protocol
    from ltpath.simulation import Trajectory

_LISTED = 8
_MOMENTS = {"5 min": 300.0, "30 min": 1800.0, "60 min": 3600.0}
_SOFTWARE = (
    "Lopez CF, Muhlich JL, Bachman JA, Sorger PK (2013) Programming biological models in Python using PySB. "
    "Mol Syst Biol 9:646. https://doi.org/10.1038/msb.2013.1",
    "Harris LA, Hogg JS, Tapia JJ, et al (2016) BioNetGen 2.2: advances in rule-based modeling. "
    "Bioinformatics 32:3366-3368. https://doi.org/10.1093/bioinformatics/btw469",
    "Hindmarsh AC, Brown PN, Grant KE, et al (2005) SUNDIALS: suite of nonlinear and differential/algebraic equation solvers. "
    "ACM Trans Math Softw 31:363-396. https://doi.org/10.1145/1089014.1089020",
)


# -- shared ------------------------------------------------------------------------


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))


def _table(rows: Iterable[Sequence[str]], right: Iterable[int] = (), indent: str = "  ") -> None:
    """Print columns; those in `right` are numbers."""
    rows = [[str(cell) for cell in row] for row in rows]
    if not rows:
        return
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    aligned = set(right)
    for row in rows:
        cells = [c.rjust(w) if i in aligned else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        print((indent + "  ".join(cells)).rstrip())


def _number(value: float | None, digits: int = 4) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.{digits}g}"


def _first_sentence(module: str) -> str:
    """A module's docstring, read without importing what the module imports."""
    spec = importlib.util.find_spec(module)
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    return (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].replace("\n", " ")


def _experiment_files() -> dict[str, Path]:
    import ltpath.experiments

    return {p.stem: p for folder in ltpath.experiments.__path__ for p in sorted(Path(folder).glob("*.toml"))}


def _exporters() -> dict[str, ModuleType]:
    """Every module of `ltpath.exporters` that declares a format, by its name."""
    import ltpath.exporters

    modules = [importlib.import_module(f"ltpath.exporters.{m.name}") for m in pkgutil.iter_modules(ltpath.exporters.__path__)]
    return {m.NAME: m for m in modules if hasattr(m, "NAME")}


def _model(name: str) -> Model:
    """A catalogue model with its network ready."""
    from ltpath.catalogue import load

    model = load(name)
    with waiting(f"expanding the rules of {name}, once"):
        _ = model.network
    return model


def _network(arguments: Namespace) -> ReactionNetwork:
    """The network of the model that a command names, with the units that it declares."""
    from ltpath.sources import network_from

    units = {}
    for text in arguments.units:
        name, separator, unit = text.partition("=")
        if not separator or not name.strip() or not unit.strip():
            raise BadValue(f"--unit takes NAME=UNIT, such as amount=molecules or k_on=1/(uM*s), not '{text}'")
        units[name.strip()] = unit.strip()
    with waiting(f"expanding the rules of {arguments.model}, once"):
        return network_from(arguments.model, units=units)


def _uses(written: Iterable[str]) -> list[PerturbationUse]:
    """Perturbations from ``NAME`` or ``NAME=DOSE``."""
    from ltpath.protocol import PerturbationUse

    found = []
    for text in written:
        name, _, dose = text.partition("=")
        if not name or text.endswith("="):
            raise BadValue(f"--perturb takes NAME or NAME=DOSE, such as apv or apv=50uM, not '{text}'")
        found.append(PerturbationUse(name=name, dose=dose or None))  # type: ignore[arg-type]
    return found


def _settings(written: Iterable[str], network: ReactionNetwork) -> dict[str, float]:
    """Parameter values from ``NAME=VALUE``; a unit may follow and must be the parameter's own."""
    from ltpath.simulation import check_parameters
    from ltpath.units import with_ascii_units

    values = {}
    for text in written:
        name, separator, value = text.partition("=")
        if not separator or not name.strip():
            raise BadValue(f"--set takes PARAMETER=VALUE, not '{text}'")
        name, number = name.strip(), with_ascii_units(value).strip()
        if name not in network.parameters:
            raise UnknownName(f"parameter of '{network.name}'", name, network.parameters)
        unit = network.units[name]
        if unit != "1" and number.endswith(unit):
            number = number.removesuffix(unit).strip()
        try:
            values[name] = float(number)
        except ValueError:
            raise BadValue(f"parameter {name} takes a number in {unit}, not '{value.strip()}'") from None
    return check_parameters(values, network)


def _protocol(arguments: Namespace) -> Protocol | None:
    from ltpath.protocol import load_protocol
    from ltpath.units import parse

    if arguments.protocol is None and not arguments.perturbations and arguments.duration is None:
        return None
    protocol = load_protocol("baseline" if arguments.protocol is None else arguments.protocol).perturbed(
        *_uses(arguments.perturbations)
    )
    if arguments.duration is not None:
        duration = parse(arguments.duration, "time", "--duration")
        if duration <= 0:
            raise BadValue(f"--duration must be above 0, not {arguments.duration}")
        protocol = protocol.lasting(duration)
    return protocol


# -- list, show, cite ----------------------------------------------------------------


def do_list(arguments: Namespace) -> int:
    """Print the catalogue."""
    from ltpath.catalogue import model_names
    from ltpath.engine import engine_names, load_engine
    from ltpath.pathways.perturbations import PERTURBATIONS
    from ltpath.protocol import load_protocol, protocol_names

    groups = {
        "models": {n: _first_sentence(f"ltpath.models.{n}") for n in model_names()},
        "protocols": {n: load_protocol(n).title for n in protocol_names()},
        "perturbations": {n: p.summary for n, p in sorted(PERTURBATIONS.items())},
        "experiments": {n: tomllib.loads(p.read_text(encoding="utf-8"))["title"] for n, p in _experiment_files().items()},
        "engines": {n: load_engine(n).SUMMARY for n in engine_names()},
        "formats": {n: m.SUMMARY for n, m in sorted(_exporters().items())},
    }
    if arguments.json:
        _print_json({kind: [{"name": n, "summary": s} for n, s in items.items()] for kind, items in groups.items()})
        return 0
    for kind, items in groups.items():
        print(kind)
        _table(items.items())
    return 0


def do_show(arguments: Namespace) -> int:
    """Print one thing of the catalogue."""
    from ltpath.catalogue import model_names
    from ltpath.pathways.perturbations import PERTURBATIONS
    from ltpath.protocol import protocol_names

    name = arguments.name
    experiments = _experiment_files()
    if name in model_names():
        return _show_model(name, arguments.json)
    if name in PERTURBATIONS:
        return _show_perturbation(name, arguments.json)
    if name in experiments:
        return _show_file(experiments[name], tomllib.loads(experiments[name].read_text(encoding="utf-8")), arguments.json)
    if name in protocol_names() or name.endswith(".toml") or Path(name).is_file():
        return _show_protocol(name, arguments.json)
    raise UnknownName("name", name, {*model_names(), *PERTURBATIONS, *experiments, *protocol_names()})


def _show_file(path: Path, data: Mapping[str, Any], as_json: bool) -> int:
    if as_json:
        _print_json({"name": path.stem} | dict(data))
    else:
        print(path.read_text(encoding="utf-8").rstrip())
    return 0


def _show_protocol(name: str, as_json: bool) -> int:
    import ltpath.protocols
    from ltpath.protocol import load_protocol, protocol_names

    protocol = load_protocol(name)
    path = Path(next(iter(ltpath.protocols.__path__))) / f"{name}.toml" if name in protocol_names() else Path(name)
    return _show_file(path, protocol.to_dict(), as_json)


def _show_perturbation(name: str, as_json: bool) -> int:
    from ltpath.pathways.perturbations import PERTURBATIONS

    p = PERTURBATIONS[name]
    effects = []
    for e in p.effects:
        if e.value is not None:
            what = f"= {e.value:g}"
        elif e.factor is not None:
            what = f"x {e.factor:g}"
        elif e.half_dose is not None:
            what = f"/ (1 + dose / {e.half_dose:g} uM)"
        else:
            what = "= dose in uM"
        effects.append((e.parameter, what))
    if as_json:
        _print_json(
            {
                "name": name, "summary": p.summary, "note": p.note, "dose_uM": p.dose, "genotype": p.genotype,
                "source": str(p.source) if p.source else None, "effects": [{"parameter": n, "effect": w} for n, w in effects],
            }
        )  # fmt: skip
        return 0
    print(f"{name}: {p.summary}")
    print(f"  {p.note}")
    print(f"  {'present before the baseline' if p.genotype else 'drug'}")
    if p.dose is not None:
        print(f"  default dose {p.dose:g} uM")
    if p.source:
        print(f"  {p.source}")
    print("effects")
    _table(effects)
    return 0


def _show_model(name: str, as_json: bool) -> int:
    from ltpath.simulation import perturbation_names

    model = _model(name)
    network, entry = model.network, model.entry
    provenance = network.meta["provenance"]
    counts = {
        "species": None if network.network_free else len(network.species),
        "reactions": None if network.network_free else len(network.arrays["rate"]),
        "rules": len(network.meta["rules"]),
        "parameters": len(provenance),
    }
    if as_json:
        _print_json(
            {
                "name": name, "summary": entry.summary, "claims": entry.claims, "limits": entry.limits, **counts,
                "synapses": network.synapses,
                "inputs": sorted({i["name"] for i in network.meta["inputs"]}),
                "perturbations": perturbation_names(network),
                "readouts": [{"name": n} | r for n, r in network.readouts.items()],
                "parameter_list": [{"name": n} | p for n, p in provenance.items()],
            }
        )  # fmt: skip
        return 0
    print(f"{name}: {entry.summary}")
    for title, lines in (("claims", entry.claims), ("does not claim", entry.limits)):
        print(title)
        _table([("-", line) for line in lines])
    print(", ".join(f"{n} {kind}" for kind, n in counts.items() if n is not None))
    if network.network_free:
        print("too many species for a network: runs by its rules alone (--engine nfsim)")
    print(f"synapses: {', '.join(network.synapses) or 'none'}")
    print(f"inputs: {', '.join(sorted({i['name'] for i in network.meta['inputs']}))}")
    print(f"perturbations: {', '.join(perturbation_names(network)) or 'none'}")
    print("readouts")
    _table((n, r["unit"], r["meaning"]) for n, r in network.readouts.items())
    print("parameters")
    _table([(n, f"{p['value']:g}", p["unit"], _origin(p)) for n, p in provenance.items()], right=[1])
    return 0


def _origin(p: Mapping[str, Any]) -> str:
    who = f"{p['source'].split(',')[0]}, doi:{p['doi']}: " if p["doi"] else ""
    seen = f" [{p['seen']}]" if p["seen"] not in ("read in the source", "own work") else ""
    return f"{p['basis']}: {who}{p['note']}{seen}"


def do_cite(arguments: Namespace) -> int:
    """Print where a model's numbers come from."""
    provenance = _model(arguments.model).network.meta["provenance"]
    used: dict[str, list[str]] = {}
    for name, p in provenance.items():
        if p["source"]:
            used.setdefault(p["source"], []).append(name)
    doi = {p["source"]: p["doi"] for p in provenance.values()}
    if arguments.json:
        _print_json(
            {
                "model": arguments.model,
                "publications": [{"citation": s, "doi": doi[s], "parameters": used[s]} for s in sorted(used)],
                "software": _SOFTWARE,
            }
        )
        return 0
    for source in sorted(used):
        print(f"{source}\n    for {len(used[source])} of {len(provenance)} parameters")
    print("\nSoftware")
    for source in _SOFTWARE:
        print(source)
    return 0


# -- run ---------------------------------------------------------------------------


def _simulate(
    network: ReactionNetwork, protocol: Protocol, settings: Mapping[str, float] | None = None, title: str = "", **how: Any
) -> Trajectory:
    """Simulate with a progress bar; `how` goes on to `simulate`."""
    from ltpath.simulation import resolve, simulate

    moments = resolve(protocol, network).breaks() if wanted() else ()
    with along(title or protocol.name or "simulating", moments) as progress:
        return simulate(network, protocol, parameters=settings, progress=progress, **how)


def summarise(run: Trajectory) -> dict[str, Any]:
    """The numbers of a run that a reader asks for first.

    Parameters
    ----------
    run : Trajectory

    Returns
    -------
    dict
        Plain values, ready for JSON; None for what the run is too short for.
    """
    import numpy as np

    times = run["time"].values
    end = float(times[-1])

    def at(name: str, moment: float) -> float | None:
        return float(np.interp(moment, times, run[name].values)) if moment <= end + 1e-9 else None

    def suffix(name: str, stem: str) -> str:
        return name.removeprefix(stem)

    after = times >= 0
    facts: dict[str, Any] = {
        "model": run.attrs["model"],
        "protocol": run.attrs["protocol"],
        "title": run.attrs["title"],
        "perturbations": [*run.attrs["perturbations"]],
        "parameters": [*run.attrs["parameters"]],
        "duration_s": end,
    }
    names = [str(n) for n in run.data_vars]
    for name in (n for n in names if n.startswith("weight")):
        facts[name] = {label: at(name, moment) for label, moment in _MOMENTS.items()} | {"end": at(name, end)}
    for name in (n for n in names if n.startswith("Ca_free")):
        facts[f"calcium_peak_uM{suffix(name, 'Ca_free')}"] = float(run[name].values[after].max())
    for name in (n for n in names if n.startswith("pT286_fraction")):
        facts[f"pT286_fraction_peak{suffix(name, 'pT286_fraction')}"] = float(run[name].values[after].max())
        facts[f"pT286_fraction_60min{suffix(name, 'pT286_fraction')}"] = at(name, 3600.0)
    for parameter in run["parameter"].values.tolist() if "parameter" in run.dims else ():
        changes = run.sel(parameter=parameter)
        facts.setdefault("sensitivities", {})[parameter] = {
            name: {
                label: float(np.interp(moment, times, changes[f"sensitivity_{name}"].values)) if moment <= end else None
                for label, moment in {**_MOMENTS, "end": end}.items()
            }
            for name in names
            if name.startswith("weight")
        }
    facts |= {name: run.attrs[name] for name in ("engine", "seed", "exact", "events") if name in run.attrs}
    return facts | {"version": run.attrs["version"], "solve_seconds": run.attrs["solve_seconds"]}


def do_run(arguments: Namespace) -> int:
    """Simulate, and write trajectory.csv, summary.json and figure.png."""
    from ltpath.__main__ import BEGAN
    from ltpath.engine import load_engine

    folder = Path(arguments.output)
    check_writable(folder)
    protocol = _protocol(arguments)
    assert protocol is not None
    load_engine(arguments.engine)
    network = _network(arguments)
    settings = _settings(arguments.settings, network)
    title = f"{arguments.model}, {protocol.name}"
    # The solver is compiled and leaves Python free: meanwhile the figure's library, half a second of imports, loads.
    threading.Thread(target=importlib.import_module, args=("ltpath.plotting",)).start()
    result = _simulate(
        network, protocol, settings, title, engine=arguments.engine, seed=arguments.seed, exact=arguments.exact,
        sensitivities=arguments.sensitivities,
    )  # fmt: skip

    from ltpath.plotting import plot_runs, save

    with staged(folder) as stage:
        result.to_csv(stage / "trajectory.csv")
        save(plot_runs({"": result}), stage / "figure.png")
        facts = summarise(result) | {"wall_seconds": round(time.perf_counter() - BEGAN, 3)}
        (stage / "summary.json").write_text(json.dumps(facts, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    if arguments.json:
        _print_json(facts)
        return 0
    print(f"{facts['model']}, {facts['title']}" + "".join(f", {p}" for p in facts["perturbations"] + facts["parameters"]))
    _table(_lines(facts))
    print(f"written: {', '.join(str(folder / n) for n in ('trajectory.csv', 'summary.json', 'figure.png'))}")
    return 0


def _lines(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in facts.items():
        if name.startswith("weight"):
            yield name, ", ".join(f"{_number(v)} at {'the end' if k == 'end' else k}" for k, v in value.items())
        elif name.startswith(("calcium_peak", "pT286")):
            yield name, _number(value)
    for parameter, changes in facts.get("sensitivities", {}).items():
        for name, value in changes.items():
            yield f"{name} per {parameter}", f"{_number(value['end'] / 100)} at the end, for 1 % more of it"
    if "events" in facts:
        yield "molecules", f"{facts['events']:,} reactions, seed {facts['seed']}"
    yield "time", f"{facts['solve_seconds']:.2f} s in the solver, {facts['wall_seconds']:.2f} s in all"


# -- sweep -------------------------------------------------------------------------

_DECLARED = (
    "protocols",
    "perturbations",
    "vary",
    "combine",
    "runs",
    "seed",
    "sampling",
    "times",
    "after",
    "duration",
    "engine",
    "keep",
)
_ROWS = 40


def do_sweep(arguments: Namespace) -> int:
    """Run a sweep, or go on with one, and print where each condition ends."""
    from ltpath.__main__ import report_error
    from ltpath.sweep import Plan, final, run_sweep

    sweep = _sweep(arguments)
    total = len(Plan(sweep)) if wanted() else 0
    try:
        with bar("sweep", total, "run") as report:
            data = run_sweep(
                sweep, arguments.output, scheduler=arguments.scheduler, workers=arguments.workers,
                repeat_failed=arguments.repeat_failed, progress=report,
            )  # fmt: skip
    except KeyboardInterrupt:
        return _interrupted(arguments.output)
    status = data["status"].values
    failed = status == 2
    rows = final(data)
    if arguments.json:
        finite = [{k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows]
        counts = {"runs": len(status), "finished": int((status == 1).sum()), "failed": int(failed.sum())}
        _print_json({"output": arguments.output, **counts, "session": data.attrs["session"], "final": finite})
    else:
        _print_final(rows)
        session = data.attrs["session"]
        print(f"written: {arguments.output}, {len(status)} runs, of which {session['runs']} now, in {session['seconds']:.1f} s")
    if failed.any():
        first = int(failed.argmax())
        report_error(f"{failed.sum()} of {len(status)} runs failed; the first is run {first}: {data['message'].values[first]}")
    return 1 if failed.any() else 0


def _interrupted(store: str | Path) -> int:
    """Say that a sweep's store keeps what is finished; the exit status."""
    from ltpath.__main__ import INTERRUPTED, report_error

    report_error(f"interrupted; what finished is safe in {store}, and the same command goes on from there")
    return INTERRUPTED


def _sweep(arguments: Namespace) -> Any:
    from ltpath.sweep import Sweep, read_values

    given = {name: getattr(arguments, name) for name in _DECLARED if hasattr(arguments, name)}
    if arguments.model.endswith(".toml"):
        if given:
            raise BadValue(f"{arguments.model} declares the whole sweep; put {next(iter(given))} there")
        return Sweep.from_toml(arguments.model)
    if "vary" in given:
        given["vary"] = dict(read_values(text) for text in given["vary"])
    for name in ("times", "after", "keep"):
        if name in given:
            given[name] = [part.strip() for part in given[name].split(",")]
    return Sweep(model=arguments.model, **given)


def _print_final(rows: Sequence[Mapping[str, Any]]) -> None:
    """A table of conditions; what is the same in all rows is left out."""
    columns = [c for c in rows[0] if c in ("readout", "runs", "mean") or len({str(row[c]) for row in rows}) > 1]
    if all(row["runs"] < 2 for row in rows):
        columns = [c for c in columns if c not in ("sd", "standard_error") and not c.startswith("quantile")]
    elif any(row["runs"] > 1 for row in rows):
        columns = list(
            dict.fromkeys([*columns, *(c for c in rows[0] if c in ("sd", "standard_error") or c.startswith("quantile"))])
        )
    body = [[_number(v) if isinstance(v, float) else str(v) for v in (row[c] for c in columns)] for row in rows[:_ROWS]]
    _table([columns, *body], right=[i for i, c in enumerate(columns) if not isinstance(rows[0][c], str)])
    if len(rows) > _ROWS:
        print(f"  and {len(rows) - _ROWS} more rows")


# -- map ---------------------------------------------------------------------------


def do_map(arguments: Namespace) -> int:
    """Run one quantity or a grid of two, or go on with them, and draw the outcome."""
    from ltpath.__main__ import report_error
    from ltpath.response import THRESHOLD, read_axis, response_map

    picture = Path(arguments.output)
    if picture.suffix != ".png":
        raise BadValue(f"the output of a map is a picture whose name ends in .png, not '{picture}'")
    check_writable(picture.parent)
    axes = [read_axis(text) for text in (arguments.x, arguments.y) if text is not None]
    store = picture.with_suffix(".zarr")
    total = math.prod(len(v["values"]) if "values" in v else int(next(iter(v.values()))[2]) for _, v in axes)
    try:
        with bar("map", total, "run") as report:
            found = response_map(
                _model(arguments.model), axes, store, protocol=arguments.protocol, perturbations=_uses(arguments.perturbations),
                variable=arguments.variable, after=arguments.after, scheduler=arguments.scheduler, workers=arguments.workers,
                progress=report,
            )  # fmt: skip
    except KeyboardInterrupt:
        return _interrupted(store)

    from ltpath.plotting import plot_map, save

    values = found.values
    facts: dict[str, Any] = {
        "model": found.attrs["model"],
        "variable": str(found.name),
        "runs": values.size,
        "failed": found.attrs["failed"],
    }
    if str(found.name).startswith("weight"):
        facts |= {
            "depressed": int((values < 1 - THRESHOLD).sum()),
            "unchanged": int((abs(values - 1) <= THRESHOLD).sum()),
            "potentiated": int((values > 1 + THRESHOLD).sum()),
        }
    for label, place in (("lowest", _extreme(-values)), ("highest", _extreme(values))):
        facts[label] = {str(found.name): float(values[place])} | {
            str(d): float(found[d].values[i]) for d, i in zip(found.dims, place, strict=True)
        }
    with staged(picture.parent) as stage:
        save(plot_map(found), stage / picture.name)
        table = found.to_dataframe().reset_index()[[name for name, _ in axes] + [str(found.name)]]
        table.to_csv(stage / picture.with_suffix(".csv").name, index=False)
    if arguments.json:
        _print_json(facts | {"seconds": found.attrs["seconds"]})
    else:
        print(f"{facts['model']}, {found.name} {found.attrs['after']} after the stimuli")
        counts = ((k, str(facts[k])) for k in ("depressed", "unchanged", "potentiated") if k in facts)
        places = ((k, ", ".join(f"{n} = {_number(v)}" for n, v in facts[k].items())) for k in ("lowest", "highest"))
        _table(
            [*counts, *places, ("time", f"{found.attrs['runs_now']} of {values.size} runs now, in {found.attrs['seconds']:.1f} s")]
        )
        print(f"written: {picture}, {picture.with_suffix('.csv')}, {store}")
    if facts["failed"]:
        report_error(f"{facts['failed']} of {values.size} runs failed; the first: {found.attrs['message']}")
    return 1 if facts["failed"] else 0


def _extreme(values: Any) -> tuple[int, ...]:
    import numpy as np

    filled = np.where(np.isnan(values), -np.inf, values)
    return tuple(int(i) for i in np.unravel_index(int(filled.argmax()), values.shape))


# -- validate ------------------------------------------------------------------------


def do_validate(arguments: Namespace) -> int:
    """Run the experiments, print the score, and draw one figure for each."""
    from ltpath.experiment import Experiment, Result, experiment_names, load_experiment, score
    from ltpath.experiment import validate as run_experiments

    folder = Path(arguments.output) if arguments.output else None
    if folder is not None:
        check_writable(folder)
    names = arguments.names or experiment_names()
    files = _findsim_files(names, arguments.map)
    for name in names:
        if name not in files:
            load_experiment(name)
    scores: dict[str, float] = {}
    results: list[Result] = []
    failures: dict[str, str] = {}
    figures: dict[str, Any] = {}

    def draw(experiment: Experiment, runs: dict[str, list[Trajectory]], found: list[Result]) -> None:
        from ltpath.plotting import plot_experiment

        figures[experiment.name] = plot_experiment(experiment, runs, found)

    with bar("validate", len(names), "experiment") as report:
        for done, name in enumerate(names):
            report(done, name)
            try:
                if name not in files:
                    results += run_experiments([name], keep=draw if folder else None)
                    continue
                found = files[name].compare()
                results += found.results
                scores[found.experiment.name] = found.nrms
                if folder is not None:
                    draw(found.experiment, dict(found.runs), found.results)
            except LtpathError as error:
                failures[name] = str(error)
    if folder is not None:
        from ltpath.plotting import save

        with staged(folder) as stage:
            for name, figure in figures.items():
                save(figure, stage / f"{name}.png")
    if arguments.json:
        _print_json([r.to_dict() | _findsim_score(scores, r.experiment) for r in results])
    else:
        _print_results(results, score(results))
        for file in files.values():
            if file.left_out:
                more = f" and {len(file.left_out) - _LISTED} more" if len(file.left_out) > _LISTED else ""
                print(f"left out of {file.name}, as the map says: {', '.join(file.left_out[:_LISTED])}{more}")
        for name, value in scores.items():
            print(f"FindSim's score of {name} (normalised root mean square, 0 is best): {_number(value)}")
        if folder is not None:
            print(f"written: {len(figures)} figures in {folder}")
    if failures:
        from ltpath.__main__ import report_error

        for name, reason in failures.items():
            report_error(f"the experiment '{name}' could not run: {reason}")
    return 1 if failures else 0


def do_report(arguments: Namespace) -> int:
    """Run the experiments of every mechanism and write the page."""
    from ltpath.report import mechanisms, tested, write_report

    path = Path(arguments.output)
    if path.is_dir():
        raise BadValue(f"the output {path} is a folder; give a file, such as report.html")
    check_writable(path.parent)
    names = tested(mechanisms())
    with bar("report", len(names), "experiment") as report:
        page = write_report(lambda name: report(names.index(name), name))
    with staged(path.parent) as stage:
        (stage / path.name).write_text(page, encoding="utf-8")
    print(f"written: {path} ({len(page) / 1e6:.1f} MB)")
    return 0


def _findsim_files(names: Sequence[str], map_file: str | None) -> dict[str, FindSim]:
    """The experiments among the names that are files of FindSim, read and translated."""
    from ltpath.findsim import SUFFIX, load, load_map

    files = [n for n in names if n.endswith(SUFFIX)]
    if bool(files) != (map_file is not None):
        raise BadValue("an experiment of FindSim, FILE.json, needs --map MAP.toml, and nothing else does (docs/findsim.md)")
    if len({Path(n).stem for n in files}) < len(files):
        raise BadValue("two experiments have files of the same name, so that their rows could not be told apart")
    if map_file is None:
        return {}
    entity_map = load_map(map_file)
    return {n: load(n, entity_map) for n in files}


def _findsim_score(scores: Mapping[str, float], experiment: str) -> dict[str, float | None]:
    if experiment not in scores:
        return {}
    return {"findsim_score": scores[experiment] if math.isfinite(scores[experiment]) else None}


def _print_results(results: Sequence[Any], counts: Mapping[str, tuple[int, int]]) -> None:
    head = ("", "quantity", "measured", "simulated", "deviation", "use", "passes")
    rows: list[tuple[str, ...]] = [head]
    for r in results:
        error = "" if r.error is None else f" +- {r.error:g}"
        deviation = "" if r.deviation is None or not math.isfinite(r.deviation) else f"{r.deviation:+.1f}"
        unit = "" if r.unit in ("", "1") else f" {r.unit}"
        rows.append(
            (
                "pass" if r.passed else "MISS", f"{r.experiment}: {r.quantity}", f"{r.measured:g}{error}{unit}",
                f"{_number(r.simulated)}{unit}", deviation, r.use, r.criterion,
            )
        )  # fmt: skip
    _table(rows, right=[4], indent="")
    print("deviation: simulated minus measured, in units of the error")
    for use in sorted(counts):
        passed, total = counts[use]
        print(f"{use}: {passed} of {total} rows pass")
    for note in dict.fromkeys(f"{r.experiment}, {r.quantity}: {r.note}" for r in results if r.note):
        print(f"miss: {note}")


# -- export, graph -------------------------------------------------------------------


def _by_suffix(formats: Mapping[str, ModuleType], path: Path) -> ModuleType:
    fitting = [module for module in formats.values() if path.name.endswith(module.SUFFIX)]
    if fitting:
        return max(fitting, key=lambda module: len(module.SUFFIX))
    listed = ", ".join(f"{m.SUFFIX} ({n})" for n, m in sorted(formats.items())) or "none installed"
    raise BadValue(f"no format writes files named '{path.name}' (suffixes: {listed})")


def _write_with(path: Path, write: Callable[[Path], None], *, force: bool = False) -> None:
    """Write a file, and those that belong to it, all or none."""
    if path.is_dir():
        raise BadValue(f"the output file {path} is a folder")
    if path.exists() and not path.is_file():
        raise BadValue(f"the output {path} is a device or a pipe, not a file")
    path = path.resolve() if path.is_symlink() else path
    _keep_existing([path], force)
    check_writable(path.parent)
    with staged(path.parent) as stage:
        write(stage / path.name)
        written = [path, *(path.parent / p.name for p in sorted(stage.iterdir()) if p.name != path.name)]
        _keep_existing(written, force)
    print(f"written: {', '.join(str(p) for p in written)}")


def _keep_existing(paths: Iterable[Path], force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise BadValue(f"the output {path} exists already; --force overwrites it")


def do_export(arguments: Namespace) -> int:
    """Write a model in another program's format."""
    formats = _exporters()
    path = Path(arguments.output)
    if arguments.format is None:
        module = _by_suffix(formats, path)
    elif arguments.format in formats:
        module = formats[arguments.format]
    else:
        raise UnknownName("format", arguments.format, formats)
    options = {}
    if arguments.level is not None:
        if not hasattr(module, "LEVELS"):
            raise BadValue(f"the format '{module.NAME}' has no levels")
        if arguments.level not in module.LEVELS:
            raise UnknownName("level of SBML", arguments.level, module.LEVELS)
        options["level"] = arguments.level
    protocol = _protocol(arguments)
    network = _network(arguments)
    lost = module.losses(network, protocol, **options) if hasattr(module, "losses") else []
    for line in lost:
        print(f"ltpath: not in the file: {line}", file=sys.stderr)
    if lost and arguments.strict:
        raise ExportError(f"{module.NAME} cannot say all of '{network.name}' (listed above); without --strict the rest is written")
    proved = hasattr(module, "proof")
    if arguments.unverified and not proved:
        raise BadValue(f"the format '{module.NAME}' has no certificate, which --unverified would leave empty")
    differing = []

    def write(staged_path: Path) -> None:
        if proved and not arguments.unverified:
            with waiting(f"running {network.name} in other simulators"):
                found = module.proof(network, protocol)
            differing.extend(c for c in found.checks if c.status == "differs")
            options["verification"] = found.certificate()
        module.export(network, protocol, staged_path, **options)

    _write_with(path, write, force=arguments.force)
    for c in differing:
        print(f"ltpath: {c.simulator} differs from our own run: {c.reason or f'{c.worst} by {c.relative:.1g}'}", file=sys.stderr)
    return 1 if differing else 0


def do_graph(arguments: Namespace) -> int:
    """Write a model as a picture or a graph, by the file's suffix."""
    from ltpath.exporters.simplify import between
    from ltpath.exporters.views import nodes_of, view
    from ltpath.pathways import molecules

    path = Path(arguments.output)
    module = _by_suffix({n: m for n, m in _exporters().items() if hasattr(m, "VIEW")}, path)
    network = _network(arguments)
    graph = view(network, arguments.view or module.VIEW)
    if (arguments.start is None) != (arguments.end is None):
        raise BadValue("--from and --to go together")
    if arguments.start is not None:
        aliases = {name.lower(): m.name for name, m in vars(molecules).items() if isinstance(m, molecules.Molecule)}
        ends = [nodes_of(graph, network, name, aliases) for name in (arguments.start, arguments.end)]
        graph = between(graph, *ends, (arguments.start, arguments.end))
    _write_with(path, lambda staged_path: module.write(graph, staged_path), force=arguments.force)
    return 0


# -- verify ----------------------------------------------------------------------------


def do_verify(arguments: Namespace) -> int:
    """Run a model's SBML in every simulator, print and write how far each is from our own run."""
    from ltpath.units import parse
    from ltpath.verification import SIMULATORS, verify

    for name in arguments.simulators:
        if name not in SIMULATORS:
            raise UnknownName("simulator", name, SIMULATORS)
    path = Path(arguments.json) if arguments.json else None
    if path is not None:
        _keep_existing([path], arguments.force)
        check_writable(path.parent)
    protocol = _protocol(arguments)
    duration = None if arguments.duration is None else parse(arguments.duration, "time", "--duration")
    network = _network(arguments)
    with waiting(f"running {network.name} everywhere"):
        found = verify(network, protocol, duration=duration, simulators=tuple(arguments.simulators))
    if path is not None:
        with staged(path.parent) as stage:
            text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
            (stage / path.name).write_text(text + "\n", encoding="utf-8")
    print(f"{found.model}, {found.protocol}, {found.duration:g} s: {found.species:,} species, {found.reactions:,} reactions")
    rows = [("simulator", "version", "", "relative", "absolute", "worst")]
    for c in found.checks:
        numbers = (_number(c.relative, 2), _number(c.absolute, 2)) if c.compared else ("", "")
        rows.append((c.simulator, c.version, c.status, *numbers, c.reason or c.worst[:80]))
    _table(rows, right=[3, 4])
    return 0 if found.ok else 1


# -- explore, serve --------------------------------------------------------------------


def _page(arguments: Namespace) -> Page:
    """The page that the arguments ask for."""
    from ltpath.explorer import default_protocol, explore
    from ltpath.protocol import load_protocol
    from ltpath.units import parse

    network = _model(arguments.model).network
    network.require_reactions()
    protocol = load_protocol(arguments.protocol) if arguments.protocol else default_protocol(network)
    if arguments.duration is not None:
        protocol = protocol.lasting(parse(arguments.duration, "time", "--duration"))
    conditions = None if arguments.perturbations is None else [_uses(text.split(",")) for text in arguments.perturbations]
    with waiting(f"running {arguments.model}, {protocol.title}"):
        return explore(arguments.model, protocol, conditions)


def do_explore(arguments: Namespace) -> int:
    """Write the page."""
    path = Path(arguments.output)
    if path.is_dir():
        raise BadValue(f"the output file {path} is a folder")
    check_writable(path.parent)
    page = _page(arguments)
    page.save(path)
    print(f"written: {path} ({', '.join(f.label for f in page.films)}; {len(page.html) / 1e6:.1f} MB)")
    return 0


def do_serve(arguments: Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from ltpath.__main__ import report_error
    from ltpath.server import LOOPBACK, Laboratory, Server

    if not 0 <= arguments.port <= 65535:
        raise BadValue(f"--port must be from 0 to 65535, not {arguments.port}")
    laboratory = Laboratory(_page(arguments))
    with Server(laboratory, arguments.host, arguments.port) as server:
        print(f"{arguments.model} at {server.url} (Ctrl-C ends it)", flush=True)
        if arguments.host != LOOPBACK:
            report_error(f"everyone who reaches {arguments.host} can run models on this machine")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("ended")
    return 0


# -- expand ----------------------------------------------------------------------------


def do_expand(arguments: Namespace) -> int:
    """Make a network and say what it took."""
    from ltpath.catalogue import load
    from ltpath.expansion import indexed
    from ltpath.shipped import shipped

    if arguments.limit < 1:
        raise BadValue(f"--limit must be at least 1, not {arguments.limit}")
    model = load(arguments.model)
    began = time.perf_counter()
    known = None if arguments.fresh else shipped(model.name) or indexed(model.name)
    if known is not None:
        network, origin = known, "known before; --fresh expands it anew"
    else:
        with waiting(f"expanding the rules of {model.name}") as tell:
            network = model.expanded(
                limit=arguments.limit, report=lambda s, r: tell(f"{s:,} species, {r:,} reactions"), fresh=arguments.fresh
            )
        origin = f"expanded by BioNetGen {network.meta['bionetgen']}"
    network.require_reactions()
    seconds, largest = time.perf_counter() - began, _largest_child()
    facts = {
        "model": model.name,
        "species": len(network.species),
        "reactions": len(network.arrays["rate"]),
        "rules": len(network.meta["rules"]),
        "multiplications_per_factorisation": network.meta["multiplications"],
        "origin": origin,
        "seconds": round(seconds, 3),
        "bionetgen_megabytes": largest,
    }
    if arguments.json:
        _print_json(facts)
        return 0
    print(f"{model.name}: {facts['species']:,} species, {facts['reactions']:,} reactions from {facts['rules']} rules")
    print(f"  {origin}")
    memory = "" if largest is None or known is not None else f"; BioNetGen took {largest:,.0f} MB of memory"
    print(f"  {seconds:.2f} s{memory}")
    return 0


def _largest_child() -> float | None:
    """Peak memory of the largest program that was started, MB; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1) or None


# -- doctor, demo --------------------------------------------------------------------


def do_doctor(arguments: Namespace) -> int:
    """Check the installation."""
    from ltpath.doctor import checks

    found = checks()
    missing = [c for c in found if c.needed and not c.ok]
    if arguments.json:
        _print_json({"ok": not missing, "checks": [asdict(c) for c in found]})
        return 1 if missing else 0
    _table([("ok" if c.ok else "MISSING" if c.needed else "absent", c.name, c.found) for c in found], indent="")
    for c in found:
        if not c.ok:
            print(f"{c.name}{'' if c.needed else ' (optional)'}: {c.mend}")
    print("something needed is missing" if missing else "everything needed is here")
    return 1 if missing else 0


def do_demo(arguments: Namespace) -> int:
    """One synapse, three ways."""
    from ltpath.plotting import plot_runs, save
    from ltpath.protocol import load_protocol

    folder = Path(arguments.output)
    check_writable(folder)
    network = _model("early_ltp").network
    conditions = {"tetanus": (), "tetanus + APV": ("apv",), "tetanus + T286A": ("t286a",)}
    runs: dict[str, Trajectory] = {}
    for label, uses in conditions.items():
        runs[label] = _simulate(network, load_protocol("tetanus").perturbed(*uses), title=label)

    sbml = _exporters().get("sbml")
    written = ["demo.png", "demo.json"]
    rows = [_demo_row(label, r) for label, r in runs.items()]
    with staged(folder) as stage:
        save(plot_runs(runs, points=_measured("early_ltp_time_course")), stage / "demo.png")
        (stage / "demo.json").write_text(json.dumps(rows, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        if sbml is not None:
            written.append(f"early_ltp_tetanus{sbml.SUFFIX}")
            sbml.export(network, load_protocol("tetanus"), stage / written[-1])
    if arguments.json:
        _print_json(rows)
        return 0
    print("One synapse, 100 pulses at 100 Hz at time 0 (weight: synaptic strength over its value before)")
    _table([[*rows[0]], *[[v if isinstance(v, str) else _number(v, 3) for v in row.values()] for row in rows]], right=range(1, 9))
    print(f"written: {', '.join(str(folder / n) for n in written)}")
    return 0


def _demo_row(label: str, run: Trajectory) -> dict[str, Any]:
    import numpy as np

    def at(name: str, moment: float) -> float:
        return float(np.interp(moment, run["time"].values, run[name].values))

    weights = {f"weight {k}": at("weight_A", s) for k, s in ({**_MOMENTS, "3 h": 10800.0}).items()}
    return {
        "condition": label,
        **weights,
        "Ca peak (uM)": float(run["Ca_free_A"].max()),
        "kinase peak": float(run["camkii_activity_A"].max()),
        "kinase 5 min": at("camkii_activity_A", 300.0),
        "pT286 peak": float(run["pT286_fraction_A"].max()),
    }


def _measured(experiment: str) -> dict[str, Any]:
    """The measured points of an experiment, by variable; none where the experiment is not there."""
    if experiment not in _experiment_files():
        return {}
    from ltpath.experiment import load_experiment
    from ltpath.plotting import points_of

    return points_of(load_experiment(experiment))
