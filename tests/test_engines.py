"""Engines are independent programs: each pair must give the same run of every model."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from functools import cache
from pathlib import Path

import ltpath.engines
import numpy as np
import pytest

from ltpath.catalogue import load, model_names
from ltpath.doctor import checks
from ltpath.engine import engine_names, install_line, library, load_engine
from ltpath.errors import MissingTool, SolverError
from ltpath.expansion import ReactionNetwork
from ltpath.kernels import Kernel
from ltpath.protocol import Calcium, Pairing, PerturbationUse, Protocol, Spikes, Stimulus, Train
from ltpath.simulation import Integrator, Trajectory, perturbation_names, simulate

ENGINES = [name for name in engine_names() if not load_engine(name).STOCHASTIC]
OPTIONAL = [name for name in engine_names() if hasattr(load_engine(name), "LIBRARY")]
LARGE = {"camkii_hexamer_k3", "camkii_hexamer_k4", "camkii_hexamer_k5", "late_ltp", "neuron"}
"""Models that are expanded, or solved by some engine, for more than a few seconds."""
COMPARISONS = [
    # AMICI compiles a model for a minute or more.
    pytest.param(model, *pair, marks=[pytest.mark.slow] if model in LARGE or ("amici" in pair and model != "calmodulin") else [])
    for model, pair in itertools.product(model_names(), itertools.combinations(ENGINES, 2))
    if not load(model).entry.network_free
]
STIMULI: dict[str, tuple[Stimulus, ...]] = {
    # With pulses that fall on the start of a hold, a clamp of the membrane, and spikes alone.
    "glutamate": (
        Train(at=0.0, pulses=5, frequency=50.0, spike_every=2),
        Pairing(at=8.0, pulses=2, frequency=2.0, hold=0.0),
    ),
    "spike": (Spikes(at=5.0, pulses=3, frequency=20.0),),
    "calcium": (Calcium(at=5.0, amplitude=10.0, length=3.0), Calcium(at=12.0, amplitude=2.0, length=2.0, pulses=2, frequency=0.25)),
}


def require(engine: str) -> None:
    """Skip, with the line that installs it, where an engine's library is missing."""
    if engine in OPTIONAL:
        try:
            library(engine)
        except MissingTool as error:
            pytest.skip(str(error))


def everything(network: ReactionNetwork) -> Protocol:
    """Each stimulus that a model takes, and a window of each of its perturbations."""
    inputs = {i["name"] for i in network.meta["inputs"]}
    drugs = [PerturbationUse(name=n, start=2.0 + i, end=20.0 + i) for i, n in enumerate(perturbation_names(network))]
    return Protocol(
        title="Everything at once",
        duration=120.0,
        stimuli=tuple(s for name, stimuli in STIMULI.items() if name in inputs for s in stimuli),
        perturbations=tuple(drugs),
    )


@cache
def run(model: str, engine: str) -> Trajectory:
    network = load(model).network
    # Tighter than the default: what is left of PP1 by its inhibitor is a small difference of large amounts.
    return simulate(network, everything(network), engine=engine, rtol=5e-9)


@pytest.mark.parametrize(("model", "first", "second"), COMPARISONS)
def test_two_engines_agree_on_every_readout(model, first, second):
    for engine in (first, second):
        require(engine)
    one, other = run(model, first), run(model, second)
    for name in one.data_vars:
        scale = np.abs(one[name].values).max()
        difference = np.abs(one[name].values - other[name].values).max()
        assert difference <= 1e-5 * scale, f"{name} differs by {difference / scale:.1e} of its maximum"


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_obeys_parameters_and_held_species_at_each_call(engine):
    require(engine)
    network = load("calmodulin").network
    integrator = Integrator(network, engine=engine)
    kernel, times = integrator.kernel, np.array([3.0, 3.001, 13.0])
    y = kernel.initial()
    mixed = integrator.advance(y, times)
    np.testing.assert_array_equal(mixed[0], y)
    bound = int(np.argmax(np.abs(mixed[-1] - y)))

    kernel.free[bound] = 0.0
    np.testing.assert_array_equal(integrator.advance(y, times)[:, bound], y[bound])
    kernel.free[bound] = 1.0
    np.testing.assert_allclose(integrator.advance(y, times), mixed, rtol=1e-9, atol=1e-9)

    rates = {n: v for n, v in network.parameters.items() if network.units[n].endswith("/s") or network.units[n].endswith("*s)")}
    kernel.set_parameters(network.parameters | dict.fromkeys(rates, 0.0))
    np.testing.assert_allclose(integrator.advance(y, times), np.tile(y, (3, 1)), rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_cannot_be_solved_is_an_error(engine):
    require(engine)
    integrator = Integrator(load("calmodulin").network, engine=engine)
    integrator.kernel.p[:] = np.nan
    with pytest.raises(SolverError, match="calmodulin"):
        integrator.advance(integrator.kernel.initial(), np.array([0.0, 1.0, 2.0]))


@pytest.mark.parametrize("engine", ["scipy", "roadrunner", "amici"])
def test_a_run_that_takes_too_many_steps_says_when(engine, monkeypatch):
    require(engine)
    monkeypatch.setattr(f"ltpath.engines.{engine}.MAX_STEPS", 3)
    with pytest.raises(SolverError, match=r"stopped .*\bs: .*calmodulin"):
        simulate("calmodulin", "calcium_pulse", engine=engine)


@pytest.mark.parametrize("engine", OPTIONAL)
def test_an_engine_that_is_not_installed_says_how_to_get_it(engine, monkeypatch):
    monkeypatch.setitem(sys.modules, load_engine(engine).LIBRARY[0], None)
    with pytest.raises(MissingTool, match="pip install") as caught:
        simulate("calmodulin", engine=engine)
    assert install_line(engine) in str(caught.value)
    assert any(c.mend == install_line(engine) and not c.ok and not c.needed for c in checks())


def test_engines_do_not_hide_the_libraries_they_are_named_after():
    folders = {Path(folder).resolve() for folder in ltpath.engines.__path__}
    for engine in ENGINES:
        found = importlib.util.find_spec(engine)
        assert found is None or Path(str(found.origin)).resolve().parent not in folders


def test_damaged_machine_code_of_roadrunner_is_compiled_anew(tmp_path, monkeypatch):
    require("roadrunner")
    monkeypatch.setenv("LTPATH_CACHE", str(tmp_path))
    kernel = Kernel(load("calmodulin").network)
    times, y = np.array([0.0, 1.0]), kernel.initial()

    def final():
        return load_engine("roadrunner").engine(kernel, 1e-8, np.full(kernel.n, 1e-8), None).solve(times, y)

    expected = final()
    (code,) = tmp_path.glob("*.roadrunner")
    code.write_bytes(code.read_bytes()[:-1] + b"?")
    with pytest.warns(UserWarning, match="is damaged and is rebuilt"):
        np.testing.assert_array_equal(final(), expected)
