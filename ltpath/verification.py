"""A model's SBML in every simulator that is installed, beside our own run of the model.

The file under test is the export itself: the SBML, for NEURON the NMODL. Each simulator is asked for the amounts of all species
(BioNetGen, which runs the model's rules, for the observables) at the same times, between the events of the protocol.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ltpath
from ltpath.errors import LtpathError, MissingTool, SolverError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ltpath.expansion import ReactionNetwork
    from ltpath.protocol import Protocol

TOLERANCE = 1e-6
"""Simulators agree where no species differs by more than this share of its largest amount."""
RTOL, ATOL = 1e-11, 1e-15
"""Relative tolerance that every simulator is given, and the absolute one as a share of the largest amount of any species."""
_OWN = 1e-12
"""Relative tolerance of our own run, whose absolute ones are coarser."""
_FLOOR = 1e-6
"""A species whose largest amount is below this share of the largest of all is measured against that share of it."""
_POINTS = 50
_STEPS = 10_000_000
_CLEAR = 1e-4
"""Times nearer to an event than this, s, are not compared: simulators differ in which side of it they show."""
_BNG_LARGEST = 500
"""BioNetGen expands larger networks for minutes."""
_RESOLUTION = 1e-9
"""Below this relative difference a certificate does not tell numbers apart: COPASI's last digits are others from run to run."""
_AFTER = 60.0
"""How long a course goes on after the last event, s."""
_ROADRUNNER_FAST, _ROADRUNNER_LARGEST = 5000, 20_000
"""Above this many reactions libRoadRunner compiles without optimising, at least twice as fast; above that many not at all."""
_NEURON_LARGEST = 1000
"""Reactions of more than this take the compiler that NEURON calls minutes and gigabytes."""


@dataclass(frozen=True)
class Check:
    """What one simulator says.

    Attributes
    ----------
    simulator, version : str
    status : {"agrees", "differs", "not run"}
    reason : str
        Why it was not run.
    worst : str
        The species (its name) that differs most.
    relative, absolute : float
        The largest difference, as a share of each species' largest amount, and in amounts; nan where not run.
    compared : int
        How many species.
    """

    simulator: str
    version: str
    status: str
    reason: str = ""
    worst: str = ""
    relative: float = float("nan")
    absolute: float = float("nan")
    compared: int = 0


