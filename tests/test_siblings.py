"""Formats beside SBML, each judged by the program that it is for."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import libsbml
import numpy as np
import pandas as pd
import pytest
from ltpath.exporters import neuron, petab, sbgn, sedml
from ltpath.exporters.antimony import to_antimony
from ltpath.exporters.bngl import to_bngl
from ltpath.exporters.drawing import layout
from ltpath.exporters.graph import species_reaction_graph
from ltpath.exporters.kappa import to_kappa
from ltpath.exporters.layout import to_layout
from ltpath.exporters.net import to_net
from ltpath.exporters.omex import to_omex
from ltpath.exporters.sbml import to_sbml

from ltpath.__main__ import main
from ltpath.catalogue import load
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork, _bionetgen_folder, bionetgen_output, expand
from ltpath.experiment import experiment_names, load_experiment, members
from ltpath.network import Molecule, Network, Place
from ltpath.protocol import Calcium, PerturbationUse, Protocol, Train, load_protocol
from ltpath.quantity import Unit, defined
from ltpath.simulation import Integrator, resolve, simulate
from ltpath.sources import network_from
from ltpath.verification import verify

PAIRED = Protocol(
    title="Five pulses at 100 Hz, every second with a spike, and APV half a second later",
    duration="3 s",
    stimuli=(Train(pulses=5, frequency="100 Hz", spike_every=2),),
    perturbations=(PerturbationUse(name="apv", start="0.5 s", end="2 s"),),
)
HELD = Protocol(
    title="Calcium held twice", duration="20 s", stimuli=(Calcium(amplitude="3 uM", length="2 s", pulses=2, frequency="0.2 Hz"),)
)
CASES = {"spine_electrics": PAIRED, "calmodulin": HELD, "early_ltp": load_protocol("tetanus").lasting("10 min")}
QUICK = ["spine_electrics", "calmodulin"]
LARGE = pytest.param("early_ltp", marks=pytest.mark.slow)


def _grid(case):
    """Times off the events."""
    end = CASES[case].duration
    return np.unique(np.concatenate([np.arange(0.0033, 0.1, 0.005), np.linspace(0.1234, end - 0.0321, 40)]))


@cache
def _ours(case):
    return simulate(case, CASES[case], times=_grid(case), rtol=1e-11)


def _worst(case, theirs, ours=None):
    """Largest difference of any readout, as a share of its largest value."""
    ours = _ours(case) if ours is None else ours
    names = load(case).network.readouts
    off = {
        n: np.abs(theirs[n] - ours[n].values).max() / np.abs(ours[n].values).max()
        for n in names
        if np.abs(ours[n].values).max() > 1e-3
    }
    assert len(off) > 1
    return max(off.values())


def _by_roadrunner(sbml, case):
    roadrunner = pytest.importorskip("roadrunner")
    readouts = list(load(case).network.readouts)
    simulator = roadrunner.RoadRunner(sbml)
    simulator.integrator.relative_tolerance = 1e-11
    simulator.integrator.absolute_tolerance = 1e-11
    simulator.integrator.maximum_num_steps = 1_000_000
    simulator.timeCourseSelections = ["time", *readouts]
    result = simulator.simulate(times=[0.0, *_grid(case)])
    return {n: result[1:, i + 1] for i, n in enumerate(readouts)}


@pytest.mark.parametrize("case", ["spine_electrics", LARGE])
def test_antimony_comes_back_as_the_same_sbml(case):
    antimony = pytest.importorskip("antimony")
    network, protocol = load(case).network, CASES[case]
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyString(to_antimony(network, protocol)) >= 0, antimony.getLastError()
    text = antimony.getSBMLString(antimony.getMainModuleName())
    assert _worst(case, _by_roadrunner(text, case)) < 1e-6
    before, after = (libsbml.readSBMLFromString(t).getModel() for t in (to_sbml(network, protocol), text))
    for kind in ("Compartments", "Species", "Parameters", "Reactions", "Rules", "InitialAssignments", "Events"):
        assert getattr(before, f"getNum{kind}")() == getattr(after, f"getNum{kind}")()
    for parameter in before.getListOfParameters():
        copy = after.getParameter(parameter.getId())
        assert _words(copy.getNotesString()) == _words(parameter.getNotesString())
        # What follows from other parameters has a formula in Antimony, and no number besides.
        if before.getInitialAssignment(parameter.getId()) is None and parameter.isSetValue():
            assert copy.getValue() == pytest.approx(parameter.getValue(), rel=1e-14)


def _words(notes):
    # Antimony has notes as Markdown, and leaves the backslash before a star.
    return re.sub("<[^>]*>", " ", notes).replace("\\", "").split()


def _table(text):
    lines = text.splitlines()
    return pd.read_csv(
        io.StringIO("\n".join(lines[1:])), sep=r"\s+", header=None, names=lines[0].lstrip("# ").replace("()", "").split()
    )


@pytest.mark.parametrize("case", [*QUICK, LARGE])
def test_bionetgen_expands_and_runs_the_bngl(case):
    network = load(case).network
    expanded = bionetgen_output(to_bngl(network), case, "", ".net")
    for block, count in (("species", len(network.species)), ("reactions", len(network.arrays["rate"]))):
        body = expanded.partition(f"begin {block}\n")[2].partition(f"end {block}")[0]
        assert len(body.splitlines()) == count
    table = _table(bionetgen_output(to_bngl(network, CASES[case]), case, "", "_run.gdat"))
    moments = (table["time"] - 600.0).round(9)
    # At the moment of an event both what was before and what is after are right.
    events = resolve(CASES[case], network).events()
    kept = (moments > 0) & ~moments.isin(events) & ~moments.duplicated()
    assert kept.sum() > 100
    ours = simulate(case, CASES[case], times=moments[kept], rtol=1e-11)
    assert _worst(case, {n: table[n][kept].to_numpy() for n in network.readouts}, ours) < 1e-6


@pytest.mark.parametrize("case", QUICK)
def test_run_network_simulates_the_net_file(case, tmp_path):
    network = load(case).network
    (tmp_path / "x.net").write_text(to_net(network), encoding="utf-8")
    program = _bionetgen_folder() / "bin" / "run_network"
    how = ["-p", "cvode", "-a", "1e-11", "-r", "1e-11", "-g", "x.net", "-o", "x", "x.net", "0.1", "50"]
    subprocess.run([program, *how], cwd=tmp_path, check=True, capture_output=True)
    theirs = _table((tmp_path / "x.cdat").read_text(encoding="utf-8")).to_numpy()
    integrator = Integrator(network, rtol=1e-11)
    integrator.kernel.set_parameters(network.parameters)
    ours = integrator.advance(integrator.kernel.initial(), np.linspace(0.0, 5.0, 51))
    # From the declared amounts to rest: something must happen, else the file could be anything.
    assert np.abs(ours[-1] - ours[0]).max() > 100
    assert (np.abs(theirs[:, 1:] - ours).max(axis=0) <= 1e-6 * np.maximum(ours.max(axis=0), 1e-3)).all()
    assert len(theirs) == len(ours)


# -- NEURON ------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["calmodulin", LARGE])
def test_neuron_runs_the_mechanism(case):
    (check,) = verify(load(case).network, CASES[case].lasting(61), simulators=("neuron",)).checks
    if check.status == "not run":
        pytest.skip(f"{check.reason}; pip install 'ltpath[judges]'")
    assert check.status == "agrees", check
    assert check.compared == len(load(case).network.species)


def test_neuron_runs_the_script_that_comes_with_the_mechanism(tmp_path):
    pytest.importorskip("neuron", reason="pip install 'ltpath[judges]'")
    neuron.export(load("spine_electrics").network, PAIRED, tmp_path / "model.mod")
    subprocess.run([_beside_python("modlunit"), "model.mod"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([_beside_python("nrnivmodl"), "-incflags", "-O0"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([sys.executable, "model_run.py", "found.csv"], cwd=tmp_path, check=True, capture_output=True)
    table = pd.read_csv(tmp_path / "found.csv")
    # Off the events, at the looser tolerance of the script.
    kept = table[~table["time_s"].round(9).isin(resolve(PAIRED, load("spine_electrics").network).events())]
    ours = simulate("spine_electrics", PAIRED, times=kept["time_s"], rtol=1e-11)
    theirs = {c.partition(" (")[0]: kept[c].to_numpy() for c in table.columns}
    assert _worst("spine_electrics", theirs, ours) < 1e-5


def _beside_python(program):
    return shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def test_neuron_cannot_hold_what_is_dynamic():
    with pytest.raises(ExportError, match="NMODL cannot hold Ca_A"):
        neuron.Mechanism(load("spine_electrics").network, HELD)


# -- pictures in SBML -----------------------------------------------------------------


def _layouts(network, protocol=None):
    text = to_layout(network, protocol)
    document = libsbml.readSBMLFromString(text)
    document.checkConsistency()
    errors = [document.getError(i) for i in range(document.getNumErrors())]
    assert not [e.getMessage() for e in errors if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]
    plugin = document.getModel().getPlugin("layout")
    # The document owns what it holds.
    return text, document, {plugin.getLayout(i).getId(): plugin.getLayout(i) for i in range(plugin.getNumLayouts())}


def _bounds(glyph):
    box = glyph.getBoundingBox()
    return box.getX(), box.getY(), box.getWidth(), box.getHeight()


def test_a_layout_has_the_positions_of_the_sbgn_map_and_the_model_still_runs(tmp_path):
    pytest.importorskip("pygraphviz", reason="pip install 'ltpath[graphs]'")
    libsbgnpy = pytest.importorskip("libsbgnpy", reason="pip install 'ltpath[graphs]'")
    network = load("spine_electrics").network
    text, _document, layouts = _layouts(network, PAIRED)
    found = layouts["layout_molecules"]
    sbgn.export(network, None, tmp_path / "map.sbgn")
    glyphs = libsbgnpy.read_sbgn_from_file(tmp_path / "map.sbgn").map[0].glyph
    theirs = {g.label.text: [g.bbox.x, g.bbox.y, g.bbox.w, g.bbox.h] for g in glyphs}
    texts = {t.getGraphicalObjectId(): t.getText() for t in found.getListOfTextGlyphs()}
    boxes = [*found.getListOfSpeciesGlyphs(), *found.getListOfCompartmentGlyphs()]
    assert {texts[g.getId()]: pytest.approx(_bounds(g)) for g in boxes} == theirs
    assert len(theirs) > 10
    assert _worst("spine_electrics", _by_roadrunner(text, "spine_electrics")) < 1e-6


def test_a_small_model_has_its_species_and_reactions_where_the_picture_has_them():
    pytest.importorskip("pygraphviz", reason="pip install 'ltpath[graphs]'")
    network = network_from("pysb.examples.tyson_oscillator:model")
    _text, document, layouts = _layouts(network)
    found, picture = layouts["layout_reactions"], layout(species_reaction_graph(network))
    drawn = {g.getSpeciesId(): g for g in found.getListOfSpeciesGlyphs()} | {
        g.getReactionId(): g for g in found.getListOfReactionGlyphs()
    }
    assert set(drawn) == set(picture.boxes)
    for name, box in picture.boxes.items():
        assert _bounds(drawn[name]) == pytest.approx(
            (box.extent[0], picture.height - box.extent[3], box.width, box.height), abs=0.06
        )
    references = sum(g.getNumSpeciesReferenceGlyphs() for g in found.getListOfReactionGlyphs())
    assert references == len(picture.arrows)
    assert document.getModel().getNumReactions() == found.getNumReactionGlyphs()


# -- on the command line -----------------------------------------------------------


def test_nothing_is_overwritten_without_force(tmp_path, capsys):
    path = tmp_path / "x.bngl"
    path.write_text("mine")
    assert main(["export", "calmodulin", "-o", str(path)]) == 2
    assert "exists already; --force overwrites it" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["export", "calmodulin", "-o", str(path), "--force"]) == 0
    assert path.read_text() == to_bngl(load("calmodulin").network)


def test_a_file_beside_the_one_that_was_named_is_not_overwritten_either(tmp_path):
    (tmp_path / "x_conditions.tsv").write_text("mine")
    assert main(["export", "calmodulin", "-o", str(tmp_path / "x.yaml")]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["x_conditions.tsv"]
    assert (tmp_path / "x_conditions.tsv").read_text() == "mine"


def test_what_a_format_cannot_say_is_listed_and_strict_makes_it_an_error(tmp_path, capsys):
    asked = ["export", "calmodulin", "--protocol", "calcium_pulse", "-o", str(tmp_path / "x.net")]
    assert main([*asked, "--strict"]) == 2
    assert not [*tmp_path.iterdir()]
    assert main(asked) == 0
    said = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("ltpath: not in the file: the protocol") for line in said) == 2
    assert sum("net cannot say all of 'calmodulin'" in line for line in said) == 1


def test_a_library_that_is_missing_is_named_with_what_installs_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "libsedml", None)
    assert main(["export", "calmodulin", "-o", str(tmp_path / "x.omex")]) == 2
    assert "pip install 'ltpath[exports]'" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


# -- archives ----------------------------------------------------------------------


@cache
def _archive(case="spine_electrics"):
    pytest.importorskip("libsedml")
    return to_omex(load(case).network, CASES[case])


@pytest.mark.parametrize("case", ["spine_electrics", LARGE])
def test_tellurium_runs_the_archive_and_gives_our_curves(case, tmp_path):
    pytest.importorskip("tellurium")
    from tellurium.sedml import tesedml

    (tmp_path / "x.omex").write_bytes(_archive(case))
    found = tesedml.executeCombineArchive(str(tmp_path / "x.omex"), workingDir=str(tmp_path), createOutputs=False)
    (data,) = (result["dataGenerators"] for result in found.values())
    network = load(case).network
    # A course of three seconds needs no closer view of its stimulus.
    for view in ("whole", "stimulus") if case == "early_ltp" else ("whole",):
        times = np.asarray(data[f"time_{view}"]).ravel().round(9)
        kept = (times > 0) & ~np.isin(times, resolve(CASES[case], network).events())
        assert kept.sum() > 1900
        ours = simulate(case, CASES[case], times=times[kept], rtol=1e-11)
        assert _worst(case, {n: np.asarray(data[f"{n}_{view}"]).ravel()[kept] for n in network.readouts}, ours) < 1e-6


def test_libcombine_reads_the_archive_and_the_certificate_holds(tmp_path):
    libcombine = pytest.importorskip("libcombine")
    (tmp_path / "x.omex").write_bytes(_archive())
    archive = libcombine.CombineArchive()
    assert archive.initializeFromArchive(str(tmp_path / "x.omex"))
    listed = {archive.getEntry(i).getLocation().removeprefix("./") for i in range(archive.getNumEntries())}
    assert archive.getMasterFile().getLocation() == "./model.sedml"
    with zipfile.ZipFile(tmp_path / "x.omex") as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    assert set(content) == listed
    promised = json.loads(content["certificate.json"])["sha256"]
    assert promised == {n: hashlib.sha256(b).hexdigest() for n, b in content.items() if n in promised}
    assert set(content) - set(promised) == {"manifest.xml", "certificate.json"}
    assert content["model.xml"].decode() == to_sbml(load("spine_electrics").network, PAIRED)


def test_an_archive_is_the_same_every_time_and_no_name_becomes_a_path():
    network = load("spine_electrics").network
    assert to_omex(network, CASES["spine_electrics"]) == _archive()
    hostile = ReactionNetwork("../../etc/evil", network.meta, network.arrays)
    with zipfile.ZipFile(io.BytesIO(to_omex(hostile, replace(PAIRED, title="..\\..\\evil/x", name="../../evil")))) as packed:
        names = packed.namelist()
    assert sorted(names) == sorted(zipfile.ZipFile(io.BytesIO(_archive())).namelist())
    assert all(re.fullmatch(r"\w+\.\w+", name) for name in names)


def test_an_archive_carries_its_own_proof(tmp_path, monkeypatch, capsys):
    for name in ("libsedml", "roadrunner"):
        pytest.importorskip(name)
    asked = ["export", "calmodulin", "--protocol", "calcium_pulse", "-o"]
    for name in ("a.omex", "b.omex"):
        assert main([*asked, str(tmp_path / name)]) == 0
    assert (tmp_path / "a.omex").read_bytes() == (tmp_path / "b.omex").read_bytes()
    found = _certificate(tmp_path / "a.omex")
    checks = {c["simulator"]: c for c in found["verification"]["checks"]}
    assert checks["libroadrunner"]["status"] == "agrees"
    assert checks["libroadrunner"]["compared"] == len(load("calmodulin").network.species)
    assert checks["libroadrunner"]["relative_at_most"] == 1e-9
    assert {checks[name]["status"] for name in ("amici", "neuron")} == {"not run"}
    assert found["verification"]["sha256"] == found["sha256"]["model.xml"]
    assert main([*asked, str(tmp_path / "c.omex"), "--unverified"]) == 0
    assert _certificate(tmp_path / "c.omex")["verification"] == "not run"
    capsys.readouterr()
    # A simulator that differs is named, in the certificate too.
    wrong = {"libroadrunner": ("libroadrunner", lambda case: dict.fromkeys(case.ids, np.zeros(len(case.times))))}
    for module in ("ltpath.verification", "ltpath.exporters.omex"):
        monkeypatch.setattr(f"{module}.SIMULATORS", wrong)
    assert main([*asked, str(tmp_path / "d.omex")]) == 1
    assert "libroadrunner differs from our own run" in capsys.readouterr().err
    assert not _certificate(tmp_path / "d.omex")["verification"]["ok"]


def _certificate(path):
    with zipfile.ZipFile(path) as packed:
        return json.loads(packed.read("certificate.json"))


def test_an_archive_of_another_model_has_its_authors_licence(tmp_path):
    pytest.importorskip("libsedml")
    path = tmp_path / "mine.bngl"
    path.write_text(
        "begin parameters\n k 1\nend parameters\nbegin species\n A() 5\nend species\nbegin observables\n Molecules a A()\nend observables\n"
        "begin reaction rules\n A() -> 0 k\nend reaction rules\n"
    )
    with zipfile.ZipFile(io.BytesIO(to_omex(network_from(path)))) as packed:
        assert not [name for name in packed.namelist() if b"MIT" in packed.read(name)]


@pytest.mark.parametrize(
    "protocol", [PAIRED, load_protocol("low_frequency"), load_protocol("tetanus").perturbed("apv")], ids=lambda p: p.name
)
def test_every_target_of_the_sedml_is_in_the_sbml_beside_it(protocol, tmp_path):
    libsedml = pytest.importorskip("libsedml")
    sedml.export(load("spine_electrics").network, protocol, tmp_path / "a.sedml")
    document = libsedml.readSedML(str(tmp_path / "a.sedml"))
    assert document.getNumErrors() == 0
    model = libsbml.readSBML(str(tmp_path / document.getModel(0).getSource())).getModel()
    targets = [g.getVariable(0).getTarget() for g in document.getListOfDataGenerators()]
    ids = [re.fullmatch(r".*parameter\[@id='(\w+)'\]", t)[1] for t in targets if t]
    assert len(set(ids)) == len(load("spine_electrics").network.readouts)
    assert all(model.getParameter(i) for i in ids)
    # SBML that begins before the protocol's time 0 has a longer course, and time is shown as the protocol's.
    offset = 600.0 if protocol.perturbations and protocol is not PAIRED else 0.0
    assert document.getSimulation(0).getOutputEndTime() == offset + protocol.duration


# -- PEtab -------------------------------------------------------------------------


def _problem(model, folder, *only):
    """The exported problem, with these of its experiments alone."""
    from petab import v2

    petab.export(load(model).network, None, folder / f"{model}.yaml")
    problem = v2.Problem.from_yaml(folder / f"{model}.yaml")
    assert not problem.validate()
    if only:
        for tables, of in ((problem.experiment_tables, "id"), (problem.measurement_tables, "experiment_id")):
            for table in tables:
                table.elements = [e for e in table.elements if getattr(e, of) in only]
        assert len(problem.experiments) == len(only)
    return problem


def _agrees(problem):
    """Run every experiment as petab itself turns it into SBML, and compare with our own runs."""
    import roadrunner
    from petab.v2.converters import ExperimentsToSbmlConverter

    converted = ExperimentsToSbmlConverter(problem).convert()
    changes = {condition.id: condition.changes for condition in converted.conditions}
    for experiment in converted.experiments:
        document = converted.model.sbml_model.getSBMLDocument().clone()
        first, *later = experiment.sorted_periods
        for change in (c for name in first.condition_ids for c in changes[name]):
            document.getModel().getParameter(change.target_id).setValue(float(change.target_value))
        simulator = roadrunner.RoadRunner(libsbml.writeSBMLToString(document))
        simulator.integrator.relative_tolerance = simulator.integrator.absolute_tolerance = 1e-10
        simulator.integrator.maximum_num_steps = 10_000_000
        begin = first.time
        if later:
            simulator.simulate(0, 3e6, 2)
            for change in (c for name in later[0].condition_ids for c in changes[name]):
                simulator.setValue(change.target_id, float(change.target_value))
            # An event at the first moment of a run does not fire in libRoadRunner unless the run begins before it.
            begin = later[0].time - 1e-3
        measured = sorted((m for m in converted.measurements if m.experiment_id == experiment.id), key=lambda m: m.time)
        formulas = {o.id: o.formula for o in converted.observables}
        symbols = sorted({str(s) for m in measured for s in formulas[m.observable_id].free_symbols})
        simulator.timeCourseSelections = ["time", *symbols]
        times = sorted({float(m.time) for m in measured})
        states = simulator.simulate(times=[begin, *times])[1:]
        name, _, rest = experiment.id.partition("__")
        condition, _, number = rest.partition("__")
        published = load_experiment(name)
        protocol, values, _ = members(published.conditions[condition])[int(number or 1) - 1]
        ours = simulate(published.conditions[condition]["model"], protocol, parameters=values, times=times, rtol=1e-10)
        for m in measured:
            row = dict(zip(symbols, map(float, states[times.index(float(m.time))][1:]), strict=True))
            formula = formulas[m.observable_id]
            theirs = float(formula.subs({symbol: row[str(symbol)] for symbol in formula.free_symbols}))
            scale = 100 if m.observable_id.endswith("_x_100") else 1
            variable = m.observable_id.removeprefix("observed_").removesuffix("_x_100")
            assert theirs == pytest.approx(scale * float(ours[variable].sel(time=float(m.time))), rel=1e-6)
            # The number is that of the score's own row, and so is its error.
            rows = [r for r in published.rows if r.measured == m.measurement and r.error == float(m.noise_parameters[0])]
            assert rows


def _in_a_process_of_its_own(tmp_path, *arguments):
    """As a script: libSEDML, once it is imported, makes libSBML return its own formulas, which petab's converter does not know."""
    for name in ("petab.v2", "sbmlmath", "roadrunner"):
        pytest.importorskip(name)
    done = subprocess.run([sys.executable, __file__, str(tmp_path), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_petab_finds_no_fault_and_runs_the_experiments_of_calmodulin(tmp_path):
    only = ("calmodulin_titration__titration__3", "calcineurin_calcium__calmodulin__2")
    _in_a_process_of_its_own(tmp_path, "calmodulin", *only)


@pytest.mark.slow
def test_petab_finds_no_fault_and_runs_the_tetanus_of_early_ltp(tmp_path):
    _in_a_process_of_its_own(tmp_path, "early_ltp", "early_ltp_time_course__tetanus", "apv__apv")


def test_petab_names_the_rows_that_it_leaves_out_and_refuses_a_model_without_any():
    network = load("calmodulin").network
    lost = petab.losses(network, None)
    measured = petab.to_petab(network, "x")["x_measurements.tsv"].splitlines()[1:]
    here = [e for e in map(load_experiment, experiment_names()) if {c["model"] for c in e.conditions.values()} == {"calmodulin"}]
    assert len(here) > 2
    for experiment in here:
        mine = [line for line in lost if line.startswith(f"{experiment.name}, ")]
        mine += [line for line in measured if line.split("\t")[1].startswith(f"{experiment.name}__")]
        assert len(mine) == len(experiment.rows)
    with pytest.raises(ExportError, match="no experiment of the score"):
        petab.to_petab(load("creb").network, "x")


# -- Kappa -------------------------------------------------------------------------


def _trap():
    """A dimer, whose molecules are alike, and calcium that a molecule of two sites takes up and gives back."""
    tube = Place("tube", defined(0.1, Unit.FEMTOLITRE, "test"))
    net = Network("trap")
    calcium, sensor, pair = net.monomers(
        tube,
        Molecule("Ca"),
        Molecule("Sensor", ("loaded", "other"), (("loaded", ("no", "yes")), ("other", ("x", "y")))),
        Molecule("Pair", ("site",)),
    )
    amounts = {"start": 20_000.0, "sensors": 10_000.0, "pairs": 20_000.0}
    start, sensors, pairs = (net.parameter(n, defined(v, Unit.MOLECULES, "test")) for n, v in amounts.items())
    slow, fast = (net.parameter(n, defined(v, Unit.PER_MOLECULE_SECOND, "test")) for n, v in {"slow": 2e-5, "fast": 1e-4}.items())
    back = net.parameter("back", defined(0.5, Unit.PER_SECOND, "test"))
    net.rule("loads", tube, calcium() + sensor(loaded="no") | sensor(loaded="yes"), fast, back)
    net.rule("pairs_up", tube, pair(site=None) + pair(site=None) | pair(site=1) % pair(site=1), slow, back)
    net.initial(tube, calcium(), start)
    net.initial(tube, sensor(loaded="no", other="y"), sensors)
    net.initial(tube, pair(site=None), pairs)
    for name, pattern in {"loaded_y": sensor(loaded="yes", other="y"), "single": pair(site=None), "calcium": calcium()}.items():
        net.observable(name, pattern, "test")
    return expand(net)


def test_kasim_counts_what_the_rules_say():
    kappy = pytest.importorskip("kappy")
    network = _trap()
    simulator = kappy.KappaStd()
    try:
        simulator.add_model_string(to_kappa(network))
        simulator.project_parse()
        simulator.simulation_start(kappy.SimulationParameter(0.25, "[T] > 2", seed=1))
        simulator.wait_for_simulation_stop(60)
        plot = simulator.simulation_plot()
    finally:
        simulator.shutdown()
    table = pd.DataFrame(plot["series"], columns=plot["legend"]).sort_values("[T]")
    integrator = Integrator(network)
    integrator.kernel.set_parameters(network.parameters)
    ours = integrator.kernel.read(integrator.advance(integrator.kernel.initial(), table["[T]"].to_numpy()))
    assert len(table) == 9
    for name in network.readouts:
        assert ours[name].max() > 5000
        # Four standard deviations of a count of some thousand molecules.
        assert np.abs(table[name].to_numpy() - ours[name]).max() < 4 * np.sqrt(ours[name].max())


def test_kappa_refuses_a_held_species():
    with pytest.raises(ExportError, match="Kappa cannot hold Ca"):
        to_kappa(load("calmodulin").network)


if __name__ == "__main__":
    _agrees(_problem(sys.argv[2], Path(sys.argv[1]), *sys.argv[3:]))
