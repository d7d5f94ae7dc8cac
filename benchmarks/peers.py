"""The programs that are compared: each sets itself up for a case and returns what runs it at a relative tolerance.

Where a program takes absolute tolerances species by species it gets ltpath's own; where it takes one
number it gets `rtol` molecules, because errors are measured against a molecule at least.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import numpy as np
from ltpath.exporters.identifiers import identifiers

from benchmarks.cases import Case

MAX_STEPS = 1_000_000
Run = Callable[[float], np.ndarray]


@dataclass(frozen=True)
class Peer:
    """A program, and how it is used.

    Attributes
    ----------
    set_up : callable
        From a case to a function that runs it, from a relative tolerance to the states.
    modules : tuple of str
        What is imported before the set-up is timed.
    packages : tuple of str
        Whose versions are reported.
    note : str
        How it is used.
    """

    set_up: Callable[[Case], Run]
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    note: str

    def versions(self) -> str:
        return ", ".join(f"{p} {metadata.version(p)}" for p in self.packages)


def ltpath_engine(case: Case, engine: str) -> Run:
    from ltpath.engine import load_engine
    from ltpath.kernels import Kernel

    module, kernel = load_engine(engine), Kernel(case.network)
    kernel.rhs(0.0, case.start)
    return lambda rtol: case.run(module.engine(kernel, rtol, rtol * case.scale, None).solve)


def bngsim(case: Case, *, codegen: bool) -> Run:
    import bngsim

    model = bngsim.Model.from_net(case.folder / "network.net")
    simulator = bngsim.Simulator(model, method="ode", codegen=codegen)
    simulator.set_max_steps(MAX_STEPS)

    def solve(times: np.ndarray, y: np.ndarray) -> np.ndarray:
        model.set_state(y)
        return np.array(simulator.run(sample_times=(times - times[0]).tolist()).species)

    def run(rtol: float) -> np.ndarray:
        simulator.set_tolerances(rtol, rtol * case.scale)
        return case.run(solve)

    return run


def roadrunner(case: Case) -> Run:
    from roadrunner import RoadRunner

    simulator = RoadRunner(str(case.folder / "network.xml"))
    ids = identifiers(case.network).species
    floating = np.array([ids.index(i) for i in simulator.model.getFloatingSpeciesIds()])
    held = {i: ids.index(i) for i in simulator.model.getBoundarySpeciesIds()}
    simulator.timeCourseSelections = ids
    simulator.integrator.setValue("maximum_num_steps", MAX_STEPS)

    def solve(times: np.ndarray, y: np.ndarray) -> np.ndarray:
        simulator.model.setFloatingSpeciesAmounts(y[floating].tolist())
        for identifier, i in held.items():
            simulator.model.setValue(identifier, float(y[i]))
        return np.array(simulator.simulate(times=(times - times[0]).tolist()))

    def run(rtol: float) -> np.ndarray:
        simulator.integrator.setValue("relative_tolerance", rtol)
        simulator.integrator.setValue("absolute_tolerance", (rtol * case.scale)[floating].tolist())
        return case.run(solve)

    return run


def amici(case: Case) -> Run:
    import importlib

    from ltpath.engines.amici import own_swig

    sundials = importlib.import_module("amici.sim.sundials")
    library = importlib.import_module("amici")
    folder = Path(tempfile.gettempdir()) / "amici" / case.name
    if not folder.exists():
        importer = importlib.import_module("amici.importers.sbml").SbmlImporter(str(case.folder / "network.xml"))
        with own_swig():
            importer.sbml2amici(
                case.name, folder, observation_model=[], compute_conservation_laws=False, generate_sensitivity_code=False
            )
    model = library.import_model_module(case.name, folder).get_model()
    solver = model.create_solver()
    solver.set_max_steps(MAX_STEPS)
    ids = identifiers(case.network).species
    order = np.array([ids.index(i) for i in model.get_state_ids()])

    def solve(times: np.ndarray, y: np.ndarray) -> np.ndarray:
        model.set_timepoints(times - times[0])
        model.set_initial_state(y[order])
        result = sundials.run_simulation(model, solver)
        if result.status != sundials.AMICI_SUCCESS:
            raise RuntimeError(sundials.simulation_status_to_str(result.status))
        states = np.tile(y, (len(times), 1))
        states[:, order] = result.x
        return states

    def run(rtol: float) -> np.ndarray:
        solver.set_relative_tolerance(rtol)
        solver.set_absolute_tolerance(rtol)
        return case.run(solve)

    return run


def copasi(case: Case) -> Run:
    """The pulses are events of the SBML file, as COPASI's users run a protocol."""
    import basico

    model = basico.load_model(str(case.folder / "protocol.xml"))
    species = basico.get_species(model=model)
    column = dict(zip(species["sbml_id"], species["display_name"], strict=True))
    order = [column[i] for i in identifiers(case.network).species]

    def run(rtol: float) -> np.ndarray:
        table = basico.run_time_course(
            values=[0.0, *case.times.tolist()], method="deterministic", r_tol=rtol, a_tol=rtol, max_steps=MAX_STEPS,
            use_numbers=True, use_initial_values=True, model=model,
        )  # fmt: skip
        return table[order].to_numpy()[-len(case.times) :]

    return run


