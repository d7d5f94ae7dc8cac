"""What a sweep needs on a worker, and no more, because every worker waits for what is imported here."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from distributed.diagnostics.plugin import WorkerPlugin

from ltpath.errors import LtpathError
from ltpath.sweep import Bench, Run

TO_DO, FINISHED, FAILED = 0, 1, 2
"""What ``status`` says of a run."""


_benches: dict[str, Bench] = {}


class Setup(WorkerPlugin):
    """A Dask plugin that gives every worker, also one that comes later, what the runs share."""

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


def work(name: str, runs: Sequence[Run]) -> Batch:
    """Run a batch. A run that fails is told, not raised."""
    began = time.perf_counter()
    bench = _benches[name]
    values = np.full((len(runs), len(bench.keep), len(bench.times)), np.nan)
    status, messages = [], []
    for i, run in enumerate(runs):
        heard: list[warnings.WarningMessage] = []
        try:
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always", UserWarning)
                values[i] = bench.simulate(run)
            status.append(FINISHED)
            messages.append("; ".join(dict.fromkeys(_line(w.message) for w in heard if w.category is UserWarning)))
        except LtpathError as error:
            status.append(FAILED)
            messages.append(_line(error))
        # A mistake of ours in one run must not stop the others.
        except Exception as error:
            status.append(FAILED)
            messages.append(f"{type(error).__name__}: {_line(error)}")
    return Batch([r.number for r in runs], values, status, messages, time.perf_counter() - began)


def _line(message: Any) -> str:
    return " ".join(str(message).split())


def gauge(name: str, run: Run) -> float:
    """Seconds that a run takes once everything is loaded: the best of at most three, within a second."""
    _ = _benches[name].network.equations.code
    taken: list[float] = []
    while len(taken) < 3 and sum(taken) < 1.0:
        taken.append(work(name, [run]).seconds)
    return min(taken)
