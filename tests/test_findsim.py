"""Experiments in FindSim's format: against formulas of their own, and what is said of what cannot be translated."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

from ltpath.__main__ import main
from ltpath.catalogue import load as load_model
from ltpath.findsim import load, load_map
from ltpath.protocol import Train

CALMODULIN = """
model = "calmodulin"
set = {neurogranin_total = 0.0}

[entity]
Ca = {stimulus = "calcium", readout = "Ca_free"}
CaPerCaM = {readout = "calcium_per_calmodulin"}
CaMCa4 = {readout = "CaM4_free"}
CaM = {parameter = "calmodulin_total"}
C1 = {parameter = {Kb = "calmodulin_k_off_C1"}}
"""


# The two lobes of calmodulin, each a chain of two bindings: what the model does, without any of its code.


def steady(calcium):
    """Shares of a lobe with 0, 1 and 2 calcium, by lobe."""
    p = load_model("calmodulin").network.parameters
    shares = {}
    for lobe in "CN":
        first, second = (
            p[f"calmodulin_affinity_{lobe}"] * p[f"calmodulin_k_on_{lobe}{i}"] / p[f"calmodulin_k_off_{lobe}{i}"] * calcium
            for i in (1, 2)
        )
        weights = np.array([1.0, first, first * second])
        shares[lobe] = weights / weights.sum()
    return shares


def later(shares, calcium, seconds):
    """The same after some time at a calcium concentration in uM."""
    p = load_model("calmodulin").network.parameters
    found = {}
    for lobe in "CN":
        on1, on2 = (p[f"calmodulin_affinity_{lobe}"] * p[f"calmodulin_k_on_{lobe}{i}"] * calcium for i in (1, 2))
        off1, off2 = (p[f"calmodulin_k_off_{lobe}{i}"] for i in (1, 2))
        found[lobe] = expm(seconds * np.array([[-on1, off1, 0], [on1, -off1 - on2, off2], [0, on2, -off2]])) @ shares[lobe]
    return found


def bound(shares):
    return sum(share @ [0, 1, 2] for share in shares.values())


def pulse(seconds):
    """Calcium per calmodulin, 5 uM from 0 to 100 ms and then 0.5 uM."""
    rest = steady(0.06)
    if seconds <= 0.1:
        return bound(later(rest, 5.0, seconds))
    return bound(later(later(rest, 5.0, 0.1), 0.5, seconds - 0.1))


PULSE = {"timeUnits": "msec", "quantityUnits": "nM", "field": "conc", "entity": "Ca", "data": [[0, 5000], [100, 500]]}
DOSE = {"quantityUnits": "mM", "field": "conc", "entity": "Ca"}
TIMES = [5, 20, 60, 110, 150, 300]


def second_schema(data):
    """The same experiment as FindSim's second schema writes it."""
    if isinstance(data, list):
        return [second_schema(d) for d in data]
    if not isinstance(data, dict):
        return data
    data = dict(data)
    if "entity" in data:
        data["entity"] = {"name": data["entity"]}
    if "entities" in data:
        (name,) = data.pop("entities")
        data["entity"] = {"name": "standard_name", "alias": name}
    if data.get("sampling") == "presetTime":
        data["sampTime"] = data.pop("time")
    if "itemsToDelete" in data:
        data["itemsToDelete"] = [{"name": n} for n in data["itemsToDelete"]]
    return {k: v if k in ("entity", "itemsToDelete") else second_schema(v) for k, v in data.items()}


@pytest.fixture(params=[1, 2], ids=["first schema", "second schema"])
def schema(request):
    return request.param


