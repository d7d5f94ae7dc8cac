"""Compare ltpath with the programs that others use: `make bench`, or `python -m benchmarks.run --quick`.

Every measurement is a line of ``measurements.jsonl`` in the work folder; what is there already is not
measured again, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.bound import bound
from benchmarks.cases import CASES, prepare
from benchmarks.machine import machine
from benchmarks.peers import PEERS
from benchmarks.stochastic import CASES as STOCHASTIC_CASES
from benchmarks.stochastic import PEERS as STOCHASTIC_PEERS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("out/bench"), help="default: out/bench")
    parser.add_argument("--output", type=Path, default=Path("benchmarks"), help="folder of results.md and results.json")
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES), metavar="CASE")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS), metavar="PEER")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that a set-up or a run may take")
    parser.add_argument("--target", type=float, default=1e-5, help="the error at which programs are compared")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds of timing before there are fewer repeats")
    parser.add_argument("--quick", action="store_true", help="a minute of the two smallest cases, once: does every program work?")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.work = arguments.work / "quick"
        arguments.cases = [c for c in arguments.cases if c in list(CASES)[:2]]
        arguments.repeats, arguments.output = 1, arguments.work
    # One thread each, as the systems are small; the same for all.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    arguments.work.mkdir(parents=True, exist_ok=True)
    log = Log(arguments.work / "measurements.jsonl")
    log.add(("machine",), machine())
    for name in arguments.cases:
        case = prepare(name, arguments.work, "60 s" if arguments.quick else None)
        for peer in ["ltpath", *(p for p in arguments.peers if p != "ltpath")]:
            if not log.has("solve", name, peer):
                log.add(("solve", name, peer), solve(name, peer, arguments, log))
        if not log.has("bound", name):
            log.add(("bound", name), bound(case, log.get("solve", name, "ltpath")))
    for name in STOCHASTIC_CASES:
        for peer in STOCHASTIC_PEERS:
            if not log.has("events", name, peer):
                log.add(("events", name, peer), events(name, peer, arguments))
    report.write(log.found, arguments.output)
    print(f"written: {arguments.output / 'results.md'}")


class Log:
    """Measurements by key, each also a line of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.found = {tuple(entry["key"]): entry for entry in map(json.loads, lines)}

    def has(self, *key: str) -> bool:
        return key in self.found

    def get(self, *key: str) -> dict[str, Any]:
        return self.found[key]

    def add(self, key: tuple[str, ...], facts: dict[str, Any]) -> None:
        entry = {"key": list(key)} | facts
        self.found[key] = entry
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")
        print(" ".join(key), report.brief(entry), flush=True)


def solve(case: str, peer: str, arguments: argparse.Namespace, log: Log) -> dict[str, Any]:
    """Set-up twice, scan and timing of one program on one case."""
    try:
        versions = PEERS[peer].versions()
    except ModuleNotFoundError as error:
        return {"outcome": f"not installed ({error.name})"}
    smaller = list(CASES)[: list(CASES).index(case)]
    for other in smaller:
        if log.has("solve", other, peer) and log.get("solve", other, peer)["outcome"].startswith("more than"):
            return {"outcome": f"not tried: {log.get('solve', other, peer)['outcome']} at {other}", "versions": versions}
    caches = arguments.work / "caches" / peer.replace(" ", "_")
    command = [sys.executable, "-m", "benchmarks.measure", case, peer, "--work", str(arguments.work)]
    first, outcome = listen([*command, "--only-set-up"], caches, arguments.limit)
    facts: dict[str, Any] = {"outcome": outcome, "versions": versions, "first_set_up": first, "runs": []}
    if outcome == "done":
        command += ["--target", str(arguments.target), "--repeats", str(arguments.repeats), "--patience", str(arguments.patience)]
        if peer != "ltpath":
            command += ["--ours", str(next(r["rtol"] for r in log.get("solve", case, "ltpath")["runs"] if r["stage"] == "target"))]
        facts["runs"], facts["outcome"] = listen(command, caches, arguments.limit)
    return facts


def events(case: str, peer: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Events a second of one stochastic program."""
    caches = arguments.work / "caches" / f"stochastic_{peer.replace(' ', '_')}"
    command = [sys.executable, "-m", "benchmarks.stochastic", case, peer, "--work", str(arguments.work)]
    if arguments.quick:
        command += ["--events", "2e4", "--repeats", "1"]
    runs, outcome = listen(command, caches, arguments.limit)
    return {"outcome": outcome, "runs": runs}


def listen(command: list[str], caches: Path, limit: float) -> tuple[list[dict[str, Any]], str]:
    """Run a program that tells JSON lines; end it when the next one takes longer than the limit."""
    caches.mkdir(parents=True, exist_ok=True)
    folder = str(caches.resolve())
    # Wherever a library keeps what it compiled, it starts with nothing.
    own = dict.fromkeys(("LTPATH_CACHE", "XDG_CACHE_HOME", "BNGSIM_CODEGEN_CACHE_DIR", "CYTHON_CACHE_DIR", "TMPDIR"), folder)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | own, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines: queue.Queue[str | None] = queue.Queue()
    words: list[str] = []
    for read in (partial(_pass_on, process.stdout, lines), partial(words.extend, process.stderr)):
        threading.Thread(target=read, daemon=True).start()
    told: list[dict[str, Any]] = []
    try:
        while (line := lines.get(timeout=limit)) is not None:
            # Libraries print too.
            with suppress(json.JSONDecodeError):
                told.append(json.loads(line))
    except queue.Empty:
        os.killpg(process.pid, signal.SIGKILL)
        after = told[-1]["stage"] if told else "start"
        return told, f"more than {limit:g} s after {after}"
    if process.wait():
        reason = next((line.strip() for line in reversed(words) if line.strip()), f"signal {-process.returncode}")
        return told, f"failed: {reason[:200]}"
    return told, "done"


def _pass_on(stream: Iterable[str], lines: queue.Queue[str | None]) -> None:
    """Hand on each line when it comes, and None at the end."""
    for line in stream:
        lines.put(line)
    lines.put(None)


if __name__ == "__main__":
    main()
