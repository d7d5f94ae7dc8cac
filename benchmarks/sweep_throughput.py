"""What a sweep delivers: runs a second against workers, what scheduling costs, and what follows for 1,000 cores.

    python benchmarks/sweep_throughput.py [--runs 1000] [--repeats 3] [--quick]

Each repeat runs the same ensemble (`early_ltp`, a tetanus, an hour, six parameters drawn at random) three ways, in an order that changes:
one after the other in this process, and as sweeps on one and on two workers. Ratios are taken within a
repeat and the medians printed. Start-up of the workers is counted apart. Then come the costs that limit a cluster: one empty
task through the scheduler, and one chunk through the writer.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from distributed import Client, as_completed

from ltpath.scheduling import _client, runs_in_a_chunk
from ltpath.store import Store
from ltpath.sweep import Plan, Sweep, run_sweep
from ltpath.worker import FINISHED, Run, Setup, work

VARIED = (
    "nmda_gating_magnesium",
    "membrane_capacitance",
    "ampa_traffic_k_slot_on",
    "ampa_traffic_k_slot_off",
    "early_ltp_k_new_slot",
    "early_ltp_k_slot_loss",
)
CORES = 1000
PROJECTED_RUNS = 1_000_000


def ensemble(runs: int, *, protocol: str = "tetanus", keep: tuple[str, ...] = ()) -> Sweep:
    """An ensemble over six parameters, each within a fifth of its value."""
    values = Plan(Sweep(model="early_ltp")).network.parameters
    vary = {n: {"loguniform": [values[n] / 1.2, values[n] * 1.2]} for n in VARIED}
    return Sweep(model="early_ltp", protocols=[protocol], duration="60 min", vary=vary, runs=runs, seed=1, keep=keep)


def alone(sweep: Sweep, runs: int) -> float:
    """Runs a second, one after the other in this process."""
    plan = Plan(sweep)
    bench = plan.bench()
    bench.simulate(plan.run(0))
    began = time.perf_counter()
    for number in range(runs):
        bench.simulate(plan.run(number))
    return runs / (time.perf_counter() - began)


def swept(sweep: Sweep, workers: int) -> dict[str, float]:
    """A sweep on workers of this machine: runs a second from the first batch to the last chunk, and with everything."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        data = run_sweep(sweep, Path(folder) / "out.zarr", workers=workers)
        whole = time.perf_counter() - began
        session = data.attrs["session"]
        assert (data["status"].values == FINISHED).all()
    return {
        "rate": session["runs"] / session["seconds"],
        "rate_with_start": session["runs"] / whole,
        "start": whole - session["seconds"],
        "idle": 1 - session["work_seconds"] / (workers * session["seconds"]),
    }


def task_cost(client: Client, plan: Plan, tasks: int = 1000) -> float:
    """Processor time of scheduler and client, s, for a batch without runs, handed out and fetched as a sweep does it."""
    client.register_plugin(Setup("empty", plan.bench()), name="empty")
    pool = as_completed(loop=client.loop)
    runs: list[Run] = []
    for _ in range(4):
        pool.add(client.submit(work, "empty", runs, pure=False))
    began = time.process_time()
    for done, future in enumerate(pool):
        future.result()
        if done + 4 < tasks:
            pool.add(client.submit(work, "empty", runs, pure=False))
    taken = time.process_time() - began
    client.unregister_worker_plugin("empty")
    return taken / tasks


def write_cost(plan: Plan, chunk: int) -> tuple[float, float]:
    """Seconds to write a chunk, and its megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "out.zarr", plan, chunk)
        taken = []
        for number in range(min(20, store.chunks)):
            one = store.read(number)
            one.values[:] = np.random.default_rng(number).random(one.values.shape)
            one.status[:] = FINISHED
            began = time.perf_counter()
            store.write(one)
            taken.append(time.perf_counter() - began)
        return statistics.median(taken), one.values.nbytes / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=1000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--quick", action="store_true", help="runs without a stimulus, which are 20 times shorter")
    given = arguments.parse_args()
    sweep = ensemble(given.runs, protocol="baseline" if given.quick else "tetanus")
    sample = min(given.runs, 200)

    ways: dict[str, Callable[[], Any]] = {
        "alone": lambda: alone(sweep, sample), "1": lambda: swept(sweep, 1), "2": lambda: swept(sweep, 2)
    }  # fmt: skip
    repeats: list[dict[str, Any]] = []
    for i in range(given.repeats):
        order = list(ways)[i % 3 :] + list(ways)[: i % 3]
        repeats.append({name: ways[name]() for name in order})
        print(json.dumps(repeats[-1]), flush=True)

    def median(value: Callable[[dict[str, Any]], float]) -> float:
        return statistics.median(value(r) for r in repeats)

    print(f"\n{given.runs} runs of early_ltp, {sweep.protocols[0]}, 60 min; medians of {given.repeats}")
    print("| workers | runs/s | over one core | with start-up | start-up, s | workers idle |")
    print("|---|---|---|---|---|---|")
    print(f"| none: one process, no scheduler ({sample} runs) | {median(lambda r: r['alone']):.2f} | 1 | | | |")
    for n in ("1", "2"):
        print(
            f"| {n} | {median(lambda r, n=n: r[n]['rate']):.2f} | {median(lambda r, n=n: r[n]['rate'] / r['alone']):.3f} "
            f"| {median(lambda r, n=n: r[n]['rate_with_start'] / r['alone']):.3f} | {median(lambda r, n=n: r[n]['start']):.1f} "
            f"| {100 * median(lambda r, n=n: r[n]['idle']):.1f} % |"
        )
    print(f"two workers over one worker: {median(lambda r: r['2']['rate'] / r['1']['rate']):.3f}")

    seconds = 1 / median(lambda r: r["alone"])
    idle = median(lambda r: r["2"]["idle"])
    for keep in ((), ("weight_A",)):
        project(replace(sweep, keep=keep), seconds, idle)


def project(sweep: Sweep, seconds: float, idle: float) -> None:
    """What the measured costs allow on many cores."""
    plan = Plan(sweep)
    with _client(None, 1) as client:
        per_task = task_cost(client, plan)
    chunk = runs_in_a_chunk(seconds, PROJECTED_RUNS, CORES, len(plan.keep) + 1)
    to_write, megabytes = write_cost(Plan(replace(sweep, runs=20 * chunk)), chunk)
    batch = chunk * seconds
    rate = CORES / batch
    busy = rate * (per_task + to_write)
    rounds = math.ceil(PROJECTED_RUNS / chunk / CORES)
    wall = max(rounds * batch / (1 - idle), PROJECTED_RUNS / chunk * (per_task + to_write))
    print(f"\nProjection: {PROJECTED_RUNS} runs of {seconds:.3f} s on {CORES} cores, keeping {len(plan.keep)} readouts")
    print(f"- batches of {chunk} runs, {batch:.1f} s; {rate:.1f} batches/s come back")
    print(
        f"- a batch costs scheduler and client {1e3 * per_task:.2f} ms of processor time, and its chunk {1e3 * to_write:.2f} ms to write"
    )
    print(f"- so the one client is busy for {100 * busy:.0f} % of the time, and receives {rate * megabytes:.1f} MB/s")
    print(f"- {PROJECTED_RUNS / wall:.0f} runs/s: {100 * PROJECTED_RUNS / wall * seconds / CORES:.0f} % of {CORES} times one core")


if __name__ == "__main__":
    main()
