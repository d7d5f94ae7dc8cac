"""Runs of a sweep on a Dask cluster: batches out, results back, one writer.

The client hands out a bounded number of batches, writes each chunk when its runs are back, and forgets
it, so its memory does not grow with the sweep. Workers keep the network and its compiled equations.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask.config
from dask.system import CPU_COUNT
from distributed import CancelledError, Client, KilledWorker, LocalCluster, as_completed
from distributed.client import ClosedClientError

from ltpath.errors import SweepError
from ltpath.store import Chunk, Store
from ltpath.sweep import Plan
from ltpath.worker import FAILED, Batch, Setup, gauge, work

TASK_COST, FILE_COST = 0.005, 0.001
"""What a batch costs the scheduler and the client, and each file of its chunk, s: rounded up from
benchmarks/sweep_throughput.py, which measures both. Half of a file's is to have it on the disk."""
_SHARE = 0.05
"""Of a worker's time, handing out and fetching a batch may take this share."""
_BUSY = 0.5
"""Scheduler and client, which serve all workers in turn, may be busy for this share of the time; then no worker waits."""
_TASK = 3.0
"""A task this long, s, costs nothing to speak of, and little is lost with it."""
_TASKS_EACH = 32
"""As many tasks for each worker keep all busy until shortly before the end."""
_AHEAD = 2
"""Batches in flight for each worker: one that runs and one that waits beside it."""
_PATIENCE = "20s"
"""A scheduler that does not answer for this long is not there."""
_LOOK = 2.0
"""Workers are counted this often, s."""


@contextlib.contextmanager
def _client(scheduler: Any, workers: int | None) -> Iterator[Client]:
    """A client of the cluster that was named, or of one on this machine that goes with the block."""
    if isinstance(scheduler, Client):
        yield scheduler
        return
    if scheduler is not None:
        where = scheduler if isinstance(scheduler, str) else getattr(scheduler, "scheduler_address", scheduler)
        try:
            client = Client(scheduler, set_as_default=False, timeout=_PATIENCE)
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
            n_workers=count, threads_per_worker=1, processes=True, memory_limit=None, dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):  # fmt: skip
        yield client


def runs_in_a_chunk(seconds: float, size: int, workers: int, files: int) -> int:
    """How many runs, of so many seconds each, make a batch and so a chunk of so many files.

    Long enough that scheduling stays cheap; otherwise a few seconds, and short enough that all workers end together.
    """
    cost = TASK_COST + files * FILE_COST
    least = math.ceil(max(cost / _SHARE, workers * cost / _BUSY) / max(seconds, 1e-6))
    fair = size // (_TASKS_EACH * workers)
    usual = min(fair, math.ceil(_TASK / max(seconds, 1e-6)))
    return max(1, min(max(least, usual), math.ceil(size / workers)))


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
        client.register_plugin(Setup(self.name, self.plan.bench()), name=self.name)
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
                try:
                    self._run(store)
                except (OSError, ClosedClientError, CancelledError) as error:
                    raise self._lost(error) from None
                self.facts["seconds"] = round(time.perf_counter() - began, 3)
        finally:
            if client.status == "running":
                with contextlib.suppress(Exception):  # the scheduler may be gone
                    client.unregister_worker_plugin(self.name)

    def workers(self) -> int:
        """Threads of the cluster at this moment."""
        if time.monotonic() - self._looked > _LOOK:
            try:
                threads = self.client.nthreads()
            except AttributeError:  # a client that has lost its scheduler, and looks for it, has none to ask
                raise ClosedClientError from None
            self.facts["workers"] = max(1, sum(threads.values()))
            self._looked = time.monotonic()
        return self.facts["workers"]

    def _chunk(self) -> int:
        size, workers = len(self.plan), self.workers()
        if size < _TASKS_EACH * workers:
            return 1
        try:
            seconds = self._result(self.client.submit(gauge, self.name, self.plan.run(0), pure=False))
        except KilledWorker:
            return 1
        return runs_in_a_chunk(seconds, size, workers, len(self.plan.keep) + 1)

    def _run(self, store: Store) -> None:
        numbers_to_do = iter(self.to_do)
        flying: dict[Any, tuple[Chunk, list[int]]] = {}
        pool = as_completed(loop=self.client.loop)

        def send(chunk: Chunk, numbers: list[int]) -> None:
            future = self.client.submit(work, self.name, [self.plan.run(n) for n in numbers], pure=False)
            flying[future] = chunk, numbers
            pool.add(future)

        def fill() -> None:
            while len(flying) < _AHEAD * self.workers() and (number := next(numbers_to_do, None)) is not None:
                chunk = store.read(number, repeat_failed=self.repeat_failed)
                chunk.new = len(chunk.waiting())
                send(chunk, chunk.waiting())

        def land() -> tuple[Chunk, list[int], bool]:
            """The next batch that comes back, and whether it did."""
            future = next(pool)
            chunk, numbers = flying.pop(future)
            try:
                self._take(chunk, self._result(future))
            except KilledWorker:
                return chunk, numbers, False
            if not chunk.waiting():
                self._write(store, chunk)
            return chunk, numbers, True

        suspects: list[tuple[Chunk, int]] = []
        fill()
        while flying:
            chunk, numbers, back = land()
            if not back:
                suspects += [(chunk, n) for n in numbers]
            fill()
        # Dask blames everything that was on a worker when it died: only a run that was alone is judged.
        for chunk, number in suspects:
            send(chunk, [number])
            if not land()[2]:
                row = number - chunk.first
                chunk.status[row], chunk.messages[row] = FAILED, "the worker died whenever it ran this"
                self.facts["runs"] += 1
                if not chunk.waiting():
                    self._write(store, chunk)

    def _result(self, future: Any) -> Any:
        try:
            return future.result()
        except KilledWorker:
            raise
        except (ImportError, AttributeError, KeyError) as error:
            raise SweepError(f"the workers cannot run this ltpath; install the same version there ({error})") from None
        except Exception as error:
            raise self._lost(error) from None

    def _lost(self, error: BaseException) -> SweepError:
        return SweepError(f"the Dask cluster is lost ({type(error).__name__}); {self._state()}")

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
        self.safe += chunk.new
        self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.safe)

    def _state(self) -> str:
        return f"{self.safe} of {len(self.plan)} runs are safe, and the same command goes on from there"