@dataclass(frozen=True)
class Verification:
    """All checks of a model under a protocol."""

    model: str
    protocol: str
    duration: float
    species: int
    reactions: int
    checks: tuple[Check, ...]
    largest: float
    """Amount of the most abundant species, at any time."""
    sha256: str
    """Of the SBML that was run."""

    @property
    def ok(self) -> bool:
        """Whether no simulator differs."""
        return all(c.status != "differs" for c in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        checks = [
            {k: (None if isinstance(v, float) and not np.isfinite(v) else v) for k, v in asdict(c).items()} for c in self.checks
        ]
        return asdict(self) | {"checks": checks, "ok": self.ok, "tolerance": TOLERANCE, "version": ltpath.__version__}

    def certificate(self) -> dict[str, Any]:
        """The same in a form that repeats byte for byte: differences are powers of ten that they do not exceed."""
        found = self.to_dict()
        for check in found["checks"]:
            for name, least in (("absolute", _RESOLUTION * self.largest), ("relative", _RESOLUTION)):
                number = check.pop(name)
                if name == "relative" and number is not None and number < least:
                    check["worst"] = ""
                check[f"{name}_at_most"] = None if number is None else _power_of_ten(max(number, least))
        return found


def _power_of_ten(number: float) -> float:
    """The least power of ten that is not below a number."""
    return float(f"1e{math.ceil(math.log10(number)):d}")


def course(network: ReactionNetwork, protocol: Protocol) -> float:
    """Until a minute after the last event of a protocol, or its end if that is earlier, s."""
    from ltpath.simulation import resolve

    return min(protocol.duration, max([0.0, *resolve(protocol, network).events()]) + _AFTER)


def verify(
    network: ReactionNetwork,
    protocol: Protocol | None = None,
    *,
    duration: float | None = None,
    simulators: tuple[str, ...] = (),
    tolerance: float = TOLERANCE,
) -> Verification:
    """Run the SBML of a network in every simulator.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol, optional
        Default: ``baseline``.
    duration : float, optional
        Simulated time after time 0, s; default: the protocol's, or 100 without one.
    simulators : tuple of str
        Names of `SIMULATORS`; default: all of them.
    tolerance : float

    Returns
    -------
    Verification

    Raises
    ------
    ExportError
        The model or the protocol cannot be written as SBML.
    """
    from ltpath.exporters.identifiers import identifiers
    from ltpath.exporters.sbml import to_sbml
    from ltpath.protocol import load_protocol

    chosen = load_protocol("baseline" if protocol is None else protocol)
    text = to_sbml(network, chosen)
    if duration is not None or protocol is None:
        chosen = chosen.lasting(100.0 if duration is None else duration)
    case = _Case(network, chosen, text, identifiers(network).species)
    checks = []
    for name in simulators or SIMULATORS:
        checks.append(_check(name, case, tolerance))
    return Verification(
        network.name, chosen.name or chosen.title, chosen.duration, len(network.species), len(network.arrays["rate"]), tuple(checks),
        case.largest, hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


class _Case:
    """One model and protocol, with our own run."""

    def __init__(self, network: ReactionNetwork, protocol: Protocol, sbml: str, ids: list[str]) -> None:
        import libsbml

        from ltpath.simulation import resolve, simulate

        self.network, self.protocol, self.sbml, self.ids = network, protocol, sbml, ids
        clock = network.meta.get("clock", {}).get("species")
        self.document = libsbml.readSBMLFromString(sbml)
        self.compared = [i for i in range(len(ids)) if i != clock]
        line = resolve(protocol, network)
        events = np.array([*line.events(), *line.switches] or [-np.inf])
        times = np.concatenate([np.linspace(0.0, protocol.duration, _POINTS + 1)[1:], *(events + d for d in (0.0013, 0.021, 0.33))])
        times = np.unique(times[(times > 0) & (times <= protocol.duration)])
        clear = np.abs(times[:, None] - events[None, :]).min(axis=1) > _CLEAR
        self.times = times[clear]
        if len(network.species):
            run = simulate(network, protocol, times=self.times, rtol=_OWN, species=True)
            self.ours = run["species_amounts"].values
        else:
            self.ours = np.zeros((len(self.times), 0))
        self.largest = max(float(np.abs(self.ours).max(initial=0.0)), 1e-300)
        rows = network.arrays["observables"]
        self.observables = {name: np.zeros(len(self.times)) for name in network.meta["observables"] if name in network.readouts}
        for i, species, weight in rows.tolist():
            name = network.meta["observables"][int(i)]
            if name in self.observables:
                self.observables[name] += weight * self.ours[:, int(species)]

    @property
    def offset(self) -> float:
        """The SBML's time at the protocol's time 0."""
        parameter = self.document.getModel().getParameter("time_offset")
        return 0.0 if parameter is None or self.network.foreign else parameter.getValue()

    @property
    def grid(self) -> list[float]:
        """The SBML's times, from 0 on."""
        return [0.0, *(self.times + self.offset).tolist()]


def _check(name: str, case: _Case, tolerance: float) -> Check:
    package, run = SIMULATORS[name]
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        return Check(name, "", "not run", f"{package} is not installed")
    try:
        theirs = run(case)
    except MissingTool as error:
        return Check(name, version, "not run", str(error))
    except LtpathError as error:
        return Check(name, version, "differs", f"it does not run the file: {error}")
    species = {case.ids[i]: case.ours[:, i] for i in case.compared}
    ours = case.observables if name == "bionetgen" else species
    names = dict(zip(case.ids, case.network.species, strict=True))
    initial = {s.getId(): abs(s.getInitialAmount()) for s in case.document.getModel().getListOfSpecies()}
    peaks = {key: max(float(np.abs(v).max(initial=0.0)), initial.get(key, 0.0)) for key, v in ours.items()}
    floor = max(_FLOOR * max(peaks.values(), default=0.0), 1e-300)
    worst, relative, absolute, compared = "", 0.0, 0.0, 0
    for key, reference in ours.items():
        if key not in theirs:
            continue
        compared += 1
        difference = float(np.abs(theirs[key] - reference).max(initial=0.0))
        share = difference / max(peaks[key], floor)
        absolute = max(absolute, difference)
        # Not finite is the worst of all.
        if not share <= relative:
            worst, relative = names.get(key, key), share
    # Some leave out species that nothing changes.
    missing = {key for key, reference in ours.items() if len(reference) and np.ptp(reference) > 0} - set(theirs)
    status = "agrees" if relative <= tolerance and not missing else "differs"
    reason = f"it does not show {min(missing)}" if missing else ""
    return Check(name, version, status, reason, worst, relative, absolute, compared)


def _roadrunner(case: _Case, sbml: str | None = None) -> dict[str, np.ndarray]:
    roadrunner = importlib.import_module("roadrunner")
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_CRITICAL)
    reactions = len(case.network.arrays["rate"])
    if reactions > _ROADRUNNER_LARGEST:
        raise MissingTool(f"LLVM would compile {reactions:,} reactions for an hour or more")
    try:
        with _unoptimised(roadrunner.Config) if reactions > _ROADRUNNER_FAST else nullcontext():
            simulator = roadrunner.RoadRunner(sbml or case.sbml)
        moving = simulator.model.getFloatingSpeciesIds()
        if not moving:
            return dict(_constant(case))
        integrator = simulator.integrator
        integrator.setValue("relative_tolerance", RTOL)
        integrator.setValue("absolute_tolerance", [ATOL * case.largest] * len(moving))
        integrator.setValue("maximum_num_steps", _STEPS)
        wanted = [*moving, *simulator.model.getBoundarySpeciesIds()]
        simulator.timeCourseSelections = wanted
        result = np.array(simulator.simulate(times=case.grid))
    except RuntimeError as error:
        raise SolverError(" ".join(str(error).split())[:300]) from None
    return {name: result[1:, i] for i, name in enumerate(wanted)}


@contextmanager
def _unoptimised(config: Any) -> Iterator[None]:
    """libRoadRunner compiles as fast as it can."""
    chosen = {config.LLVM_BACKEND: config.LLJIT, config.LLJIT_OPTIMIZATION_LEVEL: config.NONE}
    before = {key: config.getValue(key) for key in chosen}
    for key, value in chosen.items():
        config.setValue(key, value)
    try:
        yield
    finally:
        for key, value in before.items():
            config.setValue(key, value)


def _constant(case: _Case) -> Iterator[tuple[str, np.ndarray]]:
    """What a file without floating species shows: its initial amounts."""
    for species in case.document.getModel().getListOfSpecies():
        yield species.getId(), np.full(len(case.times), species.getInitialAmount())


def _copasi(case: _Case) -> dict[str, np.ndarray]:
    basico = importlib.import_module("basico")
    if len(case.compared) == 0:
        return {}
    loaded = basico.load_model_from_string(case.sbml)
    if loaded is None:
        raise SolverError("COPASI does not read the file")
    try:
        table = basico.run_time_course(
            values=case.grid, method="deterministic", r_tol=RTOL, a_tol=ATOL * case.largest, max_steps=_STEPS,
            use_initial_values=True, use_sbml_id=True, model=loaded,
        )  # fmt: skip
        sizes = {c.sbml_id: c.initial_size for c in basico.get_compartments(model=loaded).itertuples()}
    finally:
        basico.remove_datamodel(loaded)
    if len(table) < len(case.times):
        raise SolverError("COPASI stopped before the end")
    found = {}
    for species in case.document.getModel().getListOfSpecies():
        if species.getId() in table:
            found[species.getId()] = table[species.getId()].to_numpy()[-len(case.times) :] * sizes[species.getCompartment()]
    return found


def _antimony(case: _Case) -> dict[str, np.ndarray]:
    antimony = importlib.import_module("antimony")
    if importlib.util.find_spec("roadrunner") is None:
        raise MissingTool("libroadrunner, which runs what Antimony writes, is not installed")
    antimony.clearPreviousLoads()
    if antimony.loadSBMLString(case.sbml) < 0:
        raise SolverError(f"Antimony does not read the file: {antimony.getLastError()}")
    text = antimony.getAntimonyString(antimony.getMainModuleName())
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text) < 0:
        raise SolverError(f"Antimony does not read what it wrote: {antimony.getLastError()}")
    return _roadrunner(case, antimony.getSBMLString(antimony.getMainModuleName()))


