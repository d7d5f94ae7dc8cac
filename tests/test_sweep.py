"""Sweeps: what is declared is run, in order, and what finished survives kills, full disks and damage."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask.config
import ltpath.engines
import numpy as np
import psutil
import pytest
import xarray as xr

from ltpath import store as store_module
from ltpath.__main__ import main
from ltpath.errors import BadValue, SweepError, UnknownName
from ltpath.protocol import Protocol, Train
from ltpath.scheduling import FILE_COST, TASK_COST, runs_in_a_chunk
from ltpath.simulation import simulate
from ltpath.sweep import Plan, Sweep, read_values, run_sweep, statistics

MAGNESIUM = "nmda_gating_magnesium"

# An engine that costs nothing, obeys its seed, and does on certain values of a parameter what engines do on bad days.
TOY = '''
"""Noise around the present state."""
import os, signal, time
import numpy as np
from ltpath.errors import SolverError

NAME, SUMMARY, STOCHASTIC = "toy", "noise", True

class Toy:
    def __init__(self, kernel, seed):
        self.kernel, self.random, self.events = kernel, np.random.default_rng(seed), 0

    def solve(self, times, y):
        value = self.kernel.constants["nmda_gating_magnesium"]
        if value == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        if value == 14:
            raise SolverError("the solver stopped at 1 s: no reason")
        if value == 15:
            raise ZeroDivisionError("a mistake in the engine")
        if value == 16:
            time.sleep(0.05)
        return np.maximum(y, 1.0) * (1 + 0.01 * self.random.standard_normal((len(times), 1)))

def engine(kernel, rtol, atol, seed=None):
    return Toy(kernel, seed)
'''


@pytest.fixture(scope="module", autouse=True)
def toy(tmp_path_factory):
    """The toy engine in a folder of engines of its own."""
    folder = tmp_path_factory.mktemp("engines")
    (folder / "toy.py").write_text(TOY)
    ltpath.engines.__path__.append(str(folder))
    yield folder
    ltpath.engines.__path__.remove(str(folder))


@pytest.fixture(scope="module")
def cluster(toy, tmp_path_factory):
    """Two workers for all tests."""
    from distributed import LocalCluster

    preload = tmp_path_factory.mktemp("preload") / "preload.py"
    preload.write_text(f"import ltpath.engines\nltpath.engines.__path__.append({str(toy)!r})\n")
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=None, silence_logs=logging.CRITICAL,
            preload=[str(preload)],
        ) as found,
    ):  # fmt: skip
        yield found


def declared(**changes) -> Sweep:
    """A small ensemble with the toy engine."""
    given = {
        "model": "early_ltp", "protocols": ["baseline"], "duration": "2 min", "engine": "toy", "keep": ["weight_A", "Ca_free_A"],
        "vary": {MAGNESIUM: [0.5, 1.0]}, "runs": 4, "seed": 3,
    }  # fmt: skip
    return Sweep(**(given | changes))


def whole(path: Path) -> dict[str, int]:
    """When each finished chunk was written."""
    return {p.name: p.stat().st_mtime_ns for p in (path / "status" / "c").glob("*") if not p.name.startswith(".")}


# -- declaration -----------------------------------------------------------------------


def test_the_same_declaration_gives_the_same_runs():
    varied = {MAGNESIUM: {"loguniform": [0.5, 2]}, "Ca_basal": {"normal": [0.07, 0.001]}}
    varied = {n: v for n, v in varied.items() if n in ltpath.load("early_ltp").network.parameters}
    plans = [Plan(declared(engine="cvode", vary=varied, runs=50)) for _ in range(2)]
    assert [dict(p.run(i).parameters) for p in plans[:1] for i in range(50)] == [
        dict(plans[1].run(i).parameters) for i in range(50)
    ]
    other = Plan(declared(engine="cvode", vary=varied, runs=50, seed=4))
    assert other.run(0).parameters != plans[0].run(0).parameters


def test_product_zip_and_members():
    sweep = declared(protocols=["baseline", "tetanus"], perturbations=["none", "apv=50uM, t286a"], runs=3)
    plan = Plan(sweep)
    assert len(plan) == 2 * 2 * 2 * 3
    coordinates = {n: v for n, (v, _) in plan.coordinates().items()}
    assert list(coordinates["member"][:4]) == [0, 1, 2, 0]
    assert list(coordinates["perturbation"][[0, 6]]) == ["none", "apv 50 uM + t286a"]
    last = plan.run(len(plan) - 1)
    assert last.protocol.name == "tetanus"
    assert [u.name for u in last.protocol.perturbations] == ["apv", "t286a"]
    assert (last.parameters, last.seed) == ({MAGNESIUM: 1.0}, 3 + 23)
    paired = Plan(declared(protocols=["baseline", "tetanus"], combine="zip", runs=1))
    assert [(paired.run(i).protocol.name, paired.run(i).parameters[MAGNESIUM]) for i in range(2)] == [
        ("baseline", 0.5),
        ("tetanus", 1.0),
    ]
    with pytest.raises(BadValue, match=r"zip needs as many values of each: protocol has 2, .* has 3"):
        Plan(declared(protocols=["baseline", "tetanus"], combine="zip", vary={MAGNESIUM: [1, 2, 3]}))


def test_doses_and_stimuli_are_axes():
    plan = Plan(declared(protocols=["tetanus"], vary={"apv": ["0 uM", "50 uM"], "stimulus.frequency": ["10 Hz", "100 Hz"]}, runs=1))
    assert [(plan.run(i).protocol.perturbations[0].dose, plan.run(i).protocol.stimuli[0].frequency) for i in (0, 3)] == [
        (0.0, 10.0),
        (50.0, 100.0),
    ]
    assert plan.coordinates()["stimulus.frequency"][1] == {"units": "Hz"}


def test_random_draws_have_the_distribution_that_was_asked_for():
    varied = {MAGNESIUM: {"lognormal": [1.0, 1.5]}, "apv": {"uniform": [0, 10]}}
    draws = {s: Plan(declared(vary=varied, runs=1000, sampling=s))._draws for s in ("independent", "latin hypercube")}
    for found in draws.values():
        assert np.std(np.log(found[MAGNESIUM])) == pytest.approx(np.log(1.5), rel=0.1)
        assert found["apv"].mean() == pytest.approx(5, rel=0.1)
    strata = np.floor(np.sort(draws["latin hypercube"]["apv"]) * 100)
    assert np.array_equal(strata, np.arange(1000)), "a Latin hypercube has one draw in each thousandth"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"vary": {"nmda_gating_magnesum": [1]}}, UnknownName, "did you mean 'nmda_gating_magnesium'"),
        ({"vary": {MAGNESIUM: [-1.0]}}, BadValue, "cannot be negative"),
        ({"vary": {MAGNESIUM: {"loguniform": [0, 1]}}}, BadValue, "needs numbers above 0"),
        ({"vary": {MAGNESIUM: {"linspce": [0, 1, 2]}}}, BadValue, "takes one of values, linspace"),
        (
            {"protocols": ["tetanus"], "vary": {"stimulus.amplitude": ["1 uM"]}},
            BadValue,
            "no stimulus of 'tetanus' has a amplitude",
        ),
        ({"perturbations": ["apv", "apv"]}, BadValue, "is there twice"),
        ({"perturbations": ["apw"]}, UnknownName, "did you mean 'apv'"),
        ({"engine": "cvode", "runs": 2}, BadValue, "deterministic and nothing is drawn at random"),
        ({"keep": ["weight"]}, UnknownName, "did you mean 'weight_A'"),
        ({"times": ["5 min"]}, BadValue, "times must lie between"),
        ({"protocols": []}, BadValue, "at least one protocol"),
    ],
)
def test_mistakes_are_told_before_anything_runs(toy, changes, error, words):
    with pytest.raises(error, match=words):
        Plan(declared(**changes))


def test_values_on_the_command_line():
    assert read_values("a=1, 2 ,3") == ("a", ["1", "2", "3"])
    assert read_values("apv = logspace(1 uM, 100 uM, 3)") == ("apv", {"logspace": ["1 uM", "100 uM", "3"]})
    plan = Plan(declared(vary=dict([read_values("apv=logspace(1 uM,100 uM,3)")]), runs=1))
    assert plan.grid[0].values == pytest.approx((1, 10, 100))


def test_a_file_declares_what_python_does(tmp_path):
    (tmp_path / "mine.toml").write_text('title = "mine"\nduration = "2 min"\n')
    file = tmp_path / "sweep.toml"
    file.write_text(
        'model = "early_ltp"\nprotocols = ["baseline", "mine.toml"]\nduration = "2 min"\nengine = "toy"\nruns = 4\nseed = 3\n'
        f'keep = ["weight_A", "Ca_free_A"]\ntimes = ["0 s", "1 min:2 min:30 s"]\n[vary]\n{MAGNESIUM} = {{linspace = [0.5, 1.0, 2]}}\n'
    )
    plan = Plan(Sweep.from_toml(file))
    mine = Protocol.from_toml(tmp_path / "mine.toml")
    same = Plan(declared(protocols=["baseline", mine], times=[0, 60, 90, 120]))
    assert plan.declaration() == same.declaration()
    file.write_text('model = "early_ltp"\nprotocol = "baseline"\n')
    with pytest.raises(ltpath.LtpathError, match=r"sweep.toml: unknown field of a sweep 'protocol'; did you mean 'protocols'"):
        Sweep.from_toml(file)


@pytest.mark.parametrize("files", [2, 31])
def test_chunks_keep_scheduling_below_a_twentieth_and_workers_busy(files):
    cost = TASK_COST + files * FILE_COST
    for seconds in (0.001, 0.02, 0.6, 30, 600):
        for workers in (1, 2, 64, 1000):
            for size in (1, 100, 1000, 1_000_000):
                chunk = runs_in_a_chunk(seconds, size, workers, files)
                assert 1 <= chunk <= size
                if chunk < size / workers:
                    assert cost <= 0.05 * chunk * seconds * 1.001
                    assert workers * cost <= 0.5 * chunk * seconds * 1.001, "one scheduler serves all workers"
    assert runs_in_a_chunk(0.6, 1000, 2, files) == 5, "a thousand runs of a tetanus on two workers: batches of 3 s"


# -- running ---------------------------------------------------------------------------


def test_a_sweep_gives_what_single_runs_give(cluster, tmp_path):
    pair = Protocol(title="pair", duration="2 min", stimuli=(Train(pulses=2, frequency="10 Hz", spike_every=1),), name="pair")
    sweep = declared(protocols=[pair, "baseline"], engine="cvode", runs=1, keep=[], times=["0 s", "10 s", "1 min", "2 min"])
    run_sweep(sweep, tmp_path / "out.zarr", scheduler=cluster)
    data = xr.open_zarr(tmp_path / "out.zarr")
    assert dict(data.sizes) == {"run": 4, "time": 4}
    assert data["Ca_free_A"].attrs["units"] == "uM"
    assert set(data.coords) == {"time", "protocol", "perturbation", MAGNESIUM, "member"}
    for i in range(4):
        here = data.isel(run=i)
        protocol = pair if i < 2 else ltpath.load_protocol("baseline").lasting("2 min")
        alone = simulate("early_ltp", protocol, parameters={MAGNESIUM: float(here[MAGNESIUM])}, times=data["time"].values)
        assert set(alone.data_vars) == set(data.data_vars) - {"status", "message"}
        for name in alone.data_vars:
            assert np.array_equal(alone[name].values, here[name].values), name


def test_protocols_of_different_length_end_in_nothing(cluster, tmp_path):
    brief = Protocol(title="brief", duration="1 min", stimuli=(Train(pulses=2, frequency="10 Hz"),), name="brief")
    long = brief.lasting("3 min")
    long = Protocol(title="long", duration=long.duration, stimuli=long.stimuli, name="long")
    data = run_sweep(declared(protocols=[brief, long], vary={}, duration=None, runs=1), tmp_path / "out.zarr", scheduler=cluster)
    assert np.isfinite(data["weight_A"].values).tolist() == [[True, True, False, False], [True] * 4]


def test_statistics_of_an_ensemble_are_those_of_numpy(cluster, tmp_path):
    data = run_sweep(declared(runs=9), tmp_path / "out.zarr", scheduler=cluster)
    assert list(data["seed"].values) == list(range(3, 21))
    found = statistics(data)
    assert found["count"].values.tolist() == [9, 9]
    for i, value in enumerate((0.5, 1.0)):
        members = data["weight_A"].values[data[MAGNESIUM].values == value]
        assert len(np.unique(members[:, -1])) == 9, "every seed gives another run"
        here = found["weight_A"].isel(condition=i)
        assert np.allclose(here.sel(statistic="mean"), members.mean(axis=0))
        assert np.allclose(here.sel(statistic="standard_error"), members.std(axis=0, ddof=1) / 3)
        assert np.allclose(here.sel(statistic="quantile_0.95"), np.quantile(members, 0.95, axis=0))
    everything = statistics(data, over=["member", MAGNESIUM], quantiles=[0.5])
    assert np.allclose(everything["weight_A"].sel(statistic="mean").values[0], data["weight_A"].values.mean(axis=0))
    with pytest.raises(UnknownName, match="condition of the sweep"):
        statistics(data, over="magnesium")


def test_failed_runs_are_recorded_and_the_rest_goes_on(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("ltpath.scheduling.runs_in_a_chunk", lambda *_: 4)
    bad = {13.0: "the worker died whenever it ran this", 14.0: "the solver stopped at 1 s: no reason (in 'early_ltp')"}
    bad |= {15.0: "ZeroDivisionError: a mistake in the engine"}
    sweep = declared(vary={MAGNESIUM: [1.0, *bad, *np.linspace(1.1, 2, 76)]}, runs=1)
    data = run_sweep(sweep, tmp_path / "out.zarr", scheduler=cluster.scheduler_address)
    assert data.attrs["chunk"] == 4
    assert data["status"].values.tolist() == [1, 2, 2, 2] + [1] * 76, "a run that kills its worker spares its neighbours"
    messages = data["message"].values.tolist()
    assert messages[1:4] == list(bad.values())
    assert "drifted by" in messages[0], "warnings of finished runs are kept"
    assert np.isnan(data["weight_A"].values[1:4]).all()
    again = run_sweep(sweep, tmp_path / "out.zarr", scheduler=cluster)
    assert again.attrs["session"]["runs"] == 0, "what failed is not tried for ever"


def test_a_killed_worker_costs_nothing(cluster, tmp_path):
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        victims = list(client.run(os.getpid).values())
        struck: list[int] = []

        def strike(done: int) -> None:
            if done >= 2 and not struck:
                struck.append(victims[0])
                os.kill(victims[0], signal.SIGKILL)

        data = run_sweep(declared(vary={MAGNESIUM: [16.0]}, runs=40), tmp_path / "out.zarr", scheduler=client, progress=strike)
    assert struck
    assert (data["status"].values == 1).all()


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ltpath", "sweep", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_chunks(path: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while len(whole(path)) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() is None, f"the sweep ended too early: {process.communicate()}"


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_sweep_that_was_stopped_goes_on(cluster, tmp_path, how):
    path = tmp_path / "out.zarr"
    vary = f"{MAGNESIUM}=linspace(0.5,2,16)"
    process = start("early_ltp", "--protocol", "tetanus", "--duration", "2 min", "--vary", vary, "--workers", "2", "-o", str(path))
    wait_for_chunks(path, 3, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors.strip() == f"ltpath: interrupted; what finished is safe in {path}, and the same command goes on from there"
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, "workers must not outlive the sweep"
    before = whole(path)
    assert 3 <= len(before) < 16
    sweep = Sweep(
        model="early_ltp", protocols=["tetanus"], duration="2 min", vary={MAGNESIUM: {"linspace": [0.5, 2, 16]}}
    )  # fmt: skip
    data = run_sweep(sweep, path, scheduler=cluster)
    assert (data["status"].values == 1).all()
    assert data.attrs["session"]["runs"] == 16 - len(before)
    assert {n: t for n, t in whole(path).items() if n in before} == before, "no finished run is repeated"
    assert not list(path.rglob(".*")), "nothing is left behind"


def test_damaged_chunks_are_found_and_only_their_runs_repeated(cluster, tmp_path):
    path = tmp_path / "out.zarr"
    first = run_sweep(declared(), path, scheduler=cluster).load()
    flipped = path / "weight_A" / "c" / "1" / "0"
    content = bytearray(flipped.read_bytes())
    content[3] ^= 1
    flipped.write_bytes(content)
    truncated = path / "Ca_free_A" / "c" / "4" / "0"
    truncated.write_bytes(truncated.read_bytes()[:10])
    (path / "status" / "c" / "6").unlink()
    (path / MAGNESIUM / "c" / "0").write_bytes(b"")
    (path / "weight_A" / "zarr.json").write_text("{")
    again = run_sweep(declared(), path, scheduler=cluster).load()
    assert again.attrs["session"]["runs"] == 3
    assert again.drop_attrs().identical(first.drop_attrs())


def test_another_sweep_or_another_folder_is_refused(cluster, tmp_path):
    path = tmp_path / "out.zarr"
    run_sweep(declared(), path, scheduler=cluster)
    with pytest.raises(SweepError, match=r"out.zarr holds another sweep: its seed is 3, not 4; choose another output"):
        run_sweep(declared(seed=4), path, scheduler=cluster)
    with pytest.raises(SweepError, match=r"its protocols, baseline, duration is \"2 min\", not \"3 min\""):
        run_sweep(declared(duration="3 min"), path, scheduler=cluster)
    (tmp_path / "other.zarr").mkdir()
    (tmp_path / "other.zarr" / "thesis.txt").write_text("five years")
    with pytest.raises(SweepError, match="is not a sweep that can be resumed"):
        run_sweep(declared(), tmp_path / "other.zarr", scheduler=cluster)
    with pytest.raises(BadValue, match=r"ends in .zarr"):
        run_sweep(declared(), tmp_path / "out.nc", scheduler=cluster)


def test_two_sweeps_do_not_write_one_store(cluster, tmp_path):
    path = tmp_path / "out.zarr"
    run_sweep(declared(), path, scheduler=cluster)
    shutil.rmtree(path / "status" / "c")
    with store_module.Store.open(path, Plan(declared())).locked(), pytest.raises(SweepError, match="another sweep is writing"):
        run_sweep(declared(), path, scheduler=cluster)


def test_no_scheduler_is_told_in_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ltpath.scheduling._PATIENCE", "1s")
    vary = f"{MAGNESIUM}=1,2"
    assert main(["sweep", "early_ltp", "--vary", vary, "--scheduler", "tcp://127.0.0.1:9", "-o", str(tmp_path / "o.zarr")]) == 2
    assert capsys.readouterr().err.startswith("ltpath: no Dask scheduler answers at tcp://127.0.0.1:9")


def test_a_full_disk_stops_the_sweep_in_one_sentence(cluster, tmp_path, monkeypatch):
    path = tmp_path / "out.zarr"
    real = store_module.write_atomically

    def full(file: Path, content: bytes) -> None:
        if file.parts[-2:] == ("c", "5") or "5" in file.parts:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, content)

    monkeypatch.setattr(store_module, "write_atomically", full)
    with pytest.raises(
        SweepError, match=r"cannot be written: No space left on device; \d of 8 runs are safe, and the same command"
    ):
        run_sweep(declared(), path, scheduler=cluster)
    before = whole(path)
    monkeypatch.undo()
    data = run_sweep(declared(), path, scheduler=cluster)
    assert (data["status"].values == 1).all()
    assert data.attrs["session"]["runs"] == 8 - len(before)


def test_what_finished_is_on_the_disk_before_it_counts(cluster, tmp_path, monkeypatch):
    path, real = tmp_path / "out.zarr", os.fsync
    on_disk: set[int] = set()

    def note(handle: int) -> None:
        on_disk.add(os.fstat(handle).st_ino)
        real(handle)

    def look(done: int) -> None:
        # Every file of every chunk, the folders that name it, and what is needed to go on.
        kept = [p for p in path.rglob("*") if p.is_file() and "c" in p.parts[len(path.parts) :]]
        results = [p for p in kept if p.parts[len(path.parts)] in ("weight_A", "Ca_free_A", "status")]
        seen = {q for p in results for q in (p, *p.parents) if path in q.parents} | {
            path / "zarr.json",
            path / "status" / "zarr.json",
        }
        missing = [q for q in seen if q.stat().st_ino not in on_disk]
        assert not missing
        looked.append(len(results))

    looked: list[int] = []
    monkeypatch.setattr(store_module.os, "fsync", note)
    run_sweep(declared(), path, scheduler=cluster, progress=look)
    assert looked[-1] >= 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_really_full(cluster, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        sweep = declared(runs=20, keep=[])
        with pytest.raises(SweepError, match=r"cannot be written: No space left on device; (\d+) of 40 runs are safe") as caught:
            run_sweep(sweep, disk / "out.zarr", scheduler=cluster)
        safe = int(str(caught.value).split(";")[1].split()[0])
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        data = run_sweep(sweep, disk / "out.zarr", scheduler=cluster).load()
        assert (data["status"].values == 1).all()
        assert 0 < safe < 40
        assert data.attrs["session"]["runs"] == 40 - safe
    finally:
        subprocess.run(["umount", str(disk)], check=False)


@pytest.mark.parametrize("look", [0.0, pytest.param(60.0, marks=pytest.mark.slow)])
def test_a_cluster_that_goes_away_is_told(toy, tmp_path, monkeypatch, look):
    from distributed import Client, LocalCluster

    monkeypatch.setattr("ltpath.scheduling.runs_in_a_chunk", lambda *_: 1)
    monkeypatch.setattr("ltpath.scheduling._LOOK", look)

    with contextlib.ExitStack() as stack:
        small = stack.enter_context(
            LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=logging.CRITICAL)
        )
        client = stack.enter_context(Client(small, set_as_default=False))
        gone: list[int] = []

        def leave(done: int) -> None:
            if done >= 3 and not gone:
                gone.append(done)
                small.close()

        with pytest.raises(SweepError, match=r"the Dask cluster is lost .*; \d+ of 40 runs are safe"):
            run_sweep(declared(vary={MAGNESIUM: [16.0]}, runs=40), tmp_path / "out.zarr", scheduler=client, progress=leave)


def test_the_command_prints_where_conditions_end(cluster, tmp_path, capsys):
    command = [
        "sweep", "early_ltp", "--protocol", "tetanus", "--protocol", "baseline", "--duration", "2 min", "--vary", f"{MAGNESIUM}=1,14",
        "--engine", "toy", "--runs", "3", "--keep", "weight_A", "--scheduler", cluster.scheduler_address, "-o", str(tmp_path / "o.zarr"),
    ]  # fmt: skip
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split()[:5] == ["protocol", MAGNESIUM, "readout", "runs", "mean"]
    assert err.startswith("ltpath: 6 of 12 runs failed; the first is run 3: the solver stopped")
    assert main(["sweep", "sweep.toml", "--seed", "1", "-o", "o.zarr"]) == 2
    assert "sweep.toml declares the whole sweep; put seed there" in capsys.readouterr().err


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "ltpath", "sweep", "calmodulin", "--vary", "volume_tube=1,2", "--workers", "2", "-o", str(tmp_path / "o.zarr")],
        env=os.environ | {"LTPATH_CACHE": str(blocked / "cache")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_runs(cluster, tmp_path):
    sizes: dict[int, int] = {}

    def weigh(done: int) -> None:
        sizes[done] = psutil.Process().memory_info().rss

    sweep = declared(runs=10_000, vary={}, times=["0 s:2 min:0.25 s"])
    run_sweep(sweep, tmp_path / "out.zarr", scheduler=cluster, progress=weigh)
    quarter = next(rss for done, rss in sizes.items() if done >= 2500)
    last = sizes[max(sizes)]
    results = 10_000 * 2 * 481 * 8
    assert last - quarter < 0.1 * results, f"{(last - quarter) / 1e6:.0f} MB more after another 7,500 runs"
