"""Runs of a sweep on a Dask cluster: batches out, results back, one writer.

The client hands out a bounded number of batches, writes each chunk when its runs are back, and forgets
it, so its memory does not grow with the sweep. Workers keep the network and its compiled equations.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import numpy as np
from dask.system import CPU_COUNT
from distributed import Client, KilledWorker, LocalCluster, WorkerPlugin, as_completed

from ltpath.errors import LtpathError, SweepError
from ltpath.store import FAILED, FINISHED, Chunk, Store
from ltpath.sweep import Bench, Plan, Run

TASK_COST = 0.005
"""What one task costs the scheduler and the client, s, with a margin: benchmarks/sweep_throughput.py measures half of it."""
_SHARE = 0.05
"""Scheduling may take this share of the time."""
_TASK = 3.0
"""A task this long, s, costs nothing to speak of, and little is lost with it."""
_TASKS_EACH = 32
"""As many tasks for each worker keep all busy until shortly before the end."""
_AHEAD = 2
"""Batches in flight for each worker: one that runs and one that waits beside it."""
_LOOK = 2.0
"""Workers are counted this often, s."""


# -- on the worker -------------------------------------------------------------------


_benches: dict[str, Bench] = {}


class _Setup(WorkerPlugin):
    """Gives every worker, also one that comes later, what the runs share."""

    def __init__(self, name: str, bench: Bench) -> None:
        self.name, self.bench = name, bench

    def setup(self, worker: Any) -> None:
        _benches[self.name] = self.bench

    def teardown(self, worker: Any) -> None:
        _benches.pop(self.name, None)


@dataclass
class Batch:
    """What a worker returns: values of shape (run, variable, time), a status and a message for each run."""

    numbers: list[int]
    values: np.ndarray
    status: list[int]
    messages: list[str]
    seconds: float


def _work(name: str, runs: Sequence[Run]) -> Batch:
    """Run a batch. A run that fails is told, not raised."""
    began = time.perf_counter()
    bench = _benches[name]
    values = np.full((len(runs), len(bench.keep), len(bench.times)), np.nan)
    status, messages = [], []
    for i, run in enumerate(runs):
        try:
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always", UserWarning)
                values[i] = bench.simulate(run)
            status.append(FINISHED)
            messages.append("; ".join(dict.fromkeys(" ".join(str(w.message).split()) for w in heard if w.category is UserWarning)))
        except LtpathError as error:
            status.append(FAILED)
            messages.append(" ".join(str(error).split()))
        # A mistake of ours in one run must not stop the others.
        except Exception as error:
            status.append(FAILED)
            messages.append(f"{type(error).__name__}: {' '.join(str(error).split())}")
    return Batch([r.number for r in runs], values, status, messages, time.perf_counter() - began)


def _gauge(name: str, run: Run) -> float:
    """Seconds that a run takes once everything is loaded: the best of at most three, within a second."""
    _ = _benches[name].network.code
    taken: list[float] = []
    while len(taken) < 3 and sum(taken) < 1.0:
        taken.append(_work(name, [run]).seconds)
    return min(taken)


# -- on the client -------------------------------------------------------------------


@contextlib.contextmanager
def _client(scheduler: Any, workers: int | None) -> Iterator[Client]:
    """A client of the cluster that was named, or of one on this machine that goes with the block."""
    if isinstance(scheduler, Client):
        yield scheduler
        return
    if scheduler is not None:
        where = scheduler if isinstance(scheduler, str) else getattr(scheduler, "scheduler_address", scheduler)
        try:
            client = Client(scheduler, set_as_default=False, timeout="20s")
        except (OSError, ValueError, TypeError) as error:
            raise SweepError(f"no Dask scheduler answers at {where}: {' '.join(str(error).split())}") from None
        with client:
            yield client
        return
    quiet = {
        "distributed.worker.profile.enabled": False,
        "distributed.admin.system-monitor.interval": "5s",
        "distributed.scheduler.allowed-failures": 2,
    }
    count = workers or CPU_COUNT
    with (
        dask.config.set(quiet),
        # No memory limit: what runs hold does not grow, and a limit would stop workers on a busy machine.
        LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, memory_limit=None, dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):  # fmt: skip
        yield client


def runs_in_a_chunk(seconds: float, size: int, workers: int) -> int:
    """How many runs make a batch, and so a chunk.

    Long enough that the scheduler, which serves all workers one task after the other, is busy for less than a twentieth
    of the time; otherwise a few seconds, and short enough that all workers end together.
    """
    least = math.ceil(workers * TASK_COST / _SHARE / max(seconds, 1e-6))
    fair = size // (_TASKS_EACH * workers)
    return max(1, min(max(least, min(fair, math.ceil(_TASK / max(seconds, 1e-6)))), math.ceil(size / workers)))


def conduct(
    plan: Plan, path: Path, scheduler: Any, workers: int | None, repeat_failed: bool, progress: Callable[[int], None] | None
) -> dict[str, Any]:
    """Run what is to do of a plan and write it; returns what this session did."""
    session = _Session(plan, path, repeat_failed, progress)
    store = Store.open(path, plan) if path.exists() and any(path.iterdir()) else None
    if store is not None:
        session.look(store)
    if store is None or session.to_do:
        with _client(scheduler, workers) as client:
            session.conduct(client, store)
    return session.facts


class _Session:
    """One pass over what is to do."""

    def __init__(self, plan: Plan, path: Path, repeat_failed: bool, progress: Callable[[int], None] | None) -> None:
        self.plan, self.path = plan, path
        self.repeat_failed, self.progress = repeat_failed, progress
        self.name = f"ltpath-sweep-{path.name}-{id(self)}"
        self.to_do: list[int] | range = []
        self.safe = 0
        self.facts: dict[str, Any] = {"runs": 0, "workers": 0, "seconds": 0.0, "work_seconds": 0.0}
        self._looked = -math.inf

    def look(self, store: Store) -> None:
        """Find the chunks with runs to do."""
        self.to_do, self.safe = [], 0
        for number in range(store.chunks):
            chunk = store.read(number, repeat_failed=self.repeat_failed)
            waiting = len(chunk.waiting())
            self.safe += len(chunk.status) - waiting
            if waiting:
                self.to_do.append(number)
        self._tell()

    def conduct(self, client: Client, store: Store | None) -> None:
        """Run what is to do; makes the store where there is none, once it is known how long a run takes."""
        self.client = client
        client.register_plugin(_Setup(self.name, self.plan.bench()), name=self.name)
        try:
            client.wait_for_workers(1)
            if store is None:
                try:
                    store = Store.create(self.path, self.plan, self._chunk())
                except OSError as error:
                    raise SweepError(f"the output {self.path} cannot be made: {error.strerror or error}") from None
                self.to_do = range(store.chunks)
            with store.locked():
                began = time.perf_counter()
                self._run(store)
                self.facts["seconds"] = round(time.perf_counter() - began, 3)
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                client.unregister_worker_plugin(self.name)

    def workers(self) -> int:
        """Threads of the cluster at this moment."""
        if time.monotonic() - self._looked > _LOOK:
            self.facts["workers"] = max(1, sum(self.client.nthreads().values()))
            self._looked = time.monotonic()
        return self.facts["workers"]

    def _chunk(self) -> int:
        size, workers = len(self.plan), self.workers()
        if size < _TASKS_EACH * workers:
            return 1
        seconds = self._result(self.client.submit(_gauge, self.name, self.plan.run(0), pure=False))
        return runs_in_a_chunk(seconds, size, workers)

    def _run(self, store: Store) -> None:
        numbers_to_do = iter(self.to_do)
        flying: dict[Any, tuple[Chunk, list[int]]] = {}
        pool = as_completed(loop=self.client.loop)

        def send(chunk: Chunk, numbers: list[int]) -> None:
            future = self.client.submit(_work, self.name, [self.plan.run(n) for n in numbers], pure=False)
            flying[future] = chunk, numbers
            pool.add(future)

        def fill() -> None:
            while len(flying) < _AHEAD * self.workers() and (number := next(numbers_to_do, None)) is not None:
                chunk = store.read(number, repeat_failed=self.repeat_failed)
                self.safe -= len(chunk.status) - len(chunk.waiting())
                send(chunk, chunk.waiting())

        fill()
        while flying:
            future = next(pool)
            chunk, numbers = flying.pop(future)
            try:
                self._take(chunk, self._result(future))
            except KilledWorker:
                if len(numbers) > 1:
                    # One of these runs kills its worker: alone, each is judged for itself.
                    for n in numbers:
                        send(chunk, [n])
                    continue
                chunk.status[numbers[0] - chunk.first] = FAILED
                chunk.messages[numbers[0] - chunk.first] = "the worker died whenever it ran this"
                self.facts["runs"] += 1
            if not chunk.waiting():
                self._write(store, chunk)
            del future, chunk
            fill()

    def _result(self, future: Any) -> Any:
        try:
            return future.result()
        except KilledWorker:
            raise
        except (ImportError, AttributeError, KeyError) as error:
            raise SweepError(f"the workers cannot run this ltpath; install the same version there ({error})") from None
        except Exception as error:
            raise SweepError(f"the Dask cluster is lost ({type(error).__name__}); {self._state()}") from None

    def _take(self, chunk: Chunk, batch: Batch) -> None:
        for i, number in enumerate(batch.numbers):
            row = number - chunk.first
            chunk.values[:, row] = batch.values[i]
            chunk.status[row], chunk.messages[row] = batch.status[i], batch.messages[i]
        self.facts["work_seconds"] += batch.seconds
        self.facts["runs"] += len(batch.numbers)

    def _write(self, store: Store, chunk: Chunk) -> None:
        try:
            store.write(chunk)
        except OSError as error:
            raise SweepError(f"{self.path} cannot be written: {error.strerror or error}; {self._state()}") from None
        self.safe += len(chunk.status)
        self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.safe)

    def _state(self) -> str:
        return f"{self.safe} of {len(self.plan)} runs are safe, and the same command goes on from there"