def _amici(case: _Case) -> dict[str, np.ndarray]:
    amici = importlib.import_module("amici")
    if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
        raise MissingTool("AMICI compiles its models and no C++ compiler is on the PATH")
    from amici.importers.sbml import SbmlImporter  # type: ignore[import-not-found]

    from ltpath.engines.amici import own_swig

    sundials, name = importlib.import_module("amici.sim.sundials"), "ltpath_verified"
    with tempfile.TemporaryDirectory() as folder, own_swig(), _quiet():
        try:
            SbmlImporter(case.sbml, from_file=False).sbml2amici(
                name, folder, observation_model=[], compute_conservation_laws=False, generate_sensitivity_code=False
            )
            model = amici.import_model_module(name, folder).get_model()
        except Exception as error:
            raise SolverError(" ".join(str(error).split())[:300]) from None
        model.set_timepoints(case.times + case.offset)
        solver = model.create_solver()
        solver.set_relative_tolerance(RTOL)
        solver.set_absolute_tolerance(ATOL * case.largest)
        solver.set_max_steps(_STEPS)
        result = sundials.run_simulation(model, solver)
        if result.status != sundials.AMICI_SUCCESS:
            raise SolverError(f"AMICI stopped: {sundials.simulation_status_to_str(result.status)}")
        return {identifier: result.x[:, i] for i, identifier in enumerate(model.get_state_ids())}


