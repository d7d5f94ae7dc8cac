"""PEtab 2: the experiments of the score that run a model, as conditions and measurements of an estimation problem.

A problem is a YAML file and, beside it, an SBML model without events and five tables; the parameters to estimate are those that
were fitted here. Time is the protocol's; what runs before time 0 has negative times, and a synapse comes to rest at ``-inf``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

import libsbml
import pandas as pd
from ltpath.exporters.identifiers import Identifiers, identifiers
from ltpath.exporters.sbml import to_sbml
from ltpath.exporters.timetable import Step, timetable

from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.experiment import Experiment, Row, experiment_names, load_experiment, members
from ltpath.protocol import Protocol
from ltpath.quantity import Basis
from ltpath.units import parse

NAME = "petab"
SUFFIX = ".yaml"
SUMMARY = "PEtab 2 problem: the experiments of the score that run the model"

_WIDE = 10.0
"""A fitted parameter may become so many times larger or smaller."""
_MIXED = 60.0
"""How long a mixture in a tube stands before the recorded run, s, as in our own."""


@dataclass
class _Problem:
    """The tables' rows, and the conditions by what they change, so that a train is one condition many times."""

    conditions: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)
    experiments: list[tuple[str, float, str]] = field(default_factory=list)
    observables: dict[str, tuple[str, str]] = field(default_factory=dict)
    measurements: list[tuple[str, str, float, float, float, str]] = field(default_factory=list)


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """Rows of the score that PEtab cannot say, and a protocol that is not one of theirs."""
    lost = [f"the protocol '{protocol.title}': PEtab has those of the experiments"] if protocol else []
    for experiment, row in _rows(network.name):
        if reason := _refusal(row):
            lost.append(f"{experiment.name}, {row.quantity}: {reason}")
    return lost


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the problem: YAML at `path`, model and tables beside it, each under a name that begins with its stem."""
    path = Path(path)
    for name, text in to_petab(network, path.stem).items():
        write_atomically(path if name == "problem" else path.with_name(name), text.encode())


def to_petab(network: ReactionNetwork, stem: str) -> dict[str, str]:
    """The files of the problem, by name; the YAML's is ``problem``.

    Raises
    ------
    ExportError
        No row of the score measures this model at a time, with an error.
    """
    rows = [(experiment, row) for experiment, row in _rows(network.name) if not _refusal(row)]
    if not rows:
        raise ExportError(
            f"PEtab needs measurements at a time with an error, and no experiment of the score has one of '{network.name}'"
        )
    ids, problem = identifiers(network), _Problem()
    references: dict[str, str] = {}
    for experiment, row in rows:
        _measure(problem, experiment, row, network, ids, references)
    runs = {(experiment.name, _condition(experiment, row)): experiment for experiment, row in rows}
    for (_, condition), experiment in runs.items():
        _run(problem, experiment, condition, network, ids, references)
    tables = {
        "parameters": (
            "parameterId lowerBound upperBound nominalValue estimate",
            [(ids.names[n], v / _WIDE, v * _WIDE, v, "true") for n, v in _estimated(problem, network, ids)],
        ),
        "observables": (
            "observableId observableName observableFormula noiseFormula noisePlaceholders",
            [(o, name, formula, f"error_{o}", f"error_{o}") for o, (formula, name) in problem.observables.items()],
        ),
        "measurements": ("observableId experimentId time measurement noiseParameters datasetId", problem.measurements),
        "conditions": (
            "conditionId targetId targetValue",
            [(name, target, value) for changes, name in problem.conditions.items() for target, value in changes],
        ),
        "experiments": ("experimentId time conditionId", problem.experiments),
    }
    written = {f"{stem}_{name}.tsv": _tsv(header, body) for name, (header, body) in tables.items()}
    lists = [f"{name[:-1]}_files: [{_quoted(f'{stem}_{name}.tsv')}]" for name in tables]
    model = f"model_files:\n  model:\n    location: {_quoted(f'{stem}.xml')}\n    language: sbml"
    return written | {
        "problem": "\n".join(['format_version: "2.0.0"', model, *lists, ""]),
        f"{stem}.xml": _model(network, ids, references),
    }


def _rows(model: str) -> Iterator[tuple[Experiment, Row]]:
    for experiment in map(load_experiment, experiment_names()):
        for row in experiment.rows:
            named = {condition["model"] for name, condition in experiment.conditions.items() if name in repr(dict(row.readout))}
            if model in (named or {experiment.conditions[_condition(experiment, row)]["model"]}):
                yield experiment, row


def _condition(experiment: Experiment, row: Row) -> str:
    return row.readout.get("condition", next(iter(experiment.conditions)))


def _refusal(row: Row) -> str:
    """Why a row is not a PEtab measurement; empty if it is one."""
    if row.readout["kind"] != "value":
        return f"'{row.readout['kind']}' is not a value at one time"
    if row.rule != "within":
        return f"'{row.rule}' is a bound, not a measurement with an error"
    return ""


def _run_ids(experiment: Experiment, condition: str) -> list[str]:
    """The experiment's id, or one for each value of a scan."""
    scan = experiment.conditions[condition].get("scan")
    name = f"{experiment.name}__{condition}"
    return [name] if scan is None else [f"{name}__{i}" for i in range(1, len(scan["values"]) + 1)]


