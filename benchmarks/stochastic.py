"""Events a second of programs that simulate single molecules; run as a process of its own, like `benchmarks.measure`.

Events are expected numbers, the integral of all propensities along the deterministic solution, the same for all.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import memory, tell, timed
from ltpath.catalogue import load
from ltpath.engine import load_engine
from ltpath.kernels import Kernel
from ltpath.netfile import block, net_text
from ltpath.simulation import Integrator

CASES = ("calmodulin", "camkii_hexamer_k3")
"""Models; each begins with 5 uM of calcium."""
CALCIUM = 5.0
LONGEST = 60.0
Act = Callable[[float, int], Any]
"""Runs for a time, s, with a seed."""


class Start:
    """A network with whole molecules, and how many events it has up to a time."""

    def __init__(self, model: str) -> None:
        self.network = load(model).network
        integrator = Integrator(self.network)
        self.kernel = integrator.kernel
        y = integrator.settle(self.kernel.initial())
        for given in (i for i in self.network.meta["inputs"] if i["name"] == "calcium"):
            for species, amount in zip(given["species"], given["amounts"], strict=True):
                level = CALCIUM * self.kernel.constants[amount]
                y[species] = level if self.network.arrays["held"][species] else y[species] + level
        self.y = np.rint(np.maximum(y, 0.0))
        self.times = np.concatenate([[0.0], np.geomspace(1e-4, LONGEST, 400)])
        rates = np.array([self.propensities(state).sum() for state in integrator.advance(self.y, self.times)])
        steps = np.diff(self.times) * (rates[1:] + rates[:-1]) / 2
        self.events = np.concatenate([[0.0], np.cumsum(steps)])

    def constants(self, y: np.ndarray) -> np.ndarray:
        """The rate constant of each reaction, with its statistical factor."""
        values = np.append(self.kernel.p, [self.kernel.read(y[None, :])[name][0] for name in self.network.meta["expressions"]])
        return self.network.arrays["factor"] * values[self.network.arrays["rate"]]

    def propensities(self, y: np.ndarray) -> np.ndarray:
        padded = np.append(np.maximum(y, 0.0), 1.0)
        return self.constants(y) * padded[self.network.arrays["reactants"]].prod(axis=1)

    def lasting(self, events: float) -> float:
        """The time that so many events take."""
        return float(np.interp(events, self.events, self.times))

    def reactions(self) -> list[tuple[float | str, list[str], list[str]]]:
        """Reactions as (rate, reactants, products) with species S0, S1, ...; held species are made again.

        A number is a constant of mass action; a text is the whole propensity, where the constant reads sums of species.
        """
        arrays, fixed = self.network.arrays, len(self.kernel.p)
        rates = self.network.meta["parameters"] + self.network.meta["constants"] + self.network.meta["expressions"]
        found = []
        for k, factor, constant, ins, outs in zip(
            *(arrays[n].tolist() for n in ("rate", "factor")),
            self.constants(self.y).tolist(),
            *(arrays[n].tolist() for n in ("reactants", "products")),
            strict=True,
        ):
            held = [i for i in {*ins, *outs} - {-1} if arrays["held"][i]]
            kept = [i for i in outs if i >= 0 and i not in held] + [i for i in ins if i in held]
            meeting = [f"S{i}" for i in ins if i >= 0]
            rate = constant if k < fixed else "*".join([repr(factor), self._formula(rates[k]), *_ways(meeting)])
            found.append((rate, meeting, [f"S{i}" for i in kept]))
        return found

    def _formula(self, name: str) -> str:
        """A rate, written out in numbers and species."""
        if name in self._functions:
            return "(" + re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda word: self._formula(word.group()), self._functions[name]) + ")"
        if name in self._sums:
            return self._sums[name]
        return repr(self.kernel.constants[name])

    @cached_property
    def _functions(self) -> dict[str, str]:
        functions = block(self.network.meta["bngl"], "functions")
        return {name: functions[name] for name in self.network.meta["expressions"]}

    @cached_property
    def _sums(self) -> dict[str, str]:
        terms: dict[str, list[str]] = {name: [] for name in self.network.meta["observables"]}
        for observable, species, weight in self.network.arrays["observables"].tolist():
            name = self.network.meta["observables"][int(observable)]
            terms[name].append(f"S{int(species)}" if weight == 1 else f"{weight!r}*S{int(species)}")
        return {name: f"({'+'.join(species) or '0'})" for name, species in terms.items()}


def _ways(meeting: list[str]) -> list[str]:
    """In how many ways molecules meet: of a kind that takes part twice, n (n - 1) / 2 after the statistical factor's half."""
    return [f"({name}-{meeting[:i].count(name)})" for i, name in enumerate(meeting)]