@contextmanager
def _quiet() -> Iterator[None]:
    with redirect_stdout(io.StringIO()):
        yield


def _bionetgen(case: _Case) -> dict[str, np.ndarray]:
    from ltpath.errors import ExpansionError
    from ltpath.expansion import bionetgen_output

    network = case.network
    if not network.foreign or not network.meta["bngl"] or not network.meta["rules"]:
        raise MissingTool("it takes no events, and no model without BNGL")
    if len(network.species) > _BNG_LARGEST:
        raise MissingTool(f"it would expand {len(network.species):,} species for minutes")
    if not case.observables:
        raise MissingTool("the model has no observables")
    if "clock" in network.meta:
        raise MissingTool("its solver steps over what the time alone changes")
    points = ",".join(f"{t:.17g}" for t in case.grid)
    action = (
        f"generate_network({{overwrite=>1{network.meta['source'].get('options', '')}}})\n"
        f'simulate({{method=>"ode",atol=>{ATOL * case.largest:.3g},rtol=>{RTOL:.3g},sample_times=>[{points}],print_functions=>0}})'
    )
    try:
        lines = bionetgen_output(network.meta["bngl"], network.name, action, ".gdat").splitlines()
    except ExpansionError as error:
        # It runs the model itself, not our file.
        raise MissingTool(str(error)) from None
    names = lines[0].lstrip("#").split()
    table = np.array([[float(x) for x in line.split()] for line in lines[1:]])
    found = {name: table[-len(case.times) :, i] for i, name in enumerate(names) if name != "time"}
    # Names that BioNetGen keeps for itself are others there.
    return {name: found.get(name, found.get(f"{name}_of_the_model", case.observables[name])) for name in case.observables}


_ASKED = """
import json, sys
import numpy as np
import {module}
names, times, rtol, atol = json.load(open("asked.json"))
np.save("found.npy", np.array(list({module}.run(names, times, rtol, atol))).reshape(len(times), len(names)))
"""


def _neuron(case: _Case) -> dict[str, np.ndarray]:
    from ltpath.exporters.neuron import Mechanism

    compiler = shutil.which("nrnivmodl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if compiler is None or not shutil.which("make") or not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
        raise MissingTool("NEURON compiles its mechanisms, with nrnivmodl, make and a C++ compiler, which are not all on the PATH")
    reactions = len(case.network.arrays["rate"])
    if reactions > _NEURON_LARGEST:
        raise MissingTool(f"a compiler would need minutes and gigabytes for {reactions:,} reactions")
    mechanism = Mechanism(case.network, case.protocol)
    names = {case.ids[i]: mechanism.names[case.ids[i]] for i in case.compared}
    with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
        here = Path(folder)
        (here / "model.mod").write_text(mechanism.text(), encoding="utf-8")
        (here / "model_run.py").write_text(mechanism.script("model.mod"), encoding="utf-8")
        (here / "ask.py").write_text(_ASKED.format(module="model_run"), encoding="utf-8")
        (here / "asked.json").write_text(json.dumps([list(names.values()), case.times.tolist(), RTOL, ATOL * case.largest]))
        # A mechanism cannot be unloaded: a process of its own. Optimisation takes minutes and saves seconds.
        for step in ([compiler, "-incflags", "-O0"], [sys.executable, "ask.py"]):
            done = subprocess.run(step, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
            if done.returncode:
                words = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "rror: " in line]
                raise SolverError(f"NEURON: {words[0] if words else 'it stopped without a word'}"[:300])
        found = np.load(here / "found.npy")
    return dict(zip(names, found.T, strict=True))


SIMULATORS: Mapping[str, tuple[str, Callable[[_Case], dict[str, np.ndarray]]]] = {
    "libroadrunner": ("libroadrunner", _roadrunner),
    "copasi": ("python-copasi", _copasi),
    "amici": ("amici", _amici),
    "antimony": ("antimony", _antimony),
    "bionetgen": ("bionetgen", _bionetgen),
    "neuron": ("neuron", _neuron),
}
"""Name to the package that it needs and what runs a case in it."""
COMPILED = ("neuron", "amici")
"""Those that compile a model for up to minutes."""