def _measure(
    problem: _Problem, experiment: Experiment, row: Row, network: ReactionNetwork, ids: Identifiers, references: dict[str, str]
) -> None:
    condition, readout = _condition(experiment, row), row.readout
    variable, scale = readout["variable"], float(readout.get("scale", 1.0))
    formula = ids.names.get(variable, "")
    if not formula:
        # A weight is a strength over its value at time 0, which each experiment stores.
        strength = f"strength{variable.removeprefix('weight')}"
        references.setdefault(strength, ids.new(f"{strength}_at_0"))
        formula = f"{ids.names[strength]} / {references[strength]}"
    observable = f"observed_{variable}" + (
        "" if scale == 1 else f"_x_{scale:g}".replace(".", "_").replace("-", "m").replace("+", "")
    )
    unit = f" ({row.unit})" if row.unit else ""
    problem.observables.setdefault(observable, (formula if scale == 1 else f"{scale!r} * {formula}", f"{variable}{unit}"))
    chosen = 0
    if "scan" in readout:
        scanned = [value for *_, value in members(experiment.conditions[condition])]
        chosen = scanned.index(readout["scan"])
    run = _run_ids(experiment, condition)[chosen]
    at = parse(readout["at"], "time", "at")
    problem.measurements.append((observable, run, at, row.measured, float(row.error or 0), f"{experiment.name}__{row.use}"))


def _run(
    problem: _Problem,
    experiment: Experiment,
    condition: str,
    network: ReactionNetwork,
    ids: Identifiers,
    references: dict[str, str],
) -> None:
    """The periods of the runs of a condition that have a measurement."""
    measured = {m[1] for m in problem.measurements}
    for run, (protocol, values, _) in zip(_run_ids(experiment, condition), members(experiment.conditions[condition]), strict=True):
        if run not in measured:
            continue
        table = timetable(network, protocol, "PEtab", values)
        first = {ids.names[n]: repr(v) for n, v in table.values.items() if v != network.parameters[n]}
        before = "-inf" if network.synapses else table.start - _MIXED
        problem.experiments.append((run, before, _named(problem, first, "rest")))
        steps = {step.moment: step for step in table.steps}
        for moment in sorted({*steps, *([0.0] if references else [])}):
            changes = _changes(steps.get(moment, Step(moment)), ids)
            if moment == 0.0:
                changes |= {reference: ids.names[strength] for strength, reference in references.items()}
            label = "_".join(list(changes)[:1])
            problem.experiments.append((run, moment, _named(problem, changes, f"changes_{label}")))


def _changes(step: Step, ids: Identifiers) -> dict[str, str]:
    changes = {ids.names[n]: repr(v) for n, v in step.parameters.items()}
    changes |= {ids.species[i]: repr(v) for i, v in step.held.items()}
    return changes | {ids.species[i]: f"{ids.species[i]} + {v!r}" for i, v in step.added.items()}


def _named(problem: _Problem, changes: dict[str, str], wanted: str) -> str:
    """The id of the condition that makes these changes; empty where there are none."""
    if not changes:
        return ""
    key = tuple(changes.items())
    if key not in problem.conditions:
        taken = {*problem.conditions.values()}
        names = chain([wanted], (f"{wanted}_{i}" for i in count(2)))
        problem.conditions[key] = next(name for name in names if name not in taken)
    return problem.conditions[key]


def _estimated(problem: _Problem, network: ReactionNetwork, ids: Identifiers) -> list[tuple[str, float]]:
    """Parameters that were fitted here and that no condition sets, as PEtab demands, with their values."""
    targets = {target for changes in problem.conditions for target, _ in changes}
    facts = network.meta["provenance"]
    fitted = [n for n in network.meta["parameters"] if facts[n]["basis"] == Basis.FITTED.value and facts[n]["value"] > 0]
    return [(n, facts[n]["value"]) for n in fitted if ids.names[n] not in targets]


def _model(network: ReactionNetwork, ids: Identifiers, references: dict[str, str]) -> str:
    """Our SBML from the amounts that the model declares, with constants that follow parameters wherever these change."""
    document = libsbml.readSBMLFromString(to_sbml(network))
    model = document.getModel()
    formulas = {a.getSymbol(): a.getMath().deepCopy() for a in model.getListOfInitialAssignments()}
    for symbol, formula in formulas.items():
        if (parameter := model.getParameter(symbol)) is not None:
            parameter.setConstant(False)
            parameter.unsetValue()
            rule = model.createAssignmentRule()
            rule.setVariable(symbol)
            rule.setMath(formula)
            model.removeInitialAssignment(symbol)
    for species in model.getListOfSpecies():
        species.setInitialAmount(0.0)
    for index, amount in network.meta["initial"]:
        assignment = model.createInitialAssignment()
        assignment.setSymbol(ids.species[index])
        assignment.setMath(libsbml.parseL3Formula(ids.names[amount]))
    for strength, reference in references.items():
        parameter = model.createParameter()
        parameter.setId(reference)
        parameter.setValue(1.0)
        parameter.setUnits(model.getParameter(ids.names[strength]).getUnits())
        parameter.setConstant(False)
    return libsbml.writeSBMLToString(document)


def _tsv(header: str, rows: Iterable[tuple[Any, ...]]) -> str:
    return pd.DataFrame(list(rows), columns=header.split()).to_csv(sep="\t", index=False, lineterminator="\n")


def _quoted(name: str) -> str:
    # A name of a file may have a colon or a quote, which YAML reads as something else.
    return "'" + name.replace("'", "''") + "'"
