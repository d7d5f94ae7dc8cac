"""The solver reaches the accuracy that exports and scores rest on, by either way into SUNDIALS."""

import numpy as np
import pytest
from ltpath.engines import cvode
from ltpath.engines.cvode import PythonCVODE

import ltpath
from ltpath.catalogue import load
from ltpath.errors import SolverError, UnknownName
from ltpath.kernels import Kernel
from ltpath.ordering import fill_reducing_order, symbolic_factors
from ltpath.protocol import Protocol, Train, Uncaging
from ltpath.simulation import Integrator

PAIR = Protocol(title="Ten pulses", duration=60.0, stimuli=(Train(pulses=10, frequency=100.0, spike_every=3),))


def worst(run, reference):
    """Largest difference of any readout, as a fraction of the readout's largest value."""
    return max(
        float(np.abs(run[n].values - reference[n].values).max() / max(np.abs(reference[n].values).max(), 1e-12))
        for n in reference.data_vars
    )


def test_the_default_tolerance_gives_a_tetanus_to_1e5_of_each_readout():
    assert worst(ltpath.simulate("early_ltp", "tetanus"), ltpath.simulate("early_ltp", "tetanus", rtol=1e-10)) < 1e-5


def test_callbacks_through_python_give_the_same_run(monkeypatch):
    compiled = ltpath.simulate("early_ltp", PAIR)
    monkeypatch.setattr(cvode, "sundials", lambda: None)
    crossing = ltpath.simulate("early_ltp", PAIR)
    assert isinstance(Integrator(load("early_ltp").network).solver, PythonCVODE)
    # Two linear solvers, each right to 1e-5 of rarely active readouts (docs/solver.md).
    assert worst(crossing, compiled) < 1e-5


@pytest.mark.parametrize("way", ["dense", "sparse", "gmres", "preconditioned"])
def test_every_way_to_solve_the_newton_equations_gives_the_same_run(way):
    short = Protocol(title="Five strong pulses", duration=60.0, stimuli=(Uncaging(pulses=5, frequency=50.0, amplitude=200.0),))
    times = [0.5, 1.0, 5.0, 20.0, 60.0]
    reference = ltpath.simulate("camkii_hexamer_k3", short, times=times, rtol=1e-10, engine="cvode:sparse")
    run = ltpath.simulate("camkii_hexamer_k3", short, times=times, engine=f"cvode:{way}")
    assert worst(run, reference) < 1e-5


def resting_phosphorylation(model, rtol, engine="cvode", parameters=None):
    network = load(model).network
    integrator = Integrator(network, rtol, engine, parameters=network.parameters | (parameters or {}))
    y = integrator.settle(integrator.kernel.initial())
    return float(integrator.kernel.read(y[None])["pT286_fraction_A"][0])


def test_large_networks_come_to_rest():
    # By GMRES without a preconditioner, rest was 20 times too high here at the default tolerance.
    exact = resting_phosphorylation("camkii_hexamer_k4", 1e-10, "cvode:preconditioned")
    assert resting_phosphorylation("camkii_hexamer_k4", 5e-8) == pytest.approx(exact, rel=1e-3)


@pytest.mark.slow
def test_the_largest_network_comes_to_rest_with_little_phosphatase_and_much_calcium():
    # By GMRES without a preconditioner, amounts fell below zero at this tolerance, after 24 s.
    hard = {"camkii_pp1": 0.022, "calcium_rest": 0.3}
    exact = resting_phosphorylation("camkii_hexamer_k5", 1e-9, parameters=hard)
    assert resting_phosphorylation("camkii_hexamer_k5", 1e-6, parameters=hard) == pytest.approx(exact, rel=2e-4)
    assert exact > 0.9


def test_an_unknown_way_to_solve_them_is_one_sentence():
    with pytest.raises(UnknownName, match="did you mean 'gmres'"):
        ltpath.simulate("calmodulin", "calcium_pulse", engine="cvode:gmress")


@pytest.mark.parametrize("model", ["early_ltp", "camkii"])
def test_the_jacobian_is_the_derivative_of_the_right_hand_side(model):
    kernel = Kernel(load(model).network)
    rng = np.random.default_rng(1)
    y = rng.uniform(1.0, 50.0, kernel.n)
    jacobian, above, below = np.zeros((kernel.n, kernel.n)), np.zeros(kernel.n), np.zeros(kernel.n)
    jacobian[:] = kernel.jacobian(0.0, y)
    for j in range(kernel.n):
        step = np.zeros(kernel.n)
        step[j] = 1e-4
        above[:] = kernel.rhs(0.0, y + step)
        below[:] = kernel.rhs(0.0, y - step)
        slope = (above - below) / 2e-4
        np.testing.assert_allclose(kernel.product(y, step), jacobian @ step, atol=1e-10 * np.abs(jacobian).max())
        np.testing.assert_allclose(jacobian[:, j], slope, rtol=1e-4, atol=1e-6 * np.abs(jacobian).max())


def test_a_run_that_cannot_be_solved_says_when_and_why(monkeypatch):
    monkeypatch.setattr("ltpath.engines.cvode.MAX_STEPS", 5)
    with pytest.raises(SolverError, match=r"the solver stopped at .* s: more than"):
        ltpath.simulate("spine_electrics", PAIR)


def test_the_cost_of_a_factorisation_grows_with_the_number_of_synapses():
    # Above 1,500 species no order was looked for, and a neuron of thirty spines was solved seven times slower than could be.
    ring = [{i, (i + 1) % 60, (i + 7) % 60} for i in range(60)]

    def multiplications(synapses):
        """Of rings of 60 species, of which one in ten goes to and from a dendrite of 20."""
        pattern = [set(range(20)) for _ in range(20)]
        for k in range(synapses):
            first = 20 + 60 * k
            pattern += [{first + j for j in row} | ({i // 10} if i % 10 == 0 else set()) for i, row in enumerate(ring)]
            for i in range(0, 60, 10):
                pattern[i // 10].add(first + i)
        order, found = fill_reducing_order(pattern)
        assert sorted(order) == list(range(len(pattern)))
        place = np.argsort(order)
        factors = symbolic_factors([{int(place[j]) for j in pattern[i]} | {k} for k, i in enumerate(order)])
        right = [sum(j > i for j in row) for i, row in enumerate(factors)]
        # What is found is what the factors of that order take.
        assert found == sum(right[k] for i, row in enumerate(factors) for k in row if k < i)
        return found

    few, many = multiplications(3), multiplications(60)
    assert many / few < 1.2 * 60 / 3


def test_no_order_is_looked_for_where_factors_would_never_pay():
    full = [set(range(50)) for _ in range(50)]
    _order, multiplications = fill_reducing_order(full)
    assert multiplications == sum(k * k for k in range(50))
    assert fill_reducing_order(full, most=1000) == (list(range(50)), 50**3 // 3)