def ltpath_ssa(start: Start) -> Act:
    kernel = Kernel(start.network)

    def act(seconds: float, seed: int) -> Any:
        scale = np.ones(kernel.n)
        return load_engine("ssa").engine(kernel, 1e-6, scale, seed).solve(np.array([0.0, seconds]), start.y)

    return act


def bngsim(start: Start) -> Act:
    import bngsim

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.net"
        path.write_text(net_text(start.network, all_observables=False), encoding="utf-8")
        model = bngsim.Model.from_net(path)
    simulator = bngsim.Simulator(model, method="ssa")

    def act(seconds: float, seed: int) -> Any:
        model.set_state(start.y)
        return simulator.run(sample_times=[0.0, seconds], seed=seed)

    return act


def run_network(start: Start) -> Act:
    """With the start of the process and the reading of the file."""
    from bionetgen.core.defaults import BNGDefaults

    program = Path(BNGDefaults().bng_path) / "bin" / "run_network"
    before, _, rest = net_text(start.network, all_observables=False).partition("begin species\n")
    species, _, after = rest.partition("end species\n")
    amounts = "".join(f"{line.rsplit(' ', 1)[0]} {n:.0f}\n" for line, n in zip(species.splitlines(), start.y, strict=True))
    text = f"{before}begin species\n{amounts}end species\n{after}"

    def act(seconds: float, seed: int) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "network.net").write_text(text, encoding="utf-8")
            command = [program, "-o", "out", "-p", "ssa", "-h", str(seed), "-g", "network.net", "network.net", repr(seconds), "1"]
            return subprocess.run(command, cwd=folder, check=True, capture_output=True)

    return act


def rebop(start: Start) -> Act:
    from rebop import Gillespie

    system = Gillespie()
    for rate, ins, outs in start.reactions():
        system.add_reaction(rate, ins, outs)
    amounts = {f"S{i}": int(n) for i, n in enumerate(start.y)}
    return lambda seconds, seed: system.run(amounts, seconds, 1, rng=seed)


def gillespy2(start: Start) -> Act:
    from gillespy2 import Model, Parameter, Reaction, Species, SSACSolver, TimeSpan

    # It compiles with the SCons of the base interpreter, which has none when this one is a virtual environment.
    os.environ["PYTHONPATH"] = sysconfig.get_path("purelib")
    model = Model(name="network")
    species = [Species(name=f"S{i}", initial_value=int(n)) for i, n in enumerate(start.y)]
    model.add_species(species)
    for r, (rate, ins, outs) in enumerate(start.reactions()):
        sides = [{name: side.count(name) for name in side} for side in (ins, outs)]
        law = {"propensity_function": rate.replace("^", "**")} if isinstance(rate, str) else {"rate": f"k{r}"}
        if not isinstance(rate, str):
            model.add_parameter(Parameter(name=f"k{r}", expression=rate))
        model.add_reaction(Reaction(name=f"r{r}", reactants=sides[0], products=sides[1], **law))
    solver = SSACSolver(model=model)

    def act(seconds: float, seed: int) -> Any:
        solver.model.tspan = TimeSpan(np.array([0.0, seconds]))
        return solver.run(seed=seed)

    return act


PEERS = {"ltpath ssa": ltpath_ssa, "bngsim": bngsim, "run_network": run_network, "rebop": rebop, "GillesPy2": gillespy2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("peer")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--events", type=float, default=3e5)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    start = Start(arguments.case)
    seconds = start.lasting(arguments.events)
    events = float(np.interp(seconds, start.times, start.events))
    tell(stage="start", lasting=seconds, events=events)
    act, took = timed(lambda: PEERS[arguments.peer](start))
    _, first = timed(lambda: act(seconds / 1000, 1))
    tell(stage="set-up", seconds=took + first, memory=memory())
    for seed in range(1, arguments.repeats + 1):
        tell(stage="time", seconds=timed(lambda seed=seed: act(seconds, seed))[1])


if __name__ == "__main__":
    main()