def pysb(case: Case, *, compiler: str) -> Run:
    from pysb.bng import load_equations
    from pysb.simulator import ScipyOdeSimulator

    from ltpath.catalogue import load

    model = load(case.name).pysb
    load_equations(model, str(case.folder / "rules.net"))
    simulator = ScipyOdeSimulator(model, integrator="lsoda", compiler=compiler)
    simulator.opts.update(mxstep=MAX_STEPS)

    def solve(times: np.ndarray, y: np.ndarray) -> np.ndarray:
        return simulator.run(tspan=times, initials=y).species

    def run(rtol: float) -> np.ndarray:
        simulator.opts.update(rtol=rtol, atol=rtol * case.scale)
        return case.run(solve)

    return run


def run_network(case: Case) -> Run:
    """BioNetGen's own program, one process and one ``.net`` file a pulse, without the Perl around it."""
    from bionetgen.core.defaults import BNGDefaults

    program = Path(BNGDefaults().bng_path) / "bin" / "run_network"
    before, _, rest = (case.folder / "network.net").read_text(encoding="utf-8").partition("begin species\n")
    species, _, after = rest.partition("end species\n")
    names = [line.rsplit(" ", 1)[0] for line in species.splitlines()]

    def solve(times: np.ndarray, y: np.ndarray, rtol: float) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            net = Path(folder) / "network.net"
            amounts = "".join(f"{name} {amount!r}\n" for name, amount in zip(names, y.tolist(), strict=True))
            net.write_text(f"{before}begin species\n{amounts}end species\n{after}", encoding="utf-8")
            # One number is an end and wants a count; two would be taken for that, so a third is put between.
            wanted = (times - times[0])[1:].tolist()
            asked = [[*wanted, 1], [wanted[0], (wanted[0] + wanted[-1]) / 2, wanted[-1]], wanted][min(len(wanted), 3) - 1]
            subprocess.run(
                [program, "-o", "out", "-p", "cvode", "-a", repr(rtol), "-r", repr(rtol), "-g", net.name, net.name,
                 *map(repr, asked)],
                cwd=folder, check=True, capture_output=True,
            )  # fmt: skip
            states = np.loadtxt(Path(folder) / "out.cdat")[:, 1:]
            return states[[0, 1, 3]] if len(wanted) == 2 else states

    return lambda rtol: case.run(partial(solve, rtol=rtol))


PEERS = {
    "ltpath": Peer(
        partial(ltpath_engine, engine="cvode"), ("ltpath.engines.cvode", "numba"), ("ltpath", "scikit-sundae"), "default engine"
    ),
    "scipy LSODA": Peer(
        partial(ltpath_engine, engine="scipy"),
        ("scipy.integrate", "numba"),
        ("scipy",),
        "ltpath's compiled equations (`--engine scipy`)",
    ),
    "bngsim": Peer(partial(bngsim, codegen=False), ("bngsim",), ("bngsim",), "interpreted"),
    "bngsim compiled": Peer(partial(bngsim, codegen=True), ("bngsim",), ("bngsim",), "codegen=True"),
    "libRoadRunner": Peer(roadrunner, ("roadrunner",), ("libroadrunner",), "CVODE, absolute tolerances of each species"),
    "AMICI": Peer(amici, ("amici.sim.sundials", "amici.importers.sbml"), ("amici",), "CVODES with KLU, no sensitivities"),
    "COPASI": Peer(copasi, ("basico",), ("copasi-basico", "python-copasi"), "LSODA, pulses as SBML events"),
    "run_network": Peer(run_network, (), ("bionetgen",), "CVODE with a dense matrix, one process a pulse"),
    "PySB cython": Peer(
        partial(pysb, compiler="cython"), ("pysb.simulator", "pysb.bng", "cython"), ("pysb", "cython"), "ScipyOdeSimulator, LSODA"
    ),
    "PySB python": Peer(partial(pysb, compiler="python"), ("pysb.simulator", "pysb.bng"), ("pysb",), "ScipyOdeSimulator, LSODA"),
}
