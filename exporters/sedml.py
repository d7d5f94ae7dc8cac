"""SED-ML Level 1 Version 4: our SBML, written beside it, run from the protocol's start to its end, with every readout plotted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import libsbml
from ltpath.exporters.identifiers import identifiers
from ltpath.exporters.needs import library
from ltpath.exporters.sbml import to_sbml

from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol, load_protocol

NAME = "sedml"
SUFFIX = ".sedml"
SUMMARY = "SED-ML Level 1 Version 4, and the SBML that it runs"

_STEPS = 2000
_AFTER = 10.0
"""How long after the last stimulus the close view ends, s."""
# KiSAO: CVODE; relative and absolute tolerance, most internal steps.
_CVODE, _TOLERANCES = "KISAO:0000019", {"KISAO:0000209": "1e-10", "KISAO:0000211": "1e-10", "KISAO:0000415": "1000000"}


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What neither SED-ML nor the SBML beside it can say."""
    return []


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write the SED-ML file and, under the same name with ``.xml``, its model."""
    path = Path(path)
    model = to_sbml(network, protocol)
    text = to_sedml(network, protocol, model, f"{path.stem}.xml")
    write_atomically(path.with_name(f"{path.stem}.xml"), model.encode())
    write_atomically(path, text.encode())


def to_sedml(network: ReactionNetwork, protocol: Protocol | None, model: str, source: str) -> str:
    """The SED-ML text.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol, optional
        Default: the shipped ``baseline``.
    model : str
        The SBML text that ``ltpath.exporters.sbml.to_sbml`` makes of both.
    source : str
        The name of the file that holds it, relative to the SED-ML file.

    Raises
    ------
    MissingTool
        python-libsedml is not installed.
    ExportError
        libSEDML finds an error in what was written.
    """
    sedml = library("libsedml", NAME)
    protocol = protocol or load_protocol("baseline")
    document = sedml.SedDocument(1, 4)
    document.getNamespaces().add("http://www.sbml.org/sbml/level3/version2/core", "sbml")
    one = document.createModel()
    one.setId("model")
    one.setName(network.name)
    one.setLanguage("urn:sedml:language:sbml.level-3.version-2")
    one.setSource(source)
    # SBML may have to begin before the protocol's time 0, and says by how much.
    shift = libsbml.readSBMLFromString(model).getModel().getParameter("time_offset")
    offset = shift.getValue() if shift is not None else 0.0
    views = {"whole": (0.0, offset + protocol.duration)}
    close = protocol.last_moment + _AFTER
    if protocol.stimuli and close < protocol.duration / 2:
        views["stimulus"] = (offset, offset + close)
    for view, (begin, end) in views.items():
        _simulation(document, view, begin, end)
        _outputs(document, network, view, protocol.title, offset)
    found = [document.getError(i).getMessage().strip() for i in range(document.getNumErrors())]
    if found:
        raise ExportError(f"libSEDML refuses the SED-ML of '{network.name}': {found[0]}")
    return sedml.writeSedMLToString(document)


def _simulation(document: Any, view: str, begin: float, end: float) -> None:
    simulation = document.createUniformTimeCourse()
    simulation.setId(f"time_course_{view}")
    simulation.setInitialTime(0.0)
    simulation.setOutputStartTime(begin)
    simulation.setOutputEndTime(end)
    simulation.setNumberOfSteps(_STEPS)
    algorithm = simulation.createAlgorithm()
    algorithm.setKisaoID(_CVODE)
    for kisao, value in _TOLERANCES.items():
        parameter = algorithm.createAlgorithmParameter()
        parameter.setKisaoID(kisao)
        parameter.setValue(value)
    task = document.createTask()
    task.setId(f"task_{view}")
    task.setModelReference("model")
    task.setSimulationReference(simulation.getId())


def _outputs(document: Any, network: ReactionNetwork, view: str, title: str, offset: float) -> None:
    """Data of every readout, a report of all, and a plot for each unit."""
    sedml = library("libsedml", NAME)
    ids = identifiers(network).names
    report = document.createReport()
    report.setId(f"report_{view}")
    report.setName(f"{network.name}: {title}")
    plots: dict[str, Any] = {}
    rows = {"time": ("time", "s")} | {ids[n]: (n, r["unit"]) for n, r in network.readouts.items()}
    for identifier, (name, unit) in rows.items():
        generator = document.createDataGenerator()
        generator.setId(f"{identifier}_{view}")
        generator.setName(f"{name} ({unit})")
        variable = generator.createVariable()
        variable.setId(f"{identifier}_{view}_value")
        variable.setTaskReference(f"task_{view}")
        if identifier == "time":
            variable.setSymbol("urn:sedml:symbol:time")
        else:
            variable.setTarget(f"/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='{identifier}']")
        shifted = f" - {offset!r}" if identifier == "time" and offset else ""
        generator.setMath(sedml.parseL3Formula(f"{variable.getId()}{shifted}"))
        column = report.createDataSet()
        column.setId(f"{identifier}_{view}_column")
        column.setLabel(name)
        column.setDataReference(generator.getId())
        if identifier == "time":
            continue
        if unit not in plots:
            plots[unit] = document.createPlot2D()
            plots[unit].setId(f"plot_{view}_{len(plots)}")
            plots[unit].setName(f"{network.name}: {title} ({unit})")
        curve = plots[unit].createCurve()
        curve.setId(f"{identifier}_{view}_curve")
        curve.setName(name)
        curve.setXDataReference(f"time_{view}")
        curve.setYDataReference(generator.getId())