@pytest.fixture
def written(tmp_path):
    """A function that writes an experiment and a map, and gives their paths."""

    def write(design, readouts, stimuli=(), changes=None, chart=CALMODULIN, schema=1):
        data = {
            "Metadata": {
                "transcriber": "A test",
                "organization": "",
                "source": {"sourceType": "other", "authors": "Formula", "year": 2024},
            },
            "Experiment": {"design": design},
            "Stimuli": list(stimuli),
            "Readouts": readouts,
        }
        if changes is not None:
            data["Modifications"] = changes
        if schema == 2:
            data = second_schema(data) | {"FileType": "FindSim", "Version": "2.0"}
        (tmp_path / "made.json").write_text(json.dumps(data), encoding="utf-8")
        (tmp_path / "made.toml").write_text(chart, encoding="utf-8")
        return tmp_path / "made.json", tmp_path / "made.toml"

    return write


def compared(files):
    return load(files[0], load_map(files[1])).compare()


def series(values, errors=None, entity="CaPerCaM", **more):
    data = [[t, v, e] for t, v, e in zip(TIMES, values, errors or [0] * len(values), strict=True)]
    return {"timeUnits": "ms", "quantityUnits": "ratio", "entities": [entity], "field": "conc", "data": data} | more


def test_time_course(written, schema):
    truth = [pulse(t / 1000) for t in TIMES]
    measured = [*truth[:-1], truth[-1] + 0.003]
    found = compared(written("TimeSeries", series(measured, [0.001] * len(TIMES)), [PULSE], schema=schema))
    assert [r.simulated for r in found.results] == pytest.approx(truth, rel=1e-5)
    assert [r.passed for r in found.results] == [True] * 5 + [False]
    assert found.results[0].criterion == "within 2 x 0.001 (error in the file)"
    assert found.results[-1].deviation == pytest.approx(-3, abs=0.05)
    assert found.nrms == pytest.approx(0.003 / math.sqrt(6) / max(truth), rel=0.05)


def test_a_stimulus_without_levels_and_one_after_the_end_do_nothing(written):
    stimuli = [{k: v for k, v in PULSE.items() if k != "data"}, PULSE | {"data": [[400, 5000]]}]
    found = compared(written("TimeSeries", series([1.0] * 6), stimuli))
    assert [r.simulated for r in found.results] == pytest.approx([bound(steady(0.06))] * 6, rel=1e-5)


def test_dose_response(written, schema):
    doses = [0.0005, 0.002, 0.01]  # mM
    truth = [bound(steady(1000 * d)) for d in doses]
    measured = [truth[0] + 0.2, truth[1], truth[2] - 0.1]
    readouts = {
        "timeUnits": "sec", "quantityUnits": "ratio", "entities": ["CaPerCaM"], "field": "conc", "settleTime": 20,
        "data": [[d, m] for d, m in zip(doses, measured, strict=True)],
    }  # fmt: skip
    found = compared(written("DoseResponse", readouts, [DOSE], schema=schema))
    assert [r.simulated for r in found.results] == pytest.approx(truth, rel=1e-5)
    # Two errors of 5 % of the largest value: 0.1 of it is 0.24.
    assert [r.error for r in found.results] == pytest.approx([0.05 * measured[2]] * 3)
    assert found.nrms == pytest.approx(math.sqrt((0.04 + 0.01) / 3) / truth[2], rel=1e-4)
    shifted = [[d, m + 0.3] for d, m in zip(doses, truth, strict=True)]
    assert not any(r.passed for r in compared(written("DoseResponse", readouts | {"data": shifted}, [DOSE])).results)


@pytest.mark.parametrize(
    ("sampling", "reference", "certain"),
    [
        ({"sampling": "start"}, pulse(0.005), 0),
        ({"sampling": "end"}, pulse(0.3), 5),
        ({"sampling": "min"}, min(pulse(t / 1000) for t in TIMES), None),
        ({"sampling": "max"}, pulse(0.06), None),
        ({"sampling": "presetTime", "time": 150}, pulse(0.15), 4),
        ({"sampling": "presetTime", "time": 90}, pulse(0.09), None),
    ],
)
def test_normalization_of_a_time_course(written, schema, sampling, reference, certain):
    truth = [pulse(t / 1000) / reference for t in TIMES]
    readouts = series(truth, normalization=sampling | {"entities": ["CaPerCaM"]})
    found = compared(written("TimeSeries", readouts, [PULSE], schema=schema))
    # A point that no model can miss is not a row.
    expected = [t for i, t in enumerate(truth) if i != certain]
    assert [r.simulated for r in found.results] == pytest.approx(expected, rel=1e-5)
    assert found.nrms == pytest.approx(0, abs=1e-5)


