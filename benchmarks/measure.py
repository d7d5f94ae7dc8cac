"""One program on one case, in a process of its own; prints a JSON line for each thing measured.

The program is run at tolerances a factor of ten apart until two of them enclose the target error. Both
are then timed in turn with ltpath, so that each ratio comes from the same minutes of the same machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.cases import Case, prepare

LOOSEST, TIGHTEST = 1e-2, 1e-12


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def memory() -> int:
    """Peak resident memory of this process so far, MB."""
    described = Path("/proc/self/status")
    if described.exists():
        # Not from getrusage, whose peak a process on Linux inherits from the one that started it.
        return (
            next(int(line.split()[1]) for line in described.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
            // 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 2**10)


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = act()
    return result, time.perf_counter() - began


def enclose(case: Case, run: peers.Run, target: float) -> list[dict[str, float]]:
    """Runs at tolerances around the target error, the tightest that misses it and the loosest that meets it last."""
    rtol, found = 1e-6, {}
    while TIGHTEST <= rtol <= LOOSEST:
        states, seconds = timed(lambda rtol=rtol: run(rtol))
        found[rtol] = {"rtol": rtol, "seconds": seconds, "error": case.error(states)}
        tell(stage="scan", **found[rtol], memory=memory())
        met = found[rtol]["error"] <= target
        following = float(f"{rtol * 10 if met else rtol / 10:.0e}")
        if following in found:
            break
        rtol = following
    missed = [f for f in found.values() if f["error"] > target]
    meeting = [f for f in found.values() if f["error"] <= target]
    return [min(missed, key=lambda f: f["rtol"]), max(meeting, key=lambda f: f["rtol"])] if missed and meeting else []


def at_target(loose: tuple[float, float], tight: tuple[float, float], target: float) -> float:
    """The value at the target error, on the line through two (value, error) in logarithms."""
    (x, a), (y, b) = loose, tight
    share = (math.log(target) - math.log(a)) / (math.log(b) - math.log(a))
    return math.exp(math.log(x) + share * (math.log(y) - math.log(x)))


def measure(case: Case, name: str, target: float, repeats: int, patience: float, ours: float | None) -> None:
    """Set up, find the tolerance, and time.

    Parameters
    ----------
    repeats : int
        How often each tolerance is timed, if that takes no longer than `patience` seconds.
    ours : float, optional
        The relative tolerance at which ltpath has the target error.
    """
    run, seconds = timed(lambda: peers.PEERS[name].set_up(case))
    tell(stage="set-up", seconds=seconds, memory=memory())
    around = enclose(case, run, target)
    if not around:
        tell(stage="target", rtol=None)
        return
    loose, tight = around
    rtol = at_target((loose["rtol"], loose["error"]), (tight["rtol"], tight["error"]), target)
    tell(stage="target", rtol=rtol)
    beside = peers.PEERS["ltpath"].set_up(case) if ours else None
    times = [loose["seconds"], tight["seconds"]]
    # What takes longer than there is patience for is timed by the two runs that are there already.
    again = min(repeats, int(patience / sum(times)))
    for _ in range(max(1, again)):
        if again:
            times = [timed(lambda e=e: run(e["rtol"]))[1] for e in (loose, tight)]
        own = timed(lambda: beside(ours))[1] if beside else None
        tell(stage="time", seconds=at_target((times[0], loose["error"]), (times[1], tight["error"]), target), beside=own)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("peer")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only-set-up", action="store_true")
    parser.add_argument("--target", type=float, default=1e-5)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=60.0)
    parser.add_argument("--ours", type=float)
    arguments = parser.parse_args()
    case = prepare(arguments.case, arguments.work)
    for module in peers.PEERS[arguments.peer].modules:
        importlib.import_module(module)
    if arguments.only_set_up:
        _, seconds = timed(lambda: peers.PEERS[arguments.peer].set_up(case))
        tell(stage="set-up", seconds=seconds, memory=memory())
    else:
        np.seterr(all="ignore")
        measure(case, arguments.peer, arguments.target, arguments.repeats, arguments.patience, arguments.ours)


if __name__ == "__main__":
    main()
