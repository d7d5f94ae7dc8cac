"""Sensitivities solved forward are the derivatives of runs, through everything that a protocol does."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ltpath.engines import cvode

import ltpath
from ltpath.__main__ import main
from ltpath.catalogue import load
from ltpath.errors import BadValue, UnknownName
from ltpath.protocol import Calcium, Pairing, PerturbationUse, Protocol, Train, Uncaging

TIMES = [-60.0, 0.0, 0.1, 0.5, 1.0, 3.0, 4.0, 6.0, 10.0, 20.0, 60.0]
SPINE = Protocol(
    title="Spikes, a clamp, and a drug that comes and goes",
    duration=60.0,
    stimuli=(Train(pulses=5, frequency=50.0, spike_every=2), Pairing(at=3.0, pulses=2, frequency=2.0, hold=0.0)),
    perturbations=(
        PerturbationUse(name="apv", dose=20.0, start=5.0, end=15.0),
        PerturbationUse(name="calcium_chelator", start=-30.0),
    ),
)
TUBE = Protocol(
    title="Held calcium",
    duration=60.0,
    stimuli=(Calcium(at=1.0, amplitude=2.0, length=2.0), Calcium(at=6.0, amplitude=5.0, length=1.0, pulses=2, frequency=0.5)),
)
PULSES = Protocol(title="Strong pulses", duration=60.0, stimuli=(Uncaging(pulses=5, frequency=50.0, amplitude=200.0),))


def finite_difference(model: str, protocol: Protocol, parameter: str) -> dict[str, np.ndarray]:
    """p dx/dp to the fourth order of the step, for every readout."""
    value, runs = load(model).network.parameters[parameter], {}
    for step in (2e-3, 1e-3, -1e-3, -2e-3):
        runs[step] = ltpath.simulate(model, protocol, parameters={parameter: value * (1 + step)}, times=TIMES, rtol=1e-10)
    found = {}
    for name in runs[1e-3].data_vars:
        coarse, fine = ((runs[h][name] - runs[-h][name]).values / (2 * h) for h in (2e-3, 1e-3))
        found[name] = (4 * fine - coarse) / 3
    return found


@pytest.mark.parametrize(
    ("model", "protocol", "parameters"),
    [
        # Amounts at the start, pulses, a rate, a constant within a formula, and what only a drug window reads.
        ("early_ltp", SPINE, ["volume_spine", "glutamate_release", "camkii_k_T286", "membrane_rest", "nmda_gating_apv_Ki"]),
        ("calmodulin", TUBE, ["volume_tube", "calmodulin_k_off_N1", "calmodulin_total"]),
    ],
)
def test_sensitivities_are_the_derivatives_of_every_readout(model, protocol, parameters):
    run = ltpath.simulate(model, protocol, times=TIMES, sensitivities=parameters)
    plain = ltpath.simulate(model, protocol, times=TIMES)
    for parameter in parameters:
        for name, expected in finite_difference(model, protocol, parameter).items():
            size = np.abs(plain[name].values).max()
            np.testing.assert_allclose(run[name], plain[name], rtol=0, atol=1e-5 * size)
            found = run[f"sensitivity_{name}"].sel(parameter=parameter).values
            assert np.abs(found - expected).max() <= 2e-4 * np.abs(expected).max() + 1e-5 * size, (parameter, name)


@pytest.mark.parametrize("way", ["gmres", "preconditioned"])
def test_iterative_solvers_give_the_same_sensitivities(way):
    kinetics = [n for n in load("camkii_hexamer_k3").network.parameters if n.endswith(("k_T286", "k_on_CaM4"))][:2]
    one, other = (
        ltpath.simulate("camkii_hexamer_k3", PULSES, times=TIMES, sensitivities=kinetics, engine=f"cvode:{w}", rtol=r)
        for w, r in (("sparse", 1e-9), (way, 5e-8))
    )
    assert len(kinetics) == 2
    for name in (n for n in one.data_vars if n.startswith("sensitivity")):
        scale = np.abs(one[name].values).max()
        assert np.abs(one[name].values - other[name].values).max() <= 1e-4 * scale + 1e-9, name


def test_a_command_tells_how_a_weight_changes(tmp_path, capsys):
    command = ["run", "early_ltp", "--protocol", "tetanus", "--duration", "10 min", "-o", str(tmp_path), "--json"]
    assert main([*command, "--sensitivity", "ampa_traffic_k_endocytosis", "--sensitivity", "camkii_total"]) == 0
    facts = json.loads(capsys.readouterr().out)
    changes = facts["sensitivities"]["camkii_total"]["weight_A"]
    assert main([*command, "--set", f"camkii_total={70 * 1.001}"]) == 0
    more = json.loads(capsys.readouterr().out)
    assert main([*command, "--set", f"camkii_total={70 * 0.999}"]) == 0
    less = json.loads(capsys.readouterr().out)
    assert changes["30 min"] is None
    assert changes["5 min"] == pytest.approx((more["weight_A"]["5 min"] - less["weight_A"]["5 min"]) / 0.002, rel=1e-2)


def test_a_table_has_a_column_for_each_sensitivity(tmp_path):
    run = ltpath.simulate("calmodulin", "calcium_pulse", sensitivities=["calmodulin_total", "volume_tube"])
    run.to_csv(tmp_path / "run.csv")
    head, first, *_ = (tmp_path / "run.csv").read_text().splitlines()
    columns = head.split(",")
    assert len(first.split(",")) == len(columns) == 1 + 3 * sum(not str(n).startswith("sensitivity") for n in run.data_vars)
    assert columns[-1].endswith(":volume_tube")


def test_what_has_no_sensitivity_is_said_in_one_sentence(monkeypatch):
    def ask(parameter, **how):
        ltpath.simulate("calmodulin", "calcium_pulse", sensitivities=[parameter], **how)

    with pytest.raises(UnknownName, match="did you mean 'calmodulin_total'"):
        ask("calmodulin_totl")
    with pytest.raises(BadValue, match="parameter calmodulin_total is 0, so a relative change"):
        ask("calmodulin_total", parameters={"calmodulin_total": 0.0})
    with pytest.raises(BadValue, match="the engine scipy follows no sensitivities; use cvode"):
        ask("calmodulin_total", engine="scipy")
    with pytest.raises(BadValue, match="cvode:dense follows no sensitivities"):
        ask("calmodulin_total", engine="cvode:dense")
    monkeypatch.setattr(cvode, "sundials", lambda: None)
    with pytest.raises(BadValue, match="gives no sensitivities"):
        ask("calmodulin_total")