def test_relative_to_another_entity_at_each_time(written, schema):
    truth = [pulse(t / 1000) / (5.0 if t < 100 else 0.5) for t in TIMES]
    chart = CALMODULIN.replace('readout = "Ca_free"', 'readout = "Ca_free", scale = 1').replace(
        '"calcium_per_calmodulin"', '"calcium_per_calmodulin", scale = "1 uM"'
    )
    readouts = series(truth, normalization={"sampling": "each", "entities": ["Ca"]})
    found = compared(written("TimeSeries", readouts, [PULSE], chart=chart, schema=schema))
    assert [r.simulated for r in found.results] == pytest.approx(truth, rel=1e-5)


def test_relative_to_a_dose(written, schema):
    top = bound(steady(20.0))
    readouts = {
        "timeUnits": "sec", "quantityUnits": "ratio", "entities": ["CaPerCaM"], "field": "conc", "settleTime": 20,
        "normalization": {"sampling": "dose", "dose": 0.02, "entities": ["CaPerCaM"]},
        "data": [[0.001, bound(steady(1.0)) / top, 0.01], [0.02, 1, 0.01]],
    }  # fmt: skip
    found = compared(written("DoseResponse", readouts, [DOSE], schema=schema))
    assert [r.simulated for r in found.results] == pytest.approx([bound(steady(1.0)) / top], rel=1e-5)


def test_windows_and_their_baseline(written):
    window = {"startt": -5, "endt": 15, "dt": 5, "operation": "oscVal", "baseline": "point0"}
    samples = [[pulse((t + o) / 1000) for o in (-5, 0, 5, 10, 15)] for t in TIMES]
    picked = [(min, max)[i % 2](s) for i, s in enumerate(samples)]
    found = compared(written("TimeSeries", series([0.0] * 6, window=window), [PULSE]))
    assert [r.simulated for r in found.results] == pytest.approx([p - picked[0] for p in picked[1:]], rel=1e-4)


def test_molecules_become_a_concentration_after_a_change_of_the_model(written, schema):
    shares = steady(3.0)
    truth = 2000 * shares["C"][2] * shares["N"][2]
    readouts = {
        "timeUnits": "sec", "quantityUnits": "nM", "entities": ["CaMCa4"], "field": "conc", "settleTime": 20,
        "bardata": [{"stimulus": ["high"], "value": truth, "stderr": 1}, {"stimulus": [], "value": 0, "stderr": 1}],
    }  # fmt: skip
    changes = {
        "subset": ["CaM_group"],
        "parameterChange": [{"entity": "CaM", "field": "concInit", "value": 0.002, "units": "mM"}],
        "itemsToDelete": ["PKC"],
    }
    high = {"quantityUnits": "uM", "field": "conc", "entity": "Ca", "label": "high", "value": 3}
    chart = 'ignore = ["PK?"]\n' + CALMODULIN
    files = written("BarChart", readouts, [high], changes, chart=chart, schema=schema)
    assert load(files[0], load_map(files[1])).left_out == ["PKC.itemsToDelete"]
    found = compared(files)
    assert found.results[0].simulated == pytest.approx(truth, rel=1e-5)
    assert found.results[0].unit == "nM"
    assert found.results[1].simulated < 1


def test_a_parameter_that_was_measured(written, schema):
    readouts = {"paramdata": [{"entity": "C1", "field": "Kb", "units": "1/sec", "value": 20.12, "stderr": 15}]}
    found = compared(written("DirectParameter", readouts, schema=schema))
    assert found.results[0].simulated == pytest.approx(40.24)
    assert found.results[0].passed
    assert found.nrms == pytest.approx(0.5)


def test_a_rate_is_a_train(written):
    chart = 'model = "early_ltp"\n[entity]\nsyn = {stimulus = {kind = "train", spike_every = 3}}\nsoma = {readout = {EPSP_peak = "weight_A"}}\n'
    stimulus = {"timeUnits": "sec", "quantityUnits": "Hz", "entity": "syn", "field": "rate", "data": [[0, 0], [10, 100], [11, 0]]}
    readouts = {
        "timeUnits": "min", "quantityUnits": "ratio", "entities": ["soma"], "field": "EPSP_peak",
        "normalization": {"sampling": "start", "entities": ["soma"]}, "data": [[0, 1], [30, 1.5]],
    }  # fmt: skip
    files = written("TimeSeries", readouts, [stimulus], chart=chart)
    (protocol,) = load(files[0], load_map(files[1])).protocols
    assert protocol.stimuli == (Train(at=10.0, pulses=100, frequency=100.0, spike_every=3),)
    assert protocol.duration == pytest.approx(1.05 * 1800)


def test_a_drug_is_given_while_its_level_lasts(written):
    chart = 'model = "early_ltp"\n[entity]\nAP5 = {perturbation = "apv"}\nCa = {readout = "Ca_free_A"}\n'
    stimulus = {"timeUnits": "min", "quantityUnits": "mM", "entity": "AP5", "field": "conc", "data": [[1, 0.05], [3, 0]]}
    readouts = {"timeUnits": "min", "quantityUnits": "uM", "entities": ["Ca"], "field": "conc", "data": [[10, 0.1]]}
    files = written("TimeSeries", readouts, [stimulus], chart=chart)
    (use,) = load(files[0], load_map(files[1])).protocols[0].perturbations
    assert (use.name, use.dose, use.start, use.end) == ("apv", pytest.approx(50.0), 60.0, 180.0)


READ = series([1.0] * 6)
CAM = {"parameterChange": [{"entity": "CaM", "field": "concInit", "value": 1, "units": "uM"}]}
CHANGED = {"parameterChange": [{"entity": "MAPK", "field": "concInit", "value": 1, "units": "uM"}]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("TimeSeries", READ | {"entities": ["CaMCa"]}, [PULSE]), "unknown entity 'CaMCa'; did you mean 'CaMCa4'?"),
        (("TimeSeries", READ, [PULSE | {"entity": "EGF"}]), "unknown entity 'EGF'"),
        (("TimeSeries", READ | {"entities": ["CaM"]}, [PULSE]), "the map gives no readout for the field 'conc' of 'CaM'"),
        (("TimeSeries", READ | {"quantityUnits": "uM"}, [PULSE]), "'CaPerCaM' is measured in uM, but the map gives it in 1"),
        (("TimeSeries", READ | {"delay": 3}, [PULSE]), "unknown field of Readouts 'delay'"),
        (("TimeSeries", READ, [PULSE | {"field": "Vclamp", "quantityUnits": "mV"}]), "the field 'Vclamp' in mV of 'Ca'"),
        (("TimeSeries", READ, [PULSE | {"isBuffered": 0}]), "the stimulus of 'Ca' is not held"),
        (("TimeSeries", READ, [PULSE | {"entity": "CaM"}]), "calmodulin_total is an amount at the beginning"),
        (("TimeSeries", READ | {"data": [[1, "x"]]}, [PULSE]), "could not convert string to float: 'x'"),
        (("TimeSeries", {k: v for k, v in READ.items() if k != "field"}, [PULSE]), "'field' is missing"),
        (("DoseResponse", READ, []), "a DoseResponse has one stimulus, this one has 0"),
        (("Movie", READ, []), "unknown design 'Movie'"),
        (("TimeSeries", READ, [PULSE], CHANGED), "Modifications change what the map gives no parameter for: MAPK.concInit"),
(("TimeSeries", READ, [PULSE], CAM, CALMODULIN.replace("calmodulin_t", "calmoduln_t")), "did you mean 'calmodulin_total'?"),
        (("TimeSeries", READ, [PULSE], None, CALMODULIN.replace("_per_", "_pr_")), "did you mean 'calcium_per_calmodulin'?"),
        (("TimeSeries", READ, [PULSE], None, CALMODULIN.replace("readout", "reads")), "unknown field of an entity of the map 'reads'"),
        (("TimeSeries", READ, [PULSE], None, CALMODULIN.replace('"calmodulin"', '"calmodullin"')), "did you mean 'calmodulin'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_translated_is_named(written, capsys, arguments, message):
    path, chart = written(*arguments)
    assert main(["validate", str(path), "--map", str(chart)]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("ltpath: ")
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"Metadata":\n {,}', "made.json, line 2: this is not valid JSON"),
        ("[1, 2]", "must be a table"),
        ('{"Metadata": {}, "Experiment": {}, "Readouts": {}}', "'design' is missing"),
        ('{"Metadata": NaN}', "NaN is not a number"),
        (b"\xff\xfe", "made.json cannot be read"),
        (None, "made.json cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(written, capsys, text, message):
    path, chart = written("TimeSeries", READ, [PULSE])
    path.unlink()
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["validate", str(path), "--map", str(chart)]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1


def test_a_file_and_a_map_go_together(written, capsys):
    path, chart = written("TimeSeries", READ, [PULSE])
    for arguments in (["validate", str(path)], ["validate", "apv", "--map", str(chart)]):
        assert main(arguments) == 2
        assert "needs --map MAP.toml" in capsys.readouterr().err


def test_the_examples_of_the_documentation(tmp_path, capsys, monkeypatch):
    """Each block of docs/findsim.md whose first line names a file is that file; each `ltpath` line runs and prints what follows it."""
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[1] / "docs" / "findsim.md").read_text(encoding="utf-8")
    for name, body in re.findall(r"`([a-z_]+\.(?:json|toml))`:\n\n```\w*\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(body, encoding="utf-8")
    shown = re.findall(r"```\n(ltpath validate [^\n]*)\n(.*?)\n```", text, re.DOTALL)
    assert len(shown) >= 2
    for command, output in shown:
        assert main(command.split()[1:]) == 0
        assert [line.split() for line in output.strip().splitlines()] == [
            line.split() for line in capsys.readouterr().out.strip().splitlines()
        ]


def test_figures_and_json(written, tmp_path, capsys):
    readouts = {"paramdata": [{"entity": "C1", "field": "Kb", "units": "1/sec", "value": 40, "stderr": 5}]}
    path, chart = written("DirectParameter", readouts)
    path.rename(tmp_path / "direct.json")
    path, _ = written("TimeSeries", READ, [PULSE])
    folder = tmp_path / "figures"
    arguments = ["validate", str(path), str(tmp_path / "direct.json"), "--map", str(chart), "-o", str(folder), "--json"]
    assert main(arguments) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 7
    assert all(0 < row["findsim_score"] < 1 for row in rows)
    assert sorted(p.name for p in folder.iterdir()) == ["direct.png", "made.png"]


def test_what_is_deleted_is_0_and_nothing_can_be_relative_to_it(written, capsys):
    readouts = {
        "timeUnits": "sec", "quantityUnits": "ratio", "entities": ["CaMCa4"], "field": "conc", "settleTime": 1,
        "normalization": {"sampling": "dose", "dose": 1, "entities": ["CaMCa4"]}, "data": [[0.01, 2.0]],
    }  # fmt: skip
    path, chart = written("DoseResponse", readouts, [DOSE], {"itemsToDelete": ["CaM"]})
    assert main(["validate", str(path), "--map", str(chart)]) == 0
    said = capsys.readouterr().out
    assert "MISS" in said
    assert "what it is relative to is 0 in the model" in said
